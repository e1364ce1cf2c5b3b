/// @file
/// Store of distinct strings of bytes (see distinct.h).
#include "base/distinct.h"

#include <string.h>

enum { TABLE = 1 << 14, PROBES = 8, FIRST_ROOM = 1 << 12 };

PetscErrorCode LhDistinctCreate(LhDistinct *store) {
  PetscFunctionBegin;
  *store = (LhDistinct){.room = FIRST_ROOM};
  PetscCall(PetscMalloc1(store->room, &store->bytes));
  PetscCall(PetscCalloc2(TABLE, &store->known, TABLE, &store->length));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// FNV-1a (Fowler, Noll, Vo).
static PetscInt Hash(PetscInt length, const unsigned char string[]) {
  uint32_t hash = 2166136261u;

  for (PetscInt k = 0; k < length; k++) hash = (hash ^ string[k]) * 16777619u;
  return (PetscInt)(hash % TABLE);
}

/// A slot of the table that holds the string (`*found`) or is free; -1: neither.
static PetscInt Find(const LhDistinct *store, PetscInt length, const unsigned char string[],
                     PetscBool *found) {
  PetscInt slot = Hash(length, string);

  *found = PETSC_FALSE;
  for (int probe = 0; probe < PROBES; probe++, slot = (slot + 1) % TABLE) {
    if (!store->length[slot]) return slot;
    if (store->length[slot] == length &&
        !memcmp(store->bytes + store->known[slot], string, (size_t)length)) {
      *found = PETSC_TRUE;
      return slot;
    }
  }
  return -1;
}

PetscErrorCode LhDistinctAdd(LhDistinct *store, PetscInt length, const void *string, size_t *at) {
  PetscBool found;
  const PetscInt slot = Find(store, length, string, &found);

  PetscFunctionBegin;
  *at = found ? store->known[slot] : store->used;
  if (found) PetscFunctionReturn(PETSC_SUCCESS);
  if (store->used + (size_t)length > store->room) {
    store->room = 2 * store->room + (size_t)length;
    PetscCall(PetscRealloc(store->room, &store->bytes));
  }
  memcpy(store->bytes + store->used, string, (size_t)length);
  if (slot >= 0) {
    store->known[slot] = store->used;
    store->length[slot] = length;
  }
  store->used += (size_t)length;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDistinctTake(LhDistinct *store, void *bytes) {
  PetscFunctionBegin;
  PetscCall(PetscRealloc(PetscMax(store->used, 1), &store->bytes));
  PetscCall(PetscFree2(store->known, store->length));
  *(void **)bytes = store->bytes;
  *store = (LhDistinct){0};
  PetscFunctionReturn(PETSC_SUCCESS);
}
