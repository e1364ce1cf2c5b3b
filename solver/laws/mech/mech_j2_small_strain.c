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
  double q[LH_BATCH];         ///< equivalent stress at the end of the step [Pa]
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

/// Direction of flow, size of the plastic step and the stress after it. A lane that fails takes no step and has no stress.
static void ReturnRadially(const Params *p, const LhMechInput *in, const double (*old)[LH_BATCH],
                           const double failed[LH_BATCH], Return *r) {
  const double K = LhBulkModulus(p->youngs_modulus, p->poisson_ratio);
  const double G = LhShearModulus(p->youngs_modulus, p->poisson_ratio);
  const double H = p->hardening_modulus, give = 1. / (3. * G + H);  // a division of lanes is dear

  LH_LANES(l) {
    const double ok = failed[l] > 0. ? 0. : 1.;
    const double trace = in->F[0][l] + in->F[4][l] + in->F[8][l] - 3., mean = 1. + trace / 3.;
    const double x = 2. * G * (in->F[0][l] - mean - old[0][l]);
    const double y = 2. * G * (in->F[4][l] - mean - old[1][l]);
    const double z = 2. * G * (in->F[8][l] - mean - old[2][l]);
    const double yz = G * (in->F[5][l] + in->F[7][l] - 2. * old[3][l]);
    const double xz = G * (in->F[2][l] + in->F[6][l] - 2. * old[4][l]);
    const double xy = G * (in->F[1][l] + in->F[3][l] - 2. * old[5][l]);
    const double square = 1.5 * (x * x + y * y + z * z) + 3. * (yz * yz + xz * xz + xy * xy);
    const double q = sqrt(square), inverse = q > 0. ? 1. / (q > 0. ? q : 1.) : 0.;
    const double excess = q - (p->yield_stress + H * old[ALPHA][l]);
    const double step = excess > 0. ? excess * give : 0., ratio = 1. - 3. * G * step * inverse;

    r->n[0][l] = ok > 0. ? x * inverse : 0.;
    r->n[1][l] = ok > 0. ? y * inverse : 0.;
    r->n[2][l] = ok > 0. ? z * inverse : 0.;
    r->n[3][l] = ok > 0. ? yz * inverse : 0.;
    r->n[4][l] = ok > 0. ? xz * inverse : 0.;
    r->n[5][l] = ok > 0. ? xy * inverse : 0.;
    r->step[l] = ok > 0. ? step : 0.;
    r->ratio[l] = ratio;
    r->q[l] = ok > 0. ? ratio * q : 0.;
    r->pressure[l] = ok > 0. ? K * trace : 0.;
  }
}

/// With n = s / q and slope = dq / dq_trial: C = K 1 x 1 + 2 G ratio I_dev + 3 G (slope - ratio) n x n.
static void FillTangent(const Params *p, const Return *r, LhMechOutput *out) {
  const double K = LhBulkModulus(p->youngs_modulus, p->poisson_ratio);
  const double G = LhShearModulus(p->youngs_modulus, p->poisson_ratio);
  const double flowing = p->hardening_modulus / (3. * G + p->hardening_modulus);

  LH_LANES(l) {
    const double flow = 3. * G * ((r->step[l] > 0. ? flowing : 1.) - r->ratio[l]);
    const double shear = G * r->ratio[l], across = K - 2. / 3. * shear;

#pragma GCC unroll 6
    for (int m = 0; m < 6; m++) {
      const double flow_m = flow * r->n[m][l];

#pragma GCC unroll 6
      for (int n = m; n < 6; n++) {
        const double same = m == n ? (m < 3 ? across + 2. * shear : shear) : n < 3 ? across : 0.;
        out->C[LH_MECH_SYMMETRIC_AT(m, n)][l] = same + flow_m * r->n[n][l];
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
  const double half = .5 / LhShearModulus(p->youngs_modulus, p->poisson_ratio);
  const double dilation = (1. - 2. * p->poisson_ratio) / p->youngs_modulus;
  Return r;

  Refuse(in, out->failed);
  ReturnRadially(p, in, old, out->failed, &r);
  LH_LANES(l) {
#pragma GCC unroll 9
    for (int m = 0; m < 9; m++)
      out->P[m][l] = (m % 4 == 0 ? r.pressure[l] : 0.) + r.q[l] * r.n[sym[m]][l];
#pragma GCC unroll 6
    for (int k = 0; k < 6; k++) {
      now[k][l] = old[k][l] + 1.5 * r.step[l] * r.n[k][l];
      out->elastic_log[k][l] = (k < 3 ? r.pressure[l] * dilation : 0.) + half * r.q[l] * r.n[k][l];
    }
    now[ALPHA][l] = old[ALPHA][l] + r.step[l];
    out->dissipation[l] = r.q[l] * r.step[l];
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
