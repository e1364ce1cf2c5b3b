/// @file
/// Inside of LhAssembler, shared by the assembler*.c files of this layer only.
#pragma once

#include "fields/assembler.h"
#include "fields/block_rows.h"

struct _n_LhAssembler {
  MPI_Comm comm;
  PetscMPIInt size;
  PetscInt bs;
  const LhSpaceView *space;
  const LhBatch *batches;
  PetscInt num_batches;

  LhBlockRows rows;
  double *value;  // [blocks of rows * bs * bs], NULL before the first Begin
  Mat shared;     // whose array `value` is, or NULL
  unsigned short
      *position;        // [npc * npc][lane], number of the block within its row; equal tables once
  size_t *position_at;  // [batch] where its table begins
  unsigned char *touched;  // [nodes] some component is prescribed
  LhGhostRows ghosts;

  // Rows of the owned nodes over all ranks' contributions.
  PetscInt *start, *column;  // global nodes, ascending; columns while a matrix is made
  PetscInt *below;           // [owned] columns of the row that belong to lower ranks
  PetscInt *inside;          // [owned + 1] blocks of the diagonal part before the row
  PetscInt *slot, *ghost_slot;

  Mat single;           // where values go in single precision, or NULL
  float *single_value;  // its values
  float *single_ghost;  // [blocks of ghost rows][9]
};

/// Fills `start` and `column`; the caller frees `column`.
PetscErrorCode LhAssemblerListColumns(LhAssembler as);
PetscErrorCode LhAssemblerBeginSingle(LhAssembler as);
PetscErrorCode LhAssemblerClearGhosts(LhAssembler as);
void LhAssemblerRoundBatch(LhAssembler as, PetscInt number, const double (*K)[LH_BATCH]);
/// Entry (i, j) of block number `at` among the local rows, which is in `row`.
float *LhAssemblerSingleEntry(LhAssembler as, PetscInt row, PetscInt at, PetscInt i, PetscInt j);
PetscErrorCode LhAssemblerEndSingle(LhAssembler as, Mat mat);
