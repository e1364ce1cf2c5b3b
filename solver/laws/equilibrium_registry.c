/// @file
/// The registry of equilibrium laws; the only place that knows which ones exist is the list.
#include "laws/equilibrium_law.h"

#define LH_EQUILIBRIUM_LAW(name) extern const LhEquilibriumLaw lh_equilibrium_##name;
#include "laws/equilibrium_law_list.h"
#undef LH_EQUILIBRIUM_LAW

static const LhEquilibriumLaw *const registry[] = {
#define LH_EQUILIBRIUM_LAW(name) &lh_equilibrium_##name,
#include "laws/equilibrium_law_list.h"
#undef LH_EQUILIBRIUM_LAW
};

PetscErrorCode LhEquilibriumLawGetAll(PetscInt *n, const LhEquilibriumLaw *const **laws) {
  PetscFunctionBeginUser;
  *n = PETSC_STATIC_ARRAY_LENGTH(registry);
  *laws = registry;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEquilibriumLawFind(const char name[], const LhEquilibriumLaw **law) {
  PetscFunctionBeginUser;
  *law = NULL;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(registry); i++) {
    PetscBool same;

    PetscCall(PetscStrcmp(name, registry[i]->name, &same));
    if (same) *law = registry[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
