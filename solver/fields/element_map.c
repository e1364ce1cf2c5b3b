/// @file
/// Reference derivatives at all points of a batch and their transpose (see element_map.h).
///
/// Along an edge of a hexahedron the derivative is the difference of its ends, the same at both points; across it is
/// interpolated between the four edges, one direction after the other. Both steps equal their own transpose.
#include "fields/element_map.h"

/// (1 - 1/sqrt(3)) / 2: weight of the far edge at a point of the two-point rule.
#define FAR 0.21132486540518711775

/// Ends of the four edges along each direction; the first of the other two directions runs fastest.
static const int hex_edge[3][4][2] = {
    {{0, 1}, {3, 2}, {4, 5}, {7, 6}},
    {{0, 3}, {1, 2}, {4, 7}, {5, 6}},
    {{0, 4}, {1, 5}, {3, 7}, {2, 6}}
};
/// The two points beside each of them.
static const int hex_point[3][4][2] = {
    {{0, 1}, {2, 3}, {4, 5}, {6, 7}},
    {{0, 2}, {1, 3}, {4, 6}, {5, 7}},
    {{0, 4}, {1, 5}, {2, 6}, {3, 7}}
};

static inline void DeriveHex(int d, const double (*v)[LH_BATCH],
                             double (*restrict D)[9][LH_BATCH]) {
  LH_LANES(l) {
#pragma GCC unroll 3
    for (int e = 0; e < 3; e++) {
#define SLOPE(n) (.5 * (v[3 * hex_edge[e][n][1] + d][l] - v[3 * hex_edge[e][n][0] + d][l]))
      const double s0 = SLOPE(0), s1 = SLOPE(1), s2 = SLOPE(2), s3 = SLOPE(3);
      const double t0 = s0 + FAR * (s1 - s0), t1 = s1 - FAR * (s1 - s0);
      const double t2 = s2 + FAR * (s3 - s2), t3 = s3 - FAR * (s3 - s2);
      const double r[4] = {t0 + FAR * (t2 - t0), t1 + FAR * (t3 - t1), t2 - FAR * (t2 - t0),
                           t3 - FAR * (t3 - t1)};
#undef SLOPE

#pragma GCC unroll 8
      for (int n = 0; n < 8; n++) D[hex_point[e][n / 2][n % 2]][3 * d + e][l] = r[n / 2];
    }
  }
}

static inline void GatherHex(int d, const double (*T)[9][LH_BATCH],
                             double (*restrict f)[LH_BATCH]) {
  LH_LANES(l) {
    double sum[8] = {0.};

#pragma GCC unroll 3
    for (int e = 0; e < 3; e++) {
#define BESIDE(n) (.5 * (T[hex_point[e][n][0]][3 * d + e][l] + T[hex_point[e][n][1]][3 * d + e][l]))
      const double s0 = BESIDE(0), s1 = BESIDE(1), s2 = BESIDE(2), s3 = BESIDE(3);
      const double t0 = s0 + FAR * (s1 - s0), t1 = s1 - FAR * (s1 - s0);
      const double t2 = s2 + FAR * (s3 - s2), t3 = s3 - FAR * (s3 - s2);
      const double r[4] = {t0 + FAR * (t2 - t0), t1 + FAR * (t3 - t1), t2 - FAR * (t2 - t0),
                           t3 - FAR * (t3 - t1)};
#undef BESIDE

#pragma GCC unroll 4
      for (int n = 0; n < 4; n++) {
        sum[hex_edge[e][n][0]] -= r[n];
        sum[hex_edge[e][n][1]] += r[n];
      }
    }
#pragma GCC unroll 8
    for (int a = 0; a < 8; a++) f[3 * a + d][l] = sum[a];
  }
}

/// A constant number of nodes is unrolled; otherwise lanes would not be vectorised.
static inline void DeriveAny(PetscInt num_nodes, const double dN[][3], const double (*v)[LH_BATCH],
                             double (*restrict D)[LH_BATCH]) {
  LH_LANES(l) {
    double sum[9] = {0.};

#pragma GCC unroll 10
    for (PetscInt a = 0; a < num_nodes; a++) {
#pragma GCC unroll 9
      for (int m = 0; m < 9; m++) sum[m] += v[3 * a + m / 3][l] * dN[a][m % 3];
    }
#pragma GCC unroll 9
    for (int m = 0; m < 9; m++) D[m][l] = sum[m];
  }
}

static inline void GatherAny(PetscInt num_points, PetscInt d,
                             const double dN[][LH_ELEMENT_MAX_NODES][3], PetscInt a,
                             const double (*T)[9][LH_BATCH], double f[restrict LH_BATCH]) {
  LH_LANES(l) f[l] = 0.;
  for (PetscInt q = 0; q < num_points; q++) {
    LH_LANES(l) {
      f[l] += T[q][3 * d][l] * dN[q][a][0] + T[q][3 * d + 1][l] * dN[q][a][1] +
              T[q][3 * d + 2][l] * dN[q][a][2];
    }
  }
}

/// The factors above are those of hex8 with its rule of two points a direction.
static PetscBool IsProduct(const LhElement *element) {
  return element->kind == LH_ELEMENT_HEX8 && element->num_points == 8 ? PETSC_TRUE : PETSC_FALSE;
}

void LhElementDerive(const LhElement *element, const double (*v)[LH_BATCH],
                     double (*restrict D)[9][LH_BATCH]) {
  const PetscBool product = IsProduct(element);

  for (int d = 0; product && d < 3; d++) DeriveHex(d, v, D);
  for (PetscInt q = 0; !product && q < element->num_points; q++) {
    if (element->num_nodes == 10)
      DeriveAny(10, element->dN[q], v, D[q]);
    else
      DeriveAny(element->num_nodes, element->dN[q], v, D[q]);
  }
}

void LhElementGather(const LhElement *element, const double (*T)[9][LH_BATCH],
                     double (*restrict f)[LH_BATCH]) {
  const PetscBool product = IsProduct(element);

  for (int d = 0; product && d < 3; d++) GatherHex(d, T, f);
  for (PetscInt d = 0; !product && d < 3 * element->num_nodes; d++)
    GatherAny(element->num_points, d % 3, element->dN, d / 3, T, f[d]);
}

void LhElementInvert(double (*restrict J)[LH_BATCH], double det[restrict LH_BATCH]) {
  LH_LANES(l) {
    const double a = J[0][l], b = J[1][l], c = J[2][l], d = J[3][l], e = J[4][l], f = J[5][l];
    const double g = J[6][l], h = J[7][l], i = J[8][l];
    const double ca = e * i - f * h, cb = f * g - d * i, cc = d * h - e * g;
    const double D = a * ca + b * cb + c * cc, r = 1. / D;

    det[l] = D;
    J[0][l] = r * ca;
    J[1][l] = r * (c * h - b * i);
    J[2][l] = r * (b * f - c * e);
    J[3][l] = r * cb;
    J[4][l] = r * (a * i - c * g);
    J[5][l] = r * (c * d - a * f);
    J[6][l] = r * cc;
    J[7][l] = r * (b * g - a * h);
    J[8][l] = r * (a * e - b * d);
  }
}

void LhElementMap(const LhElement *element, const double (*x)[LH_BATCH],
                  double (*restrict inverse)[9][LH_BATCH], double (*restrict dv)[LH_BATCH]) {
  LhElementDerive(element, x, inverse);
  for (PetscInt q = 0; q < element->num_points; q++) {
    LhElementInvert(inverse[q], dv[q]);
    LH_LANES(l) dv[q][l] *= element->weight[q];
  }
}
