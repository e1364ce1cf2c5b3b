/// @file
/// History and integrity of the regions that damage (see damage.h).
#include "physics/damage.h"

#include <math.h>

#include "fields/state.h"

/// History of a point. STRAIN remembers the plastic strain of the step's start, so that parts of a step do
/// not matter.
enum { STRAIN, LOCAL, LARGEST, DAMAGE, NUM_HISTORY };

typedef struct {
  LhDamagePart data;
  LhAverage average;
  PetscInt num_batches;
  const LhBatch *batch;
  PetscInt *partner;  ///< [num_batches] batch of the mechanics with the same cells
  double *work;       ///< [num_batches][point][lane]
} Part;

struct _n_LhDamage {
  MPI_Comm comm;
  LhMechanics mech;
  PetscInt num_parts;
  Part *part;
  PetscInt num_batches, num_points;  ///< of the mechanics
  const LhBatch *batch;
  LhState state;
  double *integrity;  ///< [num_batches][point][lane]
  double *kept;       ///< [num_batches][lane] 1, or 0 in removed cells
  double gone;        ///< integrity of removed cells
};

/// Batches are cut from the same cells in the same order, so those of a region agree with the mechanics'.
static PetscErrorCode FindPartners(LhDamage d, PetscInt num_cells, Part *part) {
  PetscInt *first;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num_cells, &first));
  for (PetscInt c = 0; c < num_cells; c++) first[c] = -1;
  for (PetscInt b = 0; b < d->num_batches; b++) first[d->batch[b].cell[0]] = b;
  for (PetscInt k = 0; k < part->num_batches; k++) {
    const PetscInt b = first[part->batch[k].cell[0]];

    PetscCheck(b >= 0 && d->batch[b].num_active == part->batch[k].num_active, PETSC_COMM_SELF,
               PETSC_ERR_PLIB, "Batch %" PetscInt_FMT " of damage is none of the mechanics", k);
    part->partner[k] = b;
  }
  PetscCall(PetscFree(first));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreatePart(LhDamage d, LhMesh mesh, const LhDamagePart *data, Part *part) {
  const LhMeshView *view;
  PetscInt num_points;

  PetscFunctionBeginUser;
  part->data = *data;
  PetscCall(LhMeshGetView(mesh, &view));
  PetscCall(LhAverageCreate(mesh, data->num_regions, data->regions, data->length, &part->average));
  PetscCall(LhAverageGetBatches(part->average, &part->num_batches, &num_points, &part->batch));
  PetscCheck(num_points == d->num_points, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Elements of damage and mechanics have different points");
  PetscCall(PetscMalloc1(part->num_batches, &part->partner));
  PetscCall(PetscCalloc1(part->num_batches * num_points * LH_BATCH, &part->work));
  PetscCall(FindPartners(d, view->num_cells, part));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageCreate(LhMechanics mech, LhMesh mesh, PetscInt num_parts,
                              const LhDamagePart parts[], LhDamage *damage) {
  const LhMeshView *view;
  LhBatches batches;
  LhDamage d;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&d));
  d->mech = mech;
  d->num_parts = num_parts;
  PetscCall(LhMeshGetView(mesh, &view));
  d->comm = view->comm;
  PetscCall(LhMechanicsGetBatches(mech, &batches));
  PetscCall(LhBatchesGet(batches, &d->num_batches, &d->batch));
  PetscCall(LhMechanicsGetNumPoints(mech, &d->num_points));
  PetscCall(LhStateCreate(d->num_batches, d->num_points, NUM_HISTORY, &d->state));
  PetscCall(PetscMalloc1(d->num_batches * d->num_points * LH_BATCH, &d->integrity));
  for (PetscInt i = 0; i < d->num_batches * d->num_points * LH_BATCH; i++) d->integrity[i] = 1.;
  PetscCall(PetscMalloc1(d->num_batches * LH_BATCH, &d->kept));
  for (PetscInt i = 0; i < d->num_batches * LH_BATCH; i++) d->kept[i] = 1.;
  PetscCall(PetscCalloc1(num_parts, &d->part));
  for (PetscInt k = 0; k < num_parts; k++) PetscCall(CreatePart(d, mesh, &parts[k], &d->part[k]));
  *damage = d;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageDestroy(LhDamage *damage) {
  LhDamage d = *damage;

  PetscFunctionBeginUser;
  if (!d) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt k = 0; k < d->num_parts; k++) {
    PetscCall(LhAverageDestroy(&d->part[k].average));
    PetscCall(PetscFree(d->part[k].partner));
    PetscCall(PetscFree(d->part[k].work));
  }
  PetscCall(PetscFree(d->part));
  PetscCall(PetscFree(d->integrity));
  PetscCall(PetscFree(d->kept));
  PetscCall(LhStateDestroy(&d->state));
  PetscCall(PetscFree(*damage));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageGetIntegrity(LhDamage d, const double **integrity) {
  PetscFunctionBeginUser;
  *integrity = d->integrity;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageGetIntegritySize(LhDamage d, PetscInt *size) {
  PetscFunctionBeginUser;
  *size = d->num_batches * d->num_points * LH_BATCH;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageImpose(LhDamage d, const double integrity[]) {
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < d->num_parts; k++) {
    const Part *part = &d->part[k];
    const double reach = 1. - part->data.residual;

    for (PetscInt p = 0; p < part->num_batches * d->num_points; p++) {
      const PetscInt b = part->partner[p / d->num_points], q = p % d->num_points;
      const double *old = LhStateGetOld(d->state, b)[q * NUM_HISTORY + DAMAGE];
      const PetscInt at = (b * d->num_points + q) * LH_BATCH;

      for (int l = 0; l < LH_BATCH; l++) {
        const double most = 1. - reach * old[l];

        if (d->kept[b * LH_BATCH + l] > 0.)
          d->integrity[at + l] = fmin(fmax(integrity[at + l], part->data.residual), most);
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageRemove(LhDamage d, const unsigned char removed[], double residual) {
  PetscFunctionBeginUser;
  d->gone = residual;
  for (PetscInt b = 0; b < d->num_batches; b++) {
    for (int l = 0; l < LH_BATCH; l++) {
      const PetscBool gone = removed[d->batch[b].position[l]] ? PETSC_TRUE : PETSC_FALSE;

      d->kept[b * LH_BATCH + l] = gone ? 0. : 1.;
      for (PetscInt q = 0; gone && q < d->num_points; q++)
        d->integrity[(b * d->num_points + q) * LH_BATCH + l] = residual;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageGetNumParts(LhDamage d, PetscInt *n) {
  PetscFunctionBeginUser;
  *n = d->num_parts;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageGetAverage(LhDamage d, PetscInt k, LhAverage *average) {
  PetscFunctionBeginUser;
  *average = d->part[k].average;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Drives one point; `old` and `now` are its history.
static void DrivePoint(const LhDamagePart *data, const LhMechPoint *point,
                       const double kept[LH_BATCH], const double (*old)[LH_BATCH],
                       double (*now)[LH_BATCH]) {
  LhDamageInput in;

  LH_LANES(l) {
    now[STRAIN][l] = point->strain[point->flowing][l];
    in.flow[l] = now[STRAIN][l] - old[STRAIN][l];
  }
  for (int m = 0; m < 6; m++) {
    LH_LANES(l) in.cauchy[m][l] = point->cauchy[m][l];
  }
  data->law->drive(data->params, &in, old[LOCAL], now[LOCAL]);
  LH_LANES(l) now[LOCAL][l] *= kept[l];
}

PetscErrorCode LhDamageDrive(LhDamage d) {
  LhMechPoint points[LH_MECH_MAX_POINTS];

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsBeginPoints(d->mech));
  for (PetscInt k = 0; k < d->num_parts; k++) {
    const Part *part = &d->part[k];

    for (PetscInt b = 0; b < part->num_batches; b++) {
      const double(*old)[LH_BATCH] = LhStateGetOld(d->state, part->partner[b]);
      double(*now)[LH_BATCH] = LhStateGetNow(d->state, part->partner[b]);

      PetscCall(LhMechanicsGetPoints(d->mech, part->partner[b], PETSC_FALSE, points));
      for (PetscInt q = 0; q < d->num_points; q++)
        DrivePoint(&part->data, &points[q], d->kept + part->partner[b] * LH_BATCH,
                   old + q * NUM_HISTORY, now + q * NUM_HISTORY);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageLoad(LhDamage d, PetscInt k, Vec load) {
  const Part *part = &d->part[k];

  PetscFunctionBeginUser;
  for (PetscInt b = 0; b < part->num_batches; b++) {
    const double(*now)[LH_BATCH] =
        (const double(*)[LH_BATCH])LhStateGetNow(d->state, part->partner[b]);

    for (PetscInt q = 0; q < d->num_points; q++) {
      double *value = part->work + (b * d->num_points + q) * LH_BATCH;

      LH_LANES(l) value[l] = now[q * NUM_HISTORY + LOCAL][l];
    }
  }
  PetscCall(LhAverageLoad(part->average, part->work, load));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// (D4) of all lanes; removed ones keep what they have. Returns the largest change of D.
static double SetIntegrity(const LhDamage d, const Part *part, PetscInt b, const double D[LH_BATCH],
                           double integrity[LH_BATCH]) {
  const double *kept = d->kept + b * LH_BATCH, reach = 1. - part->data.residual;
  double change = 0.;

  for (int l = 0; l < LH_BATCH; l++) {
    const double now = kept[l] > 0. ? 1. - reach * D[l] : d->gone;

    change = fmax(change, fabs(now - integrity[l]) / reach);
    integrity[l] = now;
  }
  return change;
}

/// (D3) and (D5) at one point.
static void UpdatePoint(const LhDamagePart *data, double dt, const double average[LH_BATCH],
                        const double kept[LH_BATCH], const double (*old)[LH_BATCH],
                        double (*now)[LH_BATCH]) {
  const double share = dt > 0. ? dt / (dt + data->relaxation_time) : 1.;
  double target[LH_BATCH];

  LH_LANES(l) now[LARGEST][l] = fmax(old[LARGEST][l], average[l]);
  data->law->damage(data->params, now[LARGEST], target);
  LH_LANES(l)
  now[DAMAGE][l] = old[DAMAGE][l] + kept[l] * share * fmax(target[l] - old[DAMAGE][l], 0.);
}

PetscErrorCode LhDamageUpdate(LhDamage d, PetscInt k, Vec average, double dt, double *change) {
  const Part *part = &d->part[k];

  PetscFunctionBeginUser;
  PetscCall(LhAverageEvaluate(part->average, average, part->work));
  for (PetscInt b = 0; b < part->num_batches; b++) {
    const PetscInt partner = part->partner[b];
    const double(*old)[LH_BATCH] = LhStateGetOld(d->state, partner);
    double(*now)[LH_BATCH] = LhStateGetNow(d->state, partner);

    for (PetscInt q = 0; q < d->num_points; q++) {
      double *integrity = d->integrity + (partner * d->num_points + q) * LH_BATCH;
      const double *value = part->work + (b * d->num_points + q) * LH_BATCH;

      UpdatePoint(&part->data, dt, value, d->kept + partner * LH_BATCH, old + q * NUM_HISTORY,
                  now + q * NUM_HISTORY);
      *change =
          fmax(*change, SetIntegrity(d, part, partner, now[q * NUM_HISTORY + DAMAGE], integrity));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageAccept(LhDamage d) {
  PetscFunctionBeginUser;
  PetscCall(LhStateAccept(d->state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageReject(LhDamage d) {
  PetscFunctionBeginUser;
  PetscCall(LhStateReject(d->state));
  for (PetscInt k = 0; k < d->num_parts; k++) {
    const Part *part = &d->part[k];

    for (PetscInt p = 0; p < part->num_batches * d->num_points; p++) {
      const PetscInt b = part->partner[p / d->num_points], q = p % d->num_points;
      const double(*old)[LH_BATCH] = LhStateGetOld(d->state, b) + q * NUM_HISTORY;
      double *integrity = d->integrity + (b * d->num_points + q) * LH_BATCH;

      SetIntegrity(d, part, b, old[DAMAGE], integrity);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageGetCells(LhDamage d, double damage_mean[], double driving_strain[]) {
  PetscFunctionBeginUser;
  for (PetscInt b = 0; b < d->num_batches; b++) {
    const double(*now)[LH_BATCH] = (const double(*)[LH_BATCH])LhStateGetNow(d->state, b);

    for (PetscInt l = 0; l < d->batch[b].num_active; l++) {
      double sum[2] = {0.};

      for (PetscInt q = 0; q < d->num_points; q++) {
        sum[0] += now[q * NUM_HISTORY + DAMAGE][l];
        sum[1] += now[q * NUM_HISTORY + LARGEST][l];
      }
      damage_mean[d->batch[b].position[l]] = sum[0] / (double)d->num_points;
      driving_strain[d->batch[b].position[l]] = sum[1] / (double)d->num_points;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageGetGrowth(LhDamage d, LhDamageGrowth *growth) {
  double most[2] = {0.}, sum[2] = {0.};

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < d->num_parts; k++) {
    const Part *part = &d->part[k];

    for (PetscInt p = 0; p < part->num_batches * d->num_points; p++) {
      const PetscInt b = part->partner[p / d->num_points], at = p % d->num_points * NUM_HISTORY;
      const double *old = LhStateGetOld(d->state, b)[at + DAMAGE];
      const double *now = LhStateGetNow(d->state, b)[at + DAMAGE];

      for (PetscInt l = 0; l < d->batch[b].num_active; l++) {
        most[0] = fmax(most[0], now[l]);
        most[1] = fmax(most[1], now[l] - old[l]);
        sum[0] += now[l] - old[l];
        sum[1] += 1.;
      }
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, most, 2, MPI_DOUBLE, MPI_MAX, d->comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPI_DOUBLE, MPI_SUM, d->comm));
  *growth = (LhDamageGrowth){most[0], most[1], sum[1] > 0. ? sum[0] / sum[1] : 0.};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageGetHistorySize(LhDamage d, PetscInt *size) {
  PetscFunctionBeginUser;
  *size = d->num_points * NUM_HISTORY;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamagePackHistory(LhDamage d, double rows[]) {
  const PetscInt n = d->num_points * NUM_HISTORY;
  double *values;
  size_t size;

  PetscFunctionBeginUser;
  PetscCall(LhStateGetAccepted(d->state, &values, &size));
  for (PetscInt b = 0; b < d->num_batches; b++) {
    for (PetscInt k = 0; k < n * d->batch[b].num_active; k++) {
      const PetscInt lane = k % d->batch[b].num_active, item = k / d->batch[b].num_active;
      rows[d->batch[b].position[lane] * n + item] = values[(b * n + item) * LH_BATCH + lane];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageUnpackHistory(LhDamage d, const double rows[]) {
  const PetscInt n = d->num_points * NUM_HISTORY;
  double *values;
  size_t size;

  PetscFunctionBeginUser;
  PetscCall(LhStateGetAccepted(d->state, &values, &size));
  for (PetscInt b = 0; b < d->num_batches; b++) {
    // Unused lanes repeat the last cell, in history as in position.
    for (PetscInt k = 0; k < n * LH_BATCH; k++)
      values[b * n * LH_BATCH + k] = rows[d->batch[b].position[k % LH_BATCH] * n + k / LH_BATCH];
  }
  PetscCall(LhDamageReject(d));
  PetscFunctionReturn(PETSC_SUCCESS);
}
