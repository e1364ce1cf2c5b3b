/// @file
/// The `mechanics:` section of a case: how the foil is held and pressed.
///
/// Plain data, read by a parameter table; LhMechanicsCreateFromSpec() turns it into loads and supports.
#pragma once

#include "physics/mechanics.h"

typedef enum {
  LH_IN_PLANE_CLAMPED,  ///< no normal displacement on all sides
  LH_IN_PLANE_FREE      ///< symmetry planes on the first of each pair of sides only
} LhInPlane;

typedef struct {
  LhTextList regions;          ///< that bear load
  PetscInt in_plane;           ///< LhInPlane
  PetscReal stack_pressure;    ///< [Pa]
  PetscBool platen;            ///< rigid plate between pressure and top; else uniform pressure
  PetscReal platen_stiffness;  ///< foundation between plate and top [Pa/m]
  char bottom[LH_NAME_MAX], top[LH_NAME_MAX];
  LhTextList sides_x, sides_y;  ///< surfaces across x and across y
  PetscInt dilatation;          ///< LhMechDilatation
  LhNode solver;                ///< section of the solver, read by solve/
} LhMechanicsSpec;

const LhTable *LhMechanicsTable(void);
PetscErrorCode LhMechanicsSpecRead(const LhReader *reader, LhNode map, LhNode parent,
                                   const char path[], LhMechanicsSpec *spec);
/// Names that the mesh does not have become diagnostics at `map`.
PetscErrorCode LhMechanicsSpecCheck(const LhMechanicsSpec *spec, LhMesh mesh, LhNode map,
                                    LhDiag diag);

/// Problem, supports and stack pressure; `pressure` is the load to vary it by. Set up is left to the caller.
PetscErrorCode LhMechanicsCreateFromSpec(LhMesh mesh, const LhMechanicsSpec *spec,
                                         const LhMaterialData *const materials[],
                                         LhMechanics *mechanics, PetscInt *pressure);
