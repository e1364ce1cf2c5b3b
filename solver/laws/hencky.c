/// @file
/// Spectral kinematics, stress and exact consistent tangent of isotropic log-strain laws (hencky.h).
/// Knows no material: numbers of a material come from the return map only.
#include "laws/hencky.h"

#include "base/lane_math.h"
#include "base/tensor.h"

/// The trial state in its principal frame.
typedef struct {
  double x[3][LH_BATCH];     ///< squared trial elastic stretches
  double eps[3][LH_BATCH];   ///< trial elastic log strains
  double dev[3][LH_BATCH];   ///< their deviator e_a
  double n[3][3][LH_BATCH];  ///< principal directions, current
  double g[3][3][LH_BATCH];  ///< F^-1 n_a
} Spectrum;

void LhHenckyInit(double (*state)[LH_BATCH]) {
  for (int k = 0; k < LH_HENCKY_STATE; k++) LH_LANES(l) state[k][l] = k < 3 ? 1.0 : 0.0;
}

/// g_a = F^-1 n_a.
static void PullBackDirections(const double (*F)[LH_BATCH], const double J[LH_BATCH],
                               Spectrum *sp) {
  double inverse[9][LH_BATCH];

  LhTensorInverse(F, J, inverse);
  for (int a = 0; a < 3; a++) {
    for (int i = 0; i < 3; i++) {
      LH_LANES(l) {
        sp->g[a][i][l] = inverse[3 * i][l] * sp->n[a][0][l] +
                         inverse[3 * i + 1][l] * sp->n[a][1][l] +
                         inverse[3 * i + 2][l] * sp->n[a][2][l];
      }
    }
  }
}

/// Fails lanes whose deformation is no deformation and gives the rest of the code a unit stretch there.
static void RejectLanes(const double J[LH_BATCH], double x[3][LH_BATCH], double failed[LH_BATCH]) {
  const double tiny = 1e-200, huge = 1e200;

  LH_LANES(l) {
    const int positive = x[0][l] > tiny && x[1][l] > tiny && x[2][l] > tiny && J[l] > 0;
    const int bounded = x[0][l] + x[1][l] + x[2][l] < huge && J[l] < huge;  // false for NaN

    failed[l] = positive && bounded ? 0.0 : 1.0;
  }
  for (int a = 0; a < 3; a++) LH_LANES(l) x[a][l] = failed[l] > 0 ? 1.0 : x[a][l];
}

static void ComputeTrial(const LhMechInput *in, const double (*old)[LH_BATCH], LhTrial *trial,
                         Spectrum *sp, double failed[LH_BATCH]) {
  double b[6][LH_BATCH];

  LhTensorDeterminant(in->F, trial->J);
  LhTensorPushForward(in->F, old, b);
  LhSymEigen((const double(*)[LH_BATCH])b, sp->x, sp->n);
  RejectLanes(trial->J, sp->x, failed);
  PullBackDirections(in->F, trial->J, sp);
  for (int a = 0; a < 3; a++) {
    LH_LANES(l) sp->eps[a][l] = 0.5 * log(sp->x[a][l]);
  }
  trial->in = in;
  LH_LANES(l) {
    const double theta = sp->eps[0][l] + sp->eps[1][l] + sp->eps[2][l];
    double norm2 = 0;

    for (int a = 0; a < 3; a++) {
      sp->dev[a][l] = sp->eps[a][l] - theta / 3;
      norm2 += sp->dev[a][l] * sp->dev[a][l];
    }
    trial->theta[l] = theta;
    trial->gamma[l] = sqrt(2.0 / 3.0 * norm2);
    trial->J[l] = failed[l] > 0 ? 1.0 : trial->J[l];
  }
}

/// Principal Kirchhoff stresses and P = sum_a tau_a n_a (x) g_a.
static void ComputeStress(const Spectrum *sp, const LhReturn *rt, double tau[3][LH_BATCH],
                          double (*P)[LH_BATCH]) {
  for (int a = 0; a < 3; a++) LH_LANES(l) tau[a][l] = rt->p[l] + rt->shear[l] * sp->dev[a][l];
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) {
      LH_LANES(l) {
        P[3 * i + j][l] = tau[0][l] * sp->n[0][i][l] * sp->g[0][j][l] +
                          tau[1][l] * sp->n[1][i][l] * sp->g[1][j][l] +
                          tau[2][l] * sp->n[2][i][l] * sp->g[2][j][l];
      }
    }
  }
}

/// sum_a w_a v_a (x) v_a, symmetric.
static void SumDyads(const double w[3][LH_BATCH], const double v[3][3][LH_BATCH],
                     double (*sum)[LH_BATCH]) {
  for (int i = 0; i < 3; i++) {
    for (int j = i; j < 3; j++) {
      const int k = LhSymIndex(i, j);

      LH_LANES(l) {
        sum[k][l] = w[0][l] * v[0][i][l] * v[0][j][l] + w[1][l] * v[1][i][l] * v[1][j][l] +
                    w[2][l] * v[2][i][l] * v[2][j][l];
      }
    }
  }
}

/// Elastic log strain, and Cp^-1 where there was flow; elsewhere the old one is kept bit for bit, so
/// elastic cycles cannot drift.
static void UpdateElastic(const Spectrum *sp, const LhTrial *trial, const LhReturn *rt,
                          const double (*old)[LH_BATCH], double (*now)[LH_BATCH],
                          double (*elastic_log)[LH_BATCH]) {
  double elastic[3][LH_BATCH], x[3][LH_BATCH];

  for (int a = 0; a < 3; a++) {
    LH_LANES(l) {
      elastic[a][l] = rt->vol_ratio[l] * trial->theta[l] / 3 + rt->dev_ratio[l] * sp->dev[a][l];
    }
    LH_LANES(l) x[a][l] = exp(2 * elastic[a][l]);
  }
  SumDyads((const double(*)[LH_BATCH])elastic, sp->n, elastic_log);
  SumDyads((const double(*)[LH_BATCH])x, sp->g, now);
  for (int k = 0; k < LH_HENCKY_STATE; k++) {
    LH_LANES(l) {
      const int flowed = rt->vol_ratio[l] != 1.0 || rt->dev_ratio[l] != 1.0;

      now[k][l] = flowed ? now[k][l] : old[k][l];
    }
  }
}

/// D_ab = dtau_a / deps_b with N_a = 2/3 e_a / gamma = dgamma / deps_a.
static void ComputePrincipalTangent(const Spectrum *sp, const LhTrial *trial, const LhReturn *rt,
                                    double D[3][3][LH_BATCH]) {
  double N[3][LH_BATCH];

  for (int a = 0; a < 3; a++) {
    LH_LANES(l) {
      const double gamma = trial->gamma[l];

      N[a][l] = gamma > 0 ? 2.0 / 3.0 * sp->dev[a][l] / (gamma > 0 ? gamma : 1.0) : 0.0;
    }
  }
  for (int a = 0; a < 3; a++) {
    for (int b = 0; b < 3; b++) {
      LH_LANES(l) {
        const double radial = rt->dq_dgamma[l] - 1.5 * rt->shear[l];

        D[a][b][l] = rt->dp_dtheta[l] + rt->dp_dgamma[l] * N[b][l] + rt->dq_dtheta[l] * N[a][l] +
                     radial * N[a][l] * N[b][l] + rt->shear[l] * ((a == b ? 1.0 : 0.0) - 1.0 / 3.0);
      }
    }
  }
}

/// (eps_a - eps_b) / (x_a - x_b) with x = exp(2 eps): atanh(h) / h / (x_a + x_b), h = (x_a - x_b) /
/// (x_a + x_b), by its series where the difference would cancel.
static void ComputeSlope(const Spectrum *sp, int a, int b, double slope[LH_BATCH]) {
  LH_LANES(l) {
    const double sum = sp->x[a][l] + sp->x[b][l], gap = sp->x[a][l] - sp->x[b][l];
    const double h2 = gap / sum * (gap / sum);
    const int near = h2 < 0.0025;  // h^12/13 < 2e-17
    const double series =
        1 + h2 * (1.0 / 3 + h2 * (1.0 / 5 + h2 * (1.0 / 7 + h2 * (1.0 / 9 + h2 / 11))));

    slope[l] = near ? series / sum : (sp->eps[a][l] - sp->eps[b][l]) / (near ? 1.0 : gap);
  }
}

/// Row aa: sum_b (D_ab - tau_a delta_ab) n_b,k g_b,L.
static void ComputeNormalRow(const Spectrum *sp, int a, const double tau[LH_BATCH],
                             const double D[3][LH_BATCH], double row[9][LH_BATCH]) {
  for (int kl = 0; kl < 9; kl++) {
    const int k = kl / 3, L = kl % 3;

    LH_LANES(l) {
      row[kl][l] =
          D[0][l] * sp->n[0][k][l] * sp->g[0][L][l] + D[1][l] * sp->n[1][k][l] * sp->g[1][L][l] +
          D[2][l] * sp->n[2][k][l] * sp->g[2][L][l] - tau[l] * sp->n[a][k][l] * sp->g[a][L][l];
    }
  }
}

/// Row ab, a != b: s x_b n_a,k g_b,L + (s x_a - tau_a) n_b,k g_a,L with s = (tau_a - tau_b) / (x_a - x_b).
static void ComputeShearRow(const Spectrum *sp, int a, int b, const double shear[LH_BATCH],
                            const double tau[LH_BATCH], double row[9][LH_BATCH]) {
  double slope[LH_BATCH];

  ComputeSlope(sp, a, b, slope);
  for (int kl = 0; kl < 9; kl++) {
    const int k = kl / 3, L = kl % 3;

    LH_LANES(l) {
      const double s = shear[l] * slope[l];

      row[kl][l] = s * sp->x[b][l] * sp->n[a][k][l] * sp->g[b][L][l] +
                   (s * sp->x[a][l] - tau[l]) * sp->n[b][k][l] * sp->g[a][L][l];
    }
  }
}

/// In the principal frame d(P F^T)_ab = a_ab,cd dL_cd with dL_cd = n_c . dF g_d, of which 21 are not zero:
///   a_aa,bb = D_ab - tau_a delta_ab,   a_ab,ab = s x_b,   a_ab,ba = s x_a - tau_a.
/// A_iJkL = sum_ab n_a,i g_b,J row_ab,kL with row_ab,kL = sum_cd a_ab,cd n_c,k g_d,L.
static void ComputeTangent(const Spectrum *sp, const LhTrial *trial, const LhReturn *rt,
                           const double tau[3][LH_BATCH], double (*A)[9][LH_BATCH]) {
  double D[3][3][LH_BATCH], row[9][9][LH_BATCH];

  ComputePrincipalTangent(sp, trial, rt, D);
  for (int ab = 0; ab < 9; ab++) {
    const int a = ab / 3, b = ab % 3;

    if (a == b)
      ComputeNormalRow(sp, a, tau[a], (const double(*)[LH_BATCH])D[a], row[ab]);
    else
      ComputeShearRow(sp, a, b, rt->shear, tau[a], row[ab]);
  }
  for (int ij = 0; ij < 9; ij++) {
    double base[9][LH_BATCH];

    for (int ab = 0; ab < 9; ab++) {
      LH_LANES(l) base[ab][l] = sp->n[ab / 3][ij / 3][l] * sp->g[ab % 3][ij % 3][l];
    }
    for (int kl = 0; kl < 9; kl++) {
      LH_LANES(l) {
        double sum = 0;

        for (int ab = 0; ab < 9; ab++) sum += base[ab][l] * row[ab][kl][l];
        A[ij][kl][l] = sum;
      }
    }
  }
}

/// A lane without solution keeps its state and returns zeros, never a NaN.
static void ClearFailed(PetscInt num_state, const double (*old)[LH_BATCH], double (*now)[LH_BATCH],
                        PetscBool tangent, LhMechOutput *out) {
  for (int l = 0; l < LH_BATCH; l++) {
    if (out->failed[l] == 0) continue;
    for (PetscInt k = 0; k < num_state; k++) now[k][l] = old[k][l];
    for (int i = 0; i < 9; i++) out->P[i][l] = 0;
    for (int i = 0; i < 6; i++) out->elastic_log[i][l] = 0;
    out->dissipation[l] = 0;
    for (int i = 0; tangent && i < 81; i++) out->A[i / 9][i % 9][l] = 0;
  }
}

void LhHenckyUpdate(const LhReturnMap *map, const void *params, const LhMechInput *in,
                    const double (*old)[LH_BATCH], double (*now)[LH_BATCH], PetscBool tangent,
                    LhMechOutput *out) {
  Spectrum sp;
  LhTrial trial;
  LhReturn rt;
  double tau[3][LH_BATCH];

  ComputeTrial(in, old, &trial, &sp, out->failed);
  LH_LANES(l) rt.failed[l] = 0;
  map->map(params, &trial, old + LH_HENCKY_STATE, now + LH_HENCKY_STATE, &rt);
  ComputeStress(&sp, &rt, tau, out->P);
  UpdateElastic(&sp, &trial, &rt, old, now, out->elastic_log);
  if (tangent) ComputeTangent(&sp, &trial, &rt, (const double(*)[LH_BATCH])tau, out->A);
  LH_LANES(l) {
    out->dissipation[l] = rt.dissipation[l];
    out->failed[l] = out->failed[l] + rt.failed[l] > 0 ? 1.0 : 0.0;
  }
  ClearFailed(LH_HENCKY_STATE + map->num_internal, old, now, tangent, out);
}
