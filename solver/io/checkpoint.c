/// @file
/// Owns the two checkpoint files of a run: which one is next, which one is good, and their sections.
///
/// Must never overwrite the newest good checkpoint.
#include "io/checkpoint.h"

#include <string.h>
#include <unistd.h>

#include "io/output_impl.h"
#include "io/seal.h"

struct _n_LhCheckpoint {
  MPI_Comm comm;
  PetscMPIInt rank;
  LhOutput output;  // borrowed; NULL when reading
  LhDiag diag;      // borrowed; NULL when writing
  LhH5File file;
  LhSeal seal;
  char path[PETSC_MAX_PATH_LEN];
  int lock;  // rank 0, while reading; -1 = none
};

static PetscErrorCode PathOf(const char dir[], PetscInt64 number, char path[]) {
  PetscFunctionBeginUser;
  PetscCall(
      PetscSNPrintf(path, PETSC_MAX_PATH_LEN, "%s/restart/%c.h5", dir, number % 2 ? 'B' : 'A'));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckpointCreate(LhOutput output, PetscReal time, LhCheckpoint *checkpoint) {
  LhCheckpoint c;
  char before[PETSC_MAX_PATH_LEN], advice[PETSC_MAX_PATH_LEN + 64];

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&c));
  c->comm = output->comm;
  c->rank = output->rank;
  c->output = output;
  c->lock = -1;
  c->seal = (LhSeal){.number = output->next_checkpoint++, .time = time};
  PetscCall(PathOf(output->dir, c->seal.number, c->path));
  PetscCall(LhH5FileCreateSealed(c->comm, c->path, LH_SEAL_SIZE, &c->file));
  PetscCall(LhH5FileSetSeal(c->file, LhSealWrite, &c->seal));
  if (c->seal.number > 0) {
    PetscCall(PathOf(output->dir, c->seal.number - 1, before));
    PetscCall(PetscSNPrintf(advice, sizeof(advice), "the last good checkpoint is %s", before));
    PetscCall(LhH5FileSetAdvice(c->file, advice));
  }
  *checkpoint = c;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static const LhSlab *SlabOf(LhOutput output, LhFieldPlace place) {
  return place == LH_AT_VERTICES ? &output->vertices : &output->cells;
}

PetscErrorCode LhCheckpointWriteRows(LhCheckpoint c, const LhCheckpointRows *rows) {
  const LhSlab *slab = SlabOf(c->output, rows->place);
  PetscReal *values;

  PetscFunctionBeginUser;
  if (!rows->width) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhOutputCheckSpace(c->comm, c->output->dir,
                               8. * (PetscReal)rows->width * (PetscReal)slab->num_global));
  PetscCall(PetscMalloc1((size_t)slab->count * (size_t)rows->width, &values));
  PetscCall(LhSlabFill(slab, MPIU_REAL, rows->width, rows->values, values));
  {
    const LhH5Rows table = {.name = rows->name,
                            .type = H5T_NATIVE_DOUBLE,
                            .num_rows = slab->num_global,
                            .width = rows->width,
                            .rank = 2,
                            .first = slab->first,
                            .count = slab->count,
                            .values = values};

    PetscCall(LhH5RowsWrite(c->file, LhH5FileRoot(c->file), &table));
  }
  PetscCall(PetscFree(values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A list that rank 0 holds.
static LhH5Rows ListOf(LhCheckpoint c, const char name[], hid_t type, PetscInt n,
                       const void *values) {
  return (LhH5Rows){.name = name,
                    .type = type,
                    .num_rows = n,
                    .width = 1,
                    .rank = 1,
                    .count = c->rank ? 0 : n,
                    .values = values};
}

PetscErrorCode LhCheckpointWriteReals(LhCheckpoint c, const char name[], PetscInt n,
                                      const PetscReal values[]) {
  const LhH5Rows list = ListOf(c, name, H5T_NATIVE_DOUBLE, n, values);

  PetscFunctionBeginUser;
  PetscCall(LhH5RowsWrite(c->file, LhH5FileRoot(c->file), &list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckpointWriteText(LhCheckpoint c, const char name[], const char text[]) {
  const LhH5Rows list = ListOf(c, name, H5T_NATIVE_CHAR, (PetscInt)strlen(text) + 1, text);

  PetscFunctionBeginUser;
  PetscCall(LhH5RowsWrite(c->file, LhH5FileRoot(c->file), &list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckpointCommit(LhCheckpoint *c) {
  PetscFunctionBeginUser;
  PetscCall(LhH5FileClose(&(*c)->file));
  PetscCall(PetscFree(*c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Newest good one of the two files in `best`, -1 when there is none; the number of files in `*files`.
static PetscErrorCode Choose(MPI_Comm comm, const char dir[], LhDiag diag, LhSeal *best,
                             PetscInt *files) {
  PetscFunctionBeginUser;
  *files = 0;
  best->number = -1;
  for (int k = 0; k < 2; k++) {
    char path[PETSC_MAX_PATH_LEN], why[256];
    PetscBool exists;
    LhSeal seal;

    PetscCall(PathOf(dir, k, path));
    PetscCall(LhSealCheck(comm, path, &seal, &exists, why));
    if (!exists) continue;
    (*files)++;
    if (!why[0] && (seal.number < 0 || seal.number % 2 != k))
      PetscCall(PetscSNPrintf(why, sizeof(why), "was renamed: its seal is that of the other file"));
    if (why[0])
      PetscCall(LhDiagAdd(diag, LH_DIAG_WARNING, NULL, "the checkpoint %s %s", path, why));
    else if (seal.number > best->number)
      *best = seal;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// The lock on rank 0; `*ok` is false, the same everywhere, after a refusal.
static PetscErrorCode LockFolder(MPI_Comm comm, const char dir[], LhDiag diag, int *lock,
                                 PetscBool *ok) {
  char why[PETSC_MAX_PATH_LEN + 256] = "";
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  *lock = -1;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) *lock = LhLiveLock(dir, sizeof(why), why);
  PetscCallMPI(MPI_Bcast(why, (PetscMPIInt)sizeof(why), MPI_CHAR, 0, comm));
  *ok = why[0] ? PETSC_FALSE : PETSC_TRUE;
  if (why[0]) PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, NULL, "%s", why));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode OpenBest(MPI_Comm comm, const char dir[], LhDiag diag, const LhSeal *best,
                               int lock, LhCheckpoint *checkpoint) {
  LhCheckpoint c;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&c));
  c->comm = comm;
  c->diag = diag;
  c->seal = *best;
  c->lock = lock;
  PetscCallMPI(MPI_Comm_rank(comm, &c->rank));
  PetscCall(PathOf(dir, best->number, c->path));
  PetscCall(LhH5FileOpen(comm, c->path, &c->file));
  *checkpoint = c;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckpointOpen(MPI_Comm comm, const char dir[], LhDiag diag,
                                LhCheckpoint *checkpoint) {
  LhSeal best;
  PetscInt files;
  PetscBool ok;
  int lock;

  PetscFunctionBeginUser;
  *checkpoint = NULL;
  PetscCall(LockFolder(comm, dir, diag, &lock, &ok));
  if (!ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(Choose(comm, dir, diag, &best, &files));
  if (best.number < 0 && files > 0)
    PetscCall(
        LhDiagAdd(diag, LH_DIAG_ERROR, NULL,
                  "%s/restart holds no good checkpoint to go on from; start the run again, in "
                  "another folder or with output.overwrite=true",
                  dir));
  if (best.number >= 0)
    PetscCall(OpenBest(comm, dir, diag, &best, lock, checkpoint));
  else if (lock >= 0)
    close(lock);
  PetscFunctionReturn(PETSC_SUCCESS);
}

int LhCheckpointTakeLock(LhCheckpoint c) {
  const int lock = c->lock;

  c->lock = -1;
  return lock;
}

PetscErrorCode LhCheckpointGetFacts(LhCheckpoint c, LhCheckpointFacts *facts) {
  PetscFunctionBeginUser;
  *facts = (LhCheckpointFacts){.path = c->path, .time = c->seal.time, .number = c->seal.number};
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Missing(LhCheckpoint c, const char name[]) {
  PetscFunctionBeginUser;
  PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                      "the checkpoint %s has no section '%s' of this size: it belongs to another "
                      "case or another version of the program",
                      c->path, name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckpointReadRows(LhCheckpoint c, LhOutput output, const LhCheckpointRows *rows) {
  const LhSlab *slab = SlabOf(output, rows->place);
  const LhH5Rows table = {.name = rows->name,
                          .type = H5T_NATIVE_DOUBLE,
                          .num_rows = slab->num_global,
                          .width = rows->width,
                          .rank = 2,
                          .first = slab->first,
                          .count = slab->count};
  PetscReal *values;
  PetscBool found;

  PetscFunctionBeginUser;
  if (!rows->width) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1((size_t)slab->count * (size_t)rows->width, &values));
  PetscCall(LhH5RowsRead(c->file, LhH5FileRoot(c->file), &table, values, &found));
  if (found)
    PetscCall(LhSlabTake(slab, MPIU_REAL, rows->width, values, rows->values));
  else
    PetscCall(Missing(c, rows->name));
  PetscCall(PetscFree(values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckpointReadReals(LhCheckpoint c, const char name[], PetscInt n,
                                     PetscReal values[]) {
  const LhH5Rows list = ListOf(c, name, H5T_NATIVE_DOUBLE, n, NULL);
  PetscBool found;

  PetscFunctionBeginUser;
  PetscCall(LhH5RowsRead(c->file, LhH5FileRoot(c->file), &list, values, &found));
  if (!found) PetscCall(Missing(c, name));
  PetscCallMPI(MPI_Bcast(values, (PetscMPIInt)n, MPIU_REAL, 0, c->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckpointReadText(LhCheckpoint c, const char name[], char **text) {
  PetscInt n;
  PetscBool found;

  PetscFunctionBeginUser;
  *text = NULL;
  PetscCall(LhH5RowsSize(c->file, name, &n));
  if (n < 1) {
    PetscCall(Missing(c, name));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscCalloc1((size_t)n + 1, text));
  {
    const LhH5Rows list = ListOf(c, name, H5T_NATIVE_CHAR, n, NULL);

    PetscCall(LhH5RowsRead(c->file, LhH5FileRoot(c->file), &list, *text, &found));
  }
  PetscCallMPI(MPI_Bcast(*text, (PetscMPIInt)n, MPI_CHAR, 0, c->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckpointClose(LhCheckpoint *c) {
  PetscFunctionBeginUser;
  if (!*c) PetscFunctionReturn(PETSC_SUCCESS);
  if ((*c)->lock >= 0) close((*c)->lock);
  PetscCall(LhH5FileClose(&(*c)->file));
  PetscCall(PetscFree(*c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckpointContinue(LhCheckpoint c, LhOutput output) {
  PetscFunctionBeginUser;
  output->next_checkpoint = c->seal.number + 1;
  PetscFunctionReturn(PETSC_SUCCESS);
}
