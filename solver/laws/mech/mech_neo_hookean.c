/// @file
/// Compressible neo-Hookean elasticity, W = mu/2 (J^(-2/3) tr C - 3) + kappa/2 (J - 1)^2: the material of many
/// published finite-strain benchmarks. No state. With G = F^-T, m = mu J^(-2/3), I1 = F : F,
///   P = m (F - I1/3 G) + kappa (J - 1) J G.
#include <math.h>

#include "base/tensor.h"
#include "laws/mech_law.h"

typedef struct {
  double shear_modulus, bulk_modulus;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, shear_modulus, "Pa", 1e-3, 1e13, NULL, "shear modulus mu"),
    LH_ROW_REAL(Params, bulk_modulus, "Pa", 1e-3, 1e13, NULL, "bulk modulus kappa"),
};

typedef struct {
  double F[9][LH_BATCH], G[9][LH_BATCH];  ///< a failed lane goes on with F = 1
  double J[LH_BATCH], m[LH_BATCH], trace[LH_BATCH], failed[LH_BATCH];
} Point;

static void Prepare(const Params *p, const LhMechInput *in, Point *point) {
  double inverse[9][LH_BATCH];

  LhTensorDeterminant(in->F, point->J);
  LH_LANES(l) {
    point->failed[l] = point->J[l] > 0. && point->J[l] < HUGE_VAL ? 0. : 1.;
    point->J[l] = point->failed[l] > 0. ? 1. : point->J[l];
    point->m[l] = p->shear_modulus / cbrt(point->J[l] * point->J[l]);
    point->trace[l] = 0.;
  }
  for (int k = 0; k < 9; k++) {
    LH_LANES(l) {
      const double F = point->failed[l] > 0. ? (k % 4 == 0 ? 1. : 0.) : in->F[k][l];
      point->F[k][l] = F;
      point->trace[l] += F * F;
    }
  }
  LhTensorInverse((const double(*)[LH_BATCH])point->F, point->J, inverse);
  for (int k = 0; k < 9; k++) {
    LH_LANES(l) point->G[k][l] = inverse[3 * (k % 3) + k / 3][l];
  }
}

/// dP/dF = m [1 - 2/3 (F x G + G x F) + 2/9 I1 G x G + I1/3 G.G] + kappa J [(2 J - 1) G x G - (J - 1) G.G],
/// (G.G)_iJkL = G_iL G_kJ.
static void FillTangent(const Params *p, const Point *a, LhMechOutput *out) {
  for (int r = 0; r < 9; r++) {
    for (int c = 0; c < 9; c++) {
      const int crossed_r = 3 * (r / 3) + c % 3, crossed_c = 3 * (c / 3) + r % 3;

      LH_LANES(l) {
        const double GG = a->G[r][l] * a->G[c][l], J = a->J[l];
        const double crossed = a->G[crossed_r][l] * a->G[crossed_c][l];
        const double mixed = a->F[r][l] * a->G[c][l] + a->G[r][l] * a->F[c][l];
        out->A[r][c][l] = a->m[l] * ((r == c ? 1. : 0.) - 2. / 3. * mixed +
                                     a->trace[l] * (2. / 9. * GG + crossed / 3.)) +
                          p->bulk_modulus * J * ((2. * J - 1.) * GG - (J - 1.) * crossed);
      }
    }
  }
}

/// Half the logarithm of F F^T.
static void LogStrain(const Point *a, double (*strain)[LH_BATCH]) {
  double b[6][LH_BATCH], x[3][LH_BATCH], n[3][3][LH_BATCH];

  for (int i = 0; i < 3; i++) {
    for (int j = i; j < 3; j++) {
      LH_LANES(l) {
        b[LhSymIndex(i, j)][l] = a->F[3 * i][l] * a->F[3 * j][l] +
                                 a->F[3 * i + 1][l] * a->F[3 * j + 1][l] +
                                 a->F[3 * i + 2][l] * a->F[3 * j + 2][l];
      }
    }
  }
  LhSymEigen((const double(*)[LH_BATCH])b, x, n);
  for (int i = 0; i < 3; i++) {
    for (int j = i; j < 3; j++) {
      LH_LANES(l) {
        double sum = 0.;
        for (int k = 0; k < 3; k++) sum += .5 * log(x[k][l]) * n[k][i][l] * n[k][j][l];
        strain[LhSymIndex(i, j)][l] = sum;
      }
    }
  }
}

static void Update(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out) {
  const Params *p = params;
  Point a;

  (void)old, (void)now;
  Prepare(p, in, &a);
  for (int k = 0; k < 9; k++) {
    LH_LANES(l) {
      const double volumetric = p->bulk_modulus * (a.J[l] - 1.) * a.J[l];
      out->P[k][l] = a.m[l] * (a.F[k][l] - a.trace[l] / 3. * a.G[k][l]) + volumetric * a.G[k][l];
    }
  }
  LogStrain(&a, out->elastic_log);
  LH_LANES(l) {
    out->dissipation[l] = 0.;
    out->failed[l] = a.failed[l];
  }
  if (tangent) FillTangent(p, &a, out);
}

/// Nothing to remember.
static void InitState(const void *params, double (*state)[LH_BATCH]) {
  (void)params, (void)state;
}

extern const LhMechLaw lh_mech_neo_hookean;
const LhMechLaw lh_mech_neo_hookean = {
    .name = "neo_hookean",
    .brief = "compressible neo-Hookean elasticity with quadratic volume energy",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .init = InitState,
    .update = Update,
};
