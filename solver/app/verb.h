/// @file
/// The verbs of the command line: one file each, one row in verb_list.h.
#pragma once

#include "base/base.h"

typedef struct {
  const char *name, *usage, *brief;
  PetscBool   needs_mpi_world;  ///< takes part on all ranks; others run on rank 0 only
  /// `argc`, `argv`: the words after the verb. Sets what the program ends with. Collective.
  PetscErrorCode (*run)(int argc, char *argv[], LhExit *exit_code);
} LhVerb;
