/// @file
/// Where a case leaves what the model or its data can answer for. Warns, never stops.
#include <math.h>

#include "experiment/cell.h"

#define DEPLETION_SHARE 0.8  ///< of the limiting current
#define CELLS_PER_FRONT 2
#define CAPILLARY       6e4   ///< pressure that draws liquid into pores of 1 um [Pa]
#define LI3N_DECOMPOSES 0.44  ///< [V]
#define LARGE_PECLET    0.1
#define LARGE_STRESS    0.1
#define ROUND_OFF       1e-9

static PetscReal Named(LhCase c, const char region[], const char what[]) {
  char name[2 * LH_NAME_MAX];

  if (PetscSNPrintf(name, sizeof(name), "regions.%s.%s", region, what)) return NAN;
  return LhCaseFindDerived(c, name);
}

/// Concentrations a steady current spans, against the data of the transport law.
static PetscErrorCode JudgeTransport(LhCase c) {
  const LhMaterialData *liquid;
  const LhTransportLaw *law;
  PetscReal share = LhCaseFindDerived(c, "cell.limiting_share_emptied"), lo, hi;

  PetscFunctionBegin;
  PetscCall(LhMaterialGetData(c->electrolyte, &liquid));
  law = liquid->transport;
  share = isnan(share) ? 0 : share;
  lo = liquid->concentration * PetscMax(0, 1 - share);
  hi = liquid->concentration * (1 + share);
  if (law->T_max > 0 && (c->temperature < law->T_min || c->temperature > law->T_max)) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_WARNING, NULL,
                        "%s: %.6g K lies outside %.6g to %.6g K, the data of transport law '%s'",
                        c->path, (double)c->temperature, law->T_min, law->T_max, law->name));
  }
  if (law->c_max > 0 && (lo < law->c_min || hi > law->c_max)) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_WARNING, NULL,
                        "%s: this current spreads the salt to about %.3g to %.3g mol/L; transport "
                        "law '%s' has data from %.6g to %.6g mol/L",
                        c->path, (double)(lo / 1000), (double)(hi / 1000), law->name,
                        law->c_min / 1000, law->c_max / 1000));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode JudgeDepletion(LhCase c) {
  const PetscReal layers = LhCaseFindDerived(c, "cell.limiting_share"),
                  all = LhCaseFindDerived(c, "cell.limiting_share_emptied");
  const PetscReal share = layers > DEPLETION_SHARE ? layers : all;

  PetscFunctionBegin;
  if (!(share > DEPLETION_SHARE)) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhDiagAdd(c->diag, LH_DIAG_WARNING, NULL,
                      "%s: the largest current is %.2f of the limiting current of the %s%s",
                      c->path, (double)share,
                      layers > DEPLETION_SHARE ? "separator" : "separator with the emptied host",
                      share > 1 ? ": the salt will be depleted and the voltage end the step"
                                : ", so the voltage hinges on the diffusivity"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode JudgeFront(LhCase c, const char region[]) {
  const PetscReal size = CELLS_PER_FRONT * Named(c, region, "cell_size"),
                  made = Named(c, region, "front_width_as_made"),
                  open = Named(c, region, "front_width_emptied");

  PetscFunctionBegin;
  if (open < size) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_WARNING, NULL,
                        "%s: regions.%s: the reaction front (%.3g um) is thinner than two cells "
                        "(%.3g um): refine the mesh in thickness",
                        c->path, region, (double)(1e6 * open), (double)(1e6 * size)));
  } else if (made < size) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_NOTE, NULL,
                        "%s: regions.%s: the first front, in pores as made (%.3g um), is thinner "
                        "than two cells (%.3g um); it widens to %.3g um as pores open",
                        c->path, region, (double)(1e6 * made), (double)(1e6 * size),
                        (double)(1e6 * open)));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode JudgeHost(LhCase c, const char region[]) {
  const PetscReal thermal = LH_GAS_CONSTANT * c->temperature / LH_FARADAY;
  const PetscReal darcy = Named(c, region, "darcy_pressure"),
                  drop = Named(c, region, "electronic_drop"),
                  peclet = Named(c, region, "peclet_number"),
                  stress = Named(c, region, "stress_number");

  PetscFunctionBegin;
  PetscCall(JudgeFront(c, region));
  if (darcy > CAPILLARY) {
    PetscCall(LhDiagAdd(
        c->diag, LH_DIAG_WARNING, NULL,
        "%s: regions.%s: drawing liquid into new pores takes %.3g kPa, more than capillarity gives "
        "in 1 um pores (60 kPa): pores may run dry, which the model leaves out",
        c->path, region, (double)(darcy / 1000)));
  }
  if (drop > thermal) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_WARNING, NULL,
                        "%s: regions.%s: the emptied network drops %.3g mV, more than RT/F: "
                        "electrons limit where current flows",
                        c->path, region, (double)(1000 * drop)));
  }
  if (peclet > LARGE_PECLET) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_WARNING, NULL,
                        "%s: regions.%s: Peclet number %.2g: convection of salt, which the model "
                        "leaves out, matters",
                        c->path, region, (double)peclet));
  }
  if (stress > LARGE_STRESS) {
    PetscCall(LhDiagAdd(
        c->diag, LH_DIAG_NOTE, NULL,
        "%s: regions.%s: stress number %.2g: the stack pressure shifts the kinetics by %.2g mV",
        c->path, region, (double)stress, (double)(1000 * stress * thermal)));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Li3N is taken as stable.
static PetscErrorCode JudgeVoltage(LhCase c, const LhMaterialData *host) {
  PetscReal highest = 0;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < c->num_steps; i++) {
    const LhStep *s = &c->steps[i];

    if (s->kind == LH_STEP_STRIP && s->voltage > highest) highest = s->voltage;
    if (s->kind == LH_STEP_HOLD && s->hold_voltage > highest) highest = s->hold_voltage;
  }
  if (highest > LI3N_DECOMPOSES && host->composition.mass_fraction[LH_PHASE_LI3N] > 0) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_NOTE, NULL,
                        "%s: the voltage goes to %.6g V; Li3N is stable below 0.44 V only, and the "
                        "model leaves its oxidation out",
                        c->path, (double)highest));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Charge the steps ask for, against what the foil holds. Follows charge limits and times only.
static PetscErrorCode JudgeCharge(LhCase c) {
  const PetscReal capacity = LhCaseFindDerived(c, "cell.areal_capacity");
  PetscReal passed = 0;

  PetscFunctionBegin;
  if (!(capacity > 0) || c->electrodes[LH_WORKING].kind == LH_ELECTRODE_LITHIUM)
    PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < c->num_steps; i++) {
    const LhStep *s = &c->steps[i];
    PetscReal asked = s->charge;

    if (s->kind == LH_STEP_REST) continue;
    if (!isnan(s->time) && !isnan(s->current_density))
      asked = isnan(asked) ? s->time * s->current_density
                           : PetscMin(asked, s->time * s->current_density);
    if (s->kind == LH_STEP_HOLD || isnan(asked)) PetscFunctionReturn(PETSC_SUCCESS);
    passed += s->kind == LH_STEP_STRIP ? asked : -asked;
    if (s->kind == LH_STEP_STRIP && passed > capacity * (1 + ROUND_OFF)) {
      PetscCall(LhDiagAdd(c->diag, LH_DIAG_WARNING, NULL,
                          "%s: step '%s' asks for %.4g mA.h/cm^2 in all, the foil holds %.4g%s",
                          c->path, s->text, (double)(passed / 36000), (double)(capacity / 36000),
                          isnan(s->voltage) ? "; give it a voltage to end by" : ""));
    }
    if (!isnan(s->voltage)) PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCellJudge(LhCase c) {
  const LhMeshView *mesh;
  const LhMaterialData *host;
  PetscInt first;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(JudgeTransport(c));
  PetscCall(JudgeDepletion(c));
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    if (c->materials[r]->kind == LH_MATERIAL_HOST) PetscCall(JudgeHost(c, mesh->region_names[r]));
  }
  PetscCall(JudgeCharge(c));
  host = LhCellFirstHost(c, &first);
  if (host) PetscCall(JudgeVoltage(c, host));
  PetscFunctionReturn(PETSC_SUCCESS);
}
