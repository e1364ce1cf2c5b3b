/// @file
/// Ties fibres with a displacement of their own to the cells: tells stretches to all ranks, hands out what the fibres
/// answered, and moves their state with that of the term. Never solves; one reduction over pieces an evaluation.
#include "physics/fibres_private.h"

PetscErrorCode LhFibreSlipCreate(LhFibreTerm term) {
  const LhFibres *fibres = term->fibres;
  const PetscInt n = fibres->num_fibres;
  double *around;

  PetscFunctionBeginUser;
  if (!term->law->bond) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1(n, &around));
  for (PetscInt f = 0; f < n; f++) {
    around[f] = fibres->tubes[f] * PETSC_PI * fibres->diameter[f];
  }
  // What was told last are the lengths of all pieces inside the space.
  PetscCall(LhFibreBondCreate(&(LhFibreBondParts){.law = term->law->bond,
                                                  .params = term->params,
                                                  .num_fibres = n,
                                                  .first = term->chains.first,
                                                  .length = term->chains.dynamic,
                                                  .area = fibres->area,
                                                  .around = around},
                              &term->bond));
  PetscCall(PetscFree(around));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SumOverRanks(LhFibreTerm term, double values[], size_t n) {
  PetscMPIInt count;

  PetscFunctionBeginUser;
  PetscCall(PetscMPIIntCast((PetscInt)n, &count));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_SUM, term->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscBool LhFibreTermMustMeasure(LhFibreTerm term, PetscInt b) {
  return term->bond.law && term->first_block[b] < term->first_block[b + 1] ? PETSC_TRUE
                                                                           : PETSC_FALSE;
}

PetscErrorCode LhFibreTermMeasureBatch(LhFibreTerm term, PetscInt b, const LhMechWork *work) {
  LhFibreBond *bond = &term->bond;

  PetscFunctionBeginUser;
  for (PetscInt block = term->first_block[b]; block < term->first_block[b + 1]; block++) {
    double Fa[3][LH_BATCH], stretch[LH_BATCH];

    LhFibreBlockStretch(term, block, work, Fa, stretch);
    for (int l = 0; l < LH_BATCH; l++) {
      const PetscInt slot = block * LH_BATCH + l;
      double *told = bond->told + term->fibres->piece_id[term->slot_piece[slot]];

      if (term->slot_volume[slot] <= 0.) continue;
      told[LH_BOND_TOLD_STRETCH * bond->num_pieces] = stretch[l];
      told[LH_BOND_TOLD_FLOW * bond->num_pieces] = term->flow[term->slot_position[slot]];
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermBeginMeasure(LhFibreTerm term) {
  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(term->bond.told, LH_BOND_TOLD * term->bond.num_pieces));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermEndMeasure(LhFibreTerm term) {
  PetscFunctionBeginUser;
  if (!term->bond.law) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(SumOverRanks(term, term->bond.told, (size_t)(LH_BOND_TOLD * term->bond.num_pieces)));
  LhFibreBondSolve(&term->bond);
  PetscFunctionReturn(PETSC_SUCCESS);
}

void LhFibreSlipOutput(LhFibreTerm term, PetscInt block, LhFibreOutput *out, double rupture[]) {
  for (int l = 0; l < LH_BATCH; l++) {
    const PetscInt id = term->fibres->piece_id[term->slot_piece[block * LH_BATCH + l]];
    const LhBondPiece *piece = &term->bond.piece[id];

    out->stress[l] = piece->stress;
    out->tangent[l] = piece->tangent;
    out->stored[l] = piece->stored;
    out->dissipation[l] = piece->dissipation;
    out->rupture[l] = piece->loaded;
    out->slip[l] = piece->slip;
    out->drawn[l] = piece->drawn;
    out->failed[l] = piece->failed;
    rupture[l] = piece->rupture;
  }
}

PetscErrorCode LhFibreSlipTellIntegrity(LhFibreTerm term) {
  LhFibreBond *bond = &term->bond;

  PetscFunctionBeginUser;
  if (!bond->law) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscArrayzero(bond->integrity, bond->num_pieces));
  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    if (term->slot_volume[slot] <= 0.) continue;
    bond->integrity[term->fibres->piece_id[term->slot_piece[slot]]] = LhFibreIntegrity(term, slot);
  }
  PetscCall(SumOverRanks(term, bond->integrity, (size_t)bond->num_pieces));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscInt NodeOf(LhFibreTerm term, PetscInt piece) {
  return term->fibres->piece_id[piece] + term->fibres->piece_fibre[piece];
}

PetscErrorCode LhFibreSlipAccept(LhFibreTerm term) {
  double *accepted, *own;
  size_t size;

  PetscFunctionBeginUser;
  if (!term->bond.law) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhStateAccept(term->bond.state));
  PetscCall(LhFibreBondBreak(&term->bond));
  PetscCall(LhFibreSlipTellIntegrity(term));
  PetscCall(LhStateGetAccepted(term->bond.state, &accepted, &size));
  PetscCall(LhStateGetAccepted(term->state, &own, &size));
  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    const PetscInt row = slot / LH_BATCH * term->num_state + term->law->num_state;

    own[(row + LH_FIBRE_BROKEN) * LH_BATCH + slot % LH_BATCH] =
        *LhFibreBondAt(accepted, NodeOf(term, term->slot_piece[slot]), LH_BOND_BROKEN);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscInt LhFibreSlipHistorySize(LhFibreTerm term) {
  return term->bond.law ? 2 * LH_BOND_STATE : 0;
}

PetscErrorCode LhFibreSlipPack(LhFibreTerm term, PetscInt stride, double rows[]) {
  double *accepted;
  size_t size;

  PetscFunctionBeginUser;
  if (!term->bond.law) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhStateGetAccepted(term->bond.state, &accepted, &size));
  for (PetscInt piece = 0; piece < term->fibres->num_pieces; piece++) {
    double *row = rows + piece * stride + term->num_state;

    for (PetscInt k = 0; k < 2 * LH_BOND_STATE; k++) {
      row[k] = *LhFibreBondAt(accepted, NodeOf(term, piece) + k / LH_BOND_STATE, k % LH_BOND_STATE);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreSlipUnpack(LhFibreTerm term, PetscInt stride, const double rows[]) {
  const PetscInt *first = term->chains.first;
  double *accepted;
  size_t size;

  PetscFunctionBeginUser;
  if (!term->bond.law) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhStateGetAccepted(term->bond.state, &accepted, &size));
  PetscCall(PetscArrayzero(accepted, size));
  for (PetscInt piece = 0; piece < term->fibres->num_pieces; piece++) {
    const PetscInt last = first[term->fibres->piece_fibre[piece] + 1] - 1;
    // A node is set by the piece to its right; the last of a fibre by the one before it.
    const PetscInt n = (term->fibres->piece_id[piece] == last ? 2 : 1) * LH_BOND_STATE;
    const double *row = rows + piece * stride + term->num_state;

    for (PetscInt k = 0; k < n; k++) {
      *LhFibreBondAt(accepted, NodeOf(term, piece) + k / LH_BOND_STATE, k % LH_BOND_STATE) = row[k];
    }
  }
  PetscCall(SumOverRanks(term, accepted, size));
  PetscCall(LhFibreSlipTellIntegrity(term));
  PetscFunctionReturn(PETSC_SUCCESS);
}
