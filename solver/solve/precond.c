#include "solve/precond.h"

static const LhPrecondPreset electrochem[] = {
    {"direct", "MUMPS factorisation; small meshes and checks",
     "-%ksp_type gmres -%ksp_gmres_restart 30 -%pc_type lu -%pc_factor_mat_solver_type mumps "
     "-%mat_mumps_icntl_14 60"},
    {"amg", "block Gauss-Seidel over phi_s, phi_e, ln c with one BoomerAMG V-cycle each",
     "-%ksp_type gmres -%ksp_gmres_restart 60 -%pc_type fieldsplit -%pc_fieldsplit_block_size 3 "
     "-%pc_fieldsplit_type multiplicative -%pc_fieldsplit_0_fields 0 -%pc_fieldsplit_1_fields 1 "
     "-%pc_fieldsplit_2_fields 2 "
     "-%fieldsplit_0_ksp_type preonly -%fieldsplit_0_pc_type hypre -%fieldsplit_0_pc_hypre_boomeramg_strong_threshold 0.5 "
     "-%fieldsplit_1_ksp_type preonly -%fieldsplit_1_pc_type hypre -%fieldsplit_1_pc_hypre_boomeramg_strong_threshold 0.5 "
     "-%fieldsplit_2_ksp_type preonly -%fieldsplit_2_pc_type hypre -%fieldsplit_2_pc_hypre_boomeramg_strong_threshold 0.5 "
     "-%fieldsplit_0_pc_hypre_boomeramg_coarsen_type HMIS -%fieldsplit_1_pc_hypre_boomeramg_coarsen_type HMIS "
     "-%fieldsplit_2_pc_hypre_boomeramg_coarsen_type HMIS -%fieldsplit_0_pc_hypre_boomeramg_interp_type ext+i "
     "-%fieldsplit_1_pc_hypre_boomeramg_interp_type ext+i -%fieldsplit_2_pc_hypre_boomeramg_interp_type ext+i "
     "-%fieldsplit_0_pc_hypre_boomeramg_P_max 4 -%fieldsplit_1_pc_hypre_boomeramg_P_max 4 "
     "-%fieldsplit_2_pc_hypre_boomeramg_P_max 4"},
};

PetscErrorCode LhElectrochemPresets(PetscInt *n, const LhPrecondPreset **list) {
  PetscFunctionBegin;
  *n    = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(electrochem);
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
  int    num_words;

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

void LhPrecondPolicyObserve(LhPrecondPolicy *policy, PetscInt iterations, KSPConvergedReason reason) {
  if (policy->fresh < 0) policy->fresh = iterations;
  if (reason < 0 || iterations > policy->growth * policy->fresh + 2) policy->stale = PETSC_TRUE;
}

PetscErrorCode LhPrecondPolicySetUp(LhPrecondPolicy *policy, KSP ksp, Mat op, Mat pmat) {
  const PetscBool rebuild = policy->stale || !policy->builds ? PETSC_TRUE : PETSC_FALSE;

  PetscFunctionBegin;
  PetscCall(KSPSetReusePreconditioner(ksp, rebuild ? PETSC_FALSE : PETSC_TRUE));
  PetscCall(KSPSetOperators(ksp, op, pmat));
  PetscCall(KSPSetUp(ksp));
  if (rebuild) {
    policy->builds++;
    policy->fresh = -1;
    policy->stale = PETSC_FALSE;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
