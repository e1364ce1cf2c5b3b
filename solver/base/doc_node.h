/// @file
/// Private to solver/base: what a node is made of, and the arena it lives in.
#pragma once

#include "base/doc.h"

struct _n_LhNode {
  LhNodeKind kind;
  PetscInt size;
  const char *text;          // scalar
  struct _n_LhNode **items;  // map, list
  const char **keys;         // map
  LhMark *places;            // map: places of the keys
  LhMark mark;
};

/// Zeroed memory that lives as long as the document.
PetscErrorCode LhDocAllocate(LhDoc doc, size_t size, void *memory);
