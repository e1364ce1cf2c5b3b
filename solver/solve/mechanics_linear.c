/// @file
/// Linear solves of the mechanics solver: operators, preconditioner, and how long it is kept. Never looks at the physics.
#include <petsctime.h>

#include "solve/bordered_precondition.h"
#include "solve/mechanics_precondition.h"
#include "solve/mechanics_solver_private.h"
#include "solve/multigrid.h"

/// Conjugate gradients bear an asymmetry below the tolerance of the linear solve; both measure the true residual.
PetscErrorCode LhMechSolverChooseKrylov(LhMechanicsSolver s) {
  const PetscBool symmetric =
      s->stats.asymmetry <= s->spec.symmetry_tolerance ? PETSC_TRUE : PETSC_FALSE;
  const PetscBool cg = !s->cautious && (s->spec.krylov == LH_KRYLOV_CG ||
                                        (s->spec.krylov == LH_KRYLOV_AUTO && symmetric));
  PetscBool is_cg;

  PetscFunctionBeginUser;
  PetscCall(PetscObjectTypeCompare((PetscObject)s->ksp, KSPCG, &is_cg));
  s->stats.symmetric = cg;
  if (cg == is_cg) PetscFunctionReturn(PETSC_SUCCESS);
  // Flexible, as a cycle in single precision is linear up to its rounding only.
  PetscCall(KSPSetType(s->ksp, cg ? KSPCG : KSPFGMRES));
  PetscCall(KSPSetPCSide(s->ksp, cg ? PC_LEFT : PC_RIGHT));
  if (!cg) PetscCall(KSPGMRESSetRestart(s->ksp, 60));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The finest level follows every tangent, as the product is made of it, and so do the modes of the border.
static PetscErrorCode Refresh(LhMechanicsSolver s) {
  PetscLogDouble start, end;

  PetscFunctionBeginUser;
  PetscCall(PetscTime(&start));
  if (s->product) PetscCall(LhMultigridRefresh(s->multigrid));
  if (s->is_bordered) PetscCall(LhBorderedRefresh(s->ksp));
  PetscCall(PetscTime(&end));
  s->stats.setup_seconds += end - start;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Keeps the preconditioner, or sets it up now if the last solve asked for it.
PetscErrorCode LhMechSolverPrecondition(LhMechanicsSolver s) {
  PetscLogDouble start, end;

  PetscFunctionBeginUser;
  // Many digits are had with a fresh preconditioner only: with an old one rounding ends the solve before.
  if (s->renewing || s->cautious || s->spec.linear_tolerance < 1e-9) s->stale = PETSC_TRUE;
  PetscCall(KSPSetReusePreconditioner(s->ksp, s->stale ? PETSC_FALSE : PETSC_TRUE));
  PetscCall(PetscTime(&start));
  PetscCall(KSPSetOperators(s->ksp, s->outer, s->assembled));
  if (!s->stale) {
    PetscCall(Refresh(s));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(KSPSetUp(s->ksp));
  PetscCall(KSPSetUpOnBlocks(s->ksp));
  PetscCall(PetscTime(&end));
  s->setup_seconds = end - start;
  s->stats.setup_seconds += end - start;
  s->stats.setups++;
  s->stale = PETSC_FALSE;
  s->fresh = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Iterations that take as long as the last set-up did; the slowest rank decides for all.
static PetscErrorCode MeasureSetupCost(LhMechanicsSolver s, PetscReal *cost) {
  double seconds[2] = {s->setup_seconds, s->iteration_seconds};

  PetscFunctionBeginUser;
  *cost = s->spec.setup_cost;
  if (*cost > 0.) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, seconds, 2, MPI_DOUBLE, MPI_MAX,
                             PetscObjectComm((PetscObject)s->ksp)));
  *cost = seconds[0] / PetscMax(seconds[1], 1e-9);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A preconditioner is kept over Newton iterations and steps until the iterations it cost beyond those of a
/// fresh one are worth a set-up: at most twice the cost of the best times known beforehand. Counted
/// by decades of the residual, as tolerances differ.
PetscErrorCode LhMechSolverJudge(LhMechanicsSolver s, PetscInt iterations) {
  const PetscReal digits = PetscMax(-PetscLog10Real(s->tolerance), .3);
  PetscReal cost;

  PetscFunctionBeginUser;
  PetscCall(MeasureSetupCost(s, &cost));
  if (s->fresh) {
    s->per_digit = (PetscReal)iterations / digits;
    s->excess = 0.;
  } else {
    s->excess += PetscMax((PetscReal)iterations - s->per_digit * digits, 0.);
  }
  if (s->excess > cost) s->stale = PETSC_TRUE;
  s->fresh = PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The product in single precision serves solves that ask for few digits, and an operator that is the matrix, or the
/// matrix with a border.
static PetscBool IsSingleEnough(LhMechanicsSolver s) {
  const PetscReal digits = 1e-6;

  return s->spec.single_product && s->spec.linear_tolerance >= digits ? PETSC_TRUE : PETSC_FALSE;
}

static PetscErrorCode CreateProduct(LhMechanicsSolver s) {
  PetscFunctionBeginUser;
  PetscCall(MatDestroy(&s->product));
  if (IsSingleEnough(s) && (s->is_bordered || s->op == s->assembled))
    PetscCall(LhMultigridCreateProduct(s->multigrid, &s->product));
  if (s->is_bordered) PetscCall(LhMechanicsSetProduct(s->mech, s->product));
  s->outer = s->product && !s->is_bordered ? s->product : s->op;
  PetscCall(SNESSetJacobian(s->snes, s->outer, s->assembled, NULL, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The preset on the matrix at hand, in single precision or AIJ.
static PetscErrorCode ConfigureInner(LhMechanicsSolver s) {
  Mat op, assembled;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetMatrices(s->mech, &op, &assembled));
  s->op = op;
  s->assembled = s->is_bordered ? op : assembled;  // the bordered preconditioner knows the parts
  PetscCall(KSPSetOperators(s->ksp, op, assembled));
  PetscCall(LhMechPreconditionerConfigure(s->ksp, s->preset));
  PetscCall(KSPGetPC(s->ksp, &s->multigrid));  // the bordered one keeps it
  PetscCall(PCSetFromOptions(s->multigrid));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A preconditioner of its own: PCReset() leaves smoothers of PETSc's GAMG behind, which refuse another coarse grid.
static PetscErrorCode RenewInner(LhMechanicsSolver s) {
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(PCCreate(PetscObjectComm((PetscObject)s->x), &pc));
  PetscCall(KSPSetPC(s->ksp, pc));
  PetscCall(PCDestroy(&pc));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The preconditioner sees the assembled matrix, the solver the exact operator. Multigrid with the product in
/// single precision needs no AIJ matrix; what else a preset may have chosen does.
PetscErrorCode LhMechSolverConfigure(LhMechanicsSolver s) {
  const PetscBool single =
      (PetscBool)(IsSingleEnough(s) && LhMechPreconditionerIsSpecial(s->preset));
  PetscBool is_multigrid;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsSetSingle(s->mech, single));
  PetscCall(ConfigureInner(s));
  PetscCall(LhMultigridIs(s->multigrid, &is_multigrid));
  if (single && !is_multigrid) {
    PetscCall(LhMechanicsSetSingle(s->mech, PETSC_FALSE));
    PetscCall(RenewInner(s));
    PetscCall(ConfigureInner(s));
  }
  PetscCall(LhBorderedPrecondition(s->ksp, s->mech));
  PetscCall(CreateProduct(s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechSolverReplace(LhMechanicsSolver s, PetscInt preset) {
  PetscFunctionBeginUser;
  s->preset = preset;
  PetscCall(RenewInner(s));
  PetscCall(LhMechSolverConfigure(s));
  s->stale = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}
