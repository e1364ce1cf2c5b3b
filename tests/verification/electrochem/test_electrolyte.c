/// Checks: salt and potential between two lithium faces: E03 to E08 (steady state, limiting current, Sand, transient, Li3N).
/// Reference: physics.md C.13, closed_forms: linear profile, tanh of the voltage, Sand, Fourier series, Li3N in parallel.
/// Tolerance and why: 1e-3 relative on the finest mesh and order 2 in the cell size; transients are integrated to 1e-7.
/// Fails if: transport, its boundary terms, the lumped salt content or the Li3N bridge are wrong.
#include "support/cell_fixture.h"

#define LENGTH    100e-6
#define DILUTE(D) "cation_diffusivity: " D " m2/s\nanion_diffusivity: " D " m2/s\n"
#define CONCENTRATED                                                      \
  "conductivity: 1.1 S/m\ndiffusivity: 5e-10 m2/s\ntransference_number: " \
  "0.4\nthermodynamic_factor: 1\n"

/// Li | free electrolyte | Li as a column of n cells; working electrode at the bottom.
static void Build(Cell *c, const char law[], const char text[], double bridge, double rtol,
                  const LhBoxLayer *layer) {
  LhBoxSpec box = {.width = 3e-6, .depth = 2e-6, .cells_x = 1, .cells_y = 1, .num_layers = 1};

  memset(c, 0, sizeof(*c));
  box.layers[0] = *layer;
  c->layer[0] = MakePorous(1, 1);
  c->layer[0].bridge_conductivity = bridge;
  c->electrolyte = MakeElectrolyte(law, text, 1000);
  c->spec.electrodes[LH_WORKING] = MakeLithium("bottom", "butler_volmer", FAST_LITHIUM);
  c->spec.electrodes[LH_COUNTER] = MakeLithium("top", "butler_volmer", FAST_LITHIUM);
  c->numerics = DefaultNumerics();
  c->numerics.rtol = rtol;
  c->numerics.atol = rtol / 10;
  OK(CellBuild(c, &box));
}

static void BuildUniform(Cell *c, const char law[], const char text[], double bridge, double rtol,
                         PetscInt n) {
  const LhBoxLayer layer = {"liquid", LENGTH, n, 1, 0};

  Build(c, law, text, bridge, rtol, &layer);
}

/// What a run to `time` leaves.
typedef struct {
  double voltage, current, anode, cathode;  ///< [V], [A/m^2], [mol/m^3]
} Result;

/// Overpotential of one of the fast faces: i0 goes with the root of the concentration.
static double Overpotential(double density, double c) {
  return 2 * THERMAL * asinh(density / (2e8 * sqrt(c / 1000)));
}

static Result Read(Cell *c) {
  PetscReal s[LH_NUM_SCALARS], bottom[3], top[3];
  const LhMeshView *mesh;
  Result r;

  OK(LhMeshGetView(c->mesh, &mesh));
  OK(CellScalars(c, s));
  OK(CellPlane(c, 0, bottom));
  OK(CellPlane(c, mesh->upper[2], top));
  r = (Result){s[LH_VOLTAGE], s[LH_TOTAL_CURRENT] / c->area, bottom[2], top[2]};
  r.voltage -= Overpotential(r.current, r.anode) + Overpotential(r.current, r.cathode);
  return r;
}

static Result Steady(const char law[], const char text[], double bridge, PetscInt n,
                     double density) {
  Cell c;
  Result r;

  BuildUniform(&c, law, text, bridge, 1e-5, n);
  OK(CellRunCurrent(&c, density, 2000, 1e-3));
  r = Read(&c);
  OK(CellDestroy(&c));
  return r;
}

/// Steady values on three meshes against the exact ones.
static void CheckSteady(const char law[], const char text[], double bridge, double density,
                        const Result *exact) {
  PetscReal voltage[3], anode[3], cathode[3];

  for (int k = 0; k < 3; k++) {
    const Result r = Steady(law, text, bridge, 10 << k, density);

    voltage[k] = r.voltage / exact->voltage - 1;
    anode[k] = r.anode / exact->anode - 1;
    cathode[k] = r.cathode / exact->cathode - 1;
  }
  CheckOrderTwo("voltage", voltage, 1e-3);
  CheckOrderTwo("concentration at the anode", anode, 1e-3);
  CheckOrderTwo("concentration at the cathode", cathode, 1e-3);
}

/// E03: Nernst-Planck with D+ = D-: c is linear, the drop between lithium references 2 RT/F ln(c_a/c_c).
static Result NernstPlanck(double D, double density) {
  const double dc = density * 0.5 * LENGTH / (LH_FARADAY * D);
  Result r = {0, density, 1000 + dc / 2, 1000 - dc / 2};

  r.voltage = 2 * THERMAL * log(r.anode / r.cathode);
  return r;
}

static void TestE03Steady(void **state) {
  const Result exact = NernstPlanck(8e-10, 100), r = Steady("dilute", DILUTE("8e-10"), 0, 10, 100);
  const Result large = NernstPlanck(8e-10, 2400);

  (void)state;
  CheckRelative("published voltage", exact.voltage, 3.329725e-3, 1e-6);
  CheckRelative("published difference", exact.anode - exact.cathode, 64.7767, 1e-6);
  CheckRelative("voltage", r.voltage, exact.voltage, 1e-5);
  CheckRelative("difference of concentrations", r.anode - r.cathode, exact.anode - exact.cathode,
                1e-4);
  CheckSteady("dilute", DILUTE("8e-10"), 0, 2400, &large);
}

/// The opposite current gives the mirror image.
static void TestE03Reversed(void **state) {
  const Result forth = Steady("dilute", DILUTE("8e-10"), 0, 20, 1500),
               back = Steady("dilute", DILUTE("8e-10"), 0, 20, -1500);

  (void)state;
  CheckRelative("voltage", back.voltage, -forth.voltage, 1e-7);
  CheckRelative("concentration", back.cathode, forth.anode, 1e-7);
}

/// E04: under a held voltage J = J_lim tanh(F V / 4RT): the plateau is the limiting current.
static void TestE04Limiting(void **state) {
  static const double volts[] = {0.05, 0.2, 0.5};
  const LhBoxLayer layer = {"liquid", LENGTH, 100, 1e-3, 0};  // fine at the cathode
  const double limiting = 3087.5306;
  Result r = {0, 0, 0, 0};
  Cell c;

  (void)state;
  Build(&c, "dilute", DILUTE("8e-10"), 0, 1e-5, &layer);
  for (int k = 0; k < 3; k++) {
    const LhControl hold = {LH_CONTROL_VOLTAGE, volts[k]};
    PetscInt limit;

    OK(CellRun(&c, &hold, 0, NULL, 200. * (k + 1), 1e-4, &limit));
    r = Read(&c);
    CheckRelative("current", r.current, limiting * tanh(r.voltage / (4 * THERMAL)), 1e-3);
  }
  CheckRelative("limiting current", r.current, limiting, 1e-3);
  assert_true(r.cathode < 1);
  OK(CellDestroy(&c));
}

/// E04: steady concentration at the cathode falls linearly with the current and would vanish at J_lim.
static void TestE04Extrapolated(void **state) {
  const Result a = Steady("dilute", DILUTE("8e-10"), 0, 40, 1000),
               b = Steady("dilute", DILUTE("8e-10"), 0, 40, 2000);

  (void)state;
  CheckRelative("limiting current", 1000 + 1000 * a.cathode / (a.cathode - b.cathode), 3087.5306,
                1e-3);
}

/// E05: concentrated solution of constant properties: J L/kappa + 2RT/F (1 - t+) ln(c_a/c_c).
static Result Concentrated(double density) {
  const double dc = density * 0.6 * LENGTH / (LH_FARADAY * 5e-10);
  Result r = {0, density, 1000 + dc / 2, 1000 - dc / 2};

  r.voltage = density * LENGTH / 1.1 + 2 * THERMAL * 0.6 * log(r.anode / r.cathode);
  return r;
}

static void TestE05Concentrated(void **state) {
  const Result exact = Concentrated(100), r = Steady("constant", CONCENTRATED, 0, 10, 100),
               large = Concentrated(1200);

  (void)state;
  CheckRelative("published voltage", exact.voltage, 12.930365e-3, 1e-6);
  CheckRelative("voltage", r.voltage, exact.voltage, 1e-4);
  CheckSteady("constant", CONCENTRATED, 0, 1200, &large);
}

/// Cells for the semi-infinite problem: 0.8 mm, the smallest at the cathode.
static void BuildSand(Cell *c, PetscInt n, double grading) {
  const LhBoxLayer layer = {"liquid", 800e-6, n, grading, 0};

  Build(c, "constant",
        "conductivity: 100 S/m\ndiffusivity: 5e-10 m2/s\ntransference_number: "
        "0.4\nthermodynamic_factor: 1\n",
        0, 1e-7, &layer);
}

/// E06: concentration at the cathode at half of Sand's time; diffusion reaches 0.2 mm, so the anode does not matter.
static void TestE06Half(void **state) {
  const double tau = 40.6200;
  PetscReal error[3];

  (void)state;
  for (int k = 0; k < 3; k++) {
    Cell c;

    BuildSand(&c, 40 << k, 1);
    OK(CellRunCurrent(&c, 500, tau / 2, 1e-3));
    error[k] = Read(&c).cathode / 292.8932 - 1;
    OK(CellDestroy(&c));
  }
  CheckOrderTwo("concentration at half of Sand's time", error, 1e-3);
}

/// E06: the voltage runs away when the salt is gone: at 0.3 V c is 1e-4 of the initial one.
static void TestE06Sand(void **state) {
  const LhLimit limit = {LH_VOLTAGE, 0.3, 1};
  LhControl control;
  PetscInt which;
  PetscReal t;
  Cell c;

  (void)state;
  BuildSand(&c, 120, 3e-3);
  control = (LhControl){LH_CONTROL_CURRENT, 500 * c.area};
  OK(CellRun(&c, &control, 1, &limit, 100, 1e-3, &which));
  OK(LhEcSolverGetState(c.solver, &t, NULL, NULL));
  assert_int_equal(which, 0);
  assert_true(Read(&c).cathode < 1);
  CheckRelative("Sand's time", t, 40.6200, 1e-3);
  OK(CellDestroy(&c));
}

/// E07: concentration at the cathode after switching on 100 A/m^2 (Fourier series of the reference).
static void TestE07Transient(void **state) {
  static const double at[] = {0.2, 1, 5}, exact[] = {985.96621, 968.65299, 942.08904};
  PetscReal error[3][3];

  (void)state;
  for (int k = 0; k < 3; k++) {
    Cell c;

    BuildUniform(&c, "constant", CONCENTRATED, 0, 1e-7, 25 << k);
    for (int m = 0; m < 3; m++) {
      OK(CellRunCurrent(&c, 100, at[m] - (m ? at[m - 1] : 0), 1e-4));
      error[m][k] = (Read(&c).cathode - exact[m]) / (1000 - exact[m]);
    }
    OK(CellDestroy(&c));
  }
  // Relative to the depletion, which is 1.4 to 6 % of the concentration.
  for (int m = 0; m < 3; m++) CheckOrderTwo("depletion", error[m], 1e-3);
}

/// E08: with Li3N of 0.02 S/m in parallel, at local equilibrium, the cell passes the liquid's limiting current.
static void TestE08Bridge(void **state) {
  static const Result exact[] = {
      {0.05251971492291445, 192.97066424, 1477.0929611275133, 531.5258099024909 },
      {0.14896128771446862, 385.94132848, 1953.2003774025325, 107.58787282950965},
      {0.19353356605392422, 424.53546133, 2046.7723003187589, 47.35570693772967 }
  };

  (void)state;
  for (int k = 0; k < 3; k++) {
    const Result r = Steady("dilute", DILUTE("1e-10"), 0.02, 160, exact[k].current);

    CheckRelative("voltage", r.voltage, exact[k].voltage, 1e-3);
    CheckRelative("anode", r.anode, exact[k].anode, 1e-3);
    CheckRelative("cathode", r.cathode, exact[k].cathode, 1e-3);
  }
  CheckSteady("dilute", DILUTE("1e-10"), 0.02, exact[0].current, &exact[0]);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestE03Steady),       cmocka_unit_test(TestE03Reversed),
      cmocka_unit_test(TestE04Limiting),     cmocka_unit_test(TestE04Extrapolated),
      cmocka_unit_test(TestE05Concentrated), cmocka_unit_test(TestE06Half),
      cmocka_unit_test(TestE06Sand),         cmocka_unit_test(TestE07Transient),
      cmocka_unit_test(TestE08Bridge)};

  return RUN_TESTS(argc, argv, tests);
}
