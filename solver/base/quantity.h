/// @file
/// Quantities with units: the only place where a user's unit becomes SI.
///
/// Grammar: `number [unit]`, unit = symbols joined by `*`, `.`, `/` or a space, read from left to
/// right, with exponents `cm^2`, `cm2`, `cm-2`, `cm**2`, parentheses, and a leading `1/` or `/`.
/// Symbols and prefixes are those of UDUNITS-2 plus Ah, Wh, M (mol/L), deg, wt%, vol%, at%, mol%.
/// Dates, logarithmic units and units with an offset other than temperature do not exist here.
#pragma once

#include "base/base.h"

#define LH_UNIT_MAX 128  ///< longest unit text (with NUL)

typedef enum {
  LH_QUANTITY_OK,
  LH_QUANTITY_NO_NUMBER,     ///< does not start with a number
  LH_QUANTITY_NOT_FINITE,    ///< nan, inf, or too large for a double
  LH_QUANTITY_COMMA,         ///< a comma: decimal comma or thousands
  LH_QUANTITY_CHARACTER,     ///< a character that no unit contains
  LH_QUANTITY_SYNTAX,        ///< unit is not well formed
  LH_QUANTITY_UNKNOWN_UNIT,  ///< a symbol that is not a unit
  LH_QUANTITY_WRONG_UNIT,    ///< a unit of another quantity
  LH_QUANTITY_NO_UNIT        ///< a pure number where a unit is needed
} LhQuantityStatus;

/// What became of a text; `unit` is the user's unit, `symbol` the symbol that is not known.
typedef struct {
  LhQuantityStatus status;
  PetscReal number;  ///< as written
  PetscReal value;   ///< in the SI unit asked for; NaN unless status is LH_QUANTITY_OK
  char unit[LH_UNIT_MAX];
  char symbol[LH_UNIT_MAX];
} LhQuantity;

/// Parses `text` as a quantity that fits the SI unit `unit` ("A m-2", "1" for pure numbers).
/// Wrong text is no error: see `quantity->status`. Unit conversions are exact where the factor or
/// its inverse is a whole number (50 um == 50e-6 m to the last bit), else good to about 2 ulp.
PetscErrorCode LhQuantityScan(const char text[], const char unit[], LhQuantity *quantity);

/// `A m-2` as people write it: `A/m^2`; `J mol-1 K-1` is `J/(mol K)`.
PetscErrorCode LhUnitPretty(const char unit[], char text[], size_t size);

/// What is measured in the SI unit `unit` ("a current per area") and how a user would write one
/// ("0.5 mA/cm^2"). Both borrowed; general words when the unit is not in the list.
PetscErrorCode LhUnitDescribe(const char unit[], const char **quantity, const char **example);

/// How many `to` one `from` is (multiplication only), e.g. 0.1 for "A m-2" to "mA/cm^2".
PetscErrorCode LhUnitFactor(const char from[], const char to[], PetscReal *factor);
