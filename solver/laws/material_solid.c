/// @file
/// Owns materials of kind `solid`: one phase of a resolved volume, with mechanics only.
#include "laws/material_read.h"

typedef struct {
  PetscInt lihost_material, kind, phase;
  char name[LH_NAME_MAX], description[LH_NAME_MAX], base[LH_NAME_MAX];
  PetscReal strengthening, electronic_conductivity, ionic_conductivity;
  LhNode mechanics;
} Solid;

static const char *const solid_kinds[] = {"solid", NULL};

static const LhParam rows[] = {
    LH_ROW_INT(Solid, lihost_material, 1, 1, NULL, "version of the file format"),
    LH_ROW_CHOICE(Solid, kind, solid_kinds, NULL, "what the file describes"),
    LH_ROW_TEXT(Solid, name, NULL, "name of the material"),
    LH_ROW_TEXT(Solid, description, "", "one line for people"),
    LH_ROW_TEXT(Solid, base, "", "file that this one changes"),
    LH_ROW_CHOICE(Solid, phase, lh_phase_keys, NULL, "phase file that mechanics may refer to"),
    LH_ROW_REAL(Solid, strengthening, "1", 1e-3, 1e3, "1",
                "size factor k_size on the flow resistance of lithium, 1: none; to be calibrated"),
    LH_ROW_REAL(Solid, electronic_conductivity, "S m-1", 0, 1e9, "",
                "electronic conductivity; default: that of the phase"),
    LH_ROW_REAL(Solid, ionic_conductivity, "S m-1", 0, 1e4, "",
                "lithium-ion conductivity; default: that of the phase"),
    LH_ROW_NODE(Solid, mechanics, NULL, "load-bearing phases, by name"),
};
const LhTable lh_solid_table =
    LH_TABLE("material.solid", "one phase of a resolved volume: mechanics only", rows);

PetscErrorCode LhSolidRead(const LhMaterialContext *context, LhNode root, const char path[],
                           LhMaterialData *data) {
  LhPhaseFile phases[LH_NUM_PHASES];
  char inner[LH_MATERIAL_PATH];
  Solid solid;
  PetscInt before, after;
  LhNode name;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(&solid, sizeof(solid)));
  PetscCall(PetscMemzero(phases, sizeof(phases)));
  PetscCall(LhDiagGetCounts(context->reader->diag, &before, NULL));
  PetscCall(LhParamsRead(context->reader, &lh_solid_table, root, root, path, &solid));
  PetscCall(LhDiagGetCounts(context->reader->diag, &after, NULL));
  if (after > before) PetscFunctionReturn(PETSC_SUCCESS);
  data->strengthening = solid.strengthening;
  name = LhNodeFind(root, "phase");
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.phase", path));
  PetscCall(LhPhaseRead(context, name, lh_phase_keys[solid.phase], inner, &phases[solid.phase]));
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.mechanics", path));
  data->electronic_conductivity = LhNodeFind(root, "electronic_conductivity")
                                      ? solid.electronic_conductivity
                                      : phases[solid.phase].electronic_conductivity;
  data->ionic_conductivity = LhNodeFind(root, "ionic_conductivity")
                                 ? solid.ionic_conductivity
                                 : phases[solid.phase].ionic_conductivity;
  if (phases[solid.phase].root)
    PetscCall(LhMechanicsRead(context, solid.mechanics, inner, phases, data));
  PetscCall(LhPhaseDestroy(&phases[solid.phase]));
  PetscFunctionReturn(PETSC_SUCCESS);
}
