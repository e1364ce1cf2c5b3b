/// @file
/// An elastic law without any symmetry axis for tests of the machinery around laws: P = F S, S = C : E with E the Green strain and
/// all 21 constants different. Positive definite at rest.
#pragma once

#include "laws/material.h"

/// Upper triangle of C over its mean stiffness, pairs xx yy zz yz xz xy.
static const double triclinic_constants[21] = {9.1, 3.2,  2.7, .61,  -.83, .47, 6.4,
                                               2.1, -.57, .39, .71,  11.3, .92, -.44,
                                               .53, 2.3,  .31, -.26, 3.1,  .42, 1.9};

/// C_MN of pairs of pairs.
static inline double TriclinicConstant(int m, int n) {
  const int low = m < n ? m : n, high = m < n ? n : m;

  return triclinic_constants[low * 6 - low * (low - 1) / 2 + high - low];
}

/// Position of a pair of a tensor 3 i + j.
static inline int TriclinicPair(int ij) {
  static const int pair[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};

  return pair[ij];
}

/// S = C : E of F, row-major.
static inline void TriclinicSecond(const double F[9], double S[9]) {
  for (int m = 0; m < 9; m++) {
    S[m] = 0.;
    for (int n = 0; n < 9; n++) {
      const int k = n / 3, l = n % 3;
      const double E =
          .5 * (F[k] * F[l] + F[3 + k] * F[3 + l] + F[6 + k] * F[6 + l] - (k == l ? 1. : 0.));

      S[m] += TriclinicConstant(TriclinicPair(m), TriclinicPair(n)) * E;
    }
  }
}

static inline void TriclinicStress(const double F[9], double P[9]) {
  double S[9];

  TriclinicSecond(F, S);
  for (int m = 0; m < 9; m++) {
    P[m] = 0.;
    for (int k = 0; k < 3; k++) P[m] += F[m / 3 * 3 + k] * S[3 * k + m % 3];
  }
}

/// A_iJkL = delta_ik S_JL + F_iM C_MJNL F_kN.
static inline double TriclinicTangent(const double F[9], const double S[9], int iJ, int kL) {
  const int i = iJ / 3, J = iJ % 3, k = kL / 3, L = kL % 3;
  double sum = i == k ? S[3 * J + L] : 0.;

  for (int M = 0; M < 3; M++) {
    for (int N = 0; N < 3; N++) {
      const int left = TriclinicPair(3 * M + J), right = TriclinicPair(3 * N + L);

      sum += F[3 * i + M] * TriclinicConstant(left, right) * F[3 * k + N];
    }
  }
  return sum;
}

static inline void TriclinicUpdate(const void *params, const LhMechInput *in,
                                   const double (*old)[LH_BATCH], double (*now)[LH_BATCH],
                                   PetscBool tangent, LhMechOutput *out) {
  (void)params, (void)old, (void)now;
  for (int l = 0; l < LH_BATCH; l++) {
    double F[9], S[9], P[9];

    for (int m = 0; m < 9; m++) F[m] = in->F[m][l];
    TriclinicSecond(F, S);
    TriclinicStress(F, P);
    for (int m = 0; m < 9; m++) out->P[m][l] = P[m];
    for (int m = 0; m < 6; m++) out->elastic_log[m][l] = 0.;
    out->dissipation[l] = 0.;
    for (int m = 0; tangent && m < 81; m++)
      out->A[m / 9][m % 9][l] = TriclinicTangent(F, S, m / 9, m % 9);
  }
}

static const LhMechLaw triclinic = {
    .name = "test_triclinic", .params_size = sizeof(double), .update = TriclinicUpdate};
