/// @file
/// A small run for the io tests: a mesh of several chunks and fields that are formulas of the position.
///
/// tests/postproc/run_files.py evaluates the same formulas; keep the two together.
#pragma once

#include <math.h>

#include "io/output.h"

typedef struct {
  LhMesh mesh;
  PetscInt num_owned, num_cells;
  PetscReal *potential, *displacement;  ///< [owned vertex], [owned vertex][3]
  PetscReal *content, *stress;          ///< [cell], [cell][6]
} SampleRun;

/// 9261 vertices and 8000 cells: more than one chunk each, not a multiple of it.
static inline PetscErrorCode SampleMeshCreate(LhMesh *mesh) {
  const LhBoxSpec box = {
      .width = 31e-6,
      .depth = 23e-6,
      .cells_x = 20,
      .cells_y = 20,
      .num_layers = 2,
      .layers = {{.region = "foil", .thickness = 50e-6, .cells = 16, .grading = 0.4},
                 {.region = "separator", .thickness = 25e-6, .cells = 4, .grading = 1.3}},
      .distort = 0.12,
      .seed = 7,
      .cell_type = LH_CELL_HEX8
  };
  PetscFunctionBeginUser;
  PetscCall(LhMeshCreateBox(PETSC_COMM_WORLD, &box, mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline PetscErrorCode SampleRunCreate(SampleRun *run) {
  const LhMeshView *view;

  PetscFunctionBeginUser;
  PetscCall(SampleMeshCreate(&run->mesh));
  PetscCall(LhMeshGetView(run->mesh, &view));
  run->num_owned = view->num_owned_vertices;
  run->num_cells = view->num_cells;
  PetscCall(PetscMalloc4(run->num_owned, &run->potential, 3 * run->num_owned, &run->displacement,
                         run->num_cells, &run->content, 6 * run->num_cells, &run->stress));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline PetscErrorCode SampleRunDestroy(SampleRun *run) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree4(run->potential, run->displacement, run->content, run->stress));
  PetscCall(LhMeshDestroy(&run->mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static inline void SampleVertex(const PetscReal x[3], PetscReal t, PetscReal *phi, PetscReal u[3]) {
  *phi = sin(7e4 * x[0]) + 3e4 * x[1] - 2e4 * x[2] + 0.01 * t;
  u[0] = 0.02 * x[0] + 0.001 * x[1];
  u[1] = -0.03 * x[1] + 0.002 * x[2];
  u[2] = -1e-5 * t * x[2];
}

static inline void SampleCell(const PetscReal c[3], PetscReal t, PetscReal *theta, PetscReal s[6]) {
  *theta = 1e4 * c[0] + 2e4 * c[1] + 3e4 * c[2] + 1e-3 * t;
  for (int k = 0; k < 6; k++) s[k] = (k + 1) * 1e9 * c[k % 3] - 100. * k * t;
}

/// Fills the arrays for time `t`.
static inline PetscErrorCode SampleRunEvaluate(SampleRun *run, PetscReal t) {
  const LhMeshView *view;

  PetscFunctionBeginUser;
  PetscCall(LhMeshGetView(run->mesh, &view));
  for (PetscInt i = 0; i < run->num_owned; i++) {
    SampleVertex(&view->coords[3 * i], t, &run->potential[i], &run->displacement[3 * i]);
  }
  for (PetscInt i = 0; i < run->num_cells; i++) {
    PetscReal centre[3] = {0, 0, 0};
    for (PetscInt a = 0; a < 24; a++) {
      centre[a % 3] += view->coords[3 * view->cell_vertices[8 * i + a / 3] + a % 3] / 8;
    }
    SampleCell(centre, t, &run->content[i], &run->stress[6 * i]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Writes the state at time `t`.
static inline PetscErrorCode SampleRunWrite(SampleRun *run, LhOutput output, PetscReal t) {
  PetscFunctionBeginUser;
  PetscCall(SampleRunEvaluate(run, t));
  const LhOutputField fields[] = {
      {"potential_solid", "V",  "electronic potential", LH_AT_VERTICES, 1, run->potential   },
      {"displacement",    "m",  "displacement",         LH_AT_VERTICES, 3, run->displacement},
      {"lithium_content", "1",  "free lithium left",    LH_AT_CELLS,    1, run->content     },
      {"stress",          "Pa", "xx yy zz xy yz xz",    LH_AT_CELLS,    6, run->stress      },
  };
  PetscCall(LhOutputFields(output, t, t / 1000, 4, fields));
  PetscFunctionReturn(PETSC_SUCCESS);
}
