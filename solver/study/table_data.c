/// @file
/// Owns the columns of a table and how they are written as CSV and HDF5.
#include "study/table_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic_file.h"
#include "io/h5_file.h"

PetscErrorCode LhTableDataCreate(PetscInt num_rows, LhTableData *table) {
  PetscFunctionBegin;
  *table = (LhTableData){.num_rows = num_rows};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTableDataClear(LhTableData *table) {
  PetscFunctionBegin;
  for (PetscInt k = 0; k < table->n; k++) {
    for (PetscInt i = 0; i < table->num_rows && table->column[k].words; i++)
      PetscCall(PetscFree(table->column[k].text[i]));
    PetscCall(PetscFree(table->column[k].text));
    PetscCall(PetscFree(table->column[k].number));
  }
  PetscCall(PetscFree(table->column));
  *table = (LhTableData){0};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTableDataColumn(LhTableData *table, LhColumnRole role, const char name[],
                                 const char unit[], PetscBool words, LhTableColumn **out) {
  LhTableColumn *column;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < table->n; k++) {
    *out = &table->column[k];
    if ((*out)->role == role && !strcmp((*out)->name, name)) PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (table->n == table->max) {
    table->max = 2 * table->max + 16;
    PetscCall(PetscRealloc((size_t)table->max * sizeof(*column), &table->column));
  }
  column = &table->column[table->n++];
  *column = (LhTableColumn){.role = role, .words = words};
  PetscCall(PetscStrncpy(column->name, name, sizeof(column->name)));
  PetscCall(PetscStrncpy(column->unit, unit, sizeof(column->unit)));
  if (words) PetscCall(PetscCalloc1(table->num_rows, &column->text));
  if (!words) PetscCall(PetscMalloc1(table->num_rows, &column->number));
  for (PetscInt i = 0; i < table->num_rows && !words; i++) column->number[i] = NAN;
  *out = column;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTableDataSetText(LhTableColumn *column, PetscInt row, const char text[]) {
  PetscFunctionBegin;
  PetscCall(PetscFree(column->text[row]));
  PetscCall(PetscStrallocpy(text, &column->text[row]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A cell of text: quoted when it has a comma, a quote or a line break.
static void WriteCell(FILE *stream, const char text[]) {
  if (!strpbrk(text, ",\"\r\n")) {
    (void)fputs(text, stream);
    return;
  }
  (void)fputc('"', stream);
  for (const char *c = text; *c; c++) {
    if (*c == '"') (void)fputc('"', stream);
    (void)fputc(*c == '\n' || *c == '\r' ? ' ' : *c, stream);
  }
  (void)fputc('"', stream);
}

/// Shortest decimal that reads back to the same double.
static void WriteNumber(FILE *stream, PetscReal value) {
  char text[32];

  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(text, sizeof(text), "%.*g", digits, (double)value);
    if (strtod(text, NULL) == (double)value) break;
  }
  (void)fputs(text, stream);
}

PetscErrorCode LhTableDataWriteCsv(const LhTableData *table, const char path[]) {
  LhAtomic atomic;
  FILE *stream;

  PetscFunctionBegin;
  PetscCall(LhAtomicOpen(path, &atomic, &stream));
  for (PetscInt k = 0; k < table->n; k++) {
    char header[4 * LH_NAME_MAX];
    const LhTableColumn *column = &table->column[k];

    (void)snprintf(header, sizeof(header), column->words ? "%s" : "%s [%s]", column->name,
                   column->unit);
    if (k) (void)fputc(',', stream);
    WriteCell(stream, header);
  }
  (void)fputc('\n', stream);
  for (PetscInt i = 0; i < table->num_rows; i++) {
    for (PetscInt k = 0; k < table->n; k++) {
      const LhTableColumn *column = &table->column[k];

      if (k) (void)fputc(',', stream);
      if (column->words && column->text[i]) WriteCell(stream, column->text[i]);
      if (!column->words && !isnan(column->number[i])) WriteNumber(stream, column->number[i]);
    }
    (void)fputc('\n', stream);
  }
  PetscCall(LhAtomicCommit(&atomic));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A column of texts as one block of equal lengths.
static PetscErrorCode WriteWords(LhH5File file, hid_t group, const LhTableData *table,
                                 const LhTableColumn *column, LhH5Rows *rows) {
  size_t width = 1;
  char *block;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < table->num_rows; i++)
    width = PetscMax(width, column->text[i] ? strlen(column->text[i]) : 0);
  PetscCall(PetscCalloc1(width * (size_t)table->num_rows, &block));
  for (PetscInt i = 0; i < table->num_rows; i++) {
    if (column->text[i])
      memcpy(block + (size_t)i * width, column->text[i], strlen(column->text[i]));
  }
  rows->type = H5Tcopy(H5T_C_S1);
  (void)H5Tset_size(rows->type, width);
  (void)H5Tset_strpad(rows->type, H5T_STR_NULLPAD);
  (void)H5Tset_cset(rows->type, H5T_CSET_UTF8);
  rows->values = block;
  PetscCall(LhH5RowsWrite(file, group, rows));
  (void)H5Tclose(rows->type);
  PetscCall(PetscFree(block));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Names of the columns in their order, one a line.
static PetscErrorCode WriteOrder(LhH5File file, hid_t group, const LhTableData *table) {
  char *names;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)table->n * 2 * LH_NAME_MAX + 1, &names));
  for (PetscInt k = 0; k < table->n; k++) {
    if (k) (void)strcat(names, "\n");
    (void)strcat(names, table->column[k].name);
  }
  PetscCall(LhH5AttributeText(file, group, "columns", names));
  PetscCall(PetscFree(names));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTableDataWriteHdf5(const LhTableData *table, const char path[]) {
  static const char *const roles[] = {"input", "observable", "status"};
  LhH5File file;
  hid_t group;

  PetscFunctionBegin;
  if (!table->num_rows) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhH5FileCreate(PETSC_COMM_SELF, path, &file));
  for (int role = LH_ROLE_INPUT; role <= LH_ROLE_STATUS; role++) {
    PetscCall(LhH5GroupOpen(file, roles[role], &group));
    for (PetscInt k = 0; k < table->n; k++) {
      const LhTableColumn *column = &table->column[k];
      LhH5Rows rows = {.name = column->name,
                       .type = H5T_NATIVE_DOUBLE,
                       .num_rows = table->num_rows,
                       .width = 1,
                       .rank = 1,
                       .count = table->num_rows,
                       .values = column->number,
                       .unit = column->words ? NULL : column->unit,
                       .meaning = *column->meaning ? column->meaning : NULL};

      if ((int)column->role != role) continue;
      if (column->words)
        PetscCall(WriteWords(file, group, table, column, &rows));
      else
        PetscCall(LhH5RowsWrite(file, group, &rows));
    }
    if (role == LH_ROLE_INPUT) PetscCall(WriteOrder(file, group, table));
    PetscCall(LhH5GroupClose(file, &group));
  }
  PetscCall(LhH5FileClose(&file));
  PetscFunctionReturn(PETSC_SUCCESS);
}
