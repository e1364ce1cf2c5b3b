/// @file
/// Owns the lock's test, the request files and the reading of our own run.json. Must never write into a run's results.
#define _DEFAULT_SOURCE  // flock, timegm
#include "io/live.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "io/output_impl.h"

#define PATH_ROOM  (PETSC_MAX_PATH_LEN + 64)
#define LOCK_TRIES 50  ///< five a second

static void AskPath(const char dir[], const char word[], char path[PATH_ROOM]) {
  snprintf(path, PATH_ROOM, "%s/restart/ask.%s", dir, word);
}

PetscBool LhLiveAsk(const char dir[], const char word[]) {
  char path[PATH_ROOM];
  AskPath(dir, word, path);
  FILE *file = fopen(path, "w");
  return file && !fclose(file) ? PETSC_TRUE : PETSC_FALSE;
}

PetscBool LhLiveTake(LhOutput output, const char word[]) {
  char path[PATH_ROOM];
  AskPath(output->dir, word, path);
  return unlink(path) ? PETSC_FALSE : PETSC_TRUE;
}

// Processes whose launcher was killed take a moment to end.
int LhLiveLock(const char dir[], size_t size, char why[]) {
  const struct timespec moment = {.tv_nsec = 200000000};
  char path[PATH_ROOM];
  snprintf(path, sizeof(path), "%s/restart/lock", dir);
  const int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock < 0) return -1;
  for (int k = 0; k < LOCK_TRIES; k++) {
    if (!flock(lock, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK) return lock;
    nanosleep(&moment, NULL);
  }
  snprintf(why, size, "another lihost process is at work in the folder %s", dir);
  close(lock);
  return -1;
}

PetscBool LhLiveIsLocked(const char dir[]) {
  char path[PATH_ROOM];
  snprintf(path, sizeof(path), "%s/restart/lock", dir);
  const int lock = open(path, O_RDWR | O_CLOEXEC);
  if (lock < 0) return PETSC_FALSE;
  const PetscBool held =
      flock(lock, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK ? PETSC_TRUE : PETSC_FALSE;
  close(lock);
  return held;
}

// Our own JSON: the first `"key": ` of the file; text values without escapes, which is what we ask for.
static const char *Find(const char text[], const char key[]) {
  char quoted[64];
  snprintf(quoted, sizeof(quoted), "\"%s\":", key);
  const char *at = strstr(text, quoted);
  if (!at) return NULL;
  at += strlen(quoted);
  return at + strspn(at, " \n");
}

static void ReadText(const char text[], const char key[], size_t size, char value[]) {
  const char *at = Find(text, key);
  size_t n = 0;
  value[0] = 0;
  if (!at || *at != '"') return;
  for (at++; *at && *at != '"' && n + 1 < size; at++) {
    if (*at == '\\' && at[1]) at++;
    value[n++] = *at;
  }
  value[n] = 0;
}

static PetscReal ReadNumber(const char text[], const char key[]) {
  const char *at = Find(text, key);
  char *end;
  if (!at) return NAN;
  const double value = strtod(at, &end);
  return end == at ? NAN : value;
}

static PetscReal SecondsSince(const char stamp[]) {
  struct tm utc = {0};
  if (sscanf(stamp, "%d-%d-%dT%d:%d:%dZ", &utc.tm_year, &utc.tm_mon, &utc.tm_mday, &utc.tm_hour,
             &utc.tm_min, &utc.tm_sec) != 6)
    return NAN;
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  return difftime(time(NULL), timegm(&utc));
}

PetscBool LhLiveStatusRead(const char dir[], LhLiveStatus *status) {
  char path[PATH_ROOM], text[32768];
  snprintf(path, sizeof(path), "%s/run.json", dir);
  FILE *file = fopen(path, "r");
  if (!file) return PETSC_FALSE;
  const size_t n = fread(text, 1, sizeof(text) - 1, file);
  fclose(file);
  text[n] = 0;
  ReadText(text, "state", sizeof(status->state), status->state);
  ReadText(text, "case", sizeof(status->case_name), status->case_name);
  ReadText(text, "stop_reason", sizeof(status->reason), status->reason);
  ReadText(text, "heartbeat", sizeof(status->heartbeat), status->heartbeat);
  ReadText(text, "checkpoint", sizeof(status->checkpoint), status->checkpoint);
  ReadText(text, "name", sizeof(status->host), status->host);
  status->progress = ReadNumber(text, "progress [1]");
  status->time_left = ReadNumber(text, "time_left [s]");
  status->elapsed = ReadNumber(text, "elapsed [s]");
  status->ranks = ReadNumber(text, "ranks");
  status->resumes = ReadNumber(text, "resumes");
  status->checkpoint_time = ReadNumber(text, "checkpoint_time [s]");
  status->silent = SecondsSince(status->heartbeat);
  return status->state[0] ? PETSC_TRUE : PETSC_FALSE;
}
