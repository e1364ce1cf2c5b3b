/// @file
/// The registry of transport laws; the only place that knows which ones exist is the list.
#include "laws/transport_law.h"

#define LH_TRANSPORT_LAW(name) extern const LhTransportLaw lh_transport_##name;
#include "laws/transport_law_list.h"
#undef LH_TRANSPORT_LAW

static const LhTransportLaw *const registry[] = {
#define LH_TRANSPORT_LAW(name) &lh_transport_##name,
#include "laws/transport_law_list.h"
#undef LH_TRANSPORT_LAW
};

PetscErrorCode LhTransportLawGetAll(PetscInt *n, const LhTransportLaw *const **laws) {
  PetscFunctionBeginUser;
  *n = PETSC_STATIC_ARRAY_LENGTH(registry);
  *laws = registry;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTransportLawFind(const char name[], const LhTransportLaw **law) {
  PetscFunctionBeginUser;
  *law = NULL;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(registry); i++) {
    PetscBool same;

    PetscCall(PetscStrcmp(name, registry[i]->name, &same));
    if (same) *law = registry[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
