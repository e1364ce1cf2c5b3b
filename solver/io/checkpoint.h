/// @file
/// Checkpoints: restart/A.h5 and restart/B.h5 of a run's folder, written in turn, so that one good file is always left.
///
/// A checkpoint holds what an experiment puts into it under names: rows of reals at the vertices or cells of the mesh,
/// lists of reals, texts. Rows lie in the file by the ids of the input mesh, so a checkpoint written by any number of
/// ranks is read by any other. The file is written beside, sealed, synced and renamed. The seal stands in the first
/// LH_SEAL_SIZE bytes as text: number, time, size and a SHA-256 of everything; a file whose seal does not fit is
/// never opened, so a damaged byte is found before HDF5 sees it.
///
///     LhCheckpointCreate(output, t, &cp);                      LhCheckpointOpen(comm, dir, diag, &cp);
///     LhCheckpointWriteReals(cp, "run", n, values);            LhCheckpointGetFacts(cp, &facts);
///     LhCheckpointWriteRows(cp, &rows);                        LhOutputResume(mesh, dir, &mark, diag, &output);
///     LhCheckpointCommit(&cp);                                 LhCheckpointReadReals(cp, "run", n, values);
///                                                              LhCheckpointReadRows(cp, output, &rows);
///                                                              LhCheckpointClose(&cp);
///
/// All functions are collective. What must be written is the experiment's business; this file knows no physics.
#pragma once

#include "io/output.h"

/// A section of rows, `values[owned vertex or cell of this rank][width]` in mesh numbering.
typedef struct {
  const char *name;
  LhFieldPlace place;
  PetscInt width;
  PetscReal *values;
} LhCheckpointRows;

/// Begins the next checkpoint of the run at `time` [s], in the place of the older one of the two.
PetscErrorCode LhCheckpointCreate(LhOutput output, PetscReal time, LhCheckpoint *checkpoint);
PetscErrorCode LhCheckpointWriteRows(LhCheckpoint checkpoint, const LhCheckpointRows *rows);
/// The same `values` on all ranks; those of rank 0 are written.
PetscErrorCode LhCheckpointWriteReals(LhCheckpoint checkpoint, const char name[], PetscInt n,
                                      const PetscReal values[]);
PetscErrorCode LhCheckpointWriteText(LhCheckpoint checkpoint, const char name[], const char text[]);
/// Seals, syncs, renames. A failing disk ends the run and names the checkpoint that is left.
PetscErrorCode LhCheckpointCommit(LhCheckpoint *checkpoint);

/// Locks the folder, then opens its newest good checkpoint: a run that still dies could write another one meanwhile. Give
/// the checkpoint to LhOutputResume() in the mark, which takes the lock over. A damaged one is a warning that says what is wrong with it; only
/// damaged ones, or a newest one that is damaged while no other is left, is an error. `*checkpoint` is NULL after an error and when
/// the folder has no checkpoint at all.
PetscErrorCode LhCheckpointOpen(MPI_Comm comm, const char dir[], LhDiag diag,
                                LhCheckpoint *checkpoint);
typedef struct {
  const char *path;   ///< borrowed
  PetscReal time;     ///< [s]
  PetscInt64 number;  ///< 0, 1, ...
} LhCheckpointFacts;
PetscErrorCode LhCheckpointGetFacts(LhCheckpoint checkpoint, LhCheckpointFacts *facts);
/// Missing sections and other sizes are errors in the diagnostics of LhCheckpointOpen() and leave `values` as they were.
PetscErrorCode LhCheckpointReadRows(LhCheckpoint checkpoint, LhOutput output,
                                    const LhCheckpointRows *rows);
PetscErrorCode LhCheckpointReadReals(LhCheckpoint checkpoint, const char name[], PetscInt n,
                                     PetscReal values[]);
/// `*text` is freed with PetscFree(); NULL after an error.
PetscErrorCode LhCheckpointReadText(LhCheckpoint checkpoint, const char name[], char **text);
PetscErrorCode LhCheckpointClose(LhCheckpoint *checkpoint);
/// The next checkpoint of `output` follows this one and leaves its file alone.
PetscErrorCode LhCheckpointContinue(LhCheckpoint checkpoint, LhOutput output);
