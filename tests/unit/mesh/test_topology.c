/// Checks: conforming neighbours, Euler's number, complete ids, owners and the order of cells and vertices.
/// Reference: V - E + F - C = 1 for a ball; an inner face has two cells, a boundary face one.
/// Tolerance and why: none, integers.
/// Fails if: neighbours do not share whole faces, an id is missing or double, or two ranks disagree on an owner.
#include "mesh/cell_shape.h"
#include "mesh_test.h"

typedef struct {
  PetscInt v[4];
} Key;

static int CompareKeys(const void *a, const void *b) {
  return memcmp(a, b, sizeof(Key));
}

static int CompareInts(const void *a, const void *b) {
  return (*(const PetscInt *)a > *(const PetscInt *)b) -
         (*(const PetscInt *)a < *(const PetscInt *)b);
}

/// Sorts the keys and counts the different ones; `singles` those that occur once.
static PetscInt CountDistinct(size_t n, Key keys[], PetscInt *singles, PetscInt *most) {
  PetscInt distinct = 0;
  *singles = *most = 0;
  qsort(keys, n, sizeof(Key), CompareKeys);
  for (size_t i = 0; i < n;) {
    size_t j = i;
    while (j < n && !CompareKeys(&keys[i], &keys[j])) j++;
    *singles += j - i == 1;
    *most = PetscMax(*most, (PetscInt)(j - i));
    distinct++;
    i = j;
  }
  return distinct;
}

static PetscInt CountParts(const Whole *whole, PetscInt parts, PetscInt width, PetscInt stride,
                           const PetscInt table[], PetscInt *singles, PetscInt *most) {
  Key *keys = calloc((size_t)(whole->num_cells * parts), sizeof(Key));
  for (PetscInt c = 0; c < whole->num_cells; c++) {
    for (PetscInt p = 0; p < parts; p++) {
      Key *key = &keys[c * parts + p];
      for (PetscInt k = 0; k < width; k++)
        key->v[k] = whole->cells[c * whole->width + table[p * stride + k]];
      qsort(key->v, (size_t)width, sizeof(PetscInt), CompareInts);
    }
  }
  const PetscInt n = CountDistinct((size_t)(whole->num_cells * parts), keys, singles, most);
  free(keys);
  return n;
}

static void TestEulerAndNeighbours(void **state) {
  (void)state;
  for (int type = LH_CELL_HEX8; type <= LH_CELL_TET4; type++) {
    const LhCellShape *shape = LhCellShapeGet(type);
    LhMesh mesh = MakeBox(PETSC_COMM_WORLD, type, 0.2);
    const LhMeshView *view = ViewOf(mesh);
    Whole whole = GatherWhole(mesh);
    PetscInt singles, most, boundary = 0;
    const PetscInt edges =
        CountParts(&whole, shape->edges, 2, 2, &shape->edge[0][0], &singles, &most);
    const PetscInt faces = CountParts(&whole, shape->sides, shape->side_vertices, 4,
                                      &shape->side[0][0], &singles, &most);
    assert_int_equal(whole.num_vertices - edges + faces - whole.num_cells, 1);
    assert_int_equal(most, 2);
    for (PetscInt s = 0; s < 6; s++) boundary += SumInt(view->comm, view->surfaces[s].num_faces);
    assert_int_equal(singles, boundary);
    assert_int_equal(singles, 2 * (5 * 4 + 4 * 9 + 9 * 5) * (type == LH_CELL_TET4 ? 2 : 1));
    FreeWhole(&whole);
    CHECK_CALL(LhMeshDestroy(&mesh));
  }
}

/// A face's vertices are those of one side of its cell.
static void TestFacesAreSidesOfTheirCells(void **state) {
  LhMesh mesh = MakeBox(PETSC_COMM_WORLD, LH_CELL_TET4, 0.2);
  const LhMeshView *view = ViewOf(mesh);
  const PetscInt n = view->vertices_per_cell, w = view->vertices_per_face;
  (void)state;
  for (PetscInt s = 0; s < view->num_surfaces; s++) {
    for (PetscInt f = 0; f < view->surfaces[s].num_faces; f++) {
      const PetscInt *cell = view->cell_vertices + view->surfaces[s].cell[f] * n;
      for (PetscInt k = 0; k < w; k++) {
        PetscInt hits = 0;
        for (PetscInt j = 0; j < n; j++) hits += cell[j] == view->surfaces[s].vertices[f * w + k];
        assert_int_equal(hits, 1);
      }
    }
  }
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static void TestOwners(void **state) {
  LhMesh mesh = MakeBox(PETSC_COMM_WORLD, LH_CELL_HEX8, 0.);
  const LhMeshView *view = ViewOf(mesh);
  const PetscMPIInt rank = RankOf(PETSC_COMM_WORLD);
  PetscInt *lowest = malloc((size_t)view->num_global_vertices * sizeof(PetscInt));
  (void)state;
  for (PetscInt v = 0; v < view->num_global_vertices; v++) lowest[v] = 1000;
  for (PetscInt v = 0; v < view->num_vertices; v++) lowest[view->vertex_id[v]] = rank;
  MPI_Allreduce(MPI_IN_PLACE, lowest, (int)view->num_global_vertices, MPIU_INT, MPI_MIN,
                PETSC_COMM_WORLD);
  for (PetscInt v = 0; v < view->num_vertices; v++) {
    assert_int_equal(view->vertex_owner[v], lowest[view->vertex_id[v]]);
    assert_int_equal(view->vertex_owner[v] == rank, v < view->num_owned_vertices);
  }
  assert_int_equal(SumInt(PETSC_COMM_WORLD, view->num_owned_vertices), view->num_global_vertices);
  assert_int_equal(SumInt(PETSC_COMM_WORLD, view->num_cells), view->num_global_cells);
  free(lowest);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

/// Regions follow each other; within the numbering a cell is near the one before (mean step below 3 cells).
static void TestOrderOfCells(void **state) {
  const LhBoxSpec spec = {
      .width = 16.,
      .depth = 16.,
      .cells_x = 16,
      .cells_y = 16,
      .num_layers = 2,
      .layers = {{"a", 8., 8, 1., 0}, {"b", 8., 8, 1., 0}}
  };
  LhMesh mesh;
  PetscReal step = 0.;
  (void)state;
  CHECK_CALL(LhMeshCreateBox(PETSC_COMM_WORLD, &spec, &mesh));
  const LhMeshView *view = ViewOf(mesh);
  PetscReal *x = malloc(3 * (size_t)view->num_cells * sizeof(PetscReal));
  CHECK_CALL(LhMeshGetCellCentres(mesh, x));
  for (PetscInt c = 1; c < view->num_cells; c++) {
    assert_true(view->cell_region[c] >= view->cell_region[c - 1]);
    for (int d = 0; d < 3; d++)
      step += fabs(x[3 * c + d] - x[3 * c - 3 + d]) / (PetscReal)view->num_cells;
  }
  assert_true(step < 3.);
  free(x);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestEulerAndNeighbours),
    cmocka_unit_test(TestFacesAreSidesOfTheirCells),
    cmocka_unit_test(TestOwners),
    cmocka_unit_test(TestOrderOfCells),
};
MESH_TEST_MAIN(tests)
