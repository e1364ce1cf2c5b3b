/// @file
/// Element matrices of a batch (see mechanics_contract.h). Sizes are constants in each caller, so that loops unroll.
/// mechanics_contract_single.c compiles this file once more. There points go in groups, side by side in the lanes, so that
/// sums over points fill the registers; the lanes of a group are added at the end.
#include "physics/mechanics_contract.h"

#ifdef LH_CONTRACT_SINGLE
typedef float Real;
typedef LhMechSingle Work;
#define DERIVATIVES dN_single
#define GROUP       LH_MECH_GROUP
#else
typedef double Real;
typedef LhMechWork Work;
#define DERIVATIVES dN
#define GROUP       1
#endif
#define WIDE         (GROUP * LH_BATCH)
#define ALL_LANES(l) _Pragma("omp simd") for (int l = 0; l < WIDE; l++)

#define GENERAL 27  ///< T_(iJ)k
#define SMALL   18  ///< T_(m)k, m = xx yy zz yz xz xy

/// grad[3 a + J] = dN_a/dX_J at one point, whose lanes begin at `first`.
static inline void Gradients(int num_nodes, const Real dN[][3], const double (*inverse)[LH_BATCH],
                             int first, Real (*restrict grad)[WIDE]) {
  Real map[9][LH_BATCH];

  for (int m = 0; m < 9; m++) {
    LH_LANES(l) map[m][l] = (Real)inverse[m][l];
  }
  LH_LANES(l) {
#pragma GCC unroll 30
    for (int d = 0; d < 3 * num_nodes; d++) {
      const int a = d / 3, J = d % 3;
      grad[d][first + l] =
          dN[a][0] * map[J][l] + dN[a][1] * map[3 + J][l] + dN[a][2] * map[6 + J][l];
    }
  }
}

/// T_(iJ)k = dv A_(iJ)(kL) dN_b/dX_L at one group of points.
static inline void NodeStress(const Real (*A)[WIDE], const Real (*g)[WIDE], const Real dv[WIDE],
                              Real (*restrict T)[WIDE]) {
  Real h[3][WIDE];

  for (int L = 0; L < 3; L++) {
    ALL_LANES(l) h[L][l] = dv[l] * g[L][l];
  }
  for (int n = 0; n < GENERAL; n++, A += 3) {
    ALL_LANES(l) T[n][l] = A[0][l] * h[0][l] + A[1][l] * h[1][l] + A[2][l] * h[2][l];
  }
}

/// The same from 21 components with dv, T symmetric in iJ.
static inline void NodeStressSmall(const Real (*C)[WIDE], const Real (*g)[WIDE],
                                   Real (*restrict T)[WIDE]) {
#define AT(m, n) C[LH_MECH_SYMMETRIC_AT((m) < (n) ? (m) : (n), (m) < (n) ? (n) : (m))][l]
  ALL_LANES(l) {
    const Real x = g[0][l], y = g[1][l], z = g[2][l];

#pragma GCC unroll 6
    for (int m = 0; m < 6; m++) {
      T[m][l] = AT(m, 0) * x + AT(m, 5) * y + AT(m, 4) * z;
      T[6 + m][l] = AT(m, 5) * x + AT(m, 1) * y + AT(m, 3) * z;
      T[12 + m][l] = AT(m, 4) * x + AT(m, 3) * y + AT(m, 2) * z;
    }
  }
#undef AT
}

/// K_(ai)(bk), and its mirror image with `both`, = sum over the points of each group.
static inline void AddGroups(int num_nodes, int a, int b, PetscBool both, const Real (*sum)[WIDE],
                             Work *w) {
  const int n = 3 * num_nodes;

  LH_LANES(l) {
#pragma GCC unroll 9
    for (int e = 0; e < 9; e++) {
      Real s = sum[e][l];
      for (int k = 1; k < GROUP; k++) s += sum[e][k * LH_BATCH + l];
      w->K[(3 * a + e / 3) * n + 3 * b + e % 3][l] = s;
      if (both) w->K[(3 * b + e % 3) * n + 3 * a + e / 3][l] = s;
    }
  }
}

/// K_(ai)(bk) = sum over points of dN_a/dX_J T_(iJ)k.
static inline void SumPair(int num_nodes, int num_groups, int a, int b,
                           const Real (*T)[GENERAL][WIDE], Work *w) {
  const int n = 3 * num_nodes;
  Real sum[9][WIDE];

  ALL_LANES(l) {
    Real s[9] = {0.};

#pragma GCC unroll 8
    for (int q = 0; q < num_groups; q++) {
#pragma GCC unroll 27
      for (int m = 0; m < GENERAL; m++)
        s[m / 9 * 3 + m % 3] += w->grad[q][3 * a + m / 3 % 3][l] * T[q][m][l];
    }
#pragma GCC unroll 9
    for (int e = 0; e < 9; e++)
      *(GROUP == 1 ? &w->K[(3 * a + e / 3) * n + 3 * b + e % 3][l] : &sum[e][l]) = s[e];
  }
  if (GROUP > 1) AddGroups(num_nodes, a, b, PETSC_FALSE, (const Real(*)[WIDE])sum, w);
}

/// Parts of K that are outer products with H of (K1).
static inline void AddOuter(int num_nodes, int a, int b, Work *w) {
  for (int e = 0; e < 9; e++) {
    const int r = 3 * a + e / 3, c = 3 * b + e % 3;
    Real *K = w->K[r * 3 * num_nodes + c];
    LH_LANES(l) K[l] += w->row[r][l] * w->H[c][l] + w->H[r][l] * w->column[c][l];
  }
}

/// K_(bk)(ai) from K_(ai)(bk).
static inline void Mirror(int num_nodes, int a, int b, Work *w) {
  const int n = 3 * num_nodes;

  for (int e = 0; e < 9; e++) {
    const Real *in = w->K[(3 * a + e / 3) * n + 3 * b + e % 3];
    Real *out = w->K[(3 * b + e % 3) * n + 3 * a + e / 3];
    LH_LANES(l) out[l] = in[l];
  }
}

static inline void SumPairSmall(int num_nodes, int num_groups, int a, int b,
                                const Real (*T)[SMALL][WIDE], Work *w) {
  const int n = 3 * num_nodes;
  Real sum[9][WIDE];

  ALL_LANES(l) {
    Real s[9] = {0.};

#pragma GCC unroll 8
    for (int q = 0; q < num_groups; q++) {
      const Real x = w->grad[q][3 * a][l], y = w->grad[q][3 * a + 1][l],
                 z = w->grad[q][3 * a + 2][l];
#pragma GCC unroll 3
      for (int k = 0; k < 3; k++) {
        const Real xx = T[q][6 * k][l], yy = T[q][6 * k + 1][l], zz = T[q][6 * k + 2][l];
        const Real yz = T[q][6 * k + 3][l], xz = T[q][6 * k + 4][l], xy = T[q][6 * k + 5][l];

        s[k] += x * xx;
        s[3 + k] += x * xy;
        s[6 + k] += x * xz;
        s[k] += y * xy;
        s[3 + k] += y * yy;
        s[6 + k] += y * yz;
        s[k] += z * xz;
        s[3 + k] += z * yz;
        s[6 + k] += z * zz;
      }
    }
#pragma GCC unroll 9
    for (int e = 0; e < 9; e++) {
      if (GROUP > 1) {
        sum[e][l] = s[e];
      } else {
        w->K[(3 * a + e / 3) * n + 3 * b + e % 3][l] = s[e];
        w->K[(3 * b + e % 3) * n + 3 * a + e / 3][l] = s[e];
      }
    }
  }
  if (GROUP > 1) AddGroups(num_nodes, a, b, PETSC_TRUE, (const Real(*)[WIDE])sum, w);
}

static inline void Contract(int num_nodes, int num_groups, PetscBool symmetric, PetscBool outer,
                            Work *w) {
  Real T[LH_MECH_MAX_POINTS / GROUP][GENERAL][WIDE];

  for (int b = 0; b < num_nodes; b++) {
    for (int q = 0; q < num_groups; q++)
      NodeStress((const Real(*)[WIDE])w->A[q], (const Real(*)[WIDE])w->grad[q] + 3 * b, w->dv[q],
                 T[q]);
    for (int a = 0; a <= (symmetric ? b : num_nodes - 1); a++) {
      SumPair(num_nodes, num_groups, a, b, (const Real(*)[GENERAL][WIDE])T, w);
      if (outer) AddOuter(num_nodes, a, b, w);
      if (symmetric && a < b) Mirror(num_nodes, a, b, w);
    }
  }
}

static inline void ContractSmall(int num_nodes, int num_groups, Work *w) {
  Real T[LH_MECH_MAX_POINTS / GROUP][SMALL][WIDE];

  for (int b = 0; b < num_nodes; b++) {
    for (int q = 0; q < num_groups; q++)
      NodeStressSmall((const Real(*)[WIDE])w->A[q], (const Real(*)[WIDE])w->grad[q] + 3 * b, T[q]);
    for (int a = 0; a <= b; a++)
      SumPairSmall(num_nodes, num_groups, a, b, (const Real(*)[SMALL][WIDE])T, w);
  }
}

static void ContractAny(const LhMechBatch *batch, LhMechSymmetry symmetry,
                        const double (*inverse)[9][LH_BATCH], Work *w) {
  const LhElement *element = batch->element;
  const PetscBool hex = element->kind == LH_ELEMENT_HEX8 ? PETSC_TRUE : PETSC_FALSE;
  const PetscBool half = symmetry == LH_MECH_MAJOR ? PETSC_TRUE : PETSC_FALSE;

  for (PetscInt q = 0; q < element->num_points; q++) {
    const int first = (int)q % GROUP * LH_BATCH;

    if (hex)
      Gradients(8, element->DERIVATIVES[q], inverse[q], first, w->grad[q / GROUP]);
    else
      Gradients(10, element->DERIVATIVES[q], inverse[q], first, w->grad[q / GROUP]);
  }
  if (symmetry == LH_MECH_ELASTIC && hex)
    ContractSmall(8, 8 / GROUP, w);
  else if (symmetry == LH_MECH_ELASTIC)
    ContractSmall(10, 4 / GROUP, w);
  else if (hex)
    Contract(8, 8 / GROUP, half, batch->mean_dilatation, w);
  else
    Contract(10, 4 / GROUP, half, batch->mean_dilatation, w);
}

#ifdef LH_CONTRACT_SINGLE
static inline void Round(PetscInt n, const double (*in)[LH_BATCH],
                         float (*restrict out)[LH_BATCH]) {
  for (PetscInt m = 0; m < n; m++) {
    LH_LANES(l) out[m][l] = (float)in[m][l];
  }
}

/// Tangent and volume of one point into its place among those of a group.
static inline void RoundPoint(PetscInt q, const LhMechWork *w, LhMechSingle *s) {
  const PetscInt first = q % GROUP * LH_BATCH;

  for (int m = 0; m < 81; m++) {
    LH_LANES(l) s->A[q / GROUP][m][first + l] = (float)w->A[q][m][l];
  }
  LH_LANES(l) s->dv[q / GROUP][first + l] = (float)w->dv[q][l];
}

void LhMechContractSingle(const LhMechBatch *batch, LhMechSymmetry symmetry, LhMechWork *w) {
  const PetscInt num_dofs = 3 * batch->element->num_nodes;
  LhMechSingle *s = &w->single;

  for (PetscInt q = 0; symmetry != LH_MECH_ELASTIC && q < batch->element->num_points; q++)
    RoundPoint(q, w, s);
  if (batch->mean_dilatation) {
    Round(num_dofs, (const double(*)[LH_BATCH])w->H, s->H);
    Round(num_dofs, (const double(*)[LH_BATCH])w->row, s->row);
    Round(num_dofs, (const double(*)[LH_BATCH])w->column, s->column);
  }
  ContractAny(batch, symmetry, (const double(*)[9][LH_BATCH])w->inverse, s);
}
#else
void LhMechContract(const LhMechBatch *batch, LhMechSymmetry symmetry, LhMechWork *w) {
  ContractAny(batch, symmetry, (const double(*)[9][LH_BATCH])w->inverse, w);
}
#endif
