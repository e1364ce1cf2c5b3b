/// @file
/// From a read cell to problems and solvers: composition in space, electrochemistry, mechanics, coupling.
#include "experiment/cell.h"

/// Factors of one variation over the cells of its region; cut to [0.05, 20] and counted.
static PetscErrorCode Vary(LhCase c, const LhVariation *v, PetscInt region,
                           const PetscReal centres[], const char what[], PetscReal factor[]) {
  const LhMeshView *mesh;
  PetscReal *value;
  PetscInt odd = 0;

  PetscFunctionBegin;
  if (!v->random && !v->voxels) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(PetscMalloc1(mesh->num_cells, &value));
  if (v->random)
    PetscCall(LhRandomFieldEvaluate(v->random, mesh->num_cells, centres, value, &odd));
  else
    PetscCall(LhVoxelFieldEvaluate(v->voxels, mesh->num_cells, centres, value, &odd));
  for (PetscInt i = 0; i < mesh->num_cells; i++) {
    if (mesh->cell_region[i] == region) factor[i] = PetscMin(20, PetscMax(0.05, value[i]));
  }
  PetscCall(PetscFree(value));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &odd, 1, MPIU_INT, MPI_SUM, c->comm));
  if (odd) {
    PetscCall(LhDiagAdd(
        c->diag, LH_DIAG_NOTE, NULL,
        "regions.%s.variation.%s: %d cells lie outside the field's range and take its edge value",
        mesh->region_names[region], what, (int)odd));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetVariations(LhCase c) {
  const LhMeshView *mesh;
  PetscReal *cnt, *alloy, *centres;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(
      PetscMalloc3(mesh->num_cells, &cnt, mesh->num_cells, &alloy, 3 * mesh->num_cells, &centres));
  PetscCall(LhMeshGetCellCentres(c->mesh, centres));
  for (PetscInt i = 0; i < mesh->num_cells; i++) cnt[i] = alloy[i] = 1;
  for (PetscInt i = 0; i < c->num_regions; i++) {
    PetscInt region;

    PetscCall(LhMeshFindRegion(c->mesh, c->regions[i].name, &region));
    PetscCall(Vary(c, &c->regions[i].cnt, region, centres, "cnt", cnt));
    PetscCall(Vary(c, &c->regions[i].alloy, region, centres, "alloy", alloy));
  }
  PetscCall(LhElectrochemSetHeterogeneity(c->electrochem, cnt, alloy));
  PetscCall(PetscFree3(cnt, alloy, centres));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetUpElectrochemistry(LhCase c) {
  LhElectrochemSpec spec = {.region_material = c->materials, .temperature = c->temperature};
  PetscInt errors;

  PetscFunctionBegin;
  PetscCall(LhMaterialGetData(c->electrolyte, &spec.electrolyte));
  for (int e = 0; e < LH_NUM_ELECTRODES; e++) spec.electrodes[e] = c->electrodes[e];
  PetscCall(LhElectrochemCreate(c->mesh, &spec, c->diag, &c->electrochem));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (errors) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(SetVariations(c));
  PetscCall(LhEcSolverCreate(c->electrochem, &c->electrochemistry_spec, &c->solver));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetUpMechanics(LhCase c) {
  PetscFunctionBegin;
  if (!c->mechanics_section) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMechanicsCreateFromSpec(c->mesh, &c->mechanics_spec, c->materials, &c->mechanics,
                                      &c->pressure_load));
  PetscCall(LhMechanicsSolverCreate(c->mechanics, &c->mechanics_solver_spec, &c->mechanics_solver));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCellSetUp(LhCase c, PetscBool *ok) {
  LhCouplingParts parts;
  PetscInt errors;

  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  PetscCall(SetUpElectrochemistry(c));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (errors) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(SetUpMechanics(c));
  parts = (LhCouplingParts){.mesh = c->mesh,
                            .electrochem = c->electrochem,
                            .mechanics = c->mechanics,
                            .mechanics_solver = c->mechanics_solver,
                            .materials = c->materials,
                            .temperature = c->temperature};
  PetscCall(LhCouplingCreate(&parts, &c->coupling_spec, &c->coupling));
  *ok = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCellDestroy(LhCase c) {
  PetscFunctionBegin;
  PetscCall(LhCouplingDestroy(&c->coupling));
  PetscCall(LhMechanicsSolverDestroy(&c->mechanics_solver));
  PetscCall(LhMechanicsDestroy(&c->mechanics));
  PetscCall(LhEcSolverDestroy(&c->solver));
  PetscCall(LhElectrochemDestroy(&c->electrochem));
  PetscCall(LhMaterialDestroy(&c->electrolyte));
  for (int e = 0; e < LH_NUM_ELECTRODES; e++)
    PetscCall(LhInterfaceDestroy(&c->electrodes[e].interface));
  PetscFunctionReturn(PETSC_SUCCESS);
}
