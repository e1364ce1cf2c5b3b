/// @file
/// Equal steps of implicit Euler with Newton's method, for comparisons with other codes: nothing judges a step's error.
/// Owns two vectors where IDA holds eighteen (docs/decisions/0030).
///
/// y = y0 + h ydot with F(t + h, y, ydot) = 0; Newton's method begins at y0 + h times the last rates, renews its
/// matrix at each iterate and ends as IDA's does, by the size of its steps and how fast they shrink.
#include "solve/electrochem_solver_private.h"

/// Iterations of a step; slowest shrinking of its steps [1]; what an iteration without a rate counts for [1].
#define MOST_ITERATIONS 15
#define SLOWEST         0.9
#define UNKNOWN_RATE    20.
/// A limit is met this close in time, of the step, or in value, of the change in the step [1]; or after so many trials.
#define CLOSE       1e-10
#define MOST_TRIALS 40

typedef struct {
  Vec start, residual;  ///< residual: with its sign changed and solved for, the change of the state
  PetscReal limit[LH_EC_MAX_LIMITS];  ///< values at the start of the step
  PetscReal last;                     ///< length of the last step [s]
} Euler;

static PetscErrorCode Create(LhEcSolver s) {
  Euler *euler;

  PetscFunctionBegin;
  PetscCall(PetscNew(&euler));
  s->data = euler;
  PetscCall(VecDuplicate(s->y, &euler->start));
  PetscCall(VecDuplicate(s->y, &euler->residual));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(LhEcSolver s) {
  Euler *euler = s->data;

  PetscFunctionBegin;
  PetscCall(VecDestroy(&euler->start));
  PetscCall(VecDestroy(&euler->residual));
  PetscCall(PetscFree(euler));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Stats(LhEcSolver s, LhEcSolverStats *stats) {
  PetscFunctionBegin;
  stats->order = 1;
  stats->step = ((Euler *)s->data)->last;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The first step is as long as all others.
static PetscErrorCode Start(LhEcSolver s) {
  PetscFunctionBegin;
  s->next = s->spec.fixed_step;
  PetscCall(LhEcSolverReadLimits(s, s->y, ((Euler *)s->data)->limit));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// sqrt(sum (v / (rtol |y| + atol))^2 / n) over entries in use.
static PetscErrorCode Norm(LhEcSolver s, Vec v, PetscReal *norm) {
  const PetscScalar *y, *atol, *a;
  PetscReal sum = 0;
  PetscInt n, size;

  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(v, &n));
  PetscCall(VecGetSize(v, &size));
  PetscCall(VecGetArrayRead(s->y, &y));
  PetscCall(VecGetArrayRead(s->atol, &atol));
  PetscCall(VecGetArrayRead(v, &a));
  for (PetscInt i = 0; i < n; i++) {
    const PetscReal x = a[i] / (s->spec.rtol * PetscAbsScalar(y[i]) + atol[i]);
    sum += x * x;
  }
  PetscCall(VecRestoreArrayRead(v, &a));
  PetscCall(VecRestoreArrayRead(s->atol, &atol));
  PetscCall(VecRestoreArrayRead(s->y, &y));
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPIU_REAL, MPIU_SUM, PetscObjectComm((PetscObject)v)));
  *norm = s->share * PetscSqrtReal(sum / size);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One iteration at the end of a step of length h; `*size` is what it changed.
static PetscErrorCode Iterate(LhEcSolver s, PetscReal h, PetscReal *size, PetscBool *ok) {
  Euler *euler = s->data;

  PetscFunctionBegin;
  PetscCall(VecWAXPY(s->ydot, -1, euler->start, s->y));
  PetscCall(VecScale(s->ydot, 1 / h));
  PetscCall(LhEcSolverResidual(s, s->t + h, s->y, s->ydot, euler->residual, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhEcSolverJacobian(s, s->t + h, 1 / h, s->y, s->ydot));
  PetscCall(LhEcSolverSetUpOperators(s));
  PetscCall(VecScale(euler->residual, -1));
  PetscCall(LhEcSolverSolve(s, euler->residual, euler->residual, ok));
  s->stats.newton++;
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(Norm(s, euler->residual, size));
  PetscCall(VecAXPY(s->y, 1, euler->residual));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// y at t + h from a guess; ydot too. `*ok` false: no convergence.
static PetscErrorCode Advance(LhEcSolver s, PetscReal h, PetscBool *ok) {
  const PetscReal tolerance = s->spec.newton_coefficient;
  PetscReal size = 0, first = 0, factor = UNKNOWN_RATE;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < MOST_ITERATIONS; k++) {
    PetscCall(Iterate(s, h, &size, ok));
    if (!*ok) break;
    if (k == 0) {
      first = size;
    } else {
      const PetscReal rate = PetscPowReal(size / first, 1. / (PetscReal)k);

      *ok = rate <= SLOWEST ? PETSC_TRUE : PETSC_FALSE;
      if (!*ok) break;
      factor = rate / (1 - rate);
    }
    if (factor * size > tolerance && !(k == 0 && size <= 1e-4 * tolerance)) continue;
    PetscCall(VecWAXPY(s->ydot, -1, ((Euler *)s->data)->start, s->y));
    PetscCall(VecScale(s->ydot, 1 / h));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *ok = PETSC_FALSE;
  s->stats.newton_failures++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The last good state, with rates that are not known.
static PetscErrorCode Fail(LhEcSolver s, PetscReal h, LhStretch *result) {
  PetscFunctionBegin;
  PetscCall(VecCopy(((Euler *)s->data)->start, s->y));
  PetscCall(VecZeroEntries(s->ydot));
  *result = LH_STRETCH_FAILED;
  PetscCall(PetscSNPrintf(s->sentence, sizeof(s->sentence),
                          "time integration stopped at t = %.8g s: Newton's method did not "
                          "converge in a step of %.4g s; last good state kept. Try a shorter "
                          "numerics.electrochemistry.fixed_step, or none.",
                          (double)s->t, (double)h));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Index of a limit crossed between two sets of values, in its direction; -1: none.
static PetscInt Crossed(const LhEcSolver s, const PetscReal before[], const PetscReal after[]) {
  for (PetscInt i = 0; i < s->num_limits; i++) {
    const PetscBool rises = before[i] < 0 && after[i] >= 0 ? PETSC_TRUE : PETSC_FALSE;
    const PetscBool falls = before[i] > 0 && after[i] <= 0 ? PETSC_TRUE : PETSC_FALSE;

    if ((rises && s->limits[i].direction >= 0) || (falls && s->limits[i].direction <= 0)) return i;
  }
  return -1;
}

/// y again at t + h, from where the last trial led.
static PetscErrorCode Again(LhEcSolver s, PetscReal h, PetscReal g[], PetscBool *ok) {
  PetscFunctionBegin;
  PetscCall(VecWAXPY(s->y, h, s->ydot, ((Euler *)s->data)->start));
  PetscCall(Advance(s, h, ok));
  if (*ok) PetscCall(LhEcSolverReadLimits(s, s->y, g));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Shortens the step to where limit `*which` is met: false position between steps too short and long enough, with the share of
/// an end that stays halved (the Illinois method). `g`: values at `*h`, and at the end.
static PetscErrorCode FindLimit(LhEcSolver s, PetscReal *h, PetscReal g[], PetscInt *which,
                                PetscBool *ok) {
  const Euler *euler = s->data;
  PetscReal low = 0, high = *h, below[LH_EC_MAX_LIMITS], at_low, at_high;
  const PetscReal close = CLOSE * *h,
                  small = CLOSE * PetscAbsReal(g[*which] - euler->limit[*which]);
  int side = 0;

  PetscFunctionBegin;
  PetscCall(PetscArraycpy(below, euler->limit, s->num_limits));
  at_low = below[*which];
  at_high = g[*which];
  for (PetscInt k = 0; k < MOST_TRIALS && high - low > close && PetscAbsReal(g[*which]) > small;
       k++) {
    const PetscReal share = at_low / (at_low - at_high);
    const PetscInt before = *which;
    PetscInt crossed;

    *h = low + PetscMin(PetscMax(share, 1e-3), 1 - 1e-3) * (high - low);
    PetscCall(Again(s, *h, g, ok));
    if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
    crossed = Crossed(s, below, g);
    if (crossed >= 0) *which = crossed;
    if (*which != before) side = 0;
    if (crossed >= 0) {
      if (side == 1) at_low /= 2;
      if (*which != before) at_low = below[*which];
      high = *h;
      at_high = g[*which];
      side = 1;
    } else {
      if (side == -1) at_high /= 2;
      low = *h;
      PetscCall(PetscArraycpy(below, g, s->num_limits));
      at_low = g[*which];
      side = -1;
    }
  }
  if (*h < high && PetscAbsReal(g[*which]) > small) {
    *h = high;
    PetscCall(Again(s, *h, g, ok));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Step(LhEcSolver s, PetscReal end, LhStretch *result, PetscInt *which) {
  const PetscReal rounding = 1e-9;
  Euler *euler = s->data;
  PetscReal h = s->spec.fixed_step, g[LH_EC_MAX_LIMITS];
  PetscBool ok, last;
  PetscInt crossed;

  PetscFunctionBegin;
  last = end - s->t <= h * (1 + rounding) ? PETSC_TRUE : PETSC_FALSE;
  if (last) h = end - s->t;
  PetscCall(VecCopy(s->y, euler->start));
  PetscCall(Again(s, h, g, &ok));
  crossed = ok ? Crossed(s, euler->limit, g) : -1;
  if (crossed >= 0) PetscCall(FindLimit(s, &h, g, &crossed, &ok));
  if (!ok) {
    PetscCall(Fail(s, h, result));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  s->t = last && crossed < 0 ? end : s->t + h;
  s->stats.steps++;
  euler->last = h;
  PetscCall(PetscArraycpy(euler->limit, g, s->num_limits));
  *result = last ? LH_STRETCH_END : LH_STRETCH_STEP;
  if (crossed < 0) PetscFunctionReturn(PETSC_SUCCESS);
  *result = LH_STRETCH_LIMIT;
  *which = crossed;
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhEcIntegrator lh_ec_euler = {Create, Destroy, Start, Step, Stats};
