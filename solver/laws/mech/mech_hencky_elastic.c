/// @file
/// Hencky elasticity: tau = K tr(eps) 1 + 2 G dev(eps) in the spatial log strain eps = ln(b)/2.
/// Hyperelastic; linear in log strain, hence good to moderately large stretches (Anand 1979).
#include "laws/hencky.h"

typedef struct {
  double youngs_modulus, poisson_ratio;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, youngs_modulus, "Pa", 1, 1e13, NULL, "Young's modulus E"),
    LH_ROW_REAL(Params, poisson_ratio, "1", -0.99, 0.4999, NULL, "Poisson's ratio nu"),
};

static const char *const state_names[] = {LH_HENCKY_STATE_NAMES};
static const char *const state_units[] = {LH_HENCKY_STATE_UNITS};

static void InitState(const void *params, double (*state)[LH_BATCH]) {
  (void)params;
  LhHenckyInit(state);
}

static void MapStrain(const void *params, const LhTrial *trial, const double (*old)[LH_BATCH],
                      double (*now)[LH_BATCH], LhReturn *out) {
  const Params *p = params;
  const double K = LhBulkModulus(p->youngs_modulus, p->poisson_ratio);
  const double G = LhShearModulus(p->youngs_modulus, p->poisson_ratio);

  (void)old;
  (void)now;
  LH_LANES(l) {
    out->p[l] = K * trial->theta[l];
    out->shear[l] = 2 * G;
    out->dp_dtheta[l] = K;
    out->dq_dgamma[l] = 3 * G;
    out->dp_dgamma[l] = out->dq_dtheta[l] = 0;
    out->vol_ratio[l] = out->dev_ratio[l] = 1;
    out->dissipation[l] = 0;
  }
}

static void Update(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out) {
  const LhReturnMap map = {MapStrain, 0};

  LhHenckyUpdate(&map, params, in, old, now, tangent, out);
}

extern const LhMechLaw lh_mech_hencky_elastic;
const LhMechLaw lh_mech_hencky_elastic = {
    .name = "hencky_elastic",
    .brief = "isotropic elasticity, linear in logarithmic strain",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .num_state = PETSC_STATIC_ARRAY_LENGTH(state_names),
    .state_names = state_names,
    .state_units = state_units,
    .init = InitState,
    .update = Update,
};
