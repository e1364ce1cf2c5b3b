/// @file
/// Fibres embedded in the cells of a mechanics problem: what they add to force and tangent of a batch of cells, and
/// their state.
///
/// A fibre's pieces move with the shape functions of the cell they lie in. Its state is one set of numbers a piece, kept
/// here with the same life as the history of LhMechanics, which calls these functions (LhMechanicsSetFibres()).
#pragma once

#include "physics/mechanics_kernel.h"

typedef struct _n_LhFibreTerm *LhFibreTerm;

/// Adds forces of the pieces in the cells of batch `b` to work->f, and for LH_MECH_TANGENT their stiffness to work->K;
/// reads work->x, work->u and batch->dt. Pieces without a solution set work->failed of their lane. Not collective.
PetscErrorCode LhFibreTermAddBatch(LhFibreTerm term, PetscInt b, const LhMechBatch *batch,
                                   LhMechTask task, LhMechWork *work);
/// As LhStateAdvance(), LhStateAccept(), LhStateReject(). Not collective.
PetscErrorCode LhFibreTermAdvance(LhFibreTerm term);
PetscErrorCode LhFibreTermAccept(LhFibreTerm term);
PetscErrorCode LhFibreTermReject(LhFibreTerm term);
