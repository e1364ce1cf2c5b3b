/// @file
/// Gathers the tables of all layers and gives each the path of its section. Knows no parameter by name.
#include "experiment/case_tables.h"

#include <string.h>

#include "experiment/case_private.h"
#include "experiment/experiment.h"

/// Sections whose readers do not know where in a case they stand, and their place.
static const char *const places[][2] = {
    {"mesh.box.layers", "mesh.box.layers.[]"          },
    {"random",          "regions.*.variation.*.random"},
    {"voxels",          "regions.*.variation.*.voxels"},
};
static const char *const law_families[] = {"kinetics.",  "equilibrium.", "transport.",
                                           "mechanics.", "fibre.",       "damage."};

static PetscErrorCode Add(LhTableSet *set, const char prefix[], const char name[],
                          const LhTable *table) {
  PetscFunctionBegin;
  PetscCheck(set->n < LH_MAX_TABLES, PETSC_COMM_SELF, PETSC_ERR_PLIB, "more than %d tables",
             LH_MAX_TABLES);
  PetscCall(PetscSNPrintf(set->name[set->n], LH_NAME_MAX, "%s%s", prefix, name));
  set->table[set->n] = *table;
  set->table[set->n].name = set->name[set->n];
  set->n++;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddPlaced(LhTableSet *set, PetscInt n, const LhTable *const tables[]) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    const char *name = tables[i]->name;

    for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(places); k++) {
      if (!strcmp(name, places[k][0])) name = places[k][1];
    }
    PetscCall(Add(set, "", name, tables[i]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool Has(const LhTableSet *set, const char name[]) {
  for (PetscInt i = 0; i < set->n; i++) {
    if (!strcmp(set->name[i], name)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/// Tables of all kinds of experiment; kinds may share some.
static PetscErrorCode AddExperiments(LhTableSet *set) {
  const LhExperiment *const *kinds;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhExperimentGetAll(&n, &kinds));
  for (PetscInt k = 0; k < n; k++) {
    const LhTable *const *tables;
    PetscInt num;

    PetscCall(kinds[k]->get_tables(&num, &tables));
    for (PetscInt i = 0; i < num; i++) {
      if (!Has(set, tables[i]->name)) PetscCall(Add(set, "", tables[i]->name, tables[i]));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTablesOfCase(LhTableSet **out) {
  const LhTable *const *own, *const *mesh;
  PetscInt num_own, num_mesh;
  LhTableSet *set;

  PetscFunctionBegin;
  PetscCall(PetscNew(&set));
  *out = set;
  PetscCall(LhCaseGetOwnTables(&num_own, &own));
  PetscCall(LhMeshGetTables(&num_mesh, &mesh));
  PetscCall(AddPlaced(set, num_own, own));
  PetscCall(AddPlaced(set, num_mesh, mesh));
  PetscCall(AddExperiments(set));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Tables of laws and of materials stand under a heading of their own.
static const char *MaterialPrefix(const char name[]) {
  for (size_t f = 0; f < PETSC_STATIC_ARRAY_LENGTH(law_families); f++) {
    if (!strncmp(name, law_families[f], strlen(law_families[f]))) return "law.";
  }
  return strncmp(name, "material.", 9) ? "material." : "";
}

PetscErrorCode LhTablesOfAll(LhTableSet **out) {
  const LhTable *const *material;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhTablesOfCase(out));
  PetscCall(LhMaterialGetTables(&n, &material));
  for (PetscInt i = 0; i < n; i++)
    PetscCall(Add(*out, MaterialPrefix(material[i]->name), material[i]->name, material[i]));
  PetscFunctionReturn(PETSC_SUCCESS);
}
