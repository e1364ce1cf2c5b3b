/// @file
/// The same assembly straight into a matrix in single precision (single_matrix.h).
///
/// Values of owned rows are added where they stay; ghost rows of this rank wait in `single_ghost` for their journey. A
/// block of eight cells' values is off by a few roundings of single precision: the matrix serves the linear
/// solves alone, residuals are double.
#include "fields/assembler_private.h"
#include "fields/single_matrix.h"

enum { bs = 3 };

PetscErrorCode LhAssemblerCreateSingle(LhAssembler as, Mat *mat) {
  const PetscInt owned = as->rows.start[as->space->num_owned];
  LhSingleRows *rows;

  PetscFunctionBeginUser;
  PetscCheck(as->bs == bs, as->comm, PETSC_ERR_SUP,
             "Single precision is for three unknowns a node");
  PetscCall(LhAssemblerRelease(as));
  PetscCall(LhAssemblerListColumns(as));
  PetscCall(LhSingleMatrixCreate(as->comm, as->space->num_owned, as->space->first_global, as->start,
                                 as->column, mat));
  PetscCall(PetscFree(as->column));
  PetscCall(LhSingleMatrixGetRows(*mat, &rows));
  PetscCall(PetscObjectReference((PetscObject)*mat));
  as->single = *mat;
  as->single_value = rows->value;
  PetscCall(PetscMalloc1(LH_SINGLE_BLOCK * (as->rows.start[as->rows.num_rows] - owned),
                         &as->single_ghost));
  PetscCall(LhGhostRowsConnect(&as->ghosts, LH_SINGLE_BLOCK, MPI_FLOAT, as->single_ghost));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerClearGhosts(LhAssembler as) {
  const PetscInt owned = as->space->num_owned;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(as->single_ghost, LH_SINGLE_BLOCK * (as->rows.start[as->rows.num_rows] -
                                                                as->rows.start[owned])));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerBeginSingle(LhAssembler as) {
  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(as->single_value, LH_SINGLE_BLOCK * as->start[as->space->num_owned]));
  PetscCall(LhAssemblerClearGhosts(as));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Where block number `at` of a local row has its values.
static inline float *Block(const LhAssembler as, PetscInt row, PetscInt at) {
  if (row >= as->space->num_owned)
    return as->single_ghost + LH_SINGLE_BLOCK * (at - as->rows.start[as->space->num_owned]);
  return as->single_value + LH_SINGLE_BLOCK * (as->slot ? as->start[row] + as->slot[at] : at);
}

float *LhAssemblerSingleEntry(LhAssembler as, PetscInt row, PetscInt at, PetscInt i, PetscInt j) {
  return Block(as, row, at) + bs * j + i;
}

/// Adds the blocks of node pair `ab` of all active lanes, column after column in `value`.
static inline void AddPair(LhAssembler as, PetscInt number, PetscInt ab,
                           const float (*value)[LH_BATCH]) {
  const PetscInt npc = as->space->nodes_per_cell;
  const LhBatch *batch = &as->batches[number];
  const unsigned short *position = as->position + as->position_at[number] + ab * LH_BATCH;

  for (PetscInt l = 0; l < batch->num_active; l++) {
    const PetscInt row = batch->nodes[ab / npc * LH_BATCH + l];
    float *out = Block(as, row, as->rows.start[row] + position[l]);
    for (int e = 0; e < LH_SINGLE_BLOCK; e++) out[e] += value[e][l];
  }
}

/// First entry of the block of pair `ab` in an element matrix of three unknowns a node.
static inline PetscInt FirstOfPair(PetscInt npc, PetscInt ab) {
  return ab / npc * bs * npc * bs + ab % npc * bs;
}

/// Asks for the rows of a batch while the element matrices before it are worked out: from memory they would take as long
/// as the sums.
static void AskForRows(const LhAssembler as, PetscInt number) {
  const PetscInt npc = as->space->nodes_per_cell, line = 64 / sizeof(float);

  if (number >= as->num_batches) return;
  for (PetscInt k = 0; k < npc * LH_BATCH; k++) {
    const PetscInt row = as->batches[number].nodes[k], first = as->rows.start[row];
    const PetscInt length = LH_SINGLE_BLOCK * (as->rows.start[row + 1] - first);
    const float *at = Block(as, row, first);

    for (PetscInt m = 0; m < length; m += line) __builtin_prefetch(at + m, 1, 2);
  }
}

void LhAssemblerRoundBatch(LhAssembler as, PetscInt number, const double (*K)[LH_BATCH]) {
  const PetscInt npc = as->space->nodes_per_cell;

  for (PetscInt ab = 0; ab < npc * npc; ab++) {
    const double(*in)[LH_BATCH] = K + FirstOfPair(npc, ab);
    float value[LH_SINGLE_BLOCK][LH_BATCH];

    for (int e = 0; e < LH_SINGLE_BLOCK; e++) {
      LH_LANES(l) value[e][l] = (float)in[e % bs * npc * bs + e / bs][l];
    }
    AddPair(as, number, ab, (const float(*)[LH_BATCH])value);
  }
  AskForRows(as, number + 1);
}

PetscErrorCode LhAssemblerAddBatchSingle(LhAssembler as, PetscInt number,
                                         const float (*K)[LH_BATCH]) {
  const PetscInt npc = as->space->nodes_per_cell;

  PetscFunctionBeginUser;
  PetscCheck(as->single, as->comm, PETSC_ERR_ARG_WRONGSTATE, "Values go to a matrix in double");
  for (PetscInt ab = 0; ab < npc * npc; ab++) {
    const float(*in)[LH_BATCH] = K + FirstOfPair(npc, ab);
    float value[LH_SINGLE_BLOCK][LH_BATCH];

    for (int e = 0; e < LH_SINGLE_BLOCK; e++) {
      LH_LANES(l) value[e][l] = in[e % bs * npc * bs + e / bs][l];
    }
    AddPair(as, number, ab, (const float(*)[LH_BATCH])value);
  }
  AskForRows(as, number + 1);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerEndSingle(LhAssembler as, Mat mat) {
  const LhGhostRows *ghosts = &as->ghosts;
  const float *in;

  PetscFunctionBeginUser;
  PetscCheck(mat == as->single, as->comm, PETSC_ERR_ARG_WRONG,
             "Values went to the matrix in single precision");
  PetscCall(LhGhostRowsBegin(&as->ghosts));
  PetscCall(LhGhostRowsEnd(&as->ghosts));
  in = (const float *)ghosts->value;
  for (PetscInt r = 0; r < ghosts->num_rows; r++) {
    for (PetscInt k = ghosts->start[r]; k < ghosts->start[r + 1]; k++) {
      float *out =
          as->single_value + LH_SINGLE_BLOCK * (as->start[ghosts->node[r]] + as->ghost_slot[k]);
      for (int e = 0; e < LH_SINGLE_BLOCK; e++) out[e] += in[LH_SINGLE_BLOCK * k + e];
    }
  }
  PetscCall(MatAssemblyBegin(mat, MAT_FINAL_ASSEMBLY));  // its values have changed
  PetscCall(MatAssemblyEnd(mat, MAT_FINAL_ASSEMBLY));
  PetscFunctionReturn(PETSC_SUCCESS);
}
