/// Checks: Gmsh files of format 2.2 and 4.1, text and binary, hexahedra, tetrahedra and quadratic tetrahedra.
/// Reference: files written by Gmsh itself (data/, meshes/); closed volumes and areas of their boxes.
/// Tolerance and why: 1e-12 relative (sums over cells); formats against each other to 1e-12 of the size.
/// Fails if: a format is read differently, a name or a face is lost, or ranks change the mesh.
#include "mesh_test.h"

static LhMesh ReadMesh(MPI_Comm comm, const char name[]) {
  LhDiag diag;
  LhMesh mesh;
  PetscInt errors;
  CHECK_CALL(LhDiagCreate(&diag));
  CHECK_CALL(LhMeshCreateFromFile(comm, SourcePath(name), diag, &mesh));
  CHECK_CALL(LhDiagGetCounts(diag, &errors, NULL));
  if (errors) LhDiagPrint(diag, stderr);
  assert_int_equal(errors, 0);
  assert_non_null(mesh);
  CHECK_CALL(LhDiagDestroy(&diag));
  return mesh;
}

static PetscReal AreaOf(LhMesh mesh, const char name[]) {
  PetscInt s;
  CHECK_CALL(LhMeshFindSurface(mesh, name, &s));
  assert_true(s >= 0);
  return ViewOf(mesh)->surfaces[s].area;
}

static void CheckShippedMesh(const char file[], LhCellType type) {
  const PetscReal w = 100e-6;
  LhMesh mesh = ReadMesh(PETSC_COMM_WORLD, file), alone = ReadMesh(PETSC_COMM_SELF, file);
  const LhMeshView *view = ViewOf(mesh);
  PetscInt foil, separator;

  assert_int_equal(view->cell_type, type);
  CHECK_CALL(LhMeshFindRegion(mesh, "foil", &foil));
  CHECK_CALL(LhMeshFindRegion(mesh, "separator", &separator));
  assert_close(view->region_volumes[foil], w * w * 50e-6, 1e-12 * w * w * w);
  assert_close(view->region_volumes[separator], w * w * 25e-6, 1e-12 * w * w * w);
  assert_close(AreaOf(mesh, "bottom"), w * w, 1e-12 * w * w);
  assert_close(AreaOf(mesh, "top"), w * w, 1e-12 * w * w);
  assert_close(AreaOf(mesh, "sides"), 4. * w * 75e-6, 1e-12 * w * w);
  assert_close(AreaOf(mesh, "foil|separator"), w * w, 1e-12 * w * w);
  assert_close(view->upper[2], 75e-6, 1e-17);
  Whole a = GatherWhole(mesh), b = GatherWhole(alone);
  assert_memory_equal(a.cells, b.cells, (size_t)(a.num_cells * a.width) * sizeof(PetscInt));
  assert_memory_equal(a.coords, b.coords, 3 * (size_t)a.num_vertices * sizeof(PetscReal));
  FreeWhole(&a);
  FreeWhole(&b);
  CHECK_CALL(LhMeshDestroy(&mesh));
  CHECK_CALL(LhMeshDestroy(&alone));
}

static void TestShippedMeshes(void **state) {
  (void)state;
  CheckShippedMesh("meshes/foil_hex.msh", LH_CELL_HEX8);
  CheckShippedMesh("meshes/foil_tet.msh", LH_CELL_TET4);
}

static void CheckBox(LhMesh mesh) {
  const LhMeshView *view = ViewOf(mesh);
  assert_int_equal(view->num_regions, 2);
  assert_string_equal(view->region_names[0], "low part");
  assert_string_equal(view->region_names[1], "high");
  assert_int_equal(view->num_surfaces, 4);
  assert_close(view->region_volumes[0], 9., 1e-11);
  assert_close(view->region_volumes[1], 4.2, 1e-11);
  assert_close(AreaOf(mesh, "floor"), 6., 1e-11);
  assert_close(AreaOf(mesh, "middle"), 6., 1e-11);
  assert_close(AreaOf(mesh, "low part|high"), 6., 1e-11);
}

/// The same connectivity whatever the format; text coordinates carry 16 digits.
static void CheckForms(const char stem[]) {
  static const char *const forms[] = {"22_text", "22_binary", "41_text", "41_binary"};
  Whole first = {0};
  for (int k = 0; k < 4; k++) {
    char name[100];
    snprintf(name, sizeof(name), "tests/unit/mesh/data/%s_%s.msh", stem, forms[k]);
    LhMesh mesh = ReadMesh(PETSC_COMM_WORLD, name);
    CheckBox(mesh);
    Whole whole = GatherWhole(mesh);
    if (k == 0)
      first = whole;
    else {
      assert_int_equal(first.num_cells, whole.num_cells);
      assert_memory_equal(first.cells, whole.cells,
                          (size_t)(whole.num_cells * whole.width) * sizeof(PetscInt));
      for (PetscInt i = 0; i < 3 * whole.num_vertices; i++)
        assert_close(first.coords[i], whole.coords[i], 1e-12);
      FreeWhole(&whole);
    }
    CHECK_CALL(LhMeshDestroy(&mesh));
  }
  FreeWhole(&first);
}

static void TestFormats(void **state) {
  (void)state;
  CheckForms("box_hex");
  CheckForms("box_tet");
}

/// The face between the regions that the file names is seen from the first region, like "low part|high".
static void TestNamedInnerSurface(void **state) {
  LhMesh mesh = ReadMesh(PETSC_COMM_WORLD, "tests/unit/mesh/data/box_hex_41_text.msh");
  const LhMeshView *view = ViewOf(mesh);
  PetscInt named, found;
  (void)state;
  CHECK_CALL(LhMeshFindSurface(mesh, "middle", &named));
  CHECK_CALL(LhMeshFindSurface(mesh, "low part|high", &found));
  assert_int_equal(view->surfaces[named].num_faces, view->surfaces[found].num_faces);
  for (PetscInt f = 0; f < view->surfaces[named].num_faces; f++) {
    assert_int_equal(view->cell_region[view->surfaces[named].cell[f]], 0);
  }
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static void TestQuadraticTetsKeepTheirCorners(void **state) {
  LhMesh straight = ReadMesh(PETSC_COMM_WORLD, "tests/unit/mesh/data/box_tet_41_text.msh");
  LhMesh quadratic = ReadMesh(PETSC_COMM_WORLD, "tests/unit/mesh/data/box_tet10_41_text.msh");
  (void)state;
  CheckBox(quadratic);
  AssertSameMesh(straight, quadratic);
  CHECK_CALL(LhMeshDestroy(&straight));
  CHECK_CALL(LhMeshDestroy(&quadratic));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestShippedMeshes),
    cmocka_unit_test(TestFormats),
    cmocka_unit_test(TestNamedInnerSurface),
    cmocka_unit_test(TestQuadraticTetsKeepTheirCorners),
};
MESH_TEST_MAIN(tests)
