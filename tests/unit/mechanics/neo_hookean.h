/// @file
/// A law with a closed form for tests of the machinery around laws: compressible neo-Hookean,
///   P = mu (F - G) + lambda ln J G + gamma F_01^2 F,  G = F^-T.
/// gamma != 0 makes it non-conservative, so that a row taken for a column shows.
#pragma once

#include <math.h>

#include "laws/material.h"

typedef struct {
  double mu, lambda, gamma;
} NeoHookean;

static inline double Det3(const double F[9]) {
  return F[0] * (F[4] * F[8] - F[5] * F[7]) - F[1] * (F[3] * F[8] - F[5] * F[6]) +
         F[2] * (F[3] * F[7] - F[4] * F[6]);
}

/// G = F^-T; returns det F.
static inline double InverseTranspose3(const double F[9], double G[9]) {
  const double J = Det3(F);
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) {
      const int i1 = (i + 1) % 3, i2 = (i + 2) % 3, j1 = (j + 1) % 3, j2 = (j + 2) % 3;
      G[3 * i + j] = (F[3 * i1 + j1] * F[3 * i2 + j2] - F[3 * i1 + j2] * F[3 * i2 + j1]) / J;
    }
  }
  return J;
}

static inline void NeoHookeanStress(const NeoHookean *p, const double F[9], double P[9]) {
  double G[9];
  const double J = InverseTranspose3(F, G);
  for (int m = 0; m < 9; m++) {
    P[m] = p->mu * (F[m] - G[m]) + p->lambda * log(J) * G[m] + p->gamma * F[1] * F[1] * F[m];
  }
}

static inline void NeoHookeanUpdate(const void *params, const LhMechInput *in,
                                    const double (*old)[LH_BATCH], double (*now)[LH_BATCH],
                                    PetscBool tangent, LhMechOutput *out) {
  const NeoHookean *p = (const NeoHookean *)params;
  (void)old, (void)now;
  for (int l = 0; l < LH_BATCH; l++) {
    double F[9], G[9], P[9], c;
    for (int m = 0; m < 9; m++) F[m] = in->F[m][l];
    NeoHookeanStress(p, F, P);
    c = p->mu - p->lambda * log(InverseTranspose3(F, G));
    for (int m = 0; m < 9; m++) out->P[m][l] = P[m];
    for (int m = 0; m < 6; m++) out->elastic_log[m][l] = 0.;
    out->dissipation[l] = 0.;
    for (int m = 0; tangent && m < 9; m++) {
      for (int n = 0; n < 9; n++) {
        const int i = m / 3, J = m % 3, k = n / 3, K = n % 3;
        const double one = m == n ? 1. : 0., first = n == 1 ? 2. * F[1] * F[m] : 0.;
        out->A[m][n][l] = (p->mu + p->gamma * F[1] * F[1]) * one + p->gamma * first +
                          p->lambda * G[m] * G[n] + c * G[3 * i + K] * G[3 * k + J];
      }
    }
  }
}

static const LhMechLaw neo_hookean = {
    .name = "test_neo_hookean", .params_size = sizeof(NeoHookean), .update = NeoHookeanUpdate};
