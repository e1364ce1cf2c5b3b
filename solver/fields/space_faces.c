/// @file
/// Translates the faces of the mesh's surfaces, given by vertices, into nodes of a space.
///
/// Faces of cells in the space keep the order of their vertices; faces of cells outside are offered to all
/// ranks, and the one with a cell of the space behind takes them in reverse. Edge nodes come from that cell.
/// Must never list a face twice.
#include "fields/space_faces.h"

#define ENTRY 5  // ints of a face in a list: surface, then up to 4 vertices or nodes

/// Faces as records of ENTRY ints; `cell` is the position of the cell behind.
typedef struct {
  PetscInt n;
  PetscInt *entry, *cell;
} FaceList;

/// Vertex ids of the space on this rank, ascending, with their nodes.
typedef struct {
  PetscInt n;
  PetscInt *id, *node;
} IdTable;

/// The node of cell `p` in the middle between the nodes u and v (u itself when they are equal).
static PetscInt NodeBetween(const LhSpaceView *space, PetscInt p, PetscInt u, PetscInt v) {
  const PetscInt *node = space->cell_nodes + p * space->nodes_per_cell;
  for (PetscInt a = 0; a < space->nodes_per_cell; a++) {
    PetscInt end[2];
    LhElementNodeEnds(space->element, a, end);
    if ((node[end[0]] == u && node[end[1]] == v) || (node[end[0]] == v && node[end[1]] == u)) {
      return node[a];
    }
  }
  return -1;
}

/// All nodes of a face of cell p from the nodes at its vertices.
static PetscErrorCode CompleteFace(const LhSpaceView *space, PetscInt p,
                                   const PetscInt vertex_nodes[], PetscInt nodes[]) {
  PetscFunctionBeginUser;
  for (PetscInt a = 0; a < space->nodes_per_face; a++) {
    PetscInt end[2];
    LhElementNodeEnds(space->face_element, a, end);
    nodes[a] = NodeBetween(space, p, vertex_nodes[end[0]], vertex_nodes[end[1]]);
    PetscCheck(nodes[a] >= 0, PETSC_COMM_SELF, PETSC_ERR_PLIB,
               "Face of a surface that is not a face of its cell");
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Sorts the faces of all surfaces into those of cells in the space (by nodes) and the others (by vertex ids).
static PetscErrorCode SplitFaces(const LhMeshView *mesh, const LhSpaceView *space, FaceList *inside,
                                 FaceList *outside) {
  const PetscInt vpf = mesh->vertices_per_face;
  PetscInt *position, n = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_cells, &position));
  for (PetscInt c = 0; c < mesh->num_cells; c++) position[c] = -1;
  for (PetscInt p = 0; p < space->num_cells; p++) position[space->cells[p]] = p;
  for (PetscInt s = 0; s < mesh->num_surfaces; s++) n += mesh->surfaces[s].num_faces;
  PetscCall(PetscMalloc2(n * ENTRY, &inside->entry, n, &inside->cell));
  PetscCall(PetscMalloc2(n * ENTRY, &outside->entry, 0, &outside->cell));
  inside->n = outside->n = 0;
  for (PetscInt s = 0; s < mesh->num_surfaces; s++) {
    const LhSurface *surface = &mesh->surfaces[s];
    for (PetscInt f = 0; f < surface->num_faces; f++) {
      const PetscInt *vertex = surface->vertices + f * vpf, p = position[surface->cell[f]];
      PetscInt *entry =
          p >= 0 ? inside->entry + ENTRY * inside->n : outside->entry + ENTRY * outside->n;
      entry[0] = s;
      for (PetscInt a = 0; a < vpf; a++) {
        entry[1 + a] = p >= 0 ? space->vertex_node[vertex[a]] : mesh->vertex_id[vertex[a]];
      }
      if (p >= 0) {
        inside->cell[inside->n++] = p;
      } else {
        outside->n++;
      }
    }
  }
  PetscCall(PetscFree(position));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// all <- the lists of all ranks, one after the other.
static PetscErrorCode ShareList(MPI_Comm comm, const FaceList *mine, FaceList *all) {
  const PetscMPIInt length = (PetscMPIInt)(mine->n * ENTRY);
  PetscMPIInt size, *lengths, *starts;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(PetscMalloc2(size, &lengths, size + 1, &starts));
  PetscCallMPI(MPI_Allgather(&length, 1, MPI_INT, lengths, 1, MPI_INT, comm));
  starts[0] = 0;
  for (PetscMPIInt r = 0; r < size; r++) starts[r + 1] = starts[r] + lengths[r];
  all->n = starts[size] / ENTRY;
  PetscCall(PetscMalloc2(starts[size], &all->entry, all->n, &all->cell));
  PetscCallMPI(
      MPI_Allgatherv(mine->entry, length, MPIU_INT, all->entry, lengths, starts, MPIU_INT, comm));
  PetscCall(PetscFree2(lengths, starts));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode TabulateIds(const LhMeshView *mesh, const LhSpaceView *space,
                                  IdTable *table) {
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(mesh->num_vertices, &table->id, mesh->num_vertices, &table->node));
  table->n = 0;
  for (PetscInt v = 0; v < mesh->num_vertices; v++) {
    if (space->vertex_node[v] < 0) continue;
    table->id[table->n] = mesh->vertex_id[v];
    table->node[table->n++] = space->vertex_node[v];
  }
  PetscCall(PetscSortIntWithArray(table->n, table->id, table->node));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Keeps the faces whose vertices are all nodes here, as nodes in reverse order.
static PetscErrorCode KeepOwnVertices(const IdTable *table, PetscInt vertices_per_face,
                                      FaceList *list) {
  PetscInt kept = 0;

  PetscFunctionBeginUser;
  for (PetscInt f = 0; f < list->n; f++) {
    const PetscInt *entry = list->entry + ENTRY * f;
    PetscInt node[ENTRY], a = 0;
    for (; a < vertices_per_face; a++) {
      PetscInt place;
      PetscCall(PetscFindInt(entry[1 + a], table->n, table->id, &place));
      if (place < 0) break;
      node[vertices_per_face - a] = table->node[place];
    }
    if (a < vertices_per_face) continue;
    node[0] = entry[0];
    PetscCall(PetscArraycpy(list->entry + ENTRY * kept++, node, 1 + vertices_per_face));
  }
  list->n = kept;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Whether cell p has all `n` nodes.
static PetscBool CellHas(const LhSpaceView *space, PetscInt p, PetscInt n, const PetscInt nodes[]) {
  const PetscInt *cell = space->cell_nodes + p * space->nodes_per_cell;
  PetscInt found = 0;
  for (PetscInt a = 0; a < space->nodes_per_cell; a++) {
    for (PetscInt b = 0; b < n; b++) found += cell[a] == nodes[b];
  }
  return (PetscBool)(found == n);
}

/// Keeps the faces with a cell of the space behind. Faces are chained by their first node, so one pass over
/// the cells finds all.
static PetscErrorCode KeepOwnCells(const LhSpaceView *space, PetscInt vertices_per_face,
                                   FaceList *list) {
  PetscInt *first, *next, kept = 0;

  PetscFunctionBeginUser;
  if (!list->n) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc2(space->num_nodes, &first, list->n, &next));
  for (PetscInt i = 0; i < space->num_nodes; i++) first[i] = -1;
  for (PetscInt f = 0; f < list->n; f++) {
    const PetscInt node = list->entry[ENTRY * f + 1];
    next[f] = first[node];
    first[node] = f;
    list->cell[f] = -1;
  }
  for (PetscInt slot = 0; slot < space->num_cells * space->nodes_per_cell; slot++) {
    const PetscInt p = slot / space->nodes_per_cell;
    for (PetscInt f = first[space->cell_nodes[slot]]; f >= 0; f = next[f]) {
      if (CellHas(space, p, vertices_per_face, list->entry + ENTRY * f + 1)) list->cell[f] = p;
    }
  }
  for (PetscInt f = 0; f < list->n; f++) {
    if (list->cell[f] < 0) continue;
    PetscCall(PetscArraymove(list->entry + ENTRY * kept, list->entry + ENTRY * f, ENTRY));
    list->cell[kept++] = list->cell[f];
  }
  list->n = kept;
  PetscCall(PetscFree2(first, next));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AppendFaces(const LhSpaceView *space, const FaceList *list,
                                  LhSpaceFaces faces[]) {
  PetscFunctionBeginUser;
  for (PetscInt f = 0; f < list->n; f++) {
    LhSpaceFaces *surface = &faces[list->entry[ENTRY * f]];
    PetscCall(CompleteFace(space, list->cell[f], list->entry + ENTRY * f + 1,
                           surface->nodes + surface->num_faces * space->nodes_per_face));
    surface->cell[surface->num_faces++] = list->cell[f];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode AllocateFaces(const LhMeshView *mesh, const LhSpaceView *space,
                                    const FaceList list[2], LhSpaceFaces faces[]) {
  PetscFunctionBeginUser;
  for (int k = 0; k < 2; k++) {
    for (PetscInt f = 0; f < list[k].n; f++) faces[list[k].entry[ENTRY * f]].num_faces++;
  }
  for (PetscInt s = 0; s < mesh->num_surfaces; s++) {
    const PetscInt n = faces[s].num_faces;
    PetscCall(PetscMalloc2(n * space->nodes_per_face, &faces[s].nodes, n, &faces[s].cell));
    faces[s].num_faces = 0;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceFacesCreate(const LhMeshView *mesh, const LhSpaceView *space,
                                  LhSpaceFaces **faces) {
  FaceList list[2], outside;
  IdTable table;

  PetscFunctionBeginUser;
  PetscCall(SplitFaces(mesh, space, &list[0], &outside));
  PetscCall(ShareList(mesh->comm, &outside, &list[1]));
  PetscCall(TabulateIds(mesh, space, &table));
  PetscCall(KeepOwnVertices(&table, mesh->vertices_per_face, &list[1]));
  PetscCall(KeepOwnCells(space, mesh->vertices_per_face, &list[1]));
  PetscCall(PetscCalloc1(mesh->num_surfaces, faces));
  PetscCall(AllocateFaces(mesh, space, list, *faces));
  for (int k = 0; k < 2; k++) {
    PetscCall(AppendFaces(space, &list[k], *faces));
    PetscCall(PetscFree2(list[k].entry, list[k].cell));
  }
  PetscCall(PetscFree2(outside.entry, outside.cell));
  PetscCall(PetscFree2(table.id, table.node));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceFacesDestroy(const LhMeshView *mesh, LhSpaceFaces **faces) {
  PetscFunctionBeginUser;
  for (PetscInt s = 0; s < mesh->num_surfaces; s++) {
    PetscCall(PetscFree2((*faces)[s].nodes, (*faces)[s].cell));
  }
  PetscCall(PetscFree(*faces));
  PetscFunctionReturn(PETSC_SUCCESS);
}
