/// @file
/// Fibres with a displacement of their own (docs/theory/fibres.md, section 6): slip at the cuts between pieces, solved
/// along each fibre for given stretches of the matrix.
///
/// Every rank knows every fibre and finds the same answer. State has the life of LhState. Knows nothing of cells or of
/// the mechanics problem. Private to fibres*.c.
#pragma once

#include "fields/state.h"
#include "laws/fibre_law.h"

/// State of a node; that of the piece to its right comes last. The last node of a fibre has no such piece.
enum {
  LH_BOND_SLIP = LH_BOND_LAW_STATE,  ///< fibre ahead of matrix [m]
  LH_BOND_FORCE,                     ///< of the interface on the node [N]
  LH_BOND_STORED,                    ///< in the interface [J]
  LH_BOND_STRAIN,                    ///< elongation of the fibre over the length of the piece [1]
  LH_BOND_STRESS,                    ///< [Pa]
  LH_BOND_BROKEN,                    ///< 1 after it broke
  LH_BOND_STATE
};

/// What a solve says of a piece.
typedef struct {
  double stress, tangent;               ///< [Pa]
  double stored, dissipation, rupture;  ///< per volume of fibre; the last two of the step [J/m^3]
  double slip, drawn;                   ///< strain not followed [1], length out of the matrix [m]
  double loaded, failed;                ///< 1 at the strength; without a solution
} LhBondPiece;

/// What the solve is told of a piece, by any rank.
enum { LH_BOND_TOLD_STRETCH, LH_BOND_TOLD_FLOW, LH_BOND_TOLD };

typedef struct {
  const LhBondLaw *law;
  const void *params;
  LhBondConstants constants;
  PetscInt num_fibres, num_pieces, num_nodes;
  const PetscInt *first;  ///< [fibre + 1] first piece, borrowed; first node = first piece + fibre
  double *length;         ///< [piece], 0 where nothing holds it [m]
  double *integrity;      ///< [piece] share of the matrix that still carries
  double *area, *around;  ///< [fibre] cross-section [m^2], perimeter of all tubes [m]
  double *told;           ///< [LH_BOND_TOLD][piece]
  double *work;           ///< [LH_BOND_WORK][node]
  LhBondPiece *piece;
  LhState state;
} LhFibreBond;

/// What a bond is made of; law, parameters and `first` are borrowed, the others copied.
typedef struct {
  const LhBondLaw *law;
  const void *params;
  PetscInt num_fibres;
  const PetscInt *first;  ///< [fibre + 1] first piece
  const double *length;   ///< [piece] [m]
  const double *area;     ///< [fibre] cross-section [m^2]
  const double *around;   ///< [fibre] perimeter of all tubes [m]
} LhFibreBondParts;

PetscErrorCode LhFibreBondCreate(const LhFibreBondParts *parts, LhFibreBond *bond);
PetscErrorCode LhFibreBondDestroy(LhFibreBond *bond);
/// Slip, forces and energies of all fibres for the stretches told; allocates nothing.
void LhFibreBondSolve(LhFibreBond *bond);
/// After LhStateAccept(): the most loaded piece of each fragment at its strength breaks; the next step sees it.
PetscErrorCode LhFibreBondBreak(LhFibreBond *bond);
/// Value of a component in an array of LhState.
static inline double *LhFibreBondAt(double *values, PetscInt node, PetscInt component) {
  return values + (node / LH_BATCH * LH_BOND_STATE + component) * LH_BATCH + node % LH_BATCH;
}
