/// @file
/// Makes a representative volume on rank 0: sizes, packing, tubes, mesh. See rve.h.
#include "mesh/rve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/mesh_private.h"
#include "mesh/random.h"
#include "mesh/rve_private.h"
#include "mesh/voxel_mesh.h"

#define LARGEST_DEVIATION 2.5     ///< of a normal number: islands beyond are drawn again
#define MOST_BODIES       200000  ///< more is a mistake in a length
#define MOST_DRAWS        50      // of a set of bodies, until none is too long for the volume

static const char *const kind_names[RVE_KINDS] = {
    [RVE_MATRIX] = "", [RVE_ISLAND] = "lizn", [RVE_PARTICLE] = "li3n"};

void LhRveAddFact(LhMeshFacts *facts, const char name[], const char unit[], PetscReal asked,
                  PetscReal achieved) {
  if (facts->n == LH_FACTS_MAX) return;
  LhMeshFact *fact = &facts->fact[facts->n++];
  (void)snprintf(fact->name, sizeof(fact->name), "%s", name);
  (void)snprintf(fact->unit, sizeof(fact->unit), "%s", unit);
  fact->asked = asked;
  fact->achieved = achieved;
}

PetscReal LhRveVolume(const LhRveSpec *spec) {
  return spec->size[0] * spec->size[1] * spec->size[2];
}

// ---- bodies -------------------------------------------------------------------------------------

/// A random rotation: uniform quaternion (Shoemake 1992).
static void RandomAxes(uint64_t *random, PetscReal axis[3][3]) {
  const PetscReal u = LhRandomUniform(random), a = 2. * PETSC_PI * LhRandomUniform(random),
                  b = 2. * PETSC_PI * LhRandomUniform(random);
  const PetscReal x = sqrt(1. - u) * sin(a), y = sqrt(1. - u) * cos(a), z = sqrt(u) * sin(b),
                  w = sqrt(u) * cos(b);
  const PetscReal R[3][3] = {
      {1. - 2. * (y * y + z * z), 2. * (x * y + w * z),      2. * (x * z - w * y)     },
      {2. * (x * y - w * z),      1. - 2. * (x * x + z * z), 2. * (y * z + w * x)     },
      {2. * (x * z + w * y),      2. * (y * z - w * x),      1. - 2. * (x * x + y * y)}
  };
  for (PetscInt i = 0; i < 9; i++) axis[i / 3][i % 3] = R[i / 3][i % 3];
}

/// A body of a random diameter, not yet placed. The product of the semi-axes is that of the sphere.
static void DrawBody(const LhRveBodies *asked, PetscInt kind, uint64_t *random, LhBody *body) {
  PetscReal normal = LARGEST_DEVIATION + 1.;
  while (PetscAbsReal(normal) > LARGEST_DEVIATION) normal = LhRandomNormal(random);
  const PetscReal r = 0.5 * asked->diameter * exp(asked->deviation * normal),
                  stretch = sqrt(asked->aspect);
  *body = (LhBody){
      .kind = kind, .semi = {r * stretch, r, r / stretch}
  };
  RandomAxes(random, body->axis);
}

/// Draws bodies until their volume is nearest to the asked one, then scales all to hit it.
static PetscErrorCode DrawOnce(LhRve *rve, const LhRveBodies *asked, PetscInt kind,
                               LhMeshProblems *problems) {
  LhPacking *packing = &rve->packing;
  const PetscReal wanted = asked->fraction * LhRveVolume(rve->spec);
  const PetscInt first = packing->num;
  PetscReal volume = 0.;

  PetscFunctionBeginUser;
  if (!(wanted > 0.)) PetscFunctionReturn(PETSC_SUCCESS);
  while (packing->num - first < MOST_BODIES) {
    LhBody body;
    DrawBody(asked, kind, &rve->random, &body);
    if (volume + 0.5 * LhBodyVolume(&body) > wanted) break;
    PetscCall(PetscRealloc((size_t)(packing->num + 1) * sizeof(LhBody), &packing->body));
    packing->body[packing->num++] = body;
    volume += LhBodyVolume(&body);
  }
  if (packing->num == first || packing->num - first == MOST_BODIES) {
    LhMeshProblemAdd(problems, 0,
                     "%.3g vol%% %s of %.3g um median diameter is %s in this volume; take %s",
                     asked->fraction * 100., kind_names[kind], asked->diameter * 1e6,
                     volume > 0. ? "more than 200000 bodies" : "less than half a body",
                     volume > 0. ? "a smaller one" : "a larger one or a smaller diameter");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt b = first; b < packing->num; b++) {
    for (PetscInt k = 0; k < 3; k++) packing->body[b].semi[k] *= PetscCbrtReal(wanted / volume);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Whether bodies from `first` on are shorter than half the volume with their gap, as packing demands.
static PetscBool AllFit(const LhRve *rve, PetscInt first) {
  const LhRveSpec *spec = rve->spec;
  const PetscReal shortest = PetscMin(spec->size[0], PetscMin(spec->size[1], spec->size[2]));

  for (PetscInt b = first; b < rve->packing.num; b++)
    if (2. * LhBodyRadius(&rve->packing.body[b]) + spec->gap > 0.5 * shortest) return PETSC_FALSE;
  return PETSC_TRUE;
}

/// Small volumes hold few bodies, and now and then one is too long for them: then all are drawn again, so that a series of
/// random volumes has no holes. Sizes that never fit are left for the packing to refuse.
static PetscErrorCode DrawBodies(LhRve *rve, const LhRveBodies *asked, PetscInt kind,
                                 LhMeshProblems *problems) {
  const PetscInt first = rve->packing.num, before = problems->n;

  PetscFunctionBeginUser;
  for (PetscInt draw = 0; draw < MOST_DRAWS; draw++) {
    rve->packing.num = first;
    PetscCall(DrawOnce(rve, asked, kind, problems));
    if (problems->n > before || AllFit(rve, first)) break;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int CompareReals(const void *left, const void *right) {
  const PetscReal a = *(const PetscReal *)left, b = *(const PetscReal *)right;
  return a < b ? -1 : a > b;
}

static PetscErrorCode AddBodyFacts(const LhRve *rve, const LhRveBodies *asked, PetscInt kind) {
  const LhPacking *packing = &rve->packing;
  PetscReal *diameter, volume = 0.;
  PetscInt n = 0;
  char name[64];

  PetscFunctionBeginUser;
  if (!(asked->fraction > 0.)) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(packing->num, &diameter));
  for (PetscInt b = 0; b < packing->num; b++) {
    if (packing->body[b].kind != kind) continue;
    volume += LhBodyVolume(&packing->body[b]);
    diameter[n++] = PetscCbrtReal(6. / PETSC_PI * LhBodyVolume(&packing->body[b]));
  }
  qsort(diameter, (size_t)n, sizeof(*diameter), CompareReals);
  (void)snprintf(name, sizeof(name), "%s.bodies", kind_names[kind]);
  LhRveAddFact(rve->facts, name, "1", NAN, (PetscReal)n);
  (void)snprintf(name, sizeof(name), "%s.fraction", kind_names[kind]);
  LhRveAddFact(rve->facts, name, "1", asked->fraction, volume / LhRveVolume(rve->spec));
  (void)snprintf(name, sizeof(name), "%s.median_diameter", kind_names[kind]);
  LhRveAddFact(rve->facts, name, "m", asked->diameter,
               0.5 * (diameter[(n - 1) / 2] + diameter[n / 2]));
  PetscCall(PetscFree(diameter));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// ---- voxels -------------------------------------------------------------------------------------

/// Labels the voxels whose centre lies in the body; looks at the body's box only.
static void PaintBody(const LhRveSpec *spec, const LhBody *body, unsigned char label[]) {
  const PetscReal reach = LhBodyRadius(body);
  PetscInt from[3], count[3];

  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal step = spec->size[d] / (PetscReal)spec->cells[d];
    from[d] = (PetscInt)PetscFloorReal((body->centre[d] - reach) / step - 0.5);
    const PetscInt to = (PetscInt)PetscCeilReal((body->centre[d] + reach) / step);
    count[d] = PetscMin(to - from[d] + 1, spec->cells[d]);
  }
  for (PetscInt i = 0; i < count[0] * count[1] * count[2]; i++) {
    const PetscInt at[3] = {from[0] + i % count[0], from[1] + i / count[0] % count[1],
                            from[2] + i / (count[0] * count[1])};
    PetscReal x[3];
    PetscInt in[3];
    for (PetscInt d = 0; d < 3; d++) {
      in[d] = (at[d] % spec->cells[d] + spec->cells[d]) % spec->cells[d];
      x[d] = ((PetscReal)in[d] + 0.5) * spec->size[d] / (PetscReal)spec->cells[d];
    }
    if (!LhBodyContains(body, spec->size, x)) continue;
    label[in[0] + (size_t)spec->cells[0] * (in[1] + (size_t)spec->cells[1] * in[2])] =
        (unsigned char)body->kind;
  }
}

static PetscErrorCode MeshVoxels(const LhRve *rve, LhRawMesh *raw, LhMeshProblems *problems) {
  const LhRveSpec *spec = rve->spec;
  const size_t n = (size_t)spec->cells[0] * (size_t)spec->cells[1] * (size_t)spec->cells[2];
  const char *names[RVE_KINDS] = {spec->matrix, kind_names[RVE_ISLAND], kind_names[RVE_PARTICLE]};
  unsigned char *label;

  PetscFunctionBeginUser;
  if ((double)n * 8. > (double)PETSC_MAX_INT) {
    LhMeshProblemAdd(problems, 0, "%zu voxels are more than integers of this build can number", n);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscCalloc1(n, &label));
  for (PetscInt b = 0; b < rve->packing.num; b++) PaintBody(spec, &rve->packing.body[b], label);
  LhVoxels voxels = {
      .label = label, .num_regions = RVE_KINDS, .regions = names, .periodic = spec->periodic};
  for (PetscInt d = 0; d < 3; d++) {
    voxels.size[d] = spec->cells[d];
    voxels.spacing[d] = spec->size[d] / (PetscReal)spec->cells[d];
  }
  PetscCall(LhRawMeshFillVoxels(&voxels, raw, problems));
  PetscCall(PetscFree(label));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// ---- the volume ---------------------------------------------------------------------------------

/// Share of each region in the mesh, beside what the phase should take.
static void AddMeshFacts(const LhRve *rve, const LhRawMesh *raw) {
  const LhRveSpec *spec = rve->spec;
  const PetscReal asked[RVE_KINDS] = {
      1. - PetscMax(spec->islands.fraction, 0.) - PetscMax(spec->particles.fraction, 0.),
      spec->islands.fraction, spec->particles.fraction};
  const PetscInt width = LhCellShapeGet(raw->cell_type)->vertices;
  PetscReal volume[LH_MESH_REGIONS_MAX] = {0.};

  for (PetscInt c = 0; c < raw->num_cells; c++) {
    PetscReal x[8][3];
    for (PetscInt k = 0; k < width; k++) {
      const PetscInt v = raw->cells[(size_t)c * width + k];
      for (PetscInt d = 0; d < 3; d++) x[k][d] = raw->coords[3 * (size_t)v + d];
    }
    volume[raw->region[c]] += LhCellVolume(raw->cell_type, (const PetscReal(*)[3])x);
  }
  for (PetscInt r = 0; r < raw->names.num_regions; r++) {
    const char *region = raw->names.regions[r];
    const PetscInt kind = !strcmp(region, kind_names[RVE_ISLAND])     ? RVE_ISLAND
                          : !strcmp(region, kind_names[RVE_PARTICLE]) ? RVE_PARTICLE
                                                                      : RVE_MATRIX;
    char name[64];
    (void)snprintf(name, sizeof(name), "mesh.%.40s_fraction", region);
    LhRveAddFact(rve->facts, name, "1", asked[kind], volume[r] / LhRveVolume(spec));
  }
}

static PetscErrorCode Generate(LhRve *rve, LhRawMesh *raw, LhMeshProblems *problems) {
  const LhRveSpec *spec = rve->spec;

  PetscFunctionBeginUser;
  PetscCall(DrawBodies(rve, &spec->islands, RVE_ISLAND, problems));
  PetscCall(DrawBodies(rve, &spec->particles, RVE_PARTICLE, problems));
  if (!problems->n) PetscCall(LhBodiesPack(&rve->packing, problems));
  if (problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhBodiesAvoidSides(&rve->packing));
  PetscCall(AddBodyFacts(rve, &spec->islands, RVE_ISLAND));
  PetscCall(AddBodyFacts(rve, &spec->particles, RVE_PARTICLE));
  rve->random =
      LhRandomSeed(spec->seed) ^ 0x5851f42d4c957f2dULL;  // the tubes do not depend on the islands
  PetscCall(LhRveMakeTubes(rve, problems));
  if (problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  if (spec->cell_type == LH_CELL_HEX8)
    PetscCall(MeshVoxels(rve, raw, problems));
  else
    PetscCall(LhRveMeshTets(rve, raw, problems));
  if (!problems->n) AddMeshFacts(rve, raw);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshBuildRve(const void *rve_spec, LhRawMesh *raw, LhMeshProblems *problems) {
  const LhRveSpec *spec = rve_spec;
  LhRve rve = {.spec = spec, .random = LhRandomSeed(spec->seed), .facts = &raw->facts};

  PetscFunctionBeginUser;
  rve.packing.gap = spec->gap;
  rve.packing.random = &rve.random;
  PetscCall(PetscArraycpy(rve.packing.size, spec->size, 3));
  PetscCall(Generate(&rve, raw, problems));
  raw->fibres = rve.fibres;
  PetscCall(PetscFree(rve.packing.body));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshCreateRve(MPI_Comm comm, const LhRveSpec *spec, LhDiag diag, LhMesh *mesh) {
  PetscFunctionBeginUser;
  PetscCall(LhMeshBuild(comm, LhRawMeshBuildRve, spec, &(LhMeshReport){.diag = diag}, mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshGetFacts(LhMesh mesh, const LhMeshFacts **facts) {
  PetscFunctionBeginUser;
  *facts = &mesh->header.facts;
  PetscFunctionReturn(PETSC_SUCCESS);
}
