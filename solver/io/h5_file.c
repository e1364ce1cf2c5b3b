/// @file
/// Owns every HDF5 call of the io layer: creation, checksummed datasets, attributes, links, closing.
///
/// libver stays at `earliest` so that old readers open the files. Must never close a file after an error.
#include "io/h5_file.h"

#include <stdio.h>
#include <string.h>

#include "io/output_impl.h"

struct _n_LhH5File {
  MPI_Comm comm;
  PetscMPIInt rank;
  hid_t id;
  char path[PETSC_MAX_PATH_LEN];
  char part[PETSC_MAX_PATH_LEN];  // name while it is being written, empty when it is read
  char advice[256];
  LhH5Seal seal;
  void *seal_context;
  H5E_auto2_t print_errors;  // the process's setting, put back at the end
  void *print_data;
};

static herr_t TakeFirst(unsigned n, const H5E_error2_t *error, void *text) {
  if (n == 0) snprintf(text, 256, "%s", error->desc);
  return 0;
}

// Passes a good return value through; a negative one ends the run.
static hid_t Must(LhH5File file, hid_t value) {
  if (value >= 0) return value;
  char why[256] = "";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, TakeFirst, why);
  LhOutputFail(file->comm, "cannot %s %s: %s%s", file->part[0] ? "write" : "read", file->path, why,
               file->advice);
}

static PetscErrorCode OpenParallel(LhH5File file, PetscInt seal_size) {
  PetscFunctionBeginUser;
  const hid_t create = Must(file, H5Pcreate(H5P_FILE_CREATE));
  Must(file, H5Pset_userblock(create, (hsize_t)seal_size));
  const hid_t access = Must(file, H5Pcreate(H5P_FILE_ACCESS));
  Must(file, H5Pset_fapl_mpio(access, file->comm, MPI_INFO_NULL));
  Must(file, H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST));
  Must(file, H5Pset_coll_metadata_write(access, 1));
  file->id = Must(file, H5Fcreate(file->part, H5F_ACC_TRUNC, create, access));
  Must(file, H5Pclose(access));
  Must(file, H5Pclose(create));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode NewFile(MPI_Comm comm, const char path[], LhH5File *new_file) {
  LhH5File file;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&file));
  file->comm = comm;
  PetscCallMPI(MPI_Comm_rank(comm, &file->rank));
  PetscCall(PetscStrncpy(file->path, path, sizeof(file->path)));
  H5Eget_auto2(H5E_DEFAULT, &file->print_errors, &file->print_data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  *new_file = file;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5FileCreateSealed(MPI_Comm comm, const char path[], PetscInt size,
                                    LhH5File *new_file) {
  LhH5File file;

  PetscFunctionBeginUser;
  PetscCall(NewFile(comm, path, &file));
  PetscCall(PetscSNPrintf(file->part, sizeof(file->part), "%s.part", path));
  // A process of a killed run that still writes must not reach the new file: it keeps the old one.
  if (file->rank == 0) (void)remove(file->part);
  PetscCallMPI(MPI_Barrier(comm));
  PetscCall(OpenParallel(file, size));
  *new_file = file;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5FileCreate(MPI_Comm comm, const char path[], LhH5File *new_file) {
  PetscFunctionBeginUser;
  PetscCall(LhH5FileCreateSealed(comm, path, 0, new_file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5FileSetSeal(LhH5File file, LhH5Seal seal, void *context) {
  PetscFunctionBeginUser;
  file->seal = seal;
  file->seal_context = context;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5FileSetAdvice(LhH5File file, const char advice[]) {
  PetscFunctionBeginUser;
  PetscCall(PetscSNPrintf(file->advice, sizeof(file->advice), "; %s", advice));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5FileOpen(MPI_Comm comm, const char path[], LhH5File *new_file) {
  LhH5File file;

  PetscFunctionBeginUser;
  PetscCall(NewFile(comm, path, &file));
  const hid_t access = Must(file, H5Pcreate(H5P_FILE_ACCESS));
  Must(file, H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL));
  file->id = Must(file, H5Fopen(path, H5F_ACC_RDONLY, access));
  Must(file, H5Pclose(access));
  *new_file = file;
  PetscFunctionReturn(PETSC_SUCCESS);
}

hid_t LhH5FileRoot(LhH5File file) {
  return file->id;
}

static PetscErrorCode Publish(LhH5File file) {
  PetscFunctionBeginUser;
  if (file->seal) PetscCall(file->seal(file->comm, file->part, file->seal_context));
  if (file->rank == 0) {
    PetscCall(LhQuietBegin());
    PetscCall(LhQuietEnd(file->comm, file->path, LhAtomicReplace(file->part, file->path)));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5FileClose(LhH5File *file) {
  PetscFunctionBeginUser;
  Must(*file, H5Fclose((*file)->id));
  H5Eset_auto2(H5E_DEFAULT, (*file)->print_errors, (*file)->print_data);
  PetscCallMPI(MPI_Barrier((*file)->comm));
  if ((*file)->part[0]) PetscCall(Publish(*file));
  PetscCallMPI(MPI_Barrier((*file)->comm));
  PetscCall(PetscFree(*file));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5GroupOpen(LhH5File file, const char path[], hid_t *group) {
  PetscFunctionBeginUser;
  const hid_t link = Must(file, H5Pcreate(H5P_LINK_CREATE));
  Must(file, H5Pset_create_intermediate_group(link, 1));
  *group = Must(file, H5Gcreate2(file->id, path, link, H5P_DEFAULT, H5P_DEFAULT));
  Must(file, H5Pclose(link));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5GroupClose(LhH5File file, hid_t *group) {
  PetscFunctionBeginUser;
  Must(file, H5Gclose(*group));
  *group = H5I_INVALID_HID;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static hid_t CreateDataset(LhH5File file, hid_t group, const LhH5Rows *rows) {
  const hsize_t n = (hsize_t)rows->num_rows, w = (hsize_t)rows->width;
  const hsize_t chunk_rows = PetscMin(n, LH_H5_CHUNK_ROWS);
  const int rank = (int)rows->rank;
  const hsize_t size[2] = {rank == 1 ? n * w : n, w};
  const hsize_t chunk[2] = {rank == 1 ? chunk_rows * w : chunk_rows, w};
  const hid_t space = Must(file, H5Screate_simple(rank, size, NULL));
  const hid_t create = Must(file, H5Pcreate(H5P_DATASET_CREATE));
  Must(file, H5Pset_chunk(create, rank, chunk));
  Must(file, H5Pset_fletcher32(create));
  const hid_t data = Must(
      file, H5Dcreate2(group, rows->name, rows->type, space, H5P_DEFAULT, create, H5P_DEFAULT));
  Must(file, H5Pclose(create));
  Must(file, H5Sclose(space));
  return data;
}

// A rank without rows takes part in the collective write with an empty selection.
static void SelectRows(LhH5File file, hid_t data, const LhH5Rows *rows, hid_t *memory,
                       hid_t *in_file) {
  const hsize_t w = (hsize_t)rows->width;
  const hsize_t scale = rows->rank == 1 ? w : 1;
  const hsize_t start[2] = {(hsize_t)rows->first * scale, 0};
  const hsize_t count[2] = {(hsize_t)rows->count * scale, w};
  const hsize_t empty[2] = {1, w};

  *in_file = Must(file, H5Dget_space(data));
  *memory = Must(file, H5Screate_simple((int)rows->rank, rows->count ? count : empty, NULL));
  if (rows->count) {
    Must(file, H5Sselect_hyperslab(*in_file, H5S_SELECT_SET, start, NULL, count, NULL));
  } else {
    Must(file, H5Sselect_none(*in_file));
    Must(file, H5Sselect_none(*memory));
  }
}

PetscErrorCode LhH5RowsWrite(LhH5File file, hid_t group, const LhH5Rows *rows) {
  const char dummy[8] = {0};  // HDF5 refuses a null buffer even for an empty selection
  hid_t memory, in_file;

  PetscFunctionBeginUser;
  const hid_t data = CreateDataset(file, group, rows);
  if (rows->unit) PetscCall(LhH5AttributeText(file, data, "unit", rows->unit));
  if (rows->meaning) PetscCall(LhH5AttributeText(file, data, "meaning", rows->meaning));
  SelectRows(file, data, rows, &memory, &in_file);
  const hid_t transfer = Must(file, H5Pcreate(H5P_DATASET_XFER));
  Must(file, H5Pset_dxpl_mpio(transfer, H5FD_MPIO_COLLECTIVE));  // filters need collective writes
  Must(file,
       H5Dwrite(data, rows->type, memory, in_file, transfer, rows->count ? rows->values : dummy));
  Must(file, H5Pclose(transfer));
  Must(file, H5Sclose(memory));
  Must(file, H5Sclose(in_file));
  Must(file, H5Dclose(data));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Whether a dataset has the size of `rows`.
static int Matches(LhH5File file, hid_t data, const LhH5Rows *rows) {
  const hid_t space = Must(file, H5Dget_space(data));
  const hssize_t size = H5Sget_simple_extent_npoints(space);
  const int rank = H5Sget_simple_extent_ndims(space);
  Must(file, H5Sclose(space));
  return rank == (int)rows->rank && size == (hssize_t)rows->num_rows * (hssize_t)rows->width;
}

PetscErrorCode LhH5RowsRead(LhH5File file, hid_t group, const LhH5Rows *rows, void *values,
                            PetscBool *found) {
  char dummy[8];
  hid_t memory, in_file;

  PetscFunctionBeginUser;
  *found = PETSC_FALSE;
  if (H5Lexists(group, rows->name, H5P_DEFAULT) <= 0) PetscFunctionReturn(PETSC_SUCCESS);
  const hid_t data = Must(file, H5Dopen2(group, rows->name, H5P_DEFAULT));
  *found = (PetscBool)Matches(file, data, rows);
  if (*found) {
    SelectRows(file, data, rows, &memory, &in_file);
    const hid_t transfer = Must(file, H5Pcreate(H5P_DATASET_XFER));
    Must(file, H5Pset_dxpl_mpio(transfer, H5FD_MPIO_COLLECTIVE));
    Must(file, H5Dread(data, rows->type, memory, in_file, transfer, rows->count ? values : dummy));
    Must(file, H5Pclose(transfer));
    Must(file, H5Sclose(memory));
    Must(file, H5Sclose(in_file));
  }
  Must(file, H5Dclose(data));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5RowsSize(LhH5File file, const char path[], PetscInt *size) {
  PetscFunctionBeginUser;
  *size = -1;
  if (H5Lexists(file->id, path, H5P_DEFAULT) <= 0) PetscFunctionReturn(PETSC_SUCCESS);
  const hid_t data = Must(file, H5Dopen2(file->id, path, H5P_DEFAULT));
  const hid_t space = Must(file, H5Dget_space(data));
  *size = (PetscInt)H5Sget_simple_extent_npoints(space);
  Must(file, H5Sclose(space));
  Must(file, H5Dclose(data));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5CountWrite(LhH5File file, hid_t group, const char name[], PetscInt value) {
  const long long number = (long long)value;
  const LhH5Rows rows = {.name = name,
                         .type = H5T_NATIVE_LLONG,
                         .num_rows = 1,
                         .width = 1,
                         .rank = 1,
                         .count = file->rank == 0,
                         .values = &number};

  PetscFunctionBeginUser;
  PetscCall(LhH5RowsWrite(file, group, &rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5Link(LhH5File file, hid_t group, const char name[], const char other_file[],
                        const char target[]) {
  PetscFunctionBeginUser;
  Must(file, H5Lcreate_external(other_file, target, group, name, H5P_DEFAULT, H5P_DEFAULT));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void WriteAttribute(LhH5File file, hid_t object, const char name[], const hid_t type[2],
                           hid_t space, const void *value) {
  const hid_t id = Must(file, H5Acreate2(object, name, type[0], space, H5P_DEFAULT, H5P_DEFAULT));
  Must(file, H5Awrite(id, type[1], value));
  Must(file, H5Aclose(id));
  Must(file, H5Sclose(space));
}

PetscErrorCode LhH5AttributeText(LhH5File file, hid_t object, const char name[],
                                 const char text[]) {
  PetscFunctionBeginUser;
  const hid_t type = Must(file, H5Tcopy(H5T_C_S1));
  Must(file, H5Tset_size(type, PetscMax(strlen(text), 1)));
  Must(file, H5Tset_strpad(type, H5T_STR_NULLPAD));  // what VTK's reader expects of `Type`
  WriteAttribute(file, object, name, (hid_t[2]){type, type}, Must(file, H5Screate(H5S_SCALAR)),
                 text);
  Must(file, H5Tclose(type));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5AttributeReal(LhH5File file, hid_t object, const char name[], PetscReal value) {
  const double number = (double)value;

  PetscFunctionBeginUser;
  WriteAttribute(file, object, name, (hid_t[2]){H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE},
                 Must(file, H5Screate(H5S_SCALAR)), &number);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhH5AttributeInts(LhH5File file, hid_t object, const char name[], PetscInt n,
                                 const PetscInt values[]) {
  const hsize_t size = (hsize_t)n;
  const hid_t memory = sizeof(PetscInt) == 8 ? H5T_NATIVE_INT64 : H5T_NATIVE_INT32;

  PetscFunctionBeginUser;
  WriteAttribute(file, object, name, (hid_t[2]){H5T_STD_I64LE, memory},
                 Must(file, H5Screate_simple(1, &size, NULL)), values);
  PetscFunctionReturn(PETSC_SUCCESS);
}
