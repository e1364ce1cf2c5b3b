/// @file
/// Owns the words for units: how a unit is written for people, what it measures, an example.
///
/// Only for messages and documentation; must never take part in a conversion.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/unit.h"

static const struct {
  const char *unit, *quantity, *example;
} words[] = {
    {"1",           "a pure number",                           "0.5"             },
    {"m",           "a length",                                "50 um"           },
    {"m2",          "an area",                                 "1 cm^2"          },
    {"m3",          "a volume",                                "1 cm^3"          },
    {"s",           "a time",                                  "10 min"          },
    {"kg",          "a mass",                                  "2 mg"            },
    {"K",           "a temperature",                           "25 degC"         },
    {"A",           "a current",                               "1 mA"            },
    {"V",           "a voltage",                               "10 mV"           },
    {"C",           "a charge",                                "3 mA.h"          },
    {"Pa",          "a pressure or stress",                    "0.2 MPa"         },
    {"N",           "a force",                                 "5 N"             },
    {"J",           "an energy",                               "1 eV"            },
    {"ohm",         "a resistance",                            "10 ohm"          },
    {"mol",         "an amount",                               "1 mmol"          },
    {"rad",         "an angle",                                "30 deg"          },
    {"A m-2",       "a current per area",                      "0.5 mA/cm^2"     },
    {"A m-3",       "a current per volume",                    "10 mA/cm^3"      },
    {"C m-2",       "a charge per area",                       "3 mA.h/cm^2"     },
    {"C m-3",       "a charge per volume",                     "2062 mA.h/cm^3"  },
    {"C kg-1",      "a charge per mass",                       "3860 mA.h/g"     },
    {"S m-1",       "a conductivity",                          "10 mS/cm"        },
    {"S m-2",       "a conductance per area",                  "1 S/cm^2"        },
    {"ohm m2",      "a resistance times area",                 "20 ohm.cm^2"     },
    {"ohm m",       "a resistivity",                           "1 ohm.m"         },
    {"F m-2",       "a capacitance per area",                  "10 uF/cm^2"      },
    {"m2 s-1",      "a diffusivity",                           "4e-10 m^2/s"     },
    {"m s-1",       "a velocity",                              "1 um/s"          },
    {"m-1",         "an inverse length or an area per volume", "1e6 1/m"         },
    {"m-2",         "an inverse area",                         "1e12 1/m^2"      },
    {"s-1",         "a rate",                                  "1e-4 1/s"        },
    {"Pa s",        "a viscosity",                             "1 mPa.s"         },
    {"Pa-1",        "a compliance",                            "0.1 1/GPa"       },
    {"Pa s-1",      "a stress rate",                           "1 MPa/s"         },
    {"Pa m-1",      "a stiffness of a surface",                "1 GPa/m"         },
    {"N m-1",       "a force per length",                      "0.4 N/m"         },
    {"J m-2",       "an energy per area",                      "0.5 J/m^2"       },
    {"J mol-1",     "an energy per amount",                    "37 kJ/mol"       },
    {"J mol-1 K-1", "an entropy or heat capacity per amount",  "25 J/(mol K)"    },
    {"J kg-1 K-1",  "a heat capacity",                         "3.6 kJ/(kg K)"   },
    {"W m-1 K-1",   "a heat conductivity",                     "85 W/(m K)"      },
    {"kg m-3",      "a density",                               "0.534 g/cm^3"    },
    {"kg m-2",      "a mass per area",                         "2 mg/cm^2"       },
    {"kg mol-1",    "a molar mass",                            "6.94 g/mol"      },
    {"m3 mol-1",    "a molar volume",                          "13 cm^3/mol"     },
    {"mol m-3",     "a concentration",                         "1 mol/L"         },
    {"mol m-2",     "an amount per area",                      "1e-5 mol/m^2"    },
    {"mol m-2 s-1", "a flux",                                  "1e-6 mol/(m^2 s)"},
    {"mol m-3 s-1", "an amount per volume and time",           "1 mol/(m^3 s)"   },
    {"K-1",         "a thermal expansion",                     "46e-6 1/K"       },
    {"V K-1",       "a voltage per temperature",               "0.1 mV/K"        },
    {"m2 kg-1",     "an area per mass",                        "100 m^2/g"       },
};

#define NUM_WORDS (sizeof(words) / sizeof(words[0]))

// The row of a unit written differently ("N m-2" for "Pa"); NUM_WORDS when there is none.
static PetscErrorCode FindSame(const char text[], size_t *row) {
  ut_unit *unit, *known;
  int differ = 1;

  PetscFunctionBeginUser;
  PetscCall(LhUnitParseOwn(text, &unit));
  for (*row = 0; *row < NUM_WORDS; (*row)++) {
    PetscCall(LhUnitParseOwn(words[*row].unit, &known));
    differ = ut_compare(unit, known);
    ut_free(known);
    if (!differ) break;
  }
  ut_free(unit);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhUnitDescribe(const char unit[], const char **quantity, const char **example) {
  size_t row = 0;

  PetscFunctionBeginUser;
  while (row < NUM_WORDS && strcmp(words[row].unit, unit)) row++;
  if (row == NUM_WORDS) PetscCall(FindSame(unit, &row));
  *quantity = row < NUM_WORDS ? words[row].quantity : "a quantity in SI units";
  *example = row < NUM_WORDS ? words[row].example : "";
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  char text[LH_UNIT_MAX];
  size_t used;
  int count;
} Side;

static void AddFactor(Side *side, const char symbol[], size_t length, long exponent) {
  char piece[LH_UNIT_MAX];
  int written = snprintf(piece, sizeof(piece), exponent == 1 ? "%s%.*s" : "%s%.*s^%ld",
                         side->count ? " " : "", (int)length, symbol, exponent);
  if (written < 0 || side->used + (size_t)written >= sizeof(side->text)) return;
  memcpy(side->text + side->used, piece, (size_t)written + 1);
  side->used += (size_t)written;
  side->count++;
}

// Splits "A m-2" into the factors above and below the line.
static void SplitSides(const char unit[], Side *above, Side *below) {
  while (*unit) {
    size_t length = 0;
    long exponent;
    char *end;
    while (*unit == ' ' || *unit == '.') unit++;
    while (isalpha((unsigned char)unit[length]) || unit[length] == '%') length++;
    if (!length) return;
    exponent = strtol(unit + length, &end, 10);
    if (end == unit + length) exponent = 1;
    AddFactor(exponent < 0 ? below : above, unit, length, labs(exponent));
    unit = end;
  }
}

PetscErrorCode LhUnitPretty(const char unit[], char text[], size_t size) {
  Side above = {.count = 0}, below = {.count = 0};

  PetscFunctionBeginUser;
  if (strchr(unit, '/') || !strcmp(unit, "1")) {
    PetscCall(PetscStrncpy(text, unit, size));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  SplitSides(unit, &above, &below);
  if (!below.count) {
    PetscCall(PetscStrncpy(text, above.text, size));
  } else {
    snprintf(text, size, below.count > 1 ? "%s/(%s)" : "%s/%s", above.count ? above.text : "1",
             below.text);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
