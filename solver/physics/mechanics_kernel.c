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

/// F = 1 + du/dX from du/dxi, in place. Lanes are innermost in every loop here: a sum over nodes or points inside them would
/// not be vectorised.
static void DeformationGradient(const double (*inverse)[LH_BATCH], double (*restrict F)[LH_BATCH]) {
  LH_LANES(l) {
#pragma GCC unroll 3
    for (int i = 0; i < 3; i++) {
      const double x = F[3 * i][l], y = F[3 * i + 1][l], z = F[3 * i + 2][l];

#pragma GCC unroll 3
      for (int j = 0; j < 3; j++)
        F[3 * i + j][l] =
            (i == j ? 1. : 0.) + x * inverse[j][l] + y * inverse[3 + j][l] + z * inverse[6 + j][l];
    }
  }
}

/// J = det F. A lane with J <= 0 fails and goes on with F = 1, so that no law meets it.
static void CheckOrFail(double (*restrict F)[LH_BATCH], double J[restrict LH_BATCH],
                        double failed[restrict LH_BATCH]) {
  LH_LANES(l) {
    const double det = F[0][l] * (F[4][l] * F[8][l] - F[5][l] * F[7][l]) +
                       F[1][l] * (F[5][l] * F[6][l] - F[3][l] * F[8][l]) +
                       F[2][l] * (F[3][l] * F[7][l] - F[4][l] * F[6][l]);
    const double bad = det > 0. ? 0. : 1.;

#pragma GCC unroll 9
    for (int m = 0; m < 9; m++) F[m][l] = bad > 0. ? (m % 4 == 0 ? 1. : 0.) : F[m][l];
    J[l] = bad > 0. ? 1. : det;
    failed[l] += bad;
  }
}

/// G = F^-T.
static void InvertTransposed(const double (*F)[LH_BATCH], const double J[LH_BATCH],
                             double (*restrict G)[LH_BATCH]) {
  LH_LANES(l) {
    const double inverse = 1. / J[l];

#pragma GCC unroll 9
    for (int m = 0; m < 9; m++) {
      const int i1 = (m / 3 + 1) % 3, i2 = (m / 3 + 2) % 3, j1 = (m + 1) % 3, j2 = (m + 2) % 3;

      G[m][l] =
          inverse * (F[3 * i1 + j1][l] * F[3 * i2 + j2][l] - F[3 * i1 + j2][l] * F[3 * i2 + j1][l]);
    }
  }
}

/// T_ie = dv S_iJ dxi_e/dX_J: what a stress does to reference derivatives. LhElementGather() sums it over points.
static inline void PullBack(const double (*S)[LH_BATCH], const double (*inverse)[LH_BATCH],
                            const double dv[LH_BATCH], double (*restrict T)[LH_BATCH]) {
  LH_LANES(l) {
#pragma GCC unroll 3
    for (int i = 0; i < 3; i++) {
      const double x = dv[l] * S[3 * i][l], y = dv[l] * S[3 * i + 1][l],
                   z = dv[l] * S[3 * i + 2][l];

#pragma GCC unroll 3
      for (int e = 0; e < 3; e++)
        T[3 * i + e][l] =
            x * inverse[3 * e][l] + y * inverse[3 * e + 1][l] + z * inverse[3 * e + 2][l];
    }
  }
}

/// Theta, s and H of (K1).
static void MeanDilatation(const LhMechBatch *batch, LhMechWork *w) {
  const int num_points = (int)batch->element->num_points;

  LH_LANES(l) w->theta[l] = 0.;
  for (int q = 0; q < num_points; q++) {
    LH_LANES(l) w->theta[l] += w->J[q][l] * w->dv[q][l];
  }
  LH_LANES(l) w->theta[l] /= w->volume[l];
  for (int q = 0; q < num_points; q++) {
    double share[LH_BATCH];

    LH_LANES(l) {
      w->s[q][l] = cbrt(w->theta[l] / w->J[q][l]);
      share[l] = w->J[q][l] * w->dv[q][l] / (w->theta[l] * w->volume[l]);
    }
    PullBack((const double(*)[LH_BATCH])w->G[q], (const double(*)[LH_BATCH])w->inverse[q], share,
             w->T[q]);
  }
  LhElementGather(batch->element, (const double(*)[9][LH_BATCH])w->T, w->H);
}

/// What laws see and what does not change from point to point.
static void BeginBatch(const LhMechBatch *batch, LhMechWork *w) {
  LH_LANES(l) {
    w->failed[l] = 0.;
    w->volume[l] = 0.;
    w->theta[l] = 1.;
    w->stretch[l] = 1.;
    w->in.temperature[l] = batch->temperature[l];
  }
  for (int l = 0; l < LH_BATCH; l++) {
    if (batch->growth[l] != 1.) w->stretch[l] = cbrt(batch->growth[l]);
  }
  for (int m = 0; m < LH_MECH_NUM_FIELDS; m++) {
    LH_LANES(l) w->in.field[m][l] = batch->field[m][l];
  }
  w->in.dt = batch->dt;
}

/// `inverse`: G too.
static void Kinematics(const LhMechBatch *batch, PetscBool inverse, LhMechWork *w) {
  const LhElement *element = batch->element;

  BeginBatch(batch, w);
  LhElementMap(element, (const double(*)[LH_BATCH])w->x, w->inverse, w->dv);
  LhElementDerive(element, (const double(*)[LH_BATCH])w->u, w->F);
  for (int q = 0; q < element->num_points; q++) {
    DeformationGradient((const double(*)[LH_BATCH])w->inverse[q], w->F[q]);
    CheckOrFail(w->F[q], w->J[q], w->failed);
    if (inverse) InvertTransposed((const double(*)[LH_BATCH])w->F[q], w->J[q], w->G[q]);
    LH_LANES(l) {
      w->volume[l] += w->dv[q][l];
      w->s[q][l] = 1.;
    }
  }
  if (batch->mean_dilatation) MeanDilatation(batch, w);
}

void LhMechKernelKinematics(const LhMechBatch *batch, LhMechWork *w) {
  Kinematics(batch, PETSC_TRUE, w);
}

void LhMechKernelWeight(const LhMechBatch *batch, PetscInt k, double weight[LH_BATCH]) {
  const LhMechWeight kind = batch->phases[k].weight;
  double share[LH_BATCH];

  LhMechKernelSolidShare(batch, k, share);
  LH_LANES(l) weight[l] = kind == LH_WEIGHT_LITHIUM ? batch->lithium[l] / share[l] : 1.;
  if (kind != LH_WEIGHT_VOID) return;
  LH_LANES(l) weight[l] = batch->lithium[l] < 1. ? 1. - batch->lithium[l] : 0.;
}

void LhMechKernelIntegrity(const LhMechBatch *batch, PetscInt q, double integrity[LH_BATCH]) {
  LH_LANES(l) integrity[l] = batch->integrity ? batch->integrity[q][l] : 1.;
}

void LhMechKernelSolidShare(const LhMechBatch *batch, PetscInt k, double share[LH_BATCH]) {
  const double least = 1e-9;  // as the porous law: no lithium is left there
  const double pores = batch->phases[k].law->averages_pores ? 1. : 0.;

  LH_LANES(l) {
    const double solid =
        1. - pores * batch->field[LH_MECH_POROSITY][l];  // fmax() would not be vectorised
    share[l] = solid > least ? solid : least;
  }
}

void LhMechKernelPhase(const LhMechBatch *batch, PetscInt q, PetscInt k, PetscBool tangent,
                       LhMechWork *w) {
  const LhMechPhase *phase = &batch->phases[k];
  PetscInt offset = q * batch->num_state;
  double scale[LH_BATCH];

  for (PetscInt p = 0; p < k; p++) offset += batch->phases[p].law->num_state;
  LH_LANES(l) scale[l] = w->s[q][l] / w->stretch[l];
  for (int m = 0; m < 9; m++) {
    LH_LANES(l) w->in.F[m][l] = scale[l] * w->F[q][m][l];
  }
  LH_LANES(l) w->out.failed[l] = 0.;
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

/// The same with the 21 components of laws of small strains, times dv, straight in the precision of the sums.
static void MixSmallTangent(PetscInt q, PetscInt k, PetscBool single, const double factor[LH_BATCH],
                            LhMechWork *w) {
  double scale[LH_BATCH];

  LH_LANES(l) scale[l] = factor[l] * w->dv[q][l];
  for (int m = 0; single && m < LH_MECH_SYMMETRIC; m++) {
    float *out = w->single.A[q / LH_MECH_GROUP][m] + q % LH_MECH_GROUP * LH_BATCH;
    LH_LANES(l) out[l] = (k > 0 ? out[l] : 0.f) + (float)(scale[l] * w->out.C[m][l]);
  }
  for (int m = 0; !single && m < LH_MECH_SYMMETRIC; m++) {
    double *out = w->A[q][m];
    LH_LANES(l) out[l] = (k > 0 ? out[l] : 0.) + scale[l] * w->out.C[m][l];
  }
}

/// What one evaluation is asked for and what its batch allows.
typedef struct {
  PetscBool tangent;
  PetscBool single;  ///< sums of the tangent in single precision
  PetscBool closes;  ///< walls of empty cells meet (H8)
  PetscBool
      small;  ///< tangents have the symmetries of elastic ones, of the strain and of the potential
} Plan;

/// Adds phase k to P and A of the mixture at all points (C.5); the first phase sets them.
static void AddPhase(const LhMechBatch *batch, PetscInt k, const Plan *plan, LhMechWork *w) {
  const double *g = w->stretch;
  double weight[LH_BATCH];

  LhMechKernelWeight(batch, k, weight);
  for (PetscInt q = 0; q < batch->element->num_points; q++) {
    double factor[LH_BATCH];

    LhMechKernelIntegrity(batch, q, factor);
    LH_LANES(l) factor[l] *= weight[l] * g[l];
    LhMechKernelPhase(batch, q, k, plan->tangent, w);
    for (int m = 0; m < 9; m++) {
      double *P = w->P[q][m];
      LH_LANES(l) P[l] = (k > 0 ? P[l] : 0.) + factor[l] * g[l] * w->out.P[m][l];
    }
    if (!plan->tangent) continue;
    if (plan->small) {
      MixSmallTangent(q, k, plan->single, factor, w);
      continue;
    }
    if (batch->phases[k].law->small_strain) LhMechExpandTangent(&w->out);
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
} Sums;

/// S = s P - pi G + tau G at a point, pi = s P:F/3, and its share of Pi.
static void PointStress(const LhMechBatch *batch, PetscInt q, PetscBool closes, const LhMechWork *w,
                        double (*restrict S)[LH_BATCH], Sums *sums) {
  double pi[LH_BATCH] = {0.}, tau[LH_BATCH] = {0.}, slope[LH_BATCH];

  for (int m = 0; batch->mean_dilatation && m < 9; m++) {
    LH_LANES(l) pi[l] += w->s[q][l] / 3. * w->P[q][m][l] * w->F[q][m][l];
  }
  if (closes) Closing(batch, q, w, tau, slope);
  for (int m = 0; m < 9; m++) {
    LH_LANES(l) S[m][l] = w->s[q][l] * w->P[q][m][l] - (pi[l] - tau[l]) * w->G[q][m][l];
  }
  LH_LANES(l) sums->Pi[l] += pi[l] * w->dv[q][l];
}

/// f_ai = int (s P - pi G + tau G) Grad N_a dV + Pi H_a, from (K1) and (H8).
static void Residual(const LhMechBatch *batch, PetscBool closes, LhMechWork *w, Sums *sums) {
  const PetscBool plain = batch->mean_dilatation || closes ? PETSC_FALSE : PETSC_TRUE;

  LH_LANES(l) sums->Pi[l] = 0.;
  for (int q = 0; q < batch->element->num_points; q++) {
    const double(*inverse)[LH_BATCH] = (const double(*)[LH_BATCH])w->inverse[q];
    double S[9][LH_BATCH];

    if (!plain) PointStress(batch, q, closes, w, S, sums);
    PullBack((const double(*)[LH_BATCH])(plain ? w->P[q] : S), inverse, w->dv[q], w->T[q]);
  }
  LhElementGather(batch->element, (const double(*)[9][LH_BATCH])w->T, w->f);
  for (int d = 0; batch->mean_dilatation && d < 3 * batch->element->num_nodes; d++) {
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

/// Adds the point's share of Q; its factors of R and L as stresses, pulled back.
static void AddSums(PetscInt q, const PointFactors *p, double (*restrict R)[LH_BATCH],
                    double (*restrict L)[LH_BATCH], LhMechWork *w, Sums *sums) {
  const double(*inverse)[LH_BATCH] = (const double(*)[LH_BATCH])w->inverse[q];
  double row[9][LH_BATCH], column[9][LH_BATCH];

  LH_LANES(l) sums->Q[l] += p->q0[l] * w->dv[q][l];
  for (int m = 0; m < 9; m++) {
    LH_LANES(l) {
      const double G = p->q0[l] * w->G[q][m][l];
      row[m][l] = p->c[m][l] / 3. - G;
      column[m][l] = p->r[m][l] / 3. - G;
    }
  }
  PullBack((const double(*)[LH_BATCH])row, inverse, w->dv[q], R);
  PullBack((const double(*)[LH_BATCH])column, inverse, w->dv[q], L);
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

/// Folds the tangents and fills the outer products R H^T + H L^T + (Q - Pi) H H^T: R as rows, L as columns.
static void FoldTangents(const LhMechBatch *batch, LhMechWork *w, Sums *sums) {
  const int num_dofs = 3 * (int)batch->element->num_nodes;
  _Alignas(LH_MECH_ALIGNMENT) double L[LH_MECH_MAX_POINTS][9][LH_BATCH];

  FindFirm(batch, sums->firm);
  LH_LANES(l) sums->Q[l] = 0.;
  for (PetscInt q = 0; q < batch->element->num_points; q++) {
    PointFactors factors;
    ComputeFactors(q, w, &factors);
    AddSums(q, &factors, w->T[q], L[q], w, sums);
    FoldTangent(q, &factors, sums, w);
  }
  LhElementGather(batch->element, (const double(*)[9][LH_BATCH])w->T, w->row);
  LhElementGather(batch->element, (const double(*)[9][LH_BATCH])L, w->column);
  for (int d = 0; d < num_dofs; d++) {
    LH_LANES(l) w->row[d][l] += (sums->Q[l] - sums->firm[l] * sums->Pi[l]) * w->H[d][l];
  }
}

static LhMechSymmetry FinishTangents(const LhMechBatch *batch, PetscBool closes, LhMechWork *w,
                                     Sums *sums) {
  const double rounding = 1e-26;  // squared, as the measure

  for (PetscInt q = 0; q < batch->element->num_points; q++) MeasureSymmetry(q, w);
  if (batch->mean_dilatation) FoldTangents(batch, w, sums);
  for (PetscInt q = 0; closes && q < batch->element->num_points; q++)
    AddClosingTangent(batch, q, w);
  return w->asymmetry <= rounding * w->magnitude ? LH_MECH_MAJOR : LH_MECH_GENERAL;
}

static Plan MakePlan(const LhMechBatch *batch, LhMechTask task) {
  Plan plan = {.tangent = task == LH_MECH_RESIDUAL ? PETSC_FALSE : PETSC_TRUE,
               .single = task == LH_MECH_TANGENT_SINGLE ? PETSC_TRUE : PETSC_FALSE,
               .closes = Closes(batch)};

  plan.small = batch->mean_dilatation || plan.closes ? PETSC_FALSE : PETSC_TRUE;
  for (PetscInt k = 0; k < batch->num_phases; k++)
    plan.small = plan.small && batch->phases[k].law->small_strain ? PETSC_TRUE : PETSC_FALSE;
  return plan;
}

void LhMechKernelEvaluate(const LhMechBatch *batch, LhMechTask task, LhMechWork *w) {
  const Plan plan = MakePlan(batch, task);
  const PetscBool inverse = batch->mean_dilatation || plan.closes ? PETSC_TRUE : PETSC_FALSE;
  LhMechSymmetry symmetry = LH_MECH_ELASTIC;
  Sums sums;

  w->asymmetry = w->magnitude = 0.;
  Kinematics(batch, inverse, w);
  for (PetscInt k = 0; k < batch->num_phases; k++) AddPhase(batch, k, &plan, w);
  Residual(batch, plan.closes, w, &sums);
  if (!plan.tangent) return;
  if (!plan.small) symmetry = FinishTangents(batch, plan.closes, w, &sums);
  if (plan.single)
    LhMechContractSingle(batch, symmetry, w);
  else
    LhMechContract(batch, symmetry, w);
}
