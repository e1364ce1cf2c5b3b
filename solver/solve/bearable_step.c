/// @file
/// Cutting of bearable_step.h. Never solves.
#include "solve/bearable_step.h"

#define MOST_HALVES 6

PetscErrorCode LhBearableStep(LhMechanics mechanics, Vec x, Vec step, Vec scratch,
                              PetscInt *residuals) {
  LhMechEvaluation evaluation;
  PetscReal share = 1.;

  PetscFunctionBeginUser;
  PetscCall(VecAXPY(x, share, step));
  for (int half = 1; half <= MOST_HALVES; half++) {
    const PetscReal next = half < MOST_HALVES ? .5 * share : 0.;

    PetscCall(LhMechanicsResidual(mechanics, x, scratch, &evaluation));
    ++*residuals;
    if (!(evaluation.failed > 0)) break;
    PetscCall(VecAXPY(x, next - share, step));
    share = next;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
