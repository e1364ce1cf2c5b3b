/// @file
/// The line search of energy_search.h as a shell of PETSc's. Never looks into the problem.
#include "solve/energy_search.h"

#define SLACK       0.25  ///< of the slope at the start, at which a point is near enough to the minimum
#define MAX_HALVES  10   ///< of a step that leads where no law has a solution
#define MAX_POINTS  8    ///< after the full step
#define ROOT_HALVES 30   ///< of the interval, for the root of a model
#define LEAST_SHARE 0.1  ///< of the interval, by which each point shortens it from either end

typedef struct {
  SNES snes;
  const LhKinks *kinks;
  PetscBool known;  ///< whether they say something
  Vec x, f, y, w, g;
  PetscReal start;        ///< slope at the start
  PetscReal norm, slope;  ///< at the last point; norm is infinite where a law failed
} Search;

/// Residual and slope at x - lambda y.
static PetscErrorCode Evaluate(Search *s, PetscReal lambda) {
  PetscScalar slope;

  PetscFunctionBeginUser;
  PetscCall(VecWAXPY(s->w, -lambda, s->y, s->x));
  PetscCall(SNESComputeFunction(s->snes, s->w, s->g));
  PetscCall(VecNorm(s->g, NORM_2, &s->norm));
  PetscCall(VecDot(s->g, s->y, &slope));
  s->slope = PetscRealPart(slope);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool IsNear(const Search *s) {
  return PetscAbsReal(s->slope) <= SLACK * s->start ? PETSC_TRUE : PETSC_FALSE;
}

/// An interval in which the slope changes its sign, and the slopes at its ends.
typedef struct {
  PetscReal low, high, at_low, at_high;
} Interval;

/// Root of the kinks' slope and a linear rest; the kinks are known to the last digit, the rest at the ends.
static PetscErrorCode FindRoot(const Search *s, const Interval *in, PetscReal *lambda) {
  const LhKinks *kinks = s->kinks;
  PetscReal low = in->low, high = in->high, kink_low, kink_high, rest, rise;

  PetscFunctionBeginUser;
  PetscCall(kinks->slope(kinks->context, low, &kink_low));
  PetscCall(kinks->slope(kinks->context, high, &kink_high));
  rest = in->at_low - kink_low;
  rise = (in->at_high - kink_high - rest) / (high - low);
  for (int half = 0; half < ROOT_HALVES; half++) {
    PetscReal kink;

    *lambda = .5 * (low + high);
    PetscCall(kinks->slope(kinks->context, *lambda, &kink));
    if (kink + rest + rise * (*lambda - in->low) > 0.)
      low = *lambda;
    else
      high = *lambda;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ChoosePoint(const Search *s, const Interval *in, PetscBool plain,
                                  PetscReal *lambda) {
  const PetscReal share =
      PetscMin(PetscMax(in->at_low / (in->at_low - in->at_high), LEAST_SHARE), 1. - LEAST_SHARE);

  PetscFunctionBeginUser;
  *lambda = in->low + share * (in->high - in->low);
  if (s->known && !plain) PetscCall(FindRoot(s, in, lambda));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Between 0, where the energy falls, and `high`, where it rises.
static PetscErrorCode Enclose(Search *s, PetscReal high) {
  Interval in = {0., high, s->start, s->slope};
  PetscBool failed = PETSC_FALSE;  // whether a law failed at the high end
  int last = 0;                    // side that moved last

  PetscFunctionBeginUser;
  if (s->kinks) PetscCall(s->kinks->begin(s->kinks->context, s->x, s->y, &s->known));
  for (int point = 0; point < MAX_POINTS && !IsNear(s); point++) {
    PetscReal lambda;
    int side;

    PetscCall(ChoosePoint(s, &in, failed, &lambda));
    PetscCall(Evaluate(s, lambda));
    side = PetscIsInfOrNanReal(s->norm) || s->slope < 0. ? 1 : -1;
    if (side > 0) {
      failed = PetscIsInfOrNanReal(s->norm);
      in.high = lambda;
      in.at_high = failed ? -in.at_low : s->slope;
      if (last == side && !s->known) in.at_low *= .5;
    } else {
      in.low = lambda;
      in.at_low = s->slope;
      if (last == side && !s->known) in.at_high *= .5;
    }
    last = side;
  }
  if (PetscIsInfOrNanReal(s->norm))
    PetscCall(Evaluate(s, in.low > 0. ? in.low : LEAST_SHARE * in.high));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Apply(SNESLineSearch search, void *context) {
  Search s;
  PetscReal x_norm, y_norm, lambda = 1.;
  PetscScalar start;

  PetscFunctionBeginUser;
  s.kinks = context;
  s.known = PETSC_FALSE;
  PetscCall(SNESLineSearchGetSNES(search, &s.snes));
  PetscCall(SNESLineSearchGetVecs(search, &s.x, &s.f, &s.y, &s.w, &s.g));
  if (s.kinks && s.kinks->improve) PetscCall(s.kinks->improve(s.kinks->context, s.x, s.f, s.y));
  PetscCall(VecDot(s.f, s.y, &start));
  s.start = PetscRealPart(start);
  PetscCall(Evaluate(&s, lambda));
  for (int half = 0; half < MAX_HALVES && PetscIsInfOrNanReal(s.norm); half++) {
    lambda *= .5;
    PetscCall(Evaluate(&s, lambda));
  }
  // Along a direction of negative stiffness there is no minimum to be found.
  if (s.start > 0. && s.slope < 0.) PetscCall(Enclose(&s, lambda));
  PetscCall(VecCopy(s.w, s.x));
  PetscCall(VecCopy(s.g, s.f));
  PetscCall(VecNorm(s.x, NORM_2, &x_norm));
  PetscCall(VecNorm(s.y, NORM_2, &y_norm));
  PetscCall(SNESLineSearchSetNorms(search, x_norm, s.norm, y_norm));
  PetscCall(SNESLineSearchSetReason(search, PetscIsInfOrNanReal(s.norm)
                                                ? SNES_LINESEARCH_FAILED_NANORINF
                                                : SNES_LINESEARCH_SUCCEEDED));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEnergySearchConfigure(SNES snes, LhKinks *kinks) {
  SNESLineSearch search;

  PetscFunctionBeginUser;
  PetscCall(SNESGetLineSearch(snes, &search));
  PetscCall(SNESLineSearchSetType(search, SNESLINESEARCHSHELL));
  PetscCall(SNESLineSearchShellSetUserFunc(search, Apply, kinks));
  PetscFunctionReturn(PETSC_SUCCESS);
}
