/// @file
/// Skeleton whose strength is a table: the pressure of confined compaction against relative density, as the experiment
/// `homogenise` measures it on a resolved volume (docs/theory/homogenisation.md, H5 and H6). With rho =
/// LH_MECH_SKELETON_DENSITY / J,
///   Y = P(rho) / c^(1 + mf),   c^2 = 4/(9 a) + 1/b,   a = 1/(1 + alpha^2/9),   b = alpha^2 a,
/// so that compaction with the sides held at the reference rate gives back P(rho), whatever alpha is. Between the
/// entries P and E are monotone cubics of ln rho (Fritsch and Carlson 1980), beyond them power laws, below
/// with a power of 0 to 3.
/// Same strength in tension and compression.
#include <math.h>

#include "laws/foam.h"

#define LARGEST_POWER 3.  ///< of rho, below the table

typedef struct {
  LhRealList relative_densities, pressures, moduli;
  LhFoam foam;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL_LIST(Params, relative_densities, "1", 1e-4, 10, NULL,
                     "relative densities rho of the table, rising"),
    LH_ROW_REAL_LIST(Params, pressures, "Pa", 1e-3, 1e12, NULL,
                     "stress P of compaction with the sides held, at each of them"),
    LH_ROW_REAL_LIST(Params, moduli, "Pa", 1, 1e13, NULL, "Young's modulus E at each of them"),
    LH_FOAM_ROWS(Params),
};

static const char *const state_names[] = {LH_FOAM_STATE_NAMES};
static const char *const state_units[] = {LH_FOAM_STATE_UNITS};

static const char *Check(const void *params) {
  const Params *p = params;

  if (p->relative_densities.n < 2 || p->pressures.n != p->relative_densities.n ||
      p->moduli.n != p->relative_densities.n)
    return "relative_densities, pressures and moduli need the same number of entries, at least two";
  for (PetscInt k = 1; k < p->relative_densities.n; k++) {
    if (!(p->relative_densities.v[k] > p->relative_densities.v[k - 1]))
      return "relative_densities must rise";
  }
  return NULL;
}

static double Densest(const void *params) {
  const LhRealList *rho = &((const Params *)params)->relative_densities;

  return rho->v[rho->n - 1];
}

static void InitState(const void *params, double (*state)[LH_BATCH]) {
  (void)params;
  LhFoamInit(state);
}

/// Slope of ln y over ln x from entry k to the next.
static double Secant(const LhRealList *x, const LhRealList *y, PetscInt k) {
  return log(y->v[k + 1] / y->v[k]) / log(x->v[k + 1] / x->v[k]);
}

/// Slope at entry k: none at a turn, else the weighted harmonic mean of its two secants. That of the first is limited,
/// because it goes on below the table, where a volume that has just begun to yield says nothing.
static double Tangent(const LhRealList *x, const LhRealList *y, PetscInt k) {
  if (k == 0) return fmin(fmax(Secant(x, y, 0), 0), LARGEST_POWER);
  if (k == x->n - 1) return Secant(x, y, k - 1);
  const double before = Secant(x, y, k - 1), after = Secant(x, y, k);
  const double h0 = log(x->v[k] / x->v[k - 1]), h1 = log(x->v[k + 1] / x->v[k]);

  if (!(before * after > 0)) return 0;
  return 3 * (h0 + h1) / ((2 * h1 + h0) / before + (h1 + 2 * h0) / after);
}

/// ln y at x = at, and its derivative by ln x.
static double Interpolate(const LhRealList *x, const LhRealList *y, double at, double *slope) {
  const PetscInt n = x->n;
  PetscInt k = 0;

  if (at <= x->v[0] || at >= x->v[n - 1]) {
    k = at <= x->v[0] ? 0 : n - 1;
    *slope = Tangent(x, y, k);
    return log(y->v[k]) + *slope * log(at / x->v[k]);
  }
  while (at > x->v[k + 1]) k++;
  const double h = log(x->v[k + 1] / x->v[k]), t = log(at / x->v[k]) / h, u = 1 - t;
  const double y0 = log(y->v[k]), y1 = log(y->v[k + 1]);
  const double d0 = h * Tangent(x, y, k), d1 = h * Tangent(x, y, k + 1);

  *slope = (6 * t * u * (y1 - y0) + u * (u - 2 * t) * d0 + t * (t - 2 * u) * d1) / h;
  return u * u * (1 + 2 * t) * y0 + t * t * (1 + 2 * u) * y1 + t * u * (u * d0 - t * d1);
}

/// ln of the ratio of the confined stress to the strength at the reference rate.
static double LogConfinement(const LhFoam *foam) {
  const double alpha2 = foam->pressure_sensitivity * foam->pressure_sensitivity;

  return 0.5 * (1 + foam->rate_sensitivity) * log((1 + alpha2 / 9) * (4. / 9 + 1 / alpha2));
}

static void MapStrain(const void *params, const LhTrial *trial, const double (*old)[LH_BATCH],
                      double (*now)[LH_BATCH], LhReturn *out) {
  const double least = 1e-6;  // density of no skeleton, so that ln Y exists
  const Params *p = params;
  const double confinement = LogConfinement(&p->foam);
  LhFoamStrength strength;

  for (int l = 0; l < LH_BATCH; l++) {
    const double rho = fmax(trial->in->field[LH_MECH_SKELETON_DENSITY][l], least) / trial->J[l];
    double dE, dY;

    strength.modulus[l] = exp(Interpolate(&p->relative_densities, &p->moduli, rho, &dE));
    strength.log_strength[l] =
        Interpolate(&p->relative_densities, &p->pressures, rho, &dY) - confinement;
    strength.dlog_modulus[l] = -dE;
    strength.dlog_strength[l] = -dY;
  }
  LhFoamReturn(&p->foam, &strength, trial, old, now, out);
}

static void Update(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out) {
  const LhReturnMap map = {MapStrain, LH_FOAM_NUM_INTERNAL};

  LhHenckyUpdate(&map, params, in, old, now, tangent, out);
}

extern const LhMechLaw lh_mech_skeleton_table;
const LhMechLaw lh_mech_skeleton_table = {
    .name = "skeleton_table",
    .brief = "skeleton with the compaction curve of a table, Deshpande-Fleck flow",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .check = Check,
    .num_state = PETSC_STATIC_ARRAY_LENGTH(state_names),
    .state_names = state_names,
    .state_units = state_units,
    .densest = Densest,
    .init = InitState,
    .update = Update,
};
