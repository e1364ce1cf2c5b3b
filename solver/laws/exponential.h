/// @file
/// The exponential of the electrochemical laws: vectorised over lanes and safe for any argument.
///
/// libm's exp() keeps gcc from vectorising a lane loop, and a Newton iterate may ask for exp(1e4).
/// LhExp() is plain arithmetic (2 ulp for |x| < 700). LhExpGuarded() is LhExp() up to
/// LH_EXP_GUARD and its tangent beyond, so that value and slope stay continuous and finite.
#pragma once

#include <string.h>

#include "base/base.h"

#define LH_EXP_GUARD 60.0  ///< 3 V at room temperature and a transfer coefficient of 1/2

/// exp(x) for |x| <= 700. x = n ln 2 + r; Taylor in r; n is added to the exponent bits.
static inline double LhExp(double x) {
  const double shifter = 0x1.8p52;  // adding it leaves rint(.) in the low mantissa bits
  const double shifted = x * 1.4426950408889634074 + shifter;
  const double n = shifted - shifter;
  const double r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;  // Cody, Waite
  double p = 1. / 6227020800.;
  uint64_t exponent, bits;

  p = p * r + 1. / 479001600.;
  p = p * r + 1. / 39916800.;
  p = p * r + 1. / 3628800.;
  p = p * r + 1. / 362880.;
  p = p * r + 1. / 40320.;
  p = p * r + 1. / 5040.;
  p = p * r + 1. / 720.;
  p = p * r + 1. / 120.;
  p = p * r + 1. / 24.;
  p = p * r + 1. / 6.;
  p = p * r + 0.5;
  p = p * (r * r) + r + 1.;
  memcpy(&exponent, &shifted, sizeof(exponent));
  memcpy(&bits, &p, sizeof(bits));
  bits += exponent << 52;
  memcpy(&p, &bits, sizeof(p));
  return p;
}

/// exp(x), continued by its tangent above LH_EXP_GUARD and flat (1e-304) below -700; `*slope` is
/// the derivative of what is returned.
static inline double LhExpGuarded(double x, double *slope) {
  const double inside = x > LH_EXP_GUARD ? LH_EXP_GUARD : (x < -700. ? -700. : x);
  const double e = LhExp(inside);
  const double excess = x > LH_EXP_GUARD ? x - LH_EXP_GUARD : 0.;

  *slope = e;
  return e * (1. + excess);
}
