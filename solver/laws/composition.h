/// @file
/// Composition of a host from its precursors, by stoichiometry (physics.md B.1).
///
/// Zn3N2 + 9 Li -> 3 LiZn + 2 Li3N and Zn + Li -> LiZn, both complete; CNT is inert. Nothing is
/// typed in: mass and volume fractions, density and capacities follow from masses and densities.
#pragma once

#include "base/base.h"

typedef enum {
  LH_PHASE_LI,
  LH_PHASE_LIZN,
  LH_PHASE_LI3N,
  LH_PHASE_CNT,
  LH_PHASE_ZN,
  LH_NUM_PHASES
} LhPhase;

/// Molar mass [kg/mol] and density [kg/m^3] of each phase (CNT: per mol of C).
typedef struct {
  double molar_mass[LH_NUM_PHASES], density[LH_NUM_PHASES];
} LhPhaseData;

/// Masses of the precursors [any common unit].
typedef struct {
  double li, zn, zn3n2, cnt;
} LhPrecursors;

/// The dense composite (no pores), per its own volume.
typedef struct {
  double mass_fraction[LH_NUM_PHASES], volume_fraction[LH_NUM_PHASES];
  double density;              ///< [kg/m^3]
  double n_li, n_zn;           ///< free lithium; zinc (all as LiZn) [mol/m^3]
  double capacity_free;        ///< of the free lithium [C/kg]
  double capacity_all;         ///< with de-alloying of LiZn to Zn [C/kg]
  double capacity_all_volume;  ///< [C/m^3]
  double void_after_strip;     ///< pore fraction after full strip at constant outer volume [1]
} LhComposition;

/// `*why` (static text) is set when there is not enough lithium for the reactions, else NULL.
PetscErrorCode LhCompositionCompute(const LhPrecursors *precursors, const LhPhaseData *phases,
                                    LhComposition *composition, const char **why);
/// Masses from moles, in place (CNT: mol of C); the molar mass of Zn3N2 follows from Zn, Li3N and Li.
PetscErrorCode LhPrecursorsFromMoles(LhPrecursors *precursors, const LhPhaseData *phases);
/// Mass of CNT that makes up `mass_fraction` of the composite, the other precursors unchanged.
PetscErrorCode LhPrecursorsSetCntFraction(LhPrecursors *precursors, double mass_fraction);
