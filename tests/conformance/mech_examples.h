/// @file
/// One set of plausible parameters per mechanical law, by name, for tests. A registered law without an
/// entry fails the conformance suite, so a new law brings its line here.
#pragma once

// cmocka.h needs the four headers before it.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "laws/mech_law.h"

#define MECH_PARAMS_MAX 2048  ///< bytes of the largest parameter struct
#define MECH_STATE_MAX  16    ///< most state reals of a law

typedef struct {
  const char *law, *param;
  double value;
} MechExample;

static const MechExample mech_examples[] = {
    {"hencky_elastic",        "youngs_modulus",        7.81e9},
    {"hencky_elastic",        "poisson_ratio",         0.38  },
    {"neo_hookean",           "shear_modulus",         2.83e9},
    {"neo_hookean",           "bulk_modulus",          10.8e9},
    {"j2_small_strain",       "youngs_modulus",        7.81e9},
    {"j2_small_strain",       "poisson_ratio",         0.38  },
    {"j2_small_strain",       "yield_stress",          1.1e6 },
    {"j2_small_strain",       "hardening_modulus",     1.3e7 },
    {"j2_hencky",             "youngs_modulus",        7.81e9},
    {"j2_hencky",             "poisson_ratio",         0.38  },
    {"j2_hencky",             "yield_stress",          1.1e6 },
    {"j2_hencky",             "hardening_modulus",     1.3e7 },
    {"j2_power",              "youngs_modulus",        7.81e9},
    {"j2_power",              "poisson_ratio",         0.38  },
    {"j2_power",              "strength_coefficient",  1.2e6 },
    {"j2_power",              "initial_strain",        1.7e-5},
    {"j2_power",              "hardening_exponent",    0.2   },
    {"j2_alloy",              "youngs_modulus",        55e9  },
    {"j2_alloy",              "poisson_ratio",         0.25  },
    {"j2_alloy",              "yield_stress",          1.3e8 },
    {"j2_alloy",              "hardening_modulus",     9e8   },
    {"j2_alloy",              "empty_modulus",         108e9 },
    {"j2_alloy",              "empty_yield_stress",    1.1e8 },
    {"norton_creep",          "youngs_modulus",        7.81e9},
    {"norton_creep",          "poisson_ratio",         0.38  },
    {"norton_creep",          "rate_coefficient",      0.01  },
    {"norton_creep",          "reference_stress",      1e6   },
    {"norton_creep",          "stress_exponent",       5.3   },
    {"norton_creep",          "activation_energy",     37e3  },
    {"anand_porous",          "youngs_modulus",        7.81e9},
    {"anand_porous",          "poisson_ratio",         0.38  },
    {"anand_porous",          "rate_coefficient",      4.25e4},
    {"anand_porous",          "activation_energy",     37e3  },
    {"anand_porous",          "rate_sensitivity",      0.15  },
    {"anand_porous",          "initial_resistance",    0.95e6},
    {"anand_porous",          "saturation_resistance", 2e6   },
    {"anand_porous",          "hardening_modulus",     1e7   },
    {"anand_porous",          "hardening_exponent",    2     },
    {"anand_porous",          "saturation_exponent",   0.05  },
    {"skeleton_gibson_ashby", "solid_modulus",         40e9  },
    {"skeleton_gibson_ashby", "solid_yield_stress",    90e6  },
    {"skeleton_gibson_ashby", "poisson_ratio",         0.13  },
    {"skeleton_gibson_ashby", "pressure_sensitivity",  1.58  },
    {"skeleton_gibson_ashby", "rate_sensitivity",      0.07  },
    {"skeleton_gibson_ashby", "reference_rate",        1e-4  },
    {"skeleton_van_wyk",      "packing_coefficient",   0.0156},
    {"skeleton_van_wyk",      "fibre_modulus",         300e9 },
    {"skeleton_van_wyk",      "poisson_ratio",         0.07  },
    {"skeleton_van_wyk",      "pressure_sensitivity",  1.9   },
    {"skeleton_van_wyk",      "rate_sensitivity",      0.06  },
    {"skeleton_van_wyk",      "reference_rate",        1e-4  },
    {"skeleton_table",        "relative_densities",    0.13  },
    {"skeleton_table",        "relative_densities",    0.29  },
    {"skeleton_table",        "relative_densities",    0.61  },
    {"skeleton_table",        "pressures",             0.4e6 },
    {"skeleton_table",        "pressures",             1.7e6 },
    {"skeleton_table",        "pressures",             23e6  },
    {"skeleton_table",        "moduli",                0.9e9 },
    {"skeleton_table",        "moduli",                2.9e9 },
    {"skeleton_table",        "moduli",                14e9  },
    {"skeleton_table",        "poisson_ratio",         0.11  },
    {"skeleton_table",        "pressure_sensitivity",  1.7   },
    {"skeleton_table",        "rate_sensitivity",      0.05  },
    {"skeleton_table",        "reference_rate",        1e-4  },
};

/// Sets one parameter of a law, or adds an entry to one that is a list; returns PETSC_FALSE when the law has no such parameter.
static inline PetscBool MechSetParam(const LhMechLaw *law, void *params, const char name[],
                                     double value) {
  for (PetscInt i = 0; i < law->num_params; i++) {
    PetscBool same = PETSC_FALSE;

    if (PetscStrcmp(law->params[i].name, name, &same)) return PETSC_FALSE;
    if (!same) continue;
    if (law->params[i].kind == LH_PARAM_REAL_LIST) {
      LhRealList *list = (LhRealList *)((char *)params + law->params[i].offset);

      list->v[list->n++] = value;
      return PETSC_TRUE;
    }
    *(double *)((char *)params + law->params[i].offset) = value;
    return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/// Fills zeroed `params` with the example; returns how many of the law's parameters were set.
static inline PetscInt MechSetExample(const LhMechLaw *law, void *params) {
  PetscInt n = 0;

  for (size_t i = 0; i < sizeof(mech_examples) / sizeof(mech_examples[0]); i++) {
    PetscBool same = PETSC_FALSE;

    if (PetscStrcmp(mech_examples[i].law, law->name, &same) || !same) continue;
    if (!MechSetParam(law, params, mech_examples[i].param, mech_examples[i].value)) continue;
    if (i == 0 || strcmp(mech_examples[i].param, mech_examples[i - 1].param)) n++;
  }
  return n;
}
