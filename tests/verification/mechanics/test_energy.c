/// Checks: external work = stored + flow while the direction of flow turns through a full circle and metal unloads: J2,
///   Anand lithium, small strains, two layers of unlike strength.
/// Reference: the balance of energy. In small strains the trapezoids of work, stored energy and flow belong together and it
///   is exact; in finite strains a term of third order is left in every step.
/// Tolerance and why: small strains 1e-9, the tolerances of the solver; else 4e-4 in 40 steps of 1.6 % of stretch and 3 % of shear
///   (the project asks for 1e-3) and a quarter of that in 80: at the most of second order.
/// Fails if: work of flow is booked along another direction than that of flow, or of first order in the step.
#include "physics/energy.h"
#include "verification/mechanics/volume.h"

#define SIDE   4e-6
#define STRAIN .1

typedef struct {
  const char *law;
  const Value *values;
  const char *strength;  ///< parameter that the second layer has `ratio` of
  double ratio, allowed;
} Metal;

static void AddPhase(Volume *v, PetscInt layer, const Metal *metal) {
  Value values[16];
  Fixture f = {.materials = {NULL}};
  int n = 0;

  do {
    values[n] = metal->values[n];
    if (layer && values[n].name && !strcmp(values[n].name, metal->strength))
      values[n].value *= metal->ratio;
  } while (metal->values[n++].name);
  OK(FixturePhase(&f, metal->law, LH_WEIGHT_ONE, values));
  v->material[layer].mech[v->material[layer].num_mech++] = f.material.mech[0];
}

/// Stretch and shear whose increments turn once; axes across are free of stress.
static void Drive(Volume *v, double strain, double angle) {
  VolumeUniaxial(v, 0, 1. + strain * sin(angle));
  VolumeStrain(v, 1, 2. * strain * (1. - cos(angle)));
}

static double Work(Volume *v, double F[9], double P[9]) {
  double now_F[9], now_P[9], work = 0.;

  OK(LhMechanicsGetMacro(v->mech, now_F, now_P));
  for (int m = 0; m < 9; m++) {
    work += .5 * (P[m] + now_P[m]) * (now_F[m] - F[m]) * pow(SIDE, 3);
    F[m] = now_F[m];
    P[m] = now_P[m];
  }
  return work;
}

/// Energies over work, minus one, after a turn in n steps and unloading in n / 8.
static double Turn(const Metal *metal, int n) {
  static const PetscInt cells[3] = {2, 2, 4};
  double F[9] = {1., 0., 0., 0., 1., 0., 0., 0., 1.}, P[9] = {0.}, work = 0.;
  LhEnergySums sums;
  LhEnergy energy;
  LhMechReason reason;
  const char *text;
  Volume v;

  VolumeMesh(&v, LH_CELL_HEX8, cells, 2, SIDE, 0.);
  for (PetscInt k = 0; k < 2; k++) AddPhase(&v, k, metal);
  VolumeProblem(&v, LH_MECH_DILATATION_MEAN);
  v.spec.linear_tolerance = v.spec.newton_tolerance = 1e-7;
  v.spec.stress_floor = 1e-2;
  VolumeSolver(&v);
  OK(LhEnergyCreate(v.mech, NULL, &energy));
  for (int k = 1; k <= n + n / 8; k++) {
    // The rest of the way goes back where it came from.
    Drive(&v, STRAIN, 2. * PETSC_PI * (k <= n ? k : 2 * n - k) / n);
    OK(LhMechanicsSetMacro(v.mech, &v.macro));
    OK(LhMechanicsSolverSolve(v.solver, 100. / n, &reason));
    OK(LhMechanicsSolverGetText(v.solver, &text));
    if (reason != LH_MECH_SOLVED) print_error("step %d of %d: %s\n", k, n, text);
    assert_int_equal(reason, LH_MECH_SOLVED);
    OK(LhEnergyAdvance(energy));
    work += Work(&v, F, P);
    OK(LhMechanicsAccept(v.mech));
  }
  OK(LhEnergyGetSums(energy, &sums));
  print_message("%s in %d steps: work %.6g, flow %.6g, stored %.3g J: balance %.3e\n", metal->law,
                n, work, sums.flow, sums.stored, (sums.stored + sums.flow) / work - 1.);
  assert_true(sums.flow > .9 * work);
  OK(LhEnergyDestroy(&energy));
  VolumeDestroy(&v);
  return (sums.stored + sums.flow) / work - 1.;
}

static void CheckTurn(const Metal *metal) {
  CheckNear("balance of energy", Turn(metal, 40), 0., metal->allowed);
  CheckNear("balance of energy, half the step", Turn(metal, 80), 0., metal->allowed / 4.);
}

static const Value j2[] = {
    {"youngs_modulus",    7.81e9},
    {"poisson_ratio",     .38   },
    {"yield_stress",      1e6   },
    {"hardening_modulus", 1e7   },
    {NULL,                0.    }
};

static void TestJ2(void **state) {
  const Metal metal = {"j2_hencky", j2, "yield_stress", 3., 4e-4};

  (void)state;
  CheckTurn(&metal);
}

static void TestSmallStrain(void **state) {
  const Metal metal = {"j2_small_strain", j2, "yield_stress", 3., 1e-9};

  (void)state;
  CheckTurn(&metal);
}

static void TestAnand(void **state) {
  static const Value values[] = {
      {"youngs_modulus",        7.81e9},
      {"poisson_ratio",         .38   },
      {"rate_coefficient",      4.25e4},
      {"activation_energy",     37e3  },
      {"rate_sensitivity",      .15   },
      {"initial_resistance",    .95e6 },
      {"saturation_resistance", 2e6   },
      {"hardening_modulus",     10e6  },
      {"hardening_exponent",    2.    },
      {"saturation_exponent",   .05   },
      {NULL,                    0.    }
  };
  const Metal metal = {"anand_porous", values, "initial_resistance", 2., 4e-4};

  (void)state;
  CheckTurn(&metal);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestJ2), cmocka_unit_test(TestSmallStrain),
                                     cmocka_unit_test(TestAnand)};
  int failures;

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  failures = cmocka_run_group_tests(tests, NULL, NULL);
  PetscCall(PetscFinalize());
  return failures;
}
