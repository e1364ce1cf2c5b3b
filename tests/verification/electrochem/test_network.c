/// Checks: a Li3N network with a potential of its own beside the liquid: voltage, healing length, limits, charge balance.
/// Reference: two parallel conductors that exchange g (phi_N - phi_e), current through the liquid at both ends:
///   i_N = I k_N/(k+k_N) [1 - cosh(nu (x/L - 1/2))/cosh(nu/2)], nu^2 = L^2 g (1/k + 1/k_N), and with the transference
///   number 1 the voltage I L/k [1 - k_N/(k+k_N) (1 - 2/nu tanh(nu/2))]; g to infinity: I L/(k+k_N), g to 0: I L/k.
/// Tolerance and why: order 2 in the cell size and 1e-4 on 160 cells; the limits 1e-6; ranks 1e-9.
/// Fails if: the eliminated operator, its share of the Newton matrix (then steps fail), or a sign is wrong.
#include "support/cell_fixture.h"

#define LENGTH  100e-6
#define KAPPA   0.8
#define NETWORK 0.5
#define CURRENT 100.

/// Transference number 1: the salt stays uniform and the liquid is an ohmic conductor.
static const char liquid[] =
    "conductivity: 0.8 S/m\ndiffusivity: 5e-10 m2/s\ntransference_number: 1\nthermodynamic_factor: "
    "1\n";

/// Voltage between two fast lithium faces on `n` cells.
static double Voltage(double exchange, PetscInt n, PetscInt preconditioner) {
  LhBoxSpec box = {.width = 3e-6, .depth = 2e-6, .cells_x = 2, .cells_y = 1, .num_layers = 1};
  const LhBoxLayer layer = {"liquid", LENGTH, n, 1, 0};
  PetscReal s[LH_NUM_SCALARS];
  LhEcSolverStats stats;
  Cell c;

  memset(&c, 0, sizeof(c));
  box.layers[0] = layer;
  c.layer[0] = MakePorous(1, 1);
  c.layer[0].bridge_conductivity = NETWORK;
  c.layer[0].bridge_exchange = exchange;
  c.electrolyte = MakeElectrolyte("constant", liquid, 1000);
  c.spec.electrodes[LH_WORKING] = MakeLithium("bottom", "butler_volmer", FAST_LITHIUM);
  c.spec.electrodes[LH_COUNTER] = MakeLithium("top", "butler_volmer", FAST_LITHIUM);
  c.numerics = DefaultNumerics();
  c.numerics.preconditioner = preconditioner;
  OK(CellBuild(&c, &box));
  OK(CellRunCurrent(&c, CURRENT, 1, 1e-4));
  OK(CellScalars(&c, s));
  OK(LhEcSolverGetStats(c.solver, &stats));
  assert_true(stats.newton_failures == 0);
  // What leaves one face reaches the other.
  CheckRelative("charge", s[LH_COUNTER_CHARGE], s[LH_CHARGE], 1e-9);
  s[LH_VOLTAGE] -= 4 * THERMAL * asinh(CURRENT / 2e8);
  OK(CellDestroy(&c));
  return s[LH_VOLTAGE];
}

static double Exact(double exchange) {
  const double nu = LENGTH * sqrt(exchange * (1 / KAPPA + 1 / NETWORK));

  return CURRENT * LENGTH / KAPPA * (1 - NETWORK / (KAPPA + NETWORK) * (1 - 2 / nu * tanh(nu / 2)));
}

/// Healing lengths of L/3 and L/12.
static void TestTwoConductors(void **state) {
  static const double nu[] = {3, 12};

  (void)state;
  for (int k = 0; k < 2; k++) {
    const double g = nu[k] * nu[k] / (LENGTH * LENGTH * (1 / KAPPA + 1 / NETWORK));
    PetscReal error[3];

    for (int m = 0; m < 3; m++) error[m] = Voltage(g, 40 << m, 1) / Exact(g) - 1;
    CheckOrderTwo("voltage", error, 1e-4);
    CheckRelative("block preconditioner", Voltage(g, 40, 2), (1 + error[0]) * Exact(g), 1e-6);
  }
}

static void TestLimits(void **state) {
  const double scale = 1 / (LENGTH * LENGTH * (1 / KAPPA + 1 / NETWORK));

  (void)state;
  CheckRelative("no exchange", Voltage(1e-9 * scale, 20, 1), CURRENT * LENGTH / KAPPA, 1e-6);
  CheckRelative("fast exchange", Voltage(1e16 * scale, 20, 1), CURRENT * LENGTH / (KAPPA + NETWORK),
                1e-6);
  CheckRelative("equilibrium", Voltage(0, 20, 1), CURRENT * LENGTH / (KAPPA + NETWORK), 1e-6);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestTwoConductors),
                                     cmocka_unit_test(TestLimits)};

  return RUN_TESTS(argc, argv, tests);
}
