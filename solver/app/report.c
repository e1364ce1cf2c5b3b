/// @file
/// Reading a case for a verb. Sentences go to stderr, on rank 0.
#include "app/report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/answer.h"
#include "app/script.h"

static PetscErrorCode Say(MPI_Comm comm, const char format[], const char a[], const char b[]) {
  PetscFunctionBegin;
  PetscCall(PetscFPrintf(comm, stderr, format, a, b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckFile(const char path[], const char verb[], const char usual[],
                           PetscBool *ok) {
  struct stat info;

  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  if (stat(path, &info))
    PetscCall(Say(PETSC_COMM_WORLD, "lihost %s: there is no file '%s'\n", verb, path));
  else if (S_ISDIR(info.st_mode))
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "lihost %s: '%s' is a folder; name the file in it, usually %s\n", verb,
                           path, usual));
  else
    *ok = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCheckWords(const LhWords *words, const char verb[], PetscBool *ok) {
  struct stat info;

  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  if (words->argc < 1) {
    PetscCall(Say(PETSC_COMM_WORLD,
                  "lihost %s needs a case file, e.g. lihost %s cases/strip_lznc/case.yaml\n", verb,
                  verb));
  } else if (stat(words->argv[0], &info) && strchr(words->argv[0], '=')) {
    PetscCall(Say(PETSC_COMM_WORLD, "lihost %s needs a case file first; '%s' comes behind it\n",
                  verb, words->argv[0]));
  } else {
    PetscCall(LhCheckFile(words->argv[0], verb, "case.yaml", ok));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool IsOption(const char word[]) {
  return word[0] == '-' && word[1] && !strchr(".0123456789", word[1]) ? PETSC_TRUE : PETSC_FALSE;
}

/// Options that are asked for after set-up only: by the preconditioner of the first mechanical solve, or at the end.
static PetscBool IsLate(const char option[]) {
  static const char *const late[] = {"-mech_pc_",    "-mech_mg_", "-options_left",
                                     "-memory_view", "-malloc_",  "-objects_dump"};

  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(late); i++) {
    if (!strncmp(option, late[i], strlen(late[i]))) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/// An option that nothing asked for while everything was set up is a typing mistake.
static PetscErrorCode CheckOptions(const LhWords *words, LhDiag diag) {
  PetscFunctionBegin;
  for (int i = 0; i < words->num_options; i++) {
    PetscBool used;

    if (!IsOption(words->options[i]) || IsLate(words->options[i])) continue;
    PetscCall(PetscOptionsUsed(NULL, words->options[i] + 1, &used));
    if (!used)
      PetscCall(
          LhDiagAdd(diag, LH_DIAG_ERROR, NULL,
                    "the PETSc option '%s' means nothing here: no solver of this case asks for it",
                    words->options[i]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintAll(LhCase c, const char done[]) {
  PetscMPIInt rank;
  PetscInt errors;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(c->comm, &rank));
  if (rank) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhDiagPrint(c->diag, stderr));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (errors)
    (void)fprintf(stderr, "%d error%s; nothing was %s\n", (int)errors, errors == 1 ? "" : "s",
                  done);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhReadAndReport(const LhWords *words, const char verb[], const char done[],
                               LhCase *c, PetscBool *ok) {
  PetscInt errors;

  PetscFunctionBegin;
  *c = NULL;
  PetscCall(LhCheckWords(words, verb, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhCaseRead(PETSC_COMM_WORLD, words->argv[0], words->argc - 1, words->argv + 1, c, ok));
  PetscCall(LhCaseSetUp(*c, ok));
  if (*ok) PetscCall(CheckOptions(words, (*c)->diag));
  PetscCall(LhDiagGetCounts((*c)->diag, &errors, NULL));
  if (errors) *ok = PETSC_FALSE;
  PetscCall(PrintAll(*c, done));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhPrintSince(LhCase c, PetscInt first) {
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhDiagGetSize(c->diag, &n));
  for (PetscInt i = first; i < n; i++) {
    const char *text;

    PetscCall(LhDiagGetText(c->diag, i, NULL, &text));
    PetscCall(PetscFPrintf(c->comm, stderr, "%s\n", text));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAnswerRun(const LhWords *words, LhCase c) {
  PetscFunctionBegin;
  if (!words->answer) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhAnswerProblems(words, c ? c->diag : NULL));
  if (!c || !c->mesh) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhJsonText(words->answer, "directory", c->output.directory));
  PetscCall(LhAnswerFile(words->answer, "run", c->output.directory, "run.json"));
  PetscCall(LhAnswerFile(words->answer, "observables", c->output.directory, "observables.json"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhReportAtEnd(LhCase c, LhExit run_exit) {
  const char *const wanted = getenv("LIHOST_REPORT");
  char *const words[] = {c->output.directory};
  LhExit ignored;

  PetscFunctionBegin;
  if (run_exit != LH_EXIT_DONE && run_exit != LH_EXIT_SOLVER) PetscFunctionReturn(PETSC_SUCCESS);
  if (!c->output.report || (wanted && !strcmp(wanted, "off"))) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhScriptRun("postproc/report", 1, words, &ignored));
  PetscFunctionReturn(PETSC_SUCCESS);
}
