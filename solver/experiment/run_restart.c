/// @file
/// Checkpoints of a protocol run: what is in one, when one is written, how a run goes on from one.
///
/// IDA's history cannot be saved (docs/decisions), so both the run that writes a checkpoint and the run that reads it
/// start the integrator anew there. Everything else that later steps depend on is in the file or is dropped on both sides.
#include <petsctime.h>

#include "experiment/resume.h"
#include "experiment/run_private.h"

/// Names the meaning of all sections; raised when one of them changes.
#define KIND "protocol 3"
/// First step after a checkpoint over the last one before it: order one has to grow again.
#define FIRST_STEP 0.05

/// Numbers of a run in a checkpoint, in the order of the section "run"; all reals.
typedef struct {
  PetscReal time, step_index, inside, next_state, windows, resumes;
  PetscReal series_rows, history_rows, events, states, started, elapsed;
  PetscReal step_time0, first_step;
  PetscReal worst_lithium, worst_charge, last_error, voltage_half, plateau_end;
  PetscReal last_share, last_voltage, last_capacity;
  LhMechThickness thickness, thickness_before;
  PetscReal num_limits, limit_scalar[LH_RUN_LIMITS], limit_value[LH_RUN_LIMITS],
      limit_direction[LH_RUN_LIMITS];
  PetscReal ec_steps, ec_newton, ec_residuals, ec_jacobians, ec_preconditioners, ec_krylov,
      ec_solves, ec_error_failures, ec_newton_failures;
  PetscReal mech_solves, mech_parts, mech_newton, mech_krylov, mech_setups, mech_residuals,
      mech_tangents, mech_failures;
  LhCouplingNumbers coupling;
} Numbers;
enum { NUM_NUMBERS = sizeof(Numbers) / sizeof(PetscReal) };

/// Arrays of a checkpoint, made for one and freed again: a checkpoint is no time step.
typedef struct {
  LhElectrochemRestart ec;
  PetscReal scalars[2 * LH_NUM_SCALARS], mechanics_numbers[LH_MECH_MAX_NUMBERS];
  PetscInt coupling_width, mechanics_width, num_mechanics;
  PetscReal *coupling, *mechanics;
  Numbers numbers;
} Arrays;

static PetscErrorCode CreateArrays(LhRun *run, Arrays *a) {
  LhCase c = run->c;
  const LhMeshView *mesh;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(a, sizeof(*a)));
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhElectrochemGetRestartSizes(c->electrochem, &a->ec));
  PetscCall(LhCouplingGetRestartWidth(c->coupling, &a->coupling_width));
  if (c->mechanics)
    PetscCall(LhMechanicsGetRestartSizes(c->mechanics, &a->mechanics_width, &a->num_mechanics));
  PetscCall(PetscCalloc1(mesh->num_owned_vertices * a->ec.vertex_width, &a->ec.vertices));
  PetscCall(PetscCalloc1(mesh->num_cells * a->ec.cell_width, &a->ec.cells));
  PetscCall(PetscCalloc1(mesh->num_cells * a->coupling_width, &a->coupling));
  PetscCall(PetscCalloc1(mesh->num_cells * a->mechanics_width, &a->mechanics));
  a->ec.scalars = a->scalars;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode DestroyArrays(Arrays *a) {
  PetscFunctionBegin;
  PetscCall(PetscFree(a->ec.vertices));
  PetscCall(PetscFree(a->ec.cells));
  PetscCall(PetscFree(a->coupling));
  PetscCall(PetscFree(a->mechanics));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The sections of rows, in the order of the file.
enum { NUM_SECTIONS = 4 };
static void Sections(Arrays *a, LhCheckpointRows list[NUM_SECTIONS]) {
  list[0] = (LhCheckpointRows){"electrochemistry_vertices", LH_AT_VERTICES, a->ec.vertex_width,
                               a->ec.vertices};
  list[1] =
      (LhCheckpointRows){"electrochemistry_cells", LH_AT_CELLS, a->ec.cell_width, a->ec.cells};
  list[2] = (LhCheckpointRows){"coupling", LH_AT_CELLS, a->coupling_width, a->coupling};
  list[3] = (LhCheckpointRows){"mechanics", LH_AT_CELLS, a->mechanics_width, a->mechanics};
}

static PetscErrorCode PackCounts(LhRun *run, Numbers *n) {
  LhEcSolverStats s;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetStats(run->c->solver, &s));
  n->ec_steps = s.steps;
  n->ec_newton = s.newton;
  n->ec_residuals = s.residuals;
  n->ec_jacobians = s.jacobians;
  n->ec_preconditioners = s.preconditioners;
  n->ec_krylov = s.krylov;
  n->ec_solves = s.solves;
  n->ec_error_failures = s.error_failures;
  n->ec_newton_failures = s.newton_failures;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PackMechanicsCounts(LhRun *run, Numbers *n) {
  LhMechanicsSolverStats s;

  PetscFunctionBegin;
  if (!run->c->mechanics_solver) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMechanicsSolverGetStats(run->c->mechanics_solver, &s));
  n->mech_solves = s.solves;
  n->mech_parts = s.parts;
  n->mech_newton = s.newton;
  n->mech_krylov = s.krylov;
  n->mech_setups = s.setups;
  n->mech_residuals = s.residuals;
  n->mech_tangents = s.tangents;
  n->mech_failures = s.failures;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode UnpackMechanicsCounts(LhRun *run, const Numbers *n) {
  const LhMechanicsSolverStats s = {.solves = (PetscInt)n->mech_solves,
                                    .parts = (PetscInt)n->mech_parts,
                                    .newton = (PetscInt)n->mech_newton,
                                    .krylov = (PetscInt)n->mech_krylov,
                                    .setups = (PetscInt)n->mech_setups,
                                    .residuals = (PetscInt)n->mech_residuals,
                                    .tangents = (PetscInt)n->mech_tangents,
                                    .failures = (PetscInt)n->mech_failures};

  PetscFunctionBegin;
  if (run->c->mechanics_solver) PetscCall(LhMechanicsSolverForget(run->c->mechanics_solver, &s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode UnpackCounts(LhRun *run, const Numbers *n) {
  const LhEcSolverStats s = {.steps = (PetscInt)n->ec_steps,
                             .newton = (PetscInt)n->ec_newton,
                             .residuals = (PetscInt)n->ec_residuals,
                             .jacobians = (PetscInt)n->ec_jacobians,
                             .preconditioners = (PetscInt)n->ec_preconditioners,
                             .krylov = (PetscInt)n->ec_krylov,
                             .solves = (PetscInt)n->ec_solves,
                             .error_failures = (PetscInt)n->ec_error_failures,
                             .newton_failures = (PetscInt)n->ec_newton_failures};

  PetscFunctionBegin;
  PetscCall(LhEcSolverSetStats(run->c->solver, &s));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Tables up to here are on the disk when it returns.
static PetscErrorCode PackNumbers(LhRun *run, PetscReal t, PetscBool inside, Numbers *n) {
  PetscInt series_rows, history_rows;
  PetscLogDouble now;
  LhOutputMark mark;

  PetscFunctionBegin;
  PetscCall(PetscTime(&now));
  PetscCall(LhSeriesSync(run->series, &series_rows));
  PetscCall(LhSeriesSync(run->history, &history_rows));
  PetscCall(LhOutputGetMark(run->output, t, &mark));
  n->time = t;
  n->step_index = run->step_index;
  n->inside = inside;
  n->next_state = run->next_state;
  n->windows = run->windows;
  n->resumes = run->resumes;
  n->series_rows = series_rows;
  n->history_rows = history_rows;
  n->events = mark.num_events;
  n->states = mark.num_states;
  n->started = (PetscReal)mark.started;
  n->elapsed = now - run->start_wall;
  n->step_time0 = run->step_time0;
  n->first_step = run->first_step;
  n->worst_lithium = run->worst_lithium;
  n->worst_charge = run->worst_charge;
  n->last_error = run->last_error;
  n->voltage_half = run->voltage_half;
  n->plateau_end = run->plateau_end;
  n->last_share = run->last_share;
  n->last_voltage = run->last_voltage;
  n->last_capacity = run->last_capacity;
  n->thickness = run->thickness;
  n->thickness_before = run->thickness_before;
  n->num_limits = run->num_limits;
  for (PetscInt k = 0; k < run->num_limits; k++) {
    n->limit_scalar[k] = run->limits[k].scalar;
    n->limit_value[k] = run->limits[k].value;
    n->limit_direction[k] = run->limits[k].direction;
  }
  PetscCall(PackCounts(run, n));
  PetscCall(PackMechanicsCounts(run, n));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void UnpackNumbers(LhRun *run, const Numbers *n) {
  run->step_index = (PetscInt)n->step_index;
  run->inside = n->inside > 0 ? PETSC_TRUE : PETSC_FALSE;
  run->next_state = (PetscInt)n->next_state;
  run->windows = (PetscInt)n->windows;
  run->resumes = (PetscInt)n->resumes + 1;
  run->start_wall -= n->elapsed;
  run->step_time0 = n->step_time0;
  run->first_step = n->first_step;
  run->worst_lithium = n->worst_lithium;
  run->worst_charge = n->worst_charge;
  run->last_error = n->last_error;
  run->voltage_half = n->voltage_half;
  run->plateau_end = n->plateau_end;
  run->last_share = n->last_share;
  run->last_voltage = n->last_voltage;
  run->last_capacity = n->last_capacity;
  run->thickness = n->thickness;
  run->thickness_before = n->thickness_before;
  run->num_limits = (PetscInt)n->num_limits;
  for (PetscInt k = 0; k < run->num_limits; k++)
    run->limits[k] =
        (LhLimit){(PetscInt)n->limit_scalar[k], n->limit_value[k], (int)n->limit_direction[k]};
}

static PetscErrorCode Pack(LhRun *run, PetscBool inside, Arrays *a) {
  LhCase c = run->c;
  PetscReal t;
  Vec y, ydot;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetState(c->solver, &t, &y, &ydot));
  PetscCall(PackNumbers(run, t, inside, &a->numbers));
  PetscCall(LhElectrochemPack(c->electrochem, y, ydot, &a->ec));
  PetscCall(LhCouplingPack(c->coupling, t, a->coupling, &a->numbers.coupling));
  if (c->mechanics) PetscCall(LhMechanicsPack(c->mechanics, a->mechanics, a->mechanics_numbers));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Write(LhRun *run, PetscBool inside) {
  LhCheckpointRows list[NUM_SECTIONS];
  LhCheckpointFacts facts;
  LhCheckpoint cp;
  Arrays a;

  PetscFunctionBegin;
  PetscCall(CreateArrays(run, &a));
  PetscCall(Pack(run, inside, &a));
  PetscCall(LhCheckpointCreate(run->output, a.numbers.time, &cp));
  PetscCall(LhCheckpointGetFacts(cp, &facts));
  PetscCall(PetscStrncpy(run->checkpoint, facts.path, sizeof(run->checkpoint)));
  run->checkpoint_time = facts.time;
  PetscCall(LhResumeWriteInput(cp, KIND, run->input));
  PetscCall(LhCheckpointWriteReals(cp, "run", NUM_NUMBERS, (const PetscReal *)&a.numbers));
  PetscCall(LhCheckpointWriteReals(cp, "scalars", 2 * LH_NUM_SCALARS, a.scalars));
  if (a.num_mechanics)
    PetscCall(
        LhCheckpointWriteReals(cp, "mechanics_numbers", a.num_mechanics, a.mechanics_numbers));
  Sections(&a, list);
  for (int k = 0; k < NUM_SECTIONS; k++) PetscCall(LhCheckpointWriteRows(cp, &list[k]));
  PetscCall(LhCheckpointCommit(&cp));
  PetscCall(DestroyArrays(&a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunAnchor(LhRun *run) {
  PetscReal t;
  PetscBool ok;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetState(run->c->solver, &t, NULL, NULL));
  PetscCall(LhCouplingAnchor(run->c->coupling, t));
  PetscCall(LhEcSolverStart(run->c->solver, run->num_limits, run->limits, run->first_step, &ok));
  PetscCheck(ok, run->c->comm, PETSC_ERR_CONV_FAILED, "a state that was reached cannot go on");
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Whether the run writes a checkpoint here, by what it is told in `output:`.
static PetscBool IsDue(const LhRun *run, const LhRequests *asked, PetscBool inside,
                       PetscBool late) {
  const PetscInt every = run->c->output.checkpoint_windows;

  if (run->state_passed) return PETSC_TRUE;
  if (every > 0) return !inside || run->windows % every == 0 ? PETSC_TRUE : PETSC_FALSE;
  return late || asked->stop || asked->checkpoint ? PETSC_TRUE : PETSC_FALSE;
}

static PetscErrorCode Stop(LhRun *run, const LhRequests *asked) {
  PetscReal t;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetState(run->c->solver, &t, NULL, NULL));
  run->exit_code = LH_EXIT_STOPPED;
  run->finished = PETSC_TRUE;
  PetscCall(PetscSNPrintf(run->reason, sizeof(run->reason),
                          "stopped by %s at t = %.6g s; the checkpoint %s is of t = %.6g s: lihost "
                          "resume %s goes on",
                          asked->by, (double)t, run->checkpoint, (double)run->checkpoint_time,
                          run->c->output.directory));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunCheckpoint(LhRun *run, PetscBool inside) {
  const PetscReal period = run->c->output.checkpoint;
  LhRequests asked;
  LhEcSolverStats stats;
  PetscLogDouble now;
  PetscBool late;

  PetscFunctionBegin;
  PetscCall(PetscTime(&now));
  late = period > 0 && now - run->last_checkpoint > period ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(LhRequestsTake(run->output, run->c->comm, &asked, &late));
  if (asked.fields) PetscCall(LhRunFieldsNow(run));
  if (IsDue(run, &asked, inside, late)) {
    PetscCall(LhTimerStart(run->timer, run->phase[PHASE_OUTPUT]));
    PetscCall(LhEcSolverGetStats(run->c->solver, &stats));
    run->first_step = FIRST_STEP * stats.step;
    run->state_passed = PETSC_FALSE;
    run->last_checkpoint = now;
    PetscCall(Write(run, inside));
    PetscCall(LhTimerStop(run->timer, run->phase[PHASE_OUTPUT]));
    // The beginning of a step starts the integrator anyway.
    if (inside)
      PetscCall(LhRunAnchor(run));
    else
      PetscCall(LhCouplingAnchor(run->c->coupling, run->checkpoint_time));
  }
  if (asked.stop) PetscCall(Stop(run, &asked));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Unpack(LhRun *run, LhCheckpoint cp, const Numbers *numbers) {
  LhCase c = run->c;
  LhCheckpointRows list[NUM_SECTIONS];
  PetscInt errors;
  Vec y, ydot;
  Arrays a;

  PetscFunctionBegin;
  PetscCall(CreateArrays(run, &a));
  PetscCall(LhCheckpointReadReals(cp, "scalars", 2 * LH_NUM_SCALARS, a.scalars));
  if (a.num_mechanics)
    PetscCall(LhCheckpointReadReals(cp, "mechanics_numbers", a.num_mechanics, a.mechanics_numbers));
  Sections(&a, list);
  for (int k = 0; k < NUM_SECTIONS; k++) PetscCall(LhCheckpointReadRows(cp, run->output, &list[k]));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (!errors) {
    PetscCall(LhEcSolverGetState(c->solver, NULL, &y, &ydot));
    PetscCall(LhElectrochemUnpack(c->electrochem, &a.ec, y, ydot));
    PetscCall(LhEcSolverSetState(c->solver, numbers->time, y, ydot));
    PetscCall(LhCouplingUnpack(c->coupling, numbers->time, a.coupling, &numbers->coupling));
    if (c->mechanics) PetscCall(LhMechanicsUnpack(c->mechanics, a.mechanics, a.mechanics_numbers));
    PetscCall(UnpackCounts(run, numbers));
    PetscCall(UnpackMechanicsCounts(run, numbers));
    UnpackNumbers(run, numbers);
    PetscCall(LhCouplingAnchor(c->coupling, numbers->time));
  }
  PetscCall(DestroyArrays(&a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A table that lost rows since cannot be gone on with.
static PetscErrorCode CheckRows(LhRun *run, LhSeries series, const char file[], PetscReal rows) {
  PetscInt found;

  PetscFunctionBegin;
  if (!series) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhSeriesSync(series, &found));
  if (found != (PetscInt)rows)
    PetscCall(LhDiagAdd(run->c->diag, LH_DIAG_ERROR, NULL,
                        "%s/%s has %d rows up to the checkpoint and should have %d: it was changed "
                        "after the run wrote it",
                        run->c->output.directory, file, (int)found, (int)rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunRestore(LhRun *run, LhCheckpoint cp, PetscBool *ok) {
  LhCase c = run->c;
  PetscInt errors;
  Numbers n;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(&n, sizeof(n)));
  PetscCall(LhResumeCheckInput(c, cp, KIND, run->input));
  PetscCall(LhCheckpointReadReals(cp, "run", NUM_NUMBERS, (PetscReal *)&n));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  *ok = PETSC_FALSE;
  if (errors) PetscFunctionReturn(PETSC_SUCCESS);
  {
    const LhOutputMark mark = {.time = n.time,
                               .num_events = (PetscInt)n.events,
                               .num_states = (PetscInt)n.states,
                               .started = (PetscInt64)n.started,
                               .from = cp};

    PetscCall(LhOutputResume(c->mesh, c->output.directory, &mark, c->diag, &run->output));
  }
  if (!run->output) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhCheckpointContinue(cp, run->output));
  PetscCall(LhSeriesResume(run->output, "series.csv", NUM_COLUMNS, lh_run_columns, n.time, c->diag,
                           &run->series));
  PetscCall(LhHistoryResume(run->output, n.time, c->diag, &run->history));
  if (c->num_changes) {
    PetscCall(LhResumeWriteOrigin(c, run->output));
    PetscCall(LhOutputInputs(run->output, c->doc, c->record));
  }
  PetscCall(CheckRows(run, run->series, "series.csv", n.series_rows));
  PetscCall(CheckRows(run, run->history, "history.bdf.csv", n.history_rows));
  PetscCall(Unpack(run, cp, &n));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  *ok = errors ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}
