/// @file
/// What a mesh is made from: the built-in box or a file. Private to the mesh layer.
#pragma once

#include "mesh/image.h"

#define LH_MESH_FILE_VERSION 2  ///< newest of the HDF5 layout; see mesh_hdf5.c

typedef struct {
  const LhBoxSpec *box;      ///< NULL: not the box
  const LhRveSpec *rve;      ///< NULL: not generated
  const LhImageSpec *image;  ///< NULL: no image; none of the three: a file
  char path[PETSC_MAX_PATH_LEN];
  PetscReal unit;      ///< [m] of one unit of the file's coordinates
  PetscInt num_costs;  ///< relative costs by region name
  char cost_region[LH_MESH_REGIONS_MAX][LH_NAME_MAX];
  PetscReal cost[LH_MESH_REGIONS_MAX];
} LhMeshSource;

/// Generates the box, or reads the file by its extension and scales it; then sets the costs. A LhRawMeshBuilder
/// with an LhMeshSource.
PetscErrorCode LhRawMeshBuildSource(const void *source, LhRawMesh *raw, LhMeshProblems *problems);
