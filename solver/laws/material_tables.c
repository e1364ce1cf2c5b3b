/// @file
/// Owns the list of all tables of material files and laws, for describe and schema.
#include "laws/material_read.h"

#define MAX_TABLES 128

// Built on the first call and the same ever after.
static LhTable tables[MAX_TABLES];
static const LhTable *pointers[MAX_TABLES];
static char names[MAX_TABLES][LH_NAME_MAX];
static PetscInt num_tables;

static PetscErrorCode Add(const char prefix[], const LhTable *table) {
  PetscFunctionBeginUser;
  PetscCheck(num_tables < MAX_TABLES, PETSC_COMM_SELF, PETSC_ERR_PLIB, "Too many tables");
  PetscCall(PetscSNPrintf(names[num_tables], LH_NAME_MAX, "%s%s", prefix, table->name));
  tables[num_tables] = *table;
  tables[num_tables].name = names[num_tables];
  pointers[num_tables] = &tables[num_tables];
  num_tables++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddLaws(LhLawFamily family) {
  LhLawShape shapes[LH_LIST_MAX];
  char prefix[LH_NAME_MAX];
  PetscInt n;

  PetscFunctionBeginUser;
  PetscCall(PetscSNPrintf(prefix, sizeof(prefix), "%s.", LhLawFamilyName(family)));
  PetscCall(LhLawGetShapes(family, &n, shapes));
  for (PetscInt i = 0; i < n; i++) {
    const LhTable table = {shapes[i].name, shapes[i].brief, shapes[i].rows, shapes[i].num_rows};

    PetscCall(Add(prefix, &table));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMaterialGetTables(PetscInt *n, const LhTable *const **all) {
  static const LhTable *const sections[] = {
      &lh_host_table,     &lh_recipe_table,      &lh_phases_table, &lh_reported_table,
      &lh_porous_table,   &lh_electrolyte_table, &lh_phase_table,  &lh_tortuosity_table,
      &lh_reaction_table, &lh_interface_table,   &lh_mech_table,   &lh_solid_table};

  PetscFunctionBeginUser;
  if (!num_tables) {
    for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(sections); i++) {
      PetscCall(Add("", sections[i]));
    }
    for (int family = 0; family < LH_NUM_LAW_FAMILIES; family++) {
      PetscCall(AddLaws((LhLawFamily)family));
    }
  }
  *n = num_tables;
  *all = pointers;
  PetscFunctionReturn(PETSC_SUCCESS);
}
