/// Checks: fibres along a line of displacements, without the cells: their work (LhMechanicsGetLineSlope), the unbalanced force of
///         linear cells with fibres that follow their laws (LhMechanicsMoveLine), the matrix with their new stiffness
///         (LhMechanicsRenewFibres); on a periodic volume whose mean strain is free, with fibres slack, tied and slipping.
/// Reference: residuals and tangents of all cells, with fibres less the same without.
/// Tolerance and why: 1e-9 of the largest: residuals, or products with tangents, are subtracted, sums in another order.
/// Fails if: the mean strain is missing from the line or from the border of the matrix, ghosts are added twice, a sign is wrong, or
///         a state is changed on the way.
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

typedef struct {
  double ends[6 * NUM];
  FibreSet set;
  Volume v;
  Vec x, y;
} Case;

static void CreateCase(Case *c) {
  static const PetscInt n[3] = {6, 6, 6};
  static const Value law[] = {
      {"fibre_modulus",      300e9},
      {"tensile_strength",   1e12 },
      {"interface_strength", 5e6  },
      {NULL,                 0.   }
  };

  c->set = (FibreSet){.term = NULL};
  PutFibres(c->ends);
  VolumeMesh(&c->v, LH_CELL_HEX8, n, 1, SIDE, 0.);
  VolumePhase(&c->v, 0, MATRIX, .3, 0., 0.);
  VolumeProblem(&c->v, LH_MECH_DILATATION_LOCAL);
  OK(FibreSetLines(&c->set, c->v.mesh, NUM, c->ends, 15e-9, 1.));
  OK(FibreSetLaw(&c->set, "kelly_tyson", law));
  OK(FibreSetTerm(&c->set, c->v.mech));
  VolumeUniaxial(&c->v, 0, 1.001);
  VolumeSolver(&c->v);
  OK(LhMechanicsSetMacro(c->v.mech, &c->v.macro));
  OK(LhMechanicsSetPart(c->v.mech, 1., 1.));
  c->x = MakeVector(&c->v, 1e-9);
  c->y = MakeVector(&c->v, 4e-10);
}

static void DestroyCase(Case *c) {
  OK(VecDestroy(&c->x));
  OK(VecDestroy(&c->y));
  VolumeDestroy(&c->v);
  OK(FibreSetDestroy(&c->set));
}

static void TestSlope(void **state) {
  double largest = 0., error = 0.;
  PetscBool known;
  Case c;

  (void)state;
  CreateCase(&c);
  OK(LhMechanicsBeginLine(c.v.mech, c.x, c.y, &known));
  assert_true(known);
  for (int k = 0; k <= 8; k++) {
    const double t = .5 * k;
    double with, without;
    PetscReal slope;

    OK(LhMechanicsGetLineSlope(c.v.mech, t, &slope));
    with = Work(&c.v, c.x, c.y, t);
    OK(LhMechanicsSetFibres(c.v.mech, NULL));
    without = Work(&c.v, c.x, c.y, t);
    OK(LhMechanicsSetFibres(c.v.mech, c.set.term));
    largest = fmax(largest, fabs(with - without));
    error = fmax(error, fabs(slope - (with - without)));
  }
  print_message("work of the fibres up to %g J, off by %g J\n", largest, error);
  assert_true(largest > 0. && error <= 1e-9 * largest);
  DestroyCase(&c);
}

/// out = K(at) y.
static void Multiply(Case *c, Vec at, Vec out) {
  LhMechEvaluation evaluation;
  Mat op, assembled;

  OK(LhMechanicsTangent(c->v.mech, at, NULL, NULL, &evaluation));
  OK(LhMechanicsGetMatrices(c->v.mech, &op, &assembled));
  OK(MatMult(op, c->y, out));
  OK(LhMechanicsClearPrescribed(c->v.mech, out));
}

/// Of fibres alone at x - t y: force and stiffness times y.
static void FindFibres(Case *c, double t, Vec force, Vec product) {
  LhMechEvaluation evaluation;
  Vec at, bare;

  OK(VecDuplicate(c->x, &at));
  OK(VecDuplicate(c->x, &bare));
  OK(VecWAXPY(at, -t, c->y, c->x));
  OK(LhMechanicsResidual(c->v.mech, at, force, &evaluation));
  Multiply(c, at, product);
  OK(LhMechanicsSetFibres(c->v.mech, NULL));
  OK(LhMechanicsResidual(c->v.mech, at, bare, &evaluation));
  OK(VecAXPY(force, -1., bare));
  Multiply(c, at, bare);
  OK(VecAXPY(product, -1., bare));
  OK(LhMechanicsSetFibres(c->v.mech, c->set.term));
  OK(VecDestroy(&at));
  OK(VecDestroy(&bare));
}

static void AssertSame(const char what[], Vec found, Vec expected) {
  PetscReal size, error;

  OK(VecNorm(expected, NORM_INFINITY, &size));
  OK(VecAXPY(found, -1., expected));
  OK(VecNorm(found, NORM_INFINITY, &error));
  print_message("%s up to %g, off by %g\n", what, size, error);
  assert_true(size > 0. && error <= 1e-9 * size);
}

static void TestMove(void **state) {
  const double t = .7;
  PetscBool known;
  Mat op, assembled;
  Vec v[6];
  Case c;

  (void)state;
  CreateCase(&c);
  for (int k = 0; k < 6; k++) OK(VecDuplicate(c.x, &v[k]));
  FindFibres(&c, t, v[0], v[1]);
  FindFibres(&c, 0., v[2], v[3]);
  Multiply(&c, c.x, v[4]);
  OK(LhMechanicsBeginLine(c.v.mech, c.x, c.y, &known));
  // What fibres do beyond the stiffness that the matrix holds.
  OK(VecAXPY(v[0], -1., v[2]));
  OK(VecAXPY(v[0], t, v[3]));
  OK(VecZeroEntries(v[5]));
  OK(LhMechanicsMoveLine(c.v.mech, t, v[5]));
  AssertSame("force of the fibres beyond their tangent", v[5], v[0]);
  // The matrix keeps its cells.
  OK(VecAXPY(v[4], -1., v[3]));
  OK(VecAXPY(v[4], 1., v[1]));
  OK(LhMechanicsRenewFibres(c.v.mech));
  OK(LhMechanicsGetMatrices(c.v.mech, &op, &assembled));
  OK(MatMult(op, c.y, v[5]));
  OK(LhMechanicsClearPrescribed(c.v.mech, v[5]));
  AssertSame("product with the renewed matrix", v[5], v[4]);
  for (int k = 0; k < 6; k++) OK(VecDestroy(&v[k]));
  DestroyCase(&c);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestSlope), cmocka_unit_test(TestMove)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
