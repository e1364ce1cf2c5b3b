/// @file
/// `lihost compare RUN [RUN ...] [DATA.csv]`: runs and measured data over each other; postproc/compare makes it.
#include "app/script.h"

static PetscErrorCode Compare(const LhWords *words, LhExit *exit_code) {
  const char *const out = LhWordBehind(words, "--out");

  PetscFunctionBegin;
  if (words->argc < 2) {
    *exit_code = LH_EXIT_INPUT;
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "lihost compare needs two runs, or a run and a CSV file of measured "
                           "data, e.g. lihost compare runs/strip_lznc measured.csv\n"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhScriptRun("postproc/compare", words->argc, words->argv, exit_code));
  if (words->answer && *exit_code == LH_EXIT_DONE)
    PetscCall(LhJsonText(words->answer, "page", out ? out : "compare.html"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_compare = {
    .name = "compare",
    .usage = "compare RUN [RUN ...] [DATA.csv]",
    .brief = "overlay runs and measured data, with residuals",
    .options = "--out= --x=",
    .detail =
        "Options: --out FILE (default compare.html), --x COLUMN. A CSV file names columns with "
        "units,\n"
        "e.g. capacity [mA.h/cm^2],voltage [mV]. Differences are against the first run.\n"
        "example: lihost compare runs/a runs/b measured.csv\n",
    .run = Compare};
