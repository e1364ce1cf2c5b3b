/// @file
/// Reads the `mechanics:` section and builds the problem it describes.
#include "physics/mechanics_case.h"

static const char *const in_plane_names[] = {"clamped", "free", NULL};
static const char *const dilatation_names[] = {"mean", "local", NULL};

static const LhParam rows[] = {
    LH_ROW_TEXT_LIST(LhMechanicsSpec, regions, NULL, "regions of the mesh that bear load"),
    LH_ROW_CHOICE(
        LhMechanicsSpec, in_plane, in_plane_names, NULL,
        "clamped: no normal displacement on the sides; free: symmetry planes on two of them"),
    LH_ROW_REAL(LhMechanicsSpec, stack_pressure, "Pa", 0, 1e9, NULL,
                "pressure on the top surface p"),
    LH_ROW_BOOL(LhMechanicsSpec, platen, NULL,
                "whether a rigid plate carries the pressure to the top"),
    LH_ROW_REAL(LhMechanicsSpec, platen_stiffness, "Pa m-1", 1e6, 1e22, "1e16 Pa/m",
                "stiffness of the contact between plate and top"),
    LH_ROW_TEXT(LhMechanicsSpec, bottom, "bottom", "surface held in thickness direction"),
    LH_ROW_TEXT(LhMechanicsSpec, top, "top", "surface under pressure"),
    LH_ROW_TEXT_LIST(LhMechanicsSpec, sides_x, "[left, right]",
                     "surfaces across x; the first is the symmetry plane"),
    LH_ROW_TEXT_LIST(LhMechanicsSpec, sides_y, "[front, back]",
                     "surfaces across y; the first is the symmetry plane"),
    LH_ROW_CHOICE(LhMechanicsSpec, dilatation, dilatation_names, "mean",
                  "volume change of hexahedra: mean of the cell (no locking) or local"),
    LH_ROW_NODE(LhMechanicsSpec, solver, "", "numerics of the solver, see mechanics.solver")};

static const LhTable table = LH_TABLE("mechanics", "supports and loads of the foil", rows);

const LhTable *LhMechanicsTable(void) {
  return &table;
}

PetscErrorCode LhMechanicsSpecRead(const LhReader *reader, LhNode map, LhNode parent,
                                   const char path[], LhMechanicsSpec *spec) {
  PetscFunctionBeginUser;
  PetscCall(LhParamsRead(reader, &table, map, parent, path, spec));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckName(PetscBool is_region, const char name[], LhMesh mesh, LhNode map,
                                LhDiag diag) {
  const LhMark mark = LhNodeGetMark(map);
  PetscInt index;

  PetscFunctionBeginUser;
  if (is_region)
    PetscCall(LhMeshFindRegion(mesh, name, &index));
  else
    PetscCall(LhMeshFindSurface(mesh, name, &index));
  if (index < 0) {
    PetscCall(LhDiagAdd(diag, LH_DIAG_ERROR, &mark, "mechanics: the mesh has no %s '%s'",
                        is_region ? "region" : "surface", name));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsSpecCheck(const LhMechanicsSpec *spec, LhMesh mesh, LhNode map,
                                    LhDiag diag) {
  const LhTextList *sides[2] = {&spec->sides_x, &spec->sides_y};

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < spec->regions.n; k++) {
    PetscCall(CheckName(PETSC_TRUE, spec->regions.v[k], mesh, map, diag));
  }
  PetscCall(CheckName(PETSC_FALSE, spec->bottom, mesh, map, diag));
  PetscCall(CheckName(PETSC_FALSE, spec->top, mesh, map, diag));
  for (int s = 0; s < 2; s++) {
    for (PetscInt k = 0; k < sides[s]->n; k++)
      PetscCall(CheckName(PETSC_FALSE, sides[s]->v[k], mesh, map, diag));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddSupport(LhMechanics mech, LhMesh mesh, const char name[],
                                 PetscInt component) {
  LhMechLoad load = {.kind = LH_MECH_DISPLACEMENT, .component = component};

  PetscFunctionBeginUser;
  PetscCall(LhMeshFindSurface(mesh, name, &load.surface));
  PetscCheck(load.surface >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "No surface '%s'", name);
  PetscCall(LhMechanicsAddLoad(mech, &load, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AddSides(LhMechanics mech, LhMesh mesh, const LhMechanicsSpec *spec) {
  const LhTextList *sides[2] = {&spec->sides_x, &spec->sides_y};

  PetscFunctionBeginUser;
  for (PetscInt s = 0; s < 2; s++) {
    const PetscInt n =
        spec->in_plane == LH_IN_PLANE_CLAMPED ? sides[s]->n : PetscMin(1, sides[s]->n);
    for (PetscInt k = 0; k < n; k++) PetscCall(AddSupport(mech, mesh, sides[s]->v[k], s));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMechanicsCreateFromSpec(LhMesh mesh, const LhMechanicsSpec *spec,
                                         const LhMaterialData *const materials[],
                                         LhMechanics *mechanics, PetscInt *pressure) {
  LhMechLoad load = {.kind = spec->platen ? LH_MECH_PLATEN : LH_MECH_PRESSURE,
                     .stiffness = spec->platen_stiffness};
  PetscInt regions[LH_LIST_MAX];

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < spec->regions.n; k++) {
    PetscCall(LhMeshFindRegion(mesh, spec->regions.v[k], &regions[k]));
    PetscCheck(regions[k] >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "No region '%s'",
               spec->regions.v[k]);
  }
  PetscCall(LhMechanicsCreate(mesh, spec->regions.n, regions, materials,
                              (LhMechDilatation)spec->dilatation, mechanics));
  PetscCall(AddSupport(*mechanics, mesh, spec->bottom, 2));
  PetscCall(AddSides(*mechanics, mesh, spec));
  PetscCall(LhMeshFindSurface(mesh, spec->top, &load.surface));
  PetscCheck(load.surface >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "No surface '%s'", spec->top);
  PetscCall(LhMechanicsAddLoad(*mechanics, &load, pressure));
  PetscCall(LhMechanicsSetLoad(*mechanics, *pressure, spec->stack_pressure));
  PetscFunctionReturn(PETSC_SUCCESS);
}
