/// @file
/// Work of the fibres along a line of displacements x - t y, for the search of Newton's method: the part of the energy
/// that has kinks, without the cells. Changes no state, allocates nothing.
#include <math.h>

#include "physics/fibres_private.h"

enum { AT = 0, ALONG = 3 };

PetscBool LhFibreTermHasLine(LhFibreTerm term) {
  return term->bond.law ? PETSC_FALSE : PETSC_TRUE;
}

PetscErrorCode LhFibreTermAddLine(LhFibreTerm term, PetscInt b, PetscBool along,
                                  const LhMechWork *work) {
  PetscFunctionBeginUser;
  for (PetscInt slot = LH_BATCH * term->first_block[b]; slot < LH_BATCH * term->first_block[b + 1];
       slot++) {
    const PetscInt piece = term->slot_piece[slot], lane = term->slot_lane[slot];
    const double *g = term->along + piece * term->num_nodes;
    double *v = term->line + LH_FIBRE_LINE * slot + (along ? ALONG : AT);

    for (int i = 0; i < 3; i++) {
      v[i] = along ? 0. : term->fibres->piece_direction[3 * piece + i];
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

static double BlockSlope(LhFibreTerm term, PetscInt block, double dt, double t) {
  const double(*old)[LH_BATCH] = LhStateGetOld(term->state, block);
  double now[LH_FIBRE_STATE_MAX][LH_BATCH], Fa[LH_BATCH][3], sum = 0.;
  const double *line = term->line + LH_FIBRE_LINE * LH_BATCH * block;
  LhFibreInput in = {.dt = dt};
  LhFibreOutput out;

  LhFibreBlockInput(term, block, old, &in);
  for (int l = 0; l < LH_BATCH; l++)
    in.stretch[l] = fmax(Stretch(line + LH_FIBRE_LINE * l, t, Fa[l]), PETSC_SMALL);
  term->law->update(term->params, &in, old, now, &out);
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
