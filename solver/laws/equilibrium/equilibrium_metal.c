/// @file
/// Lithium metal: U = 0 versus Li/Li+ by definition, whatever is left of it.
#include "laws/equilibrium_law.h"

static void Evaluate(PETSC_UNUSED const void *params, PETSC_UNUSED const double y[LH_BATCH],
                     PETSC_UNUSED double temperature, double U[LH_BATCH], double dU[LH_BATCH]) {
  LH_LANES(l) {
    U[l] = 0;
    dU[l] = 0;
  }
}

const LhEquilibriumLaw lh_equilibrium_metal = {
    .name = "metal",
    .brief = "lithium metal, U = 0",
    .params = NULL,
    .num_params = 0,
    .params_size = 0,
    .evaluate = Evaluate,
};
