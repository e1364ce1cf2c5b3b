/// @file
/// Owns run.json, observables.json and the copies of the input; all of them on rank 0.
///
/// run.json is rewritten whole at every heartbeat; a reader always finds a complete one. Must never report
/// a number without its unit.
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "io/output_impl.h"

#define LAYOUT_VERSION 1  ///< of the folder of a run; raised when a reader must change

static PetscErrorCode WriteTime(LhJson json, const char key[], time_t seconds) {
  char text[40];
  struct tm utc;

  PetscFunctionBeginUser;
  gmtime_r(&seconds, &utc);
  strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  PetscCall(LhJsonText(json, key, text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteMpiVersion(LhJson json) {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Get_library_version(text, &length));
  text[strcspn(text, ",\n")] = '\0';
  PetscCall(LhJsonText(json, "MPI", text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteLibraries(LhJson json, const char sundials[]) {
  PetscInt major, minor, subminor;
  unsigned hdf5[3];
  char text[64];

  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, "libraries"));
  PetscCall(PetscGetVersionNumber(&major, &minor, &subminor, NULL));
  PetscCall(PetscSNPrintf(text, sizeof(text), "%" PetscInt_FMT ".%" PetscInt_FMT ".%" PetscInt_FMT,
                          major, minor, subminor));
  PetscCall(LhJsonText(json, "PETSc", text));
  if (sundials) PetscCall(LhJsonText(json, "SUNDIALS", sundials));
  H5get_libversion(&hdf5[0], &hdf5[1], &hdf5[2]);
  PetscCall(PetscSNPrintf(text, sizeof(text), "%u.%u.%u", hdf5[0], hdf5[1], hdf5[2]));
  PetscCall(LhJsonText(json, "HDF5", text));
  PetscCall(WriteMpiVersion(json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  double sum, largest;  ///< over ranks [MiB]
} Memory;

/// Largest resident memory so far; libraries shared by ranks count once a rank. Collective; known on rank 0.
static PetscErrorCode GetMemory(MPI_Comm comm, Memory *memory) {
  struct rusage usage = {.ru_maxrss = 0};
  double mine;

  PetscFunctionBeginUser;
  getrusage(RUSAGE_SELF, &usage);
  mine = (double)usage.ru_maxrss / 1024;
  PetscCallMPI(MPI_Reduce(&mine, &memory->sum, 1, MPI_DOUBLE, MPI_SUM, 0, comm));
  PetscCallMPI(MPI_Reduce(&mine, &memory->largest, 1, MPI_DOUBLE, MPI_MAX, 0, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteHost(LhOutput output, LhJson json, Memory memory) {
  struct utsname system;

  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, "host"));
  PetscCall(LhJsonInt(json, "ranks", output->size));
  PetscCall(LhJsonInt(json, "processors", (int64_t)sysconf(_SC_NPROCESSORS_ONLN)));
  if (!uname(&system)) {
    PetscCall(LhJsonText(json, "name", system.nodename));
    PetscCall(LhJsonText(json, "system", system.sysname));
    PetscCall(LhJsonText(json, "release", system.release));
    PetscCall(LhJsonText(json, "machine", system.machine));
  }
  PetscCall(LhJsonInt(json, "process_id", (int64_t)getpid()));
  PetscCall(LhJsonReal(json, "peak_memory [MiB]", memory.sum));
  PetscCall(LhJsonReal(json, "peak_memory_of_a_rank [MiB]", memory.largest));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteMesh(LhOutput output, LhJson json) {
  const LhMeshView *mesh;

  PetscFunctionBeginUser;
  PetscCall(LhMeshGetView(output->mesh, &mesh));
  PetscCall(LhJsonBeginObject(json, "mesh"));
  PetscCall(LhJsonText(json, "cell_type", mesh->cell_type == LH_CELL_HEX8 ? "hex8" : "tet4"));
  PetscCall(LhJsonInt(json, "cells", mesh->num_global_cells));
  PetscCall(LhJsonInt(json, "vertices", mesh->num_global_vertices));
  PetscCall(LhJsonBeginArray(json, "regions"));
  for (PetscInt i = 0; i < mesh->num_regions; i++) {
    PetscCall(LhJsonText(json, NULL, mesh->region_names[i]));
  }
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// `name: {value, unit, meaning}` of each
static PetscErrorCode WriteNumbers(LhJson json, PetscInt n, const LhColumn names[],
                                   const PetscReal values[]) {
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < n; i++) {
    PetscCall(LhJsonBeginObject(json, names[i].name));
    PetscCall(LhJsonReal(json, "value", (double)values[i]));
    PetscCall(LhJsonText(json, "unit", names[i].unit ? names[i].unit : "1"));
    if (names[i].meaning) PetscCall(LhJsonText(json, "meaning", names[i].meaning));
    PetscCall(LhJsonEnd(json));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Those of the experiment, and how well the mesh was cut, which every kind has.
static PetscErrorCode WriteCounters(LhOutput output, LhJson json, const LhRunRecord *record) {
  static const LhColumn cut[] = {
      {"partition_edge_cut",  "1", "faces between ranks"             },
      {"partition_imbalance", "1", "largest over mean cost of a rank"}
  };
  LhMeshQuality quality;

  PetscFunctionBeginUser;
  PetscCall(LhMeshGetQuality(output->mesh, &quality));
  PetscCall(LhJsonBeginObject(json, "counters"));
  PetscCall(WriteNumbers(json, record->num_counters, record->counter_names, record->counters));
  PetscCall(WriteNumbers(json, 2, cut,
                         (const PetscReal[]){(PetscReal)quality.edge_cut, quality.imbalance}));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteConventions(LhJson json) {
  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginObject(json, "conventions"));
  PetscCall(LhJsonText(json, "units", "SI; each number names its unit"));
  PetscCall(LhJsonText(
      json, "current",
      "positive strips the composite foil (anodic); in history.bdf.csv that charges the cell"));
  PetscCall(
      LhJsonText(json, "stress", "positive in tension; stack pressure positive in compression"));
  PetscCall(LhJsonText(json, "tensor", "symmetric tensors in the order xx yy zz xy yz xz"));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteStatus(LhOutput output, LhJson json, const LhRunRecord *record) {
  const time_t now = time(NULL);

  PetscFunctionBeginUser;
  PetscCall(LhJsonText(json, "program", "lihost"));
  PetscCall(LhJsonText(json, "version", LIHOST_VERSION));
  PetscCall(LhJsonText(json, "instruction_set", LIHOST_ARCH));
  PetscCall(LhJsonInt(json, "layout", LAYOUT_VERSION));
  PetscCall(LhJsonText(json, "case", record->case_name));
  PetscCall(LhJsonText(json, "case_hash", record->case_hash));
  PetscCall(LhJsonText(json, "state", record->state));
  PetscCall(LhJsonText(json, "stop_reason", record->stop_reason));
  PetscCall(LhJsonReal(json, "progress [1]", (double)record->progress));
  // null when it is not known
  PetscCall(LhJsonReal(json, "time_left [s]",
                       record->time_left < PETSC_INFINITY ? (double)record->time_left : NAN));
  PetscCall(WriteTime(json, "started", (time_t)output->started));
  PetscCall(WriteTime(json, "heartbeat", now));
  PetscCall(LhJsonInt(json, "elapsed [s]", (int64_t)now - output->started));
  PetscCall(LhJsonInt(json, "saved_states", output->num_states));
  PetscCall(LhJsonInt(json, "resumes", record->resumes));
  PetscCall(LhJsonText(json, "checkpoint", record->checkpoint));
  if (record->checkpoint)
    PetscCall(LhJsonReal(json, "checkpoint_time [s]", (double)record->checkpoint_time));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputRunRecord(LhOutput output, const LhRunRecord *record) {
  LhJson json;
  Memory memory;

  PetscFunctionBeginUser;
  PetscCall(GetMemory(output->comm, &memory));
  if (output->rank != 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhJsonCreate(&json));
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(WriteStatus(output, json, record));
  PetscCall(WriteLibraries(json, record->sundials_version));
  PetscCall(WriteHost(output, json, memory));
  PetscCall(WriteMesh(output, json));
  PetscCall(WriteCounters(output, json, record));
  PetscCall(LhJsonBeginObject(json, "timings"));
  PetscCall(WriteNumbers(json, record->num_phases, record->phase_names, record->phase_seconds));
  PetscCall(LhJsonEnd(json));
  PetscCall(WriteConventions(json));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonReplace(output, "run.json", json));
  PetscCall(LhJsonDestroy(&json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputObservables(LhOutput output, PetscInt n, const LhObservable list[]) {
  static const char *const classes[] = {"input", "calibrated", "predicted", "numerical"};
  LhJson json;

  PetscFunctionBeginUser;
  if (output->rank != 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhJsonCreate(&json));
  PetscCall(LhJsonBeginObject(json, NULL));
  for (PetscInt i = 0; i < n; i++) {
    // NaN: the run did not get there.
    if (isnan(list[i].value)) continue;
    PetscCall(LhJsonBeginObject(json, list[i].name));
    PetscCall(LhJsonReal(json, "value", (double)list[i].value));
    PetscCall(LhJsonText(json, "unit", list[i].unit));
    PetscCall(LhJsonText(json, "class", classes[list[i].number_class]));
    PetscCall(LhJsonText(json, "meaning", list[i].meaning));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonReplace(output, "observables.json", json));
  PetscCall(LhJsonDestroy(&json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A YAML double-quoted scalar; UTF-8 passes through.
static void WriteQuoted(FILE *stream, const char key[], const char text[]) {
  fprintf(stream, "  %s: \"", key);
  for (const unsigned char *c = (const unsigned char *)(text ? text : ""); *c; c++) {
    if (*c == '"' || *c == '\\') {
      fprintf(stream, "\\%c", *c);
    } else if (*c < 0x20 || *c == 0x7f) {
      fprintf(stream, "\\x%02x", *c);
    } else {
      fputc(*c, stream);
    }
  }
  fputs("\"\n", stream);
}

void LhRealFormat(double value, char text[32]) {
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, 32, "%.*g", digits, value);
    if (strtod(text, NULL) == value) return;
  }
}

// Words have no number (NaN): their value is the text.
static void WriteEntry(FILE *stream, const LhRecordEntry *entry) {
  fprintf(stream, "\"%s\":\n", entry->path);
  if (isnan((double)entry->value)) {
    WriteQuoted(stream, "value", entry->text);
  } else {
    // a decimal point keeps YAML 1.1 readers from taking 5e-05 for a word
    char number[40];
    LhRealFormat((double)entry->value, number);
    char *exponent = strchr(number, 'e');
    if (exponent && !strchr(number, '.')) {
      memmove(exponent + 2, exponent, strlen(exponent) + 1);
      memcpy(exponent, ".0", 2);
    }
    fprintf(stream, "  value: %s\n", number);
  }
  WriteQuoted(stream, "unit", entry->unit);
  WriteQuoted(stream, "text", entry->text);
  WriteQuoted(stream, "origin", entry->origin);
  if (entry->source && entry->source[0]) WriteQuoted(stream, "source", entry->source);
  if (entry->evidence && entry->evidence[0]) WriteQuoted(stream, "evidence", entry->evidence);
}

static PetscErrorCode WriteResolved(LhOutput output, LhRecord record) {
  char path[PETSC_MAX_PATH_LEN];
  LhAtomic atomic = NULL;
  FILE *stream = NULL;
  PetscInt n;
  LhRecordEntry entry;
  PetscErrorCode failure;

  PetscFunctionBeginUser;
  PetscCall(LhRecordGetSize(record, &n));
  PetscCall(LhOutputPath(output, "resolved.yaml", path));
  PetscCall(LhQuietBegin());
  failure = LhAtomicOpen(path, &atomic, &stream);
  if (!failure) {
    fputs(
        "# Every value of the run: SI value and unit, the words it was given in, where they "
        "stand.\n",
        stream);
    for (PetscInt i = 0; i < n; i++) {
      PetscCall(LhRecordGetEntry(record, i, &entry));
      WriteEntry(stream, &entry);
    }
    failure = LhAtomicCommit(&atomic);
  }
  PetscCall(LhQuietEnd(output->comm, path, failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputText(LhOutput output, const char file[], const char text[]) {
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  if (output->rank != 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhOutputPath(output, file, path));
  PetscCall(LhQuietBegin());
  PetscCall(LhQuietEnd(output->comm, path, LhAtomicWrite(path, text, strlen(text))));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputInputs(LhOutput output, LhDoc doc, LhRecord record) {
  char path[PETSC_MAX_PATH_LEN];
  const char *text;
  size_t size;

  PetscFunctionBeginUser;
  if (output->rank != 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhDocGetText(doc, &text, &size));
  PetscCall(LhOutputPath(output, "case.yaml", path));
  PetscCall(LhQuietBegin());
  PetscCall(LhQuietEnd(output->comm, path, LhAtomicWrite(path, text, size)));
  PetscCall(WriteResolved(output, record));
  PetscFunctionReturn(PETSC_SUCCESS);
}
