/// @file
/// Wall time by phase: assembly, preconditioner set-up, solve, mechanics, output.
///
/// Phases are registered once by name and then started and stopped by number; they may nest in each
/// other but not in themselves. Times are of this rank until LhTimerReduce() takes the largest.
#pragma once

#include "base/json.h"

#define LH_TIMER_MAX 32  ///< most phases of a timer

typedef struct _n_LhTimer *LhTimer;

PetscErrorCode LhTimerCreate(LhTimer *timer);
PetscErrorCode LhTimerDestroy(LhTimer *timer);
/// Number of the phase `name`, new or known.
PetscErrorCode LhTimerRegister(LhTimer timer, const char name[], PetscInt *phase);
PetscErrorCode LhTimerStart(LhTimer timer, PetscInt phase);
PetscErrorCode LhTimerStop(LhTimer timer, PetscInt phase);
PetscErrorCode LhTimerGetSize(LhTimer timer, PetscInt *phases);
/// Name (borrowed), wall seconds [s] and number of finished intervals of a phase.
PetscErrorCode LhTimerGetPhase(LhTimer timer, PetscInt phase, const char **name, double *seconds,
                               PetscInt *count);
/// Every phase takes its largest time of all ranks; same phases in the same order everywhere.
/// Collective.
PetscErrorCode LhTimerReduce(LhTimer timer, MPI_Comm comm);
/// Writes `key: {phase: {seconds, count}, ...}`.
PetscErrorCode LhTimerWrite(LhTimer timer, LhJson json, const char key[]);
