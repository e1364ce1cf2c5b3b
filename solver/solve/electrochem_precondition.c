/// @file
/// Presets of the electrochemical solver on their matrices. Owns no solver.
#include "solve/electrochem_precondition.h"

#include "solve/multigrid.h"

typedef enum { AUTOMATIC, DIRECT, AMG, MULTIGRID } Choice;

const char *const lh_electrochem_presets[] = {"automatic", "direct", "amg", "multigrid", NULL};

/// The terminal leaves the mean of phi_s free, the matrix of the preconditioner holds it: the constants are
/// solved for exactly after every application.
static PetscErrorCode CorrectConstants(void *context, Vec b, Vec x) {
  PetscFunctionBegin;
  PetscCall(LhElectrochemCloseBalances(context, b, x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A cycle in single precision is linear up to its rounding: GMRES may take it for linear unless it is to come near that. The
/// flexible one holds as many vectors again.
static PetscErrorCode ChooseMethod(KSP ksp) {
  const PetscReal near_rounding = 1e-5;
  PetscReal rtol;

  PetscFunctionBegin;
  PetscCall(KSPGetTolerances(ksp, &rtol, NULL, NULL, NULL));
  PetscCall(KSPSetType(ksp, rtol < near_rounding ? KSPFGMRES : KSPGMRES));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Geometric multigrid on the matrix in single precision, whose finest level also is the product.
static PetscErrorCode ConfigureMultigrid(LhElectrochem ec, KSP ksp, PetscBool *fits) {
  Mat mat, product;
  PC pc;

  PetscFunctionBegin;
  PetscCall(LhElectrochemSetSingle(ec, PETSC_TRUE));
  PetscCall(LhElectrochemHoldMatrix(ec, &mat));
  PetscCall(LhMultigridFits(mat, fits));
  if (!*fits) {
    PetscCall(LhElectrochemSetSingle(ec, PETSC_FALSE));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ChooseMethod(ksp));
  PetscCall(KSPSetOperators(ksp, mat, mat));
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(LhMultigridConfigure(pc));
  PetscCall(LhMultigridCreateProduct(pc, &product));
  PetscCall(LhElectrochemSetProduct(ec, product));
  PetscCall(MatDestroy(&product));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemPrecondition(LhElectrochem ec, PetscInt choice, KSP ksp) {
  const LhPrecondPreset *list;
  const LhSpaceView *view;
  PetscBool fits = PETSC_FALSE;
  LhSpace space;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhElectrochemPresets(&n, &list));
  PetscCall(LhElectrochemGetSpace(ec, &space));
  PetscCall(LhSpaceGetView(space, &view));
  // Measured (docs/developer/performance.md): a factorisation wins below some 500 nodes and loses above 1300.
  if (choice == AUTOMATIC) choice = view->num_global < 1000 ? DIRECT : AMG;
  if (choice == MULTIGRID) PetscCall(ConfigureMultigrid(ec, ksp, &fits));
  if (choice == MULTIGRID && !fits) choice = AMG;
  PetscCall(LhPrecondApply(ksp, "electrochemistry_", &list[choice - 1]));
  PetscCall(LhPrecondCorrectBy(ksp, CorrectConstants, ec));
  PetscFunctionReturn(PETSC_SUCCESS);
}
