/// @file
/// Valoen and Reimers 2005 (doi 10.1149/1.1872737): LiPF6 in PC:EC:DMC, c in mol/L:
///   kappa = 0.1 c [(-10.5 + 0.0740 T - 6.96e-5 T^2) + c (0.668 - 0.0178 T + 2.80e-5 T^2)
///           + c^2 (0.494 - 8.86e-4 T)]^2
///   D     = 1e-4 10^(-4.43 - 54 / (T - 229 - 5 c) - 0.22 c),  t+ = 0.38.
/// Above 3 mol/L the concentration levels off (extrapolation.h). The ranges at the end are recalled,
/// not checked.
#include <math.h>

#include "laws/transport/extrapolation.h"
#include "laws/transport_law.h"

#define LN_C_TOP 8.0063675676502459  // ln(3000 mol/m^3)
#define LN_10    2.302585092994046

typedef struct {
  PetscReal thermodynamic_factor;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, thermodynamic_factor, "1", 0.01, 20, NULL,
                "thermodynamic factor 1 + dln f/dln c (1 in the set Xu 2019)"),
};

static void Evaluate(const void *params, const double lnc[LH_BATCH], double T, LhTransport *out) {
  const Params *p = params;
  const double a_0 = -10.5 + 0.0740 * T - 6.96e-5 * T * T;
  const double a_1 = 0.668 - 0.0178 * T + 2.80e-5 * T * T;
  const double a_2 = 0.494 - 8.86e-4 * T;

  LH_LANES(l) {
    double chain, slope;
    const double c = 1e-3 * LhExpGuarded(LhLevelOff(lnc[l], LN_C_TOP, &chain), &slope);
    const double dc = c * chain;  // dc/d ln c
    const double poly = a_0 + c * (a_1 + c * a_2), dpoly = a_1 + 2. * c * a_2;
    const double gap = T - 229. - 5. * c;

    out->kappa[l] = 0.1 * c * poly * poly;
    out->dkappa[l] = 0.1 * poly * (poly + 2. * c * dpoly) * dc;
    out->D[l] = 1e-4 * LhExp(LN_10 * (-4.43 - 54. / gap - 0.22 * c));
    out->dD[l] = out->D[l] * LN_10 * (-270. / (gap * gap) - 0.22) * dc;
    out->tplus[l] = 0.38;
    out->dtplus[l] = 0;
    out->tdf[l] = p->thermodynamic_factor;
    out->dtdf[l] = 0;
  }
}

const LhTransportLaw lh_transport_valoen2005 = {
    .name = "valoen2005",
    .brief = "LiPF6 in PC:EC:DMC of c and T",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .c_min = 10,
    .c_max = 3000,
    .T_min = 263.15,
    .T_max = 333.15,
    .evaluate = Evaluate,
};
