/// @file
/// Fields of a state for the step files: gathered from both problems into arrays over mesh vertices and cells.
#include "experiment/run_private.h"

/// Displacement at the vertices this rank owns; zero outside the mechanical regions. A vertex may belong to a rank
/// that has none of its mechanical cells, so values travel through the space of the potentials.
static PetscErrorCode Displacement(LhRun *run, PetscReal out[]) {
  LhCase c = run->c;
  LhSpace space, all;
  const LhSpaceView *view, *av;
  Vec u;
  const PetscScalar *a;
  PetscScalar *local;

  PetscFunctionBegin;
  PetscCall(LhElectrochemGetSpace(c->electrochem, &all));
  PetscCall(LhSpaceGetView(all, &av));
  PetscCall(PetscArrayzero(out, 3 * av->num_owned));
  if (!c->mechanics) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMechanicsGetSpace(c->mechanics, &space));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhMechanicsGetAccepted(c->mechanics, &u));
  PetscCall(PetscCalloc1(3 * av->num_nodes, &local));
  PetscCall(VecGetArrayRead(u, &a));
  for (PetscInt n = 0; n < view->num_owned; n++) {
    if (view->node_vertex[n] < 0) continue;
    for (int d = 0; d < 3; d++) local[3 * av->vertex_node[view->node_vertex[n]] + d] = a[3 * n + d];
  }
  PetscCall(VecRestoreArrayRead(u, &a));
  PetscCall(LhSpaceScatterAdd(all, 3, local, out));
  PetscCall(PetscFree(local));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Arrays that a run fills itself, in run->work; then those of the coupling.
enum {
  DISPLACEMENT,
  POTENTIAL_SOLID,
  POTENTIAL_LIQUID,
  CONCENTRATION,
  LITHIUM,
  LIZN,
  CURRENT_LITHIUM,
  CURRENT_LIZN,
  POROSITY,
  CURRENT_LIQUID,
  POTENTIAL_NETWORK,
  NUM_WORK,
  VON_MISES = NUM_WORK,
  HYDROSTATIC,
  PRESSURE,
  THICKNESS,
  NUM_FIELDS
};
static const struct {
  const char *name, *unit, *meaning;
  LhFieldPlace place;
  PetscInt components;
} fields[NUM_FIELDS] = {
    [DISPLACEMENT] = {"displacement",       "m",       "displacement from the foil as rolled",         LH_AT_VERTICES,
                      3                                                                                                 },
    [POTENTIAL_SOLID] = {"potential_solid",    "V",       "electric potential of the solid",              LH_AT_VERTICES,
                      1                                                                                                 },
    [POTENTIAL_LIQUID] = {"potential_liquid",   "V",
                      "potential of the liquid against a lithium reference",                           LH_AT_VERTICES, 1},
    [CONCENTRATION] = {"concentration",      "mol m-3", "salt concentration",                           LH_AT_VERTICES, 1},
    [LITHIUM] = {"lithium_content",    "1",       "free lithium over its content as made",        LH_AT_CELLS,    1},
    [LIZN] = {"lizn_content",       "1",       "lithium in LiZn over its capacity",            LH_AT_CELLS,    1},
    [CURRENT_LITHIUM] = {"current_lithium",    "A m-3",   "current from free lithium per volume",
                      LH_AT_CELLS,                                                                                     1},
    [CURRENT_LIZN] = {"current_lizn",       "A m-3",   "current from LiZn per volume",                 LH_AT_CELLS,    1},
    [POROSITY] = {"porosity",           "1",       "pore share of the present volume",             LH_AT_CELLS,    1},
    [CURRENT_LIQUID] = {"current_liquid",     "A m-2",   "ionic current density",                        LH_AT_CELLS,    3},
    [POTENTIAL_NETWORK] = {"potential_network",  "V",
                      "potential of the Li3N network against a lithium reference",                     LH_AT_VERTICES, 1},
    [VON_MISES] = {"von_mises",          "Pa",      "von Mises stress of the mixture",              LH_AT_CELLS,    1},
    [HYDROSTATIC] = {"hydrostatic_stress", "Pa",      "mean stress of the mixture, tension positive",
                      LH_AT_CELLS,                                                                                     1},
    [PRESSURE] = {"lithium_pressure",   "Pa",      "pressure in the lithium phase",                LH_AT_CELLS,    1},
    [THICKNESS] = {"thickness_strain",   "1",       "logarithmic strain in thickness",              LH_AT_CELLS,    1},
};

static PetscErrorCode Allocate(LhRun *run, const LhSpaceView *space, PetscInt num_cells) {
  PetscFunctionBegin;
  if (run->num_work) PetscFunctionReturn(PETSC_SUCCESS);
  run->num_work = NUM_WORK;
  for (PetscInt i = 0; i < NUM_WORK; i++) {
    const PetscInt n = fields[i].place == LH_AT_VERTICES ? space->num_owned : num_cells;

    PetscCall(PetscCalloc1(n * fields[i].components, &run->work[i]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Values of all fields now; `data[i]` is NULL for one this case does not have.
static PetscErrorCode Gather(LhRun *run, PetscReal t, Vec y, const PetscReal *data[NUM_FIELDS]) {
  LhCase c = run->c;
  PetscReal **w = run->work;
  LhElectrochemCells ec = {
      .content = {w[LITHIUM],         w[LIZN]        },
      .current = {w[CURRENT_LITHIUM], w[CURRENT_LIZN]},
      .porosity = w[POROSITY],
      .liquid_current = w[CURRENT_LIQUID]
  };
  LhCouplingCells cells;
  PetscBool has_network;

  PetscFunctionBegin;
  PetscCall(Displacement(run, w[DISPLACEMENT]));
  PetscCall(LhElectrochemGetVertices(c->electrochem, y, w[POTENTIAL_SOLID], w[POTENTIAL_LIQUID],
                                     w[CONCENTRATION]));
  PetscCall(
      LhElectrochemGetNetworkPotential(c->electrochem, y, w[POTENTIAL_NETWORK], &has_network));
  PetscCall(LhElectrochemGetCells(c->electrochem, t, y, &ec));
  PetscCall(LhCouplingGetCells(c->coupling, &cells));
  for (int i = 0; i < NUM_WORK; i++) data[i] = w[i];
  if (!has_network) data[POTENTIAL_NETWORK] = NULL;
  data[VON_MISES] = cells.von_mises;
  data[HYDROSTATIC] = cells.hydrostatic;
  data[PRESSURE] = cells.pressure;
  data[THICKNESS] = cells.thickness_strain;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunFields(LhRun *run, PetscReal share) {
  const PetscReal *data[NUM_FIELDS];
  LhOutputField list[NUM_FIELDS];
  const LhMeshView *mesh;
  const LhSpaceView *space;
  LhSpace potentials;
  PetscInt n = 0;
  PetscReal t;
  Vec y;

  PetscFunctionBegin;
  PetscCall(LhTimerStart(run->timer, run->phase[PHASE_OUTPUT]));
  PetscCall(LhMeshGetView(run->c->mesh, &mesh));
  PetscCall(LhElectrochemGetSpace(run->c->electrochem, &potentials));
  PetscCall(LhSpaceGetView(potentials, &space));
  PetscCall(Allocate(run, space, mesh->num_cells));
  PetscCall(LhEcSolverGetState(run->c->solver, &t, &y, NULL));
  PetscCall(Gather(run, t, y, data));
  for (int i = 0; i < NUM_FIELDS; i++) {
    if (data[i])
      list[n++] = (LhOutputField){fields[i].name,  fields[i].unit,       fields[i].meaning,
                                  fields[i].place, fields[i].components, data[i]};
  }
  PetscCall(LhOutputFields(run->output, t, share, n, list));
  PetscCall(LhTimerStop(run->timer, run->phase[PHASE_OUTPUT]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunFieldsNow(LhRun *run) {
  PetscReal s[LH_NUM_SCALARS];
  Vec y;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetState(run->c->solver, NULL, &y, NULL));
  PetscCall(LhElectrochemGetScalars(run->c->electrochem, y, s));
  PetscCall(LhRunFields(run, run->capacity > 0 ? s[LH_CHARGE] / run->capacity : 0));
  PetscFunctionReturn(PETSC_SUCCESS);
}
