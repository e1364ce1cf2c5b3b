/// @file
/// Finite-strain isotropic elasto-(visco-)plasticity in logarithmic strains: what all laws share.
///
/// Kinematics (docs/theory/mechanics.md, M5 and M6): F = Fe Fp. The plastic metric
/// Cp^-1 = Fp^-1 Fp^-T of the last step gives the trial b_e = F Cp^-1 F^T, whose spectral
/// decomposition sum_a x_a n_a (x) n_a gives the principal trial log strains
/// eps_a = ln(x_a) / 2. The exponential map turns backward Euler into an update of eps that reads like
/// small strain (Weber and Anand 1990; Simo 1992). Then
///   P = sum_a tau_a n_a (x) g_a,  g_a = F^-1 n_a,   Cp^-1_new = sum_a exp(2 eps_e,a) g_a (x) g_a.
///
/// A law sees only the two strain invariants (its elasticity and flow do not depend on the third),
///   theta = tr eps,   gamma = sqrt(2/3 e:e),   e = dev eps,
/// and answers with mean and equivalent Kirchhoff stress, p and q = 3/2 shear gamma, where
///   tau = p 1 + shear e.
/// Deviatoric flow is coaxial with e, hence `shear` is a scalar and the tangent needs no divided
/// difference of stresses: it is exact for equal and for nearly equal stretches.
#pragma once

#include "laws/mech_law.h"

#define LH_HENCKY_STATE \
  6  ///< Cp^-1 comes first in the state, the law's internal variables after it
#define LH_HENCKY_STATE_NAMES                                                         \
  "plastic_metric_xx", "plastic_metric_yy", "plastic_metric_zz", "plastic_metric_yz", \
      "plastic_metric_xz", "plastic_metric_xy"
#define LH_HENCKY_STATE_UNITS "1", "1", "1", "1", "1", "1"

/// What a return map sees of the trial state.
typedef struct {
  const LhMechInput *in;
  double theta[LH_BATCH];  ///< trial elastic volumetric log strain [1]
  double gamma[LH_BATCH];  ///< trial elastic equivalent log strain, >= 0 [1]
  double J[LH_BATCH];      ///< det F [1]
} LhTrial;

/// What it returns. Derivatives are at fixed old state, so J follows theta: dJ/dtheta = J.
typedef struct {
  double p[LH_BATCH];                               ///< mean Kirchhoff stress [Pa]
  double shear[LH_BATCH];                           ///< secant modulus 2/3 q / gamma [Pa]
  double dp_dtheta[LH_BATCH], dp_dgamma[LH_BATCH];  ///< [Pa]
  double dq_dtheta[LH_BATCH], dq_dgamma[LH_BATCH];  ///< [Pa]
  double vol_ratio[LH_BATCH];    ///< elastic / trial volumetric strain, 1 = no volumetric flow [1]
  double dev_ratio[LH_BATCH];    ///< elastic / trial deviatoric strain, 1 = no deviatoric flow [1]
  double dissipation[LH_BATCH];  ///< plastic work in the step [J/m^3]
  double failed[LH_BATCH];       ///< 1 where there is no solution
} LhReturn;

/// The return map of a law. `old` and `now` are its internal variables alone; all members of `out` but
/// `failed` must be set.
typedef struct {
  void (*map)(const void *params, const LhTrial *trial, const double (*old)[LH_BATCH],
              double (*now)[LH_BATCH], LhReturn *out);
  PetscInt num_internal;  ///< internal variables after Cp^-1
} LhReturnMap;

/// Bulk and shear modulus.
static inline double LhBulkModulus(double E, double nu) {
  return E / (3 * (1 - 2 * nu));
}
static inline double LhShearModulus(double E, double nu) {
  return E / (2 * (1 + nu));
}

/// Cp^-1 = 1.
void LhHenckyInit(double (*state)[LH_BATCH]);
/// The `update` of a law: kinematics, return map, stress, state and, if asked for, tangent. A lane
/// without solution, or with det F <= 0 or not finite, is marked in out->failed; its state stays as
/// it was and its results are zero.
void LhHenckyUpdate(const LhReturnMap *map, const void *params, const LhMechInput *in,
                    const double (*old)[LH_BATCH], double (*now)[LH_BATCH], PetscBool tangent,
                    LhMechOutput *out);
