/// @file
/// exp, log and pow for all lanes at once: declares that glibc's libmvec has them for whole vectors (off by 4 ulp at most),
/// so that a loop over lanes becomes one call. Elsewhere, and outside of such loops, they are what math.h says.
///
/// fmax and fmin in the same loop keep it scalar (they treat NaN as no processor does): write a > b ? a : b.
#pragma once

#include <math.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#pragma omp declare simd notinbranch
extern double exp(double);
#pragma omp declare simd notinbranch
extern double log(double);
#pragma omp declare simd notinbranch
extern double pow(double, double);
#endif
