/// @file
/// Numbers and words of a Gmsh file. See gmsh_scan.h.
#include "mesh/gmsh_scan.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Line and column of the present place, 1-based; line 0 in binary files.
static void FindPlace(const GmshScan *scan, PetscInt *line, PetscInt *column) {
  *line = scan->binary ? 0 : 1;
  *column = 1;
  for (size_t i = 0; i < scan->at && !scan->binary; i++) {
    const PetscBool ends = (PetscBool)(scan->text[i] == '\n');
    *line += ends;
    *column = ends ? 1 : *column + 1;
  }
}

void GmshFail(GmshScan *scan, const char format[], ...) {
  PetscInt line, column;
  char text[300];
  va_list list;

  if (scan->failed) return;
  scan->failed = PETSC_TRUE;
  va_start(list, format);
  vsnprintf(text, sizeof(text), format, list);
  va_end(list);
  FindPlace(scan, &line, &column);
  LhMeshProblemAdd(scan->problems, line, "%s", text);
  scan->problems->problem[scan->problems->n - 1].column = column;
}

static void SkipSpace(GmshScan *scan) {
  while (scan->at < scan->size && isspace((unsigned char)scan->text[scan->at])) scan->at++;
}

static void FailAtEnd(GmshScan *scan) {
  GmshFail(scan, "the file ends inside its section $%s", scan->section);
}

/// Copies a binary value, turned round when the file comes from a machine of the other byte order.
static void TakeBytes(GmshScan *scan, size_t size, void *value) {
  unsigned char *bytes = value;
  if (scan->size - scan->at < size) {
    scan->at = scan->size;
    FailAtEnd(scan);
    return;
  }
  for (size_t i = 0; i < size; i++) {
    bytes[scan->swap ? size - 1 - i : i] = (unsigned char)scan->text[scan->at + i];
  }
  scan->at += size;
}

void GmshWord(GmshScan *scan, size_t size, char word[]) {
  size_t n = 0;

  word[0] = '\0';
  SkipSpace(scan);
  if (scan->failed || scan->at == scan->size) return;
  const PetscBool quoted = (PetscBool)(scan->text[scan->at] == '"');
  scan->at += quoted;
  while (scan->at < scan->size) {
    const char c = scan->text[scan->at];
    if (quoted ? c == '"' : isspace((unsigned char)c)) break;
    if (n + 1 < size) word[n++] = c;
    scan->at++;
  }
  if (quoted && scan->at < scan->size) scan->at++;
  word[n] = '\0';
}

/// Reports what stands where a number should.
static void FailAtNumber(GmshScan *scan) {
  char word[40];
  const size_t at = scan->at;
  GmshWord(scan, sizeof(word), word);
  scan->at = at;
  GmshFail(scan, "'%s' is not a number, in section $%s", word, scan->section);
}

static PetscBool CanReadText(GmshScan *scan) {
  if (scan->failed) return PETSC_FALSE;
  SkipSpace(scan);
  if (scan->at < scan->size) return PETSC_TRUE;
  FailAtEnd(scan);
  return PETSC_FALSE;
}

double GmshTextNumber(GmshScan *scan) {
  char *end;
  if (!CanReadText(scan)) return 0.;
  const double value = strtod(scan->text + scan->at, &end);
  if (end == scan->text + scan->at || !(isspace((unsigned char)*end) || *end == '\0')) {
    FailAtNumber(scan);
    return 0.;
  }
  scan->at = (size_t)(end - scan->text);
  return value;
}

int64_t GmshTextInt(GmshScan *scan) {
  char *end;
  if (!CanReadText(scan)) return 0;
  const long long value = strtoll(scan->text + scan->at, &end, 10);
  if (end == scan->text + scan->at || !(isspace((unsigned char)*end) || *end == '\0')) {
    FailAtNumber(scan);
    return 0;
  }
  scan->at = (size_t)(end - scan->text);
  const int64_t most = (int64_t)1 << 62;
  return value > most ? most : value < -most ? -most : (int64_t)value;
}

int64_t GmshInt(GmshScan *scan) {
  int32_t value = 0;
  if (!scan->binary) return GmshTextInt(scan);
  if (!scan->failed) TakeBytes(scan, sizeof(value), &value);
  return value;
}

int64_t GmshSize(GmshScan *scan) {
  int64_t value = 0;
  if (!scan->binary) return GmshTextInt(scan);
  if (!scan->failed) TakeBytes(scan, sizeof(value), &value);
  return scan->failed ? 0 : value;
}

double GmshReal(GmshScan *scan) {
  double value = 0.;
  if (!scan->binary) return GmshTextNumber(scan);
  if (!scan->failed) TakeBytes(scan, sizeof(value), &value);
  return scan->failed ? 0. : value;
}

int64_t GmshCount(GmshScan *scan, PetscBool wide, size_t bytes) {
  const int64_t count = wide ? GmshSize(scan) : GmshInt(scan);
  if (scan->failed) return 0;
  if (count < 0 || (uint64_t)count > (scan->size - scan->at) / bytes + 1) {
    GmshFail(scan, "section $%s announces %lld items, more than the file holds", scan->section,
             (long long)count);
    return 0;
  }
  return count;
}

void GmshSkipLineBreak(GmshScan *scan) {
  while (scan->at < scan->size && scan->text[scan->at] != '\n') scan->at++;
  if (scan->at < scan->size) scan->at++;
}

void GmshSkipSection(GmshScan *scan) {
  char end[48];
  snprintf(end, sizeof(end), "$End%s", scan->section);
  const size_t length = strlen(end);
  for (; !scan->failed && scan->at + length <= scan->size; scan->at++) {
    if (memcmp(scan->text + scan->at, end, length)) continue;
    scan->at += length;
    return;
  }
  if (!scan->failed) scan->at = scan->size;
  GmshFail(scan, "section $%s does not end with %s", scan->section, end);
}
