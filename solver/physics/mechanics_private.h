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

  double *composition_start[LH_COMPOSITION_NUM], *composition_end[LH_COMPOSITION_NUM];
  double from, to, dt;
  PetscInt num_loads;
  LhMechLoadSlot loads[LH_MECH_MAX_LOADS];
  LhMechPlaten platen;
  PetscInt *constraint;  ///< [node][3] load that prescribes it, -1 = free
  unsigned char *mask;   ///< [node][3]
  double *shape;         ///< [node][3] factor of the prescribed value
  double diagonal;       ///< stiffness put on prescribed unknowns [N/m]
  double unit_force;

  Vec u, u_accepted, force, work_vec;
  Mat assembled, op;
  PetscScalar *local_u, *local_f, *local_g, *local_w;  ///< [node][3], ghosts included
  double *cell[LH_CELL_NUM], *cauchy, *pull_back;      ///< by position; the last two [6] a cell
};

/// Prepares work->x, work->u and `*in` for a batch; history pointers included.
PetscErrorCode LhMechanicsFillBatch(LhMechanics mech, PetscInt b, LhMechBatch *in);
/// local_u <- u with ghosts.
PetscErrorCode LhMechanicsGatherDisplacement(LhMechanics mech, Vec u);
/// Vec <- local sums with ghosts added at their owners.
PetscErrorCode LhMechanicsScatter(LhMechanics mech, const PetscScalar local[], Vec owned);
/// Clears the prescribed entries of an owned vector.
PetscErrorCode LhMechanicsClearPrescribed(LhMechanics mech, Vec v);

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

/// Coordinates of the nodes of a face, displaced by local_u when `displaced`.
void LhMechanicsFaceCoords(LhMechanics mech, const PetscInt nodes[], PetscBool displaced,
                           double x[][3]);
/// Marks the owned nodes on a surface in a vector (> 0), by way of local_w.
PetscErrorCode LhMechanicsMarkSurface(LhMechanics mech, PetscInt surface, Vec marks);
