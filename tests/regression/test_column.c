/// Checks: one column of the main case gives the numbers it gave: capacity, voltage at half, parts of the thickness change.
/// Reference: runs of this program (lihost 0.1.0, docs/validation/thickness.md); they guard against change, not error.
/// Tolerance and why: capacity 1e-4, voltage 5e-3, parts of the thickness 1e-2 to 3e-2: ten times what tolerances of the
///   integrator and the length of windows move. Policy: a number may change only in a commit that says what
///   changed it (a law, an equation, a parameter of materials/), with the docs/validation pages run again.
/// Fails if: a change of code moves a result of the main case that it did not mean to move.
#include "support/coupled_run.h"

static Result result;

/// A number of the end of a run (`share` < 0) or where `share` of the capacity was stripped.
typedef struct {
  const char *name;
  double share, value, relative;
} Gold;

static double Find(const Result *r, const Gold *gold) {
  int i = 1;

  if (gold->share < 0) return Last(r, gold->name);
  while (i < r->num_rows - 1 && Value(r, i, "share_stripped") < gold->share) i++;
  {
    const double a = Value(r, i - 1, "share_stripped"), b = Value(r, i, "share_stripped");
    const double f = (gold->share - a) / (b - a);

    return (1 - f) * Value(r, i - 1, gold->name) + f * Value(r, i, gold->name);
  }
}

static void CheckColumn(const char skeleton[], const Gold gold[], int n) {
  const char *const words[] = {"mesh.box.cells=[1, 1]", "regions.foil.variation={}", skeleton,
                               NULL};

  RunWith("cases/strip_lznc/case.yaml", words, &result);
  assert_int_equal(result.exit_code, LH_EXIT_DONE);
  for (int k = 0; k < n; k++) {
    const double found = Find(&result, &gold[k]);

    if (fabs(found / gold[k].value - 1) > gold[k].relative)
      fail_msg("%s: %.6g, was %.6g", gold[k].name, found, gold[k].value);
  }
}

static void TestBonded(void **state) {
  static const Gold gold[] = {
      {"capacity",                 -1,  8.59960 * 36000, 1e-4},
      {"voltage",                  0.5, 4.0355e-3,       5e-3},
      {"thickness_change",         -1,  -1.1986e-2,      1e-2},
      {"thickness_change_growth",  -1,  -9.8873e-3,      1e-2},
      {"thickness_change_elastic", -1,  -1.5312e-4,      2e-2},
      {"thickness_change_plastic", -1,  -1.9453e-3,      3e-2},
  };

  (void)state;
  CheckColumn("regions.foil.change.skeleton=bonded", gold, 6);
}

static void TestFrictional(void **state) {
  static const Gold gold[] = {
      {"capacity",                 -1,  8.59960 * 36000, 1e-4},
      {"thickness_change",         0.5, -1.979e-2,       1e-2},
      {"thickness_change",         -1,  -9.9940e-2,      1e-2},
      {"thickness_change_growth",  -1,  -9.4412e-3,      1e-2},
      {"thickness_change_elastic", -1,  -4.4564e-2,      2e-2},
      {"thickness_change_plastic", -1,  -4.5935e-2,      2e-2},
  };

  (void)state;
  CheckColumn("regions.foil.change.skeleton=frictional", gold, 6);
}

int main(int argc, char *argv[]) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestBonded),
                                     cmocka_unit_test(TestFrictional)};
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
