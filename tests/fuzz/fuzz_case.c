/// @file
/// Checks: the readers of solver/base on any bytes: YAML, overrides, tables, quantities, JSON.
/// Reference: none; AddressSanitizer, UBSan and LeakSanitizer judge, and no PETSc error may appear.
/// Tolerance and why: none.
/// Fails if: any input crashes, leaks, hangs, or is answered by anything but a diagnostic.
///
/// An input is a YAML text; lines after a line `%%` are overrides from the command line.
#include <petscsys.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/param.h"
#include "base/quantity.h"

typedef struct {
  PetscReal length, share, temperature, current, capacity;
  PetscInt cells, solver;
  PetscBool verbose;
  char name[LH_NAME_MAX];
  LhRealList times;
  LhIntList sizes;
  LhTextList regions;
  LhNode law;
} Params;

static const char *const solvers[] = {"direct", "amg", "none", NULL};
static const LhParam rows[] = {
    LH_ROW_REAL(Params, length, "m", 1e-6, 1e-3, NULL, "length L"),
    LH_ROW_REAL(Params, share, "1", 0, 1, "10 %", "share"),
    LH_ROW_REAL(Params, temperature, "K", 0, 1e4, "25 degC", "temperature T"),
    LH_ROW_REAL(Params, current, "A m-2", -PETSC_INFINITY, PETSC_INFINITY, "", "current i"),
    LH_ROW_REAL(Params, capacity, "C kg-1", 0, PETSC_INFINITY, "", "capacity Q"),
    LH_ROW_INT(Params, cells, 1, 1e6, "40", "cells"),
    LH_ROW_CHOICE(Params, solver, solvers, "amg", "solver"),
    LH_ROW_BOOL(Params, verbose, "no", "says more"),
    LH_ROW_TEXT(Params, name, "x", "name"),
    LH_ROW_REAL_LIST(Params, times, "s", 0, 1e9, "[1 h, 2 h]", "times t"),
    LH_ROW_INT_LIST(Params, sizes, 1, 99, "", "sizes"),
    LH_ROW_TEXT_LIST(Params, regions, "", "regions"),
    LH_ROW_NODE(Params, law, "", "law"),
};
static const LhTable table = LH_TABLE("fuzz", "one row of each kind", rows);
static const char *const units[] = {"m", "1", "K", "A m-2", "C kg-1", "s-1"};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A PETSc error means that a user's text was taken for a bug of ours.
#define MUST(call)     \
  do {                 \
    if (call) abort(); \
  } while (0)

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  MUST(PetscOptionsSetValue(NULL, "-no_signal_handler", "true"));
  MUST(PetscInitializeNoArguments());
  return 0;
}

// Everything the text could be: a quantity of each kind, a word, a JSON text.
static void TryText(const char text[]) {
  const char *why, *json_text;
  PetscReal value;
  LhJson json;

  for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
    MUST(LhQuantityParse(text, units[i], &value, &why));
    if (!why && !(value - value == 0)) abort();  // accepted, but not finite
  }
  LhNearestWord(text, 3, solvers);
  MUST(LhJsonCreate(&json));
  MUST(LhJsonText(json, NULL, text));
  MUST(LhJsonGetText(json, &json_text, NULL));
  MUST(LhJsonDestroy(&json));
}

static void ApplyOverrides(LhDoc doc, char lines[], LhDiag diag) {
  char *rest = NULL;
  for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    TryText(line);
    MUST(LhDocOverride(doc, line, diag));
  }
}

static void ReadTables(LhDoc doc, const LhReader *reader) {
  Params *params = calloc(1, sizeof(*params));
  LhNode root;

  MUST(LhDocGetRoot(doc, &root));
  MUST(LhParamsRead(reader, &table, root, root, "", params));
  if (params->law) MUST(LhParamsRead(reader, &table, params->law, root, "law", params));
  free(params);
}

static void PrintTo(LhDiag diag) {
  char *text = NULL;
  size_t size;
  FILE *stream = open_memstream(&text, &size);

  if (!stream) abort();
  MUST(LhDiagPrint(diag, stream));
  fclose(stream);
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1), *overrides;
  LhReader reader;
  LhDoc doc;

  memcpy(text, data, size);
  text[size] = 0;
  overrides = strstr(text, "\n%%\n");
  if (overrides) {
    size = (size_t)(overrides + 1 - text);
    overrides += 4;
  }
  MUST(LhDiagCreate(&reader.diag));
  MUST(LhRecordCreate(&reader.record));
  MUST(LhDocParse("fuzz.yaml", text, size, reader.diag, &doc));
  if (doc && overrides) ApplyOverrides(doc, overrides, reader.diag);
  if (doc) ReadTables(doc, &reader);
  if (size < 200) TryText(text);
  PrintTo(reader.diag);
  MUST(LhDocDestroy(&doc));
  MUST(LhRecordDestroy(&reader.record));
  MUST(LhDiagDestroy(&reader.diag));
  free(text);
  return 0;
}
