/// @file
/// Finite-strain mechanical equilibrium of some regions of a mesh: Div P + b = 0 on the reference
/// configuration, P a parallel mixture of phases with growth divided out (theory C.1, C.5, C.6).
///
/// The problem owns displacement, history and the composition at both ends of a step; it knows how to
/// assemble force and tangent, and how to accept or forget a step. It never solves: see
/// solve/mechanics_solver.h. A step runs from the accepted state to the end values set by
/// LhMechanicsSetComposition() and LhMechanicsSetLoad(); a solver may cut it into parts, between which
/// composition and loads are linear in time. Thickness is along z. All functions are collective unless they
/// say otherwise. tet4 meshes get tet10 elements; hex8 the mean dilatation.
#pragma once

#include <petscmat.h>

#include "fields/batch.h"
#include "fields/space.h"
#include "fields/state.h"
#include "laws/material.h"

#define LH_MECH_MAX_LOADS 24

typedef struct _n_LhMechanics *LhMechanics;
typedef struct _n_LhFibreTerm *LhFibreTerm;  // physics/fibres.h

typedef enum {
  LH_MECH_DILATATION_MEAN,  ///< hex8 with the cell's mean dilatation: no volumetric locking
  LH_MECH_DILATATION_LOCAL  ///< plain displacement element, for comparison
} LhMechDilatation;

/// Space, batches and history on `regions`; `materials` has an entry per mesh region and is borrowed, like the
/// mesh. Phases come from LhMaterialData.mech.
PetscErrorCode LhMechanicsCreate(LhMesh mesh, PetscInt num_regions, const PetscInt regions[],
                                 const LhMaterialData *const materials[],
                                 LhMechDilatation dilatation, LhMechanics *mechanics);
PetscErrorCode LhMechanicsDestroy(LhMechanics *mechanics);
PetscErrorCode LhMechanicsGetSpace(LhMechanics mechanics, LhSpace *space);

/// Loads and supports. All but BODY act on a surface.
typedef enum {
  LH_MECH_DISPLACEMENT,  ///< component `component` is value * shape [m]
  LH_MECH_TRACTION,      ///< dead force per reference area along `component` [Pa]
  LH_MECH_PRESSURE,      ///< dead: -value N per reference area [Pa]
  LH_MECH_FOLLOWER,      ///< -value n per current area [Pa]
  LH_MECH_PLATEN,        ///< rigid plate on an elastic foundation, pressed with value * area [Pa]
  LH_MECH_BODY           ///< value * shape per reference volume [N/m^3]
} LhMechLoadKind;

typedef struct {
  LhMechLoadKind kind;
  PetscInt surface;    ///< of the mesh
  PetscInt component;  ///< 0..2
  double stiffness;    ///< of the platen's foundation [Pa/m]
  /// Spatial shape at a reference point, all ones when NULL.
  void (*shape)(const double X[3], void *context, double value[3]);
  void *context;
} LhMechLoad;

/// Adds a load of value 0; before LhMechanicsSetUp(). Where two displacements meet, the later one holds.
/// At most one platen, on a plane surface across a coordinate axis. Not collective.
PetscErrorCode LhMechanicsAddLoad(LhMechanics mechanics, const LhMechLoad *load, PetscInt *index);
/// Value at the end of the coming step. Not collective.
PetscErrorCode LhMechanicsSetLoad(LhMechanics mechanics, PetscInt index, double value);
/// Drive of a representative volume, u(X) = (Fbar - 1) X + w(X): either Fbar_iJ or the mean nominal stress Pbar_iJ is
/// given, by component [3*i + J]. An Fbar and a Pbar may be mixed in any way, except that of the pairs ij and ji off
/// the diagonal at most one may be stress-driven: a rotation of the volume costs no work and has to be excluded. True
/// uniaxial stress along x: Fbar_xx given, Pbar_yy = Pbar_zz = Pbar_xy = Pbar_xz = Pbar_yz = 0, Fbar_yx = Fbar_zx =
/// Fbar_zy = 0.
typedef struct {
  PetscBool stress_driven[9];
  double value[9];  ///< at the end of the coming step: Fbar_iJ [1] or Pbar_iJ [Pa]
} LhMechMacro;
/// The first call, before LhMechanicsSetUp(), makes the displacement of this problem w, the fluctuation about the
/// macroscopic one; values go linearly from the accepted state to the end of the step, as loads do. Components may
/// change between driven by strain and by stress between steps. w is periodic where the mesh is, and held where
/// displacements are prescribed, which are those of w; there are no other loads. Vectors of displacements have 9
/// entries more on the first rank.
PetscErrorCode LhMechanicsSetMacro(LhMechanics mechanics, const LhMechMacro *macro);
/// Fbar of the last part and Pbar = (1/V) int P dV over the whole volume, voids included (stress 0), as of the last
/// LhMechanicsResidual(). Row-major, equal on all ranks. Not collective.
PetscErrorCode LhMechanicsGetMacro(LhMechanics mechanics, double F[9], double P[9]);
/// Part of a restart, before LhMechanicsRestore(): the accepted Fbar and Pbar.
PetscErrorCode LhMechanicsRestoreMacro(LhMechanics mechanics, const double F[9], const double P[9]);
/// The reference volume that Pbar is a mean over [m^3]. Not collective.
PetscErrorCode LhMechanicsGetVolume(LhMechanics mechanics, double *volume);

/// Factor (1 - D) on stress and tangent of all phases, [batch][point][lane] of LhMechanicsGetBatches(); borrowed,
/// read at every evaluation. NULL: 1 everywhere. Fibres are told. Collective.
PetscErrorCode LhMechanicsSetIntegrity(LhMechanics mechanics, const double *integrity);
/// Empty cells resist their closing (H8): scale of the stress by position in LhSpaceView.cells, 0 for cells that are
/// not empty [Pa]; copied. Before the first step; fields and energies do not know of it. Not collective.
PetscErrorCode LhMechanicsSetClosing(LhMechanics mechanics, const double closing[]);
/// Embedded fibres, see physics/fibres.h: their forces add to those of the cells, and their state goes along with the
/// history. Borrowed; before the first step. Collective.
PetscErrorCode LhMechanicsSetFibres(LhMechanics mechanics, LhFibreTerm fibres);
/// The batches that history and integrity are laid out by; borrowed. Not collective.
PetscErrorCode LhMechanicsGetBatches(LhMechanics mechanics, LhBatches *batches);

/// Finds supported nodes and unit load vectors, makes the matrices. After the last LhMechanicsAddLoad().
PetscErrorCode LhMechanicsSetUp(LhMechanics mechanics);

/// Composition per cell, by position in LhSpaceView.cells. NULL: unchanged (at first 1, 0 for porosity and
/// CNT, 298.15 K).
typedef struct {
  const double *lithium;           ///< v_Li = V_Li N_Li, volume per reference volume [1]
  const double *growth;            ///< Jg, volume of the stress-free over the reference state [1]
  const double *temperature;       ///< [K]
  const double *porosity;          ///< f, pore share of lithium + pores [1]
  const double *skeleton_density;  ///< relative density of the skeleton per grown volume [1]
  const double *cnt_density;       ///< CNT volume per grown volume [1]
  const double *alloy_content;     ///< y in Li_y Zn [1]
  const double *strengthening;     ///< factor on the flow resistance of lithium [1]
} LhMechComposition;
/// At the end of the coming step; copied. Not collective.
PetscErrorCode LhMechanicsSetComposition(LhMechanics mechanics,
                                         const LhMechComposition *composition);
/// The composition given so far also holds at the start: no jump in the first step. Not collective.
PetscErrorCode LhMechanicsHoldComposition(LhMechanics mechanics);

/// The coming part ends at share `to` of the step (0 < to <= 1) and takes `dt` seconds. Not collective.
PetscErrorCode LhMechanicsSetPart(LhMechanics mechanics, double to, double dt);
/// Prescribed increments from `u` to the end of the part in `lift`, 0 elsewhere; `*changed` when any
/// is more than what iterative solvers leave on supports (1e-12 of the size of the mesh).
PetscErrorCode LhMechanicsGetLift(LhMechanics mechanics, Vec u, Vec lift, PetscBool *changed);

/// What an evaluation found besides the numbers it fills.
typedef struct {
  PetscInt
      failed;  ///< points without a solution, over all ranks; the result holds no meaning if > 0
  PetscReal
      scale;  ///< norm of the sums of |force| that have to balance at a node [N], see LhMechanicsHoldScale()
  PetscReal asymmetry;  ///< |A - A^T| / |A| over all points (tangent only)
} LhMechEvaluation;
/// r = internal - external force at u, 0 where displacement is prescribed [N].
PetscErrorCode LhMechanicsResidual(LhMechanics mechanics, Vec u, Vec r,
                                   LhMechEvaluation *evaluation);
/// From now on residuals state a `scale` of at least that of the last one: a body that softens is then in balance to a share of
/// what it has borne, not of what it still bears. Part of a checkpoint. Not collective.
PetscErrorCode LhMechanicsHoldScale(LhMechanics mechanics);
/// Clears the prescribed entries of a vector of forces or corrections.
PetscErrorCode LhMechanicsClearPrescribed(LhMechanics mechanics, Vec v);
/// Assembles the matrices of LhMechanicsGetMatrices() at u. With `lift`, `reaction` = K lift, 0 where prescribed, and
/// `scale` is that of its forces.
PetscErrorCode LhMechanicsTangent(LhMechanics mechanics, Vec u, Vec lift, Vec reaction,
                                  LhMechEvaluation *evaluation);
/// Whether the assembled matrix is one in single precision (fields/single_matrix.h), a third of the memory of an AIJ matrix, for
/// preconditioners that ask for no more. At first it is not; a rigid platen keeps the AIJ matrix. Matrices of
/// the other kind are dropped, values are lost. Collective.
PetscErrorCode LhMechanicsSetSingle(LhMechanics mechanics, PetscBool single);
/// Borrowed: the exact operator and the assembled matrix to precondition with; they differ by the platen's
/// rank one, or by the macroscopic rows and columns (LhMechanicsGetBorder()). Block size 3, rigid-body modes attached.
PetscErrorCode LhMechanicsGetMatrices(LhMechanics mechanics, Mat *op, Mat *assembled);

/// With a macroscopic drive: a product to be used for that of the assembled matrix inside the exact operator; borrowed,
/// NULL: the matrix's own. Not collective.
PetscErrorCode LhMechanicsSetProduct(LhMechanics mechanics, Mat product);

#define LH_MECH_MACRO_FREE 6  ///< most components that are stress-driven at a time

/// What the exact operator has besides the assembled matrix when Fbar is part of the unknowns; arrays are borrowed and
/// as of the last tangent.
typedef struct {
  PetscBool used;      ///< whether there is a macroscopic drive
  PetscInt num_owned;  ///< rows of the assembled matrix on this rank
  PetscInt first;      ///< entry of the first macroscopic unknown, -1 on ranks that do not own them
  PetscInt num_macro;  ///< macroscopic unknowns, given ones included
  PetscInt num_free;   ///< stress-driven ones
  const PetscInt *free;    ///< [num_free] which
  const double *coupling;  ///< [num_free][LH_MECH_MACRO_FREE], C of (M20)
  const PetscScalar *column[LH_MECH_MACRO_FREE],
      *row[LH_MECH_MACRO_FREE];  ///< [num_owned], of B and B'
  double diagonal;               ///< of the rows of given unknowns
} LhMechBorder;
PetscErrorCode LhMechanicsGetBorder(LhMechanics mechanics, LhMechBorder *border);
/// Force of a stress of 1 Pa, |sum_cells int |Grad N| dV| [m^2]: the floor of a force tolerance.
PetscErrorCode LhMechanicsGetUnitForce(LhMechanics mechanics, PetscReal *force);

/// Displacement at the end of the last part [m], LhSpace nodes, 3 components; borrowed. A solver writes it.
PetscErrorCode LhMechanicsGetDisplacement(LhMechanics mechanics, Vec *u);
/// Displacement of every vertex of the mesh, the macroscopic part included, at the end of the last part: [vertex][3],
/// 0 outside the space [m].
PetscErrorCode LhMechanicsGetVertexDisplacement(LhMechanics mechanics, double u[]);
/// The accepted one; borrowed. With LhMechanicsGetState() it is what a checkpoint keeps.
PetscErrorCode LhMechanicsGetAccepted(LhMechanics mechanics, Vec *u);
PetscErrorCode LhMechanicsGetState(LhMechanics mechanics, LhState *state);
/// The accepted history by cell, which no partition changes: rows of `*size` reals, [point][component], by
/// position in LhSpaceView.cells. Not collective.
PetscErrorCode LhMechanicsGetHistorySize(LhMechanics mechanics, PetscInt *size);
PetscErrorCode LhMechanicsPackHistory(LhMechanics mechanics, double rows[]);
PetscErrorCode LhMechanicsUnpackHistory(LhMechanics mechanics, const double rows[]);
/// Ends a restart: displacement (LhMechanicsGetAccepted()) and history are written, composition and loads set as
/// they were at that time.
PetscErrorCode LhMechanicsRestore(LhMechanics mechanics);

/// All of that for a checkpoint: reals of a row by mesh cell, and numbers beside the rows (loads, scale of supports). A
/// macroscopic drive, integrity and fibres are kept by who set them.
#define LH_MECH_MAX_NUMBERS (LH_MECH_MAX_LOADS + 2)
PetscErrorCode LhMechanicsGetRestartSizes(LhMechanics mechanics, PetscInt *cell_width,
                                          PetscInt *num_numbers);
/// rows[mesh cell of this rank][cell_width] and numbers[num_numbers] <- the accepted state. Collective.
PetscErrorCode LhMechanicsPack(LhMechanics mechanics, PetscReal rows[], PetscReal numbers[]);
/// The accepted state <- rows and numbers; LhMechanicsRestore() is done. Collective.
PetscErrorCode LhMechanicsUnpack(LhMechanics mechanics, const PetscReal rows[],
                                 const PetscReal numbers[]);

/// Line of displacements x - t y for LhMechanicsGetLineSlope(), `*known` when there are fibres that know theirs. Collective.
PetscErrorCode LhMechanicsBeginLine(LhMechanics mechanics, Vec x, Vec y, PetscBool *known);
/// Work of the forces of the fibres at x - t y along y, without the cells [J]. Collective.
PetscErrorCode LhMechanicsGetLineSlope(LhMechanics mechanics, PetscReal t, PetscReal *slope);
/// Another direction from where the line begins. Collective, as are the next three.
PetscErrorCode LhMechanicsAimLine(LhMechanics mechanics, Vec y);
/// y . K y of the fibres' stiffness in the matrix [J].
PetscErrorCode LhMechanicsGetLineBend(LhMechanics mechanics, PetscReal *bend);
/// Makes x - t y the place where lines begin. With r = r(x) - t K y before, r is after that the unbalanced force of linear cells with
/// fibres that follow their laws.
PetscErrorCode LhMechanicsMoveLine(LhMechanics mechanics, PetscReal t, Vec r);
/// Gives the matrix the stiffness that fibres have where lines begin; that of the cells stays.
PetscErrorCode LhMechanicsRenewFibres(LhMechanics mechanics);

/// Goes on from the end of a part of the step. Not collective.
PetscErrorCode LhMechanicsAdvance(LhMechanics mechanics);
/// End of a solved step: its end becomes the accepted state.
PetscErrorCode LhMechanicsAccept(LhMechanics mechanics);
/// Forgets the step, solved or not: displacement, history, loads and composition as accepted before; the
/// values set for the step's end are kept.
PetscErrorCode LhMechanicsReject(LhMechanics mechanics);

/// Cell averages over the reference volume, by position in LhSpaceView.cells; sigma: Cauchy stress [Pa].
typedef struct {
  const double *jacobian;  ///< J [1]
  const double *
      pressure_lithium;  ///< -tr(sigma)/3 in the metal of the lithium phase, in the mixture if there is none [Pa]
  const double *pressure;   ///< -tr(sigma)/3 of the mixture [Pa]
  const double *von_mises;  ///< of the mixture [Pa]
  const double *cauchy;     ///< [cell][6] mixture, xx yy zz yz xz xy [Pa]
  const double *pull_back;  ///< [cell][6] J F^-1 F^-T, xx yy zz yz xz xy [1]
  const double *thickness;  ///< ln F_zz [1]
  const double *growth;     ///< ln(Jg)/3 [1]
  const double *elastic;  ///< elastic log strain zz of the skeleton (first phase of weight one) [1]
} LhMechCellFields;
/// Evaluates them at the displacement of the last part; call before LhMechanicsAccept() or at once after a
/// solve. The arrays live until the next call.
PetscErrorCode LhMechanicsUpdateFields(LhMechanics mechanics);
PetscErrorCode LhMechanicsGetCellFields(LhMechanics mechanics, LhMechCellFields *fields);

/// Largest ratio, over all cells, of a skeleton's relative density to the densest that its law has data for; 0 without
/// such a law. As of the last LhMechanicsUpdateFields(). Collective.
PetscErrorCode LhMechanicsGetDensest(LhMechanics mechanics, double *ratio);

/// Change of thickness and its parts, over the area of a surface [m]. At a point of stretch lambda = F_zz,
/// ln lambda = growth + elastic (skeleton) + rest; each part is given (lambda - 1) part / ln lambda, which
/// tends to `part` as ln lambda -> 0, and is integrated over the volume. The parts add up to `total`
/// exactly; `plastic` is the rest: plastic flow, creep, densification.
typedef struct {
  double total, growth, elastic, plastic;
} LhMechThickness;
/// As of the last LhMechanicsUpdateFields().
PetscErrorCode LhMechanicsGetThickness(LhMechanics mechanics, PetscInt surface,
                                       LhMechThickness *change);
/// Mean of u . N over a surface, N its reference normal [m].
PetscErrorCode LhMechanicsGetMeanDisplacement(LhMechanics mechanics, PetscInt surface,
                                              double *mean);
/// Force of the supports on the nodes of a surface, edges shared with other surfaces included [N]; as of the
/// last LhMechanicsResidual().
PetscErrorCode LhMechanicsGetReaction(LhMechanics mechanics, PetscInt surface, double force[3]);
/// Normal displacement U of the rigid platen [m].
PetscErrorCode LhMechanicsGetPlaten(LhMechanics mechanics, double *displacement);
