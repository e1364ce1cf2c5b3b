/// Checks: the lane-wise tensor helpers: determinant, inverse, product, push-forward, eigen-decomposition.
/// Reference: definitions; eigenvalues built in by A = Q diag(x) Q^T with a known rotation.
/// Tolerance and why: 1e-14 relative, some ulp of the condition number; small eigenvalues beside large ones
///   to 1e-9 although the matrix's entries hide them (the input itself is rounded: cond * 1e-16).
/// Fails if: an index is swapped, lanes mix, or repeated or nearly equal eigenvalues spoil the directions.
#include "base/tensor.h"
#include "conformance/mech_examples.h"

static void Fill(double (*A)[LH_BATCH]) {
  static const double base[9] = {1.31, -0.42, 0.23, 0.57, 0.89, -0.35, -0.16, 0.48, 1.12};

  for (int k = 0; k < 9; k++) {
    for (int l = 0; l < LH_BATCH; l++) A[k][l] = base[k] * (1 + 0.1 * l) + 0.013 * l * k;
  }
}

#define IN(A) ((const double(*)[LH_BATCH])(A))

static void TestInverse(void **state) {
  double A[9][LH_BATCH], B[9][LH_BATCH], C[9][LH_BATCH], det[LH_BATCH], back[LH_BATCH];

  (void)state;
  Fill(A);
  LhTensorDeterminant(IN(A), det);
  LhTensorInverse(IN(A), det, B);
  LhTensorDeterminant(IN(B), back);
  LhTensorMultiply(IN(A), IN(B), C);
  for (int l = 0; l < LH_BATCH; l++) {
    assert_true(fabs(det[l] * back[l] - 1) < 1e-14);
    for (int k = 0; k < 9; k++) assert_true(fabs(C[k][l] - (k % 4 == 0)) < 1e-14);
  }
}

/// det of a matrix by the rule of Leibniz on permutations, one lane.
static void TestDeterminant(void **state) {
  static const int perm[6][3] = {
      {0, 1, 2},
      {1, 2, 0},
      {2, 0, 1},
      {0, 2, 1},
      {2, 1, 0},
      {1, 0, 2}
  };
  double A[9][LH_BATCH], det[LH_BATCH];

  (void)state;
  Fill(A);
  LhTensorDeterminant(IN(A), det);
  for (int l = 0; l < LH_BATCH; l++) {
    double sum = 0;

    for (int p = 0; p < 6; p++) {
      sum += (p < 3 ? 1 : -1) * A[perm[p][0]][l] * A[3 + perm[p][1]][l] * A[6 + perm[p][2]][l];
    }
    assert_true(fabs(det[l] - sum) < 1e-14 * fabs(sum));
  }
}

static void TestPushForward(void **state) {
  static const int sym[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
  double A[9][LH_BATCH], S[6][LH_BATCH], out[6][LH_BATCH];

  (void)state;
  Fill(A);
  for (int k = 0; k < 6; k++) {
    for (int l = 0; l < LH_BATCH; l++) S[k][l] = 0.7 - 0.31 * k + 0.05 * l;
  }
  LhTensorPushForward(IN(A), IN(S), out);
  for (int l = 0; l < LH_BATCH; l++) {
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        double sum = 0;

        for (int kl = 0; kl < 9; kl++)
          sum += A[3 * i + kl / 3][l] * S[sym[kl]][l] * A[3 * j + kl % 3][l];
        assert_true(fabs(out[sym[3 * i + j]][l] - sum) < 1e-13);
      }
    }
  }
}

/// Rotation of lane l about a generic axis.
static void Rotation(int l, double Q[9]) {
  const double u[3] = {0.36, -0.48, 0.8}, c = cos(0.4 + l), s = sin(0.4 + l);
  const double W[9] = {0, -u[2], u[1], u[2], 0, -u[0], -u[1], u[0], 0};

  for (int k = 0; k < 9; k++)
    Q[k] = (k % 4 == 0 ? c : 0) + s * W[k] + (1 - c) * u[k / 3] * u[k % 3];
}

/// A = Q diag(value) Q^T, another rotation in every lane.
static void Build(const double value[3], double (*A)[LH_BATCH]) {
  static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};

  for (int l = 0; l < LH_BATCH; l++) {
    double Q[9];

    Rotation(l, Q);
    for (int k = 0; k < 6; k++) {
      A[k][l] = 0;
      for (int a = 0; a < 3; a++) A[k][l] += value[a] * Q[3 * row[k] + a] * Q[3 * column[k] + a];
    }
  }
}

/// A n = x n and n . n' = delta for eigenvector `a` of one lane.
static void CheckVector(double (*A)[LH_BATCH], double x[3][LH_BATCH], double n[3][3][LH_BATCH],
                        int a, int l) {
  const double size = fmax(fmax(x[0][l], x[1][l]), x[2][l]);

  for (int i = 0; i < 3; i++) {
    double An = 0, dot = 0;

    for (int j = 0; j < 3; j++) {
      An += A[LhSymIndex(i, j)][l] * n[a][j][l];
      dot += n[a][j][l] * n[i][j][l];
    }
    assert_true(fabs(An - x[a][l] * n[a][i][l]) < 1e-14 * size);
    assert_true(fabs(dot - (a == i)) < 1e-14);
  }
}

static void CheckEigen(const double value[3], double tolerance) {
  double A[6][LH_BATCH], x[3][LH_BATCH], n[3][3][LH_BATCH];

  Build(value, A);
  LhSymEigen(IN(A), x, n);
  for (int l = 0; l < LH_BATCH; l++) {
    for (int a = 0; a < 3; a++) {
      double nearest = 1e300;

      for (int b = 0; b < 3; b++) nearest = fmin(nearest, fabs(x[b][l] / value[a] - 1));
      assert_true(nearest < tolerance);
      CheckVector(A, x, n, a, l);
    }
  }
}

static void TestEigen(void **state) {
  static const double cases[][3] = {
      {1.7,  0.6,          1.1},
      {1.2,  1.2,          0.8},
      {1,    1,            1  },
      {1,    1 + 1e-9,     1  },
      {0.93, 0.93 - 1e-15, 1.4},
      {3e4,  2e4,          5e4},
      {1e-3, 2e-3,         1e3}
  };

  (void)state;
  for (int k = 0; k < 6; k++) CheckEigen(cases[k], 1e-14);
  CheckEigen(cases[6], 1e-9);
}

/// The unit tensor stays exact: no stress in an undeformed body.
static void TestEigenOfUnit(void **state) {
  double A[6][LH_BATCH], x[3][LH_BATCH], n[3][3][LH_BATCH];

  (void)state;
  for (int k = 0; k < 6; k++) {
    for (int l = 0; l < LH_BATCH; l++) A[k][l] = k < 3;
  }
  LhSymEigen(IN(A), x, n);
  for (int l = 0; l < LH_BATCH; l++) {
    for (int a = 0; a < 3; a++) {
      assert_true(x[a][l] == 1);
      for (int i = 0; i < 3; i++) assert_true(n[a][i][l] == (a == i));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestInverse),     cmocka_unit_test(TestDeterminant),
      cmocka_unit_test(TestPushForward), cmocka_unit_test(TestEigen),
      cmocka_unit_test(TestEigenOfUnit),
  };

  return cmocka_run_group_tests_name("tensor", tests, NULL, NULL);
}
