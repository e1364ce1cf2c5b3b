/// @file
/// The `image:` part of a case's `mesh:` section. See image.h.
#include <stdlib.h>
#include <string.h>

#include "mesh/image.h"

typedef struct {
  char file[LH_NAME_MAX], dataset[LH_NAME_MAX];
  LhRealList voxel;
  LhNode labels;
  PetscBool periodic;
} ImageParams;

static const LhParam image_rows[] = {
    LH_ROW_TEXT(ImageParams, file, NULL,
                "multi-page TIFF, folder of TIFF slices, .npy or .h5, relative to the case file; "
                "[z][y][x]"),
    LH_ROW_TEXT(ImageParams, dataset, "", "path of the dataset in an HDF5 file"),
    LH_ROW_REAL_LIST(ImageParams, voxel, "m", 1e-10, 1e-2, NULL,
                     "size of a voxel: one length, or [x, y, z]"),
    LH_ROW_NODE(ImageParams, labels, NULL,
                "region of each label, e.g. {0: void, 1: lithium, 2: lizn}"),
    LH_ROW_BOOL(ImageParams, periodic, "false",
                "opposite sides are periodic images of each other")};

const LhTable lh_image_table =
    LH_TABLE("mesh.image", "A segmented image: labels of voxels become regions", image_rows);

static PetscErrorCode ReadLabel(const LhReader *reader, const char key[], LhNode item,
                                LhImageSpec *spec) {
  const LhMark mark = LhNodeGetMark(item);
  const char *region = LhNodeGetText(item);
  char *end;
  const long long value = strtoll(key, &end, 10);

  PetscFunctionBeginUser;
  if (end == key || *end || !region || !region[0] || strchr(region, '|')) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "mesh.image.labels.%s: a label is a whole number and its region a name "
                        "without '|', e.g. 1: lithium",
                        key));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  spec->label[spec->num_labels] = value;
  PetscCall(PetscStrncpy(spec->region[spec->num_labels++], region, LH_NAME_MAX));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadLabels(const LhReader *reader, LhNode labels, LhImageSpec *spec) {
  const LhMark mark = LhNodeGetMark(labels);
  const PetscInt n = LhNodeGetSize(labels);

  PetscFunctionBeginUser;
  if (LhNodeGetKind(labels) != LH_NODE_MAP || n < 1 || n > LH_MESH_REGIONS_MAX) {
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "mesh.image.labels needs a map of 1 to %d labels to regions, e.g. "
                        "{0: void, 1: lithium}",
                        LH_MESH_REGIONS_MAX));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  for (PetscInt k = 0; k < n; k++)
    PetscCall(ReadLabel(reader, LhNodeGetKey(labels, k), LhNodeGetItem(labels, k), spec));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhImageRead(const LhReader *reader, LhNode section, const char case_dir[],
                           LhImageSpec *spec) {
  ImageParams *params;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&params));
  PetscCall(LhParamsRead(reader, &lh_image_table, section, section, "mesh.image", params));
  if (params->voxel.n != 1 && params->voxel.n != 3) {
    const LhMark mark = LhNodeGetMark(section);
    PetscCall(LhDiagAdd(reader->diag, LH_DIAG_ERROR, &mark,
                        "mesh.image.voxel needs one length or three, e.g. [50 nm]"));
  }
  for (PetscInt d = 0; d < 3; d++) spec->voxel[d] = params->voxel.v[params->voxel.n == 3 ? d : 0];
  spec->periodic = params->periodic;
  PetscCall(PetscStrncpy(spec->dataset, params->dataset, sizeof(spec->dataset)));
  PetscCall(LhMeshResolvePath(case_dir, params->file, sizeof(spec->path), spec->path));
  if (params->labels) PetscCall(ReadLabels(reader, params->labels, spec));
  PetscCall(PetscFree(params));
  PetscFunctionReturn(PETSC_SUCCESS);
}
