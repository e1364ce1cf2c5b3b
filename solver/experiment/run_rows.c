/// @file
/// Rows of series.csv. Within a window thickness is interpolated between the mechanical states at its ends.
#include "experiment/run_private.h"

const LhColumn lh_run_columns[NUM_COLUMNS] = {
    [COL_TIME] = {"time",                     "s",       "time since the start"                                    },
    [COL_STEP] = {"step",                     "1",       "number of the protocol's step, from 1"                   },
    [COL_VOLTAGE] = {"voltage",                  "V",       "of the working over the counter electrode"               },
    [COL_CURRENT] = {"current_density",          "A m-2",
                  "per area of the working electrode, stripping positive"                                          },
    [COL_CAPACITY] = {"capacity",                 "C m-2",   "charge stripped per area since the start"                },
    [COL_SHARE] = {"share_stripped",           "1",       "charge stripped over the capacity as made"               },
    [COL_THICKNESS] = {"thickness_change",         "1",
                  "change of the foil's thickness over its thickness as rolled"                                    },
    [COL_GROWTH] = {"thickness_change_growth",  "1",
                  "its part from volume change of the host's solids"                                               },
    [COL_ELASTIC] = {"thickness_change_elastic", "1",       "its elastic part"                                        },
    [COL_PLASTIC] = {"thickness_change_plastic", "1",
                  "its part from plastic flow, creep, compaction"                                                  },
    [COL_POROSITY] = {"mean_porosity",            "1",       "of the host"                                             },
    [COL_LITHIUM] = {"lithium_left",             "1",       "free lithium over its content as made"                   },
    [COL_LIZN] = {"lizn_left",                "1",       "lithium in the second reservoir over its content as made"},
    [COL_LITHIUM_ERROR] = {"lithium_error",            "1",       "closure of the lithium inventory"                        },
    [COL_CHARGE_ERROR] = {"charge_error",             "1",
                  "charge at the working over the counter electrode, minus one"                                    },
    [COL_STEP_SIZE] = {"step_size",                "s",       "time step"                                               },
    [COL_ORDER] = {"order",                    "1",       "order of the integration formula"                        },
    [COL_COUNTER] = {"counter_thickness",        "m",       "growth of the lithium counter foil"                      },
    [COL_MIN_C] = {"min_concentration",        "mol m-3", "smallest salt concentration"                             },
    [COL_MAX_C] = {"max_concentration",        "mol m-3", "largest salt concentration"                              },
    [COL_PRESSURE] = {"stack_pressure",           "Pa",      "pressure on the foil"                                    },
    [COL_COUPLING_ERROR] = {"coupling_error",           "1",
                  "deformation foreseen minus solved in the last window"                                           },
};

PetscErrorCode LhRunRow(LhRun *run) {
  LhCase c = run->c;
  PetscReal t, s[LH_NUM_SCALARS], *row;
  Vec y;
  LhInventory inventory;
  LhEcSolverStats stats;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetState(c->solver, &t, &y, NULL));
  PetscCall(LhElectrochemGetScalars(c->electrochem, y, s));
  PetscCall(LhElectrochemGetInventory(c->electrochem, t, y, &inventory));
  PetscCall(LhEcSolverGetStats(c->solver, &stats));
  if (run->num_rows == run->max_rows) {
    run->max_rows = 2 * run->max_rows + 64;
    PetscCall(PetscRealloc(run->max_rows * sizeof(*run->rows), &run->rows));
  }
  row = run->rows[run->num_rows++];
  row[COL_TIME] = t;
  row[COL_STEP] = run->step_index + 1;
  row[COL_VOLTAGE] = s[LH_VOLTAGE];
  row[COL_CURRENT] = s[LH_TOTAL_CURRENT] / run->area;
  row[COL_CAPACITY] = s[LH_CHARGE] / run->area;
  row[COL_SHARE] = run->capacity > 0 ? s[LH_CHARGE] / run->capacity : 0;
  row[COL_POROSITY] = inventory.mean_porosity;
  {
    LhElectrochemFacts facts;

    PetscCall(LhElectrochemGetFacts(c->electrochem, &facts));
    row[COL_LITHIUM] =
        facts.capacity[0] > 0 ? inventory.host[0] * LH_FARADAY / facts.capacity[0] : 0;
    row[COL_LIZN] = facts.capacity[1] > 0 ? inventory.host[1] * LH_FARADAY / facts.capacity[1] : 0;
  }
  row[COL_LITHIUM_ERROR] = inventory.lithium_error;
  row[COL_CHARGE_ERROR] = inventory.charge_error;
  row[COL_STEP_SIZE] = stats.step;
  row[COL_ORDER] = stats.order;
  row[COL_COUNTER] =
      s[LH_COUNTER_CHARGE] / run->area / LH_FARADAY * c->electrodes[LH_COUNTER].molar_volume;
  row[COL_MIN_C] = inventory.min_concentration;
  row[COL_MAX_C] = inventory.max_concentration;
  row[COL_PRESSURE] = c->mechanics ? c->mechanics_spec.stack_pressure : 0;
  run->worst_lithium = PetscMax(run->worst_lithium, PetscAbsReal(inventory.lithium_error));
  run->worst_charge = PetscMax(run->worst_charge, PetscAbsReal(inventory.charge_error));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Thickness at share `f` of the window.
static void Thickness(const LhRun *run, PetscReal f, PetscReal row[]) {
  const LhMechThickness *a = &run->thickness_before, *b = &run->thickness;
  const PetscReal h = run->thickness0 > 0 ? run->thickness0 : 1;

  row[COL_THICKNESS] = ((1 - f) * a->total + f * b->total) / h;
  row[COL_GROWTH] = ((1 - f) * a->growth + f * b->growth) / h;
  row[COL_ELASTIC] = ((1 - f) * a->elastic + f * b->elastic) / h;
  row[COL_PLASTIC] = ((1 - f) * a->plastic + f * b->plastic) / h;
}

/// y where x passes `level` on the line between two rows.
static PetscReal Crossing(PetscReal level, PetscReal x0, PetscReal x1, PetscReal y0, PetscReal y1) {
  return x1 > x0 ? y0 + (level - x0) / (x1 - x0) * (y1 - y0) : y1;
}

/// The voltage at half the capacity, and the charge at which it first passes 0.1 V.
static void Landmarks(LhRun *run, const PetscReal row[]) {
  if (run->last_share < 0.5 && row[COL_SHARE] >= 0.5)
    run->voltage_half =
        Crossing(0.5, run->last_share, row[COL_SHARE], run->last_voltage, row[COL_VOLTAGE]);
  if (run->plateau_end <= 0 && row[COL_VOLTAGE] > 0.1)
    run->plateau_end =
        Crossing(0.1, run->last_voltage, row[COL_VOLTAGE], run->last_capacity, row[COL_CAPACITY]);
  run->last_share = row[COL_SHARE];
  run->last_voltage = row[COL_VOLTAGE];
  run->last_capacity = row[COL_CAPACITY];
}

PetscErrorCode LhRunFlushRows(LhRun *run, PetscReal t0, PetscReal t1) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < run->num_rows; i++) {
    PetscReal *row = run->rows[i];
    const LhHistoryRow history = {.time = row[COL_TIME],
                                  .current = row[COL_CURRENT] * run->area,
                                  .voltage = row[COL_VOLTAGE],
                                  .pressure = row[COL_PRESSURE]};

    Thickness(run, t1 > t0 ? (row[COL_TIME] - t0) / (t1 - t0) : 1, row);
    row[COL_COUPLING_ERROR] = run->last_error;
    Landmarks(run, row);
    PetscCall(LhSeriesAppend(run->series, row));
    PetscCall(LhHistoryAppend(run->history, &history));
  }
  run->num_rows = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Once: a skeleton has left the curve it was given.
static PetscErrorCode TellBeyond(LhRun *run) {
  PetscReal t;
  double ratio;

  PetscFunctionBegin;
  PetscCall(LhMechanicsGetDensest(run->c->mechanics, &ratio));
  if (ratio <= 1. || run->is_beyond) PetscFunctionReturn(PETSC_SUCCESS);
  run->is_beyond = PETSC_TRUE;
  PetscCall(LhEcSolverGetState(run->c->solver, &t, NULL, NULL));
  PetscCall(LhOutputEvent(run->output, t, "skeleton",
                          "denser than the table of its law reaches, %.3g times", ratio));
  PetscCall(LhOutputLog(run->output,
                        "the skeleton is %.3g times as dense as the table of its law reaches: from "
                        "t = %.6g s on its strength is an extrapolation "
                        "(relative_densities of skeleton_table)",
                        ratio, (double)t));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunThickness(LhRun *run) {
  LhCase c = run->c;
  PetscInt surface;

  PetscFunctionBegin;
  run->thickness_before = run->thickness;
  if (!c->mechanics) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMeshFindSurface(c->mesh, c->mechanics_spec.bottom, &surface));
  PetscCall(LhMechanicsGetThickness(c->mechanics, surface, &run->thickness));
  PetscCall(TellBeyond(run));
  PetscFunctionReturn(PETSC_SUCCESS);
}
