/// @file
/// The faces of every named surface in the node numbers of a space. Private to fields/.
///
/// A surface between two regions belongs to the mesh cells of the first. A space on the second region only
/// has these faces as well: they are found on whatever rank has the cell behind them and turned round, so that
/// normals always point out of the space.
#pragma once

#include "fields/space.h"

typedef struct {
  PetscInt num_faces;
  PetscInt *nodes;  ///< [num_faces][nodes_per_face]
  PetscInt *cell;   ///< [num_faces] position in LhSpaceView.cells
} LhSpaceFaces;

/// One entry for each surface of the mesh; faces with no cell of the space on either side are left out.
/// Collective.
PetscErrorCode LhSpaceFacesCreate(const LhMeshView *mesh, const LhSpaceView *space,
                                  LhSpaceFaces **faces);
PetscErrorCode LhSpaceFacesDestroy(const LhMeshView *mesh, LhSpaceFaces **faces);
