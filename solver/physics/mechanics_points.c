/// @file
/// Evaluates the laws of a solved step point by point (see mechanics_points.h).
#include "physics/mechanics_points.h"

#include <string.h>

#include "base/tensor.h"
#include "physics/mechanics_private.h"

/// Position of the equivalent plastic strain among the state of a law, -1 when it has none.
static PetscInt FindFlow(const LhMechLaw *law) {
  for (PetscInt s = 0; s < law->num_state; s++) {
    if (!strcmp(law->state_names[s], "plastic_strain") ||
        !strcmp(law->state_names[s], "creep_strain"))
      return s;
  }
  return -1;
}

/// sigma = P F^T / det F of what the law just saw and returned.
static void PhaseStress(const LhMechWork *w, double (*cauchy)[LH_BATCH]) {
  static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
  double J[LH_BATCH];

  LhTensorDeterminant((const double(*)[LH_BATCH])w->in.F, J);
  for (int m = 0; m < 6; m++) {
    const double(*P)[LH_BATCH] = w->out.P + 3 * row[m], (*F)[LH_BATCH] = w->in.F + 3 * column[m];

    LH_LANES(l)
    cauchy[m][l] = (P[0][l] * F[0][l] + P[1][l] * F[1][l] + P[2][l] * F[2][l]) / J[l];
  }
}

/// tau : eps_e / 2: the laws are quadratic in elastic logarithmic strain (M5).
static void PhaseEnergy(const LhMechWork *w, const double (*cauchy)[LH_BATCH],
                        double energy[LH_BATCH]) {
  double J[LH_BATCH];

  LhTensorDeterminant((const double(*)[LH_BATCH])w->in.F, J);
  LH_LANES(l) {
    double sum = 0.;
    for (int m = 0; m < 6; m++) sum += (m < 3 ? .5 : 1.) * cauchy[m][l] * w->out.elastic_log[m][l];
    energy[l] = J[l] * sum;
  }
}

static void AddPhase(const LhMechBatch *in, PetscInt q, PetscInt k, LhMechWork *w,
                     LhMechPoint *point) {
  const PetscInt flow = FindFlow(in->phases[k].law);
  double weight[LH_BATCH], cauchy[6][LH_BATCH], energy[LH_BATCH];
  PetscInt at = q * in->num_state + flow;

  for (PetscInt p = 0; p < k; p++) at += in->phases[p].law->num_state;
  LhMechKernelPhase(in, q, k, PETSC_FALSE, w);
  LhMechKernelWeight(in, k, weight);
  PhaseStress(w, cauchy);
  PhaseEnergy(w, (const double(*)[LH_BATCH])cauchy, energy);
  if (k == point->flowing) memcpy(point->cauchy, cauchy, sizeof(cauchy));
  LH_LANES(l) {
    const double strain = flow < 0 ? 0. : in->now[at][l];
    const double gain = flow < 0 ? 0. : strain - in->old[at][l];

    weight[l] *= in->growth[l];
    point->stored[l] += weight[l] * energy[l];
    point->strain[k][l] = strain;
    point->resistance[k][l] = gain > 0. ? weight[l] * w->out.dissipation[l] / gain : 0.;
  }
}

PetscErrorCode LhMechanicsBeginPoints(LhMechanics mech) {
  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGatherDisplacement(mech, mech->u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetPoints(LhMechanics mech, PetscInt b,
                                    LhMechPoint points[LH_MECH_MAX_POINTS]) {
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
    for (PetscInt k = 0; k < in.num_phases; k++) AddPhase(&in, q, k, w, point);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsGetNumPoints(LhMechanics mech, PetscInt *num_points) {
  PetscFunctionBeginUser;
  *num_points = mech->element->num_points;
  PetscFunctionReturn(PETSC_SUCCESS);
}
