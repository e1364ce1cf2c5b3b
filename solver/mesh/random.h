/// @file
/// Seeded random numbers: the same on every machine, for every number of ranks.
///
/// splitmix64 (Steele et al., doi:10.1145/2660193.2660195). The state belongs to the caller.
#pragma once

#include <math.h>

#include "base/base.h"

static inline uint64_t LhRandomSeed(PetscInt seed) {
  return (uint64_t)seed * 0xd1342543de82ef95ULL + 1;
}

/// Uniform in (0, 1).
static inline PetscReal LhRandomUniform(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  z ^= z >> 31;
  return ((PetscReal)(z >> 11) + 0.5) / 9007199254740992.;
}

/// Standard normal: Box-Muller; one of the pair is enough here.
static inline PetscReal LhRandomNormal(uint64_t *state) {
  const PetscReal radius = sqrt(-2. * log(LhRandomUniform(state)));
  return radius * cos(2. * PETSC_PI * LhRandomUniform(state));
}

/// Uniform on the unit sphere.
static inline void LhRandomDirection(uint64_t *state, PetscReal t[3]) {
  const PetscReal z = 2. * LhRandomUniform(state) - 1.,
                  turn = 2. * PETSC_PI * LhRandomUniform(state);
  const PetscReal r = sqrt(1. - z * z);
  t[0] = r * cos(turn);
  t[1] = r * sin(turn);
  t[2] = z;
}
