/// @file
/// Parameters of the mechanics solver: table, defaults, reading.
#include "solve/mechanics_precondition.h"
#include "solve/mechanics_solver.h"

static const char *const krylov_names[] = {"auto", "cg", "gmres", NULL};
static const char *const search_names[] = {"bt", "l2", "basic", "energy", NULL};

static const LhParam rows[] = {
    LH_ROW_CHOICE(
        LhMechanicsSolverSpec, preconditioner, lh_mech_preset_names, "automatic",
        "automatic: geometric multigrid in single precision where the nodes lie on a lattice, else "
        "amg; amg: algebraic multigrid (amg_flat for flat cells, amg_volume for periodic volumes "
        "that flow; automatic_volume: geometric on a lattice, else that); direct: MUMPS factors "
        "for small meshes"),
    LH_ROW_CHOICE(LhMechanicsSolverSpec, krylov, krylov_names, "auto",
                  "Krylov method; auto: cg while the tangent is symmetric, else gmres"),
    LH_ROW_REAL(LhMechanicsSolverSpec, linear_tolerance, "1", 1e-14, 0.5, "1e-2",
                "relative residual of each linear solve, the loosest one with forcing"),
    LH_ROW_BOOL(LhMechanicsSolverSpec, forcing, "true",
                "tighten linear solves while Newton's method converges"),
    LH_ROW_INT(LhMechanicsSolverSpec, linear_iterations, 1, 100000, "500",
               "most Krylov iterations a linear solve"),
    LH_ROW_REAL(LhMechanicsSolverSpec, newton_tolerance, "1", 1e-14, 0.1, "1e-6",
                "unbalanced force over the forces in balance (in a pull, the largest so far) at "
                "which Newton stops"),
    LH_ROW_REAL(LhMechanicsSolverSpec, stress_floor, "Pa", 0, 1e6, "1e-2 Pa",
                "unbalanced stress that counts as zero"),
    LH_ROW_INT(LhMechanicsSolverSpec, newton_iterations, 1, 1000, "25",
               "most Newton iterations a part of a step"),
    LH_ROW_INT(LhMechanicsSolverSpec, patience, 0, 1000, "0",
               "Newton iterations in which the unbalanced force must halve, else the part is given "
               "up; 0: never"),
    LH_ROW_INT(LhMechanicsSolverSpec, fibre_iterations, 0, 10000, "300",
               "most iterations on the fibres alone in a Newton step, with linear cells (search "
               "`energy`, symmetric tangents); 0: none"),
    LH_ROW_INT(LhMechanicsSolverSpec, halvings, 0, 20, "8", "most times a failing step is halved"),
    LH_ROW_CHOICE(LhMechanicsSolverSpec, line_search, search_names, "bt",
                  "line search of Newton's method: on the residual (bt, l2), none (basic), or on "
                  "the work of the unbalanced forces (energy), for fibres that go slack or slip"),
    LH_ROW_REAL(
        LhMechanicsSolverSpec, setup_cost, "1", 0, 1e6, "5",
        "extra Krylov iterations after which the preconditioner is set up anew; 0: as many "
        "as take as long as the set-up did (runs are then not repeatable to the last digit)"),
    LH_ROW_REAL(LhMechanicsSolverSpec, symmetry_tolerance, "1", 0, 1, "1e-5",
                "relative asymmetry up to which the tangent counts as symmetric"),
    LH_ROW_BOOL(
        LhMechanicsSolverSpec, single_product, "true",
        "with geometric multigrid linear solves use a tangent in single precision (residuals stay "
        "in double); false: the plain path")};

static const LhTable table =
    LH_TABLE("mechanics.solver", "Newton's method for mechanical equilibrium", rows);

const LhTable *LhMechanicsSolverTable(void) {
  return &table;
}

const char *const *LhMechanicsSolverPresets(void) {
  return lh_mech_preset_names;
}

PetscErrorCode LhMechanicsSolverRead(const LhReader *reader, LhNode map, LhNode parent,
                                     const char path[], LhMechanicsSolverSpec *spec) {
  PetscFunctionBeginUser;
  PetscCall(LhParamsRead(reader, &table, map, parent, path, spec));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSolverDefaults(LhMechanicsSolverSpec *spec) {
  LhReader reader = {.diag = NULL, .record = NULL};
  PetscInt errors, warnings;

  PetscFunctionBeginUser;
  PetscCall(LhDiagCreate(&reader.diag));
  PetscCall(LhMechanicsSolverRead(&reader, NULL, NULL, table.name, spec));
  PetscCall(LhDiagGetCounts(reader.diag, &errors, &warnings));
  PetscCheck(errors == 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "A default of %s is not valid",
             table.name);
  PetscCall(LhDiagDestroy(&reader.diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}
