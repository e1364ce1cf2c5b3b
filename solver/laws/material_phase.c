/// @file
/// Owns phase files (kind `phase`): the properties of one solid that hosts are made of.
///
/// A host refers to phases by name, so no value is typed twice: densities give the composition, the
/// section `reaction` is the base of a host's reaction, `laws` and equally named properties are the
/// base of its mechanical laws.
#include <string.h>

#include "laws/material_read.h"

const char *const lh_phase_keys[LH_NUM_PHASES + 1] = {"lithium", "lizn", "li3n",
                                                      "cnt",     "zinc", NULL};

typedef struct {
  PetscInt lihost_material, kind;
  char name[LH_NAME_MAX], description[LH_NAME_MAX], formula[LH_NAME_MAX];
  PetscReal molar_mass, density;
  PetscReal youngs_modulus, poisson_ratio, yield_stress, tensile_strength, fracture_strength;
  PetscReal rate_sensitivity, fibre_modulus, bending_modulus, outer_diameter, length;
  PetscReal electronic_conductivity, ionic_conductivity, ionic_activation_energy;
  PetscReal lithium_diffusivity, decomposition_potential, surface_energy, thermal_expansion;
  PetscReal pristine_spacing, lithiated_spacing;
  LhNode laws, reaction;
} Params;

static const char *const kinds[] = {"phase", NULL};

static const LhParam rows[] = {
    LH_ROW_INT(Params, lihost_material, 1, 1, NULL, "version of the file format"),
    LH_ROW_CHOICE(Params, kind, kinds, NULL, "what the file describes"),
    LH_ROW_TEXT(Params, name, NULL, "name of the phase"),
    LH_ROW_TEXT(Params, description, "", "one line for people"),
    LH_ROW_TEXT(Params, formula, NULL, "chemical formula"),
    LH_ROW_REAL(Params, molar_mass, "kg mol-1", 1e-4, 10, NULL, "molar mass M"),
    LH_ROW_REAL(Params, density, "kg m-3", 1, 3e4, NULL, "density rho of the dense phase"),
    LH_ROW_REAL(Params, youngs_modulus, "Pa", 1, 1e13, "", "Young's modulus E"),
    LH_ROW_REAL(Params, poisson_ratio, "1", -0.99, 0.4999, "", "Poisson's ratio nu"),
    LH_ROW_REAL(Params, yield_stress, "Pa", 0, 1e12, "", "yield stress"),
    LH_ROW_REAL(Params, tensile_strength, "Pa", 0, 1e12, "", "tensile strength"),
    LH_ROW_REAL(Params, fracture_strength, "Pa", 0, 1e12, "", "fracture strength"),
    LH_ROW_REAL(Params, rate_sensitivity, "1", 0, 1, "", "rate sensitivity m of the flow stress"),
    LH_ROW_REAL(Params, fibre_modulus, "Pa", 1, 1e13, "", "Young's modulus of a fibre along it"),
    LH_ROW_REAL(Params, bending_modulus, "Pa", 1, 1e13, "",
                "Young's modulus of a fibre in bending"),
    LH_ROW_REAL(Params, outer_diameter, "m", 1e-10, 1e-3, "", "outer diameter of a fibre"),
    LH_ROW_REAL(Params, length, "m", 1e-9, 1, "", "length of a fibre"),
    LH_ROW_REAL(Params, electronic_conductivity, "S m-1", 0, 1e9, "", "electronic conductivity"),
    LH_ROW_REAL(Params, ionic_conductivity, "S m-1", 0, 1e4, "", "lithium-ion conductivity"),
    LH_ROW_REAL(Params, ionic_activation_energy, "J mol-1", 0, 5e5, "",
                "activation energy of the lithium-ion conductivity"),
    LH_ROW_REAL(Params, lithium_diffusivity, "m2 s-1", 0, 1, "", "diffusivity of lithium in it"),
    LH_ROW_REAL(Params, decomposition_potential, "V", -5, 10, "",
                "potential versus Li/Li+ above which it decomposes"),
    LH_ROW_REAL(Params, surface_energy, "J m-2", 0, 100, "", "surface energy"),
    LH_ROW_REAL(Params, thermal_expansion, "K-1", -1e-3, 1e-3, "", "linear thermal expansion"),
    LH_ROW_REAL(Params, pristine_spacing, "m", 1e-11, 1e-8, "", "layer spacing without lithium"),
    LH_ROW_REAL(Params, lithiated_spacing, "m", 1e-11, 1e-8, "", "layer spacing with lithium"),
    LH_ROW_NODE(Params, laws, "", "parameters of mechanical laws, by name of the law"),
    LH_ROW_NODE(Params, reaction, "", "base of the reaction of a host that contains this phase"),
};
const LhTable lh_phase_table =
    LH_TABLE("material.phase", "one solid of a host (a phase file)", rows);

// The file that a map of changes belongs to: its key `file`, else the phase's own key.
static PetscErrorCode OpenChanged(const LhMaterialContext *context, LhNode changes,
                                  const char key[], LhDoc *doc, LhNode *root) {
  const LhNode file = LhNodeFind(changes, "file");
  LhDoc word = NULL;
  LhNode name = file, base = NULL, rest;
  const char *known[sizeof(rows) / sizeof(rows[0])];

  PetscFunctionBeginUser;
  if (!file) {
    PetscCall(LhDocParse(key, key, strlen(key), context->reader->diag, &word));
    PetscCall(LhDocGetRoot(word, &name));
  }
  PetscCall(LhMaterialOpen(context, name, "phase", doc, &base));
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(rows); i++) known[i] = rows[i].name;
  rest = changes;
  if (file) {
    PetscCall(LhNodePick(context->owner, changes, PETSC_STATIC_ARRAY_LENGTH(rows), known, &rest));
  }
  if (base) PetscCall(LhNodeOverlay(context->owner, base, rest, "law", root));
  PetscCall(LhDocDestroy(&word));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhPhaseRead(const LhMaterialContext *context, LhNode name, const char key[],
                           const char path[], LhPhaseFile *phase) {
  const PetscBool changed = LhNodeGetKind(name) == LH_NODE_MAP ? PETSC_TRUE : PETSC_FALSE;
  Params params;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(phase, sizeof(*phase)));
  PetscCall(PetscMemzero(&params, sizeof(params)));
  if (changed) {
    PetscCall(OpenChanged(context, name, key, &phase->doc, &phase->root));
  } else {
    PetscCall(LhMaterialOpen(context, name, "phase", &phase->doc, &phase->root));
  }
  if (!phase->root) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhParamsRead(context->reader, &lh_phase_table, phase->root, name, path, &params));
  phase->laws = params.laws;
  phase->reaction = params.reaction;
  phase->molar_mass = params.molar_mass;
  phase->density = params.density;
  phase->rate_sensitivity = params.rate_sensitivity;
  phase->electronic_conductivity = params.electronic_conductivity;
  phase->ionic_conductivity = params.ionic_conductivity;
  phase->pristine_spacing = params.pristine_spacing;
  phase->lithiated_spacing = params.lithiated_spacing;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhPhaseDestroy(LhPhaseFile *phase) {
  PetscFunctionBeginUser;
  PetscCall(LhDocDestroy(&phase->doc));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhPhaseInherit(const LhMaterialContext *context, const LhPhaseFile *phase,
                              LhLawFamily family, LhNode map, LhNode *merged) {
  const char *law = LhNodeGetText(LhNodeFind(map, "law"));
  const char *names[LH_LIST_MAX];
  LhLawShape shape;
  LhNode properties, base;

  PetscFunctionBeginUser;
  *merged = map;
  PetscCall(LhLawFindShape(family, law, &shape));
  if (!shape.law) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < shape.num_rows; i++) names[i] = shape.rows[i].name;
  PetscCall(LhNodePick(context->owner, phase->root, shape.num_rows, names, &properties));
  PetscCall(LhNodeOverlay(context->owner, properties, LhNodeFind(phase->laws, law), "law", &base));
  PetscCall(LhNodeOverlay(context->owner, base, map, "law", merged));
  PetscFunctionReturn(PETSC_SUCCESS);
}
