/// Checks: the `mesh:` section of a case becomes the box or the file it describes, in any units.
/// Reference: the same box from LhMeshCreateBox; closed volumes.
/// Tolerance and why: 1e-12 relative; unit conversion may be off by an ulp.
/// Fails if: a key is ignored, a unit is misread, or a path does not count from the case's folder.
#include "mesh_test.h"

static LhMesh FromText(const char text[], const char folder[]) {
  LhReader reader = {0};
  LhDoc doc;
  LhNode root;
  LhMesh mesh;
  PetscInt errors;
  CHECK_CALL(LhDiagCreate(&reader.diag));
  CHECK_CALL(LhDocParse("case.yaml", text, strlen(text), reader.diag, &doc));
  assert_non_null(doc);
  CHECK_CALL(LhDocGetRoot(doc, &root));
  CHECK_CALL(LhMeshCreateFromCase(PETSC_COMM_WORLD, &reader, LhNodeFind(root, "mesh"), folder, NULL,
                                  &mesh));
  CHECK_CALL(LhDiagGetCounts(reader.diag, &errors, NULL));
  if (errors) LhDiagPrint(reader.diag, stderr);
  assert_int_equal(errors, 0);
  CHECK_CALL(LhDocDestroy(&doc));
  CHECK_CALL(LhDiagDestroy(&reader.diag));
  return mesh;
}

static void TestBox(void **state) {
  LhMesh direct = MakeBox(PETSC_COMM_WORLD, LH_CELL_TET4, 0.25);
  LhMesh read = FromText(
      "mesh:\n"
      "  costs: {foil: 3}\n"
      "  box:\n"
      "    width: 0.11 mm\n"
      "    depth: 90 um\n"
      "    cells: [5, 4]\n"
      "    cells_type: tet4\n"
      "    distort: 25 %\n"
      "    seed: 11\n"
      "    layers:\n"
      "      - {region: foil, thickness: 50 um, cells: 6, grading: 2.5}\n"
      "      - {region: separator, thickness: 25000 nm, cells: 3}\n",
      "");
  const LhMeshView *a = ViewOf(direct), *b = ViewOf(read);
  (void)state;
  assert_int_equal(a->cell_type, b->cell_type);
  assert_int_equal(a->num_cells, b->num_cells);
  assert_memory_equal(a->cell_id, b->cell_id, (size_t)a->num_cells * sizeof(PetscInt));
  for (PetscInt i = 0; i < 3 * a->num_vertices; i++)
    assert_close(a->coords[i], b->coords[i], 1e-12 * 110e-6);
  for (PetscInt r = 0; r < 2; r++) assert_string_equal(a->region_names[r], b->region_names[r]);
  CHECK_CALL(LhMeshDestroy(&direct));
  CHECK_CALL(LhMeshDestroy(&read));
}

static void TestFileBesideTheCase(void **state) {
  char folder[PETSC_MAX_PATH_LEN];
  (void)state;
  snprintf(folder, sizeof(folder), "%s", SourcePath("tests/unit/mesh"));
  LhMesh mesh = FromText(
      "mesh: {file: data/box_hex_22_text.msh, length_unit: 1 um, costs: {high: 2, low part: 1}}",
      folder);
  assert_close(ViewOf(mesh)->region_volumes[0], 9e-18, 1e-29);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static void TestTables(void **state) {
  const LhTable *const *tables;
  PetscInt n;
  (void)state;
  CHECK_CALL(LhMeshGetTables(&n, &tables));
  assert_int_equal(n, 10);
  for (PetscInt k = 0; k < n; k++) {
    assert_true(tables[k]->num_rows >= 2);
    for (PetscInt r = 0; r < tables[k]->num_rows; r++)
      assert_true(strlen(tables[k]->rows[r].meaning) > 5);
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestBox),
    cmocka_unit_test(TestFileBesideTheCase),
    cmocka_unit_test(TestTables),
};
MESH_TEST_MAIN(tests)
