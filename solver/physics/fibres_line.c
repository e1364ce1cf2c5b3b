/// @file
/// Fibres along lines of displacements x - t y, without the cells: their work, for the search of Newton's method, their
/// forces and their stiffness, for their balance with linear cells. Changes no state, allocates nothing.
#include <math.h>

#include "physics/fibres_private.h"

enum { AT = 0, ALONG = 3, NINE = 9 };

PetscBool LhFibreTermHasLine(LhFibreTerm term) {
  return term->bond.law ? PETSC_FALSE : PETSC_TRUE;
}

PetscErrorCode LhFibreTermAddLine(LhFibreTerm term, PetscInt b, PetscBool along, const double H[9],
                                  const LhMechWork *work) {
  PetscFunctionBeginUser;
  for (PetscInt slot = LH_BATCH * term->first_block[b]; slot < LH_BATCH * term->first_block[b + 1];
       slot++) {
    const PetscInt piece = term->slot_piece[slot], lane = term->slot_lane[slot];
    const double *g = term->along + piece * term->num_nodes;
    const double *a = term->fibres->piece_direction + 3 * piece;
    double *v = term->line + LH_FIBRE_LINE * slot + (along ? ALONG : AT);

    for (int i = 0; i < 3; i++) {
      v[i] = (along ? 0. : a[i]) + H[3 * i] * a[0] + H[3 * i + 1] * a[1] + H[3 * i + 2] * a[2];
      for (PetscInt n = 0; n < term->num_nodes; n++) v[i] += work->u[3 * n + i][lane] * g[n];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// F a at t y of one piece, and its length.
static double Stretch(const double *line, double t, double Fa[3]) {
  for (int i = 0; i < 3; i++) Fa[i] = line[AT + i] - t * line[ALONG + i];
  return sqrt(Fa[0] * Fa[0] + Fa[1] * Fa[1] + Fa[2] * Fa[2]);
}

/// Law of a block at t y; F a by lane.
static void UpdateAt(LhFibreTerm term, PetscInt block, double dt, double t, double Fa[][3],
                     LhFibreInput *in, LhFibreOutput *out) {
  const double(*old)[LH_BATCH] = LhStateGetOld(term->state, block);
  double now[LH_FIBRE_STATE_MAX][LH_BATCH];
  const double *line = term->line + LH_FIBRE_LINE * LH_BATCH * block;

  in->dt = dt;
  LhFibreBlockInput(term, block, old, in);
  for (int l = 0; l < LH_BATCH; l++)
    in->stretch[l] = fmax(Stretch(line + LH_FIBRE_LINE * l, t, Fa[l]), PETSC_SMALL);
  term->law->update(term->params, in, old, now, out);
}

static double BlockSlope(LhFibreTerm term, PetscInt block, double dt, double t) {
  const double *line = term->line + LH_FIBRE_LINE * LH_BATCH * block;
  double Fa[LH_BATCH][3], sum = 0.;
  LhFibreInput in;
  LhFibreOutput out;

  UpdateAt(term, block, dt, t, Fa, &in, &out);
  for (int l = 0; l < LH_BATCH; l++) {
    const double volume = out.failed[l] > 0. ? 0. : term->slot_volume[LH_BATCH * block + l];
    const double *along = line + LH_FIBRE_LINE * l + ALONG;
    const double moved = Fa[l][0] * along[0] + Fa[l][1] * along[1] + Fa[l][2] * along[2];

    sum += volume * out.stress[l] * moved / in.stretch[l];
  }
  return sum;
}

double LhFibreTermLineSlope(LhFibreTerm term, double dt, double t) {
  double sum = 0.;

  for (PetscInt block = 0; block < term->num_blocks; block++) sum += BlockSlope(term, block, dt, t);
  return sum;
}

double LhFibreTermLineBend(LhFibreTerm term) {
  double sum = 0.;

  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    const double *w = term->line + LH_FIBRE_LINE * slot + ALONG, *S = term->held + NINE * slot;

    for (int k = 0; k < 9; k++) sum += w[k / 3] * S[k] * w[k % 3];
  }
  return sum;
}

/// Moves the start of a block's line to t, `given` to the forces there; `change` is what they changed beyond `held`.
static void MoveBlock(LhFibreTerm term, PetscInt block, double dt, double t) {
  double Fa[LH_BATCH][3];
  LhFibreInput in;
  LhFibreOutput out;

  UpdateAt(term, block, dt, t, Fa, &in, &out);
  for (int l = 0; l < LH_BATCH; l++) {
    const PetscInt slot = LH_BATCH * block + l;
    const double volume = out.failed[l] > 0. ? 0. : term->slot_volume[slot];
    const double factor = volume * out.stress[l] / in.stretch[l], *S = term->held + NINE * slot;
    double *line = term->line + LH_FIBRE_LINE * slot, *change = term->change + NINE * slot;

    for (int i = 0; i < 3; i++) {
      const double force = factor * Fa[l][i];

      change[i] = force - term->given[3 * slot + i];
      for (int j = 0; j < 3; j++) change[i] += t * S[3 * i + j] * line[ALONG + j];
      term->given[3 * slot + i] = force;
      line[AT + i] = Fa[l][i];
    }
  }
}

PetscErrorCode LhFibreTermBeginLine(LhFibreTerm term, double dt) {
  PetscFunctionBeginUser;
  for (PetscInt block = 0; block < term->num_blocks; block++) MoveBlock(term, block, dt, 0.);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermMoveLine(LhFibreTerm term, double dt, double t) {
  PetscFunctionBeginUser;
  for (PetscInt block = 0; block < term->num_blocks; block++) MoveBlock(term, block, dt, t);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermAddMoved(LhFibreTerm term, PetscInt b, LhMechWork *work,
                                   double moment[9]) {
  PetscFunctionBeginUser;
  for (PetscInt slot = LH_BATCH * term->first_block[b]; slot < LH_BATCH * term->first_block[b + 1];
       slot++) {
    const double *force = term->change + NINE * slot;
    const double *a = term->fibres->piece_direction + 3 * term->slot_piece[slot];

    if (!(term->slot_volume[slot] > 0.)) continue;
    LhFibreSlotAddForce(term, slot, force, work);
    for (int m = 0; m < NINE; m++) moment[m] += force[m / 3] * a[m % 3];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void RenewBlock(LhFibreTerm term, PetscInt block, double dt) {
  double Fa[LH_BATCH][3];
  LhFibreInput in;
  LhFibreOutput out;

  UpdateAt(term, block, dt, 0., Fa, &in, &out);
  if (term->is_spanned) LhFibreBlockSpanTangents(term, block, &in, &out);
  for (int l = 0; l < LH_BATCH; l++) {
    const PetscInt slot = LH_BATCH * block + l;
    double *held = term->held + NINE * slot, *change = term->change + NINE * slot, S[9];

    for (int k = 0; k < 9; k++) change[k] = 0.;
    if (out.failed[l] > 0. || !(term->slot_volume[slot] > 0.)) continue;
    LhFibreSlotStiffness(term, slot, &out, Fa[l], in.stretch[l], S);
    for (int k = 0; k < 9; k++) {
      change[k] = S[k] - held[k];
      held[k] = S[k];
    }
  }
}

PetscErrorCode LhFibreTermRenew(LhFibreTerm term, double dt) {
  PetscFunctionBeginUser;
  for (PetscInt block = 0; block < term->num_blocks; block++) RenewBlock(term, block, dt);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscBool LhFibreTermHasPieces(LhFibreTerm term, PetscInt b) {
  return term->first_block[b + 1] > term->first_block[b] ? PETSC_TRUE : PETSC_FALSE;
}

PetscErrorCode LhFibreTermAddRenewed(LhFibreTerm term, PetscInt b, LhMechWork *work) {
  PetscFunctionBeginUser;
  for (PetscInt slot = LH_BATCH * term->first_block[b]; slot < LH_BATCH * term->first_block[b + 1];
       slot++) {
    if (term->slot_volume[slot] > 0.)
      LhFibreSlotAddStiffness(term, slot, term->change + NINE * slot, LH_MECH_TANGENT, work);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
