/// @file
/// Owns plain script output for schedulers lihost does not know: one script a case, a list, and one that runs all.
#include "base/atomic_file.h"
#include "study/engine.h"

PetscErrorCode LhEngineScript(LhStudy study, LhEngineEnd *end) {
  char path[PETSC_MAX_PATH_LEN];
  PetscInt missing = 0;
  LhAtomic atomic;
  FILE *stream;

  PetscFunctionBegin;
  (void)end;
  PetscCall(LhStorePath(study, "missing.txt", NULL, "", path));
  PetscCall(LhAtomicOpen(path, &atomic, &stream));
  for (PetscInt i = 0; i < study->num_cases; i++) {
    if (!LhEngineIsMissing(study, &study->cases[i])) continue;
    (void)fprintf(stream, "jobs/%s.sh\n", study->cases[i].id);
    missing++;
  }
  PetscCall(LhAtomicCommit(&atomic));
  PetscCall(
      PetscPrintf(PETSC_COMM_SELF,
                  "%d scripts to run on %d process%s each, in any order and any number at a "
                  "time, are listed in %s;\nwhen they have ended: lihost sweep %s --collect\n",
                  (int)missing, (int)study->engine.ranks, study->engine.ranks == 1 ? "" : "es",
                  path, study->path));
  PetscFunctionReturn(PETSC_SUCCESS);
}
