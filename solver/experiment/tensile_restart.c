/// @file
/// Checkpoints of a pull: what is in one, when one is written, how a pull goes on from one.
///
/// What later steps depend on is in the file, but for preconditioners and the starts of Krylov solvers: those are
/// dropped by the run that writes a checkpoint as by the one that reads it.
#include <petsctime.h>
#include <stddef.h>

#include "experiment/resume.h"
#include "experiment/tensile_run.h"

/// Names the meaning of all sections; raised when one of them changes.
#define KIND "tensile 4"
/// Reals at the beginning of a point; its counts follow.
#define POINT_REALS (offsetof(LhTensilePoint, newton) / sizeof(PetscReal))

/// Numbers of a run in a checkpoint, in the order of the section "run"; all reals.
typedef struct {
  PetscReal time, step, steps, calm, rejected, too_long, next_field, resumes;
  PetscReal series_rows, events, states, started, elapsed;
  PetscReal modulus, rupture_strain, rupture_energy, worst_energy, peak_fibre_stress;
  PetscReal mech_solves, mech_parts, mech_newton, mech_krylov, mech_setups, mech_residuals,
      mech_tangents, mech_failures, mech_fibre_iterations;
  PetscReal damage_steps, damage_passes, damage_krylov, damage_failures;
  PetscReal stored, flow, damage, growth_dt, growth_macro[9], accepted_macro[9];
  PetscReal now[POINT_REALS], peak[POINT_REALS];
} Numbers;
enum { NUM_NUMBERS = sizeof(Numbers) / sizeof(PetscReal) };

/// Sections of rows, in the order of the file.
enum { MECHANICS, DAMAGE, ENERGY, GROWTH, NUM_SECTIONS };
static const char *const section_names[NUM_SECTIONS] = {"mechanics", "damage", "energy", "growth"};

/// Arrays of a checkpoint, made for one and freed again: a checkpoint is no time step.
typedef struct {
  PetscInt width[NUM_SECTIONS], num_mechanics, num_fibres;
  PetscReal *rows[NUM_SECTIONS];  ///< by mesh cell
  PetscReal *packed;              ///< by cell of the space, of one section
  PetscReal *local;               ///< by node
  PetscReal *fibres;              ///< by piece of the whole mesh
  PetscReal mechanics[LH_MECH_MAX_NUMBERS];
  const LhMeshView *mesh;
  const LhSpaceView *view;
  LhSpace space;
} Arrays;

static PetscErrorCode CreateArrays(const LhTensileRunData *run, Arrays *a) {
  const LhFibres *fibres;
  PetscInt widest = 0;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(a, sizeof(*a)));
  PetscCall(LhMeshGetView(run->c->mesh, &a->mesh));
  PetscCall(LhMechanicsGetSpace(run->c->mechanics, &a->space));
  PetscCall(LhSpaceGetView(a->space, &a->view));
  PetscCall(LhMechanicsGetRestartSizes(run->c->mechanics, &a->width[MECHANICS], &a->num_mechanics));
  PetscCall(LhDamageGetHistorySize(run->t->damage_problem, &a->width[DAMAGE]));
  PetscCall(LhEnergyGetHistorySize(run->t->energy, &a->width[ENERGY]));
  a->width[GROWTH] = 3 * a->view->nodes_per_cell;
  for (int k = 0; k < NUM_SECTIONS; k++) {
    widest = PetscMax(widest, a->width[k]);
    PetscCall(PetscCalloc1(a->mesh->num_cells * a->width[k], &a->rows[k]));
  }
  PetscCall(PetscCalloc1(a->view->num_cells * widest, &a->packed));
  PetscCall(PetscCalloc1(3 * a->view->num_nodes, &a->local));
  if (!run->t->fibre_term) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMeshGetFibres(run->c->mesh, &fibres));
  PetscCall(LhFibreTermGetHistorySize(run->t->fibre_term, &a->num_fibres));
  a->num_fibres *= fibres->num_global_pieces;
  PetscCall(PetscCalloc1(a->num_fibres, &a->fibres));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode DestroyArrays(Arrays *a) {
  PetscFunctionBegin;
  for (int k = 0; k < NUM_SECTIONS; k++) PetscCall(PetscFree(a->rows[k]));
  PetscCall(PetscFree(a->packed));
  PetscCall(PetscFree(a->local));
  PetscCall(PetscFree(a->fibres));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Rows by mesh cell from those by cell of the space, which leaves voids out.
static PetscErrorCode Spread(Arrays *a, int section) {
  const PetscInt n = a->width[section];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < a->view->num_cells; i++)
    PetscCall(PetscArraycpy(a->rows[section] + a->view->cells[i] * n, a->packed + i * n, n));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Collect(Arrays *a, int section) {
  const PetscInt n = a->width[section];

  PetscFunctionBegin;
  for (PetscInt i = 0; i < a->view->num_cells; i++)
    PetscCall(PetscArraycpy(a->packed + i * n, a->rows[section] + a->view->cells[i] * n, n));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// All pieces of all ranks on every rank.
static PetscErrorCode PackFibres(const LhTensileRunData *run, Arrays *a) {
  const LhFibres *fibres;
  PetscReal *rows;
  PetscInt n = 0;
  PetscMPIInt count;

  PetscFunctionBegin;
  if (!a->fibres) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMeshGetFibres(run->c->mesh, &fibres));
  PetscCall(LhFibreTermGetHistorySize(run->t->fibre_term, &n));
  PetscCall(PetscCalloc1(fibres->num_pieces * n, &rows));
  PetscCall(LhFibreTermPackHistory(run->t->fibre_term, rows));
  for (PetscInt i = 0; i < fibres->num_pieces; i++)
    PetscCall(PetscArraycpy(a->fibres + fibres->piece_id[i] * n, rows + i * n, n));
  PetscCall(PetscFree(rows));
  PetscCall(PetscMPIIntCast(a->num_fibres, &count));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, a->fibres, count, MPIU_REAL, MPI_SUM, run->c->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode UnpackFibres(const LhTensileRunData *run, const Arrays *a) {
  const LhFibres *fibres;
  PetscReal *rows;
  PetscInt n = 0;

  PetscFunctionBegin;
  if (!a->fibres) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMeshGetFibres(run->c->mesh, &fibres));
  PetscCall(LhFibreTermGetHistorySize(run->t->fibre_term, &n));
  PetscCall(PetscCalloc1(fibres->num_pieces * n, &rows));
  for (PetscInt i = 0; i < fibres->num_pieces; i++)
    PetscCall(PetscArraycpy(rows + i * n, a->fibres + fibres->piece_id[i] * n, n));
  PetscCall(LhFibreTermUnpackHistory(run->t->fibre_term, rows));
  PetscCall(PetscFree(rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The macroscopic entries of a vector, which are on the first rank. F - 1 of a point has lost digits to them.
static PetscErrorCode MoveMacro(const LhTensileRunData *run, Vec vector, PetscReal macro[9],
                                PetscBool into_vector) {
  LhMechBorder border;
  PetscScalar *x;

  PetscFunctionBegin;
  PetscCall(LhMechanicsGetBorder(run->c->mechanics, &border));
  PetscCall(VecGetArray(vector, &x));
  for (PetscInt m = 0; border.used && border.first >= 0 && m < border.num_macro; m++) {
    if (into_vector)
      x[border.first + m] = macro[m];
    else
      macro[m] = x[border.first + m];
  }
  PetscCall(VecRestoreArray(vector, &x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Growth of the last step, from which the next one is extrapolated: by the nodes of cells, as displacement is.
static PetscErrorCode PackGrowth(const LhTensileRunData *run, Arrays *a, Numbers *numbers) {
  const PetscInt n = a->width[GROWTH];
  const PetscScalar *x;
  Vec growth, accepted;

  PetscFunctionBegin;
  PetscCall(LhDamageSolverGetGrowth(run->t->solver, &growth, &numbers->growth_dt));
  PetscCall(MoveMacro(run, growth, numbers->growth_macro, PETSC_FALSE));
  PetscCall(LhMechanicsGetAccepted(run->c->mechanics, &accepted));
  PetscCall(MoveMacro(run, accepted, numbers->accepted_macro, PETSC_FALSE));
  PetscCall(VecGetArrayRead(growth, &x));
  PetscCall(LhSpaceGather(a->space, 3, x, a->local));
  PetscCall(VecRestoreArrayRead(growth, &x));
  for (PetscInt i = 0; i < a->view->num_cells; i++) {
    const PetscInt *node = a->view->cell_nodes + i * a->view->nodes_per_cell;
    for (PetscInt k = 0; k < n; k++) a->packed[i * n + k] = a->local[3 * node[k / 3] + k % 3];
  }
  PetscCall(Spread(a, GROWTH));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode UnpackGrowth(const LhTensileRunData *run, Arrays *a, Numbers *numbers) {
  const PetscInt n = a->width[GROWTH];
  PetscScalar *x;
  Vec growth, accepted;

  PetscFunctionBegin;
  PetscCall(LhDamageSolverGetGrowth(run->t->solver, &growth, NULL));
  PetscCall(Collect(a, GROWTH));
  PetscCall(VecGetArray(growth, &x));
  for (PetscInt i = 0; i < a->view->num_cells; i++) {
    const PetscInt *node = a->view->cell_nodes + i * a->view->nodes_per_cell;
    for (PetscInt k = 0; k < n; k++) {
      if (node[k / 3] < a->view->num_owned) x[3 * node[k / 3] + k % 3] = a->packed[i * n + k];
    }
  }
  PetscCall(VecRestoreArray(growth, &x));
  PetscCall(MoveMacro(run, growth, numbers->growth_macro, PETSC_TRUE));
  PetscCall(LhMechanicsGetAccepted(run->c->mechanics, &accepted));
  PetscCall(MoveMacro(run, accepted, numbers->accepted_macro, PETSC_TRUE));
  PetscCall(LhMechanicsReject(run->c->mechanics));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PackCounts(const LhTensileRunData *run, Numbers *n) {
  LhMechanicsSolverStats m;
  LhDamageSolverStats d;
  LhEnergySums sums;

  PetscFunctionBegin;
  PetscCall(LhMechanicsSolverGetStats(run->c->mechanics_solver, &m));
  PetscCall(LhDamageSolverGetStats(run->t->solver, &d));
  PetscCall(LhEnergyGetSums(run->t->energy, &sums));
  n->mech_solves = m.solves;
  n->mech_parts = m.parts;
  n->mech_newton = m.newton;
  n->mech_krylov = m.krylov;
  n->mech_setups = m.setups;
  n->mech_residuals = m.residuals;
  n->mech_tangents = m.tangents;
  n->mech_failures = m.failures;
  n->mech_fibre_iterations = m.fibre_iterations;
  n->damage_steps = d.steps;
  n->damage_passes = d.passes;
  n->damage_krylov = d.krylov;
  n->damage_failures = d.failures;
  n->stored = sums.stored;
  n->flow = sums.flow;
  n->damage = sums.damage;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Counts go on; what solvers keep from earlier solves does not.
static PetscErrorCode UnpackCounts(LhTensileRunData *run, const Numbers *n) {
  const LhMechanicsSolverStats m = {.solves = (PetscInt)n->mech_solves,
                                    .parts = (PetscInt)n->mech_parts,
                                    .newton = (PetscInt)n->mech_newton,
                                    .krylov = (PetscInt)n->mech_krylov,
                                    .setups = (PetscInt)n->mech_setups,
                                    .residuals = (PetscInt)n->mech_residuals,
                                    .tangents = (PetscInt)n->mech_tangents,
                                    .failures = (PetscInt)n->mech_failures,
                                    .fibre_iterations = (PetscInt)n->mech_fibre_iterations};
  const LhDamageSolverStats d = {.steps = (PetscInt)n->damage_steps,
                                 .passes = (PetscInt)n->damage_passes,
                                 .krylov = (PetscInt)n->damage_krylov,
                                 .failures = (PetscInt)n->damage_failures};

  PetscFunctionBegin;
  PetscCall(LhMechanicsSolverForget(run->c->mechanics_solver, &m));
  PetscCall(LhDamageSolverForget(run->t->solver, &n->growth_dt, &d));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Tables up to here are on the disk when it returns.
static PetscErrorCode PackNumbers(LhTensileRunData *run, Numbers *n) {
  PetscInt rows;
  PetscLogDouble wall;
  LhOutputMark mark;

  PetscFunctionBegin;
  PetscCall(PetscTime(&wall));
  PetscCall(LhSeriesSync(run->series, &rows));
  PetscCall(LhOutputGetMark(run->output, run->now.time, &mark));
  n->time = run->now.time;
  n->step = run->step;
  n->steps = run->steps;
  n->calm = run->calm;
  n->rejected = run->rejected;
  n->too_long = run->too_long;
  n->next_field = run->next_field;
  n->resumes = run->resumes;
  n->series_rows = rows;
  n->events = mark.num_events;
  n->states = mark.num_states;
  n->started = (PetscReal)mark.started;
  n->elapsed = wall - run->start_wall;
  n->modulus = run->modulus;
  n->rupture_strain = run->rupture_strain;
  n->rupture_energy = run->rupture_energy;
  n->worst_energy = run->worst_energy;
  n->peak_fibre_stress = run->peak_fibre_stress;
  PetscCall(PetscArraycpy(n->now, (const PetscReal *)&run->now, POINT_REALS));
  PetscCall(PetscArraycpy(n->peak, (const PetscReal *)&run->peak, POINT_REALS));
  PetscCall(PackCounts(run, n));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode UnpackNumbers(LhTensileRunData *run, const Numbers *n) {
  PetscFunctionBegin;
  run->step = n->step;
  run->steps = (PetscInt)n->steps;
  run->calm = (PetscInt)n->calm;
  run->rejected = (PetscInt)n->rejected;
  run->too_long = (PetscInt)n->too_long;
  run->next_field = (PetscInt)n->next_field;
  run->resumes = (PetscInt)n->resumes + 1;
  run->start_wall -= n->elapsed;
  run->modulus = n->modulus;
  run->rupture_strain = n->rupture_strain;
  run->rupture_energy = n->rupture_energy;
  run->worst_energy = n->worst_energy;
  run->peak_fibre_stress = n->peak_fibre_stress;
  PetscCall(PetscArraycpy((PetscReal *)&run->now, n->now, POINT_REALS));
  PetscCall(PetscArraycpy((PetscReal *)&run->peak, n->peak, POINT_REALS));
  run->now.newton = (PetscInt)n->mech_newton;
  run->now.passes = (PetscInt)n->damage_passes;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Pack(LhTensileRunData *run, Arrays *a, Numbers *numbers) {
  PetscFunctionBegin;
  PetscCall(PackNumbers(run, numbers));
  PetscCall(LhMechanicsPack(run->c->mechanics, a->rows[MECHANICS], a->mechanics));
  PetscCall(LhDamagePackHistory(run->t->damage_problem, a->packed));
  PetscCall(Spread(a, DAMAGE));
  PetscCall(LhEnergyPackHistory(run->t->energy, a->packed));
  PetscCall(Spread(a, ENERGY));
  PetscCall(PackGrowth(run, a, numbers));
  PetscCall(PackFibres(run, a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Unpack(LhTensileRunData *run, Arrays *a, Numbers *n) {
  const LhEnergySums sums = {.stored = n->stored, .flow = n->flow, .damage = n->damage};

  PetscFunctionBegin;
  PetscCall(UnpackNumbers(run, n));
  if (run->t->keys.grips == LH_GRIPS_PERIODIC)
    PetscCall(LhMechanicsRestoreMacro(run->c->mechanics, run->now.F, run->now.P));
  PetscCall(Collect(a, DAMAGE));
  PetscCall(LhDamageUnpackHistory(run->t->damage_problem, a->packed));
  PetscCall(UnpackFibres(run, a));  // which read what damage has left of the metal around
  PetscCall(LhMechanicsUnpack(run->c->mechanics, a->rows[MECHANICS], a->mechanics));
  PetscCall(Collect(a, ENERGY));
  PetscCall(LhEnergyUnpackHistory(run->t->energy, a->packed, &sums));
  PetscCall(UnpackGrowth(run, a, n));
  PetscCall(UnpackCounts(run, n));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Write(LhTensileRunData *run) {
  LhCheckpointFacts facts;
  LhCheckpoint cp;
  Numbers numbers;
  Arrays a;

  PetscFunctionBegin;
  PetscCall(PetscMemzero(&numbers, sizeof(numbers)));
  PetscCall(CreateArrays(run, &a));
  PetscCall(Pack(run, &a, &numbers));
  PetscCall(LhCheckpointCreate(run->output, numbers.time, &cp));
  PetscCall(LhCheckpointGetFacts(cp, &facts));
  PetscCall(PetscStrncpy(run->checkpoint, facts.path, sizeof(run->checkpoint)));
  run->checkpoint_time = facts.time;
  PetscCall(LhResumeWriteInput(cp, KIND, run->input));
  PetscCall(LhCheckpointWriteReals(cp, "run", NUM_NUMBERS, (const PetscReal *)&numbers));
  PetscCall(LhCheckpointWriteReals(cp, "mechanics_numbers", a.num_mechanics, a.mechanics));
  if (a.fibres) PetscCall(LhCheckpointWriteReals(cp, "fibres", a.num_fibres, a.fibres));
  for (int k = 0; k < NUM_SECTIONS; k++) {
    const LhCheckpointRows rows = {section_names[k], LH_AT_CELLS, a.width[k], a.rows[k]};
    PetscCall(LhCheckpointWriteRows(cp, &rows));
  }
  PetscCall(LhCheckpointCommit(&cp));
  PetscCall(DestroyArrays(&a));
  PetscCall(LhMechanicsSolverForget(run->c->mechanics_solver, NULL));
  PetscCall(LhDamageSolverForget(run->t->solver, NULL, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscBool IsDue(const LhTensileRunData *run) {
  const PetscInt every = run->c->output.checkpoint_windows;

  if (every > 0)
    return run->steps % every == 0 && run->steps != run->saved_steps ? PETSC_TRUE : PETSC_FALSE;
  return run->late || run->asked.stop || run->asked.checkpoint ? PETSC_TRUE : PETSC_FALSE;
}

PetscErrorCode LhTensileHear(LhTensileRunData *run) {
  const PetscReal period = run->c->output.checkpoint;
  const PetscBool fields = run->asked.fields;
  PetscLogDouble wall;

  PetscFunctionBegin;
  PetscCall(PetscTime(&wall));
  run->late = period > 0 && wall - run->last_checkpoint > period ? PETSC_TRUE : PETSC_FALSE;
  PetscCall(LhRequestsTake(run->output, run->c->comm, &run->asked, &run->late));
  if (fields) run->asked.fields = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileListen(LhTensileRunData *run) {
  PetscLogDouble wall;

  PetscFunctionBegin;
  if (run->finished) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscTime(&wall));
  if (IsDue(run)) {
    PetscCall(LhTimerStart(run->timer, run->phase[TENSILE_PHASE_OUTPUT]));
    PetscCall(Write(run));
    PetscCall(LhTimerStop(run->timer, run->phase[TENSILE_PHASE_OUTPUT]));
    run->last_checkpoint = wall;
    run->saved_steps = run->steps;
  }
  if (!run->asked.stop) PetscFunctionReturn(PETSC_SUCCESS);
  run->exit_code = LH_EXIT_STOPPED;
  run->finished = PETSC_TRUE;
  PetscCall(PetscSNPrintf(run->reason, sizeof(run->reason),
                          "stopped by %s at a strain of %.6g; the checkpoint %s is of t = %.6g s: "
                          "lihost resume %s goes on",
                          run->asked.by, (double)run->now.strain, run->checkpoint,
                          (double)run->checkpoint_time, run->c->output.directory));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The tables of the folder, cut to the rows of the checkpoint.
static PetscErrorCode Reopen(LhTensileRunData *run, LhCheckpoint cp, const Numbers *n) {
  const LhOutputMark mark = {.time = n->time,
                             .num_events = (PetscInt)n->events,
                             .num_states = (PetscInt)n->states,
                             .started = (PetscInt64)n->started,
                             .from = cp};
  LhCase c = run->c;
  PetscInt rows;

  PetscFunctionBegin;
  PetscCall(LhOutputResume(c->mesh, c->output.directory, &mark, c->diag, &run->output));
  if (!run->output) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhCheckpointContinue(cp, run->output));
  PetscCall(LhSeriesResume(run->output, "series.csv", TENSILE_NUM, lh_tensile_columns, n->time,
                           c->diag, &run->series));
  if (c->num_changes) {
    PetscCall(LhResumeWriteOrigin(c, run->output));
    PetscCall(LhOutputInputs(run->output, c->doc, c->record));
  }
  if (!run->series) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhSeriesSync(run->series, &rows));
  if (rows != (PetscInt)n->series_rows)
    PetscCall(LhDiagAdd(c->diag, LH_DIAG_ERROR, NULL,
                        "%s/series.csv has %d rows up to the checkpoint and should have %d: it was "
                        "changed after the run wrote it",
                        c->output.directory, (int)rows, (int)n->series_rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileRestore(LhTensileRunData *run, LhCheckpoint cp, PetscBool *ok) {
  LhCheckpointFacts facts;
  LhCase c = run->c;
  PetscInt errors;
  Numbers n;
  Arrays a;

  PetscFunctionBegin;
  *ok = PETSC_FALSE;
  PetscCall(PetscMemzero(&n, sizeof(n)));
  PetscCall(LhResumeCheckInput(c, cp, KIND, run->input));
  PetscCall(LhCheckpointReadReals(cp, "run", NUM_NUMBERS, (PetscReal *)&n));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (errors) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(Reopen(run, cp, &n));
  if (!run->output) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(CreateArrays(run, &a));
  PetscCall(LhCheckpointReadReals(cp, "mechanics_numbers", a.num_mechanics, a.mechanics));
  if (a.fibres) PetscCall(LhCheckpointReadReals(cp, "fibres", a.num_fibres, a.fibres));
  for (int k = 0; k < NUM_SECTIONS; k++) {
    const LhCheckpointRows rows = {section_names[k], LH_AT_CELLS, a.width[k], a.rows[k]};
    PetscCall(LhCheckpointReadRows(cp, run->output, &rows));
  }
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (!errors) PetscCall(Unpack(run, &a, &n));
  PetscCall(DestroyArrays(&a));
  PetscCall(LhCheckpointGetFacts(cp, &facts));
  PetscCall(PetscStrncpy(run->checkpoint, facts.path, sizeof(run->checkpoint)));
  run->checkpoint_time = facts.time;
  run->saved_steps = run->steps;
  *ok = errors ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}
