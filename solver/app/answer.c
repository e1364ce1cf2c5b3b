/// @file
/// Owns the answer for machines, and stdout while one is being made.
#define _XOPEN_SOURCE 700  // fileno, dup2
#include "app/answer.h"

#include <unistd.h>

PetscErrorCode LhAnswerBegin(LhWords *words, const char verb[]) {
  PetscFunctionBegin;
  (void)fflush(stdout);
  words->own_stdout = dup(fileno(stdout));
  PetscCheck(words->own_stdout >= 0 && dup2(fileno(stderr), fileno(stdout)) >= 0, PETSC_COMM_SELF,
             PETSC_ERR_SYS, "cannot turn stdout aside");
  PetscCall(LhJsonCreate(&words->answer));
  PetscCall(LhJsonBeginObject(words->answer, NULL));
  PetscCall(LhJsonText(words->answer, "verb", verb));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAnswerEnd(LhWords *words, LhExit exit_code) {
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(LhJsonInt(words->answer, "exit_code", exit_code));
  PetscCall(LhJsonText(words->answer, "meaning", LhExitMeaning(exit_code)));
  PetscCall(LhJsonEnd(words->answer));
  (void)fflush(stdout);
  (void)dup2(words->own_stdout, fileno(stdout));
  (void)close(words->own_stdout);
  if (rank == 0) PetscCall(LhJsonPrint(words->answer, stdout));
  (void)fflush(stdout);
  PetscCall(LhJsonDestroy(&words->answer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAnswerProblems(const LhWords *words, LhDiag diag) {
  static const char *const names[] = {"error", "warning", "note"};
  PetscInt n = 0;

  PetscFunctionBegin;
  if (!words->answer) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhJsonBeginArray(words->answer, "problems"));
  if (diag) PetscCall(LhDiagGetSize(diag, &n));
  for (PetscInt i = 0; i < n; i++) {
    LhSeverity severity;
    const char *text;

    PetscCall(LhDiagGetText(diag, i, &severity, &text));
    PetscCall(LhJsonBeginObject(words->answer, NULL));
    PetscCall(LhJsonText(words->answer, "severity", names[severity]));
    PetscCall(LhJsonText(words->answer, "text", text));
    PetscCall(LhJsonEnd(words->answer));
  }
  PetscCall(LhJsonEnd(words->answer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The whole text of a file, NULL when it cannot be read; freed with PetscFree().
static PetscErrorCode ReadText(const char path[], char **text) {
  FILE *const file = fopen(path, "r");
  long size = -1;

  PetscFunctionBegin;
  *text = NULL;
  if (!file) PetscFunctionReturn(PETSC_SUCCESS);
  if (!fseek(file, 0, SEEK_END)) size = ftell(file);
  if (size > 0 && !fseek(file, 0, SEEK_SET)) {
    PetscCall(PetscCalloc1((size_t)size + 1, text));
    if (fread(*text, 1, (size_t)size, file) != (size_t)size) PetscCall(PetscFree(*text));
  }
  (void)fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAnswerFile(LhJson json, const char key[], const char directory[],
                            const char file[]) {
  char path[2 * PETSC_MAX_PATH_LEN], *text = NULL;
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  (void)snprintf(path, sizeof(path), "%s/%s", directory, file);
  if (rank == 0) PetscCall(ReadText(path, &text));
  if (text)
    PetscCall(LhJsonValue(json, key, text));
  else
    PetscCall(LhJsonNull(json, key));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}
