/// @file
/// What the experiment `homogenise` leaves: observables.json, effective.h5, effective.yaml.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiment/homogenise.h"

const LhColumn lh_effective_columns[LH_EFFECTIVE_NUM] = {
    {"stripped",            "1",     "share of the free lithium that is gone"           },
    {"porosity",            "1",     "volume of voids and pores"                        },
    {"relative_density",    "1",
     "volume of all that is no metal, fibres and coats included, per volume as made"    },
    {"connected_axes",      "1",
     "axes along which cells that carry load hold together; 0: disconnected"            },
    {"C11",                 "Pa",    "stress xx per strain xx"                          },
    {"C12",                 "Pa",    "stress xx per strain yy"                          },
    {"C13",                 "Pa",    "stress xx per strain zz"                          },
    {"C14",                 "Pa",    "stress xx per strain yz (engineering)"            },
    {"C15",                 "Pa",    "stress xx per strain xz (engineering)"            },
    {"C16",                 "Pa",    "stress xx per strain xy (engineering)"            },
    {"C22",                 "Pa",    "stress yy per strain yy"                          },
    {"C23",                 "Pa",    "stress yy per strain zz"                          },
    {"C24",                 "Pa",    "stress yy per strain yz (engineering)"            },
    {"C25",                 "Pa",    "stress yy per strain xz (engineering)"            },
    {"C26",                 "Pa",    "stress yy per strain xy (engineering)"            },
    {"C33",                 "Pa",    "stress zz per strain zz"                          },
    {"C34",                 "Pa",    "stress zz per strain yz (engineering)"            },
    {"C35",                 "Pa",    "stress zz per strain xz (engineering)"            },
    {"C36",                 "Pa",    "stress zz per strain xy (engineering)"            },
    {"C44",                 "Pa",    "stress yz per strain yz (engineering)"            },
    {"C45",                 "Pa",    "stress yz per strain xz (engineering)"            },
    {"C46",                 "Pa",    "stress yz per strain xy (engineering)"            },
    {"C55",                 "Pa",    "stress xz per strain xz (engineering)"            },
    {"C56",                 "Pa",    "stress xz per strain xy (engineering)"            },
    {"C66",                 "Pa",    "stress xy per strain xy (engineering)"            },
    {"stiffness_asymmetry", "1",     "largest |C - C^T| over largest |C|"               },
    {"yield_tension_x",     "Pa",    "offset yield stress, tension along x"             },
    {"yield_tension_y",     "Pa",    "offset yield stress, tension along y"             },
    {"yield_tension_z",     "Pa",    "offset yield stress, tension along z"             },
    {"yield_compression_x", "Pa",    "offset yield stress, compression along x"         },
    {"yield_compression_y", "Pa",    "offset yield stress, compression along y"         },
    {"yield_compression_z", "Pa",    "offset yield stress, compression along z"         },
    {"yield_shear_yz",      "Pa",    "offset yield stress, shear yz"                    },
    {"yield_shear_xz",      "Pa",    "offset yield stress, shear xz"                    },
    {"yield_shear_xy",      "Pa",    "offset yield stress, shear xy"                    },
    {"compaction_pressure", "Pa",    "stress at the end of compaction along z"          },
    {"compaction_stretch",  "1",     "F_zz there"                                       },
    {"compaction_end",      "1",
     "why it ends: 0 no curve, 1 smallest_stretch, 2 largest_pressure, 3 too many points, 4 locked "
     "(no equilibrium "
     "beyond)"                                                                          },
    {"electronic_xx",       "S m-1", "electronic conductivity, xx"                      },
    {"electronic_yy",       "S m-1", "electronic conductivity, yy"                      },
    {"electronic_zz",       "S m-1", "electronic conductivity, zz"                      },
    {"electronic_yz",       "S m-1", "electronic conductivity, yz"                      },
    {"electronic_xz",       "S m-1", "electronic conductivity, xz"                      },
    {"electronic_xy",       "S m-1", "electronic conductivity, xy"                      },
    {"ionic_xx",            "S m-1", "ionic conductivity, all phases and the liquid, xx"},
    {"ionic_yy",            "S m-1", "ionic conductivity, all phases and the liquid, yy"},
    {"ionic_zz",            "S m-1", "ionic conductivity, all phases and the liquid, zz"},
    {"ionic_yz",            "S m-1", "ionic conductivity, all phases and the liquid, yz"},
    {"ionic_xz",            "S m-1", "ionic conductivity, all phases and the liquid, xz"},
    {"ionic_xy",            "S m-1", "ionic conductivity, all phases and the liquid, xy"},
    {"liquid_xx",           "S m-1", "ionic conductivity of the liquid alone, xx"       },
    {"liquid_yy",           "S m-1", "ionic conductivity of the liquid alone, yy"       },
    {"liquid_zz",           "S m-1", "ionic conductivity of the liquid alone, zz"       },
    {"liquid_yz",           "S m-1", "ionic conductivity of the liquid alone, yz"       },
    {"liquid_xz",           "S m-1", "ionic conductivity of the liquid alone, xz"       },
    {"liquid_xy",           "S m-1", "ionic conductivity of the liquid alone, xy"       },
};

const char *const lh_compaction_ends[LH_NUM_ENDS] = {
    [LH_END_NONE] = "none",
    [LH_END_STRETCH] = "smallest_stretch",
    [LH_END_PRESSURE] = "largest_pressure",
    [LH_END_FULL] = "too many points",
    [LH_END_LOCKED] = "locked",
};

#define NAME_MAX_LENGTH 64
/// Compaction curves have these two columns.
static const LhColumn curve_columns[] = {
    {"stretch",  "1",  "F_zz, sides held"                                },
    {"pressure", "Pa", "minus the mean stress zz, nominal and true alike"},
};

/// Part that a column belongs to, -1: always there.
static int PartOf(PetscInt column) {
  if (column < LH_EFFECTIVE_STIFFNESS) return -1;
  if (column < LH_EFFECTIVE_YIELD) return LH_PART_ELASTICITY;
  if (column < LH_EFFECTIVE_COMPACTION) return LH_PART_YIELD;
  if (column < LH_EFFECTIVE_ELECTRONIC) return LH_PART_COMPACTION;
  return LH_PART_CONDUCTION;
}

static PetscBool IsWanted(const LhHomogenise *h, PetscInt column) {
  const int part = PartOf(column);

  if (part < 0) return PETSC_TRUE;
  if (part == LH_PART_YIELD)
    return h->part[part] && h->yields[column - LH_EFFECTIVE_YIELD] ? PETSC_TRUE : PETSC_FALSE;
  return h->part[part];
}

/// `<column>_s<percent stripped>` for every state; numbers in SI.
static PetscErrorCode WriteObservables(const LhHomogeniseRun *run) {
  const LhHomogenise *h = run->h;
  const PetscInt most = run->done * LH_EFFECTIVE_NUM;
  char(*names)[NAME_MAX_LENGTH];
  LhObservable *list;
  PetscInt n = 0;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(most, &list, most, &names));
  for (PetscInt s = 0; s < run->done; s++) {
    for (PetscInt k = 0; k < LH_EFFECTIVE_NUM; k++) {
      const LhColumn *column = &lh_effective_columns[k];

      if (!IsWanted(h, k) || !isfinite(h->effective[s][k])) continue;  // not found: left out
      PetscCall(PetscSNPrintf(names[n], NAME_MAX_LENGTH, "%s_s%03d", column->name,
                              (int)lround(100. * h->keys.stripped.v[s])));
      list[n] = (LhObservable){
          .name = names[n],
          .unit = column->unit,
          .meaning = column->meaning,
          .value = h->effective[s][k],
          .number_class = k == LH_EFFECTIVE_STRIPPED ? LH_CLASS_INPUT : LH_CLASS_PREDICTED};
      n++;
    }
  }
  PetscCall(LhOutputObservables(run->output, n, list));
  PetscCall(PetscFree2(list, names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteTables(const LhHomogeniseRun *run) {
  const LhHomogenise *h = run->h;
  const PetscInt num_states = run->done;
  LhColumn columns[LH_EFFECTIVE_NUM];
  LhOutputTable tables[1 + LH_HOMOGENISE_MAX_STATES];
  char names[LH_HOMOGENISE_MAX_STATES][32];
  PetscReal *states, *curves;
  PetscInt n = 1, width = 0;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < LH_EFFECTIVE_NUM; k++) {
    if (IsWanted(h, k)) columns[width++] = lh_effective_columns[k];
  }
  PetscCall(PetscMalloc2(num_states * width, &states, num_states * 2 * LH_HOMOGENISE_MAX_POINTS,
                         &curves));
  for (PetscInt s = 0, to = 0; s < num_states; s++) {
    for (PetscInt k = 0; k < LH_EFFECTIVE_NUM; k++) {
      if (IsWanted(h, k)) states[to++] = h->effective[s][k];
    }
  }
  tables[0] = (LhOutputTable){"states", num_states, width, columns, states};
  for (PetscInt s = 0; s < num_states; s++) {
    const LhCompaction *curve = &h->compaction[s];
    PetscReal *values = curves + s * 2 * LH_HOMOGENISE_MAX_POINTS;

    if (!curve->num) continue;
    for (PetscInt i = 0; i < curve->num; i++) {
      values[2 * i] = curve->stretch[i];
      values[2 * i + 1] = curve->pressure[i];
    }
    PetscCall(PetscSNPrintf(names[s], sizeof(names[s]), "compaction_s%03d",
                            (int)lround(100. * h->keys.stripped.v[s])));
    tables[n++] = (LhOutputTable){names[s], curve->num, 2, curve_columns, values};
  }
  PetscCall(LhOutputTables(run->output, "effective.h5", n, tables));
  PetscCall(PetscFree2(states, curves));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void PrintNumber(FILE *text, PetscReal value) {
  if (isfinite(value))
    fprintf(text, "%.9g", (double)value);
  else
    fputs("null", text);
}

static void PrintStates(const LhHomogeniseRun *run, FILE *text) {
  const LhHomogenise *h = run->h;

  fputs("columns:\n", text);
  for (PetscInt k = 0; k < LH_EFFECTIVE_NUM; k++) {
    const LhColumn *column = &lh_effective_columns[k];

    if (!IsWanted(h, k)) continue;
    fprintf(text, "  %s: {unit: \"%s\", meaning: \"%s\"}\n", column->name, column->unit,
            column->meaning);
  }
  fputs("states:\n", text);
  for (PetscInt s = 0; s < run->done; s++) {
    const char *lead = "  - ";

    for (PetscInt k = 0; k < LH_EFFECTIVE_NUM; k++) {
      if (!IsWanted(h, k)) continue;
      fprintf(text, "%s%s: ", lead, lh_effective_columns[k].name);
      PrintNumber(text, h->effective[s][k]);
      fputc('\n', text);
      lead = "    ";
    }
  }
}

static void PrintCurves(const LhHomogeniseRun *run, FILE *text) {
  const LhHomogenise *h = run->h;

  fputs("compaction: # F_zz [1], minus the mean stress zz [Pa]\n", text);
  for (PetscInt s = 0; s < run->done; s++) {
    const LhCompaction *curve = &h->compaction[s];

    if (!curve->num) continue;
    fprintf(text, "  - stripped: %.9g\n    end: %s\n    points:\n", (double)h->keys.stripped.v[s],
            lh_compaction_ends[curve->end]);
    for (PetscInt i = 0; i < curve->num; i++)
      fprintf(text, "      - [%.9g, %.9g]\n", (double)curve->stretch[i],
              (double)curve->pressure[i]);
  }
}

static PetscErrorCode WriteYaml(const LhHomogeniseRun *run) {
  const LhHomogenise *h = run->h;
  char *bytes = NULL;
  size_t size = 0;
  FILE *text = open_memstream(&bytes, &size);

  PetscFunctionBegin;
  PetscCheck(text, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for effective.yaml");
  fputs(
      "# Effective properties by state of strip, SI; null: not found (docs/user/homogenise.md).\n",
      text);
  fprintf(text, "strain_rate: %.9g # 1/s\n", (double)h->keys.strain_rate);
  PrintStates(run, text);
  if (h->part[LH_PART_COMPACTION]) PrintCurves(run, text);
  PetscCheck(!fclose(text), PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for effective.yaml");
  PetscCall(LhOutputText(run->output, "effective.yaml", bytes));
  free(bytes);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHomogeniseWrite(LhHomogeniseRun *run) {
  PetscFunctionBegin;
  PetscCall(WriteObservables(run));
  PetscCall(WriteTables(run));
  PetscCall(WriteYaml(run));
  if (*run->h->keys.base) PetscCall(LhHomogeniseMaterial(run));
  PetscFunctionReturn(PETSC_SUCCESS);
}
