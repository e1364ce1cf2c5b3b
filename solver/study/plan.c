/// @file
/// Owns the way from axes to cases: rows, overrides, estimates.
#include <string.h>

#include "study/case_hash.h"
#include "study/study.h"

#define MAX_ROWS   1000000
#define MAX_COSTS  256
#define MAX_MESHES 4
/// Time in which a program and its libraries start [s].
#define PROGRAM_START 0.3

/// Cost of a case that was set up, by the hash of its mesh and experiment.
typedef struct {
  char hash[LH_HASH_SIZE];
  LhCaseCost cost;
} KnownCost;

/// A mesh that cases are checked with, by its hash.
typedef struct {
  char hash[LH_HASH_SIZE];
  LhMesh mesh;
} KnownMesh;

typedef struct {
  LhStudy study;
  PetscInt num_costs, num_meshes;
  KnownCost costs[MAX_COSTS];
  KnownMesh meshes[MAX_MESHES];
  PetscBool used[LH_STUDY_MAX_COLUMNS];  // a base case has a key of the column
} Planner;

PetscInt LhStudyAxisOf(LhStudy study, PetscInt column) {
  for (PetscInt a = 0; a < study->axes.num_axes; a++) {
    const LhAxis *axis = &study->axes.axes[a];

    if (column >= axis->first && column < axis->first + axis->num_columns) return a;
  }
  return 0;
}

const char *LhStudyValue(LhStudy study, const LhStudyRow *row, PetscInt column) {
  return study->axes.columns[column].value[row->point[LhStudyAxisOf(study, column)]];
}

/// The first error of a case as one sentence, and how many more there are.
static PetscErrorCode TakeProblem(LhCase c, char **problem) {
  const char *first = NULL;
  char more[64] = "", *joined;
  PetscInt n, errors;

  PetscFunctionBegin;
  PetscCall(LhDiagGetSize(c->diag, &n));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  for (PetscInt i = 0; i < n && !first; i++) {
    LhSeverity severity;
    const char *text;

    PetscCall(LhDiagGetText(c->diag, i, &severity, &text));
    if (severity == LH_DIAG_ERROR) first = text;
  }
  if (errors > 1) PetscCall(PetscSNPrintf(more, sizeof(more), " (and %d more)", (int)errors - 1));
  PetscCall(PetscMalloc1(strlen(first ? first : "") + sizeof(more), &joined));
  (void)sprintf(joined, "%s%s", first ? first : "it cannot be set up", more);
  *problem = joined;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A case whose like was set up: its mistakes show without problems and solvers. Meshes are made once while cases in a row share them.
static PetscErrorCode Check(Planner *planner, LhCase c, PetscBool *ok) {
  char digest[LH_HASH_SIZE];
  KnownMesh *known = NULL;

  PetscFunctionBegin;
  PetscCall(LhStudyHashMesh(c, digest));
  for (PetscInt i = 0; i < MAX_MESHES && !known; i++) {
    if (planner->meshes[i].mesh && !strcmp(planner->meshes[i].hash, digest))
      known = &planner->meshes[i];
  }
  if (!known) {
    known = &planner->meshes[planner->num_meshes++ % MAX_MESHES];
    PetscCall(LhMeshDestroy(&known->mesh));
    memcpy(known->hash, digest, sizeof(digest));
  }
  PetscCall(LhCaseCheck(c, &known->mesh, ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Estimate; only the first case of each mesh and experiment is set up, the others are checked.
static PetscErrorCode Estimate(Planner *planner, LhCase c, LhCaseCost *cost, PetscBool *ok) {
  KnownCost *known = planner->costs;
  char digest[LH_HASH_SIZE];

  PetscFunctionBegin;
  PetscCall(LhStudyHashShape(c, digest));
  for (PetscInt i = 0; i < planner->num_costs; i++) {
    if (strcmp(known[i].hash, digest)) continue;
    *cost = known[i].cost;
    PetscCall(Check(planner, c, ok));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhCaseSetUp(c, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhCaseEstimate(c, cost));
  if (planner->num_costs == MAX_COSTS) planner->num_costs = 0;  // old entries are found again
  known[planner->num_costs].cost = *cost;
  memcpy(known[planner->num_costs++].hash, digest, sizeof(digest));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// `pattern` with {} replaced by the value.
static void Fill(const char pattern[], const char value[], char text[2 * LH_STUDY_TEXT_MAX]) {
  const char *hole = strstr(pattern, "{}");

  if (hole)
    (void)snprintf(text, 2 * LH_STUDY_TEXT_MAX, "%.*s%s%s", (int)(hole - pattern), pattern, value,
                   hole + 2);
  else
    (void)snprintf(text, 2 * LH_STUDY_TEXT_MAX, "%s", value);
}

static PetscErrorCode AddColumnWords(Planner *planner, const LhStudyRow *row, PetscInt k,
                                     const LhStudyBase *base, LhWordList *words) {
  const LhStudyColumn *column = &planner->study->axes.columns[k];
  char text[2 * LH_STUDY_TEXT_MAX];
  PetscBool found;

  PetscFunctionBegin;
  if (*column->in && strcmp(column->in, base->name)) PetscFunctionReturn(PETSC_SUCCESS);
  if (column->volumes) {
    const PetscInt volume = row->point[LhStudyAxisOf(planner->study, k)] + 1;

    PetscCall(LhKeyAssignVolume(base->doc, volume, column->seed, words, &found));
    if (found) planner->used[k] = PETSC_TRUE;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  Fill(column->pattern, LhStudyValue(planner->study, row, k), text);
  for (PetscInt i = 0; i < column->num_keys; i++) {
    PetscCall(LhKeyAssign(base->doc, column->keys[i], text, words, &found));
    if (found) planner->used[k] = PETSC_TRUE;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Overrides of one case: what the study sets everywhere, then the row's values.
static PetscErrorCode MakeWords(Planner *planner, const LhStudyRow *row, const LhStudyBase *base,
                                LhWordList *words) {
  LhStudy study = planner->study;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < LhNodeGetSize(study->set); i++) {
    const char *text = LhNodeGetText(LhNodeGetItem(study->set, i));
    const LhMark mark = LhNodeGetMark(LhNodeGetItem(study->set, i));
    PetscBool found;

    if (text)
      PetscCall(LhKeyAssign(base->doc, LhNodeGetKey(study->set, i), text, words, &found));
    else
      PetscCall(LhDiagAdd(study->diag, LH_DIAG_ERROR, &mark,
                          "set: expected KEY: VALUE; put lists in quotes: \"[1, 2]\""));
  }
  for (PetscInt k = 0; k < study->axes.num_columns; k++)
    PetscCall(AddColumnWords(planner, row, k, base, words));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Takes the case over, or its twin with the same input.
static PetscErrorCode Keep(LhStudy study, LhStudyCase *made, PetscInt *index) {
  PetscFunctionBegin;
  for (*index = 0; *index < study->num_cases; (*index)++) {
    if (strcmp(study->cases[*index].hash, made->hash)) continue;
    PetscCall(LhWordListClear(&made->overrides));
    PetscCall(PetscFree(made->problem));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (study->num_cases == study->max_cases) {
    study->max_cases = 2 * study->max_cases + 16;
    PetscCall(PetscRealloc((size_t)study->max_cases * sizeof(LhStudyCase), &study->cases));
  }
  study->cases[study->num_cases++] = *made;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode MakeCase(Planner *planner, const LhStudyRow *row, PetscInt b,
                               PetscInt *index) {
  LhStudy study = planner->study;
  const LhStudyBase *base = &study->bases[b];
  LhStudyCase made = {.base = b, .exit_code = -1};
  LhCaseCost cost = {0, 0};
  PetscBool ok;
  LhCase c;

  PetscFunctionBegin;
  PetscCall(MakeWords(planner, row, base, &made.overrides));
  PetscCall(
      LhCaseRead(PETSC_COMM_SELF, base->path, made.overrides.n, made.overrides.word, &c, &ok));
  if (ok)
    PetscCall(LhStudyHashInput(c, made.hash));
  else
    LhStudyHashWords(base->path, &made.overrides, made.hash);
  memcpy(made.id, made.hash, LH_STUDY_ID_SIZE - 1);
  if (ok) PetscCall(Estimate(planner, c, &cost, &ok));
  if (!ok) PetscCall(TakeProblem(c, &made.problem));
  PetscCall(LhCaseDestroy(&c));
  made.seconds = PROGRAM_START + cost.seconds / (PetscReal)study->engine.ranks;
  made.bytes = cost.memory;
  PetscCall(Keep(study, &made, index));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode MakeRow(Planner *planner, PetscInt number) {
  LhStudy study = planner->study;
  LhStudyRow *row = &study->rows[number];

  PetscFunctionBegin;
  PetscCall(PetscCalloc2(study->axes.num_axes + 1, &row->point, study->num_bases, &row->cases));
  for (PetscInt a = study->axes.num_axes - 1; a >= 0; a--) {  // the last axis walks fastest
    row->point[a] = number % study->axes.axes[a].n;
    number /= study->axes.axes[a].n;
  }
  study->num_rows++;
  for (PetscInt b = 0; b < study->num_bases; b++)
    PetscCall(MakeCase(planner, row, b, &row->cases[b]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckUse(Planner *planner) {
  LhStudy study = planner->study;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < study->axes.num_columns; k++) {
    const LhStudyColumn *column = &study->axes.columns[k];

    if (planner->used[k]) continue;
    PetscCall(LhDiagAdd(study->diag, LH_DIAG_ERROR, &column->mark,
                        column->volumes ? "axes: no base case has anything random%s"
                                        : "axes: no region or electrolyte of a base case is made "
                                          "of the material in '%s'",
                        column->volumes ? "" : column->keys[0]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStudyPlan(LhStudy study, PetscBool *ok) {
  Planner *planner;
  PetscReal rows = 1;
  PetscInt errors;

  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  for (PetscInt a = 0; a < study->axes.num_axes; a++) rows *= (PetscReal)study->axes.axes[a].n;
  if (rows > MAX_ROWS) {
    PetscCall(LhDiagAdd(study->diag, LH_DIAG_ERROR, NULL, "the axes make %.3g rows; at most %d",
                        (double)rows, MAX_ROWS));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscNew(&planner));
  planner->study = study;
  PetscCall(PetscCalloc1((size_t)rows + 1, &study->rows));
  for (PetscInt i = 0; i < (PetscInt)rows; i++) PetscCall(MakeRow(planner, i));
  PetscCall(CheckUse(planner));
  for (PetscInt i = 0; i < MAX_MESHES; i++) PetscCall(LhMeshDestroy(&planner->meshes[i].mesh));
  PetscCall(PetscFree(planner));
  PetscCall(LhDiagGetCounts(study->diag, &errors, NULL));
  *ok = errors ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}
