/// @file
/// Bonded skeleton as an open-cell foam (Gibson and Ashby 1997; docs/theory/mechanics.md, M11):
/// with the relative density rho = LH_MECH_SKELETON_DENSITY / J,
///   E = E_s rho^2,   Y = 0.3 sigma_ys rho^1.5,
/// Cauchy moduli and strength of the foam as it is now. Same strength in tension and compression.
/// The density is not limited: above rho = 0.3 or so the scaling laws overrate a real foam's pores.
#include <math.h>

#include "laws/foam.h"

typedef struct {
  double solid_modulus, solid_yield_stress;
  LhFoam foam;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, solid_modulus, "Pa", 1, 1e13, NULL,
                "Young's modulus E_s of the cell walls"),
    LH_ROW_REAL(Params, solid_yield_stress, "Pa", 1, 1e11, NULL,
                "yield stress sigma_ys of the cell walls"),
    LH_FOAM_ROWS(Params),
};

static const char *const state_names[] = {LH_FOAM_STATE_NAMES};
static const char *const state_units[] = {LH_FOAM_STATE_UNITS};

static void InitState(const void *params, double (*state)[LH_BATCH]) {
  (void)params;
  LhFoamInit(state);
}

static void MapStrain(const void *params, const LhTrial *trial, const double (*old)[LH_BATCH],
                      double (*now)[LH_BATCH], LhReturn *out) {
  const double least = 1e-6;  // density of no skeleton, so that ln Y exists
  const Params *p = params;
  LhFoamStrength strength;

  for (int l = 0; l < LH_BATCH; l++) {
    const double rho = fmax(trial->in->field[LH_MECH_SKELETON_DENSITY][l], least) / trial->J[l];

    strength.modulus[l] = p->solid_modulus * rho * rho;
    strength.log_strength[l] = log(0.3 * p->solid_yield_stress) + 1.5 * log(rho);
    strength.dlog_modulus[l] = -2;
    strength.dlog_strength[l] = -1.5;
  }
  LhFoamReturn(&p->foam, &strength, trial, old, now, out);
}

static void Update(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out) {
  const LhReturnMap map = {MapStrain, LH_FOAM_NUM_INTERNAL};

  LhHenckyUpdate(&map, params, in, old, now, tangent, out);
}

extern const LhMechLaw lh_mech_skeleton_gibson_ashby;
const LhMechLaw lh_mech_skeleton_gibson_ashby = {
    .name = "skeleton_gibson_ashby",
    .brief = "bonded skeleton: Gibson-Ashby foam with Deshpande-Fleck flow",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .num_state = PETSC_STATIC_ARRAY_LENGTH(state_names),
    .state_names = state_names,
    .state_units = state_units,
    .init = InitState,
    .update = Update,
};
