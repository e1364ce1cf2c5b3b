/// @file
/// Conforming tetrahedra of a volume through Gmsh's C interface. See rve.h.
#include "mesh/rve_private.h"

PetscErrorCode LhRveMeshTets(const LhRve *rve, LhRawMesh *raw, LhMeshProblems *problems) {
  PetscFunctionBeginUser;
  (void)rve;
  (void)raw;
  LhMeshProblemAdd(problems, 0, "tetrahedra of a generated volume are not built yet");
  PetscFunctionReturn(PETSC_SUCCESS);
}
