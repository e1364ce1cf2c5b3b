/// Checks: steps in words become kinds, SI numbers and conditions; a step that cannot be read says why.
/// Reference: numbers converted by hand (1 mA/cm^2 = 10 A/m^2, 1 mA.h/cm^2 = 36000 C/m^2); sentences written out.
/// Tolerance and why: 1e-14 relative, rounding of one unit conversion.
/// Fails if: a word is taken for another, a condition is dropped or invented, a mistake passes or is told in other words.
#include <math.h>

#include "experiment/protocol.h"
#include "unit/base/base_test.h"

/// NaN: not set.
typedef struct {
  const char *text;
  LhStepKind kind;
  PetscReal current, hold, time, voltage, charge, end_current;
} Good;

static const Good good[] = {
    {"strip at 0.5 mA/cm^2 until 1 V",                                      LH_STEP_STRIP, 5,   NAN,    NAN,    1,     NAN,    NAN },
    {"plate at 2.5 A/m^2 for 1 h or until 3 mA.h/cm^2",                     LH_STEP_PLATE, 2.5, NAN,    3600,   NAN,   108000,
     NAN                                                                                                                           },
    {"plate at 0.1 mA / cm^2 until -20 mV or for 30 min or until 2 C/cm^2", LH_STEP_PLATE, 1,   NAN,
     1800,                                                                                                      -0.02, 20000,  NAN },
    {"hold at 0.1 V until 0.01 mA/cm^2",                                    LH_STEP_HOLD,  NAN, 0.1,    NAN,    NAN,   NAN,    0.1 },
    {"hold at 150 mV for 2 min or until 7 uA/cm^2",                         LH_STEP_HOLD,  NAN, 0.15,   120,    NAN,   NAN,    0.07},
    {"hold at -3 mV until 1.5 mA.h/cm^2",                                   LH_STEP_HOLD,  NAN, -0.003, NAN,    NAN,   54000,  NAN },
    {"rest for 10 min",                                                     LH_STEP_REST,  NAN, NAN,    600,    NAN,   NAN,    NAN },
    {"rest until 5 mV or for 1.5 day",                                      LH_STEP_REST,  NAN, NAN,    129600, 0.005, NAN,    NAN },
    {"  strip  at 4 mA/cm2   until 90 s ",                                  LH_STEP_STRIP, 40,  NAN,    90,     NAN,   NAN,    NAN },
};

static const char *const bad[][2] = {
    {"strip",                                     "expected 'at' and a current density"               },
    {"strip 0.5 mA/cm^2 until 1 V",               "expected 'at' and a current density"               },
    {"hold 0.1 V for 1 h",                        "expected 'at' and a voltage"                       },
    {"strip at 0.5 mA until 1 V",                 "'at' needs a current density, e.g. 0.5 mA/cm^2"    },
    {"strip at until 1 V",                        "'at' needs a current density, e.g. 0.5 mA/cm^2"    },
    {"strip at -0.5 mA/cm^2 until 1 V",
     "the current density must be positive; 'strip' and 'plate' give the direction"                   },
    {"plate at 0 mA/cm^2 until 1 V",
     "the current density must be positive; 'strip' and 'plate' give the direction"                   },
    {"hold at 0.1 mA/cm^2 for 1 h",               "'hold at' needs a voltage, e.g. 0.1 V"             },
    {"strip at 0.5 mA/cm^2",                      "says nothing about when the step ends"             },
    {"strip at 0.5 mA/cm^2 for 1 V",              "'for' needs a time, e.g. 10 min"                   },
    {"strip at 0.5 mA/cm^2 until 3 kg",
     "'until' needs a voltage, a charge per area, a current density or a time"                        },
    {"strip at 0.5 mA/cm^2 until",
     "'until' needs a voltage, a charge per area, a current density or a time"                        },
    {"strip at 0.5 mA/cm^2 until 1 mA/cm^2",
     "the current is constant in this step: give a voltage, a charge or a time"                       },
    {"hold at 0.1 V until 0.2 V",
     "a hold keeps its voltage: give a current density, a charge or a time"                           },
    {"rest until 1 mA.h/cm^2",                    "a rest passes no charge: give a time or a voltage" },
    {"rest for -1 h",                             "the time must be positive"                         },
    {"rest for 0 s",                              "the time must be positive"                         },
    {"plate at 1 mA/cm^2 until -1 mA.h/cm^2",     "the charge must be positive"                       },
    {"hold at 0.1 V until -1 mA/cm^2",            "the current that ends a hold must be positive"     },
    {"strip at 1 mA/cm^2 until 1 V or until 2 V", "gives two voltages to end by"                      },
    {"strip at 1 mA/cm^2 for 1 h or until 7 min", "gives two times to end by"                         },
    {"charge at 1 mA/cm^2 until 1 V",             "a step reads like 'strip at 0.5 mA/cm^2 until 1 V'"},
    {"rest at 0.1 V for 1 h",                     "expected 'for', 'until' or 'or'"                   },
    {"strip at 1 mA/cm^2 until 1 V or",           "'or' needs another condition behind it"            },
    {"strip at 1 mA/cm^2 or until 1 V",           "'or' stands between two conditions"                },
    {"strip at 1 mA/cm^2 until 1 V until 1 h",    "join conditions by 'or'"                           },
};

/// Reads a document `steps: ["..."]`.
static PetscInt ReadSteps(Sample *sample, const char step[], LhStep **steps) {
  char yaml[512];
  PetscInt n;

  snprintf(yaml, sizeof(yaml), "steps: [\"%s\"]", step);
  SampleOpen(sample, yaml);
  OK(LhProtocolRead(&(LhReader){sample->diag, NULL}, LhNodeFind(sample->root, "steps"), "steps", &n,
                    steps));
  return n;
}

static void Same(PetscReal value, PetscReal expected) {
  if (isnan(expected))
    assert_true(isnan(value));
  else if (!(fabs(value - expected) <= 1e-14 * fabs(expected)))
    fail_msg("%.17g is not %.17g", value, expected);
}

static void test_good(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
    Sample sample;
    LhStep *steps;
    if (ReadSteps(&sample, good[i].text, &steps) != 1) fail_msg("refused: %s", good[i].text);
    assert_int_equal(steps[0].kind, good[i].kind);
    Same(steps[0].current_density, good[i].current);
    Same(steps[0].hold_voltage, good[i].hold);
    Same(steps[0].time, good[i].time);
    Same(steps[0].voltage, good[i].voltage);
    Same(steps[0].charge, good[i].charge);
    Same(steps[0].end_current, good[i].end_current);
    OK(PetscFree(steps));
    SampleClose(&sample);
  }
}

static void test_bad(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    Sample sample;
    LhStep *steps;
    char expected[1024];
    const char *text;
    PetscInt errors;

    if (ReadSteps(&sample, bad[i][0], &steps) != 0) fail_msg("accepted: %s", bad[i][0]);
    OK(LhDiagGetCounts(sample.diag, &errors, NULL));
    assert_int_equal(errors, 1);
    OK(LhDiagGetText(sample.diag, 0, NULL, &text));
    snprintf(expected, sizeof(expected), ": error: steps.0 = %s: %s", bad[i][0], bad[i][1]);
    if (!strstr(text, expected)) fail_msg("'%s' is not in '%s'", expected, text);
    OK(PetscFree(steps));
    SampleClose(&sample);
  }
}

/// One bad step of three: the others are kept, and all mistakes are told.
static void test_list(void **state) {
  static const char yaml[] =
      "steps:\n  - rest for 1 min\n  - sleep for 1 min\n  - {rest: 1 min}\n  - rest for 2 min\n";
  Sample sample;
  LhStep *steps;
  PetscInt n, errors;

  (void)state;
  SampleOpen(&sample, yaml);
  OK(LhProtocolRead(&(LhReader){sample.diag, NULL}, LhNodeFind(sample.root, "steps"), "steps", &n,
                    &steps));
  OK(LhDiagGetCounts(sample.diag, &errors, NULL));
  assert_int_equal(errors, 2);
  assert_int_equal(n, 2);
  Same(steps[1].time, 120);
  OK(PetscFree(steps));
  SampleClose(&sample);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
                                     cmocka_unit_test(test_list)};
  return RunTests(argc, argv, tests);
}
