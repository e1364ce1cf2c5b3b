/// @file
/// Owns overrides of a document by `key.path=value` from the command line.
///
/// The value is parsed like any YAML and keeps its place in the assignment; the tree is changed
/// before anybody reads it. Must never judge a key: the parameter tables do.
#include <stdlib.h>
#include <string.h>

#include "base/doc_node.h"

#define MAX_ASSIGNMENT 65536  // longest assignment [bytes]

typedef struct {
  LhDoc doc;
  LhDiag diag;
  LhMark mark;  // the assignment
  struct _n_LhNode *value;
} Override;

// Slot of `key` in `map`, appended empty when absent.
static PetscErrorCode MapSlot(Override *override, struct _n_LhNode *map, const char key[],
                              struct _n_LhNode ***slot) {
  const size_t n = (size_t)map->size;
  struct _n_LhNode **items;
  const char **keys;
  LhMark *places;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < map->size; i++) {
    *slot = &map->items[i];
    if (!strcmp(map->keys[i], key)) {
      map->places[i] = override->mark;
      PetscFunctionReturn(PETSC_SUCCESS);
    }
  }
  PetscCall(LhDocAllocate(override->doc, (n + 1) * sizeof(*items), &items));
  PetscCall(LhDocAllocate(override->doc, (n + 1) * sizeof(*keys), &keys));
  PetscCall(LhDocAllocate(override->doc, (n + 1) * sizeof(*places), &places));
  if (n) memcpy(items, map->items, n * sizeof(*items));
  if (n) memcpy(keys, map->keys, n * sizeof(*keys));
  if (n) memcpy(places, map->places, n * sizeof(*places));
  keys[n] = key;
  places[n] = override->mark;
  map->items = items;
  map->keys = keys;
  map->places = places;
  map->size++;
  *slot = &items[n];
  PetscFunctionReturn(PETSC_SUCCESS);
}

// One step down the path: slot of `key` in `node`, NULL after a diagnostic.
static PetscErrorCode Descend(Override *override, struct _n_LhNode *node, const char key[],
                              struct _n_LhNode ***slot) {
  char *end;
  long index;

  PetscFunctionBeginUser;
  *slot = NULL;
  if (node->kind == LH_NODE_MAP && *key) {
    PetscCall(MapSlot(override, node, key, slot));
  } else if (node->kind == LH_NODE_LIST) {
    index = strtol(key, &end, 10);
    if (*key && !*end && index >= 0 && index < node->size) {
      *slot = &node->items[index];
    } else {
      PetscCall(LhDiagAdd(override->diag, LH_DIAG_ERROR, &override->mark,
                          "'%s' is not an index into a list of %" PetscInt_FMT
                          " entries, which count from 0",
                          key, node->size));
    }
  } else if (!*key) {
    PetscCall(
        LhDiagAdd(override->diag, LH_DIAG_ERROR, &override->mark, "a key of this path is empty"));
  } else {
    PetscCall(LhDiagAdd(override->diag, LH_DIAG_ERROR, &override->mark,
                        "nothing called '%s' can be set inside a single value", key));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Takes the entry at `slot` out of its map.
static PetscErrorCode Remove(Override *override, struct _n_LhNode *map, struct _n_LhNode **slot) {
  const size_t at = (size_t)(slot - map->items), after = (size_t)map->size - at - 1;

  PetscFunctionBeginUser;
  if (map->kind != LH_NODE_MAP) {
    PetscCall(LhDiagAdd(override->diag, LH_DIAG_ERROR, &override->mark,
                        "an entry of a list cannot be taken out; give the whole list"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  memmove(map->items + at, map->items + at + 1, after * sizeof(*map->items));
  memmove(map->keys + at, map->keys + at + 1, after * sizeof(*map->keys));
  memmove(map->places + at, map->places + at + 1, after * sizeof(*map->places));
  map->size--;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// `path` is cut into its keys in place; maps that do not exist yet are made on the way.
static PetscErrorCode Assign(Override *override, char path[]) {
  struct _n_LhNode **slot = LhDocGetRootSlot(override->doc), *holder = NULL;
  PetscInt depth = 0;

  PetscFunctionBeginUser;
  for (char *key = path, *next; key; key = next) {
    next = strchr(key, '.');
    if (next) *next++ = 0;
    if (!*slot) {
      PetscCall(LhDocAllocate(override->doc, sizeof(**slot), slot));
      (*slot)->kind = LH_NODE_MAP;
      (*slot)->mark = override->mark;
    }
    if (++depth > LH_DOC_MAX_DEPTH) {
      PetscCall(LhDiagAdd(override->diag, LH_DIAG_ERROR, &override->mark,
                          "nested deeper than %d levels", LH_DOC_MAX_DEPTH));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    holder = *slot;
    PetscCall(Descend(override, holder, key, &slot));
    if (!slot) PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (override->value)
    *slot = override->value;
  else
    PetscCall(Remove(override, holder, slot));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDocOverride(LhDoc doc, const char assignment[], LhDiag diag) {
  const size_t size = strlen(assignment);
  const char *equal = strchr(assignment, '=');
  Override override = {
      .doc = doc, .diag = diag, .mark = {LH_DOC_COMMAND_LINE, 1, 1, NULL}
  };
  char *path, *copy;

  PetscFunctionBeginUser;
  PetscCall(LhDocAllocate(doc, size + 1, &copy));
  memcpy(copy, assignment, size);
  override.mark.text = copy;
  if (!equal || equal == assignment || !equal[1] || size > MAX_ASSIGNMENT) {
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, &override.mark,
                        "'%s' is not of the form key.path=value", assignment));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhDocAllocate(doc, size + 1, &path));
  memcpy(path, assignment, (size_t)(equal - assignment));
  const PetscBool remove =
      !strcmp(equal + 1, "null") || !strcmp(equal + 1, "~") ? PETSC_TRUE : PETSC_FALSE;
  if (!remove)
    PetscCall(LhDocParseMore(doc, LH_DOC_COMMAND_LINE, assignment, (size_t)(equal + 1 - assignment),
                             diag, &override.value));
  if (remove || override.value) PetscCall(Assign(&override, path));
  PetscFunctionReturn(PETSC_SUCCESS);
}
