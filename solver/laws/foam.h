/// @file
/// Deshpande-Fleck viscoplastic foam: what the skeleton laws share (Deshpande and Fleck 2000;
/// docs/theory/mechanics.md, M10). In Cauchy stress sigma = tau / J, isotropic in the current state,
///   shat^2 = (q^2 + alpha^2 p^2) / (1 + (alpha/3)^2),   D^p = g0 (shat / Y)^(1/mf) dshat/dsigma.
/// alpha sets the plastic Poisson ratio, nu_p = (1/2 - (alpha/3)^2) / (1 + (alpha/3)^2). E and Y follow the
/// density, hence J = det F at the end of the step, which is known: no further local unknown. Moduli
/// that follow J are not the derivative of an energy: a closed elastic cycle returns its work up to
/// the order (elastic strain)^3, far below what flow dissipates.
#pragma once

#include "laws/power_flow.h"

/// Members every skeleton law's parameter struct carries as its `flow`.
typedef struct {
  double poisson_ratio;         ///< elastic nu [1]
  double pressure_sensitivity;  ///< alpha [1]
  double rate_sensitivity;      ///< mf [1]
  double reference_rate;        ///< g0 [1/s]
} LhFoam;

/// Their rows in the law's table; `T` is the struct with member `foam`.
#define LH_FOAM_ROW(T, member, unit, lo, hi, meaning) \
  { #member, LH_PARAM_REAL, unit, offsetof(T, foam.member), lo, hi, NULL, NULL, meaning }
#define LH_FOAM_ROWS(T)                                                                         \
  LH_FOAM_ROW(T, poisson_ratio, "1", -0.99, 0.4999, "elastic Poisson's ratio nu"),              \
      LH_FOAM_ROW(T, pressure_sensitivity, "1", 1e-3, 3,                                        \
                  "shape alpha of the Deshpande-Fleck ellipse"),                                \
      LH_FOAM_ROW(T, rate_sensitivity, "1", 1e-3, 1, "rate sensitivity mf of the flow stress"), \
      LH_FOAM_ROW(T, reference_rate, "s-1", 1e-30, 1e10, "flow rate g0 at shat = Y")

#define LH_FOAM_STATE_NAMES  LH_HENCKY_STATE_NAMES, "plastic_strain"
#define LH_FOAM_STATE_UNITS  LH_HENCKY_STATE_UNITS, "1"
#define LH_FOAM_NUM_INTERNAL 1  ///< accumulated plastic strain, conjugate to shat

/// Stiffness and strength of the skeleton at the end of the step.
typedef struct {
  double modulus[LH_BATCH];        ///< Young's modulus E [Pa]
  double log_strength[LH_BATCH];   ///< ln(Y / Pa)
  double dlog_modulus[LH_BATCH];   ///< dln E / dtheta, with dJ/dtheta = J [1]
  double dlog_strength[LH_BATCH];  ///< dln Y / dtheta [1]
} LhFoamStrength;

/// Virgin state.
void LhFoamInit(double (*state)[LH_BATCH]);
void LhFoamReturn(const LhFoam *foam, const LhFoamStrength *strength, const LhTrial *trial,
                  const double (*old)[LH_BATCH], double (*now)[LH_BATCH], LhReturn *out);
