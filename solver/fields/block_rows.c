/// @file
/// Builds the node pattern of a space and sends ghost rows to their owners by persistent messages.
///
/// Ghost nodes are sorted by global number, so the rows of one owner are one piece of memory: nothing
/// is packed. Must never know what the values mean.

#include "fields/block_rows.h"

#include "base/distinct.h"

/// Cells at each node, as a compressed list.
typedef struct {
  PetscInt *start, *cell;
  PetscInt most;  // cells at one node
} NodeCells;

static PetscErrorCode ListNodeCells(const LhSpaceView *space, NodeCells *list) {
  const PetscInt npc = space->nodes_per_cell, slots = space->num_cells * npc;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(space->num_nodes + 2, &list->start));
  PetscCall(PetscMalloc1(slots, &list->cell));
  list->most = 0;
  for (PetscInt s = 0; s < slots; s++) list->start[space->cell_nodes[s] + 2]++;
  for (PetscInt i = 0; i < space->num_nodes; i++) {
    list->most = PetscMax(list->most, list->start[i + 2]);
    list->start[i + 2] += list->start[i + 1];
  }
  for (PetscInt s = 0; s < slots; s++)
    list->cell[list->start[space->cell_nodes[s] + 1]++] = s / npc;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Distinct nodes of the cells at `node`, unordered; `last_seen` remembers for which node a column was met.
static PetscInt ListColumns(const LhSpaceView *space, const NodeCells *list, PetscInt node,
                            PetscInt last_seen[], PetscInt columns[]) {
  const PetscInt npc = space->nodes_per_cell;
  PetscInt n = 0;
  for (PetscInt k = list->start[node]; k < list->start[node + 1]; k++) {
    const PetscInt *cell = space->cell_nodes + list->cell[k] * npc;
    for (PetscInt a = 0; a < npc; a++) {
      if (last_seen[cell[a]] == node) continue;
      last_seen[cell[a]] = node;
      columns[n++] = cell[a];
    }
  }
  return n;
}

PetscErrorCode LhBlockRowsCreate(const LhSpaceView *space, LhBlockRows *rows) {
  NodeCells list;
  PetscInt *last_seen, *columns;
  LhDistinct store;

  PetscFunctionBeginUser;
  PetscCall(ListNodeCells(space, &list));
  PetscCall(
      PetscMalloc2(space->num_nodes, &last_seen, list.most * space->nodes_per_cell, &columns));
  rows->num_rows = space->num_nodes;
  PetscCall(PetscMalloc1(rows->num_rows + 1, &rows->start));
  rows->start[0] = 0;
  PetscCall(PetscMalloc1(rows->num_rows, &rows->list));
  PetscCall(LhDistinctCreate(&store));
  for (PetscInt i = 0; i < rows->num_rows; i++) last_seen[i] = -1;
  for (PetscInt i = 0; i < rows->num_rows; i++) {
    const PetscInt n = ListColumns(space, &list, i, last_seen, columns);

    PetscCall(PetscSortInt(n, columns));
    for (PetscInt k = 0; k < n; k++) columns[k] -= i;
    PetscCall(LhDistinctAdd(&store, n * (PetscInt)sizeof(*columns), columns, &rows->list[i]));
    rows->list[i] /= sizeof(*columns);
    rows->start[i + 1] = rows->start[i] + n;
  }
  PetscCall(LhDistinctTake(&store, &rows->distance));
  PetscCall(PetscFree2(last_seen, columns));
  PetscCall(PetscFree(list.start));
  PetscCall(PetscFree(list.cell));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhBlockRowsDestroy(LhBlockRows *rows) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree(rows->start));
  PetscCall(PetscFree(rows->distance));
  PetscCall(PetscFree(rows->list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt LhBlockRowsFind(const LhBlockRows *rows, PetscInt row, PetscInt column) {
  const PetscInt *list = rows->distance + rows->list[row], distance = column - row;
  PetscInt low = 0, high = rows->start[row + 1] - rows->start[row];
  while (low < high) {
    const PetscInt middle = (low + high) / 2;
    if (list[middle] < distance) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < rows->start[row + 1] - rows->start[row] && list[low] == distance ? low : -1;
}

/// What one rank sends to another: ghost rows [first_row, first_row + num_rows) of the sender.
typedef struct {
  PetscInt first_row, num_rows, num_blocks;
} Parcel;

/// The parcel for each owner; empty ones have no rows.
static PetscErrorCode ListParcels(MPI_Comm comm, const LhSpaceView *space, const LhBlockRows *rows,
                                  Parcel sent[]) {
  PetscMPIInt size;
  PetscInt *end, row = space->num_owned, my_end = space->first_global + space->num_owned;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMalloc1(size, &end));
  PetscCallMPI(MPI_Allgather(&my_end, 1, MPIU_INT, end, 1, MPIU_INT, comm));
  for (PetscMPIInt r = 0; r < size; r++) {
    sent[r].first_row = row;
    while (row < space->num_nodes && space->node_global[row] < end[r]) row++;
    sent[r].num_rows = row - sent[r].first_row;
    sent[r].num_blocks = rows->start[row] - rows->start[sent[r].first_row];
  }
  PetscCall(PetscFree(end));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Message that describes a parcel: global rows, blocks in each row, then all global columns.
static PetscInt PatternLength(const Parcel *parcel) {
  return 2 * parcel->num_rows + parcel->num_blocks;
}

static void PackPattern(const LhSpaceView *space, const LhBlockRows *rows, const Parcel *parcel,
                        PetscInt message[]) {
  PetscInt *column = message + 2 * parcel->num_rows;

  for (PetscInt i = 0; i < parcel->num_rows; i++) {
    const PetscInt row = parcel->first_row + i;
    message[i] = space->node_global[row];
    message[parcel->num_rows + i] = rows->start[row + 1] - rows->start[row];
    for (PetscInt k = 0; k < message[parcel->num_rows + i]; k++)
      *column++ = space->node_global[LhBlockRowsColumn(rows, row, k)];
  }
}

static void UnpackPattern(const LhSpaceView *space, const Parcel *parcel, const PetscInt message[],
                          LhGhostRows *ghosts) {
  PetscInt block = ghosts->start[ghosts->num_rows];
  for (PetscInt k = 0; k < parcel->num_blocks; k++) {
    ghosts->column[block + k] = message[2 * parcel->num_rows + k];
  }
  for (PetscInt i = 0; i < parcel->num_rows; i++) {
    const PetscInt row = ghosts->num_rows++;
    ghosts->node[row] = message[i] - space->first_global;
    ghosts->start[row + 1] = block += message[parcel->num_rows + i];
  }
}

static PetscErrorCode AllocateGhostRows(PetscMPIInt size, const Parcel sent[],
                                        const Parcel received[], LhGhostRows *ghosts) {
  PetscInt num_rows = 0, num_blocks = 0;

  PetscFunctionBeginUser;
  for (PetscMPIInt r = 0; r < size; r++) {
    num_rows += received[r].num_rows;
    num_blocks += received[r].num_blocks;
  }
  PetscCall(PetscMalloc1(num_rows, &ghosts->node));
  PetscCall(PetscMalloc1(num_rows + 1, &ghosts->start));
  PetscCall(PetscMalloc1(num_blocks, &ghosts->column));
  PetscCall(PetscMalloc1(2 * size, &ghosts->request));
  PetscCall(PetscMalloc2(size, &ghosts->sent, size, &ghosts->received));
  for (PetscMPIInt r = 0; r < size; r++) {
    ghosts->sent[r] = sent[r].num_blocks;
    ghosts->received[r] = received[r].num_blocks;
  }
  ghosts->value = NULL;
  ghosts->num_rows = 0;
  ghosts->start[0] = 0;
  ghosts->num_requests = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Sends the patterns of `sent` and appends what arrives, in rank order.
static PetscErrorCode ExchangePatterns(MPI_Comm comm, const LhSpaceView *space,
                                       const LhBlockRows *rows, const Parcel sent[],
                                       const Parcel received[], LhGhostRows *ghosts) {
  PetscMPIInt size;
  PetscInt **message;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscCalloc1(size, &message));
  for (PetscMPIInt r = 0; r < size; r++) {
    if (!sent[r].num_rows) continue;
    PetscCall(PetscMalloc1(PatternLength(&sent[r]), &message[r]));
    PackPattern(space, rows, &sent[r], message[r]);
    PetscCallMPI(MPI_Isend(message[r], (PetscMPIInt)PatternLength(&sent[r]), MPIU_INT, r, 0, comm,
                           &ghosts->request[ghosts->num_requests++]));
  }
  for (PetscMPIInt r = 0; r < size; r++) {
    PetscInt *pattern;
    if (!received[r].num_rows) continue;
    PetscCall(PetscMalloc1(PatternLength(&received[r]), &pattern));
    PetscCallMPI(MPI_Recv(pattern, (PetscMPIInt)PatternLength(&received[r]), MPIU_INT, r, 0, comm,
                          MPI_STATUS_IGNORE));
    UnpackPattern(space, &received[r], pattern, ghosts);
    PetscCall(PetscFree(pattern));
  }
  PetscCallMPI(MPI_Waitall(ghosts->num_requests, ghosts->request, MPI_STATUSES_IGNORE));
  ghosts->num_requests = 0;
  for (PetscMPIInt r = 0; r < size; r++) PetscCall(PetscFree(message[r]));
  PetscCall(PetscFree(message));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhGhostRowsCreate(MPI_Comm comm, const LhSpaceView *space, const LhBlockRows *rows,
                                 LhGhostRows *ghosts) {
  PetscMPIInt size;
  Parcel *sent, *received;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMalloc2(size, &sent, size, &received));
  PetscCall(ListParcels(comm, space, rows, sent));
  PetscCallMPI(MPI_Alltoall(sent, 3, MPIU_INT, received, 3, MPIU_INT, comm));
  ghosts->comm = comm;
  PetscCall(AllocateGhostRows(size, sent, received, ghosts));
  PetscCall(ExchangePatterns(comm, space, rows, sent, received, ghosts));
  PetscCall(PetscFree2(sent, received));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Disconnect(LhGhostRows *ghosts) {
  PetscFunctionBeginUser;
  for (PetscMPIInt i = 0; i < ghosts->num_requests; i++)
    PetscCallMPI(MPI_Request_free(&ghosts->request[i]));
  ghosts->num_requests = 0;
  PetscCall(PetscFree(ghosts->value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhGhostRowsConnect(LhGhostRows *ghosts, PetscInt width, MPI_Datatype type,
                                  void *send) {
  PetscMPIInt size, bytes;
  char *out = (char *)send, *in;

  PetscFunctionBeginUser;
  PetscCall(Disconnect(ghosts));
  PetscCallMPI(MPI_Comm_size(ghosts->comm, &size));
  PetscCallMPI(MPI_Type_size(type, &bytes));
  PetscCall(PetscMalloc((size_t)(ghosts->start[ghosts->num_rows] * width) * (size_t)bytes,
                        &ghosts->value));
  in = (char *)ghosts->value;
  for (PetscMPIInt r = 0; r < size; r++) {
    const PetscMPIInt from = (PetscMPIInt)(ghosts->received[r] * width);
    const PetscMPIInt to = (PetscMPIInt)(ghosts->sent[r] * width);
    if (to) {
      PetscCallMPI(MPI_Send_init(out, to, type, r, 0, ghosts->comm,
                                 &ghosts->request[ghosts->num_requests++]));
    }
    if (from) {
      PetscCallMPI(MPI_Recv_init(in, from, type, r, 0, ghosts->comm,
                                 &ghosts->request[ghosts->num_requests++]));
    }
    out += (size_t)to * (size_t)bytes;
    in += (size_t)from * (size_t)bytes;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhGhostRowsDestroy(LhGhostRows *ghosts) {
  PetscFunctionBeginUser;
  PetscCall(Disconnect(ghosts));
  PetscCall(PetscFree(ghosts->node));
  PetscCall(PetscFree(ghosts->start));
  PetscCall(PetscFree(ghosts->column));
  PetscCall(PetscFree2(ghosts->sent, ghosts->received));
  PetscCall(PetscFree(ghosts->request));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhGhostRowsBegin(LhGhostRows *ghosts) {
  PetscFunctionBeginUser;
  if (ghosts->num_requests) PetscCallMPI(MPI_Startall(ghosts->num_requests, ghosts->request));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhGhostRowsEnd(LhGhostRows *ghosts) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Waitall(ghosts->num_requests, ghosts->request, MPI_STATUSES_IGNORE));
  PetscFunctionReturn(PETSC_SUCCESS);
}
