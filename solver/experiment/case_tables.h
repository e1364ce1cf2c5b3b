/// @file
/// All parameter tables under the names people see: what `describe`, `schema` and the reference page list.
#pragma once

#include "base/param.h"

#define LH_MAX_TABLES 128

typedef struct {
  PetscInt n;
  LhTable table[LH_MAX_TABLES];
  char name[LH_MAX_TABLES][LH_NAME_MAX];  ///< what table[].name points at
} LhTableSet;

/// Tables of a case file, by the dotted path of their sections. Allocated here, freed with PetscFree().
PetscErrorCode LhTablesOfCase(LhTableSet **set);
/// Those, then the tables of material files ("material....") and of laws ("law.kinetics....").
PetscErrorCode LhTablesOfAll(LhTableSet **set);
