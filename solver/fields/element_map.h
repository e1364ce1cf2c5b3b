/// @file
/// All quadrature points of a batch of cells at once: reference derivatives of fields at the nodes, their transpose, and the
/// inverse of the mapping. Pure arithmetic on lanes; owns nothing.
///
/// Concept: sums over nodes stay in reference coordinates, where a hexahedron's derivatives are products of three factors,
/// and the mapping is applied at the points: a third of the work of gradients of every node.
#pragma once

#include "fields/element.h"

/// v[3*a + d][lane] at the nodes -> D[q][3*d + e][lane] = dv_d/dxi_e.
void LhElementDerive(const LhElement *element, const double (*v)[LH_BATCH],
                     double (*restrict D)[9][LH_BATCH]);
/// Its transpose: f[3*a + d] = sum over q and e of T[q][3*d + e] dN_a/dxi_e.
void LhElementGather(const LhElement *element, const double (*T)[9][LH_BATCH],
                     double (*restrict f)[LH_BATCH]);
/// From node coordinates x[3*a + d] [m]: inverse[q][3*e + d] = dxi_e/dx_d [1/m], dv[q] = weight * det dx/dxi [m^3].
void LhElementMap(const LhElement *element, const double (*x)[LH_BATCH],
                  double (*restrict inverse)[9][LH_BATCH], double (*restrict dv)[LH_BATCH]);
/// J -> its inverse, det J; a lane with det J = 0 holds no meaning.
void LhElementInvert(double (*restrict J)[LH_BATCH], double det[restrict LH_BATCH]);
