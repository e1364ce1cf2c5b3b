/// Checks: counts, numbering, ids, ghosts, surface faces and batches of spaces on hex8, tet4 and tet10.
/// Reference: closed counts of a structured box; the same space built on one rank; adjointness; box areas.
/// Tolerance and why: integers and copied values exactly; sums and areas 1e-12, rounding of a few hundred terms.
/// Fails if: a node is lost, doubled or owned by a rank without it, ids depend on ranks, or a ghost is stale.
#include <string.h>

#include "fields_test.h"

#define CELLS   4
#define DISTORT 0.2

typedef struct {
  LhCellType type;
  PetscInt degree;
} Kind;
static const Kind kinds[3] = {
    {LH_CELL_HEX8, 1},
    {LH_CELL_TET4, 1},
    {LH_CELL_TET4, 2}
};

typedef struct {
  LhMesh mesh;
  LhSpace space;
  const LhSpaceView *view;
} Fixture;

static Fixture Make(MPI_Comm comm, Kind kind, PetscInt num_regions, const PetscInt regions[]) {
  Fixture f = {.mesh = MakeBox(comm, CELLS, kind.type, DISTORT)};
  CHECK_CALL(LhSpaceCreate(f.mesh, kind.degree, num_regions, regions, &f.space));
  CHECK_CALL(LhSpaceGetView(f.space, &f.view));
  return f;
}

static void Unmake(Fixture *f) {
  CHECK_CALL(LhSpaceDestroy(&f->space));
  CHECK_CALL(LhMeshDestroy(&f->mesh));
}

/// Vertices of an nx x ny x nz grid and, for degree 2, edges of its split in six tetrahedra a cell:
/// grid edges, one diagonal for each grid face, one for each cell.
static PetscInt CountNodes(PetscInt nx, PetscInt ny, PetscInt nz, PetscInt degree) {
  const PetscInt X = nx + 1, Y = ny + 1, Z = nz + 1, vertices = X * Y * Z;
  const PetscInt edges = nx * Y * Z + X * ny * Z + X * Y * nz;
  const PetscInt faces = nx * ny * Z + nx * Y * nz + X * ny * nz;
  return degree == 1 ? vertices : vertices + edges + faces + nx * ny * nz;
}

static void TestCounts(void **state) {
  const PetscInt above = 1;
  (void)state;
  for (int k = 0; k < 3; k++) {
    Fixture all = Make(PETSC_COMM_WORLD, kinds[k], 0, NULL);
    Fixture part = Make(PETSC_COMM_WORLD, kinds[k], 1, &above);
    const PetscInt n = CELLS, degree = kinds[k].degree;
    assert_int_equal(all.view->num_global, CountNodes(n, n + 1, 2 * n + 1, degree));
    assert_int_equal(part.view->num_global, CountNodes(n, n + 1, n + 1, degree));
    Unmake(&all);
    Unmake(&part);
  }
}

/// Every global number has one owner; ghosts come from lower ranks.
static void TestNumbering(void **state) {
  const PetscInt above = 1;
  (void)state;
  for (int k = 0; k < 3; k++) {
    Fixture f = Make(PETSC_COMM_WORLD, kinds[k], 1, &above);
    const PetscInt first = f.view->first_global;
    double owned = 0, bad = 0;
    for (PetscInt i = 0; i < f.view->num_nodes; i++) {
      const PetscInt g = f.view->node_global[i];
      if (i < f.view->num_owned) {
        owned += 1;
        bad += g != first + i;
      } else {
        bad += g >= first || g < 0;
      }
    }
    assert_true(SumOverRanks(owned) == (double)f.view->num_global);
    assert_true(SumOverRanks(bad) == 0);
    Unmake(&f);
  }
}

static int CompareIds(const void *a, const void *b) {
  const PetscInt64 *p = a, *q = b;
  return (p[0] > q[0]) - (p[0] < q[0]);
}

/// Counts nodes of `f` whose id is missing in the serial space or sits elsewhere there.
static double CountForeignNodes(const Fixture *f, const Fixture *serial) {
  const PetscInt n = serial->view->num_nodes;
  PetscInt64(*table)[2];
  double bad = 0;
  CHECK_CALL(PetscMalloc1(n, &table));
  for (PetscInt i = 0; i < n; i++) {
    table[i][0] = serial->view->node_id[i];
    table[i][1] = i;
  }
  qsort(table, (size_t)n, sizeof(*table), CompareIds);
  for (PetscInt i = 0; i < f->view->num_nodes; i++) {
    const PetscInt64 key[2] = {f->view->node_id[i], 0};
    const PetscInt64 *found = bsearch(key, table, (size_t)n, sizeof(*table), CompareIds);
    bad += !found || memcmp(f->view->coords + 3 * i, serial->view->coords + 3 * found[1],
                            3 * sizeof(PetscReal)) != 0;
  }
  CHECK_CALL(PetscFree(table));
  return bad;
}

static void TestIdsDoNotDependOnRanks(void **state) {
  (void)state;
  for (int k = 0; k < 3; k++) {
    Fixture f = Make(PETSC_COMM_WORLD, kinds[k], 0, NULL);
    Fixture serial = Make(PETSC_COMM_SELF, kinds[k], 0, NULL);
    assert_true(SumOverRanks(CountForeignNodes(&f, &serial)) == 0);
    Unmake(&f);
    Unmake(&serial);
  }
}

static void TestGatherFillsGhosts(void **state) {
  const PetscInt above = 1;
  (void)state;
  for (int k = 0; k < 3; k++) {
    Fixture f = Make(PETSC_COMM_WORLD, kinds[k], 1, &above);
    for (PetscInt bs = 1; bs <= 4; bs++) {
      PetscScalar *owned, *local;
      double bad = 0;
      CHECK_CALL(PetscMalloc2(f.view->num_owned * bs, &owned, f.view->num_nodes * bs, &local));
      for (PetscInt u = 0; u < f.view->num_owned * bs; u++) {
        owned[u] = Scramble(f.view->node_id[u / bs], u % bs);
      }
      CHECK_CALL(LhSpaceGather(f.space, bs, owned, local));
      for (PetscInt u = 0; u < f.view->num_nodes * bs; u++) {
        bad += local[u] != Scramble(f.view->node_id[u / bs], u % bs);
      }
      assert_true(SumOverRanks(bad) == 0);
      CHECK_CALL(PetscFree2(owned, local));
    }
    Unmake(&f);
  }
}

/// <P^T a, b> over owned unknowns equals <a, P b> over local ones, and what was there stays.
static void CheckAdjoint(const Fixture *f, PetscInt bs) {
  const PetscInt m = f->view->num_owned * bs, n = f->view->num_nodes * bs;
  PetscScalar *a, *b, *sum, *local;
  double left = 0, right = 0;
  CHECK_CALL(PetscMalloc4(n, &a, m, &b, m, &sum, n, &local));
  for (PetscInt u = 0; u < n; u++) a[u] = Scramble(u + 17, f->view->num_nodes);
  for (PetscInt u = 0; u < m; u++) b[u] = Scramble(u + 3, f->view->num_owned);
  for (PetscInt u = 0; u < m; u++) sum[u] = 2. + u % 7;
  CHECK_CALL(LhSpaceScatterAdd(f->space, bs, a, sum));
  CHECK_CALL(LhSpaceGather(f->space, bs, b, local));
  for (PetscInt u = 0; u < m; u++) left += (sum[u] - (2. + u % 7)) * b[u];
  for (PetscInt u = 0; u < n; u++) right += a[u] * local[u];
  left = SumOverRanks(left);
  right = SumOverRanks(right);
  assert_true(fabs(left - right) < 1e-12 * (1. + fabs(left)));
  CHECK_CALL(PetscFree4(a, b, sum, local));
}

static void TestScatterAddIsAdjoint(void **state) {
  (void)state;
  for (int k = 0; k < 3; k++) {
    Fixture f = Make(PETSC_COMM_WORLD, kinds[k], 0, NULL);
    for (PetscInt bs = 1; bs <= 5; bs++) CheckAdjoint(&f, bs);
    Unmake(&f);
  }
}

/// Vector area of a surface over all ranks.
static void SurfaceNormal(const Fixture *f, const char name[], double normal[3]) {
  const LhElement *element = LhElementGet(f->view->face_element);
  PetscInt surface = -1, num_faces = 0;
  const PetscInt *nodes = NULL;
  CHECK_CALL(LhMeshFindSurface(f->mesh, name, &surface));
  CHECK_CALL(LhSpaceGetFaces(f->space, surface, &num_faces, &nodes, NULL));
  memset(normal, 0, 3 * sizeof(*normal));
  for (PetscInt fq = 0; fq < num_faces * element->num_points; fq++) {
    double x[LH_ELEMENT_MAX_NODES][3], n[3];
    for (PetscInt a = 0; a < element->num_nodes; a++) {
      const PetscInt node = nodes[fq / element->num_points * element->num_nodes + a];
      memcpy(x[a], f->view->coords + 3 * node, sizeof(x[a]));
    }
    LhFaceNormal(element, fq % element->num_points, (const double(*)[3])x, n);
    for (int d = 0; d < 3; d++) normal[d] += n[d];
  }
  MPI_Allreduce(MPI_IN_PLACE, normal, 3, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
}

static void TestSurfacesHaveTheirAreaOutward(void **state) {
  const PetscInt above = 1;
  const struct {
    const char *name;
    double whole[3], part[3];
  } row[] = {
      {"bottom", {0, 0, -1.3 * .9}, {0, 0, 0}       },
      {"top",    {0, 0, 1.3 * .9},  {0, 0, 1.3 * .9}},
      {"left",   {-.9 * 1.2, 0, 0}, {-.9 * .7, 0, 0}},
      {"back",   {0, 1.3 * 1.2, 0}, {0, 1.3 * .7, 0}},
  };
  (void)state;
  for (int k = 0; k < 3; k++) {
    Fixture all = Make(PETSC_COMM_WORLD, kinds[k], 0, NULL);
    Fixture part = Make(PETSC_COMM_WORLD, kinds[k], 1, &above);
    for (size_t s = 0; s < sizeof(row) / sizeof(row[0]); s++) {
      double whole[3], some[3];
      SurfaceNormal(&all, row[s].name, whole);
      SurfaceNormal(&part, row[s].name, some);
      for (int d = 0; d < 3; d++) {
        assert_true(fabs(whole[d] - row[s].whole[d]) < 1e-12);
        assert_true(fabs(some[d] - row[s].part[d]) < 1e-12);
      }
    }
    Unmake(&all);
    Unmake(&part);
  }
}

/// The flux of a constant field out of each region vanishes, and an interface has one normal for each side.
static void TestBothSidesOfAnInterface(void **state) {
  static const char *const around[5] = {"left", "right", "front", "back", "below|above"};
  (void)state;
  for (int kr = 0; kr < 6; kr++) {
    const PetscInt region = kr % 2;
    Fixture f = Make(PETSC_COMM_WORLD, kinds[kr / 2], 1, &region);
    double total[3], normal[3];
    SurfaceNormal(&f, region ? "top" : "bottom", total);
    for (int s = 0; s < 5; s++) {
      SurfaceNormal(&f, around[s], normal);
      for (int d = 0; d < 3; d++) total[d] += normal[d];
    }
    assert_true(fabs(normal[2] - (region ? -1 : 1) * 1.3 * .9) < 1e-12);
    for (int d = 0; d < 3; d++) assert_true(fabs(total[d]) < 1e-12);
    Unmake(&f);
  }
}

/// Every cell of the space is in one active lane, batches keep to a region, idle lanes repeat the last cell.
static void TestBatchesCoverEachCellOnce(void **state) {
  (void)state;
  for (int k = 0; k < 3; k++) {
    Fixture f = Make(PETSC_COMM_WORLD, kinds[k], 0, NULL);
    const LhMeshView *mesh = NULL;
    const LhBatch *list = NULL;
    LhBatches batches;
    PetscInt n = 0, cell = 0;
    double bad = 0;
    CHECK_CALL(LhMeshGetView(f.mesh, &mesh));
    CHECK_CALL(LhBatchesCreate(f.space, &batches));
    CHECK_CALL(LhBatchesGet(batches, &n, &list));
    for (PetscInt bl = 0; bl < n * LH_BATCH; bl++) {
      const LhBatch *batch = &list[bl / LH_BATCH];
      const PetscInt lane = bl % LH_BATCH, p = batch->position[lane];
      bad += lane < batch->num_active ? p != cell++ : p != cell - 1;
      bad += batch->cell[lane] != f.view->cells[p] ||
             mesh->cell_region[batch->cell[lane]] != batch->region;
      for (PetscInt a = 0; a < f.view->nodes_per_cell; a++) {
        bad +=
            batch->nodes[a * LH_BATCH + lane] != f.view->cell_nodes[p * f.view->nodes_per_cell + a];
      }
    }
    bad += cell != f.view->num_cells;
    assert_true(SumOverRanks(bad) == 0);
    CHECK_CALL(LhBatchesDestroy(&batches));
    Unmake(&f);
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestCounts),
    cmocka_unit_test(TestNumbering),
    cmocka_unit_test(TestIdsDoNotDependOnRanks),
    cmocka_unit_test(TestGatherFillsGhosts),
    cmocka_unit_test(TestScatterAddIsAdjoint),
    cmocka_unit_test(TestSurfacesHaveTheirAreaOutward),
    cmocka_unit_test(TestBothSidesOfAnInterface),
    cmocka_unit_test(TestBatchesCoverEachCellOnce),
};
FIELDS_TEST_MAIN(tests)
