/// @file
/// Owns the walk over a parameter table: known keys, missing keys, defaults.
///
/// Must never know a parameter by name; everything comes from the rows.
#include "base/param.h"

#include <stdbool.h>
#include <string.h>

#include "base/param_value.h"

typedef struct {
  const LhReader *reader;
  LhNode map, parent;
  const char *path;
  PetscInt num_rows;  // of all parts
  const LhParam **rows;
  char **params;   // struct each row fills
  bool *misspelt;  // rows that an unknown key probably means
  const char **names;
} Walk;

static PetscErrorCode ReportUnknown(Walk *walk, PetscInt i) {
  const char *key = LhNodeGetKey(walk->map, i);
  const char *near = LhNearestWord(key, walk->num_rows, walk->names);
  const LhMark mark = LhNodeGetKeyMark(walk->map, i);
  char found[LH_PATH_MAX], meant[LH_PATH_MAX], list[512];

  PetscFunctionBeginUser;
  LhPathJoin(walk->path, key, found);
  if (!near) {
    LhWordsJoin(walk->num_rows, walk->names, list, sizeof(list));
    PetscCall(LhDiagAdd(walk->reader->diag, LH_DIAG_ERROR, &mark,
                        "unknown key '%s'; known here: %s", found, list));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  LhPathJoin(walk->path, near, meant);
  PetscCall(LhDiagAdd(walk->reader->diag, LH_DIAG_ERROR, &mark,
                      "unknown key '%s'; did you mean '%s'?", found, meant));
  for (PetscInt k = 0; k < walk->num_rows; k++) {
    if (walk->names[k] == near) walk->misspelt[k] = true;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckKeys(Walk *walk) {
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < LhNodeGetSize(walk->map); i++) {
    PetscInt k = 0;
    while (k < walk->num_rows && strcmp(walk->names[k], LhNodeGetKey(walk->map, i))) k++;
    if (k == walk->num_rows) PetscCall(ReportUnknown(walk, i));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReportMissing(const Walk *walk, const LhParam *row) {
  const LhMark mark = LhNodeGetMark(walk->map ? walk->map : walk->parent);
  char path[LH_PATH_MAX], expect[512];

  PetscFunctionBeginUser;
  LhPathJoin(walk->path, row->name, path);
  PetscCall(LhValueExpect(row, expect, sizeof(expect)));
  PetscCall(LhDiagAdd(walk->reader->diag, LH_DIAG_ERROR, mark.file ? &mark : NULL,
                      "missing key '%s' (%s): expected %s", path, row->meaning, expect));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// The default of a row goes through the same reader as a user's value; a bad one is our bug.
static PetscErrorCode ReadFallback(const Walk *walk, const LhParam *row, void *target) {
  LhReader reader = {.diag = NULL, .record = walk->reader->record};
  LhValueSlot slot = {
      .reader = &reader, .row = row, .origin = "default", .source = "", .evidence = ""};
  LhDoc doc;
  LhNode node;
  PetscInt size;
  const char *text = "";

  PetscFunctionBeginUser;
  PetscCheck(row->kind != LH_PARAM_NODE, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "Row '%s.%s': a nested section has no default text", walk->path, row->name);
  PetscCall(LhDiagCreate(&reader.diag));
  PetscCall(LhDocParse("default", row->fallback, strlen(row->fallback), reader.diag, &doc));
  LhPathJoin(walk->path, row->name, slot.path);
  if (doc) {
    PetscCall(LhDocGetRoot(doc, &node));
    PetscCall(LhValueRead(&slot, node, target));
  }
  PetscCall(LhDiagGetSize(reader.diag, &size));
  if (size) PetscCall(LhDiagGetText(reader.diag, 0, NULL, &text));
  PetscCheck(!size, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "Section '%s' has a bad default: %s",
             walk->path, text);
  PetscCall(LhDocDestroy(&doc));
  PetscCall(LhDiagDestroy(&reader.diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadRow(const Walk *walk, PetscInt k) {
  const LhParam *row = walk->rows[k];
  void *target = walk->params[k] + row->offset;
  const LhNode node = LhNodeFind(walk->map, row->name);
  LhValueSlot slot = {.reader = walk->reader, .row = row, .source = "", .evidence = ""};

  PetscFunctionBeginUser;
  if (node) {
    LhPathJoin(walk->path, row->name, slot.path);
    PetscCall(LhValueRead(&slot, node, target));
  } else if (!row->fallback || walk->misspelt[k]) {
    PetscCall(LhValueClear(row, target));
    if (!walk->misspelt[k]) PetscCall(ReportMissing(walk, row));
  } else if (*row->fallback) {
    PetscCall(ReadFallback(walk, row, target));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A single value or list where a section belongs: one complaint, and no row is missing.
static PetscErrorCode ReportNoMap(Walk *walk) {
  const LhMark mark = LhNodeGetMark(walk->map);
  char list[512];

  PetscFunctionBeginUser;
  LhWordsJoin(walk->num_rows, walk->names, list, sizeof(list));
  PetscCall(LhDiagAdd(walk->reader->diag, LH_DIAG_ERROR, &mark,
                      "%s%sexpected a section with the keys %s", walk->path,
                      *walk->path ? ": " : "", list));
  for (PetscInt k = 0; k < walk->num_rows; k++) walk->misspelt[k] = true;
  walk->map = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// `section:` with nothing behind it, as left when all its lines are commented out.
static bool IsEmpty(LhNode node) {
  const char *text = LhNodeGetText(node);
  return text && !*text;
}

static PetscErrorCode CreateWalk(Walk *walk, PetscInt n, const LhParamsPart parts[]) {
  PetscInt size = 0;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < n; i++) size += parts[i].table->num_rows;
  PetscCall(PetscCalloc4(size, &walk->misspelt, size, &walk->names, size, &walk->rows, size,
                         &walk->params));
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt k = 0; k < parts[i].table->num_rows; k++) {
      const LhParam *row = &parts[i].table->rows[k];

      walk->rows[walk->num_rows] = row;
      walk->params[walk->num_rows] = parts[i].params;
      walk->names[walk->num_rows++] = row->name;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhParamsReadParts(const LhReader *reader, PetscInt n, const LhParamsPart parts[],
                                 LhNode map, LhNode parent, const char path[]) {
  Walk walk = {.reader = reader, .map = map, .parent = parent, .path = path ? path : ""};

  PetscFunctionBeginUser;
  PetscCall(CreateWalk(&walk, n, parts));
  if (IsEmpty(map)) {
    walk.parent = map;
    walk.map = NULL;
  } else if (map && LhNodeGetKind(map) != LH_NODE_MAP) {
    PetscCall(ReportNoMap(&walk));
  }
  PetscCall(CheckKeys(&walk));
  for (PetscInt k = 0; k < walk.num_rows; k++) PetscCall(ReadRow(&walk, k));
  PetscCall(PetscFree4(walk.misspelt, walk.names, walk.rows, walk.params));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhParamsRead(const LhReader *reader, const LhTable *table, LhNode map, LhNode parent,
                            const char path[], void *params) {
  const LhParamsPart part = {table, params};

  PetscFunctionBeginUser;
  PetscCall(LhParamsReadParts(reader, 1, &part, map, parent, path));
  PetscFunctionReturn(PETSC_SUCCESS);
}
