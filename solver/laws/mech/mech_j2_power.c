/// @file
/// Rate-independent von Mises plasticity with power-law hardening after Swift (1952), q <= K (e0 + alpha)^n, in
/// log strains; e0 = (Y / K)^(1/n) makes it Hollomon's K eps^n from the yield stress Y on. alpha is the equivalent
/// plastic strain.
#include <math.h>

#include "laws/hencky.h"

#define MAX_ITERATIONS \
  60  ///< 12 at the most for e0 >= 1e-12, any n, G and q_trial of 10 Pa to 1e13 Pa

typedef struct {
  double youngs_modulus, poisson_ratio, strength_coefficient, initial_strain, hardening_exponent;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, youngs_modulus, "Pa", 1, 1e13, NULL, "Young's modulus E"),
    LH_ROW_REAL(Params, poisson_ratio, "1", -0.99, 0.4999, NULL, "Poisson's ratio nu"),
    LH_ROW_REAL(Params, strength_coefficient, "Pa", 1e-3, 1e12, NULL,
                "yield stress K at e0 + plastic strain = 1 (Kirchhoff)"),
    LH_ROW_REAL(Params, initial_strain, "1", 1e-12, 10, NULL,
                "strain e0 of the hardening curve at first yield"),
    LH_ROW_REAL(Params, hardening_exponent, "1", 0, 1, NULL, "hardening exponent n"),
};

static const char *const state_names[] = {LH_HENCKY_STATE_NAMES, "plastic_strain"};
static const char *const state_units[] = {LH_HENCKY_STATE_UNITS, "1"};

static void InitState(const void *params, double (*state)[LH_BATCH]) {
  (void)params;
  LhHenckyInit(state);
  LH_LANES(l) state[LH_HENCKY_STATE][l] = 0;
}

/// Newton for q_trial - 3 G step = K (start + step)^n. The difference of the sides is convex and falls with the step,
/// so from step = 0 the iterates rise to the root and never pass it; a lane that no longer rises is done.
static void SolveStep(const Params *p, double G, const double q_trial[LH_BATCH],
                      const double start[LH_BATCH], double step[LH_BATCH],
                      double resistance[LH_BATCH]) {
  const double K = p->strength_coefficient, n = p->hardening_exponent;

  LH_LANES(l) step[l] = 0;
  for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    double open = 0;

    for (int l = 0; l < LH_BATCH; l++) resistance[l] = K * pow(start[l] + step[l], n);
    LH_LANES(l) {
      const double slope = n * resistance[l] / (start[l] + step[l]);
      const double next =
          step[l] + (q_trial[l] - 3 * G * step[l] - resistance[l]) / (3 * G + slope);
      const int rises = next > step[l] * (1 + 1e-14);

      step[l] = rises ? next : step[l];
      open += rises ? 1 : 0;
    }
    if (open == 0) return;
  }
}

static void ReturnRadially(const void *params, const LhTrial *trial, const double (*old)[LH_BATCH],
                           double (*now)[LH_BATCH], LhReturn *out) {
  const Params *p = params;
  const double K = LhBulkModulus(p->youngs_modulus, p->poisson_ratio);
  const double G = LhShearModulus(p->youngs_modulus, p->poisson_ratio);
  double q_trial[LH_BATCH], start[LH_BATCH], step[LH_BATCH], resistance[LH_BATCH];

  LH_LANES(l) {
    q_trial[l] = 3 * G * trial->gamma[l];
    start[l] = p->initial_strain + old[0][l];
  }
  SolveStep(p, G, q_trial, start, step, resistance);
  LH_LANES(l) {
    const int yields = step[l] > 0;
    const double q = yields ? resistance[l] : q_trial[l];
    const double slope = p->hardening_exponent * resistance[l] / (start[l] + step[l]);

    out->p[l] = K * trial->theta[l];
    out->dev_ratio[l] = yields ? q / q_trial[l] : 1.0;
    out->shear[l] = 2 * G * out->dev_ratio[l];
    out->dp_dtheta[l] = K;
    out->dq_dgamma[l] = yields ? 3 * G * slope / (3 * G + slope) : 3 * G;
    out->dp_dgamma[l] = out->dq_dtheta[l] = 0;
    out->vol_ratio[l] = 1;
    out->dissipation[l] = q * step[l];
    now[0][l] = old[0][l] + step[l];
  }
}

static void Update(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out) {
  const LhReturnMap map = {ReturnRadially, 1};

  LhHenckyUpdate(&map, params, in, old, now, tangent, out);
}

extern const LhMechLaw lh_mech_j2_power;
const LhMechLaw lh_mech_j2_power = {
    .name = "j2_power",
    .brief = "rate-independent von Mises plasticity with power-law hardening",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .num_state = PETSC_STATIC_ARRAY_LENGTH(state_names),
    .state_names = state_names,
    .state_units = state_units,
    .init = InitState,
    .update = Update,
};
