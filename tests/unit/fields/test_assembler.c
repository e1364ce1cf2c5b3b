/// Checks: assembled matrices act like the sum of their element matrices, for 1 to 4 unknowns a node, hex8 and tet10; the
///         matrix in single precision has the same entries.
/// Reference: element-by-element products without a matrix; the same matrix built on one rank; the AIJ matrix.
/// Tolerance and why: 1e-12 of the largest entry of the product: sums of a hundred terms in another order. In single
///                    precision 1e-6 of the largest entry: sums of at most 24 terms, rounded to 6e-8 each.
/// Fails if: a position, a slot, a ghost row or a constraint goes to the wrong place, or values survive a Begin.
#include "fields/single_matrix.h"
#include "fields_test.h"

typedef struct {
  LhMesh mesh;
  LhSpace space;
  LhBatches batches;
  LhAssembler assembler;
  Mat mat;
  const LhMeshView *mesh_view;
  const LhSpaceView *view;
  const LhBatch *list;
  PetscInt bs, num_batches;
} Fixture;

static const struct {
  LhCellType type;
  PetscInt degree;
} kinds[3] = {
    {LH_CELL_HEX8, 1},
    {LH_CELL_TET4, 2},
    {LH_CELL_TET4, 1}
};

static double K[LH_ELEMENT_MAX_NODES * LH_ELEMENT_MAX_NODES * 16][LH_BATCH];

static Fixture Make(MPI_Comm comm, int kind, PetscInt bs) {
  const PetscInt above = 1;
  Fixture f = {.bs = bs, .mesh = MakeBox(comm, 3, kinds[kind].type, 0.15)};
  CHECK_CALL(LhMeshGetView(f.mesh, &f.mesh_view));
  CHECK_CALL(LhSpaceCreate(f.mesh, kinds[kind].degree, kind == 2, &above, &f.space));
  CHECK_CALL(LhSpaceGetView(f.space, &f.view));
  CHECK_CALL(LhBatchesCreate(f.space, &f.batches));
  CHECK_CALL(LhBatchesGet(f.batches, &f.num_batches, &f.list));
  CHECK_CALL(LhAssemblerCreate(f.space, f.batches, bs, &f.assembler));
  CHECK_CALL(LhAssemblerCreateMat(f.assembler, &f.mat));
  return f;
}

static void Unmake(Fixture *f) {
  CHECK_CALL(MatDestroy(&f->mat));
  CHECK_CALL(LhAssemblerDestroy(&f->assembler));
  CHECK_CALL(LhBatchesDestroy(&f->batches));
  CHECK_CALL(LhSpaceDestroy(&f->space));
  CHECK_CALL(LhMeshDestroy(&f->mesh));
}

/// Unsymmetric element matrices that depend on the cell's id alone; unused lanes hold a trap.
static void FillElementMatrices(const Fixture *f, const LhBatch *batch) {
  const PetscInt n = f->view->nodes_per_cell * f->bs;
  for (PetscInt ij = 0; ij < n * n; ij++) {
    for (PetscInt l = 0; l < LH_BATCH; l++) {
      const PetscBool active = (PetscBool)(l < batch->num_active);
      K[ij][l] = active ? Scramble(f->mesh_view->cell_id[batch->cell[l]], ij) : 1e30;
    }
  }
}

static void Assemble(Fixture *f) {
  CHECK_CALL(LhAssemblerBegin(f->assembler));
  for (PetscInt k = 0; k < f->num_batches; k++) {
    FillElementMatrices(f, &f->list[k]);
    CHECK_CALL(LhAssemblerAddBatch(f->assembler, k, (const double(*)[LH_BATCH])K));
  }
}

/// The same from element matrices in single precision.
static void AssembleRounded(Fixture *f) {
  static float rounded[LH_ELEMENT_MAX_NODES * LH_ELEMENT_MAX_NODES * 9][LH_BATCH];
  const PetscInt n = f->view->nodes_per_cell * f->bs;
  CHECK_CALL(LhAssemblerBegin(f->assembler));
  for (PetscInt k = 0; k < f->num_batches; k++) {
    FillElementMatrices(f, &f->list[k]);
    for (PetscInt m = 0; m < n * n * LH_BATCH; m++)
      rounded[m / LH_BATCH][m % LH_BATCH] = (float)K[m / LH_BATCH][m % LH_BATCH];
    CHECK_CALL(LhAssemblerAddBatchSingle(f->assembler, k, (const float(*)[LH_BATCH])rounded));
  }
}

/// The generic vector all products are taken with.
static double Entry(const Fixture *f, PetscInt u) {
  return 1.5 + Scramble(f->view->node_id[u / f->bs], 91 + u % f->bs);
}

static unsigned char Masked(const Fixture *f, PetscInt u) {
  return Scramble(f->view->node_id[u / f->bs], 7 + u % f->bs) > 0.6;
}

/// local[] += K x element by element.
static void AddBatchProducts(const Fixture *f, const double x[], double local[]) {
  const PetscInt n = f->view->nodes_per_cell * f->bs;
  double in[LH_ELEMENT_MAX_NODES * 4][LH_BATCH], out[LH_ELEMENT_MAX_NODES * 4][LH_BATCH];
  for (PetscInt k = 0; k < f->num_batches; k++) {
    FillElementMatrices(f, &f->list[k]);
    LhBatchGather(&f->list[k], f->view->nodes_per_cell, f->bs, x, in);
    for (PetscInt i = 0; i < n; i++) {
      LH_LANES(l) out[i][l] = 0;
      for (PetscInt j = 0; j < n; j++) LH_LANES(l) out[i][l] += K[i * n + j][l] * in[j][l];
    }
    LhBatchAdd(&f->list[k], f->view->nodes_per_cell, f->bs, (const double(*)[LH_BATCH])out, local);
  }
}

static double FaceEntry(PetscInt face, PetscInt ij) {
  return Scramble(face + 1000, ij);
}

/// Adds a block over each face of the surface "top" to the assembler, and its product with x to local.
static void AddFaces(Fixture *f, const double x[], double local[]) {
  const PetscInt n = f->view->nodes_per_face * f->bs;
  PetscInt surface = -1, num_faces = 0;
  const PetscInt *nodes = NULL;
  double block[36 * 16];
  CHECK_CALL(LhMeshFindSurface(f->mesh, "top", &surface));
  CHECK_CALL(LhSpaceGetFaces(f->space, surface, &num_faces, &nodes, NULL));
  for (PetscInt face = 0; face < num_faces; face++) {
    const PetscInt *node = nodes + face * f->view->nodes_per_face;
    for (PetscInt ij = 0; ij < n * n; ij++) {
      const PetscInt u = node[ij / n / f->bs] * f->bs + ij / n % f->bs;
      const PetscInt v = node[ij % n / f->bs] * f->bs + ij % n % f->bs;
      block[ij] = FaceEntry(face, ij);
      local[u] += block[ij] * x[v];
    }
    CHECK_CALL(LhAssemblerAddNodes(f->assembler, f->view->nodes_per_face, node, block));
  }
}

static void AddDiagonals(Fixture *f, const double x[], double local[]) {
  for (PetscInt u = 0; u < f->view->num_nodes * f->bs; u++) {
    CHECK_CALL(LhAssemblerAddDiagonal(f->assembler, u / f->bs, u % f->bs, 2.5 + u % 5));
    local[u] += (2.5 + u % 5) * x[u];
  }
}

/// Largest difference between mat * x and `expected` (owned), over the largest expected value.
static double ProductError(const Fixture *f, const double x[], const double expected[]) {
  const PetscInt m = f->view->num_owned * f->bs;
  const PetscScalar *y;
  PetscScalar *in;
  Vec vx, vy;
  double error = 0, size = 0;
  CHECK_CALL(MatCreateVecs(f->mat, &vx, &vy));
  CHECK_CALL(VecGetArrayWrite(vx, &in));
  CHECK_CALL(PetscArraycpy(in, x, m));
  CHECK_CALL(VecRestoreArrayWrite(vx, &in));
  CHECK_CALL(MatMult(f->mat, vx, vy));
  CHECK_CALL(VecGetArrayRead(vy, &y));
  for (PetscInt u = 0; u < m; u++) {
    error = fmax(error, fabs(y[u] - expected[u]));
    size = fmax(size, fabs(expected[u]));
  }
  CHECK_CALL(VecRestoreArrayRead(vy, &y));
  CHECK_CALL(VecDestroy(&vx));
  CHECK_CALL(VecDestroy(&vy));
  return MaxOverRanks(error) / MaxOverRanks(size);
}

static void CheckProduct(Fixture *f) {
  const PetscInt n = f->view->num_nodes * f->bs;
  double *x, *local, *expected;
  PetscInt bs;
  CHECK_CALL(PetscCalloc3(n, &x, n, &local, n, &expected));
  for (PetscInt u = 0; u < n; u++) x[u] = Entry(f, u);
  Assemble(f);
  Assemble(f);  // the first one must leave nothing behind
  AddBatchProducts(f, x, local);
  AddFaces(f, x, local);
  AddDiagonals(f, x, local);
  CHECK_CALL(LhSpaceScatterAdd(f->space, f->bs, local, expected));
  CHECK_CALL(LhAssemblerEnd(f->assembler, f->mat));
  CHECK_CALL(MatGetBlockSize(f->mat, &bs));
  assert_int_equal(bs, f->bs);
  assert_true(ProductError(f, x, expected) < 1e-12);
  CHECK_CALL(PetscFree3(x, local, expected));
}

static void TestActsLikeItsElements(void **state) {
  (void)state;
  for (int kind = 0; kind < 3; kind++) {
    for (PetscInt bs = 1; bs <= 4; bs++) {
      Fixture f = Make(PETSC_COMM_WORLD, kind, bs);
      CheckProduct(&f);
      Unmake(&f);
    }
  }
}

/// Prescribed unknowns see `diagonal` alone; the others see the others.
static void CheckConstraint(Fixture *f) {
  const double diagonal = 3.25;
  const PetscInt n = f->view->num_nodes * f->bs;
  double *x, *free_x, *local, *expected;
  unsigned char *mask;
  CHECK_CALL(PetscCalloc5(n, &x, n, &free_x, n, &local, n, &expected, n, &mask));
  for (PetscInt u = 0; u < n; u++) {
    mask[u] = Masked(f, u);
    x[u] = Entry(f, u);
    free_x[u] = mask[u] ? 0 : x[u];
  }
  Assemble(f);
  CHECK_CALL(LhAssemblerConstrain(f->assembler, mask, diagonal));
  CHECK_CALL(LhAssemblerEnd(f->assembler, f->mat));
  AddBatchProducts(f, free_x, local);
  CHECK_CALL(LhSpaceScatterAdd(f->space, f->bs, local, expected));
  for (PetscInt u = 0; u < f->view->num_owned * f->bs; u++) {
    if (mask[u]) expected[u] = diagonal * x[u];
  }
  assert_true(ProductError(f, x, expected) < 1e-12);
  CHECK_CALL(PetscFree5(x, free_x, local, expected, mask));
}

static void TestConstrain(void **state) {
  (void)state;
  for (int kind = 0; kind < 3; kind++) {
    for (PetscInt bs = 1; bs <= 4; bs++) {
      Fixture f = Make(PETSC_COMM_WORLD, kind, bs);
      CheckConstraint(&f);
      Unmake(&f);
    }
  }
}

/// Norms, entry count and x^T A x of the matrix of a fixture; none depends on the numbering.
static void Invariants(Fixture *f, double value[4]) {
  Vec x, y;
  PetscScalar *in;
  MatInfo info;
  Assemble(f);
  CHECK_CALL(LhAssemblerEnd(f->assembler, f->mat));
  CHECK_CALL(MatCreateVecs(f->mat, &x, &y));
  CHECK_CALL(VecGetArrayWrite(x, &in));
  for (PetscInt u = 0; u < f->view->num_owned * f->bs; u++) in[u] = Entry(f, u);
  CHECK_CALL(VecRestoreArrayWrite(x, &in));
  CHECK_CALL(MatMult(f->mat, x, y));
  CHECK_CALL(MatNorm(f->mat, NORM_FROBENIUS, &value[0]));
  CHECK_CALL(VecNorm(y, NORM_2, &value[1]));
  CHECK_CALL(VecDot(x, y, &value[2]));
  CHECK_CALL(MatGetInfo(f->mat, MAT_GLOBAL_SUM, &info));
  value[3] = info.nz_used;
  CHECK_CALL(VecDestroy(&x));
  CHECK_CALL(VecDestroy(&y));
}

static void TestEqualOnAnyNumberOfRanks(void **state) {
  (void)state;
  for (int kind = 0; kind < 3; kind++) {
    Fixture f = Make(PETSC_COMM_WORLD, kind, 3), serial = Make(PETSC_COMM_SELF, kind, 3);
    double mine[4], reference[4];
    Invariants(&f, mine);
    Invariants(&serial, reference);
    for (int i = 0; i < 3; i++) {
      assert_true(fabs(mine[i] - reference[i]) < 1e-12 * fmax(reference[0], fabs(reference[i])));
    }
    assert_true(mine[3] == reference[3]);
    Unmake(&f);
    Unmake(&serial);
  }
}

/// All ways to add, and prescribed unknowns.
static void AssembleAll(Fixture *f) {
  const PetscInt n = f->view->num_nodes * f->bs;
  unsigned char *mask;
  double *x, *local;
  CHECK_CALL(PetscCalloc3(n, &x, n, &local, n, &mask));
  for (PetscInt u = 0; u < n; u++) mask[u] = Masked(f, u);
  Assemble(f);
  AddFaces(f, x, local);
  AddDiagonals(f, x, local);
  CHECK_CALL(LhAssemblerConstrain(f->assembler, mask, 3.25));
  CHECK_CALL(PetscFree3(x, local, mask));
}

/// Largest difference of block `value` from that of f->mat, and largest entry.
static void CompareBlock(const Fixture *f, PetscInt row, PetscInt column, const float value[],
                         double largest[2]) {
  for (PetscInt e = 0; e < LH_SINGLE_BLOCK; e++) {
    const PetscInt at[2] = {3 * row + e % 3, 3 * column + e / 3};
    double exact = 0.;
    CHECK_CALL(MatGetValues(f->mat, 1, &at[0], 1, &at[1], &exact));
    largest[0] = fmax(largest[0], fabs(exact - (double)value[e]));
    largest[1] = fmax(largest[1], fabs(exact));
  }
}

/// Largest difference of the blocks of `single` from f->mat, over the largest entry.
static double SingleError(const Fixture *f, Mat single) {
  const PetscInt first = f->view->first_global;
  double largest[2] = {0., 0.};
  LhSingleRows *rows;
  MatInfo info;
  CHECK_CALL(LhSingleMatrixGetRows(single, &rows));
  CHECK_CALL(MatGetInfo(f->mat, MAT_LOCAL, &info));
  assert_true(info.nz_used == (double)LH_SINGLE_BLOCK * rows->start[rows->num_owned]);
  for (PetscInt i = 0; i < rows->num_owned; i++) {
    for (PetscInt k = rows->start[i]; k < rows->start[i + 1]; k++) {
      const PetscInt c = rows->column[k];
      const PetscInt column = c < rows->num_owned ? first + c : rows->ghost[c - rows->num_owned];
      CompareBlock(f, first + i, column, rows->value + LH_SINGLE_BLOCK * k, largest);
    }
  }
  return MaxOverRanks(largest[0]) / MaxOverRanks(largest[1]);
}

/// Rows made to sum to given numbers do so, up to a rounding of the diagonal.
static void CheckSums(Mat single) {
  LhSingleRows *rows;
  double *sums, size = 0., error = 0.;
  CHECK_CALL(LhSingleMatrixGetRows(single, &rows));
  CHECK_CALL(PetscMalloc1(LH_SINGLE_BLOCK * rows->num_owned, &sums));
  for (PetscInt k = 0; k < LH_SINGLE_BLOCK * rows->num_owned; k++) sums[k] = Scramble(k, 5);
  CHECK_CALL(LhSingleMatrixSetSums(single, sums));
  for (PetscInt u = 0; u < LH_SINGLE_BLOCK * rows->num_owned; u++) {
    const PetscInt i = u / LH_SINGLE_BLOCK, row = u % LH_SINGLE_BLOCK / 3, column = u % 3;
    double sum = 0.;
    for (PetscInt k = rows->start[i]; k < rows->start[i + 1]; k++) {
      const double value = (double)rows->value[LH_SINGLE_BLOCK * k + 3 * column + row];
      sum += value;
      if (rows->column[k] == i) size = fmax(size, fabs(value));
    }
    error = fmax(error, fabs(sum - sums[u]));
  }
  assert_true(error < 6e-8 * size);
  CHECK_CALL(PetscFree(sums));
}

/// Element matrices that come rounded: cells alone, against the same cells in double.
static void CheckRounded(Fixture *f, Mat single) {
  LhSingleRows *rows;
  float *first;
  double error = 0., size = 0.;
  CHECK_CALL(LhSingleMatrixGetRows(single, &rows));
  const PetscInt n = LH_SINGLE_BLOCK * rows->start[rows->num_owned];
  CHECK_CALL(PetscMalloc1(n, &first));
  Assemble(f);
  CHECK_CALL(LhAssemblerEnd(f->assembler, single));
  CHECK_CALL(PetscArraycpy(first, rows->value, n));
  AssembleRounded(f);
  CHECK_CALL(LhAssemblerEnd(f->assembler, single));
  for (PetscInt m = 0; m < n; m++) {
    error = fmax(error, fabs((double)first[m] - (double)rows->value[m]));
    size = fmax(size, fabs((double)first[m]));
  }
  assert_true(size > 0. && error == 0.);
  CHECK_CALL(PetscFree(first));
}

static void TestSingleHasTheSameEntries(void **state) {
  (void)state;
  for (int kind = 0; kind < 3; kind++) {
    Fixture f = Make(PETSC_COMM_WORLD, kind, 3);
    LhSingleRows *rows;
    Mat single;
    AssembleAll(&f);
    CHECK_CALL(LhAssemblerEnd(f.assembler, f.mat));
    CHECK_CALL(LhSingleMatrixGetRows(f.mat, &rows));
    assert_null(rows);
    CHECK_CALL(LhAssemblerCreateSingle(f.assembler, &single));
    for (int time = 0; time < 2; time++) {  // the first one must leave nothing behind
      AssembleAll(&f);
      CHECK_CALL(LhAssemblerEnd(f.assembler, single));
    }
    assert_true(SingleError(&f, single) < 1e-6);
    CheckSums(single);
    CheckRounded(&f, single);
    CHECK_CALL(LhAssemblerRelease(f.assembler));
    CHECK_CALL(MatDestroy(&single));
    CheckConstraint(&f);  // back to the AIJ matrix
    Unmake(&f);
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestActsLikeItsElements),
    cmocka_unit_test(TestConstrain),
    cmocka_unit_test(TestEqualOnAnyNumberOfRanks),
    cmocka_unit_test(TestSingleHasTheSameEntries),
};
FIELDS_TEST_MAIN(tests)
