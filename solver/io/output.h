/// @file
/// The folder of a run: series, events, fields, run record. Every file is written beside, synced, renamed;
/// tables and the log, which grow line by line, are flushed after every line.
///
/// Fields are VTKHDF 1.0 step files whose mesh is an external link to mesh_vtk.hdf, indexed by
/// fields.hdf.series (ParaView 5.11 reads it with a time axis). Row i of every array is the vertex or cell with
/// id i, so files do not depend on the number of ranks and a run can be resumed on another one.
/// Nothing here gathers data that grows with the mesh.
///
/// Tables, events, records and the log are written by rank 0; the other ranks call too and return at once.
///
/// A failing disk ends the run: the rank that meets it says so in one sentence and calls MPI_Abort with
/// LH_EXIT_IO, because closing a parallel HDF5 file on a full disk waits forever. Room is checked before.
#pragma once

#include "fields/space.h"

typedef struct _n_LhOutput *LhOutput;
typedef struct _n_LhCheckpoint *LhCheckpoint;  ///< io/checkpoint.h

/// Creates `dir` (refuses a folder that holds another run unless `overwrite`) and writes the mesh.
/// Refusals are diagnostics and leave `*output` NULL. The mesh must outlive the output. Collective.
PetscErrorCode LhOutputCreate(LhMesh mesh, const char dir[], PetscBool overwrite, LhDiag diag,
                              LhOutput *output);
/// How far the folder of a run was filled at an instant.
typedef struct {
  PetscReal time;                   ///< [s]
  PetscInt num_events, num_states;  ///< rows of events.csv, saved states
  PetscInt64 started;               ///< first start of the run, seconds since 1970
  LhCheckpoint from;  ///< open checkpoint it was found in, whose lock is taken over; may be NULL
} LhOutputMark;
/// The present mark; events are on the disk when it returns. Collective.
PetscErrorCode LhOutputGetMark(LhOutput output, PetscReal time, LhOutputMark *mark);
/// Reopens the folder of a run to go on from `mark`: later states and events are dropped. The mesh must be the
/// one of the run, on any number of ranks. Refusals are diagnostics and leave `*output` NULL. Collective.
PetscErrorCode LhOutputResume(LhMesh mesh, const char dir[], const LhOutputMark *mark, LhDiag diag,
                              LhOutput *output);
/// Series are destroyed before. Collective.
PetscErrorCode LhOutputDestroy(LhOutput *output);
PetscErrorCode LhOutputGetDirectory(LhOutput output, const char **dir);

typedef enum { LH_AT_VERTICES, LH_AT_CELLS } LhFieldPlace;
typedef struct {
  const char *name, *unit, *meaning;  ///< "porosity", "1", ...
  LhFieldPlace place;
  PetscInt components;      ///< 1, 3, or 6 (symmetric tensor in VTK's order xx yy zz xy yz xz)
  const PetscReal *values;  ///< [owned vertex or cell of this rank][components], mesh numbering
} LhOutputField;
/// Writes fields/f_NNNNNN.hdf and the .series index; `state` is a label such as the share stripped. Collective.
PetscErrorCode LhOutputFields(LhOutput output, PetscReal time, PetscReal state, PetscInt n,
                              const LhOutputField fields[]);

/// A column of series.csv: `name [unit]` in the header.
typedef struct {
  const char *name, *unit, *meaning;
} LhColumn;
typedef struct _n_LhSeries *LhSeries;
/// Opens series.csv (or another table) for rows; values are written with 17 digits by rank 0 and flushed each row.
/// The header of a file named `*.bdf.csv` follows the battery data format: `name / unit`.
PetscErrorCode LhSeriesCreate(LhOutput output, const char file[], PetscInt n,
                              const LhColumn columns[], LhSeries *series);
/// Reopens a table and drops rows later than `time` [s] (its first column) and a row cut off by a crash. Other columns
/// than the file's are a diagnostic and leave `*series` NULL; a missing file is started. Collective.
PetscErrorCode LhSeriesResume(LhOutput output, const char file[], PetscInt n,
                              const LhColumn columns[], PetscReal time, LhDiag diag,
                              LhSeries *series);
PetscErrorCode LhSeriesAppend(LhSeries series, const PetscReal values[]);
/// The rows so far are on the disk when it returns; their number. Collective.
PetscErrorCode LhSeriesSync(LhSeries series, PetscInt *num_rows);
PetscErrorCode LhSeriesDestroy(LhSeries *series);

/// A row of history.bdf.csv, the table battery tools read. Positive current charges the cell: it strips the
/// composite foil, whose potential rises towards the cut-off, and plates the counter electrode.
typedef struct {
  PetscReal time;      ///< [s]
  PetscReal current;   ///< [A], positive charges
  PetscReal voltage;   ///< [V]
  PetscReal pressure;  ///< stack pressure [Pa], positive compresses
} LhHistoryRow;
PetscErrorCode LhHistoryCreate(LhOutput output, LhSeries *history);
PetscErrorCode LhHistoryResume(LhOutput output, PetscReal time, LhDiag diag, LhSeries *history);
PetscErrorCode LhHistoryAppend(LhSeries history, const LhHistoryRow *row);

/// One line of events.csv: time, kind (one word), sentence.
PetscErrorCode LhOutputEvent(LhOutput output, PetscReal time, const char kind[],
                             const char format[], ...) __attribute__((format(printf, 4, 5)));

/// Copies of the input: case.yaml as given, resolved.yaml with SI value, user's text, origin, source, evidence.
PetscErrorCode LhOutputInputs(LhOutput output, LhDoc doc, LhRecord record);

/// Replaces a small text file of the folder.
PetscErrorCode LhOutputText(LhOutput output, const char file[], const char text[]);

/// A table of an HDF5 file of its own: a group with a dataset per column.
typedef struct {
  const char *name;
  PetscInt num_rows, num_columns;
  const LhColumn *columns;
  const PetscReal *values;  ///< [row][column], equal on all ranks
} LhOutputTable;
/// Writes a file of tables whose rows are few. Collective.
PetscErrorCode LhOutputTables(LhOutput output, const char name[], PetscInt n,
                              const LhOutputTable tables[]);

/// Named observables at the end: observables.json with value, unit, class, meaning. Numerical numbers measure the
/// computation (closure of a balance), not the body.
typedef enum {
  LH_CLASS_INPUT,
  LH_CLASS_CALIBRATED,
  LH_CLASS_PREDICTED,
  LH_CLASS_NUMERICAL
} LhNumberClass;
typedef struct {
  const char *name, *unit, *meaning;
  PetscReal value;
  LhNumberClass number_class;
} LhObservable;
PetscErrorCode LhOutputObservables(LhOutput output, PetscInt n, const LhObservable list[]);

/// run.json: state ("running", "done", "failed", "stopped"), heartbeat, versions, counters, timings, stop reason.
typedef struct {
  const char *state, *stop_reason, *case_name, *case_hash;
  const char
      *sundials_version;  ///< from SUNDIALSGetVersion, which this layer cannot call; may be NULL
  PetscReal progress, time_left;  ///< [1], [s]
  const char *checkpoint;         ///< path of the last one, NULL = none yet
  PetscReal checkpoint_time;      ///< [s]
  PetscInt resumes;               ///< how often the run went on after a stop
  PetscInt num_counters;
  const LhColumn *counter_names;
  const PetscReal *counters;
  PetscInt num_phases;  ///< wall time by phase, largest over ranks [s]
  const LhColumn *phase_names;
  const PetscReal *phase_seconds;
} LhRunRecord;
PetscErrorCode LhOutputRunRecord(LhOutput output, const LhRunRecord *record);

/// log.txt and the terminal: lines with a time stamp; rank 0 only.
PetscErrorCode LhOutputLog(LhOutput output, const char format[], ...)
    __attribute__((format(printf, 2, 3)));
/// The same for how far a run is (`share`, 0 to 1): on a terminal a bar that is written over, else a line.
PetscErrorCode LhOutputProgress(LhOutput output, PetscReal share, const char format[], ...)
    __attribute__((format(printf, 3, 4)));
