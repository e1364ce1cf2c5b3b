/// Checks: order of convergence of finite-strain equilibrium in 3D on distorted meshes, hex8 and tet10.
/// Reference: manufactured displacement (strains up to 20 %) with the body force of a closed-form neo-Hookean stress.
/// Tolerance and why: L2 orders 2 and 3 within 0.2: three meshes, the last pair judged; random distortion adds noise.
/// Fails if: force, tangent, geometry or body force are not consistent with the weak form.
#include <stdio.h>

#include "fields/integrate.h"
#include "unit/mechanics/fixture.h"

static const NeoHookean law = {3., 5., 0.};

static void Displacement(const double X[3], void *context, double u[3]) {
  (void)context;
  u[0] = .05 * sin(2.3 * X[0] + .7 * X[1]) * cos(1.1 * X[2] - .3);
  u[1] = .06 * cos(1.7 * X[1] - .4 * X[2] + .2) * sin(1.3 * X[0] + .5);
  u[2] = .04 * sin(1.9 * X[2] + .6 * X[0] - .1) * cos(.9 * X[1]);
}

static void Gradient(const double X[3], double F[9]) {
  const double a = 2.3 * X[0] + .7 * X[1], b = 1.1 * X[2] - .3, c = 1.7 * X[1] - .4 * X[2] + .2;
  const double d = 1.3 * X[0] + .5, e = 1.9 * X[2] + .6 * X[0] - .1, g = .9 * X[1];

  F[0] = 1. + .05 * 2.3 * cos(a) * cos(b);
  F[1] = .05 * .7 * cos(a) * cos(b);
  F[2] = -.05 * 1.1 * sin(a) * sin(b);
  F[3] = .06 * 1.3 * cos(c) * cos(d);
  F[4] = 1. - .06 * 1.7 * sin(c) * sin(d);
  F[5] = .06 * .4 * sin(c) * sin(d);
  F[6] = .04 * .6 * cos(e) * cos(g);
  F[7] = -.04 * .9 * sin(e) * sin(g);
  F[8] = 1. + .04 * 1.9 * cos(e) * cos(g);
}

/// b = -Div P by sixth-order differences of the closed form; good to 1e-11 with this step.
static void BodyForce(const double X[3], void *context, double b[3]) {
  static const double weight[3] = {.75, -.15, 1. / 60.};
  const double h = 5e-3;

  (void)context;
  b[0] = b[1] = b[2] = 0.;
  for (int j = 0; j < 3; j++) {
    for (int m = -3; m <= 3; m++) {
      double Y[3] = {X[0], X[1], X[2]}, F[9], P[9];

      if (m == 0) continue;
      Y[j] += m * h;
      Gradient(Y, F);
      NeoHookeanStress(&law, F, P);
      for (int i = 0; i < 3; i++)
        b[i] -= (m > 0 ? 1. : -1.) * weight[abs(m) - 1] / h * P[3 * i + j];
    }
  }
}

static PetscErrorCode Exact(const PetscReal X[3], PetscScalar u[], PetscScalar gradient[],
                            void *context) {
  PetscFunctionBeginUser;
  Displacement(X, context, u);
  if (gradient) Gradient(X, gradient);
  for (int k = 0; gradient && k < 9; k += 4) gradient[k] -= 1.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static double L2Error(Fixture *f) {
  const PetscScalar *owned;
  LhFieldErrors errors;
  LhSpace space;
  Vec u;

  OK(LhMechanicsGetSpace(f->mech, &space));
  OK(LhMechanicsGetDisplacement(f->mech, &u));
  OK(VecGetArrayRead(u, &owned));  // one rank: owned is local
  OK(LhFieldGetErrors(space, 3, owned, LH_RULE_FINE, Exact, NULL, &errors));
  OK(VecRestoreArrayRead(u, &owned));
  return errors.l2;
}

static double SolveOn(LhCellType type, PetscInt n) {
  const PetscInt cells[3] = {n, n, n};
  const double size[3] = {1., .9, 1.1};
  LhMechLoad body = {.kind = LH_MECH_BODY, .shape = BodyForce};
  PetscInt index;
  Fixture f;
  double error;

  OK(FixtureBox(&f, PETSC_COMM_WORLD, type, cells, size, .2));
  OK(FixtureNeoHookean(&f, law.mu, law.lambda));
  OK(FixtureProblem(&f, LH_MECH_DILATATION_MEAN));
  FixtureAllFaces(&f, Displacement, NULL, 1.);
  OK(LhMechanicsAddLoad(f.mech, &body, &index));
  OK(LhMechanicsSetLoad(f.mech, index, 1.));
  f.spec.preconditioner = 0;
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  error = L2Error(&f);
  OK(FixtureDestroy(&f));
  return error;
}

static void CheckOrder(LhCellType type, const PetscInt n[3], double order) {
  double error[3], observed = 0.;

  for (int k = 0; k < 3; k++) {
    error[k] = SolveOn(type, n[k]);
    if (k > 0) observed = log(error[k - 1] / error[k]) / log((double)n[k] / (double)n[k - 1]);
    print_message("%d cells a side: L2 error %.4e, order %.2f\n", (int)n[k], error[k], observed);
  }
  assert_true(observed > order - .2);
  CheckNear("order in L2", observed, order, .5);
}

static void TestHex8(void **state) {
  const PetscInt n[3] = {4, 8, 16};
  (void)state;
  CheckOrder(LH_CELL_HEX8, n, 2.);
}

static void TestTet10(void **state) {
  const PetscInt n[3] = {2, 4, 8};
  (void)state;
  CheckOrder(LH_CELL_TET4, n, 3.);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestHex8), cmocka_unit_test(TestTet10)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
