/// @file
/// Owns what a study's table says: inputs, observables of the runs, state and reason of every row.
#include "study/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "study/table_data.h"

/// Observables that stand first, in this order; all others follow in the order the runs give them.
static const char *const reserved[] = {"areal_capacity",
                                       "gravimetric_capacity",
                                       "strength",
                                       "toughness",
                                       "elongation",
                                       "thickness_change",
                                       "thickness_change_growth",
                                       "thickness_change_elastic",
                                       "thickness_change_plastic",
                                       "peak_current",
                                       "mean_current",
                                       "voltage_at_half",
                                       "overpotential_at_half"};

typedef struct {
  LhStudy study;
  LhTableData data;
  LhDoc *docs;  // [case] observables.json of a finished run, or NULL
  LhDiag diag;
} Builder;

static PetscErrorCode AddInputs(Builder *b) {
  LhStudy study = b->study;
  LhTableColumn *column;

  PetscFunctionBegin;
  PetscCall(LhTableDataColumn(&b->data, LH_ROLE_INPUT, "row", "1", PETSC_FALSE, &column));
  for (PetscInt i = 0; i < study->num_rows; i++) column->number[i] = (PetscReal)(i + 1);
  for (PetscInt k = 0; k < study->axes.num_columns; k++) {
    const LhStudyColumn *axis = &study->axes.columns[k];

    PetscCall(
        LhTableDataColumn(&b->data, LH_ROLE_INPUT, axis->name, axis->unit, axis->words, &column));
    (void)snprintf(column->meaning, sizeof(column->meaning), "%s",
                   axis->volumes ? "number of the random volume" : axis->keys[0]);
    for (PetscInt i = 0; i < study->num_rows; i++) {
      const char *value = LhStudyValue(study, &study->rows[i], k);

      if (axis->words)
        PetscCall(LhTableDataSetText(column, i, value));
      else
        column->number[i] = strtod(value, NULL);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadObservables(Builder *b) {
  LhStudy study = b->study;
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(study->num_cases + 1, &b->docs));
  for (PetscInt i = 0; i < study->num_cases; i++) {
    if (study->cases[i].state != LH_CASE_DONE) continue;
    PetscCall(LhStorePath(study, "cases", &study->cases[i], "/observables.json", path));
    if (!access(path, R_OK)) PetscCall(LhDocRead(PETSC_COMM_SELF, path, b->diag, &b->docs[i]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Name of a result in the table: with several bases the base stands before it.
static void ColumnName(LhStudy study, PetscInt base, const char name[],
                       char column[2 * LH_NAME_MAX]) {
  (void)snprintf(column, 2 * LH_NAME_MAX, "%s%s%s",
                 study->num_bases > 1 ? study->bases[base].name : "",
                 study->num_bases > 1 ? "." : "", name);
}

static PetscErrorCode SetObservable(Builder *b, PetscInt base, PetscInt row, const char name[],
                                    LhNode entry) {
  const char *value = LhNodeGetText(LhNodeFind(entry, "value"));
  const char *unit = LhNodeGetText(LhNodeFind(entry, "unit"));
  const char *kind = LhNodeGetText(LhNodeFind(entry, "class"));
  const char *meaning = LhNodeGetText(LhNodeFind(entry, "meaning"));
  char full[2 * LH_NAME_MAX];
  LhTableColumn *column;

  PetscFunctionBegin;
  ColumnName(b->study, base, name, full);
  PetscCall(LhTableDataColumn(&b->data, LH_ROLE_OBSERVABLE, full, unit ? unit : "1", PETSC_FALSE,
                              &column));
  (void)snprintf(column->meaning, sizeof(column->meaning), "%s", meaning ? meaning : "");
  (void)snprintf(column->number_class, sizeof(column->number_class), "%s", kind ? kind : "");
  if (value && strcmp(value, "null")) column->number[row] = strtod(value, NULL);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Numbers of two columns of series.csv by the beginning of their names; `*n` 0 when one is missing.
static PetscErrorCode ReadSeries(const char path[], const char *const names[2], PetscInt *n,
                                 PetscReal (**values)[2]) {
  char *line = NULL, *save;
  size_t room = 0;
  PetscInt place[2] = {-1, -1}, max = 0, k = 0;
  FILE *stream = fopen(path, "r");

  PetscFunctionBegin;
  *n = 0;
  if (!stream) PetscFunctionReturn(PETSC_SUCCESS);
  if (getline(&line, &room, stream) > 0) {
    for (char *word = strtok_r(line, ",", &save); word; word = strtok_r(NULL, ",", &save), k++) {
      for (int j = 0; j < 2; j++) {
        if (!strncmp(word, names[j], strlen(names[j]))) place[j] = k;
      }
    }
  }
  while (place[0] >= 0 && place[1] >= 0 && getline(&line, &room, stream) > 0) {
    if (*n == max) {
      max = 2 * max + 256;
      PetscCall(PetscRealloc((size_t)max * sizeof(**values), values));
    }
    k = 0;
    for (char *word = strtok_r(line, ",", &save); word; word = strtok_r(NULL, ",", &save), k++) {
      for (int j = 0; j < 2; j++) {
        if (k == place[j]) (*values)[*n][j] = strtod(word, NULL);
      }
    }
    (*n)++;
  }
  free(line);
  (void)fclose(stream);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Largest and time-averaged magnitude of the cell's current density [mA/cm^2].
static PetscErrorCode SetCurrents(Builder *b, PetscInt base, PetscInt row, const LhStudyCase *c,
                                  PetscInt which) {
  static const char *const columns[2] = {"time [", "current_density ["};
  static const char *const meanings[2] = {"largest magnitude of the cell's current density",
                                          "its mean over time"};
  char path[PETSC_MAX_PATH_LEN], full[2 * LH_NAME_MAX];
  PetscReal(*series)[2] = NULL, peak = 0, charge = 0;
  PetscInt n;
  LhTableColumn *column;

  PetscFunctionBegin;
  PetscCall(LhStorePath(b->study, "cases", c, "/series.csv", path));
  PetscCall(ReadSeries(path, columns, &n, &series));
  for (PetscInt i = 0; i < n; i++) {
    peak = PetscMax(peak, fabs(series[i][1]));
    charge += fabs(series[i][1]) * (series[i][0] - (i ? series[i - 1][0] : 0));
  }
  if (n && series[n - 1][0] > 0) {
    ColumnName(b->study, base, which ? "mean_current" : "peak_current", full);
    PetscCall(
        LhTableDataColumn(&b->data, LH_ROLE_OBSERVABLE, full, "mA/cm^2", PETSC_FALSE, &column));
    (void)snprintf(column->meaning, sizeof(column->meaning), "%s", meanings[which]);
    column->number[row] = (which ? charge / series[n - 1][0] : peak) / 10;  // A/m^2 to mA/cm^2
  }
  PetscCall(PetscFree(series));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One reserved observable of all rows; peak and mean current come from the series when the run does not name them.
static PetscErrorCode AddReserved(Builder *b, PetscInt base, const char name[]) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < b->study->num_rows; i++) {
    const PetscInt k = b->study->rows[i].cases[base];
    LhNode root, entry;

    if (!b->docs[k]) continue;
    PetscCall(LhDocGetRoot(b->docs[k], &root));
    entry = LhNodeFind(root, name);
    if (entry)
      PetscCall(SetObservable(b, base, i, name, entry));
    else if (!strcmp(name, "peak_current") || !strcmp(name, "mean_current"))
      PetscCall(SetCurrents(b, base, i, &b->study->cases[k], *name == 'm'));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddOthers(Builder *b, PetscInt base) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < b->study->num_rows; i++) {
    const LhDoc doc = b->docs[b->study->rows[i].cases[base]];
    LhNode root = NULL;

    if (doc) PetscCall(LhDocGetRoot(doc, &root));
    for (PetscInt k = 0; root && k < LhNodeGetSize(root); k++)
      PetscCall(SetObservable(b, base, i, LhNodeGetKey(root, k), LhNodeGetItem(root, k)));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Run time, state, reason and folder of the cases of one base.
static PetscErrorCode AddStatus(Builder *b, PetscInt base) {
  static const char *const names[] = {"run_time", "state", "exit_reason", "case"};
  LhStudy study = b->study;
  char full[2 * LH_NAME_MAX];

  PetscFunctionBegin;
  for (int what = 0; what < 4; what++) {
    LhTableColumn *column;

    ColumnName(study, base, names[what], full);
    PetscCall(LhTableDataColumn(&b->data, LH_ROLE_STATUS, full, what ? "1" : "s",
                                what ? PETSC_TRUE : PETSC_FALSE, &column));
    for (PetscInt i = 0; i < study->num_rows; i++) {
      const LhStudyCase *c = &study->cases[study->rows[i].cases[base]];
      char text[1024] = "";

      if (what == 0 && c->attempts) column->number[i] = c->wall;
      if (what == 1) (void)snprintf(text, sizeof(text), "%s", LhStudyCaseStateName(c->state));
      if (what == 2) PetscCall(LhStoreReason(study, c, text, sizeof(text)));
      if (what == 3) (void)snprintf(text, sizeof(text), "cases/%s", c->id);
      if (what) PetscCall(LhTableDataSetText(column, i, text));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStudyTableWrite(LhStudy study) {
  Builder b = {.study = study};
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  PetscCall(LhDiagCreate(&b.diag));
  PetscCall(LhTableDataCreate(study->num_rows, &b.data));
  PetscCall(ReadObservables(&b));
  PetscCall(AddInputs(&b));
  for (PetscInt base = 0; base < study->num_bases; base++) {
    for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(reserved); k++)
      PetscCall(AddReserved(&b, base, reserved[k]));
  }
  for (PetscInt base = 0; base < study->num_bases; base++) PetscCall(AddOthers(&b, base));
  for (PetscInt base = 0; base < study->num_bases; base++) PetscCall(AddStatus(&b, base));
  PetscCall(LhStorePath(study, "table.csv", NULL, "", path));
  PetscCall(LhTableDataWriteCsv(&b.data, path));
  PetscCall(LhStorePath(study, "table.h5", NULL, "", path));
  PetscCall(LhTableDataWriteHdf5(&b.data, path));
  PetscCall(LhTableDataClear(&b.data));
  for (PetscInt i = 0; i < study->num_cases; i++) PetscCall(LhDocDestroy(&b.docs[i]));
  PetscCall(PetscFree(b.docs));
  PetscCall(LhDiagDestroy(&b.diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}
