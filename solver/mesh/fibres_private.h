/// @file
/// What the two halves of the fibres share: the store and the pieces between cutting and handing out.
///
/// Private to fibres.c and fibres_cut.c.
#pragma once

#include "mesh/mesh_private.h"

/// A piece on the rank of its cell.
typedef struct {
  PetscInt id, cell, fibre;
  PetscReal middle[3];     ///< inside the volume [m]
  PetscReal direction[3];  ///< unit tangent
  PetscReal length, arc;   ///< [m]
} LhFibrePiece;

struct _n_LhFibreStore {
  LhFibres view;
  LhFibreArrays arrays;
  PetscReal *area, *length;
  PetscInt *piece_id, *piece_cell, *piece_fibre;
  PetscReal *piece_middle, *piece_xi, *piece_direction, *piece_length, *piece_arc;
};

/// Cuts the polylines at the faces of the cells. `*pieces` are those of this rank, by rising id; free with
/// PetscFree. Collective.
PetscErrorCode LhFibresCut(LhMesh mesh, const LhFibresSpec *spec, PetscInt *num_global,
                           PetscInt *num, LhFibrePiece **pieces);
