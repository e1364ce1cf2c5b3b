/// @file
/// lihost's own mesh file (HDF5): written by all ranks by id, read on rank 0.
///
/// Layout, version 1, or 2 when the mesh is periodic or has fibres (rows are ids, so that the file does not depend on
/// the partition):
///
///     first 512 bytes         a line of text with the hash of the rest (mesh_stamp.h)
///     /                       attributes lihost_mesh_version (int), vertices_per_cell (8 or 4)
///     /cells/vertices         [cell][8 or 4] vertex ids, VTK order
///     /cells/region           [cell] row of /regions/names
///     /vertices/coordinates   [vertex][3] [m]
///     /regions/names          [region] text
///     /surfaces/names         [surface] text; without the surfaces between regions, which are found again
///     /surfaces/faces         [face][3] row of /surfaces/names, cell id, side of the cell (cell_shape.c)
///     /vertices/image         [vertex] id of the vertex it is the periodic image of, or its own (periodic meshes)
///     /vertices/period        [3] [m], 0 where not periodic (periodic meshes)
///     /fibres/offset          [fibre + 1] first point of each polyline (meshes with fibres)
///     /fibres/points          [point][3] unwrapped [m]
///     /fibres/section         [fibre][3] diameter of a tube [m], number of tubes, thickness of its coat [m]
///
/// Every dataset is chunked and carries Fletcher32 checksums; without the 512 bytes (a file of another program) they
/// are all there is. Written beside and renamed: a reader never
/// sees half a file. On a full disk parallel HDF5 hangs in its close, so space is asked for before, and
/// any later failure aborts with a sentence.
#include <hdf5.h>
#include <petscsf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/atomic_file.h"
#include "mesh/mesh_file.h"
#include "mesh/mesh_private.h"
#include "mesh/mesh_stamp.h"

#define CHUNK_ROWS 65536

static hid_t NativeInt(void) {
  return sizeof(PetscInt) == 8 ? H5T_NATIVE_INT64 : H5T_NATIVE_INT32;
}

// ---- writing ------------------------------------------------------------------------------------

typedef struct {
  MPI_Comm comm;
  const char *path;
  hid_t file;
} Writer;

/// Never returns: closing a parallel HDF5 file after a failed write can hang.
static void AbortWrite(const Writer *writer, const char what[]) {
  (*PetscErrorPrintf)("%s: writing %s failed (disk full or not writable?)\n", writer->path, what);
  MPI_Abort(writer->comm, LH_EXIT_IO);
}

/// Rows of one rank of a dataset [total][columns].
typedef struct {
  const char *name;
  hid_t type;
  hsize_t total, first, count, columns;  ///< columns 0: a plain list
  const void *data;
} Rows;

static hid_t CreateDataset(const Writer *writer, const Rows *rows) {
  const hsize_t size[2] = {rows->total, rows->columns};
  const hsize_t chunk[2] = {PetscMax(1, PetscMin(rows->total, CHUNK_ROWS)), rows->columns};
  const int rank = rows->columns ? 2 : 1;
  const hid_t space = H5Screate_simple(rank, size, NULL), property = H5Pcreate(H5P_DATASET_CREATE);

  H5Pset_chunk(property, rank, chunk);
  H5Pset_fletcher32(property);
  const hid_t set =
      H5Dcreate2(writer->file, rows->name, rows->type, space, H5P_DEFAULT, property, H5P_DEFAULT);
  H5Pclose(property);
  H5Sclose(space);
  if (set < 0) AbortWrite(writer, rows->name);
  return set;
}

static void WriteRows(const Writer *writer, const Rows *rows) {
  const hsize_t start[2] = {rows->first, 0}, count[2] = {rows->count, rows->columns};
  const int rank = rows->columns ? 2 : 1;
  const hid_t set = CreateDataset(writer, rows), space = H5Dget_space(set);
  const hid_t memory = H5Screate_simple(rank, count, NULL), transfer = H5Pcreate(H5P_DATASET_XFER);

  H5Pset_dxpl_mpio(transfer, H5FD_MPIO_COLLECTIVE);
  if (rows->count)
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
  else {
    H5Sselect_none(space);
    H5Sselect_none(memory);
  }
  if (rows->total && H5Dwrite(set, rows->type, memory, space, transfer, rows->data) < 0) {
    AbortWrite(writer, rows->name);
  }
  H5Pclose(transfer);
  H5Sclose(memory);
  H5Sclose(space);
  H5Dclose(set);
}

/// Names are short and on every rank: rank 0 writes them, the others take part with no rows.
static void WriteNames(const Writer *writer, const char path[], PetscInt n,
                       char names[][LH_NAME_MAX]) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  PetscMPIInt rank;
  H5Tset_size(type, LH_NAME_MAX);
  MPI_Comm_rank(writer->comm, &rank);
  const Rows rows = {path, type, (hsize_t)n, 0, rank ? 0 : (hsize_t)n, 0, names};
  WriteRows(writer, &rows);
  H5Tclose(type);
}

static void WriteAttribute(const Writer *writer, const char name[], int value) {
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute =
      H5Acreate2(writer->file, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0 || H5Awrite(attribute, H5T_NATIVE_INT, &value) < 0) AbortWrite(writer, name);
  H5Aclose(attribute);
  H5Sclose(space);
}

/// Carries rows known by id to the rank that writes that id: equal blocks of ids.
typedef struct {
  PetscSF sf;
  PetscInt first, count, total;
} ById;

static PetscErrorCode ByIdCreate(MPI_Comm comm, PetscInt total, PetscInt num, const PetscInt id[],
                                 ById *by) {
  PetscLayout layout;

  PetscFunctionBeginUser;
  by->total = total;
  PetscCall(PetscLayoutCreateFromSizes(comm, PETSC_DECIDE, total, 1, &layout));
  PetscCall(PetscLayoutGetRange(layout, &by->first, &by->count));
  by->count -= by->first;
  PetscCall(PetscSFCreate(comm, &by->sf));
  PetscCall(PetscSFSetGraphLayout(by->sf, layout, num, NULL, PETSC_COPY_VALUES, id));
  PetscCall(PetscLayoutDestroy(&layout));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Writes `columns` values of base type `unit` a row; `size` is the bytes of one value.
static PetscErrorCode WriteById(const Writer *writer, const ById *by, Rows rows, MPI_Datatype unit,
                                size_t size) {
  const PetscMPIInt columns = (PetscMPIInt)PetscMax(rows.columns, 1);
  MPI_Datatype row_type;
  char *buffer;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Type_contiguous(columns, unit, &row_type));
  PetscCallMPI(MPI_Type_commit(&row_type));
  PetscCall(PetscMalloc1((size_t)by->count * columns * size, &buffer));
  PetscCall(PetscSFReduceBegin(by->sf, row_type, rows.data, buffer, MPI_REPLACE));
  PetscCall(PetscSFReduceEnd(by->sf, row_type, rows.data, buffer, MPI_REPLACE));
  rows.data = buffer;
  rows.total = (hsize_t)by->total;
  rows.first = (hsize_t)by->first;
  rows.count = (hsize_t)by->count;
  WriteRows(writer, &rows);
  PetscCall(PetscFree(buffer));
  PetscCallMPI(MPI_Type_free(&row_type));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteCells(const Writer *writer, LhMesh mesh) {
  const LhMeshView *view = &mesh->view;
  const size_t corners = (size_t)view->num_cells * view->vertices_per_cell;
  PetscInt *ids;
  ById by;

  PetscFunctionBeginUser;
  PetscCall(ByIdCreate(view->comm, view->num_global_cells, view->num_cells, view->cell_id, &by));
  PetscCall(PetscMalloc1(corners, &ids));
  for (size_t k = 0; k < corners; k++) ids[k] = view->vertex_id[view->cell_vertices[k]];
  Rows rows = {
      .name = "/cells/vertices", .type = NativeInt(), .columns = (hsize_t)view->vertices_per_cell};
  rows.data = ids;
  PetscCall(WriteById(writer, &by, rows, MPIU_INT, sizeof(PetscInt)));
  rows = (Rows){.name = "/cells/region", .type = NativeInt(), .data = view->cell_region};
  PetscCall(WriteById(writer, &by, rows, MPIU_INT, sizeof(PetscInt)));
  PetscCall(PetscFree(ids));
  PetscCall(PetscSFDestroy(&by.sf));
  PetscCall(ByIdCreate(view->comm, view->num_global_vertices, view->num_owned_vertices,
                       view->vertex_id, &by));
  rows = (Rows){.name = "/vertices/coordinates", .type = H5T_NATIVE_DOUBLE, .columns = 3};
  rows.data = view->coords;
  PetscCall(WriteById(writer, &by, rows, MPIU_REAL, sizeof(PetscReal)));
  PetscCall(PetscSFDestroy(&by.sf));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteFaces(const Writer *writer, LhMesh mesh) {
  const LhMeshPart *part = &mesh->part;
  PetscInt n = 0, first = 0, total = 0, *faces;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(3 * (size_t)part->num_faces, &faces));
  for (PetscInt f = 0; f < part->num_faces; f++) {
    if (part->face_surface[f] >= mesh->header.names.num_given_surfaces) continue;
    faces[3 * n] = part->face_surface[f];
    faces[3 * n + 1] = part->cell_id[part->face_cell[f]];
    faces[3 * n++ + 2] = part->face_side[f];
  }
  PetscCallMPI(MPI_Scan(&n, &first, 1, MPIU_INT, MPI_SUM, writer->comm));
  PetscCallMPI(MPI_Allreduce(&n, &total, 1, MPIU_INT, MPI_SUM, writer->comm));
  const Rows rows = {"/surfaces/faces", NativeInt(), (hsize_t)total, (hsize_t)(first - n),
                     (hsize_t)n,        3,           faces};
  WriteRows(writer, &rows);
  PetscCall(PetscFree(faces));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Rows that every rank has: rank 0 writes them, the others take part with none.
static void WriteShared(const Writer *writer, const char path[], hid_t type, PetscInt n,
                        PetscInt columns, const void *data) {
  PetscMPIInt rank;
  MPI_Comm_rank(writer->comm, &rank);
  const Rows rows = {path, type, (hsize_t)n, 0, rank ? 0 : (hsize_t)n, (hsize_t)columns, data};
  WriteRows(writer, &rows);
}

static PetscErrorCode WriteImages(const Writer *writer, LhMesh mesh) {
  const LhMeshView *view = &mesh->view;
  const Rows rows = {.name = "/vertices/image", .type = NativeInt(), .data = view->vertex_image};
  ById by;

  PetscFunctionBeginUser;
  if (!view->vertex_image) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(
      ByIdCreate(view->comm, view->num_global_vertices, view->num_vertices, view->vertex_id, &by));
  PetscCall(WriteById(writer, &by, rows, MPIU_INT, sizeof(PetscInt)));
  PetscCall(PetscSFDestroy(&by.sf));
  WriteShared(writer, "/vertices/period", H5T_NATIVE_DOUBLE, 3, 0, view->period);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode WriteFibres(const Writer *writer, LhMesh mesh) {
  const LhFibres *fibres;
  PetscReal *section;

  PetscFunctionBeginUser;
  PetscCall(LhMeshGetFibres(mesh, &fibres));
  if (!fibres) PetscFunctionReturn(PETSC_SUCCESS);
  const PetscInt n = fibres->num_fibres;
  PetscCall(PetscMalloc1(3 * (size_t)n, &section));
  for (PetscInt f = 0; f < n; f++) {
    section[3 * f] = fibres->diameter[f];
    section[3 * f + 1] = fibres->tubes[f];
    section[3 * f + 2] = fibres->coat[f];
  }
  H5Gclose(H5Gcreate2(writer->file, "/fibres", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  WriteShared(writer, "/fibres/offset", NativeInt(), n + 1, 0, fibres->offset);
  WriteShared(writer, "/fibres/points", H5T_NATIVE_DOUBLE, fibres->offset[n], 3, fibres->points);
  WriteShared(writer, "/fibres/section", H5T_NATIVE_DOUBLE, n, 3, section);
  PetscCall(PetscFree(section));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Refuses before anything is opened when the folder is missing or has no room. Collective.
static PetscErrorCode CheckSpace(LhMesh mesh, const char path[]) {
  const LhMeshView *view = &mesh->view;
  char folder[PETSC_MAX_PATH_LEN];
  PetscMPIInt rank;
  int state = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(view->comm, &rank));
  if (rank == 0) {
    struct statvfs disk;
    PetscCall(PetscStrncpy(folder, path, sizeof(folder)));
    char *slash = strrchr(folder, '/');
    if (slash) slash[1] = '\0';
    const double needed =
        1e6 + sizeof(PetscInt) * (view->vertices_per_cell + 4.) * view->num_global_cells +
        24. * view->num_global_vertices;
    if (statvfs(slash ? folder : ".", &disk))
      state = 1;
    else if ((double)disk.f_bavail * (double)disk.f_frsize < 1.2 * needed)
      state = 2;
  }
  PetscCallMPI(MPI_Bcast(&state, 1, MPI_INT, 0, view->comm));
  PetscCheck(state != 1, view->comm, PETSC_ERR_FILE_OPEN, "%s: the folder does not exist", path);
  PetscCheck(state != 2, view->comm, PETSC_ERR_FILE_WRITE, "%s: the disk has no room for the mesh",
             path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static hid_t OpenForWriting(MPI_Comm comm, const char path[]) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL);
  H5Pset_userblock(creation, LH_MESH_STAMP_SIZE);
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
  H5Pclose(creation);
  H5Pclose(access);
  for (int k = 0; file >= 0 && k < 4; k++) {
    static const char *const groups[] = {"/cells", "/vertices", "/regions", "/surfaces"};
    H5Gclose(H5Gcreate2(file, groups[k], H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  return file;
}

/// Stamps, syncs and renames on rank 0. Collective.
static PetscErrorCode PutInPlace(MPI_Comm comm, const char beside[], const char path[]) {
  PetscMPIInt rank;
  int failed = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) failed = LhMeshStampWrite(beside) || LhAtomicReplace(beside, path);
  PetscCallMPI(MPI_Bcast(&failed, 1, MPI_INT, 0, comm));
  PetscCheck(!failed, comm, PETSC_ERR_FILE_WRITE, "%s: cannot be put in place", path);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshWrite(LhMesh mesh, const char path[]) {
  LhMeshNames *names = &mesh->header.names;
  Writer writer = {.comm = mesh->view.comm, .path = path};
  char beside[PETSC_MAX_PATH_LEN];

  PetscFunctionBeginUser;
  PetscCall(CheckSpace(mesh, path));
  PetscCall(PetscSNPrintf(beside, sizeof(beside), "%s.part", path));
  writer.file = OpenForWriting(writer.comm, beside);
  if (writer.file < 0) AbortWrite(&writer, "the file");
  WriteAttribute(&writer, "lihost_mesh_version",
                 mesh->fibres || mesh->view.vertex_image ? LH_MESH_FILE_VERSION : 1);
  WriteAttribute(&writer, "vertices_per_cell", (int)mesh->view.vertices_per_cell);
  PetscCall(WriteCells(&writer, mesh));
  WriteNames(&writer, "/regions/names", names->num_regions, names->regions);
  WriteNames(&writer, "/surfaces/names", names->num_given_surfaces, names->surfaces);
  PetscCall(WriteFaces(&writer, mesh));
  PetscCall(WriteImages(&writer, mesh));
  PetscCall(WriteFibres(&writer, mesh));
  if (H5Fclose(writer.file) < 0) AbortWrite(&writer, "the end of the file");
  PetscCall(PutInPlace(writer.comm, beside, path));
  PetscFunctionReturn(PETSC_SUCCESS);
}
