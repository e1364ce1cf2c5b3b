/// @file
/// Programs of postproc/, started from the solver: rank 0 starts one and waits, the other ranks go on.
#pragma once

#include "app/verb.h"

/// Path of a file or folder that comes with lihost, such as "materials": beside an installed program, else in the
/// source tree it was built from.
PetscErrorCode LhDataPath(const char name[], char path[], size_t size);
/// Runs postproc/`script` by the system's Python with `n` words and sets what it ended with, LH_EXIT_IO with a
/// sentence when Python or its packages are missing. Only rank 0 runs it; its end is known to all. Collective.
PetscErrorCode LhScriptRun(const char script[], int n, char *const words[], LhExit *exit_code);
