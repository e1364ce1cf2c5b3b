/// @file
/// A study: one YAML file that makes many cases from one or a few. Rows of its table are combinations of the axes;
/// each row has one case of every base; cases with the same resolved input are one case.
///
///     read -> plan (cases, hashes, estimates) -> open the folder -> an engine runs what is missing -> table
///
/// One process does all of this; only the cases themselves run in parallel. What has happened to a case is read from the
/// disk alone, so that it does not matter who ran it: a worker here, a job array, or a person with a script.
#pragma once

#include "base/hash.h"
#include "experiment/case.h"
#include "study/key.h"

#define LH_STUDY_MAX_BASES  8
#define LH_STUDY_ID_SIZE    17  ///< first digits of the hash that name a case's files (with NUL)
#define LH_STUDY_BUILD_SIZE 13

typedef enum { LH_ENGINE_LOCAL, LH_ENGINE_SLURM, LH_ENGINE_SCRIPT } LhEngineKind;

/// `slurm:` of the engine.
typedef struct {
  char partition[LH_NAME_MAX], account[LH_NAME_MAX];
  PetscReal time;      ///< limit of a job [s]
  PetscReal warning;   ///< time before the limit at which the case is told to stop [s]
  PetscReal poll;      ///< time between two looks at the queue [s]
  PetscInt throttle;   ///< most tasks of the array at once, 0 = no limit
  LhTextList options;  ///< more lines for sbatch, e.g. "--mem=4G"
} LhSlurmSpec;

/// `engine:`
typedef struct {
  PetscInt kind, cores, workers, ranks, attempts;
  char launcher[LH_NAME_MAX];
  LhNode slurm_node;
  LhSlurmSpec slurm;
} LhEngineSpec;

/// What the disk says about a case.
typedef enum {
  LH_CASE_WAITING,  ///< never begun
  LH_CASE_RUNNING,  ///< begun, no end seen
  LH_CASE_INTERRUPTED,  ///< ended by a signal, a time limit, a lost node or a failing disk: goes on when asked
  LH_CASE_FAILED,  ///< ended by itself without a result
  LH_CASE_DONE
} LhStudyCaseState;
/// Word for the table.
const char *LhStudyCaseStateName(LhStudyCaseState state);

typedef struct {
  char hash[LH_HASH_SIZE];  ///< of the resolved input
  char id[LH_STUDY_ID_SIZE];
  PetscInt base;
  LhWordList overrides;
  PetscReal seconds, bytes;  ///< estimate
  char *problem;             ///< why the input is wrong, NULL when it is not
  LhStudyCaseState state;
  PetscInt attempts, completions;   ///< begun; ended with a result
  PetscInt exit_code;               ///< of the last end, -1 without one
  char build[LH_STUDY_BUILD_SIZE];  ///< first digits of the hash of the executable that ran it last
  PetscReal wall;                   ///< measured, all attempts [s]
  PetscInt tried;                   ///< times begun by this call of the program
} LhStudyCase;

typedef struct {
  PetscInt *point;  ///< [axis] index of the value
  PetscInt *cases;  ///< [base] index of the case
} LhStudyRow;

typedef struct {
  char name[LH_NAME_MAX], path[PETSC_MAX_PATH_LEN];
  LhDoc doc;
} LhStudyBase;

typedef struct _n_LhStudy *LhStudy;

/// Read-only view. Rows and cases are filled by LhStudyPlan().
struct _n_LhStudy {
  LhDoc doc;
  LhDiag diag;
  char path[PETSC_MAX_PATH_LEN], name[LH_NAME_MAX], directory[LH_NAME_MAX];
  char program[PETSC_MAX_PATH_LEN];  ///< the lihost that runs the cases
  LhEngineSpec engine;
  PetscInt num_bases;
  LhStudyBase bases[LH_STUDY_MAX_BASES];
  LhNode set;  ///< keys set in every case
  LhAxes axes;
  PetscInt num_rows, num_cases, max_cases;
  LhStudyRow *rows;
  LhStudyCase *cases;
  int lock;  ///< file that says somebody works here, -1 when not open
};

/// What a study shares with other files that run many cases (calibration.h).
typedef struct {
  const char *name, *base,
      *directory;  ///< "" where there is none; `fallback/name` is the default folder
  const char *fallback;
  LhNode bases, set, engine;
} LhStudyBody;
/// An empty study for the document at `path`, with `key=value` overrides; `doc` NULL after mistakes.
PetscErrorCode LhStudyOpen(const char path[], PetscInt num_overrides, char *const overrides[],
                           LhStudy *study);
/// Fills bases, engine and folder. Mistakes become diagnostics.
PetscErrorCode LhStudyReadBody(LhStudy study, const LhReader *reader, LhNode root,
                               const LhStudyBody *body);
/// Reads a study file with `key=value` overrides. `*ok` false: see `(*study)->diag`.
PetscErrorCode LhStudyRead(const char path[], PetscInt num_overrides, char *const overrides[],
                           LhStudy *study, PetscBool *ok);
PetscErrorCode LhStudyDestroy(LhStudy *study);
/// Makes rows and cases. A case whose input is wrong keeps its `problem` and is not run.
PetscErrorCode LhStudyPlan(LhStudy study, PetscBool *ok);
/// Says which cases cannot run, with the value of the axis at fault at its place in the study file: errors or warnings.
PetscErrorCode LhStudyReportProblems(LhStudy study, LhSeverity severity);
/// Text of the value of a column in a row; borrowed.
const char *LhStudyValue(LhStudy study, const LhStudyRow *row, PetscInt column);
/// Axis that a column belongs to.
PetscInt LhStudyAxisOf(LhStudy study, PetscInt column);
/// Tables of the study file, for describe and the reference.
PetscErrorCode LhStudyGetTables(PetscInt *n, const LhTable *const **tables);
