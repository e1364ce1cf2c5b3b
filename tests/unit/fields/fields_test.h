/// @file
/// What the tests of fields/ share: cmocka in its order of includes, small boxes, generic functions.
#pragma once

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <petscksp.h>

#include "fields/assembler.h"
#include "fields/integrate.h"

/// A failed call ends all ranks: the others would wait for this one for ever.
#define CHECK_CALL(call)                        \
  do {                                          \
    if ((call)) MPI_Abort(PETSC_COMM_WORLD, 1); \
  } while (0)

/// A box 1.3 x 0.9 x (0.5 + 0.7) of two regions, `n` cells along x and about as many along y and z.
static inline LhMesh MakeBox(MPI_Comm comm, PetscInt n, LhCellType type, PetscReal distort) {
  const LhBoxSpec spec = {
      .width = 1.3,
      .depth = 0.9,
      .cells_x = n,
      .cells_y = n + 1,
      .num_layers = 2,
      .layers = {{"below", 0.5, n, 1.}, {"above", 0.7, n + 1, 1.4}},
      .distort = distort,
      .seed = 5,
      .cell_type = type
  };
  LhMesh mesh = NULL;
  CHECK_CALL(LhMeshCreateBox(comm, &spec, &mesh));
  return mesh;
}

/// A number in [-1, 1] that depends on its arguments alone, whatever the partition.
static inline double Scramble(PetscInt64 a, PetscInt64 b) {
  uint64_t h =
      (uint64_t)a * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)b * UINT64_C(0xC2B2AE3D27D4EB4F);
  h ^= h >> 29;
  h *= UINT64_C(0xBF58476D1CE4E5B9);
  h ^= h >> 32;
  return 2. * (double)(h % 1000003) / 1000002. - 1.;
}

static inline double SumOverRanks(double value) {
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  return value;
}

static inline double MaxOverRanks(double value) {
  MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
  return value;
}

/// Starts PETSc, runs the group on every rank, and fails everywhere when it failed anywhere.
#define FIELDS_TEST_MAIN(tests)                                                  \
  int main(int argc, char **argv) {                                              \
    int failed;                                                                  \
    if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;                     \
    failed = cmocka_run_group_tests(tests, NULL, NULL);                          \
    MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, PETSC_COMM_WORLD); \
    return PetscFinalize() ? 1 : failed;                                         \
  }
