/// @file
/// Scalar local problem of power-law flow and its exact derivatives (power_flow.h). No material here.
#include "laws/power_flow.h"

#include "base/lane_math.h"

#define MAX_ITERATIONS 100
#define TOLERANCE      1e-13  ///< on ln(s): relative error of the flow stress, some ulp of ln s + ln R

/// The unknown u = ln(c Delta), c = max(3 G a, K b), and what follows from it.
typedef struct {
  double log_c[LH_BATCH], ce0[LH_BATCH], cm0[LH_BATCH];  ///< c; 3 G a / c, K b / c
  double u[LH_BATCH];
  double ce[LH_BATCH], cm[LH_BATCH];            ///< 3 G a Delta, K b Delta
  double ve[LH_BATCH], vm[LH_BATCH];            ///< 1 / (1 + ce), 1 / (1 + cm)
  double q[LH_BATCH], p[LH_BATCH];              ///< stresses [Pa]
  double s2[LH_BATCH], log_s[LH_BATCH];         ///< potential squared, ln s
  double dlog_s[LH_BATCH];                      ///< dln s / du
  double log_strain[LH_BATCH];                  ///< ln(dt edot)
  double log_R[LH_BATCH], hardening[LH_BATCH];  ///< ln R, dln R / dln strain
  double r[LH_BATCH], dr[LH_BATCH];             ///< residual and dr/du
  double failed[LH_BATCH];
} Solve;

double LhLogReach(double dt, double rate) {
  return log(fmax(dt, 1e-150)) + log(fmax(rate, 1e-150));
}

static void Prepare(const LhPowerFlow *flow, Solve *v) {
  LH_LANES(l) {
    const double ce = 3 * flow->shear[l] * flow->a[l], cm = flow->bulk[l] * flow->b[l];
    const double c = ce > cm ? ce : cm;

    v->ce0[l] = ce / c;
    v->cm0[l] = cm / c;
    v->log_c[l] = c;
  }
  LH_LANES(l) v->log_c[l] = log(v->log_c[l]);
}

static void ComputeStresses(const LhPowerFlow *flow, const LhTrial *trial, Solve *v) {
  const double floor2 =
      1e-60;  // [Pa^2] keeps ln s finite at zero stress; part of s, so derivatives agree
  double grow[LH_BATCH];

  LH_LANES(l) grow[l] = exp(v->u[l]);
  LH_LANES(l) {
    v->ce[l] = v->ce0[l] * grow[l];
    v->cm[l] = v->cm0[l] * grow[l];
    v->ve[l] = 1 / (1 + v->ce[l]);
    v->vm[l] = 1 / (1 + v->cm[l]);
    v->q[l] = 3 * flow->shear[l] * trial->gamma[l] * v->ve[l];
    v->p[l] = flow->bulk[l] * trial->theta[l] * v->vm[l];

    const double qq = flow->a[l] * v->q[l] * v->q[l], pp = flow->b[l] * v->p[l] * v->p[l];

    v->s2[l] = qq + pp + floor2;
    v->dlog_s[l] = -(qq * v->ce[l] * v->ve[l] + pp * v->cm[l] * v->vm[l]) / v->s2[l];
  }
  LH_LANES(l) v->log_s[l] = 0.5 * log(v->s2[l]);
}

static void Evaluate(const LhPowerFlow *flow, const LhHardening *hardening, const LhTrial *trial,
                     Solve *v) {
  const double m = flow->exponent;

  ComputeStresses(flow, trial, v);
  LH_LANES(l) {
    v->log_strain[l] = v->u[l] - v->log_c[l] + v->log_s[l];
    v->log_R[l] = flow->log_resistance[l];
    v->hardening[l] = 0;
  }
  if (hardening) hardening->evaluate(hardening->context, v->log_strain, v->log_R, v->hardening);
  LH_LANES(l) {
    const double h = v->hardening[l];

    v->r[l] = v->log_s[l] - v->log_R[l] - m * (v->log_strain[l] - flow->log_reach[l]);
    v->dr[l] = (1 - m - h) * v->dlog_s[l] - (m + h);
  }
}

/// From below the root of the unhardened problem, and within ln 2 of it (ln 2 / m when elastic):
/// ln s >= ln s_trial - ln 2 - max(0, u).
static void SetStart(const LhPowerFlow *flow, const LhTrial *trial, Solve *v) {
  const double m = flow->exponent, elastic = -1e4;  // exp(elastic) = 0

  LH_LANES(l) v->u[l] = elastic;
  ComputeStresses(flow, trial, v);
  LH_LANES(l) {
    const double rest = (1 - m) * (v->log_s[l] - 0.6931471805599453) - flow->log_resistance[l] +
                        m * (flow->log_reach[l] + v->log_c[l]);

    v->u[l] = rest < 0 ? rest / m : rest;
  }
}

/// Newton in u inside a bracket [lo, hi] of the decreasing residual; a lane that has converged stays.
static void SolveFlow(const LhPowerFlow *flow, const LhHardening *hardening, const LhTrial *trial,
                      Solve *v) {
  double lo[LH_BATCH], hi[LH_BATCH];

  SetStart(flow, trial, v);
  LH_LANES(l) {
    lo[l] = v->u[l] - 700;
    hi[l] = (v->u[l] > 0 ? v->u[l] : 0) + 300;
  }
  for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const int newton = iteration < 20 || iteration % 2;  // bisection breaks the rare cycle
    double open = 0;

    Evaluate(flow, hardening, trial, v);
    LH_LANES(l) {
      const int below = v->r[l] > 0, done = fabs(v->r[l]) <= TOLERANCE;
      const double step = v->u[l] - v->r[l] / v->dr[l];

      lo[l] = below ? v->u[l] : lo[l];
      hi[l] = below ? hi[l] : v->u[l];

      const int inside = newton && v->dr[l] < 0 && step > lo[l] && step < hi[l];

      v->failed[l] = done ? 0.0 : 1.0;
      v->u[l] = done ? v->u[l] : (inside ? step : 0.5 * (lo[l] + hi[l]));
    }
    for (int l = 0; l < LH_BATCH; l++) open += v->failed[l];
    if (open == 0) return;
  }
}

/// Implicit derivative of u at fixed c: du = -(r_gamma dgamma + r_theta dtheta) / r_u.
static void Differentiate(const LhPowerFlow *flow, const Solve *v, LhReturn *out) {
  const double m = flow->exponent;

  LH_LANES(l) {
    const double q = v->q[l], p = v->p[l], ve = v->ve[l], vm = v->vm[l];
    const double kappa = flow->dlog_modulus[l], weight = 1 - m - v->hardening[l];
    const double aq = flow->a[l] * q / v->s2[l], bp = flow->b[l] * p / v->s2[l];
    const double dq = 3 * flow->shear[l] * ve, dp = flow->bulk[l] * vm;  // at fixed Delta
    const double ds_theta = bp * dp + kappa * (aq * q * ve + bp * p * vm);
    const double u_gamma = -weight * aq * dq / v->dr[l];
    const double u_theta = -(weight * ds_theta - flow->dlog_resistance[l]) / v->dr[l];
    const double J = flow->volume[l], dJ = flow->dlog_volume;

    out->dq_dgamma[l] = J * (dq - q * v->ce[l] * ve * u_gamma);
    out->dq_dtheta[l] = J * (q * (kappa * ve - v->ce[l] * ve * u_theta + dJ));
    out->dp_dgamma[l] = J * (-p * v->cm[l] * vm * u_gamma);
    out->dp_dtheta[l] = J * (dp + p * (kappa * vm - v->cm[l] * vm * u_theta + dJ));
  }
}

void LhPowerFlowReturn(const LhPowerFlow *flow, const LhHardening *hardening, const LhTrial *trial,
                       LhReturn *out, double strain[LH_BATCH]) {
  Solve v;

  Prepare(flow, &v);
  SolveFlow(flow, hardening, trial, &v);
  Differentiate(flow, &v, out);
  LH_LANES(l) {
    out->p[l] = flow->volume[l] * v.p[l];
    out->shear[l] = flow->volume[l] * 2 * flow->shear[l] * v.ve[l];
    out->vol_ratio[l] = v.vm[l];
    out->dev_ratio[l] = v.ve[l];
    out->failed[l] = v.failed[l];
    out->dissipation[l] = flow->volume[l] * (v.q[l] * trial->gamma[l] * v.ce[l] * v.ve[l] +
                                             v.p[l] * trial->theta[l] * v.cm[l] * v.vm[l]);
  }
  LH_LANES(l) strain[l] = exp(v.log_strain[l]);
}
