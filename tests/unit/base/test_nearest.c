/// Checks: the guess at a misspelt word.
/// Reference: what a person would guess.
/// Tolerance and why: none.
/// Fails if: swapped letters or a lost letter find nothing, or an unrelated word is offered.
#include "unit/base/base_test.h"

static const char *const words[] = {"thickness", "pressure", "porosity", "temperature", "n"};

static void test_near(void **state) {
  static const char *const cases[][2] = {
      {"thicknes",   "thickness"  },
      {"thikcness",  "thickness"  },
      {"presure",    "pressure"   },
      {"Porosity",   "porosity"   },
      {"prossure",   "pressure"   },
      {"temp",       "temperature"},
      {"temperatur", "temperature"}
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    const char *near = LhNearestWord(cases[i][0], 5, words);
    assert_non_null(near);
    assert_string_equal(near, cases[i][1]);
  }
}

static void test_far(void **state) {
  static const char *const cases[] = {"current", "m", "x", "", "te"};
  char longer[300];
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    assert_null(LhNearestWord(cases[i], 5, words));
  }
  memset(longer, 't', sizeof(longer));
  longer[sizeof(longer) - 1] = 0;
  assert_null(LhNearestWord(longer, 5, words));
  assert_null(LhNearestWord("pressure", 0, NULL));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_near), cmocka_unit_test(test_far)};
  return RunTests(argc, argv, tests);
}
