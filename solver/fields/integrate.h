/// @file
/// Integrals, averages, errors and interpolation of nodal fields.
///
/// A nodal field is a local array [num_nodes][bs] with ghosts filled (LhSpaceGather). Cells live on one
/// rank, so sums over cells count nothing twice.
#pragma once

#include "fields/batch.h"

/// value[c] and, when gradient is not NULL, gradient[c*3 + d] of a given function at x [m].
typedef PetscErrorCode (*LhFieldFn)(const PetscReal x[3], PetscScalar value[],
                                    PetscScalar gradient[], void *ctx);

typedef enum {
  LH_RULE_STANDARD,  ///< the rule of LhElementGet
  LH_RULE_FINE       ///< the rule of LhElementGetFine
} LhRule;

/// Errors of a field over all its components and all ranks.
typedef struct {
  PetscReal l2;  ///< (sum_c integral (u_c - exact_c)^2 dV)^1/2
  PetscReal h1;  ///< the same of the gradients (seminorm)
} LhFieldErrors;

/// values[i] <- sum over all ranks. Collective.
PetscErrorCode LhSumReals(MPI_Comm comm, PetscInt n, PetscReal values[]);

/// local[node*bs + c] <- function at the nodes, ghosts included.
PetscErrorCode LhFieldInterpolate(LhSpace space, PetscInt bs, LhFieldFn function, void *ctx,
                                  PetscScalar local[]);
/// Difference between a nodal field and a function by the given rule. Collective.
PetscErrorCode LhFieldGetErrors(LhSpace space, PetscInt bs, const PetscScalar local[], LhRule rule,
                                LhFieldFn exact, void *ctx, LhFieldErrors *errors);
/// integrals[c] = integral of component c over the cells of `region` (mesh region, -1 = whole space);
/// *volume [m^3] is their volume (may be NULL). Fine rule. Collective.
PetscErrorCode LhFieldIntegrateRegion(LhSpace space, PetscInt bs, const PetscScalar local[],
                                      PetscInt region, PetscScalar integrals[], PetscReal *volume);
/// The same over the faces of a surface that lie in the space; *area in [m^2]. Collective.
PetscErrorCode LhFieldIntegrateSurface(LhSpace space, PetscInt bs, const PetscScalar local[],
                                       PetscInt surface, PetscScalar integrals[], PetscReal *area);
/// averages[p*bs + c]: mean over cell p of LhSpaceView.cells, weighted by volume.
PetscErrorCode LhFieldCellAverages(LhSpace space, PetscInt bs, const PetscScalar local[],
                                   PetscScalar averages[]);
