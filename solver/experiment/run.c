/// @file
/// The loop over steps, windows and time steps.
#include "experiment/run.h"

#include <math.h>
#include <petsctime.h>

#include "base/terminal.h"
#include "experiment/resume.h"
#include "experiment/run_private.h"

static PetscErrorCode State(LhRun *run, PetscReal *t, PetscReal s[LH_NUM_SCALARS]) {
  Vec y;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetState(run->c->solver, t, &y, NULL));
  PetscCall(LhElectrochemGetScalars(run->c->electrochem, y, s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Current of a step, stripping positive [A].
static PetscReal StepCurrent(const LhRun *run, const LhStep *step) {
  if (step->kind == LH_STEP_STRIP) return step->current_density * run->area;
  if (step->kind == LH_STEP_PLATE) return -step->current_density * run->area;
  return 0;
}

/// Conditions of a step as limits of the integrator.
static PetscInt StepLimits(const LhRun *run, const LhStep *step, const PetscReal s[],
                           LhLimit limits[]) {
  PetscInt n = 0;

  if (!isnan(step->voltage))
    limits[n++] = (LhLimit){LH_VOLTAGE, step->voltage,
                            step->kind == LH_STEP_PLATE   ? -1
                            : step->kind == LH_STEP_STRIP ? 1
                                                          : 0};
  if (!isnan(step->charge)) {
    const int sign = step->kind == LH_STEP_PLATE ||
                             (step->kind == LH_STEP_HOLD && s[LH_VOLTAGE] > step->hold_voltage)
                         ? -1
                         : 1;

    limits[n++] = (LhLimit){LH_CHARGE, s[LH_CHARGE] + sign * step->charge * run->area, 0};
  }
  if (!isnan(step->end_current))
    limits[n++] = (LhLimit){LH_TOTAL_CURRENT, step->end_current * run->area, -1};
  return n;
}

/// Longest time to the next state at which fields are wanted [s].
static PetscReal TimeToState(const LhRun *run, PetscReal current, PetscReal charge) {
  const LhRealList *states = &run->c->output.states;

  if (current <= 0 || run->next_state >= states->n) return PETSC_INFINITY;
  return PetscMax(0, states->v[run->next_state] * run->capacity - charge) / current;
}

static PetscErrorCode Progress(LhRun *run, PetscReal t, const PetscReal s[]) {
  PetscLogDouble now;
  PetscReal share = s[LH_CHARGE] / PetscMax(run->capacity, PETSC_SMALL), elapsed, left;
  char wall[LH_HUMAN_MAX], rest[LH_HUMAN_MAX], model[LH_HUMAN_MAX];
  LhEcSolverStats stats;
  int due;

  PetscFunctionBegin;
  PetscCall(PetscTime(&now));
  elapsed = now - run->start_wall;
  left = share > 0.01 && share < 1 ? elapsed * (1 - share) / share : 0;
  run->time_left = left > 0 ? left : PETSC_INFINITY;
  PetscCall(LhEcSolverGetStats(run->c->solver, &stats));
  PetscCall(LhOutputProgress(
      run->output, share,
      "%5.1f %% stripped  t %8s  V %9.3f mV  step %6.3g s  thickness %+.3f %%  wall %s%s%s",
      (double)(100 * share), LhHumanTime(t, model), (double)(1e3 * s[LH_VOLTAGE]),
      (double)stats.step,
      (double)(100 * run->thickness.total / PetscMax(run->thickness0, PETSC_SMALL)),
      LhHumanTime(elapsed, wall), left > 0 ? ", left about " : "",
      left > 0 ? LhHumanTime(left, rest) : ""));
  // Clocks differ between ranks: the first one decides when the record is due.
  due = now - run->last_record > run->c->output.heartbeat;
  PetscCallMPI(MPI_Bcast(&due, 1, MPI_INT, 0, run->c->comm));
  if (!due) PetscFunctionReturn(PETSC_SUCCESS);
  run->last_record = now;
  PetscCall(LhRunRecordWrite(run, "running"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One pass over a window: integrates to `t1` or a limit. Rows are collected.
static PetscErrorCode Integrate(LhRun *run, PetscReal t1, LhStretch *result, PetscInt *which) {
  PetscReal t;

  PetscFunctionBegin;
  *result = LH_STRETCH_STEP;
  PetscCall(LhTimerStart(run->timer, run->phase[PHASE_ELECTROCHEMISTRY]));
  while (*result == LH_STRETCH_STEP) {
    PetscCall(LhEcSolverStep(run->c->solver, t1, result, which));
    if (*result != LH_STRETCH_FAILED) PetscCall(LhRunRow(run));
    PetscCall(LhEcSolverGetState(run->c->solver, &t, NULL, NULL));
  }
  PetscCall(LhTimerStop(run->timer, run->phase[PHASE_ELECTROCHEMISTRY]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// State at the beginning of a window, for the iterated scheme.
typedef struct {
  Vec y, ydot;
  PetscReal t;
} Saved;

static PetscErrorCode Save(LhRun *run, Saved *saved) {
  Vec y, ydot;

  PetscFunctionBegin;
  if (run->c->coupling_spec.scheme != LH_COUPLING_ITERATED) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhEcSolverGetState(run->c->solver, &saved->t, &y, &ydot));
  if (!saved->y) PetscCall(VecDuplicate(y, &saved->y));
  if (!saved->ydot) PetscCall(VecDuplicate(ydot, &saved->ydot));
  PetscCall(VecCopy(y, saved->y));
  PetscCall(VecCopy(ydot, saved->ydot));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A whole number of the integrator's steps, if these are few: a step cut short at the end of every window would
/// keep the integrator from raising its order, which takes several equal steps in a row.
static PetscErrorCode FitWindow(LhRun *run, PetscReal *span) {
  enum { MOST = 8 };
  const PetscReal fixed = run->c->electrochemistry_spec.fixed_step;
  LhEcSolverStats stats;

  PetscFunctionBegin;
  if (fixed > 0) {
    *span = PetscMax(PetscFloorReal(*span / fixed * (1 + 1e-9)), 1) * fixed;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhEcSolverGetStats(run->c->solver, &stats));
  if (stats.next < *span && *span < MOST * stats.next)
    *span = PetscFloorReal(*span / stats.next * (1 + 1e-9)) * stats.next;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A window with its mechanics, repeated as the coupling asks.
static PetscErrorCode Window(LhRun *run, PetscReal t1, Saved *saved, LhStretch *result,
                             PetscInt *which) {
  LhCase c = run->c;
  PetscReal t0, t;
  PetscBool repeat = PETSC_TRUE, ok;
  const char *failure;
  Vec y;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetState(c->solver, &t0, &y, NULL));
  PetscCall(Save(run, saved));
  PetscCall(LhCouplingOpenWindow(c->coupling, t0, t1));
  while (repeat) {
    run->num_rows = 0;
    PetscCall(Integrate(run, t1, result, which));
    if (*result == LH_STRETCH_FAILED) {
      PetscCall(LhRunFinishIntegration(run));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    PetscCall(LhEcSolverGetState(c->solver, &t, &y, NULL));
    PetscCall(LhTimerStart(run->timer, run->phase[PHASE_MECHANICS]));
    PetscCall(LhCouplingCloseWindow(c->coupling, t, y, &run->last_error, &repeat, &failure));
    PetscCall(LhTimerStop(run->timer, run->phase[PHASE_MECHANICS]));
    if (failure) {
      PetscCall(LhRunFinishMechanics(run, t, y, failure));
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    if (!repeat) break;
    PetscCall(LhEcSolverSetState(c->solver, saved->t, saved->y, saved->ydot));
    PetscCall(LhEcSolverStart(c->solver, run->num_limits, run->limits, 1e-3 * (t1 - t0), &ok));
    PetscCheck(ok, c->comm, PETSC_ERR_CONV_FAILED,
               "no consistent state at the start of a window that had one");
  }
  run->windows++;
  PetscCall(LhRunThickness(run));
  PetscCall(LhRunFlushRows(run, t0, t));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckBalances(LhRun *run) {
  const PetscReal limit = run->c->balance_limit;
  const PetscBool lithium = run->worst_lithium > limit ? PETSC_TRUE : PETSC_FALSE;

  PetscFunctionBegin;
  if (!lithium && run->worst_charge <= limit) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(
      LhRunFinish(run, LH_EXIT_SOLVER,
                  "the balance of %s is off by %.2g (limit %g): the solution is not to be trusted",
                  lithium ? "lithium" : "charge",
                  (double)(lithium ? run->worst_lithium : run->worst_charge), (double)limit));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Fields at the states passed; balances within their limit.
static PetscErrorCode AfterWindow(LhRun *run) {
  const LhRealList *states = &run->c->output.states;
  PetscReal t, s[LH_NUM_SCALARS];

  PetscFunctionBegin;
  PetscCall(State(run, &t, s));
  while (run->next_state < states->n &&
         s[LH_CHARGE] >= (states->v[run->next_state] - 1e-9) * run->capacity) {
    PetscCall(LhRunFields(run, states->v[run->next_state++]));
    run->state_passed = PETSC_TRUE;
  }
  PetscCall(Progress(run, t, s));
  PetscCall(CheckBalances(run));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetControl(LhRun *run, const LhStep *step) {
  LhControl control = {LH_CONTROL_CURRENT, StepCurrent(run, step)};

  PetscFunctionBegin;
  if (step->kind == LH_STEP_HOLD) control = (LhControl){LH_CONTROL_VOLTAGE, step->hold_voltage};
  PetscCall(LhElectrochemSetControl(run->c->electrochem, &control));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode StartStep(LhRun *run, const LhStep *step) {
  PetscReal t, s[LH_NUM_SCALARS];
  PetscBool ok;

  PetscFunctionBegin;
  PetscCall(State(run, &t, s));
  run->step_time0 = t;
  run->num_limits = StepLimits(run, step, s, run->limits);
  PetscCall(SetControl(run, step));
  PetscCall(LhCouplingRestart(run->c->coupling, t));
  PetscCall(LhTimerStart(run->timer, run->phase[PHASE_ELECTROCHEMISTRY]));
  PetscCall(LhEcSolverStart(run->c->solver, run->num_limits, run->limits, 1e-6, &ok));
  PetscCall(LhTimerStop(run->timer, run->phase[PHASE_ELECTROCHEMISTRY]));
  PetscCall(LhOutputLog(run->output, "step %d: %s", (int)run->step_index + 1, step->text));
  PetscCall(LhOutputEvent(run->output, t, "step", "%s", step->text));
  if (!ok)
    PetscCall(LhRunFinish(run, LH_EXIT_SOLVER,
                          "step %d (%s): no state of the cell carries this current or voltage",
                          (int)run->step_index + 1, step->text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Sentence for the limit that ended a step.
static PetscErrorCode DescribeEnd(LhRun *run, const LhStep *step, const LhLimit *limit,
                                  PetscReal t) {
  const char *const what = !limit                        ? "time"
                           : limit->scalar == LH_VOLTAGE ? "voltage"
                           : limit->scalar == LH_CHARGE  ? "charge"
                                                         : "current";
  PetscReal s[LH_NUM_SCALARS];
  char time[LH_HUMAN_MAX];

  PetscFunctionBegin;
  PetscCall(State(run, &t, s));
  PetscCall(PetscSNPrintf(run->reason, sizeof(run->reason),
                          "step %d (%s) ended by its %s limit after %s, %.6g V, %.6g mA.h/cm^2",
                          (int)run->step_index + 1, step->text, what, LhHumanTime(t, time),
                          (double)s[LH_VOLTAGE], (double)(s[LH_CHARGE] / run->area / 36000)));
  PetscCall(LhOutputLog(run->output, "%s", run->reason));
  PetscCall(LhOutputEvent(run->output, t, what, "%s", run->reason));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A step from its beginning, or from the checkpoint inside it.
static PetscErrorCode EnterStep(LhRun *run, const LhStep *step) {
  PetscFunctionBegin;
  if (run->inside) {
    PetscCall(SetControl(run, step));
    PetscCall(LhRunAnchor(run));
  } else {
    PetscCall(StartStep(run, step));
  }
  run->inside = PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode RunStep(LhRun *run, const LhStep *step) {
  PetscInt which = -1;
  LhStretch result = LH_STRETCH_STEP;
  Saved saved = {0};

  PetscFunctionBegin;
  PetscCall(EnterStep(run, step));
  while (!run->finished) {
    PetscReal t, s[LH_NUM_SCALARS], span, end;
    const PetscReal last = isnan(step->time) ? PETSC_INFINITY : run->step_time0 + step->time;

    PetscCall(State(run, &t, s));
    PetscCall(LhCouplingProposeWindow(
        run->c->coupling,
        run->capacity / PetscMax(PetscAbsReal(s[LH_TOTAL_CURRENT]), PETSC_SMALL * PETSC_SMALL),
        &span));
    PetscCall(FitWindow(run, &span));
    span = PetscMin(span, TimeToState(run, s[LH_TOTAL_CURRENT], s[LH_CHARGE]));
    span = PetscMax(span, 1e-3);
    end = PetscMin(t + span, last);
    PetscCall(Window(run, end, &saved, &result, &which));
    if (run->finished) break;
    PetscCall(AfterWindow(run));
    if (result == LH_STRETCH_LIMIT || end >= last) {
      PetscCall(
          DescribeEnd(run, step, result == LH_STRETCH_LIMIT ? &run->limits[which] : NULL, end));
      break;
    }
    if (!run->finished) PetscCall(LhRunCheckpoint(run, PETSC_TRUE));
  }
  PetscCall(VecDestroy(&saved.y));
  PetscCall(VecDestroy(&saved.ydot));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Timers, and facts that follow from the case.
static PetscErrorCode Prepare(LhRun *run) {
  static const char *const names[NUM_PHASES] = {"electrochemistry", "mechanics", "output"};
  LhCase c = run->c;
  const LhMeshView *mesh;
  LhElectrochemFacts facts;
  PetscLogDouble now;

  PetscFunctionBegin;
  PetscCall(PetscTime(&now));
  run->start_wall = run->last_record = run->last_checkpoint = now;
  run->time_left = PETSC_INFINITY;
  PetscCall(LhTimerCreate(&run->timer));
  for (int p = 0; p < NUM_PHASES; p++)
    PetscCall(LhTimerRegister(run->timer, names[p], &run->phase[p]));
  PetscCall(LhElectrochemGetFacts(c->electrochem, &facts));
  run->area = facts.area;
  for (int k = 0; k < LH_MAX_REACTIONS; k++) run->capacity += facts.capacity[k];
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    if (c->materials[r]->kind == LH_MATERIAL_HOST && run->thickness0 == 0)
      run->thickness0 = mesh->region_volumes[r] / facts.area;
  }
  PetscCall(LhResumeDescribeInput(c, &run->input));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A new folder with its tables.
static PetscErrorCode Create(LhRun *run, PetscBool *ok) {
  LhCase c = run->c;

  PetscFunctionBegin;
  if (c->output.overwrite) PetscCall(LhResumeDropOrigin(c));
  PetscCall(
      LhOutputCreate(c->mesh, c->output.directory, c->output.overwrite, c->diag, &run->output));
  *ok = run->output ? PETSC_TRUE : PETSC_FALSE;
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhResumeWriteOrigin(c, run->output));
  PetscCall(LhOutputInputs(run->output, c->doc, c->record));
  PetscCall(LhSeriesCreate(run->output, "series.csv", NUM_COLUMNS, lh_run_columns, &run->series));
  PetscCall(LhHistoryCreate(run->output, &run->history));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Close(LhRun *run) {
  const char *state = run->exit_code == LH_EXIT_DONE      ? "done"
                      : run->exit_code == LH_EXIT_STOPPED ? "stopped"
                                                          : "failed";

  PetscFunctionBegin;
  if (run->exit_code == LH_EXIT_DONE || run->exit_code == LH_EXIT_SOLVER) {
    if (run->next_state < run->c->output.states.n) {
      PetscReal t, s[LH_NUM_SCALARS];

      PetscCall(State(run, &t, s));
      PetscCall(LhRunFields(run, run->capacity > 0 ? s[LH_CHARGE] / run->capacity : 0));
    }
    PetscCall(LhRunObservables(run));
  }
  PetscCall(LhOutputLog(run->output, "%s: %s", state, run->reason));
  PetscCall(LhRunRecordWrite(run, state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(LhRun *run) {
  PetscFunctionBegin;
  PetscCall(LhSeriesDestroy(&run->series));
  PetscCall(LhSeriesDestroy(&run->history));
  PetscCall(LhOutputDestroy(&run->output));
  PetscCall(LhTimerDestroy(&run->timer));
  for (PetscInt i = 0; i < run->num_work; i++) PetscCall(PetscFree(run->work[i]));
  PetscCall(PetscFree(run->rows));
  PetscCall(PetscFree(run->input));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Mechanical equilibrium as rolled, first fields.
static PetscErrorCode Begin(LhRun *run) {
  LhCase c = run->c;
  const char *failure;
  Vec y;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetState(c->solver, NULL, &y, NULL));
  PetscCall(LhTimerStart(run->timer, run->phase[PHASE_MECHANICS]));
  PetscCall(LhCouplingStart(c->coupling, 0, y, &failure));
  PetscCall(LhTimerStop(run->timer, run->phase[PHASE_MECHANICS]));
  if (failure)
    PetscCall(LhRunFinish(run, LH_EXIT_SOLVER,
                          "the foil as rolled finds no equilibrium under its load: %s", failure));
  else
    PetscCall(LhRunThickness(run));
  run->thickness_before = run->thickness;
  if (!run->finished) PetscCall(AfterWindow(run));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The steps that are left, to the end of the run.
static PetscErrorCode RunSteps(LhRun *run) {
  LhCase c = run->c;

  PetscFunctionBegin;
  while (!run->finished && run->step_index < c->num_steps) {
    PetscCall(RunStep(run, &c->steps[run->step_index]));
    if (run->finished) break;
    if (++run->step_index < c->num_steps) PetscCall(LhRunCheckpoint(run, PETSC_FALSE));
  }
  PetscCall(Close(run));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhProtocolRun(LhCase c, LhExit *exit_code) {
  LhRun run = {.c = c, .exit_code = LH_EXIT_DONE, .voltage_half = NAN};
  PetscBool ok = PETSC_FALSE;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  PetscCall(LhRequestsBegin());
  PetscCall(Prepare(&run));
  PetscCall(Create(&run, &ok));
  if (ok) {
    PetscCall(LhRunRecordWrite(&run, "running"));
    PetscCall(Begin(&run));
    if (!run.finished) PetscCall(LhRunCheckpoint(&run, PETSC_FALSE));
    PetscCall(RunSteps(&run));
    *exit_code = run.exit_code;
  }
  PetscCall(Destroy(&run));
  PetscCall(LhRequestsEnd());
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// From a checkpoint to the end.
static PetscErrorCode GoOn(LhRun *run, LhCheckpoint cp, PetscBool damaged, PetscBool *ok) {
  LhCheckpointFacts facts;

  PetscFunctionBegin;
  PetscCall(LhRunRestore(run, cp, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhCheckpointGetFacts(cp, &facts));
  PetscCall(PetscStrncpy(run->checkpoint, facts.path, sizeof(run->checkpoint)));
  run->checkpoint_time = facts.time;
  PetscCall(LhOutputLog(run->output, "resumed from %s at t = %.6g s, in step %d", facts.path,
                        (double)facts.time, (int)run->step_index + 1));
  for (PetscInt k = run->c->num_overrides - run->c->num_changes; k < run->c->num_overrides; k++)
    PetscCall(LhOutputEvent(run->output, facts.time, "numerics", "goes on with %s",
                            run->c->overrides[k]));
  if (damaged)
    PetscCall(LhOutputLog(run->output, "the other checkpoint is damaged and was not used"));
  PetscCall(LhRunRecordWrite(run, "running"));
  PetscCall(RunSteps(run));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhProtocolResume(LhCase c, LhExit *exit_code) {
  LhRun run = {.c = c, .exit_code = LH_EXIT_DONE, .voltage_half = NAN};
  LhCheckpoint cp;
  PetscInt errors, before, warnings;
  PetscBool ok = PETSC_FALSE;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  PetscCall(LhDiagGetCounts(c->diag, NULL, &before));
  PetscCall(LhCheckpointOpen(c->comm, c->output.directory, c->diag, &cp));
  PetscCall(LhDiagGetCounts(c->diag, &errors, &warnings));
  if (errors) PetscFunctionReturn(PETSC_SUCCESS);
  if (!cp) {  // killed before its first checkpoint: nothing is lost by beginning again
    c->output.overwrite = PETSC_TRUE;
    PetscCall(LhProtocolRun(c, exit_code));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhRequestsBegin());
  PetscCall(Prepare(&run));
  PetscCall(GoOn(&run, cp, warnings > before ? PETSC_TRUE : PETSC_FALSE, &ok));
  if (ok) *exit_code = run.exit_code;
  PetscCall(LhCheckpointClose(&cp));
  PetscCall(Destroy(&run));
  PetscCall(LhRequestsEnd());
  PetscFunctionReturn(PETSC_SUCCESS);
}
