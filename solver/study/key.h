/// @file
/// From the keys of a study to overrides of a case: `materials.NAME.KEY` becomes the `change` of everything made
/// of that material, a random volume becomes all seeds of the case.
///
/// Works on the tree of the base case alone and changes nothing. Never judges values: the readers of the case do.
#pragma once

#include "study/axis.h"

/// Growing list of `key=value` words, owned.
typedef struct {
  PetscInt n, max;
  char **word;
} LhWordList;

PetscErrorCode LhWordListAdd(LhWordList *list, const char format[], ...)
    __attribute__((format(printf, 2, 3)));
PetscErrorCode LhWordListClear(LhWordList *list);

/// Adds what `key` = `value` means for the case `doc`; `*found` false when the case has no such material.
PetscErrorCode LhKeyAssign(LhDoc doc, const char key[], const char value[], LhWordList *list,
                           PetscBool *found);
/// Adds other seeds for everything random in the case `doc`; the same volume of the same `seed` gives the same seeds.
/// `*found` false when nothing in it is random.
PetscErrorCode LhKeyAssignVolume(LhDoc doc, PetscInt volume, PetscInt seed, LhWordList *list,
                                 PetscBool *found);
