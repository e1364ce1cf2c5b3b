/// @file
/// One level of multigrid: rows in single precision, product, smoother. Never looks at another level.
#include <math.h>

#include "solve/multigrid_private.h"

#define AHEAD 64  ///< blocks that a product asks for before they are due

PetscErrorCode MgLevelAllocate(MgLevel *level) {
  const PetscInt n = MG_BS * level->num_nodes;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc5(n, &level->x, n, &level->b, n, &level->r, n, &level->p, n, &level->mode));
  PetscCall(PetscMalloc1(MG_BLOCK * level->num_owned, &level->inverse));
  PetscCall(PetscMalloc1(n, &level->keep));
  PetscCall(PetscMalloc1(level->num_owned, &level->diagonal));
  for (PetscInt i = 0; i < level->num_owned; i++) {
    for (PetscInt k = level->start[i]; k < level->start[i + 1]; k++) {
      if (level->column[k] == i) level->diagonal[i] = k;
    }
  }
  // Any start serves the power method but one orthogonal to the mode sought.
  for (PetscInt k = 0; k < MG_BS * level->num_owned; k++)
    level->mode[k] = (float)((k * 7919) % 101) - 50.f;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgLevelDestroy(MgLevel *level) {
  PetscFunctionBeginUser;
  PetscCall(MgLatticeDestroy(&level->lattice));
  PetscCall(MgHaloDestroy(&level->halo));
  PetscCall(MgHaloDestroy(&level->block_halo));
  PetscCall(PetscFree(level->place));
  if (!level->lender) {
    PetscCall(PetscFree(level->start));
    PetscCall(PetscFree(level->column));
    PetscCall(PetscFree(level->value));
  }
  PetscCall(MatDestroy(&level->lender));
  PetscCall(PetscFree(level->inverse));
  PetscCall(MgPiecesDestroy(&level->pieces));
  PetscCall(PetscFree(level->relieved));
  PetscCall(PetscFree(level->keep));
  PetscCall(PetscFree(level->diagonal));
  PetscCall(PetscFree5(level->x, level->b, level->r, level->p, level->mode));
  PetscCall(PetscFree(level->exact));
  PetscCall(PetscFree(level->parent_start));
  PetscCall(PetscFree(level->parent));
  PetscCall(PetscFree(level->weight));
  PetscCall(PetscFree(level->pattern));
  PetscCall(PetscFree(level->pattern_at));
  PetscCall(PetscFree(level->first));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The parts of an AIJ matrix: rows of this rank by columns of this rank and of others.
typedef struct {
  Mat mat[2];
  PetscInt num_parts;
  const PetscInt *start[2], *column[2], *ghost;
  PetscInt num_ghost;  ///< nodes
} Parts;

static PetscErrorCode GetParts(Mat mat, Parts *parts) {
  PetscBool is_mpi, ok;
  PetscInt n;

  PetscFunctionBeginUser;
  PetscCall(PetscObjectTypeCompare((PetscObject)mat, MATMPIAIJ, &is_mpi));
  parts->mat[0] = mat;
  parts->num_parts = is_mpi ? 2 : 1;
  parts->ghost = NULL;
  parts->num_ghost = 0;
  if (is_mpi) PetscCall(MatMPIAIJGetSeqAIJ(mat, &parts->mat[0], &parts->mat[1], &parts->ghost));
  for (PetscInt h = 0; h < parts->num_parts; h++) {
    PetscCall(MatGetRowIJ(parts->mat[h], 0, PETSC_FALSE, PETSC_FALSE, &n, &parts->start[h],
                          &parts->column[h], &ok));
    PetscCheck(ok, PETSC_COMM_SELF, PETSC_ERR_SUP, "Multigrid needs an AIJ matrix");
  }
  if (is_mpi) {
    PetscCall(MatGetSize(parts->mat[1], NULL, &parts->num_ghost));
    parts->num_ghost /= MG_BS;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode RestoreParts(Parts *parts) {
  PetscBool ok;
  PetscInt n;

  PetscFunctionBeginUser;
  for (PetscInt h = 0; h < parts->num_parts; h++) {
    PetscCall(MatRestoreRowIJ(parts->mat[h], 0, PETSC_FALSE, PETSC_FALSE, &n, &parts->start[h],
                              &parts->column[h], &ok));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Block columns: own nodes, then ghosts.
static PetscErrorCode CopyPattern(const Parts *parts, MgLevel *level) {
  PetscInt n = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(level->num_owned + 1, &level->start));
  for (PetscInt h = 0; h < parts->num_parts; h++)
    n += parts->start[h][MG_BS * level->num_owned] / MG_BLOCK;
  PetscCall(PetscMalloc1(n, &level->column));
  PetscCall(PetscCalloc1(MG_BLOCK * n + 1, &level->value));  // the last column is read as four
  n = level->start[0] = 0;
  for (PetscInt i = 0; i < level->num_owned; i++) {
    for (PetscInt h = 0; h < parts->num_parts; h++) {
      const PetscInt *start = parts->start[h] + MG_BS * i;
      for (PetscInt k = start[0]; k < start[1]; k += MG_BS)
        level->column[n++] = parts->column[h][k] / MG_BS + (h ? level->num_owned : 0);
    }
    level->start[i + 1] = n;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// `ghost[stride * g]` is the global number of an unknown of ghost g, over `unit`.
static PetscErrorCode CreateGhosts(Mat mat, PetscInt num_ghost, const PetscInt ghost[],
                                   PetscInt stride, PetscInt unit, MgLevel *level) {
  const PetscInt *range;
  PetscMPIInt *owner, rank = 0;
  PetscInt *index;

  PetscFunctionBeginUser;
  PetscCall(MatGetOwnershipRanges(mat, &range));
  PetscCall(PetscMalloc2(num_ghost, &owner, num_ghost, &index));
  for (PetscInt g = 0; g < num_ghost; g++) {  // ascending: owners come one after the other
    const PetscInt global = unit * ghost[stride * g];
    while (global >= range[rank + 1]) rank++;
    owner[g] = rank;
    index[g] = (global - range[rank]) / MG_BS;
  }
  PetscCall(
      MgHaloCreateNodes(level->comm, level->num_owned, num_ghost, owner, index, &level->halo));
  PetscCall(PetscFree2(owner, index));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Places of own nodes from their coordinates, of ghosts from their owners; exact in single precision by axis.
static PetscErrorCode PlaceNodes(const PetscReal coords[], MgLevel *level) {
  const MgLattice *lattice = &level->lattice;
  PetscInt ijk[3];

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(level->num_nodes, &level->place));
  for (PetscInt i = 0; i < level->num_owned; i++) {
    level->place[i] = MgLatticePlace(lattice, coords + 3 * i);
    MgLatticeIndices(lattice, level->place[i], ijk);
    for (int d = 0; d < 3; d++) level->x[3 * i + d] = (float)ijk[d];
  }
  PetscCall(MgHaloFill(&level->halo, 3, level->x));
  for (PetscInt i = level->num_owned; i < level->num_nodes; i++) {
    level->place[i] = 0;
    for (int d = 2; d >= 0; d--)
      level->place[i] = level->place[i] * lattice->n[d] + (PetscInt64)level->x[3 * i + d];
  }
  PetscCall(PetscArrayzero(level->x, MG_BS * level->num_nodes));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Neighbours at the two ends of an axis mean that the ends meet; any other distance that this is no lattice of
/// linear cells.
static PetscErrorCode FindPeriods(MgLevel *level) {
  int found[6] = {0, 0, 0, 0, 0, 0};  // by axis: ends meet; other neighbours

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < level->num_owned; i++) {
    PetscInt row[3], column[3];
    MgLatticeIndices(&level->lattice, level->place[i], row);
    for (PetscInt k = level->start[i]; k < level->start[i + 1]; k++) {
      MgLatticeIndices(&level->lattice, level->place[level->column[k]], column);
      for (int d = 0; d < 3; d++) {
        const PetscInt distance = PetscAbsInt(row[d] - column[d]), n = level->lattice.n[d];
        found[d] |= distance > 1;
        found[3 + d] |= distance > 1 && (distance != n - 1 || n < 4);
      }
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, found, 6, MPI_INT, MPI_MAX, level->comm));
  for (int d = 0; d < 3; d++) level->lattice.periodic[d] = found[d] ? PETSC_TRUE : PETSC_FALSE;
  level->is_lattice = found[3] || found[4] || found[5] ? PETSC_FALSE : PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Pattern and ghosts from an AIJ matrix.
static PetscErrorCode CopyRows(Mat mat, MgLevel *level) {
  Parts parts;

  PetscFunctionBeginUser;
  PetscCall(GetParts(mat, &parts));
  level->num_nodes = level->num_owned + parts.num_ghost;
  PetscCall(CopyPattern(&parts, level));
  PetscCall(CreateGhosts(mat, parts.num_ghost, parts.ghost, MG_BS, 1, level));
  PetscCall(RestoreParts(&parts));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// A matrix in single precision lends its rows: its values are those of the level.
static PetscErrorCode BorrowRows(Mat mat, const LhSingleRows *rows, MgLevel *level) {
  PetscFunctionBeginUser;
  PetscCall(PetscObjectReference((PetscObject)mat));
  level->lender = mat;
  level->num_nodes = level->num_owned + rows->num_ghost;
  level->start = rows->start;
  level->column = rows->column;
  level->value = rows->value;
  PetscCall(CreateGhosts(mat, rows->num_ghost, rows->ghost, 1, MG_BS, level));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgLevelCreateFinest(Mat mat, MgLevel *level) {
  const PetscScalar *coords;
  LhSingleRows *single;
  PetscInt rows, n;
  Vec places;

  PetscFunctionBeginUser;
  PetscCall(PetscObjectGetComm((PetscObject)mat, &level->comm));
  PetscCall(PetscObjectQuery((PetscObject)mat, LH_MATRIX_COORDINATES, (PetscObject *)&places));
  PetscCheck(places, level->comm, PETSC_ERR_ARG_WRONGSTATE, "The matrix carries no coordinates");
  PetscCall(MatGetLocalSize(mat, &n, NULL));
  PetscCall(MatGetSize(mat, &rows, NULL));
  level->num_owned = n / MG_BS;
  level->num_global = rows / MG_BS;
  PetscCall(LhSingleMatrixGetRows(mat, &single));
  PetscCall(single ? BorrowRows(mat, single, level) : CopyRows(mat, level));
  PetscCall(MgLevelAllocate(level));
  PetscCall(VecGetArrayRead(places, &coords));
  PetscCall(MgLatticeCreate(level->comm, level->num_owned, coords, &level->lattice));
  PetscCall(PlaceNodes(coords, level));
  PetscCall(VecRestoreArrayRead(places, &coords));
  PetscCall(FindPeriods(level));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// An unknown is prescribed when its row holds nothing beside the diagonal.
static void FindPrescribed(MgLevel *level) {
  for (PetscInt i = 0; i < level->num_owned; i++) {
    float beside[MG_BS] = {0.f, 0.f, 0.f};

    for (PetscInt k = level->start[i]; k < level->start[i + 1]; k++) {
      for (int e = 0; e < MG_BLOCK; e++) {
        const int own = k == level->diagonal[i] && e % 4 == 0;
        beside[e % MG_BS] += own ? 0.f : fabsf(level->value[MG_BLOCK * k + e]);
      }
    }
    for (int c = 0; c < MG_BS; c++) level->keep[MG_BS * i + c] = beside[c] > 0.f ? 1.f : 0.f;
  }
}

/// Blocks of one part of block row i, from three scalar rows.
static float *CopyBlocks(const Parts *parts, PetscInt h, const PetscScalar value[], PetscInt i,
                         float *out) {
  const PetscInt first = parts->start[h][MG_BS * i];
  const PetscInt m = parts->start[h][MG_BS * i + 1] - first;

  for (PetscInt k = 0; k < m; k += MG_BS) {
    for (int e = 0; e < MG_BLOCK; e++) *out++ = (float)value[first + e % MG_BS * m + k + e / MG_BS];
  }
  return out;
}

PetscErrorCode MgLevelReload(Mat mat, MgLevel *level) {
  const PetscScalar *value[2];
  float *out = level->value;
  Parts parts;

  PetscFunctionBeginUser;
  if (level->lender) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(GetParts(mat, &parts));
  for (PetscInt h = 0; h < parts.num_parts; h++)
    PetscCall(MatSeqAIJGetArrayRead(parts.mat[h], &value[h]));
  for (PetscInt i = 0; i < level->num_owned; i++) {
    for (PetscInt h = 0; h < parts.num_parts; h++) out = CopyBlocks(&parts, h, value[h], i, out);
  }
  for (PetscInt h = 0; h < parts.num_parts; h++)
    PetscCall(MatSeqAIJRestoreArrayRead(parts.mat[h], &value[h]));
  PetscCall(RestoreParts(&parts));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgLevelLoad(Mat mat, MgLevel *level) {
  PetscFunctionBeginUser;
  PetscCall(MgLevelReload(mat, level));
  FindPrescribed(level);
  PetscCall(MgHaloFill(&level->halo, MG_BS, level->keep));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Columns of four lanes; the fourth belongs to the next column and is dropped at the end.
static inline void MultiplyRow(const MgLevel *level, PetscInt i, const float x[], float y[MG_BS]) {
  enum { lanes = MG_BS + 1 };
  float s0[lanes] = {0.f}, s1[lanes] = {0.f}, s2[lanes] = {0.f};

  for (PetscInt k = level->start[i]; k < level->start[i + 1]; k++) {
    const float *a = level->value + MG_BLOCK * k, *q = x + MG_BS * level->column[k];
    const float q0 = q[0], q1 = q[1], q2 = q[2];

    __builtin_prefetch(a + AHEAD * MG_BLOCK);
#pragma omp simd
    for (int l = 0; l < lanes; l++) {
      s0[l] += a[l] * q0;
      s1[l] += a[MG_BS + l] * q1;
      s2[l] += a[2 * MG_BS + l] * q2;
    }
  }
  for (int c = 0; c < MG_BS; c++) y[c] = s0[c] + s1[c] + s2[c];
}

PetscErrorCode MgLevelResidual(MgLevel *level, const float b[], float x[], float r[]) {
  PetscFunctionBeginUser;
  PetscCall(MgHaloFill(&level->halo, MG_BS, x));
  for (PetscInt i = 0; i < level->num_owned; i++) {
    float y[MG_BS];
    MultiplyRow(level, i, x, y);
    for (int c = 0; c < MG_BS; c++) r[MG_BS * i + c] = b[MG_BS * i + c] - y[c];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode MgLevelMultiply(MgLevel *level, const double x[], double y[]) {
  enum { lanes = MG_BS + 1 };
  double *in = level->exact;

  PetscFunctionBeginUser;
  PetscCall(PetscArraycpy(in, x, MG_BS * level->num_owned));
  PetscCall(MgHaloFillDoubles(&level->halo, MG_BS, in));
  for (PetscInt i = 0; i < level->num_owned; i++) {
    double s0[lanes] = {0.}, s1[lanes] = {0.}, s2[lanes] = {0.};

    for (PetscInt k = level->start[i]; k < level->start[i + 1]; k++) {
      const float *a = level->value + MG_BLOCK * k;
      const double *q = in + MG_BS * level->column[k], q0 = q[0], q1 = q[1], q2 = q[2];

      __builtin_prefetch(a + AHEAD * MG_BLOCK);
#pragma omp simd
      for (int l = 0; l < lanes; l++) {
        s0[l] += (double)a[l] * q0;
        s1[l] += (double)a[MG_BS + l] * q1;
        s2[l] += (double)a[2 * MG_BS + l] * q2;
      }
    }
    for (int c = 0; c < MG_BS; c++) y[MG_BS * i + c] = s0[c] + s1[c] + s2[c];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// d = before d + factor inverse r;  x += d.
static void Correct(const MgLevel *level, float before, float factor, const float r[], float d[],
                    float x[]) {
  for (PetscInt i = 0; i < level->num_owned; i++) {
    const float *D = level->inverse + MG_BLOCK * i, *ri = r + MG_BS * i;
    for (int c = 0; c < MG_BS; c++) {
      const float z = D[3 * c] * ri[0] + D[3 * c + 1] * ri[1] + D[3 * c + 2] * ri[2];
      d[MG_BS * i + c] = before * d[MG_BS * i + c] + factor * z;
      x[MG_BS * i + c] += d[MG_BS * i + c];
    }
  }
}

/// d = before d + factor S^-1 r;  x += d.
static PetscErrorCode Step(const MgLevel *level, float before, float factor, const float r[],
                           float x[]) {
  PetscFunctionBeginUser;
  if (level->pieces) {
    PetscCall(PetscArraycpy(level->relieved, r, MG_BS * level->num_owned));
    PetscCall(MgPiecesRelieve(level->pieces, level->inverse, r, level->relieved));
    r = level->relieved;
  }
  Correct(level, before, factor, r, level->p, x);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Chebyshev polynomial on [upper / 10, upper] (Saad 2003, algorithm 12.1).
PetscErrorCode MgLevelSmooth(MgLevel *level, const float b[], float x[], PetscBool zero) {
  const float upper = 1.1f * level->largest, lower = .1f * upper;
  const float centre = .5f * (upper + lower), half = .5f * (upper - lower), sigma = centre / half;
  const float rho = 1.f / (2.f * sigma - 1.f / sigma);

  PetscFunctionBeginUser;
  if (zero)
    PetscCall(PetscArrayzero(x, MG_BS * level->num_owned));
  else
    PetscCall(MgLevelResidual(level, b, x, level->r));
  PetscCall(Step(level, 0.f, 1.f / centre, zero ? b : level->r, x));
  PetscCall(MgLevelResidual(level, b, x, level->r));
  PetscCall(Step(level, rho / sigma, 2.f * rho / half, level->r, x));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void MgInvertBlock(const double block[MG_BLOCK], float inverse[MG_BLOCK]) {
  double a[9], c[9], det, size = 0.;

  for (int k = 0; k < 9; k++) {
    a[k] = block[k % 3 * 3 + k / 3];
    size = fmax(size, fabs(a[k]));
  }
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) {
      const int r1 = 3 * ((j + 1) % 3), r2 = 3 * ((j + 2) % 3), c1 = (i + 1) % 3, c2 = (i + 2) % 3;
      c[3 * i + j] = a[r1 + c1] * a[r2 + c2] - a[r1 + c2] * a[r2 + c1];
    }
  }
  det = a[0] * c[0] + a[1] * c[3] + a[2] * c[6];
  for (int k = 0; k < 9; k++) {
    const double alone = k % 4 == 0 && fabs(a[k]) > 0. ? 1. / a[k] : 0.;
    inverse[k] = (float)(det != 0. && isnormal(det) ? c[k] / det : alone);
  }
}

PetscErrorCode MgLevelPrepareSmoother(MgLevel *level, PetscBool anew) {
  const int rounds = anew ? 8 : 1;
  const float least = anew ? 0.f : level->largest;
  float *y = level->r;

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < level->num_owned; i++) {
    double block[MG_BLOCK];
    for (int e = 0; e < MG_BLOCK; e++) block[e] = level->value[MG_BLOCK * level->diagonal[i] + e];
    MgInvertBlock(block, level->inverse + MG_BLOCK * i);
  }
  if (level->pieces) PetscCall(MgPiecesFactor(level->pieces, level));
  PetscCall(PetscArrayzero(level->b, MG_BS * level->num_owned));
  for (int round = 0; round < rounds; round++) {
    double norm[2] = {0., 0.};
    PetscCall(MgLevelResidual(level, level->b, level->mode, y));
    PetscCall(PetscArrayzero(level->x, MG_BS * level->num_owned));
    PetscCall(Step(level, 0.f, -1.f, y, level->x));
    for (PetscInt k = 0; k < MG_BS * level->num_owned; k++) {
      norm[0] += (double)level->mode[k] * level->mode[k];
      norm[1] += (double)level->x[k] * level->x[k];
    }
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, norm, 2, MPI_DOUBLE, MPI_SUM, level->comm));
    level->largest = fmaxf((float)sqrt(norm[1] / norm[0]), least);
    for (PetscInt k = 0; k < MG_BS * level->num_owned; k++)
      level->mode[k] = level->x[k] / (float)sqrt(norm[1]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
