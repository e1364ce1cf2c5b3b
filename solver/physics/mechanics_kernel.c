/// @file
/// Arithmetic of one batch of cells (see mechanics_kernel.h).
///
/// With h = G : dF (G = F^-T) and H = (1/(Theta V)) int J h dV the mean dilatation gives
///   delta Fbar = s [delta F + F (H - h)/3],                                              (K1)
///   d(delta h) = -tr(F^-1 dF F^-1 delta F),                                              (K2)
///   d(delta H) = (1/(Theta V)) int J (h_d h_delta - tr(F^-1 dF F^-1 delta F)) dV - H_d H_delta.  (K3)
/// All terms that only see one point are folded into a 9x9 tangent; H enters by outer products.
#include "physics/mechanics_kernel.h"

#include <math.h>
#include <stdint.h>

#include "physics/mechanics_contract.h"

/// What was allocated is noted right before the aligned part.
PetscErrorCode LhMechWorkCreate(LhMechWork **work) {
  const size_t before = sizeof(void *) + LH_MECH_ALIGNMENT;
  char *memory, *at;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(sizeof(**work) + before, &memory));
  at = memory + before - (uintptr_t)(memory + before) % LH_MECH_ALIGNMENT;
  ((void **)(void *)at)[-1] = memory;
  *work = (LhMechWork *)(void *)at;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechWorkDestroy(LhMechWork **work) {
  void *memory;

  PetscFunctionBeginUser;
  if (!*work) PetscFunctionReturn(PETSC_SUCCESS);
  memory = ((void **)(void *)*work)[-1];
  PetscCall(PetscFree(memory));
  *work = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Lanes are innermost in every loop here: a sum over nodes or points inside them would not be vectorised.
static inline void DeformationGradient(PetscInt num_nodes, const double (*grad)[LH_BATCH],
                                       const double (*u)[LH_BATCH], double (*F)[LH_BATCH]) {
  LH_LANES(l) {
    double sum[9] = {1., 0., 0., 0., 1., 0., 0., 0., 1.};

#pragma GCC unroll 10
    for (PetscInt a = 0; a < num_nodes; a++) {
#pragma GCC unroll 9
      for (int m = 0; m < 9; m++) sum[m] += u[3 * a + m / 3][l] * grad[3 * a + m % 3][l];
    }
#pragma GCC unroll 9
    for (int m = 0; m < 9; m++) F[m][l] = sum[m];
  }
}

/// J = det F and G = F^-T. A lane with J <= 0 fails and goes on with F = 1, so that no law meets it.
static void InvertOrFail(double (*F)[LH_BATCH], double (*G)[LH_BATCH], double J[LH_BATCH],
                         double failed[LH_BATCH]) {
  LH_LANES(l) {
    double C[9], det, bad, inverse;

    for (int i = 0; i < 3; i++) {
      const int i1 = (i + 1) % 3, i2 = (i + 2) % 3;
      for (int j = 0; j < 3; j++) {
        const int j1 = (j + 1) % 3, j2 = (j + 2) % 3;
        C[3 * i + j] =
            F[3 * i1 + j1][l] * F[3 * i2 + j2][l] - F[3 * i1 + j2][l] * F[3 * i2 + j1][l];
      }
    }
    det = F[0][l] * C[0] + F[1][l] * C[1] + F[2][l] * C[2];
    bad = det > 0. ? 0. : 1.;
    inverse = 1. / det;
    for (int m = 0; m < 9; m++) {
      const double one = m % 4 == 0 ? 1. : 0.;
      F[m][l] = bad > 0. ? one : F[m][l];
      G[m][l] = bad > 0. ? one : C[m] * inverse;
    }
    J[l] = bad > 0. ? 1. : det;
    failed[l] += bad;
  }
}

/// Theta, s and H of (K1).
static void MeanDilatation(const LhMechBatch *batch, LhMechWork *w) {
  const int num_points = (int)batch->element->num_points,
            num_dofs = 3 * (int)batch->element->num_nodes;

  LH_LANES(l) w->theta[l] = 0.;
  for (int q = 0; q < num_points; q++) {
    LH_LANES(l) w->theta[l] += w->J[q][l] * w->dv[q][l];
  }
  LH_LANES(l) w->theta[l] /= w->volume[l];
  for (int q = 0; q < num_points; q++) {
    LH_LANES(l) w->s[q][l] = cbrt(w->theta[l] / w->J[q][l]);
  }
  for (int d = 0; d < num_dofs; d++) {
    LH_LANES(l) w->H[d][l] = 0.;
  }
  for (int q = 0; q < num_points; q++) {
    double share[LH_BATCH];
    LH_LANES(l) share[l] = w->J[q][l] * w->dv[q][l] / (w->theta[l] * w->volume[l]);
    for (int d = 0; d < num_dofs; d++) {
      const double(*G)[LH_BATCH] = (const double(*)[LH_BATCH])w->G[q] + d % 3 * 3;
      const double(*g)[LH_BATCH] = (const double(*)[LH_BATCH])w->grad[q] + d / 3 * 3;
      LH_LANES(l) {
        w->H[d][l] += share[l] * (G[0][l] * g[0][l] + G[1][l] * g[1][l] + G[2][l] * g[2][l]);
      }
    }
  }
}

void LhMechKernelKinematics(const LhMechBatch *batch, LhMechWork *w) {
  const LhElement *element = batch->element;

  LH_LANES(l) {
    w->failed[l] = 0.;
    w->volume[l] = 0.;
    w->theta[l] = 1.;
    w->stretch[l] = cbrt(batch->growth[l]);
  }
  for (int q = 0; q < element->num_points; q++) {
    LhElementGradients(element, q, (const double(*)[LH_BATCH])w->x, w->grad[q], w->dv[q]);
    if (element->num_nodes == 8)  // a constant: unrolled
      DeformationGradient(8, (const double(*)[LH_BATCH])w->grad[q], (const double(*)[LH_BATCH])w->u,
                          w->F[q]);
    else
      DeformationGradient(10, (const double(*)[LH_BATCH])w->grad[q],
                          (const double(*)[LH_BATCH])w->u, w->F[q]);
    InvertOrFail(w->F[q], w->G[q], w->J[q], w->failed);
    LH_LANES(l) {
      w->volume[l] += w->dv[q][l];
      w->s[q][l] = 1.;
    }
  }
  if (batch->mean_dilatation) MeanDilatation(batch, w);
}

void LhMechKernelWeight(const LhMechBatch *batch, PetscInt k, double weight[LH_BATCH]) {
  const LhMechWeight kind = batch->phases[k].weight;
  double share[LH_BATCH];

  LhMechKernelSolidShare(batch, k, share);
  LH_LANES(l) weight[l] = kind == LH_WEIGHT_LITHIUM ? batch->lithium[l] / share[l] : 1.;
  if (kind != LH_WEIGHT_VOID) return;
  LH_LANES(l) weight[l] = fmax(1. - batch->lithium[l], 0.);
}

void LhMechKernelIntegrity(const LhMechBatch *batch, PetscInt q, double integrity[LH_BATCH]) {
  LH_LANES(l) integrity[l] = batch->integrity ? batch->integrity[q][l] : 1.;
}

void LhMechKernelSolidShare(const LhMechBatch *batch, PetscInt k, double share[LH_BATCH]) {
  const double least = 1e-9;  // as the porous law: no lithium is left there
  const double pores = batch->phases[k].law->averages_pores ? 1. : 0.;

  LH_LANES(l) share[l] = fmax(1. - pores * batch->field[LH_MECH_POROSITY][l], least);
}

void LhMechKernelPhase(const LhMechBatch *batch, PetscInt q, PetscInt k, PetscBool tangent,
                       LhMechWork *w) {
  const LhMechPhase *phase = &batch->phases[k];
  PetscInt offset = q * batch->num_state;

  for (PetscInt p = 0; p < k; p++) offset += batch->phases[p].law->num_state;
  for (int m = 0; m < 9; m++) {
    LH_LANES(l) w->in.F[m][l] = w->s[q][l] / w->stretch[l] * w->F[q][m][l];
  }
  for (int m = 0; m < LH_MECH_NUM_FIELDS; m++) {
    LH_LANES(l) w->in.field[m][l] = batch->field[m][l];
  }
  LH_LANES(l) {
    w->in.temperature[l] = batch->temperature[l];
    w->out.failed[l] = 0.;
  }
  w->in.dt = batch->dt;
  phase->law->update(phase->params, &w->in, batch->old + offset, batch->now + offset, tangent,
                     &w->out);
  LH_LANES(l) w->failed[l] += w->out.failed[l];
}

/// A += factor times the tangent of a phase; the first phase sets it.
static void MixTangent(PetscInt q, PetscInt k, const double factor[LH_BATCH], LhMechWork *w) {
  for (int m = 0; m < 81; m++) {
    double *out = w->A[q][m];
    const double *in = w->out.A[m / 9][m % 9];
    LH_LANES(l) out[l] = (k > 0 ? out[l] : 0.) + factor[l] * in[l];
  }
}

/// The same with 21 components of it, in the order of LH_MECH_SYMMETRIC_AT.
static void MixSmallTangent(PetscInt q, PetscInt k, const double factor[LH_BATCH], LhMechWork *w) {
  static const int full[6] = {0, 4, 8, 5, 2, 1};

  for (int m = 0; m < 6; m++) {
    for (int n = m; n < 6; n++) {
      double *out = w->A[q][LH_MECH_SYMMETRIC_AT(m, n)];
      const double *in = w->out.A[full[m]][full[n]];
      LH_LANES(l) out[l] = (k > 0 ? out[l] : 0.) + factor[l] * in[l];
    }
  }
  for (int l = 0; l < LH_BATCH; l++) w->magnitude += w->failed[l] > 0. ? 0. : fabs(w->A[q][0][l]);
}

/// P and A of the mixture at point q (C.5); `small`: A by 21 components.
static void Mixture(const LhMechBatch *batch, PetscInt q, PetscBool tangent, PetscBool small,
                    LhMechWork *w) {
  double integrity[LH_BATCH];

  LhMechKernelIntegrity(batch, q, integrity);
  for (int m = 0; m < 9; m++) {
    LH_LANES(l) w->P[q][m][l] = 0.;
  }
  for (PetscInt k = 0; k < batch->num_phases; k++) {
    double weight[LH_BATCH], factor[LH_BATCH];
    const double *g = w->stretch;

    LhMechKernelWeight(batch, k, weight);
    LH_LANES(l) {
      weight[l] *= integrity[l];
      factor[l] = weight[l] * g[l];
    }
    LhMechKernelPhase(batch, q, k, tangent, w);
    for (int m = 0; m < 9; m++) {
      LH_LANES(l) w->P[q][m][l] += factor[l] * g[l] * w->out.P[m][l];
    }
    if (tangent && small)
      MixSmallTangent(q, k, factor, w);
    else if (tangent)
      MixTangent(q, k, factor, w);
  }
}

/// tau = J dW/dJ and dtau/dlnJ of (H8): the walls of an empty cell meet. Of J itself, not of Fbar: with the mean
/// dilatation a point could invert in a cell that keeps its volume.
static void Closing(const LhMechBatch *batch, PetscInt q, const LhMechWork *w, double tau[LH_BATCH],
                    double slope[LH_BATCH]) {
  for (int l = 0; l < LH_BATCH; l++) {
    const double closed = fmax(log(LH_MECH_CLOSING / w->J[q][l]), 0.);

    tau[l] = -batch->closing[l] * closed * closed;
    slope[l] = 2. * batch->closing[l] * closed;
  }
}

static PetscBool Closes(const LhMechBatch *batch) {
  double any = 0.;

  for (int l = 0; l < LH_BATCH; l++) any += batch->closing[l];
  return any > 0. ? PETSC_TRUE : PETSC_FALSE;
}

static void AddClosingForce(const LhMechBatch *batch, LhMechWork *w) {
  for (int q = 0; q < batch->element->num_points; q++) {
    double tau[LH_BATCH], slope[LH_BATCH];

    Closing(batch, q, w, tau, slope);
    for (int d = 0; d < 3 * batch->element->num_nodes; d++) {
      const double(*G)[LH_BATCH] = (const double(*)[LH_BATCH])w->G[q] + d % 3 * 3;
      const double(*g)[LH_BATCH] = (const double(*)[LH_BATCH])w->grad[q] + d / 3 * 3;
      LH_LANES(l) {
        w->f[d][l] +=
            w->dv[q][l] * tau[l] * (G[0][l] * g[0][l] + G[1][l] * g[1][l] + G[2][l] * g[2][l]);
      }
    }
  }
}

static void AddClosingTangent(const LhMechBatch *batch, PetscInt q, LhMechWork *w) {
  double tau[LH_BATCH], slope[LH_BATCH];

  Closing(batch, q, w, tau, slope);
  for (int m = 0; m < 9; m++) {
    for (int n = 0; n < 9; n++) {
      const int i = m / 3, j = m % 3, k = n / 3, L = n % 3;
      LH_LANES(l) {
        w->A[q][9 * m + n][l] += slope[l] * w->G[q][m][l] * w->G[q][n][l] -
                                 tau[l] * w->G[q][3 * i + L][l] * w->G[q][3 * k + j][l];
      }
    }
  }
}

static void MeasureSymmetry(PetscInt q, LhMechWork *w) {
  double difference[LH_BATCH] = {0.}, magnitude[LH_BATCH] = {0.};

  for (int m = 0; m < 9; m++) {
    LH_LANES(l) magnitude[l] += w->A[q][10 * m][l] * w->A[q][10 * m][l];
    for (int n = m + 1; n < 9; n++) {
      LH_LANES(l) {
        const double a = w->A[q][9 * m + n][l], b = w->A[q][9 * n + m][l];
        magnitude[l] += a * a + b * b;
        difference[l] += 2. * (a - b) * (a - b);
      }
    }
  }
  for (int l = 0; l < LH_BATCH; l++) {
    w->asymmetry += w->failed[l] > 0. ? 0. : difference[l];
    w->magnitude += w->failed[l] > 0. ? 0. : magnitude[l];
  }
}

/// Element sums of the mean-dilatation terms.
typedef struct {
  double Pi[LH_BATCH];    ///< int s P:F/3 dV
  double Q[LH_BATCH];     ///< int (F:A:F s^2/9 + pi/3) dV
  double firm[LH_BATCH];  ///< share of (K3) that the tangent keeps, see FindFirm()
  LhMechOuter outer;      ///< R and L: factors of H from rows, columns
} Sums;

/// T = dv (s P - pi G) at a point, pi = s P:F/3, and its share of Pi; dv P without mean dilatation.
static void PointStress(const LhMechBatch *batch, PetscInt q, const LhMechWork *w,
                        double (*restrict T)[LH_BATCH], Sums *sums) {
  double pi[LH_BATCH] = {0.};

  if (!batch->mean_dilatation) {
    for (int m = 0; m < 9; m++) {
      LH_LANES(l) T[m][l] = w->dv[q][l] * w->P[q][m][l];
    }
    return;
  }
  for (int m = 0; m < 9; m++) {
    LH_LANES(l) pi[l] += w->s[q][l] / 3. * w->P[q][m][l] * w->F[q][m][l];
  }
  for (int m = 0; m < 9; m++) {
    LH_LANES(l) T[m][l] = w->dv[q][l] * (w->s[q][l] * w->P[q][m][l] - pi[l] * w->G[q][m][l]);
  }
  LH_LANES(l) sums->Pi[l] += pi[l] * w->dv[q][l];
}

/// Sum over points of T_iJ dN_a/dX_J; the three sums stay in registers.
static inline void NodeForce(int num_points, int a, const double (*T)[9][LH_BATCH], LhMechWork *w) {
  LH_LANES(l) {
    double f[3] = {0.};

#pragma GCC unroll 8
    for (int q = 0; q < num_points; q++) {
#pragma GCC unroll 9
      for (int m = 0; m < 9; m++) f[m / 3] += T[q][m][l] * w->grad[q][3 * a + m % 3][l];
    }
    w->f[3 * a][l] = f[0];
    w->f[3 * a + 1][l] = f[1];
    w->f[3 * a + 2][l] = f[2];
  }
}

/// f_ai = int (s P - pi G) Grad N_a dV + Pi H_a, from (K1).
static void Residual(const LhMechBatch *batch, LhMechWork *w, Sums *sums) {
  const int num_nodes = (int)batch->element->num_nodes;
  double T[LH_MECH_MAX_POINTS][9][LH_BATCH];

  LH_LANES(l) sums->Pi[l] = 0.;
  for (int q = 0; q < batch->element->num_points; q++) PointStress(batch, q, w, T[q], sums);
  for (int a = 0; a < num_nodes; a++) {
    if (batch->element->num_points == 8)
      NodeForce(8, a, (const double(*)[9][LH_BATCH])T, w);
    else
      NodeForce(4, a, (const double(*)[9][LH_BATCH])T, w);
  }
  for (int d = 0; batch->mean_dilatation && d < 3 * num_nodes; d++) {
    LH_LANES(l) w->f[d][l] += sums->Pi[l] * w->H[d][l];
  }
}

/// Factors of the outer products at one point.
typedef struct {
  double c[9][LH_BATCH], r[9][LH_BATCH];  ///< s^2 A:F + s P and s^2 F:A + s P
  double pi[LH_BATCH], q0[LH_BATCH];      ///< s P:F/3 and s^2 F:A:F/9 + pi/3
} PointFactors;

static void ComputeFactors(PetscInt q, const LhMechWork *w, PointFactors *p) {
  LH_LANES(l) {
    p->pi[l] = 0.;
    p->q0[l] = 0.;
  }
  for (int m = 0; m < 9; m++) {
    LH_LANES(l) {
      const double s = w->s[q][l];
      double c = 0., r = 0.;
      for (int n = 0; n < 9; n++) {
        c += w->A[q][9 * m + n][l] * w->F[q][n][l];
        r += w->A[q][9 * n + m][l] * w->F[q][n][l];
      }
      p->q0[l] += s * s * w->F[q][m][l] * c / 9.;
      p->pi[l] += s * w->P[q][m][l] * w->F[q][m][l] / 3.;
      p->c[m][l] = s * s * c + s * w->P[q][m][l];
      p->r[m][l] = s * s * r + s * w->P[q][m][l];
    }
  }
  LH_LANES(l) p->q0[l] += p->pi[l] / 3.;
}

/// Adds the point's share of Q, R and L.
static void AddSums(const LhMechBatch *batch, PetscInt q, const PointFactors *p, LhMechWork *w,
                    Sums *sums) {
  LH_LANES(l) sums->Q[l] += p->q0[l] * w->dv[q][l];
  for (int d = 0; d < 3 * batch->element->num_nodes; d++) {
    const int a = d / 3, i = d % 3;
    LH_LANES(l) {
      double R = 0., L = 0.;
      for (int j = 0; j < 3; j++) {
        const double g = w->grad[q][3 * a + j][l], G = p->q0[l] * w->G[q][3 * i + j][l];
        R += (p->c[3 * i + j][l] / 3. - G) * g;
        L += (p->r[3 * i + j][l] / 3. - G) * g;
      }
      sums->outer.row[d][l] += R * w->dv[q][l];
      sums->outer.column[d][l] += L * w->dv[q][l];
    }
  }
}

/// Replaces A by the folded tangent: the parts of (K1)-(K3) that see this point alone.
static void FoldTangent(PetscInt q, const PointFactors *p, const Sums *sums, LhMechWork *w) {
  for (int m = 0; m < 9; m++) {
    for (int n = 0; n < 9; n++) {
      const int i = m / 3, j = m % 3, k = n / 3, L = n % 3;
      LH_LANES(l) {
        const double kappa =
            sums->firm[l] * sums->Pi[l] / (w->theta[l] * w->volume[l]) * w->J[q][l];
        const double GG = w->G[q][m][l] * w->G[q][n][l];
        const double crossed = w->G[q][3 * i + L][l] * w->G[q][3 * k + j][l];

        w->A[q][9 * m + n][l] = w->s[q][l] * w->s[q][l] * w->A[q][9 * m + n][l] -
                                (p->c[m][l] * w->G[q][n][l] + w->G[q][m][l] * p->r[n][l]) / 3. +
                                (p->q0[l] + kappa) * GG + (p->pi[l] - kappa) * crossed;
      }
    }
  }
}

/// (K3) softens nodes between cells of different pressure. Where damage has taken the metal's resistance to shear, but not
/// as much of its pressure, tangents are then indefinite, and Newton's method follows modes that no energy drives. So (K3)
/// fades from a whole cell to one that is half gone. Residual and equilibrium do not change.
static void FindFirm(const LhMechBatch *batch, double firm[LH_BATCH]) {
  LH_LANES(l) firm[l] = 1.;
  for (int q = 0; batch->integrity && q < batch->element->num_points; q++) {
    LH_LANES(l) firm[l] = fmin(firm[l], 2. * batch->integrity[q][l] - 1.);
  }
  LH_LANES(l) firm[l] = fmax(firm[l], 0.);
}

/// Folds the tangents and fills the outer products R H^T + H L^T + (Q - Pi) H H^T.
static void FoldTangents(const LhMechBatch *batch, LhMechWork *w, Sums *sums) {
  const int num_dofs = 3 * (int)batch->element->num_nodes;

  FindFirm(batch, sums->firm);
  LH_LANES(l) sums->Q[l] = 0.;
  for (int d = 0; d < num_dofs; d++) {
    LH_LANES(l) sums->outer.row[d][l] = sums->outer.column[d][l] = 0.;
  }
  for (PetscInt q = 0; q < batch->element->num_points; q++) {
    PointFactors factors;
    ComputeFactors(q, w, &factors);
    AddSums(batch, q, &factors, w, sums);
    FoldTangent(q, &factors, sums, w);
  }
  for (int d = 0; d < num_dofs; d++) {
    LH_LANES(l) sums->outer.row[d][l] += (sums->Q[l] - sums->firm[l] * sums->Pi[l]) * w->H[d][l];
  }
}

static void Tangent(const LhMechBatch *batch, PetscBool closes, LhMechWork *w, Sums *sums) {
  const double rounding = 1e-26;  // squared, as the measure
  const PetscBool symmetric = w->asymmetry <= rounding * w->magnitude ? PETSC_TRUE : PETSC_FALSE;

  if (batch->mean_dilatation) FoldTangents(batch, w, sums);
  for (PetscInt q = 0; closes && q < batch->element->num_points; q++)
    AddClosingTangent(batch, q, w);
  LhMechContract(batch->element, symmetric, batch->mean_dilatation ? &sums->outer : NULL, w);
}

/// Whether the tangents have the symmetries of elastic ones, of the strain and of the potential.
static PetscBool IsSmall(const LhMechBatch *batch) {
  PetscBool small = batch->mean_dilatation ? PETSC_FALSE : PETSC_TRUE;

  for (PetscInt k = 0; k < batch->num_phases; k++)
    small = small && batch->phases[k].law->small_strain ? PETSC_TRUE : PETSC_FALSE;
  return small;
}

void LhMechKernelEvaluate(const LhMechBatch *batch, LhMechTask task, LhMechWork *w) {
  const PetscBool tangent = task == LH_MECH_TANGENT ? PETSC_TRUE : PETSC_FALSE;
  const PetscBool closes = Closes(batch);
  const PetscBool small = !closes && IsSmall(batch) ? PETSC_TRUE : PETSC_FALSE;
  Sums sums;

  w->asymmetry = w->magnitude = 0.;
  LhMechKernelKinematics(batch, w);
  for (PetscInt q = 0; q < batch->element->num_points; q++) {
    Mixture(batch, q, tangent, small, w);
    if (tangent && !small) MeasureSymmetry(q, w);
  }
  Residual(batch, w, &sums);
  if (closes) AddClosingForce(batch, w);
  if (!tangent) return;
  if (small)
    LhMechContractSmall(batch->element, w);
  else
    Tangent(batch, closes, w, &sums);
}
