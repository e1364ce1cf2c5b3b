/// @file
/// Gmsh's library, loaded when it is asked for: it is large, and only conforming meshes of volumes need it.
///
/// Private to the mesh layer; rank 0 only. Calls are those of gmshc.h, as members: `gmsh->ModelOccAddBox(...)`.
#pragma once

#include "mesh/mesh_problem.h"

#ifdef LIHOST_GMSH
#include <gmshc.h>

#define LH_GMSH_CALLS(CALL)     \
  CALL(Initialize)              \
  CALL(Finalize)                \
  CALL(Free)                    \
  CALL(OptionSetNumber)         \
  CALL(LoggerGetLastError)      \
  CALL(ModelAdd)                \
  CALL(ModelRemove)             \
  CALL(ModelGetEntities)        \
  CALL(ModelGetBoundingBox)     \
  CALL(ModelOccAddBox)          \
  CALL(ModelOccAddSphere)       \
  CALL(ModelOccAffineTransform) \
  CALL(ModelOccFragment)        \
  CALL(ModelOccRemove)          \
  CALL(ModelOccSynchronize)     \
  CALL(ModelMeshSetPeriodic)    \
  CALL(ModelMeshGenerate)       \
  CALL(ModelMeshGetNodes)       \
  CALL(ModelMeshGetElementsByType)

typedef struct {
#define CALL(name) __typeof__(gmsh##name) *name;
  LH_GMSH_CALLS(CALL)
#undef CALL
} LhGmsh;

/// Loads and starts Gmsh, silent and on one thread; adds a problem and leaves `*gmsh` NULL when there is none.
PetscErrorCode LhGmshOpen(LhMeshProblems *problems, LhGmsh **gmsh);
/// Ends Gmsh; its library stays loaded.
PetscErrorCode LhGmshClose(LhGmsh **gmsh);
/// Adds Gmsh's own words when a call set `error`; true when it did.
PetscBool LhGmshFailed(const LhGmsh *gmsh, const char what[], int error, LhMeshProblems *problems);
#endif
