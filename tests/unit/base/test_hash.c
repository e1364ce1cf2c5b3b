/// Checks: SHA-256 at all block boundaries that matter, in pieces and at once.
/// Reference: examples of FIPS 180-4 (NIST CSRC): "abc", the 448 bit message, one million "a", "".
/// Tolerance and why: none.
/// Fails if: padding, length or the order of bytes is wrong.
#include "base/hash.h"
#include "unit/base/base_test.h"

static void test_published(void **state) {
  static const char *const cases[][2] = {
      {"",                                                         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc",                                                      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"                                                            },
  };
  char digest[LH_HASH_SIZE];
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    LhHashBytes(cases[i][0], strlen(cases[i][0]), digest);
    assert_string_equal(digest, cases[i][1]);
  }
}

static void test_million_in_pieces(void **state) {
  char piece[1000], digest[LH_HASH_SIZE];
  LhHash hash;
  (void)state;
  memset(piece, 'a', sizeof(piece));
  LhHashStart(&hash);
  for (int i = 0; i < 1000; i++) {
    LhHashAdd(&hash, piece, (size_t)(i % 7));
    LhHashAdd(&hash, piece, sizeof(piece) - (size_t)(i % 7));
  }
  LhHashFinish(&hash, digest);
  assert_string_equal(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_published),
                                     cmocka_unit_test(test_million_in_pieces)};
  return RunTests(argc, argv, tests);
}
