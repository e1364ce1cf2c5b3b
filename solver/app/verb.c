/// @file
/// The list of verbs.
#include "app/verb.h"

#include <string.h>

#define LH_VERB(name) extern const LhVerb lh_verb_##name;
#include "app/verb_list.h"
#undef LH_VERB

const char *LhWordBehind(const LhWords *words, const char option[]) {
  for (int i = 0; i + 1 < words->argc; i++) {
    if (!strcmp(words->argv[i], option)) return words->argv[i + 1];
  }
  return NULL;
}

const LhVerb *const *LhVerbsGet(PetscInt *n) {
  static const LhVerb *const verbs[] = {
#define LH_VERB(name) &lh_verb_##name,
#include "app/verb_list.h"
#undef LH_VERB
  };

  *n = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(verbs);
  return verbs;
}
