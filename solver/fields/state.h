/// @file
/// History at quadrature points, `[batch][point][component][lane]`, with cheap rollback.
///
/// A step reads `old` and writes `now`. A rejected step forgets `now`; an accepted one swaps two
/// pointers. A step may be cut into parts: LhStateAdvance() makes `now` the `old` of the next part while
/// the buffer of the step's start stays untouched, so that LhStateReject() still returns to it. The
/// third buffer this needs is allocated at the first cut and kept.
#pragma once

#include "base/base.h"

typedef struct _n_LhState *LhState;

PetscErrorCode LhStateCreate(PetscInt num_batches, PetscInt num_points, PetscInt num_state,
                             LhState *state);
PetscErrorCode LhStateDestroy(LhState *state);
/// Sizes as given to LhStateCreate().
PetscErrorCode LhStateGetSizes(LhState state, PetscInt *num_batches, PetscInt *num_points,
                               PetscInt *num_state);
/// State before this part of the step, [point][component][lane] of one batch; borrowed.
const double (*LhStateGetOld(LhState state, PetscInt batch))[LH_BATCH];
/// State after it, to be written; borrowed.
double (*LhStateGetNow(LhState state, PetscInt batch))[LH_BATCH];
/// State before the step, whatever parts it is cut into; borrowed.
const double (*LhStateGetStart(LhState state, PetscInt batch))[LH_BATCH];
/// The accepted state, for initial values and restart: all batches in one array of `*size` reals. Writing it
/// also sets `old`; call between steps only.
PetscErrorCode LhStateGetAccepted(LhState state, double **values, size_t *size);

/// A part of the step is done: `now` becomes `old` of the next part.
PetscErrorCode LhStateAdvance(LhState state);
/// The step is done: `now` becomes the accepted state.
PetscErrorCode LhStateAccept(LhState state);
/// The step is void: `old` is the accepted state again.
PetscErrorCode LhStateReject(LhState state);
