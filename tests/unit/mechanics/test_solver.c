/// Checks: quadratic convergence in finite-strain plasticity; a step without solution leaves no trace and has a reason;
///         cut steps end at the same state; 1, 2 and 4 ranks agree; platen; clamped growth; parts of the thickness change.
/// Reference: closed forms; for ranks the same problem solved by each rank alone.
/// Tolerance and why: order above 1.7 (2 in the limit, 1 with a wrong tangent); 1e-7 between ranks: partitions change
///                    only roundoff and where Newton ends.
/// Fails if: the tangent is inconsistent, rollback or ghosts are wrong, growth or platen terms are missing.
#include <stdio.h>

#include "unit/mechanics/fixture.h"

static const Value metal[] = {
    {"youngs_modulus",    7.81e9},
    {"poisson_ratio",     .38   },
    {"yield_stress",      8e6   },
    {"hardening_modulus", 4e7   },
    {NULL,                0.    }
};
static const Value foam[] = {
    {"youngs_modulus", 1e7},
    {"poisson_ratio",  .1 },
    {NULL,             0. }
};

static void MakeBox(Fixture *f, MPI_Comm comm, PetscInt n, const char law[], const Value values[]) {
  const PetscInt cells[3] = {n, n - 1, n + 1};
  const double size[3] = {40e-6, 30e-6, 50e-6};

  OK(FixtureBox(f, comm, LH_CELL_HEX8, cells, size, .2));
  OK(FixturePhase(f, law, LH_WEIGHT_ONE, values));
  OK(FixtureProblem(f, LH_MECH_DILATATION_MEAN));
}

/// Bottom held, top moved by `value` across and along; the index of the first of the top's three loads.
static PetscInt HoldAndShear(Fixture *f, double value) {
  PetscInt first = 0;

  for (int c = 0; c < 3; c++) FixtureLoad(f, LH_MECH_DISPLACEMENT, "bottom", c, 0.);
  for (int c = 0; c < 3; c++)
    first = FixtureLoad(f, LH_MECH_DISPLACEMENT, "top", c, value * (1. - .7 * c)) - c;
  return first;
}

static void TestQuadraticConvergence(void **state) {
  const PetscReal *r;
  PetscInt n, top;
  Fixture f;
  double slope = 0.;

  (void)state;
  MakeBox(&f, PETSC_COMM_WORLD, 4, "j2_hencky", metal);
  top = HoldAndShear(&f, 4e-6);
  f.spec.linear_tolerance = 1e-13;
  f.spec.newton_tolerance = 1e-12;
  f.spec.halvings = 0;
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));  // 8 % of shear: all of the body flows
  for (PetscInt c = 0; c < 3; c++) OK(LhMechanicsSetLoad(f.mech, top + c, 6e-6 * (1. - .7 * c)));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsSolverGetHistory(f.solver, &n, &r));
  // Order from three successive residuals in the tail; the last one may sit on roundoff and show less. The way
  // into the tail differs between ranks: on the yield surface roundoff decides which tangent a point starts with.
  for (PetscInt k = 1; k + 1 < n; k++) {
    const double order = log(r[k + 1] / r[k]) / log(r[k] / r[k - 1]);
    if (r[k] < 1e-3 * r[0]) slope = fmax(slope, order);
  }
  for (PetscInt k = 0; k < n; k++) print_message("|r| %d  %.3e\n", (int)k, r[k]);
  print_message("order %.2f\n", slope);
  assert_true(slope > 1.7);
  OK(FixtureDestroy(&f));
}

static void TestSymmetricTangent(void **state) {
  LhMechanicsSolverStats stats;
  Fixture f;

  (void)state;
  MakeBox(&f, PETSC_COMM_WORLD, 3, "j2_hencky", metal);
  HoldAndShear(&f, 3e-6);
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsSolverGetStats(f.solver, &stats));
  assert_true(stats.asymmetry < 1e-9);
  assert_true(stats.symmetric);
  OK(FixtureDestroy(&f));
}

static void TestFailureLeavesNoTrace(void **state) {
  LhMechReason reason;
  const char *text;
  double *values, norm[2], force[2][3];
  size_t size;
  LhState history;
  PetscInt pressure;
  Fixture f;
  Vec u;

  (void)state;
  MakeBox(&f, PETSC_COMM_WORLD, 3, "j2_hencky", metal);
  FixtureRollers(&f);
  pressure = FixtureLoad(&f, LH_MECH_PRESSURE, "top", 0, 1e7);
  f.spec.halvings = 2;
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsGetDisplacement(f.mech, &u));
  OK(VecNorm(u, NORM_2, &norm[0]));
  OK(LhMechanicsGetReaction(f.mech, FixtureSurface(&f, "bottom"), force[0]));
  // A dead tension beyond the maximum of the load has no equilibrium.
  OK(LhMechanicsSetLoad(f.mech, pressure, -1e9));
  OK(LhMechanicsSolverSolve(f.solver, 1., &reason));
  assert_true(reason == LH_MECH_FAILED_NEWTON || reason == LH_MECH_FAILED_LAW);
  OK(LhMechanicsSolverGetText(f.solver, &text));
  assert_non_null(strstr(text, "mechanics: "));
  OK(VecNorm(u, NORM_2, &norm[1]));
  assert_true(norm[0] == norm[1]);
  OK(LhMechanicsGetState(f.mech, &history));
  OK(LhStateGetAccepted(history, &values, &size));
  OK(LhMechanicsSetLoad(f.mech, pressure, 1e7));
  OK(FixtureStep(&f, 1.));
  OK(VecNorm(u, NORM_2, &norm[1]));
  OK(LhMechanicsGetReaction(f.mech, FixtureSurface(&f, "bottom"), force[1]));
  assert_true(fabs(norm[1] - norm[0]) < 1e-8 * norm[0]);
  assert_true(fabs(force[1][2] - force[0][2]) < 1e-8 * fabs(force[0][2]));
  OK(FixtureDestroy(&f));
}

/// Elastic shear and growth with few Newton iterations a part: the step is cut, its end is the same.
static void ShearAndGrow(PetscInt iterations, double out[3], PetscInt *parts) {
  LhMechanicsSolverStats stats;
  const LhMeshView *view;
  double *growth;
  Fixture f;

  MakeBox(&f, PETSC_COMM_WORLD, 3, "hencky_elastic", foam);
  HoldAndShear(&f, 2e-5);
  f.spec.newton_iterations = iterations;
  OK(FixtureSolver(&f));
  OK(LhMeshGetView(f.mesh, &view));
  OK(PetscMalloc1(view->num_cells, &growth));
  for (PetscInt c = 0; c < view->num_cells; c++) growth[c] = .9;
  OK(LhMechanicsSetComposition(f.mech, &(LhMechComposition){.growth = growth}));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsGetReaction(f.mech, FixtureSurface(&f, "bottom"), out));
  OK(LhMechanicsSolverGetStats(f.solver, &stats));
  *parts = stats.parts - stats.failures;
  OK(PetscFree(growth));
  OK(FixtureDestroy(&f));
}

static void TestCutStepEndsAtTheSame(void **state) {
  double whole[3], cut[3];
  PetscInt parts;

  (void)state;
  ShearAndGrow(40, whole, &parts);
  assert_int_equal(parts, 1);
  ShearAndGrow(3, cut, &parts);
  assert_true(parts > 1);
  for (int c = 0; c < 3; c++) assert_true(fabs(cut[c] - whole[c]) < 1e-7 * fabs(whole[c]));
}

static void TestInversionIsNamed(void **state) {
  LhMechReason reason;
  const char *text;
  Fixture f;

  (void)state;
  MakeBox(&f, PETSC_COMM_WORLD, 3, "hencky_elastic", foam);
  FixtureRollers(&f);
  FixtureLoad(&f, LH_MECH_DISPLACEMENT, "top", 2, -60e-6);  // the box is 50 um high
  f.spec.halvings = 1;
  OK(FixtureSolver(&f));
  OK(LhMechanicsSolverSolve(f.solver, 1., &reason));
  assert_int_equal(reason, LH_MECH_FAILED_LAW);
  OK(LhMechanicsSolverGetText(f.solver, &text));
  assert_non_null(strstr(text, "a cell inverted or a material law had no solution"));
  OK(FixtureDestroy(&f));
}

static void TestUnsymmetricTangentTakesGmres(void **state) {
  LhMechanicsSolverStats stats;
  const PetscReal *r;
  PetscInt n;
  Fixture f;

  (void)state;
  MakeBox(&f, PETSC_COMM_WORLD, 3, "hencky_elastic", foam);
  f.material.mech[0].law = &neo_hookean;
  OK(PetscFree(f.material.mech[0].params));
  OK(PetscCalloc1(1, (NeoHookean **)&f.material.mech[0].params));
  *(NeoHookean *)f.material.mech[0].params = (NeoHookean){3e6, 5e6, 2e7};
  OK(LhMechanicsDestroy(&f.mech));
  OK(FixtureProblem(&f, LH_MECH_DILATATION_MEAN));
  HoldAndShear(&f, 8e-6);
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsSolverGetStats(f.solver, &stats));
  OK(LhMechanicsSolverGetHistory(f.solver, &n, &r));
  assert_true(stats.asymmetry > 1e-4);
  assert_false(stats.symmetric);
  assert_true(n < 8);
  OK(FixtureDestroy(&f));
}

/// Plastic foil stopped half way: what a checkpoint keeps is enough for another problem to go on alike.
static void MakeRestartable(Fixture *f, PetscInt *pressure, PetscInt *side) {
  MakeBox(f, PETSC_COMM_WORLD, 3, "j2_hencky", metal);
  FixtureRollers(f);
  *side = FixtureLoad(f, LH_MECH_DISPLACEMENT, "right", 0, 3e-6);
  *pressure = FixtureLoad(f, LH_MECH_PRESSURE, "top", 0, 6e6);
  OK(FixtureSolver(f));
}

static void TestRestart(void **state) {
  const LhMeshView *view;
  PetscInt size, pressure, side;
  double *rows, *one, *other, reaction[2][3];
  Fixture f[2];
  Vec u[2];

  (void)state;
  for (int k = 0; k < 2; k++) MakeRestartable(&f[k], &pressure, &side);
  OK(FixtureStep(&f[0], 1.));
  OK(LhMeshGetView(f[0].mesh, &view));
  OK(LhMechanicsGetHistorySize(f[0].mech, &size));
  OK(PetscMalloc3(size * view->num_cells, &rows, size * view->num_cells, &one,
                  size * view->num_cells, &other));
  OK(LhMechanicsPackHistory(f[0].mech, rows));
  OK(LhMechanicsUnpackHistory(f[1].mech, rows));
  for (int k = 0; k < 2; k++) OK(LhMechanicsGetAccepted(f[k].mech, &u[k]));
  OK(VecCopy(u[0], u[1]));
  OK(LhMechanicsRestore(f[1].mech));
  for (int k = 0; k < 2; k++) {
    OK(LhMechanicsSetLoad(f[k].mech, side, 1e-6));
    OK(LhMechanicsSetLoad(f[k].mech, pressure, 9e6));
    OK(FixtureStep(&f[k], 1.));
    OK(LhMechanicsGetReaction(f[k].mech, FixtureSurface(&f[k], "right"), reaction[k]));
  }
  OK(LhMechanicsPackHistory(f[0].mech, one));
  OK(LhMechanicsPackHistory(f[1].mech, other));
  for (PetscInt k = 0; k < size * view->num_cells; k++) assert_true(fabs(one[k] - other[k]) < 1e-9);
  assert_true(fabs(reaction[1][0] - reaction[0][0]) < 1e-8 * fabs(reaction[0][0]));
  OK(PetscFree3(rows, one, other));
  for (int k = 0; k < 2; k++) OK(FixtureDestroy(&f[k]));
}

/// Numbers of a solved problem that no partition may change.
static void Observe(MPI_Comm comm, PetscInt preset, double out[6]) {
  const double size[3] = {40e-6, 30e-6, 50e-6};
  const PetscInt cells[3] = {5, 4, 6};
  LhMechThickness parts;
  Fixture f;
  Vec u;

  OK(FixtureBox(&f, comm, LH_CELL_HEX8, cells, size, .2));
  OK(FixturePhase(&f, "j2_hencky", LH_WEIGHT_ONE, metal));
  OK(FixtureProblem(&f, LH_MECH_DILATATION_MEAN));
  FixtureRollers(&f);
  FixtureLoad(&f, LH_MECH_DISPLACEMENT, "right", 0, 0.);
  FixtureLoad(&f, LH_MECH_TRACTION, "back", 0, 1.3e6);
  FixtureLoad(&f, LH_MECH_PLATEN, "top", 2, 9e6);
  f.spec.preconditioner = preset;
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsGetDisplacement(f.mech, &u));
  OK(VecNorm(u, NORM_2, &out[0]));
  OK(LhMechanicsGetMeanDisplacement(f.mech, FixtureSurface(&f, "back"), &out[1]));
  OK(LhMechanicsGetReaction(f.mech, FixtureSurface(&f, "left"), &out[2]));
  OK(LhMechanicsGetThickness(f.mech, FixtureSurface(&f, "top"), &parts));
  out[3] = parts.total, out[4] = parts.elastic;
  OK(LhMechanicsGetPlaten(f.mech, &out[5]));
  OK(FixtureDestroy(&f));
}

/// With every preset, each against the first one on one rank.
static void TestRanksAgree(void **state) {
  double alone[6], together[6];

  (void)state;
  Observe(PETSC_COMM_SELF, 0, alone);
  for (PetscInt preset = 0; LhMechanicsSolverPresets()[preset]; preset++) {
    Observe(PETSC_COMM_WORLD, preset, together);
    for (int k = 0; k < 6; k++) {
      const double difference = fabs(alone[k] - together[k]);

      if (difference >= 1e-7 * fabs(alone[k])) {
        print_error("preset %d, number %d: %.12g alone, %.12g together\n", (int)preset, k, alone[k],
                    together[k]);
      }
      assert_true(difference < 1e-7 * fabs(alone[k]));
    }
  }
}

/// Block that shrinks more and more towards one side: the plate stays plane and carries p A.
static void TestPlaten(void **state) {
  const double pressure = 2e5, area = 40e-6 * 30e-6;
  const LhSpaceView *view;
  const PetscScalar *x;
  PetscInt num_faces;
  const PetscInt *nodes;
  double U, force[3], *growth;
  LhSpace space;
  Fixture f;
  Vec u;

  (void)state;
  MakeBox(&f, PETSC_COMM_WORLD, 4, "hencky_elastic", foam);
  FixtureRollers(&f);
  FixtureLoad(&f, LH_MECH_PLATEN, "top", 0, pressure);
  OK(FixtureSolver(&f));
  OK(LhMechanicsGetSpace(f.mech, &space));
  OK(LhSpaceGetView(space, &view));
  OK(PetscMalloc1(view->num_cells, &growth));
  for (PetscInt c = 0; c < view->num_cells; c++) {
    const double X = view->coords[3 * view->cell_nodes[c * view->nodes_per_cell]];
    growth[c] = 1. - .05 * X / 40e-6;
  }
  OK(LhMechanicsSetComposition(f.mech, &(LhMechComposition){.growth = growth}));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsGetPlaten(f.mech, &U));
  OK(LhMechanicsGetDisplacement(f.mech, &u));
  OK(LhSpaceGetFaces(space, FixtureSurface(&f, "top"), &num_faces, &nodes, NULL));
  OK(VecGetArrayRead(u, &x));
  for (PetscInt k = 0; k < 4 * num_faces; k++) {
    // The foundation yields by stress / stiffness, here below 1e6 Pa / 1e16 Pa/m.
    if (nodes[k] < view->num_owned) assert_true(fabs(x[3 * nodes[k] + 2] - U) < 1e-10);
  }
  OK(VecRestoreArrayRead(u, &x));
  assert_true(fabs(U) > 1e-8);
  OK(LhMechanicsGetReaction(f.mech, FixtureSurface(&f, "bottom"), force));
  assert_true(fabs(force[2] - pressure * area) < 1e-7 * pressure * area);
  OK(PetscFree(growth));
  OK(FixtureDestroy(&f));
}

/// Uniform growth strain e of a foil clamped in plane, free on top: log strains -e in plane (elastic), so
/// tau_in = -E e/(1 - nu), ln F_zz = e (1 + nu)/(1 - nu); sigma = tau/J. (M10, in log strain.)
static void TestClampedGrowth(void **state) {
  const double E = 1e7, nu = .1, e = -.01, zz = e * (1. + nu) / (1. - nu);
  const double sigma = -E * e / (1. - nu) / exp(zz - 3. * e), height = 50e-6;
  LhMechCellFields fields;
  LhMechThickness parts;
  LhMechComposition composition = {.growth = NULL};
  const LhMeshView *view;
  Fixture f;
  double *growth;

  (void)state;
  MakeBox(&f, PETSC_COMM_WORLD, 4, "hencky_elastic", foam);
  FixtureRollers(&f);
  FixtureLoad(&f, LH_MECH_DISPLACEMENT, "right", 0, 0.);
  FixtureLoad(&f, LH_MECH_DISPLACEMENT, "back", 1, 0.);
  OK(FixtureSolver(&f));
  OK(LhMeshGetView(f.mesh, &view));
  OK(PetscMalloc1(view->num_cells, &growth));
  for (PetscInt c = 0; c < view->num_cells; c++) growth[c] = exp(3. * e);
  composition.growth = growth;
  OK(LhMechanicsSetComposition(f.mech, &composition));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsGetCellFields(f.mech, &fields));
  // sigma = P F^T/J with P = Jg^(2/3) P_k: Kirchhoff stress per grown volume over J/Jg.
  CheckCells(&f, fields.cauchy, 6, sigma, 1e-9 * E);
  CheckCells(&f, fields.cauchy + 2, 6, 0., 1e-9 * E);
  CheckCells(&f, fields.thickness, 1, zz, 1e-9);
  CheckCells(&f, fields.elastic, 1, zz - e, 1e-9);
  // Small-strain M10: sigma 0.111111 MPa, e33 -1.2222 %, up to the strain squared.
  CheckRelative("M10 in small strain [Pa]", sigma, 111111.111, .04);
  OK(LhMechanicsGetThickness(f.mech, FixtureSurface(&f, "top"), &parts));
  assert_true(fabs(parts.total - expm1(zz) * height) < 1e-9 * height);
  assert_true(fabs(parts.growth - e / zz * expm1(zz) * height) < 1e-9 * height);
  assert_true(fabs(parts.elastic - (zz - e) / zz * expm1(zz) * height) < 1e-9 * height);
  assert_true(fabs(parts.plastic) < 1e-9 * height);
  OK(PetscFree(growth));
  OK(FixtureDestroy(&f));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestQuadraticConvergence),
                                     cmocka_unit_test(TestSymmetricTangent),
                                     cmocka_unit_test(TestFailureLeavesNoTrace),
                                     cmocka_unit_test(TestCutStepEndsAtTheSame),
                                     cmocka_unit_test(TestInversionIsNamed),
                                     cmocka_unit_test(TestUnsymmetricTangentTakesGmres),
                                     cmocka_unit_test(TestRestart),
                                     cmocka_unit_test(TestRanksAgree),
                                     cmocka_unit_test(TestPlaten),
                                     cmocka_unit_test(TestClampedGrowth)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
