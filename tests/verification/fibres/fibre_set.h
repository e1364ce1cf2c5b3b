/// @file
/// Fibres for the tests of this folder: straight lines, a law with parameters by name, the term.
#pragma once

#include "physics/fibres.h"
#include "unit/mechanics/fixture.h"

typedef struct {
  const LhFibres *fibres;
  LhFibreMaterial material;
  LhFibreTerm term;
} FibreSet;

/// `num` straight fibres from ends[6 k] to ends[6 k + 3]. Equal tubes.
static inline PetscErrorCode FibreSetLines(FibreSet *set, LhMesh mesh, PetscInt num,
                                           const double ends[], double diameter, double tubes) {
  PetscInt *offset;
  double *d, *n;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(num + 1, &offset, num, &d, num, &n));
  for (PetscInt k = 0; k <= num; k++) offset[k] = 2 * k;
  for (PetscInt k = 0; k < num; k++) d[k] = diameter, n[k] = tubes;
  PetscCall(LhMeshSetFibres(
      mesh,
      &(LhFibresSpec){.num = num, .offset = offset, .points = ends, .diameter = d, .tubes = n}));
  PetscCall(PetscFree3(offset, d, n));
  PetscCall(LhMeshGetFibres(mesh, &set->fibres));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline PetscErrorCode FibreSetLaw(FibreSet *set, const char law[], const Value values[]) {
  const LhFibreLaw *found;

  PetscFunctionBeginUser;
  PetscCall(LhFibreLawFind(law, &found));
  PetscCheck(found, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "No law %s", law);
  set->material.law = found;
  PetscCall(PetscCalloc1(found->params_size, (char **)&set->material.params));
  for (PetscInt k = 0; k < found->num_params; k++) {
    const LhParam *row = &found->params[k];
    char *at = (char *)set->material.params + row->offset;
    const Value *given = values;

    while (given->name && strcmp(given->name, row->name)) given++;
    PetscCheck(given->name || row->fallback, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "%s needs %s",
               law, row->name);
    if (row->kind == LH_PARAM_BOOL)
      *(PetscBool *)at = given->name && given->value != 0. ? PETSC_TRUE : PETSC_FALSE;
    else
      *(double *)at = given->name ? given->value : strtod(row->fallback, NULL);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// After FibreSetLines() and FibreSetLaw().
static inline PetscErrorCode FibreSetTerm(FibreSet *set, LhMechanics mech) {
  LhBatches batches;
  LhSpace space;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetSpace(mech, &space));
  PetscCall(LhMechanicsGetBatches(mech, &batches));
  PetscCall(LhFibreTermCreate(space, batches, set->fibres, set->material.law, set->material.params,
                              &set->term));
  PetscCall(LhMechanicsSetFibres(mech, set->term));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline PetscErrorCode FibreSetDestroy(FibreSet *set) {
  PetscFunctionBeginUser;
  PetscCall(LhFibreTermDestroy(&set->term));
  PetscCall(LhFibreMaterialDestroy(&set->material));
  PetscFunctionReturn(PETSC_SUCCESS);
}
