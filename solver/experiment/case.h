/// @file
/// A case: everything one YAML file says, read, checked and turned into a cell ready to run.
///
/// LhCaseRead() collects every mistake of the file and its materials; LhCaseSetUp() builds mesh, problems and
/// solvers. Owns all of them.
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
  char       directory[LH_NAME_MAX];
  PetscBool  overwrite;
  LhRealList states;      ///< shares of the foil's capacity stripped at which fields are written [1]
  PetscReal  heartbeat;   ///< seconds of wall time between records of a live run
} LhOutputSpec;

/// How a composition varies in space: factor on the local volume fraction.
typedef struct {
  LhRandomField random;
  LhVoxelField  voxels;
} LhVariation;

typedef struct {
  char       name[LH_NAME_MAX];
  LhMaterial material;
  LhVariation cnt, alloy;
} LhCaseRegion;

typedef struct _n_LhCase *LhCase;

/// Read-only view; valid between read and destroy. Problems are NULL until LhCaseSetUp().
struct _n_LhCase {
  MPI_Comm       comm;
  LhDoc          doc;
  LhDiag         diag;
  LhRecord       record;
  char           path[PETSC_MAX_PATH_LEN], directory[PETSC_MAX_PATH_LEN], name[LH_NAME_MAX];
  PetscReal      temperature;
  PetscInt       num_regions;
  LhCaseRegion   regions[LH_CASE_MAX_REGIONS];
  LhMaterial     electrolyte;
  LhElectrode    electrodes[LH_NUM_ELECTRODES];
  LhNode         mesh_section, mechanics_section, electrode_nodes[LH_NUM_ELECTRODES];
  LhMechanicsSpec        mechanics_spec;
  LhMechanicsSolverSpec  mechanics_solver_spec;
  LhEcSolverSpec         electrochemistry_spec;
  LhCouplingSpec         coupling_spec;
  LhOutputSpec           output;
  PetscInt       num_steps;
  LhStep        *steps;
  // built by LhCaseSetUp
  LhMesh                 mesh;
  const LhMaterialData  *materials[LH_CASE_MAX_REGIONS];  ///< by mesh region
  LhElectrochem          electrochem;
  LhEcSolver             solver;
  LhMechanics            mechanics;
  LhMechanicsSolver      mechanics_solver;
  PetscInt               pressure_load;
  LhCoupling             coupling;
};

/// Reads and checks; `overrides` are `key=value` words of the command line. `*ok` false: see `(*c)->diag`. Collective.
PetscErrorCode LhCaseRead(MPI_Comm comm, const char path[], PetscInt num_overrides, char *const overrides[], LhCase *c,
                          PetscBool *ok);
/// Builds mesh, problems and solvers; `*ok` false when that shows more mistakes. Collective.
PetscErrorCode LhCaseSetUp(LhCase c, PetscBool *ok);
PetscErrorCode LhCaseDestroy(LhCase *c);
/// All tables of a case file, for describe, schema and the reference pages; freed with PetscFree().
PetscErrorCode LhCaseGetTables(PetscInt *n, LhTable **tables);
/// Numbers that follow from a case, for `check` and for the record of a run.
typedef struct {
  const char *name, *unit, *meaning;
  PetscReal   value;
} LhDerived;
PetscErrorCode LhCaseGetDerived(LhCase c, PetscInt *n, const LhDerived **list);
