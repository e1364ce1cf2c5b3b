/// @file
/// Large pages for large arrays. Sparse matrices are read in jumps, and each jump to another small page costs a walk
/// through tables; must never matter for what is computed.
#pragma once

#include "base/base.h"

/// Asks the system to back memory that nobody has touched yet by large pages: a wish that it may not hear.
void LhPreferLargePages(void *memory, size_t bytes);
