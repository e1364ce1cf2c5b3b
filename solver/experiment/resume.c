/// @file
/// Where a run came from and whether its input is still the same. Must never let a run go on with other input.
#define _XOPEN_SOURCE 700  // realpath
#include "experiment/resume.h"

#include <hdf5.h>
#include <idas/idas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_version.h>

#define ORIGIN_FILE "restart/case.txt"

/// A text that grows.
typedef struct {
  char *text;
  size_t used, room;
} Text;

static PetscErrorCode Append(Text *t, const char line[]) {
  const size_t length = strlen(line);

  PetscFunctionBegin;
  if (t->used + length + 1 > t->room) {
    t->room = 2 * (t->room + length + 1);
    PetscCall(PetscRealloc(t->room, &t->text));
  }
  memcpy(t->text + t->used, line, length + 1);
  t->used += length;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Case file and overrides, a line each.
static PetscErrorCode Origin(LhCase c, Text *t) {
  char *full = realpath(c->path, NULL);

  PetscFunctionBegin;
  PetscCall(Append(t, full ? full : c->path));
  PetscCall(Append(t, "\n"));
  for (PetscInt i = 0; i < c->num_overrides; i++) {
    PetscCall(Append(t, c->overrides[i]));
    PetscCall(Append(t, "\n"));
  }
  free(full);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhResumeWriteOrigin(LhCase c, LhOutput output) {
  Text t = {0};

  PetscFunctionBegin;
  PetscCall(Origin(c, &t));
  PetscCall(LhOutputText(output, ORIGIN_FILE, t.text));
  PetscCall(PetscFree(t.text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhResumeDropOrigin(LhCase c) {
  char path[PETSC_MAX_PATH_LEN], line[PETSC_MAX_PATH_LEN];
  Text mine = {0}, found = {0};
  PetscMPIInt rank;
  FILE *file;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(c->comm, &rank));
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/" ORIGIN_FILE, c->output.directory));
  file = rank || LhLiveIsLocked(c->output.directory) ? NULL : fopen(path, "r");
  if (!file) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(Origin(c, &mine));
  PetscCall(Append(&found, ""));
  while (fgets(line, sizeof(line), file)) PetscCall(Append(&found, line));
  (void)fclose(file);
  if (strcmp(mine.text, found.text)) (void)remove(path);
  PetscCall(PetscFree(mine.text));
  PetscCall(PetscFree(found.text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOriginAdd(LhOrigin *origin, const char word[]) {
  PetscFunctionBegin;
  PetscCall(PetscRealloc(sizeof(char *) * (size_t)(origin->num_words + 1), &origin->words));
  PetscCall(PetscStrallocpy(word, &origin->words[origin->num_words++]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhResumeReadOrigin(const char dir[], LhOrigin *origin) {
  char path[PETSC_MAX_PATH_LEN], *line = NULL;
  size_t room = 0;
  ssize_t length;
  FILE *file;

  PetscFunctionBegin;
  *origin = (LhOrigin){0};
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/" ORIGIN_FILE, dir));
  file = fopen(path, "r");
  if (!file) PetscFunctionReturn(PETSC_SUCCESS);
  while ((length = getline(&line, &room, file)) > 0) {
    line[strcspn(line, "\n")] = 0;
    PetscCall(LhOriginAdd(origin, line));
  }
  free(line);
  (void)fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhOriginDestroy(LhOrigin *origin) {
  PetscFunctionBegin;
  for (int i = 0; i < origin->num_words; i++) PetscCall(PetscFree(origin->words[i]));
  PetscCall(PetscFree(origin->words));
  origin->num_words = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Mixes `n` bytes into a 64-bit number (FNV-1a with a final avalanche): a fingerprint, not a secret.
static uint64_t Mix(uint64_t start, const void *bytes, size_t n) {
  const unsigned char *b = bytes;
  uint64_t h = start ^ 0xcbf29ce484222325u;

  for (size_t i = 0; i < n; i++) h = (h ^ b[i]) * 0x100000001b3u;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdu;
  return h ^ (h >> 29);
}

/// Names of surfaces and the corners of their faces, in any order.
static uint64_t SurfacePrint(const LhMeshView *m, const LhSurface *surface) {
  uint64_t sum = 0;

  for (PetscInt f = 0; f < surface->num_faces; f++) {
    uint64_t corners = 0;

    for (PetscInt a = 0; a < m->vertices_per_face; a++) {
      const int64_t id = m->vertex_id[surface->vertices[f * m->vertices_per_face + a]];

      corners += Mix(0, &id, sizeof(id));
    }
    sum += Mix(corners, surface->name, strlen(surface->name));
  }
  return sum;
}

/// The sum over all vertices, cells and faces of surfaces of numbers made from ids, coordinates, corners and names: any
/// order, any ranks.
PetscErrorCode LhResumeMeshPrint(LhMesh mesh, uint64_t *print) {
  const LhMeshView *m;

  PetscFunctionBegin;
  *print = 0;
  PetscCall(LhMeshGetView(mesh, &m));
  for (PetscInt v = 0; v < m->num_owned_vertices; v++)
    *print += Mix((uint64_t)m->vertex_id[v], m->coords + 3 * v, 3 * sizeof(PetscReal));
  for (PetscInt i = 0; i < m->num_cells; i++) {
    const char *region = m->region_names[m->cell_region[i]];
    uint64_t h = Mix(~(uint64_t)m->cell_id[i], region, strlen(region));

    for (PetscInt a = 0; a < m->vertices_per_cell; a++) {
      const int64_t id = m->vertex_id[m->cell_vertices[i * m->vertices_per_cell + a]];

      h = Mix(h, &id, sizeof(id));
    }
    *print += h;
  }
  for (PetscInt k = 0; k < m->num_surfaces; k++) *print += SurfacePrint(m, &m->surfaces[k]);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, print, 1, MPI_UINT64_T, MPI_SUM, m->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The same of the contents of all cells as made: composition in space, whatever it came from.
static PetscErrorCode ContentPrint(LhCase c, uint64_t *print) {
  const LhMeshView *m;
  PetscReal *moles[LH_MAX_REACTIONS];
  LhElectrochemCells cells = {.porosity = NULL};
  PetscReal t;
  Vec y;

  PetscFunctionBegin;
  *print = 0;
  PetscCall(LhMeshGetView(c->mesh, &m));
  for (int k = 0; k < LH_MAX_REACTIONS; k++) {
    PetscCall(PetscCalloc1(m->num_cells, &moles[k]));
    cells.moles[k] = moles[k];
  }
  PetscCall(LhEcSolverGetState(c->solver, &t, &y, NULL));
  PetscCall(LhElectrochemGetCells(c->electrochem, t, y, &cells));
  for (PetscInt i = 0; i < m->num_cells; i++) {
    for (int k = 0; k < LH_MAX_REACTIONS; k++)
      *print += Mix((uint64_t)m->cell_id[i] * LH_MAX_REACTIONS + (uint64_t)k, &moles[k][i],
                    sizeof(PetscReal));
  }
  for (int k = 0; k < LH_MAX_REACTIONS; k++) PetscCall(PetscFree(moles[k]));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, print, 1, MPI_UINT64_T, MPI_SUM, m->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Where results go, and when they are saved, changes no result; derived numbers follow from the others.
static PetscBool Matters(const LhRecordEntry *entry) {
  return strncmp(entry->path, "output.", 7) && strcmp(entry->origin, "derived") ? PETSC_TRUE
                                                                                : PETSC_FALSE;
}

static PetscErrorCode AddPrint(Text *t, const char what[], uint64_t print) {
  char line[128];

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(line, sizeof(line), "%s\t%016llx\n", what, (unsigned long long)print));
  PetscCall(Append(t, line));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhResumeDescribeInput(LhCase c, char **text) {
  Text t = {0};
  PetscInt n;
  uint64_t print;

  PetscFunctionBegin;
  PetscCall(Append(&t, ""));
  PetscCall(LhRecordGetSize(c->record, &n));
  for (PetscInt i = 0; i < n; i++) {
    LhRecordEntry e;
    char number[40];

    PetscCall(LhRecordGetEntry(c->record, i, &e));
    if (!Matters(&e)) continue;
    PetscCall(PetscSNPrintf(number, sizeof(number), "%.17g", (double)e.value));
    for (const char *const parts[] = {e.path, "\t", isnan(e.value) ? e.text : number, "\n"},
                           *const *p = parts;
         p < parts + 4; p++)
      PetscCall(Append(&t, *p));
  }
  PetscCall(LhResumeMeshPrint(c->mesh, &print));
  PetscCall(AddPrint(&t, "the mesh", print));
  if (c->solver) {
    PetscCall(ContentPrint(c, &print));
    PetscCall(AddPrint(&t, "the composition in space", print));
  }
  *text = t.text;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Versions(char text[512]) {
  char petsc[128], sundials[64], mpi[MPI_MAX_LIBRARY_VERSION_STRING];
  unsigned h[3];
  int length;

  PetscFunctionBegin;
  PetscCall(PetscGetVersion(petsc, sizeof(petsc)));
  SUNDIALSGetVersion(sundials, sizeof(sundials));
  (void)H5get_libversion(&h[0], &h[1], &h[2]);
  PetscCallMPI(MPI_Get_library_version(mpi, &length));
  mpi[strcspn(mpi, ",\n")] = 0;
  petsc[strcspn(petsc, ",")] = 0;
  PetscCall(PetscSNPrintf(text, 512, "lihost %s, %s, SUNDIALS %s, HDF5 %u.%u.%u, %s",
                          LIHOST_VERSION, petsc, sundials, h[0], h[1], h[2], mpi));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhResumeWriteInput(LhCheckpoint cp, const char kind[], const char input[]) {
  char versions[512];

  PetscFunctionBegin;
  PetscCall(Versions(versions));
  PetscCall(LhCheckpointWriteText(cp, "kind", kind));
  PetscCall(LhCheckpointWriteText(cp, "input", input));
  PetscCall(LhCheckpointWriteText(cp, "versions", versions));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// "key\tvalue" of a line as two words; an empty key at the end of a text.
static void SplitLine(const char line[], char key[256], char value[256]) {
  const size_t n = strcspn(line, "\n"), k = PetscMin(strcspn(line, "\t"), n);

  (void)snprintf(key, 256, "%.*s", (int)k, line);
  (void)snprintf(value, 256, "%.*s", (int)(k < n ? n - k - 1 : 0), line + PetscMin(k + 1, n));
}

PetscBool LhResumeIsNumerics(const char word[]) {
  static const char *const sections[] = {"numerics.", "coupling.", "mechanics.solver."};

  for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(sections); k++) {
    if (!strncmp(word, sections[k], strlen(sections[k]))) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/// What a line was and what it is.
typedef struct {
  char key[2][256], value[2][256];
} Difference;

static PetscErrorCode Explain(LhCase c, const Difference *d) {
  PetscFunctionBegin;
  if (strcmp(d->key[0], d->key[1])) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                        "the input has changed since the run began: where '%s' stood there is '%s' "
                        "now; %s/case.yaml is the case as it was",
                        d->key[0], d->key[1], c->output.directory));
  } else if (!strncmp(d->key[0], "the ", 4)) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                        "%s has changed since the run began: it cannot go on with another one",
                        d->key[0]));
  } else if (c->num_changes && LhResumeIsNumerics(d->key[0])) {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_NOTE, NULL, "the run goes on with %s = %s, it was %s",
                        d->key[0], d->value[1], d->value[0]));
  } else {
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                        "the input has changed since the run began: %s was %s and is %s; "
                        "%s/case.yaml is the case as it was",
                        d->key[0], d->value[0], d->value[1], c->output.directory));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static const char *NextLine(const char text[]) {
  const size_t n = strcspn(text, "\n");

  return text + n + (text[n] ? 1 : 0);
}

/// Tells the lines that differ, up to the first that is an error.
static PetscErrorCode Compare(LhCase c, const char was[], const char is[]) {
  PetscInt before, errors;

  PetscFunctionBegin;
  PetscCall(LhDiagGetCounts(c->diag, &before, NULL));
  for (errors = before; errors == before && (*was || *is); was = NextLine(was), is = NextLine(is)) {
    Difference d;

    SplitLine(was, d.key[0], d.value[0]);
    SplitLine(is, d.key[1], d.value[1]);
    if (strcmp(d.key[0], d.key[1]) || strcmp(d.value[0], d.value[1])) PetscCall(Explain(c, &d));
    PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhResumeCheckInput(LhCase c, LhCheckpoint cp, const char kind[],
                                  const char input[]) {
  char *old_kind, *old_input, *old_versions, versions[512];

  PetscFunctionBegin;
  PetscCall(Versions(versions));
  PetscCall(LhCheckpointReadText(cp, "kind", &old_kind));
  PetscCall(LhCheckpointReadText(cp, "input", &old_input));
  PetscCall(LhCheckpointReadText(cp, "versions", &old_versions));
  if (old_kind && strcmp(old_kind, kind))
    PetscCall(
        LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                  "the checkpoint is of kind '%s' and this program reads '%s': go on with the "
                  "version of the program that began the run",
                  old_kind, kind));
  else if (old_input && strcmp(old_input, input))
    PetscCall(Compare(c, old_input, input));
  if (old_versions && strcmp(old_versions, versions))
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_NOTE, NULL,
                        "the run began with %s and goes on with %s: the last digits may differ",
                        old_versions, versions));
  PetscCall(PetscFree(old_kind));
  PetscCall(PetscFree(old_input));
  PetscCall(PetscFree(old_versions));
  PetscFunctionReturn(PETSC_SUCCESS);
}
