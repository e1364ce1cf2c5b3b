/// @file
/// Fibre laws: axial stress of pieces of fibres that move with the material around them.
///
/// A law sees LH_BATCH pieces, `[component][lane]`, and no neighbour: what other pieces of the same fibre do to this
/// one comes in as `reach` and `withdrawn`, which the owner of the pieces (physics/fibres.h) brings up to date after
/// every accepted step. State lives in arrays the caller owns. To add a law: laws/fibre/fibre_<name>.c and its line in
/// laws/fibre_law_list.h. Stresses are forces per reference area of the fibre (docs/theory/fibres.md).
#pragma once

#include "base/param.h"

typedef struct {
  double stretch[LH_BATCH];   ///< lambda = |F a| of the material at the middle of the piece [1]
  double length[LH_BATCH];    ///< of the piece, reference [m]
  double diameter[LH_BATCH];  ///< of one tube [m]
  double reach
      [LH_BATCH];  ///< y, along the fibre to its nearest end or break; 0: the piece is broken [m]
  double withdrawn
      [LH_BATCH];  ///< r, drawn out of that end's side up to the last accepted step, this piece included [m]
  double flow
      [LH_BATCH];  ///< flow stress of the material around, limits the interface; PETSC_INFINITY: no limit [Pa]
  double dt;  ///< step [s]; 0: no time passes
} LhFibreInput;

typedef struct {
  double stress[LH_BATCH];       ///< T, axial force over reference area [Pa]
  double tangent[LH_BATCH];      ///< dT/dlambda [Pa]
  double stored[LH_BATCH];       ///< elastic energy per reference volume [J/m^3]
  double dissipation[LH_BATCH];  ///< of the step, >= 0, per reference volume [J/m^3]
  double rupture[LH_BATCH];      ///< 1 where the stress is at the strength of the fibre, else 0
  double slip[LH_BATCH];         ///< strain of the piece that the fibre did not follow [1]
  double drawn[LH_BATCH];        ///< length this piece has drawn out of the matrix so far [m]
  double failed[LH_BATCH];       ///< 1 where there is no solution, else 0
} LhFibreOutput;

/// State of an interface at a node of a fibre, all 0 at the start.
enum {
  LH_BOND_PERMANENT,  ///< slip that stays without stress [m]
  LH_BOND_SLIPPED,    ///< length slipped, to and fro [m]
  LH_BOND_LAW_STATE
};

typedef struct {
  double modulus, strength;  ///< of a fibre [Pa]
  PetscBool compression;     ///< whether fibres resist it
} LhBondConstants;

typedef struct {
  double stress, tangent;  ///< shear stress against the slip [Pa]; its derivative, >= 0 [Pa/m]
  double stored;           ///< per area of interface [J/m^2]
} LhBondShear;

/// What a fibre with a displacement of its own needs in place of `update` (physics/fibres_bond.c).
typedef struct {
  void (*get_constants)(const void *params, LhBondConstants *constants);
  /// Shear stress at a slip (fibre ahead of matrix) [m]; `flow` as in LhFibreInput. Advances `old` to `now`. The stress
  /// must not fall with slip within a step.
  void (*shear)(const void *params, double flow, double slip, const double old[LH_BOND_LAW_STATE],
                double now[LH_BOND_LAW_STATE], LhBondShear *out);
} LhBondLaw;

typedef struct {
  const char *name, *brief;  ///< key in files; one line for `lihost list laws`
  const LhParam *params;
  PetscInt num_params;
  size_t params_size;
  PetscInt num_state;              ///< state reals per piece
  const char *const *state_names;  ///< num_state names
  const char *const *state_units;
  /// Largest length of a piece of a tube of this diameter with one answer to every stretch; NULL: any [m].
  double (*max_length)(const void *params, double diameter);
  /// Advances `old` to `now` and fills `out`; must not change `old`. All state starts at 0.
  void (*update)(const void *params, const LhFibreInput *in, const double (*old)[LH_BATCH],
                 double (*now)[LH_BATCH], LhFibreOutput *out);
  const LhBondLaw *bond;  ///< instead of `update`: pieces of a fibre are solved together; NULL: not
} LhFibreLaw;

/// NULL when there is none of that name.
PetscErrorCode LhFibreLawFind(const char name[], const LhFibreLaw **law);
/// In the order of fibre_law_list.h.
PetscErrorCode LhFibreLawGetAll(PetscInt *n, const LhFibreLaw *const **laws);

/// Fibres of one kind: a law bound to data. Geometry is not read here (mesh/fibres.h); diameter and length of a tube
/// are what the file says of them, 0 = not given.
typedef struct {
  const LhFibreLaw *law;
  void *params;
  double diameter, length, density;  ///< [m], [m], [kg/m^3]
  double electronic_conductivity;    ///< along it [S/m]
} LhFibreMaterial;

/// Reads `{material: <phase file or map>, law: <name>, <its parameters>}`; parameters that are not said here come from
/// the phase file: its section `laws.<law>`, then its equally named properties. Other keys of `map` that are in `also`
/// (NULL-terminated, may be NULL) are left to the caller. `law` is NULL after a diagnostic. Collective.
PetscErrorCode LhFibreMaterialRead(MPI_Comm comm, const LhReader *reader, LhNode map,
                                   const char *const also[], const char path[],
                                   const char case_dir[], LhFibreMaterial *material);
PetscErrorCode LhFibreMaterialDestroy(LhFibreMaterial *material);
