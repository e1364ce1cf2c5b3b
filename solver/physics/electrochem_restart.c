/// @file
/// The state as rows by vertex and cell, which no partition changes, and back: what a checkpoint keeps.
///
/// Lithium faces have no id of their own: their current densities stand in the row of the cell behind them, one column a
/// side of the cell. Must never depend on the number of ranks or the order of cells.
#include "physics/electrochem_impl.h"

enum { MAX_SIDES = 6, CELL_WIDTH = 2 * (LH_CELL_MAX + MAX_SIDES) };

PetscErrorCode LhElectrochemGetRestartSizes(LhElectrochem ec, LhElectrochemRestart *r) {
  PetscFunctionBegin;
  (void)ec;
  r->vertex_width = 2 * LH_NODE_STATE;
  r->cell_width = CELL_WIDTH;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Side of a cell whose corners `nodes` are: by the set of their places in the cell.
static PetscInt SideOf(const LhSpaceView *space, PetscInt position, const PetscInt nodes[],
                       PetscInt n) {
  static const unsigned sides[MAX_SIDES] = {0x0f, 0xf0, 0x33, 0x66, 0xcc, 0x99};
  const PetscInt *own = space->cell_nodes + position * space->nodes_per_cell;
  unsigned set = 0;

  for (PetscInt a = 0; a < n; a++) {
    for (PetscInt b = 0; b < space->nodes_per_cell; b++) set |= (own[b] == nodes[a]) ? 1u << b : 0u;
  }
  for (PetscInt k = 0; k < MAX_SIDES; k++) {
    // A tetrahedron's side is named by the corner it lacks.
    if (set == (n == 3 ? 0x0fu & ~(1u << k) : sides[k])) return k;
  }
  return 0;
}

/// One value of the state and where its row has it.
typedef struct {
  PetscScalar *y, *ydot;
  PetscReal *row;  ///< two reals
} Entry;

static void Move(PetscBool pack, const Entry *e) {
  if (pack) {
    e->row[0] = *e->y;
    e->row[1] = *e->ydot;
  } else {
    *e->y = e->row[0];
    *e->ydot = e->row[1];
  }
}

static PetscErrorCode MoveNodes(LhElectrochem ec, PetscBool pack, PetscScalar y[],
                                PetscScalar ydot[], PetscReal rows[]) {
  const LhSpaceView *space;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  for (PetscInt i = 0; i < space->num_owned * LH_NODE_STATE; i++) {
    const PetscInt v = space->node_vertex[i / LH_NODE_STATE];
    const Entry e = {y + i, ydot + i, rows + 2 * (v * LH_NODE_STATE + i % LH_NODE_STATE)};

    Move(pack, &e);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Unused lanes of a batch repeat its last cell: they are filled like it.
static PetscErrorCode MoveCells(LhElectrochem ec, PetscBool pack, PetscScalar y[],
                                PetscScalar ydot[], PetscReal rows[]) {
  const LhBatch *list;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    const LhEcBatch *b = &ec->batch[i];
    const PetscInt lanes = pack ? list[i].num_active : LH_BATCH;

    for (PetscInt k = 0; k < b->num_reactions * LH_CELL_STATE; k++) {
      for (PetscInt lane = 0; lane < lanes; lane++) {
        const PetscInt at = b->offset + k * LH_BATCH + lane;
        const Entry e = {y + at, ydot + at, rows + list[i].cell[lane] * CELL_WIDTH + 2 * k};

        Move(pack, &e);
      }
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode MoveFaces(LhElectrochem ec, PetscInt electrode, PetscBool pack,
                                PetscScalar y[], PetscScalar ydot[], PetscReal rows[]) {
  const LhEcFaces *f = &ec->faces[electrode];
  const LhSpaceView *space;
  const PetscInt *nodes, *behind;
  PetscInt surface, n;

  PetscFunctionBegin;
  if (ec->spec.electrodes[electrode].kind != LH_ELECTRODE_LITHIUM)
    PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhMeshFindSurface(ec->mesh, ec->spec.electrodes[electrode].surface, &surface));
  PetscCall(LhSpaceGetFaces(ec->space, surface, &n, &nodes, &behind));
  for (PetscInt i = 0; i < n; i++) {
    const PetscInt side = SideOf(space, behind[i], nodes + i * ec->npf, ec->npf);
    const Entry e = {
        y + f->offset + i, ydot + f->offset + i,
        rows + space->cells[behind[i]] * CELL_WIDTH + 2 * ((PetscInt)LH_CELL_MAX + side)};

    Move(pack, &e);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The scalars live on rank 0.
static void MoveScalars(LhElectrochem ec, PetscBool pack, PetscInt size, PetscScalar y[],
                        PetscScalar ydot[], PetscReal rows[]) {
  for (PetscInt i = ec->scalar_offset; i < size; i++) {
    const Entry e = {y + i, ydot + i, rows + 2 * (i - ec->scalar_offset)};

    Move(pack, &e);
  }
}

static PetscErrorCode MoveAll(LhElectrochem ec, PetscBool pack, Vec y, Vec ydot,
                              const LhElectrochemRestart *r) {
  PetscScalar *a, *b;
  PetscInt size;

  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(y, &size));
  PetscCall(VecGetArray(y, &a));
  PetscCall(VecGetArray(ydot, &b));
  PetscCall(MoveNodes(ec, pack, a, b, r->vertices));
  PetscCall(MoveCells(ec, pack, a, b, r->cells));
  for (PetscInt e = 0; e < LH_NUM_ELECTRODES; e++)
    PetscCall(MoveFaces(ec, e, pack, a, b, r->cells));
  MoveScalars(ec, pack, size, a, b, r->scalars);
  PetscCall(VecRestoreArray(y, &a));
  PetscCall(VecRestoreArray(ydot, &b));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemPack(LhElectrochem ec, Vec y, Vec ydot, const LhElectrochemRestart *r) {
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(ec->mesh, &mesh));
  PetscCall(PetscArrayzero(r->cells, mesh->num_cells * CELL_WIDTH));
  PetscCall(PetscArrayzero(r->scalars, 2 * LH_NUM_SCALARS));
  PetscCall(MoveAll(ec, PETSC_TRUE, y, ydot, r));
  PetscCallMPI(MPI_Bcast(r->scalars, 2 * LH_NUM_SCALARS, MPIU_REAL, 0, mesh->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemUnpack(LhElectrochem ec, const LhElectrochemRestart *r, Vec y,
                                   Vec ydot) {
  PetscFunctionBegin;
  PetscCall(MoveAll(ec, PETSC_FALSE, y, ydot, r));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemRestoreDeformation(LhElectrochem ec, PetscReal t, const PetscReal J[],
                                               const PetscReal p[], const PetscReal (*G)[6]) {
  const LhBatch *list;

  PetscFunctionBegin;
  PetscCall(LhBatchesGet(ec->batches, NULL, &list));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    LhEcBatch *b = &ec->batch[i];

    for (int l = 0; l < LH_BATCH; l++) {
      b->J[l] = J[list[i].cell[l]];
      b->p[l] = p[list[i].cell[l]];
      b->J_rate[l] = b->p_rate[l] = 0;
    }
  }
  PetscCall(LhEcShapesDeform(ec, G));
  ec->t0 = t;
  ec->t1 = PETSC_MAX_REAL;
  PetscFunctionReturn(PETSC_SUCCESS);
}
