/// @file
/// `lihost report RUN_OR_STUDY`: a page with the key numbers, the pictures and the 3D view; postproc/report makes it.
#include "app/script.h"

static PetscErrorCode Report(const LhWords *words, LhExit *exit_code) {
  PetscFunctionBegin;
  if (!words->argc) {
    *exit_code = LH_EXIT_INPUT;
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "lihost report needs the folder of a run or a study, e.g. lihost report "
                           "runs/strip_lznc\n"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhScriptRun("postproc/report", words->argc, words->argv, exit_code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_report = {
    .name = "report",
    .usage = "report RUN_OR_STUDY",
    .brief = "write report.html of a run or a study",
    .detail =
        "Options: --out FILE, --no-3d. The page opens from disk and asks the network for nothing.\n"
        "example: lihost report runs/strip_lznc\n",
    .run = Report};
