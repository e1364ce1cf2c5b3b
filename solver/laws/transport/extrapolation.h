/// @file
/// How a fitted transport law leaves its data range: concentration levels off smoothly.
#pragma once

#include "laws/exponential.h"

/// ln c at which a fit is evaluated: ln c up to `top`, then top + w (1 - exp(-(ln c - top) / w)),
/// w = 0.2, so at most 22 % above the range; value and slope are continuous. `*slope` = d/d ln c.
static inline double LhLevelOff(double lnc, double top, double *slope) {
  const double w = 0.2;
  const double excess = lnc > top ? lnc - top : 0.;
  double decay;

  LhExpGuarded(-excess / w, &decay);
  *slope = decay;
  return lnc - excess + w * (1. - decay);
}
