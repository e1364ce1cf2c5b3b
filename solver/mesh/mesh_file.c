/// @file
/// Chooses between the box and the readers of mesh files, by extension.
#include "mesh/mesh_file.h"

#include <string.h>

/// One row per format.
static const struct {
  const char *extension;
  LhRawMeshBuilder build;
} formats[] = {
    {".msh", LhRawMeshBuildGmsh},
    {".h5",  LhRawMeshBuildHdf5}
};

static LhRawMeshBuilder FindFormat(const char path[]) {
  const char *extension = strrchr(path, '.');
  for (size_t k = 0; extension && k < sizeof(formats) / sizeof(formats[0]); k++) {
    if (!strcmp(extension, formats[k].extension)) return formats[k].build;
  }
  return NULL;
}

static void SetCosts(const LhMeshSource *source, LhRawMesh *raw, LhMeshProblems *problems) {
  LhMeshNames *names = &raw->names;
  const char *known[LH_MESH_REGIONS_MAX];

  for (PetscInt r = 0; r < names->num_regions; r++) known[r] = names->regions[r];
  for (PetscInt k = 0; k < source->num_costs; k++) {
    PetscInt region = -1;
    for (PetscInt r = 0; r < names->num_regions; r++) {
      if (!strcmp(known[r], source->cost_region[k])) region = r;
    }
    if (region >= 0) {
      names->costs[region] = source->cost[k];
      continue;
    }
    const char *near = LhNearestWord(source->cost_region[k], names->num_regions, known);
    LhMeshProblemAdd(problems, 0, "the mesh has no region '%s' to give a cost; did you mean '%s'?",
                     source->cost_region[k], near ? near : known[0]);
  }
}

static PetscErrorCode BuildFile(const LhMeshSource *source, LhRawMesh *raw,
                                LhMeshProblems *problems) {
  const LhRawMeshBuilder build = FindFormat(source->path);

  PetscFunctionBeginUser;
  if (!build) {
    LhMeshProblemAdd(problems, 0,
                     "the mesh file is of no known kind; Gmsh's .msh and lihost's .h5 are read");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(build(source->path, raw, problems));
  if (problems->n || source->unit == 1.) PetscFunctionReturn(PETSC_SUCCESS);
  if (raw->fibres.num || raw->image) {
    LhMeshProblemAdd(problems, 0, "length_unit does not go with a mesh that has fibres or periods");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (size_t i = 0; i < 3 * (size_t)raw->num_vertices; i++) raw->coords[i] *= source->unit;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshBuildSource(const void *mesh_source, LhRawMesh *raw,
                                    LhMeshProblems *problems) {
  const LhMeshSource *source = mesh_source;

  PetscFunctionBeginUser;
  if (source->box)
    PetscCall(LhRawMeshBuildBox(source->box, raw, problems));
  else if (source->rve)
    PetscCall(LhRawMeshBuildRve(source->rve, raw, problems));
  else if (source->image)
    PetscCall(LhRawMeshBuildImage(source->image, raw, problems));
  else
    PetscCall(BuildFile(source, raw, problems));
  if (!problems->n) SetCosts(source, raw, problems);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshCreateFromFile(MPI_Comm comm, const char path[], LhDiag diag, LhMesh *mesh) {
  LhMeshSource *source;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&source));
  PetscCall(PetscStrncpy(source->path, path, sizeof(source->path)));
  source->unit = 1.;
  PetscCall(LhMeshBuild(comm, LhRawMeshBuildSource, source,
                        &(LhMeshReport){.path = path, .diag = diag}, mesh));
  PetscCall(PetscFree(source));
  PetscFunctionReturn(PETSC_SUCCESS);
}
