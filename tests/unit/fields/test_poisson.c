/// Checks: -div(k grad u) = f through space, batches, elements, assembler and KSP: orders of convergence, EEL's number.
/// Reference: manufactured solutions; EEL's charge conservation test, L2 error 3.2931930e-4 on 32 linear elements.
/// Tolerance and why: orders within 0.2 of 2 and 3, pre-asymptotic on these meshes; EEL's number to its 8 digits.
/// Fails if: a gradient, weight, constraint or ghost contribution is wrong by more than the discretisation error.
#include "fields_test.h"
#include "support/verified.h"

/// Coefficient k, source f = -div(k grad u) and exact solution u.
typedef struct {
  double (*coefficient)(const double x[3]);
  double (*source)(const double x[3]);
  LhFieldFn exact;
  PetscInt num_fixed;
  const char *fixed[6];  // surfaces with u prescribed; no flux on the others
  LhRule rule;
} Problem;

typedef struct {
  LhMesh mesh;
  LhSpace space;
  LhBatches batches;
  LhAssembler assembler;
  const LhSpaceView *view;
  const LhBatch *list;
  PetscInt num_batches;
  PetscScalar *u, *residual;  // local
  unsigned char *mask;
} Discrete;

static void DiscreteCreate(LhMesh mesh, PetscInt degree, Discrete *d) {
  d->mesh = mesh;
  CHECK_CALL(LhSpaceCreate(mesh, degree, 0, NULL, &d->space));
  CHECK_CALL(LhSpaceGetView(d->space, &d->view));
  CHECK_CALL(LhBatchesCreate(d->space, &d->batches));
  CHECK_CALL(LhBatchesGet(d->batches, &d->num_batches, &d->list));
  CHECK_CALL(LhAssemblerCreate(d->space, d->batches, 1, &d->assembler));
  CHECK_CALL(PetscCalloc3(d->view->num_nodes, &d->u, d->view->num_nodes, &d->residual,
                          d->view->num_nodes, &d->mask));
}

static void DiscreteDestroy(Discrete *d) {
  CHECK_CALL(PetscFree3(d->u, d->residual, d->mask));
  CHECK_CALL(LhAssemblerDestroy(&d->assembler));
  CHECK_CALL(LhBatchesDestroy(&d->batches));
  CHECK_CALL(LhSpaceDestroy(&d->space));
  CHECK_CALL(LhMeshDestroy(&d->mesh));
}

/// Marks the nodes of the fixed surfaces on all ranks and starts from the exact values there.
static void Prescribe(const Problem *problem, Discrete *d) {
  PetscScalar *owned, *local;
  CHECK_CALL(PetscCalloc2(d->view->num_owned, &owned, d->view->num_nodes, &local));
  for (PetscInt s = 0; s < problem->num_fixed; s++) {
    PetscInt surface = -1, num_faces = 0;
    const PetscInt *nodes = NULL;
    CHECK_CALL(LhMeshFindSurface(d->mesh, problem->fixed[s], &surface));
    CHECK_CALL(LhSpaceGetFaces(d->space, surface, &num_faces, &nodes, NULL));
    for (PetscInt k = 0; k < num_faces * d->view->nodes_per_face; k++) local[nodes[k]] = 1;
  }
  CHECK_CALL(LhSpaceScatterAdd(d->space, 1, local, owned));
  CHECK_CALL(LhSpaceGather(d->space, 1, owned, local));
  CHECK_CALL(LhFieldInterpolate(d->space, 1, problem->exact, NULL, d->u));
  for (PetscInt i = 0; i < d->view->num_nodes; i++) {
    d->mask[i] = local[i] > 0;
    if (!d->mask[i]) d->u[i] = 0;
  }
  CHECK_CALL(PetscFree2(owned, local));
}

typedef struct {
  double x[3 * LH_ELEMENT_MAX_NODES][LH_BATCH], u[LH_ELEMENT_MAX_NODES][LH_BATCH];
  double grad[3 * LH_ELEMENT_MAX_NODES][LH_BATCH], dv[LH_BATCH];
  double K[LH_ELEMENT_MAX_NODES * LH_ELEMENT_MAX_NODES][LH_BATCH];
  double R[LH_ELEMENT_MAX_NODES][LH_BATCH];
} Work;

/// K += k grad N_a . grad N_b dV and R -= f N_a dV at point q.
static void AddPoint(const Problem *problem, const LhElement *element, PetscInt q, Work *w) {
  const PetscInt n = element->num_nodes;
  double k[LH_BATCH], f[LH_BATCH];
  LhElementGradients(element, q, (const double(*)[LH_BATCH])w->x, w->grad, w->dv);
  for (int l = 0; l < LH_BATCH; l++) {
    double x[3] = {0};
    for (PetscInt ad = 0; ad < 3 * n; ad++) x[ad % 3] += element->N[q][ad / 3] * w->x[ad][l];
    k[l] = w->dv[l] * problem->coefficient(x);
    f[l] = w->dv[l] * problem->source(x);
  }
  for (PetscInt a = 0; a < n; a++) {
    LH_LANES(l) w->R[a][l] -= f[l] * element->N[q][a];
    for (PetscInt b = 0; b < n; b++) {
      for (int d = 0; d < 3; d++) {
        LH_LANES(l) w->K[a * n + b][l] += k[l] * w->grad[3 * a + d][l] * w->grad[3 * b + d][l];
      }
    }
  }
}

/// Fills the assembler and residual = K u - F.
static void Assemble(const Problem *problem, Discrete *d) {
  const LhElement *element = problem->rule == LH_RULE_FINE ? LhElementGetFine(d->view->element)
                                                           : LhElementGet(d->view->element);
  const PetscInt n = element->num_nodes;
  static Work w;
  CHECK_CALL(LhAssemblerBegin(d->assembler));
  for (PetscInt k = 0; k < d->num_batches; k++) {
    CHECK_CALL(PetscMemzero(&w, sizeof(w)));
    LhBatchGather(&d->list[k], n, 3, d->view->coords, w.x);
    LhBatchGather(&d->list[k], n, 1, d->u, w.u);
    for (PetscInt q = 0; q < element->num_points; q++) AddPoint(problem, element, q, &w);
    for (PetscInt ab = 0; ab < n * n; ab++) {
      LH_LANES(l) w.R[ab / n][l] += w.K[ab][l] * w.u[ab % n][l];
    }
    CHECK_CALL(LhAssemblerAddBatch(d->assembler, k, (const double(*)[LH_BATCH])w.K));
    LhBatchAdd(&d->list[k], n, 1, (const double(*)[LH_BATCH])w.R, d->residual);
  }
}

/// u -= K^-1 residual with the prescribed unknowns held.
static void Solve(Discrete *d) {
  Mat mat;
  Vec r, du;
  KSP ksp;
  PC pc;
  PetscScalar *array;
  KSPConvergedReason reason;
  CHECK_CALL(LhAssemblerCreateMat(d->assembler, &mat));
  CHECK_CALL(LhAssemblerConstrain(d->assembler, d->mask, 1.));
  CHECK_CALL(LhAssemblerEnd(d->assembler, mat));
  CHECK_CALL(MatCreateVecs(mat, &du, &r));
  CHECK_CALL(VecGetArray(r, &array));
  CHECK_CALL(LhSpaceScatterAdd(d->space, 1, d->residual, array));
  for (PetscInt i = 0; i < d->view->num_owned; i++) array[i] = d->mask[i] ? 0 : array[i];
  CHECK_CALL(VecRestoreArray(r, &array));
  CHECK_CALL(KSPCreate(PETSC_COMM_WORLD, &ksp));
  CHECK_CALL(KSPSetOperators(ksp, mat, mat));
  CHECK_CALL(KSPSetType(ksp, KSPCG));
  CHECK_CALL(KSPSetTolerances(ksp, 1e-13, 0, PETSC_DEFAULT, 2000));
  CHECK_CALL(KSPGetPC(ksp, &pc));
  CHECK_CALL(PCSetType(pc, PCJACOBI));
  CHECK_CALL(KSPSolve(ksp, r, du));
  CHECK_CALL(KSPGetConvergedReason(ksp, &reason));
  assert_true(reason > 0);
  CHECK_CALL(VecGetArray(du, &array));
  CHECK_CALL(LhSpaceGather(d->space, 1, array, d->residual));
  CHECK_CALL(VecRestoreArray(du, &array));
  for (PetscInt i = 0; i < d->view->num_nodes; i++) d->u[i] -= d->residual[i];
  CHECK_CALL(KSPDestroy(&ksp));
  CHECK_CALL(VecDestroy(&r));
  CHECK_CALL(VecDestroy(&du));
  CHECK_CALL(MatDestroy(&mat));
}

static LhFieldErrors SolveOn(LhMesh mesh, PetscInt degree, const Problem *problem) {
  Discrete d;
  LhFieldErrors errors = {0};
  DiscreteCreate(mesh, degree, &d);
  Prescribe(problem, &d);
  Assemble(problem, &d);
  Solve(&d);
  CHECK_CALL(LhFieldGetErrors(d.space, 1, d.u, problem->rule, problem->exact, NULL, &errors));
  DiscreteDestroy(&d);
  return errors;
}

// u = sin(1.1 x + 0.3) cos(0.9 y - 0.2) exp(0.7 z): laplacian u = (0.49 - 1.21 - 0.81) u.
static PetscErrorCode WaveExact(const PetscReal x[3], PetscScalar value[], PetscScalar gradient[],
                                void *ctx) {
  const double s = sin(1.1 * x[0] + .3), c = cos(.9 * x[1] - .2), e = exp(.7 * x[2]);
  (void)ctx;
  value[0] = s * c * e;
  if (!gradient) return PETSC_SUCCESS;
  gradient[0] = 1.1 * cos(1.1 * x[0] + .3) * c * e;
  gradient[1] = -.9 * s * sin(.9 * x[1] - .2) * e;
  gradient[2] = .7 * s * c * e;
  return PETSC_SUCCESS;
}

// k = 1 + x/2 + y/4: f = -k laplacian u - grad k . grad u.
static double WaveCoefficient(const double x[3]) {
  return 1. + .5 * x[0] + .25 * x[1];
}

static double WaveSource(const double x[3]) {
  double u, g[3];
  WaveExact(x, &u, g, NULL);
  return 1.53 * WaveCoefficient(x) * u - .5 * g[0] - .25 * g[1];
}

static const Problem wave = {
    .coefficient = WaveCoefficient,
    .source = WaveSource,
    .exact = WaveExact,
    .num_fixed = 6,
    .fixed = {"bottom", "top", "left", "right", "front", "back"},
    .rule = LH_RULE_FINE
};

static void CheckOrder(LhCellType type, PetscInt degree, PetscReal distort, PetscInt coarse) {
  LhFieldErrors errors[2];
  double rates[2];
  for (int k = 0; k < 2; k++) {
    errors[k] = SolveOn(MakeBox(PETSC_COMM_WORLD, coarse << k, type, distort), degree, &wave);
  }
  // Cells along y and z are n + 1 and 2n + 1: the mean refinement of n -> 2n.
  const double n = (double)coarse,
               ratio = cbrt(2. * (2 * n + 1) / (n + 1) * (4 * n + 1) / (2 * n + 1));
  rates[0] = log(errors[0].l2 / errors[1].l2) / log(ratio);
  rates[1] = log(errors[0].h1 / errors[1].h1) / log(ratio);
  PetscPrintf(PETSC_COMM_WORLD,
              "degree %d, distortion %.2f: L2 error %.3e, orders %.3f (L2) %.3f (H1)\n",
              (int)degree, distort, errors[1].l2, rates[0], rates[1]);
  CheckNear("order in L2", rates[0], (double)(degree + 1), .2);
  CheckNear("order in H1", rates[1], (double)degree, .2);
}

static void TestHex8Order2(void **state) {
  (void)state;
  CheckOrder(LH_CELL_HEX8, 1, 0, 6);
}

static void TestDistortedHex8Order2(void **state) {
  (void)state;
  CheckOrder(LH_CELL_HEX8, 1, .2, 6);
}

static void TestDistortedTet4Order2(void **state) {
  (void)state;
  CheckOrder(LH_CELL_TET4, 1, .2, 6);
}

static void TestTet10Order3(void **state) {
  (void)state;
  CheckOrder(LH_CELL_TET4, 2, .1, 4);
}

// EEL: charge conservation along z, conductivity 1 + z.
static PetscErrorCode ChargeExact(const PetscReal x[3], PetscScalar value[], PetscScalar gradient[],
                                  void *ctx) {
  (void)ctx;
  value[0] = 3.565 * exp(x[2]) - 4.71 * x[2] * x[2] + 7.1 * x[2] - 3.4;
  if (!gradient) return PETSC_SUCCESS;
  gradient[0] = gradient[1] = 0;
  gradient[2] = 3.565 * exp(x[2]) - 9.42 * x[2] + 7.1;
  return PETSC_SUCCESS;
}

static double ChargeCoefficient(const double x[3]) {
  return 1. + x[2];
}

static double ChargeSource(const double x[3]) {
  double u, g[3];
  ChargeExact(x, &u, g, NULL);
  return -g[2] - (1. + x[2]) * (3.565 * exp(x[2]) - 9.42);
}

static const Problem charge = {
    .coefficient = ChargeCoefficient,
    .source = ChargeSource,
    .exact = ChargeExact,
    .num_fixed = 2,
    .fixed = {"bottom", "top"},
    .rule = LH_RULE_STANDARD
};

static void TestEelChargeConservation(void **state) {
  const LhBoxSpec spec = {.width = 1,
                          .depth = 1,
                          .cells_x = 1,
                          .cells_y = 1,
                          .num_layers = 1,
                          .layers = {{"bar", 1., 32, 1.}},
                          .cell_type = LH_CELL_HEX8};
  LhMesh mesh = NULL;
  LhFieldErrors errors;
  (void)state;
  CHECK_CALL(LhMeshCreateBox(PETSC_COMM_WORLD, &spec, &mesh));
  errors = SolveOn(mesh, 1, &charge);
  CheckNear("error in L2 on 32 elements", errors.l2, 3.2931930e-4, .5e-11);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestHex8Order2),
    cmocka_unit_test(TestDistortedHex8Order2),
    cmocka_unit_test(TestDistortedTet4Order2),
    cmocka_unit_test(TestTet10Order3),
    cmocka_unit_test(TestEelChargeConservation),
};
FIELDS_TEST_MAIN(tests)
