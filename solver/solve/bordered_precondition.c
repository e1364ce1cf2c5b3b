/// @file
/// The bordered preconditioner: one cycle on the nodes, and a small dense solve on the macroscopic unknowns.
///
/// [w; y] = [M r; C^-1 s] with M for K^-1 and C the stiffness of a volume whose fluctuation is held. Symmetric and
/// positive definite whenever M and C are, so conjugate gradients bear it; at most as many stray eigenvalues as there
/// are free components.
#include "solve/bordered_precondition.h"

#define MAX LH_MECH_MACRO_FREE

typedef struct {
  LhMechanics mech;
  LhMechBorder border;
  Mat assembled;
  PC inner;
  Vec part[2];                ///< frames for the rows of the nodes
  double inverse[MAX * MAX];  ///< C^-1
} Bordered;

/// Gauss-Jordan elimination with row pivots, n <= MAX; `a` is overwritten.
static PetscErrorCode Invert(PetscInt n, double a[], double inverse[]) {
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < MAX * MAX; k++) inverse[k] = k / MAX == k % MAX ? 1. : 0.;
  for (PetscInt c = 0; c < n; c++) {
    PetscInt pivot = c;

    for (PetscInt r = c + 1; r < n; r++) {
      if (PetscAbsReal(a[r * MAX + c]) > PetscAbsReal(a[pivot * MAX + c])) pivot = r;
    }
    PetscCheck(a[pivot * MAX + c] != 0., PETSC_COMM_SELF, PETSC_ERR_MAT_LU_ZRPVT,
               "The volume has no stiffness against a stress-driven component");
    for (PetscInt k = 0; k < n; k++) {
      double t = a[c * MAX + k];
      a[c * MAX + k] = a[pivot * MAX + k], a[pivot * MAX + k] = t;
      t = inverse[c * MAX + k];
      inverse[c * MAX + k] = inverse[pivot * MAX + k], inverse[pivot * MAX + k] = t;
    }
    for (PetscInt r = 0; r < n; r++) {
      const double factor = r == c ? 0. : a[r * MAX + c] / a[c * MAX + c];
      for (PetscInt j = 0; j < n; j++) {
        a[r * MAX + j] -= factor * a[c * MAX + j];
        inverse[r * MAX + j] -= factor * inverse[c * MAX + j];
      }
    }
  }
  for (PetscInt k = 0; k < n * n; k++) inverse[k / n * MAX + k % n] /= a[k / n * MAX + k / n];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BorderedSetUp(PC pc) {
  double energy[MAX * MAX];
  Bordered *b;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &b));
  PetscCall(LhMechanicsGetBorder(b->mech, &b->border));
  PetscCall(PetscArraycpy(energy, b->border.coupling, MAX * MAX));
  PetscCall(Invert(b->border.num_free, energy, b->inverse));
  PetscCall(PCSetReusePreconditioner(b->inner, PETSC_FALSE));
  PetscCall(PCSetOperators(b->inner, b->assembled, b->assembled));
  PetscCall(PCSetUp(b->inner));
  PetscCall(PCSetUpOnBlocks(b->inner));
  // PCApply would renew it with every matrix.
  PetscCall(PCSetReusePreconditioner(b->inner, PETSC_TRUE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BorderedApply(PC pc, Vec x, Vec y) {
  const LhMechBorder *border;
  const PetscScalar *in;
  PetscScalar *out;
  Bordered *b;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &b));
  border = &b->border;
  PetscCall(VecGetArrayRead(x, &in));
  PetscCall(VecGetArray(y, &out));
  PetscCall(VecPlaceArray(b->part[0], in));
  PetscCall(VecPlaceArray(b->part[1], out));
  PetscCall(PCApply(b->inner, b->part[0], b->part[1]));
  PetscCall(VecResetArray(b->part[0]));
  PetscCall(VecResetArray(b->part[1]));
  for (PetscInt m = 0; border->first >= 0 && m < border->num_macro; m++)
    out[border->first + m] = in[border->first + m] / border->diagonal;
  for (PetscInt k = 0; border->first >= 0 && k < border->num_free; k++) {
    double sum = 0.;
    for (PetscInt n = 0; n < border->num_free; n++)
      sum += b->inverse[k * MAX + n] * in[border->first + border->free[n]];
    out[border->first + border->free[k]] = sum;
  }
  PetscCall(VecRestoreArray(y, &out));
  PetscCall(VecRestoreArrayRead(x, &in));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BorderedDestroy(PC pc) {
  Bordered *b;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &b));
  PetscCall(PCDestroy(&b->inner));
  PetscCall(VecDestroy(&b->part[0]));
  PetscCall(VecDestroy(&b->part[1]));
  PetscCall(PetscFree(b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhBorderedPrecondition(KSP ksp, LhMechanics mech) {
  LhMechBorder border;
  Bordered *b;
  Mat op;
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetBorder(mech, &border));
  if (!border.used) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscNew(&b));
  b->mech = mech;
  PetscCall(LhMechanicsGetMatrices(mech, &op, &b->assembled));
  for (int k = 0; k < 2; k++) {
    PetscCall(VecCreateMPIWithArray(PetscObjectComm((PetscObject)ksp), 3, border.num_owned,
                                    PETSC_DECIDE, NULL, &b->part[k]));
  }
  PetscCall(KSPGetPC(ksp, &b->inner));
  PetscCall(PetscObjectReference((PetscObject)b->inner));
  PetscCall(PCCreate(PetscObjectComm((PetscObject)ksp), &pc));
  PetscCall(PCSetType(pc, PCSHELL));
  PetscCall(PCShellSetContext(pc, b));
  PetscCall(PCShellSetSetUp(pc, BorderedSetUp));
  PetscCall(PCShellSetApply(pc, BorderedApply));
  PetscCall(PCShellSetDestroy(pc, BorderedDestroy));
  PetscCall(KSPSetPC(ksp, pc));
  PetscCall(KSPSetOperators(ksp, op, op));
  PetscCall(PCDestroy(&pc));
  PetscFunctionReturn(PETSC_SUCCESS);
}
