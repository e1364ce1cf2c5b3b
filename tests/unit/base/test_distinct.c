/// Checks: the store of distinct strings gives back every string, keeps equal ones once while its hash has room, and stays right when it has none.
/// Reference: the strings themselves.
/// Tolerance and why: none.
/// Fails if: strings of equal hash or beginning are taken for each other, growth loses bytes, or nothing is shared.
#include "base/distinct.h"
#include "unit/base/base_test.h"

enum { LONGEST = 40, FEW = 50, MANY = 40000 };

/// String `k`, of a length of its own: 1 to 37 bytes.
static PetscInt Spell(int k, unsigned char string[LONGEST]) {
  const PetscInt length = 1 + k % 37;

  for (PetscInt b = 0; b < length; b++) string[b] = (unsigned char)(k >> b % 3 * 8);
  return length;
}

/// Adds `n` strings, each of `distinct` in turn; returns the bytes used.
static size_t AddAndCompare(int n, int distinct) {
  unsigned char string[LONGEST], *bytes;
  LhDistinct store;
  size_t *at, used;

  assert_int_equal(PetscMalloc1(n, &at), 0);
  assert_int_equal(LhDistinctCreate(&store), 0);
  for (int k = 0; k < n; k++) {
    const PetscInt length = Spell(k % distinct, string);
    assert_int_equal(LhDistinctAdd(&store, length, string, &at[k]), 0);
  }
  used = store.used;
  assert_int_equal(LhDistinctTake(&store, &bytes), 0);
  for (int k = 0; k < n; k++) {
    const PetscInt length = Spell(k % distinct, string);
    assert_memory_equal(bytes + at[k], string, (size_t)length);
  }
  assert_int_equal(PetscFree(bytes), 0);
  assert_int_equal(PetscFree(at), 0);
  return used;
}

static void test_equal_strings_once(void **state) {
  (void)state;
  assert_int_equal(AddAndCompare(20 * FEW, FEW), AddAndCompare(FEW, FEW));
}

static void test_more_than_the_hash_holds(void **state) {
  (void)state;
  assert_true(AddAndCompare(2 * MANY, MANY) >= AddAndCompare(MANY, MANY));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_equal_strings_once),
                                     cmocka_unit_test(test_more_than_the_hash_holds)};
  return RunTests(argc, argv, tests);
}
