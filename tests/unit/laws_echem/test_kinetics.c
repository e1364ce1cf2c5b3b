/// Checks: Butler-Volmer and linear kinetics at law level: E01, E02, E16, Arrhenius, the guard.
/// Reference: closed forms eta = 2RT/F asinh(i/2i0), R_ct = RT/(F i0), dU = V sigma_h / F; libm's exp.
/// Tolerance and why: 1e-10, the inversion by Newton converges to round-off; exp to 1e-15.
/// Fails if: a sign, a transfer coefficient or the reference state is wrong, or the guard kinks.
#include "laws/exponential.h"
#include "unit/laws_echem/echem_test.h"

#define TEMPERATURE 298.15

static const LhKineticsLaw *FindLaw(const char name[]) {
  const LhKineticsLaw *law;

  OK(LhKineticsLawFind(name, &law));
  assert_non_null(law);
  return law;
}

// One lane's net current and slope.
static double Net(const LhKineticsLaw *law, const void *params, const LhKineticsInput *at,
                  double *slope) {
  LhKineticsOutput out;

  law->evaluate(params, at, &out);
  *slope = out.danodic_deta[0] - out.dcathodic_deta[0];
  return out.anodic[0] - out.cathodic[0];
}

static LhKineticsInput At(double eta, double c, double pressure, double temperature) {
  LhKineticsInput in = {.temperature = temperature, .molar_volume = 13.0e-6};

  for (int l = 0; l < LH_BATCH; l++) {
    in.eta[l] = eta;
    in.lnc[l] = log(c);
    in.pressure[l] = pressure;
  }
  return in;
}

// The overpotential that drives the current `i`, by Newton on the law itself.
static double Invert(const LhKineticsLaw *law, const void *params, double i) {
  double eta = 0.1;

  for (int k = 0; k < 100; k++) {
    const LhKineticsInput in = At(eta, 1000, 0, TEMPERATURE);
    double slope;
    const double residual = Net(law, params, &in, &slope) - i;

    eta -= residual / slope;
  }
  return eta;
}

static const char study[] =
    "{exchange_current_density: 0.89 A/m^2, transfer_coefficient: 0.5, activation_energy: 50 "
    "kJ/mol, stress_transfer: 0.3}";

static void test_e01_inversion(void **state) {
  const LhKineticsLaw *law = FindLaw("butler_volmer");
  void *params = ReadLaw(law, study);
  (void)state;

  assert_near(Invert(law, params, 1), 27.531757879235332e-3, 1e-10);
  assert_near(Invert(law, params, 10), 124.70907716321238e-3, 1e-10);
  assert_near(Invert(law, params, 100), 242.62957706672384e-3, 1e-10);
  OK(PetscFree(params));
}

static void test_e02_tafel(void **state) {
  const LhKineticsLaw *law = FindLaw("butler_volmer");
  void *params = ReadLaw(law, study);
  double slope;
  LhKineticsInput rest = At(0, 1000, 0, TEMPERATURE), at;
  (void)state;

  Net(law, params, &rest, &slope);
  assert_near(1 / slope, 0.028868066428644635, 1e-12);
  at = At(Invert(law, params, 100), 1000, 0, TEMPERATURE);
  Net(law, params, &at, &slope);
  assert_near(100 * log(10) / slope, 118.29995977606106e-3, 1e-10);
  OK(PetscFree(params));
}

// The pressure shifts the equilibrium by -V p / F whatever s is; s only shares it out.
static void test_e16_stress_shift(void **state) {
  static const char *const with_s[] = {
      "{exchange_current_density: 7 A/m^2, transfer_coefficient: 0.4, activation_energy: 0 J/mol, "
      "stress_transfer: 0.0}",
      "{exchange_current_density: 7 A/m^2, transfer_coefficient: 0.4, activation_energy: 0 J/mol, "
      "stress_transfer: 0.7}"};
  const LhKineticsLaw *law = FindLaw("butler_volmer");
  LhKineticsOutput loaded, free_of_load;
  (void)state;

  for (int k = 0; k < 2; k++) {
    void *params = ReadLaw(law, with_s[k]);
    LhKineticsInput in = At(-0.13473550553603048e-3, 1000, 1e6, TEMPERATURE);
    double slope;

    assert_true(fabs(Net(law, params, &in, &slope)) < 1e-12);
    OK(PetscFree(params));
  }
  void *params = ReadLaw(law, with_s[0]);
  LhKineticsInput in = At(0.03, 1000, 10e6, TEMPERATURE);
  law->evaluate(params, &in, &loaded);
  in = At(0.03, 1000, 0, TEMPERATURE);
  law->evaluate(params, &in, &free_of_load);
  assert_near(loaded.anodic[3] / free_of_load.anodic[3], 1.0538408149033471, 1e-12);
  assert_near(loaded.cathodic[3] / free_of_load.cathodic[3], 1, 1e-12);
  OK(PetscFree(params));
}

static void test_exchange_current(void **state) {
  const LhKineticsLaw *law = FindLaw("butler_volmer");
  void *params = ReadLaw(law,
                         "{exchange_current_density: 70.6 A/m^2, transfer_coefficient: 0.3, "
                         "activation_energy: 54.8 kJ/mol, stress_transfer: 0.5}");
  void *fixed = ReadLaw(law,
                        "{exchange_current_density: 70.6 A/m^2, transfer_coefficient: 0.3, "
                        "activation_energy: 0 J/mol, stress_transfer: 0.5, "
                        "concentration_exponent: 0}");
  LhKineticsInput in = At(0, 1700, 0, 318.15);
  LhKineticsOutput out;
  const double arrhenius = exp(-54.8e3 / 8.314462618 * (1 / 318.15 - 1 / 298.15));
  (void)state;

  assert_near(law->exchange(params, log(1000), 298.15), 70.6, 1e-14);
  assert_near(law->exchange(params, log(1700), 318.15), 70.6 * pow(1.7, 0.7) * arrhenius, 1e-12);
  law->evaluate(params, &in, &out);
  assert_near(out.anodic[5], 70.6 * pow(1.7, 0.7) * arrhenius, 1e-12);
  assert_near(out.cathodic[5], out.anodic[5], 1e-12);
  assert_near(law->exchange(fixed, log(3), 298.15), 70.6, 1e-14);
  OK(PetscFree(params));
  OK(PetscFree(fixed));
}

static void test_linear(void **state) {
  const LhKineticsLaw *law = FindLaw("linear");
  void *params = ReadLaw(law, "{exchange_current_density: 0.89 A/m^2}");
  static const double etas[] = {-30, -0.2, -1e-6, 1e-9, 0.013, 4.5};
  (void)state;

  for (size_t k = 0; k < sizeof(etas) / sizeof(etas[0]); k++) {
    LhKineticsInput in = At(etas[k], 700, 2e6, TEMPERATURE);
    double slope;

    assert_near(Net(law, params, &in, &slope), etas[k] / 0.028868066428644635, 1e-7);
    assert_near(slope, 1 / 0.028868066428644635, 1e-12);
  }
  OK(PetscFree(params));
}

static void test_exponential(void **state) {
  double worst = 0, slope, before, after;
  const double h = 1e-7;
  (void)state;

  for (double x = -699.9; x < 700; x += 0.01371) {
    worst = fmax(worst, fabs(LhExp(x) / exp(x) - 1));
  }
  assert_true(worst < 1e-15);
  before = LhExpGuarded(LH_EXP_GUARD - h, &slope);
  after = LhExpGuarded(LH_EXP_GUARD + h, &slope);
  assert_near((after - before) / (2 * h), exp(LH_EXP_GUARD), 1e-6);
  assert_near(LhExpGuarded(1e5, &slope), exp(LH_EXP_GUARD) * (1 + 1e5 - LH_EXP_GUARD), 1e-14);
  assert_near(slope, exp(LH_EXP_GUARD), 1e-14);
  assert_true(LhExpGuarded(-1e9, &slope) >= 0);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_e01_inversion),    cmocka_unit_test(test_e02_tafel),
      cmocka_unit_test(test_e16_stress_shift), cmocka_unit_test(test_exchange_current),
      cmocka_unit_test(test_linear),           cmocka_unit_test(test_exponential)};

  return RunTests(argc, argv, tests);
}
