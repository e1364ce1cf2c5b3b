/// @file
/// Steps by their error: IDA on PETSc vectors. Owns the integrator and its vectors.
#include <idas/idas.h>
#include <nvector/nvector_petsc.h>
#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>

#include "solve/electrochem_solver_private.h"

typedef struct {
  SUNContext context;
  void *ida;
  SUNMatrix matrix;
  SUNLinearSolver linear;
  N_Vector ny, nydot, last_solution;
  PetscInt solves_of_matrix;  ///< linear solves since the last Jacobian
  PetscBool stepping;         ///< inside a step
  PetscErrorCode error;       ///< first PETSc error inside a callback
} Ida;

/// Keeps the first PETSc error of a callback and tells IDA to stop (-1) or to try a smaller step (1).
static int Report(LhEcSolver s, PetscErrorCode error, PetscBool fine) {
  Ida *ida = s->data;

  if (error) {
    if (!ida->error) ida->error = error;
    return -1;
  }
  return fine ? 0 : 1;
}

static int Residual(realtype t, N_Vector y, N_Vector ydot, N_Vector r, void *data) {
  LhEcSolver s = data;
  PetscBool finite = PETSC_FALSE;
  const PetscErrorCode error = LhEcSolverResidual(
      s, t, N_VGetVector_Petsc(y), N_VGetVector_Petsc(ydot), N_VGetVector_Petsc(r), &finite);

  return Report(s, error, finite);
}

static int Jacobian(realtype t, realtype cj, N_Vector y, N_Vector ydot, N_Vector r, SUNMatrix J,
                    void *data, N_Vector w1, N_Vector w2, N_Vector w3) {
  LhEcSolver s = data;
  Ida *ida = s->data;

  (void)r, (void)J, (void)w1, (void)w2, (void)w3;
  ida->solves_of_matrix = 0;
  return Report(s, LhEcSolverJacobian(s, t, cj, N_VGetVector_Petsc(y), N_VGetVector_Petsc(ydot)),
                PETSC_TRUE);
}

/// Weights of IDA's norm, sqrt(sum (w v)^2 / n): unused lanes of the last batches neither add to the sum nor
/// count in n, so that step sizes do not depend on the partition.
static int Weights(N_Vector ny, N_Vector nw, void *data) {
  LhEcSolver s = data;
  const PetscScalar *y, *atol;
  PetscScalar *w;
  PetscInt n;
  PetscErrorCode error = VecGetLocalSize(s->y, &n);

  if (!error) error = VecGetArrayRead(N_VGetVector_Petsc(ny), &y);
  if (!error) error = VecGetArrayRead(s->atol, &atol);
  if (!error) error = VecGetArrayWrite(N_VGetVector_Petsc(nw), &w);
  if (error) return Report(s, error, PETSC_TRUE);
  for (PetscInt i = 0; i < n; i++)
    w[i] = s->share / (s->spec.rtol * PetscAbsScalar(y[i]) + atol[i]);
  error = VecRestoreArrayWrite(N_VGetVector_Petsc(nw), &w);
  if (!error) error = VecRestoreArrayRead(s->atol, &atol);
  if (!error) error = VecRestoreArrayRead(N_VGetVector_Petsc(ny), &y);
  return Report(s, error, PETSC_TRUE);
}

static int Roots(realtype t, N_Vector y, N_Vector ydot, realtype *g, void *data) {
  (void)t, (void)ydot;
  return Report(data, LhEcSolverReadLimits(data, N_VGetVector_Petsc(y), g), PETSC_TRUE);
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

static int LinearSetUp(SUNLinearSolver ls, SUNMatrix m) {
  LhEcSolver s = ls->content;

  (void)m;
  return Report(s, LhEcSolverSetUpOperators(s), PETSC_TRUE) ? SUNLS_PACKAGE_FAIL_UNREC
                                                            : SUNLS_SUCCESS;
}

/// From its second iteration on, Newton's method gets a Jacobian of the present iterate: exhaustion is too
/// nonlinear for the frozen matrix that IDA's modified Newton would keep.
static PetscErrorCode RenewJacobian(LhEcSolver s) {
  Ida *ida = s->data;
  N_Vector y, ydot;
  realtype t, cj;

  PetscFunctionBegin;
  if (!ida->stepping || ida->solves_of_matrix++ == 0) PetscFunctionReturn(PETSC_SUCCESS);
  if (IDAGetCurrentY(ida->ida, &y) || IDAGetCurrentYp(ida->ida, &ydot) ||
      IDAGetCurrentTime(ida->ida, &t) || IDAGetCurrentCj(ida->ida, &cj)) {
    SETERRQ(PETSC_COMM_SELF, PETSC_ERR_LIB, "the integrator does not show its iterate");
  }
  PetscCall(LhEcSolverJacobian(s, t, cj, N_VGetVector_Petsc(y), N_VGetVector_Petsc(ydot)));
  PetscCall(LhEcSolverSetUpOperators(s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Solve(LhEcSolver s, N_Vector b, N_Vector x, PetscBool *ok) {
  PetscFunctionBegin;
  PetscCall(RenewJacobian(s));
  PetscCall(LhEcSolverSolve(s, N_VGetVector_Petsc(b), N_VGetVector_Petsc(x), ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int LinearSolve(SUNLinearSolver ls, SUNMatrix m, N_Vector x, N_Vector b, realtype tol) {
  LhEcSolver s = ls->content;
  PetscBool ok = PETSC_FALSE;
  const PetscErrorCode error = Solve(s, b, x, &ok);

  (void)m, (void)tol;
  ((Ida *)s->data)->last_solution = x;
  if (Report(s, error, PETSC_TRUE)) return SUNLS_PACKAGE_FAIL_UNREC;
  return ok ? SUNLS_SUCCESS : SUNLS_CONV_FAIL;
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
  return ((Ida *)((LhEcSolver)ls->content)->data)->last_solution;
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

#define CallIda(call)                                                                       \
  do {                                                                                      \
    const int flag_ = (call);                                                               \
    PetscCheck(flag_ >= 0, PETSC_COMM_SELF, PETSC_ERR_LIB, "%s returned %d", #call, flag_); \
  } while (0)

/// How steps are chosen, and when Newton's method ends.
static PetscErrorCode ConfigureSteps(LhEcSolver s) {
  Ida *ida = s->data;

  PetscFunctionBegin;
  CallIda(IDASetMaxNumSteps(ida->ida, -1));
  CallIda(IDASetMaxErrTestFails(ida->ida, 30));
  CallIda(IDASetMaxConvFails(ida->ida, 30));
  CallIda(IDASetMaxNonlinIters(ida->ida, 6));
  CallIda(IDASetNonlinConvCoef(ida->ida, s->spec.newton_coefficient));
  if (s->spec.max_step > 0) CallIda(IDASetMaxStep(ida->ida, s->spec.max_step));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ConfigureIda(LhEcSolver s) {
  Ida *ida = s->data;
  Vec id;
  N_Vector nid;

  PetscFunctionBegin;
  PetscCall(VecDuplicate(s->y, &id));
  PetscCall(LhElectrochemGetIds(s->ec, id));
  nid = N_VMake_Petsc(id, ida->context);
  CallIda(IDASetUserData(ida->ida, s));
  CallIda(IDASetErrHandlerFn(ida->ida, Message, s));
  CallIda(IDAWFtolerances(ida->ida, Weights));
  CallIda(IDASetId(ida->ida, nid));
  CallIda(IDASetSuppressAlg(ida->ida, SUNTRUE));
  PetscCall(ConfigureSteps(s));
  CallIda(IDASetLinearSolver(ida->ida, ida->linear, ida->matrix));
  CallIda(IDASetJacFn(ida->ida, Jacobian));
  // Linear rows (the balances) are exact only when the matrix belongs to the present cj and the
  // correction is taken as it is.
  CallIda(IDASetLinearSolutionScaling(ida->ida, SUNFALSE));
  CallIda(IDASetDeltaCjLSetup(ida->ida, 1e-12));
  N_VDestroy(nid);
  PetscCall(VecDestroy(&id));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateLinear(LhEcSolver s) {
  Ida *ida = s->data;

  PetscFunctionBegin;
  ida->matrix = SUNMatNewEmpty(ida->context);
  ida->matrix->ops->getid = MatrixId;
  ida->matrix->ops->zero = MatrixZero;
  ida->matrix->ops->destroy = MatrixDestroy;
  ida->linear = SUNLinSolNewEmpty(ida->context);
  ida->linear->content = s;
  ida->linear->ops->gettype = LinearType;
  ida->linear->ops->getid = LinearId;
  ida->linear->ops->setup = LinearSetUp;
  ida->linear->ops->solve = LinearSolve;
  ida->linear->ops->numiters = LinearIterations;
  ida->linear->ops->resnorm = LinearNorm;
  ida->linear->ops->resid = LinearResidual;
  ida->linear->ops->free = LinearFree;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Create(LhEcSolver s) {
  MPI_Comm comm = PetscObjectComm((PetscObject)s->y);
  Ida *ida;

  PetscFunctionBegin;
  PetscCall(PetscNew(&ida));
  s->data = ida;
  CallIda(SUNContext_Create((void *)&comm, &ida->context));
  ida->ny = N_VMake_Petsc(s->y, ida->context);
  ida->nydot = N_VMake_Petsc(s->ydot, ida->context);
  ida->ida = IDACreate(ida->context);
  // Before the vectors are made: an order that is not used needs none.
  CallIda(IDASetMaxOrd(ida->ida, (int)s->spec.max_order));
  CallIda(IDAInit(ida->ida, Residual, s->t, ida->ny, ida->nydot));
  PetscCall(CreateLinear(s));
  PetscCall(ConfigureIda(s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(LhEcSolver s) {
  Ida *ida = s->data;

  PetscFunctionBegin;
  IDAFree(&ida->ida);
  SUNLinSolFree(ida->linear);
  SUNMatDestroy(ida->matrix);
  N_VDestroy(ida->ny);
  N_VDestroy(ida->nydot);
  SUNContext_Free(&ida->context);
  PetscCall(PetscFree(ida));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Stats(LhEcSolver s, LhEcSolverStats *stats) {
  Ida *ida = s->data;
  long steps = 0, newton = 0, fails = 0, conv = 0;
  int order = 0;
  realtype h = 0;

  PetscFunctionBegin;
  CallIda(IDAGetNumSteps(ida->ida, &steps));
  CallIda(IDAGetNumNonlinSolvIters(ida->ida, &newton));
  CallIda(IDAGetNumErrTestFails(ida->ida, &fails));
  CallIda(IDAGetNumNonlinSolvConvFails(ida->ida, &conv));
  CallIda(IDAGetLastOrder(ida->ida, &order));
  CallIda(IDAGetLastStep(ida->ida, &h));
  stats->steps += (PetscInt)steps;
  stats->newton += (PetscInt)newton;
  stats->error_failures += (PetscInt)fails;
  stats->newton_failures += (PetscInt)conv;
  stats->order = order;
  stats->step = h;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A re-initialisation clears IDA's counters: those of the stretch that ends go to the solver's.
static PetscErrorCode SaveCounters(LhEcSolver s) {
  PetscFunctionBegin;
  PetscCall(Stats(s, &s->stats));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Start(LhEcSolver s) {
  Ida *ida = s->data;
  int directions[LH_EC_MAX_LIMITS];

  PetscFunctionBegin;
  PetscCall(SaveCounters(s));
  for (PetscInt i = 0; i < s->num_limits; i++) directions[i] = s->limits[i].direction;
  CallIda(IDAReInit(ida->ida, s->t, ida->ny, ida->nydot));
  // No separate search for consistent values: the first implicit step, short and of order one, solves for
  // them. Algebraic entries take no part in its error test, and Newton's method renews its matrix.
  CallIda(IDARootInit(ida->ida, (int)s->num_limits, s->num_limits ? Roots : NULL));
  if (s->num_limits) {
    CallIda(IDASetRootDirection(ida->ida, directions));
    CallIda(IDASetNoInactiveRootWarn(ida->ida));
  }
  CallIda(IDASetInitStep(ida->ida, s->next));
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

static PetscErrorCode Step(LhEcSolver s, PetscReal end, LhStretch *result, PetscInt *which) {
  Ida *ida = s->data;
  int found[LH_EC_MAX_LIMITS] = {0}, flag;
  realtype t = s->t;

  PetscFunctionBegin;
  CallIda(IDASetStopTime(ida->ida, end));
  ida->stepping = PETSC_TRUE;
  flag = IDASolve(ida->ida, end, &t, ida->ny, ida->nydot, IDA_ONE_STEP);
  ida->stepping = PETSC_FALSE;
  PetscCall(ida->error);
  if (flag < 0) {
    *result = LH_STRETCH_FAILED;
    PetscCall(DescribeFailure(s, flag));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  s->t = t;
  CallIda(IDAGetCurrentStep(ida->ida, &s->next));
  *result = flag == IDA_TSTOP_RETURN ? LH_STRETCH_END : LH_STRETCH_STEP;
  if (flag != IDA_ROOT_RETURN) PetscFunctionReturn(PETSC_SUCCESS);
  CallIda(IDAGetRootInfo(ida->ida, found));
  *result = LH_STRETCH_LIMIT;
  for (PetscInt i = s->num_limits - 1; i >= 0; i--) {
    if (found[i]) *which = i;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhEcIntegrator lh_ec_ida = {Create, Destroy, Start, Step, Stats};
