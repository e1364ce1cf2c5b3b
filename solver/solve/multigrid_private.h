/// @file
/// Inside of geometric multigrid (multigrid.h), shared by the multigrid_*.c files of this layer only.
///
/// All levels keep values in single precision: the cycle is a preconditioner, and half the bytes are
/// half the time. A block is nine values, column after column: a product adds columns of four lanes (the fourth
/// is ignored), which runs at the speed of the memory, as three dot products with scalar rows do not.
#pragma once

#include "fields/single_matrix.h"
#include "solve/multigrid.h"

#define MG_BS         3
#define MG_BLOCK      (MG_BS * MG_BS)
#define MG_MAX_LEVELS 24
#define MG_MAX_PARENT 8   ///< parents of a node: both planes in three directions
#define MG_MAX_COARSE 27  ///< coarse columns one fine row can reach

/// Who has copies of which items: nodes of a level, or blocks of matrix rows that two ranks contribute to.
/// Ghost items come after the owned ones, grouped by owner.
typedef struct {
  MPI_Comm comm;
  PetscInt num_owned, num_ghost;
  PetscMPIInt num_from, num_to;  ///< ranks that own my ghosts; ranks that have ghosts of mine
  PetscMPIInt *from, *to;
  PetscInt *from_start, *to_start;  ///< in items
  PetscInt *to_item;                ///< owned items, by rank
  PetscInt width;                   ///< floats an item, at most; doubles count as two
  float *buffer;
  MPI_Request *request;
} MgHalo;

/// `from_count` and `to_count` have an entry per rank; `to_item` is copied. Collective.
PetscErrorCode MgHaloCreate(MPI_Comm comm, PetscInt num_owned, const PetscInt from_count[],
                            const PetscInt to_count[], const PetscInt to_item[], PetscInt width,
                            MgHalo *halo);
/// From the owner and the owner's index of each ghost (grouped by owner). Collective.
PetscErrorCode MgHaloCreateNodes(MPI_Comm comm, PetscInt num_owned, PetscInt num_ghost,
                                 const PetscMPIInt owner[], const PetscInt index[], MgHalo *halo);
PetscErrorCode MgHaloDestroy(MgHalo *halo);
/// Ghosts <- owners; `bs` floats an item. Collective.
PetscErrorCode MgHaloFill(MgHalo *halo, PetscInt bs, float x[]);
/// The same for doubles. Collective.
PetscErrorCode MgHaloFillDoubles(MgHalo *halo, PetscInt bs, double x[]);
/// Owners += ghosts. Collective.
PetscErrorCode MgHaloAdd(MgHalo *halo, PetscInt bs, float x[]);

/// Planes of nodes across each axis, the same on all ranks.
typedef struct {
  PetscInt n[3];  ///< 0: far too many for a lattice
  double *plane[3];
  PetscBool periodic[3];  ///< the first plane follows the last one
  double closing[3];      ///< at this distance [m]; 0: not known
} MgLattice;

PetscErrorCode MgLatticeCreate(MPI_Comm comm, PetscInt num_nodes, const PetscReal coords[],
                               MgLattice *lattice);
PetscErrorCode MgLatticeDestroy(MgLattice *lattice);
PetscInt64 MgLatticePlace(const MgLattice *lattice, const PetscReal x[3]);
void MgLatticeIndices(const MgLattice *lattice, PetscInt64 place, PetscInt ijk[3]);

/// Which coarse planes a fine plane lies between, per axis.
typedef struct {
  PetscInt *plane[3];  ///< [n][2], the second is -1 for a plane that stays
  float *weight[3];    ///< [n][2]
} MgCoarsening;

/// Chooses the axes to coarsen: those with (nearly) the finest spacing. `*done` when none is left.
PetscErrorCode MgLatticeCoarsen(const MgLattice *fine, MgLattice *coarse, MgCoarsening *map,
                                PetscBool *done);
PetscErrorCode MgCoarseningDestroy(MgCoarsening *map);
/// Coarse places and weights of a fine place; returns their number.
PetscInt MgCoarseningParents(const MgCoarsening *map, const MgLattice *fine,
                             const MgLattice *coarse, PetscInt64 place,
                             PetscInt64 parent[MG_MAX_PARENT], float weight[MG_MAX_PARENT]);

typedef struct _n_MgPieces *MgPieces;

typedef struct {
  MPI_Comm comm;
  MgLattice lattice;
  PetscInt num_owned, num_nodes;
  PetscInt64 num_global;
  PetscBool
      is_lattice;     ///< the finest level: nodes that share a cell are neighbours on the lattice
  PetscInt64 *place;  ///< [num_nodes]
  MgHalo halo;

  PetscInt *start, *column;  ///< rows of the owned nodes
  float *value;
  Mat lender;       ///< the matrix that start, column and value belong to, or NULL: the level
  float *inverse;   ///< [owned][9] of the diagonal blocks
  MgPieces pieces;  ///< stiff parts that the smoother inverts together with the diagonal, or NULL
  float *relieved;  ///< [owned][3], with pieces only
  float *keep;      ///< [num_nodes][3] 0 where the unknown is prescribed, else 1
  PetscInt *diagonal;
  float largest;  ///< largest eigenvalue of inverse * A
  float *x, *b, *r, *p, *mode;
  double *exact;  ///< [num_nodes][3], the finest level of a product only

  // To the next coarser level.
  PetscInt *parent_start, *parent;  ///< [num_nodes + 1]
  float *weight;
  // Precomputed places of the Galerkin product, see MgPattern.
  unsigned char *pattern;  ///< of rows, one after the other; equal ones once
  size_t *pattern_at;      ///< [owned] where a row's begins

  // From the next finer level: values are followed by blocks of rows that other ranks own.
  MgHalo block_halo;
  PetscInt *first;  ///< [num_nodes] first block of a coarse row among values and those blocks
} MgLevel;

/// Level 0 from an AIJ matrix of block size 3, or one in single precision, that carries its coordinates. Collective.
PetscErrorCode MgLevelCreateFinest(Mat mat, MgLevel *level);
PetscErrorCode MgLevelDestroy(MgLevel *level);
/// Work vectors and diagonal places, once rows and nodes are there.
PetscErrorCode MgLevelAllocate(MgLevel *level);
/// Values of the matrix on level 0, with `keep`. Collective.
PetscErrorCode MgLevelLoad(Mat mat, MgLevel *level);
/// Values alone: the same unknowns are prescribed as at the last load.
PetscErrorCode MgLevelReload(Mat mat, MgLevel *level);
/// Smoother: Chebyshev on S = diagonal blocks without stiff pieces + stiff pieces. With D the
/// blocks and V the pieces, S^-1 r = D^-1 (r - V (1 + V^T D^-1 V)^-1 V^T D^-1 r) (Woodbury).
/// NULL when the matrix carries no pieces (LH_MATRIX_PIECES). Collective.
PetscErrorCode MgPiecesCreate(Mat mat, MgPieces *pieces);
PetscErrorCode MgPiecesDestroy(MgPieces *pieces);
/// From the values of level and pieces: level->inverse at the nodes of the pieces, where it becomes that of D. Collective.
PetscErrorCode MgPiecesFactor(MgPieces pieces, MgLevel *level);
/// out = D S^-1 r at the nodes of the pieces; elsewhere it stays. Collective.
PetscErrorCode MgPiecesRelieve(MgPieces pieces, const float inverse[], const float r[],
                               float out[]);
/// Inverse of a 3x3 block by cofactors; of its diagonal when it is (nearly) singular.
void MgInvertBlock(const double block[MG_BLOCK], float inverse[MG_BLOCK]);

/// Inverts diagonal blocks and estimates the largest eigenvalue, from the start or (`anew` false) by one round from the
/// last mode, which may only raise it. Collective.
PetscErrorCode MgLevelPrepareSmoother(MgLevel *level, PetscBool anew);
/// y = A x with sums in double; `level->exact` has room for x with ghosts. Collective.
PetscErrorCode MgLevelMultiply(MgLevel *level, const double x[], double y[]);
/// r = b - A x, with ghosts of x filled first. Collective.
PetscErrorCode MgLevelResidual(MgLevel *level, const float b[], float x[], float r[]);
/// Two Chebyshev steps on block Jacobi; `zero`: x counts as zero. Collective.
PetscErrorCode MgLevelSmooth(MgLevel *level, const float b[], float x[], PetscBool zero);

/// Where the products of a fine row go: the number of its coarse columns, their places by entry and parent of the entry's
/// column, then places in coarse rows by parent of the row and coarse column.
typedef struct {
  PetscInt length;
  unsigned char byte[1 + 2 * MG_MAX_PARENT * MG_MAX_COARSE];
} MgPattern;

/// Pattern, transfer and places of the products. `*done`: the lattice cannot be coarsened. Collective.
PetscErrorCode MgLevelCoarsen(MgLevel *fine, MgLevel *coarse, PetscBool *done);
/// Coarse values P^T A P. Collective.
PetscErrorCode MgLevelGalerkin(MgLevel *fine, MgLevel *coarse);
