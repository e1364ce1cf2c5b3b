/// @file
/// Small tensors over the lanes of a batch, `[component][LH_BATCH]`: every function treats LH_BATCH
/// independent tensors at once and never mixes lanes, so a result does not depend on its neighbours.
///
/// Second-order tensors are row-major `[3*i+j]`; symmetric ones keep xx yy zz yz xz xy.
#pragma once

#include <math.h>

#include "base/base.h"

/// Position of component ij of a symmetric tensor.
static inline int LhSymIndex(int i, int j) {
  return i == j ? i : 6 - i - j;
}

static inline void LhTensorDeterminant(const double (*A)[LH_BATCH], double det[LH_BATCH]) {
  LH_LANES(l) {
    det[l] = A[0][l] * (A[4][l] * A[8][l] - A[5][l] * A[7][l]) +
             A[1][l] * (A[5][l] * A[6][l] - A[3][l] * A[8][l]) +
             A[2][l] * (A[3][l] * A[7][l] - A[4][l] * A[6][l]);
  }
}

/// `det` is the determinant of A, not zero; `inverse` may not alias A.
static inline void LhTensorInverse(const double (*A)[LH_BATCH], const double det[LH_BATCH],
                                   double (*inverse)[LH_BATCH]) {
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) {
      const int r1 = 3 * ((j + 1) % 3), r2 = 3 * ((j + 2) % 3), c1 = (i + 1) % 3, c2 = (i + 2) % 3;

      LH_LANES(l) {
        inverse[3 * i + j][l] =
            (A[r1 + c1][l] * A[r2 + c2][l] - A[r1 + c2][l] * A[r2 + c1][l]) / det[l];
      }
    }
  }
}

/// C = A B; C may not alias A or B.
static inline void LhTensorMultiply(const double (*A)[LH_BATCH], const double (*B)[LH_BATCH],
                                    double (*C)[LH_BATCH]) {
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) {
      LH_LANES(l) {
        C[3 * i + j][l] =
            A[3 * i][l] * B[j][l] + A[3 * i + 1][l] * B[3 + j][l] + A[3 * i + 2][l] * B[6 + j][l];
      }
    }
  }
}

/// out = A S A^T for symmetric S.
static inline void LhTensorPushForward(const double (*A)[LH_BATCH], const double (*S)[LH_BATCH],
                                       double (*out)[LH_BATCH]) {
  double AS[9][LH_BATCH];

  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) {
      const int s0 = LhSymIndex(0, j), s1 = LhSymIndex(1, j), s2 = LhSymIndex(2, j);

      LH_LANES(l) {
        AS[3 * i + j][l] =
            A[3 * i][l] * S[s0][l] + A[3 * i + 1][l] * S[s1][l] + A[3 * i + 2][l] * S[s2][l];
      }
    }
  }
  for (int i = 0; i < 3; i++) {
    for (int j = i; j < 3; j++) {
      const int k = LhSymIndex(i, j);

      LH_LANES(l) {
        out[k][l] = AS[3 * i][l] * A[3 * j][l] + AS[3 * i + 1][l] * A[3 * j + 1][l] +
                    AS[3 * i + 2][l] * A[3 * j + 2][l];
      }
    }
  }
}

/// One Jacobi rotation in the plane (p, q). A lane whose entry pq is already negligible beside its
/// diagonal is left alone, so what happens in it does not depend on the other lanes.
/// `turned` counts the rotations done.
static inline void LhSymRotate(int p, int q, double (*S)[LH_BATCH], double (*n)[3][LH_BATCH],
                               double turned[LH_BATCH]) {
  const double negligible = 1e-34;  // square of 1e-17: below half an ulp of the eigenvalues
  const int r = 3 - p - q, pq = LhSymIndex(p, q), pr = LhSymIndex(p, r), qr = LhSymIndex(q, r);

  LH_LANES(l) {
    const double off = S[pq][l], gap = S[q][l] - S[p][l];
    const int skip = off * off <= negligible * fabs(S[p][l] * S[q][l]);
    const double denom = fabs(gap) + sqrt(gap * gap + 4 * off * off);
    const double t = skip ? 0.0 : copysign(2 * off, gap * off) / (skip ? 1.0 : denom);
    const double c = 1 / sqrt(t * t + 1), s = t * c;
    const double spr = S[pr][l], sqr = S[qr][l];

    S[p][l] -= t * off;
    S[q][l] += t * off;
    S[pq][l] = skip ? off : 0.0;
    S[pr][l] = c * spr - s * sqr;
    S[qr][l] = s * spr + c * sqr;
    for (int k = 0; k < 3; k++) {
      const double np = n[p][k][l], nq = n[q][k][l];

      n[p][k][l] = c * np - s * nq;
      n[q][k][l] = s * np + c * nq;
    }
    turned[l] += skip ? 0.0 : 1.0;
  }
}

/// Eigenvalues `x[a]` (not sorted) and orthonormal eigenvectors `n[a][i]` of a symmetric positive
/// definite tensor by cyclic Jacobi rotations: exact for diagonal input, no trouble with repeated
/// eigenvalues, small eigenvalues to full relative accuracy (Demmel and Veselic 1992).
static inline void LhSymEigen(const double (*A)[LH_BATCH], double x[3][LH_BATCH],
                              double n[3][3][LH_BATCH]) {
  const int max_sweeps = 10;  // quadratic convergence: 5 are enough for any positive matrix seen
  double S[6][LH_BATCH];

  for (int k = 0; k < 6; k++) LH_LANES(l) S[k][l] = A[k][l];
  for (int a = 0; a < 3; a++) {
    for (int i = 0; i < 3; i++) LH_LANES(l) n[a][i][l] = a == i ? 1.0 : 0.0;
  }
  for (int sweep = 0; sweep < max_sweeps; sweep++) {
    double turned[LH_BATCH] = {0}, any = 0;

    LhSymRotate(0, 1, S, n, turned);
    LhSymRotate(0, 2, S, n, turned);
    LhSymRotate(1, 2, S, n, turned);
    for (int l = 0; l < LH_BATCH; l++) any += turned[l];
    if (any == 0) break;
  }
  for (int a = 0; a < 3; a++) LH_LANES(l) x[a][l] = S[a][l];
}
