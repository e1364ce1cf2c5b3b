/// @file
/// Owns files of kind `host`: precursors and phases in, everything the solver needs out.
///
/// Order matters: phases, composition (stoichiometry), then reactions, which take their contents
/// from it, then mechanics. All derived numbers go to the record.
#include <math.h>
#include <string.h>

#include "laws/material_read.h"

typedef struct {
  PetscInt lihost_material, kind;
  char name[LH_NAME_MAX], description[LH_NAME_MAX], base[LH_NAME_MAX], skeleton[LH_NAME_MAX];
  PetscReal porosity, min_porosity, permeability, network_conductivity;
  PetscReal size_strengthening, li3n_exchange_resistance, li3n_area;
  PetscBool li3n_bridge;
  LhNode precursors, phases, tortuosity, reactions, mechanics, skeletons, reported;
} Host;

static const char *const kinds[] = {"host", NULL};

static const LhParam host_rows[] = {
    LH_ROW_INT(Host, lihost_material, 1, 1, NULL, "version of the file format"),
    LH_ROW_CHOICE(Host, kind, kinds, NULL, "what the file describes"),
    LH_ROW_TEXT(Host, name, NULL, "name of the material"),
    LH_ROW_TEXT(Host, description, "", "one line for people"),
    LH_ROW_TEXT(Host, base, "", "file that this one changes"),
    LH_ROW_NODE(Host, precursors, NULL, "what the composite is made from"),
    LH_ROW_NODE(Host, phases, NULL, "file of each phase"),
    LH_ROW_REAL(Host, porosity, "1", 1e-4, 0.95, NULL, "porosity eps as made"),
    LH_ROW_REAL(Host, min_porosity, "1", 1e-6, 0.5, NULL, "porosity that plating leaves open"),
    LH_ROW_NODE(Host, tortuosity, NULL, "how pores slow transport down"),
    LH_ROW_REAL(Host, permeability, "m2", 0, 1e-6, "", "Darcy permeability; left out: not used"),
    LH_ROW_BOOL(Host, li3n_bridge, NULL, "whether Li3N forms a connected ion-conducting network"),
    LH_ROW_REAL(Host, li3n_exchange_resistance, "ohm m2", 0, 1e3, "0 ohm m^2",
                "resistance R_N between that network and the liquid; 0: one potential for both"),
    LH_ROW_REAL(Host, li3n_area, "m-1", 0, 1e10, "",
                "area A_N between that network and the liquid per volume, with a resistance"),
    LH_ROW_REAL(Host, network_conductivity, "S m-1", 1e-6, 1e8, "",
                "electronic conductivity of the inert network; default phi_CNT sigma_CNT / 3"),
    LH_ROW_REAL(Host, size_strengthening, "1", 0.1, 100, NULL,
                "factor k of particle size on the flow resistance of lithium (physics C.5)"),
    LH_ROW_NODE(Host, reactions, NULL, "lithium reservoirs, by name"),
    LH_ROW_NODE(Host, mechanics, "", "load-bearing phases, by name"),
    LH_ROW_TEXT(Host, skeleton, "", "which of the skeletons bears load; left out: none"),
    LH_ROW_NODE(Host, skeletons, "", "named laws of the skeleton to choose from"),
    LH_ROW_NODE(Host, reported, "", "reported numbers kept for comparison; the model uses none"),
};
const LhTable lh_host_table =
    LH_TABLE("material.host", "a composite with lithium in it", host_rows);

typedef struct {
  PetscReal tafel_exchange_current_density;
} Reported;
static const LhParam reported_rows[] = {
    LH_ROW_REAL(Reported, tafel_exchange_current_density, "A m-2", 0, 1e6, "",
                "apparent exchange current density per geometric area: ordering only"),
};
const LhTable lh_reported_table = LH_TABLE(
    "material.host.reported", "reported numbers that the model does not use", reported_rows);

typedef struct {
  PetscInt by;
  PetscReal Li, Zn, Zn3N2, CNT, cnt_mass_fraction, cnt_per_slurry;
} Recipe;
static const char *const measures[] = {"mass", "mole", NULL};
static const LhParam recipe_rows[] = {
    LH_ROW_CHOICE(Recipe, by, measures, NULL, "whether the numbers are masses or moles"),
    LH_ROW_REAL(Recipe, Li, "1", 0, 1e6, NULL, "lithium"),
    LH_ROW_REAL(Recipe, Zn, "1", 0, 1e6, "0", "zinc"),
    LH_ROW_REAL(Recipe, Zn3N2, "1", 0, 1e6, "0", "zinc nitride"),
    LH_ROW_REAL(Recipe, CNT, "1", 0, 1e6, "0", "carbon nanotubes (moles: of carbon)"),
    LH_ROW_REAL(Recipe, cnt_mass_fraction, "1", 0, 0.99, "", "instead of CNT: share of all mass"),
    LH_ROW_REAL(Recipe, cnt_per_slurry, "1", 0, 100, "",
                "instead of CNT: mass per mass of the other precursors"),
};
const LhTable lh_recipe_table =
    LH_TABLE("material.host.precursors", "what a host is made from", recipe_rows);

typedef struct {
  LhNode lithium, lizn, li3n, cnt, zinc;
} PhaseNodes;
static const LhParam phase_rows[] = {
    LH_ROW_NODE(PhaseNodes, lithium, NULL, "phase file of lithium"),
    LH_ROW_NODE(PhaseNodes, lizn, NULL, "phase file of LiZn"),
    LH_ROW_NODE(PhaseNodes, li3n, NULL, "phase file of Li3N"),
    LH_ROW_NODE(PhaseNodes, cnt, NULL, "phase file of the carbon nanotubes"),
    LH_ROW_NODE(PhaseNodes, zinc, NULL, "phase file of zinc"),
};
const LhTable lh_phases_table =
    LH_TABLE("material.host.phases", "name of a phase file, or a map of changes to it", phase_rows);

static PetscErrorCode ReadPhases(const LhMaterialContext *context, LhNode map, LhNode root,
                                 const char path[], LhPhaseFile phases[], LhPhaseData *data) {
  PhaseNodes nodes = {NULL, NULL, NULL, NULL, NULL};
  char inner[LH_MATERIAL_PATH];

  PetscFunctionBeginUser;
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.phases", path));
  PetscCall(LhParamsRead(context->reader, &lh_phases_table, map, root, inner, &nodes));
  const LhNode list[LH_NUM_PHASES] = {[LH_PHASE_LI] = nodes.lithium,
                                      [LH_PHASE_LIZN] = nodes.lizn,
                                      [LH_PHASE_LI3N] = nodes.li3n,
                                      [LH_PHASE_CNT] = nodes.cnt,
                                      [LH_PHASE_ZN] = nodes.zinc};
  for (PetscInt k = 0; k < LH_NUM_PHASES; k++) {
    if (!list[k]) continue;
    PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.phases.%s", path, lh_phase_keys[k]));
    PetscCall(LhPhaseRead(context, list[k], lh_phase_keys[k], inner, &phases[k]));
    data->molar_mass[k] = phases[k].molar_mass;
    data->density[k] = phases[k].density;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// False when a phase could not be read, which has been reported.
static PetscBool AreKnown(const LhPhaseData *phases) {
  for (PetscInt k = 0; k < LH_NUM_PHASES; k++) {
    if (!(phases->molar_mass[k] > 0) || !(phases->density[k] > 0)) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

// Fills composition; nothing when phases or numbers are already known to be wrong.
static PetscErrorCode ReadPrecursors(const LhReader *reader, LhNode map, LhNode root,
                                     const char path[], LhMaterialData *data) {
  Recipe recipe = {.cnt_mass_fraction = -1, .cnt_per_slurry = -1};
  LhPrecursors *p = &data->precursors;
  const LhMark mark = LhNodeGetMark(map ? map : root);
  PetscInt before, after;
  const char *why = NULL;

  PetscFunctionBeginUser;
  PetscCall(LhDiagGetCounts(reader->diag, &before, NULL));
  PetscCall(LhParamsRead(reader, &lh_recipe_table, map, root, path, &recipe));
  if ((recipe.cnt_mass_fraction >= 0) + (recipe.cnt_per_slurry >= 0) + (recipe.CNT > 0) > 1) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "%s: give only one of CNT, cnt_mass_fraction, cnt_per_slurry", path));
  }
  PetscCall(LhDiagGetCounts(reader->diag, &after, NULL));
  if (after > before || !AreKnown(&data->phases)) PetscFunctionReturn(PETSC_SUCCESS);
  *p = (LhPrecursors){.li = recipe.Li, .zn = recipe.Zn, .zn3n2 = recipe.Zn3N2, .cnt = recipe.CNT};
  if (recipe.by == 1) PetscCall(LhPrecursorsFromMoles(p, &data->phases));
  if (recipe.cnt_mass_fraction >= 0) {
    PetscCall(LhPrecursorsSetCntFraction(p, recipe.cnt_mass_fraction));
  } else if (recipe.cnt_per_slurry >= 0) {
    p->cnt = recipe.cnt_per_slurry * (p->li + p->zn + p->zn3n2);
  }
  PetscCall(LhCompositionCompute(p, &data->phases, &data->composition, &why));
  if (why) PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark, "%s: %s", path, why));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// The skeleton that the key `skeleton` names becomes one more load-bearing phase.
static PetscErrorCode ReadSkeleton(const LhMaterialContext *context, const Host *host, LhNode root,
                                   const char path[], const LhPhaseFile phases[],
                                   LhMaterialData *data) {
  const LhNode chosen = LhNodeFind(host->skeletons, host->skeleton);
  const LhMark mark = LhNodeGetMark(LhNodeFind(root, "skeleton"));
  const PetscInt n = LhNodeGetSize(host->skeletons);
  const char *words[LH_LIST_MAX], *near;
  char inner[LH_MATERIAL_PATH], list[256] = "";

  PetscFunctionBeginUser;
  if (!*host->skeleton || !strcmp(host->skeleton, "none")) PetscFunctionReturn(PETSC_SUCCESS);
  if (chosen) {
    LhMechPhase *phase = &data->mech[data->num_mech++];

    PetscCall(PetscStrncpy(phase->name, "skeleton", sizeof(phase->name)));
    PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.skeletons.%s", path, host->skeleton));
    PetscCall(LhMechPhaseRead(context, chosen, inner, phases, phase));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt i = 0; i < PetscMin(n, LH_LIST_MAX); i++) {
    words[i] = LhNodeGetKey(host->skeletons, i);
    PetscCall(PetscStrlcat(list, i ? ", " : "", sizeof(list)));
    PetscCall(PetscStrlcat(list, words[i], sizeof(list)));
  }
  near = n ? LhNearestWord(host->skeleton, PetscMin(n, LH_LIST_MAX), words) : NULL;
  PetscCall(LhDiagAdd(context->reader->diag, LH_DIAG_ERROR, &mark,
                      "%s.skeleton = %s: %s%s%s; known here: %s%snone", path, host->skeleton,
                      near ? "did you mean '" : "no skeleton of that name", near ? near : "",
                      near ? "'?" : "", list, n ? ", " : ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void DeriveConductivity(const Host *host, const LhPhaseFile phases[], LhMaterialData *data) {
  const double *phi = data->composition.volume_fraction;

  data->network_conductivity =
      host->network_conductivity > 0
          ? host->network_conductivity
          : phi[LH_PHASE_CNT] * phases[LH_PHASE_CNT].electronic_conductivity / 3;
  data->metal_conductivity = phases[LH_PHASE_LI].electronic_conductivity;
  data->bridge_conductivity =
      host->li3n_bridge ? phi[LH_PHASE_LI3N] * phases[LH_PHASE_LI3N].ionic_conductivity / 3 : 0;
  data->bridge_exchange = host->li3n_bridge && host->li3n_exchange_resistance > 0
                              ? host->li3n_area / host->li3n_exchange_resistance
                              : 0;
}

// Rigid particles in a power-law matrix, bound of Ponte Castaneda (physics.md C.5), times the size
// factor that no continuum bound explains.
static double Strengthening(const Host *host, const LhPhaseFile phases[], const double phi[]) {
  const double m = phases[LH_PHASE_LI].rate_sensitivity;
  const double particles = phi[LH_PHASE_LIZN] + phi[LH_PHASE_LI3N];

  return host->size_strengthening * pow(1 - particles, -m) *
         pow(1 + 1.5 * particles, 0.5 * (1 + m));
}

static PetscErrorCode RecordDerived(LhRecord record, const char path[],
                                    const LhMaterialData *data) {
  const LhComposition *c = &data->composition;
  const struct {
    const char *name, *unit;
    double value;
    const char *how;
  } scalars[] = {
      {"density",              "kg m-3",  c->density,                                                  "dense composite, from stoichiometry"             },
      {"lithium",              "mol m-3", c->n_li,                                                     "free lithium per volume of dense composite"      },
      {"zinc",                 "mol m-3", c->n_zn,                                                     "zinc, all as LiZn, per volume of dense composite"},
      {"capacity_free",        "C kg-1",  c->capacity_free,                                            "of the free lithium"                             },
      {"capacity_all",         "C kg-1",  c->capacity_all,                                             "with de-alloying of LiZn to Zn"                  },
      {"capacity_all_volume",  "C m-3",   c->capacity_all_volume,                                      "per volume of dense composite"                   },
      {"void_after_strip",     "1",       c->void_after_strip,                                         "at constant outer volume, made dense"            },
      {"porosity_after_strip", "1",       data->porosity + (1 - data->porosity) * c->void_after_strip,
       "at constant outer volume, with the pores as made"                                                                                                },
      {"network_conductivity", "S m-1",   data->network_conductivity,                                  "electronic, inert network"                       },
      {"bridge_conductivity",  "S m-1",   data->bridge_conductivity,                                   "phi_Li3N kappa_Li3N / 3"                         },
      {"strengthening",        "1",       data->strengthening,                                         "size factor times bound for rigid particles"     },
  };
  char inner[LH_MATERIAL_PATH];

  PetscFunctionBeginUser;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(scalars); i++) {
    PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.derived.%s", path, scalars[i].name));
    PetscCall(LhRecordAddDerived(record, inner, scalars[i].unit, scalars[i].value, scalars[i].how));
  }
  for (PetscInt k = 0; k < LH_NUM_PHASES; k++) {
    PetscCall(
        PetscSNPrintf(inner, sizeof(inner), "%s.derived.mass_fraction.%s", path, lh_phase_keys[k]));
    PetscCall(LhRecordAddDerived(record, inner, "1", c->mass_fraction[k], "from stoichiometry"));
    PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.derived.volume_fraction.%s", path,
                            lh_phase_keys[k]));
    PetscCall(LhRecordAddDerived(record, inner, "1", c->volume_fraction[k], "from stoichiometry"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode RecordReactions(LhRecord record, const char path[],
                                      const LhMaterialData *data) {
  char inner[LH_MATERIAL_PATH];

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < data->num_reactions; i++) {
    const LhReaction *reaction = &data->reactions[i];
    const struct {
      const char *name, *unit;
      double value;
    } rows[] = {
        {"initial",      "mol m-3",  reaction->initial     },
        {"molar_volume", "m3 mol-1", reaction->molar_volume},
        {"area",         "m-1",      reaction->area        }
    };

    for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(rows); k++) {
      PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.derived.reactions.%s.%s", path,
                              reaction->name, rows[k].name));
      PetscCall(LhRecordAddDerived(record, inner, rows[k].unit, rows[k].value,
                                   "per volume of dense composite"));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Everything after the phases are open.
static PetscErrorCode ReadSections(const LhMaterialContext *context, const Host *host, LhNode root,
                                   const char path[], const LhPhaseFile phases[],
                                   LhMaterialData *data) {
  const LhReader *reader = context->reader;
  Reported reported;
  char inner[LH_MATERIAL_PATH];

  PetscFunctionBeginUser;
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.precursors", path));
  PetscCall(ReadPrecursors(reader, host->precursors, root, inner, data));
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.tortuosity", path));
  PetscCall(LhTortuosityRead(reader, host->tortuosity, root, inner, data));
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.reactions", path));
  if (host->reactions) {
    PetscCall(LhReactionsRead(context, host->reactions, inner, phases, data));
  }
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.mechanics", path));
  PetscCall(LhMechanicsRead(context, host->mechanics, inner, phases, data));
  PetscCall(ReadSkeleton(context, host, root, path, phases, data));
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.reported", path));
  if (host->reported) {
    PetscCall(LhParamsRead(reader, &lh_reported_table, host->reported, root, inner, &reported));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Derive(const LhMaterialContext *context, const Host *host, LhNode root,
                             const char path[], const LhPhaseFile phases[], LhMaterialData *data) {
  const LhMark mark = LhNodeGetMark(LhNodeFind(root, "min_porosity"));

  PetscFunctionBeginUser;
  if (host->min_porosity > host->porosity) {
    PetscCall(LhDiagAdd(context->reader->diag, LH_DIAG_ERROR, &mark,
                        "%s.min_porosity = %g is more than the porosity as made, %g", path,
                        (double)host->min_porosity, (double)host->porosity));
  }
  if (host->li3n_exchange_resistance > 0 && !(host->li3n_area > 0)) {
    const LhMark where = LhNodeGetMark(LhNodeFind(root, "li3n_exchange_resistance"));

    PetscCall(LhDiagAdd(context->reader->diag, LH_DIAG_ERROR, &where,
                        "%s.li3n_exchange_resistance needs the area it acts on: li3n_area", path));
  }
  data->porosity = host->porosity;
  data->min_porosity = host->min_porosity;
  data->permeability = host->permeability;
  data->inert_volume = 1 - data->composition.void_after_strip;
  DeriveConductivity(host, phases, data);
  data->strengthening = Strengthening(host, phases, data->composition.volume_fraction);
  PetscCall(RecordDerived(context->reader->record, path, data));
  PetscCall(RecordReactions(context->reader->record, path, data));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHostRead(const LhMaterialContext *context, LhNode root, const char path[],
                          LhMaterialData *data) {
  LhPhaseFile phases[LH_NUM_PHASES];
  PetscInt before, after;
  Host host;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(&host, sizeof(host)));
  PetscCall(PetscMemzero(phases, sizeof(phases)));
  PetscCall(LhDiagGetCounts(context->reader->diag, &before, NULL));
  PetscCall(LhParamsRead(context->reader, &lh_host_table, root, root, path, &host));
  if (host.phases) PetscCall(ReadPhases(context, host.phases, root, path, phases, &data->phases));
  PetscCall(ReadSections(context, &host, root, path, phases, data));
  PetscCall(LhDiagGetCounts(context->reader->diag, &after, NULL));
  if (after == before) PetscCall(Derive(context, &host, root, path, phases, data));
  for (PetscInt k = 0; k < LH_NUM_PHASES; k++) PetscCall(LhPhaseDestroy(&phases[k]));
  PetscFunctionReturn(PETSC_SUCCESS);
}
