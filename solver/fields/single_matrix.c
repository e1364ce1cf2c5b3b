/// @file
/// Makes and destroys matrices in single precision (see single_matrix.h).
#include "fields/single_matrix.h"

#include "base/pages.h"

#define MARK "lihost_single_matrix"  ///< marks a MATSHELL as one of these

static PetscErrorCode Destroy(Mat mat) {
  LhSingleRows *rows;

  PetscFunctionBeginUser;
  PetscCall(MatShellGetContext(mat, &rows));
  PetscCall(PetscFree(rows->start));
  PetscCall(PetscFree(rows->column));
  PetscCall(PetscFree(rows->ghost));
  PetscCall(PetscFree(rows->value));
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The columns of other ranks, each once.
static PetscErrorCode ListGhosts(PetscInt first, const PetscInt column[], LhSingleRows *rows) {
  PetscInt n = 0;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < rows->start[rows->num_owned]; k++)
    n += column[k] < first || column[k] >= first + rows->num_owned;
  PetscCall(PetscMalloc1(n, &rows->ghost));
  n = 0;
  for (PetscInt k = 0; k < rows->start[rows->num_owned]; k++) {
    if (column[k] < first || column[k] >= first + rows->num_owned) rows->ghost[n++] = column[k];
  }
  PetscCall(PetscSortRemoveDupsInt(&n, rows->ghost));
  rows->num_ghost = n;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FillColumns(PetscInt first, const PetscInt column[], LhSingleRows *rows) {
  const PetscInt owned = rows->num_owned;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(rows->start[owned], &rows->column));
  for (PetscInt i = 0; i < owned; i++) {
    PetscInt *out = rows->column + rows->start[i], n = 0, at;

    for (PetscInt k = rows->start[i]; k < rows->start[i + 1]; k++) {
      if (column[k] >= first && column[k] < first + owned) out[n++] = column[k] - first;
    }
    for (PetscInt k = rows->start[i]; k < rows->start[i + 1]; k++) {
      if (column[k] >= first && column[k] < first + owned) continue;
      PetscCall(PetscFindInt(column[k], rows->num_ghost, rows->ghost, &at));
      out[n++] = owned + at;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSingleMatrixCreate(MPI_Comm comm, PetscInt num_owned, PetscInt first,
                                    const PetscInt start[], const PetscInt column[], Mat *mat) {
  const PetscInt bs = 3, num_values = LH_SINGLE_BLOCK * start[num_owned] + 1;
  LhSingleRows *rows;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&rows));
  rows->num_owned = num_owned;
  PetscCall(PetscMalloc1(num_owned + 1, &rows->start));
  PetscCall(PetscArraycpy(rows->start, start, num_owned + 1));
  PetscCall(ListGhosts(first, column, rows));
  PetscCall(FillColumns(first, column, rows));
  PetscCall(PetscMalloc1(num_values, &rows->value));
  LhPreferLargePages(rows->value, (size_t)num_values * sizeof(float));
  PetscCall(PetscArrayzero(rows->value, num_values));
  PetscCall(MatCreateShell(comm, bs * num_owned, bs * num_owned, PETSC_DETERMINE, PETSC_DETERMINE,
                           rows, mat));
  PetscCall(MatSetBlockSize(*mat, bs));
  PetscCall(MatShellSetOperation(*mat, MATOP_DESTROY, (void (*)(void))Destroy));
  PetscCall(PetscObjectComposeFunction((PetscObject)*mat, MARK, LhSingleMatrixGetRows));
  PetscCall(MatSetUp(*mat));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSingleMatrixGetRows(Mat mat, LhSingleRows **rows) {
  void (*mark)(void) = NULL;
  PetscBool is_shell;

  PetscFunctionBeginUser;
  *rows = NULL;
  PetscCall(PetscObjectTypeCompare((PetscObject)mat, MATSHELL, &is_shell));
  if (!is_shell) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscObjectQueryFunction((PetscObject)mat, MARK, &mark));
  if (mark) PetscCall(MatShellGetContext(mat, rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSingleMatrixSetSums(Mat mat, const double sums[]) {
  LhSingleRows *rows;

  PetscFunctionBeginUser;
  PetscCall(LhSingleMatrixGetRows(mat, &rows));
  PetscCheck(rows, PetscObjectComm((PetscObject)mat), PETSC_ERR_ARG_WRONG,
             "Not a matrix in single precision");
  for (PetscInt i = 0; i < rows->num_owned; i++) {
    double rest[LH_SINGLE_BLOCK] = {0.};
    float *diagonal = NULL;

    for (PetscInt k = rows->start[i]; k < rows->start[i + 1]; k++) {
      float *block = rows->value + LH_SINGLE_BLOCK * k;
      const double other = rows->column[k] == i ? 0. : 1.;

      if (rows->column[k] == i) diagonal = block;
      for (int e = 0; e < LH_SINGLE_BLOCK; e++) rest[e] += other * (double)block[e];
    }
    for (int e = 0; diagonal && e < LH_SINGLE_BLOCK; e++)
      diagonal[e] = (float)(sums[LH_SINGLE_BLOCK * i + e % 3 * 3 + e / 3] - rest[e]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
