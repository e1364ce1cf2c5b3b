/// @file
/// The seal of a checkpoint: LH_SEAL_SIZE bytes of text before the HDF5 part that vouch for the whole file.
///
/// Private to the io layer. The digest is a SHA-256 over the SHA-256 of blocks of 4 MiB, so that ranks share the
/// reading; it does not depend on their number.
#pragma once

#include "base/hash.h"

#define LH_SEAL_SIZE 512

typedef struct {
  PetscInt64 number;
  PetscReal time;
  PetscInt64 bytes;  ///< of the whole file
} LhSeal;

/// Writes the seal into the finished file `path`; `context` is an LhSeal, its `bytes` are filled. An LhH5Seal.
PetscErrorCode LhSealWrite(MPI_Comm comm, const char path[], void *context);
/// Checks the whole file. `why` is empty, the same on all ranks, when the seal fits; else it says what is wrong,
/// without naming the file. `*exists` is false when there is no such file. Collective.
PetscErrorCode LhSealCheck(MPI_Comm comm, const char path[], LhSeal *seal, PetscBool *exists,
                           char why[256]);
