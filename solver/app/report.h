/// @file
/// What verbs share: reading a case with all its mistakes, and telling them.
#pragma once

#include "app/verb.h"
#include "experiment/case.h"

/// A sentence for words (of the verb `verb`) that cannot be a case file; true when there is none to say. Collective.
PetscErrorCode LhCheckWords(const LhWords *words, const char verb[], PetscBool *ok);
/// The same for the one word that names a file, usually called `usual`. Collective.
PetscErrorCode LhCheckFile(const char path[], const char verb[], const char usual[], PetscBool *ok);
/// Reads the case named by the first word with the overrides behind it and sets it up; after a mistake it goes on
/// looking for more. Prints everything found, warnings and notes included. `*ok` false: there were errors;
/// `verb` and `done` fill the sentence "3 errors; nothing was <done>". `*c` is NULL when no file was named.
/// Collective.
PetscErrorCode LhReadAndReport(const LhWords *words, const char verb[], const char done[],
                               LhCase *c, PetscBool *ok);
/// Prints the diagnostics from the `first`-th on, on rank 0, in the order they came.
PetscErrorCode LhPrintSince(LhCase c, PetscInt first);
/// What a run answers to `--json`: `problems`, and of its folder `run` (run.json) and `observables`. `c` may be NULL.
PetscErrorCode LhAnswerRun(const LhWords *words, LhCase c);
/// report.html of a run that ended by itself, unless `output.report` is false or the environment variable
/// LIHOST_REPORT is `off`. What goes wrong is told and changes nothing. Collective.
PetscErrorCode LhReportAtEnd(LhCase c, LhExit run_exit);
