/// @file
/// Which linear solver an electrochemical problem gets: presets by name, and what each needs of the matrix.
#pragma once

#include "physics/electrochem.h"
#include "solve/precond.h"

/// Words of the row `preconditioner`, NULL at the end; the first is the choice by size.
extern const char *const lh_electrochem_presets[];

/// Gives `ksp` the preset of index `choice`, and `ec` the kind of matrix it works on. Multigrid gives way to amg where nodes lie
/// on no lattice. Collective.
PetscErrorCode LhElectrochemPrecondition(LhElectrochem ec, PetscInt choice, KSP ksp);
