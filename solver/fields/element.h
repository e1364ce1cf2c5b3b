/// @file
/// Tabulated Lagrange elements and the geometry of a batch at a quadrature point.
#pragma once

#include "base/base.h"

#define LH_ELEMENT_MAX_NODES  10
#define LH_ELEMENT_MAX_POINTS 27

typedef enum {
  LH_ELEMENT_HEX8,   ///< 2x2x2 Gauss points
  LH_ELEMENT_TET4,   ///< 4 points, exact to degree 2
  LH_ELEMENT_TET10,  ///< 4 points for stiffness; nodes: 4 vertices, edges 01 12 02 03 13 23 (VTK order)
  LH_ELEMENT_QUAD4,  ///< 2x2, on faces
  LH_ELEMENT_TRI3,   ///< 3 points, on faces
  LH_ELEMENT_TRI6,   ///< 3 points, on faces
  LH_ELEMENT_NUM
} LhElementKind;

typedef struct {
  LhElementKind kind;
  PetscInt      dim, num_nodes, num_points;
  double        weight[LH_ELEMENT_MAX_POINTS];                         ///< sums to the reference volume
  double        point[LH_ELEMENT_MAX_POINTS][3];                       ///< reference coordinates
  double        N[LH_ELEMENT_MAX_POINTS][LH_ELEMENT_MAX_NODES];        ///< shape functions
  double        dN[LH_ELEMENT_MAX_POINTS][LH_ELEMENT_MAX_NODES][3];    ///< reference derivatives
} LhElement;

/// Borrowed, built once.
const LhElement *LhElementGet(LhElementKind kind);
/// A finer rule for errors and loads: hex8 with 3x3x3 points, tet10 with a degree-5 rule (15 points).
const LhElement *LhElementGetFine(LhElementKind kind);

/// Gradients and volume of point q for all lanes: x[3*a + d][lane] node coordinates [m] ->
/// grad[3*a + d][lane] dN_a/dx_d [1/m], dv[lane] = weight * det J [m^3].
void LhElementGradients(const LhElement *element, PetscInt q, const double (*x)[LH_BATCH],
                        double (*grad)[LH_BATCH], double dv[LH_BATCH]);
/// Normal times area weight of a face point (one face): x[a][3] -> n[3] [m^2], along the outward normal.
void LhFaceNormal(const LhElement *element, PetscInt q, const double x[][3], double n[3]);
