/// Checks: the multigrid preset gives the answer of the factorisation with a collector, a uniform flux and a network of its own, and needs few iterations.
/// Reference: the same steps of implicit Euler with the preset direct.
/// Tolerance and why: 1e-9 of voltage and salt: both solve each step to 1e-11; at most 7 iterations a solve to 1e-2, twice what it takes.
/// Fails if: the matrix in single precision or its exact sums are wrong, a terminal is left out, or the finest level keeps an old matrix.
#include "support/cell_fixture.h"

typedef enum { COLLECTOR, UNIFORM, NETWORK } Kind;

static void Build(Cell *c, Kind kind, PetscInt preset, PetscReal digits) {
  LhBoxSpec box = {
      .width = 60e-6,
      .depth = 50e-6,
      .cells_x = 6,
      .cells_y = 5,
      .num_layers = 2,
      .layers = {{"foil", 50e-6, 12, 1}, {"separator", 25e-6, 5, 1}}
  };

  CellFoil(c, 0.05);
  c->heterogeneous = PETSC_TRUE;
  if (kind == UNIFORM) c->spec.electrodes[LH_WORKING].kind = LH_ELECTRODE_UNIFORM;
  if (kind == NETWORK) {
    c->layer[0].bridge_conductivity = 0.01;
    c->layer[0].bridge_exchange = 1e8;
  }
  c->numerics.fixed_step = 120;
  c->numerics.rtol = c->numerics.atol = digits;
  c->numerics.newton_coefficient = 1;
  c->numerics.krylov_rtol = digits > 1e-6 ? 1e-2 : 1e-9;
  c->numerics.preconditioner = preset;
  OK(CellBuild(c, &box));
}

typedef struct {
  double voltage, salt, least;
  LhEcSolverStats stats;
} Answer;

static Answer Strip(Kind kind, PetscInt preset, PetscReal digits) {
  PetscReal s[LH_NUM_SCALARS], t;
  LhInventory inventory;
  Answer a;
  Cell c;
  Vec y;

  Build(&c, kind, preset, digits);
  OK(CellRunCurrent(&c, 20, 1200, 1e-6));
  OK(CellScalars(&c, s));
  OK(LhEcSolverGetState(c.solver, &t, &y, NULL));
  OK(LhElectrochemGetInventory(c.ec, t, y, &inventory));
  OK(LhEcSolverGetStats(c.solver, &a.stats));
  a.voltage = s[LH_VOLTAGE];
  a.salt = inventory.salt;
  a.least = inventory.min_concentration;
  OK(CellDestroy(&c));
  OK(PetscOptionsClear(NULL));  // a preset takes what another left for the user's word
  return a;
}

static void Compare(Kind kind) {
  enum { DIRECT = 1, MULTIGRID = 3 };
  const Answer exact = Strip(kind, DIRECT, 1e-11), found = Strip(kind, MULTIGRID, 1e-11),
               loose = Strip(kind, MULTIGRID, 1e-3);

  CheckNear("voltage over that of the factorisation", found.voltage / exact.voltage, 1, 1e-9);
  CheckNear("smallest concentration over that of the factorisation", found.least / exact.least, 1,
            1e-9);
  CheckNear("salt over that of the factorisation", found.salt / exact.salt, 1, 1e-9);
  print_message("%g iterations a solve, %d set-ups\n",
                (double)loose.stats.krylov / loose.stats.solves, (int)loose.stats.preconditioners);
  assert_true(loose.stats.krylov < 7 * loose.stats.solves);
}

static void TestCollector(void **state) {
  (void)state;
  Compare(COLLECTOR);
}

static void TestUniform(void **state) {
  (void)state;
  Compare(UNIFORM);
}

static void TestNetwork(void **state) {
  (void)state;
  Compare(NETWORK);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestCollector), cmocka_unit_test(TestUniform),
                                     cmocka_unit_test(TestNetwork)};

  return RUN_TESTS(argc, argv, tests);
}
