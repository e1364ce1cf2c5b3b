/// Checks: time integration: error of the double layer's and film's charging over the tolerance, BDF order 1 and 2, equal steps and where they meet a limit.
/// Reference: constant current into R_0 - (R_f || C_f) - (R_ct || C_dl): exponentials, or implicit Euler's 1/(1 + h/RC)^n.
/// Tolerance and why: error within 30 times rtol (IDA controls local errors); observed order within 0.1; equal steps 1e-8, ten times that of Newton's method; time of a limit 1e-7, as the voltage rises more slowly than time.
/// Fails if: the time derivative of a row is wrong, tolerances do not reach the integrator, a fixed step is not kept, or a limit is met between two states that are no solutions.
#include "support/cell_fixture.h"

#define THICKNESS 1e-6
#define AREA      1e6  // of interface per volume: the interface is as large as the collector
#define R_CONTACT 3e-4
#define R_FILM    2e-4
#define C_FILM    1.1
#define C_LAYER   0.7
#define EXCHANGE  40.

/// A host so conducting that all its cells are alike, with linear kinetics and contents that do not matter.
static LhMaterialData MakeCircuit(void) {
  char text[64];
  LhMaterialData m = {.kind = LH_MATERIAL_HOST,
                      .porosity = 0.5,
                      .macmullin = 1,
                      .min_porosity = 0.005,
                      .network_conductivity = 1e4,
                      .num_reactions = 1};
  LhReaction *rx = &m.reactions[0];

  snprintf(text, sizeof(text), "exchange_current_density: %g A/m2\n", EXCHANGE);
  m.composition.volume_fraction[LH_PHASE_LI] = m.composition.volume_fraction[LH_PHASE_CNT] = 0.5;
  *rx = (LhReaction){.name = "lithium",
                     .kind = LH_CONTENT_METAL,
                     .initial = 5e4,
                     .capacity = PETSC_INFINITY,
                     .molar_volume = 1e-8,
                     .area = AREA,
                     .supply_time = 1e-6,
                     .interface = MakeInterface("linear", text)};
  rx->interface.contact_resistance = R_CONTACT;
  rx->interface.film_resistance = R_FILM;
  rx->interface.film_capacitance = C_FILM;
  rx->interface.double_layer_capacitance = C_LAYER;
  PetscCallAbort(PETSC_COMM_SELF, LhEquilibriumLawFind("metal", &rx->equilibrium));
  return m;
}

static const double density = 10, at = 3e-4;

static void Build(const LhEcSolverSpec *numerics, Cell *c) {
  LhBoxSpec box = {.width = 3e-6,
                   .depth = 2e-6,
                   .cells_x = 1,
                   .cells_y = 1,
                   .num_layers = 1,
                   .layers = {{"foil", THICKNESS, 2, 1, 0}}};

  memset(c, 0, sizeof(*c));
  c->layer[0] = MakeCircuit();
  c->electrolyte =
      MakeElectrolyte("constant",
                      "conductivity: 1e3 S/m\ndiffusivity: 8e-10 m2/s\ntransference_number: 1\n"
                      "thermodynamic_factor: 1\n",
                      1000);
  c->spec.electrodes[LH_WORKING] = MakeCollector("bottom", 1e-12);
  c->spec.electrodes[LH_COUNTER] = MakeLithium("top", "butler_volmer", FAST_LITHIUM);
  c->numerics = *numerics;
  OK(CellBuild(c, &box));
}

/// V at time `at` after switching on `density`.
static double Run(const LhEcSolverSpec *numerics, double first_step) {
  PetscReal s[LH_NUM_SCALARS];
  Cell c;

  Build(numerics, &c);
  OK(CellRunCurrent(&c, density, at, first_step));
  OK(CellScalars(&c, s));
  OK(CellDestroy(&c));
  return s[LH_VOLTAGE];
}

/// Steps of at most `max_step` when it is not 0.
static double Voltage(double rtol, int order, double max_step) {
  LhEcSolverSpec numerics = DefaultNumerics();

  numerics.rtol = rtol;
  numerics.atol = rtol * 1e-3;
  numerics.max_order = order;
  numerics.max_step = max_step;
  numerics.newton_coefficient = max_step > 0 ? 1e-6 : 0.1;
  return Run(&numerics, max_step > 0 ? max_step : 1e-8);
}

/// Closed form: i [R_0 + R_f (1 - exp(-t/R_f C_f)) + R_ct (1 - exp(-t/R_ct C_dl))].
static double Exact(void) {
  const double Rct = THERMAL / EXCHANGE;

  return density * (R_CONTACT + R_FILM * -expm1(-at / (R_FILM * C_FILM)) +
                    Rct * -expm1(-at / (Rct * C_LAYER)));
}

/// The same after n equal steps of implicit Euler.
static double Euler(int n) {
  const double Rct = THERMAL / EXCHANGE, h = at / n;

  return density * (R_CONTACT + R_FILM * (1 - pow(1 + h / (R_FILM * C_FILM), -n)) +
                    Rct * (1 - pow(1 + h / (Rct * C_LAYER), -n)));
}

/// What the electrodes and the thin host add: 1e-9 Ohm m^2, measured at rtol 1e-10 and taken off.
static double Series(void) {
  return Voltage(1e-10, 5, 0) - Exact();
}

static void TestTolerance(void **state) {
  static const double rtol[] = {1e-4, 1e-6, 1e-8};
  const double exact = Exact(), series = Series();
  double before = 1;

  (void)state;
  assert_true(fabs(series) < 1e-5 * exact);
  for (int k = 0; k < 3; k++) {
    const double error = fabs(Voltage(rtol[k], 5, 0) - series - exact) / exact;

    print_message("rtol %.0e: error %.1e\n", rtol[k], error);
    assert_true(error < 30 * rtol[k]);
    assert_true(error < before);
    before = error;
  }
}

/// With loose tolerances the longest step rules: halving it halves (order 1) or quarters (order 2) the error.
static void CheckOrder(int order) {
  const double exact = Exact(), series = Series();
  double error[3];

  for (int k = 0; k < 3; k++) error[k] = Voltage(1e-1, order, at / (40 << k)) - series - exact;
  print_message("BDF %d: errors %.2e %.2e %.2e, orders %.3f %.3f\n", order, error[0], error[1],
                error[2], log2(error[0] / error[1]), log2(error[1] / error[2]));
  CheckNear("order of the BDF", log2(error[1] / error[2]), order, 0.1);
}

static void TestFirstOrder(void **state) {
  (void)state;
  CheckOrder(1);
}

static void TestSecondOrder(void **state) {
  (void)state;
  CheckOrder(2);
}

static LhEcSolverSpec Sharp(void) {
  LhEcSolverSpec numerics = DefaultNumerics();

  numerics.rtol = 1e-9;
  numerics.atol = 1e-9;
  numerics.newton_coefficient = 1;
  numerics.krylov_rtol = 1e-10;
  return numerics;
}

/// Far too long for the error test, which must not shorten them, whatever the first step that is asked for.
static void TestEqualSteps(void **state) {
  LhEcSolverSpec numerics = Sharp();
  const double series = Series();

  (void)state;
  for (int n = 1; n <= 6; n++) {
    numerics.fixed_step = at / n;
    CheckNear("equal steps", (Run(&numerics, 1e-9) - series) / Euler(n), 1, 1e-8);
  }
}

/// The voltage after a whole step and 0.4 of one is set as a limit: met there, by a step of that length.
static void TestEqualStepsLimit(void **state) {
  const double Rct = THERMAL / EXCHANGE, h = at / 2, part = 0.4 * h, series = Series();
  const double tf = R_FILM * C_FILM, tl = Rct * C_LAYER;
  const LhLimit limit = {
      .scalar = LH_VOLTAGE,
      .value = series + density * (R_CONTACT + R_FILM * (1 - 1 / ((1 + h / tf) * (1 + part / tf))) +
                                   Rct * (1 - 1 / ((1 + h / tl) * (1 + part / tl)))),
      .direction = 1};
  LhEcSolverSpec numerics = Sharp();
  PetscReal s[LH_NUM_SCALARS], t;
  PetscInt which = -1;
  Cell c;

  (void)state;
  numerics.fixed_step = h;
  Build(&numerics, &c);
  OK(CellRun(&c, &(LhControl){LH_CONTROL_CURRENT, density * c.area}, 1, &limit, 1., 1e-9, &which));
  OK(LhEcSolverGetState(c.solver, &t, NULL, NULL));
  OK(CellScalars(&c, s));
  assert_int_equal(which, 0);
  CheckNear("time of the limit", t / (h + part), 1, 1e-7);
  CheckNear("voltage at the limit", s[LH_VOLTAGE] / limit.value, 1, 1e-8);
  OK(CellDestroy(&c));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestTolerance), cmocka_unit_test(TestFirstOrder),
      cmocka_unit_test(TestSecondOrder), cmocka_unit_test(TestEqualSteps),
      cmocka_unit_test(TestEqualStepsLimit)};

  return RUN_TESTS(argc, argv, tests);
}
