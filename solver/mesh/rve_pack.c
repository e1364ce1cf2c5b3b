/// @file
/// Packs ellipsoids into a periodic volume: random sequential addition, then pushing apart. See rve_body.h.
///
/// Works on the bodies inflated by half the gap: when those do not overlap, the gap is kept.
#include <math.h>
#include <stdlib.h>

#include "mesh/random.h"
#include "mesh/rve_body.h"

#define ATTEMPTS 500   ///< random places tried for a body before it is left to the pushing
#define SWEEPS   2000  ///< of pushing before the packing is given up
#define DENSEST  0.64  ///< random close packing: nothing random is denser

/// Bodies by the bins of a periodic grid whose width no two touching bodies exceed.
typedef struct {
  PetscInt size[3];
  PetscInt *head, *next;
} Grid;

typedef struct {
  LhPacking *packing;
  LhBody *hard;  ///< [body] inflated by half the gap
  PetscInt *order;
  Grid grid;
} Packer;

static PetscInt BinOf(const Packer *packer, const PetscReal x[3]) {
  const Grid *grid = &packer->grid;
  PetscInt at[3];
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal share = x[d] / packer->packing->size[d];
    at[d] = (PetscInt)((share - PetscFloorReal(share)) * (PetscReal)grid->size[d]);
    at[d] = PetscMin(at[d], grid->size[d] - 1);
  }
  return at[0] + grid->size[0] * (at[1] + grid->size[1] * at[2]);
}

static void Enter(Packer *packer, PetscInt body) {
  const PetscInt bin = BinOf(packer, packer->hard[body].centre);
  packer->grid.next[body] = packer->grid.head[bin];
  packer->grid.head[bin] = body;
}

static PetscInt CountBins(const Grid *grid) {
  return grid->size[0] * grid->size[1] * grid->size[2];
}

static void ClearGrid(Packer *packer) {
  for (PetscInt b = 0; b < CountBins(&packer->grid); b++) packer->grid.head[b] = -1;
}

/// The bins beside and including that of `x`, each once: fewer than 27 in a small grid.
static PetscInt NearBins(const Packer *packer, const PetscReal x[3], PetscInt bins[27]) {
  const PetscInt *n = packer->grid.size, bin = BinOf(packer, x);
  const PetscInt at[3] = {bin % n[0], bin / n[0] % n[1], bin / (n[0] * n[1])};
  PetscInt count = 0;

  for (PetscInt k = 0; k < 27; k++) {
    const PetscInt step[3] = {k % 3 - 1, k / 3 % 3 - 1, k / 9 - 1};
    PetscInt to[3], seen = 0;
    for (PetscInt d = 0; d < 3; d++) to[d] = (at[d] + step[d] + n[d]) % n[d];
    const PetscInt index = to[0] + n[0] * (to[1] + n[1] * to[2]);
    for (PetscInt i = 0; i < count; i++) seen |= bins[i] == index;
    if (!seen) bins[count++] = index;
  }
  return count;
}

/// Whether two hard bodies overlap; `push` is what b would have to move by.
static PetscBool Overlap(const Packer *packer, PetscInt a, PetscInt b, PetscReal push[3]) {
  const LhBody *left = &packer->hard[a], *right = &packer->hard[b];
  const PetscReal reach = LhBodyRadius(left) + LhBodyRadius(right);
  PetscReal r[3];

  LhBodyGap(packer->packing->size, left->centre, right->centre, r);
  if (r[0] * r[0] + r[1] * r[1] + r[2] * r[2] >= reach * reach) return PETSC_FALSE;
  return (PetscBool)(LhBodyContact(left, right, r, push) < 1.);
}

static PetscBool IsFree(const Packer *packer, PetscInt body) {
  PetscInt bins[27];
  PetscReal push[3];
  const PetscInt n = NearBins(packer, packer->hard[body].centre, bins);
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt b = packer->grid.head[bins[i]]; b >= 0; b = packer->grid.next[b]) {
      if (Overlap(packer, body, b, push)) return PETSC_FALSE;
    }
  }
  return PETSC_TRUE;
}

static void PlaceAnywhere(Packer *packer, PetscInt body) {
  for (PetscInt d = 0; d < 3; d++) {
    packer->hard[body].centre[d] =
        packer->packing->size[d] * LhRandomUniform(packer->packing->random);
  }
}

/// Largest first. True when every body found room.
static PetscBool AddOneByOne(Packer *packer) {
  PetscBool all = PETSC_TRUE;
  ClearGrid(packer);
  for (PetscInt k = 0; k < packer->packing->num; k++) {
    const PetscInt body = packer->order[k];
    PetscBool room = PETSC_FALSE;
    for (PetscInt i = 0; i < ATTEMPTS && !room; i++) {
      PlaceAnywhere(packer, body);
      room = IsFree(packer, body);
    }
    if (!room) all = PETSC_FALSE;
    Enter(packer, body);
  }
  return all;
}

/// Moves both, the smaller one more.
static void PushApart(Packer *packer, PetscInt a, PetscInt b, const PetscReal push[3]) {
  LhBody *left = &packer->hard[a], *right = &packer->hard[b];
  const PetscReal va = LhBodyVolume(left), vb = LhBodyVolume(right), share = va / (va + vb);
  PetscReal way[3], size = 0.;

  for (PetscInt d = 0; d < 3; d++) size += PetscSqr(push[d]);
  if (size > 0.)
    for (PetscInt d = 0; d < 3; d++) way[d] = push[d];
  else {  // the same centre: any way
    LhRandomDirection(packer->packing->random, way);
    for (PetscInt d = 0; d < 3; d++) way[d] *= LhBodyRadius(left);
  }
  for (PetscInt d = 0; d < 3; d++) {
    left->centre[d] -= (1. - share) * way[d];
    right->centre[d] += share * way[d];
  }
}

/// Pushes every overlapping pair apart once; the number of pairs.
static PetscInt Sweep(Packer *packer) {
  PetscInt pairs = 0, bins[27];
  PetscReal push[3];

  ClearGrid(packer);
  for (PetscInt b = 0; b < packer->packing->num; b++) Enter(packer, b);
  for (PetscInt a = 0; a < packer->packing->num; a++) {
    const PetscInt n = NearBins(packer, packer->hard[a].centre, bins);
    for (PetscInt i = 0; i < n; i++) {
      for (PetscInt b = packer->grid.head[bins[i]]; b >= 0; b = packer->grid.next[b]) {
        if (b <= a || !Overlap(packer, a, b, push)) continue;
        PushApart(packer, a, b, push);
        pairs++;
      }
    }
  }
  return pairs;
}

typedef struct {
  PetscReal volume;
  PetscInt body;
} SizeKey;

static int CompareSizes(const void *left, const void *right) {
  const SizeKey *a = left, *b = right;
  if (a->volume != b->volume) return a->volume > b->volume ? -1 : 1;
  return a->body < b->body ? -1 : 1;
}

static PetscErrorCode OrderBySize(Packer *packer) {
  const PetscInt n = packer->packing->num;
  SizeKey *keys;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n, &keys));
  for (PetscInt b = 0; b < n; b++) keys[b] = (SizeKey){LhBodyVolume(&packer->hard[b]), b};
  qsort(keys, (size_t)n, sizeof(*keys), CompareSizes);
  for (PetscInt b = 0; b < n; b++) packer->order[b] = keys[b].body;
  PetscCall(PetscFree(keys));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PackerCreate(LhPacking *packing, Packer *packer) {
  PetscReal reach = 0.;

  PetscFunctionBeginUser;
  packer->packing = packing;
  PetscCall(PetscMalloc3(packing->num, &packer->hard, packing->num, &packer->order, packing->num,
                         &packer->grid.next));
  for (PetscInt b = 0; b < packing->num; b++) {
    LhBodyInflate(&packing->body[b], 0.5 * packing->gap, &packer->hard[b]);
    reach = PetscMax(reach, 2. * LhBodyRadius(&packer->hard[b]));
  }
  for (PetscInt d = 0; d < 3; d++) {
    packer->grid.size[d] =
        (PetscInt)PetscMax(1., PetscMin(128., PetscFloorReal(packing->size[d] / reach)));
  }
  PetscCall(PetscMalloc1(CountBins(&packer->grid), &packer->grid.head));
  PetscCall(OrderBySize(packer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PackerDestroy(Packer *packer) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree3(packer->hard, packer->order, packer->grid.next));
  PetscCall(PetscFree(packer->grid.head));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// What cannot work whatever is tried.
static void CheckLimits(const Packer *packer, PetscReal *share, LhMeshProblems *problems) {
  const LhPacking *packing = packer->packing;
  const PetscReal *size = packing->size;
  PetscReal longest = 0.;

  *share = 0.;
  for (PetscInt b = 0; b < packing->num; b++) {
    *share += LhBodyVolume(&packer->hard[b]) / (size[0] * size[1] * size[2]);
    longest = PetscMax(longest, 2. * LhBodyRadius(&packer->hard[b]));
  }
  if (longest > 0.5 * PetscMin(size[0], PetscMin(size[1], size[2]))) {
    LhMeshProblemAdd(problems, 0,
                     "the longest island is %.3g um with its gap, more than half of the volume's "
                     "shortest side: it would meet its own image. Take a larger volume or smaller "
                     "islands (diameter, deviation, aspect)",
                     longest * 1e6);
  }
  if (*share > DENSEST) {
    LhMeshProblemAdd(problems, 0,
                     "the islands with half their gap take %.1f vol%%; random packings end at "
                     "%.0f vol%%. Lower the fraction or the gap",
                     *share * 100., DENSEST * 100.);
  }
}

static void AddNoRoom(const Packer *packer, PetscReal share, PetscInt pairs,
                      LhMeshProblems *problems) {
  LhMeshProblemAdd(problems, 0,
                   "no packing was found: after %d sweeps %" PetscInt_FMT " of %" PetscInt_FMT
                   " islands still come nearer than the gap of %.3g um. With half their gap they "
                   "take %.1f vol%%; up to about 50 vol%% is reached reliably. Lower the fraction, "
                   "the gap or the aspect",
                   SWEEPS, pairs, packer->packing->num, packer->packing->gap * 1e6, share * 100.);
}

PetscErrorCode LhBodiesPack(LhPacking *packing, LhMeshProblems *problems) {
  Packer packer = {.packing = packing};
  PetscReal share;
  PetscInt pairs;

  PetscFunctionBeginUser;
  if (!packing->num) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PackerCreate(packing, &packer));
  CheckLimits(&packer, &share, problems);
  if (!problems->n && !AddOneByOne(&packer)) {
    pairs = Sweep(&packer);
    for (PetscInt k = 1; k < SWEEPS && pairs; k++) pairs = Sweep(&packer);
    if (pairs) AddNoRoom(&packer, share, pairs, problems);
  }
  for (PetscInt b = 0; b < packing->num && !problems->n; b++) {
    for (PetscInt d = 0; d < 3; d++) {
      const PetscReal x = packer.hard[b].centre[d];
      packing->body[b].centre[d] = x - packing->size[d] * PetscFloorReal(x / packing->size[d]);
    }
  }
  PetscCall(PackerDestroy(&packer));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int CompareReals(const void *left, const void *right) {
  const PetscReal a = *(const PetscReal *)left, b = *(const PetscReal *)right;
  return a < b ? -1 : a > b;
}

/// Middle of the widest gap between `n` places on a circle of length `size`.
static PetscReal WidestGap(PetscInt n, PetscReal place[], PetscReal size) {
  PetscReal widest = 0., middle = 0.;
  qsort(place, (size_t)n, sizeof(*place), CompareReals);
  for (PetscInt k = 0; k < n; k++) {
    const PetscReal next = k + 1 < n ? place[k + 1] : place[0] + size;
    if (next - place[k] <= widest) continue;
    widest = next - place[k];
    middle = 0.5 * (place[k] + next);
  }
  return middle;
}

PetscErrorCode LhBodiesAvoidSides(LhPacking *packing) {
  PetscReal *place;

  PetscFunctionBeginUser;
  if (!packing->num) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(2 * (size_t)packing->num, &place));
  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal size = packing->size[d];
    for (PetscInt b = 0; b < 2 * packing->num; b++) {
      const LhBody *body = &packing->body[b / 2];
      const PetscReal end = body->centre[d] + (b % 2 ? 1. : -1.) * LhBodyReach(body, d);
      place[b] = end - size * PetscFloorReal(end / size);
    }
    const PetscReal side = WidestGap(2 * packing->num, place, size);
    for (PetscInt b = 0; b < packing->num; b++) {
      const PetscReal x = packing->body[b].centre[d] - side;
      packing->body[b].centre[d] = x - size * PetscFloorReal(x / size);
    }
  }
  PetscCall(PetscFree(place));
  PetscFunctionReturn(PETSC_SUCCESS);
}
