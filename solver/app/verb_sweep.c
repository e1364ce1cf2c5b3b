/// @file
/// `lihost sweep STUDY`: many cases from one file, here or on a cluster; one table out of them.
#include <math.h>
#include <string.h>

#include "app/answer.h"
#include "app/report.h"
#include "base/terminal.h"
#include "study/engine.h"
#include "study/table.h"

typedef struct {
  const char *study;
  PetscBool dry_run, resume, collect, retry;
  PetscInt num_overrides;
  char *overrides[64];
} Request;

typedef struct {
  const char *word;
  size_t offset;
  const char *meaning;
} Flag;

static const Flag flags[] = {
    {"--dry-run", offsetof(Request, dry_run), "list the cases and their cost, run nothing"   },
    {"--resume",  offsetof(Request, resume),  "go on with the cases that are missing"        },
    {"--retry",   offsetof(Request, retry),   "the same, and try again what failed"          },
    {"--collect", offsetof(Request, collect), "write the table of what is there, run nothing"},
};

static PetscErrorCode Usage(const char what[], const char word[]) {
  PetscFunctionBegin;
  PetscCall(PetscFPrintf(PETSC_COMM_SELF, stderr,
                         "lihost sweep: %s%s\nusage: lihost sweep study.yaml [key=value ...]\n",
                         what, word));
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(flags); i++)
    PetscCall(
        PetscFPrintf(PETSC_COMM_SELF, stderr, "  %-12s %s\n", flags[i].word, flags[i].meaning));
  PetscCall(PetscFPrintf(PETSC_COMM_SELF, stderr,
                         "  --engine local|slurm|script, as engine.kind in the file\n"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// `*bad` is the word that cannot be understood, NULL when there is none.
static PetscErrorCode ReadWords(const LhWords *words, Request *r, char engine[LH_NAME_MAX],
                                const char **bad) {
  PetscFunctionBegin;
  *bad = NULL;
  for (int i = 0; i < words->argc && !*bad; i++) {
    char *word = words->argv[i];
    PetscBool known = PETSC_FALSE;

    for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(flags); k++) {
      if (strcmp(word, flags[k].word)) continue;
      known = PETSC_TRUE;
      *(PetscBool *)(void *)((char *)r + flags[k].offset) = PETSC_TRUE;
    }
    if (known) continue;
    if (!strcmp(word, "--engine") && i + 1 < words->argc) {
      PetscCall(PetscSNPrintf(engine, LH_NAME_MAX, "engine.kind=%s", words->argv[++i]));
      r->overrides[r->num_overrides++] = engine;
    } else if (word[0] != '-' && !r->study && !strchr(word, '=')) {
      r->study = word;
    } else if (word[0] != '-' && strchr(word, '=') && r->num_overrides < 63) {
      r->overrides[r->num_overrides++] = word;
    } else {
      *bad = word;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintRow(LhStudy study, PetscInt i) {
  char time[LH_HUMAN_MAX];

  PetscFunctionBegin;
  PetscCall(PetscPrintf(PETSC_COMM_SELF, "%5d", (int)i + 1));
  for (PetscInt k = 0; k < study->axes.num_columns; k++)
    PetscCall(PetscPrintf(PETSC_COMM_SELF, "  %s=%s", study->axes.columns[k].name,
                          LhStudyValue(study, &study->rows[i], k)));
  for (PetscInt b = 0; b < study->num_bases; b++) {
    const LhStudyCase *c = &study->cases[study->rows[i].cases[b]];

    PetscCall(PetscPrintf(PETSC_COMM_SELF, "  %s %s %s", study->bases[b].name, c->id,
                          c->problem ? "CANNOT RUN" : LhStudyCaseStateName(c->state)));
    if (!c->problem) PetscCall(PetscPrintf(PETSC_COMM_SELF, " %s", LhHumanTime(c->seconds, time)));
  }
  PetscCall(PetscPrintf(PETSC_COMM_SELF, "\n"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Of all cases, on one worker.
typedef struct {
  PetscReal seconds, missing;  ///< all of them, those without a result [s]
  PetscReal bytes;             ///< the largest one
} Cost;

static Cost StudyCost(LhStudy study) {
  Cost cost = {0};

  for (PetscInt i = 0; i < study->num_cases; i++) {
    const LhStudyCase *c = &study->cases[i];

    cost.seconds += c->seconds;
    cost.bytes = PetscMax(cost.bytes, c->bytes);
    if (c->state != LH_CASE_DONE && c->state != LH_CASE_FAILED) cost.missing += c->seconds;
  }
  return cost;
}

static PetscErrorCode AddRow(LhStudy study, PetscInt i, LhJson json) {
  PetscFunctionBegin;
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonBeginObject(json, "values"));
  for (PetscInt k = 0; k < study->axes.num_columns; k++)
    PetscCall(
        LhJsonText(json, study->axes.columns[k].name, LhStudyValue(study, &study->rows[i], k)));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonBeginArray(json, "cases"));
  for (PetscInt b = 0; b < study->num_bases; b++) {
    const LhStudyCase *c = &study->cases[study->rows[i].cases[b]];

    PetscCall(LhJsonBeginObject(json, NULL));
    PetscCall(LhJsonText(json, "base", study->bases[b].name));
    PetscCall(LhJsonText(json, "id", c->id));
    PetscCall(LhJsonText(json, "state", LhStudyCaseStateName(c->state)));
    PetscCall(LhJsonText(json, "problem", c->problem));
    PetscCall(LhJsonReal(json, "time [s]", c->seconds));
    PetscCall(LhJsonReal(json, "memory [B]", c->bytes));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddPlan(LhStudy study, LhJson json) {
  const Cost cost = StudyCost(study);

  PetscFunctionBegin;
  PetscCall(LhJsonInt(json, "workers", study->engine.workers));
  PetscCall(LhJsonInt(json, "ranks", study->engine.ranks));
  PetscCall(LhJsonReal(json, "time [s]", cost.seconds / (PetscReal)study->engine.workers));
  PetscCall(LhJsonReal(json, "time_left [s]", cost.missing / (PetscReal)study->engine.workers));
  PetscCall(LhJsonReal(json, "memory [B]", cost.bytes));
  PetscCall(LhJsonBeginArray(json, "rows"));
  for (PetscInt i = 0; i < study->num_rows; i++) PetscCall(AddRow(study, i, json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Rows, cost of each and of all.
static PetscErrorCode PrintPlan(LhStudy study) {
  const Cost cost = StudyCost(study);
  char all[LH_HUMAN_MAX], left[LH_HUMAN_MAX], size[LH_HUMAN_MAX];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < study->num_rows; i++) PetscCall(PrintRow(study, i));
  PetscCall(PetscPrintf(
      PETSC_COMM_SELF,
      "\n%s: %d rows, %d different cases, %d at a time on %d process%s each\n"
      "  about %s of one core in all, %s to go; %s a case (within a factor of 3)\n",
      study->name, (int)study->num_rows, (int)study->num_cases, (int)study->engine.workers,
      (int)study->engine.ranks, study->engine.ranks == 1 ? "" : "es",
      LhHumanTime(cost.seconds * (PetscReal)study->engine.ranks, all),
      LhHumanTime(cost.missing / (PetscReal)study->engine.workers, left),
      LhHumanSize(cost.bytes, size)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintEnd(LhStudy study, const LhEngineEnd *end, LhExit *exit_code) {
  PetscFunctionBegin;
  PetscCall(PetscPrintf(PETSC_COMM_SELF, "%d of %d cases done, %d failed; table: %s/table.csv\n",
                        (int)end->num_done, (int)study->num_cases, (int)end->num_failed,
                        study->directory));
  if (LhStoreCountBuilds(study) > 1)
    PetscCall(PetscFPrintf(PETSC_COMM_SELF, stderr,
                           "lihost sweep: the finished cases were run by %d builds of lihost "
                           "(last word of `begin` in %s/state); for a table of one program give "
                           "another folder: output.directory=...\n",
                           (int)LhStoreCountBuilds(study), study->directory));
  if (end->num_left && study->engine.kind != LH_ENGINE_SCRIPT)
    PetscCall(PetscPrintf(PETSC_COMM_SELF, "%d missing; go on with: lihost sweep %s --resume\n",
                          (int)end->num_left, study->path));
  *exit_code = end->num_left ? LH_EXIT_STOPPED : end->num_failed ? LH_EXIT_SOLVER : LH_EXIT_DONE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Runs or collects the planned study in its folder.
static PetscErrorCode Work(LhStudy study, const Request *r, LhExit *exit_code) {
  const PetscBool again = r->resume || r->retry || r->collect ? PETSC_TRUE : PETSC_FALSE;
  LhEngineEnd end = {0};
  PetscBool ok;

  PetscFunctionBegin;
  PetscCall(LhStoreOpen(study, again ? LH_STORE_RESUME : LH_STORE_NEW, &ok));
  if (!ok) PetscFunctionReturn(PETSC_SUCCESS);
  if (r->retry) PetscCall(LhStoreForgetFailures(study));
  if (r->collect) {
    PetscCall(LhStoreRefresh(study));
    for (PetscInt i = 0; i < study->num_cases; i++) {
      end.num_done += study->cases[i].state == LH_CASE_DONE;
      end.num_failed += study->cases[i].state == LH_CASE_FAILED;
    }
    end.num_left = study->num_cases - end.num_done - end.num_failed;
  } else {
    PetscCall(LhEngineRun(study, &end));
  }
  PetscCall(LhStudyTableWrite(study));
  PetscCall(PrintEnd(study, &end, exit_code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What the study answers to `--json`.
static PetscErrorCode Answer(const LhWords *words, LhStudy study, const Request *r, PetscBool ok) {
  LhJson json = words->answer;
  PetscInt count[LH_CASE_DONE + 1] = {0};

  PetscFunctionBegin;
  PetscCall(LhAnswerProblems(words, study->diag));
  if (!json || !ok) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < study->num_cases; i++) count[study->cases[i].state]++;
  PetscCall(LhJsonText(json, "study", study->name));
  PetscCall(LhJsonText(json, "directory", study->directory));
  PetscCall(LhJsonInt(json, "cases", study->num_cases));
  PetscCall(LhJsonInt(json, "done", count[LH_CASE_DONE]));
  PetscCall(LhJsonInt(json, "failed", count[LH_CASE_FAILED]));
  if (r->dry_run) PetscCall(AddPlan(study, json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SweepStudy(const LhWords *words, const Request *r, LhExit *exit_code) {
  LhStudy study;
  PetscBool ok;
  PetscInt errors;

  PetscFunctionBegin;
  PetscCall(LhStudyRead(r->study, r->num_overrides, r->overrides, &study, &ok));
  if (ok) PetscCall(LhStudyPlan(study, &ok));
  if (ok) {
    *exit_code = LH_EXIT_DONE;
    // what is only looked at is refused; what runs, runs without the cases that cannot
    PetscCall(LhStudyReportProblems(study, r->dry_run ? LH_DIAG_ERROR : LH_DIAG_WARNING));
    if (r->dry_run) {
      PetscCall(LhStoreRefresh(study));
      if (!words->answer) PetscCall(PrintPlan(study));
    } else {
      PetscCall(LhDiagPrint(study->diag, stderr));
      PetscCall(Work(study, r, exit_code));
    }
  }
  PetscCall(LhDiagGetCounts(study->diag, &errors, NULL));
  if (errors) PetscCall(LhDiagPrint(study->diag, stderr));
  PetscCall(Answer(words, study, r, ok));
  if (errors) {
    *exit_code = LH_EXIT_INPUT;
    PetscCall(PetscFPrintf(PETSC_COMM_SELF, stderr, "%d error%s; nothing was run\n", (int)errors,
                           errors == 1 ? "" : "s"));
  }
  PetscCall(LhStudyDestroy(&study));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Sweep(const LhWords *words, LhExit *exit_code) {
  Request r = {0};
  char engine[LH_NAME_MAX];
  const char *bad;
  PetscMPIInt size, rank;
  PetscBool ok = PETSC_FALSE;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(ReadWords(words, &r, engine, &bad));
  if (size == 1 && !bad && r.study) PetscCall(LhCheckFile(r.study, "sweep", "study.yaml", &ok));
  if (rank) PetscFunctionReturn(PETSC_SUCCESS);
  if (size > 1)
    PetscCall(Usage("runs without mpirun and starts the cases itself (engine.ranks each)", ""));
  else if (bad)
    PetscCall(Usage("cannot understand ", bad));
  else if (!r.study)
    PetscCall(Usage("needs a study file", ""));
  else if (ok)
    PetscCall(SweepStudy(words, &r, exit_code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_sweep = {
    .name = "sweep",
    .usage = "sweep STUDY [--dry-run|--resume]",
    .brief = "run a study of many cases",
    .options = "--dry-run --resume --retry --collect --engine=",
    .detail =
        "Options: --dry-run lists cases and cost, --resume goes on, --retry tries failed ones "
        "again,\n"
        "--collect writes the table of what is there, --engine NAME chooses where cases run.\n"
        "example: lihost sweep cases/study_cnt_fraction/study.yaml --dry-run\n",
    .run = Sweep};
