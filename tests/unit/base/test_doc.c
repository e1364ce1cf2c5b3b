/// Checks: tree, places, limits, encodings and broken YAML of documents; file reading on all ranks.
/// Reference: lines and columns counted by hand in the texts below.
/// Tolerance and why: none; places and sentences are exact.
/// Fails if: a place is off by one, a bomb is expanded, ranks see different documents.
#include <stdio.h>
#include <stdlib.h>

#include "unit/base/base_test.h"

static void assert_place(LhMark mark, PetscInt line, PetscInt column, const char text[]) {
  assert_string_equal(mark.file, "case.yaml");
  assert_int_equal(mark.line, line);
  assert_int_equal(mark.column, column);
  assert_string_equal(mark.text, text);
}

static void test_tree(void **state) {
  Sample sample;
  LhNode foil, times;
  (void)state;
  SampleOpen(&sample,
             "# a comment\nfoil:\n  name: \xc2\xb5 foil   # end\n  times: [1 s, 22 s,\n   3 "
             "s]\nlast: &x\n  - 7\nalso: *x\n");
  assert_non_null(sample.root);
  assert_int_equal(LhNodeGetKind(sample.root), LH_NODE_MAP);
  assert_int_equal(LhNodeGetSize(sample.root), 3);
  foil = LhNodeFind(sample.root, "foil");
  assert_string_equal(LhNodeGetText(LhNodeFind(foil, "name")), "\xc2\xb5 foil");
  times = LhNodeFind(foil, "times");
  assert_int_equal(LhNodeGetKind(times), LH_NODE_LIST);
  assert_int_equal(LhNodeGetSize(times), 3);
  assert_place(LhNodeGetMark(LhNodeGetItem(times, 1)), 4, 16, "  times: [1 s, 22 s,");
  assert_place(LhNodeGetMark(LhNodeGetItem(times, 2)), 5, 4, "   3 s]");
  assert_place(LhNodeGetKeyMark(foil, 1), 4, 3, "  times: [1 s, 22 s,");
  assert_string_equal(LhNodeGetText(LhNodeGetItem(LhNodeFind(sample.root, "also"), 0)), "7");
  assert_null(LhNodeFind(foil, "nothing"));
  assert_null(LhNodeFind(times, "name"));
  assert_null(LhNodeGetItem(times, 3));
  assert_null(LhNodeGetItem(times, -1));
  assert_int_equal(SampleCount(&sample), 0);
  SampleClose(&sample);
}

static void test_line_breaks(void **state) {
  Sample sample;
  (void)state;
  SampleOpen(&sample,
             "\xef\xbb\xbf"
             "a: 1\r\nbb: 2\rccc: 3\n");
  assert_non_null(sample.root);
  assert_place(LhNodeGetMark(LhNodeFind(sample.root, "bb")), 2, 5, "bb: 2");
  assert_place(LhNodeGetMark(LhNodeFind(sample.root, "ccc")), 3, 6, "ccc: 3");
  SampleClose(&sample);
}

static void test_text_is_kept(void **state) {
  static const char text[] = "a:   1 # as written\n";
  const char *kept;
  size_t size;
  Sample sample;
  (void)state;
  SampleOpen(&sample, text);
  OK(LhDocGetText(sample.doc, &kept, &size));
  assert_int_equal(size, strlen(text));
  assert_string_equal(kept, text);
  SampleClose(&sample);
}

static void test_duplicate_keys_name_both_places(void **state) {
  Sample sample;
  (void)state;
  SampleOpen(&sample, "foil:\n  t: 1\n  w: 5\n  t: 2\nb: 3\n");
  assert_non_null(sample.root);
  assert_int_equal(SampleCount(&sample), 1);
  assert_string_equal(
      SampleSentence(&sample, 0),
      "case.yaml:4:3: error: key 't' is given twice; the first one is at case.yaml:2:3");
  SampleClose(&sample);
}

static void test_broken(void **state) {
  static const char *const cases[][2] = {
      {"a: [1, 2\nb: 3\n",
       "case.yaml:2:2: error: not valid YAML: did not find expected ',' or ']' (while parsing a "
       "flow sequence that starts on line 1)"                                                          },
      {"a: 1\n\tb: 2\n",
       "case.yaml:2:1: error: not valid YAML: found a tab character that violates indentation "
       "(while scanning a plain scalar that starts on line 1)"                                         },
      {"\ta: 1\n",           "case.yaml:1:1: error: not valid YAML: a tab where YAML wants spaces"     },
      {"a: [1, 2",           "case.yaml:1:9: error: not valid YAML: did not find expected ',' or ']'"  },
      {"a: 1\n b: 2\n",
       "case.yaml:2:3: error: not valid YAML: mapping values are not allowed in this context"          },
      {"a: \x01\n",          "case.yaml:1:4: error: not valid YAML: control characters are not allowed"},
      {"a: 1\nb: x\xff\n",   "case.yaml:2:5: error: not valid YAML: invalid leading UTF-8 octet"       },
      {"a: *nobody\n",       "case.yaml:1:4: error: not valid YAML: found undefined alias"             },
      {"a: \"x\\0y\"\n",     "case.yaml:1:4: error: a value contains a NUL character"                  },
      {"? [a, b]\n: 1\n",    "case.yaml:1:3: error: a key must be a single word"                       },
      {"a: 1\n---\nb: 2\n",
       "case.yaml:3:1: error: a second YAML document starts here; one file holds one"                  },
      {"",                   "case.yaml: error: there is nothing in it"                                },
      {"# only a comment\n", "case.yaml: error: there is nothing in it"                                },
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    Sample sample;
    SampleOpen(&sample, cases[i][0]);
    assert_null(sample.doc);
    assert_int_equal(SampleCount(&sample), 1);
    assert_string_equal(SampleSentence(&sample, 0), cases[i][1]);
    SampleClose(&sample);
  }
}

static void test_bombs(void **state) {
  static const char *const billion =
      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c "
      "[*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
      "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f "
      "[*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
  Sample sample;
  (void)state;
  SampleOpen(&sample, billion);
  assert_null(sample.doc);
  assert_non_null(
      strstr(SampleSentence(&sample, 0), "more than 65536 values (aliases count each time)"));
  SampleClose(&sample);
  SampleOpen(&sample, "a: &a [*a, *a]\n");
  assert_null(sample.doc);
  assert_non_null(strstr(SampleSentence(&sample, 0), "nested deeper than 32 levels"));
  SampleClose(&sample);
}

static char *Repeat(const char piece[], size_t times) {
  const size_t n = strlen(piece);
  char *text = malloc(n * times + 1);
  for (size_t i = 0; i < times; i++) memcpy(text + i * n, piece, n);
  text[n * times] = 0;
  return text;
}

static void test_size_and_depth(void **state) {
  char *deep = Repeat("[", 33), *long_text = Repeat("# 45678901234567\n", 65536);
  Sample sample;
  (void)state;
  SampleOpen(&sample, long_text);
  assert_null(sample.doc);
  assert_string_equal(SampleSentence(&sample, 0), "case.yaml: error: larger than 1048576 bytes");
  SampleClose(&sample);
  deep = realloc(deep, 67);
  memset(deep + 33, ']', 33);
  deep[66] = 0;
  SampleOpen(&sample, deep);
  assert_null(sample.doc);
  assert_string_equal(SampleSentence(&sample, 0),
                      "case.yaml:1:33: error: nested deeper than 32 levels");
  SampleClose(&sample);
  memmove(deep, deep + 1, 65);
  deep[64] = 0;
  SampleOpen(&sample, deep);
  assert_non_null(sample.doc);
  SampleClose(&sample);
  free(deep);
  free(long_text);
}

// libyaml alone takes minutes for each of these.
static void test_slow_bombs(void **state) {
  static const char *const cases[][2] = {
      {"[",            "case.yaml:1:33: error: nested deeper than 32 levels"   },
      {"{?,",          "case.yaml:1:97: error: nested deeper than 32 levels"   },
      {"- &a\n",       "case.yaml:257:3: error: more than 256 anchors"         },
      {"%TAG !a! b\n", "case.yaml:65:1: error: more than 64 lines start with %"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    char *text = Repeat(cases[i][0], (1 << 20) / strlen(cases[i][0]));
    Sample sample;
    SampleOpen(&sample, text);
    assert_null(sample.doc);
    assert_string_equal(SampleSentence(&sample, 0), cases[i][1]);
    SampleClose(&sample);
    free(text);
  }
}

static void test_read_on_all_ranks(void **state) {
  const char *name = "test_doc_read.yaml";
  PetscMPIInt rank;
  LhDiag diag;
  LhDoc doc;
  LhNode root;
  (void)state;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  if (rank == 0) {
    FILE *file = fopen(name, "w");
    fputs("thickness: 51 um\n", file);
    fclose(file);
  }
  OK(LhDiagCreate(&diag));
  OK(LhDocRead(PETSC_COMM_WORLD, name, diag, &doc));
  assert_non_null(doc);
  OK(LhDocGetRoot(doc, &root));
  assert_string_equal(LhNodeGetText(LhNodeFind(root, "thickness")), "51 um");
  OK(LhDocDestroy(&doc));
  OK(LhDiagDestroy(&diag));
  if (rank == 0) remove(name);
}

static void test_unreadable_file(void **state) {
  static const char *const cases[][2] = {
      {"no/such/file.yaml", "no/such/file.yaml: error: cannot be read: No such file or directory"},
      {"/",                 "/: error: cannot be read: Is a directory"                           },
  };
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    const char *text;
    LhDiag diag;
    LhDoc doc;
    OK(LhDiagCreate(&diag));
    OK(LhDocRead(PETSC_COMM_WORLD, cases[i][0], diag, &doc));
    assert_null(doc);
    OK(LhDiagGetText(diag, 0, NULL, &text));
    assert_string_equal(text, cases[i][1]);
    OK(LhDiagDestroy(&diag));
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tree),
      cmocka_unit_test(test_line_breaks),
      cmocka_unit_test(test_text_is_kept),
      cmocka_unit_test(test_duplicate_keys_name_both_places),
      cmocka_unit_test(test_broken),
      cmocka_unit_test(test_bombs),
      cmocka_unit_test(test_size_and_depth),
      cmocka_unit_test(test_slow_bombs),
      cmocka_unit_test(test_read_on_all_ranks),
      cmocka_unit_test(test_unreadable_file),
  };
  return RunTests(argc, argv, tests);
}
