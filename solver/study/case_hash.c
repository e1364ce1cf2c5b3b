/// @file
/// Owns the hash that tells identical cases: everything that decides a result, however it is written.
///
/// Values of case and materials come from the record; what never gets there (mesh, steps, files, the composition of a
/// generated volume) is added here. A new way for a case to read a file belongs here too.
#define _DEFAULT_SOURCE  // scandir
#include "study/case_hash.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/case_mesh.h"
#include "mesh/mesh_problem.h"

/// Everything below a node as text; the same tree gives the same text. Without `seeds` their values are left out.
static void HashNode(LhHash *hash, LhNode node, PetscBool seeds) {
  const char *text = LhNodeGetText(node);

  if (text) {
    LhHashAdd(hash, text, strlen(text) + 1);
    return;
  }
  for (PetscInt i = 0; i < LhNodeGetSize(node); i++) {
    const char *key = LhNodeGetKind(node) == LH_NODE_MAP ? LhNodeGetKey(node, i) : "-";

    LhHashAdd(hash, key, strlen(key) + 1);
    if (seeds || strcmp(key, "seed")) HashNode(hash, LhNodeGetItem(node, i), seeds);
  }
  LhHashAdd(hash, ";", 1);
}

/// A file as its bytes; a folder (slices of an image) as the files in it by name.
static PetscErrorCode HashFile(LhHash *hash, const char path[]) {
  char bytes[65536];
  FILE *stream = fopen(path, "rb");

  PetscFunctionBegin;
  if (!stream) PetscFunctionReturn(PETSC_SUCCESS);
  for (size_t n = sizeof(bytes); n == sizeof(bytes);) {
    n = fread(bytes, 1, sizeof(bytes), stream);
    LhHashAdd(hash, bytes, n);
  }
  (void)fclose(stream);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode HashPath(LhHash *hash, const char path[]) {
  char inside[2 * PETSC_MAX_PATH_LEN];
  struct dirent **entries;
  const int n = scandir(path, &entries, NULL, alphasort);

  PetscFunctionBegin;
  if (n < 0) {
    PetscCall(HashFile(hash, path));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (int i = 0; i < n; i++) {
    const char *name = entries[i]->d_name;

    if (name[0] != '.') {
      LhHashAdd(hash, name, strlen(name) + 1);
      (void)snprintf(inside, sizeof(inside), "%s/%s", path, name);
      PetscCall(HashFile(hash, inside));
    }
    free(entries[i]);
  }
  free(entries);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Contents of the files that keys called `file` name.
static PetscErrorCode HashFiles(LhHash *hash, LhNode node, const char directory[]) {
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < LhNodeGetSize(node); i++) {
    const LhNode item = LhNodeGetItem(node, i);
    const char *text = LhNodeGetText(item);

    PetscCall(HashFiles(hash, item, directory));
    if (!text || LhNodeGetKind(node) != LH_NODE_MAP || strcmp(LhNodeGetKey(node, i), "file"))
      continue;
    PetscCall(LhMeshResolvePath(directory, text, sizeof(path), path));
    PetscCall(HashPath(hash, path));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What a generated volume takes from the material file that `mesh.rve.composition` names. Mistakes show on set-up.
static PetscErrorCode HashComposition(LhCase c, LhHash *hash) {
  LhReader quiet = {.diag = NULL, .record = NULL};
  LhRveFractions fractions;
  PetscBool found;

  PetscFunctionBegin;
  PetscCall(LhDiagCreate(&quiet.diag));
  PetscCall(
      LhCaseReadFractions(c->comm, &quiet, c->mesh_section, c->directory, &fractions, &found));
  if (found) LhHashAdd(hash, &fractions, sizeof(fractions));
  PetscCall(LhDiagDestroy(&quiet.diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStudyHashInput(LhCase c, char digest[LH_HASH_SIZE]) {
  LhHash hash;
  LhNode root;
  PetscInt n;

  PetscFunctionBegin;
  LhHashStart(&hash);
  LhHashAdd(&hash, LIHOST_VERSION, sizeof(LIHOST_VERSION));
  PetscCall(LhRecordGetSize(c->record, &n));
  for (PetscInt i = 0; i < n; i++) {
    LhRecordEntry entry;

    PetscCall(LhRecordGetEntry(c->record, i, &entry));
    if (!strcmp(entry.path, "name") || !strncmp(entry.path, "output.", 7)) continue;
    LhHashAdd(&hash, entry.path, strlen(entry.path) + 1);
    if (isnan(entry.value))
      LhHashAdd(&hash, entry.text, strlen(entry.text) + 1);
    else
      LhHashAdd(&hash, &entry.value, sizeof(entry.value));
  }
  PetscCall(LhDocGetRoot(c->doc, &root));
  HashNode(&hash, LhNodeFind(root, "mesh"), PETSC_TRUE);
  HashNode(&hash, LhNodeFind(root, "experiment"), PETSC_TRUE);
  HashNode(&hash, LhNodeFind(LhNodeFind(root, "output"), "states"), PETSC_TRUE);
  PetscCall(HashFiles(&hash, root, c->directory));
  PetscCall(HashComposition(c, &hash));
  LhHashFinish(&hash, digest);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStudyHashShape(LhCase c, char digest[LH_HASH_SIZE]) {
  LhHash hash;
  LhNode root;

  PetscFunctionBegin;
  PetscCall(LhDocGetRoot(c->doc, &root));
  LhHashStart(&hash);
  LhHashAdd(&hash, c->directory, strlen(c->directory));
  HashNode(&hash, LhNodeFind(root, "mesh"), PETSC_FALSE);
  HashNode(&hash, LhNodeFind(root, "experiment"), PETSC_FALSE);
  LhHashFinish(&hash, digest);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStudyHashMesh(LhCase c, char digest[LH_HASH_SIZE]) {
  LhHash hash;
  LhNode root;

  PetscFunctionBegin;
  PetscCall(LhDocGetRoot(c->doc, &root));
  LhHashStart(&hash);
  LhHashAdd(&hash, c->directory, strlen(c->directory) + 1);
  HashNode(&hash, LhNodeFind(root, "mesh"), PETSC_TRUE);
  PetscCall(HashComposition(c, &hash));
  LhHashFinish(&hash, digest);
  PetscFunctionReturn(PETSC_SUCCESS);
}

void LhStudyHashWords(const char path[], const LhWordList *words, char digest[LH_HASH_SIZE]) {
  LhHash hash;

  LhHashStart(&hash);
  LhHashAdd(&hash, path, strlen(path) + 1);
  for (PetscInt i = 0; i < words->n; i++)
    LhHashAdd(&hash, words->word[i], strlen(words->word[i]) + 1);
  LhHashFinish(&hash, digest);
}
