/// @file
/// Fibres embedded in the cells of a mechanics problem: what they add to force and tangent of a batch of cells, and
/// their state.
///
/// A piece of a fibre moves with the shape functions of the cell it lies in (docs/theory/fibres.md). Pieces of one fibre
/// act on each other through its ends, breaks and drawn-out lengths; these are brought up to date when a step is
/// accepted, never inside one, so a rejected step leaves no trace. State has the life of the history of LhMechanics,
/// which calls these functions once it has the term (LhMechanicsSetFibres()). Never solves.
#pragma once

#include "fields/assembler.h"
#include "fields/batch.h"
#include "laws/fibre_law.h"
#include "mesh/fibres.h"
#include "physics/mechanics_kernel.h"

typedef struct _n_LhFibreTerm *LhFibreTerm;

/// Space and batches are those of the mechanics problem (LhMechanicsGetSpace(), LhMechanicsGetBatches()). All arguments
/// but the last are borrowed. Pieces in cells outside the space carry nothing. A piece too long for its law is a PETSc
/// error that says how long it may be. Collective.
PetscErrorCode LhFibreTermCreate(LhSpace space, LhBatches batches, const LhFibres *fibres,
                                 const LhFibreLaw *law, const void *params, LhFibreTerm *term);
PetscErrorCode LhFibreTermDestroy(LhFibreTerm *term);
/// Flow stress of the material around the fibres that limits the interface beside the law's own limit, by position in
/// LhSpaceView.cells [Pa]; copied. NULL: none (as at first). Not collective.
PetscErrorCode LhFibreTermSetMatrixFlow(LhFibreTerm term, const double *flow);
/// Tangents from now on are mean slopes over some of the stretch that the last iterations of Newton's method changed,
/// either way and never negative (docs/theory/fibres.md, F11); slopes at the stretch itself before a second tangent is
/// asked for in a step. Not collective.
PetscErrorCode LhFibreTermSetSpan(LhFibreTerm term, PetscBool on);
/// Share of the matrix that still carries, as given to LhMechanicsSetIntegrity() (which calls this), borrowed; NULL: 1.
/// Read whenever a step is accepted, and now. Collective.
PetscErrorCode LhFibreTermSetIntegrity(LhFibreTerm term, const double *integrity);

/// Whether fibres know their work along lines: not for fibres with a displacement of their own, whose pieces hear of each
/// other. Not collective.
PetscBool LhFibreTermHasLine(LhFibreTerm term);
/// Whether there are pieces in the cells of batch `b`. Not collective, as are all that follow.
PetscBool LhFibreTermHasPieces(LhFibreTerm term, PetscInt b);
/// Displacements x - t y of the pieces in the cells of batch `b`: called with x, then with `along` and y, w in work->u and
/// the mean gradient in H (u = H X + w); then LhFibreTermBeginLine(), `dt` after the start of the step.
PetscErrorCode LhFibreTermAddLine(LhFibreTerm term, PetscInt b, PetscBool along, const double H[9],
                                  const LhMechWork *work);
PetscErrorCode LhFibreTermBeginLine(LhFibreTerm term, double dt);
/// Work of the forces of this rank's pieces at x - t y along y [J]; pieces without a solution do none.
double LhFibreTermLineSlope(LhFibreTerm term, double dt, double t);
/// y . S y of the stiffness that the matrix holds [J].
double LhFibreTermLineBend(LhFibreTerm term);
/// Makes x - t y the place that lines begin at. LhFibreTermAddMoved() adds to work->f what the forces of the pieces of a batch
/// changed on the way beyond the stiffness that the matrix holds, and to `moment` what that does for H.
PetscErrorCode LhFibreTermMoveLine(LhFibreTerm term, double dt, double t);
PetscErrorCode LhFibreTermAddMoved(LhFibreTerm term, PetscInt b, LhMechWork *work,
                                   double moment[9]);
/// Stiffness at the place that lines begin at. LhFibreTermAddRenewed() adds to work->K by how much it differs from what the
/// matrix held so far.
PetscErrorCode LhFibreTermRenew(LhFibreTerm term, double dt);
PetscErrorCode LhFibreTermAddRenewed(LhFibreTerm term, PetscInt b, LhMechWork *work);

/// Fibres with a displacement of their own (law `bond_slip`) are solved for the stretches of all their pieces before
/// LhFibreTermAddBatch(): begin, every batch that must be measured (reads work->u), end. Only the end is collective, and
/// all are for other laws without effect.
PetscBool LhFibreTermMustMeasure(LhFibreTerm term, PetscInt b);
PetscErrorCode LhFibreTermBeginMeasure(LhFibreTerm term);
PetscErrorCode LhFibreTermMeasureBatch(LhFibreTerm term, PetscInt b, const LhMechWork *work);
PetscErrorCode LhFibreTermEndMeasure(LhFibreTerm term);

/// Adds the forces of the pieces in the cells of batch `b` to work->f, and for a tangent their stiffness, which is
/// symmetric, to work->K or work->single.K; reads work->x, work->u and batch->dt. Pieces without a solution set
/// work->failed of their lane. Not collective.
PetscErrorCode LhFibreTermAddBatch(LhFibreTerm term, PetscInt b, const LhMechBatch *batch,
                                   LhMechTask task, LhMechWork *work);
/// The stiffness of the pieces along themselves, as of the last tangent; it lives as long as the term. Not collective.
PetscErrorCode LhFibreTermGetPieces(LhFibreTerm term, const LhMatrixPieces **pieces);
/// As LhStateAdvance(). Not collective.
PetscErrorCode LhFibreTermAdvance(LhFibreTerm term);
/// As LhStateAccept() at the last evaluation; then fibres at their strength break and ends learn what was drawn out.
/// Collective.
PetscErrorCode LhFibreTermAccept(LhFibreTerm term);
/// As LhStateReject(). Not collective.
PetscErrorCode LhFibreTermReject(LhFibreTerm term);

/// The accepted history by piece, which no partition changes: rows of `*size` reals by local piece, named by
/// LhFibres.piece_id. Not collective but for unpacking.
PetscErrorCode LhFibreTermGetHistorySize(LhFibreTerm term, PetscInt *size);
PetscErrorCode LhFibreTermPackHistory(LhFibreTerm term, double rows[]);
PetscErrorCode LhFibreTermUnpackHistory(LhFibreTerm term, const double rows[]);

/// Sums and means over all fibres, at the accepted state; energies since the start.
typedef struct {
  double stored, friction, rupture;  ///< elastic energy, energy lost to slip and to breaking [J]
  double mean_stress, max_stress;    ///< T: mean over length, largest [Pa]
  double drawn;                      ///< length drawn out of the matrix, over all pieces [m]
  PetscInt num_breaks, num_broken;   ///< breaks, fibres with at least one
  PetscInt num_outside;              ///< pieces in cells outside the space
} LhFibreSummary;
/// Collective.
PetscErrorCode LhFibreTermGetSummary(LhFibreTerm term, LhFibreSummary *summary);

/// By local piece, at the accepted state; borrowed, until the next call.
typedef struct {
  const double *stress;   ///< T as of the last evaluation before it was accepted [Pa]
  const double *stretch;  ///< lambda [1]
  const double *slip;     ///< elongation of the piece that the fibre did not follow [m]
  const double *drawn;    ///< length drawn out of the matrix by this piece [m]
  const double *
      damage;  ///< share of its reach that the fibre has lost: withdrawn length over reach, 1 = broken [1]
} LhFibreFields;
/// Not collective.
PetscErrorCode LhFibreTermGetFields(LhFibreTerm term, LhFibreFields *fields);
/// Volume of fibre per volume of cell, by position in LhSpaceView.cells; borrowed [1].
PetscErrorCode LhFibreTermGetVolumeFraction(LhFibreTerm term, const double **fraction);
