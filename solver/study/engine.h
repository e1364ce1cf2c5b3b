/// @file
/// The engines: each takes the cases of a study that are missing and sees to it that their scripts are run.
///
/// An engine ends when nothing is left to do or when the user asks for it (Ctrl-C, SIGTERM, SIGUSR1); it never decides
/// what a result is: that is read from the disk (store.h).
#pragma once

#include "study/store.h"

typedef struct {
  PetscInt num_done, num_failed, num_left;
  PetscBool stopped;  ///< the user asked for the end
} LhEngineEnd;

/// Runs what is missing with the engine of the study file.
PetscErrorCode LhEngineRun(LhStudy study, LhEngineEnd *end);

/// Private to the engines.
PetscErrorCode LhEngineLocal(LhStudy study, LhEngineEnd *end);
PetscErrorCode LhEngineSlurm(LhStudy study, LhEngineEnd *end);
PetscErrorCode LhEngineScript(LhStudy study, LhEngineEnd *end);

/// True for a case that can be begun or gone on with by this call.
PetscBool LhEngineIsMissing(LhStudy study, const LhStudyCase *c);
/// Wall clock [s].
PetscReal LhEngineNow(void);
/// Waits, less when a signal comes [s].
void LhEngineSleep(PetscReal seconds);

/// The environment this program was given, before MPI changed it, without what tells a process its MPI job.
typedef struct {
  char **variables;  ///< NULL-terminated
  char *block;       ///< what they point into
} LhEnvironment;
PetscErrorCode LhEnvironmentRead(LhEnvironment *environment);
PetscErrorCode LhEnvironmentClear(LhEnvironment *environment);
/// Runs a short command to its end; `*text` (grown with PetscRealloc) is what it wrote, `*code` its exit code, 127 when
/// there is no such program.
PetscErrorCode LhEngineCommand(const LhEnvironment *environment, char *const words[], char **text,
                               int *code);

/// From Begin to End, SIGINT, SIGTERM and SIGUSR1 are counted and do nothing else.
void LhInterruptBegin(void);
void LhInterruptEnd(void);
PetscInt LhInterruptCount(void);

/// Progress over the whole study on the terminal and in log.txt.
typedef struct {
  PetscReal started, printed;
  PetscInt num_printed;  ///< cases that had ended when it was last printed
} LhProgress;
PetscErrorCode LhProgressShow(LhStudy study, LhProgress *progress, PetscInt at_a_time,
                              PetscBool force);
