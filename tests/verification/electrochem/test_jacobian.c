/// Checks: condensation, linear solve and back-substitution together invert dF/dy + cj dF/dydot.
/// Reference: central differences of the residual along the solution x of J x = b: they must give b.
/// Tolerance and why: 2e-6 of the row group's norm; the difference step 1e-6 of each scale balances
/// truncation and rounding.
/// Fails if: any derivative, sign, lane or border term of the condensed system is wrong.
#include "support/cell_fixture.h"

#define TOLERANCE 2e-6
#define TIME      0.5
#define CJ        0.37  // 1/s
/// Kinds of rows: four per node, five per reaction of a cell (two reactions), lithium faces, each scalar.
enum { CELL_KINDS = 2 * LH_CELL_STATE, FACE_KIND = LH_NODE_STATE + CELL_KINDS, SCALAR_KIND };
enum { NUM_KINDS = SCALAR_KIND + LH_NUM_SCALARS };

static void Build(Cell *c, LhElectrodeKind working, LhCellType type) {
  LhBoxSpec box = {
      .width = 7e-6,
      .depth = 9e-6,
      .cells_x = 3,
      .cells_y = 2,
      .num_layers = 2,
      .distort = 0.2,
      .seed = 5,
      .cell_type = type,
      .layers = {{"foil", 20e-6, 4, 1.3, 0}, {"separator", 25e-6, 3, 1, 0}}
  };

  memset(c, 0, sizeof(*c));
  c->layer[0] = working == LH_ELECTRODE_LITHIUM ? MakePorous(0.8, 1.9) : MakeHost(0.3, 70.6, 5e5);
  c->layer[1] = MakePorous(0.55, 5);
  c->layer[1].bridge_conductivity = 0.03;
  c->layer[1].bridge_exchange =
      working == LH_ELECTRODE_LITHIUM ? 7e8 : 0;  // else local equilibrium
  c->electrolyte = MakeElectrolyte("nyman2008", "thermodynamic_factor: 1.7", 1000);
  c->spec.electrodes[LH_WORKING] = working == LH_ELECTRODE_LITHIUM
                                       ? MakeLithium("bottom", "butler_volmer", XU_LITHIUM)
                                       : MakeCollector("bottom", 1e-6);
  c->spec.electrodes[LH_WORKING].kind = working;
  c->spec.electrodes[LH_COUNTER] = MakeLithium("top", "butler_volmer", XU_LITHIUM);
  c->numerics = DefaultNumerics();
  OK(CellBuild(c, &box));
}

/// Random numbers in units of the scales.
static void Random(PetscRandom random, Vec scale, Vec x) {
  OK(VecSetRandom(x, random));
  OK(VecPointwiseMult(x, x, scale));
}

/// A generic state: nothing zero, no two equal.
static void Disturb(Cell *c, Vec scale, Vec y, Vec ydot) {
  PetscRandom random;
  Vec x;

  OK(VecDuplicate(y, &x));
  OK(PetscRandomCreate(PETSC_COMM_WORLD, &random));
  OK(PetscRandomSetInterval(random, -0.2, 0.2));
  OK(PetscRandomSeed(random));
  OK(LhElectrochemGetScales(c->ec, scale));
  Random(random, scale, x);
  OK(VecAXPY(y, 1, x));
  Random(random, scale, x);
  OK(VecAXPY(ydot, 0.01, x));
  OK(PetscRandomDestroy(&random));
  OK(VecDestroy(&x));
}

/// r = F(y + h x, ydot + cj h x).
static void Residual(Cell *c, Vec y, Vec ydot, Vec x, PetscReal h, Vec r) {
  PetscBool finite;
  Vec a, d;

  OK(VecDuplicate(y, &a));
  OK(VecDuplicate(y, &d));
  OK(VecWAXPY(a, h, x, y));
  OK(VecWAXPY(d, h * CJ, x, ydot));
  OK(LhElectrochemResidual(c->ec, TIME, a, d, r, &finite));
  assert_true(finite);
  OK(VecDestroy(&a));
  OK(VecDestroy(&d));
}

/// x = J^-1 b with the direct preset.
static void Solve(Cell *c, Vec y, Vec ydot, Vec b, Vec x) {
  const LhPrecondPreset *presets;
  KSPConvergedReason reason;
  PetscInt n, iterations;
  Mat op, pmat;
  KSP ksp;

  OK(LhElectrochemJacobian(c->ec, TIME, CJ, y, ydot));
  OK(LhElectrochemGetOperators(c->ec, &op, &pmat));
  OK(KSPCreate(PETSC_COMM_WORLD, &ksp));
  OK(KSPSetTolerances(ksp, 1e-14, 0, 1e9, 200));
  OK(LhElectrochemPresets(&n, &presets));
  OK(LhPrecondApply(ksp, "check_", &presets[0]));
  OK(KSPSetOperators(ksp, op, pmat));
  OK(LhElectrochemSolveLinear(c->ec, ksp, b, x, &iterations, &reason));
  assert_true(reason > 0);
  OK(KSPDestroy(&ksp));
}

/// error = (F(+h x) - F(-h x)) / 2h - b, with h such that no unknown moves by more than 1e-6 of its scale.
static void Difference(Cell *c, Vec scale, Vec y, Vec ydot, Vec x, Vec b, Vec error) {
  PetscReal norm;
  Vec minus;

  OK(VecDuplicate(x, &minus));
  OK(VecPointwiseDivide(minus, x, scale));
  OK(VecNorm(minus, NORM_INFINITY, &norm));
  Residual(c, y, ydot, x, 1e-6 / norm, error);
  Residual(c, y, ydot, x, -1e-6 / norm, minus);
  OK(VecAXPY(error, -1, minus));
  OK(VecScale(error, norm / 2e-6));
  OK(VecAXPY(error, -1, b));
  OK(VecDestroy(&minus));
}

/// Rows of each group in the local state, in their order: nodes, cells of the host, lithium faces, scalars (rank 0).
typedef struct {
  PetscInt nodes, cells, faces;
} Groups;

static PetscInt Kind(PetscInt i, const Groups *g) {
  if (i < g->nodes) return i % LH_NODE_STATE;
  i -= g->nodes;
  if (i < g->cells) return LH_NODE_STATE + i / LH_BATCH % CELL_KINDS;
  i -= g->cells;
  return i < g->faces ? FACE_KIND : SCALAR_KIND + i - g->faces;
}

/// Rows of the host's cells on this rank: full batches of both reactions.
static PetscInt CellRows(Cell *c) {
  const LhMeshView *mesh;
  PetscInt cells = 0;

  OK(LhMeshGetView(c->mesh, &mesh));
  if (c->layer[0].kind != LH_MATERIAL_HOST) return 0;
  for (PetscInt i = 0; i < mesh->num_cells; i++) cells += mesh->cell_region[i] == 0;
  return (cells + LH_BATCH - 1) / LH_BATCH * LH_BATCH * CELL_KINDS;
}

static Groups FindGroups(Cell *c, Vec v) {
  const LhSpaceView *view;
  PetscMPIInt rank;
  LhSpace space;
  Groups g;
  PetscInt n;

  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  OK(LhElectrochemGetSpace(c->ec, &space));
  OK(LhSpaceGetView(space, &view));
  OK(VecGetLocalSize(v, &n));
  g.nodes = view->num_owned * LH_NODE_STATE;
  g.cells = CellRows(c);
  g.faces = n - g.nodes - g.cells - (rank ? 0 : LH_NUM_SCALARS);
  return g;
}

/// Largest entry of each kind over all ranks.
static void Largest(Cell *c, Vec v, PetscReal largest[NUM_KINDS]) {
  const Groups groups = FindGroups(c, v);
  const PetscScalar *a;
  PetscInt n;

  OK(VecGetLocalSize(v, &n));
  OK(VecGetArrayRead(v, &a));
  for (int k = 0; k < NUM_KINDS; k++) largest[k] = 0;
  for (PetscInt i = 0; i < n; i++) {
    const PetscInt k = Kind(i, &groups);

    largest[k] = PetscMax(largest[k], PetscAbsReal(a[i]));
  }
  OK(VecRestoreArrayRead(v, &a));
  MPI_Allreduce(MPI_IN_PLACE, largest, NUM_KINDS, MPIU_REAL, MPI_MAX, PETSC_COMM_WORLD);
}

static void CheckRows(Cell *c, Vec b, Vec error) {
  PetscReal size[NUM_KINDS], worst[NUM_KINDS];

  Largest(c, b, size);
  Largest(c, error, worst);
  for (int k = 0; k < NUM_KINDS; k++) {
    if (!(worst[k] <= TOLERANCE * size[k]))
      print_message("row kind %d: error %g of %g\n", k, worst[k], size[k]);
    assert_true(worst[k] <= TOLERANCE * size[k]);
  }
}

static void CheckJacobian(LhElectrodeKind working, LhControlKind kind, LhCellType type) {
  const LhControl control = {kind, kind == LH_CONTROL_CURRENT ? 3e-10 : 0.01};
  Vec y, ydot, scale, x, b, error;
  Cell c;

  Build(&c, working, type);
  OK(LhElectrochemSetControl(c.ec, &control));
  OK(LhEcSolverGetState(c.solver, NULL, &y, &ydot));
  OK(VecDuplicate(y, &scale));
  OK(VecDuplicate(y, &x));
  OK(VecDuplicate(y, &b));
  OK(VecDuplicate(y, &error));
  Disturb(&c, scale, y, ydot);
  // The residual itself: the size of right-hand sides the integrator makes.
  OK(VecZeroEntries(x));
  Residual(&c, y, ydot, x, 0, b);
  Solve(&c, y, ydot, b, x);
  Difference(&c, scale, y, ydot, x, b, error);
  CheckRows(&c, b, error);
  OK(VecDestroy(&scale));
  OK(VecDestroy(&x));
  OK(VecDestroy(&b));
  OK(VecDestroy(&error));
  OK(CellDestroy(&c));
}

static void TestCollectorCurrent(void **state) {
  (void)state;
  CheckJacobian(LH_ELECTRODE_COLLECTOR, LH_CONTROL_CURRENT, LH_CELL_HEX8);
}
static void TestCollectorVoltage(void **state) {
  (void)state;
  CheckJacobian(LH_ELECTRODE_COLLECTOR, LH_CONTROL_VOLTAGE, LH_CELL_TET4);
}
static void TestUniformCurrent(void **state) {
  (void)state;
  CheckJacobian(LH_ELECTRODE_UNIFORM, LH_CONTROL_CURRENT, LH_CELL_HEX8);
}
static void TestLithiumCurrent(void **state) {
  (void)state;
  CheckJacobian(LH_ELECTRODE_LITHIUM, LH_CONTROL_CURRENT, LH_CELL_HEX8);
}
static void TestLithiumVoltage(void **state) {
  (void)state;
  CheckJacobian(LH_ELECTRODE_LITHIUM, LH_CONTROL_VOLTAGE, LH_CELL_HEX8);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestCollectorCurrent), cmocka_unit_test(TestCollectorVoltage),
      cmocka_unit_test(TestUniformCurrent), cmocka_unit_test(TestLithiumCurrent),
      cmocka_unit_test(TestLithiumVoltage)};

  return RUN_TESTS(argc, argv, tests);
}
