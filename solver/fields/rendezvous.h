/// @file
/// Agreement between ranks about things known by a global id, without knowing who else has them.
#pragma once

#include "base/base.h"

/// values[i] <- the smallest value any rank passed for ids[i]. Each id goes to one directory rank chosen
/// by hashing; memory and messages are O(n) a rank. Ids need not be unique. Collective; set-up only.
PetscErrorCode LhRendezvousMin(MPI_Comm comm, PetscInt n, const PetscInt64 ids[],
                               PetscInt64 values[]);
