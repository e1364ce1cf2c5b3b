/// @file
/// Cuts the whole mesh of rank 0 into parts and sends each to its rank, one at a time.
///
/// A vertex belongs to the lowest rank that has a cell of it. Within a part cells follow the order of
/// LhRawMeshOrder; vertices are numbered as the cells meet them, owned ones before ghosts.
#include "mesh/mesh_private.h"

PetscErrorCode LhMeshPartAllocate(LhCellType type, LhMeshPart *part) {
  const size_t n = (size_t)part->num_cells, v = (size_t)part->num_vertices,
               f = (size_t)part->num_faces;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(n, &part->cell_id, n, &part->cell_region,
                         n * (size_t)LhCellShapeGet(type)->vertices, &part->cell_vertices));
  PetscCall(PetscMalloc4(v, &part->vertex_id, v, &part->vertex_owner, v, &part->vertex_image, 3 * v,
                         &part->coords));
  PetscCall(PetscMalloc3(f, &part->face_surface, f, &part->face_cell, f, &part->face_side));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshPartDestroy(LhMeshPart *part) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree3(part->cell_id, part->cell_region, part->cell_vertices));
  PetscCall(PetscFree4(part->vertex_id, part->vertex_owner, part->vertex_image, part->coords));
  PetscCall(PetscFree3(part->face_surface, part->face_cell, part->face_side));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Work arrays of rank 0 while it cuts.
typedef struct {
  const LhRawMesh *raw;
  PetscInt num_parts;
  PetscInt *order;       ///< [position] cell
  PetscInt *first;       ///< [part + 1] first position of each part
  PetscInt *position;    ///< [cell]
  PetscInt *owner;       ///< [vertex] lowest part that has it
  PetscInt *local;       ///< [vertex] local number in the part being cut, else -1
  PetscInt *face_order;  ///< faces grouped by the part of their cell
  PetscInt *first_face;  ///< [part + 1]
} Cutter;

static PetscErrorCode SortFaces(Cutter *cutter, const PetscInt assignment[]) {
  const LhRawMesh *raw = cutter->raw;
  PetscInt *filled;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(cutter->num_parts, &filled));
  for (PetscInt p = 0; p <= cutter->num_parts; p++) cutter->first_face[p] = 0;
  for (PetscInt f = 0; f < raw->num_faces; f++)
    cutter->first_face[assignment[raw->face_cell[f]] + 1]++;
  for (PetscInt p = 0; p < cutter->num_parts; p++)
    cutter->first_face[p + 1] += cutter->first_face[p];
  for (PetscInt f = 0; f < raw->num_faces; f++) {
    const PetscInt p = assignment[raw->face_cell[f]];
    cutter->face_order[cutter->first_face[p] + filled[p]++] = f;
  }
  PetscCall(PetscFree(filled));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CutterCreate(const LhRawMesh *raw, PetscInt num_parts,
                                   const PetscInt assignment[], Cutter *cutter) {
  const PetscInt n = LhCellShapeGet(raw->cell_type)->vertices;

  PetscFunctionBeginUser;
  *cutter = (Cutter){.raw = raw, .num_parts = num_parts};
  PetscCall(PetscMalloc3(raw->num_cells, &cutter->order, num_parts + 1, &cutter->first,
                         raw->num_cells, &cutter->position));
  PetscCall(PetscMalloc2(raw->num_vertices, &cutter->owner, raw->num_vertices, &cutter->local));
  PetscCall(PetscMalloc2(raw->num_faces, &cutter->face_order, num_parts + 1, &cutter->first_face));
  PetscCall(LhRawMeshOrder(raw, assignment, cutter->order));
  for (PetscInt p = 0; p <= num_parts; p++) cutter->first[p] = 0;
  for (PetscInt c = 0; c < raw->num_cells; c++) {
    cutter->first[assignment[c] + 1]++;
    cutter->position[cutter->order[c]] = c;
  }
  for (PetscInt p = 0; p < num_parts; p++) cutter->first[p + 1] += cutter->first[p];
  for (PetscInt v = 0; v < raw->num_vertices; v++) {
    cutter->owner[v] = num_parts;
    cutter->local[v] = -1;
  }
  for (size_t k = 0; k < (size_t)raw->num_cells * n; k++) {
    const PetscInt v = raw->cells[k];
    cutter->owner[v] = PetscMin(cutter->owner[v], assignment[k / n]);
  }
  PetscCall(SortFaces(cutter, assignment));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CutterDestroy(Cutter *cutter) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree3(cutter->order, cutter->first, cutter->position));
  PetscCall(PetscFree2(cutter->owner, cutter->local));
  PetscCall(PetscFree2(cutter->face_order, cutter->first_face));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Counts the vertices of part `p` and leaves in cutter->local -2 (owned) or -3 (ghost) on each.
static void CountVertices(Cutter *cutter, PetscInt p, LhMeshPart *part) {
  const PetscInt n = LhCellShapeGet(cutter->raw->cell_type)->vertices;

  part->num_vertices = part->num_owned = 0;
  for (PetscInt i = cutter->first[p]; i < cutter->first[p + 1]; i++) {
    const PetscInt *v = cutter->raw->cells + (size_t)cutter->order[i] * n;
    for (PetscInt k = 0; k < n; k++) {
      if (cutter->local[v[k]] != -1) continue;
      const PetscBool owned = (PetscBool)(cutter->owner[v[k]] == p);
      cutter->local[v[k]] = owned ? -2 : -3;
      part->num_vertices++;
      part->num_owned += owned;
    }
  }
}

static void CutCells(Cutter *cutter, PetscInt p, LhMeshPart *part) {
  const LhRawMesh *raw = cutter->raw;
  const PetscInt n = LhCellShapeGet(raw->cell_type)->vertices;
  PetscInt next_owned = 0, next_ghost = part->num_owned;

  for (PetscInt c = 0; c < part->num_cells; c++) {
    const PetscInt cell = cutter->order[cutter->first[p] + c];
    part->cell_id[c] = cell;
    part->cell_region[c] = raw->region[cell];
    for (PetscInt k = 0; k < n; k++) {
      const PetscInt v = raw->cells[(size_t)cell * n + k];
      if (cutter->local[v] < 0) {
        const PetscInt i = cutter->local[v] == -2 ? next_owned++ : next_ghost++;
        cutter->local[v] = i;
        part->vertex_id[i] = v;
        part->vertex_owner[i] = cutter->owner[v];
        part->vertex_image[i] = raw->image ? raw->image[v] : v;
        for (PetscInt d = 0; d < 3; d++) part->coords[3 * i + d] = raw->coords[3 * (size_t)v + d];
      }
      part->cell_vertices[c * n + k] = cutter->local[v];
    }
  }
  for (PetscInt i = 0; i < part->num_vertices; i++) cutter->local[part->vertex_id[i]] = -1;
}

static void CutFaces(const Cutter *cutter, PetscInt p, LhMeshPart *part) {
  const LhRawMesh *raw = cutter->raw;
  for (PetscInt i = 0; i < part->num_faces; i++) {
    const PetscInt f = cutter->face_order[cutter->first_face[p] + i];
    part->face_surface[i] = raw->face_surface[f];
    part->face_cell[i] = cutter->position[raw->face_cell[f]] - cutter->first[p];
    part->face_side[i] = raw->face_side[f];
  }
}

static PetscErrorCode CutPart(Cutter *cutter, PetscInt p, LhMeshPart *part) {
  PetscFunctionBeginUser;
  *part = (LhMeshPart){.num_cells = cutter->first[p + 1] - cutter->first[p],
                       .num_faces = cutter->first_face[p + 1] - cutter->first_face[p]};
  CountVertices(cutter, p, part);
  PetscCall(LhMeshPartAllocate(cutter->raw->cell_type, part));
  CutCells(cutter, p, part);
  CutFaces(cutter, p, part);
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// One row per array of a part, so that sending and receiving cannot disagree.
typedef struct {
  void *data;
  size_t count;
  MPI_Datatype type;
} PartArray;

#define PART_ARRAYS 10

static void ListArrays(LhCellType type, const LhMeshPart *part, PartArray list[PART_ARRAYS]) {
  const size_t n = (size_t)part->num_cells, v = (size_t)part->num_vertices,
               f = (size_t)part->num_faces;
  const size_t corners = n * (size_t)LhCellShapeGet(type)->vertices;

  list[0] = (PartArray){part->cell_id, n, MPIU_INT};
  list[1] = (PartArray){part->cell_region, n, MPIU_INT};
  list[2] = (PartArray){part->cell_vertices, corners, MPIU_INT};
  list[3] = (PartArray){part->vertex_id, v, MPIU_INT};
  list[4] = (PartArray){part->vertex_owner, v, MPIU_INT};
  list[5] = (PartArray){part->coords, 3 * v, MPIU_REAL};
  list[6] = (PartArray){part->face_surface, f, MPIU_INT};
  list[7] = (PartArray){part->face_cell, f, MPIU_INT};
  list[8] = (PartArray){part->face_side, f, MPIU_INT};
  list[9] = (PartArray){part->vertex_image, v, MPIU_INT};
}

static PetscErrorCode SendPart(MPI_Comm comm, LhCellType type, PetscMPIInt rank,
                               const LhMeshPart *part) {
  PetscInt sizes[4] = {part->num_cells, part->num_vertices, part->num_owned, part->num_faces};
  PartArray list[PART_ARRAYS];

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Send(sizes, 4, MPIU_INT, rank, PART_ARRAYS, comm));
  ListArrays(type, part, list);
  for (PetscMPIInt k = 0; k < PART_ARRAYS; k++) {
    PetscMPIInt count;
    PetscCall(PetscMPIIntCast((PetscInt)list[k].count, &count));
    PetscCallMPI(MPI_Send(list[k].data, count, list[k].type, rank, k, comm));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReceivePart(MPI_Comm comm, LhCellType type, LhMeshPart *part) {
  PetscInt sizes[4];
  PartArray list[PART_ARRAYS];

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Recv(sizes, 4, MPIU_INT, 0, PART_ARRAYS, comm, MPI_STATUS_IGNORE));
  *part = (LhMeshPart){.num_cells = sizes[0],
                       .num_vertices = sizes[1],
                       .num_owned = sizes[2],
                       .num_faces = sizes[3]};
  PetscCall(LhMeshPartAllocate(type, part));
  ListArrays(type, part, list);
  for (PetscMPIInt k = 0; k < PART_ARRAYS; k++) {
    PetscMPIInt count;
    PetscCall(PetscMPIIntCast((PetscInt)list[k].count, &count));
    PetscCallMPI(MPI_Recv(list[k].data, count, list[k].type, 0, k, comm, MPI_STATUS_IGNORE));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshDistribute(MPI_Comm comm, const LhRawMesh *raw, const PetscInt assignment[],
                                const LhMeshHeader *header, LhMeshPart *part) {
  PetscMPIInt size;
  Cutter cutter;

  PetscFunctionBeginUser;
  if (!raw) {
    PetscCall(ReceivePart(comm, header->cell_type, part));
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(CutterCreate(raw, size, assignment, &cutter));
  for (PetscMPIInt p = 1; p < size; p++) {
    LhMeshPart other;
    PetscCall(CutPart(&cutter, p, &other));
    PetscCall(SendPart(comm, header->cell_type, p, &other));
    PetscCall(LhMeshPartDestroy(&other));
  }
  PetscCall(CutPart(&cutter, 0, part));
  PetscCall(CutterDestroy(&cutter));
  PetscFunctionReturn(PETSC_SUCCESS);
}
