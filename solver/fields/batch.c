/// @file
/// Builds the batches of a space and moves cell unknowns in and out of them.
///
/// Owns the index arrays of all batches in three blocks; must never mix regions in one batch.

#include "fields/batch.h"

struct _n_LhBatches {
  PetscInt num_batches;
  LhBatch *list;
  PetscInt *position, *cell, *nodes;
};

/// Length of the run of cells of one region that starts at `first`, at most LH_BATCH.
static PetscInt BatchLength(const LhSpaceView *space, const LhMeshView *mesh, PetscInt first) {
  const PetscInt region = mesh->cell_region[space->cells[first]];
  PetscInt n = 1;
  while (n < LH_BATCH && first + n < space->num_cells &&
         mesh->cell_region[space->cells[first + n]] == region) {
    n++;
  }
  return n;
}

static void FillBatch(const LhSpaceView *space, PetscInt first, PetscInt n, PetscInt position[],
                      PetscInt cell[], PetscInt nodes[]) {
  for (PetscInt l = 0; l < LH_BATCH; l++) {
    position[l] = first + PetscMin(l, n - 1);
    cell[l] = space->cells[position[l]];
    for (PetscInt a = 0; a < space->nodes_per_cell; a++) {
      nodes[a * LH_BATCH + l] = space->cell_nodes[position[l] * space->nodes_per_cell + a];
    }
  }
}

PetscErrorCode LhBatchesCreate(LhSpace space, LhBatches *batches) {
  const LhSpaceView *view;
  const LhMeshView *mesh_view;
  LhMesh mesh;
  LhBatches b;
  PetscInt n = 0, width;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhSpaceGetMesh(space, &mesh));
  PetscCall(LhMeshGetView(mesh, &mesh_view));
  for (PetscInt p = 0; p < view->num_cells; p += BatchLength(view, mesh_view, p)) n++;
  PetscCall(PetscNew(&b));
  width = view->nodes_per_cell * LH_BATCH;
  PetscCall(PetscMalloc4(n, &b->list, n * LH_BATCH, &b->position, n * LH_BATCH, &b->cell, n * width,
                         &b->nodes));
  for (PetscInt p = 0, k = 0; k < n; k++) {
    LhBatch *batch = &b->list[k];
    batch->region = mesh_view->cell_region[view->cells[p]];
    batch->num_active = BatchLength(view, mesh_view, p);
    batch->position = b->position + k * LH_BATCH;
    batch->cell = b->cell + k * LH_BATCH;
    batch->nodes = b->nodes + k * width;
    FillBatch(view, p, batch->num_active, b->position + k * LH_BATCH, b->cell + k * LH_BATCH,
              b->nodes + k * width);
    p += batch->num_active;
  }
  b->num_batches = n;
  *batches = b;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhBatchesDestroy(LhBatches *batches) {
  PetscFunctionBeginUser;
  if (!*batches) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(
      PetscFree4((*batches)->list, (*batches)->position, (*batches)->cell, (*batches)->nodes));
  PetscCall(PetscFree(*batches));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhBatchesGet(LhBatches batches, PetscInt *n, const LhBatch **list) {
  PetscFunctionBeginUser;
  if (n) *n = batches->num_batches;
  *list = batches->list;
  PetscFunctionReturn(PETSC_SUCCESS);
}

void LhBatchGather(const LhBatch *batch, PetscInt nodes_per_cell, PetscInt bs,
                   const PetscScalar local[restrict], double (*restrict out)[LH_BATCH]) {
  for (PetscInt a = 0; a < nodes_per_cell; a++) {
    const PetscInt *node = batch->nodes + a * LH_BATCH;
    for (PetscInt c = 0; c < bs; c++) {
      double *row = out[a * bs + c];
      LH_LANES(l) row[l] = local[node[l] * bs + c];
    }
  }
}

/// Cells of a periodic mesh by their own vertices.
static void GatherOwnCoords(const LhSpaceView *view, const LhMeshView *mesh, const LhBatch *batch,
                            double (*restrict out)[LH_BATCH]) {
  for (PetscInt a = 0; a < view->nodes_per_cell; a++) {
    PetscInt end[2];

    LhElementNodeEnds(view->element, a, end);
    for (int l = 0; l < LH_BATCH; l++) {
      const PetscInt *vertex = mesh->cell_vertices + batch->cell[l] * mesh->vertices_per_cell;
      const PetscReal *p = mesh->coords + 3 * vertex[end[0]],
                      *q = mesh->coords + 3 * vertex[end[1]];
      for (int d = 0; d < 3; d++) out[3 * a + d][l] = .5 * (p[d] + q[d]);
    }
  }
}

void LhBatchGatherCoords(LhSpace space, const LhBatch *batch, double (*out)[LH_BATCH]) {
  const LhSpaceView *view;
  const LhMeshView *mesh_view;
  LhMesh mesh;

  LhSpaceGetView(space, &view);
  LhSpaceGetMesh(space, &mesh);
  LhMeshGetView(mesh, &mesh_view);
  if (mesh_view->vertex_image)
    GatherOwnCoords(view, mesh_view, batch, out);
  else
    LhBatchGather(batch, view->nodes_per_cell, 3, view->coords, out);
}

void LhBatchAdd(const LhBatch *batch, PetscInt nodes_per_cell, PetscInt bs,
                const double (*in)[LH_BATCH], PetscScalar local[]) {
  for (PetscInt a = 0; a < nodes_per_cell; a++) {
    const PetscInt *node = batch->nodes + a * LH_BATCH;
    for (PetscInt l = 0; l < batch->num_active; l++) {  // lanes may share a node: no simd
      for (PetscInt c = 0; c < bs; c++) local[node[l] * bs + c] += in[a * bs + c][l];
    }
  }
}
