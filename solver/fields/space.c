/// @file
/// Numbers the nodes of a space, decides who owns them, and exchanges ghosts.
///
/// Every corner or edge of a cell has a partition-independent id; equal ids are one node. The owner
/// of a node is the lowest rank with a cell of the space at it, so an owner always has the node. A
/// rank that holds a mesh vertex but no cell of the space there has no node. Owned nodes come in
/// the order in which the cells meet them, ghosts by global number (so ghosts of one owner are
/// contiguous). Must never ask DMPlex: LhMeshView is the only source.

#include "fields/space.h"

#include <petscsf.h>
#include <stdlib.h>

#include "fields/rendezvous.h"
#include "fields/space_faces.h"

#define MAX_BLOCK 32  // block sizes with a cached MPI type

struct _n_LhSpace {
  LhMesh mesh;  // borrowed
  const LhMeshView *mesh_view;
  LhSpaceView view;
  PetscSF ghosts;                     // leaves: ghost nodes; roots: owned nodes
  MPI_Datatype block[MAX_BLOCK + 1];  // bs scalars, made on first use
  LhSpaceFaces *faces;

  PetscInt *cells, *cell_nodes, *node_global, *node_vertex, *vertex_node;
  PetscInt64 *node_id;
  PetscReal *coords;
};

/// A corner (both ends equal) or an edge of a cell, before nodes have numbers.
typedef struct {
  PetscInt64 id;
  PetscInt end[2];  // mesh vertices
} Site;

typedef struct {
  PetscInt64 id;
  PetscInt slot;
} Slot;

/// Nodes in the order in which the cells of this rank meet them; `global` also for ghosts.
typedef struct {
  PetscInt n;
  Site *site;
  PetscInt64 *id, *owner, *global;
} Draft;

static int CompareSlots(const void *a, const void *b) {
  const Slot *p = a, *q = b;
  if (p->id != q->id) return p->id < q->id ? -1 : 1;
  return (p->slot > q->slot) - (p->slot < q->slot);
}

static PetscErrorCode SelectCells(LhSpace space, PetscInt num_regions, const PetscInt regions[]) {
  const LhMeshView *mesh = space->mesh_view;
  PetscBool *selected;
  PetscInt n = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_regions, &selected));
  for (PetscInt r = 0; r < mesh->num_regions; r++)
    selected[r] = num_regions ? PETSC_FALSE : PETSC_TRUE;
  for (PetscInt i = 0; i < num_regions; i++) {
    PetscCheck(regions[i] >= 0 && regions[i] < mesh->num_regions, mesh->comm,
               PETSC_ERR_ARG_OUTOFRANGE, "No region %" PetscInt_FMT, regions[i]);
    selected[regions[i]] = PETSC_TRUE;
  }
  PetscCall(PetscMalloc1(mesh->num_cells, &space->cells));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    if (selected[mesh->cell_region[c]]) space->cells[n++] = c;
  }
  space->view.num_cells = n;
  space->view.cells = space->cells;
  PetscCall(PetscFree(selected));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Ids below `stride` are vertices, those above are edges: one number for each unordered pair of ends.
static PetscInt64 SiteId(const LhMeshView *mesh, PetscInt64 stride, PetscInt a, PetscInt b) {
  const PetscInt *id = mesh->vertex_image ? mesh->vertex_image : mesh->vertex_id;
  const PetscInt64 p = id[a], q = id[b];
  return a == b ? p : stride * (1 + PetscMin(p, q)) + PetscMax(p, q);
}

static PetscErrorCode ListSites(LhSpace space, PetscInt slots, Site site[]) {
  const LhMeshView *mesh = space->mesh_view;
  const PetscInt npc = space->view.nodes_per_cell;
  PetscInt64 stride = 0;

  PetscFunctionBeginUser;
  for (PetscInt v = 0; v < mesh->num_vertices; v++) {
    stride = PetscMax(stride, (PetscInt64)mesh->vertex_id[v] + 1);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &stride, 1, MPIU_INT64, MPI_MAX, mesh->comm));
  for (PetscInt s = 0; s < slots; s++) {
    const PetscInt *corner = mesh->cell_vertices + space->cells[s / npc] * mesh->vertices_per_cell;
    PetscInt end[2];
    LhElementNodeEnds(space->view.element, s % npc, end);
    site[s].end[0] = corner[end[0]];
    site[s].end[1] = corner[end[1]];
    site[s].id = SiteId(mesh, stride, site[s].end[0], site[s].end[1]);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Merges the slots (cell corners and edges) of equal id; cell_nodes gets draft numbers.
static PetscErrorCode DraftNodes(LhSpace space, Draft *draft) {
  const PetscInt slots = space->view.num_cells * space->view.nodes_per_cell;
  Slot *sorted;
  PetscInt *leader;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(slots, &space->cell_nodes));
  PetscCall(PetscMalloc1(slots, &draft->site));
  PetscCall(PetscMalloc2(slots, &sorted, slots, &leader));
  PetscCall(ListSites(space, slots, draft->site));
  for (PetscInt s = 0; s < slots; s++) sorted[s] = (Slot){draft->site[s].id, s};
  if (slots) qsort(sorted, (size_t)slots, sizeof(*sorted), CompareSlots);
  for (PetscInt k = 0; k < slots; k++) {
    const PetscBool first = (PetscBool)(k == 0 || sorted[k].id != sorted[k - 1].id);
    leader[sorted[k].slot] = first ? sorted[k].slot : leader[sorted[k - 1].slot];
  }
  draft->n = 0;
  for (PetscInt s = 0; s < slots; s++) {
    if (leader[s] == s) {
      draft->site[draft->n] = draft->site[s];  // draft->n <= s: compacts in place
      space->cell_nodes[s] = draft->n++;
    } else {
      space->cell_nodes[s] = space->cell_nodes[leader[s]];
    }
  }
  PetscCall(PetscFree2(sorted, leader));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Fills draft->owner and draft->global, and the counts of the view.
static PetscErrorCode AgreeOnOwners(LhSpace space, Draft *draft) {
  MPI_Comm comm = space->mesh_view->comm;
  PetscMPIInt rank;
  PetscInt owned = 0, first = 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(PetscMalloc3(draft->n, &draft->id, draft->n, &draft->owner, draft->n, &draft->global));
  for (PetscInt i = 0; i < draft->n; i++) {
    draft->id[i] = draft->site[i].id;
    draft->owner[i] = rank;
  }
  PetscCall(LhRendezvousMin(comm, draft->n, draft->id, draft->owner));
  for (PetscInt i = 0; i < draft->n; i++) owned += draft->owner[i] == rank;
  PetscCallMPI(MPI_Exscan(&owned, &first, 1, MPIU_INT, MPI_SUM, comm));
  if (!rank) first = 0;  // MPI_Exscan leaves it undefined there
  PetscCallMPI(MPI_Allreduce(&owned, &space->view.num_global, 1, MPIU_INT, MPI_SUM, comm));
  for (PetscInt i = 0, next = first; i < draft->n; i++) {
    draft->global[i] = draft->owner[i] == rank ? next++ : PETSC_MAX_INT;
  }
  PetscCall(LhRendezvousMin(comm, draft->n, draft->id, draft->global));
  space->view.num_nodes = draft->n;
  space->view.num_owned = owned;
  space->view.first_global = first;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// number[draft node] = local node: owned ones by global number, then ghosts by global number.
static PetscErrorCode OrderNodes(const LhSpaceView *view, const Draft *draft, PetscInt number[]) {
  const PetscInt64 first = view->first_global, end = first + view->num_owned;
  PetscInt num_ghosts = 0, *global, *ghost;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(view->num_nodes - view->num_owned, &global,
                         view->num_nodes - view->num_owned, &ghost));
  for (PetscInt i = 0; i < draft->n; i++) {
    if (draft->global[i] >= first && draft->global[i] < end) {
      number[i] = (PetscInt)(draft->global[i] - first);
    } else {
      global[num_ghosts] = (PetscInt)draft->global[i];
      ghost[num_ghosts++] = i;
    }
  }
  PetscCall(PetscSortIntWithArray(num_ghosts, global, ghost));
  for (PetscInt k = 0; k < num_ghosts; k++) number[ghost[k]] = view->num_owned + k;
  PetscCall(PetscFree2(global, ghost));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// All ranks give a node the same one of its places: that on the lower side of the period.
static PetscReal LowerImage(const LhMeshView *mesh, PetscInt d, PetscReal x) {
  const PetscReal period = mesh->vertex_image ? mesh->period[d] : 0.;
  const PetscBool upper = period > 0. && x > mesh->lower[d] + (1. - 1e-9) * period;
  return upper ? x - period : x;
}

/// Moves the draft into the arrays of the view, in local order.
static PetscErrorCode AdoptDraft(LhSpace space, const Draft *draft) {
  const LhMeshView *mesh = space->mesh_view;
  LhSpaceView *view = &space->view;
  PetscInt *number;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(draft->n, &number));
  PetscCall(OrderNodes(view, draft, number));
  PetscCall(PetscMalloc4(draft->n, &space->node_global, draft->n, &space->node_vertex, draft->n,
                         &space->node_id, 3 * draft->n, &space->coords));
  PetscCall(PetscMalloc1(mesh->num_vertices, &space->vertex_node));
  for (PetscInt v = 0; v < mesh->num_vertices; v++) space->vertex_node[v] = -1;
  for (PetscInt i = 0; i < draft->n; i++) {
    const PetscInt node = number[i], a = draft->site[i].end[0], b = draft->site[i].end[1];
    space->node_global[node] = (PetscInt)draft->global[i];
    space->node_id[node] = draft->id[i];
    space->node_vertex[node] = a == b ? a : -1;
    for (PetscInt d = 0; d < 3; d++) {
      const PetscReal x = 0.5 * (mesh->coords[3 * a + d] + mesh->coords[3 * b + d]);
      space->coords[3 * node + d] = LowerImage(mesh, d, x);
    }
  }
  for (PetscInt s = 0; s < view->num_cells * view->nodes_per_cell; s++) {
    const PetscInt *corner =
        mesh->cell_vertices + space->cells[s / view->nodes_per_cell] * mesh->vertices_per_cell;
    PetscInt end[2];

    space->cell_nodes[s] = number[space->cell_nodes[s]];
    LhElementNodeEnds(view->element, s % view->nodes_per_cell, end);
    if (end[0] == end[1]) space->vertex_node[corner[end[0]]] = space->cell_nodes[s];
  }
  view->cell_nodes = space->cell_nodes;
  view->node_global = space->node_global;
  view->node_vertex = space->node_vertex;
  view->vertex_node = space->vertex_node;
  view->node_id = space->node_id;
  view->coords = space->coords;
  PetscCall(PetscFree(number));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode NumberNodes(LhSpace space) {
  Draft draft;

  PetscFunctionBeginUser;
  PetscCall(DraftNodes(space, &draft));
  PetscCall(AgreeOnOwners(space, &draft));
  PetscCall(AdoptDraft(space, &draft));
  PetscCall(PetscFree(draft.site));
  PetscCall(PetscFree3(draft.id, draft.owner, draft.global));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ConnectGhosts(LhSpace space) {
  const LhSpaceView *view = &space->view;
  const PetscInt ghosts = view->num_nodes - view->num_owned;
  PetscInt *leaf;
  PetscLayout layout;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(ghosts, &leaf));
  for (PetscInt k = 0; k < ghosts; k++) leaf[k] = view->num_owned + k;
  PetscCall(PetscLayoutCreateFromSizes(space->mesh_view->comm, view->num_owned, view->num_global, 1,
                                       &layout));
  PetscCall(PetscSFCreate(space->mesh_view->comm, &space->ghosts));
  PetscCall(PetscSFSetGraphLayout(space->ghosts, layout, ghosts, leaf, PETSC_OWN_POINTER,
                                  view->node_global + view->num_owned));
  PetscCall(PetscSFSetUp(space->ghosts));
  PetscCall(PetscLayoutDestroy(&layout));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetElement(LhSpace space, PetscInt degree) {
  const LhMeshView *mesh = space->mesh_view;
  const PetscBool hex = (PetscBool)(mesh->cell_type == LH_CELL_HEX8);
  LhSpaceView *view = &space->view;

  PetscFunctionBeginUser;
  PetscCheck(degree == 1 || (degree == 2 && !hex), mesh->comm, PETSC_ERR_SUP,
             "No element of degree %" PetscInt_FMT " on %s", degree,
             hex ? "hexahedra" : "tetrahedra");
  view->degree = degree;
  view->element = hex ? LH_ELEMENT_HEX8 : (degree == 1 ? LH_ELEMENT_TET4 : LH_ELEMENT_TET10);
  view->face_element = hex ? LH_ELEMENT_QUAD4 : (degree == 1 ? LH_ELEMENT_TRI3 : LH_ELEMENT_TRI6);
  view->nodes_per_cell = LhElementGet(view->element)->num_nodes;
  view->nodes_per_face = LhElementGet(view->face_element)->num_nodes;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceCreate(LhMesh mesh, PetscInt degree, PetscInt num_regions,
                             const PetscInt regions[], LhSpace *space) {
  LhSpace s;

  PetscFunctionBeginUser;
  PetscCall(PetscNew(&s));
  s->mesh = mesh;
  PetscCall(LhMeshGetView(mesh, &s->mesh_view));
  for (PetscInt b = 0; b <= MAX_BLOCK; b++) s->block[b] = MPI_DATATYPE_NULL;
  PetscCall(SetElement(s, degree));
  PetscCall(SelectCells(s, num_regions, regions));
  PetscCall(NumberNodes(s));
  PetscCall(ConnectGhosts(s));
  PetscCall(LhSpaceFacesCreate(s->mesh_view, &s->view, &s->faces));
  *space = s;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceDestroy(LhSpace *space) {
  LhSpace s = *space;

  PetscFunctionBeginUser;
  if (!s) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhSpaceFacesDestroy(s->mesh_view, &s->faces));
  PetscCall(PetscSFDestroy(&s->ghosts));
  for (PetscInt b = 0; b <= MAX_BLOCK; b++) {
    if (s->block[b] != MPI_DATATYPE_NULL) PetscCallMPI(MPI_Type_free(&s->block[b]));
  }
  PetscCall(PetscFree4(s->node_global, s->node_vertex, s->node_id, s->coords));
  PetscCall(PetscFree(s->vertex_node));
  PetscCall(PetscFree(s->cell_nodes));
  PetscCall(PetscFree(s->cells));
  PetscCall(PetscFree(*space));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceGetView(LhSpace space, const LhSpaceView **view) {
  PetscFunctionBeginUser;
  *view = &space->view;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceGetMesh(LhSpace space, LhMesh *mesh) {
  PetscFunctionBeginUser;
  *mesh = space->mesh;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceGetFaces(LhSpace space, PetscInt surface, PetscInt *num_faces,
                               const PetscInt **nodes, const PetscInt **face_cell) {
  PetscFunctionBeginUser;
  PetscCheck(surface >= 0 && surface < space->mesh_view->num_surfaces, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE, "No surface %" PetscInt_FMT, surface);
  *num_faces = space->faces[surface].num_faces;
  if (nodes) *nodes = space->faces[surface].nodes;
  if (face_cell) *face_cell = space->faces[surface].cell;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// PetscSF keeps buffers and requests per type, so a type is made once for each block size.
static PetscErrorCode GetBlockType(LhSpace space, PetscInt bs, MPI_Datatype *type) {
  PetscFunctionBeginUser;
  PetscCheck(bs >= 1 && bs <= MAX_BLOCK, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "%" PetscInt_FMT " components a node, at most %d", bs, MAX_BLOCK);
  if (bs == 1) {  // PETSc 3.18 cannot reduce MPI_Type_contiguous(1, ...)
    *type = MPIU_SCALAR;
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  if (space->block[bs] == MPI_DATATYPE_NULL) {
    PetscCallMPI(MPI_Type_contiguous((PetscMPIInt)bs, MPIU_SCALAR, &space->block[bs]));
    PetscCallMPI(MPI_Type_commit(&space->block[bs]));
  }
  *type = space->block[bs];
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceGather(LhSpace space, PetscInt bs, const PetscScalar owned[],
                             PetscScalar local[]) {
  MPI_Datatype type;

  PetscFunctionBeginUser;
  PetscCall(GetBlockType(space, bs, &type));
  PetscCall(PetscSFBcastBegin(space->ghosts, type, owned, local, MPI_REPLACE));
  PetscCall(PetscArraycpy(local, owned, space->view.num_owned * bs));
  PetscCall(PetscSFBcastEnd(space->ghosts, type, owned, local, MPI_REPLACE));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceSumGhosts(LhSpace space, PetscInt bs, PetscScalar local[]) {
  MPI_Datatype type;

  PetscFunctionBeginUser;
  PetscCall(GetBlockType(space, bs, &type));
  PetscCall(PetscSFReduceBegin(space->ghosts, type, local, local, MPIU_SUM));
  PetscCall(PetscSFReduceEnd(space->ghosts, type, local, local, MPIU_SUM));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceScatterAdd(LhSpace space, PetscInt bs, const PetscScalar local[],
                                 PetscScalar owned[]) {
  MPI_Datatype type;

  PetscFunctionBeginUser;
  PetscCall(GetBlockType(space, bs, &type));
  PetscCall(PetscSFReduceBegin(space->ghosts, type, local, owned, MPIU_SUM));
  for (PetscInt i = 0; i < space->view.num_owned * bs; i++) owned[i] += local[i];
  PetscCall(PetscSFReduceEnd(space->ghosts, type, local, owned, MPIU_SUM));
  PetscFunctionReturn(PETSC_SUCCESS);
}
