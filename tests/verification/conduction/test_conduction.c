/// Checks: effective conductivity of laminates, aligned fibres, a lattice of spheres, insulators; symmetry of the tensor.
/// Reference: series and parallel conductors; k_m + phi k_f along fibres; Maxwell-Garnett for a simple cubic lattice of
///   spheres (its error is of order f^(10/3), Rayleigh 1892), which is the lower bound of Hashin and Shtrikman (1962).
/// Tolerance and why: 1e-8 where linear elements hold the exact field; spheres of voxels 1.5 % on 32 cells an edge, and
///   the error of their steps falls with the first power of the cell size; the bounds without any tolerance.
/// Fails if: gradients, the periodic seam, fibres or the energy of the fluctuation are wrong.
#include <math.h>

#include "physics/conduction.h"
#include "support/verified.h"
#include "unit/base/base_test.h"

#define EDGE 8e-6

static void MakeBox(PetscInt n, LhMesh *mesh) {
  const LhBoxSpec box = {
      .width = EDGE,
      .depth = EDGE,
      .cells_x = n,
      .cells_y = n,
      .num_layers = 1,
      .layers = {{"all", EDGE, n, 1, 0}},
      .periodic = { PETSC_TRUE, PETSC_TRUE, PETSC_TRUE}
  };

  OK(LhMeshCreateBox(PETSC_COMM_WORLD, &box, mesh));
}

typedef double (*Conductivity)(const double x[3]);

/// Tensor of a box whose cells conduct as `at` says at their centres.
static LhConductionResult SolveBox(PetscInt n, Conductivity at, double *share) {
  LhConductionResult result;
  const LhMeshView *view;
  double *cell, *centre, inside = 0;
  LhMesh mesh;

  MakeBox(n, &mesh);
  OK(LhMeshGetView(mesh, &view));
  OK(PetscMalloc2(view->num_cells, &cell, 3 * view->num_cells, &centre));
  OK(LhMeshGetCellCentres(mesh, centre));
  for (PetscInt i = 0; i < view->num_cells; i++) {
    cell[i] = at(centre + 3 * i);
    inside += cell[i] > 5;
  }
  OK(MPI_Allreduce(MPI_IN_PLACE, &inside, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  if (share) *share = inside / view->num_global_cells;
  OK(LhConductionSolve(mesh, &(LhConduction){.cell = cell}, &result));
  OK(PetscFree2(cell, centre));
  OK(LhMeshDestroy(&mesh));
  for (int d = 0; d < 9; d++)
    assert_true(fabs(result.tensor[d] - result.tensor[d % 3 * 3 + d / 3]) < 1e-8);
  return result;
}

static double Layers(const double x[3]) {
  return x[1] < EDGE / 4 ? 7.3 : 0.9;
}

static void TestLaminate(void **state) {
  const double parallel = 0.25 * 7.3 + 0.75 * 0.9, series = 1 / (0.25 / 7.3 + 0.75 / 0.9);
  const LhConductionResult r = SolveBox(8, Layers, NULL);
  const double exact[9] = {parallel, 0, 0, 0, series, 0, 0, 0, parallel};

  (void)state;
  for (int d = 0; d < 9; d++) CheckNear("laminate [S/m]", r.tensor[d], exact[d], 1e-8 * parallel);
}

static double Insulated(const double x[3]) {
  return x[2] < EDGE / 4 ? 0 : 3.1;
}

/// A layer that does not conduct cuts one direction off and takes its share of the others.
static void TestInsulator(void **state) {
  const LhConductionResult r = SolveBox(8, Insulated, NULL);

  (void)state;
  assert_true(fabs(r.tensor[0] - 0.75 * 3.1) < 1e-8);
  assert_true(fabs(r.tensor[4] - 0.75 * 3.1) < 1e-8);
  assert_true(r.tensor[8] == 0 && !r.percolates[2] && r.percolates[0]);
}

static double Sphere(const double x[3]) {
  double r2 = 0;

  for (int d = 0; d < 3; d++) r2 += (x[d] - EDGE / 2) * (x[d] - EDGE / 2);
  return r2 < 0.08 * EDGE * EDGE ? 10 : 1;
}

static void TestSpheres(void **state) {
  double error[2];

  (void)state;
  for (int k = 0; k < 2; k++) {
    double f, garnett, upper;
    const LhConductionResult r = SolveBox(16 << k, Sphere, &f);

    garnett = 1 + 3 * f * 9 / (12 - f * 9);
    upper = 10 - 30 * (1 - f) * 9 / (21 + (1 - f) * 9.);
    error[k] = r.tensor[0] / garnett - 1;
    print_message("share %.4f: %.5f, Maxwell-Garnett %.5f, upper bound %.5f, %d iterations\n", f,
                  r.tensor[0], garnett, upper, (int)r.iterations);
    for (int d = 0; d < 3; d++) assert_true(r.tensor[4 * d] > garnett && r.tensor[4 * d] < upper);
    assert_true(fabs(r.tensor[4] - r.tensor[0]) < 1e-8 && fabs(r.tensor[1]) < 1e-8);
  }
  CheckNear("finer spheres over Maxwell-Garnett - 1", error[1], 0, 0.015);
  assert_true(fabs(error[0] / error[1]) > 1.6);
}

/// Fibres along x that cross the seam, beside each other: k_m + phi k_f along, k_m across; then alone in an insulator.
static void TestFibres(void **state) {
  static const PetscInt offset[] = {0, 2, 4};
  static const PetscReal points[] = {1e-6, 2.3e-6, 3.1e-6, 9e-6,  2.3e-6, 3.1e-6,
                                     3e-6, 5.2e-6, 6.6e-6, 11e-6, 5.2e-6, 6.6e-6};
  static const PetscReal diameter[] = {40e-9, 60e-9};
  const LhFibresSpec spec = {.num = 2, .offset = offset, .points = points, .diameter = diameter};
  LhConductionResult r;
  const LhFibres *fibres;
  const LhMeshView *view;
  double conductance[2], *cell, along = 0;
  LhMesh mesh;

  (void)state;
  MakeBox(6, &mesh);
  OK(LhMeshSetFibres(mesh, &spec));
  OK(LhMeshGetFibres(mesh, &fibres));
  OK(LhMeshGetView(mesh, &view));
  OK(PetscMalloc1(view->num_cells, &cell));
  for (int f = 0; f < 2; f++) {
    conductance[f] = 4e5 * fibres->area[f];
    along += conductance[f] / (EDGE * EDGE);
  }
  for (int k = 0; k < 2; k++) {
    const double matrix = k ? 0 : 2.5;

    for (PetscInt i = 0; i < view->num_cells; i++) cell[i] = matrix;
    OK(LhConductionSolve(mesh, &(LhConduction){cell, conductance}, &r));
    CheckRelative("fibres [S/m]", r.tensor[0] - matrix, along, 1e-8);
    assert_true(fabs(r.tensor[4] - matrix) < 1e-8 && fabs(r.tensor[8] - matrix) < 1e-8);
    assert_true(r.percolates[0] && (r.percolates[1] == (k ? PETSC_FALSE : PETSC_TRUE)));
  }
  OK(PetscFree(cell));
  OK(LhMeshDestroy(&mesh));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestLaminate),
                                     cmocka_unit_test(TestInsulator), cmocka_unit_test(TestSpheres),
                                     cmocka_unit_test(TestFibres)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
