/// @file
/// Registry of mechanical laws, filled from mech_law_list.h; holds no state.
#include "laws/mech_law.h"

#define LH_MECH_LAW(name) extern const LhMechLaw lh_mech_##name;
#include "laws/mech_law_list.h"
#undef LH_MECH_LAW

static const LhMechLaw *const registry[] = {
#define LH_MECH_LAW(name) &lh_mech_##name,
#include "laws/mech_law_list.h"
#undef LH_MECH_LAW
};

PetscErrorCode LhMechLawGetAll(PetscInt *n, const LhMechLaw *const **laws) {
  PetscFunctionBeginUser;
  *n = PETSC_STATIC_ARRAY_LENGTH(registry);
  *laws = registry;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechLawFind(const char name[], const LhMechLaw **law) {
  PetscFunctionBeginUser;
  *law = NULL;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(registry); i++) {
    PetscBool same;

    PetscCall(PetscStrcmp(name, registry[i]->name, &same));
    if (same) *law = registry[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
