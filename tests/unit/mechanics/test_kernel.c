/// Checks: element tangent is the derivative of the element force; symmetric for a hyperelastic law; tet10 and hex8; sums in single precision.
/// Reference: central differences of the force itself, (H8) in a uniform squeeze; random displacement, two phases, growth, distorted cells.
/// Tolerance and why: 1e-6 of the largest entry; differences with step 1e-6 of the cell are good to about 1e-9.
/// Fails if: a geometric or mean-dilatation term is missing, a row is taken for a column, or empty cells close freely.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "physics/mechanics_kernel.h"
#include "unit/mechanics/neo_hookean.h"

static LhMechWork work, shifted;

static const double hex_corner[8][3] = {
    {0, 0, 0},
    {1, 0, 0},
    {1, 1, 0},
    {0, 1, 0},
    {0, 0, 1},
    {1, 0, 1},
    {1, 1, 1},
    {0, 1, 1}
};
static const double tet_node[10][3] = {
    {0,  0,  0 },
    {1,  0,  0 },
    {0,  1,  0 },
    {0,  0,  1 },
    {.5, 0,  0 },
    {.5, .5, 0 },
    {0,  .5, 0 },
    {0,  0,  .5},
    {.5, 0,  .5},
    {0,  .5, .5}
};

static double Noise(void) {
  return 2. * rand() / (double)RAND_MAX - 1.;
}

static NeoHookean soft = {2., 7., 0.}, hard = {5., 3., 0.};
static LhMechPhase phases[2] = {
    {.law = &neo_hookean, .params = &soft, .weight = LH_WEIGHT_ONE    },
    {.law = &neo_hookean, .params = &hard, .weight = LH_WEIGHT_LITHIUM}
};

static LhMechBatch MakeBatch(LhElementKind kind, PetscBool mean_dilatation) {
  LhMechBatch batch = {.element = LhElementGet(kind),
                       .mean_dilatation = mean_dilatation,
                       .num_phases = 2,
                       .phases = phases,
                       .dt = .3};
  const double(*node)[3] = kind == LH_ELEMENT_HEX8 ? hex_corner : tet_node;

  for (int l = 0; l < LH_BATCH; l++) {
    batch.growth[l] = 1.1 + .03 * l;
    batch.lithium[l] = .4 + .05 * l;
    batch.temperature[l] = 300. + l;
    for (int d = 0; d < 3 * batch.element->num_nodes; d++) {
      work.x[d][l] = node[d / 3][d % 3] + .1 * Noise();
      work.u[d][l] = .15 * Noise();
    }
  }
  return batch;
}

static double LargestEntry(PetscInt n) {
  double largest = 0.;
  for (int m = 0; m < n; m++) {
    for (int l = 0; l < LH_BATCH; l++) largest = fmax(largest, fabs(work.K[m][l]));
  }
  return largest;
}

/// Largest error of column e of the tangent in `work`.
static double ColumnError(const LhMechBatch *batch, int e) {
  const int n = 3 * (int)batch->element->num_nodes;
  const double h = 1e-6;
  double column[LH_MECH_MAX_DOFS][LH_BATCH], error = 0.;

  for (int sign = -1; sign <= 1; sign += 2) {
    shifted = work;
    for (int l = 0; l < LH_BATCH; l++) shifted.u[e][l] += sign * h;
    LhMechKernelEvaluate(batch, LH_MECH_RESIDUAL, &shifted);
    for (int d = 0; d < n; d++) {
      for (int l = 0; l < LH_BATCH; l++) {
        column[d][l] = (sign > 0 ? column[d][l] : 0.) + sign * shifted.f[d][l] / (2. * h);
      }
    }
  }
  for (int d = 0; d < n; d++) {
    for (int l = 0; l < LH_BATCH; l++)
      error = fmax(error, fabs(column[d][l] - work.K[d * n + e][l]));
  }
  return error;
}

static void CheckTangent(LhElementKind kind, PetscBool mean_dilatation, double gamma) {
  LhMechBatch batch = MakeBatch(kind, mean_dilatation);
  const int n = 3 * (int)batch.element->num_nodes;
  double scale;

  soft.gamma = gamma;
  LhMechKernelEvaluate(&batch, LH_MECH_TANGENT, &work);
  for (int l = 0; l < LH_BATCH; l++) assert_true(work.failed[l] == 0.);
  scale = LargestEntry(n * n);
  for (int e = 0; e < n; e++) assert_true(ColumnError(&batch, e) < 1e-6 * scale);
}

/// Two phases of a law of small strains, whose tangents have all symmetries.
static void PlasticPhases(LhMechBatch *batch) {
  static double params[4] = {10., .3, .1, .5};  // E, nu, Y, H
  static double old[8 * 16][LH_BATCH], now[8 * 16][LH_BATCH];
  static LhMechPhase phase[2] = {
      {.params = params, .weight = LH_WEIGHT_ONE    },
      {.params = params, .weight = LH_WEIGHT_LITHIUM}
  };

  for (int k = 0; k < 2; k++) assert_int_equal(LhMechLawFind("j2_small_strain", &phase[k].law), 0);
  batch->phases = phase;
  batch->num_state = 2 * phase[0].law->num_state;
  batch->old = (const double(*)[LH_BATCH])old;
  batch->now = now;
}

/// Force and tangent with sums in single precision against those in double.
static void CheckSingle(const LhMechBatch *batch) {
  const int n = 3 * (int)batch->element->num_nodes;
  double error = 0.;

  LhMechKernelEvaluate(batch, LH_MECH_TANGENT, &work);
  shifted = work;
  LhMechKernelEvaluate(batch, LH_MECH_TANGENT_SINGLE, &shifted);
  for (int m = 0; m < n * n; m++) {
    for (int l = 0; l < LH_BATCH; l++)
      error = fmax(error, fabs((double)shifted.single.K[m][l] - work.K[m][l]));
  }
  assert_true(error > 0. && error < 1e-6 * LargestEntry(n * n));
  assert_memory_equal(shifted.f, work.f, sizeof(work.f));
}

static void TestSingle(void **state) {
  LhMechBatch batch;

  (void)state;
  for (int k = 0; k < 4; k++) {
    soft.gamma = k % 2 ? 4. : 0.;
    batch = MakeBatch(LH_ELEMENT_HEX8, k < 2 ? PETSC_TRUE : PETSC_FALSE);
    CheckSingle(&batch);
    batch = MakeBatch(LH_ELEMENT_TET10, PETSC_FALSE);
    CheckSingle(&batch);
  }
  soft.gamma = 0.;
  batch = MakeBatch(LH_ELEMENT_HEX8, PETSC_FALSE);
  PlasticPhases(&batch);
  CheckSingle(&batch);
  batch = MakeBatch(LH_ELEMENT_TET10, PETSC_FALSE);
  PlasticPhases(&batch);
  CheckSingle(&batch);
}

static void TestTangentHex8(void **state) {
  (void)state;
  CheckTangent(LH_ELEMENT_HEX8, PETSC_TRUE, 0.);
  CheckTangent(LH_ELEMENT_HEX8, PETSC_TRUE, 4.);
  CheckTangent(LH_ELEMENT_HEX8, PETSC_FALSE, 4.);
}

static void TestTangentTet10(void **state) {
  (void)state;
  CheckTangent(LH_ELEMENT_TET10, PETSC_FALSE, 4.);
}

/// Tangents of 21 components, alone and where a mean dilatation or a second law asks for all of them.
static void TestTangentSmallStrain(void **state) {
  (void)state;
  soft.gamma = 0.;
  for (int k = 0; k < 4; k++) {
    LhMechBatch batch = MakeBatch(k == 1 ? LH_ELEMENT_TET10 : LH_ELEMENT_HEX8, k == 2);
    const int n = 3 * (int)batch.element->num_nodes;
    LhMechPhase mixed[2] = {phases[0]};

    PlasticPhases(&batch);
    mixed[1] = batch.phases[1];
    if (k == 3) batch.phases = mixed;
    for (int d = 0; d < n; d++) {
      for (int l = 0; l < LH_BATCH; l++)
        work.u[d][l] *= .4;  // no corner of a tetrahedron turns over
    }
    LhMechKernelEvaluate(&batch, LH_MECH_TANGENT, &work);
    for (int l = 0; l < LH_BATCH; l++) assert_true(work.failed[l] == 0.);
    for (int e = 0; e < n; e++) assert_true(ColumnError(&batch, e) < 1e-6 * LargestEntry(n * n));
  }
}

/// Half of the lanes are empty cells, so small that their walls meet at every point.
static void CloseLanes(LhMechBatch *batch) {
  for (int l = 0; l < LH_BATCH; l += 2) {
    batch->closing[l] = 3.;
    for (int d = 0; d < 3 * batch->element->num_nodes; d++)
      work.u[d][l] = .3 * work.u[d][l] - .6 * work.x[d][l];
  }
}

/// Its tangent is the derivative of its force and symmetric; cells that are not empty do not notice.
static void TestClosing(void **state) {
  LhMechBatch batch = MakeBatch(LH_ELEMENT_HEX8, PETSC_TRUE), open;
  double scale;

  (void)state;
  soft.gamma = 0.;
  CloseLanes(&batch);
  open = batch;
  for (int l = 0; l < LH_BATCH; l++) open.closing[l] = 0.;
  LhMechKernelEvaluate(&batch, LH_MECH_TANGENT, &work);
  scale = LargestEntry(24 * 24);
  for (int e = 0; e < 24; e++) assert_true(ColumnError(&batch, e) < 1e-6 * scale);
  for (int m = 0; m < 24 * 24; m++) {
    for (int l = 0; l < LH_BATCH; l++)
      assert_true(fabs(work.K[m][l] - work.K[m % 24 * 24 + m / 24][l]) < 1e-12 * scale);
  }
  shifted = work;
  LhMechKernelEvaluate(&open, LH_MECH_RESIDUAL, &shifted);
  for (int d = 0; d < 24; d++) {
    for (int l = 1; l < LH_BATCH; l += 2) assert_true(shifted.f[d][l] == work.f[d][l]);
  }
}

/// Power of a uniform shrinking u = (lambda - 1) x of the unit cube.
static double Power(const LhMechBatch *batch, double lambda) {
  double power = 0.;

  for (int d = 0; d < 24; d++) {
    for (int l = 0; l < LH_BATCH; l++) {
      shifted.x[d][l] = hex_corner[d / 3][d % 3];
      shifted.u[d][l] = (lambda - 1.) * shifted.x[d][l];
    }
  }
  LhMechKernelEvaluate(batch, LH_MECH_RESIDUAL, &shifted);
  for (int d = 0; d < 24; d++) power += shifted.f[d][0] * shifted.x[d][0];
  return power;
}

/// dW/dlambda = 3 J dW/dJ / lambda with W of (H8); nothing above J = 0.1.
static void TestClosingStress(void **state) {
  LhMechBatch batch = MakeBatch(LH_ELEMENT_HEX8, PETSC_TRUE), open;

  (void)state;
  open = batch;
  batch.closing[0] = 3.;
  for (double lambda = .3; lambda < .8; lambda += .1) {
    const double closed = fmax(log(.1 / pow(lambda, 3.)), 0.);
    const double gap = Power(&batch, lambda) - Power(&open, lambda);

    assert_true(fabs(gap + 3. * 3. * closed * closed / lambda) < 1e-10);
  }
}

static void TestSymmetry(void **state) {
  LhMechBatch batch = MakeBatch(LH_ELEMENT_HEX8, PETSC_TRUE);
  double scale;

  (void)state;
  soft.gamma = 0.;
  LhMechKernelEvaluate(&batch, LH_MECH_TANGENT, &work);
  scale = LargestEntry(24 * 24);
  for (int d = 0; d < 24; d++) {
    for (int e = 0; e < 24; e++) {
      for (int l = 0; l < LH_BATCH; l++) {
        assert_true(fabs(work.K[24 * d + e][l] - work.K[24 * e + d][l]) < 1e-12 * scale);
      }
    }
  }
  assert_true(sqrt(work.asymmetry / work.magnitude) < 1e-14);
  soft.gamma = 4.;
  LhMechKernelEvaluate(&batch, LH_MECH_TANGENT, &work);
  assert_true(sqrt(work.asymmetry / work.magnitude) > 1e-5);
}

static void TestInvertedLaneFailsAlone(void **state) {
  LhMechBatch batch = MakeBatch(LH_ELEMENT_HEX8, PETSC_TRUE);

  (void)state;
  for (int a = 4; a < 8; a++) work.u[3 * a + 2][5] -= 2.;
  LhMechKernelEvaluate(&batch, LH_MECH_RESIDUAL, &work);
  for (int l = 0; l < LH_BATCH; l++) assert_int_equal(work.failed[l] > 0., l == 5);
}

/// Not a check: cells per second on one core without the law's own cost, printed for the record.
static void PrintThroughput(void **state) {
  LhMechBatch batch = MakeBatch(LH_ELEMENT_HEX8, PETSC_TRUE);
  const int n = 400;
  const clock_t start = clock();
  double seconds;

  (void)state;
  for (int m = 0; m < n; m++) LhMechKernelEvaluate(&batch, LH_MECH_TANGENT, &work);
  seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  printf("hex8 force and tangent: %.3g cells/s\n", n * LH_BATCH / seconds);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestTangentHex8),
                                     cmocka_unit_test(TestTangentTet10),
                                     cmocka_unit_test(TestTangentSmallStrain),
                                     cmocka_unit_test(TestSingle),
                                     cmocka_unit_test(TestSymmetry),
                                     cmocka_unit_test(TestInvertedLaneFailsAlone),
                                     cmocka_unit_test(TestClosing),
                                     cmocka_unit_test(TestClosingStress),
                                     cmocka_unit_test(PrintThroughput)};
  srand(7);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
