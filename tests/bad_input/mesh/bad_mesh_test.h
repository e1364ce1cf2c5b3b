/// @file
/// Shared by the tests of bad meshes: a file made from bytes, and the sentence it must lead to.
#pragma once

#include "mesh_test.h"

typedef struct {
  char *data;
  size_t size;
} Bytes;

static inline Bytes LoadBytes(const char path[]) {
  FILE *file = fopen(path, "rb");
  Bytes bytes = {malloc(1 << 20), 0};
  assert_non_null(file);
  bytes.size = fread(bytes.data, 1, 1 << 20, file);
  fclose(file);
  return bytes;
}

/// Rank 0 writes; all ranks may read afterwards.
static inline void SaveBytes(const char path[], const char data[], size_t size) {
  MPI_Barrier(PETSC_COMM_WORLD);
  if (RankOf(PETSC_COMM_WORLD) == 0) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
  }
  MPI_Barrier(PETSC_COMM_WORLD);
}

/// Reads a mesh file; returns the number of errors. A mesh and an error never come together, and one of
/// them always comes. With `sentence` the first error must hold it.
static inline PetscInt ReadBad(const char path[], const char sentence[]) {
  LhDiag diag;
  LhMesh mesh;
  PetscInt errors;
  CHECK_CALL(LhDiagCreate(&diag));
  CHECK_CALL(LhMeshCreateFromFile(PETSC_COMM_WORLD, path, diag, &mesh));
  CHECK_CALL(LhDiagGetCounts(diag, &errors, NULL));
  assert_int_equal(errors > 0, mesh == NULL);
  if (sentence) {
    const char *text;
    assert_true(errors > 0);
    CHECK_CALL(LhDiagGetText(diag, 0, NULL, &text));
    if (!strstr(text, sentence)) fail_msg("'%s' is not in '%s'", sentence, text);
    assert_non_null(strstr(text, path));
  }
  CHECK_CALL(LhMeshDestroy(&mesh));
  CHECK_CALL(LhDiagDestroy(&diag));
  return errors;
}

static inline const char *Scratch(const char stem[]) {
  static char name[100];
  PetscMPIInt size;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  snprintf(name, sizeof(name), "bad_%d_%s", size, stem);
  return name;
}

static inline void RemoveScratch(const char path[]) {
  MPI_Barrier(PETSC_COMM_WORLD);
  if (RankOf(PETSC_COMM_WORLD) == 0) remove(path);
}
