/// @file
/// Topology tables of hex8 and tet4 and the geometry of a single cell. See cell_shape.h.
#include "mesh/cell_shape.h"

#include <math.h>

static const LhCellShape shapes[] = {
    [LH_CELL_HEX8] = {.vertices = 8,
                      .sides = 6,
                      .side_vertices = 4,
                      .edges = 12,
                      .corners = 8,
                      .side = {{0, 3, 2, 1},
                               {4, 5, 6, 7},
                               {0, 1, 5, 4},
                               {2, 3, 7, 6},
                               {3, 0, 4, 7},
                               {1, 2, 6, 5}},
                      .edge = {{0, 1},
                               {1, 2},
                               {2, 3},
                               {3, 0},
                               {4, 5},
                               {5, 6},
                               {6, 7},
                               {7, 4},
                               {0, 4},
                               {1, 5},
                               {2, 6},
                               {3, 7}},
                      .corner = {{0, 1, 3, 4},
                                 {1, 2, 0, 5},
                                 {2, 3, 1, 6},
                                 {3, 0, 2, 7},
                                 {4, 7, 5, 0},
                                 {5, 4, 6, 1},
                                 {6, 5, 7, 2},
                                 {7, 6, 4, 3}},
                      .corner_volume = 1.                 },
    [LH_CELL_TET4] = {.vertices = 4,
                      .sides = 4,
                      .side_vertices = 3,
                      .edges = 6,
                      .corners = 4,
                      .side = {{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {0, 3, 2}},
                      .edge = {{0, 1}, {1, 2}, {2, 0}, {0, 3}, {1, 3}, {2, 3}},
                      .corner = {{0, 1, 2, 3}, {1, 2, 0, 3}, {2, 0, 1, 3}, {3, 0, 2, 1}},
                      .corner_volume = 0.70710678118654752}
};

const LhCellShape *LhCellShapeGet(LhCellType type) {
  return &shapes[type];
}

static void Subtract(const PetscReal a[3], const PetscReal b[3], PetscReal d[3]) {
  for (PetscInt i = 0; i < 3; i++) d[i] = a[i] - b[i];
}

static void Cross(const PetscReal a[3], const PetscReal b[3], PetscReal c[3]) {
  c[0] = a[1] * b[2] - a[2] * b[1];
  c[1] = a[2] * b[0] - a[0] * b[2];
  c[2] = a[0] * b[1] - a[1] * b[0];
}

static PetscReal Dot(const PetscReal a[3], const PetscReal b[3]) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static PetscReal Triple(const PetscReal a[3], const PetscReal b[3], const PetscReal c[3]) {
  PetscReal n[3];
  Cross(a, b, n);
  return Dot(n, c);
}

/// Signs of the reference coordinates of a hexahedron's vertices; the first four are the square's.
static const PetscReal hex_sign[8][3] = {
    {-1, -1, -1},
    {1,  -1, -1},
    {1,  1,  -1},
    {-1, 1,  -1},
    {-1, -1, 1 },
    {1,  -1, 1 },
    {1,  1,  1 },
    {-1, 1,  1 }
};

/// det(dx/dxi) of the trilinear map at the reference point `xi`.
static PetscReal HexJacobian(const PetscReal x[][3], const PetscReal xi[3]) {
  PetscReal t[3][3] = {{0.}};
  for (PetscInt v = 0; v < 8; v++) {
    const PetscReal *s = hex_sign[v];
    for (PetscInt d = 0; d < 3; d++) {
      const PetscInt e = (d + 1) % 3, f = (d + 2) % 3;
      const PetscReal slope = 0.125 * s[d] * (1. + s[e] * xi[e]) * (1. + s[f] * xi[f]);
      for (PetscInt i = 0; i < 3; i++) t[d][i] += slope * x[v][i];
    }
  }
  return Triple(t[0], t[1], t[2]);
}

PetscReal LhCellVolume(LhCellType type, const PetscReal x[][3]) {
  if (type == LH_CELL_TET4) {
    PetscReal a[3], b[3], c[3];
    Subtract(x[1], x[0], a);
    Subtract(x[2], x[0], b);
    Subtract(x[3], x[0], c);
    return Triple(a, b, c) / 6.;
  }
  // The Jacobian is quadratic in each reference coordinate: 2 Gauss points a direction are exact.
  const PetscReal g = 1. / PetscSqrtReal(3.);
  PetscReal volume = 0.;
  for (PetscInt q = 0; q < 8; q++) {
    const PetscReal xi[3] = {g * hex_sign[q][0], g * hex_sign[q][1], g * hex_sign[q][2]};
    volume += HexJacobian(x, xi);
  }
  return volume;
}

/// Solves t[0] y0 + t[1] y1 + t[2] y2 = r by Cramer's rule.
static void SolveColumns(const PetscReal t[3][3], const PetscReal r[3], PetscReal y[3]) {
  const PetscReal det = Triple(t[0], t[1], t[2]);
  for (PetscInt d = 0; d < 3; d++) y[d] = Triple(r, t[(d + 1) % 3], t[(d + 2) % 3]) / det;
}

/// Point and tangents of the trilinear map at `xi`.
static void HexMap(const PetscReal x[][3], const PetscReal xi[3], PetscReal at[3],
                   PetscReal t[3][3]) {
  for (PetscInt i = 0; i < 3; i++) at[i] = t[0][i] = t[1][i] = t[2][i] = 0.;
  for (PetscInt v = 0; v < 8; v++) {
    const PetscReal *s = hex_sign[v];
    const PetscReal f[3] = {1. + s[0] * xi[0], 1. + s[1] * xi[1], 1. + s[2] * xi[2]};
    for (PetscInt i = 0; i < 3; i++) {
      at[i] += 0.125 * f[0] * f[1] * f[2] * x[v][i];
      for (PetscInt d = 0; d < 3; d++)
        t[d][i] += 0.125 * s[d] * f[(d + 1) % 3] * f[(d + 2) % 3] * x[v][i];
    }
  }
}

void LhCellLocate(LhCellType type, const PetscReal x[][3], const PetscReal point[3],
                  PetscReal xi[3]) {
  PetscReal t[3][3], at[3], r[3], step[3];

  for (PetscInt d = 0; d < 3; d++) xi[d] = 0.;
  if (type == LH_CELL_TET4) {
    for (PetscInt d = 0; d < 3; d++) Subtract(x[d + 1], x[0], t[d]);
    Subtract(point, x[0], r);
    SolveColumns((const PetscReal(*)[3])t, r, xi);
    return;
  }
  for (PetscInt k = 0; k < 20; k++) {  // Newton: one step for a parallelepiped
    HexMap(x, xi, at, t);
    Subtract(point, at, r);
    SolveColumns((const PetscReal(*)[3])t, r, step);
    for (PetscInt d = 0; d < 3; d++) xi[d] += step[d];
    if (PetscAbsReal(step[0]) + PetscAbsReal(step[1]) + PetscAbsReal(step[2]) < 1e-14) return;
  }
}

PetscReal LhCellScaledJacobian(LhCellType type, const PetscReal x[][3]) {
  const LhCellShape *shape = LhCellShapeGet(type);
  PetscReal worst = PETSC_MAX_REAL;
  for (PetscInt k = 0; k < shape->corners; k++) {
    const PetscInt *c = shape->corner[k];
    PetscReal e[3][3], product = shape->corner_volume;
    for (PetscInt j = 0; j < 3; j++) {
      Subtract(x[c[j + 1]], x[c[0]], e[j]);
      product *= PetscSqrtReal(Dot(e[j], e[j]));
    }
    worst = PetscMin(worst, product > 0. ? Triple(e[0], e[1], e[2]) / product : 0.);
  }
  return worst;
}

PetscReal LhCellAspect(LhCellType type, const PetscReal x[][3]) {
  const LhCellShape *shape = LhCellShapeGet(type);
  PetscReal shortest = PETSC_MAX_REAL, longest = 0.;
  for (PetscInt k = 0; k < shape->edges; k++) {
    PetscReal e[3];
    Subtract(x[shape->edge[k][1]], x[shape->edge[k][0]], e);
    const PetscReal size = PetscSqrtReal(Dot(e, e));
    shortest = PetscMin(shortest, size);
    longest = PetscMax(longest, size);
  }
  return shortest > 0. ? longest / shortest : PETSC_MAX_REAL;
}

/// |dx/dxi x dx/deta| of the bilinear map of a quadrilateral.
static PetscReal QuadJacobian(const PetscReal x[][3], PetscReal xi, PetscReal eta) {
  PetscReal t[2][3] = {{0.}}, n[3];
  for (PetscInt v = 0; v < 4; v++) {
    const PetscReal *s = hex_sign[v];
    for (PetscInt i = 0; i < 3; i++) {
      t[0][i] += 0.25 * s[0] * (1. + s[1] * eta) * x[v][i];
      t[1][i] += 0.25 * s[1] * (1. + s[0] * xi) * x[v][i];
    }
  }
  Cross(t[0], t[1], n);
  return PetscSqrtReal(Dot(n, n));
}

PetscReal LhFaceArea(PetscInt num_vertices, const PetscReal x[][3]) {
  if (num_vertices == 3) {
    PetscReal a[3], b[3], n[3];
    Subtract(x[1], x[0], a);
    Subtract(x[2], x[0], b);
    Cross(a, b, n);
    return 0.5 * PetscSqrtReal(Dot(n, n));
  }
  const PetscReal g = 1. / PetscSqrtReal(3.);
  PetscReal area = 0.;
  for (PetscInt q = 0; q < 4; q++) area += QuadJacobian(x, g * hex_sign[q][0], g * hex_sign[q][1]);
  return area;
}
