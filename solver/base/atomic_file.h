/// @file
/// Files that are either the old one or the new one, never half of both.
///
/// Written beside (`path.part`), synced, renamed over the target, directory synced: a reader, a
/// crash or a full disk never meets a broken file. For one rank; errors are PETSC_ERR_FILE_*.
#pragma once

#include "base/base.h"

typedef struct _n_LhAtomic *LhAtomic;

/// Opens `path.part` for writing; `*stream` is borrowed, write to it until LhAtomicCommit().
PetscErrorCode LhAtomicOpen(const char path[], LhAtomic *atomic, FILE **stream);
/// Syncs and renames; on failure the part file is removed and the old file is untouched.
PetscErrorCode LhAtomicCommit(LhAtomic *atomic);
/// Gives up: removes the part file. Accepts NULL.
PetscErrorCode LhAtomicAbort(LhAtomic *atomic);
/// The whole text at once.
PetscErrorCode LhAtomicWrite(const char path[], const char text[], size_t size);
/// Syncs the finished file `part`, which another library wrote, and renames it to `path`.
PetscErrorCode LhAtomicReplace(const char part[], const char path[]);
