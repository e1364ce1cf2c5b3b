/// @file
/// Owns the clocks of the phases of a run.
#include "base/timer.h"

#include <petsctime.h>
#include <string.h>

struct _n_LhTimer {
  PetscInt size;
  char names[LH_TIMER_MAX][LH_NAME_MAX];
  double seconds[LH_TIMER_MAX];
  PetscInt counts[LH_TIMER_MAX];
  PetscLogDouble started[LH_TIMER_MAX];
  PetscBool running[LH_TIMER_MAX];
};

PetscErrorCode LhTimerCreate(LhTimer *timer) {
  PetscFunctionBeginUser;
  PetscCall(PetscNew(timer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTimerDestroy(LhTimer *timer) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree(*timer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTimerRegister(LhTimer timer, const char name[], PetscInt *phase) {
  PetscFunctionBeginUser;
  for (*phase = 0; *phase < timer->size; (*phase)++) {
    if (!strcmp(timer->names[*phase], name)) PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCheck(timer->size < LH_TIMER_MAX, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "More than %d phases", LH_TIMER_MAX);
  PetscCall(PetscStrncpy(timer->names[timer->size++], name, LH_NAME_MAX));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTimerStart(LhTimer timer, PetscInt phase) {
  PetscFunctionBeginUser;
  PetscAssert(phase >= 0 && phase < timer->size, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
              "Phase %" PetscInt_FMT " of %" PetscInt_FMT, phase, timer->size);
  PetscCheck(!timer->running[phase], PETSC_COMM_SELF, PETSC_ERR_ORDER, "Phase '%s' runs already",
             timer->names[phase]);
  timer->running[phase] = PETSC_TRUE;
  PetscCall(PetscTime(&timer->started[phase]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTimerStop(LhTimer timer, PetscInt phase) {
  PetscLogDouble now;

  PetscFunctionBeginUser;
  PetscCall(PetscTime(&now));
  PetscAssert(phase >= 0 && phase < timer->size, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
              "Phase %" PetscInt_FMT " of %" PetscInt_FMT, phase, timer->size);
  PetscCheck(timer->running[phase], PETSC_COMM_SELF, PETSC_ERR_ORDER, "Phase '%s' is not running",
             timer->names[phase]);
  timer->running[phase] = PETSC_FALSE;
  timer->seconds[phase] += now - timer->started[phase];
  timer->counts[phase]++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTimerGetSize(LhTimer timer, PetscInt *phases) {
  PetscFunctionBeginUser;
  *phases = timer->size;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTimerGetPhase(LhTimer timer, PetscInt phase, const char **name, double *seconds,
                               PetscInt *count) {
  PetscFunctionBeginUser;
  PetscCheck(phase >= 0 && phase < timer->size, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Phase %" PetscInt_FMT " of %" PetscInt_FMT, phase, timer->size);
  if (name) *name = timer->names[phase];
  if (seconds) *seconds = timer->seconds[phase];
  if (count) *count = timer->counts[phase];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTimerReduce(LhTimer timer, MPI_Comm comm) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, timer->seconds, (PetscMPIInt)timer->size, MPI_DOUBLE,
                             MPI_MAX, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTimerWrite(LhTimer timer, LhJson json, const char key[]) {
  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, key));
  for (PetscInt i = 0; i < timer->size; i++) {
    PetscCall(LhJsonBeginObject(json, timer->names[i]));
    PetscCall(LhJsonReal(json, "seconds", timer->seconds[i]));
    PetscCall(LhJsonInt(json, "count", timer->counts[i]));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}
