/// @file
/// Conforming tetrahedra of a volume: ellipsoids cut out of the box by Gmsh and OpenCASCADE. See rve.h.
///
/// Flat triangles cut an island's volume by some per cent: a first mesh measures it, a second one is made of islands grown
/// to give it back. Gmsh works in units of the box's x side. Opposite sides get the same triangles when the volume is periodic.
#include <math.h>
#include <stdlib.h>

#include "mesh/gmsh_library.h"
#include "mesh/rve_private.h"
#include "mesh/rve_sides.h"

#ifndef LIHOST_GMSH

PetscErrorCode LhRveMeshTets(const LhRve *rve, LhRawMesh *raw, LhMeshProblems *problems) {
  PetscFunctionBeginUser;
  (void)rve;
  (void)raw;
  LhMeshProblemAdd(problems, 0,
                   "this lihost was built without Gmsh (package libgmsh-dev); "
                   "elements: voxels needs none");
  PetscFunctionReturn(PETSC_SUCCESS);
}

#else

#define TETRAHEDRON 4     ///< Gmsh's number of the element
#define AROUND      14.   ///< elements around an island
#define NEAR        1e-5  ///< of the x side: tolerance of geometry
#define GOOD        0.01  ///< relative error of the volume of a phase that is let be
#define PASSES      2

typedef struct {
  const LhRve *rve;
  LhGmsh *gmsh;
  LhMeshProblems *problems;
  PetscReal unit;    ///< [m]
  double size[3];    ///< of the box in units
  PetscInt num;      ///< bodies and images that reach into the box
  int *tag, *kind;   ///< [2 num] dimension and tag; [num] kind
  PetscInt volumes;  ///< of the fragmented box
  int *volume_tag, *volume_kind;
  PetscReal grow[RVE_KINDS];  ///< of the semi-axes, against the volume that flat triangles cut off
} Builder;

// ---- geometry -----------------------------------------------------------------------------------

/// The unit sphere turned into the body, moved by whole periods. -1 after a problem.
static int AddBody(Builder *builder, const LhBody *body, const PetscInt turn[3]) {
  const LhGmsh *gmsh = builder->gmsh;
  double map[12] = {0.};
  int error = 0, both[2] = {3, 0};

  both[1] = gmsh->ModelOccAddSphere(0., 0., 0., 1., -1, -PETSC_PI / 2., PETSC_PI / 2.,
                                    2. * PETSC_PI, &error);
  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt k = 0; k < 3; k++)
      map[4 * i + k] = body->axis[k][i] * body->semi[k] * builder->grow[body->kind] / builder->unit;
    map[4 * i + 3] = body->centre[i] / builder->unit + (double)turn[i] * builder->size[i];
  }
  if (!error) gmsh->ModelOccAffineTransform(both, 2, map, 12, &error);
  return LhGmshFailed(gmsh, "make an island", error, builder->problems) ? -1 : both[1];
}

/// Whether the body, moved by whole periods, reaches into the box.
static PetscBool Reaches(const LhRve *rve, const LhBody *body, const PetscInt turn[3]) {
  for (PetscInt d = 0; d < 3; d++) {
    PetscReal reach = 0.;
    for (PetscInt k = 0; k < 3; k++) reach += PetscSqr(body->semi[k] * body->axis[k][d]);
    reach = PetscSqrtReal(reach);
    const PetscReal x = body->centre[d] + (PetscReal)turn[d] * rve->spec->size[d];
    if (x + reach <= 0. || x - reach >= rve->spec->size[d]) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static PetscErrorCode AddBodies(Builder *builder) {
  const LhPacking *packing = &builder->rve->packing;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(2 * 27 * (size_t)packing->num, &builder->tag, 27 * (size_t)packing->num,
                         &builder->kind));
  for (PetscInt i = 0; i < 27 * packing->num && !builder->problems->n; i++) {
    const LhBody *body = &packing->body[i / 27];
    const PetscInt turn[3] = {i % 3 - 1, i / 3 % 3 - 1, i / 9 % 3 - 1};
    if (!Reaches(builder->rve, body, turn)) continue;
    builder->kind[builder->num] = (int)body->kind;
    builder->tag[2 * builder->num] = 3;
    builder->tag[2 * builder->num++ + 1] = AddBody(builder, body, turn);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Kind of a fragment: that of the body it came from, the matrix otherwise; -1 outside the box. `map[0]` lists the
/// fragments of the box, `map[1 + b]` those of body b.
static int KindOf(const Builder *builder, int **map, const size_t length[], int tag) {
  int inside = 0, kind = RVE_MATRIX;
  for (size_t k = 1; k < length[0]; k += 2) inside |= map[0][k] == tag;
  for (PetscInt b = 0; b < builder->num; b++) {
    for (size_t k = 1; k < length[1 + b]; k += 2) {
      if (map[1 + b][k] == tag) kind = builder->kind[b];
    }
  }
  return inside ? kind : -1;
}

/// Cuts the box by the bodies and drops what sticks out.
static PetscErrorCode Fragment(Builder *builder) {
  const LhGmsh *gmsh = builder->gmsh;
  int error = 0, box[2] = {3, 0}, *out = NULL, **map = NULL;
  size_t num_out = 0, *length = NULL, num_map = 0;

  PetscFunctionBeginUser;
  box[1] = gmsh->ModelOccAddBox(0., 0., 0., builder->size[0], builder->size[1], builder->size[2],
                                -1, &error);
  gmsh->ModelOccFragment(box, 2, builder->tag, 2 * (size_t)builder->num, &out, &num_out, &map,
                         &length, &num_map, -1, 1, 1, &error);
  if (LhGmshFailed(gmsh, "cut the box by the islands", error, builder->problems))
    PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc2(num_out / 2, &builder->volume_tag, num_out / 2, &builder->volume_kind));
  for (size_t k = 0; k < num_out; k += 2) {
    const int kind = KindOf(builder, map, length, out[k + 1]);
    if (kind < 0) {
      gmsh->ModelOccRemove(out + k, 2, 1, &error);
      continue;
    }
    builder->volume_tag[builder->volumes] = out[k + 1];
    builder->volume_kind[builder->volumes++] = kind;
  }
  gmsh->ModelOccSynchronize(&error);
  for (size_t k = 0; k < num_map; k++) gmsh->Free(map[k]);
  gmsh->Free(map);
  gmsh->Free(length);
  gmsh->Free(out);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Gives every face on the upper side in direction d the triangles of its partner on the lower side.
static void MatchSides(Builder *builder, PetscInt d) {
  const LhGmsh *gmsh = builder->gmsh;
  double low[3] = {-NEAR, -NEAR, -NEAR}, high[3], shift[16] = {0.};
  int error = 0, *lower = NULL, *upper = NULL;
  size_t num_lower = 0, num_upper = 0;

  for (PetscInt i = 0; i < 3; i++) {
    high[i] = i == d ? NEAR : builder->size[i] + NEAR;
    shift[5 * i] = 1.;
  }
  shift[15] = 1.;
  shift[4 * d + 3] = builder->size[d];
  gmsh->ModelGetEntitiesInBoundingBox(low[0], low[1], low[2], high[0], high[1], high[2], &lower,
                                      &num_lower, 2, &error);
  for (size_t k = 0; k < num_lower && !builder->problems->n; k += 2) {
    double a[3], b[3];
    gmsh->ModelGetBoundingBox(2, lower[k + 1], &a[0], &a[1], &a[2], &b[0], &b[1], &b[2], &error);
    for (PetscInt i = 0; i < 3; i++) {
      a[i] += (i == d ? builder->size[d] : 0.) - 1e2 * NEAR;
      b[i] += (i == d ? builder->size[d] : 0.) + 1e2 * NEAR;
    }
    gmsh->ModelGetEntitiesInBoundingBox(a[0], a[1], a[2], b[0], b[1], b[2], &upper, &num_upper, 2,
                                        &error);
    for (size_t j = 0; j < num_upper && !builder->problems->n; j += 2) {
      double c[3], e[3], off = 0.;
      gmsh->ModelGetBoundingBox(2, upper[j + 1], &c[0], &c[1], &c[2], &e[0], &e[1], &e[2], &error);
      for (PetscInt i = 0; i < 3; i++) {
        off = PetscMax(off, PetscAbsReal(c[i] - a[i] - 1e2 * NEAR));
        off = PetscMax(off, PetscAbsReal(e[i] - b[i] + 1e2 * NEAR));
      }
      if (off > 1e2 * NEAR) continue;
      gmsh->ModelMeshSetPeriodic(2, &upper[j + 1], 1, &lower[k + 1], 1, shift, 16, &error);
      LhGmshFailed(gmsh, "match opposite sides", error, builder->problems);
    }
    gmsh->Free(upper);
  }
  gmsh->Free(lower);
}

static void Generate(Builder *builder) {
  const LhRveSpec *spec = builder->rve->spec;
  const LhGmsh *gmsh = builder->gmsh;
  int error = 0;

  for (PetscInt d = 0; spec->periodic && d < 3; d++) MatchSides(builder, d);
  if (builder->problems->n) return;
  gmsh->OptionSetNumber("Mesh.MeshSizeMax", spec->edge / builder->unit, &error);
  gmsh->OptionSetNumber("Mesh.MeshSizeMin", 0.1 * spec->edge / builder->unit, &error);
  gmsh->OptionSetNumber("Mesh.MeshSizeFromCurvature", AROUND, &error);
  gmsh->ModelMeshGenerate(3, &error);
  LhGmshFailed(gmsh, "mesh the volume", error, builder->problems);
}

// ---- result -------------------------------------------------------------------------------------

typedef struct {
  size_t num_nodes, num_tags, *tag;
  double *coord;
} Nodes;

/// Row of every node tag that a tetrahedron uses, in the order of the tags, -1 for the others; `*used` counts them.
static PetscErrorCode NumberNodes(const Nodes *nodes, PetscInt num, const size_t corners[],
                                  PetscInt **row, PetscInt *used) {
  size_t highest = 0;

  PetscFunctionBeginUser;
  for (size_t k = 0; k < nodes->num_tags; k++) highest = PetscMax(highest, nodes->tag[k]);
  PetscCall(PetscMalloc1(highest + 1, row));
  for (size_t k = 0; k <= highest; k++) (*row)[k] = -1;
  for (PetscInt k = 0; k < 4 * num; k++) (*row)[corners[k]] = 0;
  *used = 0;
  for (size_t k = 0; k <= highest; k++) {
    if ((*row)[k] == 0) (*row)[k] = (*used)++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Corners of the tetrahedra of all volumes and the kind of each.
static PetscErrorCode GetTets(Builder *builder, PetscInt *num, size_t **corners, int **kind) {
  const LhGmsh *gmsh = builder->gmsh;

  PetscFunctionBeginUser;
  *num = 0;
  for (PetscInt v = 0; v < builder->volumes; v++) {
    size_t *tags = NULL, num_tags = 0, *list = NULL, num_list = 0;
    int error = 0;
    gmsh->ModelMeshGetElementsByType(TETRAHEDRON, &tags, &num_tags, &list, &num_list,
                                     builder->volume_tag[v], 0, 1, &error);
    if (LhGmshFailed(gmsh, "give its tetrahedra", error, builder->problems)) break;
    PetscCall(PetscRealloc((4 * (size_t)*num + num_list) * sizeof(size_t), corners));
    PetscCall(PetscRealloc(((size_t)*num + num_tags) * sizeof(int), kind));
    PetscCall(PetscArraycpy(*corners + 4 * (size_t)*num, list, num_list));
    for (size_t k = 0; k < num_tags; k++) (*kind)[*num + (PetscInt)k] = builder->volume_kind[v];
    *num += (PetscInt)num_tags;
    gmsh->Free(tags);
    gmsh->Free(list);
  }
  if (!*num && !builder->problems->n)
    LhMeshProblemAdd(builder->problems, 0, "Gmsh made no tetrahedra of this volume");
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void NameRegions(const LhRveSpec *spec, LhRawMesh *raw, const int kind[]) {
  const char *const names[RVE_KINDS] = {spec->matrix, "lizn", "li3n"};
  PetscInt row[RVE_KINDS], used[RVE_KINDS] = {0};
  for (PetscInt c = 0; c < raw->num_cells; c++) used[kind[c]] = 1;
  for (PetscInt k = 0; k < RVE_KINDS; k++) {
    if (!used[k]) continue;
    row[k] = LhRawMeshAddName(LH_MESH_REGIONS_MAX, raw->names.regions, &raw->names.num_regions,
                              names[k]);
    raw->names.costs[row[k]] = 1.;
  }
  for (PetscInt c = 0; c < raw->num_cells; c++) raw->region[c] = row[kind[c]];
}

static PetscErrorCode FillRaw(Builder *builder, const Nodes *nodes, PetscInt num,
                              const size_t corners[], const int kind[], LhRawMesh *raw) {
  const LhRveSpec *spec = builder->rve->spec;
  PetscInt *row, used = 0;

  PetscFunctionBeginUser;
  PetscCall(NumberNodes(nodes, num, corners, &row, &used));
  raw->cell_type = LH_CELL_TET4;
  PetscCall(LhRawMeshAllocate(raw, num, used));
  for (PetscInt k = 0; k < 4 * num; k++) raw->cells[k] = row[corners[k]];
  for (size_t k = 0; k < nodes->num_tags; k++) {
    if (row[nodes->tag[k]] < 0) continue;
    for (PetscInt d = 0; d < 3; d++)
      raw->coords[3 * (size_t)row[nodes->tag[k]] + d] = nodes->coord[3 * k + d] * builder->unit;
  }
  PetscCall(PetscFree(row));
  NameRegions(spec, raw, kind);
  LhRveSnapToSides(spec, raw);
  PetscCall(LhRveAddSides(spec, raw));
  if (spec->periodic) PetscCall(LhRveMatchImages(spec, raw, builder->problems));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Sets what the islands of each kind should grow by; whether the mesh is good without.
static PetscErrorCode MeasureGrowth(Builder *builder, const Nodes *nodes, PetscInt num,
                                    const size_t corners[], const int kind[], PetscBool *good) {
  const LhRveSpec *spec = builder->rve->spec;
  const PetscReal asked[RVE_KINDS] = {0., spec->islands.fraction, spec->particles.fraction};
  PetscReal volume[RVE_KINDS] = {0.}, total = 0.;
  size_t highest = 0, *row;

  PetscFunctionBeginUser;
  for (size_t k = 0; k < nodes->num_tags; k++) highest = PetscMax(highest, nodes->tag[k]);
  PetscCall(PetscMalloc1(highest + 1, &row));
  for (size_t k = 0; k < nodes->num_tags; k++) row[nodes->tag[k]] = k;
  for (PetscInt c = 0; c < num; c++) {
    PetscReal x[4][3];
    for (PetscInt k = 0; k < 4; k++) {
      for (PetscInt d = 0; d < 3; d++)
        x[k][d] = nodes->coord[3 * row[corners[4 * c + k]] + (size_t)d];
    }
    const PetscReal cell = LhCellVolume(LH_CELL_TET4, (const PetscReal(*)[3])x);
    volume[kind[c]] += cell;
    total += cell;
  }
  PetscCall(PetscFree(row));
  *good = PETSC_TRUE;
  for (PetscInt k = RVE_ISLAND; k < RVE_KINDS; k++) {
    if (!(asked[k] > 0.) || !(volume[k] > 0.)) continue;
    if (PetscAbsReal(volume[k] / total / asked[k] - 1.) > GOOD) *good = PETSC_FALSE;
    builder->grow[k] *= PetscCbrtReal(asked[k] * total / volume[k]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// `*done` false: islands should grow and the mesh be made again.
static PetscErrorCode TakeMesh(Builder *builder, PetscBool last, LhRawMesh *raw, PetscBool *done) {
  const LhGmsh *gmsh = builder->gmsh;
  Nodes nodes = {.num_nodes = 0};
  double *parameters = NULL;
  size_t num_parameters = 0, *corners = NULL;
  int error = 0, *kind = NULL;
  PetscInt num;

  PetscFunctionBeginUser;
  PetscCall(GetTets(builder, &num, &corners, &kind));
  gmsh->ModelMeshGetNodes(&nodes.tag, &nodes.num_tags, &nodes.coord, &nodes.num_nodes, &parameters,
                          &num_parameters, -1, -1, 0, 0, &error);
  if (!builder->problems->n && !LhGmshFailed(gmsh, "give its nodes", error, builder->problems)) {
    PetscCall(MeasureGrowth(builder, &nodes, num, corners, kind, done));
    if (last) *done = PETSC_TRUE;
    if (*done) PetscCall(FillRaw(builder, &nodes, num, corners, kind, raw));
  }
  PetscCall(PetscFree(corners));
  PetscCall(PetscFree(kind));
  gmsh->Free(nodes.tag);
  gmsh->Free(nodes.coord);
  gmsh->Free(parameters);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One geometry and its mesh.
static PetscErrorCode BuildOnce(Builder *builder, PetscBool last, LhRawMesh *raw, PetscBool *done) {
  int error = 0;

  PetscFunctionBeginUser;
  *done = PETSC_TRUE;
  builder->num = builder->volumes = 0;
  builder->gmsh->ModelAdd("volume", &error);
  PetscCall(AddBodies(builder));
  if (!builder->problems->n) PetscCall(Fragment(builder));
  if (!builder->problems->n) Generate(builder);
  if (!builder->problems->n) PetscCall(TakeMesh(builder, last, raw, done));
  builder->gmsh->ModelRemove(&error);
  PetscCall(PetscFree2(builder->tag, builder->kind));
  PetscCall(PetscFree2(builder->volume_tag, builder->volume_kind));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRveMeshTets(const LhRve *rve, LhRawMesh *raw, LhMeshProblems *problems) {
  Builder builder = {.rve = rve, .problems = problems, .unit = rve->spec->size[0]};
  PetscBool done = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(LhGmshOpen(problems, &builder.gmsh));
  if (!builder.gmsh) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt d = 0; d < 3; d++) builder.size[d] = rve->spec->size[d] / builder.unit;
  for (PetscInt k = 0; k < RVE_KINDS; k++) builder.grow[k] = 1.;
  for (PetscInt k = 1; k <= PASSES && !done; k++)
    PetscCall(BuildOnce(&builder, (PetscBool)(k == PASSES), raw, &done));
  PetscCall(LhGmshClose(&builder.gmsh));
  PetscFunctionReturn(PETSC_SUCCESS);
}
#endif
