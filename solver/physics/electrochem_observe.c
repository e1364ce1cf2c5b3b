/// @file
/// What others may know of an electrochemical state: totals, cell fields, vertex fields. Changes nothing.
#include "physics/electrochem_impl.h"

PetscErrorCode LhElectrochemGetScalars(LhElectrochem ec, Vec y, PetscReal scalars[LH_NUM_SCALARS]) {
  const PetscScalar *a;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(y, &a));
  PetscCall(LhEcBroadcastScalars(ec, a, scalars));
  PetscCall(VecRestoreArrayRead(y, &a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Porosity of a batch at a state (E11).
static void Porosity(const LhEcBatch *b, PetscReal elapsed, const double (*x)[LH_BATCH],
                     double eps[LH_BATCH]) {
  LH_LANES(l) eps[l] = b->inert[l];
  for (PetscInt k = 0; k < b->num_reactions; k++) {
    const double V = b->material->reactions[k].molar_volume;

    LH_LANES(l) eps[l] += V * x[k * LH_CELL_STATE + LH_CONTENT][l];
  }
  LH_LANES(l) eps[l] = 1 - eps[l] / (b->J[l] + b->J_rate[l] * elapsed);
}

enum { SUM_HOST, SUM_SALT = LH_MAX_REACTIONS, SUM_PORES, SUM_VOLUME, NUM_SUMS };

PetscErrorCode LhElectrochemGetInventory(LhElectrochem ec, PetscReal t, Vec y, LhInventory *out) {
  MPI_Comm comm = ec->comm;
  const LhSpaceView *space;
  const LhBatch *list;
  const PetscScalar *a;
  PetscReal sum[NUM_SUMS] = {0}, lnc[2] = {PETSC_MAX_REAL, PETSC_MAX_REAL}, s[LH_NUM_SCALARS],
            total;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  PetscCall(LhElectrochemGetScalars(ec, y, s));
  PetscCall(VecGetArrayRead(y, &a));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];
    const double(*x)[LH_BATCH] = (const double(*)[LH_BATCH])(a + b->offset);
    double eps[LH_BATCH];

    if (!b->num_reactions) continue;
    Porosity(b, PetscMin(t, ec->t1) - ec->t0, x, eps);
    for (int l = 0; l < list[i].num_active; l++) {
      for (PetscInt k = 0; k < b->num_reactions; k++) {
        sum[SUM_HOST + k] += b->shape->volume[l] * x[k * LH_CELL_STATE + LH_CONTENT][l];
      }
      sum[SUM_PORES] += b->shape->volume[l] * eps[l];
      sum[SUM_VOLUME] += b->shape->volume[l];
    }
  }
  for (PetscInt n = 0; n < space->num_owned; n++) {
    sum[SUM_SALT] += a[n * LH_NODE_STATE + LH_SALT];
    lnc[0] = PetscMin(lnc[0], a[n * LH_NODE_STATE + LH_LNC]);
    lnc[1] = PetscMin(lnc[1], -a[n * LH_NODE_STATE + LH_LNC]);
  }
  PetscCall(VecRestoreArrayRead(y, &a));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, NUM_SUMS, MPIU_REAL, MPI_SUM, comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, lnc, 2, MPIU_REAL, MPI_MIN, comm));
  PetscCall(PetscMemzero(out, sizeof(*out)));
  for (int k = 0; k < LH_MAX_REACTIONS; k++) out->host[k] = sum[SUM_HOST + k];
  out->salt = sum[SUM_SALT];
  out->imported = s[LH_IMPORT];
  out->double_layer = s[LH_LAYER_CHARGE] / LH_FARADAY;
  if (ec->spec.electrodes[LH_WORKING].kind == LH_ELECTRODE_LITHIUM)
    out->planar -= s[LH_CHARGE] / LH_FARADAY;
  if (ec->spec.electrodes[LH_COUNTER].kind == LH_ELECTRODE_LITHIUM)
    out->planar += s[LH_COUNTER_CHARGE] / LH_FARADAY;
  total = out->salt - out->imported - out->double_layer + out->planar;
  for (int k = 0; k < LH_MAX_REACTIONS; k++) total += out->host[k];
  out->lithium_error =
      ec->initial_inventory > 0 ? (total - ec->initial_inventory) / ec->initial_inventory : 0;
  // Relative to the charge passed; to a thousandth of the lithium while less than that has passed.
  out->charge_error =
      (s[LH_CHARGE] - s[LH_COUNTER_CHARGE]) /
      PetscMax(PetscMax(PetscAbsReal(s[LH_CHARGE]), 1e-3 * LH_FARADAY * ec->initial_inventory),
               PETSC_SMALL * PETSC_SMALL);
  out->mean_porosity = sum[SUM_VOLUME] > 0 ? sum[SUM_PORES] / sum[SUM_VOLUME] : 0;
  out->min_concentration = exp(lnc[0]);
  out->max_concentration = exp(-lnc[1]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// i_e = -kappa grad phi_e + kappa_D grad ln c as cell mean: from nodal values by the cell's gradients.
static PetscErrorCode LiquidCurrent(LhElectrochem ec, PetscInt i, const LhBatch *batch,
                                    const LhEcCoefficients *c, const double (*u)[LH_BATCH],
                                    PetscReal *out) {
  const LhMeshView *mesh;
  const LhSpaceView *space;
  const LhElement *el;
  double x[LH_MAX_CELL_NODES * 3][LH_BATCH], grad[LH_MAX_CELL_NODES * 3][LH_BATCH], dv[LH_BATCH];
  double sum[3][LH_BATCH] = {{0}};

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(ec->mesh, &mesh));
  PetscCall(LhSpaceGetView(ec->space, &space));
  el = LhElementGet(mesh->cell_type == LH_CELL_HEX8 ? LH_ELEMENT_HEX8 : LH_ELEMENT_TET4);
  LhBatchGather(batch, ec->npc, 3, space->coords, x);
  for (PetscInt q = 0; q < el->num_points; q++) {
    LhElementGradients(el, q, (const double(*)[LH_BATCH])x, grad, dv);
    for (PetscInt a = 0; a < ec->npc; a++) {
      for (int d = 0; d < 3; d++) {
        LH_LANES(l) {
          sum[d][l] += dv[l] * grad[3 * a + d][l] *
                       (c->kd[l] * u[a * LH_NODE_STATE + LH_LNC][l] -
                        (c->kappa[l] + c->bridge[l]) * u[a * LH_NODE_STATE + LH_PHI_E][l]);
        }
      }
    }
  }
  for (PetscInt l = 0; l < batch->num_active; l++) {
    for (int d = 0; d < 3; d++)
      out[3 * batch->cell[l] + d] = sum[d][l] / ec->batch[i].shape->volume[l];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The scalar cell fields of one host batch.
static void HostCells(const LhEcBatch *b, const LhBatch *batch, PetscReal elapsed,
                      const double (*x)[LH_BATCH], const LhElectrochemCells *out) {
  double eps[LH_BATCH];

  Porosity(b, elapsed, x, eps);
  for (PetscInt l = 0; l < batch->num_active; l++) {
    const PetscInt cell = batch->cell[l];
    double growth = 1, lithium = 0, skeleton = b->inert[l];

    for (PetscInt k = 0; k < b->num_reactions; k++) {
      const LhReaction *rx = &b->material->reactions[k];
      const double N = x[k * LH_CELL_STATE + LH_CONTENT][l];
      const double share = rx->kind == LH_CONTENT_METAL ? 1 : rx->initial / rx->capacity;

      if (out->content[k]) out->content[k][cell] = N / b->reference[k][l];
      if (out->current[k]) out->current[k][cell] = x[k * LH_CELL_STATE + LH_CURRENT][l];
      if (out->moles[k]) out->moles[k][cell] = N;
      growth += rx->transmission * rx->molar_volume * (N - share * b->reference[k][l]);
      if (rx->kind == LH_CONTENT_METAL)
        lithium += rx->molar_volume * N;
      else
        skeleton += rx->molar_volume * N;
    }
    if (out->porosity) out->porosity[cell] = eps[l];
    if (out->growth) out->growth[cell] = growth;
    if (out->lithium_volume) out->lithium_volume[cell] = lithium;
    if (out->skeleton_volume) out->skeleton_volume[cell] = skeleton;
    if (out->cnt_volume) out->cnt_volume[cell] = b->cnt[l];
  }
}

/// Cells without reactions: everything zero but porosity and growth.
static void InertCells(const LhEcBatch *b, const LhBatch *batch, const LhElectrochemCells *out) {
  for (PetscInt l = 0; l < batch->num_active; l++) {
    const PetscInt cell = batch->cell[l];

    for (int k = 0; k < LH_MAX_REACTIONS; k++) {
      if (out->content[k]) out->content[k][cell] = 0;
      if (out->current[k]) out->current[k][cell] = 0;
      if (out->moles[k]) out->moles[k][cell] = 0;
    }
    if (out->porosity) out->porosity[cell] = b->material->porosity;
    if (out->growth) out->growth[cell] = 1;
    if (out->lithium_volume) out->lithium_volume[cell] = 0;
    if (out->skeleton_volume) out->skeleton_volume[cell] = 1 - b->material->porosity;
    if (out->cnt_volume) out->cnt_volume[cell] = 0;
  }
}

PetscErrorCode LhElectrochemGetCells(LhElectrochem ec, PetscReal t, Vec y,
                                     const LhElectrochemCells *out) {
  const LhBatch *list;
  const PetscScalar *a;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  PetscCall(VecGetArrayRead(y, &a));
  if (out->liquid_current) PetscCall(LhSpaceGather(ec->space, LH_NODE_STATE, a, ec->y_local));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];
    const double(*x)[LH_BATCH] = (const double(*)[LH_BATCH])(a + b->offset);

    if (b->num_reactions)
      HostCells(b, &list[i], PetscMin(t, ec->t1) - ec->t0, x, out);
    else
      InertCells(b, &list[i], out);
    if (out->liquid_current) {
      double u[LH_MAX_CELL_NODES * LH_NODE_STATE][LH_BATCH];
      LhEcCoefficients c;

      LhBatchGather(&list[i], ec->npc, LH_NODE_STATE, ec->y_local, u);
      {
        const LhEcUnknowns at = {t, 0, (const double(*)[LH_BATCH])u, x, x};

        LhEcCoefficientsEvaluate(ec, b, &at, &c);
      }
      PetscCall(
          LiquidCurrent(ec, i, &list[i], &c, (const double(*)[LH_BATCH])u, out->liquid_current));
    }
  }
  PetscCall(VecRestoreArrayRead(y, &a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemGetVertices(LhElectrochem ec, Vec y, PetscReal phi_s[],
                                        PetscReal phi_e[], PetscReal c[]) {
  const LhSpaceView *space;
  const PetscScalar *a;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(VecGetArrayRead(y, &a));
  for (PetscInt n = 0; n < space->num_owned; n++) {
    const PetscInt v = space->node_vertex[n];

    if (phi_s) phi_s[v] = a[n * LH_NODE_STATE + LH_PHI_S];
    if (phi_e) phi_e[v] = a[n * LH_NODE_STATE + LH_PHI_E];
    if (c) c[v] = exp(a[n * LH_NODE_STATE + LH_LNC]);
  }
  PetscCall(VecRestoreArrayRead(y, &a));
  PetscFunctionReturn(PETSC_SUCCESS);
}
