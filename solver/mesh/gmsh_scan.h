/// @file
/// Scanner of a Gmsh file held in memory: numbers and words, from text or binary sections.
///
/// The first failure is reported with its line and makes every later read return zero, so that callers
/// check `failed` once a loop. Never reads outside the buffer. Private to the Gmsh reader.
#pragma once

#include "mesh/mesh_problem.h"

typedef struct {
  const char *text;  ///< the file, NUL at the end
  size_t size, at;
  PetscBool binary, swap, failed;
  char section[32];  ///< the section being read, for messages
  LhMeshProblems *problems;
} GmshScan;

/// Reports a problem at the present line (binary files: no line) and stops the scan.
void GmshFail(GmshScan *scan, const char format[], ...) __attribute__((format(printf, 2, 3)));

int64_t GmshInt(GmshScan *scan);   ///< int of the format: 4 bytes in binary files
int64_t GmshSize(GmshScan *scan);  ///< size_t of the format: 8 bytes in binary files
double GmshReal(GmshScan *scan);
/// A number that starts a list: refused when negative or when the rest of the file cannot hold that many
/// items of `bytes` (at least) each.
int64_t GmshCount(GmshScan *scan, PetscBool wide, size_t bytes);
/// Numbers that are text whatever the file is. Integers are cut at +-2^62.
int64_t GmshTextInt(GmshScan *scan);
double GmshTextNumber(GmshScan *scan);
/// The next word up to white space, or the next "quoted string". Empty at the end of the file.
void GmshWord(GmshScan *scan, size_t size, char word[]);
/// Jumps over the line break that ends a header line before binary data.
void GmshSkipLineBreak(GmshScan *scan);
/// Jumps behind "$End<section>"; fails when there is none.
void GmshSkipSection(GmshScan *scan);
