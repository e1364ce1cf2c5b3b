/// @file
/// Owns measured curves and their comparison with runs.
#include "study/calibration_curve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINE 65536

/// Number of the column whose header is `name` or `name [unit]`, -1 without; its factor to SI.
static PetscErrorCode FindColumn(const char header[], const char name[], PetscInt *column,
                                 PetscReal *factor, char unit[LH_UNIT_MAX]) {
  const size_t length = strlen(name);
  PetscInt i = 0;

  PetscFunctionBegin;
  *column = -1;
  *factor = 1;
  unit[0] = 0;
  for (const char *cell = header; cell; cell = strchr(cell, ',') ? strchr(cell, ',') + 1 : NULL) {
    const char *rest;

    while (*cell == ' ' || *cell == '"') cell++;
    rest = cell + length;
    if (!strncmp(cell, name, length) && (!*rest || strchr(" [,\"\r\n", *rest))) {
      *column = i;
      while (*rest == ' ') rest++;
      if (*rest == '[') {
        const size_t n = strcspn(rest + 1, "]");

        PetscCall(PetscStrncpy(unit, rest + 1, PetscMin(n + 1, LH_UNIT_MAX)));
      }
      break;
    }
    i++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Number in column `k` of a line, NaN when there is none.
static PetscReal Field(const char line[], PetscInt k) {
  const char *cell = line;
  char *end;
  PetscReal value;

  for (PetscInt i = 0; i < k && cell; i++) {
    cell = strchr(cell, ',');
    if (cell) cell++;
  }
  if (!cell) return NAN;
  value = strtod(cell, &end);
  return end == cell ? NAN : value;
}

/// SI base units of a unit text; the factor of a unit UDUNITS does not know is 0.
static PetscReal ToSi(const char unit[]) {
  static const char *const known[] = {"1", "Pa", "m",     "s",     "V",     "A m-2",
                                      "K", "J",  "C m-2", "A m-3", "J m-3", "mol m-3"};

  if (!*unit) return 1;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(known); i++) {
    char text[LH_UNIT_MAX + 32];
    LhQuantity q;

    (void)snprintf(text, sizeof(text), "1 %s", strcmp(unit, "1") ? unit : "");
    if (!LhQuantityScan(text, known[i], &q) && q.status == LH_QUANTITY_OK) return q.value;
  }
  return 0;
}

static PetscErrorCode Append(LhCalCurve *curve, PetscInt *max, PetscReal x, PetscReal y) {
  PetscFunctionBegin;
  if (curve->n == *max) {
    PetscReal *a, *b;
    const PetscInt size = 2 * *max + 256;

    PetscCall(PetscMalloc2(size, &a, size, &b));
    PetscCall(PetscArraycpy(a, curve->x, curve->n));
    PetscCall(PetscArraycpy(b, curve->y, curve->n));
    PetscCall(PetscFree2(curve->x, curve->y));
    curve->x = a;
    curve->y = b;
    *max = size;
  }
  curve->x[curve->n] = x;
  curve->y[curve->n++] = y;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCalCurveReadFile(const char path[], const char x[], const char y[],
                                  LhCalCurve *curve, char unit_y[LH_UNIT_MAX], char why[512]) {
  FILE *file = fopen(path, "r");
  char *line, unit_x[LH_UNIT_MAX];
  PetscInt max = 0, cx, cy;
  PetscReal factor, fx, fy;

  PetscFunctionBegin;
  why[0] = 0;
  *curve = (LhCalCurve){0};
  if (!file) {
    PetscCall(PetscSNPrintf(why, 512, "there is no file '%s'", path));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscMalloc1(MAX_LINE, &line));
  line[0] = 0;
  do {
    if (!fgets(line, MAX_LINE, file)) break;
  } while (*line == '#');
  PetscCall(FindColumn(line, x, &cx, &factor, unit_x));
  PetscCall(FindColumn(line, y, &cy, &factor, unit_y));
  fx = ToSi(unit_x);
  fy = ToSi(unit_y);
  line[strcspn(line, "\r\n")] = 0;
  if (cx < 0 || cy < 0)
    PetscCall(PetscSNPrintf(why, 512, "%s has no column '%s'; its first line is: %.200s", path,
                            cx < 0 ? x : y, line));
  else if (fx == 0 || fy == 0)
    PetscCall(
        PetscSNPrintf(why, 512, "%s: the unit '%s' is not known", path, fx == 0 ? unit_x : unit_y));
  while (!*why && fgets(line, MAX_LINE, file)) {
    const PetscReal a = fx * Field(line, cx), b = fy * Field(line, cy);

    if (isfinite(a) && isfinite(b)) PetscCall(Append(curve, &max, a, b));
  }
  if (!*why && !curve->n)
    PetscCall(PetscSNPrintf(why, 512, "%s has no row with two numbers", path));
  PetscCall(PetscFree(line));
  (void)fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCalCurveReadMeasured(const char beside[], LhCalTarget *t, LhDiag diag) {
  const char *slash = strrchr(beside, '/');
  char path[2 * PETSC_MAX_PATH_LEN], why[512], unit[LH_UNIT_MAX];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof(path), "%.*s%s",
                          *t->curve == '/' || !slash ? 0 : (int)(slash + 1 - beside), beside,
                          t->curve));
  PetscCall(LhCalCurveReadFile(path, t->x, t->y, &t->measured, unit, why));
  if (*why)
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, &t->mark, "targets.%s.curve: %s", t->name, why));
  if (t->measured.n > LH_CAL_MAX_RESIDUALS)
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, &t->mark,
                        "targets.%s.curve: %d points; at most %d, thin them out", t->name,
                        (int)t->measured.n, LH_CAL_MAX_RESIDUALS));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscReal LhCalCurveAt(const LhCalCurve *c, PetscReal x, PetscBool *inside) {
  *inside = PETSC_TRUE;
  if (x <= c->x[0]) return c->y[0];
  for (PetscInt i = 1; i < c->n; i++) {
    if (x <= c->x[i] && c->x[i] > c->x[i - 1])
      return c->y[i - 1] + (x - c->x[i - 1]) / (c->x[i] - c->x[i - 1]) * (c->y[i] - c->y[i - 1]);
  }
  *inside = PETSC_FALSE;
  return c->y[c->n - 1];
}

static PetscErrorCode Mistake(LhCalibration *cal, const LhCalTarget *t, const char format[],
                              const char a[], const char b[]) {
  char text[1024];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(text, sizeof(text), format, a, b));
  PetscCall(LhDiagAdd(cal->diag, LH_DIAG_ERROR, &t->mark, "targets.%s: %s", t->name, text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CompareObservable(LhCalibration *cal, const LhCalTarget *t, LhNode root,
                                        PetscReal r[], PetscReal *model, PetscBool *ok) {
  const LhNode entry = LhNodeFind(root, t->observable);
  const char *value = LhNodeGetText(LhNodeFind(entry, "value"));
  const char *unit = LhNodeGetText(LhNodeFind(entry, "unit"));
  LhQuantity measured, deviation;

  PetscFunctionBegin;
  if (!entry || !value || !unit) {
    PetscCall(Mistake(cal, t, "the run has no observable '%s'%s", t->observable, ""));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhQuantityScan(t->value, unit, &measured));
  PetscCall(LhQuantityScan(t->deviation, unit, &deviation));
  if (measured.status != LH_QUANTITY_OK || deviation.status != LH_QUANTITY_OK ||
      !(deviation.value > 0)) {
    PetscCall(Mistake(cal, t, "value and deviation (above 0) need a unit of '%s', which is in %s",
                      t->observable, unit));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *model = strtod(value, NULL);
  r[0] = (*model - measured.value) / deviation.value;
  *ok = isfinite(r[0]) ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Points beyond the end of the run's curve meet its last value: a run that breaks too early is off there.
static PetscErrorCode CompareCurve(LhCalibration *cal, const LhCalTarget *t, const char folder[],
                                   PetscReal r[], PetscReal *model, PetscBool *ok) {
  char path[PETSC_MAX_PATH_LEN], why[512], unit[LH_UNIT_MAX], si[LH_UNIT_MAX + 16];
  PetscReal deviation;
  char *end;
  LhCalCurve run;

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/series.csv", folder));
  PetscCall(LhCalCurveReadFile(path, t->x, t->y, &run, unit, why));
  if (*why) {
    PetscCall(Mistake(cal, t, "%s%s", why, ""));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  deviation = strtod(t->deviation, &end);
  while (*end == ' ') end++;
  PetscCall(PetscStrncpy(si, end, sizeof(si)));
  deviation *= ToSi(si);
  if (deviation > 0) {
    *ok = PETSC_TRUE;
    for (PetscInt i = 0; i < t->measured.n; i++) {
      PetscBool inside;

      *model = LhCalCurveAt(&run, t->measured.x[i], &inside);
      r[i] = (*model - t->measured.y[i]) / deviation / sqrt((double)t->measured.n);
    }
  } else {
    PetscCall(Mistake(cal, t, "deviation = %s: expected a quantity above 0%s", t->deviation, ""));
  }
  PetscCall(PetscFree2(run.x, run.y));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCalibrationCompare(LhCalibration *cal, const LhCalTarget *t, const char folder[],
                                    PetscReal r[], PetscReal *model, PetscBool *ok) {
  char path[PETSC_MAX_PATH_LEN];
  LhNode root = NULL;
  LhDoc doc;

  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  *model = NAN;
  if (*t->curve) {
    PetscCall(CompareCurve(cal, t, folder, r, model, ok));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/observables.json", folder));
  PetscCall(LhDocRead(PETSC_COMM_SELF, path, cal->diag, &doc));
  if (!doc) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhDocGetRoot(doc, &root));
  PetscCall(CompareObservable(cal, t, root, r, model, ok));
  PetscCall(LhDocDestroy(&doc));
  PetscFunctionReturn(PETSC_SUCCESS);
}
