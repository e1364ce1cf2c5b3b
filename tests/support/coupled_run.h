/// @file
/// Runs a case file with keys changed, in a folder of its own that is removed, and reads its series.csv.
#pragma once

#define _XOPEN_SOURCE 700  // nftw
#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// cmocka after its prerequisites
#include <cmocka.h>

#include "experiment/run.h"
#include "support/verified.h"

#define OK(call)    assert_int_equal(call, 0)
#define MAX_ROWS    4000
#define MAX_COLUMNS 32

/// A finished run: rows of series.csv, what the case derived, how it ended.
typedef struct {
  int num_rows, num_columns;
  char name[MAX_COLUMNS][40];
  double row[MAX_ROWS][MAX_COLUMNS];
  LhCouplingStats stats;
  double n_zn,
      lithium_share;  ///< zinc [mol/m^3], volume share of lithium [1], of the foil as rolled
  double thickness;   ///< [m]
  LhExit exit_code;
} Result;

static inline int FindColumn(const Result *r, const char name[]) {
  for (int k = 0; k < r->num_columns; k++) {
    if (!strcmp(r->name[k], name)) return k;
  }
  fail_msg("series.csv has no column %s", name);
  return 0;
}

static inline double Value(const Result *r, int row, const char name[]) {
  return r->row[row][FindColumn(r, name)];
}

static inline double Last(const Result *r, const char name[]) {
  return Value(r, r->num_rows - 1, name);
}

/// Number of commas and names up to the blank before the unit.
static inline void ReadHeader(Result *r, char line[]) {
  r->num_columns = 0;
  for (char *word = strtok(line, ","); word && r->num_columns < MAX_COLUMNS;
       word = strtok(NULL, ",")) {
    (void)sscanf(word, "%39s", r->name[r->num_columns++]);
  }
}

static inline void ReadSeries(Result *r, const char directory[]) {
  char path[512], line[4096];
  FILE *file;

  (void)snprintf(path, sizeof(path), "%s/series.csv", directory);
  file = fopen(path, "r");
  assert_non_null(file);
  assert_non_null(fgets(line, sizeof(line), file));
  ReadHeader(r, line);
  for (r->num_rows = 0; r->num_rows < MAX_ROWS && fgets(line, sizeof(line), file); r->num_rows++) {
    char *at = line;
    for (int k = 0; k < r->num_columns; k++, at += *at == ',') {
      r->row[r->num_rows][k] = strtod(at, &at);
    }
  }
  (void)fclose(file);
  assert_true(r->num_rows > 0);
}

static inline int RemoveEntry(const char path[], const struct stat *status, int kind,
                              struct FTW *place) {
  (void)status, (void)kind, (void)place;
  return remove(path);
}

/// Runs `file`, a path below the project, with up to six `key=value` words, NULL-terminated.
static inline void RunWith(const char file[], const char *const words[], Result *r) {
  char case_path[512], folder[] = "/tmp/lihost_coupling_XXXXXX", out[128], *argument[8];
  const LhMaterialData *foil;
  int n = 0;
  PetscBool ok;
  LhCase c;

  assert_non_null(mkdtemp(folder));
  (void)snprintf(case_path, sizeof(case_path), "%s/%s", getenv("LIHOST_SOURCE_DIR"), file);
  (void)snprintf(out, sizeof(out), "output.directory=%s/run", folder);
  for (; words[n]; n++) argument[n] = (char *)words[n];
  argument[n++] = out;
  OK(LhCaseRead(PETSC_COMM_WORLD, case_path, n, argument, &c, &ok));
  if (ok) OK(LhCaseSetUp(c, &ok));
  if (!ok) OK(LhDiagPrint(c->diag, stderr));
  assert_true(ok);
  OK(LhRunCase(c, &r->exit_code));
  OK(LhMaterialGetData(c->regions[0].material, &foil));
  r->n_zn = foil->composition.n_zn * (1 - foil->porosity);
  r->lithium_share = foil->composition.volume_fraction[LH_PHASE_LI] * (1 - foil->porosity);
  r->thickness = 50e-6;
  OK(LhCouplingGetStats(c->coupling, &r->stats));
  ReadSeries(r, strchr(out, '=') + 1);
  OK(LhCaseDestroy(&c));
  OK(nftw(folder, RemoveEntry, 8, FTW_DEPTH | FTW_PHYS));
}
