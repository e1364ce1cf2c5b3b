/// @file
/// Reference topology of the two cell types and the size and quality of one cell.
///
/// Vertex order is VTK's. Sides list their vertices so that the normal points outward of a cell of
/// positive volume. Pure functions of a few points: no mesh, no MPI, no allocation.
#pragma once

#include "mesh/mesh.h"

typedef struct {
  PetscInt vertices, sides, side_vertices, edges, corners;
  PetscInt side[6][4];    ///< [side][vertex of the side]
  PetscInt edge[12][2];   ///< ends of each edge
  PetscInt corner[8][4];  ///< a vertex, then its three neighbours in right-handed order
  PetscReal
      corner_volume;  ///< scaled Jacobian of the ideal cell's corner: 1 (cube), 1/sqrt(2) (tet)
} LhCellShape;

const LhCellShape *LhCellShapeGet(LhCellType type);

/// Volume [m^3] of a cell with vertices `x`; exact for the trilinear hexahedron.
PetscReal LhCellVolume(LhCellType type, const PetscReal x[][3]);
/// Smallest corner Jacobian over the product of the corner's edge lengths, 1 for the ideal cell, negative
/// when inverted, 0 when an edge has no length (Knupp 2001, doi:10.1137/S1064827500371499).
PetscReal LhCellScaledJacobian(LhCellType type, const PetscReal x[][3]);
/// Reference coordinates `xi` of a point inside: [-1, 1]^3 (hex8) or the unit simplex (tet4).
void LhCellLocate(LhCellType type, const PetscReal x[][3], const PetscReal point[3],
                  PetscReal xi[3]);
/// Longest over shortest edge.
PetscReal LhCellAspect(LhCellType type, const PetscReal x[][3]);
/// Area [m^2] of a triangle (3) or bilinear quadrilateral (4); exact when it is flat.
PetscReal LhFaceArea(PetscInt num_vertices, const PetscReal x[][3]);
