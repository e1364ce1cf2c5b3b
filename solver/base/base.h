/// @file
/// What every layer shares: PETSc's error handling, the batch width, physical constants.
#pragma once

#include <petscsys.h>
#include <stddef.h>
#include <stdint.h>

#ifndef PETSC_SUCCESS  // PETSc 3.18 has no PETSC_SUCCESS (added in 3.19)
#define PETSC_SUCCESS 0
#endif

/// Number of lanes of a batch: laws and terms see this many points at once, `[component][lane]`.
/// Other widths are for measuring the kernels.
#ifndef LH_BATCH
#define LH_BATCH 8
#endif

/// Loop over the lanes of a batch; the body is plain scalar code in `l`.
#define LH_LANES(l) _Pragma("omp simd") for (int l = 0; l < LH_BATCH; l++)

#define LH_FARADAY               96485.33212  ///< Faraday constant F [C/mol], CODATA 2018
#define LH_GAS_CONSTANT          8.314462618  ///< molar gas constant R [J/(mol K)], SI 2019
#define LH_REFERENCE_TEMPERATURE 298.15       ///< reference temperature of the Arrhenius laws [K]

#define LH_NAME_MAX 128  ///< longest name of a region, surface, material, law... (with NUL)
#define LH_LIST_MAX 64   ///< longest list in a case file

/// Exit codes of `lihost` (documented in docs/user).
typedef enum {
  LH_EXIT_DONE = 0,     ///< finished
  LH_EXIT_BUG = 1,      ///< a bug of ours
  LH_EXIT_INPUT = 2,    ///< bad input; nothing was run
  LH_EXIT_SOLVER = 3,   ///< the solver gave up; state saved
  LH_EXIT_STOPPED = 4,  ///< stopped on request or time limit; resumable
  LH_EXIT_IO = 5,       ///< reading or writing failed
  LH_EXIT_PHYSICAL = 6  ///< a physical limit that the case declares fatal
} LhExit;
