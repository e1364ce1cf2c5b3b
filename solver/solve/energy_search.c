/// @file
/// The line search of energy_search.h as a shell of PETSc's. Never looks into the problem.
#include "solve/energy_search.h"

#define SLACK       0.25  ///< of the slope at the start, at which a point is near enough to the minimum
#define MAX_HALVES  10   ///< of a step that leads where no law has a solution
#define MAX_POINTS  8    ///< after the full step
#define LEAST_SHARE 0.1  ///< of the interval, by which each point shortens it from either end

typedef struct {
  SNES snes;
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

/// Between 0, where the energy falls, and `high`, where it rises.
static PetscErrorCode Enclose(Search *s, PetscReal high) {
  PetscReal low = 0., at_low = s->start, at_high = s->slope;
  int last = 0;  // side that moved last

  PetscFunctionBeginUser;
  for (int point = 0; point < MAX_POINTS && !IsNear(s); point++) {
    const PetscReal share =
        PetscMin(PetscMax(at_low / (at_low - at_high), LEAST_SHARE), 1. - LEAST_SHARE);
    const PetscReal lambda = low + share * (high - low);
    int side;

    PetscCall(Evaluate(s, lambda));
    side = PetscIsInfOrNanReal(s->norm) || s->slope < 0. ? 1 : -1;
    if (side > 0) {
      high = lambda;
      at_high = PetscIsInfOrNanReal(s->norm) ? -at_low : s->slope;
      if (last == side) at_low *= .5;
    } else {
      low = lambda;
      at_low = s->slope;
      if (last == side) at_high *= .5;
    }
    last = side;
  }
  if (PetscIsInfOrNanReal(s->norm)) PetscCall(Evaluate(s, low > 0. ? low : LEAST_SHARE * high));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Apply(SNESLineSearch search, void *context) {
  Search s;
  PetscReal x_norm, y_norm, lambda = 1.;
  PetscScalar start;

  PetscFunctionBeginUser;
  (void)context;
  PetscCall(SNESLineSearchGetSNES(search, &s.snes));
  PetscCall(SNESLineSearchGetVecs(search, &s.x, &s.f, &s.y, &s.w, &s.g));
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

PetscErrorCode LhEnergySearchConfigure(SNES snes) {
  SNESLineSearch search;

  PetscFunctionBeginUser;
  PetscCall(SNESGetLineSearch(snes, &search));
  PetscCall(SNESLineSearchSetType(search, SNESLINESEARCHSHELL));
  PetscCall(SNESLineSearchShellSetUserFunc(search, Apply, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}
