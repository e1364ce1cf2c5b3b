/// @file
/// Anderson's acceleration of a fixed-point iteration x <- g(x) on distributed arrays (Walker and Ni 2011).
///
/// The next x is the combination of the last images whose residual f = g - x, taken as linear, is least. Differences
/// are kept in single precision: they only steer. Knows nothing of what is iterated.
#pragma once

#include "base/base.h"

#define LH_ANDERSON_MAX 5

typedef struct _n_LhAnderson *LhAnderson;

/// `n` entries on this rank, `depth` differences at most (0: plain iteration). Collective.
PetscErrorCode LhAndersonCreate(MPI_Comm comm, PetscInt n, PetscInt depth, LhAnderson *anderson);
PetscErrorCode LhAndersonDestroy(LhAnderson *anderson);
/// Forgets what came before: another iteration begins. Not collective.
PetscErrorCode LhAndersonReset(LhAnderson anderson);
/// `next` <- the x to go on with, from the last one and its image g(x); may be `image`. Collective.
PetscErrorCode LhAndersonMix(LhAnderson anderson, const double x[], const double image[],
                             double next[]);
