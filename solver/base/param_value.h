/// @file
/// Private to solver/base: one value of a parameter table, from node to SI.
#pragma once

#include "base/param.h"

#define LH_PATH_MAX 512  ///< longest dotted path of a key in messages (with NUL)

/// Where one value comes from and goes to.
typedef struct {
  const LhReader *reader;
  const LhParam *row;
  const char *origin;    ///< "default", or NULL: the place of the node
  const char *source;    ///< beside the value, or ""
  const char *evidence;  ///< beside the value, or ""
  char path[LH_PATH_MAX];
} LhValueSlot;

/// Reads `node` into `target` (the type of `slot->row->kind`), or complains and stores a harmless
/// value.
PetscErrorCode LhValueRead(LhValueSlot *slot, LhNode node, void *target);
/// Stores the harmless value that stands for a value that could not be read.
PetscErrorCode LhValueClear(const LhParam *row, void *target);
/// What a row wants, for messages: "a length (m), e.g. 50 um".
PetscErrorCode LhValueExpect(const LhParam *row, char text[], size_t size);
/// An example of a value: "50 um".
PetscErrorCode LhValueExample(const LhParam *row, char text[], size_t size);
/// LhValueBounds() for rows that have bounds, "" for words.
PetscErrorCode LhDescribeBounds(const LhParam *row, char text[], size_t size);
/// Allowed range with unit ("1e-06 m to 0.001 m", "at least 0 K"), "" when there is none.
PetscErrorCode LhValueBounds(const LhParam *row, char text[], size_t size);
/// `a.b` from "a" and "b"; cut silently when too long (only messages use it).
void LhPathJoin(const char prefix[], const char name[], char path[LH_PATH_MAX]);
/// "a, b, c" from NULL-terminated words, cut with "..." when it does not fit.
void LhWordsJoin(PetscInt n, const char *const words[], char text[], size_t size);
