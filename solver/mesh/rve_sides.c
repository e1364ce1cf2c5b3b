/// @file
/// Sides and images by position. See rve_sides.h.
#include "mesh/rve_sides.h"

#include <stdlib.h>

#define NEAR  1e-7  ///< of the size: a vertex this near to a side lies on it
#define MATCH 1e-5  ///< of the size: an image this near to its place is it

void LhRveSnapToSides(const LhRveSpec *spec, LhRawMesh *raw) {
  for (size_t k = 0; k < 3 * (size_t)raw->num_vertices; k++) {
    const PetscReal size = spec->size[k % 3];
    if (PetscAbsReal(raw->coords[k]) < NEAR * size) raw->coords[k] = 0.;
    if (PetscAbsReal(raw->coords[k] - size) < NEAR * size) raw->coords[k] = size;
  }
}

/// Side of the box that a side of a cell lies on, -1 for none.
static PetscInt SideOf(const LhRveSpec *spec, const LhRawMesh *raw, PetscInt cell, PetscInt side) {
  static const PetscInt first[3] = {2, 4, 0};  // left right, front back, bottom top
  const LhCellShape *shape = LhCellShapeGet(raw->cell_type);

  for (PetscInt d = 0; d < 3; d++) {
    PetscInt low = 0, high = 0;
    for (PetscInt k = 0; k < shape->side_vertices; k++) {
      const PetscInt v = raw->cells[(size_t)cell * shape->vertices + shape->side[side][k]];
      low += raw->coords[3 * (size_t)v + d] == 0.;
      high += raw->coords[3 * (size_t)v + d] == spec->size[d];
    }
    if (low == shape->side_vertices) return first[d];
    if (high == shape->side_vertices) return first[d] + 1;
  }
  return -1;
}

PetscErrorCode LhRveAddSides(const LhRveSpec *spec, LhRawMesh *raw) {
  static const char *const names[6] = {"bottom", "top", "left", "right", "front", "back"};
  const PetscInt sides = LhCellShapeGet(raw->cell_type)->sides;
  PetscInt count = 0;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < 6; i++)
    LhRawMeshAddName(LH_MESH_SURFACES_MAX, raw->names.surfaces, &raw->names.num_surfaces, names[i]);
  for (PetscInt f = 0; f < raw->num_cells * sides; f++)
    count += SideOf(spec, raw, f / sides, f % sides) >= 0;
  PetscCall(LhRawMeshAllocateFaces(raw, count));
  count = 0;
  for (PetscInt f = 0; f < raw->num_cells * sides; f++) {
    const PetscInt surface = SideOf(spec, raw, f / sides, f % sides);
    if (surface < 0) continue;
    raw->face_surface[count] = surface;
    raw->face_cell[count] = f / sides;
    raw->face_side[count++] = f % sides;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  PetscReal x[3];
  PetscInt vertex;
} Place;

static int ComparePlaces(const void *left, const void *right) {
  const Place *a = left, *b = right;
  if (a->x[0] != b->x[0]) return a->x[0] < b->x[0] ? -1 : 1;
  return a->vertex < b->vertex ? -1 : 1;
}

/// The vertex at a place, -1 when there is none; `places` are sorted by x.
static PetscInt FindPlace(PetscInt n, const Place places[], const PetscReal x[3],
                          const PetscReal size[3]) {
  PetscInt low = 0, high = n;
  while (low < high) {
    const PetscInt middle = (low + high) / 2;
    if (places[middle].x[0] < x[0] - MATCH * size[0])
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < n && places[low].x[0] <= x[0] + MATCH * size[0]; low++) {
    if (PetscAbsReal(places[low].x[1] - x[1]) <= MATCH * size[1] &&
        PetscAbsReal(places[low].x[2] - x[2]) <= MATCH * size[2])
      return places[low].vertex;
  }
  return -1;
}

/// Vertices on a lower side and on no upper one: what images are images of.
static PetscInt ListRoots(const LhRveSpec *spec, const LhRawMesh *raw, Place places[]) {
  PetscInt n = 0;
  for (PetscInt v = 0; v < raw->num_vertices; v++) {
    const PetscReal *x = raw->coords + 3 * (size_t)v;
    if (x[0] == spec->size[0] || x[1] == spec->size[1] || x[2] == spec->size[2]) continue;
    if (x[0] != 0. && x[1] != 0. && x[2] != 0.) continue;
    places[n++] = (Place){
        {x[0], x[1], x[2]},
        v
    };
  }
  qsort(places, (size_t)n, sizeof(*places), ComparePlaces);
  return n;
}

PetscErrorCode LhRveMatchImages(const LhRveSpec *spec, LhRawMesh *raw, LhMeshProblems *problems) {
  const PetscReal *size = spec->size;
  Place *places;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(raw->num_vertices, &raw->image));
  PetscCall(PetscMalloc1(raw->num_vertices, &places));
  PetscCall(PetscArraycpy(raw->period, size, 3));
  const PetscInt n = ListRoots(spec, raw, places);
  for (PetscInt v = 0; v < raw->num_vertices && !problems->n; v++) {
    PetscReal *x = raw->coords + 3 * (size_t)v, root[3];
    PetscInt turns = 0;
    for (PetscInt d = 0; d < 3; d++) {
      root[d] = x[d] == size[d] ? 0. : x[d];
      turns += x[d] == size[d];
    }
    raw->image[v] = turns ? FindPlace(n, places, root, size) : v;
    if (raw->image[v] < 0) {
      LhMeshProblemAdd(problems, 0,
                       "the vertex at (%g, %g, %g) um has no image on the opposite side: Gmsh did "
                       "not match the sides. Another seed, or voxels, may do",
                       x[0] * 1e6, x[1] * 1e6, x[2] * 1e6);
      break;
    }
    for (PetscInt d = 0; turns && d < 3; d++)
      x[d] = raw->coords[3 * (size_t)raw->image[v] + d] + (x[d] == size[d] ? size[d] : 0.);
  }
  PetscCall(PetscFree(places));
  PetscFunctionReturn(PETSC_SUCCESS);
}
