/// @file
/// Owns JSON text under construction: nesting, commas, indentation, escapes, numbers.
///
/// Entries of objects stand on their own lines, numbers and words of arrays share one.
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NESTING 64

typedef struct {
  bool array;
  bool empty;
  bool lines;  // its last entry stands on its own line
} Level;

struct _n_LhJson {
  char *text;
  size_t size, room;
  Level levels[MAX_NESTING];
  int depth;
  bool finished;
};

PetscErrorCode LhJsonCreate(LhJson *json) {
  PetscFunctionBeginUser;
  PetscCall(PetscNew(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonDestroy(LhJson *json) {
  PetscFunctionBeginUser;
  if (!*json) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree((*json)->text));
  PetscCall(PetscFree(*json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Append(LhJson json, const char bytes[], size_t n) {
  PetscFunctionBeginUser;
  if (json->size + n + 1 > json->room) {
    json->room = PetscMax(2 * json->room, json->size + n + 1024);
    PetscCall(PetscRealloc(json->room, &json->text));
  }
  memcpy(json->text + json->size, bytes, n);
  json->size += n;
  json->text[json->size] = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AppendText(LhJson json, const char text[]) {
  PetscFunctionBeginUser;
  PetscCall(Append(json, text, strlen(text)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode NewLine(LhJson json) {
  PetscFunctionBeginUser;
  PetscCall(AppendText(json, "\n"));
  for (int i = 0; i < json->depth; i++) PetscCall(AppendText(json, "  "));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Length of the UTF-8 sequence at `text` (RFC 3629), 0 when it is not one.
static size_t SequenceLength(const unsigned char text[]) {
  const unsigned char first = text[0];
  const size_t n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

  if ((first >= 0x80 && first < 0xc2) || first > 0xf4) return 0;
  for (size_t i = 1; i < n; i++) {
    if ((text[i] & 0xc0) != 0x80) return 0;
  }
  if (first == 0xe0 && text[1] < 0xa0) return 0;   // too long for its value
  if (first == 0xed && text[1] >= 0xa0) return 0;  // half of a UTF-16 pair
  if (first == 0xf0 && text[1] < 0x90) return 0;
  if (first == 0xf4 && text[1] >= 0x90) return 0;
  return n;
}

static PetscErrorCode AppendQuoted(LhJson json, const char text[]) {
  char escape[8];

  PetscFunctionBeginUser;
  PetscCall(AppendText(json, "\""));
  while (*text) {
    const unsigned char c = (unsigned char)*text;
    const size_t n = SequenceLength((const unsigned char *)text);
    if (!n) {
      PetscCall(AppendText(json, "\\ufffd"));
    } else if (c == '"' || c == '\\') {
      PetscCall(AppendText(json, c == '"' ? "\\\"" : "\\\\"));
    } else if (c < 0x20) {
      snprintf(escape, sizeof(escape), "\\u%04x", c);
      PetscCall(AppendText(json, escape));
    } else {
      PetscCall(Append(json, text, n));
    }
    text += PetscMax(n, (size_t)1);
  }
  PetscCall(AppendText(json, "\""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Comma, line break and key in front of a value; checks that the value may stand here.
static PetscErrorCode BeginValue(LhJson json, const char key[], bool container) {
  Level *level = json->depth ? &json->levels[json->depth - 1] : NULL;

  PetscFunctionBeginUser;
  PetscCheck(!json->finished, PETSC_COMM_SELF, PETSC_ERR_ORDER, "JSON text is finished");
  PetscCheck(!key == (!level || level->array), PETSC_COMM_SELF, PETSC_ERR_ORDER,
             "JSON: a key belongs to an entry of an object, and only there (key %s)",
             key ? key : "absent");
  if (!level) {
    json->finished = !container;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (!level->empty) PetscCall(AppendText(json, ","));
  level->lines = key || container;
  if (level->lines) {
    PetscCall(NewLine(json));
  } else if (!level->empty) {
    PetscCall(AppendText(json, " "));
  }
  level->empty = false;
  if (key) PetscCall(AppendQuoted(json, key));
  if (key) PetscCall(AppendText(json, ": "));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Begin(LhJson json, const char key[], bool array) {
  PetscFunctionBeginUser;
  PetscCheck(json->depth < MAX_NESTING, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "JSON nested deeper than %d", MAX_NESTING);
  PetscCall(BeginValue(json, key, true));
  PetscCall(AppendText(json, array ? "[" : "{"));
  json->levels[json->depth++] = (Level){.array = array, .empty = true, .lines = false};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonBeginObject(LhJson json, const char key[]) {
  PetscFunctionBeginUser;
  PetscCall(Begin(json, key, false));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonBeginArray(LhJson json, const char key[]) {
  PetscFunctionBeginUser;
  PetscCall(Begin(json, key, true));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonEnd(LhJson json) {
  PetscFunctionBeginUser;
  PetscCheck(json->depth, PETSC_COMM_SELF, PETSC_ERR_ORDER, "JSON: nothing is open");
  json->depth--;
  if (json->levels[json->depth].lines) PetscCall(NewLine(json));
  PetscCall(AppendText(json, json->levels[json->depth].array ? "]" : "}"));
  json->finished = json->depth == 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonText(LhJson json, const char key[], const char text[]) {
  PetscFunctionBeginUser;
  PetscCall(BeginValue(json, key, false));
  if (text) {
    PetscCall(AppendQuoted(json, text));
  } else {
    PetscCall(AppendText(json, "null"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonValue(LhJson json, const char key[], const char text[]) {
  size_t n = strlen(text);

  PetscFunctionBeginUser;
  while (n && (text[n - 1] == '\n' || text[n - 1] == ' ')) n--;
  PetscCall(BeginValue(json, key, false));
  PetscCall(Append(json, text, n));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonReal(LhJson json, const char key[], double value) {
  char number[32] = "null";

  PetscFunctionBeginUser;
  for (int digits = 15; isfinite(value) && digits <= 17; digits++) {
    snprintf(number, sizeof(number), "%.*g", digits, value);
    if (strtod(number, NULL) == value) break;
  }
  PetscCall(BeginValue(json, key, false));
  PetscCall(AppendText(json, number));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonInt(LhJson json, const char key[], int64_t value) {
  char number[32];

  PetscFunctionBeginUser;
  snprintf(number, sizeof(number), "%" PRId64, value);
  PetscCall(BeginValue(json, key, false));
  PetscCall(AppendText(json, number));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonBool(LhJson json, const char key[], PetscBool value) {
  PetscFunctionBeginUser;
  PetscCall(BeginValue(json, key, false));
  PetscCall(AppendText(json, value ? "true" : "false"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonNull(LhJson json, const char key[]) {
  PetscFunctionBeginUser;
  PetscCall(LhJsonText(json, key, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonGetText(LhJson json, const char **text, size_t *size) {
  PetscFunctionBeginUser;
  PetscCheck(json->finished, PETSC_COMM_SELF, PETSC_ERR_ORDER, "JSON text is not finished");
  if (json->text[json->size - 1] != '\n') PetscCall(AppendText(json, "\n"));
  *text = json->text;
  if (size) *size = json->size;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhJsonPrint(LhJson json, FILE *stream) {
  const char *text = NULL;
  size_t size = 0;

  PetscFunctionBeginUser;
  PetscCall(LhJsonGetText(json, &text, &size));
  PetscCheck(fwrite(text, 1, size, stream) == size, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "JSON text could not be written");
  PetscFunctionReturn(PETSC_SUCCESS);
}
