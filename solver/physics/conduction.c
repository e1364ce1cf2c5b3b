/// @file
/// Assembly and solution of the cell problem of conduction; energies give the tensor.
#include "physics/conduction.h"

#include <math.h>
#include <petscksp.h>

#include "fields/assembler.h"
#include "fields/integrate.h"

#define BACKGROUND 1e-12  ///< conductivity of an insulator over the largest there is
#define NOTHING \
  1e-10  ///< an effective conductivity below this share of the largest is the background's
#define TOLERANCE 1e-10  ///< of the linear solves
#define ROUNDING  1e-13  ///< share of a load that counts as nothing
#define MAX_NODES 8

typedef struct {
  const LhConduction *spec;
  const LhMeshView *mesh;
  const LhFibres *fibres;  // NULL when they do not conduct
  PetscInt *first_piece;   // [mesh cell + 1]
  LhSpace space;
  const LhSpaceView *view;
  LhBatches batches;
  LhAssembler assembler;
  Mat matrix;
  KSP ksp;
  Vec chi, load[3];    // chi_j; int k grad N_a . e_j
  PetscScalar *local;  // [node][3] loads
  double largest;      // over all ranks [S/m]
  PetscBool factored;  // multigrid failed
} Cell;

/// dN_a/dx_d at a place in one cell: x[a][3], grad[a][3].
static void Gradients(LhElementKind kind, PetscInt n, const double xi[3], const double x[][3],
                      double grad[][3]) {
  double N[LH_ELEMENT_MAX_NODES], dN[LH_ELEMENT_MAX_NODES][3], T[3][3] = {{0}}, C[3][3], det = 0;

  LhElementShape(kind, xi, N, dN);
  for (PetscInt a = 0; a < n; a++) {
    for (int d = 0; d < 9; d++) T[d / 3][d % 3] += x[a][d / 3] * dN[a][d % 3];
  }
  for (int d = 0; d < 9; d++) {
    const int i = d / 3, j = d % 3, i1 = (i + 1) % 3, i2 = (i + 2) % 3, j1 = (j + 1) % 3,
              j2 = (j + 2) % 3;

    C[i][j] = T[i1][j1] * T[i2][j2] - T[i1][j2] * T[i2][j1];
  }
  for (int j = 0; j < 3; j++) det += T[0][j] * C[0][j];
  for (PetscInt a = 0; a < n; a++) {
    for (int i = 0; i < 3; i++)
      grad[a][i] = (C[i][0] * dN[a][0] + C[i][1] * dN[a][1] + C[i][2] * dN[a][2]) / det;
  }
}

/// Conductances of a batch: K[a*n + b] = sum_q k grad N_a . grad N_b dV, flux[3*a + j] the force of gradient e_j.
static void CellTerms(const Cell *c, const LhBatch *batch, double (*K)[LH_BATCH],
                      double (*flux)[LH_BATCH]) {
  const LhElement *element = LhElementGet(c->view->element);
  const PetscInt n = c->view->nodes_per_cell;
  double x[3 * MAX_NODES][LH_BATCH], grad[3 * MAX_NODES][LH_BATCH], dv[LH_BATCH], k[LH_BATCH];

  LhBatchGatherCoords(c->space, batch, x);
  LH_LANES(l) k[l] = fmax(c->spec->cell[batch->cell[l]], BACKGROUND * c->largest);
  for (PetscInt m = 0; m < n * n; m++) LH_LANES(l) K[m][l] = 0;
  for (PetscInt m = 0; m < 3 * n; m++) LH_LANES(l) flux[m][l] = 0;
  for (PetscInt q = 0; q < element->num_points; q++) {
    LhElementGradients(element, q, (const double(*)[LH_BATCH])x, grad, dv);
    for (PetscInt m = 0; m < n * n; m++) {
      const PetscInt a = 3 * (m / n), b = 3 * (m % n);

      LH_LANES(l) {
        K[m][l] += k[l] * dv[l] *
                   (grad[a][l] * grad[b][l] + grad[a + 1][l] * grad[b + 1][l] +
                    grad[a + 2][l] * grad[b + 2][l]);
      }
    }
    for (PetscInt m = 0; m < 3 * n; m++) LH_LANES(l) flux[m][l] += k[l] * dv[l] * grad[m][l];
  }
}

/// Adds the pieces of fibres in one cell (lane l).
static void FibreTerms(const Cell *c, const LhBatch *batch, PetscInt l, double (*K)[LH_BATCH],
                       double (*flux)[LH_BATCH]) {
  const LhFibres *f = c->fibres;
  const PetscInt n = c->view->nodes_per_cell, cell = batch->cell[l];
  double lanes[3 * MAX_NODES][LH_BATCH], x[MAX_NODES][3], grad[MAX_NODES][3];

  if (c->first_piece[cell] == c->first_piece[cell + 1]) return;
  LhBatchGatherCoords(c->space, batch, lanes);
  for (PetscInt m = 0; m < 3 * n; m++) x[m / 3][m % 3] = lanes[m][l];
  for (PetscInt p = c->first_piece[cell]; p < c->first_piece[cell + 1]; p++) {
    const double *t = f->piece_direction + 3 * p;
    const double g = c->spec->fibre[f->piece_fibre[p]] * f->piece_length[p];
    double along[MAX_NODES];

    Gradients(c->view->element, n, f->piece_xi + 3 * p, (const double(*)[3])x, grad);
    for (PetscInt a = 0; a < n; a++)
      along[a] = t[0] * grad[a][0] + t[1] * grad[a][1] + t[2] * grad[a][2];
    for (PetscInt m = 0; m < n * n; m++) K[m][l] += g * along[m / n] * along[m % n];
    for (PetscInt m = 0; m < 3 * n; m++) flux[m][l] += g * along[m / 3] * t[m % 3];
  }
}

/// Pieces are sorted by cell: where each cell's begin.
static PetscErrorCode IndexPieces(Cell *c, LhMesh mesh) {
  PetscFunctionBegin;
  if (!c->spec->fibre) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMeshGetFibres(mesh, &c->fibres));
  if (!c->fibres) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscCalloc1(c->mesh->num_cells + 1, &c->first_piece));
  for (PetscInt p = 0; p < c->fibres->num_pieces; p++)
    c->first_piece[c->fibres->piece_cell[p] + 1]++;
  for (PetscInt i = 0; i < c->mesh->num_cells; i++) c->first_piece[i + 1] += c->first_piece[i];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateKsp(Cell *c) {
  const double volume = c->mesh->period[0] * c->mesh->period[1] * c->mesh->period[2];
  // Of the load of one node; a volume in which the uniform gradient is the solution leaves rounding as load.
  const double force = c->largest * pow(volume / c->mesh->num_global_cells, 2. / 3);
  MatNullSpace constants;
  PC pc;

  PetscFunctionBegin;
  PetscCall(MatNullSpaceCreate(c->mesh->comm, PETSC_TRUE, 0, NULL, &constants));
  PetscCall(MatSetNullSpace(c->matrix, constants));
  PetscCall(MatNullSpaceDestroy(&constants));
  PetscCall(KSPCreate(c->mesh->comm, &c->ksp));
  PetscCall(KSPSetOptionsPrefix(c->ksp, "conduction_"));
  PetscCall(KSPSetType(c->ksp, KSPCG));
  PetscCall(KSPSetNormType(c->ksp, KSP_NORM_UNPRECONDITIONED));
  PetscCall(KSPSetTolerances(
      c->ksp, TOLERANCE, ROUNDING * force * sqrt((double)c->view->num_global), PETSC_DEFAULT, 400));
  PetscCall(KSPGetPC(c->ksp, &pc));
  PetscCall(PCSetType(pc, PCHYPRE));
  PetscCall(PCHYPRESetType(pc, "boomeramg"));
  PetscCall(KSPSetFromOptions(c->ksp));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Conductance of all fibres per volume [S/m].
static double SpreadFibres(const Cell *c) {
  double sum = 0;

  for (PetscInt f = 0; c->fibres && f < c->fibres->num_fibres; f++)
    sum += c->spec->fibre[f] * c->fibres->length[f];
  return sum / (c->mesh->period[0] * c->mesh->period[1] * c->mesh->period[2]);
}

static PetscErrorCode Create(Cell *c, LhMesh mesh) {
  PetscFunctionBegin;
  PetscCall(LhMeshGetView(mesh, &c->mesh));
  for (int d = 0; d < 3; d++) {
    PetscCheck(c->mesh->period[d] > 0, c->mesh->comm, PETSC_ERR_ARG_WRONGSTATE,
               "an effective conductivity needs a mesh that is periodic in all directions");
  }
  for (PetscInt i = 0; i < c->mesh->num_cells; i++)
    c->largest = PetscMax(c->largest, c->spec->cell[i]);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &c->largest, 1, MPI_DOUBLE, MPI_MAX, c->mesh->comm));
  PetscCall(IndexPieces(c, mesh));
  // Fibres in an insulator: their conductivity spread over the volume sets the scale.
  if (c->largest == 0) c->largest = SpreadFibres(c);
  PetscCall(LhSpaceCreate(mesh, 1, 0, NULL, &c->space));
  PetscCall(LhSpaceGetView(c->space, &c->view));
  PetscCall(LhBatchesCreate(c->space, &c->batches));
  PetscCall(LhAssemblerCreate(c->space, c->batches, 1, &c->assembler));
  PetscCall(LhAssemblerCreateMat(c->assembler, &c->matrix));
  PetscCall(MatCreateVecs(c->matrix, &c->chi, &c->load[0]));
  for (int j = 1; j < 3; j++) PetscCall(VecDuplicate(c->load[0], &c->load[j]));
  PetscCall(PetscCalloc1(3 * c->view->num_nodes, &c->local));
  PetscCall(CreateKsp(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(Cell *c) {
  PetscFunctionBegin;
  PetscCall(KSPDestroy(&c->ksp));
  PetscCall(VecDestroy(&c->chi));
  for (int j = 0; j < 3; j++) PetscCall(VecDestroy(&c->load[j]));
  PetscCall(MatDestroy(&c->matrix));
  PetscCall(LhAssemblerDestroy(&c->assembler));
  PetscCall(LhBatchesDestroy(&c->batches));
  PetscCall(LhSpaceDestroy(&c->space));
  PetscCall(PetscFree(c->first_piece));
  PetscCall(PetscFree(c->local));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What a uniform gradient conducts, sum k V 1 + sum g t (x) t, of this rank [S m^2].
static void AddUniform(const Cell *c, const LhBatch *batch, PetscInt l, double volume,
                       double sum[9]) {
  const PetscInt cell = batch->cell[l];
  const double k = fmax(c->spec->cell[cell], BACKGROUND * c->largest);

  for (int d = 0; d < 3; d++) sum[4 * d] += k * volume;
  for (PetscInt p = c->first_piece ? c->first_piece[cell] : 0;
       c->first_piece && p < c->first_piece[cell + 1]; p++) {
    const LhFibres *f = c->fibres;
    const double *t = f->piece_direction + 3 * p;

    for (int d = 0; d < 9; d++)
      sum[d] += c->spec->fibre[f->piece_fibre[p]] * f->piece_length[p] * t[d / 3] * t[d % 3];
  }
}

/// Volumes of the cells of a batch.
static void Volumes(const Cell *c, const LhBatch *batch, double volume[LH_BATCH]) {
  const LhElement *element = LhElementGet(c->view->element);
  double x[3 * MAX_NODES][LH_BATCH], grad[3 * MAX_NODES][LH_BATCH], dv[LH_BATCH];

  LhBatchGatherCoords(c->space, batch, x);
  LH_LANES(l) volume[l] = 0;
  for (PetscInt q = 0; q < element->num_points; q++) {
    LhElementGradients(element, q, (const double(*)[LH_BATCH])x, grad, dv);
    LH_LANES(l) volume[l] += dv[l];
  }
}

/// Matrix, loads (owned), `sum` = uniform part [9] and volume [1] over all ranks.
static PetscErrorCode Assemble(Cell *c, double sum[10]) {
  const LhBatch *list;
  PetscInt num;
  PetscScalar *owned;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(c->batches, &num, &list));
  PetscCall(LhAssemblerBegin(c->assembler));
  for (PetscInt i = 0; i < num; i++) {
    double K[MAX_NODES * MAX_NODES][LH_BATCH], flux[3 * MAX_NODES][LH_BATCH], volume[LH_BATCH];

    CellTerms(c, &list[i], K, flux);
    Volumes(c, &list[i], volume);
    for (PetscInt l = 0; l < list[i].num_active; l++) {
      if (c->first_piece) FibreTerms(c, &list[i], l, K, flux);
      AddUniform(c, &list[i], l, volume[l], sum);
      sum[9] += volume[l];
    }
    PetscCall(LhAssemblerAddBatch(c->assembler, i, (const double(*)[LH_BATCH])K));
    LhBatchAdd(&list[i], c->view->nodes_per_cell, 3, (const double(*)[LH_BATCH])flux, c->local);
  }
  PetscCall(LhAssemblerEnd(c->assembler, c->matrix));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 10, MPI_DOUBLE, MPI_SUM, c->mesh->comm));
  PetscCall(PetscCalloc1(3 * c->view->num_owned, &owned));
  PetscCall(LhSpaceScatterAdd(c->space, 3, c->local, owned));
  for (int j = 0; j < 3; j++) {
    PetscScalar *a;

    PetscCall(VecGetArrayWrite(c->load[j], &a));
    for (PetscInt n = 0; n < c->view->num_owned; n++) a[n] = owned[3 * n + j];
    PetscCall(VecRestoreArrayWrite(c->load[j], &a));
  }
  PetscCall(PetscFree(owned));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Multigrid, or, for a network of fibres in an insulator, which it does not resolve, a factorisation that leaves out
/// the constant.
static PetscErrorCode SolveOne(Cell *c, int j, PetscInt *iterations) {
  KSPConvergedReason reason;
  PC pc;
  Mat factor;

  PetscFunctionBegin;
  PetscCall(KSPSolve(c->ksp, c->load[j], c->chi));
  PetscCall(KSPGetConvergedReason(c->ksp, &reason));
  if (reason < 0 && !c->factored) {
    PetscCall(KSPSetType(c->ksp, KSPFGMRES));  // rounding of a pivot may cost definiteness
    PetscCall(KSPGetPC(c->ksp, &pc));
    PetscCall(PCSetType(pc, PCLU));
    PetscCall(PCFactorSetMatSolverType(pc, MATSOLVERMUMPS));
    PetscCall(PCFactorSetUpMatSolverType(pc));
    PetscCall(PCFactorGetMatrix(pc, &factor));
    PetscCall(MatMumpsSetIcntl(factor, 24, 1));    // null pivots are found and left out
    PetscCall(MatMumpsSetIcntl(factor, 14, 200));  // room for pivots that are put off [%]
    c->factored = PETSC_TRUE;
    PetscCall(KSPSolve(c->ksp, c->load[j], c->chi));
    PetscCall(KSPGetConvergedReason(c->ksp, &reason));
  }
  PetscCheck(reason > 0, c->mesh->comm, PETSC_ERR_CONV_FAILED,
             "the conduction problem along axis %d was not solved: %s", j,
             KSPConvergedReasons[reason]);
  PetscCall(KSPGetIterationNumber(c->ksp, iterations));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// tensor_ij = (uniform_ij - load_i . K^-1 load_j) / V: the fluctuation can only take away (M31).
static PetscErrorCode Solve(Cell *c, const double sum[10], LhConductionResult *result) {
  PetscFunctionBegin;
  PetscCall(KSPSetOperators(c->ksp, c->matrix, c->matrix));
  for (int j = 0; j < 3; j++) {
    PetscScalar dot[3];
    PetscInt iterations;

    PetscCall(SolveOne(c, j, &iterations));
    result->iterations += iterations;
    PetscCall(VecMDot(c->chi, 3, c->load, dot));
    for (int i = 0; i < 3; i++) result->tensor[3 * i + j] = (sum[3 * i + j] - dot[i]) / sum[9];
  }
  for (int j = 0; j < 3; j++)
    result->percolates[j] = result->tensor[4 * j] > NOTHING * c->largest ? PETSC_TRUE : PETSC_FALSE;
  for (int d = 0; d < 9; d++) {
    if (!result->percolates[d / 3] || !result->percolates[d % 3]) result->tensor[d] = 0;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhConductionSolve(LhMesh mesh, const LhConduction *conduction,
                                 LhConductionResult *result) {
  Cell c = {.spec = conduction};
  double sum[10] = {0};

  PetscFunctionBegin;
  *result = (LhConductionResult){.iterations = 0};
  PetscCall(Create(&c, mesh));
  if (c.largest > 0) {
    PetscCall(Assemble(&c, sum));
    PetscCall(Solve(&c, sum, result));
  }
  PetscCall(Destroy(&c));
  PetscFunctionReturn(PETSC_SUCCESS);
}
