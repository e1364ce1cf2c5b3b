/// @file
/// Owns what the engines share: choice, signals, progress.
#include "study/engine.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/terminal.h"

/// Time between two lines of progress when nothing ends [s].
#define QUIET_TIME 30.

/// The only state that a signal may reach; see LhInterruptBegin().
static volatile sig_atomic_t interrupts;
static const int signals[] = {SIGINT, SIGTERM, SIGUSR1};
static struct sigaction before[PETSC_STATIC_ARRAY_LENGTH(signals)];

static void Count(int number) {
  (void)number;
  interrupts++;
}

void LhInterruptBegin(void) {
  struct sigaction action = {.sa_handler = Count};

  interrupts = 0;
  (void)sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(signals); i++)
    (void)sigaction(signals[i], &action, &before[i]);
}

void LhInterruptEnd(void) {
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(signals); i++)
    (void)sigaction(signals[i], &before[i], NULL);
}

PetscInt LhInterruptCount(void) {
  return (PetscInt)interrupts;
}

PetscReal LhEngineNow(void) {
  struct timespec t;

  (void)clock_gettime(CLOCK_REALTIME, &t);
  return (PetscReal)t.tv_sec + 1e-9 * (PetscReal)t.tv_nsec;
}

void LhEngineSleep(PetscReal seconds) {
  const struct timespec t = {(time_t)seconds, (long)(1e9 * (seconds - floor(seconds)))};

  (void)nanosleep(&t, NULL);
}

PetscBool LhEngineIsMissing(LhStudy study, const LhStudyCase *c) {
  if (c->problem || c->tried >= study->engine.attempts) return PETSC_FALSE;
  return c->state == LH_CASE_WAITING || c->state == LH_CASE_INTERRUPTED ? PETSC_TRUE : PETSC_FALSE;
}

/// Seconds still to go: the estimates of the cases left, scaled by how well those of the ended ones were.
static PetscReal TimeLeft(LhStudy study, PetscInt at_a_time) {
  PetscReal measured = 0, estimated = 0, left = 0;

  for (PetscInt i = 0; i < study->num_cases; i++) {
    const LhStudyCase *c = &study->cases[i];

    if (c->state == LH_CASE_DONE && c->wall > 0) {
      measured += c->wall;
      estimated += c->seconds;
    } else if (c->state != LH_CASE_DONE && c->state != LH_CASE_FAILED) {
      left += c->seconds;
    }
  }
  return (estimated > 0 ? measured / estimated : 1) * left / (PetscReal)PetscMax(1, at_a_time);
}

PetscErrorCode LhProgressShow(LhStudy study, LhProgress *p, PetscInt at_a_time, PetscBool force) {
  PetscInt count[LH_CASE_DONE + 1] = {0}, ended;
  char line[256], left[LH_HUMAN_MAX];
  const PetscReal now = LhEngineNow();

  PetscFunctionBegin;
  for (PetscInt i = 0; i < study->num_cases; i++) count[study->cases[i].state]++;
  ended = count[LH_CASE_DONE] + count[LH_CASE_FAILED];
  if (!force && ended == p->num_printed && now - p->printed < QUIET_TIME)
    PetscFunctionReturn(PETSC_SUCCESS);
  p->num_printed = ended;
  p->printed = now;
  LhHumanTime(TimeLeft(study, at_a_time), left);
  (void)snprintf(line, sizeof(line),
                 "%d of %d cases done, %d failed, %d running, %d waiting, left about %s",
                 (int)count[LH_CASE_DONE], (int)study->num_cases, (int)count[LH_CASE_FAILED],
                 (int)count[LH_CASE_RUNNING],
                 (int)(count[LH_CASE_WAITING] + count[LH_CASE_INTERRUPTED]), left);
  if (LhTerminalWidth(stdout) && !force) {
    LhTerminalBar(stdout, (PetscReal)ended / (PetscReal)study->num_cases, line);
  } else {
    if (LhTerminalWidth(stdout)) LhTerminalClear(stdout);
    PetscCall(PetscPrintf(PETSC_COMM_SELF, "%s\n", line));
    (void)fflush(stdout);
  }
  PetscCall(LhStoreLog(study, line));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEngineRun(LhStudy study, LhEngineEnd *end) {
  static PetscErrorCode (*const engines[])(LhStudy, LhEngineEnd *) = {
      [LH_ENGINE_LOCAL] = LhEngineLocal,
      [LH_ENGINE_SLURM] = LhEngineSlurm,
      [LH_ENGINE_SCRIPT] = LhEngineScript};

  PetscFunctionBegin;
  *end = (LhEngineEnd){0};
  PetscCall(LhStoreScripts(study));
  PetscCall(LhStoreRefresh(study));
  LhInterruptBegin();
  PetscCall(engines[study->engine.kind](study, end));
  LhInterruptEnd();
  if (LhTerminalWidth(stdout)) LhTerminalClear(stdout);
  PetscCall(LhStoreRefresh(study));
  for (PetscInt i = 0; i < study->num_cases; i++) {
    end->num_done += study->cases[i].state == LH_CASE_DONE;
    end->num_failed += study->cases[i].state == LH_CASE_FAILED;
  }
  end->num_left = study->num_cases - end->num_done - end->num_failed;
  PetscFunctionReturn(PETSC_SUCCESS);
}
