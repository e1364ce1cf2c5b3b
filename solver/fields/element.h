/// @file
/// Tabulated Lagrange elements and the geometry of a batch at a quadrature point.
///
/// Reference cells: [-1,1]^3 (hex8), [-1,1]^2 (quad4), the unit simplex (all others).
#pragma once

#include "base/base.h"

#define LH_ELEMENT_MAX_NODES  10
#define LH_ELEMENT_MAX_POINTS 27

typedef enum {
  LH_ELEMENT_HEX8,  ///< 2x2x2 Gauss points
  LH_ELEMENT_TET4,  ///< 4 points, exact to degree 2
  LH_ELEMENT_TET10,  ///< 4 points for stiffness; nodes: 4 vertices, edges 01 12 02 03 13 23 (VTK order)
  LH_ELEMENT_QUAD4,  ///< 2x2, on faces
  LH_ELEMENT_TRI3,   ///< 3 points, on faces
  LH_ELEMENT_TRI6,   ///< 3 points, on faces; nodes: 3 vertices, edges 01 12 20
  LH_ELEMENT_NUM
} LhElementKind;

typedef struct {
  LhElementKind kind;
  PetscInt dim, num_nodes, num_points;
  double weight[LH_ELEMENT_MAX_POINTS];                       ///< sums to the reference volume
  double point[LH_ELEMENT_MAX_POINTS][3];                     ///< reference coordinates
  double N[LH_ELEMENT_MAX_POINTS][LH_ELEMENT_MAX_NODES];      ///< shape functions
  double dN[LH_ELEMENT_MAX_POINTS][LH_ELEMENT_MAX_NODES][3];  ///< reference derivatives
  float dN_single[LH_ELEMENT_MAX_POINTS][LH_ELEMENT_MAX_NODES][3];  ///< the same, rounded
} LhElement;

/// Borrowed, built once.
const LhElement *LhElementGet(LhElementKind kind);
/// A finer rule, exact to degree 5, for errors and loads: 3x3x3 and 3x3 Gauss points, 15 points in a
/// tetrahedron, 7 in a triangle.
const LhElement *LhElementGetFine(LhElementKind kind);

/// Shape functions and reference derivatives at any point, e.g. to probe a field: N[a], dN[a][e].
void LhElementShape(LhElementKind kind, const double xi[3], double N[], double dN[][3]);

/// The two corners between which node a lies in the middle; equal for a corner.
void LhElementNodeEnds(LhElementKind kind, PetscInt a, PetscInt end[2]);

/// Gradients and volume of point q for all lanes: x[3*a + d][lane] node coordinates [m] ->
/// grad[3*a + d][lane] dN_a/dx_d [1/m], dv[lane] = weight * det J [m^3].
void LhElementGradients(const LhElement *element, PetscInt q, const double (*x)[LH_BATCH],
                        double (*restrict grad)[LH_BATCH], double dv[restrict LH_BATCH]);
/// Normal times area weight of a face point (one face): x[a][3] -> n[3] [m^2], along the outward normal.
void LhFaceNormal(const LhElement *element, PetscInt q, const double x[][3], double n[3]);
