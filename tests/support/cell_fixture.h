/// @file
/// Small electrochemical cells for tests, built through the public interfaces: a box mesh of layers, materials
/// from YAML text of the laws, electrodes, and the time integrator. Included by one test file each.
#pragma once

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solve/electrochem_solver.h"
#include "support/verified.h"

/// A PETSc call that must succeed.
#define OK(call) assert_int_equal(call, 0)
/// 1 mAh/cm^2 [C/m^2].
#define MAH_CM2 36000.
/// RT/F at 298.15 K [V].
#define THERMAL (LH_GAS_CONSTANT * 298.15 / LH_FARADAY)
/// Kinetics so fast that a face is a lithium reference electrode: 0.3 uV at 1000 A/m^2.
#define FAST_LITHIUM                                                                     \
  "exchange_current_density: 1e8 A/m2\ntransfer_coefficient: 0.5\nactivation_energy: 0 " \
  "J/mol\nstress_transfer: 0.5\n"
/// Exchange current density of Xu 2019.
#define XU_LITHIUM                                                                        \
  "exchange_current_density: 70.6 A/m2\ntransfer_coefficient: 0.5\nactivation_energy: 0 " \
  "J/mol\nstress_transfer: 0.5\n"

typedef struct _n_Cell Cell;
struct _n_Cell {
  PetscBool serial;                         ///< a cell of its own on every rank
  PetscBool heterogeneous;                  ///< CNT and alloy vary smoothly in space by 30 %
  void (*monitor)(Cell *c, void *context);  ///< called after every step
  void *context;
  LhMesh mesh;
  LhMaterialData layer[3], electrolyte;  ///< host, separator, second host
  const LhMaterialData *of_region[3];
  LhElectrochemSpec spec;
  LhElectrochem ec;
  LhEcSolverSpec numerics;
  LhEcSolver solver;
  PetscReal area;
};

/// Parameters of a law from YAML text, e.g. "exchange_current_density: 70.6 A/m2".
static inline void *LawParams(const char text[], const LhParam rows[], PetscInt n, size_t size) {
  LhDiag diag;
  LhDoc doc;
  LhNode root;
  LhReader reader;
  PetscInt errors;
  LhTable table = {"law", "law", rows, n};
  void *params = calloc(1, size);

  PetscCallAbort(PETSC_COMM_SELF, LhDiagCreate(&diag));
  reader = (LhReader){diag, NULL};
  PetscCallAbort(PETSC_COMM_SELF, LhDocParse("law", text, strlen(text), diag, &doc));
  PetscCallAbort(PETSC_COMM_SELF, LhDocGetRoot(doc, &root));
  PetscCallAbort(PETSC_COMM_SELF, LhParamsRead(&reader, &table, root, root, "law", params));
  PetscCallAbort(PETSC_COMM_SELF, LhDiagGetCounts(diag, &errors, NULL));
  if (errors) {
    PetscCallAbort(PETSC_COMM_SELF, LhDiagPrint(diag, stderr));
    abort();
  }
  PetscCallAbort(PETSC_COMM_SELF, LhDocDestroy(&doc));
  PetscCallAbort(PETSC_COMM_SELF, LhDiagDestroy(&diag));
  return params;
}

static inline LhInterface MakeInterface(const char kinetics[], const char text[]) {
  LhInterface i = {.contact_resistance = 1e-6, .double_layer_capacitance = 0.2};

  PetscCallAbort(PETSC_COMM_SELF, LhKineticsLawFind(kinetics, &i.kinetics));
  i.kinetics_params =
      LawParams(text, i.kinetics->params, i.kinetics->num_params, i.kinetics->params_size);
  return i;
}

static inline LhMaterialData MakeElectrolyte(const char law[], const char text[],
                                             double concentration) {
  LhMaterialData m = {.kind = LH_MATERIAL_ELECTROLYTE, .concentration = concentration};

  PetscCallAbort(PETSC_COMM_SELF, LhTransportLawFind(law, &m.transport));
  m.transport_params =
      LawParams(text, m.transport->params, m.transport->num_params, m.transport->params_size);
  return m;
}

static inline LhMaterialData MakePorous(double porosity, double macmullin) {
  return (LhMaterialData){.kind = LH_MATERIAL_POROUS, .porosity = porosity, .macmullin = macmullin};
}

/// LZNC-like host: free lithium and LiZn, contents of physics.md B.1.
static inline LhMaterialData MakeHost(double porosity, double i0, double area) {
  char text[256];
  LhMaterialData m = {.kind = LH_MATERIAL_HOST,
                      .porosity = porosity,
                      .bruggeman = 1.5,
                      .min_porosity = 0.005,
                      .network_conductivity = 240,
                      .metal_conductivity = 1.0776e7,
                      .num_reactions = 2};
  LhReaction *li = &m.reactions[0], *zn = &m.reactions[1];
  const char *stairs =
      "upper_edges: [1, 0.67, 0.5, 0.4]\npotentials: [0.157 V, 0.219 V, 0.256 V, 0.3 V]\nwidth: "
      "0.012\n";

  m.composition.volume_fraction[LH_PHASE_LI] = 62136.63335448455 * 1.2996e-5;
  m.composition.volume_fraction[LH_PHASE_LIZN] = 3352.8350709097067 * 1.8123e-5;
  m.composition.volume_fraction[LH_PHASE_LI3N] = 0.06012;
  m.composition.volume_fraction[LH_PHASE_CNT] = 1 - 0.06012 -
                                                m.composition.volume_fraction[LH_PHASE_LI] -
                                                m.composition.volume_fraction[LH_PHASE_LIZN];
  snprintf(text, sizeof(text),
           "exchange_current_density: %g A/m2\ntransfer_coefficient: 0.5\nactivation_energy: 0 "
           "J/mol\nstress_transfer: 0.5\n",
           i0);
  *li = (LhReaction){.name = "lithium",
                     .kind = LH_CONTENT_METAL,
                     .initial = 62136.63335448455,
                     .capacity = PETSC_INFINITY,
                     .molar_volume = 1.2996e-5,
                     .area = area,
                     .area_exponent = 2. / 3,
                     .nucleation_area = 0.01 * area,
                     .supply_time = 10,
                     .interface = MakeInterface("butler_volmer", text)};
  *zn = (LhReaction){
      .name = "lizn",
      .kind = LH_CONTENT_SITES,
      .initial = 3352.8350709097067,
      .capacity = 3352.8350709097067,
      .molar_volume = 8.966e-6,
      .area = 3.65e5,
      .supply_time = 10,
      .interface = MakeInterface("butler_volmer",
                                 "exchange_current_density: 5 A/m2\ntransfer_coefficient: 0.5\n"
                                 "activation_energy: 0 J/mol\nstress_transfer: 0.5\n")};
  li->interface.film_resistance = zn->interface.film_resistance = 2e-4;
  li->interface.film_capacitance = zn->interface.film_capacitance = 0.01;
  PetscCallAbort(PETSC_COMM_SELF, LhEquilibriumLawFind("metal", &li->equilibrium));
  PetscCallAbort(PETSC_COMM_SELF, LhEquilibriumLawFind("staircase", &zn->equilibrium));
  zn->equilibrium_params = LawParams(stairs, zn->equilibrium->params, zn->equilibrium->num_params,
                                     zn->equilibrium->params_size);
  return m;
}

static inline LhElectrode MakeLithium(const char surface[], const char kinetics[],
                                      const char text[]) {
  LhElectrode e = {.kind = LH_ELECTRODE_LITHIUM,
                   .molar_volume = 1.3e-5,
                   .interface = MakeInterface(kinetics, text)};

  PetscCallAbort(PETSC_COMM_SELF, PetscStrncpy(e.surface, surface, sizeof(e.surface)));
  e.interface.contact_resistance = 1e-12;
  return e;
}

static inline LhElectrode MakeCollector(const char surface[], double resistance) {
  LhElectrode e = {.kind = LH_ELECTRODE_COLLECTOR, .contact_resistance = resistance};

  PetscCallAbort(PETSC_COMM_SELF, PetscStrncpy(e.surface, surface, sizeof(e.surface)));
  return e;
}

/// Ether electrolyte with properties that do not depend on concentration.
static inline LhMaterialData MakeEther(void) {
  return MakeElectrolyte(
      "constant",
      "conductivity: 1.1 S/m\ndiffusivity: 8e-10 m2/s\ntransference_number: 0.5\n"
      "thermodynamic_factor: 1.3\n",
      1000);
}

static inline LhEcSolverSpec DefaultNumerics(void) {
  return (LhEcSolverSpec){.rtol = 1e-6,
                          .atol = 1e-7,
                          .krylov_rtol = 1e-9,
                          .newton_coefficient = 0.1,
                          .max_order = 5,
                          .max_steps = 1000000,
                          .preconditioner = 1,
                          .reuse_growth = 1.5};
}

/// LZNC foil (bottom) | separator | lithium (top), still to be built.
static inline void CellFoil(Cell *c, double porosity) {
  memset(c, 0, sizeof(*c));
  c->layer[0] = MakeHost(porosity, 70.6, 5e5);
  c->layer[1] = MakePorous(0.55, 5);
  c->electrolyte = MakeEther();
  c->spec.electrodes[LH_WORKING] = MakeCollector("bottom", 1e-6);
  c->spec.electrodes[LH_COUNTER] = MakeLithium("top", "butler_volmer", XU_LITHIUM);
  c->spec.electrodes[LH_COUNTER].interface.film_resistance = 2e-4;
  c->numerics = DefaultNumerics();
}

/// Factors of CNT and alloy by place: the same on any number of ranks.
static inline PetscErrorCode CellVary(Cell *c) {
  const LhMeshView *mesh;
  PetscReal *centre, *cnt, *alloy;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(
      PetscMalloc3(3 * mesh->num_cells, &centre, mesh->num_cells, &cnt, mesh->num_cells, &alloy));
  PetscCall(LhMeshGetCellCentres(c->mesh, centre));
  for (PetscInt i = 0; i < mesh->num_cells; i++) {
    const PetscReal *x = centre + 3 * i, *size = mesh->upper;

    cnt[i] = 1 + 0.3 * sin(5 * x[0] / size[0] + 3 * x[2] / size[2]);
    alloy[i] = 1 + 0.3 * cos(4 * x[1] / size[1] - 6 * x[2] / size[2]);
  }
  PetscCall(LhElectrochemSetHeterogeneity(c->ec, cnt, alloy));
  PetscCall(PetscFree3(centre, cnt, alloy));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Builds problem and solver once mesh, materials, electrodes and numerics are set.
static inline PetscErrorCode CellBuild(Cell *c, const LhBoxSpec *box) {
  LhDiag diag;
  PetscInt errors;
  LhElectrochemFacts facts;

  PetscFunctionBegin;
  PetscCall(LhDiagCreate(&diag));
  PetscCall(LhMeshCreateBox(c->serial ? PETSC_COMM_SELF : PETSC_COMM_WORLD, box, &c->mesh));
  for (int r = 0; r < 3; r++) c->of_region[r] = &c->layer[r];
  c->spec.region_material = c->of_region;
  c->spec.electrolyte = &c->electrolyte;
  if (c->spec.temperature == 0) c->spec.temperature = 298.15;
  PetscCall(LhElectrochemCreate(c->mesh, &c->spec, diag, &c->ec));
  PetscCall(LhDiagGetCounts(diag, &errors, NULL));
  if (errors) PetscCall(LhDiagPrint(diag, stderr));
  PetscCheck(!errors, PETSC_COMM_SELF, PETSC_ERR_USER, "bad cell");
  PetscCall(LhDiagDestroy(&diag));
  if (c->heterogeneous) PetscCall(CellVary(c));
  PetscCall(LhElectrochemGetFacts(c->ec, &facts));
  c->area = facts.area;
  PetscCall(LhEcSolverCreate(c->ec, &c->numerics, &c->solver));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline PetscErrorCode CellDestroy(Cell *c) {
  PetscFunctionBegin;
  PetscCall(LhEcSolverDestroy(&c->solver));
  PetscCall(LhElectrochemDestroy(&c->ec));
  PetscCall(LhMeshDestroy(&c->mesh));
  for (int m = 0; m < 3; m++) {
    for (int k = 0; k < c->layer[m].num_reactions; k++) {
      free(c->layer[m].reactions[k].interface.kinetics_params);
      free(c->layer[m].reactions[k].equilibrium_params);
    }
  }
  for (int e = 0; e < LH_NUM_ELECTRODES; e++) free(c->spec.electrodes[e].interface.kinetics_params);
  free(c->electrolyte.transport_params);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Runs under a control until `end` or the first limit; `*limit` = its index or -1.
static inline PetscErrorCode CellRun(Cell *c, const LhControl *control, PetscInt n,
                                     const LhLimit limits[], PetscReal end, PetscReal first_step,
                                     PetscInt *limit) {
  LhStretch r = LH_STRETCH_STEP;
  PetscBool ok;
  const char *why;

  PetscFunctionBegin;
  *limit = -1;
  PetscCall(LhElectrochemSetControl(c->ec, control));
  PetscCall(LhEcSolverStart(c->solver, n, limits, first_step, &ok));
  PetscCall(LhEcSolverGetFailure(c->solver, &why));
  PetscCheck(ok, PETSC_COMM_SELF, PETSC_ERR_CONV_FAILED, "no consistent start: %s", why);
  while (r == LH_STRETCH_STEP) {
    PetscCall(LhEcSolverStep(c->solver, end, &r, limit));
    if (c->monitor && r != LH_STRETCH_FAILED) c->monitor(c, c->context);
  }
  PetscCall(LhEcSolverGetFailure(c->solver, &why));
  PetscCheck(r != LH_STRETCH_FAILED, PETSC_COMM_SELF, PETSC_ERR_CONV_FAILED, "%s", why);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline PetscErrorCode CellScalars(Cell *c, PetscReal s[LH_NUM_SCALARS]) {
  Vec y;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetState(c->solver, NULL, &y, NULL));
  PetscCall(LhElectrochemGetScalars(c->ec, y, s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Means of phi_s, phi_e and c over the vertices at height z.
static inline PetscErrorCode CellPlane(Cell *c, PetscReal z, PetscReal mean[3]) {
  const LhMeshView *mesh;
  PetscReal *field, sum[4] = {0};
  Vec y;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhEcSolverGetState(c->solver, NULL, &y, NULL));
  PetscCall(PetscMalloc1(3 * mesh->num_vertices, &field));
  PetscCall(LhElectrochemGetVertices(c->ec, y, field, field + mesh->num_vertices,
                                     field + 2 * mesh->num_vertices));
  for (PetscInt v = 0; v < mesh->num_owned_vertices; v++) {
    if (fabs(mesh->coords[3 * v + 2] - z) > 1e-6 * mesh->upper[2]) continue;
    for (int k = 0; k < 3; k++) sum[k] += field[k * mesh->num_vertices + v];
    sum[3] += 1;
  }
  PetscCall(PetscFree(field));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 4, MPIU_REAL, MPI_SUM, mesh->comm));
  for (int k = 0; k < 3; k++) mean[k] = sum[k] / sum[3];
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Runs for `duration` under a current density [A/m^2] without limits.
static inline PetscErrorCode CellRunCurrent(Cell *c, PetscReal density, PetscReal duration,
                                            PetscReal first_step) {
  const LhControl control = {LH_CONTROL_CURRENT, density * c->area};
  PetscReal t;
  PetscInt limit;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetState(c->solver, &t, NULL, NULL));
  PetscCall(CellRun(c, &control, 0, NULL, t + duration, first_step, &limit));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Errors on three meshes, each twice as fine as the one before: the last is below `tolerance` and falls with order 2.
static inline void CheckOrderTwo(const char what[], const PetscReal error[3], PetscReal tolerance) {
  const PetscReal order[2] = {log2(fabs(error[0] / error[1])), log2(fabs(error[1] / error[2]))};

  print_message("%s: errors %.2e %.2e %.2e, orders %.2f %.2f\n", what, error[0], error[1], error[2],
                order[0], order[1]);
  CheckNear("error on the finest mesh", error[2], 0, tolerance);
  CheckNear("order", order[1], 2, 0.1);
}

static inline int RunTests(int argc, char **argv, const struct CMUnitTest tests[], size_t n) {
  int failed;

  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  failed = _cmocka_run_group_tests("electrochem", tests, n, NULL, NULL);
  if (PetscFinalize()) return 1;
  return failed;
}
#define RUN_TESTS(argc, argv, tests) RunTests(argc, argv, tests, sizeof(tests) / sizeof((tests)[0]))
