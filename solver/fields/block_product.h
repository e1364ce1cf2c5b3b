/// @file
/// The product of a sequential AIJ matrix with a vector when its rows come in blocks of three. Private to fields/.
#pragma once

#include <petscmat.h>

/// Replaces the matrix's MatMult(): three dot products of a block row with the gathered unknowns of its columns, in
/// vector instructions; a third of the column indices is read. Rows must come in threes of equal
/// columns, columns in aligned threes. To be called again after MatAssemblyEnd(). Not collective.
PetscErrorCode LhBlockProductUse(Mat mat);
