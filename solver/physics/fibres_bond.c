/// @file
/// Slip along one fibre: a convex minimum over the slips of its nodes, by Newton with a tridiagonal matrix.
///
///   R_i = A (T_{i-1} - T_i) + q_i = 0,  T_j = E <e_j + (s_{j+1} - s_j) / L_j>,  q_i = c l_i h_i tau(s_i)   (F12, F13)
///
/// Arithmetic only: no MPI, nothing allocated but in LhFibreBondCreate().
#include "physics/fibres_bond.h"

#include <math.h>

#define MAX_ITERATIONS 200
#define TOLERANCE      1e-11  // of the largest force, and of 1e-3 of the axial stiffness
#define PROXIMAL       1e-8  // share of the stiffness of a fibre that keeps free fragments in place
#define SAME_LOAD      1e-6  // loads closer than this share count as equal

enum { SLIP, START, RESIDUAL, DIAGONAL, OFF, STEP, HELD, SHARE, TRIAL, LH_BOND_WORK };

/// One fibre while it is solved; arrays begin at its first node or piece.
typedef struct {
  LhFibreBond *bond;
  PetscInt n;  ///< pieces
  double area, around, scale;
  double keep;  ///< force per length and slip that keeps free fragments in place [N/m^2]
  const double *length, *stretch, *flow;
  double *old, *now;  ///< of all fibres
  PetscInt node;      ///< first
  double *work[LH_BOND_WORK];
} Chain;

PetscErrorCode LhFibreBondCreate(const LhFibreBondParts *parts, LhFibreBond *bond) {
  const PetscInt fibres = parts->num_fibres, pieces = parts->first[fibres], nodes = pieces + fibres;

  PetscFunctionBeginUser;
  *bond = (LhFibreBond){.law = parts->law,
                        .params = parts->params,
                        .num_fibres = fibres,
                        .num_pieces = pieces,
                        .num_nodes = nodes,
                        .first = parts->first};
  parts->law->get_constants(parts->params, &bond->constants);
  PetscCall(PetscCalloc7(pieces, &bond->length, pieces, &bond->integrity, fibres, &bond->area,
                         fibres, &bond->around, LH_BOND_TOLD * pieces, &bond->told,
                         LH_BOND_WORK * nodes, &bond->work, pieces, &bond->piece));
  PetscCall(PetscArraycpy(bond->length, parts->length, pieces));
  PetscCall(PetscArraycpy(bond->area, parts->area, fibres));
  PetscCall(PetscArraycpy(bond->around, parts->around, fibres));
  for (PetscInt i = 0; i < pieces; i++) bond->integrity[i] = 1.;
  PetscCall(LhStateCreate((nodes + LH_BATCH - 1) / LH_BATCH, 1, LH_BOND_STATE, &bond->state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreBondDestroy(LhFibreBond *bond) {
  PetscFunctionBeginUser;
  PetscCall(LhStateDestroy(&bond->state));
  PetscCall(PetscFree7(bond->length, bond->integrity, bond->area, bond->around, bond->told,
                       bond->work, bond->piece));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static double *Old(const Chain *c, PetscInt i, PetscInt component) {
  return LhFibreBondAt(c->old, c->node + i, component);
}

static double *Now(const Chain *c, PetscInt i, PetscInt component) {
  return LhFibreBondAt(c->now, c->node + i, component);
}

static void FindScales(Chain *c) {
  const double stiffness = c->area * c->bond->constants.modulus;
  double length = 0., stretch = 1.;

  for (PetscInt j = 0; j < c->n; j++) {
    length += c->length[j];
    stretch = fmax(stretch, c->stretch[j]);
  }
  c->scale = 1e-3 * stiffness * stretch;
  c->keep = length > 0. ? PROXIMAL * stiffness / (length * length) : 0.;
}

static Chain FindChain(LhFibreBond *bond, PetscInt fibre) {
  const PetscInt first = bond->first[fibre];
  Chain c = {.bond = bond,
             .n = bond->first[fibre + 1] - first,
             .area = bond->area[fibre],
             .around = bond->around[fibre],
             .length = bond->length + first,
             .stretch = bond->told + LH_BOND_TOLD_STRETCH * bond->num_pieces + first,
             .flow = bond->told + LH_BOND_TOLD_FLOW * bond->num_pieces + first,
             .old = (double *)LhStateGetOld(bond->state, 0),
             .now = (double *)LhStateGetNow(bond->state, 0),
             .node = first + fibre};

  for (int k = 0; k < LH_BOND_WORK; k++) c.work[k] = bond->work + k * bond->num_nodes + c.node;
  FindScales(&c);
  return c;
}

/// Whether piece j ties its nodes to each other.
static PetscBool Ties(const Chain *c, PetscInt j) {
  return j >= 0 && j < c->n && c->length[j] > 0. && *Old(c, j, LH_BOND_BROKEN) <= 0. ? PETSC_TRUE
                                                                                     : PETSC_FALSE;
}

static double HalfLength(const Chain *c, PetscInt j) {
  return j >= 0 && j < c->n ? .5 * c->length[j] : 0.;
}

static double Share(const Chain *c, PetscInt i) {
  return HalfLength(c, i - 1) + HalfLength(c, i);
}

/// Takes the length `drawn` off the nodes from `i` to `end`, in steps of `by` (F14).
static void Withdraw(const Chain *c, PetscInt i, PetscInt end, PetscInt by, double drawn) {
  for (; drawn > 0. && i != end + by; i += by) {
    const double cut = fmin(drawn, c->work[HELD][i]);

    c->work[HELD][i] -= cut;
    drawn -= cut;
  }
}

/// Length of the matrix that holds each node: its share, less what the ends of its fragment left behind, less damage.
static void FindHeld(const Chain *c) {
  const double *integrity = c->bond->integrity + (c->length - c->bond->length);

  for (PetscInt i = 0; i <= c->n; i++) c->work[HELD][i] = c->work[SHARE][i] = Share(c, i);
  for (PetscInt i = 0, end; i <= c->n; i = end + 1) {
    for (end = i; Ties(c, end); end++) continue;
    Withdraw(c, i, end, 1, *Old(c, i, LH_BOND_SLIP));
    Withdraw(c, end, i, -1, -*Old(c, end, LH_BOND_SLIP));
  }
  for (PetscInt i = 0; i <= c->n; i++) {
    const double left = HalfLength(c, i - 1), right = HalfLength(c, i);
    const double whole =
        (left > 0. ? left * integrity[i - 1] : 0.) + (right > 0. ? right * integrity[i] : 0.);

    if (left + right > 0.) c->work[HELD][i] *= whole / (left + right);
  }
}

static double Strain(const Chain *c, const double s[], PetscInt j) {
  return c->stretch[j] - 1. + (s[j + 1] - s[j]) / c->length[j];
}

/// dT/de of piece j at a strain.
static double Modulus(const Chain *c, PetscInt j, double strain) {
  const LhBondConstants *k = &c->bond->constants;

  return Ties(c, j) && (k->compression || strain > 0.) ? k->modulus : 0.;
}

/// Flow stress around node i: the weaker of its pieces that lie in the matrix.
static double FlowAt(const Chain *c, PetscInt i) {
  const double left = HalfLength(c, i - 1) > 0. ? c->flow[i - 1] : PETSC_INFINITY;

  return HalfLength(c, i) > 0. ? fmin(left, c->flow[i]) : left;
}

/// Residual and matrix at slips s; the state of the interface goes to `now`. Returns the largest force.
static double Assemble(const Chain *c, const double s[]) {
  const LhFibreBond *bond = c->bond;
  double *R = c->work[RESIDUAL], *diagonal = c->work[DIAGONAL], *off = c->work[OFF], largest = 0.;

  for (PetscInt i = 0; i <= c->n; i++) {
    const double hold = c->around * c->work[HELD][i];
    const double keep = c->keep * c->work[SHARE][i];
    double before[LH_BOND_LAW_STATE], after[LH_BOND_LAW_STATE];
    LhBondShear shear;

    for (int k = 0; k < LH_BOND_LAW_STATE; k++) before[k] = *Old(c, i, k);
    bond->law->shear(bond->params, FlowAt(c, i), s[i], before, after, &shear);
    for (int k = 0; k < LH_BOND_LAW_STATE; k++) *Now(c, i, k) = after[k];
    R[i] = hold * shear.stress + keep * (s[i] - c->work[START][i]);
    *Now(c, i, LH_BOND_FORCE) = R[i];
    *Now(c, i, LH_BOND_STORED) = hold * shear.stored;
    diagonal[i] = keep > 0. ? hold * shear.tangent + keep : 1.;
    off[i] = 0.;
    largest = fmax(largest, fabs(R[i]));
  }
  for (PetscInt j = 0; j < c->n; j++) {
    const double strain = Ties(c, j) ? Strain(c, s, j) : 0., E = Modulus(c, j, strain);
    const double k = E > 0. ? E * c->area / c->length[j] : 0., force = c->area * E * strain;

    R[j] -= force, R[j + 1] += force;
    diagonal[j] += k, diagonal[j + 1] += k, off[j] = -k;
    largest = fmax(largest, fabs(force));
  }
  return largest;
}

/// x := K^-1 x; K is kept.
static void SolveRow(const Chain *c, double x[], double pivot[]) {
  const double *diagonal = c->work[DIAGONAL], *off = c->work[OFF];

  pivot[0] = diagonal[0];
  for (PetscInt i = 1; i <= c->n; i++) {
    const double factor = off[i - 1] / pivot[i - 1];

    pivot[i] = diagonal[i] - factor * off[i - 1];
    x[i] -= factor * x[i - 1];
  }
  x[c->n] /= pivot[c->n];
  for (PetscInt i = c->n - 1; i >= 0; i--) x[i] = (x[i] - off[i] * x[i + 1]) / pivot[i];
}

static double LargestResidual(const Chain *c) {
  double largest = 0.;

  for (PetscInt i = 0; i <= c->n; i++) largest = fmax(largest, fabs(c->work[RESIDUAL][i]));
  return largest;
}

/// Work of the residual along the step.
static double Slope(const Chain *c) {
  double sum = 0.;

  for (PetscInt i = 0; i <= c->n; i++) sum += c->work[STEP][i] * c->work[RESIDUAL][i];
  return sum;
}

/// Moves the slips along the step to where its slope, which only rises, is small. Returns the largest force there.
static double Search(const Chain *c) {
  double *s = c->work[SLIP], *trial = c->work[TRIAL], low = 0., high = 1., at = 1., largest = 0.;
  const double start = Slope(c);

  for (int k = 0; k < 40; k++) {
    double slope;

    for (PetscInt i = 0; i <= c->n; i++) trial[i] = s[i] + at * c->work[STEP][i];
    largest = Assemble(c, trial);
    slope = Slope(c);
    if (fabs(slope) <= .5 * fabs(start) || (at >= 1. && slope <= 0.)) break;
    if (slope > 0.)
      high = at;
    else
      low = at;
    at = .5 * (low + high);
  }
  for (PetscInt i = 0; i <= c->n; i++) s[i] = trial[i];
  return largest;
}

/// Returns whether the fibre is in balance.
static PetscBool Balance(const Chain *c) {
  double largest;

  for (PetscInt i = 0; i <= c->n; i++) {
    c->work[SLIP][i] = c->work[START][i] = *Old(c, i, LH_BOND_SLIP);
  }
  largest = Assemble(c, c->work[SLIP]);
  for (int k = 0; k < MAX_ITERATIONS; k++) {
    if (LargestResidual(c) <= TOLERANCE * fmax(largest, c->scale)) return PETSC_TRUE;
    for (PetscInt i = 0; i <= c->n; i++) c->work[STEP][i] = -c->work[RESIDUAL][i];
    SolveRow(c, c->work[STEP], c->work[TRIAL]);
    largest = Search(c);
  }
  return PETSC_FALSE;
}

/// dT of each piece for the same strain of all pieces (F15), to bond->piece.tangent.
static void FindTangents(const Chain *c, LhBondPiece *piece) {
  double *x = c->work[STEP];

  for (PetscInt i = 0; i <= c->n; i++) x[i] = 0.;
  for (PetscInt j = 0; j < c->n; j++) {
    const double E = Modulus(c, j, Ties(c, j) ? Strain(c, c->work[SLIP], j) : 0.);

    x[j] += c->area * E, x[j + 1] -= c->area * E;
    piece[j].tangent = E;
  }
  SolveRow(c, x, c->work[TRIAL]);
  for (PetscInt j = 0; j < c->n; j++) {
    if (piece[j].tangent <= 0.) continue;
    piece[j].tangent *= fmax(0., 1. + (x[j + 1] - x[j]) / c->length[j]);
  }
}

/// Energy per length of the interface at node i: stored, lost in the step (F16).
static void FindInterface(const Chain *c, PetscInt i, double *stored, double *lost) {
  const double force = .5 * (*Old(c, i, LH_BOND_FORCE) + *Now(c, i, LH_BOND_FORCE));
  const double moved = *Now(c, i, LH_BOND_SLIP) - *Old(c, i, LH_BOND_SLIP);
  const double now = *Now(c, i, LH_BOND_STORED);

  *stored = now / c->work[SHARE][i];
  *lost = (force * moved + *Old(c, i, LH_BOND_STORED) - now) / c->work[SHARE][i];
}

static void Report(const Chain *c, PetscInt j, PetscBool solved, LhBondPiece *piece) {
  const double E = c->bond->constants.modulus, strain = Strain(c, c->work[SLIP], j);
  const double stress = Modulus(c, j, strain) * strain, was = *Old(c, j, LH_BOND_STRESS);
  double stored[2], lost[2];

  FindInterface(c, j, &stored[0], &lost[0]);
  FindInterface(c, j + 1, &stored[1], &lost[1]);
  piece->stress = stress;
  piece->stored = .5 * stress * stress / E + .5 * (stored[0] + stored[1]) / c->area;
  piece->dissipation = .5 * (lost[0] + lost[1]) / c->area;
  piece->rupture = 0.;
  // A piece that broke after the last step lets go of its stress on the way through this one.
  if (!Ties(c, j)) {
    piece->rupture = .5 * was * (strain - *Old(c, j, LH_BOND_STRAIN)) + .5 * was * was / E;
  }
  piece->slip = c->stretch[j] - 1. - strain;
  piece->drawn = j == 0 ? fmax(*Now(c, 0, LH_BOND_SLIP), 0.) : 0.;
  if (j == c->n - 1) piece->drawn += fmax(-*Now(c, c->n, LH_BOND_SLIP), 0.);
  piece->loaded = Ties(c, j) && stress >= c->bond->constants.strength * (1. - 1e-9) ? 1. : 0.;
  piece->failed = solved ? 0. : 1.;
  *Now(c, j, LH_BOND_STRAIN) = strain;
  *Now(c, j, LH_BOND_STRESS) = stress;
}

void LhFibreBondSolve(LhFibreBond *bond) {
  for (PetscInt f = 0; f < bond->num_fibres; f++) {
    LhBondPiece *piece = bond->piece + bond->first[f];
    const Chain c = FindChain(bond, f);
    PetscBool solved;

    if (c.n == 0) continue;
    FindHeld(&c);
    solved = Balance(&c);
    FindTangents(&c, piece);
    for (PetscInt i = 0; i <= c.n; i++) {
      *Now(&c, i, LH_BOND_SLIP) = c.work[SLIP][i];
      *Now(&c, i, LH_BOND_STRAIN) = *Now(&c, i, LH_BOND_STRESS) = 0.;
      *Now(&c, i, LH_BOND_BROKEN) = *Old(&c, i, LH_BOND_BROKEN);
    }
    for (PetscInt j = 0; j < c.n; j++) {
      if (c.length[j] > 0.) Report(&c, j, solved, &piece[j]);
    }
  }
}

/// The piece to break among first..end-1: the most loaded, among equals the one nearest to the middle; -1: none.
static PetscInt FindBreak(const Chain *c, PetscInt first, PetscInt end) {
  double arc = 0., length = 0., best = PETSC_INFINITY, load = 0.;
  PetscInt found = -1;

  for (PetscInt j = first; j < end; j++) length += c->length[j];
  for (PetscInt j = first; j < end; j++) {
    const double stress = *Old(c, j, LH_BOND_STRESS);
    const double off = fabs(arc + .5 * c->length[j] - .5 * length);

    arc += c->length[j];
    if (stress < c->bond->constants.strength * (1. - 1e-9)) continue;
    if (stress < load * (1. - SAME_LOAD)) continue;
    if (stress <= load * (1. + SAME_LOAD) && off >= best) continue;
    found = j, best = off, load = stress;
  }
  return found;
}

PetscErrorCode LhFibreBondBreak(LhFibreBond *bond) {
  double *accepted;
  size_t size;

  PetscFunctionBeginUser;
  PetscCall(LhStateGetAccepted(bond->state, &accepted, &size));
  for (PetscInt f = 0; f < bond->num_fibres; f++) {
    const Chain c = FindChain(bond, f);

    for (PetscInt i = 0, end; i < c.n; i = end + 1) {
      PetscInt found;

      for (end = i; Ties(&c, end); end++) continue;
      found = FindBreak(&c, i, end);
      if (found < 0) continue;
      *LhFibreBondAt(accepted, c.node + found, LH_BOND_BROKEN) = 1.;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
