/// @file
/// A matrix of 3x3 blocks in single precision: what geometric multigrid and its product work on.
///
/// Concept: a MATSHELL that an assembler writes to and that lends its rows to whoever knows them. It has no operations of
/// its own: an AIJ matrix of the same pattern takes three times the memory. Must never know what the values mean.
#pragma once

#include <petscmat.h>

#include "base/base.h"

#define LH_SINGLE_BLOCK 9  ///< values of a block, column after column

/// Rows of the owned nodes.
typedef struct {
  PetscInt num_owned, num_ghost;  ///< nodes
  PetscInt *start;                ///< [num_owned + 1], in blocks
  PetscInt *column;               ///< own nodes, then num_owned + ghost, ascending each
  PetscInt *ghost;                ///< [num_ghost] global nodes, ascending
  float *value;                   ///< [blocks][9], and one number more that may be read
} LhSingleRows;

/// Pattern from rows of global columns, ascending; `first` is the first owned node. Arrays are copied. Collective.
PetscErrorCode LhSingleMatrixCreate(MPI_Comm comm, PetscInt num_owned, PetscInt first,
                                    const PetscInt start[], const PetscInt column[], Mat *mat);
/// The rows, borrowed; NULL when `mat` is another matrix. Not collective.
PetscErrorCode LhSingleMatrixGetRows(Mat mat, LhSingleRows **rows);
/// Changes diagonal blocks so that rows sum to `sums` [owned][9], by row and component of the column, up to one rounding of the
/// diagonal: what many roundings leave of a sum that nearly cancels would be a spring or a source. Not collective.
PetscErrorCode LhSingleMatrixSetSums(Mat mat, const double sums[]);
