/// Checks: layout, escapes, numbers and misuse of the JSON writer.
/// Reference: RFC 8259; the text written out by hand; strtod for the round trip of numbers.
/// Tolerance and why: none; numbers come back bit for bit.
/// Fails if: a comma is missing, a control character or broken UTF-8 passes, a digit is lost.
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "unit/base/base_test.h"

static void test_layout(void **state) {
  LhJson json;
  const char *text;
  (void)state;
  OK(LhJsonCreate(&json));
  OK(LhJsonBeginObject(json, NULL));
  OK(LhJsonText(json, "name", "strip"));
  OK(LhJsonReal(json, "volts", 0.1));
  OK(LhJsonInt(json, "steps", -9007199254740993LL));
  OK(LhJsonBool(json, "done", PETSC_TRUE));
  OK(LhJsonNull(json, "why"));
  OK(LhJsonBeginArray(json, "sizes"));
  OK(LhJsonInt(json, NULL, 3));
  OK(LhJsonInt(json, NULL, 5));
  OK(LhJsonEnd(json));
  OK(LhJsonBeginArray(json, "parts"));
  OK(LhJsonBeginObject(json, NULL));
  OK(LhJsonReal(json, "nan", NAN));
  OK(LhJsonReal(json, "inf", -INFINITY));
  OK(LhJsonEnd(json));
  OK(LhJsonBeginObject(json, NULL));
  OK(LhJsonEnd(json));
  OK(LhJsonEnd(json));
  OK(LhJsonEnd(json));
  OK(LhJsonGetText(json, &text, NULL));
  assert_string_equal(
      text,
      "{\n  \"name\": \"strip\",\n  \"volts\": 0.1,\n  \"steps\": -9007199254740993,\n"
      "  \"done\": true,\n  \"why\": null,\n  \"sizes\": [3, 5],\n  \"parts\": [\n"
      "    {\n      \"nan\": null,\n      \"inf\": null\n    },\n    {}\n  ]\n}\n");
  OK(LhJsonDestroy(&json));
}

static void test_escapes(void **state) {
  static const char *const cases[][2] = {
      {"a\"b\\c",                                "\"a\\\"b\\\\c\"\n"                           },
      {"tab\tline\n\x01",                        "\"tab\\u0009line\\u000a\\u0001\"\n"          },
      {"\xc2\xb5 \xe2\x82\xac \xf0\x9f\x98\x80", "\"\xc2\xb5 \xe2\x82\xac \xf0\x9f\x98\x80\"\n"},
      {"\xff|\xc2|\xe2\x82",                     "\"\\ufffd|\\ufffd|\\ufffd\\ufffd\"\n"        },
      {"\xc0\xaf",                               "\"\\ufffd\\ufffd\"\n"                        },
      {"\xed\xa0\x80",                           "\"\\ufffd\\ufffd\\ufffd\"\n"                 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    LhJson json;
    const char *text;
    OK(LhJsonCreate(&json));
    OK(LhJsonText(json, NULL, cases[i][0]));
    OK(LhJsonGetText(json, &text, NULL));
    assert_string_equal(text, cases[i][1]);
    OK(LhJsonDestroy(&json));
  }
}

static void test_numbers_come_back(void **state) {
  static const double values[] = {1.0 / 3,   96485.33212, 5e-324, -1.7976931348623157e308,
                                  0.1 + 0.2, -0.0};
  (void)state;
  for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
    LhJson json;
    const char *text;
    double back;
    OK(LhJsonCreate(&json));
    OK(LhJsonReal(json, NULL, values[i]));
    OK(LhJsonGetText(json, &text, NULL));
    back = strtod(text, NULL);
    assert_memory_equal(&back, &values[i], sizeof(back));
    OK(LhJsonDestroy(&json));
  }
}

static void test_misuse_is_refused(void **state) {
  LhJson json;
  const char *text;
  (void)state;
  OK(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  OK(LhJsonCreate(&json));
  assert_int_not_equal(LhJsonEnd(json), 0);
  assert_int_not_equal(LhJsonReal(json, "key_at_top", 1), 0);
  OK(LhJsonBeginObject(json, NULL));
  assert_int_not_equal(LhJsonReal(json, NULL, 1), 0);
  OK(LhJsonBeginArray(json, "list"));
  assert_int_not_equal(LhJsonReal(json, "key_in_list", 1), 0);
  assert_int_not_equal(LhJsonGetText(json, &text, NULL), 0);
  OK(LhJsonEnd(json));
  OK(LhJsonEnd(json));
  assert_int_not_equal(LhJsonReal(json, NULL, 1), 0);
  OK(LhJsonDestroy(&json));
  OK(PetscPopErrorHandler());
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_layout),
      cmocka_unit_test(test_escapes),
      cmocka_unit_test(test_numbers_come_back),
      cmocka_unit_test(test_misuse_is_refused),
  };
  return RunTests(argc, argv, tests);
}
