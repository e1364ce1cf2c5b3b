/// @file
/// Owns the unit system of UDUNITS-2 and the grammar of unit texts.
///
/// The grammar is ours, UDUNITS only knows the symbols and their algebra: its own parser takes dates
/// and logarithms, stacks prefixes, and leaks on errors. The system is read from disk once and freed
/// by PetscFinalize(): the one cache of this layer. Must never guess a unit that is not written.
#include "base/unit.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

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

// Recursive descent over the text; every function returns NULL after setting `status`.
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

PetscErrorCode LhUnitParse(const char text[], ut_unit **unit, LhQuantityStatus *status,
                           char symbol[LH_UNIT_MAX]) {
  Scanner scanner = {.at = text, .status = LH_QUANTITY_OK};

  PetscFunctionBeginUser;
  PetscCall(ReadSystem());
  *unit = ScanUnit(&scanner);
  *status = scanner.status;
  PetscCall(PetscStrncpy(symbol, scanner.symbol, LH_UNIT_MAX));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhUnitParseOwn(const char text[], ut_unit **unit) {
  LhQuantityStatus status;
  char symbol[LH_UNIT_MAX];

  PetscFunctionBeginUser;
  PetscCall(LhUnitParse(text, unit, &status, symbol));
  PetscCheck(*unit, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "'%s' is not a unit", text);
  PetscFunctionReturn(PETSC_SUCCESS);
}
