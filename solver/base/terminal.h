/// @file
/// Terminals and readers: whether a stream is looked at by a person, colours, one line that is written over, times and sizes
/// as people say them.
///
/// A stream that goes to a file, into a pipe, or through `mpirun` into either gets plain text only. NO_COLOR and TERM=dumb
/// are honoured.
#pragma once

#include "base/base.h"

/// Columns of the terminal behind `stream`, 0 when there is none or it cannot write over a line.
int LhTerminalWidth(FILE *stream);

typedef enum { LH_COLOUR_NONE, LH_COLOUR_BAD, LH_COLOUR_WARNING, LH_COLOUR_NOTE } LhColour;
/// What switches a colour on (LH_COLOUR_NONE: off again); "" where colours do not belong.
const char *LhTerminalColour(FILE *stream, LhColour colour);

/// Writes `text` behind a bar of `share` (0 to 1) over the present line of a terminal, cut to its width.
void LhTerminalBar(FILE *stream, PetscReal share, const char text[]);
/// Takes the line away.
void LhTerminalClear(FILE *stream);

#define LH_HUMAN_MAX 32
/// "0.25 s", "42 s", "12 min", "3.5 h", "2.1 days"; `text` is returned.
const char *LhHumanTime(PetscReal seconds, char text[LH_HUMAN_MAX]);
/// "310 MB", "2.4 GB"; powers of 1000.
const char *LhHumanSize(PetscReal bytes, char text[LH_HUMAN_MAX]);
