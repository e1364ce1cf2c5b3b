/// @file
/// Geometric multigrid as a PCSHELL: levels, V-cycle, dense factors of the coarsest level on every rank.
#include "solve/multigrid_private.h"

#define COARSEST 160                         ///< nodes that are few enough for dense factors
#define PRODUCT  "lihost_multigrid_refresh"  ///< marks a PC as one of these

typedef struct {
  PetscInt num_levels;
  MgLevel level[MG_MAX_LEVELS];
  // The coarsest level: every rank has all of it.
  PetscMPIInt *count, *at;  ///< unknowns by rank
  PetscInt n;
  Mat factor;
  PetscBool is_finite;
  Vec rhs, solution;
  double *part;
  float *number;  ///< [nodes][3] global numbers
} Multigrid;

PetscErrorCode LhMultigridFits(Mat mat, PetscBool *fits) {
  const double sparsest = 8.;  // lattice sites a node: cells may be missing, but not most of them
  const PetscScalar *coords;
  PetscInt n, bs, rows;
  double sites;
  MgLattice lattice;
  MgLevel level;
  Vec places;
  LhSingleRows *single;
  PetscBool is_aij;

  PetscFunctionBeginUser;
  *fits = PETSC_FALSE;
  PetscCall(PetscObjectTypeCompareAny((PetscObject)mat, &is_aij, MATSEQAIJ, MATMPIAIJ, ""));
  PetscCall(LhSingleMatrixGetRows(mat, &single));
  PetscCall(PetscObjectQuery((PetscObject)mat, LH_MATRIX_COORDINATES, (PetscObject *)&places));
  PetscCall(MatGetBlockSize(mat, &bs));
  if ((!is_aij && !single) || !places || bs != MG_BS) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(MatGetSize(mat, &rows, NULL));
  PetscCall(VecGetLocalSize(places, &n));
  PetscCall(VecGetArrayRead(places, &coords));
  PetscCall(MgLatticeCreate(PetscObjectComm((PetscObject)mat), n / 3, coords, &lattice));
  PetscCall(VecRestoreArrayRead(places, &coords));
  sites = (double)lattice.n[0] * lattice.n[1] * lattice.n[2];
  PetscCall(MgLatticeDestroy(&lattice));
  if (sites == 0. || sites > sparsest * rows / MG_BS) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMemzero(&level, sizeof(level)));
  PetscCall(MgLevelCreateFinest(mat, &level));
  *fits = level.is_lattice;
  PetscCall(MgLevelDestroy(&level));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateCoarsest(Multigrid *mg) {
  MgLevel *level = &mg->level[mg->num_levels - 1];
  PetscMPIInt size, rank, count = (PetscMPIInt)(MG_BS * level->num_owned);

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(level->comm, &size));
  PetscCallMPI(MPI_Comm_rank(level->comm, &rank));
  mg->n = MG_BS * (PetscInt)level->num_global;
  PetscCall(PetscMalloc2(size, &mg->count, size + 1, &mg->at));
  PetscCallMPI(MPI_Allgather(&count, 1, MPI_INT, mg->count, 1, MPI_INT, level->comm));
  mg->at[0] = 0;
  for (PetscMPIInt r = 0; r < size; r++) mg->at[r + 1] = mg->at[r] + mg->count[r];
  PetscCall(PetscMalloc2(count, &mg->part, MG_BS * level->num_nodes, &mg->number));
  PetscCall(MatCreateSeqDense(PETSC_COMM_SELF, mg->n, mg->n, NULL, &mg->factor));
  PetscCall(MatCreateVecs(mg->factor, &mg->solution, &mg->rhs));
  for (PetscInt d = 0; d < count; d++) mg->number[d] = (float)(mg->at[rank] + d);
  PetscCall(MgHaloFill(&level->halo, MG_BS, mg->number));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FactorCoarsest(Multigrid *mg) {
  MgLevel *level = &mg->level[mg->num_levels - 1];
  double *a, largest = 0.;

  PetscFunctionBeginUser;
  PetscCall(MatSetUnfactored(mg->factor));
  PetscCall(MatZeroEntries(mg->factor));
  PetscCall(MatDenseGetArray(mg->factor, &a));
  for (PetscInt i = 0; i < level->num_owned; i++) {
    for (PetscInt e = MG_BLOCK * level->start[i]; e < MG_BLOCK * level->start[i + 1]; e++) {
      const PetscInt c = e % MG_BLOCK / MG_BS, node = level->column[e / MG_BLOCK];
      const PetscInt row = (PetscInt)mg->number[MG_BS * i + e % MG_BS];
      const PetscInt column = (PetscInt)mg->number[MG_BS * node + c];
      a[column * mg->n + row] = level->value[e];
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, a, (PetscMPIInt)(mg->n * mg->n), MPI_DOUBLE, MPI_SUM,
                             level->comm));
  // Shifted above rounding in single precision: neither free motions nor lost stiffness are zero pivots.
  for (PetscInt d = 0; d < mg->n; d++) largest = PetscMax(largest, PetscAbsReal(a[d * mg->n + d]));
  for (PetscInt d = 0; d < mg->n; d++)
    a[d * mg->n + d] += 1e-6 * a[d * mg->n + d] + 1e-12 * largest;
  mg->is_finite = PETSC_TRUE;
  for (PetscInt e = 0; e < mg->n * mg->n; e++) {
    if (PetscIsInfOrNanReal(a[e])) mg->is_finite = PETSC_FALSE;
  }
  PetscCall(MatDenseRestoreArray(mg->factor, &a));
  if (mg->is_finite) PetscCall(MatLUFactor(mg->factor, NULL, NULL, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SolveCoarsest(Multigrid *mg, const float b[], float x[]) {
  MgLevel *level = &mg->level[mg->num_levels - 1];
  double *all;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(level->comm, &rank));
  for (PetscInt d = 0; d < mg->count[rank]; d++) mg->part[d] = b[d];
  PetscCall(VecGetArray(mg->rhs, &all));
  PetscCallMPI(MPI_Allgatherv(mg->part, mg->count[rank], MPI_DOUBLE, all, mg->count, mg->at,
                              MPI_DOUBLE, level->comm));
  PetscCall(VecRestoreArray(mg->rhs, &all));
  PetscCall(MatSolve(mg->factor, mg->rhs, mg->solution));
  PetscCall(VecGetArray(mg->solution, &all));
  for (PetscInt d = 0; d < mg->count[rank]; d++) x[d] = (float)all[mg->at[rank] + d];
  PetscCall(VecRestoreArray(mg->solution, &all));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BuildLevels(Mat mat, Multigrid *mg) {
  PetscBool done = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(MgLevelCreateFinest(mat, &mg->level[0]));
  PetscCall(PetscMalloc1(MG_BS * mg->level[0].num_nodes, &mg->level[0].exact));
  PetscCall(MgPiecesCreate(mat, &mg->level[0].pieces));
  if (mg->level[0].pieces)
    PetscCall(PetscMalloc1(MG_BS * mg->level[0].num_owned, &mg->level[0].relieved));
  mg->num_levels = 1;
  while (mg->num_levels < MG_MAX_LEVELS) {
    MgLevel *fine = &mg->level[mg->num_levels - 1];
    if (fine->num_global <= COARSEST) break;
    PetscCall(MgLevelCoarsen(fine, fine + 1, &done));
    if (done) break;
    mg->num_levels++;
  }
  PetscCall(CreateCoarsest(mg));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetUp(PC pc) {
  Multigrid *mg;
  Mat mat;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &mg));
  PetscCall(PCGetOperators(pc, NULL, &mat));
  if (!mg->num_levels) PetscCall(BuildLevels(mat, mg));
  PetscCall(MgLevelLoad(mat, &mg->level[0]));
  for (PetscInt k = 0; k < mg->num_levels; k++) {
    PetscCall(MgLevelPrepareSmoother(&mg->level[k], PETSC_TRUE));
    if (k + 1 < mg->num_levels) PetscCall(MgLevelGalerkin(&mg->level[k], &mg->level[k + 1]));
  }
  PetscCall(FactorCoarsest(mg));
  PetscCall(PCSetFailedReason(pc, mg->is_finite ? PC_NOERROR : PC_SUBPC_ERROR));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// b of the coarse level = P^T r.
static PetscErrorCode Restrict(MgLevel *fine, MgLevel *coarse) {
  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(coarse->b, MG_BS * coarse->num_nodes));
  for (PetscInt i = 0; i < fine->num_owned; i++) {
    for (PetscInt t = fine->parent_start[i]; t < fine->parent_start[i + 1]; t++) {
      float *out = coarse->b + MG_BS * fine->parent[t];
      for (int c = 0; c < MG_BS; c++)
        out[c] += fine->weight[t] * fine->r[MG_BS * i + c] * fine->keep[MG_BS * i + c];
    }
  }
  PetscCall(MgHaloAdd(&coarse->halo, MG_BS, coarse->b));
  for (PetscInt d = 0; d < MG_BS * coarse->num_owned; d++) coarse->b[d] *= coarse->keep[d];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Prolong(MgLevel *fine, MgLevel *coarse) {
  PetscFunctionBeginUser;
  PetscCall(MgHaloFill(&coarse->halo, MG_BS, coarse->x));
  for (PetscInt i = 0; i < fine->num_owned; i++) {
    float sum[MG_BS] = {0.f, 0.f, 0.f};
    for (PetscInt t = fine->parent_start[i]; t < fine->parent_start[i + 1]; t++) {
      const float *in = coarse->x + MG_BS * fine->parent[t];
      for (int c = 0; c < MG_BS; c++) sum[c] += fine->weight[t] * in[c];
    }
    for (int c = 0; c < MG_BS; c++) fine->x[MG_BS * i + c] += sum[c] * fine->keep[MG_BS * i + c];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// x of the finest level from its b.
static PetscErrorCode Cycle(Multigrid *mg) {
  MgLevel *last = &mg->level[mg->num_levels - 1];

  PetscFunctionBeginUser;
  for (MgLevel *level = mg->level; level < last; level++) {
    PetscCall(MgLevelSmooth(level, level->b, level->x, PETSC_TRUE));
    PetscCall(MgLevelResidual(level, level->b, level->x, level->r));
    PetscCall(Restrict(level, level + 1));
  }
  PetscCall(SolveCoarsest(mg, last->b, last->x));
  for (MgLevel *level = last - 1; level >= mg->level; level--) {
    PetscCall(Prolong(level, level + 1));
    PetscCall(MgLevelSmooth(level, level->b, level->x, PETSC_FALSE));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Forces of the order of 1e-20 N would leave the range of single precision: the cycle works on b / max |b|.
static PetscErrorCode Apply(PC pc, Vec b, Vec x) {
  Multigrid *mg;
  MgLevel *level;
  const PetscScalar *in;
  PetscScalar *out;
  PetscReal size;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &mg));
  level = &mg->level[0];
  PetscCall(VecNorm(b, NORM_INFINITY, &size));
  if (size == 0.) {
    PetscCall(VecZeroEntries(x));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(VecGetArrayRead(b, &in));
  for (PetscInt d = 0; d < MG_BS * level->num_owned; d++)
    level->b[d] = (float)(in[d] / size) * level->keep[d];
  PetscCall(Cycle(mg));
  PetscCall(VecGetArrayWrite(x, &out));
  for (PetscInt d = 0; d < MG_BS * level->num_owned; d++) {
    const float *own = level->inverse + MG_BLOCK * (d / MG_BS) + 4 * (d % MG_BS);
    out[d] = level->keep[d] > 0.f ? size * (double)level->x[d] : in[d] * (double)*own;
  }
  PetscCall(VecRestoreArrayWrite(x, &out));
  PetscCall(VecRestoreArrayRead(b, &in));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(PC pc) {
  Multigrid *mg;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &mg));
  for (PetscInt k = 0; k < mg->num_levels; k++) PetscCall(MgLevelDestroy(&mg->level[k]));
  PetscCall(PetscFree2(mg->count, mg->at));
  PetscCall(PetscFree2(mg->part, mg->number));
  PetscCall(MatDestroy(&mg->factor));
  PetscCall(VecDestroy(&mg->rhs));
  PetscCall(VecDestroy(&mg->solution));
  PetscCall(PetscFree(mg));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode GetMultigrid(PC pc, Multigrid **mg) {
  void (*apply)(void) = NULL;
  PetscBool is_shell;

  PetscFunctionBeginUser;
  *mg = NULL;
  PetscCall(PetscObjectTypeCompare((PetscObject)pc, PCSHELL, &is_shell));
  if (!is_shell) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscObjectQueryFunction((PetscObject)pc, PRODUCT, &apply));
  if (apply) PetscCall(PCShellGetContext(pc, mg));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMultigridIs(PC pc, PetscBool *is_multigrid) {
  Multigrid *mg;

  PetscFunctionBeginUser;
  PetscCall(GetMultigrid(pc, &mg));
  *is_multigrid = mg ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Multiply(Mat product, Vec x, Vec y) {
  const PetscScalar *in;
  PetscScalar *out;
  Multigrid *mg;
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(MatShellGetContext(product, &pc));
  PetscCall(PCShellGetContext(pc, &mg));
  PetscCall(VecGetArrayRead(x, &in));
  PetscCall(VecGetArrayWrite(y, &out));
  PetscCall(MgLevelMultiply(&mg->level[0], in, out));
  PetscCall(VecRestoreArrayWrite(y, &out));
  PetscCall(VecRestoreArrayRead(x, &in));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMultigridCreateProduct(PC pc, Mat *product) {
  Multigrid *mg;
  PetscInt n;
  Mat mat;

  PetscFunctionBeginUser;
  *product = NULL;
  PetscCall(GetMultigrid(pc, &mg));
  if (!mg) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PCGetOperators(pc, NULL, &mat));
  PetscCall(MatGetLocalSize(mat, &n, NULL));
  PetscCall(MatCreateShell(PetscObjectComm((PetscObject)pc), n, n, PETSC_DETERMINE, PETSC_DETERMINE,
                           pc, product));
  PetscCall(MatShellSetOperation(*product, MATOP_MULT, (void (*)(void))Multiply));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMultigridRefresh(PC pc) {
  Multigrid *mg;
  Mat mat;

  PetscFunctionBeginUser;
  PetscCall(PCShellGetContext(pc, &mg));
  PetscCall(PCGetOperators(pc, NULL, &mat));
  PetscCall(MgLevelReload(mat, &mg->level[0]));
  PetscCall(MgLevelPrepareSmoother(&mg->level[0], PETSC_FALSE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMultigridConfigure(PC pc) {
  Multigrid *mg;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&mg));
  PetscCall(PCSetType(pc, PCSHELL));
  PetscCall(PCShellSetName(pc, "geometric multigrid in single precision"));
  PetscCall(PCShellSetContext(pc, mg));
  PetscCall(PCShellSetSetUp(pc, SetUp));
  PetscCall(PCShellSetApply(pc, Apply));
  PetscCall(PCShellSetDestroy(pc, Destroy));
  PetscCall(PetscObjectComposeFunction((PetscObject)pc, PRODUCT, LhMultigridRefresh));
  PetscFunctionReturn(PETSC_SUCCESS);
}
