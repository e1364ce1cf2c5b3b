/// @file
/// Owns the reading of single values: kind, unit, bounds, choice, origin map, record.
///
/// Every kind has one reader; it stores a value or complains, and never stops at a mistake.
#include "base/param_value.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/quantity.h"

#define MAX_SHOWN 80  // longest piece of a user's text repeated in a message

typedef PetscErrorCode (*Reader)(LhValueSlot *, LhNode, void *, bool *);

// Adds `path = text: sentence` at the value's place. PetscSNPrintf would rewrite a user's `[|`.
#define Complain(slot, node, ...)                        \
  do {                                                   \
    char sentence_[1024];                                \
    snprintf(sentence_, sizeof(sentence_), __VA_ARGS__); \
    PetscCall(AddSentence(slot, node, sentence_));       \
  } while (0)

static PetscErrorCode AddSentence(const LhValueSlot *slot, LhNode node, const char sentence[]) {
  const LhMark mark = LhNodeGetMark(node);
  const char *text = LhNodeGetText(node);

  PetscFunctionBeginUser;
  if (text && *text) {
    PetscCall(LhDiagAdd(slot->reader->diag, LH_DIAG_ERROR, &mark, "%s = %.*s%s: %s", slot->path,
                        MAX_SHOWN, text, strlen(text) > MAX_SHOWN ? "..." : "", sentence));
  } else {
    PetscCall(LhDiagAdd(slot->reader->diag, LH_DIAG_ERROR, &mark, "%s: %s", slot->path, sentence));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Record(const LhValueSlot *slot, LhNode node, PetscReal value) {
  const LhMark mark = LhNodeGetMark(node);
  char origin[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  if (!slot->reader->record) PetscFunctionReturn(PETSC_SUCCESS);
  if (slot->origin) {
    PetscCall(PetscStrncpy(origin, slot->origin, sizeof(origin)));
  } else if (!strcmp(mark.file, LH_DOC_COMMAND_LINE)) {
    PetscCall(PetscStrncpy(origin, mark.file, sizeof(origin)));
  } else {
    snprintf(origin, sizeof(origin), "%s:%" PetscInt_FMT, mark.file, mark.line);
  }
  PetscCall(LhRecordAdd(slot->reader->record, &(LhRecordEntry){.path = slot->path,
                                                               .text = LhNodeGetText(node),
                                                               .unit = slot->row->unit,
                                                               .value = value,
                                                               .origin = origin,
                                                               .source = slot->source,
                                                               .evidence = slot->evidence}));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// True for a scalar with text; complains otherwise.
static PetscErrorCode CheckScalar(const LhValueSlot *slot, LhNode node, bool *ok) {
  static const char *const found[] = {
      [LH_NODE_SCALAR] = "no value", [LH_NODE_MAP] = "a section", [LH_NODE_LIST] = "a list"};
  const char *text = LhNodeGetText(node);
  char expect[512];

  PetscFunctionBeginUser;
  *ok = text && (*text || slot->row->kind == LH_PARAM_TEXT);
  if (*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhValueExpect(slot->row, expect, sizeof(expect)));
  Complain(slot, node, "%s was given; expected %s", found[LhNodeGetKind(node)], expect);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ComplainQuantity(const LhValueSlot *slot, LhNode node,
                                       const LhQuantity *quantity) {
  static const char *const reasons[] = {
      [LH_QUANTITY_NO_NUMBER] = "not a number",
      [LH_QUANTITY_NOT_FINITE] = "not a finite number",
      [LH_QUANTITY_COMMA] = "a point separates decimals, not a comma",
      [LH_QUANTITY_NO_UNIT] = "the unit is missing"};
  const bool pure = !strcmp(slot->row->unit, "1");
  LhParam row = *slot->row;
  char expect[512];

  PetscFunctionBeginUser;
  row.kind = LH_PARAM_REAL;
  PetscCall(LhValueExpect(&row, expect, sizeof(expect)));
  switch (quantity->status) {
    case LH_QUANTITY_UNKNOWN_UNIT:
      Complain(slot, node, "unknown unit '%s'; expected %s", quantity->symbol, expect);
      break;
    case LH_QUANTITY_CHARACTER:
    case LH_QUANTITY_SYNTAX:
      Complain(slot, node, "unit '%s' cannot be read; expected %s", quantity->unit, expect);
      break;
    case LH_QUANTITY_WRONG_UNIT:
      Complain(slot, node,
               pure ? "unit '%s' where none belongs; expected %s" : "unit '%s' is not %s",
               quantity->unit, expect);
      break;
    default:
      Complain(slot, node, "%s; expected %s", reasons[quantity->status], expect);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckBounds(const LhValueSlot *slot, LhNode node, PetscReal value, bool *ok) {
  const bool pure = !strcmp(slot->row->unit, "1");
  char bounds[256], unit[LH_UNIT_MAX];

  PetscFunctionBeginUser;
  *ok = value >= slot->row->lower && value <= slot->row->upper;
  if (*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhValueBounds(slot->row, bounds, sizeof(bounds)));
  PetscCall(LhUnitPretty(slot->row->unit, unit, sizeof(unit)));
  Complain(slot, node, "out of range: found %.6g%s%s, allowed %s", (double)value, pure ? "" : " ",
           pure ? "" : unit, bounds);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ScanReal(LhValueSlot *slot, LhNode node, PetscReal *value, bool *ok) {
  LhQuantity quantity;

  PetscFunctionBeginUser;
  PetscCall(CheckScalar(slot, node, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhQuantityScan(LhNodeGetText(node), slot->row->unit, &quantity));
  *value = quantity.value;
  *ok = quantity.status == LH_QUANTITY_OK;
  if (!*ok) PetscCall(ComplainQuantity(slot, node, &quantity));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadReal(LhValueSlot *slot, LhNode node, void *target, bool *ok) {
  PetscReal value;

  PetscFunctionBeginUser;
  PetscCall(ScanReal(slot, node, &value, ok));
  if (*ok) PetscCall(CheckBounds(slot, node, value, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  *(PetscReal *)target = value;
  PetscCall(Record(slot, node, value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadInt(LhValueSlot *slot, LhNode node, void *target, bool *ok) {
  LhQuantity quantity;

  PetscFunctionBeginUser;
  PetscCall(CheckScalar(slot, node, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhQuantityScan(LhNodeGetText(node), "1", &quantity));
  *ok = quantity.status == LH_QUANTITY_OK && !*quantity.unit &&
        quantity.value == floor(quantity.value) && fabs(quantity.value) <= PETSC_MAX_INT;
  if (!*ok) {
    Complain(slot, node, "not a whole number");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(CheckBounds(slot, node, quantity.value, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  *(PetscInt *)target = (PetscInt)quantity.value;
  PetscCall(Record(slot, node, quantity.value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadBool(LhValueSlot *slot, LhNode node, void *target, bool *ok) {
  static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
  size_t i = 0;

  PetscFunctionBeginUser;
  PetscCall(CheckScalar(slot, node, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  while (i < 6 && strcasecmp(words[i], LhNodeGetText(node))) i++;
  *ok = i < 6;
  if (!*ok) {
    Complain(slot, node, "neither true nor false");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *(PetscBool *)target = i % 2 ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(Record(slot, node, (PetscReal)(i % 2)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Names end up in file names, headers of tables and logs.
static bool HasControlCharacter(const char text[]) {
  for (; *text; text++) {
    if ((unsigned char)*text < 0x20 || *text == 0x7f) return true;
  }
  return false;
}

static PetscErrorCode ReadText(LhValueSlot *slot, LhNode node, void *target, bool *ok) {
  const char *text = LhNodeGetText(node);

  PetscFunctionBeginUser;
  PetscCall(CheckScalar(slot, node, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  *ok = strlen(text) < LH_NAME_MAX && !HasControlCharacter(text);
  if (*ok) {
    PetscCall(PetscStrncpy(target, text, LH_NAME_MAX));
    PetscCall(Record(slot, node, NAN));
  } else if (HasControlCharacter(text)) {
    Complain(slot, node, "a line break or control character inside a word");
  } else {
    Complain(slot, node, "longer than %d characters", LH_NAME_MAX - 1);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadChoice(LhValueSlot *slot, LhNode node, void *target, bool *ok) {
  const char *const *choices = slot->row->choices;
  PetscInt n = 0, found = -1;
  const char *text, *near;
  char list[512];

  PetscFunctionBeginUser;
  PetscCall(CheckScalar(slot, node, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  text = LhNodeGetText(node);
  for (; choices[n]; n++) {
    if (!strcmp(choices[n], text)) found = n;
  }
  *ok = found >= 0;
  if (*ok) {
    *(PetscInt *)target = found;
    PetscCall(Record(slot, node, NAN));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  near = LhNearestWord(text, n, choices);
  LhWordsJoin(n, choices, list, sizeof(list));
  if (near) {
    Complain(slot, node, "did you mean '%s'? Allowed: %s", near, list);
  } else {
    Complain(slot, node, "allowed: %s", list);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Reads the items with the reader of their kind; a single value is a list of one.
static PetscErrorCode ReadItems(LhValueSlot *slot, LhNode node, Reader reader, PetscInt *n,
                                char values[], size_t size, bool *ok) {
  const bool single = LhNodeGetKind(node) == LH_NODE_SCALAR;
  const PetscInt count = single ? 1 : LhNodeGetSize(node);
  LhValueSlot item = *slot;
  char index[16];

  PetscFunctionBeginUser;
  *ok = count <= LH_LIST_MAX;
  if (!*ok) {
    Complain(slot, node, "%" PetscInt_FMT " entries; at most %d", count, LH_LIST_MAX);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt i = 0; i < count; i++) {
    bool fine;
    snprintf(index, sizeof(index), "%" PetscInt_FMT, i);
    LhPathJoin(slot->path, index, item.path);
    PetscCall(
        reader(&item, single ? node : LhNodeGetItem(node, i), values + (size_t)i * size, &fine));
    *ok = *ok && fine;
  }
  if (*ok) *n = count;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadRealList(LhValueSlot *slot, LhNode node, void *target, bool *ok) {
  LhRealList *list = target;

  PetscFunctionBeginUser;
  PetscCall(ReadItems(slot, node, ReadReal, &list->n, (char *)list->v, sizeof(list->v[0]), ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadIntList(LhValueSlot *slot, LhNode node, void *target, bool *ok) {
  LhIntList *list = target;

  PetscFunctionBeginUser;
  PetscCall(ReadItems(slot, node, ReadInt, &list->n, (char *)list->v, sizeof(list->v[0]), ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadTextList(LhValueSlot *slot, LhNode node, void *target, bool *ok) {
  LhTextList *list = target;

  PetscFunctionBeginUser;
  PetscCall(ReadItems(slot, node, ReadText, &list->n, (char *)list->v, sizeof(list->v[0]), ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckOriginKeys(const LhValueSlot *slot, LhNode map) {
  static const char *const keys[] = {"value", "source", "evidence", "range", "note"};

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < LhNodeGetSize(map); i++) {
    const char *key = LhNodeGetKey(map, i), *near;
    const LhMark mark = LhNodeGetKeyMark(map, i);
    PetscInt k = 0;
    while (k < 5 && strcmp(keys[k], key)) k++;
    if (k < 5) continue;
    near = LhNearestWord(key, 5, keys);
    PetscCall(LhDiagAdd(
        slot->reader->diag, LH_DIAG_ERROR, &mark, "unknown key '%s.%s'; %s%s%s", slot->path, key,
        near ? "did you mean '" : "beside a value stand source, evidence, range, note",
        near ? near : "", near ? "'?" : ""));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A range says how well a number is known; a value outside its own range is a slip of the pen.
static PetscErrorCode CheckRange(const LhValueSlot *slot, LhNode map, PetscReal value) {
  const LhNode range = LhNodeFind(map, "range");
  const LhMark mark = LhNodeGetMark(range);
  LhValueSlot side = *slot;
  PetscReal ends[2] = {value, value};

  PetscFunctionBeginUser;
  if (!range) PetscFunctionReturn(PETSC_SUCCESS);
  LhPathJoin(slot->path, "range", side.path);
  if (LhNodeGetKind(range) != LH_NODE_LIST || LhNodeGetSize(range) != 2) {
    Complain(&side, range, "expected a list of two, lowest and highest");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt i = 0; i < 2; i++) {
    bool ok;
    PetscCall(ScanReal(&side, LhNodeGetItem(range, i), &ends[i], &ok));
    if (!ok) PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (ends[0] > ends[1]) {
    Complain(&side, range, "the first entry is larger than the second");
  } else if (value < ends[0] || value > ends[1]) {
    PetscCall(LhDiagAdd(slot->reader->diag, LH_DIAG_WARNING, &mark,
                        "%s lies outside the range given beside it", slot->path));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode OriginText(const LhValueSlot *slot, LhNode map, const char key[],
                                 const char **text) {
  const LhNode node = LhNodeFind(map, key);

  PetscFunctionBeginUser;
  *text = node && LhNodeGetText(node) ? LhNodeGetText(node) : "";
  if (node && !LhNodeGetText(node)) {
    const LhMark mark = LhNodeGetMark(node);
    PetscCall(LhDiagAdd(slot->reader->diag, LH_DIAG_ERROR, &mark, "%s.%s: expected a text",
                        slot->path, key));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Replaces a map with origin by its value; `*node` is NULL when there is none.
static PetscErrorCode Unwrap(LhValueSlot *slot, LhNode *node) {
  const LhNode map = *node;
  char expect[512];

  PetscFunctionBeginUser;
  *node = LhNodeFind(map, "value");
  if (!*node) {
    PetscCall(LhValueExpect(slot->row, expect, sizeof(expect)));
    Complain(slot, map, "a section without 'value' was given; expected %s", expect);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(CheckOriginKeys(slot, map));
  PetscCall(OriginText(slot, map, "source", &slot->source));
  PetscCall(OriginText(slot, map, "evidence", &slot->evidence));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhValueRead(LhValueSlot *slot, LhNode node, void *target) {
  static const Reader readers[] = {
      [LH_PARAM_REAL] = ReadReal,        [LH_PARAM_INT] = ReadInt,
      [LH_PARAM_BOOL] = ReadBool,        [LH_PARAM_TEXT] = ReadText,
      [LH_PARAM_CHOICE] = ReadChoice,    [LH_PARAM_REAL_LIST] = ReadRealList,
      [LH_PARAM_INT_LIST] = ReadIntList, [LH_PARAM_TEXT_LIST] = ReadTextList,
  };
  const LhParamKind kind = slot->row->kind;
  const LhNode map = LhNodeGetKind(node) == LH_NODE_MAP ? node : NULL;
  bool ok = false;

  PetscFunctionBeginUser;
  if (kind == LH_PARAM_NODE) {
    *(LhNode *)target = node;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (map) PetscCall(Unwrap(slot, &node));
  if (node) PetscCall(readers[kind](slot, node, target, &ok));
  if (!ok) {
    PetscCall(LhValueClear(slot->row, target));
  } else if (map && kind == LH_PARAM_REAL) {
    PetscCall(CheckRange(slot, map, *(PetscReal *)target));
  } else if (map && kind == LH_PARAM_INT) {
    PetscCall(CheckRange(slot, map, (PetscReal) * (PetscInt *)target));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhValueClear(const LhParam *row, void *target) {
  PetscFunctionBeginUser;
  switch (row->kind) {
    case LH_PARAM_REAL:
      *(PetscReal *)target = NAN;
      break;
    case LH_PARAM_INT:
      *(PetscInt *)target = row->lower > -1e9 && row->lower < 1e9 ? (PetscInt)row->lower : 0;
      break;
    case LH_PARAM_BOOL:
      *(PetscBool *)target = PETSC_FALSE;
      break;
    case LH_PARAM_TEXT:
      *(char *)target = 0;
      break;
    case LH_PARAM_NODE:
      *(LhNode *)target = NULL;
      break;
    default:  // a choice or the length of a list
      *(PetscInt *)target = 0;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhQuantityRead(const LhReader *reader, LhNode node, const char key[],
                              const char unit[], PetscReal lower, PetscReal upper,
                              PetscReal *value) {
  const LhParam row = {
      .name = key, .kind = LH_PARAM_REAL, .unit = unit, .lower = lower, .upper = upper};
  LhValueSlot slot = {.reader = reader, .row = &row, .source = "", .evidence = ""};
  char expect[512];

  PetscFunctionBeginUser;
  LhPathJoin("", key, slot.path);
  if (node) {
    PetscCall(LhValueRead(&slot, node, value));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *value = NAN;
  PetscCall(LhValueExpect(&row, expect, sizeof(expect)));
  PetscCall(
      LhDiagAdd(reader->diag, LH_DIAG_ERROR, NULL, "missing key '%s': expected %s", key, expect));
  PetscFunctionReturn(PETSC_SUCCESS);
}
