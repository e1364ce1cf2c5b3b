/// @file
/// The lattice: its points, its tetrahedra, and how points move onto surfaces. See rve_lattice.h.
#include "mesh/rve_lattice.h"

#include <math.h>

#define FEWEST_CUBES 4  ///< in a direction: no cell meets its own image
/// Share of an edge within which its end moves to the surface: long edges and short ones (Labelle and Shewchuk).
#define NEAR_LONG  0.24999
#define NEAR_SHORT 0.41189
#define LEAST_CUT  0.25  ///< cuts keep this far from points that may not move
#define LEAST_LEFT 0.05  ///< of a tetrahedron's volume, after its corners moved
#define ROUNDS     20

// ---- points -------------------------------------------------------------------------------------

static PetscInt NumCubes(const LhLattice *l) {
  return l->n[0] * l->n[1] * l->n[2];
}

/// Corners come first, then the centres of cubes, then those of the faces on the lower sides.
static PetscInt CountPoints(const LhLattice *l) {
  PetscInt num = 2 * NumCubes(l);
  for (PetscInt d = 0; d < 3; d++) num += NumCubes(l) / l->n[d];
  return num;
}

static PetscInt CornerPlace(const LhLattice *l, const PetscInt at[3]) {
  PetscInt point = 0, upper = 0;
  for (PetscInt d = 2; d >= 0; d--) {
    upper |= (at[d] == l->n[d]) << d;
    point = point * l->n[d] + at[d] % l->n[d];
  }
  return 8 * point + upper;
}

static PetscInt CentrePlace(const LhLattice *l, const PetscInt cube[3]) {
  return 8 * (NumCubes(l) + cube[0] + l->n[0] * (cube[1] + l->n[1] * cube[2]));
}

/// Of the face of a cube on the lower or upper side in direction d.
static PetscInt FacePlace(const LhLattice *l, const PetscInt cube[3], PetscInt d, PetscInt upper) {
  const PetscInt a = (d + 1) % 3, b = (d + 2) % 3;
  PetscInt first = 2 * NumCubes(l);
  for (PetscInt e = 0; e < d; e++) first += NumCubes(l) / l->n[e];
  return 8 * (first + cube[a] + l->n[a] * cube[b]) + (upper << d);
}

/// Twice the position of a point in cubes.
static void Decode(const LhLattice *l, PetscInt point, PetscInt twice[3]) {
  const PetscInt cubes = NumCubes(l);
  if (point < 2 * cubes) {
    const PetscInt index = point % cubes, centre = point / cubes;
    twice[0] = 2 * (index % l->n[0]) + centre;
    twice[1] = 2 * (index / l->n[0] % l->n[1]) + centre;
    twice[2] = 2 * (index / (l->n[0] * l->n[1])) + centre;
    return;
  }
  PetscInt index = point - 2 * cubes, d = 0;
  while (index >= cubes / l->n[d]) index -= cubes / l->n[d++];
  const PetscInt a = (d + 1) % 3, b = (d + 2) % 3;
  twice[d] = 0;
  twice[a] = 2 * (index % l->n[a]) + 1;
  twice[b] = 2 * (index / l->n[a]) + 1;
}

void LhLatticeOrigin(const LhLattice *l, PetscInt place, PetscReal x[3]) {
  PetscInt twice[3];
  Decode(l, place / 8, twice);
  for (PetscInt d = 0; d < 3; d++)
    x[d] =
        place >> d & 1 ? l->size[d] : l->size[d] * (PetscReal)twice[d] / (PetscReal)(2 * l->n[d]);
}

void LhLatticePosition(const LhLattice *l, PetscInt place, PetscReal x[3]) {
  LhLatticeOrigin(l, place, x);
  for (PetscInt d = 0; d < 3; d++) x[d] += l->move[place / 8][d];
}

// ---- tetrahedra ---------------------------------------------------------------------------------

/// The four around one face of the cubes: its edges with the centres on both sides, or with the one inside and that of
/// the face.
static PetscErrorCode VisitFace(LhLattice *l, PetscInt d, const PetscInt cube[3],
                                LhLatticeVisit visit, void *context) {
  static const PetscInt ring[5][2] = {
      {0, 0},
      {1, 0},
      {1, 1},
      {0, 1},
      {0, 0}
  };
  const PetscInt last = l->n[d] - 1;
  PetscInt above[3] = {cube[0], cube[1], cube[2]}, below[3] = {cube[0], cube[1], cube[2]}, tet[4];

  PetscFunctionBeginUser;
  above[d] = PetscMin(cube[d], last);
  below[d] = PetscMax(cube[d] - 1, 0);
  tet[2] = CentrePlace(l, above);
  tet[3] = CentrePlace(l, below);
  if (above[d] == below[d]) tet[3] = FacePlace(l, cube, d, cube[d] > last);
  for (PetscInt k = 0; k < 4; k++) {
    for (PetscInt e = 0; e < 2; e++) {
      PetscInt at[3] = {cube[0], cube[1], cube[2]};
      at[(d + 1) % 3] += ring[k + e][0];
      at[(d + 2) % 3] += ring[k + e][1];
      tet[e] = CornerPlace(l, at);
    }
    PetscCall(visit(l, tet, context));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhLatticeForEach(LhLattice *l, LhLatticeVisit visit, void *context) {
  PetscFunctionBeginUser;
  for (PetscInt d = 0; d < 3; d++) {
    PetscInt n[3] = {l->n[0], l->n[1], l->n[2]};
    n[d]++;
    for (PetscInt f = 0; f < n[0] * n[1] * n[2]; f++) {
      const PetscInt cube[3] = {f % n[0], f / n[0] % n[1], f / (n[0] * n[1])};
      PetscCall(VisitFace(l, d, cube, visit, context));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// ---- bodies -------------------------------------------------------------------------------------

/// A vector in the frame of the body, over its semi-axes: 1 long on the surface.
static void Scale(const LhBody *body, const PetscReal r[3], PetscReal y[3]) {
  for (PetscInt k = 0; k < 3; k++)
    y[k] = (body->axis[k][0] * r[0] + body->axis[k][1] * r[1] + body->axis[k][2] * r[2]) /
           body->semi[k];
}

static PetscReal Dot(const PetscReal a[3], const PetscReal b[3]) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

PetscReal LhLatticeCut(const LhLattice *l, PetscInt inside, PetscInt outside) {
  const LhBody *body = &l->bodies[l->body[inside / 8]];
  const PetscReal least = l->settled[inside / 8] ? LEAST_CUT : 0.,
                  most = 1. - (l->settled[outside / 8] ? LEAST_CUT : 0.);
  PetscReal a[3], b[3], r[3], p[3], v[3];

  LhLatticeOrigin(l, inside, a);
  LhLatticeOrigin(l, outside, b);
  LhBodyGap(l->size, body->centre, a, r);
  for (PetscInt d = 0; d < 3; d++) b[d] -= a[d];
  Scale(body, r, p);
  Scale(body, b, v);
  const PetscReal half = Dot(p, v), square = Dot(v, v), short_of = PetscMax(1. - Dot(p, p), 0.);
  const PetscReal t = (PetscSqrtReal(half * half + square * short_of) - half) / square;
  return PetscMin(PetscMax(t, least), most);
}

static void Mark(LhLattice *l, PetscInt point, PetscInt body) {
  PetscReal x[3];

  LhLatticeOrigin(l, 8 * point, x);
  if (!LhBodyContains(&l->bodies[body], l->size, x)) return;
  l->body[point] = body;
  l->raw_side[point] = LH_INSIDE;
}

/// Corners and centres within reach of the body.
static void MarkBody(LhLattice *l, PetscInt body) {
  PetscInt low[3], n[3];

  for (PetscInt d = 0; d < 3; d++) {
    const PetscReal h = l->size[d] / (PetscReal)l->n[d], reach = LhBodyReach(&l->bodies[body], d);
    low[d] = (PetscInt)PetscFloorReal((l->bodies[body].centre[d] - reach) / h) - 1;
    n[d] = PetscMin(l->n[d], (PetscInt)PetscCeilReal(2. * reach / h) + 3);
  }
  for (PetscInt k = 0; k < n[0] * n[1] * n[2]; k++) {
    const PetscInt step[3] = {k % n[0], k / n[0] % n[1], k / (n[0] * n[1])};
    PetscInt at[3];
    for (PetscInt d = 0; d < 3; d++) at[d] = ((low[d] + step[d]) % l->n[d] + l->n[d]) % l->n[d];
    Mark(l, CornerPlace(l, at) / 8, body);
    Mark(l, CentrePlace(l, at) / 8, body);
  }
}

static void FindSides(LhLattice *l) {
  for (PetscInt p = 0; p < l->num_points; p++) {
    l->body[p] = -1;
    l->raw_side[p] = LH_OUTSIDE;
    l->settled[p] = 0;
  }
  for (PetscInt b = 0; b < l->num_bodies; b++) MarkBody(l, b);
  for (PetscInt p = 2 * NumCubes(l); p < l->num_points; p++) {
    for (PetscInt b = 0; b < l->num_bodies && l->body[p] < 0; b++) Mark(l, p, b);
  }
}

// ---- moving points onto surfaces ----------------------------------------------------------------

/// Moves the end `place` of an edge to where the edge is cut, when that is near and nearer than what was found. Points
/// on sides of the box stay there.
static void Attract(LhLattice *l, PetscInt place, PetscReal share, const PetscReal edge[3],
                    PetscInt body) {
  const PetscInt point = place / 8;
  const PetscReal h = PetscMin(l->size[0] / (PetscReal)l->n[0], l->size[1] / (PetscReal)l->n[1]);
  const PetscReal length = PetscSqrtReal(Dot(edge, edge)), way = share * length;
  PetscInt twice[3];

  if (share > (length > 0.95 * h ? NEAR_LONG : NEAR_SHORT)) return;
  if (l->settled[point] || way >= l->nearest[point]) return;
  Decode(l, point, twice);
  for (PetscInt d = 0; d < 3; d++) {
    if (twice[d] == 0 && edge[d] != 0.) return;
  }
  l->nearest[point] = way;
  l->side[point] = LH_ON_SURFACE;
  l->body[point] = body;
  for (PetscInt d = 0; d < 3; d++) l->move[point][d] = share * edge[d];
}

static PetscErrorCode AttractEnds(LhLattice *l, const PetscInt tet[4], void *context) {
  PetscFunctionBeginUser;
  (void)context;
  for (PetscInt i = 0; i < 12; i++) {
    const PetscInt in = tet[i / 3], out = tet[(i / 3 + 1 + i % 3) % 4];
    PetscReal a[3], b[3], back[3];
    if (l->raw_side[in / 8] != LH_INSIDE || l->raw_side[out / 8] != LH_OUTSIDE) continue;
    const PetscReal share = LhLatticeCut(l, in, out);
    LhLatticeOrigin(l, in, a);
    LhLatticeOrigin(l, out, b);
    for (PetscInt d = 0; d < 3; d++) {
      b[d] -= a[d];
      back[d] = -b[d];
    }
    Attract(l, in, share, b, l->body[in / 8]);
    // A point outside learns its body here; it is in none, so nothing reads it while this goes on.
    Attract(l, out, 1. - share, back, l->body[in / 8]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscReal Volume(PetscReal x[4][3]) {
  PetscReal e[3][3];
  for (PetscInt k = 0; k < 9; k++) e[k / 3][k % 3] = x[k / 3 + 1][k % 3] - x[0][k % 3];
  return e[0][0] * (e[1][1] * e[2][2] - e[1][2] * e[2][1]) -
         e[0][1] * (e[1][0] * e[2][2] - e[1][2] * e[2][0]) +
         e[0][2] * (e[1][0] * e[2][1] - e[1][1] * e[2][0]);
}

/// Settles the corners of a tetrahedron that was crushed; `context` counts them.
static PetscErrorCode SettleCrushed(LhLattice *l, const PetscInt tet[4], void *context) {
  PetscInt *count = context;
  PetscReal before[4][3], after[4][3];

  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < 4; k++) {
    LhLatticeOrigin(l, tet[k], before[k]);
    LhLatticePosition(l, tet[k], after[k]);
  }
  if (Volume(after) / Volume(before) > LEAST_LEFT) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt k = 0; k < 4; k++) {
    if (l->side[tet[k] / 8] != LH_ON_SURFACE || l->settled[tet[k] / 8]) continue;
    l->settled[tet[k] / 8] = 1;
    (*count)++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhLatticeFit(LhLattice *l) {
  PetscInt crushed = 1;

  PetscFunctionBeginUser;
  FindSides(l);
  for (PetscInt round = 0; round < ROUNDS && crushed; round++) {
    for (PetscInt p = 0; p < l->num_points; p++) {
      l->side[p] = l->raw_side[p];
      if (l->raw_side[p] == LH_OUTSIDE) l->body[p] = -1;
      l->nearest[p] = PETSC_MAX_REAL;
      for (PetscInt d = 0; d < 3; d++) l->move[p][d] = 0.;
    }
    PetscCall(LhLatticeForEach(l, AttractEnds, NULL));
    crushed = 0;
    PetscCall(LhLatticeForEach(l, SettleCrushed, &crushed));
  }
  // What was not moved must not be cut off by a hair.
  for (PetscInt p = 0; p < l->num_points; p++) l->settled[p] = 1;
  PetscFunctionReturn(PETSC_SUCCESS);
}

// ---- lifetime -----------------------------------------------------------------------------------

PetscErrorCode LhLatticeCreate(const PetscReal size[3], PetscReal edge, PetscInt num_bodies,
                               const LhBody bodies[], LhLattice *l) {
  PetscFunctionBeginUser;
  *l = (LhLattice){.num_bodies = num_bodies};
  for (PetscInt d = 0; d < 3; d++) {
    l->size[d] = size[d];
    l->n[d] = (PetscInt)PetscMax(FEWEST_CUBES, PetscCeilReal(size[d] / edge - 1e-9));
  }
  l->num_points = CountPoints(l);
  PetscCall(PetscMalloc1(num_bodies, &l->bodies));
  PetscCall(PetscArraycpy(l->bodies, bodies, num_bodies));
  PetscCall(
      PetscMalloc3(l->num_points, &l->body, l->num_points, &l->nearest, l->num_points, &l->move));
  PetscCall(PetscMalloc3(l->num_points, &l->side, l->num_points, &l->raw_side, l->num_points,
                         &l->settled));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhLatticeDestroy(LhLattice *l) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree(l->bodies));
  PetscCall(PetscFree3(l->body, l->nearest, l->move));
  PetscCall(PetscFree3(l->side, l->raw_side, l->settled));
  PetscFunctionReturn(PETSC_SUCCESS);
}
