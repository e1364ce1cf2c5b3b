/// @file
/// Conforming tetrahedra of a volume: who makes them, then regions, sides and images. See rve.h.
#include "mesh/rve_private.h"
#include "mesh/rve_sides.h"

#define MANY \
  50  ///< bodies from which on Gmsh is not asked unless it is named: it fails to match the sides

static void NameRegions(const LhRveSpec *spec, LhRawMesh *raw) {
  const char *const names[RVE_KINDS] = {spec->matrix, "lizn", "li3n"};
  PetscInt row[RVE_KINDS], used[RVE_KINDS] = {0};
  for (PetscInt c = 0; c < raw->num_cells; c++) used[raw->region[c]] = 1;
  for (PetscInt k = 0; k < RVE_KINDS; k++) {
    if (!used[k]) continue;
    row[k] = LhRawMeshAddName(LH_MESH_REGIONS_MAX, raw->names.regions, &raw->names.num_regions,
                              names[k]);
    raw->names.costs[row[k]] = 1.;
  }
  for (PetscInt c = 0; c < raw->num_cells; c++) raw->region[c] = row[raw->region[c]];
}

/// The choice depends on the volume alone, not on what is installed.
static PetscBool UsesGmsh(const LhRve *rve) {
  if (rve->spec->mesher != LH_MESHER_AUTOMATIC)
    return (PetscBool)(rve->spec->mesher == LH_MESHER_GMSH);
  return (PetscBool)(rve->packing.num <= MANY);
}

PetscErrorCode LhRveMeshTets(const LhRve *rve, LhRawMesh *raw, LhMeshProblems *problems) {
  const LhRveSpec *spec = rve->spec;

  PetscFunctionBeginUser;
  if (UsesGmsh(rve))
    PetscCall(LhRveGmshTets(rve, raw, problems));
  else
    PetscCall(LhRveLatticeTets(rve, raw));
  if (problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  NameRegions(spec, raw);
  LhRveSnapToSides(spec, raw);
  PetscCall(LhRveAddSides(spec, raw));
  if (spec->periodic) PetscCall(LhRveMatchImages(spec, raw, problems));
  PetscFunctionReturn(PETSC_SUCCESS);
}
