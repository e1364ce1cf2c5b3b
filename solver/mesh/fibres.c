/// @file
/// Fibres of a mesh: storage, the facts of each polyline and where its pieces lie in their cells.
///
/// Owns every array LhFibres lends. The cutting is in fibres_cut.c.
#include "mesh/fibres.h"

#include <math.h>
#include <stdlib.h>

#include "mesh/fibres_private.h"

PetscErrorCode LhFibreArraysAllocate(PetscInt num, PetscInt num_points, LhFibreArrays *fibres) {
  PetscFunctionBeginUser;
  fibres->num = num;
  PetscCall(PetscCalloc5(num + 1, &fibres->offset, 3 * (size_t)num_points, &fibres->points, num,
                         &fibres->diameter, num, &fibres->tubes, num, &fibres->coat));
  fibres->offset[num] = num_points;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreArraysDestroy(LhFibreArrays *fibres) {
  PetscFunctionBeginUser;
  PetscCall(
      PetscFree5(fibres->offset, fibres->points, fibres->diameter, fibres->tubes, fibres->coat));
  fibres->num = 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

LhFibresSpec LhFibreArraysBorrow(const LhFibreArrays *fibres) {
  return (LhFibresSpec){fibres->num,      fibres->offset, fibres->points,
                        fibres->diameter, fibres->tubes,  fibres->coat};
}

static PetscReal Distance(const PetscReal a[3], const PetscReal b[3]) {
  return PetscSqrtReal(PetscSqr(b[0] - a[0]) + PetscSqr(b[1] - a[1]) + PetscSqr(b[2] - a[2]));
}

static void CheckPolyline(const LhFibresSpec *spec, PetscInt fibre, LhMeshProblems *problems) {
  const PetscInt first = spec->offset[fibre], end = spec->offset[fibre + 1];
  const PetscReal tubes = spec->tubes ? spec->tubes[fibre] : 1.,
                  coat = spec->coat ? spec->coat[fibre] : 0.;

  if (end - first < 2) {
    LhMeshProblemAdd(problems, 0, "fibre %" PetscInt_FMT " has fewer than two points", fibre);
    return;
  }
  if (!(spec->diameter[fibre] > 0.) || !(tubes > 0.) || !(coat >= 0.) ||
      !isfinite(spec->diameter[fibre] + tubes + coat)) {
    LhMeshProblemAdd(problems, 0,
                     "fibre %" PetscInt_FMT
                     " needs a positive diameter and number of tubes and a coat of 0 or more",
                     fibre);
  }
  for (PetscInt p = first; p < end; p++) {
    const PetscReal *x = spec->points + 3 * (size_t)p;
    if (isfinite(x[0] + x[1] + x[2]) && (p == first || Distance(x - 3, x) > 0.)) continue;
    LhMeshProblemAdd(problems, 0,
                     "point %" PetscInt_FMT " of fibre %" PetscInt_FMT
                     " is not finite or lies on the one before",
                     p - first, fibre);
    return;
  }
}

void LhFibresCheck(const LhFibresSpec *spec, LhMeshProblems *problems) {
  if (spec->offset[0] != 0) LhMeshProblemAdd(problems, 0, "the first fibre does not start at 0");
  for (PetscInt f = 0; f < spec->num && !problems->n; f++) CheckPolyline(spec, f, problems);
}

void LhRawMeshCheckFibres(const LhRawMesh *raw, LhMeshProblems *problems) {
  const LhFibreArrays *fibres = &raw->fibres;
  const size_t num = fibres->num ? 3 * (size_t)fibres->offset[fibres->num] : 0;
  PetscReal lower[3] = {PETSC_MAX_REAL, PETSC_MAX_REAL, PETSC_MAX_REAL},
            upper[3] = {PETSC_MIN_REAL, PETSC_MIN_REAL, PETSC_MIN_REAL};

  for (size_t k = 0; num && k < 3 * (size_t)raw->num_vertices; k++) {
    lower[k % 3] = PetscMin(lower[k % 3], raw->coords[k]);
    upper[k % 3] = PetscMax(upper[k % 3], raw->coords[k]);
  }
  for (size_t k = 0; k < num && !problems->n; k++) {
    const PetscInt d = (PetscInt)(k % 3);
    const PetscReal room = 1e-9 * (upper[d] - lower[d]);
    if (raw->period[d] > 0.) continue;
    if (fibres->points[k] >= lower[d] - room && fibres->points[k] <= upper[d] + room) continue;
    LhMeshProblemAdd(problems, 0,
                     "point %zu of the fibres lies outside the mesh, which is not periodic there",
                     k / 3);
  }
}

PetscErrorCode LhFibreStoreDestroy(LhFibreStore *store) {
  PetscFunctionBeginUser;
  if (!*store) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhFibreArraysDestroy(&(*store)->arrays));
  PetscCall(PetscFree2((*store)->area, (*store)->length));
  PetscCall(PetscFree3((*store)->piece_id, (*store)->piece_cell, (*store)->piece_fibre));
  PetscCall(PetscFree5((*store)->piece_middle, (*store)->piece_xi, (*store)->piece_direction,
                       (*store)->piece_length, (*store)->piece_arc));
  PetscCall(PetscFree(*store));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Copies rank 0's polylines to every rank. Collective.
static PetscErrorCode ShareArrays(MPI_Comm comm, const LhFibresSpec *spec, LhFibreArrays *arrays) {
  PetscInt size[2] = {spec->num, spec->num ? spec->offset[spec->num] : 0};
  PetscMPIInt rank, points;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Bcast(size, 2, MPIU_INT, 0, comm));
  PetscCall(LhFibreArraysAllocate(size[0], size[1], arrays));
  PetscCall(PetscMPIIntCast(3 * size[1], &points));
  if (rank == 0) {
    PetscCall(PetscArraycpy(arrays->offset, spec->offset, size[0] + 1));
    PetscCall(PetscArraycpy(arrays->points, spec->points, 3 * (size_t)size[1]));
    PetscCall(PetscArraycpy(arrays->diameter, spec->diameter, size[0]));
    for (PetscInt f = 0; f < size[0]; f++) {
      arrays->tubes[f] = spec->tubes ? spec->tubes[f] : 1.;
      arrays->coat[f] = spec->coat ? spec->coat[f] : 0.;
    }
  }
  const PetscMPIInt n = (PetscMPIInt)size[0];
  PetscCallMPI(MPI_Bcast(arrays->offset, n + 1, MPIU_INT, 0, comm));
  PetscCallMPI(MPI_Bcast(arrays->points, points, MPIU_REAL, 0, comm));
  PetscCallMPI(MPI_Bcast(arrays->diameter, n, MPIU_REAL, 0, comm));
  PetscCallMPI(MPI_Bcast(arrays->tubes, n, MPIU_REAL, 0, comm));
  PetscCallMPI(MPI_Bcast(arrays->coat, n, MPIU_REAL, 0, comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode MeasurePolylines(LhFibreStore store) {
  const LhFibreArrays *arrays = &store->arrays;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc2(arrays->num, &store->area, arrays->num, &store->length));
  for (PetscInt f = 0; f < arrays->num; f++) {
    store->area[f] = arrays->tubes[f] * PETSC_PI / 4. * PetscSqr(arrays->diameter[f]);
    for (PetscInt p = arrays->offset[f]; p + 1 < arrays->offset[f + 1]; p++) {
      store->length[f] +=
          Distance(arrays->points + 3 * (size_t)p, arrays->points + 3 * (size_t)(p + 1));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int ComparePieces(const void *left, const void *right) {
  const LhFibrePiece *a = left, *b = right;
  if (a->cell != b->cell) return a->cell < b->cell ? -1 : 1;
  return a->id < b->id ? -1 : 1;
}

static PetscErrorCode StorePieces(LhMesh mesh, PetscInt num, LhFibrePiece pieces[],
                                  LhFibreStore store) {
  const PetscInt width = mesh->view.vertices_per_cell;

  PetscFunctionBeginUser;
  qsort(pieces, (size_t)num, sizeof(*pieces), ComparePieces);
  PetscCall(PetscMalloc3(num, &store->piece_id, num, &store->piece_cell, num, &store->piece_fibre));
  PetscCall(PetscMalloc5(3 * (size_t)num, &store->piece_middle, 3 * (size_t)num, &store->piece_xi,
                         3 * (size_t)num, &store->piece_direction, num, &store->piece_length, num,
                         &store->piece_arc));
  for (PetscInt i = 0; i < num; i++) {
    const LhFibrePiece *piece = &pieces[i];
    PetscReal x[8][3];
    for (PetscInt k = 0; k < width; k++) {
      const PetscInt v = mesh->view.cell_vertices[piece->cell * width + k];
      for (PetscInt d = 0; d < 3; d++) x[k][d] = mesh->view.coords[3 * v + d];
    }
    store->piece_id[i] = piece->id;
    store->piece_cell[i] = piece->cell;
    store->piece_fibre[i] = piece->fibre;
    store->piece_length[i] = piece->length;
    store->piece_arc[i] = piece->arc;
    for (PetscInt d = 0; d < 3; d++) {
      store->piece_middle[3 * i + d] = piece->middle[d];
      store->piece_direction[3 * i + d] = piece->direction[d];
    }
    LhCellLocate(mesh->view.cell_type, (const PetscReal(*)[3])x, piece->middle,
                 store->piece_xi + 3 * i);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void LendArrays(LhFibreStore store, PetscInt num, PetscInt num_global) {
  const LhFibreArrays *arrays = &store->arrays;
  store->view = (LhFibres){.num_fibres = arrays->num,
                           .offset = arrays->offset,
                           .points = arrays->points,
                           .diameter = arrays->diameter,
                           .tubes = arrays->tubes,
                           .coat = arrays->coat,
                           .area = store->area,
                           .length = store->length,
                           .num_pieces = num,
                           .num_global_pieces = num_global,
                           .piece_id = store->piece_id,
                           .piece_cell = store->piece_cell,
                           .piece_fibre = store->piece_fibre,
                           .piece_middle = store->piece_middle,
                           .piece_xi = store->piece_xi,
                           .piece_direction = store->piece_direction,
                           .piece_length = store->piece_length,
                           .piece_arc = store->piece_arc};
}

/// Rank 0 looks, every rank hears of what is wrong. Collective.
static PetscErrorCode CheckSpec(MPI_Comm comm, const LhFibresSpec *spec) {
  LhMeshProblems *problems;
  PetscErrorCode refused;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(PetscNew(&problems));
  if (rank == 0) LhFibresCheck(spec, problems);
  refused = LhMeshProblemsReport(comm, problems, NULL, NULL, NULL);
  PetscCall(PetscFree(problems));
  PetscCall(refused);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshSetFibres(LhMesh mesh, const LhFibresSpec *spec) {
  MPI_Comm comm = mesh->view.comm;
  LhFibrePiece *pieces = NULL;
  LhFibreStore store;
  PetscInt num = 0, num_global = 0;

  PetscFunctionBeginUser;
  PetscCall(LhFibreStoreDestroy(&mesh->fibres));
  PetscCall(CheckSpec(comm, spec));
  PetscCall(PetscNew(&store));
  mesh->fibres = store;
  PetscCall(ShareArrays(comm, spec, &store->arrays));
  PetscCall(MeasurePolylines(store));
  const LhFibresSpec shared = LhFibreArraysBorrow(&store->arrays);
  PetscCall(LhFibresCut(mesh, &shared, &num_global, &num, &pieces));
  PetscCall(StorePieces(mesh, num, pieces, store));
  LendArrays(store, num, num_global);
  PetscCall(PetscFree(pieces));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshGetFibres(LhMesh mesh, const LhFibres **fibres) {
  PetscFunctionBeginUser;
  *fibres = mesh->fibres ? &mesh->fibres->view : NULL;
  PetscFunctionReturn(PETSC_SUCCESS);
}
