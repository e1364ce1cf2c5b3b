/// @file
/// `lihost report RUN_OR_STUDY`: a page with the key numbers, the pictures and the 3D view; postproc/report makes it.
#include "app/script.h"

static PetscErrorCode Report(const LhWords *words, LhExit *exit_code) {
  const char *const out = LhWordBehind(words, "--out");
  char page[2 * PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  if (!words->argc) {
    *exit_code = LH_EXIT_INPUT;
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "lihost report needs the folder of a run or a study, e.g. lihost report "
                           "runs/strip_lznc\n"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhScriptRun("postproc/report", words->argc, words->argv, exit_code));
  (void)snprintf(page, sizeof(page), "%s/report.html", words->argv[0]);
  if (words->answer && *exit_code == LH_EXIT_DONE)
    PetscCall(LhJsonText(words->answer, "page", out ? out : page));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_report = {
    .name = "report",
    .usage = "report RUN_OR_STUDY",
    .brief = "write report.html of a run or a study",
    .options = "--out= --no-3d --animation",
    .detail =
        "Options: --out FILE, --no-3d. The page opens from disk and asks the network for nothing.\n"
        "--animation also writes animation.gif of a strip or a pull (.mp4 too where ffmpeg is "
        "installed).\n"
        "example: lihost report runs/strip_lznc\n",
    .run = Report};
