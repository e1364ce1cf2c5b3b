/// @file
/// `lihost mesh FILE [key=value ...]`: builds the mesh of a `mesh:` section and writes it with its report.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/answer.h"
#include "app/report.h"
#include "base/atomic_file.h"
#include "base/json.h"
#include "base/timer.h"
#include "experiment/case_mesh.h"
#include "io/output.h"
#include "mesh/rve.h"

/// What a file for this verb holds; in a whole case other keys are the business of `run`.
typedef struct {
  PetscInt lihost;
  char name[LH_NAME_MAX];
  LhNode mesh, output;
} Top;

typedef struct {
  char directory[LH_NAME_MAX];
  PetscBool overwrite;
} Where;

static const LhParam top_rows[] = {
    LH_ROW_INT(Top, lihost, 1, 1, NULL, "version of the case format"),
    LH_ROW_TEXT(Top, name, NULL, "name of the mesh"),
    LH_ROW_NODE(Top, mesh, NULL, "the mesh"),
    LH_ROW_NODE(Top, output, "", "what is written, and where"),
};
static const LhParam where_rows[] = {
    LH_ROW_TEXT(Where, directory, "", "folder of the mesh, by default runs/<name>"),
    LH_ROW_BOOL(Where, overwrite, "false", "whether what is in the folder may be replaced"),
};
static const LhTable top_table = LH_TABLE("", "a mesh", top_rows);
static const LhTable where_table = LH_TABLE("output", "what is written", where_rows);

/// One command: what it reads and makes.
typedef struct {
  LhDoc doc;
  LhDiag diag;
  LhRecord record;
  Where where;
  Top top;
  LhMesh mesh;
} Job;

static PetscErrorCode ReadTop(Job *job, const LhReader *reader, LhNode root) {
  PetscFunctionBegin;
  if (LhNodeFind(root, "experiment")) {  // a whole case
    const LhNode name = LhNodeFind(root, "name"), output = LhNodeFind(root, "output");
    const LhNode directory = output ? LhNodeFind(output, "directory") : NULL;
    const char *words[2] = {name ? LhNodeGetText(name) : NULL,
                            directory ? LhNodeGetText(directory) : NULL};
    job->top.mesh = LhNodeFind(root, "mesh");
    PetscCall(PetscStrncpy(job->top.name, words[0] ? words[0] : "mesh", LH_NAME_MAX));
    PetscCall(PetscStrncpy(job->where.directory, words[1] ? words[1] : "", LH_NAME_MAX));
    if (!job->top.mesh) {
      const LhMark mark = LhNodeGetMark(root);
      PetscCall(LhDiagAdd(job->diag, LH_DIAG_ERROR, &mark, "the case has no mesh"));
    }
  } else {
    PetscCall(LhParamsRead(reader, &top_table, root, root, "", &job->top));
    PetscCall(LhParamsRead(reader, &where_table, job->top.output, root, "output", &job->where));
  }
  if (!job->where.directory[0])
    PetscCall(PetscSNPrintf(job->where.directory, LH_NAME_MAX, "runs/%.*s", 100, job->top.name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Read(const LhWords *words, Job *job) {
  char folder[PETSC_MAX_PATH_LEN];
  LhReader reader = {job->diag, job->record};
  LhNode root;
  PetscInt errors;

  PetscFunctionBegin;
  PetscCall(LhDocRead(PETSC_COMM_WORLD, words->argv[0], job->diag, &job->doc));
  if (!job->doc) PetscFunctionReturn(PETSC_SUCCESS);
  for (int i = 1; i < words->argc; i++)
    PetscCall(LhDocOverride(job->doc, words->argv[i], job->diag));
  PetscCall(LhDocGetRoot(job->doc, &root));
  PetscCall(ReadTop(job, &reader, root));
  PetscCall(LhDiagGetCounts(job->diag, &errors, NULL));
  if (errors) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscStrncpy(folder, words->argv[0], sizeof(folder)));
  char *slash = strrchr(folder, '/');
  if (slash) slash[1] = 0;
  PetscCall(
      LhCaseCreateMesh(PETSC_COMM_WORLD, &reader, job->top.mesh, slash ? folder : ".", &job->mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Asked and achieved; a number nobody asked for has no asked one.
static PetscErrorCode PrintFacts(const LhMeshFacts *facts) {
  PetscFunctionBegin;
  if (facts->n)
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "\n%-30s %12s %12s\n", "", "asked", "achieved"));
  for (PetscInt i = 0; i < facts->n; i++) {
    const LhMeshFact *fact = &facts->fact[i];
    char asked[32] = "";
    if (!PetscIsNanReal(fact->asked)) (void)snprintf(asked, sizeof(asked), "%.5g", fact->asked);
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%-30s %12s %12.5g %s\n", fact->name, asked,
                          (double)fact->achieved, strcmp(fact->unit, "1") ? fact->unit : ""));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddMesh(LhJson json, LhMesh mesh) {
  const LhMeshView *view;
  const LhFibres *fibres;
  LhMeshQuality quality;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(mesh, &view));
  PetscCall(LhMeshGetQuality(mesh, &quality));
  PetscCall(LhMeshGetFibres(mesh, &fibres));
  PetscCall(LhJsonBeginObject(json, "mesh"));
  PetscCall(LhJsonInt(json, "cells", view->num_global_cells));
  PetscCall(LhJsonInt(json, "vertices", view->num_global_vertices));
  PetscCall(LhJsonReal(json, "worst_shape", quality.min_quality));
  PetscCall(LhJsonInt(json, "fibres", fibres ? fibres->num_fibres : 0));
  PetscCall(LhJsonInt(json, "fibre_pieces", fibres ? fibres->num_global_pieces : 0));
  PetscCall(LhJsonBeginArray(json, "period"));
  for (PetscInt d = 0; d < 3; d++) PetscCall(LhJsonReal(json, NULL, view->period[d]));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonBeginObject(json, "regions"));
  for (PetscInt r = 0; r < view->num_regions; r++)
    PetscCall(LhJsonReal(json, view->region_names[r], view->region_volumes[r]));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonEnd(json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// volume.json: {"name", "facts": {name: {"asked", "achieved", "unit"}}, "mesh"}.
static PetscErrorCode WriteReport(const Job *job, const LhMeshFacts *facts) {
  char path[PETSC_MAX_PATH_LEN];
  const char *text;
  size_t size;
  LhJson json;

  PetscFunctionBegin;
  PetscCall(LhJsonCreate(&json));
  PetscCall(LhJsonBeginObject(json, NULL));
  PetscCall(LhJsonText(json, "name", job->top.name));
  PetscCall(LhJsonBeginObject(json, "facts"));
  for (PetscInt i = 0; i < facts->n; i++) {
    PetscCall(LhJsonBeginObject(json, facts->fact[i].name));
    PetscCall(LhJsonReal(json, "asked", facts->fact[i].asked));
    PetscCall(LhJsonReal(json, "achieved", facts->fact[i].achieved));
    PetscCall(LhJsonText(json, "unit", facts->fact[i].unit));
    PetscCall(LhJsonEnd(json));
  }
  PetscCall(LhJsonEnd(json));
  PetscCall(AddMesh(json, job->mesh));
  PetscCall(LhJsonEnd(json));
  PetscCall(LhJsonGetText(json, &text, &size));
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/volume.json", job->where.directory));
  PetscCall(LhAtomicWrite(path, text, size));
  PetscCall(LhJsonDestroy(&json));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Write(Job *job, PetscBool *ok) {
  char path[PETSC_MAX_PATH_LEN];
  const LhMeshFacts *facts;
  LhOutput output;
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(
      LhOutputCreate(job->mesh, job->where.directory, job->where.overwrite, job->diag, &output));
  *ok = output ? PETSC_TRUE : PETSC_FALSE;
  if (!output) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhOutputInputs(output, job->doc, job->record));
  PetscCall(LhOutputDestroy(&output));
  PetscCall(PetscSNPrintf(path, sizeof(path), "%s/mesh.h5", job->where.directory));
  PetscCall(LhMeshWrite(job->mesh, path));
  PetscCall(LhMeshGetFacts(job->mesh, &facts));
  if (rank == 0) PetscCall(WriteReport(job, facts));
  PetscCall(PrintFacts(facts));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintMesh(const Job *job) {
  const LhMeshView *view;
  const LhFibres *fibres;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(job->mesh, &view));
  PetscCall(LhMeshGetFibres(job->mesh, &fibres));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD, "\n%d cells, %d vertices", (int)view->num_global_cells,
                        (int)view->num_global_vertices));
  if (fibres)
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, ", %d fibres in %d pieces", (int)fibres->num_fibres,
                          (int)fibres->num_global_pieces));
  PetscCall(PetscPrintf(PETSC_COMM_WORLD,
                        "\n%s: mesh.h5, volume.json; mesh_vtk.hdf%s in ParaView\n",
                        job->where.directory, fibres ? " and fibres_vtk.hdf open" : " opens"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Make(const LhWords *words, Job *job, LhExit *exit_code) {
  PetscBool ok = PETSC_FALSE;
  PetscMPIInt rank;

  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCall(LhDiagCreate(&job->diag));
  PetscCall(LhRecordCreate(&job->record));
  PetscCall(Read(words, job));
  if (job->mesh) PetscCall(Write(job, &ok));
  if (ok) PetscCall(PrintMesh(job));
  if (rank == 0) PetscCall(LhDiagPrint(job->diag, stderr));
  PetscCall(LhAnswerProblems(words, job->diag));
  if (words->answer && ok) {
    PetscCall(LhJsonText(words->answer, "directory", job->where.directory));
    PetscCall(LhAnswerFile(words->answer, "volume", job->where.directory, "volume.json"));
  }
  if (!ok) PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr, "no mesh was written\n"));
  *exit_code = ok ? LH_EXIT_DONE : LH_EXIT_INPUT;
  PetscCall(LhMeshDestroy(&job->mesh));
  PetscCall(LhRecordDestroy(&job->record));
  PetscCall(LhDiagDestroy(&job->diag));
  PetscCall(LhDocDestroy(&job->doc));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Mesh(const LhWords *words, LhExit *exit_code) {
  PetscBool ok;
  Job *job;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  PetscCall(LhCheckWords(words, "mesh", &ok));
  if (!ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscNew(&job));
  PetscCall(Make(words, job, exit_code));
  PetscCall(PetscFree(job));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_mesh = {
    .name = "mesh",
    .usage = "mesh FILE [key=value ...]",
    .brief = "build the mesh of a file and write it",
    .detail =
        "Builds the mesh or volume of a file and writes mesh.h5 with files for ParaView.\n"
        "example: lihost mesh cases/rve_lznc/case.yaml\n",
    .run = Mesh};
