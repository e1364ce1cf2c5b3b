/// @file
/// Owns the plain-text and Markdown forms of parameter tables.
///
/// Everything said comes from the rows; must never know a parameter by name.
#include "base/describe.h"

#include <string.h>

#include "base/param_value.h"
#include "base/quantity.h"

#define MAX_CELL 1024

static PetscBool IsInSection(const char name[], const char section[]) {
  const size_t n = strlen(section);
  if (!n) return PETSC_TRUE;
  return strncmp(name, section, n) || (name[n] && !strchr(".:", name[n])) ? PETSC_FALSE
                                                                          : PETSC_TRUE;
}

// "required", "optional" or "default 10 um".
static void FormatNeed(const LhParam *row, char text[], size_t size) {
  if (!row->fallback) {
    snprintf(text, size, "required");
  } else if (!*row->fallback) {
    snprintf(text, size, "optional");
  } else {
    snprintf(text, size, "default %s", row->fallback);
  }
}

static PetscBool HasBounds(const LhParam *row) {
  return row->kind == LH_PARAM_REAL || row->kind == LH_PARAM_INT ||
                 row->kind == LH_PARAM_REAL_LIST || row->kind == LH_PARAM_INT_LIST
             ? PETSC_TRUE
             : PETSC_FALSE;
}

PetscErrorCode LhDescribeBounds(const LhParam *row, char text[], size_t size) {
  PetscFunctionBeginUser;
  text[0] = 0;
  if (HasBounds(row)) PetscCall(LhValueBounds(row, text, size));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintRow(const LhParam *row, FILE *stream) {
  char expect[MAX_CELL], bounds[256], need[256];

  PetscFunctionBeginUser;
  PetscCall(LhValueExpect(row, expect, sizeof(expect)));
  PetscCall(LhDescribeBounds(row, bounds, sizeof(bounds)));
  FormatNeed(row, need, sizeof(need));
  fprintf(stream, "  %s (%s)\n      %s\n      %s%s%s\n", row->name, need, row->meaning, expect,
          *bounds ? "; " : "", bounds);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDescribeText(PetscInt n, const LhTable tables[], const char section[],
                              FILE *stream, PetscInt *found) {
  PetscInt kept = 0;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < n; i++) {
    const char *name = tables[i].name;
    if (!IsInSection(name, section)) continue;
    fprintf(stream, "%s%s: %s\n", kept++ ? "\n" : "", *name ? name : "(top level)",
            tables[i].brief);
    for (PetscInt k = 0; k < tables[i].num_rows; k++) {
      PetscCall(PrintRow(&tables[i].rows[k], stream));
    }
  }
  if (found) *found = kept;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddRow(const LhParam *row, LhJson json) {
  char expect[MAX_CELL], bounds[256], need[256];

  PetscFunctionBeginUser;
  PetscCall(LhValueExpect(row, expect, sizeof(expect)));
  PetscCall(LhDescribeBounds(row, bounds, sizeof(bounds)));
  FormatNeed(row, need, sizeof(need));
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "key", row->name));
  PetscCall(LhJsonText(json, "meaning", row->meaning));
  PetscCall(LhJsonText(json, "value", expect));
  PetscCall(LhJsonText(json, "allowed", bounds));
  PetscCall(LhJsonText(json, "need", need));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDescribeJson(PetscInt n, const LhTable tables[], const char section[], LhJson json,
                              PetscInt *found) {
  PetscInt kept = 0;

  PetscFunctionBeginUser;
  PetscCall(LhJsonBeginArray(json, "sections"));
  for (PetscInt i = 0; i < n; i++) {
    if (!IsInSection(tables[i].name, section)) continue;
    kept++;
    PetscCall(LhJsonBeginObject(json, NULL));
    PetscCall(LhJsonText(json, "section", tables[i].name));
    PetscCall(LhJsonText(json, "brief", tables[i].brief));
    PetscCall(LhJsonBeginArray(json, "keys"));
    for (PetscInt k = 0; k < tables[i].num_rows; k++) PetscCall(AddRow(&tables[i].rows[k], json));
    PetscCall(LhJsonEnd(json));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  *found = kept;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A cell of a Markdown table: bars would end it.
static void PrintCell(const char text[], FILE *stream) {
  fprintf(stream, " ");
  for (; *text; text++) fprintf(stream, *text == '|' ? "\\|" : "%c", *text);
  fprintf(stream, " |");
}

static PetscErrorCode PrintMarkdownRow(const LhParam *row, FILE *stream) {
  char expect[MAX_CELL], bounds[256], need[256];

  PetscFunctionBeginUser;
  PetscCall(LhValueExpect(row, expect, sizeof(expect)));
  PetscCall(LhDescribeBounds(row, bounds, sizeof(bounds)));
  FormatNeed(row, need, sizeof(need));
  fprintf(stream, "| `%s` |", row->name);
  PrintCell(row->meaning, stream);
  PrintCell(expect, stream);
  PrintCell(bounds, stream);
  PrintCell(need, stream);
  fprintf(stream, "\n");
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDescribeMarkdown(PetscInt n, const LhTable tables[], FILE *stream) {
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < n; i++) {
    const char *name = tables[i].name;
    fprintf(stream, "%s## `%s`\n\n%s\n", i ? "\n" : "", *name ? name : "(top level)",
            tables[i].brief);
    if (!tables[i].num_rows) continue;
    fprintf(stream, "\n| key | meaning | value | allowed | |\n|---|---|---|---|---|\n");
    for (PetscInt k = 0; k < tables[i].num_rows; k++) {
      PetscCall(PrintMarkdownRow(&tables[i].rows[k], stream));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
