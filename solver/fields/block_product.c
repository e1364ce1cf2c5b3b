/// @file
/// y = A x by block rows of three (see block_product.h). Holds no state: it reads the arrays of the matrix.
#include "fields/block_product.h"

#include "base/base.h"

/// Nine sums, one for each place in a block: none waits for another. Three short rows at a time are no stream that the
/// processor would fetch ahead by itself: asking for the block row after the next is worth a factor of two to three.
static void MultiplyRows(PetscInt num_rows, const PetscInt start[], const PetscInt column[],
                         const double value[], const double x[], double y[]) {
  for (PetscInt row = 0; row < num_rows; row += 3) {
    const PetscInt first = start[row], m = start[row + 1] - first, *from = column + first;
    const double *a = value + first, *b = a + m, *c = b + m;
    double s[9] = {0., 0., 0., 0., 0., 0., 0., 0., 0.};

    for (PetscInt k = 0; k < m; k += 3) {
      const double *in = x + from[k], x0 = in[0], x1 = in[1], x2 = in[2];

      __builtin_prefetch(a + 3 * (2 * m + k));
      __builtin_prefetch(from + 6 * m + k);
      s[0] += a[k] * x0, s[1] += a[k + 1] * x1, s[2] += a[k + 2] * x2;
      s[3] += b[k] * x0, s[4] += b[k + 1] * x1, s[5] += b[k + 2] * x2;
      s[6] += c[k] * x0, s[7] += c[k + 1] * x1, s[8] += c[k + 2] * x2;
    }
    for (int i = 0; i < 3; i++) y[row + i] = s[3 * i] + s[3 * i + 1] + s[3 * i + 2];
  }
}

static PetscErrorCode Multiply(Mat mat, Vec x, Vec y) {
  const PetscInt *start, *column;
  const PetscScalar *value, *in;
  PetscScalar *out;
  PetscBool ok;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(MatGetRowIJ(mat, 0, PETSC_FALSE, PETSC_FALSE, &n, &start, &column, &ok));
  PetscCall(MatSeqAIJGetArrayRead(mat, &value));
  PetscCall(VecGetArrayRead(x, &in));
  PetscCall(VecGetArrayWrite(y, &out));
  MultiplyRows(n, start, column, value, in, out);
  PetscCall(PetscLogFlops(2. * (double)start[n]));
  PetscCall(VecRestoreArrayWrite(y, &out));
  PetscCall(VecRestoreArrayRead(x, &in));
  PetscCall(MatSeqAIJRestoreArrayRead(mat, &value));
  PetscCall(MatRestoreRowIJ(mat, 0, PETSC_FALSE, PETSC_FALSE, &n, &start, &column, &ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhBlockProductUse(Mat mat) {
  PetscFunctionBegin;
  PetscCall(MatSetOperation(mat, MATOP_MULT, (void (*)(void))Multiply));
  PetscFunctionReturn(PETSC_SUCCESS);
}
