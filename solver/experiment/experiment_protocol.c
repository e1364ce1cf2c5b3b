/// @file
/// The experiment `protocol`: a cell taken through steps of current, voltage and rest (experiment/protocol.h).
#include <math.h>

#include "experiment/cell.h"
#include "experiment/run_private.h"

/// Memory of a run as measured with mechanics on 1e3 to 3e4 vertices, on one process.
#define BYTES_PER_VERTEX 2.45e4
#define BYTES_PER_RANK   4.6e7
/// Wall time of a step per vertex on one core (2e-5 to 6e-5), and steps of one emptying of the foil.
#define SECONDS_PER_VERTEX_STEP 4e-5
#define STEPS_PER_CAPACITY      250.

typedef struct {
  PetscInt kind;
  LhNode steps;
} Keys;

static const char *const words[] = {"protocol", NULL};
static const LhParam section_rows[] = {LH_CELL_ROWS};
static const LhParam rows[] = {
    LH_EXPERIMENT_KIND_ROW(Keys, words, "protocol"),
    LH_ROW_NODE(Keys, steps, NULL, "the steps, in words"),
};
static const LhTable sections_table =
    LH_TABLE(":protocol", "sections of a cell that is charged and discharged", section_rows);
static const LhTable keys_table =
    LH_TABLE("experiment:protocol", "steps of current, voltage and rest", rows);

static PetscErrorCode GetTables(PetscInt *n, const LhTable *const **tables) {
  static const LhTable *all[16];
  const LhTable *const *cell;
  PetscInt num_cell;

  PetscFunctionBegin;
  PetscCall(LhCellGetTables(&num_cell, &cell));
  all[0] = &sections_table;
  all[1] = &keys_table;
  for (PetscInt i = 0; i < num_cell; i++) all[2 + i] = cell[i];
  *n = 2 + num_cell;
  *tables = all;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Read(LhCase c, const LhReader *r, LhNode root, const void *sections,
                           const void *keys) {
  const Keys *k = keys;

  PetscFunctionBegin;
  PetscCall(LhCellRead(c, r, root, sections));
  c->steps_section = k->steps;
  if (k->steps)
    PetscCall(LhProtocolRead(r, k->steps, "experiment.steps", &c->num_steps, &c->steps));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetUp(LhCase c) {
  PetscBool ok;

  PetscFunctionBegin;
  PetscCall(LhCellSetUp(c, &ok));
  if (!ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhCellDerive(c));
  PetscCall(LhCellJudge(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PrintPlan(LhCase c) {
  PetscFunctionBegin;
  PetscCall(PetscPrintf(c->comm, "%s: %d step%s at %.4g degC, results in %s\n", c->name,
                        (int)c->num_steps, c->num_steps == 1 ? "" : "s",
                        (double)(c->temperature - 273.15), c->output.directory));
  for (PetscInt i = 0; i < c->num_steps; i++)
    PetscCall(PetscPrintf(c->comm, "  step %d: %s\n", (int)i + 1, c->steps[i].text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Estimate(LhCase c, LhCaseCost *cost) {
  const LhMeshView *mesh;
  PetscMPIInt ranks;
  PetscReal capacities = 0;
  const PetscReal capacity = LhCaseFindDerived(c, "cell.areal_capacity");

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCallMPI(MPI_Comm_size(c->comm, &ranks));
  for (PetscInt i = 0; i < c->num_steps; i++) {
    const LhStep *s = &c->steps[i];

    capacities += isnan(s->charge) || !(capacity > 0) ? (s->kind == LH_STEP_STRIP ? 1 : 0.2)
                                                      : PetscMin(1, 0.1 + s->charge / capacity);
  }
  cost->memory = BYTES_PER_RANK * ranks + BYTES_PER_VERTEX * mesh->num_global_vertices;
  cost->seconds =
      SECONDS_PER_VERTEX_STEP * mesh->num_global_vertices * STEPS_PER_CAPACITY * capacities / ranks;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(LhCase c) {
  PetscFunctionBegin;
  PetscCall(LhCellDestroy(c));
  PetscCall(PetscFree(c->steps));
  PetscFunctionReturn(PETSC_SUCCESS);
}

extern const LhExperiment lh_experiment_protocol;
const LhExperiment lh_experiment_protocol = {
    .name = "protocol",
    .brief = "a cell taken through steps of current, voltage and rest",
    .get_tables = GetTables,
    .sections_size = sizeof(LhCellSections),
    .keys_size = sizeof(Keys),
    .read = Read,
    .check = LhCellCheck,
    .set_up = SetUp,
    .print_plan = PrintPlan,
    .estimate = Estimate,
    .run = LhProtocolRun,
    .resume = LhProtocolResume,
    .destroy = Destroy,
};
