/// @file
/// The condensed matrix of dF/dy + cj dF/dydot.
///
/// Cell unknowns see only their cell's means, so D^-1 (dense, per cell) removes them exactly; the salt
/// contents and the lithium faces are removed by hand; the terminal voltage becomes a rank-one term.
/// Potentials are in units of RT/F and the salt row in units of charge, so the blocks are of one size.
/// A multiple of the liquid charge row is added to the salt row: with a constant transference number
/// that takes the potential out of the salt balance, which the preconditioner likes.
#include "laws/exponential.h"
#include "physics/electrochem_network.h"

#define ROW(a, i) ((a)*LH_NODE_SYSTEM + (i))

/// Gauss-Jordan without pivoting: the order of the unknowns makes every pivot positive.
static void Invert(PetscInt n, double (*D)[LH_CELL_MAX][LH_BATCH], double (*inv)[LH_BATCH]) {
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt j = 0; j < n; j++) LH_LANES(l) inv[i * n + j][l] = i == j;
  }
  for (PetscInt p = 0; p < n; p++) {
    double pivot[LH_BATCH];

    LH_LANES(l) pivot[l] = 1 / D[p][p][l];
    for (PetscInt j = 0; j < n; j++) {
      LH_LANES(l) {
        D[p][j][l] *= pivot[l];
        inv[p * n + j][l] *= pivot[l];
      }
    }
    for (PetscInt i = 0; i < n; i++) {
      double f[LH_BATCH];

      if (i == p) continue;
      LH_LANES(l) f[l] = D[i][p][l];
      for (PetscInt j = 0; j < n; j++) {
        LH_LANES(l) {
          D[i][j][l] -= f[l] * D[p][j][l];
          inv[i * n + j][l] -= f[l] * inv[p * n + j][l];
        }
      }
    }
  }
}

/// X = -D^-1 E.
static void Respond(PetscInt n, const double (*inv)[LH_BATCH],
                    const double (*E)[LH_NODE_SYSTEM][LH_BATCH], double (*X)[LH_BATCH]) {
  for (PetscInt i = 0; i < n; i++) {
    for (int j = 0; j < LH_NODE_SYSTEM; j++) {
      LH_LANES(l) X[i * LH_NODE_SYSTEM + j][l] = 0;
      for (PetscInt m = 0; m < n; m++)
        LH_LANES(l) X[i * LH_NODE_SYSTEM + j][l] -= inv[i * n + m][l] * E[m][j][l];
    }
  }
}

/// S_ab of the element from its pairs: stiffness[pair] off the diagonal, minus the row sum on it.
static void ExpandStiffness(const LhEcBatch *b, PetscInt npc,
                            double (*S)[LH_MAX_CELL_NODES][LH_BATCH]) {
  PetscInt pair = 0;

  for (PetscInt a = 0; a < npc; a++) LH_LANES(l) S[a][a][l] = 0;
  for (PetscInt a = 0; a < npc; a++) {
    for (PetscInt c = a + 1; c < npc; c++, pair++) {
      LH_LANES(l) {
        S[a][c][l] = S[c][a][l] = b->shape->stiffness[pair][l];
        S[a][a][l] -= b->shape->stiffness[pair][l];
        S[c][c][l] -= b->shape->stiffness[pair][l];
      }
    }
  }
}

typedef struct {
  double S[LH_MAX_CELL_NODES][LH_MAX_CELL_NODES][LH_BATCH];
  double s[LH_NODE_SYSTEM][LH_MAX_CELL_NODES][LH_BATCH];  ///< S times phi_s, phi_e, ln c
  double T[LH_MAX_SYSTEM][LH_NODE_SYSTEM][LH_BATCH];  ///< response of the rows to the cell means
} Element;

/// Rows' response to N_k through porosity and conductivity.
static void ContentColumns(const LhEcBatch *b, PetscInt npc, const LhEcCoefficients *c,
                           const Element *e, LhEcCondensed *out) {
  for (PetscInt k = 0; k < b->num_reactions; k++) {
    const double V = b->material->reactions[k].molar_volume;
    double(*column)[LH_BATCH] = out->column + k * npc * LH_NODE_SYSTEM;

    for (PetscInt a = 0; a < npc; a++) {
      LH_LANES(l) {
        const double deps = -V * c->porosity[l] / c->pore[l];  // d eps / d N_k = -V_k / J
        const double liquid =
            deps * (c->dkappa_e[l] * e->s[LH_PHI_E][a][l] - c->dkd_e[l] * e->s[LH_LNC][a][l]);

        column[ROW(a, LH_PHI_S)][l] = c->dsigma[k][l] * e->s[LH_PHI_S][a][l];
        column[ROW(a, LH_PHI_E)][l] = liquid;
        column[ROW(a, LH_LNC)][l] = deps * c->ddc_e[l] * e->s[LH_LNC][a][l] - c->tm[l] * liquid;
      }
    }
  }
}

/// Response of the rows to the cell means: coefficients of ln c, and the condensed cell unknowns.
static void MeanResponse(const LhEcBatch *b, PetscInt npc, const LhEcCoefficients *c,
                         const LhEcCondensed *x, Element *e) {
  for (PetscInt a = 0; a < npc; a++) {
    for (int j = 0; j < LH_NODE_SYSTEM; j++) {
      for (int i = 0; i < LH_NODE_SYSTEM; i++) LH_LANES(l) e->T[ROW(a, i)][j][l] = 0;
      for (PetscInt k = 0; k < b->num_reactions; k++) {
        const double *q = x->response[ROW(k * LH_CELL_STATE + LH_CURRENT, j)];
        const double *N = x->response[ROW(k * LH_CELL_STATE + LH_CONTENT, j)];
        double(*column)[LH_BATCH] = x->column + k * npc * LH_NODE_SYSTEM;

        LH_LANES(l) {
          e->T[ROW(a, LH_PHI_S)][j][l] +=
              b->shape->weight[a][l] * q[l] + column[ROW(a, LH_PHI_S)][l] * N[l];
          e->T[ROW(a, LH_PHI_E)][j][l] +=
              column[ROW(a, LH_PHI_E)][l] * N[l] - b->shape->weight[a][l] * q[l];
          e->T[ROW(a, LH_LNC)][j][l] += column[ROW(a, LH_LNC)][l] * N[l];
        }
      }
    }
    LH_LANES(l) {
      const double liquid = c->kappa[l] * e->s[LH_PHI_E][a][l] - c->kd[l] * e->s[LH_LNC][a][l];
      const double dliquid =
          c->dkappa_c[l] * e->s[LH_PHI_E][a][l] - c->dkd_c[l] * e->s[LH_LNC][a][l];

      e->T[ROW(a, LH_PHI_E)][LH_LNC][l] += dliquid;
      e->T[ROW(a, LH_LNC)][LH_LNC][l] +=
          c->ddc_c[l] * e->s[LH_LNC][a][l] - c->tm[l] * dliquid - c->dtm_c[l] * liquid;
    }
  }
}

/// Potentials in units of RT/F, the salt row in units of charge and mixed with the liquid charge row.
static void ScaleResponse(LhElectrochem ec, Element *e) {
  for (PetscInt a = 0; a < ec->npc; a++) {
    for (int j = 0; j < LH_NODE_SYSTEM; j++) {
      const double scale = j == LH_LNC ? 1 : ec->thermal, mix = ec->salt_mix;
      double *s = e->T[ROW(a, LH_PHI_S)][j], *q = e->T[ROW(a, LH_PHI_E)][j],
             *c = e->T[ROW(a, LH_LNC)][j];

      LH_LANES(l) {
        c[l] = (LH_FARADAY * c[l] + mix * q[l]) * scale;
        s[l] *= scale;
        q[l] *= scale;
      }
    }
  }
}

/// Storage of salt by ln c at the nodes, in units of charge.
static void Storage(LhElectrochem ec, const LhEcBatch *b, const double (*u)[LH_BATCH],
                    const LhEcCoefficients *c, double (*storage)[LH_BATCH]) {
  for (PetscInt a = 0; a < ec->npc; a++) {
    const double *lnc = u[a * LH_NODE_STATE + LH_LNC];

    LH_LANES(l) {
      storage[a][l] = LH_FARADAY * b->shape->weight[a][l] *
                      (ec->cj * c->pore[l] - c->pore_rate[l]) * LhExp(lnc[l]);
    }
  }
}

/// Element matrix K[ROW(a,i) * n + ROW(d,j)][lane] = T w + coefficient S, with storage on the diagonal.
static void ElementMatrix(LhElectrochem ec, const LhEcBatch *b, const LhEcCoefficients *c,
                          const Element *e, const double (*storage)[LH_BATCH],
                          double (*K)[LH_BATCH]) {
  const PetscInt n = ec->npc * LH_NODE_SYSTEM;
  const double mix = ec->salt_mix, th = ec->thermal;
  double ss[LH_BATCH], ee[LH_BATCH], lc[LH_BATCH], ce[LH_BATCH], cc[LH_BATCH],
      w[LH_MAX_CELL_NODES][LH_BATCH];

  LH_LANES(l) {
    ss[l] = th * c->sigma[l];
    ee[l] = th * (c->kappa[l] + c->bridge[l]);
    lc[l] = -c->kd[l];
    ce[l] = mix * ee[l] - th * LH_FARADAY * c->tm[l] * c->kappa[l];
    cc[l] = LH_FARADAY * (c->dc[l] + c->tm[l] * c->kd[l]) - mix * c->kd[l];
  }
  for (PetscInt d = 0; d < ec->npc; d++)
    LH_LANES(l) w[d][l] = b->shape->weight[d][l] / b->shape->volume[l];
  for (PetscInt a = 0; a < ec->npc; a++) {
    const double(*ts)[LH_BATCH] = e->T[ROW(a, LH_PHI_S)];
    const double(*te)[LH_BATCH] = e->T[ROW(a, LH_PHI_E)];
    const double(*tc)[LH_BATCH] = e->T[ROW(a, LH_LNC)];

    for (PetscInt d = 0; d < ec->npc; d++) {
      double(*restrict ks)[LH_BATCH] = K + ROW(a, LH_PHI_S) * n + ROW(d, 0);
      double(*restrict ke)[LH_BATCH] = K + ROW(a, LH_PHI_E) * n + ROW(d, 0);
      double(*restrict kc)[LH_BATCH] = K + ROW(a, LH_LNC) * n + ROW(d, 0);
      const double *restrict S = e->S[a][d];

      LH_LANES(l) {
        ks[LH_PHI_S][l] = ts[LH_PHI_S][l] * w[d][l] + ss[l] * S[l];
        ks[LH_PHI_E][l] = ts[LH_PHI_E][l] * w[d][l];
        ks[LH_LNC][l] = ts[LH_LNC][l] * w[d][l];
        ke[LH_PHI_S][l] = te[LH_PHI_S][l] * w[d][l];
        ke[LH_PHI_E][l] = te[LH_PHI_E][l] * w[d][l] + ee[l] * S[l];
        ke[LH_LNC][l] = te[LH_LNC][l] * w[d][l] + lc[l] * S[l];
        kc[LH_PHI_S][l] = tc[LH_PHI_S][l] * w[d][l];
        kc[LH_PHI_E][l] = tc[LH_PHI_E][l] * w[d][l] + ce[l] * S[l];
        kc[LH_LNC][l] = tc[LH_LNC][l] * w[d][l] + cc[l] * S[l];
      }
    }
    LH_LANES(l) K[ROW(a, LH_LNC) * n + ROW(a, LH_LNC)][l] += storage[a][l];
  }
}

/// Sums of the element matrix over the rows of each kind: the stiffness has none.
static void ElementSums(LhElectrochem ec, const LhEcBatch *b, const Element *e,
                        const double (*storage)[LH_BATCH], double (*G)[LH_BATCH]) {
  for (int i = 0; i < LH_NODE_SYSTEM; i++) {
    for (int j = 0; j < LH_NODE_SYSTEM; j++) {
      double sum[LH_BATCH];

      LH_LANES(l) sum[l] = 0;
      for (PetscInt a = 0; a < ec->npc; a++) LH_LANES(l) sum[l] += e->T[ROW(a, i)][j][l];
      for (PetscInt d = 0; d < ec->npc; d++) {
        LH_LANES(l)
        G[d * LH_SUMS + ROW(i, j)][l] = sum[l] * b->shape->weight[d][l] / b->shape->volume[l];
      }
    }
  }
  for (PetscInt d = 0; d < ec->npc; d++) {
    LH_LANES(l) G[d * LH_SUMS + ROW(LH_LNC, LH_LNC)][l] += storage[d][l];
  }
}

/// Sums of each row of the element matrix by kind of column: again without the stiffness.
static void ElementRowSums(LhElectrochem ec, const Element *e, const double (*storage)[LH_BATCH],
                           double (*G)[LH_BATCH]) {
  for (PetscInt k = 0; k < ec->npc * LH_SUMS; k++)
    LH_LANES(l) G[k][l] = e->T[k / LH_NODE_SYSTEM][k % LH_NODE_SYSTEM][l];
  for (PetscInt a = 0; a < ec->npc; a++)
    LH_LANES(l) G[a * LH_SUMS + ROW(LH_LNC, LH_LNC)][l] += storage[a][l];
}

/// Condenses the cell unknowns of one batch and keeps what back-substitution needs; `e` gets S, s, T.
static void CondenseBatch(LhElectrochem ec, PetscInt i, const LhEcUnknowns *at,
                          const LhEcCoefficients *c, Element *e) {
  const LhEcBatch *b = &ec->batch[i];
  LhEcCondensed *x = &ec->condensed[i];
  const PetscInt n = b->num_reactions * LH_CELL_STATE;
  LhEcCell cell;

  ExpandStiffness(b, ec->npc, e->S);
  for (int j = 0; j < LH_NODE_SYSTEM; j++)
    LhEcStiffnessApply(b, ec->npc, at->u + j, LH_NODE_STATE, e->s[j]);
  if (n) {
    LhEcCellEvaluate(ec, b, at, c, PETSC_TRUE, &cell);
    Invert(n, cell.D, x->inverse);
    Respond(n, (const double(*)[LH_BATCH])x->inverse,
            (const double(*)[LH_NODE_SYSTEM][LH_BATCH])cell.E, x->response);
    ContentColumns(b, ec->npc, c, e, x);
  }
  MeanResponse(b, ec->npc, c, x, e);
  ScaleResponse(ec, e);
}

/// Pore volumes of one batch, for the salt contents' back-substitution, into r_local.
static void AddPores(LhElectrochem ec, const LhBatch *list, const LhEcBatch *b,
                     const LhEcCoefficients *c) {
  double p[LH_MAX_CELL_NODES][LH_BATCH];

  for (PetscInt a = 0; a < ec->npc; a++) LH_LANES(l) p[a][l] = b->shape->weight[a][l] * c->pore[l];
  LhBatchAdd(list, ec->npc, 1, (const double(*)[LH_BATCH])p, ec->r_local);
}

static PetscErrorCode Cells(LhElectrochem ec, PetscReal t, const PetscScalar y[],
                            const PetscScalar ydot[]) {
  const LhBatch *list;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];
    double u[LH_MAX_CELL_NODES * LH_NODE_STATE][LH_BATCH], storage[LH_MAX_CELL_NODES][LH_BATCH];
    double K[LH_MAX_SYSTEM * LH_MAX_SYSTEM][LH_BATCH], G[LH_MAX_CELL_NODES * LH_SUMS][LH_BATCH];
    const LhEcUnknowns at = {t, ec->cj, (const double(*)[LH_BATCH])u,
                             (const double(*)[LH_BATCH])(y + b->offset),
                             (const double(*)[LH_BATCH])(ydot + b->offset)};
    LhEcCoefficients c;
    Element e;

    LhBatchGather(&list[i], ec->npc, LH_NODE_STATE, ec->y_local, u);
    LhEcCoefficientsEvaluate(ec, b, &at, &c);
    CondenseBatch(ec, i, &at, &c, &e);
    Storage(ec, b, at.u, &c, storage);
    ElementMatrix(ec, b, &c, &e, (const double(*)[LH_BATCH])storage, K);
    PetscCall(LhAssemblerAddBatch(ec->assembler, i, (const double(*)[LH_BATCH])K));
    ElementSums(ec, b, &e, (const double(*)[LH_BATCH])storage, G);
    LhBatchAdd(&list[i], ec->npc, LH_SUMS, (const double(*)[LH_BATCH])G, ec->sum_local);
    if (ec->is_single) {
      ElementRowSums(ec, &e, (const double(*)[LH_BATCH])storage, G);
      LhBatchAdd(&list[i], ec->npc, LH_SUMS, (const double(*)[LH_BATCH])G, ec->row_local);
    }
    AddPores(ec, &list[i], b, &c);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Adds v to entry (node, component) of a local border array.
static void AddBorder(PetscScalar border[], PetscInt node, PetscInt component, double v) {
  border[node * LH_NODE_SYSTEM + component] += v;
}

/// Adds v, of row (row, i) and column (column, j) of a face, to the sums by column and by row.
static void AddSums(LhElectrochem ec, PetscInt row, int i, PetscInt column, int j, double v) {
  ec->sum_local[column * LH_SUMS + ROW(i, j)] += v;
  if (ec->is_single) ec->row_local[row * LH_SUMS + ROW(i, j)] += v;
}

/// Collector: lumped contact conductance on the diagonal of phi_s.
static PetscErrorCode CollectorFaces(LhElectrochem ec, PetscInt e, PetscScalar col[],
                                     PetscScalar row[], double *dI) {
  const LhEcFaces *f = &ec->faces[e];
  const double g = 1 / ec->spec.electrodes[e].contact_resistance;

  PetscFunctionBegin;
  if (ec->spec.electrodes[e].kind == LH_ELECTRODE_UNIFORM) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < f->num_faces * ec->npf; i++) {
    const double w = f->weight[i / ec->npf][i % ec->npf] * g;

    PetscCall(LhAssemblerAddDiagonal(ec->assembler, f->nodes[i], LH_PHI_S, w * ec->thermal));
    AddSums(ec, f->nodes[i], LH_PHI_S, f->nodes[i], LH_PHI_S, w * ec->thermal);
    if (e != LH_WORKING) continue;
    AddBorder(col, f->nodes[i], LH_PHI_S, -w);
    AddBorder(row, f->nodes[i], LH_PHI_S, -w * ec->thermal);
    *dI += w;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Lithium face: dj = gain b_j + slope (dV - dphi_e) + slope_c dlnc.
static PetscErrorCode LithiumFaces(LhElectrochem ec, PetscInt e, double V, const PetscScalar y[],
                                   PetscScalar col[], PetscScalar row[], double *dI) {
  LhEcFaces *f = &ec->faces[e];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < f->num_faces; i++) {
    const PetscInt *nodes = f->nodes + i * ec->npf;
    const double *w = f->weight[i];
    double phi = 0, lnc = 0, K[12 * 12];
    LhEcFaceRow face;

    PetscCall(PetscArrayzero(K, 12 * 12));
    for (PetscInt a = 0; a < ec->npf; a++) {
      phi += w[a] / f->area[i] * ec->y_local[nodes[a] * LH_NODE_STATE + LH_PHI_E];
      lnc += w[a] / f->area[i] * ec->y_local[nodes[a] * LH_NODE_STATE + LH_LNC];
    }
    face = LhEcFaceKinetics(&ec->spec, &ec->spec.electrodes[e], V - phi, lnc, y[f->offset + i]);
    f->gain[i] = 1 / face.by_j;
    f->slope[3 * i] = -face.by_drop * f->gain[i];
    f->slope[3 * i + 1] = -f->slope[3 * i];
    f->slope[3 * i + 2] = -face.by_lnc * f->gain[i];
    for (PetscInt a = 0; a < ec->npf; a++) {
      for (PetscInt b = 0; b < ec->npf; b++) {
        for (int j = 1; j < LH_NODE_SYSTEM; j++) {
          const double k =
              -w[a] * f->slope[3 * i + j] * w[b] / f->area[i] * (j == LH_LNC ? 1 : ec->thermal);

          K[ROW(a, LH_PHI_E) * ec->npf * LH_NODE_SYSTEM + ROW(b, j)] = k;
          K[ROW(a, LH_LNC) * ec->npf * LH_NODE_SYSTEM + ROW(b, j)] = ec->salt_mix * k;
          AddSums(ec, nodes[a], LH_PHI_E, nodes[b], j, k);
          AddSums(ec, nodes[a], LH_LNC, nodes[b], j, ec->salt_mix * k);
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
  PetscInt n;

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
  double dI = 0;
  PetscScalar *col = ec->x_local, *row = ec->r_local;

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
  PetscCallMPI(MPI_Allreduce(&dI, &ec->dI_dV, 1, MPIU_REAL, MPI_SUM, ec->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// dm/dlnc = P c and dm/dP = c per owned node, for the salt contents' back-substitution.
static PetscErrorCode StorePores(LhElectrochem ec, PetscInt num_owned, const PetscScalar y[]) {
  PetscFunctionBegin;
  PetscCall(LhSpaceSumGhosts(ec->space, 1, ec->r_local));
  for (PetscInt n = 0; n < num_owned; n++) {
    const double conc = LhExp(y[n * LH_NODE_STATE + LH_LNC]);

    ec->pore[2 * n] = ec->r_local[n] * conc;
    ec->pore[2 * n + 1] = conc;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The sums of the rows with the terminal's rank-one term.
static PetscErrorCode StoreSums(LhElectrochem ec, PetscInt num_owned) {
  PetscScalar through[LH_NODE_SYSTEM] = {0};
  Vec col, row;

  PetscFunctionBegin;
  PetscCall(LhSpaceSumGhosts(ec->space, LH_SUMS, ec->sum_local));
  for (int i = 0; i < LH_NODE_SYSTEM; i++) {
    PetscScalar *sum;

    PetscCall(VecGetArrayWrite(ec->balance[i], &sum));
    for (PetscInt k = 0; k < num_owned * LH_NODE_SYSTEM; k++) {
      sum[k] = ec->sum_local[k / LH_NODE_SYSTEM * LH_SUMS + ROW(i, k % LH_NODE_SYSTEM)];
    }
    PetscCall(VecRestoreArrayWrite(ec->balance[i], &sum));
  }
  if (ec->control.kind != LH_CONTROL_CURRENT || ec->dI_dV <= 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(MatDenseGetColumnVecRead(ec->border_col, 0, &col));
  PetscCall(LhEcSumModes(ec, col, through));
  PetscCall(MatDenseRestoreColumnVecRead(ec->border_col, 0, &col));
  PetscCall(MatDenseGetColumnVecRead(ec->border_row, 0, &row));
  for (int i = 0; i < LH_NODE_SYSTEM; i++)
    PetscCall(VecAXPY(ec->balance[i], -through[i] / ec->dI_dV, row));
  PetscCall(MatDenseRestoreColumnVecRead(ec->border_row, 0, &row));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Z^T A Z and its inverse, zero when singular.
static PetscErrorCode CloseModes(LhElectrochem ec) {
  double(*M)[LH_NODE_SYSTEM] = ec->mode_matrix;
  double det = 0;

  PetscFunctionBegin;
  for (int i = 0; i < LH_NODE_SYSTEM; i++) PetscCall(LhEcSumModes(ec, ec->balance[i], M[i]));
  for (int i = 0; i < LH_NODE_SYSTEM; i++) {
    const int i1 = (i + 1) % 3, i2 = (i + 2) % 3;

    for (int j = 0; j < LH_NODE_SYSTEM; j++) {
      const int j1 = (j + 1) % 3, j2 = (j + 2) % 3;

      ec->mode_inverse[j][i] = M[i1][j1] * M[i2][j2] - M[i1][j2] * M[i2][j1];
    }
  }
  for (int j = 0; j < LH_NODE_SYSTEM; j++) det += M[0][j] * ec->mode_inverse[j][0];
  for (int i = 0; i < LH_NODE_SYSTEM; i++) {
    for (int j = 0; j < LH_NODE_SYSTEM; j++)
      ec->mode_inverse[i][j] = det != 0 ? ec->mode_inverse[i][j] / det : 0;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemJacobian(LhElectrochem ec, PetscReal t, PetscReal cj, Vec y, Vec ydot) {
  const PetscScalar *a, *d;
  const LhSpaceView *space;
  PetscReal s[LH_NUM_SCALARS];

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  ec->cj = cj;
  PetscCall(VecGetArrayRead(y, &a));
  PetscCall(VecGetArrayRead(ydot, &d));
  PetscCall(LhEcBroadcastScalars(ec, a, s));
  PetscCall(LhSpaceGather(ec->space, LH_NODE_STATE, a, ec->y_local));
  PetscCall(LhElectrochemHoldMatrix(ec, NULL));
  PetscCall(LhAssemblerBegin(ec->assembler));
  if (ec->is_single) PetscCall(PetscArrayzero(ec->row_local, space->num_nodes * LH_SUMS));
  PetscCall(PetscArrayzero(ec->sum_local, space->num_nodes * LH_SUMS));
  PetscCall(PetscArrayzero(ec->r_local, space->num_nodes));
  PetscCall(Cells(ec, t, a, d));
  PetscCall(StorePores(ec, space->num_owned, a));
  PetscCall(Faces(ec, s, a));
  for (PetscInt n = 0; n < space->num_owned; n++) {
    if (!ec->has_solid[n])
      PetscCall(LhAssemblerAddDiagonal(ec->assembler, n, LH_PHI_S, ec->thermal));
  }
  PetscCall(LhAssemblerEnd(ec->assembler, ec->matrix));
  PetscCall(VecRestoreArrayRead(ydot, &d));
  PetscCall(VecRestoreArrayRead(y, &a));
  PetscCall(VecSet(ec->border_weight, ec->dI_dV > 0 ? -1 / ec->dI_dV : 0));
  PetscCall(StoreSums(ec, space->num_owned));
  PetscCall(LhEcStoreRowSums(ec, space->num_owned));
  PetscCall(CloseModes(ec));
  PetscFunctionReturn(PETSC_SUCCESS);
}
