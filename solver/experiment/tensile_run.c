/// @file
/// The loop of the experiment `tensile`: steps of strain, their size, the end.
#include "experiment/tensile_run.h"

#include <math.h>
#include <petsctime.h>
#include <stdarg.h>

#include "base/terminal.h"
#define FAIR          10  ///< Newton iterations for two passes up to which a step grows
#define COSTLY        16  ///< and from which on it shrinks
#define DAMAGING      1e-2  ///< growth of damage at a point in a step from which on it counts as growing
#define CALM          3   ///< steps after one that failed in which none grows
#define LONGEST_CURVE .3  ///< strain before which rupture comes: an end beyond it is no estimate

/// Position in a 3x3 tensor of components xx, yy, zz, yz, xz, xy, and of their twins below the diagonal.
static const int upper[6] = {0, 4, 8, 5, 2, 1};

static PetscErrorCode Finish(LhTensileRunData *run, LhExit code, const char format[], ...) {
  va_list args;
  size_t length;

  PetscFunctionBegin;
  va_start(args, format);
  PetscCall(PetscVSNPrintf(run->reason, sizeof(run->reason), format, &length, args));
  va_end(args);
  run->exit_code = code;
  run->finished = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Loads at a nominal strain.
static PetscErrorCode SetDrive(const LhTensileRunData *run, PetscReal strain) {
  const LhTensile *t = run->t;
  LhMechMacro macro = {
      .value = {1., 0., 0., 0., 1., 0., 0., 0., 1.}
  };

  PetscFunctionBegin;
  if (t->keys.grips != LH_GRIPS_PERIODIC) {
    PetscCall(LhMechanicsSetLoad(run->c->mechanics, t->pull, strain * t->length));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (int k = 0; k < 6; k++) {
    macro.stress_driven[upper[k]] = t->drive[k].free;
    macro.value[upper[k]] = t->drive[k].free ? 0. : (k < 3 ? 1. : 0.) + t->drive[k].share * strain;
  }
  PetscCall(LhMechanicsSetMacro(run->c->mechanics, &macro));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Time from one nominal strain to another.
static PetscReal StepTime(const LhTensileRunData *run, PetscReal from, PetscReal to) {
  const LhTensileKeys *keys = &run->t->keys;
  const PetscReal d = keys->rate_of == LH_RATE_LOGARITHMIC ? log1p(to) - log1p(from) : to - from;

  return d / keys->strain_rate;
}

static PetscErrorCode ObservePeriodic(const LhTensileRunData *run, LhTensilePoint *p) {
  const PetscInt a = run->t->keys.axis;
  double J, work = 0., sigma = 0.;

  PetscFunctionBegin;
  PetscCall(LhMechanicsGetMacro(run->c->mechanics, p->F, p->P));
  for (int m = 0; m < 9; m++) work += .5 * (p->P[m] + run->now.P[m]) * (p->F[m] - run->now.F[m]);
  p->work = run->now.work + work * run->t->volume;
  J = p->F[0] * (p->F[4] * p->F[8] - p->F[5] * p->F[7]) -
      p->F[1] * (p->F[3] * p->F[8] - p->F[5] * p->F[6]) +
      p->F[2] * (p->F[3] * p->F[7] - p->F[4] * p->F[6]);
  for (int j = 0; j < 3; j++) sigma += p->P[3 * a + j] * p->F[3 * a + j];
  p->stress = p->P[4 * a];
  p->true_stress = sigma / J;
  p->strain = p->F[4 * a] - 1.;
  for (int k = 0; k < 2; k++) p->across[k] = p->F[4 * ((a + 1 + k) % 3)] - 1.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Displacement along the axis of a gauge surface: its mean normal displacement, whichever way it faces.
static PetscErrorCode GaugeStrain(const LhTensileRunData *run, PetscReal *strain) {
  const LhTensile *t = run->t;
  PetscReal moved[2];

  PetscFunctionBegin;
  for (int k = 0; k < 2; k++) {
    LhSpace space;
    const LhSpaceView *view;
    const PetscScalar *u;
    PetscScalar *local, integrals[3];
    PetscReal area;
    Vec vector;

    PetscCall(LhMechanicsGetSpace(run->c->mechanics, &space));
    PetscCall(LhSpaceGetView(space, &view));
    PetscCall(LhMechanicsGetDisplacement(run->c->mechanics, &vector));
    PetscCall(PetscMalloc1(3 * view->num_nodes, &local));
    PetscCall(VecGetArrayRead(vector, &u));
    PetscCall(LhSpaceGather(space, 3, u, local));
    PetscCall(VecRestoreArrayRead(vector, &u));
    PetscCall(LhFieldIntegrateSurface(space, 3, local, t->gauge[k], integrals, &area));
    PetscCall(PetscFree(local));
    moved[k] = PetscRealPart(integrals[t->keys.axis]) / area;
  }
  *strain = (moved[1] - moved[0]) / t->gauge_length;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ObserveBar(const LhTensileRunData *run, LhTensilePoint *p) {
  const LhTensile *t = run->t;
  double force[3];

  PetscFunctionBegin;
  PetscCall(LhMechanicsGetReaction(run->c->mechanics, t->end[1], force));
  if (t->gauge[0] == t->end[0] && t->gauge[1] == t->end[1])
    p->strain = p->drive;
  else
    PetscCall(GaugeStrain(run, &p->strain));
  p->stress = force[t->keys.axis] / t->area;
  p->true_stress = p->stress * (1. + p->strain);
  p->work = run->now.work +
            .5 * (p->stress + run->now.stress) * t->area * (p->drive - run->now.drive) * t->length;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Count(const LhTensileRunData *run, LhTensilePoint *p) {
  LhMechanicsSolverStats mechanics;
  LhDamageSolverStats damage;

  PetscFunctionBegin;
  PetscCall(LhMechanicsSolverGetStats(run->c->mechanics_solver, &mechanics));
  PetscCall(LhDamageSolverGetStats(run->t->solver, &damage));
  p->newton = mechanics.newton;
  p->passes = damage.passes;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Observe(const LhTensileRunData *run, LhTensilePoint *p) {
  LhDamageGrowth growth;

  PetscFunctionBegin;
  if (run->t->keys.grips == LH_GRIPS_PERIODIC)
    PetscCall(ObservePeriodic(run, p));
  else
    PetscCall(ObserveBar(run, p));
  p->toughness =
      run->now.toughness + .5 * (p->stress + run->now.stress) * (p->strain - run->now.strain);
  PetscCall(LhDamageGetGrowth(run->t->damage_problem, &growth));
  p->damage = growth.largest;
  p->growth = growth.growth;
  p->mean_growth = growth.mean_growth;
  PetscCall(Count(run, p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The force has fallen to its share of the peak: when, on the line between the last two points.
static void JudgeRupture(LhTensileRunData *run, const LhTensilePoint *before) {
  const LhTensilePoint *p = &run->now;
  const PetscReal limit = run->t->keys.rupture * run->peak.stress;
  PetscReal share, stress;

  run->rupture_strain = p->strain;
  run->rupture_energy = p->toughness;
  if (!(run->t->keys.rupture > 0.) || !(p->stress < limit) || !(run->peak.stress > 0.)) return;
  share = before->stress > limit ? (before->stress - limit) / (before->stress - p->stress) : 1.;
  stress = before->stress + share * (p->stress - before->stress);
  run->rupture_strain = before->strain + share * (p->strain - before->strain);
  run->rupture_energy =
      before->toughness + .5 * (before->stress + stress) * share * (p->strain - before->strain);
  run->ruptured = PETSC_TRUE;
}

/// Strain at which the run is expected to end; infinite while only rupture can end it and the force does not fall yet.
static PetscReal ExpectedEnd(const LhTensileRunData *run, const LhTensilePoint *before) {
  const LhTensileKeys *keys = &run->t->keys;
  const PetscReal fall = before->stress - run->now.stress;
  const PetscReal above = run->now.stress - keys->rupture * run->peak.stress;
  PetscReal end = keys->end_strain < LONGEST_CURVE ? keys->end_strain : PETSC_INFINITY;
  // Past the peak the curve is taken to go on falling as it does.
  if (keys->rupture > 0. && run->now.stress < .98 * run->peak.stress && fall > 0.)
    end = PetscMin(end, run->now.strain + above / fall * (run->now.strain - before->strain));
  return end;
}

static PetscErrorCode Progress(LhTensileRunData *run, const LhTensilePoint *before) {
  const PetscReal end = ExpectedEnd(run, before), advance = run->now.strain - before->strain;
  PetscReal pace = 0.;  // wall time per strain, of the last step
  PetscLogDouble wall;
  char past[LH_HUMAN_MAX], rest[LH_HUMAN_MAX];
  int due;

  PetscFunctionBegin;
  PetscCall(PetscTime(&wall));
  if (advance > 0.) pace = (wall - run->last_point) / advance;
  run->last_point = wall;
  run->time_left = pace > 0. ? PetscMax(0., pace * (end - run->now.strain)) : PETSC_INFINITY;
  PetscCall(LhOutputProgress(
      run->output, run->now.strain / PetscMin(end, run->t->keys.end_strain),
      "strain %.5f  stress %.5g MPa  work %.4g kJ/m^3  damage %.3f  step %.2g  wall %s, %s%s",
      (double)run->now.strain, (double)(run->now.stress / 1e6), (double)(run->now.toughness / 1e3),
      (double)run->now.damage, (double)run->step, LhHumanTime(wall - run->start_wall, past),
      isfinite(run->time_left) ? "left about " : "1 % of strain takes ",
      LhHumanTime(isfinite(run->time_left) ? run->time_left : .01 * pace, rest)));
  due = wall - run->last_record > run->c->output.heartbeat;
  PetscCallMPI(MPI_Bcast(&due, 1, MPI_INT, 0, run->c->comm));
  if (!due) PetscFunctionReturn(PETSC_SUCCESS);
  run->last_record = wall;
  PetscCall(LhTensileRecord(run, "running"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Most a step may grow by after what this one cost. A step twice as long takes hardly more Newton iterations, so that
/// long ones are cheap, up to the length that fails; a failure costs as much as several steps, and the next few do not
/// try that length again. Two passes count as one: the first of them stops short of equilibrium.
static PetscReal GrowthByCost(LhTensileRunData *run, const LhTensilePoint *before) {
  const PetscInt newton = run->now.newton - before->newton;
  const PetscInt passes = run->now.passes - before->passes;
  const PetscInt whole = PetscMax((passes + 1) / 2, 1);
  const PetscBool calm = run->calm > 0 ? PETSC_TRUE : PETSC_FALSE;

  if (calm) run->calm--;
  if (newton > COSTLY * whole || passes > 12) return .7;
  if (calm || newton > FAIR * whole || passes > 6) return 1.;
  return run->t->steps.growth;
}

/// While damage grows a step may not pass over the time by which it is late: the strength would depend on the step.
static PetscReal LongestStep(const LhTensileRunData *run, PetscReal growth) {
  const LhTensile *t = run->t;
  PetscReal longest = t->steps.largest;

  if (!(growth > DAMAGING)) return longest;
  for (PetscInt k = 0; k < t->num_damage; k++) {
    const PetscReal lag = t->damage[k].relaxation_time * t->keys.strain_rate;

    if (lag > 0.) longest = PetscMin(longest, PetscMax(lag, t->steps.smallest));
  }
  return longest;
}

/// Length of the next step by its cost and the growth of damage, and so that strains of fields and the end are met.
static void NextStep(LhTensileRunData *run, const LhTensilePoint *before) {
  const LhTensileSteps *s = &run->t->steps;
  const LhRealList *at = &run->t->keys.fields_at;
  PetscReal end = run->t->keys.end_strain, factor = GrowthByCost(run, before);

  if (s->number > 0) {
    run->step = end * (PetscReal)(run->steps + 1) / (PetscReal)s->number - run->now.drive;
    return;
  }
  if (run->now.growth > s->damage) factor = s->damage / run->now.growth;
  if (run->now.mean_growth > s->mean_damage)
    factor = PetscMin(factor, s->mean_damage / run->now.mean_growth);
  factor = PetscMax(.5, factor);
  run->step = PetscMin(run->step * factor, LongestStep(run, run->now.growth));
  if (run->next_field < at->n && at->v[run->next_field] > run->now.drive)
    end = PetscMin(end, at->v[run->next_field]);
  if (run->now.drive + 1.5 * run->step > end) run->step = end - run->now.drive;
}

/// Peak, rupture, fields, end of the accepted step.
static PetscErrorCode Judge(LhTensileRunData *run, const LhTensilePoint *before) {
  const LhTensileKeys *keys = &run->t->keys;

  PetscFunctionBegin;
  if (run->steps == 1) run->modulus = run->now.stress / run->now.strain;
  if (run->now.stress > run->peak.stress) run->peak = run->now;
  JudgeRupture(run, before);
  if (run->ruptured)
    PetscCall(Finish(run, LH_EXIT_DONE,
                     "ruptured at a strain of %.6g: the force fell below %g of its peak",
                     (double)run->rupture_strain, (double)keys->rupture));
  else if (run->now.drive >= keys->end_strain * (1. - 1e-12))
    PetscCall(Finish(run, LH_EXIT_DONE, "the strain of %g given as the end is reached",
                     (double)keys->end_strain));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Accept(LhTensileRunData *run, const LhTensilePoint *reached) {
  const LhTensilePoint before = run->now;
  const LhRealList *at = &run->t->keys.fields_at;
  const char *note;
  PetscBool wanted;

  PetscFunctionBegin;
  PetscCall(LhMechanicsSolverTakeNote(run->c->mechanics_solver, &note));
  if (*note) PetscCall(LhOutputLog(run->output, "%s", note));
  run->now = *reached;
  run->steps++;
  PetscCall(LhTimerStart(run->timer, run->phase[TENSILE_PHASE_ENERGY]));
  PetscCall(LhEnergyAdvance(run->t->energy));
  PetscCall(LhTimerStop(run->timer, run->phase[TENSILE_PHASE_ENERGY]));
  PetscCall(Judge(run, &before));
  wanted = run->finished || run->asked.fields ? PETSC_TRUE : PETSC_FALSE;
  run->asked.fields = PETSC_FALSE;
  for (; run->next_field < at->n && at->v[run->next_field] <= run->now.drive * (1. + 1e-9);
       run->next_field++)
    wanted = PETSC_TRUE;
  if (wanted) PetscCall(LhTensileFields(run));
  PetscCall(LhDamageAccept(run->t->damage_problem));
  PetscCall(LhMechanicsAccept(run->c->mechanics));
  PetscCall(LhMechanicsHoldScale(run->c->mechanics));
  PetscCall(LhTensileRow(run));
  NextStep(run, &before);
  PetscCall(Progress(run, &before));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The solver failed: half the step, a quarter where the half has failed, too, or the end with its reason.
static PetscErrorCode Reject(LhTensileRunData *run) {
  const char *text;

  PetscFunctionBegin;
  run->rejected++;
  run->step *= run->calm == CALM ? .25 : .5;
  run->calm = CALM;
  PetscCall(Count(run, &run->now));
  PetscCall(LhDamageSolverGetText(run->t->solver, &text));
  if (run->step >= run->t->steps.smallest && !run->t->steps.number) {
    PetscCall(LhOutputLog(run->output, "a shorter step: %s", text));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(Finish(run, LH_EXIT_SOLVER,
                   "the solver gave up at a strain of %.6g, stress %.6g MPa: %s",
                   (double)run->now.strain, (double)(run->now.stress / 1e6), text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Damage ran away in the step, or began in a long one: it is done again shorter, else the peak would be passed in one
/// stride.
static PetscErrorCode IsTooLong(LhTensileRunData *run, const LhTensilePoint *reached,
                                PetscBool *too_long) {
  const LhTensileSteps *s = &run->t->steps;
  const PetscReal excess =
      PetscMax(PetscMax(reached->growth / s->damage, reached->mean_growth / s->mean_damage),
               run->step / LongestStep(run, reached->growth));

  PetscFunctionBegin;
  *too_long = !s->number && excess > 2. && run->step > 2. * s->smallest ? PETSC_TRUE : PETSC_FALSE;
  if (!*too_long) PetscFunctionReturn(PETSC_SUCCESS);
  run->too_long++;
  PetscCall(Count(run, &run->now));
  run->step *= PetscMax(.25, 1. / excess);
  PetscCall(LhMechanicsReject(run->c->mechanics));
  PetscCall(LhDamageReject(run->t->damage_problem));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Step(LhTensileRunData *run) {
  LhTensilePoint reached = {.drive = run->now.drive + run->step};
  const PetscReal dt = StepTime(run, run->now.drive, reached.drive);
  LhDamageReason reason;
  PetscBool too_long;

  PetscFunctionBegin;
  PetscCall(LhTimerStart(run->timer, run->phase[TENSILE_PHASE_SOLVE]));
  PetscCall(SetDrive(run, reached.drive));
  PetscCall(LhDamageSolverSolve(run->t->solver, dt, &reason));
  PetscCall(LhTimerStop(run->timer, run->phase[TENSILE_PHASE_SOLVE]));
  PetscCall(LhTensileHear(run));
  if (reason != LH_DAMAGE_SOLVED) {
    PetscCall(Reject(run));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  reached.time = run->now.time + dt;
  PetscCall(Observe(run, &reached));
  PetscCall(IsTooLong(run, &reached, &too_long));
  if (!too_long) PetscCall(Accept(run, &reached));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Prepare(LhTensileRunData *run) {
  static const char *const names[TENSILE_NUM_PHASES] = {"solve", "energy", "output"};
  PetscLogDouble wall;

  PetscFunctionBegin;
  PetscCall(PetscTime(&wall));
  run->start_wall = run->last_record = run->last_checkpoint = run->last_point = wall;
  run->time_left = PETSC_INFINITY;
  for (int m = 0; m < 9; m++) run->now.F[m] = m % 4 == 0 ? 1. : 0.;
  run->step = run->t->steps.first;
  if (run->t->steps.number) run->step = run->t->keys.end_strain / (PetscReal)run->t->steps.number;
  PetscCall(LhTimerCreate(&run->timer));
  for (int p = 0; p < TENSILE_NUM_PHASES; p++)
    PetscCall(LhTimerRegister(run->timer, names[p], &run->phase[p]));
  PetscCall(LhResumeDescribeInput(run->c, &run->input));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Create(LhTensileRunData *run, PetscBool *ok) {
  LhCase c = run->c;

  PetscFunctionBegin;
  if (c->output.overwrite) PetscCall(LhResumeDropOrigin(c));
  PetscCall(
      LhOutputCreate(c->mesh, c->output.directory, c->output.overwrite, c->diag, &run->output));
  *ok = run->output ? PETSC_TRUE : PETSC_FALSE;
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhResumeWriteOrigin(c, run->output));
  PetscCall(LhOutputInputs(run->output, c->doc, c->record));
  PetscCall(
      LhSeriesCreate(run->output, "series.csv", TENSILE_NUM, lh_tensile_columns, &run->series));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The body at rest: fields if they are wanted at no strain, the first row.
static PetscErrorCode Begin(LhTensileRunData *run) {
  const LhRealList *at = &run->t->keys.fields_at;

  PetscFunctionBegin;
  PetscCall(LhTensileRecord(run, "running"));
  if (at->n && at->v[0] == 0.) {
    PetscCall(LhTensileFields(run));
    run->next_field++;
  }
  PetscCall(LhTensileRow(run));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Close(LhTensileRunData *run) {
  const char *state = run->exit_code == LH_EXIT_DONE      ? "done"
                      : run->exit_code == LH_EXIT_STOPPED ? "stopped"
                                                          : "failed";

  PetscFunctionBegin;
  if (run->exit_code == LH_EXIT_SOLVER) PetscCall(LhTensileFields(run));
  PetscCall(LhTensileObservables(run));
  PetscCall(LhOutputEvent(run->output, run->now.time, "end", "%s", run->reason));
  PetscCall(LhOutputLog(run->output, "%s: %s", state, run->reason));
  PetscCall(LhTensileRecord(run, state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Destroy(LhTensileRunData *run) {
  PetscFunctionBegin;
  PetscCall(LhSeriesDestroy(&run->series));
  PetscCall(LhOutputDestroy(&run->output));
  PetscCall(LhTimerDestroy(&run->timer));
  for (int k = 0; k < 8; k++) PetscCall(PetscFree(run->fields[k]));
  PetscCall(PetscFree(run->vertices));
  PetscCall(PetscFree(run->input));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The steps that are left, to the end of the run.
static PetscErrorCode RunSteps(LhTensileRunData *run) {
  PetscFunctionBegin;
  while (!run->finished) {
    PetscCall(Step(run));
    PetscCall(LhTensileListen(run));
  }
  PetscCall(Close(run));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileRun(LhCase c, LhExit *exit_code) {
  LhTensileRunData run = {.c = c, .t = c->data, .exit_code = LH_EXIT_DONE};
  PetscBool ok = PETSC_FALSE;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  PetscCall(LhRequestsBegin());
  PetscCall(Prepare(&run));
  PetscCall(Create(&run, &ok));
  if (ok) {
    PetscCall(Begin(&run));
    PetscCall(RunSteps(&run));
    *exit_code = run.exit_code;
  }
  PetscCall(Destroy(&run));
  PetscCall(LhRequestsEnd());
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// From a checkpoint to the end.
static PetscErrorCode GoOn(LhTensileRunData *run, LhCheckpoint cp, PetscBool *ok) {
  PetscFunctionBegin;
  PetscCall(LhTensileRestore(run, cp, ok));
  if (!*ok) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhOutputLog(run->output, "resumed from %s at t = %.6g s, a strain of %.6g",
                        run->checkpoint, (double)run->checkpoint_time, (double)run->now.strain));
  for (PetscInt k = run->c->num_overrides - run->c->num_changes; k < run->c->num_overrides; k++)
    PetscCall(LhOutputEvent(run->output, run->now.time, "numerics", "goes on with %s",
                            run->c->overrides[k]));
  PetscCall(LhTensileRecord(run, "running"));
  PetscCall(RunSteps(run));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhTensileResume(LhCase c, LhExit *exit_code) {
  LhTensileRunData run = {.c = c, .t = c->data, .exit_code = LH_EXIT_DONE};
  LhCheckpoint cp;
  PetscInt errors;
  PetscBool ok = PETSC_FALSE;

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  PetscCall(LhCheckpointOpen(c->comm, c->output.directory, c->diag, &cp));
  PetscCall(LhDiagGetCounts(c->diag, &errors, NULL));
  if (errors) PetscFunctionReturn(PETSC_SUCCESS);
  if (!cp) {  // killed before its first checkpoint: nothing is lost by beginning again
    c->output.overwrite = PETSC_TRUE;
    PetscCall(LhTensileRun(c, exit_code));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhRequestsBegin());
  PetscCall(Prepare(&run));
  PetscCall(GoOn(&run, cp, &ok));
  if (ok) *exit_code = run.exit_code;
  PetscCall(LhCheckpointClose(&cp));
  PetscCall(Destroy(&run));
  PetscCall(LhRequestsEnd());
  PetscFunctionReturn(PETSC_SUCCESS);
}
