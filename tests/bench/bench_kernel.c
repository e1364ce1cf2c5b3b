/// @file
/// Cells a second of the element kernel, residual and tangent of hex8 with plasticity, on data that stays in cache. Built
/// twice: as the solver is, and with LH_BATCH = 1 and no vectorisation from the same sources. Sums of the tangent in double and
/// in single precision. Prints one JSON line.
#include <petsctime.h>
#include <stdio.h>
#include <string.h>

#include "physics/mechanics_kernel.h"

enum { batches = 200, repeats = 200, max_state = 16 };

/// From the tangents at the points to the element matrix of a small-strain law: 8 nodes x 8 points x (3 + 18 x 5) for
/// stresses, 36 pairs of nodes x 8 points x 27 multiply-adds. A lower bound of what is done: kinematics, law and force come
/// on top.
#define TANGENT_FLOPS (8. * 8. * (3. + 18. * 5.) + 36. * 8. * 27. * 2.)

static void FillCells(LhMechWork *w) {
  static const double corner[8][3] = {
      {0, 0, 0},
      {1, 0, 0},
      {1, 1, 0},
      {0, 1, 0},
      {0, 0, 1},
      {1, 0, 1},
      {1, 1, 1},
      {0, 1, 1}
  };

  for (int d = 0; d < 24; d++) {
    for (int l = 0; l < LH_BATCH; l++) {
      w->x[d][l] = corner[d / 3][d % 3] + .05 * ((d * 7 + l * 3) % 11) / 11.;
      w->u[d][l] = .02 * ((d * 5 + l) % 13) / 13.;
    }
  }
}

static PetscErrorCode Measure(const char name[], PetscBool mean_dilatation, LhMechTask task,
                              double *rate) {
  const double params[4] = {1e4, .3, 100., 500.};  // E, nu, Y, H: both laws begin with them
  static double old[8 * max_state][LH_BATCH], now[8 * max_state][LH_BATCH];
  LhMechPhase phase = {.params = (void *)params, .weight = LH_WEIGHT_ONE};
  LhMechBatch batch = {.element = LhElementGet(LH_ELEMENT_HEX8),
                       .num_phases = 1,
                       .phases = &phase,
                       .old = (const double(*)[LH_BATCH])old,
                       .now = now};
  LhMechWork *w;

  PetscFunctionBeginUser;
  PetscCall(LhMechLawFind(name, &phase.law));
  batch.mean_dilatation = mean_dilatation;
  batch.num_state = phase.law->num_state;
  for (int l = 0; l < LH_BATCH; l++) {
    batch.growth[l] = batch.lithium[l] = 1.;
    batch.temperature[l] = 300.;
  }
  for (int q = 0; q < 8; q++) phase.law->init(params, old + q * batch.num_state);
  PetscCall(LhMechWorkCreate(&w));
  FillCells(w);
  *rate = 0.;
  for (int r = 0; r < repeats; r++) {
    PetscLogDouble start, end;
    PetscCall(PetscTime(&start));
    for (int b = 0; b < batches; b++) LhMechKernelEvaluate(&batch, task, w);
    PetscCall(PetscTime(&end));
    *rate = PetscMax(*rate, (double)batches * LH_BATCH / (end - start));
  }
  PetscCall(LhMechWorkDestroy(&w));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv) {
  double small[2], finite[2];

  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  for (int k = 0; k < 2; k++) {
    const LhMechTask task = k ? LH_MECH_TANGENT_SINGLE : LH_MECH_TANGENT;

    PetscCall(Measure("j2_small_strain", PETSC_FALSE, task, &small[k]));
    PetscCall(Measure("j2_hencky", PETSC_TRUE, task, &finite[k]));
  }
  PetscCall(
      PetscPrintf(PETSC_COMM_WORLD,
                  "{\"lanes\": %d, \"j2_small_strain_cells_s\": %.0f, \"j2_hencky_cells_s\": %.0f, "
                  "\"GFLOP_s\": %.2f, \"single_j2_small_strain_cells_s\": %.0f, "
                  "\"single_j2_hencky_cells_s\": %.0f, \"single_GFLOP_s\": %.2f}\n",
                  LH_BATCH, small[0], finite[0], small[0] * TANGENT_FLOPS / 1e9, small[1],
                  finite[1], small[1] * TANGENT_FLOPS / 1e9));
  return PetscFinalize();
}
