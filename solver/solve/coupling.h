/// @file
/// Staggered coupling of electrochemistry and mechanics over windows of time.
///
/// In a window the electrochemistry sees volume ratio J and lithium pressure p run linearly from their
/// present values to extrapolated ones, so nothing jumps; at its end mechanics equilibrates with the new
/// composition. What was extrapolated minus what was solved is the coupling error of the window: it
/// sets the length of the next one. The iterated scheme repeats a window until the error is within
/// tolerance. Owns nothing of the two problems but the bridge between them.
#pragma once

#include "physics/electrochem.h"
#include "solve/electrochem_solver.h"
#include "solve/mechanics_solver.h"

typedef enum { LH_COUPLING_STAGGERED, LH_COUPLING_ITERATED } LhCouplingScheme;

typedef struct {
  PetscInt scheme;
  PetscReal window;     ///< longest window as a share of the foil's capacity [1]
  PetscReal longest;    ///< longest window in time, when little or no current flows [s]
  PetscReal tolerance;  ///< coupling error aimed at: rms of J, and of V p / RT [1]
  PetscInt iterations;  ///< most repeats of a window (iterated scheme)
} LhCouplingSpec;
extern const LhTable lh_coupling_table;

typedef struct _n_LhCoupling *LhCoupling;

/// What is coupled; all borrowed. Without mechanics (NULL) the foil stays undeformed.
typedef struct {
  LhMesh mesh;
  LhElectrochem electrochem;
  LhMechanics mechanics;
  LhMechanicsSolver mechanics_solver;
  const LhMaterialData *const *materials;  ///< [mesh region]
  PetscReal temperature;                   ///< [K]
} LhCouplingParts;

PetscErrorCode LhCouplingCreate(const LhCouplingParts *parts, const LhCouplingSpec *spec,
                                LhCoupling *coupling);
PetscErrorCode LhCouplingDestroy(LhCoupling *coupling);

/// Equilibrates the foil as made under its load, before the first window. `*failure` = NULL or a sentence.
PetscErrorCode LhCouplingStart(LhCoupling coupling, PetscReal t, Vec y, const char **failure);
/// Forgets the rates of deformation and starts with a short window: after a change of current or voltage at `t`
/// what was extrapolated holds no longer. Before LhEcSolverStart().
PetscErrorCode LhCouplingRestart(LhCoupling coupling, PetscReal t);
/// Length the error control proposes for the next window [s], given the time a full capacity takes.
PetscErrorCode LhCouplingProposeWindow(LhCoupling coupling, PetscReal capacity_time,
                                       PetscReal *span);
/// Gives the electrochemistry the deformation expected over [t0, t1].
PetscErrorCode LhCouplingOpenWindow(LhCoupling coupling, PetscReal t0, PetscReal t1);
/// Mechanics at the end `t1` of what was integrated. `*error` [1]; `*repeat` asks to integrate the window again
/// from its start (iterated scheme): the expected deformation has been corrected.
PetscErrorCode LhCouplingCloseWindow(LhCoupling coupling, PetscReal t1, Vec y, PetscReal *error,
                                     PetscBool *repeat, const char **failure);

typedef struct {
  PetscInt windows, repeats;
  PetscReal worst_error, last_error;
} LhCouplingStats;
PetscErrorCode LhCouplingGetStats(LhCoupling coupling, LhCouplingStats *stats);
/// Per mesh cell of this rank, of the last window's end; borrowed. NULL without mechanics.
typedef struct {
  const PetscReal *J, *pressure, *von_mises, *hydrostatic, *thickness_strain, *growth_strain,
      *elastic_strain;
} LhCouplingCells;
PetscErrorCode LhCouplingGetCells(LhCoupling coupling, LhCouplingCells *cells);

/// For a checkpoint: reals of a row by mesh cell.
PetscErrorCode LhCouplingGetRestartWidth(LhCoupling coupling, PetscInt *cell_width);
/// The numbers beside the rows.
typedef struct {
  PetscReal last_span, proposed, worst_error, last_error, windows, repeats;
} LhCouplingNumbers;
/// rows[mesh cell of this rank][cell_width] and `numbers` <- the bridge at the end of a window.
PetscErrorCode LhCouplingPack(LhCoupling coupling, PetscReal t, PetscReal rows[],
                              LhCouplingNumbers *numbers);
/// The way back, at `t`; the deformation reaches the electrochemistry, too.
PetscErrorCode LhCouplingUnpack(LhCoupling coupling, PetscReal t, const PetscReal rows[],
                                const LhCouplingNumbers *numbers);
/// Where a checkpoint is written, and after it was read: ends the ramp of deformation at `t` and drops the
/// preconditioner of mechanics, so that what follows depends on what a checkpoint holds and on nothing else.
PetscErrorCode LhCouplingAnchor(LhCoupling coupling, PetscReal t);
