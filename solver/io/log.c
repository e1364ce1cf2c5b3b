/// @file
/// Owns log.txt, the terminal's progress lines and events.csv; all of them on rank 0.
///
/// The log carries the date and UTC offset, the terminal only the time of day. Must never block a rank.
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "base/terminal.h"
#include "io/output_impl.h"

#define EVENTS_HEADER "time [s],kind,what"
#define LINE_MAX_SIZE 2048

static FILE *OpenText(LhOutput output, const char file[], PetscBool append) {
  char path[PETSC_MAX_PATH_LEN + 64];
  snprintf(path, sizeof(path), "%s/%s", output->dir, file);
  FILE *stream = fopen(path, append ? "a" : "w");
  if (!stream) LhOutputFail(output->comm, "cannot open %s: %s", path, strerror(errno));
  return stream;
}

PetscErrorCode LhLogOpen(LhOutput output, const LhOutputMark *mark) {
  const PetscBool resume = mark ? PETSC_TRUE : PETSC_FALSE;
  PetscBool same = PETSC_TRUE;

  PetscFunctionBeginUser;
  if (output->rank != 0) PetscFunctionReturn(PETSC_SUCCESS);
  output->log = OpenText(output, "log.txt", resume);
  output->num_events = mark ? mark->num_events : 0;
  if (resume)
    PetscCall(LhTableTruncate(output, "events.csv", EVENTS_HEADER, mark->time, &output->num_events,
                              &same));
  output->events = OpenText(output, "events.csv", (PetscBool)(resume && same));
  if (!resume || !same) LhLineWrite(output, output->events, "events.csv", EVENTS_HEADER "\n");
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhLogClose(LhOutput output) {
  PetscFunctionBeginUser;
  if (output->bar) LhTerminalClear(stdout);
  if (output->log) fclose(output->log);
  if (output->events) fclose(output->events);
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A line of the log and of the terminal; of the latter a bar when `share` is a number. A closed terminal must not stop
// the run.
static void Tell(LhOutput output, PetscReal share, const char text[]) {
  char stamp[40];
  const time_t now = time(NULL);
  struct tm local;

  localtime_r(&now, &local);
  strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S%z", &local);
  LhLineWrite(output, output->log, "log.txt", "%s  %s\n", stamp, text);
  if (!isnan(share) && LhTerminalWidth(stdout)) {
    LhTerminalBar(stdout, share, text);
    output->bar = PETSC_TRUE;
    return;
  }
  if (output->bar) LhTerminalClear(stdout);
  output->bar = PETSC_FALSE;
  strftime(stamp, sizeof(stamp), "%H:%M:%S", &local);
  printf("%s  %s\n", stamp, text);
  fflush(stdout);
}

PetscErrorCode LhOutputLog(LhOutput output, const char format[], ...) {
  char text[LINE_MAX_SIZE];
  va_list list;

  PetscFunctionBeginUser;
  if (output->rank != 0) PetscFunctionReturn(PETSC_SUCCESS);
  va_start(list, format);
  vsnprintf(text, sizeof(text), format, list);
  va_end(list);
  Tell(output, NAN, text);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputProgress(LhOutput output, PetscReal share, const char format[], ...) {
  char text[LINE_MAX_SIZE];
  va_list list;

  PetscFunctionBeginUser;
  if (output->rank != 0) PetscFunctionReturn(PETSC_SUCCESS);
  va_start(list, format);
  vsnprintf(text, sizeof(text), format, list);
  va_end(list);
  Tell(output, PetscMin(PetscMax(share, 0), 1), text);
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Quotes doubled and line ends removed, so that a sentence stays one CSV cell.
static void QuoteCell(const char text[], char cell[2 * LINE_MAX_SIZE]) {
  char *out = cell;
  for (const char *c = text; *c; c++) {
    if (*c == '"') *out++ = '"';
    *out++ = *c == '\n' || *c == '\r' ? ' ' : *c;
  }
  *out = '\0';
}

PetscErrorCode LhOutputEvent(LhOutput output, PetscReal time, const char kind[],
                             const char format[], ...) {
  char text[LINE_MAX_SIZE], cell[2 * LINE_MAX_SIZE];
  va_list list;

  PetscFunctionBeginUser;
  if (output->rank != 0) PetscFunctionReturn(PETSC_SUCCESS);
  va_start(list, format);
  vsnprintf(text, sizeof(text), format, list);
  va_end(list);
  QuoteCell(text, cell);
  LhLineWrite(output, output->events, "events.csv", "%.17g,%s,\"%s\"\n", (double)time, kind, cell);
  output->num_events++;
  PetscFunctionReturn(PETSC_SUCCESS);
}
