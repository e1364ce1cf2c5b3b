/// @file
/// Set-up of the electrochemical problem: batches with their composition, electrode faces, state layout.
#include "physics/electrochem_network.h"

/// Local composition per reference volume, pores included (E11), with the factors of the random fields.
static void BatchComposition(LhEcBatch *b, const LhBatch *batch, const PetscReal cnt[],
                             const PetscReal alloy[]) {
  const LhMaterialData *m = b->material;
  const double *v = m->composition.volume_fraction;
  const double dense = 1 - m->porosity;

  for (int l = 0; l < LH_BATCH; l++) {
    const PetscInt cell = batch->cell[l];
    const double fc = cnt ? cnt[cell] : 1, fa = alloy ? alloy[cell] : 1;
    const double rest = v[LH_PHASE_LIZN] * fa + (v[LH_PHASE_LI3N] + v[LH_PHASE_CNT]) * fc;
    const double rest0 = v[LH_PHASE_LIZN] + v[LH_PHASE_LI3N] + v[LH_PHASE_CNT];
    const double fl = v[LH_PHASE_LI] > 0 ? (v[LH_PHASE_LI] + rest0 - rest) / v[LH_PHASE_LI] : 1;

    b->cnt[l] = dense * v[LH_PHASE_CNT] * fc;
    b->network[l] = m->network_conductivity * dense * fc;
    b->bridge[l] = m->bridge_conductivity * dense * fc;
    b->inert[l] = dense;  // all solids; what the reactions hold is taken off below
    for (PetscInt k = 0; k < m->num_reactions; k++) {
      const LhReaction *rx = &m->reactions[k];
      const double f = rx->kind == LH_CONTENT_METAL ? fl : fa;

      b->reference[k][l] = dense * f * (rx->kind == LH_CONTENT_METAL ? rx->initial : rx->capacity);
      b->area[k][l] = rx->area * (rx->kind == LH_CONTENT_METAL ? 1 : dense * f);
      b->inert[l] -= rx->molar_volume * dense * f * rx->initial;
    }
  }
}

/// Room for what Jacobians leave, as each batch needs it.
static PetscErrorCode HoldCondensed(LhElectrochem ec) {
  const PetscInt state = LH_CELL_STATE, by_reaction = ec->npc * LH_NODE_SYSTEM;
  double(*at)[LH_BATCH];
  PetscInt size = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const PetscInt k = ec->batch[i].num_reactions;

    size += k * (k * state * state + state * LH_NODE_SYSTEM + by_reaction);
  }
  PetscCall(PetscMalloc1(size, &ec->condensed_values));
  at = ec->condensed_values;
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const PetscInt k = ec->batch[i].num_reactions, n = k * state;
    LhEcCondensed *c = &ec->condensed[i];

    c->inverse = at;
    c->response = c->inverse + n * n;
    c->column = c->response + n * LH_NODE_SYSTEM;
    at = c->column + k * by_reaction;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BatchesSetUp(LhElectrochem ec) {
  const LhMeshView *mesh;
  const LhBatch *list;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(ec->mesh, &mesh));
  PetscCall(LhBatchesGet(ec->batches, &ec->num_batches, &list));
  PetscCall(PetscCalloc1(ec->num_batches, &ec->batch));
  PetscCall(PetscCalloc1(ec->num_batches, &ec->condensed));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    LhEcBatch *b = &ec->batch[i];

    b->material = ec->spec.region_material[list[i].region];
    b->num_reactions = b->material->kind == LH_MATERIAL_HOST ? b->material->num_reactions : 0;
    LH_LANES(l) b->J[l] = 1;
    if (b->num_reactions)
      BatchComposition(b, &list[i], NULL, NULL);
    else
      LH_LANES(l) b->bridge[l] = b->material->bridge_conductivity;  // a Li3N layer, as it stands
    if (b->num_reactions) {
      for (PetscInt a = 0; a < ec->npc * LH_BATCH; a++) ec->has_solid[list[i].nodes[a]] = 1;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A node is solid when any rank has a host cell there.
static PetscErrorCode ShareSolid(LhElectrochem ec) {
  const LhSpaceView *space;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  for (PetscInt n = 0; n < space->num_nodes; n++) ec->x_local[n] = ec->has_solid[n];
  PetscCall(LhSpaceSumGhosts(ec->space, 1, ec->x_local));
  PetscCall(PetscArraycpy(ec->r_local, ec->x_local, space->num_owned));
  PetscCall(LhSpaceGather(ec->space, 1, ec->r_local, ec->x_local));
  for (PetscInt n = 0; n < space->num_nodes; n++) ec->has_solid[n] = ec->x_local[n] > 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FacesSetUp(LhElectrochem ec, PetscInt e, LhDiag diag) {
  const LhElectrode *electrode = &ec->spec.electrodes[e];
  const LhMeshView *mesh;
  const LhSpaceView *space;
  const LhElement *el;
  LhEcFaces *f = &ec->faces[e];
  PetscInt surface;
  PetscReal area = 0;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(ec->mesh, &mesh));
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhMeshFindSurface(ec->mesh, electrode->surface, &surface));
  if (surface < 0) {
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, NULL,
                        "electrode surface '%s' is not a surface of the mesh", electrode->surface));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhSpaceGetFaces(ec->space, surface, &f->num_faces, &f->nodes, NULL));
  el = LhElementGet(mesh->cell_type == LH_CELL_HEX8 ? LH_ELEMENT_QUAD4 : LH_ELEMENT_TRI3);
  PetscCall(PetscCalloc4(f->num_faces, &f->weight, f->num_faces, &f->area, 3 * f->num_faces,
                         &f->slope, f->num_faces, &f->gain));
  for (PetscInt i = 0; i < f->num_faces; i++) {
    double x[4][3], n[3];

    for (PetscInt a = 0; a < ec->npf; a++) {
      for (int d = 0; d < 3; d++) x[a][d] = space->coords[3 * f->nodes[i * ec->npf + a] + d];
    }
    for (PetscInt q = 0; q < el->num_points; q++) {
      double dA;

      LhFaceNormal(el, q, (const double(*)[3])x, n);
      dA = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
      f->area[i] += dA;
      for (PetscInt a = 0; a < ec->npf; a++) f->weight[i][a] += el->N[q][a] * dA;
    }
    area += f->area[i];
  }
  PetscCallMPI(MPI_Allreduce(&area, &f->total_area, 1, MPIU_REAL, MPI_SUM, mesh->comm));
  if (f->total_area <= 0) {
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, NULL, "electrode surface '%s' has no faces",
                        electrode->surface));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A collector must touch a host everywhere: elsewhere it would carry no current and hold no potential.
static PetscErrorCode CheckElectrode(LhElectrochem ec, PetscInt e, LhDiag diag) {
  const LhEcFaces *f = &ec->faces[e];
  PetscInt bare = 0;

  PetscFunctionBegin;
  if (ec->spec.electrodes[e].kind == LH_ELECTRODE_LITHIUM) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < f->num_faces * ec->npf; i++) bare += !ec->has_solid[f->nodes[i]];
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &bare, 1, MPIU_INT, MPI_SUM, ec->comm));
  if (bare) {
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, NULL,
                        "collector on surface '%s' touches a region that is no host",
                        ec->spec.electrodes[e].surface));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Nodes, then batches, then lithium faces, then (rank 0) the scalars.
static PetscErrorCode Layout(LhElectrochem ec) {
  const LhSpaceView *space;
  PetscMPIInt rank;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCallMPI(MPI_Comm_rank(ec->comm, &rank));
  n = space->num_owned * LH_NODE_STATE;
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    ec->batch[i].offset = n;
    n += ec->batch[i].num_reactions * LH_CELL_STATE * LH_BATCH;
  }
  for (int e = 0; e < LH_NUM_ELECTRODES; e++) {
    ec->faces[e].offset = n;
    if (ec->spec.electrodes[e].kind == LH_ELECTRODE_LITHIUM) n += ec->faces[e].num_faces;
  }
  ec->scalar_offset = n;
  ec->num_local = n + (rank ? 0 : LH_NUM_SCALARS);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WorkArrays(LhElectrochem ec, const LhSpaceView *space) {
  PetscFunctionBegin;
  PetscCall(PetscCalloc4(space->num_nodes * LH_NODE_STATE, &ec->y_local, space->num_nodes * 5,
                         &ec->r_local, space->num_nodes * LH_NODE_SYSTEM, &ec->x_local,
                         space->num_nodes, &ec->has_solid));
  PetscCall(
      PetscCalloc2(space->num_owned * 2, &ec->pore, space->num_nodes * LH_SUMS, &ec->sum_local));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Algebra(LhElectrochem ec) {
  const LhSpaceView *space;
  PetscInt m;

  PetscFunctionBegin;
  PetscCall(LhAssemblerCreate(ec->space, ec->batches, LH_NODE_SYSTEM, &ec->assembler));
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(VecCreate(ec->comm, &ec->sol));
  PetscCall(VecSetSizes(ec->sol, space->num_owned * LH_NODE_SYSTEM, PETSC_DETERMINE));
  PetscCall(VecSetBlockSize(ec->sol, LH_NODE_SYSTEM));
  PetscCall(VecSetType(ec->sol, VECSTANDARD));
  PetscCall(VecDuplicate(ec->sol, &ec->rhs));
  for (int j = 0; j < LH_NODE_SYSTEM; j++) {
    PetscCall(VecDuplicate(ec->sol, &ec->balance[j]));
  }
  PetscCall(VecGetLocalSize(ec->rhs, &m));
  PetscCall(MatCreateDense(ec->comm, m, PETSC_DECIDE, PETSC_DECIDE, 1, NULL, &ec->border_col));
  PetscCall(MatDuplicate(ec->border_col, MAT_DO_NOT_COPY_VALUES, &ec->border_row));
  PetscCall(VecCreateSeq(PETSC_COMM_SELF, 1, &ec->border_weight));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The sizes of the three constant modes on which the balances are closed.
static PetscErrorCode Modes(LhElectrochem ec) {
  PetscFunctionBegin;
  PetscCall(VecSet(ec->sol, 1));
  PetscCall(LhEcSumModes(ec, ec->sol, ec->mode_size));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Facts(LhElectrochem ec) {
  const LhMeshView *mesh;
  const LhBatch *list;
  PetscReal sum[LH_MAX_REACTIONS + 1] = {0};

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(ec->mesh, &mesh));
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];

    for (PetscInt k = 0; k < b->num_reactions; k++) {
      const LhReaction *rx = &b->material->reactions[k];
      const double share = rx->kind == LH_CONTENT_METAL ? 1 : rx->initial / rx->capacity;

      for (int l = 0; l < list[i].num_active; l++) {
        sum[k] += LH_FARADAY * b->shape->volume[l] * b->reference[k][l] * share;
      }
    }
    if (b->num_reactions) sum[LH_MAX_REACTIONS] += list[i].num_active;
  }
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, sum, LH_MAX_REACTIONS + 1, MPIU_REAL, MPI_SUM, mesh->comm));
  for (int k = 0; k < LH_MAX_REACTIONS; k++) ec->facts.capacity[k] = sum[k];
  ec->facts.num_host_cells = (PetscInt)sum[LH_MAX_REACTIONS];
  ec->facts.area = ec->faces[LH_WORKING].total_area;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemCreate(LhMesh mesh, const LhElectrochemSpec *spec, LhDiag diag,
                                   LhElectrochem *ec_out) {
  LhElectrochem ec;
  const LhMeshView *view;
  const LhSpaceView *space;
  LhTransport bulk;
  double lnc[LH_BATCH];

  PetscFunctionBegin;
  PetscCall(PetscNew(&ec));
  *ec_out = ec;
  ec->mesh = mesh;
  ec->spec = *spec;
  ec->t1 = PETSC_MAX_REAL;
  PetscCall(LhMeshGetView(mesh, &view));
  ec->comm = view->comm;
  PetscCall(LhSpaceCreate(mesh, 1, 0, NULL, &ec->space));
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhBatchesCreate(ec->space, &ec->batches));
  ec->npc = space->nodes_per_cell;
  ec->npf = space->nodes_per_face;
  ec->pairs = ec->npc * (ec->npc - 1) / 2;
  PetscCall(WorkArrays(ec, space));
  PetscCall(BatchesSetUp(ec));
  PetscCall(LhEcShapesCreate(ec));
  PetscCall(HoldCondensed(ec));
  PetscCall(ShareSolid(ec));
  PetscCall(Algebra(ec));
  for (PetscInt e = 0; e < LH_NUM_ELECTRODES; e++) {
    PetscCall(FacesSetUp(ec, e, diag));
    PetscCall(CheckElectrode(ec, e, diag));
  }
  PetscCall(Layout(ec));
  PetscCall(Modes(ec));
  PetscCall(Facts(ec));
  PetscCall(LhEcNetworkCreate(ec, &ec->network));
  if (ec->network) {
    PetscCall(LhEcNetworkCreateVec(ec->network, &ec->network_phi));
    PetscCall(LhEcNetworkCreateVec(ec->network, &ec->network_flux));
  }
  for (int l = 0; l < LH_BATCH; l++) lnc[l] = log(spec->electrolyte->concentration);
  spec->electrolyte->transport->evaluate(spec->electrolyte->transport_params, lnc,
                                         spec->temperature, &bulk);
  ec->salt_mix = 1 - bulk.tplus[0];
  ec->thermal = LH_GAS_CONSTANT * spec->temperature / LH_FARADAY;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemDestroy(LhElectrochem *ec_in) {
  LhElectrochem ec = *ec_in;

  PetscFunctionBegin;
  if (!ec) PetscFunctionReturn(PETSC_SUCCESS);
  for (int e = 0; e < LH_NUM_ELECTRODES; e++) {
    LhEcFaces *f = &ec->faces[e];

    PetscCall(PetscFree4(f->weight, f->area, f->slope, f->gain));
  }
  for (int j = 0; j < LH_NODE_SYSTEM; j++) {
    PetscCall(VecDestroy(&ec->balance[j]));
  }
  PetscCall(LhEcNetworkDestroy(&ec->network));
  PetscCall(VecDestroy(&ec->network_phi));
  PetscCall(VecDestroy(&ec->network_flux));
  PetscCall(VecDestroy(&ec->rhs));
  PetscCall(VecDestroy(&ec->sol));
  PetscCall(VecDestroy(&ec->border_weight));
  PetscCall(MatDestroy(&ec->border_col));
  PetscCall(MatDestroy(&ec->border_row));
  PetscCall(LhEcDestroyMatrix(ec));
  PetscCall(PetscFree4(ec->y_local, ec->r_local, ec->x_local, ec->has_solid));
  PetscCall(PetscFree2(ec->pore, ec->sum_local));
  PetscCall(PetscFree(ec->batch));
  PetscCall(PetscFree(ec->shape));
  PetscCall(PetscFree(ec->condensed));
  PetscCall(PetscFree(ec->condensed_values));
  PetscCall(LhAssemblerDestroy(&ec->assembler));
  PetscCall(LhBatchesDestroy(&ec->batches));
  PetscCall(LhSpaceDestroy(&ec->space));
  PetscCall(PetscFree(*ec_in));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemSetHeterogeneity(LhElectrochem ec, const PetscReal cnt[],
                                             const PetscReal alloy[]) {
  const LhBatch *list;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    if (ec->batch[i].num_reactions) BatchComposition(&ec->batch[i], &list[i], cnt, alloy);
  }
  PetscCall(Facts(ec));
  LhEcNetworkRenew(ec->network);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemGetFacts(LhElectrochem ec, LhElectrochemFacts *facts) {
  PetscFunctionBegin;
  *facts = ec->facts;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemGetSpace(LhElectrochem ec, LhSpace *space) {
  PetscFunctionBegin;
  *space = ec->space;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemSetControl(LhElectrochem ec, const LhControl *control) {
  PetscFunctionBegin;
  PetscCheck(control->kind == LH_CONTROL_CURRENT ||
                 ec->spec.electrodes[LH_WORKING].kind != LH_ELECTRODE_UNIFORM,
             PETSC_COMM_SELF, PETSC_ERR_ARG_INCOMP, "a uniform flux has no voltage control");
  ec->control = *control;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemSetDeformation(LhElectrochem ec, PetscReal t0, PetscReal t1,
                                           const PetscReal J[], const PetscReal p[],
                                           const PetscReal (*G)[6]) {
  const LhBatch *list;
  const PetscReal old0 = ec->t0, old1 = ec->t1;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    LhEcBatch *b = &ec->batch[i];

    for (int l = 0; l < LH_BATCH; l++) {
      const PetscReal span = PetscMin(t0, old1) - old0;
      const PetscInt cell = list[i].cell[l];

      b->J[l] += b->J_rate[l] * span;
      b->p[l] += b->p_rate[l] * span;
      b->J_rate[l] = J && t1 > t0 ? (J[cell] - b->J[l]) / (t1 - t0) : 0;
      b->p_rate[l] = p && t1 > t0 ? (p[cell] - b->p[l]) / (t1 - t0) : 0;
    }
  }
  if (G) {
    PetscCall(LhEcShapesDeform(ec, G));
    LhEcNetworkRenew(ec->network);
  }
  ec->t0 = t0;
  ec->t1 = t1 > t0 ? t1 : PETSC_MAX_REAL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemGetDeformation(LhElectrochem ec, PetscReal t, PetscReal J[],
                                           PetscReal p[]) {
  const LhBatch *list;
  const PetscReal span = PetscMin(t, ec->t1) - ec->t0;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];

    for (int l = 0; l < list[i].num_active; l++) {
      J[list[i].cell[l]] = b->J[l] + b->J_rate[l] * span;
      p[list[i].cell[l]] = b->p[l] + b->p_rate[l] * span;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
