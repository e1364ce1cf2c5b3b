/// @file
/// Stoichiometry of the hosts (physics.md B.1). Pure arithmetic: nothing is typed in but valences.
#include "laws/composition.h"

// Zn3N2 = 3 Zn + 2 N and Li3N = 3 Li + N, so M(Zn3N2) = 3 M(Zn) + 2 (M(Li3N) - 3 M(Li)).
static double MolarMassZn3N2(const double M[LH_NUM_PHASES]) {
  return 3 * M[LH_PHASE_ZN] + 2 * (M[LH_PHASE_LI3N] - 3 * M[LH_PHASE_LI]);
}

// Amounts [mol] after complete reaction: Zn3N2 + 9 Li -> 3 LiZn + 2 Li3N, Zn + Li -> LiZn.
static void React(const LhPrecursors *p, const double M[LH_NUM_PHASES],
                  double amount[LH_NUM_PHASES]) {
  const double zn = p->zn / M[LH_PHASE_ZN];
  const double zn3n2 = p->zn3n2 / MolarMassZn3N2(M);

  amount[LH_PHASE_LI] = p->li / M[LH_PHASE_LI] - 9 * zn3n2 - zn;
  amount[LH_PHASE_LIZN] = 3 * zn3n2 + zn;
  amount[LH_PHASE_LI3N] = 2 * zn3n2;
  amount[LH_PHASE_CNT] = p->cnt / M[LH_PHASE_CNT];
  amount[LH_PHASE_ZN] = 0;
}

static const char *CheckInput(const LhPrecursors *p, const LhPhaseData *phases) {
  for (int k = 0; k < LH_NUM_PHASES; k++) {
    if (!(phases->molar_mass[k] > 0) || !(phases->density[k] > 0)) {
      return "every phase needs a positive molar mass and density";
    }
  }
  if (p->li < 0 || p->zn < 0 || p->zn3n2 < 0 || p->cnt < 0) return "a precursor has negative mass";
  if (!(p->li + p->zn + p->zn3n2 + p->cnt > 0)) return "all precursors have zero mass";
  return NULL;
}

PetscErrorCode LhCompositionCompute(const LhPrecursors *precursors, const LhPhaseData *phases,
                                    LhComposition *composition, const char **why) {
  const double *M = phases->molar_mass, *rho = phases->density;
  double amount[LH_NUM_PHASES], mass = 0, volume = 0, n_li, n_zn;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(composition, sizeof(*composition)));
  *why = CheckInput(precursors, phases);
  if (*why) PetscFunctionReturn(PETSC_SUCCESS);
  React(precursors, M, amount);
  if (amount[LH_PHASE_LI] < 0) {
    *why = "there is less lithium than the zinc and the nitride take up";
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (int k = 0; k < LH_NUM_PHASES; k++) {
    mass += amount[k] * M[k];
    volume += amount[k] * M[k] / rho[k];
  }
  for (int k = 0; k < LH_NUM_PHASES; k++) {
    composition->mass_fraction[k] = amount[k] * M[k] / mass;
    composition->volume_fraction[k] = amount[k] * M[k] / rho[k] / volume;
  }
  n_li = amount[LH_PHASE_LI];
  n_zn = amount[LH_PHASE_LIZN];
  composition->density = mass / volume;
  composition->n_li = n_li / volume;
  composition->n_zn = n_zn / volume;
  composition->capacity_free = LH_FARADAY * n_li / mass;
  composition->capacity_all = LH_FARADAY * (n_li + n_zn) / mass;
  composition->capacity_all_volume = LH_FARADAY * (n_li + n_zn) / volume;
  composition->void_after_strip = composition->volume_fraction[LH_PHASE_LI] +
                                  composition->volume_fraction[LH_PHASE_LIZN] -
                                  composition->n_zn * M[LH_PHASE_ZN] / rho[LH_PHASE_ZN];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhPrecursorsFromMoles(LhPrecursors *precursors, const LhPhaseData *phases) {
  PetscFunctionBeginUser;
  precursors->li *= phases->molar_mass[LH_PHASE_LI];
  precursors->zn *= phases->molar_mass[LH_PHASE_ZN];
  precursors->zn3n2 *= MolarMassZn3N2(phases->molar_mass);
  precursors->cnt *= phases->molar_mass[LH_PHASE_CNT];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhPrecursorsSetCntFraction(LhPrecursors *precursors, double mass_fraction) {
  PetscFunctionBeginUser;
  PetscCheck(mass_fraction >= 0 && mass_fraction < 1, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "CNT mass fraction %g is not in [0, 1)", mass_fraction);
  precursors->cnt =
      (precursors->li + precursors->zn + precursors->zn3n2) * mass_fraction / (1 - mass_fraction);
  PetscFunctionReturn(PETSC_SUCCESS);
}
