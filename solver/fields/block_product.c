/// @file
/// y = A x by block rows of three (see block_product.h). Holds no state: it reads the arrays of the matrix.
#include "fields/block_product.h"

#include "base/base.h"

enum { chunk = 96 };  ///< unknowns gathered at a time, a multiple of three

static void MultiplyRows(PetscInt num_rows, const PetscInt start[], const PetscInt column[],
                         const double value[], const double x[], double y[]) {
  for (PetscInt row = 0; row < num_rows; row += 3) {
    const PetscInt first = start[row], m = start[row + 1] - first;
    double gathered[chunk], y0 = 0., y1 = 0., y2 = 0.;

    for (PetscInt at = 0; at < m; at += chunk) {
      const PetscInt n = PetscMin(chunk, m - at), *from = column + first + at;
      const double *a0 = value + first + at, *a1 = a0 + m, *a2 = a1 + m;

      for (PetscInt k = 0; k < n; k += 3) {
        gathered[k] = x[from[k]];
        gathered[k + 1] = x[from[k] + 1];
        gathered[k + 2] = x[from[k] + 2];
      }
#pragma omp simd reduction(+ : y0, y1, y2)
      for (PetscInt k = 0; k < n; k++) {
        y0 += a0[k] * gathered[k];
        y1 += a1[k] * gathered[k];
        y2 += a2[k] * gathered[k];
      }
    }
    y[row] = y0, y[row + 1] = y1, y[row + 2] = y2;
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
