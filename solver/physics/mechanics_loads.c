/// @file
/// Loads and supports of a mechanics problem: supported unknowns, external forces, the rigid platen.
///
/// Dead loads are a value times a unit load vector found once; only follower pressure integrates anew.
#include <math.h>

#include "physics/mechanics_private.h"

PetscErrorCode LhMechanicsAddLoad(LhMechanics mech, const LhMechLoad *load, PetscInt *index) {
  PetscFunctionBeginUser;
  PetscCheck(!mech->is_set_up, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONGSTATE,
             "Loads are added before set-up");
  PetscCheck(mech->num_loads < LH_MECH_MAX_LOADS, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "More than %d loads", LH_MECH_MAX_LOADS);
  PetscCheck(load->component >= 0 && load->component < 3, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Component %" PetscInt_FMT " of a load", load->component);
  if (load->kind == LH_MECH_PLATEN) {
    PetscCheck(mech->platen.load < 0 && load->stiffness > 0., PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG,
               "A second platen, or one without stiffness");
    mech->platen.load = mech->num_loads;
  }
  mech->loads[mech->num_loads].load = *load;
  if (index) *index = mech->num_loads;
  mech->num_loads++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetLoad(LhMechanics mech, PetscInt index, double value) {
  PetscFunctionBeginUser;
  PetscCheck(index >= 0 && index < mech->num_loads, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "No load %" PetscInt_FMT, index);
  mech->loads[index].end = value;
  PetscFunctionReturn(PETSC_SUCCESS);
}

double LhMechanicsLoadValue(LhMechanics mech, PetscInt index) {
  const LhMechLoadSlot *slot = &mech->loads[index];

  return slot->start + mech->to * (slot->end - slot->start);
}

static void LoadShape(const LhMechLoad *load, const double X[3], double value[3]) {
  value[0] = value[1] = value[2] = 1.;
  if (load->shape) load->shape(X, load->context, value);
}

void LhMechanicsFaceCoords(LhMechanics mech, const PetscInt nodes[], PetscBool displaced,
                           double x[][3]) {
  for (PetscInt a = 0; a < mech->view->nodes_per_face; a++) {
    for (int c = 0; c < 3; c++) {
      x[a][c] = mech->view->coords[3 * nodes[a] + c] +
                (displaced ? PetscRealPart(mech->local_u[3 * nodes[a] + c]) : 0.);
    }
  }
}

PetscErrorCode LhMechanicsMarkSurface(LhMechanics mech, PetscInt surface, Vec marks) {
  PetscInt num_faces;
  const PetscInt *nodes;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(mech->local_w, 3 * mech->view->num_nodes));
  PetscCall(LhSpaceGetFaces(mech->space, surface, &num_faces, &nodes, NULL));
  for (PetscInt k = 0; k < num_faces * mech->view->nodes_per_face; k++) {
    for (int c = 0; c < 3; c++) mech->local_w[3 * nodes[k] + c] = 1.;
  }
  PetscCall(LhMechanicsScatter(mech, mech->local_w, marks));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Supported unknowns agree on all ranks: a node may lie on a surface with no face on its own rank.
static PetscErrorCode SetUpDisplacement(LhMechanics mech, PetscInt index) {
  const LhMechLoad *load = &mech->loads[index].load;
  const PetscScalar *marks;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsMarkSurface(mech, load->surface, mech->work_vec));
  PetscCall(VecGetArrayRead(mech->work_vec, &marks));
  PetscCall(LhSpaceGather(mech->space, 3, marks, mech->local_w));
  PetscCall(VecRestoreArrayRead(mech->work_vec, &marks));
  for (PetscInt a = 0; a < mech->view->num_nodes; a++) {
    const PetscInt d = 3 * a + load->component;
    double value[3];

    if (PetscRealPart(mech->local_w[d]) <= 0.) continue;
    LoadShape(load, mech->view->coords + 3 * a, value);
    mech->constraint[d] = index;
    mech->mask[d] = 1;
    mech->shape[d] = value[load->component];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Force per reference area times the area weight of one face point, for a load of value 1.
static void FaceTraction(const LhMechLoad *load, const double X[3], const double n[3],
                         double t[3]) {
  const double area = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
  double shape[3];

  LoadShape(load, X, shape);
  for (int c = 0; c < 3; c++) {
    const double along = c == load->component ? area : 0.;
    t[c] = shape[c] * (load->kind == LH_MECH_TRACTION ? along : -n[c]);
  }
}

static PetscErrorCode SetUpSurfaceLoad(LhMechanics mech, PetscInt index) {
  const LhMechLoad *load = &mech->loads[index].load;
  PetscScalar *unit = mech->loads[index].unit;
  PetscInt num_faces;
  const PetscInt *nodes;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetFaces(mech->space, load->surface, &num_faces, &nodes, NULL));
  for (PetscInt f = 0; f < num_faces; f++, nodes += mech->face->num_nodes) {
    double x[LH_ELEMENT_MAX_NODES][3];

    LhMechanicsFaceCoords(mech, nodes, PETSC_FALSE, x);
    for (PetscInt q = 0; q < mech->face->num_points; q++) {
      double n[3], t[3], X[3] = {0.};

      for (PetscInt k = 0; k < 3 * mech->face->num_nodes; k++)
        X[k % 3] += mech->face->N[q][k / 3] * x[k / 3][k % 3];
      LhFaceNormal(mech->face, q, (const double(*)[3])x, n);
      FaceTraction(load, X, n, t);
      for (PetscInt k = 0; k < 3 * mech->face->num_nodes; k++) {
        unit[3 * nodes[k / 3] + k % 3] += mech->face->N[q][k / 3] * t[k % 3];
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Adds int N_a b dV of one batch at point q of the fine rule to f.
static void AddBodyForce(const LhMechLoad *load, const LhElement *rule, PetscInt q, LhMechWork *w) {
  double grad[LH_MECH_MAX_DOFS][LH_BATCH], dv[LH_BATCH];

  LhElementGradients(rule, q, (const double(*)[LH_BATCH])w->x, grad, dv);
  for (int l = 0; l < LH_BATCH; l++) {
    double X[3] = {0.}, b[3];

    for (PetscInt k = 0; k < 3 * rule->num_nodes; k++) X[k % 3] += rule->N[q][k / 3] * w->x[k][l];
    LoadShape(load, X, b);
    for (PetscInt k = 0; k < 3 * rule->num_nodes; k++)
      w->f[k][l] += rule->N[q][k / 3] * b[k % 3] * dv[l];
  }
}

static PetscErrorCode SetUpBodyForce(LhMechanics mech, PetscInt index) {
  const LhElement *rule = LhElementGetFine(mech->element->kind);
  LhMechWork *w = mech->work;

  PetscFunctionBeginUser;
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    LhBatchGatherCoords(mech->space, &mech->batch[b], w->x);
    PetscCall(PetscArrayzero(&w->f[0][0], LH_MECH_MAX_DOFS * LH_BATCH));
    for (PetscInt q = 0; q < rule->num_points; q++)
      AddBodyForce(&mech->loads[index].load, rule, q, w);
    LhBatchAdd(&mech->batch[b], mech->view->nodes_per_cell, 3, (const double(*)[LH_BATCH])w->f,
               mech->loads[index].unit);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Area vector of a surface within the space, over all ranks.
static PetscErrorCode SurfaceNormal(LhMechanics mech, PetscInt surface, double normal[3]) {
  PetscInt num_faces;
  const PetscInt *nodes;

  PetscFunctionBeginUser;
  normal[0] = normal[1] = normal[2] = 0.;
  PetscCall(LhSpaceGetFaces(mech->space, surface, &num_faces, &nodes, NULL));
  for (PetscInt f = 0; f < num_faces; f++, nodes += mech->face->num_nodes) {
    double x[LH_ELEMENT_MAX_NODES][3], n[3];

    LhMechanicsFaceCoords(mech, nodes, PETSC_FALSE, x);
    for (PetscInt q = 0; q < mech->face->num_points; q++) {
      LhFaceNormal(mech->face, q, (const double(*)[3])x, n);
      for (int c = 0; c < 3; c++) normal[c] += n[c];
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, normal, 3, MPI_DOUBLE, MPI_SUM, mech->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetUpPlaten(LhMechanics mech, PetscInt index) {
  LhMechPlaten *platen = &mech->platen;
  double normal[3], area;
  PetscScalar *m, *column;

  PetscFunctionBeginUser;
  PetscCall(SurfaceNormal(mech, mech->loads[index].load.surface, normal));
  area = sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]);
  for (PetscInt c = 0; c < 3; c++) platen->axis = fabs(normal[c]) > .5 * area ? c : platen->axis;
  PetscCheck(area > 0. && fabs(normal[platen->axis]) > (1. - 1e-8) * area, mech->comm,
             PETSC_ERR_ARG_WRONG, "A platen needs a plane surface across a coordinate axis");
  platen->sign = normal[platen->axis] > 0. ? 1. : -1.;
  platen->area = area;
  platen->stiffness = mech->loads[index].load.stiffness;
  // The unit pressure load is -sign m on the axis.
  PetscCall(VecDuplicate(mech->u, &platen->m));
  PetscCall(LhMechanicsScatter(mech, mech->loads[index].unit, platen->m));
  PetscCall(VecScale(platen->m, -platen->sign));
  PetscCall(MatCreateDense(mech->comm, 3 * mech->view->num_owned, PETSC_DECIDE,
                           3 * mech->view->num_global, 1, NULL, &platen->column));
  PetscCall(VecGetArray(platen->m, &m));
  PetscCall(MatDenseGetColumn(platen->column, 0, &column));
  PetscCall(PetscArraycpy(column, m, 3 * mech->view->num_owned));
  PetscCall(MatDenseRestoreColumn(platen->column, &column));
  PetscCall(VecRestoreArray(platen->m, &m));
  PetscCall(MatAssemblyBegin(platen->column, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(platen->column, MAT_FINAL_ASSEMBLY));
  PetscCall(VecCreateSeq(PETSC_COMM_SELF, 1, &platen->factor));
  PetscCall(VecSet(platen->factor, -platen->stiffness / area));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSetUpLoads(LhMechanics mech) {
  const PetscInt n = 3 * mech->view->num_nodes;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &mech->constraint));
  PetscCall(PetscCalloc1(n, &mech->mask));
  PetscCall(PetscCalloc1(n, &mech->shape));
  for (PetscInt d = 0; d < n; d++) mech->constraint[d] = -1;
  for (PetscInt k = 0; k < mech->num_loads; k++) {
    const LhMechLoadKind kind = mech->loads[k].load.kind;

    if (kind == LH_MECH_DISPLACEMENT) PetscCall(SetUpDisplacement(mech, k));
    if (kind == LH_MECH_DISPLACEMENT || kind == LH_MECH_FOLLOWER) continue;
    PetscCall(PetscCalloc1(n, &mech->loads[k].unit));
    if (kind == LH_MECH_BODY)
      PetscCall(SetUpBodyForce(mech, k));
    else
      PetscCall(SetUpSurfaceLoad(mech, k));
    if (kind == LH_MECH_PLATEN) PetscCall(SetUpPlaten(mech, k));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsDestroyLoads(LhMechanics mech) {
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < mech->num_loads; k++) PetscCall(PetscFree(mech->loads[k].unit));
  PetscCall(PetscFree(mech->constraint));
  PetscCall(PetscFree(mech->mask));
  PetscCall(PetscFree(mech->shape));
  PetscCall(VecDestroy(&mech->platen.m));
  PetscCall(MatDestroy(&mech->platen.column));
  PetscCall(VecDestroy(&mech->platen.factor));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetLift(LhMechanics mech, Vec u, Vec lift, PetscBool *changed) {
  PetscScalar *g;
  const PetscReal *lower = mech->mesh_view->lower, *upper = mech->mesh_view->upper;
  const PetscReal still = 1e-12 * (upper[0] - lower[0] + upper[1] - lower[1] + upper[2] - lower[2]);
  const PetscScalar *x;
  int any = 0;

  PetscFunctionBeginUser;
  PetscCall(VecGetArray(lift, &g));
  PetscCall(VecGetArrayRead(u, &x));
  for (PetscInt d = 0; d < 3 * mech->view->num_owned; d++) {
    g[d] = mech->mask[d] ? mech->shape[d] * LhMechanicsLoadValue(mech, mech->constraint[d]) - x[d]
                         : 0.;
    if (PetscAbsScalar(g[d]) > still) any = 1;
  }
  LhMechanicsLiftMacro(mech, x, g);
  for (PetscInt m = 0; mech->macro.used && mech->macro.first >= 0 && m < LH_MECH_MACRO; m++) {
    if (PetscAbsScalar(g[mech->macro.first + m]) > still) any = 1;
  }
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscCall(VecRestoreArray(lift, &g));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MAX, mech->comm));
  *changed = any ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// -value int N_a n da on the deformed face, subtracted from the internal force.
static void AddFollowerFace(LhMechanics mech, const PetscInt nodes[], double value) {
  double x[LH_ELEMENT_MAX_NODES][3], n[3];

  LhMechanicsFaceCoords(mech, nodes, PETSC_TRUE, x);
  for (PetscInt q = 0; q < mech->face->num_points; q++) {
    LhFaceNormal(mech->face, q, (const double(*)[3])x, n);
    for (PetscInt k = 0; k < 3 * mech->face->num_nodes; k++) {
      mech->local_f[3 * nodes[k / 3] + k % 3] += value * mech->face->N[q][k / 3] * n[k % 3];
    }
  }
}

/// k M of the foundation on one face: K[a][b] for the nodes of the face.
static void FoundationMatrix(LhMechanics mech, const PetscInt nodes[], double *K) {
  const PetscInt num_nodes = mech->face->num_nodes;
  double x[LH_ELEMENT_MAX_NODES][3], n[3];

  LhMechanicsFaceCoords(mech, nodes, PETSC_FALSE, x);
  for (PetscInt k = 0; k < num_nodes * num_nodes; k++) K[k] = 0.;
  for (PetscInt q = 0; q < mech->face->num_points; q++) {
    double weight;

    LhFaceNormal(mech->face, q, (const double(*)[3])x, n);
    weight = mech->platen.stiffness * fabs(n[mech->platen.axis]);
    for (PetscInt k = 0; k < num_nodes * num_nodes; k++) {
      K[k] += weight * mech->face->N[q][k / num_nodes] * mech->face->N[q][k % num_nodes];
    }
  }
}

/// local_f += k M u of one face.
static void AddFoundationFace(LhMechanics mech, const PetscInt nodes[]) {
  const PetscInt num_nodes = mech->face->num_nodes, axis = mech->platen.axis;
  double K[LH_ELEMENT_MAX_NODES * LH_ELEMENT_MAX_NODES];

  FoundationMatrix(mech, nodes, K);
  for (PetscInt k = 0; k < num_nodes * num_nodes; k++) {
    mech->local_f[3 * nodes[k / num_nodes] + axis] +=
        K[k] * mech->local_u[3 * nodes[k % num_nodes] + axis];
  }
}

static PetscErrorCode AddFaceLoad(LhMechanics mech, PetscInt index) {
  const LhMechLoad *load = &mech->loads[index].load;
  const double value = LhMechanicsLoadValue(mech, index);
  PetscInt num_faces;
  const PetscInt *nodes;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetFaces(mech->space, load->surface, &num_faces, &nodes, NULL));
  for (PetscInt f = 0; f < num_faces; f++, nodes += mech->face->num_nodes) {
    if (load->kind == LH_MECH_FOLLOWER)
      AddFollowerFace(mech, nodes, value);
    else
      AddFoundationFace(mech, nodes);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsAddLoads(LhMechanics mech) {
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < mech->num_loads; k++) {
    const double value = LhMechanicsLoadValue(mech, k);
    const LhMechLoadKind kind = mech->loads[k].load.kind;
    const PetscScalar *unit = mech->loads[k].unit;

    if (kind == LH_MECH_FOLLOWER || kind == LH_MECH_PLATEN) PetscCall(AddFaceLoad(mech, k));
    for (PetscInt d = 0; unit && d < 3 * mech->view->num_nodes; d++)
      mech->local_f[d] -= value * unit[d];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsAddPlaten(LhMechanics mech, Vec u, Vec r) {
  PetscScalar sum;

  PetscFunctionBeginUser;
  if (mech->platen.load < 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(VecDot(mech->platen.m, u, &sum));
  PetscCall(VecAXPY(r, -mech->platen.stiffness / mech->platen.area * sum, mech->platen.m));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetPlaten(LhMechanics mech, double *displacement) {
  const LhMechPlaten *platen = &mech->platen;
  PetscScalar sum;

  PetscFunctionBeginUser;
  PetscCheck(platen->load >= 0, mech->comm, PETSC_ERR_ARG_WRONGSTATE, "The problem has no platen");
  PetscCall(VecDot(platen->m, mech->u, &sum));
  *displacement = PetscRealPart(sum) / platen->area -
                  platen->sign * LhMechanicsLoadValue(mech, platen->load) / platen->stiffness;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// d/dx of value int N_a n da: n = x_,1 x x_,2, so dn = dN_b,1 e_j x x_,2 - dN_b,2 e_j x x_,1.
static void FollowerMatrix(LhMechanics mech, const PetscInt nodes[], double value, double *K) {
  const LhElement *face = mech->face;
  const PetscInt n = 3 * face->num_nodes;
  double x[LH_ELEMENT_MAX_NODES][3];

  LhMechanicsFaceCoords(mech, nodes, PETSC_TRUE, x);
  for (PetscInt k = 0; k < n * n; k++) K[k] = 0.;
  for (PetscInt q = 0; q < face->num_points; q++) {
    double t[2][3] = {{0.}};

    for (PetscInt k = 0; k < n; k++) {
      for (int s = 0; s < 2; s++) t[s][k % 3] += face->dN[q][k / 3][s] * x[k / 3][k % 3];
    }
    for (PetscInt k = 0; k < n * n; k++) {
      const PetscInt a = k / n / 3, i = k / n % 3, b = k % n / 3, j = k % n % 3, c = 3 - i - j;
      const double sign = (j + 1) % 3 == c ? 1. : -1.;  // of e_j x e_c along e_i

      if (i == j) continue;
      K[k] += sign * value * face->weight[q] * face->N[q][a] *
              (face->dN[q][b][0] * t[1][c] - face->dN[q][b][1] * t[0][c]);
    }
  }
}

/// 3x3-block form of the foundation's matrix.
static void ExpandFoundation(LhMechanics mech, const double *M, double *K) {
  const PetscInt num_nodes = mech->face->num_nodes, n = 3 * num_nodes, axis = mech->platen.axis;

  for (PetscInt k = 0; k < n * n; k++) K[k] = 0.;
  for (PetscInt k = 0; k < num_nodes * num_nodes; k++) {
    K[(3 * (k / num_nodes) + axis) * n + 3 * (k % num_nodes) + axis] = M[k];
  }
}

PetscErrorCode LhMechanicsAddLoadTangents(LhMechanics mech, PetscBool lifted) {
  const PetscInt n = 3 * mech->face->num_nodes;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < mech->num_loads; k++) {
    const LhMechLoadKind kind = mech->loads[k].load.kind;
    PetscInt num_faces;
    const PetscInt *nodes;

    if (kind != LH_MECH_FOLLOWER && kind != LH_MECH_PLATEN) continue;
    PetscCall(LhSpaceGetFaces(mech->space, mech->loads[k].load.surface, &num_faces, &nodes, NULL));
    for (PetscInt f = 0; f < num_faces; f++, nodes += mech->face->num_nodes) {
      double M[LH_ELEMENT_MAX_NODES * LH_ELEMENT_MAX_NODES], *K = &mech->work->K[0][0];

      if (kind == LH_MECH_FOLLOWER) {
        FollowerMatrix(mech, nodes, LhMechanicsLoadValue(mech, k), K);
      } else {
        FoundationMatrix(mech, nodes, M);
        ExpandFoundation(mech, M, K);
      }
      PetscCall(LhAssemblerAddNodes(mech->assembler, mech->face->num_nodes, nodes, K));
      for (PetscInt e = 0; lifted && e < n * n; e++) {
        mech->local_f[3 * nodes[e / n / 3] + e / n % 3] +=
            K[e] * mech->local_g[3 * nodes[e % n / 3] + e % n % 3];
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
