/// Checks: times and sizes as people say them; what a stream that is no terminal gets.
/// Reference: the sentences, written out by hand.
/// Tolerance and why: none.
/// Fails if: a unit or its border is wrong, an escape goes into a file.
#include "base/terminal.h"
#include "unit/base/base_test.h"

static void test_times(void **state) {
  static const struct {
    PetscReal seconds;
    const char *text;
  } cases[] = {
      {0,      "0 s"    },
      {0.25,   "0.25 s" },
      {42.4,   "42 s"   },
      {150,    "2.5 min"},
      {900,    "15 min" },
      {7200,   "2 h"    },
      {86400,  "24 h"   },
      {345600, "4 days" }
  };
  char text[LH_HUMAN_MAX];
  (void)state;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(cases); i++)
    assert_string_equal(LhHumanTime(cases[i].seconds, text), cases[i].text);
}

static void test_sizes(void **state) {
  char text[LH_HUMAN_MAX];
  (void)state;
  assert_string_equal(LhHumanSize(999, text), "999 bytes");
  assert_string_equal(LhHumanSize(5.08e7, text), "51 MB");
  assert_string_equal(LhHumanSize(2.44e9, text), "2.4 GB");
}

static void test_no_terminal(void **state) {
  FILE *const file = tmpfile();
  (void)state;
  assert_non_null(file);
  assert_int_equal(LhTerminalWidth(file), 0);
  assert_string_equal(LhTerminalColour(file, LH_COLOUR_BAD), "");
  assert_string_equal(LhTerminalColour(file, LH_COLOUR_NONE), "");
  fclose(file);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_times), cmocka_unit_test(test_sizes),
                                     cmocka_unit_test(test_no_terminal)};
  return RunTests(argc, argv, tests);
}
