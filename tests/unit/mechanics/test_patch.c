/// Checks: affine displacement is exact on distorted meshes, isotropic and without any symmetry; a rotated stretch has the rotated stress; 90 degrees alone none;
///         uniform follower pressure gives a uniform state.
/// Reference: closed forms of the compressible neo-Hookean law and of an elastic law of 21 constants.
/// Tolerance and why: 1e-10 of the modulus and of the size: the fields are in the space, only roundoff and Newton remain.
/// Fails if: gradients, weights, prescribed displacement, follower loads or the mean dilatation are inconsistent.
#include <stdio.h>

#include "unit/mechanics/fixture.h"
#include "unit/mechanics/triclinic.h"

#define MU     3.
#define LAMBDA 8.

/// An affine map x = F X.
typedef struct {
  double F[9];
} Affine;

static void AffineDisplacement(const double X[3], void *context, double u[3]) {
  const Affine *map = (const Affine *)context;
  for (int i = 0; i < 3; i++) {
    u[i] = -X[i];
    for (int j = 0; j < 3; j++) u[i] += map->F[3 * i + j] * X[j];
  }
}

/// cauchy = P F^T / J of the law, xx yy zz yz xz xy.
static void ExactCauchy(const double F[9], PetscBool anisotropic, double cauchy[6]) {
  static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
  const NeoHookean law = {MU, LAMBDA, 0.};
  double P[9];

  if (anisotropic)
    TriclinicStress(F, P);
  else
    NeoHookeanStress(&law, F, P);
  for (int m = 0; m < 6; m++) {
    cauchy[m] = 0.;
    for (int j = 0; j < 3; j++) cauchy[m] += P[3 * row[m] + j] * F[3 * column[m] + j] / Det3(F);
  }
}

static void MakeDistorted(Fixture *f, LhCellType type, PetscBool anisotropic) {
  const PetscInt n[3] = {4, 3, 2};
  const double size[3] = {1.1, .9, .7};

  OK(FixtureBox(f, PETSC_COMM_WORLD, type, n, size, .25));
  OK(FixtureNeoHookean(f, MU, LAMBDA));
  if (anisotropic) f->material.mech[0].law = &triclinic;
  OK(FixtureProblem(f, LH_MECH_DILATATION_MEAN));
}

static void CheckAffine(Fixture *f, const Affine *map, PetscBool anisotropic) {
  const LhSpaceView *view;
  const PetscScalar *u;
  LhMechCellFields fields;
  LhSpace space;
  Vec displacement;
  double exact[3], cauchy[6], worst = 0.;

  OK(LhMechanicsGetSpace(f->mech, &space));
  OK(LhSpaceGetView(space, &view));
  OK(LhMechanicsGetDisplacement(f->mech, &displacement));
  OK(VecGetArrayRead(displacement, &u));
  for (PetscInt d = 0; d < 3 * view->num_owned; d++) {
    AffineDisplacement(view->coords + d / 3 * 3, (void *)(uintptr_t)map, exact);
    worst = fmax(worst, fabs(u[d] - exact[d % 3]));
  }
  OK(VecRestoreArrayRead(displacement, &u));
  CheckNear("largest error of displacement", worst, 0., 1e-10);
  OK(LhMechanicsGetCellFields(f->mech, &fields));
  ExactCauchy(map->F, anisotropic, cauchy);
  for (int m = 0; m < 6; m++) CheckCells(f, fields.cauchy + m, 6, cauchy[m], 1e-10 * (MU + LAMBDA));
  CheckCells(f, fields.jacobian, 1, Det3(map->F), 1e-10);
}

static void PatchTest(LhCellType type, PetscBool anisotropic) {
  Affine map = {
      {1.08, .05, -.03, .02, .94, .07, -.06, .04, 1.11}
  };
  Fixture f;

  MakeDistorted(&f, type, anisotropic);
  FixtureAllFaces(&f, AffineDisplacement, &map, 1.);
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  CheckAffine(&f, &map, anisotropic);
  OK(FixtureDestroy(&f));
}

static void TestPatchHex8(void **state) {
  (void)state;
  PatchTest(LH_CELL_HEX8, PETSC_FALSE);
}

static void TestPatchTet10(void **state) {
  (void)state;
  PatchTest(LH_CELL_TET4, PETSC_FALSE);
}

static void TestPatchAnisotropic(void **state) {
  (void)state;
  PatchTest(LH_CELL_HEX8, PETSC_TRUE);
  PatchTest(LH_CELL_TET4, PETSC_TRUE);
}

/// 90 degrees about z, of a stretched or unstretched box.
static void RotateBox(double stretch) {
  Affine map = {
      {0., -1. - .5 * stretch, 0., 1. + stretch, 0., 0., 0., 0., 1. - .7 * stretch}
  };
  Fixture f;

  MakeDistorted(&f, LH_CELL_HEX8, PETSC_FALSE);
  FixtureAllFaces(&f, AffineDisplacement, &map, 1.);
  f.spec.stress_floor = 1e-12 * MU;  // the end is free of stress: no force to measure against
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  CheckAffine(&f, &map, PETSC_FALSE);
  OK(FixtureDestroy(&f));
}

static void TestRotation(void **state) {
  (void)state;
  RotateBox(0.);
  RotateBox(.12);
}

/// x = s X under pressure p on the deformed faces: mu (s - 1/s) + 3 lambda ln s / s = -p s^2.
static void TestFollowerPressure(void **state) {
  const double s = .93, p = -(MU * (s - 1. / s) + 3. * LAMBDA * log(s) / s) / (s * s);
  Affine map = {
      {s, 0., 0., 0., s, 0., 0., 0., s}
  };
  Fixture f;

  (void)state;
  MakeDistorted(&f, LH_CELL_HEX8, PETSC_FALSE);
  FixtureRollers(&f);
  FixtureLoad(&f, LH_MECH_FOLLOWER, "right", 0, p);
  FixtureLoad(&f, LH_MECH_FOLLOWER, "back", 0, p);
  FixtureLoad(&f, LH_MECH_FOLLOWER, "top", 0, p);
  f.spec.krylov = LH_KRYLOV_GMRES;
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  CheckAffine(&f, &map, PETSC_FALSE);
  OK(FixtureDestroy(&f));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestPatchHex8), cmocka_unit_test(TestPatchTet10),
      cmocka_unit_test(TestPatchAnisotropic), cmocka_unit_test(TestRotation),
      cmocka_unit_test(TestFollowerPressure)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
