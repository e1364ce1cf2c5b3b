/// Checks: formats, counts, duplicates, cap, printing with source line and caret, hostile bytes.
/// Reference: the printed text written out by hand.
/// Tolerance and why: none.
/// Fails if: the caret points beside the place, a terminal escape passes, or counts stop at the cap.
#include <stdio.h>
#include <stdlib.h>

#include "unit/base/base_test.h"

static char *Print(LhDiag diag) {
  char *text = NULL;
  size_t size;
  FILE *stream = open_memstream(&text, &size);
  OK(LhDiagPrint(diag, stream));
  fclose(stream);
  return text;
}

static void test_print(void **state) {
  const LhMark place = {"a.yaml", 12, 6, "\t\xc2\xb5 = x1"}, file = {"b.yaml", 0, 0, NULL};
  LhDiag diag;
  char *text;
  (void)state;
  OK(LhDiagCreate(&diag));
  OK(LhDiagAdd(diag, LH_DIAG_ERROR, &place, "bad %s", "thing"));
  OK(LhDiagAdd(diag, LH_DIAG_WARNING, &file, "odd"));
  OK(LhDiagAdd(diag, LH_DIAG_NOTE, NULL, "so"));
  text = Print(diag);
  assert_string_equal(text,
                      "a.yaml:12:6: error: bad thing\n    12 | \t\xc2\xb5 = x1\n       | \t    ^\n"
                      "b.yaml: warning: odd\nnote: so\n");
  free(text);
  OK(LhDiagDestroy(&diag));
}

static void test_print_from_top_to_bottom(void **state) {
  const LhMark places[] = {
      {"b.yaml", 9, 4, NULL},
      {"a.yaml", 2, 1, NULL},
      {"b.yaml", 3, 7, NULL},
      {"b.yaml", 3, 2, NULL}
  };
  LhDiag diag;
  char *text;
  (void)state;
  OK(LhDiagCreate(&diag));
  for (int i = 0; i < 4; i++) OK(LhDiagAdd(diag, LH_DIAG_ERROR, &places[i], "number %d", i));
  text = Print(diag);
  assert_string_equal(text,
                      "b.yaml:3:2: error: number 3\nb.yaml:3:7: error: number 2\n"
                      "b.yaml:9:4: error: number 0\na.yaml:2:1: error: number 1\n");
  free(text);
  OK(LhDiagDestroy(&diag));
}

static void test_same_sentence_is_kept_once(void **state) {
  const LhMark place = {"a.yaml", 2, 1, "x"}, other = {"a.yaml", 3, 1, "x"};
  PetscInt errors, warnings, n;
  LhDiag diag;
  (void)state;
  OK(LhDiagCreate(&diag));
  for (int i = 0; i < 3; i++) OK(LhDiagAdd(diag, LH_DIAG_ERROR, &place, "bad"));
  OK(LhDiagAdd(diag, LH_DIAG_ERROR, &other, "bad"));
  OK(LhDiagAdd(diag, LH_DIAG_WARNING, &place, "bad"));
  OK(LhDiagGetCounts(diag, &errors, &warnings));
  OK(LhDiagGetSize(diag, &n));
  assert_int_equal(errors, 2);
  assert_int_equal(warnings, 1);
  assert_int_equal(n, 3);
  OK(LhDiagDestroy(&diag));
}

static void test_cap_counts_on(void **state) {
  PetscInt errors, n;
  LhDiag diag;
  char *text;
  (void)state;
  OK(LhDiagCreate(&diag));
  for (int i = 0; i < 207; i++) OK(LhDiagAdd(diag, LH_DIAG_ERROR, NULL, "number %d", i));
  OK(LhDiagGetCounts(diag, &errors, NULL));
  OK(LhDiagGetSize(diag, &n));
  assert_int_equal(errors, 207);
  assert_int_equal(n, 200);
  text = Print(diag);
  assert_non_null(strstr(text, "error: number 199\nand 7 more problems\n"));
  free(text);
  OK(LhDiagDestroy(&diag));
}

static void test_escapes_do_not_reach_the_terminal(void **state) {
  const LhMark place = {"a.yaml", 1, 1, "x: \033[2J"};
  LhDiag diag;
  char *text;
  (void)state;
  OK(LhDiagCreate(&diag));
  OK(LhDiagAdd(diag, LH_DIAG_ERROR, &place, "key '\033[31m'"));
  text = Print(diag);
  assert_null(strchr(text, '\033'));
  assert_non_null(strstr(text, "key '?[31m'"));
  free(text);
  OK(LhDiagDestroy(&diag));
}

static void test_long_sentence_is_cut(void **state) {
  char *word = malloc(10001);
  const char *text;
  LhDiag diag;
  (void)state;
  memset(word, 'x', 10000);
  word[10000] = 0;
  OK(LhDiagCreate(&diag));
  OK(LhDiagAdd(diag, LH_DIAG_ERROR, NULL, "%s", word));
  OK(LhDiagGetText(diag, 0, NULL, &text));
  assert_int_equal(strlen(text), 2047);
  OK(LhDiagDestroy(&diag));
  free(word);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_print),
      cmocka_unit_test(test_print_from_top_to_bottom),
      cmocka_unit_test(test_same_sentence_is_kept_once),
      cmocka_unit_test(test_cap_counts_on),
      cmocka_unit_test(test_escapes_do_not_reach_the_terminal),
      cmocka_unit_test(test_long_sentence_is_cut),
  };
  return RunTests(argc, argv, tests);
}
