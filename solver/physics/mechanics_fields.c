/// @file
/// What a solved mechanics problem is asked for: cell averages, thickness change, reactions.
#include <math.h>

#include "physics/mechanics_private.h"

/// Stress of one point and lane.
typedef struct {
  double pressure, von_mises, cauchy[6];
} PointStress;

/// sigma = P F^T / det F.
static void Cauchy(const double P[9], const double F[9], double J, PointStress *out) {
  static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
  double s[6], mean, sum = 0.;

  for (int m = 0; m < 6; m++) {
    double a = 0., b = 0.;
    for (int j = 0; j < 3; j++) {
      a += P[3 * row[m] + j] * F[3 * column[m] + j];
      b += P[3 * column[m] + j] * F[3 * row[m] + j];
    }
    s[m] = .5 * (a + b) / J;
  }
  mean = (s[0] + s[1] + s[2]) / 3.;
  for (int m = 0; m < 6; m++) {
    const double d = m < 3 ? s[m] - mean : s[m];
    sum += (m < 3 ? 1. : 2.) * d * d;
    out->cauchy[m] = s[m];
  }
  out->pressure = -mean;
  out->von_mises = sqrt(1.5 * sum);
}

/// J F^-1 F^-T from G = F^-T.
static void PullBack(const double G[9], double J, double out[6]) {
  static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};

  for (int m = 0; m < 6; m++) {
    out[m] = 0.;
    for (int i = 0; i < 3; i++) out[m] += J * G[3 * i + row[m]] * G[3 * i + column[m]];
  }
}

/// Where the mixture's numbers of one point come from.
typedef struct {
  double P[9][LH_BATCH];     ///< mixture
  double lithium[LH_BATCH];  ///< pressure of the lithium phase
  double elastic[LH_BATCH];  ///< elastic log strain zz of the skeleton
  PetscBool has_lithium, has_skeleton;
} PointSums;

/// -tr(sigma)/3 of what the law just returned; a law that averages over pores gives it per volume of both.
static double LithiumPressure(const LhMechWork *w, int l) {
  double F[9], P[9];
  PointStress stress;

  for (int m = 0; m < 9; m++) {
    F[m] = w->in.F[m][l];
    P[m] = w->out.P[m][l];
  }
  Cauchy(P, F,
         F[0] * (F[4] * F[8] - F[5] * F[7]) - F[1] * (F[3] * F[8] - F[5] * F[6]) +
             F[2] * (F[3] * F[7] - F[4] * F[6]),
         &stress);
  return stress.pressure;
}

static void EvaluatePoint(const LhMechBatch *in, PetscInt q, LhMechWork *w, PointSums *sums) {
  double integrity[LH_BATCH];

  LhMechKernelIntegrity(in, q, integrity);
  for (int m = 0; m < 9; m++) {
    LH_LANES(l) sums->P[m][l] = 0.;
  }
  sums->has_lithium = sums->has_skeleton = PETSC_FALSE;
  for (PetscInt k = 0; k < in->num_phases; k++) {
    const LhMechWeight kind = in->phases[k].weight;
    double weight[LH_BATCH];

    LhMechKernelPhase(in, q, k, PETSC_FALSE, w);
    LhMechKernelWeight(in, k, weight);
    for (int m = 0; m < 9; m++) {
      LH_LANES(l) {
        const double g = w->stretch[l];
        sums->P[m][l] += integrity[l] * weight[l] * g * g * w->out.P[m][l];
      }
    }
    if (kind == LH_WEIGHT_LITHIUM && !sums->has_lithium) {
      double share[LH_BATCH];

      LhMechKernelSolidShare(in, k, share);
      for (int l = 0; l < LH_BATCH; l++) sums->lithium[l] = LithiumPressure(w, l) / share[l];
      sums->has_lithium = PETSC_TRUE;
    }
    if (k == 0 || (kind == LH_WEIGHT_ONE && !sums->has_skeleton)) {
      for (int l = 0; l < LH_BATCH; l++) sums->elastic[l] = w->out.elastic_log[2][l];
      sums->has_skeleton = kind == LH_WEIGHT_ONE ? PETSC_TRUE : PETSC_FALSE;
    }
  }
}

/// (lambda - 1)/ln lambda at ln lambda = x; 1 for x -> 0.
static double StretchPerLog(double x) {
  return fabs(x) < 1e-12 ? 1. : expm1(x) / x;
}

/// Adds the averages of one point and lane to cell c; `share` = dV / V.
static void AddPoint(LhMechanics mech, const LhMechWork *w, const LhMechBatch *in, PetscInt q,
                     int l, const PointSums *sums, PetscInt c) {
  const double share = w->dv[q][l] / w->volume[l], J = w->J[q][l] * pow(w->s[q][l], 3.);
  const double thickness = log(fabs(w->F[q][8][l])), growth = log(in->growth[l]) / 3.;
  const double per_log = StretchPerLog(thickness);
  double F[9], G[9], P[9], pull_back[6];
  PointStress stress;

  for (int m = 0; m < 9; m++) {
    F[m] = w->s[q][l] * w->F[q][m][l];
    G[m] = w->G[q][m][l] / w->s[q][l];
    P[m] = sums->P[m][l];
  }
  Cauchy(P, F, J, &stress);
  PullBack(G, J, pull_back);
  mech->cell[LH_CELL_JACOBIAN][c] += share * J;
  mech->cell[LH_CELL_PRESSURE][c] += share * stress.pressure;
  mech->cell[LH_CELL_PRESSURE_LITHIUM][c] +=
      share * (sums->has_lithium ? sums->lithium[l] : stress.pressure);
  mech->cell[LH_CELL_VON_MISES][c] += share * stress.von_mises;
  mech->cell[LH_CELL_THICKNESS][c] += share * thickness;
  mech->cell[LH_CELL_GROWTH][c] += share * growth;
  mech->cell[LH_CELL_ELASTIC][c] += share * sums->elastic[l];
  mech->cell[LH_CELL_PART_TOTAL][c] += share * (w->F[q][8][l] - 1.);
  mech->cell[LH_CELL_PART_GROWTH][c] += share * per_log * growth;
  mech->cell[LH_CELL_PART_ELASTIC][c] += share * per_log * sums->elastic[l];
  for (int m = 0; m < 6; m++) {
    mech->cauchy[6 * c + m] += share * stress.cauchy[m];
    mech->pull_back[6 * c + m] += share * pull_back[m];
  }
}

PetscErrorCode LhMechanicsUpdateFields(LhMechanics mech) {
  const PetscInt num_cells = mech->view->num_cells;
  LhMechWork *w = mech->work;

  PetscFunctionBeginUser;
  for (int k = 0; k < LH_CELL_NUM; k++) PetscCall(PetscArrayzero(mech->cell[k], num_cells));
  PetscCall(PetscArrayzero(mech->cauchy, 6 * num_cells));
  PetscCall(PetscArrayzero(mech->pull_back, 6 * num_cells));
  PetscCall(LhMechanicsGatherDisplacement(mech, mech->u));
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    const LhBatch *batch = &mech->batch[b];
    LhMechBatch in;
    PointSums sums;

    PetscCall(LhMechanicsFillBatch(mech, b, &in));
    LhMechKernelKinematics(&in, w);
    for (int l = 0; l < batch->num_active; l++)
      mech->cell[LH_CELL_VOLUME][batch->position[l]] = w->volume[l];
    for (PetscInt q = 0; q < mech->element->num_points; q++) {
      EvaluatePoint(&in, q, w, &sums);
      for (int l = 0; l < batch->num_active; l++)
        AddPoint(mech, w, &in, q, l, &sums, batch->position[l]);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetCellFields(LhMechanics mech, LhMechCellFields *fields) {
  PetscFunctionBeginUser;
  fields->jacobian = mech->cell[LH_CELL_JACOBIAN];
  fields->pressure_lithium = mech->cell[LH_CELL_PRESSURE_LITHIUM];
  fields->pressure = mech->cell[LH_CELL_PRESSURE];
  fields->von_mises = mech->cell[LH_CELL_VON_MISES];
  fields->cauchy = mech->cauchy;
  fields->pull_back = mech->pull_back;
  fields->thickness = mech->cell[LH_CELL_THICKNESS];
  fields->growth = mech->cell[LH_CELL_GROWTH];
  fields->elastic = mech->cell[LH_CELL_ELASTIC];
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Relative density is per grown volume, and the law sees J / Jg.
static double RelativeDensity(LhMechanics mech, PetscInt c) {
  return mech->composition_end[LH_MECH_SKELETON_DENSITY][c] *
         mech->composition_end[LH_COMPOSITION_GROWTH][c] / mech->cell[LH_CELL_JACOBIAN][c];
}

PetscErrorCode LhMechanicsGetDensest(LhMechanics mech, double *ratio) {
  PetscFunctionBeginUser;
  *ratio = 0.;
  for (PetscInt b = 0; b < mech->num_batches; b++) {
    const LhBatch *batch = &mech->batch[b];
    const LhMaterialData *material = mech->materials[batch->region];

    for (PetscInt k = 0; k < material->num_mech; k++) {
      const LhMechLaw *law = material->mech[k].law;
      const double densest = law->densest ? law->densest(material->mech[k].params) : 0.;

      for (PetscInt l = 0; densest > 0. && l < batch->num_active; l++)
        *ratio = fmax(*ratio, RelativeDensity(mech, batch->position[l]) / densest);
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, ratio, 1, MPI_DOUBLE, MPI_MAX, mech->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Area of a surface and int u . N dA over it, over all ranks.
static PetscErrorCode SurfaceSums(LhMechanics mech, PetscInt surface, double sums[2]) {
  PetscInt num_faces;
  const PetscInt *nodes;

  PetscFunctionBeginUser;
  sums[0] = sums[1] = 0.;
  PetscCall(LhSpaceGetFaces(mech->space, surface, &num_faces, &nodes, NULL));
  for (PetscInt f = 0; f < num_faces; f++, nodes += mech->face->num_nodes) {
    double x[LH_ELEMENT_MAX_NODES][3], n[3];

    LhMechanicsFaceCoords(mech, nodes, PETSC_FALSE, x);
    for (PetscInt q = 0; q < mech->face->num_points; q++) {
      LhFaceNormal(mech->face, q, (const double(*)[3])x, n);
      sums[0] += sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
      for (PetscInt k = 0; k < 3 * mech->face->num_nodes; k++) {
        sums[1] += mech->face->N[q][k / 3] * n[k % 3] *
                   PetscRealPart(mech->local_u[3 * nodes[k / 3] + k % 3]);
      }
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_DOUBLE, MPI_SUM, mech->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetMeanDisplacement(LhMechanics mech, PetscInt surface, double *mean) {
  double sums[2];

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGatherDisplacement(mech, mech->u));
  PetscCall(SurfaceSums(mech, surface, sums));
  *mean = sums[1] / sums[0];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetThickness(LhMechanics mech, PetscInt surface,
                                       LhMechThickness *change) {
  double part[3] = {0.}, sums[2];

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < mech->view->num_cells; c++) {
    for (int k = 0; k < 3; k++)
      part[k] += mech->cell[LH_CELL_VOLUME][c] * mech->cell[LH_CELL_PART_TOTAL + k][c];
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, part, 3, MPI_DOUBLE, MPI_SUM, mech->comm));
  PetscCall(SurfaceSums(mech, surface, sums));
  change->total = part[0] / sums[0];
  change->growth = part[1] / sums[0];
  change->elastic = part[2] / sums[0];
  change->plastic = change->total - change->growth - change->elastic;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetReaction(LhMechanics mech, PetscInt surface, double force[3]) {
  const PetscScalar *marks, *r;

  PetscFunctionBeginUser;
  force[0] = force[1] = force[2] = 0.;
  PetscCall(LhMechanicsMarkSurface(mech, surface, mech->work_vec));
  PetscCall(VecGetArrayRead(mech->work_vec, &marks));
  PetscCall(VecGetArrayRead(mech->force, &r));
  for (PetscInt d = 0; d < 3 * mech->view->num_owned; d++) {
    if (PetscRealPart(marks[d]) > 0.) force[d % 3] += PetscRealPart(r[d]);
  }
  PetscCall(VecRestoreArrayRead(mech->force, &r));
  PetscCall(VecRestoreArrayRead(mech->work_vec, &marks));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, force, 3, MPI_DOUBLE, MPI_SUM, mech->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}
