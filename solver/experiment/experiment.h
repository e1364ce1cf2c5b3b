/// @file
/// A kind of virtual experiment: which sections of a case it needs, what it builds, does and observes.
///
/// The case reads what all kinds share (mesh, materials by region, output) and hands over; what a kind reads
/// and builds it keeps in LhCase.data or in the parts of LhCase. To add one: write
/// experiment/experiment_<name>.c with `const LhExperiment lh_experiment_<name>` and add its line to
/// experiment_list.h.
#pragma once

#include "experiment/case.h"

struct _LhExperiment {
  const char *name;   ///< word of `experiment.kind`
  const char *brief;  ///< one line
  /// All its tables. `":<name>"` holds its sections at the top of the case file (may have no rows, not be
  /// left out); `"experiment:<name>"` the keys of `experiment:`, with a row `kind` that knows the one word
  /// (LH_EXPERIMENT_KIND_ROW); tables of sections below them by dotted name. A key of no table is refused.
  PetscErrorCode (*get_tables)(PetscInt *n, const LhTable *const **tables);
  /// Structs that the first two tables fill; zeroed, freed by the case after read(). Sizes in bytes.
  size_t sections_size, keys_size;
  /// Reads what its nodes hold; mistakes become diagnostics. `sections` and `keys` are filled.
  PetscErrorCode (*read)(LhCase c, const LhReader *reader, LhNode root, const void *sections,
                         const void *keys);
  /// Mesh and materials by region are there: looks for mistakes and builds nothing, also after a failed read.
  /// May be NULL. Errors become diagnostics. Collective.
  PetscErrorCode (*check)(LhCase c);
  /// After a check that found nothing: problems, solvers, derived numbers, warnings. Errors become diagnostics.
  /// Collective.
  PetscErrorCode (*set_up)(LhCase c);
  PetscBool allows_void;  ///< a region of the mesh named "void" needs no material
  /// What would be done, for `lihost check`. Prints on rank 0. Collective.
  PetscErrorCode (*print_plan)(LhCase c);
  PetscErrorCode (*estimate)(LhCase c, LhCaseCost *cost);
  /// Runs to the end and leaves a folder of results. Collective.
  PetscErrorCode (*run)(LhCase c, LhExit *exit_code);
  /// Goes on from the checkpoint in `c->output.directory`; NULL: this kind writes none. Collective.
  PetscErrorCode (*resume)(LhCase c, LhExit *exit_code);
  /// Frees `c->data`; may be NULL.
  PetscErrorCode (*destroy)(LhCase c);
};

/// The row every table "experiment:<name>" begins with; T has a member `PetscInt kind`.
#define LH_EXPERIMENT_KIND_ROW(T, words, fallback) \
  LH_ROW_CHOICE(T, kind, words, fallback, "kind of experiment")

/// The registry in the order of experiment_list.h.
PetscErrorCode LhExperimentGetAll(PetscInt *n, const LhExperiment *const **kinds);
/// NULL when there is none of that name.
PetscErrorCode LhExperimentFind(const char name[], const LhExperiment **kind);
/// One of its tables by name, e.g. ":tensile".
PetscErrorCode LhExperimentGetTable(const LhExperiment *kind, const char prefix[],
                                    const LhTable **table);
