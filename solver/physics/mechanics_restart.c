/// @file
/// The accepted state of mechanics as rows by cell and back: displacement of the cell's nodes, history, composition.
///
/// Nodes have no row of their own: those of tet10 lie on edges, which have no id. A node is written by all its cells
/// with one value. Besides rows: the loads, the stiffness on prescribed unknowns, which comes from the first tangent
/// of a run, and the scale of forces it is held to. Must never depend on the number of ranks or the order of cells.
#include "physics/mechanics_private.h"

static PetscInt NodeWidth(LhMechanics mech) {
  return 3 * mech->view->nodes_per_cell;
}

PetscErrorCode LhMechanicsGetRestartSizes(LhMechanics mech, PetscInt *cell_width,
                                          PetscInt *num_numbers) {
  PetscInt history = 0;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetHistorySize(mech, &history));
  *cell_width = NodeWidth(mech) + history + LH_COMPOSITION_NUM;
  *num_numbers = mech->num_loads + 2;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsPack(LhMechanics mech, PetscReal rows[], PetscReal numbers[]) {
  const PetscInt nodes = NodeWidth(mech);
  PetscInt width = 0, n = 0, history;
  PetscReal *packed;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetRestartSizes(mech, &width, &n));
  history = width - nodes - LH_COMPOSITION_NUM;
  PetscCall(PetscMalloc1(mech->view->num_cells * history, &packed));
  PetscCall(LhMechanicsPackHistory(mech, packed));
  PetscCall(LhMechanicsGatherDisplacement(mech, mech->u_accepted));
  PetscCall(PetscArrayzero(rows, mech->mesh_view->num_cells * width));
  for (PetscInt i = 0; i < mech->view->num_cells; i++) {
    const PetscInt *node = mech->view->cell_nodes + i * mech->view->nodes_per_cell;
    PetscReal *row = rows + mech->view->cells[i] * width;

    for (PetscInt k = 0; k < nodes; k++) row[k] = mech->local_u[3 * node[k / 3] + k % 3];
    PetscCall(PetscArraycpy(row + nodes, packed + i * history, history));
    for (int k = 0; k < LH_COMPOSITION_NUM; k++)
      row[nodes + history + k] = mech->composition_end[k][i];
  }
  for (PetscInt k = 0; k < mech->num_loads; k++) numbers[k] = mech->loads[k].end;
  numbers[mech->num_loads] = mech->diagonal;
  numbers[mech->num_loads + 1] = mech->held_scale;
  PetscCall(PetscFree(packed));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Owned entries of the accepted displacement from the nodes of this rank's cells: an owner has one of them.
static PetscErrorCode TakeDisplacement(LhMechanics mech, PetscInt width, const PetscReal rows[]) {
  const PetscInt nodes = NodeWidth(mech);
  PetscScalar *u;

  PetscFunctionBeginUser;
  PetscCall(VecGetArray(mech->u_accepted, &u));
  for (PetscInt i = 0; i < mech->view->num_cells; i++) {
    const PetscInt *node = mech->view->cell_nodes + i * mech->view->nodes_per_cell;
    const PetscReal *row = rows + mech->view->cells[i] * width;

    for (PetscInt k = 0; k < nodes; k++) {
      if (node[k / 3] < mech->view->num_owned) u[3 * node[k / 3] + k % 3] = row[k];
    }
  }
  PetscCall(VecRestoreArray(mech->u_accepted, &u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsUnpack(LhMechanics mech, const PetscReal rows[],
                                 const PetscReal numbers[]) {
  const PetscInt nodes = NodeWidth(mech);
  PetscInt width = 0, n = 0, history;
  PetscReal *packed;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetRestartSizes(mech, &width, &n));
  history = width - nodes - LH_COMPOSITION_NUM;
  PetscCall(PetscMalloc1(mech->view->num_cells * history, &packed));
  PetscCall(TakeDisplacement(mech, width, rows));
  for (PetscInt i = 0; i < mech->view->num_cells; i++) {
    const PetscReal *row = rows + mech->view->cells[i] * width;

    PetscCall(PetscArraycpy(packed + i * history, row + nodes, history));
    for (int k = 0; k < LH_COMPOSITION_NUM; k++)
      mech->composition_end[k][i] = row[nodes + history + k];
  }
  PetscCall(LhMechanicsUnpackHistory(mech, packed));
  for (PetscInt k = 0; k < mech->num_loads; k++) mech->loads[k].end = numbers[k];
  mech->diagonal = numbers[mech->num_loads];
  mech->held_scale = numbers[mech->num_loads + 1];
  PetscCall(PetscFree(packed));
  PetscCall(LhMechanicsRestore(mech));
  PetscFunctionReturn(PETSC_SUCCESS);
}
