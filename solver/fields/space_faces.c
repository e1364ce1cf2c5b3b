/// @file
/// Translates the faces of the mesh's surfaces, given by vertices, into nodes of a space.
///
/// Keeps the order of the vertices, so normals stay outward; edge nodes come from the cell behind.

#include "fields/space_faces.h"

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

static PetscErrorCode FillFace(const LhSpaceView *space, PetscInt p, const PetscInt vertices[],
                               PetscInt nodes[]) {
  PetscFunctionBeginUser;
  for (PetscInt a = 0; a < space->nodes_per_face; a++) {
    PetscInt end[2];
    LhElementNodeEnds(space->face_element, a, end);
    nodes[a] = NodeBetween(space, p, space->vertex_node[vertices[end[0]]],
                           space->vertex_node[vertices[end[1]]]);
    PetscCheck(nodes[a] >= 0, PETSC_COMM_SELF, PETSC_ERR_PLIB,
               "Face of a surface that is not a face of its cell");
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FillSurface(const LhMeshView *mesh, const LhSpaceView *space,
                                  const LhSurface *surface, const PetscInt position[],
                                  LhSpaceFaces *faces) {
  PetscInt n = 0;

  PetscFunctionBeginUser;
  for (PetscInt f = 0; f < surface->num_faces; f++) n += position[surface->cell[f]] >= 0;
  PetscCall(PetscMalloc2(n * space->nodes_per_face, &faces->nodes, n, &faces->cell));
  n = 0;
  for (PetscInt f = 0; f < surface->num_faces; f++) {
    const PetscInt p = position[surface->cell[f]];
    if (p < 0) continue;
    PetscCall(FillFace(space, p, surface->vertices + f * mesh->vertices_per_face,
                       faces->nodes + n * space->nodes_per_face));
    faces->cell[n++] = p;
  }
  faces->num_faces = n;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhSpaceFacesCreate(const LhMeshView *mesh, const LhSpaceView *space,
                                  LhSpaceFaces **faces) {
  PetscInt *position;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(mesh->num_cells, &position));
  for (PetscInt c = 0; c < mesh->num_cells; c++) position[c] = -1;
  for (PetscInt p = 0; p < space->num_cells; p++) position[space->cells[p]] = p;
  PetscCall(PetscCalloc1(mesh->num_surfaces, faces));
  for (PetscInt s = 0; s < mesh->num_surfaces; s++) {
    PetscCall(FillSurface(mesh, space, &mesh->surfaces[s], position, &(*faces)[s]));
  }
  PetscCall(PetscFree(position));
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
