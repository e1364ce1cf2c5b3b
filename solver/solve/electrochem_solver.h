/// @file
/// Time integration of the electrochemical DAE by SUNDIALS IDA (variable-order, variable-step BDF), or by equal steps of implicit
/// Euler (docs/decisions/0030).
///
/// IDA sees PETSc vectors; its linear solver is ours: LhElectrochemJacobian builds the condensed matrix,
/// LhElectrochemSolveLinear solves it by KSP. A user never sees a raw IDA message: failures come back as
/// a reason with the field and place of the largest error and what to try.
#pragma once

#include "physics/electrochem.h"
#include "solve/precond.h"

typedef struct _n_LhEcSolver *LhEcSolver;

/// Numerics; every row has a documented default.
typedef struct {
  PetscReal rtol, atol;  ///< relative tolerance; absolute one in units of LhElectrochemGetScales
  PetscReal krylov_rtol;
  PetscReal newton_coefficient;
  PetscReal max_step;    ///< [s]
  PetscReal fixed_step;  ///< length of equal steps of order one, 0 = steps by their error [s]
  PetscInt max_order, max_steps;
  PetscInt preconditioner;  ///< index of the preset: automatic, direct, amg, multigrid
  PetscReal reuse_growth;
} LhEcSolverSpec;
/// Table of the `numerics.electrochemistry` section.
extern const LhTable lh_electrochem_solver_table;

/// A quantity whose crossing ends a stretch of time.
typedef struct {
  PetscInt scalar;  ///< LH_VOLTAGE, LH_TOTAL_CURRENT (absolute value) or LH_CHARGE
  PetscReal value;  ///< [V], [A], [C]
  int direction;    ///< +1 rising, -1 falling, 0 either
} LhLimit;

typedef enum {
  LH_STRETCH_STEP,   ///< one step was taken
  LH_STRETCH_END,    ///< the end time was reached
  LH_STRETCH_LIMIT,  ///< a limit was met; the state is at the event
  LH_STRETCH_FAILED  ///< see LhEcSolverGetFailure
} LhStretch;

PetscErrorCode LhEcSolverCreate(LhElectrochem ec, const LhEcSolverSpec *spec, LhEcSolver *solver);
PetscErrorCode LhEcSolverDestroy(LhEcSolver *solver);
/// State vectors, owned by the solver.
PetscErrorCode LhEcSolverGetState(LhEcSolver solver, PetscReal *t, Vec *y, Vec *ydot);
/// Continues from other values of the state (a checkpoint, or a window taken back).
PetscErrorCode LhEcSolverSetState(LhEcSolver solver, PetscReal t, Vec y, Vec ydot);
/// Begins a stretch after a change of control: fresh history. The first step, of `first_step` seconds (of the fixed
/// step, if there is one) and order one, finds the algebraic values that go with the new control (docs/decisions/0015). `*ok` false: it cannot begin.
PetscErrorCode LhEcSolverStart(LhEcSolver solver, PetscInt num_limits, const LhLimit limits[],
                               PetscReal first_step, PetscBool *ok);
/// One step, never past `end`. `which` = index of the limit met.
PetscErrorCode LhEcSolverStep(LhEcSolver solver, PetscReal end, LhStretch *result, PetscInt *which);
/// Why the last start or step failed: a sentence with field, place, last good time, what to try. Borrowed.
PetscErrorCode LhEcSolverGetFailure(LhEcSolver solver, const char **sentence);

typedef struct {
  PetscInt steps, newton, residuals, jacobians, preconditioners, krylov, solves, error_failures,
      newton_failures;
  PetscInt order;
  PetscReal step;  ///< last step [s]
  PetscReal next;  ///< step that comes next if nothing is in its way [s]
  PetscReal seconds_residual, seconds_jacobian, seconds_setup, seconds_solve;
} LhEcSolverStats;
PetscErrorCode LhEcSolverGetStats(LhEcSolver solver, LhEcSolverStats *stats);
/// Counts go on from `stats`, those of a checkpoint.
PetscErrorCode LhEcSolverSetStats(LhEcSolver solver, const LhEcSolverStats *stats);
