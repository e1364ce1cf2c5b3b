/// @file
/// The constants z_i that balances are closed on: z_i is 1 for unknown i at all nodes, for phi_s at those that touch a solid.
/// They are never stored.
#include "physics/electrochem_impl.h"

PetscErrorCode LhEcSumModes(LhElectrochem ec, Vec x, PetscScalar out[LH_NODE_SYSTEM]) {
  const PetscScalar *in;
  PetscScalar sum[LH_NODE_SYSTEM] = {0};
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(x, &n));
  PetscCall(VecGetArrayRead(x, &in));
  for (PetscInt k = 0; k < n / LH_NODE_SYSTEM; k++) {
    const PetscScalar *u = in + LH_NODE_SYSTEM * k;

    sum[LH_PHI_S] += ec->has_solid[k] ? u[LH_PHI_S] : 0;
    sum[LH_PHI_E] += u[LH_PHI_E];
    sum[LH_LNC] += u[LH_LNC];
  }
  PetscCall(VecRestoreArrayRead(x, &in));
  PetscCallMPI(MPI_Allreduce(sum, out, LH_NODE_SYSTEM, MPIU_SCALAR, MPIU_SUM, ec->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcAddModes(LhElectrochem ec, const PetscScalar a[LH_NODE_SYSTEM], Vec x) {
  PetscScalar *out;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(x, &n));
  PetscCall(VecGetArray(x, &out));
  for (PetscInt k = 0; k < n / LH_NODE_SYSTEM; k++) {
    PetscScalar *u = out + LH_NODE_SYSTEM * k;

    u[LH_PHI_S] += ec->has_solid[k] ? a[LH_PHI_S] : 0;
    u[LH_PHI_E] += a[LH_PHI_E];
    u[LH_LNC] += a[LH_LNC];
  }
  PetscCall(VecRestoreArray(x, &out));
  PetscFunctionReturn(PETSC_SUCCESS);
}
