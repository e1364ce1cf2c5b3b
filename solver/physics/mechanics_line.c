/// @file
/// Work of the fibres along a line of displacements (see fibres_line.c). Never evaluates a cell.
#include "physics/fibres.h"
#include "physics/mechanics_private.h"

static PetscErrorCode AddPoint(LhMechanics mech, Vec displacement, PetscBool along) {
  LhMechBatch in;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGatherDisplacement(mech, displacement));
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    PetscCall(LhMechanicsFillBatch(mech, b, &in));
    PetscCall(LhFibreTermAddLine(mech->fibres, b, along, mech->work));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsBeginLine(LhMechanics mech, Vec x, Vec y, PetscBool *known) {
  PetscFunctionBeginUser;
  *known = mech->fibres ? LhFibreTermHasLine(mech->fibres) : PETSC_FALSE;
  if (!*known) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(AddPoint(mech, x, PETSC_FALSE));
  PetscCall(AddPoint(mech, y, PETSC_TRUE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetLineSlope(LhMechanics mech, PetscReal t, PetscReal *slope) {
  PetscFunctionBeginUser;
  *slope = LhFibreTermLineSlope(mech->fibres, mech->dt, t);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, slope, 1, MPIU_REAL, MPI_SUM, mech->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}
