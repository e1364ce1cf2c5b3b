/// @file
/// Cells in batches of LH_BATCH lanes: the loop structure of all element work.
///
/// Lanes run across cells of one region. The last batch of a region repeats its last cell in the
/// unused lanes; `num_active` says how many lanes count.
#pragma once

#include "fields/space.h"

typedef struct _n_LhBatches *LhBatches;

typedef struct {
  PetscInt region;
  PetscInt num_active;
  const PetscInt *position;  ///< [LH_BATCH] position in LhSpaceView.cells
  const PetscInt *cell;      ///< [LH_BATCH] mesh cell
  const PetscInt *nodes;     ///< [nodes_per_cell][LH_BATCH] local node
} LhBatch;

PetscErrorCode LhBatchesCreate(LhSpace space, LhBatches *batches);
PetscErrorCode LhBatchesDestroy(LhBatches *batches);
PetscErrorCode LhBatchesGet(LhBatches batches, PetscInt *n, const LhBatch **list);

/// out[a*bs + c][lane] <- local[node*bs + c]: gathers the cell unknowns of a batch.
void LhBatchGather(const LhBatch *batch, PetscInt nodes_per_cell, PetscInt bs,
                   const PetscScalar local[], double (*out)[LH_BATCH]);
/// out[3*a + d][lane]: reference coordinates of the nodes as each cell has them, on its own side of a periodic seam.
void LhBatchGatherCoords(LhSpace space, const LhBatch *batch, double (*out)[LH_BATCH]);
/// local[node*bs + c] += in[a*bs + c][lane] for the active lanes.
void LhBatchAdd(const LhBatch *batch, PetscInt nodes_per_cell, PetscInt bs,
                const double (*in)[LH_BATCH], PetscScalar local[]);
