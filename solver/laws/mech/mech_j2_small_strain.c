/// @file
/// Von Mises plasticity with linear isotropic hardening in small strains, eps = sym(F) - 1, P = sigma:
/// for comparison with codes and papers that neglect rotations. Radial return is exact (Simo and Hughes
/// 1998, box 3.1). Never for real deformation: the stress does not turn with the material.
#include <math.h>

#include "laws/hencky.h"

typedef struct {
  double youngs_modulus, poisson_ratio, yield_stress, hardening_modulus;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, youngs_modulus, "Pa", 1, 1e13, NULL, "Young's modulus E"),
    LH_ROW_REAL(Params, poisson_ratio, "1", -0.99, 0.4999, NULL, "Poisson's ratio nu"),
    LH_ROW_REAL(Params, yield_stress, "Pa", 1e-3, 1e11, NULL, "initial yield stress Y"),
    LH_ROW_REAL(Params, hardening_modulus, "Pa", 0, 1e13, NULL, "linear hardening modulus H"),
};

static const char *const state_names[] = {"plastic_xx", "plastic_yy", "plastic_zz",    "plastic_yz",
                                          "plastic_xz", "plastic_xy", "plastic_strain"};
static const char *const state_units[] = {"1", "1", "1", "1", "1", "1", "1"};
#define ALPHA 6

typedef struct {
  double n[6][LH_BATCH];      ///< deviatoric trial stress over its equivalent value [1]
  double q_trial[LH_BATCH];   ///< equivalent trial stress [Pa]
  double pressure[LH_BATCH];  ///< mean stress, tension positive [Pa]
  double step[LH_BATCH];      ///< equivalent plastic strain of the step [1]
  double ratio[LH_BATCH];     ///< equivalent stress over trial stress [1]
} Return;

static void InitState(const void *params, double (*state)[LH_BATCH]) {
  (void)params;
  for (int k = 0; k <= ALPHA; k++) {
    LH_LANES(l) state[k][l] = 0.;
  }
}

/// Trial stress, direction of flow and size of the plastic step.
static void ReturnRadially(const Params *p, const LhMechInput *in, const double (*old)[LH_BATCH],
                           Return *r) {
  static const int row[6] = {0, 4, 8, 5, 2, 1}, column[6] = {0, 4, 8, 7, 6, 3};
  const double K = LhBulkModulus(p->youngs_modulus, p->poisson_ratio);
  const double G = LhShearModulus(p->youngs_modulus, p->poisson_ratio);
  const double H = p->hardening_modulus;
  double square[LH_BATCH] = {0.};

  LH_LANES(l) {
    const double trace = in->F[0][l] + in->F[4][l] + in->F[8][l] - 3.;
    r->pressure[l] = K * trace;
    r->q_trial[l] = trace / 3.;  // kept here until the deviator is formed
  }
  for (int k = 0; k < 6; k++) {
    LH_LANES(l) {
      const double mean = k < 3 ? 1. + r->q_trial[l] : 0.;
      const double e = .5 * (in->F[row[k]][l] + in->F[column[k]][l]) - mean - old[k][l];
      r->n[k][l] = 2. * G * e;
      square[l] += (k < 3 ? 1.5 : 3.) * r->n[k][l] * r->n[k][l];
    }
  }
  LH_LANES(l) {
    const double q = sqrt(square[l]), excess = q - (p->yield_stress + H * old[ALPHA][l]);
    const double inverse = q > 0. ? 1. / (q > 0. ? q : 1.) : 0.;
    r->q_trial[l] = q;
    r->step[l] = excess > 0. ? excess / (3. * G + H) : 0.;
    r->ratio[l] = 1. - 3. * G * r->step[l] * inverse;
    for (int k = 0; k < 6; k++) r->n[k][l] *= inverse;
  }
}

/// With n = s / q and slope = dq / dq_trial: C = K 1 x 1 + 2 G ratio I_dev + 3 G (slope - ratio) n x n.
static void FillTangent(const Params *p, const Return *r, LhMechOutput *out) {
  static const int sym[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
  const double K = LhBulkModulus(p->youngs_modulus, p->poisson_ratio);
  const double G = LhShearModulus(p->youngs_modulus, p->poisson_ratio);
  const double flowing = p->hardening_modulus / (3. * G + p->hardening_modulus);

  for (int m = 0; m < 9; m++) {
    for (int n = 0; n < 9; n++) {
      const double one = m % 4 == 0 && n % 4 == 0 ? 1. : 0.;
      const double same = .5 * ((m == n) + (m == 3 * (n % 3) + n / 3)) - one / 3.;

      LH_LANES(l) {
        const double slope = r->step[l] > 0. ? flowing : 1.;
        out->A[m][n][l] = K * one + 2. * G * r->ratio[l] * same +
                          3. * G * (slope - r->ratio[l]) * r->n[sym[m]][l] * r->n[sym[n]][l];
      }
    }
  }
}

/// Inverted or undefined points are refused, as in finite strain: their state stays.
static void Refuse(const LhMechInput *in, double failed[LH_BATCH]) {
  LH_LANES(l) {
    const double J = in->F[0][l] * (in->F[4][l] * in->F[8][l] - in->F[5][l] * in->F[7][l]) -
                     in->F[1][l] * (in->F[3][l] * in->F[8][l] - in->F[5][l] * in->F[6][l]) +
                     in->F[2][l] * (in->F[3][l] * in->F[7][l] - in->F[4][l] * in->F[6][l]);
    failed[l] = J > 0. && J < HUGE_VAL ? 0. : 1.;
  }
}

static void Update(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out) {
  static const int sym[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
  const Params *p = params;
  const double G = LhShearModulus(p->youngs_modulus, p->poisson_ratio);
  Return r;

  Refuse(in, out->failed);
  ReturnRadially(p, in, old, &r);
  for (int m = 0; m < 9; m++) {
    LH_LANES(l) {
      const double P =
          (m % 4 == 0 ? r.pressure[l] : 0.) + r.ratio[l] * r.q_trial[l] * r.n[sym[m]][l];
      out->P[m][l] = out->failed[l] > 0. ? 0. : P;
    }
  }
  for (int k = 0; k < 6; k++) {
    LH_LANES(l) {
      const double q = r.ratio[l] * r.q_trial[l];
      const double volume =
          k < 3 ? r.pressure[l] * (1. - 2. * p->poisson_ratio) / p->youngs_modulus : 0.;
      now[k][l] = old[k][l] + (out->failed[l] > 0. ? 0. : 1.5 * r.step[l] * r.n[k][l]);
      out->elastic_log[k][l] = volume + .5 / G * q * r.n[k][l];
    }
  }
  LH_LANES(l) {
    const double ok = out->failed[l] > 0. ? 0. : 1.;
    now[ALPHA][l] = old[ALPHA][l] + (ok > 0. ? r.step[l] : 0.);
    out->dissipation[l] = ok > 0. ? r.ratio[l] * r.q_trial[l] * r.step[l] : 0.;
  }
  if (tangent) FillTangent(p, &r, out);
}

extern const LhMechLaw lh_mech_j2_small_strain;
const LhMechLaw lh_mech_j2_small_strain = {
    .name = "j2_small_strain",
    .brief = "von Mises plasticity in small strains, for comparison with other codes",
    .small_strain = PETSC_TRUE,
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .num_state = PETSC_STATIC_ARRAY_LENGTH(state_names),
    .state_names = state_names,
    .state_units = state_units,
    .init = InitState,
    .update = Update,
};
