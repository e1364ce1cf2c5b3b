/// @file
/// Owns new nodes made from old ones: a map overlaid by changes, a map reduced to some keys.
///
/// Old nodes are never changed; what did not change is shared, so every value keeps its place.
#include <string.h>

#include "base/doc_node.h"

static PetscErrorCode CreateMap(LhDoc owner, LhNode like, PetscInt room, struct _n_LhNode **map) {
  PetscFunctionBeginUser;
  PetscCall(LhDocAllocate(owner, sizeof(**map), map));
  (*map)->kind = LH_NODE_MAP;
  (*map)->mark = like->mark;
  PetscCall(LhDocAllocate(owner, (size_t)room * sizeof(*(*map)->items), &(*map)->items));
  PetscCall(LhDocAllocate(owner, (size_t)room * sizeof(*(*map)->keys), &(*map)->keys));
  PetscCall(LhDocAllocate(owner, (size_t)room * sizeof(*(*map)->places), &(*map)->places));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void Append(struct _n_LhNode *map, LhNode from, PetscInt i) {
  map->items[map->size] = from->items[i];
  map->keys[map->size] = from->keys[i];
  map->places[map->size++] = from->places[i];
}

// A {value: ...} is one value; a map that picks something else with `choice` starts afresh.
static PetscBool CanMerge(LhNode base, LhNode changes, const char choice[]) {
  const char *before, *after;

  if (base->kind != LH_NODE_MAP || changes->kind != LH_NODE_MAP) return PETSC_FALSE;
  if (LhNodeFind(base, "value") || LhNodeFind(changes, "value")) return PETSC_FALSE;
  before = LhNodeGetText(LhNodeFind(base, choice));
  after = LhNodeGetText(LhNodeFind(changes, choice));
  return before && after && strcmp(before, after) ? PETSC_FALSE : PETSC_TRUE;
}

// `section:` with nothing behind it changes nothing.
static PetscBool IsEmpty(LhNode node) {
  const char *text = LhNodeGetText(node);

  return text && !*text ? PETSC_TRUE : PETSC_FALSE;
}

PetscErrorCode LhNodeOverlay(LhDoc owner, LhNode base, LhNode changes, const char choice[],
                             LhNode *merged) {
  struct _n_LhNode *map;

  PetscFunctionBeginUser;
  if (base && base->kind == LH_NODE_MAP && IsEmpty(changes)) changes = NULL;
  *merged = changes ? changes : base;
  if (!base || !changes || !CanMerge(base, changes, choice)) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(CreateMap(owner, base, base->size + changes->size, &map));
  for (PetscInt i = 0; i < base->size; i++) Append(map, base, i);
  for (PetscInt i = 0; i < changes->size; i++) {
    PetscInt k = 0;
    LhNode inner;

    while (k < base->size && strcmp(base->keys[k], changes->keys[i])) k++;
    if (k == base->size) {
      Append(map, changes, i);
      continue;
    }
    PetscCall(LhNodeOverlay(owner, base->items[k], changes->items[i], choice, &inner));
    map->items[k] = (struct _n_LhNode *)inner;
    map->places[k] = changes->places[i];
  }
  *merged = map;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhNodePick(LhDoc owner, LhNode map, PetscInt n, const char *const keys[],
                          LhNode *picked) {
  struct _n_LhNode *part;

  PetscFunctionBeginUser;
  *picked = NULL;
  if (!map || map->kind != LH_NODE_MAP) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(CreateMap(owner, map, map->size, &part));
  for (PetscInt i = 0; i < map->size; i++) {
    PetscInt k = 0;

    while (k < n && strcmp(map->keys[i], keys[k])) k++;
    if (k < n) Append(part, map, i);
  }
  *picked = part;
  PetscFunctionReturn(PETSC_SUCCESS);
}
