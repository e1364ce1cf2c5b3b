/// @file
/// A distributed directory for one question: the minimum of a value over all holders of an id.
///
/// The answer does not depend on the number of ranks or on message order.

#include "fields/rendezvous.h"

#include <stdlib.h>

typedef struct {
  PetscInt64 id, value;
  PetscInt place;
} Entry;

/// Counts and displacements of one all-to-all, both ways, in entries.
typedef struct {
  PetscMPIInt *send, *send_at, *receive, *receive_at;
} Plan;

static PetscMPIInt DirectoryRank(PetscInt64 id, PetscMPIInt size) {
  const uint64_t hash = (uint64_t)id * UINT64_C(0x9E3779B97F4A7C15);  // Fibonacci hashing
  return (PetscMPIInt)((hash >> 32) % (uint64_t)size);
}

static int CompareEntries(const void *a, const void *b) {
  const Entry *p = a, *q = b;
  return (p->id > q->id) - (p->id < q->id);
}

static PetscErrorCode AnswerQueries(PetscInt n, const PetscInt64 ids[], PetscInt64 values[]) {
  Entry *entry;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &entry));
  for (PetscInt i = 0; i < n; i++) entry[i] = (Entry){ids[i], values[i], i};
  if (n) qsort(entry, (size_t)n, sizeof(*entry), CompareEntries);
  for (PetscInt first = 0, end; first < n; first = end) {
    PetscInt64 least = entry[first].value;
    for (end = first + 1; end < n && entry[end].id == entry[first].id; end++) {
      least = PetscMin(least, entry[end].value);
    }
    for (PetscInt i = first; i < end; i++) values[entry[i].place] = least;
  }
  PetscCall(PetscFree(entry));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PlanCreate(MPI_Comm comm, PetscInt n, const PetscInt64 ids[], Plan *plan,
                                 PetscInt *num_received) {
  PetscMPIInt size;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscCalloc4(size, &plan->send, size + 1, &plan->send_at, size, &plan->receive,
                         size + 1, &plan->receive_at));
  for (PetscInt i = 0; i < n; i++) plan->send[DirectoryRank(ids[i], size)]++;
  PetscCallMPI(MPI_Alltoall(plan->send, 1, MPI_INT, plan->receive, 1, MPI_INT, comm));
  for (PetscMPIInt r = 0; r < size; r++) {
    plan->send_at[r + 1] = plan->send_at[r] + plan->send[r];
    plan->receive_at[r + 1] = plan->receive_at[r] + plan->receive[r];
  }
  *num_received = plan->receive_at[size];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRendezvousMin(MPI_Comm comm, PetscInt n, const PetscInt64 ids[],
                               PetscInt64 values[]) {
  Plan plan;
  PetscMPIInt size, *fill;
  PetscInt num_asked = 0, *place;
  PetscInt64 *packed_ids, *packed, *asked_ids, *asked;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PlanCreate(comm, n, ids, &plan, &num_asked));
  PetscCall(PetscMalloc4(n, &packed_ids, n, &packed, n, &place, size, &fill));
  PetscCall(PetscMalloc2(num_asked, &asked_ids, num_asked, &asked));
  PetscCall(PetscArraycpy(fill, plan.send_at, size));
  for (PetscInt i = 0; i < n; i++) {
    place[i] = fill[DirectoryRank(ids[i], size)]++;
    packed_ids[place[i]] = ids[i];
    packed[place[i]] = values[i];
  }
  PetscCallMPI(MPI_Alltoallv(packed_ids, plan.send, plan.send_at, MPIU_INT64, asked_ids,
                             plan.receive, plan.receive_at, MPIU_INT64, comm));
  PetscCallMPI(MPI_Alltoallv(packed, plan.send, plan.send_at, MPIU_INT64, asked, plan.receive,
                             plan.receive_at, MPIU_INT64, comm));
  PetscCall(AnswerQueries(num_asked, asked_ids, asked));
  PetscCallMPI(MPI_Alltoallv(asked, plan.receive, plan.receive_at, MPIU_INT64, packed, plan.send,
                             plan.send_at, MPIU_INT64, comm));
  for (PetscInt i = 0; i < n; i++) values[i] = packed[place[i]];
  PetscCall(PetscFree4(packed_ids, packed, place, fill));
  PetscCall(PetscFree2(asked_ids, asked));
  PetscCall(PetscFree4(plan.send, plan.send_at, plan.receive, plan.receive_at));
  PetscFunctionReturn(PETSC_SUCCESS);
}
