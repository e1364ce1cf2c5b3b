/// @file
/// Owns the job array: submits, follows, resubmits, collects.
#include "study/engine.h"

PetscErrorCode LhEngineSlurm(LhStudy study, LhEngineEnd *end) {
  PetscFunctionBegin;
  (void)end;
  (void)study;
  PetscFunctionReturn(PETSC_SUCCESS);
}
