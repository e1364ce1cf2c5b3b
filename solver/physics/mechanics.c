/// @file
/// Life of a mechanics problem: what it is made of, the ends of a step, accept and reject. Never assembles.
#include <math.h>

#include "physics/fibres.h"
#include "physics/mechanics_private.h"

static PetscErrorCode CreateComposition(LhMechanics mech) {
  static const double neutral[LH_COMPOSITION_NUM] = {
      [LH_MECH_SKELETON_DENSITY] = 1., [LH_MECH_ALLOY_CONTENT] = 1.,
      [LH_MECH_STRENGTHENING] = 1.,    [LH_COMPOSITION_LITHIUM] = 1.,
      [LH_COMPOSITION_GROWTH] = 1.,    [LH_COMPOSITION_TEMPERATURE] = LH_REFERENCE_TEMPERATURE};

  PetscFunctionBeginUser;
  for (int k = 0; k < LH_COMPOSITION_NUM; k++) {
    PetscCall(PetscMalloc1(mech->view->num_cells, &mech->composition_start[k]));
    PetscCall(PetscMalloc1(mech->view->num_cells, &mech->composition_end[k]));
    for (PetscInt c = 0; c < mech->view->num_cells; c++) {
      mech->composition_start[k][c] = mech->composition_end[k][c] = neutral[k];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscInt RegionNumState(const LhMaterialData *material) {
  PetscInt n = 0;

  for (PetscInt k = 0; k < material->num_mech; k++) n += material->mech[k].law->num_state;
  return n;
}

static PetscErrorCode CheckMaterials(LhMechanics mech) {
  PetscFunctionBeginUser;
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    const PetscInt region = mech->batch[b].region;
    PetscCheck(mech->materials[region] && mech->materials[region]->num_mech > 0, PETSC_COMM_SELF,
               PETSC_ERR_ARG_WRONG, "Region '%s' has no mechanical phase",
               mech->mesh_view->region_names[region]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Every lane of every point starts undeformed and unloaded.
static PetscErrorCode CreateHistory(LhMechanics mech) {
  const PetscInt num_points = mech->element->num_points;
  PetscInt num_state = 0;
  double *values;
  size_t size;

  PetscFunctionBeginUser;
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    num_state = PetscMax(num_state, RegionNumState(mech->materials[mech->batch[b].region]));
  }
  // The same on ranks without such cells, or without any: rows of a checkpoint have one width.
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &num_state, 1, MPIU_INT, MPI_MAX, mech->comm));
  PetscCall(LhStateCreate(mech->num_batches, num_points, num_state, &mech->state));
  PetscCall(LhStateGetAccepted(mech->state, &values, &size));
  for (PetscInt p = 0; p < mech->num_batches * num_points; p++) {
    const LhMaterialData *material = mech->materials[mech->batch[p / num_points].region];
    double(*state)[LH_BATCH] = (double(*)[LH_BATCH])values + p * num_state;

    for (PetscInt k = 0; k < material->num_mech; k++) {
      const LhMechLaw *law = material->mech[k].law;
      if (law->init) law->init(material->mech[k].params, state);
      state += law->num_state;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateVectors(LhMechanics mech) {
  const PetscInt n = 3 * mech->view->num_nodes;

  PetscFunctionBeginUser;
  PetscCall(VecCreate(mech->comm, &mech->u));
  PetscCall(VecSetSizes(mech->u, 3 * mech->view->num_owned, 3 * mech->view->num_global));
  PetscCall(VecSetBlockSize(mech->u, 3));
  PetscCall(VecSetType(mech->u, VECSTANDARD));
  PetscCall(VecDuplicate(mech->u, &mech->u_accepted));
  PetscCall(VecDuplicate(mech->u, &mech->force));
  PetscCall(VecDuplicate(mech->u, &mech->work_vec));
  PetscCall(
      PetscCalloc4(n, &mech->local_u, n, &mech->local_f, n, &mech->local_g, n, &mech->local_w));
  for (int k = 0; k < LH_CELL_NUM; k++)
    PetscCall(PetscCalloc1(mech->view->num_cells, &mech->cell[k]));
  PetscCall(PetscCalloc1(6 * mech->view->num_cells, &mech->cauchy));
  PetscCall(PetscCalloc1(6 * mech->view->num_cells, &mech->pull_back));
  PetscCall(LhMechWorkCreate(&mech->work));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsCreate(LhMesh mesh, PetscInt num_regions, const PetscInt regions[],
                                 const LhMaterialData *const materials[],
                                 LhMechDilatation dilatation, LhMechanics *mechanics) {
  LhMechanics mech;
  PetscBool hex;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&mech));
  mech->mesh = mesh;
  PetscCall(LhMeshGetView(mesh, &mech->mesh_view));
  mech->comm = mech->mesh_view->comm;
  hex = mech->mesh_view->cell_type == LH_CELL_HEX8 ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(LhSpaceCreate(mesh, hex ? 1 : 2, num_regions, regions, &mech->space));
  PetscCall(LhSpaceGetView(mech->space, &mech->view));
  PetscCall(LhBatchesCreate(mech->space, &mech->batches));
  PetscCall(LhBatchesGet(mech->batches, &mech->num_batches, &mech->batch));
  mech->element = LhElementGet(hex ? LH_ELEMENT_HEX8 : LH_ELEMENT_TET10);
  mech->face = LhElementGet(hex ? LH_ELEMENT_QUAD4 : LH_ELEMENT_TRI6);
  mech->mean_dilatation = hex && dilatation == LH_MECH_DILATATION_MEAN ? PETSC_TRUE : PETSC_FALSE;
  mech->to = 1.;
  mech->platen.load = -1;
  PetscCall(PetscMalloc1(mech->mesh_view->num_regions, &mech->materials));
  for (PetscInt r = 0; r < mech->mesh_view->num_regions; r++) mech->materials[r] = materials[r];
  PetscCall(CheckMaterials(mech));
  PetscCall(CreateVectors(mech));
  PetscCall(CreateComposition(mech));
  PetscCall(CreateHistory(mech));
  *mechanics = mech;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode DestroyVectors(LhMechanics mech) {
  PetscFunctionBeginUser;
  PetscCall(VecDestroy(&mech->u));
  PetscCall(VecDestroy(&mech->u_accepted));
  PetscCall(VecDestroy(&mech->force));
  PetscCall(VecDestroy(&mech->work_vec));
  PetscCall(PetscFree4(mech->local_u, mech->local_f, mech->local_g, mech->local_w));
  for (int k = 0; k < LH_CELL_NUM; k++) PetscCall(PetscFree(mech->cell[k]));
  PetscCall(PetscFree(mech->cauchy));
  PetscCall(PetscFree(mech->pull_back));
  PetscCall(LhMechWorkDestroy(&mech->work));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsDestroy(LhMechanics *mechanics) {
  LhMechanics mech = *mechanics;

  PetscFunctionBeginUser;
  if (!mech) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMechanicsDestroyLoads(mech));
  PetscCall(LhMechanicsDestroyMacro(mech));
  PetscCall(MatDestroy(&mech->op));
  PetscCall(MatDestroy(&mech->assembled));
  PetscCall(LhAssemblerDestroy(&mech->assembler));
  PetscCall(LhStateDestroy(&mech->state));
  for (int k = 0; k < LH_COMPOSITION_NUM; k++) {
    PetscCall(PetscFree(mech->composition_start[k]));
    PetscCall(PetscFree(mech->composition_end[k]));
  }
  PetscCall(PetscFree(mech->closing));
  PetscCall(DestroyVectors(mech));
  PetscCall(LhBatchesDestroy(&mech->batches));
  PetscCall(LhSpaceDestroy(&mech->space));
  PetscCall(PetscFree(mech->materials));
  PetscCall(PetscFree(*mechanics));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Modes of rigid motion let algebraic multigrid see elasticity.
static PetscErrorCode AttachRigidBodyModes(LhMechanics mech) {
  PetscScalar *x;
  MatNullSpace modes;
  Vec coords;

  PetscFunctionBeginUser;
  PetscCall(MatCreateVecs(mech->assembled, &coords, NULL));
  PetscCall(VecGetArray(coords, &x));
  PetscCall(PetscArraycpy(x, mech->view->coords, 3 * mech->view->num_owned));
  PetscCall(VecRestoreArray(coords, &x));
  // Rotations are no modes of a periodic w, and multigrid does better there with smaller coarse levels.
  if (!mech->macro.used) {
    PetscCall(MatNullSpaceCreateRigidBody(coords, &modes));
    PetscCall(MatSetNearNullSpace(mech->assembled, modes));
    PetscCall(MatNullSpaceDestroy(&modes));
  }
  // Geometric multigrid finds the places of the nodes here.
  PetscCall(
      PetscObjectCompose((PetscObject)mech->assembled, LH_MATRIX_COORDINATES, (PetscObject)coords));
  PetscCall(VecDestroy(&coords));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode MeasureUnitForce(LhMechanics mech) {
  PetscReal norm;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(mech->local_f, 3 * mech->view->num_nodes));
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    LhMechBatch in;
    LhMechWork *w = mech->work;

    PetscCall(LhMechanicsFillBatch(mech, b, &in));
    for (PetscInt q = 0; q < mech->element->num_points; q++)
      LhElementGradients(mech->element, q, (const double(*)[LH_BATCH])w->x, w->grad[q], w->dv[q]);
    for (PetscInt d = 0; d < 3 * mech->view->nodes_per_cell; d++) {
      LH_LANES(l) w->f[d][l] = 0.;
      for (PetscInt q = 0; q < mech->element->num_points; q++) {
        LH_LANES(l) w->f[d][l] += w->dv[q][l] * fabs(w->grad[q][d][l]);
      }
    }
    LhBatchAdd(&mech->batch[b], mech->view->nodes_per_cell, 3, (const double(*)[LH_BATCH])w->f,
               mech->local_f);
  }
  PetscCall(LhMechanicsScatter(mech, mech->local_f, mech->work_vec));
  PetscCall(VecNorm(mech->work_vec, NORM_2, &norm));
  mech->unit_force = norm;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Stiff pieces in soft cells are what a preconditioner must know of.
static PetscErrorCode AttachPieces(LhMechanics mech) {
  const LhMatrixPieces *pieces;
  PetscContainer container;

  PetscFunctionBeginUser;
  if (!mech->fibres || !mech->assembled) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhFibreTermGetPieces(mech->fibres, &pieces));
  PetscCall(PetscContainerCreate(mech->comm, &container));
  PetscCall(PetscContainerSetPointer(container, (void *)pieces));
  PetscCall(
      PetscObjectCompose((PetscObject)mech->assembled, LH_MATRIX_PIECES, (PetscObject)container));
  PetscCall(PetscContainerDestroy(&container));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetUp(LhMechanics mech) {
  PetscFunctionBeginUser;
  if (mech->is_set_up) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhAssemblerCreate(mech->space, mech->batches, 3, &mech->assembler));
  PetscCall(MeasureUnitForce(mech));
  PetscCall(LhMechanicsSetUpLoads(mech));
  if (mech->macro.used) PetscCall(LhMechanicsSetUpMacro(mech));
  mech->is_set_up = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsHoldMatrices(LhMechanics mech) {
  const LhMechPlaten *platen = &mech->platen;

  PetscFunctionBeginUser;
  if (mech->assembled) PetscFunctionReturn(PETSC_SUCCESS);
  if (mech->is_single) {
    PetscCall(LhAssemblerCreateSingle(mech->assembler, &mech->assembled));
  } else {
    PetscCall(LhAssemblerCreateMat(mech->assembler, &mech->assembled));
    PetscCall(LhAssemblerShare(mech->assembler, mech->assembled));
  }
  PetscCall(AttachRigidBodyModes(mech));
  PetscCall(AttachPieces(mech));
  if (mech->macro.used) PetscFunctionReturn(PETSC_SUCCESS);
  if (platen->load >= 0) {
    PetscCall(
        MatCreateLRC(mech->assembled, platen->column, platen->factor, platen->column, &mech->op));
  } else {
    PetscCall(PetscObjectReference((PetscObject)mech->assembled));
    mech->op = mech->assembled;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetSingle(LhMechanics mech, PetscBool single) {
  const PetscBool possible = mech->macro.used || mech->platen.load < 0 ? PETSC_TRUE : PETSC_FALSE;

  PetscFunctionBeginUser;
  single = single && possible ? PETSC_TRUE : PETSC_FALSE;
  if (single == mech->is_single) PetscFunctionReturn(PETSC_SUCCESS);
  mech->is_single = single;
  PetscCall(LhAssemblerRelease(mech->assembler));
  PetscCall(MatDestroy(&mech->assembled));
  if (!mech->macro.used) PetscCall(MatDestroy(&mech->op));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetComposition(LhMechanics mech, const LhMechComposition *c) {
  const double *given[LH_COMPOSITION_NUM] = {
      [LH_MECH_POROSITY] = c->porosity,           [LH_MECH_SKELETON_DENSITY] = c->skeleton_density,
      [LH_MECH_CNT_DENSITY] = c->cnt_density,     [LH_MECH_ALLOY_CONTENT] = c->alloy_content,
      [LH_MECH_STRENGTHENING] = c->strengthening, [LH_COMPOSITION_LITHIUM] = c->lithium,
      [LH_COMPOSITION_GROWTH] = c->growth,        [LH_COMPOSITION_TEMPERATURE] = c->temperature};

  PetscFunctionBeginUser;
  for (int k = 0; k < LH_COMPOSITION_NUM; k++) {
    if (given[k])
      PetscCall(PetscArraycpy(mech->composition_end[k], given[k], mech->view->num_cells));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsHoldComposition(LhMechanics mech) {
  PetscFunctionBeginUser;
  for (int k = 0; k < LH_COMPOSITION_NUM; k++) {
    PetscCall(
        PetscArraycpy(mech->composition_start[k], mech->composition_end[k], mech->view->num_cells));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetIntegrity(LhMechanics mech, const double *integrity) {
  PetscFunctionBeginUser;
  mech->integrity = integrity;
  if (mech->fibres) PetscCall(LhFibreTermSetIntegrity(mech->fibres, integrity));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetClosing(LhMechanics mech, const double closing[]) {
  PetscFunctionBeginUser;
  if (!mech->closing) PetscCall(PetscMalloc1(mech->view->num_cells, &mech->closing));
  PetscCall(PetscArraycpy(mech->closing, closing, mech->view->num_cells));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetFibres(LhMechanics mech, LhFibreTerm fibres) {
  PetscFunctionBeginUser;
  mech->fibres = fibres;
  if (fibres) PetscCall(LhFibreTermSetIntegrity(fibres, mech->integrity));
  PetscCall(AttachPieces(mech));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetBatches(LhMechanics mech, LhBatches *batches) {
  PetscFunctionBeginUser;
  *batches = mech->batches;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetPart(LhMechanics mech, double to, double dt) {
  PetscFunctionBeginUser;
  PetscCheck(to > 0. && to <= 1. && dt >= 0., PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Part of a step ends at share %g and takes %g s", to, dt);
  mech->to = to;
  mech->dt = dt;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsAdvance(LhMechanics mech) {
  PetscFunctionBeginUser;
  PetscCall(LhStateAdvance(mech->state));
  if (mech->fibres) PetscCall(LhFibreTermAdvance(mech->fibres));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsAccept(LhMechanics mech) {
  PetscFunctionBeginUser;
  PetscCall(LhStateAccept(mech->state));
  if (mech->fibres) PetscCall(LhFibreTermAccept(mech->fibres));
  PetscCall(VecCopy(mech->u, mech->u_accepted));
  PetscCall(LhMechanicsHoldComposition(mech));
  for (PetscInt k = 0; k < mech->num_loads; k++) mech->loads[k].start = mech->loads[k].end;
  LhMechanicsAcceptMacro(mech);
  mech->to = 1.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsHoldScale(LhMechanics mech) {
  PetscFunctionBeginUser;
  mech->held_scale = PetscMax(mech->held_scale, mech->scale);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsReject(LhMechanics mech) {
  PetscFunctionBeginUser;
  PetscCall(LhStateReject(mech->state));
  if (mech->fibres) PetscCall(LhFibreTermReject(mech->fibres));
  PetscCall(VecCopy(mech->u_accepted, mech->u));
  LhMechanicsRejectMacro(mech);
  mech->to = 1.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsRestore(LhMechanics mech) {
  PetscFunctionBeginUser;
  PetscCall(LhMechanicsReject(mech));
  PetscCall(LhMechanicsHoldComposition(mech));
  for (PetscInt k = 0; k < mech->num_loads; k++) mech->loads[k].start = mech->loads[k].end;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetHistorySize(LhMechanics mech, PetscInt *size) {
  PetscInt num_batches, num_points, num_state;

  PetscFunctionBeginUser;
  PetscCall(LhStateGetSizes(mech->state, &num_batches, &num_points, &num_state));
  *size = num_points * num_state;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsPackHistory(LhMechanics mech, double rows[]) {
  PetscInt n = 0;
  double *values;
  size_t size;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetHistorySize(mech, &n));
  PetscCall(LhStateGetAccepted(mech->state, &values, &size));
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    const LhBatch *batch = &mech->batch[b];
    for (PetscInt k = 0; k < n * batch->num_active; k++) {
      const PetscInt lane = k % batch->num_active, item = k / batch->num_active;
      rows[batch->position[lane] * n + item] = values[(b * n + item) * LH_BATCH + lane];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsUnpackHistory(LhMechanics mech, const double rows[]) {
  PetscInt n = 0;
  double *values;
  size_t size;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetHistorySize(mech, &n));
  PetscCall(LhStateGetAccepted(mech->state, &values, &size));
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    // Unused lanes repeat the last cell, in history as in position.
    for (PetscInt k = 0; k < n * LH_BATCH; k++) {
      values[b * n * LH_BATCH + k] = rows[mech->batch[b].position[k % LH_BATCH] * n + k / LH_BATCH];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetSpace(LhMechanics mech, LhSpace *space) {
  PetscFunctionBeginUser;
  *space = mech->space;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetMatrices(LhMechanics mech, Mat *op, Mat *assembled) {
  PetscFunctionBeginUser;
  PetscCall(LhMechanicsHoldMatrices(mech));
  *op = mech->op;
  *assembled = mech->assembled;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetUnitForce(LhMechanics mech, PetscReal *force) {
  PetscFunctionBeginUser;
  *force = mech->unit_force;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetDisplacement(LhMechanics mech, Vec *u) {
  PetscFunctionBeginUser;
  *u = mech->u;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetVertexDisplacement(LhMechanics mech, double u[]) {
  const double *H = mech->macro.H;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGatherDisplacement(mech, mech->u));
  for (PetscInt v = 0; v < mech->mesh_view->num_vertices; v++) {
    const PetscInt node = mech->view->vertex_node[v];
    const PetscReal *X = mech->mesh_view->coords + 3 * v;

    for (int i = 0; i < 3; i++) {
      u[3 * v + i] = node < 0 ? 0.
                              : PetscRealPart(mech->local_u[3 * node + i]) + H[3 * i] * X[0] +
                                    H[3 * i + 1] * X[1] + H[3 * i + 2] * X[2];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetAccepted(LhMechanics mech, Vec *u) {
  PetscFunctionBeginUser;
  *u = mech->u_accepted;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetState(LhMechanics mech, LhState *state) {
  PetscFunctionBeginUser;
  *state = mech->state;
  PetscFunctionReturn(PETSC_SUCCESS);
}
