/// @file
/// Runs a mechanical bench on a mesh file and prints one JSON line: B1 (small-strain plasticity, symmetry planes, pull)
/// or B3 (neo-Hookean block between clamped grips). Owns nothing but the case; all work is lihost's.
///
/// -mesh FILE -case b1|b3 [-steps n] [-newton_tolerance x] [-preconditioner i] and PETSc options.
#include <petsctime.h>
#include <string.h>
#include <sys/resource.h>

#include "fields/single_matrix.h"
#include "solve/mechanics_solver.h"

typedef struct {
  const char *name, *law;
  struct {
    const char *name;
    double value;
  } params[4];
  double pull;        ///< of the top along z over all steps
  PetscBool clamped;  ///< grips hold all components; else symmetry planes
} Bench;

static const Bench benches[] = {
    {"b1",
     "j2_small_strain",   {{"youngs_modulus", 1e4},
      {"poisson_ratio", .3},
      {"yield_stress", 100.},
      {"hardening_modulus", 500.}},
     .02,                                                                    PETSC_FALSE},
    {"b3", "neo_hookean", {{"shear_modulus", 1.}, {"bulk_modulus", 5.}}, .5, PETSC_TRUE }
};

static PetscErrorCode FillMaterial(const Bench *bench, LhMaterialData *material) {
  LhMechPhase *phase = &material->mech[0];

  PetscFunctionBeginUser;
  material->num_mech = 1;
  phase->weight = LH_WEIGHT_ONE;
  PetscCall(LhMechLawFind(bench->law, &phase->law));
  PetscCall(PetscCalloc1(phase->law->params_size, (char **)&phase->params));
  for (PetscInt k = 0; k < phase->law->num_params; k++) {
    for (int j = 0; j < 4 && bench->params[j].name; j++) {
      if (!strcmp(bench->params[j].name, phase->law->params[k].name))
        *(double *)((char *)phase->params + phase->law->params[k].offset) = bench->params[j].value;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddSupport(LhMesh mesh, LhMechanics mech, const char surface[],
                                 PetscInt component, PetscInt *index) {
  LhMechLoad load = {.kind = LH_MECH_DISPLACEMENT, .component = component};

  PetscFunctionBeginUser;
  PetscCall(LhMeshFindSurface(mesh, surface, &load.surface));
  PetscCheck(load.surface >= 0, PETSC_COMM_WORLD, PETSC_ERR_ARG_WRONG, "No surface %s", surface);
  PetscCall(LhMechanicsAddLoad(mech, &load, index));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// `pull` is the load that moves the top.
static PetscErrorCode AddSupports(const Bench *bench, LhMesh mesh, LhMechanics mech,
                                  PetscInt *pull) {
  PetscFunctionBeginUser;
  PetscCall(AddSupport(mesh, mech, "bottom", 2, NULL));
  PetscCall(AddSupport(mesh, mech, bench->clamped ? "bottom" : "left", 0, NULL));
  PetscCall(AddSupport(mesh, mech, bench->clamped ? "bottom" : "front", 1, NULL));
  for (PetscInt c = 0; bench->clamped && c < 2; c++)
    PetscCall(AddSupport(mesh, mech, "top", c, NULL));
  PetscCall(AddSupport(mesh, mech, "top", 2, pull));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Pull(const Bench *bench, LhMesh mesh, LhMechanics mech,
                           LhMechanicsSolver solver, PetscInt pull, double *force) {
  PetscInt steps = 10, top;
  PetscBool verbose = PETSC_FALSE;

  PetscFunctionBeginUser;
  PetscCall(PetscOptionsGetInt(NULL, NULL, "-steps", &steps, NULL));
  PetscCall(PetscOptionsGetBool(NULL, NULL, "-verbose", &verbose, NULL));
  PetscCall(LhMeshFindSurface(mesh, "top", &top));
  for (PetscInt k = 1; k <= steps; k++) {
    LhMechReason reason;
    LhMechanicsSolverStats stats;
    const char *text;
    double reaction[3];

    PetscCall(LhMechanicsSetLoad(mech, pull, bench->pull * (double)k / (double)steps));
    PetscCall(LhMechanicsSolverSolve(solver, 1., &reason));
    PetscCall(LhMechanicsSolverGetText(solver, &text));
    PetscCheck(reason == LH_MECH_SOLVED, PETSC_COMM_WORLD, PETSC_ERR_NOT_CONVERGED, "%s", text);
    PetscCall(LhMechanicsAccept(mech));
    PetscCall(LhMechanicsGetReaction(mech, top, reaction));
    PetscCall(LhMechanicsSolverGetStats(solver, &stats));
    *force = reaction[2];
    if (verbose)
      PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                            "step %d force %.9g newton %d krylov %d setups %d halvings %d\n",
                            (int)k, reaction[2], (int)stats.newton, (int)stats.krylov,
                            (int)stats.setups, (int)(stats.parts - stats.solves)));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Bytes the linear solves read from matrices, multigrid in single precision with the single product taken for granted:
/// an entry block of the finest level is 36 bytes and a column; a cycle has four products, coarse levels are a
/// seventh; CG has one product more.
static PetscErrorCode GetTraffic(LhMechanics mech, PetscInt iterations, double *bytes) {
  LhSingleRows *single;
  Mat op, assembled;
  double blocks;
  MatInfo info;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetMatrices(mech, &op, &assembled));
  PetscCall(LhSingleMatrixGetRows(assembled, &single));
  if (single) {
    blocks = single->start[single->num_owned];
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &blocks, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  } else {
    PetscCall(MatGetInfo(assembled, MAT_GLOBAL_SUM, &info));
    blocks = info.nz_used / 9.;
  }
  *bytes = (double)iterations * blocks * (36. + 4.) * (4. * 8. / 7. + 1.);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Report(const Bench *bench, LhMechanics mech, LhMechanicsSolver solver,
                             double force, double total, double setup) {
  LhMechanicsSolverStats s;
  LhSpace space;
  const LhSpaceView *view;
  struct rusage usage;
  double memory, traffic = 0.;
  PetscMPIInt size;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCall(LhMechanicsGetSpace(mech, &space));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhMechanicsSolverGetStats(solver, &s));
  PetscCall(GetTraffic(mech, s.krylov, &traffic));
  getrusage(RUSAGE_SELF, &usage);
  memory = (double)usage.ru_maxrss / 1024.;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &memory, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD));
  PetscCall(PetscPrintf(
      PETSC_COMM_WORLD,
      "{\"tool\": \"lihost\", \"case\": \"%s\", \"ranks\": %d, \"unknowns\": %d, \"answer\": %.9g, "
      "\"seconds\": %.3f, \"memory_MB\": %.0f, \"newton\": %d, \"krylov\": %d, \"setups\": %d, "
      "\"krylov_GB\": %.1f, \"phases\": {\"mesh_and_setup\": %.3f, \"elements\": %.3f, "
      "\"preconditioner\": %.3f, "
      "\"krylov\": %.3f}}\n",
      bench->name, (int)size, (int)(3 * view->num_global), force, total, memory,
      (int)(s.newton + s.solves), (int)s.krylov, (int)s.setups, traffic / 1e9, setup,
      s.assembly_seconds, s.setup_seconds, s.linear_seconds));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Peers stop at 1e-8 of the first residual of a step; that is 1e-9 of the forces in balance here.
static PetscErrorCode FillSpec(LhMechanicsSolverSpec *spec) {
  PetscFunctionBeginUser;
  PetscCall(LhMechanicsSolverDefaults(spec));
  spec->stress_floor = 0.;
  spec->newton_tolerance = 1e-9;
  PetscCall(PetscOptionsGetReal(NULL, NULL, "-newton_tolerance", &spec->newton_tolerance, NULL));
  PetscCall(PetscOptionsGetReal(NULL, NULL, "-linear_tolerance", &spec->linear_tolerance, NULL));
  PetscCall(PetscOptionsGetReal(NULL, NULL, "-setup_cost", &spec->setup_cost, NULL));
  PetscCall(PetscOptionsGetBool(NULL, NULL, "-forcing", &spec->forcing, NULL));
  PetscCall(PetscOptionsGetInt(NULL, NULL, "-preconditioner", &spec->preconditioner, NULL));
  PetscCall(PetscOptionsGetBool(NULL, NULL, "-single_product", &spec->single_product, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadMesh(LhMesh *mesh) {
  LhDiag diag;
  PetscInt errors, warnings;
  char path[PETSC_MAX_PATH_LEN] = "";

  PetscFunctionBeginUser;
  PetscCall(PetscOptionsGetString(NULL, NULL, "-mesh", path, sizeof(path), NULL));
  PetscCall(LhDiagCreate(&diag));
  PetscCall(LhMeshCreateFromFile(PETSC_COMM_WORLD, path, diag, mesh));
  PetscCall(LhDiagGetCounts(diag, &errors, &warnings));
  PetscCheck(errors == 0, PETSC_COMM_WORLD, PETSC_ERR_FILE_READ, "Bad mesh '%s'", path);
  PetscCall(LhDiagDestroy(&diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Run(const Bench *bench) {
  LhMaterialData material = {.num_mech = 0};
  const LhMaterialData *materials[1] = {&material};
  LhMechanicsSolverSpec spec;
  LhMechanicsSolver solver;
  LhMechanics mech;
  LhMesh mesh;
  PetscInt pull, region = 0;
  PetscLogDouble start, ready, end;
  double force = 0.;

  PetscFunctionBeginUser;
  PetscCall(PetscTime(&start));
  PetscCall(ReadMesh(&mesh));
  PetscCall(FillMaterial(bench, &material));
  PetscCall(LhMechanicsCreate(mesh, 1, &region, materials, LH_MECH_DILATATION_LOCAL, &mech));
  PetscCall(AddSupports(bench, mesh, mech, &pull));
  PetscCall(FillSpec(&spec));
  PetscCall(LhMechanicsSolverCreate(mech, &spec, &solver));
  PetscCall(PetscTime(&ready));
  PetscCall(Pull(bench, mesh, mech, solver, pull, &force));
  PetscCall(PetscTime(&end));
  PetscCall(Report(bench, mech, solver, force, end - start, ready - start));
  PetscCall(LhMechanicsSolverDestroy(&solver));
  PetscCall(LhMechanicsDestroy(&mech));
  PetscCall(PetscFree(material.mech[0].params));
  PetscCall(LhMeshDestroy(&mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv) {
  char name[8] = "b1";

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(PetscOptionsGetString(NULL, NULL, "-case", name, sizeof(name), NULL));
  for (size_t k = 0; k < sizeof(benches) / sizeof(benches[0]); k++) {
    if (!strcmp(benches[k].name, name)) PetscCall(Run(&benches[k]));
  }
  return PetscFinalize();
}
