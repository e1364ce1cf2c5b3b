/// @file
/// Writing and checking the stamp of an HDF5 mesh. See mesh_stamp.h.
#include "mesh/mesh_stamp.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

#define BLOCK 65536

static const char word[] = "lihost mesh, sha256 of the bytes after these 512: ";

/// Hash of what follows the stamp; false when reading fails.
static PetscBool HashRest(FILE *file, char digest[LH_HASH_SIZE]) {
  char block[BLOCK];
  LhHash hash;
  size_t n;

  LhHashStart(&hash);
  if (fseek(file, LH_MESH_STAMP_SIZE, SEEK_SET)) return PETSC_FALSE;
  while ((n = fread(block, 1, sizeof(block), file)) > 0) LhHashAdd(&hash, block, n);
  LhHashFinish(&hash, digest);
  return (PetscBool)!ferror(file);
}

PetscErrorCode LhMeshStampWrite(const char path[]) {
  char stamp[LH_MESH_STAMP_SIZE] = {0}, digest[LH_HASH_SIZE];
  FILE *file = fopen(path, "r+b");

  PetscFunctionBeginUser;
  PetscCheck(file, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s: cannot be opened again", path);
  PetscBool good = HashRest(file, digest);
  snprintf(stamp, sizeof(stamp), "%s%s\n", word, digest);
  good = (PetscBool)(good && !fseek(file, 0, SEEK_SET) &&
                     fwrite(stamp, 1, sizeof(stamp), file) == sizeof(stamp));
  good = (PetscBool)(!fclose(file) && good);
  PetscCheck(good, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s: writing failed", path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshStampCheck(const char path[], LhMeshProblems *problems) {
  static const char hdf5[] = "\211HDF\r\n\032\n";
  char stamp[LH_MESH_STAMP_SIZE] = {0}, digest[LH_HASH_SIZE];
  FILE *file = fopen(path, "rb");

  PetscFunctionBeginUser;
  const size_t n = file ? fread(stamp, 1, sizeof(stamp), file) : 0;
  if (n < sizeof(stamp)) {
    LhMeshProblemAdd(problems, 0,
                     "the mesh file cannot be read: missing, cut short or no HDF5 file");
  } else if (!memcmp(stamp, word, strlen(word))) {
    if (!HashRest(file, digest) || memcmp(stamp + strlen(word), digest, strlen(digest))) {
      LhMeshProblemAdd(
          problems, 0,
          "the mesh file is damaged or was changed after it was written: its hash does not fit");
    }
  } else if (memcmp(stamp, hdf5, strlen(hdf5))) {
    LhMeshProblemAdd(
        problems, 0,
        "not a lihost mesh: it begins neither with lihost's stamp nor as an HDF5 file");
  }
  if (file) fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}
