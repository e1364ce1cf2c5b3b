/// @file
/// Owns the reading of laws: `{law: <name>, <parameters of that law>}` for all registries.
///
/// The law named picks the table; everything else is param.h. Must never know a law by name.
#include <string.h>

#include "laws/damage_law.h"
#include "laws/fibre_law.h"
#include "laws/material_read.h"

const char *LhLawFamilyName(LhLawFamily family) {
  static const char *const names[] = {"kinetics",  "equilibrium", "transport",
                                      "mechanics", "fibre",       "damage"};

  return names[family];
}

// The law structs begin with the same members but are different types.
#define FillShapes(Kind, has_check)                                                  \
  do {                                                                               \
    const Lh##Kind##Law *const *laws;                                                \
                                                                                     \
    PetscCall(Lh##Kind##LawGetAll(n, &laws));                                        \
    PetscCheck(*n <= LH_LIST_MAX, PETSC_COMM_SELF, PETSC_ERR_PLIB, "Too many laws"); \
    for (PetscInt i = 0; i < *n; i++) {                                              \
      shapes[i] = (LhLawShape){.law = laws[i],                                       \
                               .name = laws[i]->name,                                \
                               .brief = laws[i]->brief,                              \
                               .rows = laws[i]->params,                              \
                               .num_rows = laws[i]->num_params,                      \
                               .size = laws[i]->params_size};                        \
      has_check;                                                                     \
    }                                                                                \
  } while (0)

PetscErrorCode LhLawGetShapes(LhLawFamily family, PetscInt *n, LhLawShape shapes[]) {
  PetscFunctionBeginUser;
  *n = 0;
  switch (family) {
    case LH_LAW_KINETICS:
      FillShapes(Kinetics, (void)0);
      break;
    case LH_LAW_EQUILIBRIUM:
      FillShapes(Equilibrium, shapes[i].check = laws[i]->check);
      break;
    case LH_LAW_TRANSPORT:
      FillShapes(Transport, (void)0);
      break;
    case LH_LAW_MECHANICS:
      FillShapes(Mech, shapes[i].check = laws[i]->check);
      break;
    case LH_LAW_FIBRE:
      FillShapes(Fibre, (void)0);
      break;
    case LH_LAW_DAMAGE:
      FillShapes(Damage, (void)0);
      break;
    case LH_NUM_LAW_FAMILIES:
      break;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhLawFindShape(LhLawFamily family, const char name[], LhLawShape *shape) {
  LhLawShape shapes[LH_LIST_MAX];
  PetscInt n;

  PetscFunctionBeginUser;
  *shape = (LhLawShape){.law = NULL};
  PetscCall(LhLawGetShapes(family, &n, shapes));
  for (PetscInt i = 0; i < n && name; i++) {
    if (!strcmp(name, shapes[i].name)) *shape = shapes[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CountErrors(const LhReader *reader, PetscInt *errors) {
  PetscFunctionBeginUser;
  PetscCall(LhDiagGetCounts(reader->diag, errors, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Reads only the key `law`; `shape->law` is NULL after a diagnostic.
static PetscErrorCode ReadName(const LhReader *reader, const LhLawSection *section,
                               const char *const names[], LhLawShape *shape) {
  static const char *const keys[] = {"law"};
  const LhReader quiet = {.diag = reader->diag, .record = NULL};
  const LhParam row = {.name = "law",
                       .kind = LH_PARAM_CHOICE,
                       .unit = "1",
                       .choices = names,
                       .meaning = "name of the law"};
  const LhTable table = {LhLawFamilyName(section->family), "", &row, 1};
  LhDoc scratch;
  LhNode picked;
  PetscInt before, after, index = 0;

  PetscFunctionBeginUser;
  PetscCall(CountErrors(reader, &before));
  PetscCall(LhDocParse("", "{}", 2, reader->diag, &scratch));
  PetscCall(LhNodePick(scratch, section->map, 1, keys, &picked));
  PetscCall(LhParamsRead(&quiet, &table, picked ? picked : section->map, section->parent,
                         section->path, &index));
  PetscCall(LhDocDestroy(&scratch));
  PetscCall(CountErrors(reader, &after));
  PetscCall(LhLawFindShape(section->family, after > before ? NULL : names[index], shape));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// One buffer for the law's parameters, the rows beside them, and the word behind `law`.
static PetscErrorCode ReadRows(const LhReader *reader, const LhLawSection *section,
                               const LhLawShape *shape, const char *const names[], char buffer[]) {
  const size_t extra_at = (shape->size + 15) / 16 * 16, law_at = extra_at + section->extra_size;
  const PetscInt num_extra = section->extra ? section->extra->num_rows : 0;
  const PetscInt n = shape->num_rows + num_extra + 1;
  LhTable table = {shape->name, shape->brief, NULL, n};
  LhParam *rows;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &rows));
  for (PetscInt i = 0; i < shape->num_rows; i++) rows[i] = shape->rows[i];
  for (PetscInt i = 0; i < num_extra; i++) {
    rows[shape->num_rows + i] = section->extra->rows[i];
    rows[shape->num_rows + i].offset += extra_at;
  }
  rows[n - 1] = (LhParam){.name = "law",
                          .kind = LH_PARAM_CHOICE,
                          .unit = "1",
                          .offset = law_at,
                          .choices = names,
                          .meaning = "name of the law"};
  table.rows = rows;
  if (section->extra_size) memcpy(buffer + extra_at, section->extra_params, section->extra_size);
  PetscCall(LhParamsRead(reader, &table, section->map, section->parent, section->path, buffer));
  if (section->extra_size) memcpy(section->extra_params, buffer + extra_at, section->extra_size);
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhLawRead(const LhReader *reader, const LhLawSection *section, const void **law,
                         void **params) {
  LhLawShape shapes[LH_LIST_MAX], shape;
  const char *names[LH_LIST_MAX + 1] = {NULL}, *why;
  const LhMark mark = LhNodeGetMark(section->map ? section->map : section->parent);
  PetscInt n, before, after;
  char *buffer;

  PetscFunctionBeginUser;
  *law = NULL;
  *params = NULL;
  PetscCall(LhLawGetShapes(section->family, &n, shapes));
  for (PetscInt i = 0; i < n; i++) names[i] = shapes[i].name;
  PetscCall(ReadName(reader, section, names, &shape));
  if (!shape.law) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(CountErrors(reader, &before));
  PetscCall(PetscCalloc1(shape.size + section->extra_size + 32, &buffer));
  PetscCall(ReadRows(reader, section, &shape, names, buffer));
  PetscCall(CountErrors(reader, &after));
  why = after == before && shape.check ? shape.check(buffer) : NULL;
  if (why) PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark, "%s: %s", section->path, why));
  if (why || after > before) {
    PetscCall(PetscFree(buffer));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *law = shape.law;
  *params = buffer;
  PetscFunctionReturn(PETSC_SUCCESS);
}
