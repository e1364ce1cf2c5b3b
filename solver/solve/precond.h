/// @file
/// Named presets of linear solvers: one row each, as PETSc options under a prefix.
#pragma once

#include <petscksp.h>

#include "base/base.h"

typedef struct {
  const char *name, *brief;
  const char *options;  ///< PETSc options; every `-%` stands for the prefix
} LhPrecondPreset;

/// Presets for the electrochemical node system (3 unknowns a node).
PetscErrorCode LhElectrochemPresets(PetscInt *n, const LhPrecondPreset **list);
/// Applies a preset to `ksp` under `prefix`; options the user gave under the same prefix win.
PetscErrorCode LhPrecondApply(KSP ksp, const char prefix[], const LhPrecondPreset *preset);

/// Improves x after a preconditioner gave x for b.
typedef PetscErrorCode (*LhPrecondCorrection)(void *context, Vec b, Vec x);
/// Follows the preconditioner of `ksp` by a correction that sees the present operator. After LhPrecondApply.
PetscErrorCode LhPrecondCorrectBy(KSP ksp, LhPrecondCorrection correct, void *context);

/// When to rebuild a preconditioner: its iterations have grown past `growth` times those of the first
/// solve after its set-up, or it failed.
typedef struct {
  PetscReal growth;
  PetscInt fresh;   ///< iterations of the first solve after set-up
  PetscBool stale;  ///< rebuild at the next set-up
  PetscInt builds;
} LhPrecondPolicy;

void LhPrecondPolicyObserve(LhPrecondPolicy *policy, PetscInt iterations,
                            KSPConvergedReason reason);
/// Gives the operators to `ksp` and rebuilds the preconditioner when the policy says so.
PetscErrorCode LhPrecondPolicySetUp(LhPrecondPolicy *policy, KSP ksp, Mat op, Mat pmat);
