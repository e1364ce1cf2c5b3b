/// @file
/// Owns fibres_vtk.hdf: the pieces of the fibres as lines, in VTKHDF 1.0.
///
/// Row i is the piece with id i, whatever the number of ranks: its two ends lie in one cell, inside the volume.
#include "io/output_impl.h"
#include "mesh/fibres.h"

#define VTK_LINE 3

/// A place where arrays of pieces are written in the order of their ids.
typedef struct {
  LhH5File file;
  const LhSlab *slab;
} Place;

static PetscErrorCode WriteReals(const Place *place, hid_t group, const char name[], PetscInt width,
                                 const char unit[], const char meaning[],
                                 const PetscReal values[]) {
  PetscReal *rows;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1((size_t)width * place->slab->count, &rows));
  PetscCall(LhSlabFill(place->slab, MPIU_REAL, width, values, rows));
  const LhH5Rows table = {.name = name,
                          .type = H5T_NATIVE_DOUBLE,
                          .num_rows = place->slab->num_global,
                          .width = width,
                          .rank = 1,
                          .first = place->slab->first,
                          .count = place->slab->count,
                          .values = rows,
                          .unit = unit,
                          .meaning = meaning};
  PetscCall(LhH5RowsWrite(place->file, group, &table));
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Two points a piece: a table of twice as many rows of three.
static PetscErrorCode WriteEnds(const Place *place, hid_t root, const LhFibres *fibres) {
  const LhSlab *slab = place->slab;
  PetscReal *ends, *rows;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(6 * (size_t)fibres->num_pieces, &ends, 6 * (size_t)slab->count, &rows));
  for (PetscInt i = 0; i < 3 * fibres->num_pieces; i++) {
    const PetscReal half = 0.5 * fibres->piece_length[i / 3] * fibres->piece_direction[i];
    ends[6 * (i / 3) + i % 3] = fibres->piece_middle[i] - half;
    ends[6 * (i / 3) + 3 + i % 3] = fibres->piece_middle[i] + half;
  }
  PetscCall(LhSlabFill(slab, MPIU_REAL, 6, ends, rows));
  const LhH5Rows points = {.name = "Points",
                           .type = H5T_NATIVE_DOUBLE,
                           .num_rows = 2 * slab->num_global,
                           .width = 3,
                           .rank = 2,
                           .first = 2 * slab->first,
                           .count = 2 * slab->count,
                           .values = rows,
                           .unit = "m",
                           .meaning = "reference position"};
  PetscCall(LhH5RowsWrite(place->file, root, &points));
  PetscCall(PetscFree2(ends, rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Rows 0, step, 2 step, ...; `more` of them beyond those of the slab.
static PetscErrorCode WriteCount(const Place *place, hid_t root, const char name[], PetscInt rows,
                                 PetscInt step, PetscInt more) {
  const LhSlab *slab = place->slab;
  const PetscInt last = more && slab->count && slab->first + slab->count == slab->num_global;
  const PetscInt count = rows * slab->count + last;
  int64_t *values;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(count, &values));
  for (PetscInt i = 0; i < count; i++) values[i] = (int64_t)(rows * slab->first + i) * step;
  const LhH5Rows table = {.name = name,
                          .type = H5T_NATIVE_INT64,
                          .num_rows = rows * slab->num_global + more,
                          .width = 1,
                          .rank = 1,
                          .first = rows * slab->first,
                          .count = count,
                          .values = values};
  PetscCall(LhH5RowsWrite(place->file, root, &table));
  PetscCall(PetscFree(values));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteTypes(const Place *place, hid_t root) {
  const LhSlab *slab = place->slab;
  unsigned char *types;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(slab->count, &types));
  for (PetscInt i = 0; i < slab->count; i++) types[i] = VTK_LINE;
  const LhH5Rows table = {.name = "Types",
                          .type = H5T_NATIVE_UCHAR,
                          .num_rows = slab->num_global,
                          .width = 1,
                          .rank = 1,
                          .first = slab->first,
                          .count = slab->count,
                          .values = types};
  PetscCall(LhH5RowsWrite(place->file, root, &table));
  PetscCall(PetscFree(types));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Which fibre, how thick, how many tubes, where along it.
static PetscErrorCode WriteData(const Place *place, const LhFibres *fibres) {
  const PetscInt n = fibres->num_pieces;
  PetscReal *fibre, *area, *tubes;
  hid_t group;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(n, &fibre, n, &area, n, &tubes));
  for (PetscInt i = 0; i < n; i++) {
    fibre[i] = (PetscReal)fibres->piece_fibre[i];
    area[i] = fibres->area[fibres->piece_fibre[i]];
    tubes[i] = fibres->tubes[fibres->piece_fibre[i]];
  }
  PetscCall(LhH5GroupOpen(place->file, "/VTKHDF/CellData", &group));
  PetscCall(WriteReals(place, group, "fibre", 1, "1", "number of the fibre", fibre));
  PetscCall(WriteReals(place, group, "area", 1, "m2", "cross-section of all tubes", area));
  PetscCall(WriteReals(place, group, "tubes", 1, "1", "tubes the fibre stands for", tubes));
  PetscCall(WriteReals(place, group, "arc", 1, "m", "length along the fibre", fibres->piece_arc));
  PetscCall(LhH5GroupClose(place->file, &group));
  PetscCall(PetscFree3(fibre, area, tubes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhVtkFibresWrite(LhOutput output) {
  static const PetscInt version[2] = {1, 0};
  const LhFibres *fibres;
  char path[PETSC_MAX_PATH_LEN];
  LhSlab slab;
  Place place = {.slab = &slab};
  hid_t root;

  PetscFunctionBeginUser;
  PetscCall(LhMeshGetFibres(output->mesh, &fibres));
  if (!fibres) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhOutputCheckSpace(output->comm, output->dir, 120. * fibres->num_global_pieces));
  PetscCall(LhSlabCreate(output->comm, fibres->num_global_pieces, fibres->num_pieces,
                         fibres->piece_id, &slab));
  PetscCall(LhOutputPath(output, "fibres_vtk.hdf", path));
  PetscCall(LhH5FileCreate(output->comm, path, &place.file));
  PetscCall(LhH5GroupOpen(place.file, "/VTKHDF", &root));
  PetscCall(LhH5AttributeInts(place.file, root, "Version", 2, version));
  PetscCall(LhH5AttributeText(place.file, root, "Type", "UnstructuredGrid"));
  PetscCall(LhH5CountWrite(place.file, root, "NumberOfPoints", 2 * slab.num_global));
  PetscCall(LhH5CountWrite(place.file, root, "NumberOfCells", slab.num_global));
  PetscCall(LhH5CountWrite(place.file, root, "NumberOfConnectivityIds", 2 * slab.num_global));
  PetscCall(WriteEnds(&place, root, fibres));
  PetscCall(WriteCount(&place, root, "Connectivity", 2, 1, 0));
  PetscCall(WriteCount(&place, root, "Offsets", 1, 2, 1));
  PetscCall(WriteTypes(&place, root));
  PetscCall(WriteData(&place, fibres));
  PetscCall(LhH5GroupClose(place.file, &root));
  PetscCall(LhH5FileClose(&place.file));
  PetscCall(LhSlabDestroy(&slab));
  PetscFunctionReturn(PETSC_SUCCESS);
}
