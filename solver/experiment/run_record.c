/// @file
/// What a run says of itself: run.json with counters and times, observables.json with the key numbers.
#include <idas/idas.h>
#include <petsctime.h>
#include <sundials/sundials_version.h>

#include "base/hash.h"
#include "experiment/run_private.h"

enum {
  CNT_STEPS,
  CNT_NEWTON,
  CNT_KRYLOV,
  CNT_SOLVES,
  CNT_JACOBIANS,
  CNT_PRECONDITIONERS,
  CNT_ERROR_FAILURES,
  CNT_NEWTON_FAILURES,
  CNT_WINDOWS,
  CNT_REPEATS,
  CNT_COUPLING_ERROR,
  CNT_MECH_SOLVES,
  CNT_MECH_NEWTON,
  CNT_MECH_KRYLOV,
  CNT_MECH_SETUPS,
  CNT_LITHIUM_ERROR,
  CNT_CHARGE_ERROR,
  NUM_COUNTERS
};
static const LhColumn counters[NUM_COUNTERS] = {
    [CNT_STEPS] = {"time_steps",                      "1", "accepted steps of the time integration"},
    [CNT_NEWTON] = {"newton_iterations",               "1", "of the electrochemistry"               },
    [CNT_KRYLOV] = {"krylov_iterations",               "1", "of the electrochemistry"               },
    [CNT_SOLVES] = {"linear_solves",                   "1", "of the electrochemistry"               },
    [CNT_JACOBIANS] = {"jacobians",                       "1", "matrices assembled"                    },
    [CNT_PRECONDITIONERS] = {"preconditioner_setups",           "1", "of the electrochemistry"               },
    [CNT_ERROR_FAILURES] = {"error_test_failures",             "1", "steps repeated for accuracy"           },
    [CNT_NEWTON_FAILURES] = {"newton_failures",                 "1",
                   "steps repeated because Newton's method did not converge"                       },
    [CNT_WINDOWS] = {"coupling_windows",                "1", "mechanical equilibria"                 },
    [CNT_REPEATS] = {"coupling_repeats",                "1", "windows integrated again"              },
    [CNT_COUPLING_ERROR] = {"coupling_error",                  "1", "largest of a window"                   },
    [CNT_MECH_SOLVES] = {"mechanics_solves",                "1", ""                                      },
    [CNT_MECH_NEWTON] = {"mechanics_newton_iterations",     "1", ""                                      },
    [CNT_MECH_KRYLOV] = {"mechanics_krylov_iterations",     "1", ""                                      },
    [CNT_MECH_SETUPS] = {"mechanics_preconditioner_setups", "1", ""                                      },
    [CNT_LITHIUM_ERROR] = {"lithium_error",                   "1", "largest closure error of the inventory"},
    [CNT_CHARGE_ERROR] = {"charge_error",                    "1", "largest closure error of the charge"   },
};

static PetscErrorCode Count(LhRun *run, PetscReal v[NUM_COUNTERS]) {
  LhCase c = run->c;
  LhEcSolverStats e;
  LhCouplingStats k;

  PetscFunctionBegin;
  PetscCall(PetscArrayzero(v, NUM_COUNTERS));
  PetscCall(LhEcSolverGetStats(c->solver, &e));
  PetscCall(LhCouplingGetStats(c->coupling, &k));
  v[CNT_STEPS] = e.steps;
  v[CNT_NEWTON] = e.newton;
  v[CNT_KRYLOV] = e.krylov;
  v[CNT_SOLVES] = e.solves;
  v[CNT_JACOBIANS] = e.jacobians;
  v[CNT_PRECONDITIONERS] = e.preconditioners;
  v[CNT_ERROR_FAILURES] = e.error_failures;
  v[CNT_NEWTON_FAILURES] = e.newton_failures;
  v[CNT_WINDOWS] = k.windows;
  v[CNT_REPEATS] = k.repeats;
  v[CNT_COUPLING_ERROR] = k.worst_error;
  v[CNT_LITHIUM_ERROR] = run->worst_lithium;
  v[CNT_CHARGE_ERROR] = run->worst_charge;
  if (c->mechanics_solver) {
    LhMechanicsSolverStats m;

    PetscCall(LhMechanicsSolverGetStats(c->mechanics_solver, &m));
    v[CNT_MECH_SOLVES] = m.solves;
    v[CNT_MECH_NEWTON] = m.newton;
    v[CNT_MECH_KRYLOV] = m.krylov;
    v[CNT_MECH_SETUPS] = m.setups;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Seconds of the parts of the solvers, besides the phases of the timer.
static PetscErrorCode Times(LhRun *run, PetscReal seconds[8]) {
  LhEcSolverStats e;
  double s;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetStats(run->c->solver, &e));
  for (int p = 0; p < NUM_PHASES; p++) {
    PetscCall(LhTimerGetPhase(run->timer, run->phase[p], NULL, &s, NULL));
    seconds[p] = s;
  }
  seconds[3] = e.seconds_residual + e.seconds_jacobian;
  seconds[4] = e.seconds_setup;
  seconds[5] = e.seconds_solve;
  seconds[6] = seconds[7] = 0;
  if (run->c->mechanics_solver) {
    LhMechanicsSolverStats m;

    PetscCall(LhMechanicsSolverGetStats(run->c->mechanics_solver, &m));
    seconds[6] = m.assembly_seconds;
    seconds[7] = m.setup_seconds + m.linear_seconds;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, seconds, 8, MPIU_REAL, MPI_MAX, run->c->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunRecordWrite(LhRun *run, const char state[]) {
  static const LhColumn phases[8] = {
      {"electrochemistry",                "s", ""                        },
      {"mechanics",                       "s", ""                        },
      {"output",                          "s", ""                        },
      {"electrochemistry_assembly",       "s", "part of electrochemistry"},
      {"electrochemistry_preconditioner", "s", "part of electrochemistry"},
      {"electrochemistry_solve",          "s", "part of electrochemistry"},
      {"mechanics_assembly",              "s", "part of mechanics"       },
      {"mechanics_solve",                 "s", "part of mechanics"       }
  };
  PetscReal v[NUM_COUNTERS], seconds[8], s[LH_NUM_SCALARS];
  Vec y;
  char hash[LH_HASH_SIZE], version[64];
  const char *text;
  size_t size;
  LhRunRecord r;

  PetscFunctionBegin;
  PetscCall(Count(run, v));
  PetscCall(Times(run, seconds));
  PetscCall(LhEcSolverGetState(run->c->solver, NULL, &y, NULL));
  PetscCall(LhElectrochemGetScalars(run->c->electrochem, y, s));
  PetscCall(LhDocGetText(run->c->doc, &text, &size));
  LhHashBytes(text, size, hash);
  SUNDIALSGetVersion(version, sizeof(version));
  r = (LhRunRecord){.state = state,
                    .stop_reason = run->reason,
                    .case_name = run->c->name,
                    .case_hash = hash,
                    .sundials_version = version,
                    .progress = run->capacity > 0 ? s[LH_CHARGE] / run->capacity : 0,
                    .time_left = run->time_left,
                    .checkpoint = run->checkpoint[0] ? run->checkpoint : NULL,
                    .checkpoint_time = run->checkpoint_time,
                    .resumes = run->resumes,
                    .num_counters = NUM_COUNTERS,
                    .counter_names = counters,
                    .counters = v,
                    .num_phases = 8,
                    .phase_names = phases,
                    .phase_seconds = seconds};
  PetscCall(LhOutputRunRecord(run->output, &r));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunObservables(LhRun *run) {
  LhCase c = run->c;
  const LhMeshView *mesh;
  const LhMaterialData *host = NULL;
  PetscReal s[LH_NUM_SCALARS], mass, t;
  Vec y;
  LhInventory inventory;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  for (PetscInt r = mesh->num_regions - 1; r >= 0; r--) {
    if (c->materials[r]->kind == LH_MATERIAL_HOST) host = c->materials[r];
  }
  PetscCall(LhEcSolverGetState(c->solver, &t, &y, NULL));
  PetscCall(LhElectrochemGetScalars(c->electrochem, y, s));
  PetscCall(LhElectrochemGetInventory(c->electrochem, t, y, &inventory));
  mass = host ? run->thickness0 * host->composition.density * (1 - host->porosity)
              : 1;  // per area [kg/m^2]
  {
    const PetscReal q = s[LH_CHARGE] / run->area, h = PetscMax(run->thickness0, PETSC_SMALL);
    const LhObservable list[] = {
        {"areal_capacity",           "mA.h/cm^2", "charge stripped per area of the foil until the end",
         q / 36000,                                                                                                                                  LH_CLASS_PREDICTED},
        {"gravimetric_capacity",     "mA.h/g",    "charge stripped per mass of the foil until the end",
         mass > 0 ? q / mass / 3600 : 0,                                                                                                             LH_CLASS_PREDICTED},
        {"areal_capacity_as_made",   "mA.h/cm^2",
         "charge of all the lithium in the foil as made, per area",                                               run->capacity / run->area / 36000, LH_CLASS_INPUT    },
        {"areal_capacity_to_0.1_V",  "mA.h/cm^2", "charge when the voltage first passed 0.1 V",
         run->plateau_end > 0 ? run->plateau_end / 36000 : NAN,                                                                                      LH_CLASS_PREDICTED},
        {"voltage_at_half",          "V",         "voltage at 50 % of the capacity",                              run->voltage_half,
         LH_CLASS_PREDICTED                                                                                                                                            },
        {"thickness_change",         "1",
         "change of the foil's thickness at the end over its first thickness",                                    run->thickness.total / h,          LH_CLASS_PREDICTED},
        {"thickness_change_growth",  "1",
         "its part from the changing volume of the solids (alloy, nanotubes)",                                    run->thickness.growth / h,         LH_CLASS_PREDICTED},
        {"thickness_change_elastic", "1",         "its part from elastic strain, which would come back",
         run->thickness.elastic / h,                                                                                                                 LH_CLASS_PREDICTED},
        {"thickness_change_plastic", "1",
         "its part from plastic flow, creep and compaction, which would stay",                                    run->thickness.plastic / h,        LH_CLASS_PREDICTED},
        {"mean_porosity",            "1",         "mean share of pores in the foil at the end",
         inventory.mean_porosity,                                                                                                                    LH_CLASS_PREDICTED},
        {"lithium_error",            "1",         "largest share of the lithium that the balance lost or gained",
         run->worst_lithium,                                                                                                                         LH_CLASS_NUMERICAL},
        {"charge_error",             "1",         "largest share of the charge that the balance lost or gained",
         run->worst_charge,                                                                                                                          LH_CLASS_NUMERICAL},
    };

    PetscCall(LhOutputObservables(run->output, (PetscInt)PETSC_STATIC_ARRAY_LENGTH(list), list));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
