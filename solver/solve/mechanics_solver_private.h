/// @file
/// Inside of LhMechanicsSolver, shared by mechanics_solver.c (Newton's method) and mechanics_linear.c (its linear solves).
#pragma once

#include <petscsnes.h>

#include "solve/energy_search.h"
#include "solve/mechanics_solver.h"
#include "solve/patience.h"

#define MAX_HISTORY 128

typedef struct _n_LhFibreSearch *LhFibreSearch;

struct _n_LhMechanicsSolver {
  LhMechanics mech;
  LhMechanicsSolverSpec spec;
  SNES snes;
  KSP ksp;
  Mat op, assembled;
  PC multigrid;  ///< what a product in single precision is made of
  Mat product;   ///< the product of the assembled matrix in single precision, or NULL
  Mat outer;     ///< operator of the linear solves: `op`, or `product` where that is all of it
  PetscBool is_bordered;
  Vec x, residual, lift, reaction, rhs;
  Vec step;               ///< increment of the last part that was solved
  PetscReal step_square;  ///< square of its prescribed entries [m^2], 0 = none
  PetscReal force_floor;
  LhMechEvaluation evaluation;  ///< of the last residual
  PetscBool stale, fresh;       ///< preconditioner: to be set up; set up for the next solve
  PetscReal tolerance;          ///< of the coming linear solve
  PetscReal previous;           ///< residual norm before the last linear solve, 0 = none
  PetscReal share, first;       ///< of LhMechanicsSolverSetShare(); residual norm it refers to
  PetscBool is_short;
  PetscReal per_digit, excess;  ///< Krylov iterations a decade right after the set-up; lost since
  double setup_seconds, iteration_seconds;  ///< the last ones, slowest rank
  PetscInt preset;                          ///< row of the table of presets in use
  PetscBool renewing;  ///< a new preconditioner for every tangent: a linear solve failed
  PetscBool cautious;  ///< GMRES whatever the symmetry: it failed even so
  PetscLogDouble linear_start;
  PetscInt num_history;
  PetscReal history[MAX_HISTORY];
  LhPatience patience;
  LhFibreSearch fibre_search;  ///< of mechanics_fibres.c, NULL until it is needed
  LhKinks kinks;               ///< of the energy along a step: the fibres'
  char text[4 * LH_NAME_MAX];
  const char *note;  ///< for LhMechanicsSolverTakeNote(), or NULL
  LhMechanicsSolverStats stats;
};

/// Conjugate gradients while the tangent is symmetric, else GMRES.
PetscErrorCode LhMechSolverChooseKrylov(LhMechanicsSolver s);
/// Keeps the preconditioner, or sets it up now if the last solve asked for it. Collective.
PetscErrorCode LhMechSolverPrecondition(LhMechanicsSolver s);
/// After a solve of so many iterations: whether the next one gets a new preconditioner. Collective.
PetscErrorCode LhMechSolverJudge(LhMechanicsSolver s, PetscInt iterations);
/// Operators, product and preconditioner of `ksp` for the preset in use. Collective.
PetscErrorCode LhMechSolverConfigure(LhMechanicsSolver s);
/// Goes on from the Newton step y at x, where the residual is r, to the balance of linear cells with fibres that follow their
/// laws. The matrix may then hold other stiffnesses of fibres than those at x. Collective.
PetscErrorCode LhMechSolverRelaxFibres(LhMechanicsSolver s, Vec x, Vec r, Vec y);
PetscErrorCode LhFibreSearchDestroy(LhFibreSearch *search);
/// Another preset, from nothing. Collective.
PetscErrorCode LhMechSolverReplace(LhMechanicsSolver s, PetscInt preset);
