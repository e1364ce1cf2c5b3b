/// @file
/// Registry of experiments, filled from experiment_list.h; holds no state.

#include <string.h>

#include "experiment/experiment.h"
#include "experiment/run.h"

#define LH_EXPERIMENT(name) extern const LhExperiment lh_experiment_##name;
#include "experiment/experiment_list.h"
#undef LH_EXPERIMENT

static const LhExperiment *const registry[] = {
#define LH_EXPERIMENT(name) &lh_experiment_##name,
#include "experiment/experiment_list.h"
#undef LH_EXPERIMENT
};

PetscErrorCode LhExperimentGetAll(PetscInt *n, const LhExperiment *const **kinds) {
  PetscFunctionBegin;
  *n = PETSC_STATIC_ARRAY_LENGTH(registry);
  *kinds = registry;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhExperimentFind(const char name[], const LhExperiment **kind) {
  PetscFunctionBegin;
  *kind = NULL;
  for (size_t i = 0; i < PETSC_STATIC_ARRAY_LENGTH(registry); i++) {
    if (!strcmp(registry[i]->name, name)) *kind = registry[i];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhExperimentGetTable(const LhExperiment *kind, const char prefix[],
                                    const LhTable **table) {
  const LhTable *const *all;
  char name[LH_NAME_MAX];
  PetscInt n;

  PetscFunctionBegin;
  *table = NULL;
  PetscCall(PetscSNPrintf(name, sizeof(name), "%s:%s", prefix, kind->name));
  PetscCall(kind->get_tables(&n, &all));
  for (PetscInt i = 0; i < n; i++) {
    if (!strcmp(all[i]->name, name)) *table = all[i];
  }
  PetscCheck(*table, PETSC_COMM_SELF, PETSC_ERR_PLIB, "Experiment '%s' has no table '%s'",
             kind->name, name);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunCase(LhCase c, LhExit *exit_code) {
  PetscFunctionBegin;
  PetscCall(c->experiment->run(c, exit_code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunResume(LhCase c, LhExit *exit_code) {
  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  if (c->experiment->resume)
    PetscCall(c->experiment->resume(c, exit_code));
  else
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                        "a run of kind '%s' writes no checkpoints: start it again",
                        c->experiment->name));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCasePrintPlan(LhCase c) {
  PetscFunctionBegin;
  PetscCall(c->experiment->print_plan(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCaseEstimate(LhCase c, LhCaseCost *cost) {
  PetscFunctionBegin;
  PetscCall(c->experiment->estimate(c, cost));
  PetscFunctionReturn(PETSC_SUCCESS);
}
