/// @file
/// PETSc SNES on an LhMechanics. Owns iteration vectors, Krylov solver and counters; never the physics.
#include <petsctime.h>

#include "solve/bearable_step.h"
#include "solve/energy_search.h"
#include "solve/mechanics_precondition.h"
#include "solve/mechanics_solver_private.h"

static PetscErrorCode EvaluateResidual(LhMechanicsSolver s, Vec x, Vec r) {
  PetscLogDouble start, end;

  PetscFunctionBeginUser;
  PetscCall(PetscTime(&start));
  PetscCall(LhMechanicsResidual(s->mech, x, r, &s->evaluation));
  PetscCall(PetscTime(&end));
  s->stats.assembly_seconds += end - start;
  s->stats.residuals++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A law that fails makes the residual infinite; the line search then halves its step.
static PetscErrorCode FormFunction(SNES snes, Vec x, Vec r, void *context) {
  LhMechanicsSolver s = (LhMechanicsSolver)context;

  PetscFunctionBeginUser;
  PetscCall(EvaluateResidual(s, x, r));
  if (s->evaluation.failed > 0) PetscCall(SNESSetFunctionDomainError(snes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode EvaluateTangent(LhMechanicsSolver s, Vec x, Vec lift,
                                      LhMechEvaluation *evaluation) {
  PetscLogDouble start, end;

  PetscFunctionBeginUser;
  PetscCall(PetscTime(&start));
  PetscCall(LhMechanicsTangent(s->mech, x, lift, s->reaction, evaluation));
  PetscCall(PetscTime(&end));
  s->stats.assembly_seconds += end - start;
  s->stats.asymmetry = evaluation->asymmetry;
  s->stats.tangents++;
  if (evaluation->failed > 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMechSolverChooseKrylov(s));
  PetscCall(LhMechSolverPrecondition(s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Residual norm at which Newton's method may stop: at equilibrium, or at the share asked for.
static PetscReal Goal(LhMechanicsSolver s, PetscReal *equilibrium) {
  *equilibrium = s->spec.newton_tolerance * s->evaluation.scale + s->force_floor;
  return PetscMax(*equilibrium, s->share * s->first);
}

/// Eisenstat and Walker's second choice, 0.9 (r / r_before)^2, between what still serves the goal and the
/// loosest tolerance allowed.
static PetscErrorCode ForceTolerance(LhMechanicsSolver s, PetscReal norm) {
  const PetscReal ratio = s->previous > 0. ? norm / s->previous : 1.;
  PetscReal equilibrium, enough;

  PetscFunctionBeginUser;
  enough = norm > 0. ? .3 * Goal(s, &equilibrium) / norm : 1.;
  s->tolerance = s->spec.linear_tolerance;
  if (s->spec.forcing) {
    s->tolerance = PetscMin(s->tolerance, PetscMax(.9 * ratio * ratio, enough));
  }
  s->previous = norm;
  PetscCall(KSPSetTolerances(s->ksp, s->tolerance, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FormJacobian(SNES snes, Vec x, Mat op, Mat assembled, void *context) {
  LhMechanicsSolver s = (LhMechanicsSolver)context;
  LhMechEvaluation evaluation;
  PetscReal norm;

  PetscFunctionBeginUser;
  (void)op, (void)assembled;
  PetscCall(SNESGetFunctionNorm(snes, &norm));
  PetscCall(ForceTolerance(s, norm));
  PetscCall(EvaluateTangent(s, x, NULL, &evaluation));
  if (evaluation.failed > 0) PetscCall(SNESSetJacobianDomainError(snes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BeforeLinear(KSP ksp, Vec b, Vec x, void *context) {
  LhMechanicsSolver s = (LhMechanicsSolver)context;

  PetscFunctionBeginUser;
  (void)ksp, (void)b, (void)x;
  PetscCall(PetscTime(&s->linear_start));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Supports stay where they are prescribed: an iterative solve leaves an error of its tolerance on them that no
/// residual shows.
static PetscErrorCode AfterLinear(KSP ksp, Vec b, Vec x, void *context) {
  LhMechanicsSolver s = (LhMechanicsSolver)context;
  PetscLogDouble now;
  PetscInt iterations;

  PetscFunctionBeginUser;
  (void)b;
  PetscCall(LhMechanicsClearPrescribed(s->mech, x));
  PetscCall(PetscTime(&now));
  PetscCall(KSPGetIterationNumber(ksp, &iterations));
  s->iteration_seconds = (now - s->linear_start) / (double)PetscMax(iterations, 1);
  s->stats.linear_seconds += now - s->linear_start;
  s->stats.krylov += iterations;
  PetscCall(LhMechSolverJudge(s, iterations));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Converged when the unbalanced force is small against the forces that balance at the nodes.
static PetscErrorCode TestConvergence(SNES snes, PetscInt it, PetscReal xnorm, PetscReal snorm,
                                      PetscReal fnorm, SNESConvergedReason *reason, void *context) {
  LhMechanicsSolver s = (LhMechanicsSolver)context;
  PetscReal limit, equilibrium;

  PetscFunctionBeginUser;
  (void)snes, (void)xnorm, (void)snorm;
  if (it == 0) s->first = fnorm;
  limit = Goal(s, &equilibrium);
  if (it < MAX_HISTORY) s->history[it] = fnorm;
  s->num_history = PetscMin(it + 1, MAX_HISTORY);
  *reason = SNES_CONVERGED_ITERATING;
  if (PetscIsInfOrNanReal(fnorm))
    *reason = SNES_DIVERGED_FNORM_NAN;
  else if (fnorm <= limit)
    *reason = SNES_CONVERGED_FNORM_RELATIVE;
  else if (LhPatienceIsOver(&s->patience, it, fnorm, s->spec.patience))
    *reason = SNES_DIVERGED_MAX_IT;
  if (*reason > 0 && fnorm > equilibrium) s->is_short = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BeginLine(void *context, Vec x, Vec y, PetscBool *known) {
  return LhMechanicsBeginLine(((LhMechanicsSolver)context)->mech, x, y, known);
}

static PetscErrorCode FindLineSlope(void *context, PetscReal t, PetscReal *slope) {
  return LhMechanicsGetLineSlope(((LhMechanicsSolver)context)->mech, t, slope);
}

static PetscErrorCode ImproveStep(void *context, Vec x, Vec f, Vec y) {
  return LhMechSolverRelaxFibres((LhMechanicsSolver)context, x, f, y);
}

static PetscErrorCode CreateKrylov(LhMechanicsSolver s) {
  PetscFunctionBeginUser;
  PetscCall(SNESGetKSP(s->snes, &s->ksp));
  PetscCall(KSPSetType(s->ksp, KSPCG));
  PetscCall(KSPSetNormType(s->ksp, KSP_NORM_UNPRECONDITIONED));
  PetscCall(KSPSetTolerances(s->ksp, s->spec.linear_tolerance, 1e-300, PETSC_DEFAULT,
                             s->spec.linear_iterations));
  PetscCall(KSPSetPreSolve(s->ksp, BeforeLinear, s));
  PetscCall(KSPSetPostSolve(s->ksp, AfterLinear, s));
  PetscCall(LhMechSolverConfigure(s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateNewton(LhMechanicsSolver s) {
  static const char *const searches[] = {SNESLINESEARCHBT, SNESLINESEARCHL2, SNESLINESEARCHBASIC};
  SNESLineSearch search;

  PetscFunctionBeginUser;
  PetscCall(SNESCreate(PetscObjectComm((PetscObject)s->x), &s->snes));
  PetscCall(SNESSetOptionsPrefix(s->snes, "mech_"));
  PetscCall(SNESSetType(s->snes, SNESNEWTONLS));
  PetscCall(SNESGetLineSearch(s->snes, &search));
  if (s->spec.line_search == (PetscInt)LH_SEARCH_ENERGY)
    PetscCall(LhEnergySearchConfigure(s->snes, &s->kinks));
  else
    PetscCall(SNESLineSearchSetType(search, searches[s->spec.line_search]));
  PetscCall(SNESSetFunction(s->snes, s->residual, FormFunction, s));
  PetscCall(SNESSetJacobian(s->snes, NULL, NULL, FormJacobian, s));
  // Otherwise SNES asks for a new preconditioner after every Jacobian, whatever LhMechSolverPrecondition() decided.
  PetscCall(SNESSetLagPreconditioner(s->snes, -1));
  PetscCall(SNESSetConvergenceTest(s->snes, TestConvergence, s, NULL));
  PetscCall(SNESSetTolerances(s->snes, 0., 0., 0., s->spec.newton_iterations, PETSC_MAX_INT));
  PetscCall(CreateKrylov(s));
  PetscCall(SNESSetFromOptions(s->snes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverCreate(LhMechanics mechanics, const LhMechanicsSolverSpec *spec,
                                       LhMechanicsSolver *solver) {
  LhMechanicsSolver s;
  LhMechBorder border;
  PetscReal unit_force;
  Vec u;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&s));
  s->mech = mechanics;
  s->spec = *spec;
  s->preset = spec->preconditioner;
  s->stale = PETSC_TRUE;
  PetscCall(LhMechanicsSetUp(mechanics));
  PetscCall(LhMechanicsGetBorder(mechanics, &border));
  s->is_bordered = border.used;
  PetscCall(LhMechanicsGetDisplacement(mechanics, &u));
  PetscCall(LhMechanicsGetUnitForce(mechanics, &unit_force));
  s->force_floor = unit_force * spec->stress_floor;
  PetscCall(VecDuplicate(u, &s->x));
  PetscCall(VecDuplicate(u, &s->residual));
  PetscCall(VecDuplicate(u, &s->lift));
  PetscCall(VecDuplicate(u, &s->reaction));
  PetscCall(VecDuplicate(u, &s->rhs));
  PetscCall(VecDuplicate(u, &s->step));
  s->kinks =
      (LhKinks){.context = s, .improve = ImproveStep, .begin = BeginLine, .slope = FindLineSlope};
  PetscCall(CreateNewton(s));
  *solver = s;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverDestroy(LhMechanicsSolver *solver) {
  LhMechanicsSolver s = *solver;

  PetscFunctionBeginUser;
  if (!s) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(SNESDestroy(&s->snes));
  PetscCall(MatDestroy(&s->product));
  PetscCall(VecDestroy(&s->x));
  PetscCall(VecDestroy(&s->residual));
  PetscCall(VecDestroy(&s->lift));
  PetscCall(VecDestroy(&s->reaction));
  PetscCall(VecDestroy(&s->rhs));
  PetscCall(VecDestroy(&s->step));
  PetscCall(LhFibreSearchDestroy(&s->fibre_search));
  PetscCall(PetscFree(*solver));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One linear step that carries changed supports into the body before Newton starts:
/// K du = -(r + K lift), x += lift + du. Without it only the outer layer of cells would be strained.
static PetscErrorCode Predict(LhMechanicsSolver s, LhMechReason *reason) {
  const PetscReal rounding = 1e-13;
  PetscReal norm;
  LhMechEvaluation evaluation;
  KSPConvergedReason converged;

  PetscFunctionBeginUser;
  PetscCall(EvaluateResidual(s, s->x, s->residual));
  PetscCall(EvaluateTangent(s, s->x, s->lift, &evaluation));
  if (s->evaluation.failed > 0 || evaluation.failed > 0) {
    *reason = LH_MECH_FAILED_LAW;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(VecWAXPY(s->rhs, 1., s->residual, s->reaction));
  PetscCall(VecScale(s->rhs, -1.));
  PetscCall(VecNorm(s->rhs, NORM_2, &norm));
  if (norm <= rounding * (s->evaluation.scale + evaluation.scale) + s->force_floor) {
    PetscCall(VecZeroEntries(s->residual));  // a homogeneous body: the lift is the answer
  } else {
    s->tolerance = s->spec.linear_tolerance;
    s->previous = norm;
    PetscCall(KSPSetTolerances(s->ksp, s->tolerance, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT));
    PetscCall(KSPSolve(s->ksp, s->rhs, s->residual));
    PetscCall(KSPGetConvergedReason(s->ksp, &converged));
    if (converged < 0) *reason = LH_MECH_FAILED_LINEAR;
  }
  PetscCall(VecAXPY(s->x, 1., s->lift));
  PetscCall(LhBearableStep(s->mech, s->x, s->residual, s->rhs, &s->stats.residuals));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static LhMechReason ReasonOf(SNESConvergedReason converged, PetscBool law_failed) {
  if (converged > 0) return LH_MECH_SOLVED;
  if (law_failed || converged == SNES_DIVERGED_FUNCTION_DOMAIN ||
      converged == SNES_DIVERGED_FNORM_NAN || converged == SNES_DIVERGED_JACOBIAN_DOMAIN) {
    return LH_MECH_FAILED_LAW;
  }
  return converged == SNES_DIVERGED_LINEAR_SOLVE ? LH_MECH_FAILED_LINEAR : LH_MECH_FAILED_NEWTON;
}

/// Goes on as in the last part, x += r step with r from the prescribed entries, unless they turn back. At rest the
/// tangent of a plastic body is elastic: the linear step alone would overshoot the yield stress every time.
static PetscErrorCode Extrapolate(LhMechanicsSolver s, PetscBool *changed) {
  PetscScalar along;

  PetscFunctionBeginUser;
  if (s->step_square <= 0.) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(VecDot(s->lift, s->step, &along));
  if (PetscRealPart(along) <= 0.) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(VecAXPY(s->x, along / s->step_square, s->step));
  PetscCall(LhMechanicsGetLift(s->mech, s->x, s->lift, changed));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Makes the solution the displacement and remembers how it was reached.
static PetscErrorCode KeepPart(LhMechanicsSolver s, PetscReal square, Vec u) {
  PetscFunctionBeginUser;
  PetscCall(VecWAXPY(s->step, -1., u, s->x));
  s->step_square = square;
  PetscCall(VecCopy(s->x, u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode TryPart(LhMechanicsSolver s, LhMechReason *reason) {
  SNESConvergedReason converged;
  PetscBool changed;
  PetscInt iterations;
  PetscReal length;
  Vec u;

  PetscFunctionBeginUser;
  *reason = LH_MECH_SOLVED;
  s->previous = 0.;
  PetscCall(LhMechanicsGetDisplacement(s->mech, &u));
  PetscCall(VecCopy(u, s->x));
  PetscCall(LhMechanicsGetLift(s->mech, u, s->lift, &changed));
  PetscCall(VecNorm(s->lift, NORM_2, &length));
  if (changed) PetscCall(Extrapolate(s, &changed));
  if (changed)
    PetscCall(Predict(s, reason));
  else
    PetscCall(VecAXPY(s->x, 1., s->lift));
  if (*reason != LH_MECH_SOLVED) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(SNESSolve(s->snes, NULL, s->x));
  PetscCall(SNESGetConvergedReason(s->snes, &converged));
  PetscCall(SNESGetIterationNumber(s->snes, &iterations));
  s->stats.newton += iterations;
  *reason = ReasonOf(converged, s->evaluation.failed > 0 ? PETSC_TRUE : PETSC_FALSE);
  if (*reason == LH_MECH_SOLVED) PetscCall(KeepPart(s, length * length, u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A failed linear solve is tried again with a new preconditioner for every tangent, with GMRES besides, then with the
/// plain preset in place of a special one: a shorter step would give a flowing body another answer.
static PetscErrorCode SolvePart(LhMechanicsSolver s, double to, double dt, LhMechReason *reason) {
  PetscFunctionBeginUser;
  s->stats.parts++;
  PetscCall(LhMechanicsSetPart(s->mech, to, dt));
  PetscCall(TryPart(s, reason));
  for (int attempt = 0; attempt < 3 && *reason == LH_MECH_FAILED_LINEAR; attempt++) {
    if (attempt == 2) {
      if (!LhMechPreconditionerIsSpecial(s->preset)) break;
      PetscCall(LhMechSolverReplace(s, LH_MECH_PRESET_PLAIN));
      s->note =
          "mechanics: linear solves failed with this preconditioner, `amg` takes its place; its "
          "matrix "
          "in double precision takes memory";
    }
    s->renewing = PETSC_TRUE;
    s->cautious = attempt > 0 ? PETSC_TRUE : PETSC_FALSE;
    PetscCall(TryPart(s, reason));
    s->renewing = s->cautious = PETSC_FALSE;
    s->stale = PETSC_TRUE;
  }
  if (*reason != LH_MECH_SOLVED) s->stats.failures++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Explain(LhMechanicsSolver s, LhMechReason reason, double from, double share,
                              double dt) {
  static const char *const what[] = {
      [LH_MECH_SOLVED] = "no failure",
      [LH_MECH_FAILED_LAW] = "a cell inverted or a material law had no solution",
      [LH_MECH_FAILED_NEWTON] = "Newton's method found no equilibrium",
      [LH_MECH_FAILED_LINEAR] = "the linear solver did not converge"};

  PetscFunctionBeginUser;
  PetscCall(PetscSNPrintf(s->text, sizeof(s->text),
                          "mechanics: %s in %" PetscInt_FMT
                          " points after %.3g %% of a step of %g s, even for a "
                          "part of %.3g %% of it",
                          what[reason], s->evaluation.failed, 100. * from, dt, 100. * share));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverSolve(LhMechanicsSolver s, double dt, LhMechReason *reason) {
  PetscInt halvings = 0, successes = 0;
  double done = 0.;

  PetscFunctionBeginUser;
  s->stats.solves++;
  s->is_short = PETSC_FALSE;
  while (done < 1.) {
    const double share = PetscMin(1. / (double)(1 << halvings), 1. - done);

    PetscCall(SolvePart(s, done + share, share * dt, reason));
    if (*reason != LH_MECH_SOLVED && halvings >= s->spec.halvings) {
      PetscCall(Explain(s, *reason, done, share, dt));
      PetscCall(LhMechanicsReject(s->mech));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    if (*reason != LH_MECH_SOLVED) {
      halvings++;
      successes = 0;
      continue;
    }
    done += share;
    successes++;
    if (done < 1.) PetscCall(LhMechanicsAdvance(s->mech));
    if (halvings > 0 && successes % 2 == 0) halvings--;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverSetShare(LhMechanicsSolver s, PetscReal share) {
  PetscFunctionBeginUser;
  s->share = share;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverIsShort(LhMechanicsSolver s, PetscBool *is_short) {
  PetscFunctionBeginUser;
  *is_short = s->is_short;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverForget(LhMechanicsSolver s, const LhMechanicsSolverStats *stats) {
  PetscFunctionBeginUser;
  PetscCall(LhMechSolverReplace(s, s->spec.preconditioner));
  s->fresh = PETSC_FALSE;
  s->previous = s->per_digit = s->excess = s->step_square = 0.;
  if (stats) s->stats = *stats;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverGetText(LhMechanicsSolver s, const char **text) {
  PetscFunctionBeginUser;
  *text = s->text;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverTakeNote(LhMechanicsSolver s, const char **note) {
  PetscFunctionBeginUser;
  *note = s->note ? s->note : "";
  s->note = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverGetStats(LhMechanicsSolver s, LhMechanicsSolverStats *stats) {
  PetscFunctionBeginUser;
  *stats = s->stats;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverGetHistory(LhMechanicsSolver s, PetscInt *n,
                                           const PetscReal **norms) {
  PetscFunctionBeginUser;
  *n = s->num_history;
  *norms = s->history;
  PetscFunctionReturn(PETSC_SUCCESS);
}
