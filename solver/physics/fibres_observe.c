/// @file
/// What is seen of a fibre term between steps: history by piece, sums, fields. Never changes what a step starts from,
/// but for unpacking a checkpoint.
#include <math.h>

#include "physics/fibres_private.h"

static double *SlotState(LhFibreTerm term, double values[], PetscInt slot, PetscInt component) {
  const PetscInt row = slot / LH_BATCH * term->num_state + component;

  return values + row * LH_BATCH + slot % LH_BATCH;
}

PetscErrorCode LhFibreTermGetHistorySize(LhFibreTerm term, PetscInt *size) {
  PetscFunctionBeginUser;
  *size = term->num_state + LhFibreSlipHistorySize(term);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermPackHistory(LhFibreTerm term, double rows[]) {
  const PetscInt stride = term->num_state + LhFibreSlipHistorySize(term);
  double *values;
  size_t size;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(rows, term->fibres->num_pieces * stride));
  PetscCall(LhStateGetAccepted(term->state, &values, &size));
  for (PetscInt k = 0; k < term->num_blocks * LH_BATCH * term->num_state; k++) {
    const PetscInt slot = k / term->num_state, component = k % term->num_state;
    rows[term->slot_piece[slot] * stride + component] = *SlotState(term, values, slot, component);
  }
  PetscCall(LhFibreSlipPack(term, stride, rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermUnpackHistory(LhFibreTerm term, const double rows[]) {
  const PetscInt stride = term->num_state + LhFibreSlipHistorySize(term);
  double *values;
  size_t size;

  PetscFunctionBeginUser;
  PetscCall(LhStateGetAccepted(term->state, &values, &size));
  for (PetscInt k = 0; k < term->num_blocks * LH_BATCH * term->num_state; k++) {
    const PetscInt slot = k / term->num_state, component = k % term->num_state;
    *SlotState(term, values, slot, component) = rows[term->slot_piece[slot] * stride + component];
  }
  PetscCall(LhFibreSlipUnpack(term, stride, rows));
  PetscFunctionReturn(PETSC_SUCCESS);
}

typedef struct {
  double stored, friction, rupture, stress, volume, drawn, breaks, outside;
} Sums;

static void AddUp(LhFibreTerm term, double values[], Sums *sums, double *max_stress) {
  const PetscInt own = term->law->num_state;

  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    const double volume = term->slot_volume[slot];
    const double stress = *SlotState(term, values, slot, own + LH_FIBRE_STRESS);
    const double broken = *SlotState(term, values, slot, own + LH_FIBRE_BROKEN);

    if (volume <= 0.) continue;
    sums->stored += volume * *SlotState(term, values, slot, own + LH_FIBRE_STORED);
    sums->friction += volume * *SlotState(term, values, slot, own + LH_FIBRE_FRICTION);
    sums->rupture += volume * *SlotState(term, values, slot, own + LH_FIBRE_RUPTURE);
    sums->stress += volume * stress;
    sums->volume += volume;
    sums->breaks += broken;
    if (broken <= 0.) sums->drawn += *SlotState(term, values, slot, own + LH_FIBRE_DRAWN);
    *max_stress = fmax(*max_stress, stress);
  }
  sums->outside = (double)term->num_outside;
}

// Fibres with a break somewhere.
static PetscErrorCode CountBroken(LhFibreTerm term, double values[], PetscInt *count) {
  const PetscInt n = term->fibres->num_fibres;
  PetscMPIInt *broken, size;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(n, &broken));
  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    if (*SlotState(term, values, slot, term->law->num_state + LH_FIBRE_BROKEN) > 0.) {
      broken[term->fibres->piece_fibre[term->slot_piece[slot]]] = 1;
    }
  }
  PetscCall(PetscMPIIntCast(n, &size));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, broken, size, MPI_INT, MPI_MAX, term->comm));
  *count = 0;
  for (PetscInt f = 0; f < n; f++) *count += broken[f];
  PetscCall(PetscFree(broken));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermGetSummary(LhFibreTerm term, LhFibreSummary *summary) {
  Sums sums = {.stored = 0.};
  double max_stress = 0., *values;
  PetscInt num_broken = 0;
  size_t size;

  PetscFunctionBeginUser;
  PetscCall(LhStateGetAccepted(term->state, &values, &size));
  AddUp(term, values, &sums, &max_stress);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &sums, sizeof(sums) / sizeof(double), MPI_DOUBLE,
                             MPI_SUM, term->comm));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &max_stress, 1, MPI_DOUBLE, MPI_MAX, term->comm));
  if (sums.breaks > 0.) PetscCall(CountBroken(term, values, &num_broken));
  *summary = (LhFibreSummary){.stored = sums.stored,
                              .friction = sums.friction,
                              .rupture = sums.rupture,
                              .mean_stress = sums.volume > 0. ? sums.stress / sums.volume : 0.,
                              .max_stress = max_stress,
                              .drawn = sums.drawn,
                              .num_breaks = (PetscInt)sums.breaks,
                              .num_broken = num_broken,
                              .num_outside = (PetscInt)sums.outside};
  PetscFunctionReturn(PETSC_SUCCESS);
}

static double LostShare(double reach, double withdrawn, double broken) {
  if (broken > 0.) return 1.;
  return reach > 0. ? fmin(withdrawn / reach, 1.) : 0.;
}

PetscErrorCode LhFibreTermGetFields(LhFibreTerm term, LhFibreFields *fields) {
  const PetscInt own = term->law->num_state;
  double *values;
  size_t size;

  PetscFunctionBeginUser;
  PetscCall(LhStateGetAccepted(term->state, &values, &size));
  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    const PetscInt piece = term->slot_piece[slot];

    term->fields[LH_FIBRE_FIELD_STRESS][piece] =
        *SlotState(term, values, slot, own + LH_FIBRE_STRESS);
    term->fields[LH_FIBRE_FIELD_STRETCH][piece] =
        *SlotState(term, values, slot, own + LH_FIBRE_STRETCH);
    term->fields[LH_FIBRE_FIELD_SLIP][piece] =
        term->fibres->piece_length[piece] * *SlotState(term, values, slot, own + LH_FIBRE_SLIP);
    term->fields[LH_FIBRE_FIELD_DRAWN][piece] =
        *SlotState(term, values, slot, own + LH_FIBRE_DRAWN);
    term->fields[LH_FIBRE_FIELD_DAMAGE][piece] =
        LostShare(*SlotState(term, values, slot, own + LH_FIBRE_REACH),
                  *SlotState(term, values, slot, own + LH_FIBRE_WITHDRAWN),
                  *SlotState(term, values, slot, own + LH_FIBRE_BROKEN));
  }
  *fields = (LhFibreFields){.stress = term->fields[LH_FIBRE_FIELD_STRESS],
                            .stretch = term->fields[LH_FIBRE_FIELD_STRETCH],
                            .slip = term->fields[LH_FIBRE_FIELD_SLIP],
                            .drawn = term->fields[LH_FIBRE_FIELD_DRAWN],
                            .damage = term->fields[LH_FIBRE_FIELD_DAMAGE]};
  PetscFunctionReturn(PETSC_SUCCESS);
}
