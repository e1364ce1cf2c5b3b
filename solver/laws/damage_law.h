/// @file
/// Damage laws: what drives damage at a point, and how much of it a non-local driving strain makes.
///
/// A law never sees its neighbours: physics/damage.h averages `drive` over a length between the two
/// functions (docs/theory/damage.md, D1 to D4). It has no state of its own; what it remembers is the
/// driving strain the caller owns. To add one: laws/damage/damage_<name>.c and its line in damage_law_list.h.
#pragma once

#include "base/param.h"

/// The undamaged material of a point at the end of the step.
typedef struct {
  double flow[LH_BATCH];       ///< equivalent plastic strain gained in the step [1]
  double cauchy[6][LH_BATCH];  ///< stress without damage xx yy zz yz xz xy [Pa]
} LhDamageInput;

typedef struct {
  const char *name, *brief;
  const LhParam *params;
  PetscInt num_params;
  size_t params_size;
  /// Local driving strain kappa from its value before the step.
  void (*drive)(const void *params, const LhDamageInput *in, const double old[LH_BATCH],
                double now[LH_BATCH]);
  /// D in [0, 1) of the largest non-local driving strain so far; grows with it.
  void (*damage)(const void *params, const double largest[LH_BATCH], double damage[LH_BATCH]);
} LhDamageLaw;

/// NULL when there is none of that name.
PetscErrorCode LhDamageLawFind(const char name[], const LhDamageLaw **law);
PetscErrorCode LhDamageLawGetAll(PetscInt *n, const LhDamageLaw *const **laws);
/// Reads `{law: <name>, <its parameters>}`; both are NULL after a diagnostic. The caller frees `*params`.
PetscErrorCode LhDamageLawRead(const LhReader *reader, LhNode map, LhNode parent, const char path[],
                               const LhDamageLaw **law, void **params);
