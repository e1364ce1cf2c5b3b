/// @file
/// The matrix of the condensed system: AIJ, or in single precision with a product that is exact for constants.
///
/// phi_s is nearly constant and held by its reactions alone: rows rounded to single precision, which no longer sum to what they
/// should, would hold it by their rounding. With the mean m_j of unknown j over its nodes z_j and the sums A z_j in double,
///   y = P (x - sum_j m_j z_j) + sum_j m_j A z_j,
/// and the sums are put into the rows as well, by their diagonal blocks, for the smoother. Never knows the equations.
#include "fields/single_matrix.h"
#include "physics/electrochem_network.h"

/// y of the head of this file.
static PetscErrorCode Multiply(Mat exact, Vec x, Vec y) {
  PetscScalar mean[LH_NODE_SYSTEM];
  const PetscScalar *in;
  PetscScalar *out;
  LhElectrochem ec;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(exact, &ec));
  PetscCall(LhEcSumModes(ec, x, mean));
  for (int j = 0; j < LH_NODE_SYSTEM; j++) mean[j] /= PetscMax(ec->mode_size[j], 1.);
  PetscCall(VecGetLocalSize(x, &n));
  PetscCall(VecGetArrayRead(x, &in));
  PetscCall(VecGetArrayWrite(ec->shifted, &out));
  for (PetscInt d = 0; d < n; d++) {
    const int j = d % LH_NODE_SYSTEM;

    out[d] = in[d] - (j != LH_PHI_S || ec->has_solid[d / LH_NODE_SYSTEM] ? mean[j] : 0);
  }
  PetscCall(VecRestoreArrayWrite(ec->shifted, &out));
  PetscCall(VecRestoreArrayRead(x, &in));
  PetscCall(MatMult(ec->product, ec->shifted, y));
  PetscCall(VecGetArray(y, &out));
  for (PetscInt d = 0; d < n; d++) {
    const PetscScalar *sum = ec->row_local + LH_NODE_SYSTEM * d;

    out[d] += sum[0] * mean[0] + sum[1] * mean[1] + sum[2] * mean[2];
  }
  PetscCall(VecRestoreArray(y, &out));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Geometric multigrid finds the places of the nodes, those of the space, with the matrix.
static PetscErrorCode AttachPlaces(LhElectrochem ec) {
  const LhSpaceView *space;
  Vec places;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(VecCreateMPIWithArray(ec->comm, 3, 3 * space->num_owned, PETSC_DETERMINE, space->coords,
                                  &places));
  PetscCall(
      PetscObjectCompose((PetscObject)ec->matrix, LH_MATRIX_COORDINATES, (PetscObject)places));
  PetscCall(VecDestroy(&places));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemHoldMatrix(LhElectrochem ec, Mat *mat) {
  PetscFunctionBegin;
  if (!ec->matrix && ec->is_single) {
    PetscCall(LhAssemblerCreateSingle(ec->assembler, &ec->matrix));
    PetscCall(AttachPlaces(ec));
  } else if (!ec->matrix) {
    PetscCall(LhAssemblerCreateMat(ec->assembler, &ec->matrix));
    PetscCall(LhAssemblerShare(ec->assembler, ec->matrix));
  }
  if (mat) *mat = ec->matrix;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemSetSingle(LhElectrochem ec, PetscBool single) {
  const LhSpaceView *space;

  PetscFunctionBegin;
  if (single == ec->is_single) PetscFunctionReturn(PETSC_SUCCESS);
  ec->is_single = single;
  PetscCall(LhAssemblerRelease(ec->assembler));
  PetscCall(MatDestroy(&ec->lrc));
  PetscCall(MatDestroy(&ec->matrix));
  PetscCall(PetscFree(ec->row_local));
  PetscCall(LhSpaceGetView(ec->space, &space));
  if (single) PetscCall(PetscMalloc1(space->num_nodes * LH_SUMS, &ec->row_local));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemSetProduct(LhElectrochem ec, Mat product) {
  PetscInt n;

  PetscFunctionBegin;
  PetscCheck(ec->is_single, ec->comm, PETSC_ERR_ARG_WRONGSTATE, "An AIJ matrix has its product");
  PetscCall(PetscObjectReference((PetscObject)product));
  PetscCall(MatDestroy(&ec->product));
  ec->product = product;
  if (ec->exact) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(VecGetLocalSize(ec->sol, &n));
  PetscCall(VecDuplicate(ec->sol, &ec->shifted));
  PetscCall(MatCreateShell(ec->comm, n, n, PETSC_DETERMINE, PETSC_DETERMINE, ec, &ec->exact));
  PetscCall(MatShellSetOperation(ec->exact, MATOP_MULT, (void (*)(void))Multiply));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemGetOperators(LhElectrochem ec, Mat *op, Mat *pmat) {
  Mat base;

  PetscFunctionBegin;
  PetscCall(LhElectrochemHoldMatrix(ec, pmat));
  base = ec->is_single ? ec->exact : ec->matrix;
  if (!ec->lrc)
    PetscCall(MatCreateLRC(base, ec->border_col, ec->border_weight, ec->border_row, &ec->lrc));
  *op = ec->control.kind == LH_CONTROL_CURRENT && ec->dI_dV > 0 ? ec->lrc : base;
  if (ec->network) PetscCall(LhEcNetworkWrap(ec->network, *op, op));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcStoreRowSums(LhElectrochem ec, PetscInt num_owned) {
  PetscFunctionBegin;
  if (!ec->is_single) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhSpaceSumGhosts(ec->space, LH_SUMS, ec->row_local));
  // Rows without solid hold a diagonal alone, which belongs to no constant but is part of the row.
  for (PetscInt n = 0; n < num_owned; n++)
    ec->row_local[n * LH_SUMS] = ec->has_solid[n] ? ec->row_local[n * LH_SUMS] : ec->thermal;
  PetscCall(LhSingleMatrixSetSums(ec->matrix, ec->row_local));
  for (PetscInt n = 0; n < num_owned; n++)
    ec->row_local[n * LH_SUMS] = ec->has_solid[n] ? ec->row_local[n * LH_SUMS] : 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcDestroyMatrix(LhElectrochem ec) {
  PetscFunctionBegin;
  PetscCall(VecDestroy(&ec->shifted));
  PetscCall(MatDestroy(&ec->exact));
  PetscCall(MatDestroy(&ec->product));
  PetscCall(MatDestroy(&ec->lrc));
  PetscCall(MatDestroy(&ec->matrix));
  PetscCall(PetscFree(ec->row_local));
  PetscFunctionReturn(PETSC_SUCCESS);
}
