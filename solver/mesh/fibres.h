/// @file
/// Fibres of a mesh: polylines, and their pieces cut at the borders of the cells.
///
/// Every rank holds every polyline; pieces are those in the cells of this rank. In a periodic volume a polyline
/// is stored unwrapped and its pieces lie inside. What a fibre carries is up to physics: here is geometry only.
#pragma once

#include "mesh/mesh.h"

/// Polylines as plain arrays. A polyline may stand for a bundle of `tubes` equal tubes.
typedef struct {
  PetscInt num;
  const PetscInt *offset;     ///< [num + 1] first point of each polyline, two points at least
  const PetscReal *points;    ///< [point][3], unwrapped [m]
  const PetscReal *diameter;  ///< [num] of one tube [m]
  const PetscReal *tubes;     ///< [num] tubes it stands for, need not be whole; NULL: 1
  const PetscReal *coat;      ///< [num] thickness of the coat on a tube [m]; NULL: 0
} LhFibresSpec;

/// Read-only, reference configuration. Pieces are sorted by cell, then by `piece_id` (which no partition changes); a
/// fibre's pieces add up to its length. Reference cells are those of fields/element.h.
typedef struct {
  PetscInt num_fibres;        ///< over all ranks, as are the arrays [fibre]
  const PetscInt *offset;     ///< [fibre + 1]
  const PetscReal *points;    ///< [point][3], unwrapped [m]
  const PetscReal *diameter;  ///< [fibre] of one tube [m]
  const PetscReal *tubes;     ///< [fibre]
  const PetscReal *coat;      ///< [fibre] thickness of the coat on a tube [m]
  const PetscReal *area;      ///< [fibre] cross-section tubes pi d^2/4, without the coat [m^2]
  const PetscReal *length;    ///< [fibre] [m]
  PetscInt num_pieces, num_global_pieces;
  const PetscInt *piece_id;          ///< [piece] 0 .. num_global_pieces - 1 along the fibres
  const PetscInt *piece_cell;        ///< [piece] local cell
  const PetscInt *piece_fibre;       ///< [piece]
  const PetscReal *piece_middle;     ///< [piece][3] inside the volume [m]
  const PetscReal *piece_xi;         ///< [piece][3] reference coordinates of the middle in the cell
  const PetscReal *piece_direction;  ///< [piece][3] unit tangent
  const PetscReal *piece_length;     ///< [piece] [m]
  const PetscReal *piece_arc;        ///< [piece] arc length of the middle from the start [m]
} LhFibres;

/// Gives the mesh its fibres, in place of earlier ones; rank 0's arrays count. Cells need flat faces. A fibre that
/// leaves a volume which is not periodic is a PETSc error. Collective.
PetscErrorCode LhMeshSetFibres(LhMesh mesh, const LhFibresSpec *spec);
/// `*fibres` is NULL when the mesh has none. Borrowed, until the mesh gets other fibres.
PetscErrorCode LhMeshGetFibres(LhMesh mesh, const LhFibres **fibres);
