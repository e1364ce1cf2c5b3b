/// @file
/// Which rank gets which cell, and in which order: serial METIS on the cell graph, then region by
/// region along a Morton curve. Same input and rank count, same answer.
///
/// METIS wants the whole graph on one rank: 1 M hexahedra take 60 MB and 3 s. Beyond some 20 M cells a
/// parallel partitioner is needed here and nowhere else.
#include <metis.h>
#include <stdlib.h>

#include "mesh/raw_mesh.h"

#define COST_UNITS 100  ///< METIS weights are integers: a cost of 1 is this many

static PetscErrorCode CallMetis(idx_t num_cells, idx_t num_parts, idx_t start[], idx_t adjacent[],
                                idx_t weight[], idx_t part[]) {
  idx_t constraints = 1, cut = 0, options[METIS_NOPTIONS];
  int status;

  PetscFunctionBeginUser;
  METIS_SetDefaultOptions(options);
  options[METIS_OPTION_SEED] = 1;
  if (num_parts <= 8) {  // recursive bisection balances few parts better
    status = METIS_PartGraphRecursive(&num_cells, &constraints, start, adjacent, weight, NULL, NULL,
                                      &num_parts, NULL, NULL, options, &cut, part);
  } else {
    status = METIS_PartGraphKway(&num_cells, &constraints, start, adjacent, weight, NULL, NULL,
                                 &num_parts, NULL, NULL, options, &cut, part);
  }
  PetscCheck(status == METIS_OK, PETSC_COMM_SELF, PETSC_ERR_LIB,
             "METIS cannot partition the mesh (status %d)", status);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PartitionGraph(const LhRawMesh *raw, PetscInt num_parts, PetscInt part[]) {
  const PetscInt sides = LhCellShapeGet(raw->cell_type)->sides, n = raw->num_cells;
  idx_t *start, *adjacent, *weight, *metis_part, filled = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc4(n + 1, &start, (size_t)n * sides, &adjacent, n, &weight, n, &metis_part));
  for (PetscInt c = 0; c < n; c++) {
    start[c] = filled;
    for (PetscInt s = 0; s < sides; s++) {
      const PetscInt other = raw->neighbor[c * sides + s];
      if (other >= 0) adjacent[filled++] = (idx_t)other;
    }
    weight[c] =
        (idx_t)PetscMax(1., PetscFloorReal(COST_UNITS * raw->names.costs[raw->region[c]] + 0.5));
  }
  start[n] = filled;
  PetscCall(CallMetis((idx_t)n, (idx_t)num_parts, start, adjacent, weight, metis_part));
  for (PetscInt c = 0; c < n; c++) part[c] = (PetscInt)metis_part[c];
  PetscCall(PetscFree4(start, adjacent, weight, metis_part));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode MeasurePartition(const LhRawMesh *raw, PetscInt num_parts,
                                       const PetscInt part[], LhMeshQuality *quality) {
  const PetscInt sides = LhCellShapeGet(raw->cell_type)->sides;
  PetscReal *cost, total = 0., largest = 0.;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(num_parts, &cost));
  quality->edge_cut = 0;
  for (PetscInt c = 0; c < raw->num_cells; c++) {
    cost[part[c]] += raw->names.costs[raw->region[c]];
    for (PetscInt s = 0; s < sides; s++) {
      const PetscInt other = raw->neighbor[c * sides + s];
      if (other > c && part[other] != part[c]) quality->edge_cut++;
    }
  }
  for (PetscInt p = 0; p < num_parts; p++) {
    total += cost[p];
    largest = PetscMax(largest, cost[p]);
  }
  quality->imbalance = largest * (PetscReal)num_parts / total;
  PetscCall(PetscFree(cost));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshPartition(const LhRawMesh *raw, PetscInt num_parts, PetscInt part[],
                                  LhMeshQuality *quality) {
  PetscFunctionBeginUser;
  // With hardly a cell per part METIS may fail or leave parts empty; blocks of cells will do.
  if (num_parts == 1 || raw->num_cells < 8 * num_parts) {
    for (PetscInt c = 0; c < raw->num_cells; c++) {
      part[c] = (PetscInt)((PetscInt64)c * num_parts / raw->num_cells);
    }
  } else
    PetscCall(PartitionGraph(raw, num_parts, part));
  PetscCall(MeasurePartition(raw, num_parts, part, quality));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  PetscInt part, region, cell;
  uint64_t curve;
} SortKey;

static int CompareKeys(const void *left, const void *right) {
  const SortKey *a = left, *b = right;
  if (a->part != b->part) return a->part < b->part ? -1 : 1;
  if (a->region != b->region) return a->region < b->region ? -1 : 1;
  if (a->curve != b->curve) return a->curve < b->curve ? -1 : 1;
  return a->cell < b->cell ? -1 : 1;
}

/// Spreads the 21 low bits of `x` to every third bit.
static uint64_t SpreadBits(uint64_t x) {
  x &= 0x1fffff;
  x = (x | x << 32) & 0x1f00000000ffffULL;
  x = (x | x << 16) & 0x1f0000ff0000ffULL;
  x = (x | x << 8) & 0x100f00f00f00f00fULL;
  x = (x | x << 4) & 0x10c30c30c30c30c3ULL;
  return (x | x << 2) & 0x1249249249249249ULL;
}

static uint64_t MortonCode(const PetscReal x[3], const PetscReal lower[3],
                           const PetscReal upper[3]) {
  uint64_t code = 0;
  for (int i = 0; i < 3; i++) {
    const PetscReal share = upper[i] > lower[i] ? (x[i] - lower[i]) / (upper[i] - lower[i]) : 0.;
    code |= SpreadBits((uint64_t)(share * 0x1fffff)) << i;
  }
  return code;
}

static void GetBounds(const LhRawMesh *raw, PetscReal lower[3], PetscReal upper[3]) {
  for (PetscInt i = 0; i < 3; i++) {
    lower[i] = PETSC_MAX_REAL;
    upper[i] = PETSC_MIN_REAL;
    for (PetscInt v = 0; v < raw->num_vertices; v++) {
      lower[i] = PetscMin(lower[i], raw->coords[3 * (size_t)v + i]);
      upper[i] = PetscMax(upper[i], raw->coords[3 * (size_t)v + i]);
    }
  }
}

PetscErrorCode LhRawMeshOrder(const LhRawMesh *raw, const PetscInt part[], PetscInt order[]) {
  SortKey *keys;
  PetscReal lower[3], upper[3], centre[3];

  PetscFunctionBeginUser;
  GetBounds(raw, lower, upper);
  PetscCall(PetscMalloc1(raw->num_cells, &keys));
  for (PetscInt c = 0; c < raw->num_cells; c++) {
    LhRawMeshGetCentre(raw, c, centre);
    keys[c] = (SortKey){.part = part[c], .region = raw->region[c], .cell = c};
    keys[c].curve = MortonCode(centre, lower, upper);
  }
  qsort(keys, (size_t)raw->num_cells, sizeof(*keys), CompareKeys);
  for (PetscInt c = 0; c < raw->num_cells; c++) order[c] = keys[c].cell;
  PetscCall(PetscFree(keys));
  PetscFunctionReturn(PETSC_SUCCESS);
}
