/// @file
/// Evaluates the laws of a solved step point by point (see mechanics_points.h).
#include "physics/mechanics_points.h"

#include <string.h>

#include "base/tensor.h"
#include "physics/mechanics_private.h"

/// Position of a name among the state of a law, -1 when it has none.
static PetscInt FindState(const LhMechLaw *law, const char name[]) {
  for (PetscInt s = 0; s < law->num_state; s++) {
    if (!strcmp(law->state_names[s], name)) return s;
  }
  return -1;
}

/// The equivalent plastic strain.
static PetscInt FindFlow(const LhMechLaw *law) {
  const PetscInt at = FindState(law, "plastic_strain");

  return at < 0 ? FindState(law, "creep_strain") : at;
}

/// sigma = P F^T / det F of what the law just saw and returned; in small strain P itself. J is det F, 1 in small strain.
static void PhaseStress(const LhMechLaw *law, const LhMechWork *w, double J[LH_BATCH],
                        double (*cauchy)[LH_BATCH]) {
  static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};

  LhTensorDeterminant((const double(*)[LH_BATCH])w->in.F, J);
  for (int m = 0; m < 6; m++) {
    const double(*P)[LH_BATCH] = w->out.P + 3 * row[m], (*F)[LH_BATCH] = w->in.F + 3 * column[m];

    LH_LANES(l)
    cauchy[m][l] = law->small_strain
                       ? P[column[m]][l]
                       : (P[0][l] * F[0][l] + P[1][l] * F[1][l] + P[2][l] * F[2][l]) / J[l];
  }
  LH_LANES(l) J[l] = law->small_strain ? 1. : J[l];
}

/// tau : eps_e / 2: the laws are quadratic in elastic logarithmic strain (M5).
static void PhaseEnergy(const LhMechWork *w, const double J[LH_BATCH],
                        const double (*cauchy)[LH_BATCH], double energy[LH_BATCH]) {
  LH_LANES(l) {
    double sum = 0.;
    for (int m = 0; m < 6; m++) sum += (m < 3 ? .5 : 1.) * cauchy[m][l] * w->out.elastic_log[m][l];
    energy[l] = J[l] * sum;
  }
}

/// (D8) in finite strain: the force on Cp^-1 is -sym(F^T P Cp) / 2, their product tau : D_p; components off the diagonal
/// count twice.
static void MetricForce(const LhMechWork *w, const double (*metric)[LH_BATCH],
                        double (*force)[LH_BATCH]) {
  double full[9][LH_BATCH], plastic[9][LH_BATCH], det[LH_BATCH], pulled[9][LH_BATCH],
      power[9][LH_BATCH];

  for (int m = 0; m < 9; m++) {
    const int i = m / 3, j = m % 3;

    LH_LANES(l) {
      full[m][l] = metric[LhSymIndex(i, j)][l];
      pulled[m][l] = w->in.F[i][l] * w->out.P[j][l] + w->in.F[3 + i][l] * w->out.P[3 + j][l] +
                     w->in.F[6 + i][l] * w->out.P[6 + j][l];
    }
  }
  LhTensorDeterminant((const double(*)[LH_BATCH])full, det);
  LhTensorInverse((const double(*)[LH_BATCH])full, det, plastic);
  LhTensorMultiply((const double(*)[LH_BATCH])pulled, (const double(*)[LH_BATCH])plastic, power);
  for (int i = 0; i < 3; i++) {
    for (int j = i; j < 3; j++) {
      const int k = LhSymIndex(i, j);

      LH_LANES(l) {
        force[k][l] =
            i == j ? -.5 * power[4 * i][l] : -.5 * (power[3 * i + j][l] + power[3 * j + i][l]);
      }
    }
  }
}

/// (D8) in small strain: the stress is the force on the plastic strain.
static void StrainForce(const LhMechWork *w, double (*force)[LH_BATCH]) {
  for (int i = 0; i < 3; i++) {
    for (int j = i; j < 3; j++) {
      const int k = LhSymIndex(i, j);

      LH_LANES(l) {
        force[k][l] = i == j ? w->out.P[4 * i][l] : w->out.P[3 * i + j][l] + w->out.P[3 * j + i][l];
      }
    }
  }
}

/// Flow of a phase whose state begins at `start` before the step and at `now` as the law just left it.
static void PhaseFlow(const LhMechLaw *law, const LhMechWork *w, const double (*start)[LH_BATCH],
                      const double (*now)[LH_BATCH], double (*flowed)[LH_BATCH],
                      double (*force)[LH_BATCH]) {
  const PetscInt metric = FindState(law, "plastic_metric_xx");
  const PetscInt strain = FindState(law, "plastic_xx");
  const PetscInt first = metric >= 0 ? metric : strain;

  for (int m = 0; m < 6; m++) {
    LH_LANES(l) {
      flowed[m][l] = first >= 0 ? now[first + m][l] - start[first + m][l] : 0.;
      force[m][l] = 0.;
    }
  }
  if (metric >= 0)
    MetricForce(w, now + metric, force);
  else if (strain >= 0)
    StrainForce(w, force);
}

/// `start`: state before the step, NULL when flow is not asked for.
static void AddPhase(const LhMechBatch *in, PetscInt q, PetscInt k, const double (*start)[LH_BATCH],
                     LhMechWork *w, LhMechPoint *point) {
  const PetscInt flow = FindFlow(in->phases[k].law);
  double weight[LH_BATCH], J[LH_BATCH], cauchy[6][LH_BATCH], energy[LH_BATCH];
  PetscInt first = q * in->num_state;

  for (PetscInt p = 0; p < k; p++) first += in->phases[p].law->num_state;
  LhMechKernelPhase(in, q, k, PETSC_FALSE, w);
  LhMechKernelWeight(in, k, weight);
  PhaseStress(in->phases[k].law, w, J, cauchy);
  PhaseEnergy(w, J, (const double(*)[LH_BATCH])cauchy, energy);
  if (k == point->flowing) memcpy(point->cauchy, cauchy, sizeof(cauchy));
  LH_LANES(l) {
    weight[l] *= in->growth[l];
    point->stored[l] += weight[l] * energy[l];
    point->strain[k][l] = flow < 0 ? 0. : in->now[first + flow][l];
  }
  if (!start) return;
  PhaseFlow(in->phases[k].law, w, start + first, (const double(*)[LH_BATCH])in->now + first,
            point->flowed[k], point->force[k]);
  for (int m = 0; m < 6; m++) {
    LH_LANES(l) point->force[k][m][l] *= weight[l];
  }
}

PetscErrorCode LhMechanicsBeginPoints(LhMechanics mech) {
  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGatherDisplacement(mech, mech->u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetPoints(LhMechanics mech, PetscInt b, PetscBool with_force,
                                    LhMechPoint points[LH_MECH_MAX_POINTS]) {
  const double(*start)[LH_BATCH] = LhStateGetStart(mech->state, b);
  LhMechWork *w = mech->work;
  PetscInt flowing = 0;
  LhMechBatch in;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsFillBatch(mech, b, &in));
  LhMechKernelKinematics(&in, w);
  while (flowing < in.num_phases && FindFlow(in.phases[flowing].law) < 0) flowing++;
  for (PetscInt q = 0; q < in.element->num_points; q++) {
    LhMechPoint *point = &points[q];

    point->num_phases = in.num_phases;
    point->flowing = flowing < in.num_phases ? flowing : 0;
    LH_LANES(l) {
      point->dv[l] = w->dv[q][l];
      point->stored[l] = 0.;
    }
    for (PetscInt k = 0; k < in.num_phases; k++)
      AddPhase(&in, q, k, with_force ? start : NULL, w, point);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetMostPhases(LhMechanics mech, PetscInt *num_phases) {
  PetscFunctionBeginUser;
  *num_phases = 0;
  for (PetscInt b = 0; b < mech->num_batches; b++)
    *num_phases = PetscMax(*num_phases, mech->materials[mech->batch[b].region]->num_mech);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetNumPoints(LhMechanics mech, PetscInt *num_points) {
  PetscFunctionBeginUser;
  *num_points = mech->element->num_points;
  PetscFunctionReturn(PETSC_SUCCESS);
}
