/// @file
/// What the program says of itself, all of it from the table of verbs: help, man page, completion of shells.
#pragma once

#include "app/verb.h"

/// True when a word behind a verb asks for help.
PetscBool LhHelpWanted(const LhWords *words);
/// Verbs and exit codes for `--json`.
PetscErrorCode LhHelpAnswer(LhJson json);
/// Help of a verb, or of the program when `topic` is NULL; `--man`, `--bash` and `--zsh` as topic write the man page
/// and the completions. `*exit_code` stays, or becomes LH_EXIT_INPUT for an unknown topic. Collective.
PetscErrorCode LhHelp(FILE *stream, const char topic[], LhExit *exit_code);
