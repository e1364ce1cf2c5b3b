/// @file
/// `--json`: the answer of a verb as one JSON object on stdout, whatever the verb; lines for people go to stderr meanwhile.
///
/// The object opens with `verb` and closes with `exit_code` and `meaning`; what lies between is the verb's own.
#pragma once

#include "app/verb.h"
#include "base/diag.h"

/// Opens `words->answer` for the verb of that name and turns stdout into stderr. Collective.
PetscErrorCode LhAnswerBegin(LhWords *words, const char verb[]);
/// Gives stdout back and writes the object on rank 0. Collective.
PetscErrorCode LhAnswerEnd(LhWords *words, LhExit exit_code);

/// `problems`: severity and text of each diagnostic; `diag` may be NULL. Does nothing without an answer.
PetscErrorCode LhAnswerProblems(const LhWords *words, LhDiag diag);
/// `key`: what the JSON file `directory/file` holds, null when there is none. Rank 0 reads, the others say null.
PetscErrorCode LhAnswerFile(LhJson json, const char key[], const char directory[],
                            const char file[]);
/// What an exit code means.
const char *LhExitMeaning(LhExit exit_code);
