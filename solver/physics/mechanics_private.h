/// @file
/// Inside of LhMechanics, shared by the mechanics_*.c files of this layer only.
#pragma once

#include "fields/assembler.h"
#include "fields/batch.h"
#include "physics/mechanics.h"
#include "physics/mechanics_kernel.h"

/// Composition fields: the law's, then those of the mixture.
enum {
  LH_COMPOSITION_LITHIUM = LH_MECH_NUM_FIELDS,
  LH_COMPOSITION_GROWTH,
  LH_COMPOSITION_TEMPERATURE,
  LH_COMPOSITION_NUM
};

/// Scalar cell fields.
enum {
  LH_CELL_JACOBIAN,
  LH_CELL_PRESSURE_LITHIUM,
  LH_CELL_PRESSURE,
  LH_CELL_VON_MISES,
  LH_CELL_THICKNESS,
  LH_CELL_GROWTH,
  LH_CELL_ELASTIC,
  LH_CELL_PART_TOTAL,  ///< parts of the thickness change, see LhMechThickness
  LH_CELL_PART_GROWTH,
  LH_CELL_PART_ELASTIC,
  LH_CELL_VOLUME,
  LH_CELL_NUM
};

typedef struct {
  LhMechLoad load;
  double start, end;  ///< value at the ends of the step
  PetscScalar *unit;  ///< [node][3] local force of value 1, NULL for displacements and followers
} LhMechLoadSlot;

/// The rigid platen: r += k M u - (k/A) m (m.u) + sign p m, with U = m.u/A - sign p/k eliminated.
typedef struct {
  PetscInt load;  ///< index, -1 = none
  PetscInt axis;
  double sign, area, stiffness;
  Vec m;       ///< int N_a dA on component `axis`
  Mat column;  ///< m as a dense column
  Vec factor;  ///< -k/A
} LhMechPlaten;

#define LH_MECH_MACRO 9  ///< components of Fbar

/// Macroscopic unknowns y = L (Fbar - 1), L^3 the volume: lengths, like displacements. The first rank owns them,
/// behind its nodes: displacements have 9 rows more there. Given ones are treated as prescribed displacements are;
/// the rows of the free ones are L^2 (Pbar - given), forces.
typedef struct {
  PetscBool used;
  PetscInt first;  ///< entry of y in an owned vector, -1 on the other ranks
  double length, volume;
  LhMechMacro drive;
  double start_F[LH_MECH_MACRO], start[LH_MECH_MACRO];  ///< Fbar and Pbar at the start of the step
  double H[LH_MECH_MACRO], P[LH_MECH_MACRO];  ///< Fbar - 1 last gathered, Pbar of the last residual
  double lift[LH_MECH_MACRO];                 ///< Fbar of a lift
  PetscInt num_free, free[LH_MECH_MACRO_FREE];               ///< stress-driven components
  double coupling[LH_MECH_MACRO_FREE * LH_MECH_MACRO_FREE];  ///< C of (M20)
  PetscScalar *column[LH_MECH_MACRO_FREE];  ///< columns of B, [node][3], the owned entries in use
  PetscScalar *row[LH_MECH_MACRO_FREE];     ///< rows of B'
  PetscBool floats[3];                      ///< w is held nowhere along this axis
  double spring;                            ///< on the diagonal of the assembled matrix only [N/m]
  Vec part[2];                              ///< frames for the rows of w
  Mat product;                              ///< in place of the assembled matrix, or NULL; borrowed
} LhMechMacroState;

struct _n_LhMechanics {
  MPI_Comm comm;
  LhMesh mesh;
  const LhMeshView *mesh_view;
  LhSpace space;
  const LhSpaceView *view;
  LhBatches batches;
  PetscInt num_batches;
  const LhBatch *batch;
  LhAssembler assembler;
  LhState state;
  const LhElement *element, *face;
  PetscBool mean_dilatation;
  const LhMaterialData **materials;  ///< [mesh region], borrowed entries
  LhMechWork *work;
  PetscBool is_set_up;

  LhMechMacroState macro;
  const double *integrity;  ///< [batch][point][lane] or NULL, borrowed
  double *closing;          ///< by position, or NULL [Pa]
  LhFibreTerm fibres;       ///< or NULL, borrowed
  double *composition_start[LH_COMPOSITION_NUM], *composition_end[LH_COMPOSITION_NUM];
  double from, to, dt;
  PetscInt num_loads;
  LhMechLoadSlot loads[LH_MECH_MAX_LOADS];
  LhMechPlaten platen;
  PetscInt *constraint;  ///< [node][3] load that prescribes it, -1 = free
  unsigned char *mask;   ///< [node][3]
  double *shape;         ///< [node][3] factor of the prescribed value
  double diagonal;       ///< stiffness put on prescribed unknowns [N/m]
  PetscReal scale;       ///< of the last residual, see LhMechEvaluation [N]
  PetscReal held_scale;  ///< the least that evaluations state, of LhMechanicsHoldScale() [N]
  double unit_force;

  Vec u, u_accepted, force, work_vec;
  PetscBool is_single;  ///< `assembled` is one in single precision
  Mat assembled, op;    ///< `assembled` and, but for the bordered one, `op`: NULL until asked for
  PetscScalar *local_u, *local_f, *local_g, *local_w;  ///< [node][3], ghosts included
  double *cell[LH_CELL_NUM], *cauchy, *pull_back;      ///< by position; the last two [6] a cell
};

/// Makes the matrices unless they are there.
PetscErrorCode LhMechanicsHoldMatrices(LhMechanics mech);
/// Prepares work->x, work->u and `*in` for a batch; history pointers included.
PetscErrorCode LhMechanicsFillBatch(LhMechanics mech, PetscInt b, LhMechBatch *in);
/// local_u <- u with ghosts.
PetscErrorCode LhMechanicsGatherDisplacement(LhMechanics mech, Vec u);
/// Vec <- local sums with ghosts added at their owners.
PetscErrorCode LhMechanicsScatter(LhMechanics mech, const PetscScalar local[], Vec owned);

PetscErrorCode LhMechanicsSetUpLoads(LhMechanics mech);
PetscErrorCode LhMechanicsDestroyLoads(LhMechanics mech);
/// Value of a load at the end of the part.
double LhMechanicsLoadValue(LhMechanics mech, PetscInt index);
/// local_f -= external forces that are local sums.
PetscErrorCode LhMechanicsAddLoads(LhMechanics mech);
/// r += the part of the platen that sees all of its surface.
PetscErrorCode LhMechanicsAddPlaten(LhMechanics mech, Vec u, Vec r);
/// Tangent of face loads; with `lifted`, local_f += K local_g for them.
PetscErrorCode LhMechanicsAddLoadTangents(LhMechanics mech, PetscBool lifted);

/// The macroscopic part; without a drive these do nothing.
PetscErrorCode LhMechanicsSetUpMacro(LhMechanics mech);
PetscErrorCode LhMechanicsDestroyMacro(LhMechanics mech);
void LhMechanicsAcceptMacro(LhMechanics mech);
void LhMechanicsRejectMacro(LhMechanics mech);
/// H = Fbar - 1 (or its increment) of a displacement (or lift), on all ranks.
PetscErrorCode LhMechanicsGatherMacro(LhMechanics mech, Vec u, double H[]);
/// work->u += H X at the cells' own vertices.
void LhMechanicsAddAffine(LhMechanics mech, const double H[], LhMechWork *w);
/// Prescribed increments of y from x in g.
void LhMechanicsLiftMacro(LhMechanics mech, const PetscScalar x[], PetscScalar g[]);
/// Clears the given entries of y.
void LhMechanicsClearMacro(LhMechanics mech, PetscScalar x[]);
/// moment[9] += sum_a f_a (x) X_a of work->f.
void LhMechanicsAddMoment(LhMechanics mech, const LhBatch *batch, double moment[]);
/// Rows of y from the moments of all cells: of the residual, and of K lift.
PetscErrorCode LhMechanicsMacroResidual(LhMechanics mech, double moment[], Vec r);
PetscErrorCode LhMechanicsMacroReaction(LhMechanics mech, double moment[], Vec reaction);
/// The border of (M20): cleared, one batch from work->K (overwrites work->f), summed over ranks.
PetscErrorCode LhMechanicsBeginBorder(LhMechanics mech);
/// Instead of beginning: what is added comes on top.
PetscErrorCode LhMechanicsResumeBorder(LhMechanics mech);
void LhMechanicsAddBorder(LhMechanics mech, const LhBatch *batch);
PetscErrorCode LhMechanicsEndBorder(LhMechanics mech);
/// Weak springs at all nodes, in the matrix for preconditioners only: translations of w, and grains that float in a void,
/// leave no stiffness there. `diagonal`: mean of the matrix.
PetscErrorCode LhMechanicsRegularise(LhMechanics mech, double diagonal);

/// Coordinates of the nodes of a face, displaced by local_u when `displaced`.
void LhMechanicsFaceCoords(LhMechanics mech, const PetscInt nodes[], PetscBool displaced,
                           double x[][3]);
/// Marks the owned nodes on a surface in a vector (> 0), by way of local_w.
PetscErrorCode LhMechanicsMarkSurface(LhMechanics mech, PetscInt surface, Vec marks);
