/// Checks: coupling of electrochemistry and mechanics through a whole run: staggered against iterated, order in the
///   window, control of the window, rest, clamped growth M10, shift of the voltage by pressure E16, change of control.
/// Reference: M10 ln(h/h0) = e_g (1 + nu)/(1 - nu), e_g from molar volumes of LiZn and Zn; E16 dU = -V p/F with p of
///   clamped elastic lithium; the two schemes check each other.
/// Tolerance and why: M10 1e-3 (LiZn left at 1 V differs by layer); E16 1e-3 (strain of 1e-4 against the linear closed
///   form); schemes agree within the tolerance asked of them; observed order above 1, as the front of load transfer is a kink.
/// Fails if: growth, J or p reaches the other side wrong or not at all, has the wrong sign, or rates outlive their cause.
#include "support/coupled_run.h"

#define CASE "tests/verification/coupling/case.yaml"

static Result result[3];

/// A strip deep into de-alloying.
#define DEEP "experiment.steps=[strip at 0.5 mA/cm^2 until 8.4 mA.h/cm^2]"

static void TestSchemesAgree(void **state) {
  const double tolerance = 1e-3;
  static const char *const staggered[] = {"regions.foil.change.skeleton=frictional", DEEP,
                                          "coupling.tolerance=1e-3", NULL};
  static const char *const iterated[] = {"regions.foil.change.skeleton=frictional", DEEP,
                                         "coupling.tolerance=1e-3", "coupling.scheme=iterated",
                                         NULL};
  double volts;

  (void)state;
  RunWith(CASE, staggered, &result[0]);
  RunWith(CASE, iterated, &result[1]);
  volts = Last(&result[0], "voltage") - Last(&result[1], "voltage");
  assert_true(result[1].stats.repeats > 0 && result[0].stats.repeats == 0);
  assert_true(result[1].stats.worst_error <= tolerance);
  assert_true(fabs(Last(&result[0], "thickness_change")) >
              10 * tolerance);  // there is something to couple
  assert_true(fabs(Last(&result[0], "thickness_change") - Last(&result[1], "thickness_change")) <
              tolerance);
  assert_true(fabs(volts) < tolerance * LH_GAS_CONSTANT * 298.15 / LH_FARADAY * 10);
}

/// Mean over time of the coupling error, with windows of a fixed length.
static double MeanError(const char window[]) {
  const char *const words[] = {"regions.foil.change.skeleton=frictional", DEEP,
                               "coupling.tolerance=1", window, NULL};
  double sum = 0;

  RunWith(CASE, words, &result[0]);
  for (int i = 1; i < result[0].num_rows; i++) {
    sum += (Value(&result[0], i, "time") - Value(&result[0], i - 1, "time")) *
           Value(&result[0], i, "coupling_error");
  }
  return sum / Last(&result[0], "time");
}

static void TestOrder(void **state) {
  const double error[3] = {MeanError("coupling.window=4 %"), MeanError("coupling.window=2 %"),
                           MeanError("coupling.window=1 %")};

  (void)state;
  for (int k = 0; k < 2; k++) assert_true(log2(error[k] / error[k + 1]) > 1);
}

/// A tighter tolerance makes more windows, and a smaller mean error than the same longest window without control.
static void TestWindowControl(void **state) {
  static const char *const tight[] = {"regions.foil.change.skeleton=frictional", DEEP,
                                      "coupling.tolerance=1e-4", NULL};
  static const char *const loose[] = {"regions.foil.change.skeleton=frictional", DEEP,
                                      "coupling.tolerance=1", NULL};

  (void)state;
  RunWith(CASE, tight, &result[0]);
  RunWith(CASE, loose, &result[1]);
  assert_true(result[0].stats.windows > 2 * result[1].stats.windows);
  assert_true(result[0].stats.worst_error < 0.3 * result[1].stats.worst_error);
}

static void TestRest(void **state) {
  static const char *const words[] = {"regions.foil.material=elastic_host",
                                      "experiment.steps=[rest for 5 h]", NULL};
  const double E = 2e9, nu = 0.1, p = 0.2e6, strain = -p * (1 + nu) * (1 - 2 * nu) / (E * (1 - nu));
  const Result *r = &result[0];

  (void)state;
  RunWith(CASE, words, &result[0]);
  CheckRelative("strain under the stack", Value(r, 0, "thickness_change"), strain,
                3 * fabs(strain));
  for (int i = 1; i < r->num_rows; i++) {
    assert_true(fabs(Value(r, i, "thickness_change") - Value(r, 0, "thickness_change")) < 1e-9);
  }
}

static void TestClampedGrowth(void **state) {
  static const char *const words[] = {"regions.foil.material=elastic_host",
                                      "mechanics.stack_pressure=0 Pa", NULL};
  const double V_LiZn = 72.32e-3 / 3990, V_Zn = 65.38e-3 / 7140, nu = 0.1;
  const Result *r = &result[0];
  double growth, strain;

  (void)state;
  RunWith(CASE, words, &result[0]);
  growth = log(1 - (V_LiZn - V_Zn) * r->n_zn * (1 - Last(r, "lizn_left"))) / 3;
  strain = log1p(Last(r, "thickness_change"));
  assert_true(growth < -0.009);
  CheckRelative("strain of clamped growth", strain, growth * (1 + nu) / (1 - nu), 1e-3);
}

/// Voltage at rest under a stack pressure that elastic, clamped lithium bears alone.
static double RestVoltage(const char pressure[]) {
  const char *const words[] = {"regions.foil.material=elastic_lithium",
                               "experiment.steps=[rest for 1 min]",
                               "numerics.electrochemistry.rtol=1e-8", pressure, NULL};

  RunWith(CASE, words, &result[0]);
  return Last(&result[0], "voltage");
}

static void TestPressureShift(void **state) {
  const double low = RestVoltage("mechanics.stack_pressure=0.4 MPa"),
               high = RestVoltage("mechanics.stack_pressure=1.6 MPa");
  const double nu = 0.38, p = 1.2e6 / result[0].lithium_share * (1 + nu) / (3 * (1 - nu));

  (void)state;
  CheckRelative("shift of the voltage [V]", high - low, -0.13473551e-9 * p, 2e-3);  // V/F [V/Pa]
}

static void TestPartsAddUp(void **state) {
  static const char *const words[] = {"regions.foil.change.skeleton=frictional", DEEP, NULL};
  const Result *r = &result[0];

  (void)state;
  RunWith(CASE, words, &result[0]);
  for (int i = 0; i < r->num_rows; i++) {
    const double sum = Value(r, i, "thickness_change_growth") +
                       Value(r, i, "thickness_change_elastic") +
                       Value(r, i, "thickness_change_plastic");
    assert_true(fabs(Value(r, i, "thickness_change") - sum) < 1e-14);
  }
}

/// Plating after a strip that shrank the foil: the first window extrapolates nothing.
static void TestReversal(void **state) {
  static const char *const words[] = {"regions.foil.change.skeleton=frictional",
                                      "coupling.tolerance=1",
                                      "experiment.steps=[strip at 0.5 mA/cm^2 until 5 mA.h/cm^2, "
                                      "plate at 0.5 mA/cm^2 until 0.4 mA.h/cm^2]",
                                      NULL};
  const Result *r = &result[0];
  double before = 0, first = -1;

  (void)state;
  RunWith(CASE, words, &result[0]);
  for (int i = 0; i < r->num_rows; i++) {
    if (Value(r, i, "step") < 1.5)
      before = Value(r, i, "thickness_change");
    else if (first < 0)
      first = fabs(Value(r, i, "coupling_error"));
  }
  assert_true(before < -0.01);
  // A quarter of a 2 % window on at the old rate, 13 % over half the foil, would be 0.001.
  assert_true(first < 5e-4);
}

int main(int argc, char *argv[]) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestRest),          cmocka_unit_test(TestClampedGrowth),
      cmocka_unit_test(TestPressureShift), cmocka_unit_test(TestPartsAddUp),
      cmocka_unit_test(TestReversal),      cmocka_unit_test(TestSchemesAgree),
      cmocka_unit_test(TestWindowControl), cmocka_unit_test(TestOrder),
  };
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  failed = cmocka_run_group_tests(tests, NULL, NULL);
  return PetscFinalize() || failed;
}
