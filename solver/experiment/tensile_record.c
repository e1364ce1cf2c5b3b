/// @file
/// What a pull leaves: rows of series.csv, fields, observables, run record.
#include <math.h>

#include "base/hash.h"
#include "experiment/tensile_run.h"

const LhColumn lh_tensile_columns[TENSILE_NUM] = {
    [TENSILE_TIME] = {"time",              "s",     "since the start"                                },
    [TENSILE_STRAIN] = {"strain",            "1",     "nominal strain e of the gauge"                  },
    [TENSILE_LOG_STRAIN] = {"log_strain",        "1",     "ln(1 + e)"                                      },
    [TENSILE_STRESS] = {"nominal_stress",    "Pa",    "force over the gauge section as made"           },
    [TENSILE_TRUE_STRESS] = {"true_stress",       "Pa",
                      "of a volume: mean Cauchy stress; of a bar: nominal times (1 + e)"             },
    [TENSILE_ACROSS_1] = {"strain_across_1",   "1",     "mean nominal strain in the next direction"      },
    [TENSILE_ACROSS_2] = {"strain_across_2",   "1",     "and in the one after"                           },
    [TENSILE_WORK] = {"work",              "J m-3", "done on the body, per volume"                   },
    [TENSILE_STORED] = {"stored",            "J m-3", "elastic energy of the cells, per volume"        },
    [TENSILE_FLOW] = {"plastic_work",      "J m-3", "dissipated by flow, per volume"                 },
    [TENSILE_DAMAGE_ENERGY] = {"damage_energy",     "J m-3", "dissipated by damage, per volume"               },
    [TENSILE_FIBRE_ENERGY] = {"fibre_energy",      "J m-3",
                      "stored and dissipated by the fibres, per volume"                              },
    [TENSILE_BALANCE] = {"energy_error",      "1",     "energies over work, minus one"                  },
    [TENSILE_DAMAGE] = {"damage",            "1",     "largest of a point"                             },
    [TENSILE_FIBRE_STRESS] = {"fibre_stress",      "Pa",    "mean over the length of the fibres"             },
    [TENSILE_BROKEN] = {"broken_fibres",     "1",     "fibres with a break"                            },
    [TENSILE_PASSES] = {"passes",            "1",     "between equilibrium and damage, since the start"},
    [TENSILE_NEWTON] = {"newton_iterations", "1",     "since the start"                                },
    [TENSILE_KRYLOV] = {"krylov_iterations", "1",     "of mechanics, since the start"                  },
    [TENSILE_STEP] = {"step",              "1",     "step of the nominal strain"                     },
};

PetscErrorCode LhTensileBalance(const LhTensileRunData *run, LhEnergySums *sums,
                                LhFibreSummary *fibres, PetscReal *balance) {
  PetscReal total;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(fibres, sizeof(*fibres)));
  if (run->t->fibre_term) PetscCall(LhFibreTermGetSummary(run->t->fibre_term, fibres));
  PetscCall(LhEnergyGetSums(run->t->energy, sums));
  total = sums->stored + sums->flow + sums->damage + fibres->stored + fibres->friction +
          fibres->rupture;
  *balance = run->now.work != 0. ? total / run->now.work - 1. : 0.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileRow(LhTensileRunData *run) {
  const LhTensilePoint *p = &run->now;
  const PetscReal volume = run->t->volume;
  PetscReal row[TENSILE_NUM], balance;
  LhMechanicsSolverStats m;
  LhDamageSolverStats d;
  LhFibreSummary fibres;
  LhEnergySums sums;

  PetscFunctionBegin;
  PetscCall(LhTensileBalance(run, &sums, &fibres, &balance));
  PetscCall(LhMechanicsSolverGetStats(run->c->mechanics_solver, &m));
  PetscCall(LhDamageSolverGetStats(run->t->solver, &d));
  run->worst_energy = PetscMax(run->worst_energy, PetscAbsReal(balance * p->work));
  if (p->stress >= run->peak.stress) run->peak_fibre_stress = fibres.mean_stress;
  row[TENSILE_TIME] = p->time;
  row[TENSILE_STRAIN] = p->strain;
  row[TENSILE_LOG_STRAIN] = log1p(p->strain);
  row[TENSILE_STRESS] = p->stress;
  row[TENSILE_TRUE_STRESS] = p->true_stress;
  row[TENSILE_ACROSS_1] = p->across[0];
  row[TENSILE_ACROSS_2] = p->across[1];
  row[TENSILE_WORK] = p->work / volume;
  row[TENSILE_STORED] = sums.stored / volume;
  row[TENSILE_FLOW] = sums.flow / volume;
  row[TENSILE_DAMAGE_ENERGY] = sums.damage / volume;
  row[TENSILE_FIBRE_ENERGY] = (fibres.stored + fibres.friction + fibres.rupture) / volume;
  row[TENSILE_BALANCE] = balance;
  row[TENSILE_DAMAGE] = p->damage;
  row[TENSILE_FIBRE_STRESS] = fibres.mean_stress;
  row[TENSILE_BROKEN] = fibres.num_broken;
  row[TENSILE_PASSES] = d.passes;
  row[TENSILE_NEWTON] = m.newton;
  row[TENSILE_KRYLOV] = m.krylov;
  row[TENSILE_STEP] = run->step;
  PetscCall(LhSeriesAppend(run->series, row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Values by position in the space become values by mesh cell; 0 outside.
static PetscErrorCode ToMesh(const LhSpaceView *view, const double by_position[], PetscInt stride,
                             PetscInt offset, PetscReal by_cell[]) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < view->num_cells; i++)
    by_cell[view->cells[i]] = by_position[stride * i + offset];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AllocateFields(LhTensileRunData *run, const LhMeshView *mesh) {
  PetscFunctionBegin;
  if (run->vertices) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscCalloc1(3 * mesh->num_vertices + 1, &run->vertices));
  for (int k = 0; k < 8; k++) PetscCall(PetscCalloc1(mesh->num_cells + 1, &run->fields[k]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FillFields(LhTensileRunData *run, const LhMeshView *mesh) {
  LhCase c = run->c;
  const LhSpaceView *view;
  LhMechCellFields cells;
  double *work[2];
  LhSpace space;

  PetscFunctionBegin;
  PetscCall(LhMechanicsGetSpace(c->mechanics, &space));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhMechanicsUpdateFields(c->mechanics));
  PetscCall(LhMechanicsGetCellFields(c->mechanics, &cells));
  PetscCall(LhMechanicsGetVertexDisplacement(c->mechanics, run->vertices));
  PetscCall(PetscMalloc2(view->num_cells + 1, &work[0], view->num_cells + 1, &work[1]));
  PetscCall(LhDamageGetCells(run->t->damage_problem, work[0], work[1]));
  PetscCall(ToMesh(view, work[0], 1, 0, run->fields[0]));
  PetscCall(ToMesh(view, work[1], 1, 0, run->fields[1]));
  PetscCall(PetscFree2(work[0], work[1]));
  PetscCall(ToMesh(view, cells.von_mises, 1, 0, run->fields[2]));
  PetscCall(ToMesh(view, cells.pressure, 1, 0, run->fields[3]));
  PetscCall(ToMesh(view, cells.cauchy, 6, run->t->keys.axis, run->fields[4]));
  for (PetscInt i = 0; i < mesh->num_cells; i++) run->fields[5][i] = mesh->cell_region[i];
  if (run->t->fibre_term) {
    const double *fraction;

    PetscCall(LhFibreTermGetVolumeFraction(run->t->fibre_term, &fraction));
    PetscCall(ToMesh(view, fraction, 1, 0, run->fields[6]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileFields(LhTensileRunData *run) {
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhTimerStart(run->timer, run->phase[TENSILE_PHASE_OUTPUT]));
  PetscCall(LhMeshGetView(run->c->mesh, &mesh));
  PetscCall(AllocateFields(run, mesh));
  PetscCall(FillFields(run, mesh));
  {
    const LhOutputField list[] = {
        {"displacement",   "m",  "from the body as made",                 LH_AT_VERTICES, 3, run->vertices },
        {"damage",         "1",  "D, mean of the cell",                   LH_AT_CELLS,    1, run->fields[0]},
        {"driving_strain", "1",  "largest average of the driving strain", LH_AT_CELLS,    1,
         run->fields[1]                                                                                    },
        {"von_mises",      "Pa", "von Mises stress",                      LH_AT_CELLS,    1, run->fields[2]},
        {"pressure",       "Pa", "-tr(sigma)/3",                          LH_AT_CELLS,    1, run->fields[3]},
        {"axial_stress",   "Pa", "Cauchy stress along the axis",          LH_AT_CELLS,    1, run->fields[4]},
        {"region",         "1",  "number of the region",                  LH_AT_CELLS,    1, run->fields[5]},
        {"fibre_fraction", "1",  "volume of fibre per volume",            LH_AT_CELLS,    1, run->fields[6]},
    };

    PetscCall(LhOutputFields(run->output, run->now.time, run->now.strain,
                             (PetscInt)PETSC_STATIC_ARRAY_LENGTH(list), list));
  }
  PetscCall(LhTimerStop(run->timer, run->phase[TENSILE_PHASE_OUTPUT]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Largest size factor of a region, which is calibrated when it is not 1.
static PetscReal LargestFactor(LhCase c) {
  const LhMeshView *mesh;
  PetscReal largest = 0.;

  if (LhMeshGetView(c->mesh, &mesh)) return NAN;
  for (PetscInt r = 0; r < mesh->num_regions; r++)
    if (c->materials[r]) largest = PetscMax(largest, c->materials[r]->strengthening);
  return largest;
}

PetscErrorCode LhTensileObservables(LhTensileRunData *run) {
  const LhTensile *t = run->t;
  const PetscReal factor = LargestFactor(run->c);
  const PetscReal after = run->rupture_energy - run->peak.toughness;
  const PetscReal error = run->now.work > 0. ? run->worst_energy / run->now.work : 0.;
  // A size factor is fitted to the height of the curve, and with it to the area below.
  const LhNumberClass fitted = factor == 1. ? LH_CLASS_PREDICTED : LH_CLASS_CALIBRATED;
  const LhObservable list[] = {
      {"strength",             "MPa",   "largest force over the section before the pull",                run->peak.stress / 1e6,
       fitted                                                                                                                                                                                      },
      {"strain_at_strength",   "1",     "elongation over length at the largest force",                   run->peak.strain,
       LH_CLASS_PREDICTED                                                                                                                                                                          },
      {"elongation",           "1",
       "elongation over length at rupture, or at the end of the pull without one",                       run->rupture_strain,                   LH_CLASS_PREDICTED                                 },
      {"ruptured",             "1",
       "1: the body broke (the force fell to the stated share of its largest); 0: it did not",           run->ruptured ? 1. : 0.,               LH_CLASS_PREDICTED                                 },
      {"toughness",            "J/m^3",
       "work of the pull per volume until rupture: area below the curve of nominal stress",              run->rupture_energy,                   fitted                                             },
      {"toughness_to_peak",    "J/m^3", "part of the toughness spent before the largest force",
       run->peak.toughness,                                                                                                                     fitted                                             },
      {"toughness_after_peak", "J/m^3",
       "part spent after it, which depends on the length that is pulled",                                after,                                 fitted                                             },
      {"work_per_area",        "J/m^2",
       "work of the pull until rupture per section: toughness times length",                             run->rupture_energy * t->gauge_length, fitted                                             },
      {"modulus",              "GPa",   "stress over strain of the first step",                          run->modulus / 1e9,
       LH_CLASS_PREDICTED                                                                                                                                                                          },
      {"fibre_stress",         "MPa",   "mean stress of the fibres at the largest force",
       run->peak_fibre_stress / 1e6,                                                                                                            LH_CLASS_PREDICTED                                 },
      {"energy_error",         "1",
       "largest gap between the work of the pull and where it went, over all the work",                  error,
       LH_CLASS_NUMERICAL                                                                                                                                                                          },
      {"strain_rate",          "1/s",   "rate of the pull that the case asks for",                       t->keys.strain_rate,
       LH_CLASS_INPUT                                                                                                                                                                              },
      {"gauge_length",         "m",     "length over which the elongation is measured, before the pull",
       t->gauge_length,                                                                                                                         LH_CLASS_INPUT                                     },
      {"thickness",            "m",     "smaller size across the pull, before it",                       t->thickness,                          LH_CLASS_INPUT                                     },
      {"stripped",             "1",     "share of the free lithium that was removed before the pull",
       t->state.stripped,                                                                                                                       LH_CLASS_INPUT                                     },
      {"strengthening",        "1",
       "factor of small size on the flow stress of lithium; 1: none, else fitted to a measured "
       "pull",                                                                                           factor,                                factor == 1. ? LH_CLASS_INPUT : LH_CLASS_CALIBRATED},
  };

  PetscFunctionBegin;
  PetscCall(LhOutputObservables(run->output, (PetscInt)PETSC_STATIC_ARRAY_LENGTH(list), list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

enum {
  STEPS,
  REJECTED,
  TOO_LONG,
  RESTARTS,
  PASSES,
  NEWTON,
  KRYLOV,
  FIBRES,
  SETUPS,
  AVERAGE,
  BALANCE,
  NUM_COUNTERS
};
static const LhColumn counters[NUM_COUNTERS] = {
    [STEPS] = {"steps",                           "1", "accepted"                                     },
    [REJECTED] = {"rejected_steps",                  "1", "solver failed, tried again with a shorter one"},
    [TOO_LONG] = {"steps_too_long",                  "1", "done again because damage grew too much"      },
    [RESTARTS] = {"steps_from_rest",                 "1",
               "solver failed from the extrapolated start, tried from rest"                           },
    [PASSES] = {"passes",                          "1", "between equilibrium and damage"               },
    [NEWTON] = {"mechanics_newton_iterations",     "1", ""                                             },
    [KRYLOV] = {"mechanics_krylov_iterations",     "1", ""                                             },
    [FIBRES] = {"mechanics_fibre_iterations",      "1", "of balances of fibres alone, cells linear"    },
    [SETUPS] = {"mechanics_preconditioner_setups", "1", ""                                             },
    [AVERAGE] = {"damage_krylov_iterations",        "1", "of the averaging equations"                   },
    [BALANCE] = {"energy_error",                    "1", "largest gap over the work"                    },
};

PetscErrorCode LhTensileRecord(LhTensileRunData *run, const char state[]) {
  static const LhColumn phases[] = {
      {"solve",              "s", ""             },
      {"energy",             "s", ""             },
      {"output",             "s", ""             },
      {"mechanics_assembly", "s", "part of solve"},
      {"mechanics_setup",    "s", "part of solve"},
      {"mechanics_linear",   "s", "part of solve"},
      {"damage",             "s", "part of solve"}
  };
  enum { NUM_SECONDS = PETSC_STATIC_ARRAY_LENGTH(phases) };
  PetscReal v[NUM_COUNTERS], seconds[NUM_SECONDS];
  LhMechanicsSolverStats m;
  LhDamageSolverStats d;
  char hash[LH_HASH_SIZE];
  const char *text;
  size_t size;

  PetscFunctionBegin;
  PetscCall(LhMechanicsSolverGetStats(run->c->mechanics_solver, &m));
  PetscCall(LhDamageSolverGetStats(run->t->solver, &d));
  v[STEPS] = run->steps;
  v[REJECTED] = run->rejected;
  v[TOO_LONG] = run->too_long;
  v[RESTARTS] = d.failures - run->rejected;
  v[PASSES] = d.passes;
  v[NEWTON] = m.newton;
  v[KRYLOV] = m.krylov;
  v[FIBRES] = m.fibre_iterations;
  v[SETUPS] = m.setups;
  v[AVERAGE] = d.krylov;
  v[BALANCE] = run->now.work > 0. ? run->worst_energy / run->now.work : 0.;
  for (int p = 0; p < TENSILE_NUM_PHASES; p++)
    PetscCall(LhTimerGetPhase(run->timer, run->phase[p], NULL, &seconds[p], NULL));
  seconds[3] = m.assembly_seconds;
  seconds[4] = m.setup_seconds;
  seconds[5] = m.linear_seconds;
  seconds[6] = d.seconds;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, seconds, NUM_SECONDS, MPIU_REAL, MPI_MAX, run->c->comm));
  PetscCall(LhDocGetText(run->c->doc, &text, &size));
  LhHashBytes(text, size, hash);
  PetscCall(LhOutputRunRecord(
      run->output, &(LhRunRecord){.state = state,
                                  .stop_reason = run->reason,
                                  .case_name = run->c->name,
                                  .case_hash = hash,
                                  .progress = run->now.drive / run->t->keys.end_strain,
                                  .time_left = run->time_left,
                                  .checkpoint = run->checkpoint[0] ? run->checkpoint : NULL,
                                  .checkpoint_time = run->checkpoint_time,
                                  .resumes = run->resumes,
                                  .num_counters = NUM_COUNTERS,
                                  .counter_names = counters,
                                  .counters = v,
                                  .num_phases = NUM_SECONDS,
                                  .phase_names = phases,
                                  .phase_seconds = seconds}));
  PetscFunctionReturn(PETSC_SUCCESS);
}
