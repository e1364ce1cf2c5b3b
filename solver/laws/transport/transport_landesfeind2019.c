/// @file
/// Landesfeind and Gasteiger 2019 (doi 10.1149/2.0571912jes): LiPF6 in three solvents, c in mol/L:
///   kappa = 0.1 p1 (1 + (T - p2)) c [1 + p3 sqrt(c) + p4 (1 + p5 e^(1000/T)) c] / (1 + c^4 p6 e^(1000/T))
///   D     = p1 exp(p2 c) exp(p3/T) exp(p4 c/T) 1e-10
///   t+, 1 + dln f/dln c = p1 + p2 c + p3 T + p4 c^2 + p5 c T + p6 T^2 + p7 c^3 + p8 c^2 T + p9 c T^2
/// Above 2 mol/L the concentration levels off (extrapolation.h). The ranges at the end are recalled,
/// not checked. Public copies of the coefficients of D disagree on the power of ten; 1e-10 gives a
/// plausible 2.9e-10 m^2/s at 1 mol/L.
#include <math.h>

#include "laws/transport/extrapolation.h"
#include "laws/transport_law.h"

#define LN_C_TOP 7.6009024595420822  // ln(2000 mol/m^3)

typedef struct {
  PetscInt solvent;
} Params;

static const char *const solvents[] = {"ec_emc_3_7", "ec_dmc_1_1", "emc_fec_19_1", NULL};

static const LhParam table[] = {
    LH_ROW_CHOICE(Params, solvent, solvents, NULL, "solvent of the LiPF6, by mass"),
};

typedef struct {
  double kappa[6], D[4], tdf[9], tplus[9];
} Fit;

static const Fit fits[] = {
  // EC:EMC 3:7
    {.kappa = {0.521, 228.0, -1.06, 0.353, -0.00359, 0.00148},
     .D = {1010.0, 1.01, -1560.0, -487.0},
     .tdf = {25.7, -45.1, -0.177, 1.94, 0.295, 0.000308, 0.259, -0.00946, -0.000454},
     .tplus = {-12.8, -6.12, 0.0821, 0.904, 0.0318, -0.000127, 0.0175, -0.00312, -3.96e-05}  },
 // EC:DMC 1:1
    {.kappa = {0.798, 228.0, -1.22, 0.509, -0.004, 0.00379},
     .D = {1470.0, 1.33, -1690.0, -563.0},
     .tdf = {-5.58, 7.17, 0.038, 1.91, -0.0665, -5.08e-05, 0.11, -0.0061, 0.000151},
     .tplus = {-7.91, 0.245, 0.0528, 0.698, -0.0108, -8.21e-05, 0.000743, -0.00222, 3.07e-05}},
 // EMC:FEC 19:1
    {.kappa = {0.0251, 175.0, 1.23, 0.205, -0.0881, 0.00283},
     .D = {586.0, 1.33, -1380.0, -582.0},
     .tdf = {3.22, -10.1, -0.0158, 6.12, 0.0296, 2.42e-05, -0.222, -0.0157, 6.3e-06},
     .tplus = {-12.2, -3.05, 0.0838, 1.78, 0.00151, -0.000137, -0.0245, -0.00515, 2.14e-05}  },
};

// The nine-term polynomial at fixed T is a cubic a0 + a1 c + a2 c^2 + a3 c^3.
static void CubicAt(const double p[9], double T, double a[4]) {
  a[0] = p[0] + p[2] * T + p[5] * T * T;
  a[1] = p[1] + p[4] * T + p[8] * T * T;
  a[2] = p[3] + p[7] * T;
  a[3] = p[6];
}

static void Evaluate(const void *params, const double lnc[LH_BATCH], double T, LhTransport *out) {
  const Params *p = params;
  const Fit *fit = &fits[p->solvent];
  const double heat = exp(1000. / T);
  const double k_1 = 0.1 * fit->kappa[0] * (1. + (T - fit->kappa[1]));
  const double k_half = fit->kappa[2], k_c = fit->kappa[3] * (1. + fit->kappa[4] * heat);
  const double k_4 = fit->kappa[5] * heat;
  const double D_0 = fit->D[0] * exp(fit->D[2] / T) * 1e-10, D_c = fit->D[1] + fit->D[3] / T;
  double f[4], t[4];

  CubicAt(fit->tdf, T, f);
  CubicAt(fit->tplus, T, t);
  LH_LANES(l) {
    double chain, slope;
    const double x = LhLevelOff(lnc[l], LN_C_TOP, &chain);
    const double c = 1e-3 * LhExpGuarded(x, &slope), root = sqrt(c);
    const double above = 1. + k_half * root + k_c * c, below = 1. + k_4 * c * c * c * c;
    const double dc = c * chain;  // dc/d ln c

    out->kappa[l] = k_1 * c * above / below;
    out->dkappa[l] = out->kappa[l] * chain *
                     (1. + (0.5 * k_half * root + k_c * c) / above - 4. * (below - 1.) / below);
    out->D[l] = D_0 * LhExp(D_c * c);
    out->dD[l] = out->D[l] * D_c * dc;
    out->tdf[l] = f[0] + c * (f[1] + c * (f[2] + c * f[3]));
    out->dtdf[l] = (f[1] + c * (2. * f[2] + c * 3. * f[3])) * dc;
    out->tplus[l] = t[0] + c * (t[1] + c * (t[2] + c * t[3]));
    out->dtplus[l] = (t[1] + c * (2. * t[2] + c * 3. * t[3])) * dc;
  }
}

const LhTransportLaw lh_transport_landesfeind2019 = {
    .name = "landesfeind2019",
    .brief = "LiPF6 in EC:EMC, EC:DMC or EMC:FEC, all four properties of c and T",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .c_min = 100,
    .c_max = 2000,
    .T_min = 263.15,
    .T_max = 323.15,
    .evaluate = Evaluate,
};
