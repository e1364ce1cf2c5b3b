/// @file
/// Element matrices of a batch (see mechanics_contract.h). Sizes are constants in each caller, so that loops unroll.
#include "physics/mechanics_contract.h"

#define GENERAL 27  ///< T_(iJ)k
#define SMALL   18  ///< T_(m)k, m = xx yy zz yz xz xy

/// T_(iJ)k = dv A_(iJ)(kL) dN_b/dX_L at one point.
static inline void NodeStress(const double (*A)[LH_BATCH], const double (*g)[LH_BATCH],
                              const double dv[LH_BATCH], double (*restrict T)[LH_BATCH]) {
  double h[3][LH_BATCH];

  for (int L = 0; L < 3; L++) {
    LH_LANES(l) h[L][l] = dv[l] * g[L][l];
  }
  for (int n = 0; n < GENERAL; n++, A += 3) {
    LH_LANES(l) T[n][l] = A[0][l] * h[0][l] + A[1][l] * h[1][l] + A[2][l] * h[2][l];
  }
}

/// The same from 21 components, T symmetric in iJ.
static inline void NodeStressSmall(const double (*C)[LH_BATCH], const double (*g)[LH_BATCH],
                                   const double dv[LH_BATCH], double (*restrict T)[LH_BATCH]) {
#define AT(m, n) C[LH_MECH_SYMMETRIC_AT((m) < (n) ? (m) : (n), (m) < (n) ? (n) : (m))][l]
  LH_LANES(l) {
    const double x = dv[l] * g[0][l], y = dv[l] * g[1][l], z = dv[l] * g[2][l];

#pragma GCC unroll 6
    for (int m = 0; m < 6; m++) {
      T[m][l] = AT(m, 0) * x + AT(m, 5) * y + AT(m, 4) * z;
      T[6 + m][l] = AT(m, 5) * x + AT(m, 1) * y + AT(m, 3) * z;
      T[12 + m][l] = AT(m, 4) * x + AT(m, 3) * y + AT(m, 2) * z;
    }
  }
#undef AT
}

/// K_(ai)(bk) = sum over points of dN_a/dX_J T_(iJ)k.
static inline void SumPair(int num_nodes, int num_points, int a, int b,
                           const double (*T)[GENERAL][LH_BATCH], LhMechWork *w) {
  const int n = 3 * num_nodes;

  LH_LANES(l) {
    double s[9] = {0.};

#pragma GCC unroll 8
    for (int q = 0; q < num_points; q++) {
#pragma GCC unroll 27
      for (int m = 0; m < GENERAL; m++)
        s[m / 9 * 3 + m % 3] += w->grad[q][3 * a + m / 3 % 3][l] * T[q][m][l];
    }
#pragma GCC unroll 9
    for (int e = 0; e < 9; e++) w->K[(3 * a + e / 3) * n + 3 * b + e % 3][l] = s[e];
  }
}

static inline void AddOuter(int num_nodes, int a, int b, const LhMechOuter *outer, LhMechWork *w) {
  for (int e = 0; e < 9; e++) {
    const int r = 3 * a + e / 3, c = 3 * b + e % 3;
    double *K = w->K[r * 3 * num_nodes + c];
    LH_LANES(l)
    K[l] += outer->row[r][l] * w->H[c][l] + w->H[r][l] * outer->column[c][l];
  }
}

/// K_(bk)(ai) from K_(ai)(bk).
static inline void Mirror(int num_nodes, int a, int b, LhMechWork *w) {
  const int n = 3 * num_nodes;

  for (int e = 0; e < 9; e++) {
    const double *in = w->K[(3 * a + e / 3) * n + 3 * b + e % 3];
    double *out = w->K[(3 * b + e % 3) * n + 3 * a + e / 3];
    LH_LANES(l) out[l] = in[l];
  }
}

static inline void SumPairSmall(int num_nodes, int num_points, int a, int b,
                                const double (*T)[SMALL][LH_BATCH], LhMechWork *w) {
  const int n = 3 * num_nodes;

  LH_LANES(l) {
    double s[9] = {0.};

#pragma GCC unroll 8
    for (int q = 0; q < num_points; q++) {
      const double x = w->grad[q][3 * a][l], y = w->grad[q][3 * a + 1][l],
                   z = w->grad[q][3 * a + 2][l];
#pragma GCC unroll 3
      for (int k = 0; k < 3; k++) {
        const double xx = T[q][6 * k][l], yy = T[q][6 * k + 1][l], zz = T[q][6 * k + 2][l];
        const double yz = T[q][6 * k + 3][l], xz = T[q][6 * k + 4][l], xy = T[q][6 * k + 5][l];

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
      w->K[(3 * a + e / 3) * n + 3 * b + e % 3][l] = s[e];
      w->K[(3 * b + e % 3) * n + 3 * a + e / 3][l] = s[e];
    }
  }
}

static inline void Contract(int num_nodes, int num_points, PetscBool symmetric,
                            const LhMechOuter *outer, LhMechWork *w) {
  double T[LH_MECH_MAX_POINTS][GENERAL][LH_BATCH];

  for (int b = 0; b < num_nodes; b++) {
    for (int q = 0; q < num_points; q++)
      NodeStress((const double(*)[LH_BATCH])w->A[q], (const double(*)[LH_BATCH])w->grad[q] + 3 * b,
                 w->dv[q], T[q]);
    for (int a = 0; a <= (symmetric ? b : num_nodes - 1); a++) {
      SumPair(num_nodes, num_points, a, b, (const double(*)[GENERAL][LH_BATCH])T, w);
      if (outer) AddOuter(num_nodes, a, b, outer, w);
      if (symmetric && a < b) Mirror(num_nodes, a, b, w);
    }
  }
}

static inline void ContractSmall(int num_nodes, int num_points, LhMechWork *w) {
  double T[LH_MECH_MAX_POINTS][SMALL][LH_BATCH];

  for (int b = 0; b < num_nodes; b++) {
    for (int q = 0; q < num_points; q++)
      NodeStressSmall((const double(*)[LH_BATCH])w->A[q],
                      (const double(*)[LH_BATCH])w->grad[q] + 3 * b, w->dv[q], T[q]);
    for (int a = 0; a <= b; a++)
      SumPairSmall(num_nodes, num_points, a, b, (const double(*)[SMALL][LH_BATCH])T, w);
  }
}

void LhMechContract(const LhElement *element, PetscBool symmetric, const LhMechOuter *outer,
                    LhMechWork *w) {
  if (element->kind == LH_ELEMENT_HEX8)
    Contract(8, 8, symmetric, outer, w);
  else
    Contract(10, 4, symmetric, outer, w);
}

void LhMechContractSmall(const LhElement *element, LhMechWork *w) {
  if (element->kind == LH_ELEMENT_HEX8)
    ContractSmall(8, 8, w);
  else
    ContractSmall(10, 4, w);
}
