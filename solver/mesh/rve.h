/// @file
/// A representative volume of the composite: islands, Li3N particles and coated CNT in a lithium matrix, generated from
/// a seed.
///
/// Islands and particles are ellipsoids without overlap in a periodic volume; CNT are wavy polylines that pass through
/// whatever is there (they displace none of the cells' volume). What was achieved is kept beside what was asked.
/// Equations: docs/theory/microstructure.md.
#pragma once

#include "mesh/fibres.h"

/// Ellipsoids of one phase.
typedef struct {
  PetscReal fraction;   ///< of the volume; negative: not given
  PetscReal diameter;   ///< median, of the sphere of the same volume [m]
  PetscReal deviation;  ///< standard deviation of ln(diameter)
  PetscReal aspect;     ///< longest over shortest axis; the middle one is their geometric mean
} LhRveBodies;

typedef enum {
  LH_ORIENTATION_RANDOM,
  LH_ORIENTATION_IN_PLANE,
  LH_ORIENTATION_TENSOR
} LhOrientation;

typedef struct {
  PetscReal fraction;     ///< of the volume, without the coat; negative: not given
  PetscInt count;         ///< polylines; 0: from `tubes`
  PetscReal tubes;        ///< tubes a polyline stands for; 0: from `count`
  PetscReal diameter;     ///< of a tube [m]
  PetscReal length;       ///< of a polyline [m]
  PetscReal persistence;  ///< arc length over which the tangent forgets its direction (1/e) [m]
  PetscReal segment;      ///< longest straight bit of a polyline [m]
  PetscInt orientation;   ///< LhOrientation
  PetscReal tensor[6];    ///< <t t>, length-weighted: xx yy zz yz xz xy
} LhRveTubes;

/// Who makes tetrahedra.
typedef enum { LH_MESHER_AUTOMATIC, LH_MESHER_GMSH, LH_MESHER_LATTICE } LhRveMesher;

typedef struct {
  PetscReal size[3];  ///< [m]
  PetscInt cells[3];  ///< voxels
  PetscInt seed;
  LhCellType cell_type;  ///< hex8: voxels; tet4: conforming tetrahedra
  PetscInt mesher;       ///< LhRveMesher
  PetscReal edge;        ///< size of tetrahedra [m]
  PetscBool periodic;    ///< of the mesh and the fibres; the islands always are
  PetscReal gap;         ///< smallest distance of two islands or particles [m]
  char matrix[LH_NAME_MAX];
  LhRveBodies islands, particles;  ///< regions lizn and li3n; `particles.fraction` of the volume
  LhRveTubes cnt;
  PetscReal coat;  ///< volume fraction of the Li3N that coats the CNT
} LhRveSpec;

#define LH_FACTS_MAX 48

/// What was asked of a volume and what it became.
typedef struct {
  char name[64], unit[16];
  PetscReal asked;  ///< NaN: nobody asked, it is so
  PetscReal achieved;
} LhMeshFact;

typedef struct {
  PetscInt n;
  LhMeshFact fact[LH_FACTS_MAX];
} LhMeshFacts;

/// What cannot be made is a diagnostic (a PETSc error when `diag` is NULL) that names the limit. Collective.
PetscErrorCode LhMeshCreateRve(MPI_Comm comm, const LhRveSpec *spec, LhDiag diag, LhMesh *mesh);
/// `n` is 0 for meshes that were not generated. Borrowed from the mesh.
PetscErrorCode LhMeshGetFacts(LhMesh mesh, const LhMeshFacts **facts);
