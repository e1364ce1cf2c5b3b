/// @file
/// `lihost run CASE [key=value ...]`: reads, checks, runs.
#include "app/verb.h"
#include "experiment/run.h"

/// Prints what was found wrong, on rank 0.
static PetscErrorCode PrintDiagnostics(LhCase c) {
  PetscMPIInt rank;
  PetscInt    errors;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(c->comm, &rank));
  if (rank) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhDiagPrint(c->diag, stderr));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (errors) (void)fprintf(stderr, "%d error%s; nothing was run\n", (int)errors, errors == 1 ? "" : "s");
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Run(int argc, char *argv[], LhExit *exit_code) {
  LhCase    c;
  PetscBool ok;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  if (argc < 1) {
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "lihost run needs a case file, e.g. lihost run cases/strip_lznc/case.yaml\n"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhCaseRead(PETSC_COMM_WORLD, argv[0], argc - 1, argv + 1, &c, &ok));
  if (ok) PetscCall(LhCaseSetUp(c, &ok));
  if (ok) PetscCall(LhRunCase(c, exit_code));
  PetscCall(PrintDiagnostics(c));
  PetscCall(LhCaseDestroy(&c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_run = {.name = "run", .usage = "run CASE [key=value ...]", .brief = "run a case", .needs_mpi_world = PETSC_TRUE, .run = Run};
