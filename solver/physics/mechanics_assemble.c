/// @file
/// The one loop over batches of the mechanics problem: force and tangent of all cells, then loads.
#include <math.h>

#include "physics/fibres.h"
#include "physics/mechanics_private.h"

/// Composition of a batch at the end of the part.
static void FillComposition(LhMechanics mech, const LhBatch *batch, LhMechBatch *in) {
  double(*target[LH_COMPOSITION_NUM])[LH_BATCH];

  for (int k = 0; k < LH_MECH_NUM_FIELDS; k++) target[k] = &in->field[k];
  target[LH_COMPOSITION_LITHIUM] = &in->lithium;
  target[LH_COMPOSITION_GROWTH] = &in->growth;
  target[LH_COMPOSITION_TEMPERATURE] = &in->temperature;
  for (int k = 0; k < LH_COMPOSITION_NUM; k++) {
    const double *start = mech->composition_start[k], *end = mech->composition_end[k];
    double *lane = *target[k];

    LH_LANES(l) {
      const PetscInt c = batch->position[l];
      lane[l] = start[c] + mech->to * (end[c] - start[c]);
    }
  }
}

PetscErrorCode LhMechanicsFillBatch(LhMechanics mech, PetscInt b, LhMechBatch *in) {
  const LhBatch *batch = &mech->batch[b];
  const LhMaterialData *material = mech->materials[batch->region];
  PetscInt num_batches, num_points;

  PetscFunctionBeginUser;
  in->element = mech->element;
  in->mean_dilatation = mech->mean_dilatation;
  in->num_phases = material->num_mech;
  in->phases = material->mech;
  in->old = LhStateGetOld(mech->state, b);
  in->now = LhStateGetNow(mech->state, b);
  in->dt = mech->dt;
  PetscCall(LhStateGetSizes(mech->state, &num_batches, &num_points, &in->num_state));
  in->integrity = mech->integrity ? (const double(*)[LH_BATCH])mech->integrity +
                                        (size_t)b * (size_t)mech->element->num_points
                                  : NULL;
  FillComposition(mech, batch, in);
  LH_LANES(l) in->closing[l] = mech->closing ? mech->closing[batch->position[l]] : 0.;
  LhBatchGatherCoords(mech->space, batch, mech->work->x);
  LhBatchGather(batch, mech->view->nodes_per_cell, 3, mech->local_u, mech->work->u);
  LhMechanicsAddAffine(mech, mech->macro.H, mech->work);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGatherDisplacement(LhMechanics mech, Vec u) {
  const PetscScalar *x;

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(u, &x));
  PetscCall(LhSpaceGather(mech->space, 3, x, mech->local_u));
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscCall(LhMechanicsGatherMacro(mech, u, mech->macro.H));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsScatter(LhMechanics mech, const PetscScalar local[], Vec owned) {
  PetscScalar *x;

  PetscFunctionBeginUser;
  PetscCall(VecZeroEntries(owned));
  PetscCall(VecGetArray(owned, &x));
  PetscCall(LhSpaceScatterAdd(mech->space, 3, local, x));
  PetscCall(VecRestoreArray(owned, &x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsClearPrescribed(LhMechanics mech, Vec v) {
  PetscScalar *x;

  PetscFunctionBeginUser;
  PetscCall(VecGetArray(v, &x));
  for (PetscInt d = 0; d < 3 * mech->view->num_owned; d++) {
    if (mech->mask[d]) x[d] = 0.;
  }
  LhMechanicsClearMacro(mech, x);
  PetscCall(VecRestoreArray(v, &x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscInt CountFailures(const LhBatch *batch, const LhMechWork *w) {
  PetscInt n = 0;

  for (PetscInt l = 0; l < batch->num_active; l++) n += w->failed[l] > 0. || isnan(w->f[0][l]);
  return n;
}

/// Force and tangent of a batch: cells, then fibres.
static PetscErrorCode EvaluateBatch(LhMechanics mech, PetscInt b, LhMechTask task) {
  LhMechBatch in;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsFillBatch(mech, b, &in));
  LhMechKernelEvaluate(&in, task, mech->work);
  if (mech->fibres) PetscCall(LhFibreTermAddBatch(mech->fibres, b, &in, task, mech->work));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Fibres with a displacement of their own hear the stretches of all their pieces. Collective.
static PetscErrorCode BalanceFibres(LhMechanics mech) {
  LhMechBatch in;

  PetscFunctionBeginUser;
  if (!mech->fibres) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhFibreTermBeginMeasure(mech->fibres));
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    if (!LhFibreTermMustMeasure(mech->fibres, b)) continue;
    PetscCall(LhMechanicsFillBatch(mech, b, &in));
    PetscCall(LhFibreTermMeasureBatch(mech->fibres, b, mech->work));
  }
  PetscCall(LhFibreTermEndMeasure(mech->fibres));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// local_w += |work->f|, which is overwritten.
static void AddMagnitudes(LhMechanics mech, const LhBatch *batch) {
  LhMechWork *w = mech->work;

  for (PetscInt d = 0; d < 3 * mech->view->nodes_per_cell; d++) {
    LH_LANES(l) w->f[d][l] = fabs(w->f[d][l]);
  }
  LhBatchAdd(batch, mech->view->nodes_per_cell, 3, (const double(*)[LH_BATCH])w->f, mech->local_w);
}

/// local_f and, by absolute values, local_w from all cells of this rank.
static PetscErrorCode AddCells(LhMechanics mech, double moment[], PetscInt *failed) {
  LhMechWork *w = mech->work;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(mech->local_f, 3 * mech->view->num_nodes));
  PetscCall(PetscArrayzero(mech->local_w, 3 * mech->view->num_nodes));
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    PetscCall(EvaluateBatch(mech, b, LH_MECH_RESIDUAL));
    *failed += CountFailures(&mech->batch[b], w);
    LhBatchAdd(&mech->batch[b], mech->view->nodes_per_cell, 3, (const double(*)[LH_BATCH])w->f,
               mech->local_f);
    LhMechanicsAddMoment(mech, &mech->batch[b], moment);
    AddMagnitudes(mech, &mech->batch[b]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsResidual(LhMechanics mech, Vec u, Vec r, LhMechEvaluation *evaluation) {
  double moment[LH_MECH_MACRO] = {0.};
  PetscInt failed = 0;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGatherDisplacement(mech, u));
  PetscCall(BalanceFibres(mech));
  PetscCall(AddCells(mech, moment, &failed));
  PetscCall(LhMechanicsAddLoads(mech));
  PetscCall(LhMechanicsScatter(mech, mech->local_w, mech->work_vec));
  PetscCall(VecNorm(mech->work_vec, NORM_2, &mech->scale));
  evaluation->scale = PetscMax(mech->held_scale, mech->scale);
  PetscCall(LhMechanicsScatter(mech, mech->local_f, r));
  PetscCall(LhMechanicsAddPlaten(mech, u, r));
  PetscCall(LhMechanicsMacroResidual(mech, moment, r));
  PetscCall(VecCopy(r, mech->force));
  PetscCall(LhMechanicsClearPrescribed(mech, r));
  PetscCallMPI(MPI_Allreduce(&failed, &evaluation->failed, 1, MPIU_INT, MPI_SUM, mech->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// local_f += K_cell (local_g and the macroscopic lift) for one batch.
static void AddLifted(LhMechanics mech, const LhBatch *batch, LhMechTask task, double moment[]) {
  const PetscInt num_dofs = 3 * mech->view->nodes_per_cell;
  const PetscBool single = task == LH_MECH_TANGENT_SINGLE ? PETSC_TRUE : PETSC_FALSE;
  LhMechWork *w = mech->work;

  LhBatchGather(batch, mech->view->nodes_per_cell, 3, mech->local_g, w->u);
  LhMechanicsAddAffine(mech, mech->macro.lift, w);
  for (PetscInt d = 0; d < num_dofs; d++) {
    LH_LANES(l) {
      double sum = 0.;
      for (PetscInt e = 0; e < num_dofs; e++) {
        const PetscInt k = d * num_dofs + e;
        sum += (single ? (double)w->single.K[k][l] : w->K[k][l]) * w->u[e][l];
      }
      w->f[d][l] = sum;
    }
  }
  LhBatchAdd(batch, mech->view->nodes_per_cell, 3, (const double(*)[LH_BATCH])w->f, mech->local_f);
  LhMechanicsAddMoment(mech, batch, moment);
  AddMagnitudes(mech, batch);
}

/// Sums over ranks: failures, asymmetry, magnitude, diagonal.
typedef struct {
  double failed, asymmetry, magnitude, diagonal, count;
  double moment[LH_MECH_MACRO];  ///< of K lift; summed elsewhere
} TangentSums;

/// A matrix in single precision takes sums in single precision, but for volumes with a macroscopic drive: its stiffness is
/// double, and nothing else holds translations of w than what rounding adds up to, the same in every cell of a lattice.
static LhMechTask ChooseTangent(const LhMechanics mech) {
  return mech->is_single && !mech->macro.used ? LH_MECH_TANGENT_SINGLE : LH_MECH_TANGENT;
}

/// Adds the batch just evaluated to the matrix and its diagonal in the first lane to `diagonal`.
static PetscErrorCode AddToMatrix(LhMechanics mech, PetscInt b, LhMechTask task, double *diagonal) {
  const PetscInt num_dofs = 3 * mech->view->nodes_per_cell;
  const LhMechWork *w = mech->work;

  PetscFunctionBeginUser;
  if (task == LH_MECH_TANGENT_SINGLE)
    PetscCall(LhAssemblerAddBatchSingle(mech->assembler, b, w->single.K));
  else
    PetscCall(LhAssemblerAddBatch(mech->assembler, b, w->K));
  for (PetscInt d = 0; d < num_dofs; d++) {
    const PetscInt k = d * num_dofs + d;
    *diagonal += fabs(task == LH_MECH_TANGENT_SINGLE ? (double)w->single.K[k][0] : w->K[k][0]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddCellTangents(LhMechanics mech, PetscBool lifted, TangentSums *sums) {
  const LhMechTask task = ChooseTangent(mech);
  const LhMechWork *w = mech->work;

  PetscFunctionBeginUser;
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    const LhBatch *batch = &mech->batch[b];

    PetscCall(EvaluateBatch(mech, b, task));
    PetscCall(AddToMatrix(mech, b, task, &sums->diagonal));
    sums->failed += (double)CountFailures(batch, w);
    sums->asymmetry += w->asymmetry;
    sums->magnitude += w->magnitude;
    sums->count += 3. * (double)mech->view->nodes_per_cell;
    LhMechanicsAddBorder(mech, batch);
    if (lifted) AddLifted(mech, batch, task, sums->moment);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode GatherLift(LhMechanics mech, Vec lift) {
  const PetscScalar *g;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(mech->local_f, 3 * mech->view->num_nodes));
  PetscCall(PetscArrayzero(mech->local_w, 3 * mech->view->num_nodes));
  PetscCall(VecGetArrayRead(lift, &g));
  PetscCall(LhSpaceGather(mech->space, 3, g, mech->local_g));
  PetscCall(VecRestoreArrayRead(lift, &g));
  PetscCall(LhMechanicsGatherMacro(mech, lift, mech->macro.lift));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsTangent(LhMechanics mech, Vec u, Vec lift, Vec reaction,
                                  LhMechEvaluation *evaluation) {
  const PetscBool lifted = lift ? PETSC_TRUE : PETSC_FALSE;
  TangentSums sums = {.failed = 0.};

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGatherDisplacement(mech, u));
  PetscCall(BalanceFibres(mech));
  if (lifted) PetscCall(GatherLift(mech, lift));
  PetscCall(LhMechanicsHoldMatrices(mech));
  PetscCall(LhAssemblerBegin(mech->assembler));
  PetscCall(LhMechanicsBeginBorder(mech));
  PetscCall(AddCellTangents(mech, lifted, &sums));
  PetscCall(LhMechanicsAddLoadTangents(mech, lifted));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &sums, 5, MPI_DOUBLE, MPI_SUM, mech->comm));
  if (mech->diagonal == 0.) mech->diagonal = sums.diagonal / sums.count;
  PetscCall(LhMechanicsRegularise(mech, sums.diagonal / sums.count));
  PetscCall(LhAssemblerConstrain(mech->assembler, mech->mask, mech->diagonal));
  PetscCall(LhAssemblerEnd(mech->assembler, mech->assembled));
  if (lifted) {
    PetscCall(LhMechanicsScatter(mech, mech->local_w, mech->work_vec));
    PetscCall(VecNorm(mech->work_vec, NORM_2, &evaluation->scale));
    PetscCall(LhMechanicsScatter(mech, mech->local_f, reaction));
    PetscCall(LhMechanicsClearPrescribed(mech, reaction));
    PetscCall(LhMechanicsMacroReaction(mech, sums.moment, reaction));
  }
  PetscCall(LhMechanicsEndBorder(mech));
  evaluation->failed = (PetscInt)sums.failed;
  evaluation->asymmetry = sums.magnitude > 0. ? sqrt(sums.asymmetry / sums.magnitude) : 0.;
  PetscFunctionReturn(PETSC_SUCCESS);
}
