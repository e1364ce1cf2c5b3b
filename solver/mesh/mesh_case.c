/// @file
/// The `mesh:` section of a case: its tables and how it becomes a mesh.
#include <stdio.h>
#include <string.h>

#include "mesh/mesh_file.h"
#include "mesh/random_field.h"
#include "mesh/rve_case.h"
#include "mesh/voxel_field.h"

typedef struct {
  LhNode box, rve, image, costs;
  char file[LH_NAME_MAX];
  PetscReal length_unit;
} MeshParams;

typedef struct {
  PetscReal width, depth, distort;
  LhIntList cells;
  LhNode layers;
  PetscInt seed, cells_type;
  PetscBool periodic;
} BoxParams;

static const char *const cell_types[] = {[LH_CELL_HEX8] = "hex8", [LH_CELL_TET4] = "tet4", NULL};

static const LhParam mesh_rows[] = {
    LH_ROW_NODE(MeshParams, box, "", "the built-in box of layers; or one of the next three"),
    LH_ROW_NODE(MeshParams, rve, "", "a generated volume of the composite"),
    LH_ROW_NODE(MeshParams, image, "", "a segmented image of voxels"),
    LH_ROW_TEXT(MeshParams, file, "", "Gmsh .msh or lihost .h5, relative to the case file"),
    LH_ROW_REAL(MeshParams, length_unit, "m", 1e-12, 1e3, "1 m",
                "length of one unit of the file's coordinates"),
    LH_ROW_NODE(MeshParams, costs, "",
                "relative cost of a cell by region, for the partition, e.g. {foil: 3}")};

static const LhParam box_rows[] = {
    LH_ROW_REAL(BoxParams, width, "m", 1e-9, 1., NULL, "size in x"),
    LH_ROW_REAL(BoxParams, depth, "m", 1e-9, 1., NULL, "size in y"),
    LH_ROW_INT_LIST(BoxParams, cells, 1, 100000, NULL, "cells in x and y, e.g. [12, 12]"),
    LH_ROW_NODE(BoxParams, layers, NULL, "list of layers from the bottom (z = 0) up"),
    LH_ROW_REAL(BoxParams, distort, "1", 0., 0.33, "0",
                "range of the random shift of inner vertices as a share of the cell size"),
    LH_ROW_INT(BoxParams, seed, 0, 2147483647, "1", "number that picks the random shift"),
    LH_ROW_CHOICE(BoxParams, cells_type, cell_types, "hex8",
                  "hexahedra, or each of them split in six tetrahedra"),
    LH_ROW_BOOL(BoxParams, periodic, "false",
                "opposite sides are periodic images of each other, in x, y and z")};

static const LhParam layer_rows[] = {
    LH_ROW_TEXT(LhBoxLayer, region, NULL, "name of the region; layers of one name are one region"),
    LH_ROW_REAL(LhBoxLayer, thickness, "m", 1e-9, 1., NULL, "size in z"),
    LH_ROW_INT(LhBoxLayer, cells, 1, 100000, NULL, "cells in z"),
    LH_ROW_REAL(LhBoxLayer, grading, "1", 1e-3, 1e3, "1",
                "size of the last over the first cell, upwards")};

static const LhTable mesh_table = LH_TABLE(
    "mesh", "The mesh: the built-in box, a generated volume, an image or a file", mesh_rows);
static const LhTable box_table =
    LH_TABLE("mesh.box", "A box of layers with named surfaces", box_rows);
static const LhTable layer_table = LH_TABLE("mesh.box.layers", "One layer of the box", layer_rows);

PetscErrorCode LhMeshGetTables(PetscInt *n, const LhTable *const **tables) {
  static const LhTable *const list[] = {&mesh_table,
                                        &box_table,
                                        &layer_table,
                                        &lh_rve_table,
                                        &lh_rve_islands_table,
                                        &lh_rve_li3n_table,
                                        &lh_rve_cnt_table,
                                        &lh_image_table,
                                        &lh_random_field_table,
                                        &lh_voxel_field_table};

  PetscFunctionBeginUser;
  *n = (PetscInt)(sizeof(list) / sizeof(list[0]));
  *tables = list;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadLayers(const LhReader *reader, LhNode layers, LhBoxSpec *spec) {
  const LhMark mark = LhNodeGetMark(layers);
  const PetscInt n = LhNodeGetSize(layers),
                 max = (PetscInt)(sizeof(spec->layers) / sizeof(spec->layers[0]));

  PetscFunctionBeginUser;
  if (LhNodeGetKind(layers) != LH_NODE_LIST || n < 1 || n > max) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "mesh.box.layers needs a list of 1 to %" PetscInt_FMT
                        " layers, each with region, thickness "
                        "and cells",
                        max));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  spec->num_layers = n;
  for (PetscInt k = 0; k < n; k++) {
    const LhNode item = LhNodeGetItem(layers, k);
    char path[64];
    snprintf(path, sizeof(path), "mesh.box.layers[%d]", (int)k);
    PetscCall(LhParamsRead(reader, &layer_table, item, layers, path, &spec->layers[k]));
    if (!strchr(spec->layers[k].region, '|')) continue;
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "%s.region = %s: '|' is kept for surfaces between regions", path,
                        spec->layers[k].region));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadBox(const LhReader *reader, LhNode box, LhBoxSpec *spec) {
  BoxParams *params;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&params));
  PetscCall(LhParamsRead(reader, &box_table, box, box, "mesh.box", params));
  const LhNode cells = LhNodeFind(box, "cells");
  if (cells && params->cells.n != 2) {
    const LhMark mark = LhNodeGetMark(cells);
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "mesh.box.cells needs two numbers, the cells in x and y, e.g. [12, 12]"));
  }
  spec->width = params->width;
  spec->depth = params->depth;
  spec->cells_x = params->cells.v[0];
  spec->cells_y = params->cells.v[1];
  spec->distort = params->distort;
  spec->seed = params->seed;
  spec->cell_type = (LhCellType)params->cells_type;
  for (PetscInt d = 0; d < 3; d++) spec->periodic[d] = params->periodic;
  if (params->layers) PetscCall(ReadLayers(reader, params->layers, spec));
  PetscCall(PetscFree(params));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadCosts(const LhReader *reader, LhNode costs, LhMeshSource *source) {
  const LhMark mark = costs ? LhNodeGetMark(costs) : (LhMark){0};
  const PetscInt n = costs ? LhNodeGetSize(costs) : 0;

  PetscFunctionBeginUser;
  if (!costs) PetscFunctionReturn(PETSC_SUCCESS);
  if (LhNodeGetKind(costs) != LH_NODE_MAP || n > LH_MESH_REGIONS_MAX) {
    PetscCall(
        LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                  "mesh.costs needs a map from regions to numbers, e.g. {foil: 3, separator: 1}"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt k = 0; k < n; k++) {
    char path[LH_NAME_MAX + 16];
    snprintf(path, sizeof(path), "mesh.costs.%s", LhNodeGetKey(costs, k));
    PetscCall(PetscStrncpy(source->cost_region[k], LhNodeGetKey(costs, k), LH_NAME_MAX));
    PetscCall(
        LhQuantityRead(reader, LhNodeGetItem(costs, k), path, "1", 0.01, 1000., &source->cost[k]));
  }
  source->num_costs = n;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Where a source that is not a file points to.
typedef struct {
  LhBoxSpec box;
  LhRveSpec rve;
  LhImageSpec image;
} MeshSpecs;

/// Reads the section into `source` and, when it is no file, into `specs`.
static PetscErrorCode ReadSection(const LhReader *reader, LhNode section, const char case_dir[],
                                  const LhRveFractions *fractions, MeshSpecs *specs,
                                  LhMeshSource *source) {
  const LhMark mark = LhNodeGetMark(section);
  MeshParams params = {0};

  PetscFunctionBeginUser;
  PetscCall(LhParamsRead(reader, &mesh_table, section, section, "mesh", &params));
  const PetscInt kinds =
      (params.box != NULL) + (params.rve != NULL) + (params.image != NULL) + (params.file[0] != 0);
  if (kinds != 1) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "mesh needs one of 'box', 'rve', 'image' and 'file', and has %s",
                        kinds ? "more" : "none"));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(ReadCosts(reader, params.costs, source));
  source->unit = params.length_unit;
  if (params.box) {
    source->box = &specs->box;
    PetscCall(ReadBox(reader, params.box, &specs->box));
  } else if (params.rve) {
    source->rve = &specs->rve;
    PetscCall(LhRveRead(reader, params.rve, fractions, &specs->rve));
  } else if (params.image) {
    source->image = &specs->image;
    PetscCall(LhImageRead(reader, params.image, case_dir, &specs->image));
    PetscCall(PetscStrncpy(source->path, specs->image.path, sizeof(source->path)));
  } else
    PetscCall(LhMeshResolvePath(case_dir, params.file, sizeof(source->path), source->path));
  PetscFunctionReturn(PETSC_SUCCESS);
}

LhNode LhMeshGetComposition(LhNode section) {
  const LhNode rve = LhNodeFind(section, "rve");
  return rve ? LhNodeFind(rve, "composition") : NULL;
}

PetscErrorCode LhMeshCreateFromCase(MPI_Comm comm, const LhReader *reader, LhNode section,
                                    const char case_dir[], const LhRveFractions *fractions,
                                    LhMesh *mesh) {
  MeshSpecs *specs;
  LhMeshSource *source;
  PetscInt before, after;

  PetscFunctionBeginUser;
  *mesh = NULL;
  PetscCall(PetscNew(&specs));
  PetscCall(PetscNew(&source));
  PetscCall(LhDiagGetCounts(reader->diag, &before, NULL));
  PetscCall(ReadSection(reader, section, case_dir, fractions, specs, source));
  PetscCall(LhDiagGetCounts(reader->diag, &after, NULL));
  if (after == before) {
    const LhMark mark = LhNodeGetMark(section);
    const LhMeshReport report = {source->box || source->rve ? NULL : source->path, &mark,
                                 reader->diag};
    PetscCall(LhMeshBuild(comm, LhRawMeshBuildSource, source, &report, mesh));
  }
  PetscCall(PetscFree(source));
  PetscCall(PetscFree(specs));
  PetscFunctionReturn(PETSC_SUCCESS);
}
