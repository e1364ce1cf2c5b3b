/// @file
/// Private data of a run of the experiment `tensile`, shared by experiment/tensile_*.c only.
#pragma once

#include "base/timer.h"
#include "experiment/resume.h"
#include "experiment/tensile.h"
#include "io/output.h"

/// Columns of series.csv.
enum {
  TENSILE_TIME,
  TENSILE_STRAIN,
  TENSILE_LOG_STRAIN,
  TENSILE_STRESS,
  TENSILE_TRUE_STRESS,
  TENSILE_ACROSS_1,
  TENSILE_ACROSS_2,
  TENSILE_WORK,
  TENSILE_STORED,
  TENSILE_FLOW,
  TENSILE_DAMAGE_ENERGY,
  TENSILE_FIBRE_ENERGY,
  TENSILE_BALANCE,
  TENSILE_DAMAGE,
  TENSILE_FIBRE_STRESS,
  TENSILE_BROKEN,
  TENSILE_PASSES,
  TENSILE_NEWTON,
  TENSILE_KRYLOV,
  TENSILE_STEP,
  TENSILE_NUM
};
extern const LhColumn lh_tensile_columns[TENSILE_NUM];

/// Wall-time phases.
enum { TENSILE_PHASE_SOLVE, TENSILE_PHASE_ENERGY, TENSILE_PHASE_OUTPUT, TENSILE_NUM_PHASES };

/// Where the body stands: strains of the ends, gauge and across, stresses, external work.
typedef struct {
  PetscReal time;       ///< [s]
  PetscReal drive;      ///< nominal strain between the ends, or of the volume [1]
  PetscReal strain;     ///< of the gauge [1]
  PetscReal across[2];  ///< nominal strain in the two directions across, periodic volumes only [1]
  PetscReal stress, true_stress;  ///< [Pa]
  PetscReal F[9], P[9];           ///< of a periodic volume
  PetscReal work;                 ///< external, since the start [J]
  PetscReal toughness;            ///< int stress dstrain [J/m^3]
  PetscReal damage, growth,
      mean_growth;          ///< largest D, most it grew by in the step, mean growth [1]
  PetscInt newton, passes;  ///< counts before the next step is tried
} LhTensilePoint;

typedef struct {
  LhCase c;
  LhTensile *t;
  LhOutput output;
  LhSeries series;
  LhTimer timer;
  PetscInt phase[TENSILE_NUM_PHASES];
  LhTensilePoint now, peak;
  PetscReal modulus;                         ///< of the first step [Pa]
  PetscReal rupture_strain, rupture_energy;  ///< at the moment of rupture, within the last step
  PetscBool ruptured, finished;
  PetscReal worst_energy;       ///< largest gap between work and energies [J]
  PetscReal peak_fibre_stress;  ///< mean stress of the fibres at the strength [Pa]
  PetscInt steps, rejected, too_long, next_field;
  PetscReal step;  ///< next one, of the nominal strain
  PetscInt calm;   ///< steps to come that do not grow
  PetscReal start_wall, last_record, time_left;
  PetscReal last_point;       ///< wall time of the last accepted step [s]
  PetscReal last_checkpoint;  ///< wall time [s]
  LhRequests asked;           ///< since the step before; fields until they are written
  PetscBool late;             ///< a checkpoint is due by its time
  PetscInt saved_steps;       ///< steps at the last checkpoint
  PetscInt resumes;
  char *input;  ///< LhResumeDescribeInput()
  char checkpoint[PETSC_MAX_PATH_LEN];
  PetscReal checkpoint_time;  ///< [s]
  LhExit exit_code;
  char reason[512];
  PetscReal *fields[8];
  PetscReal *vertices;
} LhTensileRunData;

/// Work not accounted for over the work so far, and the fibres' part.
PetscErrorCode LhTensileBalance(const LhTensileRunData *run, LhEnergySums *sums,
                                LhFibreSummary *fibres, PetscReal *balance);
PetscErrorCode LhTensileRow(LhTensileRunData *run);
/// Fields of the step just solved, before it is accepted. Collective.
PetscErrorCode LhTensileFields(LhTensileRunData *run);
PetscErrorCode LhTensileObservables(LhTensileRunData *run);
PetscErrorCode LhTensileRecord(LhTensileRunData *run, const char state[]);
/// Signals and requests of other processes, as a step is solved and before it is accepted: fields are of that state. Collective.
PetscErrorCode LhTensileHear(LhTensileRunData *run);
/// Between two steps: a checkpoint when one is due, the end when it was asked for. Collective.
PetscErrorCode LhTensileListen(LhTensileRunData *run);
/// State, tables and counts of a checkpoint; mistakes become diagnostics and leave `*ok` false. Collective.
PetscErrorCode LhTensileRestore(LhTensileRunData *run, LhCheckpoint checkpoint, PetscBool *ok);
