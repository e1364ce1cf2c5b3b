/// Checks: units to SI, every way to write a unit, refusals, pretty units, factors.
/// Reference: definitions of the SI brochure (9th ed.) and NIST SP 811; 1 h = 3600 s, 1 bar = 1e5 Pa.
/// Tolerance and why: bitwise where the factor or its inverse is whole; else 1e-15, two roundings.
/// Fails if: a prefix, exponent or sign is lost, UDUNITS' reciprocals, dates or old eV come through.
#include <math.h>

#include "base/quantity.h"
#include "unit/base/base_test.h"

typedef struct {
  const char *text, *unit;
  double value;
} Case;

static double Parse(const char text[], const char unit[]) {
  const char *why;
  PetscReal value;
  OK(LhQuantityParse(text, unit, &value, &why));
  if (why) print_error("%s: %s\n", text, why);
  assert_null(why);
  return value;
}

static void test_exact(void **state) {
  static const Case cases[] = {
      {"50 um",         "m",           50e-6          },
      {"0.5 mA/cm^2",   "A m-2",       5              },
      {"5 A/m^2",       "A m-2",       5              },
      {"0.2 MPa",       "Pa",          200000         },
      {"7.81 GPa",      "Pa",          7.81e9         },
      {"25 degC",       "K",           298.15         },
      {"3 mA.h/cm^2",   "C m-2",       108000         },
      {"10 min",        "s",           600            },
      {"2 h",           "s",           7200           },
      {"3",             "1",           3              },
      {"-1.5e-3 V",     "V",           -0.0015        },
      {"37 kJ/mol",     "J mol-1",     37000          },
      {"1.2 M",         "mol m-3",     1200           },
      {"0.534 g/cm^3",  "kg m-3",      534            },
      {"7 mol/(m^2 s)", "mol m-2 s-1", 7              },
      {"13 cm^3/mol",   "m3 mol-1",    13e-6          },
      {"2 1/degC",      "K-1",         2              },
      {"30 %",          "1",           0.30           },
      {"1 eV",          "J",           1.602176634e-19},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    const double value = Parse(cases[i].text, cases[i].unit);
    if (value != cases[i].value) {
      fail_msg("%s is %.17g, expected %.17g", cases[i].text, value, cases[i].value);
    }
  }
}

static void test_rounded(void **state) {
  static const Case cases[] = {
      {"3860 mA.h/g", "C kg-1",     3860 * 3.6 * 1000},
      {"1.7 mAh",     "C",          1.7 * 3.6        },
      {"0.3 Wh",      "J",          0.3 * 3600       },
      {"6 1/min",     "s-1",        0.1              },
      {"47.82 wt%",   "1",          0.4782           },
      {"30 deg",      "1",          PETSC_PI / 6     },
      {"10 psi",      "Pa",         68947.57293168361},
      {"77 degF",     "K",          298.15           },
      {"20 ohm.cm^2", "ohm m2",     2e-3             },
      {"12.5 mS/cm",  "S m-1",      1.25             },
      {"1.1 uF/cm^2", "F m-2",      0.011            },
      {"4e-6 cm^2/s", "m2 s-1",     4e-10            },
      {"3.6 kJ/kg/K", "J kg-1 K-1", 3600             },
      {"5 mV/K",      "V K-1",      5e-3             },
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    const double value = Parse(cases[i].text, cases[i].unit);
    if (fabs(value / cases[i].value - 1) > 1e-15) {
      fail_msg("%s is %.17g, expected %.17g", cases[i].text, value, cases[i].value);
    }
  }
}

static void test_spellings_agree(void **state) {
  static const char *const area[] = {"0.7 mA/cm^2",
                                     "0.7 mA/cm2",
                                     "0.7 mA cm-2",
                                     "0.7 mA cm^-2",
                                     "0.7 mA.cm-2",
                                     "0.7 mA*cm^-2",
                                     "0.7 mA/cm**2",
                                     "0.7mA/cm^2",
                                     "0.7 mA/(cm cm)",
                                     "  0.7   mA / cm^2  ",
                                     "7e-1 mA/cm^2",
                                     "+.7 mA/cm\xc2\xb2",
                                     "0.7 milliampere/centimeter^2"};
  static const char *const length[] = {"5 um", "5 \xc2\xb5m", "5 \xce\xbcm", "5 micron",
                                       "5 micrometer"};
  static const char *const rate[] = {"4 1/s", "4/s", "4 s^-1", "4 s-1", "4 /s", "4 Hz"};
  (void)state;
  for (size_t i = 0; i < sizeof(area) / sizeof(area[0]); i++) {
    assert_true(fabs(Parse(area[i], "A m-2") / 7 - 1) <= 1e-15);
  }
  for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++) {
    assert_true(Parse(length[i], "m") == 5e-6);
  }
  for (size_t i = 0; i < sizeof(rate) / sizeof(rate[0]); i++) {
    assert_true(Parse(rate[i], "s-1") == 4);
  }
}

static void test_refusals(void **state) {
  static const struct {
    const char *text, *unit;
    LhQuantityStatus status;
  } cases[] = {
      {"",                 "m",     LH_QUANTITY_NO_NUMBER   },
      {"um",               "m",     LH_QUANTITY_NO_NUMBER   },
      {"nan m",            "m",     LH_QUANTITY_NOT_FINITE  },
      {"-inf m",           "m",     LH_QUANTITY_NOT_FINITE  },
      {".inf",             "1",     LH_QUANTITY_NOT_FINITE  },
      {"1e999 m",          "m",     LH_QUANTITY_NOT_FINITE  },
      {"1e300 Gm",         "m",     LH_QUANTITY_NOT_FINITE  },
      {"1,5 mm",           "m",     LH_QUANTITY_COMMA       },
      {"5 m; rm",          "m",     LH_QUANTITY_CHARACTER   },
      {"1 @ 3 um",         "m",     LH_QUANTITY_CHARACTER   },
      {"5 m\xe2\x82\xac",  "m",     LH_QUANTITY_CHARACTER   },
      {"50 um since 1970", "m",     LH_QUANTITY_UNKNOWN_UNIT},
      {"1 s from 2000",    "s",     LH_QUANTITY_UNKNOWN_UNIT},
      {"1 log(re 1 um)",   "m",     LH_QUANTITY_UNKNOWN_UNIT},
      {"0x10 m",           "m",     LH_QUANTITY_UNKNOWN_UNIT},
      {"50 mum",           "m",     LH_QUANTITY_UNKNOWN_UNIT},
      {"50 (um",           "m",     LH_QUANTITY_SYNTAX      },
      {"50 um)",           "m",     LH_QUANTITY_SYNTAX      },
      {"50 um^",           "m",     LH_QUANTITY_SYNTAX      },
      {"50 um/",           "m",     LH_QUANTITY_SYNTAX      },
      {"50 m^99",          "m",     LH_QUANTITY_SYNTAX      },
      {"50 2 um",          "m",     LH_QUANTITY_SYNTAX      },
      {"((((((5 m))))))",  "m",     LH_QUANTITY_NO_NUMBER   },
      {"5 ((((((m))))))",  "m",     LH_QUANTITY_SYNTAX      },
      {"0.5 mA",           "A m-2", LH_QUANTITY_WRONG_UNIT  },
      {"10 s",             "s-1",   LH_QUANTITY_WRONG_UNIT  },
      {"3 ohm.m",          "S m-1", LH_QUANTITY_WRONG_UNIT  },
      {"25 C",             "K",     LH_QUANTITY_WRONG_UNIT  },
      {"3 m",              "1",     LH_QUANTITY_WRONG_UNIT  },
      {"0",                "m",     LH_QUANTITY_NO_UNIT     },
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    LhQuantity quantity;
    OK(LhQuantityScan(cases[i].text, cases[i].unit, &quantity));
    if (quantity.status != cases[i].status) {
      fail_msg("'%s' gave status %d, expected %d", cases[i].text, (int)quantity.status,
               (int)cases[i].status);
    }
    assert_true(isnan(quantity.value));
  }
}

static void test_long_text_is_refused(void **state) {
  char text[5000];
  LhQuantity quantity;
  (void)state;
  memset(text, 'm', sizeof(text));
  memcpy(text, "5 ", 2);
  text[sizeof(text) - 1] = 0;
  OK(LhQuantityScan(text, "m", &quantity));
  assert_int_equal(quantity.status, LH_QUANTITY_NO_NUMBER);
}

static void test_pretty(void **state) {
  static const char *const pairs[][2] = {
      {"A m-2",       "A/m^2"    },
      {"J mol-1 K-1", "J/(mol K)"},
      {"m",           "m"        },
      {"m2",          "m^2"      },
      {"s-1",         "1/s"      },
      {"1",           "1"        },
      {"ohm m2",      "ohm m^2"  },
      {"A/m2",        "A/m2"     },
  };
  char text[LH_UNIT_MAX];
  (void)state;
  for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
    OK(LhUnitPretty(pairs[i][0], text, sizeof(text)));
    assert_string_equal(text, pairs[i][1]);
  }
}

static void test_words(void **state) {
  static const char *const cases[][3] = {
      {"A m-2",   "a current per area",      "0.5 mA/cm^2"},
      {"Ohm m2",  "a resistance times area", "20 ohm.cm^2"},
      {"N m-2",   "a pressure or stress",    "0.2 MPa"    },
      {"kg m7 s", "a quantity in SI units",  ""           },
  };
  const char *quantity, *example;
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    OK(LhUnitDescribe(cases[i][0], &quantity, &example));
    assert_string_equal(quantity, cases[i][1]);
    assert_string_equal(example, cases[i][2]);
    if (*example) assert_true(Parse(example, cases[i][0]) > 0);
  }
}

static void test_factor(void **state) {
  PetscReal factor;
  (void)state;
  OK(LhUnitFactor("A m-2", "mA/cm^2", &factor));
  assert_true(factor == 0.1);
  OK(LhUnitFactor("C m-2", "mA.h/cm^2", &factor));
  assert_true(fabs(factor * 36000 - 1) <= 1e-15);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exact),
      cmocka_unit_test(test_rounded),
      cmocka_unit_test(test_spellings_agree),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_long_text_is_refused),
      cmocka_unit_test(test_pretty),
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_factor),
  };
  return RunTests(argc, argv, tests);
}
