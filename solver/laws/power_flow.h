/// @file
/// Power-law flow of an elliptic potential: the return map that creep, porous lithium and foams share.
///
/// With mean and equivalent stress p, q (tension positive) and the log strains of hencky.h,
///   s^2 = a q^2 + b p^2,   D^p = edot ds/dsigma,   edot = edot0 (s / R)^(1/m).
/// Backward Euler with Delta = dt edot / s gives both stresses in closed form,
///   q = 3 G gamma / (1 + 3 G a Delta),   p = K theta / (1 + K b Delta),
/// so one scalar equation is left, ln s - ln R = m ln[dt edot / (dt edot0)], solved in ln Delta. It is
/// monotone there and nearly linear on both sides (elastic: slope -m, flowing: slope -1): Newton with
/// a bracket converges for any trial stress, dt and m. R may harden with the strain of the step.
#pragma once

#include "laws/hencky.h"

typedef struct {
  double exponent;                   ///< rate sensitivity m, 1 / (power-law exponent) [1]
  double bulk[LH_BATCH];             ///< K at the end of the step [Pa]
  double shear[LH_BATCH];            ///< G at the end of the step [Pa]
  double a[LH_BATCH], b[LH_BATCH];   ///< weights of the potential, a > 0, b >= 0 [1]
  double log_reach[LH_BATCH];        ///< ln(dt edot0): log of the strain of a step at s = R
  double log_resistance[LH_BATCH];   ///< ln(R / Pa), before hardening
  double dlog_modulus[LH_BATCH];     ///< dln K / dtheta = dln G / dtheta, through J [1]
  double dlog_resistance[LH_BATCH];  ///< dln R / dtheta, through J [1]
  double volume[LH_BATCH];  ///< Kirchhoff stress / stress of the law: 1, or J for Cauchy stress
  double dlog_volume;       ///< 0 or 1 accordingly
} LhPowerFlow;

/// Hardening in the step: from ln of its strain to ln R and dln R / dln strain. Called repeatedly;
/// a lane that is asked twice with the same strain must answer the same.
typedef struct {
  void (*evaluate)(void *context, const double log_strain[LH_BATCH],
                   double log_resistance[LH_BATCH], double slope[LH_BATCH]);
  void *context;
} LhHardening;

/// ln(dt edot0) that stays finite for dt = 0 (elastic) and edot0 = 0.
double LhLogReach(double dt, double rate);
/// `hardening` may be NULL. `strain` is dt edot of the step [1].
void LhPowerFlowReturn(const LhPowerFlow *flow, const LhHardening *hardening, const LhTrial *trial,
                       LhReturn *out, double strain[LH_BATCH]);
