/// @file
/// Effective conductivity of a periodic volume: -Div(k Grad phi) = 0 with phi = e . X + chi, chi periodic.
///
/// Cells conduct with a value each, fibres along their axes in parallel with the cells they cross (theory M30, M31).
/// Electrons, ions and heat obey the same equation. Solves at once; keeps nothing.
#pragma once

#include "fields/space.h"
#include "mesh/fibres.h"

typedef struct {
  const double *cell;  ///< [mesh cell] conductivity k, 0 = does not conduct [S/m]
  const double *
      fibre;  ///< [fibre] axial conductivity times cross-section [S m]; NULL: fibres do not conduct
} LhConduction;

typedef struct {
  double tensor[9];     ///< mean flux e_i . q per macroscopic gradient e_j, row-major [S/m]
  PetscInt iterations;  ///< of the three linear solves together
  PetscBool percolates
      [3];  ///< false: along this axis nothing but the background conducts, and tensor[4 i] is 0
} LhConductionResult;

/// Cells of conductivity 0 carry 1e-12 of the largest, so that the matrix has an inverse; what that alone conducts is
/// reported as 0. A mesh that is not periodic in all directions is a PETSc error. Collective.
PetscErrorCode LhConductionSolve(LhMesh mesh, const LhConduction *conduction,
                                 LhConductionResult *result);
