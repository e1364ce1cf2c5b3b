/// @file
/// Newton's method for mechanical equilibrium: line search, cutting of steps, reuse of preconditioners.
///
/// One solve takes an LhMechanics from its accepted state to the end of a step. A part that fails is
/// halved, up to a stated number of times; when that does not help either the problem is rolled back and
/// the reason has a name. The caller accepts or rejects the step.
#pragma once

#include "physics/mechanics.h"

typedef enum {
  LH_KRYLOV_AUTO,  ///< conjugate gradients while the tangent is symmetric, else GMRES
  LH_KRYLOV_CG,
  LH_KRYLOV_GMRES
} LhKrylov;

typedef enum { LH_SEARCH_BT, LH_SEARCH_L2, LH_SEARCH_BASIC, LH_SEARCH_ENERGY } LhLineSearch;

typedef struct {
  PetscInt preconditioner;     ///< row of the table of presets, see LhMechanicsSolverPresets()
  PetscInt krylov;             ///< LhKrylov
  PetscReal linear_tolerance;  ///< relative residual of the linear solves [1]
  PetscBool forcing;           ///< tighten it while Newton converges (Eisenstat and Walker 1996)
  PetscInt linear_iterations;  ///< most Krylov iterations a solve
  PetscReal newton_tolerance;  ///< residual over the forces in balance [1]
  PetscReal stress_floor;      ///< a residual worth less stress than this is 0 [Pa]
  PetscInt newton_iterations;  ///< most Newton iterations a part
  PetscInt patience;           ///< most of them without half the residual, 0: any
  PetscInt halvings;           ///< most halvings of a step
  PetscInt fibre_iterations;   ///< most on the fibres alone in a Newton step
  PetscInt line_search;        ///< LhLineSearch
  PetscReal setup_cost;  ///< extra Krylov iterations worth a new preconditioner, 0: as measured
  PetscReal symmetry_tolerance;  ///< |A - A^T|/|A| up to which the tangent counts as symmetric [1]
  PetscBool
      single_product;  ///< products of the linear solves in single precision with geometric multigrid
} LhMechanicsSolverSpec;

/// The table of `mechanics.solver`; all rows have defaults.
const LhTable *LhMechanicsSolverTable(void);
/// `map` may be NULL: defaults.
PetscErrorCode LhMechanicsSolverRead(const LhReader *reader, LhNode map, LhNode parent,
                                     const char path[], LhMechanicsSolverSpec *spec);
/// The defaults, without a case.
PetscErrorCode LhMechanicsSolverDefaults(LhMechanicsSolverSpec *spec);
/// Names of the preconditioner presets, NULL-terminated.
const char *const *LhMechanicsSolverPresets(void);

typedef enum {
  LH_MECH_SOLVED = 0,
  LH_MECH_FAILED_LAW,     ///< a cell inverted or a law had no solution, at every step length tried
  LH_MECH_FAILED_NEWTON,  ///< no equilibrium found within the allowed iterations
  LH_MECH_FAILED_LINEAR   ///< the linear solver gave up
} LhMechReason;

typedef struct _n_LhMechanicsSolver *LhMechanicsSolver;

/// Counts since creation; seconds of this rank.
typedef struct {
  PetscInt solves, parts, newton, krylov, setups, residuals, tangents, failures;
  PetscInt fibre_iterations;
  double assembly_seconds, setup_seconds, linear_seconds;
  PetscReal asymmetry;  ///< of the last tangent
  PetscBool symmetric;  ///< whether conjugate gradients are in use
} LhMechanicsSolverStats;

/// `spec` is copied; the problem is set up if it is not yet, and must outlive the solver. PETSc options with
/// prefix `mech_`, for the preconditioner `mech_<preset>_`, go on top. Collective.
PetscErrorCode LhMechanicsSolverCreate(LhMechanics mechanics, const LhMechanicsSolverSpec *spec,
                                       LhMechanicsSolver *solver);
PetscErrorCode LhMechanicsSolverDestroy(LhMechanicsSolver *solver);
/// Solves a step of `dt` seconds. On failure the problem is as it was accepted. Collective.
PetscErrorCode LhMechanicsSolverSolve(LhMechanicsSolver solver, double dt, LhMechReason *reason);
/// Coming solves also end where the residual has fallen to `share` of that of their first iterate; 0, as at first: only
/// at equilibrium. Not collective.
PetscErrorCode LhMechanicsSolverSetShare(LhMechanicsSolver solver, PetscReal share);
/// Whether the last solve ended short of equilibrium for that reason. Not collective.
PetscErrorCode LhMechanicsSolverIsShort(LhMechanicsSolver solver, PetscBool *is_short);
/// Forgets preconditioner and Krylov basis: what follows depends on the state of the problem alone. Counts go on
/// from `stats` unless NULL. Collective.
PetscErrorCode LhMechanicsSolverForget(LhMechanicsSolver solver,
                                       const LhMechanicsSolverStats *stats);
/// A sentence about the last failure: what, and how short a step was tried; borrowed.
PetscErrorCode LhMechanicsSolverGetText(LhMechanicsSolver solver, const char **text);
/// What has changed for good since the last call, as a sentence for the log, "" when nothing did; borrowed.
PetscErrorCode LhMechanicsSolverTakeNote(LhMechanicsSolver solver, const char **note);
PetscErrorCode LhMechanicsSolverGetStats(LhMechanicsSolver solver, LhMechanicsSolverStats *stats);
/// Residual norms of the last part, start included [N]; borrowed.
PetscErrorCode LhMechanicsSolverGetHistory(LhMechanicsSolver solver, PetscInt *n,
                                           const PetscReal **norms);
