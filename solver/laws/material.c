/// @file
/// Owns materials: opening a file, dispatching on its kind, the small kinds, lifetime.
#include <string.h>

#include "laws/material_read.h"

struct _n_LhMaterial {
  LhMaterialData data;
};

// --- Sections shared by hosts and porous layers ---

typedef struct {
  PetscReal bruggeman, macmullin;
} Tortuosity;
static const LhParam tortuosity_rows[] = {
    LH_ROW_REAL(Tortuosity, bruggeman, "1", 1, 10, "", "exponent b in kappa_eff = kappa eps^b"),
    LH_ROW_REAL(Tortuosity, macmullin, "1", 1, 1e3, "", "N_M in kappa_eff = kappa / N_M"),
};
const LhTable lh_tortuosity_table =
    LH_TABLE("material.tortuosity", "how pores slow transport down; one of", tortuosity_rows);

PetscErrorCode LhTortuosityRead(const LhReader *reader, LhNode map, LhNode parent,
                                const char path[], LhMaterialData *data) {
  const LhMark mark = LhNodeGetMark(map);
  Tortuosity tortuosity = {0, 0};
  PetscInt before, after;

  PetscFunctionBeginUser;
  if (!map) PetscFunctionReturn(PETSC_SUCCESS);  // already reported as missing
  PetscCall(LhDiagGetCounts(reader->diag, &before, NULL));
  PetscCall(LhParamsRead(reader, &lh_tortuosity_table, map, parent, path, &tortuosity));
  PetscCall(LhDiagGetCounts(reader->diag, &after, NULL));
  if (after == before && (tortuosity.bruggeman > 0) == (tortuosity.macmullin > 0)) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "%s: give either 'bruggeman' or 'macmullin'%s", path,
                        tortuosity.bruggeman > 0 ? ", not both" : ""));
  }
  data->bruggeman = tortuosity.bruggeman;
  data->macmullin = tortuosity.macmullin;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// --- Porous layers ---

typedef struct {
  PetscInt lihost_material, kind;
  char name[LH_NAME_MAX], description[LH_NAME_MAX], base[LH_NAME_MAX];
  PetscReal porosity, permeability, thickness, pore_diameter;
  LhNode tortuosity, mechanics;
} Porous;
static const char *const porous_kinds[] = {"porous", NULL};
static const LhParam porous_rows[] = {
    LH_ROW_INT(Porous, lihost_material, 1, 1, NULL, "version of the file format"),
    LH_ROW_CHOICE(Porous, kind, porous_kinds, NULL, "what the file describes"),
    LH_ROW_TEXT(Porous, name, NULL, "name of the material"),
    LH_ROW_TEXT(Porous, description, "", "one line for people"),
    LH_ROW_TEXT(Porous, base, "", "file that this one changes"),
    LH_ROW_REAL(Porous, porosity, "1", 1e-4, 1, NULL, "porosity eps; 1 = free electrolyte"),
    LH_ROW_NODE(Porous, tortuosity, NULL, "how pores slow transport down"),
    LH_ROW_REAL(Porous, permeability, "m2", 0, 1e-6, "", "Darcy permeability; left out: not used"),
    LH_ROW_REAL(Porous, thickness, "m", 1e-9, 1, "", "thickness as supplied"),
    LH_ROW_REAL(Porous, pore_diameter, "m", 1e-10, 1e-2, "", "pore diameter"),
    LH_ROW_NODE(Porous, mechanics, "", "load-bearing phases, by name"),
};
const LhTable lh_porous_table = LH_TABLE(
    "material.porous", "an inert porous layer: separator or free electrolyte", porous_rows);

static PetscErrorCode ReadPorous(const LhMaterialContext *context, LhNode root, const char path[],
                                 LhMaterialData *data) {
  Porous porous;
  char inner[LH_MATERIAL_PATH];

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(&porous, sizeof(porous)));
  PetscCall(LhParamsRead(context->reader, &lh_porous_table, root, root, path, &porous));
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.tortuosity", path));
  PetscCall(LhTortuosityRead(context->reader, porous.tortuosity, root, inner, data));
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.mechanics", path));
  PetscCall(LhMechanicsRead(context, porous.mechanics, inner, NULL, data));
  data->porosity = porous.porosity;
  data->permeability = porous.permeability;
  data->thickness = porous.thickness;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// --- Electrolytes ---

typedef struct {
  PetscInt lihost_material, kind;
  char name[LH_NAME_MAX], description[LH_NAME_MAX], base[LH_NAME_MAX];
  PetscReal concentration, viscosity, density, surface_tension;
  LhNode transport;
} Electrolyte;
static const char *const electrolyte_kinds[] = {"electrolyte", NULL};
static const LhParam electrolyte_rows[] = {
    LH_ROW_INT(Electrolyte, lihost_material, 1, 1, NULL, "version of the file format"),
    LH_ROW_CHOICE(Electrolyte, kind, electrolyte_kinds, NULL, "what the file describes"),
    LH_ROW_TEXT(Electrolyte, name, NULL, "name of the material"),
    LH_ROW_TEXT(Electrolyte, description, "", "one line for people"),
    LH_ROW_TEXT(Electrolyte, base, "", "file that this one changes"),
    LH_ROW_REAL(Electrolyte, concentration, "mol m-3", 1e-3, 1e4, NULL, "salt concentration c_0"),
    LH_ROW_REAL(Electrolyte, viscosity, "Pa s", 1e-6, 1e3, "", "viscosity; left out: not used"),
    LH_ROW_REAL(Electrolyte, density, "kg m-3", 100, 5000, "", "density; left out: not used"),
    LH_ROW_REAL(Electrolyte, surface_tension, "N m-1", 0, 1, "", "surface tension"),
    LH_ROW_NODE(Electrolyte, transport, NULL, "law of the transport properties"),
};
const LhTable lh_electrolyte_table =
    LH_TABLE("material.electrolyte", "the liquid in all pores", electrolyte_rows);

static PetscErrorCode ReadElectrolyte(const LhMaterialContext *context, LhNode root,
                                      const char path[], LhMaterialData *data) {
  Electrolyte electrolyte;
  char inner[LH_MATERIAL_PATH];
  LhLawSection section = {.family = LH_LAW_TRANSPORT, .parent = root, .path = inner};
  const void *law;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(&electrolyte, sizeof(electrolyte)));
  PetscCall(LhParamsRead(context->reader, &lh_electrolyte_table, root, root, path, &electrolyte));
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.transport", path));
  section.map = electrolyte.transport;
  if (section.map) {
    PetscCall(LhLawRead(context->reader, &section, &law, &data->transport_params));
    data->transport = law;
  }
  data->concentration = electrolyte.concentration;
  data->viscosity = electrolyte.viscosity;
  data->density = electrolyte.density;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// --- All kinds ---

static const char *const kinds[] = {"host", "porous", "electrolyte", "solid", NULL};

static PetscErrorCode ReadKind(const LhMaterialContext *context, LhNode root, const char path[],
                               PetscInt *kind) {
  static const char *const keys[] = {"kind"};
  const LhReader quiet = {.diag = context->reader->diag, .record = NULL};
  const LhParam row = {.name = "kind",
                       .kind = LH_PARAM_CHOICE,
                       .unit = "1",
                       .choices = kinds,
                       .meaning = "what the file describes"};
  const LhTable table = {"material", "", &row, 1};
  PetscInt before, after;
  LhNode picked;

  PetscFunctionBeginUser;
  *kind = 0;
  PetscCall(LhDiagGetCounts(quiet.diag, &before, NULL));
  PetscCall(LhNodePick(context->owner, root, 1, keys, &picked));
  PetscCall(LhParamsRead(&quiet, &table, picked ? picked : root, root, path, kind));
  PetscCall(LhDiagGetCounts(quiet.diag, &after, NULL));
  if (after > before) *kind = -1;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadRoot(const LhMaterialContext *context, LhNode root,
                               LhMaterialData *data) {
  const char *name = LhNodeGetText(LhNodeFind(root, "name"));
  char path[LH_MATERIAL_PATH];
  PetscInt kind;

  PetscFunctionBeginUser;
  PetscCall(PetscStrncpy(data->name, name ? name : "", sizeof(data->name)));
  PetscCall(PetscSNPrintf(path, sizeof(path), "material.%.64s", name ? name : "unnamed"));
  PetscCall(ReadKind(context, root, path, &kind));
  if (kind < 0) PetscFunctionReturn(PETSC_SUCCESS);
  data->kind = (LhMaterialKind)kind;
  switch (data->kind) {
    case LH_MATERIAL_HOST:
      PetscCall(LhHostRead(context, root, path, data));
      break;
    case LH_MATERIAL_POROUS:
      PetscCall(ReadPorous(context, root, path, data));
      break;
    case LH_MATERIAL_ELECTROLYTE:
      PetscCall(ReadElectrolyte(context, root, path, data));
      break;
    case LH_MATERIAL_SOLID:
      PetscCall(LhSolidRead(context, root, path, data));
      break;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// `base: lznc` makes the file a list of changes to another one, which must stand on its own;
// `*merged` is NULL after a diagnostic.
static PetscErrorCode OpenBase(const LhMaterialContext *context, LhNode root, LhDoc *doc,
                               LhNode *merged) {
  const LhNode name = LhNodeFind(root, "base");
  LhNode base;

  PetscFunctionBeginUser;
  *doc = NULL;
  *merged = root;
  if (!name) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMaterialOpen(context, name, "material", doc, &base));
  PetscCall(LhNodeOverlay(context->owner, base, root, "law", merged));
  if (!base) *merged = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Changes must be a section; anything else would replace the whole material.
static PetscErrorCode CheckChanges(const LhReader *reader, LhNode *changes) {
  const LhMark mark = LhNodeGetMark(*changes);
  const char *text = LhNodeGetText(*changes);

  PetscFunctionBeginUser;
  if (!*changes || LhNodeGetKind(*changes) == LH_NODE_MAP) PetscFunctionReturn(PETSC_SUCCESS);
  if (!text || *text) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "expected a section with the keys of the material that change"));
  }
  *changes = NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMaterialRead(MPI_Comm comm, const LhReader *reader, LhNode name, LhNode overrides,
                              const char case_dir[], LhMaterial *material) {
  LhMaterialContext context = {comm, reader, case_dir, NULL};
  PetscInt before, after;
  LhNode root, whole, merged;
  LhDoc doc, base;

  PetscFunctionBeginUser;
  *material = NULL;
  PetscCall(LhDiagGetCounts(reader->diag, &before, NULL));
  PetscCall(CheckChanges(reader, &overrides));
  PetscCall(LhMaterialOpen(&context, name, "material", &doc, &root));
  if (!root) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhDocParse("", "{}", 2, reader->diag, &context.owner));
  PetscCall(OpenBase(&context, root, &base, &whole));
  PetscCall(LhNodeOverlay(context.owner, whole, overrides, "law", &merged));
  PetscCall(PetscNew(material));
  if (whole) PetscCall(ReadRoot(&context, merged, &(*material)->data));
  PetscCall(LhDocDestroy(&context.owner));
  PetscCall(LhDocDestroy(&base));
  PetscCall(LhDocDestroy(&doc));
  PetscCall(LhDiagGetCounts(reader->diag, &after, NULL));
  if (after > before) PetscCall(LhMaterialDestroy(material));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMaterialDestroy(LhMaterial *material) {
  LhMaterialData *data;

  PetscFunctionBeginUser;
  if (!*material) PetscFunctionReturn(PETSC_SUCCESS);
  data = &(*material)->data;
  for (PetscInt i = 0; i < data->num_reactions; i++) {
    PetscCall(LhInterfaceDestroy(&data->reactions[i].interface));
    PetscCall(PetscFree(data->reactions[i].equilibrium_params));
  }
  for (PetscInt i = 0; i < data->num_mech; i++) PetscCall(PetscFree(data->mech[i].params));
  PetscCall(PetscFree(data->transport_params));
  PetscCall(PetscFree(*material));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMaterialGetData(LhMaterial material, const LhMaterialData **data) {
  PetscFunctionBeginUser;
  *data = &material->data;
  PetscFunctionReturn(PETSC_SUCCESS);
}
