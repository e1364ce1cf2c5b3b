/// @file
/// B2: transient electrolyte and electrode potentials on a unit cube, with lihost's batches, assembly and multigrid.
///
/// Our electrochemistry has ln c for c, materials with units and no source that varies in space, so it cannot
/// pose this dimensionless problem; the equations of peers/dolfinx_b2.py are written out here and all else is the
/// solver's. Unknowns c, phi_e, phi_s; with s = a(x) sqrt(c) 2 sinh(eta), eta = (phi_s - phi_e)/2:
///   M (c - c_old) - div grad c - (1 - t) A_c s = 0,       flux at z = 0
///   -div (c grad phi_e - 2 (1 - t) grad c) - A_e s = 0,   phi_e = 0 at z = 0
///   -R div grad phi_s + A_e s = 0,                        flux at z = 1
/// Backward Euler, monolithic Newton to 1e-8. -n N -steps n, -single_product 0 for the AIJ matrix. Prints one JSON line.
#include <math.h>
#include <petsctime.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "fields/integrate.h"
#include "fields/single_matrix.h"
#include "laws/exponential.h"
#include "solve/multigrid.h"

enum { points = 8, nodes = 8, dofs = 24 };

static const double t_plus = .3, A_c = .341, A_e = .772, R = 793., I_top = .772, flux = .239,
                    M = 13.16;

/// Geometry, values, gradients and source at one point.
typedef struct {
  double N[nodes][LH_BATCH], shape[dofs][LH_BATCH],
      dv[LH_BATCH];  ///< the functions, their gradients
  double value[3][LH_BATCH], grad[9][LH_BATCH], old[LH_BATCH];
  double s[LH_BATCH], ds_dc[LH_BATCH], ds_dphi[LH_BATCH];  ///< d/dphi_s = -d/dphi_e
  double c_dv[LH_BATCH];                                   ///< c dV
  double along[nodes][LH_BATCH];                           ///< grad phi_e . grad N_a dV
} Point;

typedef struct {
  _Alignas(64) double x[dofs][LH_BATCH];
  double u[dofs][LH_BATCH], old[dofs][LH_BATCH], keep[dofs][LH_BATCH];
  Point point[points];
  double f[dofs][LH_BATCH], K[dofs * dofs][LH_BATCH], sums[3 * dofs][LH_BATCH];
} Work;

typedef struct {
  LhMesh mesh;
  LhSpace space;
  const LhSpaceView *view;
  LhBatches batches;
  PetscInt num_batches;
  const LhBatch *batch;
  LhAssembler assembler;
  Mat mat, product, inner;  ///< inner: the product without exact sums of rows
  PetscBool single;         ///< the matrix in single precision: no other is made
  PetscScalar *keep, *local_sums,
      *sums;  ///< 1 or 0 where prescribed; sums of rows by component [node][3][3]
  KSP ksp;
  Vec u, r, du, shifted;
  PetscScalar *local, *old, *f, *load;
  unsigned char *mask;
  double *a;  ///< [batch][point][lane]
  Work *work;
  PetscInt newton, krylov, setups, first;  ///< first: iterations right after a set-up
  double seconds[3];                       ///< elements, preconditioner, Krylov
} Bench;

static PetscErrorCode CreateMesh(Bench *b, PetscInt n) {
  LhBoxSpec box = {.width = 1.,
                   .depth = 1.,
                   .cells_x = n,
                   .cells_y = n,
                   .num_layers = 1,
                   .layers = {{.region = "body", .thickness = 1., .cells = n, .grading = 1.}},
                   .cell_type = LH_CELL_HEX8};

  PetscFunctionBeginUser;
  PetscCall(LhMeshCreateBox(PETSC_COMM_WORLD, &box, &b->mesh));
  PetscCall(LhSpaceCreate(b->mesh, 1, 0, NULL, &b->space));
  PetscCall(LhSpaceGetView(b->space, &b->view));
  PetscCall(LhBatchesCreate(b->space, &b->batches));
  PetscCall(LhBatchesGet(b->batches, &b->num_batches, &b->batch));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Area weights of the faces of a surface times `value` on one component.
static PetscErrorCode AddFlux(Bench *b, const char name[], PetscInt component, double value) {
  PetscInt surface, num_faces;
  const PetscInt *face;
  const LhElement *quad = LhElementGet(LH_ELEMENT_QUAD4);

  PetscFunctionBeginUser;
  PetscCall(LhMeshFindSurface(b->mesh, name, &surface));
  PetscCall(LhSpaceGetFaces(b->space, surface, &num_faces, &face, NULL));
  for (PetscInt k = 0; k < num_faces; k++, face += 4) {
    double x[4][3];
    for (int c = 0; c < 12; c++) x[c / 3][c % 3] = b->view->coords[3 * face[c / 3] + c % 3];
    for (PetscInt q = 0; q < quad->num_points; q++) {
      double n[3];
      LhFaceNormal(quad, q, (const double(*)[3])x, n);
      for (int c = 0; c < 4; c++)
        b->load[3 * face[c] + component] += value * fabs(n[2]) * quad->N[q][c];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// a(x) at the points, fluxes, held unknowns, start values.
static PetscErrorCode FillData(Bench *b) {
  const LhElement *element = LhElementGet(LH_ELEMENT_HEX8);

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(b->num_batches * points * LH_BATCH, &b->a));
  for (PetscInt k = 0; k < b->num_batches * points; k++) {
    LhBatchGather(&b->batch[k / points], nodes, 3, b->view->coords, b->work->x);
    LH_LANES(l) {
      double x = 0., y = 0.;
      for (int n = 0; n < nodes; n++) {
        x += element->N[k % points][n] * b->work->x[3 * n][l];
        y += element->N[k % points][n] * b->work->x[3 * n + 1][l];
      }
      b->a[k * LH_BATCH + l] = 1. + .8 * sin(2. * PETSC_PI * x) * sin(2. * PETSC_PI * y);
    }
  }
  PetscCall(AddFlux(b, "bottom", 0, -flux));
  PetscCall(AddFlux(b, "top", 2, I_top));
  for (PetscInt i = 0; i < b->view->num_nodes; i++) {
    b->mask[3 * i + 1] = fabs(b->view->coords[3 * i + 2]) < 1e-12;
    b->local[3 * i] = b->old[3 * i] = 1.;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// y = A (x - m) + (A 1) m with the means m of the three unknowns: phi_s is nearly constant, and rows in single precision do
/// not sum to what they should. Their sums are kept in double.
static PetscErrorCode Multiply(Mat product, Vec x, Vec y) {
  double mean[3] = {0., 0., 0.};
  const PetscScalar *in;
  PetscScalar *out;
  Bench *b;

  PetscFunctionBeginUser;
  PetscCall(MatShellGetContext(product, &b));
  PetscCall(VecGetArrayRead(x, &in));
  for (PetscInt d = 0; d < 3 * b->view->num_owned; d++)
    mean[d % 3] += in[d] / (double)b->view->num_global;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, mean, 3, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  PetscCall(VecGetArray(b->shifted, &out));
  for (PetscInt d = 0; d < 3 * b->view->num_owned; d++) out[d] = in[d] - mean[d % 3];
  PetscCall(VecRestoreArray(b->shifted, &out));
  PetscCall(VecRestoreArrayRead(x, &in));
  PetscCall(MatMult(b->inner, b->shifted, y));
  PetscCall(VecGetArray(y, &out));
  for (PetscInt d = 0; d < 3 * b->view->num_owned; d++) {
    for (int c = 0; c < 3; c++) out[d] += b->sums[3 * d + c] * mean[c];
  }
  PetscCall(VecRestoreArray(y, &out));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateProduct(Bench *b, PC pc) {
  const PetscInt n = 3 * b->view->num_owned;

  PetscFunctionBeginUser;
  PetscCall(LhMultigridCreateProduct(pc, &b->inner));
  PetscCall(
      MatCreateShell(PETSC_COMM_WORLD, n, n, PETSC_DETERMINE, PETSC_DETERMINE, b, &b->product));
  PetscCall(MatShellSetOperation(b->product, MATOP_MULT, (void (*)(void))Multiply));
  PetscCall(VecDuplicate(b->u, &b->shifted));
  PetscCall(PetscCalloc3(3 * b->view->num_nodes, &b->keep, 9 * b->view->num_nodes, &b->local_sums,
                         3 * n, &b->sums));
  for (PetscInt d = 0; d < 3 * b->view->num_nodes; d++) b->keep[d] = b->mask[d] ? 0. : 1.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateSolver(Bench *b) {
  Vec coords;
  PetscScalar *x;
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(LhAssemblerCreate(b->space, b->batches, 3, &b->assembler));
  if (b->single) {
    PetscCall(LhAssemblerCreateSingle(b->assembler, &b->mat));
  } else {
    PetscCall(LhAssemblerCreateMat(b->assembler, &b->mat));
    PetscCall(LhAssemblerShare(b->assembler, b->mat));
  }
  PetscCall(MatCreateVecs(b->mat, &b->u, &b->r));
  PetscCall(VecDuplicate(b->u, &b->du));
  PetscCall(VecDuplicate(b->u, &coords));
  PetscCall(VecGetArray(coords, &x));
  PetscCall(PetscArraycpy(x, b->view->coords, 3 * b->view->num_owned));
  PetscCall(VecRestoreArray(coords, &x));
  PetscCall(PetscObjectCompose((PetscObject)b->mat, LH_MATRIX_COORDINATES, (PetscObject)coords));
  PetscCall(VecDestroy(&coords));
  PetscCall(KSPCreate(PETSC_COMM_WORLD, &b->ksp));
  // Flexible: in single precision the cycle of a sum is not quite the sum of the cycles, and phi_s is
  // nearly constant, so that rounding of its mean would show in the residual.
  PetscCall(KSPSetType(b->ksp, KSPFGMRES));
  PetscCall(KSPSetOperators(b->ksp, b->mat, b->mat));
  PetscCall(KSPGetPC(b->ksp, &pc));
  PetscCall(LhMultigridConfigure(pc));
  if (b->single) PetscCall(CreateProduct(b, pc));
  PetscCall(KSPSetOperators(b->ksp, b->single ? b->product : b->mat, b->mat));
  PetscCall(KSPGMRESSetRestart(b->ksp, 8));
  PetscCall(KSPSetFromOptions(b->ksp));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void Evaluate(const double a[LH_BATCH], const Work *w, Point *p) {
  LH_LANES(l) {
    double value[3] = {0.}, grad[9] = {0.}, old = 0.;

#pragma GCC unroll 8
    for (int n = 0; n < nodes; n++) {
      old += p->N[n][l] * w->old[3 * n][l];
#pragma GCC unroll 3
      for (int c = 0; c < 3; c++) value[c] += p->N[n][l] * w->u[3 * n + c][l];
#pragma GCC unroll 9
      for (int c = 0; c < 9; c++) grad[c] += w->u[3 * n + c / 3][l] * p->shape[3 * n + c % 3][l];
    }
    p->old[l] = old;
#pragma GCC unroll 3
    for (int c = 0; c < 3; c++) p->value[c][l] = value[c];
#pragma GCC unroll 9
    for (int c = 0; c < 9; c++) p->grad[c][l] = grad[c];
  }
  LH_LANES(l) {
    const double e = LhExp(.5 * (p->value[2][l] - p->value[1][l])), root = sqrt(p->value[0][l]);
    p->s[l] = a[l] * root * (e - 1. / e);
    p->ds_dc[l] = .5 * p->s[l] / p->value[0][l];
    p->ds_dphi[l] = .5 * a[l] * root * (e + 1. / e);
  }
}

static void AddResidual(const Point *p, Work *w) {
  for (int n = 0; n < nodes; n++) {
    LH_LANES(l) {
      const double *N = p->N[n];
      const double x = p->shape[3 * n][l], y = p->shape[3 * n + 1][l], z = p->shape[3 * n + 2][l];
      const double c = p->grad[0][l] * x + p->grad[1][l] * y + p->grad[2][l] * z;
      const double e = p->grad[3][l] * x + p->grad[4][l] * y + p->grad[5][l] * z;
      const double s = p->grad[6][l] * x + p->grad[7][l] * y + p->grad[8][l] * z;

      w->f[3 * n][l] += p->dv[l] * (M * (p->value[0][l] - p->old[l]) * N[l] + c -
                                    (1. - t_plus) * A_c * p->s[l] * N[l]);
      w->f[3 * n + 1][l] +=
          p->dv[l] * (p->value[0][l] * e - 2. * (1. - t_plus) * c - A_e * p->s[l] * N[l]);
      w->f[3 * n + 2][l] += p->dv[l] * (R * s + A_e * p->s[l] * N[l]);
    }
  }
}

/// What the sums of a pair need, volume included.
static void Prepare(Point *p) {
  LH_LANES(l) {
    p->c_dv[l] = p->value[0][l] * p->dv[l];
    p->ds_dc[l] *= p->dv[l];
    p->ds_dphi[l] *= p->dv[l];
  }
  for (int n = 0; n < nodes; n++) {
    LH_LANES(l) {
      p->along[n][l] =
          p->dv[l] * (p->grad[3][l] * p->shape[3 * n][l] + p->grad[4][l] * p->shape[3 * n + 1][l] +
                      p->grad[5][l] * p->shape[3 * n + 2][l]);
    }
  }
}

/// Blocks (a, b) and (b, a): all but the derivative of the conductivity is symmetric in a, b.
static inline void SumPair(int a, int b, Work *w) {
  double(*K)[LH_BATCH] = w->K + 3 * a * dofs + 3 * b, (*T)[LH_BATCH] = w->K + 3 * b * dofs + 3 * a;

  LH_LANES(l) {
    double mass = 0., KK = 0., cKK = 0., sc = 0., sp = 0., ab = 0., ba = 0.;

#pragma GCC unroll 8
    for (int q = 0; q < points; q++) {
      const Point *p = &w->point[q];
      const double NN = p->N[a][l] * p->N[b][l];
      const double gg = p->shape[3 * a][l] * p->shape[3 * b][l] +
                        p->shape[3 * a + 1][l] * p->shape[3 * b + 1][l] +
                        p->shape[3 * a + 2][l] * p->shape[3 * b + 2][l];
      mass += p->dv[l] * NN;
      KK += p->dv[l] * gg;
      cKK += p->c_dv[l] * gg;
      sc += p->ds_dc[l] * NN;
      sp += p->ds_dphi[l] * NN;
      ab += p->along[a][l] * p->N[b][l];
      ba += p->along[b][l] * p->N[a][l];
    }
    K[0][l] = T[0][l] = M * mass + KK - (1. - t_plus) * A_c * sc;
    K[1][l] = T[1][l] = (1. - t_plus) * A_c * sp;
    K[2][l] = T[2][l] = -(1. - t_plus) * A_c * sp;
    K[dofs][l] = ab - 2. * (1. - t_plus) * KK - A_e * sc;
    T[dofs][l] = ba - 2. * (1. - t_plus) * KK - A_e * sc;
    K[dofs + 1][l] = T[dofs + 1][l] = cKK + A_e * sp;
    K[dofs + 2][l] = T[dofs + 2][l] = -A_e * sp;
    K[2 * dofs][l] = T[2 * dofs][l] = A_e * sc;
    K[2 * dofs + 1][l] = T[2 * dofs + 1][l] = -A_e * sp;
    K[2 * dofs + 2][l] = T[2 * dofs + 2][l] = R * KK + A_e * sp;
  }
}

/// Sums of the rows over the free columns, by unknown.
static void AddRowSums(Bench *b, const LhBatch *batch) {
  Work *w = b->work;

  LhBatchGather(batch, nodes, 3, b->keep, w->keep);
  for (int d = 0; d < dofs; d++) {
    for (int c = 0; c < 3; c++) {
      LH_LANES(l) {
        double sum = 0.;
#pragma GCC unroll 8
        for (int n = 0; n < nodes; n++)
          sum += w->K[d * dofs + 3 * n + c][l] * w->keep[3 * n + c][l];
        w->sums[3 * d + c][l] = sum * w->keep[d][l];
      }
    }
  }
  LhBatchAdd(batch, nodes, 9, (const double(*)[LH_BATCH])w->sums, b->local_sums);
}

/// Rows of prescribed unknowns hold 1 on the diagonal.
static PetscErrorCode EndRowSums(Bench *b) {
  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(b->sums, 9 * b->view->num_owned));
  PetscCall(LhSpaceScatterAdd(b->space, 9, b->local_sums, b->sums));
  for (PetscInt d = 0; d < 3 * b->view->num_owned; d++) b->sums[3 * d + d % 3] += 1. - b->keep[d];
  PetscCall(LhSingleMatrixSetSums(b->mat, b->sums));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddBatchTangent(Bench *b, PetscInt k) {
  PetscFunctionBeginUser;
  for (int q = 0; q < points; q++) Prepare(&b->work->point[q]);
  for (int pair = 0; pair < nodes * nodes; pair++) {
    if (pair / nodes <= pair % nodes) SumPair(pair / nodes, pair % nodes, b->work);
  }
  PetscCall(LhAssemblerAddBatch(b->assembler, k, (const double(*)[LH_BATCH])b->work->K));
  if (b->single) AddRowSums(b, &b->batch[k]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The load and all cells, into b->f.
static PetscErrorCode AddCells(Bench *b, PetscBool tangent) {
  const LhElement *element = LhElementGet(LH_ELEMENT_HEX8);
  Work *w = b->work;

  PetscFunctionBeginUser;
  PetscCall(PetscArraycpy(b->f, b->load, 3 * b->view->num_nodes));
  for (PetscInt k = 0; k < b->num_batches; k++) {
    LhBatchGather(&b->batch[k], nodes, 3, b->view->coords, w->x);
    LhBatchGather(&b->batch[k], nodes, 3, b->local, w->u);
    LhBatchGather(&b->batch[k], nodes, 3, b->old, w->old);
    memset(w->f, 0, sizeof(w->f));
    for (PetscInt q = 0; q < points; q++) {
      Point *p = &w->point[q];
      LhElementGradients(element, q, (const double(*)[LH_BATCH])w->x, p->shape, p->dv);
      Evaluate(b->a + (k * points + q) * LH_BATCH, w, p);
      AddResidual(p, w);
    }
    LhBatchAdd(&b->batch[k], nodes, 3, (const double(*)[LH_BATCH])w->f, b->f);
    if (tangent) PetscCall(AddBatchTangent(b, k));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Residual, and the matrix if asked for.
static PetscErrorCode Assemble(Bench *b, PetscBool tangent, PetscReal *norm) {
  PetscLogDouble start, end;
  PetscScalar *r;

  PetscFunctionBeginUser;
  PetscCall(PetscTime(&start));
  if (tangent) PetscCall(LhAssemblerBegin(b->assembler));
  if (tangent && b->single) PetscCall(PetscArrayzero(b->local_sums, 9 * b->view->num_nodes));
  PetscCall(AddCells(b, tangent));
  if (tangent) {
    PetscCall(LhAssemblerConstrain(b->assembler, b->mask, 1.));
    PetscCall(LhAssemblerEnd(b->assembler, b->mat));
    if (b->single) PetscCall(EndRowSums(b));
  }
  PetscCall(VecZeroEntries(b->r));
  PetscCall(VecGetArray(b->r, &r));
  PetscCall(LhSpaceScatterAdd(b->space, 3, b->f, r));
  for (PetscInt d = 0; d < 3 * b->view->num_owned; d++) r[d] = b->mask[d] ? 0. : r[d];
  PetscCall(VecRestoreArray(b->r, &r));
  PetscCall(VecNorm(b->r, NORM_2, norm));
  PetscCall(PetscTime(&end));
  b->seconds[0] += end - start;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The preconditioner is kept until a solve takes half as many iterations again as the first one.
static PetscErrorCode SolveLinear(Bench *b, PetscReal tolerance) {
  const PetscBool renew = b->first == 0 ? PETSC_TRUE : PETSC_FALSE;
  PetscLogDouble start, ready, end;
  KSPConvergedReason reason;
  PetscScalar *u;
  PetscInt n;
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(PetscTime(&start));
  PetscCall(KSPSetReusePreconditioner(b->ksp, renew ? PETSC_FALSE : PETSC_TRUE));
  PetscCall(KSPSetTolerances(b->ksp, tolerance, PETSC_DEFAULT, PETSC_DEFAULT, 500));
  PetscCall(KSPSetOperators(b->ksp, b->single ? b->product : b->mat, b->mat));
  PetscCall(KSPSetUp(b->ksp));
  PetscCall(KSPGetPC(b->ksp, &pc));
  if (b->single && !renew) PetscCall(LhMultigridRefresh(pc));
  PetscCall(PetscTime(&ready));
  PetscCall(KSPSolve(b->ksp, b->r, b->du));
  PetscCall(PetscTime(&end));
  PetscCall(KSPGetConvergedReason(b->ksp, &reason));
  PetscCheck(reason > 0, PETSC_COMM_WORLD, PETSC_ERR_NOT_CONVERGED, "Linear solve: %s",
             KSPConvergedReasons[reason]);
  PetscCall(KSPGetIterationNumber(b->ksp, &n));
  b->setups += renew;
  b->seconds[1] += ready - start;
  b->seconds[2] += end - ready;
  b->krylov += n;
  b->newton++;
  b->first = renew ? n : (2 * n > 3 * b->first + 4 ? 0 : b->first);
  PetscCall(VecAXPY(b->u, -1., b->du));
  PetscCall(VecGetArray(b->u, &u));
  PetscCall(LhSpaceGather(b->space, 3, u, b->local));
  PetscCall(VecRestoreArray(b->u, &u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode March(Bench *b, PetscInt steps) {
  PetscReal reference = 0., norm;
  PetscScalar *u;

  PetscFunctionBeginUser;
  PetscCall(VecGetArray(b->u, &u));
  PetscCall(PetscArraycpy(u, b->local, 3 * b->view->num_owned));
  PetscCall(VecRestoreArray(b->u, &u));
  for (PetscInt step = 0; step < steps; step++) {
    for (PetscInt k = 0; k < 16; k++) {
      PetscReal tolerance = 1e-4;
      PetscCall(Assemble(b, PETSC_FALSE, &norm));
      if (reference == 0.) reference = norm;
      if (norm <= 1e-8 * reference) break;
      PetscCheck(k < 15, PETSC_COMM_WORLD, PETSC_ERR_NOT_CONVERGED, "Newton's method");
      PetscCall(Assemble(b, PETSC_TRUE, &norm));
      // The problem is nearly linear in a step: a solve to what is asked for saves assemblies.
      tolerance = PetscMax(tolerance, PetscMin(.3e-8 * reference / norm, 1e-2));
      PetscCall(SolveLinear(b, tolerance));
    }
    PetscCall(PetscArraycpy(b->old, b->local, 3 * b->view->num_nodes));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Report(const Bench *b, double total, double setup) {
  double range[7] = {-1e300, -1e300, -1e300, -1e300, -1e300, -1e300, 0.}, memory;
  struct rusage usage;
  PetscMPIInt size;

  PetscFunctionBeginUser;
  for (PetscInt d = 0; d < 3 * b->view->num_owned; d++) {
    range[d % 3 * 2] = PetscMax(range[d % 3 * 2], -b->local[d]);
    range[d % 3 * 2 + 1] = PetscMax(range[d % 3 * 2 + 1], b->local[d]);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, range, 6, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  getrusage(RUSAGE_SELF, &usage);
  memory = (double)usage.ru_maxrss / 1024.;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &memory, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  PetscCall(PetscPrintf(
      PETSC_COMM_WORLD,
      "{\"tool\": \"lihost\", \"case\": \"b2\", \"ranks\": %d, \"unknowns\": %d, \"answer\": "
      "[%.9g, %.9g, %.9g, %.9g, %.9g, %.9g], \"seconds\": %.3f, \"memory_MB\": %.0f, "
      "\"newton\": %d, \"krylov\": %d, \"setups\": %d, \"phases\": {\"mesh_and_setup\": %.3f, "
      "\"elements\": %.3f, \"preconditioner\": %.3f, \"krylov\": %.3f}}\n",
      (int)size, (int)(3 * b->view->num_global), -range[0], range[1], -range[2], range[3],
      -range[4], range[5], total, memory, (int)b->newton, (int)b->krylov, (int)b->setups, setup,
      b->seconds[0], b->seconds[1], b->seconds[2]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(Bench *b) {
  PetscFunctionBeginUser;
  PetscCall(KSPDestroy(&b->ksp));
  PetscCall(MatDestroy(&b->product));
  PetscCall(MatDestroy(&b->inner));
  PetscCall(VecDestroy(&b->shifted));
  PetscCall(PetscFree3(b->keep, b->local_sums, b->sums));
  PetscCall(MatDestroy(&b->mat));
  PetscCall(VecDestroy(&b->u));
  PetscCall(VecDestroy(&b->r));
  PetscCall(VecDestroy(&b->du));
  PetscCall(LhAssemblerDestroy(&b->assembler));
  PetscCall(PetscFree5(b->local, b->old, b->f, b->load, b->mask));
  PetscCall(PetscFree(b->a));
  free(b->work);
  PetscCall(LhBatchesDestroy(&b->batches));
  PetscCall(LhSpaceDestroy(&b->space));
  PetscCall(LhMeshDestroy(&b->mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv) {
  Bench b = {.single = PETSC_TRUE};
  PetscInt n = 16, steps = 20, size;
  PetscLogDouble start, ready, end;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(PetscTime(&start));
  PetscCall(PetscOptionsGetInt(NULL, NULL, "-n", &n, NULL));
  PetscCall(PetscOptionsGetInt(NULL, NULL, "-steps", &steps, NULL));
  PetscCall(PetscOptionsGetBool(NULL, NULL, "-single_product", &b.single, NULL));
  PetscCall(CreateMesh(&b, n));
  size = 3 * b.view->num_nodes;
  PetscCall(PetscCalloc5(size, &b.local, size, &b.old, size, &b.f, size, &b.load, size, &b.mask));
  b.work = aligned_alloc(_Alignof(Work), sizeof(Work));
  PetscCheck(b.work, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory");
  for (int k = 0; k < points * nodes * LH_BATCH; k++)
    b.work->point[k / LH_BATCH / nodes].N[k / LH_BATCH % nodes][k % LH_BATCH] =
        LhElementGet(LH_ELEMENT_HEX8)->N[k / LH_BATCH / nodes][k / LH_BATCH % nodes];
  PetscCall(FillData(&b));
  PetscCall(CreateSolver(&b));
  PetscCall(PetscTime(&ready));
  PetscCall(March(&b, steps));
  PetscCall(PetscTime(&end));
  PetscCall(Report(&b, end - start, ready - start));
  PetscCall(Destroy(&b));
  return PetscFinalize();
}
