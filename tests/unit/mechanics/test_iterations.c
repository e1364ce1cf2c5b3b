/// Checks: what the solver costs, in counts that do not depend on the machine: Newton and Krylov iterations and set-ups of
///         a plastic pull with multigrid, and how Krylov iterations grow when the mesh is refined.
/// Reference: counts of this solver when the test was written, stated beside the limits.
/// Tolerance and why: about a fifth above the counts, as rounding moves a few iterations; growth 1.3 per halving of
///                    the cells, the demand of the project for multigrid.
/// Fails if: a change makes the preconditioner weaker, renews it needlessly, or loosens Newton's convergence.
#include "unit/mechanics/fixture.h"

static const Value metal[] = {
    {"youngs_modulus",    1e4 },
    {"poisson_ratio",     .3  },
    {"yield_stress",      100.},
    {"hardening_modulus", 500.},
    {NULL,                0.  }
};

/// Ten steps to 2 % with the grips held in all directions, n^3 cells; default solver but for the tolerance.
static LhMechanicsSolverStats Pull(PetscInt n) {
  const PetscInt cells[3] = {n, n, n};
  const double size[3] = {1., 1., 1.};
  LhMechanicsSolverSpec defaults;
  LhMechanicsSolverStats stats;
  PetscInt pull = 0;
  Fixture f;

  OK(FixtureBox(&f, PETSC_COMM_WORLD, LH_CELL_HEX8, cells, size, 0.));
  OK(FixturePhase(&f, "j2_small_strain", LH_WEIGHT_ONE, metal));
  OK(FixtureProblem(&f, LH_MECH_DILATATION_LOCAL));
  for (int c = 0; c < 3; c++) FixtureLoad(&f, LH_MECH_DISPLACEMENT, "bottom", c, 0.);
  for (int c = 0; c < 3; c++) pull = FixtureLoad(&f, LH_MECH_DISPLACEMENT, "top", c, 0.);
  OK(LhMechanicsSolverDefaults(&defaults));
  f.spec = defaults;
  f.spec.stress_floor = 0.;
  f.spec.newton_tolerance = 1e-8;
  OK(FixtureSolver(&f));
  for (int step = 1; step <= 10; step++) {
    OK(LhMechanicsSetLoad(f.mech, pull, 2e-3 * step));
    OK(FixtureStep(&f, 1.));
  }
  OK(LhMechanicsSolverGetStats(f.solver, &stats));
  OK(FixtureDestroy(&f));
  print_message("%d^3 cells: %d Newton, %d Krylov, %d set-ups, %d tangents, %d residuals\n", (int)n,
                (int)stats.newton, (int)stats.krylov, (int)stats.setups, (int)stats.tangents,
                (int)stats.residuals);
  return stats;
}

static void TestCounts(void **state) {
  const LhMechanicsSolverStats coarse = Pull(8), fine = Pull(16);

  (void)state;
  assert_true(coarse.failures == 0 && fine.failures == 0);
  assert_true(coarse.newton <= 22);  // 19
  assert_true(coarse.krylov <= 94);  // 78
  assert_true(coarse.setups <= 3);   // 2
  assert_true(coarse.tangents <= coarse.newton + coarse.parts);
  assert_true((double)fine.krylov / (double)fine.tangents <=
              1.3 * (double)coarse.krylov / (double)coarse.tangents);
}

static int Start(void **state) {
  (void)state;
  return PetscInitialize(NULL, NULL, NULL, NULL);
}

static int Stop(void **state) {
  (void)state;
  return PetscFinalize();
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestCounts)};

  return cmocka_run_group_tests_name("iterations", tests, Start, Stop);
}
