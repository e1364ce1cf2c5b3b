/// @file
/// A number beside its reference: printed in one form, then asserted. the pages of docs/validation are made from
/// what the tests print so (postproc/validation/verification.py).
#pragma once

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

/// `tolerance` is absolute.
static inline void CheckNear(const char what[], double value, double exact, double tolerance) {
  print_message("verified: %s | %.9g | %.9g | %.2g\n", what, value, exact, tolerance);
  assert_true(fabs(value - exact) <= tolerance);
}

/// `tolerance` is a part of `exact`.
static inline void CheckRelative(const char what[], double value, double exact, double tolerance) {
  CheckNear(what, value, exact, tolerance * fabs(exact));
}
