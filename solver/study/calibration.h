/// @file
/// A calibration: parameters of one or several cases are moved between bounds until observables or curves of the runs
/// come as close as possible to what was measured, in the sense of least squares.
///
///     minimise  sum_i r_i^2,  r_i = (model_i - measured_i) / deviation_i,  a curve of n points counts as one (r / sqrt n)
///
/// Every evaluation is a row of a study (study.h) in the folder `evaluations`: it runs with the engine of the file, runs
/// once, and is found again by a calibration that goes on. PETSc's TAO (bounded regularised Gauss-Newton) chooses
/// the points; differences give the sensitivities, and these the covariance. One process does all of this.
#pragma once

#include "study/study.h"

#define LH_CAL_MAX_PARAMETERS 16
#define LH_CAL_MAX_TARGETS    32
#define LH_CAL_MAX_RESIDUALS  4096

typedef struct {
  char name[LH_NAME_MAX], unit[LH_UNIT_MAX], in[LH_NAME_MAX];
  PetscInt num_keys;
  char keys[LH_STUDY_MAX_KEYS][LH_STUDY_TEXT_MAX];
  PetscReal start, lower, upper;  ///< in `unit`
  PetscInt scale;                 ///< 0 linear, 1 logarithmic
} LhCalParameter;

/// Points of a measured curve, in SI units.
typedef struct {
  PetscInt n;
  PetscReal *x, *y;
} LhCalCurve;

typedef struct {
  char name[LH_NAME_MAX], of[LH_NAME_MAX], observable[LH_NAME_MAX], curve[LH_NAME_MAX],
      x[LH_NAME_MAX], y[LH_NAME_MAX], value[LH_NAME_MAX], deviation[LH_NAME_MAX];
  LhMark mark;
  PetscInt base;        ///< of the study
  PetscInt first, num;  ///< its residuals
  LhCalCurve measured;
} LhCalTarget;

typedef struct {
  PetscReal tolerance;        ///< of the scaled gradient, relative to the start
  PetscReal difference;       ///< of a scaled parameter, for sensitivities
  PetscInt most_evaluations;  ///< points, those of differences included
} LhCalMethod;

/// Point of the search and what came of it.
typedef struct {
  PetscReal *x;      ///< [parameter] scaled, 0 = lower, 1 = upper
  PetscReal *r;      ///< [residual]
  PetscReal *model;  ///< [target] observable, or y at the last measured x, in the run's unit
  PetscBool failed;
  char id[LH_STUDY_ID_SIZE];  ///< of the first case of its row
} LhCalPoint;

typedef struct {
  char path[PETSC_MAX_PATH_LEN], name[LH_NAME_MAX], directory[PETSC_MAX_PATH_LEN];
  PetscInt num_overrides;
  char *const *overrides;
  LhDiag diag;
  LhDoc doc;  ///< that places in diagnostics point at
  LhCalMethod method;
  PetscInt num_parameters, num_targets, num_residuals;
  LhCalParameter parameter[LH_CAL_MAX_PARAMETERS];
  LhCalTarget target[LH_CAL_MAX_TARGETS];
  PetscInt num_points, max_points;
  LhCalPoint *points;
  PetscBool stopped;  ///< the user asked for the end
  // of the solution
  PetscInt best;                      ///< point
  PetscInt stalled;                   ///< iterations since it was found
  char reason[256];                   ///< why the search ended
  PetscReal *sensitivity;             ///< [residual][parameter] d r / d x
  PetscReal *deviation, *covariance;  ///< [parameter], in its unit; [parameter][parameter], of x
  PetscInt rank;  ///< of the sensitivities: parameters that the targets can tell apart
} LhCalibration;

/// Reads and checks the file. `*ok` false: see `cal->diag`.
PetscErrorCode LhCalibrationRead(const char path[], PetscInt num_overrides, char *const overrides[],
                                 LhCalibration **cal, PetscBool *ok);
PetscErrorCode LhCalibrationDestroy(LhCalibration **cal);
/// Tables of the file, for describe and the reference.
PetscErrorCode LhCalibrationGetTables(PetscInt *n, const LhTable *const **tables);
/// A study of the points asked for: bases, set and engine of the file, rows x[m][parameter].
PetscErrorCode LhCalibrationStudy(const LhCalibration *cal, PetscInt m, const PetscReal x[],
                                  LhStudy *study, PetscBool *ok);
/// Value of a parameter in its unit.
PetscReal LhCalibrationValue(const LhCalParameter *p, PetscReal x);
/// Makes sure that the m points are known: runs what is missing, reads residuals. `index[m]` are their numbers.
PetscErrorCode LhCalibrationEvaluate(LhCalibration *cal, PetscInt m, const PetscReal x[],
                                     PetscInt index[]);
/// Residuals of one run (folder of `target->base`) against a target, at r[target->num], and the model's value.
PetscErrorCode LhCalibrationCompare(LhCalibration *cal, const LhCalTarget *target,
                                    const char folder[], PetscReal r[], PetscReal *model,
                                    PetscBool *ok);
/// Searches; leaves solution, sensitivities and covariance in `cal`.
PetscErrorCode LhCalibrationSolve(LhCalibration *cal);
/// calibration.json and evaluations.csv in the folder.
PetscErrorCode LhCalibrationWrite(const LhCalibration *cal);
