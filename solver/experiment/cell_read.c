/// @file
/// The electrochemical cell in a case file: electrolyte, electrodes, mechanics, coupling, solver settings.
#include "experiment/cell.h"

typedef struct {
  LhNode material, change;
} ElectrolyteKeys;
typedef struct {
  LhNode working, counter;
} ElectrodesKeys;
typedef struct {
  char surface[LH_NAME_MAX];
  PetscInt kind;
  PetscReal contact_resistance, pressure;
  LhNode interface;
} ElectrodeKeys;
typedef struct {
  LhNode electrochemistry;
  PetscReal balance;
} NumericsKeys;

static const char *const electrode_kinds[] = {"collector", "uniform", "lithium", NULL};

static const LhParam electrolyte_rows[] = {
    LH_ROW_NODE(ElectrolyteKeys, material, NULL, "name of an electrolyte, or one in place"),
    LH_ROW_NODE(ElectrolyteKeys, change, "", "keys of it that this case changes"),
};
static const LhParam electrodes_rows[] = {
    LH_ROW_NODE(ElectrodesKeys, working, NULL,
                "the electrode whose voltage and current are given and reported"),
    LH_ROW_NODE(ElectrodesKeys, counter, NULL, "the electrode at 0 V"),
};
static const LhParam electrode_rows[] = {
    LH_ROW_TEXT(ElectrodeKeys, surface, NULL, "surface of the mesh"),
    LH_ROW_CHOICE(
        ElectrodeKeys, kind, electrode_kinds, NULL,
        "collector foil on a host (equipotential), the same with uniform flux, or a lithium face"),
    LH_ROW_REAL(ElectrodeKeys, contact_resistance, "ohm m2", 1e-12, 1, "1e-6 ohm m^2",
                "between collector and host"),
    LH_ROW_REAL(ElectrodeKeys, pressure, "Pa", -1e9, 1e9, "0 Pa", "pressure p on a lithium face"),
    LH_ROW_NODE(ElectrodeKeys, interface, "",
                "kinetics and film of a lithium face, e.g. {like: lithium}"),
};
static const LhParam numerics_rows[] = {
    LH_ROW_NODE(NumericsKeys, electrochemistry, "",
                "time integration of charge, salt and contents"),
    LH_ROW_REAL(NumericsKeys, balance, "1", 1e-17, 1e-6, "1e-6",
                "relative error of the balances of lithium and charge at which a run stops"),
};

static const LhTable electrolyte_table = LH_TABLE("electrolyte", "the liquid", electrolyte_rows);
static const LhTable electrodes_table =
    LH_TABLE("electrodes", "the two terminals", electrodes_rows);
static const LhTable electrode_table = LH_TABLE("electrodes.*", "one terminal", electrode_rows);
static const LhTable numerics_table = LH_TABLE("numerics", "numerical settings", numerics_rows);

PetscErrorCode LhCellGetTables(PetscInt *n, const LhTable *const **tables) {
  static const LhTable *cell[8];

  PetscFunctionBegin;
  cell[0] = &electrolyte_table;
  cell[1] = &electrodes_table;
  cell[2] = &electrode_table;
  cell[3] = LhMechanicsTable();
  cell[4] = LhMechanicsSolverTable();
  cell[5] = &lh_coupling_table;
  cell[6] = &numerics_table;
  cell[7] = &lh_electrochem_solver_table;
  *n = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(cell);
  *tables = cell;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadElectrode(const LhReader *r, LhNode map, LhNode parent, const char path[],
                                    LhElectrode *e) {
  ElectrodeKeys keys = {.surface = ""};

  PetscFunctionBegin;
  PetscCall(LhParamsRead(r, &electrode_table, map, parent, path, &keys));
  if (!map) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscStrncpy(e->surface, keys.surface, sizeof(e->surface)));
  e->kind = (LhElectrodeKind)keys.kind;
  e->contact_resistance = keys.contact_resistance;
  e->pressure = keys.pressure;
  e->molar_volume = 0.00694 / 534;
  if (e->kind == LH_ELECTRODE_LITHIUM && !keys.interface) {
    const LhMark mark = LhNodeGetMark(map);

    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "%s: a lithium face needs its kinetics: interface: {like: lithium}", path));
  } else if (e->kind == LH_ELECTRODE_LITHIUM) {
    char sub[PETSC_MAX_PATH_LEN];

    PetscCall(PetscSNPrintf(sub, sizeof(sub), "%s.interface", path));
    PetscCall(LhInterfaceRead(r, keys.interface, map, sub, &e->interface));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadElectrodes(LhCase c, const LhReader *r, LhNode map) {
  ElectrodesKeys keys = {0};

  PetscFunctionBegin;
  if (!map) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhParamsRead(r, &electrodes_table, map, map, "electrodes", &keys));
  if (keys.working)
    PetscCall(
        ReadElectrode(r, keys.working, map, "electrodes.working", &c->electrodes[LH_WORKING]));
  if (keys.counter)
    PetscCall(
        ReadElectrode(r, keys.counter, map, "electrodes.counter", &c->electrodes[LH_COUNTER]));
  c->electrode_nodes[LH_WORKING] = keys.working;
  c->electrode_nodes[LH_COUNTER] = keys.counter;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCellRead(LhCase c, const LhReader *r, LhNode root,
                          const LhCellSections *sections) {
  ElectrolyteKeys liquid = {0};
  NumericsKeys numerics = {0};

  PetscFunctionBegin;
  c->electrolyte_section = sections->electrolyte;
  c->mechanics_section = sections->mechanics;
  if (sections->electrolyte) {
    PetscCall(
        LhParamsRead(r, &electrolyte_table, sections->electrolyte, root, "electrolyte", &liquid));
    if (liquid.material)
      PetscCall(LhMaterialRead(c->comm, r, liquid.material, liquid.change, c->directory,
                               &c->electrolyte));
  }
  PetscCall(ReadElectrodes(c, r, sections->electrodes));
  if (sections->mechanics) {
    PetscCall(LhMechanicsSpecRead(r, sections->mechanics, root, "mechanics", &c->mechanics_spec));
    PetscCall(LhMechanicsSolverRead(r, c->mechanics_spec.solver, sections->mechanics,
                                    "mechanics.solver", &c->mechanics_solver_spec));
  }
  PetscCall(
      LhParamsRead(r, &lh_coupling_table, sections->coupling, root, "coupling", &c->coupling_spec));
  PetscCall(LhParamsRead(r, &numerics_table, sections->numerics, root, "numerics", &numerics));
  c->balance_limit = numerics.balance;
  PetscCall(LhParamsRead(r, &lh_electrochem_solver_table, numerics.electrochemistry, root,
                         "numerics.electrochemistry", &c->electrochemistry_spec));
  PetscFunctionReturn(PETSC_SUCCESS);
}
