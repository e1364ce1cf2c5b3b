/// @file
/// Ellipsoids in a periodic volume: overlap, gaps, points inside, and a packing of many without overlap.
///
/// Private to the mesh layer. Pure geometry: no mesh, no MPI.
#pragma once

#include "mesh/mesh_problem.h"

typedef struct {
  PetscInt kind;         ///< of the caller's choice
  PetscReal centre[3];   ///< [m]
  PetscReal semi[3];     ///< semi-axes [m]
  PetscReal axis[3][3];  ///< [k] unit vector along semi-axis k
} LhBody;

typedef struct {
  PetscReal size[3];  ///< of the periodic volume [m]
  PetscReal gap;      ///< smallest distance of two surfaces [m]
  PetscInt num;
  LhBody *body;  ///< the caller's
  uint64_t *random;
} LhPacking;

/// Vector from a to b by the shortest way through the periodic volume.
void LhBodyGap(const PetscReal size[3], const PetscReal a[3], const PetscReal b[3], PetscReal r[3]);
/// The smallest ellipsoid of this kind around all points nearer than `gap` to the body; exact for a sphere.
void LhBodyInflate(const LhBody *body, PetscReal gap, LhBody *inflated);
/// Contact function of two ellipsoids with centres `r` apart: they touch when both are scaled by its root; below 1
/// they overlap (Perram and Wertheim 1985, doi:10.1016/0021-9991(85)90171-8). `push` is the vector that b would have
/// to move by to just clear a.
PetscReal LhBodyContact(const LhBody *a, const LhBody *b, const PetscReal r[3], PetscReal push[3]);
PetscBool LhBodyContains(const LhBody *body, const PetscReal size[3], const PetscReal x[3]);
PetscReal LhBodyVolume(const LhBody *body);
PetscReal LhBodyRadius(const LhBody *body);  ///< longest semi-axis

/// Half the width of the body along coordinate direction d.
PetscReal LhBodyReach(const LhBody *body, PetscInt d);
/// Moves all bodies together so that none just touches a side of the volume or just sticks through it: slivers there
/// are what meshers fail at.
PetscErrorCode LhBodiesAvoidSides(LhPacking *packing);
/// Moves the bodies so that none come nearer than the gap: random sequential addition, largest first, then pushing
/// apart those that found no room. Fails with a problem that names the limit.
PetscErrorCode LhBodiesPack(LhPacking *packing, LhMeshProblems *problems);
