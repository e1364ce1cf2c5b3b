/// @file
/// Owns the job array: submits, follows, resubmits what was lost, leaves the rest to the disk (store.h).
///
/// slurm/array_K.txt lists the cases of the K-th array, slurm/jobs.txt its job number: whoever calls again finds the jobs that
/// are still in the queue. Needs sbatch, squeue and scontrol, no accounting.
#define _XOPEN_SOURCE 700  // realpath
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "study/engine.h"
#include "study/table.h"

#define MAX_ARRAY  1000  // tasks of one array; Slurm's default limit is 1001
#define TABLE_TIME 60.   // between two tables while jobs run [s]

/// Where a case was last submitted.
typedef struct {
  PetscInt job, task;  // -1: never
  PetscBool in_queue, cancelled;
} Place;

typedef struct {
  LhStudy study;
  LhEnvironment environment;
  char directory[PETSC_MAX_PATH_LEN];  // of the study, absolute
  PetscInt num_arrays;
  Place *places;  // [case]
  char *text;     // of the last command
  LhProgress progress;
  PetscReal last_table;
} Queue;

/// What every task does: its case's script, with signals passed on. After a warning (USR1) that left a saved state the task asks
/// to be queued again; a cancelled one (TERM) does not.
static const char script_body[] =
    "id=$(sed -n \"$((SLURM_ARRAY_TASK_ID + 1))p\" \"slurm/array_$array.txt\")\n"
    "told= pid=\n"
    "trap 'told=warned; [ -z \"$pid\" ] || kill -USR1 \"$pid\"' USR1\n"
    "trap 'told=ended; [ -z \"$pid\" ] || kill -USR1 \"$pid\"' TERM\n"
    "bash \"jobs/$id.sh\" &\n"
    "pid=$!\n"
    "while :; do wait \"$pid\"; code=$?; kill -0 \"$pid\" 2>/dev/null || break; done\n"
    "if [ \"$told\" = warned ] && [ \"$code\" -eq 4 ] && [ \"${SLURM_RESTART_COUNT:-0}\" -lt "
    "\"$attempts\" ]; then\n"
    "  scontrol requeue \"$SLURM_JOB_ID\" && sleep 60\n"
    "fi\n"
    "exit \"$code\"\n";

static PetscErrorCode WriteArrayScript(Queue *queue, PetscInt n, const char path[]) {
  const LhEngineSpec *e = &queue->study->engine;
  LhAtomic atomic;
  FILE *stream;

  PetscFunctionBegin;
  PetscCall(LhAtomicOpen(path, &atomic, &stream));
  (void)fprintf(stream, "#!/bin/bash\n#SBATCH --job-name=%s\n#SBATCH --array=0-%d",
                queue->study->name, (int)n - 1);
  if (e->slurm.throttle) (void)fprintf(stream, "%%%d", (int)e->slurm.throttle);
  (void)fprintf(
      stream,
      "\n#SBATCH --ntasks=%d\n#SBATCH --time=%d\n#SBATCH --requeue\n#SBATCH --open-mode=append\n"
      "#SBATCH --output=slurm/%%A_%%a.txt\n",
      (int)e->ranks, (int)ceil(e->slurm.time / 60));
  if (e->slurm.warning > 0)
    (void)fprintf(stream, "#SBATCH --signal=B:USR1@%d\n", (int)ceil(e->slurm.warning));
  if (*e->slurm.partition) (void)fprintf(stream, "#SBATCH --partition=%s\n", e->slurm.partition);
  if (*e->slurm.account) (void)fprintf(stream, "#SBATCH --account=%s\n", e->slurm.account);
  for (PetscInt i = 0; i < e->slurm.options.n; i++)
    (void)fprintf(stream, "#SBATCH %s\n", e->slurm.options.v[i]);
  (void)fprintf(stream, "# Study %s: one case a task.\narray=%d attempts=%d\n%s",
                queue->study->name, (int)queue->num_arrays, (int)e->attempts, script_body);
  PetscCall(LhAtomicCommit(&atomic));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// `directory/slurm/NAME_K.SUFFIX`, or without `_K` for a negative number.
static void SlurmPath(Queue *queue, const char name[], PetscInt number, const char suffix[],
                      char path[2 * PETSC_MAX_PATH_LEN]) {
  char digits[16] = "";

  if (number >= 0) (void)snprintf(digits, sizeof(digits), "_%d", (int)number);
  (void)snprintf(path, 2 * PETSC_MAX_PATH_LEN, "%s/slurm/%s%s%s", queue->directory, name, digits,
                 suffix);
}

static PetscErrorCode WriteList(Queue *queue, PetscInt n, const PetscInt cases[],
                                const char path[]) {
  LhAtomic atomic;
  FILE *stream;

  PetscFunctionBegin;
  PetscCall(LhAtomicOpen(path, &atomic, &stream));
  for (PetscInt i = 0; i < n; i++) (void)fprintf(stream, "%s\n", queue->study->cases[cases[i]].id);
  PetscCall(LhAtomicCommit(&atomic));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Submits one array; `*ok` false after a complaint.
static PetscErrorCode SubmitArray(Queue *queue, PetscInt n, const PetscInt cases[], PetscBool *ok) {
  char list[2 * PETSC_MAX_PATH_LEN], script[2 * PETSC_MAX_PATH_LEN], jobs[2 * PETSC_MAX_PATH_LEN];
  char chdir_word[PETSC_MAX_PATH_LEN + 16], line[256];
  char *const words[] = {"sbatch", "--parsable", chdir_word, script, NULL};
  int code, job = 0;
  FILE *stream;

  PetscFunctionBegin;
  SlurmPath(queue, "array", queue->num_arrays, ".txt", list);
  SlurmPath(queue, "array", queue->num_arrays, ".sh", script);
  SlurmPath(queue, "jobs", -1, ".txt", jobs);
  (void)snprintf(chdir_word, sizeof(chdir_word), "--chdir=%s", queue->directory);
  PetscCall(WriteList(queue, n, cases, list));
  PetscCall(WriteArrayScript(queue, n, script));
  PetscCall(LhEngineCommand(&queue->environment, words, &queue->text, &code));
  *ok = !code && sscanf(queue->text, "%d", &job) == 1 ? PETSC_TRUE : PETSC_FALSE;
  if (!*ok) {
    PetscCall(LhDiagAdd(queue->study->diag, LH_DIAG_ERROR, NULL, "sbatch refused the job array: %s",
                        code == 127 ? "there is no such program here" : queue->text));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  stream = fopen(jobs, "a");
  if (stream) {
    (void)fprintf(stream, "%d %d\n", job, (int)queue->num_arrays);
    (void)fclose(stream);
  }
  for (PetscInt i = 0; i < n; i++) {
    queue->places[cases[i]] = (Place){job, i, PETSC_TRUE, PETSC_FALSE};
    queue->study->cases[cases[i]].tried++;
  }
  queue->num_arrays++;
  (void)snprintf(line, sizeof(line), "submitted %d cases as job array %d", (int)n, job);
  PetscCall(PetscPrintf(PETSC_COMM_SELF, "%s\n", line));
  PetscCall(LhStoreLog(queue->study, line));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Places of the cases that the list of one array names.
static void ReadArray(Queue *queue, int job, int number) {
  LhStudy study = queue->study;
  char path[2 * PETSC_MAX_PATH_LEN], id[LH_STUDY_ID_SIZE];
  PetscInt task = 0;
  FILE *list;

  SlurmPath(queue, "array", number, ".txt", path);
  list = fopen(path, "r");
  for (; list && fscanf(list, "%16s", id) == 1; task++) {
    for (PetscInt i = 0; i < study->num_cases; i++) {
      if (!strcmp(study->cases[i].id, id)) queue->places[i] = (Place){.job = job, .task = task};
    }
  }
  if (list) (void)fclose(list);
}

/// Arrays of earlier calls, in their order.
static void ReadJobs(Queue *queue) {
  char path[2 * PETSC_MAX_PATH_LEN];
  int job, number;
  FILE *jobs;

  SlurmPath(queue, "jobs", -1, ".txt", path);
  jobs = fopen(path, "r");
  while (jobs && fscanf(jobs, "%d %d", &job, &number) == 2) {
    queue->num_arrays = PetscMax(queue->num_arrays, number + 1);
    ReadArray(queue, job, number);
  }
  if (jobs) (void)fclose(jobs);
}

/// Marks the cases whose tasks are in the queue; `*known` false when Slurm does not answer.
static PetscErrorCode LookAtQueue(Queue *queue, PetscBool *known) {
  LhStudy study = queue->study;
  char *const words[] = {"squeue", "--me", "--noheader", "--array", "--format=%i %T", NULL}, *save;
  int code, job, task;
  char state[32];

  PetscFunctionBegin;
  PetscCall(LhEngineCommand(&queue->environment, words, &queue->text, &code));
  *known = code ? PETSC_FALSE : PETSC_TRUE;
  if (code) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhStoreRefresh(study));
  for (PetscInt i = 0; i < study->num_cases; i++) queue->places[i].in_queue = PETSC_FALSE;
  for (char *line = strtok_r(queue->text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
    if (sscanf(line, "%d_%d %31s", &job, &task, state) != 3) continue;
    for (PetscInt i = 0; i < study->num_cases; i++) {
      Place *place = &queue->places[i];

      if (place->job != job || place->task != task) continue;
      place->in_queue = PETSC_TRUE;
      if (study->cases[i].state != LH_CASE_DONE && study->cases[i].state != LH_CASE_FAILED)
        study->cases[i].state = strcmp(state, "RUNNING") ? LH_CASE_WAITING : LH_CASE_RUNNING;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What Slurm says of a task that has left the queue: somebody cancelled it, or it was lost.
static PetscErrorCode LookAtTask(Queue *queue, Place *place) {
  char name[32], *const words[] = {"scontrol", "--oneliner", "show", "job", name, NULL}, *state;
  int code;

  PetscFunctionBegin;
  (void)snprintf(name, sizeof(name), "%d_%d", (int)place->job, (int)place->task);
  PetscCall(LhEngineCommand(&queue->environment, words, &queue->text, &code));
  state = code ? NULL : strstr(queue->text, "JobState=");
  place->cancelled = state && !strncmp(state, "JobState=CANCELLED", 18) ? PETSC_TRUE : PETSC_FALSE;
  if (place->cancelled)
    PetscCall(
        PetscPrintf(PETSC_COMM_SELF, "task %s was cancelled; --resume takes it up again\n", name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Cases to submit: never submitted, or gone from the queue without an end of their own.
static PetscErrorCode ListMissing(Queue *queue, PetscInt *n, PetscInt cases[]) {
  LhStudy study = queue->study;

  PetscFunctionBegin;
  *n = 0;
  for (PetscInt i = 0; i < study->num_cases; i++) {
    Place *place = &queue->places[i];

    if (place->in_queue || place->cancelled || !LhEngineIsMissing(study, &study->cases[i]))
      continue;
    if (study->cases[i].tried) PetscCall(LookAtTask(queue, place));
    if (!place->cancelled) cases[(*n)++] = i;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SubmitMissing(Queue *queue, PetscBool *ok) {
  PetscInt n, *cases;

  PetscFunctionBegin;
  *ok = PETSC_TRUE;
  PetscCall(PetscMalloc1(queue->study->num_cases + 1, &cases));
  PetscCall(ListMissing(queue, &n, cases));
  for (PetscInt first = 0; first < n && *ok; first += MAX_ARRAY)
    PetscCall(SubmitArray(queue, PetscMin(MAX_ARRAY, n - first), cases + first, ok));
  PetscCall(PetscFree(cases));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Follows until no task of ours is left in the queue, or the user has seen enough.
static PetscErrorCode Follow(Queue *queue, LhEngineEnd *end) {
  LhStudy study = queue->study;
  PetscBool known, ok = PETSC_TRUE;
  PetscInt in_queue = 1;

  PetscFunctionBegin;
  while (ok && in_queue && !LhInterruptCount()) {
    LhEngineSleep(study->engine.slurm.poll);
    PetscCall(LookAtQueue(queue, &known));
    if (!known) continue;
    if (!LhInterruptCount()) PetscCall(SubmitMissing(queue, &ok));
    in_queue = 0;
    for (PetscInt i = 0; i < study->num_cases;
         i++)  // the lock of a case may outlive its task a little
      in_queue += queue->places[i].in_queue || study->cases[i].state == LH_CASE_RUNNING;
    PetscCall(LhProgressShow(study, &queue->progress, PetscMax(1, in_queue), PETSC_FALSE));
    if (LhEngineNow() - queue->last_table < TABLE_TIME) continue;
    PetscCall(LhStudyTableWrite(study));
    queue->last_table = LhEngineNow();
  }
  end->stopped = LhInterruptCount() ? PETSC_TRUE : PETSC_FALSE;
  if (end->stopped && in_queue)
    PetscCall(
        PetscPrintf(PETSC_COMM_SELF,
                    "%d tasks go on in Slurm; --resume follows them again, scancel ends them\n",
                    (int)in_queue));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEngineSlurm(LhStudy study, LhEngineEnd *end) {
  Queue queue = {.study = study};
  char path[PETSC_MAX_PATH_LEN], *absolute;
  PetscBool known, ok;

  PetscFunctionBegin;
  absolute = realpath(study->directory, NULL);
  PetscCheck(absolute, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "no folder %s", study->directory);
  PetscCall(PetscStrncpy(queue.directory, absolute, sizeof(queue.directory)));
  free(absolute);
  PetscCall(LhStorePath(study, "slurm", NULL, "", path));
  (void)mkdir(path, 0777);
  PetscCall(LhEnvironmentRead(&queue.environment));
  PetscCall(PetscMalloc1(study->num_cases + 1, &queue.places));
  for (PetscInt i = 0; i < study->num_cases; i++) queue.places[i] = (Place){.job = -1, .task = -1};
  queue.last_table = queue.progress.started = LhEngineNow();
  ReadJobs(&queue);
  PetscCall(LookAtQueue(&queue, &known));
  if (known) {
    PetscCall(SubmitMissing(&queue, &ok));
    if (ok) PetscCall(Follow(&queue, end));
  } else {
    PetscCall(LhDiagAdd(study->diag, LH_DIAG_ERROR, NULL, "Slurm does not answer: %s",
                        *queue.text ? queue.text : "there is no squeue here"));
  }
  PetscCall(LhEnvironmentClear(&queue.environment));
  PetscCall(PetscFree(queue.places));
  PetscCall(PetscFree(queue.text));
  PetscFunctionReturn(PETSC_SUCCESS);
}
