/// @file
/// Numbers that follow from a case: sizes, contents, rates, and the dimensionless groups (E21) to (E26).
///
/// Owns the list that `check` prints and the record keeps. Estimates for people: must never feed the solvers.
#include <math.h>
#include <stdarg.h>

#include "experiment/cell.h"

/// Outer diameter of a nanotube, for the thickness of its Li3N coat [m].
#define TUBE_DIAMETER 15e-9
/// A porosity is not raised to a power below this.
#define SMALLEST_POROSITY 1e-6

/// What the groups share.
typedef struct {
  LhCase c;
  const LhMeshView *mesh;
  PetscReal area;     ///< of the working electrode [m^2]
  PetscReal current;  ///< largest of the steps, 0 = none [A/m^2]
  PetscReal salt;     ///< c_0 [mol/m^3]
  PetscReal kappa, D, tplus;
  PetscReal layers, scaffold;  ///< sum of L / g over porous layers, and over emptied hosts [m]
  PetscReal viscosity;
} Cell;

static PetscErrorCode Add(const Cell *cell, const LhDerived *row, PetscReal value,
                          const char format[], ...) {
  LhDerived number = *row;
  va_list args;
  size_t length;

  PetscFunctionBegin;
  number.value = value;
  va_start(args, format);
  PetscCall(PetscVSNPrintf(number.name, sizeof(number.name), format, &length, args));
  va_end(args);
  PetscCall(LhCaseAddDerived(cell->c, &number));
  PetscFunctionReturn(PETSC_SUCCESS);
}

#define ROW(unit_, shown_, meaning_) \
  (&(LhDerived){.unit = unit_, .shown = shown_, .meaning = meaning_})

PetscReal LhCellLargestCurrent(LhCase c) {
  PetscReal largest = 0;

  for (PetscInt i = 0; i < c->num_steps; i++) {
    if (!isnan(c->steps[i].current_density))
      largest = PetscMax(largest, c->steps[i].current_density);
  }
  return largest;
}

const LhMaterialData *LhCellFirstHost(LhCase c, PetscInt *region) {
  const LhMeshView *mesh;

  *region = -1;
  if (LhMeshGetView(c->mesh, &mesh)) return NULL;
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    if (c->materials[r]->kind != LH_MATERIAL_HOST) continue;
    *region = r;
    return c->materials[r];
  }
  return NULL;
}

/// g of (E12): what pores leave of a transport coefficient.
static PetscReal Transmission(const LhMaterialData *m, PetscReal porosity) {
  return m->macmullin > 0 ? 1 / m->macmullin
                          : pow(PetscMax(porosity, SMALLEST_POROSITY), m->bruggeman);
}

/// Pores after all lithium has left, at constant outer volume.
static PetscReal EmptyPorosity(const LhMaterialData *m) {
  PetscReal solids = 0;

  for (PetscInt k = 0; k < m->num_reactions; k++)
    solids += m->reactions[k].molar_volume * m->reactions[k].initial;
  return m->porosity + (1 - m->porosity) * solids;
}

/// Charge of all lithium per volume of dense composite [C/m^3].
static PetscReal ChargeDensity(const LhMaterialData *m) {
  PetscReal charge = 0;

  for (PetscInt k = 0; k < m->num_reactions; k++) charge += LH_FARADAY * m->reactions[k].initial;
  return charge;
}

static PetscReal Thickness(const Cell *cell, PetscInt r) {
  return cell->mesh->region_volumes[r] / cell->area;
}

static PetscErrorCode Open(LhCase c, Cell *cell) {
  const LhMaterialData *liquid;
  LhElectrochemFacts facts;
  LhTransport bulk;
  double lnc[LH_BATCH];

  PetscFunctionBegin;
  *cell = (Cell){.c = c, .current = LhCellLargestCurrent(c)};
  PetscCall(LhMeshGetView(c->mesh, &cell->mesh));
  PetscCall(LhElectrochemGetFacts(c->electrochem, &facts));
  PetscCall(LhMaterialGetData(c->electrolyte, &liquid));
  cell->area = facts.area;
  cell->salt = liquid->concentration;
  cell->viscosity = liquid->viscosity;
  for (int l = 0; l < LH_BATCH; l++) lnc[l] = log(liquid->concentration);
  liquid->transport->evaluate(liquid->transport_params, lnc, c->temperature, &bulk);
  cell->kappa = bulk.kappa[0];
  cell->D = bulk.D[0];
  cell->tplus = bulk.tplus[0];
  for (PetscInt r = 0; r < cell->mesh->num_regions; r++) {
    const LhMaterialData *m = c->materials[r];

    if (m->kind == LH_MATERIAL_HOST)
      cell->scaffold += Thickness(cell, r) / Transmission(m, EmptyPorosity(m));
    else
      cell->layers += Thickness(cell, r) / Transmission(m, m->porosity);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What the host is made of.
static PetscErrorCode AddComposition(const Cell *cell, PetscInt r) {
  static const char *const phase[LH_NUM_PHASES] = {"lithium", "LiZn", "Li3N", "CNT", "zinc"};
  const LhMaterialData *m = cell->c->materials[r];
  const LhComposition *x = &m->composition;
  const char *const name = cell->mesh->region_names[r];

  PetscFunctionBegin;
  for (int p = 0; p < LH_NUM_PHASES; p++) {
    if (x->mass_fraction[p] <= 0) continue;
    PetscCall(Add(cell, ROW("1", "%", "of the mass, as made"), x->mass_fraction[p],
                  "regions.%s.mass_fraction.%s", name, phase[p]));
    PetscCall(Add(cell, ROW("1", "%", "of the volume of the solids, as made"),
                  x->volume_fraction[p], "regions.%s.volume_fraction.%s", name, phase[p]));
  }
  PetscCall(Add(cell, ROW("kg m-3", "g/cm^3", "density of the solids"), x->density,
                "regions.%s.density", name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddCapacities(const Cell *cell, PetscInt r) {
  const LhMaterialData *m = cell->c->materials[r];
  const char *const name = cell->mesh->region_names[r];
  const PetscReal L = Thickness(cell, r), q = ChargeDensity(m), dense = 1 - m->porosity;

  PetscFunctionBegin;
  PetscCall(Add(cell, ROW("kg m-2", "mg/cm^2", "mass per area"), L * dense * m->composition.density,
                "regions.%s.areal_loading", name));
  PetscCall(Add(cell, ROW("C m-2", "mA.h/cm^2", "all lithium, without variation in space"),
                L * dense * q, "regions.%s.areal_capacity", name));
  PetscCall(Add(cell, ROW("C kg-1", "mA.h/g", "all lithium per mass as made"),
                q / m->composition.density, "regions.%s.specific_capacity", name));
  if (m->num_reactions > 0) {
    PetscCall(Add(cell, ROW("C kg-1", "mA.h/g", "the first reservoir alone (free lithium)"),
                  LH_FARADAY * m->reactions[0].initial / m->composition.density,
                  "regions.%s.specific_capacity_first", name));
  }
  PetscCall(Add(cell, ROW("C m-3", "mA.h/cm^3", "all lithium per volume with pores"), dense * q,
                "regions.%s.volumetric_capacity", name));
  PetscCall(
      Add(cell, ROW("1", "%", "pores as made"), m->porosity, "regions.%s.porosity_as_made", name));
  PetscCall(Add(cell, ROW("1", "%", "pores after full strip at constant outer volume"),
                EmptyPorosity(m), "regions.%s.porosity_after_strip", name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Groups of the interface: they need no current.
static PetscErrorCode AddInterfaceGroups(const Cell *cell, PetscInt r) {
  const LhMaterialData *m = cell->c->materials[r];
  const LhReaction *rx = &m->reactions[0];
  const char *const name = cell->mesh->region_names[r];
  const PetscReal vt = LH_GAS_CONSTANT * cell->c->temperature / LH_FARADAY;
  const PetscReal i0 = rx->interface.kinetics->exchange(rx->interface.kinetics_params,
                                                        log(cell->salt), cell->c->temperature);
  const PetscReal made = cell->kappa * Transmission(m, m->porosity) + m->bridge_conductivity;
  const PetscReal open = cell->kappa * Transmission(m, EmptyPorosity(m)) + m->bridge_conductivity;

  PetscFunctionBegin;
  PetscCall(Add(cell,
                ROW("A m-2", "mA/cm^2",
                    "exchange current density i_0 of the first reservoir, per interface area"),
                i0, "regions.%s.exchange_current_density", name));
  PetscCall(Add(cell, ROW("m-1", "1/m", "interface area per volume of the first reservoir as made"),
                rx->area, "regions.%s.interface_area", name));
  PetscCall(Add(
      cell, ROW("1", "1", "Wagner number kappa RT/(F i_0 L) (E21); large: current spreads evenly"),
      cell->kappa * vt / (i0 * Thickness(cell, r)), "regions.%s.wagner_number", name));
  PetscCall(Add(cell, ROW("m", "um", "width of the reaction front, pores as made (E22)"),
                sqrt(made * vt / (rx->area * i0)), "regions.%s.front_width_as_made", name));
  PetscCall(Add(cell, ROW("m", "um", "width of the reaction front, pores emptied (E22)"),
                sqrt(open * vt / (rx->area * i0)), "regions.%s.front_width_emptied", name));
  if (m->bridge_conductivity > 0) {
    const double *v = m->composition.volume_fraction;
    const PetscReal coat =
        v[LH_PHASE_CNT] > 0
            ? 0.5 * TUBE_DIAMETER * (sqrt(1 + v[LH_PHASE_LI3N] / v[LH_PHASE_CNT]) - 1)
            : 0;
    const PetscReal kappa = 3 * m->bridge_conductivity / PetscMax(v[LH_PHASE_LI3N], PETSC_SMALL);

    PetscCall(Add(cell,
                  ROW("ohm m2", "ohm cm^2", "resistance of the Li3N coat of a 15 nm nanotube"),
                  coat / kappa, "regions.%s.li3n_film_resistance", name));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Groups at the largest current density of the steps.
static PetscErrorCode AddCurrentGroups(const Cell *cell, PetscInt r) {
  const LhMaterialData *m = cell->c->materials[r];
  const char *const name = cell->mesh->region_names[r];
  const PetscReal L = Thickness(cell, r), V = m->reactions[0].molar_volume, i = cell->current;
  const PetscReal sigma = m->network_conductivity * (1 - m->porosity);

  PetscFunctionBegin;
  if (cell->c->mechanics_section) {
    const PetscReal p = cell->c->mechanics_spec.stack_pressure;

    PetscCall(Add(cell, ROW("1", "1", "stress number V_Li p/(RT) of the stack pressure (E24)"),
                  V * p / (LH_GAS_CONSTANT * cell->c->temperature), "regions.%s.stress_number",
                  name));
  }
  if (i <= 0) PetscFunctionReturn(PETSC_SUCCESS);
  if (m->permeability > 0 && cell->viscosity > 0) {
    PetscCall(Add(cell,
                  ROW("Pa", "Pa", "Darcy pressure mu V_Li i L/(F k) that fills new pores (E25)"),
                  cell->viscosity * V * i / LH_FARADAY * L / m->permeability,
                  "regions.%s.darcy_pressure", name));
  }
  if (sigma > 0)
    PetscCall(Add(cell, ROW("V", "mV", "ohmic drop i L/sigma of the network alone"), i * L / sigma,
                  "regions.%s.electronic_drop", name));
  PetscCall(Add(
      cell, ROW("1", "1", "Peclet number V_Li i L/(F D) of the convection that is left out (E26)"),
      V * i * L / (LH_FARADAY * cell->D), "regions.%s.peclet_number", name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Smallest extent of a cell of a region, its mean over the region: the size that must resolve a front.
static PetscErrorCode AddCellSize(const Cell *cell, PetscInt r) {
  const LhMeshView *mesh = cell->mesh;
  PetscReal sum[2] = {0};

  PetscFunctionBegin;
  for (PetscInt k = 0; k < mesh->num_cells; k++) {
    PetscReal smallest = PETSC_MAX_REAL;

    if (mesh->cell_region[k] != r) continue;
    for (int d = 0; d < 3; d++) {
      PetscReal lo = PETSC_MAX_REAL, hi = -PETSC_MAX_REAL;

      for (PetscInt a = 0; a < mesh->vertices_per_cell; a++) {
        const PetscReal x =
            mesh->coords[3 * mesh->cell_vertices[k * mesh->vertices_per_cell + a] + d];

        lo = PetscMin(lo, x);
        hi = PetscMax(hi, x);
      }
      smallest = PetscMin(smallest, hi - lo);
    }
    sum[0] += smallest;
    sum[1] += 1;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPIU_REAL, MPI_SUM, cell->c->comm));
  PetscCall(Add(cell, ROW("1", "1", "cells"), sum[1], "regions.%s.cells", mesh->region_names[r]));
  PetscCall(Add(cell, ROW("m", "um", "smallest side of a cell, on average"),
                sum[0] / PetscMax(sum[1], 1), "regions.%s.cell_size", mesh->region_names[r]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddRegion(const Cell *cell, PetscInt r) {
  const LhMaterialData *m = cell->c->materials[r];
  const char *const name = cell->mesh->region_names[r];

  PetscFunctionBegin;
  PetscCall(Add(cell, ROW("m", "um", "volume over the area of the working electrode"),
                Thickness(cell, r), "regions.%s.thickness", name));
  PetscCall(AddCellSize(cell, r));
  if (m->kind != LH_MATERIAL_HOST) {
    PetscCall(Add(cell, ROW("1", "%", "pores"), m->porosity, "regions.%s.porosity_as_made", name));
    PetscCall(Add(
        cell, ROW("ohm m2", "ohm cm^2", "resistance of the liquid in it"),
        Thickness(cell, r) / (cell->kappa * Transmission(m, m->porosity) + m->bridge_conductivity),
        "regions.%s.resistance", name));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(AddComposition(cell, r));
  PetscCall(AddCapacities(cell, r));
  if (m->num_reactions == 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(AddInterfaceGroups(cell, r));
  PetscCall(AddCurrentGroups(cell, r));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Depletion of salt (E23).
static PetscErrorCode AddDepletion(const Cell *cell) {
  const PetscReal flux = 2 * LH_FARADAY * cell->salt * cell->D / (1 - cell->tplus),
                  i = cell->current;

  PetscFunctionBegin;
  if (cell->tplus >= 1 || cell->layers + cell->scaffold <= 0) PetscFunctionReturn(PETSC_SUCCESS);
  if (cell->layers > 0) {
    PetscCall(Add(cell,
                  ROW("A m-2", "mA/cm^2", "limiting current J_lim of the porous layers (E23)"),
                  flux / cell->layers, "cell.limiting_current"));
    if (i > 0)
      PetscCall(Add(cell, ROW("1", "1", "largest current over it"), i * cell->layers / flux,
                    "cell.limiting_share"));
  }
  PetscCall(Add(cell, ROW("A m-2", "mA/cm^2", "limiting current with the emptied host in series"),
                flux / (cell->layers + cell->scaffold), "cell.limiting_current_emptied"));
  if (i <= 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(Add(cell, ROW("1", "1", "largest current over it"),
                i * (cell->layers + cell->scaffold) / flux, "cell.limiting_share_emptied"));
  {
    const PetscReal sand = LH_FARADAY * cell->salt / (2 * i * (1 - cell->tplus));

    PetscCall(Add(cell, ROW("s", "s", "Sand's time in free liquid"),
                  PETSC_PI * cell->D * sand * sand, "cell.sand_time"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddCell(const Cell *cell) {
  LhElectrochemFacts facts;
  PetscReal capacity = 0;

  PetscFunctionBegin;
  PetscCall(LhElectrochemGetFacts(cell->c->electrochem, &facts));
  for (int k = 0; k < LH_MAX_REACTIONS; k++) capacity += facts.capacity[k];
  PetscCall(Add(cell, ROW("m2", "mm^2", "area of the working electrode"), cell->area, "cell.area"));
  PetscCall(Add(cell, ROW("C m-2", "mA.h/cm^2", "all lithium of all hosts, as meshed"),
                capacity / cell->area, "cell.areal_capacity"));
  PetscCall(
      Add(cell, ROW("mol m-3", "mol/L", "salt concentration"), cell->salt, "cell.concentration"));
  PetscCall(Add(cell, ROW("S m-1", "S/m", "conductivity of the liquid"), cell->kappa,
                "cell.conductivity"));
  PetscCall(Add(cell, ROW("m2 s-1", "m^2/s", "salt diffusivity of the liquid"), cell->D,
                "cell.diffusivity"));
  PetscCall(Add(cell, ROW("1", "1", "transference number of lithium"), cell->tplus,
                "cell.transference_number"));
  PetscCall(AddDepletion(cell));
  if (cell->c->electrodes[LH_COUNTER].kind == LH_ELECTRODE_LITHIUM && capacity > 0) {
    PetscCall(Add(cell, ROW("m", "um", "growth of the lithium counter foil when all is stripped"),
                  capacity / cell->area / LH_FARADAY * cell->c->electrodes[LH_COUNTER].molar_volume,
                  "cell.counter_growth"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddSteps(const Cell *cell) {
  const LhCase c = cell->c;
  const PetscReal capacity = LhCaseFindDerived(c, "cell.areal_capacity");

  PetscFunctionBegin;
  for (PetscInt i = 0; i < c->num_steps; i++) {
    const LhStep *s = &c->steps[i];

    if (isnan(s->current_density) || capacity <= 0) continue;
    PetscCall(Add(cell, ROW("s-1", "1/h", "C-rate: current over capacity"),
                  s->current_density / capacity, "experiment.steps.%d.c_rate", (int)i));
    PetscCall(Add(cell, ROW("s", "h", "time to pass the whole capacity"),
                  capacity / s->current_density, "experiment.steps.%d.time_of_capacity", (int)i));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCellDerive(LhCase c) {
  Cell cell;

  PetscFunctionBegin;
  PetscCall(Open(c, &cell));
  PetscCall(AddCell(&cell));
  for (PetscInt r = 0; r < cell.mesh->num_regions; r++) PetscCall(AddRegion(&cell, r));
  PetscCall(AddSteps(&cell));
  PetscFunctionReturn(PETSC_SUCCESS);
}
