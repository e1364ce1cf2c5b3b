/// @file
/// Owns the search for material files: beside the case first, then the shipped directory.
///
/// Rank 0 looks at the disk, all ranks hear the answer. Must never interpret what is in a file.
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "laws/material_read.h"

#define SUFFIX      ".yaml"
#define MAX_LISTING 8192  // names of shipped files, for suggestions [bytes]

// Set once at start-up by the program; empty: only the environment says.
static char shipped_directory[PETSC_MAX_PATH_LEN];

PetscErrorCode LhMaterialSetDirectory(const char directory[]) {
  PetscFunctionBeginUser;
  PetscCall(PetscStrncpy(shipped_directory, directory, sizeof(shipped_directory)));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMaterialGetDirectory(char directory[], size_t size) {
  const char *data = getenv("LIHOST_DATA"), *source = getenv("LIHOST_SOURCE_DIR");

  PetscFunctionBeginUser;
  if (data && *data) {
    PetscCall(PetscSNPrintf(directory, size, "%s/materials", data));
  } else if (*shipped_directory) {
    PetscCall(PetscStrncpy(directory, shipped_directory, size));
  } else if (source && *source) {
    PetscCall(PetscSNPrintf(directory, size, "%s/materials", source));
  } else {
    PetscCall(PetscStrncpy(directory, "materials", size));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// First of beside/name, beside/name.yaml, shipped/name.yaml that can be read; "" when none can.
static PetscErrorCode Search(const char name[], const char case_dir[], char path[], size_t size) {
  const PetscBool absolute = name[0] == '/' ? PETSC_TRUE : PETSC_FALSE;
  const char *beside = case_dir && *case_dir ? case_dir : ".";
  char shipped[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  PetscCall(LhMaterialGetDirectory(shipped, sizeof(shipped)));
  for (int i = 0; i < 3; i++) {
    const char *directory = i < 2 ? beside : shipped;
    PetscBool found;

    PetscCall(PetscSNPrintf(path, size, "%s%s%s%s", absolute ? "" : directory, absolute ? "" : "/",
                            name, i ? SUFFIX : ""));
    PetscCall(PetscTestFile(path, 'r', &found));
    if (found) PetscFunctionReturn(PETSC_SUCCESS);
  }
  path[0] = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Names of the shipped files without suffix, each ended by NUL, the list by an empty one.
static PetscErrorCode ListShipped(char listing[MAX_LISTING]) {
  char directory[PETSC_MAX_PATH_LEN];
  size_t used = 0;
  DIR *stream;

  PetscFunctionBeginUser;
  memset(listing, 0, MAX_LISTING);
  PetscCall(LhMaterialGetDirectory(directory, sizeof(directory)));
  stream = opendir(directory);
  if (!stream) PetscFunctionReturn(PETSC_SUCCESS);
  for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
    const size_t length = strlen(entry->d_name), stem = length - strlen(SUFFIX);

    if (length <= strlen(SUFFIX) || strcmp(entry->d_name + stem, SUFFIX)) continue;
    if (used + stem + 2 > MAX_LISTING) break;
    memcpy(listing + used, entry->d_name, stem);
    used += stem + 1;
  }
  closedir(stream);
  PetscFunctionReturn(PETSC_SUCCESS);
}

// What rank 0 found: the path, or the names it could have been.
typedef struct {
  char path[PETSC_MAX_PATH_LEN];
  char shipped[MAX_LISTING];
} Finding;

static PetscErrorCode ReportUnknown(const LhMaterialContext *context, LhNode name,
                                    const char what[], const Finding *finding) {
  const LhMark mark = LhNodeGetMark(name);
  const char *words[MAX_LISTING / 2], *near;
  char directory[PETSC_MAX_PATH_LEN];
  PetscInt n = 0;

  PetscFunctionBeginUser;
  for (const char *word = finding->shipped; *word; word += strlen(word) + 1) words[n++] = word;
  near = LhNearestWord(LhNodeGetText(name), n, words);
  PetscCall(LhMaterialGetDirectory(directory, sizeof(directory)));
  PetscCall(LhDiagAdd(context->reader->diag, LH_DIAG_ERROR, &mark,
                      "%s '%s' is neither a file beside the case nor shipped in %s%s%s%s", what,
                      LhNodeGetText(name), directory, near ? "; did you mean '" : "",
                      near ? near : "", near ? "'?" : ""));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMaterialOpen(const LhMaterialContext *context, LhNode name, const char what[],
                              LhDoc *doc, LhNode *root) {
  const char *text = LhNodeGetText(name);
  const LhMark mark = LhNodeGetMark(name);
  PetscMPIInt rank;
  Finding *finding;

  PetscFunctionBeginUser;
  *doc = NULL;
  *root = NULL;
  if (name && LhNodeGetKind(name) == LH_NODE_MAP) {
    *root = name;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (!text || !*text) {
    PetscCall(LhDiagAdd(context->reader->diag, LH_DIAG_ERROR, &mark,
                        "%s: expected the name of a file, or a section", what));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(PetscNew(&finding));
  PetscCallMPI(MPI_Comm_rank(context->comm, &rank));
  if (rank == 0) {
    PetscCall(Search(text, context->case_dir, finding->path, sizeof(finding->path)));
    if (!*finding->path) PetscCall(ListShipped(finding->shipped));
  }
  PetscCallMPI(MPI_Bcast(finding, (PetscMPIInt)sizeof(*finding), MPI_BYTE, 0, context->comm));
  if (*finding->path) {
    PetscCall(LhDocRead(context->comm, finding->path, context->reader->diag, doc));
  } else {
    PetscCall(ReportUnknown(context, name, what, finding));
  }
  if (*doc) PetscCall(LhDocGetRoot(*doc, root));
  PetscCall(PetscFree(finding));
  PetscFunctionReturn(PETSC_SUCCESS);
}
