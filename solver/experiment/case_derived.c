/// @file
/// The list of numbers that follow from a case: filled by its experiment, printed by `check`, kept in the record.
#include <math.h>

#include "experiment/case.h"

PetscErrorCode LhCaseAddDerived(LhCase c, const LhDerived *number) {
  PetscFunctionBegin;
  if (c->num_derived == c->max_derived) {
    c->max_derived = 2 * c->max_derived + 64;
    PetscCall(PetscRealloc(c->max_derived * sizeof(*c->derived), &c->derived));
  }
  c->derived[c->num_derived++] = *number;
  PetscCall(
      LhRecordAddDerived(c->record, number->name, number->unit, number->value, number->meaning));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCaseGetDerived(LhCase c, PetscInt *n, const LhDerived **list) {
  PetscFunctionBegin;
  *n = c->num_derived;
  *list = c->derived;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscReal LhCaseFindDerived(LhCase c, const char name[]) {
  for (PetscInt i = 0; i < c->num_derived; i++) {
    PetscBool same;

    if (!PetscStrcmp(c->derived[i].name, name, &same) && same) return c->derived[i].value;
  }
  return NAN;
}
