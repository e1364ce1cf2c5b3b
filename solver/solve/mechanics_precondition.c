/// @file
/// The table of preconditioner presets for mechanics. To add one: a function and a row in both lists.
#include "solve/mechanics_precondition.h"

#include "solve/multigrid.h"

/// Default of an option below the preconditioner's prefix; what the user gave stays.
static PetscErrorCode Suggest(PC pc, const char name[], const char value[]) {
  const char *prefix;
  char option[LH_NAME_MAX];
  PetscBool given;

  PetscFunctionBeginUser;
  PetscCall(PCGetOptionsPrefix(pc, &prefix));
  PetscCall(PetscSNPrintf(option, sizeof(option), "-%s%s", prefix, name));
  PetscCall(PetscOptionsHasName(NULL, NULL, option, &given));
  if (!given) PetscCall(PetscOptionsSetValue(NULL, option, value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Smoothed aggregation on the six rigid-body modes attached to the matrix. Point smoothing: an aggregate of one
/// node has fewer unknowns than modes, which makes its coarse 6x6 block singular. The threshold drops the weak
/// in-plane couplings of flat cells.
static PetscErrorCode ConfigureAmg(PC pc) {
  PetscReal threshold = 0.01;

  PetscFunctionBeginUser;
  PetscCall(PCSetType(pc, PCGAMG));
  PetscCall(PCGAMGSetType(pc, PCGAMGAGG));
  PetscCall(PCGAMGSetNSmooths(pc, 1));
  PetscCall(PCGAMGSetThreshold(pc, &threshold, 1));
  PetscCall(PCGAMGSetCoarseEqLim(pc, 600));
  PetscCall(Suggest(pc, "mg_levels_ksp_type", "chebyshev"));
  PetscCall(Suggest(pc, "mg_levels_ksp_max_it", "3"));
  PetscCall(Suggest(pc, "mg_levels_pc_type", "jacobi"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The same with incomplete Cholesky factors of each rank's block as smoother: a third of the iterations at equal
/// time on cells 60 times as wide as high.
static PetscErrorCode ConfigureFlatAmg(PC pc) {
  PetscFunctionBeginUser;
  PetscCall(Suggest(pc, "mg_levels_ksp_max_it", "2"));
  PetscCall(Suggest(pc, "mg_levels_pc_type", "bjacobi"));
  PetscCall(Suggest(pc, "mg_levels_sub_pc_type", "icc"));
  PetscCall(Suggest(pc, "mg_levels_sub_pc_factor_shift_type", "nonzero"));
  PetscCall(ConfigureAmg(pc));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Room for pivots beyond what MUMPS foresees, which depends on how its ranks happen to meet.
static PetscErrorCode ConfigureDirect(PC pc) {
  PetscFunctionBeginUser;
  PetscCall(Suggest(pc, "mat_mumps_icntl_14", "60"));
  PetscCall(PCSetType(pc, PCLU));
  PetscCall(PCFactorSetMatSolverType(pc, MATSOLVERMUMPS));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// For volumes that flow: where the tangent is a hundred times stiffer against a change of volume than of shape,
/// Chebyshev smoothing leaves its bounds and the cycle is no longer definite. Symmetric Gauss-Seidel needs no bounds.
static PetscErrorCode ConfigureVolumeAmg(PC pc) {
  PetscFunctionBeginUser;
  PetscCall(Suggest(pc, "mg_levels_ksp_type", "richardson"));
  PetscCall(Suggest(pc, "mg_levels_ksp_max_it", "2"));
  PetscCall(Suggest(pc, "mg_levels_pc_type", "sor"));
  PetscCall(ConfigureAmg(pc));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Geometric multigrid where the nodes lie on a lattice, else what is given.
static PetscErrorCode ConfigureLattice(PC pc, PetscErrorCode (*otherwise)(PC)) {
  PetscBool fits;
  Mat mat;

  PetscFunctionBeginUser;
  PetscCall(PCGetOperators(pc, NULL, &mat));
  PetscCall(LhMultigridFits(mat, &fits));
  PetscCall(fits ? LhMultigridConfigure(pc) : otherwise(pc));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ConfigureAutomatic(PC pc) {
  PetscFunctionBeginUser;
  PetscCall(ConfigureLattice(pc, ConfigureAmg));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ConfigureAutomaticVolume(PC pc) {
  PetscFunctionBeginUser;
  PetscCall(ConfigureLattice(pc, ConfigureVolumeAmg));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const char *const lh_mech_preset_names[] = {
    "amg", "direct", "amg_flat", "automatic", "amg_volume", "automatic_volume", NULL};

static PetscErrorCode (*const configure[])(PC) = {ConfigureAmg,       ConfigureDirect,
                                                  ConfigureFlatAmg,   ConfigureAutomatic,
                                                  ConfigureVolumeAmg, ConfigureAutomaticVolume};

PetscBool LhMechPreconditionerIsSpecial(PetscInt preset) {
  return configure[preset] != ConfigureAmg && configure[preset] != ConfigureDirect ? PETSC_TRUE
                                                                                   : PETSC_FALSE;
}

PetscErrorCode LhMechPreconditionerConfigure(KSP ksp, PetscInt preset) {
  char prefix[LH_NAME_MAX];
  PC pc;

  PetscFunctionBeginUser;
  PetscCheck(preset >= 0 && preset < (PetscInt)(sizeof(configure) / sizeof(configure[0])),
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE, "No preconditioner preset %" PetscInt_FMT,
             preset);
  // A prefix of its own: the defaults of one preset must not reach another solver of this process.
  PetscCall(PetscSNPrintf(prefix, sizeof(prefix), "mech_%s_", lh_mech_preset_names[preset]));
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PCSetOptionsPrefix(pc, prefix));
  PetscCall(configure[preset](pc));
  PetscFunctionReturn(PETSC_SUCCESS);
}
