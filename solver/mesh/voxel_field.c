/// @file
/// Reading and trilinear sampling of a regular grid. See voxel_field.h.
#include "mesh/voxel_field.h"

#include <hdf5.h>
#include <math.h>

#include "mesh/mesh_problem.h"

typedef struct {
  PetscInt size[3];  ///< voxels in x, y, z
  PetscReal origin[3], spacing[3];
} Grid;

struct _n_LhVoxelField {
  Grid grid;
  float *values;  ///< [z][y][x]
};

static const LhParam rows[] = {
    LH_ROW_TEXT(LhVoxelFieldParams, file, NULL, "HDF5 file, relative to the case file"),
    LH_ROW_TEXT(LhVoxelFieldParams, dataset, NULL, "path of the dataset [z][y][x] in the file")};

const LhTable lh_voxel_field_table = LH_TABLE("voxels", "A field read from a grid of voxels", rows);

static PetscBool ReadTriple(hid_t set, const char name[], PetscReal value[3]) {
  if (H5Aexists(set, name) <= 0) return PETSC_FALSE;
  const hid_t attribute = H5Aopen(set, name, H5P_DEFAULT), space = H5Aget_space(attribute);
  const hid_t type = H5Aget_type(attribute);
  const H5T_class_t kind = H5Tget_class(type);
  PetscBool good = (PetscBool)(H5Sget_simple_extent_npoints(space) == 3 &&
                               (kind == H5T_FLOAT || kind == H5T_INTEGER));
  if (good) good = (PetscBool)(H5Aread(attribute, H5T_NATIVE_DOUBLE, value) >= 0);
  H5Tclose(type);
  H5Sclose(space);
  H5Aclose(attribute);
  return (PetscBool)(good && isfinite(value[0] + value[1] + value[2]));
}

/// Size, origin and spacing; false after a problem.
static PetscBool ReadGrid(hid_t set, const char name[], Grid *grid, LhMeshProblems *problems) {
  hsize_t size[H5S_MAX_RANK] = {0};
  const hid_t space = H5Dget_space(set), type = H5Dget_type(set);
  const int rank = H5Sget_simple_extent_dims(space, size, NULL);
  const H5T_class_t kind = H5Tget_class(type);
  const hsize_t item = H5Tget_size(type);

  H5Tclose(type);
  H5Sclose(space);
  if (rank != 3 || (kind != H5T_FLOAT && kind != H5T_INTEGER)) {
    LhMeshProblemAdd(problems, 0, "the dataset '%s' is not a grid of numbers [z][y][x]", name);
    return PETSC_FALSE;
  }
  const double count = (double)size[0] * (double)size[1] * (double)size[2];
  if (count < 1. || count > 2147483647.) {
    LhMeshProblemAdd(problems, 0, "the dataset '%s' has %g voxels; 1 to 2^31 - 1 can be read", name,
                     count);
    return PETSC_FALSE;
  }
  // Compressed data may be smaller than its size, but not by more than deflate's 1032.
  if ((double)H5Dget_storage_size(set) * 1032. < count * (double)item) {
    LhMeshProblemAdd(problems, 0, "the dataset '%s' announces %g voxels, more than the file holds",
                     name, count);
    return PETSC_FALSE;
  }
  for (PetscInt d = 0; d < 3; d++) grid->size[d] = (PetscInt)size[2 - d];
  if (!ReadTriple(set, "origin", grid->origin) || !ReadTriple(set, "spacing", grid->spacing)) {
    LhMeshProblemAdd(
        problems, 0,
        "the dataset '%s' needs the attributes origin and spacing, three numbers in m each", name);
    return PETSC_FALSE;
  }
  if (!(grid->spacing[0] > 0.) || !(grid->spacing[1] > 0.) || !(grid->spacing[2] > 0.)) {
    LhMeshProblemAdd(problems, 0, "the spacing of the dataset '%s' is not positive", name);
    return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static size_t CountVoxels(const Grid *grid) {
  return (size_t)grid->size[0] * (size_t)grid->size[1] * (size_t)grid->size[2];
}

static PetscErrorCode ReadValues(hid_t set, const char name[], LhVoxelField field,
                                 LhMeshProblems *problems) {
  const size_t count = CountVoxels(&field->grid);

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(count, &field->values));
  if (H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, field->values) < 0) {
    LhMeshProblemAdd(problems, 0, "the dataset '%s' is damaged", name);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (size_t i = 0; i < count; i++) {
    if (isfinite(field->values[i])) continue;
    const size_t nx = (size_t)field->grid.size[0], ny = (size_t)field->grid.size[1];
    LhMeshProblemAdd(problems, 0, "voxel [%zu][%zu][%zu] of the dataset '%s' is not finite",
                     i / (nx * ny), i / nx % ny, i % nx, name);
    break;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadFile(const char path[], const char name[], LhVoxelField field,
                               LhMeshProblems *problems) {
  H5E_auto2_t print;
  void *data;

  PetscFunctionBeginUser;
  H5Eget_auto2(H5E_DEFAULT, &print, &data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);  // our sentences instead of HDF5's stack
  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t set = file < 0 ? -1 : H5Dopen2(file, name, H5P_DEFAULT);
  if (file < 0)
    LhMeshProblemAdd(problems, 0,
                     "the voxel file cannot be read: missing, cut short or no HDF5 file");
  else if (set < 0)
    LhMeshProblemAdd(problems, 0, "the voxel file has no dataset '%s'", name);
  else if (ReadGrid(set, name, &field->grid, problems))
    PetscCall(ReadValues(set, name, field, problems));
  if (set >= 0) H5Dclose(set);
  if (file >= 0) H5Fclose(file);
  H5Eset_auto2(H5E_DEFAULT, print, data);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Tells all ranks what rank 0 read. Collective.
static PetscErrorCode Share(MPI_Comm comm, LhVoxelField field) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(&field->grid, (PetscMPIInt)sizeof(Grid), MPI_BYTE, 0, comm));
  const size_t count = CountVoxels(&field->grid);
  if (!field->values) PetscCall(PetscMalloc1(count, &field->values));
  PetscCallMPI(MPI_Bcast(field->values, (PetscMPIInt)count, MPI_FLOAT, 0, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhVoxelFieldCreate(MPI_Comm comm, const LhVoxelFieldParams *params,
                                  const char case_dir[], LhDiag diag, LhVoxelField *field) {
  LhMeshProblems *problems;
  PetscMPIInt rank;
  char path[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  PetscCall(LhMeshResolvePath(case_dir, params->file, sizeof(path), path));
  PetscCall(PetscNew(field));
  PetscCall(PetscNew(&problems));
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) PetscCall(ReadFile(path, params->dataset, *field, problems));
  PetscCall(LhMeshProblemsReport(comm, problems, path, NULL, diag));
  if (problems->n)
    PetscCall(LhVoxelFieldDestroy(field));
  else
    PetscCall(Share(comm, *field));
  PetscCall(PetscFree(problems));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhVoxelFieldDestroy(LhVoxelField *field) {
  PetscFunctionBeginUser;
  if (!*field) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscFree((*field)->values));
  PetscCall(PetscFree(*field));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Voxel below a coordinate and the share of the way to the next one. Returns whether it is off the grid.
static PetscBool Locate(const Grid *grid, PetscInt d, PetscReal x, PetscInt *below,
                        PetscReal *share) {
  const PetscReal last = (PetscReal)(grid->size[d] - 1),
                  at = (x - grid->origin[d]) / grid->spacing[d];
  const PetscReal inside = PetscMin(last, PetscMax(0., at));
  *below = PetscMin((PetscInt)inside, PetscMax(0, grid->size[d] - 2));
  *share = inside - (PetscReal)*below;
  return (PetscBool)(at < -0.5 - 1e-9 || at > last + 0.5 + 1e-9);
}

static PetscReal Interpolate(const LhVoxelField field, const PetscInt below[3],
                             const PetscReal share[3]) {
  const Grid *grid = &field->grid;
  PetscReal sum = 0.;
  for (PetscInt k = 0; k < 8; k++) {
    const PetscInt step[3] = {k & 1, k >> 1 & 1, k >> 2};
    PetscReal weight = 1.;
    size_t at[3];
    for (PetscInt d = 0; d < 3; d++) {
      weight *= step[d] ? share[d] : 1. - share[d];
      at[d] = (size_t)PetscMin(below[d] + step[d], grid->size[d] - 1);
    }
    sum +=
        weight *
        (PetscReal)
            field->values[at[0] + (size_t)grid->size[0] * (at[1] + (size_t)grid->size[1] * at[2])];
  }
  return sum;
}

PetscErrorCode LhVoxelFieldEvaluate(LhVoxelField field, PetscInt n, const PetscReal x[],
                                    PetscReal value[], PetscInt *outside) {
  PetscFunctionBeginUser;
  *outside = 0;
  for (PetscInt i = 0; i < n; i++) {
    PetscInt below[3];
    PetscReal share[3];
    PetscBool off = PETSC_FALSE;
    for (PetscInt d = 0; d < 3; d++) {
      if (Locate(&field->grid, d, x[3 * (size_t)i + d], &below[d], &share[d])) off = PETSC_TRUE;
    }
    value[i] = Interpolate(field, below, share);
    *outside += off;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
