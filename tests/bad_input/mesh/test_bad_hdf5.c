/// Checks: broken HDF5 meshes and voxel files are refused with a sentence, whatever is broken.
/// Reference: a mesh written by LhMeshWrite with one thing changed.
/// Tolerance and why: none.
/// Fails if: a wrong version, index, shape or checksum is accepted, or a cut or flipped file crashes.
#include <hdf5.h>

#include "bad_mesh_test.h"
#include "mesh/fibres.h"
#include "mesh/mesh_stamp.h"
#include "mesh/voxel_field.h"

static void WriteGood(const char path[]) {
  LhMesh mesh = MakeBox(PETSC_COMM_WORLD, LH_CELL_HEX8, 0.);
  CHECK_CALL(LhMeshWrite(mesh, path));
  CHECK_CALL(LhMeshDestroy(&mesh));
  MPI_Barrier(PETSC_COMM_WORLD);
}

static void SetAttribute(hid_t file, const char name[], int value) {
  const hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
  H5Awrite(attribute, H5T_NATIVE_INT, &value);
  H5Aclose(attribute);
}

/// Overwrites one integer of a dataset; `rank` its number of dimensions.
static void SetInt(hid_t file, const char name[], hsize_t row, hsize_t column, PetscInt value) {
  const hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(set);
  const hsize_t at[2] = {row, column}, one[2] = {1, 1};
  const hid_t memory = H5Screate_simple(1, one, NULL);
  H5Sselect_hyperslab(space, H5S_SELECT_SET, at, NULL, one, NULL);
  assert_true(H5Dwrite(set, sizeof(value) == 8 ? H5T_NATIVE_INT64 : H5T_NATIVE_INT32, memory, space,
                       H5P_DEFAULT, &value) >= 0);
  H5Sclose(memory);
  H5Sclose(space);
  H5Dclose(set);
}

/// Puts an empty list of `columns` columns in the place of a dataset.
static void ReplaceDataset(hid_t file, const char name[], int rank) {
  const hsize_t size[3] = {2, 3, 4};
  H5Ldelete(file, name, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(rank, size, NULL);
  H5Dclose(H5Dcreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(space);
}

static void BreakVersion(hid_t file) {
  SetAttribute(file, "lihost_mesh_version", 7);
}
static void BreakNoVersion(hid_t file) {
  H5Adelete(file, "lihost_mesh_version");
}
static void BreakCellType(hid_t file) {
  SetAttribute(file, "vertices_per_cell", 6);
}
static void BreakMissing(hid_t file) {
  H5Ldelete(file, "/cells/region", H5P_DEFAULT);
}
static void BreakShape(hid_t file) {
  ReplaceDataset(file, "/cells/vertices", 3);
}
static void BreakType(hid_t file) {
  ReplaceDataset(file, "/vertices/coordinates", 2);
}
static void BreakStorage(hid_t file) {
  ReplaceDataset(file, "/cells/region", 1);
}
static void BreakVertex(hid_t file) {
  SetInt(file, "/cells/vertices", 17, 3, 100000);
}
static void BreakNegative(hid_t file) {
  SetInt(file, "/cells/vertices", 21, 6, -4);
}
static void BreakRegion(hid_t file) {
  SetInt(file, "/cells/region", 29, 0, 2);
}
static void BreakSide(hid_t file) {
  SetInt(file, "/surfaces/faces", 3, 2, 6);
}
static void BreakSurface(hid_t file) {
  SetInt(file, "/surfaces/faces", 3, 0, 6);
}

static void TestMistakes(void **state) {
  static const struct {
    void (*change)(hid_t file);
    const char *sentence;
  } mistakes[] = {
      {BreakVersion,   "the mesh has layout version 7; this lihost reads versions 1 to 2"    },
      {BreakNoVersion, "not a lihost mesh: it has no attribute lihost_mesh_version"          },
      {BreakCellType,  "cells of 6 vertices are not known, only 8 (hex8) and 4 (tet4)"       },
      {BreakMissing,   "the dataset /cells/region is missing or damaged"                     },
      {BreakShape,     "the dataset /cells/vertices does not have the shape or type"         },
      {BreakType,      "the dataset /vertices/coordinates does not have the shape or type"   },
      {BreakStorage,   "the dataset /cells/region announces 2 rows, more than the file holds"},
      {BreakVertex,    "cell 17 refers to vertex 100000, which is not there"                 },
      {BreakNegative,  "cell 21 refers to vertex -4, which is not there"                     },
      {BreakRegion,    "cell 29 is of region 2, which has no name"                           },
      {BreakSide,      "/surfaces/faces lists side 6 of cell"                                },
      {BreakSurface,   "for surface 6, which does not exist"                                 },
  };
  const char *path = Scratch("mesh.h5");
  (void)state;
  for (size_t k = 0; k < sizeof(mistakes) / sizeof(mistakes[0]); k++) {
    WriteGood(path);
    if (RankOf(PETSC_COMM_WORLD) == 0) {
      const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
      assert_true(file >= 0);
      mistakes[k].change(file);
      H5Fclose(file);
      CHECK_CALL(LhMeshStampWrite(path));  // as if lihost had written it so
    }
    MPI_Barrier(PETSC_COMM_WORLD);
    ReadBad(path, mistakes[k].sentence);
  }
  RemoveScratch(path);
}

static void WriteGoodVolume(const char path[]) {
  static const PetscInt offset[] = {0, 3, 5};
  static const PetscReal diameter[] = {1e-8, 2e-8};
  static const PetscReal points[] = {1e-6, 2e-6, 3e-6, 5e-6, 6e-6, 7e-6, 9e-6, 1e-6,
                                     2e-6, 3e-6, 3e-6, 3e-6, 4e-6, 4e-6, 9e-6};
  const LhFibresSpec fibres = {2, offset, points, diameter, NULL, NULL};
  LhBoxSpec spec = MakeSpec(LH_CELL_HEX8, 0.);
  LhMesh mesh;
  for (PetscInt d = 0; d < 3; d++) spec.periodic[d] = PETSC_TRUE;
  CHECK_CALL(LhMeshCreateBox(PETSC_COMM_WORLD, &spec, &mesh));
  CHECK_CALL(LhMeshSetFibres(mesh, &fibres));
  CHECK_CALL(LhMeshWrite(mesh, path));
  CHECK_CALL(LhMeshDestroy(&mesh));
  MPI_Barrier(PETSC_COMM_WORLD);
}

static void SetReal(hid_t file, const char name[], hsize_t at, double value) {
  double data[64];
  const hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
  assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  data[at] = value;
  assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  H5Dclose(set);
}
static void SetRow(hid_t file, const char name[], hsize_t at, PetscInt value) {
  PetscInt data[4096];
  const hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
  const hid_t type = sizeof(value) == 8 ? H5T_NATIVE_INT64 : H5T_NATIVE_INT32;
  assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  data[at] = value;
  assert_true(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  H5Dclose(set);
}

static void BreakImage(hid_t file) {
  SetRow(file, "/vertices/image", 5, 100000);
}
static void BreakImageOfImage(hid_t file) {
  SetRow(file, "/vertices/image", 0, 5);
}
static void BreakImagePlace(hid_t file) {
  SetRow(file, "/vertices/image", 5, 7);
}
static void BreakPeriod(hid_t file) {
  SetReal(file, "/vertices/period", 0, -1e-6);
}
static void BreakPeriodLost(hid_t file) {
  H5Ldelete(file, "/vertices/period", H5P_DEFAULT);
}
static void BreakOffset(hid_t file) {
  SetRow(file, "/fibres/offset", 1, 900);
}
static void BreakOrder(hid_t file) {
  SetRow(file, "/fibres/offset", 1, 1);
}
static void BreakPoint(hid_t file) {
  SetReal(file, "/fibres/points", 4, NAN);
}
static void BreakDiameter(hid_t file) {
  SetReal(file, "/fibres/section", 3, 0.);
}
static void BreakTubes(hid_t file) {
  SetReal(file, "/fibres/section", 1, -2.);
}
/// Without its images the mesh is not periodic, and a fibre leaves it.
static void BreakOutside(hid_t file) {
  H5Ldelete(file, "/vertices/image", H5P_DEFAULT);
  SetReal(file, "/fibres/points", 7, -1e-6);
}
static void BreakSection(hid_t file) {
  H5Ldelete(file, "/fibres/section", H5P_DEFAULT);
}

/// Images and fibres of a periodic mesh.
static void TestVolumes(void **state) {
  static const struct {
    void (*change)(hid_t file);
    const char *sentence;
  } mistakes[] = {
      {BreakImage,        "vertex 5 is the periodic image of 100000, which is none"},
      {BreakImageOfImage, "vertex 0 is the periodic image of 5, which is none"     },
      {BreakImagePlace,   "vertex 5 is not a whole number of periods away"         },
      {BreakPeriod,       "/vertices/period has no positive period"                },
      {BreakPeriodLost,   "the dataset /vertices/period is missing or damaged"     },
      {BreakOffset,       "/fibres/offset of fibre 0 points beyond /fibres/points" },
      {BreakOrder,        "fibre 0 has fewer than two points"                      },
      {BreakPoint,        "point 1 of fibre 0 is not finite"                       },
      {BreakDiameter,     "fibre 1 needs a positive diameter and number of tubes"  },
      {BreakTubes,        "fibre 0 needs a positive diameter and number of tubes"  },

      {BreakOutside,      "point 2 of the fibres lies outside the mesh"            },
      {BreakSection,      "the dataset /fibres/section is missing or damaged"      },
  };
  const char *path = Scratch("volume.h5");
  (void)state;
  for (size_t k = 0; k < sizeof(mistakes) / sizeof(mistakes[0]); k++) {
    WriteGoodVolume(path);
    if (RankOf(PETSC_COMM_WORLD) == 0) {
      const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
      assert_true(file >= 0);
      mistakes[k].change(file);
      H5Fclose(file);
      CHECK_CALL(LhMeshStampWrite(path));
    }
    MPI_Barrier(PETSC_COMM_WORLD);
    ReadBad(path, mistakes[k].sentence);
  }
  RemoveScratch(path);
}

static void TestCutAndMissing(void **state) {
  const char *path = Scratch("cut.h5");
  (void)state;
  WriteGood(path);
  Bytes good = LoadBytes(path);
  for (size_t size = 0; size < good.size; size += good.size / 40) {
    SaveBytes(path, good.data, size);
    ReadBad(path, size < 512 ? "the mesh file cannot be read: missing, cut short or no HDF5 file"
                             : "the mesh file is damaged or was changed after it was written");
  }
  memset(good.data, 'x', 20);
  SaveBytes(path, good.data, good.size);
  ReadBad(path, "not a lihost mesh: it begins neither with lihost's stamp nor as an HDF5 file");
  free(good.data);
  RemoveScratch(path);
  ReadBad("no_such_file.h5", "the mesh file cannot be read: missing");
}

/// Any flipped bit behind the stamp is seen before HDF5 opens the file.
static void TestFlippedBits(void **state) {
  const char *path = Scratch("flip.h5");
  (void)state;
  WriteGood(path);
  Bytes good = LoadBytes(path);
  for (size_t k = 0; k < 100; k++) {
    const size_t at = 512 + k * (good.size - 513) / 99;
    good.data[at] = (char)(good.data[at] ^ (1 << k % 8));
    SaveBytes(path, good.data, good.size);
    ReadBad(path, "the mesh file is damaged or was changed after it was written");
    good.data[at] = (char)(good.data[at] ^ (1 << k % 8));
  }
  free(good.data);
  RemoveScratch(path);
}

/// With the stamp renewed, the checksums of the datasets still find flipped coordinates.
static void TestFlippedCoordinates(void **state) {
  const char *path = Scratch("sums.h5");
  const double wanted = 110e-6;
  (void)state;
  WriteGood(path);
  Bytes good = LoadBytes(path);
  size_t at = 0;
  while (at + 8 < good.size && memcmp(good.data + at, &wanted, 8)) at++;
  assert_true(at + 8 < good.size);
  for (size_t bit = 0; bit < 64; bit += 5) {
    good.data[at + bit / 8] = (char)(good.data[at + bit / 8] ^ (1 << bit % 8));
    SaveBytes(path, good.data, good.size);
    if (RankOf(PETSC_COMM_WORLD) == 0) CHECK_CALL(LhMeshStampWrite(path));
    MPI_Barrier(PETSC_COMM_WORLD);
    ReadBad(path, "the dataset /vertices/coordinates is damaged: its checksum does not fit");
    good.data[at + bit / 8] = (char)(good.data[at + bit / 8] ^ (1 << bit % 8));
  }
  free(good.data);
  RemoveScratch(path);
}

static void CheckVoxels(const char file[], const char dataset[], const char sentence[]) {
  LhVoxelFieldParams params;
  LhVoxelField field;
  LhDiag diag;
  const char *text;
  snprintf(params.file, sizeof(params.file), "%s", file);
  snprintf(params.dataset, sizeof(params.dataset), "%s", dataset);
  CHECK_CALL(LhDiagCreate(&diag));
  CHECK_CALL(LhVoxelFieldCreate(PETSC_COMM_WORLD, &params, "", diag, &field));
  assert_null(field);
  CHECK_CALL(LhDiagGetText(diag, 0, NULL, &text));
  if (!strstr(text, sentence)) fail_msg("'%s' is not in '%s'", sentence, text);
  CHECK_CALL(LhDiagDestroy(&diag));
}

/// A grid with the attributes but a value that is no number.
static void WriteVoxels(const char path[], PetscBool attributes) {
  const double grid[2][2][2] = {
      {{0.1, 0.2}, {0.3, 0.4}},
      {{0.5, NAN}, {0.7, 0.8}}
  };
  const double triple[3] = {1e-6, 2e-6, 3e-6};
  const hsize_t size[3] = {2, 2, 2}, three = 3;
  if (RankOf(PETSC_COMM_WORLD) == 0) {
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(3, size, NULL), line = H5Screate_simple(1, &three, NULL);
    const hid_t set =
        H5Dcreate2(file, "f", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, grid);
    for (int k = 0; k < (attributes ? 2 : 1); k++) {
      const hid_t attribute =
          H5Acreate2(set, k ? "spacing" : "origin", H5T_IEEE_F64LE, line, H5P_DEFAULT, H5P_DEFAULT);
      H5Awrite(attribute, H5T_NATIVE_DOUBLE, triple);
      H5Aclose(attribute);
    }
    H5Sclose(line);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
  }
  MPI_Barrier(PETSC_COMM_WORLD);
}

static void TestVoxels(void **state) {
  const char *path = Scratch("voxels.h5");
  (void)state;
  CheckVoxels("no_such_file.h5", "f", "the voxel file cannot be read");
  WriteVoxels(path, PETSC_FALSE);
  CheckVoxels(path, "f", "the dataset 'f' needs the attributes origin and spacing");
  WriteVoxels(path, PETSC_TRUE);
  CheckVoxels(path, "g", "the voxel file has no dataset 'g'");
  CheckVoxels(path, "f", "voxel [1][0][1] of the dataset 'f' is not finite");
  WriteGood(path);
  CheckVoxels(path, "/vertices/coordinates", "is not a grid of numbers [z][y][x]");
  RemoveScratch(path);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestMistakes),           cmocka_unit_test(TestVolumes),
    cmocka_unit_test(TestCutAndMissing),      cmocka_unit_test(TestFlippedBits),
    cmocka_unit_test(TestFlippedCoordinates), cmocka_unit_test(TestVoxels),
};
MESH_TEST_MAIN(tests)
