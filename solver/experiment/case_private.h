/// @file
/// Shared by experiment/case*.c and the kinds of experiment only.
#pragma once

#include "experiment/case.h"

/// Tables of the sections that experiment/case.c reads itself.
PetscErrorCode LhCaseGetOwnTables(PetscInt *n, const LhTable *const **tables);
/// Fills c->materials by mesh region; regions without material and materials without region are mistakes. Collective.
PetscErrorCode LhCaseBindMaterials(LhCase c);
/// "a, b, c" of the names of the regions or surfaces a mesh has.
PetscErrorCode LhCaseListNames(LhCase c, PetscBool regions, char text[], size_t size);
