/// @file
/// The experiment `homogenise`: effective properties of a periodic volume in states of strip. Private to
/// experiment/homogenise*.c and experiment_homogenise.c.
///
/// The volume, its states and its problem are those of the experiment `tensile` (experiment/tensile.h), built anew for
/// each test, so that no test sees what another one left. Properties are defined in docs/theory/homogenisation.md.
#pragma once

#include "experiment/tensile.h"
#include "io/output.h"

#define LH_HOMOGENISE_MAX_STATES 16
#define LH_HOMOGENISE_MAX_POINTS 512

/// What is done, in the order of its words.
typedef enum {
  LH_PART_ELASTICITY,
  LH_PART_YIELD,
  LH_PART_COMPACTION,
  LH_PART_CONDUCTION,
  LH_NUM_PARTS
} LhHomogenisePart;

/// Columns of the table of states.
enum {
  LH_EFFECTIVE_STRIPPED,
  LH_EFFECTIVE_POROSITY,
  LH_EFFECTIVE_DENSITY,
  LH_EFFECTIVE_CONNECTED,
  LH_EFFECTIVE_STIFFNESS,
  LH_EFFECTIVE_ASYMMETRY = LH_EFFECTIVE_STIFFNESS + 21,
  LH_EFFECTIVE_YIELD,
  LH_EFFECTIVE_COMPACTION = LH_EFFECTIVE_YIELD + 9,
  LH_EFFECTIVE_STRETCH,
  LH_EFFECTIVE_END,
  LH_EFFECTIVE_ELECTRONIC,
  LH_EFFECTIVE_IONIC = LH_EFFECTIVE_ELECTRONIC + 6,
  LH_EFFECTIVE_LIQUID = LH_EFFECTIVE_IONIC + 6,
  LH_EFFECTIVE_NUM = LH_EFFECTIVE_LIQUID + 6
};

/// Keys of `experiment:`.
typedef struct {
  PetscInt kind, how, seed;
  LhTextList parts, yield;
  LhRealList stripped;
  PetscReal alloy;
  PetscReal strain_rate;  ///< of yield and compaction [1/s]
  PetscReal offset, largest_strain;
  PetscReal smallest_stretch, largest_pressure;
  PetscReal liquid_conductivity, coat_conductivity;  ///< ionic [S/m]
  char base[LH_NAME_MAX];
} LhHomogeniseKeys;

/// Why a compaction curve ends. Codes of the table: append only.
typedef enum {
  LH_END_NONE,      ///< not asked for, or disconnected
  LH_END_STRETCH,   ///< smallest_stretch
  LH_END_PRESSURE,  ///< largest_pressure
  LH_END_FULL,      ///< LH_HOMOGENISE_MAX_POINTS
  LH_END_LOCKED,    ///< no equilibrium beyond: ends early
  LH_NUM_ENDS
} LhCompactionEnd;

/// A compaction curve: F_zz and minus the mean nominal stress zz, which is the true one with the sides held.
typedef struct {
  PetscInt num;
  LhCompactionEnd end;
  PetscReal stretch[LH_HOMOGENISE_MAX_POINTS], pressure[LH_HOMOGENISE_MAX_POINTS];
} LhCompaction;

/// What the case keeps, in LhCase.data. The volume comes first: functions of the experiment `tensile` see it alone.
typedef struct {
  LhTensile volume;
  LhHomogeniseKeys keys;
  LhPrecursors recipe;  ///< of the composite the volume was drawn from, all 0: not said
  PetscBool part[LH_NUM_PARTS];
  PetscBool yields[9];  ///< tension x, y, z, compression x, y, z, shear yz, xz, xy
  PetscReal effective[LH_HOMOGENISE_MAX_STATES][LH_EFFECTIVE_NUM];  ///< NaN: not asked or not found
  LhCompaction compaction[LH_HOMOGENISE_MAX_STATES];
} LhHomogenise;

/// A run under way.
typedef struct {
  LhCase c;
  LhHomogenise *h;
  LhOutput output;
  PetscInt state;         ///< index into keys.stripped
  PetscInt done, solves;  ///< states finished, steps solved
  PetscReal pace;         ///< ratio of the next step to this one, as Newton's method found it
  PetscReal start_wall;
  PetscBool failed;  ///< the solver gave up in a test of elasticity
  PetscBool stopped;
  char reason[512];
} LhHomogeniseRun;

extern const LhColumn lh_effective_columns[LH_EFFECTIVE_NUM];
extern const char *const lh_compaction_ends[LH_NUM_ENDS];  ///< words of LhCompactionEnd

/// Each fills its columns of the present state. Collective.
PetscErrorCode LhHomogeniseElasticity(LhHomogeniseRun *run);
PetscErrorCode LhHomogeniseYield(LhHomogeniseRun *run);
PetscErrorCode LhHomogeniseCompaction(LhHomogeniseRun *run);
PetscErrorCode LhHomogeniseConduction(LhHomogeniseRun *run);
/// Pores and relative density of what is no metal. Collective.
PetscErrorCode LhHomogeniseDensities(LhHomogeniseRun *run);
/// Along how many axes cells that carry load hold together. A state in which they do so along none is disconnected: its
/// stiffness and strength are 0 and are not asked of the solver. Collective.
PetscErrorCode LhHomogeniseConnection(LhHomogeniseRun *run);
/// observables.json, effective.h5, effective.yaml, effective_material.yaml. Collective.
PetscErrorCode LhHomogeniseWrite(LhHomogeniseRun *run);
PetscErrorCode LhHomogeniseMaterial(LhHomogeniseRun *run);
PetscErrorCode LhHomogeniseDo(LhCase c, LhExit *exit_code);
