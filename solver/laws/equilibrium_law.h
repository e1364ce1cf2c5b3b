/// @file
/// Equilibrium potential U(y, T) of a lithium host versus Li/Li+.
#pragma once

#include "base/param.h"

typedef struct {
  const char    *name, *brief;
  const LhParam *params;
  PetscInt       num_params;
  size_t         params_size;
  /// y: content over capacity (1 = full) [1] -> U [V], dU/dy [V].
  void (*evaluate)(const void *params, const double y[LH_BATCH], double temperature, double U[LH_BATCH],
                   double dU[LH_BATCH]);
} LhEquilibriumLaw;

PetscErrorCode LhEquilibriumLawFind(const char name[], const LhEquilibriumLaw **law);
PetscErrorCode LhEquilibriumLawGetAll(PetscInt *n, const LhEquilibriumLaw *const **laws);
