/// Checks: integrals over regions and surfaces, cell averages, errors and interpolation of nodal fields.
/// Reference: closed integrals of polynomials over a box; a linear field's mean is its value at the centroid.
/// Tolerance and why: 1e-12 relative, rounding of sums over a thousand points.
/// Fails if: a cell or face counts twice or not at all on several ranks, or a component or lane is mixed up.
#include "fields_test.h"

#define WIDTH  1.3
#define DEPTH  0.9
#define LOWER  0.5
#define HEIGHT 1.2

// Three components: linear, another linear, a constant.
static PetscErrorCode Linear(const PetscReal x[3], PetscScalar value[], PetscScalar gradient[],
                             void *ctx) {
  static const double g[9] = {1.2, -.7, .4, -.3, 2.1, .9, 0, 0, 0};
  (void)ctx;
  value[0] = .6 + g[0] * x[0] + g[1] * x[1] + g[2] * x[2];
  value[1] = -1.4 + g[3] * x[0] + g[4] * x[1] + g[5] * x[2];
  value[2] = 2.25;
  for (int k = 0; gradient && k < 9; k++) gradient[k] = g[k];
  return PETSC_SUCCESS;
}

static PetscErrorCode Quadratic(const PetscReal x[3], PetscScalar value[], PetscScalar gradient[],
                                void *ctx) {
  (void)ctx;
  (void)gradient;
  value[0] = 3 * x[0] * x[0] - 2 * x[1] * x[2];
  return PETSC_SUCCESS;
}

typedef struct {
  LhMesh mesh;
  LhSpace space;
  const LhMeshView *mesh_view;
  const LhSpaceView *view;
  PetscInt bs;
  PetscScalar *local;
} Fixture;

static Fixture Make(LhCellType type, PetscInt degree, PetscReal distort, PetscInt bs,
                    LhFieldFn function) {
  Fixture f = {.bs = bs, .mesh = MakeBox(PETSC_COMM_WORLD, 3, type, distort)};
  CHECK_CALL(LhMeshGetView(f.mesh, &f.mesh_view));
  CHECK_CALL(LhSpaceCreate(f.mesh, degree, 0, NULL, &f.space));
  CHECK_CALL(LhSpaceGetView(f.space, &f.view));
  CHECK_CALL(PetscMalloc1(f.view->num_nodes * bs, &f.local));
  CHECK_CALL(LhFieldInterpolate(f.space, bs, function, NULL, f.local));
  return f;
}

static void Unmake(Fixture *f) {
  CHECK_CALL(PetscFree(f->local));
  CHECK_CALL(LhSpaceDestroy(&f->space));
  CHECK_CALL(LhMeshDestroy(&f->mesh));
}

static void AssertNear(double value, double expected) {
  assert_true(fabs(value - expected) < 1e-12 * (1. + fabs(expected)));
}

static void TestWholeBoxAndSurfaces(void **state) {
  const double center[3] = {WIDTH / 2, DEPTH / 2, HEIGHT / 2}, volume = WIDTH * DEPTH * HEIGHT;
  const double on_right[3] = {WIDTH, DEPTH / 2, HEIGHT / 2};
  (void)state;
  for (int k = 0; k < 3; k++) {
    Fixture f = Make(k ? LH_CELL_TET4 : LH_CELL_HEX8, k == 2 ? 2 : 1, .2, 3, Linear);
    double mean[3], total[3] = {0}, size = 0;
    PetscInt surface = -1;
    Linear(center, mean, NULL, NULL);
    CHECK_CALL(LhFieldIntegrateRegion(f.space, 3, f.local, -1, total, &size));
    AssertNear(size, volume);
    for (int c = 0; c < 3; c++) AssertNear(total[c], mean[c] * volume);
    Linear(on_right, mean, NULL, NULL);
    CHECK_CALL(LhMeshFindSurface(f.mesh, "right", &surface));
    CHECK_CALL(LhFieldIntegrateSurface(f.space, 3, f.local, surface, total, &size));
    AssertNear(size, DEPTH * HEIGHT);
    for (int c = 0; c < 3; c++) AssertNear(total[c], mean[c] * DEPTH * HEIGHT);
    Unmake(&f);
  }
}

static void TestRegion(void **state) {
  const double center[3] = {WIDTH / 2, DEPTH / 2, (LOWER + HEIGHT) / 2};
  const double volume = WIDTH * DEPTH * (HEIGHT - LOWER);
  Fixture f = Make(LH_CELL_HEX8, 1, 0, 3, Linear), d = Make(LH_CELL_HEX8, 1, .2, 3, Linear);
  double mean[3], total[3] = {0}, size = 0;
  PetscInt region = -1;
  (void)state;
  Linear(center, mean, NULL, NULL);
  CHECK_CALL(LhMeshFindRegion(f.mesh, "above", &region));
  CHECK_CALL(LhFieldIntegrateRegion(f.space, 3, f.local, region, total, &size));
  AssertNear(size, volume);
  for (int c = 0; c < 3; c++) AssertNear(total[c], mean[c] * volume);
  CHECK_CALL(LhFieldIntegrateRegion(d.space, 3, d.local, region, total, &size));
  AssertNear(size, d.mesh_view->region_volumes[region]);
  AssertNear(total[2], 2.25 * d.mesh_view->region_volumes[region]);
  Unmake(&f);
  Unmake(&d);
}

static void TestQuadraticOnTet10(void **state) {
  Fixture f = Make(LH_CELL_TET4, 2, .2, 1, Quadratic);
  const double W = WIDTH, D = DEPTH, H = HEIGHT;
  double total = 0;
  (void)state;
  CHECK_CALL(LhFieldIntegrateRegion(f.space, 1, f.local, -1, &total, NULL));
  AssertNear(total, W * W * W * D * H - W * D * D * H * H / 2);
  Unmake(&f);
}

static void TestAveragesOfLinearFields(void **state) {
  (void)state;
  for (int k = 0; k < 2; k++) {
    Fixture f = Make(k ? LH_CELL_TET4 : LH_CELL_HEX8, 1, k ? .2 : 0, 3, Linear);
    const PetscInt npc = f.view->nodes_per_cell;
    PetscScalar *averages;
    double error = 0;
    CHECK_CALL(PetscMalloc1(f.view->num_cells * 3, &averages));
    CHECK_CALL(LhFieldCellAverages(f.space, 3, f.local, averages));
    for (PetscInt pc = 0; pc < f.view->num_cells * 3; pc++) {
      const PetscInt *node = f.view->cell_nodes + pc / 3 * npc;
      double mean = 0;
      for (PetscInt a = 0; a < npc; a++) mean += f.local[node[a] * 3 + pc % 3] / (double)npc;
      error = fmax(error, fabs(averages[pc] - mean));
    }
    assert_true(MaxOverRanks(error) < 1e-12);
    CHECK_CALL(PetscFree(averages));
    Unmake(&f);
  }
}

static void TestErrors(void **state) {
  const double volume = WIDTH * DEPTH * HEIGHT;
  const double slopes = 1.2 * 1.2 + .7 * .7 + .4 * .4 + .3 * .3 + 2.1 * 2.1 + .9 * .9;
  (void)state;
  for (int k = 0; k < 3; k++) {
    Fixture f = Make(k ? LH_CELL_TET4 : LH_CELL_HEX8, k == 2 ? 2 : 1, .2, 3, Linear);
    LhFieldErrors e = {0};
    CHECK_CALL(LhFieldGetErrors(f.space, 3, f.local, LH_RULE_STANDARD, Linear, NULL, &e));
    assert_true(e.l2 < 1e-13 && e.h1 < 1e-12);
    for (PetscInt i = 0; i < f.view->num_nodes; i++) f.local[3 * i + 1] -= .35;
    CHECK_CALL(LhFieldGetErrors(f.space, 3, f.local, LH_RULE_FINE, Linear, NULL, &e));
    AssertNear(e.l2, .35 * sqrt(volume));
    assert_true(e.h1 < 1e-12);
    CHECK_CALL(PetscArrayzero(f.local, 3 * f.view->num_nodes));
    CHECK_CALL(LhFieldGetErrors(f.space, 3, f.local, LH_RULE_FINE, Linear, NULL, &e));
    AssertNear(e.h1, sqrt(slopes * volume));
    Unmake(&f);
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestWholeBoxAndSurfaces),
    cmocka_unit_test(TestRegion),
    cmocka_unit_test(TestQuadraticOnTet10),
    cmocka_unit_test(TestAveragesOfLinearFields),
    cmocka_unit_test(TestErrors),
};
FIELDS_TEST_MAIN(tests)
