/// @file
/// Sparse rows of node blocks, and the journey of ghost rows to their owners. Private to fields/.
///
/// Values of a row of m blocks are stored as in AIJ: bs scalar rows of m*bs entries, one after the other;
/// row r starts at bs*bs*start[r] and its block k at bs*k from there.
#pragma once

#include "fields/space.h"

/// Rows over the local nodes, ghosts included: which nodes share a cell. Columns are kept as distances from the row, equal
/// lists once: on a lattice most are.
typedef struct {
  PetscInt num_rows;
  PetscInt *start;     ///< [num_rows + 1], in blocks
  PetscInt *distance;  ///< lists of column - row, ascending
  size_t *list;        ///< [num_rows] where the distances of a row begin
} LhBlockRows;

PetscErrorCode LhBlockRowsCreate(const LhSpaceView *space, LhBlockRows *rows);
PetscErrorCode LhBlockRowsDestroy(LhBlockRows *rows);
/// Local node of block k of a row.
static inline PetscInt LhBlockRowsColumn(const LhBlockRows *rows, PetscInt row, PetscInt k) {
  return row + rows->distance[rows->list[row] + (size_t)k];
}
/// Position of a column within a row, -1 when it is not there.
PetscInt LhBlockRowsFind(const LhBlockRows *rows, PetscInt row, PetscInt column);

/// Ghost rows of other ranks as they arrive at the owner of their nodes.
typedef struct {
  PetscInt num_rows;
  PetscInt *node;    ///< [num_rows] owned node
  PetscInt *start;   ///< [num_rows + 1], in blocks
  PetscInt *column;  ///< [blocks] global nodes, in the sender's order
  MPI_Comm comm;
  PetscInt *sent, *received;  ///< blocks by rank
  void *value;                ///< [blocks * numbers a block]
  PetscMPIInt num_requests;
  MPI_Request *
      request;  ///< persistent: sends from the ghost rows of the local values, receives into `value`
} LhGhostRows;

/// Agrees on patterns once. Collective.
PetscErrorCode LhGhostRowsCreate(MPI_Comm comm, const LhSpaceView *space, const LhBlockRows *rows,
                                 LhGhostRows *ghosts);
/// From now on each exchange sends the ghost rows at `send`, `width` numbers of `type` a block. Not collective.
PetscErrorCode LhGhostRowsConnect(LhGhostRows *ghosts, PetscInt width, MPI_Datatype type,
                                  void *send);
PetscErrorCode LhGhostRowsDestroy(LhGhostRows *ghosts);
PetscErrorCode LhGhostRowsBegin(LhGhostRows *ghosts);
PetscErrorCode LhGhostRowsEnd(LhGhostRows *ghosts);
