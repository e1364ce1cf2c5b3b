/// @file
/// Non-local average of a field over some regions of a mesh: a - l^2 Lap a = a_local on the reference configuration, no
/// flux through their outer boundary (theory D2).
///
/// The local field lives at quadrature points, `[batch][point][lane]` over the batches of the regions; the
/// average at the vertices. The matrix, mass + l^2 stiffness in units of l^3 (factorisations know an absolute zero),
/// is symmetric positive definite and never changes.
/// Never solves: see solve/damage_solver.h.
#pragma once

#include <petscmat.h>

#include "fields/batch.h"

typedef struct _n_LhAverage *LhAverage;

/// `length` l > 0 [m]. The mesh must outlive it. Collective.
PetscErrorCode LhAverageCreate(LhMesh mesh, PetscInt num_regions, const PetscInt regions[],
                               double length, LhAverage *average);
PetscErrorCode LhAverageDestroy(LhAverage *average);
/// Borrowed.
PetscErrorCode LhAverageGetMatrix(LhAverage average, Mat *matrix);
PetscErrorCode LhAverageGetSpace(LhAverage average, LhSpace *space);
PetscErrorCode LhAverageGetBatches(LhAverage average, PetscInt *num_batches, PetscInt *num_points,
                                   const LhBatch **batches);
/// load_a = int N_a local dV / l^3. Collective.
PetscErrorCode LhAverageLoad(LhAverage average, const double local[], Vec load);
/// The average at the points from its values at the vertices. Collective.
PetscErrorCode LhAverageEvaluate(LhAverage average, Vec vertices, double points[]);
