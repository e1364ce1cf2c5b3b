/// @file
/// Element kernel of finite-strain equilibrium: residual and consistent tangent of a batch of cells.
///
/// Weak form (C.10): sum_q P(Fbar) : delta Fbar dV, P = sum_k w_k Jg^(2/3) P_k(Fbar Jg^(-1/3)), the
/// phases k in parallel (C.5). Hexahedra take the mean dilatation of the cell,
/// Fbar = (Theta/J)^(1/3) F with Theta = int J dV / V; its exact variation keeps the tangent symmetric
/// whenever the law's is. An empty cell resists its own closing, point by point (H8). Pure arithmetic on lanes: no mesh, no Vec, no MPI, no allocation.
#pragma once

#include "fields/element_map.h"
#include "laws/material.h"

#define LH_MECH_CLOSING    0.1  ///< J below which the walls of an empty cell meet (H8)
#define LH_MECH_MAX_POINTS 8
#define LH_MECH_MAX_DOFS   (3 * LH_ELEMENT_MAX_NODES)
#define LH_MECH_ALIGNMENT  64  ///< of a batch's lanes [bytes]
/// Points whose lanes lie side by side where sums are in single precision: eight lanes fill half a register of AVX-512.
#ifdef __AVX512F__
#define LH_MECH_GROUP 2
#else
#define LH_MECH_GROUP 1
#endif
#define LH_MECH_GROUPS (LH_MECH_MAX_POINTS / LH_MECH_GROUP)
#define LH_MECH_WIDE   (LH_MECH_GROUP * LH_BATCH)  ///< lanes of a group: point by point

/// One batch: what it is made of and where its history lies.
typedef struct {
  const LhElement *element;
  PetscBool mean_dilatation;
  PetscInt num_phases;
  const LhMechPhase *phases;
  PetscInt num_state;  ///< state reals per point over all phases (stride of old and now)
  const double (*old)[LH_BATCH];
  double (*now)[LH_BATCH];
  double dt;                     ///< [s]
  double lithium[LH_BATCH];      ///< v_Li = V_Li N_Li per reference volume [1]
  double growth[LH_BATCH];       ///< Jg [1]
  double temperature[LH_BATCH];  ///< [K]
  double field[LH_MECH_NUM_FIELDS][LH_BATCH];
  const double (*integrity)[LH_BATCH];  ///< [point] factor on stress and tangent, NULL: 1
  double closing[LH_BATCH];  ///< scale of the stress of walls that meet (H8), 0: none [Pa]
} LhMechBatch;

/// Element matrices in single precision and what they are made of; members as in LhMechWork, points in groups.
typedef struct {
  _Alignas(LH_MECH_ALIGNMENT) float grad[LH_MECH_GROUPS][LH_MECH_MAX_DOFS][LH_MECH_WIDE];
  float dv[LH_MECH_GROUPS][LH_MECH_WIDE], A[LH_MECH_GROUPS][81][LH_MECH_WIDE];
  float H[LH_MECH_MAX_DOFS][LH_BATCH], row[LH_MECH_MAX_DOFS][LH_BATCH],
      column[LH_MECH_MAX_DOFS][LH_BATCH];
  float K[LH_MECH_MAX_DOFS * LH_MECH_MAX_DOFS][LH_BATCH];
} LhMechSingle;

/// Scratch of one evaluation; filled in the order of its members. G = F^-T.
typedef struct {
  _Alignas(LH_MECH_ALIGNMENT) double x[LH_MECH_MAX_DOFS][LH_BATCH];
  double u[LH_MECH_MAX_DOFS][LH_BATCH];             ///< reference place, displacement [m]
  double inverse[LH_MECH_MAX_POINTS][9][LH_BATCH];  ///< dxi_e/dX_J [1/m]
  double dv[LH_MECH_MAX_POINTS][LH_BATCH];          ///< reference volume [m^3]
  double F[LH_MECH_MAX_POINTS][9][LH_BATCH], G[LH_MECH_MAX_POINTS][9][LH_BATCH];
  double J[LH_MECH_MAX_POINTS][LH_BATCH], s[LH_MECH_MAX_POINTS][LH_BATCH];  ///< s = (Theta/J)^(1/3)
  double volume[LH_BATCH], theta[LH_BATCH], stretch[LH_BATCH];              ///< stretch = Jg^(1/3)
  double H[LH_MECH_MAX_DOFS][LH_BATCH];       ///< d ln Theta / du [1/m]
  double P[LH_MECH_MAX_POINTS][9][LH_BATCH];  ///< mixture, at Fbar [Pa]
  double T[LH_MECH_MAX_POINTS][9]
          [LH_BATCH];  ///< a stress pulled back to reference derivatives, times dv [N]
  double A[LH_MECH_MAX_POINTS][81][LH_BATCH];  ///< dP/dFbar, then the folded tangent [Pa]
  double row[LH_MECH_MAX_DOFS][LH_BATCH],
      column[LH_MECH_MAX_DOFS][LH_BATCH];  ///< K_de has row_d H_e + H_d column_e [N]
  double f[LH_MECH_MAX_DOFS][LH_BATCH];    ///< internal force [N]
  double grad[LH_MECH_MAX_POINTS][LH_MECH_MAX_DOFS]
             [LH_BATCH];  ///< dN_a/dX_J, with a tangent in double [1/m]
  double K[LH_MECH_MAX_DOFS * LH_MECH_MAX_DOFS][LH_BATCH];  ///< tangent [N/m], row-major
  double failed[LH_BATCH];      ///< > 0: inverted cell or law without solution
  double asymmetry, magnitude;  ///< sums of |A - A^T|^2 and |A|^2 over points and lanes
  _Alignas(LH_MECH_ALIGNMENT) LhMechInput in;
  _Alignas(LH_MECH_ALIGNMENT) LhMechOutput out;
  LhMechSingle single;
} LhMechWork;

/// Zeros, aligned: a vector that crosses a cache line costs two loads.
PetscErrorCode LhMechWorkCreate(LhMechWork **work);
PetscErrorCode LhMechWorkDestroy(LhMechWork **work);

typedef enum {
  LH_MECH_RESIDUAL,
  LH_MECH_TANGENT,
  LH_MECH_TANGENT_SINGLE  ///< sums over points in single precision, for a matrix that rounds them anyway
} LhMechTask;

/// Reads work->x and work->u; fills f and, for a tangent, K or single.K, asymmetry and magnitude. Stresses, history and
/// the tangents at the points are double in any case. Lanes with failed > 0 hold no meaning.
void LhMechKernelEvaluate(const LhMechBatch *batch, LhMechTask task, LhMechWork *work);

/// Its first part: mapping, F, G, J, Theta, s, H, and what laws see beside F.
void LhMechKernelKinematics(const LhMechBatch *batch, LhMechWork *work);
/// Stress of phase `k` at point q for Fbar: work->out holds it per volume of the grown phase, work->in
/// what the law saw. Writes the phase's part of batch->now.
void LhMechKernelPhase(const LhMechBatch *batch, PetscInt q, PetscInt k, PetscBool tangent,
                       LhMechWork *work);
/// Factor (1 - D) on the stress of all phases at point q [1].
void LhMechKernelIntegrity(const LhMechBatch *batch, PetscInt q, double integrity[LH_BATCH]);
/// Weight of phase k in the mixture, w_k of (M4) [1].
void LhMechKernelWeight(const LhMechBatch *batch, PetscInt k, double weight[LH_BATCH]);
/// Solid share of the volume that the stress of phase k is a mean over: 1 - f where its law says so, else 1 [1].
void LhMechKernelSolidShare(const LhMechBatch *batch, PetscInt k, double share[LH_BATCH]);
