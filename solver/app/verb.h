/// @file
/// The verbs of the command line: one file each, one row in verb_list.h.
#pragma once

#include "base/base.h"

/// The words of the command line, borrowed.
typedef struct {
  int argc;  ///< words after the verb
  char *const *argv;
  int num_options;  ///< words after `--`, which go to PETSc
  char *const *options;
} LhWords;

typedef struct {
  const char *name, *usage, *brief;
  const char
      *detail;  ///< lines for `lihost VERB --help`, the last of them `example: ...`; may be NULL
  /// Sets what the program ends with. Collective; prints on rank 0 only.
  PetscErrorCode (*run)(const LhWords *words, LhExit *exit_code);
} LhVerb;

/// All verbs in the order of verb_list.h.
const LhVerb *const *LhVerbsGet(PetscInt *n);
