/// @file
/// Owns the VTKHDF 1.0 layout: mesh_vtk.hdf and the step files that link to it.
///
/// One partition a file, whatever the number of ranks. VTK 9.1 reads version 1.0 only, wants the extension
/// .hdf, and finds linked datasets like its own. Must never write the mesh into a step file.
#include "io/output_impl.h"

#define VTK_HEXAHEDRON 12
#define VTK_TETRA      10

_Static_assert(sizeof(PetscReal) == sizeof(double), "files hold doubles");

// Opens the group every VTKHDF file starts with.
static PetscErrorCode OpenRoot(LhH5File file, hid_t *root) {
  const PetscInt version[2] = {1, 0};

  PetscFunctionBeginUser;
  PetscCall(LhH5GroupOpen(file, "/VTKHDF", root));
  PetscCall(LhH5AttributeInts(file, *root, "Version", 2, version));
  PetscCall(LhH5AttributeText(file, *root, "Type", "UnstructuredGrid"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WritePoints(LhOutput output, LhH5File file, hid_t root,
                                  const LhMeshView *mesh) {
  PetscReal *rows;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * output->vertices.count, &rows));
  PetscCall(LhSlabFill(&output->vertices, MPIU_REAL, 3, mesh->coords, rows));
  const LhH5Rows points = {.name = "Points",
                           .type = H5T_NATIVE_DOUBLE,
                           .num_rows = mesh->num_global_vertices,
                           .width = 3,
                           .rank = 2,
                           .first = output->vertices.first,
                           .count = output->vertices.count,
                           .values = rows,
                           .unit = "m",
                           .meaning = "reference position"};
  PetscCall(LhH5RowsWrite(file, root, &points));
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// A table of integers per cell, width 1 or the vertices of a cell; `values` follows the mesh numbering.
static PetscErrorCode WriteCellInts(LhOutput output, LhH5File file, hid_t group, const char name[],
                                    PetscInt width, const int64_t values[]) {
  int64_t *rows;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(width * output->cells.count, &rows));
  PetscCall(LhSlabFill(&output->cells, MPI_INT64_T, width, values, rows));
  const LhH5Rows table = {.name = name,
                          .type = H5T_NATIVE_INT64,
                          .num_rows = output->cells.num_global,
                          .width = width,
                          .rank = 1,
                          .first = output->cells.first,
                          .count = output->cells.count,
                          .values = rows};
  PetscCall(LhH5RowsWrite(file, group, &table));
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Cells by vertex ids, which are the rows of Points.
static PetscErrorCode WriteConnectivity(LhOutput output, LhH5File file, hid_t root,
                                        const LhMeshView *mesh) {
  const PetscInt n = mesh->num_cells * mesh->vertices_per_cell;
  int64_t *ids;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &ids));
  for (PetscInt i = 0; i < n; i++) ids[i] = mesh->vertex_id[mesh->cell_vertices[i]];
  PetscCall(WriteCellInts(output, file, root, "Connectivity", mesh->vertices_per_cell, ids));
  PetscCall(PetscFree(ids));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Offsets has one row more than there are cells; the rank with the last cells writes it.
static PetscErrorCode WriteOffsets(LhOutput output, LhH5File file, hid_t root,
                                   const LhMeshView *mesh) {
  const LhSlab *slab = &output->cells;
  const PetscInt last = slab->count && slab->first + slab->count == slab->num_global;
  const PetscInt count = slab->count + last;
  int64_t *rows;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(count, &rows));
  for (PetscInt i = 0; i < count; i++) {
    rows[i] = (int64_t)(slab->first + i) * mesh->vertices_per_cell;
  }
  const LhH5Rows offsets = {.name = "Offsets",
                            .type = H5T_NATIVE_INT64,
                            .num_rows = slab->num_global + 1,
                            .width = 1,
                            .rank = 1,
                            .first = slab->first,
                            .count = count,
                            .values = rows};
  PetscCall(LhH5RowsWrite(file, root, &offsets));
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteTypes(LhOutput output, LhH5File file, hid_t root,
                                 const LhMeshView *mesh) {
  const LhSlab *slab = &output->cells;
  unsigned char *rows;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(slab->count, &rows));
  for (PetscInt i = 0; i < slab->count; i++) {
    rows[i] = mesh->cell_type == LH_CELL_HEX8 ? VTK_HEXAHEDRON : VTK_TETRA;
  }
  const LhH5Rows types = {.name = "Types",
                          .type = H5T_NATIVE_UCHAR,
                          .num_rows = slab->num_global,
                          .width = 1,
                          .rank = 1,
                          .first = slab->first,
                          .count = slab->count,
                          .values = rows};
  PetscCall(LhH5RowsWrite(file, root, &types));
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Region numbers as a cell array, and what they are called as attributes region_0, region_1, ...
static PetscErrorCode WriteRegions(LhOutput output, LhH5File file, hid_t root,
                                   const LhMeshView *mesh) {
  int64_t *regions;
  hid_t group;
  char name[32];

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_cells, &regions));
  for (PetscInt i = 0; i < mesh->num_cells; i++) regions[i] = mesh->cell_region[i];
  PetscCall(LhH5GroupOpen(file, "/VTKHDF/CellData", &group));
  PetscCall(WriteCellInts(output, file, group, "region", 1, regions));
  PetscCall(LhH5GroupClose(file, &group));
  PetscCall(PetscFree(regions));
  for (PetscInt i = 0; i < mesh->num_regions; i++) {
    PetscCall(PetscSNPrintf(name, sizeof(name), "region_%" PetscInt_FMT, i));
    PetscCall(LhH5AttributeText(file, root, name, mesh->region_names[i]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal MeshBytes(const LhMeshView *mesh) {
  return 24. * mesh->num_global_vertices +
         (8. * mesh->vertices_per_cell + 17.) * mesh->num_global_cells;
}

PetscErrorCode LhVtkMeshWrite(LhOutput output) {
  const LhMeshView *mesh;
  LhH5File file;
  hid_t root;
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  PetscCall(LhMeshGetView(output->mesh, &mesh));
  PetscCall(LhOutputCheckSpace(output->comm, output->dir, MeshBytes(mesh)));
  PetscCall(LhOutputPath(output, "mesh_vtk.hdf", path));
  PetscCall(LhH5FileCreate(output->comm, path, &file));
  PetscCall(OpenRoot(file, &root));
  PetscCall(LhH5CountWrite(file, root, "NumberOfPoints", mesh->num_global_vertices));
  PetscCall(LhH5CountWrite(file, root, "NumberOfCells", mesh->num_global_cells));
  PetscCall(LhH5CountWrite(file, root, "NumberOfConnectivityIds",
                           mesh->num_global_cells * mesh->vertices_per_cell));
  PetscCall(WritePoints(output, file, root, mesh));
  PetscCall(WriteConnectivity(output, file, root, mesh));
  PetscCall(WriteOffsets(output, file, root, mesh));
  PetscCall(WriteTypes(output, file, root, mesh));
  PetscCall(WriteRegions(output, file, root, mesh));
  PetscCall(LhH5GroupClose(file, &root));
  PetscCall(LhH5FileClose(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode LinkMesh(LhH5File file, hid_t root) {
  static const char *const names[] = {"NumberOfPoints", "NumberOfCells", "NumberOfConnectivityIds",
                                      "Points",         "Connectivity",  "Offsets",
                                      "Types"};
  char target[64];

  PetscFunctionBeginUser;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    PetscCall(PetscSNPrintf(target, sizeof(target), "/VTKHDF/%s", names[i]));
    PetscCall(LhH5Link(file, root, names[i], "../mesh_vtk.hdf", target));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteField(LhOutput output, LhH5File file, hid_t group,
                                 const LhOutputField *field) {
  const LhSlab *slab = field->place == LH_AT_VERTICES ? &output->vertices : &output->cells;
  PetscReal *rows;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(field->components * slab->count, &rows));
  PetscCall(LhSlabFill(slab, MPIU_REAL, field->components, field->values, rows));
  const LhH5Rows table = {.name = field->name,
                          .type = H5T_NATIVE_DOUBLE,
                          .num_rows = slab->num_global,
                          .width = field->components,
                          .rank = field->components == 1 ? 1 : 2,
                          .first = slab->first,
                          .count = slab->count,
                          .values = rows,
                          .unit = field->unit,
                          .meaning = field->meaning};
  PetscCall(LhH5RowsWrite(file, group, &table));
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteGroup(LhOutput output, LhH5File file, LhFieldPlace place, PetscInt n,
                                 const LhOutputField fields[]) {
  const char *path = place == LH_AT_VERTICES ? "/VTKHDF/PointData" : "/VTKHDF/CellData";
  hid_t group;
  PetscBool has_region = PETSC_FALSE, is_region;

  PetscFunctionBeginUser;
  PetscCall(LhH5GroupOpen(file, path, &group));
  for (PetscInt i = 0; i < n; i++) {
    if (fields[i].place != place) continue;
    PetscCall(WriteField(output, file, group, &fields[i]));
    PetscCall(PetscStrcmp(fields[i].name, "region", &is_region));
    has_region = (PetscBool)(has_region || is_region);
  }
  if (place == LH_AT_CELLS && !has_region) {
    PetscCall(LhH5Link(file, group, "region", "../mesh_vtk.hdf", "/VTKHDF/CellData/region"));
  }
  PetscCall(LhH5GroupClose(file, &group));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal FieldBytes(LhOutput output, PetscInt n, const LhOutputField fields[]) {
  PetscReal bytes = 65536;  // headers
  for (PetscInt i = 0; i < n; i++) {
    const PetscBool at_vertices = (PetscBool)(fields[i].place == LH_AT_VERTICES);
    bytes += 8. * fields[i].components *
             (at_vertices ? output->vertices.num_global : output->cells.num_global);
  }
  return bytes;
}

PetscErrorCode LhVtkStepWrite(LhOutput output, const LhSavedState *state, PetscInt n,
                              const LhOutputField fields[]) {
  LhH5File file;
  hid_t root;
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  PetscCall(LhOutputCheckSpace(output->comm, output->dir, FieldBytes(output, n, fields)));
  PetscCall(LhOutputPath(output, state->name, path));
  PetscCall(LhH5FileCreate(output->comm, path, &file));
  PetscCall(OpenRoot(file, &root));
  PetscCall(LhH5AttributeReal(file, root, "time", state->time));
  PetscCall(LhH5AttributeText(file, root, "time_unit", "s"));
  PetscCall(LhH5AttributeReal(file, root, "state", state->state));
  PetscCall(LinkMesh(file, root));
  PetscCall(WriteGroup(output, file, LH_AT_VERTICES, n, fields));
  PetscCall(WriteGroup(output, file, LH_AT_CELLS, n, fields));
  PetscCall(LhH5GroupClose(file, &root));
  PetscCall(LhH5FileClose(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}
