/// @file
/// Shape functions and quadrature rules of the Lagrange elements, and their mapping to a batch.
///
/// Reference cells: [-1,1]^d for hex8 and quad4, the unit simplex for the others. Quadrature weights
/// sum to the reference volume. The tables are constants computed on first use; nothing here knows a
/// mesh, an unknown or a process.

#include "fields/element.h"

#include <math.h>
#include <petscmath.h>
#include <string.h>

#include "fields/element_map.h"

typedef void (*ShapeFn)(PetscInt dim, const double xi[3], double N[], double dN[][3]);
typedef void (*RuleFn)(LhElement *element);

// VTK order: bottom counter-clockwise, then top.
static const double hex_corner[8][3] = {
    {-1, -1, -1},
    {1,  -1, -1},
    {1,  1,  -1},
    {-1, 1,  -1},
    {-1, -1, 1 },
    {1,  -1, 1 },
    {1,  1,  1 },
    {-1, 1,  1 }
};
static const int tet_edge[6][2] = {
    {0, 1},
    {1, 2},
    {0, 2},
    {0, 3},
    {1, 3},
    {2, 3}
};
static const int tri_edge[3][2] = {
    {0, 1},
    {1, 2},
    {2, 0}
};

static void ShapeHex8(PetscInt dim, const double xi[3], double N[], double dN[][3]) {
  (void)dim;
  for (PetscInt a = 0; a < 8; a++) {
    const double *s = hex_corner[a];
    const double f[3] = {1 + s[0] * xi[0], 1 + s[1] * xi[1], 1 + s[2] * xi[2]};
    N[a] = f[0] * f[1] * f[2] / 8;
    dN[a][0] = s[0] * f[1] * f[2] / 8;
    dN[a][1] = f[0] * s[1] * f[2] / 8;
    dN[a][2] = f[0] * f[1] * s[2] / 8;
  }
}

static void ShapeQuad4(PetscInt dim, const double xi[3], double N[], double dN[][3]) {
  (void)dim;
  for (PetscInt a = 0; a < 4; a++) {
    const double *s = hex_corner[a];
    const double f[2] = {1 + s[0] * xi[0], 1 + s[1] * xi[1]};
    N[a] = f[0] * f[1] / 4;
    dN[a][0] = s[0] * f[1] / 4;
    dN[a][1] = f[0] * s[1] / 4;
    dN[a][2] = 0;
  }
}

/// Barycentric coordinates: L_0 = 1 - sum xi, L_i = xi_{i-1}.
static void ShapeSimplex1(PetscInt dim, const double xi[3], double N[], double dN[][3]) {
  N[0] = 1;
  for (PetscInt d = 0; d < 3; d++) dN[0][d] = d < dim ? -1 : 0;
  for (PetscInt i = 1; i <= dim; i++) {
    N[0] -= xi[i - 1];
    N[i] = xi[i - 1];
    for (PetscInt d = 0; d < 3; d++) dN[i][d] = d == i - 1 ? 1 : 0;
  }
}

/// Vertices L(2L - 1), edges 4 L_a L_b.
static void ShapeSimplex2(PetscInt dim, const double xi[3], double N[], double dN[][3]) {
  const int(*edge)[2] = dim == 3 ? tet_edge : tri_edge;
  const PetscInt num_edges = dim == 3 ? 6 : 3;
  double L[4], dL[4][3];
  ShapeSimplex1(dim, xi, L, dL);
  for (PetscInt a = 0; a <= dim; a++) {
    N[a] = L[a] * (2 * L[a] - 1);
    for (PetscInt d = 0; d < 3; d++) dN[a][d] = (4 * L[a] - 1) * dL[a][d];
  }
  for (PetscInt e = 0; e < num_edges; e++) {
    const int a = edge[e][0], b = edge[e][1];
    N[dim + 1 + e] = 4 * L[a] * L[b];
    for (PetscInt d = 0; d < 3; d++) {
      dN[dim + 1 + e][d] = 4 * (dL[a][d] * L[b] + L[a] * dL[b][d]);
    }
  }
}

/// Tensor product of a one-dimensional rule, first coordinate fastest.
static void TensorRule(LhElement *element, PetscInt n, const double x[], const double w[]) {
  const PetscInt nz = element->dim == 3 ? n : 1;
  for (PetscInt k = 0; k < nz; k++) {
    for (PetscInt j = 0; j < n; j++) {
      for (PetscInt i = 0; i < n; i++) {
        const PetscInt q = element->num_points++;
        element->point[q][0] = x[i];
        element->point[q][1] = x[j];
        element->point[q][2] = nz > 1 ? x[k] : 0;
        element->weight[q] = w[i] * w[j] * (nz > 1 ? w[k] : 1);
      }
    }
  }
}

static void RuleGauss2(LhElement *element) {
  const double x = 1 / sqrt(3.);
  TensorRule(element, 2, (const double[2]){-x, x}, (const double[2]){1, 1});
}

static void RuleGauss3(LhElement *element) {
  const double x = sqrt(0.6);
  TensorRule(element, 3, (const double[3]){-x, 0, x}, (const double[3]){5. / 9, 8. / 9, 5. / 9});
}

/// The dim + 1 points whose barycentric coordinates are `a` but for one, that makes their sum 1.
static void AddVertexOrbit(LhElement *element, double a, double weight) {
  for (PetscInt v = 0; v <= element->dim; v++) {
    const PetscInt q = element->num_points++;
    for (PetscInt d = 0; d < element->dim; d++) {
      element->point[q][d] = d == v - 1 ? 1 - element->dim * a : a;
    }
    element->weight[q] = weight;
  }
}

/// The six points of a tetrahedron with two barycentric coordinates `a` and two 1/2 - a.
static void AddEdgeOrbit(LhElement *element, double a, double weight) {
  for (PetscInt e = 0; e < 6; e++) {
    const PetscInt q = element->num_points++;
    for (PetscInt d = 0; d < 3; d++) {
      const int on_edge = tet_edge[e][0] == d + 1 || tet_edge[e][1] == d + 1;
      element->point[q][d] = on_edge ? 0.5 - a : a;
    }
    element->weight[q] = weight;
  }
}

static void AddCentroid(LhElement *element, double weight) {
  const PetscInt q = element->num_points++;
  for (PetscInt d = 0; d < element->dim; d++) element->point[q][d] = 1. / (element->dim + 1);
  element->weight[q] = weight;
}

/// Degree 2, 4 points (Hammer and Stroud 1956).
static void RuleTet4(LhElement *element) {
  AddVertexOrbit(element, (5 - sqrt(5.)) / 20, 1. / 24);
}

/// Degree 5, 15 interior points with positive weights (Stroud 1971, T3:5-1).
static void RuleTet15(LhElement *element) {
  const double r = sqrt(15.);
  AddCentroid(element, 8. / 405);
  AddVertexOrbit(element, (7 - r) / 34, (2665 + 14 * r) / 226800);
  AddVertexOrbit(element, (7 + r) / 34, (2665 - 14 * r) / 226800);
  AddEdgeOrbit(element, (5 - r) / 20, 5. / 567);
}

/// Degree 2, 3 interior points.
static void RuleTri3(LhElement *element) {
  AddVertexOrbit(element, 1. / 6, 1. / 6);
}

/// Degree 5, 7 points (Radon 1948).
static void RuleTri7(LhElement *element) {
  const double r = sqrt(15.);
  AddCentroid(element, 9. / 80);
  AddVertexOrbit(element, (6 - r) / 21, (155 - r) / 2400);
  AddVertexOrbit(element, (6 + r) / 21, (155 + r) / 2400);
}

static const struct {
  PetscInt dim, num_nodes;
  ShapeFn shape;
  RuleFn rule, fine;
} family[LH_ELEMENT_NUM] = {
    [LH_ELEMENT_HEX8] = {3, 8,  ShapeHex8,     RuleGauss2, RuleGauss3},
    [LH_ELEMENT_TET4] = {3, 4,  ShapeSimplex1, RuleTet4,   RuleTet15 },
    [LH_ELEMENT_TET10] = {3, 10, ShapeSimplex2, RuleTet4,   RuleTet15 },
    [LH_ELEMENT_QUAD4] = {2, 4,  ShapeQuad4,    RuleGauss2, RuleGauss3},
    [LH_ELEMENT_TRI3] = {2, 3,  ShapeSimplex1, RuleTri3,   RuleTri7  },
    [LH_ELEMENT_TRI6] = {2, 6,  ShapeSimplex2, RuleTri3,   RuleTri7  },
};

void LhElementShape(LhElementKind kind, const double xi[3], double N[], double dN[][3]) {
  family[kind].shape(family[kind].dim, xi, N, dN);
}

void LhElementNodeEnds(LhElementKind kind, PetscInt a, PetscInt end[2]) {
  const PetscInt corners = family[kind].dim + 1;
  end[0] = end[1] = a;
  if (kind == LH_ELEMENT_TET10 && a >= corners) {
    end[0] = tet_edge[a - corners][0];
    end[1] = tet_edge[a - corners][1];
  } else if (kind == LH_ELEMENT_TRI6 && a >= corners) {
    end[0] = tri_edge[a - corners][0];
    end[1] = tri_edge[a - corners][1];
  }
}

static void Tabulate(LhElementKind kind, RuleFn rule, LhElement *element) {
  element->kind = kind;
  element->dim = family[kind].dim;
  rule(element);
  for (PetscInt q = 0; q < element->num_points; q++) {
    LhElementShape(kind, element->point[q], element->N[q], element->dN[q]);
    for (int ae = 0; ae < 3 * LH_ELEMENT_MAX_NODES; ae++)
      element->dN_single[q][ae / 3][ae % 3] = (float)element->dN[q][ae / 3][ae % 3];
  }
  element->num_nodes = family[kind].num_nodes;
}

const LhElement *LhElementGet(LhElementKind kind) {
  static LhElement table[LH_ELEMENT_NUM];
  if (!table[kind].num_nodes) Tabulate(kind, family[kind].rule, &table[kind]);
  return &table[kind];
}

const LhElement *LhElementGetFine(LhElementKind kind) {
  static LhElement table[LH_ELEMENT_NUM];
  if (!table[kind].num_nodes) Tabulate(kind, family[kind].fine, &table[kind]);
  return &table[kind];
}

/// J[3*d + e] = dx_d/dxi_e = sum_a x_a,d dN_a/dxi_e.
static void Jacobian(PetscInt num_nodes, const double dN[][3], const double (*x)[LH_BATCH],
                     double (*restrict J)[LH_BATCH]) {
  memset(J, 0, 9 * sizeof(*J));
  for (PetscInt a = 0; a < num_nodes; a++) {
    for (PetscInt d = 0; d < 3; d++) {
      LH_LANES(l) {
        J[3 * d][l] += x[3 * a + d][l] * dN[a][0];
        J[3 * d + 1][l] += x[3 * a + d][l] * dN[a][1];
        J[3 * d + 2][l] += x[3 * a + d][l] * dN[a][2];
      }
    }
  }
}

void LhElementGradients(const LhElement *element, PetscInt q, const double (*x)[LH_BATCH],
                        double (*restrict grad)[LH_BATCH], double dv[restrict LH_BATCH]) {
  const double(*dN)[3] = element->dN[q];
  const double weight = element->weight[q];
  double G[9][LH_BATCH], det[LH_BATCH];
  Jacobian(element->num_nodes, dN, x, G);
  LhElementInvert(G, det);
  LH_LANES(l) dv[l] = weight * det[l];
  for (PetscInt a = 0; a < element->num_nodes; a++) {
    for (PetscInt d = 0; d < 3; d++) {
      LH_LANES(l) {
        grad[3 * a + d][l] = dN[a][0] * G[d][l] + dN[a][1] * G[3 + d][l] + dN[a][2] * G[6 + d][l];
      }
    }
  }
}

void LhFaceNormal(const LhElement *element, PetscInt q, const double x[][3], double n[3]) {
  double t[2][3] = {{0}};
  for (PetscInt a = 0; a < element->num_nodes; a++) {
    for (PetscInt d = 0; d < 3; d++) {
      t[0][d] += element->dN[q][a][0] * x[a][d];
      t[1][d] += element->dN[q][a][1] * x[a][d];
    }
  }
  n[0] = element->weight[q] * (t[0][1] * t[1][2] - t[0][2] * t[1][1]);
  n[1] = element->weight[q] * (t[0][2] * t[1][0] - t[0][0] * t[1][2]);
  n[2] = element->weight[q] * (t[0][0] * t[1][1] - t[0][1] * t[1][0]);
}
