/// @file
/// Boxes of one material for mechanics tests: mesh, law parameters by name, loads by surface name, solver.
#pragma once

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solve/mechanics_solver.h"
#include "support/verified.h"
#include "unit/mechanics/neo_hookean.h"

typedef struct {
  LhMesh mesh;
  LhMaterialData material;
  const LhMaterialData *materials[1];
  LhMechanicsSolverSpec spec;
  LhMechanics mech;
  LhMechanicsSolver solver;
} Fixture;

typedef struct {
  const char *name;
  double value;
} Value;

/// Index of a preset of the mechanics solver, -1 when there is none of that name.
static inline PetscInt FixturePreset(const char name[]) {
  const char *const *presets = LhMechanicsSolverPresets();

  for (PetscInt k = 0; presets[k]; k++) {
    if (!strcmp(presets[k], name)) return k;
  }
  return -1;
}

/// Box 0..w x 0..d x 0..h of region "foil"; direct solves to 1e-10 unless the test changes f->spec.
static inline PetscErrorCode FixtureBox(Fixture *f, MPI_Comm comm, LhCellType type,
                                        const PetscInt n[3], const double size[3], double distort) {
  LhBoxSpec box = {
      .width = size[0],
      .depth = size[1],
      .cells_x = n[0],
      .cells_y = n[1],
      .num_layers = 1,
      .layers = {{.region = "foil", .thickness = size[2], .cells = n[2], .grading = 1.}},
      .distort = distort,
      .seed = 3,
      .cell_type = type};

  PetscFunctionBeginUser;
  memset(f, 0, sizeof(*f));
  f->materials[0] = &f->material;
  PetscCall(LhMeshCreateBox(comm, &box, &f->mesh));
  PetscCall(LhMechanicsSolverDefaults(&f->spec));
  f->spec.preconditioner = FixturePreset("direct");
  f->spec.linear_tolerance = 1e-10;
  f->spec.newton_tolerance = 1e-10;
  f->spec.stress_floor = 0.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Adds a phase; `values` end with a NULL name. Parameters without a value take the table's default.
static inline PetscErrorCode FixturePhase(Fixture *f, const char law[], LhMechWeight weight,
                                          const Value values[]) {
  LhMechPhase *phase = &f->material.mech[f->material.num_mech++];

  PetscFunctionBeginUser;
  PetscCall(LhMechLawFind(law, &phase->law));
  PetscCheck(phase->law, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "No law %s", law);
  PetscCall(PetscCalloc1(phase->law->params_size, (char **)&phase->params));
  phase->weight = weight;
  for (PetscInt k = 0; k < phase->law->num_params; k++) {
    const LhParam *row = &phase->law->params[k];
    const Value *given = values;
    double value;

    while (given->name && strcmp(given->name, row->name)) given++;
    PetscCheck(given->name || row->fallback, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "%s needs %s",
               law, row->name);
    value = given->name ? given->value : strtod(row->fallback, NULL);
    if (row->kind == LH_PARAM_REAL)
      *(PetscReal *)((char *)phase->params + row->offset) = value;
    else
      *(PetscInt *)((char *)phase->params + row->offset) = (PetscInt)value;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline PetscErrorCode FixtureNeoHookean(Fixture *f, double mu, double lambda) {
  LhMechPhase *phase = &f->material.mech[f->material.num_mech++];
  NeoHookean *params;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(1, &params));
  params->mu = mu, params->lambda = lambda;
  *phase = (LhMechPhase){.law = &neo_hookean, .params = params, .weight = LH_WEIGHT_ONE};
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline PetscErrorCode FixtureProblem(Fixture *f, LhMechDilatation dilatation) {
  PetscInt region = 0;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsCreate(f->mesh, 1, &region, f->materials, dilatation, &f->mech));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline PetscInt FixtureSurface(Fixture *f, const char name[]) {
  PetscInt surface;
  PetscCallAbort(PETSC_COMM_SELF, LhMeshFindSurface(f->mesh, name, &surface));
  assert_true(surface >= 0);
  return surface;
}

/// Load on a named surface, with its value at the end of the first step.
static inline PetscInt FixtureLoad(Fixture *f, LhMechLoadKind kind, const char surface[],
                                   PetscInt component, double value) {
  LhMechLoad load = {.kind = kind, .component = component, .stiffness = 1e16};
  PetscInt index;

  load.surface = FixtureSurface(f, surface);
  PetscCallAbort(PETSC_COMM_SELF, LhMechanicsAddLoad(f->mech, &load, &index));
  PetscCallAbort(PETSC_COMM_SELF, LhMechanicsSetLoad(f->mech, index, value));
  return index;
}

/// Displacement value * shape(X) on all six faces; `index[3]` are returned for component c of all faces.
static inline void FixtureAllFaces(Fixture *f, void (*shape)(const double *, void *, double *),
                                   void *context, double value) {
  static const char *const faces[6] = {"left", "right", "front", "back", "bottom", "top"};

  for (int k = 0; k < 18; k++) {
    LhMechLoad load = {
        .kind = LH_MECH_DISPLACEMENT, .component = k % 3, .shape = shape, .context = context};
    PetscInt index;

    load.surface = FixtureSurface(f, faces[k / 3]);
    PetscCallAbort(PETSC_COMM_SELF, LhMechanicsAddLoad(f->mech, &load, &index));
    PetscCallAbort(PETSC_COMM_SELF, LhMechanicsSetLoad(f->mech, index, value));
  }
}

/// Rollers on left, front and bottom: symmetry planes that only stop rigid motion.
static inline void FixtureRollers(Fixture *f) {
  FixtureLoad(f, LH_MECH_DISPLACEMENT, "left", 0, 0.);
  FixtureLoad(f, LH_MECH_DISPLACEMENT, "front", 1, 0.);
  FixtureLoad(f, LH_MECH_DISPLACEMENT, "bottom", 2, 0.);
}

static inline PetscErrorCode FixtureSolver(Fixture *f) {
  PetscFunctionBeginUser;
  PetscCall(LhMechanicsSolverCreate(f->mech, &f->spec, &f->solver));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One accepted step; the cell fields are those of its end.
static inline PetscErrorCode FixtureStep(Fixture *f, double dt) {
  LhMechReason reason;
  const char *text;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsSolverSolve(f->solver, dt, &reason));
  PetscCall(LhMechanicsSolverGetText(f->solver, &text));
  PetscCheck(reason == LH_MECH_SOLVED, PETSC_COMM_SELF, PETSC_ERR_NOT_CONVERGED, "%s", text);
  PetscCall(LhMechanicsUpdateFields(f->mech));
  PetscCall(LhMechanicsAccept(f->mech));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline PetscErrorCode FixtureDestroy(Fixture *f) {
  PetscFunctionBeginUser;
  PetscCall(LhMechanicsSolverDestroy(&f->solver));
  PetscCall(LhMechanicsDestroy(&f->mech));
  for (PetscInt k = 0; k < f->material.num_mech; k++)
    PetscCall(PetscFree(f->material.mech[k].params));
  PetscCall(LhMeshDestroy(&f->mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Every cell's value of a field agrees with `expected` to `tolerance` (absolute).
static inline void CheckCells(Fixture *f, const double values[], int stride, double expected,
                              double tolerance) {
  const LhMeshView *view;
  PetscCallAbort(PETSC_COMM_SELF, LhMeshGetView(f->mesh, &view));
  for (PetscInt c = 0; c < view->num_cells; c++) {
    if (fabs(values[stride * c] - expected) > tolerance)
      print_error("cell %d: %.12g, expected %.12g\n", (int)c, values[stride * c], expected);
    assert_true(fabs(values[stride * c] - expected) <= tolerance);
  }
}

#define OK(call) assert_int_equal(call, 0)
