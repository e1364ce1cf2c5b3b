/// @file
/// A body-centred lattice in the box of a volume, its points moved onto the surfaces of the bodies, and its tetrahedra
/// cut there (isosurface stuffing, Labelle and Shewchuk 2007, doi:10.1145/1276377.1276448; docs/theory/microstructure.md). Private to
/// rve_lattice*.c.
///
/// Points that are periodic images of each other are one point here, so opposite sides cannot differ. A *place* is a
/// point with the sides of the box it is meant on: 8 point + sum of 2^d for the upper side in direction d.
#pragma once

#include "mesh/rve_private.h"

enum { LH_INSIDE = -1, LH_ON_SURFACE, LH_OUTSIDE };

typedef struct {
  PetscInt n[3];  ///< cubes
  PetscReal size[3];
  PetscInt num_bodies, num_points;
  LhBody *bodies;          ///< grown
  PetscInt *body;          ///< [point] that it lies in or on, -1: none
  signed char *side;       ///< [point]
  signed char *raw_side;   ///< [point] before points were moved
  unsigned char *settled;  ///< [point] 1: must not be moved
  PetscReal *nearest;      ///< [point] distance to the place it is moved to
  PetscReal (*move)[3];    ///< [point]
} LhLattice;

typedef PetscErrorCode (*LhLatticeVisit)(LhLattice *lattice, const PetscInt place[4],
                                         void *context);

/// Cubes of about `edge`; bodies are copied. Call LhLatticeFit() before anything else.
PetscErrorCode LhLatticeCreate(const PetscReal size[3], PetscReal edge, PetscInt num_bodies,
                               const LhBody bodies[], LhLattice *lattice);
PetscErrorCode LhLatticeDestroy(LhLattice *lattice);
/// Which points lie in which body; then those near a surface are moved onto it. After every change of the bodies.
PetscErrorCode LhLatticeFit(LhLattice *lattice);
/// All tetrahedra, each with its four places; corners may be in any order.
PetscErrorCode LhLatticeForEach(LhLattice *lattice, LhLatticeVisit visit, void *context);
/// Where a place is, before and after its point was moved.
void LhLatticeOrigin(const LhLattice *lattice, PetscInt place, PetscReal x[3]);
void LhLatticePosition(const LhLattice *lattice, PetscInt place, PetscReal x[3]);
/// Where the surface cuts the edge from a place inside to one outside, as a share of the edge.
PetscReal LhLatticeCut(const LhLattice *lattice, PetscInt inside, PetscInt outside);
