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

#define LH_DOC_MAX_DEPTH 32  ///< deepest nesting, aliases expanded

/// Parses `text` from byte `skip` on into nodes of `doc`; marks count from the start of `text`.
/// `*root` is NULL after a diagnostic.
PetscErrorCode LhDocParseMore(LhDoc doc, const char name[], const char text[], size_t skip,
                              LhDiag diag, struct _n_LhNode **root);
/// Where the document keeps its root, to replace it.
struct _n_LhNode **LhDocGetRootSlot(LhDoc doc);
