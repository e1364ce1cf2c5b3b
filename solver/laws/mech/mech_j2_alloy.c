/// @file
/// Von Mises plasticity with linear hardening, q <= Y + H alpha, of an alloy whose modulus and yield stress go
/// linearly with its lithium content y: from Zn (y = 0) to LiZn (y = 1). Radial return is exact.
#include <math.h>

#include "laws/hencky.h"

typedef struct {
  double youngs_modulus, poisson_ratio, yield_stress, hardening_modulus, empty_modulus,
      empty_yield_stress;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, youngs_modulus, "Pa", 1, 1e13, NULL, "Young's modulus E at y = 1"),
    LH_ROW_REAL(Params, poisson_ratio, "1", -0.99, 0.4999, NULL, "Poisson's ratio nu"),
    LH_ROW_REAL(Params, yield_stress, "Pa", 1e-3, 1e11, NULL,
                "initial yield stress Y (Kirchhoff) at y = 1"),
    LH_ROW_REAL(Params, hardening_modulus, "Pa", 0, 1e13, NULL, "linear hardening modulus H"),
    LH_ROW_REAL(Params, empty_modulus, "Pa", 1, 1e13, NULL,
                "Young's modulus at y = 0, without lithium"),
    LH_ROW_REAL(Params, empty_yield_stress, "Pa", 1e-3, 1e11, NULL,
                "initial yield stress at y = 0, without lithium"),
};

static const char *const state_names[] = {LH_HENCKY_STATE_NAMES, "plastic_strain"};
static const char *const state_units[] = {LH_HENCKY_STATE_UNITS, "1"};

static void InitState(const void *params, double (*state)[LH_BATCH]) {
  (void)params;
  LhHenckyInit(state);
  LH_LANES(l) state[LH_HENCKY_STATE][l] = 0;
}

static void ReturnRadially(const void *params, const LhTrial *trial, const double (*old)[LH_BATCH],
                           double (*now)[LH_BATCH], LhReturn *out) {
  const Params *p = params;
  const double H = p->hardening_modulus;

  LH_LANES(l) {
    const double y = fmin(fmax(trial->in->field[LH_MECH_ALLOY_CONTENT][l], 0), 1);
    const double E = p->empty_modulus + y * (p->youngs_modulus - p->empty_modulus);
    const double Y = p->empty_yield_stress + y * (p->yield_stress - p->empty_yield_stress);
    const double K = LhBulkModulus(E, p->poisson_ratio), G = LhShearModulus(E, p->poisson_ratio);
    const double q_trial = 3 * G * trial->gamma[l];
    const double excess = q_trial - (Y + H * old[0][l]);
    const int yields = excess > 0;
    const double step = yields ? excess / (3 * G + H) : 0.0;
    const double ratio = yields ? 1 - 3 * G * step / (yields ? q_trial : 1.0) : 1.0;

    out->p[l] = K * trial->theta[l];
    out->shear[l] = 2 * G * ratio;
    out->dp_dtheta[l] = K;
    out->dq_dgamma[l] = yields ? 3 * G * H / (3 * G + H) : 3 * G;
    out->dp_dgamma[l] = out->dq_dtheta[l] = 0;
    out->vol_ratio[l] = 1;
    out->dev_ratio[l] = ratio;
    out->dissipation[l] = ratio * q_trial * step;
    now[0][l] = old[0][l] + step;
  }
}

static void Update(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out) {
  const LhReturnMap map = {ReturnRadially, 1};

  LhHenckyUpdate(&map, params, in, old, now, tangent, out);
}

extern const LhMechLaw lh_mech_j2_alloy;
const LhMechLaw lh_mech_j2_alloy = {
    .name = "j2_alloy",
    .brief = "von Mises plasticity of an alloy, modulus and yield stress linear in its lithium",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .num_state = PETSC_STATIC_ARRAY_LENGTH(state_names),
    .state_names = state_names,
    .state_units = state_units,
    .init = InitState,
    .update = Update,
};
