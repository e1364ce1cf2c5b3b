/// @file
/// The list of verbs.
#include "app/verb.h"

#define LH_VERB(name) extern const LhVerb lh_verb_##name;
#include "app/verb_list.h"
#undef LH_VERB

const LhVerb *const *LhVerbsGet(PetscInt *n) {
  static const LhVerb *const verbs[] = {
#define LH_VERB(name) &lh_verb_##name,
#include "app/verb_list.h"
#undef LH_VERB
  };

  *n = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(verbs);
  return verbs;
}
