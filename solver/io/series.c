/// @file
/// Owns tables that grow row by row: series.csv, history.bdf.csv, and their truncation on resume.
///
/// A row is one write followed by a flush, so that a killed run loses at most the row it was writing.
/// Must never hold rows in memory.
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/output_impl.h"

#define HEADER_MAX 8192
#define BDF_SUFFIX ".bdf.csv"

struct _n_LhSeries {
  LhOutput output;
  PetscInt num_columns;
  PetscInt num_rows;  // rank 0
  FILE *stream;       // rank 0
  char file[64];
  char *row;  // room for one row
  size_t row_size;
};

void LhLineWrite(LhOutput output, FILE *stream, const char file[], const char format[], ...) {
  va_list list;
  va_start(list, format);
  const int written = vfprintf(stream, format, list);
  va_end(list);
  if (written < 0 || fflush(stream)) {
    LhOutputFail(output->comm, "cannot write %s/%s: %s", output->dir, file, strerror(errno));
  }
}

static FILE *MustOpen(LhOutput output, const char file[], const char path[], const char mode[]) {
  FILE *stream = fopen(path, mode);
  if (!stream) {
    LhOutputFail(output->comm, "cannot open %s/%s: %s", output->dir, file, strerror(errno));
  }
  return stream;
}

static void FormatHeader(const char file[], PetscInt n, const LhColumn columns[],
                         char header[HEADER_MAX]) {
  const size_t length = strlen(file), tail = strlen(BDF_SUFFIX);
  const int bdf = length > tail && !strcmp(file + length - tail, BDF_SUFFIX);
  size_t used = 0;

  header[0] = '\0';
  for (PetscInt i = 0; i < n && used < HEADER_MAX; i++) {
    used += (size_t)snprintf(header + used, HEADER_MAX - used, bdf ? "%s%s / %s" : "%s%s [%s]",
                             i ? "," : "", columns[i].name, columns[i].unit);
  }
}

// Whether a line of a table is complete and not later than `time`.
static int IsKept(const char line[], size_t length, PetscReal time) {
  char *end;
  if (length == 0 || line[length - 1] != '\n') return 0;
  const double t = strtod(line, &end);
  return end != line && *end == ',' && t <= time;
}

static PetscErrorCode CopyRows(LhOutput output, const char file[], FILE *from, FILE *to,
                               PetscReal time, PetscInt *num_rows) {
  const PetscInt most = *num_rows;
  char *line = NULL;
  size_t room = 0;
  ssize_t length;

  PetscFunctionBeginUser;
  *num_rows = 0;
  while (*num_rows < most && (length = getline(&line, &room, from)) > 0) {
    if (!IsKept(line, (size_t)length, time)) continue;
    LhLineWrite(output, to, file, "%s", line);
    (*num_rows)++;
  }
  free(line);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Rewrite(LhOutput output, const char file[], const char header[], FILE *from,
                              PetscReal time, PetscInt *num_rows) {
  char path[PETSC_MAX_PATH_LEN];
  LhAtomic atomic = NULL;
  FILE *to = NULL;
  PetscErrorCode failure;

  PetscFunctionBeginUser;
  PetscCall(LhOutputPath(output, file, path));
  PetscCall(LhQuietBegin());
  failure = LhAtomicOpen(path, &atomic, &to);
  if (!failure) {
    LhLineWrite(output, to, file, "%s\n", header);
    if (from)
      PetscCall(CopyRows(output, file, from, to, time, num_rows));
    else
      *num_rows = 0;
    failure = LhAtomicCommit(&atomic);
  }
  PetscCall(LhQuietEnd(output->comm, path, failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTableTruncate(LhOutput output, const char file[], const char header[],
                               PetscReal time, PetscInt *num_rows, PetscBool *same) {
  char path[PETSC_MAX_PATH_LEN], found[HEADER_MAX + 2] = "";

  PetscFunctionBeginUser;
  *same = PETSC_TRUE;
  PetscCall(LhOutputPath(output, file, path));
  FILE *from = fopen(path, "r");
  if (from && fgets(found, sizeof(found), from)) {
    found[strcspn(found, "\n")] = '\0';
    *same = (PetscBool)!strcmp(found, header);
  }
  if (*same) PetscCall(Rewrite(output, file, header, from, time, num_rows));
  if (from) fclose(from);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode NewSeries(LhOutput output, const char file[], PetscInt n, LhSeries *series) {
  PetscFunctionBeginUser;
  PetscCall(PetscNew(series));
  (*series)->output = output;
  (*series)->num_columns = n;
  (*series)->row_size = (size_t)n * 32;
  PetscCall(PetscStrncpy((*series)->file, file, sizeof((*series)->file)));
  PetscCall(PetscMalloc1((*series)->row_size, &(*series)->row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSeriesCreate(LhOutput output, const char file[], PetscInt n,
                              const LhColumn columns[], LhSeries *series) {
  char path[PETSC_MAX_PATH_LEN], header[HEADER_MAX];

  PetscFunctionBeginUser;
  PetscCall(NewSeries(output, file, n, series));
  FormatHeader(file, n, columns, header);
  PetscCall(LhOutputPath(output, file, path));
  if (output->rank == 0) {
    (*series)->stream = MustOpen(output, file, path, "w");
    LhLineWrite(output, (*series)->stream, file, "%s\n", header);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSeriesResume(LhOutput output, const char file[], PetscInt n,
                              const LhColumn columns[], PetscReal time, LhDiag diag,
                              LhSeries *series) {
  char path[PETSC_MAX_PATH_LEN], header[HEADER_MAX];
  PetscBool same = PETSC_TRUE;
  PetscInt num_rows = PETSC_MAX_INT;

  PetscFunctionBeginUser;
  *series = NULL;
  FormatHeader(file, n, columns, header);
  PetscCall(LhOutputPath(output, file, path));
  if (output->rank == 0) PetscCall(LhTableTruncate(output, file, header, time, &num_rows, &same));
  PetscCallMPI(MPI_Bcast(&same, 1, MPIU_BOOL, 0, output->comm));
  if (!same) {
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, NULL,
                        "%s has other columns than this program writes: resume the run with the "
                        "version that started it",
                        path));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(NewSeries(output, file, n, series));
  (*series)->num_rows = num_rows;
  if (output->rank == 0) (*series)->stream = MustOpen(output, file, path, "a");
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSeriesAppend(LhSeries series, const PetscReal values[]) {
  size_t used = 0;

  PetscFunctionBeginUser;
  if (!series->stream) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < series->num_columns; i++) {
    used += (size_t)snprintf(series->row + used, series->row_size - used, "%s%.17g", i ? "," : "",
                             (double)values[i]);
  }
  LhLineWrite(series->output, series->stream, series->file, "%s\n", series->row);
  series->num_rows++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSeriesSync(LhSeries series, PetscInt *num_rows) {
  PetscFunctionBeginUser;
  if (series->stream && fsync(fileno(series->stream)))
    LhOutputFail(series->output->comm, "cannot write %s/%s: %s", series->output->dir, series->file,
                 strerror(errno));
  *num_rows = series->num_rows;
  PetscCallMPI(MPI_Bcast(num_rows, 1, MPIU_INT, 0, series->output->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSeriesDestroy(LhSeries *series) {
  PetscFunctionBeginUser;
  if (!*series) PetscFunctionReturn(PETSC_SUCCESS);
  if ((*series)->stream) fclose((*series)->stream);
  PetscCall(PetscFree((*series)->row));
  PetscCall(PetscFree(*series));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static const LhColumn history_columns[] = {
    {"Test Time",        "s",  "time"                     },
    {"Current",          "A",  "current, positive charges"},
    {"Voltage",          "V",  "cell voltage"             },
    {"Applied Pressure", "Pa", "stack pressure"           },
};

PetscErrorCode LhHistoryCreate(LhOutput output, LhSeries *history) {
  PetscFunctionBeginUser;
  PetscCall(LhSeriesCreate(output, "history.bdf.csv", 4, history_columns, history));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHistoryResume(LhOutput output, PetscReal time, LhDiag diag, LhSeries *history) {
  PetscFunctionBeginUser;
  PetscCall(LhSeriesResume(output, "history.bdf.csv", 4, history_columns, time, diag, history));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHistoryAppend(LhSeries history, const LhHistoryRow *row) {
  PetscFunctionBeginUser;
  PetscCall(LhSeriesAppend(history,
                           (PetscReal[4]){row->time, row->current, row->voltage, row->pressure}));
  PetscFunctionReturn(PETSC_SUCCESS);
}
