/// @file
/// A volume while it is made, on rank 0. Private to rve*.c.
#pragma once

#include "mesh/raw_mesh.h"
#include "mesh/rve_body.h"

enum { RVE_MATRIX, RVE_ISLAND, RVE_PARTICLE, RVE_KINDS };  ///< also the labels of voxels

typedef struct {
  const LhRveSpec *spec;
  uint64_t random;
  LhPacking packing;
  LhFibreArrays fibres;
  LhMeshFacts *facts;
} LhRve;

/// `unit` "1" for pure numbers; `asked` NaN when it was not asked for.
void LhRveAddFact(LhMeshFacts *facts, const char name[], const char unit[], PetscReal asked,
                  PetscReal achieved);
PetscReal LhRveVolume(const LhRveSpec *spec);
/// Polylines with the orientation, volume and coat of the spec, and their facts.
PetscErrorCode LhRveMakeTubes(LhRve *rve, LhMeshProblems *problems);
/// Cuts the polylines at the sides of the volume and moves each part inside.
PetscErrorCode LhRveCutTubes(const PetscReal size[3], LhFibreArrays *fibres);
/// Turns unit tangents until their mean dyad is `target` (xx yy zz yz xz xy).
void LhRveTurnTangents(PetscInt n, PetscReal tangent[][3], const PetscReal target[6]);
void LhRveMeasureTangents(PetscInt n, PetscReal tangent[][3], PetscReal tensor[6]);
/// Conforming tetrahedra of the packed bodies.
PetscErrorCode LhRveMeshTets(const LhRve *rve, LhRawMesh *raw, LhMeshProblems *problems);
/// Their cells, kinds in the place of regions, and vertices: by Gmsh, or from a lattice that is cut.
PetscErrorCode LhRveGmshTets(const LhRve *rve, LhRawMesh *raw, LhMeshProblems *problems);
PetscErrorCode LhRveLatticeTets(const LhRve *rve, LhRawMesh *raw);
