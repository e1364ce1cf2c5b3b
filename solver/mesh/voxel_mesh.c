/// @file
/// Voxels as a box of one layer whose cells then get their own regions. See voxel_mesh.h.
#include "mesh/voxel_mesh.h"

/// Rows of the names of the regions in use, -1 for the others.
static PetscErrorCode NameRegions(const LhVoxels *voxels, LhRawMesh *raw, PetscInt row[256]) {
  PetscBool used[256] = {PETSC_FALSE};

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < raw->num_cells; c++) used[voxels->label[c]] = PETSC_TRUE;
  raw->names.num_regions = 0;
  for (PetscInt r = 0; r < voxels->num_regions; r++) {
    row[r] = -1;
    if (!used[r]) continue;
    row[r] = LhRawMeshAddName(LH_MESH_REGIONS_MAX, raw->names.regions, &raw->names.num_regions,
                              voxels->regions[r]);
    raw->names.costs[row[r]] = 1.;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshFillVoxels(const LhVoxels *voxels, LhRawMesh *raw,
                                   LhMeshProblems *problems) {
  LhBoxSpec *box;
  PetscInt row[256];

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&box));
  *box = (LhBoxSpec){.width = voxels->spacing[0] * (PetscReal)voxels->size[0],
                     .depth = voxels->spacing[1] * (PetscReal)voxels->size[1],
                     .cells_x = voxels->size[0],
                     .cells_y = voxels->size[1],
                     .num_layers = 1,
                     .cell_type = LH_CELL_HEX8};
  box->layers[0] = (LhBoxLayer){"voxels", voxels->spacing[2] * (PetscReal)voxels->size[2],
                                voxels->size[2], 1., 1.};
  for (PetscInt d = 0; d < 3; d++) box->periodic[d] = voxels->periodic;
  PetscCall(LhRawMeshBuildBox(box, raw, problems));
  PetscCall(PetscFree(box));
  if (problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(NameRegions(voxels, raw, row));
  for (PetscInt c = 0; c < raw->num_cells; c++) raw->region[c] = row[voxels->label[c]];
  PetscFunctionReturn(PETSC_SUCCESS);
}
