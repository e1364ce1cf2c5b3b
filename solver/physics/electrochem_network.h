/// @file
/// The Li3N network with a potential of its own (E2b), eliminated from the unknowns.
///
/// In the network -Div(k_N Grad phi_N) = -q_N with q_N = g (phi_N - phi_e), g = A_N / R_N [S/m^3]; what leaves it
/// enters the liquid. With K the stiffness of k_N and M the lumped mass of g, phi_N = phi_e - (K + M)^-1 K phi_e, and
/// the liquid sees the operator K - T, T = K (K + M)^-1 K, instead of the K of local equilibrium (g = infinity, T = 0).
/// T is symmetric and has no row sum, so charge stays balanced. The network of a region ends where the region ends.
#pragma once

#include "physics/electrochem_impl.h"

/// `*network` is NULL when no region exchanges charge at a finite rate. Collective.
PetscErrorCode LhEcNetworkCreate(LhElectrochem ec, LhEcNetwork *network);
PetscErrorCode LhEcNetworkDestroy(LhEcNetwork *network);
/// Stiffness or composition have changed: set up again before the next use.
void LhEcNetworkRenew(LhEcNetwork network);
/// flux = T phi on owned nodes [A]. Collective.
PetscErrorCode LhEcNetworkApply(LhEcNetwork network, Vec phi, Vec flux);
/// phi_N [V] on owned nodes; NaN-free: phi_e where there is no network. Collective.
PetscErrorCode LhEcNetworkGetPotential(LhEcNetwork network, Vec phi_e, Vec phi_n);
/// A vector of one entry an owned node.
PetscErrorCode LhEcNetworkCreateVec(LhEcNetwork network, Vec *v);
/// `op` without the share T of local equilibrium, for the condensed system of LhElectrochemGetOperators().
PetscErrorCode LhEcNetworkWrap(LhEcNetwork network, Mat op, Mat *wrapped);
