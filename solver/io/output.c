/// @file
/// Owns the folder of a run: when it may be used, what an overwrite removes, and the output object's life.
///
/// Must never delete a file that a run did not write.
#include "io/output.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/output_impl.h"

#define WHY_SIZE (PETSC_MAX_PATH_LEN + 256)

// Any of the first three says that a folder holds a run.
static const char *const run_files[] = {
    "run.json",        "mesh_vtk.hdf", "series.csv",       "events.csv",    "log.txt",
    "history.bdf.csv", "case.yaml",    "observables.json", "resolved.yaml", "fields.hdf.series",
    "fibres_vtk.hdf",  "mesh.h5",      "volume.json"};
#define NUM_MARKERS   3
#define NUM_RUN_FILES ((int)(sizeof(run_files) / sizeof(run_files[0])))

PetscErrorCode LhOutputPath(LhOutput output, const char file[], char path[]) {
  PetscFunctionBeginUser;
  PetscCall(PetscSNPrintf(path, PETSC_MAX_PATH_LEN, "%s/%s", output->dir, file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int HoldsRun(const char dir[]) {
  char path[PETSC_MAX_PATH_LEN + 64];
  for (int i = 0; i < NUM_MARKERS; i++) {
    snprintf(path, sizeof(path), "%s/%s", dir, run_files[i]);
    if (!access(path, F_OK)) return 1;
  }
  return 0;
}

// Removes the files in a subfolder whose names start and end as a run's do.
static void RemoveMatching(const char dir[], const char subfolder[], const char start[],
                           const char end[]) {
  char path[2 * PETSC_MAX_PATH_LEN];
  snprintf(path, sizeof(path), "%s/%s", dir, subfolder);
  DIR *folder = opendir(path);
  if (!folder) return;
  for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
    const size_t length = strlen(entry->d_name), tail = strlen(end);
    if (strncmp(entry->d_name, start, strlen(start))) continue;
    if (length < tail || strcmp(entry->d_name + length - tail, end)) continue;
    snprintf(path, sizeof(path), "%s/%s/%s", dir, subfolder, entry->d_name);
    unlink(path);
  }
  closedir(folder);
}

static void RemoveRun(const char dir[]) {
  char path[PETSC_MAX_PATH_LEN + 64];
  for (int i = 0; i < NUM_RUN_FILES; i++) {
    snprintf(path, sizeof(path), "%s/%s", dir, run_files[i]);
    unlink(path);
  }
  RemoveMatching(dir, "fields", "f_", ".hdf");
  RemoveMatching(dir, "fields", "f_", ".part");
  RemoveMatching(dir, "restart", "", ".h5");  // a checkpoint of the old run must not be resumed
  RemoveMatching(dir, "restart", "", ".part");
}

// mkdir -p; `why` names the part that cannot be made.
static void MakeFolders(const char dir[], char why[]) {
  char path[PETSC_MAX_PATH_LEN];
  snprintf(path, sizeof(path), "%s", dir);
  for (char *c = path + 1;; c++) {
    if (*c != '/' && *c != '\0') continue;
    const char kept = *c;
    *c = '\0';
    struct stat info;
    if (mkdir(path, 0777) && errno != EEXIST) {
      snprintf(why, WHY_SIZE, "cannot create the folder %s: %s", path, strerror(errno));
      return;
    }
    if (!stat(path, &info) && !S_ISDIR(info.st_mode)) {
      snprintf(why, WHY_SIZE, "%s is a file, so the run's folder %s cannot be created", path, dir);
      return;
    }
    *c = kept;
    if (!kept) return;
  }
}

// Returns the lock, -1 without one.
static int PrepareNew(const char dir[], PetscBool overwrite, char why[]) {
  char path[PETSC_MAX_PATH_LEN + 64];
  if (HoldsRun(dir) && !overwrite) {
    snprintf(why, WHY_SIZE,
             "the folder %s holds another run; give another folder (output.directory=...), go on "
             "with the run (lihost resume %s), or replace it (output.overwrite=true)",
             dir, dir);
    return -1;
  }
  MakeFolders(dir, why);
  if (why[0]) return -1;
  if (access(dir, W_OK | X_OK)) {
    snprintf(why, WHY_SIZE, "cannot write in the folder %s: %s", dir, strerror(errno));
    return -1;
  }
  snprintf(path, sizeof(path), "%s/restart", dir);
  MakeFolders(path, why);
  if (why[0]) return -1;
  const int lock = LhLiveLock(dir, WHY_SIZE, why);
  if (overwrite && !why[0]) RemoveRun(dir);
  snprintf(path, sizeof(path), "%s/fields", dir);
  if (!why[0]) MakeFolders(path, why);
  return lock;
}

static int PrepareResume(const char dir[], LhCheckpoint from, char why[]) {
  if (!HoldsRun(dir)) {
    snprintf(why, WHY_SIZE, "the folder %s holds no run that could be resumed", dir);
  } else if (access(dir, W_OK | X_OK)) {
    snprintf(why, WHY_SIZE, "cannot write in the folder %s: %s", dir, strerror(errno));
  } else {
    return from ? LhCheckpointTakeLock(from) : LhLiveLock(dir, WHY_SIZE, why);
  }
  return -1;
}

// Every rank learns rank 0's refusal; `refused` is the same everywhere.
static PetscErrorCode ReportRefusal(MPI_Comm comm, char why[], LhDiag diag, PetscBool *refused) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(why, WHY_SIZE, MPI_CHAR, 0, comm));
  *refused = (PetscBool)(why[0] != '\0');
  if (*refused) PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, NULL, "%s", why));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateObject(LhMesh mesh, const char dir[], LhOutput *new_output) {
  const LhMeshView *view;
  LhOutput output;

  PetscFunctionBeginUser;
  PetscCall(LhMeshGetView(mesh, &view));
  PetscCall(PetscNew(&output));
  output->comm = view->comm;
  output->mesh = mesh;
  output->started = (PetscInt64)time(NULL);
  output->lock = -1;
  PetscCallMPI(MPI_Comm_rank(view->comm, &output->rank));
  PetscCallMPI(MPI_Comm_size(view->comm, &output->size));
  PetscCallMPI(MPI_Bcast(&output->started, 1, MPIU_INT64, 0, view->comm));
  PetscCall(PetscStrncpy(output->dir, dir, sizeof(output->dir)));
  PetscCall(LhSlabCreate(view->comm, view->num_global_vertices, view->num_owned_vertices,
                         view->vertex_id, &output->vertices));
  PetscCall(LhSlabCreate(view->comm, view->num_global_cells, view->num_cells, view->cell_id,
                         &output->cells));
  *new_output = output;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode GetRank(LhMesh mesh, MPI_Comm *comm, PetscMPIInt *rank) {
  const LhMeshView *view;

  PetscFunctionBeginUser;
  PetscCall(LhMeshGetView(mesh, &view));
  *comm = view->comm;
  PetscCallMPI(MPI_Comm_rank(view->comm, rank));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputCreate(LhMesh mesh, const char dir[], PetscBool overwrite, LhDiag diag,
                              LhOutput *output) {
  char why[WHY_SIZE] = "";
  MPI_Comm comm;
  PetscMPIInt rank;
  PetscBool refused;
  int lock = -1;

  PetscFunctionBeginUser;
  *output = NULL;
  PetscCall(GetRank(mesh, &comm, &rank));
  if (rank == 0) lock = PrepareNew(dir, overwrite, why);
  PetscCall(ReportRefusal(comm, why, diag, &refused));
  if (refused) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(CreateObject(mesh, dir, output));
  (*output)->lock = lock;
  PetscCall(LhVtkMeshWrite(*output));
  PetscCall(LhVtkFibresWrite(*output));
  PetscCall(LhLogOpen(*output, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputResume(LhMesh mesh, const char dir[], const LhOutputMark *mark, LhDiag diag,
                              LhOutput *output) {
  char why[WHY_SIZE] = "";
  MPI_Comm comm;
  PetscMPIInt rank;
  PetscBool refused;
  int lock = -1;

  PetscFunctionBeginUser;
  *output = NULL;
  PetscCall(GetRank(mesh, &comm, &rank));
  if (rank == 0) lock = PrepareResume(dir, mark->from, why);
  PetscCall(ReportRefusal(comm, why, diag, &refused));
  if (refused) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(CreateObject(mesh, dir, output));
  (*output)->lock = lock;
  if (mark->started > 0) (*output)->started = mark->started;
  PetscCall(LhSavedStatesRead(*output, mark));
  PetscCall(LhLogOpen(*output, mark));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputDestroy(LhOutput *output) {
  PetscFunctionBeginUser;
  if (!*output) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhLogClose(*output));
  if ((*output)->lock >= 0) close((*output)->lock);
  PetscCall(LhSlabDestroy(&(*output)->vertices));
  PetscCall(LhSlabDestroy(&(*output)->cells));
  PetscCall(PetscFree((*output)->states));
  PetscCall(PetscFree(*output));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputGetDirectory(LhOutput output, const char **dir) {
  PetscFunctionBeginUser;
  *dir = output->dir;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputGetMark(LhOutput output, PetscReal time, LhOutputMark *mark) {
  PetscFunctionBeginUser;
  if (output->events && fsync(fileno(output->events)))
    LhOutputFail(output->comm, "cannot write %s/events.csv: %s", output->dir, strerror(errno));
  *mark = (LhOutputMark){.time = time,
                         .num_events = output->num_events,
                         .num_states = output->num_states,
                         .started = output->started};
  PetscCallMPI(MPI_Bcast(&mark->num_events, 1, MPIU_INT, 0, output->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}
