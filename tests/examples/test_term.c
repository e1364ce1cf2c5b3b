/// Checks: the example of a term, s u on top of -Div(k Grad u), assembled over a box of hexahedra.
/// Reference: energies of functions that the elements hold exactly: u = 1 gives s V; u = x gives k V + s W^3 D H / 3.
/// Tolerance and why: 1e-12 of the energy; sums of some thousand products.
/// Fails if: a weight, an index of the element matrix or a unit of the term is wrong, on any number of ranks.
#include "unit/fields/fields_test.h"

#define NODES       8
#define CONDUCTANCE 2.3
#define REACTION    41.7

// [term]
/// K_ab += sum_q s N_a N_b dV: the term, for the cells of one batch.
static void AddReaction(const LhElement *element, PetscInt q, const double dv[LH_BATCH],
                        double (*K)[LH_BATCH]) {
  for (PetscInt m = 0; m < NODES * NODES; m++) {
    const double product = REACTION * element->N[q][m / NODES] * element->N[q][m % NODES];

    LH_LANES(l) K[m][l] += product * dv[l];
  }
}
// [operator]
/// K_ab += sum_q k Grad N_a . Grad N_b dV: what was there before.
static void AddDiffusion(const double (*grad)[LH_BATCH], const double dv[LH_BATCH],
                         double (*K)[LH_BATCH]) {
  for (PetscInt m = 0; m < NODES * NODES; m++) {
    const PetscInt a = 3 * (m / NODES), b = 3 * (m % NODES);

    for (int d = 0; d < 3; d++)
      LH_LANES(l) K[m][l] += CONDUCTANCE * grad[a + d][l] * grad[b + d][l] * dv[l];
  }
}

static void Assemble(LhSpace space, LhBatches batches, LhAssembler assembler, Mat matrix) {
  const LhElement *const element = LhElementGet(LH_ELEMENT_HEX8);
  const LhBatch *list;
  PetscInt num;

  CHECK_CALL(LhBatchesGet(batches, &num, &list));
  CHECK_CALL(LhAssemblerBegin(assembler));
  for (PetscInt i = 0; i < num; i++) {
    double x[3 * NODES][LH_BATCH], grad[3 * NODES][LH_BATCH], dv[LH_BATCH];
    double K[NODES * NODES][LH_BATCH] = {{0}};

    LhBatchGatherCoords(space, &list[i], x);
    for (PetscInt q = 0; q < element->num_points; q++) {
      LhElementGradients(element, q, (const double(*)[LH_BATCH])x, grad, dv);
      AddDiffusion((const double(*)[LH_BATCH])grad, dv, K);
      AddReaction(element, q, dv, K);
    }
    CHECK_CALL(LhAssemblerAddBatch(assembler, i, (const double(*)[LH_BATCH])K));
  }
  CHECK_CALL(LhAssemblerEnd(assembler, matrix));
}
// [check]
/// u . K u of u = c0 + c1 x.
static double Energy(Mat matrix, const LhSpaceView *view, double c0, double c1) {
  PetscScalar *values, energy;
  Vec u, force;

  CHECK_CALL(MatCreateVecs(matrix, &u, &force));
  CHECK_CALL(VecGetArrayWrite(u, &values));
  for (PetscInt n = 0; n < view->num_owned; n++) values[n] = c0 + c1 * view->coords[3 * n];
  CHECK_CALL(VecRestoreArrayWrite(u, &values));
  CHECK_CALL(MatMult(matrix, u, force));
  CHECK_CALL(VecDot(u, force, &energy));
  CHECK_CALL(VecDestroy(&u));
  CHECK_CALL(VecDestroy(&force));
  return energy;
}

static void test_energies(void **state) {
  const double volume = 1.3 * 0.9 * 1.2, moment = 1.3 * 1.3 / 3 * volume;
  LhMesh mesh = MakeBox(PETSC_COMM_WORLD, 5, LH_CELL_HEX8, 0.);
  const LhSpaceView *view;
  LhAssembler assembler;
  LhBatches batches;
  LhSpace space;
  Mat matrix;

  (void)state;
  CHECK_CALL(LhSpaceCreate(mesh, 1, 0, NULL, &space));
  CHECK_CALL(LhSpaceGetView(space, &view));
  CHECK_CALL(LhBatchesCreate(space, &batches));
  CHECK_CALL(LhAssemblerCreate(space, batches, 1, &assembler));
  CHECK_CALL(LhAssemblerCreateMat(assembler, &matrix));
  Assemble(space, batches, assembler, matrix);
  assert_true(fabs(Energy(matrix, view, 1, 0) / (REACTION * volume) - 1) < 1e-12);
  assert_true(fabs(Energy(matrix, view, 0, 1) / (CONDUCTANCE * volume + REACTION * moment) - 1) <
              1e-12);
  CHECK_CALL(MatDestroy(&matrix));
  CHECK_CALL(LhAssemblerDestroy(&assembler));
  CHECK_CALL(LhBatchesDestroy(&batches));
  CHECK_CALL(LhSpaceDestroy(&space));
  CHECK_CALL(LhMeshDestroy(&mesh));
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_energies)};
FIELDS_TEST_MAIN(tests)
