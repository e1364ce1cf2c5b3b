/// @file
/// Line search on the work of the unbalanced forces along a Newton step, for bodies with hinges: fibres that go slack
/// or slip. There a full step jumps from one branch to the other, and a search on the norm of the residual crawls.
///
/// With y the correction, g(l) = r(x - l y) . y is the slope of the energy along it. A full step stands if
/// |g(1)| <= g(0)/4, or if g(1) > 0: the energy still falls. Else the sign has changed and the root is enclosed by the
/// Illinois method until |g| <= g(0)/4. The residual may grow meanwhile: a bound on it lets one hinge that is
/// passed to and fro hold up all others, and a search as coarse as 0.8 was seen to cycle there. Where kinks are told, a
/// point is the root of the kinks' own slope and a line through what else the ends of the interval have. Owns nothing.
#pragma once

#include <petscsnes.h>

#include "base/base.h"

/// The part of g that has kinks, cheap beside the residual: points are chosen where its sum with a linear rest is 0.
typedef struct {
  void *context;
  /// Makes y a better step from x, where the residual is f; NULL: there is none.
  PetscErrorCode (*improve)(void *context, Vec x, Vec f, Vec y);
  /// The line x - t y; `*known` false: nothing to tell.
  PetscErrorCode (*begin)(void *context, Vec x, Vec y, PetscBool *known);
  PetscErrorCode (*slope)(void *context, PetscReal t, PetscReal *slope);
} LhKinks;

/// Makes it the line search of `snes`; `kinks` may be NULL and is borrowed. Collective.
PetscErrorCode LhEnergySearchConfigure(SNES snes, LhKinks *kinks);
