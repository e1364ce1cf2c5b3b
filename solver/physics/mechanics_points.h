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
  double resistance
      [LH_MAX_MECH_PHASES]
      [LH_BATCH];  ///< dissipation per plastic strain in the last part, 0 without flow [Pa]
} LhMechPoint;

/// Gathers the displacement; before the first LhMechanicsGetPoints(). Collective.
PetscErrorCode LhMechanicsBeginPoints(LhMechanics mechanics);
/// The points of one batch. Not collective.
PetscErrorCode LhMechanicsGetPoints(LhMechanics mechanics, PetscInt batch,
                                    LhMechPoint points[LH_MECH_MAX_POINTS]);
/// How many points a cell has, for arrays `[batch][point][lane]` over LhMechanicsGetBatches().
PetscErrorCode LhMechanicsGetNumPoints(LhMechanics mechanics, PetscInt *num_points);
