/// Checks: mean, deviation and correlation of the random field; that only position and seed decide a value.
/// Reference: the Gaussian covariance it is made for: correlation exp(-sum (r_i/L_i)^2), 1/e at one length.
/// Tolerance and why: 4.5 standard errors of N = 4000 independent seeds: 1/sqrt(N) for the mean (in deviations),
///   sqrt(2/N) for the variance, (1 - rho^2)/sqrt(N) for a correlation; a right field fails once in 1e5 runs.
/// Fails if: an amplitude, a length or an axis is wrong, or ranks see different values.
#include "mesh/random_field.h"
#include "mesh_test.h"

#define SEEDS 4000

static const LhRandomFieldParams params = {
    .mean = 0.31,
    .deviation = 0.07,
    .correlation_length = {3, {20e-6, 35e-6, 8e-6}},
    .seed = 5,
    .clip = {2, {-1., 2.}           }
};

/// Sample moments over seeds of the values at two points.
static void Sample(const PetscReal x[6], PetscReal *mean, PetscReal *variance,
                   PetscReal *correlation) {
  PetscReal s = 0., ss = 0., st = 0., tt = 0., t = 0.;
  for (PetscInt seed = 0; seed < SEEDS; seed++) {
    LhRandomFieldParams sample = params;
    LhRandomField field;
    PetscReal value[2];
    PetscInt clipped;
    sample.seed = seed;
    CHECK_CALL(LhRandomFieldCreate(&sample, &field));
    CHECK_CALL(LhRandomFieldEvaluate(field, 2, x, value, &clipped));
    CHECK_CALL(LhRandomFieldDestroy(&field));
    const PetscReal a = (value[0] - params.mean) / params.deviation,
                    b = (value[1] - params.mean) / params.deviation;
    s += a / SEEDS;
    t += b / SEEDS;
    ss += a * a / SEEDS;
    tt += b * b / SEEDS;
    st += a * b / SEEDS;
  }
  *mean = s;
  *variance = ss - s * s;
  *correlation = (st - s * t) / sqrt((ss - s * s) * (tt - t * t));
}

static void TestStatistics(void **state) {
  const PetscReal shift[4][3] = {
      {20e-6, 0,     0   },
      {0,     35e-6, 0   },
      {0,     0,     8e-6},
      {10e-6, 14e-6, 3e-6}
  };
  const PetscReal expected[4] = {exp(-1.), exp(-1.), exp(-1.), exp(-0.25 - 0.16 - 9. / 64.)};
  (void)state;
  if (RankOf(PETSC_COMM_WORLD)) return;  // no ranks in this one: seeds are drawn anew each time
  for (int k = 0; k < 4; k++) {
    PetscReal x[6] = {31e-6, 12e-6, 7e-6}, mean, variance, correlation;
    for (int d = 0; d < 3; d++) x[3 + d] = x[d] + shift[k][d];
    Sample(x, &mean, &variance, &correlation);
    assert_close(mean, 0., 4.5 / sqrt(SEEDS));
    assert_close(variance, 1., 4.5 * sqrt(2. / SEEDS));
    assert_close(correlation, expected[k], 4.5 * (1. - expected[k] * expected[k]) / sqrt(SEEDS));
  }
}

/// One sample over a foil of many correlation lengths has the mean and the deviation, too.
static void TestOneSampleInSpace(void **state) {
  const PetscInt n = 20000;
  LhRandomField field;
  PetscReal *x = malloc(3 * (size_t)n * sizeof(PetscReal)),
            *value = malloc((size_t)n * sizeof(PetscReal));
  PetscReal mean = 0., square = 0.;
  PetscInt clipped;
  (void)state;
  for (PetscInt i = 0; i < n; i++) {
    x[3 * i] = 1e-3 * (i * 0.7548776662 - floor(i * 0.7548776662));
    x[3 * i + 1] = 1e-3 * (i * 0.5698402910 - floor(i * 0.5698402910));
    x[3 * i + 2] = 1e-4 * i / n;
  }
  CHECK_CALL(LhRandomFieldCreate(&params, &field));
  CHECK_CALL(LhRandomFieldEvaluate(field, n, x, value, &clipped));
  for (PetscInt i = 0; i < n; i++) mean += value[i] / n;
  for (PetscInt i = 0; i < n; i++) square += (value[i] - mean) * (value[i] - mean) / n;
  assert_close(mean, params.mean, 0.1 * params.deviation);
  assert_close(sqrt(square), params.deviation, 0.1 * params.deviation);
  CHECK_CALL(LhRandomFieldDestroy(&field));
  free(x);
  free(value);
}

static void TestSameOnAnyRanks(void **state) {
  LhMesh spread = MakeBox(PETSC_COMM_WORLD, LH_CELL_HEX8, 0.2),
         alone = MakeBox(PETSC_COMM_SELF, LH_CELL_HEX8, 0.2);
  const LhMeshView *view = ViewOf(spread), *all = ViewOf(alone);
  PetscReal *x = malloc(3 * (size_t)all->num_cells * sizeof(PetscReal));
  PetscReal *value = malloc((size_t)all->num_cells * sizeof(PetscReal)),
            *part = malloc((size_t)all->num_cells * sizeof(PetscReal));
  LhRandomField field;
  PetscInt clipped;
  (void)state;
  CHECK_CALL(LhRandomFieldCreate(&params, &field));
  CHECK_CALL(LhMeshGetCellCentres(alone, x));
  CHECK_CALL(LhRandomFieldEvaluate(field, all->num_cells, x, part, &clipped));
  for (PetscInt c = 0; c < all->num_cells; c++) value[all->cell_id[c]] = part[c];
  CHECK_CALL(LhMeshGetCellCentres(spread, x));
  CHECK_CALL(LhRandomFieldEvaluate(field, view->num_cells, x, part, &clipped));
  for (PetscInt c = 0; c < view->num_cells; c++) assert_true(part[c] == value[view->cell_id[c]]);
  CHECK_CALL(LhRandomFieldDestroy(&field));
  CHECK_CALL(LhMeshDestroy(&spread));
  CHECK_CALL(LhMeshDestroy(&alone));
  free(x);
  free(value);
  free(part);
}

static void TestClippingIsCounted(void **state) {
  LhRandomFieldParams narrow = params;
  LhRandomField field;
  PetscReal x[300], value[100];
  PetscInt clipped, at_limit = 0;
  (void)state;
  narrow.clip = (LhRealList){
      2, {0.29, 0.33}
  };
  for (int i = 0; i < 300; i++) x[i] = 7.3e-6 * i;
  CHECK_CALL(LhRandomFieldCreate(&narrow, &field));
  CHECK_CALL(LhRandomFieldEvaluate(field, 100, x, value, &clipped));
  for (int i = 0; i < 100; i++) {
    assert_in_range((int)(value[i] * 1e6), 290000, 330000);
    at_limit += value[i] == 0.29 || value[i] == 0.33;
  }
  assert_true(clipped > 50 && clipped == at_limit);
  CHECK_CALL(LhRandomFieldDestroy(&field));
}

static const char *text =
    "random: {deviation: 2 %, correlation_length: [20 um, 0.03 mm, 10 um], seed: 4, clip: [0, "
    "0.3]}";

static void TestRead(void **state) {
  LhRandomFieldParams read = {.mean = 0.1234};
  LhReader reader = {0};
  LhRandomField field;
  LhDoc doc;
  LhNode root;
  (void)state;
  CHECK_CALL(LhDiagCreate(&reader.diag));
  CHECK_CALL(LhDocParse("case.yaml", text, strlen(text), reader.diag, &doc));
  CHECK_CALL(LhDocGetRoot(doc, &root));
  CHECK_CALL(LhRandomFieldRead(&reader, LhNodeFind(root, "random"), root, "random", &read, &field));
  assert_non_null(field);
  assert_close(read.mean, 0.1234, 0.);
  assert_close(read.deviation, 0.02, 1e-16);
  assert_close(read.correlation_length.v[1], 30e-6, 1e-18);
  assert_int_equal(read.seed, 4);
  CHECK_CALL(LhRandomFieldDestroy(&field));
  CHECK_CALL(LhDocDestroy(&doc));
  CHECK_CALL(LhDiagDestroy(&reader.diag));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestStatistics),     cmocka_unit_test(TestOneSampleInSpace),
    cmocka_unit_test(TestSameOnAnyRanks), cmocka_unit_test(TestClippingIsCounted),
    cmocka_unit_test(TestRead),
};
MESH_TEST_MAIN(tests)
