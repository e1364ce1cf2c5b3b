/// Checks: stress along a fibre held by friction, its fragments when it is long, the limit the matrix sets (M11), whole and
///   damaged; work of drawing fibres out of a crack, whatever the cells across it; external work = stored + friction + rupture.
/// Reference: Kelly and Tyson (1965): peak 4 tau y / d, mean tau l / d = 1666.667 MPa, lc = 7.5 um; fragments of lc/2 to
///   lc; G = phi tau l^2 / (6 d) = 99.444 J/m^2.
/// Tolerance and why: stress 1e-9, the profile is linear and sampled at middles of pieces; G 1e-3: the even spread of 40
///   embedded lengths is 6e-4 below the integral; energy 1e-3: the trapezoid over 400 steps.
/// Fails if: reach, withdrawn length or breaks are wrong, differ between ranks, or energy is lost.
#include <stdio.h>

#include "verification/fibres/fibre_set.h"

#define TAU      5e6
#define DIAMETER 15e-9
#define MODULUS  300e9
#define HEIGHT   5e-7

typedef struct {
  Fixture f;
  FibreSet set;
} Bar;

static void StretchShape(const double X[3], void *context, double u[3]) {
  (void)context;
  u[0] = X[0];
  u[1] = u[2] = 0.;
}

/// A bar of one row of cells, 0.1 um each, all nodes driven by one strain along x, with one fibre in its middle.
static void MakeBar(Bar *bar, double length, double fibre, const Value values[]) {
  const PetscInt n[3] = {(PetscInt)lround(length / 1e-7), 1, 1};
  const double size[3] = {length, HEIGHT, HEIGHT};
  const double ends[6] = {.5 * (length - fibre), .5 * HEIGHT, .5 * HEIGHT,
                          .5 * (length + fibre), .5 * HEIGHT, .5 * HEIGHT};

  memset(bar, 0, sizeof(*bar));
  OK(FixtureBox(&bar->f, PETSC_COMM_WORLD, LH_CELL_HEX8, n, size, 0.));
  OK(FixtureNeoHookean(&bar->f, 1e6, 0.));
  OK(FixtureProblem(&bar->f, LH_MECH_DILATATION_LOCAL));
  OK(FibreSetLines(&bar->set, bar->f.mesh, 1, ends, DIAMETER, 7.));
  OK(FibreSetLaw(&bar->set, "kelly_tyson", values));
  OK(FibreSetTerm(&bar->set, bar->f.mech));
  FixtureAllFaces(&bar->f, StretchShape, NULL, 0.);
  bar->f.spec.stress_floor = 1.;
  OK(FixtureSolver(&bar->f));
}

/// Loads 0 to 17 are those of FixtureAllFaces().
static LhFibreSummary Strain(Bar *bar, double strain) {
  LhFibreSummary summary;

  for (PetscInt k = 0; k < 18; k++) OK(LhMechanicsSetLoad(bar->f.mech, k, strain));
  OK(FixtureStep(&bar->f, 1.));
  OK(LhFibreTermGetSummary(bar->set.term, &summary));
  return summary;
}

static void DestroyBar(Bar *bar) {
  OK(FixtureDestroy(&bar->f));
  OK(FibreSetDestroy(&bar->set));
}

/// M11, shorter than lc: the whole fibre slips.
static void TestProfile(void **state) {
  static const Value values[] = {
      {"fibre_modulus",      MODULUS},
      {"tensile_strength",   5e9    },
      {"interface_strength", TAU    },
      {"plateau_strain",     .5     },
      {NULL,                 0.     }
  };
  const double length = 5e-6;
  LhFibreFields fields;
  Bar bar;

  (void)state;
  MakeBar(&bar, 8e-6, length, values);
  CheckRelative("mean stress [Pa]", Strain(&bar, .1).mean_stress, 1666.666666667e6, 1e-9);
  OK(LhFibreTermGetFields(bar.set.term, &fields));
  for (PetscInt k = 0; k < bar.set.fibres->num_pieces; k++) {
    const double arc = bar.set.fibres->piece_arc[k];
    CheckRelative("profile [Pa]", fields.stress[k], 4. * TAU * fmin(arc, length - arc) / DIAMETER,
                  1e-9);
  }
  // Unloading is elastic, and the slack fibre carries nothing.
  CheckRelative("unloaded, largest [Pa]", Strain(&bar, .1 - 1e-4).max_stress,
                4. * TAU * 2.45e-6 / DIAMETER - 1e-4 * MODULUS, 1e-9);
  assert_true(Strain(&bar, .08).max_stress == 0.);
  DestroyBar(&bar);
}

/// The matrix limits the interface: by the law's own flow stress, by the cells'.
static void TestMatrixLimit(void **state) {
  static const Value values[] = {
      {"fibre_modulus",      MODULUS            },
      {"tensile_strength",   5e9                },
      {"interface_strength", TAU                },
      {"matrix_flow_stress", 3.464101615137755e6},
      {"plateau_strain",     .5                 },
      {NULL,                 0.                 }
  };
  const LhMeshView *view;
  double *flow;
  Bar bar;

  (void)state;
  MakeBar(&bar, 8e-6, 5e-6, values);
  CheckRelative("held by the matrix [Pa]", Strain(&bar, .1).mean_stress, 2e6 * 5e-6 / DIAMETER,
                1e-9);
  OK(LhMeshGetView(bar.f.mesh, &view));
  OK(PetscMalloc1(view->num_cells, &flow));
  for (PetscInt c = 0; c < view->num_cells; c++) flow[c] = sqrt(3.) * 1e6;
  OK(LhFibreTermSetMatrixFlow(bar.set.term, flow));
  CheckRelative("held by a softer matrix [Pa]", Strain(&bar, .101).mean_stress,
                1e6 * 5e-6 / DIAMETER, 1e-9);
  OK(PetscFree(flow));
  DestroyBar(&bar);
}

/// [batch][point][lane]: `left` in cells left of the middle of the bar, else `right`.
static double *Integrity(Bar *bar, double middle, double left, double right) {
  double x[3 * LH_ELEMENT_MAX_NODES][LH_BATCH], *integrity;
  PetscInt num_batches;
  const LhBatch *batch;
  LhBatches batches;
  LhSpace space;

  OK(LhMechanicsGetSpace(bar->f.mech, &space));
  OK(LhMechanicsGetBatches(bar->f.mech, &batches));
  OK(LhBatchesGet(batches, &num_batches, &batch));
  OK(PetscMalloc1(num_batches * 8 * LH_BATCH, &integrity));
  for (PetscInt b = 0; b < num_batches; b++) {
    LhBatchGatherCoords(space, &batch[b], x);
    for (PetscInt i = 0; i < 8 * LH_BATCH; i++) {
      const double center = .5 * (x[0][i % LH_BATCH] + x[3 * 6][i % LH_BATCH]);
      integrity[b * 8 * LH_BATCH + i] = center < middle ? left : right;
    }
  }
  return integrity;
}

/// Damaged metal holds less (F6a): a quarter in the left half, so the peak moves to arc 55/80 of the fibre; then nothing.
static void TestDamagedMatrix(void **state) {
  static const Value values[] = {
      {"fibre_modulus",      MODULUS},
      {"tensile_strength",   5e9    },
      {"interface_strength", TAU    },
      {"plateau_strain",     .5     },
      {NULL,                 0.     }
  };
  const double length = 5e-6, half = .5 * length;
  double *integrity, *nothing;
  LhFibreFields fields;
  LhFibreSummary s;
  Bar bar;

  (void)state;
  MakeBar(&bar, 8e-6, length, values);
  integrity = Integrity(&bar, 4e-6, .25, 1.);
  nothing = Integrity(&bar, 4e-6, 0., 0.);
  OK(LhMechanicsSetIntegrity(bar.f.mech, integrity));
  (void)Strain(&bar, .1);
  OK(LhFibreTermGetFields(bar.set.term, &fields));
  for (PetscInt k = 0; k < bar.set.fibres->num_pieces; k++) {
    const double arc = bar.set.fibres->piece_arc[k];
    const double left = .25 * fmin(arc, half) + fmax(arc - half, 0.);
    const double right = .25 * fmax(half - arc, 0.) + fmin(length - arc, half);
    CheckRelative("profile in damaged metal [Pa]", fields.stress[k],
                  4. * TAU * fmin(left, right) / DIAMETER, 1e-9);
  }
  OK(LhMechanicsSetIntegrity(bar.f.mech, nothing));
  OK(LhFibreTermGetSummary(bar.set.term, &s));
  assert_true(s.stored == 0. && s.rupture > 0.);
  OK(PetscFree(integrity));
  OK(PetscFree(nothing));
  DestroyBar(&bar);
}

/// Longer than lc: plateau at E e, then fragments between lc/2 and lc.
static void TestFragments(void **state) {
  static const Value values[] = {
      {"fibre_modulus",      MODULUS},
      {"tensile_strength",   5e9    },
      {"interface_strength", TAU    },
      {"plateau_strain",     .5     },
      {NULL,                 0.     }
  };
  const double length = 20e-6, strain = .012, critical = 5e9 * DIAMETER / (2. * TAU);
  const double build_up = MODULUS * strain * DIAMETER / (4. * TAU);
  LhFibreSummary s;
  Bar bar;

  (void)state;
  MakeBar(&bar, 24e-6, length, values);
  s = Strain(&bar, strain);
  CheckRelative("longer than critical, mean stress [Pa]", s.mean_stress,
                MODULUS * strain * (1. - build_up / length), 1e-3);
  assert_int_equal(s.num_breaks, 0);
  for (int k = 0; k < 10; k++) s = Strain(&bar, .0125 + .002 * k);
  // 20 um breaks in the middle, 10 um each again, 5 um hold: the order is that of the loads, not of the ranks.
  assert_int_equal(s.num_breaks, 3);
  assert_int_equal(s.num_broken, 1);
  assert_true(length / (s.num_breaks + 1.) < critical &&
              length / (s.num_breaks + 1.) > .5 * critical);
  CheckRelative("in fragments, mean stress [Pa]", s.mean_stress, TAU * 5e-6 / DIAMETER, .03);
  assert_true(s.max_stress < 5e9 && s.rupture > 0.);
  DestroyBar(&bar);
}

#define NUM    40
#define LENGTH 5e-6
#define THICK  1e-7

/// Two blocks with a crack of one or two cells between them, all nodes driven, fibres at all embedded lengths.
typedef struct {
  LhMaterialData material;
  const LhMaterialData *materials[4];
  PetscInt num_cracks, open[4], half;
  double area;
} CrackSpec;

static PetscInt Drive(Fixture *f, const char surface[], PetscInt component) {
  return FixtureLoad(f, LH_MECH_DISPLACEMENT, surface, component, 0.);
}

static void MakeCrack(Bar *bar, CrackSpec *crack, const Value values[]) {
  static const char *const sides[4] = {"left", "right", "front", "back"};
  const double fraction = .0716, size = sqrt(NUM * .25 * PETSC_PI * DIAMETER * DIAMETER / fraction);
  const PetscInt regions[4] = {0, 1, 2, 3};
  const double block = 1.2 * LENGTH;
  LhBoxSpec box = {.width = size, .depth = size, .cells_x = 1, .cells_y = 1};
  double ends[6 * NUM];

  box.layers[box.num_layers++] = (LhBoxLayer){"lower", block, 1, 1., 1.};
  box.layers[box.num_layers++] = (LhBoxLayer){"crack", THICK, 1, 1., 1.};
  if (crack->num_cracks > 1) box.layers[box.num_layers++] = (LhBoxLayer){"again", THICK, 1, 1., 1.};
  box.layers[box.num_layers++] = (LhBoxLayer){"upper", block, 1, 1., 1.};
  OK(LhMechanicsSolverDefaults(&bar->f.spec));
  bar->f.spec.preconditioner = 1;
  bar->f.spec.stress_floor = 1.;
  OK(LhMeshCreateBox(PETSC_COMM_WORLD, &box, &bar->f.mesh));
  OK(FixtureNeoHookean(&bar->f, 1e-3, 0.));
  for (int r = 0; r < 4; r++) crack->materials[r] = &bar->f.material;
  OK(LhMechanicsCreate(bar->f.mesh, box.num_layers, regions, crack->materials,
                       LH_MECH_DILATATION_LOCAL, &bar->f.mech));
  for (PetscInt k = 0; k < NUM; k++) {
    const double middle = block + .5 * THICK * crack->num_cracks + ((k + .5) / NUM - .5) * LENGTH;
    const double line[6] = {.5 * size, .5 * size, middle - .5 * LENGTH,
                            .5 * size, .5 * size, middle + .5 * LENGTH};
    memcpy(ends + 6 * k, line, sizeof(line));
  }
  OK(FibreSetLines(&bar->set, bar->f.mesh, NUM, ends, DIAMETER, 1.));
  OK(FibreSetLaw(&bar->set, "kelly_tyson", values));
  OK(FibreSetTerm(&bar->set, bar->f.mech));
  for (int k = 0; k < 8; k++) (void)Drive(&bar->f, sides[k / 2], k % 2);
  (void)Drive(&bar->f, "bottom", 2);
  (void)Drive(&bar->f, "lower|crack", 2);
  crack->half = crack->num_cracks > 1 ? Drive(&bar->f, "crack|again", 2) : -1;
  crack->open[0] = Drive(&bar->f, crack->num_cracks > 1 ? "again|upper" : "crack|upper", 2);
  crack->open[1] = Drive(&bar->f, "top", 2);
  crack->area = size * size;
  OK(FixtureSolver(&bar->f));
}

/// Force on what is driven by the opening.
static double OpeningForce(Bar *bar, const CrackSpec *crack) {
  const char *const inner = crack->num_cracks > 1 ? "again|upper" : "crack|upper";
  double force[3], sum;

  OK(LhMechanicsGetReaction(bar->f.mech, FixtureSurface(&bar->f, "top"), force));
  sum = force[2];
  OK(LhMechanicsGetReaction(bar->f.mech, FixtureSurface(&bar->f, inner), force));
  sum += force[2];
  if (crack->num_cracks > 1) {
    OK(LhMechanicsGetReaction(bar->f.mech, FixtureSurface(&bar->f, "crack|again"), force));
    sum += .5 * force[2];
  }
  return sum;
}

/// Opens to `most`, returns the external work; `*s` is the end.
static double Open(Bar *bar, const CrackSpec *crack, double most, LhFibreSummary *s) {
  enum { STEPS = 400 };
  double work = 0., last = 0., at = 0.;

  for (int k = 1; k <= STEPS; k++) {
    const double opening = most * k * k / (STEPS * STEPS);
    double force;

    for (int i = 0; i < 2; i++) OK(LhMechanicsSetLoad(bar->f.mech, crack->open[i], opening));
    if (crack->half >= 0) OK(LhMechanicsSetLoad(bar->f.mech, crack->half, .5 * opening));
    OK(FixtureStep(&bar->f, 1.));
    force = OpeningForce(bar, crack);
    work += .5 * (force + last) * (opening - at);
    last = force;
    at = opening;
  }
  OK(LhFibreTermGetSummary(bar->set.term, s));
  return work;
}

static void DrawOut(PetscInt num_cracks, double strength, double tolerance) {
  const Value values[] = {
      {"fibre_modulus",      MODULUS },
      {"tensile_strength",   strength},
      {"interface_strength", TAU     },
      {NULL,                 0.      }
  };
  const double exact = .0716 * TAU * LENGTH * LENGTH / (6. * DIAMETER);
  CrackSpec crack = {.num_cracks = num_cracks};
  LhFibreSummary s;
  Bar bar;
  double work;

  memset(&bar, 0, sizeof(bar));
  MakeCrack(&bar, &crack, values);
  work = Open(&bar, &crack, .52 * LENGTH, &s);
  print_message("%d cells: G %.4f, friction %.4f, rupture %.4f J/m^2 (M11 %.4f), %d broken\n",
                (int)num_cracks, work / crack.area, s.friction / crack.area, s.rupture / crack.area,
                exact, (int)s.num_broken);
  CheckRelative("work [J]", work, s.stored + s.friction + s.rupture, tolerance);
  if (strength > 4e9) {
    CheckRelative("work of drawing out [J/m2]", work / crack.area, exact, tolerance);
    assert_true(s.max_stress < 1e-6 * strength);
  } else {
    // Embedded for more than strength d / (4 tau) = 2.25 um: 2 of 20 on each side.
    assert_int_equal(s.num_broken, 4);
    assert_true(s.rupture > 0. && work / crack.area < .9 * exact);
  }
  DestroyBar(&bar);
}

static void TestDrawOut(void **state) {
  (void)state;
  DrawOut(1, 5e9, 1e-3);
}

/// The crack over two cells: each step one of them hears of the other's opening a step late, 1e-2 at this step.
static void TestDrawOutTwoCells(void **state) {
  (void)state;
  DrawOut(2, 5e9, 1e-2);
}

static void TestDrawOutAndBreak(void **state) {
  (void)state;
  DrawOut(1, 3e9, 1e-3);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestProfile),        cmocka_unit_test(TestMatrixLimit),
      cmocka_unit_test(TestDamagedMatrix),  cmocka_unit_test(TestFragments),
      cmocka_unit_test(TestDrawOut),        cmocka_unit_test(TestDrawOutTwoCells),
      cmocka_unit_test(TestDrawOutAndBreak)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
