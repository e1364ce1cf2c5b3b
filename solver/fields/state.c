/// @file
/// Owns the buffers of LhState; never interprets what they hold.
#include "fields/state.h"

struct _n_LhState {
  PetscInt num_batches, num_points, num_state;
  size_t batch_size, size;
  double *accepted, *now, *spare;  ///< spare is NULL until a step is cut
  double *old;                     ///< alias: accepted, or the end of the last part
};

PetscErrorCode LhStateCreate(PetscInt num_batches, PetscInt num_points, PetscInt num_state,
                             LhState *state) {
  LhState s;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&s));
  s->num_batches = num_batches;
  s->num_points = num_points;
  s->num_state = num_state;
  s->batch_size = (size_t)num_points * (size_t)num_state * LH_BATCH;
  s->size = s->batch_size * (size_t)num_batches;
  PetscCall(PetscCalloc1(s->size, &s->accepted));
  PetscCall(PetscCalloc1(s->size, &s->now));
  s->old = s->accepted;
  *state = s;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStateDestroy(LhState *state) {
  PetscFunctionBeginUser;
  if (!*state) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree((*state)->accepted));
  PetscCall(PetscFree((*state)->now));
  PetscCall(PetscFree((*state)->spare));
  PetscCall(PetscFree(*state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStateGetSizes(LhState state, PetscInt *num_batches, PetscInt *num_points,
                               PetscInt *num_state) {
  PetscFunctionBeginUser;
  *num_batches = state->num_batches;
  *num_points = state->num_points;
  *num_state = state->num_state;
  PetscFunctionReturn(PETSC_SUCCESS);
}

const double (*LhStateGetOld(LhState state, PetscInt batch))[LH_BATCH] {
  return (const double(*)[LH_BATCH])(state->old + state->batch_size * (size_t)batch);
}

double (*LhStateGetNow(LhState state, PetscInt batch))[LH_BATCH] {
  return (double(*)[LH_BATCH])(state->now + state->batch_size * (size_t)batch);
}

const double (*LhStateGetStart(LhState state, PetscInt batch))[LH_BATCH] {
  return (const double(*)[LH_BATCH])(state->accepted + state->batch_size * (size_t)batch);
}

PetscErrorCode LhStateGetAccepted(LhState state, double **values, size_t *size) {
  PetscFunctionBeginUser;
  state->old = state->accepted;
  *values = state->accepted;
  *size = state->size;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStateAdvance(LhState state) {
  double *next;

  PetscFunctionBeginUser;
  if (!state->spare) PetscCall(PetscCalloc1(state->size, &state->spare));
  // The buffer that neither holds the step's start nor the part just done takes the next part.
  next = state->old == state->accepted ? state->spare : state->old;
  state->old = state->now;
  state->now = next;
  state->spare = state->old;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStateAccept(LhState state) {
  double *done = state->now;

  PetscFunctionBeginUser;
  state->now = state->accepted;
  state->accepted = done;
  state->old = done;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStateReject(LhState state) {
  PetscFunctionBeginUser;
  state->old = state->accepted;
  PetscFunctionReturn(PETSC_SUCCESS);
}
