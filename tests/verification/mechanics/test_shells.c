/// Checks: thick cylinder under inner pressure, plastic (M06) and creeping (M07); hollow sphere that collapses (M08).
/// Reference: closed forms for von Mises and Norton materials that keep their volume, plane strain and radial symmetry.
/// Tolerance and why: 1 % of the pressures, 2 % of stresses in a cell: chords for arcs cost 0.1 %, cells a few per cent
/// of the radius see gradients.
/// Fails if: flow does not keep the volume, dead pressure is wrong on curved faces, or elements lock.
#include "mesh/raw_mesh.h"
#include "unit/mechanics/fixture.h"

#define YIELD 1e6

static const double inner = 1., outer = 2.;

/// A box in (r, theta, z) bent to a quarter of a cylinder.
static PetscErrorCode BuildQuarter(const void *context, LhRawMesh *raw, LhMeshProblems *problems) {
  PetscFunctionBeginUser;
  PetscCall(LhRawMeshBuildBox(context, raw, problems));
  for (PetscInt v = 0; v < raw->num_vertices; v++) {
    PetscReal *X = raw->coords + 3 * v;
    const double r = inner + X[0], angle = X[1];
    X[0] = r * cos(angle);
    X[1] = r * sin(angle);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void MakeCylinder(Fixture *f, const char law[], const Value values[]) {
  const LhBoxSpec box = {
      .width = outer - inner,
      .depth = PETSC_PI / 2.,
      .cells_x = 16,
      .cells_y = 14,
      .num_layers = 1,
      .layers = {{.region = "wall", .thickness = .1, .cells = 1, .grading = 1., .cost = 1.}}};

  memset(f, 0, sizeof(*f));
  f->materials[0] = &f->material;
  OK(LhMeshBuild(PETSC_COMM_WORLD, BuildQuarter, &box, &(LhMeshReport){0}, &f->mesh));
  OK(LhMechanicsSolverDefaults(&f->spec));
  f->spec.preconditioner = FixturePreset("direct");
  f->spec.linear_tolerance = 1e-8;
  f->spec.newton_tolerance = 1e-7;
  // Flow without hardening: the residual's norm has minima beside equilibrium, where a search on it stops (by rounding:
  // in one order of sums, not in another); the energy it is the slope of is convex.
  f->spec.line_search = (PetscInt)LH_SEARCH_ENERGY;
  OK(FixturePhase(f, law, LH_WEIGHT_ONE, values));
  OK(FixtureProblem(f, LH_MECH_DILATATION_MEAN));
  // Symmetry planes y = 0 and x = 0, plane strain along z.
  FixtureLoad(f, LH_MECH_DISPLACEMENT, "front", 1, 0.);
  FixtureLoad(f, LH_MECH_DISPLACEMENT, "back", 0, 0.);
  FixtureLoad(f, LH_MECH_DISPLACEMENT, "bottom", 2, 0.);
  FixtureLoad(f, LH_MECH_DISPLACEMENT, "top", 2, 0.);
}

/// Radial and hoop stress, von Mises stress and radius of each cell.
typedef struct {
  double radius, radial, hoop, mises;
} Ring;

static Ring ReadRing(Fixture *f, PetscInt c, const PetscReal centres[]) {
  const double x = centres[3 * c], y = centres[3 * c + 1], r = hypot(x, y), p = x / r, q = y / r;
  LhMechCellFields fields;
  const double *s;

  OK(LhMechanicsGetCellFields(f->mech, &fields));
  s = fields.cauchy + 6 * c;
  return (Ring){r, p * p * s[0] + q * q * s[1] + 2. * p * q * s[5],
                q * q * s[0] + p * p * s[1] - 2. * p * q * s[5], fields.von_mises[c]};
}

/// Nothing yields below 0.433 Y; at 0.72078 Y the inner half is plastic; 0.80038 Y is the most it holds.
static void TestM06(void **state) {
  static const double yield = 433012.7018922193, half = 720781.5213969601, limit = 800377.422568629,
                      front = 1.5;
  static const Value values[] = {
      {"youngs_modulus",    200e9},
      {"poisson_ratio",     .4999},
      {"yield_stress",      YIELD},
      {"hardening_modulus", 0.   },
      {NULL,                0.   }
  };
  const double k = YIELD / sqrt(3.);
  PetscReal *centres;
  LhMechReason reason;
  PetscInt load;
  const LhMeshView *view;
  Fixture f;

  (void)state;
  MakeCylinder(&f, "j2_hencky", values);
  load = FixtureLoad(&f, LH_MECH_PRESSURE, "left", 0, .98 * yield);
  f.spec.halvings = 3;
  OK(FixtureSolver(&f));
  OK(LhMeshGetView(f.mesh, &view));
  OK(PetscMalloc1(3 * view->num_cells, &centres));
  OK(LhMeshGetCellCentres(f.mesh, centres));
  OK(FixtureStep(&f, 1.));
  for (PetscInt c = 0; c < view->num_cells; c++)
    assert_true(ReadRing(&f, c, centres).mises < .99999 * YIELD);
  for (int s = 1; s <= 4; s++) {
    OK(LhMechanicsSetLoad(f.mech, load, yield + s / 4. * (half - yield)));
    OK(FixtureStep(&f, 1.));
  }
  for (PetscInt c = 0; c < view->num_cells; c++) {
    const Ring ring = ReadRing(&f, c, centres);
    const double r = ring.radius, ratio = front * front / (outer * outer);
    const double radial =
        r < front ? k * (2. * log(r / front) - 1. + ratio) : k * (ratio - front * front / (r * r));
    const double hoop = r < front ? radial + 2. * k : k * (ratio + front * front / (r * r));

    CheckNear("radial stress", ring.radial, radial, .02 * YIELD);
    CheckNear("hoop stress", ring.hoop, hoop, .02 * YIELD);
    if (r < front - .04) CheckNear("flow", ring.mises, YIELD, 2e-3 * YIELD);
    if (r > front + .04) assert_true(ring.mises < .999 * YIELD);
  }
  // One per cent below the limit it holds, one per cent above there is no equilibrium.
  for (int s = 1; s <= 10; s++) {
    OK(LhMechanicsSetLoad(f.mech, load, half + s / 10. * (.99 * limit - half)));
    OK(FixtureStep(&f, 1.));
  }
  OK(LhMechanicsSetLoad(f.mech, load, 1.01 * limit));
  OK(LhMechanicsSolverSolve(f.solver, 1., &reason));
  assert_int_not_equal(reason, LH_MECH_SOLVED);
  OK(PetscFree(centres));
  OK(FixtureDestroy(&f));
}

/// Norton, n = 6.67, 1 MPa inside: stresses once elastic strains no longer change.
static void TestM07(void **state) {
  static const double n = 6.67, p = 1e6, radial_14 = -488612.35470396566,
                      hoop_14 = 955857.7738339069;
  static const Value values[] = {
      {"youngs_modulus",    200e9},
      {"poisson_ratio",     .49  },
      {"rate_coefficient",  1e-6 },
      {"reference_stress",  1e6  },
      {"stress_exponent",   n    },
      {"activation_energy", 0.   },
      {NULL,                0.   }
  };
  const double power = 2. / n, below = pow(outer / inner, power) - 1.;
  PetscReal *centres;
  const LhMeshView *view;
  Fixture f;

  (void)state;
  MakeCylinder(&f, "norton_creep", values);
  FixtureLoad(&f, LH_MECH_PRESSURE, "left", 0, p);
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 0.));
  for (double dt = .05; dt < 100.; dt *= 1.5) OK(FixtureStep(&f, dt));
  OK(LhMeshGetView(f.mesh, &view));
  OK(PetscMalloc1(3 * view->num_cells, &centres));
  OK(LhMeshGetCellCentres(f.mesh, centres));
  CheckNear("closed form", -p * (pow(outer / 1.4, power) - 1.) / below, radial_14, 1.);
  CheckNear("closed form", p * (1. - (1. - power) * pow(outer / 1.4, power)) / below, hoop_14, 1.);
  for (PetscInt c = 0; c < view->num_cells; c++) {
    const Ring ring = ReadRing(&f, c, centres);
    const double s = pow(outer / ring.radius, power);

    CheckNear("radial stress", ring.radial, -p * (s - 1.) / below, .01 * p);
    CheckNear("hoop stress", ring.hoop, p * (1. - (1. - power) * s) / below, .01 * p);
  }
  OK(PetscFree(centres));
  OK(FixtureDestroy(&f));
}

#define N      6  ///< cells along an edge of a patch
#define LAYERS 3  ///< cells through the wall

static const double void_share = .8376;

/// Vertices (a, b, c) of the three far sides of a cube of N cells, numbered as met.
static PetscInt ShellVertex(PetscInt *count, PetscInt number[], const PetscInt at[3]) {
  PetscInt *slot = number + (at[0] * (N + 1) + at[1]) * (N + 1) + at[2];

  if (*slot < 0) *slot = (*count)++;
  return *slot;
}

typedef struct {
  PetscInt num_points, num_quads;
  PetscInt point[3 * 3 * (N + 1) * (N + 1)], quad[4 * 3 * N * N];
} ShellSurface;

/// Quadrilaterals of the far sides, seen from outside counter-clockwise.
static void MakeShellSurface(ShellSurface *s) {
  static const PetscInt corner[4][2] = {
      {0, 0},
      {1, 0},
      {1, 1},
      {0, 1}
  };
  PetscInt number[(N + 1) * (N + 1) * (N + 1)];

  for (PetscInt k = 0; k < (N + 1) * (N + 1) * (N + 1); k++) number[k] = -1;
  s->num_points = s->num_quads = 0;
  for (PetscInt q = 0; q < 3 * N * N; q++) {
    const PetscInt side = q / (N * N), i = q / N % N, j = q % N;

    for (int a = 0; a < 4; a++) {
      PetscInt at[3], vertex;

      at[side] = N;
      at[(side + 1) % 3] = i + corner[a][0];
      at[(side + 2) % 3] = j + corner[a][1];
      vertex = ShellVertex(&s->num_points, number, at);
      for (int d = 0; d < 3; d++) s->point[3 * vertex + d] = at[d];
      s->quad[4 * q + a] = vertex;
    }
    s->num_quads++;
  }
}

/// Inner faces, and those in the planes x, y, z = 0.
static PetscErrorCode NameShellFaces(const ShellSurface *s, LhRawMesh *raw,
                                     LhMeshProblems *problems) {
  static const char *const names[] = {"x", "y", "z", "inner"};
  PetscInt faces[4 * (3 * N * N + 6 * N * LAYERS)], surface[3 * N * N + 6 * N * LAYERS], n = 0;

  PetscFunctionBeginUser;
  for (int k = 0; k < 4; k++)
    LhRawMeshAddName(LH_MESH_SURFACES_MAX, raw->names.surfaces, &raw->names.num_surfaces, names[k]);
  for (PetscInt q = 0; q < s->num_quads; q++) {
    for (int a = 0; a < 4; a++) faces[4 * n + a] = s->quad[4 * q + a];
    surface[n++] = 3;
    for (int a = 0; a < 4; a++) {
      const PetscInt v = s->quad[4 * q + a], w = s->quad[4 * q + (a + 1) % 4];
      for (int d = 0; d < 3; d++) {
        if (s->point[3 * v + d] != 0 || s->point[3 * w + d] != 0) continue;
        for (PetscInt r = 0; r < LAYERS; r++) {
          const PetscInt low = r * s->num_points, high = low + s->num_points;
          faces[4 * n] = low + v, faces[4 * n + 1] = low + w;
          faces[4 * n + 2] = high + w, faces[4 * n + 3] = high + v;
          surface[n++] = d;
        }
      }
    }
  }
  PetscCall(LhRawMeshLocateFaces(raw, n, faces, surface, problems));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// An eighth of a shell of outer radius 1.
static PetscErrorCode BuildShell(const void *context, LhRawMesh *raw, LhMeshProblems *problems) {
  const double a = cbrt(void_share);
  ShellSurface s;

  PetscFunctionBeginUser;
  (void)context;
  MakeShellSurface(&s);
  raw->cell_type = LH_CELL_HEX8;
  LhRawMeshAddName(LH_MESH_REGIONS_MAX, raw->names.regions, &raw->names.num_regions, "shell");
  raw->names.costs[0] = 1.;
  PetscCall(LhRawMeshAllocate(raw, s.num_quads * LAYERS, s.num_points * (LAYERS + 1)));
  for (PetscInt v = 0; v < raw->num_vertices; v++) {
    const PetscInt *at = s.point + 3 * (v % s.num_points);
    const double r = a + (1. - a) * (double)(v / s.num_points) / LAYERS;
    double X[3], length = 0.;

    for (int d = 0; d < 3; d++) X[d] = tan(PETSC_PI / 4. * (double)at[d] / N);
    for (int d = 0; d < 3; d++) length += X[d] * X[d];
    for (int d = 0; d < 3; d++) raw->coords[3 * v + d] = r * X[d] / sqrt(length);
  }
  for (PetscInt k = 0; k < 8 * raw->num_cells; k++) {
    const PetscInt c = k / 8, corner = k % 8, layer = c / s.num_quads + corner / 4;
    raw->cells[k] = layer * s.num_points + s.quad[4 * (c % s.num_quads) + corner % 4];
    raw->region[c] = 0;
  }
  PetscCall(NameShellFaces(&s, raw, problems));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void Radial(const double X[3], void *context, double value[3]) {
  const double r = sqrt(X[0] * X[0] + X[1] * X[1] + X[2] * X[2]);

  (void)context;
  for (int d = 0; d < 3; d++) value[d] = X[d] / r;
}

/// The inner surface is pushed out: pressure rises to 0.118143 Y and stays.
static void TestM08(void **state) {
  static const double collapse = .11814307961720658 * YIELD;
  static const Value values[] = {
      {"youngs_modulus",    200e9},
      {"poisson_ratio",     .49  },
      {"yield_stress",      YIELD},
      {"hardening_modulus", 0.   },
      {NULL,                0.   }
  };
  static const char *const planes[] = {"x", "y", "z"};
  const double a = cbrt(void_share), area = PETSC_PI * a * a / 4.;
  PetscInt push[3];
  Fixture f;

  (void)state;
  memset(&f, 0, sizeof(f));
  f.materials[0] = &f.material;
  OK(LhMeshBuild(PETSC_COMM_WORLD, BuildShell, NULL, &(LhMeshReport){0}, &f.mesh));
  OK(LhMechanicsSolverDefaults(&f.spec));
  f.spec.preconditioner = FixturePreset("direct");
  f.spec.linear_tolerance = 1e-8;
  f.spec.newton_tolerance = 1e-7;
  OK(FixturePhase(&f, "j2_hencky", LH_WEIGHT_ONE, values));
  OK(FixtureProblem(&f, LH_MECH_DILATATION_MEAN));
  for (int d = 0; d < 3; d++) {
    LhMechLoad load = {.kind = LH_MECH_DISPLACEMENT, .component = d, .shape = Radial};

    load.surface = FixtureSurface(&f, "inner");
    OK(LhMechanicsAddLoad(f.mech, &load, &push[d]));
  }
  for (int d = 0; d < 3; d++) FixtureLoad(&f, LH_MECH_DISPLACEMENT, planes[d], d, 0.);
  OK(FixtureSolver(&f));
  for (int s = 1; s <= 5; s++) {
    // Yield begins at a displacement of 1.7e-6.
    for (int d = 0; d < 3; d++) OK(LhMechanicsSetLoad(f.mech, push[d], 4e-6 * s));
    OK(FixtureStep(&f, 1.));
    // The planes of symmetry hold the pressure on their side of the hole.
    for (int d = 0; d < 3 && s > 3; d++) {
      double force[3];

      OK(LhMechanicsGetReaction(f.mech, FixtureSurface(&f, planes[d]), force));
      CheckNear("pressure", -force[d] / area, collapse, .01 * collapse);
    }
  }
  OK(FixtureDestroy(&f));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestM06), cmocka_unit_test(TestM07),
                                     cmocka_unit_test(TestM08)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
