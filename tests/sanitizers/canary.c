/// @file
/// Commits one mistake on purpose, between PetscInitialize and PetscFinalize, so that a test can
/// assert that the sanitizer build reports it. Must never be linked into anything else.
#include <petscsys.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static void *volatile kept;

static PetscErrorCode LeakMalloc(void) {
  PetscFunctionBeginUser;
  kept = malloc(137);
  kept = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode LeakPetscMalloc(void) {
  double *values;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(211, &values));
  values[0] = 1.5;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// PetscMalloc rounds sizes up to 16 bytes, which hides the first double past an odd count.
static PetscErrorCode Overflow(int n) {
  double *values;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &values));
  memset(values, 0, (size_t)n * sizeof(*values));
  kept = &values[n + 1];
  *(double *)kept = 2.5;
  PetscCall(PetscFree(values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Undefined(int shift) {
  PetscFunctionBeginUser;
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%d\n", 1 << (31 + shift)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv) {
  const char *mistake = argc > 1 ? argv[1] : "none";

  PetscFunctionBeginUser;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  if (!strcmp(mistake, "leak")) PetscCall(LeakMalloc());
  if (!strcmp(mistake, "petsc_leak")) PetscCall(LeakPetscMalloc());
  if (!strcmp(mistake, "overflow")) PetscCall(Overflow(argc + 5));
  if (!strcmp(mistake, "undefined")) PetscCall(Undefined(argc));
  PetscCall(PetscFinalize());
  return 0;
}
