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

PetscErrorCode LhRunFields(LhRun *run, PetscReal share) {
  LhCase c = run->c;
  const LhMeshView *mesh;
  LhSpace space;
  const LhSpaceView *view;
  LhCouplingCells cells;
  LhElectrochemCells ec = {.porosity = NULL};
  PetscReal t, **w = run->work;
  Vec y;

  PetscFunctionBegin;
  PetscCall(LhTimerStart(run->timer, run->phase[PHASE_OUTPUT]));
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhElectrochemGetSpace(c->electrochem, &space));
  PetscCall(LhSpaceGetView(space, &view));
  if (!run->num_work) {
    const PetscInt size[] = {3 * view->num_owned, view->num_owned, view->num_owned,
                             view->num_owned,     mesh->num_cells, mesh->num_cells,
                             mesh->num_cells,     mesh->num_cells, mesh->num_cells,
                             3 * mesh->num_cells};

    run->num_work = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(size);
    for (PetscInt i = 0; i < run->num_work; i++) PetscCall(PetscCalloc1(size[i], &w[i]));
  }
  PetscCall(LhEcSolverGetState(c->solver, &t, &y, NULL));
  ec.content[0] = w[4];
  ec.content[1] = w[5];
  ec.current[0] = w[6];
  ec.current[1] = w[7];
  ec.porosity = w[8];
  ec.liquid_current = w[9];
  PetscCall(Displacement(run, w[0]));
  PetscCall(LhElectrochemGetVertices(c->electrochem, y, w[1], w[2], w[3]));
  PetscCall(LhElectrochemGetCells(c->electrochem, t, y, &ec));
  PetscCall(LhCouplingGetCells(c->coupling, &cells));
  {
    const LhOutputField list[] = {
        {"displacement",       "m",       "displacement from the foil as rolled",                LH_AT_VERTICES, 3, w[0]           },
        {"potential_solid",    "V",       "electric potential of the solid",                     LH_AT_VERTICES, 1, w[1]           },
        {"potential_liquid",   "V",       "potential of the liquid against a lithium reference",
         LH_AT_VERTICES,                                                                                         1, w[2]           },
        {"concentration",      "mol m-3", "salt concentration",                                  LH_AT_VERTICES, 1, w[3]           },
        {"lithium_content",    "1",       "free lithium over its content as made",               LH_AT_CELLS,    1, w[4]           },
        {"lizn_content",       "1",       "lithium in LiZn over its capacity",                   LH_AT_CELLS,    1, w[5]           },
        {"current_lithium",    "A m-3",   "current from free lithium per volume",                LH_AT_CELLS,    1, w[6]           },
        {"current_lizn",       "A m-3",   "current from LiZn per volume",                        LH_AT_CELLS,    1, w[7]           },
        {"porosity",           "1",       "pore share of the present volume",                    LH_AT_CELLS,    1, w[8]           },
        {"current_liquid",     "A m-2",   "ionic current density",                               LH_AT_CELLS,    3, w[9]           },
        {"von_mises",          "Pa",      "von Mises stress of the mixture",                     LH_AT_CELLS,    1, cells.von_mises},
        {"hydrostatic_stress", "Pa",      "mean stress of the mixture, tension positive",        LH_AT_CELLS,    1,
         cells.hydrostatic                                                                                                         },
        {"lithium_pressure",   "Pa",      "pressure in the lithium phase",                       LH_AT_CELLS,    1, cells.pressure },
        {"thickness_strain",   "1",       "logarithmic strain in thickness",                     LH_AT_CELLS,    1,
         cells.thickness_strain                                                                                                    },
    };

    PetscCall(
        LhOutputFields(run->output, t, share, (PetscInt)PETSC_STATIC_ARRAY_LENGTH(list), list));
  }
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
