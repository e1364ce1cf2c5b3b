/// @file
/// Trapezoidal sums of power at the points (see energy.h).
#include "physics/energy.h"

/// History of a point: elastic energy without damage, integrity, then of every phase the force on what flow changes,
/// integrity included. What flow has changed is in the state of the problem itself.
enum { STORED, INTEGRITY, PHASES, PHASE_WIDTH = 6 };

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
  PetscInt num_phases;
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
  PetscCall(LhMechanicsGetMostPhases(mechanics, &num_phases));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &num_phases, 1, MPIU_INT, MPI_MAX, e->comm));
  e->num_history = PHASES + PHASE_WIDTH * num_phases;
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

/// (D8): work of the flow of all phases in the step, along the direction in which each flowed.
static void AddFlow(const LhMechPoint *point, const double integrity[LH_BATCH],
                    double (*history)[LH_BATCH], double work[LH_BATCH]) {
  for (PetscInt k = 0; k < point->num_phases; k++) {
    double(*force)[LH_BATCH] = history + PHASES + PHASE_WIDTH * k;

    for (int m = 0; m < 6; m++) {
      LH_LANES(l) {
        const double now = integrity[l] * point->force[k][m][l];

        work[l] += .5 * (force[m][l] + now) * point->flowed[k][m][l];
        force[m][l] = now;
      }
    }
  }
}

static void AddPoint(const LhMechPoint *point, PetscInt num_active,
                     const double integrity[LH_BATCH], double (*history)[LH_BATCH],
                     LhEnergySums *sums) {
  double flow[LH_BATCH] = {0.}, now[LH_BATCH];

  LH_LANES(l) now[l] = integrity ? integrity[l] : 1.;
  AddFlow(point, now, history, flow);
  for (int l = 0; l < num_active; l++) {
    const double lost = history[INTEGRITY][l] - now[l];

    sums->stored += point->dv[l] * now[l] * point->stored[l];
    sums->flow += point->dv[l] * flow[l];
    sums->damage += point->dv[l] * .5 * (history[STORED][l] + point->stored[l]) * lost;
  }
  LH_LANES(l) {
    history[STORED][l] = point->stored[l];
    history[INTEGRITY][l] = now[l];
  }
}

PetscErrorCode LhEnergyAdvance(LhEnergy e) {
  LhMechPoint points[LH_MECH_MAX_POINTS];
  LhEnergySums step = {.stored = 0.};

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsBeginPoints(e->mech));
  for (PetscInt b = 0; b < e->num_batches; b++) {
    PetscCall(LhMechanicsGetPoints(e->mech, b, PETSC_TRUE, points));
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
