/// @file
/// What pieces of one fibre do to each other at the end of a step: where it breaks, how far each piece is from an end,
/// and how much that end has been drawn out (F6, F6a, F9).
///
/// Every rank hears drawn length, load and breaks of all pieces and finds the same answer. Must run between steps only:
/// it changes the accepted state.
#include <math.h>

#include "physics/fibres_private.h"

#define SAME_LOAD 1e-6  // loads closer than this share count as equal

static double *Told(LhFibreChains *chains, int what) {
  return chains->dynamic + what * chains->num;
}

// Lengths of all pieces inside the space, and which fibre starts where.
static PetscErrorCode TellLengths(LhFibreTerm term, double lengths[]) {
  const LhFibres *fibres = term->fibres;
  LhFibreChains *chains = &term->chains;
  PetscMPIInt count;

  PetscFunctionBeginUser;
  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    const PetscInt piece = term->slot_piece[slot];
    if (term->slot_volume[slot] > 0.)
      lengths[fibres->piece_id[piece]] = fibres->piece_length[piece];
  }
  for (PetscInt piece = 0; piece < fibres->num_pieces; piece++) {
    chains->first[fibres->piece_fibre[piece] + 1]++;
  }
  PetscCall(PetscMPIIntCast(chains->num, &count));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, lengths, count, MPI_DOUBLE, MPI_SUM, term->comm));
  PetscCall(PetscMPIIntCast(chains->num_fibres + 1, &count));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, chains->first, count, MPIU_INT, MPI_SUM, term->comm));
  for (PetscInt f = 0; f < chains->num_fibres; f++) chains->first[f + 1] += chains->first[f];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreChainsCreate(LhFibreTerm term) {
  LhFibreChains *chains = &term->chains;
  const PetscInt n = term->fibres->num_global_pieces, num_fibres = term->fibres->num_fibres;

  PetscFunctionBeginUser;
  chains->num = n;
  chains->num_fibres = num_fibres;
  PetscCall(PetscCalloc6(num_fibres + 1, &chains->first, n, &chains->arc, num_fibres,
                         &chains->length, n, &chains->held, n, &chains->reach, n,
                         &chains->withdrawn));
  PetscCall(PetscCalloc1(LH_FIBRE_TOLD * n, &chains->dynamic));
  PetscCall(TellLengths(term, chains->dynamic));
  for (PetscInt f = 0; f < num_fibres; f++) {
    for (PetscInt i = chains->first[f]; i < chains->first[f + 1]; i++) {
      chains->arc[i] = chains->length[f] + 0.5 * chains->dynamic[i];
      chains->length[f] += chains->dynamic[i];
    }
    for (PetscInt i = chains->first[f]; i < chains->first[f + 1]; i++) {
      chains->reach[i] = fmin(chains->arc[i], chains->length[f] - chains->arc[i]);
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreChainsDestroy(LhFibreTerm term) {
  LhFibreChains *chains = &term->chains;

  PetscFunctionBeginUser;
  PetscCall(PetscFree6(chains->first, chains->arc, chains->length, chains->held, chains->reach,
                       chains->withdrawn));
  PetscCall(PetscFree(chains->dynamic));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// The accepted state of a block: law's part first.
static double (*Accepted(LhFibreTerm term, double values[], PetscInt block))[LH_BATCH] {
  return (double(*)[LH_BATCH])values + block * term->num_state;
}

double LhFibreIntegrity(LhFibreTerm term, PetscInt slot) {
  const double *cell = term->integrity;
  double sum = 0.;

  if (!cell) return 1.;
  cell += term->slot_batch[slot] * term->num_points * LH_BATCH + term->slot_lane[slot];
  for (PetscInt q = 0; q < term->num_points; q++) sum += cell[q * LH_BATCH];
  return sum / (double)term->num_points;
}

static PetscErrorCode TellPieces(LhFibreTerm term, double values[]) {
  LhFibreChains *chains = &term->chains;
  PetscMPIInt count;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(chains->dynamic, LH_FIBRE_TOLD * chains->num));
  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    const PetscInt id = term->fibres->piece_id[term->slot_piece[slot]], l = slot % LH_BATCH;
    const double(*own)[LH_BATCH] =
        (const double(*)[LH_BATCH])Accepted(term, values, slot / LH_BATCH) + term->law->num_state;

    if (term->slot_volume[slot] <= 0.) continue;
    Told(chains, LH_FIBRE_TOLD_HELD)[id] =
        LhFibreIntegrity(term, slot) * term->fibres->piece_length[term->slot_piece[slot]];
    Told(chains, LH_FIBRE_TOLD_BROKEN)[id] = own[LH_FIBRE_BROKEN][l];
    if (own[LH_FIBRE_BROKEN][l] > 0.) continue;
    Told(chains, LH_FIBRE_TOLD_DRAWN)[id] = own[LH_FIBRE_DRAWN][l];
    Told(chains, LH_FIBRE_TOLD_LOAD)[id] = own[LH_FIBRE_LOADED][l] * own[LH_FIBRE_STRESS][l];
  }
  PetscCall(PetscMPIIntCast(LH_FIBRE_TOLD * chains->num, &count));
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, chains->dynamic, count, MPI_DOUBLE, MPI_SUM, term->comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

// The piece of a fragment that breaks: the most loaded, among equals the one nearest to the middle; -1: none.
static PetscInt FindBreak(LhFibreChains *chains, PetscInt first, PetscInt end, double middle) {
  const double *load = Told(chains, LH_FIBRE_TOLD_LOAD);
  PetscInt found = -1;

  for (PetscInt i = first; i < end; i++) {
    const double margin = found < 0 ? 0. : SAME_LOAD * load[found];

    if (load[i] <= 0.) continue;
    if (found < 0 || load[i] > load[found] + margin ||
        (load[i] > load[found] - margin &&
         fabs(chains->arc[i] - middle) < fabs(chains->arc[found] - middle))) {
      found = i;
    }
  }
  return found;
}

// Held arcs of the pieces of a fibre. Returns its held length.
static double MeasureHeld(LhFibreChains *chains, PetscInt fibre) {
  const double *held = Told(chains, LH_FIBRE_TOLD_HELD);
  double length = 0.;

  for (PetscInt i = chains->first[fibre]; i < chains->first[fibre + 1]; i++) {
    chains->held[i] = length + 0.5 * held[i];
    length += held[i];
  }
  return length;
}

/// An end of a fragment: the fibre's own or the middle of a broken piece.
typedef struct {
  double arc, held;
} End;

// Pieces first..end-1 between two ends.
static void MeasureFragment(LhFibreChains *chains, PetscInt first, PetscInt end, End from, End to) {
  const double middle = 0.5 * (from.arc + to.arc), *drawn = Told(chains, LH_FIBRE_TOLD_DRAWN);
  double sum[2] = {0., 0.};

  for (PetscInt i = first; i < end; i++) {
    chains->reach[i] = fmin(chains->held[i] - from.held, to.held - chains->held[i]);
    sum[chains->arc[i] > middle ? 1 : 0] += drawn[i];
  }
  for (PetscInt i = first; i < end; i++) {
    chains->withdrawn[i] = sum[chains->arc[i] > middle ? 1 : 0];
  }
}

// Walks the fragments of a fibre; with `do_break` marks one break in each that has a loaded piece.
static PetscInt WalkFibre(LhFibreChains *chains, PetscInt fibre, PetscBool do_break) {
  double *broken = Told(chains, LH_FIBRE_TOLD_BROKEN);
  const PetscInt last = chains->first[fibre + 1];
  const End tip = {.arc = chains->length[fibre], .held = MeasureHeld(chains, fibre)};
  End from = {0., 0.};
  PetscInt breaks = 0;

  for (PetscInt i = chains->first[fibre], end; i < last; i = end + 1) {
    End to = tip;

    for (end = i; end < last && broken[end] <= 0.; end++) continue;
    if (end < last) to = (End){.arc = chains->arc[end], .held = chains->held[end]};
    if (do_break) {
      const PetscInt found = FindBreak(chains, i, end, 0.5 * (from.arc + to.arc));
      if (found >= 0) broken[found] = 1., breaks++;
    } else {
      MeasureFragment(chains, i, end, from, to);
      if (end < last) chains->reach[end] = chains->withdrawn[end] = 0.;
    }
    from = to;
  }
  return breaks;
}

// Reach and withdrawn length of a block, then the law at the same stretch: what it cannot hold any more is lost.
static void RelaxBlock(LhFibreTerm term, PetscInt block, double (*state)[LH_BATCH]) {
  const LhFibreChains *chains = &term->chains;
  double(*own)[LH_BATCH] = state + term->law->num_state;
  double now[LH_FIBRE_STATE_MAX][LH_BATCH], stored[LH_BATCH], stress[LH_BATCH], dropped[LH_BATCH];
  LhFibreInput in = {.dt = 0.};
  LhFibreOutput out;

  for (int l = 0; l < LH_BATCH; l++) {
    const PetscInt id = term->fibres->piece_id[term->slot_piece[block * LH_BATCH + l]];

    own[LH_FIBRE_REACH][l] = chains->reach[id];
    own[LH_FIBRE_WITHDRAWN][l] = chains->withdrawn[id];
    own[LH_FIBRE_BROKEN][l] = chains->dynamic[LH_FIBRE_TOLD_BROKEN * chains->num + id];
    in.stretch[l] = own[LH_FIBRE_STRETCH][l];
    stored[l] = own[LH_FIBRE_STORED][l];
    stress[l] = own[LH_FIBRE_STRESS][l];
    dropped[l] = own[LH_FIBRE_DROPPED][l];
  }
  LhFibreBlockInput(term, block, (const double(*)[LH_BATCH])state, &in);
  term->law->update(term->params, &in, (const double(*)[LH_BATCH])state, now, &out);
  LhFibreBlockRecord(term, &in, &out, (const double(*)[LH_BATCH])state, now);
  for (PetscInt k = 0; k < term->num_state; k++) {
    LH_LANES(l) state[k][l] = now[k][l];
  }
  LH_LANES(l) {
    own[LH_FIBRE_RUPTURE][l] += stored[l] - out.stored[l] - out.dissipation[l];
    own[LH_FIBRE_DROPPED][l] = dropped[l] + stress[l] - out.stress[l];
  }
}

// Whether any piece of any rank is at its strength, has drawn out more than its end knows of, or lies in damaged matrix.
static PetscErrorCode AnyNews(LhFibreTerm term, double values[], PetscBool *news) {
  PetscMPIInt any = 0;

  PetscFunctionBeginUser;
  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH && !any; slot++) {
    const PetscInt l = slot % LH_BATCH;
    const double(*own)[LH_BATCH] =
        (const double(*)[LH_BATCH])Accepted(term, values, slot / LH_BATCH) + term->law->num_state;

    if (own[LH_FIBRE_BROKEN][l] > 0.) continue;
    any = own[LH_FIBRE_LOADED][l] > 0. || own[LH_FIBRE_DRAWN][l] > 0. ||
          LhFibreIntegrity(term, slot) < 1.;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MAX, term->comm));
  *news = any ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreChainsUpdate(LhFibreTerm term) {
  LhFibreChains *chains = &term->chains;
  PetscInt breaks = 1;
  PetscBool news;
  double *values;
  size_t size;

  PetscFunctionBeginUser;
  if (!term->law->num_state) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhStateGetAccepted(term->state, &values, &size));
  PetscCall(AnyNews(term, values, &news));
  // One break a fragment a pass: it takes load off its neighbours, who may then hold.
  while (news && breaks > 0) {
    breaks = 0;
    PetscCall(TellPieces(term, values));
    for (PetscInt f = 0; f < chains->num_fibres; f++) breaks += WalkFibre(chains, f, PETSC_TRUE);
    for (PetscInt f = 0; f < chains->num_fibres; f++) (void)WalkFibre(chains, f, PETSC_FALSE);
    for (PetscInt block = 0; block < term->num_blocks; block++) {
      RelaxBlock(term, block, Accepted(term, values, block));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
