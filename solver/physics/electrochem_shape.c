/// @file
/// Integrals of shape functions over cells. Cells of a box or of voxels are equal by layer: until a deformation tells them
/// apart, batches of equal cells share theirs, which is half of what a batch holds. Never knows what is transported.
#include "physics/electrochem_impl.h"

/// Shapes that a batch is compared with: batches follow cells, so those of the last rows of cells.
#define RECENT 8
/// Integrals that differ by less, of the largest of their kind, are equal: coordinates are rounded [1].
#define SAME 1e-12

static LhElementKind CellElement(LhCellType type) {
  return type == LH_CELL_HEX8 ? LH_ELEMENT_HEX8 : LH_ELEMENT_TET4;
}

/// weight_a = int N_a, stiffness_ab = int grad N_a . G grad N_b of one batch; G NULL = identity.
static PetscErrorCode Integrate(LhElectrochem ec, PetscInt i, const PetscReal (*G)[6],
                                LhEcShape *b) {
  const LhMeshView *mesh;
  const LhSpaceView *space;
  const LhBatch *list;
  const LhElement *el;
  double x[LH_MAX_CELL_NODES * 3][LH_BATCH], grad[LH_MAX_CELL_NODES * 3][LH_BATCH];
  double dv[LH_BATCH], g[6][LH_BATCH];

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(ec->mesh, &mesh));
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  el = LhElementGet(CellElement(mesh->cell_type));
  LhBatchGather(&list[i], ec->npc, 3, space->coords, x);
  for (int m = 0; m < 6; m++) {
    for (int l = 0; l < LH_BATCH; l++) g[m][l] = G ? G[list[i].cell[l]][m] : (m < 3 ? 1. : 0.);
  }
  for (PetscInt a = 0; a < ec->npc; a++) LH_LANES(l) b->weight[a][l] = 0;
  for (PetscInt s = 0; s < ec->pairs; s++) LH_LANES(l) b->stiffness[s][l] = 0;
  LH_LANES(l) b->volume[l] = 0;
  for (PetscInt q = 0; q < el->num_points; q++) {
    PetscInt pair = 0;

    LhElementGradients(el, q, x, grad, dv);
    LH_LANES(l) b->volume[l] += dv[l];
    for (PetscInt a = 0; a < ec->npc; a++) {
      double h[3][LH_BATCH];

      LH_LANES(l) {
        const double gx = grad[3 * a][l], gy = grad[3 * a + 1][l], gz = grad[3 * a + 2][l];

        b->weight[a][l] += el->N[q][a] * dv[l];
        h[0][l] = (g[0][l] * gx + g[5][l] * gy + g[4][l] * gz) * dv[l];
        h[1][l] = (g[5][l] * gx + g[1][l] * gy + g[3][l] * gz) * dv[l];
        h[2][l] = (g[4][l] * gx + g[3][l] * gy + g[2][l] * gz) * dv[l];
      }
      for (PetscInt c = a + 1; c < ec->npc; c++, pair++) {
        LH_LANES(l) {
          b->stiffness[pair][l] += h[0][l] * grad[3 * c][l] + h[1][l] * grad[3 * c + 1][l] +
                                   h[2][l] * grad[3 * c + 2][l];
        }
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool Close(PetscInt n, const double (*a)[LH_BATCH], const double (*b)[LH_BATCH]) {
  double largest = 0., difference = 0.;

  for (PetscInt k = 0; k < n * LH_BATCH; k++) {
    const double x = a[k / LH_BATCH][k % LH_BATCH], y = b[k / LH_BATCH][k % LH_BATCH];

    largest = PetscMax(largest, PetscAbsReal(x));
    difference = PetscMax(difference, PetscAbsReal(x - y));
  }
  return difference <= SAME * largest ? PETSC_TRUE : PETSC_FALSE;
}

static PetscBool Equal(LhElectrochem ec, const LhEcShape *a, const LhEcShape *b) {
  return Close(ec->npc, (const double(*)[LH_BATCH])a->weight,
               (const double(*)[LH_BATCH])b->weight) &&
                 Close(ec->pairs, (const double(*)[LH_BATCH])a->stiffness,
                       (const double(*)[LH_BATCH])b->stiffness)
             ? PETSC_TRUE
             : PETSC_FALSE;
}

PetscErrorCode LhEcShapesCreate(LhElectrochem ec) {
  PetscInt room = RECENT, *of;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(room, &ec->shape));
  PetscCall(PetscMalloc1(ec->num_batches, &of));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    LhEcShape *last;
    PetscInt known;

    if (ec->num_shapes == room) {
      room *= 2;
      PetscCall(PetscRealloc((size_t)room * sizeof(*ec->shape), &ec->shape));
    }
    last = &ec->shape[ec->num_shapes];
    PetscCall(Integrate(ec, i, NULL, last));
    for (known = ec->num_shapes - 1; known >= 0 && known >= ec->num_shapes - RECENT; known--) {
      if (Equal(ec, &ec->shape[known], last)) break;
    }
    of[i] = known >= 0 && known >= ec->num_shapes - RECENT ? known : ec->num_shapes++;
  }
  PetscCall(PetscRealloc((size_t)PetscMax(ec->num_shapes, 1) * sizeof(*ec->shape), &ec->shape));
  for (PetscInt i = 0; i < ec->num_batches; i++) ec->batch[i].shape = &ec->shape[of[i]];
  PetscCall(PetscFree(of));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcShapesDeform(LhElectrochem ec, const PetscReal (*G)[6]) {
  PetscFunctionBegin;
  if (ec->num_shapes < ec->num_batches) {
    PetscCall(PetscFree(ec->shape));
    PetscCall(PetscMalloc1(ec->num_batches, &ec->shape));
    ec->num_shapes = ec->num_batches;
  }
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    PetscCall(Integrate(ec, i, G, &ec->shape[i]));
    ec->batch[i].shape = &ec->shape[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
