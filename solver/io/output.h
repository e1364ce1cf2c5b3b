/// @file
/// The folder of a run: series, events, fields, run record. Every file is written beside, synced, renamed.
///
/// Fields are VTKHDF 1.0 step files whose mesh is an external link to mesh_vtk.hdf, indexed by
/// fields.hdf.series (ParaView 5.11 reads it with a time axis). Nothing here gathers data that grows with the mesh.
#pragma once

#include "fields/space.h"

typedef struct _n_LhOutput *LhOutput;

/// Creates `dir` (refuses a folder that holds another run unless `overwrite`) and writes the mesh.
/// Refusals are diagnostics. Collective.
PetscErrorCode LhOutputCreate(LhMesh mesh, const char dir[], PetscBool overwrite, LhDiag diag, LhOutput *output);
PetscErrorCode LhOutputDestroy(LhOutput *output);
PetscErrorCode LhOutputGetDirectory(LhOutput output, const char **dir);

typedef enum { LH_AT_VERTICES, LH_AT_CELLS } LhFieldPlace;
typedef struct {
  const char      *name, *unit, *meaning;  ///< "porosity", "1", ...
  LhFieldPlace     place;
  PetscInt         components;   ///< 1, 3 or 6
  const PetscReal *values;       ///< [owned vertex or cell of this rank][components], mesh numbering
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
PetscErrorCode LhSeriesCreate(LhOutput output, const char file[], PetscInt n, const LhColumn columns[], LhSeries *series);
PetscErrorCode LhSeriesAppend(LhSeries series, const PetscReal values[]);
PetscErrorCode LhSeriesDestroy(LhSeries *series);
/// One line of events.csv: time, kind (one word), sentence.
PetscErrorCode LhOutputEvent(LhOutput output, PetscReal time, const char kind[], const char format[], ...)
    __attribute__((format(printf, 4, 5)));

/// Copies of the input: case.yaml as given, resolved.yaml with SI value, user's text, origin, source, evidence.
PetscErrorCode LhOutputInputs(LhOutput output, LhDoc doc, LhRecord record);

/// Named observables at the end: observables.json with value, unit, class (input/calibrated/predicted), meaning.
typedef enum { LH_CLASS_INPUT, LH_CLASS_CALIBRATED, LH_CLASS_PREDICTED } LhNumberClass;
typedef struct {
  const char   *name, *unit, *meaning;
  PetscReal     value;
  LhNumberClass number_class;
} LhObservable;
PetscErrorCode LhOutputObservables(LhOutput output, PetscInt n, const LhObservable list[]);

/// run.json: state ("running", "done", "failed", "stopped"), heartbeat, versions, counters, timings, stop reason.
typedef struct {
  const char      *state, *stop_reason, *case_name, *case_hash;
  PetscReal        progress, time_left;  ///< [1], [s]
  PetscInt         num_counters;
  const LhColumn  *counter_names;
  const PetscReal *counters;
  PetscInt         num_phases;           ///< wall time by phase, largest over ranks [s]
  const LhColumn  *phase_names;
  const PetscReal *phase_seconds;
} LhRunRecord;
PetscErrorCode LhOutputRunRecord(LhOutput output, const LhRunRecord *record);

/// log.txt and the terminal: progress lines with a time stamp; rank 0 only.
PetscErrorCode LhOutputLog(LhOutput output, const char format[], ...) __attribute__((format(printf, 2, 3)));
