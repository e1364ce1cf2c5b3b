/// @file
/// Work and forces of the fibres along lines of displacements (see fibres_line.c), and the matrix brought up to date with
/// fibres alone. Never evaluates a cell.
#include "physics/fibres.h"
#include "physics/mechanics_private.h"

static PetscErrorCode AddPoint(LhMechanics mech, Vec displacement, PetscBool along) {
  double H[LH_MECH_MACRO] = {0.};
  const PetscScalar *u;

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(displacement, &u));
  PetscCall(LhSpaceGather(mech->space, 3, u, mech->local_u));
  PetscCall(VecRestoreArrayRead(displacement, &u));
  PetscCall(LhMechanicsGatherMacro(mech, displacement, H));
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    if (!LhFibreTermHasPieces(mech->fibres, b)) continue;
    LhBatchGather(&mech->batch[b], mech->view->nodes_per_cell, 3, mech->local_u, mech->work->u);
    PetscCall(LhFibreTermAddLine(mech->fibres, b, along, H, mech->work));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsBeginLine(LhMechanics mech, Vec x, Vec y, PetscBool *known) {
  PetscFunctionBeginUser;
  *known = mech->fibres ? LhFibreTermHasLine(mech->fibres) : PETSC_FALSE;
  if (!*known) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(AddPoint(mech, x, PETSC_FALSE));
  PetscCall(AddPoint(mech, y, PETSC_TRUE));
  PetscCall(LhFibreTermBeginLine(mech->fibres, mech->dt));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetLineSlope(LhMechanics mech, PetscReal t, PetscReal *slope) {
  PetscFunctionBeginUser;
  *slope = LhFibreTermLineSlope(mech->fibres, mech->dt, t);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, slope, 1, MPIU_REAL, MPI_SUM, mech->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsAimLine(LhMechanics mech, Vec y) {
  PetscFunctionBeginUser;
  PetscCall(AddPoint(mech, y, PETSC_TRUE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetLineBend(LhMechanics mech, PetscReal *bend) {
  PetscFunctionBeginUser;
  *bend = LhFibreTermLineBend(mech->fibres);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, bend, 1, MPIU_REAL, MPI_SUM, mech->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// work->f and local_f of the batches with fibres.
static PetscErrorCode AddMovedForces(LhMechanics mech, double moment[]) {
  LhMechWork *w = mech->work;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(mech->local_f, 3 * mech->view->num_nodes));
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    if (!LhFibreTermHasPieces(mech->fibres, b)) continue;
    PetscCall(PetscArrayzero(&w->f[0][0], 3 * mech->view->nodes_per_cell * LH_BATCH));
    PetscCall(LhFibreTermAddMoved(mech->fibres, b, w, moment));
    LhBatchAdd(&mech->batch[b], mech->view->nodes_per_cell, 3, (const double(*)[LH_BATCH])w->f,
               mech->local_f);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsMoveLine(LhMechanics mech, PetscReal t, Vec r) {
  double moment[LH_MECH_MACRO] = {0.};

  PetscFunctionBeginUser;
  PetscCall(LhFibreTermMoveLine(mech->fibres, mech->dt, t));
  PetscCall(AddMovedForces(mech, moment));
  PetscCall(LhMechanicsScatter(mech, mech->local_f, mech->work_vec));
  PetscCall(LhMechanicsMacroReaction(mech, moment, mech->work_vec));
  PetscCall(LhMechanicsClearPrescribed(mech, mech->work_vec));
  PetscCall(VecAXPY(r, 1., mech->work_vec));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsRenewFibres(LhMechanics mech) {
  const PetscInt num_dofs = 3 * mech->view->nodes_per_cell;
  LhMechWork *w = mech->work;

  PetscFunctionBeginUser;
  PetscCall(LhFibreTermRenew(mech->fibres, mech->dt));
  PetscCall(LhAssemblerResume(mech->assembler));
  PetscCall(LhMechanicsResumeBorder(mech));
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    if (!LhFibreTermHasPieces(mech->fibres, b)) continue;
    LhBatchGatherCoords(mech->space, &mech->batch[b], w->x);
    PetscCall(PetscArrayzero(&w->K[0][0], num_dofs * num_dofs * LH_BATCH));
    PetscCall(LhFibreTermAddRenewed(mech->fibres, b, w));
    PetscCall(LhAssemblerAddBatch(mech->assembler, b, (const double(*)[LH_BATCH])w->K));
    LhMechanicsAddBorder(mech, &mech->batch[b]);
  }
  PetscCall(LhAssemblerConstrain(mech->assembler, mech->mask, mech->diagonal));
  PetscCall(LhAssemblerEnd(mech->assembler, mech->assembled));
  PetscCall(LhMechanicsEndBorder(mech));
  PetscFunctionReturn(PETSC_SUCCESS);
}
