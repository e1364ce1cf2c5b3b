/// @file
/// One step of mechanics with damage, staggered: equilibrium at fixed damage, then the averaging equations of
/// all regions, in passes until D rests (theory, damage.md, D6).
///
/// Leaves the mechanics and the damage at the end of the step, to be accepted or rejected together by the
/// caller; after a failure both are as accepted. A limit of one pass is the lagged scheme: damage of the step's
/// start, updated at its end; it never fails for lack of passes.
///
/// Passes may be mixed by Anderson's method, and all but the last may stop short of equilibrium: what the next one changes
/// need not be solved for. A step begins from the last one's growth, extrapolated (with mixing also its damage), and
/// if that fails from rest. The mechanics solver is
/// best told not to halve steps (halvings 0): the caller does, with damage at hand.
#pragma once

#include "physics/damage.h"
#include "solve/mechanics_solver.h"

typedef struct {
  PetscInt passes;             ///< most passes a step
  PetscReal tolerance;         ///< largest change of D in the last pass [1]
  PetscInt mixing;             ///< differences between passes that are combined, 0: none
  PetscReal pass_tolerance;    ///< share of its first residual at which a pass but the last stops
  PetscReal linear_tolerance;  ///< relative residual of the averaging equations [1]
  PetscInt linear_iterations;  ///< most Krylov iterations of an average
} LhDamageSolverSpec;

/// The table of `damage.solver`; all rows have defaults.
const LhTable *LhDamageSolverTable(void);
/// `map` may be NULL: defaults.
PetscErrorCode LhDamageSolverRead(const LhReader *reader, LhNode map, LhNode parent,
                                  const char path[], LhDamageSolverSpec *spec);

typedef enum {
  LH_DAMAGE_SOLVED = 0,
  LH_DAMAGE_FAILED_MECHANICS,  ///< the mechanics solver says why
  LH_DAMAGE_FAILED_PASSES,     ///< D does not rest within the passes allowed
  LH_DAMAGE_FAILED_LINEAR      ///< an averaging equation was not solved
} LhDamageReason;

/// Counts since creation; change of D in the last pass.
typedef struct {
  PetscInt steps, passes, krylov, failures;
  PetscReal change;
  double seconds;
} LhDamageSolverStats;

typedef struct _n_LhDamageSolver *LhDamageSolver;

/// Makes the mechanics feel the damage. All three problems must outlive it. PETSc options with prefix `damage_`
/// go on top. Collective.
PetscErrorCode LhDamageSolverCreate(LhMechanics mechanics, LhMechanicsSolver solver,
                                    LhDamage damage, const LhDamageSolverSpec *spec,
                                    LhDamageSolver *damage_solver);
PetscErrorCode LhDamageSolverDestroy(LhDamageSolver *solver);
/// A step of `dt` seconds to the loads set. Collective.
PetscErrorCode LhDamageSolverSolve(LhDamageSolver solver, double dt, LhDamageReason *reason);
/// A sentence about the last failure; borrowed.
PetscErrorCode LhDamageSolverGetText(LhDamageSolver solver, const char **text);
PetscErrorCode LhDamageSolverGetStats(LhDamageSolver solver, LhDamageSolverStats *stats);
/// Change of displacement in the last solved step and its length [s], which the next one is extrapolated from: for a
/// checkpoint. `dt` may be NULL.
PetscErrorCode LhDamageSolverGetGrowth(LhDamageSolver solver, Vec *growth, double *dt);
/// Forgets where Krylov solvers begin. Unless NULL, `dt` is the length of the step that growth is of, and counts go on
/// from `stats`. Collective.
PetscErrorCode LhDamageSolverForget(LhDamageSolver solver, const double *dt,
                                    const LhDamageSolverStats *stats);
