/// @file
/// The program `lihost`: finds its verb and its data, starts and ends the libraries.
///
/// Words after `--` go to PETSc as options. Never prints a library's error where a sentence of ours belongs.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/help.h"
#include "app/script.h"
#include "app/verb.h"
#include "laws/material.h"

/// Materials: beside an installed program, else in the source tree it was built from.
static PetscErrorCode FindData(void) {
  char materials[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  PetscCall(LhDataPath("materials", materials, sizeof(materials)));
  PetscCall(LhMaterialSetDirectory(materials));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode UnknownVerb(const char word[], PetscInt n, const LhVerb *const verbs[]) {
  const char *names[32], *near;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) names[i] = verbs[i]->name;
  near = LhNearestWord(word, n, names);
  if (near) {
    PetscCall(
        PetscFPrintf(PETSC_COMM_WORLD, stderr,
                     "lihost: there is no verb '%s'; did you mean '%s'? lihost --help lists them\n",
                     word, near));
  } else if (access(word, R_OK) == 0) {
    PetscCall(PetscFPrintf(
        PETSC_COMM_WORLD, stderr,
        "lihost: '%s' is a file, and a verb is missing before it, e.g. lihost run %s\n", word,
        word));
  } else {
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "lihost: there is no verb '%s'; lihost --help lists them\n", word));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Dispatch(const LhWords *all, LhExit *exit_code) {
  LhWords words = *all;
  PetscInt n;
  const LhVerb *const *const verbs = LhVerbsGet(&n);
  const char *const verb = all->argc ? all->argv[0] : NULL;

  PetscFunctionBegin;
  *exit_code = verb ? LH_EXIT_DONE : LH_EXIT_INPUT;
  if (!verb || !strcmp(verb, "--help") || !strcmp(verb, "-h") || !strcmp(verb, "help")) {
    PetscCall(LhHelp(verb ? stdout : stderr, words.argc > 1 ? words.argv[1] : NULL, exit_code));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  words.argc--;
  words.argv++;
  for (PetscInt i = 0; i < n; i++) {
    if (strcmp(verb, verbs[i]->name) &&
        !(verb[0] == '-' && verb[1] == '-' && !strcmp(verb + 2, verbs[i]->name)))
      continue;
    if (LhHelpWanted(&words)) {
      PetscCall(LhHelp(stdout, verb, exit_code));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    PetscCall(FindData());
    PetscCall(verbs[i]->run(&words, exit_code));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *exit_code = LH_EXIT_INPUT;
  PetscCall(UnknownVerb(verb, n, verbs));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Position of the `--` that begins PETSc's options, or argc.
static int OwnArguments(int argc, char *argv[]) {
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--")) return i;
  }
  return argc;
}

/// Open MPI guards shared file pointers, which nobody here uses, by a semaphore named after the file alone: a process that
/// is killed while it holds one stops every later one on the node that opens a file of that name.
static void KeepOffSemaphores(void) {
  (void)setenv("OMPI_MCA_sharedfp", "individual", 0);
}

int main(int argc, char *argv[]) {
  const int own = OwnArguments(argc, argv);
  int petsc_argc = own < argc ? argc - own : 1;
  char **petsc_argv = own < argc ? argv + own : argv;
  const LhWords words = {own - 1, argv + 1, petsc_argc - 1, petsc_argv + 1};
  LhExit exit_code = LH_EXIT_BUG;

  KeepOffSemaphores();
  if (own < argc) argv[own] = argv[0];
  if (PetscInitialize(&petsc_argc, &petsc_argv, NULL, NULL)) return LH_EXIT_BUG;
  if (Dispatch(&words, &exit_code)) exit_code = LH_EXIT_BUG;
  if (PetscFinalize()) return LH_EXIT_BUG;
  return (int)exit_code;
}
