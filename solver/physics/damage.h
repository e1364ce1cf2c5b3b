/// @file
/// Non-local damage of some regions of a mechanics problem (theory, damage.md D1 to D5).
///
/// In a part, one or several regions of one material, a law gives a local driving strain kappa
/// (laws/damage_law.h), its average over a length obeys an equation of its own (physics/damage_average.h), and
/// the largest average so far makes the damage D, which never falls. The problem reads damage as integrity, [batch][point][lane] of 1 - (1 - residual) D: the part
/// of each point's stress that is left. Parts do not see each other's kappa. A step is driven by
/// solve/damage_solver.h: Drive, then for each part Load, a linear solve, Update; then Accept or Reject.
#pragma once

#include "laws/damage_law.h"
#include "physics/damage_average.h"
#include "physics/mechanics_points.h"

typedef struct _n_LhDamage *LhDamage;

/// Regions that damage together. `law` is static, `params` borrowed, `regions` read by Create only.
typedef struct {
  PetscInt num_regions;
  const PetscInt *regions;  ///< of the mesh; each in one part only
  double length;            ///< averaging length l [m]
  double residual;          ///< integrity that full damage leaves [1]
  double relaxation_time;   ///< viscous regularisation tau of (D5), 0: none [s]
  const LhDamageLaw *law;
  const void *params;
} LhDamagePart;

/// The mechanics must outlive it, and is not changed: hand it the integrity. Collective.
PetscErrorCode LhDamageCreate(LhMechanics mechanics, LhMesh mesh, PetscInt num_parts,
                              const LhDamagePart parts[], LhDamage *damage);
PetscErrorCode LhDamageDestroy(LhDamage *damage);
/// Borrowed; its values change with every Update, Reject and Unpack. 1 in regions that do not damage.
PetscErrorCode LhDamageGetIntegrity(LhDamage damage, const double **integrity);
/// For a solver that accelerates its passes: the number of values on this rank, and others in place of those of the last
/// Update, cut to what the law allows. The damage to be accepted stays that of the Update. Not collective.
PetscErrorCode LhDamageGetIntegritySize(LhDamage damage, PetscInt *size);
PetscErrorCode LhDamageImpose(LhDamage damage, const double integrity[]);
/// Cells with removed[position in LhSpaceView.cells of the mechanics] != 0 are gone for good: integrity `residual`,
/// no driving strain. Before the first step. Not collective.
PetscErrorCode LhDamageRemove(LhDamage damage, const unsigned char removed[], double residual);
PetscErrorCode LhDamageGetNumParts(LhDamage damage, PetscInt *n);
/// The averaging problem of part k; borrowed.
PetscErrorCode LhDamageGetAverage(LhDamage damage, PetscInt k, LhAverage *average);

/// Local driving strain of a solved step, before LhMechanicsAccept(). Collective.
PetscErrorCode LhDamageDrive(LhDamage damage);
/// Right-hand side of the averaging equation of part k. Collective.
PetscErrorCode LhDamageLoad(LhDamage damage, PetscInt k, Vec load);
/// Damage from the average of part k at the vertices after a step of `dt` [s]; raises `*change` to the largest
/// change of D on this rank since the last call (or since the step's start). Collective.
PetscErrorCode LhDamageUpdate(LhDamage damage, PetscInt k, Vec average, double dt, double *change);
/// Ends a step, before or after LhMechanicsAccept(). Not collective.
PetscErrorCode LhDamageAccept(LhDamage damage);
/// Integrity as at the step's start. Not collective.
PetscErrorCode LhDamageReject(LhDamage damage);

/// Means over the cells of the last Update, by position in LhSpaceView.cells of the mechanics: damage D and
/// largest average of kappa [1]; zero where nothing damages. Not collective.
PetscErrorCode LhDamageGetCells(LhDamage damage, double damage_mean[], double driving_strain[]);
/// How damage stands after the last Update, over all ranks.
typedef struct {
  double largest;      ///< D of a point [1]
  double growth;       ///< most that D of a point grew by in this step [1]
  double mean_growth;  ///< mean over the points of all parts [1]
} LhDamageGrowth;
/// Collective.
PetscErrorCode LhDamageGetGrowth(LhDamage damage, LhDamageGrowth *growth);
/// The accepted history by cell for a checkpoint, as LhMechanicsPackHistory().
PetscErrorCode LhDamageGetHistorySize(LhDamage damage, PetscInt *size);
PetscErrorCode LhDamagePackHistory(LhDamage damage, double rows[]);
PetscErrorCode LhDamageUnpackHistory(LhDamage damage, const double rows[]);
