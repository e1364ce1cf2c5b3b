/// @file
/// Force and tangent of the pieces in a batch of cells. Arithmetic only: no MPI, no allocation.
///
/// With m = F a / lambda and g_b = a . dN_b/dX, per piece of volume V = A L:
///   f_b  = V T g_b m                                                        (F2)
///   K_bc = V g_b g_c [ (dT/dlambda - T/lambda) m m^T + (T/lambda) 1 ]        (F3)
/// where dT/dlambda may be the mean slope over the last change of lambda       (F11)
#include <math.h>

#include "physics/fibres_private.h"

#define SPAN_WIDTH 2.     ///< span over the last change
#define SPAN_KEPT  0.5    ///< share of a span that the next iteration keeps at least
#define LEAST_SPAN 1e-10  ///< of the stretch: below it rounding would show in the slope

void LhFibreBlockInput(LhFibreTerm term, PetscInt block, const double (*old)[LH_BATCH],
                       LhFibreInput *in) {
  const double(*own)[LH_BATCH] = old + term->law->num_state;

  for (int l = 0; l < LH_BATCH; l++) {
    const PetscInt slot = block * LH_BATCH + l, piece = term->slot_piece[slot];

    in->length[l] = term->fibres->piece_length[piece];
    in->diameter[l] = term->fibres->diameter[term->fibres->piece_fibre[piece]];
    in->reach[l] = own[LH_FIBRE_REACH][l];
    in->withdrawn[l] = own[LH_FIBRE_WITHDRAWN][l];
    in->flow[l] = term->flow[term->slot_position[slot]];
  }
}

void LhFibreBlockRecord(LhFibreTerm term, const LhFibreInput *in, const LhFibreOutput *out,
                        const double (*old)[LH_BATCH], double (*now)[LH_BATCH]) {
  const double(*before)[LH_BATCH] = old + term->law->num_state;
  double(*own)[LH_BATCH] = now + term->law->num_state;

  LH_LANES(l) {
    own[LH_FIBRE_STRESS][l] = out->stress[l];
    own[LH_FIBRE_STRETCH][l] = in->stretch[l];
    own[LH_FIBRE_SLIP][l] = out->slip[l];
    own[LH_FIBRE_DRAWN][l] = out->drawn[l];
    own[LH_FIBRE_STORED][l] = out->stored[l];
    own[LH_FIBRE_FRICTION][l] = before[LH_FIBRE_FRICTION][l] + out->dissipation[l];
    // Stress that went at the end of the last step did work while the load found other ways in this one (F10).
    own[LH_FIBRE_RUPTURE][l] =
        before[LH_FIBRE_RUPTURE][l] +
        0.5 * before[LH_FIBRE_DROPPED][l] * (in->stretch[l] - before[LH_FIBRE_STRETCH][l]);
    own[LH_FIBRE_DROPPED][l] = 0.;
    own[LH_FIBRE_REACH][l] = before[LH_FIBRE_REACH][l];
    own[LH_FIBRE_WITHDRAWN][l] = before[LH_FIBRE_WITHDRAWN][l];
    own[LH_FIBRE_LOADED][l] = out->rupture[l];
    own[LH_FIBRE_BROKEN][l] = before[LH_FIBRE_BROKEN][l];
  }
}

void LhFibreBlockStretch(LhFibreTerm term, PetscInt block, const LhMechWork *work,
                         double (*m)[LH_BATCH], double stretch[LH_BATCH]) {
  for (int l = 0; l < LH_BATCH; l++) {
    const PetscInt slot = block * LH_BATCH + l, piece = term->slot_piece[slot];
    const PetscInt lane = term->slot_lane[slot];
    const double *g = term->along + piece * term->num_nodes;

    for (int i = 0; i < 3; i++) {
      m[i][l] = term->fibres->piece_direction[3 * piece + i];
      for (PetscInt b = 0; b < term->num_nodes; b++) m[i][l] += work->u[3 * b + i][lane] * g[b];
    }
    stretch[l] = sqrt(m[0][l] * m[0][l] + m[1][l] * m[1][l] + m[2][l] * m[2][l]);
  }
}

void LhFibreSlotAddForce(LhFibreTerm term, PetscInt slot, const double force[3], LhMechWork *work) {
  const double *g = term->along + term->slot_piece[slot] * term->num_nodes;
  const PetscInt lane = term->slot_lane[slot];

  for (PetscInt b = 0; b < term->num_nodes; b++) {
    for (int i = 0; i < 3; i++) work->f[3 * b + i][lane] += g[b] * force[i];
  }
}

void LhFibreSlotAddStiffness(LhFibreTerm term, PetscInt slot, const double S[9], LhMechTask task,
                             LhMechWork *work) {
  const double *g = term->along + term->slot_piece[slot] * term->num_nodes;
  const PetscInt lane = term->slot_lane[slot], num_dofs = 3 * term->num_nodes;

  for (PetscInt d = 0; d < num_dofs; d++) {
    for (PetscInt e = 0; e < num_dofs; e++) {
      const double value = g[d / 3] * g[e / 3] * S[3 * (d % 3) + e % 3];

      if (task == LH_MECH_TANGENT_SINGLE)
        work->single.K[d * num_dofs + e][lane] += (float)value;
      else
        work->K[d * num_dofs + e][lane] += value;
    }
  }
}

/// V [ (C - T/lambda) m m^T + (T/lambda) 1 ] from F a = lambda m; `axial` is m and V (C - T/lambda).
static void DirectionalStiffness(double volume, double stress, double tangent, const double Fa[3],
                                 double stretch, double S[9], double axial[4]) {
  const double across = volume * stress / stretch;

  for (int i = 0; i < 3; i++) axial[i] = Fa[i] / stretch;
  axial[3] = volume * tangent - across;
  for (int k = 0; k < 9; k++)
    S[k] = axial[3] * axial[k / 3] * axial[k % 3] + (k % 4 == 0 ? across : 0.);
}

void LhFibreSlotStiffness(LhFibreTerm term, PetscInt slot, const LhFibreOutput *out,
                          const double Fa[3], double stretch, double S[9]) {
  const PetscInt lane = slot % LH_BATCH;

  DirectionalStiffness(term->slot_volume[slot], out->stress[lane], out->tangent[lane], Fa, stretch,
                       S, term->axial + 4 * term->slot_piece[slot]);
}

static void AddSlot(LhFibreTerm term, PetscInt slot, const LhFibreOutput *out, const double Fa[3],
                    double stretch, LhMechTask task, LhMechWork *work) {
  const int l = (int)(slot % LH_BATCH);
  const double volume = term->slot_volume[slot];
  double *S = term->held + 9 * slot, tension[3];

  if (volume <= 0.) return;
  if (out->failed[l] > 0. || !(stretch > 0.)) {
    work->failed[term->slot_lane[slot]] += 1.;
    return;
  }
  for (int i = 0; i < 3; i++) tension[i] = volume * out->stress[l] * Fa[i] / stretch;
  LhFibreSlotAddForce(term, slot, tension, work);
  if (task == LH_MECH_RESIDUAL) return;
  LhFibreSlotStiffness(term, slot, out, Fa, stretch, S);
  LhFibreSlotAddStiffness(term, slot, S, task, work);
}

/// Mean slopes of the stress over a span to either side of the stretch, none of them negative, in place of the tangents
/// (F11). The span follows the last change, but shrinks slowly: where a search cut the step short the next one tries as
/// much again.
void LhFibreBlockSpanTangents(LhFibreTerm term, PetscInt block, const LhFibreInput *in,
                              LhFibreOutput *out) {
  const double(*old)[LH_BATCH] = LhStateGetOld(term->state, block);
  double now[LH_FIBRE_STATE_MAX][LH_BATCH];
  double *base = term->base + block * LH_BATCH, *span = term->span + block * LH_BATCH;
  LhFibreInput shifted[2] = {*in, *in};
  LhFibreOutput side[2];

  for (int l = 0; l < LH_BATCH; l++) {
    const double change = base[l] > 0. ? fabs(in->stretch[l] - base[l]) : 0.;

    span[l] = fmin(fmax(SPAN_WIDTH * change, SPAN_KEPT * span[l]), .5 * in->stretch[l]);
    base[l] = in->stretch[l];
    for (int k = 0; k < 2; k++) shifted[k].stretch[l] += k ? span[l] : -span[l];
  }
  for (int k = 0; k < 2; k++) term->law->update(term->params, &shifted[k], old, now, &side[k]);
  for (int l = 0; l < LH_BATCH; l++) {
    if (span[l] > LEAST_SPAN && side[0].failed[l] + side[1].failed[l] == 0.)
      out->tangent[l] = .5 * (side[1].stress[l] - side[0].stress[l]) / span[l];
    out->tangent[l] = fmax(out->tangent[l], 0.);
  }
}

/// Stress and state of a block: from its law, or from the fibres that were solved before.
static void UpdateBlock(LhFibreTerm term, PetscInt block, const LhFibreInput *in,
                        LhFibreOutput *out) {
  const double(*old)[LH_BATCH] = LhStateGetOld(term->state, block);
  double(*now)[LH_BATCH] = LhStateGetNow(term->state, block), rupture[LH_BATCH] = {0.};

  if (term->bond.law)
    LhFibreSlipOutput(term, block, out, rupture);
  else
    term->law->update(term->params, in, old, now, out);
  LhFibreBlockRecord(term, in, out, old, now);
  LH_LANES(l) now[term->law->num_state + LH_FIBRE_RUPTURE][l] += rupture[l];
}

PetscErrorCode LhFibreTermAddBatch(LhFibreTerm term, PetscInt b, const LhMechBatch *batch,
                                   LhMechTask task, LhMechWork *work) {
  PetscFunctionBeginUser;
  for (PetscInt block = term->first_block[b]; block < term->first_block[b + 1]; block++) {
    double m[3][LH_BATCH];
    LhFibreInput in = {.dt = batch->dt};
    LhFibreOutput out;

    LhFibreBlockInput(term, block, LhStateGetOld(term->state, block), &in);
    LhFibreBlockStretch(term, block, work, m, in.stretch);
    UpdateBlock(term, block, &in, &out);
    if (term->is_spanned && !term->bond.law && task != LH_MECH_RESIDUAL)
      LhFibreBlockSpanTangents(term, block, &in, &out);
    for (int l = 0; l < LH_BATCH; l++) {
      const double Fa[3] = {m[0][l], m[1][l], m[2][l]};
      AddSlot(term, block * LH_BATCH + l, &out, Fa, in.stretch[l], task, work);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
