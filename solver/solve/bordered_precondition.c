/// @file
/// The bordered preconditioner: one cycle on the nodes, and a small dense solve on how the volume gives way as a whole.
///
/// The inverse of the bordered tangent (M20) is [K^-1 0; 0 0] + Q S^-1 Q' with the modes Q = [-K^-1 B; 1] and S = Q' [K B; B' C] Q,
/// the stiffness of the volume against a macroscopic component while its nodes relax. Here
///   z = [M r; 0] + Q S^-1 Q' r,                                                                              (M22)
/// M being the cycle for K^-1 and Q kept from the last set-up, each mode relaxed by a few conjugate gradients. With Q = [0; 1], as
/// at first, S is C: that of a volume whose nodes are held, which is all a sound one needs. Where metal is damaged the two differ
/// by a factor of a thousand. Symmetric and positive definite whenever M and S are, so conjugate gradients bear it.
#include "solve/bordered_precondition.h"

#include <petscblaslapack.h>

#define MAX    LH_MECH_MACRO_FREE
#define ENOUGH 0.1  ///< share of its held stiffness' root to which a mode is relaxed
#define MOST   20   ///< iterations a mode and set-up

typedef struct {
  LhMechanics mech;
  LhMechBorder border;
  Mat op, assembled;
  PC inner;
  KSP relax;
  Vec part[2];                   ///< frames for the rows of the nodes
  Vec mode[MAX];                 ///< columns of Q
  Vec force, zero;               ///< of a mode; what it is to be
  PetscInt num, component[MAX];  ///< what the modes are of
  double factor[MAX * MAX];      ///< of S
} Bordered;

/// Symmetric part of `a` as its Cholesky factor; `*definite` false: it has none.
static PetscErrorCode Factor(PetscInt n, const double a[], double factor[], PetscBool *definite) {
  const PetscBLASInt size = (PetscBLASInt)n, width = MAX;
  PetscBLASInt info;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < MAX * MAX; i++) factor[i] = .5 * (a[i] + a[i % MAX * MAX + i / MAX]);
  LAPACKpotrf_("L", &size, factor, &width, &info);
  *definite = info == 0 ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// x <- S^-1 x.
static void Solve(PetscInt n, const double factor[], double x[]) {
  const PetscBLASInt size = (PetscBLASInt)n, width = MAX, one = 1;
  PetscBLASInt info;

  LAPACKpotrs_("L", &size, &one, factor, &width, x, &width, &info);
}

/// The unit of component k in the rows of macroscopic unknowns, the nodes held.
static PetscErrorCode HoldMode(Bordered *b, PetscInt k) {
  PetscScalar *q;

  PetscFunctionBeginUser;
  PetscCall(VecZeroEntries(b->mode[k]));
  PetscCall(
      VecGetArray(b->mode[k], &q));  // on all ranks, or some would believe in the norm of before
  if (b->border.first >= 0) q[b->border.first + b->border.free[k]] = 1.;
  PetscCall(VecRestoreArray(b->mode[k], &q));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Modes of the components that are free now; those of other ones are of no use.
static PetscErrorCode FitModes(Bordered *b) {
  const LhMechBorder *border = &b->border;
  PetscBool same;

  PetscFunctionBeginUser;
  PetscCall(PetscArraycmp(b->component, border->free, border->num_free, &same));
  if (same && b->num == border->num_free) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt k = 0; k < border->num_free; k++) {
    if (!b->mode[k]) PetscCall(VecDuplicate(b->force, &b->mode[k]));
    PetscCall(HoldMode(b, k));
    b->component[k] = border->free[k];
  }
  b->num = border->num_free;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Q from where it was, and the factor of S. A mode is relaxed when what is left of its force, in the norm of M, adds less than
/// ENOUGH^2 of the held stiffness to S.
static PetscErrorCode RelaxModes(Bordered *b, PetscBool *definite) {
  PetscScalar sums[MAX];
  double S[MAX * MAX] = {0.};

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < b->num; k++) {
    const double held = b->border.coupling[k * MAX + k];
    PetscCall(KSPSetTolerances(b->relax, 0., ENOUGH * PetscSqrtReal(PetscAbsReal(held)),
                               PETSC_DEFAULT, MOST));
    PetscCall(KSPSolve(b->relax, b->zero, b->mode[k]));
    PetscCall(MatMult(b->op, b->mode[k], b->force));
    PetscCall(VecMDot(b->force, b->num, b->mode, sums));
    for (PetscInt j = 0; j < b->num; j++) S[j * MAX + k] = PetscRealPart(sums[j]);
  }
  PetscCall(Factor(b->num, S, b->factor, definite));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Held modes: S is C, or its diagonal where even that is not definite.
static PetscErrorCode UseHeldModes(Bordered *b) {
  double C[MAX * MAX];
  PetscBool definite;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < b->num; k++) PetscCall(HoldMode(b, k));
  PetscCall(Factor(b->num, b->border.coupling, b->factor, &definite));
  if (definite) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscArrayzero(C, MAX * MAX));
  for (PetscInt k = 0; k < b->num; k++)
    C[k * MAX + k] = PetscAbsReal(b->border.coupling[k * MAX + k]);
  PetscCall(Factor(b->num, C, b->factor, &definite));
  PetscCheck(definite, PETSC_COMM_SELF, PETSC_ERR_MAT_LU_ZRPVT,
             "The volume has no stiffness against a stress-driven component");
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// z = M r on the nodes. The rows of given unknowns have their diagonal, those of free ones 0.
static PetscErrorCode ApplyNodes(Bordered *b, Vec x, Vec y) {
  const LhMechBorder *border = &b->border;
  const PetscScalar *in;
  PetscScalar *out;

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(x, &in));
  PetscCall(VecGetArray(y, &out));
  PetscCall(VecPlaceArray(b->part[0], in));
  PetscCall(VecPlaceArray(b->part[1], out));
  PetscCall(PCApply(b->inner, b->part[0], b->part[1]));
  PetscCall(VecResetArray(b->part[0]));
  PetscCall(VecResetArray(b->part[1]));
  for (PetscInt m = 0; border->first >= 0 && m < border->num_macro; m++)
    out[border->first + m] = in[border->first + m] / border->diagonal;
  for (PetscInt k = 0; border->first >= 0 && k < border->num_free; k++)
    out[border->first + border->free[k]] = 0.;
  PetscCall(VecRestoreArray(y, &out));
  PetscCall(VecRestoreArrayRead(x, &in));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode RelaxApply(PC pc, Vec x, Vec y) {
  Bordered *b;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &b));
  PetscCall(ApplyNodes(b, x, y));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Modes and S of the tangent at hand.
static PetscErrorCode FollowTangent(Bordered *b) {
  PetscBool definite;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetBorder(b->mech, &b->border));
  PetscCall(FitModes(b));
  PetscCall(RelaxModes(b, &definite));
  if (!definite) PetscCall(UseHeldModes(b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhBorderedRefresh(KSP ksp) {
  Bordered *b;
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCShellGetContext(pc, &b));
  PetscCall(FollowTangent(b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BorderedSetUp(PC pc) {
  Bordered *b;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &b));
  PetscCall(PCSetReusePreconditioner(b->inner, PETSC_FALSE));
  PetscCall(PCSetOperators(b->inner, b->assembled, b->assembled));
  PetscCall(PCSetUp(b->inner));
  PetscCall(PCSetUpOnBlocks(b->inner));
  // PCApply would renew it with every matrix.
  PetscCall(PCSetReusePreconditioner(b->inner, PETSC_TRUE));
  PetscCall(FollowTangent(b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// (M22)
static PetscErrorCode BorderedApply(PC pc, Vec x, Vec y) {
  PetscScalar sums[MAX];
  Bordered *b;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &b));
  PetscCall(ApplyNodes(b, x, y));
  PetscCall(VecMDot(x, b->num, b->mode, sums));
  Solve(b->num, b->factor, sums);
  PetscCall(VecMAXPY(y, b->num, sums, b->mode));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BorderedDestroy(PC pc) {
  Bordered *b;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &b));
  PetscCall(PCDestroy(&b->inner));
  PetscCall(KSPDestroy(&b->relax));
  for (int k = 0; k < 2; k++) PetscCall(VecDestroy(&b->part[k]));
  for (int k = 0; k < MAX; k++) PetscCall(VecDestroy(&b->mode[k]));
  PetscCall(VecDestroy(&b->force));
  PetscCall(VecDestroy(&b->zero));
  PetscCall(PetscFree(b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Conjugate gradients on the nodes of a mode: its macroscopic rows are never touched.
static PetscErrorCode CreateRelaxation(Bordered *b) {
  MPI_Comm comm = PetscObjectComm((PetscObject)b->op);
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(MatCreateVecs(b->op, &b->force, &b->zero));
  PetscCall(KSPCreate(comm, &b->relax));
  PetscCall(KSPSetOptionsPrefix(b->relax, "mech_modes_"));
  PetscCall(KSPSetType(b->relax, KSPCG));
  PetscCall(KSPSetNormType(b->relax, KSP_NORM_NATURAL));
  PetscCall(KSPSetInitialGuessNonzero(b->relax, PETSC_TRUE));
  PetscCall(KSPSetOperators(b->relax, b->op, b->op));
  PetscCall(KSPGetPC(b->relax, &pc));
  PetscCall(PCSetType(pc, PCSHELL));
  PetscCall(PCShellSetContext(pc, b));
  PetscCall(PCShellSetApply(pc, RelaxApply));
  PetscCall(KSPSetFromOptions(b->relax));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhBorderedPrecondition(KSP ksp, LhMechanics mech) {
  LhMechBorder border;
  Bordered *b;
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetBorder(mech, &border));
  if (!border.used) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscNew(&b));
  b->mech = mech;
  PetscCall(LhMechanicsGetMatrices(mech, &b->op, &b->assembled));
  for (int k = 0; k < 2; k++) {
    PetscCall(VecCreateMPIWithArray(PetscObjectComm((PetscObject)ksp), 3, border.num_owned,
                                    PETSC_DECIDE, NULL, &b->part[k]));
  }
  PetscCall(CreateRelaxation(b));
  PetscCall(KSPGetPC(ksp, &b->inner));
  PetscCall(PetscObjectReference((PetscObject)b->inner));
  PetscCall(PCCreate(PetscObjectComm((PetscObject)ksp), &pc));
  PetscCall(PCSetType(pc, PCSHELL));
  PetscCall(PCShellSetContext(pc, b));
  PetscCall(PCShellSetSetUp(pc, BorderedSetUp));
  PetscCall(PCShellSetApply(pc, BorderedApply));
  PetscCall(PCShellSetDestroy(pc, BorderedDestroy));
  PetscCall(KSPSetPC(ksp, pc));
  PetscCall(KSPSetOperators(ksp, b->op, b->op));
  PetscCall(PCDestroy(&pc));
  PetscFunctionReturn(PETSC_SUCCESS);
}
