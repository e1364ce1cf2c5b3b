/// @file
/// From a read case to problems and solvers: mesh, materials by region, composition in space, mechanics, coupling.
#include "experiment/case.h"

/// Every region of the mesh needs a material of the right kind, and every name must exist.
static PetscErrorCode BindRegions(LhCase c) {
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCheck(mesh->num_regions <= LH_CASE_MAX_REGIONS, c->comm, PETSC_ERR_ARG_SIZ, "more than %d regions", LH_CASE_MAX_REGIONS);
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    for (PetscInt i = 0; i < c->num_regions; i++) {
      PetscBool same;

      PetscCall(PetscStrcmp(mesh->region_names[r], c->regions[i].name, &same));
      if (same) PetscCall(LhMaterialGetData(c->regions[i].material, &c->materials[r]));
    }
    if (!c->materials[r]) {
      PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL, "%s: region '%s' of the mesh has no material: add it under 'regions'", c->path, mesh->region_names[r]));
    }
  }
  for (PetscInt i = 0; i < c->num_regions; i++) {
    PetscInt r;

    PetscCall(LhMeshFindRegion(c->mesh, c->regions[i].name, &r));
    if (r < 0) PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL, "%s: 'regions.%s' is not a region of the mesh", c->path, c->regions[i].name));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Factors of one variation over the cells of its region; cut to [0.05, 20] and counted.
static PetscErrorCode Vary(LhCase c, const LhVariation *v, PetscInt region, const PetscReal centres[], const char what[],
                           PetscReal factor[]) {
  const LhMeshView *mesh;
  PetscReal        *value;
  PetscInt          odd = 0;

  PetscFunctionBegin;
  if (!v->random && !v->voxels) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(PetscMalloc1(mesh->num_cells, &value));
  if (v->random) PetscCall(LhRandomFieldEvaluate(v->random, mesh->num_cells, centres, value, &odd));
  else PetscCall(LhVoxelFieldEvaluate(v->voxels, mesh->num_cells, centres, value, &odd));
  for (PetscInt i = 0; i < mesh->num_cells; i++) {
    if (mesh->cell_region[i] == region) factor[i] = PetscMin(20, PetscMax(0.05, value[i]));
  }
  PetscCall(PetscFree(value));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &odd, 1, MPIU_INT, MPI_SUM, c->comm));
  if (odd) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_NOTE, NULL, "regions.%s.variation.%s: %d cells lie outside the field's range and take its edge value",
                        mesh->region_names[region], what, (int)odd));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetVariations(LhCase c) {
  const LhMeshView *mesh;
  PetscReal        *cnt, *alloy, *centres;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(PetscMalloc3(mesh->num_cells, &cnt, mesh->num_cells, &alloy, 3 * mesh->num_cells, &centres));
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
  PetscInt          errors;

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
  PetscCall(LhMechanicsCreateFromSpec(c->mesh, &c->mechanics_spec, c->materials, &c->mechanics, &c->pressure_load));
  PetscCall(LhMechanicsSolverCreate(c->mechanics, &c->mechanics_solver_spec, &c->mechanics_solver));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCaseSetUp(LhCase c, PetscBool *ok) {
  const LhReader reader = {c->diag, c->record};
  PetscInt       errors;

  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  PetscCall(LhMeshCreateFromCase(c->comm, &reader, c->mesh_section, c->directory, &c->mesh));
  if (!c->mesh) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(BindRegions(c));
  if (c->mechanics_section) PetscCall(LhMechanicsSpecCheck(&c->mechanics_spec, c->mesh, c->mechanics_section, c->diag));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (errors) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(SetUpElectrochemistry(c));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (errors) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(SetUpMechanics(c));
  PetscCall(LhCouplingCreate(c->mesh, c->electrochem, c->mechanics, c->mechanics_solver, &c->coupling_spec, c->materials,
                             c->temperature, &c->coupling));
  *ok = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}
