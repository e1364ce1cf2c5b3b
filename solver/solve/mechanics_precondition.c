/// @file
/// The table of preconditioner presets for mechanics. To add one: a function and a row in both lists.
#include "solve/mechanics_precondition.h"

/// Default of an option below the solver's prefix; what the user gave stays.
static PetscErrorCode Suggest(KSP ksp, const char name[], const char value[]) {
  const char *prefix;
  char option[LH_NAME_MAX];
  PetscBool given;

  PetscFunctionBeginUser;
  PetscCall(KSPGetOptionsPrefix(ksp, &prefix));
  PetscCall(PetscSNPrintf(option, sizeof(option), "-%s%s", prefix ? prefix : "", name));
  PetscCall(PetscOptionsHasName(NULL, NULL, option, &given));
  if (!given) PetscCall(PetscOptionsSetValue(NULL, option, value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Smoothed aggregation on the six rigid-body modes attached to the matrix. Point smoothing: an aggregate of one
/// node has fewer unknowns than modes, which makes its coarse 6x6 block singular. The threshold drops the weak
/// in-plane couplings of flat cells.
static PetscErrorCode ConfigureAmg(KSP ksp) {
  PetscReal threshold = 0.01;
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCSetType(pc, PCGAMG));
  PetscCall(PCGAMGSetType(pc, PCGAMGAGG));
  PetscCall(PCGAMGSetNSmooths(pc, 1));
  PetscCall(PCGAMGSetThreshold(pc, &threshold, 1));
  PetscCall(PCGAMGSetCoarseEqLim(pc, 600));
  PetscCall(Suggest(ksp, "mg_levels_ksp_type", "chebyshev"));
  PetscCall(Suggest(ksp, "mg_levels_ksp_max_it", "3"));
  PetscCall(Suggest(ksp, "mg_levels_pc_type", "jacobi"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ConfigureDirect(KSP ksp) {
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCSetType(pc, PCLU));
  PetscCall(PCFactorSetMatSolverType(pc, MATSOLVERMUMPS));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const char *const lh_mech_preset_names[] = {"amg", "direct", NULL};

static PetscErrorCode (*const configure[])(KSP) = {ConfigureAmg, ConfigureDirect};

PetscErrorCode LhMechPreconditionerConfigure(KSP ksp, PetscInt preset) {
  PetscFunctionBeginUser;
  PetscCheck(preset >= 0 && preset < (PetscInt)(sizeof(configure) / sizeof(configure[0])),
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "No preconditioner preset %" PetscInt_FMT,
             preset);
  PetscCall(configure[preset](ksp));
  PetscFunctionReturn(PETSC_SUCCESS);
}
