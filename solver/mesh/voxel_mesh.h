/// @file
/// A mesh of equal hexahedra from a grid of labels. Private to the mesh layer.
#pragma once

#include "mesh/raw_mesh.h"

typedef struct {
  PetscInt size[3];            ///< voxels in x, y, z
  PetscReal spacing[3];        ///< [m]
  const unsigned char *label;  ///< [z][y][x], row of `regions`
  PetscInt num_regions;
  const char *const *regions;
  PetscBool periodic;
} LhVoxels;

/// Regions without a voxel are left out. Surfaces as those of the box.
PetscErrorCode LhRawMeshFillVoxels(const LhVoxels *voxels, LhRawMesh *raw,
                                   LhMeshProblems *problems);
