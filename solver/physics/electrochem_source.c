/// @file
/// Volume sources of the node rows for manufactured solutions: tests use them, cases never do.
///
/// Constant in a cell, taken at its centroid: the midpoint rule, as for the coefficients (second order).
#include "physics/electrochem_impl.h"

PetscErrorCode LhElectrochemSetSource(LhElectrochem ec, LhElectrochemSource source, void *context) {
  PetscFunctionBegin;
  ec->source = source;
  ec->source_context = context;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Source densities of a batch at the centroids of its cells.
static void Evaluate(LhElectrochem ec, const LhEcBatch *b, PetscReal t, const double (*x)[LH_BATCH],
                     double (*density)[LH_BATCH]) {
  double centre[3][LH_BATCH] = {{0}};

  for (PetscInt a = 0; a < ec->npc; a++) {
    for (int d = 0; d < 3; d++) {
      LH_LANES(l) centre[d][l] += b->shape->weight[a][l] / b->shape->volume[l] * x[3 * a + d][l];
    }
  }
  for (int l = 0; l < LH_BATCH; l++) {
    const PetscReal point[3] = {centre[0][l], centre[1][l], centre[2][l]};
    PetscReal value[LH_NODE_SYSTEM];

    ec->source(point, t, ec->source_context, value);
    for (int j = 0; j < LH_NODE_SYSTEM; j++) density[j][l] = value[j];
  }
}

PetscErrorCode LhEcAddSource(LhElectrochem ec, PetscReal t, PetscInt stride, PetscScalar r[]) {
  const LhSpaceView *space;
  const LhBatch *list;

  PetscFunctionBegin;
  if (!ec->source) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    double x[LH_MAX_CELL_NODES * 3][LH_BATCH], density[LH_NODE_SYSTEM][LH_BATCH];

    LhBatchGather(&list[i], ec->npc, 3, space->coords, x);
    Evaluate(ec, &ec->batch[i], t, (const double(*)[LH_BATCH])x, density);
    for (PetscInt a = 0; a < ec->npc; a++) {
      for (PetscInt l = 0; l < list[i].num_active; l++) {
        const PetscInt row = list[i].nodes[a * LH_BATCH + l] * stride;

        for (int j = 0; j < LH_NODE_SYSTEM; j++)
          r[row + j] -= ec->batch[i].shape->weight[a][l] * density[j][l];
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
