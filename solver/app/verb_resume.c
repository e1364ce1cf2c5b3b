/// @file
/// `lihost resume DIR [numerics.key=value ...]`: goes on with a run that was stopped or killed, on any number of processes.
#include <string.h>
#include <sys/stat.h>

#include "app/report.h"
#include "experiment/resume.h"
#include "experiment/run.h"

static PetscErrorCode Say(const char format[], const char a[], const char b[]) {
  PetscFunctionBegin;
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, format, a, b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Words of the run that `dir` holds; none after a sentence about why.
static PetscErrorCode FindRun(const LhWords *words, LhOrigin *origin, LhExit *exit_code) {
  LhLiveStatus status;
  struct stat info;
  const char *dir = words->argc ? words->argv[0] : NULL;
  const char *other = NULL;

  PetscFunctionBegin;
  *origin = (LhOrigin){0};
  for (int i = 1; i < words->argc && !other; i++) {
    if (!LhResumeIsNumerics(words->argv[i])) other = words->argv[i];
  }
  if (!dir) {
    PetscCall(
        Say("lihost resume needs the folder of a run, e.g. lihost resume runs/strip_lznc%s%s\n", "",
            ""));
  } else if (other) {
    PetscCall(
        Say("lihost resume: '%s' would make another run of it; behind the folder only numerics "
            "may follow: numerics..., coupling..., mechanics.solver...%s\n",
            other, ""));
  } else if (stat(dir, &info)) {
    PetscCall(Say("lihost resume: there is no folder '%s'%s\n", dir, ""));
  } else if (LhLiveStatusRead(dir, &status) && !strcmp(status.state, "done")) {
    *exit_code = LH_EXIT_DONE;
    PetscCall(Say("the run in %s is done: %s\n", dir, status.reason));
  } else {
    PetscCall(LhResumeReadOrigin(dir, origin));
    if (!origin->num_words)
      PetscCall(
          Say("lihost resume: the folder '%s' holds no run that could be resumed%s\n", dir, ""));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Run(const LhWords *words, LhExit *exit_code) {
  LhOrigin origin;
  LhWords again = *words;
  LhCase c = NULL;
  PetscBool ok;
  PetscInt told;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  PetscCall(FindRun(words, &origin, exit_code));
  if (!origin.num_words) PetscFunctionReturn(PETSC_SUCCESS);
  for (int i = 1; i < words->argc; i++) PetscCall(LhOriginAdd(&origin, words->argv[i]));
  again.argc = origin.num_words;
  again.argv = origin.words;
  PetscCall(LhReadAndReport(&again, "resume", "resumed", &c, &ok));
  if (ok) {
    c->num_changes = words->argc - 1;
    PetscCall(PetscStrncpy(c->output.directory, words->argv[0], sizeof(c->output.directory)));
    PetscCall(LhDiagGetSize(c->diag, &told));
    PetscCall(LhRunResume(c, exit_code));
    PetscCall(LhPrintSince(c, told));
    PetscCall(LhReportAtEnd(c, *exit_code));
    if (*exit_code == LH_EXIT_INPUT) PetscCall(Say("nothing was resumed%s%s\n", "", ""));
  }
  PetscCall(LhAnswerRun(words, c));
  PetscCall(LhCaseDestroy(&c));
  PetscCall(LhOriginDestroy(&origin));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_resume = {.name = "resume",
                               .usage = "resume DIR [numerics.key=value ...]",
                               .brief = "go on with a stopped run",
                               .detail =
                                   "Goes on from the last checkpoint, on any number of processes.\n"
                                   "example: lihost resume runs/strip_lznc\n",
                               .run = Run};
