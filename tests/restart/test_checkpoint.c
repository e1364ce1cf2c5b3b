/// Checks: a checkpoint gives back what went in, by id, on other numbers of ranks; two are kept; damaged ones, missing
///   sections and other sizes are told.
/// Reference: formulas of ids; the sentences users read.
/// Tolerance and why: none; reals are copied.
/// Fails if: a row goes to another id, the good checkpoint is overwritten, a damaged one is taken, or ranks disagree.
// cmocka.h needs the four before it.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/checkpoint.h"

#define OK(call) assert_int_equal(call, 0)
enum { VERTEX_WIDTH = 3, CELL_WIDTH = 7 };

static char scratch[256];

/// 4284 vertices: more than one chunk of rows, not a multiple of it.
static LhMesh MakeMesh(MPI_Comm comm) {
  const LhBoxSpec box = {
      .width = 31e-6,
      .depth = 23e-6,
      .cells_x = 13,
      .cells_y = 16,
      .num_layers = 2,
      .layers = {{.region = "foil", .thickness = 50e-6, .cells = 14, .grading = 0.4},
                 {.region = "separator", .thickness = 25e-6, .cells = 3, .grading = 1.3}},
      .cell_type = LH_CELL_HEX8
  };
  LhMesh mesh;

  OK(LhMeshCreateBox(comm, &box, &mesh));
  return mesh;
}

static int IsRoot(void) {
  PetscMPIInt rank;

  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  return rank == 0;
}

static PetscReal Formula(PetscInt id, PetscInt k, PetscReal t) {
  return 1 / (3. + id) + 7 * k - t;
}

typedef struct {
  LhMesh mesh;
  LhOutput output;
  PetscInt num_vertices, num_cells;
  const PetscInt *vertex_id, *cell_id;
  PetscReal *vertices, *cells;
} Fixture;

static void Open(MPI_Comm comm, const char dir[], const LhOutputMark *mark, Fixture *f) {
  const LhMeshView *view;
  LhDiag diag;

  OK(LhDiagCreate(&diag));
  f->mesh = MakeMesh(comm);
  OK(LhMeshGetView(f->mesh, &view));
  f->num_vertices = view->num_owned_vertices;
  f->num_cells = view->num_cells;
  f->vertex_id = view->vertex_id;
  f->cell_id = view->cell_id;
  f->vertices = calloc((size_t)f->num_vertices * VERTEX_WIDTH + 1, sizeof(PetscReal));
  f->cells = calloc((size_t)f->num_cells * CELL_WIDTH + 1, sizeof(PetscReal));
  if (mark)
    OK(LhOutputResume(f->mesh, dir, mark, diag, &f->output));
  else
    OK(LhOutputCreate(f->mesh, dir, PETSC_TRUE, diag, &f->output));
  assert_non_null(f->output);
  OK(LhDiagDestroy(&diag));
}

static void Close(Fixture *f) {
  OK(LhOutputDestroy(&f->output));
  OK(LhMeshDestroy(&f->mesh));
  free(f->vertices);
  free(f->cells);
}

static void Fill(Fixture *f, PetscReal t) {
  for (PetscInt i = 0; i < f->num_vertices * VERTEX_WIDTH; i++)
    f->vertices[i] = Formula(f->vertex_id[i / VERTEX_WIDTH], i % VERTEX_WIDTH, t);
  for (PetscInt i = 0; i < f->num_cells * CELL_WIDTH; i++)
    f->cells[i] = Formula(f->cell_id[i / CELL_WIDTH], i % CELL_WIDTH, -t);
}

static void CheckFilled(const Fixture *f, PetscReal t) {
  for (PetscInt i = 0; i < f->num_vertices * VERTEX_WIDTH; i++)
    assert_true(f->vertices[i] == Formula(f->vertex_id[i / VERTEX_WIDTH], i % VERTEX_WIDTH, t));
  for (PetscInt i = 0; i < f->num_cells * CELL_WIDTH; i++)
    assert_true(f->cells[i] == Formula(f->cell_id[i / CELL_WIDTH], i % CELL_WIDTH, -t));
}

static void Write(Fixture *f, PetscReal t) {
  const PetscReal list[] = {1 / 3., -t, 1e300};
  const LhCheckpointRows vertices = {"vertices", LH_AT_VERTICES, VERTEX_WIDTH, f->vertices},
                         cells = {"cells", LH_AT_CELLS, CELL_WIDTH, f->cells},
                         none = {"none", LH_AT_CELLS, 0, NULL};
  LhCheckpoint cp;

  Fill(f, t);
  OK(LhCheckpointCreate(f->output, t, &cp));
  OK(LhCheckpointWriteText(cp, "words", "one\ntwo \"three\""));
  OK(LhCheckpointWriteReals(cp, "list", 3, list));
  OK(LhCheckpointWriteRows(cp, &vertices));
  OK(LhCheckpointWriteRows(cp, &none));
  OK(LhCheckpointWriteRows(cp, &cells));
  OK(LhCheckpointCommit(&cp));
}

static void Read(MPI_Comm comm, const char dir[], PetscReal t) {
  PetscReal list[3] = {0};
  LhCheckpointFacts facts;
  LhCheckpoint cp;
  PetscInt errors;
  LhDiag diag;
  Fixture f;
  char *words;

  OK(LhDiagCreate(&diag));
  OK(LhCheckpointOpen(comm, dir, diag, &cp));
  assert_non_null(cp);
  OK(LhCheckpointGetFacts(cp, &facts));
  assert_true(facts.time == t);
  Open(comm, dir, &(LhOutputMark){.time = facts.time, .from = cp}, &f);
  OK(LhCheckpointReadText(cp, "words", &words));
  assert_string_equal(words, "one\ntwo \"three\"");
  OK(PetscFree(words));
  OK(LhCheckpointReadReals(cp, "list", 3, list));
  assert_true(list[0] == 1 / 3. && list[1] == -t && list[2] == 1e300);
  OK(LhCheckpointReadRows(
      cp, f.output, &(LhCheckpointRows){"vertices", LH_AT_VERTICES, VERTEX_WIDTH, f.vertices}));
  OK(LhCheckpointReadRows(cp, f.output,
                          &(LhCheckpointRows){"cells", LH_AT_CELLS, CELL_WIDTH, f.cells}));
  CheckFilled(&f, t);
  OK(LhDiagGetCounts(diag, &errors, NULL));
  assert_int_equal(errors, 0);
  // What is not there, or has another size, is told and changes nothing.
  OK(LhCheckpointReadRows(cp, f.output,
                          &(LhCheckpointRows){"cells", LH_AT_CELLS, CELL_WIDTH - 1, f.cells}));
  OK(LhCheckpointReadReals(cp, "nothing", 3, list));
  OK(LhDiagGetCounts(diag, &errors, NULL));
  assert_int_equal(errors, 2);
  CheckFilled(&f, t);
  OK(LhCheckpointClose(&cp));
  Close(&f);
  OK(LhDiagDestroy(&diag));
}

static void TestOtherRanks(void **state) {
  char dir[300];
  Fixture f;

  (void)state;
  (void)snprintf(dir, sizeof(dir), "%s/ranks", scratch);
  Open(PETSC_COMM_WORLD, dir, NULL, &f);
  Write(&f, 2.5);
  Close(&f);
  Read(PETSC_COMM_WORLD, dir, 2.5);
  MPI_Barrier(PETSC_COMM_WORLD);
  if (IsRoot()) {
    Read(PETSC_COMM_SELF, dir, 2.5);
    Open(PETSC_COMM_SELF, dir, NULL, &f);
    Write(&f, 4);
    Close(&f);
  }
  MPI_Barrier(PETSC_COMM_WORLD);
  Read(PETSC_COMM_WORLD, dir, 4);
}

/// Time of the newest good checkpoint, -1 without one; warnings and errors on the way.
static PetscReal Newest(const char dir[], PetscInt *warnings, PetscInt *errors) {
  LhCheckpointFacts facts = {.time = -1};
  LhCheckpoint cp;
  LhDiag diag;

  OK(LhDiagCreate(&diag));
  OK(LhCheckpointOpen(PETSC_COMM_WORLD, dir, diag, &cp));
  if (cp) OK(LhCheckpointGetFacts(cp, &facts));
  OK(LhDiagGetCounts(diag, errors, warnings));
  OK(LhCheckpointClose(&cp));
  OK(LhDiagDestroy(&diag));
  return facts.time;
}

static void Damage(const char dir[], char letter, long place) {
  char path[320];

  MPI_Barrier(PETSC_COMM_WORLD);
  if (IsRoot()) {
    (void)snprintf(path, sizeof(path), "%s/restart/%c.h5", dir, letter);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    OK(fseek(file, place, SEEK_SET));
    const int byte = fgetc(file);
    OK(fseek(file, place, SEEK_SET));
    fputc(byte ^ 16, file);
    OK(fclose(file));
  }
  MPI_Barrier(PETSC_COMM_WORLD);
}

static void TestTwoKept(void **state) {
  PetscInt warnings, errors;
  char dir[300];
  Fixture f;

  (void)state;
  (void)snprintf(dir, sizeof(dir), "%s/kept", scratch);
  Open(PETSC_COMM_WORLD, dir, NULL, &f);
  for (int k = 1; k <= 3; k++) Write(&f, k);
  if (!strcmp(
          scratch,
          "checkpoint_2")) {  // nobody goes on with a run that is alive, after waiting for its end
    assert_true(Newest(dir, &warnings, &errors) == -1);
    assert_int_equal(errors, 1);
  }
  Close(&f);
  assert_true(Newest(dir, &warnings, &errors) == 3);
  assert_int_equal(errors, 0);
  Damage(dir, 'A', 70000);  // the third
  assert_true(Newest(dir, &warnings, &errors) == 2);
  assert_int_equal(warnings, 1);
  assert_int_equal(errors, 0);
  Damage(dir, 'B', 100);  // blank space of the seal
  assert_true(Newest(dir, &warnings, &errors) == -1);
  assert_int_equal(errors, 1);
  Damage(dir, 'B', 100);
  assert_true(Newest(dir, &warnings, &errors) == 2);
}

static void TestContinue(void **state) {
  PetscInt warnings, errors;
  LhCheckpoint cp;
  char dir[300];
  LhDiag diag;
  Fixture f;

  (void)state;
  (void)snprintf(dir, sizeof(dir), "%s/continue", scratch);
  Open(PETSC_COMM_WORLD, dir, NULL, &f);
  Write(&f, 1);
  Write(&f, 2);
  Close(&f);
  OK(LhDiagCreate(&diag));
  OK(LhCheckpointOpen(PETSC_COMM_WORLD, dir, diag, &cp));
  Open(PETSC_COMM_WORLD, dir, &(LhOutputMark){.time = 2, .from = cp}, &f);
  OK(LhCheckpointContinue(cp, f.output));
  OK(LhCheckpointClose(&cp));
  Write(&f, 3);
  Close(&f);
  OK(LhDiagDestroy(&diag));
  Damage(dir, 'A', 5000);
  assert_true(Newest(dir, &warnings, &errors) == 2);
}

int main(int argc, char *argv[]) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestOtherRanks),
                                     cmocka_unit_test(TestTwoKept), cmocka_unit_test(TestContinue)};
  PetscMPIInt size;
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  (void)snprintf(scratch, sizeof(scratch), "checkpoint_%d", (int)size);
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
