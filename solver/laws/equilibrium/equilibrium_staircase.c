/// @file
/// Plateaus of a sequence of two-phase equilibria, joined by tanh steps (physics A, Li_yZn):
///   U = U_1 + sum_{k >= 2} (U_k - U_{k-1}) [1 - tanh((y - e_k) / w)] / 2,
/// plateau k reaching from y = e_k (its upper edge) down to e_{k+1}; e_1 = 1, the last one ends at
/// 0. With dU/dT given, U_k -> U_k + dU_k/dT (T - T_ref). U never rises with y. What happens when
/// the sites are empty or full is the business of the rate-limited supply, not of U.
#include "laws/equilibrium_law.h"
#include "laws/exponential.h"

typedef struct {
  LhRealList upper_edges;
  LhRealList potentials;
  LhRealList entropic_slopes;
  PetscReal width;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL_LIST(Params, upper_edges, "1", 0, 1, NULL,
                     "upper end e_k of each plateau in y, from 1 downwards"),
    LH_ROW_REAL_LIST(Params, potentials, "V", -1, 6, NULL,
                     "potential U_k of each plateau versus Li/Li+, rising"),
    LH_ROW_REAL_LIST(Params, entropic_slopes, "V K-1", -0.01, 0.01, "",
                     "dU_k/dT of each plateau; none when left out"),
    LH_ROW_REAL(Params, width, "1", 1e-4, 0.2, NULL, "half width w of the steps in y"),
};

static const char *Check(const void *params) {
  const Params *p = params;
  const PetscInt n = p->potentials.n;

  if (p->upper_edges.n < 1 || p->upper_edges.n != n) {
    return "upper_edges and potentials need the same number of entries, at least one";
  }
  if (p->entropic_slopes.n != 0 && p->entropic_slopes.n != n) {
    return "entropic_slopes needs one entry per plateau";
  }
  if (p->upper_edges.v[0] != 1) return "the first of upper_edges must be 1";
  for (PetscInt k = 1; k < n; k++) {
    if (!(p->upper_edges.v[k] < p->upper_edges.v[k - 1])) return "upper_edges must fall";
    if (!(p->potentials.v[k] >= p->potentials.v[k - 1])) return "potentials must not fall";
  }
  return NULL;
}

static double Plateau(const Params *p, PetscInt k, double temperature) {
  const double slope = p->entropic_slopes.n ? p->entropic_slopes.v[k] : 0;

  return p->potentials.v[k] + slope * (temperature - LH_REFERENCE_TEMPERATURE);
}

static void Evaluate(const void *params, const double y[LH_BATCH], double temperature,
                     double U[LH_BATCH], double dU[LH_BATCH]) {
  const Params *p = params;
  const double scale = 2. / p->width;
  double before = Plateau(p, 0, temperature);

  LH_LANES(l) {
    U[l] = before;
    dU[l] = 0;
  }
  for (PetscInt k = 1; k < p->potentials.n; k++) {
    const double now = Plateau(p, k, temperature), step = now - before, edge = p->upper_edges.v[k];

    LH_LANES(l) {
      double slope;
      const double e = LhExpGuarded(scale * (y[l] - edge), &slope);
      const double share = 1. / (1. + e);  // (1 - tanh) / 2 = 1 / (1 + exp(2 (y - e_k) / w))

      U[l] += step * share;
      dU[l] -= step * share * share * slope * scale;
    }
    before = now;
  }
}

const LhEquilibriumLaw lh_equilibrium_staircase = {
    .name = "staircase",
    .brief = "plateaus of two-phase equilibria joined by smooth steps",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .check = Check,
    .evaluate = Evaluate,
};
