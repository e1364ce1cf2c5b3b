/// Checks: work of the fibres along a line of displacements, alone (LhMechanicsGetLineSlope), on a periodic volume whose mean
///         strain is free, with fibres that are slack, tied and slipping.
/// Reference: residual times direction with fibres less the same without.
/// Tolerance and why: 1e-9 of the largest: two residuals are subtracted, sums in another order.
/// Fails if: the mean strain is missing from the line, a sign is wrong, or a state is changed on the way.
#include "verification/fibres/fibre_set.h"
#include "verification/mechanics/volume.h"

#define SIDE   4e-6
#define MATRIX 1e6
#define NUM    40

static void PutFibres(double ends[6 * NUM]) {
  for (PetscInt k = 0; k < 6 * NUM; k++) ends[k] = SIDE * fmod(.618034 * (double)(k + 1), 1.);
}

/// Work of all unbalanced forces along y at x - t y.
static double Work(const Volume *v, Vec x, Vec y, double t) {
  LhMechEvaluation evaluation;
  PetscScalar work;
  Vec at, r;

  OK(VecDuplicate(x, &at));
  OK(VecDuplicate(x, &r));
  OK(VecWAXPY(at, -t, y, x));
  OK(LhMechanicsResidual(v->mech, at, r, &evaluation));
  assert_int_equal(evaluation.failed, 0);
  OK(VecDot(r, y, &work));
  OK(VecDestroy(&at));
  OK(VecDestroy(&r));
  return PetscRealPart(work);
}

/// A vector of lengths around `size` that vanishes where displacements are prescribed.
static Vec MakeVector(const Volume *v, double size) {
  PetscScalar *values;
  PetscInt first, end;
  Vec u, x;

  OK(LhMechanicsGetDisplacement(v->mech, &u));
  OK(VecDuplicate(u, &x));
  OK(VecGetOwnershipRange(x, &first, &end));
  OK(VecGetArray(x, &values));
  for (PetscInt k = first; k < end; k++) values[k - first] = size * sin(1.7 * (double)(k * k % 97));
  OK(VecRestoreArray(x, &values));
  OK(LhMechanicsClearPrescribed(v->mech, x));
  return x;
}

static void TestSlope(void **state) {
  static const PetscInt n[3] = {6, 6, 6};
  static const Value law[] = {
      {"fibre_modulus",      300e9},
      {"tensile_strength",   1e12 },
      {"interface_strength", 5e6  },
      {NULL,                 0.   }
  };
  double ends[6 * NUM], largest = 0., error = 0.;
  FibreSet set = {.term = NULL};
  PetscBool known;
  Volume v;
  Vec x, y;

  (void)state;
  PutFibres(ends);
  VolumeMesh(&v, LH_CELL_HEX8, n, 1, SIDE, 0.);
  VolumePhase(&v, 0, MATRIX, .3, 0., 0.);
  VolumeProblem(&v, LH_MECH_DILATATION_LOCAL);
  OK(FibreSetLines(&set, v.mesh, NUM, ends, 15e-9, 1.));
  OK(FibreSetLaw(&set, "kelly_tyson", law));
  OK(FibreSetTerm(&set, v.mech));
  VolumeUniaxial(&v, 0, 1.001);
  VolumeSolver(&v);
  OK(LhMechanicsSetMacro(v.mech, &v.macro));
  OK(LhMechanicsSetPart(v.mech, 1., 1.));
  x = MakeVector(&v, 1e-9);
  y = MakeVector(&v, 4e-10);
  OK(LhMechanicsBeginLine(v.mech, x, y, &known));
  assert_true(known);
  for (int k = 0; k <= 8; k++) {
    const double t = .5 * k;
    double with, without;
    PetscReal slope;

    OK(LhMechanicsGetLineSlope(v.mech, t, &slope));
    with = Work(&v, x, y, t);
    OK(LhMechanicsSetFibres(v.mech, NULL));
    without = Work(&v, x, y, t);
    OK(LhMechanicsSetFibres(v.mech, set.term));
    largest = fmax(largest, fabs(with - without));
    error = fmax(error, fabs(slope - (with - without)));
  }
  print_message("work of the fibres up to %g J, off by %g J\n", largest, error);
  assert_true(largest > 0. && error <= 1e-9 * largest);
  OK(VecDestroy(&x));
  OK(VecDestroy(&y));
  VolumeDestroy(&v);
  OK(FibreSetDestroy(&set));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestSlope)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
