/// Checks: a thousand random faults, a byte changed or an end cut off, in checkpoints and mesh files.
/// Reference: the files as they were.
/// Tolerance and why: none.
/// Fails if: a damaged checkpoint or HDF5 mesh is taken, a text mesh that reads as another one would let a run go on, or
///   a fault crashes the program.
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
#include <sys/stat.h>

#include "experiment/resume.h"

#define OK(call) assert_int_equal(call, 0)
enum { CHECKPOINT_FAULTS = 500, HDF5_FAULTS = 200, TEXT_FAULTS = 300 };

typedef struct {
  char *data;
  size_t size;
} Bytes;

static Bytes Load(const char path[]) {
  Bytes bytes = {malloc(1 << 22), 0};
  FILE *file = fopen(path, "rb");

  assert_non_null(file);
  bytes.size = fread(bytes.data, 1, 1 << 22, file);
  OK(fclose(file));
  return bytes;
}

static void Save(const char path[], const char data[], size_t size) {
  FILE *file = fopen(path, "wb");

  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, size, file), size);
  OK(fclose(file));
}

/// The k-th fault: every fourth cuts the file, the others change one byte to another one; every second of these a
/// digit to another digit where it meets one.
static void SaveFault(const char path[], const Bytes *bytes, int k, uint64_t *chance) {
  char *copy = malloc(bytes->size);
  size_t place;

  *chance = *chance * 6364136223846793005u + 1442695040888963407u;
  place = (size_t)(*chance >> 20) % bytes->size;
  memcpy(copy, bytes->data, bytes->size);
  if (k % 2 && copy[place] >= '0' && copy[place] <= '9')
    copy[place] = (char)('0' + (copy[place] - '0' + 1 + (int)(*chance >> 40) % 9) % 10);
  else
    copy[place] ^= (char)(1 + (*chance >> 8) % 255);
  Save(path, copy, k % 4 ? bytes->size : place);
  free(copy);
}

static LhMesh MakeMesh(void) {
  const LhBoxSpec box = {
      .width = 31e-6,
      .depth = 23e-6,
      .cells_x = 3,
      .cells_y = 2,
      .num_layers = 2,
      .layers = {{.region = "foil", .thickness = 50e-6, .cells = 4, .grading = 0.4},
                 {.region = "separator", .thickness = 25e-6, .cells = 2, .grading = 1.3}},
      .cell_type = LH_CELL_HEX8
  };
  LhMesh mesh;

  OK(LhMeshCreateBox(PETSC_COMM_SELF, &box, &mesh));
  return mesh;
}

static void WriteCheckpoint(const char dir[]) {
  LhMesh mesh = MakeMesh();
  PetscReal rows[1000];
  LhOutput output;
  LhCheckpoint cp;
  LhDiag diag;

  for (int i = 0; i < 1000; i++) rows[i] = 1 / (1. + i);
  OK(LhDiagCreate(&diag));
  OK(LhOutputCreate(mesh, dir, PETSC_TRUE, diag, &output));
  assert_non_null(output);
  OK(LhCheckpointCreate(output, 3.5, &cp));
  OK(LhCheckpointWriteText(cp, "words", "some words"));
  OK(LhCheckpointWriteReals(cp, "list", 200, rows));
  OK(LhCheckpointWriteRows(cp, &(LhCheckpointRows){"cells", LH_AT_CELLS, 20, rows}));
  OK(LhCheckpointCommit(&cp));
  OK(LhOutputDestroy(&output));
  OK(LhDiagDestroy(&diag));
  OK(LhMeshDestroy(&mesh));
}

/// 1 when the checkpoint is taken; a refusal is one error.
static int Taken(const char dir[]) {
  LhCheckpoint cp;
  PetscInt errors;
  LhDiag diag;

  OK(LhDiagCreate(&diag));
  OK(LhCheckpointOpen(PETSC_COMM_SELF, dir, diag, &cp));
  OK(LhDiagGetCounts(diag, &errors, NULL));
  assert_int_equal(errors, cp ? 0 : 1);
  const int taken = cp ? 1 : 0;
  OK(LhCheckpointClose(&cp));
  OK(LhDiagDestroy(&diag));
  return taken;
}

static void TestCheckpoint(void **state) {
  const char path[] = "faults/restart/A.h5";
  uint64_t chance = 1;

  (void)state;
  WriteCheckpoint("faults");
  const Bytes bytes = Load(path);
  assert_int_equal(Taken("faults"), 1);
  for (int k = 0; k < CHECKPOINT_FAULTS; k++) {
    SaveFault(path, &bytes, k, &chance);
    if (Taken("faults")) fail_msg("fault %d was not seen", k);
  }
  Save(path, bytes.data, bytes.size);
  assert_int_equal(Taken("faults"), 1);
  free(bytes.data);
}

/// What a run depends on, byte by byte, of a mesh on one rank.
typedef struct {
  PetscInt num_vertices, num_cells;
  uint64_t print;
  Bytes coords, corners, regions, faces;
} Shape;

static Bytes Copy(const void *data, size_t size) {
  Bytes b = {malloc(size + 1), size};

  memcpy(b.data, data, size);
  return b;
}

static Shape ShapeOf(LhMesh mesh) {
  const LhMeshView *m;
  Shape s;

  OK(LhMeshGetView(mesh, &m));
  s.num_vertices = m->num_vertices;
  s.num_cells = m->num_cells;
  OK(LhResumeMeshPrint(mesh, &s.print));
  s.coords = Copy(m->coords, sizeof(PetscReal) * 3 * (size_t)m->num_vertices);
  s.corners =
      Copy(m->cell_vertices, sizeof(PetscInt) * (size_t)(m->num_cells * m->vertices_per_cell));
  s.regions = Copy(m->cell_region, sizeof(PetscInt) * (size_t)m->num_cells);
  s.faces = (Bytes){calloc(1, 1 << 16), 0};
  for (PetscInt k = 0; k < m->num_regions; k++)
    s.faces.size += (size_t)sprintf(s.faces.data + s.faces.size, "%s\n", m->region_names[k]);
  for (PetscInt k = 0; k < m->num_surfaces; k++)
    s.faces.size +=
        (size_t)sprintf(s.faces.data + s.faces.size, "%s %d %.17g\n", m->surfaces[k].name,
                        (int)m->surfaces[k].num_faces, (double)m->surfaces[k].area);
  return s;
}

static void FreeShape(Shape *s) {
  free(s->coords.data);
  free(s->corners.data);
  free(s->regions.data);
  free(s->faces.data);
}

static int SameBytes(const Bytes *a, const Bytes *b) {
  return a->size == b->size && !memcmp(a->data, b->data, a->size);
}

static int SameShape(const Shape *a, const Shape *b) {
  return SameBytes(&a->coords, &b->coords) && SameBytes(&a->corners, &b->corners) &&
         SameBytes(&a->regions, &b->regions) && SameBytes(&a->faces, &b->faces);
}

static LhMesh ReadMesh(const char path[]) {
  LhMesh mesh;
  LhDiag diag;
  PetscInt errors;

  OK(LhDiagCreate(&diag));
  OK(LhMeshCreateFromFile(PETSC_COMM_SELF, path, diag, &mesh));
  OK(LhDiagGetCounts(diag, &errors, NULL));
  assert_true((errors == 0) == (mesh != NULL));
  OK(LhDiagDestroy(&diag));
  return mesh;
}

static void TestHdf5Mesh(void **state) {
  const char path[] = "faults/mesh.h5";
  uint64_t chance = 2;
  int harmless = 0;
  LhMesh mesh = MakeMesh();

  (void)state;
  OK(LhMeshWrite(mesh, path));
  OK(LhMeshDestroy(&mesh));
  mesh = ReadMesh(path);
  Shape whole = ShapeOf(mesh);
  OK(LhMeshDestroy(&mesh));
  const Bytes bytes = Load(path);
  for (int k = 0; k < HDF5_FAULTS; k++) {
    SaveFault(path, &bytes, k, &chance);
    mesh = ReadMesh(path);
    if (!mesh) continue;
    // Blank bytes behind the hash mean nothing.
    Shape found = ShapeOf(mesh);
    harmless++;
    if (!SameShape(&whole, &found)) fail_msg("fault %d was not seen", k);
    FreeShape(&found);
    OK(LhMeshDestroy(&mesh));
  }
  print_message("%d faults: %d harmless, the others refused\n", HDF5_FAULTS, harmless);
  FreeShape(&whole);
  free(bytes.data);
}

/// A text mesh has no checksum: what reads as another mesh has another fingerprint, which a run that goes on asks for.
static void TestTextMesh(void **state) {
  const char path[] = "faults/mesh.msh";
  char source[512];
  uint64_t chance = 3;
  int refused = 0, other = 0;

  (void)state;
  (void)snprintf(source, sizeof(source), "%s/meshes/foil_tet.msh", getenv("LIHOST_SOURCE_DIR"));
  const Bytes bytes = Load(source);
  Save(path, bytes.data, bytes.size);
  LhMesh mesh = ReadMesh(path);
  assert_non_null(mesh);
  Shape whole = ShapeOf(mesh);
  OK(LhMeshDestroy(&mesh));
  for (int k = 0; k < TEXT_FAULTS; k++) {
    SaveFault(path, &bytes, k, &chance);
    mesh = ReadMesh(path);
    if (!mesh) {
      refused++;
      continue;
    }
    Shape found = ShapeOf(mesh);
    if (!SameShape(&whole, &found)) {
      other++;
      if (found.print == whole.print) fail_msg("fault %d makes another mesh of equal print", k);
    }
    FreeShape(&found);
    OK(LhMeshDestroy(&mesh));
  }
  print_message("%d faults: %d refused, %d read as another mesh and told apart, %d harmless\n",
                TEXT_FAULTS, refused, other, TEXT_FAULTS - refused - other);
  assert_true(refused > 0 && other > 0);
  FreeShape(&whole);
  free(bytes.data);
}

int main(int argc, char *argv[]) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestCheckpoint),
                                     cmocka_unit_test(TestHdf5Mesh),
                                     cmocka_unit_test(TestTextMesh)};
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
