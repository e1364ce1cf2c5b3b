/// @file
/// Owns the pool of processes on this machine: never more than the workers of the study file at a time.
///
/// A case's script runs in a process group of its own, so that Ctrl-C reaches it only through this program: the first
/// time as a request to save and stop, the second time as a kill.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "study/engine.h"
#include "study/table.h"

#define POLL       0.02  // [s]
#define TABLE_TIME 10.   // between two tables while cases run [s]
#define BUSY       75    // exit code of a script whose case is running already

typedef struct {
  LhStudyCase *c;  // NULL: free
  pid_t pid;
} Worker;

typedef struct {
  LhStudy study;
  PetscInt num_workers, num_busy;
  Worker *workers;
  LhEnvironment environment;
  PetscInt forwarded;
  LhProgress progress;
  PetscReal last_table;
} Pool;

static PetscErrorCode Start(Pool *pool, Worker *worker, LhStudyCase *c) {
  char path[PETSC_MAX_PATH_LEN], *const words[] = {"bash", path, NULL};
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
  sigset_t defaults;
  int failure;

  PetscFunctionBegin;
  PetscCall(LhStorePath(pool->study, "jobs", c, ".sh", path));
  (void)sigemptyset(&defaults);
  (void)sigaddset(&defaults, SIGINT);
  (void)sigaddset(&defaults, SIGTERM);
  (void)sigaddset(&defaults, SIGUSR1);
  (void)posix_spawnattr_init(&attributes);
  (void)posix_spawnattr_setpgroup(&attributes, 0);
  (void)posix_spawnattr_setsigdefault(&attributes, &defaults);
  (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  (void)posix_spawn_file_actions_init(&files);
  (void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  failure = posix_spawn(&worker->pid, "/bin/bash", &files, &attributes, words,
                        pool->environment.variables);
  (void)posix_spawn_file_actions_destroy(&files);
  (void)posix_spawnattr_destroy(&attributes);
  PetscCheck(!failure, PETSC_COMM_SELF, PETSC_ERR_SYS, "cannot start %s: %s", path,
             strerror(failure));
  c->tried++;
  c->state = LH_CASE_RUNNING;
  worker->c = c;
  pool->num_busy++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Takes back the workers whose scripts have ended.
static PetscErrorCode Reap(Pool *pool) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < pool->num_workers; i++) {
    Worker *worker = &pool->workers[i];
    int status;

    if (!worker->c || waitpid(worker->pid, &status, WNOHANG) != worker->pid) continue;
    PetscCall(LhStoreRefreshCase(pool->study, worker->c));
    if (WIFEXITED(status) && WEXITSTATUS(status) == BUSY) {
      worker->c->tried--;  // an orphan of an earlier call is at it: look again
      worker->c->state = LH_CASE_INTERRUPTED;
    } else if (worker->c->state == LH_CASE_RUNNING) {
      worker->c->state = LH_CASE_INTERRUPTED;  // the script was killed; what it began is ending
    }
    worker->c = NULL;
    pool->num_busy--;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Passes the user's wish on, once gently and once firmly.
static PetscErrorCode Forward(Pool *pool) {
  const PetscInt count = LhInterruptCount();

  PetscFunctionBegin;
  if (count <= pool->forwarded || pool->forwarded >= 2) PetscFunctionReturn(PETSC_SUCCESS);
  pool->forwarded = PetscMin(2, pool->forwarded + 1);
  PetscCall(PetscPrintf(PETSC_COMM_SELF,
                        pool->forwarded == 1
                            ? "stopping: running cases save their state (again to kill them)\n"
                            : "killing the running cases\n"));
  for (PetscInt i = 0; i < pool->num_workers; i++) {
    if (!pool->workers[i].c) continue;
    if (pool->forwarded == 1)
      (void)kill(pool->workers[i].pid, SIGUSR1);  // to the script, which passes it on
    else
      (void)kill(-pool->workers[i].pid, SIGKILL);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Feed(Pool *pool) {
  LhStudy study = pool->study;
  PetscInt next = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < pool->num_workers; i++) {
    if (pool->workers[i].c) continue;
    while (next < study->num_cases && !LhEngineIsMissing(study, &study->cases[next])) next++;
    if (next == study->num_cases) break;
    PetscCall(Start(pool, &pool->workers[i], &study->cases[next]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Cases that somebody else is running: orphans of an earlier call.
static PetscErrorCode LookAtOrphans(Pool *pool, PetscInt *orphans) {
  PetscFunctionBegin;
  *orphans = 0;
  for (PetscInt i = 0; i < pool->study->num_cases; i++) {
    LhStudyCase *c = &pool->study->cases[i];
    PetscBool ours = PETSC_FALSE;

    for (PetscInt k = 0; k < pool->num_workers; k++)
      if (pool->workers[k].c == c) ours = PETSC_TRUE;
    if (ours || c->state != LH_CASE_RUNNING) continue;
    PetscCall(LhStoreRefreshCase(pool->study, c));
    *orphans += c->state == LH_CASE_RUNNING;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Turn(Pool *pool, PetscBool *more) {
  PetscInt orphans = 0;

  PetscFunctionBegin;
  PetscCall(Reap(pool));
  PetscCall(Forward(pool));
  PetscCall(LookAtOrphans(pool, &orphans));
  if (!pool->forwarded) PetscCall(Feed(pool));
  PetscCall(LhProgressShow(pool->study, &pool->progress, pool->num_workers, PETSC_FALSE));
  if (LhEngineNow() - pool->last_table > TABLE_TIME) {
    PetscCall(LhStudyTableWrite(pool->study));
    pool->last_table = LhEngineNow();
  }
  *more = pool->num_busy || (orphans && !pool->forwarded) ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEngineLocal(LhStudy study, LhEngineEnd *end) {
  Pool pool = {.study = study, .num_workers = study->engine.workers};
  PetscBool more = PETSC_TRUE;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(pool.num_workers, &pool.workers));
  PetscCall(LhEnvironmentRead(&pool.environment));
  pool.progress.started = pool.last_table = LhEngineNow();
  PetscCall(LhProgressShow(study, &pool.progress, pool.num_workers, PETSC_TRUE));
  while (more) {
    PetscCall(Turn(&pool, &more));
    if (more) LhEngineSleep(POLL);
  }
  end->stopped = pool.forwarded ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(LhEnvironmentClear(&pool.environment));
  PetscCall(PetscFree(pool.workers));
  PetscFunctionReturn(PETSC_SUCCESS);
}
