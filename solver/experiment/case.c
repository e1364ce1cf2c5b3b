/// @file
/// Reading of a case file: one table for its keys, one reader a section.
#include <string.h>

#include "experiment/case_private.h"

typedef struct {
  PetscInt lihost;
  char name[LH_NAME_MAX];
  PetscReal temperature;
  LhNode mesh, regions, electrolyte, electrodes, mechanics, coupling, experiment, output, numerics;
} Top;
typedef struct {
  LhNode material, change, variation;
} RegionKeys;
typedef struct {
  LhNode cnt, alloy;
} VariationKeys;
typedef struct {
  LhNode random, voxels;
} FieldKeys;
typedef struct {
  LhNode material, change;
} ElectrolyteKeys;
typedef struct {
  LhNode working, counter;
} ElectrodesKeys;
typedef struct {
  char surface[LH_NAME_MAX];
  PetscInt kind;
  PetscReal contact_resistance, pressure;
  LhNode interface;
} ElectrodeKeys;
typedef struct {
  PetscInt kind;
  LhNode steps;
} ExperimentKeys;
typedef struct {
  LhNode electrochemistry;
} NumericsKeys;

static const char *const electrode_kinds[] = {"collector", "uniform", "lithium", NULL};
static const char *const experiment_kinds[] = {"protocol", NULL};

static const LhParam top_rows[] = {
    LH_ROW_INT(Top, lihost, 1, 1, NULL, "version of the case format"),
    LH_ROW_TEXT(Top, name, NULL, "name of the case"),
    LH_ROW_REAL(Top, temperature, "K", 200, 400, NULL, "temperature T of the cell"),
    LH_ROW_NODE(Top, mesh, NULL, "the mesh"),
    LH_ROW_NODE(Top, regions, NULL, "material of each region of the mesh"),
    LH_ROW_NODE(Top, electrolyte, NULL, "the liquid in all pores"),
    LH_ROW_NODE(Top, electrodes, NULL, "the two terminals of the cell"),
    LH_ROW_NODE(Top, mechanics, "",
                "how the foil is held and pressed; left out: it stays undeformed"),
    LH_ROW_NODE(Top, coupling, "", "how electrochemistry and mechanics take turns"),
    LH_ROW_NODE(Top, experiment, NULL, "what is done to the cell"),
    LH_ROW_NODE(Top, output, "", "what is written, and where"),
    LH_ROW_NODE(Top, numerics, "", "numerical settings"),
};
static const LhParam region_rows[] = {
    LH_ROW_NODE(RegionKeys, material, NULL, "name of a material, or a material in place"),
    LH_ROW_NODE(RegionKeys, change, "", "keys of the material that this case changes"),
    LH_ROW_NODE(RegionKeys, variation, "", "composition that varies from place to place"),
};
static const LhParam variation_rows[] = {
    LH_ROW_NODE(VariationKeys, cnt, "", "factor on the local fraction of CNT with its Li3N coat"),
    LH_ROW_NODE(VariationKeys, alloy, "", "factor on the local fraction of LiZn"),
};
static const LhParam field_rows[] = {
    LH_ROW_NODE(FieldKeys, random, "", "a correlated random field, by default of mean 1"),
    LH_ROW_NODE(FieldKeys, voxels, "", "a field read from an HDF5 file"),
};
static const LhParam electrolyte_rows[] = {
    LH_ROW_NODE(ElectrolyteKeys, material, NULL, "name of an electrolyte, or one in place"),
    LH_ROW_NODE(ElectrolyteKeys, change, "", "keys of it that this case changes"),
};
static const LhParam electrodes_rows[] = {
    LH_ROW_NODE(ElectrodesKeys, working, NULL,
                "the electrode whose voltage and current are given and reported"),
    LH_ROW_NODE(ElectrodesKeys, counter, NULL, "the electrode at 0 V"),
};
static const LhParam electrode_rows[] = {
    LH_ROW_TEXT(ElectrodeKeys, surface, NULL, "surface of the mesh"),
    LH_ROW_CHOICE(
        ElectrodeKeys, kind, electrode_kinds, NULL,
        "collector foil on a host (equipotential), the same with uniform flux, or a lithium face"),
    LH_ROW_REAL(ElectrodeKeys, contact_resistance, "ohm m2", 1e-12, 1, "1e-6 ohm m^2",
                "between collector and host"),
    LH_ROW_REAL(ElectrodeKeys, pressure, "Pa", -1e9, 1e9, "0 Pa", "pressure p on a lithium face"),
    LH_ROW_NODE(ElectrodeKeys, interface, "",
                "kinetics and film of a lithium face, e.g. {like: lithium}"),
};
static const LhParam experiment_rows[] = {
    LH_ROW_CHOICE(ExperimentKeys, kind, experiment_kinds, "protocol", "kind of experiment"),
    LH_ROW_NODE(ExperimentKeys, steps, NULL, "the steps, in words"),
};
static const LhParam output_rows[] = {
    LH_ROW_TEXT(LhOutputSpec, directory, "", "folder of the run, by default runs/<name>"),
    LH_ROW_BOOL(LhOutputSpec, overwrite, "false",
                "whether a finished run in the folder may be replaced"),
    LH_ROW_REAL_LIST(LhOutputSpec, states, "1", 0, 1, "[0, 0.25, 0.5, 0.75, 1]",
                     "shares of the capacity at which fields are written"),
    LH_ROW_REAL(LhOutputSpec, heartbeat, "s", 0.1, 1e5, "5 s",
                "wall time between records of a live run"),
};
static const LhParam numerics_rows[] = {
    LH_ROW_NODE(NumericsKeys, electrochemistry, "",
                "time integration of charge, salt and contents"),
};

static const LhTable top_table = LH_TABLE("", "a lihost case", top_rows);
static const LhTable region_table = LH_TABLE("regions.*", "one region of the mesh", region_rows);
static const LhTable variation_table =
    LH_TABLE("regions.*.variation", "composition in space", variation_rows);
static const LhTable field_table =
    LH_TABLE("regions.*.variation.*", "a field in space", field_rows);
static const LhTable electrolyte_table = LH_TABLE("electrolyte", "the liquid", electrolyte_rows);
static const LhTable electrodes_table =
    LH_TABLE("electrodes", "the two terminals", electrodes_rows);
static const LhTable electrode_table = LH_TABLE("electrodes.*", "one terminal", electrode_rows);
static const LhTable experiment_table = LH_TABLE("experiment", "what is done", experiment_rows);
static const LhTable output_table = LH_TABLE("output", "what is written", output_rows);
static const LhTable numerics_table = LH_TABLE("numerics", "numerical settings", numerics_rows);

PetscErrorCode LhCaseGetOwnTables(PetscInt *n, const LhTable *const **tables) {
  static const LhTable *const own[] = {
      &top_table,        &region_table,    &variation_table,  &field_table,  &electrolyte_table,
      &electrodes_table, &electrode_table, &experiment_table, &output_table, &numerics_table};

  PetscFunctionBegin;
  *n = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(own);
  *tables = own;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadVariation(LhCase c, const LhReader *r, LhNode map, const char path[],
                                    LhVariation *v) {
  FieldKeys keys = {0};

  PetscFunctionBegin;
  if (!map) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhParamsRead(r, &field_table, map, map, path, &keys));
  if (keys.random) {
    LhRandomFieldParams params = {.mean = 1};
    char sub[PETSC_MAX_PATH_LEN];

    PetscCall(PetscSNPrintf(sub, sizeof(sub), "%s.random", path));
    PetscCall(LhRandomFieldRead(r, keys.random, map, sub, &params, &v->random));
  }
  if (keys.voxels) {
    LhVoxelFieldParams params;
    char sub[PETSC_MAX_PATH_LEN];

    PetscCall(PetscMemzero(&params, sizeof(params)));
    PetscCall(PetscSNPrintf(sub, sizeof(sub), "%s.voxels", path));
    PetscCall(LhParamsRead(r, &lh_voxel_field_table, keys.voxels, map, sub, &params));
    PetscCall(LhVoxelFieldCreate(c->comm, &params, c->directory, r->diag, &v->voxels));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadRegion(LhCase c, const LhReader *r, const char name[], LhNode map) {
  LhCaseRegion *region = &c->regions[c->num_regions++];
  RegionKeys keys = {0};
  VariationKeys vary = {0};
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  region->node = map;
  PetscCall(PetscStrncpy(region->name, name, sizeof(region->name)));
  PetscCall(PetscSNPrintf(path, sizeof(path), "regions.%s", name));
  PetscCall(LhParamsRead(r, &region_table, map, map, path, &keys));
  if (keys.material)
    PetscCall(
        LhMaterialRead(c->comm, r, keys.material, keys.change, c->directory, &region->material));
  if (!keys.variation) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscSNPrintf(path, sizeof(path), "regions.%s.variation", name));
  PetscCall(LhParamsRead(r, &variation_table, keys.variation, keys.variation, path, &vary));
  PetscCall(PetscSNPrintf(path, sizeof(path), "regions.%s.variation.cnt", name));
  PetscCall(ReadVariation(c, r, vary.cnt, path, &region->cnt));
  PetscCall(PetscSNPrintf(path, sizeof(path), "regions.%s.variation.alloy", name));
  PetscCall(ReadVariation(c, r, vary.alloy, path, &region->alloy));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadRegions(LhCase c, const LhReader *r, LhNode map) {
  PetscFunctionBegin;
  if (!map) PetscFunctionReturn(PETSC_SUCCESS);
  if (LhNodeGetKind(map) != LH_NODE_MAP || LhNodeGetSize(map) > LH_CASE_MAX_REGIONS) {
    const LhMark mark = LhNodeGetMark(map);

    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "regions needs a map of at most %d regions, each {material: name}",
                        LH_CASE_MAX_REGIONS));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt i = 0; i < LhNodeGetSize(map); i++)
    PetscCall(ReadRegion(c, r, LhNodeGetKey(map, i), LhNodeGetItem(map, i)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadElectrode(const LhReader *r, LhNode map, LhNode parent, const char path[],
                                    LhElectrode *e) {
  ElectrodeKeys keys = {.surface = ""};

  PetscFunctionBegin;
  PetscCall(LhParamsRead(r, &electrode_table, map, parent, path, &keys));
  if (!map) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscStrncpy(e->surface, keys.surface, sizeof(e->surface)));
  e->kind = (LhElectrodeKind)keys.kind;
  e->contact_resistance = keys.contact_resistance;
  e->pressure = keys.pressure;
  e->molar_volume = 0.00694 / 534;
  if (e->kind == LH_ELECTRODE_LITHIUM && !keys.interface) {
    const LhMark mark = LhNodeGetMark(map);

    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "%s: a lithium face needs its kinetics: interface: {like: lithium}", path));
  } else if (e->kind == LH_ELECTRODE_LITHIUM) {
    char sub[PETSC_MAX_PATH_LEN];

    PetscCall(PetscSNPrintf(sub, sizeof(sub), "%s.interface", path));
    PetscCall(LhInterfaceRead(r, keys.interface, map, sub, &e->interface));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadElectrodes(LhCase c, const LhReader *r, LhNode map) {
  ElectrodesKeys keys = {0};

  PetscFunctionBegin;
  if (!map) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhParamsRead(r, &electrodes_table, map, map, "electrodes", &keys));
  if (keys.working)
    PetscCall(
        ReadElectrode(r, keys.working, map, "electrodes.working", &c->electrodes[LH_WORKING]));
  if (keys.counter)
    PetscCall(
        ReadElectrode(r, keys.counter, map, "electrodes.counter", &c->electrodes[LH_COUNTER]));
  c->electrode_nodes[LH_WORKING] = keys.working;
  c->electrode_nodes[LH_COUNTER] = keys.counter;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadSections(LhCase c, const LhReader *r, LhNode root, const Top *top) {
  ElectrolyteKeys liquid = {0};
  ExperimentKeys experiment = {0};
  NumericsKeys numerics = {0};

  PetscFunctionBegin;
  PetscCall(ReadRegions(c, r, top->regions));
  if (top->electrolyte) {
    PetscCall(LhParamsRead(r, &electrolyte_table, top->electrolyte, root, "electrolyte", &liquid));
    if (liquid.material)
      PetscCall(LhMaterialRead(c->comm, r, liquid.material, liquid.change, c->directory,
                               &c->electrolyte));
  }
  PetscCall(ReadElectrodes(c, r, top->electrodes));
  if (top->mechanics) {
    PetscCall(LhMechanicsSpecRead(r, top->mechanics, root, "mechanics", &c->mechanics_spec));
    PetscCall(LhMechanicsSolverRead(r, c->mechanics_spec.solver, top->mechanics, "mechanics.solver",
                                    &c->mechanics_solver_spec));
  }
  PetscCall(
      LhParamsRead(r, &lh_coupling_table, top->coupling, root, "coupling", &c->coupling_spec));
  if (top->experiment) {
    PetscCall(LhParamsRead(r, &experiment_table, top->experiment, root, "experiment", &experiment));
    c->steps_section = experiment.steps;
    PetscCall(LhProtocolRead(r, experiment.steps, "experiment.steps", &c->num_steps, &c->steps));
  }
  PetscCall(LhParamsRead(r, &output_table, top->output, root, "output", &c->output));
  PetscCall(LhParamsRead(r, &numerics_table, top->numerics, root, "numerics", &numerics));
  PetscCall(LhParamsRead(r, &lh_electrochem_solver_table, numerics.electrochemistry, root,
                         "numerics.electrochemistry", &c->electrochemistry_spec));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Folder of the case file, "." when it has none.
static PetscErrorCode SplitPath(LhCase c, const char path[]) {
  char *slash;

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(c->path, path, sizeof(c->path)));
  PetscCall(PetscStrncpy(c->directory, path, sizeof(c->directory)));
  PetscCall(PetscStrrchr(c->directory, '/', &slash));
  if (slash == c->directory)
    PetscCall(PetscStrncpy(c->directory, ".", sizeof(c->directory)));
  else
    slash[-1] = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCaseRead(MPI_Comm comm, const char path[], PetscInt num_overrides,
                          char *const overrides[], LhCase *out, PetscBool *ok) {
  LhCase c;
  LhNode root;
  Top top = {0};
  PetscInt errors;
  LhReader reader;

  PetscFunctionBegin;
  PetscCall(PetscNew(&c));
  *out = c;
  *ok = PETSC_FALSE;
  c->comm = comm;
  PetscCall(LhDiagCreate(&c->diag));
  PetscCall(LhRecordCreate(&c->record));
  PetscCall(SplitPath(c, path));
  PetscCall(LhDocRead(comm, path, c->diag, &c->doc));
  if (!c->doc) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < num_overrides; i++)
    PetscCall(LhDocOverride(c->doc, overrides[i], c->diag));
  PetscCall(LhDocGetRoot(c->doc, &root));
  reader = (LhReader){c->diag, c->record};
  PetscCall(LhParamsRead(&reader, &top_table, root, root, "", &top));
  PetscCall(PetscStrncpy(c->name, top.name, sizeof(c->name)));
  c->temperature = top.temperature;
  c->mesh_section = top.mesh;
  c->mechanics_section = top.mechanics;
  c->electrolyte_section = top.electrolyte;
  PetscCall(ReadSections(c, &reader, root, &top));
  if (!c->output.directory[0])
    PetscCall(PetscSNPrintf(c->output.directory, sizeof(c->output.directory), "runs/%s", c->name));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  *ok = errors ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCaseDestroy(LhCase *out) {
  LhCase c = *out;

  PetscFunctionBegin;
  if (!c) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhCouplingDestroy(&c->coupling));
  PetscCall(LhMechanicsSolverDestroy(&c->mechanics_solver));
  PetscCall(LhMechanicsDestroy(&c->mechanics));
  PetscCall(LhEcSolverDestroy(&c->solver));
  PetscCall(LhElectrochemDestroy(&c->electrochem));
  PetscCall(LhMeshDestroy(&c->mesh));
  for (PetscInt i = 0; i < c->num_regions; i++) {
    PetscCall(LhMaterialDestroy(&c->regions[i].material));
    PetscCall(LhRandomFieldDestroy(&c->regions[i].cnt.random));
    PetscCall(LhRandomFieldDestroy(&c->regions[i].alloy.random));
    PetscCall(LhVoxelFieldDestroy(&c->regions[i].cnt.voxels));
    PetscCall(LhVoxelFieldDestroy(&c->regions[i].alloy.voxels));
  }
  PetscCall(LhMaterialDestroy(&c->electrolyte));
  for (int e = 0; e < LH_NUM_ELECTRODES; e++)
    PetscCall(LhInterfaceDestroy(&c->electrodes[e].interface));
  PetscCall(PetscFree(c->steps));
  PetscCall(PetscFree(c->derived));
  PetscCall(LhRecordDestroy(&c->record));
  PetscCall(LhDocDestroy(&c->doc));
  PetscCall(LhDiagDestroy(&c->diag));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(PETSC_SUCCESS);
}
