/// @file
/// What a mesh holds on one rank. Private to the mesh layer; everybody else reads LhMeshView.
#pragma once

#include "mesh/fibres.h"
#include "mesh/raw_mesh.h"

/// The share of the mesh that rank 0 sends to one rank.
typedef struct {
  PetscInt num_cells, num_vertices, num_owned, num_faces;
  PetscInt *cell_id, *cell_region, *cell_vertices;
  PetscInt *vertex_id, *vertex_owner;
  PetscInt *vertex_image;  ///< the vertex's own id when not periodic
  PetscInt *face_surface, *face_cell, *face_side;
  PetscReal *coords;
} LhMeshPart;

/// The facts every rank gets.
typedef struct {
  LhCellType cell_type;
  PetscInt num_global_cells, num_global_vertices;
  PetscReal period[3];
  LhMeshQuality quality;
  LhMeshFacts facts;
  LhMeshNames names;
} LhMeshHeader;

/// Arrays behind LhFibres. Created by LhMeshSetFibres.
typedef struct _n_LhFibreStore *LhFibreStore;

struct _n_LhMesh {
  LhMeshView view;
  LhMeshHeader header;
  LhMeshPart part;
  LhSurface *surfaces;
  PetscInt *surface_cell, *surface_vertices;  ///< of all surfaces, one after the other
  const char *region_names[LH_MESH_REGIONS_MAX];
  PetscReal region_volumes[LH_MESH_REGIONS_MAX];
  LhFibreStore fibres;  ///< NULL when there are none
};

PetscErrorCode LhMeshPartAllocate(LhCellType type, LhMeshPart *part);
PetscErrorCode LhMeshPartDestroy(LhMeshPart *part);
PetscErrorCode LhFibreStoreDestroy(LhFibreStore *store);
/// Hands out `raw` (rank 0 only, NULL elsewhere) by `assignment[cell]` = rank. Collective.
PetscErrorCode LhMeshDistribute(MPI_Comm comm, const LhRawMesh *raw, const PetscInt assignment[],
                                const LhMeshHeader *header, LhMeshPart *part);
