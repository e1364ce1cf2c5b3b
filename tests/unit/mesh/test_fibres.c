/// Checks: polylines cut at cell borders: lengths, places, order, any cell type, any number of ranks, periodic volumes.
/// Reference: closed forms (a cut every voxel), the polyline's own points.
/// Tolerance and why: 1e-12 relative: sums of some hundred roundings.
/// Fails if: a piece is lost, doubled or in the wrong cell, a length is wrong, or the partition shows.
#include "mesh/fibres.h"
#include "mesh_test.h"

#define SIDE 8e-6

static LhMesh MakeCube(LhCellType type, PetscInt cells, PetscBool periodic) {
  LhBoxSpec spec = {
      .width = SIDE,
      .depth = SIDE,
      .cells_x = cells,
      .cells_y = cells,
      .num_layers = 1,
      .layers = {{"matrix", SIDE, cells, 1., 1.}},
      .cell_type = type,
      .periodic = { periodic, periodic, periodic}
  };
  LhMesh mesh;
  CHECK_CALL(LhMeshCreateBox(PETSC_COMM_WORLD, &spec, &mesh));
  return mesh;
}

static const LhFibres *FibresOf(LhMesh mesh) {
  const LhFibres *fibres;
  CHECK_CALL(LhMeshGetFibres(mesh, &fibres));
  assert_non_null(fibres);
  return fibres;
}

/// Point of a fibre at an arc length.
static void PointAt(const LhFibres *fibres, PetscInt fibre, PetscReal arc, PetscReal x[3]) {
  for (PetscInt p = fibres->offset[fibre]; p + 1 < fibres->offset[fibre + 1]; p++) {
    const PetscReal *a = fibres->points + 3 * p, *b = a + 3;
    const PetscReal length = sqrt(pow(b[0] - a[0], 2) + pow(b[1] - a[1], 2) + pow(b[2] - a[2], 2));
    if (arc > length && p + 2 < fibres->offset[fibre + 1]) {
      arc -= length;
      continue;
    }
    for (PetscInt d = 0; d < 3; d++) x[d] = a[d] + (b[d] - a[d]) * arc / length;
    return;
  }
}

/// Where the reference coordinates of a piece lie in its cell.
static void PlaceOf(const LhMeshView *view, const LhFibres *fibres, PetscInt piece,
                    PetscReal x[3]) {
  static const PetscReal sign[8][3] = {
      {-1, -1, -1},
      {1,  -1, -1},
      {1,  1,  -1},
      {-1, 1,  -1},
      {-1, -1, 1 },
      {1,  -1, 1 },
      {1,  1,  1 },
      {-1, 1,  1 }
  };
  const PetscReal *xi = fibres->piece_xi + 3 * piece;
  const PetscInt n = view->vertices_per_cell,
                 *v = view->cell_vertices + n * fibres->piece_cell[piece];
  for (PetscInt d = 0; d < 3; d++) x[d] = 0.;
  for (PetscInt k = 0; k < n; k++) {
    PetscReal weight = k ? xi[PetscMax(k - 1, 0) % 3] : 1. - xi[0] - xi[1] - xi[2];
    if (n == 8) {
      weight = 0.125;
      for (PetscInt d = 0; d < 3; d++) weight *= 1. + sign[k][d] * xi[d];
    }
    assert_true(weight > -1e-9);
    for (PetscInt d = 0; d < 3; d++) x[d] += weight * view->coords[3 * v[k] + d];
  }
}

/// Every piece lies on its fibre, in its cell; lengths of each fibre add up; ids are 0 .. n - 1, each once.
static void CheckPieces(LhMesh mesh) {
  const LhMeshView *view = ViewOf(mesh);
  const LhFibres *fibres = FibresOf(mesh);
  PetscReal *sum = calloc((size_t)fibres->num_fibres, sizeof(*sum));
  PetscInt *count = calloc((size_t)fibres->num_global_pieces, sizeof(*count));

  for (PetscInt i = 0; i < fibres->num_pieces; i++) {
    PetscReal x[3] = {0.}, y[3];
    const PetscReal *t = fibres->piece_direction + 3 * i;
    if (i) assert_true(fibres->piece_cell[i] >= fibres->piece_cell[i - 1]);
    assert_close(t[0] * t[0] + t[1] * t[1] + t[2] * t[2], 1., 1e-14);
    PointAt(fibres, fibres->piece_fibre[i], fibres->piece_arc[i], x);
    PlaceOf(view, fibres, i, y);
    for (PetscInt d = 0; d < 3; d++) {
      const PetscReal turns = view->period[d] > 0. ? round((x[d] - y[d]) / SIDE) : 0.;
      assert_close(x[d] - turns * SIDE, y[d], 1e-12 * SIDE);
    }
    sum[fibres->piece_fibre[i]] += fibres->piece_length[i];
    count[fibres->piece_id[i]]++;
  }
  MPI_Allreduce(MPI_IN_PLACE, sum, (int)fibres->num_fibres, MPIU_REAL, MPI_SUM, view->comm);
  MPI_Allreduce(MPI_IN_PLACE, count, (int)fibres->num_global_pieces, MPIU_INT, MPI_SUM, view->comm);
  for (PetscInt f = 0; f < fibres->num_fibres; f++)
    assert_close(sum[f], fibres->length[f], 1e-12 * fibres->length[f]);
  for (PetscInt i = 0; i < fibres->num_global_pieces; i++) assert_int_equal(count[i], 1);
  free(sum);
  free(count);
}

/// A fibre along x cuts every voxel once; a bundle's section counts its tubes.
static void TestStraight(void **state) {
  const PetscInt offset[] = {0, 2, 4};
  const PetscReal points[] = {
      0.3e-6, 1.5e-6, 2.5e-6, 7.3e-6, 1.5e-6, 2.5e-6,  // inside cells
      0.,     2e-6,   3e-6,   8e-6,   2e-6,   3e-6};   // along edges of cells
  const PetscReal diameter[] = {20e-9, 10e-9}, tubes[] = {7., 3.};
  const LhFibresSpec spec = {2, offset, points, diameter, tubes, NULL};
  LhMesh mesh = MakeCube(LH_CELL_HEX8, 8, PETSC_FALSE);
  (void)state;
  CHECK_CALL(LhMeshSetFibres(mesh, &spec));
  const LhFibres *fibres = FibresOf(mesh);
  assert_int_equal(fibres->num_global_pieces, 16);
  assert_int_equal(SumInt(PETSC_COMM_WORLD, fibres->num_pieces), 16);
  assert_close(fibres->area[0], 7. * PETSC_PI * 1e-16, 1e-28);
  assert_close(fibres->length[0], 7e-6, 1e-18);
  assert_close(fibres->coat[1], 0., 0.);
  for (PetscInt i = 0; i < fibres->num_pieces; i++) {
    const PetscInt id = fibres->piece_id[i];
    const PetscReal expected = id == 0 ? 0.7e-6 : id == 7 ? 0.3e-6 : 1e-6;
    assert_close(fibres->piece_length[i], expected, 1e-17);
    assert_close(fibres->piece_direction[3 * i], 1., 0.);
  }
  CheckPieces(mesh);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

/// A seeded random walk; `spread` is the range of its start.
static void MakeWalks(PetscInt num, PetscInt length, PetscReal step, PetscInt offset[],
                      PetscReal points[], PetscReal diameter[]) {
  unsigned long state = 12345;
  for (PetscInt f = 0; f <= num; f++) offset[f] = f * length;
  for (PetscInt f = 0; f < num; f++) {
    diameter[f] = 15e-9;
    for (PetscInt p = 0; p < length; p++) {
      for (PetscInt d = 0; d < 3; d++) {
        state = state * 6364136223846793005UL + 1442695040888963407UL;
        const PetscReal u = (PetscReal)(state >> 11) / 9007199254740992.;
        const PetscInt at = 3 * (f * length + p) + d;
        points[at] = p ? points[at - 3] + step * (u - 0.3) : u * SIDE;
      }
    }
  }
}

static void CheckWalks(LhCellType type) {
  PetscInt offset[21];
  PetscReal points[20 * 30 * 3], diameter[20];
  MakeWalks(20, 30, 3e-6, offset, points, diameter);
  const LhFibresSpec spec = {20, offset, points, diameter, NULL, NULL};
  LhMesh mesh = MakeCube(type, 6, PETSC_TRUE);
  CHECK_CALL(LhMeshSetFibres(mesh, &spec));
  assert_true(FibresOf(mesh)->num_global_pieces > 20 * 29);
  CheckPieces(mesh);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static void TestWalks(void **state) {
  (void)state;
  CheckWalks(LH_CELL_HEX8);
  CheckWalks(LH_CELL_TET4);
}

/// Pieces of all ranks by id: place, length, cell. The same on one rank and on all.
static void TestPartition(void **state) {
  PetscInt offset[6];
  PetscReal points[5 * 20 * 3], diameter[5];
  (void)state;
  MakeWalks(5, 20, 2e-6, offset, points, diameter);
  for (PetscInt k = 0; k < 5 * 20 * 3; k++)
    points[k] = round(points[k] * 1e6) * 1e-6;  // into faces and corners
  for (PetscInt k = 3; k < 5 * 20 * 3; k += 3)
    if (!memcmp(points + k, points + k - 3, 3 * sizeof(PetscReal))) points[k] += 1e-6;
  const LhFibresSpec spec = {5, offset, points, diameter, NULL, NULL};
  LhBoxSpec box = {
      .width = SIDE,
      .depth = SIDE,
      .cells_x = 8,
      .cells_y = 8,
      .num_layers = 1,
      .layers = {{"matrix", SIDE, 8, 1., 1.}},
      .cell_type = LH_CELL_TET4,
      .periodic = { PETSC_TRUE, PETSC_TRUE, PETSC_TRUE}
  };
  LhMesh mesh[2];
  PetscReal *data[2];
  const MPI_Comm comm[2] = {PETSC_COMM_WORLD, PETSC_COMM_SELF};
  PetscInt num[2];
  for (PetscInt k = 0; k < 2; k++) {
    CHECK_CALL(LhMeshCreateBox(comm[k], &box, &mesh[k]));
    CHECK_CALL(LhMeshSetFibres(mesh[k], &spec));
    const LhFibres *fibres = FibresOf(mesh[k]);
    num[k] = fibres->num_global_pieces;
    data[k] = calloc(3 * (size_t)num[k], sizeof(PetscReal));
    for (PetscInt i = 0; i < fibres->num_pieces; i++) {
      PetscReal *row = data[k] + 3 * fibres->piece_id[i];
      row[0] = (PetscReal)ViewOf(mesh[k])->cell_id[fibres->piece_cell[i]];
      row[1] = fibres->piece_length[i];
      row[2] = fibres->piece_arc[i];
    }
    MPI_Allreduce(MPI_IN_PLACE, data[k], (int)(3 * num[k]), MPIU_REAL, MPI_SUM, comm[k]);
    CheckPieces(mesh[k]);
  }
  assert_int_equal(num[0], num[1]);
  assert_memory_equal(data[0], data[1], 3 * (size_t)num[0] * sizeof(PetscReal));
  for (PetscInt k = 0; k < 2; k++) {
    free(data[k]);
    CHECK_CALL(LhMeshDestroy(&mesh[k]));
  }
}

/// Unwrapped points leave the volume through several sides; what is inside comes back on the other side.
static void TestWrapped(void **state) {
  const PetscInt offset[] = {0, 2};
  const PetscReal points[] = {-3e-6, 7.9e-6, 1.25e-6, 29e-6, 7.9e-6, 1.25e-6}, diameter[] = {1e-8};
  const LhFibresSpec spec = {1, offset, points, diameter, NULL, NULL};
  LhMesh mesh = MakeCube(LH_CELL_HEX8, 8, PETSC_TRUE);
  (void)state;
  CHECK_CALL(LhMeshSetFibres(mesh, &spec));
  assert_int_equal(FibresOf(mesh)->num_global_pieces, 32);
  CheckPieces(mesh);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

/// Images: (n + 1)^3 vertices have n^3 roots, a whole period away, distorted or not.
static void TestImages(void **state) {
  (void)state;
  LhBoxSpec spec = MakeSpec(LH_CELL_HEX8, 0.3);
  for (PetscInt d = 0; d < 3; d++) spec.periodic[d] = PETSC_TRUE;
  LhMesh mesh;
  CHECK_CALL(LhMeshCreateBox(PETSC_COMM_WORLD, &spec, &mesh));
  const LhMeshView *view = ViewOf(mesh);
  Whole whole = GatherWhole(mesh);
  PetscInt roots = 0;
  assert_non_null(view->vertex_image);
  assert_close(view->period[0], 110e-6, 1e-18);
  assert_close(view->period[2], 75e-6, 1e-18);
  for (PetscInt v = 0; v < view->num_vertices; v++) {
    const PetscInt image = view->vertex_image[v];
    if (v < view->num_owned_vertices) roots += image == view->vertex_id[v];
    for (PetscInt d = 0; d < 3; d++) {
      const PetscReal gap =
          (view->coords[3 * v + d] - whole.coords[3 * image + d]) / view->period[d];
      assert_true(fabs(gap) < 1e-12 || fabs(gap - 1.) < 1e-12);
    }
  }
  assert_int_equal(SumInt(PETSC_COMM_WORLD, roots), 5 * 4 * 9);
  FreeWhole(&whole);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

/// Images, fibres and pieces come back from mesh.h5.
static void TestFile(void **state) {
  PetscInt offset[6];
  PetscReal points[5 * 20 * 3], diameter[5];
  const PetscReal tubes[] = {1., 2., 3.5, 4., 5.}, coat[] = {0., 1e-9, 2e-9, 3e-9, 4e-9};
  const char *path = "test_fibres_mesh.h5";
  LhMesh mesh = MakeCube(LH_CELL_HEX8, 8, PETSC_TRUE), back;
  (void)state;
  MakeWalks(5, 20, 2e-6, offset, points, diameter);
  const LhFibresSpec spec = {5, offset, points, diameter, tubes, coat};
  CHECK_CALL(LhMeshSetFibres(mesh, &spec));
  CHECK_CALL(LhMeshWrite(mesh, path));
  CHECK_CALL(LhMeshCreateFromFile(PETSC_COMM_WORLD, path, NULL, &back));
  AssertSameMesh(mesh, back);
  const LhFibres *a = FibresOf(mesh), *b = FibresOf(back);
  assert_int_equal(a->num_fibres, b->num_fibres);
  assert_int_equal(a->num_global_pieces, b->num_global_pieces);
  assert_memory_equal(a->points, b->points, sizeof(points));
  assert_memory_equal(b->tubes, tubes, sizeof(tubes));
  assert_memory_equal(b->coat, coat, sizeof(coat));
  CheckPieces(back);
  const LhMeshView *first = ViewOf(mesh), *second = ViewOf(back);
  assert_int_equal(first->num_vertices, second->num_vertices);
  assert_memory_equal(first->vertex_image, second->vertex_image,
                      (size_t)first->num_vertices * sizeof(PetscInt));
  assert_memory_equal(first->period, second->period, sizeof(first->period));
  CHECK_CALL(LhMeshDestroy(&mesh));
  CHECK_CALL(LhMeshDestroy(&back));
  MPI_Barrier(PETSC_COMM_WORLD);
  if (RankOf(PETSC_COMM_WORLD) == 0) remove(path);
}

static void TestRefused(void **state) {
  const PetscInt offset[] = {0, 2};
  const PetscReal out[] = {1e-6, 1e-6, 1e-6, 9e-6, 1e-6, 1e-6}, still[6] = {0.},
                  diameter[] = {1e-8};
  const LhFibresSpec leaves = {1, offset, out, diameter, NULL, NULL},
                     short_one = {1, offset, still, diameter, NULL, NULL};
  LhMesh mesh = MakeCube(LH_CELL_HEX8, 4, PETSC_FALSE);
  (void)state;
  PetscPushErrorHandler(PetscIgnoreErrorHandler, NULL);
  const LhFibresSpec *bad[] = {&leaves, &short_one};
  for (PetscInt k = 0; k < 2; k++) assert_int_not_equal(LhMeshSetFibres(mesh, bad[k]), 0);
  PetscPopErrorHandler();
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestStraight), cmocka_unit_test(TestWalks),  cmocka_unit_test(TestPartition),
    cmocka_unit_test(TestWrapped),  cmocka_unit_test(TestImages), cmocka_unit_test(TestRefused),
    cmocka_unit_test(TestFile),
};
MESH_TEST_MAIN(tests)
