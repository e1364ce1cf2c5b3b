/// Checks: a table read from YAML: kinds, defaults, optional rows, origins, ranges, record, order.
/// Reference: the values written out by hand in SI.
/// Tolerance and why: none; every conversion here is exact.
/// Fails if: a value lands in the wrong member, a default is not recorded, an origin is lost.
#include <math.h>
#include <stdlib.h>

#include "unit/base/base_test.h"

typedef struct {
  PetscReal thickness, porosity, temperature;
  PetscInt cells, solver;
  PetscBool verbose;
  char name[LH_NAME_MAX];
  LhRealList times;
  LhIntList sizes;
  LhTextList regions;
  LhNode law;
} Foil;

static const char *const solvers[] = {"direct", "amg", NULL};
static const LhParam rows[] = {
    LH_ROW_REAL(Foil, thickness, "m", 1e-6, 1e-3, NULL, "thickness of the foil L"),
    LH_ROW_REAL(Foil, porosity, "1", 0, 0.9, "2 %", "initial porosity"),
    LH_ROW_REAL(Foil, temperature, "K", 200, 400, "25 degC", "temperature T"),
    LH_ROW_INT(Foil, cells, 1, 1e6, "40", "cells through the thickness"),
    LH_ROW_CHOICE(Foil, solver, solvers, "amg", "linear solver"),
    LH_ROW_BOOL(Foil, verbose, "no", "says more"),
    LH_ROW_TEXT(Foil, name, "foil_a", "name of the foil"),
    LH_ROW_REAL_LIST(Foil, times, "s", 0, 1e6, "[1 min, 2 min]", "times of output t"),
    LH_ROW_INT_LIST(Foil, sizes, 1, 64, "", "sizes"),
    LH_ROW_TEXT_LIST(Foil, regions, "", "names of regions"),
    LH_ROW_NODE(Foil, law, "", "a law"),
};
static const LhTable table = LH_TABLE("foil", "a foil", rows);

static void Read(Sample *sample, const char text[], Foil *foil) {
  SampleOpen(sample, text);
  memset(foil, 0, sizeof(*foil));
  OK(LhParamsRead(&sample->reader, &table, sample->root, sample->root, "foil", foil));
}

static LhRecordEntry Entry(const Sample *sample, const char path[]) {
  PetscInt n;
  LhRecordEntry entry = {0};
  OK(LhRecordGetSize(sample->record, &n));
  for (PetscInt i = 0; i < n; i++) {
    OK(LhRecordGetEntry(sample->record, i, &entry));
    if (!strcmp(entry.path, path)) return entry;
  }
  fail_msg("no record of %s", path);
  return entry;
}

static void test_all_kinds(void **state) {
  Sample sample;
  Foil *foil = malloc(sizeof(*foil));
  (void)state;
  Read(&sample,
       "thickness: 50 um\nporosity: 0.3\ntemperature: 300 K\ncells: 12\nsolver: direct\nverbose: "
       "yes\n"
       "name: my foil\ntimes: [3 s, 1 h]\nsizes: [4, 7, 5]\nregions: [top, bottom]\nlaw: {a: 1}\n",
       foil);
  assert_int_equal(SampleCount(&sample), 0);
  assert_true(foil->thickness == 50e-6);
  assert_true(foil->porosity == 0.3);
  assert_true(foil->temperature == 300);
  assert_int_equal(foil->cells, 12);
  assert_int_equal(foil->solver, 0);
  assert_true(foil->verbose);
  assert_string_equal(foil->name, "my foil");
  assert_int_equal(foil->times.n, 2);
  assert_true(foil->times.v[0] == 3 && foil->times.v[1] == 3600);
  assert_int_equal(foil->sizes.n, 3);
  assert_int_equal(foil->sizes.v[2], 5);
  assert_int_equal(foil->regions.n, 2);
  assert_string_equal(foil->regions.v[1], "bottom");
  assert_string_equal(LhNodeGetText(LhNodeFind(foil->law, "a")), "1");
  SampleClose(&sample);
  free(foil);
}

static void test_defaults(void **state) {
  Sample sample;
  Foil *foil = malloc(sizeof(*foil));
  (void)state;
  Read(&sample, "thickness: 20 um\nregions: top\n", foil);
  assert_int_equal(SampleCount(&sample), 0);
  assert_true(foil->porosity == 0.02);
  assert_true(foil->temperature == 298.15);
  assert_int_equal(foil->cells, 40);
  assert_int_equal(foil->solver, 1);
  assert_false(foil->verbose);
  assert_string_equal(foil->name, "foil_a");
  assert_true(foil->times.n == 2 && foil->times.v[0] == 60 && foil->times.v[1] == 120);
  assert_int_equal(foil->sizes.n, 0);
  assert_int_equal(foil->regions.n, 1);
  assert_string_equal(foil->regions.v[0], "top");
  assert_null(foil->law);
  assert_string_equal(Entry(&sample, "foil.temperature").origin, "default");
  assert_string_equal(Entry(&sample, "foil.temperature").text, "25 degC");
  assert_true(Entry(&sample, "foil.temperature").value == 298.15);
  SampleClose(&sample);
  free(foil);
}

static void test_origin(void **state) {
  Sample sample;
  Foil *foil = malloc(sizeof(*foil));
  LhRecordEntry entry;
  (void)state;
  Read(&sample,
       "cells: {value: 9, note: enough}\n"
       "thickness: {value: 50 um, source: doi 10.1/2, evidence: paper, range: [40 um, 60 um]}\n",
       foil);
  assert_int_equal(SampleCount(&sample), 0);
  assert_true(foil->thickness == 50e-6);
  assert_int_equal(foil->cells, 9);
  entry = Entry(&sample, "foil.thickness");
  assert_string_equal(entry.text, "50 um");
  assert_string_equal(entry.unit, "m");
  assert_string_equal(entry.origin, "case.yaml:2");
  assert_string_equal(entry.source, "doi 10.1/2");
  assert_string_equal(entry.evidence, "paper");
  SampleClose(&sample);
  free(foil);
}

static void test_override_is_recorded(void **state) {
  Sample sample;
  Foil *foil = calloc(1, sizeof(*foil));
  (void)state;
  SampleOpen(&sample, "thickness: 50 um\ntimes: [1 s, 2 s]\n");
  OK(LhDocOverride(sample.doc, "thickness=70 um", sample.diag));
  OK(LhDocOverride(sample.doc, "times.1=1 min", sample.diag));
  OK(LhParamsRead(&sample.reader, &table, sample.root, sample.root, "foil", foil));
  assert_true(foil->thickness == 70e-6);
  assert_string_equal(Entry(&sample, "foil.thickness").origin, "command line");
  assert_string_equal(Entry(&sample, "foil.times.0").origin, "case.yaml:2");
  assert_string_equal(Entry(&sample, "foil.times.1").origin, "command line");
  assert_true(Entry(&sample, "foil.times.1").value == 60);
  SampleClose(&sample);
  free(foil);
}

static void test_range_that_misses_the_value_warns(void **state) {
  Sample sample;
  Foil *foil = malloc(sizeof(*foil));
  PetscInt errors, warnings;
  (void)state;
  Read(&sample, "thickness: {value: 50 um, range: [60 um, 70 um]}\n", foil);
  OK(LhDiagGetCounts(sample.diag, &errors, &warnings));
  assert_int_equal(errors, 0);
  assert_int_equal(warnings, 1);
  assert_string_equal(
      SampleSentence(&sample, 0),
      "case.yaml:1:34: warning: foil.thickness lies outside the range given beside it");
  SampleClose(&sample);
  free(foil);
}

static void test_all_mistakes_at_once(void **state) {
  Sample sample;
  Foil *foil = malloc(sizeof(*foil));
  PetscInt errors;
  (void)state;
  Read(&sample, "thicknes: 50 um\nporosity: 3 m\ncells: 2.5\nsolver: amgg\ntimes: [1, 2 s, x]\n",
       foil);
  OK(LhDiagGetCounts(sample.diag, &errors, NULL));
  assert_int_equal(errors, 6);
  assert_true(isnan(foil->thickness));
  assert_true(isnan(foil->porosity));
  assert_int_equal(foil->times.n, 0);
  SampleClose(&sample);
  free(foil);
}

static void test_quantity_read(void **state) {
  Sample sample;
  PetscReal value;
  (void)state;
  SampleOpen(&sample, "{a: 0.5 mA/cm^2, b: {value: 3 A/m^2, source: me}, c: -1 A/m^2}");
  OK(LhQuantityRead(&sample.reader, LhNodeFind(sample.root, "a"), "x.a", "A m-2", 0, 10, &value));
  assert_true(value == 5);
  OK(LhQuantityRead(&sample.reader, LhNodeFind(sample.root, "b"), "x.b", "A m-2", 0, 10, &value));
  assert_true(value == 3);
  assert_string_equal(Entry(&sample, "x.b").source, "me");
  assert_int_equal(SampleCount(&sample), 0);
  OK(LhQuantityRead(&sample.reader, LhNodeFind(sample.root, "c"), "x.c", "A m-2", 0, 10, &value));
  assert_true(isnan(value));
  OK(LhQuantityRead(&sample.reader, NULL, "x.d", "A m-2", 0, 10, &value));
  assert_true(isnan(value));
  assert_int_equal(SampleCount(&sample), 2);
  SampleClose(&sample);
}

static void test_no_record(void **state) {
  Sample sample;
  Foil *foil = calloc(1, sizeof(*foil));
  (void)state;
  SampleOpen(&sample, "thickness: 50 um\n");
  sample.reader.record = NULL;
  OK(LhParamsRead(&sample.reader, &table, sample.root, sample.root, "", foil));
  assert_true(foil->thickness == 50e-6);
  SampleClose(&sample);
  free(foil);
}

static void test_derived(void **state) {
  Sample sample;
  (void)state;
  SampleOpen(&sample, "a: 1");
  OK(LhRecordAddDerived(sample.record, "foil.density", "kg m-3", 787.5, "mass over volume"));
  assert_string_equal(Entry(&sample, "foil.density").origin, "derived");
  assert_string_equal(Entry(&sample, "foil.density").text, "mass over volume");
  assert_true(Entry(&sample, "foil.density").value == 787.5);
  SampleClose(&sample);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_kinds),
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_origin),
      cmocka_unit_test(test_override_is_recorded),
      cmocka_unit_test(test_range_that_misses_the_value_warns),
      cmocka_unit_test(test_all_mistakes_at_once),
      cmocka_unit_test(test_quantity_read),
      cmocka_unit_test(test_no_record),
      cmocka_unit_test(test_derived),
  };
  return RunTests(argc, argv, tests);
}
