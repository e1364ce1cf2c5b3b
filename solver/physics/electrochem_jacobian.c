/// @file
/// The condensed matrix of dF/dy + cj dF/dydot.
///
/// Cell unknowns see only their cell's means, so D^-1 (dense, per cell) removes them exactly; the salt
/// contents and the lithium faces are removed by hand; the terminal voltage becomes a rank-one term.
/// Potentials are in units of RT/F and the salt row in units of charge, so the blocks are of one size.
/// A multiple of the liquid charge row is added to the salt row: with a constant transference number
/// that takes the potential out of the salt balance, which the preconditioner likes.
#include "physics/electrochem_impl.h"

#define ROW(a, i) ((a) * LH_NODE_SYSTEM + (i))

/// Gauss-Jordan without pivoting: the order of the unknowns makes every pivot positive.
static void Invert(PetscInt n, double (*D)[LH_CELL_MAX][LH_BATCH], double (*inv)[LH_CELL_MAX][LH_BATCH]) {
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt j = 0; j < n; j++) LH_LANES(l) inv[i][j][l] = i == j;
  }
  for (PetscInt p = 0; p < n; p++) {
    double pivot[LH_BATCH];

    LH_LANES(l) pivot[l] = 1 / D[p][p][l];
    for (PetscInt j = 0; j < n; j++) {
      LH_LANES(l) {
        D[p][j][l] *= pivot[l];
        inv[p][j][l] *= pivot[l];
      }
    }
    for (PetscInt i = 0; i < n; i++) {
      double f[LH_BATCH];

      if (i == p) continue;
      LH_LANES(l) f[l] = D[i][p][l];
      for (PetscInt j = 0; j < n; j++) {
        LH_LANES(l) {
          D[i][j][l] -= f[l] * D[p][j][l];
          inv[i][j][l] -= f[l] * inv[p][j][l];
        }
      }
    }
  }
}

/// X = -D^-1 E.
static void Respond(PetscInt n, const double (*inv)[LH_CELL_MAX][LH_BATCH], const double (*E)[LH_NODE_SYSTEM][LH_BATCH],
                    double (*X)[LH_NODE_SYSTEM][LH_BATCH]) {
  for (PetscInt i = 0; i < n; i++) {
    for (int j = 0; j < LH_NODE_SYSTEM; j++) {
      LH_LANES(l) X[i][j][l] = 0;
      for (PetscInt m = 0; m < n; m++) LH_LANES(l) X[i][j][l] -= inv[i][m][l] * E[m][j][l];
    }
  }
}

/// S_ab of the element from its pairs: stiffness[pair] off the diagonal, minus the row sum on it.
static void ExpandStiffness(const LhEcBatch *b, PetscInt npc, double (*S)[LH_MAX_CELL_NODES][LH_BATCH]) {
  PetscInt pair = 0;

  for (PetscInt a = 0; a < npc; a++) LH_LANES(l) S[a][a][l] = 0;
  for (PetscInt a = 0; a < npc; a++) {
    for (PetscInt c = a + 1; c < npc; c++, pair++) {
      LH_LANES(l) {
        S[a][c][l] = S[c][a][l] = b->stiffness[pair][l];
        S[a][a][l] -= b->stiffness[pair][l];
        S[c][c][l] -= b->stiffness[pair][l];
      }
    }
  }
}

typedef struct {
  double S[LH_MAX_CELL_NODES][LH_MAX_CELL_NODES][LH_BATCH];
  double s[LH_NODE_SYSTEM][LH_MAX_CELL_NODES][LH_BATCH];   ///< S times phi_s, phi_e, ln c
  double T[LH_MAX_SYSTEM][LH_NODE_SYSTEM][LH_BATCH];        ///< response of the rows to the cell means
} Element;

/// Rows' response to N_k through porosity and conductivity.
static void ContentColumns(const LhEcBatch *b, PetscInt npc, const LhEcCoefficients *c, const Element *e,
                           LhEcCondensed *out) {
  for (PetscInt k = 0; k < b->num_reactions; k++) {
    const double V = b->material->reactions[k].molar_volume;

    for (PetscInt a = 0; a < npc; a++) {
      LH_LANES(l) {
        const double deps   = -V * c->porosity[l] / c->pore[l];  // d eps / d N_k = -V_k / J
        const double liquid = deps * (c->dkappa_e[l] * e->s[LH_PHI_E][a][l] - c->dkd_e[l] * e->s[LH_LNC][a][l]);

        out->column[k][ROW(a, LH_PHI_S)][l] = c->dsigma[k][l] * e->s[LH_PHI_S][a][l];
        out->column[k][ROW(a, LH_PHI_E)][l] = liquid;
        out->column[k][ROW(a, LH_LNC)][l]   = deps * c->ddc_e[l] * e->s[LH_LNC][a][l] - c->tm[l] * liquid;
      }
    }
  }
}

/// Response of the rows to the cell means: coefficients of ln c, and the condensed cell unknowns.
static void MeanResponse(const LhEcBatch *b, PetscInt npc, const LhEcCoefficients *c, const LhEcCondensed *x,
                         Element *e) {
  for (PetscInt a = 0; a < npc; a++) {
    for (int j = 0; j < LH_NODE_SYSTEM; j++) {
      for (int i = 0; i < LH_NODE_SYSTEM; i++) LH_LANES(l) e->T[ROW(a, i)][j][l] = 0;
      for (PetscInt k = 0; k < b->num_reactions; k++) {
        const double(*q)[LH_BATCH] = x->response[k * LH_CELL_STATE + LH_CURRENT];
        const double(*N)[LH_BATCH] = x->response[k * LH_CELL_STATE + LH_CONTENT];

        LH_LANES(l) {
          e->T[ROW(a, LH_PHI_S)][j][l] += b->weight[a][l] * q[j][l] + x->column[k][ROW(a, LH_PHI_S)][l] * N[j][l];
          e->T[ROW(a, LH_PHI_E)][j][l] += x->column[k][ROW(a, LH_PHI_E)][l] * N[j][l] - b->weight[a][l] * q[j][l];
          e->T[ROW(a, LH_LNC)][j][l] += x->column[k][ROW(a, LH_LNC)][l] * N[j][l];
        }
      }
    }
    LH_LANES(l) {
      const double liquid  = c->kappa[l] * e->s[LH_PHI_E][a][l] - c->kd[l] * e->s[LH_LNC][a][l];
      const double dliquid = c->dkappa_c[l] * e->s[LH_PHI_E][a][l] - c->dkd_c[l] * e->s[LH_LNC][a][l];

      e->T[ROW(a, LH_PHI_E)][LH_LNC][l] += dliquid;
      e->T[ROW(a, LH_LNC)][LH_LNC][l] +=
          c->ddc_c[l] * e->s[LH_LNC][a][l] - c->tm[l] * dliquid - c->dtm_c[l] * liquid;
    }
  }
}

/// Element matrix K[ROW(a,i) * n + ROW(b,j)][lane], salt row mixed with the liquid charge row.
static void ElementMatrix(LhElectrochem ec, const LhEcBatch *b, const double (*u)[LH_BATCH],
                          const LhEcCoefficients *c, const Element *e, double (*K)[LH_BATCH]) {
  const PetscInt n   = ec->npc * LH_NODE_SYSTEM;
  const double   mix = ec->salt_mix, cj = ec->cj;

  for (PetscInt a = 0; a < ec->npc; a++) {
    for (PetscInt d = 0; d < ec->npc; d++) {
      double(*ks)[LH_BATCH] = K + ROW(a, LH_PHI_S) * n + ROW(d, 0);
      double(*ke)[LH_BATCH] = K + ROW(a, LH_PHI_E) * n + ROW(d, 0);
      double(*kc)[LH_BATCH] = K + ROW(a, LH_LNC) * n + ROW(d, 0);

      for (int j = 0; j < LH_NODE_SYSTEM; j++) {
        LH_LANES(l) {
          const double w = b->weight[d][l] / b->volume[l];

          ks[j][l] = e->T[ROW(a, LH_PHI_S)][j][l] * w;
          ke[j][l] = e->T[ROW(a, LH_PHI_E)][j][l] * w;
          kc[j][l] = e->T[ROW(a, LH_LNC)][j][l] * w;
        }
      }
      LH_LANES(l) {
        const double S = e->S[a][d][l];

        ks[LH_PHI_S][l] += c->sigma[l] * S;
        ke[LH_PHI_E][l] += (c->kappa[l] + c->bridge[l]) * S;
        ke[LH_LNC][l] -= c->kd[l] * S;
        kc[LH_PHI_E][l] -= c->tm[l] * c->kappa[l] * S;
        kc[LH_LNC][l] += (c->dc[l] + c->tm[l] * c->kd[l]) * S;
      }
      if (a == d) {
        LH_LANES(l) {
          kc[LH_LNC][l] += b->weight[a][l] * (cj * c->pore[l] - c->pore_rate[l]) * exp(u[a * LH_NODE_STATE + LH_LNC][l]);
        }
      }
      for (int j = 0; j < LH_NODE_SYSTEM; j++) {
        const double scale = j == LH_LNC ? 1 : ec->thermal;

        LH_LANES(l) {
          kc[j][l] = (LH_FARADAY * kc[j][l] + mix * ke[j][l]) * scale;
          ks[j][l] *= scale;
          ke[j][l] *= scale;
        }
      }
    }
  }
}

static PetscErrorCode Cells(LhElectrochem ec, PetscReal t, const PetscScalar y[], const PetscScalar ydot[]) {
  const LhBatch *list;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];
    LhEcCondensed   *x = &ec->condensed[i];
    const PetscInt   n = b->num_reactions * LH_CELL_STATE;
    const double(*xs)[LH_BATCH] = (const double(*)[LH_BATCH])(y + b->offset);
    const double(*xd)[LH_BATCH] = (const double(*)[LH_BATCH])(ydot + b->offset);
    double           u[LH_MAX_CELL_NODES * LH_NODE_STATE][LH_BATCH];
    double           K[LH_MAX_SYSTEM * LH_MAX_SYSTEM][LH_BATCH];
    const double(*cu)[LH_BATCH] = (const double(*)[LH_BATCH])u;
    LhEcCoefficients c;
    LhEcCell         cell;
    Element          e;

    LhBatchGather(&list[i], ec->npc, LH_NODE_STATE, ec->y_local, u);
    const LhEcUnknowns at = {t, ec->cj, cu, xs, xd};

    LhEcCoefficientsEvaluate(ec, b, &at, &c);
    ExpandStiffness(b, ec->npc, e.S);
    for (int j = 0; j < LH_NODE_SYSTEM; j++) LhEcStiffnessApply(b, ec->npc, cu + j, LH_NODE_STATE, e.s[j]);
    if (n) {
      LhEcCellEvaluate(ec, b, &at, &c, PETSC_TRUE, &cell);
      Invert(n, cell.D, x->inverse);
      Respond(n, (const double(*)[LH_CELL_MAX][LH_BATCH])x->inverse, (const double(*)[LH_NODE_SYSTEM][LH_BATCH])cell.E,
              x->response);
      ContentColumns(b, ec->npc, &c, &e, x);
    }
    MeanResponse(b, ec->npc, &c, x, &e);
    ElementMatrix(ec, b, cu, &c, &e, K);
    PetscCall(LhAssemblerAddBatch(ec->assembler, i, (const double(*)[LH_BATCH])K));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Adds v to entry (node, component) of a local border array.
static void AddBorder(PetscScalar border[], PetscInt node, PetscInt component, double v) {
  border[node * LH_NODE_SYSTEM + component] += v;
}

/// Collector: lumped contact conductance on the diagonal of phi_s.
static PetscErrorCode CollectorFaces(LhElectrochem ec, PetscInt e, PetscScalar col[], PetscScalar row[], double *dI) {
  const LhEcFaces *f = &ec->faces[e];
  const double     g = 1 / ec->spec.electrodes[e].contact_resistance;

  PetscFunctionBegin;
  if (ec->spec.electrodes[e].kind == LH_ELECTRODE_UNIFORM) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < f->num_faces * ec->npf; i++) {
    const double w = f->weight[i / ec->npf][i % ec->npf] * g;

    PetscCall(LhAssemblerAddDiagonal(ec->assembler, f->nodes[i], LH_PHI_S, w * ec->thermal));
    if (e != LH_WORKING) continue;
    AddBorder(col, f->nodes[i], LH_PHI_S, -w);
    AddBorder(row, f->nodes[i], LH_PHI_S, -w * ec->thermal);
    *dI += w;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Lithium face: dj = gain b_j + slope (dV - dphi_e) + slope_c dlnc.
static PetscErrorCode LithiumFaces(LhElectrochem ec, PetscInt e, double V, const PetscScalar y[], PetscScalar col[],
                                   PetscScalar row[], double *dI) {
  LhEcFaces   *f = &ec->faces[e];
  const double R = LhInterfaceFilmResistance(&ec->spec.electrodes[e].interface, ec->spec.temperature) +
                   ec->spec.electrodes[e].interface.contact_resistance;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < f->num_faces; i++) {
    const PetscInt *nodes = f->nodes + i * ec->npf;
    const double   *w     = f->weight[i];
    double          phi = 0, lnc = 0, s, K[12 * 12];
    LhEcFaceRate    rate;

    PetscCall(PetscArrayzero(K, 12 * 12));
    for (PetscInt a = 0; a < ec->npf; a++) {
      phi += w[a] / f->area[i] * ec->y_local[nodes[a] * LH_NODE_STATE + LH_PHI_E];
      lnc += w[a] / f->area[i] * ec->y_local[nodes[a] * LH_NODE_STATE + LH_LNC];
    }
    rate = LhEcFaceKinetics(&ec->spec, &ec->spec.electrodes[e], V - phi, lnc, y[f->offset + i]);
    s    = rate.slope;
    f->gain[i]          = 1 / (1 + s * R);
    f->slope[3 * i]     = s * f->gain[i];
    f->slope[3 * i + 1] = -f->slope[3 * i];
    f->slope[3 * i + 2] = rate.slope_lnc * f->gain[i];
    for (PetscInt a = 0; a < ec->npf; a++) {
      for (PetscInt b = 0; b < ec->npf; b++) {
        for (int j = 1; j < LH_NODE_SYSTEM; j++) {
          const double k = -w[a] * f->slope[3 * i + j] * w[b] / f->area[i] * (j == LH_LNC ? 1 : ec->thermal);

          K[ROW(a, LH_PHI_E) * ec->npf * LH_NODE_SYSTEM + ROW(b, j)] = k;
          K[ROW(a, LH_LNC) * ec->npf * LH_NODE_SYSTEM + ROW(b, j)]   = ec->salt_mix * k;
        }
      }
      if (e != LH_WORKING) continue;
      AddBorder(col, nodes[a], LH_PHI_E, -w[a] * f->slope[3 * i]);
      AddBorder(col, nodes[a], LH_LNC, -ec->salt_mix * w[a] * f->slope[3 * i]);
      AddBorder(row, nodes[a], LH_PHI_E, f->slope[3 * i + 1] * w[a] * ec->thermal);
      AddBorder(row, nodes[a], LH_LNC, f->slope[3 * i + 2] * w[a]);
    }
    if (e == LH_WORKING) *dI += f->slope[3 * i] * f->area[i];
    PetscCall(LhAssemblerAddNodes(ec->assembler, ec->npf, nodes, K));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Sums a border over ranks into its column.
static PetscErrorCode StoreBorder(LhElectrochem ec, const PetscScalar local[], Mat border) {
  PetscScalar *a;
  PetscInt     n;

  PetscFunctionBegin;
  PetscCall(MatGetLocalSize(border, &n, NULL));
  PetscCall(MatDenseGetColumn(border, 0, &a));
  PetscCall(PetscArrayzero(a, n));
  PetscCall(LhSpaceScatterAdd(ec->space, LH_NODE_SYSTEM, local, a));
  PetscCall(MatDenseRestoreColumn(border, &a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Faces(LhElectrochem ec, const PetscReal s[], const PetscScalar y[]) {
  const LhSpaceView *space;
  double             dI  = 0;
  PetscScalar       *col = ec->x_local, *row = ec->r_local;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(PetscArrayzero(col, space->num_nodes * LH_NODE_SYSTEM));
  PetscCall(PetscArrayzero(row, space->num_nodes * LH_NODE_SYSTEM));
  for (PetscInt e = 0; e < LH_NUM_ELECTRODES; e++) {
    if (ec->spec.electrodes[e].kind == LH_ELECTRODE_LITHIUM) {
      PetscCall(LithiumFaces(ec, e, e == LH_WORKING ? s[LH_VOLTAGE] : 0, y, col, row, &dI));
    } else {
      PetscCall(CollectorFaces(ec, e, col, row, &dI));
    }
  }
  PetscCall(StoreBorder(ec, col, ec->border_col));
  PetscCall(StoreBorder(ec, row, ec->border_row));
  PetscCallMPI(MPI_Allreduce(&dI, &ec->dI_dV, 1, MPIU_REAL, MPI_SUM, PetscObjectComm((PetscObject)ec->matrix)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Pore volumes per owned node of this state, for the salt contents' back-substitution.
static PetscErrorCode StorePores(LhElectrochem ec, PetscReal t, const PetscScalar y[], const PetscScalar ydot[]) {
  const LhSpaceView *space;
  const LhBatch     *list;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  PetscCall(PetscArrayzero(ec->r_local, space->num_nodes * 2));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];
    double           u[LH_MAX_CELL_NODES * LH_NODE_STATE][LH_BATCH], p[LH_MAX_CELL_NODES * 2][LH_BATCH];
    LhEcCoefficients c;

    LhBatchGather(&list[i], ec->npc, LH_NODE_STATE, ec->y_local, u);
    {
      const LhEcUnknowns at = {t, ec->cj, (const double(*)[LH_BATCH])u, (const double(*)[LH_BATCH])(y + b->offset),
                               (const double(*)[LH_BATCH])(ydot + b->offset)};

      LhEcCoefficientsEvaluate(ec, b, &at, &c);
    }
    for (PetscInt a = 0; a < ec->npc; a++) {
      LH_LANES(l) {
        p[2 * a][l]     = b->weight[a][l] * c.pore[l];
        p[2 * a + 1][l] = b->weight[a][l] * c.pore_rate[l];
      }
    }
    LhBatchAdd(&list[i], ec->npc, 2, (const double(*)[LH_BATCH])p, ec->r_local);
  }
  PetscCall(PetscArrayzero(ec->pore, space->num_owned * 2));
  PetscCall(LhSpaceScatterAdd(ec->space, 2, ec->r_local, ec->pore));
  for (PetscInt n = 0; n < space->num_owned; n++) {
    const double conc = exp(y[n * LH_NODE_STATE + LH_LNC]);

    ec->pore[2 * n] *= conc;      // dm/dlnc = P c
    ec->pore[2 * n + 1] = conc;   // dm/dP = c
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The images of the constant modes and the inverse of their 3x3 matrix.
static PetscErrorCode CloseModes(LhElectrochem ec, Mat op) {
  PetscScalar M[LH_NODE_SYSTEM][LH_NODE_SYSTEM];

  PetscFunctionBegin;
  for (int j = 0; j < LH_NODE_SYSTEM; j++) {
    PetscCall(MatMult(op, ec->mode[j], ec->image[j]));
    for (int i = 0; i < LH_NODE_SYSTEM; i++) PetscCall(VecDot(ec->image[j], ec->mode[i], &M[i][j]));
  }
  for (int i = 0; i < LH_NODE_SYSTEM; i++) {
    const int i1 = (i + 1) % 3, i2 = (i + 2) % 3;

    for (int j = 0; j < LH_NODE_SYSTEM; j++) {
      const int j1 = (j + 1) % 3, j2 = (j + 2) % 3;

      ec->mode_inverse[j][i] = M[i1][j1] * M[i2][j2] - M[i1][j2] * M[i2][j1];
    }
  }
  {
    const double det = M[0][0] * ec->mode_inverse[0][0] + M[0][1] * ec->mode_inverse[1][0] + M[0][2] * ec->mode_inverse[2][0];

    for (int i = 0; i < LH_NODE_SYSTEM; i++) {
      for (int j = 0; j < LH_NODE_SYSTEM; j++) ec->mode_inverse[i][j] = det != 0 ? ec->mode_inverse[i][j] / det : 0;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemGetOperators(LhElectrochem ec, Mat *op, Mat *pmat) {
  PetscFunctionBegin;
  if (!ec->lrc) PetscCall(MatCreateLRC(ec->matrix, ec->border_col, ec->border_weight, ec->border_row, &ec->lrc));
  *pmat = ec->matrix;
  *op   = ec->control.kind == LH_CONTROL_CURRENT && ec->dI_dV > 0 ? ec->lrc : ec->matrix;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemJacobian(LhElectrochem ec, PetscReal t, PetscReal cj, Vec y, Vec ydot) {
  const PetscScalar *a, *d;
  const LhSpaceView *space;
  PetscReal          s[LH_NUM_SCALARS];
  Mat                op = NULL, pmat = NULL;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  ec->cj = cj;
  PetscCall(VecGetArrayRead(y, &a));
  PetscCall(VecGetArrayRead(ydot, &d));
  PetscCall(LhEcBroadcastScalars(ec, a, s));
  PetscCall(LhSpaceGather(ec->space, LH_NODE_STATE, a, ec->y_local));
  PetscCall(LhAssemblerBegin(ec->assembler));
  PetscCall(Cells(ec, t, a, d));
  PetscCall(Faces(ec, s, a));
  for (PetscInt n = 0; n < space->num_owned; n++) {
    if (!ec->has_solid[n]) PetscCall(LhAssemblerAddDiagonal(ec->assembler, n, LH_PHI_S, ec->thermal));
  }
  PetscCall(LhAssemblerEnd(ec->assembler, ec->matrix));
  PetscCall(StorePores(ec, t, a, d));
  PetscCall(VecRestoreArrayRead(ydot, &d));
  PetscCall(VecRestoreArrayRead(y, &a));
  PetscCall(VecSet(ec->border_weight, ec->dI_dV > 0 ? -1 / ec->dI_dV : 0));
  PetscCall(LhElectrochemGetOperators(ec, &op, &pmat));
  PetscCall(CloseModes(ec, op));
  PetscFunctionReturn(PETSC_SUCCESS);
}
