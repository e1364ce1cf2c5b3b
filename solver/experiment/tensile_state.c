/// @file
/// The state of strip a body is pulled in: pores in the lithium, voxels of it taken away, lithium drawn from LiZn.
///
/// `pores`: the share stripped is porosity of the metal's law (Duva and Crow, M7), the same everywhere. `voxels`: whole
/// cells of the metal, picked by seed and cell id, lose their stress but for a millionth, so that nodes stay
/// determined; they damage nothing. Regions count as metal when their law averages over pores.
#include "experiment/tensile.h"

/// Integrity of a cell that is taken away.
#define EMPTY 1e-6

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

static PetscErrorCode Pores(LhCase c, const LhMeshView *mesh, const LhSpaceView *view) {
  const LhTensile *t = c->data;
  PetscReal *porosity, *alloy;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(view->num_cells, &porosity, view->num_cells, &alloy));
  for (PetscInt i = 0; i < view->num_cells; i++) {
    const LhMaterialData *material = c->materials[mesh->cell_region[view->cells[i]]];

    porosity[i] =
        t->state.how == LH_STRIP_PORES && LhTensileIsMetal(material) ? t->state.stripped : 0.;
    alloy[i] = t->state.alloy;
  }
  PetscCall(LhMechanicsSetComposition(
      c->mechanics, &(LhMechComposition){.porosity = porosity, .alloy_content = alloy}));
  PetscCall(LhMechanicsHoldComposition(c->mechanics));
  PetscCall(PetscFree2(porosity, alloy));
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
  unsigned char *by_cell, *removed;

  PetscFunctionBegin;
  PetscCall(PetscMalloc2(mesh->num_cells, &by_cell, view->num_cells, &removed));
  PetscCall(LhTensileGetRemoved(c, by_cell));
  for (PetscInt i = 0; i < view->num_cells; i++) removed[i] = by_cell[view->cells[i]];
  PetscCall(LhDamageRemove(t->damage_problem, removed, EMPTY));
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
  PetscCall(Pores(c, mesh, view));
  if (t->state.how == LH_STRIP_VOXELS && t->state.stripped > 0.) PetscCall(Voxels(c, mesh, view));
  PetscFunctionReturn(PETSC_SUCCESS);
}
