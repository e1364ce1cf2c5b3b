/// @file
/// Reads lihost's own mesh file; the layout is in mesh_hdf5.c. Trusts no number of the file.
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/mesh_file.h"
#include "mesh/mesh_stamp.h"

static hid_t NativeInt(void) {
  return sizeof(PetscInt) == 8 ? H5T_NATIVE_INT64 : H5T_NATIVE_INT32;
}

typedef struct {
  hid_t file;
  LhMeshProblems *problems;
} Reader;

/// Reads an integer attribute of the file; -1 when there is none.
static int ReadAttribute(hid_t file, const char name[]) {
  int value = -1;
  if (H5Aexists(file, name) <= 0) return -1;
  const hid_t attribute = H5Aopen(file, name, H5P_DEFAULT), space = H5Aget_space(attribute);
  const hid_t type = H5Aget_type(attribute);
  const PetscBool fits =
      (PetscBool)(H5Sget_simple_extent_npoints(space) == 1 && H5Tget_class(type) == H5T_INTEGER);
  if (!fits || H5Aread(attribute, H5T_NATIVE_INT, &value) < 0) value = -1;
  H5Tclose(type);
  H5Sclose(space);
  H5Aclose(attribute);
  return value;
}

/// Opens a dataset of `columns` columns (0: a plain list) and a class of type; its rows, or -1 after a problem.
static hid_t OpenRows(Reader *reader, const char path[], PetscInt columns, H5T_class_t class,
                      PetscInt *rows) {
  const hid_t set = H5Dopen2(reader->file, path, H5P_DEFAULT);
  hsize_t size[H5S_MAX_RANK] = {0};

  *rows = -1;
  if (set < 0) {
    LhMeshProblemAdd(reader->problems, 0, "the dataset %s is missing or damaged", path);
    return -1;
  }
  const hid_t space = H5Dget_space(set), type = H5Dget_type(set);
  const int rank = H5Sget_simple_extent_dims(space, size, NULL);
  const size_t item = H5Tget_size(type);
  const hsize_t needed = size[0] * (hsize_t)PetscMax(columns, 1) * item;
  if (rank != (columns ? 2 : 1) || (columns && size[1] != (hsize_t)columns) ||
      H5Tget_class(type) != class) {
    LhMeshProblemAdd(reader->problems, 0,
                     "the dataset %s does not have the shape or type of a lihost mesh", path);
  } else if (size[0] > PETSC_MAX_INT / 32 || H5Dget_storage_size(set) < needed) {
    LhMeshProblemAdd(reader->problems, 0,
                     "the dataset %s announces %llu rows, more than the file holds", path,
                     (unsigned long long)size[0]);
  } else
    *rows = (PetscInt)size[0];
  H5Tclose(type);
  H5Sclose(space);
  if (*rows < 0) H5Dclose(set);
  return *rows < 0 ? -1 : set;
}

/// Reads and closes what OpenRows opened.
static void ReadRows(Reader *reader, const char path[], hid_t set, hid_t type, void *data) {
  if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) {
    LhMeshProblemAdd(reader->problems, 0, "the dataset %s is damaged: its checksum does not fit",
                     path);
  }
  H5Dclose(set);
}

static PetscErrorCode ReadNames(Reader *reader, const char path[], PetscInt max,
                                char names[][LH_NAME_MAX], PetscInt *n) {
  PetscInt rows;

  PetscFunctionBeginUser;
  const hid_t set = OpenRows(reader, path, 0, H5T_STRING, &rows);
  if (set < 0) PetscFunctionReturn(PETSC_SUCCESS);
  if (rows > max) {
    LhMeshProblemAdd(reader->problems, 0,
                     "the dataset %s has %" PetscInt_FMT " names, more than %" PetscInt_FMT, path,
                     rows, max);
    H5Dclose(set);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, LH_NAME_MAX);
  ReadRows(reader, path, set, type, names);
  H5Tclose(type);
  for (PetscInt i = 0; i < rows; i++) names[i][LH_NAME_MAX - 1] = '\0';
  *n = rows;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadCells(Reader *reader, LhRawMesh *raw) {
  static const char *const paths[3] = {"/cells/vertices", "/cells/region", "/vertices/coordinates"};
  const PetscInt n = LhCellShapeGet(raw->cell_type)->vertices;
  PetscInt rows[3];
  hid_t set[3];

  PetscFunctionBeginUser;
  set[0] = OpenRows(reader, paths[0], n, H5T_INTEGER, &rows[0]);
  set[1] = OpenRows(reader, paths[1], 0, H5T_INTEGER, &rows[1]);
  set[2] = OpenRows(reader, paths[2], 3, H5T_FLOAT, &rows[2]);
  if (!reader->problems->n && rows[0] != rows[1]) {
    LhMeshProblemAdd(reader->problems, 0, "%s and %s differ in length", paths[0], paths[1]);
  }
  if (reader->problems->n) {
    for (PetscInt k = 0; k < 3; k++) {
      if (set[k] >= 0) H5Dclose(set[k]);
    }
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhRawMeshAllocate(raw, rows[0], rows[2]));
  ReadRows(reader, paths[0], set[0], NativeInt(), raw->cells);
  ReadRows(reader, paths[1], set[1], NativeInt(), raw->region);
  ReadRows(reader, paths[2], set[2], H5T_NATIVE_DOUBLE, raw->coords);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Every index points at something, and every vertex is used.
static PetscErrorCode CheckCells(const LhRawMesh *raw, LhMeshProblems *problems) {
  const PetscInt n = LhCellShapeGet(raw->cell_type)->vertices;
  PetscInt unused = raw->num_vertices;
  PetscBool *used;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(raw->num_vertices, &used));
  for (PetscInt c = 0; c < raw->num_cells && !problems->n; c++) {
    if (raw->region[c] < 0 || raw->region[c] >= raw->names.num_regions) {
      LhMeshProblemAdd(problems, 0,
                       "cell %" PetscInt_FMT " is of region %" PetscInt_FMT ", which has no name",
                       c, raw->region[c]);
    }
    for (PetscInt k = 0; k < n && !problems->n; k++) {
      const PetscInt v = raw->cells[(size_t)c * n + k];
      if (v < 0 || v >= raw->num_vertices) {
        LhMeshProblemAdd(
            problems, 0,
            "cell %" PetscInt_FMT " refers to vertex %" PetscInt_FMT ", which is not there", c, v);
      } else {
        unused -= !used[v];
        used[v] = PETSC_TRUE;
      }
    }
  }
  if (!problems->n && unused) {
    LhMeshProblemAdd(problems, 0, "%" PetscInt_FMT " vertices belong to no cell", unused);
  }
  PetscCall(PetscFree(used));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int CompareFaces(const void *left, const void *right) {
  const PetscInt *a = left, *b = right;
  for (int k = 0; k < 3; k++) {
    if (a[k] != b[k]) return a[k] < b[k] ? -1 : 1;
  }
  return 0;
}

static void TakeFaces(LhRawMesh *raw, const PetscInt faces[], LhMeshProblems *problems) {
  const PetscInt sides = LhCellShapeGet(raw->cell_type)->sides;
  for (PetscInt f = 0; f < raw->num_faces && !problems->n; f++) {
    const PetscInt *face = faces + 3 * (size_t)f;
    if (face[0] < 0 || face[0] >= raw->names.num_surfaces || face[1] < 0 ||
        face[1] >= raw->num_cells || face[2] < 0 || face[2] >= sides) {
      LhMeshProblemAdd(problems, 0,
                       "/surfaces/faces lists side %" PetscInt_FMT " of cell %" PetscInt_FMT
                       " for surface %" PetscInt_FMT ", which does not exist",
                       face[2], face[1], face[0]);
    }
    raw->face_surface[f] = face[0];
    raw->face_cell[f] = face[1];
    raw->face_side[f] = face[2];
  }
}

/// Ranks wrote their faces one after the other: sorting makes the mesh independent of their number.
static PetscErrorCode ReadFaces(Reader *reader, LhRawMesh *raw) {
  PetscInt rows, *faces;

  PetscFunctionBeginUser;
  const hid_t set = OpenRows(reader, "/surfaces/faces", 3, H5T_INTEGER, &rows);
  if (set < 0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(3 * (size_t)rows, &faces));
  PetscCall(LhRawMeshAllocateFaces(raw, rows));
  ReadRows(reader, "/surfaces/faces", set, NativeInt(), faces);
  if (!reader->problems->n) {
    qsort(faces, (size_t)rows, 3 * sizeof(PetscInt), CompareFaces);
    TakeFaces(raw, faces, reader->problems);
  }
  PetscCall(PetscFree(faces));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Reads `rows` rows when the dataset has as many.
static void ReadExactly(Reader *reader, const char path[], PetscInt columns, PetscInt expected,
                        hid_t type, void *data) {
  const H5T_class_t class = H5Tget_class(type);
  PetscInt rows;
  const hid_t set = OpenRows(reader, path, columns, class, &rows);

  if (set < 0) return;
  if (rows == expected) {
    ReadRows(reader, path, set, type, data);
    return;
  }
  LhMeshProblemAdd(reader->problems, 0,
                   "the dataset %s has %" PetscInt_FMT " rows instead of %" PetscInt_FMT, path,
                   rows, expected);
  H5Dclose(set);
}

static PetscErrorCode ReadImages(Reader *reader, LhRawMesh *raw) {
  PetscFunctionBeginUser;
  if (H5Lexists(reader->file, "/vertices/image", H5P_DEFAULT) <= 0)
    PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(raw->num_vertices, &raw->image));
  ReadExactly(reader, "/vertices/image", 0, raw->num_vertices, NativeInt(), raw->image);
  ReadExactly(reader, "/vertices/period", 0, 3, H5T_NATIVE_DOUBLE, raw->period);
  if (raw->period[0] >= 0. && raw->period[1] >= 0. && raw->period[2] >= 0. &&
      raw->period[0] + raw->period[1] + raw->period[2] > 0.)
    PetscFunctionReturn(PETSC_SUCCESS);
  LhMeshProblemAdd(reader->problems, 0, "/vertices/period has no positive period");
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Number of rows of a list, -1 after a problem.
static PetscInt CountRows(Reader *reader, const char path[], PetscInt columns, H5T_class_t class) {
  PetscInt rows;
  const hid_t set = OpenRows(reader, path, columns, class, &rows);
  if (set >= 0) H5Dclose(set);
  return rows;
}

static PetscErrorCode ReadFibres(Reader *reader, LhRawMesh *raw) {
  LhFibreArrays *fibres = &raw->fibres;
  PetscReal *section;

  PetscFunctionBeginUser;
  if (H5Lexists(reader->file, "/fibres", H5P_DEFAULT) <= 0) PetscFunctionReturn(PETSC_SUCCESS);
  const PetscInt n = CountRows(reader, "/fibres/offset", 0, H5T_INTEGER) - 1;
  const PetscInt points = CountRows(reader, "/fibres/points", 3, H5T_FLOAT);
  if (n < 1 || points < 2) {
    LhMeshProblemAdd(reader->problems, 0, "/fibres has no fibres or no points");
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCall(LhFibreArraysAllocate(n, points, fibres));
  PetscCall(PetscCalloc1(3 * (size_t)n, &section));
  ReadExactly(reader, "/fibres/offset", 0, n + 1, NativeInt(), fibres->offset);
  ReadExactly(reader, "/fibres/points", 3, points, H5T_NATIVE_DOUBLE, fibres->points);
  ReadExactly(reader, "/fibres/section", 3, n, H5T_NATIVE_DOUBLE, section);
  for (PetscInt f = 0; f < n; f++) {
    fibres->diameter[f] = section[3 * f];
    fibres->tubes[f] = section[3 * f + 1];
    fibres->coat[f] = section[3 * f + 2];
  }
  PetscCall(PetscFree(section));
  for (PetscInt f = 0; f < n && !reader->problems->n; f++) {
    if (fibres->offset[f] >= 0 && fibres->offset[f + 1] <= points) continue;
    LhMeshProblemAdd(reader->problems, 0,
                     "/fibres/offset of fibre %" PetscInt_FMT " points beyond /fibres/points", f);
  }
  if (reader->problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  const LhFibresSpec spec = LhFibreArraysBorrow(fibres);
  LhFibresCheck(&spec, reader->problems);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadMesh(Reader *reader, LhRawMesh *raw) {
  LhMeshProblems *problems = reader->problems;
  LhMeshNames *names = &raw->names;
  const int version = ReadAttribute(reader->file, "lihost_mesh_version");
  const int corners = ReadAttribute(reader->file, "vertices_per_cell");

  PetscFunctionBeginUser;
  if (version < 0)
    LhMeshProblemAdd(problems, 0, "not a lihost mesh: it has no attribute lihost_mesh_version");
  else if (version < 1 || version > LH_MESH_FILE_VERSION) {
    LhMeshProblemAdd(problems, 0,
                     "the mesh has layout version %d; this lihost reads versions 1 to %d", version,
                     LH_MESH_FILE_VERSION);
  } else if (corners != 8 && corners != 4) {
    LhMeshProblemAdd(problems, 0, "cells of %d vertices are not known, only 8 (hex8) and 4 (tet4)",
                     corners);
  }
  if (problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  raw->cell_type = corners == 8 ? LH_CELL_HEX8 : LH_CELL_TET4;
  PetscCall(ReadNames(reader, "/regions/names", LH_MESH_REGIONS_MAX, names->regions,
                      &names->num_regions));
  PetscCall(ReadNames(reader, "/surfaces/names", LH_MESH_SURFACES_MAX, names->surfaces,
                      &names->num_surfaces));
  for (PetscInt r = 0; r < names->num_regions; r++) names->costs[r] = 1.;
  PetscCall(ReadCells(reader, raw));
  if (!problems->n) PetscCall(CheckCells(raw, problems));
  if (!problems->n) PetscCall(ReadFaces(reader, raw));
  if (!problems->n) PetscCall(ReadImages(reader, raw));
  if (!problems->n) PetscCall(ReadFibres(reader, raw));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshBuildHdf5(const void *path, LhRawMesh *raw, LhMeshProblems *problems) {
  H5E_auto2_t print;
  void *data;

  PetscFunctionBeginUser;
  PetscCall(LhMeshStampCheck(path, problems));
  if (problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  H5Eget_auto2(H5E_DEFAULT, &print, &data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);  // our sentences instead of HDF5's stack
  Reader reader = {H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), problems};
  if (reader.file < 0) {
    LhMeshProblemAdd(problems, 0, "the mesh file is not readable as HDF5");
  } else {
    PetscCall(ReadMesh(&reader, raw));
    H5Fclose(reader.file);
  }
  H5Eset_auto2(H5E_DEFAULT, print, data);
  PetscFunctionReturn(PETSC_SUCCESS);
}
