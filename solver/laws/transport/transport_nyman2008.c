/// @file
/// Nyman, Behm, Lindbergh 2008 as used in the parameter set Chen 2020: 1 M LiPF6 in EC:EMC 3:7,
/// c in mol/L:
///   kappa = 0.1297 c^3 - 2.51 c^1.5 + 3.329 c,  D = 8.794e-11 c^2 - 3.972e-10 c + 4.862e-10,  t+ = 0.2594.
/// Measured at 298 K: temperature enters by Arrhenius factors when asked for. Above
/// 2 mol/L the concentration levels off (extrapolation.h). The ranges at the end are recalled, not
/// checked.
#include <math.h>

#include "laws/transport/extrapolation.h"
#include "laws/transport_law.h"

#define LN_C_TOP 7.6009024595420822  // ln(2000 mol/m^3)

typedef struct {
  PetscReal thermodynamic_factor;
  PetscReal conductivity_activation_energy;
  PetscReal diffusivity_activation_energy;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, thermodynamic_factor, "1", 0.01, 20, NULL,
                "thermodynamic factor 1 + dln f/dln c (1 in the set Chen 2020)"),
    LH_ROW_REAL(Params, conductivity_activation_energy, "J mol-1", 0, 2e5, "0 J/mol",
                "activation energy of kappa; 0 = independent of temperature"),
    LH_ROW_REAL(Params, diffusivity_activation_energy, "J mol-1", 0, 2e5, "0 J/mol",
                "activation energy of D; 0 = independent of temperature"),
};

static void Evaluate(const void *params, const double lnc[LH_BATCH], double temperature,
                     LhTransport *out) {
  const Params *p = params;
  const double x = (1. / temperature - 1. / LH_REFERENCE_TEMPERATURE) / LH_GAS_CONSTANT;
  const double h_k = exp(-p->conductivity_activation_energy * x);
  const double h_D = exp(-p->diffusivity_activation_energy * x);

  LH_LANES(l) {
    double chain, slope;
    const double c = 1e-3 * LhExpGuarded(LhLevelOff(lnc[l], LN_C_TOP, &chain), &slope);
    const double root = sqrt(c), dc = c * chain;  // dc/d ln c

    out->kappa[l] = h_k * c * (3.329 + root * (-2.51 + 0.1297 * c * root));
    out->dkappa[l] = h_k * (3.329 + root * (-1.5 * 2.51 + 3. * 0.1297 * c * root)) * dc;
    out->D[l] = h_D * (4.862e-10 + c * (-3.972e-10 + 8.794e-11 * c));
    out->dD[l] = h_D * (-3.972e-10 + 2. * 8.794e-11 * c) * dc;
    out->tplus[l] = 0.2594;
    out->dtplus[l] = 0;
    out->tdf[l] = p->thermodynamic_factor;
    out->dtdf[l] = 0;
  }
}

const LhTransportLaw lh_transport_nyman2008 = {
    .name = "nyman2008",
    .brief = "LiPF6 in EC:EMC 3:7 at 298 K, as in the set Chen 2020",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .c_min = 200,
    .c_max = 2000,
    .T_min = 293.15,
    .T_max = 303.15,
    .evaluate = Evaluate,
};
