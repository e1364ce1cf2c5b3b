/// @file
/// The state of strip a body is pulled in: pores in the lithium, voxels of it taken away, lithium drawn from LiZn.
///
/// `pores`: the share stripped is porosity of the metal's law (Duva and Crow, M7), the same everywhere. `voxels`: whole
/// cells of the metal, picked by seed and cell id, lose their stress but for a millionth (or what the experiment says, of metal with half pores),
/// so that nodes stay determined; they damage nothing. Regions count as metal when their law averages over pores. A metal with a phase of
/// weight `void` leaves that phase behind: the mat of tubes that ran through it, its density that of the fibres in all
/// metal (docs/theory/homogenisation.md, H7).
#include "experiment/tensile.h"

/// Integrity of a cell that is taken away, or share of metal in it.
#define EMPTY 1e-6
/// Porosity of a cell that is taken away and keeps more than that: without pores its law resists compression by its
/// bulk modulus, which no flow limits.
#define LOOSE .5

static const char *const ways[] = {"pores", "voxels", NULL};

static const LhParam rows[] = {
    LH_ROW_REAL(LhTensileState, stripped, "1", 0, 1, "0", "share of the free lithium that is gone"),
    LH_ROW_CHOICE(LhTensileState, how, ways, "voxels",
                  "as pores in the metal, or as cells of it picked at random"),
    LH_ROW_INT(LhTensileState, seed, 0, 2147483647, "1", "number that picks the cells"),
    LH_ROW_REAL(LhTensileState, alloy, "1", 0, 1, "1", "lithium left in LiZn, y"),
};
const LhTable lh_tensile_state_table =
    LH_TABLE("experiment.state", "what a strip has taken away", rows);

/// A number in [0, 1) for a cell, the same on any number of ranks (splitmix64).
static double CellChance(PetscInt seed, PetscInt id) {
  uint64_t z = (uint64_t)seed * 0x9e3779b97f4a7c15u + (uint64_t)id + 0x9e3779b97f4a7c15u;

  for (int k = 0; k < 2; k++) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z = (z ^ (z >> 31)) + 0x9e3779b97f4a7c15u;
  }
  return (double)(z >> 11) / 9007199254740992.;
}

PetscBool LhTensileIsMetal(const LhMaterialData *material) {
  return material->mech[0].law->averages_pores;
}

PetscBool LhTensileLeavesMat(const LhMaterialData *material) {
  for (PetscInt k = 0; k < material->num_mech; k++) {
    if (material->mech[k].weight == LH_WEIGHT_VOID) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/// Tubes, and tubes with their coats, per volume of metal over all ranks.
static PetscErrorCode MeasureMat(LhCase c, const LhMeshView *mesh, PetscReal density[2]) {
  PetscReal volume[2] = {0.}, metal = 0.;
  const LhFibres *fibres;

  PetscFunctionBegin;
  PetscCall(LhMeshGetFibres(c->mesh, &fibres));
  for (PetscInt p = 0; fibres && p < fibres->num_pieces; p++) {
    const LhMaterialData *material = c->materials[mesh->cell_region[fibres->piece_cell[p]]];
    const PetscInt f = fibres->piece_fibre[p];

    for (PetscInt k = 0; k < 2 && material && LhTensileIsMetal(material); k++) {
      const PetscReal radius = .5 * fibres->diameter[f] + (k ? fibres->coat[f] : 0.);

      volume[k] += fibres->tubes[f] * PETSC_PI * radius * radius * fibres->piece_length[p];
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, volume, 2, MPIU_REAL, MPI_SUM, c->comm));
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    if (c->materials[r] && LhTensileIsMetal(c->materials[r])) metal += mesh->region_volumes[r];
  }
  for (PetscInt k = 0; k < 2; k++) density[k] = metal > 0. ? volume[k] / metal : 0.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool LeaveMats(LhCase c, const LhMeshView *mesh) {
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    if (c->materials[r] && LhTensileLeavesMat(c->materials[r])) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

typedef struct {
  PetscReal *porosity, *alloy, *lithium, *tubes, *mat;
} Composition;

/// `removed` by position; NULL: no cell. Densities of skeletons that are no mats stay as the problem has them.
static PetscErrorCode SetComposition(LhCase c, const LhMeshView *mesh, const LhSpaceView *view,
                                     const unsigned char removed[]) {
  const LhTensile *t = c->data;
  const PetscInt n = view->num_cells;
  const PetscBool mats = LeaveMats(c, mesh);
  PetscReal density[2] = {0.};
  Composition a;

  PetscFunctionBegin;
  PetscCall(MeasureMat(c, mesh, density));
  PetscCall(PetscMalloc5(n, &a.porosity, n, &a.alloy, n, &a.lithium, n, &a.tubes, n, &a.mat));
  for (PetscInt i = 0; i < n; i++) {
    const LhMaterialData *material = c->materials[mesh->cell_region[view->cells[i]]];

    const PetscBool gone = removed && removed[i] ? PETSC_TRUE : PETSC_FALSE;

    a.porosity[i] =
        t->state.how == LH_STRIP_PORES && LhTensileIsMetal(material) ? t->state.stripped : 0.;
    a.alloy[i] = t->state.alloy;
    a.lithium[i] = gone && mats ? EMPTY : 1. - a.porosity[i];
    if (gone && !mats) a.porosity[i] = LOOSE;
    a.tubes[i] = density[0];
    a.mat[i] = density[1];
  }
  PetscCall(LhMechanicsSetComposition(
      c->mechanics, &(LhMechComposition){.porosity = a.porosity,
                                         .alloy_content = a.alloy,
                                         .lithium = a.lithium,
                                         .cnt_density = mats ? a.tubes : NULL,
                                         .skeleton_density = mats ? a.mat : NULL}));
  PetscCall(LhMechanicsHoldComposition(c->mechanics));
  PetscCall(PetscFree5(a.porosity, a.alloy, a.lithium, a.tubes, a.mat));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileGetRemoved(LhCase c, unsigned char removed[]) {
  const LhTensile *t = c->data;
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  for (PetscInt i = 0; i < mesh->num_cells; i++) {
    const LhMaterialData *material = c->materials[mesh->cell_region[i]];

    removed[i] = t->state.how == LH_STRIP_VOXELS && material && LhTensileIsMetal(material) &&
                 CellChance(t->state.seed, mesh->cell_id[i]) < t->state.stripped;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Voxels(LhCase c, const LhMeshView *mesh, const LhSpaceView *view) {
  const LhTensile *t = c->data;
  // A removed cell keeps nearly nothing, or all when the metal's own share is taken from it.
  const PetscBool mats = LeaveMats(c, mesh);
  unsigned char *by_cell, *removed;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(mesh->num_cells, &by_cell, view->num_cells, &removed));
  PetscCall(LhTensileGetRemoved(c, by_cell));
  for (PetscInt i = 0; i < view->num_cells; i++) removed[i] = by_cell[view->cells[i]];
  PetscCall(
      LhDamageRemove(t->damage_problem, removed, mats ? 1. : PetscMax(EMPTY, t->state.residual)));
  PetscCall(SetComposition(c, mesh, view, mats || t->state.residual > 0. ? removed : NULL));
  PetscCall(PetscFree2(by_cell, removed));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileApplyState(LhCase c) {
  const LhTensile *t = c->data;
  const LhSpaceView *view;
  const LhMeshView *mesh;
  LhSpace space;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhMechanicsGetSpace(c->mechanics, &space));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(SetComposition(c, mesh, view, NULL));
  if (t->state.how == LH_STRIP_VOXELS && t->state.stripped > 0.) PetscCall(Voxels(c, mesh, view));
  PetscFunctionReturn(PETSC_SUCCESS);
}
