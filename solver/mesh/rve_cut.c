/// @file
/// Polylines of a volume that is not periodic: what leaves on one side comes back on the other as a polyline of its own.
///
/// So the fibres stay those of the periodic volume, cut at its sides.
#include <math.h>

#include "mesh/rve_private.h"

#define NEAR 1e-9  ///< of a segment: a cut nearer to a point falls on it

typedef struct {
  const LhFibreArrays *from;
  const PetscReal *size;
  LhFibreArrays *to;     ///< filled when allocated; counted before
  PetscInt num, points;  ///< so far
  PetscInt start;        ///< first point of the polyline at hand
} Cutter;

static void AddPoint(Cutter *cutter, const PetscReal x[3], const PetscReal turn[3]) {
  for (PetscInt d = 0; cutter->to->points && d < 3; d++) {
    const PetscReal inside = x[d] - turn[d] * cutter->size[d];
    cutter->to->points[3 * (size_t)cutter->points + d] =
        PetscMin(cutter->size[d], PetscMax(0., inside));
  }
  cutter->points++;
}

static void StartPolyline(Cutter *cutter, PetscInt fibre) {
  if (cutter->to->points) {
    cutter->to->offset[cutter->num] = cutter->points;
    cutter->to->diameter[cutter->num] = cutter->from->diameter[fibre];
    cutter->to->tubes[cutter->num] = cutter->from->tubes[fibre];
    cutter->to->coat[cutter->num] = cutter->from->coat[fibre];
  }
  cutter->num++;
  cutter->start = cutter->points;
}

/// Share of the way at which a segment leaves the volume of `turn`, 1 when it does not; `*side` where.
static PetscReal FindExit(const Cutter *cutter, const PetscReal a[3], const PetscReal b[3],
                          const PetscReal turn[3], PetscReal after, PetscInt *side) {
  PetscReal share = 1.;
  *side = -1;
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal way = b[d] - a[d];
    if (way == 0.) continue;
    const PetscReal plane = (turn[d] + (way > 0. ? 1. : 0.)) * cutter->size[d];
    const PetscReal at = PetscMax(after, (plane - a[d]) / way);
    if (at >= share) continue;
    share = at;
    *side = d;
  }
  return share;
}

static void CutSegment(Cutter *cutter, PetscInt fibre, const PetscReal a[3], const PetscReal b[3],
                       PetscReal turn[3]) {
  PetscReal from = 0.;
  PetscInt side;

  for (PetscReal to = FindExit(cutter, a, b, turn, from, &side); side >= 0 && to < 1. - NEAR;
       to = FindExit(cutter, a, b, turn, from, &side)) {
    PetscReal x[3];
    for (PetscInt d = 0; d < 3; d++) x[d] = a[d] + (b[d] - a[d]) * to;
    if (to > from + NEAR) AddPoint(cutter, x, turn);
    if (cutter->points - cutter->start < 2)  // nothing of any length lies in this turn
      cutter->points = cutter->start;
    else
      StartPolyline(cutter, fibre);
    turn[side] += b[side] > a[side] ? 1. : -1.;
    AddPoint(cutter, x, turn);
    from = to;
  }
  AddPoint(cutter, b, turn);
}

static void CutAll(Cutter *cutter) {
  const LhFibreArrays *from = cutter->from;
  cutter->num = cutter->points = 0;
  for (PetscInt f = 0; f < from->num; f++) {
    const PetscReal *x = from->points + 3 * (size_t)from->offset[f];
    PetscReal turn[3];
    for (PetscInt d = 0; d < 3; d++) turn[d] = PetscFloorReal(x[d] / cutter->size[d]);
    StartPolyline(cutter, f);
    AddPoint(cutter, x, turn);
    for (PetscInt p = from->offset[f]; p + 1 < from->offset[f + 1]; p++, x += 3)
      CutSegment(cutter, f, x, x + 3, turn);
  }
}

PetscErrorCode LhRveCutTubes(const PetscReal size[3], LhFibreArrays *fibres) {
  LhFibreArrays cut = {.num = 0};
  Cutter cutter = {.from = fibres, .size = size, .to = &cut};

  PetscFunctionBeginUser;
  CutAll(&cutter);
  PetscCall(LhFibreArraysAllocate(cutter.num, cutter.points, &cut));
  CutAll(&cutter);
  PetscCall(LhFibreArraysDestroy(fibres));
  *fibres = cut;
  PetscFunctionReturn(PETSC_SUCCESS);
}
