/// Checks: `key.path=value` on the command line: replace, add, list entries, refusals with places.
/// Reference: the documents written out by hand.
/// Tolerance and why: none.
/// Fails if: an override changes another key, loses its place, or a wrong one is accepted silently.
#include "unit/base/base_test.h"

static const char *const text =
    "foil: {thickness: 50 um, width: 2 mm}\nsteps:\n  - {current: 1 A}\n  - {current: 2 A}\nname: "
    "run\n";

static LhNode Find(LhNode node, const char a[], const char b[]) {
  return LhNodeFind(LhNodeFind(node, a), b);
}

static void test_replace(void **state) {
  Sample sample;
  LhNode node;
  (void)state;
  SampleOpen(&sample, text);
  OK(LhDocOverride(sample.doc, "foil.thickness=70 um", sample.diag));
  node = Find(sample.root, "foil", "thickness");
  assert_string_equal(LhNodeGetText(node), "70 um");
  assert_string_equal(LhNodeGetMark(node).file, LH_DOC_COMMAND_LINE);
  assert_int_equal(LhNodeGetMark(node).column, 16);
  assert_string_equal(LhNodeGetMark(node).text, "foil.thickness=70 um");
  assert_string_equal(LhNodeGetText(Find(sample.root, "foil", "width")), "2 mm");
  assert_int_equal(SampleCount(&sample), 0);
  SampleClose(&sample);
}

static void test_list_entry(void **state) {
  Sample sample;
  LhNode steps;
  (void)state;
  SampleOpen(&sample, text);
  OK(LhDocOverride(sample.doc, "steps.1.current=7 A", sample.diag));
  steps = LhNodeFind(sample.root, "steps");
  assert_string_equal(LhNodeGetText(LhNodeFind(LhNodeGetItem(steps, 0), "current")), "1 A");
  assert_string_equal(LhNodeGetText(LhNodeFind(LhNodeGetItem(steps, 1), "current")), "7 A");
  SampleClose(&sample);
}

static void test_add(void **state) {
  Sample sample;
  LhNode times;
  (void)state;
  SampleOpen(&sample, text);
  OK(LhDocOverride(sample.doc, "solver.output.times=[1 s, 3 s]", sample.diag));
  OK(LhDocOverride(sample.doc, "foil.length=9 mm", sample.diag));
  times = LhNodeFind(Find(sample.root, "solver", "output"), "times");
  assert_int_equal(LhNodeGetSize(times), 2);
  assert_string_equal(LhNodeGetText(LhNodeGetItem(times, 1)), "3 s");
  assert_int_equal(LhNodeGetSize(LhNodeFind(sample.root, "foil")), 3);
  assert_string_equal(LhNodeGetText(Find(sample.root, "foil", "length")), "9 mm");
  assert_string_equal(LhNodeGetText(Find(sample.root, "foil", "width")), "2 mm");
  SampleClose(&sample);
}

static void test_value_with_equal_sign(void **state) {
  Sample sample;
  (void)state;
  SampleOpen(&sample, text);
  OK(LhDocOverride(sample.doc, "name=a=b", sample.diag));
  assert_string_equal(LhNodeGetText(LhNodeFind(sample.root, "name")), "a=b");
  SampleClose(&sample);
}

static void test_null_takes_out(void **state) {
  Sample sample;
  LhNode foil;
  (void)state;
  SampleOpen(&sample, text);
  OK(LhDocOverride(sample.doc, "foil.thickness=null", sample.diag));
  OK(LhDocOverride(sample.doc, "steps=~", sample.diag));
  OK(LhDocOverride(sample.doc, "never.there=null", sample.diag));
  foil = LhNodeFind(sample.root, "foil");
  assert_int_equal(LhNodeGetSize(foil), 1);
  assert_null(LhNodeFind(foil, "thickness"));
  assert_string_equal(LhNodeGetText(LhNodeFind(foil, "width")), "2 mm");
  assert_null(LhNodeFind(sample.root, "steps"));
  assert_string_equal(LhNodeGetText(LhNodeFind(sample.root, "name")), "run");
  assert_int_equal(SampleCount(&sample), 0);
  SampleClose(&sample);
}

static void test_refusals(void **state) {
  static const char *const cases[][2] = {
      {"thickness",            "command line:1:1: error: 'thickness' is not of the form key.path=value"   },
      {"=5",                   "command line:1:1: error: '=5' is not of the form key.path=value"          },
      {"a=",                   "command line:1:1: error: 'a=' is not of the form key.path=value"          },
      {"steps.2.current=1 A",
       "command line:1:1: error: '2' is not an index into a list of 2 entries, which count from 0"        },
      {"steps.-1.current=1 A",
       "command line:1:1: error: '-1' is not an index into a list of 2 entries, which count from "
       "0"                                                                                                },
      {"steps.x=1 A",
       "command line:1:1: error: 'x' is not an index into a list of 2 entries, which count from 0"        },
      {"name.sub=1",
       "command line:1:1: error: nothing called 'sub' can be set inside a single value"                   },
      {"steps.0=null",
       "command line:1:1: error: an entry of a list cannot be taken out; give the whole list"             },
      {"foil..x=1",            "command line:1:1: error: a key of this path is empty"                     },
      {"foil=[1",              "command line:1:8: error: not valid YAML: did not find expected ',' or ']'"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    Sample sample;
    SampleOpen(&sample, text);
    OK(LhDocOverride(sample.doc, cases[i][0], sample.diag));
    assert_int_equal(SampleCount(&sample), 1);
    assert_string_equal(SampleSentence(&sample, 0), cases[i][1]);
    SampleClose(&sample);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_replace),  cmocka_unit_test(test_list_entry),
      cmocka_unit_test(test_add),      cmocka_unit_test(test_value_with_equal_sign),
      cmocka_unit_test(test_refusals), cmocka_unit_test(test_null_takes_out),
  };
  return RunTests(argc, argv, tests);
}
