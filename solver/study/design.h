/// @file
/// Points that fill a box of many dimensions evenly: Latin hypercube, Sobol sequence; the random numbers of both.
///
/// The same seed gives the same points on every machine. Knows nothing of keys and units: points lie in [0, 1).
#pragma once

#include "base/base.h"

#define LH_SOBOL_MAX_DIMENSIONS 16
#define LH_SOBOL_MAX_POINTS     65536

/// Next number of a sequence (splitmix64, doi:10.1145/2714064.2660195).
uint64_t LhRandomNext(uint64_t *state);

/// x[n][dimensions]: along each dimension one point in each of n equal intervals, at a random place in it (McKay,
/// Beckman, Conover 1979, doi:10.2307/1268522).
PetscErrorCode LhLatinHypercube(PetscInt n, PetscInt dimensions, PetscInt seed, PetscReal x[]);
/// x[n][dimensions]: Sobol sequence with the direction numbers of Joe and Kuo (new-joe-kuo-6, doi:10.1137/070709359).
/// Seed 0 is the plain sequence from its origin; any other seed shifts every dimension by random bits, which keeps
/// the stratification. At most LH_SOBOL_MAX_DIMENSIONS dimensions and LH_SOBOL_MAX_POINTS points.
PetscErrorCode LhSobol(PetscInt n, PetscInt dimensions, PetscInt seed, PetscReal x[]);
