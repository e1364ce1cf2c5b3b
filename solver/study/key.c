/// @file
/// Owns the meaning of a study's keys.
#include "study/key.h"

#include <stdarg.h>
#include <string.h>

#include "experiment/case_tables.h"
#include "study/design.h"

#define PREFIX "materials."

/// Keys that take the place of others: the second is set with the first, because only one of them may be given.
static const char *const instead[][2] = {
    {"precursors.cnt_mass_fraction", "precursors.CNT=0"},
    {"precursors.cnt_per_slurry",    "precursors.CNT=0"},
};
/// Parts of table names that are kinds of material and not sections of its file.
static const char *const kinds[] = {"host.", "porous.", "electrolyte."};

PetscErrorCode LhWordListAdd(LhWordList *list, const char format[], ...) {
  va_list args;
  char *word;
  int length;

  PetscFunctionBegin;
  if (list->n == list->max) {
    list->max = 2 * list->max + 8;
    PetscCall(PetscRealloc((size_t)list->max * sizeof(char *), &list->word));
  }
  va_start(args, format);
  length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  PetscCall(PetscMalloc1((size_t)length + 1, &word));
  va_start(args, format);
  (void)vsnprintf(word, (size_t)length + 1, format, args);
  va_end(args);
  list->word[list->n++] = word;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhWordListClear(LhWordList *list) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < list->n; i++) PetscCall(PetscFree(list->word[i]));
  PetscCall(PetscFree(list->word));
  *list = (LhWordList){0};
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Section of a material's file that a table describes: "precursors." of "material.host.precursors".
static void Section(const char table[], char section[LH_STUDY_TEXT_MAX]) {
  const char *rest = table + strlen("material.");

  for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(kinds); k++) {
    const size_t length = strlen(kinds[k]);

    if (!strncmp(rest, kinds[k], length))
      rest += length;
    else if (strlen(rest) + 1 == length && !strncmp(rest, kinds[k], length - 1))
      rest = "";
  }
  (void)snprintf(section, LH_STUDY_TEXT_MAX, "%s%s", rest, *rest ? "." : "");
}

/// Full path of a material's key given by its last word; the word itself when no section or several have it.
static PetscErrorCode CompleteKey(const char key[], char full[LH_STUDY_TEXT_MAX]) {
  LhTableSet *set;
  PetscInt matches = 0;

  PetscFunctionBegin;
  PetscCall(PetscStrncpy(full, key, LH_STUDY_TEXT_MAX));
  if (strchr(key, '.')) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhTablesOfAll(&set));
  for (PetscInt i = 0; i < set->n; i++) {
    const LhTable *table = &set->table[i];
    char section[LH_STUDY_TEXT_MAX];

    if (strncmp(table->name, "material.", 9) || strpbrk(table->name, "*[")) continue;
    Section(table->name, section);
    for (PetscInt k = 0; k < table->num_rows; k++) {
      if (strcmp(table->rows[k].name, key)) continue;
      if (!*section || !matches) (void)snprintf(full, LH_STUDY_TEXT_MAX, "%s%s", section, key);
      matches = *section ? matches + 1 : -LH_MAX_TABLES;  // a key of the file itself wins
    }
  }
  if (matches > 1) PetscCall(PetscStrncpy(full, key, LH_STUDY_TEXT_MAX));
  PetscCall(PetscFree(set));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// True when `material` is the material `name[length]`: by name, by file, or in place.
static PetscBool Is(LhNode material, const char name[], size_t length) {
  const char *text = LhNodeGetText(material), *slash;
  size_t n;

  if (!text) text = LhNodeGetText(LhNodeFind(material, "name"));
  if (!text) return PETSC_FALSE;
  slash = strrchr(text, '/');
  if (slash) text = slash + 1;
  n = strlen(text);
  if (n > 5 && !strcmp(text + n - 5, ".yaml")) n -= 5;
  return n == length && !strncmp(text, name, n) ? PETSC_TRUE : PETSC_FALSE;
}

static PetscErrorCode AssignIn(const char place[], const char key[], const char value[],
                               LhWordList *list) {
  PetscFunctionBegin;
  PetscCall(LhWordListAdd(list, "%s.change.%s=%s", place, key, value));
  for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(instead); k++) {
    if (!strcmp(instead[k][0], key))
      PetscCall(LhWordListAdd(list, "%s.change.%s", place, instead[k][1]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhKeyAssign(LhDoc doc, const char key[], const char value[], LhWordList *list,
                           PetscBool *found) {
  LhNode root, regions, volume;
  const char *name = key + strlen(PREFIX), *dot;
  char full[LH_STUDY_TEXT_MAX], place[LH_STUDY_TEXT_MAX];
  const PetscInt before = list->n;
  size_t length;

  PetscFunctionBegin;
  *found = PETSC_TRUE;
  dot = strncmp(key, PREFIX, strlen(PREFIX)) ? NULL : strchr(name, '.');
  if (!dot) {
    PetscCall(LhWordListAdd(list, "%s=%s", key, value));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  length = (size_t)(dot - name);
  PetscCall(CompleteKey(dot + 1, full));
  PetscCall(LhDocGetRoot(doc, &root));
  regions = LhNodeFind(root, "regions");
  volume = LhNodeFind(LhNodeFind(root, "mesh"), "rve");
  for (PetscInt i = 0; regions && i < LhNodeGetSize(regions); i++) {
    (void)snprintf(place, sizeof(place), "regions.%s", LhNodeGetKey(regions, i));
    if (Is(LhNodeFind(LhNodeGetItem(regions, i), "material"), name, length))
      PetscCall(AssignIn(place, full, value, list));
  }
  if (Is(LhNodeFind(LhNodeFind(root, "electrolyte"), "material"), name, length))
    PetscCall(AssignIn("electrolyte", full, value, list));
  if (Is(LhNodeFind(volume, "composition"), name, length))
    PetscCall(AssignIn("mesh.rve", full, value, list));
  *found = list->n > before ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Seed of the place `path` in one volume: FNV-1a of the path, mixed with volume and seed.
static PetscInt SeedOf(const char path[], PetscInt volume, PetscInt seed) {
  uint64_t state = 0xcbf29ce484222325ULL;

  for (const char *c = path; *c; c++) state = (state ^ (unsigned char)*c) * 0x100000001b3ULL;
  state ^= (uint64_t)volume << 32 ^ (uint64_t)seed;
  return (PetscInt)(LhRandomNext(&state) >> 33);
}

static PetscErrorCode AssignSeed(const char path[], PetscInt volume, PetscInt seed,
                                 LhWordList *list) {
  PetscFunctionBegin;
  PetscCall(LhWordListAdd(list, "%s=%d", path, (int)SeedOf(path, volume, seed)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Walks the tree: a key `seed`, or a map `random` that has none yet.
static PetscErrorCode WalkSeeds(LhNode node, const char path[], PetscInt volume, PetscInt seed,
                                LhWordList *list) {
  const PetscBool is_map = LhNodeGetKind(node) == LH_NODE_MAP ? PETSC_TRUE : PETSC_FALSE;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < LhNodeGetSize(node); i++) {
    const LhNode item = LhNodeGetItem(node, i);
    char number[16], inner[LH_STUDY_TEXT_MAX];
    const char *key = number;

    (void)snprintf(number, sizeof(number), "%d", (int)i);
    if (is_map) key = LhNodeGetKey(node, i);
    (void)snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", key);
    if (is_map && !strcmp(key, "seed")) {
      PetscCall(AssignSeed(inner, volume, seed, list));
    } else if (LhNodeGetKind(item) != LH_NODE_SCALAR) {
      PetscCall(WalkSeeds(item, inner, volume, seed, list));
    }
    if (is_map && !strcmp(key, "random") && LhNodeGetKind(item) == LH_NODE_MAP &&
        !LhNodeFind(item, "seed")) {
      (void)snprintf(inner, sizeof(inner), "%s%srandom.seed", path, *path ? "." : "");
      PetscCall(AssignSeed(inner, volume, seed, list));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhKeyAssignVolume(LhDoc doc, PetscInt volume, PetscInt seed, LhWordList *list,
                                 PetscBool *found) {
  const PetscInt before = list->n;
  LhNode root;

  PetscFunctionBegin;
  PetscCall(LhDocGetRoot(doc, &root));
  PetscCall(WalkSeeds(root, "", volume, seed, list));
  *found = list->n > before ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}
