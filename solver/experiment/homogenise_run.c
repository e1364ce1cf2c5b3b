/// @file
/// The experiment `homogenise`: loop over states, elasticity, yield, compaction. Never writes results.
#include <math.h>
#include <petsctime.h>

#include "experiment/homogenise.h"
#include "experiment/resume.h"

/// Position in a 3x3 tensor of components xx, yy, zz, yz, xz, xy, and of their twins below the diagonal.
static const int upper[6] = {0, 4, 8, 5, 2, 1}, lower[6] = {0, 4, 8, 7, 6, 3};

#define ELASTIC_STRAIN 1e-6   ///< small against yield strains, large against rounding
#define ELASTIC_TIME   1e-12  ///< so short that nothing flows [s]
#define LONGEST_NEWTON 60
#define FIRST_STRAIN   1e-5  ///< first step of a test of yield
#define LARGEST_STEP   2.5e-4
#define FIRST_SQUEEZE \
  1e-4  ///< first step of compaction, of ln F_zz: elastic, so that what follows is extrapolated from near it
#define LARGEST_SQUEEZE  0.01
#define SMALLEST_SQUEEZE 1e-5
#define SQUEEZE_NEWTON \
  40  ///< polylines that go slack one after the other cost iterations, and a failed step all of them
/// Share of stress that stays in a cell taken away. With less, nodes between such cells alone are held by slack fibres, and
/// with half of the metal gone no equilibrium is found (docs/theory/homogenisation.md, section 6).
#define RESIDUAL    1e-3
#define EASY_NEWTON 20  ///< iterations after which the next step may be longer
#define HARD_NEWTON 25  ///< iterations after which it is to be shorter

/// Cells taken away resist their closing: else one that metal flows into inverts, and no equilibrium is found.
static PetscErrorCode SetClosing(LhHomogeniseRun *run) {
  LhMechanics mechanics = run->c->mechanics;
  const LhMeshView *mesh;
  const LhSpaceView *view;
  unsigned char *removed;
  LhSpace space;
  double *closing;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(run->c->mesh, &mesh));
  PetscCall(LhMechanicsGetSpace(mechanics, &space));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(PetscMalloc2(mesh->num_cells, &removed, view->num_cells, &closing));
  PetscCall(LhTensileGetRemoved(run->c, removed));
  for (PetscInt i = 0; i < view->num_cells; i++)
    closing[i] = removed[view->cells[i]] ? run->h->keys.largest_pressure : 0.;
  PetscCall(LhMechanicsSetClosing(mechanics, closing));
  PetscCall(PetscFree2(removed, closing));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Virgin problem of the present state.
static PetscErrorCode Renew(LhHomogeniseRun *run) {
  const LhHomogeniseKeys *keys = &run->h->keys;
  PetscBool ok;

  PetscFunctionBegin;
  PetscCall(LhTensileRelease(run->c));
  run->h->volume.state = (LhTensileState){.stripped = keys->stripped.v[run->state],
                                          .how = keys->how,
                                          .seed = keys->seed,
                                          .alloy = keys->alloy,
                                          .residual = RESIDUAL};
  PetscCall(LhTensileBuild(run->c, &ok));
  PetscCheck(ok, run->c->comm, PETSC_ERR_PLIB,
             "a volume that was built once cannot be built again");
  PetscCall(SetClosing(run));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Ratio of the next step to this one. A volume with voids asks for shorter steps than a whole one: Newton's method
/// needs more and more iterations, and a step that fails costs as much as several that do not.
static PetscReal Pace(PetscInt newton) {
  if (newton > HARD_NEWTON) return .7;
  return newton > EASY_NEWTON ? 1. : 1.5;
}

/// One step to `macro`; `*solved` false leaves the problem as it was.
static PetscErrorCode Solve(LhHomogeniseRun *run, const LhMechMacro *macro, PetscReal dt,
                            PetscBool *solved, double P[9]) {
  LhMechanics mechanics = run->c->mechanics;
  LhMechanicsSolverStats before, after;
  LhMechReason reason;
  double F[9];

  PetscFunctionBegin;
  PetscCall(LhMechanicsSetMacro(mechanics, macro));
  PetscCall(LhMechanicsSolverGetStats(run->c->mechanics_solver, &before));
  PetscCall(LhMechanicsSolverSolve(run->c->mechanics_solver, dt, &reason));
  PetscCall(LhMechanicsSolverGetStats(run->c->mechanics_solver, &after));
  run->pace = Pace(after.newton - before.newton);
  run->solves++;
  *solved = reason == LH_MECH_SOLVED ? PETSC_TRUE : PETSC_FALSE;
  if (*solved) PetscCall(LhMechanicsGetMacro(mechanics, F, P));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode GiveUp(LhHomogeniseRun *run, const char test[], PetscReal strain) {
  const char *text;

  PetscFunctionBegin;
  PetscCall(LhMechanicsSolverGetText(run->c->mechanics_solver, &text));
  PetscCall(LhOutputEvent(run->output, 0., "solver", "%s stopped at a strain of %.4g: %s", test,
                          (double)strain, text));
  PetscCall(
      LhOutputLog(run->output, "%s stopped at a strain of %.4g: %s", test, (double)strain, text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Symmetric part into the row, and what was not symmetric.
static void KeepStiffness(const double C[6][6], PetscReal row[]) {
  PetscReal largest = 0., gap = 0.;
  PetscInt n = LH_EFFECTIVE_STIFFNESS;

  for (int k = 0; k < 6; k++) {
    for (int m = k; m < 6; m++) {
      row[n++] = .5 * (C[k][m] + C[m][k]);
      largest = PetscMax(largest, fabs(C[k][m]));
      gap = PetscMax(gap, fabs(C[k][m] - C[m][k]));
    }
  }
  row[LH_EFFECTIVE_ASYMMETRY] = largest > 0. ? gap / largest : 0.;
}

PetscErrorCode LhHomogeniseElasticity(LhHomogeniseRun *run) {
  LhMechanicsSolverSpec *spec = &run->h->volume.mechanics_spec;
  const LhMechanicsSolverSpec given = *spec;
  double C[6][6], P[9];

  PetscFunctionBegin;
  // A drive is one step that cannot be cut.
  spec->newton_iterations = PetscMax(spec->newton_iterations, LONGEST_NEWTON);
  spec->linear_tolerance = PetscMin(spec->linear_tolerance, 1e-9);
  spec->stress_floor = PetscMin(spec->stress_floor, 1e-4);
  PetscCall(Renew(run));
  *spec = given;
  for (int k = 0; k < 6; k++) {
    LhMechMacro macro = {
        .value = {1., 0., 0., 0., 1., 0., 0., 0., 1.}
    };
    PetscBool solved;

    macro.value[upper[k]] += (k < 3 ? 1. : .5) * ELASTIC_STRAIN;
    if (k > 2) macro.value[lower[k]] += .5 * ELASTIC_STRAIN;
    PetscCall(Solve(run, &macro, ELASTIC_TIME, &solved, P));
    if (!solved) {
      PetscCall(GiveUp(run, "elasticity", ELASTIC_STRAIN));
      run->failed = PETSC_TRUE;
      PetscFunctionReturn(PETSC_SUCCESS);
    }
    for (int m = 0; m < 6; m++) C[m][k] = .5 * (P[upper[m]] + P[lower[m]]) / ELASTIC_STRAIN;
    PetscCall(LhMechanicsReject(run->c->mechanics));
  }
  KeepStiffness((const double(*)[6])C, run->h->effective[run->state]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Where stress = modulus (strain - offset), by the chord of the last step; NaN when it did not come to that.
typedef struct {
  PetscReal strain, stress, modulus, excess;  ///< excess: stress - modulus (strain - offset) [Pa]
  PetscReal yield;
} Curve;

static PetscBool Yields(Curve *curve, PetscReal offset, PetscReal strain, PetscReal stress) {
  PetscReal excess;

  if (curve->modulus == 0.) {
    curve->modulus = stress / strain;
    curve->excess = curve->modulus * offset;  // of the origin
  }
  excess = stress - curve->modulus * (strain - offset);
  if (excess <= 0.) {
    const PetscReal share = curve->excess / (curve->excess - excess);

    curve->yield = curve->stress + share * (stress - curve->stress);
    return PETSC_TRUE;
  }
  curve->strain = strain;
  curve->stress = stress;
  curve->excess = excess;
  return PETSC_FALSE;
}

/// Test `k` of tension, compression (x, y, z) and shear (yz, xz, xy); all other mean stresses are 0.
static PetscErrorCode YieldOf(LhHomogeniseRun *run, int k) {
  const LhHomogeniseKeys *keys = &run->h->keys;
  const PetscReal sign = k >= 3 && k < 6 ? -1. : 1.;
  const int driven = k < 3 ? k : k - 3;
  PetscReal step = FIRST_STRAIN, strain = 0.;
  Curve curve = {.yield = NAN};

  PetscFunctionBegin;
  PetscCall(Renew(run));
  while (strain < keys->largest_strain) {
    LhMechMacro macro = {
        .value = {1., 0., 0., 0., 1., 0., 0., 0., 1.}
    };
    double P[9] = {0.};
    PetscBool solved;

    for (int m = 0; m < 6; m++) {
      macro.stress_driven[upper[m]] = m != driven ? PETSC_TRUE : PETSC_FALSE;
      if (m != driven) macro.value[upper[m]] = 0.;
    }
    macro.value[upper[driven]] += sign * (strain + step);
    PetscCall(Solve(run, &macro, step / keys->strain_rate, &solved, P));
    if (!solved && step > .1 * FIRST_STRAIN) {
      step *= .5;
      continue;
    }
    if (!solved) {
      PetscCall(GiveUp(run, lh_effective_columns[LH_EFFECTIVE_YIELD + k].name, strain));
      break;
    }
    PetscCall(LhMechanicsAccept(run->c->mechanics));
    strain += step;
    if (Yields(&curve, keys->offset, strain, sign * P[upper[driven]])) break;
    step = PetscMin(step * run->pace, LARGEST_STEP);
  }
  run->h->effective[run->state][LH_EFFECTIVE_YIELD + k] = curve.yield;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHomogeniseYield(LhHomogeniseRun *run) {
  PetscFunctionBegin;
  for (int k = 0; k < 9; k++) {
    if (run->h->yields[k]) PetscCall(YieldOf(run, k));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Signals and requests of other processes, between two tests and between steps of compaction.
static PetscErrorCode Listen(LhHomogeniseRun *run) {
  PetscBool due = PETSC_FALSE;
  LhRequests requests;

  PetscFunctionBegin;
  PetscCall(LhRequestsTake(run->output, run->c->comm, &requests, &due));
  if (requests.stop && !run->stopped) {
    run->stopped = PETSC_TRUE;
    PetscCall(PetscSNPrintf(run->reason, sizeof(run->reason), "stopped by %s", requests.by));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One step of compaction to -ln F_zz = `squeeze`. Collective.
static PetscErrorCode Squeeze(LhHomogeniseRun *run, PetscReal squeeze, PetscReal dt,
                              PetscBool *solved) {
  LhCompaction *curve = &run->h->compaction[run->state];
  LhMechMacro macro = {
      .value = {1., 0., 0., 0., 1., 0., 0., 0., 1.}
  };
  double P[9] = {0.};

  PetscFunctionBegin;
  macro.value[8] = exp(-squeeze);
  PetscCall(Solve(run, &macro, dt, solved, P));
  if (!*solved) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMechanicsAccept(run->c->mechanics));
  curve->stretch[curve->num] = macro.value[8];
  curve->pressure[curve->num++] = -P[8];
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The end that the curve has come to, LH_END_NONE: goes on.
static LhCompactionEnd EndOf(const LhHomogeniseKeys *keys, const LhCompaction *curve) {
  const PetscInt last = curve->num - 1;

  if (last < 0) return LH_END_NONE;
  if (curve->stretch[last] <= keys->smallest_stretch * (1. + 1e-12)) return LH_END_STRETCH;
  if (curve->pressure[last] >= keys->largest_pressure) return LH_END_PRESSURE;
  return curve->num == LH_HOMOGENISE_MAX_POINTS ? LH_END_FULL : LH_END_NONE;
}

/// Signals and the line of progress within the longest of the tests.
static PetscErrorCode TellSqueeze(LhHomogeniseRun *run, PetscReal share) {
  const LhHomogeniseKeys *keys = &run->h->keys;
  const LhCompaction *curve = &run->h->compaction[run->state];

  PetscFunctionBegin;
  PetscCall(Listen(run));
  PetscCall(LhOutputProgress(
      run->output,
      ((PetscReal)run->state + (LH_PART_COMPACTION + share) / LH_NUM_PARTS) / keys->stripped.n,
      "stripped %g: F_zz %.4f, %.4g MPa", (double)keys->stripped.v[run->state],
      (double)curve->stretch[curve->num - 1], 1e-6 * (double)curve->pressure[curve->num - 1]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHomogeniseCompaction(LhHomogeniseRun *run) {
  const LhHomogeniseKeys *keys = &run->h->keys;
  const PetscReal end = -log(keys->smallest_stretch);
  LhMechanicsSolverSpec *spec = &run->h->volume.mechanics_spec;
  const LhMechanicsSolverSpec given = *spec;
  LhCompaction *curve = &run->h->compaction[run->state];
  PetscReal step = FIRST_SQUEEZE, squeeze = 0.;

  PetscFunctionBegin;
  spec->newton_iterations = PetscMax(spec->newton_iterations, SQUEEZE_NEWTON);
  PetscCall(Renew(run));
  *spec = given;
  *curve = (LhCompaction){.num = 0, .end = LH_END_NONE};
  while (curve->end == LH_END_NONE && !run->stopped) {
    PetscBool solved;

    step = PetscMin(step, end - squeeze);
    PetscCall(Squeeze(run, squeeze + step, step / keys->strain_rate, &solved));
    if (!solved && step > SMALLEST_SQUEEZE) {
      step *= .5;
      continue;
    }
    if (!solved) {
      PetscCall(GiveUp(run, "compaction", squeeze));
      curve->end = LH_END_LOCKED;
      break;
    }
    squeeze += step;
    curve->end = EndOf(keys, curve);
    PetscCall(TellSqueeze(run, squeeze / end));
    step = PetscMin(step * run->pace, LARGEST_SQUEEZE);
  }
  PetscReal *row = run->h->effective[run->state];

  row[LH_EFFECTIVE_COMPACTION] = curve->num ? curve->pressure[curve->num - 1] : 0.;
  row[LH_EFFECTIVE_STRETCH] = exp(-squeeze);
  row[LH_EFFECTIVE_END] = curve->end;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHomogeniseDensities(LhHomogeniseRun *run) {
  LhCase c = run->c;
  const LhMeshView *mesh;
  const LhFibres *fibres;
  PetscReal metal = 0., solid = 0., box = 1.;
  const PetscReal stripped = run->h->keys.stripped.v[run->state];

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhMeshGetFibres(c->mesh, &fibres));
  for (int d = 0; d < 3; d++) box *= mesh->period[d];
  for (PetscInt r = 0; r < mesh->num_regions; r++) {
    if (!c->materials[r]) continue;
    *(LhTensileIsMetal(c->materials[r]) ? &metal : &solid) += mesh->region_volumes[r];
  }
  run->h->effective[run->state][LH_EFFECTIVE_STRIPPED] = stripped;
  run->h->effective[run->state][LH_EFFECTIVE_POROSITY] =
      (stripped * metal + PetscMax(0., box - metal - solid)) / box;
  // Fibres lie in the cells of other phases; their coat belongs to the skeleton.
  for (PetscInt f = 0; fibres && f < fibres->num_fibres; f++) {
    const PetscReal radius = .5 * fibres->diameter[f] + fibres->coat[f];

    solid += fibres->tubes[f] * PETSC_PI * radius * radius * fibres->length[f];
  }
  run->h->effective[run->state][LH_EFFECTIVE_DENSITY] = solid / box;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Record(LhHomogeniseRun *run, const char state[]) {
  static const LhColumn counters[] = {
      {"steps", "1", "solved or tried"}
  };
  static const LhColumn phases[] = {
      {"run", "s", ""}
  };
  const PetscReal count = run->solves;
  const PetscReal all = run->h->keys.stripped.n;
  PetscLogDouble wall;
  PetscReal elapsed;

  PetscFunctionBegin;
  PetscCall(PetscTime(&wall));
  elapsed = wall - run->start_wall;
  PetscCall(LhOutputRunRecord(
      run->output, &(LhRunRecord){.state = state,
                                  .stop_reason = run->reason,
                                  .case_name = run->c->name,
                                  .case_hash = "",
                                  .progress = run->done / all,
                                  .time_left = run->done ? elapsed * (all / run->done - 1.) : -1.,
                                  .num_counters = 1,
                                  .counter_names = counters,
                                  .counters = &count,
                                  .num_phases = 1,
                                  .phase_names = phases,
                                  .phase_seconds = &elapsed}));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What a volume that does not hold together answers to any test of its mechanics: nothing.
static PetscErrorCode KeepNothing(LhHomogeniseRun *run, PetscInt part) {
  PetscReal *row = run->h->effective[run->state];

  PetscFunctionBegin;
  if (part == LH_PART_ELASTICITY) {
    for (PetscInt k = LH_EFFECTIVE_STIFFNESS; k <= LH_EFFECTIVE_ASYMMETRY; k++) row[k] = 0.;
  } else if (part == LH_PART_YIELD) {
    for (PetscInt k = 0; k < 9; k++)
      row[LH_EFFECTIVE_YIELD + k] = run->h->yields[k] ? 0. : row[LH_EFFECTIVE_YIELD + k];
  } else {
    run->h->compaction[run->state] = (LhCompaction){.num = 0, .end = LH_END_NONE};
    row[LH_EFFECTIVE_COMPACTION] = 0.;
    row[LH_EFFECTIVE_END] = LH_END_NONE;
    row[LH_EFFECTIVE_STRETCH] = 1.;
  }
  PetscCall(LhOutputLog(run->output,
                        "stripped %g: disconnected: no cells that carry load hold together, so "
                        "stiffness and strength are 0 (docs/user/homogenise.md)",
                        (double)run->h->keys.stripped.v[run->state]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode DoState(LhHomogeniseRun *run) {
  static PetscErrorCode (*const tests[LH_NUM_PARTS])(LhHomogeniseRun *) = {
      LhHomogeniseElasticity, LhHomogeniseYield, LhHomogeniseCompaction, LhHomogeniseConduction};
  static const char *const names[LH_NUM_PARTS] = {"elasticity", "yield", "compaction",
                                                  "conduction"};

  PetscFunctionBegin;
  PetscCall(LhHomogeniseDensities(run));
  PetscCall(LhHomogeniseConnection(run));
  const PetscReal connected = run->h->effective[run->state][LH_EFFECTIVE_CONNECTED];

  for (PetscInt k = 0; k < LH_NUM_PARTS; k++) {
    if (!run->h->part[k] || run->stopped) continue;
    if (connected > 0. || k == LH_PART_CONDUCTION)
      PetscCall(tests[k](run));
    else
      PetscCall(KeepNothing(run, k));
    PetscCall(Listen(run));
    PetscCall(LhOutputProgress(
        run->output,
        ((PetscReal)run->state + (PetscReal)(k + 1) / LH_NUM_PARTS) / run->h->keys.stripped.n,
        "stripped %g: %s done", (double)run->h->keys.stripped.v[run->state], names[k]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Create(LhHomogeniseRun *run) {
  LhCase c = run->c;
  PetscLogDouble wall;

  PetscFunctionBegin;
  PetscCall(PetscTime(&wall));
  run->start_wall = wall;
  PetscCall(
      LhOutputCreate(c->mesh, c->output.directory, c->output.overwrite, c->diag, &run->output));
  if (!run->output) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhResumeWriteOrigin(c, run->output));
  PetscCall(LhOutputInputs(run->output, c->doc, c->record));
  PetscCall(Record(run, "running"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Close(LhHomogeniseRun *run, LhExit *exit_code) {
  static const char *const done = "all tests done";
  static const char *const failed = "the solver gave up in a test of elasticity; see log.txt";

  PetscFunctionBegin;
  if (!run->stopped)
    PetscCall(PetscStrncpy(run->reason, run->failed ? failed : done, sizeof(run->reason)));
  *exit_code = run->stopped ? LH_EXIT_STOPPED : run->failed ? LH_EXIT_SOLVER : LH_EXIT_DONE;
  PetscCall(LhOutputEvent(run->output, 0., "end", "%s", run->reason));
  PetscCall(Record(run, run->stopped ? "stopped" : run->failed ? "failed" : "done"));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHomogeniseDo(LhCase c, LhExit *exit_code) {
  LhHomogeniseRun run = {.c = c, .h = c->data};

  PetscFunctionBegin;
  *exit_code = LH_EXIT_INPUT;
  for (PetscInt s = 0; s < LH_HOMOGENISE_MAX_STATES; s++) {
    for (PetscInt k = 0; k < LH_EFFECTIVE_NUM; k++) run.h->effective[s][k] = NAN;
  }
  PetscCall(LhRequestsBegin());
  PetscCall(Create(&run));
  for (; run.output && run.state < run.h->keys.stripped.n && !run.stopped; run.state++) {
    PetscCall(DoState(&run));
    run.done++;
    PetscCall(LhHomogeniseWrite(&run));
    PetscCall(Record(&run, "running"));
  }
  if (run.output) PetscCall(Close(&run, exit_code));
  PetscCall(LhOutputDestroy(&run.output));
  PetscCall(LhRequestsEnd());
  PetscFunctionReturn(PETSC_SUCCESS);
}
