/// @file
/// Owns the mechanical phases of a material: which law, with which weight, from which phase file.
///
/// Parameters come from three places, the later one winning: equally named properties of the phase
/// file, its section `laws.<law>`, the entry itself.
#include <string.h>

#include "laws/material_read.h"

typedef struct {
  PetscInt weight;
  char phase[LH_NAME_MAX];
} Params;

static const char *const weights[] = {"one", "lithium", "void", NULL};

static const LhParam rows[] = {
    LH_ROW_CHOICE(Params, weight, weights, "one",
                  "share of the load: the whole volume, the volume of lithium present, or the "
                  "volume that lithium has left (solids)"),
    LH_ROW_TEXT(Params, phase, "", "phase file that gives the parameters not said here"),
};
const LhTable lh_mech_table = LH_TABLE("mechanics", "one load-bearing phase, beside its law", rows);

// Index of the phase that `map` names; -1 when it names none or after a diagnostic.
static PetscErrorCode FindPhase(const LhReader *reader, LhNode map, const char path[],
                                const LhPhaseFile phases[], PetscInt *index) {
  const LhNode node = LhNodeFind(map, "phase");
  const LhMark mark = LhNodeGetMark(node);
  const char *word = LhNodeGetText(node), *near;

  PetscFunctionBeginUser;
  *index = -1;
  if (!word) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt k = 0; k < LH_NUM_PHASES; k++) {
    if (phases && !strcmp(word, lh_phase_keys[k])) *index = k;
  }
  if (*index >= 0) PetscFunctionReturn(PETSC_SUCCESS);
  near = phases ? LhNearestWord(word, LH_NUM_PHASES, lh_phase_keys) : NULL;
  PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark, "%s.phase = %s: no such phase here%s%s%s",
                      path, word, near ? "; did you mean '" : "", near ? near : "",
                      near ? "'?" : ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechPhaseRead(const LhMaterialContext *context, LhNode map, const char path[],
                               const LhPhaseFile phases[], LhMechPhase *phase) {
  Params params = {.weight = 0, .phase = ""};
  LhNode merged = map;
  PetscInt index;
  const void *law;
  LhLawSection section = {.family = LH_LAW_MECHANICS,
                          .parent = map,
                          .path = path,
                          .extra = &lh_mech_table,
                          .extra_params = &params,
                          .extra_size = sizeof(params)};

  PetscFunctionBeginUser;
  PetscCall(FindPhase(context->reader, map, path, phases, &index));
  if (index < 0 && LhNodeFind(map, "phase")) PetscFunctionReturn(PETSC_SUCCESS);  // reported
  if (index >= 0)
    PetscCall(LhPhaseInherit(context, &phases[index], LH_LAW_MECHANICS, map, &merged));
  section.map = merged;
  PetscCall(LhLawRead(context->reader, &section, &law, &phase->params));
  phase->law = law;
  phase->weight = (LhMechWeight)params.weight;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A void is what lithium has left, which only a resolved metal knows.
static PetscErrorCode CheckVoid(const LhMaterialContext *context, LhNode map, const char path[],
                                const LhMaterialData *data) {
  const LhMark mark = LhNodeGetMark(map);
  PetscBool lithium = PETSC_FALSE, empty = PETSC_FALSE;

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < data->num_mech; k++) {
    lithium |= data->mech[k].weight == LH_WEIGHT_LITHIUM;
    empty |= data->mech[k].weight == LH_WEIGHT_VOID;
  }
  if (empty && (data->kind != LH_MATERIAL_SOLID || !lithium))
    PetscCall(LhDiagAdd(context->reader->diag, LH_DIAG_ERROR, &mark,
                        "%s: weight: void is for solids, beside a phase of weight: lithium", path));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsRead(const LhMaterialContext *context, LhNode map, const char path[],
                               const LhPhaseFile phases[], LhMaterialData *data) {
  const LhMark mark = LhNodeGetMark(map);
  const PetscInt n = LhNodeGetSize(map);

  PetscFunctionBeginUser;
  if (map && (LhNodeGetKind(map) != LH_NODE_MAP || n > LH_MAX_MECH_PHASES - 1)) {
    PetscCall(LhDiagAdd(context->reader->diag, LH_DIAG_ERROR, &mark,
                        "%s: expected one section for each of at most %d load-bearing phases", path,
                        LH_MAX_MECH_PHASES - 1));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt i = 0; i < n; i++) {
    LhMechPhase *phase = &data->mech[data->num_mech++];
    char inner[LH_MATERIAL_PATH];

    PetscCall(PetscStrncpy(phase->name, LhNodeGetKey(map, i), sizeof(phase->name)));
    PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.%s", path, phase->name));
    PetscCall(LhMechPhaseRead(context, LhNodeGetItem(map, i), inner, phases, phase));
  }
  PetscCall(CheckVoid(context, map, path, data));
  PetscFunctionReturn(PETSC_SUCCESS);
}
