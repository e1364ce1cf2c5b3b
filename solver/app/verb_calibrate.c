/// @file
/// `lihost calibrate FILE [key=value ...]`: parameters of cases fitted to measurements by least squares.
#include <string.h>

#include "app/answer.h"
#include "app/report.h"
#include "study/calibration.h"

static PetscErrorCode Print(const LhCalibration *cal) {
  const LhCalPoint *best = &cal->points[cal->best];

  PetscFunctionBegin;
  PetscCall(PetscPrintf(PETSC_COMM_SELF, "\n%s: %d points, %s\n", cal->name, (int)cal->num_points,
                        cal->reason));
  for (PetscInt k = 0; k < cal->num_parameters; k++) {
    const LhCalParameter *p = &cal->parameter[k];

    PetscCall(PetscPrintf(PETSC_COMM_SELF, "  %-24s %.6g +- %.2g %s%s\n", p->name,
                          (double)LhCalibrationValue(p, best->x[k]), (double)cal->deviation[k],
                          p->unit,
                          best->x[k] < 1e-6 || best->x[k] > 1 - 1e-6 ? "  (at its bound)" : ""));
  }
  for (PetscInt i = 0; i < cal->num_targets; i++) {
    const LhCalTarget *t = &cal->target[i];

    if (t->num == 1)
      PetscCall(PetscPrintf(PETSC_COMM_SELF, "  %-24s measured %s, model off by %+.3g deviations\n",
                            t->name, t->value, (double)best->r[t->first]));
  }
  if (cal->rank < cal->num_parameters)
    PetscCall(PetscPrintf(PETSC_COMM_SELF,
                          "  the targets tell only %d of the %d parameters apart: deviations are "
                          "those of what they do see\n",
                          (int)cal->rank, (int)cal->num_parameters));
  PetscCall(PetscPrintf(PETSC_COMM_SELF, "results: %s/calibration.json\n", cal->directory));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Work(const LhWords *words, LhExit *exit_code) {
  LhCalibration *cal;
  PetscInt errors;
  PetscBool ok;

  PetscFunctionBegin;
  PetscCall(LhCalibrationRead(words->argv[0], words->argc - 1, words->argv + 1, &cal, &ok));
  if (ok) {
    PetscCall(LhCalibrationSolve(cal));
    *exit_code = cal->stopped ? LH_EXIT_STOPPED : cal->best < 0 ? LH_EXIT_SOLVER : LH_EXIT_DONE;
    if (!cal->stopped && cal->best >= 0) {
      PetscCall(LhCalibrationWrite(cal));
      PetscCall(Print(cal));
    } else if (cal->best < 0) {
      PetscCall(
          PetscFPrintf(PETSC_COMM_SELF, stderr, "no run came to an end: see %s\n", cal->directory));
    }
  }
  PetscCall(LhDiagPrint(cal->diag, stderr));
  PetscCall(LhAnswerProblems(words, cal->diag));
  if (words->answer && ok) {
    PetscCall(LhJsonText(words->answer, "directory", cal->directory));
    PetscCall(LhAnswerFile(words->answer, "calibration", cal->directory, "calibration.json"));
  }
  PetscCall(LhDiagGetCounts(cal->diag, &errors, NULL));
  if (errors) *exit_code = LH_EXIT_INPUT;
  PetscCall(LhCalibrationDestroy(&cal));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Calibrate(const LhWords *words, LhExit *exit_code) {
  PetscMPIInt size, rank;
  PetscBool ok = PETSC_FALSE;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  if (words->argc)
    PetscCall(LhCheckFile(words->argv[0], "calibrate", "calibrate.yaml", &ok));
  else
    PetscCall(PetscFPrintf(PETSC_COMM_WORLD, stderr,
                           "lihost calibrate needs a calibration file, e.g. lihost calibrate "
                           "cases/tensile_validation/calibrate_lz.yaml\n"));
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  if (rank) PetscFunctionReturn(PETSC_SUCCESS);
  if (size > 1)
    PetscCall(PetscFPrintf(PETSC_COMM_SELF, stderr,
                           "lihost calibrate: runs without mpirun and starts the cases itself "
                           "(engine.ranks each)\n"));
  else if (ok)
    PetscCall(Work(words, exit_code));
  PetscFunctionReturn(PETSC_SUCCESS);
}

const LhVerb lh_verb_calibrate = {
    .name = "calibrate",
    .usage = "calibrate FILE [key=value ...]",
    .brief = "fit parameters to measurements",
    .detail =
        "Fits the parameters that the file names to the measurements it names.\n"
        "example: lihost calibrate cases/tensile_validation/calibrate_lz.yaml\n",
    .run = Calibrate};
