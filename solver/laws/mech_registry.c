/// @file
/// Registry of mechanical laws, filled from mech_law_list.h, and what goes for all of them; holds no state.
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

void LhMechExpandTangent(LhMechOutput *out) {
  static const int sym[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};

  for (int mn = 0; mn < 81; mn++) {
    const int m = sym[mn / 9], n = sym[mn % 9];
    const double *in = out->C[m < n ? LH_MECH_SYMMETRIC_AT(m, n) : LH_MECH_SYMMETRIC_AT(n, m)];
    LH_LANES(l) out->A[mn / 9][mn % 9][l] = in[l];
  }
}
