/// @file
/// Inside of LhEcSolver, shared by the files that integrate: electrochem_ida.c and electrochem_euler.c.
#pragma once

#include "solve/electrochem_solver.h"

#define LH_EC_MAX_LIMITS 8

/// One way to step in time. Every member returns PETSc errors; `create` finds y, ydot, atol and the KSP there.
typedef struct {
  PetscErrorCode (*create)(LhEcSolver);
  PetscErrorCode (*destroy)(LhEcSolver);
  /// Limits are set; the first step is to be `solver->next` long.
  PetscErrorCode (*start)(LhEcSolver);
  PetscErrorCode (*step)(LhEcSolver, PetscReal end, LhStretch *result, PetscInt *which);
  /// Fills what `solver->stats` does not hold.
  PetscErrorCode (*stats)(LhEcSolver, LhEcSolverStats *stats);
} LhEcIntegrator;

extern const LhEcIntegrator lh_ec_ida;    ///< steps by their error (SUNDIALS IDA)
extern const LhEcIntegrator lh_ec_euler;  ///< equal steps of implicit Euler

struct _n_LhEcSolver {
  LhElectrochem ec;
  LhEcSolverSpec spec;
  LhEcSolverStats stats;
  const LhEcIntegrator *integrator;
  void *data;  ///< of the integrator
  KSP ksp;
  LhPrecondPolicy policy;
  Vec y, ydot, atol;  ///< atol: absolute tolerances, huge in unused lanes
  PetscReal t;
  PetscReal next;   ///< step to be tried [s]
  PetscReal share;  ///< sqrt(entries of the vectors / entries in use)
  LhLimit limits[LH_EC_MAX_LIMITS];
  PetscInt num_limits, last_iterations;
  char sentence[512];
};

/// Residual at (t, y, ydot) and Jacobian dF/dy + cj dF/dydot; timed and counted. `*finite` false: a smaller step is needed.
PetscErrorCode LhEcSolverResidual(LhEcSolver solver, PetscReal t, Vec y, Vec ydot, Vec r,
                                  PetscBool *finite);
PetscErrorCode LhEcSolverJacobian(LhEcSolver solver, PetscReal t, PetscReal cj, Vec y, Vec ydot);
/// Hands the last Jacobian to the KSP.
PetscErrorCode LhEcSolverSetUpOperators(LhEcSolver solver);
/// x = J^-1 b, x may be b; a stale preconditioner that fails is rebuilt once. `*ok` false: no convergence, x is as it was.
PetscErrorCode LhEcSolverSolve(LhEcSolver solver, Vec b, Vec x, PetscBool *ok);
/// What limits look at less their values [num_limits], the same on every rank.
PetscErrorCode LhEcSolverReadLimits(LhEcSolver solver, Vec y, PetscReal g[]);
