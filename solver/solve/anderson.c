/// @file
/// Anderson's acceleration by normal equations (see anderson.h).
#include "solve/anderson.h"

#define MAX LH_ANDERSON_MAX

struct _n_LhAnderson {
  MPI_Comm comm;
  PetscInt n, depth;
  PetscInt count, newest;  ///< differences kept, and where the next one goes
  PetscBool started;       ///< whether `residual` and `image` hold the last iteration
  float *residual, *image;
  float *dresidual[MAX], *dimage[MAX];
};

PetscErrorCode LhAndersonCreate(MPI_Comm comm, PetscInt n, PetscInt depth, LhAnderson *anderson) {
  LhAnderson a;

  PetscFunctionBeginUser;
  PetscCheck(depth >= 0 && depth <= MAX, comm, PETSC_ERR_ARG_OUTOFRANGE, "Depth 0 to %d", MAX);
  PetscCall(PetscNew(&a));
  a->comm = comm;
  a->n = n;
  a->depth = depth;
  if (depth > 0) PetscCall(PetscCalloc2(n, &a->residual, n, &a->image));
  for (PetscInt k = 0; k < depth; k++)
    PetscCall(PetscCalloc2(n, &a->dresidual[k], n, &a->dimage[k]));
  *anderson = a;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAndersonDestroy(LhAnderson *anderson) {
  LhAnderson a = *anderson;

  PetscFunctionBeginUser;
  if (!a) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree2(a->residual, a->image));
  for (PetscInt k = 0; k < a->depth; k++) PetscCall(PetscFree2(a->dresidual[k], a->dimage[k]));
  PetscCall(PetscFree(*anderson));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAndersonReset(LhAnderson a) {
  PetscFunctionBeginUser;
  a->count = a->newest = 0;
  a->started = PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Takes the last iteration in.
static void Remember(LhAnderson a, const double x[], const double image[]) {
  float *df = a->dresidual[a->newest], *dg = a->dimage[a->newest];

  for (PetscInt i = 0; i < a->n; i++) {
    const float f = (float)(image[i] - x[i]), g = (float)image[i];

    df[i] = f - a->residual[i];
    dg[i] = g - a->image[i];
    a->residual[i] = f;
    a->image[i] = g;
  }
  if (a->started) {
    a->newest = (a->newest + 1) % a->depth;
    a->count = PetscMin(a->count + 1, a->depth);
  }
  a->started = PETSC_TRUE;
}

/// Upper triangle of dF^T dF and dF^T f over all ranks.
static PetscErrorCode FormEquations(LhAnderson a, double M[MAX][MAX + 1]) {
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < a->count; k++) {
    for (PetscInt m = 0; m <= a->count; m++) {
      const float *other = m < a->count ? a->dresidual[m] : a->residual;
      double sum = 0.;

      for (PetscInt i = 0; i < a->n; i++) sum += (double)a->dresidual[k][i] * other[i];
      M[k][m < a->count ? m : MAX] = sum;
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, M, MAX * (MAX + 1), MPI_DOUBLE, MPI_SUM, a->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Elimination without pivots, as the matrix is positive; a difference that adds nothing to the others gets no share.
static void SolveEquations(PetscInt n, double M[MAX][MAX + 1], double share[MAX]) {
  const double independent = 1e-8;  // of the square of a difference: what single precision leaves
  double size[MAX];

  for (PetscInt k = 0; k < n; k++) size[k] = M[k][k];
  for (PetscInt k = 0; k < n; k++) {
    if (!(M[k][k] > independent * size[k])) continue;
    for (PetscInt r = k + 1; r < n; r++) {
      const double factor = M[r][k] / M[k][k];
      for (PetscInt c = k; c < n; c++) M[r][c] -= factor * M[k][c];
      M[r][MAX] -= factor * M[k][MAX];
    }
  }
  for (PetscInt k = n - 1; k >= 0; k--) {
    double sum = M[k][MAX];
    for (PetscInt c = k + 1; c < n; c++) sum -= M[k][c] * share[c];
    share[k] = M[k][k] > independent * size[k] ? sum / M[k][k] : 0.;
  }
}

PetscErrorCode LhAndersonMix(LhAnderson a, const double x[], const double image[], double next[]) {
  double M[MAX][MAX + 1] = {{0.}}, share[MAX] = {0.};

  PetscFunctionBeginUser;
  if (next != image) PetscCall(PetscArraycpy(next, image, a->n));
  if (a->depth == 0) PetscFunctionReturn(PETSC_SUCCESS);
  Remember(a, x, image);
  if (a->count == 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(FormEquations(a, M));
  SolveEquations(a->count, M, share);
  for (PetscInt k = 0; k < a->count; k++) {
    for (PetscInt i = 0; i < a->n; i++) next[i] -= share[k] * (double)a->dimage[k][i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
