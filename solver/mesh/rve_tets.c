/// @file
/// Conforming tetrahedra of a volume: ellipsoids cut out of the box by Gmsh and OpenCASCADE. See rve.h.
///
/// Flat triangles cut an island's volume by some per cent: a first mesh measures it, a second one is made of islands grown
/// to give it back. Gmsh may end the process where it fails, so it works in one of its own; another attempt turns the
/// parametrisation of the islands. Gmsh works in units of the box's x side. Opposite sides get the same triangles when the volume is periodic.
#define _XOPEN_SOURCE 700
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mesh/gmsh_library.h"
#include "mesh/rve_private.h"

#ifndef LIHOST_GMSH

PetscErrorCode LhRveGmshTets(const LhRve *rve, LhRawMesh *raw, LhMeshProblems *problems) {
  PetscFunctionBeginUser;
  (void)rve;
  (void)raw;
  LhMeshProblemAdd(problems, 0,
                   "this lihost was built without Gmsh (package libgmsh-dev); "
                   "mesher: lattice needs none");
  PetscFunctionReturn(PETSC_SUCCESS);
}

#else

#define TETRAHEDRON 4     ///< Gmsh's number of the element
#define AROUND      14.   ///< elements around an island
#define NEAR        1e-5  ///< of the x side: tolerance of geometry
#define GOOD        0.01  ///< relative error of the volume of a phase that is let be
#define PASSES      2
#define PATIENCE    300  ///< of an attempt [s]
#define ATTEMPTS    3

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
  PetscInt attempt;           ///< which semi-axis the poles of the parametrisation lie on
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
    for (PetscInt k = 0; k < 3; k++) {
      const PetscInt a = (k + builder->attempt) % 3;
      map[4 * i + k] = body->axis[a][i] * body->semi[a] * builder->grow[body->kind] / builder->unit;
    }
    map[4 * i + 3] = body->centre[i] / builder->unit + (double)turn[i] * builder->size[i];
  }
  if (!error) gmsh->ModelOccAffineTransform(both, 2, map, 12, &error);
  return LhGmshFailed(gmsh, "make an island", error, builder->problems) ? -1 : both[1];
}

/// Whether the body, moved by whole periods, reaches into the box.
static PetscBool Reaches(const LhRve *rve, const LhBody *body, const PetscInt turn[3]) {
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal reach = LhBodyReach(body, d);
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

/// The faces of the model and their boxes.
typedef struct {
  size_t num;
  int *tag;
  double (*box)[6];  ///< lower corner, then upper
} Faces;

static PetscErrorCode GetFaces(const LhGmsh *gmsh, Faces *faces) {
  int error = 0, *list = NULL;
  size_t n = 0;

  PetscFunctionBeginUser;
  gmsh->ModelGetEntities(&list, &n, 2, &error);
  faces->num = n / 2;
  PetscCall(PetscMalloc2(faces->num, &faces->tag, faces->num, &faces->box));
  for (size_t k = 0; k < faces->num; k++) {
    double *box = faces->box[k];
    faces->tag[k] = list[2 * k + 1];
    gmsh->ModelGetBoundingBox(2, faces->tag[k], &box[0], &box[1], &box[2], &box[3], &box[4],
                              &box[5], &error);
  }
  gmsh->Free(list);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool LiesOn(const double box[6], PetscInt d, double place) {
  return (PetscBool)(PetscAbsReal(box[d] - place) < NEAR &&
                     PetscAbsReal(box[3 + d] - place) < NEAR);
}

/// The face on the upper side in direction d whose box is that of face k moved by a period, the nearest one; -1 for none.
static int FindPartner(const Builder *builder, const Faces *faces, size_t k, PetscInt d) {
  double nearest = 1e2 * NEAR;
  int found = -1;
  for (size_t j = 0; j < faces->num; j++) {
    double off = 0.;
    if (!LiesOn(faces->box[j], d, builder->size[d])) continue;
    for (PetscInt i = 0; i < 6; i++) {
      const double moved = faces->box[k][i] + (i % 3 == d ? builder->size[d] : 0.);
      off = PetscMax(off, PetscAbsReal(faces->box[j][i] - moved));
    }
    if (off >= nearest) continue;
    nearest = off;
    found = faces->tag[j];
  }
  return found;
}

/// Gives every face on the upper side in direction d the triangles of its partner on the lower side.
static void MatchSide(Builder *builder, Faces *faces, PetscInt d) {
  double shift[16] = {1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1.};
  int error = 0;

  shift[4 * d + 3] = builder->size[d];
  for (size_t k = 0; k < faces->num && !error; k++) {
    if (!LiesOn(faces->box[k], d, 0.)) continue;
    int partner = FindPartner(builder, faces, k, d);
    if (partner < 0) continue;  // what is left unmatched is found by its vertices
    builder->gmsh->ModelMeshSetPeriodic(2, &partner, 1, &faces->tag[k], 1, shift, 16, &error);
  }
  LhGmshFailed(builder->gmsh, "match opposite sides", error, builder->problems);
}

static PetscErrorCode MatchSides(Builder *builder) {
  Faces faces = {.num = 0};

  PetscFunctionBeginUser;
  PetscCall(GetFaces(builder->gmsh, &faces));
  for (PetscInt d = 0; d < 3 && !builder->problems->n; d++) MatchSide(builder, &faces, d);
  PetscCall(PetscFree2(faces.tag, faces.box));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Generate(Builder *builder) {
  const LhRveSpec *spec = builder->rve->spec;
  const LhGmsh *gmsh = builder->gmsh;
  int error = 0;

  PetscFunctionBeginUser;
  if (spec->periodic) PetscCall(MatchSides(builder));
  if (builder->problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  gmsh->OptionSetNumber("Mesh.MeshSizeMax", spec->edge / builder->unit, &error);
  gmsh->OptionSetNumber("Mesh.MeshSizeMin", 0.1 * spec->edge / builder->unit, &error);
  gmsh->OptionSetNumber("Mesh.MeshSizeFromCurvature", AROUND, &error);
  gmsh->ModelMeshGenerate(3, &error);
  LhGmshFailed(gmsh, "mesh the volume", error, builder->problems);
  PetscFunctionReturn(PETSC_SUCCESS);
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

static PetscErrorCode FillRaw(Builder *builder, const Nodes *nodes, PetscInt num,
                              const size_t corners[], const int kind[], LhRawMesh *raw) {
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
  for (PetscInt c = 0; c < num; c++) raw->region[c] = kind[c];
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
  if (!builder->problems->n) PetscCall(Generate(builder));
  if (!builder->problems->n) PetscCall(TakeMesh(builder, last, raw, done));
  builder->gmsh->ModelRemove(&error);
  PetscCall(PetscFree2(builder->tag, builder->kind));
  PetscCall(PetscFree2(builder->volume_tag, builder->volume_kind));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Cells, their kinds in the place of regions, and vertices.
static PetscErrorCode BuildTets(const LhRve *rve, PetscInt attempt, LhRawMesh *raw,
                                LhMeshProblems *problems) {
  Builder builder = {
      .rve = rve, .problems = problems, .unit = rve->spec->size[0], .attempt = attempt};
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

// ---- a process for Gmsh -------------------------------------------------------------------------

static PetscBool SendAll(int pipe, const void *data, size_t size) {
  const char *at = data;
  while (size) {
    const ssize_t n = write(pipe, at, size);
    if (n <= 0) return PETSC_FALSE;
    at += n;
    size -= (size_t)n;
  }
  return PETSC_TRUE;
}

static PetscBool ReceiveAll(int pipe, void *data, size_t size) {
  char *at = data;
  while (size) {
    const ssize_t n = read(pipe, at, size);
    if (n <= 0) return PETSC_FALSE;
    at += n;
    size -= (size_t)n;
  }
  return PETSC_TRUE;
}

/// What the process of Gmsh does; it ends with the last byte. Silent: what went wrong is in the problems.
static void WorkApart(const LhRve *rve, PetscInt attempt, int pipe) {
  LhMeshProblems *problems = calloc(1, sizeof(*problems));
  LhRawMesh *raw = calloc(1, sizeof(*raw));

  (void)signal(SIGABRT, SIG_DFL);
  (void)signal(SIGSEGV, SIG_DFL);
  (void)signal(SIGALRM, SIG_DFL);
  (void)alarm(PATIENCE);
  if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout)) _exit(1);
  if (!problems || !raw || BuildTets(rve, attempt, raw, problems)) _exit(1);
  const PetscInt size[2] = {raw->num_cells, raw->num_vertices};
  const PetscBool sent =
      (PetscBool)(SendAll(pipe, problems, sizeof(*problems)) && SendAll(pipe, size, sizeof(size)) &&
                  SendAll(pipe, raw->cells, 4 * (size_t)size[0] * sizeof(PetscInt)) &&
                  SendAll(pipe, raw->region, (size_t)size[0] * sizeof(PetscInt)) &&
                  SendAll(pipe, raw->coords, 3 * (size_t)size[1] * sizeof(PetscReal)));
  _exit(sent ? 0 : 1);
}

/// Takes what the other process sends; `*whole` false when it died on the way.
static PetscErrorCode Receive(int pipe, LhRawMesh *raw, LhMeshProblems *problems,
                              PetscBool *whole) {
  PetscInt size[2];

  PetscFunctionBeginUser;
  *whole = (PetscBool)(ReceiveAll(pipe, problems, sizeof(*problems)) &&
                       ReceiveAll(pipe, size, sizeof(size)));
  if (!*whole || problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  raw->cell_type = LH_CELL_TET4;
  PetscCall(LhRawMeshAllocate(raw, size[0], size[1]));
  *whole = (PetscBool)(ReceiveAll(pipe, raw->cells, 4 * (size_t)size[0] * sizeof(PetscInt)) &&
                       ReceiveAll(pipe, raw->region, (size_t)size[0] * sizeof(PetscInt)) &&
                       ReceiveAll(pipe, raw->coords, 3 * (size_t)size[1] * sizeof(PetscReal)));
  if (!*whole) PetscCall(PetscFree3(raw->cells, raw->region, raw->coords));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Attempt(const LhRve *rve, PetscInt attempt, LhRawMesh *raw,
                              LhMeshProblems *problems) {
  int ends[2];
  PetscBool whole;

  PetscFunctionBeginUser;
  PetscCheck(!pipe(ends), PETSC_COMM_SELF, PETSC_ERR_SYS, "no pipe to a process for Gmsh");
  const pid_t child = fork();
  PetscCheck(child >= 0, PETSC_COMM_SELF, PETSC_ERR_SYS, "no process for Gmsh");
  if (!child) {
    close(ends[0]);
    WorkApart(rve, attempt, ends[1]);
  }
  close(ends[1]);
  PetscCall(Receive(ends[0], raw, problems, &whole));
  close(ends[0]);
  (void)waitpid(child, NULL, 0);
  if (whole) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMemzero(problems, sizeof(*problems)));
  LhMeshProblemAdd(problems, 0,
                   "Gmsh broke down on this volume, or took more than %d s. Another seed, fewer "
                   "islands or voxels may do",
                   PATIENCE);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRveGmshTets(const LhRve *rve, LhRawMesh *raw, LhMeshProblems *problems) {
  LhMeshProblems *tried;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&tried));
  for (PetscInt k = 0; k < ATTEMPTS && (!k || tried->n); k++)
    PetscCall(Attempt(rve, k, raw, tried));
  *problems = *tried;
  PetscCall(PetscFree(tried));
  PetscFunctionReturn(PETSC_SUCCESS);
}
#endif
