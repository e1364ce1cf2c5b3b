/// @file
/// Owns what a calibration leaves: calibration.json for programs and people; the points lie in evaluations/table.csv.
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/json.h"
#include "study/calibration.h"

static PetscErrorCode WriteParameters(const LhCalibration *cal, LhJson json) {
  const PetscReal *x = cal->points[cal->best].x;
  const PetscInt n = cal->num_parameters;

  PetscFunctionBegin;
  PetscCall(LhJsonBeginObject(json, "parameters"));
  for (PetscInt k = 0; k < n; k++) {
    const LhCalParameter *p = &cal->parameter[k];
    const PetscBool at_bound = x[k] < 1e-6 || x[k] > 1 - 1e-6 ? PETSC_TRUE : PETSC_FALSE;

    PetscCall(LhJsonBeginObject(json, p->name));
    PetscCall(LhJsonReal(json, "value", LhCalibrationValue(p, x[k])));
    PetscCall(LhJsonText(json, "unit", *p->unit ? p->unit : "1"));
    PetscCall(LhJsonText(json, "class", "calibrated"));
    PetscCall(LhJsonText(json, "key", p->keys[0]));
    PetscCall(LhJsonReal(json, "standard_deviation", cal->deviation[k]));
    PetscCall(LhJsonReal(json, "start", p->start));
    PetscCall(LhJsonReal(json, "lower", p->lower));
    PetscCall(LhJsonReal(json, "upper", p->upper));
    PetscCall(LhJsonBool(json, "at_bound", at_bound));
    PetscCall(LhJsonBeginObject(json, "correlation"));
    for (PetscInt j = 0; j < n; j++)
      PetscCall(LhJsonReal(json, cal->parameter[j].name,
                           cal->covariance[k * n + j] /
                               sqrt(cal->covariance[k * n + k] * cal->covariance[j * n + j])));
    PetscCall(LhJsonEnd(json));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Residual of a target, of a curve the root of the sum of squares; its sensitivities d r / d ln x or d r / d x.
static PetscErrorCode WriteTargets(const LhCalibration *cal, LhJson json) {
  const LhCalPoint *best = &cal->points[cal->best];
  const PetscInt n = cal->num_parameters;

  PetscFunctionBegin;
  PetscCall(LhJsonBeginObject(json, "targets"));
  for (PetscInt i = 0; i < cal->num_targets; i++) {
    const LhCalTarget *t = &cal->target[i];
    PetscReal sum = 0;

    for (PetscInt m = 0; m < t->num; m++) sum += best->r[t->first + m] * best->r[t->first + m];
    PetscCall(LhJsonBeginObject(json, t->name));
    PetscCall(LhJsonText(json, "measured", *t->curve ? t->curve : t->value));
    PetscCall(LhJsonText(json, "deviation", t->deviation));
    PetscCall(LhJsonText(json, *t->curve ? "y" : "observable", *t->curve ? t->y : t->observable));
    PetscCall(LhJsonReal(json, *t->curve ? "model_at_end" : "model", best->model[i]));
    PetscCall(
        LhJsonReal(json, "residual_over_deviation", t->num == 1 ? best->r[t->first] : sqrt(sum)));
    PetscCall(LhJsonBeginObject(json, "sensitivity"));
    for (PetscInt k = 0; k < n; k++) {
      PetscReal along = 0;

      for (PetscInt m = 0; m < t->num; m++) along += cal->sensitivity[(t->first + m) * n + k];
      PetscCall(LhJsonReal(json, cal->parameter[k].name, along / sqrt((PetscReal)t->num)));
    }
    PetscCall(LhJsonEnd(json));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteAll(const LhCalibration *cal, LhJson json) {
  PetscReal sum = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < cal->num_residuals; i++)
    sum += cal->points[cal->best].r[i] * cal->points[cal->best].r[i];
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "name", cal->name));
  PetscCall(LhJsonText(json, "stop_reason", cal->reason));
  PetscCall(LhJsonInt(json, "points", cal->num_points));
  PetscCall(LhJsonReal(json, "sum_of_squares", sum));
  PetscCall(LhJsonInt(json, "residuals", cal->num_residuals));
  PetscCall(LhJsonInt(json, "parameters_told_apart", cal->rank));
  PetscCall(LhJsonText(json, "case", cal->points[cal->best].id));
  PetscCall(WriteParameters(cal, json));
  PetscCall(WriteTargets(cal, json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCalibrationWrite(const LhCalibration *cal) {
  char path[PETSC_MAX_PATH_LEN];
  const char *text;
  size_t size;
  LhJson json;

  PetscFunctionBegin;
  if (cal->best < 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/calibration.json", cal->directory));
  PetscCall(LhJsonCreate(&json));
  PetscCall(WriteAll(cal, json));
  PetscCall(LhJsonGetText(json, &text, &size));
  PetscCall(LhAtomicWrite(path, text, size));
  PetscCall(LhJsonDestroy(&json));
  PetscFunctionReturn(PETSC_SUCCESS);
}
