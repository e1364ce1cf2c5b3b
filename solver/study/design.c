/// @file
/// Owns the arithmetic of experimental designs.
#include "study/design.h"

#define BITS 32

typedef struct {
  unsigned degree, polynomial;
  uint32_t m[6];
} Direction;

/// Dimensions 2 to 16 of new-joe-kuo-6.21201; the first dimension is the van der Corput sequence.
static const Direction directions[LH_SOBOL_MAX_DIMENSIONS - 1] = {
    {1, 0,  {1}                  },
    {2, 1,  {1, 3}               },
    {3, 1,  {1, 3, 1}            },
    {3, 2,  {1, 1, 1}            },
    {4, 1,  {1, 1, 3, 3}         },
    {4, 4,  {1, 3, 5, 13}        },
    {5, 2,  {1, 1, 5, 5, 17}     },
    {5, 4,  {1, 1, 5, 5, 5}      },
    {5, 7,  {1, 1, 7, 11, 19}    },
    {5, 11, {1, 1, 5, 1, 1}      },
    {5, 13, {1, 1, 1, 3, 11}     },
    {5, 14, {1, 3, 5, 5, 31}     },
    {6, 1,  {1, 3, 3, 9, 7, 49}  },
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
};

uint64_t LhRandomNext(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// Uniform in [0, 1), 53 bits.
static PetscReal Uniform(uint64_t *state) {
  return (PetscReal)(LhRandomNext(state) >> 11) * 0x1p-53;
}

PetscErrorCode LhLatinHypercube(PetscInt n, PetscInt dimensions, PetscInt seed, PetscReal x[]) {
  uint64_t state = (uint64_t)seed;
  PetscInt *order;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n, &order));
  for (PetscInt d = 0; d < dimensions; d++) {
    for (PetscInt i = 0; i < n; i++) order[i] = i;
    for (PetscInt i = n - 1; i > 0; i--) {
      const PetscInt other = (PetscInt)(Uniform(&state) * (PetscReal)(i + 1)), kept = order[i];

      order[i] = order[other];
      order[other] = kept;
    }
    for (PetscInt i = 0; i < n; i++)
      x[i * dimensions + d] = ((PetscReal)order[i] + Uniform(&state)) / (PetscReal)n;
  }
  PetscCall(PetscFree(order));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Direction numbers of dimension `d` (0 the first), left-justified.
static void FillDirections(PetscInt d, uint32_t v[BITS]) {
  const Direction *const row = d ? &directions[d - 1] : NULL;
  const unsigned s = row ? row->degree : BITS;

  for (unsigned k = 0; k < BITS; k++) {
    if (k < s) {
      v[k] = (row ? row->m[k] : 1u) << (BITS - 1 - k);
      continue;
    }
    v[k] = v[k - s] ^ (v[k - s] >> s);
    for (unsigned j = 1; j < s; j++) {
      if ((row->polynomial >> (s - 1 - j)) & 1u) v[k] ^= v[k - j];
    }
  }
}

PetscErrorCode LhSobol(PetscInt n, PetscInt dimensions, PetscInt seed, PetscReal x[]) {
  uint64_t state = (uint64_t)seed;

  PetscFunctionBegin;
  PetscCheck(dimensions <= LH_SOBOL_MAX_DIMENSIONS && n <= LH_SOBOL_MAX_POINTS, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "Sobol sequence of %d points in %d dimensions", (int)n,
             (int)dimensions);
  for (PetscInt d = 0; d < dimensions; d++) {
    uint32_t v[BITS], bits = seed ? (uint32_t)(LhRandomNext(&state) >> 32) : 0;

    FillDirections(d, v);
    for (PetscInt i = 0; i < n; i++) {
      unsigned zero = 0;

      x[i * dimensions + d] = (PetscReal)bits * 0x1p-32;
      while (((unsigned)i >> zero) & 1u) zero++;  // Gray code: one bit changes from point to point
      bits ^= v[zero];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
