/// @file
/// Planes of a lattice of nodes and how they are coarsened. Never touches a matrix.
#include <math.h>
#include <string.h>

#include "solve/multigrid_private.h"

/// More of them along an axis are no lattice that fits into a machine; nodes of an unstructured mesh reach it soon.
#define MOST_PLANES 16384

/// Ascending coordinates of planes, without those nearer to one another than the tolerance.
typedef struct {
  PetscInt n;
  double tolerance, x[MOST_PLANES];
} Planes;

/// False when there are too many. Sorting all nodes takes longer: most of them lie on planes that are known.
static PetscBool AddPlane(Planes *planes, double x) {
  PetscInt low = 0, high = planes->n;

  while (low < high) {
    const PetscInt middle = (low + high) / 2;
    if (planes->x[middle] < x - planes->tolerance)
      low = middle + 1;
    else
      high = middle;
  }
  if (low < planes->n && planes->x[low] <= x + planes->tolerance) return PETSC_TRUE;
  if (planes->n == MOST_PLANES) return PETSC_FALSE;
  memmove(planes->x + low + 1, planes->x + low, (size_t)(planes->n - low) * sizeof(double));
  planes->x[low] = x;
  planes->n++;
  return PETSC_TRUE;
}

/// Planes of all ranks from those of each: ranks share most of them.
static PetscErrorCode MergePlanes(MPI_Comm comm, Planes *planes, PetscBool *few) {
  PetscMPIInt size, count = (PetscMPIInt)planes->n, *counts, *at;
  double *all;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMalloc2(size, &counts, size + 1, &at));
  PetscCallMPI(MPI_Allgather(&count, 1, MPI_INT, counts, 1, MPI_INT, comm));
  at[0] = 0;
  for (PetscMPIInt r = 0; r < size; r++) at[r + 1] = at[r] + counts[r];
  PetscCall(PetscMalloc1(at[size], &all));
  PetscCallMPI(MPI_Allgatherv(planes->x, count, MPI_DOUBLE, all, counts, at, MPI_DOUBLE, comm));
  planes->n = 0;
  for (PetscMPIInt k = 0; k < at[size] && *few; k++) *few = AddPlane(planes, all[k]);
  PetscCall(PetscFree(all));
  PetscCall(PetscFree2(counts, at));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Distinct coordinates along one axis, over all ranks; none where a rank meets too many.
static PetscErrorCode FindPlanes(MPI_Comm comm, PetscInt num_nodes, const PetscReal coords[],
                                 PetscInt axis, double tolerance, PetscInt *n, double **plane) {
  PetscBool few = PETSC_TRUE;
  Planes *planes;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&planes));
  planes->tolerance = tolerance;
  for (PetscInt k = 0; k < num_nodes && few; k++) few = AddPlane(planes, coords[3 * k + axis]);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &few, 1, MPIU_BOOL, MPI_LAND, comm));
  if (few) PetscCall(MergePlanes(comm, planes, &few));
  *n = few ? planes->n : 0;
  PetscCall(PetscMalloc1(*n, plane));
  PetscCall(PetscArraycpy(*plane, planes->x, *n));
  PetscCall(PetscFree(planes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgLatticeCreate(MPI_Comm comm, PetscInt num_nodes, const PetscReal coords[],
                               MgLattice *lattice) {
  const double relative = 1e-7;  // of the size of the body: far above rounding, far below a cell
  double range[6];

  PetscFunctionBeginUser;
  for (int d = 0; d < 6; d++) range[d] = -PETSC_MAX_REAL;
  for (PetscInt k = 0; k < 3 * num_nodes; k++) {
    range[k % 3] = PetscMax(range[k % 3], coords[k]);
    range[3 + k % 3] = PetscMax(range[3 + k % 3], -coords[k]);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, range, 6, MPI_DOUBLE, MPI_MAX, comm));
  for (int d = 0; d < 3; d++) {
    PetscCall(FindPlanes(comm, num_nodes, coords, d, relative * (range[d] + range[3 + d]),
                         &lattice->n[d], &lattice->plane[d]));
    lattice->periodic[d] = PETSC_FALSE;
    lattice->closing[d] = 0.;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgLatticeDestroy(MgLattice *lattice) {
  PetscFunctionBeginUser;
  for (int d = 0; d < 3; d++) PetscCall(PetscFree(lattice->plane[d]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Plane nearest to x.
static PetscInt FindPlane(PetscInt n, const double plane[], double x) {
  PetscInt low = 0, high = n - 1;

  while (low < high) {
    const PetscInt middle = (low + high) / 2;
    if (plane[middle + 1] - x > x - plane[middle])
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

PetscInt64 MgLatticePlace(const MgLattice *lattice, const PetscReal x[3]) {
  PetscInt64 place = 0;

  for (int d = 2; d >= 0; d--)
    place = place * lattice->n[d] + FindPlane(lattice->n[d], lattice->plane[d], x[d]);
  return place;
}

void MgLatticeIndices(const MgLattice *lattice, PetscInt64 place, PetscInt ijk[3]) {
  for (int d = 0; d < 3; d++) {
    ijk[d] = (PetscInt)(place % lattice->n[d]);
    place /= lattice->n[d];
  }
}

static double MeanSpacing(const MgLattice *lattice, int d) {
  const PetscInt n = lattice->n[d];
  return (lattice->plane[d][n - 1] - lattice->plane[d][0]) / (double)(n - 1);
}

/// Down to two planes; three neighbours of a periodic plane must stay different.
static PetscBool CanCoarsen(const MgLattice *lattice, int d) {
  return lattice->n[d] > (lattice->periodic[d] ? 3 : 2) ? PETSC_TRUE : PETSC_FALSE;
}

/// From the last plane of a periodic axis to the image of the first one. Cells there are as wide as the mean, as far as
/// planes tell.
static double Closing(const MgLattice *lattice, int d) {
  return lattice->closing[d] > 0. ? lattice->closing[d] : MeanSpacing(lattice, d);
}

/// Every second plane stays, and the last one of an axis with ends. Where a periodic axis has an odd number the first and
/// the last one stay neighbours.
static PetscErrorCode CoarsenAxis(const MgLattice *fine, int d, PetscBool halve, MgLattice *coarse,
                                  MgCoarsening *map) {
  const PetscInt n = fine->n[d];
  PetscInt count = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &coarse->plane[d]));
  PetscCall(PetscMalloc1(2 * n, &map->plane[d]));
  PetscCall(PetscMalloc1(2 * n, &map->weight[d]));
  for (PetscInt i = 0; i < n; i++) {
    const PetscBool stays =
        !halve || i % 2 == 0 || (i == n - 1 && !fine->periodic[d]) ? PETSC_TRUE : PETSC_FALSE;
    map->plane[d][2 * i] = stays ? count : count - 1;
    map->plane[d][2 * i + 1] = stays ? -1 : count;
    map->weight[d][2 * i] = 1.f;
    map->weight[d][2 * i + 1] = 0.f;
    if (stays) coarse->plane[d][count++] = fine->plane[d][i];
  }
  coarse->n[d] = count;
  coarse->periodic[d] = fine->periodic[d];
  coarse->closing[d] = Closing(fine, d) + fine->plane[d][n - 1] - coarse->plane[d][count - 1];
  for (PetscInt i = 0; i < n; i++) {
    const double *x = fine->plane[d];
    if (map->plane[d][2 * i + 1] < 0) continue;
    const double before = x[i] - x[i - 1], after = i + 1 < n ? x[i + 1] - x[i] : Closing(fine, d);
    const double share = before / (before + after);
    map->plane[d][2 * i + 1] %= count;
    map->weight[d][2 * i] = (float)(1. - share);
    map->weight[d][2 * i + 1] = (float)share;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgLatticeCoarsen(const MgLattice *fine, MgLattice *coarse, MgCoarsening *map,
                                PetscBool *done) {
  const double alike = 1.5;  // point smoothing tolerates couplings that differ by its square
  double least = PETSC_MAX_REAL;

  PetscFunctionBeginUser;
  for (int d = 0; d < 3; d++) {
    if (CanCoarsen(fine, d)) least = PetscMin(least, MeanSpacing(fine, d));
  }
  *done = least == PETSC_MAX_REAL ? PETSC_TRUE : PETSC_FALSE;
  if (*done) PetscFunctionReturn(PETSC_SUCCESS);
  for (int d = 0; d < 3; d++) {
    const PetscBool halve =
        CanCoarsen(fine, d) && MeanSpacing(fine, d) <= alike * least ? PETSC_TRUE : PETSC_FALSE;
    PetscCall(CoarsenAxis(fine, d, halve, coarse, map));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgCoarseningDestroy(MgCoarsening *map) {
  PetscFunctionBeginUser;
  for (int d = 0; d < 3; d++) {
    PetscCall(PetscFree(map->plane[d]));
    PetscCall(PetscFree(map->weight[d]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt MgCoarseningParents(const MgCoarsening *map, const MgLattice *fine,
                             const MgLattice *coarse, PetscInt64 place,
                             PetscInt64 parent[MG_MAX_PARENT], float weight[MG_MAX_PARENT]) {
  PetscInt ijk[3], n = 0;

  MgLatticeIndices(fine, place, ijk);
  for (int corner = 0; corner < MG_MAX_PARENT; corner++) {
    PetscInt64 at = 0;
    float w = 1.f;
    PetscBool exists = PETSC_TRUE;

    for (int d = 2; d >= 0; d--) {
      const PetscInt k = 2 * ijk[d] + (corner >> d) % 2;
      if (map->plane[d][k] < 0) exists = PETSC_FALSE;
      at = at * coarse->n[d] + map->plane[d][k];
      w *= map->weight[d][k];
    }
    if (!exists) continue;
    parent[n] = at;
    weight[n++] = w;
  }
  return n;
}
