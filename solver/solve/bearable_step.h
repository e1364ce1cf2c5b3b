/// @file
/// A step of the displacement, cut to what the laws of all points bear.
#pragma once

#include "physics/mechanics.h"

/// x += share step, with the largest share 1, 1/2, ... 1/32 or else 0 at which every law has a solution. A linear step
/// in metal that is all but gone goes anywhere. `scratch` is overwritten; adds to `*residuals`. Collective.
PetscErrorCode LhBearableStep(LhMechanics mechanics, Vec x, Vec step, Vec scratch,
                              PetscInt *residuals);
