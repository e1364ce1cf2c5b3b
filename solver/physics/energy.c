/// @file
/// Trapezoidal sums of power at the points (see energy.h).
#include "physics/energy.h"

/// History of a point: elastic energy without damage, integrity, then strain and resistance of every phase.
enum { STORED, INTEGRITY, PHASES };

struct _n_LhEnergy {
  MPI_Comm comm;
  LhMechanics mech;
  const double *integrity;  ///< borrowed, [batch][point][lane]
  PetscInt num_batches, num_points, num_history;
  const LhBatch *batch;
  double *history;  ///< [batch][point][num_history][lane]
  LhEnergySums sums;
};

PetscErrorCode LhEnergyCreate(LhMechanics mechanics, const double *integrity, LhEnergy *energy) {
  LhBatches batches;
  LhEnergy e;
  Vec u;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&e));
  e->mech = mechanics;
  e->integrity = integrity;
  PetscCall(LhMechanicsGetDisplacement(mechanics, &u));
  e->comm = PetscObjectComm((PetscObject)u);
  PetscCall(LhMechanicsGetBatches(mechanics, &batches));
  PetscCall(LhBatchesGet(batches, &e->num_batches, &e->batch));
  PetscCall(LhMechanicsGetNumPoints(mechanics, &e->num_points));
  e->num_history = PHASES + 2 * LH_MAX_MECH_PHASES;
  PetscCall(PetscCalloc1(e->num_batches * e->num_points * e->num_history * LH_BATCH, &e->history));
  for (PetscInt p = 0; p < e->num_batches * e->num_points; p++) {
    for (int l = 0; l < LH_BATCH; l++)
      e->history[(p * e->num_history + INTEGRITY) * LH_BATCH + l] = 1.;
  }
  *energy = e;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEnergyDestroy(LhEnergy *energy) {
  PetscFunctionBeginUser;
  if (!*energy) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree((*energy)->history));
  PetscCall(PetscFree(*energy));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// (D8): work of the flow of all phases in the step. In the first step that flows the resistance before is taken
/// as that after.
static void AddFlow(const LhMechPoint *point, double (*history)[LH_BATCH], double work[LH_BATCH]) {
  for (PetscInt k = 0; k < point->num_phases; k++) {
    double *strain = history[PHASES + 2 * k], *resistance = history[PHASES + 2 * k + 1];

    LH_LANES(l) {
      const double gain = point->strain[k][l] - strain[l], now = point->resistance[k][l];
      const double before = resistance[l] > 0. ? resistance[l] : now;

      work[l] += gain > 0. && now > 0. ? .5 * (before + now) * gain : 0.;
      strain[l] = point->strain[k][l];
      resistance[l] = now > 0. ? now : resistance[l];
    }
  }
}

static void AddPoint(const LhMechPoint *point, PetscInt num_active,
                     const double integrity[LH_BATCH], double (*history)[LH_BATCH],
                     LhEnergySums *sums) {
  double flow[LH_BATCH] = {0.};

  AddFlow(point, history, flow);
  for (int l = 0; l < num_active; l++) {
    const double before = history[INTEGRITY][l], now = integrity ? integrity[l] : 1.;

    sums->stored += point->dv[l] * now * point->stored[l];
    sums->flow += point->dv[l] * .5 * (before + now) * flow[l];
    sums->damage += point->dv[l] * .5 * (history[STORED][l] + point->stored[l]) * (before - now);
  }
  LH_LANES(l) {
    history[STORED][l] = point->stored[l];
    history[INTEGRITY][l] = integrity ? integrity[l] : 1.;
  }
}

PetscErrorCode LhEnergyAdvance(LhEnergy e) {
  LhMechPoint points[LH_MECH_MAX_POINTS];
  LhEnergySums step = {.stored = 0.};

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsBeginPoints(e->mech));
  for (PetscInt b = 0; b < e->num_batches; b++) {
    PetscCall(LhMechanicsGetPoints(e->mech, b, points));
    for (PetscInt q = 0; q < e->num_points; q++) {
      const PetscInt p = b * e->num_points + q;

      AddPoint(&points[q], e->batch[b].num_active,
               e->integrity ? e->integrity + p * LH_BATCH : NULL,
               (double(*)[LH_BATCH])(e->history + p * e->num_history * LH_BATCH), &step);
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &step, 3, MPI_DOUBLE, MPI_SUM, e->comm));
  e->sums.stored = step.stored;
  e->sums.flow += step.flow;
  e->sums.damage += step.damage;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEnergyGetSums(LhEnergy e, LhEnergySums *sums) {
  PetscFunctionBeginUser;
  *sums = e->sums;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEnergyGetHistorySize(LhEnergy e, PetscInt *size) {
  PetscFunctionBeginUser;
  *size = e->num_points * e->num_history;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEnergyPackHistory(LhEnergy e, double rows[]) {
  const PetscInt n = e->num_points * e->num_history;

  PetscFunctionBeginUser;
  for (PetscInt b = 0; b < e->num_batches; b++) {
    for (PetscInt k = 0; k < n * e->batch[b].num_active; k++) {
      const PetscInt lane = k % e->batch[b].num_active, item = k / e->batch[b].num_active;
      rows[e->batch[b].position[lane] * n + item] = e->history[(b * n + item) * LH_BATCH + lane];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEnergyUnpackHistory(LhEnergy e, const double rows[], const LhEnergySums *sums) {
  const PetscInt n = e->num_points * e->num_history;

  PetscFunctionBeginUser;
  for (PetscInt b = 0; b < e->num_batches; b++) {
    for (PetscInt k = 0; k < n * LH_BATCH; k++)
      e->history[b * n * LH_BATCH + k] =
          rows[e->batch[b].position[k % LH_BATCH] * n + k / LH_BATCH];
  }
  e->sums = *sums;
  PetscFunctionReturn(PETSC_SUCCESS);
}
