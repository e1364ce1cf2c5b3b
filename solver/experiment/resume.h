/// @file
/// What every kind of experiment needs to be stopped and to go on: where a run came from, whether its input is still the
/// same, signals and requests. What is in a checkpoint besides is the kind's own (io/checkpoint.h).
#pragma once

#include "experiment/case.h"
#include "io/checkpoint.h"
#include "io/live.h"

/// Leaves restart/case.txt: the case file and the words behind it. After LhOutputCreate(). Collective.
PetscErrorCode LhResumeWriteOrigin(LhCase c, LhOutput output);
/// Before LhOutputCreate() replaces a run: takes away the origin of another case, so that a death in between does not
/// leave it beside the files of this one. The same origin stays. Collective.
PetscErrorCode LhResumeDropOrigin(LhCase c);
/// The case file and the overrides of the run in `dir`; `words` is freed with LhOriginDestroy(). A folder without them
/// leaves `num_words` 0. Not collective.
typedef struct {
  int num_words;
  char **words;  ///< case file first
} LhOrigin;
PetscErrorCode LhResumeReadOrigin(const char dir[], LhOrigin *origin);
/// One more word at the end; copied.
PetscErrorCode LhOriginAdd(LhOrigin *origin, const char word[]);
PetscErrorCode LhOriginDestroy(LhOrigin *origin);

/// Every value of the input with words and SI value, and fingerprints of mesh and initial state, a line each; the same on any
/// number of ranks. Before the first step. Freed with PetscFree(). Collective.
PetscErrorCode LhResumeDescribeInput(LhCase c, char **text);
/// Fingerprint of ids, coordinates, corners, regions and surfaces; the same on any number of ranks. Collective.
PetscErrorCode LhResumeMeshPrint(LhMesh mesh, uint64_t *print);
/// Sections "kind", "input" and "versions" of a checkpoint. Collective.
PetscErrorCode LhResumeWriteInput(LhCheckpoint checkpoint, const char kind[], const char input[]);
/// Another kind or input is an error that names the first difference; other versions are a note, and so are numerics
/// that were given anew (LhCase.num_changes). Collective.
PetscErrorCode LhResumeCheckInput(LhCase c, LhCheckpoint checkpoint, const char kind[],
                                  const char input[]);
/// Whether `key=value` changes how a case is solved and nothing of what is solved.
PetscBool LhResumeIsNumerics(const char word[]);

/// What a live run is asked to do, the same on all ranks.
typedef struct {
  PetscBool stop, checkpoint, fields;
  char by[32];  ///< "SIGTERM", "lihost ctl": who asked to stop
} LhRequests;
/// Takes over SIGTERM, SIGINT, SIGUSR1 and makes a file too large an error of writing instead of a death.
PetscErrorCode LhRequestsBegin(void);
PetscErrorCode LhRequestsEnd(void);
/// Whether any rank got a signal or a file asks; `due` of rank 0 becomes that of all. One small reduction. Collective.
PetscErrorCode LhRequestsTake(LhOutput output, MPI_Comm comm, LhRequests *requests, PetscBool *due);
