/// @file
/// Norton creep of a dense solid, edot = A exp[-Q/R (1/T - 1/T_ref)] (q / sigma0)^n, no hardening,
/// incompressible flow. q is the true (Cauchy) equivalent stress; T_ref = 298.15 K, so A is the rate at
/// sigma0 and room temperature.
/// For lithium: LePage et al. 2019 (10.1149/2.0221902jes).
#include <math.h>

#include "laws/power_flow.h"

typedef struct {
  double youngs_modulus, poisson_ratio, rate_coefficient, reference_stress, stress_exponent,
      activation_energy;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, youngs_modulus, "Pa", 1, 1e13, NULL, "Young's modulus E"),
    LH_ROW_REAL(Params, poisson_ratio, "1", -0.99, 0.4999, NULL, "Poisson's ratio nu"),
    LH_ROW_REAL(Params, rate_coefficient, "s-1", 1e-100, 1e10, NULL,
                "creep rate A at sigma0 and 298.15 K"),
    LH_ROW_REAL(Params, reference_stress, "Pa", 1e-3, 1e12, NULL, "reference stress sigma0"),
    LH_ROW_REAL(Params, stress_exponent, "1", 1, 100, NULL, "stress exponent n"),
    LH_ROW_REAL(Params, activation_energy, "J mol-1", 0, 1e6, NULL, "activation energy Q of creep"),
};

static const char *const state_names[] = {LH_HENCKY_STATE_NAMES, "creep_strain"};
static const char *const state_units[] = {LH_HENCKY_STATE_UNITS, "1"};

static void InitState(const void *params, double (*state)[LH_BATCH]) {
  (void)params;
  LhHenckyInit(state);
  LH_LANES(l) state[LH_HENCKY_STATE][l] = 0;
}

static void MapStrain(const void *params, const LhTrial *trial, const double (*old)[LH_BATCH],
                      double (*now)[LH_BATCH], LhReturn *out) {
  const Params *p = params;
  const double log_sigma0 = log(p->reference_stress);
  LhPowerFlow flow = {.exponent = 1 / p->stress_exponent, .dlog_volume = 0};
  double strain[LH_BATCH];

  for (int l = 0; l < LH_BATCH; l++) {
    const double heat = p->activation_energy / LH_GAS_CONSTANT *
                        (1 / trial->in->temperature[l] - 1 / LH_REFERENCE_TEMPERATURE);

    flow.log_reach[l] = LhLogReach(trial->in->dt, p->rate_coefficient) - heat;
  }
  // The elastic law gives tau = J sigma: sigma / sigma0 = tau / (J sigma0).
  for (int l = 0; l < LH_BATCH; l++) flow.log_resistance[l] = log_sigma0 + log(trial->J[l]);
  LH_LANES(l) {
    flow.bulk[l] = LhBulkModulus(p->youngs_modulus, p->poisson_ratio);
    flow.shear[l] = LhShearModulus(p->youngs_modulus, p->poisson_ratio);
    flow.a[l] = flow.volume[l] = 1;
    flow.b[l] = flow.dlog_modulus[l] = 0;
    flow.dlog_resistance[l] = 1;
  }
  LhPowerFlowReturn(&flow, NULL, trial, out, strain);
  LH_LANES(l) now[0][l] = old[0][l] + strain[l];
}

static void Update(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out) {
  const LhReturnMap map = {MapStrain, 1};

  LhHenckyUpdate(&map, params, in, old, now, tangent, out);
}

extern const LhMechLaw lh_mech_norton_creep;
const LhMechLaw lh_mech_norton_creep = {
    .name = "norton_creep",
    .brief = "power-law creep of a dense solid, incompressible flow",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .num_state = PETSC_STATIC_ARRAY_LENGTH(state_names),
    .state_names = state_names,
    .state_units = state_units,
    .init = InitState,
    .update = Update,
};
