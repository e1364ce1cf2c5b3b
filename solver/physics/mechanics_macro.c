/// @file
/// The macroscopic part of the deformation: u(X) = (Fbar - 1) X + w(X), with Fbar or its stress given by component.
///
/// Unknowns are w and y = L (Fbar - 1) (see LhMechMacroState). The tangent of both is bordered,
///   [ K  B ] [dw]   [ -r              ]      r: force at the nodes,
///   [ B' C ] [dy] = [ -L^2 (Pbar - P) ],     B = sum_cells K_cell X / L, C = sum_cells X' K_cell X / L^2,   (M20)
/// and never put together: K stays sparse. Cells that cross a periodic seam take X from their own vertices. Must
/// never solve.
#include <math.h>

#include "physics/mechanics_private.h"

/// The volume that means are over: of the period, else of all regions, pores included.
static double MeasureVolume(const LhMeshView *mesh) {
  double period = 1., regions = 0.;

  for (int d = 0; d < 3; d++) period *= mesh->vertex_image ? mesh->period[d] : 0.;
  for (PetscInt r = 0; r < mesh->num_regions; r++) regions += mesh->region_volumes[r];
  return period > 0. ? period : regions;
}

/// Gives displacements rows for y on the first rank.
static PetscErrorCode ExtendVectors(LhMechanics mech) {
  Vec *vectors[] = {&mech->u, &mech->u_accepted, &mech->force, &mech->work_vec};
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(mech->comm, &rank));
  mech->macro.first = rank ? -1 : 3 * mech->view->num_owned;
  for (int k = 0; k < 4; k++) PetscCall(VecDestroy(vectors[k]));
  PetscCall(VecCreate(mech->comm, &mech->u));
  PetscCall(VecSetSizes(mech->u, 3 * mech->view->num_owned + (rank ? 0 : LH_MECH_MACRO),
                        3 * mech->view->num_global + LH_MECH_MACRO));
  PetscCall(VecSetBlockSize(mech->u, 3));
  PetscCall(VecSetType(mech->u, VECSTANDARD));
  for (int k = 1; k < 4; k++) PetscCall(VecDuplicate(mech->u, vectors[k]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode UseMacro(LhMechanics mech) {
  LhMechMacroState *macro = &mech->macro;

  PetscFunctionBeginUser;
  PetscCheck(!mech->is_set_up, mech->comm, PETSC_ERR_ARG_WRONGSTATE,
             "The first macroscopic drive comes before set-up");
  macro->used = PETSC_TRUE;
  macro->volume = MeasureVolume(mech->mesh_view);
  macro->length = cbrt(macro->volume);
  for (int m = 0; m < LH_MECH_MACRO; m++) macro->start_F[m] = m % 4 == 0 ? 1. : 0.;
  PetscCall(ExtendVectors(mech));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One array a stress-driven component; they are kept for later steps.
static PetscErrorCode AllocateColumns(LhMechanics mech) {
  LhMechMacroState *macro = &mech->macro;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < macro->num_free; k++) {
    if (macro->column[k]) continue;
    PetscCall(PetscCalloc1(3 * mech->view->num_nodes, &macro->column[k]));
    PetscCall(PetscCalloc1(3 * mech->view->num_nodes, &macro->row[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetMacro(LhMechanics mech, const LhMechMacro *drive) {
  LhMechMacroState *macro = &mech->macro;

  PetscFunctionBeginUser;
  if (!macro->used) PetscCall(UseMacro(mech));
  macro->drive = *drive;
  macro->num_free = 0;
  for (PetscInt m = 0; m < LH_MECH_MACRO; m++) {
    const PetscInt twin = 3 * (m % 3) + m / 3;
    PetscCheck(!drive->stress_driven[m] || twin == m || !drive->stress_driven[twin], mech->comm,
               PETSC_ERR_ARG_WRONG,
               "Components %" PetscInt_FMT " and %" PetscInt_FMT
               " of the mean stress are both given: the volume is free to rotate",
               m, twin);
    if (drive->stress_driven[m]) macro->free[macro->num_free++] = m;
  }
  PetscCall(AllocateColumns(mech));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsDestroyMacro(LhMechanics mech) {
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < LH_MECH_MACRO_FREE; k++) {
    PetscCall(PetscFree(mech->macro.column[k]));
    PetscCall(PetscFree(mech->macro.row[k]));
  }
  PetscCall(VecDestroy(&mech->macro.part[0]));
  PetscCall(VecDestroy(&mech->macro.part[1]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetMacro(LhMechanics mech, double F[9], double P[9]) {
  PetscFunctionBeginUser;
  for (int m = 0; m < LH_MECH_MACRO; m++) {
    if (F) F[m] = (m % 4 == 0 ? 1. : 0.) + mech->macro.H[m];
    if (P) P[m] = mech->macro.P[m];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetVolume(LhMechanics mech, double *volume) {
  PetscFunctionBeginUser;
  *volume = MeasureVolume(mech->mesh_view);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsRestoreMacro(LhMechanics mech, const double F[9], const double P[9]) {
  LhMechMacroState *macro = &mech->macro;
  PetscScalar *x;

  PetscFunctionBeginUser;
  PetscCheck(macro->used, mech->comm, PETSC_ERR_ARG_WRONGSTATE, "No macroscopic drive was set");
  PetscCall(VecGetArray(mech->u_accepted, &x));
  for (int m = 0; m < LH_MECH_MACRO; m++) {
    macro->start_F[m] = F[m];
    macro->start[m] = macro->P[m] = P[m];
    if (macro->first >= 0) x[macro->first + m] = macro->length * (F[m] - (m % 4 == 0 ? 1. : 0.));
  }
  PetscCall(VecRestoreArray(mech->u_accepted, &x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void LhMechanicsAcceptMacro(LhMechanics mech) {
  LhMechMacroState *macro = &mech->macro;

  for (int m = 0; m < LH_MECH_MACRO; m++) {
    macro->start_F[m] = (m % 4 == 0 ? 1. : 0.) + macro->H[m];
    macro->start[m] = macro->P[m];
  }
}

void LhMechanicsRejectMacro(LhMechanics mech) {
  LhMechMacroState *macro = &mech->macro;

  for (int m = 0; m < LH_MECH_MACRO; m++) {
    macro->H[m] = macro->start_F[m] - (m % 4 == 0 ? 1. : 0.);
    macro->P[m] = macro->start[m];
  }
}

/// Given Fbar or Pbar of a component at the end of the part.
static double DriveValue(const LhMechanics mech, PetscInt m) {
  const LhMechMacroState *macro = &mech->macro;
  const double start = macro->drive.stress_driven[m] ? macro->start[m] : macro->start_F[m];

  return start + mech->to * (macro->drive.value[m] - start);
}

PetscErrorCode LhMechanicsGatherMacro(LhMechanics mech, Vec u, double H[]) {
  const LhMechMacroState *macro = &mech->macro;
  const PetscScalar *x;

  PetscFunctionBeginUser;
  if (!macro->used) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(VecGetArrayRead(u, &x));
  for (int m = 0; m < LH_MECH_MACRO; m++)
    H[m] = macro->first >= 0 ? PetscRealPart(x[macro->first + m]) / macro->length : 0.;
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscCallMPI(MPI_Bcast(H, LH_MECH_MACRO, MPI_DOUBLE, 0, mech->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void LhMechanicsAddAffine(LhMechanics mech, const double H[], LhMechWork *w) {
  if (!mech->macro.used) return;
  for (PetscInt d = 0; d < 3 * mech->view->nodes_per_cell; d++) {
    const PetscInt a = d / 3, i = d % 3;

    LH_LANES(l) {
      w->u[d][l] += H[3 * i] * w->x[3 * a][l] + H[3 * i + 1] * w->x[3 * a + 1][l] +
                    H[3 * i + 2] * w->x[3 * a + 2][l];
    }
  }
}

void LhMechanicsLiftMacro(LhMechanics mech, const PetscScalar x[], PetscScalar g[]) {
  const LhMechMacroState *macro = &mech->macro;

  for (PetscInt m = 0; macro->first >= 0 && macro->used && m < LH_MECH_MACRO; m++) {
    const double one = m % 4 == 0 ? 1. : 0.;

    g[macro->first + m] = macro->drive.stress_driven[m]
                              ? 0.
                              : macro->length * (DriveValue(mech, m) - one) - x[macro->first + m];
  }
}

void LhMechanicsClearMacro(LhMechanics mech, PetscScalar x[]) {
  const LhMechMacroState *macro = &mech->macro;

  for (PetscInt m = 0; macro->used && macro->first >= 0 && m < LH_MECH_MACRO; m++) {
    if (!macro->drive.stress_driven[m]) x[macro->first + m] = 0.;
  }
}

/// sum_a f_a (x) X_a over the active lanes, added to `moment`.
static void AddMoment(const LhMechanics mech, const LhBatch *batch, const double (*f)[LH_BATCH],
                      double moment[]) {
  const LhMechWork *w = mech->work;

  for (PetscInt k = 0; k < LH_MECH_MACRO * mech->view->nodes_per_cell; k++) {
    const PetscInt a = k / LH_MECH_MACRO, m = k % LH_MECH_MACRO;

    for (PetscInt l = 0; l < batch->num_active; l++)
      moment[m] += f[3 * a + m / 3][l] * w->x[3 * a + m % 3][l];
  }
}

void LhMechanicsAddMoment(LhMechanics mech, const LhBatch *batch, double moment[]) {
  if (mech->macro.used) AddMoment(mech, batch, (const double(*)[LH_BATCH])mech->work->f, moment);
}

PetscErrorCode LhMechanicsMacroResidual(LhMechanics mech, double moment[], Vec r) {
  LhMechMacroState *macro = &mech->macro;
  const double area = macro->length * macro->length;
  PetscScalar *x;

  PetscFunctionBeginUser;
  if (!macro->used) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, moment, LH_MECH_MACRO, MPI_DOUBLE, MPI_SUM, mech->comm));
  for (int m = 0; m < LH_MECH_MACRO; m++) macro->P[m] = moment[m] / macro->volume;
  PetscCall(VecGetArray(r, &x));
  for (PetscInt m = 0; macro->first >= 0 && m < LH_MECH_MACRO; m++) {
    x[macro->first + m] =
        macro->drive.stress_driven[m] ? area * (macro->P[m] - DriveValue(mech, m)) : 0.;
  }
  PetscCall(VecRestoreArray(r, &x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsMacroReaction(LhMechanics mech, double moment[], Vec reaction) {
  LhMechMacroState *macro = &mech->macro;
  PetscScalar *x;

  PetscFunctionBeginUser;
  if (!macro->used) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, moment, LH_MECH_MACRO, MPI_DOUBLE, MPI_SUM, mech->comm));
  PetscCall(VecGetArray(reaction, &x));
  for (PetscInt m = 0; macro->first >= 0 && m < LH_MECH_MACRO; m++)
    x[macro->first + m] = macro->drive.stress_driven[m] ? moment[m] / macro->length : 0.;
  PetscCall(VecRestoreArray(reaction, &x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsBeginBorder(LhMechanics mech) {
  LhMechMacroState *macro = &mech->macro;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < macro->num_free; k++) {
    PetscCall(PetscArrayzero(macro->column[k], 3 * mech->view->num_nodes));
    PetscCall(PetscArrayzero(macro->row[k], 3 * mech->view->num_nodes));
  }
  PetscCall(PetscArrayzero(macro->coupling, LH_MECH_MACRO_FREE * LH_MECH_MACRO_FREE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsResumeBorder(LhMechanics mech) {
  LhMechMacroState *macro = &mech->macro;
  const PetscInt own = 3 * mech->view->num_owned, ghosts = 3 * mech->view->num_nodes - own;
  const double area = macro->length * macro->length;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < macro->num_free; k++) {
    PetscCall(PetscArrayzero(macro->column[k] + own, ghosts));
    PetscCall(PetscArrayzero(macro->row[k] + own, ghosts));
    for (PetscInt d = 0; d < own; d++) {
      macro->column[k][d] *= macro->length;
      macro->row[k][d] *= macro->length;
    }
  }
  for (PetscInt k = 0; k < LH_MECH_MACRO_FREE * LH_MECH_MACRO_FREE; k++)
    macro->coupling[k] *= macro->first >= 0 ? area : 0.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// out = K_cell (e_i (x) X_j), or its transpose, for component m = 3 i + j.
static void ApplyAffine(const LhMechanics mech, PetscInt m, PetscBool transpose,
                        double (*out)[LH_BATCH]) {
  const PetscInt n = 3 * mech->view->nodes_per_cell, i = m / 3, j = m % 3;
  const LhMechWork *w = mech->work;

  for (PetscInt d = 0; d < n; d++) {
    LH_LANES(l) out[d][l] = 0.;
    for (PetscInt b = 0; b < n / 3; b++) {
      const PetscInt entry = transpose ? (3 * b + i) * n + d : d * n + 3 * b + i;
      LH_LANES(l) out[d][l] += w->K[entry][l] * w->x[3 * b + j][l];
    }
  }
}

/// Scratch: work->f.
void LhMechanicsAddBorder(LhMechanics mech, const LhBatch *batch) {
  LhMechMacroState *macro = &mech->macro;
  double(*f)[LH_BATCH] = mech->work->f;

  for (PetscInt k = 0; k < macro->num_free; k++) {
    double moment[LH_MECH_MACRO] = {0.};

    ApplyAffine(mech, macro->free[k], PETSC_TRUE, f);
    LhBatchAdd(batch, mech->view->nodes_per_cell, 3, (const double(*)[LH_BATCH])f, macro->row[k]);
    ApplyAffine(mech, macro->free[k], PETSC_FALSE, f);
    LhBatchAdd(batch, mech->view->nodes_per_cell, 3, (const double(*)[LH_BATCH])f,
               macro->column[k]);
    AddMoment(mech, batch, (const double(*)[LH_BATCH])f, moment);
    for (PetscInt n = 0; n < macro->num_free; n++)
      macro->coupling[n * LH_MECH_MACRO_FREE + k] += moment[macro->free[n]];
  }
}

/// Sums of ghosts added at their owners, divided by L; supported unknowns cleared. Only owned entries count after.
static PetscErrorCode FinishBorderArray(LhMechanics mech, PetscScalar array[]) {
  const PetscInt n = 3 * mech->view->num_owned;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(mech->local_w, n));
  PetscCall(LhSpaceScatterAdd(mech->space, 3, array, mech->local_w));
  for (PetscInt d = 0; d < n; d++)
    array[d] = mech->mask[d] ? 0. : mech->local_w[d] / mech->macro.length;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsEndBorder(LhMechanics mech) {
  LhMechMacroState *macro = &mech->macro;
  const double scale = 1. / (macro->length * macro->length);

  PetscFunctionBeginUser;
  if (!macro->used) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt k = 0; k < macro->num_free; k++) {
    PetscCall(FinishBorderArray(mech, macro->column[k]));
    PetscCall(FinishBorderArray(mech, macro->row[k]));
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, macro->coupling, LH_MECH_MACRO_FREE * LH_MECH_MACRO_FREE,
                             MPI_DOUBLE, MPI_SUM, mech->comm));
  for (PetscInt k = 0; k < LH_MECH_MACRO_FREE * LH_MECH_MACRO_FREE; k++)
    macro->coupling[k] *= scale;
  // The product of the shell has changed: whoever keeps something made from it has to know.
  PetscCall(MatAssemblyBegin(mech->op, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(mech->op, MAT_FINAL_ASSEMBLY));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsRegularise(LhMechanics mech, double diagonal) {
  const double share = 1e-6;

  PetscFunctionBeginUser;
  mech->macro.spring = mech->macro.used ? share * diagonal : 0.;
  for (PetscInt d = 0; mech->macro.used && d < 3 * mech->view->num_owned; d++)
    PetscCall(LhAssemblerAddDiagonal(mech->assembler, d / 3, d % 3, mech->macro.spring));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Sums over ranks of row . x for the free components, and y of `x` (which its owner knows).
static PetscErrorCode MeetRows(const LhMechanics mech, const PetscScalar x[], double dot[],
                               double y[]) {
  const LhMechMacroState *macro = &mech->macro;
  double sums[LH_MECH_MACRO_FREE + LH_MECH_MACRO] = {0.};

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < macro->num_free; k++) {
    const PetscScalar *row = macro->row[k];
    double sum = 0.;
    for (PetscInt d = 0; d < 3 * mech->view->num_owned; d++) sum += row[d] * x[d];
    sums[k] = sum;
  }
  for (PetscInt m = 0; macro->first >= 0 && m < LH_MECH_MACRO; m++)
    sums[LH_MECH_MACRO_FREE + m] = x[macro->first + m];
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sums, LH_MECH_MACRO_FREE + LH_MECH_MACRO, MPI_DOUBLE,
                             MPI_SUM, mech->comm));
  for (PetscInt k = 0; k < macro->num_free; k++) {
    dot[k] = sums[k];
    y[k] = sums[LH_MECH_MACRO_FREE + macro->free[k]];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// out = [K B; B' C] in. The matrix for preconditioners has springs besides K, which are taken off again.
static void FinishProduct(const LhMechanics mech, const double dot[], const double y[],
                          const PetscScalar in[], PetscScalar out[]) {
  const LhMechMacroState *macro = &mech->macro;

  for (PetscInt k = 0; k < macro->num_free; k++) {
    const PetscScalar *column = macro->column[k];
    for (PetscInt d = 0; d < 3 * mech->view->num_owned; d++) out[d] += column[d] * y[k];
  }
  for (PetscInt d = 0; d < 3 * mech->view->num_owned; d++)
    out[d] -= mech->mask[d] ? 0. : macro->spring * in[d];
  if (macro->first < 0) return;
  for (PetscInt m = 0; m < LH_MECH_MACRO; m++)
    out[macro->first + m] = mech->diagonal * in[macro->first + m];
  for (PetscInt k = 0; k < macro->num_free; k++) {
    double sum = dot[k];
    for (PetscInt n = 0; n < macro->num_free; n++)
      sum += macro->coupling[k * LH_MECH_MACRO_FREE + n] * y[n];
    out[macro->first + macro->free[k]] = sum;
  }
}

static PetscErrorCode MultiplyBordered(Mat op, Vec x, Vec y) {
  LhMechanics mech;
  MatNullSpace translations;
  double dot[LH_MECH_MACRO_FREE], free[LH_MECH_MACRO_FREE];
  const PetscScalar *in;
  PetscScalar *out;

  PetscFunctionBeginUser;
  PetscCall(MatShellGetContext(op, &mech));
  PetscCall(VecGetArrayRead(x, &in));
  PetscCall(VecGetArray(y, &out));
  PetscCall(VecPlaceArray(mech->macro.part[0], in));
  PetscCall(VecPlaceArray(mech->macro.part[1], out));
  PetscCall(MatMult(mech->macro.product ? mech->macro.product : mech->assembled,
                    mech->macro.part[0], mech->macro.part[1]));
  PetscCall(VecResetArray(mech->macro.part[0]));
  PetscCall(VecResetArray(mech->macro.part[1]));
  PetscCall(MeetRows(mech, in, dot, free));
  FinishProduct(mech, dot, free, in, out);
  PetscCall(VecRestoreArray(y, &out));
  PetscCall(VecRestoreArrayRead(x, &in));
  // A matrix in single precision leaves forces a sum, which a cycle would answer by a long way in single precision.
  PetscCall(MatGetNullSpace(op, &translations));
  if (translations) PetscCall(MatNullSpaceRemove(translations, y));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Components in which no node is held: w is defined up to a constant there.
static PetscErrorCode FindFloating(LhMechanics mech) {
  int held[3] = {0, 0, 0};

  PetscFunctionBeginUser;
  for (PetscInt d = 0; d < 3 * mech->view->num_owned; d++) {
    if (mech->mask[d]) held[d % 3] = 1;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, held, 3, MPI_INT, MPI_MAX, mech->comm));
  for (int c = 0; c < 3; c++) mech->macro.floats[c] = held[c] ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Components that float lose their mean: of w a translation, of forces what is not balanced.
static PetscErrorCode RemoveTranslations(MatNullSpace space, Vec vec, void *context) {
  LhMechanics mech = context;
  double mean[3] = {0., 0., 0.};
  PetscScalar *x;

  PetscFunctionBeginUser;
  (void)space;
  PetscCall(VecGetArray(vec, &x));
  for (PetscInt a = 0; a < mech->view->num_owned; a++) {
    for (int c = 0; c < 3; c++) mean[c] += x[3 * a + c];
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, mean, 3, MPI_DOUBLE, MPI_SUM, mech->comm));
  for (int c = 0; c < 3; c++)
    mean[c] = mech->macro.floats[c] ? mean[c] / (double)mech->view->num_global : 0.;
  for (PetscInt a = 0; a < mech->view->num_owned; a++) {
    for (int c = 0; c < 3; c++) x[3 * a + c] -= mean[c];
  }
  PetscCall(VecRestoreArray(vec, &x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AttachTranslations(LhMechanics mech) {
  const PetscBool *floats = mech->macro.floats;
  MatNullSpace space;

  PetscFunctionBeginUser;
  if (!floats[0] && !floats[1] && !floats[2]) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(MatNullSpaceCreate(mech->comm, PETSC_FALSE, 0, NULL, &space));
  PetscCall(MatNullSpaceSetFunction(space, RemoveTranslations, mech));
  PetscCall(MatSetNullSpace(mech->op, space));
  PetscCall(MatNullSpaceDestroy(&space));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetUpMacro(LhMechanics mech) {
  PetscInt local, global;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < mech->num_loads; k++) {
    PetscCheck(mech->loads[k].load.kind == LH_MECH_DISPLACEMENT, mech->comm, PETSC_ERR_SUP,
               "A volume with a macroscopic drive takes no loads besides");
  }
  PetscCall(FindFloating(mech));
  for (int k = 0; k < 2; k++) {
    PetscCall(VecCreateMPIWithArray(mech->comm, 3, 3 * mech->view->num_owned,
                                    3 * mech->view->num_global, NULL, &mech->macro.part[k]));
  }
  PetscCall(VecGetLocalSize(mech->u, &local));
  PetscCall(VecGetSize(mech->u, &global));
  PetscCall(MatCreateShell(mech->comm, local, local, global, global, mech, &mech->op));
  PetscCall(MatShellSetOperation(mech->op, MATOP_MULT, (void (*)(void))MultiplyBordered));
  PetscCall(AttachTranslations(mech));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetProduct(LhMechanics mech, Mat product) {
  PetscFunctionBeginUser;
  mech->macro.product = product;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetBorder(LhMechanics mech, LhMechBorder *border) {
  const LhMechMacroState *macro = &mech->macro;

  PetscFunctionBeginUser;
  border->used = macro->used;
  border->num_owned = 3 * mech->view->num_owned;
  border->first = macro->first;
  border->num_macro = LH_MECH_MACRO;
  border->num_free = macro->num_free;
  border->free = macro->free;
  border->coupling = macro->coupling;
  border->diagonal = mech->diagonal;
  for (int k = 0; k < LH_MECH_MACRO_FREE; k++) {
    border->column[k] = macro->column[k];
    border->row[k] = macro->row[k];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
