/// @file
/// A run: takes a case that is set up through its experiment and leaves a folder of results.
#pragma once

#include "experiment/case.h"
#include "io/output.h"

/// Runs the case; `*exit_code` is what the program ends with, and the run record names the reason. Collective.
PetscErrorCode LhRunCase(LhCase c, LhExit *exit_code);
/// Goes on with the run in `c->output.directory`; the case must be the one the run began with. Refusals are
/// diagnostics. Collective.
PetscErrorCode LhRunResume(LhCase c, LhExit *exit_code);
