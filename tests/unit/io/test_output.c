/// Checks: what a run leaves in its folder and how resume shortens it: refusals, tables, states, records.
/// Reference: the values the test itself wrote; the sentences users read.
/// Tolerance and why: none; 17 digits bring a double back exactly.
/// Fails if: a row is lost or kept too long, another run is overwritten unasked, a refusal differs between ranks.
// cmocka.h needs the four before it.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sample_run.h"

static char scratch[PETSC_MAX_PATH_LEN];

static const LhColumn columns[] = {
    {"time",    "s", "time"   },
    {"voltage", "V", "voltage"},
};

static void JoinPath(const char dir[], const char file[], char path[PETSC_MAX_PATH_LEN]) {
  PetscSNPrintf(path, PETSC_MAX_PATH_LEN, "%s/%s", dir, file);
}

// The whole file as text; NULL when it is absent.
static char *ReadText(const char dir[], const char file[]) {
  char path[PETSC_MAX_PATH_LEN];
  JoinPath(dir, file, path);
  FILE *stream = fopen(path, "r");
  if (!stream) return NULL;
  char *text = calloc(1, 1 << 16);
  if (fread(text, 1, (1 << 16) - 1, stream) == 0) text[0] = '\0';
  fclose(stream);
  return text;
}

static void AssertHolds(const char dir[], const char file[], const char part[]) {
  char *text = ReadText(dir, file);
  assert_non_null(text);
  if (!strstr(text, part)) fail_msg("%s does not hold '%s' but:\n%s", file, part, text);
  free(text);
}

static void AssertText(const char dir[], const char file[], const char expected[]) {
  char *text = ReadText(dir, file);
  assert_non_null(text);
  assert_string_equal(text, expected);
  free(text);
}

static int OnRoot(void) {
  PetscMPIInt rank;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  MPI_Barrier(PETSC_COMM_WORLD);
  return rank == 0;
}

static void AssertSentence(LhDiag diag, const char part[]) {
  LhSeverity severity;
  const char *text;
  PetscInt n;
  assert_int_equal(LhDiagGetSize(diag, &n), 0);
  assert_int_equal(n, 1);
  assert_int_equal(LhDiagGetText(diag, 0, &severity, &text), 0);
  if (!strstr(text, part)) fail_msg("expected '%s', got '%s'", part, text);
}

static void MustCreate(LhMesh mesh, const char dir[], PetscBool overwrite, LhOutput *output) {
  LhDiag diag;
  assert_int_equal(LhDiagCreate(&diag), 0);
  assert_int_equal(LhOutputCreate(mesh, dir, overwrite, diag, output), 0);
  assert_non_null(*output);
  assert_int_equal(LhDiagDestroy(&diag), 0);
}

static void AppendUntil(LhSeries series, PetscReal from, PetscReal to) {
  for (PetscReal t = from; t <= to; t += 0.25) {
    assert_int_equal(LhSeriesAppend(series, (PetscReal[2]){t, 1 / (3 + t)}), 0);
  }
}

static void TestSeriesResume(void **state) {
  SampleRun run;
  LhOutput output;
  LhSeries series;
  LhDiag diag;
  char dir[PETSC_MAX_PATH_LEN], path[PETSC_MAX_PATH_LEN];

  (void)state;
  JoinPath(scratch, "a/deep/series", dir);
  assert_int_equal(LhDiagCreate(&diag), 0);
  assert_int_equal(SampleRunCreate(&run), 0);
  MustCreate(run.mesh, dir, PETSC_FALSE, &output);
  assert_int_equal(LhSeriesCreate(output, "series.csv", 2, columns, &series), 0);
  AppendUntil(series, 0, 1);
  assert_int_equal(LhSeriesDestroy(&series), 0);
  if (OnRoot()) {  // a crash in the middle of a row
    JoinPath(dir, "series.csv", path);
    FILE *stream = fopen(path, "a");
    fputs("0.25,0.3", stream);
    fclose(stream);
  }
  assert_int_equal(LhSeriesResume(output, "series.csv", 2, columns, 0.5, diag, &series), 0);
  assert_non_null(series);
  AppendUntil(series, 0.625, 0.875);
  assert_int_equal(LhSeriesDestroy(&series), 0);
  if (OnRoot()) {
    char expected[512];
    snprintf(expected, sizeof(expected),
             "time [s],voltage [V]\n0,%.17g\n0.25,%.17g\n0.5,%.17g\n0.625,%.17g\n0.875,%.17g\n",
             1 / 3., 1 / 3.25, 1 / 3.5, 1 / 3.625, 1 / 3.875);
    AssertText(dir, "series.csv", expected);
  }
  OnRoot();
  assert_int_equal(LhSeriesResume(output, "series.csv", 1, columns, 0.5, diag, &series), 0);
  assert_null(series);
  AssertSentence(diag, "series.csv has other columns");
  assert_int_equal(LhOutputDestroy(&output), 0);
  assert_int_equal(SampleRunDestroy(&run), 0);
  assert_int_equal(LhDiagDestroy(&diag), 0);
}

static void TestHistoryHeader(void **state) {
  LhMesh mesh;
  LhOutput output;
  LhSeries history;
  char dir[PETSC_MAX_PATH_LEN];
  const LhHistoryRow row = {.time = 0.5, .current = -2, .voltage = 0.25, .pressure = 200000};

  (void)state;
  JoinPath(scratch, "history", dir);
  assert_int_equal(SampleMeshCreate(&mesh), 0);
  MustCreate(mesh, dir, PETSC_FALSE, &output);
  assert_int_equal(LhHistoryCreate(output, &history), 0);
  assert_int_equal(LhHistoryAppend(history, &row), 0);
  if (OnRoot()) {  // flushed, though still open
    AssertText(dir, "history.bdf.csv",
               "Test Time / s,Current / A,Voltage / V,Applied Pressure / Pa\n0.5,-2,0.25,200000\n");
  }
  assert_int_equal(LhSeriesDestroy(&history), 0);
  assert_int_equal(LhOutputDestroy(&output), 0);
  assert_int_equal(LhMeshDestroy(&mesh), 0);
}

static void TestRefusals(void **state) {
  LhMesh mesh;
  LhOutput output;
  LhDiag diag;
  char dir[PETSC_MAX_PATH_LEN], path[PETSC_MAX_PATH_LEN];

  (void)state;
  JoinPath(scratch, "taken", dir);
  assert_int_equal(SampleMeshCreate(&mesh), 0);
  MustCreate(mesh, dir, PETSC_FALSE, &output);
  assert_int_equal(LhOutputDestroy(&output), 0);

  assert_int_equal(LhDiagCreate(&diag), 0);
  assert_int_equal(LhOutputCreate(mesh, dir, PETSC_FALSE, diag, &output), 0);
  assert_null(output);
  AssertSentence(diag, "taken holds another run");
  assert_int_equal(LhDiagDestroy(&diag), 0);

  JoinPath(dir, "notes.txt", path);
  if (OnRoot()) fclose(fopen(path, "w"));
  MustCreate(mesh, dir, PETSC_TRUE, &output);
  assert_int_equal(LhOutputDestroy(&output), 0);
  if (OnRoot()) assert_int_equal(access(path, F_OK), 0);  // not ours, so it stays

  assert_int_equal(LhDiagCreate(&diag), 0);
  JoinPath(dir, "notes.txt/run", path);
  assert_int_equal(LhOutputCreate(mesh, path, PETSC_TRUE, diag, &output), 0);
  assert_null(output);
  AssertSentence(diag, "notes.txt is a file");
  assert_int_equal(LhDiagDestroy(&diag), 0);

  assert_int_equal(LhDiagCreate(&diag), 0);
  JoinPath(scratch, "nothing_here", path);
  assert_int_equal(LhOutputResume(mesh, path, &(LhOutputMark){.time = 1}, diag, &output), 0);
  assert_null(output);
  AssertSentence(diag, "nothing_here holds no run");
  assert_int_equal(LhDiagDestroy(&diag), 0);
  assert_int_equal(LhMeshDestroy(&mesh), 0);
}

static void TestResumeStates(void **state) {
  SampleRun run;
  LhOutput output;
  LhDiag diag;
  char dir[PETSC_MAX_PATH_LEN], path[PETSC_MAX_PATH_LEN];
  const LhOutputMark mark = {.time = 15, .num_events = PETSC_MAX_INT, .num_states = PETSC_MAX_INT};

  (void)state;
  JoinPath(scratch, "resumed", dir);
  assert_int_equal(LhDiagCreate(&diag), 0);
  assert_int_equal(SampleRunCreate(&run), 0);
  MustCreate(run.mesh, dir, PETSC_FALSE, &output);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(SampleRunWrite(&run, output, 10. * i), 0);
    assert_int_equal(LhOutputEvent(output, 10. * i, "saved", "state %d, \"quoted\"", i), 0);
  }
  assert_int_equal(LhOutputFields(output, 12.5, NAN, 0, NULL), 0);  // no label, no fields
  assert_int_equal(LhOutputDestroy(&output), 0);

  assert_int_equal(LhOutputResume(run.mesh, dir, &mark, diag, &output), 0);
  assert_non_null(output);
  JoinPath(dir, "fields/f_000003.hdf", path);
  if (OnRoot()) assert_int_not_equal(access(path, F_OK), 0);
  OnRoot();
  assert_int_equal(SampleRunWrite(&run, output, 17.5), 0);
  if (OnRoot()) {
    AssertText(dir, "fields.hdf.series",
               "{\n  \"file-series-version\": \"1.0\",\n  \"files\": [\n"
               "    {\"name\": \"fields/f_000000.hdf\", \"time\": 0, \"state\": 0},\n"
               "    {\"name\": \"fields/f_000001.hdf\", \"time\": 10, \"state\": 0.01},\n"
               "    {\"name\": \"fields/f_000004.hdf\", \"time\": 12.5, \"state\": null},\n"
               "    {\"name\": \"fields/f_000005.hdf\", \"time\": 17.5, \"state\": 0.0175}\n"
               "  ]\n}\n");
    AssertText(dir, "events.csv",
               "time [s],kind,what\n0,saved,\"state 0, \"\"quoted\"\"\"\n10,saved,\"state 1, "
               "\"\"quoted\"\"\"\n");
  }
  assert_int_equal(LhOutputDestroy(&output), 0);
  assert_int_equal(SampleRunDestroy(&run), 0);
  assert_int_equal(LhDiagDestroy(&diag), 0);
}

static void TestInputs(void **state) {
  static const char text[] = "foil:\n  thickness: 50 um  # as given\n";
  LhMesh mesh;
  LhOutput output;
  LhDiag diag;
  LhDoc doc;
  LhRecord record;
  char dir[PETSC_MAX_PATH_LEN];

  (void)state;
  JoinPath(scratch, "inputs", dir);
  assert_int_equal(LhDiagCreate(&diag), 0);
  assert_int_equal(SampleMeshCreate(&mesh), 0);
  MustCreate(mesh, dir, PETSC_FALSE, &output);
  assert_int_equal(LhDocParse("case.yaml", text, sizeof(text) - 1, diag, &doc), 0);
  assert_int_equal(LhRecordCreate(&record), 0);
  assert_int_equal(
      LhRecordAddDerived(record, "foil.capacity", "C m-2", 2e-05, "from \"stoichiometry\""), 0);
  assert_int_equal(LhOutputInputs(output, doc, record), 0);
  if (OnRoot()) {
    AssertText(dir, "case.yaml", text);
    AssertHolds(dir, "resolved.yaml", "\"foil.capacity\":\n  value: 2.0e-05\n  unit: \"C m-2\"\n");
    AssertHolds(dir, "resolved.yaml", "\\\"stoichiometry\\\"");
  }
  assert_int_equal(LhRecordDestroy(&record), 0);
  assert_int_equal(LhDocDestroy(&doc), 0);
  assert_int_equal(LhOutputDestroy(&output), 0);
  assert_int_equal(LhMeshDestroy(&mesh), 0);
  assert_int_equal(LhDiagDestroy(&diag), 0);
}

static int MakeScratch(void **state) {
  (void)state;
  if (OnRoot()) {
    strcpy(scratch, "lihost_io_XXXXXX");
    if (!mkdtemp(scratch)) return 1;
  }
  MPI_Bcast(scratch, sizeof(scratch), MPI_CHAR, 0, PETSC_COMM_WORLD);
  return 0;
}

static int RemoveScratch(void **state) {
  char command[PETSC_MAX_PATH_LEN + 16];
  (void)state;
  snprintf(command, sizeof(command), "rm -r %s", scratch);
  return OnRoot() ? system(command) : 0;
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestSeriesResume), cmocka_unit_test(TestHistoryHeader),
      cmocka_unit_test(TestRefusals),     cmocka_unit_test(TestResumeStates),
      cmocka_unit_test(TestInputs),
  };
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  const int failed = cmocka_run_group_tests(tests, MakeScratch, RemoveScratch);
  PetscCall(PetscFinalize());
  return failed;
}
