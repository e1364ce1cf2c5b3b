/// @file
/// Owns the text of the seal and the digest of a file in blocks. Must never trust a byte of a file before its digest fits.
#include "io/seal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/output_impl.h"

#define BLOCK_SIZE 4194304

// The seal without its digest: what the digest covers first.
static void Head(const LhSeal *seal, char text[LH_SEAL_SIZE]) {
  snprintf(text, LH_SEAL_SIZE, "lihost checkpoint 1\nnumber %lld\ntime %.17g\nbytes %lld\n",
           (long long)seal->number, (double)seal->time, (long long)seal->bytes);
}

// The whole seal; the last byte is a newline, so that a text viewer stops there.
static void Compose(const LhSeal *seal, const char digest[LH_HASH_SIZE], char text[LH_SEAL_SIZE]) {
  char head[LH_SEAL_SIZE];
  Head(seal, head);
  memset(text, ' ', LH_SEAL_SIZE);
  const int length = snprintf(text, LH_SEAL_SIZE, "%ssha256 %s\n", head, digest);
  text[length] = ' ';
  text[LH_SEAL_SIZE - 1] = '\n';
}

static PetscInt64 FileSize(const char path[]) {
  struct stat info;
  return stat(path, &info) ? -1 : (PetscInt64)info.st_size;
}

// Digest of bytes [start, start + count); false when they cannot be read.
static PetscBool BlockDigest(FILE *file, PetscInt64 start, PetscInt64 count, char buffer[],
                             char digest[LH_HASH_SIZE]) {
  if (!file || fseeko(file, (off_t)start, SEEK_SET)) return PETSC_FALSE;
  if (fread(buffer, 1, (size_t)count, file) != (size_t)count) return PETSC_FALSE;
  LhHashBytes(buffer, (size_t)count, digest);
  return PETSC_TRUE;
}

// Digests of all blocks behind the seal, on every rank; block i is read by rank i modulo their number.
static PetscErrorCode BlockDigests(MPI_Comm comm, const char path[], PetscInt64 bytes, PetscInt n,
                                   char *digests, PetscBool *ok) {
  PetscMPIInt rank, size;
  char *buffer;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMalloc1(BLOCK_SIZE, &buffer));
  FILE *file = fopen(path, "rb");
  *ok = PETSC_TRUE;
  for (PetscInt i = rank; i < n; i += size) {
    const PetscInt64 start = LH_SEAL_SIZE + (PetscInt64)i * BLOCK_SIZE;
    if (!BlockDigest(file, start, PetscMin(BLOCK_SIZE, bytes - start), buffer,
                     digests + (size_t)i * LH_HASH_SIZE))
      *ok = PETSC_FALSE;
  }
  if (file) fclose(file);
  PetscCall(PetscFree(buffer));
  // Every block has one reader; the others hold zeros.
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, digests, (PetscMPIInt)(n * LH_HASH_SIZE),
                             MPI_UNSIGNED_CHAR, MPI_BOR, comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, ok, 1, MPIU_BOOL, MPI_LAND, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Digest(MPI_Comm comm, const char path[], const LhSeal *seal,
                             char digest[LH_HASH_SIZE], PetscBool *ok) {
  const PetscInt n = (PetscInt)((seal->bytes - LH_SEAL_SIZE + BLOCK_SIZE - 1) / BLOCK_SIZE);
  char head[LH_SEAL_SIZE], *digests;
  LhHash hash;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1((size_t)n * LH_HASH_SIZE + 1, &digests));
  PetscCall(BlockDigests(comm, path, seal->bytes, n, digests, ok));
  Head(seal, head);
  LhHashStart(&hash);
  LhHashAdd(&hash, head, strlen(head));
  LhHashAdd(&hash, digests, (size_t)n * LH_HASH_SIZE);
  LhHashFinish(&hash, digest);
  PetscCall(PetscFree(digests));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool WriteHead(const char path[], const char text[LH_SEAL_SIZE]) {
  FILE *file = fopen(path, "r+b");
  if (!file) return PETSC_FALSE;
  const size_t written = fwrite(text, 1, LH_SEAL_SIZE, file);
  return !fclose(file) && written == LH_SEAL_SIZE ? PETSC_TRUE : PETSC_FALSE;
}

PetscErrorCode LhSealWrite(MPI_Comm comm, const char path[], void *context) {
  LhSeal *seal = context;
  char digest[LH_HASH_SIZE], text[LH_SEAL_SIZE];
  PetscMPIInt rank;
  PetscBool ok;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) seal->bytes = FileSize(path);
  PetscCallMPI(MPI_Bcast(&seal->bytes, 1, MPIU_INT64, 0, comm));
  PetscCall(Digest(comm, path, seal, digest, &ok));
  Compose(seal, digest, text);
  if (!ok || (rank == 0 && !WriteHead(path, text)))
    LhOutputFail(comm, "cannot seal %s: %s", path, strerror(errno));
  PetscCallMPI(MPI_Barrier(comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Reads the seal's words; false when they are not those of a seal. Rank 0.
static PetscBool Parse(const char text[LH_SEAL_SIZE], LhSeal *seal, char digest[LH_HASH_SIZE]) {
  char copy[LH_SEAL_SIZE + 1], again[LH_SEAL_SIZE];
  long long number, bytes;
  double time;

  memcpy(copy, text, LH_SEAL_SIZE);
  copy[LH_SEAL_SIZE] = 0;
  if (sscanf(copy, "lihost checkpoint 1\nnumber %lld\ntime %lg\nbytes %lld\nsha256 %64[0-9a-f]",
             &number, &time, &bytes, digest) != 4 ||
      strlen(digest) != LH_HASH_SIZE - 1)
    return PETSC_FALSE;
  *seal = (LhSeal){.number = number, .time = time, .bytes = bytes};
  Compose(seal, digest, again);
  return memcmp(text, again, LH_SEAL_SIZE) ? PETSC_FALSE : PETSC_TRUE;
}

// What rank 0 sees without the digest.
static void Look(const char path[], LhSeal *seal, char digest[LH_HASH_SIZE], PetscBool *exists,
                 char why[256]) {
  char text[LH_SEAL_SIZE];
  const PetscInt64 bytes = FileSize(path);
  FILE *file = fopen(path, "rb");

  *exists = file || errno != ENOENT ? PETSC_TRUE : PETSC_FALSE;
  if (!file) {
    snprintf(why, 256, "cannot be read: %s", strerror(errno));
    return;
  }
  if (fread(text, 1, LH_SEAL_SIZE, file) != LH_SEAL_SIZE) {
    snprintf(why, 256, "is cut off after %lld bytes", (long long)bytes);
  } else if (!Parse(text, seal, digest)) {
    snprintf(why, 256, "does not begin with the seal of a checkpoint");
  } else if (seal->bytes != bytes) {
    snprintf(why, 256, "has %lld bytes instead of %lld", (long long)bytes, (long long)seal->bytes);
  }
  fclose(file);
}

PetscErrorCode LhSealCheck(MPI_Comm comm, const char path[], LhSeal *seal, PetscBool *exists,
                           char why[256]) {
  char digest[LH_HASH_SIZE] = "", found[LH_HASH_SIZE] = "";
  PetscMPIInt rank;
  PetscBool ok;

  PetscFunctionBeginUser;
  why[0] = 0;
  *exists = PETSC_FALSE;
  *seal = (LhSeal){0};
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) Look(path, seal, digest, exists, why);
  PetscCallMPI(MPI_Bcast(why, 256, MPI_CHAR, 0, comm));
  PetscCallMPI(MPI_Bcast(exists, 1, MPIU_BOOL, 0, comm));
  PetscCallMPI(MPI_Bcast(seal, (PetscMPIInt)sizeof(*seal), MPI_BYTE, 0, comm));
  PetscCallMPI(MPI_Bcast(digest, LH_HASH_SIZE, MPI_CHAR, 0, comm));
  if (why[0]) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(Digest(comm, path, seal, found, &ok));
  if (!ok)
    PetscCall(PetscSNPrintf(why, 256, "cannot be read to its end"));
  else if (strcmp(digest, found))
    PetscCall(PetscSNPrintf(why, 256, "is damaged: its bytes do not give the checksum it carries"));
  PetscFunctionReturn(PETSC_SUCCESS);
}
