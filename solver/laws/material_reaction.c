/// @file
/// Owns the lithium reservoirs of a host: free metal, alloy sites, sites between carbon layers.
///
/// Contents, volumes and areas follow from the composition; only what stoichiometry cannot know is
/// read (area per volume of the metal, kinetics, film, transmission of the volume change).
#include <string.h>

#include "laws/material_read.h"

typedef enum { METAL, ALLOY, INTERCALATE } Kind;

typedef struct {
  PetscInt kind;
  char phase[LH_NAME_MAX];
  PetscReal transmission, area, particle_diameter, area_exponent, nucleation_area, supply_time;
  PetscReal sites_per_carbon, initial_fill;
  LhNode equilibrium, interface;
} Params;

static const char *const kinds[] = {"metal", "alloy", "intercalate", NULL};

static const LhParam rows[] = {
    LH_ROW_CHOICE(Params, kind, kinds, NULL,
                  "free lithium, LiZn to Zn, or lithium between carbon layers"),
    LH_ROW_TEXT(Params, phase, "",
                "phase file that gives what is not said here; default: the name"),
    LH_ROW_REAL(Params, transmission, "1", 0, 1, NULL,
                "share beta of the volume change that becomes macroscopic growth"),
    LH_ROW_REAL(Params, area, "m-1", 1, 1e10, "", "interface area A_0 per volume when full"),
    LH_ROW_REAL(Params, particle_diameter, "m", 1e-9, 1e-2, "",
                "diameter d of spheres: A_0 = 6 phi / d"),
    LH_ROW_REAL(Params, area_exponent, "1", 0, 2, NULL,
                "exponent of the filled fraction in the area"),
    LH_ROW_REAL(Params, nucleation_area, "m-1", 0, 1e10, "",
                "interface area per volume where the reservoir is empty; not for exponent 0"),
    LH_ROW_REAL(Params, supply_time, "s", 1e-3, 1e5, NULL,
                "time tau_s of the rate-limited supply near exhaustion"),
    LH_ROW_REAL(Params, sites_per_carbon, "1", 1e-6, 1, "", "lithium sites per carbon atom"),
    LH_ROW_REAL(Params, initial_fill, "1", 0, 1, "1", "filled fraction of the sites as made"),
    LH_ROW_NODE(Params, equilibrium, NULL, "law of the equilibrium potential"),
    LH_ROW_NODE(Params, interface, NULL, "contact, film and charge transfer"),
};
const LhTable lh_reaction_table =
    LH_TABLE("reaction", "one lithium reservoir of a host and the reaction that empties it", rows);

// Index of the phase whose file is the base of this reaction, -1 for none.
static PetscInt PhaseOf(const char name[], LhNode map) {
  const char *word = LhNodeGetText(LhNodeFind(map, "phase"));

  for (PetscInt k = 0; k < LH_NUM_PHASES; k++) {
    if (!strcmp(word ? word : name, lh_phase_keys[k])) return k;
  }
  return -1;
}

static PetscErrorCode ReadEquilibrium(const LhReader *reader, LhNode map, LhNode parent,
                                      const char path[], LhReaction *reaction) {
  char inner[LH_MATERIAL_PATH];
  const LhLawSection section = {
      .family = LH_LAW_EQUILIBRIUM, .map = map, .parent = parent, .path = inner};
  const void *law;

  PetscFunctionBeginUser;
  PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.equilibrium", path));
  PetscCall(LhLawRead(reader, &section, &law, &reaction->equilibrium_params));
  reaction->equilibrium = law;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Rules between rows.
static PetscErrorCode Check(const LhReader *reader, LhNode map, const char path[],
                            const Params *params) {
  const LhMark mark = LhNodeGetMark(map);
  const int areas = (params->area != 0) + (params->particle_diameter != 0);

  PetscFunctionBeginUser;
  if (areas != 1) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "%s: give either 'area' or 'particle_diameter'%s", path,
                        areas ? ", not both" : ""));
  }
  if ((params->nucleation_area == 0) != (params->area_exponent == 0)) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        params->nucleation_area == 0
                            ? "missing key '%s.nucleation_area' (interface area where it is empty)"
                            : "%s.nucleation_area: the area is constant when area_exponent is 0",
                        path));
  }
  if (params->kind == INTERCALATE && params->sites_per_carbon == 0) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "missing key '%s.sites_per_carbon' (lithium sites per carbon atom)", path));
  }
  if (params->kind == METAL && params->particle_diameter != 0) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "%s.particle_diameter: free lithium has no particles; give 'area'", path));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Contents and volumes [per volume of dense composite] from the composition as mixed.
static void Derive(const Params *params, const LhPhaseFile phases[], const LhMaterialData *data,
                   LhReaction *reaction) {
  const double *M = data->phases.molar_mass, *rho = data->phases.density;
  const double *phi = data->composition.volume_fraction;
  double share = phi[LH_PHASE_LI], strain;

  switch ((Kind)params->kind) {
    case METAL:
      reaction->kind = LH_CONTENT_METAL;
      reaction->capacity = PETSC_INFINITY;
      reaction->initial = data->composition.n_li;
      reaction->molar_volume = M[LH_PHASE_LI] / rho[LH_PHASE_LI];
      break;
    case ALLOY:
      share = phi[LH_PHASE_LIZN];
      reaction->kind = LH_CONTENT_SITES;
      reaction->capacity = data->composition.n_zn;
      reaction->initial = params->initial_fill * reaction->capacity;
      reaction->molar_volume =
          M[LH_PHASE_LIZN] / rho[LH_PHASE_LIZN] - M[LH_PHASE_ZN] / rho[LH_PHASE_ZN];
      break;
    case INTERCALATE:  // layers part along their normal only
      share = phi[LH_PHASE_CNT];
      strain = phases[LH_PHASE_CNT].lithiated_spacing / phases[LH_PHASE_CNT].pristine_spacing - 1;
      reaction->kind = LH_CONTENT_SITES;
      reaction->capacity = params->sites_per_carbon * share * rho[LH_PHASE_CNT] / M[LH_PHASE_CNT];
      reaction->initial = params->initial_fill * reaction->capacity;
      reaction->molar_volume =
          strain * M[LH_PHASE_CNT] / rho[LH_PHASE_CNT] / params->sites_per_carbon;
      break;
  }
  reaction->area = params->area != 0 ? params->area : 6 * share / params->particle_diameter;
  reaction->transmission = params->transmission;
  reaction->area_exponent = params->area_exponent;
  reaction->nucleation_area = params->area_exponent > 0 ? params->nucleation_area : reaction->area;
  reaction->supply_time = params->supply_time;
}

// Carbon that is lithiated as made took its lithium from the free metal and parted its layers.
// Stoichiometry knows neither: contents are moved over and all is rescaled to the new volume.
static void Intercalate(LhReaction *reaction, LhMaterialData *data) {
  LhComposition *c = &data->composition;
  double *phi = c->volume_fraction;
  const double taken = reaction->initial, molar = data->phases.molar_mass[LH_PHASE_LI];
  const double metal = taken * molar / data->phases.density[LH_PHASE_LI];
  const double swelling = taken * reaction->molar_volume, volume = 1 - metal + swelling;

  phi[LH_PHASE_LI] -= metal;
  phi[LH_PHASE_CNT] += swelling;
  c->mass_fraction[LH_PHASE_LI] -= taken * molar / c->density;
  c->mass_fraction[LH_PHASE_CNT] += taken * molar / c->density;
  c->capacity_free -= LH_FARADAY * taken / c->density;
  c->n_li = (c->n_li - taken) / volume;
  c->n_zn /= volume;
  c->density /= volume;
  c->capacity_all_volume /= volume;
  c->void_after_strip = 1 - (1 - c->void_after_strip) / volume;
  for (int k = 0; k < LH_NUM_PHASES; k++) phi[k] /= volume;
  for (PetscInt i = 0; i < data->num_reactions; i++) {
    LhReaction *other = &data->reactions[i];

    other->initial =
        (other->kind == LH_CONTENT_METAL ? other->initial - taken : other->initial) / volume;
    other->capacity /= volume;
  }
}

static PetscErrorCode ReadReaction(const LhMaterialContext *context, LhNode map, const char path[],
                                   const LhPhaseFile phases[], LhMaterialData *data) {
  LhReaction *reaction = &data->reactions[data->num_reactions - 1];
  const PetscInt phase = PhaseOf(reaction->name, map);
  PetscInt before, after;
  Params params;
  LhNode merged = map;
  char inner[LH_MATERIAL_PATH];

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(&params, sizeof(params)));
  if (phase >= 0) {
    PetscCall(LhNodeOverlay(context->owner, phases[phase].reaction, map, "law", &merged));
  }
  PetscCall(LhDiagGetCounts(context->reader->diag, &before, NULL));
  PetscCall(LhParamsRead(context->reader, &lh_reaction_table, merged, map, path, &params));
  PetscCall(LhDiagGetCounts(context->reader->diag, &after, NULL));
  if (after == before) PetscCall(Check(context->reader, map, path, &params));
  if (params.equilibrium) {
    PetscCall(ReadEquilibrium(context->reader, params.equilibrium, map, path, reaction));
  }
  if (params.interface) {
    PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.interface", path));
    PetscCall(LhInterfaceRead(context->reader, params.interface, map, inner, &reaction->interface));
  }
  Derive(&params, phases, data, reaction);
  if (params.kind == INTERCALATE) Intercalate(reaction, data);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhReactionsRead(const LhMaterialContext *context, LhNode map, const char path[],
                               const LhPhaseFile phases[], LhMaterialData *data) {
  const LhMark mark = LhNodeGetMark(map);
  const PetscInt n = LhNodeGetSize(map);

  PetscFunctionBeginUser;
  if (LhNodeGetKind(map) != LH_NODE_MAP || n < 1 || n > LH_MAX_REACTIONS) {
    PetscCall(LhDiagAdd(context->reader->diag, LH_DIAG_ERROR, &mark,
                        "%s: expected one section for each of 1 to %d reactions", path,
                        LH_MAX_REACTIONS));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt i = 0; i < n; i++) {
    LhReaction *reaction = &data->reactions[data->num_reactions++];
    char inner[LH_MATERIAL_PATH];

    PetscCall(PetscStrncpy(reaction->name, LhNodeGetKey(map, i), sizeof(reaction->name)));
    PetscCall(PetscSNPrintf(inner, sizeof(inner), "%s.%s", path, reaction->name));
    PetscCall(ReadReaction(context, LhNodeGetItem(map, i), inner, phases, data));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
