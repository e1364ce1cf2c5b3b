/// @file
/// Private data of the electrochemical problem, shared by physics/electrochem_*.c only.
#pragma once

#include "fields/element.h"
#include "physics/electrochem.h"

/// Most unknowns a cell condenses.
#define LH_CELL_MAX (LH_MAX_REACTIONS * LH_CELL_STATE)
/// Node pairs of a hexahedron: the independent off-diagonal entries of its stiffness.
#define LH_MAX_PAIRS      28
#define LH_MAX_CELL_NODES 8
#define LH_MAX_SYSTEM     (LH_MAX_CELL_NODES * LH_NODE_SYSTEM)
/// Sums of the three rows by the three columns of a node.
#define LH_SUMS (LH_NODE_SYSTEM * LH_NODE_SYSTEM)

/// Integrals over the cells of a batch. Batches of equal cells share one until they deform (electrochem_shape.c).
typedef struct {
  double weight[LH_MAX_CELL_NODES][LH_BATCH];  ///< integral of N_a [m^3]
  double volume[LH_BATCH];                     ///< [m^3]
  double stiffness[LH_MAX_PAIRS][LH_BATCH];    ///< int grad N_a . G grad N_b, a < b [m]
} LhEcShape;

/// What stays fixed, or changes only with the deformation, for one batch of cells.
typedef struct {
  const LhMaterialData *material;
  const LhEcShape *shape;
  PetscInt num_reactions;
  PetscInt offset;  ///< of the batch's cell unknowns in the local state
  double reference[LH_MAX_REACTIONS]
                  [LH_BATCH];  ///< content as made (metal) or capacity (sites) [mol/m^3]
  double area[LH_MAX_REACTIONS][LH_BATCH];  ///< A0 [1/m]
  double inert[LH_BATCH];                   ///< volume of Zn, Li3N, CNT per reference volume [1]
  double cnt[LH_BATCH];                     ///< of it CNT [1]
  double network[LH_BATCH];                 ///< electronic conductivity of the CNT network [S/m]
  double bridge[LH_BATCH];                  ///< ionic conductivity of the Li3N network [S/m]
  double J[LH_BATCH], J_rate[LH_BATCH];     ///< at t0 [1], [1/s]
  double p[LH_BATCH], p_rate[LH_BATCH];     ///< at t0 [Pa], [Pa/s]
} LhEcBatch;

/// What the last Jacobian left for condensation and back-substitution of one batch with n unknowns a cell; all from one array.
typedef struct {
  double (*inverse)[LH_BATCH];   ///< [n][n] D^-1 of the cell block
  double (*response)[LH_BATCH];  ///< [n][3] X = -D^-1 E: cell unknowns from cell means
  double (*column)[LH_BATCH];    ///< [reaction][npc * 3] dR_node / dN_k through the coefficients
} LhEcCondensed;

/// Faces of one electrode in the space of the potentials.
typedef struct {
  PetscInt num_faces;
  const PetscInt *nodes;  ///< [face][nodes_per_face]
  double (*weight)[4];    ///< integral of N_a over the face [m^2]
  double *area;           ///< [face] [m^2]
  PetscReal total_area;   ///< over all ranks [m^2]
  PetscInt offset;        ///< of the faces' current densities in the local state (lithium faces)
  double *slope;          ///< [face][3]: dj/dV, dj/dphi_e (= -dj/dV), dj/dlnc of the condensed face
  double *gain;           ///< [face] dj/d(-residual)
} LhEcFaces;

typedef struct _n_LhEcNetwork *LhEcNetwork;

struct _n_LhElectrochem {
  MPI_Comm comm;  ///< of the mesh
  LhMesh mesh;
  LhSpace space;
  LhBatches batches;
  LhAssembler assembler;
  LhElectrochemSpec spec;
  PetscInt num_batches;
  LhEcBatch *batch;
  PetscInt num_shapes;
  LhEcShape *shape;
  LhEcCondensed *condensed;
  double (*condensed_values)[LH_BATCH];
  LhEcFaces faces[LH_NUM_ELECTRODES];
  unsigned char *has_solid;  ///< [local node] 1 where a host cell touches
  PetscInt npc, npf, pairs;
  PetscInt num_local, scalar_offset;  ///< size of the local state; offset of the scalars (rank 0)
  LhControl control;
  PetscReal t0, t1;  ///< span of the present deformation ramp [s]
  PetscReal
      salt_mix;       ///< 1 - t+: multiple of the liquid charge row added to the salt row (times F)
  PetscReal thermal;  ///< RT/F, unit of potential in the linear system [V]
  PetscReal initial_inventory, initial_salt;
  LhElectrochemFacts facts;
  LhEcNetwork network;  ///< Li3N with a potential of its own, NULL at local equilibrium
  Vec network_phi, network_flux;
  LhElectrochemSource source;  ///< of tests, NULL in every case
  void *source_context;
  // work arrays, sized once; sums end at the owned nodes, which come first
  PetscScalar *y_local;    ///< [node][LH_NODE_STATE]
  PetscScalar *r_local;    ///< [node][5]: three fluxes, pore volume P, its rate
  PetscScalar *x_local;    ///< [node][3]
  PetscScalar *sum_local;  ///< [node][3][3]: sums of the rows of phi_s, phi_e, ln c by column
  PetscScalar *pore;       ///< [node][2] P and its rate of the last Jacobian, local
  Mat matrix, lrc;         ///< NULL before they are asked for
  PetscBool is_single;
  Mat product, exact;  ///< with a matrix in single precision; exact for constants
  Vec shifted;
  PetscScalar
      *row_local;  ///< [node][3][3]: sums of each row of the last Jacobian in single precision
  Mat border_col, border_row;  ///< n x 1 dense: d(rows)/dV, dI/d(columns)
  Vec border_weight;           ///< one entry: -1/d of the rank-one term
  Vec rhs, sol;
  Vec balance
      [LH_NODE_SYSTEM];  ///< A^T z_i, sums of rows: z_i is 1 for unknown i, of solid nodes for phi_s
  PetscReal mode_size[LH_NODE_SYSTEM];  ///< nodes of each constant
  double mode_matrix[LH_NODE_SYSTEM][LH_NODE_SYSTEM],
      mode_inverse[LH_NODE_SYSTEM][LH_NODE_SYSTEM];  ///< Z^T A Z
  PetscReal dI_dV;  ///< dI/dV of the working electrode with nodes fixed [A/V]
  PetscReal cj;
};

/// The coefficients of a batch at one state.
typedef struct {
  double mean[LH_NODE_SYSTEM][LH_BATCH];      ///< cell means of phi_s, phi_e, ln c
  double porosity[LH_BATCH], pore[LH_BATCH];  ///< eps; J eps per reference volume
  double pore_rate[LH_BATCH];                 ///< d(J eps)/dt [1/s]
  double sigma[LH_BATCH];                     ///< electronic conductivity [S/m]
  double dsigma[LH_MAX_REACTIONS][LH_BATCH];  ///< by N_k
  double kappa[LH_BATCH], dkappa_c[LH_BATCH], dkappa_e[LH_BATCH];  ///< liquid part; by ln c; by eps
  double kd[LH_BATCH], dkd_c[LH_BATCH], dkd_e[LH_BATCH];           ///< kappa_D
  double dc[LH_BATCH], ddc_c[LH_BATCH], ddc_e[LH_BATCH];           ///< D c
  double tm[LH_BATCH], dtm_c[LH_BATCH];                            ///< (1 - t+) / F
  double bridge[LH_BATCH];
} LhEcCoefficients;

/// Cell residual and, when `D` is not NULL, its Jacobian by cell unknowns (D) and by cell means (E).
typedef struct {
  double residual[LH_CELL_MAX][LH_BATCH];
  double D[LH_CELL_MAX][LH_CELL_MAX][LH_BATCH];
  double E[LH_CELL_MAX][LH_NODE_SYSTEM][LH_BATCH];
} LhEcCell;

/// The unknowns of one batch at one instant.
typedef struct {
  PetscReal t, cj;
  const double (*u)[LH_BATCH];     ///< [node * LH_NODE_STATE + component]
  const double (*x)[LH_BATCH];     ///< [reaction * LH_CELL_STATE + unknown]
  const double (*xdot)[LH_BATCH];  ///< their rates
} LhEcUnknowns;

void LhEcCoefficientsEvaluate(LhElectrochem ec, const LhEcBatch *b, const LhEcUnknowns *at,
                              LhEcCoefficients *c);
void LhEcCellEvaluate(LhElectrochem ec, const LhEcBatch *b, const LhEcUnknowns *at,
                      const LhEcCoefficients *c, PetscBool jacobian, LhEcCell *out);
/// s[a] = sum_b S_ab (v_b - v_a), as pair fluxes that cancel exactly in the sum over a.
void LhEcStiffnessApply(const LhEcBatch *b, PetscInt npc, const double (*v)[LH_BATCH],
                        PetscInt stride, double (*s)[LH_BATCH]);
PetscErrorCode LhEcBroadcastScalars(LhElectrochem ec, const PetscScalar y[],
                                    PetscReal scalars[LH_NUM_SCALARS]);
/// Subtracts the source of tests from the first three of `stride` sums per local node.
PetscErrorCode LhEcAddSource(LhElectrochem ec, PetscReal t, PetscInt stride, PetscScalar r[]);
/// Sums of the rows from row_local to the matrix in single precision and its product; else nothing. Collective.
PetscErrorCode LhEcStoreRowSums(LhElectrochem ec, PetscInt num_owned);
PetscErrorCode LhEcDestroyMatrix(LhElectrochem ec);
/// out_i = z_i . x of an owned vector [node][3]. Collective.
PetscErrorCode LhEcSumModes(LhElectrochem ec, Vec x, PetscScalar out[LH_NODE_SYSTEM]);
/// x += sum_i a_i z_i.
PetscErrorCode LhEcAddModes(LhElectrochem ec, const PetscScalar a[LH_NODE_SYSTEM], Vec x);
/// Shapes of all batches as made; G is the identity.
PetscErrorCode LhEcShapesCreate(LhElectrochem ec);
/// Stiffness of all batches with G [mesh cell][6], xx yy zz yz xz xy; every batch has a shape of its own from then on.
PetscErrorCode LhEcShapesDeform(LhElectrochem ec, const PetscReal (*G)[6]);

/// (E9) of a lithium face, s asinh(j/s) - s asinh(i/s) = 0 with s = 2 i0, and its derivatives by j,
/// V - phi_e and ln c. The inverse hyperbolic sine makes Butler-Volmer kinetics almost linear in the
/// voltage, so that Newton's method jumps to a new current in a few iterations.
typedef struct {
  double residual, by_j, by_drop, by_lnc;
} LhEcFaceRow;
LhEcFaceRow LhEcFaceKinetics(const LhElectrochemSpec *spec, const LhElectrode *e, double drop,
                             double lnc, double j);
