/// @file
/// Quadrature of nodal fields over cells and faces, one batch or one face at a time.
///
/// For tests, observables and set-up: clear before fast, but lanes all the same. Must never change a
/// field or keep anything between calls.

#include "fields/integrate.h"

#include <math.h>

/// Unknowns and geometry of a batch at one quadrature point after another.
typedef struct {
  const LhElement *element;
  PetscInt bs;
  double (*x)[LH_BATCH];  // [num_nodes*3]
  double (*u)[LH_BATCH];  // [num_nodes*bs]
  double grad[3 * LH_ELEMENT_MAX_NODES][LH_BATCH];
  double dv[LH_BATCH];
} Probe;

static const LhElement *GetElement(LhElementKind kind, LhRule rule) {
  return rule == LH_RULE_FINE ? LhElementGetFine(kind) : LhElementGet(kind);
}

static PetscErrorCode ProbeCreate(LhElementKind kind, LhRule rule, PetscInt bs, Probe *probe) {
  PetscFunctionBeginUser;
  probe->element = GetElement(kind, rule);
  probe->bs = bs;
  PetscCall(
      PetscMalloc2(3 * LH_ELEMENT_MAX_NODES, &probe->x, bs * LH_ELEMENT_MAX_NODES, &probe->u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ProbeDestroy(Probe *probe) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree2(probe->x, probe->u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void ProbeLoad(Probe *probe, const LhSpaceView *space, const LhBatch *batch,
                      const PetscScalar local[]) {
  LhBatchGather(batch, space->nodes_per_cell, 3, space->coords, probe->x);
  LhBatchGather(batch, space->nodes_per_cell, probe->bs, local, probe->u);
}

static void ProbeMove(Probe *probe, PetscInt q) {
  LhElementGradients(probe->element, q, (const double(*)[LH_BATCH])probe->x, probe->grad,
                     probe->dv);
}

/// Component c of `nodal` (bs components) at point q of one lane.
static double ProbeValue(const Probe *probe, PetscInt q, const double (*nodal)[LH_BATCH],
                         PetscInt bs, PetscInt c, PetscInt lane) {
  double value = 0;
  for (PetscInt a = 0; a < probe->element->num_nodes; a++) {
    value += probe->element->N[q][a] * nodal[a * bs + c][lane];
  }
  return value;
}

static double ProbeGradient(const Probe *probe, PetscInt c, PetscInt d, PetscInt lane) {
  double value = 0;
  for (PetscInt a = 0; a < probe->element->num_nodes; a++) {
    value += probe->grad[3 * a + d][lane] * probe->u[a * probe->bs + c][lane];
  }
  return value;
}

PetscErrorCode LhSumReals(MPI_Comm comm, PetscInt n, PetscReal values[]) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, values, (PetscMPIInt)n, MPIU_REAL, MPI_SUM, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode GetComm(LhSpace space, MPI_Comm *comm) {
  LhMesh mesh;
  const LhMeshView *view;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetMesh(space, &mesh));
  PetscCall(LhMeshGetView(mesh, &view));
  *comm = view->comm;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFieldInterpolate(LhSpace space, PetscInt bs, LhFieldFn function, void *ctx,
                                  PetscScalar local[]) {
  const LhSpaceView *view;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetView(space, &view));
  for (PetscInt i = 0; i < view->num_nodes; i++) {
    PetscCall(function(view->coords + 3 * i, local + bs * i, NULL, ctx));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  LhFieldFn function;
  void *ctx;
  PetscScalar *value, *gradient;  // [bs], [bs*3]
  PetscReal sum[2];
} Exact;

static PetscErrorCode AddErrors(const Probe *probe, PetscInt q, PetscInt lane, Exact *exact) {
  PetscReal x[3], e[2] = {0, 0};

  PetscFunctionBeginUser;
  for (PetscInt d = 0; d < 3; d++) {
    x[d] = ProbeValue(probe, q, (const double(*)[LH_BATCH])probe->x, 3, d, lane);
  }
  PetscCall(exact->function(x, exact->value, exact->gradient, exact->ctx));
  for (PetscInt c = 0; c < probe->bs; c++) {
    const PetscReal u =
        ProbeValue(probe, q, (const double(*)[LH_BATCH])probe->u, probe->bs, c, lane);
    e[0] += PetscSqr(u - exact->value[c]);
    for (PetscInt d = 0; d < 3; d++) {
      e[1] += PetscSqr(ProbeGradient(probe, c, d, lane) - exact->gradient[3 * c + d]);
    }
  }
  for (int k = 0; k < 2; k++) exact->sum[k] += probe->dv[lane] * e[k];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFieldGetErrors(LhSpace space, PetscInt bs, const PetscScalar local[], LhRule rule,
                                LhFieldFn function, void *ctx, LhFieldErrors *errors) {
  Exact exact = {.function = function, .ctx = ctx};
  Probe probe;
  const LhSpaceView *view;
  LhBatches batches;
  const LhBatch *list;
  PetscInt n;
  MPI_Comm comm;

  PetscFunctionBeginUser;
  PetscCall(GetComm(space, &comm));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhBatchesCreate(space, &batches));
  PetscCall(LhBatchesGet(batches, &n, &list));
  PetscCall(ProbeCreate(view->element, rule, bs, &probe));
  PetscCall(PetscMalloc2(bs, &exact.value, 3 * bs, &exact.gradient));
  for (PetscInt k = 0; k < n; k++) {
    ProbeLoad(&probe, view, &list[k], local);
    for (PetscInt q = 0; q < probe.element->num_points; q++) {
      ProbeMove(&probe, q);
      for (PetscInt l = 0; l < list[k].num_active; l++) PetscCall(AddErrors(&probe, q, l, &exact));
    }
  }
  PetscCall(LhSumReals(comm, 2, exact.sum));
  errors->l2 = sqrt(exact.sum[0]);
  errors->h1 = sqrt(exact.sum[1]);
  PetscCall(PetscFree2(exact.value, exact.gradient));
  PetscCall(ProbeDestroy(&probe));
  PetscCall(LhBatchesDestroy(&batches));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// sums[p*(bs + 1) + c] += integral of component c over cell p; the last entry is the volume.
static PetscErrorCode IntegrateCells(LhSpace space, PetscInt bs, const PetscScalar local[],
                                     PetscReal sums[]) {
  Probe probe;
  const LhSpaceView *view;
  LhBatches batches;
  const LhBatch *list;
  PetscInt n;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhBatchesCreate(space, &batches));
  PetscCall(LhBatchesGet(batches, &n, &list));
  PetscCall(ProbeCreate(view->element, LH_RULE_FINE, bs, &probe));
  PetscCall(PetscArrayzero(sums, view->num_cells * (bs + 1)));
  for (PetscInt k = 0; k < n; k++) {
    ProbeLoad(&probe, view, &list[k], local);
    for (PetscInt ql = 0; ql < probe.element->num_points * list[k].num_active; ql++) {
      const PetscInt q = ql / list[k].num_active, lane = ql % list[k].num_active;
      PetscReal *sum = sums + list[k].position[lane] * (bs + 1);
      if (lane == 0) ProbeMove(&probe, q);
      for (PetscInt c = 0; c < bs; c++) {
        sum[c] +=
            probe.dv[lane] * ProbeValue(&probe, q, (const double(*)[LH_BATCH])probe.u, bs, c, lane);
      }
      sum[bs] += probe.dv[lane];
    }
  }
  PetscCall(ProbeDestroy(&probe));
  PetscCall(LhBatchesDestroy(&batches));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFieldCellAverages(LhSpace space, PetscInt bs, const PetscScalar local[],
                                   PetscScalar averages[]) {
  const LhSpaceView *view;
  PetscReal *sums;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(PetscMalloc1(view->num_cells * (bs + 1), &sums));
  PetscCall(IntegrateCells(space, bs, local, sums));
  for (PetscInt p = 0; p < view->num_cells; p++) {
    const PetscReal *sum = sums + p * (bs + 1);
    for (PetscInt c = 0; c < bs; c++) averages[p * bs + c] = sum[c] / sum[bs];
  }
  PetscCall(PetscFree(sums));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFieldIntegrateRegion(LhSpace space, PetscInt bs, const PetscScalar local[],
                                      PetscInt region, PetscScalar integrals[], PetscReal *volume) {
  const LhSpaceView *view;
  const LhMeshView *mesh_view;
  LhMesh mesh;
  PetscReal *sums, *total;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhSpaceGetMesh(space, &mesh));
  PetscCall(LhMeshGetView(mesh, &mesh_view));
  PetscCall(PetscMalloc1(view->num_cells * (bs + 1), &sums));
  PetscCall(PetscCalloc1(bs + 1, &total));
  PetscCall(IntegrateCells(space, bs, local, sums));
  for (PetscInt p = 0; p < view->num_cells; p++) {
    if (region >= 0 && mesh_view->cell_region[view->cells[p]] != region) continue;
    for (PetscInt c = 0; c <= bs; c++) total[c] += sums[p * (bs + 1) + c];
  }
  PetscCall(LhSumReals(mesh_view->comm, bs + 1, total));
  PetscCall(PetscArraycpy(integrals, total, bs));
  if (volume) *volume = total[bs];
  PetscCall(PetscFree(total));
  PetscCall(PetscFree(sums));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// total[c] += integral over one face; the last entry is the area.
static void AddFace(const LhSpaceView *space, const LhElement *element, const PetscInt nodes[],
                    PetscInt bs, const PetscScalar local[], PetscReal total[]) {
  double x[LH_ELEMENT_MAX_NODES][3];
  for (PetscInt ad = 0; ad < 3 * element->num_nodes; ad++) {
    x[ad / 3][ad % 3] = space->coords[3 * nodes[ad / 3] + ad % 3];
  }
  for (PetscInt q = 0; q < element->num_points; q++) {
    double n[3], da;
    LhFaceNormal(element, q, (const double(*)[3])x, n);
    da = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
    total[bs] += da;
    for (PetscInt ac = 0; ac < element->num_nodes * bs; ac++) {
      total[ac % bs] += da * element->N[q][ac / bs] * local[nodes[ac / bs] * bs + ac % bs];
    }
  }
}

PetscErrorCode LhFieldIntegrateSurface(LhSpace space, PetscInt bs, const PetscScalar local[],
                                       PetscInt surface, PetscScalar integrals[], PetscReal *area) {
  const LhSpaceView *view;
  PetscInt num_faces;
  const PetscInt *nodes;
  PetscReal *total;
  MPI_Comm comm;

  PetscFunctionBeginUser;
  PetscCall(GetComm(space, &comm));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhSpaceGetFaces(space, surface, &num_faces, &nodes, NULL));
  PetscCall(PetscCalloc1(bs + 1, &total));
  for (PetscInt f = 0; f < num_faces; f++) {
    AddFace(view, LhElementGetFine(view->face_element), nodes + f * view->nodes_per_face, bs, local,
            total);
  }
  PetscCall(LhSumReals(comm, bs + 1, total));
  PetscCall(PetscArraycpy(integrals, total, bs));
  if (area) *area = total[bs];
  PetscCall(PetscFree(total));
  PetscFunctionReturn(PETSC_SUCCESS);
}
