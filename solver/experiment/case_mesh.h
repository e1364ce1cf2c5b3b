/// @file
/// A case's `mesh:` section as a mesh, with what it takes from materials.
#pragma once

#include "laws/material.h"
#include "mesh/mesh.h"

/// Volume fractions of the material that `mesh.rve.composition` names; `*found` false when there is none, or after a
/// diagnostic. Collective.
PetscErrorCode LhCaseReadFractions(MPI_Comm comm, const LhReader *reader, LhNode section,
                                   const char case_dir[], LhRveFractions *fractions,
                                   PetscBool *found);
/// LhMeshCreateFromCase with the volume fractions of the material that `mesh.rve.composition` names. NULL after a
/// diagnostic. Collective.
PetscErrorCode LhCaseCreateMesh(MPI_Comm comm, const LhReader *reader, LhNode section,
                                const char case_dir[], LhMesh *mesh);
