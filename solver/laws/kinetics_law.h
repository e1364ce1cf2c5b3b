/// @file
/// Interface kinetics: anodic and cathodic current density of one reaction, kept apart so that the
/// supply of each phase can limit its own direction (physics: a galvanostatic strip has no solution
/// once a phase is exhausted unless its supply is rate-limited).
/// To add one: laws/kinetics/kinetics_<name>.c and its line in kinetics_law_list.h.
#pragma once

#include "base/param.h"

/// What the interface sees. Stripping is anodic and positive.
typedef struct {
  double eta[LH_BATCH];       ///< overpotential over the interface, film drop already taken off [V]
  double lnc[LH_BATCH];       ///< ln of salt concentration, c in mol/m^3
  double pressure[LH_BATCH];  ///< p = -tr(sigma)/3 in the lithium [Pa]
  double temperature;         ///< [K]
  double molar_volume;        ///< of the lithium that leaves [m^3/mol]
} LhKineticsInput;

typedef struct {
  double anodic[LH_BATCH], danodic_deta[LH_BATCH], danodic_dlnc[LH_BATCH];        ///< >= 0 [A/m^2]
  double cathodic[LH_BATCH], dcathodic_deta[LH_BATCH], dcathodic_dlnc[LH_BATCH];  ///< >= 0 [A/m^2]
} LhKineticsOutput;

typedef struct {
  const char *name, *brief;
  const LhParam *params;
  PetscInt num_params;
  size_t params_size;
  /// Arguments of exponentials are limited smoothly (linear continuation) so that no Newton iterate overflows.
  void (*evaluate)(const void *params, const LhKineticsInput *in, LhKineticsOutput *out);
  /// Exchange current density at c and T, for dimensionless groups [A/m^2].
  double (*exchange)(const void *params, double lnc, double temperature);
} LhKineticsLaw;

/// NULL when there is none of that name.
PetscErrorCode LhKineticsLawFind(const char name[], const LhKineticsLaw **law);
PetscErrorCode LhKineticsLawGetAll(PetscInt *n, const LhKineticsLaw *const **laws);
