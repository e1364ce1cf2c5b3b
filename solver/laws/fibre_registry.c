/// @file
/// The registry of fibre laws; the only place that knows which ones exist is the list.
#include "laws/fibre_law.h"

#define LH_FIBRE_LAW(name) extern const LhFibreLaw lh_fibre_##name;
#include "laws/fibre_law_list.h"
#undef LH_FIBRE_LAW

static const LhFibreLaw *const registry[] = {
#define LH_FIBRE_LAW(name) &lh_fibre_##name,
#include "laws/fibre_law_list.h"
#undef LH_FIBRE_LAW
};

PetscErrorCode LhFibreLawGetAll(PetscInt *n, const LhFibreLaw *const **laws) {
  PetscFunctionBeginUser;
  *n = PETSC_STATIC_ARRAY_LENGTH(registry);
  *laws = registry;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreLawFind(const char name[], const LhFibreLaw **law) {
  PetscFunctionBeginUser;
  *law = NULL;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(registry); i++) {
    PetscBool same;

    PetscCall(PetscStrcmp(name, registry[i]->name, &same));
    if (same) *law = registry[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
