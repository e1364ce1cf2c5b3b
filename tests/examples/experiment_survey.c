/// @file
/// Example of an experiment: nothing happens, the volume of each region is measured and written as an observable.
///
/// In the solver it would be solver/experiment/experiment_survey.c.
#include "experiment/experiment.h"
#include "io/output.h"

// [keys]
typedef struct {
  PetscInt kind;
  PetscReal least_share;
} Keys;

typedef struct {
  PetscInt none;
} Sections;

static const char *const words[] = {"survey", NULL};
static const LhParam key_rows[] = {
    LH_EXPERIMENT_KIND_ROW(Keys, words, NULL),
    LH_ROW_REAL(Keys, least_share, "1", 0, 1, "0",
                "share of the volume below which a region is named"),
};
static const LhTable sections_table = {":survey", "sections of a survey: none of its own", NULL, 0};
static const LhTable keys_table = LH_TABLE("experiment:survey", "volumes of the regions", key_rows);

static PetscErrorCode GetTables(PetscInt *n, const LhTable *const **tables) {
  static const LhTable *const all[] = {&sections_table, &keys_table};

  PetscFunctionBegin;
  *n = (PetscInt)PETSC_STATIC_ARRAY_LENGTH(all);
  *tables = all;
  PetscFunctionReturn(PETSC_SUCCESS);
}
// [read]
static PetscErrorCode Read(LhCase c, PETSC_UNUSED const LhReader *r, PETSC_UNUSED LhNode root,
                           PETSC_UNUSED const void *sections, const void *keys) {
  Keys *kept;

  PetscFunctionBegin;
  PetscCall(PetscNew(&kept));
  *kept = *(const Keys *)keys;
  c->data = kept;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Sum over the regions [m^3].
static PetscReal Total(const LhMeshView *mesh) {
  PetscReal total = 0;

  for (PetscInt r = 0; r < mesh->num_regions; r++) total += mesh->region_volumes[r];
  return total;
}

static PetscErrorCode SetUp(LhCase c) {
  const Keys *keys = c->data;
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    const PetscReal share = mesh->region_volumes[r] / Total(mesh);

    if (share < keys->least_share)
      PetscCall(LhDiagAdd(c->diag, LH_DIAG_WARNING, NULL,
                          "%s: region '%s' is only %.3g of the volume", c->path,
                          mesh->region_names[r], (double)share));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintPlan(LhCase c) {
  PetscFunctionBegin;
  PetscCall(PetscPrintf(c->comm, "%s: a survey of its regions\n", c->name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Estimate(PETSC_UNUSED LhCase c, LhCaseCost *cost) {
  PetscFunctionBegin;
  *cost = (LhCaseCost){.memory = 1e8, .seconds = 1};
  PetscFunctionReturn(PETSC_SUCCESS);
}
// [run]
/// observables.json: geometry follows from the input alone, which is its class.
static PetscErrorCode Observe(LhCase c, LhOutput output) {
  LhObservable list[LH_CASE_MAX_REGIONS];
  char names[LH_CASE_MAX_REGIONS][2 * LH_NAME_MAX];
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    (void)snprintf(names[r], sizeof(names[r]), "volume_%s", mesh->region_names[r]);
    list[r] = (LhObservable){.name = names[r],
                             .unit = "m3",
                             .meaning = "volume of the region",
                             .value = mesh->region_volumes[r],
                             .number_class = LH_CLASS_INPUT};
  }
  PetscCall(LhOutputObservables(output, mesh->num_regions, list));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Run(LhCase c, LhExit *exit_code) {
  LhOutput output;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  PetscCall(LhOutputCreate(c->mesh, c->output.directory, c->output.overwrite, c->diag, &output));
  if (!output) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhOutputInputs(output, c->doc, c->record));
  PetscCall(Observe(c, output));
  PetscCall(LhOutputLog(output, "done: all regions measured"));
  PetscCall(LhOutputRunRecord(output, &(LhRunRecord){.state = "done",
                                                     .stop_reason = "all regions measured",
                                                     .case_name = c->name,
                                                     .case_hash = "",
                                                     .progress = 1}));
  PetscCall(LhOutputDestroy(&output));
  *exit_code = LH_EXIT_DONE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(LhCase c) {
  PetscFunctionBegin;
  PetscCall(PetscFree(c->data));
  PetscFunctionReturn(PETSC_SUCCESS);
}
// [experiment]
extern const LhExperiment lh_experiment_survey;
const LhExperiment lh_experiment_survey = {
    .name = "survey",
    .brief = "volumes of the regions (example)",
    .get_tables = GetTables,
    .sections_size = sizeof(Sections),
    .keys_size = sizeof(Keys),
    .read = Read,
    .set_up = SetUp,
    .allows_void = PETSC_TRUE,
    .print_plan = PrintPlan,
    .estimate = Estimate,
    .run = Run,
    .destroy = Destroy,
};
