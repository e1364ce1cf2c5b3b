/// @file
/// Owns the folder of a study: layout, lock, scripts, and what the disk says of a case.
///
/// Must never decide what runs next.
#define _DEFAULT_SOURCE  // flock
#include "study/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/json.h"

static const char *const folders[] = {"", "cases", "state", "jobs", "logs"};

PetscErrorCode LhStorePath(LhStudy study, const char folder[], const LhStudyCase *c,
                           const char suffix[], char path[PETSC_MAX_PATH_LEN]) {
  PetscFunctionBegin;
  (void)snprintf(path, PETSC_MAX_PATH_LEN, "%s%s%s%s%s%s", study->directory, *folder ? "/" : "",
                 folder, c ? "/" : "", c ? c->id : "", suffix);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStoreLog(LhStudy study, const char line[]) {
  char path[PETSC_MAX_PATH_LEN], stamp[32];
  const time_t now = time(NULL);
  struct tm utc;
  FILE *stream;

  PetscFunctionBegin;
  PetscCall(LhStorePath(study, "log.txt", NULL, "", path));
  (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
  stream = fopen(path, "a");
  if (!stream) PetscFunctionReturn(PETSC_SUCCESS);
  (void)fprintf(stream, "%s  %s\n", stamp, line);
  (void)fclose(stream);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// mkdir -p of the folder of the study, then its subfolders.
static PetscErrorCode MakeFolders(LhStudy study, PetscBool *ok) {
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(folders); i++) {
    PetscCall(LhStorePath(study, folders[i], NULL, "", path));
    for (char *c = path + 1;; c++) {
      const char kept = *c;

      if (kept && kept != '/') continue;
      *c = 0;
      if (mkdir(path, 0777) && errno != EEXIST) {
        PetscCall(LhDiagAdd(study->diag, LH_DIAG_ERROR, NULL, "cannot create the folder %s: %s",
                            path, strerror(errno)));
        *ok = PETSC_FALSE;
        PetscFunctionReturn(PETSC_SUCCESS);
      }
      *c = kept;
      if (!kept) break;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteCasePlan(LhStudy study, LhJson json, const LhStudyCase *c) {
  PetscFunctionBegin;
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "id", c->id));
  PetscCall(LhJsonText(json, "hash", c->hash));
  PetscCall(LhJsonText(json, "base", study->bases[c->base].path));
  PetscCall(LhJsonBeginArray(json, "overrides"));
  for (PetscInt i = 0; i < c->overrides.n; i++)
    PetscCall(LhJsonText(json, NULL, c->overrides.word[i]));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonReal(json, "estimate [s]", c->seconds));
  if (c->problem) PetscCall(LhJsonText(json, "problem", c->problem));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// study.yaml and plan.json.
static PetscErrorCode WritePlan(LhStudy study) {
  char path[PETSC_MAX_PATH_LEN];
  const char *text;
  size_t size;
  LhJson json;

  PetscFunctionBegin;
  PetscCall(LhDocGetText(study->doc, &text, &size));
  PetscCall(LhStorePath(study, "study.yaml", NULL, "", path));
  PetscCall(LhAtomicWrite(path, text, size));
  PetscCall(LhJsonCreate(&json));
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "study", study->name));
  PetscCall(LhJsonText(json, "version", LIHOST_VERSION));
  PetscCall(LhJsonInt(json, "rows", study->num_rows));
  PetscCall(LhJsonBeginArray(json, "cases"));
  for (PetscInt i = 0; i < study->num_cases; i++)
    PetscCall(WriteCasePlan(study, json, &study->cases[i]));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonGetText(json, &text, &size));
  PetscCall(LhStorePath(study, "plan.json", NULL, "", path));
  PetscCall(LhAtomicWrite(path, text, size));
  PetscCall(LhJsonDestroy(&json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStoreOpen(LhStudy study, LhStoreMode mode, PetscBool *ok) {
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  *ok = PETSC_TRUE;
  PetscCall(LhStorePath(study, "plan.json", NULL, "", path));
  if (mode == LH_STORE_NEW && !access(path, F_OK)) {
    PetscCall(LhDiagAdd(study->diag, LH_DIAG_ERROR, NULL,
                        "the folder %s holds a study; go on with --resume, or give another folder "
                        "(output.directory=...)",
                        study->directory));
    *ok = PETSC_FALSE;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(MakeFolders(study, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhStorePath(study, "lock", NULL, "", path));
  study->lock = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  if (study->lock >= 0 && flock(study->lock, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
    PetscCall(LhDiagAdd(study->diag, LH_DIAG_ERROR, NULL,
                        "another lihost sweep is at work in %s; let it end or stop it first",
                        study->directory));
    *ok = PETSC_FALSE;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(WritePlan(study));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// True when the run's record says that it is complete.
static PetscErrorCode IsDone(LhStudy study, const LhStudyCase *c, PetscBool *done) {
  char path[PETSC_MAX_PATH_LEN], line[1024];
  FILE *stream;

  PetscFunctionBegin;
  *done = PETSC_FALSE;
  PetscCall(LhStorePath(study, "cases", c, "/run.json", path));
  stream = fopen(path, "r");
  while (stream && !*done && fgets(line, sizeof(line), stream))
    *done = strstr(line, "\"state\": \"done\"") ? PETSC_TRUE : PETSC_FALSE;
  if (stream) (void)fclose(stream);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// True while a script holds the lock of the case.
static PetscErrorCode IsLocked(LhStudy study, const LhStudyCase *c, PetscBool *locked) {
  char path[PETSC_MAX_PATH_LEN];
  int file;

  PetscFunctionBegin;
  PetscCall(LhStorePath(study, "state", c, ".lock", path));
  file = open(path, O_RDWR | O_CLOEXEC);
  *locked = file >= 0 && flock(file, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK ? PETSC_TRUE
                                                                                : PETSC_FALSE;
  if (file >= 0) (void)close(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Ends that come from the case itself; all others come from outside.
static PetscBool IsFailure(PetscInt code) {
  return code == LH_EXIT_BUG || code == LH_EXIT_INPUT || code == LH_EXIT_SOLVER ||
                 code == LH_EXIT_PHYSICAL || code == 126 || code == 127
             ? PETSC_TRUE
             : PETSC_FALSE;
}

/// Lines of state/ID.txt: `begin KIND TIME HOST JOB BUILD` and `end CODE TIME`.
static PetscErrorCode ReadHistory(LhStudy study, LhStudyCase *c, PetscBool *open_end) {
  char path[PETSC_MAX_PATH_LEN], line[512], kind[16];
  double time, begun = 0;
  FILE *stream;
  int code;

  PetscFunctionBegin;
  *open_end = PETSC_FALSE;
  c->attempts = c->completions = 0;
  c->exit_code = -1;
  c->wall = 0;
  c->build[0] = 0;
  PetscCall(LhStorePath(study, "state", c, ".txt", path));
  stream = fopen(path, "r");
  while (stream && fgets(line, sizeof(line), stream)) {
    if (sscanf(line, "begin %15s %lf %*s %*s %12s", kind, &time, c->build) >= 2) {
      c->attempts++;
      begun = time;
      *open_end = PETSC_TRUE;
    } else if (sscanf(line, "end %d %lf", &code, &time) == 2) {
      c->exit_code = code;
      c->completions += code == LH_EXIT_DONE;
      c->wall += PetscMax(0, time - begun);
      *open_end = PETSC_FALSE;
    }
  }
  if (stream) (void)fclose(stream);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt LhStoreCountBuilds(LhStudy study) {
  PetscInt builds = 0;

  for (PetscInt i = 0; i < study->num_cases; i++) {
    PetscBool seen = study->cases[i].state == LH_CASE_DONE ? PETSC_FALSE : PETSC_TRUE;

    for (PetscInt k = 0; k < i && !seen; k++) {
      seen = study->cases[k].state == LH_CASE_DONE &&
                     !strcmp(study->cases[k].build, study->cases[i].build)
                 ? PETSC_TRUE
                 : PETSC_FALSE;
    }
    builds += !seen;
  }
  return builds;
}

PetscErrorCode LhStoreRefreshCase(LhStudy study, LhStudyCase *c) {
  PetscBool open_end, done, locked;

  PetscFunctionBegin;
  PetscCall(ReadHistory(study, c, &open_end));
  PetscCall(IsDone(study, c, &done));
  PetscCall(IsLocked(study, c, &locked));
  if (c->problem)
    c->state = LH_CASE_FAILED;
  else if (locked && (open_end || !c->attempts))  // after an end: helpers of MPI on their way out
    c->state = LH_CASE_RUNNING;
  else if (done)
    c->state = LH_CASE_DONE;
  else if (!c->attempts)
    c->state = LH_CASE_WAITING;
  else if (!open_end && IsFailure(c->exit_code))
    c->state = LH_CASE_FAILED;
  else
    c->state = LH_CASE_INTERRUPTED;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStoreRefresh(LhStudy study) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < study->num_cases; i++)
    PetscCall(LhStoreRefreshCase(study, &study->cases[i]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStoreForgetFailures(LhStudy study) {
  PetscFunctionBegin;
  PetscCall(LhStoreRefresh(study));
  for (PetscInt i = 0; i < study->num_cases; i++) {
    char path[PETSC_MAX_PATH_LEN];

    if (study->cases[i].state != LH_CASE_FAILED) continue;
    PetscCall(LhStorePath(study, "state", &study->cases[i], ".txt", path));
    (void)unlink(path);
    for (int k = 0; k < 2;
         k++) {  // a checkpoint on the way to the failure would only lead there again
      PetscCall(LhStorePath(study, "cases", &study->cases[i], k ? "/restart/B.h5" : "/restart/A.h5",
                            path));
      (void)unlink(path);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A word in single quotes for the shell.
static void Quote(FILE *stream, const char word[]) {
  (void)fputs("'", stream);
  for (const char *c = word; *c; c++) {
    if (*c == '\'')
      (void)fputs("'\\''", stream);
    else
      (void)fputc(*c, stream);
  }
  (void)fputc('\'', stream);
}

/// The lines of a script that do not depend on the case. A signal is passed on as USR1, at which lihost saves its
/// state and leaves with code 4; `wait` returns early at a signal, hence the loop.
static const char script_head[] =
    "cd \"$(dirname \"$0\")/..\" || exit 5\n"
    "run=cases/$id state=state/$id.txt\n"
    "exec 9>\"state/$id.lock\"\n"
    "flock -w 5 -E 75 9; [ $? -ne 75 ] || exit 75\n"
    "grep -qs '\"state\": \"done\"' \"$run/run.json\" && exit 0\n"
    "export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} "
    "OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}\n";
static const char script_tail[] =
    " \"$@\" >>\"logs/$id.txt\" 2>&1 &\n"
    "pid=$!\n"
    "while :; do wait \"$pid\"; code=$?; kill -0 \"$pid\" 2>/dev/null || break; done\n"
    "# told to stop and not done: interrupted, whatever the launcher makes of its own signal\n"
    "[ -z \"$told\" ] || [ \"$code\" -eq 0 ] || code=4\n"
    "! grep -qs '\"state\": \"done\"' \"$run/run.json\" || code=0  # a signal after the end "
    "changes nothing\n"
    "echo \"end $code $(date +%s.%N)\" >>\"$state\"\n"
    "exit \"$code\"\n";
static const char script_begin[] =
    "kind=run\n"
    "if ls \"$run\"/restart/*.h5 >/dev/null 2>&1; then kind=resume; set -- resume \"$run\"; fi\n"
    "build=$(sha256sum \"$program\" | cut -c1-12)\n"
    "echo \"begin $kind $(date +%s.%N) $(hostname) ${SLURM_JOB_ID:-$$} $build\" >>\"$state\"\n"
    "told= pid=\n"
    "trap 'told=1; [ -z \"$pid\" ] || kill -USR1 \"$pid\"' USR1 TERM INT\n";

static PetscErrorCode WriteScript(LhStudy study, const LhStudyCase *c) {
  char path[PETSC_MAX_PATH_LEN];
  LhAtomic atomic;
  FILE *stream;

  PetscFunctionBegin;
  PetscCall(LhStorePath(study, "jobs", c, ".sh", path));
  PetscCall(LhAtomicOpen(path, &atomic, &stream));
  (void)fprintf(
      stream,
      "#!/bin/bash\n# Study %s: begins the case, or goes on where it stopped. Leaves with "
      "lihost's exit code; 75: it is running already.\nid=%s\n%sset -- run ",
      study->name, c->id, script_head);
  Quote(stream, study->bases[c->base].path);
  for (PetscInt i = 0; i < c->overrides.n; i++) {
    (void)fputc(' ', stream);
    Quote(stream, c->overrides.word[i]);
  }
  (void)fprintf(stream,
                " output.directory=\"$run\" output.overwrite=true output.report=false\nprogram=");
  Quote(stream, study->program);
  (void)fprintf(stream, "\n%s", script_begin);
  if (study->engine.ranks > 1)
    (void)fprintf(stream, "%s -n %d ", study->engine.launcher, (int)study->engine.ranks);
  (void)fprintf(stream, "\"$program\"%s", script_tail);
  PetscCall(LhAtomicCommit(&atomic));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStoreScripts(LhStudy study) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < study->num_cases; i++) {
    if (!study->cases[i].problem) PetscCall(WriteScript(study, &study->cases[i]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Last line of the log that names an error, else the last line with words in it.
static PetscErrorCode LastWords(LhStudy study, const LhStudyCase *c, char reason[], size_t size) {
  char path[PETSC_MAX_PATH_LEN], line[1024];
  PetscBool named = PETSC_FALSE;
  FILE *stream;

  PetscFunctionBegin;
  PetscCall(LhStorePath(study, "logs", c, ".txt", path));
  stream = fopen(path, "r");
  while (stream && fgets(line, sizeof(line), stream)) {
    const PetscBool is_error = strstr(line, "error: ") ? PETSC_TRUE : PETSC_FALSE;

    line[strcspn(line, "\n")] = 0;
    if (!line[strspn(line, " -^~")] || (named && !is_error)) continue;
    if (is_error) named = PETSC_TRUE;
    (void)snprintf(reason, size, "%s", line);
  }
  if (stream) (void)fclose(stream);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// `stop_reason` of run.json.
static PetscErrorCode StopReason(LhStudy study, const LhStudyCase *c, char reason[], size_t size) {
  char path[PETSC_MAX_PATH_LEN];
  const char *text = NULL;
  LhDiag diag;
  LhNode root;
  LhDoc doc = NULL;

  PetscFunctionBegin;
  PetscCall(LhDiagCreate(&diag));
  PetscCall(LhStorePath(study, "cases", c, "/run.json", path));
  if (!access(path, R_OK)) PetscCall(LhDocRead(PETSC_COMM_SELF, path, diag, &doc));
  if (doc) {
    PetscCall(LhDocGetRoot(doc, &root));
    text = LhNodeGetText(LhNodeFind(root, "stop_reason"));
  }
  if (text) (void)snprintf(reason, size, "%s", text);
  PetscCall(LhDocDestroy(&doc));
  PetscCall(LhDiagDestroy(&diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStoreReason(LhStudy study, const LhStudyCase *c, char reason[], size_t size) {
  PetscFunctionBegin;
  reason[0] = 0;
  if (c->problem) {
    (void)snprintf(reason, size, "%s", c->problem);
  } else if (c->state == LH_CASE_DONE) {
    PetscCall(StopReason(study, c, reason, size));
  } else if (c->state == LH_CASE_FAILED) {
    if (c->exit_code == LH_EXIT_SOLVER || c->exit_code == LH_EXIT_PHYSICAL)
      PetscCall(StopReason(study, c, reason, size));
    if (!*reason) PetscCall(LastWords(study, c, reason, size));
    if (!*reason) (void)snprintf(reason, size, "exit code %d", (int)c->exit_code);
  } else if (c->state == LH_CASE_INTERRUPTED && c->exit_code >= 0) {
    (void)snprintf(reason, size, "stopped from outside (exit code %d); --resume goes on",
                   (int)c->exit_code);
  } else if (c->state == LH_CASE_INTERRUPTED) {
    (void)snprintf(reason, size, "killed; --resume goes on");
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
