/// @file
/// Smoother of the finest level where fibres lie: inverts diagonal blocks and stiff pieces together. Never touches
/// another level.
///
/// A piece spreads a stiffness of rank one over the nodes of a cell. Diagonal blocks take it for a stiffness of
/// each node, and where it is many times that of the cell nothing but the piece itself is smoothed. Here such
/// pieces are taken out of the blocks and brought back by Woodbury's formula. Its small sparse matrix, a row a stiff
/// piece, is held and factored by every rank: cut at the borders of ranks, the fibres there would be as stiff as before.
#include <math.h>

#include "solve/multigrid_private.h"

#define VALUES 4   ///< reals that say what a piece is: direction, stiffness
#define STIFF  3.  ///< pieces stiffer than this many times the softest node they touch are taken out

/// All pieces of all ranks, and the nodes they touch. An entry is a piece at one of its nodes.
typedef struct {
  PetscInt num, num_nodes, num_entries;
  PetscInt *first;   ///< [node + 1] entries of a node
  PetscInt *piece;   ///< [entry]
  double *along;     ///< [entry] [1/m]
  PetscInt *start;   ///< [piece + 1] into `at`
  PetscInt *at;      ///< nodes of a piece
  PetscInt num_own;  ///< nodes of this rank
  PetscInt *own;     ///< [own] node
  PetscInt *local;   ///< [own] the same on the level
} Touch;

struct _n_MgPieces {
  MPI_Comm comm;
  const LhMatrixPieces *source;
  Touch all;
  Vec given, values;   ///< [piece][VALUES], by rank and all
  VecScatter scatter;  ///< given to values
  double *square;      ///< [piece] sum of along^2 over its nodes [1/m^2]
  double *soft;        ///< [piece] stiffness of the softest node without pieces
  // Those that are stiff.
  PetscInt num;
  PetscInt *row;          ///< [piece] of `matrix`, or -1
  PetscInt *old;          ///< the same, when `matrix` was made
  PetscInt *first;        ///< [node + 1]
  PetscInt *entry_row;    ///< [entry]
  double (*part)[MG_BS];  ///< [entry] sqrt(k) along m, at nodes of this rank
  PetscInt *place;        ///< by pair of entries of an own node: value of `matrix`
  Mat matrix, factor;     ///< 1 + V^T D^-1 V
  Vec right, left;
};

/// Nodes of all pieces by global number.
typedef struct {
  PetscInt num, num_nodes, *node;
  double *along;
} World;

static PetscErrorCode GatherWorld(MPI_Comm comm, const LhMatrixPieces *mine, World *world) {
  PetscMPIInt size, count = (PetscMPIInt)(mine->num * mine->num_nodes), *counts, *at;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMalloc2(size, &counts, size + 1, &at));
  PetscCallMPI(MPI_Allgather(&count, 1, MPI_INT, counts, 1, MPI_INT, comm));
  at[0] = 0;
  for (PetscMPIInt r = 0; r < size; r++) at[r + 1] = at[r] + counts[r];
  world->num_nodes = mine->num_nodes;
  world->num = at[size] / mine->num_nodes;
  PetscCall(PetscMalloc2(at[size], &world->node, at[size], &world->along));
  PetscCallMPI(
      MPI_Allgatherv(mine->node, count, MPIU_INT, world->node, counts, at, MPIU_INT, comm));
  PetscCallMPI(
      MPI_Allgatherv(mine->along, count, MPI_DOUBLE, world->along, counts, at, MPI_DOUBLE, comm));
  PetscCall(PetscFree2(counts, at));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Sorted numbers of all nodes that are touched; pieces outside of the cells have none.
static PetscErrorCode ListNodes(const World *world, PetscInt *num, PetscInt list[]) {
  PetscFunctionBeginUser;
  *num = 0;
  for (PetscInt k = 0; k < world->num * world->num_nodes; k++) {
    if (world->node[k] >= 0) list[(*num)++] = world->node[k];
  }
  PetscCall(PetscSortRemoveDupsInt(num, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FillTouch(const World *world, const PetscInt list[], Touch *all) {
  PetscInt n = 0;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < world->num * world->num_nodes; k++) {
    if (k % world->num_nodes == 0) all->start[k / world->num_nodes] = n;
    if (world->node[k] < 0) continue;
    PetscCall(PetscFindInt(world->node[k], all->num_nodes, list, &all->at[n]));
    all->first[all->at[n++] + 1]++;
  }
  all->start[all->num] = all->num_entries = n;
  for (PetscInt t = 0; t < all->num_nodes; t++) all->first[t + 1] += all->first[t];
  for (PetscInt k = world->num * world->num_nodes - 1; k >= 0; k--) {
    PetscInt t;
    if (world->node[k] < 0) continue;
    t = all->at[--n];
    all->piece[--all->first[t + 1]] = k / world->num_nodes;
    all->along[all->first[t + 1]] = world->along[k];
  }
  // Filled from behind: the end of a node has become its beginning.
  for (PetscInt t = 0; t < all->num_nodes; t++) all->first[t] = all->first[t + 1];
  all->first[all->num_nodes] = all->num_entries;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateTouch(const World *world, Mat mat, Touch *all) {
  const PetscInt n = world->num * world->num_nodes;
  PetscInt *list, begin, end;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &list));
  PetscCall(ListNodes(world, &all->num_nodes, list));
  all->num = world->num;
  PetscCall(PetscCalloc1(all->num_nodes + 1, &all->first));
  PetscCall(PetscMalloc3(n, &all->piece, n, &all->along, n, &all->at));
  PetscCall(PetscMalloc1(all->num + 1, &all->start));
  PetscCall(FillTouch(world, list, all));
  PetscCall(MatGetOwnershipRange(mat, &begin, &end));
  PetscCall(PetscMalloc2(all->num_nodes, &all->own, all->num_nodes, &all->local));
  for (PetscInt t = 0; t < all->num_nodes; t++) {
    if (MG_BS * list[t] < begin || MG_BS * list[t] >= end) continue;
    all->own[all->num_own] = t;
    all->local[all->num_own++] = list[t] - begin / MG_BS;
  }
  PetscCall(PetscFree(list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Allocate(MgPieces p) {
  const Touch *all = &p->all;

  PetscFunctionBeginUser;
  PetscCall(VecCreateMPIWithArray(p->comm, VALUES, VALUES * p->source->num, PETSC_DETERMINE,
                                  p->source->value, &p->given));
  PetscCall(VecScatterCreateToAll(p->given, &p->scatter, &p->values));
  PetscCall(PetscMalloc3(all->num, &p->soft, all->num, &p->row, all->num, &p->old));
  for (PetscInt q = 0; q < all->num; q++) p->old[q] = -1;
  PetscCall(PetscCalloc1(all->num, &p->square));
  for (PetscInt k = 0; k < all->num_entries; k++)
    p->square[all->piece[k]] += all->along[k] * all->along[k];
  PetscCall(PetscCalloc1(all->num_nodes + 1, &p->first));
  PetscCall(PetscMalloc1(all->num_entries, &p->entry_row));
  PetscCall(PetscMalloc1(all->num_entries, &p->part));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgPiecesCreate(Mat mat, MgPieces *pieces) {
  PetscContainer container;
  World world;
  MgPieces p;

  PetscFunctionBeginUser;
  *pieces = NULL;
  PetscCall(PetscObjectQuery((PetscObject)mat, LH_MATRIX_PIECES, (PetscObject *)&container));
  if (!container) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscNew(&p));
  PetscCall(PetscObjectGetComm((PetscObject)mat, &p->comm));
  PetscCall(PetscContainerGetPointer(container, (void **)&p->source));
  PetscCall(GatherWorld(p->comm, p->source, &world));
  PetscCall(CreateTouch(&world, mat, &p->all));
  PetscCall(Allocate(p));
  PetscCall(PetscFree2(world.node, world.along));
  *pieces = p;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode DestroyMatrix(MgPieces p) {
  PetscFunctionBeginUser;
  PetscCall(MatDestroy(&p->matrix));
  PetscCall(MatDestroy(&p->factor));
  PetscCall(VecDestroy(&p->left));
  PetscCall(VecDestroy(&p->right));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgPiecesDestroy(MgPieces *pieces) {
  MgPieces p = *pieces;

  PetscFunctionBeginUser;
  if (!p) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(DestroyMatrix(p));
  PetscCall(VecDestroy(&p->given));
  PetscCall(VecDestroy(&p->values));
  PetscCall(VecScatterDestroy(&p->scatter));
  PetscCall(PetscFree(p->all.first));
  PetscCall(PetscFree3(p->all.piece, p->all.along, p->all.at));
  PetscCall(PetscFree(p->all.start));
  PetscCall(PetscFree2(p->all.own, p->all.local));
  PetscCall(PetscFree3(p->soft, p->row, p->old));
  PetscCall(PetscFree(p->square));
  PetscCall(PetscFree(p->first));
  PetscCall(PetscFree(p->entry_row));
  PetscCall(PetscFree(p->part));
  PetscCall(PetscFree(p->place));
  PetscCall(PetscFree(*pieces));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The part of a piece at a node: sqrt(k) along m; none of pieces that soften.
static inline void FindPart(const double value[VALUES], double along, const float keep[MG_BS],
                            double part[MG_BS]) {
  const double size = along * sqrt(fmax(value[MG_BS], 0.));

  for (int c = 0; c < MG_BS; c++) part[c] = size * value[c] * (double)keep[c];
}

/// p->soft: least diagonal entry, without pieces, of the nodes of a piece.
static PetscErrorCode FindSoft(MgPieces p, const MgLevel *level, const double value[]) {
  const Touch *all = &p->all;

  PetscFunctionBeginUser;
  for (PetscInt q = 0; q < all->num; q++) p->soft[q] = PETSC_MAX_REAL;
  for (PetscInt o = 0; o < all->num_own; o++) {
    const PetscInt t = all->own[o], i = all->local[o];
    const float *block = level->value + MG_BLOCK * level->diagonal[i];
    double left[MG_BS] = {block[0], block[4], block[8]}, part[MG_BS];

    for (PetscInt k = all->first[t]; k < all->first[t + 1]; k++) {
      FindPart(value + VALUES * all->piece[k], all->along[k], level->keep + MG_BS * i, part);
      for (int c = 0; c < MG_BS; c++) left[c] -= part[c] * part[c];
    }
    for (PetscInt k = all->first[t]; k < all->first[t + 1]; k++)
      p->soft[all->piece[k]] =
          fmin(p->soft[all->piece[k]], fmax(fmin(left[0], fmin(left[1], left[2])), 0.));
  }
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, p->soft, (PetscMPIInt)all->num, MPI_DOUBLE, MPI_MIN, p->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Numbers the stiff pieces; `*same` when they are those of the matrix.
static PetscErrorCode ChooseStiff(MgPieces p, const double value[], PetscBool *same) {
  const Touch *all = &p->all;

  PetscFunctionBeginUser;
  *same = PETSC_TRUE;
  p->num = 0;
  for (PetscInt q = 0; q < all->num; q++) {
    const double size = p->square[q] * value[VALUES * q + MG_BS];
    p->row[q] = size > STIFF * p->soft[q] ? p->num++ : -1;
    if (p->row[q] != p->old[q]) *same = PETSC_FALSE;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Entries of the stiff pieces, and their parts at nodes of this rank.
static PetscErrorCode FillStiff(MgPieces p, const MgLevel *level, const double value[]) {
  const Touch *all = &p->all;
  PetscInt n = 0, o = 0;

  PetscFunctionBeginUser;
  for (PetscInt t = 0; t < all->num_nodes; t++) {
    const PetscBool own = o < all->num_own && all->own[o] == t ? PETSC_TRUE : PETSC_FALSE;
    for (PetscInt k = all->first[t]; k < all->first[t + 1]; k++) {
      const PetscInt q = all->piece[k];
      if (p->row[q] < 0) continue;
      if (own)
        FindPart(value + VALUES * q, all->along[k], level->keep + MG_BS * all->local[o],
                 p->part[n]);
      p->entry_row[n++] = p->row[q];
    }
    p->first[t + 1] = n;
    o += own;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Stiff pieces that share a node with piece q; `seen` is by row and is not that of q at first.
static PetscInt FindNeighbours(MgPieces p, PetscInt q, PetscInt seen[], PetscInt list[]) {
  PetscInt n = 0;

  for (PetscInt e = p->all.start[q]; e < p->all.start[q + 1]; e++) {
    const PetscInt t = p->all.at[e];
    for (PetscInt k = p->first[t]; k < p->first[t + 1]; k++) {
      const PetscInt other = p->entry_row[k];
      if (seen[other] == q) continue;
      seen[other] = q;
      list[n++] = other;
    }
  }
  return n;
}

static PetscErrorCode CreateMatrix(MgPieces p) {
  PetscInt *seen, *list, *length;
  PetscScalar *zero;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(p->num, &seen, p->num, &list, p->num, &length));
  PetscCall(PetscCalloc1(p->num, &zero));
  for (PetscInt r = 0; r < p->num; r++) seen[r] = -1;
  for (PetscInt q = 0; q < p->all.num; q++) {
    if (p->row[q] >= 0) length[p->row[q]] = FindNeighbours(p, q, seen, list);
  }
  PetscCall(MatCreateSeqAIJ(PETSC_COMM_SELF, p->num, p->num, 0, length, &p->matrix));
  for (PetscInt r = 0; r < p->num; r++) seen[r] = -1;
  for (PetscInt q = 0; q < p->all.num; q++) {
    if (p->row[q] < 0) continue;
    const PetscInt n = FindNeighbours(p, q, seen, list);
    PetscCall(MatSetValues(p->matrix, 1, &p->row[q], n, list, zero, INSERT_VALUES));
  }
  PetscCall(MatAssemblyBegin(p->matrix, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(p->matrix, MAT_FINAL_ASSEMBLY));
  PetscCall(PetscFree3(seen, list, length));
  PetscCall(PetscFree(zero));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Where the products of pairs of entries of own nodes go.
static PetscErrorCode PlacePairs(MgPieces p) {
  const PetscInt *start, *column;
  PetscInt rows, n = 0;
  PetscBool ok;

  PetscFunctionBeginUser;
  for (PetscInt o = 0; o < p->all.num_own; o++)
    n += PetscSqr(p->first[p->all.own[o] + 1] - p->first[p->all.own[o]]);
  PetscCall(PetscFree(p->place));
  PetscCall(PetscMalloc1(n, &p->place));
  PetscCall(MatGetRowIJ(p->matrix, 0, PETSC_FALSE, PETSC_FALSE, &rows, &start, &column, &ok));
  n = 0;
  for (PetscInt o = 0; o < p->all.num_own; o++) {
    const PetscInt t = p->all.own[o];
    for (PetscInt k = p->first[t]; k < p->first[t + 1]; k++) {
      const PetscInt row = p->entry_row[k];
      for (PetscInt l = p->first[t]; l < p->first[t + 1]; l++) {
        PetscInt where;
        PetscCall(PetscFindInt(p->entry_row[l], start[row + 1] - start[row], column + start[row],
                               &where));
        p->place[n++] = start[row] + where;
      }
    }
  }
  PetscCall(MatRestoreRowIJ(p->matrix, 0, PETSC_FALSE, PETSC_FALSE, &rows, &start, &column, &ok));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A matrix for other pieces than before.
static PetscErrorCode ReplaceMatrix(MgPieces p) {
  MatFactorInfo info;
  IS rows, columns;

  PetscFunctionBeginUser;
  PetscCall(PetscArraycpy(p->old, p->row, p->all.num));
  PetscCall(DestroyMatrix(p));
  if (!p->num) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(CreateMatrix(p));
  PetscCall(PlacePairs(p));
  PetscCall(MatGetOrdering(p->matrix, MATORDERINGQMD, &rows, &columns));
  PetscCall(MatGetFactor(p->matrix, MATSOLVERPETSC, MAT_FACTOR_CHOLESKY, &p->factor));
  PetscCall(MatFactorInfoInitialize(&info));
  info.fill = 5.;
  PetscCall(MatCholeskyFactorSymbolic(p->factor, p->matrix, rows, &info));
  PetscCall(ISDestroy(&rows));
  PetscCall(ISDestroy(&columns));
  PetscCall(MatCreateVecs(p->matrix, &p->left, &p->right));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Sylvester's criterion, with some distance from rounding in single precision.
static PetscBool IsDefinite(const double a[MG_BLOCK], double floor) {
  const double minor = a[0] * a[4] - a[1] * a[3];
  const double det =
      a[8] * minor - a[7] * (a[0] * a[5] - a[2] * a[3]) + a[6] * (a[1] * a[5] - a[2] * a[4]);

  return a[0] > floor && minor > floor * a[0] && det > floor * minor ? PETSC_TRUE : PETSC_FALSE;
}

/// D of a node: its block without stiff pieces; with them where nothing definite is left.
static void TakeOut(MgPieces p, PetscInt t, const float block[MG_BLOCK], float inverse[MG_BLOCK]) {
  const double rounding = 1e-6;
  double left[MG_BLOCK], size = 0.;

  for (int e = 0; e < MG_BLOCK; e++) left[e] = block[e];
  for (int c = 0; c < MG_BS; c++) size = fmax(size, left[4 * c]);
  for (PetscInt k = p->first[t]; k < p->first[t + 1]; k++) {
    for (int e = 0; e < MG_BLOCK; e++) left[e] -= p->part[k][e % MG_BS] * p->part[k][e / MG_BS];
  }
  for (int c = 0; c < MG_BS; c++) left[4 * c] += rounding * size;
  if (IsDefinite(left, rounding * size)) MgInvertBlock(left, inverse);
}

static inline void Multiply(const float a[MG_BLOCK], const double x[MG_BS], double y[MG_BS]) {
  for (int c = 0; c < MG_BS; c++)
    y[c] = (double)a[3 * c] * x[0] + (double)a[3 * c + 1] * x[1] + (double)a[3 * c + 2] * x[2];
}

static inline double Dot(const double a[MG_BS], const double b[MG_BS]) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/// Values of 1 + V^T D^-1 V.
static PetscErrorCode FillMatrix(MgPieces p, const float inverse[]) {
  const PetscInt *place = p->place;
  PetscScalar *value;
  MatInfo info;

  PetscFunctionBeginUser;
  PetscCall(MatZeroEntries(p->matrix));
  PetscCall(MatGetInfo(p->matrix, MAT_LOCAL, &info));
  PetscCall(MatSeqAIJGetArray(p->matrix, &value));
  for (PetscInt o = 0; o < p->all.num_own; o++) {
    const PetscInt t = p->all.own[o];
    for (PetscInt k = p->first[t]; k < p->first[t + 1]; k++) {
      double y[MG_BS];
      Multiply(inverse + MG_BLOCK * p->all.local[o], p->part[k], y);
      for (PetscInt l = p->first[t]; l < p->first[t + 1]; l++)
        value[*place++] += Dot(p->part[l], y);
    }
  }
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, value, (PetscMPIInt)info.nz_used, MPI_DOUBLE, MPI_SUM, p->comm));
  PetscCall(MatSeqAIJRestoreArray(p->matrix, &value));
  PetscCall(MatShift(p->matrix, 1.));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgPiecesFactor(MgPieces p, MgLevel *level) {
  const PetscScalar *value;
  MatFactorInfo info;
  PetscBool same;

  PetscFunctionBeginUser;
  PetscCall(VecScatterBegin(p->scatter, p->given, p->values, INSERT_VALUES, SCATTER_FORWARD));
  PetscCall(VecScatterEnd(p->scatter, p->given, p->values, INSERT_VALUES, SCATTER_FORWARD));
  PetscCall(VecGetArrayRead(p->values, &value));
  PetscCall(FindSoft(p, level, value));
  PetscCall(ChooseStiff(p, value, &same));
  PetscCall(FillStiff(p, level, value));
  PetscCall(VecRestoreArrayRead(p->values, &value));
  if (!same) PetscCall(ReplaceMatrix(p));
  if (!p->num) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt o = 0; o < p->all.num_own; o++) {
    const PetscInt t = p->all.own[o], i = p->all.local[o];
    if (p->first[t] == p->first[t + 1]) continue;
    TakeOut(p, t, level->value + MG_BLOCK * level->diagonal[i], level->inverse + MG_BLOCK * i);
  }
  PetscCall(FillMatrix(p, level->inverse));
  PetscCall(MatFactorInfoInitialize(&info));
  PetscCall(MatCholeskyFactorNumeric(p->factor, p->matrix, &info));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// right = V^T D^-1 r.
static PetscErrorCode Project(MgPieces p, const float inverse[], const float r[]) {
  PetscScalar *sum;

  PetscFunctionBeginUser;
  PetscCall(VecZeroEntries(p->right));
  PetscCall(VecGetArray(p->right, &sum));
  for (PetscInt o = 0; o < p->all.num_own; o++) {
    const PetscInt t = p->all.own[o], i = p->all.local[o];
    const double own[MG_BS] = {r[MG_BS * i], r[MG_BS * i + 1], r[MG_BS * i + 2]};
    double y[MG_BS];

    Multiply(inverse + MG_BLOCK * i, own, y);
    for (PetscInt k = p->first[t]; k < p->first[t + 1]; k++)
      sum[p->entry_row[k]] += Dot(p->part[k], y);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, (PetscMPIInt)p->num, MPI_DOUBLE, MPI_SUM, p->comm));
  PetscCall(VecRestoreArray(p->right, &sum));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgPiecesRelieve(MgPieces p, const float inverse[], const float r[], float out[]) {
  const PetscScalar *w;

  PetscFunctionBeginUser;
  if (!p->num) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(Project(p, inverse, r));
  PetscCall(MatSolve(p->factor, p->right, p->left));
  PetscCall(VecGetArrayRead(p->left, &w));
  for (PetscInt o = 0; o < p->all.num_own; o++) {
    const PetscInt t = p->all.own[o], d = MG_BS * p->all.local[o];
    double own[MG_BS] = {r[d], r[d + 1], r[d + 2]};

    for (PetscInt k = p->first[t]; k < p->first[t + 1]; k++) {
      for (int c = 0; c < MG_BS; c++) own[c] -= p->part[k][c] * w[p->entry_row[k]];
    }
    for (int c = 0; c < MG_BS; c++) out[d + c] = (float)own[c];
  }
  PetscCall(VecRestoreArrayRead(p->left, &w));
  PetscFunctionReturn(PETSC_SUCCESS);
}
