/// @file
/// Owns the order write, flush, fsync, rename, fsync of the directory.
///
/// The order is the guarantee: rename before fsync may leave an empty file after a power cut.
#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct _n_LhAtomic {
  FILE *stream;
  char path[PETSC_MAX_PATH_LEN];
  char part[PETSC_MAX_PATH_LEN];
};

PetscErrorCode LhAtomicOpen(const char path[], LhAtomic *atomic, FILE **stream) {
  LhAtomic made;

  PetscFunctionBeginUser;
  PetscCheck(strlen(path) + sizeof(".part") <= PETSC_MAX_PATH_LEN, PETSC_COMM_SELF,
             PETSC_ERR_FILE_OPEN, "Path is too long: %s", path);
  PetscCall(PetscNew(&made));
  snprintf(made->path, sizeof(made->path), "%s", path);
  snprintf(made->part, sizeof(made->part), "%s.part", path);
  made->stream = fopen(made->part, "wb");
  *stream = made->stream;
  *atomic = made;
  if (made->stream) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree(*atomic));
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s cannot be written: %s", path, strerror(errno));
}

// Opens, syncs and closes; returns errno. Works for directories too.
static int SyncPath(const char path[]) {
  const int file = open(path, O_RDONLY);
  int status = 0;

  if (file < 0) return errno;
  if (fsync(file)) status = errno;
  close(file);
  return status;
}

static int SyncFolder(const char path[]) {
  char folder[PETSC_MAX_PATH_LEN];
  const char *slash = strrchr(path, '/');

  if (!slash) return SyncPath(".");
  if (slash == path) return SyncPath("/");
  snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
  return SyncPath(folder);
}

static int RenameAndSync(const char part[], const char path[]) {
  if (rename(part, path)) return errno;
  return SyncFolder(path);
}

static int FinishStream(FILE *stream) {
  int status = ferror(stream) ? EIO : 0;

  if (!status && fflush(stream)) status = errno;
  if (!status && fsync(fileno(stream))) status = errno;
  if (fclose(stream) && !status) status = errno;
  return status;
}

PetscErrorCode LhAtomicCommit(LhAtomic *atomic) {
  char path[PETSC_MAX_PATH_LEN];
  int status;

  PetscFunctionBeginUser;
  status = FinishStream((*atomic)->stream);
  if (!status) status = RenameAndSync((*atomic)->part, (*atomic)->path);
  if (status) remove((*atomic)->part);
  PetscCall(PetscStrncpy(path, (*atomic)->path, sizeof(path)));
  PetscCall(PetscFree(*atomic));
  PetscCheck(!status, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s could not be written: %s", path,
             strerror(status));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAtomicAbort(LhAtomic *atomic) {
  PetscFunctionBeginUser;
  if (!*atomic) PetscFunctionReturn(PETSC_SUCCESS);
  fclose((*atomic)->stream);
  remove((*atomic)->part);
  PetscCall(PetscFree(*atomic));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAtomicWrite(const char path[], const char text[], size_t size) {
  LhAtomic atomic;
  FILE *stream;

  PetscFunctionBeginUser;
  PetscCall(LhAtomicOpen(path, &atomic, &stream));
  fwrite(text, 1, size, stream);  // a short write leaves ferror() set, which the commit reports
  PetscCall(LhAtomicCommit(&atomic));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAtomicReplace(const char part[], const char path[]) {
  int status;

  PetscFunctionBeginUser;
  status = SyncPath(part);
  if (!status) status = RenameAndSync(part, path);
  PetscCheck(!status, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "%s could not be written: %s", path,
             strerror(status));
  PetscFunctionReturn(PETSC_SUCCESS);
}
