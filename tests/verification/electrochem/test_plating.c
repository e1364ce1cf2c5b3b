/// Checks: plating: order of reservoirs after a deep strip, pores fill to the least porosity and no further.
/// Reference: staircase potentials and capacities of physics.md; pore volume over molar volume times F.
/// Tolerance and why: capacities 2e-3, what 0.02 to 0.2 A/m^2 leave of a gradient; porosity 1e-6 by the issue.
/// Fails if: free lithium plates before zinc is full, pores overfill, or a full foil still takes current.
#include "support/cell_fixture.h"

#define FOIL      50e-6
#define NUM_CELLS 8

static void Build(Cell *c, double porosity) {
  LhBoxSpec box = {
      .width = 3e-6,
      .depth = 2e-6,
      .cells_x = 1,
      .cells_y = 1,
      .num_layers = 2,
      .layers = {{"foil", FOIL, NUM_CELLS, 1, 0}, {"separator", 25e-6, 3, 1, 0}}
  };

  CellFoil(c, porosity);
  OK(CellBuild(c, &box));
}

/// Content of both reservoirs over that as made, and the least porosity.
typedef struct {
  PetscReal lithium, alloy, least_porosity;
} Contents;

static Contents Read(Cell *c) {
  PetscReal field[3][NUM_CELLS + 3], t;
  LhElectrochemCells out;
  LhInventory inventory;
  LhElectrochemFacts facts;
  Contents k = {0, 0, 1};
  Vec y;

  memset(&out, 0, sizeof(out));
  out.porosity = field[0];
  OK(LhEcSolverGetState(c->solver, &t, &y, NULL));
  OK(LhElectrochemGetCells(c->ec, t, y, &out));
  OK(LhElectrochemGetInventory(c->ec, t, y, &inventory));
  OK(LhElectrochemGetFacts(c->ec, &facts));
  for (int i = 0; i < NUM_CELLS + 3; i++)
    k.least_porosity = PetscMin(k.least_porosity, field[0][i]);
  k.lithium = inventory.host[0] * LH_FARADAY / facts.capacity[0];
  k.alloy = inventory.host[1] * LH_FARADAY / facts.capacity[1];
  return k;
}

/// Capacity passed [mAh/cm^2] since `before` when the voltage meets `volts`.
static double RunTo(Cell *c, double density, double volts) {
  const LhLimit limit = {LH_VOLTAGE, volts, density > 0 ? 1 : -1};
  const LhControl control = {LH_CONTROL_CURRENT, density * c->area};
  PetscReal before[LH_NUM_SCALARS], after[LH_NUM_SCALARS];
  PetscInt which;

  OK(CellScalars(c, before));
  OK(CellRun(c, &control, 1, &limit, 1e9, 1e-3, &which));
  assert_int_equal(which, 0);
  OK(CellScalars(c, after));
  return (after[LH_CHARGE] - before[LH_CHARGE]) / c->area / MAH_CM2;
}

/// Zinc re-alloys first, back over the stairs from 0.3 to 0.157 V; free lithium plates below 0 V only then.
static void TestOrder(void **state) {
  const double porosity = 0.1, alloy = 0.449304730 * (1 - porosity), density = 0.2;
  Contents k;
  Cell c;

  (void)state;
  Build(&c, porosity);
  (void)RunTo(&c, density, 1);
  k = Read(&c);
  assert_true(k.lithium < 1e-4 && k.alloy < 1e-3);
  CheckRelative("0.278 V: y = 0.4", -RunTo(&c, -density, 0.278), 0.4 * alloy, 2e-3);
  CheckRelative("0.188 V: y = 0.67", -RunTo(&c, -density, 0.188), 0.27 * alloy, 2e-3);
  k = Read(&c);
  CheckRelative("y", k.alloy, 0.67, 2e-3);
  assert_true(k.lithium < 1e-4);
  CheckRelative("0 V: zinc is full", -RunTo(&c, -density, 0), 0.33 * alloy, 2e-3);
  k = Read(&c);
  CheckRelative("y", k.alloy, 1, 2e-3);
  assert_true(k.lithium < 1e-3);
  OK(CellRunCurrent(&c, -density, 0.5 * MAH_CM2 / density, 1e-3));
  k = Read(&c);
  CheckRelative("free lithium [mAh/cm2]", k.lithium * 8.326769036 * (1 - porosity), 0.5, 2e-3);
  OK(CellDestroy(&c));
}

static void Watch(Cell *c, void *context) {
  PetscReal *least = context;

  *least = PetscMin(*least, Read(c).least_porosity);
}

/// A foil as made takes lithium until its pores are at their least, everywhere: then the voltage falls away.
static void TestFullPores(void **state) {
  const double porosity = 0.03, room = (porosity - 0.005) * FOIL / 1.2996e-5 * LH_FARADAY / MAH_CM2;
  PetscReal least = 1, mean;
  LhInventory inventory;
  PetscReal t;
  Vec y;
  Cell c;

  (void)state;
  Build(&c, porosity);
  c.monitor = Watch;
  c.context = &least;
  CheckRelative("capacity of the pores [mAh/cm2]", -RunTo(&c, -0.02, -1), room, 2e-3);
  OK(LhEcSolverGetState(c.solver, &t, &y, NULL));
  OK(LhElectrochemGetInventory(c.ec, t, y, &inventory));
  mean = inventory.mean_porosity;
  print_message("least porosity of all steps %.8f, mean at the end %.8f\n", least, mean);
  assert_true(least >= 0.005 - 1e-6);
  assert_true(mean < 0.0055);
  assert_true(fabs(inventory.lithium_error) < 1e-9);
  OK(CellDestroy(&c));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestOrder), cmocka_unit_test(TestFullPores)};

  return RUN_TESTS(argc, argv, tests);
}
