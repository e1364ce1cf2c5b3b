/// @file
/// Owns small HDF5 files of tables: groups of columns of equal length, each with unit and meaning.
#include "io/output_impl.h"

static PetscErrorCode WriteGroup(LhOutput output, LhH5File file, const LhOutputTable *table) {
  PetscReal *column;
  hid_t group;

  PetscFunctionBeginUser;
  PetscCall(LhH5GroupOpen(file, table->name, &group));
  PetscCall(PetscMalloc1(table->num_rows + 1, &column));
  for (PetscInt k = 0; k < table->num_columns; k++) {
    const LhH5Rows rows = {.name = table->columns[k].name,
                           .type = H5T_NATIVE_DOUBLE,
                           .num_rows = table->num_rows,
                           .width = 1,
                           .rank = 1,
                           .count = output->rank == 0 ? table->num_rows : 0,
                           .values = column,
                           .unit = table->columns[k].unit,
                           .meaning = table->columns[k].meaning};

    for (PetscInt i = 0; i < table->num_rows; i++)
      column[i] = table->values[i * table->num_columns + k];
    PetscCall(LhH5RowsWrite(file, group, &rows));
  }
  PetscCall(PetscFree(column));
  PetscCall(LhH5GroupClose(file, &group));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOutputTables(LhOutput output, const char name[], PetscInt n,
                              const LhOutputTable tables[]) {
  char path[PETSC_MAX_PATH_LEN];
  LhH5File file;

  PetscFunctionBeginUser;
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/%s", output->dir, name));
  PetscCall(LhH5FileCreate(output->comm, path, &file));
  for (PetscInt i = 0; i < n; i++) PetscCall(WriteGroup(output, file, &tables[i]));
  PetscCall(LhH5FileClose(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}
