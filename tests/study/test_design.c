/// Checks: points of the Sobol sequence and of Latin hypercubes, and that the seed alone decides them.
/// Reference: first points of the sequence as published with its direction numbers (Joe and Kuo 2008); closed properties:
/// every elementary interval of a (0,m,2)-net holds one point, every projection of 2^m points and every row and column
/// of a Latin hypercube is stratified.
/// Tolerance and why: none; multiples of 2^-32 are exact.
/// Fails if: a direction number, the Gray code or a permutation is wrong, or a shift destroys the net.
#include <math.h>

#include "study/design.h"
#include "unit/base/base_test.h"

#define N 256

static void TestFirstPoints(void **state) {
  // Points 1 to 8 of dimensions 1 to 4.
  static const PetscReal expected[8][4] = {
      {0,     0,     0,     0    },
      {0.5,   0.5,   0.5,   0.5  },
      {0.75,  0.25,  0.25,  0.25 },
      {0.25,  0.75,  0.75,  0.75 },
      {0.375, 0.375, 0.625, 0.875},
      {0.875, 0.875, 0.125, 0.375},
      {0.625, 0.125, 0.875, 0.625},
      {0.125, 0.625, 0.375, 0.125}
  };
  PetscReal x[8][4];

  (void)state;
  assert_int_equal(LhSobol(8, 4, 0, &x[0][0]), 0);
  for (int i = 0; i < 8; i++) {
    for (int d = 0; d < 4; d++) assert_true(x[i][d] == expected[i][d]);
  }
}

static void CheckStrata(const PetscReal x[], PetscInt dimensions) {
  for (PetscInt d = 0; d < dimensions; d++) {
    int count[N] = {0};

    for (PetscInt i = 0; i < N; i++) {
      const PetscReal v = x[i * dimensions + d];

      assert_true(v >= 0 && v < 1);
      count[(int)(v * N)]++;
    }
    for (int k = 0; k < N; k++) assert_int_equal(count[k], 1);
  }
}

static void TestStrata(void **state) {
  static PetscReal x[N * LH_SOBOL_MAX_DIMENSIONS];

  (void)state;
  for (PetscInt seed = 0; seed < 4; seed++) {
    assert_int_equal(LhSobol(N, LH_SOBOL_MAX_DIMENSIONS, seed, x), 0);
    CheckStrata(x, LH_SOBOL_MAX_DIMENSIONS);
    assert_int_equal(LhLatinHypercube(N, LH_SOBOL_MAX_DIMENSIONS, seed, x), 0);
    CheckStrata(x, LH_SOBOL_MAX_DIMENSIONS);
  }
}

/// Boxes of 2^-a by 2^-(8-a) hold one of 256 points each.
static void TestNet(void **state) {
  static PetscReal x[N][2];

  (void)state;
  for (PetscInt seed = 0; seed < 3; seed++) {
    assert_int_equal(LhSobol(N, 2, seed, &x[0][0]), 0);
    for (int a = 0; a <= 8; a++) {
      int count[N] = {0};

      for (int i = 0; i < N; i++)
        count[((int)ldexp(x[i][0], a) << (8 - a)) + (int)ldexp(x[i][1], 8 - a)]++;
      for (int k = 0; k < N; k++) assert_int_equal(count[k], 1);
    }
  }
}

/// Largest difference between two designs.
static PetscReal Difference(const PetscReal a[], const PetscReal b[], int n) {
  PetscReal most = 0;

  for (int i = 0; i < n; i++) most = PetscMax(most, fabs(a[i] - b[i]));
  return most;
}

static void TestSeeds(void **state) {
  static PetscReal a[3 * N], b[3 * N], c[3 * N];

  (void)state;
  assert_int_equal(LhSobol(N, 3, 5, a), 0);
  assert_int_equal(LhSobol(N, 3, 5, b), 0);
  assert_int_equal(LhSobol(N, 3, 6, c), 0);
  assert_true(Difference(a, b, 3 * N) == 0);
  assert_true(Difference(a, c, 3 * N) > 0.01);
  assert_int_equal(LhLatinHypercube(N, 3, 5, a), 0);
  assert_int_equal(LhLatinHypercube(N, 3, 5, b), 0);
  assert_int_equal(LhLatinHypercube(N, 3, 6, c), 0);
  assert_true(Difference(a, b, 3 * N) == 0);
  assert_true(Difference(a, c, 3 * N) > 0.01);
}

int main(int argc, char *argv[]) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestFirstPoints),
                                     cmocka_unit_test(TestStrata), cmocka_unit_test(TestNet),
                                     cmocka_unit_test(TestSeeds)};

  return RunTests(argc, argv, tests);
}
