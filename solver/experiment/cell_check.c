/// @file
/// What shows only when a case and its mesh are seen together. Every mistake is named at its place in the file.
#include <string.h>

#include "experiment/case_private.h"
#include "experiment/cell.h"

static const char *const electrode_names[LH_NUM_ELECTRODES] = {"working", "counter"};

static PetscErrorCode CheckKind(LhCase c, PetscInt i) {
  const LhCaseRegion *region = &c->regions[i];
  const LhMaterialData *data;
  const LhMark mark = LhNodeGetMark(region->node);

  PetscFunctionBegin;
  if (!region->material) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMaterialGetData(region->material, &data));
  if (data->kind == LH_MATERIAL_ELECTROLYTE) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                        "regions.%s: '%s' is an electrolyte; a region needs a host or a porous "
                        "layer, and the liquid stands under 'electrolyte'",
                        region->name, data->name));
  }
  if (data->kind == LH_MATERIAL_HOST && !(data->network_conductivity > 0)) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                        "regions.%s: '%s' has no CNT and no network_conductivity, so no electron "
                        "gets through it once its lithium is gone; give "
                        "regions.%s.change.network_conductivity, e.g. 1 S/m for islands that touch "
                        "by chance",
                        region->name, data->name, region->name));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// First region along a surface that is no host, -1 when all are; the same on all ranks.
static PetscErrorCode RegionWithoutHost(LhCase c, const LhSurface *surface, PetscInt *region) {
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  *region = -1;
  for (PetscInt f = 0; f < surface->num_faces; f++) {
    const PetscInt r = mesh->cell_region[surface->cell[f]];

    if (c->materials[r] && c->materials[r]->kind != LH_MATERIAL_HOST)
      *region = PetscMax(*region, r);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, region, 1, MPIU_INT, MPI_MAX, c->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckElectrode(LhCase c, int e) {
  const LhElectrode *electrode = &c->electrodes[e];
  const LhMeshView *mesh;
  LhMark mark;
  PetscInt s, region;
  char names[1024];

  PetscFunctionBegin;
  if (!c->electrode_nodes[e] || !electrode->surface[0]) PetscFunctionReturn(PETSC_SUCCESS);
  mark = LhNodeGetMark(c->electrode_nodes[e]);
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhMeshFindSurface(c->mesh, electrode->surface, &s));
  if (s < 0) {
    PetscCall(LhCaseListNames(c, PETSC_FALSE, names, sizeof(names)));
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                        "electrodes.%s.surface: the mesh has no surface '%s'; it has: %s",
                        electrode_names[e], electrode->surface, names));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (electrode->kind == LH_ELECTRODE_LITHIUM) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(RegionWithoutHost(c, &mesh->surfaces[s], &region));
  if (region >= 0) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                        "electrodes.%s: surface '%s' lies on region '%s', which is no host, and a "
                        "collector carries current into a host only; "
                        "choose another surface, or kind: lithium",
                        electrode_names[e], electrode->surface, mesh->region_names[region]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckElectrodes(LhCase c) {
  const LhElectrode *e = c->electrodes;

  PetscFunctionBegin;
  for (int i = 0; i < LH_NUM_ELECTRODES; i++) PetscCall(CheckElectrode(c, i));
  if (e[LH_WORKING].surface[0] && !strcmp(e[LH_WORKING].surface, e[LH_COUNTER].surface)) {
    const LhMark mark = LhNodeGetMark(c->electrode_nodes[LH_COUNTER]);

    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                        "electrodes: working and counter electrode are the same surface '%s'",
                        e[LH_COUNTER].surface));
  }
  if (c->electrode_nodes[LH_COUNTER] && e[LH_COUNTER].surface[0] &&
      e[LH_COUNTER].kind == LH_ELECTRODE_UNIFORM) {
    const LhMark mark = LhNodeGetMark(c->electrode_nodes[LH_COUNTER]);

    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                        "electrodes.counter.kind = uniform: the counter electrode is held at 0 V; "
                        "use collector or lithium"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A uniform flux has no voltage to hold.
static PetscErrorCode CheckSteps(LhCase c) {
  PetscFunctionBegin;
  if (c->electrodes[LH_WORKING].kind != LH_ELECTRODE_UNIFORM) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < c->num_steps; i++) {
    const LhMark mark = LhNodeGetMark(c->steps_section);

    if (c->steps[i].kind != LH_STEP_HOLD) continue;
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                        "step '%s': a working electrode of kind uniform has no voltage that could "
                        "be held; use kind: collector",
                        c->steps[i].text));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Regions that bear load need a law for it.
static PetscErrorCode CheckLoadBearing(LhCase c) {
  const LhTextList *list = &c->mechanics_spec.regions;
  const LhMark mark = LhNodeGetMark(c->mechanics_section);

  PetscFunctionBegin;
  for (PetscInt k = 0; k < list->n; k++) {
    PetscInt r;

    PetscCall(LhMeshFindRegion(c->mesh, list->v[k], &r));
    if (r < 0 || !c->materials[r] || c->materials[r]->num_mech > 0) continue;
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                        "mechanics.regions: material '%s' of region '%s' has no mechanics section, "
                        "so it can bear no load",
                        c->materials[r]->name, list->v[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Its material must be a liquid.
static PetscErrorCode CheckElectrolyte(LhCase c) {
  const LhMaterialData *data;

  PetscFunctionBegin;
  if (!c->electrolyte) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMaterialGetData(c->electrolyte, &data));
  if (data->kind != LH_MATERIAL_ELECTROLYTE) {
    const LhMark mark = LhNodeGetMark(c->electrolyte_section);

    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                        "electrolyte.material: '%s' is a %s, not an electrolyte", data->name,
                        data->kind == LH_MATERIAL_HOST ? "host" : "porous layer"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCellCheck(LhCase c) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < c->num_regions; i++) PetscCall(CheckKind(c, i));
  PetscCall(CheckElectrolyte(c));
  PetscCall(CheckElectrodes(c));
  PetscCall(CheckSteps(c));
  if (!c->mechanics_section) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMechanicsSpecCheck(&c->mechanics_spec, c->mesh, c->mechanics_section, c->diag));
  PetscCall(CheckLoadBearing(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}
