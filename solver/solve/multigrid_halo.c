/// @file
/// Messages of multigrid: copies of items at ghosts, sums of contributions at owners. Never changes the order of items.
#include <string.h>

#include "solve/multigrid_private.h"

static PetscErrorCode CreateSide(PetscMPIInt size, const PetscInt count[], PetscMPIInt *num,
                                 PetscMPIInt **ranks, PetscInt **start) {
  PetscMPIInt n = 0;

  PetscFunctionBeginUser;
  for (PetscMPIInt r = 0; r < size; r++) n += count[r] > 0;
  PetscCall(PetscMalloc1(n, ranks));
  PetscCall(PetscMalloc1(n + 1, start));
  (*start)[0] = 0;
  n = 0;
  for (PetscMPIInt r = 0; r < size; r++) {
    if (!count[r]) continue;
    (*ranks)[n] = r;
    (*start)[n + 1] = (*start)[n] + count[r];
    n++;
  }
  *num = n;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgHaloCreate(MPI_Comm comm, PetscInt num_owned, const PetscInt from_count[],
                            const PetscInt to_count[], const PetscInt to_item[], PetscInt width,
                            MgHalo *halo) {
  PetscMPIInt size;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  halo->comm = comm;
  halo->num_owned = num_owned;
  halo->width = width;
  PetscCall(CreateSide(size, from_count, &halo->num_from, &halo->from, &halo->from_start));
  PetscCall(CreateSide(size, to_count, &halo->num_to, &halo->to, &halo->to_start));
  halo->num_ghost = halo->from_start[halo->num_from];
  PetscCall(PetscMalloc1(halo->to_start[halo->num_to], &halo->to_item));
  PetscCall(PetscArraycpy(halo->to_item, to_item, halo->to_start[halo->num_to]));
  PetscCall(PetscMalloc1(width * halo->to_start[halo->num_to], &halo->buffer));
  PetscCall(PetscMalloc1(halo->num_from + halo->num_to, &halo->request));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgHaloCreateNodes(MPI_Comm comm, PetscInt num_owned, PetscInt num_ghost,
                                 const PetscMPIInt owner[], const PetscInt index[], MgHalo *halo) {
  PetscMPIInt size, *send, *receive, *send_at, *receive_at;
  PetscInt *from_count, *to_count, *items;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscCalloc4(size, &send, size, &receive, size + 1, &send_at, size + 1, &receive_at));
  PetscCall(PetscMalloc2(size, &from_count, size, &to_count));
  for (PetscInt g = 0; g < num_ghost; g++) send[owner[g]]++;
  PetscCallMPI(MPI_Alltoall(send, 1, MPI_INT, receive, 1, MPI_INT, comm));
  for (PetscMPIInt r = 0; r < size; r++) {
    send_at[r + 1] = send_at[r] + send[r];
    receive_at[r + 1] = receive_at[r] + receive[r];
    from_count[r] = send[r];
    to_count[r] = receive[r];
  }
  PetscCall(PetscMalloc1(receive_at[size], &items));
  PetscCallMPI(
      MPI_Alltoallv(index, send, send_at, MPIU_INT, items, receive, receive_at, MPIU_INT, comm));
  PetscCall(MgHaloCreate(comm, num_owned, from_count, to_count, items, 2 * MG_BS, halo));
  PetscCall(PetscFree(items));
  PetscCall(PetscFree4(send, receive, send_at, receive_at));
  PetscCall(PetscFree2(from_count, to_count));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgHaloDestroy(MgHalo *halo) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree(halo->from));
  PetscCall(PetscFree(halo->to));
  PetscCall(PetscFree(halo->from_start));
  PetscCall(PetscFree(halo->to_start));
  PetscCall(PetscFree(halo->to_item));
  PetscCall(PetscFree(halo->buffer));
  PetscCall(PetscFree(halo->request));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Items of `size` bytes.
static PetscErrorCode Fill(MgHalo *h, size_t size, char x[]) {
  char *ghost = x + size * (size_t)h->num_owned, *buffer = (char *)h->buffer;
  PetscMPIInt n = 0;

  PetscFunctionBeginUser;
  for (PetscMPIInt k = 0; k < h->num_from; k++) {
    const size_t at = (size_t)h->from_start[k], count = (size_t)h->from_start[k + 1] - at;
    PetscCallMPI(MPI_Irecv(ghost + size * at, (PetscMPIInt)(size * count), MPI_BYTE, h->from[k], 71,
                           h->comm, &h->request[n++]));
  }
  for (PetscMPIInt k = 0; k < h->num_to; k++) {
    const size_t at = (size_t)h->to_start[k], end = (size_t)h->to_start[k + 1];
    for (size_t i = at; i < end; i++)
      memcpy(buffer + size * i, x + size * (size_t)h->to_item[i], size);
    PetscCallMPI(MPI_Isend(buffer + size * at, (PetscMPIInt)(size * (end - at)), MPI_BYTE, h->to[k],
                           71, h->comm, &h->request[n++]));
  }
  PetscCallMPI(MPI_Waitall(n, h->request, MPI_STATUSES_IGNORE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgHaloFill(MgHalo *h, PetscInt bs, float x[]) {
  PetscFunctionBeginUser;
  PetscCall(Fill(h, (size_t)bs * sizeof(*x), (char *)x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgHaloFillDoubles(MgHalo *h, PetscInt bs, double x[]) {
  PetscFunctionBeginUser;
  PetscCall(Fill(h, (size_t)bs * sizeof(*x), (char *)x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgHaloAdd(MgHalo *h, PetscInt bs, float x[]) {
  float *ghost = x + bs * h->num_owned;
  PetscMPIInt n = 0;

  PetscFunctionBeginUser;
  for (PetscMPIInt k = 0; k < h->num_to; k++) {
    const PetscInt at = h->to_start[k], count = bs * (h->to_start[k + 1] - at);
    PetscCallMPI(MPI_Irecv(h->buffer + bs * at, (PetscMPIInt)count, MPI_FLOAT, h->to[k], 72,
                           h->comm, &h->request[n++]));
  }
  for (PetscMPIInt k = 0; k < h->num_from; k++) {
    const PetscInt at = h->from_start[k], count = bs * (h->from_start[k + 1] - at);
    PetscCallMPI(MPI_Isend(ghost + bs * at, (PetscMPIInt)count, MPI_FLOAT, h->from[k], 72, h->comm,
                           &h->request[n++]));
  }
  PetscCallMPI(MPI_Waitall(n, h->request, MPI_STATUSES_IGNORE));
  for (PetscInt i = 0; i < h->to_start[h->num_to]; i++) {
    for (PetscInt c = 0; c < bs; c++) x[bs * h->to_item[i] + c] += h->buffer[bs * i + c];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
