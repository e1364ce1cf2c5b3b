/// @file
/// The built-in box: layers of hexahedra graded in z, optionally distorted, optionally split in tets.
///
/// Ids are structured (x fastest, then y, then z) and the distortion hashes the vertex id with the
/// seed, so that nothing depends on the partition.
#include <math.h>

#include "mesh/raw_mesh.h"

/// A box and the planes its vertices lie on before distortion.
typedef struct {
  const LhBoxSpec *spec;
  PetscInt cells[3];
  PetscReal *plane[3];  ///< [axis][cells + 1] [m]
  PetscInt *layer;      ///< [cells in z] index into spec->layers
} Box;

/// Kuhn's split along the diagonal 0-6: the same diagonals on opposite faces, so neighbours conform.
static const PetscInt kuhn[6][4] = {
    {0, 1, 2, 6},
    {0, 3, 7, 6},
    {0, 4, 5, 6},
    {0, 5, 1, 6},
    {0, 2, 3, 6},
    {0, 7, 4, 6}
};

static void CheckSpec(const LhBoxSpec *spec, LhMeshProblems *problems) {
  PetscInt64 cells_z = 0;
  if (!(spec->width > 0.) || !(spec->depth > 0.)) {
    LhMeshProblemAdd(problems, 0, "the box needs a positive width and depth");
  }
  if (spec->cells_x < 1 || spec->cells_y < 1) {
    LhMeshProblemAdd(problems, 0, "the box needs at least one cell in x and in y");
  }
  if (spec->num_layers < 1 || spec->num_layers > 16) {
    LhMeshProblemAdd(problems, 0, "the box has %" PetscInt_FMT " layers; 1 to 16 are possible",
                     spec->num_layers);
    return;
  }
  for (PetscInt k = 0; k < spec->num_layers; k++) {
    const LhBoxLayer *layer = &spec->layers[k];
    if (!(layer->thickness > 0.) || layer->cells < 1 || !(layer->grading > 0.)) {
      LhMeshProblemAdd(problems, 0,
                       "layer %" PetscInt_FMT
                       " ('%s') needs a positive thickness, cells and grading",
                       k + 1, layer->region);
    }
    cells_z += PetscMax(layer->cells, 0);
  }
  const double cells = (double)spec->cells_x * (double)spec->cells_y * (double)cells_z;
  if (cells * (spec->cell_type == LH_CELL_TET4 ? 24. : 8.) > (double)PETSC_MAX_INT) {
    LhMeshProblemAdd(problems, 0,
                     "the box has %g cells, more than integers of this build can number", cells);
  }
}

static void SpaceEvenly(PetscInt cells, PetscReal size, PetscReal plane[]) {
  for (PetscInt i = 0; i <= cells; i++) plane[i] = size * (PetscReal)i / (PetscReal)cells;
}

/// Cells of a layer form a geometric row whose last is `grading` times the first.
static void SpaceLayer(const LhBoxLayer *layer, PetscReal bottom, PetscReal plane[]) {
  const PetscInt n = layer->cells;
  const PetscReal ratio = n > 1 ? PetscPowReal(layer->grading, 1. / (PetscReal)(n - 1)) : 1.;
  PetscReal sum = 0., size = 1., total = 0.;

  for (PetscInt k = 0; k < n; k++) total += PetscPowReal(ratio, (PetscReal)k);
  plane[0] = bottom;
  for (PetscInt k = 0; k < n; k++) {
    sum += size;
    size *= ratio;
    plane[k + 1] = bottom + layer->thickness * sum / total;
  }
  plane[n] = bottom + layer->thickness;
}

static PetscErrorCode BoxCreate(const LhBoxSpec *spec, Box *box) {
  PetscFunctionBeginUser;
  box->spec = spec;
  box->cells[0] = spec->cells_x;
  box->cells[1] = spec->cells_y;
  box->cells[2] = 0;
  for (PetscInt k = 0; k < spec->num_layers; k++) box->cells[2] += spec->layers[k].cells;
  PetscCall(PetscMalloc4(box->cells[0] + 1, &box->plane[0], box->cells[1] + 1, &box->plane[1],
                         box->cells[2] + 1, &box->plane[2], box->cells[2], &box->layer));
  SpaceEvenly(spec->cells_x, spec->width, box->plane[0]);
  SpaceEvenly(spec->cells_y, spec->depth, box->plane[1]);
  PetscReal bottom = 0.;
  PetscInt first = 0;
  for (PetscInt k = 0; k < spec->num_layers; k++) {
    const LhBoxLayer *layer = &spec->layers[k];
    SpaceLayer(layer, bottom, box->plane[2] + first);
    for (PetscInt c = 0; c < layer->cells; c++) box->layer[first + c] = k;
    first += layer->cells;
    bottom += layer->thickness;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BoxDestroy(Box *box) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree4(box->plane[0], box->plane[1], box->plane[2], box->layer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscInt VertexId(const Box *box, const PetscInt at[3]) {
  return at[0] + (box->cells[0] + 1) * (at[1] + (box->cells[1] + 1) * at[2]);
}

static void VertexPlace(const Box *box, PetscInt id, PetscInt at[3]) {
  at[0] = id % (box->cells[0] + 1);
  at[1] = id / (box->cells[0] + 1) % (box->cells[1] + 1);
  at[2] = id / ((box->cells[0] + 1) * (box->cells[1] + 1));
}

/// Uniform in [-1, 1) from a hash of (seed, vertex, axis): splitmix64 (Steele et al., doi:10.1145/2660193.2660195).
static PetscReal HashShift(PetscInt seed, PetscInt id, PetscInt axis) {
  uint64_t z =
      ((uint64_t)seed << 40) ^ ((uint64_t)id * 3 + (uint64_t)axis + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  z ^= z >> 31;
  return (PetscReal)(z >> 11) / 4503599627370496. - 1.;
}

/// The shift is at most half of `distort` times the smaller cell beside, either way: below 1/3 the edges of a cell
/// stay diagonally dominant (1 - d > 2 d) and no cell can turn inside out.
/// A vertex moves along an axis unless it lies on the box's boundary or, in z, between two layers:
/// surfaces stay flat, so areas and volumes are known.
static PetscBool CanMove(const Box *box, PetscInt axis, PetscInt i) {
  if (i == 0 || i == box->cells[axis]) return PETSC_FALSE;
  if (axis < 2) return PETSC_TRUE;
  return (PetscBool)(box->layer[i - 1] == box->layer[i]);
}

/// The vertex of the lower sides that a vertex of the upper ones is the periodic image of.
static PetscInt ImageOf(const Box *box, PetscInt id) {
  PetscInt at[3];
  VertexPlace(box, id, at);
  for (PetscInt axis = 0; axis < 3; axis++) {
    if (box->spec->periodic[axis] && at[axis] == box->cells[axis]) at[axis] = 0;
  }
  return VertexId(box, at);
}

/// A vertex and its periodic images share one shift, so that they go on matching.
static void PlaceVertex(const Box *box, PetscInt id, PetscReal x[3]) {
  PetscInt at[3];
  VertexPlace(box, id, at);
  const PetscInt image = ImageOf(box, id);
  for (PetscInt axis = 0; axis < 3; axis++) {
    const PetscInt i = at[axis];
    const PetscReal *plane = box->plane[axis];
    x[axis] = plane[i];
    if (box->spec->distort == 0. || !CanMove(box, axis, i)) continue;
    const PetscReal room = PetscMin(plane[i + 1] - plane[i], plane[i] - plane[i - 1]);
    x[axis] += 0.5 * box->spec->distort * room * HashShift(box->spec->seed, image, axis);
  }
}

static PetscErrorCode FillImages(const Box *box, LhRawMesh *raw) {
  PetscBool any = PETSC_FALSE;

  PetscFunctionBeginUser;
  for (PetscInt d = 0; d < 3; d++) {
    if (!box->spec->periodic[d]) continue;
    raw->period[d] = box->plane[d][box->cells[d]];
    any = PETSC_TRUE;
  }
  if (!any) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(raw->num_vertices, &raw->image));
  for (PetscInt v = 0; v < raw->num_vertices; v++) raw->image[v] = ImageOf(box, v);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void GetHex(const Box *box, const PetscInt at[3], PetscInt hex[8]) {
  static const PetscInt step[8][3] = {
      {0, 0, 0},
      {1, 0, 0},
      {1, 1, 0},
      {0, 1, 0},
      {0, 0, 1},
      {1, 0, 1},
      {1, 1, 1},
      {0, 1, 1}
  };
  for (PetscInt v = 0; v < 8; v++) {
    const PetscInt corner[3] = {at[0] + step[v][0], at[1] + step[v][1], at[2] + step[v][2]};
    hex[v] = VertexId(box, corner);
  }
}

static void FillCells(const Box *box, LhRawMesh *raw) {
  const PetscInt tets = raw->cell_type == LH_CELL_TET4 ? 6 : 0;
  PetscInt at[3], hex[8], cell = 0;

  for (at[2] = 0; at[2] < box->cells[2]; at[2]++) {
    for (PetscInt column = 0; column < box->cells[0] * box->cells[1]; column++) {
      at[0] = column % box->cells[0];
      at[1] = column / box->cells[0];
      GetHex(box, at, hex);
      for (PetscInt v = 0; !tets && v < 8; v++) raw->cells[8 * (size_t)cell + v] = hex[v];
      for (PetscInt t = 0; t < 4 * tets; t++)
        raw->cells[4 * (size_t)cell + t] = hex[kuhn[t / 4][t % 4]];
      for (PetscInt c = 0; c < PetscMax(tets, 1); c++) raw->region[cell++] = box->layer[at[2]];
    }
  }
}

/// Side of the box a side of a cell lies on (bottom, top, left, right, front, back), or -1.
static PetscInt BoxSide(const Box *box, const LhRawMesh *raw, PetscInt cell, PetscInt side) {
  const LhCellShape *shape = LhCellShapeGet(raw->cell_type);
  PetscBool low[3] = {PETSC_TRUE, PETSC_TRUE, PETSC_TRUE},
            high[3] = {PETSC_TRUE, PETSC_TRUE, PETSC_TRUE};

  for (PetscInt k = 0; k < shape->side_vertices; k++) {
    PetscInt at[3];
    VertexPlace(box, raw->cells[(size_t)cell * shape->vertices + shape->side[side][k]], at);
    for (PetscInt axis = 0; axis < 3; axis++) {
      if (at[axis] != 0) low[axis] = PETSC_FALSE;
      if (at[axis] != box->cells[axis]) high[axis] = PETSC_FALSE;
    }
  }
  static const PetscInt first[3] = {2, 4, 0};
  for (PetscInt axis = 0; axis < 3; axis++) {
    if (low[axis]) return first[axis];
    if (high[axis]) return first[axis] + 1;
  }
  return -1;
}

static PetscErrorCode FillFaces(const Box *box, LhRawMesh *raw) {
  static const char *const names[6] = {"bottom", "top", "left", "right", "front", "back"};
  const PetscInt sides = LhCellShapeGet(raw->cell_type)->sides, *n = box->cells;
  const PetscInt split = raw->cell_type == LH_CELL_TET4 ? 2 : 1;
  PetscInt filled = 0;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < 6; i++) {
    LhRawMeshAddName(LH_MESH_SURFACES_MAX, raw->names.surfaces, &raw->names.num_surfaces, names[i]);
  }
  PetscCall(LhRawMeshAllocateFaces(raw, 2 * split * (n[0] * n[1] + n[1] * n[2] + n[2] * n[0])));
  for (PetscInt f = 0; f < raw->num_cells * sides; f++) {
    const PetscInt surface = BoxSide(box, raw, f / sides, f % sides);
    if (surface < 0) continue;
    raw->face_surface[filled] = surface;
    raw->face_cell[filled] = f / sides;
    raw->face_side[filled++] = f % sides;
  }
  PetscCheck(filled == raw->num_faces, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "box faces were miscounted");
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Layers of the same name are one region: a sandwich foil | separator | foil has two regions.
static void NameRegions(Box *box, LhRawMesh *raw) {
  PetscInt region[16];
  for (PetscInt k = 0; k < box->spec->num_layers; k++) {
    const LhBoxLayer *layer = &box->spec->layers[k];
    region[k] = LhRawMeshAddName(LH_MESH_REGIONS_MAX, raw->names.regions, &raw->names.num_regions,
                                 layer->region);
    raw->names.costs[region[k]] = layer->cost > 0. ? layer->cost : 1.;
  }
  for (PetscInt c = 0; c < raw->num_cells; c++) raw->region[c] = region[raw->region[c]];
}

PetscErrorCode LhRawMeshBuildBox(const void *box_spec, LhRawMesh *raw, LhMeshProblems *problems) {
  const LhBoxSpec *spec = box_spec;
  Box box;

  PetscFunctionBeginUser;
  CheckSpec(spec, problems);
  if (problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(BoxCreate(spec, &box));
  const PetscInt *n = box.cells;
  raw->cell_type = spec->cell_type;
  PetscCall(LhRawMeshAllocate(raw, n[0] * n[1] * n[2] * (spec->cell_type == LH_CELL_TET4 ? 6 : 1),
                              (n[0] + 1) * (n[1] + 1) * (n[2] + 1)));
  for (PetscInt v = 0; v < raw->num_vertices; v++)
    PlaceVertex(&box, v, raw->coords + 3 * (size_t)v);
  FillCells(&box, raw);
  PetscCall(FillFaces(&box, raw));
  PetscCall(FillImages(&box, raw));
  NameRegions(&box, raw);
  PetscCall(BoxDestroy(&box));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshCreateBox(MPI_Comm comm, const LhBoxSpec *spec, LhMesh *mesh) {
  PetscFunctionBeginUser;
  PetscCall(LhMeshBuild(comm, LhRawMeshBuildBox, spec, &(LhMeshReport){0}, mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}
