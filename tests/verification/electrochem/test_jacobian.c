/// @file
/// Checks: condensation, linear solve and back-substitution together invert dF/dy + cj dF/dydot.
/// Reference: central differences of the residual along the solution x of J x = b: they must give b.
/// Tolerance and why: 2e-6 of the row group's norm; the difference step 1e-6 of each scale balances truncation and rounding.
/// Fails if: any derivative, sign, lane or border term of the condensed system is wrong.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include "support/cell_fixture.h"

static const char *const kLithium =
    "exchange_current_density: 70.6 A/m2\ntransfer_coefficient: 0.5\nactivation_energy: 0 J/mol\nstress_transfer: 0.5\n";

static void Build(Cell *c, PetscBool lithium_working) {
  LhBoxSpec box = {.width = 7e-6, .depth = 9e-6, .cells_x = 3, .cells_y = 2, .num_layers = 2, .distort = 0.2, .seed = 5,
                   .layers = {{"foil", 20e-6, 4, 1.3}, {"separator", 25e-6, 3, 1}}};

  memset(c, 0, sizeof(*c));
  c->layer[0]    = lithium_working ? MakePorous(0.8, 1.9) : MakeHost(0.3, 70.6, 5e5);
  c->layer[1]    = MakePorous(0.55, 5);
  c->electrolyte = MakeElectrolyte("nyman2008", "thermodynamic_factor: 1.7", 1000);
  c->spec.electrodes[LH_WORKING] =
      lithium_working ? MakeLithium("bottom", "butler_volmer", kLithium) : MakeCollector("bottom", 1e-6);
  c->spec.electrodes[LH_COUNTER] = MakeLithium("top", "butler_volmer", kLithium);
  c->numerics                    = DefaultNumerics();
  c->numerics.krylov_rtol        = 1e-13;
  assert_int_equal(CellBuild(c, &box), 0);
}

/// y + h x, ydot + cj h x, with the scale's share of noise already in y.
static void Perturbed(Cell *c, PetscReal t, PetscReal cj, Vec y, Vec ydot, Vec x, PetscReal h, Vec r) {
  Vec       a, d;
  PetscBool finite;

  VecDuplicate(y, &a);
  VecDuplicate(y, &d);
  VecWAXPY(a, h, x, y);
  VecWAXPY(d, h * cj, x, ydot);
  assert_int_equal(LhElectrochemResidual(c->ec, t, a, d, r, &finite), 0);
  assert_true(finite);
  VecDestroy(&a);
  VecDestroy(&d);
}

static void CheckJacobian(PetscBool lithium_working, LhControlKind kind) {
  Cell               c;
  Vec                y, ydot, scale, x, b, rp, rm;
  KSP                ksp;
  Mat                op, pmat;
  PetscRandom        random;
  PetscInt           its;
  KSPConvergedReason reason;
  PetscReal          cj = 0.37, error, norm, h;
  LhControl          control = {kind, kind == LH_CONTROL_CURRENT ? 3e-10 : 0.01};

  Build(&c, lithium_working);
  LhElectrochemSetControl(c.ec, &control);
  LhEcSolverGetState(c.solver, NULL, &y, &ydot);
  VecDuplicate(y, &scale);
  VecDuplicate(y, &x);
  VecDuplicate(y, &b);
  VecDuplicate(y, &rp);
  VecDuplicate(y, &rm);
  LhElectrochemGetScales(c.ec, scale);
  PetscRandomCreate(PETSC_COMM_WORLD, &random);
  PetscRandomSetInterval(random, -0.2, 0.2);
  PetscRandomSeed(random);
  VecSetRandom(x, random);
  VecPointwiseMult(x, x, scale);
  VecAXPY(y, 1, x);  // a generic state: nothing zero, no two equal
  VecSetRandom(x, random);
  VecPointwiseMult(x, x, scale);
  VecAXPY(ydot, 0.01, x);
  assert_int_equal(LhElectrochemJacobian(c.ec, 0.5, cj, y, ydot), 0);
  assert_int_equal(LhElectrochemGetOperators(c.ec, &op, &pmat), 0);
  KSPCreate(PETSC_COMM_WORLD, &ksp);
  KSPSetTolerances(ksp, 1e-14, 0, 1e9, 200);
  {
    const LhPrecondPreset *list;
    PetscInt               n;

    LhElectrochemPresets(&n, &list);
    LhPrecondApply(ksp, "check_", &list[0]);
  }
  KSPSetOperators(ksp, op, pmat);
  // b = residual itself scaled: the size of right-hand sides the integrator makes.
  Perturbed(&c, 0.5, cj, y, ydot, x, 0, b);
  assert_int_equal(LhElectrochemSolveLinear(c.ec, ksp, b, x, &its, &reason), 0);
  assert_true(reason > 0);
  {
    Vec ratio;

    VecDuplicate(x, &ratio);
    VecPointwiseDivide(ratio, x, scale);
    VecNorm(ratio, NORM_INFINITY, &norm);
    VecDestroy(&ratio);
  }
  h = 1e-6 / norm;
  Perturbed(&c, 0.5, cj, y, ydot, x, h, rp);
  Perturbed(&c, 0.5, cj, y, ydot, x, -h, rm);
  VecAXPY(rp, -1, rm);
  VecScale(rp, 1 / (2 * h));
  VecAXPY(rp, -1, b);
  // Rows have different units: compare entry by entry against the size of both sides of that row kind.
  {
    const PetscScalar *e, *f;
    PetscInt           n, first;
    LhSpace            space;
    const LhSpaceView *view;
    const char        *names[] = {"phi_s", "phi_e", "lnc", "salt"};
    PetscReal          kind_error[4] = {0}, kind_norm[4] = {0};

    LhElectrochemGetSpace(c.ec, &space);
    LhSpaceGetView(space, &view);
    VecGetLocalSize(b, &n);
    VecGetOwnershipRange(b, &first, NULL);
    VecGetArrayRead(rp, &e);
    VecGetArrayRead(b, &f);
    for (PetscInt i = 0; i < view->num_owned * 4; i++) {
      kind_error[i % 4] = PetscMax(kind_error[i % 4], PetscAbsReal(e[i]));
      kind_norm[i % 4]  = PetscMax(kind_norm[i % 4], PetscAbsReal(f[i]));
    }
    for (int k = 0; k < 4; k++) {
      MPI_Allreduce(MPI_IN_PLACE, &kind_error[k], 1, MPIU_REAL, MPI_MAX, PETSC_COMM_WORLD);
      MPI_Allreduce(MPI_IN_PLACE, &kind_norm[k], 1, MPIU_REAL, MPI_MAX, PETSC_COMM_WORLD);
      if (!(kind_error[k] <= 2e-6 * kind_norm[k])) PetscPrintf(PETSC_COMM_WORLD, "row %s: error %g of %g\n", names[k], kind_error[k], kind_norm[k]);
      assert_true(kind_error[k] <= 2e-6 * kind_norm[k]);
    }
    for (PetscInt i = view->num_owned * 4; i < n; i++) {
      const PetscReal tol = 2e-6 * PetscMax(PetscAbsReal(f[i]), 1e-12);

      if (PetscAbsReal(e[i]) > tol) {
        // one row group: the largest of the same unknown sets the scale
        PetscReal group = 0;
        for (PetscInt m = view->num_owned * 4; m < n; m++) {
          if ((m - i) % LH_BATCH == 0 && ((m - i) / LH_BATCH) % 10 == 0) group = PetscMax(group, PetscAbsReal(f[m]));
        }
        if (PetscAbsReal(e[i]) > 2e-6 * group) PetscPrintf(PETSC_COMM_SELF, "entry %d (cell unknown %d): %g of %g\n", (int)i, (int)((i - view->num_owned * 4) / 8 % 10), e[i], f[i]);
        assert_true(PetscAbsReal(e[i]) <= 2e-6 * group);
      }
    }
    VecRestoreArrayRead(rp, &e);
    VecRestoreArrayRead(b, &f);
  }
  (void)error;
  KSPDestroy(&ksp);
  PetscRandomDestroy(&random);
  VecDestroy(&scale);
  VecDestroy(&x);
  VecDestroy(&b);
  VecDestroy(&rp);
  VecDestroy(&rm);
  CellDestroy(&c);
}

static void TestCollectorCurrent(void **state) {
  (void)state;
  CheckJacobian(PETSC_FALSE, LH_CONTROL_CURRENT);
}
static void TestCollectorVoltage(void **state) {
  (void)state;
  CheckJacobian(PETSC_FALSE, LH_CONTROL_VOLTAGE);
}
static void TestLithiumCurrent(void **state) {
  (void)state;
  CheckJacobian(PETSC_TRUE, LH_CONTROL_CURRENT);
}
static void TestLithiumVoltage(void **state) {
  (void)state;
  CheckJacobian(PETSC_TRUE, LH_CONTROL_VOLTAGE);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestCollectorCurrent), cmocka_unit_test(TestCollectorVoltage),
                                     cmocka_unit_test(TestLithiumCurrent), cmocka_unit_test(TestLithiumVoltage)};
  int                     failed;

  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (PetscFinalize()) return 1;
  return failed;
}
