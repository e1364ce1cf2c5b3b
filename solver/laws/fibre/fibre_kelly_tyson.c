/// @file
/// Fibre held by a frictional interface (Kelly and Tyson 1965): T = E (lambda - 1 - s) up to the limit that the
/// interface can build up from the nearest end, 4 tau y / d; beyond it the fibre slips, s grows, and what slip draws out
/// of the matrix is lost to the interface (F5 to F8). Piecewise linear, so the return is exact.
#include <math.h>

#include "laws/fibre_law.h"

typedef struct {
  double fibre_modulus, tensile_strength, interface_strength, matrix_flow_stress, plateau_strain,
      viscosity;
  PetscBool compression;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, fibre_modulus, "Pa", 1, 1e13, NULL,
                "Young's modulus E_f of a fibre along it"),
    LH_ROW_REAL(Params, tensile_strength, "Pa", 1, 1e13, NULL, "strength sigma_f of a fibre"),
    LH_ROW_REAL(Params, interface_strength, "Pa", 0, 1e12, NULL,
                "shear strength tau_0 of the interface"),
    LH_ROW_REAL(
        Params, matrix_flow_stress, "Pa", 0, 1e12, "0 Pa",
        "flow stress Y of the material around at the rate of the experiment: the interface holds "
        "min(tau_0, Y/sqrt 3); 0: not limited"),
    LH_ROW_REAL(Params, plateau_strain, "1", 0, 10, "0",
                "slip strain s_p of a piece up to which nothing counts as drawn out of the matrix"),
    LH_ROW_REAL(Params, viscosity, "Pa s", 0, 1e15, "0 Pa*s",
                "stress over rate of slip strain beyond the limit, regularises softening"),
    LH_ROW_BOOL(Params, compression, "false",
                "whether fibres resist compression; free ones buckle and do not"),
};

enum { SLIP, LARGEST, NUM_STATE };
static const char *const state_names[NUM_STATE] = {"slip_strain", "largest_slip_strain"};
static const char *const state_units[NUM_STATE] = {"1", "1"};

/// The limit as a function of slip s: `limit` up to `bend`, then falling by `slope` per slip to 0 at `gone`.
typedef struct {
  double limit, bend, slope, gone;
} Limit;

static inline double InterfaceStrength(const Params *p, double flow) {
  const double weakest = p->matrix_flow_stress > 0 ? fmin(p->matrix_flow_stress, flow) : flow;

  return fmin(p->interface_strength, weakest / sqrt(3.));
}

static inline double Excess(const Params *p, double slip) {
  return fmax(slip - p->plateau_strain, 0);
}

/// Friction alone, then cut at the strength.
static inline Limit FindLimit(const Params *p, const LhFibreInput *in, int l, double largest,
                              double strength) {
  const double slope_of_reach = 4 * InterfaceStrength(p, in->flow[l]) / in->diameter[l];
  const double friction = slope_of_reach * fmax(in->reach[l] - in->withdrawn[l], 0);
  Limit m = {.slope = slope_of_reach * in->length[l]};
  const double over = fmax(friction - strength, 0);

  m.limit = friction - over;
  m.bend = fmax(largest, p->plateau_strain) + (m.slope > 0 ? over / m.slope : 0);
  m.gone = m.bend + (m.slope > 0 ? m.limit / m.slope : 0);
  return m;
}

/// int of the limit over slip, `from` <= bend.
static inline double LimitWork(const Limit *m, double from, double to) {
  const double fall = fmin(fmax(to - m->bend, 0), m->gone - m->bend);

  return m->limit * (fmin(to, m->bend) - from) + fall * (m->limit - 0.5 * m->slope * fall);
}

/// Slip s with E (e - s) = limit(s) + v (s - old), and ds/de.
static inline double SlipForward(const Limit *m, double E, double v, double e, double old,
                                 double *ds) {
  const double flat = old + (E * (e - old) - m->limit) / (E + v);
  const double falling = (E * e - m->limit - m->slope * m->bend + v * old) / (E + v - m->slope);
  const double free = (E * e + v * old) / (E + v);

  *ds = E / (E + v);
  if (flat <= m->bend) return flat;
  if (falling >= m->gone) return free;
  *ds = E / (E + v - m->slope);
  return falling;
}

static void UpdateLane(const Params *p, const LhFibreInput *in, int l,
                       const double (*old)[LH_BATCH], double (*now)[LH_BATCH], LhFibreOutput *out) {
  const double E = p->fibre_modulus, v = in->dt > 0 ? p->viscosity / in->dt : 0;
  const double e = in->stretch[l] - 1, s0 = old[SLIP][l], trial = E * (e - s0);
  const Limit m = FindLimit(p, in, l, old[LARGEST][l], p->tensile_strength);
  const Limit back = FindLimit(p, in, l, old[LARGEST][l], PETSC_MAX_REAL);
  double s = s0, ds = 0, work = 0;

  if (trial > m.limit) {
    s = SlipForward(&m, E, v, e, s0, &ds);
    work = LimitWork(&m, s0, s) + v * (s - s0) * (s - s0);
  } else if (p->compression && trial < -back.limit) {
    s = s0 + (trial + back.limit) / (E + v);
    ds = E / (E + v);
    work = back.limit * (s0 - s) + v * (s - s0) * (s - s0);
  }
  const double carries = p->compression || trial > 0 ? 1 : 0;

  now[SLIP][l] = s;
  now[LARGEST][l] = fmax(old[LARGEST][l], s);
  out->stress[l] = carries * E * (e - s);
  out->tangent[l] = carries * E * (1 - ds);
  out->stored[l] = carries * 0.5 * E * (e - s) * (e - s);
  out->dissipation[l] = work;
  out->slip[l] = s;
  out->drawn[l] = in->length[l] * Excess(p, now[LARGEST][l]);
  out->rupture[l] = in->reach[l] > 0 && out->stress[l] >= p->tensile_strength * (1 - 1e-9) ? 1 : 0;
  out->failed[l] = e > -1 && m.slope < E + v ? 0 : 1;
}

static void Update(const void *params, const LhFibreInput *in, const double (*old)[LH_BATCH],
                   double (*now)[LH_BATCH], LhFibreOutput *out) {
  for (int l = 0; l < LH_BATCH; l++) UpdateLane(params, in, l, old, now, out);
}

/// The limit must fall slower than the elastic stress does, 4 tau L / d < E.
static double GetMaxLength(const void *params, double diameter) {
  const Params *p = params;
  const double tau = InterfaceStrength(p, PETSC_INFINITY);

  return tau > 0 ? 0.9 * p->fibre_modulus * diameter / (4 * tau) : PETSC_INFINITY;
}

extern const LhFibreLaw lh_fibre_kelly_tyson;
const LhFibreLaw lh_fibre_kelly_tyson = {
    .name = "kelly_tyson",
    .brief = "fibre held by interface friction: shear lag, pull-out, fracture",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .num_state = NUM_STATE,
    .state_names = state_names,
    .state_units = state_units,
    .max_length = GetMaxLength,
    .update = Update,
};
