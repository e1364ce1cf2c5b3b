/// @file
/// Reading of a case file: one table for its keys, one reader a section.
#include <string.h>

#include "experiment/case_mesh.h"
#include "experiment/case_private.h"
#include "experiment/experiment.h"

typedef struct {
  PetscInt lihost;
  char name[LH_NAME_MAX];
  PetscReal temperature;
  LhNode mesh, regions, experiment, output;
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

static const LhParam top_rows[] = {
    LH_ROW_INT(Top, lihost, 1, 1, NULL, "version of the case format"),
    LH_ROW_TEXT(Top, name, NULL, "name of the case"),
    LH_ROW_REAL(Top, temperature, "K", 200, 400, NULL, "temperature T of the cell"),
    LH_ROW_NODE(Top, mesh, NULL, "the mesh"),
    LH_ROW_NODE(Top, regions, NULL, "material of each region of the mesh"),
    LH_ROW_NODE(Top, experiment, NULL, "what is done; lihost list experiments names the kinds"),
    LH_ROW_NODE(Top, output, "", "what is written, and where"),
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
static const LhParam output_rows[] = {
    LH_ROW_TEXT(LhOutputSpec, directory, "", "folder of the run, by default runs/<name>"),
    LH_ROW_BOOL(LhOutputSpec, overwrite, "false",
                "whether a finished run in the folder may be replaced"),
    LH_ROW_BOOL(LhOutputSpec, report, "true", "whether report.html is written at the end"),
    LH_ROW_REAL_LIST(LhOutputSpec, states, "1", 0, 1, "[0, 0.25, 0.5, 0.75, 1]",
                     "shares of the capacity at which fields are written"),
    LH_ROW_REAL(LhOutputSpec, heartbeat, "s", 0.1, 1e5, "5 s",
                "wall time between records of a live run"),
    LH_ROW_REAL(LhOutputSpec, checkpoint, "s", 0, 1e7, "10 min",
                "wall time between checkpoints, 0 = only at states and steps"),
    LH_ROW_INT(LhOutputSpec, checkpoint_windows, 0, 1000000, "0",
               "checkpoints after so many coupling windows instead of by time: series that no "
               "clock and no stop changes"),
};

static const LhTable top_table = LH_TABLE("", "a lihost case", top_rows);
static const LhTable region_table = LH_TABLE("regions.*", "one region of the mesh", region_rows);
static const LhTable variation_table =
    LH_TABLE("regions.*.variation", "composition in space", variation_rows);
static const LhTable field_table =
    LH_TABLE("regions.*.variation.*", "a field in space", field_rows);
static const LhTable output_table = LH_TABLE("output", "what is written", output_rows);

PetscErrorCode LhCaseGetOwnTables(PetscInt *n, const LhTable *const **tables) {
  static const LhTable *const own[] = {&top_table, &region_table, &variation_table, &field_table,
                                       &output_table};

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

/// A word that names no kind: says so, with those there are.
static PetscErrorCode ReportKind(LhCase c, LhNode word) {
  const LhMark mark = LhNodeGetMark(word);
  const LhExperiment *const *all;
  char list[512] = "";
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhExperimentGetAll(&n, &all));
  for (PetscInt i = 0; i < n; i++) {
    PetscCall(PetscStrlcat(list, i ? ", " : "", sizeof(list)));
    PetscCall(PetscStrlcat(list, all[i]->name, sizeof(list)));
  }
  PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, &mark,
                      "experiment.kind = %s: there is no such kind of experiment; there are: %s",
                      LhNodeGetText(word), list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The kind of experiment the file names; the first one of the registry when it names none.
static PetscErrorCode ChooseExperiment(LhCase c, LhNode root, PetscBool *known) {
  const LhNode section = LhNodeFind(root, "experiment");
  const LhNode word = section ? LhNodeFind(section, "kind") : NULL;
  const LhExperiment *const *all, *found = NULL;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhExperimentGetAll(&n, &all));
  c->experiment = all[0];
  *known = PETSC_TRUE;
  if (!word || LhNodeGetKind(word) != LH_NODE_SCALAR) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhExperimentFind(LhNodeGetText(word), &found));
  if (found) {
    c->experiment = found;
  } else {
    *known = PETSC_FALSE;
    PetscCall(ReportKind(c, word));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The kind's own sections and keys; the file's other keys were read with `top`.
static PetscErrorCode ReadExperiment(LhCase c, const LhReader *r, LhNode root, LhNode section,
                                     const void *sections) {
  const LhTable *table;
  void *keys;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(c->experiment->keys_size + 1, (char **)&keys));
  PetscCall(LhExperimentGetTable(c->experiment, "experiment", &table));
  if (section) PetscCall(LhParamsRead(r, table, section, root, "experiment", keys));
  PetscCall(c->experiment->read(c, r, root, sections, keys));
  PetscCall(PetscFree(keys));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadFile(LhCase c, const LhReader *r, LhNode root) {
  const LhTable *own;
  Top top = {0};
  PetscBool known = PETSC_TRUE;
  void *sections;

  PetscFunctionBegin;
  PetscCall(ChooseExperiment(c, root, &known));
  PetscCall(PetscCalloc1(c->experiment->sections_size + 1, (char **)&sections));
  PetscCall(LhExperimentGetTable(c->experiment, "", &own));
  {
    const LhParamsPart parts[] = {
        {&top_table, &top    },
        {own,        sections}
    };

    PetscCall(LhParamsReadParts(r, 2, parts, root, root, ""));
  }
  PetscCall(PetscStrncpy(c->name, top.name, sizeof(c->name)));
  c->temperature = top.temperature;
  c->mesh_section = top.mesh;
  PetscCall(ReadRegions(c, r, top.regions));
  PetscCall(LhParamsRead(r, &output_table, top.output, root, "output", &c->output));
  if (known) PetscCall(ReadExperiment(c, r, root, top.experiment, sections));
  PetscCall(PetscFree(sections));
  if (!c->output.directory[0])
    PetscCall(PetscSNPrintf(c->output.directory, sizeof(c->output.directory), "runs/%s", c->name));
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
  PetscInt errors;
  LhReader reader;

  PetscFunctionBegin;
  PetscCall(PetscNew(&c));
  *out = c;
  *ok = PETSC_FALSE;
  c->comm = comm;
  c->num_overrides = num_overrides;
  c->overrides = overrides;
  PetscCall(LhDiagCreate(&c->diag));
  PetscCall(LhRecordCreate(&c->record));
  PetscCall(SplitPath(c, path));
  PetscCall(LhDocRead(comm, path, c->diag, &c->doc));
  if (!c->doc) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < num_overrides; i++)
    PetscCall(LhDocOverride(c->doc, overrides[i], c->diag));
  PetscCall(LhDocGetRoot(c->doc, &root));
  reader = (LhReader){c->diag, c->record};
  PetscCall(ReadFile(c, &reader, root));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  *ok = errors ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCaseCheck(LhCase c, LhMesh *mesh, PetscBool *ok) {
  const LhReader reader = {c->diag, c->record};
  PetscInt errors;

  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  if (!*mesh && c->mesh_section)
    PetscCall(LhCaseCreateMesh(c->comm, &reader, c->mesh_section, c->directory, mesh));
  if (!*mesh) PetscFunctionReturn(PETSC_SUCCESS);
  c->mesh = *mesh;
  PetscCall(LhCaseBindMaterials(c));
  if (c->experiment->check) PetscCall(c->experiment->check(c));
  c->mesh = NULL;
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  *ok = errors ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCaseSetUp(LhCase c, PetscBool *ok) {
  LhMesh mesh = NULL;
  PetscInt errors;

  PetscFunctionBegin;
  PetscCall(LhCaseCheck(c, &mesh, ok));
  c->mesh = mesh;
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(c->experiment->set_up(c));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  *ok = errors ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCaseDestroy(LhCase *out) {
  LhCase c = *out;

  PetscFunctionBegin;
  if (!c) PetscFunctionReturn(PETSC_SUCCESS);
  if (c->experiment && c->experiment->destroy) PetscCall(c->experiment->destroy(c));
  PetscCall(LhMeshDestroy(&c->mesh));
  for (PetscInt i = 0; i < c->num_regions; i++) {
    PetscCall(LhMaterialDestroy(&c->regions[i].material));
    PetscCall(LhRandomFieldDestroy(&c->regions[i].cnt.random));
    PetscCall(LhRandomFieldDestroy(&c->regions[i].alloy.random));
    PetscCall(LhVoxelFieldDestroy(&c->regions[i].cnt.voxels));
    PetscCall(LhVoxelFieldDestroy(&c->regions[i].alloy.voxels));
  }
  PetscCall(PetscFree(c->derived));
  PetscCall(LhRecordDestroy(&c->record));
  PetscCall(LhDocDestroy(&c->doc));
  PetscCall(LhDiagDestroy(&c->diag));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(PETSC_SUCCESS);
}
