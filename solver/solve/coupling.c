/// @file
/// The bridge between electrochemistry and mechanics: compositions one way, deformation the other.
#include "solve/coupling.h"

/// Fields kept per mesh cell.
enum {
  J_NOW,
  J_RATE,
  P_NOW,
  P_RATE,
  J_AIM,
  P_AIM,
  J_SEEN,
  P_SEEN,
  VON_MISES,
  HYDROSTATIC,
  THICKNESS,
  GROWTH,
  ELASTIC,
  NUM_FIELDS
};
/// Composition arrays.
enum { LITHIUM, SKELETON, CNT, POROSITY, JG, ALLOY, NUM_COMPOSITION };

/// Volume of lithium per reference volume below which its own pressure fades out [1].
#define LITHIUM_TRACE 1e-3
/// A window shorter than this share of the one before tells nothing of rates [1].
#define SHORT_WINDOW 1e-2
/// First window after a change of control, which has nothing to extrapolate from, over the longest one [1].
#define FIRST_WINDOW 0.25

struct _n_LhCoupling {
  LhMesh mesh;
  LhElectrochem ec;
  LhMechanics mechanics;
  LhMechanicsSolver solver;
  LhCouplingSpec spec;
  const LhMaterialData *const *materials;
  PetscReal temperature, t0, span, last_span;
  PetscInt num_cells, num_mech, round;
  PetscReal *field[NUM_FIELDS];             ///< [mesh cell]
  PetscReal (*pull_back)[6];                ///< [mesh cell]
  PetscReal *composition[NUM_COMPOSITION];  ///< [mesh cell]
  double *packed[8];                        ///< [mechanics cell], for LhMechComposition
  PetscReal proposed;                       ///< factor on the next window
  LhCouplingStats stats;
};

static const char *const schemes[] = {"staggered", "iterated", NULL};
static const LhParam rows[] = {
    LH_ROW_CHOICE(LhCouplingSpec, scheme, schemes, "staggered",
                  "one pass a window, or repeated until the error is small"),
    LH_ROW_REAL(LhCouplingSpec, window, "1", 1e-5, 0.5, "2 %",
                "longest window as a share of the foil's capacity"),
    LH_ROW_REAL(LhCouplingSpec, longest, "s", 1e-3, 1e7, "1 h",
                "longest window when little or no current flows"),
    LH_ROW_REAL(LhCouplingSpec, tolerance, "1", 1e-8, 1, "1e-3",
                "coupling error aimed at, rms of J and of V p / RT"),
    LH_ROW_INT(LhCouplingSpec, iterations, 1, 50, "8", "most repeats of a window"),
};
const LhTable lh_coupling_table =
    LH_TABLE("coupling", "how electrochemistry and mechanics take turns", rows);

/// What cells hold when something deforms them: nothing has moved yet.
static PetscErrorCode HoldFields(LhCoupling c) {
  const LhMeshView *view;
  const LhSpaceView *sv;
  LhSpace space;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &view));
  c->num_cells = view->num_cells;
  for (int f = 0; f < NUM_FIELDS; f++) PetscCall(PetscCalloc1(c->num_cells, &c->field[f]));
  for (int f = 0; f < NUM_COMPOSITION; f++)
    PetscCall(PetscCalloc1(c->num_cells, &c->composition[f]));
  PetscCall(PetscCalloc1(c->num_cells, &c->pull_back));
  for (PetscInt i = 0; i < c->num_cells; i++) {
    c->field[J_NOW][i] = c->field[J_AIM][i] = c->field[J_SEEN][i] = 1;
    for (int m = 0; m < 6; m++) c->pull_back[i][m] = m < 3;
  }
  PetscCall(LhMechanicsGetSpace(c->mechanics, &space));
  PetscCall(LhSpaceGetView(space, &sv));
  c->num_mech = sv->num_cells;
  for (int f = 0; f < 8; f++) PetscCall(PetscCalloc1(c->num_mech, &c->packed[f]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingCreate(const LhCouplingParts *parts, const LhCouplingSpec *spec,
                                LhCoupling *coupling) {
  LhCoupling c;

  PetscFunctionBegin;
  PetscCall(PetscNew(&c));
  *coupling = c;
  c->mesh = parts->mesh;
  c->ec = parts->electrochem;
  c->mechanics = parts->mechanics;
  c->solver = parts->mechanics_solver;
  c->spec = *spec;
  c->materials = parts->materials;
  c->temperature = parts->temperature;
  c->proposed = FIRST_WINDOW;
  if (c->mechanics) PetscCall(HoldFields(c));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingDestroy(LhCoupling *coupling) {
  LhCoupling c = *coupling;

  PetscFunctionBegin;
  if (!c) PetscFunctionReturn(PETSC_SUCCESS);
  for (int f = 0; f < NUM_FIELDS; f++) PetscCall(PetscFree(c->field[f]));
  for (int f = 0; f < NUM_COMPOSITION; f++) PetscCall(PetscFree(c->composition[f]));
  for (int f = 0; f < 8; f++) PetscCall(PetscFree(c->packed[f]));
  PetscCall(PetscFree(c->pull_back));
  PetscCall(PetscFree(*coupling));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// y of the first reservoir with sites: what alloy content means to the mechanical laws.
static PetscErrorCode ReadComposition(LhCoupling c, PetscReal t, Vec y) {
  LhElectrochemCells cells = {.porosity = c->composition[POROSITY],
                              .growth = c->composition[JG],
                              .lithium_volume = c->composition[LITHIUM],
                              .skeleton_volume = c->composition[SKELETON],
                              .cnt_volume = c->composition[CNT]};
  const LhMeshView *view;
  PetscInt sites = -1;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &view));
  for (PetscInt r = 0; r < view->num_regions; r++) {
    for (PetscInt k = c->materials[r]->num_reactions - 1; k >= 0; k--) {
      if (c->materials[r]->reactions[k].kind == LH_CONTENT_SITES) sites = k;
    }
  }
  if (sites >= 0) cells.content[sites] = c->composition[ALLOY];
  PetscCall(LhElectrochemGetCells(c->ec, t, y, &cells));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Composition of one mechanical cell (M2, M3), per grown volume where the laws ask for it.
static void CellComposition(LhCoupling c, PetscInt cell, PetscInt i) {
  const LhMeshView *view;
  const PetscReal growth = c->composition[JG][cell],
                  lithium = PetscMax(c->composition[LITHIUM][cell], 0.);
  // The porosity was computed with the volume ratio the electrochemistry saw: J eps is a volume only with that one.
  const PetscReal pores = PetscMax(c->composition[POROSITY][cell], 0.) * c->field[J_SEEN][cell];
  PetscReal strengthening;

  (void)LhMeshGetView(c->mesh, &view);
  strengthening = c->materials[view->cell_region[cell]]->strengthening;
  c->packed[0][i] = lithium;
  c->packed[1][i] = growth;
  c->packed[2][i] = c->temperature;
  c->packed[3][i] = pores + lithium > 0 ? pores / (pores + lithium) : 0;
  c->packed[4][i] = c->composition[SKELETON][cell] / growth;
  c->packed[5][i] = c->composition[CNT][cell] / growth;
  c->packed[6][i] = c->composition[ALLOY][cell];
  c->packed[7][i] = strengthening > 0 ? strengthening : 1;
}

static PetscErrorCode GiveComposition(LhCoupling c) {
  LhSpace space;
  const LhSpaceView *sv;
  LhMechComposition m = {.lithium = c->packed[0],
                         .growth = c->packed[1],
                         .temperature = c->packed[2],
                         .porosity = c->packed[3],
                         .skeleton_density = c->packed[4],
                         .cnt_density = c->packed[5],
                         .alloy_content = c->packed[6],
                         .strengthening = c->packed[7]};

  PetscFunctionBegin;
  PetscCall(LhMechanicsGetSpace(c->mechanics, &space));
  PetscCall(LhSpaceGetView(space, &sv));
  for (PetscInt i = 0; i < c->num_mech; i++) CellComposition(c, sv->cells[i], i);
  PetscCall(LhMechanicsSetComposition(c->mechanics, &m));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Scatters the mechanical cell fields to mesh cells; J and p go to `J`, `p`. A trace of lithium has no pressure
/// worth the name: below LITHIUM_TRACE that of the mixture takes over (T8).
static PetscErrorCode TakeFields(LhCoupling c, PetscReal J[], PetscReal p[]) {
  LhSpace space;
  const LhSpaceView *sv;
  LhMechCellFields f;

  PetscFunctionBegin;
  PetscCall(LhMechanicsUpdateFields(c->mechanics));
  PetscCall(LhMechanicsGetCellFields(c->mechanics, &f));
  PetscCall(LhMechanicsGetSpace(c->mechanics, &space));
  PetscCall(LhSpaceGetView(space, &sv));
  for (PetscInt i = 0; i < c->num_mech; i++) {
    const PetscInt cell = sv->cells[i];
    const PetscReal lithium = PetscMax(c->composition[LITHIUM][cell], 0.) / LITHIUM_TRACE;

    J[cell] = f.jacobian[i];
    p[cell] = (lithium * f.pressure_lithium[i] + f.pressure[i]) / (lithium + 1);
    c->field[VON_MISES][cell] = f.von_mises[i];
    c->field[HYDROSTATIC][cell] = -f.pressure[i];
    c->field[THICKNESS][cell] = f.thickness[i];
    c->field[GROWTH][cell] = f.growth[i];
    c->field[ELASTIC][cell] = f.elastic[i];
    for (int m = 0; m < 6; m++) c->pull_back[cell][m] = f.pull_back[6 * i + m];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SolveMechanics(LhCoupling c, PetscReal t, Vec y, PetscReal dt,
                                     const char **failure) {
  LhMechReason reason;

  PetscFunctionBegin;
  *failure = NULL;
  PetscCall(ReadComposition(c, t, y));
  PetscCall(GiveComposition(c));
  PetscCall(LhMechanicsSolverSolve(c->solver, dt, &reason));
  if (reason != LH_MECH_SOLVED) PetscCall(LhMechanicsSolverGetText(c->solver, failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingStart(LhCoupling c, PetscReal t, Vec y, const char **failure) {
  const double touch = 1;  // the stack pressure comes on within a second [s]

  PetscFunctionBegin;
  *failure = NULL;
  c->t0 = t;
  if (!c->mechanics) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ReadComposition(c, t, y));
  PetscCall(GiveComposition(c));
  PetscCall(LhMechanicsHoldComposition(c->mechanics));
  PetscCall(SolveMechanics(c, t, y, touch, failure));
  if (*failure) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(TakeFields(c, c->field[J_NOW], c->field[P_NOW]));
  PetscCall(LhMechanicsAccept(c->mechanics));
  // A ramp that ends at t: the foil is pressed before it is filled and wired up.
  PetscCall(LhElectrochemSetDeformation(c->ec, t - touch, t, c->field[J_NOW], c->field[P_NOW],
                                        (const PetscReal(*)[6])c->pull_back));
  PetscCall(LhElectrochemSetDeformation(c->ec, t, t, NULL, NULL, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingRestart(LhCoupling c, PetscReal t) {
  PetscFunctionBegin;
  if (!c->mechanics) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscArrayzero(c->field[J_RATE], c->num_cells));
  PetscCall(PetscArrayzero(c->field[P_RATE], c->num_cells));
  c->last_span = 0;
  c->proposed = PetscMin(c->proposed, FIRST_WINDOW);
  PetscCall(LhElectrochemSetDeformation(c->ec, t, t, NULL, NULL, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingProposeWindow(LhCoupling c, PetscReal capacity_time, PetscReal *span) {
  PetscFunctionBegin;
  *span =
      PetscMin(c->spec.window * capacity_time, c->spec.longest) * (c->mechanics ? c->proposed : 1);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingOpenWindow(LhCoupling c, PetscReal t0, PetscReal t1) {
  PetscFunctionBegin;
  c->t0 = t0;
  c->span = t1 - t0;
  c->round = 0;
  if (!c->mechanics) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt i = 0; i < c->num_cells; i++) {
    c->field[J_AIM][i] = c->field[J_NOW][i] + c->field[J_RATE][i] * c->span;
    c->field[P_AIM][i] = c->field[P_NOW][i] + c->field[P_RATE][i] * c->span;
  }
  PetscCall(LhElectrochemSetDeformation(c->ec, t0, t1, c->field[J_AIM], c->field[P_AIM],
                                        (const PetscReal(*)[6])c->pull_back));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// rms over the mechanical cells of what was seen minus what was solved; in J and in V p / RT.
static PetscErrorCode Error(LhCoupling c, const PetscReal J[], const PetscReal p[],
                            PetscReal *error) {
  const LhMeshView *view;
  LhSpace space;
  const LhSpaceView *sv;
  PetscReal sum[3] = {0, 0, c->num_mech}, per_pascal = 1.3e-5 / (LH_GAS_CONSTANT * c->temperature);

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &view));
  PetscCall(LhMechanicsGetSpace(c->mechanics, &space));
  PetscCall(LhSpaceGetView(space, &sv));
  for (PetscInt i = 0; i < c->num_mech; i++) {
    const PetscInt cell = sv->cells[i];
    const PetscReal dJ = J[cell] - c->field[J_SEEN][cell],
                    dp = (p[cell] - c->field[P_SEEN][cell]) * per_pascal;

    sum[0] += dJ * dJ;
    sum[1] += dp * dp;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 3, MPIU_REAL, MPI_SUM, view->comm));
  *error = PetscSqrtReal(PetscMax(sum[0], sum[1]) / PetscMax(sum[2], 1));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Accepts the window: rates for the next extrapolation, length of the next window (T7).
static PetscErrorCode Accept(LhCoupling c, PetscReal t1, PetscReal error) {
  const PetscReal dt = t1 - c->t0;
  const PetscReal most =
      dt > 0.9 * c->last_span ? 2 : 1;  // a window cut short does not vouch for a longer one
  const PetscReal factor = error > 0 ? 0.9 * PetscSqrtReal(c->spec.tolerance / error) : 2;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < c->num_cells; i++) {
    if (dt > SHORT_WINDOW * c->last_span) {
      c->field[J_RATE][i] = (c->field[J_AIM][i] - c->field[J_NOW][i]) / dt;
      c->field[P_RATE][i] = (c->field[P_AIM][i] - c->field[P_NOW][i]) / dt;
    }
    c->field[J_NOW][i] = c->field[J_AIM][i];
    c->field[P_NOW][i] = c->field[P_AIM][i];
  }
  c->last_span = PetscMax(dt, SHORT_WINDOW * c->last_span);
  c->proposed = PetscMin(1, PetscMax(0.02, c->proposed * PetscMin(most, PetscMax(0.3, factor))));
  PetscCall(LhMechanicsAccept(c->mechanics));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Takes a window back and corrects what is expected of it. Where a limit ended it early, at t1, the correction is
/// drawn on to its planned end: the next pass may meet the limit later.
static PetscErrorCode TakeBack(LhCoupling c, PetscReal t1) {
  const PetscReal stretch = c->span / (t1 - c->t0);

  PetscFunctionBegin;
  c->stats.windows--;
  c->stats.repeats++;
  PetscCall(LhMechanicsReject(c->mechanics));
  for (PetscInt i = 0; i < c->num_cells; i++) {
    c->field[J_AIM][i] = c->field[J_NOW][i] + (c->field[J_AIM][i] - c->field[J_NOW][i]) * stretch;
    c->field[P_AIM][i] = c->field[P_NOW][i] + (c->field[P_AIM][i] - c->field[P_NOW][i]) * stretch;
  }
  PetscCall(LhElectrochemSetDeformation(c->ec, c->t0, c->t0 + c->span, c->field[J_AIM],
                                        c->field[P_AIM], (const PetscReal(*)[6])c->pull_back));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingCloseWindow(LhCoupling c, PetscReal t1, Vec y, PetscReal *error,
                                     PetscBool *repeat, const char **failure) {
  PetscFunctionBegin;
  *error = 0;
  *repeat = PETSC_FALSE;
  *failure = NULL;
  c->stats.windows++;
  if (!c->mechanics || t1 <= c->t0) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhElectrochemGetDeformation(c->ec, t1, c->field[J_SEEN], c->field[P_SEEN]));
  PetscCall(SolveMechanics(c, t1, y, t1 - c->t0, failure));
  if (*failure) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(TakeFields(c, c->field[J_AIM], c->field[P_AIM]));
  PetscCall(Error(c, c->field[J_AIM], c->field[P_AIM], error));
  c->stats.last_error = *error;
  if (c->spec.scheme == LH_COUPLING_ITERATED && *error > c->spec.tolerance &&
      c->round++ < c->spec.iterations) {
    *repeat = PETSC_TRUE;
    PetscCall(TakeBack(c, t1));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  c->stats.worst_error = PetscMax(c->stats.worst_error, *error);
  PetscCall(Accept(c, t1, *error));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingGetStats(LhCoupling c, LhCouplingStats *stats) {
  PetscFunctionBegin;
  *stats = c->stats;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingGetCells(LhCoupling c, LhCouplingCells *cells) {
  PetscFunctionBegin;
  *cells = (LhCouplingCells){.J = c->field[J_NOW],
                             .pressure = c->field[P_NOW],
                             .von_mises = c->field[VON_MISES],
                             .hydrostatic = c->field[HYDROSTATIC],
                             .thickness_strain = c->field[THICKNESS],
                             .growth_strain = c->field[GROWTH],
                             .elastic_strain = c->field[ELASTIC]};
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingGetRestartWidth(LhCoupling c, PetscInt *cell_width) {
  PetscFunctionBegin;
  *cell_width = c->mechanics ? NUM_FIELDS + 6 : 0;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The electrochemistry holds what it was told to expect, which differs from what was solved by the coupling error.
static PetscErrorCode ReadSeen(LhCoupling c, PetscReal t) {
  PetscFunctionBegin;
  PetscCall(LhElectrochemGetDeformation(c->ec, t, c->field[J_SEEN], c->field[P_SEEN]));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode GiveSeen(LhCoupling c, PetscReal t) {
  PetscFunctionBegin;
  PetscCall(LhElectrochemRestoreDeformation(c->ec, t, c->field[J_SEEN], c->field[P_SEEN],
                                            (const PetscReal(*)[6])c->pull_back));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingPack(LhCoupling c, PetscReal t, PetscReal out[],
                              LhCouplingNumbers *numbers) {
  PetscInt width;

  PetscFunctionBegin;
  *numbers = (LhCouplingNumbers){.last_span = c->last_span,
                                 .proposed = c->proposed,
                                 .worst_error = c->stats.worst_error,
                                 .last_error = c->stats.last_error,
                                 .windows = c->stats.windows,
                                 .repeats = c->stats.repeats};
  if (!c->mechanics) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ReadSeen(c, t));
  PetscCall(LhCouplingGetRestartWidth(c, &width));
  for (PetscInt i = 0; i < c->num_cells; i++) {
    for (int f = 0; f < NUM_FIELDS; f++) out[i * width + f] = c->field[f][i];
    for (int m = 0; m < 6; m++) out[i * width + NUM_FIELDS + m] = c->pull_back[i][m];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingUnpack(LhCoupling c, PetscReal t, const PetscReal in[],
                                const LhCouplingNumbers *numbers) {
  PetscInt width;

  PetscFunctionBegin;
  c->t0 = t;
  c->last_span = numbers->last_span;
  c->proposed = numbers->proposed;
  c->stats = (LhCouplingStats){.windows = (PetscInt)numbers->windows,
                               .repeats = (PetscInt)numbers->repeats,
                               .worst_error = numbers->worst_error,
                               .last_error = numbers->last_error};
  if (!c->mechanics) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhCouplingGetRestartWidth(c, &width));
  for (PetscInt i = 0; i < c->num_cells; i++) {
    for (int f = 0; f < NUM_FIELDS; f++) c->field[f][i] = in[i * width + f];
    for (int m = 0; m < 6; m++) c->pull_back[i][m] = in[i * width + NUM_FIELDS + m];
  }
  PetscCall(GiveSeen(c, t));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhCouplingAnchor(LhCoupling c, PetscReal t) {
  PetscFunctionBegin;
  if (!c->mechanics) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(ReadSeen(c, t));
  PetscCall(GiveSeen(c, t));
  PetscCall(LhMechanicsSolverForget(c->solver, NULL));
  PetscFunctionReturn(PETSC_SUCCESS);
}
