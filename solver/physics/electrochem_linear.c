/// @file
/// Solution of J x = b in the full layout: condensation, Krylov solve, balances, back-substitution.
///
/// After the Krylov solve one correction on the constant modes makes the sums of the charge and salt
/// rows vanish, so that total charge and salt close to rounding whatever the Krylov tolerance.
#include "physics/electrochem_impl.h"

/// y_c = D^-1 b_c of one batch.
static void CellSolution(const LhEcBatch *b, const LhEcCondensed *x, const double (*bc)[LH_BATCH],
                         double (*yc)[LH_BATCH]) {
  const PetscInt n = b->num_reactions * LH_CELL_STATE;

  for (PetscInt i = 0; i < n; i++) {
    LH_LANES(l) yc[i][l] = 0;
    for (PetscInt j = 0; j < n; j++) LH_LANES(l) yc[i][l] += x->inverse[i * n + j][l] * bc[j][l];
  }
}

static PetscErrorCode CondenseCells(LhElectrochem ec, const PetscScalar b[]) {
  const LhBatch *list;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *batch = &ec->batch[i];
    const LhEcCondensed *x = &ec->condensed[i];
    double yc[LH_CELL_MAX][LH_BATCH], r[LH_MAX_SYSTEM][LH_BATCH];

    if (!batch->num_reactions) continue;
    CellSolution(batch, x, (const double(*)[LH_BATCH])(b + batch->offset), yc);
    for (PetscInt a = 0; a < ec->npc; a++) {
      for (int j = 0; j < LH_NODE_SYSTEM; j++) LH_LANES(l) r[a * LH_NODE_SYSTEM + j][l] = 0;
      for (PetscInt k = 0; k < batch->num_reactions; k++) {
        const double *q = yc[k * LH_CELL_STATE + LH_CURRENT],
                     *N = yc[k * LH_CELL_STATE + LH_CONTENT];

        LH_LANES(l) {
          r[a * LH_NODE_SYSTEM + LH_PHI_S][l] -= batch->shape->weight[a][l] * q[l];
          r[a * LH_NODE_SYSTEM + LH_PHI_E][l] += batch->shape->weight[a][l] * q[l];
        }
        for (int j = 0; j < LH_NODE_SYSTEM; j++) {
          LH_LANES(l)
          r[a * LH_NODE_SYSTEM + j][l] -=
              x->column[(k * ec->npc + a) * LH_NODE_SYSTEM + j][l] * N[l];
        }
      }
    }
    LhBatchAdd(&list[i], ec->npc, LH_NODE_SYSTEM, (const double(*)[LH_BATCH])r, ec->x_local);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Lithium faces into the liquid's rows; returns the working electrode's share of b_I.
static double CondenseFaces(LhElectrochem ec, const PetscScalar b[]) {
  double working = 0;

  for (PetscInt e = 0; e < LH_NUM_ELECTRODES; e++) {
    const LhEcFaces *f = &ec->faces[e];

    if (ec->spec.electrodes[e].kind != LH_ELECTRODE_LITHIUM) continue;
    for (PetscInt i = 0; i < f->num_faces; i++) {
      const double j = f->gain[i] * b[f->offset + i];

      for (PetscInt a = 0; a < ec->npf; a++) {
        ec->x_local[f->nodes[i * ec->npf + a] * LH_NODE_SYSTEM + LH_PHI_E] += f->weight[i][a] * j;
      }
      if (e == LH_WORKING) working += f->area[i] * j;
    }
  }
  return working;
}

/// A uniform collector takes the change of current as a flux.
static void CondenseUniform(LhElectrochem ec, double dI) {
  const LhEcFaces *f = &ec->faces[LH_WORKING];

  if (ec->spec.electrodes[LH_WORKING].kind != LH_ELECTRODE_UNIFORM) return;
  for (PetscInt i = 0; i < f->num_faces * ec->npf; i++) {
    const double w = f->weight[i / ec->npf][i % ec->npf];

    ec->x_local[f->nodes[i] * LH_NODE_SYSTEM + LH_PHI_S] += w / f->total_area * dI;
  }
}

/// Right-hand side of the node system. `bs` are the scalars' entries of b; bs[LH_VOLTAGE] gains the faces.
static PetscErrorCode Condense(LhElectrochem ec, const PetscScalar b[],
                               PetscReal bs[LH_NUM_SCALARS]) {
  const LhSpaceView *space;
  PetscScalar *r;
  double working;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhEcBroadcastScalars(ec, b, bs));
  PetscCall(PetscArrayzero(ec->x_local, space->num_nodes * LH_NODE_SYSTEM));
  PetscCall(CondenseCells(ec, b));
  working = CondenseFaces(ec, b);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &working, 1, MPI_DOUBLE, MPI_SUM, ec->comm));
  bs[LH_VOLTAGE] += working;
  CondenseUniform(ec, bs[LH_TOTAL_CURRENT]);
  PetscCall(VecZeroEntries(ec->rhs));
  PetscCall(VecGetArray(ec->rhs, &r));
  PetscCall(LhSpaceScatterAdd(ec->space, LH_NODE_SYSTEM, ec->x_local, r));
  for (PetscInt n = 0; n < space->num_owned; n++) {
    const PetscScalar *o = b + n * LH_NODE_STATE;
    PetscScalar *p = r + n * LH_NODE_SYSTEM;

    p[LH_PHI_S] = ec->has_solid[n] ? p[LH_PHI_S] + o[LH_PHI_S] : o[LH_PHI_S];
    p[LH_PHI_E] += o[LH_PHI_E];
    p[LH_LNC] =
        LH_FARADAY * (p[LH_LNC] + o[LH_LNC] - ec->cj * o[LH_SALT]) + ec->salt_mix * p[LH_PHI_E];
  }
  PetscCall(VecRestoreArray(ec->rhs, &r));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Adds alpha times the border column to the right-hand side.
static PetscErrorCode AddBorderColumn(LhElectrochem ec, double alpha) {
  Vec col;

  PetscFunctionBegin;
  PetscCall(MatDenseGetColumnVecRead(ec->border_col, 0, &col));
  PetscCall(VecAXPY(ec->rhs, alpha, col));
  PetscCall(MatDenseRestoreColumnVecRead(ec->border_col, 0, &col));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BorderDot(LhElectrochem ec, double *value) {
  Vec row;

  PetscFunctionBegin;
  PetscCall(MatDenseGetColumnVecRead(ec->border_row, 0, &row));
  PetscCall(VecDot(ec->sol, row, value));
  PetscCall(MatDenseRestoreColumnVecRead(ec->border_row, 0, &row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemCloseBalances(LhElectrochem ec, Vec b, Vec x) {
  enum { PASSES = 3 };  // rounding in the small inverse would leave a share of the defect
  PetscScalar r[LH_NODE_SYSTEM], s[LH_NODE_SYSTEM], a[LH_NODE_SYSTEM] = {0};

  PetscFunctionBegin;
  PetscCall(LhEcSumModes(ec, b, r));
  PetscCall(VecMDot(x, LH_NODE_SYSTEM, ec->balance, s));
  for (int pass = 0; pass < PASSES; pass++) {
    double defect[LH_NODE_SYSTEM];

    for (int i = 0; i < LH_NODE_SYSTEM; i++) {
      defect[i] = r[i] - s[i];
      for (int j = 0; j < LH_NODE_SYSTEM; j++) defect[i] -= ec->mode_matrix[i][j] * a[j];
    }
    for (int i = 0; i < LH_NODE_SYSTEM; i++) {
      for (int j = 0; j < LH_NODE_SYSTEM; j++) a[i] += ec->mode_inverse[i][j] * defect[j];
    }
  }
  PetscCall(LhEcAddModes(ec, a, x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The potentials of the solution from units of RT/F to volts.
static PetscErrorCode ScalePotentials(LhElectrochem ec, PetscInt num_owned) {
  PetscScalar *u;

  PetscFunctionBegin;
  PetscCall(VecGetArray(ec->sol, &u));
  for (PetscInt n = 0; n < num_owned; n++) {
    u[n * LH_NODE_SYSTEM + LH_PHI_S] *= ec->thermal;
    u[n * LH_NODE_SYSTEM + LH_PHI_E] *= ec->thermal;
  }
  PetscCall(VecRestoreArray(ec->sol, &u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Cell unknowns from the nodes; adds the change of the pore volumes to r_local; returns the change of
/// the layers' current.
static PetscErrorCode BackSubstituteCells(LhElectrochem ec, const PetscScalar b[], PetscScalar x[],
                                          double *layer) {
  const LhBatch *list;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  *layer = 0;
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *batch = &ec->batch[i];
    const LhEcCondensed *c = &ec->condensed[i];
    double(*xc)[LH_BATCH] = (double(*)[LH_BATCH])(x + batch->offset);
    double u[LH_MAX_SYSTEM][LH_BATCH], z[LH_NODE_SYSTEM][LH_BATCH], yc[LH_CELL_MAX][LH_BATCH],
        pore[LH_MAX_CELL_NODES][LH_BATCH];

    if (!batch->num_reactions) continue;
    LhBatchGather(&list[i], ec->npc, LH_NODE_SYSTEM, ec->x_local, u);
    for (int j = 0; j < LH_NODE_SYSTEM; j++) {
      LH_LANES(l) z[j][l] = 0;
      for (PetscInt a = 0; a < ec->npc; a++)
        LH_LANES(l) z[j][l] += batch->shape->weight[a][l] * u[a * LH_NODE_SYSTEM + j][l];
      LH_LANES(l) z[j][l] /= batch->shape->volume[l];
    }
    CellSolution(batch, c, (const double(*)[LH_BATCH])(b + batch->offset), yc);
    for (PetscInt m = 0; m < batch->num_reactions * LH_CELL_STATE; m++) {
      for (int j = 0; j < LH_NODE_SYSTEM; j++)
        LH_LANES(l) yc[m][l] += c->response[m * LH_NODE_SYSTEM + j][l] * z[j][l];
      LH_LANES(l) xc[m][l] = yc[m][l];
    }
    for (PetscInt a = 0; a < ec->npc; a++) {
      LH_LANES(l) pore[a][l] = 0;
      for (PetscInt k = 0; k < batch->num_reactions; k++) {
        const double V = batch->material->reactions[k].molar_volume;
        const double *N = xc[k * LH_CELL_STATE + LH_CONTENT];

        LH_LANES(l) pore[a][l] -= batch->shape->weight[a][l] * V * N[l];
      }
    }
    LhBatchAdd(&list[i], ec->npc, 1, (const double(*)[LH_BATCH])pore, ec->r_local);
    for (PetscInt k = 0; k < batch->num_reactions; k++) {
      for (PetscInt l = 0; l < list[i].num_active; l++) {
        *layer += batch->shape->volume[l] *
                  (xc[k * LH_CELL_STATE + LH_CURRENT][l] - xc[k * LH_CELL_STATE + LH_RATE][l]);
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Lithium faces from the nodes; `counter` sums the change of the counter electrode's current.
static void BackSubstituteFaces(LhElectrochem ec, double dV, const PetscScalar b[], PetscScalar x[],
                                double *counter) {
  for (PetscInt e = 0; e < LH_NUM_ELECTRODES; e++) {
    const LhEcFaces *f = &ec->faces[e];

    if (ec->spec.electrodes[e].kind == LH_ELECTRODE_LITHIUM) {
      for (PetscInt i = 0; i < f->num_faces; i++) {
        double j = f->gain[i] * b[f->offset + i] + (e == LH_WORKING ? f->slope[3 * i] * dV : 0);

        for (PetscInt a = 0; a < ec->npf; a++) {
          const PetscScalar *u = ec->x_local + f->nodes[i * ec->npf + a] * LH_NODE_SYSTEM;
          const double w = f->weight[i][a] / f->area[i];

          j += w * (f->slope[3 * i + 1] * u[LH_PHI_E] + f->slope[3 * i + 2] * u[LH_LNC]);
        }
        x[f->offset + i] = j;
        if (e == LH_COUNTER) *counter += j * f->area[i];
      }
    } else if (e == LH_COUNTER) {
      for (PetscInt i = 0; i < f->num_faces * ec->npf; i++) {
        *counter -= f->weight[i / ec->npf][i % ec->npf] *
                    ec->x_local[f->nodes[i] * LH_NODE_SYSTEM + LH_PHI_S] /
                    ec->spec.electrodes[e].contact_resistance;
      }
    }
  }
}

/// Area integral of the change of phi_s over a uniform collector.
static double UniformMean(LhElectrochem ec) {
  const LhEcFaces *f = &ec->faces[LH_WORKING];
  double sum = 0;

  if (ec->spec.electrodes[LH_WORKING].kind != LH_ELECTRODE_UNIFORM) return 0;
  for (PetscInt i = 0; i < f->num_faces * ec->npf; i++) {
    sum +=
        f->weight[i / ec->npf][i % ec->npf] * ec->x_local[f->nodes[i] * LH_NODE_SYSTEM + LH_PHI_S];
  }
  return sum / f->total_area;
}

/// dV and dI from the two rows of the terminal; `row` is the nodes' share of the current.
static PetscErrorCode Terminal(LhElectrochem ec, double row, const PetscReal bs[], double *dV,
                               double *dI) {
  const LhElectrode *w = &ec->spec.electrodes[LH_WORKING];

  PetscFunctionBegin;
  if (ec->control.kind == LH_CONTROL_CURRENT) {
    *dI = bs[LH_TOTAL_CURRENT];
    if (w->kind == LH_ELECTRODE_UNIFORM) {
      double mean = UniformMean(ec);

      PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &mean, 1, MPI_DOUBLE, MPI_SUM, ec->comm));
      *dV = bs[LH_VOLTAGE] + mean + w->contact_resistance / ec->faces[LH_WORKING].total_area * *dI;
    } else {
      *dV = (*dI - bs[LH_VOLTAGE] - row) / ec->dI_dV;
    }
  } else {
    *dV = bs[LH_TOTAL_CURRENT];
    *dI = bs[LH_VOLTAGE] + row + ec->dI_dV * *dV;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Nodes and salt contents of this rank; returns its change of the import rate's source.
static double BackSubstituteNodes(LhElectrochem ec, PetscInt num_owned, const PetscScalar b[],
                                  const PetscScalar u[], PetscScalar x[]) {
  double salt = 0;

  for (PetscInt n = 0; n < num_owned; n++) {
    const PetscScalar *known = b + n * LH_NODE_STATE, *node = u + n * LH_NODE_SYSTEM;
    const PetscScalar by_lnc = known[LH_LNC];
    PetscScalar *out = x + n * LH_NODE_STATE;

    out[LH_SALT] =
        known[LH_SALT] + ec->pore[2 * n] * node[LH_LNC] + ec->pore[2 * n + 1] * ec->r_local[n];
    for (int j = 0; j < LH_NODE_SYSTEM; j++) out[j] = node[j];
    // The sum of (E3) over nodes is m' - c dP/dt = 0 once the fluxes cancel: the import follows from the salt.
    salt += ec->cj * out[LH_SALT] - by_lnc;
  }
  return salt;
}

/// An entry of b is read before that of x is written: they may be one.
static PetscErrorCode BackSubstitute(LhElectrochem ec, const PetscReal bs[], const PetscScalar b[],
                                     PetscScalar x[]) {
  MPI_Comm comm = ec->comm;
  const LhSpaceView *space;
  const PetscScalar *u;
  double sum[3] = {0}, total[3], dV = 0, dI = 0, row;
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(BorderDot(ec, &row));
  PetscCall(ScalePotentials(ec, space->num_owned));
  PetscCall(VecGetArrayRead(ec->sol, &u));
  PetscCall(LhSpaceGather(ec->space, LH_NODE_SYSTEM, u, ec->x_local));
  PetscCall(Terminal(ec, row, bs, &dV, &dI));
  PetscCall(PetscArrayzero(ec->r_local, space->num_nodes));
  PetscCall(BackSubstituteCells(ec, b, x, &sum[1]));
  BackSubstituteFaces(ec, dV, b, x, &sum[0]);
  PetscCall(LhSpaceSumGhosts(ec->space, 1, ec->r_local));
  sum[2] = BackSubstituteNodes(ec, space->num_owned, b, u, x);
  PetscCall(VecRestoreArrayRead(ec->sol, &u));
  PetscCallMPI(MPI_Allreduce(sum, total, 3, MPI_DOUBLE, MPI_SUM, comm));
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) {
    PetscScalar *s = x + ec->scalar_offset;

    s[LH_VOLTAGE] = dV;
    s[LH_TOTAL_CURRENT] = dI;
    s[LH_CHARGE] = (bs[LH_CHARGE] + dI) / ec->cj;
    s[LH_COUNTER_CHARGE] = (bs[LH_COUNTER_CHARGE] - total[0]) / ec->cj;
    s[LH_LAYER_CHARGE] = (bs[LH_LAYER_CHARGE] + total[1]) / ec->cj;
    s[LH_IMPORT] = (bs[LH_IMPORT] + total[2]) / ec->cj;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemSolveLinear(LhElectrochem ec, KSP ksp, Vec b, Vec x,
                                        PetscInt *iterations, KSPConvergedReason *reason) {
  const PetscScalar *rhs;
  PetscScalar *out;
  PetscReal bs[LH_NUM_SCALARS];

  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(b, &rhs));
  PetscCall(Condense(ec, rhs, bs));
  if (ec->control.kind == LH_CONTROL_VOLTAGE)
    PetscCall(AddBorderColumn(ec, -bs[LH_TOTAL_CURRENT]));
  else if (ec->dI_dV > 0)
    PetscCall(AddBorderColumn(ec, -(bs[LH_TOTAL_CURRENT] - bs[LH_VOLTAGE]) / ec->dI_dV));
  PetscCall(KSPSolve(ksp, ec->rhs, ec->sol));
  PetscCall(KSPGetIterationNumber(ksp, iterations));
  PetscCall(KSPGetConvergedReason(ksp, reason));
  if (*reason > 0) {
    PetscCall(LhElectrochemCloseBalances(ec, ec->rhs, ec->sol));
    PetscCall(VecGetArray(x, &out));
    PetscCall(BackSubstitute(ec, bs, rhs, out));
    PetscCall(VecRestoreArray(x, &out));
  }
  PetscCall(VecRestoreArrayRead(b, &rhs));
  PetscFunctionReturn(PETSC_SUCCESS);
}
