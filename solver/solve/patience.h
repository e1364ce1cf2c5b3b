/// @file
/// When an iteration is given up: a measure that does not halve in a number of iterations. Owns two numbers, never the
/// iteration.
#pragma once

#include <petscsys.h>

/// What is to be halved, and since which iteration.
typedef struct {
  PetscReal mark;
  PetscInt at;
} LhPatience;

/// Whether `most` iterations, if that is not 0, have not halved `value`; iteration 0 begins anew. Not collective.
static inline PetscBool LhPatienceIsOver(LhPatience *patience, PetscInt iteration, PetscReal value,
                                         PetscInt most) {
  if (iteration == 0 || value < .5 * patience->mark)
    *patience = (LhPatience){.mark = value, .at = iteration};
  return most > 0 && iteration - patience->at >= most ? PETSC_TRUE : PETSC_FALSE;
}
