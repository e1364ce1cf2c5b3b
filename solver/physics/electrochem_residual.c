/// @file
/// The residual F(t, y, y'): cells in batches, electrode faces, scalars. Owns no state.
#include "physics/electrochem_network.h"

enum { FLUX_S, FLUX_E, FLUX_C, PORE, PORE_RATE, NUM_SUMS };

PetscErrorCode LhEcBroadcastScalars(LhElectrochem ec, const PetscScalar y[],
                                    PetscReal scalars[LH_NUM_SCALARS]) {
  MPI_Comm comm = ec->comm;
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) PetscCall(PetscArraycpy(scalars, y + ec->scalar_offset, LH_NUM_SCALARS));
  PetscCallMPI(MPI_Bcast(scalars, LH_NUM_SCALARS, MPIU_REAL, 0, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// (E1) to (E3) of one batch: fluxes through its nodes, pore volume and its rate.
static void NodeRows(LhElectrochem ec, const LhEcBatch *b, const double (*u)[LH_BATCH],
                     const LhEcCoefficients *c, const double (*x)[LH_BATCH],
                     double (*r)[LH_BATCH]) {
  double s[LH_NODE_SYSTEM][LH_MAX_CELL_NODES][LH_BATCH], q[LH_BATCH];

  for (int j = 0; j < LH_NODE_SYSTEM; j++)
    LhEcStiffnessApply(b, ec->npc, u + j, LH_NODE_STATE, s[j]);
  LH_LANES(l) q[l] = 0;
  for (PetscInt k = 0; k < b->num_reactions; k++) {
    LH_LANES(l) q[l] += x[k * LH_CELL_STATE + LH_CURRENT][l];
  }
  for (PetscInt a = 0; a < ec->npc; a++) {
    LH_LANES(l) {
      const double w = b->shape->weight[a][l];
      const double liquid = c->kappa[l] * s[LH_PHI_E][a][l] - c->kd[l] * s[LH_LNC][a][l];

      r[a * NUM_SUMS + FLUX_S][l] = c->sigma[l] * s[LH_PHI_S][a][l] + w * q[l];
      r[a * NUM_SUMS + FLUX_E][l] = liquid + c->bridge[l] * s[LH_PHI_E][a][l] - w * q[l];
      r[a * NUM_SUMS + FLUX_C][l] = c->dc[l] * s[LH_LNC][a][l] - c->tm[l] * liquid;
      r[a * NUM_SUMS + PORE][l] = w * c->pore[l];
      r[a * NUM_SUMS + PORE_RATE][l] = w * c->pore_rate[l];
    }
  }
}

/// Faradaic and transferred current of a batch's active lanes, for the double layers' charge.
static double LayerCurrent(const LhEcBatch *b, PetscInt active, const double (*x)[LH_BATCH]) {
  double sum = 0;

  for (PetscInt k = 0; k < b->num_reactions; k++) {
    for (PetscInt l = 0; l < active; l++) {
      sum += b->shape->volume[l] *
             (x[k * LH_CELL_STATE + LH_CURRENT][l] - x[k * LH_CELL_STATE + LH_RATE][l]);
    }
  }
  return sum;
}

static PetscErrorCode Cells(LhElectrochem ec, PetscReal t, const PetscScalar y[],
                            const PetscScalar ydot[], PetscScalar r[], double *layer) {
  const LhBatch *list;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  *layer = 0;
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];
    const double(*x)[LH_BATCH] = (const double(*)[LH_BATCH])(y + b->offset);
    const double(*xdot)[LH_BATCH] = (const double(*)[LH_BATCH])(ydot + b->offset);
    double u[LH_MAX_CELL_NODES * LH_NODE_STATE][LH_BATCH],
        sums[LH_MAX_CELL_NODES * NUM_SUMS][LH_BATCH];
    LhEcCoefficients c;
    LhEcCell cell;

    LhBatchGather(&list[i], ec->npc, LH_NODE_STATE, ec->y_local, u);
    const LhEcUnknowns at = {t, 0, (const double(*)[LH_BATCH])u, x, xdot};

    LhEcCoefficientsEvaluate(ec, b, &at, &c);
    NodeRows(ec, b, (const double(*)[LH_BATCH])u, &c, x, sums);
    LhBatchAdd(&list[i], ec->npc, NUM_SUMS, (const double(*)[LH_BATCH])sums, ec->r_local);
    if (!b->num_reactions) continue;
    LhEcCellEvaluate(ec, b, &at, &c, PETSC_FALSE, &cell);
    PetscCall(PetscArraycpy(r + b->offset, &cell.residual[0][0],
                            b->num_reactions * LH_CELL_STATE * LH_BATCH));
    *layer += LayerCurrent(b, list[i].num_active, x);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

LhEcFaceRow LhEcFaceKinetics(const LhElectrochemSpec *spec, const LhElectrode *e, double drop,
                             double lnc, double j) {
  const LhKineticsLaw *law = e->interface.kinetics;
  const void *params = e->interface.kinetics_params;
  const double R =
      LhInterfaceFilmResistance(&e->interface, spec->temperature) + e->interface.contact_resistance;
  const double scale =
      2 * law->exchange(params, log(spec->electrolyte->concentration), spec->temperature);
  LhKineticsInput in = {.temperature = spec->temperature, .molar_volume = e->molar_volume};
  LhKineticsOutput out;
  double current, by_current;

  for (int l = 0; l < LH_BATCH; l++) {
    in.eta[l] = drop - R * j;
    in.lnc[l] = lnc;
    in.pressure[l] = e->pressure;
  }
  law->evaluate(params, &in, &out);
  current = out.anodic[0] - out.cathodic[0];
  by_current = 1 / hypot(1, current / scale);
  return (LhEcFaceRow){.residual = scale * (asinh(j / scale) - asinh(current / scale)),
                       .by_j = 1 / hypot(1, j / scale) +
                               by_current * (out.danodic_deta[0] - out.dcathodic_deta[0]) * R,
                       .by_drop = -by_current * (out.danodic_deta[0] - out.dcathodic_deta[0]),
                       .by_lnc = -by_current * (out.danodic_dlnc[0] - out.dcathodic_dlnc[0])};
}

/// (E9) lithium faces: their current density is an unknown; adds it to the liquid.
static void LithiumFaces(LhElectrochem ec, PetscInt e, double V, const PetscScalar y[],
                         PetscScalar r[], double *total) {
  const LhEcFaces *f = &ec->faces[e];

  for (PetscInt i = 0; i < f->num_faces; i++) {
    const PetscInt *nodes = f->nodes + i * ec->npf;
    const double j = y[f->offset + i];
    double phi = 0, lnc = 0;

    for (PetscInt a = 0; a < ec->npf; a++) {
      phi += f->weight[i][a] / f->area[i] * ec->y_local[nodes[a] * LH_NODE_STATE + LH_PHI_E];
      lnc += f->weight[i][a] / f->area[i] * ec->y_local[nodes[a] * LH_NODE_STATE + LH_LNC];
      ec->r_local[nodes[a] * NUM_SUMS + FLUX_E] -= f->weight[i][a] * j;
    }
    r[f->offset + i] =
        LhEcFaceKinetics(&ec->spec, &ec->spec.electrodes[e], V - phi, lnc, j).residual;
    *total += j * f->area[i];
  }
}

/// Collector faces: electrons enter through the contact resistance, or as a uniform flux. `total` sums
/// the current, or (uniform) the area integral of phi_s.
static void CollectorFaces(LhElectrochem ec, PetscInt e, double V, double current, double *total) {
  const LhEcFaces *f = &ec->faces[e];
  const LhElectrode *electrode = &ec->spec.electrodes[e];

  for (PetscInt i = 0; i < f->num_faces * ec->npf; i++) {
    const double w = f->weight[i / ec->npf][i % ec->npf];
    const double phi = ec->y_local[f->nodes[i] * LH_NODE_STATE + LH_PHI_S];
    const double entry = electrode->kind == LH_ELECTRODE_UNIFORM
                             ? current / f->total_area
                             : (V - phi) / electrode->contact_resistance;

    ec->r_local[f->nodes[i] * NUM_SUMS + FLUX_S] -= w * entry;
    *total += electrode->kind == LH_ELECTRODE_UNIFORM ? w * phi : w * entry;
  }
}

/// Node rows from the summed fluxes; returns the rate of salt import of this rank.
static double OwnedRows(LhElectrochem ec, PetscInt num_owned, const PetscScalar y[],
                        const PetscScalar ydot[], PetscScalar r[]) {
  double import = 0;

  for (PetscInt n = 0; n < num_owned; n++) {
    const PetscScalar *s = ec->r_local + n * NUM_SUMS, *u = y + n * LH_NODE_STATE;
    const double c = exp(u[LH_LNC]);
    PetscScalar *o = r + n * LH_NODE_STATE;

    o[LH_PHI_S] = ec->has_solid[n] ? s[FLUX_S] : u[LH_PHI_S];
    o[LH_PHI_E] = s[FLUX_E];
    o[LH_LNC] = ydot[n * LH_NODE_STATE + LH_SALT] + s[FLUX_C] - c * s[PORE_RATE];  // (E3)
    o[LH_SALT] = u[LH_SALT] - s[PORE] * c;                                         // (E3b)
    import += c * s[PORE_RATE];
  }
  return import;
}

/// (E10) the scalars' rows, on rank 0. `sum` = working, counter, layer, import.
static void ScalarRows(LhElectrochem ec, const PetscReal s[], const PetscScalar sdot[],
                       const double sum[4], PetscScalar r[]) {
  const LhElectrode *w = &ec->spec.electrodes[LH_WORKING];
  const double A = ec->faces[LH_WORKING].total_area;

  if (w->kind == LH_ELECTRODE_UNIFORM) {
    r[LH_VOLTAGE] = s[LH_VOLTAGE] - sum[0] / A - s[LH_TOTAL_CURRENT] * w->contact_resistance / A;
  } else {
    r[LH_VOLTAGE] = s[LH_TOTAL_CURRENT] - sum[0];
  }
  r[LH_TOTAL_CURRENT] = ec->control.kind == LH_CONTROL_CURRENT
                            ? s[LH_TOTAL_CURRENT] - ec->control.value
                            : s[LH_VOLTAGE] - ec->control.value;
  r[LH_CHARGE] = sdot[LH_CHARGE] - s[LH_TOTAL_CURRENT];
  r[LH_COUNTER_CHARGE] = sdot[LH_COUNTER_CHARGE] + sum[1];
  r[LH_LAYER_CHARGE] = sdot[LH_LAYER_CHARGE] - sum[2];
  r[LH_IMPORT] = sdot[LH_IMPORT] - sum[3];
}

/// (E2b) takes off what the network does not carry because charge must cross into it.
static PetscErrorCode SubtractNetwork(LhElectrochem ec, PetscInt num_owned, const PetscScalar y[],
                                      PetscScalar r[]) {
  const PetscScalar *flux;
  PetscScalar *phi;

  PetscFunctionBegin;
  if (!ec->network) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(VecGetArrayWrite(ec->network_phi, &phi));
  for (PetscInt n = 0; n < num_owned; n++) phi[n] = y[n * LH_NODE_STATE + LH_PHI_E];
  PetscCall(VecRestoreArrayWrite(ec->network_phi, &phi));
  PetscCall(LhEcNetworkApply(ec->network, ec->network_phi, ec->network_flux));
  PetscCall(VecGetArrayRead(ec->network_flux, &flux));
  for (PetscInt n = 0; n < num_owned; n++) r[n * LH_NODE_STATE + LH_PHI_E] -= flux[n];
  PetscCall(VecRestoreArrayRead(ec->network_flux, &flux));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Evaluate(LhElectrochem ec, PetscReal t, const PetscScalar y[],
                               const PetscScalar ydot[], PetscScalar r[]) {
  MPI_Comm comm = ec->comm;
  const LhSpaceView *space;
  PetscReal s[LH_NUM_SCALARS];
  double sum[4] = {0}, total[4];
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhEcBroadcastScalars(ec, y, s));
  PetscCall(LhSpaceGather(ec->space, LH_NODE_STATE, y, ec->y_local));
  PetscCall(PetscArrayzero(ec->r_local, space->num_nodes * NUM_SUMS));
  PetscCall(Cells(ec, t, y, ydot, r, &sum[2]));
  PetscCall(LhEcAddSource(ec, t, NUM_SUMS, ec->r_local));
  for (PetscInt e = 0; e < LH_NUM_ELECTRODES; e++) {
    const double V = e == LH_WORKING ? s[LH_VOLTAGE] : 0;

    if (ec->spec.electrodes[e].kind == LH_ELECTRODE_LITHIUM)
      LithiumFaces(ec, e, V, y, r, &sum[e]);
    else
      CollectorFaces(ec, e, V, s[LH_TOTAL_CURRENT], &sum[e]);
  }
  PetscCall(LhSpaceSumGhosts(ec->space, NUM_SUMS, ec->r_local));
  sum[3] = OwnedRows(ec, space->num_owned, y, ydot, r);
  PetscCall(SubtractNetwork(ec, space->num_owned, y, r));
  PetscCallMPI(MPI_Allreduce(sum, total, 4, MPI_DOUBLE, MPI_SUM, comm));
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) ScalarRows(ec, s, ydot + ec->scalar_offset, total, r + ec->scalar_offset);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemResidual(LhElectrochem ec, PetscReal t, Vec y, Vec ydot, Vec r,
                                     PetscBool *finite) {
  const PetscScalar *a, *d;
  PetscScalar *o;
  PetscReal norm;

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(y, &a));
  PetscCall(VecGetArrayRead(ydot, &d));
  PetscCall(VecGetArrayWrite(r, &o));
  PetscCall(Evaluate(ec, t, a, d, o));
  PetscCall(VecRestoreArrayWrite(r, &o));
  PetscCall(VecRestoreArrayRead(ydot, &d));
  PetscCall(VecRestoreArrayRead(y, &a));
  PetscCall(VecNorm(r, NORM_1, &norm));
  *finite = PetscIsInfOrNanReal(norm) ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}
