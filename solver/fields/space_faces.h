/// @file
/// The faces of every named surface in the node numbers of a space. Private to fields/.
#pragma once

#include "fields/space.h"

typedef struct {
  PetscInt num_faces;
  PetscInt *nodes;  ///< [num_faces][nodes_per_face]
  PetscInt *cell;   ///< [num_faces] position in LhSpaceView.cells
} LhSpaceFaces;

/// One entry for each surface of the mesh; faces whose cell is not in the space are left out.
PetscErrorCode LhSpaceFacesCreate(const LhMeshView *mesh, const LhSpaceView *space,
                                  LhSpaceFaces **faces);
PetscErrorCode LhSpaceFacesDestroy(const LhMeshView *mesh, LhSpaceFaces **faces);
