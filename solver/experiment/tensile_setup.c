/// @file
/// Builds the problem of the experiment `tensile`: regions, grips or mean strain, gauge, fibres, damage, solvers.
#include <math.h>
#include <string.h>

#include "experiment/case_private.h"
#include "experiment/tensile.h"

/// Surfaces of the built-in meshes across x, y, z: lower and upper.
static const char *const sides[3][2] = {
    {"left",   "right"},
    {"front",  "back" },
    {"bottom", "top"  }
};

static PetscErrorCode AddMistake(LhCase c, const char format[], const char what[],
                                 const char name[]) {
  PetscFunctionBegin;
  PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL, format, c->path, what, name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Every region with a material is a solid.
static PetscErrorCode CheckMaterials(LhCase c) {
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    if (!c->materials[r]) continue;
    if (c->materials[r]->kind != LH_MATERIAL_SOLID) {
      PetscCall(AddMistake(c,
                           "%s: region '%s' has the material '%s', which is no solid: a body that "
                           "is pulled is made of resolved phases, e.g. lithium_solid",
                           mesh->region_names[r], c->materials[r]->name));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FindSurface(LhCase c, const char name[], PetscInt *surface) {
  char names[1024];

  PetscFunctionBegin;
  PetscCall(LhMeshFindSurface(c->mesh, name, surface));
  if (*surface >= 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhCaseListNames(c, PETSC_FALSE, names, sizeof(names)));
  PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                      "%s: experiment: the mesh has no surface '%s'; it has: %s", c->path, name,
                      names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Two surfaces named by the user, or the sides across the axis.
static PetscErrorCode FindPair(LhCase c, const LhTextList *names, const char what[],
                               const PetscInt fallback[2], PetscInt pair[2]) {
  PetscFunctionBegin;
  if (names->n && names->n != 2)
    PetscCall(AddMistake(c, "%s: experiment.%s: expected two surfaces%s", what, ""));
  for (PetscInt k = 0; k < 2; k++) {
    pair[k] = fallback[k];
    if (names->n == 2) PetscCall(FindSurface(c, names->v[k], &pair[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One answer for all cells that are taken away: every metal leaves a mat behind, or none does.
static PetscErrorCode CheckMats(LhCase c) {
  const LhMaterialData *first = NULL;
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    if (!c->materials[r] || !LhTensileIsMetal(c->materials[r])) continue;
    if (!first) first = c->materials[r];
    if (LhTensileLeavesMat(first) != LhTensileLeavesMat(c->materials[r]))
      PetscCall(AddMistake(c,
                           "%s: metals '%s' and '%s': one has a phase of weight: void, the other "
                           "has none",
                           first->name, c->materials[r]->name));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Periodic bodies need a periodic mesh; bars need their surfaces.
static PetscErrorCode CheckGrips(LhCase c) {
  LhTensile *t = c->data;
  const LhMeshView *mesh;
  PetscInt fallback[2] = {-1, -1};

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  if (t->keys.grips == LH_GRIPS_PERIODIC) {
    if (!mesh->vertex_image)
      PetscCall(AddMistake(c,
                           "%s: experiment.grips = periodic: the mesh is not periodic; say "
                           "periodic: true in its section, or take clamped or symmetry%s%s",
                           "", ""));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt k = 0; k < 2; k++) PetscCall(FindSurface(c, sides[t->keys.axis][k], &fallback[k]));
  PetscCall(FindPair(c, &t->keys.ends, "ends", fallback, t->end));
  PetscCall(FindPair(c, &t->keys.gauge, "gauge", t->end, t->gauge));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Regions of each damage section; every region in one section at most, and cells fine enough.
static PetscErrorCode CheckDamage(LhCase c) {
  LhTensile *t = c->data;
  const LhMeshView *mesh;
  PetscInt used[LH_CASE_MAX_REGIONS] = {0};

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  for (PetscInt k = 0; k < t->num_damage; k++) {
    LhTensileDamage *part = &t->damage[k];

    for (PetscInt i = 0; i < part->regions.n && i < LH_CASE_MAX_REGIONS; i++) {
      PetscInt r;

      PetscCall(LhMeshFindRegion(c->mesh, part->regions.v[i], &r));
      part->region[i] = r;
      if (r < 0 || !c->materials[r])
        PetscCall(AddMistake(c, "%s: damage.%s: the mesh has no solid region '%s'", part->name,
                             part->regions.v[i]));
      else if (used[r]++)
        PetscCall(AddMistake(c, "%s: damage.%s: region '%s' damages in another section already",
                             part->name, part->regions.v[i]));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Mean coordinate along the axis and area of a surface.
static PetscErrorCode MeasureSurface(LhCase c, PetscInt surface, PetscReal *place,
                                     PetscReal *area) {
  const LhTensile *t = c->data;
  const LhSpaceView *view;
  PetscScalar integrals[3];
  LhSpace space;

  PetscFunctionBegin;
  PetscCall(LhMechanicsGetSpace(c->mechanics, &space));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhFieldIntegrateSurface(space, 3, view->coords, surface, integrals, area));
  *place = PetscRealPart(integrals[t->keys.axis]) / *area;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode MeasureBody(LhCase c) {
  LhTensile *t = c->data;
  const LhMeshView *mesh;
  const PetscInt a = t->keys.axis;
  PetscReal place[2], area;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhMechanicsGetVolume(c->mechanics, &t->volume));
  t->length = mesh->upper[a] - mesh->lower[a];
  t->gauge_length = t->length;
  t->area = t->volume / t->length;
  t->thickness = PetscMin(mesh->upper[(a + 1) % 3] - mesh->lower[(a + 1) % 3],
                          mesh->upper[(a + 2) % 3] - mesh->lower[(a + 2) % 3]);
  if (t->keys.grips == LH_GRIPS_PERIODIC) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt k = 0; k < 2; k++) PetscCall(MeasureSurface(c, t->end[k], &place[k], &area));
  t->length = place[1] - place[0];
  for (PetscInt k = 0; k < 2; k++)
    PetscCall(MeasureSurface(c, t->gauge[k], &place[k], k ? &area : &t->area));
  t->gauge_length = place[1] - place[0];
  if (!(t->length > 0 && t->gauge_length > 0))
    PetscCall(AddMistake(c,
                         "%s: experiment: the second of two ends, and of two gauge surfaces, lies "
                         "higher along the axis%s%s",
                         "", ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddSupport(LhCase c, PetscInt surface, PetscInt component, PetscInt *load) {
  const LhMechLoad support = {
      .kind = LH_MECH_DISPLACEMENT, .surface = surface, .component = component};

  PetscFunctionBegin;
  PetscCall(LhMechanicsAddLoad(c->mechanics, &support, load));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Clamped: all components of both ends. Symmetry: the axis at the ends, the lower sides across.
static PetscErrorCode AddGrips(LhCase c) {
  LhTensile *t = c->data;
  const PetscInt a = t->keys.axis;

  PetscFunctionBegin;
  for (PetscInt d = 1; d < 3; d++) {
    const PetscInt across = (a + d) % 3;
    PetscInt side;

    if (t->keys.grips == LH_GRIPS_CLAMPED) {
      for (PetscInt k = 0; k < 2; k++) PetscCall(AddSupport(c, t->end[k], across, NULL));
    } else {
      PetscCall(FindSurface(c, sides[across][0], &side));
      if (side >= 0) PetscCall(AddSupport(c, side, across, NULL));
    }
  }
  PetscCall(AddSupport(c, t->end[0], a, NULL));
  PetscCall(AddSupport(c, t->end[1], a, &t->pull));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetComposition(LhCase c) {
  const LhSpaceView *view;
  const LhMeshView *mesh;
  PetscReal *strength, *temperature;
  LhSpace space;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhMechanicsGetSpace(c->mechanics, &space));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(PetscMalloc2(view->num_cells, &strength, view->num_cells, &temperature));
  for (PetscInt i = 0; i < view->num_cells; i++) {
    strength[i] = c->materials[mesh->cell_region[view->cells[i]]]->strengthening;
    temperature[i] = c->temperature;
  }
  PetscCall(LhMechanicsSetComposition(
      c->mechanics, &(LhMechComposition){.strengthening = strength, .temperature = temperature}));
  PetscCall(LhMechanicsHoldComposition(c->mechanics));
  PetscCall(PetscFree2(strength, temperature));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddFibres(LhCase c) {
  LhTensile *t = c->data;
  const LhFibres *fibres;
  LhBatches batches;
  LhSpace space;

  PetscFunctionBegin;
  PetscCall(LhMeshGetFibres(c->mesh, &fibres));
  if (!t->fibre.law || !fibres) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMechanicsGetSpace(c->mechanics, &space));
  PetscCall(LhMechanicsGetBatches(c->mechanics, &batches));
  PetscCall(
      LhFibreTermCreate(space, batches, fibres, t->fibre.law, t->fibre.params, &t->fibre_term));
  PetscCall(LhFibreTermSetSpan(t->fibre_term, PETSC_TRUE));
  PetscCall(LhMechanicsSetFibres(c->mechanics, t->fibre_term));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A mesh with fibres needs their law, and the other way round.
static PetscErrorCode CheckFibres(LhCase c) {
  const LhTensile *t = c->data;
  const LhFibres *fibres;

  PetscFunctionBegin;
  PetscCall(LhMeshGetFibres(c->mesh, &fibres));
  if (fibres && !t->fibres_node)
    PetscCall(AddMistake(c,
                         "%s: the mesh has fibres but the case says nothing about them: add "
                         "fibres: {material: cnt, law: kelly_tyson}%s%s",
                         "", ""));
  if (!fibres && t->fibres_node)
    PetscCall(AddMistake(
        c, "%s: 'fibres' is given but the mesh has no fibres: add mesh.rve.cnt%s%s", "", ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddDamage(LhCase c) {
  LhTensile *t = c->data;
  LhDamagePart parts[LH_TENSILE_MAX_PARTS];

  PetscFunctionBegin;
  for (PetscInt k = 0; k < t->num_damage; k++) {
    const LhTensileDamage *d = &t->damage[k];

    parts[k] = (LhDamagePart){.num_regions = d->regions.n,
                              .regions = d->region,
                              .length = d->length,
                              .residual = d->residual,
                              .relaxation_time = d->relaxation_time,
                              .law = d->law,
                              .params = d->params};
  }
  PetscCall(LhDamageCreate(c->mechanics, c->mesh, t->num_damage, parts, &t->damage_problem));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddSolvers(LhCase c) {
  LhTensile *t = c->data;
  const double *integrity;

  PetscFunctionBegin;
  PetscCall(LhMechanicsSolverCreate(c->mechanics, &t->mechanics_spec, &c->mechanics_solver));
  PetscCall(LhDamageSolverCreate(c->mechanics, c->mechanics_solver, t->damage_problem,
                                 &t->damage_spec, &t->solver));
  PetscCall(LhDamageGetIntegrity(t->damage_problem, &integrity));
  PetscCall(LhEnergyCreate(c->mechanics, integrity, &t->energy));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileCheck(LhCase c) {
  PetscFunctionBegin;
  PetscCall(CheckMaterials(c));
  PetscCall(CheckMats(c));
  PetscCall(CheckGrips(c));
  PetscCall(CheckDamage(c));
  PetscCall(CheckFibres(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The solid regions are the body; what has no material is void.
static PetscErrorCode CreateMechanics(LhCase c) {
  const LhTensile *t = c->data;
  const LhMeshView *mesh;
  PetscInt num = 0, regions[LH_CASE_MAX_REGIONS];

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    if (c->materials[r]) regions[num++] = r;
  }
  PetscCall(LhMechanicsCreate(c->mesh, num, regions, c->materials, (LhMechDilatation)t->dilatation,
                              &c->mechanics));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileBuild(LhCase c, PetscBool *ok) {
  LhTensile *t = c->data;
  PetscInt errors;
  const LhMechMacro rest = {
      .value = {1., 0., 0., 0., 1., 0., 0., 0., 1.}
  };

  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  PetscCall(CreateMechanics(c));
  PetscCall(MeasureBody(c));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (errors) PetscFunctionReturn(PETSC_SUCCESS);
  if (t->keys.grips == LH_GRIPS_PERIODIC)
    PetscCall(LhMechanicsSetMacro(c->mechanics, &rest));
  else
    PetscCall(AddGrips(c));
  PetscCall(SetComposition(c));
  PetscCall(AddFibres(c));
  PetscCall(AddDamage(c));
  PetscCall(LhTensileApplyState(c));
  PetscCall(AddSolvers(c));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  *ok = errors ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileRelease(LhCase c) {
  LhTensile *t = c->data;

  PetscFunctionBegin;
  PetscCall(LhEnergyDestroy(&t->energy));
  PetscCall(LhDamageSolverDestroy(&t->solver));
  PetscCall(LhDamageDestroy(&t->damage_problem));
  PetscCall(LhMechanicsSolverDestroy(&c->mechanics_solver));
  PetscCall(LhMechanicsDestroy(&c->mechanics));
  PetscCall(LhFibreTermDestroy(&t->fibre_term));
  PetscFunctionReturn(PETSC_SUCCESS);
}
