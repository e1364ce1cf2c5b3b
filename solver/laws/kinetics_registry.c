/// @file
/// The registry of kinetics laws; the only place that knows which ones exist is the list.
#include "laws/kinetics_law.h"

#define LH_KINETICS_LAW(name) extern const LhKineticsLaw lh_kinetics_##name;
#include "laws/kinetics_law_list.h"
#undef LH_KINETICS_LAW

static const LhKineticsLaw *const registry[] = {
#define LH_KINETICS_LAW(name) &lh_kinetics_##name,
#include "laws/kinetics_law_list.h"
#undef LH_KINETICS_LAW
};

PetscErrorCode LhKineticsLawGetAll(PetscInt *n, const LhKineticsLaw *const **laws) {
  PetscFunctionBeginUser;
  *n = PETSC_STATIC_ARRAY_LENGTH(registry);
  *laws = registry;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhKineticsLawFind(const char name[], const LhKineticsLaw **law) {
  PetscFunctionBeginUser;
  *law = NULL;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(registry); i++) {
    PetscBool same;

    PetscCall(PetscStrcmp(name, registry[i]->name, &same));
    if (same) *law = registry[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
