/// @file
/// Anand viscoplasticity of lithium (Anand and Narayan 2019, 10.1149/2.0861906jes) with pores after
/// Duva and Crow (docs/theory/mechanics.md, M7 to M9): power-law flow of s^2 = a_f q^2 + b_f p^2 against k S,
///   edot = A exp(-Q/RT) (s / kS)^(1/m),   dS = H0 |1 - S/Ss|^r sign(1 - S/Ss) edot dt,
///   Ss = S* [edot / (A exp(-Q/RT))]^n,
/// with f = LH_MECH_POROSITY and k = LH_MECH_STRENGTHENING. f = 0 gives a_f = 1 and b_f = 0 exactly,
/// the incompressible law. In pure mean stress it is the closure of Wilkinson and Ashby (1975).
#include "base/lane_math.h"
#include "laws/power_flow.h"

typedef struct {
  double youngs_modulus, poisson_ratio, rate_coefficient, activation_energy, rate_sensitivity,
      initial_resistance, saturation_resistance, hardening_modulus, hardening_exponent,
      saturation_exponent;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, youngs_modulus, "Pa", 1, 1e13, NULL, "Young's modulus E"),
    LH_ROW_REAL(Params, poisson_ratio, "1", -0.99, 0.4999, NULL, "Poisson's ratio nu"),
    LH_ROW_REAL(Params, rate_coefficient, "s-1", 1e-100, 1e30, NULL,
                "pre-exponential A of the flow rate"),
    LH_ROW_REAL(Params, activation_energy, "J mol-1", 0, 1e6, NULL, "activation energy Q of flow"),
    LH_ROW_REAL(Params, rate_sensitivity, "1", 1e-3, 1, NULL,
                "rate sensitivity m of the flow stress"),
    LH_ROW_REAL(Params, initial_resistance, "Pa", 1, 1e11, NULL,
                "flow resistance S0 of the undeformed metal"),
    LH_ROW_REAL(Params, saturation_resistance, "Pa", 1, 1e11, NULL,
                "saturation S* of the resistance"),
    LH_ROW_REAL(Params, hardening_modulus, "Pa", 0, 1e12, NULL, "initial hardening H0"),
    LH_ROW_REAL(Params, hardening_exponent, "1", 1, 5, NULL, "exponent r of hardening"),
    LH_ROW_REAL(Params, saturation_exponent, "1", 0, 0.5, NULL,
                "rate exponent n of the saturation"),
};

enum { RESISTANCE, PLASTIC_STRAIN, NUM_INTERNAL };
static const char *const state_names[] = {LH_HENCKY_STATE_NAMES, "flow_resistance",
                                          "plastic_strain"};
static const char *const state_units[] = {LH_HENCKY_STATE_UNITS, "Pa", "1"};

static void InitState(const void *params, double (*state)[LH_BATCH]) {
  const Params *p = params;

  LhHenckyInit(state);
  LH_LANES(l) {
    state[LH_HENCKY_STATE + RESISTANCE][l] = p->initial_resistance;
    state[LH_HENCKY_STATE + PLASTIC_STRAIN][l] = 0;
  }
}

/// Weights of the porous potential with n = 1/m,
///   a_f = (1 + 2f/3) / (1-f)^(2n/(n+1)),  b_f = {n f / [1 - f^(1/n)]^n}^(2/(n+1)) (3/2n)^2.
/// f is kept below 1 - 1e-9: there the strength is 1e-8 of the dense metal's.
static void SetPorosity(double m, const double porosity[LH_BATCH], LhPowerFlow *flow) {
  const double n = 1 / m, e = 2 / (n + 1);
  double pores = 0;

  LH_LANES(l) {
    flow->a[l] = 1;
    flow->b[l] = 0;
  }
  for (int l = 0; l < LH_BATCH; l++) pores += porosity[l] > 0;
  if (pores == 0) return;  // dense metal: no power of f
  for (int l = 0; l < LH_BATCH; l++) {
    const double f = fmin(fmax(porosity[l], 0), 1 - 1e-9);
    const double ring = -expm1(log(fmax(f, 1e-300)) / n);  // 1 - f^(1/n)

    flow->a[l] = (1 + 2 * f / 3) * exp(-n * e * log1p(-f));
    flow->b[l] = 2.25 / (n * n) * pow(n * f, e) * exp(-n * e * log(ring));
  }
}

/// Hardening of S in one step by backward Euler, given the strain of the step.
typedef struct {
  const Params *params;
  const double *old;        ///< S before [Pa]
  const double *log_reach;  ///< ln(dt A exp(-Q/RT))
  const double *factor;     ///< k
  double S[LH_BATCH];       ///< S now, and the start of the next search [Pa]
} Hardening;

/// Solves S - S_old = H0 psi(1 - S/Ss) strain, psi(x) = |x|^r sign x, and gives dln S / dln strain. The
/// root lies between S_old and Ss; there the function is monotone and of one curvature (r >= 1), so
/// Newton cannot leave. A lane that is solved already is not touched.
static void SolveResistance(Hardening *c, const double strain[LH_BATCH], const double Ss[LH_BATCH],
                            double slope[LH_BATCH]) {
  const double H0 = c->params->hardening_modulus, r = c->params->hardening_exponent;
  const double n = c->params->saturation_exponent;

  LH_LANES(l) {
    const double from_old = c->S[l] - c->old[l], from_Ss = c->S[l] - Ss[l];

    c->S[l] = from_old * from_Ss > 0 ? c->old[l] : c->S[l];  // not between the two: start afresh
  }
  for (int iteration = 0; iteration < 60; iteration++) {
    double power[LH_BATCH], moved[LH_BATCH], any = 0;

    LH_LANES(l) power[l] = fabs(1 - c->S[l] / Ss[l]);
    if (r != 2) LH_LANES(l) power[l] = pow(power[l], r - 1);  // 2 is lithium's
    LH_LANES(l) {
      const double x = 1 - c->S[l] / Ss[l], drive = H0 * strain[l] * power[l];
      const double residual = c->S[l] - c->old[l] - drive * x, dS = 1 + drive * r / Ss[l];

      moved[l] = fabs(residual) > 1e-15 * c->S[l] * dS ? 1.0 : 0.0;
      slope[l] = drive * (x + r * n * c->S[l] / Ss[l]) / (dS * c->S[l]);
      c->S[l] -= moved[l] * residual / dS;
    }
    for (int l = 0; l < LH_BATCH; l++) any += moved[l];
    if (any == 0) break;
  }
}

static void Harden(void *context, const double log_strain[LH_BATCH],
                   double log_resistance[LH_BATCH], double slope[LH_BATCH]) {
  Hardening *c = context;
  const double S_star = c->params->saturation_resistance, n = c->params->saturation_exponent;
  double strain[LH_BATCH], Ss[LH_BATCH];

  LH_LANES(l) {
    // Below exp(-100) of the reference rate there is no strain to harden with; the bound avoids overflow.
    const double reach = log_strain[l] - c->log_reach[l];

    Ss[l] = S_star * exp(n * (reach > -100 ? reach : -100));
    strain[l] = exp(log_strain[l]);
  }
  SolveResistance(c, strain, Ss, slope);
  LH_LANES(l) log_resistance[l] = log(c->factor[l] * c->S[l]);
}

static void SetFlow(const Params *p, const LhTrial *trial, const double S[LH_BATCH],
                    LhPowerFlow *flow) {
  const LhMechInput *in = trial->in;
  const double reach = LhLogReach(in->dt, p->rate_coefficient);

  SetPorosity(p->rate_sensitivity, in->field[LH_MECH_POROSITY], flow);
  LH_LANES(l) {
    flow->bulk[l] = LhBulkModulus(p->youngs_modulus, p->poisson_ratio);
    flow->shear[l] = LhShearModulus(p->youngs_modulus, p->poisson_ratio);
    flow->volume[l] = 1;
    flow->dlog_modulus[l] = flow->dlog_resistance[l] = 0;
  }
  LH_LANES(l) {
    flow->log_reach[l] = reach - p->activation_energy / (LH_GAS_CONSTANT * in->temperature[l]);
    flow->log_resistance[l] = log(in->field[LH_MECH_STRENGTHENING][l] * S[l]);
  }
}

static void MapStrain(const void *params, const LhTrial *trial, const double (*old)[LH_BATCH],
                      double (*now)[LH_BATCH], LhReturn *out) {
  const Params *p = params;
  LhPowerFlow flow = {.exponent = p->rate_sensitivity, .dlog_volume = 0};
  Hardening context = {
      p, old[RESISTANCE], flow.log_reach, trial->in->field[LH_MECH_STRENGTHENING], {0}};
  const LhHardening hardening = {Harden, &context};
  double strain[LH_BATCH];

  SetFlow(p, trial, old[RESISTANCE], &flow);
  LhPowerFlowReturn(&flow, &hardening, trial, out, strain);
  LH_LANES(l) {
    now[RESISTANCE][l] = context.S[l];
    now[PLASTIC_STRAIN][l] = old[PLASTIC_STRAIN][l] + strain[l];
  }
}

static void Update(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out) {
  const LhReturnMap map = {MapStrain, NUM_INTERNAL};

  LhHenckyUpdate(&map, params, in, old, now, tangent, out);
}

extern const LhMechLaw lh_mech_anand_porous;
const LhMechLaw lh_mech_anand_porous = {
    .name = "anand_porous",
    .brief = "Anand viscoplastic lithium with Duva-Crow pores",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .averages_pores = PETSC_TRUE,
    .num_state = PETSC_STATIC_ARRAY_LENGTH(state_names),
    .state_names = state_names,
    .state_units = state_units,
    .init = InitState,
    .update = Update,
};
