/// Checks: generated volumes: fractions, gaps, sizes, orientation, tubes, coat; the same for any number of ranks.
/// Reference: what was asked; gaps by sampling the surfaces of every pair, independent of the packing's contact function.
/// Tolerance and why: fractions of bodies and tubes 1e-10 (they are scaled to hit); voxels: those cut by a surface count
///   whole or not, so that the error falls with the voxel; the orientation tensor 2 % as promised (1e-8 is reached).
/// Fails if: islands overlap or come too near, a fraction is missed, seed and ranks do not decide alone, or some seeds make no volume.
#include "mesh/random.h"
#include "mesh/rve.h"
#include "mesh/rve_body.h"
#include "mesh_test.h"

static LhRveSpec Lznc(PetscReal side, PetscInt cells) {
  LhRveSpec spec = {.seed = 3, .cell_type = LH_CELL_HEX8, .periodic = PETSC_TRUE, .gap = 0.1e-6};
  for (PetscInt d = 0; d < 3; d++) {
    spec.size[d] = side;
    spec.cells[d] = cells;
    spec.cnt.tensor[d] = 1. / 3.;
  }
  strcpy(spec.matrix, "lithium");
  spec.islands = (LhRveBodies){0.06, 1e-6, 0.2, 1.5};
  spec.particles = (LhRveBodies){0.02, 0.5e-6, 0.1, 1.};
  spec.cnt.fraction = 0.07;
  spec.cnt.count = 50;
  spec.cnt.diameter = 15e-9;
  spec.cnt.length = 8e-6;
  spec.cnt.persistence = 4e-6;
  spec.cnt.segment = 0.25e-6;
  spec.coat = 0.04;
  return spec;
}

static LhMesh MakeVolume(MPI_Comm comm, const LhRveSpec *spec) {
  LhMesh mesh = NULL;
  CHECK_CALL(LhMeshCreateRve(comm, spec, NULL, &mesh));
  assert_non_null(mesh);
  return mesh;
}

static const LhMeshFact *FactOf(LhMesh mesh, const char name[]) {
  const LhMeshFacts *facts;
  CHECK_CALL(LhMeshGetFacts(mesh, &facts));
  for (PetscInt i = 0; i < facts->n; i++) {
    if (!strcmp(facts->fact[i].name, name)) return &facts->fact[i];
  }
  fail_msg("no fact '%s'", name);
  return NULL;
}

static void AssertHit(LhMesh mesh, const char name[], PetscReal asked, PetscReal tolerance) {
  const LhMeshFact *fact = FactOf(mesh, name);
  assert_close(fact->asked, asked, 1e-14);
  assert_close(fact->achieved, asked, tolerance * asked);
}

static void TestFractions(void **state) {
  const LhRveSpec spec = Lznc(10e-6, 40);
  LhMesh mesh = MakeVolume(PETSC_COMM_WORLD, &spec);
  const LhMeshView *view = ViewOf(mesh);
  const LhFibres *fibres;
  PetscInt lizn, li3n;
  (void)state;
  AssertHit(mesh, "lizn.fraction", 0.06, 1e-10);
  AssertHit(mesh, "li3n.fraction", 0.02, 1e-10);
  AssertHit(mesh, "cnt.fraction", 0.07, 1e-10);
  AssertHit(mesh, "li3n.coat_fraction", 0.04, 1e-10);
  AssertHit(mesh, "lizn.median_diameter", 1e-6, 0.1);
  CHECK_CALL(LhMeshFindRegion(mesh, "lizn", &lizn));
  CHECK_CALL(LhMeshFindRegion(mesh, "li3n", &li3n));
  assert_close(view->region_volumes[lizn] / 1e-15, 0.06, 0.03 * 0.06);
  assert_close(view->region_volumes[li3n] / 1e-15, 0.02, 0.06 * 0.02);
  CHECK_CALL(LhMeshGetFibres(mesh, &fibres));
  PetscReal volume = 0., coat = 0.;
  for (PetscInt f = 0; f < fibres->num_fibres; f++) {
    const PetscReal d = fibres->diameter[f], D = d + 2. * fibres->coat[f];
    assert_close(fibres->length[f], 8e-6, 1e-15);
    volume += fibres->area[f] * fibres->length[f];
    coat += fibres->tubes[f] * fibres->length[f] * PETSC_PI / 4. * (D * D - d * d);
  }
  assert_int_equal(fibres->num_fibres, 50);
  assert_close(volume, 0.07e-15, 1e-10 * 0.07e-15);
  assert_close(coat, 0.04e-15, 1e-10 * 0.04e-15);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

/// Smallest distance between the surfaces of two ellipsoids: points of one, moved onto the other's surface by many
/// projections (alternating nearest points of convex bodies converge to the distance).
static PetscReal NearestOn(const LhBody *body, const PetscReal x[3], PetscReal y[3]) {
  PetscReal local[3], lambda = 0., distance = 0.;
  for (PetscInt k = 0; k < 3; k++) {
    local[k] = 0.;
    for (PetscInt d = 0; d < 3; d++) local[k] += (x[d] - body->centre[d]) * body->axis[k][d];
  }
  // Nearest point of the ellipsoid to an outside point: y_k = a_k^2 x_k/(a_k^2 + lambda), sum (y_k/a_k)^2 = 1.
  for (PetscInt i = 0; i < 60; i++) {
    PetscReal f = -1., slope = 0.;
    for (PetscInt k = 0; k < 3; k++) {
      const PetscReal a2 = PetscSqr(body->semi[k]), s = a2 + lambda;
      f += a2 * PetscSqr(local[k] / s);
      slope -= 2. * a2 * PetscSqr(local[k] / s) / s;
    }
    if (f <= 0. && lambda == 0.) return 0.;  // inside
    lambda -= f / slope;
  }
  for (PetscInt d = 0; d < 3; d++) y[d] = body->centre[d];
  for (PetscInt k = 0; k < 3; k++) {
    const PetscReal a2 = PetscSqr(body->semi[k]);
    for (PetscInt d = 0; d < 3; d++) y[d] += a2 * local[k] / (a2 + lambda) * body->axis[k][d];
  }
  for (PetscInt d = 0; d < 3; d++) distance += PetscSqr(y[d] - x[d]);
  return sqrt(distance);
}

static PetscReal SurfaceDistance(const LhBody *a, const LhBody *b) {
  PetscReal x[3], y[3], distance = 0.;
  for (PetscInt d = 0; d < 3; d++) x[d] = b->centre[d];
  for (PetscInt i = 0; i < 300; i++) {
    if (NearestOn(a, x, y) == 0.) return 0.;
    distance = NearestOn(b, y, x);
    if (distance == 0.) return 0.;
  }
  return distance;
}

/// Packs bodies of one shape and measures the smallest distance of all pairs and images.
static PetscReal SmallestGap(PetscInt num, PetscReal radius, PetscReal aspect, PetscReal side,
                             PetscReal gap, PetscReal *fraction) {
  uint64_t random = LhRandomSeed(7);
  LhBody *body = calloc((size_t)num, sizeof(*body));
  LhPacking packing = {
      {side, side, side},
      gap, num, body, &random
  };
  LhMeshProblems *problems = calloc(1, sizeof(*problems));
  PetscReal smallest = side;

  *fraction = 0.;
  for (PetscInt b = 0; b < num; b++) {
    const PetscReal r = radius * (0.8 + 0.4 * LhRandomUniform(&random)), s = sqrt(aspect);
    PetscReal t[3], u[3];
    LhRandomDirection(&random, t);
    const PetscInt small = fabs(t[0]) < 0.6 ? 0 : 1;
    PetscReal norm = 0.;
    for (PetscInt d = 0; d < 3; d++) {
      u[d] = (d == small) - t[small] * t[d];
      norm += u[d] * u[d];
    }
    body[b] = (LhBody){
        .semi = {r * s, r, r / s}
    };
    for (PetscInt d = 0; d < 3; d++) {
      body[b].axis[0][d] = t[d];
      body[b].axis[1][d] = u[d] / sqrt(norm);
    }
    for (PetscInt d = 0; d < 3; d++) {
      const PetscInt e = (d + 1) % 3, f = (d + 2) % 3;
      body[b].axis[2][d] =
          body[b].axis[0][e] * body[b].axis[1][f] - body[b].axis[0][f] * body[b].axis[1][e];
    }
    *fraction += LhBodyVolume(&body[b]) / (side * side * side);
  }
  CHECK_CALL(LhBodiesPack(&packing, problems));
  if (problems->n) fail_msg("%s", problems->problem[0].text);
  for (PetscInt a = 0; a < num; a++) {
    for (PetscInt b = 0; b < a; b++) {
      LhBody other = body[b];
      PetscReal r[3], reach = 2.5 * radius * sqrt(aspect) + gap;
      LhBodyGap(packing.size, body[a].centre, body[b].centre, r);
      if (r[0] * r[0] + r[1] * r[1] + r[2] * r[2] > reach * reach) continue;
      for (PetscInt d = 0; d < 3; d++) other.centre[d] = body[a].centre[d] + r[d];
      smallest = PetscMin(smallest, SurfaceDistance(&body[a], &other));
    }
  }
  free(body);
  free(problems);
  return smallest;
}

/// Spheres and ellipsoids up to 30 vol%, where adding one by one alone finds no room.
static void TestGaps(void **state) {
  PetscReal fraction;
  (void)state;
  assert_true(SmallestGap(60, 0.5e-6, 1., 6e-6, 0.1e-6, &fraction) >= 0.1e-6 * (1. - 1e-9));
  assert_true(SmallestGap(110, 0.5e-6, 1., 6e-6, 0.05e-6, &fraction) >= 0.05e-6 * (1. - 1e-9));
  assert_true(fraction > 0.25);
  assert_true(SmallestGap(120, 0.5e-6, 2., 6e-6, 0.05e-6, &fraction) >= 0.05e-6 * (1. - 1e-9));
  assert_true(fraction > 0.28);
  assert_true(SmallestGap(160, 0.5e-6, 1., 6e-6, 0.02e-6, &fraction) >= 0.02e-6 * (1. - 1e-9));
  assert_true(fraction > 0.38);
}

/// Length-weighted mean of t t over the polylines themselves.
static void Orientation(LhMesh mesh, PetscReal tensor[6]) {
  const LhFibres *fibres;
  PetscReal total = 0.;
  CHECK_CALL(LhMeshGetFibres(mesh, &fibres));
  for (PetscInt k = 0; k < 6; k++) tensor[k] = 0.;
  for (PetscInt f = 0; f < fibres->num_fibres; f++) {
    for (PetscInt p = fibres->offset[f]; p + 1 < fibres->offset[f + 1]; p++) {
      const PetscReal *a = fibres->points + 3 * p;
      const PetscReal t[3] = {a[3] - a[0], a[4] - a[1], a[5] - a[2]};
      const PetscReal length = sqrt(t[0] * t[0] + t[1] * t[1] + t[2] * t[2]);
      const PetscReal dyad[6] = {t[0] * t[0], t[1] * t[1], t[2] * t[2],
                                 t[1] * t[2], t[0] * t[2], t[0] * t[1]};
      for (PetscInt k = 0; k < 6; k++) tensor[k] += dyad[k] / length;
      total += length;
    }
  }
  for (PetscInt k = 0; k < 6; k++) tensor[k] /= total;
}

static void TestOrientation(void **state) {
  static const PetscReal asked[][6] = {
      {1. / 3., 1. / 3., 1. / 3., 0.,   0.,   0. },
      {0.5,     0.5,     0.,      0.,   0.,   0. },
      {0.7,     0.2,     0.1,     0.,   0.,   0. },
      {0.5,     0.4,     0.1,     0.05, -0.1, 0.2},
      {0.98,    0.01,    0.01,    0.,   0.,   0. },
      {1.,      0.,      0.,      0.,   0.,   0. },
  };
  (void)state;
  for (size_t c = 0; c < sizeof(asked) / sizeof(asked[0]); c++) {
    LhRveSpec spec = Lznc(6e-6, 6);
    PetscReal tensor[6];
    if (c) spec.cnt.orientation = c == 1 ? LH_ORIENTATION_IN_PLANE : LH_ORIENTATION_TENSOR;
    memcpy(spec.cnt.tensor, asked[c], sizeof(tensor));
    LhMesh mesh = MakeVolume(PETSC_COMM_WORLD, &spec);
    Orientation(mesh, tensor);
    for (PetscInt k = 0; k < 6; k++) assert_close(tensor[k], asked[c][k], 1e-8);
    CHECK_CALL(LhMeshDestroy(&mesh));
  }
}

/// <t(0).t(s)> = exp(-s/persistence) for chains that no tensor turns much.
static void TestPersistence(void **state) {
  LhRveSpec spec = Lznc(6e-6, 6);
  (void)state;
  spec.islands.fraction = spec.particles.fraction = 0.;
  spec.cnt.count = 2000;
  spec.cnt.length = 6e-6;
  spec.cnt.fraction = 0.2;
  spec.cnt.diameter = 5e-9;
  spec.cnt.segment = 0.1e-6;
  for (PetscInt flat = 0; flat < 2; flat++) {
    const LhFibres *fibres;
    PetscReal sum = 0.;
    if (flat) {
      spec.cnt.orientation = LH_ORIENTATION_IN_PLANE;
      memcpy(spec.cnt.tensor, (PetscReal[6]){0.5, 0.5}, sizeof(spec.cnt.tensor));
    }
    LhMesh mesh = MakeVolume(PETSC_COMM_WORLD, &spec);
    CHECK_CALL(LhMeshGetFibres(mesh, &fibres));
    for (PetscInt f = 0; f < fibres->num_fibres; f++) {
      const PetscReal *a = fibres->points + 3 * fibres->offset[f], *b = a + 3 * 40;
      for (PetscInt d = 0; d < 3; d++) sum += (a[3 + d] - a[d]) * (b[3 + d] - b[d]) / 1e-14;
    }
    // 2000 samples of a cosine: deviation of the mean at most 1/sqrt(4000) = 0.016; three of them
    assert_close(sum / 2000., exp(-1.), 0.05);
    CHECK_CALL(LhMeshDestroy(&mesh));
  }
}

/// The same volume from the same seed on one rank and on all, another from another.
static void TestSeed(void **state) {
  LhRveSpec spec = Lznc(6e-6, 12);
  const LhFibres *a, *b, *c;
  (void)state;
  LhMesh all = MakeVolume(PETSC_COMM_WORLD, &spec), alone = MakeVolume(PETSC_COMM_SELF, &spec);
  AssertSameMesh(all, alone);
  spec.seed = 4;
  LhMesh other = MakeVolume(PETSC_COMM_SELF, &spec);
  CHECK_CALL(LhMeshGetFibres(all, &a));
  CHECK_CALL(LhMeshGetFibres(alone, &b));
  CHECK_CALL(LhMeshGetFibres(other, &c));
  const size_t size = 3 * (size_t)a->offset[a->num_fibres] * sizeof(PetscReal);
  assert_memory_equal(a->points, b->points, size);
  assert_int_equal(a->num_global_pieces, b->num_global_pieces);
  assert_memory_not_equal(a->points, c->points, size);
  CHECK_CALL(LhMeshDestroy(&all));
  CHECK_CALL(LhMeshDestroy(&alone));
  CHECK_CALL(LhMeshDestroy(&other));
}

/// A volume of a few islands: whatever the seed, none is drawn that is too long for it.
static void TestFewIslands(void **state) {
  LhRveSpec spec = Lznc(3e-6, 6);
  (void)state;
  spec.gap = 0.05e-6;
  spec.islands = (LhRveBodies){0.09, 1e-6, 0.2, 1.3};
  spec.particles.fraction = 0.;
  spec.cnt.count = 2;
  for (spec.seed = 1; spec.seed <= 40; spec.seed++) {
    LhMesh mesh = MakeVolume(PETSC_COMM_SELF, &spec);
    CHECK_CALL(LhMeshDestroy(&mesh));
  }
}

/// Without periods the fibres are cut at the sides: same length and volume, all inside.
static void TestCutAtSides(void **state) {
  LhRveSpec spec = Lznc(6e-6, 12);
  const LhFibres *fibres;
  PetscReal volume = 0.;
  (void)state;
  spec.periodic = PETSC_FALSE;
  LhMesh mesh = MakeVolume(PETSC_COMM_WORLD, &spec);
  CHECK_CALL(LhMeshGetFibres(mesh, &fibres));
  assert_null(ViewOf(mesh)->vertex_image);
  assert_true(fibres->num_fibres > 50);
  for (PetscInt f = 0; f < fibres->num_fibres; f++) {
    volume += fibres->area[f] * fibres->length[f];
    for (PetscInt p = 3 * fibres->offset[f]; p < 3 * fibres->offset[f + 1]; p++)
      assert_true(fibres->points[p] >= 0. && fibres->points[p] <= 6e-6);
  }
  assert_close(volume / 216e-18, 0.07, 1e-10);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

#ifdef LIHOST_GMSH
/// Tetrahedra that follow the islands: volumes, images, fibres, the same twice.
static void TestTets(void **state) {
  LhRveSpec spec = Lznc(3e-6, 1);
  (void)state;
  spec.cell_type = LH_CELL_TET4;
  spec.edge = 0.5e-6;
  spec.particles.fraction = 0.;
  spec.cnt.length = 3e-6;
  LhMesh mesh = MakeVolume(PETSC_COMM_WORLD, &spec);
  const LhMeshView *view = ViewOf(mesh);
  const LhFibres *fibres;
  PetscInt lizn, roots = 0, images = 0;
  PetscReal length = 0.;
  CHECK_CALL(LhMeshFindRegion(mesh, "lizn", &lizn));
  assert_close(view->region_volumes[lizn] / 27e-18, 0.06, 0.01 * 0.06);
  assert_close(view->region_volumes[0] + view->region_volumes[1], 27e-18, 1e-10 * 27e-18);
  for (PetscInt s = 0; s < 6; s++) assert_close(view->surfaces[s].area, 9e-12, 1e-10 * 9e-12);
  assert_non_null(view->vertex_image);
  for (PetscInt v = 0; v < view->num_owned_vertices; v++) {
    const PetscReal *x = view->coords + 3 * v;
    const PetscBool on_upper = (PetscBool)(x[0] == 3e-6 || x[1] == 3e-6 || x[2] == 3e-6);
    assert_int_equal(view->vertex_image[v] != view->vertex_id[v], on_upper);
    images += on_upper;
    roots += !on_upper;
  }
  assert_true(SumInt(PETSC_COMM_WORLD, images) > 50 && SumInt(PETSC_COMM_WORLD, roots) > 200);
  CHECK_CALL(LhMeshGetFibres(mesh, &fibres));
  for (PetscInt i = 0; i < fibres->num_pieces; i++) length += fibres->piece_length[i];
  MPI_Allreduce(MPI_IN_PLACE, &length, 1, MPIU_REAL, MPI_SUM, PETSC_COMM_WORLD);
  assert_close(length, 50. * 3e-6, 1e-10 * 150e-6);
  PetscMPIInt ranks;
  MPI_Comm_size(PETSC_COMM_WORLD, &ranks);
  if (ranks == 1) {
    LhMesh again = MakeVolume(PETSC_COMM_WORLD, &spec);
    AssertSameMesh(mesh, again);
    CHECK_CALL(LhMeshDestroy(&again));
  }
  CHECK_CALL(LhMeshDestroy(&mesh));
}
#endif

/// Faces of tetrahedra by their vertices, to be found twice inside and once on the box.
static int CompareFaces(const void *left, const void *right) {
  return memcmp(left, right, 3 * sizeof(PetscInt));
}

static void SortedFace(const PetscInt cell[], PetscInt without, PetscInt face[3]) {
  PetscInt n = 0;
  for (PetscInt k = 0; k < 4; k++) {
    if (k != without) face[n++] = cell[k];
  }
  for (PetscInt pass = 0; pass < 3; pass++) {
    const PetscInt i = pass % 2, low = PetscMin(face[i], face[i + 1]);
    face[i + 1] = PetscMax(face[i], face[i + 1]);
    face[i] = low;
  }
}

/// Area of the faces that only one tetrahedron has: that of the box, or cells do not fit together.
static PetscReal OpenArea(const LhMeshView *view) {
  const PetscInt n = 4 * view->num_cells;
  PetscInt(*face)[3] = malloc((size_t)n * sizeof(*face));
  PetscReal area = 0.;

  for (PetscInt f = 0; f < n; f++) SortedFace(view->cell_vertices + 4 * (f / 4), f % 4, face[f]);
  qsort(face, (size_t)n, sizeof(*face), CompareFaces);
  for (PetscInt f = 0; f < n; f++) {
    PetscReal a[3], b[3], sum = 0.;
    if (f + 1 < n && !CompareFaces(face[f], face[f + 1])) {
      f++;
      continue;
    }
    for (PetscInt d = 0; d < 3; d++) {
      a[d] = view->coords[3 * face[f][1] + d] - view->coords[3 * face[f][0] + d];
      b[d] = view->coords[3 * face[f][2] + d] - view->coords[3 * face[f][0] + d];
    }
    for (PetscInt d = 0; d < 3; d++)
      sum += PetscSqr(a[(d + 1) % 3] * b[(d + 2) % 3] - a[(d + 2) % 3] * b[(d + 1) % 3]);
    area += .5 * PetscSqrtReal(sum);
  }
  free(face);
  return area;
}

/// 200 islands at 25 vol%, periodic, from the lattice that is cut: volumes, sides, images, cells that fit together.
static void TestLattice(void **state) {
  LhRveSpec spec = Lznc(7.5e-6, 1);
  const PetscReal volume = PetscPowRealInt(7.5e-6, 3);
  PetscReal total = 0.;
  LhMeshQuality quality;
  PetscInt lizn, li3n, images = 0;
  PetscMPIInt ranks;
  (void)state;
  spec.cell_type = LH_CELL_TET4;
  spec.edge = 0.4e-6;
  spec.gap = 0.05e-6;
  spec.islands = (LhRveBodies){0.25, 1e-6, 0.1, 1.3};
  spec.particles.diameter = 0.8e-6;
  LhMesh mesh = MakeVolume(PETSC_COMM_WORLD, &spec);
  const LhMeshView *view = ViewOf(mesh);
  assert_true(FactOf(mesh, "lizn.bodies")->achieved > 150);
  CHECK_CALL(LhMeshFindRegion(mesh, "lizn", &lizn));
  CHECK_CALL(LhMeshFindRegion(mesh, "li3n", &li3n));
  assert_close(view->region_volumes[lizn] / volume, 0.25, 0.002 * 0.25);
  assert_close(view->region_volumes[li3n] / volume, 0.02, 0.002 * 0.02);
  for (PetscInt r = 0; r < view->num_regions; r++) total += view->region_volumes[r];
  assert_close(total, volume, 1e-10 * volume);
  for (PetscInt s = 0; s < 6; s++)
    assert_close(view->surfaces[s].area, PetscSqr(7.5e-6), 1e-10 * PetscSqr(7.5e-6));
  for (PetscInt v = 0; v < view->num_owned_vertices; v++)
    images += view->vertex_image[v] != view->vertex_id[v];
  assert_true(SumInt(PETSC_COMM_WORLD, images) > 1000);
  CHECK_CALL(LhMeshGetQuality(mesh, &quality));
  assert_true(quality.min_quality > 0.02);
  MPI_Comm_size(PETSC_COMM_WORLD, &ranks);
  if (ranks == 1) assert_close(OpenArea(view) / (6. * PetscSqr(7.5e-6)), 1., 1e-10);
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestFractions),   cmocka_unit_test(TestGaps),
    cmocka_unit_test(TestOrientation), cmocka_unit_test(TestPersistence),
    cmocka_unit_test(TestSeed),        cmocka_unit_test(TestCutAtSides),
    cmocka_unit_test(TestFewIslands),  cmocka_unit_test(TestLattice),
#ifdef LIHOST_GMSH
    cmocka_unit_test(TestTets),
#endif
};
MESH_TEST_MAIN(tests)
