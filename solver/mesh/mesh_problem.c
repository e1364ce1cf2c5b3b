/// @file
/// Sentences about a bad mesh and how they reach the user. See mesh_problem.h.
#include "mesh/mesh_problem.h"

#include <stdarg.h>
#include <stdio.h>

void LhMeshProblemAdd(LhMeshProblems *problems, PetscInt line, const char format[], ...) {
  if (problems->n == LH_MESH_PROBLEMS_MAX) {
    problems->more++;
    return;
  }
  va_list list;
  va_start(list, format);
  vsnprintf(problems->problem[problems->n].text, sizeof(problems->problem[0].text), format, list);
  va_end(list);
  problems->problem[problems->n].line = line;
  problems->problem[problems->n++].column = 1;
}

static PetscErrorCode ReportOne(const LhMeshProblems *problems, PetscInt i, const char path[],
                                const LhMark *where, LhDiag diag) {
  const PetscInt line = problems->problem[i].line, column = problems->problem[i].column;
  const char *text = problems->problem[i].text;
  const LhMark in_file = {.file = path, .line = line, .column = column};

  PetscFunctionBeginUser;
  if (path)
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, &in_file, "%s", text));
  else
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, where, "%s", text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshProblemsReport(MPI_Comm comm, LhMeshProblems *problems, const char path[],
                                    const LhMark *where, LhDiag diag) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(problems, (PetscMPIInt)sizeof(*problems), MPI_BYTE, 0, comm));
  if (!problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCheck(diag, comm, PETSC_ERR_ARG_WRONG, "%s", problems->problem[0].text);
  for (PetscInt i = 0; i < problems->n; i++) PetscCall(ReportOne(problems, i, path, where, diag));
  if (problems->more) {
    PetscCall(LhDiagAdd(diag, LH_DIAG_NOTE, NULL,
                        "%" PetscInt_FMT " more problems of this mesh are not shown",
                        problems->more));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshResolvePath(const char case_dir[], const char name[], size_t size,
                                 char path[]) {
  PetscFunctionBeginUser;
  if (name[0] == '/' || !case_dir || !case_dir[0])
    PetscCall(PetscStrncpy(path, name, size));
  else
    PetscCall(PetscSNPrintf(path, size, "%s/%s", case_dir, name));
  PetscFunctionReturn(PETSC_SUCCESS);
}
