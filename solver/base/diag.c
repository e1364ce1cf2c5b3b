/// @file
/// Owns the list of diagnostics: formats them, counts them, prints them with source line and caret.
///
/// Texts are copied, so a diagnostic outlives the document it points into. The list is capped:
/// a file with thousands of mistakes is counted in full, but only the first ones are kept.
/// Must never decide what happens next; the caller asks for the counts and leaves.
#include "base/diag.h"

#include <stdarg.h>
#include <string.h>

#include "base/terminal.h"

#define MAX_KEPT    200   // nobody reads more; keeps a hostile file from filling the memory
#define MAX_TEXT    2048  // longest sentence [bytes]; longer ones are cut
#define MAX_EXCERPT 160   // longest source line shown [bytes]

typedef struct {
  LhSeverity severity;
  PetscInt line, column;
  char *file;     // "" when there is no place
  char *text;     // "file:line:col: error: sentence"
  char *excerpt;  // the source line or NULL
} DiagItem;

struct _n_LhDiag {
  DiagItem items[MAX_KEPT];
  PetscInt size;      // items kept
  PetscInt errors;    // counted in full
  PetscInt warnings;  // counted in full
};

static const char *const severity_word[] = {"error", "warning", "note"};

PetscErrorCode LhDiagCreate(LhDiag *diag) {
  PetscFunctionBeginUser;
  PetscCall(PetscNew(diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDiagDestroy(LhDiag *diag) {
  PetscFunctionBeginUser;
  if (!*diag) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < (*diag)->size; i++) {
    PetscCall(PetscFree((*diag)->items[i].file));
    PetscCall(PetscFree((*diag)->items[i].text));
    PetscCall(PetscFree((*diag)->items[i].excerpt));
  }
  PetscCall(PetscFree(*diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Control characters of a hostile file must not reach the terminal.
static void MakePrintable(char text[]) {
  for (unsigned char *c = (unsigned char *)text; *c; c++) {
    if ((*c < 0x20 && *c != '\t') || *c == 0x7f) *c = '?';
  }
}

static void FormatPlace(const LhMark *mark, LhSeverity severity, char text[], size_t size) {
  const char *word = severity_word[severity];
  if (!mark || !mark->file) {
    snprintf(text, size, "%s: ", word);
  } else if (mark->line <= 0) {
    snprintf(text, size, "%s: %s: ", mark->file, word);
  } else {
    snprintf(text, size, "%s:%" PetscInt_FMT ":%" PetscInt_FMT ": %s: ", mark->file, mark->line,
             mark->column, word);
  }
}

static PetscBool IsKnown(LhDiag diag, const char text[]) {
  for (PetscInt i = 0; i < diag->size; i++) {
    if (!strcmp(diag->items[i].text, text)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static PetscErrorCode Keep(LhDiag diag, LhSeverity severity, const LhMark *mark,
                           const char text[]) {
  DiagItem *item = &diag->items[diag->size];

  PetscFunctionBeginUser;
  item->severity = severity;
  PetscCall(PetscStrallocpy(text, &item->text));
  PetscCall(PetscStrallocpy(mark && mark->file ? mark->file : "", &item->file));
  if (mark && mark->line > 0) {
    item->line = mark->line;
    item->column = mark->column;
  }
  if (item->line && mark->text) {
    PetscCall(PetscStrallocpy(mark->text, &item->excerpt));
    MakePrintable(item->excerpt);
  }
  diag->size++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDiagAdd(LhDiag diag, LhSeverity severity, const LhMark *mark, const char format[],
                         ...) {
  char text[MAX_TEXT];
  size_t used;
  va_list arguments;

  PetscFunctionBeginUser;
  FormatPlace(mark, severity, text, sizeof(text) / 2);
  used = strlen(text);
  va_start(arguments, format);
  vsnprintf(text + used, sizeof(text) - used, format, arguments);
  va_end(arguments);
  MakePrintable(text);
  if (IsKnown(diag, text)) PetscFunctionReturn(PETSC_SUCCESS);  // a node read twice complains once
  if (severity == LH_DIAG_ERROR) diag->errors++;
  if (severity == LH_DIAG_WARNING) diag->warnings++;
  if (diag->size < MAX_KEPT) PetscCall(Keep(diag, severity, mark, text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDiagGetCounts(LhDiag diag, PetscInt *errors, PetscInt *warnings) {
  PetscFunctionBeginUser;
  if (errors) *errors = diag->errors;
  if (warnings) *warnings = diag->warnings;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDiagGetSize(LhDiag diag, PetscInt *n) {
  PetscFunctionBeginUser;
  *n = diag->size;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDiagGetText(LhDiag diag, PetscInt i, LhSeverity *severity, const char **text) {
  PetscFunctionBeginUser;
  PetscCheck(i >= 0 && i < diag->size, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Diagnostic %" PetscInt_FMT " of %" PetscInt_FMT, i, diag->size);
  if (severity) *severity = diag->items[i].severity;
  *text = diag->items[i].text;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Columns count characters, bytes 10xxxxxx continue one; tabs are kept so that the caret lines up.
static void PrintCaret(const DiagItem *item, FILE *stream) {
  PetscInt column = 1;
  fprintf(stream, "       | ");
  for (const char *c = item->excerpt; *c && column < item->column; c++) {
    if (((unsigned char)*c & 0xc0) == 0x80) continue;
    fputc(*c == '\t' ? '\t' : ' ', stream);
    column++;
  }
  fprintf(stream, "^\n");
}

// On a terminal the word that says how bad it is has a colour.
static void PrintText(const DiagItem *item, FILE *stream) {
  static const LhColour colours[] = {LH_COLOUR_BAD, LH_COLOUR_WARNING, LH_COLOUR_NOTE};
  const char *const word = severity_word[item->severity], *const at = strstr(item->text, word);
  const int before = at ? (int)(at - item->text) : 0, length = at ? (int)strlen(word) : 0;

  fprintf(stream, "%.*s%s%.*s%s%s\n", before, item->text,
          LhTerminalColour(stream, colours[item->severity]), length, item->text + before,
          LhTerminalColour(stream, LH_COLOUR_NONE), item->text + before + length);
}

static void PrintItem(const DiagItem *item, FILE *stream) {
  PrintText(item, stream);
  if (!item->excerpt || strlen(item->excerpt) > MAX_EXCERPT) return;
  fprintf(stream, " %5" PetscInt_FMT " | %s\n", item->line, item->excerpt);
  PrintCaret(item, stream);
}

// Position of the file in the order in which files were first complained about.
static PetscInt FileRank(LhDiag diag, const DiagItem *item) {
  PetscInt rank = 0;
  while (strcmp(diag->items[rank].file, item->file)) rank++;
  return rank;
}

static PetscBool IsBefore(LhDiag diag, const DiagItem *a, const DiagItem *b) {
  const PetscInt file_a = FileRank(diag, a), file_b = FileRank(diag, b);
  if (file_a != file_b) return file_a < file_b ? PETSC_TRUE : PETSC_FALSE;
  if (a->line != b->line) return a->line < b->line ? PETSC_TRUE : PETSC_FALSE;
  return a->column < b->column ? PETSC_TRUE : PETSC_FALSE;
}

// Readers complain table by table, people read files from top to bottom. Stable insertion sort.
static void SortByPlace(LhDiag diag, const DiagItem *sorted[MAX_KEPT]) {
  for (PetscInt i = 0; i < diag->size; i++) {
    PetscInt k = i;
    for (; k > 0 && IsBefore(diag, &diag->items[i], sorted[k - 1]); k--) sorted[k] = sorted[k - 1];
    sorted[k] = &diag->items[i];
  }
}

PetscErrorCode LhDiagPrint(LhDiag diag, FILE *stream) {
  const DiagItem *sorted[MAX_KEPT];
  PetscInt missing = diag->errors + diag->warnings;

  PetscFunctionBeginUser;
  SortByPlace(diag, sorted);
  for (PetscInt i = 0; i < diag->size; i++) {
    PrintItem(sorted[i], stream);
    if (sorted[i]->severity != LH_DIAG_NOTE) missing--;
  }
  if (missing > 0) fprintf(stream, "and %" PetscInt_FMT " more problems\n", missing);
  PetscFunctionReturn(PETSC_SUCCESS);
}
