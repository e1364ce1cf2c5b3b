/// Checks: LhNodeOverlay() and LhNodePick(): what merges, what is replaced, what keeps its place.
/// Reference: the rules in base/doc.h, spelled out in the texts below.
/// Tolerance and why: none; keys, texts and places are exact.
/// Fails if: a key is lost, the old document changes, or an old choice leaves its keys behind.
#include "unit/laws_echem/echem_test.h"

static const char *At(LhNode root, const char a[], const char b[]) {
  return LhNodeGetText(LhNodeFind(LhNodeFind(root, a), b));
}

static void test_merge(void **state) {
  Text base, changes;
  LhNode merged;
  LhMark mark;
  (void)state;

  TextOpen(&base, "a: {one: 1, two: 2}\nb: [1, 2]\nc: {value: 3, source: here}\nd: 4\n");
  TextOpen(&changes, "a: {two: 22, three: 33}\nb: [9]\nc: {value: 5}\ne: 6\n");
  OK(LhNodeOverlay(base.doc, base.root, changes.root, "law", &merged));
  assert_int_equal(LhNodeGetSize(merged), 5);
  assert_string_equal(At(merged, "a", "one"), "1");
  assert_string_equal(At(merged, "a", "two"), "22");
  assert_string_equal(At(merged, "a", "three"), "33");
  assert_int_equal(LhNodeGetSize(LhNodeFind(merged, "b")), 1);
  assert_string_equal(At(merged, "c", "value"), "5");
  assert_null(At(merged, "c", "source"));
  assert_string_equal(LhNodeGetText(LhNodeFind(merged, "d")), "4");
  assert_string_equal(LhNodeGetText(LhNodeFind(merged, "e")), "6");
  assert_string_equal(At(base.root, "a", "two"), "2");
  assert_int_equal(LhNodeGetSize(base.root), 4);
  mark = LhNodeGetMark(LhNodeFind(LhNodeFind(merged, "a"), "three"));
  assert_int_equal(mark.line, 1);
  assert_int_equal(mark.column, 21);
  TextClose(&changes);
  TextClose(&base);
}

static void test_choice(void **state) {
  Text base, same, other;
  LhNode merged;
  (void)state;

  TextOpen(&base, "k: {law: one, p: 1, q: 2}");
  TextOpen(&same, "k: {law: one, p: 7}");
  TextOpen(&other, "k: {law: two, r: 8}");
  OK(LhNodeOverlay(base.doc, base.root, same.root, "law", &merged));
  assert_string_equal(At(merged, "k", "p"), "7");
  assert_string_equal(At(merged, "k", "q"), "2");
  OK(LhNodeOverlay(base.doc, base.root, other.root, "law", &merged));
  assert_int_equal(LhNodeGetSize(LhNodeFind(merged, "k")), 2);
  assert_null(At(merged, "k", "p"));
  assert_string_equal(At(merged, "k", "r"), "8");
  TextClose(&other);
  TextClose(&same);
  TextClose(&base);
}

static void test_empty_section(void **state) {
  Text base, changes;
  LhNode merged;
  (void)state;

  TextOpen(&base, "a: {one: 1}\nb: 2\n");
  TextOpen(&changes, "a:\nb: ''\n");
  OK(LhNodeOverlay(base.doc, base.root, changes.root, "law", &merged));
  assert_string_equal(At(merged, "a", "one"), "1");
  assert_string_equal(LhNodeGetText(LhNodeFind(merged, "b")), "");
  TextClose(&changes);
  TextClose(&base);
}

static void test_absent(void **state) {
  static const char *const keys[] = {"two", "four"};
  Text base;
  LhNode merged, picked;
  (void)state;

  TextOpen(&base, "{one: 1, two: 2, three: 3, four: 4}");
  OK(LhNodeOverlay(base.doc, base.root, NULL, "law", &merged));
  assert_ptr_equal(merged, base.root);
  OK(LhNodeOverlay(base.doc, NULL, base.root, "law", &merged));
  assert_ptr_equal(merged, base.root);
  OK(LhNodePick(base.doc, base.root, 2, keys, &picked));
  assert_int_equal(LhNodeGetSize(picked), 2);
  assert_string_equal(LhNodeGetKey(picked, 1), "four");
  OK(LhNodePick(base.doc, LhNodeFind(base.root, "one"), 2, keys, &picked));
  assert_null(picked);
  OK(LhNodePick(base.doc, NULL, 2, keys, &picked));
  assert_null(picked);
  TextClose(&base);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_merge), cmocka_unit_test(test_choice),
                                     cmocka_unit_test(test_empty_section),
                                     cmocka_unit_test(test_absent)};

  return RunTests(argc, argv, tests);
}
