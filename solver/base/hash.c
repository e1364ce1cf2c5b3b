/// @file
/// Owns SHA-256 as in FIPS 180-4, sections 4.1.2, 4.2.2, 5 and 6.2.
#include "base/hash.h"

#include <stdio.h>
#include <string.h>

// First 32 bits of the fractional parts of the cube roots of the first 64 primes (4.2.2).
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t Rotate(uint32_t x, int n) {
  return (x >> n) | (x << (32 - n));
}

static void Schedule(const unsigned char block[64], uint32_t w[64]) {
  for (int t = 0; t < 16; t++) {
    w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
           (uint32_t)block[4 * t + 2] << 8 | (uint32_t)block[4 * t + 3];
  }
  for (int t = 16; t < 64; t++) {
    const uint32_t s0 = Rotate(w[t - 15], 7) ^ Rotate(w[t - 15], 18) ^ (w[t - 15] >> 3);
    const uint32_t s1 = Rotate(w[t - 2], 17) ^ Rotate(w[t - 2], 19) ^ (w[t - 2] >> 10);
    w[t] = w[t - 16] + s0 + w[t - 7] + s1;
  }
}

// 6.2.2 with the working variables a..h in v[0..7].
static void Compress(uint32_t state[8], const unsigned char block[64]) {
  uint32_t w[64], v[8];

  Schedule(block, w);
  memcpy(v, state, sizeof(v));
  for (int t = 0; t < 64; t++) {
    const uint32_t s1 = Rotate(v[4], 6) ^ Rotate(v[4], 11) ^ Rotate(v[4], 25);
    const uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[t] + w[t];
    const uint32_t s0 = Rotate(v[0], 2) ^ Rotate(v[0], 13) ^ Rotate(v[0], 22);
    const uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 7 * sizeof(v[0]));
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (int k = 0; k < 8; k++) state[k] += v[k];
}

void LhHashStart(LhHash *hash) {
  // First 32 bits of the fractional parts of the square roots of the first 8 primes (5.3.3).
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(hash->state, start, sizeof(start));
  hash->size = 0;
}

void LhHashAdd(LhHash *hash, const void *bytes, size_t n) {
  const unsigned char *next = bytes;
  while (n) {
    const size_t used = hash->size % 64, take = PetscMin(n, 64 - used);
    memcpy(hash->block + used, next, take);
    hash->size += take;
    next += take;
    n -= take;
    if (hash->size % 64 == 0) Compress(hash->state, hash->block);
  }
}

void LhHashFinish(LhHash *hash, char digest[LH_HASH_SIZE]) {
  const uint64_t bits = hash->size * 8;
  const unsigned char one = 0x80, zero = 0;
  unsigned char length[8];

  for (int k = 0; k < 8; k++) length[k] = (unsigned char)(bits >> (56 - 8 * k));
  LhHashAdd(hash, &one, 1);
  while (hash->size % 64 != 56) LhHashAdd(hash, &zero, 1);
  LhHashAdd(hash, length, 8);
  for (int k = 0; k < 8; k++) snprintf(digest + 8 * k, 9, "%08x", hash->state[k]);
}

void LhHashBytes(const void *bytes, size_t n, char digest[LH_HASH_SIZE]) {
  LhHash hash;
  LhHashStart(&hash);
  LhHashAdd(&hash, bytes, n);
  LhHashFinish(&hash, digest);
}
