/// @file
/// A field given on a regular grid (a tomogram, a generated microstructure) and sampled anywhere.
///
/// HDF5 dataset of numbers [z][y][x] with the attributes `origin` (x, y, z of the centre of the first voxel, m) and
/// `spacing` (x, y, z, m). Between voxel centres the value is trilinear; outside them that of the nearest
/// place of the grid. Every rank holds the whole grid in single precision.
#pragma once

#include "base/param.h"

typedef struct {
  char file[LH_NAME_MAX];
  char dataset[LH_NAME_MAX];
} LhVoxelFieldParams;

typedef struct _n_LhVoxelField *LhVoxelField;

/// The rows of `voxels:`.
extern const LhTable lh_voxel_field_table;
/// Reads the grid on rank 0 for all; what is wrong with the file is a diagnostic and leaves `*field` NULL. A relative
/// file name counts from `case_dir`. Collective.
PetscErrorCode LhVoxelFieldCreate(MPI_Comm comm, const LhVoxelFieldParams *params,
                                  const char case_dir[], LhDiag diag, LhVoxelField *field);
PetscErrorCode LhVoxelFieldDestroy(LhVoxelField *field);
/// Values at `n` points `x[n][3]` [m]; `*outside` counts points more than half a voxel off the grid.
PetscErrorCode LhVoxelFieldEvaluate(LhVoxelField field, PetscInt n, const PetscReal x[],
                                    PetscReal value[], PetscInt *outside);
