/// Checks: the averaging equation a - l^2 a'' = f between two free ends, with f a step in the middle: profile and order.
/// Reference: closed form, sinh((L - s)/l) / sinh(L/l) cosh(z/l) below the step, see Exact().
/// Tolerance and why: order 2 within 0.1 between the finest two meshes (linear elements); integral to 1e-12.
/// Fails if: mass, stiffness, load, ghost sums or the missing boundary flux are wrong.
#include <petscksp.h>

#include "physics/damage_average.h"
#include "unit/mechanics/fixture.h"

#define LENGTH 20e-6
#define SPREAD 2.5e-6  // l
#define STEP   0.5     // f = 1 for z > STEP * LENGTH

/// Green's function integrated: below the step a = sinh((L - s)/l)/sinh(L/l) cosh(z/l), above it
/// a = 1 - sinh(s/l)/sinh(L/l) cosh((L - z)/l): continuous with its slope, flat at both ends.
static double Exact(double z) {
  const double L = LENGTH / SPREAD, s = STEP * L, x = z / SPREAD;

  return x < s ? sinh(L - s) / sinh(L) * cosh(x) : 1. - sinh(s) / sinh(L) * cosh(L - x);
}

/// f at the points of the batches, by the height of the cell.
static void FillStep(LhMesh mesh, PetscInt num_batches, PetscInt num_points, const LhBatch *batch,
                     double f[]) {
  const LhMeshView *view;
  PetscReal *centre;

  OK(LhMeshGetView(mesh, &view));
  OK(PetscMalloc1(3 * view->num_cells + 1, &centre));
  OK(LhMeshGetCellCentres(mesh, centre));
  for (PetscInt i = 0; i < num_batches * num_points * LH_BATCH; i++) {
    const PetscInt cell = batch[i / (num_points * LH_BATCH)].cell[i % LH_BATCH];
    f[i] = centre[3 * cell + 2] > STEP * LENGTH ? 1. : 0.;
  }
  OK(PetscFree(centre));
}

static void Solve(Mat matrix, Vec load, Vec x) {
  KSP ksp;

  OK(KSPCreate(PETSC_COMM_WORLD, &ksp));
  OK(KSPSetType(ksp, KSPCG));
  OK(KSPSetTolerances(ksp, 1e-13, 1e-300, PETSC_DEFAULT, 10000));
  OK(KSPSetOperators(ksp, matrix, matrix));
  OK(KSPSolve(ksp, load, x));
  OK(KSPDestroy(&ksp));
}

/// Largest error at the vertices; the load must add up to int f dV.
static double VertexError(LhAverage average, Vec x, Vec load) {
  const LhSpaceView *view;
  const PetscScalar *a;
  PetscScalar total;
  double error = 0.;
  LhSpace space;

  OK(LhAverageGetSpace(average, &space));
  OK(LhSpaceGetView(space, &view));
  OK(VecGetArrayRead(x, &a));
  for (PetscInt i = 0; i < view->num_owned; i++)
    error = fmax(error, fabs(PetscRealPart(a[i]) - Exact(view->coords[3 * i + 2])));
  OK(VecRestoreArrayRead(x, &a));
  OK(VecSum(load, &total));
  assert_true(fabs(PetscRealPart(total) * pow(SPREAD, 3.) / ((1. - STEP) * LENGTH * 12e-12) - 1.) <
              1e-12);
  MPI_Allreduce(MPI_IN_PLACE, &error, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
  return error;
}

static double Error(PetscInt cells) {
  const PetscInt n[3] = {2, 3, cells};
  const double size[3] = {4e-6, 3e-6, LENGTH};
  PetscInt num_batches, num_points, region;
  const LhBatch *batch;
  LhAverage average;
  double *f, *back, error, largest = 0.;
  Fixture box;
  Mat matrix;
  Vec x, load;

  OK(FixtureBox(&box, PETSC_COMM_WORLD, LH_CELL_HEX8, n, size, 0.));
  OK(LhMeshFindRegion(box.mesh, "foil", &region));
  OK(LhAverageCreate(box.mesh, 1, &region, SPREAD, &average));
  OK(LhAverageGetBatches(average, &num_batches, &num_points, &batch));
  OK(LhAverageGetMatrix(average, &matrix));
  OK(MatCreateVecs(matrix, &x, &load));
  OK(PetscMalloc2(num_batches * num_points * LH_BATCH + 1, &f,
                  num_batches * num_points * LH_BATCH + 1, &back));
  FillStep(box.mesh, num_batches, num_points, batch, f);
  OK(LhAverageLoad(average, f, load));
  Solve(matrix, load, x);
  error = VertexError(average, x, load);
  OK(LhAverageEvaluate(average, x, back));
  for (PetscInt i = 0; i < num_batches * num_points * LH_BATCH; i++)
    largest = fmax(largest, back[i]);
  assert_true(largest < 1.);
  OK(PetscFree2(f, back));
  OK(VecDestroy(&x));
  OK(VecDestroy(&load));
  OK(LhAverageDestroy(&average));
  OK(FixtureDestroy(&box));
  return error;
}

static void TestProfile(void **state) {
  double coarse, fine;

  (void)state;
  coarse = Error(40);
  fine = Error(80);
  CheckNear("largest error of the average of a unit step", fine, 0., 1e-3);
  CheckNear("order", log2(coarse / fine), 2., .1);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestProfile)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
