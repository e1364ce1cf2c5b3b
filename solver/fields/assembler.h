/// @file
/// Sparse matrices assembled from batches by precomputed positions.
///
/// Element matrices are added into a rank-local block CSR over the nodes of a space (ghosts
/// included) at positions found once. LhAssemblerEnd sends ghost rows to their owners by persistent
/// messages and writes straight into the arrays of the AIJ matrix: PETSc's COO interface would keep two
/// 8-byte indices for every entry, twice the matrix. Nothing is searched or allocated between.
#pragma once

#include <petscmat.h>

#include "fields/batch.h"

/// Name under which a matrix carries the places of its nodes, a Vec of three reals a node [m].
#define LH_MATRIX_COORDINATES "lihost_coordinates"

/// Name under which a matrix carries a PetscContainer with an LhMatrixPieces.
#define LH_MATRIX_PIECES "lihost_pieces"

/// Parts of rank one that the matrix contains and that may be much stiffer than the cell they lie in:
/// sum_p k_p v_p v_p^T with v_p = along_b m_i at component i of node b. Borrowed from who keeps them; each rank names those
/// of its own cells.
typedef struct {
  PetscInt num, num_nodes;  ///< pieces, nodes of a piece
  const PetscInt *node;     ///< [num][num_nodes] global number; the first is -1: no such piece
  const double *along;      ///< [num][num_nodes] [1/m]
  const double *value;      ///< [num][4] m, then k [N m]; as of the last tangent
} LhMatrixPieces;

typedef struct _n_LhAssembler *LhAssembler;

/// Pattern: node pairs that share a cell of the space, bs unknowns a node. Collective.
PetscErrorCode LhAssemblerCreate(LhSpace space, LhBatches batches, PetscInt bs,
                                 LhAssembler *assembler);
PetscErrorCode LhAssemblerDestroy(LhAssembler *assembler);
/// A new AIJ matrix with block size bs and this pattern. Collective.
PetscErrorCode LhAssemblerCreateMat(LhAssembler assembler, Mat *mat);
/// For the caller that assembles into `mat` alone: on one rank values are added straight into its array, which saves
/// a copy as large as the matrix. Between Begin and End the matrix has no meaning.
PetscErrorCode LhAssemblerShare(LhAssembler assembler, Mat mat);
/// For three unknowns a node: a new matrix in single precision (single_matrix.h), which all values go to from now on, until
/// LhAssemblerRelease(). Room for values in double precision is given back. Collective.
PetscErrorCode LhAssemblerCreateSingle(LhAssembler assembler, Mat *mat);
/// Lets go of a shared matrix, or one in single precision, and of the room for values. Not collective.
PetscErrorCode LhAssemblerRelease(LhAssembler assembler);

/// Sets the local values to zero.
PetscErrorCode LhAssemblerBegin(LhAssembler assembler);
/// Instead of LhAssemblerBegin(): the values of the last LhAssemblerEnd() stay and what is added comes on top.
PetscErrorCode LhAssemblerResume(LhAssembler assembler);
/// Adds K[(a*bs + i) * (npc*bs) + b*bs + j][lane] of batch number `batch`, active lanes only.
PetscErrorCode LhAssemblerAddBatch(LhAssembler assembler, PetscInt batch,
                                   const double (*K)[LH_BATCH]);
/// The same from values in single precision, of an assembler whose values go to such a matrix.
PetscErrorCode LhAssemblerAddBatchSingle(LhAssembler assembler, PetscInt batch,
                                         const float (*K)[LH_BATCH]);
/// Adds a dense block over a few local nodes that share a cell (boundary faces): K[(a*bs+i)*(n*bs)+b*bs+j].
PetscErrorCode LhAssemblerAddNodes(LhAssembler assembler, PetscInt n, const PetscInt nodes[],
                                   const double K[]);
/// Adds to the diagonal entry of component c of a local node (owned or ghost).
PetscErrorCode LhAssemblerAddDiagonal(LhAssembler assembler, PetscInt node, PetscInt c,
                                      double value);
/// Prescribed unknowns: rows and columns with mask[node*bs + c] != 0 are cleared (of every rank's
/// contributions, so the mask must agree on ghosts) and get `diagonal` at their owner.
/// Comes after the last Add.
PetscErrorCode LhAssemblerConstrain(LhAssembler assembler, const unsigned char mask[],
                                    double diagonal);
/// Moves the values to `mat`. Collective.
PetscErrorCode LhAssemblerEnd(LhAssembler assembler, Mat mat);
