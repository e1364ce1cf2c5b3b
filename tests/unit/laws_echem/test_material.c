/// Checks: shipped materials load, carry sources, and give the solver consistent numbers; changes of a
///   case, named skeletons, inherited interfaces, search order, tables.
/// Reference: phase balance of physics (LZNC 47.82/26.89/8.63/16.67 wt%), 6 phi / d, Faraday's law,
///   R_f(293.15 K) / R_f(333.15 K) = 13.09 for 54.8 kJ/mol and 31.29 for 72.5 kJ/mol.
/// Tolerance and why: half a unit of the last digit quoted; 1e-12 for identities.
/// Fails if: a file is broken, a value has no source, a change is lost, or lithium is not conserved.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit/laws_echem/echem_test.h"

static const char *const shipped[] = {
    "lznc",    "lznc_licx",    "lz",   "lzn",          "lzc",           "lc",
    "bare_li", "celgard_2500", "lhce", "lipf6_ec_dec", "litfsi_dol_dme"};

// Reads the material of `{material: ..., change: {...}}`.
static LhMaterial Read(Text *text, const char yaml[]) {
  LhMaterial material;

  TextOpen(text, yaml);
  OK(LhMaterialRead(PETSC_COMM_WORLD, &text->reader, LhNodeFind(text->root, "material"),
                    LhNodeFind(text->root, "change"), ".", &material));
  return material;
}

static const LhMaterialData *Data(LhMaterial material) {
  const LhMaterialData *data;

  assert_non_null(material);
  OK(LhMaterialGetData(material, &data));
  return data;
}

static double Recorded(const Text *text, const char path[]) {
  PetscInt n;

  OK(LhRecordGetSize(text->reader.record, &n));
  for (PetscInt i = 0; i < n; i++) {
    LhRecordEntry entry;

    OK(LhRecordGetEntry(text->reader.record, i, &entry));
    if (!strcmp(entry.path, path)) return entry.value;
  }
  fail_msg("%s is not in the record", path);
  return 0;
}

// A physical number (with a unit, or real) needs source and one of the known evidence flags.
static void CheckSource(const LhRecordEntry *entry) {
  static const char *const flags[] = {"search", "memory", "derived", "paper", "estimate"};
  PetscBool known = PETSC_FALSE;

  if (!strcmp(entry->origin, "derived") || !strcmp(entry->origin, "default")) return;
  if (!*entry->evidence && !strcmp(entry->unit, "1")) return;  // words, switches, versions
  for (size_t k = 0; k < sizeof(flags) / sizeof(flags[0]); k++) {
    if (!strcmp(entry->evidence, flags[k])) known = PETSC_TRUE;
  }
  if (!known || !*entry->source) {
    fail_msg("%s (%s): source '%s', evidence '%s'", entry->path, entry->origin, entry->source,
             entry->evidence);
  }
}

static void test_shipped(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
    char yaml[128];
    Text text;
    PetscInt n;
    LhMaterial material;

    snprintf(yaml, sizeof(yaml), "material: %s", shipped[i]);
    material = Read(&text, yaml);
    if (TextErrors(&text)) TextPrint(&text);
    assert_string_equal(Data(material)->name, shipped[i]);
    OK(LhRecordGetSize(text.reader.record, &n));
    assert_true(n > 8);
    for (PetscInt k = 0; k < n; k++) {
      LhRecordEntry entry;

      OK(LhRecordGetEntry(text.reader.record, k, &entry));
      CheckSource(&entry);
    }
    OK(LhMaterialDestroy(&material));
    TextClose(&text);
  }
}

// Volumes of all reservoirs and of what never leaves fill the dense composite.
static void CheckVolumes(const LhMaterialData *data) {
  double solid = data->inert_volume;

  for (PetscInt i = 0; i < data->num_reactions; i++) {
    solid += data->reactions[i].initial * data->reactions[i].molar_volume;
    assert_true(data->reactions[i].initial <= data->reactions[i].capacity);
    assert_true(data->reactions[i].interface.kinetics && data->reactions[i].equilibrium);
  }
  assert_near(solid, 1, 1e-12);
}

static void test_lznc(void **state) {
  static const double weight[] = {47.82, 26.89, 8.63, 16.67};
  Text text;
  LhMaterial material = Read(&text, "material: lznc");
  const LhMaterialData *data = Data(material);
  (void)state;

  for (int k = 0; k < 4; k++) {
    assert_true(fabs(100 * data->composition.mass_fraction[k] - weight[k]) < 0.0051);
  }
  assert_true(fabs(data->composition.density - 901.9) < 0.051);
  assert_int_equal(data->kind, LH_MATERIAL_HOST);
  assert_int_equal(data->num_reactions, 2);
  assert_string_equal(data->reactions[1].name, "lizn");
  assert_int_equal(data->reactions[0].kind, LH_CONTENT_METAL);
  assert_int_equal(data->reactions[1].kind, LH_CONTENT_SITES);
  assert_near(data->reactions[1].area, 6 * 0.060771 / 1e-6, 1e-4);
  assert_near(data->reactions[1].molar_volume, 8.967e-6, 5e-4);
  assert_near(data->network_conductivity, 240, 0.01);
  assert_near(data->bridge_conductivity, 1.2e-3, 0.01);
  assert_near(data->inert_volume, 0.1624, 1e-3);
  CheckVolumes(data);
  assert_int_equal(data->num_mech, 2);
  assert_string_equal(data->mech[0].law->name, "anand_porous");
  assert_int_equal(data->mech[0].weight, LH_WEIGHT_LITHIUM);
  assert_string_equal(data->mech[1].name, "skeleton");
  assert_near(Recorded(&text, "material.lznc.derived.capacity_all") / 3600, 1946.2, 5e-5);
  assert_near(Recorded(&text, "material.lznc.derived.mass_fraction.li3n"), 0.0863, 1e-3);
  OK(LhMaterialDestroy(&material));
  TextClose(&text);
}

// Lithium between carbon layers is taken from the free metal: same total, other place.
static void test_licx(void **state) {
  Text text, plain_text;
  LhMaterial material = Read(&text, "material: lznc_licx"),
             plain = Read(&plain_text, "material: lznc");
  const LhMaterialData *data = Data(material), *without = Data(plain);
  const double carbon = data->reactions[2].initial * 96485.33212 / data->composition.density;
  double total = 0;
  (void)state;

  assert_int_equal(data->num_reactions, 3);
  CheckVolumes(data);
  for (int i = 0; i < 3; i++) total += data->reactions[i].initial;
  assert_near(total * 96485.33212 / data->composition.density, without->composition.capacity_all,
              1e-12);
  assert_near(carbon / 3600, 62, 5e-3);
  assert_near(data->reactions[0].initial, data->composition.n_li, 1e-12);
  assert_true(data->composition.void_after_strip < without->composition.void_after_strip);
  OK(LhMaterialDestroy(&material));
  OK(LhMaterialDestroy(&plain));
  TextClose(&text);
  TextClose(&plain_text);
}

static void test_changes(void **state) {
  Text text;
  LhMaterial material = Read(&text,
                             "material: lznc\n"
                             "change:\n"
                             "  porosity: 7 %\n"
                             "  skeleton: frictional\n"
                             "  tortuosity: {bruggeman: 1.8}\n"
                             "  precursors: {CNT: 0, cnt_mass_fraction: 20 %}\n"
                             "  phases: {cnt: {density: 1.6 g/cm^3}}\n"
                             "  reactions:\n"
                             "    lizn: {transmission: 0.25}\n"
                             "    lithium: {interface: {kinetics: {law: linear, "
                             "exchange_current_density: 0.3 mA/cm^2}}}\n"
                             "  mechanics: {lithium: {youngs_modulus: 4.9 GPa}}\n");
  const LhMaterialData *data;
  (void)state;

  if (TextErrors(&text)) TextPrint(&text);
  data = Data(material);
  assert_near(data->porosity, 0.07, 1e-12);
  assert_near(data->bruggeman, 1.8, 1e-12);
  assert_near(data->composition.mass_fraction[LH_PHASE_CNT], 0.2, 1e-12);
  assert_near(data->phases.density[LH_PHASE_CNT], 1600, 1e-12);
  assert_near(data->reactions[1].transmission, 0.25, 1e-12);
  assert_string_equal(data->reactions[0].interface.kinetics->name, "linear");
  assert_near(*(double *)data->reactions[0].interface.kinetics_params, 3, 1e-12);
  assert_near(data->reactions[0].interface.film_activation_energy, 54.8e3, 1e-12);
  assert_string_equal(data->mech[1].law->name, "skeleton_van_wyk");
  assert_near(Recorded(&text, "material.lznc.mechanics.lithium.youngs_modulus"), 4.9e9, 1e-12);
  CheckVolumes(data);
  OK(LhMaterialDestroy(&material));
  TextClose(&text);
}

// A whole material inside the case, and one without a skeleton.
static void test_inline(void **state) {
  Text text;
  LhMaterial material = Read(&text,
                             "material:\n"
                             "  lihost_material: 1\n"
                             "  kind: porous\n"
                             "  name: free_liquid\n"
                             "  porosity: 1\n"
                             "  tortuosity: {bruggeman: 1}\n");
  (void)state;

  if (TextErrors(&text)) TextPrint(&text);
  assert_int_equal(Data(material)->kind, LH_MATERIAL_POROUS);
  assert_int_equal(Data(material)->num_mech, 0);
  OK(LhMaterialDestroy(&material));
  TextClose(&text);
  material = Read(&text, "{material: lznc, change: {skeleton: none}}");
  assert_int_equal(Data(material)->num_mech, 1);
  OK(LhMaterialDestroy(&material));
  TextClose(&text);
}

static void test_odd_changes(void **state) {
  Text text;
  LhMaterial material = Read(&text, "{material: lhce, change: 3}");
  (void)state;

  assert_null(material);
  assert_true(TextSays(&text, "expected a section with the keys of the material that change"));
  TextClose(&text);
  material = Read(&text, "material: lznc\nchange:\n");
  assert_non_null(material);
  OK(LhMaterialDestroy(&material));
  TextClose(&text);
  material = Read(&text, "material: lznc\nchange:\n  reactions:\n    lizn:\n");
  assert_int_equal(Data(material)->num_reactions, 2);
  OK(LhMaterialDestroy(&material));
  TextClose(&text);
}

static void test_interface(void **state) {
  LhInterface interface;
  Text text;
  (void)state;

  TextOpen(&text, "counter: {like: lithium, film_resistance: 3 Ohm*cm^2}");
  OK(LhInterfaceRead(&text.reader, LhNodeFind(text.root, "counter"), text.root, "counter",
                     &interface));
  if (TextErrors(&text)) TextPrint(&text);
  assert_int_equal(TextErrors(&text), 0);
  assert_near(interface.film_resistance, 3e-4, 1e-12);
  assert_near(interface.kinetics->exchange(interface.kinetics_params, log(1000), 298.15), 70.6,
              1e-12);
  assert_near(LhInterfaceFilmResistance(&interface, 298.15), 3e-4, 1e-12);
  assert_true(fabs(LhInterfaceFilmResistance(&interface, 293.15) /
                       LhInterfaceFilmResistance(&interface, 333.15) -
                   31.29) < 0.0051);
  interface.film_activation_energy = 54.8e3;
  assert_true(fabs(LhInterfaceFilmResistance(&interface, 293.15) /
                       LhInterfaceFilmResistance(&interface, 333.15) -
                   13.09) < 0.0051);
  OK(LhInterfaceDestroy(&interface));
  TextClose(&text);
}

static void test_search_order(void **state) {
  char directory[] = "/tmp/lihost_material_XXXXXX", path[sizeof(directory) + 32];
  static const char mine[] =
      "{lihost_material: 1, kind: porous, name: mine, porosity: 0.4, tortuosity: {macmullin: 7}}";
  LhMaterial beside, elsewhere;
  Text text;
  FILE *file;
  (void)state;

  assert_non_null(mkdtemp(directory));
  snprintf(path, sizeof(path), "%s/celgard_2500.yaml", directory);
  file = fopen(path, "w");
  assert_non_null(file);
  fputs(mine, file);
  fclose(file);
  TextOpen(&text, "material: celgard_2500");
  OK(LhMaterialRead(PETSC_COMM_WORLD, &text.reader, LhNodeFind(text.root, "material"), NULL,
                    directory, &beside));
  OK(LhMaterialRead(PETSC_COMM_WORLD, &text.reader, LhNodeFind(text.root, "material"), NULL, ".",
                    &elsewhere));
  remove(path);
  rmdir(directory);
  assert_string_equal(Data(beside)->name, "mine");
  assert_near(Data(elsewhere)->macmullin, 5, 1e-12);
  OK(LhMaterialDestroy(&beside));
  OK(LhMaterialDestroy(&elsewhere));
  TextClose(&text);
}

static void test_tables(void **state) {
  const LhTable *const *tables;
  PetscInt n, again;
  PetscBool law = PETSC_FALSE, host = PETSC_FALSE;
  (void)state;

  OK(LhMaterialGetTables(&n, &tables));
  OK(LhMaterialGetTables(&again, &tables));
  assert_int_equal(n, again);
  for (PetscInt i = 0; i < n; i++) {
    if (!strcmp(tables[i]->name, "kinetics.butler_volmer")) law = PETSC_TRUE;
    if (!strcmp(tables[i]->name, "material.host")) host = PETSC_TRUE;
    for (PetscInt k = 0; k < i; k++) assert_string_not_equal(tables[i]->name, tables[k]->name);
  }
  assert_true(law && host);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_shipped),     cmocka_unit_test(test_lznc),
      cmocka_unit_test(test_licx),        cmocka_unit_test(test_changes),
      cmocka_unit_test(test_inline),      cmocka_unit_test(test_interface),
      cmocka_unit_test(test_odd_changes), cmocka_unit_test(test_search_order),
      cmocka_unit_test(test_tables)};

  return RunTests(argc, argv, tests);
}
