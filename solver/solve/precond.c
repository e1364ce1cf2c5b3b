/// @file
/// The presets, how they reach a KSP, and the policy of reuse.
#include "solve/precond.h"

#include "solve/multigrid.h"

/// One V-cycle of a field; one Gauss-Seidel sweep before and after: GMRES needs no symmetry.
#define BOOMER(field)                                           \
  "-%fieldsplit_" field "_ksp_type preonly -%fieldsplit_" field \
  "_pc_type hypre "                                             \
  "-%fieldsplit_" field                                         \
  "_pc_hypre_boomeramg_strong_threshold 0.5 "                   \
  "-%fieldsplit_" field                                         \
  "_pc_hypre_boomeramg_coarsen_type HMIS "                      \
  "-%fieldsplit_" field                                         \
  "_pc_hypre_boomeramg_interp_type ext+i "                      \
  "-%fieldsplit_" field                                         \
  "_pc_hypre_boomeramg_P_max 4 "                                \
  "-%fieldsplit_" field "_pc_hypre_boomeramg_relax_type_all SOR/Jacobi "

static const LhPrecondPreset electrochem[] = {
    {"direct",    "MUMPS factorisation; small meshes and checks",
     "-%ksp_type gmres -%ksp_gmres_restart 30 -%pc_type lu -%pc_factor_mat_solver_type mumps "
     "-%mat_mumps_icntl_14 60"                                                                                                             },
    {"amg",       "block Gauss-Seidel over phi_s, phi_e, ln c with one BoomerAMG V-cycle each",
     "-%ksp_type gmres -%ksp_gmres_restart 60 -%pc_type fieldsplit -%pc_fieldsplit_block_size 3 "
     "-%pc_fieldsplit_type multiplicative -%pc_fieldsplit_0_fields 0 -%pc_fieldsplit_1_fields 1 "
     "-%pc_fieldsplit_2_fields 2 " BOOMER("0") BOOMER("1") BOOMER("2")                                                                     },
    {"multigrid",
     "one V-cycle of geometric multigrid in single precision, where nodes lie on a lattice",    "-%ksp_pc_side right -%ksp_gmres_restart 8"},
};

PetscErrorCode LhElectrochemPresets(PetscInt *n, const LhPrecondPreset **list) {
  PetscFunctionBegin;
  *n = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(electrochem);
  *list = electrochem;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Sets one option unless the user gave it.
static PetscErrorCode SetUnlessGiven(const char name[], const char value[]) {
  PetscBool given;

  PetscFunctionBegin;
  PetscCall(PetscOptionsHasName(NULL, NULL, name, &given));
  if (!given) PetscCall(PetscOptionsSetValue(NULL, name, value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhPrecondApply(KSP ksp, const char prefix[], const LhPrecondPreset *preset) {
  char **words;
  int num_words;

  PetscFunctionBegin;
  PetscCall(KSPSetOptionsPrefix(ksp, prefix));
  PetscCall(PetscStrToArray(preset->options, ' ', &num_words, &words));
  for (int w = 0; w + 1 < num_words; w += 2) {
    char name[256];

    PetscCall(PetscSNPrintf(name, sizeof(name), "-%s%s", prefix, words[w] + 2));
    PetscCall(SetUnlessGiven(name, words[w + 1]));
  }
  PetscCall(PetscStrToArrayDestroy(num_words, words));
  PetscCall(KSPSetFromOptions(ksp));
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define CORRECTED "lihost_corrected"  ///< marks a PC as one of these

typedef struct {
  PC inner;
  LhPrecondCorrection correct;
  void *context;
} Corrected;

static PetscErrorCode CorrectedSetUp(PC pc) {
  Corrected *c;
  Mat op, pmat;

  PetscFunctionBegin;
  PetscCall(PCShellGetContext(pc, &c));
  PetscCall(PCGetOperators(pc, &op, &pmat));
  PetscCall(PCSetReusePreconditioner(c->inner, PETSC_FALSE));
  PetscCall(PCSetOperators(c->inner, op, pmat));
  PetscCall(PCSetUp(c->inner));
  PetscCall(
      PCSetReusePreconditioner(c->inner, PETSC_TRUE));  // PCApply would renew it with every matrix
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CorrectedApply(PC pc, Vec b, Vec x) {
  Corrected *c;

  PetscFunctionBegin;
  PetscCall(PCShellGetContext(pc, &c));
  PetscCall(PCApply(c->inner, b, x));
  PetscCall(c->correct(c->context, b, x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CorrectedDestroy(PC pc) {
  Corrected *c;

  PetscFunctionBegin;
  PetscCall(PCShellGetContext(pc, &c));
  PetscCall(PCDestroy(&c->inner));
  PetscCall(PetscFree(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhPrecondCorrectBy(KSP ksp, LhPrecondCorrection correct, void *context) {
  Corrected *c;
  PC pc;

  PetscFunctionBegin;
  PetscCall(PetscNew(&c));
  c->correct = correct;
  c->context = context;
  PetscCall(KSPGetPC(ksp, &c->inner));
  PetscCall(PetscObjectReference((PetscObject)c->inner));
  PetscCall(PCCreate(PetscObjectComm((PetscObject)ksp), &pc));
  PetscCall(PCSetType(pc, PCSHELL));
  PetscCall(PCShellSetContext(pc, c));
  PetscCall(PCShellSetSetUp(pc, CorrectedSetUp));
  PetscCall(PCShellSetApply(pc, CorrectedApply));
  PetscCall(PCShellSetDestroy(pc, CorrectedDestroy));
  PetscCall(PetscObjectComposeFunction((PetscObject)pc, CORRECTED, CorrectedApply));
  PetscCall(KSPSetPC(ksp, pc));
  PetscCall(PCDestroy(&pc));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The finest level of multigrid follows every matrix, as the product is made of it, while its coarse levels stay.
static PetscErrorCode FollowMatrix(KSP ksp) {
  void (*corrected)(void) = NULL;
  PetscBool is_multigrid;
  Corrected *c;
  PC pc;

  PetscFunctionBegin;
  PetscCall(KSPGetPC(ksp, &pc));
  PetscCall(PetscObjectQueryFunction((PetscObject)pc, CORRECTED, &corrected));
  if (corrected) PetscCall(PCShellGetContext(pc, &c));
  PetscCall(LhMultigridIs(corrected ? c->inner : pc, &is_multigrid));
  if (is_multigrid) PetscCall(LhMultigridRefresh(corrected ? c->inner : pc));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void LhPrecondPolicyObserve(LhPrecondPolicy *policy, PetscInt iterations,
                            KSPConvergedReason reason) {
  if (policy->fresh < 0) policy->fresh = iterations;
  if (reason < 0 || iterations > policy->growth * policy->fresh + 2) policy->stale = PETSC_TRUE;
}

PetscErrorCode LhPrecondPolicySetUp(LhPrecondPolicy *policy, KSP ksp, Mat op, Mat pmat) {
  const PetscBool rebuild = policy->stale || !policy->builds ? PETSC_TRUE : PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(KSPSetReusePreconditioner(ksp, rebuild ? PETSC_FALSE : PETSC_TRUE));
  PetscCall(KSPSetOperators(ksp, op, pmat));
  PetscCall(KSPSetUp(ksp));
  if (!rebuild) PetscCall(FollowMatrix(ksp));
  if (rebuild) {
    policy->builds++;
    policy->fresh = -1;
    policy->stale = PETSC_FALSE;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
