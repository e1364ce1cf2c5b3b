/// @file
/// From tangents at the points of a batch to element matrices. Private to the element kernel (mechanics_kernel.c).
///
/// Concept: for each node b the stresses T of its three unknowns at all points, then for each pair of nodes nine sums
/// over the points that stay in registers: an entry of K is written once. Lanes are innermost everywhere.
#pragma once

#include "physics/mechanics_kernel.h"

#define LH_MECH_SYMMETRIC 21  ///< components of a tangent with all symmetries of an elastic one

/// Place of (m, n), m <= n, in xx yy zz yz xz xy among them.
#define LH_MECH_SYMMETRIC_AT(m, n) ((m)*6 - (m) * ((m)-1) / 2 + (n) - (m))

/// Parts of K that are outer products with H of (K1): K_de += row_d H_e + H_d column_e.
typedef struct {
  double row[LH_MECH_MAX_DOFS][LH_BATCH], column[LH_MECH_MAX_DOFS][LH_BATCH];
} LhMechOuter;

/// K = int Grad N_a . A . Grad N_b dV, plus `outer` unless NULL. `symmetric`: half of it is computed.
void LhMechContract(const LhElement *element, PetscBool symmetric, const LhMechOuter *outer,
                    LhMechWork *w);
/// The same for tangents with all symmetries, whose 21 components come first in A.
void LhMechContractSmall(const LhElement *element, LhMechWork *w);
