/// @file
/// The registry of damage laws; the only place that knows which ones exist is the list.
#include "laws/damage_law.h"

#define LH_DAMAGE_LAW(name) extern const LhDamageLaw lh_damage_##name;
#include "laws/damage_law_list.h"
#undef LH_DAMAGE_LAW

static const LhDamageLaw *const registry[] = {
#define LH_DAMAGE_LAW(name) &lh_damage_##name,
#include "laws/damage_law_list.h"
#undef LH_DAMAGE_LAW
};

PetscErrorCode LhDamageLawGetAll(PetscInt *n, const LhDamageLaw *const **laws) {
  PetscFunctionBeginUser;
  *n = PETSC_STATIC_ARRAY_LENGTH(registry);
  *laws = registry;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageLawFind(const char name[], const LhDamageLaw **law) {
  PetscFunctionBeginUser;
  *law = NULL;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(registry); i++) {
    PetscBool same;

    PetscCall(PetscStrcmp(name, registry[i]->name, &same));
    if (same) *law = registry[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
