/// @file
/// Cuts polylines at the faces of the cells.
///
/// A polyline's segments are cut at the planes of a periodic volume and moved inside ("strokes"). Every rank clips the
/// strokes by its own convex cells, found through bins; all ranks then see all spans and walk along each stroke from
/// span to span, taking the lowest cell id where spans overlap (a stroke in a face or along an edge). So the pieces
/// cover every stroke once and do not depend on the partition.
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "mesh/fibres_private.h"

#define FLAT        1e-9  ///< of the cell size: nearer to a face than this is in the face
#define SHORTEST    1e-9  ///< of a stroke: no piece is shorter
#define LARGEST_GAP 1e-6  ///< of a stroke: closed, left by rounding where a stroke grazes a face

/// A straight bit of a polyline inside the volume.
typedef struct {
  PetscInt fibre;
  PetscReal from[3], to[3], arc, length;
} Stroke;

/// What a cell holds of a stroke: from share t[0] to t[1] of it.
typedef struct {
  PetscInt stroke, cell_id, cell;
  PetscMPIInt rank;
  PetscReal t[2];
} Span;

typedef struct {
  PetscInt n, max;
  Stroke *item;
} Strokes;

typedef struct {
  PetscInt n, max;
  Span *item;
} Spans;

/// The cells of this rank by the bins of a regular grid that their boxes touch.
typedef struct {
  PetscInt size[3];
  PetscReal lower[3], step[3];
  PetscInt *first, *cell;  ///< cells of bin b: cell[first[b]] .. cell[first[b + 1] - 1]
  PetscInt *seen;          ///< [cell] last stroke it was tried on
} Bins;

// ---- strokes ------------------------------------------------------------------------------------

static PetscErrorCode AddStroke(Strokes *strokes, const Stroke *stroke) {
  PetscFunctionBeginUser;
  if (strokes->n == strokes->max) {
    strokes->max = 2 * strokes->max + 64;
    PetscCall(PetscRealloc((size_t)strokes->max * sizeof(Stroke), &strokes->item));
  }
  strokes->item[strokes->n++] = *stroke;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Smallest share of the way beyond `after` at which the segment meets a plane of the periodic volume, at most 1.
static PetscReal NextPlane(const LhMeshView *view, const PetscReal a[3], const PetscReal b[3],
                           PetscReal after) {
  PetscReal next = 1.;
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal period = view->period[d], way = b[d] - a[d];
    if (!(period > 0.) || way == 0.) continue;
    const PetscReal at = (a[d] + way * after - view->lower[d]) / period;
    PetscReal plane = way > 0. ? PetscFloorReal(at) + 1. : PetscCeilReal(at) - 1.;
    PetscReal share = (view->lower[d] + plane * period - a[d]) / way;
    if (share <= after + SHORTEST) share += period / PetscAbsReal(way);
    next = PetscMin(next, share);
  }
  return next > 1. - SHORTEST ? 1. : next;
}

/// Moves the stroke into the volume by whole periods; its ends stay on this side of the border.
static void WrapStroke(const LhMeshView *view, Stroke *stroke) {
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal period = view->period[d], middle = 0.5 * (stroke->from[d] + stroke->to[d]);
    if (!(period > 0.)) continue;
    PetscReal turn = PetscFloorReal((middle - view->lower[d]) / period);
    if (middle - turn * period > view->upper[d]) turn += 1.;
    stroke->from[d] =
        PetscMin(view->upper[d], PetscMax(view->lower[d], stroke->from[d] - turn * period));
    stroke->to[d] =
        PetscMin(view->upper[d], PetscMax(view->lower[d], stroke->to[d] - turn * period));
  }
}

static PetscErrorCode CutAtPlanes(const LhMeshView *view, const PetscReal a[3],
                                  const PetscReal b[3], Stroke stroke, Strokes *strokes) {
  const PetscReal start = stroke.arc, length = stroke.length;
  PetscReal from = 0.;

  PetscFunctionBeginUser;
  while (from < 1.) {
    const PetscReal to = NextPlane(view, a, b, from);
    for (PetscInt d = 0; d < 3; d++) {
      stroke.from[d] = a[d] + (b[d] - a[d]) * from;
      stroke.to[d] = to < 1. ? a[d] + (b[d] - a[d]) * to : b[d];
    }
    WrapStroke(view, &stroke);
    stroke.arc = start + length * from;
    stroke.length = length * (to - from);
    PetscCall(AddStroke(strokes, &stroke));
    from = to;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode MakeStrokes(const LhMeshView *view, const LhFibresSpec *spec,
                                  Strokes *strokes) {
  PetscFunctionBeginUser;
  for (PetscInt f = 0; f < spec->num; f++) {
    PetscReal arc = 0.;
    for (PetscInt p = spec->offset[f]; p + 1 < spec->offset[f + 1]; p++) {
      const PetscReal *a = spec->points + 3 * (size_t)p, *b = a + 3;
      const PetscReal length =
          PetscSqrtReal(PetscSqr(b[0] - a[0]) + PetscSqr(b[1] - a[1]) + PetscSqr(b[2] - a[2]));
      PetscCall(
          CutAtPlanes(view, a, b, (Stroke){.fibre = f, .arc = arc, .length = length}, strokes));
      arc += length;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// ---- bins ---------------------------------------------------------------------------------------

static void GetCell(const LhMeshView *view, PetscInt cell, PetscReal x[8][3]) {
  const PetscInt n = view->vertices_per_cell;
  for (PetscInt k = 0; k < n; k++) {
    for (PetscInt d = 0; d < 3; d++)
      x[k][d] = view->coords[3 * view->cell_vertices[cell * n + k] + d];
  }
}

static void GetBox(PetscInt n, PetscReal x[][3], PetscReal lower[3], PetscReal upper[3]) {
  for (PetscInt d = 0; d < 3; d++) {
    lower[d] = upper[d] = x[0][d];
    for (PetscInt k = 1; k < n; k++) {
      lower[d] = PetscMin(lower[d], x[k][d]);
      upper[d] = PetscMax(upper[d], x[k][d]);
    }
  }
}

/// Bins that a box touches, and a hair beyond.
static void BinRange(const Bins *bins, const PetscReal lower[3], const PetscReal upper[3],
                     PetscInt from[3], PetscInt to[3]) {
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal last = (PetscReal)(bins->size[d] - 1);
    const PetscReal a = PetscFloorReal((lower[d] - bins->lower[d]) / bins->step[d] - 1e-6);
    const PetscReal b = PetscFloorReal((upper[d] - bins->lower[d]) / bins->step[d] + 1e-6);
    from[d] = (PetscInt)PetscMax(0., PetscMin(last, a));
    to[d] = (PetscInt)PetscMax(0., PetscMin(last, b));
  }
}

static PetscInt BinIndex(const Bins *bins, const PetscInt at[3]) {
  return at[0] + bins->size[0] * (at[1] + bins->size[1] * at[2]);
}

/// Adds the cell to the counts of its bins, or (with `filled`) to their lists.
static void EnterCell(const LhMeshView *view, PetscInt cell, Bins *bins, PetscInt filled[]) {
  PetscReal x[8][3], lower[3], upper[3];
  PetscInt from[3], to[3], at[3];

  GetCell(view, cell, x);
  GetBox(view->vertices_per_cell, x, lower, upper);
  BinRange(bins, lower, upper, from, to);
  for (at[2] = from[2]; at[2] <= to[2]; at[2]++) {
    for (at[1] = from[1]; at[1] <= to[1]; at[1]++) {
      for (at[0] = from[0]; at[0] <= to[0]; at[0]++) {
        const PetscInt b = BinIndex(bins, at);
        if (filled)
          bins->cell[bins->first[b] + filled[b]++] = cell;
        else
          bins->first[b + 1]++;
      }
    }
  }
}

/// About one cell a bin.
static void SizeBins(const LhMeshView *view, Bins *bins) {
  PetscReal volume = 1.;
  for (PetscInt d = 0; d < 3; d++) volume *= view->upper[d] - view->lower[d];
  const PetscReal edge = PetscCbrtReal(volume / (PetscReal)PetscMax(view->num_global_cells, 1));
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal width = view->upper[d] - view->lower[d];
    bins->size[d] = (PetscInt)PetscMax(1., PetscMin(1024., PetscFloorReal(width / edge + 0.5)));
    bins->lower[d] = view->lower[d];
    bins->step[d] = width / (PetscReal)bins->size[d];
  }
}

static PetscErrorCode BinsCreate(const LhMeshView *view, Bins *bins) {
  PetscInt *filled;

  PetscFunctionBeginUser;
  SizeBins(view, bins);
  const PetscInt n = bins->size[0] * bins->size[1] * bins->size[2];
  PetscCall(PetscCalloc1((size_t)n + 1, &bins->first));
  for (PetscInt c = 0; c < view->num_cells; c++) EnterCell(view, c, bins, NULL);
  for (PetscInt b = 0; b < n; b++) bins->first[b + 1] += bins->first[b];
  PetscCall(PetscMalloc2(bins->first[n], &bins->cell, view->num_cells, &bins->seen));
  PetscCall(PetscCalloc1(n, &filled));
  for (PetscInt c = 0; c < view->num_cells; c++) {
    EnterCell(view, c, bins, filled);
    bins->seen[c] = -1;
  }
  PetscCall(PetscFree(filled));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BinsDestroy(Bins *bins) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree(bins->first));
  PetscCall(PetscFree2(bins->cell, bins->seen));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// ---- clipping -----------------------------------------------------------------------------------

/// Unit outward normal and offset of a side; whether its vertices lie in one plane.
static PetscBool SidePlane(PetscInt n, PetscReal x[][3], const PetscInt side[4], PetscReal size,
                           PetscReal plane[4]) {
  // The diagonals of a quadrilateral, or two edges of a triangle.
  const PetscInt end[2][2] = {
      {0,              n == 4 ? 2 : 1},
      {n == 4 ? 1 : 0, n == 4 ? 3 : 2}
  };
  PetscReal a[3], b[3], norm = 0.;

  for (PetscInt d = 0; d < 3; d++) {
    a[d] = x[side[end[0][1]]][d] - x[side[end[0][0]]][d];
    b[d] = x[side[end[1][1]]][d] - x[side[end[1][0]]][d];
  }
  for (PetscInt d = 0; d < 3; d++) {
    const PetscInt e = (d + 1) % 3, f = (d + 2) % 3;
    plane[d] = a[e] * b[f] - a[f] * b[e];
    norm += PetscSqr(plane[d]);
  }
  norm = PetscSqrtReal(norm);
  plane[3] = 0.;
  for (PetscInt d = 0; d < 3; d++) {
    plane[d] /= norm;
    plane[3] += plane[d] * x[side[0]][d];
  }
  for (PetscInt k = 1; k < n; k++) {
    const PetscReal *y = x[side[k]];
    const PetscReal off = plane[0] * y[0] + plane[1] * y[1] + plane[2] * y[2] - plane[3];
    if (PetscAbsReal(off) > 1e3 * FLAT * size) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/// The part of a stroke in a cell; false when there is none. `*flat` is cleared at a warped face.
static PetscBool ClipStroke(const LhMeshView *view, PetscInt cell, const Stroke *stroke,
                            PetscReal t[2], PetscBool *flat) {
  const LhCellShape *shape = LhCellShapeGet(view->cell_type);
  PetscReal x[8][3], lower[3], upper[3], plane[4], size = 0.;

  GetCell(view, cell, x);
  GetBox(shape->vertices, x, lower, upper);
  for (PetscInt d = 0; d < 3; d++) size = PetscMax(size, upper[d] - lower[d]);
  t[0] = 0.;
  t[1] = 1.;
  for (PetscInt s = 0; s < shape->sides; s++) {
    if (!SidePlane(shape->side_vertices, x, shape->side[s], size, plane)) *flat = PETSC_FALSE;
    PetscReal a = -plane[3], b = -plane[3];
    for (PetscInt d = 0; d < 3; d++) {
      a += plane[d] * stroke->from[d];
      b += plane[d] * stroke->to[d];
    }
    if (PetscMax(PetscAbsReal(a), PetscAbsReal(b)) <= FLAT * size) continue;
    if (a > 0. && b > 0.) return PETSC_FALSE;
    if (a > 0.) t[0] = PetscMax(t[0], a / (a - b));
    if (b > 0.) t[1] = PetscMin(t[1], a / (a - b));
  }
  return (PetscBool)(t[1] - t[0] > SHORTEST);
}

static PetscErrorCode AddSpan(Spans *spans, const Span *span) {
  PetscFunctionBeginUser;
  if (spans->n == spans->max) {
    spans->max = 2 * spans->max + 256;
    PetscCall(PetscRealloc((size_t)spans->max * sizeof(Span), &spans->item));
  }
  spans->item[spans->n++] = *span;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ClipInBin(const LhMeshView *view, Bins *bins, PetscInt bin, PetscInt index,
                                const Stroke *stroke, Spans *spans, PetscBool *flat) {
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(view->comm, &rank));
  for (PetscInt i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
    const PetscInt cell = bins->cell[i];
    Span span = {
        index, view->cell_id[cell], cell, rank, {0., 1.}
    };
    if (bins->seen[cell] == index) continue;
    bins->seen[cell] = index;
    if (ClipStroke(view, cell, stroke, span.t, flat)) PetscCall(AddSpan(spans, &span));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Looks into the bins along the stroke, a bin's width at a time.
static PetscErrorCode ClipAlong(const LhMeshView *view, Bins *bins, PetscInt index,
                                const Stroke *stroke, Spans *spans, PetscBool *flat) {
  PetscReal steps = 1.;

  PetscFunctionBeginUser;
  for (PetscInt d = 0; d < 3; d++) {
    steps = PetscMax(steps,
                     PetscCeilReal(PetscAbsReal(stroke->to[d] - stroke->from[d]) / bins->step[d]));
  }
  for (PetscReal k = 0.; k < steps; k += 1.) {
    PetscReal lower[3], upper[3];
    PetscInt from[3], to[3], at[3];
    for (PetscInt d = 0; d < 3; d++) {
      const PetscReal a = stroke->from[d] + (stroke->to[d] - stroke->from[d]) * k / steps;
      const PetscReal b = stroke->from[d] + (stroke->to[d] - stroke->from[d]) * (k + 1.) / steps;
      lower[d] = PetscMin(a, b);
      upper[d] = PetscMax(a, b);
    }
    BinRange(bins, lower, upper, from, to);
    const PetscInt nx = to[0] - from[0] + 1, ny = to[1] - from[1] + 1, nz = to[2] - from[2] + 1;
    for (PetscInt i = 0; i < nx * ny * nz; i++) {
      at[0] = from[0] + i % nx;
      at[1] = from[1] + i / nx % ny;
      at[2] = from[2] + i / (nx * ny);
      PetscCall(ClipInBin(view, bins, BinIndex(bins, at), index, stroke, spans, flat));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ClipAll(const LhMeshView *view, const Strokes *strokes, Spans *spans) {
  Bins bins = {.size = {0}};
  PetscBool flat = PETSC_TRUE;

  PetscFunctionBeginUser;
  PetscCall(BinsCreate(view, &bins));
  for (PetscInt i = 0; i < strokes->n; i++)
    PetscCall(ClipAlong(view, &bins, i, &strokes->item[i], spans, &flat));
  PetscCall(BinsDestroy(&bins));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &flat, 1, MPIU_BOOL, MPI_LAND, view->comm));
  PetscCheck(flat, view->comm, PETSC_ERR_ARG_WRONG,
             "fibres need cells with flat faces; this mesh has warped ones (distort)");
  PetscFunctionReturn(PETSC_SUCCESS);
}

// ---- pieces -------------------------------------------------------------------------------------

static int CompareSpans(const void *left, const void *right) {
  const Span *a = left, *b = right;
  if (a->stroke != b->stroke) return a->stroke < b->stroke ? -1 : 1;
  if (a->cell_id != b->cell_id) return a->cell_id < b->cell_id ? -1 : 1;
  return 0;
}

/// The spans of all ranks on every rank, by stroke and cell id. Collective.
static PetscErrorCode ShareSpans(MPI_Comm comm, const Spans *mine, Spans *all) {
  PetscMPIInt size, bytes, *count, *first;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMPIIntCast((PetscInt)((size_t)mine->n * sizeof(Span)), &bytes));
  PetscCall(PetscMalloc2(size, &count, size + 1, &first));
  PetscCallMPI(MPI_Allgather(&bytes, 1, MPI_INT, count, 1, MPI_INT, comm));
  first[0] = 0;
  for (PetscMPIInt r = 0; r < size; r++) first[r + 1] = first[r] + count[r];
  all->n = (PetscInt)((size_t)first[size] / sizeof(Span));
  PetscCall(PetscMalloc1(all->n, &all->item));
  PetscCallMPI(
      MPI_Allgatherv(mine->item, bytes, MPI_BYTE, all->item, count, first, MPI_BYTE, comm));
  PetscCall(PetscFree2(count, first));
  qsort(all->item, (size_t)all->n, sizeof(Span), CompareSpans);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The first span (lowest cell id) that goes on from `at`; NULL when there is none. `*next` is then where the next
/// one starts, 1 at the end.
static Span *FindSpan(Span spans[], PetscInt n, PetscReal at, PetscReal *next) {
  *next = 1.;
  for (PetscInt i = 0; i < n; i++) {
    if (spans[i].t[1] <= at + SHORTEST) continue;
    if (spans[i].t[0] <= at + SHORTEST) return &spans[i];
    *next = PetscMin(*next, spans[i].t[0]);
  }
  return NULL;
}

/// Orders the spans of one stroke into pieces that cover it; `taken` of them stay, in front. False at a gap.
static PetscBool ChainSpans(Span spans[], PetscInt n, PetscInt *taken, Span chain[]) {
  PetscReal at = 0.;

  *taken = 0;
  while (at < 1. - SHORTEST) {
    PetscReal next;
    Span *span = FindSpan(spans, n, at, &next);
    if (!span) {
      if (next - at > LARGEST_GAP || (!*taken && next == 1.)) return PETSC_FALSE;
      if (*taken) chain[*taken - 1].t[1] = next;
      at = next;
      continue;
    }
    chain[*taken] = *span;
    chain[*taken].t[0] = *taken ? chain[*taken - 1].t[1] : 0.;
    at = span->t[1];
    (*taken)++;
  }
  chain[*taken - 1].t[1] = 1.;
  return PETSC_TRUE;
}

static void MakePiece(const Stroke *stroke, const Span *span, PetscInt id, LhFibrePiece *piece) {
  const PetscReal middle = 0.5 * (span->t[0] + span->t[1]);
  PetscReal norm = 0.;

  *piece = (LhFibrePiece){.id = id, .cell = span->cell, .fibre = stroke->fibre};
  piece->length = stroke->length * (span->t[1] - span->t[0]);
  piece->arc = stroke->arc + stroke->length * middle;
  for (PetscInt d = 0; d < 3; d++) {
    piece->middle[d] = stroke->from[d] + (stroke->to[d] - stroke->from[d]) * middle;
    piece->direction[d] = stroke->to[d] - stroke->from[d];
    norm += PetscSqr(piece->direction[d]);
  }
  for (PetscInt d = 0; d < 3; d++) piece->direction[d] /= PetscSqrtReal(norm);
}

/// Walks along every stroke; the pieces in cells of this rank are kept. `*leaves`: the first stroke that is not
/// covered by cells, -1 when all are.
static PetscErrorCode MakePieces(const LhMeshView *view, const Strokes *strokes, const Spans *all,
                                 PetscInt *num_global, PetscInt *num, LhFibrePiece **pieces,
                                 PetscInt *leaves) {
  PetscMPIInt rank;
  PetscInt from = 0;
  Span *chain;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(view->comm, &rank));
  PetscCall(PetscMalloc1(all->n, pieces));
  PetscCall(PetscMalloc1(all->n, &chain));
  *num = *num_global = 0;
  *leaves = -1;
  for (PetscInt i = 0; i < strokes->n && *leaves < 0; i++) {
    const Stroke *stroke = &strokes->item[i];
    PetscInt to = from, taken;
    while (to < all->n && all->item[to].stroke == i) to++;
    if (!ChainSpans(all->item + from, to - from, &taken, chain)) *leaves = i;
    for (PetscInt k = 0; *leaves < 0 && k < taken; k++, (*num_global)++) {
      if (chain[k].rank == rank) MakePiece(stroke, &chain[k], *num_global, &(*pieces)[(*num)++]);
    }
    from = to;
  }
  PetscCall(PetscFree(chain));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What is refused belongs to a file of the user: nothing of the attempt stays behind.
PetscErrorCode LhFibresCut(LhMesh mesh, const LhFibresSpec *spec, PetscInt *num_global,
                           PetscInt *num, LhFibrePiece **pieces) {
  const LhMeshView *view = &mesh->view;
  Strokes strokes = {.n = 0};
  Spans mine = {.n = 0}, all = {.n = 0};
  Stroke lost = {.fibre = 0};
  PetscInt leaves;

  PetscFunctionBeginUser;
  PetscCall(MakeStrokes(view, spec, &strokes));
  PetscCall(ClipAll(view, &strokes, &mine));
  PetscCall(ShareSpans(view->comm, &mine, &all));
  PetscCall(MakePieces(view, &strokes, &all, num_global, num, pieces, &leaves));
  if (leaves >= 0) {
    lost = strokes.item[leaves];
    PetscCall(PetscFree(*pieces));
  }
  PetscCall(PetscFree(strokes.item));
  PetscCall(PetscFree(mine.item));
  PetscCall(PetscFree(all.item));
  PetscCheck(leaves < 0, view->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "fibre %" PetscInt_FMT " leaves the mesh between (%g, %g, %g) and (%g, %g, %g) um",
             lost.fibre, lost.from[0] * 1e6, lost.from[1] * 1e6, lost.from[2] * 1e6,
             lost.to[0] * 1e6, lost.to[1] * 1e6, lost.to[2] * 1e6);
  PetscFunctionReturn(PETSC_SUCCESS);
}
