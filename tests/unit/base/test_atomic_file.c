/// Checks: commit replaces, abort and failure leave the old file, no part file stays behind.
/// Reference: the texts written.
/// Tolerance and why: none.
/// Fails if: the target is opened for writing before the commit, or a full disk goes unnoticed.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "unit/base/base_test.h"

static char folder[] = "/tmp/lihost_atomic_XXXXXX";
static char path[64], part[64];

static void assert_content(const char file[], const char expected[]) {
  char text[64] = "";
  FILE *stream = fopen(file, "r");
  assert_non_null(stream);
  assert_true(fread(text, 1, sizeof(text) - 1, stream) < sizeof(text));
  fclose(stream);
  assert_string_equal(text, expected);
}

static void test_commit(void **state) {
  LhAtomic atomic;
  FILE *stream;
  (void)state;
  OK(LhAtomicWrite(path, "old", 3));
  assert_content(path, "old");
  OK(LhAtomicOpen(path, &atomic, &stream));
  fputs("newer", stream);
  fflush(stream);
  assert_content(path, "old");
  OK(LhAtomicCommit(&atomic));
  assert_null(atomic);
  assert_content(path, "newer");
  assert_int_not_equal(access(part, F_OK), 0);
}

static void test_abort(void **state) {
  LhAtomic atomic;
  FILE *stream;
  (void)state;
  OK(LhAtomicWrite(path, "kept", 4));
  OK(LhAtomicOpen(path, &atomic, &stream));
  fputs("thrown away", stream);
  OK(LhAtomicAbort(&atomic));
  assert_content(path, "kept");
  assert_int_not_equal(access(part, F_OK), 0);
  OK(LhAtomicAbort(&atomic));
}

static void test_replace(void **state) {
  FILE *stream = fopen(part, "w");
  (void)state;
  fputs("by hand", stream);
  fclose(stream);
  OK(LhAtomicReplace(part, path));
  assert_content(path, "by hand");
  assert_int_not_equal(access(part, F_OK), 0);
}

static void test_failures(void **state) {
  LhAtomic atomic;
  FILE *stream, *full;
  (void)state;
  OK(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  OK(LhAtomicWrite(path, "kept", 4));
  assert_int_equal(LhAtomicOpen("/no/such/folder/file", &atomic, &stream), PETSC_ERR_FILE_OPEN);
  assert_null(atomic);
  assert_int_equal(LhAtomicReplace("/no/such/folder/file", path), PETSC_ERR_FILE_WRITE);
  OK(LhAtomicOpen(path, &atomic, &stream));
  full = freopen("/dev/full", "w", stream);
  if (full) {  // every write to it fails with "no space left on device"
    fputs("too much", stream);
    assert_int_equal(LhAtomicCommit(&atomic), PETSC_ERR_FILE_WRITE);
    assert_int_not_equal(access(part, F_OK), 0);
  }
  assert_content(path, "kept");
  OK(PetscPopErrorHandler());
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_commit),
      cmocka_unit_test(test_abort),
      cmocka_unit_test(test_replace),
      cmocka_unit_test(test_failures),
  };
  int failed;
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof(path), "%s/run.json", folder);
  snprintf(part, sizeof(part), "%s/run.json.part", folder);
  failed = RunTests(argc, argv, tests);
  remove(path);
  rmdir(folder);
  return failed;
}
