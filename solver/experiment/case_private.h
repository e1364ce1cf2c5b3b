/// @file
/// Shared by experiment/case*.c only.
#pragma once

#include "experiment/case.h"

/// Tables of the sections that experiment/case.c reads itself.
PetscErrorCode LhCaseGetOwnTables(PetscInt *n, const LhTable *const **tables);
/// Mistakes that show only when file and mesh are seen together: names, kinds, places of electrodes. Collective.
PetscErrorCode LhCaseCheck(LhCase c);
/// Fills the list of derived numbers and adds it to the record. Collective.
PetscErrorCode LhCaseDerive(LhCase c);
/// Warns where the model leaves its validity, from the derived numbers.
PetscErrorCode LhCaseJudge(LhCase c);
/// Largest current density of the steps, 0 without any [A/m^2].
PetscReal LhCaseLargestCurrent(LhCase c);
/// Material of the first host region of the mesh (`*region` its index), NULL without one.
const LhMaterialData *LhCaseFirstHost(LhCase c, PetscInt *region);
