/// @file
/// Diagnostics: everything wrong with the user's input, collected and reported in one go.
///
/// A reader never stops at the first mistake: it adds a diagnostic and goes on with a harmless
/// value. The caller asks LhDiagNumErrors() once all files are read and leaves with LH_EXIT_INPUT
/// before any work starts. PetscErrorCode is for failures that are not the user's text.
#pragma once

#include "base/base.h"

/// A place in a text file. `file` is borrowed from the document that owns the text.
typedef struct {
  const char *file;  ///< path as the user gave it, or NULL when there is no place to point at
  PetscInt line;     ///< 1-based; 0 = whole file
  PetscInt column;   ///< 1-based
  const char *text;  ///< the source line without its newline, or NULL; borrowed
} LhMark;

typedef enum { LH_DIAG_ERROR, LH_DIAG_WARNING, LH_DIAG_NOTE } LhSeverity;

typedef struct _n_LhDiag *LhDiag;

PetscErrorCode LhDiagCreate(LhDiag *diag);
PetscErrorCode LhDiagDestroy(LhDiag *diag);

/// Adds one formatted sentence (no trailing newline). `mark` may be NULL. The same sentence at the
/// same place is added once. Texts are copied.
PetscErrorCode LhDiagAdd(LhDiag diag, LhSeverity severity, const LhMark *mark, const char format[],
                         ...) __attribute__((format(printf, 4, 5)));
PetscErrorCode LhDiagGetCounts(LhDiag diag, PetscInt *errors, PetscInt *warnings);
/// Number of diagnostics kept, notes included; at most 200, while LhDiagGetCounts() counts all.
PetscErrorCode LhDiagGetSize(LhDiag diag, PetscInt *n);
/// The i-th diagnostic as `file:line:col: error: sentence`; borrowed.
PetscErrorCode LhDiagGetText(LhDiag diag, PetscInt i, LhSeverity *severity, const char **text);
/// Prints all, file by file from top to bottom, with source line and caret, to `stream`; call on
/// one rank only.
PetscErrorCode LhDiagPrint(LhDiag diag, FILE *stream);
