/// Checks: phases by name, counts, nesting, misuse, largest time of all ranks, JSON.
/// Reference: sleeps of known length.
/// Tolerance and why: only lower bounds of times are asserted; a busy machine may take longer.
/// Fails if: an interval is lost or counted twice, or a phase may run twice at once.
#include <time.h>

#include "base/timer.h"
#include "unit/base/base_test.h"

static void Sleep(long milliseconds) {
  const struct timespec time = {0, milliseconds * 1000000};
  nanosleep(&time, NULL);
}

static void test_phases(void **state) {
  LhTimer timer;
  PetscInt solve, output, again, count, size;
  const char *name;
  double seconds, inner;
  (void)state;
  OK(LhTimerCreate(&timer));
  OK(LhTimerRegister(timer, "solve", &solve));
  OK(LhTimerRegister(timer, "output", &output));
  OK(LhTimerRegister(timer, "solve", &again));
  assert_int_equal(solve, again);
  assert_int_not_equal(solve, output);
  for (int i = 0; i < 3; i++) {
    OK(LhTimerStart(timer, solve));
    Sleep(4);
    OK(LhTimerStart(timer, output));
    Sleep(3);
    OK(LhTimerStop(timer, output));
    OK(LhTimerStop(timer, solve));
  }
  OK(LhTimerGetSize(timer, &size));
  assert_int_equal(size, 2);
  OK(LhTimerGetPhase(timer, solve, &name, &seconds, &count));
  OK(LhTimerGetPhase(timer, output, NULL, &inner, NULL));
  assert_string_equal(name, "solve");
  assert_int_equal(count, 3);
  assert_true(seconds >= 0.021 && inner >= 0.009 && inner <= seconds);
  OK(LhTimerDestroy(&timer));
}

static void test_misuse_is_refused(void **state) {
  LhTimer timer;
  PetscInt phase;
  (void)state;
  OK(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  OK(LhTimerCreate(&timer));
  OK(LhTimerRegister(timer, "solve", &phase));
  assert_int_not_equal(LhTimerStop(timer, phase), 0);
  OK(LhTimerStart(timer, phase));
  assert_int_not_equal(LhTimerStart(timer, phase), 0);
  OK(LhTimerDestroy(&timer));
  OK(PetscPopErrorHandler());
}

static void test_largest_of_all_ranks(void **state) {
  LhTimer timer;
  PetscInt phase;
  PetscMPIInt rank, size;
  double seconds;
  (void)state;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  OK(LhTimerCreate(&timer));
  OK(LhTimerRegister(timer, "solve", &phase));
  OK(LhTimerStart(timer, phase));
  Sleep(1 + 5 * rank);
  OK(LhTimerStop(timer, phase));
  OK(LhTimerReduce(timer, PETSC_COMM_WORLD));
  OK(LhTimerGetPhase(timer, phase, NULL, &seconds, NULL));
  assert_true(seconds >= 1e-3 * (1 + 5 * (size - 1)));
  OK(LhTimerDestroy(&timer));
}

static void test_json(void **state) {
  LhTimer timer;
  LhJson json;
  PetscInt phase;
  const char *text;
  (void)state;
  OK(LhTimerCreate(&timer));
  OK(LhTimerRegister(timer, "mechanics", &phase));
  OK(LhJsonCreate(&json));
  OK(LhJsonBeginObject(json, NULL));
  OK(LhTimerWrite(timer, json, "wall_time"));
  OK(LhJsonEnd(json));
  OK(LhJsonGetText(json, &text, NULL));
  assert_string_equal(text,
                      "{\n  \"wall_time\": {\n    \"mechanics\": {\n      \"seconds\": 0,\n"
                      "      \"count\": 0\n    }\n  }\n}\n");
  OK(LhJsonDestroy(&json));
  OK(LhTimerDestroy(&timer));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_phases),
      cmocka_unit_test(test_misuse_is_refused),
      cmocka_unit_test(test_largest_of_all_ranks),
      cmocka_unit_test(test_json),
  };
  return RunTests(argc, argv, tests);
}
