/// @file
/// Private data of a run, shared by experiment/run*.c only.
#pragma once

#include "experiment/run.h"
#include "io/checkpoint.h"

#define LH_RUN_LIMITS 4  ///< most limits of a step

/// Columns of series.csv.
enum {
  COL_TIME,
  COL_STEP,
  COL_VOLTAGE,
  COL_CURRENT,
  COL_CAPACITY,
  COL_SHARE,
  COL_THICKNESS,
  COL_GROWTH,
  COL_ELASTIC,
  COL_PLASTIC,
  COL_POROSITY,
  COL_LITHIUM,
  COL_LIZN,
  COL_LITHIUM_ERROR,
  COL_CHARGE_ERROR,
  COL_STEP_SIZE,
  COL_ORDER,
  COL_COUNTER,
  COL_MIN_C,
  COL_MAX_C,
  COL_PRESSURE,
  COL_COUPLING_ERROR,
  NUM_COLUMNS
};
extern const LhColumn lh_run_columns[NUM_COLUMNS];

/// Wall-time phases.
enum { PHASE_ELECTROCHEMISTRY, PHASE_MECHANICS, PHASE_OUTPUT, NUM_PHASES };

typedef struct {
  LhCase c;
  LhOutput output;
  LhSeries series, history;
  LhTimer timer;
  PetscInt phase[NUM_PHASES];
  PetscReal area, capacity;           ///< [m^2], [C]
  PetscReal thickness0;               ///< of the host as rolled [m]
  PetscReal start_wall, last_record;  ///< [s]
  PetscInt step_index, next_state;
  PetscReal step_time0;  ///< at the beginning of the present step
  PetscInt num_limits;   ///< of the present step
  LhLimit limits[LH_RUN_LIMITS];
  // checkpoints
  char *input;                ///< what a checkpoint must have been made from
  PetscBool inside;           ///< resumed inside the step, not at its beginning
  PetscBool state_passed;     ///< fields were written since the last checkpoint
  PetscInt windows;           ///< since the beginning of the run
  PetscInt resumes;           ///< how often it went on after a stop
  PetscReal first_step;       ///< of the integrator after the last checkpoint [s]
  PetscReal last_checkpoint;  ///< [s] of wall time
  char checkpoint[PETSC_MAX_PATH_LEN];
  PetscReal checkpoint_time;  ///< [s]
  PetscReal time_left;        ///< estimate, infinite when unknown [s]
  // rows of the open window, written when its mechanics is known
  PetscReal (*rows)[NUM_COLUMNS];
  PetscInt num_rows, max_rows;
  LhMechThickness thickness, thickness_before;
  PetscReal worst_lithium, worst_charge, last_error;
  PetscReal voltage_half;  ///< voltage when half the capacity was stripped [V]
  PetscReal last_share, last_voltage, last_capacity;  ///< of the row before, to interpolate from
  PetscReal plateau_end;  ///< charge per area when the voltage first passed 0.1 V [C/m^2]
  // fields for output, sized once
  PetscReal *work[24];
  PetscInt num_work;
  PetscBool is_beyond;  ///< a skeleton is denser than its law has data for, which was told
  char reason[512];
  LhExit exit_code;
  PetscBool finished;
} LhRun;

/// Takes a cell through the steps of a protocol.
PetscErrorCode LhProtocolRun(LhCase c, LhExit *exit_code);
/// Goes on from the checkpoint of the run's folder, from the beginning when it has none.
PetscErrorCode LhProtocolResume(LhCase c, LhExit *exit_code);
/// A good place: acts on signals and requests, writes a checkpoint when one is due. `inside` a step, or before
/// step `step_index` begins.
PetscErrorCode LhRunCheckpoint(LhRun *run, PetscBool inside);
/// Starts the integrator anew inside a step, where a checkpoint was written or read.
PetscErrorCode LhRunAnchor(LhRun *run);
/// Opens folder and tables at a checkpoint and takes the state from it; diagnostics when `*ok` is false.
PetscErrorCode LhRunRestore(LhRun *run, LhCheckpoint checkpoint, PetscBool *ok);
/// Ends the run with a named reason.
PetscErrorCode LhRunFinish(LhRun *run, LhExit code, const char format[], ...);
/// The integrator gave up: names the exhaustion of the salt where that is why. Collective.
PetscErrorCode LhRunFinishIntegration(LhRun *run);
/// Mechanics gave up with `failure`: names a collapse when cells have lost all that carries load. Collective.
PetscErrorCode LhRunFinishMechanics(LhRun *run, PetscReal t, Vec y, const char failure[]);
PetscErrorCode LhRunRow(LhRun *run);
PetscErrorCode LhRunFlushRows(LhRun *run, PetscReal t0, PetscReal t1);
PetscErrorCode LhRunFields(LhRun *run, PetscReal share);
PetscErrorCode LhRunFieldsNow(LhRun *run);
PetscErrorCode LhRunRecordWrite(LhRun *run, const char state[]);
PetscErrorCode LhRunObservables(LhRun *run);
PetscErrorCode LhRunThickness(LhRun *run);
