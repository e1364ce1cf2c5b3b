/// @file
/// Passes between equilibrium and damage. Owns a Krylov solver per damaging region; never the physics.
#include "solve/damage_solver.h"

#include <petscksp.h>
#include <petsctime.h>

#include "solve/anderson.h"
#include "solve/patience.h"

#define NEARLY 3.  ///< tolerances of damage from which on passes go down to equilibrium
#define PATIENCE \
  5  ///< mixed passes in which the change of damage must halve: two half steps cost less

static const LhParam rows[] = {
    LH_ROW_INT(LhDamageSolverSpec, passes, 1, 1000, "30",
               "most passes between equilibrium and damage a step; 1: damage of the step's start"),
    LH_ROW_REAL(LhDamageSolverSpec, tolerance, "1", 1e-12, 1, "1e-3",
                "change of damage in a pass at which a step is done"),
    LH_ROW_INT(LhDamageSolverSpec, mixing, 0, LH_ANDERSON_MAX, "0",
               "differences between passes that Anderson's method combines; 0: plain passes"),
    LH_ROW_REAL(LhDamageSolverSpec, pass_tolerance, "1", 0, 0.5, "0",
                "share of its first unbalanced force at which a pass but the last stops; 0: every "
                "pass goes down to equilibrium"),
    LH_ROW_REAL(LhDamageSolverSpec, linear_tolerance, "1", 1e-14, 0.1, "1e-8",
                "relative residual of the averaging equation"),
    LH_ROW_INT(LhDamageSolverSpec, linear_iterations, 1, 100000, "500",
               "most Krylov iterations of an averaging equation")};

static const LhTable table =
    LH_TABLE("damage.solver", "passes between equilibrium and damage", rows);

const LhTable *LhDamageSolverTable(void) {
  return &table;
}

PetscErrorCode LhDamageSolverRead(const LhReader *reader, LhNode map, LhNode parent,
                                  const char path[], LhDamageSolverSpec *spec) {
  PetscFunctionBeginUser;
  PetscCall(LhParamsRead(reader, &table, map, parent, path, spec));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The averaging equation of one region.
typedef struct {
  KSP ksp;
  Vec load, average;
} Part;

struct _n_LhDamageSolver {
  MPI_Comm comm;
  LhMechanics mech;
  LhMechanicsSolver solver;
  LhDamage damage;
  LhDamageSolverSpec spec;
  PetscInt num_parts;
  Part *part;
  Vec guess;
  LhAnderson mixing;
  double *used, *next;  ///< integrity that a pass was solved with; that of the next one
  Vec growth;           ///< change of displacement in the last solved step
  double dt;            ///< its length, 0 before the first [s]
  PetscInt tried;       ///< passes of the last try
  char text[4 * LH_NAME_MAX];
  LhDamageSolverStats stats;
};

/// The matrix never changes: the hierarchy is set up once, and a solve starts from the last average.
static PetscErrorCode CreatePart(LhDamageSolver s, PetscInt k, Part *part) {
  LhAverage average;
  Mat matrix;
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(LhDamageGetAverage(s->damage, k, &average));
  PetscCall(LhAverageGetMatrix(average, &matrix));
  PetscCall(MatCreateVecs(matrix, &part->average, &part->load));
  PetscCall(VecZeroEntries(part->average));
  PetscCall(KSPCreate(PetscObjectComm((PetscObject)matrix), &part->ksp));
  PetscCall(KSPSetOptionsPrefix(part->ksp, "damage_"));
  PetscCall(KSPSetType(part->ksp, KSPCG));
  PetscCall(KSPSetNormType(part->ksp, KSP_NORM_UNPRECONDITIONED));
  PetscCall(KSPSetTolerances(part->ksp, s->spec.linear_tolerance, 1e-300, PETSC_DEFAULT,
                             s->spec.linear_iterations));
  PetscCall(KSPSetInitialGuessNonzero(part->ksp, PETSC_TRUE));
  PetscCall(KSPSetOperators(part->ksp, matrix, matrix));
  PetscCall(KSPGetPC(part->ksp, &pc));
  PetscCall(PCSetType(pc, PCGAMG));
  PetscCall(KSPSetFromOptions(part->ksp));
  PetscCall(KSPSetUp(part->ksp));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageSolverCreate(LhMechanics mechanics, LhMechanicsSolver solver,
                                    LhDamage damage, const LhDamageSolverSpec *spec,
                                    LhDamageSolver *damage_solver) {
  LhDamageSolver s;
  const double *integrity;
  PetscInt size;
  Vec u;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&s));
  s->mech = mechanics;
  s->solver = solver;
  s->damage = damage;
  s->spec = *spec;
  PetscCall(LhDamageGetNumParts(damage, &s->num_parts));
  PetscCall(LhMechanicsGetDisplacement(mechanics, &u));
  s->comm = PetscObjectComm((PetscObject)u);
  PetscCall(VecDuplicate(u, &s->guess));
  PetscCall(VecDuplicate(u, &s->growth));
  PetscCall(PetscCalloc1(s->num_parts, &s->part));
  for (PetscInt k = 0; k < s->num_parts; k++) PetscCall(CreatePart(s, k, &s->part[k]));
  PetscCall(LhDamageGetIntegrity(damage, &integrity));
  PetscCall(LhMechanicsSetIntegrity(mechanics, integrity));
  PetscCall(LhDamageGetIntegritySize(damage, &size));
  PetscCall(LhAndersonCreate(s->comm, size, spec->mixing, &s->mixing));
  PetscCall(PetscCalloc2(size, &s->used, size, &s->next));
  *damage_solver = s;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageSolverDestroy(LhDamageSolver *solver) {
  LhDamageSolver s = *solver;

  PetscFunctionBeginUser;
  if (!s) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt k = 0; k < s->num_parts; k++) {
    PetscCall(KSPDestroy(&s->part[k].ksp));
    PetscCall(VecDestroy(&s->part[k].load));
    PetscCall(VecDestroy(&s->part[k].average));
  }
  PetscCall(PetscFree(s->part));
  PetscCall(LhAndersonDestroy(&s->mixing));
  PetscCall(PetscFree2(s->used, s->next));
  PetscCall(VecDestroy(&s->guess));
  PetscCall(VecDestroy(&s->growth));
  PetscCall(PetscFree(*solver));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Averages and damage of the equilibrium just found; `*change` over all ranks.
static PetscErrorCode UpdateDamage(LhDamageSolver s, double dt, double *change, PetscBool *solved) {
  PetscLogDouble start, end;

  PetscFunctionBeginUser;
  *change = 0.;
  *solved = PETSC_TRUE;
  PetscCall(PetscTime(&start));
  PetscCall(LhDamageDrive(s->damage));
  for (PetscInt k = 0; k < s->num_parts && *solved; k++) {
    Part *part = &s->part[k];
    KSPConvergedReason converged;
    PetscInt iterations;

    PetscCall(LhDamageLoad(s->damage, k, part->load));
    PetscCall(KSPSolve(part->ksp, part->load, part->average));
    PetscCall(KSPGetConvergedReason(part->ksp, &converged));
    PetscCall(KSPGetIterationNumber(part->ksp, &iterations));
    s->stats.krylov += iterations;
    if (converged < 0) *solved = PETSC_FALSE;
    PetscCall(LhDamageUpdate(s->damage, k, part->average, dt, change));
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, change, 1, MPI_DOUBLE, MPI_MAX, s->comm));
  PetscCall(PetscTime(&end));
  s->stats.seconds += end - start;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Back to the step's start with the end's displacement as guess: the next pass then takes one or two
/// Newton iterations.
static PetscErrorCode PreparePass(LhDamageSolver s) {
  Vec u;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetDisplacement(s->mech, &u));
  PetscCall(VecCopy(u, s->guess));
  PetscCall(LhMechanicsReject(s->mech));
  PetscCall(VecCopy(s->guess, u));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode GiveUp(LhDamageSolver s, LhDamageReason reason, double dt) {
  static const char *const what[] = {
      [LH_DAMAGE_FAILED_PASSES] = "damage does not come to rest",
      [LH_DAMAGE_FAILED_LINEAR] = "the average of the driving strain was not found"};
  const char *text;

  PetscFunctionBeginUser;
  s->stats.failures++;
  PetscCall(LhMechanicsSolverGetText(s->solver, &text));
  if (reason == LH_DAMAGE_FAILED_MECHANICS)
    PetscCall(PetscStrncpy(s->text, text, sizeof(s->text)));
  else
    PetscCall(PetscSNPrintf(s->text, sizeof(s->text),
                            "%s: after %" PetscInt_FMT
                            " passes it changes by %.3g a pass, in a step of %g s",
                            what[reason], s->tried, s->stats.change, dt));
  PetscCall(LhMechanicsReject(s->mech));
  PetscCall(LhDamageReject(s->damage));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Starts from the last step's growth: points that flow, and those that unload beside a neck, are then on
/// their branch already; from rest Newton's method meets all of them as elastic. Damage follows.
static PetscErrorCode Extrapolate(LhDamageSolver s, double dt, double *change) {
  PetscBool solved;
  Vec u;

  PetscFunctionBeginUser;
  *change = PETSC_INFINITY;
  PetscCall(LhMechanicsGetDisplacement(s->mech, &u));
  PetscCall(VecAXPY(u, dt / s->dt, s->growth));
  if (s->spec.passes == 1 || !s->spec.mixing) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMechanicsSetPart(s->mech, 1., dt));
  PetscCall(UpdateDamage(s, dt, change, &solved));
  if (!solved || PetscIsInfOrNanReal(*change)) PetscCall(LhDamageReject(s->damage));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Remember(LhDamageSolver s, double dt) {
  Vec u, accepted;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetDisplacement(s->mech, &u));
  PetscCall(LhMechanicsGetAccepted(s->mech, &accepted));
  PetscCall(VecWAXPY(s->growth, -1., accepted, u));
  s->dt = dt;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One pass; `*short_of` when it stopped before equilibrium.
static PetscErrorCode Pass(LhDamageSolver s, double dt, PetscReal share, PetscBool *short_of,
                           LhDamageReason *reason) {
  const double *integrity;
  LhMechReason mechanics;
  PetscBool solved;
  PetscInt size;

  PetscFunctionBeginUser;
  *reason = LH_DAMAGE_FAILED_MECHANICS;
  s->stats.passes++;
  PetscCall(LhDamageGetIntegrity(s->damage, &integrity));
  PetscCall(LhDamageGetIntegritySize(s->damage, &size));
  PetscCall(PetscArraycpy(s->used, integrity, size));
  PetscCall(LhMechanicsSolverSetShare(s->solver, share));
  PetscCall(LhMechanicsSolverSolve(s->solver, dt, &mechanics));
  PetscCall(LhMechanicsSolverIsShort(s->solver, short_of));
  if (mechanics != LH_MECH_SOLVED) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(UpdateDamage(s, dt, &s->stats.change, &solved));
  *reason = solved ? LH_DAMAGE_FAILED_PASSES : LH_DAMAGE_FAILED_LINEAR;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Integrity for the next pass. Once damage rests all but for the last equilibrium, it stays.
static PetscErrorCode Mix(LhDamageSolver s) {
  const double *integrity;

  PetscFunctionBeginUser;
  if (s->stats.change <= s->spec.tolerance) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhDamageGetIntegrity(s->damage, &integrity));
  PetscCall(LhAndersonMix(s->mixing, s->used, integrity, s->next));
  PetscCall(LhDamageImpose(s->damage, s->next));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Passes from the displacement as it stands; `change` of damage is expected.
static PetscErrorCode TryStep(LhDamageSolver s, double dt, double change, LhDamageReason *reason) {
  const PetscReal near = NEARLY * s->spec.tolerance;
  PetscReal share = s->spec.passes == 1 || change <= 0. ? 0. : s->spec.pass_tolerance;
  LhPatience patience = {PETSC_INFINITY, 0};
  PetscBool short_of;

  PetscFunctionBeginUser;
  *reason = LH_DAMAGE_FAILED_PASSES;
  s->tried = 0;
  PetscCall(LhAndersonReset(s->mixing));
  for (PetscInt pass = 0; pass < s->spec.passes && *reason == LH_DAMAGE_FAILED_PASSES; pass++) {
    // Expected damage stands only where there is none: what it missed would add up over steps.
    const double tolerance = pass == 0 && s->spec.mixing ? 0. : s->spec.tolerance;

    if (pass > 0) PetscCall(PreparePass(s));
    PetscCall(Pass(s, dt, share, &short_of, reason));
    s->tried++;
    if (*reason != LH_DAMAGE_FAILED_PASSES) break;
    if (s->spec.passes == 1 || (s->stats.change <= tolerance && !short_of))
      *reason = LH_DAMAGE_SOLVED;
    else if (LhPatienceIsOver(&patience, pass, s->stats.change, s->spec.mixing ? PATIENCE : 0))
      break;
    else
      PetscCall(Mix(s));
    if (s->stats.change <= near) share = 0.;
  }
  PetscCall(LhMechanicsSolverSetShare(s->solver, 0.));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageSolverSolve(LhDamageSolver s, double dt, LhDamageReason *reason) {
  const PetscBool extrapolated = s->dt > 0. && dt > 0. ? PETSC_TRUE : PETSC_FALSE;
  double change = PETSC_INFINITY;

  PetscFunctionBeginUser;
  s->stats.steps++;
  if (extrapolated) PetscCall(Extrapolate(s, dt, &change));
  PetscCall(TryStep(s, dt, change, reason));
  // Where the first pass was solved the start was no bad one.
  if (*reason == LH_DAMAGE_FAILED_MECHANICS && extrapolated && s->tried == 1) {
    s->stats.failures++;
    PetscCall(LhMechanicsReject(s->mech));
    PetscCall(LhDamageReject(s->damage));
    PetscCall(TryStep(s, dt, PETSC_INFINITY, reason));
  }
  if (*reason == LH_DAMAGE_SOLVED)
    PetscCall(Remember(s, dt));
  else
    PetscCall(GiveUp(s, *reason, dt));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageSolverGetText(LhDamageSolver s, const char **text) {
  PetscFunctionBeginUser;
  *text = s->text;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageSolverGetStats(LhDamageSolver s, LhDamageSolverStats *stats) {
  PetscFunctionBeginUser;
  *stats = s->stats;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageSolverGetGrowth(LhDamageSolver s, Vec *growth, double *dt) {
  PetscFunctionBeginUser;
  *growth = s->growth;
  if (dt) *dt = s->dt;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhDamageSolverForget(LhDamageSolver s, const double *dt,
                                    const LhDamageSolverStats *stats) {
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < s->num_parts; k++) PetscCall(VecZeroEntries(s->part[k].average));
  if (dt) s->dt = *dt;
  if (stats) s->stats = *stats;
  PetscFunctionReturn(PETSC_SUCCESS);
}
