/// @file
/// Cuts the tetrahedra of the lattice along the surfaces of the bodies and makes a mesh of them. See rve_lattice.h.
///
/// Where a face of a tetrahedron is cut into a triangle and a quadrangle, the diagonal starts at the lower point of the
/// two: both neighbours, and both sides of a periodic box, choose the same one. Flat triangles cut off some of a body's
/// volume: it is measured and the bodies are grown to give it back.
#include <math.h>
#include <stdlib.h>

#include "mesh/rve_lattice.h"

#define AROUND 10.    ///< edges of cubes around an island
#define GOOD   0.002  ///< relative error of the volume of a phase that is let be
#define PASSES 5

typedef struct {
  PetscInt num;
  PetscReal volume[RVE_KINDS];
  uint64_t (*name)
      [4];  ///< [tetrahedron] of its vertices: places of the ends of an edge, or the same one twice
  int *kind;  ///< NULL, like `name`: only counted and measured
} Pieces;

// ---- names of vertices --------------------------------------------------------------------------

static uint64_t NameOf(PetscInt a, PetscInt b) {
  return (uint64_t)PetscMin(a, b) << 32 | (uint64_t)PetscMax(a, b);
}

static void PositionOf(const LhLattice *l, uint64_t name, PetscReal x[3]) {
  PetscInt a = (PetscInt)(name >> 32), b = (PetscInt)(name & 0xffffffffu);
  PetscReal end[3];

  if (a == b) {
    LhLatticePosition(l, a, x);
    return;
  }
  if (l->side[a / 8] != LH_INSIDE) {
    const PetscInt swap = a;
    a = b;
    b = swap;
  }
  const PetscReal share = LhLatticeCut(l, a, b);
  LhLatticeOrigin(l, a, x);
  LhLatticeOrigin(l, b, end);
  for (PetscInt d = 0; d < 3; d++) x[d] += share * (end[d] - x[d]);
}

// ---- pieces -------------------------------------------------------------------------------------

/// Six times the volume, signed.
static PetscReal SixVolumes(PetscReal x[4][3]) {
  PetscReal e[3][3];
  for (PetscInt k = 0; k < 9; k++) e[k / 3][k % 3] = x[k / 3 + 1][k % 3] - x[0][k % 3];
  return e[0][0] * (e[1][1] * e[2][2] - e[1][2] * e[2][1]) -
         e[0][1] * (e[1][0] * e[2][2] - e[1][2] * e[2][0]) +
         e[0][2] * (e[1][0] * e[2][1] - e[1][1] * e[2][0]);
}

static void Emit(const LhLattice *l, Pieces *pieces, PetscInt body, const uint64_t name[4]) {
  const PetscInt kind = body < 0 ? RVE_MATRIX : l->bodies[body].kind;
  PetscReal x[4][3];

  for (PetscInt k = 0; k < 4; k++) PositionOf(l, name[k], x[k]);
  const PetscReal six = SixVolumes(x);
  pieces->volume[kind] += PetscAbsReal(six) / 6.;
  if (pieces->name) {
    uint64_t *to = pieces->name[pieces->num];
    for (PetscInt k = 0; k < 4; k++) to[k] = name[six < 0. && k > 1 ? 5 - k : k];
    pieces->kind[pieces->num] = (int)kind;
  }
  pieces->num++;
}

/// A tetrahedron's corners by side, each list by rising point.
typedef struct {
  PetscInt num[3], place[3][4];  ///< inside, on, outside
} Corners;

static Corners SortCorners(const LhLattice *l, const PetscInt tet[4]) {
  Corners c = {.num = {0}};
  PetscInt order[4] = {tet[0], tet[1], tet[2], tet[3]};

  for (PetscInt i = 1; i < 4; i++) {
    for (PetscInt k = i; k > 0 && order[k] / 8 < order[k - 1] / 8; k--) {
      const PetscInt swap = order[k];
      order[k] = order[k - 1];
      order[k - 1] = swap;
    }
  }
  for (PetscInt k = 0; k < 4; k++) {
    const PetscInt s = l->side[order[k] / 8] + 1;
    c.place[s][c.num[s]++] = order[k];
  }
  return c;
}

/// The body of a tetrahedron all of whose corners lie on surfaces.
static PetscInt BodyAround(const LhLattice *l, const PetscInt tet[4]) {
  PetscReal centre[3] = {0.}, x[3];

  for (PetscInt k = 0; k < 4; k++) {
    LhLatticePosition(l, tet[k], x);
    for (PetscInt d = 0; d < 3; d++) centre[d] += 0.25 * x[d];
  }
  for (PetscInt k = 0; k < 4; k++) {
    const PetscInt body = l->body[tet[k] / 8];
    if (LhBodyContains(&l->bodies[body], l->size, centre)) return body;
  }
  return -1;
}

static uint64_t Same(PetscInt place) {
  return NameOf(place, place);
}

/// One corner `p` apart from the others: `near` is the body of its part, `far` that of the rest. The others are `on`
/// ones, then those across.
static void CutCorner(const LhLattice *l, const Corners *c, const PetscInt sides[2],
                      const PetscInt body[2], Pieces *pieces) {
  const PetscInt p = c->place[sides[0]][0], *q = c->place[sides[1]];
  const uint64_t P = Same(p);
  uint64_t Q[3] = {0}, C[3] = {0}, Z[2] = {0};

  for (PetscInt k = 0; k < c->num[sides[1]]; k++) {
    Q[k] = Same(q[k]);
    C[k] = NameOf(p, q[k]);
  }
  for (PetscInt k = 0; k < c->num[1]; k++) Z[k] = Same(c->place[1][k]);
  if (c->num[sides[1]] == 1) {
    Emit(l, pieces, body[0], (const uint64_t[4]){P, Z[0], Z[1], C[0]});
    Emit(l, pieces, body[1], (const uint64_t[4]){Q[0], Z[0], Z[1], C[0]});
  } else if (c->num[sides[1]] == 2) {
    Emit(l, pieces, body[0], (const uint64_t[4]){P, C[0], C[1], Z[0]});
    Emit(l, pieces, body[1], (const uint64_t[4]){Q[0], Q[1], C[1], Z[0]});
    Emit(l, pieces, body[1], (const uint64_t[4]){Q[0], C[0], C[1], Z[0]});
  } else {
    Emit(l, pieces, body[0], (const uint64_t[4]){P, C[0], C[1], C[2]});
    Emit(l, pieces, body[1], (const uint64_t[4]){Q[0], C[0], C[1], C[2]});
    Emit(l, pieces, body[1], (const uint64_t[4]){Q[0], Q[1], C[1], C[2]});
    Emit(l, pieces, body[1], (const uint64_t[4]){Q[0], Q[1], Q[2], C[2]});
  }
}

/// Two corners inside, two outside: two wedges.
static void CutMiddle(const LhLattice *l, const Corners *c, PetscInt body, Pieces *pieces) {
  const PetscInt *n = c->place[0], *p = c->place[2];
  const uint64_t N[2] = {Same(n[0]), Same(n[1])}, P[2] = {Same(p[0]), Same(p[1])};
  const uint64_t c00 = NameOf(n[0], p[0]), c01 = NameOf(n[0], p[1]), c10 = NameOf(n[1], p[0]),
                 c11 = NameOf(n[1], p[1]);

  Emit(l, pieces, body, (const uint64_t[4]){N[0], N[1], c10, c11});
  Emit(l, pieces, body, (const uint64_t[4]){N[0], c00, c10, c11});
  Emit(l, pieces, body, (const uint64_t[4]){N[0], c00, c01, c11});
  Emit(l, pieces, -1, (const uint64_t[4]){P[0], P[1], c01, c11});
  Emit(l, pieces, -1, (const uint64_t[4]){P[0], c00, c01, c11});
  Emit(l, pieces, -1, (const uint64_t[4]){P[0], c00, c10, c11});
}

static PetscErrorCode CutOne(LhLattice *l, const PetscInt tet[4], void *context) {
  Pieces *pieces = context;
  const Corners c = SortCorners(l, tet);
  const PetscInt inside = c.num[0], outside = c.num[2];
  const PetscInt body = inside ? l->body[c.place[0][0] / 8] : outside ? -1 : BodyAround(l, tet);

  PetscFunctionBeginUser;
  if (!inside || !outside) {
    Emit(l, pieces, body,
         (const uint64_t[4]){Same(tet[0]), Same(tet[1]), Same(tet[2]), Same(tet[3])});
  } else if (inside == 1) {
    CutCorner(l, &c, (const PetscInt[2]){0, 2}, (const PetscInt[2]){body, -1}, pieces);
  } else if (outside == 1) {
    CutCorner(l, &c, (const PetscInt[2]){2, 0}, (const PetscInt[2]){-1, body}, pieces);
  } else {
    CutMiddle(l, &c, body, pieces);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// ---- mesh ---------------------------------------------------------------------------------------

typedef struct {
  uint64_t name;
  PetscInt corner;
} Named;

static int CompareNames(const void *left, const void *right) {
  const Named *a = left, *b = right;
  if (a->name != b->name) return a->name < b->name ? -1 : 1;
  return a->corner < b->corner ? -1 : 1;
}

static PetscErrorCode FillRaw(const LhLattice *l, const Pieces *pieces, LhRawMesh *raw) {
  PetscInt num_vertices = 0;
  Named *named;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(4 * (size_t)pieces->num, &named));
  for (PetscInt k = 0; k < 4 * pieces->num; k++) named[k] = (Named){pieces->name[k / 4][k % 4], k};
  qsort(named, 4 * (size_t)pieces->num, sizeof(*named), CompareNames);
  for (PetscInt k = 0; k < 4 * pieces->num; k++)
    num_vertices += !k || named[k].name != named[k - 1].name;
  raw->cell_type = LH_CELL_TET4;
  PetscCall(LhRawMeshAllocate(raw, pieces->num, num_vertices));
  for (PetscInt k = 0, v = -1; k < 4 * pieces->num; k++) {
    if (!k || named[k].name != named[k - 1].name)
      PositionOf(l, named[k].name, raw->coords + 3 * (size_t)++v);
    raw->cells[named[k].corner] = v;
  }
  for (PetscInt c = 0; c < pieces->num; c++) raw->region[c] = pieces->kind[c];
  PetscCall(PetscFree(named));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Grows the bodies of each kind by what is missing; whether nothing was.
static PetscBool Grow(const LhRveSpec *spec, const Pieces *pieces, LhLattice *l) {
  const PetscReal asked[RVE_KINDS] = {0., spec->islands.fraction, spec->particles.fraction};
  PetscReal factor[RVE_KINDS] = {1., 1., 1.}, total = 0.;
  PetscBool good = PETSC_TRUE;

  for (PetscInt k = 0; k < RVE_KINDS; k++) total += pieces->volume[k];
  for (PetscInt k = RVE_ISLAND; k < RVE_KINDS; k++) {
    if (!(asked[k] > 0.) || !(pieces->volume[k] > 0.)) continue;
    if (PetscAbsReal(pieces->volume[k] / total / asked[k] - 1.) < GOOD) continue;
    factor[k] = PetscCbrtReal(asked[k] * total / pieces->volume[k]);
    good = PETSC_FALSE;
  }
  for (PetscInt b = 0; b < l->num_bodies && !good; b++) {
    for (PetscInt k = 0; k < 3; k++) l->bodies[b].semi[k] *= factor[l->bodies[b].kind];
  }
  return good;
}

/// `edge`, or less where an island needs it.
static PetscReal EdgeOf(const LhRveSpec *spec) {
  PetscReal edge = spec->edge;
  if (spec->islands.fraction > 0.)
    edge = PetscMin(edge, spec->islands.diameter * PETSC_PI / AROUND);
  if (spec->particles.fraction > 0.)
    edge = PetscMin(edge, spec->particles.diameter * PETSC_PI / AROUND);
  return edge;
}

PetscErrorCode LhRveLatticeTets(const LhRve *rve, LhRawMesh *raw) {
  Pieces pieces = {.num = 0};
  PetscBool good = PETSC_FALSE;
  LhLattice l;

  PetscFunctionBeginUser;
  PetscCall(
      LhLatticeCreate(rve->spec->size, EdgeOf(rve->spec), rve->packing.num, rve->packing.body, &l));
  for (PetscInt k = 0; k < PASSES && !good; k++) {
    pieces = (Pieces){.num = 0};
    PetscCall(LhLatticeFit(&l));
    PetscCall(LhLatticeForEach(&l, CutOne, &pieces));
    good = k + 1 < PASSES ? Grow(rve->spec, &pieces, &l) : PETSC_TRUE;
  }
  PetscCall(PetscMalloc2(pieces.num, &pieces.name, pieces.num, &pieces.kind));
  pieces.num = 0;
  PetscCall(LhLatticeForEach(&l, CutOne, &pieces));
  PetscCall(FillRaw(&l, &pieces, raw));
  PetscCall(PetscFree2(pieces.name, pieces.kind));
  PetscCall(LhLatticeDestroy(&l));
  PetscFunctionReturn(PETSC_SUCCESS);
}
