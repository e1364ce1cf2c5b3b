/// @file
/// `lihost list WHAT`: names to write into a case. (verb_list.h beside this file is the list of verbs.)
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "app/verb.h"
#include "base/doc.h"
#include "experiment/case_tables.h"
#include "laws/material.h"

typedef struct {
  const char *name, *brief;
  PetscErrorCode (*print)(LhJson answer);
} Kind;

/// A line, or an entry of the answer.
static PetscErrorCode Row(LhJson answer, const char name[], const char brief[]) {
  PetscFunctionBegin;
  if (answer) {
    PetscCall(LhJsonBeginObject(answer, NULL));
    PetscCall(LhJsonText(answer, "name", name));
    PetscCall(LhJsonText(answer, "brief", brief));
    PetscCall(LhJsonEnd(answer));
  } else {
    printf("%-40s %s\n", name, brief);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Tables whose names begin with `prefix`, named without it.
static PetscErrorCode PrintTables(LhJson answer, const char prefix[]) {
  const size_t n = strlen(prefix);
  LhTableSet *set;

  PetscFunctionBegin;
  PetscCall(LhTablesOfAll(&set));
  for (PetscInt i = 0; i < set->n; i++) {
    const char *name = set->table[i].name;

    if (!strncmp(name, prefix, n))
      PetscCall(Row(answer, *name ? name + n : "(top level)", set->table[i].brief));
  }
  PetscCall(PetscFree(set));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintLaws(LhJson answer) {
  PetscFunctionBegin;
  PetscCall(PrintTables(answer, "law."));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintSections(LhJson answer) {
  PetscFunctionBegin;
  PetscCall(PrintTables(answer, ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One YAML file as "name  kind: description".
static PetscErrorCode PrintFile(LhJson answer, const char path[], const char name[]) {
  LhDiag diag;
  LhDoc doc;

  PetscFunctionBegin;
  PetscCall(LhDiagCreate(&diag));
  PetscCall(LhDocRead(PETSC_COMM_SELF, path, diag, &doc));
  if (doc) {
    const char *kind, *about, *base;
    char brief[512];
    LhNode root;

    PetscCall(LhDocGetRoot(doc, &root));
    kind = LhNodeGetText(LhNodeFind(root, "kind"));
    about = LhNodeGetText(LhNodeFind(root, "description"));
    base = LhNodeGetText(LhNodeFind(root, "base"));
    PetscCall(PetscSNPrintf(brief, sizeof(brief), "%s%s%s%s",
                            kind   ? kind
                            : base ? "changes to "
                                   : "",
                            kind   ? ""
                            : base ? base
                                   : "",
                            about ? ": " : "", about ? about : ""));
    PetscCall(Row(answer, name, brief));
  }
  PetscCall(LhDocDestroy(&doc));
  PetscCall(LhDiagDestroy(&diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintMaterials(LhJson answer) {
  char directory[PETSC_MAX_PATH_LEN], path[PETSC_MAX_PATH_LEN], name[256];
  struct dirent **entries;
  int n;

  PetscFunctionBegin;
  PetscCall(LhMaterialGetDirectory(directory, sizeof(directory)));
  n = scandir(directory, &entries, NULL, alphasort);
  for (int i = 0; i < n; i++) {
    char *end;

    PetscCall(PetscStrncpy(name, entries[i]->d_name, sizeof(name)));
    end = strrchr(name, '.');
    PetscCall(PetscSNPrintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name));
    free(entries[i]);
    if (!end || strcmp(end, ".yaml")) continue;
    *end = 0;
    PetscCall(PrintFile(answer, path, name));
  }
  if (n >= 0) free(entries);
  if (!answer) printf("(in %s)\n", directory);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The words of a protocol.
static PetscErrorCode PrintSteps(LhJson answer) {
  PetscFunctionBegin;
  PetscCall(Row(answer, "  strip at CURRENT until/for ...", "strip at 0.5 mA/cm^2 until 1 V"));
  PetscCall(Row(answer, "  plate at CURRENT until/for ...",
                "plate at 0.5 mA/cm^2 for 1 h or until 3 mA.h/cm^2"));
  PetscCall(Row(answer, "  hold at VOLTAGE until/for ...", "hold at 0.1 V until 0.01 mA/cm^2"));
  PetscCall(Row(answer, "  rest for TIME", "rest for 10 min"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintExperiments(LhJson answer) {
  LhTableSet *set;

  PetscFunctionBegin;
  PetscCall(LhTablesOfAll(&set));
  for (PetscInt i = 0; i < set->n; i++) {
    const char *const name = set->table[i].name;

    if (strncmp(name, "experiment:", 11) || strchr(name, '.')) continue;
    PetscCall(Row(answer, name + 11, set->table[i].brief));
    if (!strcmp(name + 11, "protocol")) PetscCall(PrintSteps(answer));
  }
  PetscCall(PetscFree(set));
  PetscFunctionReturn(PETSC_SUCCESS);
}
static const Kind kinds[] = {
    {"laws",        "constitutive laws, by family",        PrintLaws       },
    {"materials",   "material files shipped with lihost",  PrintMaterials  },
    {"experiments", "what a case can do to a cell",        PrintExperiments},
    {"sections",    "sections of case and material files", PrintSections   },
};

static PetscErrorCode Usage(const char word[]) {
  PetscFunctionBegin;
  if (word)
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "lihost list: there is no list of '%s'; there are:\n", word));
  else
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "lihost list needs one of:\n"));
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(kinds); i++) {
    PetscCall(
        PetscFPrintf(PETSC_COMM_WORLD, stderr, "  %-14s %s\n", kinds[i].name, kinds[i].brief));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode List(const LhWords *words, LhExit *exit_code) {
  const char *const word = words->argc ? words->argv[0] : NULL;
  PetscMPIInt rank;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_DONE;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  for (size_t i = 0; word && i < PETSC_STATIC_ARRAY_LENGTH(kinds); i++) {
    if (strcmp(word, kinds[i].name)) continue;
    if (words->answer) PetscCall(LhJsonBeginArray(words->answer, word));
    if (!rank) PetscCall(kinds[i].print(words->answer));
    if (words->answer) PetscCall(LhJsonEnd(words->answer));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  *exit_code = LH_EXIT_INPUT;
  PetscCall(Usage(word));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_list = {.name = "list",
                             .usage = "list laws|materials|experiments|sections",
                             .brief = "names to write into a case",
                             .choices = "laws materials experiments sections",
                             .detail =
                                 "Lists what a case can name.\n"
                                 "example: lihost list materials\n",
                             .run = List};
