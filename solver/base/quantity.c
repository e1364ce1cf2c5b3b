/// @file
/// Owns the conversion of quantities to SI, on top of the unit system of UDUNITS-2.
///
/// The unit grammar is ours, UDUNITS only knows the symbols and their algebra: its own parser takes
/// dates and logarithms, converts a unit to its reciprocal, stacks prefixes, and leaks on errors.
/// The unit system is read from disk once and freed by PetscFinalize(): the one cache of this layer.
/// Must never guess a unit that is not written.
#include "base/quantity.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <udunits2.h>

#include "base/param.h"

#define MAX_PARENTHESES 4
#define MAX_EXPONENT    9

static ut_system *unit_system = NULL;  // immutable once read

static const struct {
  const char *symbol, *meaning;
} additions[] = {
    {"Ah",           "A.h"              },
    {"Wh",           "W.h"              },
    {"M",            "mol/L"            },
    {"deg",          "degree"           },
    {"wt%",          "percent"          },
    {"vol%",         "percent"          },
    {"at%",          "percent"          },
    {"mol%",         "percent"          },
    {"eV",           "1.602176634e-19 J"}, // UDUNITS keeps CODATA 1986, 4e-7 off SI 2019
    {"electronvolt", "1.602176634e-19 J"},
};

static const struct {
  const char *text;
  double factor;
} prefixes[] = {
    {"da",    1e1  },
    {"Y",     1e24 },
    {"Z",     1e21 },
    {"E",     1e18 },
    {"P",     1e15 },
    {"T",     1e12 },
    {"G",     1e9  },
    {"M",     1e6  },
    {"k",     1e3  },
    {"h",     1e2  },
    {"d",     1e-1 },
    {"c",     1e-2 },
    {"m",     1e-3 },
    {"u",     1e-6 },
    {"n",     1e-9 },
    {"p",     1e-12},
    {"f",     1e-15},
    {"a",     1e-18},
    {"giga",  1e9  },
    {"mega",  1e6  },
    {"kilo",  1e3  },
    {"centi", 1e-2 },
    {"milli", 1e-3 },
    {"micro", 1e-6 },
    {"nano",  1e-9 },
};

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

static PetscErrorCode FreeSystem(void) {
  PetscFunctionBeginUser;
  ut_free_system(unit_system);
  unit_system = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadSystem(void) {
  PetscFunctionBeginUser;
  if (unit_system) PetscFunctionReturn(PETSC_SUCCESS);
  ut_set_error_message_handler(ut_ignore);
  unit_system = ut_read_xml(NULL);
  PetscCheck(unit_system, PETSC_COMM_SELF, PETSC_ERR_LIB,
             "UDUNITS-2 cannot read its unit database; is the package libudunits2-data installed?");
  for (size_t i = 0; i < Count(additions); i++) {
    ut_unit *unit = ut_parse(unit_system, additions[i].meaning, UT_ASCII);
    ut_unmap_name_to_unit(unit_system, additions[i].symbol, UT_ASCII);
    ut_unmap_symbol_to_unit(unit_system, additions[i].symbol, UT_ASCII);
    ut_map_symbol_to_unit(additions[i].symbol, UT_ASCII, unit);
    ut_free(unit);
  }
  PetscCall(PetscRegisterFinalize(FreeSystem));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// --- Unit grammar: recursive descent; every function returns NULL after setting `status` ---

typedef struct {
  const char *at;
  int depth;
  LhQuantityStatus status;
  char symbol[LH_UNIT_MAX];
} Scanner;

static ut_unit *ScanProduct(Scanner *scanner);

// Frees both factors, so that expressions need no temporaries.
static ut_unit *Multiply(ut_unit *a, ut_unit *b, bool divide) {
  ut_unit *result = a && b ? (divide ? ut_divide(a, b) : ut_multiply(a, b)) : NULL;
  ut_free(a);
  ut_free(b);
  return result;
}

static ut_unit *LookUpExact(const char symbol[]) {
  ut_unit *unit = ut_get_unit_by_symbol(unit_system, symbol);
  return unit ? unit : ut_get_unit_by_name(unit_system, symbol);
}

static ut_unit *LookUp(const char symbol[]) {
  ut_unit *unit = LookUpExact(symbol);
  for (size_t i = 0; i < Count(prefixes) && !unit; i++) {
    const size_t length = strlen(prefixes[i].text);
    ut_unit *plain;
    if (strncmp(symbol, prefixes[i].text, length) || !symbol[length]) continue;
    plain = LookUpExact(symbol + length);
    unit = plain ? ut_scale(prefixes[i].factor, plain) : NULL;
    ut_free(plain);
  }
  return unit;
}

static bool IsSymbolCharacter(char c) {
  return isalpha((unsigned char)c) || c == '%' || c == '_';
}

static ut_unit *ScanSymbol(Scanner *scanner) {
  size_t length = 0;
  ut_unit *unit;

  while (IsSymbolCharacter(scanner->at[length])) length++;
  if (!length || length >= LH_UNIT_MAX) {
    scanner->status = LH_QUANTITY_SYNTAX;
    return NULL;
  }
  memcpy(scanner->symbol, scanner->at, length);
  scanner->symbol[length] = 0;
  unit = LookUp(scanner->symbol);
  if (!unit) scanner->status = LH_QUANTITY_UNKNOWN_UNIT;
  scanner->at += length;
  return unit;
}

static ut_unit *ScanParentheses(Scanner *scanner) {
  ut_unit *unit;

  if (++scanner->depth > MAX_PARENTHESES) {
    scanner->status = LH_QUANTITY_SYNTAX;
    return NULL;
  }
  scanner->at++;
  unit = ScanProduct(scanner);
  scanner->depth--;
  if (unit && *scanner->at != ')') {
    ut_free(unit);
    scanner->status = LH_QUANTITY_SYNTAX;
    return NULL;
  }
  if (unit) scanner->at++;
  return unit;
}

// Optional exponent: `^2`, `**-2`, `2`, `-2`. Returns 1 when there is none, 0 when it is broken.
static int ScanExponent(Scanner *scanner) {
  const char *at = scanner->at;
  bool explicit = false;
  int sign = 1, digit;

  if (*at == '^') {
    at++;
    explicit = true;
  } else if (at[0] == '*' && at[1] == '*') {
    at += 2;
    explicit = true;
  }
  if (*at == '-' || *at == '+') {
    sign = *at++ == '-' ? -1 : 1;
    explicit = true;
  }
  if (!isdigit((unsigned char)*at)) return explicit ? 0 : 1;
  digit = *at++ - '0';
  if (isdigit((unsigned char)*at) || digit > MAX_EXPONENT) return 0;
  scanner->at = at;
  return sign * digit;
}

static ut_unit *ScanPower(Scanner *scanner) {
  ut_unit *base = *scanner->at == '(' ? ScanParentheses(scanner) : ScanSymbol(scanner);
  ut_unit *result;
  int exponent;

  if (!base) return NULL;
  exponent = ScanExponent(scanner);
  if (exponent == 1) return base;
  result = exponent ? ut_raise(base, exponent) : NULL;
  if (!result) scanner->status = LH_QUANTITY_SYNTAX;
  ut_free(base);
  return result;
}

// Skips blanks and one operator; false when the product ends here.
static bool ScanOperator(Scanner *scanner, bool *divide) {
  *divide = false;
  while (*scanner->at == ' ') scanner->at++;
  if (!*scanner->at || *scanner->at == ')') return false;
  if (strchr("*./", *scanner->at)) {
    *divide = *scanner->at++ == '/';
    while (*scanner->at == ' ') scanner->at++;
  }
  return true;
}

static ut_unit *ScanProduct(Scanner *scanner) {
  ut_unit *product;
  bool divide, first = true;

  while (*scanner->at == ' ') scanner->at++;
  if (scanner->at[0] == '1' && !isdigit((unsigned char)scanner->at[1])) {
    scanner->at++;  // "1/s", or "1" alone
    first = false;
  } else if (*scanner->at == '/') {
    first = false;  // the number stands in for the "1"
  }
  product = first ? ScanPower(scanner) : ut_get_dimensionless_unit_one(unit_system);
  if (!first) product = ut_clone(product);
  while (product && ScanOperator(scanner, &divide)) {
    product = Multiply(product, ScanPower(scanner), divide);
  }
  if (!product && scanner->status == LH_QUANTITY_OK) scanner->status = LH_QUANTITY_SYNTAX;
  return product;
}

static ut_unit *ScanUnit(Scanner *scanner) {
  ut_unit *unit = ScanProduct(scanner);
  if (!unit || !*scanner->at) return unit;
  scanner->status = LH_QUANTITY_SYNTAX;
  ut_free(unit);
  return NULL;
}

// A unit written by a programmer.
static PetscErrorCode ParseOwnUnit(const char text[], ut_unit **unit) {
  Scanner scanner = {.at = text, .status = LH_QUANTITY_OK};

  PetscFunctionBeginUser;
  PetscCall(ReadSystem());
  *unit = ScanUnit(&scanner);
  PetscCheck(*unit, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "'%s' is not a unit", text);
  PetscFunctionReturn(PETSC_SUCCESS);
}

// --- Text and number ---

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

// Only temperatures may have an offset. Returns false when `from` does not measure `to`: UDUNITS
// alone would convert seconds to hertz by the reciprocal.
static bool Convert(ut_unit *from, ut_unit *to, PetscReal number, PetscReal *value) {
  ut_unit *ratio = ut_divide(from, to), *kelvin;
  const int same = ratio && ut_is_dimensionless(ratio);
  cv_converter *converter;
  double offset;
  bool done = true;

  ut_free(ratio);
  converter = same ? ut_get_converter(from, to) : NULL;
  if (!converter) return false;
  offset = cv_convert_double(converter, 0.0);
  if (offset == 0.0) {
    *value = Scale(number, cv_convert_double(converter, 1.0));
  } else {
    kelvin = ut_get_unit_by_symbol(unit_system, "K");
    done = ut_compare(to, kelvin) == 0;
    ut_free(kelvin);
    *value = cv_convert_double(converter, number);
  }
  cv_free(converter);
  return done;
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

static PetscErrorCode ScanAndConvert(ut_unit *target, LhQuantity *quantity) {
  Scanner scanner = {.at = quantity->unit, .status = LH_QUANTITY_OK};
  ut_unit *unit;

  PetscFunctionBeginUser;
  unit = ScanUnit(&scanner);
  quantity->status = scanner.status;
  if (!unit) {
    PetscCall(PetscStrncpy(quantity->symbol, scanner.symbol, sizeof(quantity->symbol)));
  } else if (!Convert(unit, target, quantity->number, &quantity->value)) {
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
    PetscCall(ScanAndConvert(target, quantity));
  } else if (pure) {
    quantity->value = quantity->number;
  } else {
    quantity->status = LH_QUANTITY_NO_UNIT;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhQuantityScan(const char text[], const char unit[], LhQuantity *quantity) {
  char plain[LH_UNIT_MAX];
  ut_unit *target, *one;
  bool pure;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(quantity, sizeof(*quantity)));
  PetscCall(ParseOwnUnit(unit, &target));
  one = ut_get_dimensionless_unit_one(unit_system);
  pure = ut_compare(target, one) == 0;
  while (*text == ' ') text++;
  quantity->value = NAN;
  if (Normalise(text, plain, sizeof(plain))) {
    PetscCall(ConvertText(plain, target, pure, quantity));
  } else {
    quantity->status = LH_QUANTITY_SYNTAX;
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
  PetscCall(ParseOwnUnit(from, &source));
  PetscCall(ParseOwnUnit(to, &target));
  fits = Convert(source, target, 1.0, factor);
  ut_free(source);
  ut_free(target);
  PetscCheck(fits, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "Unit '%s' does not measure '%s'", from,
             to);
  PetscFunctionReturn(PETSC_SUCCESS);
}
