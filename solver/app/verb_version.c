/// @file
/// `lihost version`: this program and the libraries that decide its answers.
#include <sundials/sundials_version.h>

#include "app/verb.h"

static PetscErrorCode Version(const LhWords *words, LhExit *exit_code) {
  char petsc[128], sundials[32];

  PetscFunctionBegin;
  *exit_code = LH_EXIT_DONE;
  PetscCall(PetscGetVersion(petsc, sizeof(petsc)));
  SUNDIALSGetVersion(sundials, sizeof(sundials));
  if (words->answer) {
    PetscCall(LhJsonText(words->answer, "lihost", LIHOST_VERSION));
    PetscCall(LhJsonText(words->answer, "petsc", petsc));
    PetscCall(LhJsonText(words->answer, "sundials", sundials));
    PetscCall(LhJsonText(words->answer, "kernels", LIHOST_ARCH));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "lihost %s\n%s\nSUNDIALS %s\nkernels for %s\n",
                        LIHOST_VERSION, petsc, sundials, LIHOST_ARCH));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_version = {.name = "version",
                                .usage = "version",
                                .brief = "versions of lihost and its libraries",
                                .detail = "example: lihost version\n",
                                .run = Version};
