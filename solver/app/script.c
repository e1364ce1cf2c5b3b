/// @file
/// Starts the programs of postproc/. A missing Python is a sentence, never a failure of the solver.
#define _XOPEN_SOURCE 700  // realpath
#include "app/script.h"

#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PYTHON    "/usr/bin/python3"
#define MAX_WORDS 256

extern char **environ;

PetscErrorCode LhDataPath(const char name[], char path[], size_t size) {
  char program[PETSC_MAX_PATH_LEN], beside[2 * PETSC_MAX_PATH_LEN], *slash, *found;
  const ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

  PetscFunctionBegin;
  program[n > 0 ? n : 0] = 0;
  slash = strrchr(program, '/');
  if (slash) *slash = 0;
  (void)snprintf(beside, sizeof(beside), "%s/%s/%s", program, LIHOST_DATADIR_FROM_BINDIR, name);
  found = realpath(beside, NULL);
  (void)snprintf(beside, sizeof(beside), "%s/%s", LIHOST_SOURCE_DIR, name);
  if (found)
    PetscCall(PetscStrncpy(path, found, size));
  else if (access(beside, R_OK) == 0)
    PetscCall(PetscStrncpy(path, beside, size));
  else
    (void)snprintf(path, size, "%s/%s", LIHOST_INSTALL_DATADIR, name);
  free(found);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The environment without what `mpirun` put there: h5py would take the script for a rank of its own.
static PetscErrorCode Environment(char ***clean) {
  size_t n = 0, kept = 0;

  PetscFunctionBegin;
  while (environ[n]) n++;
  PetscCall(PetscMalloc1(n + 1, clean));
  for (size_t i = 0; i < n; i++) {
    if (strncmp(environ[i], "OMPI_", 5) && strncmp(environ[i], "PMI", 3))
      (*clean)[kept++] = environ[i];
  }
  (*clean)[kept] = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// True when Python starts and has what the scripts import.
static PetscBool Spawn(char *const words[], char *const environment[], int *status) {
  pid_t child;

  if (access(words[0], X_OK)) return PETSC_FALSE;
  if (posix_spawn(&child, words[0], NULL, NULL, words, environment)) return PETSC_FALSE;
  return waitpid(child, status, 0) == child && WIFEXITED(*status) ? PETSC_TRUE : PETSC_FALSE;
}

/// What rank 0 does; nothing is printed twice.
static PetscErrorCode RunHere(const char script[], int n, char *const words[], int *code) {
  static char usual[] = PYTHON, isolated[] = "-I", command[] = "-c";
  static char modules[] =
      "import sys\ntry: import numpy, h5py, matplotlib, yaml\n"
      "except ImportError as gone: sys.exit(f'lihost: Python lacks {gone.name}')";
  char *const chosen = getenv("LIHOST_PYTHON"), *const python = chosen && *chosen ? chosen : usual;
  char path[PETSC_MAX_PATH_LEN], *all[MAX_WORDS + 4] = {python, isolated, path};
  char *const probe[] = {python, isolated, command, modules, NULL};
  char **environment;
  int status = 0;

  PetscFunctionBegin;
  *code = LH_EXIT_IO;
  PetscCall(LhDataPath(script, path, sizeof(path)));
  PetscCall(Environment(&environment));
  for (int i = 0; i < n && i < MAX_WORDS; i++) all[3 + i] = words[i];
  if (!Spawn(probe, environment, &status) || WEXITSTATUS(status)) {
    (void)fprintf(
        stderr,
        "lihost: pages and pictures need %s with numpy, h5py, matplotlib and yaml (Debian: apt "
        "install python3-numpy python3-h5py python3-matplotlib python3-yaml); results are complete "
        "without them\n",
        python);
  } else if (!Spawn(all, environment, &status)) {
    (void)fprintf(stderr, "lihost: %s did not end by itself\n", path);
  } else {
    *code = WEXITSTATUS(status);
  }
  PetscCall(PetscFree(environment));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhScriptRun(const char script[], int n, char *const words[], LhExit *exit_code) {
  PetscMPIInt rank;
  int code = LH_EXIT_IO;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  (void)fflush(stdout);
  if (rank == 0) PetscCall(RunHere(script, n, words, &code));
  PetscCallMPI(MPI_Bcast(&code, 1, MPI_INT, 0, PETSC_COMM_WORLD));
  *exit_code = (LhExit)code;
  PetscFunctionReturn(PETSC_SUCCESS);
}
