/// @file
/// Fibres brought to equilibrium within a Newton step: cells are linear there, fibres follow their laws. Never evaluates a cell.
///
/// Pieces go slack, tight or slip within a hundredth of a step's strain. A Newton step can go no further than to where the
/// first of them do, and then evaluates all cells and their laws, which had no part in it. What is minimised here instead is
///   E(d) = d . K_c d / 2 - r . d + sum over pieces of what their forces do from x to x - d        (F17)
/// by nonlinear conjugate gradients (Polak and Ribiere): a cycle of the preconditioner, a product with the matrix and a
/// search along the line an iteration. Newton's method on E was tried first: its directions cost ten times as much and are cut
/// as short.
#include <petsctime.h>

#include "solve/mechanics_solver_private.h"
#include "solve/multigrid.h"

#define SLACK 0.1  ///< of the slope at the start, at which a point on a line is near enough
#define ENOUGH \
  0.2  ///< of the unbalanced force at the start: below it the cells' own curvature rules
#define MAX_DOUBLE 5   ///< doublings of a step whose end still goes down
#define MAX_POINTS 12  ///< on a line
#define RENEW      60  ///< iterations until the matrix learns what the fibres have become

struct _n_LhFibreSearch {
  Vec r, before;          ///< unbalanced force of (F17), now and an iteration ago
  Vec p, z, Kp;           ///< direction, preconditioned r, product
  PetscReal square;       ///< r . z an iteration ago, 0: begin anew
  PetscReal start, bend;  ///< slope of E along p, and its fall by the cells
  PetscReal fibres;       ///< slope of the fibres' part at the start
};

PetscErrorCode LhFibreSearchDestroy(LhFibreSearch *search) {
  LhFibreSearch f = *search;

  PetscFunctionBeginUser;
  if (!f) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(VecDestroy(&f->r));
  PetscCall(VecDestroy(&f->before));
  PetscCall(VecDestroy(&f->p));
  PetscCall(VecDestroy(&f->z));
  PetscCall(VecDestroy(&f->Kp));
  PetscCall(PetscFree(*search));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Once for a solver, as few bodies have fibres.
static PetscErrorCode Create(Vec like, LhFibreSearch *search) {
  LhFibreSearch f;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&f));
  PetscCall(VecDuplicate(like, &f->r));
  PetscCall(VecDuplicate(like, &f->before));
  PetscCall(VecDuplicate(like, &f->p));
  PetscCall(VecDuplicate(like, &f->z));
  PetscCall(VecDuplicate(like, &f->Kp));
  *search = f;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// -dE/dt at t along p.
static PetscErrorCode FindSlope(LhMechanicsSolver s, PetscReal t, PetscReal *slope) {
  const LhFibreSearch f = s->fibre_search;
  PetscReal fibres;

  PetscFunctionBeginUser;
  PetscCall(LhMechanicsGetLineSlope(s->mech, t, &fibres));
  *slope = f->start - t * f->bend + fibres - f->fibres;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Slope at the start of the line along p, `*falls` when E falls.
static PetscErrorCode BeginLine(LhMechanicsSolver s, PetscBool *falls) {
  LhFibreSearch f = s->fibre_search;
  PetscScalar start, bend;
  PetscReal held;

  PetscFunctionBeginUser;
  PetscCall(MatMult(s->outer, f->p, f->Kp));
  PetscCall(LhMechanicsClearPrescribed(s->mech, f->Kp));
  PetscCall(VecDot(f->r, f->p, &start));
  PetscCall(VecDot(f->Kp, f->p, &bend));
  PetscCall(LhMechanicsGetLineBend(s->mech, &held));
  PetscCall(LhMechanicsGetLineSlope(s->mech, 0., &f->fibres));
  f->start = PetscRealPart(start);
  f->bend = PetscRealPart(bend) - held;
  *falls = f->start > 0. ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Doubles `*t` until E no longer falls there.
static PetscErrorCode Bracket(LhMechanicsSolver s, PetscReal *low, PetscReal *at_low, PetscReal *t,
                              PetscReal *slope) {
  const PetscReal near = SLACK * s->fibre_search->start;

  PetscFunctionBeginUser;
  *low = 0.;
  *at_low = s->fibre_search->start;
  PetscCall(FindSlope(s, *t, slope));
  for (int k = 0; k<MAX_DOUBLE && * slope> near; k++) {
    *low = *t, *at_low = *slope;
    *t *= 2.;
    PetscCall(FindSlope(s, *t, slope));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Where E is least along p (Illinois); `*t` comes as a guess.
static PetscErrorCode FindLeast(LhMechanicsSolver s, PetscReal *t) {
  const PetscReal near = SLACK * s->fibre_search->start;
  PetscReal low, at_low, slope = 0., high, at_high;
  int last = 0;

  PetscFunctionBeginUser;
  PetscCall(Bracket(s, &low, &at_low, t, &slope));
  high = *t, at_high = slope;
  for (int point = 0; point < MAX_POINTS && at_high < 0. && PetscAbsReal(slope) > near; point++) {
    const int side = slope < 0. ? 1 : -1;

    if (point > 0 && side > 0) {
      high = *t, at_high = slope;
      if (last == side) at_low *= .5;
    } else if (point > 0) {
      low = *t, at_low = slope;
      if (last == side) at_high *= .5;
    }
    last = point > 0 ? side : 0;
    *t = low + at_low / (at_low - at_high) * (high - low);
    PetscCall(FindSlope(s, *t, &slope));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// y += t p, and r to the unbalanced force there. `*falls` false: nothing was done.
static PetscErrorCode Walk(LhMechanicsSolver s, Vec y, PetscBool *falls) {
  LhFibreSearch f = s->fibre_search;
  PetscReal t;

  PetscFunctionBeginUser;
  PetscCall(BeginLine(s, falls));
  if (!*falls) PetscFunctionReturn(PETSC_SUCCESS);
  t = f->start / (f->bend > 0. ? f->bend : f->start);
  PetscCall(FindLeast(s, &t));
  PetscCall(VecCopy(f->r, f->before));
  PetscCall(VecAXPY(y, t, f->p));
  PetscCall(VecAXPY(f->r, -t, f->Kp));
  PetscCall(LhMechanicsMoveLine(s->mech, t, f->r));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// z = M^-1 r without what no force resists.
static PetscErrorCode Precondition(LhMechanicsSolver s) {
  MatNullSpace space;
  PC pc;

  PetscFunctionBeginUser;
  PetscCall(KSPGetPC(s->ksp, &pc));
  PetscCall(PCApply(pc, s->fibre_search->r, s->fibre_search->z));
  PetscCall(MatGetNullSpace(s->op, &space));
  if (space) PetscCall(MatNullSpaceRemove(space, s->fibre_search->z));
  PetscCall(LhMechanicsClearPrescribed(s->mech, s->fibre_search->z));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The next direction.
static PetscErrorCode Turn(LhMechanicsSolver s) {
  LhFibreSearch f = s->fibre_search;
  PetscScalar square, mixed = 0.;

  PetscFunctionBeginUser;
  PetscCall(Precondition(s));
  PetscCall(VecDot(f->r, f->z, &square));
  if (f->square > 0.) {
    PetscCall(VecDot(f->before, f->z, &mixed));
    PetscCall(VecAYPX(f->p, PetscMax(PetscRealPart(square - mixed) / f->square, 0.), f->z));
  } else {
    PetscCall(VecCopy(f->z, f->p));
  }
  f->square = PetscRealPart(square);
  PetscCall(LhMechanicsAimLine(s->mech, f->p));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The matrix, product and smoother of the finest level with the fibres as they are; coarse levels stay.
static PetscErrorCode Renew(LhMechanicsSolver s) {
  PetscFunctionBeginUser;
  PetscCall(LhMechanicsRenewFibres(s->mech));
  if (s->product) PetscCall(LhMultigridRefresh(s->multigrid));
  s->fibre_search->square = 0.;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// From the Newton step in p on, y being 0.
static PetscErrorCode Relax(LhMechanicsSolver s, PetscReal goal, Vec y) {
  LhFibreSearch f = s->fibre_search;
  PetscReal norm;

  PetscFunctionBeginUser;
  f->square = 0.;
  for (PetscInt k = 0; k < s->spec.fibre_iterations; k++) {
    PetscBool falls = PETSC_FALSE;

    if (k > 0 && k % RENEW == 0) PetscCall(Renew(s));
    if (k > 0) PetscCall(Turn(s));
    PetscCall(Walk(s, y, &falls));
    s->stats.fibre_iterations++;
    if (!falls && (k == 0 || f->square == 0.)) break;
    if (!falls || k == 0) f->square = 0.;
    PetscCall(VecNorm(f->r, NORM_2, &norm));
    if (norm <= goal) break;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechSolverRelaxFibres(LhMechanicsSolver s, Vec x, Vec r, Vec y) {
  PetscLogDouble start, end;
  PetscReal norm, equilibrium;
  LhFibreSearch f;
  PetscBool known;

  PetscFunctionBeginUser;
  if (s->spec.fibre_iterations == 0 || !s->stats.symmetric) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMechanicsBeginLine(s->mech, x, y, &known));
  if (!known) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscTime(&start));
  if (!s->fibre_search) PetscCall(Create(x, &s->fibre_search));
  f = s->fibre_search;
  PetscCall(VecCopy(r, f->r));
  PetscCall(VecCopy(y, f->p));
  PetscCall(VecZeroEntries(y));
  PetscCall(VecNorm(r, NORM_2, &norm));
  equilibrium = s->spec.newton_tolerance * s->evaluation.scale + s->force_floor;
  PetscCall(KSPSetReusePreconditioner(s->ksp, PETSC_TRUE));
  PetscCall(Relax(s, PetscMax(ENOUGH * norm, .3 * equilibrium), y));
  PetscCall(VecNorm(y, NORM_2, &norm));
  if (norm == 0.) PetscCall(VecCopy(f->p, y));
  PetscCall(PetscTime(&end));
  s->stats.linear_seconds += end - start;
  PetscFunctionReturn(PETSC_SUCCESS);
}
