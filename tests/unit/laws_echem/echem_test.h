/// @file
/// What the tests of the electrochemical laws share: cmocka with PETSc, parameters from a text.
#pragma once
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <string.h>

#include "laws/material.h"

/// Asserts that a PETSc-style call succeeded.
#define OK(call) assert_int_equal((call), 0)

/// Asserts |found - expected| <= relative * |expected|, and says both when not.
#define assert_near(found, expected, relative)                                    \
  do {                                                                            \
    const double found_ = (found), expected_ = (expected);                        \
    if (!(fabs(found_ - expected_) <= (relative)*fabs(expected_))) {              \
      fail_msg("%s = %.12g, expected %.12g within %g", #found, found_, expected_, \
               (double)(relative));                                               \
    }                                                                             \
  } while (0)

/// Runs the tests of this file between PetscInitialize and PetscFinalize.
#define RunTests(argc, argv, tests)                                                              \
  (PetscInitialize(&(argc), &(argv), NULL, NULL) || cmocka_run_group_tests(tests, NULL, NULL) || \
   PetscFinalize())

/// A text read as YAML, with its diagnostics.
typedef struct {
  LhReader reader;
  LhDoc doc;
  LhNode root;
} Text;

static inline void TextOpen(Text *text, const char yaml[]) {
  *text = (Text){.doc = NULL};
  OK(LhDiagCreate(&text->reader.diag));
  OK(LhRecordCreate(&text->reader.record));
  OK(LhDocParse("case.yaml", yaml, strlen(yaml), text->reader.diag, &text->doc));
  assert_non_null(text->doc);
  OK(LhDocGetRoot(text->doc, &text->root));
}

static inline void TextClose(Text *text) {
  OK(LhDocDestroy(&text->doc));
  OK(LhRecordDestroy(&text->reader.record));
  OK(LhDiagDestroy(&text->reader.diag));
}

static inline PetscInt TextErrors(const Text *text) {
  PetscInt errors;

  OK(LhDiagGetCounts(text->reader.diag, &errors, NULL));
  return errors;
}

/// True when one of the diagnostics contains `sentence`.
static inline PetscBool TextSays(const Text *text, const char sentence[]) {
  PetscInt n;

  OK(LhDiagGetSize(text->reader.diag, &n));
  for (PetscInt i = 0; i < n; i++) {
    const char *line;

    OK(LhDiagGetText(text->reader.diag, i, NULL, &line));
    if (strstr(line, sentence)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static inline void TextPrint(const Text *text) {
  OK(LhDiagPrint(text->reader.diag, stderr));
}

/// Parameters of a law from YAML, as a material file would give them; freed by PetscFree.
static inline void *ReadLawParams(const LhParam rows[], PetscInt num_rows, size_t size,
                                  const char yaml[]) {
  const LhTable table = {"law", "", rows, num_rows};
  void *params;
  Text text;

  TextOpen(&text, yaml);
  OK(PetscCalloc1(size + 1, (char **)&params));
  OK(LhParamsRead(&text.reader, &table, text.root, text.root, "law", params));
  if (TextErrors(&text)) TextPrint(&text);
  assert_int_equal(TextErrors(&text), 0);
  TextClose(&text);
  return params;
}
#define ReadLaw(law, yaml) ReadLawParams((law)->params, (law)->num_params, (law)->params_size, yaml)
