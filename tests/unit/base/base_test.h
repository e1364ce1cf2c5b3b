/// @file
/// What the tests of solver/base share: cmocka with PETSc, and a document read from a text.
#pragma once
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/param.h"

/// Asserts that a PETSc-style call succeeded.
#define OK(call) assert_int_equal((call), 0)

/// Runs the tests of this file between PetscInitialize and PetscFinalize.
#define RunTests(argc, argv, tests)                                                              \
  (PetscInitialize(&(argc), &(argv), NULL, NULL) || cmocka_run_group_tests(tests, NULL, NULL) || \
   PetscFinalize())

/// One document with its diagnostics, as a test reads it.
typedef struct {
  LhDiag diag;
  LhRecord record;
  LhReader reader;
  LhDoc doc;
  LhNode root;
} Sample;

static inline void SampleOpen(Sample *sample, const char text[]) {
  OK(LhDiagCreate(&sample->diag));
  OK(LhRecordCreate(&sample->record));
  sample->reader = (LhReader){.diag = sample->diag, .record = sample->record};
  sample->root = NULL;
  OK(LhDocParse("case.yaml", text, strlen(text), sample->diag, &sample->doc));
  if (sample->doc) OK(LhDocGetRoot(sample->doc, &sample->root));
}

static inline void SampleClose(Sample *sample) {
  OK(LhDocDestroy(&sample->doc));
  OK(LhRecordDestroy(&sample->record));
  OK(LhDiagDestroy(&sample->diag));
}

/// Number of diagnostics so far.
static inline PetscInt SampleCount(const Sample *sample) {
  PetscInt n = 0;
  OK(LhDiagGetSize(sample->diag, &n));
  return n;
}

/// The i-th diagnostic, "" when there is none.
static inline const char *SampleSentence(const Sample *sample, PetscInt i) {
  const char *text = "";
  if (i < SampleCount(sample)) OK(LhDiagGetText(sample->diag, i, NULL, &text));
  return text;
}
