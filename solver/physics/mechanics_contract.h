/// @file
/// From tangents at the points of a batch to element matrices. Private to the element kernel (mechanics_kernel.c).
///
/// Concept: for each node b the stresses T of its three unknowns at all points, then for each pair of nodes nine sums
/// over the points that stay in registers: an entry of K is written once. Lanes are innermost everywhere. The same source
/// is compiled for sums in double and in single precision.
#pragma once

#include "physics/mechanics_kernel.h"

/// What the tangents A at the points are known to have.
typedef enum {
  LH_MECH_GENERAL,
  LH_MECH_MAJOR,  ///< A_mn = A_nm: half of K is computed
  LH_MECH_ELASTIC  ///< all symmetries: 21 components, times dv, come first in A of the precision asked for
} LhMechSymmetry;

/// K = int Grad N_a . A . Grad N_b dV, with the mean dilatation plus row H^T + H column^T.
void LhMechContract(const LhMechBatch *batch, LhMechSymmetry symmetry, LhMechWork *w);
/// The same into single.K, from members rounded once to single precision.
void LhMechContractSingle(const LhMechBatch *batch, LhMechSymmetry symmetry, LhMechWork *w);
