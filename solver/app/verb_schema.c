/// @file
/// `lihost schema`: the JSON Schema of a case file, for editors.
#include "app/verb.h"
#include "base/describe.h"
#include "experiment/case_tables.h"

static PetscErrorCode Schema(const LhWords *words, LhExit *exit_code) {
  LhTableSet *set;
  LhJson json;
  const char *text;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_DONE;
  PetscCall(LhTablesOfCase(&set));
  PetscCall(LhJsonCreate(&json));
  PetscCall(LhDescribeSchema(set->n, set->table, "lihost case", "experiment", "kind", json));
  PetscCall(LhJsonGetText(json, &text, NULL));
  if (words->answer)
    PetscCall(LhJsonValue(words->answer, "schema", text));
  else
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stdout, "%s", text));
  PetscCall(LhJsonDestroy(&json));
  PetscCall(PetscFree(set));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_schema = {.name = "schema",
                               .usage = "schema",
                               .brief = "JSON Schema of the case file, for editors",
                               .detail =
                                   "Editors complete and check case files with it.\n"
                                   "example: lihost schema >lihost.schema.json\n",
                               .run = Schema};
