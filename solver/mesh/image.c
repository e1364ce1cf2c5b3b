/// @file
/// From the voxels of an image to a mesh, whatever file they come from. See image.h.
#include "mesh/image.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "mesh/voxel_mesh.h"

PetscErrorCode LhImageBegin(LhImage *image, double z, double y, double x,
                            LhMeshProblems *problems) {
  const double count = z * y * x;

  PetscFunctionBeginUser;
  if (!(z >= 1.) || !(y >= 1.) || !(x >= 1.) || count * 8. > (double)PETSC_MAX_INT) {
    LhMeshProblemAdd(problems, 0,
                     "the image has %g x %g x %g voxels; 1 to %g in all can become a mesh", x, y, z,
                     (double)PETSC_MAX_INT / 8.);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  image->size[0] = (PetscInt)x;
  image->size[1] = (PetscInt)y;
  image->size[2] = (PetscInt)z;
  PetscCall(PetscMalloc1((size_t)count, &image->label));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int64_t GetValue(LhImageType type, const void *data, size_t i) {
  switch (type.bytes) {
    case 1:
      return type.is_signed ? ((const int8_t *)data)[i] : ((const uint8_t *)data)[i];
    case 2:
      return type.is_signed ? ((const int16_t *)data)[i] : ((const uint16_t *)data)[i];
    case 4:
      return type.is_signed ? (int64_t)((const int32_t *)data)[i] : ((const uint32_t *)data)[i];
    default:
      return ((const int64_t *)data)[i];
  }
}

void LhImageTake(LhImage *image, size_t n, LhImageType type, const void *data) {
  const LhImageSpec *spec = image->spec;
  PetscInt last = 0;

  for (size_t i = 0; i < n; i++, image->filled++) {
    const int64_t value = GetValue(type, data, i);
    if (spec->label[last] != value) {
      for (last = 0; last < spec->num_labels && spec->label[last] != value;) last++;
    }
    if (last == spec->num_labels) {
      last = 0;
      if (!image->unknown++) {
        image->unknown_label = value;
        image->unknown_at = image->filled;
      }
    }
    image->label[image->filled] = (unsigned char)last;
  }
}

static PetscBool EndsWith(const char path[], const char end[]) {
  const size_t n = strlen(path), m = strlen(end);
  return (PetscBool)(n >= m && !strcmp(path + n - m, end));
}

static PetscErrorCode ReadVoxels(LhImage *image, LhMeshProblems *problems) {
  const char *path = image->spec->path;
  struct stat info;

  PetscFunctionBeginUser;
  if (stat(path, &info))
    LhMeshProblemAdd(problems, 0, "mesh.image.file: there is no such file or folder");
  else if (EndsWith(path, ".npy"))
    PetscCall(LhImageReadNpy(image, problems));
  else if (EndsWith(path, ".h5") || EndsWith(path, ".hdf5") || EndsWith(path, ".hdf"))
    PetscCall(LhImageReadHdf5(image, problems));
  else if (EndsWith(path, ".tif") || EndsWith(path, ".tiff") || S_ISDIR(info.st_mode))
    PetscCall(LhImageReadTiff(image, problems));
  else {
    LhMeshProblemAdd(problems, 0,
                     "mesh.image.file is of no known kind; .tif, .tiff, a folder of them, .npy and "
                     ".h5 are read");
  }
  if (image->unknown && !problems->n) {
    const size_t nx = (size_t)image->size[0], ny = (size_t)image->size[1], at = image->unknown_at;
    LhMeshProblemAdd(problems, 0,
                     "mesh.image.labels has no region for label %lld; %zu voxels have it or other "
                     "unknown labels, the first is [z][y][x] = [%zu][%zu][%zu]",
                     (long long)image->unknown_label, image->unknown, at / (nx * ny), at / nx % ny,
                     at % nx);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshBuildImage(const void *image_spec, LhRawMesh *raw,
                                   LhMeshProblems *problems) {
  const LhImageSpec *spec = image_spec;
  const char *regions[LH_MESH_REGIONS_MAX];
  LhImage image = {.spec = spec};

  PetscFunctionBeginUser;
  PetscCall(ReadVoxels(&image, problems));
  if (!problems->n) {
    for (PetscInt k = 0; k < spec->num_labels; k++) regions[k] = spec->region[k];
    LhVoxels voxels = {.label = image.label,
                       .num_regions = spec->num_labels,
                       .regions = regions,
                       .periodic = spec->periodic};
    PetscCall(PetscArraycpy(voxels.size, image.size, 3));
    PetscCall(PetscArraycpy(voxels.spacing, spec->voxel, 3));
    PetscCall(LhRawMeshFillVoxels(&voxels, raw, problems));
  }
  PetscCall(PetscFree(image.label));
  PetscFunctionReturn(PETSC_SUCCESS);
}
