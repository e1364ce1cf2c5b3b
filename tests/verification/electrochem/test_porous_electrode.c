/// Checks: host foils: E09 (porous electrode, linear kinetics) and E15 (staircase of a foil stripped slowly).
/// Reference: physics.md C.13: resistance in closed form with both conductivities; contents of free lithium and LiZn.
/// Tolerance and why: E09 1e-3 and order 2 in the cell size; E15 1e-4, a fiftieth of the width of the tanh steps.
/// Fails if: the coupling of solid and liquid, capacities, plateaus or the order of the reservoirs are wrong.
#include "support/cell_fixture.h"

#define FOIL 50e-6

/// Host of one reservoir that hardly changes: a = 1.9e7 1/m, linear kinetics of 0.89 A/m^2, sigma = 240 S/m.
static LhMaterialData MakeLinearHost(void) {
  LhMaterialData m = {.kind = LH_MATERIAL_HOST,
                      .porosity = 0.5,
                      .macmullin = 1,
                      .min_porosity = 0.005,
                      .network_conductivity = 480,
                      .num_reactions = 1};
  LhReaction *rx = &m.reactions[0];

  m.composition.volume_fraction[LH_PHASE_LI] = m.composition.volume_fraction[LH_PHASE_CNT] = 0.5;
  *rx = (LhReaction){.name = "lithium",
                     .kind = LH_CONTENT_METAL,
                     .initial = 5e4,
                     .capacity = PETSC_INFINITY,
                     .molar_volume = 1e-5,
                     .area = 1.9e7,
                     .supply_time = 1e-3,
                     .interface = MakeInterface("linear", "exchange_current_density: 0.89 A/m2\n")};
  rx->interface.contact_resistance = 1e-9;
  PetscCallAbort(PETSC_COMM_SELF, LhEquilibriumLawFind("metal", &rx->equilibrium));
  return m;
}

/// Collector | host | lithium without a separator; t+ = 1 keeps the concentration and its potential away.
static double Resistance(PetscInt n, LhElectrodeKind kind) {
  LhBoxSpec box = {.width = 3e-6,
                   .depth = 2e-6,
                   .cells_x = 1,
                   .cells_y = 1,
                   .num_layers = 1,
                   .layers = {{"foil", FOIL, n, 1}}};
  PetscReal s[LH_NUM_SCALARS];
  Cell c;

  memset(&c, 0, sizeof(c));
  c.layer[0] = MakeLinearHost();
  c.electrolyte =
      MakeElectrolyte("constant",
                      "conductivity: 0.8 S/m\ndiffusivity: 8e-10 m2/s\ntransference_number: 1\n"
                      "thermodynamic_factor: 1\n",
                      1000);
  c.spec.electrodes[LH_WORKING] = MakeCollector("bottom", 1e-12);
  c.spec.electrodes[LH_WORKING].kind = kind;
  c.spec.electrodes[LH_COUNTER] = MakeLithium("top", "butler_volmer", FAST_LITHIUM);
  c.numerics = DefaultNumerics();
  OK(CellBuild(&c, &box));
  OK(CellRunCurrent(&c, 10, 0.5, 1e-5));
  OK(CellScalars(&c, s));
  OK(CellDestroy(&c));
  return s[LH_VOLTAGE] / 10 - THERMAL / 1e8;  // the lithium face is in series
}

static void CheckE09(LhElectrodeKind kind) {
  const double exact = 4.8912783e-5;
  PetscReal error[3];

  for (int k = 0; k < 3; k++) error[k] = Resistance(10 << k, kind) / exact - 1;
  CheckOrderTwo("resistance", error, 1e-3);
}

static void TestE09Collector(void **state) {
  (void)state;
  CheckE09(LH_ELECTRODE_COLLECTOR);
}

/// In one dimension a uniform flux is the same problem.
static void TestE09Uniform(void **state) {
  (void)state;
  CheckE09(LH_ELECTRODE_UNIFORM);
}

/// 50 um of LZNC, dense but for the porosity transport needs.
static void BuildFoil(Cell *c, double porosity) {
  LhBoxSpec box = {
      .width = 3e-6,
      .depth = 2e-6,
      .cells_x = 1,
      .cells_y = 1,
      .num_layers = 2,
      .layers = {{"foil", FOIL, 8, 1}, {"separator", 25e-6, 3, 1}}
  };

  CellFoil(c, porosity);
  OK(CellBuild(c, &box));
}

/// E15: midway between two plateaus the capacity is that of the step; 1 V is the end.
static void TestE15Staircase(void **state) {
  static const double volts[] = {0.157 / 2, (0.157 + 0.219) / 2, (0.219 + 0.256) / 2,
                                 (0.256 + 0.3) / 2, 1};
  static const double steps[] = {8.326769036, 8.475039597, 8.551421401, 8.596351874, 8.776073766};
  const double porosity = 0.02, density = 0.02;
  Cell c;

  (void)state;
  BuildFoil(&c, porosity);
  for (int k = 0; k < 5; k++) {
    const LhLimit limit = {LH_VOLTAGE, volts[k], 1};
    const LhControl control = {LH_CONTROL_CURRENT, density * c.area};
    PetscReal s[LH_NUM_SCALARS];
    PetscInt which;

    OK(CellRun(&c, &control, 1, &limit, 1e9, 1e-2, &which));
    assert_int_equal(which, 0);
    OK(CellScalars(&c, s));
    CheckRelative("capacity [mAh/cm2]", s[LH_CHARGE] / c.area / MAH_CM2, steps[k] * (1 - porosity),
                  1e-4);
  }
  OK(CellDestroy(&c));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestE09Collector),
                                     cmocka_unit_test(TestE09Uniform),
                                     cmocka_unit_test(TestE15Staircase)};

  return RUN_TESTS(argc, argv, tests);
}
