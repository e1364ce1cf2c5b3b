/// @file
/// Owns the conversion of quantities to SI: spelling, number, unit, factor.
///
/// Must never round more often than needed, and never convert between different quantities.
#include "base/quantity.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/param.h"
#include "base/unit.h"

// UTF-8 spellings that people paste; everything else beyond ASCII is refused.
static const struct {
  const char *from, *to;
} spellings[] = {
    {"\xc2\xb5",     "u"       }, // micro sign
    {"\xce\xbc",     "u"       }, // Greek mu
    {"\xce\xa9",     "ohm"     }, // Greek Omega
    {"\xe2\x84\xa6", "ohm"     }, // ohm sign
    {"\xc2\xb0\x43", "degC"    },
    {"\xc2\xb0",     "deg"     },
    {"\xc3\x85",     "angstrom"}, // A with ring
    {"\xc2\xb7",     "*"       }, // middle dot
    {"\xe2\x8b\x85", "*"       }, // dot operator
    {"\xc3\x97",     "*"       }, // multiplication sign
    {"\xe2\x88\x92", "-"       }, // minus sign
    {"\xc2\xb9",     "1"       }, // superscripts
    {"\xc2\xb2",     "2"       },
    {"\xc2\xb3",     "3"       },
    {"\xe2\x81\xbb", "-"       },
    {"\xc2\xa0",     " "       }, // no-break space
};

#define Count(array) (sizeof(array) / sizeof((array)[0]))

// Copies `text` with the spellings replaced; false when it does not fit.
static bool Normalise(const char text[], char result[], size_t size) {
  size_t used = 0;
  while (*text) {
    const char *add = text;
    size_t eat = 1, length = 1;
    for (size_t i = 0; i < Count(spellings); i++) {
      if (strncmp(text, spellings[i].from, strlen(spellings[i].from))) continue;
      add = spellings[i].to;
      eat = strlen(spellings[i].from);
      length = strlen(add);
      break;
    }
    if (used + length >= size) return false;
    memcpy(result + used, add, length);
    used += length;
    text += eat;
  }
  while (used && result[used - 1] == ' ') used--;
  result[used] = 0;
  return true;
}

// Length of a plain decimal number at `text`; strtod alone would also take hex, inf and nan.
static size_t NumberLength(const char text[]) {
  size_t n = 0, digits = 0, mark;
  if (text[n] == '+' || text[n] == '-') n++;
  for (; isdigit((unsigned char)text[n]); n++) digits++;
  if (text[n] == '.') n++;
  for (; isdigit((unsigned char)text[n]); n++) digits++;
  if (!digits) return 0;
  mark = n;
  if (text[n] != 'e' && text[n] != 'E') return mark;
  n++;
  if (text[n] == '+' || text[n] == '-') n++;
  if (!isdigit((unsigned char)text[n])) return mark;
  while (isdigit((unsigned char)text[n])) n++;
  return n;
}

static bool IsNotFinite(const char text[]) {
  char word[8] = "";
  if (*text == '+' || *text == '-') text++;
  if (*text == '.') text++;  // YAML writes .inf and .nan
  for (size_t i = 0; i < 3 && text[i]; i++) word[i] = (char)tolower((unsigned char)text[i]);
  return !strcmp(word, "inf") || !strcmp(word, "nan");
}

// Whole factors, and divisors for their inverses, are rounded once instead of three times.
static PetscReal Scale(PetscReal number, double factor) {
  const double inverse = 1.0 / factor, big = fabs(factor) >= 1 ? factor : inverse;
  const double whole = nearbyint(big);
  const bool exact = fabs(big - whole) <= 8 * PETSC_MACHINE_EPSILON * fabs(big) && whole < 1e15;
  if (fabs(factor) >= 1) return number * (exact ? whole : factor);
  return exact ? number / whole : number * factor;
}

static PetscErrorCode IsKelvin(const ut_unit *unit, bool *kelvin) {
  ut_unit *own;

  PetscFunctionBeginUser;
  PetscCall(LhUnitParseOwn("K", &own));
  *kelvin = ut_compare(unit, own) == 0;
  ut_free(own);
  PetscFunctionReturn(PETSC_SUCCESS);
}

// UDUNITS alone would convert seconds to hertz by the reciprocal: the ratio of both units must be
// a number. NULL when `from` does not measure `to`.
static cv_converter *OpenConverter(ut_unit *from, ut_unit *to) {
  ut_unit *ratio = ut_divide(from, to);
  const int same = ratio && ut_is_dimensionless(ratio);

  ut_free(ratio);
  return same ? ut_get_converter(from, to) : NULL;
}

// Only temperatures may have an offset.
static PetscErrorCode Convert(ut_unit *from, ut_unit *to, PetscReal number, PetscReal *value,
                              bool *fits) {
  cv_converter *converter = OpenConverter(from, to);

  PetscFunctionBeginUser;
  *fits = converter != NULL;
  if (!*fits) PetscFunctionReturn(PETSC_SUCCESS);
  if (cv_convert_double(converter, 0.0) == 0.0) {
    *value = Scale(number, cv_convert_double(converter, 1.0));
  } else {
    PetscCall(IsKelvin(to, fits));
    *value = cv_convert_double(converter, number);
  }
  cv_free(converter);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static LhQuantityStatus ScanNumber(const char text[], PetscReal *number, size_t *length) {
  *length = NumberLength(text);
  if (!*length) return IsNotFinite(text) ? LH_QUANTITY_NOT_FINITE : LH_QUANTITY_NO_NUMBER;
  *number = strtod(text, NULL);
  if (!isfinite(*number)) return LH_QUANTITY_NOT_FINITE;
  return strchr(text + *length, ',') ? LH_QUANTITY_COMMA : LH_QUANTITY_OK;
}

static LhQuantityStatus CheckCharacters(const char text[]) {
  static const char others[] = " %_^*./()+-";
  for (; *text; text++) {
    if (!isalnum((unsigned char)*text) && !strchr(others, *text)) return LH_QUANTITY_CHARACTER;
  }
  return LH_QUANTITY_OK;
}

static PetscErrorCode ConvertUnit(ut_unit *target, LhQuantity *quantity) {
  ut_unit *unit;
  bool fits;

  PetscFunctionBeginUser;
  PetscCall(LhUnitParse(quantity->unit, &unit, &quantity->status, quantity->symbol));
  if (!unit) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(Convert(unit, target, quantity->number, &quantity->value, &fits));
  if (!fits) {
    quantity->status = LH_QUANTITY_WRONG_UNIT;
  } else if (!isfinite(quantity->value)) {
    quantity->status = LH_QUANTITY_NOT_FINITE;
  }
  ut_free(unit);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ConvertText(const char text[], ut_unit *target, bool pure,
                                  LhQuantity *quantity) {
  size_t length;

  PetscFunctionBeginUser;
  quantity->status = ScanNumber(text, &quantity->number, &length);
  if (quantity->status) PetscFunctionReturn(PETSC_SUCCESS);
  text += length;
  while (*text == ' ') text++;
  PetscCall(PetscStrncpy(quantity->unit, text, sizeof(quantity->unit)));
  quantity->status = CheckCharacters(text);
  if (quantity->status) PetscFunctionReturn(PETSC_SUCCESS);
  if (*text) {
    PetscCall(ConvertUnit(target, quantity));
  } else if (pure) {
    quantity->value = quantity->number;
  } else {
    quantity->status = LH_QUANTITY_NO_UNIT;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhQuantityScan(const char text[], const char unit[], LhQuantity *quantity) {
  char plain[LH_UNIT_MAX];
  ut_unit *target;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(quantity, sizeof(*quantity)));
  PetscCall(LhUnitParseOwn(unit, &target));
  while (*text == ' ') text++;
  quantity->value = NAN;
  if (Normalise(text, plain, sizeof(plain))) {
    PetscCall(ConvertText(plain, target, !strcmp(unit, "1"), quantity));
  } else {
    quantity->status = LH_QUANTITY_NO_NUMBER;  // longer than any quantity
  }
  if (quantity->status) quantity->value = NAN;
  ut_free(target);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhQuantityParse(const char text[], const char unit[], PetscReal *value,
                               const char **why) {
  static const char *const reasons[] = {
      [LH_QUANTITY_OK] = NULL,
      [LH_QUANTITY_NO_NUMBER] = "not a number",
      [LH_QUANTITY_NOT_FINITE] = "not a finite number",
      [LH_QUANTITY_COMMA] = "a comma in a number; write a point",
      [LH_QUANTITY_CHARACTER] = "a character that no unit contains",
      [LH_QUANTITY_SYNTAX] = "the unit cannot be read",
      [LH_QUANTITY_UNKNOWN_UNIT] = "unknown unit",
      [LH_QUANTITY_WRONG_UNIT] = "the unit is of another quantity",
      [LH_QUANTITY_NO_UNIT] = "the unit is missing",
  };
  LhQuantity quantity;

  PetscFunctionBeginUser;
  PetscCall(LhQuantityScan(text, unit, &quantity));
  *value = quantity.value;
  *why = reasons[quantity.status];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhUnitFactor(const char from[], const char to[], PetscReal *factor) {
  ut_unit *source, *target;
  bool fits;

  PetscFunctionBeginUser;
  PetscCall(LhUnitParseOwn(from, &source));
  PetscCall(LhUnitParseOwn(to, &target));
  PetscCall(Convert(source, target, 1.0, factor, &fits));
  ut_free(source);
  ut_free(target);
  PetscCheck(fits, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "Unit '%s' does not measure '%s'", from,
             to);
  PetscFunctionReturn(PETSC_SUCCESS);
}
