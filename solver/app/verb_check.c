/// @file
/// `lihost check CASE [key=value ...]`: what would run, with every derived number and every warning; writes nothing.
#include <math.h>
#include <string.h>

#include "app/answer.h"
#include "app/report.h"
#include "base/quantity.h"
#include "base/terminal.h"
#include "experiment/experiment.h"

/// Length of the first two parts of a name of three or more, of the first part of a shorter one.
static size_t GroupLength(const char name[]) {
  const char *dot = strchr(name, '.');
  const char *end = dot ? strchr(dot + 1, '.') : NULL;

  return end ? (size_t)(end - name) : dot ? (size_t)(dot - name) : 0;
}

static PetscErrorCode PrintDerived(LhCase c) {
  const LhDerived *list;
  PetscInt n;
  size_t group = 0;

  PetscFunctionBegin;
  PetscCall(LhCaseGetDerived(c, &n, &list));
  for (PetscInt i = 0; i < n; i++) {
    const LhDerived *d = &list[i];
    const size_t length = GroupLength(d->name);
    PetscReal factor;

    if (!i || length != group || strncmp(d->name, list[i - 1].name, length))
      PetscCall(PetscPrintf(c->comm, "\n%.*s\n", (int)length, d->name));
    group = length;
    PetscCall(LhUnitFactor(d->unit, d->shown, &factor));
    PetscCall(PetscPrintf(c->comm, "  %-28s %11.5g %-11s %s\n", d->name + length + 1,
                          (double)(d->value * factor), strcmp(d->shown, "1") ? d->shown : "",
                          d->meaning));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddDerived(LhCase c, LhJson json) {
  const LhDerived *list;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhCaseGetDerived(c, &n, &list));
  PetscCall(LhJsonBeginObject(json, "derived"));
  for (PetscInt i = 0; i < n; i++) {
    PetscCall(LhJsonBeginObject(json, list[i].name));
    PetscCall(LhJsonReal(json, "value", list[i].value));
    PetscCall(LhJsonText(json, "unit", list[i].unit));
    PetscCall(LhJsonText(json, "meaning", list[i].meaning));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintCost(LhCase c) {
  const LhMeshView *mesh;
  LhMeshQuality quality;
  LhCaseCost cost;
  PetscMPIInt ranks;
  char text[LH_HUMAN_MAX];

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhMeshGetQuality(c->mesh, &quality));
  PetscCallMPI(MPI_Comm_size(c->comm, &ranks));
  PetscCall(LhCaseEstimate(c, &cost));
  PetscCall(PetscPrintf(c->comm, "\nmesh and cost\n"));
  PetscCall(PetscPrintf(
      c->comm,
      "  %-28s %d cells, %d vertices; worst shape %.2f of 1, longest over shortest side %.3g\n",
      "mesh", (int)mesh->num_global_cells, (int)mesh->num_global_vertices,
      (double)quality.min_quality, (double)quality.max_aspect));
  PetscCall(PetscPrintf(c->comm, "  %-28s %d process%s, imbalance %.2f, %d shared faces\n",
                        "partition", (int)ranks, ranks == 1 ? "" : "es", (double)quality.imbalance,
                        (int)quality.edge_cut));
  PetscCall(PetscPrintf(c->comm, "  %-28s about %s\n", "memory", LhHumanSize(cost.memory, text)));
  PetscCall(PetscPrintf(c->comm, "  %-28s about %s (within a factor of 3)\n", "time",
                        LhHumanTime(cost.seconds, text)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddCost(LhCase c, LhJson json) {
  const LhMeshView *mesh;
  LhMeshQuality quality;
  LhCaseCost cost;
  PetscMPIInt ranks;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhMeshGetQuality(c->mesh, &quality));
  PetscCallMPI(MPI_Comm_size(c->comm, &ranks));
  PetscCall(LhCaseEstimate(c, &cost));
  PetscCall(LhJsonInt(json, "cells", mesh->num_global_cells));
  PetscCall(LhJsonInt(json, "vertices", mesh->num_global_vertices));
  PetscCall(LhJsonReal(json, "worst_shape [1]", quality.min_quality));
  PetscCall(LhJsonInt(json, "ranks", ranks));
  PetscCall(LhJsonReal(json, "imbalance [1]", quality.imbalance));
  PetscCall(LhJsonReal(json, "memory [B]", cost.memory));
  PetscCall(LhJsonReal(json, "time [s]", cost.seconds));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  const char *flag, *meaning;
  PetscInt count;
} Evidence;

/// How well the values are known; names those that are no more than an estimate.
static PetscErrorCode PrintEvidence(LhCase c) {
  Evidence kinds[] = {
      {"paper",    "from the study",                              0},
      {"search",   "seen in a source",                            0},
      {"derived",  "derived",                                     0},
      {"memory",   "recalled, not checked against the source",    0},
      {"estimate", "estimates, to be swept rather than believed", 0}
  };
  const int num = (int)PETSC_STATIC_ARRAY_LENGTH(kinds);
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhRecordGetSize(c->record, &n));
  for (PetscInt i = 0; i < n; i++) {
    LhRecordEntry entry;

    PetscCall(LhRecordGetEntry(c->record, i, &entry));
    for (int k = 0; k < num; k++) kinds[k].count += !strcmp(entry.evidence, kinds[k].flag);
  }
  PetscCall(PetscPrintf(c->comm, "\nvalues of the materials\n"));
  for (int k = 0; k < num; k++) {
    if (kinds[k].count)
      PetscCall(PetscPrintf(c->comm, "  %-28s %11d             %s\n", kinds[k].flag,
                            (int)kinds[k].count, kinds[k].meaning));
  }
  for (PetscInt i = 0, first = 1; i < n; i++) {
    LhRecordEntry entry;

    PetscCall(LhRecordGetEntry(c->record, i, &entry));
    if (strcmp(entry.evidence, "estimate")) continue;
    if (first) PetscCall(PetscPrintf(c->comm, "  estimates:\n"));
    first = 0;
    PetscCall(PetscPrintf(c->comm, "    %-60s %s\n", entry.path, entry.text));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Every value by its path with how well it is known.
static PetscErrorCode AddValues(LhCase c, LhJson json) {
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhRecordGetSize(c->record, &n));
  PetscCall(LhJsonBeginArray(json, "values"));
  for (PetscInt i = 0; i < n; i++) {
    LhRecordEntry entry;

    PetscCall(LhRecordGetEntry(c->record, i, &entry));
    if (!strcmp(entry.origin, "derived")) continue;
    PetscCall(LhJsonBeginObject(json, NULL));
    PetscCall(LhJsonText(json, "path", entry.path));
    PetscCall(LhJsonText(json, "text", entry.text));
    PetscCall(LhJsonReal(json, "value", entry.value));
    PetscCall(LhJsonText(json, "unit", entry.unit));
    PetscCall(LhJsonText(json, "origin", entry.origin));
    PetscCall(LhJsonText(json, "evidence", entry.evidence));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Answer(const LhWords *words, LhCase c) {
  PetscFunctionBegin;
  PetscCall(LhJsonText(words->answer, "case", c->name));
  PetscCall(LhJsonText(words->answer, "experiment", c->experiment->name));
  PetscCall(AddCost(c, words->answer));
  PetscCall(AddDerived(c, words->answer));
  PetscCall(AddValues(c, words->answer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Print(LhCase c) {
  PetscInt warnings;

  PetscFunctionBegin;
  PetscCall(LhCasePrintPlan(c));
  PetscCall(PrintDerived(c));
  PetscCall(PrintCost(c));
  PetscCall(PrintEvidence(c));
  PetscCall(LhDiagGetCounts(c->diag, NULL, &warnings));
  PetscCall(PetscPrintf(c->comm, "\nready to run: lihost run %s%s\n", c->path,
                        warnings ? " (see the warnings)" : ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Check(const LhWords *words, LhExit *exit_code) {
  LhCase c;
  PetscBool ok;

  PetscFunctionBegin;
  PetscCall(LhReadAndReport(words, "check", "set up", &c, &ok));
  *exit_code = ok ? LH_EXIT_DONE : LH_EXIT_INPUT;
  PetscCall(LhAnswerProblems(words, c ? c->diag : NULL));
  if (ok && words->answer) PetscCall(Answer(words, c));
  if (ok && !words->answer) PetscCall(Print(c));
  PetscCall(LhCaseDestroy(&c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_check = {.name = "check",
                              .usage = "check CASE [key=value ...]",
                              .brief = "say what a case would do, write nothing",
                              .detail =
                                  "Prints the plan, every derived number, the cost, how well "
                                  "values are known, and all mistakes at once.\n"
                                  "example: lihost check cases/strip_lznc/case.yaml\n",
                              .run = Check};
