/// @file
/// The experiment `tensile`: a volume or a bar is pulled at a stated rate to rupture. Private to experiment/tensile*.c
/// and experiment_tensile.c.
///
/// Two ways to hold the body. `periodic`: a representative volume with the mean deformation gradient Fbar or the mean
/// nominal stress given by component (LhMechanicsSetMacro). `clamped` and `symmetry`: a bar between two surfaces,
/// its ends held in all directions or only along the axis. The strain is nominal, e = (l - l0)/l0 of the gauge; toughness
/// U = int P de until the force has fallen to a share of its peak (docs/theory/damage.md, D10).
#pragma once

#include "experiment/experiment.h"
#include "fields/integrate.h"
#include "physics/energy.h"
#include "physics/fibres.h"
#include "solve/damage_solver.h"

#define LH_TENSILE_MAX_PARTS 8

typedef enum { LH_GRIPS_PERIODIC, LH_GRIPS_CLAMPED, LH_GRIPS_SYMMETRY } LhGrips;
typedef enum { LH_RATE_NOMINAL, LH_RATE_LOGARITHMIC } LhRateMeasure;

/// Keys of `experiment:`.
typedef struct {
  PetscInt kind, grips, axis, rate_of;
  PetscReal strain_rate;  ///< [1/s]
  PetscReal end_strain;   ///< nominal, the run ends there at the latest [1]
  PetscReal rupture;  ///< share of the peak force at which the body counts as broken, 0: never [1]
  LhTextList
      deformation;  ///< periodic: drive of F_xx, yy, zz, yz, xz, xy; empty: uniaxial stress along `axis`
  LhTextList ends;       ///< clamped, symmetry: surfaces held and pulled
  LhTextList gauge;      ///< surfaces whose distance is the gauge length; empty: the ends
  LhRealList fields_at;  ///< nominal strains [1]
  LhNode stepping, state;
} LhTensileKeys;

/// `experiment.stepping`.
typedef struct {
  PetscReal first, largest, smallest;  ///< of the nominal strain [1]
  PetscReal growth;                    ///< largest ratio of a step to the one before [1]
  PetscReal damage, mean_damage;  ///< most that damage is to grow by in a step, and its mean [1]
  PetscInt number;                ///< fixed equal steps to `end_strain`, 0: adaptive
} LhTensileSteps;

/// How one component of Fbar is driven.
typedef struct {
  PetscBool free;   ///< its mean nominal stress is 0
  PetscReal share;  ///< of the strain along the axis
} LhTensileDrive;

typedef struct {
  char name[LH_NAME_MAX];
  LhTextList regions;
  PetscReal length, residual, relaxation_time;
  LhNode softening;
  const LhDamageLaw *law;
  void *params;
  PetscInt region[LH_CASE_MAX_REGIONS];
} LhTensileDamage;

/// How lithium is taken away.
typedef enum { LH_STRIP_PORES, LH_STRIP_VOXELS } LhStripped;

/// `experiment.state`: what a strip has taken away.
typedef struct {
  PetscReal stripped;  ///< share of the free lithium removed [1]
  PetscInt how;        ///< LhStripped
  PetscInt seed;
  PetscReal alloy;  ///< y left in LiZn [1]
  PetscReal
      residual;  ///< share of stress that stays in a cell taken away, when more than the least; no key
  char run[LH_NAME_MAX];
} LhTensileState;

/// What the case keeps for this kind, in LhCase.data.
typedef struct {
  LhTensileKeys keys;
  LhTensileSteps steps;
  LhTensileState state;
  LhNode fibres_node, damage_node;
  PetscInt dilatation;  ///< LhMechDilatation
  LhMechanicsSolverSpec mechanics_spec;
  LhDamageSolverSpec damage_spec;
  LhTensileDrive drive[6];
  PetscInt num_damage;
  LhTensileDamage damage[LH_TENSILE_MAX_PARTS];
  LhFibreMaterial fibre;
  // built by set-up
  LhFibreTerm fibre_term;
  LhDamage damage_problem;
  LhDamageSolver solver;
  LhEnergy energy;
  PetscInt pull;              ///< load that moves the end
  PetscInt end[2], gauge[2];  ///< surfaces
  PetscReal length, gauge_length,
      thickness;           ///< of the body along the axis, of the gauge, smallest size across [m]
  PetscReal area, volume;  ///< gauge section [m^2], body [m^3]
} LhTensile;

extern const LhTable lh_tensile_damage_table, lh_tensile_state_table;

/// Mistakes that show only with the mesh become diagnostics. Finds surfaces and regions by name. Collective.
PetscErrorCode LhTensileCheck(LhCase c);
/// After LhTensileCheck(): problem, loads, damage, fibres and solvers. Mistakes become diagnostics and leave `*ok` false. Collective.
PetscErrorCode LhTensileBuild(LhCase c, PetscBool *ok);
/// Removes what `experiment.state` says. Collective.
PetscErrorCode LhTensileApplyState(LhCase c);
/// removed[mesh cell]: whether the state takes the cell away whole. Not collective.
PetscErrorCode LhTensileGetRemoved(LhCase c, unsigned char removed[]);
/// Frees what LhTensileBuild() made, so that it can be called again with another state. Collective.
PetscErrorCode LhTensileRelease(LhCase c);
/// Whether a strip takes from a material: its law averages over pores.
PetscBool LhTensileIsMetal(const LhMaterialData *material);
/// Whether a strip leaves something behind where the metal was: it has a phase of weight `void`.
PetscBool LhTensileLeavesMat(const LhMaterialData *material);
/// The loop over steps. Collective.
PetscErrorCode LhTensileRun(LhCase c, LhExit *exit_code);
PetscErrorCode LhTensileResume(LhCase c, LhExit *exit_code);
