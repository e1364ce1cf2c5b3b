/// @file
/// Keeps strings of bytes, equal ones once: tables of places that repeat all over a lattice.
///
/// Concept: an append-only store with a bounded hash; where the hash is full a string is stored although it may be there
/// already, so that memory is saved where it can be and nothing depends on it. Never knows what the bytes mean.
#pragma once

#include "base/base.h"

typedef struct {
  unsigned char *bytes;
  size_t used, room;
  size_t *known;     ///< by hash: where a string begins
  PetscInt *length;  ///< of it, 0: none
} LhDistinct;

PetscErrorCode LhDistinctCreate(LhDistinct *store);
/// `*at`: where the `length` > 0 bytes begin in the store.
PetscErrorCode LhDistinctAdd(LhDistinct *store, PetscInt length, const void *string, size_t *at);
/// Ends the store; the caller owns `*bytes` (PetscFree).
PetscErrorCode LhDistinctTake(LhDistinct *store, void *bytes);
