/// Checks: solid and liquid potential and salt of a reacting host in 3D on distorted hexahedra and tetrahedra.
/// Reference: manufactured steady fields with sources from their strong form; conductivity, diffusivity, transference
/// number and thermodynamic factor vary with concentration (Landesfeind 2019).
/// Tolerance and why: L2 order 2 within 0.2 on three meshes: linear elements, midpoint rule for coefficients and sources.
/// Fails if: a flux, a coupling term or a coefficient's mean is inconsistent.
#include "support/cell_fixture.h"

#define WIDTH      20e-6
#define DEPTH      15e-6
#define HEIGHT     25e-6
#define POROSITY   0.5
#define AREA       5e5
#define RESISTANCE 1e-5  // contact, in series with the charge transfer [Ohm m^2]

enum { NUM_LEVELS = 3 };

typedef struct {
  const LhTransportLaw *law;
  const void *params;
  double sigma, exchange;  ///< [S/m], [A/m^2]
} Problem;

/// Value, gradient and Laplacian of a field.
typedef struct {
  double value, grad[3], laplace;
} Jet;

/// shift + a cos(pi x/W) cos(pi y/D) (p + q cos(pi z/H)): no flux through any side of the box.
static Jet Wave(const PetscReal x[3], double shift, double a, double p, double q) {
  const double k[3] = {PETSC_PI / WIDTH, PETSC_PI / DEPTH, PETSC_PI / HEIGHT};
  const double X = cos(k[0] * x[0]), Y = cos(k[1] * x[1]), Z = cos(k[2] * x[2]);
  Jet j;

  j.value = shift + a * X * Y * (p + q * Z);
  j.grad[0] = -a * k[0] * sin(k[0] * x[0]) * Y * (p + q * Z);
  j.grad[1] = -a * k[1] * sin(k[1] * x[1]) * X * (p + q * Z);
  j.grad[2] = -a * k[2] * sin(k[2] * x[2]) * X * Y * q;
  j.laplace = -a * X * Y * ((k[0] * k[0] + k[1] * k[1]) * (p + q * Z) + k[2] * k[2] * q * Z);
  return j;
}

/// Exact fields: phi_s is the terminal voltage on the collector, phi_e is 0 on the lithium face.
static void Exact(const PetscReal x[3], Jet u[LH_NODE_SYSTEM]) {
  u[LH_PHI_S] = Wave(x, 0.02, 0.03, 0.5, -0.5);
  u[LH_PHI_E] = Wave(x, 0, 0.04, 0.5, 0.5);
  u[LH_LNC] = Wave(x, log(1000), 0.3, 0, 1);
}

static double Dot(const Jet *a, const Jet *b) {
  return a->grad[0] * b->grad[0] + a->grad[1] * b->grad[1] + a->grad[2] * b->grad[2];
}

/// Strong form of (E1) to (E3) in the exact fields.
static void Source(const PetscReal x[3], PETSC_UNUSED PetscReal t, void *context,
                   PetscReal s[LH_NODE_SYSTEM]) {
  const Problem *p = context;
  const double g = pow(POROSITY, 1.5), slow = RESISTANCE + THERMAL / p->exchange;
  Jet u[LH_NODE_SYSTEM];
  const Jet *phi = &u[LH_PHI_E], *l = &u[LH_LNC];
  LhTransport b;
  double lnc[LH_BATCH], q, c, tm, kd, dkd, dtm, divergence, along;

  Exact(x, u);
  for (int i = 0; i < LH_BATCH; i++) lnc[i] = l->value;
  p->law->evaluate(p->params, lnc, 298.15, &b);
  c = exp(l->value);
  q = AREA / slow * (u[LH_PHI_S].value - phi->value);
  tm = 1 - b.tplus[0];
  dtm = -b.dtplus[0];
  kd = 2 * THERMAL * tm * b.tdf[0] * b.kappa[0];
  dkd = 2 * THERMAL *
        (dtm * b.tdf[0] * b.kappa[0] + tm * b.dtdf[0] * b.kappa[0] + tm * b.tdf[0] * b.dkappa[0]);
  divergence = g * (b.kappa[0] * phi->laplace + b.dkappa[0] * Dot(l, phi) - kd * l->laplace -
                    dkd * Dot(l, l));
  along = g * (b.kappa[0] * Dot(l, phi) - kd * Dot(l, l));
  s[LH_PHI_S] = -p->sigma * u[LH_PHI_S].laplace + q;
  s[LH_PHI_E] = -divergence - q;
  s[LH_LNC] = -g * c * (b.D[0] * l->laplace + (b.dD[0] + b.D[0]) * Dot(l, l)) +
              (tm * divergence + dtm * along) / LH_FARADAY;
}

/// Host of one reservoir whose volume does not matter; q = A (phi_s - phi_e) / (R_0 + RT/F i0).
static LhMaterialData MakeReactingHost(double sigma) {
  LhMaterialData m = {.kind = LH_MATERIAL_HOST,
                      .porosity = POROSITY,
                      .bruggeman = 1.5,
                      .min_porosity = 0.005,
                      .network_conductivity = sigma / (1 - POROSITY),
                      .num_reactions = 1};
  LhReaction *rx = &m.reactions[0];

  m.composition.volume_fraction[LH_PHASE_LI] = m.composition.volume_fraction[LH_PHASE_CNT] = 0.5;
  *rx = (LhReaction){.name = "lithium",
                     .kind = LH_CONTENT_METAL,
                     .initial = 1e5,
                     .capacity = PETSC_INFINITY,
                     .molar_volume = 1e-13,
                     .area = AREA,
                     .supply_time = 1e-6,
                     .interface = MakeInterface("linear", "exchange_current_density: 70.6 A/m2\n")};
  rx->interface.contact_resistance = RESISTANCE;
  PetscCallAbort(PETSC_COMM_SELF, LhEquilibriumLawFind("metal", &rx->equilibrium));
  return m;
}

/// The exact concentration in the initial state; all else finds itself.
static PetscErrorCode StartFromExact(Cell *c) {
  LhSpace space;
  const LhSpaceView *view;
  PetscScalar *a;
  Vec y, ydot;

  PetscFunctionBegin;
  PetscCall(LhElectrochemGetSpace(c->ec, &space));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhEcSolverGetState(c->solver, NULL, &y, &ydot));
  PetscCall(VecGetArray(y, &a));
  for (PetscInt n = 0; n < view->num_owned; n++) {
    Jet u[LH_NODE_SYSTEM];

    Exact(view->coords + 3 * n, u);
    a[n * LH_NODE_STATE + LH_LNC] = u[LH_LNC].value;
    a[n * LH_NODE_STATE + LH_SALT] *= exp(u[LH_LNC].value) / 1000;  // made at 1000 mol/m^3
  }
  PetscCall(VecRestoreArray(y, &a));
  PetscCall(LhEcSolverSetState(c->solver, 0, y, ydot));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Adds the squared errors of one cell, and the squared fields.
static void CellError(const LhElement *el, const double x[][3], const double u[][LH_NODE_SYSTEM],
                      double sum[2][LH_NODE_SYSTEM]) {
  double lanes[LH_ELEMENT_MAX_NODES * 3][LH_BATCH], grad[LH_ELEMENT_MAX_NODES * 3][LH_BATCH],
      dv[LH_BATCH];

  for (PetscInt a = 0; a < 3 * el->num_nodes; a++) LH_LANES(l) lanes[a][l] = x[a / 3][a % 3];
  for (PetscInt q = 0; q < el->num_points; q++) {
    PetscReal at[3] = {0}, value[LH_NODE_SYSTEM] = {0};
    Jet exact[LH_NODE_SYSTEM];

    LhElementGradients(el, q, (const double(*)[LH_BATCH])lanes, grad, dv);
    for (PetscInt a = 0; a < el->num_nodes; a++) {
      for (int d = 0; d < 3; d++) at[d] += el->N[q][a] * x[a][d];
      for (int j = 0; j < LH_NODE_SYSTEM; j++) value[j] += el->N[q][a] * u[a][j];
    }
    Exact(at, exact);
    exact[LH_LNC].value = exp(exact[LH_LNC].value);  // compared as concentration
    for (int j = 0; j < LH_NODE_SYSTEM; j++) {
      sum[0][j] += dv[0] * (value[j] - exact[j].value) * (value[j] - exact[j].value);
      sum[1][j] += dv[0] * exact[j].value * exact[j].value;
    }
  }
}

/// Relative L2 errors of phi_s, phi_e and c.
static void Errors(Cell *c, PetscReal error[LH_NODE_SYSTEM]) {
  const LhMeshView *mesh;
  const LhElement *el;
  PetscReal *field;
  double sum[2][LH_NODE_SYSTEM] = {{0}};
  Vec y;

  OK(LhMeshGetView(c->mesh, &mesh));
  el = LhElementGetFine(mesh->cell_type == LH_CELL_HEX8 ? LH_ELEMENT_HEX8 : LH_ELEMENT_TET4);
  OK(LhEcSolverGetState(c->solver, NULL, &y, NULL));
  OK(PetscMalloc1(3 * mesh->num_vertices, &field));
  OK(LhElectrochemGetVertices(c->ec, y, field, field + mesh->num_vertices,
                              field + 2 * mesh->num_vertices));
  for (PetscInt i = 0; i < mesh->num_cells; i++) {
    double x[8][3], u[8][LH_NODE_SYSTEM];

    for (PetscInt a = 0; a < mesh->vertices_per_cell; a++) {
      const PetscInt v = mesh->cell_vertices[i * mesh->vertices_per_cell + a];

      for (int d = 0; d < 3; d++) x[a][d] = mesh->coords[3 * v + d];
      for (int j = 0; j < LH_NODE_SYSTEM; j++) u[a][j] = field[j * mesh->num_vertices + v];
    }
    CellError(el, (const double(*)[3])x, (const double(*)[LH_NODE_SYSTEM])u, sum);
  }
  OK(PetscFree(field));
  for (int j = 0; j < LH_NODE_SYSTEM; j++) error[j] = sqrt(sum[0][j] / sum[1][j]);
}

/// Errors on an n x n x n box once the transient has died (five times the slowest diffusion time).
static void Solve(LhCellType type, PetscInt n, PetscReal error[LH_NODE_SYSTEM]) {
  LhBoxSpec box = {.width = WIDTH,
                   .depth = DEPTH,
                   .cells_x = n,
                   .cells_y = n,
                   .num_layers = 1,
                   .distort = 0.2,
                   .seed = 17,
                   .cell_type = type,
                   .layers = {{"foil", HEIGHT, n, 1, 0}}};
  const LhControl hold = {LH_CONTROL_VOLTAGE, 0.02};
  Problem problem = {.sigma = 3, .exchange = 70.6};
  PetscInt limit;
  Cell c;

  memset(&c, 0, sizeof(c));
  c.layer[0] = MakeReactingHost(problem.sigma);
  c.electrolyte = MakeElectrolyte("landesfeind2019", "solvent: ec_dmc_1_1\n", 1000);
  c.spec.electrodes[LH_WORKING] = MakeCollector("bottom", 1e-12);
  c.spec.electrodes[LH_COUNTER] = MakeLithium("top", "butler_volmer", FAST_LITHIUM);
  c.numerics = DefaultNumerics();
  c.numerics.rtol = 1e-3;
  c.numerics.atol = 1e-4;
  c.numerics.krylov_rtol = 1e-6;
  c.numerics.preconditioner = 1;
  OK(CellBuild(&c, &box));
  problem.law = c.electrolyte.transport;
  problem.params = c.electrolyte.transport_params;
  OK(LhElectrochemSetSource(c.ec, Source, &problem));
  OK(StartFromExact(&c));
  OK(CellRun(&c, &hold, 0, NULL, 1, 1e-5, &limit));
  Errors(&c, error);
  OK(CellDestroy(&c));
}

static void CheckOrder(LhCellType type, const PetscInt n[NUM_LEVELS]) {
  static const char *const names[] = {"phi_s", "phi_e", "c"};
  PetscReal error[NUM_LEVELS][LH_NODE_SYSTEM];

  for (int k = 0; k < NUM_LEVELS; k++) Solve(type, n[k], error[k]);
  for (int j = 0; j < LH_NODE_SYSTEM; j++) {
    double order[NUM_LEVELS - 1];

    for (int k = 0; k + 1 < NUM_LEVELS; k++) {
      order[k] = log(error[k][j] / error[k + 1][j]) / log((double)n[k + 1] / (double)n[k]);
    }
    print_message("%s: errors %.3e %.3e %.3e, orders %.2f %.2f\n", names[j], error[0][j],
                  error[1][j], error[2][j], order[0], order[1]);
    CheckNear("order in L2", order[1], 2, 0.2);
  }
}

static void TestHexahedra(void **state) {
  static const PetscInt n[NUM_LEVELS] = {3, 6, 9};

  (void)state;
  CheckOrder(LH_CELL_HEX8, n);
}

static void TestTetrahedra(void **state) {
  static const PetscInt n[NUM_LEVELS] = {3, 6, 9};

  (void)state;
  CheckOrder(LH_CELL_TET4, n);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestHexahedra),
                                     cmocka_unit_test(TestTetrahedra)};

  return RUN_TESTS(argc, argv, tests);
}
