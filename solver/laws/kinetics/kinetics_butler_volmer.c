/// @file
/// Butler-Volmer kinetics with the mechanical transfer of Monroe and Newman (physics C.3):
///   i_a = i0 exp[ a F eta / RT] exp[(1 - s) V p / RT]
///   i_c = i0 exp[-(1 - a) F eta / RT] exp[-s V p / RT]
///   i0  = i0_ref (c / 1 mol/L)^g exp[-E_a / R (1/T - 1/T_ref)],  g = 1 - a unless given.
/// A pressure p shifts the equilibrium by -V p / F whatever s is (Monroe, Newman 2005,
/// doi 10.1149/1.1850854).
#include <math.h>

#include "laws/exponential.h"
#include "laws/kinetics_law.h"

#define REFERENCE_LNC 6.907755278982137  // ln(1000 mol/m^3)

typedef struct {
  PetscReal exchange_current_density;
  PetscReal transfer_coefficient;
  PetscReal activation_energy;
  PetscReal concentration_exponent;
  PetscReal stress_transfer;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, exchange_current_density, "A m-2", 1e-12, 1e8, NULL,
                "exchange current density i0 at 1 mol/L of salt and 298.15 K"),
    LH_ROW_REAL(Params, transfer_coefficient, "1", 0.01, 0.99, NULL,
                "anodic transfer coefficient alpha"),
    LH_ROW_REAL(Params, activation_energy, "J mol-1", 0, 5e5, NULL,
                "activation energy E_a of the exchange current density"),
    LH_ROW_REAL(Params, concentration_exponent, "1", -1, 2, "-1",
                "exponent g of the salt concentration in i0; -1 stands for 1 - alpha"),
    LH_ROW_REAL(Params, stress_transfer, "1", 0, 1, NULL,
                "mechanical transfer coefficient s of Monroe and Newman"),
};

static double Exponent(const Params *p) {
  return p->concentration_exponent < 0 ? 1. - p->transfer_coefficient : p->concentration_exponent;
}

static double ArrheniusArgument(const Params *p, double temperature) {
  return -p->activation_energy / LH_GAS_CONSTANT *
         (1. / temperature - 1. / LH_REFERENCE_TEMPERATURE);
}

static void Evaluate(const void *params, const LhKineticsInput *in, LhKineticsOutput *out) {
  const Params *p = params;
  const double RT = LH_GAS_CONSTANT * in->temperature;
  const double f_a = p->transfer_coefficient * LH_FARADAY / RT;
  const double f_c = -(1. - p->transfer_coefficient) * LH_FARADAY / RT;
  const double s_a = (1. - p->stress_transfer) * in->molar_volume / RT;
  const double s_c = -p->stress_transfer * in->molar_volume / RT;
  const double g = Exponent(p);
  const double base = ArrheniusArgument(p, in->temperature) - g * REFERENCE_LNC;
  const double i0 = p->exchange_current_density;

  LH_LANES(l) {
    const double common = base + g * in->lnc[l];
    double slope_a, slope_c;

    out->anodic[l] = i0 * LhExpGuarded(common + f_a * in->eta[l] + s_a * in->pressure[l], &slope_a);
    out->danodic_deta[l] = i0 * f_a * slope_a;
    out->danodic_dlnc[l] = i0 * g * slope_a;
    out->cathodic[l] =
        i0 * LhExpGuarded(common + f_c * in->eta[l] + s_c * in->pressure[l], &slope_c);
    out->dcathodic_deta[l] = i0 * f_c * slope_c;
    out->dcathodic_dlnc[l] = i0 * g * slope_c;
  }
}

static double Exchange(const void *params, double lnc, double temperature) {
  const Params *p = params;

  return p->exchange_current_density *
         exp(ArrheniusArgument(p, temperature) + Exponent(p) * (lnc - REFERENCE_LNC));
}

const LhKineticsLaw lh_kinetics_butler_volmer = {
    .name = "butler_volmer",
    .brief = "Butler-Volmer with Arrhenius exchange current and Monroe-Newman stress transfer",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .evaluate = Evaluate,
    .exchange = Exchange,
};
