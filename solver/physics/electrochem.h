/// @file
/// Electrochemistry of a host foil, separator and electrodes as a differential-algebraic problem.
///
/// Residual F(t, y, y') of charge in the solid (E1), charge in the liquid (E2), salt (E3), and per host
/// cell and reaction: content, double layer, film, transferred current and faradaic rate (E4-E8); per
/// lithium face its current density (E9); six scalars: terminal voltage, total current, charge passed,
/// charge at the counter electrode, charge of the double layers, salt imported with the electrolyte that fills new pores (E10).
/// docs/theory/electrochemistry.md has the equations.
///
/// Every interface current is an unknown, so all balances are linear in the state: they hold to
/// rounding after each Newton iteration, whatever its tolerance (docs/decisions). All unknowns but
/// the three per node are condensed exactly; the linear system has 3 unknowns per node.
///
/// Coefficients are constant in a cell (midpoint rule, second order), so the element work is one
/// stiffness matrix per cell, recomputed only when the deformation changes.
#pragma once

#include <petscksp.h>

#include "fields/assembler.h"
#include "laws/material.h"
#include "mesh/mesh.h"

typedef struct _n_LhElectrochem *LhElectrochem;

/// State components per node (salt content m is differential, ln c algebraic).
enum { LH_PHI_S, LH_PHI_E, LH_LNC, LH_SALT, LH_NODE_STATE };
/// Unknowns per node that stay in the linear system: the first three of the state.
enum { LH_NODE_SYSTEM = 3 };
/// Unknowns per reaction of a host cell, in the order of elimination.
enum { LH_RATE, LH_CURRENT, LH_FILM, LH_CONTENT, LH_LAYER, LH_CELL_STATE };
/// Scalars, held by rank 0.
enum {
  LH_VOLTAGE,         ///< V of the working electrode [V]
  LH_TOTAL_CURRENT,   ///< I, stripping positive [A]
  LH_CHARGE,          ///< integral of I at the working electrode [C]
  LH_COUNTER_CHARGE,  ///< integral of the cathodic current at the counter electrode [C]
  LH_LAYER_CHARGE,  ///< integral of transferred minus faradaic current: held by the double layers [C]
  LH_IMPORT,        ///< salt that came with electrolyte into new pores [mol]
  LH_NUM_SCALARS
};

typedef enum {
  LH_ELECTRODE_COLLECTOR,  ///< metal foil on the host: i = (V - phi_s) / R_contact
  LH_ELECTRODE_UNIFORM,    ///< the same surface with a prescribed uniform flux of electrons
  LH_ELECTRODE_LITHIUM     ///< planar lithium face in the liquid, with kinetics
} LhElectrodeKind;

/// One of the two electrodes. The working one carries the terminal voltage, the counter one is at 0 V.
typedef struct {
  char surface[LH_NAME_MAX];
  LhElectrodeKind kind;
  double contact_resistance;  ///< of a collector [Ohm m^2]
  LhInterface interface;      ///< of a lithium face; borrowed laws
  double molar_volume;        ///< of lithium metal [m^3/mol]
  double pressure;            ///< p acting on a lithium face [Pa]
} LhElectrode;

enum { LH_WORKING, LH_COUNTER, LH_NUM_ELECTRODES };

typedef struct {
  const LhMaterialData *const *region_material;  ///< [region]
  const LhMaterialData *electrolyte;
  double temperature;  ///< [K]
  LhElectrode electrodes[LH_NUM_ELECTRODES];
} LhElectrochemSpec;

/// What the terminals impose until the next change.
typedef enum { LH_CONTROL_CURRENT, LH_CONTROL_VOLTAGE } LhControlKind;
typedef struct {
  LhControlKind kind;
  double value;  ///< total current, stripping positive [A], or voltage [V]
} LhControl;

/// The mesh must outlive the problem. Mistakes of the user (no host at a collector, no such surface) become
/// diagnostics. Collective.
PetscErrorCode LhElectrochemCreate(LhMesh mesh, const LhElectrochemSpec *spec, LhDiag diag,
                                   LhElectrochem *ec);
PetscErrorCode LhElectrochemDestroy(LhElectrochem *ec);

/// Factors on the local CNT (with its Li3N coat) and LiZn volume fraction, one per mesh cell of this rank;
/// NULL = 1. Lithium takes the rest of the volume. Before the first state is made.
PetscErrorCode LhElectrochemSetHeterogeneity(LhElectrochem ec, const PetscReal cnt[],
                                             const PetscReal alloy[]);
/// Deformation seen by transport and kinetics: G = J F^-1 F^-T (xx yy zz yz xz xy), J and pressure p of the
/// lithium per mesh cell; between `t0` and `t1` J and p run linearly from the present to these values, G is
/// taken at once. NULL arrays leave the reference configuration.
PetscErrorCode LhElectrochemSetDeformation(LhElectrochem ec, PetscReal t0, PetscReal t1,
                                           const PetscReal J[], const PetscReal p[],
                                           const PetscReal (*G)[6]);
/// J and p as the problem sees them at time t, per mesh cell.
PetscErrorCode LhElectrochemGetDeformation(LhElectrochem ec, PetscReal t, PetscReal J[],
                                           PetscReal p[]);
PetscErrorCode LhElectrochemSetControl(LhElectrochem ec, const LhControl *control);

/// Source densities of charge in the solid, charge in the liquid [A/m^3] and salt [mol/(m^3 s)] at a point of the
/// reference configuration: for manufactured solutions in tests only. NULL takes the source away.
typedef void (*LhElectrochemSource)(const PetscReal x[3], PetscReal t, void *context,
                                    PetscReal source[LH_NODE_SYSTEM]);
PetscErrorCode LhElectrochemSetSource(LhElectrochem ec, LhElectrochemSource source, void *context);

/// A vector of the state's layout; which entries are differential (1) or algebraic (0); scales for absolute tolerances.
PetscErrorCode LhElectrochemCreateState(LhElectrochem ec, Vec *y);
PetscErrorCode LhElectrochemSetInitial(LhElectrochem ec, Vec y, Vec ydot);
PetscErrorCode LhElectrochemGetIds(LhElectrochem ec, Vec id);
PetscErrorCode LhElectrochemGetScales(LhElectrochem ec, Vec scale);
/// phi_N at owned vertices as LhElectrochemGetVertices() gives phi_e [V]; `*has` false, nothing written, when no
/// network has a potential of its own. Collective.
PetscErrorCode LhElectrochemGetNetworkPotential(LhElectrochem ec, Vec y, PetscReal phi[],
                                                PetscBool *has);
/// 1 for entries that belong to a node, cell or face, 0 for unused lanes of the last batches.
PetscErrorCode LhElectrochemGetActive(LhElectrochem ec, Vec active);

/// r = F(t, y, ydot). `*finite` is false when an iterate left the range of the laws. Collective.
PetscErrorCode LhElectrochemResidual(LhElectrochem ec, PetscReal t, Vec y, Vec ydot, Vec r,
                                     PetscBool *finite);
/// Condensed matrix of dF/dy + cj dF/dydot; keeps what condensation and back-substitution need. Collective.
PetscErrorCode LhElectrochemJacobian(LhElectrochem ec, PetscReal t, PetscReal cj, Vec y, Vec ydot);
/// The condensed matrix in single precision from now on (fields/single_matrix.h), for geometric multigrid, or again as AIJ, which it
/// is at first. The one there was is given back. Collective.
PetscErrorCode LhElectrochemSetSingle(LhElectrochem ec, PetscBool single);
/// The condensed matrix, borrowed: pattern and places of the nodes, values from the next Jacobian on. Collective.
PetscErrorCode LhElectrochemHoldMatrix(LhElectrochem ec, Mat *mat);
/// The product with the matrix in single precision that the operator is to be made of. Collective.
PetscErrorCode LhElectrochemSetProduct(LhElectrochem ec, Mat product);
/// The operator (with the rank-one term of the terminal) and the matrix for the preconditioner; borrowed.
PetscErrorCode LhElectrochemGetOperators(LhElectrochem ec, Mat *op, Mat *pmat);
/// x += Z (Z^T A Z)^-1 Z^T (b - A x) in the node system of the last Jacobian, Z the constants of phi_s, phi_e, ln c:
/// the sums of the rows hold. Costs a few dot products. Collective.
PetscErrorCode LhElectrochemCloseBalances(LhElectrochem ec, Vec b, Vec x);
/// Solves J x = b: condenses b, calls `ksp`, closes the balances on the constant modes, back-substitutes. x may be b; it is
/// left alone when `ksp` fails.
PetscErrorCode LhElectrochemSolveLinear(LhElectrochem ec, KSP ksp, Vec b, Vec x,
                                        PetscInt *iterations, KSPConvergedReason *reason);

/// The scalars, on every rank. Collective.
PetscErrorCode LhElectrochemGetScalars(LhElectrochem ec, Vec y, PetscReal scalars[LH_NUM_SCALARS]);

/// Totals over all ranks. Collective.
typedef struct {
  PetscReal host[LH_MAX_REACTIONS];  ///< lithium in each reservoir [mol]
  PetscReal salt;                    ///< in the liquid [mol]
  PetscReal imported;                ///< salt that came with electrolyte into new pores [mol]
  PetscReal planar;                  ///< gained by planar lithium electrodes [mol]
  PetscReal double_layer;            ///< charge of the double layers over F [mol]
  PetscReal lithium_error;           ///< closure of the inventory over the initial one [1]
  PetscReal charge_error;   ///< charge at the working over counter electrode, minus one [1]
  PetscReal mean_porosity;  ///< of the host [1]
  PetscReal min_concentration, max_concentration;  ///< [mol/m^3]
} LhInventory;
PetscErrorCode LhElectrochemGetInventory(LhElectrochem ec, PetscReal t, Vec y,
                                         LhInventory *inventory);

/// Derived facts of the cell: areas, capacities.
typedef struct {
  PetscReal area;                        ///< of the working electrode [m^2]
  PetscReal capacity[LH_MAX_REACTIONS];  ///< charge of each reservoir as made [C]
  PetscInt num_host_cells;               ///< over all ranks
} LhElectrochemFacts;
PetscErrorCode LhElectrochemGetFacts(LhElectrochem ec, LhElectrochemFacts *facts);

/// Cell fields for output and for mechanics, [mesh cell of this rank]; any pointer may be NULL.
typedef struct {
  PetscReal *content[LH_MAX_REACTIONS];  ///< N_k / reference content [1]
  PetscReal *current[LH_MAX_REACTIONS];  ///< volumetric transferred current [A/m^3]
  PetscReal *moles[LH_MAX_REACTIONS];    ///< N_k per reference volume [mol/m^3]
  PetscReal *porosity;                   ///< [1]
  PetscReal *growth;                     ///< Jg [1]
  PetscReal *liquid_current;             ///< [cell][3] [A/m^2]
  PetscReal *lithium_volume;             ///< v_Li per reference volume [1]
  PetscReal *skeleton_volume;            ///< solids but free lithium, per reference volume [1]
  PetscReal *cnt_volume;                 ///< per reference volume [1]
} LhElectrochemCells;
PetscErrorCode LhElectrochemGetCells(LhElectrochem ec, PetscReal t, Vec y,
                                     const LhElectrochemCells *out);
/// phi_s, phi_e, c at the owned mesh vertices; any pointer may be NULL.
PetscErrorCode LhElectrochemGetVertices(LhElectrochem ec, Vec y, PetscReal phi_s[],
                                        PetscReal phi_e[], PetscReal c[]);
/// The state and its rate by vertex and cell, for a checkpoint. All arrays belong to the caller.
typedef struct {
  PetscInt vertex_width, cell_width;  ///< reals of a row
  PetscReal *vertices;                ///< [owned vertex][vertex_width]
  PetscReal *cells;                   ///< [cell][cell_width]
  PetscReal *scalars;                 ///< [2 LH_NUM_SCALARS], the same on all ranks
} LhElectrochemRestart;
PetscErrorCode LhElectrochemGetRestartSizes(LhElectrochem ec, LhElectrochemRestart *restart);
/// Fills the arrays. Collective.
PetscErrorCode LhElectrochemPack(LhElectrochem ec, Vec y, Vec ydot, const LhElectrochemRestart *r);
PetscErrorCode LhElectrochemUnpack(LhElectrochem ec, const LhElectrochemRestart *r, Vec y,
                                   Vec ydot);
/// The deformation as it is at t, without rate: as after LhElectrochemSetDeformation(ec, t, t, NULL, NULL, G).
PetscErrorCode LhElectrochemRestoreDeformation(LhElectrochem ec, PetscReal t, const PetscReal J[],
                                               const PetscReal p[], const PetscReal (*G)[6]);
/// The space of the potentials, for tests.
PetscErrorCode LhElectrochemGetSpace(LhElectrochem ec, LhSpace *space);
