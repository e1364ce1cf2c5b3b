/// @file
/// A Lagrange space on some regions of a mesh: nodes, who owns them, and how ghosts are exchanged.
///
/// Degree 1 has a node per vertex, degree 2 (tet10) a node per vertex and edge. Owned nodes come
/// first; global numbers are contiguous per rank. Unknowns with `bs` components per node are stored
/// `[node][component]`, in local arrays (with ghosts) and in PETSc vectors (owned only). On a periodic mesh a vertex
/// and its images are one node; it has the coordinates of that on the lower side, see
/// LhBatchGatherCoords().
#pragma once

#include <petscvec.h>

#include "fields/element.h"
#include "mesh/mesh.h"

typedef struct _n_LhSpace *LhSpace;

typedef struct {
  PetscInt degree, nodes_per_cell, nodes_per_face;
  LhElementKind element, face_element;
  PetscInt num_cells;          ///< cells of the space on this rank, region by region
  const PetscInt *cells;       ///< [num_cells] mesh cell
  const PetscInt *cell_nodes;  ///< [num_cells][nodes_per_cell] local node
  PetscInt num_nodes, num_owned, num_global;
  PetscInt first_global;        ///< global number of the first owned node
  const PetscInt *node_global;  ///< [num_nodes]
  const PetscInt *node_vertex;  ///< [num_nodes] mesh vertex (one of the images), -1 for edge nodes
  const PetscInt *vertex_node;  ///< [mesh vertices] node or -1
  const PetscInt64
      *node_id;  ///< [num_nodes] partition-independent: vertex id, or a number of the two ends
  const PetscReal *coords;  ///< [num_nodes][3] reference coordinates [m]
} LhSpaceView;

/// Space on `regions[num_regions]` (all regions when num_regions is 0). Keeps a reference to nothing:
/// the mesh must outlive it. Collective.
PetscErrorCode LhSpaceCreate(LhMesh mesh, PetscInt degree, PetscInt num_regions,
                             const PetscInt regions[], LhSpace *space);
PetscErrorCode LhSpaceDestroy(LhSpace *space);
PetscErrorCode LhSpaceGetView(LhSpace space, const LhSpaceView **view);
PetscErrorCode LhSpaceGetMesh(LhSpace space, LhMesh *mesh);

/// local[num_nodes*bs] <- owned[num_owned*bs], ghosts filled from their owners. Collective.
PetscErrorCode LhSpaceGather(LhSpace space, PetscInt bs, const PetscScalar owned[],
                             PetscScalar local[]);
/// owned += local, ghost contributions added at their owners; `local` is not changed. Collective.
PetscErrorCode LhSpaceScatterAdd(LhSpace space, PetscInt bs, const PetscScalar local[],
                                 PetscScalar owned[]);
/// local += ghost contributions of other ranks, at the owned nodes, which come first; ghosts keep their own. Collective.
PetscErrorCode LhSpaceSumGhosts(LhSpace space, PetscInt bs, PetscScalar local[]);
/// Nodes of the faces of a surface that lie in the space: [num_faces][nodes_per_face], owned by the space.
/// `face_cell` is the position in view->cells of the cell behind each face, which is on this rank. Normals
/// point out of the space when it has one side of the surface only, else as in the mesh.
PetscErrorCode LhSpaceGetFaces(LhSpace space, PetscInt surface, PetscInt *num_faces,
                               const PetscInt **nodes, const PetscInt **face_cell);
