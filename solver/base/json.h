/// @file
/// A small JSON writer: run.json, the schema, everything the program says to other programs.
///
/// The text is built in memory in the order of the calls and is always valid JSON: a call that would
/// break it (a key inside an array, an End without its Begin) is a programmer's error. Inside an
/// object every call has a key, inside an array and at the top the key is NULL.
///
///     LhJsonCreate(&json);
///     LhJsonBeginObject(json, NULL);
///     LhJsonReal(json, "voltage", 0.005);
///     LhJsonBeginArray(json, "steps");  ...  LhJsonEnd(json);
///     LhJsonEnd(json);
///     LhJsonPrint(json, stream);
#pragma once

#include "base/base.h"

typedef struct _n_LhJson *LhJson;

PetscErrorCode LhJsonCreate(LhJson *json);
PetscErrorCode LhJsonDestroy(LhJson *json);

PetscErrorCode LhJsonBeginObject(LhJson json, const char key[]);
PetscErrorCode LhJsonBeginArray(LhJson json, const char key[]);
/// Closes the innermost open object or array.
PetscErrorCode LhJsonEnd(LhJson json);

/// UTF-8 text, escaped; NULL becomes null, bytes that are not UTF-8 become U+FFFD.
PetscErrorCode LhJsonText(LhJson json, const char key[], const char text[]);
/// Shortest decimal that reads back to the same double; NaN and infinity become null.
PetscErrorCode LhJsonReal(LhJson json, const char key[], double value);
PetscErrorCode LhJsonInt(LhJson json, const char key[], int64_t value);
PetscErrorCode LhJsonBool(LhJson json, const char key[], PetscBool value);
PetscErrorCode LhJsonNull(LhJson json, const char key[]);
/// A value that is JSON text already, such as a file this program wrote; taken as it stands.
PetscErrorCode LhJsonValue(LhJson json, const char key[], const char text[]);

/// The finished text with a newline at its end; borrowed, NUL-terminated. Everything must be closed.
PetscErrorCode LhJsonGetText(LhJson json, const char **text, size_t *size);
/// Writes the finished text to `stream`; call on one rank only. Fails when the stream does.
PetscErrorCode LhJsonPrint(LhJson json, FILE *stream);
