/// @file
/// Owns what happens when writing fails: one sentence, then all ranks end.
///
/// Must never return to a caller that would go on to close a parallel file: that waits forever on a full disk.
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "io/output_impl.h"

#define SPACE_RESERVE 16e6  // [bytes] left for logs, tables and the run record

void LhOutputFail(MPI_Comm comm, const char format[], ...) {
  char what[PETSC_MAX_PATH_LEN + 256];
  va_list list;
  va_start(list, format);
  (void)vsnprintf(what, sizeof(what), format, list);
  va_end(list);
  // one call, one write: what mpirun says about the abort cannot come between
  fprintf(stderr,
          "lihost: %s\nThe run ends here; the files written before are complete and it can be "
          "resumed.\n",
          what);
  fflush(NULL);
  MPI_Abort(comm, LH_EXIT_IO);
  exit(LH_EXIT_IO);
}

PetscErrorCode LhQuietBegin(void) {
  PetscFunctionBeginUser;
  PetscCall(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  errno = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhQuietEnd(MPI_Comm comm, const char path[], PetscErrorCode failure) {
  const int reason = errno;

  PetscFunctionBeginUser;
  PetscCall(PetscPopErrorHandler());
  if (failure) {
    LhOutputFail(comm, "cannot write %s: %s", path, reason ? strerror(reason) : "unknown reason");
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonReplace(LhOutput output, const char file[], LhJson json) {
  char path[PETSC_MAX_PATH_LEN];
  const char *text;
  size_t size;

  PetscFunctionBeginUser;
  PetscCall(LhOutputPath(output, file, path));
  PetscCall(LhJsonGetText(json, &text, &size));
  PetscCall(LhQuietBegin());
  PetscCall(LhQuietEnd(output->comm, path, LhAtomicWrite(path, text, size)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputCheckSpace(MPI_Comm comm, const char path[], PetscReal bytes) {
  struct statvfs disk;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0 && !statvfs(path, &disk)) {
    const PetscReal room = (PetscReal)disk.f_bavail * (PetscReal)disk.f_frsize;
    if (room < bytes + SPACE_RESERVE) {
      LhOutputFail(comm, "%s: %.4g MB are needed and %.4g MB are free on this disk", path,
                   (double)(bytes + SPACE_RESERVE) / 1e6, (double)room / 1e6);
    }
  }
  PetscCallMPI(MPI_Barrier(comm));  // nobody opens a file that rank 0 is about to refuse
  PetscFunctionReturn(PETSC_SUCCESS);
}
