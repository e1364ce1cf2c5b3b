/// @file
/// Where the mesh layer, which knows no materials, gets their volume fractions from.
#include "experiment/case_mesh.h"

#include "mesh/rve.h"

PetscErrorCode LhCaseReadFractions(MPI_Comm comm, const LhReader *reader, LhNode section,
                                   const char case_dir[], LhRveFractions *fractions,
                                   PetscBool *found) {
  const LhNode name = LhMeshGetComposition(section);
  const LhNode change = LhNodeFind(LhNodeFind(section, "rve"), "change");
  const LhMark mark = LhNodeGetMark(name);
  const LhMaterialData *data;
  LhMaterial material;

  PetscFunctionBegin;
  *found = PETSC_FALSE;
  if (!name) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMaterialRead(comm, reader, name, change, case_dir, &material));
  if (!material) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhMaterialGetData(material, &data));
  if (data->kind == LH_MATERIAL_HOST) {
    const double *share = data->composition.volume_fraction;
    *fractions = (LhRveFractions){share[LH_PHASE_LIZN], share[LH_PHASE_LI3N], share[LH_PHASE_CNT]};
    *found = PETSC_TRUE;
  } else {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "mesh.rve.composition = %s: this material is no host; its phases have no "
                        "volume fractions",
                        LhNodeGetText(name)));
  }
  PetscCall(LhMaterialDestroy(&material));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What a generated volume became stands in resolved.yaml beside what was asked.
static PetscErrorCode RecordFacts(LhRecord record, LhMesh mesh) {
  const LhMeshFacts *facts;

  PetscFunctionBegin;
  PetscCall(LhMeshGetFacts(mesh, &facts));
  for (PetscInt i = 0; i < facts->n; i++) {
    char path[96];
    PetscCall(PetscSNPrintf(path, sizeof(path), "mesh.rve.achieved.%s", facts->fact[i].name));
    PetscCall(LhRecordAddDerived(record, path, facts->fact[i].unit, facts->fact[i].achieved,
                                 "the generated volume"));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCaseCreateMesh(MPI_Comm comm, const LhReader *reader, LhNode section,
                                const char case_dir[], LhMesh *mesh) {
  const LhNode name = LhMeshGetComposition(section);
  LhRveFractions fractions;
  PetscBool found;

  PetscFunctionBegin;
  *mesh = NULL;
  PetscCall(LhCaseReadFractions(comm, reader, section, case_dir, &fractions, &found));
  if (found || !name) {
    PetscCall(
        LhMeshCreateFromCase(comm, reader, section, case_dir, name ? &fractions : NULL, mesh));
  }
  if (*mesh && reader->record) PetscCall(RecordFacts(reader->record, *mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}
