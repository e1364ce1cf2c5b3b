/// Checks: fibres read from a section and a phase file: what comes from where, changes, other keys, mistakes.
/// Reference: materials/cnt.yaml as shipped.
/// Tolerance and why: exact, numbers are only carried.
/// Fails if: a value is lost or taken from the wrong place, or a mistake goes unsaid.
#include "laws/fibre_law.h"
#include "unit/laws_echem/echem_test.h"

static double Param(const LhFibreMaterial *material, const char name[]) {
  for (PetscInt k = 0; k < material->law->num_params; k++) {
    const LhParam *row = &material->law->params[k];
    if (!strcmp(row->name, name)) return *(double *)((char *)material->params + row->offset);
  }
  fail_msg("no parameter %s", name);
  return 0.;
}

static LhFibreMaterial Read(Text *text, const char yaml[]) {
  static const char *const also[] = {"bundle", NULL};
  LhFibreMaterial material;

  TextOpen(text, yaml);
  OK(LhFibreMaterialRead(PETSC_COMM_WORLD, &text->reader, LhNodeFind(text->root, "fibres"), also,
                         "fibres", ".", &material));
  return material;
}

static void test_shipped(void **state) {
  Text text;
  LhFibreMaterial m = Read(
      &text, "fibres: {material: cnt, law: kelly_tyson, matrix_flow_stress: 0.7 MPa, bundle: 3}");

  (void)state;
  assert_int_equal(TextErrors(&text), 0);
  assert_string_equal(m.law->name, "kelly_tyson");
  assert_near(Param(&m, "fibre_modulus"), 300e9, 1e-12);
  assert_near(Param(&m, "tensile_strength"), 5e9, 1e-12);
  assert_near(Param(&m, "interface_strength"), 5e6, 1e-12);
  assert_near(Param(&m, "plateau_strain"), .1, 1e-12);
  assert_near(Param(&m, "matrix_flow_stress"), .7e6, 1e-12);
  assert_near(m.diameter, 15e-9, 1e-12);
  assert_near(m.length, 10e-6, 1e-12);
  assert_near(m.density, 2100., 1e-12);
  OK(LhFibreMaterialDestroy(&m));
  TextClose(&text);
}

static void test_changes(void **state) {
  Text text;
  LhFibreMaterial m =
      Read(&text,
           "fibres: {material: {file: cnt, fibre_modulus: 100 GPa}, law: kelly_tyson, "
           "interface_strength: 20 MPa}");

  (void)state;
  assert_int_equal(TextErrors(&text), 0);
  assert_near(Param(&m, "fibre_modulus"), 100e9, 1e-12);
  assert_near(Param(&m, "interface_strength"), 20e6, 1e-12);
  OK(LhFibreMaterialDestroy(&m));
  TextClose(&text);
  // All said in place.
  m = Read(&text, "fibres: {law: elastic_truss, fibre_modulus: 1 TPa, compression: true}");
  assert_int_equal(TextErrors(&text), 0);
  assert_near(Param(&m, "fibre_modulus"), 1e12, 1e-12);
  assert_near(m.diameter + 1., 1., 0.);
  OK(LhFibreMaterialDestroy(&m));
  TextClose(&text);
}

static void test_mistakes(void **state) {
  static const char *const wrong[] = {
      "fibres: {material: cnt, law: kelly_tison}",
      "fibres: {material: cnt, law: kelly_tyson, interface_strenght: 5 MPa}",
      "fibres: {material: cnt, law: kelly_tyson, interface_strength: 5 m}",
      "fibres: {material: no_such_phase, law: kelly_tyson}",
      "fibres: {law: kelly_tyson, fibre_modulus: 1 TPa}",
      "fibres: {material: cnt}",
      "fibres: {material: {file: cnt, outer_diameter: 1 MPa}, law: kelly_tyson}"};

  (void)state;
  for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
    Text text;
    LhFibreMaterial m = Read(&text, wrong[k]);

    if (!TextErrors(&text)) print_error("accepted: %s\n", wrong[k]);
    assert_true(TextErrors(&text) > 0);
    assert_null(m.law);
    OK(LhFibreMaterialDestroy(&m));
    TextClose(&text);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_shipped), cmocka_unit_test(test_changes),
                                     cmocka_unit_test(test_mistakes)};

  return RunTests(argc, argv, tests);
}
