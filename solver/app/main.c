/// @file
/// The program `lihost`: finds its verb and its data, starts and ends the libraries.
///
/// Words after `--` go to PETSc as options. Never prints a library's error where a sentence of ours belongs.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/verb.h"
#include "laws/material.h"

#define LH_VERB(name) extern const LhVerb lh_verb_##name;
#include "app/verb_list.h"
#undef LH_VERB
static const LhVerb *const verbs[] = {
#define LH_VERB(name) &lh_verb_##name,
#include "app/verb_list.h"
#undef LH_VERB
};

/// Materials: beside an installed program, else in the source tree it was built from.
static PetscErrorCode FindData(void) {
  char    path[PETSC_MAX_PATH_LEN], program[PETSC_MAX_PATH_LEN];
  ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
  char   *slash;

  PetscFunctionBegin;
  if (n > 0) {
    program[n] = 0;
    slash      = strrchr(program, '/');
    if (slash) *slash = 0;
    PetscCall(PetscSNPrintf(path, sizeof(path), "%s/%s/materials", program, LIHOST_DATADIR_FROM_BINDIR));
    if (access(path, R_OK) == 0) {
      PetscCall(LhMaterialSetDirectory(path));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
  }
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/materials", LIHOST_SOURCE_DIR));
  if (access(path, R_OK) == 0) PetscCall(LhMaterialSetDirectory(path));
  else PetscCall(LhMaterialSetDirectory(LIHOST_INSTALL_DATADIR "/materials"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Help(FILE *stream) {
  PetscFunctionBegin;
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, "lihost %s: lithium plating and stripping in composite hosts\n\nusage: lihost VERB ... [-- PETSc options]\n\n", LIHOST_VERSION));
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(verbs); i++) {
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stream, "  %-34s %s\n", verbs[i]->usage, verbs[i]->brief));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Dispatch(int argc, char *argv[], LhExit *exit_code) {
  const char *names[PETSC_STATIC_ARRAY_LENGTH(verbs)], *near;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
    if (argc >= 2) *exit_code = LH_EXIT_DONE;
    PetscCall(Help(argc < 2 ? stderr : stdout));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(verbs); i++) {
    names[i] = verbs[i]->name;
    if (strcmp(argv[1], verbs[i]->name)) continue;
    PetscCall(FindData());
    PetscCall(verbs[i]->run(argc - 2, argv + 2, exit_code));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  near = LhNearestWord(argv[1], (PetscInt)PETSC_STATIC_ARRAY_LENGTH(verbs), names);
  PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "lihost: there is no verb '%s'%s%s%s; lihost --help lists them\n", argv[1],
                         near ? "; did you mean '" : "", near ? near : "", near ? "'" : ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Position of the `--` that begins PETSc's options, or argc.
static int OwnArguments(int argc, char *argv[]) {
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--")) return i;
  }
  return argc;
}

int main(int argc, char *argv[]) {
  const int own        = OwnArguments(argc, argv);
  int       petsc_argc = argc - own > 0 ? argc - own : 1;
  char    **petsc_argv = own < argc ? argv + own : argv;
  LhExit    exit_code  = LH_EXIT_BUG;

  if (own < argc) argv[own] = argv[0];
  if (PetscInitialize(&petsc_argc, &petsc_argv, NULL, NULL)) return LH_EXIT_BUG;
  if (Dispatch(own, argv, &exit_code)) exit_code = LH_EXIT_BUG;
  if (PetscFinalize()) return LH_EXIT_BUG;
  return (int)exit_code;
}
