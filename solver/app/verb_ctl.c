/// @file
/// `lihost ctl DIR stop|checkpoint|output`: asks a live run, which answers at the end of its present window.
#include <string.h>

#include "app/verb.h"
#include "io/live.h"

static const char *const requests[] = {"stop", "checkpoint", "output"};
enum { NUM_REQUESTS = 3 };

static PetscErrorCode Say(const char format[], const char a[], const char b[]) {
  PetscFunctionBegin;
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, format, a, b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool IsRequest(const char word[]) {
  for (int k = 0; k < NUM_REQUESTS; k++) {
    if (!strcmp(word, requests[k])) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode Run(const LhWords *words, LhExit *exit_code) {
  LhLiveStatus status;
  const char *dir, *word;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  if (words->argc != 2 || !IsRequest(words->argv[1])) {
    PetscCall(
        Say("lihost ctl needs the folder of a run and stop, checkpoint or output, e.g. lihost "
            "ctl runs/strip_lznc stop%s%s\n",
            "", ""));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  dir = words->argv[0];
  word = words->argv[1];
  if (!LhLiveStatusRead(dir, &status)) {
    PetscCall(Say("lihost ctl: the folder '%s' holds no run%s\n", dir, ""));
  } else if (strcmp(status.state, "running")) {
    PetscCall(Say("lihost ctl: the run in %s is not running: it is %s\n", dir, status.state));
  } else if (!LhLiveAsk(dir, word)) {
    *exit_code = LH_EXIT_IO;
    PetscCall(Say("lihost ctl: cannot write into %s/restart%s\n", dir, ""));
  } else {
    *exit_code = LH_EXIT_DONE;
    if (words->answer) {
      PetscCall(LhJsonText(words->answer, "directory", dir));
      PetscCall(LhJsonText(words->answer, "asked", word));
    }
    PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                          "asked for: %s; the run answers when its present window ends\n", word));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_ctl = {
    .name = "ctl",
    .usage = "ctl DIR stop|checkpoint|output",
    .brief = "ask a live run",
    .choices = "stop checkpoint output",
    .detail =
        "Asks a run that is going on to stop, to write a checkpoint or to write its fields.\n"
        "example: lihost ctl runs/strip_lznc stop\n",
    .run = Run};
