/// @file
/// A segmented image, as X-ray microscopy gives it, as a mesh of voxels: labels become regions.
///
/// Read on rank 0: multi-page TIFF, a folder of TIFF slices, a NumPy .npy array or an HDF5 dataset, [z][y][x]. Private to
/// the mesh layer. Trusts no number of the file.
#pragma once

#include "mesh/raw_mesh.h"

typedef struct {
  char path[PETSC_MAX_PATH_LEN], dataset[LH_NAME_MAX];
  PetscReal voxel[3];  ///< size in x, y, z [m]
  PetscBool periodic;
  PetscInt num_labels;
  int64_t label[LH_MESH_REGIONS_MAX];
  char region[LH_MESH_REGIONS_MAX][LH_NAME_MAX];  ///< of each label; several may be one region
} LhImageSpec;

extern const LhTable lh_image_table;
/// Reads `mesh.image` into `spec`. What is wrong is a diagnostic.
PetscErrorCode LhImageRead(const LhReader *reader, LhNode section, const char case_dir[],
                           LhImageSpec *spec);
/// A LhRawMeshBuilder with an LhImageSpec.
PetscErrorCode LhRawMeshBuildImage(const void *spec, LhRawMesh *raw, LhMeshProblems *problems);

/// An image while it is read.
typedef struct {
  const LhImageSpec *spec;
  PetscInt size[3];       ///< in x, y, z
  size_t filled;          ///< voxels so far
  unsigned char *label;   ///< [z][y][x] row of spec->label
  size_t unknown;         ///< voxels whose label has no region
  int64_t unknown_label;  ///< of the first of them
  size_t unknown_at;
} LhImage;

/// How integers of a file are stored, in the byte order of this machine.
typedef struct {
  PetscInt bytes;  ///< 1, 2, 4 or 8
  PetscBool is_signed;
} LhImageType;

/// Sizes the image; a problem when it has too many voxels or none. Slices first.
PetscErrorCode LhImageBegin(LhImage *image, double z, double y, double x, LhMeshProblems *problems);
/// Takes the next `n` voxels.
void LhImageTake(LhImage *image, size_t n, LhImageType type, const void *data);

PetscErrorCode LhImageReadNpy(LhImage *image, LhMeshProblems *problems);
PetscErrorCode LhImageReadTiff(LhImage *image, LhMeshProblems *problems);
PetscErrorCode LhImageReadHdf5(LhImage *image, LhMeshProblems *problems);
