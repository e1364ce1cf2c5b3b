/// @file
/// A case: everything one YAML file says, read, checked and turned into an experiment ready to run.
///
/// LhCaseRead() collects every mistake of the file and its materials; LhCaseSetUp() builds mesh, problems and
/// solvers. Owns all of them. What a section means to one kind of experiment is that kind's business
/// (experiment/experiment.h).
#pragma once

#include "base/timer.h"
#include "experiment/protocol.h"
#include "mesh/random_field.h"
#include "mesh/voxel_field.h"
#include "physics/mechanics_case.h"
#include "solve/coupling.h"

#define LH_CASE_MAX_REGIONS 16

/// `output:`
typedef struct {
  char directory[LH_NAME_MAX];
  PetscBool overwrite;
  PetscBool report;      ///< a page about the run at its end
  LhRealList states;     ///< shares of the foil's capacity stripped at which fields are written [1]
  PetscReal heartbeat;   ///< seconds of wall time between records of a live run
  PetscReal checkpoint;  ///< wall time between checkpoints, 0 = none by time [s]
  PetscInt
      checkpoint_windows;  ///< a checkpoint every so many windows, and by nothing else; 0 = by time
} LhOutputSpec;

/// How a composition varies in space: factor on the local volume fraction.
typedef struct {
  LhRandomField random;
  LhVoxelField voxels;
} LhVariation;

typedef struct {
  char name[LH_NAME_MAX];
  LhNode node;          ///< its section
  LhMaterial material;  ///< NULL after a mistake in it
  LhVariation cnt, alloy;
} LhCaseRegion;

/// A number that follows from a case, SI.
typedef struct {
  char name[LH_NAME_MAX];    ///< dotted: "regions.foil.porosity_after_strip"
  const char *unit, *shown;  ///< SI unit, unit people read it in
  const char *meaning;
  PetscReal value;
} LhDerived;

typedef struct _n_LhCase *LhCase;
typedef struct _LhExperiment LhExperiment;  ///< experiment/experiment.h

/// Read-only view; valid between read and destroy. Problems are NULL until LhCaseSetUp().
struct _n_LhCase {
  MPI_Comm comm;
  LhDoc doc;
  LhDiag diag;
  LhRecord record;
  char path[PETSC_MAX_PATH_LEN], directory[PETSC_MAX_PATH_LEN], name[LH_NAME_MAX];
  PetscReal temperature;
  PetscInt num_regions;
  LhCaseRegion regions[LH_CASE_MAX_REGIONS];
  const LhExperiment *experiment;  ///< its kind
  void *data;                      ///< owned by the experiment
  LhOutputSpec output;
  PetscInt num_overrides;  ///< words given to LhCaseRead()
  char *const *overrides;  ///< borrowed
  PetscInt num_changes;    ///< the last of them were given on resume: other numerics are meant
  // the electrochemical cell
  LhMaterial electrolyte;
  LhElectrode electrodes[LH_NUM_ELECTRODES];
  LhNode mesh_section, mechanics_section, steps_section, electrolyte_section,
      electrode_nodes[LH_NUM_ELECTRODES];
  LhMechanicsSpec mechanics_spec;
  LhMechanicsSolverSpec mechanics_solver_spec;
  LhEcSolverSpec electrochemistry_spec;
  LhCouplingSpec coupling_spec;
  PetscReal balance_limit;  ///< relative error of the balances at which a run stops
  PetscInt num_steps;
  LhStep *steps;
  // built by LhCaseSetUp
  LhMesh mesh;
  const LhMaterialData *materials[LH_CASE_MAX_REGIONS];  ///< by mesh region
  LhElectrochem electrochem;
  LhEcSolver solver;
  LhMechanics mechanics;
  LhMechanicsSolver mechanics_solver;
  PetscInt pressure_load;
  LhCoupling coupling;
  PetscInt num_derived, max_derived;
  LhDerived *derived;
};

/// Reads and checks; `overrides` are `key=value` words of the command line. `*ok` false: see `(*c)->diag`. Collective.
PetscErrorCode LhCaseRead(MPI_Comm comm, const char path[], PetscInt num_overrides,
                          char *const overrides[], LhCase *c, PetscBool *ok);
/// Builds mesh, problems and solvers, derives numbers and warns where the model leaves its validity. After a
/// failed read it only looks for more mistakes. `*ok` false when there are any. Collective.
PetscErrorCode LhCaseSetUp(LhCase c, PetscBool *ok);
/// Looks for the mistakes that show only with the mesh and builds nothing else. `*mesh` NULL: it is made; otherwise
/// one of the same regions and surfaces. It stays the caller's. Collective.
PetscErrorCode LhCaseCheck(LhCase c, LhMesh *mesh, PetscBool *ok);
PetscErrorCode LhCaseDestroy(LhCase *c);
/// Numbers that follow from a case, for `check` and for the record of a run; borrowed. Filled by LhCaseSetUp().
PetscErrorCode LhCaseGetDerived(LhCase c, PetscInt *n, const LhDerived **list);
/// One of them by name, NaN when the case has none of that name.
PetscReal LhCaseFindDerived(LhCase c, const char name[]);
/// Adds one and puts it into the record.
PetscErrorCode LhCaseAddDerived(LhCase c, const LhDerived *number);
/// Coarse: within a factor of three on a machine of 2020 or later.
typedef struct {
  PetscReal memory;   ///< over all ranks [byte]
  PetscReal seconds;  ///< wall time on the ranks there are [s]
} LhCaseCost;
PetscErrorCode LhCaseEstimate(LhCase c, LhCaseCost *cost);
/// What would be done, on standard output. Collective.
PetscErrorCode LhCasePrintPlan(LhCase c);
