/// @file
/// IDA on PETSc vectors for the electrochemical problem. Owns the integrator and the state vectors.
#include "solve/electrochem_solver.h"

#include <idas/idas.h>
#include <nvector/nvector_petsc.h>
#include <petsctime.h>
#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>

#include "solve/electrochem_precondition.h"

enum { MAX_LIMITS = 8 };
/// With equal steps all errors shrink by this before IDA sees them, and Newton's tolerance with them: no error test fails.
#define UNJUDGED 1e-8

struct _n_LhEcSolver {
  LhElectrochem ec;
  LhEcSolverSpec spec;
  LhEcSolverStats stats, before;  ///< `before`: counts of IDA from earlier stretches
  SUNContext context;
  void *ida;
  SUNMatrix matrix;
  SUNLinearSolver linear;
  KSP ksp;
  LhPrecondPolicy policy;
  Vec y, ydot, atol;  ///< atol: absolute tolerances, huge in unused lanes
  PetscReal next;     ///< step to be tried [s]
  PetscReal share;    ///< sqrt(entries of the vectors / entries in use)
  N_Vector ny, nydot;
  PetscReal t;
  LhLimit limits[MAX_LIMITS];
  PetscInt num_limits, last_iterations;
  N_Vector last_solution;
  PetscInt solves_of_matrix;  ///< linear solves since the last Jacobian
  PetscBool stepping;         ///< inside a step (not while finding consistent values)
  PetscErrorCode error;       ///< first PETSc error inside a callback
  char sentence[512];
};

static const LhParam rows[] = {
    LH_ROW_REAL(LhEcSolverSpec, rtol, "1", 1e-10, 1e-2, "1e-3",
                "relative tolerance of the time integration"),
    LH_ROW_REAL(LhEcSolverSpec, atol, "1", 1e-12, 1e-2, "1e-4",
                "absolute tolerance in units of each field's scale"),
    LH_ROW_REAL(LhEcSolverSpec, krylov_rtol, "1", 1e-14, 1e-1, "1e-2",
                "relative tolerance of the linear solver"),
    LH_ROW_REAL(LhEcSolverSpec, newton_coefficient, "1", 1e-8, 1, "0.33",
                "Newton tolerance as a share of the step error allowed"),
    LH_ROW_REAL(LhEcSolverSpec, max_step, "s", 0, 1e9, "0 s", "longest step, 0 = no limit"),
    LH_ROW_REAL(LhEcSolverSpec, fixed_step, "s", 0, 1e9, "0 s",
                "equal steps of this length by implicit Euler, whatever their error: rtol and atol "
                "then serve Newton's method alone; 0 = steps by their error"),
    LH_ROW_INT(LhEcSolverSpec, max_order, 1, 5, "5", "highest order of the BDF formulas"),
    LH_ROW_INT(LhEcSolverSpec, max_steps, 1, 100000000, "1000000", "most steps of a run"),
    LH_ROW_CHOICE(LhEcSolverSpec, preconditioner, lh_electrochem_presets, "automatic",
                  "preset of the linear solver"),
    LH_ROW_REAL(LhEcSolverSpec, reuse_growth, "1", 1, 100, "1.2",
                "growth of the iterations at which the preconditioner is rebuilt"),
};
const LhTable lh_electrochem_solver_table =
    LH_TABLE("numerics.electrochemistry", "time integration of charge, salt and contents", rows);

/// Keeps the first PETSc error of a callback and tells IDA to stop (-1) or to try a smaller step (1).
static int Report(LhEcSolver s, PetscErrorCode error, PetscBool fine) {
  if (error) {
    if (!s->error) s->error = error;
    return -1;
  }
  return fine ? 0 : 1;
}

static int Residual(realtype t, N_Vector y, N_Vector ydot, N_Vector r, void *data) {
  LhEcSolver s = data;
  PetscBool finite = PETSC_FALSE;
  PetscLogDouble start, end;
  PetscErrorCode error;

  (void)PetscTime(&start);
  error = LhElectrochemResidual(s->ec, t, N_VGetVector_Petsc(y), N_VGetVector_Petsc(ydot),
                                N_VGetVector_Petsc(r), &finite);
  (void)PetscTime(&end);
  s->stats.seconds_residual += end - start;
  s->stats.residuals++;
  return Report(s, error, finite);
}

static int Jacobian(realtype t, realtype cj, N_Vector y, N_Vector ydot, N_Vector r, SUNMatrix J,
                    void *data, N_Vector w1, N_Vector w2, N_Vector w3) {
  LhEcSolver s = data;
  PetscLogDouble start, end;
  PetscErrorCode error;

  (void)r, (void)J, (void)w1, (void)w2, (void)w3;
  (void)PetscTime(&start);
  error = LhElectrochemJacobian(s->ec, t, cj, N_VGetVector_Petsc(y), N_VGetVector_Petsc(ydot));
  (void)PetscTime(&end);
  s->stats.seconds_jacobian += end - start;
  s->stats.jacobians++;
  s->solves_of_matrix = 0;
  return Report(s, error, PETSC_TRUE);
}

/// Weights of IDA's norm, sqrt(sum (w v)^2 / n): unused lanes of the last batches neither add to the sum nor
/// count in n, so that step sizes do not depend on the partition.
static int Weights(N_Vector ny, N_Vector nw, void *data) {
  LhEcSolver s = data;
  const PetscReal scale = s->share * (s->spec.fixed_step > 0 ? UNJUDGED : 1);
  const PetscScalar *y, *atol;
  PetscScalar *w;
  PetscInt n;
  PetscErrorCode error = VecGetLocalSize(s->y, &n);

  if (!error) error = VecGetArrayRead(N_VGetVector_Petsc(ny), &y);
  if (!error) error = VecGetArrayRead(s->atol, &atol);
  if (!error) error = VecGetArrayWrite(N_VGetVector_Petsc(nw), &w);
  if (error) return Report(s, error, PETSC_TRUE);
  for (PetscInt i = 0; i < n; i++) w[i] = scale / (s->spec.rtol * PetscAbsScalar(y[i]) + atol[i]);
  error = VecRestoreArrayWrite(N_VGetVector_Petsc(nw), &w);
  if (!error) error = VecRestoreArrayRead(s->atol, &atol);
  if (!error) error = VecRestoreArrayRead(N_VGetVector_Petsc(ny), &y);
  return Report(s, error, PETSC_TRUE);
}

/// Values of the limits, the same on every rank.
static int Roots(realtype t, N_Vector y, N_Vector ydot, realtype *g, void *data) {
  LhEcSolver s = data;
  PetscReal scalars[LH_NUM_SCALARS];
  PetscErrorCode error = LhElectrochemGetScalars(s->ec, N_VGetVector_Petsc(y), scalars);

  (void)t, (void)ydot;
  if (error) return Report(s, error, PETSC_TRUE);
  for (PetscInt i = 0; i < s->num_limits; i++) {
    const PetscReal v = scalars[s->limits[i].scalar];

    g[i] = (s->limits[i].scalar == LH_TOTAL_CURRENT ? PetscAbsReal(v) : v) - s->limits[i].value;
  }
  return 0;
}

// The SUNMatrix is a token: IDA needs one to hand the time of a new Jacobian to us.
static SUNMatrix_ID MatrixId(SUNMatrix m) {
  (void)m;
  return SUNMATRIX_CUSTOM;
}
static int MatrixZero(SUNMatrix m) {
  (void)m;
  return 0;
}
static void MatrixDestroy(SUNMatrix m) {
  if (m) SUNMatFreeEmpty(m);
}

static SUNLinearSolver_Type LinearType(SUNLinearSolver s) {
  (void)s;
  return SUNLINEARSOLVER_MATRIX_ITERATIVE;
}
static SUNLinearSolver_ID LinearId(SUNLinearSolver s) {
  (void)s;
  return SUNLINEARSOLVER_CUSTOM;
}

static PetscErrorCode SetUpOperators(LhEcSolver s) {
  PetscLogDouble start, end;
  Mat op, pmat;

  PetscFunctionBegin;
  PetscCall(PetscTime(&start));
  PetscCall(LhElectrochemGetOperators(s->ec, &op, &pmat));
  PetscCall(LhPrecondPolicySetUp(&s->policy, s->ksp, op, pmat));
  PetscCall(PetscTime(&end));
  s->stats.seconds_setup += end - start;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int LinearSetUp(SUNLinearSolver ls, SUNMatrix m) {
  LhEcSolver s = ls->content;

  (void)m;
  return Report(s, SetUpOperators(s), PETSC_TRUE) ? SUNLS_PACKAGE_FAIL_UNREC : SUNLS_SUCCESS;
}

/// From its second iteration on, Newton's method gets a Jacobian of the present iterate: exhaustion is too
/// nonlinear for the frozen matrix that IDA's modified Newton would keep.
static PetscErrorCode RenewJacobian(LhEcSolver s) {
  N_Vector y, ydot;
  realtype t, cj;
  PetscLogDouble start, end;

  PetscFunctionBegin;
  if (!s->stepping || s->solves_of_matrix++ == 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscTime(&start));
  if (IDAGetCurrentY(s->ida, &y) || IDAGetCurrentYp(s->ida, &ydot) ||
      IDAGetCurrentTime(s->ida, &t) || IDAGetCurrentCj(s->ida, &cj)) {
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_LIB, "the integrator does not show its iterate");
  }
  PetscCall(LhElectrochemJacobian(s->ec, t, cj, N_VGetVector_Petsc(y), N_VGetVector_Petsc(ydot)));
  PetscCall(PetscTime(&end));
  s->stats.seconds_jacobian += end - start;
  s->stats.jacobians++;
  PetscCall(SetUpOperators(s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Solves; a stale preconditioner that fails is rebuilt once.
static PetscErrorCode SolveOnce(LhEcSolver s, Vec b, Vec x, KSPConvergedReason *reason) {
  PetscFunctionBegin;
  PetscCall(RenewJacobian(s));
  PetscCall(LhElectrochemSolveLinear(s->ec, s->ksp, b, x, &s->last_iterations, reason));
  s->stats.solves++;
  s->stats.krylov += s->last_iterations;
  if (*reason < 0 && s->policy.fresh >= 0) {
    s->policy.stale = PETSC_TRUE;
    PetscCall(SetUpOperators(s));
    PetscCall(LhElectrochemSolveLinear(s->ec, s->ksp, b, x, &s->last_iterations, reason));
    s->stats.krylov += s->last_iterations;
  }
  LhPrecondPolicyObserve(&s->policy, s->last_iterations, *reason);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int LinearSolve(SUNLinearSolver ls, SUNMatrix m, N_Vector x, N_Vector b, realtype tol) {
  LhEcSolver s = ls->content;
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  const double other = s->stats.seconds_jacobian + s->stats.seconds_setup;
  PetscLogDouble start, end;
  PetscErrorCode error;

  (void)m, (void)tol;
  (void)PetscTime(&start);
  error = SolveOnce(s, N_VGetVector_Petsc(b), N_VGetVector_Petsc(x), &reason);
  (void)PetscTime(&end);
  s->stats.seconds_solve +=
      end - start - (s->stats.seconds_jacobian + s->stats.seconds_setup - other);
  s->last_solution = x;
  if (Report(s, error, PETSC_TRUE)) return SUNLS_PACKAGE_FAIL_UNREC;
  return reason < 0 ? SUNLS_CONV_FAIL : SUNLS_SUCCESS;
}

// IDA takes resid() for the solution when numiters() is 0: never report 0, and return x.
static int LinearIterations(SUNLinearSolver ls) {
  LhEcSolver s = ls->content;

  return PetscMax((int)s->last_iterations, 1);
}
static realtype LinearNorm(SUNLinearSolver ls) {
  (void)ls;
  return 0;
}
static N_Vector LinearResidual(SUNLinearSolver ls) {
  return ((LhEcSolver)ls->content)->last_solution;
}
static int LinearFree(SUNLinearSolver ls) {
  if (ls) SUNLinSolFreeEmpty(ls);
  return 0;
}

/// IDA's own words are kept for the failure sentence, not shown.
static void Message(int code, const char *module, const char *function, char *text, void *data) {
  LhEcSolver s = data;

  (void)module, (void)function;
  if (code < 0) (void)PetscStrncpy(s->sentence, text, sizeof(s->sentence));
}

static PetscErrorCode CreateKsp(LhEcSolver s) {
  PetscFunctionBegin;
  PetscCall(KSPCreate(PetscObjectComm((PetscObject)s->y), &s->ksp));
  PetscCall(KSPSetTolerances(s->ksp, s->spec.krylov_rtol, PETSC_DEFAULT, 1e10, 300));
  PetscCall(LhElectrochemPrecondition(s->ec, s->spec.preconditioner, s->ksp));
  s->policy = (LhPrecondPolicy){.growth = s->spec.reuse_growth, .fresh = -1};
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define CallIda(call)                                                                       \
  do {                                                                                      \
    const int flag_ = (call);                                                               \
    PetscCheck(flag_ >= 0, PETSC_COMM_SELF, PETSC_ERR_LIB, "%s returned %d", #call, flag_); \
  } while (0)

/// What Weights() needs. `work` is overwritten.
static PetscErrorCode SetTolerances(LhEcSolver s, Vec work) {
  PetscScalar *atol;
  const PetscScalar *active;
  PetscReal used;
  PetscInt size, n;

  PetscFunctionBegin;
  PetscCall(LhElectrochemGetScales(s->ec, s->atol));
  PetscCall(VecScale(s->atol, s->spec.atol));
  PetscCall(LhElectrochemGetActive(s->ec, work));
  PetscCall(VecSum(work, &used));
  PetscCall(VecGetSize(work, &size));
  s->share = PetscSqrtReal((PetscReal)size / used);
  PetscCall(VecGetLocalSize(work, &n));
  PetscCall(VecGetArrayRead(work, &active));
  PetscCall(VecGetArray(s->atol, &atol));
  for (PetscInt i = 0; i < n; i++) {
    if (active[i] == 0) atol[i] = 1e200;
  }
  PetscCall(VecRestoreArray(s->atol, &atol));
  PetscCall(VecRestoreArrayRead(work, &active));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// How steps are chosen, and when Newton's method ends.
static PetscErrorCode ConfigureSteps(LhEcSolver s) {
  const PetscBool equal = s->spec.fixed_step > 0 ? PETSC_TRUE : PETSC_FALSE;
  const PetscReal longest = equal ? s->spec.fixed_step : s->spec.max_step;

  PetscFunctionBegin;
  CallIda(IDASetMaxNumSteps(s->ida, -1));
  CallIda(IDASetMaxErrTestFails(s->ida, 30));
  CallIda(IDASetMaxConvFails(s->ida, equal ? 1 : 30));
  CallIda(IDASetMaxNonlinIters(s->ida, equal ? 15 : 6));
  CallIda(IDASetNonlinConvCoef(s->ida, s->spec.newton_coefficient * (equal ? UNJUDGED : 1)));
  if (longest > 0) CallIda(IDASetMaxStep(s->ida, longest));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ConfigureIda(LhEcSolver s) {
  Vec id;
  N_Vector nid;

  PetscFunctionBegin;
  PetscCall(VecDuplicate(s->y, &id));
  PetscCall(SetTolerances(s, id));
  PetscCall(LhElectrochemGetIds(s->ec, id));
  nid = N_VMake_Petsc(id, s->context);
  CallIda(IDASetUserData(s->ida, s));
  CallIda(IDASetErrHandlerFn(s->ida, Message, s));
  CallIda(IDAWFtolerances(s->ida, Weights));
  CallIda(IDASetId(s->ida, nid));
  CallIda(IDASetSuppressAlg(s->ida, SUNTRUE));
  PetscCall(ConfigureSteps(s));
  CallIda(IDASetLinearSolver(s->ida, s->linear, s->matrix));
  CallIda(IDASetJacFn(s->ida, Jacobian));
  // Linear rows (the balances) are exact only when the matrix belongs to the present cj and the
  // correction is taken as it is.
  CallIda(IDASetLinearSolutionScaling(s->ida, SUNFALSE));
  CallIda(IDASetDeltaCjLSetup(s->ida, 1e-12));
  N_VDestroy(nid);
  PetscCall(VecDestroy(&id));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateLinear(LhEcSolver s) {
  PetscFunctionBegin;
  s->matrix = SUNMatNewEmpty(s->context);
  s->matrix->ops->getid = MatrixId;
  s->matrix->ops->zero = MatrixZero;
  s->matrix->ops->destroy = MatrixDestroy;
  s->linear = SUNLinSolNewEmpty(s->context);
  s->linear->content = s;
  s->linear->ops->gettype = LinearType;
  s->linear->ops->getid = LinearId;
  s->linear->ops->setup = LinearSetUp;
  s->linear->ops->solve = LinearSolve;
  s->linear->ops->numiters = LinearIterations;
  s->linear->ops->resnorm = LinearNorm;
  s->linear->ops->resid = LinearResidual;
  s->linear->ops->free = LinearFree;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverCreate(LhElectrochem ec, const LhEcSolverSpec *spec, LhEcSolver *solver) {
  LhEcSolver s;
  MPI_Comm comm;

  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  *solver = s;
  s->ec = ec;
  s->spec = *spec;
  PetscCall(LhElectrochemCreateState(ec, &s->y));
  PetscCall(VecDuplicate(s->y, &s->ydot));
  PetscCall(VecDuplicate(s->y, &s->atol));
  PetscCall(LhElectrochemSetInitial(ec, s->y, s->ydot));
  comm = PetscObjectComm((PetscObject)s->y);
  CallIda(SUNContext_Create((void *)&comm, &s->context));
  s->ny = N_VMake_Petsc(s->y, s->context);
  s->nydot = N_VMake_Petsc(s->ydot, s->context);
  s->ida = IDACreate(s->context);
  // Before the vectors are made: an order that is not used needs none.
  CallIda(IDASetMaxOrd(s->ida, spec->fixed_step > 0 ? 1 : (int)spec->max_order));
  CallIda(IDAInit(s->ida, Residual, s->t, s->ny, s->nydot));
  PetscCall(CreateLinear(s));
  PetscCall(CreateKsp(s));
  PetscCall(ConfigureIda(s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverDestroy(LhEcSolver *solver) {
  LhEcSolver s = *solver;

  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(PETSC_SUCCESS);
  IDAFree(&s->ida);
  SUNLinSolFree(s->linear);
  SUNMatDestroy(s->matrix);
  N_VDestroy(s->ny);
  N_VDestroy(s->nydot);
  PetscCall(KSPDestroy(&s->ksp));
  PetscCall(VecDestroy(&s->y));
  PetscCall(VecDestroy(&s->ydot));
  PetscCall(VecDestroy(&s->atol));
  SUNContext_Free(&s->context);
  PetscCall(PetscFree(*solver));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverGetState(LhEcSolver s, PetscReal *t, Vec *y, Vec *ydot) {
  PetscFunctionBegin;
  if (t) *t = s->t;
  if (y) *y = s->y;
  if (ydot) *ydot = s->ydot;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverSetState(LhEcSolver s, PetscReal t, Vec y, Vec ydot) {
  PetscFunctionBegin;
  s->t = t;
  if (y != s->y) PetscCall(VecCopy(y, s->y));
  if (ydot != s->ydot) PetscCall(VecCopy(ydot, s->ydot));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Adds IDA's counters of the stretch that ends to `before`: a re-initialisation clears them.
static PetscErrorCode SaveCounters(LhEcSolver s) {
  LhEcSolverStats now;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetStats(s, &now));
  s->before.steps = now.steps;
  s->before.newton = now.newton;
  s->before.error_failures = now.error_failures;
  s->before.newton_failures = now.newton_failures;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverStart(LhEcSolver s, PetscInt num_limits, const LhLimit limits[],
                               PetscReal first_step, PetscBool *ok) {
  int directions[MAX_LIMITS];

  PetscFunctionBegin;
  PetscCheck(num_limits <= MAX_LIMITS, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ, "at most %d limits",
             MAX_LIMITS);
  PetscCall(SaveCounters(s));
  s->num_limits = num_limits;
  s->sentence[0] = 0;
  for (PetscInt i = 0; i < num_limits; i++) {
    s->limits[i] = limits[i];
    directions[i] = limits[i].direction;
  }
  s->policy.stale = PETSC_TRUE;
  CallIda(IDAReInit(s->ida, s->t, s->ny, s->nydot));
  // No separate search for consistent values: the first implicit step, short and of order one, solves for
  // them. Algebraic entries take no part in its error test, and Newton's method renews its matrix.
  CallIda(IDARootInit(s->ida, (int)num_limits, num_limits ? Roots : NULL));
  if (num_limits) {
    CallIda(IDASetRootDirection(s->ida, directions));
    CallIda(IDASetNoInactiveRootWarn(s->ida));
  }
  s->next = s->spec.fixed_step > 0 ? s->spec.fixed_step : first_step;
  CallIda(IDASetInitStep(s->ida, s->next));
  *ok = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Which entry of the state holds the largest weighted error of the last step.
static PetscErrorCode DescribeFailure(LhEcSolver s, int flag) {
  char words[256];

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(words, s->sentence, sizeof(words)));
  PetscCall(PetscSNPrintf(
      s->sentence, sizeof(s->sentence),
      "time integration stopped at t = %.8g s (reason %d: %s); last good state kept. Try a smaller "
      "numerics.electrochemistry.rtol, the 'direct' preconditioner, or a lower current.",
      (double)s->t, flag, words));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverStep(LhEcSolver s, PetscReal end, LhStretch *result, PetscInt *which) {
  int found[MAX_LIMITS] = {0}, flag;
  realtype t = s->t;

  PetscFunctionBegin;
  CallIda(IDASetStopTime(s->ida, end));
  s->stepping = PETSC_TRUE;
  flag = IDASolve(s->ida, end, &t, s->ny, s->nydot, IDA_ONE_STEP);
  s->stepping = PETSC_FALSE;
  PetscCall((PetscErrorCode)s->error);
  if (flag < 0) {
    *result = LH_STRETCH_FAILED;
    PetscCall(DescribeFailure(s, flag));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  s->t = t;
  CallIda(IDAGetCurrentStep(s->ida, &s->next));
  *result = flag == IDA_TSTOP_RETURN ? LH_STRETCH_END : LH_STRETCH_STEP;
  if (flag != IDA_ROOT_RETURN) PetscFunctionReturn(PETSC_SUCCESS);
  CallIda(IDAGetRootInfo(s->ida, found));
  *result = LH_STRETCH_LIMIT;
  for (PetscInt i = s->num_limits - 1; i >= 0; i--) {
    if (found[i]) *which = i;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverGetFailure(LhEcSolver s, const char **sentence) {
  PetscFunctionBegin;
  *sentence = s->sentence;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverGetStats(LhEcSolver s, LhEcSolverStats *stats) {
  long steps = 0, newton = 0, fails = 0, conv = 0;
  int order = 0;
  realtype h = 0;

  PetscFunctionBegin;
  CallIda(IDAGetNumSteps(s->ida, &steps));
  CallIda(IDAGetNumNonlinSolvIters(s->ida, &newton));
  CallIda(IDAGetNumErrTestFails(s->ida, &fails));
  CallIda(IDAGetNumNonlinSolvConvFails(s->ida, &conv));
  CallIda(IDAGetLastOrder(s->ida, &order));
  CallIda(IDAGetLastStep(s->ida, &h));
  *stats = s->stats;
  stats->steps = s->before.steps + (PetscInt)steps;
  stats->newton = s->before.newton + (PetscInt)newton;
  stats->error_failures = s->before.error_failures + (PetscInt)fails;
  stats->newton_failures = s->before.newton_failures + (PetscInt)conv;
  stats->order = order;
  stats->step = h;
  stats->next = s->next;
  stats->preconditioners = s->policy.builds;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcSolverSetStats(LhEcSolver s, const LhEcSolverStats *stats) {
  PetscFunctionBegin;
  s->stats = s->before = *stats;
  s->policy.builds = stats->preconditioners;
  PetscFunctionReturn(PETSC_SUCCESS);
}
