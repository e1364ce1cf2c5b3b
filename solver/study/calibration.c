/// @file
/// Owns the reading of a calibration file.
#include "study/calibration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/calibration_curve.h"

typedef struct {
  PetscInt lihost_calibration;
  char name[LH_NAME_MAX], base[LH_NAME_MAX], description[LH_NAME_MAX];
  LhNode bases, set, parameters, targets, method, engine, output;
} Top;
typedef struct {
  char directory[LH_NAME_MAX];
} Output;
typedef struct {
  LhTextList key;
  char in[LH_NAME_MAX], start[LH_NAME_MAX], lower[LH_NAME_MAX], upper[LH_NAME_MAX];
  PetscInt scale;
} Parameter;

static const char *const scales[] = {"linear", "log", NULL};

static const LhParam top_rows[] = {
    LH_ROW_INT(Top, lihost_calibration, 1, 1, NULL, "version of the calibration format"),
    LH_ROW_TEXT(Top, name, NULL, "name of the calibration"),
    LH_ROW_TEXT(Top, description, "", "one line"),
    LH_ROW_TEXT(Top, base, "", "the case, relative to this file; or give `bases`"),
    LH_ROW_NODE(Top, bases, "", "several cases by name"),
    LH_ROW_NODE(Top, set, "", "keys set in every case"),
    LH_ROW_NODE(Top, parameters, NULL, "what is moved, by a name of yours"),
    LH_ROW_NODE(Top, targets, NULL, "what was measured, by a name of yours"),
    LH_ROW_NODE(Top, method, "", "how the search goes"),
    LH_ROW_NODE(Top, engine, "", "where the cases run, as in a study"),
    LH_ROW_NODE(Top, output, "", "where results go"),
};
static const LhParam output_rows[] = {
    LH_ROW_TEXT(Output, directory, "", "folder, by default calibrations/<name>"),
};
static const LhParam parameter_rows[] = {
    LH_ROW_TEXT_LIST(Parameter, key, NULL,
                     "key of case or material as in a study, or several that take one value"),
    LH_ROW_TEXT(Parameter, in, "", "base case it is for; left out: all that have the key"),
    LH_ROW_TEXT(Parameter, start, NULL, "first value, with unit"),
    LH_ROW_TEXT(Parameter, lower, NULL, "lower bound, in the same unit"),
    LH_ROW_TEXT(Parameter, upper, NULL, "upper bound, in the same unit"),
    LH_ROW_CHOICE(Parameter, scale, scales, "linear", "log: equal ratios are equal steps"),
};
static const LhParam target_rows[] = {
    LH_ROW_TEXT(LhCalTarget, of, "", "base case it belongs to; needed with several"),
    LH_ROW_TEXT(LhCalTarget, observable, "", "number in observables.json, e.g. strength"),
    LH_ROW_TEXT(LhCalTarget, value, "", "its measured value, with unit"),
    LH_ROW_TEXT(LhCalTarget, curve, "", "CSV file of a measured curve, relative to this file"),
    LH_ROW_TEXT(LhCalTarget, x, "", "column of the curve and of series.csv, e.g. strain"),
    LH_ROW_TEXT(LhCalTarget, y, "", "column of the curve and of series.csv, e.g. stress"),
    LH_ROW_TEXT(LhCalTarget, deviation, NULL, "standard deviation of the measurement, with unit"),
};
static const LhParam method_rows[] = {
    LH_ROW_REAL(LhCalMethod, tolerance, "1", 1e-10, 0.5, "1e-4",
                "gradient over that of the start at which the search ends"),
    LH_ROW_REAL(LhCalMethod, difference, "1", 1e-6, 0.2, "1 %",
                "step of a parameter, as a share of its range, for sensitivities"),
    LH_ROW_INT(LhCalMethod, most_evaluations, 1, 100000, "200", "most points that are run"),
};

static const LhTable top_table =
    LH_TABLE("calibration", "parameters fitted to measurements", top_rows);
static const LhTable parameter_table =
    LH_TABLE("calibration.parameters.*", "a parameter", parameter_rows);
static const LhTable target_table = LH_TABLE("calibration.targets.*", "a measurement", target_rows);
static const LhTable method_table =
    LH_TABLE("calibration.method", "how the search goes", method_rows);
static const LhTable output_table = LH_TABLE("calibration.output", "where results go", output_rows);

PetscErrorCode LhCalibrationGetTables(PetscInt *n, const LhTable *const **tables) {
  static const LhTable *const own[] = {&top_table, &parameter_table, &target_table, &method_table,
                                       &output_table};

  PetscFunctionBegin;
  *n = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(own);
  *tables = own;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// "4.2 MPa" as number and unit; a diagnostic when it is neither.
static PetscErrorCode Split(const LhReader *r, LhNode place, const char path[], const char text[],
                            PetscReal *value, char unit[LH_UNIT_MAX]) {
  const LhMark mark = LhNodeGetMark(place);
  char *end;

  PetscFunctionBegin;
  *value = strtod(text, &end);
  if (end == text || !isfinite(*value))
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark, "%s = %s: expected a number with unit", path,
                        text));
  while (*end == ' ') end++;
  PetscCall(PetscStrncpy(unit, end, LH_UNIT_MAX));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckParameter(const LhReader *r, LhNode map, const LhCalParameter *p) {
  const LhMark mark = LhNodeGetMark(map);

  PetscFunctionBegin;
  if (!(p->lower < p->upper && p->start >= p->lower && p->start <= p->upper))
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "parameters.%s: start %g must lie between lower %g and upper %g", p->name,
                        (double)p->start, (double)p->lower, (double)p->upper));
  if (p->scale && p->lower <= 0)
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "parameters.%s: scale log needs bounds above 0", p->name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadParameter(LhCalibration *cal, const LhReader *r, const char name[],
                                    LhNode map) {
  LhCalParameter *p = &cal->parameter[cal->num_parameters++];
  const LhMark mark = LhNodeGetMark(map);
  Parameter keys = {.in = ""};
  char path[2 * LH_NAME_MAX], unit[3][LH_UNIT_MAX];
  PetscInt before, after;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof(path), "parameters.%s", name));
  PetscCall(LhDiagGetCounts(r->diag, &before, NULL));
  PetscCall(LhParamsRead(r, &parameter_table, map, map, path, &keys));
  PetscCall(LhDiagGetCounts(r->diag, &after, NULL));
  if (after > before) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscStrncpy(p->name, name, sizeof(p->name)));
  PetscCall(PetscStrncpy(p->in, keys.in, sizeof(p->in)));
  p->scale = keys.scale;
  p->num_keys = PetscMin(keys.key.n, LH_STUDY_MAX_KEYS);
  for (PetscInt k = 0; k < p->num_keys; k++)
    PetscCall(PetscStrncpy(p->keys[k], keys.key.v[k], sizeof(p->keys[k])));
  PetscCall(Split(r, map, path, keys.start, &p->start, unit[0]));
  PetscCall(Split(r, map, path, keys.lower, &p->lower, unit[1]));
  PetscCall(Split(r, map, path, keys.upper, &p->upper, unit[2]));
  PetscCall(PetscStrncpy(p->unit, unit[0], sizeof(p->unit)));
  if (strcmp(unit[0], unit[1]) || strcmp(unit[0], unit[2]))
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "%s: start, lower and upper need one unit, found '%s', '%s' and '%s'", path,
                        unit[0], unit[1], unit[2]));
  PetscCall(CheckParameter(r, map, p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadTarget(LhCalibration *cal, const LhReader *r, const char name[],
                                 LhNode map) {
  LhCalTarget *t = &cal->target[cal->num_targets++];
  char path[2 * LH_NAME_MAX];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof(path), "targets.%s", name));
  PetscCall(LhParamsRead(r, &target_table, map, map, path, t));
  PetscCall(PetscStrncpy(t->name, name, sizeof(t->name)));
  t->mark = LhNodeGetMark(map);
  if (!*t->observable == !*t->curve || (*t->observable && !*t->value) ||
      (*t->curve && (!*t->x || !*t->y))) {
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &t->mark,
                        "%s: give either observable and value, or curve, x and y", path));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  t->num = 1;
  if (*t->curve) {
    PetscCall(LhCalCurveReadMeasured(cal->path, t, r->diag));
    t->num = t->measured.n;
  }
  t->first = cal->num_residuals;
  cal->num_residuals += t->num;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Entries of a map of sections, each given to `read`.
static PetscErrorCode ReadMap(LhCalibration *cal, const LhReader *r, LhNode map, const char what[],
                              PetscInt most,
                              PetscErrorCode (*read)(LhCalibration *, const LhReader *,
                                                     const char[], LhNode)) {
  const LhMark mark = LhNodeGetMark(map);
  const PetscInt n = LhNodeGetSize(map);

  PetscFunctionBegin;
  if (!map) PetscFunctionReturn(PETSC_SUCCESS);
  if (LhNodeGetKind(map) != LH_NODE_MAP || n < 1 || n > most) {
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark, "%s: expected 1 to %d sections by name",
                        what, (int)most));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt i = 0; i < n; i++)
    PetscCall(read(cal, r, LhNodeGetKey(map, i), LhNodeGetItem(map, i)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The study of this file, without rows; `top` says what else stands in it.
static PetscErrorCode OpenStudy(const LhCalibration *cal, LhStudy *study, Top *top, LhNode *root) {
  Output output = {.directory = ""};
  LhStudyBody body;
  LhReader r;

  PetscFunctionBegin;
  *root = NULL;
  PetscCall(LhStudyOpen(cal->path, cal->num_overrides, cal->overrides, study));
  if (!(*study)->doc) PetscFunctionReturn(PETSC_SUCCESS);
  r = (LhReader){(*study)->diag, NULL};
  PetscCall(LhDocGetRoot((*study)->doc, root));
  PetscCall(LhParamsRead(&r, &top_table, *root, *root, "", top));
  PetscCall(LhParamsRead(&r, &output_table, top->output, *root, "output", &output));
  body = (LhStudyBody){.name = top->name,
                       .base = top->base,
                       .directory = output.directory,
                       .fallback = "calibrations",
                       .bases = top->bases,
                       .set = top->set,
                       .engine = top->engine};
  PetscCall(LhStudyReadBody(*study, &r, *root, &body));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Targets find their base case.
static PetscErrorCode BindTargets(LhCalibration *cal, LhStudy study) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < cal->num_targets; i++) {
    LhCalTarget *t = &cal->target[i];

    t->base = *t->of || study->num_bases > 1 ? -1 : 0;
    for (PetscInt b = 0; b < study->num_bases; b++) {
      if (!strcmp(t->of, study->bases[b].name)) t->base = b;
    }
    if (t->base < 0 && study->num_bases)
      PetscCall(LhDiagAdd(study->diag, LH_DIAG_ERROR, &t->mark,
                          "targets.%s.of = '%s': there is no base case of that name", t->name,
                          t->of));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCalibrationRead(const char path[], PetscInt num_overrides, char *const overrides[],
                                 LhCalibration **out, PetscBool *ok) {
  LhCalibration *cal;
  Top top = {.base = "", .description = ""};
  PetscInt errors;
  LhStudy study;
  LhReader r;
  LhNode root;

  PetscFunctionBegin;
  PetscCall(PetscNew(&cal));
  *out = cal;
  cal->num_overrides = num_overrides;
  cal->overrides = overrides;
  PetscCall(PetscStrncpy(cal->path, path, sizeof(cal->path)));
  PetscCall(OpenStudy(cal, &study, &top, &root));
  // Diagnostics and the places they name outlive the study they came from.
  cal->diag = study->diag;
  r = (LhReader){cal->diag, NULL};
  if (root) {
    PetscCall(PetscStrncpy(cal->name, top.name, sizeof(cal->name)));
    PetscCall(PetscStrncpy(cal->directory, study->directory, sizeof(cal->directory)));
    PetscCall(ReadMap(cal, &r, top.parameters, "parameters", LH_CAL_MAX_PARAMETERS, ReadParameter));
    PetscCall(ReadMap(cal, &r, top.targets, "targets", LH_CAL_MAX_TARGETS, ReadTarget));
    PetscCall(LhParamsRead(&r, &method_table, top.method, root, "method", &cal->method));
    PetscCall(BindTargets(cal, study));
  }
  study->diag = NULL;
  cal->doc = study->doc;
  study->doc = NULL;
  PetscCall(LhStudyDestroy(&study));
  PetscCall(LhDiagGetCounts(cal->diag, &errors, NULL));
  *ok = errors ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscReal LhCalibrationValue(const LhCalParameter *p, PetscReal x) {
  return p->scale ? p->lower * pow(p->upper / p->lower, x) : p->lower + x * (p->upper - p->lower);
}

static PetscErrorCode AddColumn(const LhCalParameter *p, PetscInt m, PetscInt stride,
                                const PetscReal x[], LhStudyColumn *column) {
  PetscFunctionBegin;
  PetscCall(PetscStrncpy(column->name, p->name, sizeof(column->name)));
  PetscCall(PetscStrncpy(column->unit, *p->unit ? p->unit : "1", sizeof(column->unit)));
  PetscCall(PetscStrncpy(column->in, p->in, sizeof(column->in)));
  column->num_keys = p->num_keys;
  PetscCall(PetscMemcpy(column->keys, p->keys, sizeof(p->keys)));
  column->n = m;
  PetscCall(PetscCalloc1(m, &column->value));
  for (PetscInt i = 0; i < m; i++)
    PetscCall(PetscSNPrintf(column->value[i], sizeof(column->value[i]), "%.12g %s",
                            (double)LhCalibrationValue(p, x[i * stride]), p->unit));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCalibrationStudy(const LhCalibration *cal, PetscInt m, const PetscReal x[],
                                  LhStudy *study, PetscBool *ok) {
  Top top = {.base = "", .description = ""};
  LhAxes *axes;
  LhNode root;

  PetscFunctionBegin;
  PetscCall(OpenStudy(cal, study, &top, &root));
  PetscCall(PetscStrlcat((*study)->directory, "/evaluations", sizeof((*study)->directory)));
  axes = &(*study)->axes;
  axes->num_axes = 1;
  axes->num_columns = cal->num_parameters;
  axes->axes[0] = (LhAxis){.n = m, .first = 0, .num_columns = cal->num_parameters};
  for (PetscInt k = 0; k < cal->num_parameters; k++)
    PetscCall(AddColumn(&cal->parameter[k], m, cal->num_parameters, x + k, &axes->columns[k]));
  PetscCall(LhStudyPlan(*study, ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCalibrationDestroy(LhCalibration **out) {
  LhCalibration *cal = *out;

  PetscFunctionBegin;
  if (!cal) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < cal->num_targets; i++)
    PetscCall(PetscFree2(cal->target[i].measured.x, cal->target[i].measured.y));
  for (PetscInt i = 0; i < cal->num_points; i++)
    PetscCall(PetscFree3(cal->points[i].x, cal->points[i].r, cal->points[i].model));
  PetscCall(PetscFree(cal->points));
  PetscCall(PetscFree(cal->sensitivity));
  PetscCall(PetscFree(cal->deviation));
  PetscCall(PetscFree(cal->covariance));
  PetscCall(LhDocDestroy(&cal->doc));
  PetscCall(LhDiagDestroy(&cal->diag));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(PETSC_SUCCESS);
}
