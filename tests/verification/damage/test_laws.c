/// Checks: every damage law: D in [0, 1), never falling, zero before its onset; weight of triaxiality; principal stress.
/// Reference: exp(1.5 T - 0.5) of the theory page by hand; eigenvalue of a rotated diagonal stress; 1 - 1/e one scale on.
/// Tolerance and why: 1e-12, rounding of a few operations.
/// Fails if: an exponent, an onset or the largest eigenvalue is wrong, or lanes mix.
#include "laws/damage_law.h"
#include "unit/mechanics/fixture.h"

typedef struct {
  double onset, scale, triaxiality_exponent, triaxiality_limit;
} Ductile;  // as laws/damage/damage_ductile.c
typedef struct {
  double strength, scale;
} Brittle;  // as laws/damage/damage_brittle.c

static const Ductile ductile = {.07, .03, 1.5, 2.};
static const Brittle brittle = {80e6, .4};

static const LhDamageLaw *Find(const char name[]) {
  const LhDamageLaw *law;

  OK(LhDamageLawFind(name, &law));
  assert_non_null(law);
  return law;
}

static void TestSoftening(void **state) {
  static const double onset[2] = {.07, 1.}, scale[2] = {.03, .4};
  const void *params[2] = {&ductile, &brittle};
  static const char *const names[2] = {"ductile", "brittle"};

  (void)state;
  for (int k = 0; k < 2; k++) {
    double largest[LH_BATCH], damage[LH_BATCH];

    for (int l = 0; l < LH_BATCH; l++) largest[l] = onset[k] + (l - 2) * scale[k];
    Find(names[k])->damage(params[k], largest, damage);
    for (int l = 0; l < LH_BATCH; l++) {
      assert_true(fabs(damage[l] - (l < 2 ? 0. : 1. - exp(2. - l))) < 1e-12);
      assert_true(l == 0 || damage[l] >= damage[l - 1]);
    }
  }
}

/// Uniaxial (T = 1/3), then a mean stress on top, then beyond the limit; last a lane that only unloads.
static void TestTriaxiality(void **state) {
  static const double mean[4] = {0., 2e6, 40e6, 1e6}, flow[4] = {.01, .02, .03, 0.};
  const double q = 3e6;
  double old[LH_BATCH], now[LH_BATCH];
  LhDamageInput in;

  (void)state;
  memset(&in, 0, sizeof(in));
  for (int l = 0; l < LH_BATCH; l++) {
    const int c = l % 4;

    old[l] = .001 * (l + 1);
    in.flow[l] = flow[c];
    for (int m = 0; m < 3; m++) in.cauchy[m][l] = mean[c] + (m == 1 ? q : 0.);
  }
  Find("ductile")->drive(&ductile, &in, old, now);
  for (int l = 0; l < LH_BATCH; l++) {
    const double T = fmin(mean[l % 4] / q + 1. / 3., 2.);

    assert_true(fabs(now[l] - old[l] - exp(1.5 * T - .5) * flow[l % 4]) < 1e-12);
  }
}

/// Largest eigenvalue of R diag R^T with R a rotation about (1, 2, 2) / 3.
static void TestPrincipal(void **state) {
  static const double diagonal[3] = {-50e6, 120e6, 30e6};
  static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
  double old[LH_BATCH] = {0.}, now[LH_BATCH];
  LhDamageInput in;

  (void)state;
  memset(&in, 0, sizeof(in));
  for (int l = 0; l < LH_BATCH; l++) {
    const double n[3] = {1. / 3., 2. / 3., 2. / 3.}, c = cos(.4 * l), s = sin(.4 * l);
    const double cross[3][3] = {
        {0.,    -n[2], n[1] },
        {n[2],  0.,    -n[0]},
        {-n[1], n[0],  0.   }
    };

    for (int m = 0; m < 6; m++) {
      for (int a = 0; a < 3; a++) {
        const int i = row[m], j = column[m];
        const double Ria = (i == a ? c : 0.) + (1. - c) * n[i] * n[a] + s * cross[i][a];
        const double Rja = (j == a ? c : 0.) + (1. - c) * n[j] * n[a] + s * cross[j][a];

        in.cauchy[m][l] += Ria * diagonal[a] * Rja;
      }
    }
  }
  Find("brittle")->drive(&brittle, &in, old, now);
  for (int l = 0; l < LH_BATCH; l++) assert_true(fabs(now[l] - 120. / 80.) < 1e-12);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestSoftening),
                                     cmocka_unit_test(TestTriaxiality),
                                     cmocka_unit_test(TestPrincipal)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
