/// @file
/// `lihost run CASE [key=value ...]`: reads, checks, runs.
#include "app/report.h"
#include "experiment/run.h"

static PetscErrorCode Run(const LhWords *words, LhExit *exit_code) {
  LhCase c;
  PetscBool ok;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  PetscCall(LhReadAndReport(words, "run", "run", &c, &ok));
  if (ok) {
    PetscInt told;

    PetscCall(LhDiagGetSize(c->diag, &told));
    PetscCall(LhRunCase(c, exit_code));
    PetscCall(LhPrintSince(c, told));
    PetscCall(LhReportAtEnd(c, *exit_code));
    if (*exit_code == LH_EXIT_INPUT) PetscCall(PetscFPrintf(c->comm, stderr, "nothing was run\n"));
  }
  PetscCall(LhAnswerRun(words, c));
  PetscCall(LhCaseDestroy(&c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_run = {
    .name = "run",
    .usage = "run CASE [key=value ...]",
    .brief = "run a case",
    .detail =
        "Reads and checks the case, runs it, writes a folder of results and report.html.\n"
        "key=value behind the case changes a value, e.g. temperature='30 degC', "
        "output.directory=my_run.\n"
        "example: lihost run cases/strip_lznc/case.yaml output.directory=my_run\n"
        "  mpirun -n 4 lihost run cases/strip_lznc/case.yaml -- -log_view\n",
    .run = Run};
