/// @file
/// SHA-256 (FIPS 180-4): fingerprints of input files in the run record.
#pragma once

#include "base/base.h"

#define LH_HASH_SIZE 65  ///< 64 hexadecimal digits and NUL

/// A hash in the making; copy it to hash a common beginning once.
typedef struct {
  uint32_t state[8];
  uint64_t size;  ///< bytes so far
  unsigned char block[64];
} LhHash;

void LhHashStart(LhHash *hash);
void LhHashAdd(LhHash *hash, const void *bytes, size_t n);
/// Ends the hash; `digest` is lower-case hexadecimal.
void LhHashFinish(LhHash *hash, char digest[LH_HASH_SIZE]);
/// All three at once.
void LhHashBytes(const void *bytes, size_t n, char digest[LH_HASH_SIZE]);
