/// Checks: hexahedra with the mean dilatation do not lock at nu = 0.4999; plain ones do.
/// Reference: isochoric displacement u = e (sin cos, -cos sin, 0) cos z, whose body force does not depend on the bulk modulus.
/// Tolerance and why: 4 % in L2 on 8 cells a side, the interpolation error of half a wave; strains of 3e-4 keep it linear.
/// Fails if: the volume change of a cell is not averaged.
#include <stdio.h>

#include "fields/integrate.h"
#include "unit/mechanics/fixture.h"

#define AMPLITUDE 1e-4
#define MODULUS   7.81e9
#define POISSON   .4999

static void Isochoric(const double X[3], void *context, double u[3]) {
  const double c = AMPLITUDE * cos(X[2]);

  (void)context;
  u[0] = c * sin(PETSC_PI * X[0]) * cos(PETSC_PI * X[1]);
  u[1] = -c * cos(PETSC_PI * X[0]) * sin(PETSC_PI * X[1]);
  u[2] = 0.;
}

/// -mu Lap u = mu (2 pi^2 + 1) u.
static void BodyForce(const double X[3], void *context, double b[3]) {
  Isochoric(X, context, b);
  for (int i = 0; i < 3; i++)
    b[i] *= MODULUS / (2. * (1. + POISSON)) * (2. * PETSC_PI * PETSC_PI + 1.);
}

static PetscErrorCode Exact(const PetscReal X[3], PetscScalar u[], PetscScalar gradient[],
                            void *context) {
  PetscFunctionBeginUser;
  Isochoric(X, context, u);
  for (int k = 0; gradient && k < 9; k++) gradient[k] = 0.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// L2 error over the L2 norm of the exact displacement.
static double RelativeError(LhMechDilatation dilatation) {
  static const Value values[] = {
      {"youngs_modulus", MODULUS},
      {"poisson_ratio",  POISSON},
      {NULL,             0.     }
  };
  const PetscInt cells[3] = {8, 8, 8};
  const double size[3] = {1., 1., 1.};
  LhMechLoad body = {.kind = LH_MECH_BODY, .shape = BodyForce};
  LhFieldErrors error, norm;
  PetscInt index;
  PetscScalar *u;
  LhSpace space;
  Fixture f;
  Vec displacement;

  OK(FixtureBox(&f, PETSC_COMM_WORLD, LH_CELL_HEX8, cells, size, .1));
  OK(FixturePhase(&f, "hencky_elastic", LH_WEIGHT_ONE, values));
  OK(FixtureProblem(&f, dilatation));
  FixtureAllFaces(&f, Isochoric, NULL, 1.);
  OK(LhMechanicsAddLoad(f.mech, &body, &index));
  OK(LhMechanicsSetLoad(f.mech, index, 1.));
  f.spec.newton_tolerance = 1e-7;  // roundoff of J times bulk over shear modulus
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsGetSpace(f.mech, &space));
  OK(LhMechanicsGetDisplacement(f.mech, &displacement));
  OK(VecGetArray(displacement, &u));
  OK(LhFieldGetErrors(space, 3, u, LH_RULE_FINE, Exact, NULL, &error));
  OK(VecRestoreArray(displacement, &u));
  OK(VecSet(displacement, 0.));
  OK(VecGetArray(displacement, &u));
  OK(LhFieldGetErrors(space, 3, u, LH_RULE_FINE, Exact, NULL, &norm));
  OK(VecRestoreArray(displacement, &u));
  OK(FixtureDestroy(&f));
  return error.l2 / norm.l2;
}

static void TestLocking(void **state) {
  const double mean = RelativeError(LH_MECH_DILATATION_MEAN),
               local = RelativeError(LH_MECH_DILATATION_LOCAL);

  (void)state;
  print_message("relative L2 error: %.3f with the mean dilatation, %.3f without\n", mean, local);
  CheckNear("error in L2 with the mean dilatation", mean, 0., .04);
  assert_true(local > .15);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestLocking)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
