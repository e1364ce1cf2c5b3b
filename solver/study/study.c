/// @file
/// Owns the reading of a study file.
#define _XOPEN_SOURCE 700  // realpath
#include "study/study.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  PetscInt lihost_study;
  char name[LH_NAME_MAX], base[LH_NAME_MAX], description[LH_NAME_MAX];
  LhNode bases, set, axes, engine, output;
} Top;
typedef struct {
  char directory[LH_NAME_MAX];
} OutputKeys;

static const char *const engine_kinds[] = {"local", "slurm", "script", NULL};

static const LhParam top_rows[] = {
    LH_ROW_INT(Top, lihost_study, 1, 1, NULL, "version of the study format"),
    LH_ROW_TEXT(Top, name, NULL, "name of the study"),
    LH_ROW_TEXT(Top, description, "", "one line"),
    LH_ROW_TEXT(Top, base, "", "the base case, relative to the study file; or give `bases`"),
    LH_ROW_NODE(Top, bases, "", "several base cases by name; every row runs one of each"),
    LH_ROW_NODE(Top, set, "", "keys set in every case, e.g. {mesh.box.cells: \"[1, 1]\"}"),
    LH_ROW_NODE(Top, axes, NULL, "list of axes; rows are all combinations"),
    LH_ROW_NODE(Top, engine, "", "where the cases run"),
    LH_ROW_NODE(Top, output, "", "where results go")};
static const LhParam output_rows[] = {
    LH_ROW_TEXT(OutputKeys, directory, "", "folder of the study, by default studies/<name>")};
static const LhParam engine_rows[] = {
    LH_ROW_CHOICE(LhEngineSpec, kind, engine_kinds, "local",
                  "processes of this machine, jobs of Slurm, or scripts for another scheduler"),
    LH_ROW_INT(LhEngineSpec, cores, 0, 1000000, "0", "most cores in use; 0: all of this machine"),
    LH_ROW_INT(LhEngineSpec, workers, 0, 10000, "0",
               "cases at a time; 0: as many as the cores allow"),
    LH_ROW_INT(LhEngineSpec, ranks, 1, 100000, "1", "MPI processes of a case"),
    LH_ROW_INT(LhEngineSpec, attempts, 1, 1000, "3",
               "how often a case that was killed from outside is begun"),
    LH_ROW_TEXT(LhEngineSpec, launcher, "mpirun --bind-to none",
                "words before `-n RANKS` for more than one process"),
    {"slurm", LH_PARAM_NODE, "1", offsetof(LhEngineSpec, slurm_node), 0, 0, "", NULL,
       "the job array, for kind: slurm"}
};
static const LhParam slurm_rows[] = {
    LH_ROW_TEXT(LhSlurmSpec, partition, "", "partition; left out: the cluster's default"),
    LH_ROW_TEXT(LhSlurmSpec, account, "", "account to charge"),
    LH_ROW_REAL(LhSlurmSpec, time, "s", 60, 1e8, "1 h", "time limit of a job"),
    LH_ROW_REAL(LhSlurmSpec, warning, "s", 0, 1e6, "120 s",
                "time before the limit at which a case saves its state and stops"),
    LH_ROW_REAL(LhSlurmSpec, poll, "s", 0.1, 1e5, "10 s", "time between looks at the queue"),
    LH_ROW_INT(LhSlurmSpec, throttle, 0, 1000000, "0", "most tasks at once; 0: no limit"),
    LH_ROW_TEXT_LIST(LhSlurmSpec, options, "[]", "more words for sbatch, e.g. [--mem=4G]")};

static const LhTable top_table = LH_TABLE("study", "a study: many cases from one", top_rows);
static const LhTable output_table = LH_TABLE("study.output", "where results go", output_rows);
static const LhTable engine_table = LH_TABLE("study.engine", "where the cases run", engine_rows);
static const LhTable slurm_table = LH_TABLE("study.engine.slurm", "the job array", slurm_rows);

PetscErrorCode LhStudyGetTables(PetscInt *n, const LhTable *const **tables) {
  static const LhTable *list[32];
  static const LhTable *const own[] = {&top_table, &engine_table, &slurm_table, &output_table};
  const LhTable *const *axes;
  PetscInt num_axes;
  const PetscInt num_own = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(own);

  PetscFunctionBegin;
  PetscCall(LhAxesGetTables(&num_axes, &axes));
  for (PetscInt i = 0; i < num_own; i++) list[i] = own[i];
  for (PetscInt i = 0; i < num_axes; i++) list[num_own + i] = axes[i];
  *n = num_own + num_axes;
  *tables = list;
  PetscFunctionReturn(PETSC_SUCCESS);
}

const char *LhStudyCaseStateName(LhStudyCaseState state) {
  static const char *const names[] = {"waiting", "running", "interrupted", "failed", "done"};

  return names[state];
}

static PetscErrorCode AddBase(LhStudy study, const LhReader *r, const char name[],
                              const char file[], LhNode place) {
  LhStudyBase *base = &study->bases[study->num_bases];
  const LhMark mark = LhNodeGetMark(place);
  char path[2 * PETSC_MAX_PATH_LEN], *absolute;
  const char *slash = strrchr(study->path, '/');

  PetscFunctionBegin;
  PetscCall(PetscSNPrintf(path, sizeof(path), "%.*s%s",
                          *file == '/' || !slash ? 0 : (int)(slash + 1 - study->path), study->path,
                          file));
  absolute = realpath(path, NULL);
  if (!absolute || strlen(absolute) >= sizeof(base->path)) {
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark, "there is no base case '%s'", path));
  } else {
    PetscCall(PetscStrncpy(base->name, name, sizeof(base->name)));
    PetscCall(PetscStrncpy(base->path, absolute, sizeof(base->path)));
    PetscCall(LhDocRead(PETSC_COMM_SELF, base->path, r->diag, &base->doc));
    study->num_bases++;
  }
  free(absolute);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadBases(LhStudy study, const LhReader *r, LhNode root,
                                const LhStudyBody *top) {
  const LhMark mark = LhNodeGetMark(root);
  const PetscInt n = LhNodeGetSize(top->bases);

  PetscFunctionBegin;
  if (!*top->base == !top->bases || n > LH_STUDY_MAX_BASES) {
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "give either base: FILE or bases: {NAME: FILE, ...}, at most %d",
                        LH_STUDY_MAX_BASES));
  } else if (*top->base) {
    PetscCall(AddBase(study, r, "case", top->base, LhNodeFind(root, "base")));
  }
  for (PetscInt i = 0; i < PetscMin(n, LH_STUDY_MAX_BASES); i++) {
    const LhNode item = LhNodeGetItem(top->bases, i);
    const LhMark place = LhNodeGetMark(item);

    if (LhNodeGetText(item) && LhNodeGetKind(top->bases) == LH_NODE_MAP)
      PetscCall(AddBase(study, r, LhNodeGetKey(top->bases, i), LhNodeGetText(item), item));
    else
      PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &place, "bases: expected NAME: FILE"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Whether the first word of a command is a program on the path.
static PetscBool HasProgram(const char command[]) {
  const char *const path = getenv("PATH");
  const int length = (int)strcspn(command, " ");
  char file[PETSC_MAX_PATH_LEN];

  if (memchr(command, '/', (size_t)length)) {
    (void)snprintf(file, sizeof(file), "%.*s", length, command);
    return !access(file, X_OK) ? PETSC_TRUE : PETSC_FALSE;
  }
  for (const char *at = path; at && *at; at += strspn(at, ":")) {
    const int n = (int)strcspn(at, ":");

    (void)snprintf(file, sizeof(file), "%.*s/%.*s", n, at, length, command);
    if (!access(file, X_OK)) return PETSC_TRUE;
    at += n;
  }
  return PETSC_FALSE;
}

static PetscErrorCode ReadEngine(LhStudy study, const LhReader *r, LhNode node, LhNode root) {
  LhEngineSpec *e = &study->engine;
  const LhMark mark = LhNodeGetMark(node ? node : root);

  PetscFunctionBegin;
  PetscCall(LhParamsRead(r, &engine_table, node, root, "engine", e));
  PetscCall(LhParamsRead(r, &slurm_table, e->slurm_node, root, "engine.slurm", &e->slurm));
  if (!e->cores) e->cores = (PetscInt)PetscMax(1, sysconf(_SC_NPROCESSORS_ONLN));
  if (e->kind == LH_ENGINE_LOCAL && e->ranks > e->cores)
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "engine: a case of %d processes needs more than the %d cores asked for",
                        (int)e->ranks, (int)e->cores));
  if (e->kind == LH_ENGINE_LOCAL && e->ranks > 1 && !HasProgram(e->launcher))
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "engine: cases of %d processes are started by '%s', which is not on the "
                        "path: install it (Debian: apt install openmpi-bin), name another one "
                        "(engine.launcher=...), or take one process (engine.ranks=1)",
                        (int)e->ranks, e->launcher));
  if (!e->workers || e->workers * e->ranks > e->cores)
    e->workers = PetscMax(1, e->cores / PetscMax(1, e->ranks));
  if (e->slurm.warning > e->slurm.time / 2)
    PetscCall(LhDiagAdd(r->diag, LH_DIAG_ERROR, &mark,
                        "engine.slurm: the warning takes more than half of the time limit"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckColumns(LhStudy study) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < study->axes.num_columns; i++) {
    const LhStudyColumn *column = &study->axes.columns[i];
    const char *names[LH_STUDY_MAX_BASES];
    PetscBool known = *column->in ? PETSC_FALSE : PETSC_TRUE;

    for (PetscInt b = 0; b < study->num_bases; b++) {
      names[b] = study->bases[b].name;
      if (!strcmp(column->in, names[b])) known = PETSC_TRUE;
    }
    if (!known && study->num_bases)
      PetscCall(LhDiagAdd(study->diag, LH_DIAG_ERROR, &column->mark,
                          "axes: there is no base case '%s'; did you mean '%s'?", column->in,
                          LhNearestWord(column->in, study->num_bases, names)
                              ? LhNearestWord(column->in, study->num_bases, names)
                              : names[0]));
    if (*column->pattern && !strstr(column->pattern, "{}"))
      PetscCall(LhDiagAdd(study->diag, LH_DIAG_ERROR, &column->mark,
                          "axes: the text '%s' has no {} for the value", column->pattern));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStudyReadBody(LhStudy study, const LhReader *r, LhNode root,
                               const LhStudyBody *body) {
  PetscFunctionBegin;
  PetscCall(PetscStrncpy(study->name, body->name, sizeof(study->name)));
  study->set = body->set;
  if (*body->directory)
    PetscCall(PetscStrncpy(study->directory, body->directory, sizeof(study->directory)));
  else
    PetscCall(PetscSNPrintf(study->directory, sizeof(study->directory), "%s/%s", body->fallback,
                            body->name));
  PetscCall(ReadBases(study, r, root, body));
  PetscCall(ReadEngine(study, r, body->engine, root));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadAll(LhStudy study) {
  const LhReader r = {study->diag, NULL};
  Top top = {.base = "", .description = ""};
  OutputKeys output = {.directory = ""};
  LhStudyBody body;
  LhNode root;

  PetscFunctionBegin;
  PetscCall(LhDocGetRoot(study->doc, &root));
  PetscCall(LhParamsRead(&r, &top_table, root, root, "", &top));
  PetscCall(LhParamsRead(&r, &output_table, top.output, root, "output", &output));
  body = (LhStudyBody){.name = top.name,
                       .base = top.base,
                       .directory = output.directory,
                       .fallback = "studies",
                       .bases = top.bases,
                       .set = top.set,
                       .engine = top.engine};
  PetscCall(LhStudyReadBody(study, &r, root, &body));
  if (top.axes) PetscCall(LhAxesRead(&r, top.axes, root, &study->axes));
  PetscCall(CheckColumns(study));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStudyOpen(const char path[], PetscInt num_overrides, char *const overrides[],
                           LhStudy *out) {
  LhStudy study;
  ssize_t length;

  PetscFunctionBegin;
  PetscCall(PetscNew(&study));
  *out = study;
  study->lock = -1;
  PetscCall(LhDiagCreate(&study->diag));
  PetscCall(PetscStrncpy(study->path, path, sizeof(study->path)));
  length = readlink("/proc/self/exe", study->program, sizeof(study->program) - 1);
  study->program[PetscMax(0, length)] = 0;
  PetscCall(LhDocRead(PETSC_COMM_SELF, path, study->diag, &study->doc));
  for (PetscInt i = 0; study->doc && i < num_overrides; i++)
    PetscCall(LhDocOverride(study->doc, overrides[i], study->diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStudyRead(const char path[], PetscInt num_overrides, char *const overrides[],
                           LhStudy *out, PetscBool *ok) {
  LhStudy study;
  PetscInt errors;

  PetscFunctionBegin;
  PetscCall(LhStudyOpen(path, num_overrides, overrides, out));
  study = *out;
  if (study->doc) PetscCall(ReadAll(study));
  PetscCall(LhDiagGetCounts(study->diag, &errors, NULL));
  *ok = errors ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhStudyDestroy(LhStudy *out) {
  LhStudy study = *out;

  PetscFunctionBegin;
  if (!study) PetscFunctionReturn(PETSC_SUCCESS);
  if (study->lock >= 0) (void)close(study->lock);
  for (PetscInt i = 0; i < study->num_rows; i++)
    PetscCall(PetscFree2(study->rows[i].point, study->rows[i].cases));
  for (PetscInt i = 0; i < study->num_cases; i++) {
    PetscCall(LhWordListClear(&study->cases[i].overrides));
    PetscCall(PetscFree(study->cases[i].problem));
  }
  PetscCall(PetscFree(study->rows));
  PetscCall(PetscFree(study->cases));
  PetscCall(LhAxesClear(&study->axes));
  for (PetscInt i = 0; i < study->num_bases; i++) PetscCall(LhDocDestroy(&study->bases[i].doc));
  PetscCall(LhDocDestroy(&study->doc));
  PetscCall(LhDiagDestroy(&study->diag));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(PETSC_SUCCESS);
}
