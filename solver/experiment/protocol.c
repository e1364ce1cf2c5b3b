/// @file
/// Reading of protocol steps. A small grammar: verb, "at" quantity, then conditions "for T" / "until Q" joined by "or".
#include "experiment/protocol.h"

#include <math.h>
#include <string.h>

static const char *const verbs[] = {"strip", "plate", "hold", "rest"};
static const char *const expected_condition = "expected 'for', 'until' or 'or'";
static const char *const two_times = "gives two times to end by";
static const char *const form =
    "a step reads like 'strip at 0.5 mA/cm^2 until 1 V', 'plate at 0.5 mA/cm^2 for 1 h or until 3 "
    "mA.h/cm^2', "
    "'hold at 0.1 V until 0.01 mA/cm^2' or 'rest for 10 min'";

/// Cuts the next word off `*rest`.
static PetscBool NextWord(const char **rest, char word[LH_NAME_MAX]) {
  size_t n = 0;

  while (**rest == ' ') (*rest)++;
  while ((*rest)[n] && (*rest)[n] != ' ') n++;
  if (!n || n >= LH_NAME_MAX) return PETSC_FALSE;
  memcpy(word, *rest, n);
  word[n] = 0;
  *rest += n;
  return PETSC_TRUE;
}

/// A keyword ends the quantity before it.
static PetscBool IsKeyword(const char word[]) {
  return !strcmp(word, "at") || !strcmp(word, "for") || !strcmp(word, "until") ||
                 !strcmp(word, "or")
             ? PETSC_TRUE
             : PETSC_FALSE;
}

/// Words up to the next keyword, joined by single blanks.
static void TakeQuantity(const char **rest, char quantity[LH_NAME_MAX]) {
  quantity[0] = 0;
  for (;;) {
    const char *mark = *rest;
    char word[LH_NAME_MAX];

    if (!NextWord(rest, word)) return;
    if (IsKeyword(word)) {
      *rest = mark;
      return;
    }
    if (strlen(quantity) + strlen(word) + 2 > LH_NAME_MAX) return;
    if (quantity[0]) strcat(quantity, " ");
    strcat(quantity, word);
  }
}

typedef struct {
  const char *unit;
  PetscReal *target;
  const char *twice;  ///< said when the target has its value already
} Meaning;

/// Stores the quantity in the first meaning whose dimension fits; `*fits` false when none does.
static PetscErrorCode Assign(const char quantity[], PetscInt n, const Meaning meanings[],
                             PetscBool *fits, const char **why) {
  PetscFunctionBegin;
  *fits = PETSC_FALSE;
  for (PetscInt m = 0; m < n && !*fits; m++) {
    PetscReal value;
    const char *wrong;

    PetscCall(LhQuantityParse(quantity, meanings[m].unit, &value, &wrong));
    if (wrong) continue;
    if (!isnan(*meanings[m].target)) *why = meanings[m].twice;
    *meanings[m].target = value;
    *fits = PETSC_TRUE;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// "at Q" of the verb.
static PetscErrorCode ReadLevel(LhStep *s, const char **rest, const char **why) {
  char word[LH_NAME_MAX], quantity[LH_NAME_MAX];
  PetscBool fits;

  PetscFunctionBegin;
  if (s->kind == LH_STEP_REST) PetscFunctionReturn(PETSC_SUCCESS);
  if (!NextWord(rest, word) || strcmp(word, "at")) {
    *why = s->kind == LH_STEP_HOLD ? "expected 'at' and a voltage"
                                   : "expected 'at' and a current density";
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  TakeQuantity(rest, quantity);
  if (s->kind == LH_STEP_HOLD) {
    PetscCall(Assign(quantity, 1, &(Meaning){"V", &s->hold_voltage, NULL}, &fits, why));
    if (!fits) *why = "'hold at' needs a voltage, e.g. 0.1 V";
  } else {
    PetscCall(Assign(quantity, 1, &(Meaning){"A m-2", &s->current_density, NULL}, &fits, why));
    if (!fits)
      *why = "'at' needs a current density, e.g. 0.5 mA/cm^2";
    else if (!(s->current_density > 0))
      *why = "the current density must be positive; 'strip' and 'plate' give the direction";
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// "for T" or "until Q".
static PetscErrorCode ReadCondition(LhStep *s, const char word[], const char **rest,
                                    const char **why) {
  char quantity[LH_NAME_MAX];
  PetscBool fits;

  PetscFunctionBegin;
  TakeQuantity(rest, quantity);
  if (!strcmp(word, "for")) {
    PetscCall(Assign(quantity, 1, &(Meaning){"s", &s->time, two_times}, &fits, why));
    if (!fits) *why = "'for' needs a time, e.g. 10 min";
  } else if (!strcmp(word, "until")) {
    const Meaning m[] = {
        {"V",     &s->voltage,     "gives two voltages to end by"},
        {"C m-2", &s->charge,      "gives two charges to end by" },
        {"A m-2", &s->end_current, "gives two currents to end by"},
        {"s",     &s->time,        two_times                     }
    };

    PetscCall(Assign(quantity, 4, m, &fits, why));
    if (!fits) *why = "'until' needs a voltage, a charge per area, a current density or a time";
  } else {
    *why = expected_condition;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Conditions joined by "or".
static PetscErrorCode ReadConditions(LhStep *s, const char **rest, const char **why) {
  PetscBool joined = PETSC_TRUE;
  PetscInt n = 0;
  char word[LH_NAME_MAX];

  PetscFunctionBegin;
  while (!*why && NextWord(rest, word)) {
    const PetscBool is_or = strcmp(word, "or") ? PETSC_FALSE : PETSC_TRUE;

    if (is_or && (!n || joined))
      *why = "'or' stands between two conditions";
    else if (!is_or && !joined)
      *why = IsKeyword(word) ? "join conditions by 'or'" : expected_condition;
    else if (!is_or)
      PetscCall(ReadCondition(s, word, rest, why));
    joined = is_or;
    n++;
  }
  if (!*why && n && joined) *why = "'or' needs another condition behind it";
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What a step of this kind must and cannot end by.
static const char *CheckStep(const LhStep *s) {
  const PetscBool time = !isnan(s->time), volt = !isnan(s->voltage), charge = !isnan(s->charge),
                  current = !isnan(s->end_current);

  if (!time && !volt && !charge && !current) return "says nothing about when the step ends";
  if (s->kind == LH_STEP_REST && (charge || current))
    return "a rest passes no charge: give a time or a voltage";
  if (s->kind == LH_STEP_HOLD && volt)
    return "a hold keeps its voltage: give a current density, a charge or a time";
  if ((s->kind == LH_STEP_STRIP || s->kind == LH_STEP_PLATE) && current)
    return "the current is constant in this step: give a voltage, a charge or a time";
  if (time && !(s->time > 0)) return "the time must be positive";
  if (charge && !(s->charge > 0)) return "the charge must be positive";
  if (current && !(s->end_current > 0)) return "the current that ends a hold must be positive";
  return NULL;
}

static PetscErrorCode ReadStep(const char text[], LhStep *s, const char **why) {
  const char *rest = text;
  char word[LH_NAME_MAX];

  PetscFunctionBegin;
  *why = NULL;
  s->current_density = s->hold_voltage = s->time = s->voltage = s->charge = s->end_current = NAN;
  PetscCall(PetscStrncpy(s->text, text, sizeof(s->text)));
  if (!NextWord(&rest, word)) *why = form;
  for (s->kind = LH_STEP_STRIP; !*why && s->kind <= LH_STEP_REST; s->kind++) {
    if (!strcmp(word, verbs[s->kind])) break;
  }
  if (*why || s->kind > LH_STEP_REST) {
    *why = form;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ReadLevel(s, &rest, why));
  if (!*why) PetscCall(ReadConditions(s, &rest, why));
  if (!*why) *why = CheckStep(s);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhProtocolRead(const LhReader *reader, LhNode list, const char path[], PetscInt *n,
                              LhStep **steps) {
  PetscFunctionBegin;
  *n = 0;
  *steps = NULL;
  if (!list) PetscFunctionReturn(PETSC_SUCCESS);
  if (LhNodeGetKind(list) != LH_NODE_LIST || LhNodeGetSize(list) == 0) {
    const LhMark mark = LhNodeGetMark(list);

    PetscCall(
        LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark, "%s needs a list of steps: %s", path, form));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscCalloc1(LhNodeGetSize(list), steps));
  for (PetscInt i = 0; i < LhNodeGetSize(list); i++) {
    const LhNode item = LhNodeGetItem(list, i);
    const LhMark mark = LhNodeGetMark(item);
    const char *text = LhNodeGetText(item), *why = form;

    if (text) PetscCall(ReadStep(text, &(*steps)[*n], &why));
    if (why)
      PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark, "%s.%d = %s: %s", path, (int)i,
                          text ? text : "?", why));
    else
      (*n)++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
