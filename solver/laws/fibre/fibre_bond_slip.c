/// @file
/// Elastic fibre that slips in its bond (F12 to F16): the interface is elastic up to a strength that falls with slip to a
/// friction level. Strength as of the start of a step, so a step has one solution. No sums over a fibre here.
#include <math.h>

#include "laws/fibre_law.h"

typedef struct {
  double fibre_modulus, tensile_strength, interface_stiffness, interface_strength,
      interface_friction, softening_slip, matrix_flow_stress;
  PetscBool compression;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, fibre_modulus, "Pa", 1, 1e13, NULL,
                "Young's modulus E_f of a fibre along it"),
    LH_ROW_REAL(Params, tensile_strength, "Pa", 1, 1e13, NULL, "strength sigma_f of a fibre"),
    LH_ROW_REAL(Params, interface_stiffness, "Pa m-1", 1, 1e22, NULL,
                "shear stress of the interface over slip while it holds"),
    LH_ROW_REAL(Params, interface_strength, "Pa", 0, 1e12, NULL,
                "shear strength tau_0 of the interface before it slips"),
    LH_ROW_REAL(Params, interface_friction, "1", 0, 1, "1",
                "shear stress of the interface after much slip, share of tau_0"),
    LH_ROW_REAL(Params, softening_slip, "m", 1e-12, 1, "1e-9 m",
                "slip over which the strength falls to friction"),
    LH_ROW_REAL(
        Params, matrix_flow_stress, "Pa", 0, 1e12, "0 Pa",
        "flow stress Y of the material around at the rate of the experiment: the interface holds "
        "min(tau, Y/sqrt 3); 0: not limited"),
    LH_ROW_BOOL(Params, compression, "false",
                "whether fibres resist compression; free ones buckle and do not"),
};

static double FindStrength(const Params *p, double flow, double slipped) {
  const double weakest = p->matrix_flow_stress > 0 ? fmin(p->matrix_flow_stress, flow) : flow;
  const double whole = fmax(1 - slipped / p->softening_slip, 0);
  const double share = p->interface_friction + (1 - p->interface_friction) * whole;

  return fmin(p->interface_strength * share, weakest / sqrt(3.));
}

static void GetConstants(const void *params, LhBondConstants *constants) {
  const Params *p = params;

  *constants = (LhBondConstants){
      .modulus = p->fibre_modulus, .strength = p->tensile_strength, .compression = p->compression};
}

static void Shear(const void *params, double flow, double slip, const double old[LH_BOND_LAW_STATE],
                  double now[LH_BOND_LAW_STATE], LhBondShear *out) {
  const Params *p = params;
  const double k = p->interface_stiffness, trial = k * (slip - old[LH_BOND_PERMANENT]);
  const double strength = FindStrength(p, flow, old[LH_BOND_SLIPPED]);
  const double over = fmax(fabs(trial) - strength, 0) / k;

  now[LH_BOND_PERMANENT] = old[LH_BOND_PERMANENT] + copysign(over, trial);
  now[LH_BOND_SLIPPED] = old[LH_BOND_SLIPPED] + over;
  out->stress = over > 0 ? copysign(strength, trial) : trial;
  out->tangent = over > 0 ? 0 : k;
  out->stored = 0.5 * out->stress * out->stress / k;
}

static const LhBondLaw bond = {.get_constants = GetConstants, .shear = Shear};

extern const LhFibreLaw lh_fibre_bond_slip;
const LhFibreLaw lh_fibre_bond_slip = {
    .name = "bond_slip",
    .brief = "elastic fibre with a displacement of its own, held by an interface that slips",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .bond = &bond,
};
