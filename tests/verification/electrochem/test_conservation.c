/// Checks: lithium and charge after every step of strip, plate back, strip of a 3D foil of varying composition.
/// Reference: Faraday and the initial inventory; both electrodes carry the same charge.
/// Tolerance and why: 1e-9 relative; the balances are linear in the state and closed to rounding by every linear solve.
/// Fails if: a balance depends on tolerances of Newton or Krylov, or a term is missing in one of two rows.
#include "support/cell_fixture.h"

#define TOLERANCE 1e-9

typedef struct {
  PetscReal lithium, charge, min_porosity;  ///< worst so far
  PetscInt steps;
} Worst;

/// Smallest porosity of any cell of the foil, over all ranks.
static PetscReal MinPorosity(Cell *c, PetscReal t, Vec y) {
  const LhMeshView *mesh;
  LhElectrochemCells out;
  PetscReal *porosity, least = 1;

  OK(LhMeshGetView(c->mesh, &mesh));
  OK(PetscMalloc1(mesh->num_cells, &porosity));
  memset(&out, 0, sizeof(out));
  out.porosity = porosity;
  OK(LhElectrochemGetCells(c->ec, t, y, &out));
  for (PetscInt i = 0; i < mesh->num_cells; i++) least = PetscMin(least, porosity[i]);
  OK(PetscFree(porosity));
  MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPIU_REAL, MPI_MIN, mesh->comm);
  return least;
}

static void Watch(Cell *c, void *context) {
  Worst *w = context;
  LhInventory inventory;
  PetscReal t;
  Vec y;

  OK(LhEcSolverGetState(c->solver, &t, &y, NULL));
  OK(LhElectrochemGetInventory(c->ec, t, y, &inventory));
  w->lithium = PetscMax(w->lithium, fabs(inventory.lithium_error));
  w->charge = PetscMax(w->charge, fabs(inventory.charge_error));
  w->min_porosity = PetscMin(w->min_porosity, MinPorosity(c, t, y));
  w->steps++;
}

/// Runs at `density` to a limit of voltage, which must be met.
static void RunToVoltage(Cell *c, double density, double volts) {
  const LhLimit limit = {LH_VOLTAGE, volts, density > 0 ? 1 : -1};
  const LhControl control = {LH_CONTROL_CURRENT, density * c->area};
  PetscInt which;

  OK(CellRun(c, &control, 1, &limit, 1e9, 1e-3, &which));
  assert_int_equal(which, 0);
}

static void Report(const char what[], const Worst *w) {
  print_message("%s: %d steps, worst lithium %.1e, charge %.1e, least porosity %.6f\n", what,
                (int)w->steps, w->lithium, w->charge, w->min_porosity);
  assert_true(w->lithium < TOLERANCE);
  assert_true(w->charge < TOLERANCE);
}

/// Strip to 1 V, plate 2.5 mAh/cm^2, strip again.
static void Cycle(Cell *c, const char what[]) {
  Worst w = {0, 0, 1, 0};

  c->monitor = Watch;
  c->context = &w;
  RunToVoltage(c, 5, 1);
  OK(CellRunCurrent(c, -5, 2.5 * MAH_CM2 / 5, 1e-3));
  RunToVoltage(c, 5, 1);
  Report(what, &w);
}

static void Build(Cell *c, PetscInt preconditioner, PetscReal krylov_rtol) {
  LhBoxSpec box = {
      .width = 20e-6,
      .depth = 15e-6,
      .cells_x = 3,
      .cells_y = 2,
      .num_layers = 2,
      .distort = 0.2,
      .seed = 7,
      .layers = {{"foil", 50e-6, 6, 1.2, 0}, {"separator", 25e-6, 3, 1, 0}}
  };

  CellFoil(c, 0.05);
  c->heterogeneous = PETSC_TRUE;
  c->numerics.rtol = 1e-4;
  c->numerics.atol = 1e-5;
  c->numerics.preconditioner = preconditioner;
  c->numerics.krylov_rtol = krylov_rtol;
  OK(CellBuild(c, &box));
}

static void TestDirect(void **state) {
  Cell c;

  (void)state;
  Build(&c, 1, 1e-8);
  Cycle(&c, "direct");
  OK(CellDestroy(&c));
}

static void TestLooseMultigrid(void **state) {
  Cell c;

  (void)state;
  Build(&c, 2, 1e-2);
  Cycle(&c, "amg, Krylov tolerance 1e-2");
  OK(CellDestroy(&c));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestDirect),
                                     cmocka_unit_test(TestLooseMultigrid)};

  return RUN_TESTS(argc, argv, tests);
}
