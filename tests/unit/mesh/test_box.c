/// Checks: sizes, grading, regions, surfaces, bounds, quality and partition of the built-in box.
/// Reference: closed forms of a box; geometric rows; the same box built on one rank.
/// Tolerance and why: 1e-12 relative for sums over cells (rounding); ids and coordinates to the bit.
/// Fails if: a surface is misnamed or turned, a layer is misplaced, or anything depends on the partition.
#include "mesh_test.h"

static void CheckSums(LhMesh mesh) {
  static const char *const names[] = {"bottom", "top",  "left",           "right",
                                      "front",  "back", "foil|separator", "separator|foil"};
  const PetscReal w = 110e-6, d = 90e-6, h = 75e-6;
  const PetscReal areas[] = {w * d, w * d, d * h, d * h, w * h, w * h, w * d, w * d};
  const LhMeshView *view = ViewOf(mesh);

  assert_int_equal(view->num_regions, 2);
  assert_int_equal(view->num_surfaces, 8);
  assert_close(view->region_volumes[0], w * d * 50e-6, 1e-12 * w * d * h);
  assert_close(view->region_volumes[1], w * d * 25e-6, 1e-12 * w * d * h);
  for (int s = 0; s < 8; s++) {
    PetscInt found;
    CHECK_CALL(LhMeshFindSurface(mesh, names[s], &found));
    assert_true(found >= 0);
    assert_close(view->surfaces[found].area, areas[s], 1e-12 * areas[s]);
  }
  const PetscReal upper[3] = {w, d, h};
  for (int i = 0; i < 3; i++) {
    assert_close(view->lower[i], 0., 0.);
    assert_close(view->upper[i], upper[i], 1e-19);
  }
}

static void TestVolumesAndAreas(void **state) {
  (void)state;
  for (int k = 0; k < 4; k++) {
    LhMesh mesh = MakeBox(PETSC_COMM_WORLD, k % 2 ? LH_CELL_TET4 : LH_CELL_HEX8, k / 2 ? 0.3 : 0.);
    CheckSums(mesh);
    CHECK_CALL(LhMeshDestroy(&mesh));
    assert_null(mesh);
  }
}

/// Sum of area vectors of a surface (fan of triangles, exact for flat faces).
static void SumNormals(const LhMeshView *view, const LhSurface *surface, PetscReal sum[3]) {
  const PetscInt width = view->vertices_per_face;
  for (int i = 0; i < 3; i++) sum[i] = 0.;
  for (PetscInt f = 0; f < surface->num_faces; f++) {
    const PetscInt *v = surface->vertices + f * width;
    for (PetscInt k = 1; k + 1 < width; k++) {
      const PetscReal *p = view->coords + 3 * v[0], *q = view->coords + 3 * v[k],
                      *r = view->coords + 3 * v[k + 1];
      for (int i = 0; i < 3; i++) {
        const int a = (i + 1) % 3, b = (i + 2) % 3;
        sum[i] += 0.5 * ((q[a] - p[a]) * (r[b] - p[b]) - (q[b] - p[b]) * (r[a] - p[a]));
      }
    }
  }
  MPI_Allreduce(MPI_IN_PLACE, sum, 3, MPIU_REAL, MPI_SUM, view->comm);
}

static void TestNormalsPointOutward(void **state) {
  static const struct {
    const char *name;
    int axis, sign;
  } expected[] = {
      {"bottom",         2, -1},
      {"top",            2, 1 },
      {"left",           0, -1},
      {"right",          0, 1 },
      {"front",          1, -1},
      {"back",           1, 1 },
      {"foil|separator", 2, 1 },
      {"separator|foil", 2, -1}
  };
  (void)state;
  for (int type = LH_CELL_HEX8; type <= LH_CELL_TET4; type++) {
    LhMesh mesh = MakeBox(PETSC_COMM_WORLD, type, 0.25);
    const LhMeshView *view = ViewOf(mesh);
    for (int k = 0; k < 8; k++) {
      PetscInt s;
      PetscReal sum[3];
      CHECK_CALL(LhMeshFindSurface(mesh, expected[k].name, &s));
      SumNormals(view, &view->surfaces[s], sum);
      for (int i = 0; i < 3; i++) {
        const PetscReal value =
            i == expected[k].axis ? expected[k].sign * view->surfaces[s].area : 0.;
        assert_close(sum[i], value, 1e-12 * view->surfaces[s].area);
      }
    }
    CHECK_CALL(LhMeshDestroy(&mesh));
  }
}

static void TestInterfaceCellsAreOfTheFirstRegion(void **state) {
  LhMesh mesh = MakeBox(PETSC_COMM_WORLD, LH_CELL_HEX8, 0.1);
  const LhMeshView *view = ViewOf(mesh);
  (void)state;
  for (PetscInt s = 6; s < 8; s++) {
    const LhSurface *surface = &view->surfaces[s];
    for (PetscInt f = 0; f < surface->num_faces; f++) {
      const char *region = view->region_names[view->cell_region[surface->cell[f]]];
      assert_int_equal(strncmp(surface->name, region, strlen(region)), 0);
    }
    assert_int_equal(SumInt(view->comm, surface->num_faces), 20);
  }
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static int CompareReals(const void *a, const void *b) {
  return (*(const PetscReal *)a > *(const PetscReal *)b) -
         (*(const PetscReal *)a < *(const PetscReal *)b);
}

/// Heights of the foil's cells form a geometric row with last/first = 2.5.
static void TestGrading(void **state) {
  LhMesh mesh = MakeBox(PETSC_COMM_SELF, LH_CELL_HEX8, 0.);
  const LhMeshView *view = ViewOf(mesh);
  PetscReal z[10];
  int n = 0;
  (void)state;
  for (PetscInt v = 0; v < view->num_vertices; v++) {
    const PetscReal *x = view->coords + 3 * v;
    if (x[0] == 0. && x[1] == 0.) {
      assert_true(n < 10);
      z[n++] = x[2];
    }
  }
  assert_int_equal(n, 10);
  qsort(z, 10, sizeof(*z), CompareReals);
  assert_close((z[6] - z[5]) / (z[1] - z[0]), 2.5, 1e-12);
  for (int k = 0; k < 4; k++) {
    assert_close((z[k + 2] - z[k + 1]) / (z[k + 1] - z[k]), pow(2.5, 0.2), 1e-12);
  }
  assert_close(z[6], 50e-6, 1e-18);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static void TestIdsDoNotDependOnThePartition(void **state) {
  (void)state;
  for (int k = 0; k < 4; k++) {
    const LhCellType type = k % 2 ? LH_CELL_TET4 : LH_CELL_HEX8;
    LhMesh spread = MakeBox(PETSC_COMM_WORLD, type, k / 2 ? 0.3 : 0.);
    LhMesh alone = MakeBox(PETSC_COMM_SELF, type, k / 2 ? 0.3 : 0.);
    const LhMeshView *one = ViewOf(spread), *two = ViewOf(alone);
    Whole a = GatherWhole(spread), b = GatherWhole(alone);
    assert_memory_equal(a.cells, b.cells, (size_t)(a.num_cells * a.width) * sizeof(PetscInt));
    assert_memory_equal(a.coords, b.coords, 3 * (size_t)a.num_vertices * sizeof(PetscReal));
    assert_memory_equal(a.region, b.region, (size_t)a.num_cells * sizeof(PetscInt));
    for (PetscInt s = 0; s < one->num_surfaces; s++) {
      assert_string_equal(one->surfaces[s].name, two->surfaces[s].name);
      assert_int_equal(SumInt(one->comm, one->surfaces[s].num_faces), two->surfaces[s].num_faces);
    }
    FreeWhole(&a);
    FreeWhole(&b);
    CHECK_CALL(LhMeshDestroy(&spread));
    CHECK_CALL(LhMeshDestroy(&alone));
  }
}

static void TestSameInputSameMesh(void **state) {
  LhMesh a = MakeBox(PETSC_COMM_WORLD, LH_CELL_TET4, 0.2),
         b = MakeBox(PETSC_COMM_WORLD, LH_CELL_TET4, 0.2);
  const LhMeshView *x = ViewOf(a), *y = ViewOf(b);
  (void)state;
  assert_int_equal(x->num_cells, y->num_cells);
  assert_int_equal(x->num_vertices, y->num_vertices);
  assert_memory_equal(x->cell_id, y->cell_id, (size_t)x->num_cells * sizeof(PetscInt));
  assert_memory_equal(x->vertex_id, y->vertex_id, (size_t)x->num_vertices * sizeof(PetscInt));
  assert_memory_equal(x->cell_vertices, y->cell_vertices,
                      (size_t)x->num_cells * 4 * sizeof(PetscInt));
  CHECK_CALL(LhMeshDestroy(&a));
  CHECK_CALL(LhMeshDestroy(&b));
}

static void TestSeedMovesInnerVerticesOnly(void **state) {
  LhBoxSpec specs[3] = {MakeSpec(LH_CELL_HEX8, 0.), MakeSpec(LH_CELL_HEX8, 0.3),
                        MakeSpec(LH_CELL_HEX8, 0.3)};
  Whole whole[3];
  PetscInt moved = 0, inner = 0;
  (void)state;
  specs[2].seed++;
  for (int k = 0; k < 3; k++) {
    LhMesh mesh;
    CHECK_CALL(LhMeshCreateBox(PETSC_COMM_WORLD, &specs[k], &mesh));
    whole[k] = GatherWhole(mesh);
    CHECK_CALL(LhMeshDestroy(&mesh));
  }
  for (PetscInt v = 0; v < whole[0].num_vertices; v++) {
    const PetscReal *p = whole[0].coords + 3 * v, *q = whole[1].coords + 3 * v,
                    *r = whole[2].coords + 3 * v;
    const int is_inner =
        p[0] > 0. && p[0] < 109e-6 && p[1] > 0. && p[1] < 89e-6 && p[2] > 0. && p[2] < 74e-6;
    inner += is_inner;
    moved += is_inner && memcmp(p, q, 24) && memcmp(q, r, 24);
    assert_close(p[0], q[0], 0.15 * 22e-6);
    assert_close(p[1], q[1], 0.15 * 22.5e-6);
    for (int d = 0; d < 3; d++) assert_true(p[d] > 0. || q[d] == 0.);
  }
  assert_int_equal(inner, 4 * 3 * 8);
  assert_int_equal(moved, inner);
  for (int k = 0; k < 3; k++) FreeWhole(&whole[k]);
}

/// Cubes have quality 1 and aspect 1; the cost of the foil counts in the partition.
static void TestQuality(void **state) {
  const LhBoxSpec spec = {
      .width = 1.2,
      .depth = 1.,
      .cells_x = 12,
      .cells_y = 10,
      .num_layers = 2,
      .layers = {{"foil", 1., 10, 1., 4.}, {"separator", 0.5, 5, 1., 1.}}
  };
  LhMeshQuality quality;
  LhMesh mesh;
  PetscMPIInt size;
  (void)state;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  CHECK_CALL(LhMeshCreateBox(PETSC_COMM_WORLD, &spec, &mesh));
  CHECK_CALL(LhMeshGetQuality(mesh, &quality));
  const LhMeshView *view = ViewOf(mesh);
  PetscReal cost = 0., largest, total;
  for (PetscInt c = 0; c < view->num_cells; c++) cost += view->cell_region[c] ? 1. : 4.;
  MPI_Allreduce(&cost, &largest, 1, MPIU_REAL, MPI_MAX, PETSC_COMM_WORLD);
  MPI_Allreduce(&cost, &total, 1, MPIU_REAL, MPI_SUM, PETSC_COMM_WORLD);
  assert_close(quality.min_quality, 1., 1e-12);
  assert_close(quality.max_aspect, 1., 1e-12);
  assert_close(quality.imbalance, largest * size / total, 1e-12);
  assert_true(quality.imbalance < 1.05);
  if (size == 1)
    assert_int_equal(quality.edge_cut, 0);
  else
    assert_in_range(quality.edge_cut, 100, 600);  // a plane across the box has 100 to 180 faces
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static void TestFind(void **state) {
  LhMesh mesh = MakeBox(PETSC_COMM_WORLD, LH_CELL_HEX8, 0.);
  PetscInt index;
  (void)state;
  CHECK_CALL(LhMeshFindRegion(mesh, "separator", &index));
  assert_int_equal(index, 1);
  CHECK_CALL(LhMeshFindRegion(mesh, "separato", &index));
  assert_int_equal(index, -1);
  CHECK_CALL(LhMeshFindSurface(mesh, "Top", &index));
  assert_int_equal(index, -1);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

/// Fewer cells than ranks: some ranks hold nothing and all still agree.
static void TestMoreRanksThanCells(void **state) {
  const LhBoxSpec spec = {
      .width = 2.,
      .depth = 3.,
      .cells_x = 1,
      .cells_y = 1,
      .num_layers = 2,
      .layers = {{"a", 1., 1, 1., 0}, {"b", 4., 1, 1., 0}}
  };
  LhMesh mesh;
  (void)state;
  CHECK_CALL(LhMeshCreateBox(PETSC_COMM_WORLD, &spec, &mesh));
  assert_close(ViewOf(mesh)->region_volumes[1], 24., 1e-12);
  assert_close(ViewOf(mesh)->upper[2], 5., 1e-12);
  Whole whole = GatherWhole(mesh);
  FreeWhole(&whole);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestVolumesAndAreas),
    cmocka_unit_test(TestNormalsPointOutward),
    cmocka_unit_test(TestInterfaceCellsAreOfTheFirstRegion),
    cmocka_unit_test(TestGrading),
    cmocka_unit_test(TestIdsDoNotDependOnThePartition),
    cmocka_unit_test(TestSameInputSameMesh),
    cmocka_unit_test(TestSeedMovesInnerVerticesOnly),
    cmocka_unit_test(TestQuality),
    cmocka_unit_test(TestFind),
    cmocka_unit_test(TestMoreRanksThanCells),
};
MESH_TEST_MAIN(tests)
