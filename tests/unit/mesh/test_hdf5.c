/// Checks: a mesh written on some ranks is read back on any number of ranks with the same ids, regions and surfaces.
/// Reference: the mesh that was written.
/// Tolerance and why: ids and coordinates to the bit; areas and volumes 1e-13 (order of summation).
/// Fails if: rows are written at the wrong place, a surface is lost or doubled, or a checksum is missing.
#include <hdf5.h>

#include "mesh_test.h"

static LhMesh ReadBack(MPI_Comm comm, const char path[]) {
  LhDiag diag;
  LhMesh mesh;
  PetscInt errors;
  CHECK_CALL(LhDiagCreate(&diag));
  CHECK_CALL(LhMeshCreateFromFile(comm, path, diag, &mesh));
  CHECK_CALL(LhDiagGetCounts(diag, &errors, NULL));
  if (errors) LhDiagPrint(diag, stderr);
  assert_int_equal(errors, 0);
  CHECK_CALL(LhDiagDestroy(&diag));
  return mesh;
}

static const char *FileName(const char stem[]) {
  static char name[100];
  PetscMPIInt size;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  snprintf(name, sizeof(name), "test_mesh_%s_%d.h5", stem, size);
  return name;
}

static void RemoveFile(const char path[]) {
  MPI_Barrier(PETSC_COMM_WORLD);
  if (RankOf(PETSC_COMM_WORLD) == 0) remove(path);
  MPI_Barrier(PETSC_COMM_WORLD);
}

static void TestRoundTrip(void **state) {
  (void)state;
  for (int type = LH_CELL_HEX8; type <= LH_CELL_TET4; type++) {
    const char *path = FileName("round");
    LhMesh mesh = MakeBox(PETSC_COMM_WORLD, type, 0.3);
    CHECK_CALL(LhMeshWrite(mesh, path));
    LhMesh same = ReadBack(PETSC_COMM_WORLD, path);
    AssertSameMesh(mesh, same);
    CHECK_CALL(LhMeshDestroy(&same));
    CHECK_CALL(LhMeshDestroy(&mesh));
    RemoveFile(path);
  }
}

/// Whatever one rank writes all ranks read, and the other way round.
static void TestOtherRankCounts(void **state) {
  const char *path = FileName("other");
  LhMesh alone = MakeBox(PETSC_COMM_SELF, LH_CELL_TET4, 0.2),
         spread = MakeBox(PETSC_COMM_WORLD, LH_CELL_TET4, 0.2);
  (void)state;
  if (RankOf(PETSC_COMM_WORLD) == 0) CHECK_CALL(LhMeshWrite(alone, path));
  MPI_Barrier(PETSC_COMM_WORLD);
  LhMesh read = ReadBack(PETSC_COMM_WORLD, path);
  AssertSameMesh(spread, read);
  CHECK_CALL(LhMeshDestroy(&read));
  MPI_Barrier(PETSC_COMM_WORLD);
  CHECK_CALL(LhMeshWrite(spread, path));
  read = ReadBack(PETSC_COMM_SELF, path);
  AssertSameMesh(alone, read);
  CHECK_CALL(LhMeshDestroy(&read));
  CHECK_CALL(LhMeshDestroy(&alone));
  CHECK_CALL(LhMeshDestroy(&spread));
  RemoveFile(path);
}

static void TestEveryDatasetHasAChecksum(void **state) {
  static const char *const names[] = {"/cells/vertices", "/cells/region",   "/vertices/coordinates",
                                      "/regions/names",  "/surfaces/names", "/surfaces/faces"};
  const char *path = FileName("sum");
  LhMesh mesh = MakeBox(PETSC_COMM_WORLD, LH_CELL_HEX8, 0.);
  (void)state;
  CHECK_CALL(LhMeshWrite(mesh, path));
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  assert_true(file >= 0);
  for (int k = 0; k < 6; k++) {
    const hid_t set = H5Dopen2(file, names[k], H5P_DEFAULT), property = H5Dget_create_plist(set);
    unsigned flags = 0;
    size_t n = 0;
    assert_true(H5Pget_filter_by_id2(property, H5Z_FILTER_FLETCHER32, &flags, &n, NULL, 0, NULL,
                                     NULL) >= 0);
    H5Pclose(property);
    H5Dclose(set);
  }
  H5Fclose(file);
  CHECK_CALL(LhMeshDestroy(&mesh));
  RemoveFile(path);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestRoundTrip),
    cmocka_unit_test(TestOtherRankCounts),
    cmocka_unit_test(TestEveryDatasetHasAChecksum),
};
MESH_TEST_MAIN(tests)
