/// @file
/// Equilibrium potential U(y, T) of a lithium host versus Li/Li+.
///
/// To add one: laws/equilibrium/equilibrium_<name>.c and its line in equilibrium_law_list.h.
/// U is smooth and never rises with y, so that more lithium never looks less stable.
#pragma once

#include "base/param.h"

typedef struct {
  const char *name, *brief;
  const LhParam *params;
  PetscInt num_params;
  size_t params_size;
  /// What is wrong with a set of parameters that its rows cannot say (static text), or NULL. May be NULL.
  const char *(*check)(const void *params);
  /// y: content over capacity (1 = full) [1] -> U [V], dU/dy [V].
  void (*evaluate)(const void *params, const double y[LH_BATCH], double temperature,
                   double U[LH_BATCH], double dU[LH_BATCH]);
} LhEquilibriumLaw;

/// NULL when there is none of that name.
PetscErrorCode LhEquilibriumLawFind(const char name[], const LhEquilibriumLaw **law);
PetscErrorCode LhEquilibriumLawGetAll(PetscInt *n, const LhEquilibriumLaw *const **laws);
