/// @file
/// The verbs of the command line: one file each, one row in verb_list.h.
#pragma once

#include "base/json.h"

/// The words of the command line, borrowed.
typedef struct {
  int argc;  ///< words after the verb
  char *const *argv;
  int num_options;  ///< words after `--`, which go to PETSc
  char *const *options;
  LhJson answer;   ///< with `--json` what the verb answers (app/answer.h), else NULL
  int own_stdout;  ///< where it goes
} LhWords;

typedef struct {
  const char *name, *usage, *brief;
  const char *
      options;  ///< what the verb knows besides --help and --json, e.g. "--out= --no-3d"; `=`: a word follows
  const char
      *choices;  ///< words to choose from behind the verb, for completion; NULL: files and folders
  const char
      *detail;  ///< lines for `lihost VERB --help`, the last of them `example: ...`; may be NULL
  /// Sets what the program ends with. Collective; prints on rank 0 only.
  PetscErrorCode (*run)(const LhWords *words, LhExit *exit_code);
} LhVerb;

/// The word behind the option `option`, NULL when there is none.
const char *LhWordBehind(const LhWords *words, const char option[]);
/// All verbs in the order of verb_list.h.
const LhVerb *const *LhVerbsGet(PetscInt *n);
