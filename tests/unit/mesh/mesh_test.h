/// @file
/// What the tests of mesh/ share: cmocka in its order of includes, a box, the whole mesh by id.
#pragma once

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/mesh.h"

#define CHECK_CALL(call)              assert_int_equal((call), PETSC_SUCCESS)
#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

/// Two graded layers of unequal sizes and counts; regions foil and separator.
static inline LhBoxSpec MakeSpec(LhCellType type, PetscReal distort) {
  return (LhBoxSpec){
      .width = 110e-6,
      .depth = 90e-6,
      .cells_x = 5,
      .cells_y = 4,
      .num_layers = 2,
      .layers = {{"foil", 50e-6, 6, 2.5, 3.}, {"separator", 25e-6, 3, 1., 1.}},
      .distort = distort,
      .seed = 11,
      .cell_type = type
  };
}

static inline LhMesh MakeBox(MPI_Comm comm, LhCellType type, PetscReal distort) {
  const LhBoxSpec spec = MakeSpec(type, distort);
  LhMesh mesh = NULL;
  CHECK_CALL(LhMeshCreateBox(comm, &spec, &mesh));
  return mesh;
}

static inline const LhMeshView *ViewOf(LhMesh mesh) {
  const LhMeshView *view;
  CHECK_CALL(LhMeshGetView(mesh, &view));
  return view;
}

static inline PetscInt SumInt(MPI_Comm comm, PetscInt value) {
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPIU_INT, MPI_SUM, comm);
  return value;
}

/// The whole mesh on every rank, by id. Counts how often each id came.
typedef struct {
  PetscInt num_cells, num_vertices, width;
  PetscInt *cells, *region, *cell_count, *vertex_count;
  PetscReal *coords;
} Whole;

static inline Whole GatherWhole(LhMesh mesh) {
  const LhMeshView *view = ViewOf(mesh);
  const PetscInt n = view->num_global_cells, v = view->num_global_vertices,
                 width = view->vertices_per_cell;
  Whole whole = {.num_cells = n, .num_vertices = v, .width = width};

  whole.cells = calloc((size_t)n * width, sizeof(PetscInt));
  whole.region = calloc((size_t)n, sizeof(PetscInt));
  whole.cell_count = calloc((size_t)n, sizeof(PetscInt));
  whole.vertex_count = calloc((size_t)v, sizeof(PetscInt));
  whole.coords = calloc(3 * (size_t)v, sizeof(PetscReal));
  for (PetscInt c = 0; c < view->num_cells; c++) {
    const PetscInt id = view->cell_id[c];
    assert_true(id >= 0 && id < n);
    whole.cell_count[id]++;
    whole.region[id] = view->cell_region[c];
    for (PetscInt k = 0; k < width; k++) {
      whole.cells[id * width + k] = view->vertex_id[view->cell_vertices[c * width + k]];
    }
  }
  for (PetscInt i = 0; i < view->num_owned_vertices; i++) {
    const PetscInt id = view->vertex_id[i];
    assert_true(id >= 0 && id < v);
    whole.vertex_count[id]++;
    for (PetscInt d = 0; d < 3; d++) whole.coords[3 * id + d] = view->coords[3 * i + d];
  }
  MPI_Allreduce(MPI_IN_PLACE, whole.cells, (int)(n * width), MPIU_INT, MPI_SUM, view->comm);
  MPI_Allreduce(MPI_IN_PLACE, whole.region, (int)n, MPIU_INT, MPI_SUM, view->comm);
  MPI_Allreduce(MPI_IN_PLACE, whole.cell_count, (int)n, MPIU_INT, MPI_SUM, view->comm);
  MPI_Allreduce(MPI_IN_PLACE, whole.vertex_count, (int)v, MPIU_INT, MPI_SUM, view->comm);
  MPI_Allreduce(MPI_IN_PLACE, whole.coords, (int)(3 * v), MPIU_REAL, MPI_SUM, view->comm);
  for (PetscInt c = 0; c < n; c++) assert_int_equal(whole.cell_count[c], 1);
  for (PetscInt i = 0; i < v; i++) assert_int_equal(whole.vertex_count[i], 1);
  return whole;
}

static inline void FreeWhole(Whole *whole) {
  free(whole->cells);
  free(whole->region);
  free(whole->cell_count);
  free(whole->vertex_count);
  free(whole->coords);
}

/// Same ids, regions, names, surfaces; coordinates to the bit. The two may live on different ranks.
static inline void AssertSameMesh(LhMesh a, LhMesh b) {
  const LhMeshView *first = ViewOf(a), *second = ViewOf(b);
  assert_int_equal(first->num_global_cells, second->num_global_cells);
  assert_int_equal(first->num_global_vertices, second->num_global_vertices);
  assert_int_equal(first->vertices_per_cell, second->vertices_per_cell);
  assert_int_equal(first->num_regions, second->num_regions);
  assert_int_equal(first->num_surfaces, second->num_surfaces);
  for (PetscInt r = 0; r < first->num_regions; r++) {
    assert_string_equal(first->region_names[r], second->region_names[r]);
    assert_close(first->region_volumes[r], second->region_volumes[r],
                 1e-13 * first->region_volumes[r]);
  }
  for (PetscInt s = 0; s < first->num_surfaces; s++) {
    const LhSurface *left = &first->surfaces[s], *right = &second->surfaces[s];
    assert_string_equal(left->name, right->name);
    assert_close(left->area, right->area, 1e-13 * left->area);
    assert_int_equal(SumInt(first->comm, left->num_faces), SumInt(second->comm, right->num_faces));
  }
  Whole one = GatherWhole(a), two = GatherWhole(b);
  assert_memory_equal(one.cells, two.cells, (size_t)(one.num_cells * one.width) * sizeof(PetscInt));
  assert_memory_equal(one.region, two.region, (size_t)one.num_cells * sizeof(PetscInt));
  assert_memory_equal(one.coords, two.coords, 3 * (size_t)one.num_vertices * sizeof(PetscReal));
  FreeWhole(&one);
  FreeWhole(&two);
}

static inline const char *SourcePath(const char name[]) {
  static char path[PETSC_MAX_PATH_LEN];
  const char *folder = getenv("LIHOST_SOURCE_DIR");
  assert_non_null(folder);
  snprintf(path, sizeof(path), "%s/%s", folder, name);
  return path;
}

static inline PetscMPIInt RankOf(MPI_Comm comm) {
  PetscMPIInt rank;
  MPI_Comm_rank(comm, &rank);
  return rank;
}

/// Starts PETSc, runs the group on every rank, and fails everywhere when it failed anywhere.
#define MESH_TEST_MAIN(tests)                                                    \
  int main(int argc, char **argv) {                                              \
    int failed;                                                                  \
    if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;                     \
    failed = cmocka_run_group_tests(tests, NULL, NULL);                          \
    MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, PETSC_COMM_WORLD); \
    return PetscFinalize() ? 1 : failed;                                         \
  }
