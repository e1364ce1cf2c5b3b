/// @file
/// `lihost status DIR...`: what runs do, and whether they are alive.
#include <math.h>
#include <string.h>

#include "app/verb.h"
#include "base/terminal.h"
#include "io/live.h"

/// Longest silence of a healthy run that this machine cannot look into [s].
#define LONG_SILENCE 900

static PetscErrorCode PrintDuration(const char label[], PetscReal seconds) {
  char text[LH_HUMAN_MAX];

  PetscFunctionBegin;
  if (isfinite(seconds))
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%s%s", label, LhHumanTime(seconds, text)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintLife(const char dir[], const LhLiveStatus *s) {
  PetscFunctionBegin;
  if (LhLiveIsLocked(dir)) {
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  alive"));
    PetscCall(PrintDuration(", last record before ", s->silent));
    PetscCall(PrintDuration(", about ", s->time_left));
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, isfinite(s->time_left) ? " left\n" : "\n"));
  } else if (s->silent > LONG_SILENCE || !strcmp(s->state, "running")) {
    PetscCall(
        PetscPrintf(PETSC_COMM_WORLD, "  looks dead: no process of this machine works on it"));
    PetscCall(PrintDuration(", last record before ", s->silent));
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, " on %s; if so, lihost resume %s\n", s->host, dir));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Print(const char dir[], const LhLiveStatus *s) {
  PetscFunctionBegin;
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%s: %s, %s, %.1f %%", dir, s->case_name, s->state,
                        (double)(100 * s->progress)));
  PetscCall(PrintDuration(", since ", s->elapsed));
  PetscCall(
      PetscPrintf(PETSC_COMM_WORLD, ", %d process%s", (int)s->ranks, s->ranks > 1 ? "es" : ""));
  if (s->resumes > 0)
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, ", resumed %d times", (int)s->resumes));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "\n"));
  if (!strcmp(s->state, "running")) PetscCall(PrintLife(dir, s));
  if (s->reason[0]) PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  %s\n", s->reason));
  if (s->checkpoint[0] && strcmp(s->state, "done"))
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "  checkpoint %s of t = %.6g s\n", s->checkpoint,
                          (double)s->checkpoint_time));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Add(LhJson json, const char dir[], const LhLiveStatus *s) {
  PetscFunctionBegin;
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "directory", dir));
  PetscCall(LhJsonText(json, "case", s->case_name));
  PetscCall(LhJsonText(json, "state", s->state));
  PetscCall(LhJsonBool(json, "alive", LhLiveIsLocked(dir)));
  PetscCall(LhJsonReal(json, "progress [1]", s->progress));
  PetscCall(LhJsonReal(json, "elapsed [s]", s->elapsed));
  PetscCall(LhJsonReal(json, "time_left [s]", s->time_left));
  PetscCall(LhJsonReal(json, "silent [s]", s->silent));
  PetscCall(LhJsonReal(json, "ranks", s->ranks));
  PetscCall(LhJsonReal(json, "resumes", s->resumes));
  PetscCall(LhJsonText(json, "host", s->host));
  PetscCall(LhJsonText(json, "stop_reason", s->reason));
  PetscCall(LhJsonText(json, "checkpoint", s->checkpoint[0] ? s->checkpoint : NULL));
  PetscCall(LhJsonReal(json, "checkpoint_time [s]", s->checkpoint_time));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Run(const LhWords *words, LhExit *exit_code) {
  LhLiveStatus status;

  PetscFunctionBegin;
  *exit_code = words->argc ? LH_EXIT_DONE : LH_EXIT_INPUT;
  if (!words->argc)
    PetscCall(PetscFPrintf(
        PETSC_COMM_WORLD, stderr,
        "lihost status needs the folder of a run, e.g. lihost status runs/strip_lznc\n"));
  if (words->answer) PetscCall(LhJsonBeginArray(words->answer, "runs"));
  for (int i = 0; i < words->argc; i++) {
    if (LhLiveStatusRead(words->argv[i], &status)) {
      if (words->answer)
        PetscCall(Add(words->answer, words->argv[i], &status));
      else
        PetscCall(Print(words->argv[i], &status));
    } else {
      *exit_code = LH_EXIT_INPUT;
      PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                             "lihost status: the folder '%s' holds no run\n", words->argv[i]));
    }
  }
  if (words->answer) PetscCall(LhJsonEnd(words->answer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_status = {.name = "status",
                               .usage = "status DIR ...",
                               .brief = "state of runs",
                               .detail =
                                   "One line a run: state, progress, time left.\n"
                                   "example: lihost status runs/*\n",
                               .run = Run};
