/// @file
/// What the phases of a solved step are like at quadrature points: flow, stress, energy; without damage.
///
/// For damage and for energy balances. Evaluates the laws at the displacement of the last part: call between a
/// solve and LhMechanicsAccept().
#pragma once

#include "physics/mechanics.h"
#include "physics/mechanics_kernel.h"

/// One quadrature point of a batch; per reference volume of the cell, weight of the phase included.
typedef struct {
  double dv[LH_BATCH];         ///< [m^3]
  double stored[LH_BATCH];     ///< elastic energy of all phases, tau : eps_e / 2 (M5) [J/m^3]
  double cauchy[6][LH_BATCH];  ///< of the phase that flows, xx yy zz yz xz xy [Pa]
  PetscInt num_phases,
      flowing;  ///< index of the first phase that knows plastic or creep strain, else 0
  double strain[LH_MAX_MECH_PHASES][LH_BATCH];  ///< equivalent plastic strain now [1]
  /// What flow has changed in the step, and the force whose product with a change of it is the work of flow (D8); weight of the
  /// phase included. 0 for phases that do not flow.
  double flowed[LH_MAX_MECH_PHASES][6][LH_BATCH];  ///< [1]
  double force[LH_MAX_MECH_PHASES][6][LH_BATCH];   ///< [Pa]
} LhMechPoint;

/// Gathers the displacement; before the first LhMechanicsGetPoints(). Collective.
PetscErrorCode LhMechanicsBeginPoints(LhMechanics mechanics);
/// The points of one batch; `flowed` and `force` only when asked for. Not collective.
PetscErrorCode LhMechanicsGetPoints(LhMechanics mechanics, PetscInt batch, PetscBool with_force,
                                    LhMechPoint points[LH_MECH_MAX_POINTS]);
/// Most phases of a cell, on this rank. Not collective.
PetscErrorCode LhMechanicsGetMostPhases(LhMechanics mechanics, PetscInt *num_phases);
/// How many points a cell has, for arrays `[batch][point][lane]` over LhMechanicsGetBatches().
PetscErrorCode LhMechanicsGetNumPoints(LhMechanics mechanics, PetscInt *num_points);
