/// @file
/// Sides of a box full of tetrahedra: their names, and which vertices are periodic images. Private to rve*.c.
#pragma once

#include "mesh/raw_mesh.h"

/// Puts vertices within rounding of a side onto it.
void LhRveSnapToSides(const LhRveSpec *spec, LhRawMesh *raw);
/// Surfaces bottom, top, left, right, front, back, as those of the built-in box.
PetscErrorCode LhRveAddSides(const LhRveSpec *spec, LhRawMesh *raw);
/// Finds the image of every vertex of the upper sides and moves the vertex exactly one period away from it; a vertex
/// without one is a problem.
PetscErrorCode LhRveMatchImages(const LhRveSpec *spec, LhRawMesh *raw, LhMeshProblems *problems);
