/// @file
/// Patterns of coarse levels: who owns which coarse node, where P^T A P has blocks, and the places that
/// multigrid_galerkin.c adds values at. Never touches values.
///
/// For each fine row i the columns J of (A P)_i are its reach. Its pattern (MgPattern) sends entry and parent to a place in
/// it, then parent I of i and J to a place in row I.
#include <stdlib.h>

#include "base/distinct.h"
#include "fields/rendezvous.h"
#include "solve/multigrid_private.h"

/// Coarse nodes seen by this rank before they are numbered, sorted by place.
typedef struct {
  PetscInt n;
  PetscInt64 *place;
  PetscInt64 *claim;          ///< owner's rank << 32 | owner's index
  PetscInt *local;            ///< number on this rank
  PetscInt *parent;           ///< [parents of all fine nodes] position in `place`
  PetscInt *row_start, *row;  ///< columns (positions) of the rows this rank contributes to
} Seen;

static PetscInt Find(PetscInt n, const PetscInt64 sorted[], PetscInt64 id) {
  PetscInt low = 0, high = n;

  while (high - low > 1) {
    const PetscInt middle = (low + high) / 2;
    if (sorted[middle] <= id)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static int CompareIds(const void *a, const void *b) {
  const PetscInt64 p = *(const PetscInt64 *)a, q = *(const PetscInt64 *)b;
  return (p > q) - (p < q);
}

static PetscInt SortUnique(PetscInt n, PetscInt64 ids[]) {
  PetscInt count = 0;

  if (n) qsort(ids, (size_t)n, sizeof(*ids), CompareIds);
  for (PetscInt k = 0; k < n; k++) {
    if (!count || ids[count - 1] != ids[k]) ids[count++] = ids[k];
  }
  return count;
}

/// Parents of all fine nodes, ghosts included; `seen->parent` points into the sorted places.
static PetscErrorCode FindParents(MgLevel *fine, const MgLattice *coarse, const MgCoarsening *map,
                                  Seen *seen) {
  PetscInt64 *all;
  PetscInt n = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(fine->num_nodes + 1, &fine->parent_start));
  PetscCall(PetscMalloc1(MG_MAX_PARENT * fine->num_nodes, &all));
  PetscCall(PetscMalloc1(MG_MAX_PARENT * fine->num_nodes, &fine->weight));
  fine->parent_start[0] = 0;
  for (PetscInt i = 0; i < fine->num_nodes; i++) {
    n +=
        MgCoarseningParents(map, &fine->lattice, coarse, fine->place[i], all + n, fine->weight + n);
    fine->parent_start[i + 1] = n;
  }
  PetscCall(PetscMalloc1(n, &seen->place));
  PetscCall(PetscArraycpy(seen->place, all, n));
  seen->n = SortUnique(n, seen->place);
  PetscCall(PetscMalloc1(n, &seen->parent));
  for (PetscInt k = 0; k < n; k++) seen->parent[k] = Find(seen->n, seen->place, all[k]);
  PetscCall(PetscFree(all));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A coarse node belongs to the rank of the fine node in its place, else to the lowest rank that needs it.
static PetscErrorCode FindOwners(const MgLevel *fine, Seen *seen) {
  PetscMPIInt rank, size;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(fine->comm, &rank));
  PetscCallMPI(MPI_Comm_size(fine->comm, &size));
  PetscCall(PetscMalloc1(seen->n, &seen->claim));
  for (PetscInt k = 0; k < seen->n; k++) seen->claim[k] = PETSC_MAX_INT;
  for (PetscInt i = 0; i < fine->num_owned; i++) {
    const PetscInt first = fine->parent_start[i], end = fine->parent_start[i + 1];
    for (PetscInt k = first; k < end; k++) {
      PetscInt64 *claim = &seen->claim[seen->parent[k]];
      *claim = PetscMin(*claim, end - first == 1 ? rank : rank + size);
    }
  }
  PetscCall(LhRendezvousMin(fine->comm, seen->n, seen->place, seen->claim));
  for (PetscInt k = 0; k < seen->n; k++) seen->claim[k] %= size;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Fine nodes of this rank by coarse parent.
static PetscErrorCode FindChildren(const MgLevel *fine, const Seen *seen, PetscInt **start,
                                   PetscInt **child) {
  PetscInt *fill;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(seen->n + 1, start));
  PetscCall(PetscMalloc1(fine->parent_start[fine->num_owned], child));
  for (PetscInt k = 0; k < fine->parent_start[fine->num_owned]; k++)
    (*start)[seen->parent[k] + 1]++;
  for (PetscInt c = 0; c < seen->n; c++) (*start)[c + 1] += (*start)[c];
  PetscCall(PetscMalloc1(seen->n, &fill));
  PetscCall(PetscArraycpy(fill, *start, seen->n));
  for (PetscInt i = 0; i < fine->num_owned; i++) {
    for (PetscInt k = fine->parent_start[i]; k < fine->parent_start[i + 1]; k++)
      (*child)[fill[seen->parent[k]]++] = i;
  }
  PetscCall(PetscFree(fill));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Adds the parents of the columns of fine row i that `mark` has not seen for coarse row c.
static PetscInt AddReach(const MgLevel *fine, const Seen *seen, PetscInt i, PetscInt c,
                         PetscInt mark[], PetscInt out[]) {
  PetscInt n = 0;

  for (PetscInt k = fine->start[i]; k < fine->start[i + 1]; k++) {
    const PetscInt j = fine->column[k];
    for (PetscInt t = fine->parent_start[j]; t < fine->parent_start[j + 1]; t++) {
      if (mark[seen->parent[t]] == c) continue;
      mark[seen->parent[t]] = c;
      out[n++] = seen->parent[t];
    }
  }
  return n;
}

/// Rows of P^T A P as far as the fine rows of this rank give them.
static PetscErrorCode FindRows(const MgLevel *fine, Seen *seen) {
  PetscInt *start, *child, *mark, n = 0, room;

  PetscFunctionBeginUser;
  PetscCall(FindChildren(fine, seen, &start, &child));
  PetscCall(PetscMalloc1(seen->n, &mark));
  PetscCall(PetscMalloc1(seen->n + 1, &seen->row_start));
  for (PetscInt c = 0; c < seen->n; c++) mark[c] = -1;
  room = MG_MAX_COARSE * seen->n + MG_MAX_COARSE;
  PetscCall(PetscMalloc1(room, &seen->row));
  seen->row_start[0] = 0;
  for (PetscInt c = 0; c < seen->n; c++) {
    for (PetscInt k = start[c]; k < start[c + 1]; k++)
      n += AddReach(fine, seen, child[k], c, mark, seen->row + n);
    seen->row_start[c + 1] = n;
    PetscCheck(n - seen->row_start[c] <= MG_MAX_COARSE, PETSC_COMM_SELF, PETSC_ERR_PLIB,
               "A coarse row has %" PetscInt_FMT " columns", n - seen->row_start[c]);
    PetscCall(PetscSortInt(n - seen->row_start[c], seen->row + seen->row_start[c]));
  }
  PetscCall(PetscFree(mark));
  PetscCall(PetscFree(start));
  PetscCall(PetscFree(child));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Pairs (row, column) of places: blocks that another rank owns, and what others contribute to mine.
typedef struct {
  PetscInt *sent, *received;  ///< blocks per rank
  PetscInt num_sent, num_received;
  PetscInt64 *in;  ///< [num_received][2]
} Pairs;

static PetscErrorCode TradePairs(MPI_Comm comm, PetscMPIInt size, const PetscInt64 out[],
                                 Pairs *pairs) {
  PetscMPIInt *send, *receive, *send_at, *receive_at;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc4(size, &send, size, &receive, size + 1, &send_at, size + 1, &receive_at));
  for (PetscMPIInt r = 0; r < size; r++) send[r] = 2 * (PetscMPIInt)pairs->sent[r];
  PetscCallMPI(MPI_Alltoall(send, 1, MPI_INT, receive, 1, MPI_INT, comm));
  send_at[0] = receive_at[0] = 0;
  for (PetscMPIInt r = 0; r < size; r++) {
    send_at[r + 1] = send_at[r] + send[r];
    receive_at[r + 1] = receive_at[r] + receive[r];
    pairs->received[r] = receive[r] / 2;
  }
  pairs->num_received = receive_at[size] / 2;
  PetscCall(PetscMalloc1(receive_at[size], &pairs->in));
  PetscCallMPI(MPI_Alltoallv(out, send, send_at, MPIU_INT64, pairs->in, receive, receive_at,
                             MPIU_INT64, comm));
  PetscCall(PetscFree4(send, receive, send_at, receive_at));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// `first[c]`: place of the first block of a seen row among those sent, counted by rank; -1 for own rows.
static PetscErrorCode ExchangePairs(const MgLevel *fine, const Seen *seen, PetscInt first[],
                                    Pairs *pairs) {
  PetscMPIInt rank, size;
  PetscInt *at;
  PetscInt64 *out;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(fine->comm, &rank));
  PetscCallMPI(MPI_Comm_size(fine->comm, &size));
  PetscCall(PetscCalloc1(size, &pairs->sent));
  PetscCall(PetscCalloc1(size, &pairs->received));
  PetscCall(PetscCalloc1(size + 1, &at));
  for (PetscInt c = 0; c < seen->n; c++) {
    if (seen->claim[c] != rank)
      pairs->sent[seen->claim[c]] += seen->row_start[c + 1] - seen->row_start[c];
  }
  for (PetscMPIInt r = 0; r < size; r++) at[r + 1] = at[r] + pairs->sent[r];
  pairs->num_sent = at[size];
  PetscCall(PetscMalloc1(2 * at[size], &out));
  for (PetscInt c = 0; c < seen->n; c++) {
    first[c] = seen->claim[c] == rank ? -1 : at[seen->claim[c]];
    for (PetscInt k = seen->row_start[c]; first[c] >= 0 && k < seen->row_start[c + 1]; k++) {
      const PetscInt block = at[seen->claim[c]]++;
      out[2 * block] = seen->place[c];
      out[2 * block + 1] = seen->place[seen->row[k]];
    }
  }
  PetscCall(TradePairs(fine->comm, size, out, pairs));
  PetscCall(PetscFree(out));
  PetscCall(PetscFree(at));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// All coarse nodes of this rank: own ones are numbered by place, then ghosts by owner.
typedef struct {
  PetscInt n;
  PetscInt64 *place;  ///< sorted, of all nodes
  PetscInt *local;
} Directory;

typedef struct {
  PetscInt64 claim, place;
} Ghost;

static int CompareGhosts(const void *a, const void *b) {
  const Ghost *p = a, *q = b;
  return (p->claim > q->claim) - (p->claim < q->claim);
}

static PetscErrorCode NumberGhosts(MgLevel *coarse, Directory *dir, PetscInt num_ghost,
                                   Ghost ghost[]) {
  PetscMPIInt *owner;
  PetscInt *index;

  PetscFunctionBeginUser;
  if (num_ghost) qsort(ghost, (size_t)num_ghost, sizeof(*ghost), CompareGhosts);
  PetscCall(PetscMalloc2(num_ghost, &owner, num_ghost, &index));
  for (PetscInt g = 0; g < num_ghost; g++) {
    owner[g] = (PetscMPIInt)(ghost[g].claim >> 32);
    index[g] = (PetscInt)(ghost[g].claim & 0xffffffff);
    coarse->place[coarse->num_owned + g] = ghost[g].place;
    dir->local[Find(dir->n, dir->place, ghost[g].place)] = coarse->num_owned + g;
  }
  PetscCall(
      MgHaloCreateNodes(coarse->comm, coarse->num_owned, num_ghost, owner, index, &coarse->halo));
  PetscCall(PetscFree2(owner, index));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode NumberNodes(const Seen *seen, const Pairs *pairs, MgLevel *coarse,
                                  Directory *dir) {
  PetscInt num_ghost = 0;
  PetscInt64 *claim;
  PetscMPIInt rank;
  Ghost *ghost;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(coarse->comm, &rank));
  PetscCall(PetscMalloc1(seen->n + pairs->num_received, &dir->place));
  PetscCall(PetscArraycpy(dir->place, seen->place, seen->n));
  for (PetscInt k = 0; k < pairs->num_received; k++) dir->place[seen->n + k] = pairs->in[2 * k + 1];
  dir->n = SortUnique(seen->n + pairs->num_received, dir->place);
  PetscCall(PetscMalloc2(dir->n, &claim, dir->n, &ghost));
  PetscCall(PetscMalloc1(dir->n, &dir->local));
  PetscCall(PetscMalloc1(dir->n, &coarse->place));
  for (PetscInt k = 0; k < dir->n; k++) claim[k] = INT64_MAX;
  coarse->num_owned = 0;
  for (PetscInt c = 0; c < seen->n; c++) {
    PetscInt k;
    if (seen->claim[c] != rank) continue;
    k = Find(dir->n, dir->place, seen->place[c]);
    claim[k] = (PetscInt64)rank << 32 | coarse->num_owned;
    coarse->place[coarse->num_owned] = seen->place[c];
    dir->local[k] = coarse->num_owned++;
  }
  PetscCall(LhRendezvousMin(coarse->comm, dir->n, dir->place, claim));
  for (PetscInt k = 0; k < dir->n; k++) {
    if (claim[k] >> 32 != rank) ghost[num_ghost++] = (Ghost){claim[k], dir->place[k]};
  }
  coarse->num_nodes = dir->n;
  PetscCall(NumberGhosts(coarse, dir, num_ghost, ghost));
  PetscCall(PetscFree2(claim, ghost));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscInt LocalOf(const Directory *dir, PetscInt64 place) {
  return dir->local[Find(dir->n, dir->place, place)];
}

/// Rows of the own coarse nodes: what this rank contributes and what arrives.
static PetscErrorCode MergeRows(const Seen *seen, const Pairs *pairs, const Directory *dir,
                                MgLevel *coarse) {
  PetscInt *bound, *fill, n = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc2(coarse->num_owned + 1, &bound, coarse->num_owned, &fill));
  for (PetscInt c = 0; c < seen->n; c++) {
    const PetscInt row = seen->local[c];
    if (row < coarse->num_owned) bound[row + 1] += seen->row_start[c + 1] - seen->row_start[c];
  }
  for (PetscInt k = 0; k < pairs->num_received; k++) bound[LocalOf(dir, pairs->in[2 * k]) + 1]++;
  for (PetscInt i = 0; i < coarse->num_owned; i++) {
    bound[i + 1] += bound[i];
    fill[i] = bound[i];
  }
  PetscCall(PetscMalloc1(bound[coarse->num_owned], &coarse->column));
  PetscCall(PetscMalloc1(coarse->num_owned + 1, &coarse->start));
  for (PetscInt c = 0; c < seen->n; c++) {
    const PetscInt row = seen->local[c];
    for (PetscInt k = seen->row_start[c]; row < coarse->num_owned && k < seen->row_start[c + 1];
         k++)
      coarse->column[fill[row]++] = seen->local[seen->row[k]];
  }
  for (PetscInt k = 0; k < pairs->num_received; k++)
    coarse->column[fill[LocalOf(dir, pairs->in[2 * k])]++] = LocalOf(dir, pairs->in[2 * k + 1]);
  coarse->start[0] = 0;
  for (PetscInt i = 0; i < coarse->num_owned; i++) {
    PetscInt m = bound[i + 1] - bound[i];
    PetscCall(PetscSortRemoveDupsInt(&m, coarse->column + bound[i]));
    PetscCall(PetscArraymove(coarse->column + n, coarse->column + bound[i], m));
    n += m;
    coarse->start[i + 1] = n;
  }
  PetscCall(PetscCalloc1(MG_BLOCK * (n + pairs->num_sent) + 1, &coarse->value));
  PetscCall(PetscFree2(bound, fill));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BlockOf(const MgLevel *coarse, PetscInt row, PetscInt column,
                              PetscInt *block) {
  const PetscInt first = coarse->start[row];
  PetscInt k;

  PetscFunctionBeginUser;
  PetscCall(PetscFindInt(column, coarse->start[row + 1] - first, coarse->column + first, &k));
  *block = first + k;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Where coarse rows begin: own ones, then those sent to their owners. `sent`: of the first block of each seen row, as
/// ExchangePairs() counts.
static PetscErrorCode PlaceRows(const Seen *seen, const Pairs *pairs, const Directory *dir,
                                const PetscInt sent[], MgLevel *coarse) {
  const PetscInt own = coarse->start[coarse->num_owned];
  PetscInt *item;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(coarse->num_nodes, &coarse->first));
  for (PetscInt c = 0; c < seen->n; c++) {
    const PetscInt row = seen->local[c];
    coarse->first[row] = row < coarse->num_owned ? coarse->start[row] : own + sent[c];
  }
  PetscCall(PetscMalloc1(pairs->num_received, &item));
  for (PetscInt k = 0; k < pairs->num_received; k++) {
    PetscCall(BlockOf(coarse, LocalOf(dir, pairs->in[2 * k]), LocalOf(dir, pairs->in[2 * k + 1]),
                      &item[k]));
  }
  PetscCall(MgHaloCreate(coarse->comm, own, pairs->sent, pairs->received, item, MG_BLOCK,
                         &coarse->block_halo));
  PetscCall(PetscFree(item));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Reach of one fine row in `reach` (positions), slots by entry and parent; `mark` is -1 outside.
static PetscInt FillSlots(const MgLevel *fine, const Seen *seen, PetscInt i, PetscInt mark[],
                          PetscInt reach[], MgPattern *pattern) {
  PetscInt n = 0;

  for (PetscInt k = fine->start[i]; k < fine->start[i + 1]; k++) {
    const PetscInt j = fine->column[k];
    for (PetscInt t = fine->parent_start[j]; t < fine->parent_start[j + 1]; t++) {
      const PetscInt c = seen->parent[t];
      if (mark[c] < 0) {
        mark[c] = n;
        reach[n++] = c;
      }
      pattern->byte[pattern->length++] = (unsigned char)mark[c];
    }
  }
  for (PetscInt r = 0; r < n; r++) mark[reach[r]] = -1;
  return n;
}

/// Places in the coarse row of a parent by place in the reach: among its columns if the row is owned, else among those that
/// this rank contributes.
static PetscErrorCode FillTargets(const Seen *seen, const MgLevel *coarse, PetscInt n,
                                  const PetscInt reach[], PetscInt parent, MgPattern *pattern) {
  const PetscInt row = seen->local[parent], first = seen->row_start[parent];

  PetscFunctionBeginUser;
  for (PetscInt r = 0; r < n; r++) {
    PetscInt k;
    if (row < coarse->num_owned) {
      PetscCall(BlockOf(coarse, row, seen->local[reach[r]], &k));
      k -= coarse->start[row];
    } else {
      PetscCall(PetscFindInt(reach[r], seen->row_start[parent + 1] - first, seen->row + first, &k));
    }
    pattern->byte[pattern->length++] = (unsigned char)k;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FillPatterns(MgLevel *fine, const Seen *seen, const MgLevel *coarse) {
  LhDistinct store;
  MgPattern pattern;
  PetscInt *mark;

  PetscFunctionBeginUser;
  PetscCall(LhDistinctCreate(&store));
  PetscCall(PetscMalloc1(fine->num_owned, &fine->pattern_at));
  PetscCall(PetscMalloc1(seen->n, &mark));
  for (PetscInt c = 0; c < seen->n; c++) mark[c] = -1;
  for (PetscInt i = 0; i < fine->num_owned; i++) {
    PetscInt reach[MG_MAX_PARENT * MG_MAX_COARSE], n;

    PetscCheck(fine->start[i + 1] - fine->start[i] <= MG_MAX_COARSE, PETSC_COMM_SELF,
               PETSC_ERR_PLIB, "A row has %" PetscInt_FMT " columns",
               fine->start[i + 1] - fine->start[i]);
    pattern.length = 1;
    n = FillSlots(fine, seen, i, mark, reach, &pattern);
    PetscCheck(n <= MG_MAX_COARSE, PETSC_COMM_SELF, PETSC_ERR_PLIB,
               "A row reaches %" PetscInt_FMT " coarse nodes", n);
    pattern.byte[0] = (unsigned char)n;
    for (PetscInt t = fine->parent_start[i]; t < fine->parent_start[i + 1]; t++)
      PetscCall(FillTargets(seen, coarse, n, reach, seen->parent[t], &pattern));
    PetscCall(LhDistinctAdd(&store, pattern.length, pattern.byte, &fine->pattern_at[i]));
  }
  PetscCall(PetscFree(mark));
  PetscCall(LhDistinctTake(&store, &fine->pattern));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// From positions among the seen places to numbers of this rank.
static PetscErrorCode NumberParents(MgLevel *fine, const Directory *dir, Seen *seen) {
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(seen->n, &seen->local));
  for (PetscInt c = 0; c < seen->n; c++) seen->local[c] = LocalOf(dir, seen->place[c]);
  PetscCall(PetscMalloc1(fine->parent_start[fine->num_nodes], &fine->parent));
  for (PetscInt k = 0; k < fine->parent_start[fine->num_nodes]; k++)
    fine->parent[k] = seen->local[seen->parent[k]];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BuildCoarse(MgLevel *fine, Seen *seen, MgLevel *coarse) {
  Directory dir;
  Pairs pairs;
  PetscInt *sent;
  PetscInt64 owned;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(seen->n, &sent));
  PetscCall(ExchangePairs(fine, seen, sent, &pairs));
  PetscCall(NumberNodes(seen, &pairs, coarse, &dir));
  PetscCall(NumberParents(fine, &dir, seen));
  PetscCall(MergeRows(seen, &pairs, &dir, coarse));
  PetscCall(PlaceRows(seen, &pairs, &dir, sent, coarse));
  PetscCall(FillPatterns(fine, seen, coarse));
  owned = coarse->num_owned;
  PetscCallMPI(MPI_Allreduce(&owned, &coarse->num_global, 1, MPIU_INT64, MPI_SUM, coarse->comm));
  PetscCall(PetscFree(sent));
  PetscCall(PetscFree(dir.place));
  PetscCall(PetscFree(dir.local));
  PetscCall(PetscFree(pairs.sent));
  PetscCall(PetscFree(pairs.received));
  PetscCall(PetscFree(pairs.in));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgLevelCoarsen(MgLevel *fine, MgLevel *coarse, PetscBool *done) {
  MgCoarsening map;
  Seen seen;

  PetscFunctionBeginUser;
  PetscCall(MgLatticeCoarsen(&fine->lattice, &coarse->lattice, &map, done));
  if (*done) PetscFunctionReturn(PETSC_SUCCESS);
  coarse->comm = fine->comm;
  PetscCall(FindParents(fine, &coarse->lattice, &map, &seen));
  PetscCall(FindOwners(fine, &seen));
  PetscCall(FindRows(fine, &seen));
  PetscCall(BuildCoarse(fine, &seen, coarse));
  PetscCall(MgLevelAllocate(coarse));
  PetscCall(MgCoarseningDestroy(&map));
  PetscCall(PetscFree(seen.place));
  PetscCall(PetscFree(seen.claim));
  PetscCall(PetscFree(seen.local));
  PetscCall(PetscFree(seen.parent));
  PetscCall(PetscFree(seen.row_start));
  PetscCall(PetscFree(seen.row));
  PetscFunctionReturn(PETSC_SUCCESS);
}
