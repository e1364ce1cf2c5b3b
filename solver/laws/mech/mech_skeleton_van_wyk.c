/// @file
/// Frictional mat of CNTs without bonds (van Wyk 1946; docs/theory/mechanics.md, M12). With the CNT volume
/// fraction rho = LH_MECH_CNT_DENSITY / J, rho_0 as rolled (J = 1),
///   Y = k E_f (rho^3 - rho_0^3) = k E_f rho^3 (1 - J^3),   E = 3 k E_f rho^3:
/// no strength as rolled, compaction hardens; E is the slope of Y in log strain. Uniaxial compression
/// with nu = nu_p = 0 gives van Wyk's p = Y(rho) in the rate-independent limit. The mat pulls on nothing:
/// 1 - J^3 is continued smoothly to ~ STRENGTH_FLOOR for J > 1, and when the trial mean strain is tensile Y
/// falls by a smooth step over TENSION_WIDTH of strain to STRENGTH_FLOOR of itself. Tensile stress that
/// remains is below E * TENSION_WIDTH. Strength follows the density alone: re-compaction retraces the curve.
#include <math.h>

#include "laws/foam.h"

#define STRENGTH_FLOOR 1e-6
#define TENSION_WIDTH  1e-4

typedef struct {
  double packing_coefficient, fibre_modulus;
  LhFoam foam;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, packing_coefficient, "1", 1e-6, 10, NULL, "van Wyk's coefficient k"),
    LH_ROW_REAL(Params, fibre_modulus, "Pa", 1, 1e13, NULL, "Young's modulus E_f of the tubes"),
    LH_FOAM_ROWS(Params),
};

static const char *const state_names[] = {LH_FOAM_STATE_NAMES};
static const char *const state_units[] = {LH_FOAM_STATE_UNITS};

static void InitState(const void *params, double (*state)[LH_BATCH]) {
  (void)params;
  LhFoamInit(state);
}

/// g > 0 that is 1 - J^3 in compression, with dg/dtheta.
static double Hardening(double J, double *slope) {
  const double x = 1 - J * J * J, root = sqrt(x * x + 4 * STRENGTH_FLOOR * STRENGTH_FLOOR);
  const double g = x > 0 ? 0.5 * (x + root) : 2 * STRENGTH_FLOOR * STRENGTH_FLOOR / (root - x);

  *slope = -3 * J * J * J * g / root;
  return g;
}

/// Factor from 1 (theta <= 0) to STRENGTH_FLOOR (theta >= TENSION_WIDTH), with its derivative.
static double Contact(double theta, double *slope) {
  const double t = fmin(fmax(theta / TENSION_WIDTH, 0), 1), open = 1 - t;

  *slope = -(1 - STRENGTH_FLOOR) * 6 * t * open / TENSION_WIDTH;
  return STRENGTH_FLOOR + (1 - STRENGTH_FLOOR) * open * open * (1 + 2 * t);
}

static void MapStrain(const void *params, const LhTrial *trial, const double (*old)[LH_BATCH],
                      double (*now)[LH_BATCH], LhReturn *out) {
  const double least = 1e-6;  // density of no mat, so that ln Y exists
  const Params *p = params;
  LhFoamStrength strength;

  for (int l = 0; l < LH_BATCH; l++) {
    const double rho = fmax(trial->in->field[LH_MECH_CNT_DENSITY][l], least) / trial->J[l];
    const double kEr = p->packing_coefficient * p->fibre_modulus * rho * rho * rho;
    double dg, dw;
    const double g = Hardening(trial->J[l], &dg), w = Contact(trial->theta[l], &dw);

    strength.modulus[l] = 3 * kEr;
    strength.log_strength[l] = log(kEr) + log(g) + log(w);
    strength.dlog_modulus[l] = -3;
    strength.dlog_strength[l] = -3 + dg / g + dw / w;
  }
  LhFoamReturn(&p->foam, &strength, trial, old, now, out);
}

static void Update(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out) {
  const LhReturnMap map = {MapStrain, LH_FOAM_NUM_INTERNAL};

  LhHenckyUpdate(&map, params, in, old, now, tangent, out);
}

extern const LhMechLaw lh_mech_skeleton_van_wyk;
const LhMechLaw lh_mech_skeleton_van_wyk = {
    .name = "skeleton_van_wyk",
    .brief = "frictional CNT mat: van Wyk compaction with Deshpande-Fleck flow, none in tension",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .num_state = PETSC_STATIC_ARRAY_LENGTH(state_names),
    .state_names = state_names,
    .state_units = state_units,
    .init = InitState,
    .update = Update,
};
