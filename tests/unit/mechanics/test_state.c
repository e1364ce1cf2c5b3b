/// Checks: history survives accept, reject and cut steps as promised.
/// Reference: a copy of every value kept by hand.
/// Tolerance and why: none, values are copied or swapped, never computed.
/// Fails if: a buffer that still holds the start of the step is written to.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include "fields/state.h"

#define OK(call) assert_int_equal(call, 0)

static void Write(LhState history, double value) {
  for (PetscInt b = 0; b < 3; b++) {
    double(*now)[LH_BATCH] = LhStateGetNow(history, b);
    for (int k = 0; k < 2 * 5; k++) {
      for (int l = 0; l < LH_BATCH; l++) now[k][l] = value + 100. * (double)b + 10. * k + l;
    }
  }
}

static void CheckOld(LhState history, double value) {
  for (PetscInt b = 0; b < 3; b++) {
    const double(*old)[LH_BATCH] = LhStateGetOld(history, b);
    for (int k = 0; k < 2 * 5; k++) {
      for (int l = 0; l < LH_BATCH; l++)
        assert_true(old[k][l] == value + 100. * (double)b + 10. * k + l);
    }
  }
}

static void TestParts(void **state) {
  LhState history;

  (void)state;
  OK(LhStateCreate(3, 2, 5, &history));
  Write(history, .25);
  OK(LhStateAccept(history));
  CheckOld(history, .25);
  Write(history, 1.5);
  CheckOld(history, .25);
  OK(LhStateReject(history));
  CheckOld(history, .25);
  // Three parts; the start is still there after each of them.
  for (int cut = 0; cut < 3; cut++) {
    for (int part = 0; part < 3; part++) {
      Write(history, 2. + part);
      OK(LhStateAdvance(history));
      CheckOld(history, 2. + part);
    }
    Write(history, 7.);
    CheckOld(history, 4.);
    OK(LhStateReject(history));
    CheckOld(history, .25);
  }
  Write(history, 8.);
  OK(LhStateAdvance(history));
  Write(history, 9.);
  OK(LhStateAccept(history));
  CheckOld(history, 9.);
  Write(history, 3.);
  CheckOld(history, 9.);
  OK(LhStateReject(history));
  CheckOld(history, 9.);
  OK(LhStateDestroy(&history));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestParts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
