/// Checks: reading a grid of voxels and sampling it between, at and outside the voxel centres.
/// Reference: a trilinear function, which trilinear interpolation repeats exactly.
/// Tolerance and why: 1e-6, voxels are kept in single precision.
/// Fails if: axes are swapped, the grid is shifted by half a voxel, or points outside are not counted.
#include <hdf5.h>

#include "mesh/voxel_field.h"
#include "mesh_test.h"

static const PetscReal origin[3] = {1e-6, -2e-6, 3e-6}, spacing[3] = {2e-6, 1e-6, 0.5e-6};

static PetscReal Function(PetscReal x, PetscReal y, PetscReal z) {
  const PetscReal a = x * 1e5, b = y * 1e5, c = z * 1e5;
  return 0.2 + 0.3 * a - 0.5 * b + 0.7 * c + 0.4 * a * b * c + 0.1 * b * c;
}

static void WriteAttribute(hid_t set, const char name[], const PetscReal value[3]) {
  const hsize_t three = 3;
  const hid_t space = H5Screate_simple(1, &three, NULL);
  const hid_t attribute = H5Acreate2(set, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, H5T_NATIVE_DOUBLE, value);
  H5Aclose(attribute);
  H5Sclose(space);
}

/// 4 x 5 x 6 voxels in x, y, z.
static void WriteGrid(const char path[]) {
  double data[6][5][4];
  const hsize_t size[3] = {6, 5, 4};
  for (int k = 0; k < 6; k++) {
    for (int j = 0; j < 5; j++) {
      for (int i = 0; i < 4; i++) {
        data[k][j][i] = Function(origin[0] + i * spacing[0], origin[1] + j * spacing[1],
                                 origin[2] + k * spacing[2]);
      }
    }
  }
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(3, size, NULL);
  const hid_t set =
      H5Dcreate2(file, "fraction", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  WriteAttribute(set, "origin", origin);
  WriteAttribute(set, "spacing", spacing);
  H5Dclose(set);
  H5Sclose(space);
  H5Fclose(file);
}

static void TestSampling(void **state) {
  char path[64];
  PetscMPIInt size;
  LhVoxelFieldParams params = {.dataset = "fraction"};
  LhVoxelField field;
  LhDiag diag;
  (void)state;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  snprintf(path, sizeof(path), "test_voxels_%d.h5", size);
  if (RankOf(PETSC_COMM_WORLD) == 0) WriteGrid(path);
  MPI_Barrier(PETSC_COMM_WORLD);
  snprintf(params.file, sizeof(params.file), "%s", path);
  CHECK_CALL(LhDiagCreate(&diag));
  CHECK_CALL(LhVoxelFieldCreate(PETSC_COMM_WORLD, &params, ".", diag, &field));
  assert_non_null(field);
  // The first centre, between, the last centre; beyond a last centre by less and by more than half a voxel, and
  // before a first one likewise.
  const PetscReal x[] = {1e-6,   -2e-6,  3e-6,    4.3e-6, 1.7e-6, 4.9e-6,  7e-6,
                         2e-6,   5.5e-6, 7.9e-6,  2e-6,   5.5e-6, 8.3e-6,  2.9e-6,
                         5.5e-6, 1e-6,   -2.4e-6, 3e-6,   1e-6,   -2.6e-6, 3e-6};
  const PetscReal nearest = Function(7e-6, 2e-6, 5.5e-6);
  PetscReal value[7];
  PetscInt outside;
  CHECK_CALL(LhVoxelFieldEvaluate(field, 7, x, value, &outside));
  for (int i = 0; i < 3; i++)
    assert_close(value[i], Function(x[3 * i], x[3 * i + 1], x[3 * i + 2]), 1e-6);
  assert_close(value[3], nearest, 1e-6);
  assert_close(value[4], nearest, 1e-6);
  for (int i = 5; i < 7; i++) assert_close(value[i], Function(1e-6, -2e-6, 3e-6), 1e-6);
  assert_int_equal(outside, 2);
  CHECK_CALL(LhVoxelFieldDestroy(&field));
  CHECK_CALL(LhDiagDestroy(&diag));
  MPI_Barrier(PETSC_COMM_WORLD);
  if (RankOf(PETSC_COMM_WORLD) == 0) remove(path);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestSampling),
};
MESH_TEST_MAIN(tests)
