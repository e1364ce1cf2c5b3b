/// @file
/// Owns the signal handlers of a run. A handler notes its signal and returns; the run acts when it reaches a good place.
#include <signal.h>
#include <string.h>

#include "experiment/resume.h"

static const int signals[] = {SIGTERM, SIGINT, SIGUSR1};
static const char *const signal_names[] = {"SIGTERM", "SIGINT", "SIGUSR1"};
enum { NUM_SIGNALS = 3 };

// A handler has no argument to carry these.
static volatile sig_atomic_t caught;  // position in `signals` plus one
static struct sigaction before[NUM_SIGNALS], before_size;

static void Note(int signal_number) {
  for (int k = 0; k < NUM_SIGNALS; k++) {
    if (signals[k] == signal_number) caught = k + 1;
  }
}

PetscErrorCode LhRequestsBegin(void) {
  struct sigaction action;

  PetscFunctionBegin;
  caught = 0;
  memset(&action, 0, sizeof(action));
  action.sa_handler = Note;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int k = 0; k < NUM_SIGNALS; k++) sigaction(signals[k], &action, &before[k]);
  action.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &action, &before_size);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRequestsEnd(void) {
  PetscFunctionBegin;
  for (int k = 0; k < NUM_SIGNALS; k++) sigaction(signals[k], &before[k], NULL);
  sigaction(SIGXFSZ, &before_size, NULL);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRequestsTake(LhOutput output, MPI_Comm comm, LhRequests *requests,
                              PetscBool *due) {
  enum { SIGNAL, STOP, CHECKPOINT, FIELDS, DUE, NUM_FLAGS };
  int flags[NUM_FLAGS] = {caught, 0, 0, 0, 0};
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) {
    flags[STOP] = LhLiveTake(output, "stop");
    flags[CHECKPOINT] = LhLiveTake(output, "checkpoint");
    flags[FIELDS] = LhLiveTake(output, "output");
    flags[DUE] = *due;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, flags, NUM_FLAGS, MPI_INT, MPI_MAX, comm));
  *requests = (LhRequests){.stop = flags[SIGNAL] || flags[STOP] ? PETSC_TRUE : PETSC_FALSE,
                           .checkpoint = flags[CHECKPOINT] ? PETSC_TRUE : PETSC_FALSE,
                           .fields = flags[FIELDS] ? PETSC_TRUE : PETSC_FALSE};
  PetscCall(PetscStrncpy(requests->by,
                         flags[SIGNAL] ? signal_names[flags[SIGNAL] - 1] : "lihost ctl",
                         sizeof(requests->by)));
  *due = flags[DUE] ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}
