/// Checks: load transfer into an elastic fibre through a resolved matrix (M12): stress profile and length efficiency.
/// Reference: Cox (1952): T = E e [1 - cosh(beta x) / cosh(beta l/2)], eta = 1 - tanh(beta l/2) / (beta l/2), with
///   beta^2 = k / (E A); k, the stiffness of the matrix between fibre and its driven sides per length, from a plane
///   problem on the same squares solved here. The length is chosen so that beta l/2 is that of M12, eta = 0.974922.
/// Tolerance and why: 1 - eta 2 %: cells of 0.2 / beta along the fibre cost (0.2)^2 / 12 = 0.3 %, stress in the matrix
///   along the fibre, which Cox leaves out, (beta W)^2 = 0.1 %; the profile 0.5 % of the stress far from the end.
/// Fails if: forces of the fibre do not enter the matrix where the fibre is.
#include <stdio.h>

#include "verification/fibres/fibre_set.h"

#define CELLS   8
#define WIDTH   4e-7
#define SHEAR   1e8
#define MODULUS 300e9
#define STRAIN  1e-4

/// u at the middle node for a unit line force there and 0 on the border, shear modulus 1: bilinear squares.
static double PlaneCompliance(void) {
  enum { N = CELLS - 1, SIZE = N * N };
  static double A[SIZE][SIZE + 1];

  memset(A, 0, sizeof(A));
  for (int row = 0; row < SIZE; row++) {
    for (int col = 0; col < SIZE; col++) {
      const int dx = abs(row % N - col % N), dy = abs(row / N - col / N);
      if (dx <= 1 && dy <= 1) A[row][col] = dx + dy == 0 ? 8. / 3. : -1. / 3.;
    }
  }
  A[SIZE / 2][SIZE] = 1.;
  for (int k = 0; k < SIZE; k++) {
    for (int row = 0; row < SIZE; row++) {
      const double factor = A[row][k] / A[k][k];
      for (int col = k; col <= SIZE && row != k; col++) A[row][col] -= factor * A[k][col];
    }
  }
  return A[SIZE / 2][SIZE] / A[SIZE / 2][SIZE / 2];
}

static void AxialShape(const double X[3], void *context, double u[3]) {
  (void)context;
  u[0] = u[1] = 0.;
  u[2] = X[2];
}

/// Half of a fibre of half length `half`, z = 0 its middle; the sides follow the strain, the end is free.
static void MakeHalf(Fixture *f, FibreSet *set, double half, double tubes, double diameter) {
  static const char *const sides[4] = {"left", "right", "front", "back"};
  // A node in the middle of the section; a hair beside it the fibre lies in one column of cells.
  const double middle = (.5 + 1e-7) * WIDTH;
  const double ends[6] = {middle, middle, 0., middle, middle, half};
  const PetscInt n[3] = {CELLS, CELLS, 200};
  const double size[3] = {WIDTH, WIDTH, half};
  const Value matrix[] = {
      {"youngs_modulus", 2. * SHEAR},
      {"poisson_ratio",  0.        },
      {NULL,             0.        }
  };
  const Value fibre[] = {
      {"fibre_modulus", MODULUS},
      {NULL,            0.     }
  };

  memset(set, 0, sizeof(*set));
  OK(FixtureBox(f, PETSC_COMM_WORLD, LH_CELL_HEX8, n, size, 0.));
  OK(FixturePhase(f, "hencky_elastic", LH_WEIGHT_ONE, matrix));
  OK(FixtureProblem(f, LH_MECH_DILATATION_LOCAL));
  OK(FibreSetLines(set, f->mesh, 1, ends, diameter, tubes));
  OK(FibreSetLaw(set, "elastic_truss", fibre));
  OK(FibreSetTerm(set, f->mech));
  FixtureLoad(f, LH_MECH_DISPLACEMENT, "bottom", 2, 0.);
  for (int k = 0; k < 12; k++) {
    LhMechLoad load = {.kind = LH_MECH_DISPLACEMENT, .component = k % 3, .shape = AxialShape};
    PetscInt index;

    load.surface = FixtureSurface(f, sides[k / 3]);
    OK(LhMechanicsAddLoad(f->mech, &load, &index));
    OK(LhMechanicsSetLoad(f->mech, index, STRAIN));
  }
}

static void TestM12(void **state) {
  const double target = 15950497.760356657 * 2.5e-6, tubes = 100., diameter = 30e-9;
  const double k = SHEAR / PlaneCompliance(), area = tubes * .25 * PETSC_PI * diameter * diameter;
  const double beta = sqrt(k / (MODULUS * area)), half = target / beta;
  const double exact = tanh(target) / target;
  LhFibreFields fields;
  LhFibreSummary summary;
  FibreSet set;
  Fixture f;
  double found, worst = 0.;

  (void)state;
  MakeHalf(&f, &set, half, tubes, diameter);
  f.spec.preconditioner = 0;
  f.spec.linear_tolerance = 1e-8;
  f.spec.newton_tolerance = 1e-7;
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  OK(LhFibreTermGetSummary(set.term, &summary));
  found = 1. - summary.mean_stress / (MODULUS * STRAIN);
  OK(LhFibreTermGetFields(set.term, &fields));
  for (PetscInt p = 0; p < set.fibres->num_pieces; p++) {
    const double x = beta * set.fibres->piece_arc[p];
    const double cox = 1. - cosh(x) / cosh(target);
    worst = fmax(worst, fabs(fields.stress[p] / (MODULUS * STRAIN) - cox));
  }
  OK(MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  print_message(
      "eta %.6f, Cox %.6f; profile within %.5f; beta W %.3f, equivalent radius %.3f cells\n",
      1. - found, 1. - exact, worst, beta * WIDTH,
      .5 * CELLS * 1.0787 * exp(-2. * PETSC_PI * SHEAR / k));
  CheckNear("efficiency in closed form", 1. - exact, .9749224127, 1e-9);
  CheckRelative("loss of efficiency", found, exact, .02);
  CheckNear("largest error of the profile", worst, 0., .005);
  OK(FixtureDestroy(&f));
  OK(FibreSetDestroy(&set));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestM12)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
