/// @file
/// Private to solver/base: unit texts as units of UDUNITS-2.
#pragma once

#include <udunits2.h>

#include "base/quantity.h"

/// Parses a user's unit. `*unit` (free with ut_free) is NULL when `*status` is not LH_QUANTITY_OK;
/// `symbol` is the last symbol read.
PetscErrorCode LhUnitParse(const char text[], ut_unit **unit, LhQuantityStatus *status,
                           char symbol[LH_UNIT_MAX]);
/// Parses a programmer's unit; a mistake in it is an error.
PetscErrorCode LhUnitParseOwn(const char text[], ut_unit **unit);
