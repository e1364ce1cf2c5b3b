/// @file
/// Geometric multigrid for vertex unknowns on lattices: boxes with graded layers, voxels with holes, periodic ones.
///
/// Concept: a PCSHELL. Nodes that lie on planes across the axes are coarsened by every second plane,
/// first across the axes of finest spacing until cells are cubes; interpolation is linear in each axis,
/// coarse matrices are Galerkin products. Smoother: Chebyshev on 3x3 block Jacobi, on the finest level together with the stiff
/// pieces that the matrix carries (LH_MATRIX_PIECES). All in single precision: CG or
/// GMRES outside works in double. One set-up costs about ten products with the matrix.
#pragma once

#include <petscksp.h>

#include "fields/assembler.h"

/// Whether the nodes of a matrix of block size 3 lie on a lattice that is worth it. The matrix must carry
/// LH_MATRIX_COORDINATES. Collective.
PetscErrorCode LhMultigridFits(Mat mat, PetscBool *fits);
/// Makes `pc` this preconditioner; its matrix is one with LH_MATRIX_COORDINATES, for which LhMultigridFits() said yes: an AIJ
/// matrix, or one in single precision (fields/single_matrix.h), whose values become those of the finest level. Prescribed unknowns are those whose row holds the diagonal alone.
PetscErrorCode LhMultigridConfigure(PC pc);
/// Whether `pc` is this preconditioner. Not collective.
PetscErrorCode LhMultigridIs(PC pc, PetscBool *is_multigrid);
/// The product with the matrix in single precision, as the finest level holds it, sums and vectors in double: half the
/// memory traffic. It borrows `pc`, whose operator it becomes, and has values from its first set-up on. NULL when `pc` is not this
/// preconditioner. Collective.
PetscErrorCode LhMultigridCreateProduct(PC pc, Mat *product);
/// New values of the matrix on the finest level alone, product and smoother; coarse levels stay. Collective.
PetscErrorCode LhMultigridRefresh(PC pc);
