/// @file
/// Mechanical constitutive laws: from the deformation of a batch of points to stress and tangent.
///
/// A law is a table of functions with no hidden state: what it remembers lives in state arrays the
/// caller owns, so a rejected step costs a pointer swap. It sees LH_BATCH points, `[component][lane]`.
/// To add one: write laws/mech/mech_<name>.c and add its line to laws/mech_law_list.h. Isotropic
/// laws supply only a return map in the invariants of logarithmic strain (laws/hencky.h).
#pragma once

#include "base/param.h"

/// What a law may know of the composition at the end of the step, per point.
typedef enum {
  LH_MECH_POROSITY,  ///< pore share f of lithium + pores, eps / (eps + v_Li / J) [1]
  LH_MECH_SKELETON_DENSITY,  ///< relative density of the skeleton per volume of the grown, stress-free state [1]
  LH_MECH_CNT_DENSITY,  ///< volume fraction of the CNT per volume of the grown, stress-free state [1]
  LH_MECH_ALLOY_CONTENT,  ///< y, Li left in Li_y Zn [1]
  LH_MECH_STRENGTHENING,  ///< factor on the flow resistance of lithium [1]
  LH_MECH_NUM_FIELDS
} LhMechField;

/// What the law sees: F is the mechanical part (growth divided out), row-major F[3*i+J].
typedef struct {
  double F[9][LH_BATCH];                       ///< deformation gradient at the end of the step [1]
  double field[LH_MECH_NUM_FIELDS][LH_BATCH];  ///< composition
  double temperature[LH_BATCH];                ///< [K]
  double dt;                                   ///< step [s]; 0 for rate-independent checks
} LhMechInput;

#define LH_MECH_SYMMETRIC 21  ///< components of a tangent with all symmetries of an elastic one

/// Place of (m, n), m <= n, in xx yy zz yz xz xy among them.
#define LH_MECH_SYMMETRIC_AT(m, n) ((m)*6 - (m) * ((m)-1) / 2 + (n) - (m))

/// What it returns. A tangent is filled only when asked for: `A`, or `C` by a law of small strains.
typedef struct {
  double P[9][LH_BATCH];                  ///< first Piola-Kirchhoff stress [Pa], row-major
  double A[9][9][LH_BATCH];               ///< consistent tangent dP_iJ/dF_kL [Pa]
  double C[LH_MECH_SYMMETRIC][LH_BATCH];  ///< the same, dsigma/deps, at LH_MECH_SYMMETRIC_AT(m, n)
  double elastic_log[6][LH_BATCH];        ///< spatial elastic log strain xx yy zz yz xz xy [1]
  double dissipation[LH_BATCH];  ///< plastic work done in the step per reference volume [J/m^3]
  double failed[LH_BATCH];       ///< 1 where the local equations had no solution, else 0
} LhMechOutput;

typedef struct {
  const char *name;   ///< key in material files
  const char *brief;  ///< one line for `lihost list laws`
  const LhParam *params;
  PetscInt num_params;
  size_t params_size;
  /// NULL when the parameters fit together, else a sentence; NULL itself when rows say everything.
  const char *(*check)(const void *params);
  /// The stress is a mean over lithium and its pores (share f empty), not over lithium alone: the mixture
  /// weighs it with the volume of both (docs/theory/mechanics.md, M4).
  PetscBool averages_pores;
  /// Sees the linear strain of F only: for comparisons, not objective. Its tangent has all symmetries of an elastic one and
  /// is returned as out->C, not out->A.
  PetscBool small_strain;
  PetscInt num_state;              ///< state reals per point
  const char *const *state_names;  ///< num_state names
  const char *const *state_units;

  /// Largest relative density of the skeleton that the law has data for [1]; beyond it extrapolates. NULL: no data.
  double (*densest)(const void *params);
  /// State of the undeformed, unloaded material.
  void (*init)(const void *params, double (*state)[LH_BATCH]);
  /// Advances `old` to `now` and fills `out`; must not change `old`. Lanes that fail set out->failed.
  void (*update)(const void *params, const LhMechInput *in, const double (*old)[LH_BATCH],
                 double (*now)[LH_BATCH], PetscBool tangent, LhMechOutput *out);
} LhMechLaw;

/// Finds a registered law, NULL when there is none of that name.
PetscErrorCode LhMechLawFind(const char name[], const LhMechLaw **law);
/// The registry in the order of mech_law_list.h.
PetscErrorCode LhMechLawGetAll(PetscInt *n, const LhMechLaw *const **laws);
/// out->A from out->C, for whoever wants the tangent of a law of small strains in full.
void LhMechExpandTangent(LhMechOutput *out);
