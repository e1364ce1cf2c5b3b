/// @file
/// Adds element matrices into local rows of blocks and moves them into PETSc's AIJ arrays.
///
/// Invariant: an entry's place is known before the first value arrives. On one rank the local values
/// have the layout of the AIJ array; on several, `slot` gives each block its place in the diagonal or
/// off-diagonal part of the owner's row. Must never search or allocate between Begin and End.

#include "fields/assembler.h"

#include <limits.h>

#include "base/distinct.h"
#include "fields/assembler_private.h"
#include "fields/block_product.h"

static PetscErrorCode FillPositions(LhAssembler as) {
  const PetscInt npc = as->space->nodes_per_cell;
  LhDistinct store;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < as->rows.num_rows; i++)
    PetscCheck(as->rows.start[i + 1] - as->rows.start[i] <= USHRT_MAX, PETSC_COMM_SELF,
               PETSC_ERR_ARG_OUTOFRANGE, "More neighbours of a node than 16 bits count");
  PetscCall(PetscMalloc1(as->num_batches, &as->position_at));
  PetscCall(LhDistinctCreate(&store));
  for (PetscInt k = 0; k < as->num_batches; k++) {
    const PetscInt *node = as->batches[k].nodes;
    unsigned short place[LH_ELEMENT_MAX_NODES * LH_ELEMENT_MAX_NODES * LH_BATCH];

    for (PetscInt ab = 0; ab < npc * npc; ab++) {
      for (PetscInt l = 0; l < LH_BATCH; l++) {
        const PetscInt row = node[ab / npc * LH_BATCH + l], col = node[ab % npc * LH_BATCH + l];
        place[ab * LH_BATCH + l] = (unsigned short)LhBlockRowsFind(&as->rows, row, col);
      }
    }
    PetscCall(LhDistinctAdd(&store, npc * npc * LH_BATCH * (PetscInt)sizeof(*place), place,
                            &as->position_at[k]));
    as->position_at[k] /= sizeof(*place);
  }
  PetscCall(LhDistinctTake(&store, &as->position));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Upper bounds of the blocks of each owned row: own ones and those of ghost rows.
static PetscErrorCode BoundRows(const LhAssembler as, PetscInt bound[]) {
  const PetscInt owned = as->space->num_owned;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(bound, owned + 1));
  for (PetscInt i = 0; i < owned; i++) bound[i + 1] = as->rows.start[i + 1] - as->rows.start[i];
  for (PetscInt r = 0; r < as->ghosts.num_rows; r++) {
    bound[as->ghosts.node[r] + 1] += as->ghosts.start[r + 1] - as->ghosts.start[r];
  }
  for (PetscInt i = 0; i < owned; i++) bound[i + 1] += bound[i];
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Union of the columns of local rows and arriving ghost rows; sorts and compacts in place. Until they are freed: they are
/// wanted for making a matrix alone.
PetscErrorCode LhAssemblerListColumns(LhAssembler as) {
  const LhSpaceView *space = as->space;
  const LhGhostRows *ghosts = &as->ghosts;
  PetscInt *fill, *bound;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(space->num_owned + 1, &bound, space->num_owned, &fill));
  PetscCall(BoundRows(as, bound));
  PetscCall(PetscMalloc1(bound[space->num_owned], &as->column));
  for (PetscInt i = 0; i < space->num_owned; i++) {
    fill[i] = bound[i];
    for (PetscInt k = 0; k < as->rows.start[i + 1] - as->rows.start[i]; k++)
      as->column[fill[i]++] = space->node_global[LhBlockRowsColumn(&as->rows, i, k)];
  }
  for (PetscInt r = 0; r < ghosts->num_rows; r++) {
    for (PetscInt k = ghosts->start[r]; k < ghosts->start[r + 1]; k++) {
      as->column[fill[ghosts->node[r]]++] = ghosts->column[k];
    }
  }
  if (!as->start) PetscCall(PetscMalloc1(space->num_owned + 1, &as->start));
  as->start[0] = 0;
  for (PetscInt i = 0; i < space->num_owned; i++) {
    PetscInt n = bound[i + 1] - bound[i];
    PetscCall(PetscSortRemoveDupsInt(&n, as->column + bound[i]));
    PetscCall(PetscArraymove(as->column + as->start[i], as->column + bound[i], n));
    as->start[i + 1] = as->start[i] + n;
  }
  PetscCall(PetscFree2(bound, fill));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Splits each row in the columns of lower ranks, of this rank, and of higher ranks.
static PetscErrorCode SplitRows(LhAssembler as) {
  const PetscInt owned = as->space->num_owned, first = as->space->first_global;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(owned, &as->below, owned + 1, &as->inside));
  as->inside[0] = 0;
  for (PetscInt i = 0; i < owned; i++) {
    PetscInt below = 0, inside = 0;
    for (PetscInt k = as->start[i]; k < as->start[i + 1]; k++) {
      below += as->column[k] < first;
      inside += as->column[k] >= first && as->column[k] < first + owned;
    }
    as->below[i] = below;
    as->inside[i + 1] = as->inside[i] + inside;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Place of a global column in row i: the diagonal part counts first, then the off-diagonal part.
static PetscErrorCode FindSlot(const LhAssembler as, PetscInt i, PetscInt column, PetscInt *slot) {
  const PetscInt below = as->below[i], inside = as->inside[i + 1] - as->inside[i];
  PetscInt k;

  PetscFunctionBeginUser;
  PetscCall(PetscFindInt(column, as->start[i + 1] - as->start[i], as->column + as->start[i], &k));
  if (k < below) {
    *slot = inside + k;
  } else {
    *slot = k < below + inside ? k - below : k;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FillSlots(LhAssembler as) {
  const LhSpaceView *space = as->space;
  const LhGhostRows *ghosts = &as->ghosts;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(as->rows.start[space->num_owned], &as->slot,
                         ghosts->start[ghosts->num_rows], &as->ghost_slot));
  for (PetscInt i = 0; i < space->num_owned; i++) {
    const PetscInt first = as->rows.start[i];

    for (PetscInt k = 0; k < as->rows.start[i + 1] - first; k++)
      PetscCall(FindSlot(as, i, space->node_global[LhBlockRowsColumn(&as->rows, i, k)],
                         &as->slot[first + k]));
  }
  for (PetscInt r = 0; r < ghosts->num_rows; r++) {
    for (PetscInt k = ghosts->start[r]; k < ghosts->start[r + 1]; k++) {
      PetscCall(FindSlot(as, ghosts->node[r], ghosts->column[k], &as->ghost_slot[k]));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerCreate(LhSpace space, LhBatches batches, PetscInt bs,
                                 LhAssembler *assembler) {
  LhAssembler as;
  LhMesh mesh;
  const LhMeshView *mesh_view;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&as));
  PetscCall(LhSpaceGetMesh(space, &mesh));
  PetscCall(LhMeshGetView(mesh, &mesh_view));
  PetscCallMPI(MPI_Comm_size(mesh_view->comm, &as->size));
  PetscCall(PetscCommDuplicate(mesh_view->comm, &as->comm, NULL));
  PetscCall(LhSpaceGetView(space, &as->space));
  PetscCall(LhBatchesGet(batches, &as->num_batches, &as->batches));
  as->bs = bs;
  PetscCall(LhBlockRowsCreate(as->space, &as->rows));
  PetscCheck((PetscInt64)as->rows.start[as->rows.num_rows] * bs * bs < PETSC_MAX_INT,
             PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "More matrix entries on one rank than 32 bits count: use more ranks");
  PetscCall(PetscCalloc1(as->rows.num_rows, &as->touched));
  PetscCall(FillPositions(as));
  PetscCall(LhGhostRowsCreate(as->comm, as->space, &as->rows, &as->ghosts));
  PetscCall(LhAssemblerListColumns(as));
  PetscCall(SplitRows(as));
  if (as->size > 1) PetscCall(FillSlots(as));
  PetscCall(PetscFree(as->column));
  *assembler = as;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerDestroy(LhAssembler *assembler) {
  LhAssembler as = *assembler;

  PetscFunctionBeginUser;
  if (!as) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhGhostRowsDestroy(&as->ghosts));
  PetscCall(LhBlockRowsDestroy(&as->rows));
  PetscCall(LhAssemblerRelease(as));
  PetscCall(PetscFree(as->position));
  PetscCall(PetscFree(as->position_at));
  PetscCall(PetscFree(as->touched));
  PetscCall(PetscFree(as->start));
  PetscCall(PetscFree(as->column));
  PetscCall(PetscFree2(as->below, as->inside));
  PetscCall(PetscFree2(as->slot, as->ghost_slot));
  PetscCall(PetscCommDestroy(&as->comm));
  PetscCall(PetscFree(*assembler));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The merged block rows written out as scalar rows in global numbers.
static PetscErrorCode ExpandRows(const LhAssembler as, PetscInt row_start[], PetscInt columns[]) {
  const PetscInt bs = as->bs;
  PetscInt n = 0;

  PetscFunctionBeginUser;
  row_start[0] = 0;
  for (PetscInt r = 0; r < as->space->num_owned * bs; r++) {
    for (PetscInt k = as->start[r / bs]; k < as->start[r / bs + 1]; k++) {
      for (PetscInt j = 0; j < bs; j++) columns[n++] = as->column[k] * bs + j;
    }
    row_start[r + 1] = n;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerCreateMat(LhAssembler as, Mat *mat) {
  const PetscInt bs = as->bs, n = as->space->num_owned * bs;
  PetscInt *row_start, *columns;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(n + 1, &row_start, as->start[as->space->num_owned] * bs * bs, &columns));
  PetscCall(LhAssemblerListColumns(as));
  PetscCall(ExpandRows(as, row_start, columns));
  PetscCall(PetscFree(as->column));
  PetscCall(MatCreate(as->comm, mat));
  PetscCall(MatSetSizes(*mat, n, n, PETSC_DETERMINE, PETSC_DETERMINE));
  PetscCall(MatSetBlockSize(*mat, bs));
  PetscCall(MatSetType(*mat, MATAIJ));
  PetscCall(MatSeqAIJSetPreallocationCSR(*mat, row_start, columns, NULL));
  PetscCall(MatMPIAIJSetPreallocationCSR(*mat, row_start, columns, NULL));
  PetscCall(MatSetOption(*mat, MAT_NO_OFF_PROC_ENTRIES, PETSC_TRUE));
  PetscCall(PetscFree2(row_start, columns));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerRelease(LhAssembler as) {
  PetscFunctionBeginUser;
  if (!as->shared) PetscCall(PetscFree(as->value));
  as->value = NULL;
  PetscCall(MatDestroy(&as->shared));
  PetscCall(MatDestroy(&as->single));
  PetscCall(PetscFree(as->single_ghost));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Room for local values in double precision, unless a matrix lends its own.
static PetscErrorCode Hold(LhAssembler as) {
  const PetscInt block = as->bs * as->bs;

  PetscFunctionBeginUser;
  if (as->value) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(as->rows.start[as->rows.num_rows] * block, &as->value));
  PetscCall(LhGhostRowsConnect(&as->ghosts, block, MPI_DOUBLE,
                               as->value + as->rows.start[as->space->num_owned] * block));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerBegin(LhAssembler as) {
  PetscFunctionBeginUser;
  if (as->single) {
    PetscCall(LhAssemblerBeginSingle(as));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(Hold(as));
  PetscCall(PetscArrayzero(as->value, as->rows.start[as->rows.num_rows] * as->bs * as->bs));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerResume(LhAssembler as) {
  PetscFunctionBeginUser;
  if (as->single) PetscCall(LhAssemblerClearGhosts(as));  // the others' rows have had them
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One node row of a batch; `bs` is a constant in each caller, so the block loops unroll.
static inline void AddBatchRow(const LhAssembler as, const LhBatch *batch,
                               const unsigned short *position, PetscInt a, const PetscInt bs,
                               const double (*K)[LH_BATCH]) {
  const PetscInt npc = as->space->nodes_per_cell, width = npc * bs;
  const PetscInt *node = batch->nodes + a * LH_BATCH;
  for (PetscInt b = 0; b < npc; b++) {
    for (PetscInt l = 0; l < batch->num_active; l++) {
      const PetscInt first = as->rows.start[node[l]],
                     stride = bs * (as->rows.start[node[l] + 1] - first);
      double *out = as->value + bs * (bs * first + position[(a * npc + b) * LH_BATCH + l]);
      for (PetscInt ij = 0; ij < bs * bs; ij++) {
        out[ij / bs * stride + ij % bs] += K[(a * bs + ij / bs) * width + b * bs + ij % bs][l];
      }
    }
  }
}

PetscErrorCode LhAssemblerAddBatch(LhAssembler as, PetscInt number, const double (*K)[LH_BATCH]) {
  const LhBatch *batch = &as->batches[number];
  const PetscInt npc = as->space->nodes_per_cell;
  const unsigned short *position = as->position + as->position_at[number];

  PetscFunctionBeginUser;
  if (as->single) {
    LhAssemblerRoundBatch(as, number, K);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt a = 0; a < npc; a++) {
    switch (as->bs) {
      case 1:
        AddBatchRow(as, batch, position, a, 1, K);
        break;
      case 2:
        AddBatchRow(as, batch, position, a, 2, K);
        break;
      case 3:
        AddBatchRow(as, batch, position, a, 3, K);
        break;
      default:
        AddBatchRow(as, batch, position, a, as->bs, K);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Number of the block (row, column) among the local rows.
static PetscErrorCode FindBlock(const LhAssembler as, PetscInt row, PetscInt column, PetscInt *at) {
  const PetscInt k = LhBlockRowsFind(&as->rows, row, column);

  PetscFunctionBeginUser;
  PetscCheck(k >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Nodes %" PetscInt_FMT " and %" PetscInt_FMT " share no cell", row, column);
  *at = as->rows.start[row] + k;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Entry (i, j) of a block in double precision.
static double *Entry(const LhAssembler as, PetscInt row, PetscInt at, PetscInt i, PetscInt j) {
  const PetscInt bs = as->bs, first = as->rows.start[row], m = as->rows.start[row + 1] - first;

  return as->value + bs * (bs * first + i * m + at - first) + j;
}

static void AddEntry(LhAssembler as, PetscInt row, PetscInt at, PetscInt i, PetscInt j,
                     double value) {
  if (as->single)
    *LhAssemblerSingleEntry(as, row, at, i, j) += (float)value;
  else
    *Entry(as, row, at, i, j) += value;
}

PetscErrorCode LhAssemblerAddNodes(LhAssembler as, PetscInt n, const PetscInt nodes[],
                                   const double K[]) {
  const PetscInt bs = as->bs;

  PetscFunctionBeginUser;
  for (PetscInt ab = 0; ab < n * n; ab++) {
    const PetscInt a = ab / n, b = ab % n;
    PetscInt at = 0;
    PetscCall(FindBlock(as, nodes[a], nodes[b], &at));
    for (PetscInt ij = 0; ij < bs * bs; ij++)
      AddEntry(as, nodes[a], at, ij / bs, ij % bs,
               K[(a * bs + ij / bs) * (n * bs) + b * bs + ij % bs]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerAddDiagonal(LhAssembler as, PetscInt node, PetscInt c, double value) {
  PetscInt at = 0;

  PetscFunctionBeginUser;
  PetscCall(FindBlock(as, node, node, &at));
  AddEntry(as, node, at, c, c, value);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Rows and columns of block number `at` that are prescribed.
static void ClearBlock(LhAssembler as, PetscInt row, PetscInt at, const unsigned char row_mask[],
                       const unsigned char column_mask[]) {
  for (PetscInt ij = 0; ij < as->bs * as->bs; ij++) {
    const PetscInt i = ij / as->bs, j = ij % as->bs;

    if (!row_mask[i] && !column_mask[j]) continue;
    if (as->single)
      *LhAssemblerSingleEntry(as, row, at, i, j) = 0.f;
    else
      *Entry(as, row, at, i, j) = 0.;
  }
}

PetscErrorCode LhAssemblerConstrain(LhAssembler as, const unsigned char mask[], double diagonal) {
  const PetscInt bs = as->bs;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(as->touched, as->rows.num_rows));
  for (PetscInt u = 0; u < as->rows.num_rows * bs; u++) as->touched[u / bs] |= mask[u];
  for (PetscInt i = 0; i < as->rows.num_rows; i++) {
    for (PetscInt at = as->rows.start[i]; at < as->rows.start[i + 1]; at++) {
      const PetscInt column = LhBlockRowsColumn(&as->rows, i, at - as->rows.start[i]);
      if (!as->touched[i] && !as->touched[column]) continue;
      ClearBlock(as, i, at, mask + i * bs, mask + column * bs);
    }
  }
  for (PetscInt u = 0; u < as->space->num_owned * bs; u++) {
    if (mask[u]) PetscCall(LhAssemblerAddDiagonal(as, u / bs, u % bs, diagonal));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Adds a row of m blocks to the two parts of the owner's row.
static void AddRow(const LhAssembler as, PetscInt node, PetscInt m, const PetscInt slot[],
                   const double value[], double *const part[2]) {
  const PetscInt bs = as->bs, before = as->inside[node], inside = as->inside[node + 1] - before;
  const PetscInt outside = as->start[node + 1] - as->start[node] - inside;
  double *const diagonal = part[0] + bs * bs * before;
  double *const other = part[1] + bs * bs * (as->start[node] - before);
  for (PetscInt k = 0; k < m; k++) {
    const PetscBool in = (PetscBool)(slot[k] < inside);
    double *out = in ? diagonal + bs * slot[k] : other + bs * (slot[k] - inside);
    const PetscInt stride = bs * (in ? inside : outside);
    for (PetscInt i = 0; i < bs; i++) {
      for (PetscInt j = 0; j < bs; j++) out[i * stride + j] += value[bs * (i * m + k) + j];
    }
  }
}

static PetscErrorCode MoveToParts(LhAssembler as, double *const part[2]) {
  const PetscInt block = as->bs * as->bs, owned = as->space->num_owned;
  const LhGhostRows *ghosts = &as->ghosts;

  PetscFunctionBeginUser;
  PetscCall(LhGhostRowsBegin(&as->ghosts));
  PetscCall(PetscArrayzero(part[0], block * as->inside[owned]));
  PetscCall(PetscArrayzero(part[1], block * (as->start[owned] - as->inside[owned])));
  for (PetscInt i = 0; i < owned; i++) {
    const PetscInt first = as->rows.start[i];
    AddRow(as, i, as->rows.start[i + 1] - first, as->slot + first, as->value + block * first, part);
  }
  PetscCall(LhGhostRowsEnd(&as->ghosts));
  for (PetscInt r = 0; r < ghosts->num_rows; r++) {
    const PetscInt first = ghosts->start[r];
    AddRow(as, ghosts->node[r], ghosts->start[r + 1] - first, as->ghost_slot + first,
           (const double *)ghosts->value + block * first, part);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckSize(Mat mat, PetscInt entries) {
  MatInfo info;

  PetscFunctionBeginUser;
  PetscCall(MatGetInfo(mat, MAT_LOCAL, &info));
  PetscCheck((PetscInt)info.nz_used == entries, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
             "The matrix was not made by this assembler, or its pattern changed");
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerShare(LhAssembler as, Mat mat) {
  double *value;

  PetscFunctionBeginUser;
  if (as->size > 1) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCheck(!as->shared && !as->single, as->comm, PETSC_ERR_ARG_WRONGSTATE,
             "The assembler shares a matrix");
  PetscCall(CheckSize(mat, as->bs * as->bs * as->inside[as->space->num_owned]));
  PetscCall(PetscObjectReference((PetscObject)mat));
  as->shared = mat;
  PetscCall(PetscFree(as->value));
  PetscCall(MatSeqAIJGetArrayWrite(mat, &value));
  as->value = value;
  PetscCall(MatSeqAIJRestoreArrayWrite(mat, &value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAssemblerEnd(LhAssembler as, Mat mat) {
  const PetscInt block = as->bs * as->bs, owned = as->space->num_owned;
  const PetscInt entries[2] = {block * as->inside[owned],
                               block * (as->start[owned] - as->inside[owned])};
  Mat half[2] = {mat, NULL};
  double *part[2];

  PetscFunctionBeginUser;
  if (as->single) {
    PetscCall(LhAssemblerEndSingle(as, mat));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (as->size > 1) PetscCall(MatMPIAIJGetSeqAIJ(mat, &half[0], &half[1], NULL));
  for (int h = 0; h < (as->size > 1 ? 2 : 1); h++) {
    PetscCall(CheckSize(half[h], entries[h]));
    PetscCall(MatSeqAIJGetArrayWrite(half[h], &part[h]));
  }
  if (as->size > 1) {
    PetscCall(MoveToParts(as, part));
  } else if (mat != as->shared) {
    PetscCall(PetscArraycpy(part[0], as->value, entries[0]));
  }
  for (int h = 0; h < (as->size > 1 ? 2 : 1); h++) {
    PetscCall(MatSeqAIJRestoreArrayWrite(half[h], &part[h]));
  }
  PetscCall(MatAssemblyBegin(mat, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(mat, MAT_FINAL_ASSEMBLY));
  if (as->bs == 3) PetscCall(LhBlockProductUse(half[0]));
  PetscFunctionReturn(PETSC_SUCCESS);
}
