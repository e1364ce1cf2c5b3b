/// @file
/// Inside of LhFibreTerm, shared by the fibres*.c files of this layer only.
///
/// Pieces stand in blocks of LH_BATCH slots, each block in one batch of cells; free slots repeat a piece and carry no
/// area. The state of a slot is the law's, then the term's own.
#pragma once

#include "fields/state.h"
#include "physics/fibres.h"
#include "physics/fibres_bond.h"

#define LH_FIBRE_STATE_MAX 16  ///< most state reals of a slot
#define LH_FIBRE_LINE      6   ///< F a, then grad y a

/// The term's part of the state of a slot.
enum {
  LH_FIBRE_STRESS,     ///< T [Pa]
  LH_FIBRE_STRETCH,    ///< lambda [1]
  LH_FIBRE_SLIP,       ///< slip strain [1]
  LH_FIBRE_DRAWN,      ///< [m]
  LH_FIBRE_STORED,     ///< [J/m^3]
  LH_FIBRE_FRICTION,   ///< since the start [J/m^3]
  LH_FIBRE_RUPTURE,    ///< since the start [J/m^3]
  LH_FIBRE_DROPPED,    ///< stress lost when the last step was accepted [Pa]
  LH_FIBRE_REACH,      ///< y [m]
  LH_FIBRE_WITHDRAWN,  ///< r [m]
  LH_FIBRE_LOADED,     ///< 1 at its strength
  LH_FIBRE_BROKEN,     ///< 1 after it broke
  LH_FIBRE_OWN
};

/// Fields of LhFibreFields.
enum {
  LH_FIBRE_FIELD_STRESS,
  LH_FIBRE_FIELD_STRETCH,
  LH_FIBRE_FIELD_SLIP,
  LH_FIBRE_FIELD_DRAWN,
  LH_FIBRE_FIELD_DAMAGE,
  LH_FIBRE_NUM_FIELDS
};

/// What all ranks know of all pieces, by piece_id. Lengths are inside the space.
typedef struct {
  PetscInt num, num_fibres;
  PetscInt *first;  ///< [fibre + 1] first piece
  double *arc;      ///< middle of the piece, along the fibre [m]
  double *length;   ///< [fibre] [m]
  double *dynamic;  ///< [LH_FIBRE_TOLD][num]
  double *held;     ///< as arc, of length that the matrix still holds (F6a) [m]
  double *reach, *withdrawn;
} LhFibreChains;
enum {
  LH_FIBRE_TOLD_HELD,
  LH_FIBRE_TOLD_DRAWN,
  LH_FIBRE_TOLD_LOAD,
  LH_FIBRE_TOLD_BROKEN,
  LH_FIBRE_TOLD
};

struct _n_LhFibreTerm {
  MPI_Comm comm;
  const LhFibres *fibres;
  const LhFibreLaw *law;
  const void *params;
  PetscInt num_nodes, num_cells;
  PetscInt *first_block;  ///< [batch + 1]
  PetscInt num_blocks;
  PetscInt *slot_piece, *slot_batch, *slot_lane, *slot_position;
  double *slot_volume;  ///< area * length, 0 in free slots [m^3]
  double *along;        ///< [piece][node] a . dN/dX [1/m]
  PetscInt *node;       ///< [piece][node] global number, -1 outside the space
  double *axial;        ///< [piece][4] direction m, then stiffness along it, of the last tangent
  LhMatrixPieces axial_view;
  double *flow;          ///< by position [Pa]
  PetscBool is_spanned;  ///< LhFibreTermSetSpan()
  double *base;          ///< [slot] stretch at the last tangent, 0: none since the step began [1]
  double *span;          ///< [slot] over which the last tangent is a mean slope [1]
  double *line;          ///< [slot][LH_FIBRE_LINE] of fibres_line.c [1]
  double *held;          ///< [slot][9] stiffness S = V [..] of (F3) that the matrix holds [N m]
  double *given;  ///< [slot][3] force of the pieces in the residual that MoveLine keeps [N m]
  double
      *change;  ///< [slot][9] of `held` at the last renewal; of the force along a line: the first 3
  const double *integrity;  ///< [batch][point][lane], borrowed; NULL: 1
  PetscInt num_points;      ///< of a cell
  double *volume_fraction;  ///< by position
  PetscInt num_outside;     ///< pieces outside the space, this rank
  PetscInt num_state;       ///< of a slot
  LhState state;            ///< [block][0][component][lane]
  LhFibreChains chains;
  LhFibreBond bond;                     ///< law NULL: fibres have no displacement of their own
  double *fields[LH_FIBRE_NUM_FIELDS];  ///< [piece]
};

/// What the law gets of a block, but for the stretch and the time.
void LhFibreBlockInput(LhFibreTerm term, PetscInt block, const double (*old)[LH_BATCH],
                       LhFibreInput *in);
/// Writes the term's own state of a block after an update from `old`.
void LhFibreBlockRecord(LhFibreTerm term, const LhFibreInput *in, const LhFibreOutput *out,
                        const double (*old)[LH_BATCH], double (*now)[LH_BATCH]);

/// The stiffness of a slot (F3), which `held` and `axial` keep.
void LhFibreSlotStiffness(LhFibreTerm term, PetscInt slot, const LhFibreOutput *out,
                          const double Fa[3], double stretch, double S[9]);
/// work->K, or single.K as the task says, += S g g^T of a slot, work->f += g force.
void LhFibreSlotAddStiffness(LhFibreTerm term, PetscInt slot, const double S[9], LhMechTask task,
                             LhMechWork *work);
void LhFibreSlotAddForce(LhFibreTerm term, PetscInt slot, const double force[3], LhMechWork *work);
/// Mean slopes in place of the tangents (F11).
void LhFibreBlockSpanTangents(LhFibreTerm term, PetscInt block, const LhFibreInput *in,
                              LhFibreOutput *out);
/// F a of the pieces of a block, and its length.
void LhFibreBlockStretch(LhFibreTerm term, PetscInt block, const LhMechWork *work,
                         double (*Fa)[LH_BATCH], double stretch[LH_BATCH]);
/// Share of the matrix around the piece of a slot that still carries (F6a).
double LhFibreIntegrity(LhFibreTerm term, PetscInt slot);

/// All do nothing without a bond. The first after LhFibreChainsCreate(), before anything was told.
PetscErrorCode LhFibreSlipCreate(LhFibreTerm term);
/// What the last solve found of a block, and what broken pieces let go of in the step [J/m^3].
void LhFibreSlipOutput(LhFibreTerm term, PetscInt block, LhFibreOutput *out, double rupture[]);
/// Collective, as are accepting and unpacking.
PetscErrorCode LhFibreSlipTellIntegrity(LhFibreTerm term);
PetscErrorCode LhFibreSlipAccept(LhFibreTerm term);
/// Reals of a piece in a row of history, behind the state of its slot.
PetscInt LhFibreSlipHistorySize(LhFibreTerm term);
PetscErrorCode LhFibreSlipPack(LhFibreTerm term, PetscInt stride, double rows[]);
PetscErrorCode LhFibreSlipUnpack(LhFibreTerm term, PetscInt stride, const double rows[]);

PetscErrorCode LhFibreChainsCreate(LhFibreTerm term);
PetscErrorCode LhFibreChainsDestroy(LhFibreTerm term);
/// Breaks what is at its strength, brings reach and withdrawn length up to date in the accepted state. Collective.
PetscErrorCode LhFibreChainsUpdate(LhFibreTerm term);
