/// @file
/// Linear kinetics, i = i0 F eta / RT, for verification against closed forms.
///
/// The current is split into i_a = i0 (x + sqrt(x^2 + 4)) / 2 and i_c = i_a(-x), x = F eta / RT:
/// both positive and smooth, i_a - i_c = i0 x exactly, i_a i_c = i0^2, both equal i0 at rest.
/// Knows neither concentration nor stress nor temperature dependence of i0.
#include <math.h>

#include "laws/kinetics_law.h"

typedef struct {
  PetscReal exchange_current_density;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, exchange_current_density, "A m-2", 1e-12, 1e8, NULL,
                "exchange current density i0"),
};

static void Evaluate(const void *params, const LhKineticsInput *in, LhKineticsOutput *out) {
  const Params *p = params;
  const double i0 = p->exchange_current_density;
  const double f = LH_FARADAY / (LH_GAS_CONSTANT * in->temperature);

  LH_LANES(l) {
    const double x = f * in->eta[l];
    const double root = sqrt(x * x + 4.);
    const double large = 0.5 * (fabs(x) + root);  // the other root of z^2 - x z - 1 is 1 / large
    const double a = x > 0 ? large : 1. / large;
    const double c = x > 0 ? 1. / large : large;

    out->anodic[l] = i0 * a;
    out->danodic_deta[l] = i0 * f * a / root;  // d i_a / dx = i_a / sqrt(x^2 + 4)
    out->danodic_dlnc[l] = 0;
    out->cathodic[l] = i0 * c;
    out->dcathodic_deta[l] = -i0 * f * c / root;
    out->dcathodic_dlnc[l] = 0;
  }
}

static double Exchange(const void *params, PETSC_UNUSED double lnc,
                       PETSC_UNUSED double temperature) {
  const Params *p = params;

  return p->exchange_current_density;
}

const LhKineticsLaw lh_kinetics_linear = {
    .name = "linear",
    .brief = "linear current-overpotential relation (verification only)",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .evaluate = Evaluate,
    .exchange = Exchange,
};
