/// Checks: every broken material file beside this test is refused with the sentences it expects, all of
///   them, no others, and without harm when it is read a second time.
/// Reference: the lines `# expect: <sentence>` at the top of each file.
/// Tolerance and why: none; an expected sentence must be part of one diagnostic each.
/// Fails if: a mistake passes, is reported in other words, or drags unrelated complaints along.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit/laws_echem/echem_test.h"

#define MARKER     "# expect: "
#define FEWEST     12  // files that must be there
#define MAX_EXPECT 16

typedef struct {
  char lines[MAX_EXPECT][512];
  PetscInt n;
} Expected;

static void ReadExpected(const char path[], Expected *expected) {
  FILE *file = fopen(path, "r");
  char line[512];

  expected->n = 0;
  assert_non_null(file);
  while (fgets(line, sizeof(line), file) && !strncmp(line, MARKER, strlen(MARKER))) {
    line[strcspn(line, "\n")] = 0;
    assert_true(expected->n < MAX_EXPECT);
    strcpy(expected->lines[expected->n++], line + strlen(MARKER));
  }
  fclose(file);
  assert_true(expected->n > 0);
}

static void CheckFile(const char directory[], const char name[]) {
  char path[PETSC_MAX_PATH_LEN], yaml[PETSC_MAX_PATH_LEN];
  Expected expected;
  LhMaterial material;
  Text text;

  OK(PetscSNPrintf(path, sizeof(path), "%s/%s", directory, name));
  OK(PetscSNPrintf(yaml, sizeof(yaml), "material: %s", name));
  ReadExpected(path, &expected);
  TextOpen(&text, yaml);
  OK(LhMaterialRead(PETSC_COMM_WORLD, &text.reader, LhNodeFind(text.root, "material"), NULL,
                    directory, &material));
  assert_null(material);
  for (PetscInt i = 0; i < expected.n; i++) {
    if (!TextSays(&text, expected.lines[i])) {
      TextPrint(&text);
      fail_msg("%s: nothing says: %s", name, expected.lines[i]);
    }
  }
  if (TextErrors(&text) != expected.n) {
    TextPrint(&text);
    fail_msg("%s: %d errors, expected %d", name, (int)TextErrors(&text), (int)expected.n);
  }
  // The same complaints are not repeated, and a second region with this material does no harm.
  OK(LhMaterialRead(PETSC_COMM_WORLD, &text.reader, LhNodeFind(text.root, "material"), NULL,
                    directory, &material));
  OK(LhMaterialDestroy(&material));
  TextClose(&text);
}

static void test_files(void **state) {
  char directory[PETSC_MAX_PATH_LEN];
  const char *source = getenv("LIHOST_SOURCE_DIR");
  DIR *stream;
  int n = 0;
  (void)state;

  assert_non_null(source);
  OK(PetscSNPrintf(directory, sizeof(directory), "%s/tests/bad_input/materials", source));
  stream = opendir(directory);
  assert_non_null(stream);
  for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
    if (!strstr(entry->d_name, ".yaml")) continue;
    CheckFile(directory, entry->d_name);
    n++;
  }
  closedir(stream);
  assert_true(n >= FEWEST);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_files)};

  return RunTests(argc, argv, tests);
}
