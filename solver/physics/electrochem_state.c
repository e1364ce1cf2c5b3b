/// @file
/// The state vector: initial values, kinds of entries, scales.
#include "physics/electrochem_impl.h"

PetscErrorCode LhElectrochemCreateState(LhElectrochem ec, Vec *y) {
  PetscFunctionBegin;
  PetscCall(VecCreate(ec->comm, y));
  PetscCall(VecSetSizes(*y, ec->num_local, PETSC_DETERMINE));
  PetscCall(VecSetType(*y, VECSTANDARD));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One value per kind of entry of the state.
typedef struct {
  double node[LH_NODE_STATE], cell[LH_CELL_STATE], face, scalar[LH_NUM_SCALARS];
} Pattern;

/// Fills a vector by kind; contents are multiplied by the local reference content where `by_content`.
static PetscErrorCode Fill(LhElectrochem ec, const Pattern *p, PetscBool by_content, Vec v) {
  const LhSpaceView *space;
  PetscScalar *a;
  PetscInt size;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(VecGetLocalSize(v, &size));
  PetscCall(VecGetArrayWrite(v, &a));
  for (PetscInt n = 0; n < space->num_owned * LH_NODE_STATE; n++) a[n] = p->node[n % LH_NODE_STATE];
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];
    double(*x)[LH_BATCH] = (double(*)[LH_BATCH])(a + b->offset);

    for (PetscInt k = 0; k < b->num_reactions; k++) {
      for (int m = 0; m < LH_CELL_STATE; m++) {
        LH_LANES(l) {
          x[k * LH_CELL_STATE + m][l] =
              p->cell[m] * (by_content && m == LH_CONTENT ? b->reference[k][l] : 1);
        }
      }
    }
  }
  for (PetscInt n = ec->faces[0].offset; n < ec->scalar_offset; n++) a[n] = p->face;
  for (PetscInt n = ec->scalar_offset; n < size; n++) a[n] = p->scalar[n - ec->scalar_offset];
  PetscCall(VecRestoreArrayWrite(v, &a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemGetIds(LhElectrochem ec, Vec id) {
  Pattern p = {.node = {0}, .cell = {0}, .face = 0, .scalar = {0}};

  PetscFunctionBegin;
  p.node[LH_SALT] = 1;
  p.cell[LH_CONTENT] = 1;
  p.cell[LH_LAYER] = 1;
  p.cell[LH_FILM] = 1;
  for (int s = LH_CHARGE; s < LH_NUM_SCALARS; s++) p.scalar[s] = 1;
  PetscCall(Fill(ec, &p, PETSC_FALSE, id));
  // A film without capacitance is algebraic.
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];
    PetscScalar *a;

    PetscCall(VecGetArray(id, &a));
    for (PetscInt k = 0; k < b->num_reactions; k++) {
      const LhInterface *c = &b->material->reactions[k].interface;

      for (int l = 0; l < LH_BATCH && c->film_capacitance * c->film_resistance == 0; l++) {
        a[b->offset + (k * LH_CELL_STATE + LH_FILM) * LH_BATCH + l] = 0;
      }
    }
    PetscCall(VecRestoreArray(id, &a));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemGetScales(LhElectrochem ec, Vec scale) {
  const double thermal = LH_GAS_CONSTANT * ec->spec.temperature / LH_FARADAY;
  const LhMeshView *mesh;
  const LhSpaceView *space;
  Pattern p;
  PetscReal volume = 0, charge = 0;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(ec->mesh, &mesh));
  PetscCall(LhSpaceGetView(ec->space, &space));
  for (PetscInt r = 0; r < mesh->num_regions; r++) volume += mesh->region_volumes[r];
  for (int k = 0; k < LH_MAX_REACTIONS; k++) charge += ec->facts.capacity[k];
  charge += LH_FARADAY * volume * ec->spec.electrolyte->concentration;
  p.node[LH_PHI_S] = p.node[LH_PHI_E] = thermal;
  p.node[LH_LNC] = 1;
  p.node[LH_SALT] = ec->spec.electrolyte->concentration * volume / space->num_global;
  // Layer voltages follow the potentials within microseconds: their error matters in volts, not in RT/F.
  p.cell[LH_FILM] = p.cell[LH_LAYER] = 1;
  p.cell[LH_CONTENT] = 1;
  p.cell[LH_RATE] = p.cell[LH_CURRENT] = charge / volume / 3600;
  p.face = charge / ec->facts.area / 3600;
  p.scalar[LH_VOLTAGE] = thermal;
  p.scalar[LH_TOTAL_CURRENT] = charge / 3600;
  p.scalar[LH_CHARGE] = p.scalar[LH_COUNTER_CHARGE] = p.scalar[LH_LAYER_CHARGE] = charge;
  p.scalar[LH_IMPORT] = charge / LH_FARADAY;
  PetscCall(Fill(ec, &p, PETSC_TRUE, scale));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemGetActive(LhElectrochem ec, Vec active) {
  const LhBatch *list;
  PetscScalar *a;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  PetscCall(VecSet(active, 1));
  PetscCall(VecGetArray(active, &a));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    double(*x)[LH_BATCH] = (double(*)[LH_BATCH])(a + ec->batch[i].offset);

    for (PetscInt k = 0; k < ec->batch[i].num_reactions * LH_CELL_STATE; k++) {
      for (PetscInt l = list[i].num_active; l < LH_BATCH; l++) x[k][l] = 0;
    }
  }
  PetscCall(VecRestoreArray(active, &a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Salt contents that belong to the initial concentration, and contents as made.
static PetscErrorCode InitialContents(LhElectrochem ec, PetscScalar a[]) {
  const LhSpaceView *space;
  const LhBatch *list;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  PetscCall(PetscArrayzero(ec->r_local, space->num_nodes));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];
    double(*x)[LH_BATCH] = (double(*)[LH_BATCH])(a + b->offset);
    double pore[LH_BATCH], w[LH_MAX_CELL_NODES][LH_BATCH];

    LH_LANES(l) pore[l] = b->num_reactions ? b->J[l] - b->inert[l] : b->material->porosity;
    for (PetscInt k = 0; k < b->num_reactions; k++) {
      const LhReaction *rx = &b->material->reactions[k];
      const double share = rx->kind == LH_CONTENT_METAL ? 1 : rx->initial / rx->capacity;

      LH_LANES(l) {
        x[k * LH_CELL_STATE + LH_CONTENT][l] = share * b->reference[k][l];
        pore[l] -= rx->molar_volume * share * b->reference[k][l];
      }
    }
    for (PetscInt n = 0; n < ec->npc; n++) LH_LANES(l) w[n][l] = b->shape->weight[n][l] * pore[l];
    LhBatchAdd(&list[i], ec->npc, 1, (const double(*)[LH_BATCH])w, ec->r_local);
  }
  PetscCall(LhSpaceSumGhosts(ec->space, 1, ec->r_local));
  for (PetscInt n = 0; n < space->num_owned; n++) {
    a[n * LH_NODE_STATE + LH_SALT] = ec->r_local[n] * ec->spec.electrolyte->concentration;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemSetInitial(LhElectrochem ec, Vec y, Vec ydot) {
  Pattern p = {.node = {0}, .cell = {0}, .face = 0, .scalar = {0}};
  PetscScalar *a;
  LhInventory inventory;

  PetscFunctionBegin;
  p.node[LH_LNC] = log(ec->spec.electrolyte->concentration);
  PetscCall(Fill(ec, &p, PETSC_FALSE, y));
  PetscCall(VecZeroEntries(ydot));
  PetscCall(VecGetArray(y, &a));
  PetscCall(InitialContents(ec, a));
  PetscCall(VecRestoreArray(y, &a));
  ec->initial_inventory = 0;
  PetscCall(LhElectrochemGetInventory(ec, ec->t0, y, &inventory));
  ec->initial_inventory = inventory.salt + inventory.planar - inventory.double_layer;
  for (int k = 0; k < LH_MAX_REACTIONS; k++) ec->initial_inventory += inventory.host[k];
  PetscFunctionReturn(PETSC_SUCCESS);
}
