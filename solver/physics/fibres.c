/// @file
/// Life of a fibre term: which pieces lie in which batch, their state, sums and fields. Never assembles.
#include "physics/fibres.h"

#include <math.h>

#include "physics/fibres_private.h"

// Solves J z = a, J_dE = dX_d/dxi_E, by Cramer's rule.
static void PullBack(const double J[9], const double a[3], double z[3]) {
  double c[9], det = 0.;

  for (int k = 0; k < 9; k++) {
    const int r1 = (k / 3 + 1) % 3, r2 = (k / 3 + 2) % 3, c1 = (k % 3 + 1) % 3,
              c2 = (k % 3 + 2) % 3;
    c[k] = J[3 * r1 + c1] * J[3 * r2 + c2] - J[3 * r1 + c2] * J[3 * r2 + c1];
  }
  for (int e = 0; e < 3; e++) det += J[e] * c[e];
  for (int e = 0; e < 3; e++) z[e] = (c[e] * a[0] + c[3 + e] * a[1] + c[6 + e] * a[2]) / det;
}

// a . dN_b/dX of the piece in a slot for all nodes b of its cell; x as of LhBatchGatherCoords().
static void FindAlong(LhFibreTerm term, LhElementKind kind, PetscInt slot,
                      const double (*x)[LH_BATCH]) {
  const PetscInt n = term->num_nodes, piece = term->slot_piece[slot], lane = term->slot_lane[slot];
  double *along = term->along + piece * n, N[LH_ELEMENT_MAX_NODES], dN[LH_ELEMENT_MAX_NODES][3];
  double J[9] = {0.}, z[3];

  LhElementShape(kind, term->fibres->piece_xi + 3 * piece, N, dN);
  for (PetscInt b = 0; b < n; b++) {
    for (int k = 0; k < 9; k++) J[k] += x[3 * b + k / 3][lane] * dN[b][k % 3];
  }
  PullBack(J, term->fibres->piece_direction + 3 * piece, z);
  for (PetscInt b = 0; b < n; b++) along[b] = dN[b][0] * z[0] + dN[b][1] * z[1] + dN[b][2] * z[2];
}

// The slot (batch * LH_BATCH + lane) of every mesh cell; -1 outside the space.
static PetscErrorCode FindCellSlots(PetscInt num_batches, const LhBatch batch[], PetscInt slot[]) {
  PetscFunctionBeginUser;
  for (PetscInt b = 0; b < num_batches; b++) {
    for (PetscInt l = 0; l < batch[b].num_active; l++) {
      slot[batch[b].cell[l]] = b * LH_BATCH + l;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Blocks of each batch: first_block; slots of a batch begin at its first block.
static PetscErrorCode CountBlocks(LhFibreTerm term, PetscInt num_batches,
                                  const PetscInt cell_slot[]) {
  const LhFibres *fibres = term->fibres;

  PetscFunctionBeginUser;
  for (PetscInt piece = 0; piece < fibres->num_pieces; piece++) {
    const PetscInt slot = cell_slot[fibres->piece_cell[piece]];
    if (slot < 0)
      term->num_outside++;
    else
      term->first_block[slot / LH_BATCH + 1]++;
  }
  for (PetscInt b = 0; b < num_batches; b++) {
    const PetscInt blocks = (term->first_block[b + 1] + LH_BATCH - 1) / LH_BATCH;
    term->first_block[b + 1] = term->first_block[b] + blocks;
  }
  term->num_blocks = term->first_block[num_batches];
  PetscFunctionReturn(PETSC_SUCCESS);
}

static void PutPiece(LhFibreTerm term, PetscInt slot, PetscInt piece, const LhBatch *batch,
                     PetscInt lane) {
  const LhFibres *fibres = term->fibres;

  term->slot_piece[slot] = piece;
  term->slot_lane[slot] = lane;
  term->slot_position[slot] = batch->position[lane];
  term->slot_volume[slot] = fibres->area[fibres->piece_fibre[piece]] * fibres->piece_length[piece];
}

// Free slots repeat the one before, without volume.
static void RepeatLast(LhFibreTerm term, PetscInt slot) {
  term->slot_piece[slot] = term->slot_piece[slot - 1];
  term->slot_lane[slot] = term->slot_lane[slot - 1];
  term->slot_position[slot] = term->slot_position[slot - 1];
  term->slot_volume[slot] = 0.;
}

static PetscErrorCode FillSlots(LhFibreTerm term, PetscInt num_batches, const LhBatch batch[],
                                const PetscInt cell_slot[]) {
  PetscInt *next;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(num_batches + 1, &next));
  for (PetscInt b = 0; b < num_batches; b++) next[b] = term->first_block[b] * LH_BATCH;
  for (PetscInt piece = 0; piece < term->fibres->num_pieces; piece++) {
    const PetscInt slot = cell_slot[term->fibres->piece_cell[piece]], b = slot / LH_BATCH;

    if (slot < 0) continue;
    PutPiece(term, next[b]++, piece, &batch[b], slot % LH_BATCH);
  }
  for (PetscInt b = 0; b < num_batches; b++) {
    while (next[b] < term->first_block[b + 1] * LH_BATCH) RepeatLast(term, next[b]++);
    for (PetscInt slot = term->first_block[b] * LH_BATCH; slot < next[b]; slot++) {
      term->slot_batch[slot] = b;
    }
  }
  PetscCall(PetscFree(next));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode PlacePieces(LhFibreTerm term, LhSpace space, LhBatches batches) {
  const LhSpaceView *view;
  const LhMeshView *mesh_view;
  const LhBatch *batch;
  LhMesh mesh;
  PetscInt num_batches, *cell_slot, n;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhSpaceGetMesh(space, &mesh));
  PetscCall(LhMeshGetView(mesh, &mesh_view));
  PetscCall(LhBatchesGet(batches, &num_batches, &batch));
  term->comm = mesh_view->comm;
  term->num_nodes = view->nodes_per_cell;
  term->num_cells = view->num_cells;
  term->num_points = LhElementGet(view->element)->num_points;
  PetscCall(PetscMalloc1(mesh_view->num_cells, &cell_slot));
  for (PetscInt c = 0; c < mesh_view->num_cells; c++) cell_slot[c] = -1;
  PetscCall(FindCellSlots(num_batches, batch, cell_slot));
  PetscCall(PetscCalloc1(num_batches + 1, &term->first_block));
  PetscCall(CountBlocks(term, num_batches, cell_slot));
  n = term->num_blocks * LH_BATCH;
  PetscCall(PetscMalloc5(n, &term->slot_piece, n, &term->slot_batch, n, &term->slot_lane, n,
                         &term->slot_position, n, &term->slot_volume));
  PetscCall(FillSlots(term, num_batches, batch, cell_slot));
  PetscCall(PetscFree(cell_slot));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CheckLengths(LhFibreTerm term) {
  const LhFibres *fibres = term->fibres;

  PetscFunctionBeginUser;
  if (!term->law->max_length) PetscFunctionReturn(PETSC_SUCCESS);
  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    const PetscInt piece = term->slot_piece[slot];
    const double length = fibres->piece_length[piece];
    const double most =
        term->law->max_length(term->params, fibres->diameter[fibres->piece_fibre[piece]]);

    PetscCheck(length <= most, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
               "A piece of a fibre is %g m long, law %s takes at most %g m: refine the mesh",
               length, term->law->name, most);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// All state 0 but for the distance to the ends and no stretch.
static PetscErrorCode CreateState(LhFibreTerm term) {
  double *values;
  size_t size;

  PetscFunctionBeginUser;
  term->num_state = term->law->num_state + LH_FIBRE_OWN;
  PetscCheck(term->num_state <= LH_FIBRE_STATE_MAX, PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "Fibre law %s has too much state", term->law->name);
  PetscCall(LhStateCreate(term->num_blocks, 1, term->num_state, &term->state));
  PetscCall(LhStateGetAccepted(term->state, &values, &size));
  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    double(*own)[LH_BATCH] =
        (double(*)[LH_BATCH])values + slot / LH_BATCH * term->num_state + term->law->num_state;

    own[LH_FIBRE_STRETCH][slot % LH_BATCH] = 1.;
    own[LH_FIBRE_REACH][slot % LH_BATCH] =
        term->chains.reach[term->fibres->piece_id[term->slot_piece[slot]]];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Gradients along the pieces of batch b, and their share of the volume of their cells.
static PetscErrorCode MeasureBatch(LhFibreTerm term, LhSpace space, const LhBatch *batch,
                                   PetscInt b) {
  double x[3 * LH_ELEMENT_MAX_NODES][LH_BATCH], grad[3 * LH_ELEMENT_MAX_NODES][LH_BATCH];
  double dv[LH_BATCH], volume[LH_BATCH] = {0.};
  const LhSpaceView *view;
  const LhElement *element;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetView(space, &view));
  element = LhElementGet(view->element);
  LhBatchGatherCoords(space, batch, x);
  for (PetscInt q = 0; q < element->num_points; q++) {
    LhElementGradients(element, q, (const double(*)[LH_BATCH])x, grad, dv);
    LH_LANES(l) volume[l] += dv[l];
  }
  for (PetscInt slot = term->first_block[b] * LH_BATCH; slot < term->first_block[b + 1] * LH_BATCH;
       slot++) {
    FindAlong(term, view->element, slot, (const double(*)[LH_BATCH])x);
    term->volume_fraction[term->slot_position[slot]] +=
        term->slot_volume[slot] / volume[term->slot_lane[slot]];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

// Nodes and gradients of the pieces for who wants to know what they add to the matrix.
static PetscErrorCode NamePieces(LhFibreTerm term, LhSpace space, const LhBatch batch[]) {
  const PetscInt num = term->fibres->num_pieces, n = term->num_nodes;
  const LhSpaceView *view;

  PetscFunctionBeginUser;
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(PetscMalloc1(num * n, &term->node));
  PetscCall(PetscCalloc1(4 * num, &term->axial));
  for (PetscInt k = 0; k < num * n; k++) term->node[k] = -1;
  for (PetscInt slot = 0; slot < term->num_blocks * LH_BATCH; slot++) {
    const PetscInt *nodes = batch[term->slot_batch[slot]].nodes + term->slot_lane[slot];
    for (PetscInt b = 0; b < n; b++)
      term->node[term->slot_piece[slot] * n + b] = view->node_global[nodes[b * LH_BATCH]];
  }
  term->axial_view = (LhMatrixPieces){
      .num = num, .num_nodes = n, .node = term->node, .along = term->along, .value = term->axial};
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode MeasurePieces(LhFibreTerm term, LhSpace space, LhBatches batches) {
  const LhBatch *batch;
  PetscInt num_batches;

  PetscFunctionBeginUser;
  PetscCall(LhBatchesGet(batches, &num_batches, &batch));
  PetscCall(PetscCalloc1(term->fibres->num_pieces * term->num_nodes, &term->along));
  PetscCall(PetscCalloc1(term->num_cells, &term->volume_fraction));
  for (PetscInt b = 0; b < num_batches; b++) PetscCall(MeasureBatch(term, space, &batch[b], b));
  PetscCall(NamePieces(term, space, batch));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermCreate(LhSpace space, LhBatches batches, const LhFibres *fibres,
                                 const LhFibreLaw *law, const void *params, LhFibreTerm *term) {
  LhFibreTerm t;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&t));
  t->fibres = fibres;
  t->law = law;
  t->params = params;
  PetscCall(PlacePieces(t, space, batches));
  PetscCall(CheckLengths(t));
  PetscCall(LhFibreChainsCreate(t));
  PetscCall(LhFibreSlipCreate(t));
  PetscCall(CreateState(t));
  PetscCall(MeasurePieces(t, space, batches));
  PetscCall(PetscCalloc6(t->num_blocks * LH_BATCH, &t->base, t->num_blocks * LH_BATCH, &t->span,
                         LH_FIBRE_LINE * t->num_blocks * LH_BATCH, &t->line,
                         9 * t->num_blocks * LH_BATCH, &t->held, 9 * t->num_blocks * LH_BATCH,
                         &t->change, 3 * t->num_blocks * LH_BATCH, &t->given));
  PetscCall(PetscMalloc1(t->num_cells, &t->flow));
  PetscCall(LhFibreTermSetMatrixFlow(t, NULL));
  for (int k = 0; k < LH_FIBRE_NUM_FIELDS; k++) {
    PetscCall(PetscCalloc1(fibres->num_pieces, &t->fields[k]));
  }
  *term = t;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermDestroy(LhFibreTerm *term) {
  LhFibreTerm t = *term;

  PetscFunctionBeginUser;
  if (!t) PetscFunctionReturn(PETSC_SUCCESS);
  if (t->bond.law) PetscCall(LhFibreBondDestroy(&t->bond));
  PetscCall(LhFibreChainsDestroy(t));
  PetscCall(LhStateDestroy(&t->state));
  for (int k = 0; k < LH_FIBRE_NUM_FIELDS; k++) PetscCall(PetscFree(t->fields[k]));
  PetscCall(
      PetscFree5(t->slot_piece, t->slot_batch, t->slot_lane, t->slot_position, t->slot_volume));
  PetscCall(PetscFree(t->along));
  PetscCall(PetscFree(t->node));
  PetscCall(PetscFree(t->axial));
  PetscCall(PetscFree(t->flow));
  PetscCall(PetscFree6(t->base, t->span, t->line, t->held, t->change, t->given));
  PetscCall(PetscFree(t->volume_fraction));
  PetscCall(PetscFree(t->first_block));
  PetscCall(PetscFree(*term));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermSetMatrixFlow(LhFibreTerm term, const double *flow) {
  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < term->num_cells; c++) term->flow[c] = flow ? flow[c] : PETSC_INFINITY;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermGetPieces(LhFibreTerm term, const LhMatrixPieces **pieces) {
  PetscFunctionBeginUser;
  *pieces = &term->axial_view;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermSetSpan(LhFibreTerm term, PetscBool on) {
  PetscFunctionBeginUser;
  term->is_spanned = on;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Iterations of another step tell nothing about the next one.
static PetscErrorCode ForgetSpans(LhFibreTerm term) {
  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(term->base, term->num_blocks * LH_BATCH));
  PetscCall(PetscArrayzero(term->span, term->num_blocks * LH_BATCH));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermSetIntegrity(LhFibreTerm term, const double *integrity) {
  PetscFunctionBeginUser;
  term->integrity = integrity;
  PetscCall(LhFibreSlipTellIntegrity(term));
  PetscCall(LhFibreChainsUpdate(term));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermAdvance(LhFibreTerm term) {
  PetscFunctionBeginUser;
  PetscCall(ForgetSpans(term));
  PetscCall(LhStateAdvance(term->state));
  if (term->bond.law) PetscCall(LhStateAdvance(term->bond.state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermAccept(LhFibreTerm term) {
  PetscFunctionBeginUser;
  PetscCall(ForgetSpans(term));
  PetscCall(LhStateAccept(term->state));
  PetscCall(LhFibreSlipAccept(term));
  PetscCall(LhFibreChainsUpdate(term));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermReject(LhFibreTerm term) {
  PetscFunctionBeginUser;
  PetscCall(LhStateReject(term->state));
  if (term->bond.law) PetscCall(LhStateReject(term->bond.state));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhFibreTermGetVolumeFraction(LhFibreTerm term, const double **fraction) {
  PetscFunctionBeginUser;
  *fraction = term->volume_fraction;
  PetscFunctionReturn(PETSC_SUCCESS);
}
