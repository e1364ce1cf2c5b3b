/// @file
/// Mass and stiffness of the averaging equation of some regions (see damage_average.h).
#include "physics/damage_average.h"

#include "fields/assembler.h"

struct _n_LhAverage {
  LhSpace space;
  const LhSpaceView *view;
  LhBatches batches;
  PetscInt num_batches;
  const LhBatch *batch;
  const LhElement *element;
  double length;
  Mat matrix;
  PetscScalar *local;  ///< [num_nodes], ghosts included
};

/// Geometry and sums of one batch.
typedef struct {
  double x[3 * LH_ELEMENT_MAX_NODES][LH_BATCH], grad[3 * LH_ELEMENT_MAX_NODES][LH_BATCH];
  double dv[LH_BATCH], a[LH_ELEMENT_MAX_NODES][LH_BATCH];
  double K[LH_ELEMENT_MAX_NODES * LH_ELEMENT_MAX_NODES][LH_BATCH];
} Work;

/// K_ab += (N_a N_b + l^2 Grad N_a . Grad N_b) dV at point q.
static void AddPoint(const LhAverage s, PetscInt q, Work *w) {
  const PetscInt n = s->element->num_nodes;
  const double cube = s->length * s->length * s->length;

  LhElementGradients(s->element, q, (const double(*)[LH_BATCH])w->x, w->grad, w->dv);
  for (PetscInt a = 0; a < n; a++) {
    for (PetscInt b = 0; b < n; b++) {
      const double mass = s->element->N[q][a] * s->element->N[q][b];

      LH_LANES(l) {
        double dot = 0.;
        for (int d = 0; d < 3; d++) dot += w->grad[3 * a + d][l] * w->grad[3 * b + d][l];
        w->K[a * n + b][l] += (mass + s->length * s->length * dot) * w->dv[l] / cube;
      }
    }
  }
}

static PetscErrorCode Assemble(LhAverage s) {
  LhAssembler assembler;
  Work w;

  PetscFunctionBeginUser;
  PetscCall(LhAssemblerCreate(s->space, s->batches, 1, &assembler));
  PetscCall(LhAssemblerCreateMat(assembler, &s->matrix));
  PetscCall(LhAssemblerBegin(assembler));
  for (PetscInt b = 0; b < s->num_batches; b++) {
    LhBatchGatherCoords(s->space, &s->batch[b], w.x);
    PetscCall(PetscMemzero(w.K, sizeof(w.K)));
    for (PetscInt q = 0; q < s->element->num_points; q++) AddPoint(s, q, &w);
    PetscCall(LhAssemblerAddBatch(assembler, b, (const double(*)[LH_BATCH])w.K));
  }
  PetscCall(LhAssemblerEnd(assembler, s->matrix));
  PetscCall(MatSetOption(s->matrix, MAT_SPD, PETSC_TRUE));
  PetscCall(LhAssemblerDestroy(&assembler));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAverageCreate(LhMesh mesh, PetscInt num_regions, const PetscInt regions[],
                               double length, LhAverage *average) {
  LhAverage s;

  PetscFunctionBeginUser;
  PetscCheck(length > 0., PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Averaging length %g m is not positive", length);
  PetscCall(PetscNew(&s));
  s->length = length;
  PetscCall(LhSpaceCreate(mesh, 1, num_regions, regions, &s->space));
  PetscCall(LhSpaceGetView(s->space, &s->view));
  PetscCall(LhBatchesCreate(s->space, &s->batches));
  PetscCall(LhBatchesGet(s->batches, &s->num_batches, &s->batch));
  s->element = LhElementGet(s->view->element);
  PetscCall(PetscCalloc1(s->view->num_nodes, &s->local));
  PetscCall(Assemble(s));
  *average = s;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAverageDestroy(LhAverage *average) {
  LhAverage s = *average;

  PetscFunctionBeginUser;
  if (!s) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(MatDestroy(&s->matrix));
  PetscCall(LhBatchesDestroy(&s->batches));
  PetscCall(LhSpaceDestroy(&s->space));
  PetscCall(PetscFree(s->local));
  PetscCall(PetscFree(*average));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAverageGetMatrix(LhAverage s, Mat *matrix) {
  PetscFunctionBeginUser;
  *matrix = s->matrix;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAverageGetSpace(LhAverage s, LhSpace *space) {
  PetscFunctionBeginUser;
  *space = s->space;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAverageGetBatches(LhAverage s, PetscInt *num_batches, PetscInt *num_points,
                                   const LhBatch **batches) {
  PetscFunctionBeginUser;
  *num_batches = s->num_batches;
  *num_points = s->element->num_points;
  *batches = s->batch;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAverageLoad(LhAverage s, const double local[], Vec load) {
  const PetscInt n = s->element->num_nodes, num_points = s->element->num_points;
  const double cube = s->length * s->length * s->length;
  PetscScalar *owned;
  Work w;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(s->local, s->view->num_nodes));
  for (PetscInt b = 0; b < s->num_batches; b++) {
    LhBatchGatherCoords(s->space, &s->batch[b], w.x);
    PetscCall(PetscMemzero(w.a, sizeof(w.a)));
    for (PetscInt q = 0; q < num_points; q++) {
      const double *value = local + (b * num_points + q) * LH_BATCH;

      LhElementGradients(s->element, q, (const double(*)[LH_BATCH])w.x, w.grad, w.dv);
      for (PetscInt a = 0; a < n; a++) {
        LH_LANES(l) w.a[a][l] += s->element->N[q][a] * value[l] * w.dv[l] / cube;
      }
    }
    LhBatchAdd(&s->batch[b], n, 1, (const double(*)[LH_BATCH])w.a, s->local);
  }
  PetscCall(VecZeroEntries(load));
  PetscCall(VecGetArray(load, &owned));
  PetscCall(LhSpaceScatterAdd(s->space, 1, s->local, owned));
  PetscCall(VecRestoreArray(load, &owned));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhAverageEvaluate(LhAverage s, Vec vertices, double points[]) {
  const PetscInt n = s->element->num_nodes, num_points = s->element->num_points;
  const PetscScalar *owned;
  double a[LH_ELEMENT_MAX_NODES][LH_BATCH];

  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(vertices, &owned));
  PetscCall(LhSpaceGather(s->space, 1, owned, s->local));
  PetscCall(VecRestoreArrayRead(vertices, &owned));
  for (PetscInt b = 0; b < s->num_batches; b++) {
    LhBatchGather(&s->batch[b], n, 1, s->local, a);
    for (PetscInt q = 0; q < num_points; q++) {
      double *value = points + (b * num_points + q) * LH_BATCH;

      LH_LANES(l) {
        double sum = 0.;
        for (PetscInt k = 0; k < n; k++) sum += s->element->N[q][k] * a[k][l];
        value[l] = sum;
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
