/// @file
/// The whole mesh on one rank: storage, neighbours, surfaces between regions, checks. See raw_mesh.h.
///
/// Faces are matched through chains hung on their smallest vertex: no hash of vertex tuples, linear
/// in the number of faces, 4 bytes a face.
#include "mesh/raw_mesh.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/// A corner Jacobian below this share of the ideal cell's is a cell without volume.
#define SMALLEST_SCALED_JACOBIAN 1e-6

PetscErrorCode LhRawMeshCreate(LhRawMesh **raw) {
  PetscFunctionBeginUser;
  PetscCall(PetscNew(raw));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshDestroy(LhRawMesh **raw) {
  PetscFunctionBeginUser;
  if (!*raw) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree3((*raw)->cells, (*raw)->region, (*raw)->coords));
  PetscCall(PetscFree((*raw)->tag));
  PetscCall(PetscFree3((*raw)->face_surface, (*raw)->face_cell, (*raw)->face_side));
  PetscCall(PetscFree((*raw)->neighbor));
  PetscCall(PetscFree((*raw)->image));
  PetscCall(LhFibreArraysDestroy(&(*raw)->fibres));
  PetscCall(PetscFree(*raw));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshAllocate(LhRawMesh *raw, PetscInt num_cells, PetscInt num_vertices) {
  const PetscInt vertices = LhCellShapeGet(raw->cell_type)->vertices;

  PetscFunctionBeginUser;
  raw->num_cells = num_cells;
  raw->num_vertices = num_vertices;
  PetscCall(PetscCalloc3((size_t)num_cells * vertices, &raw->cells, num_cells, &raw->region,
                         (size_t)num_vertices * 3, &raw->coords));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshAllocateFaces(LhRawMesh *raw, PetscInt num) {
  PetscFunctionBeginUser;
  raw->num_faces = num;
  PetscCall(PetscMalloc3(num, &raw->face_surface, num, &raw->face_cell, num, &raw->face_side));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt LhRawMeshAddName(PetscInt max, char names[][LH_NAME_MAX], PetscInt *n, const char name[]) {
  for (PetscInt i = 0; i < *n; i++) {
    if (!strncmp(names[i], name, LH_NAME_MAX - 1)) return i;
  }
  if (*n == max) return -1;
  snprintf(names[*n], LH_NAME_MAX, "%s", name);
  return (*n)++;
}

/// Vertices of a side in rising order: the same for both cells of a face.
static void SortVertices(PetscInt n, PetscInt v[]) {
  for (PetscInt i = 1; i < n; i++) {
    const PetscInt moved = v[i];
    PetscInt j = i;
    for (; j > 0 && v[j - 1] > moved; j--) v[j] = v[j - 1];
    v[j] = moved;
  }
}

static void GetSideKey(const LhRawMesh *raw, PetscInt cell, PetscInt side, PetscInt key[4]) {
  const LhCellShape *shape = LhCellShapeGet(raw->cell_type);
  const PetscInt *v = raw->cells + (size_t)cell * shape->vertices;
  key[3] = -1;
  for (PetscInt i = 0; i < shape->side_vertices; i++) key[i] = v[shape->side[side][i]];
  SortVertices(shape->side_vertices, key);
}

static PetscBool SameKey(const PetscInt a[4], const PetscInt b[4]) {
  return (PetscBool)(a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3]);
}

void LhRawMeshGetCentre(const LhRawMesh *raw, PetscInt cell, PetscReal centre[3]) {
  const PetscInt n = LhCellShapeGet(raw->cell_type)->vertices;
  const PetscInt *v = raw->cells + (size_t)cell * n;
  for (PetscInt i = 0; i < 3; i++) {
    centre[i] = 0.;
    for (PetscInt k = 0; k < n; k++) centre[i] += raw->coords[3 * (size_t)v[k] + i] / (PetscReal)n;
  }
}

/// "cell 12 (element 345 of the file) at (1, 2, 3) um".
static void DescribeCell(const LhRawMesh *raw, PetscInt cell, size_t size, char text[]) {
  PetscReal x[3];
  char element[64] = "";
  LhRawMeshGetCentre(raw, cell, x);
  if (raw->tag)
    snprintf(element, sizeof(element), " (element %lld of the file)", (long long)raw->tag[cell]);
  snprintf(text, size, "cell %" PetscInt_FMT "%s at (%g, %g, %g) um", cell, element, x[0] * 1e6,
           x[1] * 1e6, x[2] * 1e6);
}

static void AddThreeCells(const LhRawMesh *raw, PetscInt cell, PetscInt other,
                          LhMeshProblems *problems) {
  char a[200];
  DescribeCell(raw, cell, sizeof(a), a);
  LhMeshProblemAdd(problems, 0,
                   "%s shares a face with cell %" PetscInt_FMT " and a third one: cells overlap", a,
                   other);
}

/// Pairs one side with an earlier cell's, or hangs it on its chain. `next[face] = -2 - face2` marks a pair.
static void MatchSide(LhRawMesh *raw, PetscInt face, PetscInt head[], PetscInt next[],
                      LhMeshProblems *problems) {
  const PetscInt sides = LhCellShapeGet(raw->cell_type)->sides;
  PetscInt key[4], other[4];

  GetSideKey(raw, face / sides, face % sides, key);
  for (PetscInt f = head[key[0]]; f >= 0; f = next[f]) {
    GetSideKey(raw, f / sides, f % sides, other);
    if (!SameKey(key, other)) continue;
    if (raw->neighbor[f] >= 0) {
      AddThreeCells(raw, face / sides, f / sides, problems);
      return;
    }
    raw->neighbor[f] = face / sides;
    raw->neighbor[face] = f / sides;
    return;
  }
  next[face] = head[key[0]];
  head[key[0]] = face;
}

static PetscErrorCode FindNeighbors(LhRawMesh *raw, LhMeshProblems *problems) {
  const PetscInt sides = LhCellShapeGet(raw->cell_type)->sides, n = raw->num_cells * sides;
  PetscInt *head, *next;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &raw->neighbor));
  PetscCall(PetscMalloc2(raw->num_vertices, &head, n, &next));
  for (PetscInt v = 0; v < raw->num_vertices; v++) head[v] = -1;
  for (PetscInt f = 0; f < n; f++) raw->neighbor[f] = -1;
  for (PetscInt f = 0; f < n; f++) MatchSide(raw, f, head, next, problems);
  PetscCall(PetscFree2(head, next));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Region across a side, -1 on the boundary and inside a region.
static PetscInt OtherRegion(const LhRawMesh *raw, PetscInt cell, PetscInt side) {
  const PetscInt other = raw->neighbor[cell * LhCellShapeGet(raw->cell_type)->sides + side];
  if (other < 0 || raw->region[other] == raw->region[cell]) return -1;
  return raw->region[other];
}

typedef PetscInt PairTable[LH_MESH_REGIONS_MAX][LH_MESH_REGIONS_MAX];

/// Numbers the surfaces between regions in the order of the regions, not of the cells.
static PetscErrorCode NameInterfaces(LhRawMesh *raw, PairTable surface, LhMeshProblems *problems) {
  LhMeshNames *names = &raw->names;

  PetscFunctionBeginUser;
  for (PetscInt a = 0; a < names->num_regions; a++) {
    for (PetscInt b = 0; b < names->num_regions; b++) {
      char name[2 * LH_NAME_MAX + 2];
      if (!surface[a][b]) continue;
      snprintf(name, sizeof(name), "%s|%s", names->regions[a], names->regions[b]);
      surface[a][b] = -1;
      if (strlen(name) < LH_NAME_MAX) {
        surface[a][b] =
            LhRawMeshAddName(LH_MESH_SURFACES_MAX, names->surfaces, &names->num_surfaces, name);
      }
      if (surface[a][b] >= names->num_given_surfaces) continue;
      LhMeshProblemAdd(problems, 0, "the surface '%s' between two regions cannot be named: %s",
                       name,
                       surface[a][b] < 0 ? "too many surfaces or too long a name"
                                         : "the mesh has one of that name");
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AppendInterfaceFaces(LhRawMesh *raw, PetscInt count, PairTable surface) {
  const PetscInt sides = LhCellShapeGet(raw->cell_type)->sides, given = raw->num_faces;
  PetscInt *old[3] = {raw->face_surface, raw->face_cell, raw->face_side}, n = given;

  PetscFunctionBeginUser;
  PetscCall(LhRawMeshAllocateFaces(raw, given + count));
  PetscCall(PetscArraycpy(raw->face_surface, old[0], given));
  PetscCall(PetscArraycpy(raw->face_cell, old[1], given));
  PetscCall(PetscArraycpy(raw->face_side, old[2], given));
  PetscCall(PetscFree3(old[0], old[1], old[2]));
  for (PetscInt c = 0; c < raw->num_cells; c++) {
    for (PetscInt s = 0; s < sides; s++) {
      const PetscInt other = OtherRegion(raw, c, s);
      if (other < 0) continue;
      raw->face_surface[n] = surface[raw->region[c]][other];
      raw->face_cell[n] = c;
      raw->face_side[n++] = s;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshConnect(LhRawMesh *raw, LhMeshProblems *problems) {
  const PetscInt sides = LhCellShapeGet(raw->cell_type)->sides;
  PetscInt count = 0;
  PairTable *surface;

  PetscFunctionBeginUser;
  PetscCall(FindNeighbors(raw, problems));
  raw->names.num_given_surfaces = raw->names.num_surfaces;
  PetscCall(PetscCalloc1(1, &surface));
  for (PetscInt c = 0; c < raw->num_cells; c++) {
    for (PetscInt s = 0; s < sides; s++) {
      const PetscInt other = OtherRegion(raw, c, s);
      if (other < 0) continue;
      (*surface)[raw->region[c]][other] = 1;
      count++;
    }
  }
  PetscCall(NameInterfaces(raw, *surface, problems));
  PetscCall(AppendInterfaceFaces(raw, count, *surface));
  PetscCall(PetscFree(surface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What LhRawMeshLocateFaces works on: given faces chained at their smallest vertex.
typedef struct {
  PetscInt width;           ///< vertices of a face
  PetscInt *head;           ///< [vertex]
  PetscInt *next;           ///< [face]
  PetscInt *key;            ///< [face][4]
  const PetscInt *surface;  ///< [face]
} FaceChains;

static PetscErrorCode ChainFaces(const LhRawMesh *raw, PetscInt num, const PetscInt faces[],
                                 FaceChains *chains, LhMeshProblems *problems) {
  PetscFunctionBeginUser;
  for (PetscInt v = 0; v < raw->num_vertices; v++) chains->head[v] = -1;
  for (PetscInt f = 0; f < num; f++) {
    PetscInt *key = chains->key + 4 * (size_t)f;
    key[3] = -1;
    PetscCall(PetscArraycpy(key, faces + (size_t)f * chains->width, chains->width));
    SortVertices(chains->width, key);
    for (PetscInt g = chains->head[key[0]]; g >= 0; g = chains->next[g]) {
      if (chains->surface[f] != chains->surface[g] || !SameKey(key, chains->key + 4 * (size_t)g))
        continue;
      LhMeshProblemAdd(problems, 0, "surface '%s' lists the same face twice",
                       raw->names.surfaces[chains->surface[f]]);
    }
    chains->next[f] = chains->head[key[0]];
    chains->head[key[0]] = f;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A face between two regions belongs to the cell of the first region.
static void TakeSide(LhRawMesh *raw, PetscInt face, PetscInt cell, PetscInt side,
                     const FaceChains *chains, LhMeshProblems *problems) {
  const PetscInt before = raw->face_cell[face];
  char text[200];

  if (before >= 0 && raw->region[before] == raw->region[cell]) {
    DescribeCell(raw, cell, sizeof(text), text);
    LhMeshProblemAdd(
        problems, 0,
        "surface '%s' has a face inside region '%s' (at %s); surfaces lie on the boundary or "
        "between regions",
        raw->names.surfaces[chains->surface[face]], raw->names.regions[raw->region[cell]], text);
  }
  if (before >= 0 && raw->region[before] <= raw->region[cell]) return;
  raw->face_cell[face] = cell;
  raw->face_side[face] = side;
}

static void TakeSides(LhRawMesh *raw, const FaceChains *chains, LhMeshProblems *problems) {
  const PetscInt sides = LhCellShapeGet(raw->cell_type)->sides;
  PetscInt key[4];

  for (PetscInt i = 0; i < raw->num_cells * sides; i++) {
    GetSideKey(raw, i / sides, i % sides, key);
    for (PetscInt f = chains->head[key[0]]; f >= 0; f = chains->next[f]) {
      if (SameKey(key, chains->key + 4 * (size_t)f))
        TakeSide(raw, f, i / sides, i % sides, chains, problems);
    }
  }
}

PetscErrorCode LhRawMeshLocateFaces(LhRawMesh *raw, PetscInt num, const PetscInt faces[],
                                    const PetscInt surface[], LhMeshProblems *problems) {
  FaceChains chains = {.width = LhCellShapeGet(raw->cell_type)->side_vertices, .surface = surface};

  PetscFunctionBeginUser;
  PetscCall(LhRawMeshAllocateFaces(raw, num));
  PetscCall(PetscMalloc3(raw->num_vertices, &chains.head, num, &chains.next, 4 * (size_t)num,
                         &chains.key));
  PetscCall(ChainFaces(raw, num, faces, &chains, problems));
  PetscCall(PetscArraycpy(raw->face_surface, surface, num));
  for (PetscInt f = 0; f < num; f++) raw->face_cell[f] = -1;
  TakeSides(raw, &chains, problems);
  for (PetscInt f = 0; f < num; f++) {
    if (raw->face_cell[f] >= 0) continue;
    LhMeshProblemAdd(problems, 0,
                     "surface '%s' has a face that no cell of the mesh has (vertices do not match)",
                     raw->names.surfaces[surface[f]]);
  }
  PetscCall(PetscFree3(chains.head, chains.next, chains.key));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void CheckCell(const LhRawMesh *raw, PetscInt cell, LhMeshProblems *problems,
                      LhMeshQuality *quality) {
  const PetscInt n = LhCellShapeGet(raw->cell_type)->vertices;
  const PetscInt *v = raw->cells + (size_t)cell * n;
  PetscReal x[8][3];
  char text[200];

  for (PetscInt k = 0; k < n; k++) {
    for (PetscInt i = 0; i < 3; i++) x[k][i] = raw->coords[3 * (size_t)v[k] + i];
    if (isfinite(x[k][0]) && isfinite(x[k][1]) && isfinite(x[k][2])) continue;
    DescribeCell(raw, cell, sizeof(text), text);
    LhMeshProblemAdd(problems, 0, "%s has a vertex that is not finite", text);
    return;
  }
  const PetscReal jacobian = LhCellScaledJacobian(raw->cell_type, (const PetscReal(*)[3])x);
  if (jacobian < SMALLEST_SCALED_JACOBIAN) {
    DescribeCell(raw, cell, sizeof(text), text);
    LhMeshProblemAdd(problems, 0, "%s is %s: its smallest scaled Jacobian is %.3g", text,
                     jacobian < -SMALLEST_SCALED_JACOBIAN ? "inverted" : "degenerate", jacobian);
  }
  quality->min_quality = PetscMin(quality->min_quality, jacobian);
  quality->max_aspect =
      PetscMax(quality->max_aspect, LhCellAspect(raw->cell_type, (const PetscReal(*)[3])x));
}

/// Distance of a vertex from its image, in periods of one direction; 0 where there is none.
static PetscReal CountPeriods(const LhRawMesh *raw, PetscInt vertex, PetscInt d) {
  const PetscReal gap =
      raw->coords[3 * (size_t)vertex + d] - raw->coords[3 * (size_t)raw->image[vertex] + d];
  return raw->period[d] > 0. ? gap / raw->period[d] : gap == 0. ? 0. : 0.5;
}

void LhRawMeshCheckImages(const LhRawMesh *raw, LhMeshProblems *problems) {
  for (PetscInt v = 0; v < raw->num_vertices && !problems->n; v++) {
    const PetscInt image = raw->image[v];
    if (image < 0 || image >= raw->num_vertices || raw->image[image] != image) {
      LhMeshProblemAdd(problems, 0,
                       "vertex %" PetscInt_FMT " is the periodic image of %" PetscInt_FMT
                       ", which is none or an image itself",
                       v, image);
      return;
    }
    for (PetscInt d = 0; d < 3 && !problems->n; d++) {
      const PetscReal periods = CountPeriods(raw, v, d);
      if (PetscAbsReal(periods - PetscFloorReal(periods + 0.5)) < 1e-6) continue;
      LhMeshProblemAdd(problems, 0,
                       "vertex %" PetscInt_FMT
                       " is not a whole number of periods away from its "
                       "periodic image %" PetscInt_FMT,
                       v, image);
    }
  }
}

PetscErrorCode LhRawMeshCheck(const LhRawMesh *raw, LhMeshProblems *problems,
                              LhMeshQuality *quality) {
  PetscFunctionBeginUser;
  if (!raw->num_cells) LhMeshProblemAdd(problems, 0, "the mesh has no cells");
  quality->min_quality = 1.;
  quality->max_aspect = 1.;
  for (PetscInt c = 0; c < raw->num_cells; c++) CheckCell(raw, c, problems, quality);
  PetscFunctionReturn(PETSC_SUCCESS);
}
