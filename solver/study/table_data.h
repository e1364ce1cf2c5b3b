/// @file
/// Private to solver/study: a table in memory, and its two files.
#pragma once

#include "base/base.h"
#include "base/quantity.h"

typedef enum { LH_ROLE_INPUT, LH_ROLE_OBSERVABLE, LH_ROLE_STATUS } LhColumnRole;

typedef struct {
  char name[2 * LH_NAME_MAX], unit[LH_UNIT_MAX], meaning[256], number_class[16];
  LhColumnRole role;
  PetscBool words;
  PetscReal *number;  ///< [row], NaN where there is none
  char **text;        ///< [row], NULL where there is none; owned
} LhTableColumn;

typedef struct {
  PetscInt num_rows, n, max;
  LhTableColumn *column;
} LhTableData;

PetscErrorCode LhTableDataCreate(PetscInt num_rows, LhTableData *table);
PetscErrorCode LhTableDataClear(LhTableData *table);
/// The column of that role and name, made when it is new; the pointer holds until the next call.
PetscErrorCode LhTableDataColumn(LhTableData *table, LhColumnRole role, const char name[],
                                 const char unit[], PetscBool words, LhTableColumn **column);
PetscErrorCode LhTableDataSetText(LhTableColumn *column, PetscInt row, const char text[]);
/// Both replace the file at once.
PetscErrorCode LhTableDataWriteCsv(const LhTableData *table, const char path[]);
PetscErrorCode LhTableDataWriteHdf5(const LhTableData *table, const char path[]);
