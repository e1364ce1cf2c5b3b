/// @file
/// An HDF5 dataset of integers [z][y][x], slice by slice. See image.h.
#include <hdf5.h>

#include "mesh/image.h"

static PetscBool GetShape(hid_t set, const char name[], hsize_t size[3], LhMeshProblems *problems) {
  hsize_t any[H5S_MAX_RANK] = {0};
  const hid_t space = H5Dget_space(set), type = H5Dget_type(set);
  const int rank = H5Sget_simple_extent_dims(space, any, NULL);
  const H5T_class_t kind = H5Tget_class(type);
  const size_t bytes = H5Tget_size(type);

  H5Tclose(type);
  H5Sclose(space);
  for (int d = 0; d < 3; d++) size[d] = any[d];
  if (rank != 3 || kind != H5T_INTEGER) {
    LhMeshProblemAdd(problems, 0,
                     "the dataset '%s' (mesh.image.dataset) is not a grid of integers [z][y][x]",
                     name);
    return PETSC_FALSE;
  }
  // Compressed data may be smaller than its size, but not by more than deflate's 1032.
  const double count = (double)size[0] * (double)size[1] * (double)size[2];
  if ((double)H5Dget_storage_size(set) * 1032. < count * (double)bytes) {
    LhMeshProblemAdd(problems, 0, "the dataset '%s' announces %g voxels, more than the file holds",
                     name, count);
    return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static PetscErrorCode ReadSlices(hid_t set, const char name[], const hsize_t size[3],
                                 LhImage *image, LhMeshProblems *problems) {
  const hsize_t one[3] = {1, size[1], size[2]};
  const hid_t space = H5Dget_space(set), memory = H5Screate_simple(3, one, NULL);
  const size_t n = (size_t)(size[1] * size[2]);
  int64_t *slice;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &slice));
  for (hsize_t z = 0; z < size[0] && !problems->n; z++) {
    const hsize_t start[3] = {z, 0, 0};
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, one, NULL);
    if (H5Dread(set, H5T_NATIVE_INT64, memory, space, H5P_DEFAULT, slice) < 0)
      LhMeshProblemAdd(problems, 0, "slice %llu of the dataset '%s' is damaged",
                       (unsigned long long)z, name);
    else
      LhImageTake(image, n, (LhImageType){8, PETSC_TRUE}, slice);
  }
  PetscCall(PetscFree(slice));
  H5Sclose(memory);
  H5Sclose(space);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhImageReadHdf5(LhImage *image, LhMeshProblems *problems) {
  const LhImageSpec *spec = image->spec;
  H5E_auto2_t print;
  hsize_t size[3];
  void *data;

  PetscFunctionBeginUser;
  if (!spec->dataset[0]) {
    LhMeshProblemAdd(problems, 0, "mesh.image.dataset is missing: which dataset of the HDF5 file?");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  H5Eget_auto2(H5E_DEFAULT, &print, &data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);  // our sentences instead of HDF5's stack
  const hid_t file = H5Fopen(spec->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t set = file < 0 ? -1 : H5Dopen2(file, spec->dataset, H5P_DEFAULT);
  if (file < 0)
    LhMeshProblemAdd(problems, 0, "the file cannot be read: cut short or no HDF5 file");
  else if (set < 0)
    LhMeshProblemAdd(problems, 0, "the file has no dataset '%s' (mesh.image.dataset)",
                     spec->dataset);
  else if (GetShape(set, spec->dataset, size, problems)) {
    PetscCall(LhImageBegin(image, (double)size[0], (double)size[1], (double)size[2], problems));
    if (!problems->n) PetscCall(ReadSlices(set, spec->dataset, size, image, problems));
  }
  if (set >= 0) H5Dclose(set);
  if (file >= 0) H5Fclose(file);
  H5Eset_auto2(H5E_DEFAULT, print, data);
  PetscFunctionReturn(PETSC_SUCCESS);
}
