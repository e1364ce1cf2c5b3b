/// @file
/// Owns the environment of other programs and short commands whose output is read.
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "study/engine.h"

/// Variables by which an MPI process knows its own job; a case has another.
static PetscBool IsForeign(const char variable[]) {
  static const char *const prefixes[] = {"PMIX_",         "PMI_",          "OMPI_COMM_WORLD",
                                         "OMPI_UNIVERSE", "OMPI_APP_CTX",  "OMPI_FIRST_RANKS",
                                         "OMPI_NUM_APP",  "OMPI_FILE_LOC", "OMPI_ARGV",
                                         "OMPI_COMMAND",  "OMPI_MCA_ess",  "OMPI_MCA_orte_",
                                         "OMPI_MCA_pmix"};

  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(prefixes); i++) {
    if (!strncmp(variable, prefixes[i], strlen(prefixes[i]))) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/// The environment this program was given, before MPI changed it.
PetscErrorCode LhEnvironmentRead(LhEnvironment *environment) {
  size_t size = 0, room = 0, n = 0;
  FILE *stream = fopen("/proc/self/environ", "rb");

  PetscFunctionBegin;
  *environment = (LhEnvironment){0};
  PetscCheck(stream, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "cannot read /proc/self/environ");
  for (size_t got = 1; got; size += got) {
    room = size + 65536;
    PetscCall(PetscRealloc(room + 1, &environment->block));
    got = fread(environment->block + size, 1, room - size, stream);
  }
  (void)fclose(stream);
  environment->block[size] = 0;
  for (size_t i = 0; i < size; i++) n += !environment->block[i];
  PetscCall(PetscCalloc1(n + 2, &environment->variables));
  n = 0;
  for (char *c = environment->block; c < environment->block + size; c += strlen(c) + 1) {
    if (*c && !IsForeign(c)) environment->variables[n++] = c;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEnvironmentClear(LhEnvironment *environment) {
  PetscFunctionBegin;
  PetscCall(PetscFree(environment->variables));
  PetscCall(PetscFree(environment->block));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Everything that comes out of the pipe; the text grows and ends with NUL.
static PetscErrorCode ReadPipe(int pipe, char **text) {
  size_t size = 0, room = 0;
  ssize_t got = 1;

  PetscFunctionBegin;
  while (got) {
    if (size + 4096 > room) {
      room = 2 * room + 8192;
      PetscCall(PetscRealloc(room + 1, text));
    }
    got = read(pipe, *text + size, room - size);
    if (got > 0) size += (size_t)got;
    if (got < 0 && errno != EINTR) break;
  }
  (*text)[size] = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEngineCommand(const LhEnvironment *environment, char *const words[], char **text,
                               int *code) {
  posix_spawn_file_actions_t files;
  int ends[2], status = 0;
  pid_t pid;

  PetscFunctionBegin;
  *code = 127;
  PetscCheck(!pipe(ends), PETSC_COMM_SELF, PETSC_ERR_SYS, "no pipe: %s", strerror(errno));
  (void)posix_spawn_file_actions_init(&files);
  (void)posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  (void)posix_spawn_file_actions_adddup2(&files, ends[1], STDERR_FILENO);
  (void)posix_spawn_file_actions_addclose(&files, ends[0]);
  (void)posix_spawn_file_actions_addclose(&files, ends[1]);
  if (posix_spawnp(&pid, words[0], &files, NULL, words, environment->variables)) pid = -1;
  (void)posix_spawn_file_actions_destroy(&files);
  (void)close(ends[1]);
  PetscCall(ReadPipe(ends[0], text));
  (void)close(ends[0]);
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (pid > 0) *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  PetscFunctionReturn(PETSC_SUCCESS);
}
