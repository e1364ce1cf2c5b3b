/// @file
/// Owns the search: points evaluated as rows of a study, TAO's bounded regularised Gauss-Newton method, and what can be
/// said of the solution: sensitivities by differences, covariance (J^T J)^-1 of the scaled parameters.
#include <math.h>
#include <petsctao.h>
#include <string.h>

// After the header that it cannot do without.
#include <petscblaslapack.h>

#include "study/calibration.h"
#include "study/engine.h"
#include "study/store.h"
#include "study/table.h"

/// Points nearer than this are one: their texts in the cases are the same.
#define SAME 1e-12
/// Residual of a run that failed, over the largest seen so far.
#define FAILED 10.
/// Root of the sum of squares, in deviations, that is good enough for anything.
#define PERFECT 1e-3
/// Iterations without a better point that end the search.
#define STALLED 3
/// Eigenvalue of J^T J over the largest below which a direction is not seen by the targets.
#define BLIND 1e-8

static PetscInt FindPoint(const LhCalibration *cal, const PetscReal x[]) {
  for (PetscInt i = 0; i < cal->num_points; i++) {
    PetscReal distance = 0;

    for (PetscInt k = 0; k < cal->num_parameters; k++)
      distance = PetscMax(distance, fabs(cal->points[i].x[k] - x[k]));
    if (distance < SAME) return i;
  }
  return -1;
}

static PetscErrorCode AddPoint(LhCalibration *cal, const PetscReal x[], PetscInt *index) {
  LhCalPoint *p;

  PetscFunctionBegin;
  if (cal->num_points == cal->max_points) {
    cal->max_points = 2 * cal->max_points + 16;
    PetscCall(PetscRealloc((size_t)cal->max_points * sizeof(*cal->points), &cal->points));
  }
  *index = cal->num_points++;
  p = &cal->points[*index];
  *p = (LhCalPoint){.failed = PETSC_TRUE};
  PetscCall(PetscCalloc3(cal->num_parameters, &p->x, cal->num_residuals, &p->r, cal->num_targets,
                         &p->model));
  PetscCall(PetscArraycpy(p->x, x, cal->num_parameters));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Residuals of a row of the study, which has run.
static PetscErrorCode ReadRow(LhCalibration *cal, LhStudy study, const LhStudyRow *row,
                              LhCalPoint *p) {
  PetscFunctionBegin;
  p->failed = PETSC_FALSE;
  (void)snprintf(p->id, sizeof(p->id), "%s", study->cases[row->cases[0]].id);
  for (PetscInt i = 0; i < cal->num_targets; i++) {
    const LhCalTarget *t = &cal->target[i];
    const LhStudyCase *c = &study->cases[row->cases[t->base]];
    char folder[PETSC_MAX_PATH_LEN];
    PetscBool ok = PETSC_FALSE;

    PetscCall(LhStorePath(study, "cases", c, "", folder));
    if (c->state == LH_CASE_DONE)
      PetscCall(LhCalibrationCompare(cal, t, folder, p->r + t->first, &p->model[i], &ok));
    if (!ok) p->failed = PETSC_TRUE;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A failed run is far from everything measured: the search turns away from it.
static PetscErrorCode Punish(const LhCalibration *cal, LhCalPoint *p) {
  PetscReal largest = 1;

  PetscFunctionBegin;
  if (!p->failed) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < cal->num_points; i++) {
    for (PetscInt k = 0; k < cal->num_residuals && !cal->points[i].failed; k++)
      largest = PetscMax(largest, fabs(cal->points[i].r[k]));
  }
  for (PetscInt k = 0; k < cal->num_residuals; k++) p->r[k] = FAILED * largest;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Runs all points known so far as one study: what is done is found on the disk.
static PetscErrorCode RunPoints(LhCalibration *cal, PetscInt first) {
  const PetscInt n = cal->num_points;
  LhEngineEnd end = {0};
  PetscReal *x;
  LhStudy study;
  PetscBool ok;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n * cal->num_parameters, &x));
  for (PetscInt i = 0; i < n; i++)
    PetscCall(PetscArraycpy(x + i * cal->num_parameters, cal->points[i].x, cal->num_parameters));
  PetscCall(LhCalibrationStudy(cal, n, x, &study, &ok));
  for (PetscInt i = 0; ok && i < study->num_cases; i++) {
    if (study->cases[i].problem)
      PetscCall(LhDiagAdd(cal->diag, LH_DIAG_ERROR, NULL, "%s", study->cases[i].problem));
  }
  if (ok) PetscCall(LhStoreOpen(study, LH_STORE_RESUME, &ok));
  if (ok) {
    PetscCall(LhEngineRun(study, &end));
    PetscCall(LhStudyTableWrite(study));
    cal->stopped = end.stopped;
    for (PetscInt i = first; i < n && !end.stopped; i++) {
      PetscCall(ReadRow(cal, study, &study->rows[i], &cal->points[i]));
      PetscCall(Punish(cal, &cal->points[i]));
    }
  } else {
    PetscCall(LhDiagPrint(study->diag, stderr));
    cal->stopped = PETSC_TRUE;
  }
  PetscCall(PetscFree(x));
  PetscCall(LhStudyDestroy(&study));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCalibrationEvaluate(LhCalibration *cal, PetscInt m, const PetscReal x[],
                                     PetscInt index[]) {
  const PetscInt first = cal->num_points;
  PetscInt errors;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < m; i++) {
    index[i] = FindPoint(cal, x + i * cal->num_parameters);
    if (index[i] < 0) PetscCall(AddPoint(cal, x + i * cal->num_parameters, &index[i]));
  }
  if (cal->num_points > first && !cal->stopped) PetscCall(RunPoints(cal, first));
  PetscCall(LhDiagGetCounts(cal->diag, &errors, NULL));
  if (errors) cal->stopped = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Residual(Tao tao, Vec x, Vec r, void *context) {
  LhCalibration *cal = context;
  const PetscScalar *a;
  PetscScalar *b;
  PetscInt index;

  PetscFunctionBegin;
  (void)tao;
  PetscCall(VecGetArrayRead(x, &a));
  PetscCall(LhCalibrationEvaluate(cal, 1, a, &index));
  PetscCall(VecRestoreArrayRead(x, &a));
  PetscCall(VecGetArrayWrite(r, &b));
  PetscCall(PetscArraycpy(b, cal->points[index].r, cal->num_residuals));
  PetscCall(VecRestoreArrayWrite(r, &b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// dr/dx at x, J[residual][parameter], by differences: one-sided and inward, or central where the bounds allow.
static PetscErrorCode Differences(LhCalibration *cal, const PetscReal x[], PetscBool central,
                                  PetscReal J[]) {
  const PetscInt n = cal->num_parameters;
  PetscInt index[2 * LH_CAL_MAX_PARAMETERS];
  PetscReal *points;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(2 * n * n, &points));
  for (PetscInt i = 0; i < 2 * n; i++) PetscCall(PetscArraycpy(points + i * n, x, n));
  for (PetscInt k = 0; k < n; k++) {
    const PetscReal h = cal->method.difference, inward = x[k] > 0.5 ? -h : h;
    const PetscReal outward = x[k] - inward >= 0 && x[k] - inward <= 1 ? -inward : 0;

    points[2 * k * n + k] += inward;
    points[(2 * k + 1) * n + k] += central ? outward : 0;
  }
  PetscCall(LhCalibrationEvaluate(cal, 2 * n, points, index));
  for (PetscInt k = 0; k < n; k++) {
    const LhCalPoint *a = &cal->points[index[2 * k + 1]], *b = &cal->points[index[2 * k]];

    for (PetscInt i = 0; i < cal->num_residuals; i++)
      J[i * n + k] = a->failed || b->failed ? 0 : (b->r[i] - a->r[i]) / (b->x[k] - a->x[k]);
  }
  PetscCall(PetscFree(points));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Jacobian(Tao tao, Vec x, Mat J, Mat P, void *context) {
  LhCalibration *cal = context;
  const PetscScalar *a;
  PetscScalar *entries;
  PetscReal *rows;

  PetscFunctionBegin;
  (void)tao, (void)P;
  PetscCall(PetscMalloc1(cal->num_residuals * cal->num_parameters, &rows));
  PetscCall(VecGetArrayRead(x, &a));
  PetscCall(Differences(cal, a, PETSC_FALSE, rows));
  PetscCall(VecRestoreArrayRead(x, &a));
  PetscCall(MatDenseGetArrayWrite(J, &entries));
  for (PetscInt i = 0; i < cal->num_residuals; i++) {
    for (PetscInt k = 0; k < cal->num_parameters; k++)
      entries[k * cal->num_residuals + i] = rows[i * cal->num_parameters + k];
  }
  PetscCall(MatDenseRestoreArrayWrite(J, &entries));
  PetscCall(MatAssemblyBegin(J, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(J, MAT_FINAL_ASSEMBLY));
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal SumOfSquares(const LhCalibration *cal, const LhCalPoint *p) {
  PetscReal sum = 0;

  for (PetscInt i = 0; i < cal->num_residuals; i++) sum += p->r[i] * p->r[i];
  return sum;
}

/// The point with the least sum of squares, failures aside; -1 when all failed.
static PetscInt FindBest(const LhCalibration *cal) {
  PetscInt best = -1;

  for (PetscInt i = 0; i < cal->num_points; i++) {
    if (cal->points[i].failed) continue;
    if (best < 0 || SumOfSquares(cal, &cal->points[i]) < SumOfSquares(cal, &cal->points[best]))
      best = i;
  }
  return best;
}

/// What ends a search besides TAO's own tests: the user, the limit of points, a fit far better than the measurements
/// are good for, iterations that no longer find a better point.
static PetscErrorCode Stop(Tao tao, void *context) {
  LhCalibration *cal = context;
  const PetscInt best = FindBest(cal);

  PetscFunctionBegin;
  PetscCall(TaoDefaultConvergenceTest(tao, NULL));
  cal->stalled = best == cal->best ? cal->stalled + 1 : 0;
  cal->best = best;
  if (cal->stopped)
    PetscCall(TaoSetConvergedReason(tao, TAO_DIVERGED_USER));
  else if (best >= 0 && SumOfSquares(cal, &cal->points[best]) < PERFECT * PERFECT)
    PetscCall(TaoSetConvergedReason(tao, TAO_CONVERGED_MINF));
  else if (cal->stalled >= STALLED)
    PetscCall(TaoSetConvergedReason(tao, TAO_CONVERGED_STEPTOL));
  else if (cal->num_points >= cal->method.most_evaluations)
    PetscCall(TaoSetConvergedReason(tao, TAO_DIVERGED_MAXFCN));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// TAO's reason in words.
static const char *Words(TaoConvergedReason reason) {
  switch (reason) {
    case TAO_CONVERGED_MINF:
      return "the fit is far better than the measurements are good for";
    case TAO_CONVERGED_STEPTOL:
      return "no better point is near";
    case TAO_DIVERGED_MAXFCN:
    case TAO_DIVERGED_MAXITS:
      return "stopped at method.most_evaluations; the search was not over";
    case TAO_DIVERGED_LS_FAILURE:
      return "no better point lies along the gradient: the minimum to the accuracy of the runs";
    case TAO_DIVERGED_USER:
      return "stopped";
    default:
      return reason > 0 ? "the gradient is small" : TaoConvergedReasons[reason];
  }
}

static PetscErrorCode Search(LhCalibration *cal) {
  Vec x, r, lower, upper;
  PetscScalar *a;
  Mat J;
  Tao tao, inner;

  PetscFunctionBegin;
  PetscCall(VecCreateSeq(PETSC_COMM_SELF, cal->num_parameters, &x));
  PetscCall(VecCreateSeq(PETSC_COMM_SELF, cal->num_residuals, &r));
  PetscCall(VecDuplicate(x, &lower));
  PetscCall(VecDuplicate(x, &upper));
  PetscCall(VecSet(lower, 0));
  PetscCall(VecSet(upper, 1));
  PetscCall(VecGetArrayWrite(x, &a));
  for (PetscInt k = 0; k < cal->num_parameters; k++) {
    const LhCalParameter *p = &cal->parameter[k];

    a[k] = p->scale ? log(p->start / p->lower) / log(p->upper / p->lower)
                    : (p->start - p->lower) / (p->upper - p->lower);
  }
  PetscCall(VecRestoreArrayWrite(x, &a));
  PetscCall(MatCreateSeqDense(PETSC_COMM_SELF, cal->num_residuals, cal->num_parameters, NULL, &J));
  PetscCall(TaoCreate(PETSC_COMM_SELF, &tao));
  PetscCall(TaoSetOptionsPrefix(tao, "calibrate_"));
  PetscCall(TaoSetType(tao, TAOBRGN));
  PetscCall(TaoSetSolution(tao, x));
  PetscCall(TaoSetVariableBounds(tao, lower, upper));
  PetscCall(TaoSetResidualRoutine(tao, r, Residual, cal));
  PetscCall(TaoSetJacobianResidualRoutine(tao, J, J, Jacobian, cal));
  PetscCall(TaoSetFromOptions(tao));
  // The steps are those of an inner solver, which also decides when to end.
  PetscCall(TaoBRGNGetSubsolver(tao, &inner));
  PetscCall(TaoSetVariableBounds(inner, lower, upper));
  PetscCall(TaoSetTolerances(inner, 1e-14, 1e-14, cal->method.tolerance));
  PetscCall(TaoSetMaximumIterations(inner, cal->method.most_evaluations));
  PetscCall(TaoSetConvergenceTest(inner, Stop, cal));
  cal->best = -1;
  PetscCall(TaoSolve(tao));
  {
    TaoConvergedReason reason;

    PetscCall(TaoGetConvergedReason(tao, &reason));
    PetscCall(PetscSNPrintf(cal->reason, sizeof(cal->reason), "%s", Words(reason)));
  }
  PetscCall(TaoDestroy(&tao));
  PetscCall(MatDestroy(&J));
  PetscCall(VecDestroy(&x));
  PetscCall(VecDestroy(&r));
  PetscCall(VecDestroy(&lower));
  PetscCall(VecDestroy(&upper));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Covariance (J^T J)^-1 by the eigenvectors of J^T J; directions the targets do not see are left out, and counted.
static PetscErrorCode Covariance(LhCalibration *cal) {
  const PetscInt n = cal->num_parameters;
  const PetscReal *J = cal->sensitivity;
  PetscReal A[LH_CAL_MAX_PARAMETERS * LH_CAL_MAX_PARAMETERS], w[LH_CAL_MAX_PARAMETERS],
      work[LH_CAL_MAX_PARAMETERS * 64];
  const PetscBLASInt size = (PetscBLASInt)n, lwork = LH_CAL_MAX_PARAMETERS * 64;
  PetscBLASInt info;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < n * n; k++) {
    A[k] = 0;
    for (PetscInt i = 0; i < cal->num_residuals; i++) A[k] += J[i * n + k / n] * J[i * n + k % n];
  }
  LAPACKsyev_("V", "U", &size, A, &size, w, work, &lwork, &info);
  PetscCheck(!info, PETSC_COMM_SELF, PETSC_ERR_LIB, "LAPACK's syev returned %d", (int)info);
  for (PetscInt e = 0; e < n; e++) {
    if (!(w[e] > BLIND * w[n - 1])) continue;
    cal->rank++;
    for (PetscInt k = 0; k < n * n; k++)
      cal->covariance[k] += A[e * n + k / n] * A[e * n + k % n] / w[e];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Standard deviations in the parameters' units, to first order.
static PetscErrorCode Deviations(LhCalibration *cal) {
  const PetscInt n = cal->num_parameters;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < n; k++) {
    const LhCalParameter *p = &cal->parameter[k];
    const PetscReal value = LhCalibrationValue(p, cal->points[cal->best].x[k]);
    const PetscReal slope = p->scale ? value * log(p->upper / p->lower) : p->upper - p->lower;

    cal->deviation[k] = slope * sqrt(cal->covariance[k * n + k]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCalibrationSolve(LhCalibration *cal) {
  const PetscInt n = cal->num_parameters;
  PetscReal *x;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(cal->num_residuals * n, &cal->sensitivity));
  PetscCall(PetscCalloc1(n, &cal->deviation));
  PetscCall(PetscCalloc1(n * n, &cal->covariance));
  PetscCall(Search(cal));
  cal->best = FindBest(cal);
  if (cal->best < 0 || cal->stopped) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(n, &x));
  PetscCall(PetscArraycpy(x, cal->points[cal->best].x, n));
  PetscCall(Differences(cal, x, PETSC_TRUE, cal->sensitivity));
  PetscCall(PetscFree(x));
  if (cal->stopped) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(Covariance(cal));
  PetscCall(Deviations(cal));
  PetscFunctionReturn(PETSC_SUCCESS);
}
