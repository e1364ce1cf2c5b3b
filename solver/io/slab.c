/// @file
/// Owns the way from mesh numbering to rows in id order: one PetscSF per kind, made once.
///
/// Ranks get whole chunks, so that no chunk of a file is shared between two writers. Must never hold
/// more than a rank's share of the rows.
#include "io/output_impl.h"

PetscErrorCode LhSlabCreate(MPI_Comm comm, PetscInt num_global, PetscInt num_owned,
                            const PetscInt ids[], LhSlab *slab) {
  PetscMPIInt rank, size;
  PetscLayout layout;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Comm_size(comm, &size));
  const PetscInt64 chunks = (num_global + LH_H5_CHUNK_ROWS - 1) / LH_H5_CHUNK_ROWS;
  const PetscInt64 begin = chunks * rank / size * LH_H5_CHUNK_ROWS;
  const PetscInt64 end = chunks * (rank + 1) / size * LH_H5_CHUNK_ROWS;
  slab->num_global = num_global;
  slab->first = (PetscInt)PetscMin(begin, num_global);
  slab->count = (PetscInt)PetscMin(end, num_global) - slab->first;

  PetscCall(PetscLayoutCreateFromSizes(comm, slab->count, num_global, 1, &layout));
  PetscCall(PetscSFCreate(comm, &slab->to_rows));
  PetscCall(PetscSFSetGraphLayout(slab->to_rows, layout, num_owned, NULL, PETSC_COPY_VALUES, ids));
  PetscCall(PetscSFSetUp(slab->to_rows));
  PetscCall(PetscLayoutDestroy(&layout));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSlabDestroy(LhSlab *slab) {
  PetscFunctionBeginUser;
  PetscCall(PetscSFDestroy(&slab->to_rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSlabFill(const LhSlab *slab, MPI_Datatype type, PetscInt width, const void *values,
                          void *rows) {
  MPI_Datatype unit;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Type_contiguous((PetscMPIInt)width, type, &unit));
  PetscCallMPI(MPI_Type_commit(&unit));
  PetscCall(PetscSFReduceBegin(slab->to_rows, unit, values, rows, MPI_REPLACE));
  PetscCall(PetscSFReduceEnd(slab->to_rows, unit, values, rows, MPI_REPLACE));
  PetscCallMPI(MPI_Type_free(&unit));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSlabTake(const LhSlab *slab, MPI_Datatype type, PetscInt width, const void *rows,
                          void *values) {
  MPI_Datatype unit;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Type_contiguous((PetscMPIInt)width, type, &unit));
  PetscCallMPI(MPI_Type_commit(&unit));
  PetscCall(PetscSFBcastBegin(slab->to_rows, unit, rows, values, MPI_REPLACE));
  PetscCall(PetscSFBcastEnd(slab->to_rows, unit, rows, values, MPI_REPLACE));
  PetscCallMPI(MPI_Type_free(&unit));
  PetscFunctionReturn(PETSC_SUCCESS);
}
