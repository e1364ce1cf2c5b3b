/// @file
/// A parallel HDF5 file that appears under its name only when it is complete.
///
/// Private to the io layer. All functions are collective over the communicator and end the run when
/// writing fails (output.h says why). Every dataset carries a Fletcher32 checksum: without it a flipped bit
/// is read back silently.
#pragma once

#include <hdf5.h>

#include "base/base.h"

#define LH_H5_CHUNK_ROWS 4096  ///< rows of a chunk; a chunk is written by one rank

typedef struct _n_LhH5File *LhH5File;

/// Opens `path` beside its final name.
PetscErrorCode LhH5FileCreate(MPI_Comm comm, const char path[], LhH5File *file);
/// The same with `size` bytes before the HDF5 part, 0 or a power of two from 512 on, for a seal of ours.
PetscErrorCode LhH5FileCreateSealed(MPI_Comm comm, const char path[], PetscInt size,
                                    LhH5File *file);
/// Writes what goes before the HDF5 part; called by LhH5FileClose() once the file is closed and before it is renamed.
typedef PetscErrorCode (*LhH5Seal)(MPI_Comm comm, const char path[], void *context);
PetscErrorCode LhH5FileSetSeal(LhH5File file, LhH5Seal seal, void *context);
/// A sentence added when writing fails: what is left.
PetscErrorCode LhH5FileSetAdvice(LhH5File file, const char advice[]);
/// Opens a finished file for reading. Collective.
PetscErrorCode LhH5FileOpen(MPI_Comm comm, const char path[], LhH5File *file);
/// Closes; a file that was written is synced and renamed.
PetscErrorCode LhH5FileClose(LhH5File *file);

/// Creates the groups of `path` that are missing and returns an open one, to be closed by LhH5GroupClose.
PetscErrorCode LhH5GroupOpen(LhH5File file, const char path[], hid_t *group);
PetscErrorCode LhH5GroupClose(LhH5File file, hid_t *group);

/// Rows [first, first + count) of a table of num_rows x width numbers, from this rank.
typedef struct {
  const char *name;
  hid_t type;  ///< of the file and of `values`: a filtered collective write cannot convert
  PetscInt num_rows, width;
  PetscInt rank;  ///< 1: the array is flat, num_rows*width long; 2: num_rows x width
  PetscInt first, count;
  const void *values;
  const char *unit, *meaning;  ///< attributes, NULL = none
} LhH5Rows;
PetscErrorCode LhH5RowsWrite(LhH5File file, hid_t group, const LhH5Rows *rows);
/// Reads the rows of this rank into `values`, the counterpart of LhH5RowsWrite(). `*found` is false, on all ranks, when
/// the file has no such table of this size; `group` may be a file's root, LhH5FileRoot().
PetscErrorCode LhH5RowsRead(LhH5File file, hid_t group, const LhH5Rows *rows, void *values,
                            PetscBool *found);
/// Number of entries of a dataset, -1 when there is none.
PetscErrorCode LhH5RowsSize(LhH5File file, const char path[], PetscInt *size);
hid_t LhH5FileRoot(LhH5File file);
/// A dataset of one integer.
PetscErrorCode LhH5CountWrite(LhH5File file, hid_t group, const char name[], PetscInt value);
/// `name` in the group stands for `target` of another file, whose path is relative to this one's.
PetscErrorCode LhH5Link(LhH5File file, hid_t group, const char name[], const char other_file[],
                        const char target[]);

PetscErrorCode LhH5AttributeText(LhH5File file, hid_t object, const char name[], const char text[]);
PetscErrorCode LhH5AttributeReal(LhH5File file, hid_t object, const char name[], PetscReal value);
PetscErrorCode LhH5AttributeInts(LhH5File file, hid_t object, const char name[], PetscInt n,
                                 const PetscInt values[]);
