/// @file
/// Owns the wording of what a parameter row expects: used by messages and by the documentation.
///
/// Must never read a value.
#include <stdbool.h>
#include <string.h>

#include "base/param_value.h"
#include "base/quantity.h"

#define UNBOUNDED 1e300  // bounds beyond this are "no bound"

void LhPathJoin(const char prefix[], const char name[], char path[LH_PATH_MAX]) {
  const size_t used = prefix ? strlen(prefix) : 0;
  size_t room = LH_PATH_MAX - 1, at = PetscMin(used, room);

  if (at) memcpy(path, prefix, at);
  if (at && at < room) path[at++] = '.';
  room -= at;
  memcpy(path + at, name, PetscMin(strlen(name), room));
  path[at + PetscMin(strlen(name), room)] = 0;
}

void LhWordsJoin(PetscInt n, const char *const words[], char text[], size_t size) {
  size_t used = 0;

  text[0] = 0;
  for (PetscInt i = 0; i < n; i++) {
    const char *comma = i ? ", " : "";
    const size_t length = strlen(comma) + strlen(words[i]);
    if (used + length + sizeof(", ...") > size) {
      snprintf(text + used, size - used, "%s...", comma);
      return;
    }
    snprintf(text + used, size - used, "%s%s", comma, words[i]);
    used += length;
  }
}

static PetscInt CountWords(const char *const words[]) {
  PetscInt n = 0;
  while (words && words[n]) n++;
  return n;
}

PetscErrorCode LhValueBounds(const LhParam *row, char text[], size_t size) {
  const bool pure = !strcmp(row->unit, "1");
  const bool lower = row->lower > -UNBOUNDED, upper = row->upper < UNBOUNDED;
  char unit[LH_UNIT_MAX + 1] = " ";

  PetscFunctionBeginUser;
  text[0] = 0;
  PetscCall(LhUnitPretty(row->unit, unit + 1, sizeof(unit) - 1));
  if (pure) unit[0] = 0;
  if (lower && upper) {
    snprintf(text, size, "%.6g%s to %.6g%s", (double)row->lower, unit, (double)row->upper, unit);
  } else if (lower) {
    snprintf(text, size, "at least %.6g%s", (double)row->lower, unit);
  } else if (upper) {
    snprintf(text, size, "at most %.6g%s", (double)row->upper, unit);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode RealExample(const char unit[], char text[], size_t size) {
  const char *quantity, *example;
  char pretty[LH_UNIT_MAX];

  PetscFunctionBeginUser;
  PetscCall(LhUnitDescribe(unit, &quantity, &example));
  PetscCall(LhUnitPretty(unit, pretty, sizeof(pretty)));
  if (*example) {
    PetscCall(PetscStrncpy(text, example, size));
  } else {
    snprintf(text, size, "1 %s", pretty);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhValueExample(const LhParam *row, char text[], size_t size) {
  char item[LH_UNIT_MAX];

  PetscFunctionBeginUser;
  switch (row->kind) {
    case LH_PARAM_REAL:
      PetscCall(RealExample(row->unit, text, size));
      break;
    case LH_PARAM_REAL_LIST:
      PetscCall(RealExample(row->unit, item, sizeof(item)));
      snprintf(text, size, "[%s]", item);
      break;
    case LH_PARAM_INT:
    case LH_PARAM_INT_LIST:
      snprintf(text, size, row->kind == LH_PARAM_INT ? "%.0f" : "[%.0f]",
               (double)PetscMax(row->lower, PetscMin(row->upper, 10)));
      break;
    case LH_PARAM_BOOL:
      PetscCall(PetscStrncpy(text, "true", size));
      break;
    case LH_PARAM_CHOICE:
      PetscCall(PetscStrncpy(text, row->choices[0], size));
      break;
    case LH_PARAM_TEXT:
      PetscCall(PetscStrncpy(text, "a_name", size));
      break;
    case LH_PARAM_TEXT_LIST:
      PetscCall(PetscStrncpy(text, "[a_name, another]", size));
      break;
    case LH_PARAM_NODE:
      PetscCall(PetscStrncpy(text, "{...}", size));
      break;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ExpectReal(const LhParam *row, const char list[], char text[], size_t size) {
  const char *quantity, *example;
  char pretty[LH_UNIT_MAX], value[LH_UNIT_MAX];

  PetscFunctionBeginUser;
  PetscCall(LhUnitDescribe(row->unit, &quantity, &example));
  PetscCall(LhUnitPretty(row->unit, pretty, sizeof(pretty)));
  PetscCall(LhValueExample(row, value, sizeof(value)));
  if (!strcmp(row->unit, "1")) {
    snprintf(text, size, "%s%s, e.g. %s", list, quantity, value);
  } else {
    snprintf(text, size, "%s%s (%s), e.g. %s", list, quantity, pretty, value);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhValueExpect(const LhParam *row, char text[], size_t size) {
  static const char *const plain[] = {
      [LH_PARAM_INT] = "a whole number",    [LH_PARAM_BOOL] = "true or false",
      [LH_PARAM_TEXT] = "a word",           [LH_PARAM_INT_LIST] = "a list of whole numbers",
      [LH_PARAM_NODE] = "a nested section", [LH_PARAM_TEXT_LIST] = "a list of words"};
  char choices[256];

  PetscFunctionBeginUser;
  if (row->kind == LH_PARAM_REAL || row->kind == LH_PARAM_REAL_LIST) {
    const char *list = row->kind == LH_PARAM_REAL ? "" : "a list, each entry ";
    PetscCall(ExpectReal(row, list, text, size));
  } else if (row->kind == LH_PARAM_CHOICE) {
    LhWordsJoin(CountWords(row->choices), row->choices, choices, sizeof(choices));
    snprintf(text, size, "one of %s", choices);
  } else {
    PetscCall(PetscStrncpy(text, plain[row->kind], size));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
