/// @file
/// What is wrong with a mesh, found on the rank that reads it and then told to every rank.
///
/// Private to the mesh layer. Readers add sentences and go on or stop; LhMeshProblemsReport makes them
/// diagnostics on all ranks. Never prints.
#pragma once

#include "mesh/mesh.h"

#define LH_MESH_PROBLEMS_MAX 16

typedef struct {
  PetscInt n;     ///< kept sentences
  PetscInt more;  ///< sentences beyond the limit, counted only
  struct {
    PetscInt line, column;  ///< in the mesh file, 1-based; line 0 = whole file
    char text[400];
  } problem[LH_MESH_PROBLEMS_MAX];
} LhMeshProblems;

void LhMeshProblemAdd(LhMeshProblems *problems, PetscInt line, const char format[], ...)
    __attribute__((format(printf, 3, 4)));
/// Adds rank 0's sentences to `diag` of every rank; with `diag` NULL they become a PETSc error.
/// `where` is the place to point at when a problem has no line of its own; a problem with a line
/// points at that line of `path`. Collective.
PetscErrorCode LhMeshProblemsReport(MPI_Comm comm, LhMeshProblems *problems, const char path[],
                                    const LhMark *where, LhDiag diag);
/// `name` itself when absolute or `case_dir` is empty, else below `case_dir`.
PetscErrorCode LhMeshResolvePath(const char case_dir[], const char name[], size_t size,
                                 char path[]);
