/// @file
/// Reads fibres of one kind: a fibre law whose parameters come from a section and the phase file it names.
#include <string.h>

#include "laws/fibre_law.h"
#include "laws/material_read.h"

typedef struct {
  PetscReal outer_diameter, length, density, electronic_conductivity;
} Tube;

static const LhParam tube_rows[] = {
    LH_ROW_REAL(Tube, outer_diameter, "m", 1e-10, 1e-3, "0 m", "outer diameter of a fibre"),
    LH_ROW_REAL(Tube, length, "m", 1e-9, 1, "0 m", "length of a fibre"),
    LH_ROW_REAL(Tube, density, "kg m-3", 1, 3e4, "0 kg/m^3", "density of a fibre"),
    LH_ROW_REAL(Tube, electronic_conductivity, "S m-1", 0, 1e9, "0 S/m", "along a fibre"),
};
static const LhTable tube_table = LH_TABLE("tube", "what a phase file says of a fibre", tube_rows);

static PetscBool IsAmong(const char key[], const char *const keys[]) {
  for (; keys && *keys; keys++) {
    if (!strcmp(key, *keys)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

// The entries of `map` that belong to the law.
static PetscErrorCode PickLaw(const LhMaterialContext *context, LhNode map,
                              const char *const also[], LhNode *picked) {
  const char *keys[LH_LIST_MAX];
  PetscInt n = 0;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < LhNodeGetSize(map) && n < LH_LIST_MAX; i++) {
    const char *key = LhNodeGetKey(map, i);
    if (strcmp(key, "material") && !IsAmong(key, also)) keys[n++] = key;
  }
  PetscCall(LhNodePick(context->owner, map, n, keys, picked));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Diameter, length and density are in the record already: the phase was read whole.
static PetscErrorCode ReadTube(const LhMaterialContext *context, const LhPhaseFile *phase,
                               LhFibreMaterial *material) {
  const LhReader quiet = {.diag = context->reader->diag, .record = NULL};
  const char *keys[PETSC_STATIC_ARRAY_LENGTH(tube_rows)];
  Tube tube = {0., 0., 0., 0.};
  LhNode picked;

  PetscFunctionBeginUser;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(tube_rows); i++) keys[i] = tube_rows[i].name;
  PetscCall(
      LhNodePick(context->owner, phase->root, PETSC_STATIC_ARRAY_LENGTH(tube_rows), keys, &picked));
  PetscCall(LhParamsRead(&quiet, &tube_table, picked, phase->root, "phase", &tube));
  material->diameter = tube.outer_diameter;
  material->length = tube.length;
  material->density = tube.density;
  material->electronic_conductivity = tube.electronic_conductivity;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadLaw(const LhMaterialContext *context, LhNode map, LhNode picked,
                              const char path[], LhFibreMaterial *material) {
  const LhNode name = LhNodeFind(map, "material");
  LhLawSection section = {.family = LH_LAW_FIBRE, .map = picked, .parent = map, .path = path};
  LhPhaseFile phase = {.doc = NULL};
  char inner[LH_MATERIAL_PATH];
  const void *law = NULL;

  PetscFunctionBeginUser;
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.material", path));
  if (name) PetscCall(LhPhaseRead(context, name, "cnt", inner, &phase));
  if (!name || phase.root) {
    if (name) PetscCall(ReadTube(context, &phase, material));
    if (name) PetscCall(LhPhaseInherit(context, &phase, LH_LAW_FIBRE, picked, &section.map));
    PetscCall(LhLawRead(context->reader, &section, &law, &material->params));
  }
  material->law = law;
  PetscCall(LhPhaseDestroy(&phase));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreMaterialRead(MPI_Comm comm, const LhReader *reader, LhNode map,
                                   const char *const also[], const char path[],
                                   const char case_dir[], LhFibreMaterial *material) {
  LhMaterialContext context = {comm, reader, case_dir, NULL};
  PetscInt before, after;
  LhNode picked;

  PetscFunctionBeginUser;
  *material = (LhFibreMaterial){.law = NULL};
  PetscCall(LhDiagGetCounts(reader->diag, &before, NULL));
  PetscCall(LhDocParse("", "{}", 2, reader->diag, &context.owner));
  PetscCall(PickLaw(&context, map, also, &picked));
  PetscCall(ReadLaw(&context, map, picked, path, material));
  PetscCall(LhDocDestroy(&context.owner));
  PetscCall(LhDiagGetCounts(reader->diag, &after, NULL));
  if (after > before) PetscCall(LhFibreMaterialDestroy(material));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreMaterialDestroy(LhFibreMaterial *material) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree(material->params));
  material->law = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}
