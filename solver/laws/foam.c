/// @file
/// Deshpande-Fleck return map (foam.h) on the shared power-law flow.
#include "laws/foam.h"

#include <math.h>

void LhFoamInit(double (*state)[LH_BATCH]) {
  LhHenckyInit(state);
  LH_LANES(l) state[LH_HENCKY_STATE][l] = 0;
}

void LhFoamReturn(const LhFoam *foam, const LhFoamStrength *strength, const LhTrial *trial,
                  const double (*old)[LH_BATCH], double (*now)[LH_BATCH], LhReturn *out) {
  const double alpha2 = foam->pressure_sensitivity * foam->pressure_sensitivity;
  const double reach = LhLogReach(trial->in->dt, foam->reference_rate);
  LhPowerFlow flow = {.exponent = foam->rate_sensitivity, .dlog_volume = 1};
  double strain[LH_BATCH];

  LH_LANES(l) {
    flow.bulk[l] = LhBulkModulus(strength->modulus[l], foam->poisson_ratio);
    flow.shear[l] = LhShearModulus(strength->modulus[l], foam->poisson_ratio);
    flow.a[l] = 1 / (1 + alpha2 / 9);
    flow.b[l] = alpha2 / (1 + alpha2 / 9);
    flow.log_reach[l] = reach;
    flow.log_resistance[l] = strength->log_strength[l];
    flow.dlog_modulus[l] = strength->dlog_modulus[l];
    flow.dlog_resistance[l] = strength->dlog_strength[l];
    flow.volume[l] = trial->J[l];
  }
  LhPowerFlowReturn(&flow, NULL, trial, out, strain);
  LH_LANES(l) now[0][l] = old[0][l] + strain[l];
}
