/// @file
/// Private to the io layer: the output object, how writing fails, and slabs of rows in id order.
#pragma once

#include <petscsf.h>

#include "base/atomic_file.h"
#include "base/json.h"
#include "io/h5_file.h"
#include "io/output.h"

/// Rows of one kind (vertices or cells) spread over the ranks in id order, whole chunks to a rank.
typedef struct {
  PetscInt num_global;
  PetscInt first, count;  ///< rows of this rank
  PetscSF to_rows;        ///< leaves: this rank's owned vertices or cells; roots: the rows
} LhSlab;

/// `ids` are the rows of this rank's `num_owned` items and together a permutation of 0..num_global-1. Collective.
PetscErrorCode LhSlabCreate(MPI_Comm comm, PetscInt num_global, PetscInt num_owned,
                            const PetscInt ids[], LhSlab *slab);
PetscErrorCode LhSlabDestroy(LhSlab *slab);
/// rows[count][width] <- values[num_owned][width] of all ranks. Collective.
PetscErrorCode LhSlabFill(const LhSlab *slab, MPI_Datatype type, PetscInt width, const void *values,
                          void *rows);
/// values[num_owned][width] <- rows[count][width] of all ranks: the way back. Collective.
PetscErrorCode LhSlabTake(const LhSlab *slab, MPI_Datatype type, PetscInt width, const void *rows,
                          void *values);

typedef struct {
  char name[32];  ///< fields/f_NNNNNN.hdf
  PetscReal time, state;
} LhSavedState;

struct _n_LhOutput {
  MPI_Comm comm;
  PetscMPIInt rank, size;
  LhMesh mesh;  // borrowed
  char dir[PETSC_MAX_PATH_LEN];
  LhSlab vertices, cells;
  PetscInt num_states, max_states;
  LhSavedState *states;  // same on all ranks
  PetscInt next_number;
  FILE *log, *events;          // rank 0
  PetscBool bar;               // rank 0: the terminal's present line is a progress bar
  int lock;                    // rank 0: held while the process lives
  PetscInt num_events;         // rows of events.csv
  PetscInt64 next_checkpoint;  // number; even ones go to restart/A.h5, odd ones to restart/B.h5
  PetscInt64 started;          // seconds since 1970, rank 0's clock
};

/// Locks the folder for this process and waits a few seconds for another one to end; -1 where file systems have no locks,
/// and with a sentence in `why[size]` when the other one lives on. Rank 0; given back by close().
int LhLiveLock(const char dir[], size_t size, char why[]);
/// The lock of an open checkpoint, which no longer holds it. Rank 0.
int LhCheckpointTakeLock(LhCheckpoint checkpoint);

/// Writes mesh_vtk.hdf. Collective.
PetscErrorCode LhVtkMeshWrite(LhOutput output);
/// Writes fibres_vtk.hdf when the mesh has fibres. Collective.
PetscErrorCode LhVtkFibresWrite(LhOutput output);
/// Writes one step file `name` (relative to the folder). Collective.
PetscErrorCode LhVtkStepWrite(LhOutput output, const LhSavedState *state, PetscInt n,
                              const LhOutputField fields[]);
/// Writes fields.hdf.series from the saved states; rank 0.
PetscErrorCode LhSavedStatesWrite(LhOutput output);
/// Reads fields.hdf.series up to `mark` into the saved states and deletes later step files. Collective.
PetscErrorCode LhSavedStatesRead(LhOutput output, const LhOutputMark *mark);

/// `dir/file` in `path[PETSC_MAX_PATH_LEN]`.
PetscErrorCode LhOutputPath(LhOutput output, const char file[], char path[]);
/// Opens the log and the events table; with `mark` (resume) the events beyond it are dropped. Collective.
PetscErrorCode LhLogOpen(LhOutput output, const LhOutputMark *mark);
PetscErrorCode LhLogClose(LhOutput output);

/// One line of text to an open table, flushed; a failure ends the run. Rank 0.
void LhLineWrite(LhOutput output, FILE *stream, const char file[], const char format[], ...)
    __attribute__((format(printf, 4, 5)));
/// Keeps the first line of a table, which must be `header`, and at most `*num_rows` complete rows whose first number is
/// at most `time`; `*num_rows` becomes their number. `*same` is false when the header differs. Rank 0.
PetscErrorCode LhTableTruncate(LhOutput output, const char file[], const char header[],
                               PetscReal time, PetscInt *num_rows, PetscBool *same);

/// Between the two, base/atomic_file.h fails without PETSc's traceback; the end turns `failure` into a sentence
/// about `path` and ends the run.
PetscErrorCode LhQuietBegin(void);
PetscErrorCode LhQuietEnd(MPI_Comm comm, const char path[], PetscErrorCode failure);
/// Replaces `dir/file` by the finished text of `json`; rank 0.
PetscErrorCode LhJsonReplace(LhOutput output, const char file[], LhJson json);

/// Shortest decimal that reads back to the same double.
void LhRealFormat(double value, char text[32]);

/// Says why writing failed and ends all ranks with LH_EXIT_IO; see output.h.
void LhOutputFail(MPI_Comm comm, const char format[], ...)
    __attribute__((noreturn, format(printf, 2, 3)));
/// Ends the run when the file system of `path` has less than `bytes` left. Collective.
PetscErrorCode LhOutputCheckSpace(MPI_Comm comm, const char path[], PetscReal bytes);
