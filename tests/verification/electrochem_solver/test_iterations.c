/// Checks: linear iterations of the multigrid preset do not grow with refinement; it starts on a mesh one cell wide.
/// Reference: issue of the foundation: growth below 1.5 per factor 8 in cells, here uniform and with random composition.
/// Tolerance and why: 1.5 as demanded; counts, not seconds, so that a busy machine changes nothing.
/// Fails if: the hierarchy loses a field, the free mean of phi_s is not corrected, or a stale preconditioner stays.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "support/cell_fixture.h"

enum { STEPS = 40 };

static void Build(Cell *c, PetscInt across, PetscInt through, PetscBool heterogeneous) {
  LhBoxSpec box = {
      .width = 60e-6,
      .depth = 50e-6,
      .cells_x = across,
      .cells_y = across,
      .num_layers = 2,
      .layers = {{"foil", 50e-6, through, 1}, {"separator", 25e-6, through / 4, 1}}
  };

  CellFoil(c, 0.02);
  c->heterogeneous = heterogeneous;
  c->numerics.rtol = 1e-3;
  c->numerics.atol = 1e-4;
  c->numerics.krylov_rtol = 1e-2;
  c->numerics.newton_coefficient = 0.33;
  c->numerics.preconditioner = 2;
  c->numerics.reuse_growth = 1.2;
  assert_int_equal(CellBuild(c, &box), 0);
}

/// The first steps, from the dense foil on; counts of the linear solver.
static LhEcSolverStats Strip(PetscInt across, PetscInt through, PetscBool heterogeneous) {
  Cell c;
  LhEcSolverStats stats;
  LhControl control = {LH_CONTROL_CURRENT, 0};
  LhStretch result = LH_STRETCH_STEP;
  PetscInt which;
  PetscBool ok;

  Build(&c, across, through, heterogeneous);
  control.value = 5 * c.area;
  assert_int_equal(LhElectrochemSetControl(c.ec, &control), 0);
  assert_int_equal(LhEcSolverStart(c.solver, 0, NULL, 1e-4, &ok), 0);
  assert_true(ok);
  for (int k = 0; k < STEPS; k++) {
    assert_int_equal(LhEcSolverStep(c.solver, 1e6, &result, &which), 0);
    assert_int_equal(result, LH_STRETCH_STEP);
  }
  assert_int_equal(LhEcSolverGetStats(c.solver, &stats), 0);
  CellDestroy(&c);
  return stats;
}

static void CheckGrowth(PetscBool heterogeneous) {
  const LhEcSolverStats coarse = Strip(4, 16, heterogeneous), fine = Strip(8, 32, heterogeneous);
  const double before = (double)coarse.krylov / coarse.solves,
               after = (double)fine.krylov / fine.solves;

  if (after >= 1.5 * before) print_error("%g -> %g iterations per solve\n", before, after);
  assert_true(after < 1.5 * before);
  assert_true(after < 10);
  assert_true(fine.preconditioners < fine.jacobians / 2);
  assert_true(fine.newton < 3 * fine.steps);
}

static void TestUniform(void **state) {
  (void)state;
  CheckGrowth(PETSC_FALSE);
}

static void TestRandom(void **state) {
  (void)state;
  CheckGrowth(PETSC_TRUE);
}

/// Cells 48 times wider than high: couplings across them are positive, the worst case of the hierarchy.
static void TestOneCellWide(void **state) {
  const LhEcSolverStats stats = Strip(1, 40, PETSC_FALSE);

  (void)state;
  assert_true(stats.krylov < 40 * stats.solves);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestUniform), cmocka_unit_test(TestRandom),
                                     cmocka_unit_test(TestOneCellWide)};
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (PetscFinalize()) return 1;
  return failed;
}
