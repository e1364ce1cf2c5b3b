/// @file
/// Preconditioner for equilibrium with macroscopic unknowns, around one for the nodes alone. Private to solve/.
#pragma once

#include <petscksp.h>

#include "physics/mechanics.h"

/// Wraps the configured preconditioner of `ksp`, which must get the exact operator of `mechanics` for both operators.
/// Does nothing when there is no macroscopic drive. Collective.
PetscErrorCode LhBorderedPrecondition(KSP ksp, LhMechanics mechanics);

/// Its macroscopic part for a new tangent, the preconditioner of the nodes being kept. Collective.
PetscErrorCode LhBorderedRefresh(KSP ksp);
