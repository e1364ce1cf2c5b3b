/// @file
/// Presets of preconditioners for elasticity-like systems, as rows of a table. Private to solve/.
#pragma once

#include <petscksp.h>

#include "base/base.h"

/// Names of the presets, NULL-terminated; the index is what a spec holds.
extern const char *const lh_mech_preset_names[];

#define LH_MECH_PRESET_PLAIN 0  ///< `amg`, which special ones give way to

/// Whether a preset is made for some bodies alone.
PetscBool LhMechPreconditionerIsSpecial(PetscInt preset);
/// Sets type and options of the preconditioner of `ksp` (options with prefix mech_<preset>_ still win). Collective.
PetscErrorCode LhMechPreconditionerConfigure(KSP ksp, PetscInt preset);
