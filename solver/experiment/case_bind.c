/// @file
/// Regions of the mesh meet their materials. Every mistake is named at its place in the file.
#include <string.h>

#include "experiment/case_private.h"
#include "experiment/experiment.h"

PetscErrorCode LhCaseListNames(LhCase c, PetscBool regions, char text[], size_t size) {
  const LhMeshView *mesh;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  n = regions ? mesh->num_regions : mesh->num_surfaces;
  text[0] = 0;
  for (PetscInt i = 0; i < n; i++) {
    if (i) PetscCall(PetscStrlcat(text, ", ", size));
    PetscCall(PetscStrlcat(text, regions ? mesh->region_names[i] : mesh->surfaces[i].name, size));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Regions of the case that the mesh does not have.
static PetscErrorCode CheckRegions(LhCase c) {
  char names[1024];

  PetscFunctionBegin;
  PetscCall(LhCaseListNames(c, PETSC_TRUE, names, sizeof(names)));
  for (PetscInt i = 0; i < c->num_regions; i++) {
    const LhMark mark = LhNodeGetMark(c->regions[i].node);
    PetscInt r;

    PetscCall(LhMeshFindRegion(c->mesh, c->regions[i].name, &r));
    if (r < 0)
      PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                          "'regions.%s' is not a region of the mesh; it has: %s",
                          c->regions[i].name, names));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Every region of the mesh needs a material.
static PetscErrorCode Bind(LhCase c) {
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  if (mesh->num_regions > LH_CASE_MAX_REGIONS) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL, "%s: the mesh has more than %d regions",
                        c->path, LH_CASE_MAX_REGIONS));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    PetscInt i = 0;

    while (i < c->num_regions && strcmp(mesh->region_names[r], c->regions[i].name)) i++;
    if (i == c->num_regions && c->experiment->allows_void && !strcmp(mesh->region_names[r], "void"))
      continue;
    if (i == c->num_regions) {
      PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                          "%s: region '%s' of the mesh has no material: add it under 'regions'",
                          c->path, mesh->region_names[r]));
    } else if (c->regions[i].material) {
      PetscCall(LhMaterialGetData(c->regions[i].material, &c->materials[r]));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCaseBindMaterials(LhCase c) {
  PetscFunctionBegin;
  PetscCall(Bind(c));
  PetscCall(CheckRegions(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}
