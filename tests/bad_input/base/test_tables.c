/// Checks: what a user reads after a mistake in a file, word by word, one mistake at a time.
/// Reference: the sentences we promise; places counted by hand.
/// Tolerance and why: none.
/// Fails if: a mistake is accepted, points elsewhere, or its sentence loses key, value, unit or hint.
#include <math.h>

#include "unit/base/base_test.h"

typedef struct {
  PetscReal thickness, porosity, temperature, conductivity;
  PetscInt cells;
} Foil;
typedef struct {
  PetscReal current;
  LhRealList times;
} Load;
typedef struct {
  char name[LH_NAME_MAX];
  PetscInt solver;
  PetscBool mechanics;
  LhIntList sizes;
  LhTextList regions;
  LhNode foil, load;
} Case;

static const char *const solvers[] = {"direct", "block_amg", "none", NULL};
static const LhParam case_rows[] = {
    LH_ROW_TEXT(Case, name, "x", "name of the case"),
    LH_ROW_CHOICE(Case, solver, solvers, "direct", "linear solver"),
    LH_ROW_BOOL(Case, mechanics, "yes", "with mechanics"),
    LH_ROW_INT_LIST(Case, sizes, 1, 64, "", "sizes"),
    LH_ROW_TEXT_LIST(Case, regions, "", "regions"),
    LH_ROW_NODE(Case, foil, NULL, "the foil"),
    LH_ROW_NODE(Case, load, "", "the load"),
};
static const LhParam foil_rows[] = {
    LH_ROW_REAL(Foil, thickness, "m", 1e-6, 1e-3, NULL, "thickness L"),
    LH_ROW_REAL(Foil, porosity, "1", 0, 0.9, "2 %", "initial porosity"),
    LH_ROW_REAL(Foil, temperature, "K", 200, PETSC_INFINITY, "25 degC", "temperature T"),
    LH_ROW_REAL(Foil, conductivity, "S m-1", 0, PETSC_INFINITY, "", "conductivity sigma"),
    LH_ROW_INT(Foil, cells, 1, 1000, "40", "cells through the thickness"),
};
static const LhParam load_rows[] = {
    LH_ROW_REAL(Load, current, "A m-2", -1e5, 1e5, NULL, "current density i"),
    LH_ROW_REAL_LIST(Load, times, "s", 0, 1e6, "", "times of output t"),
};
static const LhTable case_table = LH_TABLE("", "a case", case_rows);
static const LhTable foil_table = LH_TABLE("foil", "a foil", foil_rows);
static const LhTable load_table = LH_TABLE("load", "a load", load_rows);

static void ReadCase(const Sample *sample) {
  Foil foil = {0};
  Load load = {0};
  static Case all;
  memset(&all, 0, sizeof(all));
  if (!sample->root) return;
  OK(LhParamsRead(&sample->reader, &case_table, sample->root, NULL, "", &all));
  if (all.foil)
    OK(LhParamsRead(&sample->reader, &foil_table, all.foil, sample->root, "foil", &foil));
  if (all.load)
    OK(LhParamsRead(&sample->reader, &load_table, all.load, sample->root, "load", &load));
}

#define GOOD "foil: {thickness: 50 um}\n"
#define FOIL "foil:\n  thickness: 50 um\n"
#define TEN  "1,1,1,1,1,1,1,1,1,1,"
#define LONG "abcdefghijklmnopqrstuvwxyz"

static const struct {
  const char *text, *sentence;
} mistakes[] = {
  // keys
    {"foil: {thicknes: 50 um}",
     "1:8: error: unknown key 'foil.thicknes'; did you mean 'foil.thickness'?"                                                          },
    {"foil: {Thickness: 50 um}",
     "1:8: error: unknown key 'foil.Thickness'; did you mean 'foil.thickness'?"                                                         },
    {GOOD "fiol: {}\n",                                          "2:1: error: unknown key 'fiol'; did you mean 'foil'?"                 },
    {GOOD "colour: red\n",
     "2:1: error: unknown key 'colour'; known here: name, solver, mechanics, sizes, regions, foil, "
     "load"                                                                                                                             },
    {GOOD "<<: {a: 1}\n",
     "2:1: error: unknown key '<<'; known here: name, solver, mechanics, sizes, regions, foil, "
     "load"                                                                                                                             },
    {FOIL "  thickness: 60 um\n",
     "3:3: error: key 'thickness' is given twice; the first one is at case.yaml:2:3"                                                    },
    {"name: a\n",                                                "1:1: error: missing key 'foil' (the foil): expected a nested section" },
    {"foil:\n  cells: 4\n",
     "2:3: error: missing key 'foil.thickness' (thickness L): expected a length (m), e.g. 50 um"                                        },
    {"foil:\nname: a\n",
     "1:6: error: missing key 'foil.thickness' (thickness L): expected a length (m), e.g. 50 um"                                        },
    {GOOD "load: {}\n",
     "2:7: error: missing key 'load.current' (current density i): expected a current per area "
     "(A/m^2), e.g. 0.5 mA/cm^2"                                                                                                        },
    {"foil: 50 um\n",
     "1:7: error: foil: expected a section with the keys thickness, porosity, temperature, "
     "conductivity, cells"                                                                                                              },
    {"foil: [50 um]\n",
     "1:7: error: foil: expected a section with the keys thickness, porosity, temperature, "
     "conductivity, cells"                                                                                                              },
    {"- a\n- b\n",
     "1:1: error: expected a section with the keys name, solver, mechanics, sizes, regions, foil, "
     "load"                                                                                                                             },
 // quantities
    {"foil: {thickness: 50}",
     "1:19: error: foil.thickness = 50: the unit is missing; expected a length (m), e.g. 50 um"                                         },
    {"foil: {thickness: um}",
     "1:19: error: foil.thickness = um: not a number; expected a length (m), e.g. 50 um"                                                },
    {"foil: {thickness: 50 uM}",
     "1:19: error: foil.thickness = 50 uM: unit 'uM' is not a length (m), e.g. 50 um"                                                   },
    {"foil: {thickness: 50 foo}",
     "1:19: error: foil.thickness = 50 foo: unknown unit 'foo'; expected a length (m), e.g. 50 um"                                      },
    {"foil: {thickness: 50 um/}",
     "1:19: error: foil.thickness = 50 um/: unit 'um/' cannot be read; expected a length (m), e.g. "
     "50 um"                                                                                                                            },
    {"foil: {thickness: '0,05 mm'}",
     "1:19: error: foil.thickness = 0,05 mm: a point separates decimals, not a comma; expected a "
     "length (m), e.g. 50 um"                                                                                                           },
    {"foil: {thickness: .nan}",
     "1:19: error: foil.thickness = .nan: not a finite number; expected a length (m), e.g. 50 um"                                       },
    {"foil: {thickness: 1e400 m}",
     "1:19: error: foil.thickness = 1e400 m: not a finite number; expected a length (m), e.g. 50 "
     "um"                                                                                                                               },
    {"foil: {thickness: }",
     "1:19: error: foil.thickness: no value was given; expected a length (m), e.g. 50 um"                                               },
    {"foil: {thickness: [50 um]}",
     "1:19: error: foil.thickness: a list was given; expected a length (m), e.g. 50 um"                                                 },
    {"foil: {thickness: 5 km}",
     "1:19: error: foil.thickness = 5 km: out of range: found 5000 m, allowed 1e-06 m to 0.001 m"                                       },
    {"foil: {thickness: -50 um}",
     "1:19: error: foil.thickness = -50 um: out of range: found -5e-05 m, allowed 1e-06 m to 0.001 "
     "m"                                                                                                                                },
    {FOIL "  porosity: 20\n",
     "3:13: error: foil.porosity = 20: out of range: found 20, allowed 0 to 0.9"                                                        },
    {FOIL "  porosity: 2 um\n",
     "3:13: error: foil.porosity = 2 um: unit 'um' where none belongs; expected a pure number, "
     "e.g. 0.5"                                                                                                                         },
    {FOIL "  temperature: 25 C\n",
     "3:16: error: foil.temperature = 25 C: unit 'C' is not a temperature (K), e.g. 25 degC"                                            },
    {FOIL "  temperature: -90 degC\n",
     "3:16: error: foil.temperature = -90 degC: out of range: found 183.15 K, allowed at least 200 "
     "K"                                                                                                                                },
    {FOIL "  conductivity: 3 ohm.m\n",
     "3:17: error: foil.conductivity = 3 ohm.m: unit 'ohm.m' is not a conductivity (S/m), e.g. 10 "
     "mS/cm"                                                                                                                            },
    {GOOD "load: {current: 0.5 mA}\n",
     "2:17: error: load.current = 0.5 mA: unit 'mA' is not a current per area (A/m^2), e.g. 0.5 "
     "mA/cm^2"                                                                                                                          },
    {GOOD "load: {current: 0.5 mA/cm^3}\n",
     "2:17: error: load.current = 0.5 mA/cm^3: unit 'mA/cm^3' is not a current per area (A/m^2), "
     "e.g. 0.5 mA/cm^2"                                                                                                                 },
    {GOOD "load: {current: 1 A/m^2, times: [1 s, 3 m]}\n",
     "2:39: error: load.times.1 = 3 m: unit 'm' is not a time (s), e.g. 10 min"                                                         },
 // whole numbers, words
    {FOIL "  cells: 2.5\n",                                      "3:10: error: foil.cells = 2.5: not a whole number"                    },
    {FOIL "  cells: 5 um\n",                                     "3:10: error: foil.cells = 5 um: not a whole number"                   },
    {FOIL "  cells: 0\n",                                        "3:10: error: foil.cells = 0: out of range: found 0, allowed 1 to 1000"},
    {GOOD "solver: block_agm\n",
     "2:9: error: solver = block_agm: did you mean 'block_amg'? Allowed: direct, block_amg, none"                                       },
    {GOOD "solver: 7\n",                                         "2:9: error: solver = 7: allowed: direct, block_amg, none"             },
    {GOOD "mechanics: maybe\n",                                  "2:12: error: mechanics = maybe: neither true nor false"               },
    {GOOD "name: [a]\n",                                         "2:7: error: name: a list was given; expected a word"                  },
    {GOOD "name: " LONG LONG LONG LONG LONG "\n",
     "2:7: error: name = " LONG LONG LONG "ab...: longer than 127 characters"                                                           },
    {GOOD "name: \"a\\nb\"\n",
     "2:7: error: name = a?b: a line break or control character inside a word"                                                          },
    {GOOD "name: [|x|]\n",
     "2:8: error: not valid YAML: found character that cannot start any token"                                                          },
    {GOOD "solver: 'a[|b'\n",                                    "2:9: error: solver = a[|b: allowed: direct, block_amg, none"          },
    {GOOD "regions: {top: 1}\n",
     "2:10: error: regions: a section without 'value' was given; expected a list of words"                                              },
    {GOOD "sizes: [" TEN TEN TEN TEN TEN TEN "1,1,1,1,1]\n",
     "2:8: error: sizes: 65 entries; at most 64"                                                                                        },
 // values with origin
    {"foil: {thickness: {valeu: 50 um}}",
     "1:19: error: foil.thickness: a section without 'value' was given; expected a length (m), "
     "e.g. 50 um"                                                                                                                       },
    {"foil: {thickness: {value: 50 um, sauce: me}}",
     "1:34: error: unknown key 'foil.thickness.sauce'; did you mean 'source'?"                                                          },
    {"foil: {thickness: {value: 50 um, range: 60 um}}",
     "1:41: error: foil.thickness.range = 60 um: expected a list of two, lowest and highest"                                            },
    {"foil: {thickness: {value: 50 um, range: [60 um, 40 um]}}",
     "1:41: error: foil.thickness.range: the first entry is larger than the second"                                                     },
    {"foil: {thickness: {value: 50 um, range: [40, 60 um]}}",
     "1:42: error: foil.thickness.range = 40: the unit is missing; expected a length (m), e.g. 50 "
     "um"                                                                                                                               },
    {"foil: {thickness: {value: 50 um, source: [a]}}",
     "1:42: error: foil.thickness.source: expected a text"                                                                              },
    {"foil: {thickness: {value: {value: 50 um}}}",
     "1:27: error: foil.thickness: a section was given; expected a length (m), e.g. 50 um"                                              },
};

static void test_every_mistake(void **state) {
  char expected[512];
  int failed = 0;
  (void)state;
  for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
    Sample sample;
    SampleOpen(&sample, mistakes[i].text);
    ReadCase(&sample);
    snprintf(expected, sizeof(expected), "case.yaml:%s", mistakes[i].sentence);
    if (strcmp(SampleSentence(&sample, 0), expected) || SampleCount(&sample) != 1) {
      failed++;
      print_error("\n%s\nexpected %s\nfound %d: %s", mistakes[i].text, expected,
                  (int)SampleCount(&sample), SampleSentence(&sample, 0));
    }
    SampleClose(&sample);
  }
  assert_int_equal(failed, 0);
}

static void test_good_case_is_silent(void **state) {
  Sample sample;
  (void)state;
  SampleOpen(&sample,
             GOOD "load: {current: 0.5 mA/cm^2, times: [1 h]}\nsizes: [" TEN TEN TEN TEN TEN TEN
                  "1,1,1,1]\n");
  ReadCase(&sample);
  assert_string_equal(SampleSentence(&sample, 0), "");
  SampleClose(&sample);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_mistake),
                                     cmocka_unit_test(test_good_case_is_silent)};
  return RunTests(argc, argv, tests);
}
