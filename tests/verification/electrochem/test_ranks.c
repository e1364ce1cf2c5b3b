/// Checks: current and hold of a heterogeneous 3D foil give the same on one and on several ranks.
/// Reference: the run of the same cell on one rank.
/// Tolerance and why: 1e-7 relative at rtol 1e-7: unused lanes weigh in the error norm, so steps differ a little.
/// Fails if: a sum, a ghost or a scalar depends on the partition.
#include "support/cell_fixture.h"

static void Build(Cell *c, PetscBool serial) {
  LhBoxSpec box = {
      .width = 20e-6,
      .depth = 15e-6,
      .cells_x = 2,
      .cells_y = 2,
      .num_layers = 2,
      .distort = 0.2,
      .seed = 11,
      .layers = {{"foil", 50e-6, 4, 1.2, 0}, {"separator", 25e-6, 2, 1, 0}}
  };

  CellFoil(c, 0.05);
  c->serial = serial;
  c->heterogeneous = PETSC_TRUE;
  c->numerics.rtol = 1e-7;
  c->numerics.atol = 1e-9;
  OK(CellBuild(c, &box));
}

/// Voltage after 1 mAh/cm^2 and current after a hold at half of it.
static void Run(PetscBool serial, double result[2]) {
  PetscReal s[LH_NUM_SCALARS], t;
  LhControl hold;
  PetscInt which;
  Cell c;

  Build(&c, serial);
  OK(CellRunCurrent(&c, 20, MAH_CM2 / 20, 1e-3));
  OK(CellScalars(&c, s));
  result[0] = s[LH_VOLTAGE];
  hold = (LhControl){LH_CONTROL_VOLTAGE, s[LH_VOLTAGE] / 2};
  OK(LhEcSolverGetState(c.solver, &t, NULL, NULL));
  OK(CellRun(&c, &hold, 0, NULL, t + 20, 1e-3, &which));
  OK(CellScalars(&c, s));
  result[1] = s[LH_TOTAL_CURRENT] / c.area;
  OK(CellDestroy(&c));
}

static void TestRanks(void **state) {
  PetscMPIInt ranks;
  double here[2], serial[2];

  (void)state;
  MPI_Comm_size(PETSC_COMM_WORLD, &ranks);
  Run(PETSC_FALSE, here);
  Run(PETSC_TRUE, serial);
  CheckRelative("voltage [V]", here[0], serial[0], 1e-7);
  CheckRelative("current [A/m2]", here[1], serial[1], 1e-7);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestRanks)};

  return RUN_TESTS(argc, argv, tests);
}
