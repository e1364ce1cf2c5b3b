/// Checks: transport laws against published values, the dilute law against Nernst and Planck.
/// Reference: values at 1 mol/L and 298.15 K computed elsewhere from the published coefficients
///   (Landesfeind 2019, Nyman 2008 as in Chen 2020, Valoen 2005 as in Xu 2019); Nernst-Einstein.
/// Tolerance and why: half a unit of the last digit quoted; 1e-12 for the closed form.
/// Fails if: a coefficient, a unit of concentration or a power of ten is wrong.
#include "unit/laws_echem/echem_test.h"

static void Evaluate(const char name[], const char yaml[], double c, double temperature,
                     LhTransport *out) {
  const LhTransportLaw *law;
  double lnc[LH_BATCH];
  void *params;

  OK(LhTransportLawFind(name, &law));
  assert_non_null(law);
  params = ReadLaw(law, yaml);
  for (int l = 0; l < LH_BATCH; l++) lnc[l] = log(c);
  law->evaluate(params, lnc, temperature, out);
  OK(PetscFree(params));
}

static void CheckPoint(const LhTransport *t, double kappa, double D, double tdf, double tplus) {
  assert_true(fabs(t->kappa[2] - kappa) < 0.6e-3);
  assert_true(fabs(t->D[2] - D) < 0.6e-13);
  assert_true(fabs(t->tdf[2] - tdf) < 0.6e-3);
  assert_true(fabs(t->tplus[2] - tplus) < 0.6e-3);
}

static void test_published_points(void **state) {
  LhTransport t;
  (void)state;

  Evaluate("landesfeind2019", "{solvent: ec_emc_3_7}", 1000, 298.15, &t);
  CheckPoint(&t, 0.913, 2.892e-10, 2.182, 0.221);
  Evaluate("landesfeind2019", "{solvent: ec_dmc_1_1}", 1000, 298.15, &t);
  CheckPoint(&t, 1.1819, 2.905e-10, 2.201, 0.325);
  Evaluate("nyman2008", "{thermodynamic_factor: 1}", 1000, 298.15, &t);
  CheckPoint(&t, 0.9487, 1.769e-10, 1, 0.2594);
  Evaluate("valoen2005", "{thermodynamic_factor: 1}", 1000, 298.15, &t);
  CheckPoint(&t, 1.1943, 3.223e-10, 1, 0.38);
  Evaluate("landesfeind2019", "{solvent: emc_fec_19_1}", 1000, 298.15, &t);
  CheckPoint(&t, 0.553, 3.073e-10, 1.163, 0.129);
}

static void test_dilute(void **state) {
  const double F = 96485.33212, RT = 8.314462618 * 310;
  LhTransport t;
  (void)state;

  Evaluate("dilute", "{cation_diffusivity: 3e-10 m^2/s, anion_diffusivity: 7e-10 m^2/s}", 640, 310,
           &t);
  assert_near(t.kappa[1], F * F * 1e-9 * 640 / RT, 1e-12);
  assert_near(t.D[1], 4.2e-10, 1e-12);
  assert_near(t.tplus[1], 0.3, 1e-12);
  assert_near(t.tdf[1], 1, 1e-12);
}

static void test_constant(void **state) {
  static const char yaml[] =
      "{conductivity: 11 mS/cm, diffusivity: 8e-6 cm^2/s, transference_number: 0.5, "
      "thermodynamic_factor: 1.3, conductivity_activation_energy: 9 kJ/mol}";
  LhTransport t;
  (void)state;

  Evaluate("constant", yaml, 20, 298.15, &t);
  assert_near(t.kappa[7], 1.1, 1e-12);
  assert_near(t.D[7], 8e-10, 1e-12);
  Evaluate("constant", yaml, 20, 333.15, &t);
  assert_near(t.kappa[7], 1.1 * exp(-9e3 / 8.314462618 * (1 / 333.15 - 1 / 298.15)), 1e-12);
  assert_near(t.D[7], 8e-10, 1e-12);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_published_points),
                                     cmocka_unit_test(test_dilute),
                                     cmocka_unit_test(test_constant)};

  return RunTests(argc, argv, tests);
}
