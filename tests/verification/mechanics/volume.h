/// @file
/// Representative volumes for tests: periodic boxes of layers, an elastic or J2 phase each, a macroscopic drive.
#pragma once

#include "mesh/voxel_mesh.h"
#include "unit/mechanics/fixture.h"

#define MAX_LAYERS 4

typedef struct {
  LhMesh mesh;
  LhMaterialData material[MAX_LAYERS];
  const LhMaterialData *materials[MAX_LAYERS];
  LhMechanicsSolverSpec spec;
  LhMechanics mech;
  LhMechanicsSolver solver;
  LhMechMacro macro;
} Volume;

/// Unit cube scaled to `size`, layers of equal thickness across z, cut in n cells; multigrid to 1e-12 unless the
/// test changes v->spec.
static inline void VolumeMesh(Volume *v, LhCellType type, const PetscInt n[3], PetscInt layers,
                              double size, double distort) {
  LhBoxSpec box = {
      .width = size,
      .depth = size,
      .cells_x = n[0],
      .cells_y = n[1],
      .num_layers = layers,
      .distort = distort,
      .seed = 3,
      .cell_type = type,
      .periodic = {PETSC_TRUE, PETSC_TRUE, PETSC_TRUE}
  };

  memset(v, 0, sizeof(*v));
  for (PetscInt k = 0; k < layers; k++) {
    box.layers[k] = (LhBoxLayer){
        .thickness = size / (double)layers, .cells = n[2] / layers, .grading = 1., .cost = 1.};
    (void)snprintf(box.layers[k].region, sizeof(box.layers[k].region), "layer%d", (int)k);
    v->materials[k] = &v->material[k];
  }
  OK(LhMeshCreateBox(PETSC_COMM_WORLD, &box, &v->mesh));
  OK(LhMechanicsSolverDefaults(&v->spec));
  v->spec.linear_tolerance = 1e-10;
  v->spec.newton_tolerance = 1e-10;
  v->spec.stress_floor = 1e-5;  // rounding of moduli of GPa
}

/// Row of the region at the middle of a voxel.
typedef int (*VolumeLabel)(const double X[3], const void *context);

typedef struct {
  PetscInt n;
  double size, centre;  ///< edge; size of the voxels in the middle over the mean
  double
      ball;  ///< half the edge of a cube of voxels in the middle that is bent to a sphere; 0 = none
  VolumeLabel label;
  const void *context;
} VoxelSource;

/// Finer towards the middle.
static inline double Graded(const VoxelSource *source, double x) {
  const double t = 2. * x / source->size - 1.;

  return .5 * source->size * (1. + t * (source->centre + (1. - source->centre) * t * t));
}

/// Moves points so that the cube |x| = ball becomes the sphere of that radius; the outer border stays.
static inline void BendToBall(const VoxelSource *source, double X[3]) {
  const double half = .5 * source->size;
  double largest = 0., length = 0., share;

  for (int d = 0; d < 3; d++) {
    largest = fmax(largest, fabs(X[d] - half));
    length += pow(X[d] - half, 2.);
  }
  if (source->ball <= 0. || largest <= 0.) return;
  share =
      largest < source->ball ? largest / source->ball : (half - largest) / (half - source->ball);
  for (int d = 0; d < 3; d++)
    X[d] = half + (X[d] - half) * (1. + share * (largest / sqrt(length) - 1.));
}

static inline PetscErrorCode BuildVoxels(const void *context, LhRawMesh *raw,
                                         LhMeshProblems *problems) {
  static const char *const regions[MAX_LAYERS] = {"matrix", "inclusion", "void", "other"};
  const VoxelSource *source = (const VoxelSource *)context;
  const double h = source->size / (double)source->n;
  LhVoxels voxels = {
      .size = {source->n, source->n, source->n},
      .spacing = {h,         h,         h        },
      .num_regions = MAX_LAYERS,
      .regions = regions,
      .periodic = PETSC_TRUE
  };
  unsigned char *label;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(source->n * source->n * source->n, &label));
  for (PetscInt z = 0, k = 0; z < source->n; z++) {
    for (PetscInt yx = 0; yx < source->n * source->n; yx++, k++) {
      const double X[3] = {h * ((double)(yx % source->n) + .5), h * ((double)(yx / source->n) + .5),
                           h * ((double)z + .5)};
      const double Y[3] = {Graded(source, X[0]), Graded(source, X[1]), Graded(source, X[2])};
      label[k] = (unsigned char)source->label(Y, source->context);
    }
  }
  voxels.label = label;
  PetscCall(LhRawMeshFillVoxels(&voxels, raw, problems));
  for (PetscInt d = 0; d < 3 * raw->num_vertices; d++)
    raw->coords[d] = Graded(source, raw->coords[d]);
  for (PetscInt k = 0; k < raw->num_vertices; k++) BendToBall(source, raw->coords + 3 * k);
  PetscCall(PetscFree(label));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Periodic cube of n^3 voxels of regions "matrix", "inclusion", "void", "other"; VolumePhaseOf() gives phases.
static inline void VolumeVoxels(Volume *v, MPI_Comm comm, const VoxelSource *source) {
  memset(v, 0, sizeof(*v));
  OK(LhMeshBuild(comm, BuildVoxels, source, &(LhMeshReport){0}, &v->mesh));
  OK(LhMechanicsSolverDefaults(&v->spec));
  v->spec.linear_tolerance = 1e-4;
  v->spec.newton_tolerance = 1e-6;
  for (PetscInt r = 0; r < MAX_LAYERS; r++) v->materials[r] = &v->material[r];
}

/// J2 plasticity in layer k; elastic for yield = 0.
static inline void VolumePhase(Volume *v, PetscInt k, double E, double nu, double yield,
                               double hardening) {
  const Value values[] = {
      {"youngs_modulus",    E                           },
      {"poisson_ratio",     nu                          },
      {"yield_stress",      yield > 0. ? yield : 1e3 * E},
      {"hardening_modulus", hardening                   },
      {NULL,                0.                          }
  };
  Fixture f = {.materials = {NULL}};

  OK(FixturePhase(&f, "j2_hencky", LH_WEIGHT_ONE, values));
  v->material[k].mech[v->material[k].num_mech++] = f.material.mech[0];
}

/// The same for the region of a name, if the mesh has it.
static inline void VolumePhaseOf(Volume *v, const char region[], double E, double nu, double yield,
                                 double hardening) {
  PetscInt index;

  OK(LhMeshFindRegion(v->mesh, region, &index));
  if (index >= 0) VolumePhase(v, index, E, nu, yield, hardening);
}

/// Everything driven by strain, at rest.
static inline void VolumeProblem(Volume *v, LhMechDilatation dilatation) {
  const LhMeshView *view;
  PetscInt regions[MAX_LAYERS], n = 0;

  OK(LhMeshGetView(v->mesh, &view));
  for (PetscInt r = 0; r < view->num_regions; r++) {
    if (v->materials[r]->num_mech > 0) regions[n++] = r;
  }
  OK(LhMechanicsCreate(v->mesh, n, regions, v->materials, dilatation, &v->mech));
  for (int m = 0; m < 9; m++) v->macro.value[m] = m % 4 == 0 ? 1. : 0.;
  OK(LhMechanicsSetMacro(v->mech, &v->macro));
}

static inline void VolumeSolver(Volume *v) {
  OK(LhMechanicsSolverCreate(v->mech, &v->spec, &v->solver));
}

/// Fbar_m, or its stress, at the end of the next step.
static inline void VolumeStrain(Volume *v, int m, double value) {
  v->macro.stress_driven[m] = PETSC_FALSE;
  v->macro.value[m] = value;
}

static inline void VolumeStress(Volume *v, int m, double value) {
  v->macro.stress_driven[m] = PETSC_TRUE;
  v->macro.value[m] = value;
}

/// Uniaxial stress along axis a at stretch F_aa: no other stress, no rotation.
static inline void VolumeUniaxial(Volume *v, int a, double stretch) {
  for (int m = 0; m < 9; m++) {
    const int i = m / 3, j = m % 3;

    if (i > j)
      VolumeStrain(v, m, 0.);
    else
      VolumeStress(v, m, 0.);
  }
  VolumeStrain(v, 4 * a, stretch);
}

static inline void VolumeStep(Volume *v, double dt) {
  LhMechReason reason;
  const char *text;

  OK(LhMechanicsSetMacro(v->mech, &v->macro));
  OK(LhMechanicsSolverSolve(v->solver, dt, &reason));
  OK(LhMechanicsSolverGetText(v->solver, &text));
  if (reason != LH_MECH_SOLVED) print_error("%s\n", text);
  assert_int_equal(reason, LH_MECH_SOLVED);
  OK(LhMechanicsUpdateFields(v->mech));
  OK(LhMechanicsAccept(v->mech));
}

static inline void VolumeDestroy(Volume *v) {
  OK(LhMechanicsSolverDestroy(&v->solver));
  OK(LhMechanicsDestroy(&v->mech));
  for (int r = 0; r < MAX_LAYERS; r++) {
    for (PetscInt k = 0; k < v->material[r].num_mech; k++)
      OK(PetscFree(v->material[r].mech[k].params));
  }
  OK(LhMeshDestroy(&v->mesh));
}
