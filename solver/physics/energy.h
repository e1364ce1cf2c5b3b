/// @file
/// Where the work done on a mechanics problem goes: stored elastically, dissipated by flow, dissipated by damage
/// (theory, damage.md D7 to D9).
///
/// Rates are integrated by the trapezoidal rule at every point, second order in the step, so that
/// work = stored + flow + damage can be checked. Follows the problem step by step: call LhEnergyAdvance() once
/// after each solved step, before LhMechanicsAccept(). Never changes the problem. Fibres keep their own account.
#pragma once

#include "physics/mechanics_points.h"

typedef struct _n_LhEnergy *LhEnergy;

typedef struct {
  double stored;  ///< elastic energy now, integrity included [J]
  double flow;    ///< dissipated by plastic flow and creep since the start [J]
  double damage;  ///< dissipated by damage since the start [J]
} LhEnergySums;

/// `integrity` as given to LhMechanicsSetIntegrity(), borrowed; NULL without damage.
PetscErrorCode LhEnergyCreate(LhMechanics mechanics, const double *integrity, LhEnergy *energy);
PetscErrorCode LhEnergyDestroy(LhEnergy *energy);
/// Adds the step that was just solved. Collective.
PetscErrorCode LhEnergyAdvance(LhEnergy energy);
/// Equal on all ranks. Not collective.
PetscErrorCode LhEnergyGetSums(LhEnergy energy, LhEnergySums *sums);
/// For a checkpoint: history by cell as LhMechanicsPackHistory(), and the sums.
PetscErrorCode LhEnergyGetHistorySize(LhEnergy energy, PetscInt *size);
PetscErrorCode LhEnergyPackHistory(LhEnergy energy, double rows[]);
PetscErrorCode LhEnergyUnpackHistory(LhEnergy energy, const double rows[],
                                     const LhEnergySums *sums);
