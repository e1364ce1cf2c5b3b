/// Checks: the `mechanics:` section becomes supports, loads and solver numerics; mistakes are named with the place.
/// Reference: laterally confined block under pressure, ln F_zz = -p e^.../M with M = E(1 - nu)/((1 + nu)(1 - 2 nu)).
/// Tolerance and why: 1e-6: Kirchhoff stress M eps = -p F_zz is solved by hand to roundoff; Newton stops at 1e-6.
/// Fails if: units, choices, surface names or the meaning of clamped and platen change.
#include "physics/mechanics_case.h"
#include "unit/mechanics/fixture.h"

static const char good[] =
    "mechanics:\n"
    "  regions: [foil]\n"
    "  in_plane: clamped\n"
    "  stack_pressure: 0.4 MPa\n"
    "  platen: true\n"
    "  platen_stiffness: 1e17 Pa/m\n"
    "  solver: {preconditioner: direct, newton_iterations: 12}\n";

static const char bad[] =
    "mechanics:\n"
    "  regions: [fiol]\n"
    "  in_plane: glued\n"
    "  stack_pressure: 0.4 mV\n"
    "  plates: true\n"
    "  top: lid\n";

static const Value foam[] = {
    {"youngs_modulus", 1e7},
    {"poisson_ratio",  .2 },
    {NULL,             0. }
};

static LhNode Section(const char text[], LhReader *reader, LhDoc *doc) {
  LhNode root;

  OK(LhDiagCreate(&reader->diag));
  OK(LhDocParse("case.yaml", text, strlen(text), reader->diag, doc));
  OK(LhDocGetRoot(*doc, &root));
  return LhNodeFind(root, "mechanics");
}

static void MakeMesh(Fixture *f) {
  const PetscInt cells[3] = {2, 3, 4};
  const double size[3] = {20e-6, 30e-6, 50e-6};

  OK(FixtureBox(f, PETSC_COMM_WORLD, LH_CELL_HEX8, cells, size, .2));
  OK(FixturePhase(f, "hencky_elastic", LH_WEIGHT_ONE, foam));
}

/// eps with M eps = -p exp(eps): Kirchhoff stress of a confined column, J = exp(eps), nominal pressure p.
static double ConfinedStrain(double p) {
  const double M = 1e7 * .8 / (1.2 * .6);
  double eps = 0.;

  for (int k = 0; k < 50; k++) eps = -p * exp(eps) / M;
  return eps;
}

static void TestGoodCase(void **state) {
  LhReader reader = {.diag = NULL};
  LhMechanicsSpec spec;
  PetscInt errors, warnings, pressure;
  double mean;
  LhNode section;
  Fixture f;
  LhDoc doc;

  (void)state;
  MakeMesh(&f);
  section = Section(good, &reader, &doc);
  OK(LhMechanicsSpecRead(&reader, section, NULL, "mechanics", &spec));
  OK(LhMechanicsSpecCheck(&spec, f.mesh, section, reader.diag));
  OK(LhMechanicsSolverRead(&reader, spec.solver, section, "mechanics.solver", &f.spec));
  OK(LhDiagGetCounts(reader.diag, &errors, &warnings));
  assert_int_equal(errors, 0);
  assert_int_equal(f.spec.preconditioner, 1);
  assert_int_equal(f.spec.newton_iterations, 12);
  OK(LhMechanicsCreateFromSpec(f.mesh, &spec, f.materials, &f.mech, &pressure));
  OK(FixtureSolver(&f));
  OK(FixtureStep(&f, 1.));
  OK(LhMechanicsGetMeanDisplacement(f.mech, FixtureSurface(&f, "top"), &mean));
  assert_true(fabs(mean - 50e-6 * expm1(ConfinedStrain(4e5))) < 1e-6 * fabs(mean));
  OK(LhDocDestroy(&doc));
  OK(LhDiagDestroy(&reader.diag));
  OK(FixtureDestroy(&f));
}

static void AssertSays(LhDiag diag, const char sentence[]) {
  const char *text;
  PetscInt n;

  OK(LhDiagGetSize(diag, &n));
  for (PetscInt k = 0; k < n; k++) {
    OK(LhDiagGetText(diag, k, NULL, &text));
    if (strstr(text, sentence)) return;
  }
  fail_msg("nothing says: %s", sentence);
}

static void TestBadCase(void **state) {
  LhReader reader = {.diag = NULL};
  LhMechanicsSpec spec;
  LhNode section;
  Fixture f;
  LhDoc doc;

  (void)state;
  MakeMesh(&f);
  memset(&spec, 0, sizeof(spec));
  section = Section(bad, &reader, &doc);
  OK(LhMechanicsSpecRead(&reader, section, NULL, "mechanics", &spec));
  OK(LhMechanicsSpecCheck(&spec, f.mesh, section, reader.diag));
  AssertSays(reader.diag, "glued");
  AssertSays(reader.diag, "stack_pressure");
  AssertSays(reader.diag, "plates");
  AssertSays(reader.diag, "mechanics: the mesh has no region 'fiol'");
  AssertSays(reader.diag, "mechanics: the mesh has no surface 'lid'");
  OK(LhDocDestroy(&doc));
  OK(LhDiagDestroy(&reader.diag));
  OK(FixtureDestroy(&f));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestGoodCase), cmocka_unit_test(TestBadCase)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
