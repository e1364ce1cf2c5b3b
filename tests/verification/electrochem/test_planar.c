/// Checks: planar lithium faces: E01, E02 (Butler-Volmer inversion, Tafel slopes), E14 (Faraday), E16 (stress shift).
/// Reference: physics.md C.13 in closed form: 2RT/F asinh(i/2 i0), RT/(a F) ln 10, V_m Q/F, V_m p/F.
/// Tolerance and why: 1e-6 relative, what the Newton iteration leaves; nothing is discretised.
/// Fails if: kinetics, sign of current, stress or voltage, or the charge of the counter electrode are wrong.
#include "support/cell_fixture.h"

#define THICKNESS 1e-6

/// Two lithium faces on 1 um of electrolyte of t+ = 1 and 1e3 S/m: 1e-9 Ohm m^2 between the faces.
static void Build(Cell *c, const char working[], double pressure) {
  LhBoxSpec box = {.width = 3e-6,
                   .depth = 2e-6,
                   .cells_x = 1,
                   .cells_y = 1,
                   .num_layers = 1,
                   .layers = {{"liquid", THICKNESS, 2, 1}}};

  memset(c, 0, sizeof(*c));
  c->layer[0] = MakePorous(1, 1);
  c->electrolyte =
      MakeElectrolyte("constant",
                      "conductivity: 1e3 S/m\ndiffusivity: 8e-10 m2/s\ntransference_number: 1\n"
                      "thermodynamic_factor: 1\n",
                      1000);
  c->spec.electrodes[LH_WORKING] = MakeLithium("bottom", "butler_volmer", working);
  c->spec.electrodes[LH_COUNTER] = MakeLithium("top", "butler_volmer", FAST_LITHIUM);
  c->spec.electrodes[LH_WORKING].pressure = pressure;
  c->numerics = DefaultNumerics();
  OK(CellBuild(c, &box));
}

static double Voltage(Cell *c, double density) {
  PetscReal s[LH_NUM_SCALARS];

  OK(CellRunCurrent(c, density, 1, 1e-3));
  OK(CellScalars(c, s));
  // The electrolyte and the fast face are in series.
  return s[LH_VOLTAGE] - density * (THICKNESS / 1e3 + THERMAL / 1e8);
}

static const char *const slow_lithium =
    "exchange_current_density: 0.89 A/m2\ntransfer_coefficient: 0.5\nactivation_energy: 0 "
    "J/mol\nstress_transfer: 0.3\n";

static void TestE01Inversion(void **state) {
  static const double density[] = {1, 10, 100}, volts[] = {27.5318e-3, 124.7091e-3, 242.6296e-3};
  Cell c;

  (void)state;
  Build(&c, slow_lithium, 0);
  for (int k = 0; k < 3; k++) {
    const double exact = 2 * THERMAL * asinh(density[k] / (2 * 0.89));

    CheckRelative("published", exact, volts[k], 3e-6);
    CheckRelative("anodic", Voltage(&c, density[k]), exact, 1e-6);
    CheckRelative("cathodic", Voltage(&c, -density[k]), -exact, 1e-6);
  }
  OK(CellDestroy(&c));
}

/// A jump of the voltage: i = 2 i0 sinh(F V/2RT), solved for the current by the first step.
static void TestE01Held(void **state) {
  static const double volts[] = {0.05, -0.15, 0.25};
  Cell c;

  (void)state;
  Build(&c, slow_lithium, 0);
  for (int k = 0; k < 3; k++) {
    const LhControl hold = {LH_CONTROL_VOLTAGE, volts[k]};
    PetscReal s[LH_NUM_SCALARS];
    double current;
    PetscInt limit;

    OK(CellRun(&c, &hold, 0, NULL, k + 1, 1e-3, &limit));
    OK(CellScalars(&c, s));
    current = s[LH_TOTAL_CURRENT] / c.area;
    CheckRelative(
        "voltage of the current",
        2 * THERMAL * asinh(current / (2 * 0.89)) + current * (THICKNESS / 1e3 + THERMAL / 1e8),
        volts[k], 1e-6);
  }
  OK(CellDestroy(&c));
}

/// Tafel currents are approached by factors of two: from far away Newton's method on an exponential needs too many steps.
static void Approach(Cell *c, double density) {
  for (double scale = 1e-4; scale < 0.9; scale *= 2) (void)Voltage(c, scale * density);
}

/// V per decade of current between density / 1.001 and density * 1.001.
static double Slope(Cell *c, double density) {
  Approach(c, density);
  return (Voltage(c, density * 1.001) - Voltage(c, density / 1.001)) / (2 * log10(1.001));
}

static void TestE02Tafel(void **state) {
  Cell c;

  (void)state;
  Build(&c, slow_lithium, 0);
  CheckRelative("slope at 100 A/m2", Slope(&c, 100),
                log(10) * 2 * THERMAL * 100 / hypot(100, 2 * 0.89), 1e-5);
  CheckRelative("charge-transfer resistance", Voltage(&c, 1e-3) / 1e-3, 0.028868, 3e-5);
  OK(CellDestroy(&c));
}

/// Unequal coefficients tell anodic from cathodic: slopes RT/(a F) ln 10 and RT/((1 - a) F) ln 10.
static void TestE02Asymmetric(void **state) {
  Cell c;

  (void)state;
  Build(&c,
        "exchange_current_density: 0.01 A/m2\ntransfer_coefficient: 0.3\nactivation_energy: 0 "
        "J/mol\nstress_transfer: 0.5\n",
        0);
  CheckRelative("anodic slope", Slope(&c, 100), log(10) * THERMAL / 0.3, 1e-5);
  CheckRelative("cathodic slope", -Slope(&c, -100), log(10) * THERMAL / 0.7, 1e-5);
  OK(CellDestroy(&c));
}

static void TestE14Faraday(void **state) {
  Cell c;
  Vec y;
  LhInventory before, inventory;
  PetscReal t, Vm;

  (void)state;
  Build(&c, slow_lithium, 0);
  Vm = c.spec.electrodes[LH_COUNTER].molar_volume;
  OK(CellRunCurrent(&c, 10, 0.5 * 3600, 1e-2));
  OK(LhEcSolverGetState(c.solver, &t, &y, NULL));
  OK(LhElectrochemGetInventory(c.ec, t, y, &before));
  OK(CellRunCurrent(&c, 10, 0.5 * 3600, 1e-2));
  OK(LhEcSolverGetState(c.solver, &t, &y, NULL));
  OK(LhElectrochemGetInventory(c.ec, t, y, &inventory));
  assert_true(fabs(t - 3600) < 1e-6);
  {
    PetscReal s[LH_NUM_SCALARS];

    OK(CellScalars(&c, s));
    CheckRelative("counter foil [m per mAh/cm2]", Vm * s[LH_COUNTER_CHARGE] / (LH_FARADAY * c.area),
                  4.850478199e-6, 1e-9);
    CheckRelative("working foil [m per mAh/cm2]", Vm * s[LH_CHARGE] / (LH_FARADAY * c.area),
                  4.850478199e-6, 1e-9);
    CheckRelative("velocity [m/s]", Vm * s[LH_TOTAL_CURRENT] / (LH_FARADAY * c.area),
                  1.3473550554e-9, 1e-9);
  }
  // What one electrode loses the other gains.
  assert_true(fabs(inventory.planar) < 1e-9 * 10 * 3600 * c.area / LH_FARADAY);
  assert_true(fabs(inventory.lithium_error) < 1e-9 && fabs(before.lithium_error) < 1e-9);
  OK(CellDestroy(&c));
}

static void TestE16Stress(void **state) {
  Cell c;

  (void)state;
  Build(&c, slow_lithium, 10e6);
  CheckRelative("rest voltage of lithium under 10 MPa", Voltage(&c, 0), -1.3473550553603e-3, 1e-6);
  OK(CellDestroy(&c));
  Build(&c, slow_lithium, -10e6);
  CheckRelative("in tension", Voltage(&c, 0), 1.3473550553603e-3, 1e-6);
  OK(CellDestroy(&c));
}

/// The share s of the stress acts on plating: exchange currents grow by exp[(1 - s) V p/RT] and exp[-s V p/RT].
static void TestE16Exchange(void **state) {
  const double x = 1.3e-5 * 10e6 / (LH_GAS_CONSTANT * 298.15), far = 1e5;
  Cell c;

  (void)state;
  Build(&c, slow_lithium, 10e6);
  // Far from rest one branch rules: i = i0 exp(F V/2RT) exp((1 - s) x).
  Approach(&c, far);
  CheckRelative("stripping under pressure", Voltage(&c, far),
                2 * THERMAL * (log(far / 0.89) - 0.7 * x), 1e-6);
  Approach(&c, -far);
  CheckRelative("plating under pressure", Voltage(&c, -far),
                -2 * THERMAL * (log(far / 0.89) + 0.3 * x), 1e-6);
  OK(CellDestroy(&c));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestE01Inversion), cmocka_unit_test(TestE01Held),
      cmocka_unit_test(TestE02Tafel),     cmocka_unit_test(TestE02Asymmetric),
      cmocka_unit_test(TestE14Faraday),   cmocka_unit_test(TestE16Stress),
      cmocka_unit_test(TestE16Exchange)};

  return RUN_TESTS(argc, argv, tests);
}
