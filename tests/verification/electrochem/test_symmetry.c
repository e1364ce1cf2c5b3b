/// Checks: reversal of a small current, rest, the mirror image of a symmetric LZNC cell.
/// Reference: exact symmetries of the problem.
/// Tolerance and why: 1e-6 for reversal (linear to 1e-7 at this current), 1e-12 at rest, 1e-5 for the mirror: rtol 1e-7 leaves 3e-6.
/// Fails if: signs of stripping and plating differ, a source acts at rest, or the two electrodes are treated differently.
#include "support/cell_fixture.h"

static void Build(Cell *c) {
  LhBoxSpec box = {
      .width = 20e-6,
      .depth = 15e-6,
      .cells_x = 3,
      .cells_y = 2,
      .num_layers = 2,
      .distort = 0.2,
      .seed = 11,
      .layers = {{"foil", 50e-6, 5, 1.2, 0}, {"separator", 25e-6, 3, 1, 0}}
  };

  CellFoil(c, 0.05);
  c->heterogeneous = PETSC_TRUE;
  OK(CellBuild(c, &box));
}

static double Voltage(Cell *c) {
  PetscReal s[LH_NUM_SCALARS];

  OK(CellScalars(c, s));
  return s[LH_VOLTAGE];
}

static void TestReversal(void **state) {
  double volts[2][3];

  (void)state;
  for (int k = 0; k < 2; k++) {
    Cell c;

    Build(&c);
    for (int m = 0; m < 3; m++) {
      OK(CellRunCurrent(&c, k ? -1e-5 : 1e-5, m ? 10 : 1e-4, 1e-6));
      volts[k][m] = Voltage(&c);
    }
    OK(CellDestroy(&c));
  }
  for (int m = 0; m < 3; m++) {
    assert_true(fabs(volts[0][m]) > 1e-10);
    CheckRelative("plating", volts[1][m], -volts[0][m], 1e-6);
  }
}

/// Largest change of the state in units of its scales.
static double Drift(Cell *c, Vec before) {
  PetscReal norm;
  Vec y, scale;

  OK(LhEcSolverGetState(c->solver, NULL, &y, NULL));
  OK(VecDuplicate(y, &scale));
  OK(LhElectrochemGetScales(c->ec, scale));
  OK(VecAXPY(before, -1, y));
  OK(VecPointwiseDivide(before, before, scale));
  OK(VecNorm(before, NORM_INFINITY, &norm));
  OK(VecDestroy(&scale));
  return norm;
}

static void TestRest(void **state) {
  Vec y, before;
  Cell c;
  double drift;

  (void)state;
  Build(&c);
  OK(LhEcSolverGetState(c.solver, NULL, &y, NULL));
  OK(VecDuplicate(y, &before));
  OK(VecCopy(y, before));
  OK(CellRunCurrent(&c, 0, 36000, 1e-2));
  drift = Drift(&c, before);
  print_message("largest change over 10 h of rest: %.1e\n", drift);
  assert_true(drift < 1e-12);
  OK(VecDestroy(&before));
  OK(CellDestroy(&c));
}

/// LZNC | separator | LZNC, its own mirror image.
static void BuildTwoFoils(Cell *c) {
  LhBoxSpec box = {
      .width = 12e-6,
      .depth = 9e-6,
      .cells_x = 2,
      .cells_y = 1,
      .num_layers = 3,
      .layers = {
                 {"foil", 50e-6, 6, 1, 0}, {"separator", 25e-6, 4, 1, 0}, {"second", 50e-6, 6, 1, 0}}
  };

  CellFoil(c, 0.3);
  free(c->spec.electrodes[LH_COUNTER].interface.kinetics_params);
  c->layer[2] = MakeHost(0.3, 70.6, 5e5);
  c->spec.electrodes[LH_COUNTER] = MakeCollector("top", 1e-6);
  c->numerics.rtol = 1e-7;
  c->numerics.atol = 1e-10;
  OK(CellBuild(c, &box));
}

/// Voltage after 0.5 mAh/cm^2 at `density`, and of the way back; the inventory closes.
static void Shuttle(double density, double volts[2]) {
  LhInventory inventory;
  PetscReal t;
  Vec y;
  Cell c;

  BuildTwoFoils(&c);
  OK(CellRunCurrent(&c, density, 0.5 * MAH_CM2 / fabs(density), 1e-3));
  volts[0] = Voltage(&c);
  OK(CellRunCurrent(&c, -density, 1 * MAH_CM2 / fabs(density), 1e-3));
  volts[1] = Voltage(&c);
  OK(LhEcSolverGetState(c.solver, &t, &y, NULL));
  OK(LhElectrochemGetInventory(c.ec, t, y, &inventory));
  print_message("lithium %.1e, charge %.1e\n", inventory.lithium_error, inventory.charge_error);
  assert_true(fabs(inventory.lithium_error) < 1e-9 && fabs(inventory.charge_error) < 1e-9);
  OK(CellDestroy(&c));
}

/// At any current the mirror image of the symmetric cell has the opposite voltage.
static void TestSymmetricCell(void **state) {
  double forth[2], back[2];

  (void)state;
  Shuttle(10, forth);
  Shuttle(-10, back);
  for (int k = 0; k < 2; k++) CheckRelative("mirrored [V]", back[k], -forth[k], 1e-5);
  assert_true(forth[0] > 1e-3 && forth[1] < -1e-3);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestReversal), cmocka_unit_test(TestRest),
                                     cmocka_unit_test(TestSymmetricCell)};

  return RUN_TESTS(argc, argv, tests);
}
