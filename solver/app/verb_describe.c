/// @file
/// `lihost describe [SECTION] [--markdown]`: every key with unit, bounds and default, from the tables that read it.
#include <string.h>

#include "app/verb.h"
#include "base/describe.h"
#include "experiment/case_tables.h"
#include "study/study.h"

static PetscErrorCode Unknown(const LhTableSet *set, const char section[]) {
  const char *names[LH_MAX_TABLES], *near;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < set->n; i++) names[i] = set->table[i].name;
  near = LhNearestWord(section, set->n, names);
  PetscCall(PetscFPrintf(
      PETSC_COMM_WORLD, stderr,
      "lihost describe: there is no section '%s'%s%s%s; lihost list sections names them\n", section,
      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The full name of a section given by its last part alone ("butler_volmer"), else the word itself.
static const char *Complete(const LhTableSet *set, const char word[]) {
  const char *found = word;

  for (PetscInt i = 0; i < set->n; i++) {
    const char *dot = strrchr(set->table[i].name, '.');

    if (!strcmp(set->table[i].name, word)) return word;
    if (dot && !strcmp(dot + 1, word)) found = set->table[i].name;
  }
  return found;
}

/// Behind the tables of cases and materials those of study files.
static PetscErrorCode AddStudyTables(LhTableSet *set) {
  const LhTable *const *tables;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(LhStudyGetTables(&n, &tables));
  for (PetscInt i = 0; i < n && set->n < LH_MAX_TABLES; i++) set->table[set->n++] = *tables[i];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Print(const LhTableSet *set, const char section[], PetscBool markdown,
                            LhJson answer, PetscInt *found) {
  PetscMPIInt rank;

  PetscFunctionBegin;
  *found = 1;
  if (answer) {
    PetscCall(LhDescribeJson(set->n, set->table, Complete(set, section), answer, found));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank) PetscFunctionReturn(PETSC_SUCCESS);
  if (!markdown)
    PetscCall(LhDescribeText(set->n, set->table, Complete(set, section), stdout, found));
  else
    PetscCall(LhDescribeMarkdown(set->n, set->table, stdout));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Describe(const LhWords *words, LhExit *exit_code) {
  const char *section = "";
  PetscBool markdown = PETSC_FALSE;
  PetscInt found;
  LhTableSet *set;

  PetscFunctionBegin;
  for (int i = 0; i < words->argc; i++) {
    if (!strcmp(words->argv[i], "--markdown"))
      markdown = PETSC_TRUE;
    else
      section = words->argv[i];
  }
  PetscCall(LhTablesOfAll(&set));
  PetscCall(AddStudyTables(set));
  if (markdown) {
    PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                          "# Reference of all keys\n\nMade by `lihost describe --markdown` from "
                          "the tables that also do the reading; do not edit. "
                          "`*` stands for a name\nyou choose, `[]` for the entries of a list. How "
                          "to write a case: [case_file.md](case_file.md).\n\n"));
  }
  PetscCall(Print(set, section, markdown, words->answer, &found));
  PetscCallMPI(MPI_Bcast(&found, 1, MPIU_INT, 0, PETSC_COMM_WORLD));
  *exit_code = found ? LH_EXIT_DONE : LH_EXIT_INPUT;
  if (!found) PetscCall(Unknown(set, section));
  PetscCall(PetscFree(set));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_describe = {
    .name = "describe",
    .usage = "describe [SECTION] [--markdown]",
    .brief = "keys of a section with unit, bounds, default",
    .options = "--markdown",
    .choices = "$(lihost list sections 2>/dev/null | cut -d' ' -f1)",
    .detail =
        "Without a section: the sections. --markdown writes all of them as a document.\n"
        "example: lihost describe output\n",
    .run = Describe};
