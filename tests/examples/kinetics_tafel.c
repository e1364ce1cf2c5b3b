/// @file
/// Example of a law: two Tafel branches, i_a = i0 exp(a F eta / RT) and i_c = i0 exp(-(1 - a) F eta / RT).
///
/// In the solver it would be solver/laws/kinetics/kinetics_tafel.c. Knows neither concentration nor stress.
#include "laws/exponential.h"
#include "laws/kinetics_law.h"

// [table]
typedef struct {
  PetscReal exchange_current_density, transfer_coefficient;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, exchange_current_density, "A m-2", 1e-12, 1e8, NULL,
                "exchange current density i0"),
    LH_ROW_REAL(Params, transfer_coefficient, "1", 0.01, 0.99, "0.5",
                "share a of the overpotential that drives the anodic branch"),
};
// [evaluate]
static void Evaluate(const void *params, const LhKineticsInput *in, LhKineticsOutput *out) {
  const Params *p = params;
  const double f = LH_FARADAY / (LH_GAS_CONSTANT * in->temperature);
  const double f_a = p->transfer_coefficient * f, f_c = f_a - f;
  const double i0 = p->exchange_current_density;

  LH_LANES(l) {
    double slope_a, slope_c;

    out->anodic[l] = i0 * LhExpGuarded(f_a * in->eta[l], &slope_a);
    out->danodic_deta[l] = i0 * f_a * slope_a;
    out->danodic_dlnc[l] = 0;
    out->cathodic[l] = i0 * LhExpGuarded(f_c * in->eta[l], &slope_c);
    out->dcathodic_deta[l] = i0 * f_c * slope_c;
    out->dcathodic_dlnc[l] = 0;
  }
}

static double Exchange(const void *params, PETSC_UNUSED double lnc,
                       PETSC_UNUSED double temperature) {
  const Params *p = params;

  return p->exchange_current_density;
}
// [law]
extern const LhKineticsLaw lh_kinetics_tafel;
const LhKineticsLaw lh_kinetics_tafel = {
    .name = "tafel",
    .brief = "two Tafel branches (example)",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .evaluate = Evaluate,
    .exchange = Exchange,
};
