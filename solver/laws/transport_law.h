/// @file
/// Transport laws of a binary electrolyte: properties of a batch of points from concentration and
/// temperature. To add one: laws/transport/transport_<name>.c and its line in transport_law_list.h.
#pragma once

#include "base/param.h"

/// Bulk (free-liquid) properties and their derivatives with respect to ln c.
typedef struct {
  double kappa[LH_BATCH], dkappa[LH_BATCH];  ///< ionic conductivity [S/m]
  double D[LH_BATCH], dD[LH_BATCH];          ///< salt diffusivity [m^2/s]
  double tplus[LH_BATCH], dtplus[LH_BATCH];  ///< cation transference number t+ [1]
  double tdf[LH_BATCH], dtdf[LH_BATCH];      ///< thermodynamic factor 1 + dln f / dln c [1]
} LhTransport;

typedef struct {
  const char *name, *brief;
  const LhParam *params;
  PetscInt num_params;
  size_t params_size;
  double c_min, c_max;  ///< range of concentration to trust, for warnings; 0 = any [mol/m^3]
  double T_min, T_max;  ///< range of temperature to trust, for warnings; 0 = any [K]
  /// c = exp(lnc) [mol/m^3]. Outside its data range a law extrapolates smoothly and stays positive.
  void (*evaluate)(const void *params, const double lnc[LH_BATCH], double temperature,
                   LhTransport *out);
} LhTransportLaw;

/// NULL when there is none of that name.
PetscErrorCode LhTransportLawFind(const char name[], const LhTransportLaw **law);
PetscErrorCode LhTransportLawGetAll(PetscInt *n, const LhTransportLaw *const **laws);
