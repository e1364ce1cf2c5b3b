/// @file
/// Counts what a program says to other ranks: loaded before it (LD_PRELOAD), it stands between program and MPI (PMPI).
///
/// At the end every rank writes one line to $LIHOST_COUNT_MPI.RANK: messages, bytes in them, reductions and other collectives,
/// CPU seconds, peak memory. Sees the libraries too (PETSC, hypre), not Fortran's calls (MUMPS). Must never change what is sent.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define MAX_PERSISTENT 65536

static struct {
  long messages, reductions, collectives;
  double bytes;
} total;
static struct {
  MPI_Request request;
  double bytes;
} persistent[MAX_PERSISTENT];
static int num_persistent;

static double Bytes(int count, MPI_Datatype type) {
  int size = 0;

  PMPI_Type_size(type, &size);
  return (double)count * size;
}

static void Message(double bytes) {
  total.messages++;
  total.bytes += bytes;
}

#define SEND(name)                                                                             \
  int name(const void *buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm) { \
    Message(Bytes(count, type));                                                               \
    return P##name(buffer, count, type, to, tag, comm);                                        \
  }
SEND(MPI_Send)
SEND(MPI_Ssend)

#define ISEND(name)                                                                          \
  int name(const void *buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm, \
           MPI_Request *request) {                                                           \
    Message(Bytes(count, type));                                                             \
    return P##name(buffer, count, type, to, tag, comm, request);                             \
  }
ISEND(MPI_Isend)
ISEND(MPI_Issend)
ISEND(MPI_Irsend)

int MPI_Send_init(const void *buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
                  MPI_Request *request) {
  const int status = PMPI_Send_init(buffer, count, type, to, tag, comm, request);

  if (num_persistent < MAX_PERSISTENT) {
    persistent[num_persistent].request = *request;
    persistent[num_persistent++].bytes = Bytes(count, type);
  }
  return status;
}

/// A started request is a message when it was made by MPI_Send_init; the latest of that handle counts.
static void Started(MPI_Request request) {
  for (int i = num_persistent - 1; i >= 0; i--) {
    if (persistent[i].request != request) continue;
    Message(persistent[i].bytes);
    return;
  }
}

int MPI_Start(MPI_Request *request) {
  Started(*request);
  return PMPI_Start(request);
}

int MPI_Startall(int count, MPI_Request requests[]) {
  for (int i = 0; i < count; i++) Started(requests[i]);
  return PMPI_Startall(count, requests);
}

int MPI_Allreduce(const void *in, void *out, int count, MPI_Datatype type, MPI_Op op,
                  MPI_Comm comm) {
  total.reductions++;
  return PMPI_Allreduce(in, out, count, type, op, comm);
}

#define COLLECTIVE(name, parameters, arguments) \
  int name parameters {                         \
    total.collectives++;                        \
    return P##name arguments;                   \
  }
COLLECTIVE(MPI_Bcast, (void *buffer, int n, MPI_Datatype type, int root, MPI_Comm comm),
           (buffer, n, type, root, comm))
COLLECTIVE(MPI_Barrier, (MPI_Comm comm), (comm))
COLLECTIVE(MPI_Allgather,
           (const void *in, int n, MPI_Datatype type, void *out, int m, MPI_Datatype other,
            MPI_Comm comm),
           (in, n, type, out, m, other, comm))
COLLECTIVE(MPI_Allgatherv,
           (const void *in, int n, MPI_Datatype type, void *out, const int counts[],
            const int starts[], MPI_Datatype other, MPI_Comm comm),
           (in, n, type, out, counts, starts, other, comm))

int MPI_Finalize(void) {
  const char *base = getenv("LIHOST_COUNT_MPI");
  struct rusage use;
  char path[4096];
  FILE *stream;
  int rank;

  PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
  (void)getrusage(RUSAGE_SELF, &use);
  (void)snprintf(path, sizeof(path), "%s.%d", base ? base : "count_mpi", rank);
  stream = fopen(path, "w");
  if (stream) {
    (void)fprintf(
        stream, "{\"messages\": %ld, \"bytes\": %.0f, \"reductions\": %ld, \"collectives\": %ld, ",
        total.messages, total.bytes, total.reductions, total.collectives);
    (void)fprintf(stream, "\"cpu\": %.3f, \"memory\": %ld}\n",
                  (double)use.ru_utime.tv_sec + 1e-6 * (double)use.ru_utime.tv_usec,
                  use.ru_maxrss * 1024L);
    (void)fclose(stream);
  }
  return PMPI_Finalize();
}
