/// @file
/// What both ways of stepping share: state, tolerances, linear solves, counts, limits. Owns the state vectors and the KSP.
#include "solve/electrochem_solver.h"

#include <petsctime.h>

#include "solve/electrochem_precondition.h"
#include "solve/electrochem_solver_private.h"

static const LhParam rows[] = {
    LH_ROW_REAL(LhEcSolverSpec, rtol, "1", 1e-10, 1e-2, "1e-3",
                "relative tolerance of the time integration"),
    LH_ROW_REAL(LhEcSolverSpec, atol, "1", 1e-12, 1e-2, "1e-4",
                "absolute tolerance in units of each field's scale"),
    LH_ROW_REAL(LhEcSolverSpec, krylov_rtol, "1", 1e-14, 1e-1, "1e-2",
                "relative tolerance of the linear solver"),
    LH_ROW_REAL(LhEcSolverSpec, newton_coefficient, "1", 1e-8, 1, "0.33",
                "Newton tolerance as a share of the step error allowed"),
    LH_ROW_REAL(LhEcSolverSpec, max_step, "s", 0, 1e9, "0 s", "longest step, 0 = no limit"),
    LH_ROW_REAL(LhEcSolverSpec, fixed_step, "s", 0, 1e9, "0 s",
                "equal steps of this length by implicit Euler, whatever their error: rtol and atol "
                "then serve Newton's method alone; 0 = steps by their error"),
    LH_ROW_INT(LhEcSolverSpec, max_order, 1, 5, "5", "highest order of the BDF formulas"),
    LH_ROW_INT(LhEcSolverSpec, max_steps, 1, 100000000, "1000000", "most steps of a run"),
    LH_ROW_CHOICE(LhEcSolverSpec, preconditioner, lh_electrochem_presets, "automatic",
                  "preset of the linear solver"),
    LH_ROW_REAL(LhEcSolverSpec, reuse_growth, "1", 1, 100, "1.2",
                "growth of the iterations at which the preconditioner is rebuilt"),
};
const LhTable lh_electrochem_solver_table =
    LH_TABLE("numerics.electrochemistry", "time integration of charge, salt and contents", rows);

PetscErrorCode LhEcSolverResidual(LhEcSolver s, PetscReal t, Vec y, Vec ydot, Vec r,
                                  PetscBool *finite) {
  PetscLogDouble start, end;

  PetscFunctionBegin;
  PetscCall(PetscTime(&start));
  PetscCall(LhElectrochemResidual(s->ec, t, y, ydot, r, finite));
  PetscCall(PetscTime(&end));
  s->stats.seconds_residual += end - start;
  s->stats.residuals++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverJacobian(LhEcSolver s, PetscReal t, PetscReal cj, Vec y, Vec ydot) {
  PetscLogDouble start, end;

  PetscFunctionBegin;
  PetscCall(PetscTime(&start));
  PetscCall(LhElectrochemJacobian(s->ec, t, cj, y, ydot));
  PetscCall(PetscTime(&end));
  s->stats.seconds_jacobian += end - start;
  s->stats.jacobians++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverSetUpOperators(LhEcSolver s) {
  PetscLogDouble start, end;
  Mat op, pmat;

  PetscFunctionBegin;
  PetscCall(PetscTime(&start));
  PetscCall(LhElectrochemGetOperators(s->ec, &op, &pmat));
  PetscCall(LhPrecondPolicySetUp(&s->policy, s->ksp, op, pmat));
  PetscCall(PetscTime(&end));
  s->stats.seconds_setup += end - start;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SolveOnce(LhEcSolver s, Vec b, Vec x, KSPConvergedReason *reason) {
  PetscLogDouble start, end;

  PetscFunctionBegin;
  PetscCall(PetscTime(&start));
  PetscCall(LhElectrochemSolveLinear(s->ec, s->ksp, b, x, &s->last_iterations, reason));
  PetscCall(PetscTime(&end));
  s->stats.seconds_solve += end - start;
  s->stats.krylov += s->last_iterations;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverSolve(LhEcSolver s, Vec b, Vec x, PetscBool *ok) {
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;

  PetscFunctionBegin;
  PetscCall(SolveOnce(s, b, x, &reason));
  s->stats.solves++;
  if (reason < 0 && s->policy.fresh >= 0) {
    s->policy.stale = PETSC_TRUE;
    PetscCall(LhEcSolverSetUpOperators(s));
    PetscCall(SolveOnce(s, b, x, &reason));
  }
  LhPrecondPolicyObserve(&s->policy, s->last_iterations, reason);
  *ok = reason < 0 ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverReadLimits(LhEcSolver s, Vec y, PetscReal g[]) {
  PetscReal scalars[LH_NUM_SCALARS];

  PetscFunctionBegin;
  PetscCall(LhElectrochemGetScalars(s->ec, y, scalars));
  for (PetscInt i = 0; i < s->num_limits; i++) {
    const PetscReal v = scalars[s->limits[i].scalar];

    g[i] = (s->limits[i].scalar == LH_TOTAL_CURRENT ? PetscAbsReal(v) : v) - s->limits[i].value;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateKsp(LhEcSolver s) {
  PetscFunctionBegin;
  PetscCall(KSPCreate(PetscObjectComm((PetscObject)s->y), &s->ksp));
  PetscCall(KSPSetTolerances(s->ksp, s->spec.krylov_rtol, PETSC_DEFAULT, 1e10, 300));
  PetscCall(LhElectrochemPrecondition(s->ec, s->spec.preconditioner, s->ksp));
  s->policy = (LhPrecondPolicy){.growth = s->spec.reuse_growth, .fresh = -1};
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Absolute tolerances, and the share of entries in use.
static PetscErrorCode SetTolerances(LhEcSolver s) {
  PetscScalar *atol;
  const PetscScalar *active;
  PetscReal used;
  PetscInt size, n;
  Vec work;

  PetscFunctionBegin;
  PetscCall(LhElectrochemGetScales(s->ec, s->atol));
  PetscCall(VecScale(s->atol, s->spec.atol));
  PetscCall(VecDuplicate(s->y, &work));
  PetscCall(LhElectrochemGetActive(s->ec, work));
  PetscCall(VecSum(work, &used));
  PetscCall(VecGetSize(work, &size));
  s->share = PetscSqrtReal((PetscReal)size / used);
  PetscCall(VecGetLocalSize(work, &n));
  PetscCall(VecGetArrayRead(work, &active));
  PetscCall(VecGetArray(s->atol, &atol));
  for (PetscInt i = 0; i < n; i++) {
    if (active[i] == 0) atol[i] = 1e200;
  }
  PetscCall(VecRestoreArray(s->atol, &atol));
  PetscCall(VecRestoreArrayRead(work, &active));
  PetscCall(VecDestroy(&work));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverCreate(LhElectrochem ec, const LhEcSolverSpec *spec, LhEcSolver *solver) {
  LhEcSolver s;

  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  *solver = s;
  s->ec = ec;
  s->spec = *spec;
  s->integrator = spec->fixed_step > 0 ? &lh_ec_euler : &lh_ec_ida;
  PetscCall(LhElectrochemCreateState(ec, &s->y));
  PetscCall(VecDuplicate(s->y, &s->ydot));
  PetscCall(VecDuplicate(s->y, &s->atol));
  PetscCall(LhElectrochemSetInitial(ec, s->y, s->ydot));
  PetscCall(SetTolerances(s));
  PetscCall(CreateKsp(s));
  PetscCall(s->integrator->create(s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverDestroy(LhEcSolver *solver) {
  LhEcSolver s = *solver;

  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(PETSC_SUCCESS);
  if (s->data) PetscCall(s->integrator->destroy(s));
  PetscCall(KSPDestroy(&s->ksp));
  PetscCall(VecDestroy(&s->y));
  PetscCall(VecDestroy(&s->ydot));
  PetscCall(VecDestroy(&s->atol));
  PetscCall(PetscFree(*solver));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverGetState(LhEcSolver s, PetscReal *t, Vec *y, Vec *ydot) {
  PetscFunctionBegin;
  if (t) *t = s->t;
  if (y) *y = s->y;
  if (ydot) *ydot = s->ydot;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverSetState(LhEcSolver s, PetscReal t, Vec y, Vec ydot) {
  PetscFunctionBegin;
  s->t = t;
  if (y != s->y) PetscCall(VecCopy(y, s->y));
  if (ydot != s->ydot) PetscCall(VecCopy(ydot, s->ydot));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverStart(LhEcSolver s, PetscInt num_limits, const LhLimit limits[],
                               PetscReal first_step, PetscBool *ok) {
  PetscFunctionBegin;
  PetscCheck(num_limits <= LH_EC_MAX_LIMITS, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "at most %d limits", LH_EC_MAX_LIMITS);
  s->num_limits = num_limits;
  PetscCall(PetscArraycpy(s->limits, limits, num_limits));
  s->sentence[0] = 0;
  s->policy.stale = PETSC_TRUE;
  s->next = first_step;
  PetscCall(s->integrator->start(s));
  *ok = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverStep(LhEcSolver s, PetscReal end, LhStretch *result, PetscInt *which) {
  PetscFunctionBegin;
  PetscCall(s->integrator->step(s, end, result, which));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverGetFailure(LhEcSolver s, const char **sentence) {
  PetscFunctionBegin;
  *sentence = s->sentence;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverGetStats(LhEcSolver s, LhEcSolverStats *stats) {
  PetscFunctionBegin;
  *stats = s->stats;
  PetscCall(s->integrator->stats(s, stats));
  stats->next = s->next;
  stats->preconditioners = s->policy.builds;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverSetStats(LhEcSolver s, const LhEcSolverStats *stats) {
  PetscFunctionBegin;
  s->stats = *stats;
  s->policy.builds = stats->preconditioners;
  PetscFunctionReturn(PETSC_SUCCESS);
}
