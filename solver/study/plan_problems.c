/// @file
/// Owns the sentences about cases that cannot run: which value of which axis is at fault, and where it stands.
///
/// A value is at fault when no row with it can run. When no single value is, the row is named with all of them.
#include <string.h>

#include "study/study.h"

#define MAX_TEXT 1024

typedef struct {
  LhStudy study;
  LhSeverity severity;
  PetscInt first[LH_STUDY_MAX_COLUMNS + 1];  ///< [axis] of its points in the lists below
  PetscInt *rows, *bad;  ///< [point of an axis] rows with it, those that cannot run
  PetscInt num_bad;      ///< rows
} Blame;

static PetscBool IsBad(LhStudy study, const LhStudyRow *row, PetscInt base) {
  return study->cases[row->cases[base]].problem ? PETSC_TRUE : PETSC_FALSE;
}

/// Counts of one base case.
static void Count(Blame *blame, PetscInt base) {
  LhStudy study = blame->study;

  memset(blame->rows, 0, (size_t)blame->first[study->axes.num_axes] * sizeof(PetscInt));
  memset(blame->bad, 0, (size_t)blame->first[study->axes.num_axes] * sizeof(PetscInt));
  blame->num_bad = 0;
  for (PetscInt i = 0; i < study->num_rows; i++) {
    const LhStudyRow *row = &study->rows[i];
    const PetscInt bad = IsBad(study, row, base);

    blame->num_bad += bad;
    for (PetscInt a = 0; a < study->axes.num_axes; a++) {
      blame->rows[blame->first[a] + row->point[a]]++;
      blame->bad[blame->first[a] + row->point[a]] += bad;
    }
  }
}

/// The axis whose value no row survives, -1 when there is none or every row is bad.
static PetscInt FindAxis(const Blame *blame, const LhStudyRow *row) {
  LhStudy study = blame->study;

  if (blame->num_bad == study->num_rows && study->num_rows > 1) return -1;
  for (PetscInt a = 0; a < study->axes.num_axes; a++) {
    const PetscInt k = blame->first[a] + row->point[a];

    if (blame->bad[k] == blame->rows[k]) return a;
  }
  return -1;
}

/// `name = value` of the columns of an axis that this base has, of all axes for -1.
static PetscErrorCode ListValues(LhStudy study, const LhStudyRow *row, PetscInt base, PetscInt axis,
                                 char text[MAX_TEXT]) {
  PetscFunctionBegin;
  text[0] = 0;
  for (PetscInt k = 0; k < study->axes.num_columns; k++) {
    const LhStudyColumn *column = &study->axes.columns[k];
    const size_t length = strlen(text);

    if (axis >= 0 && LhStudyAxisOf(study, k) != axis) continue;
    if (*column->in && strcmp(column->in, study->bases[base].name)) continue;
    (void)snprintf(text + length, MAX_TEXT - length, "%s%s = %s", length ? ", " : "", column->name,
                   LhStudyValue(study, row, k));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The sentence of the case; the place in a word that the study itself gave says nothing.
static const char *Sentence(const char problem[]) {
  static const char inside[] = "command line:", mark[] = ": error: ";
  const char *found = strstr(problem, mark);

  return strncmp(problem, inside, strlen(inside)) || !found ? problem : found + strlen(mark);
}

static PetscErrorCode Report(const Blame *blame, PetscInt number, PetscInt base) {
  LhStudy study = blame->study;
  const LhStudyRow *row = &study->rows[number];
  const PetscInt axis = FindAxis(blame, row);
  const LhStudyColumn *column =
      axis < 0 ? NULL : &study->axes.columns[study->axes.axes[axis].first];
  const char *why = Sentence(study->cases[row->cases[base]].problem);
  char values[MAX_TEXT], which[LH_NAME_MAX + 16] = "";

  PetscFunctionBegin;
  PetscCall(ListValues(study, row, base, axis, values));
  if (study->num_bases > 1)
    PetscCall(PetscSNPrintf(which, sizeof(which), "%s, ", study->bases[base].name));
  if (column)
    PetscCall(LhDiagAdd(study->diag, blame->severity, &column->mark, "cannot run with %s%s: %s",
                        which, values, why));
  else if (blame->num_bad == study->num_rows)
    PetscCall(LhDiagAdd(study->diag, blame->severity, NULL, "%s: none of its rows can run: %s%s",
                        study->path, which, why));
  else
    PetscCall(LhDiagAdd(study->diag, blame->severity, NULL, "%s: row %d cannot run (%s%s): %s",
                        study->path, (int)number + 1, which, values, why));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStudyReportProblems(LhStudy study, LhSeverity severity) {
  Blame blame = {.study = study, .severity = severity};
  PetscInt points;

  PetscFunctionBegin;
  for (PetscInt a = 0; a < study->axes.num_axes; a++)
    blame.first[a + 1] = blame.first[a] + study->axes.axes[a].n;
  points = blame.first[study->axes.num_axes];
  PetscCall(PetscMalloc2(points + 1, &blame.rows, points + 1, &blame.bad));
  for (PetscInt b = 0; b < study->num_bases; b++) {
    Count(&blame, b);
    for (PetscInt i = 0; i < study->num_rows; i++) {
      if (IsBad(study, &study->rows[i], b)) PetscCall(Report(&blame, i, b));
    }
  }
  PetscCall(PetscFree2(blame.rows, blame.bad));
  PetscFunctionReturn(PETSC_SUCCESS);
}
