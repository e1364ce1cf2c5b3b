/// @file
/// write_run DIR: leaves a run of three states for tests/postproc to open with VTK and postproc.
#include "sample_run.h"

static const LhColumn columns[] = {
    {"time",             "s",     "time"            },
    {"voltage",          "V",     "cell voltage"    },
    {"capacity",         "C m-2", "charge stripped" },
    {"share_stripped",   "1",     "share of all Li" },
    {"thickness_change", "1",     "thickness change"},
};

static PetscErrorCode WriteTables(LhOutput output) {
  LhSeries series, history;

  PetscFunctionBeginUser;
  PetscCall(LhSeriesCreate(output, "series.csv", 5, columns, &series));
  PetscCall(LhHistoryCreate(output, &history));
  for (int i = 0; i <= 10; i++) {
    const PetscReal t = 100. * i;
    const LhHistoryRow row = {
        .time = t, .current = 5e-4, .voltage = 0.005 + 1e-6 * t, .pressure = 2e5};
    PetscCall(
        LhSeriesAppend(series, (PetscReal[5]){t, row.voltage, 5. * t, t / 1000, -3.6e-5 * t}));
    PetscCall(LhHistoryAppend(history, &row));
  }
  PetscCall(LhSeriesDestroy(&series));
  PetscCall(LhSeriesDestroy(&history));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteRecords(LhOutput output) {
  const LhColumn names[] = {
      {"steps", "1", "accepted steps"}
  };
  const PetscReal values[] = {11};
  const LhColumn phases[] = {
      {"assembly", "s", "assembly"}
  };
  const PetscReal seconds[] = {1.25};
  const LhObservable seen[] = {
      {"thickness_change", "1", "to 1 V", -0.036, LH_CLASS_PREDICTED}
  };
  const LhRunRecord record = {.state = "done",
                              .stop_reason = "voltage reached 1 V",
                              .case_name = "sample \"quoted\"",
                              .case_hash = "0123",
                              .sundials_version = "6.4.1",
                              .progress = 1,
                              .num_counters = 1,
                              .counter_names = names,
                              .counters = values,
                              .num_phases = 1,
                              .phase_names = phases,
                              .phase_seconds = seconds};

  PetscFunctionBeginUser;
  PetscCall(LhOutputObservables(output, 1, seen));
  PetscCall(LhOutputRunRecord(output, &record));
  PetscCall(LhOutputEvent(output, 1000, "stop", "the voltage reached %g V, \"as asked\"", 1.0));
  PetscCall(LhOutputLog(output, "written by %s", "write_run"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteRun(const char dir[]) {
  LhDiag diag;
  LhOutput output;
  SampleRun run;

  PetscFunctionBeginUser;
  PetscCall(LhDiagCreate(&diag));
  PetscCall(SampleRunCreate(&run));
  PetscCall(LhOutputCreate(run.mesh, dir, PETSC_TRUE, diag, &output));
  for (int i = 0; i <= 2; i++) PetscCall(SampleRunWrite(&run, output, 500. * i));
  PetscCall(WriteTables(output));
  PetscCall(WriteRecords(output));
  PetscCall(LhOutputDestroy(&output));
  PetscCall(SampleRunDestroy(&run));
  PetscCall(LhDiagDestroy(&diag));
  PetscFunctionReturn(PETSC_SUCCESS);
}

int main(int argc, char **argv) {
  if (argc < 2) return LH_EXIT_INPUT;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  PetscCall(WriteRun(argv[1]));
  PetscCall(PetscFinalize());
  return 0;
}
