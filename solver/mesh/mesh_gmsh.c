/// @file
/// Makes a mesh of what a Gmsh file says: names to regions and surfaces, node tags to vertex ids.
///
/// cell_id counts the volume elements, vertex_id the nodes they use, both in the order of the file.
/// Second-order elements are reduced to their corners. Prisms, pyramids and mixtures are refused.
#include <stdlib.h>
#include <string.h>

#include "mesh/gmsh_read.h"
#include "mesh/raw_mesh.h"

static PetscInt FindGroup(const GmshData *data, PetscInt dim, int64_t tag) {
  for (PetscInt64 g = 0; g < data->num_groups; g++) {
    if (data->groups[g].dim == dim && data->groups[g].tag == tag) return (PetscInt)g;
  }
  return -1;
}

static const GmshType *TypeOf(const GmshElement *element) {
  return GmshTypeGet(element->row);
}

/// All cells must be of one of the two types; decides which.
static void CheckCellTypes(const GmshData *data, LhRawMesh *raw, LhMeshProblems *problems) {
  const GmshType *first = NULL;
  for (PetscInt64 e = 0; e < data->num_elements; e++) {
    const GmshType *type = TypeOf(&data->elements[e]);
    if (type->dim != 3) continue;
    if (type->vertices != 4 && type->vertices != 8) {
      LhMeshProblemAdd(problems, 0, "element %lld is a %s; only hexahedra or tetrahedra are solved",
                       (long long)data->elements[e].tag, type->name);
      return;
    }
    if (!first) first = type;
    if (first->vertices == type->vertices) continue;
    LhMeshProblemAdd(
        problems, 0,
        "element %lld is a %s but the ones before are of type %s: a mesh has one type of cell",
        (long long)data->elements[e].tag, type->name, first->name);
    return;
  }
  if (!first)
    LhMeshProblemAdd(problems, 0, "the mesh has no volume elements");
  else
    raw->cell_type = first->vertices == 8 ? LH_CELL_HEX8 : LH_CELL_TET4;
}

/// Every group used by an element, of dimension `dim`, has a name; volumes have exactly one group.
static void CheckGroups(const GmshData *data, PetscInt dim, LhMeshProblems *problems) {
  const char *kind = dim == 3 ? "Volume" : "Surface";
  int64_t reported = 0, previous = -1;
  for (PetscInt64 e = 0; e < data->num_elements; e++) {
    const GmshElement *element = &data->elements[e];
    if (TypeOf(element)->dim != dim) continue;
    if (dim == 3 && element->tag == previous) {
      LhMeshProblemAdd(problems, 0,
                       "element %lld is in two physical volumes; a cell has one region",
                       (long long)element->tag);
      return;
    }
    previous = element->tag;
    if (element->group == 0 && dim == 2) continue;
    if (element->group == 0) {
      LhMeshProblemAdd(
          problems, 0,
          "element %lld belongs to no physical volume; write Physical Volume(\"name\")",
          (long long)element->tag);
      return;
    }
    if (element->group == reported || FindGroup(data, dim, element->group) >= 0) continue;
    LhMeshProblemAdd(problems, 0, "physical %s %lld has no name; write Physical %s(\"name\", %lld)",
                     dim == 3 ? "volume" : "surface", (long long)element->group, kind,
                     (long long)element->group);
    reported = element->group;
  }
}

/// Regions and surfaces in the order of $PhysicalNames; one without elements is a mistake.
static PetscErrorCode AddNames(const GmshData *data, LhRawMesh *raw, PetscInt index[],
                               LhMeshProblems *problems) {
  LhMeshNames *names = &raw->names;
  PetscInt64 *used;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1((size_t)data->num_groups, &used));
  for (PetscInt64 e = 0; e < data->num_elements; e++) {
    const PetscInt g = FindGroup(data, TypeOf(&data->elements[e])->dim, data->elements[e].group);
    if (g >= 0) used[g]++;
  }
  for (PetscInt64 g = 0; g < data->num_groups; g++) {
    const GmshGroup *group = &data->groups[g];
    index[g] = -2;
    if (group->dim < 2) continue;
    if (group->dim == 3) {
      index[g] =
          LhRawMeshAddName(LH_MESH_REGIONS_MAX, names->regions, &names->num_regions, group->name);
    } else {
      index[g] = LhRawMeshAddName(LH_MESH_SURFACES_MAX, names->surfaces, &names->num_surfaces,
                                  group->name);
    }
    if (index[g] < 0) LhMeshProblemAdd(problems, 0, "there are too many names: '%s'", group->name);
    if (used[g]) continue;
    LhMeshProblemAdd(problems, 0, "%s '%s' has a name but no elements",
                     group->dim == 3 ? "region" : "surface", group->name);
  }
  for (PetscInt r = 0; r < names->num_regions; r++) names->costs[r] = 1.;
  PetscCall(PetscFree(used));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Node tags in rising order with their place in the file.
typedef struct {
  int64_t tag;
  PetscInt node, vertex;  ///< vertex: id in the mesh, -1 while unused
} NodeRow;

typedef struct {
  PetscInt num;
  NodeRow *rows;
} NodeMap;

static int CompareNodes(const void *left, const void *right) {
  const NodeRow *a = left, *b = right;
  return (a->tag > b->tag) - (a->tag < b->tag);
}

static int CompareOrder(const void *left, const void *right) {
  const NodeRow *a = left, *b = right;
  return (a->node > b->node) - (a->node < b->node);
}

static PetscErrorCode NodeMapCreate(const GmshData *data, NodeMap *map, LhMeshProblems *problems) {
  PetscFunctionBeginUser;
  map->num = (PetscInt)data->num_nodes;
  PetscCall(PetscMalloc1(map->num, &map->rows));
  for (PetscInt i = 0; i < map->num; i++) map->rows[i] = (NodeRow){data->node_tag[i], i, -1};
  qsort(map->rows, (size_t)map->num, sizeof(*map->rows), CompareNodes);
  for (PetscInt i = 1; i < map->num; i++) {
    if (map->rows[i].tag != map->rows[i - 1].tag) continue;
    LhMeshProblemAdd(problems, 0, "node %lld is defined twice", (long long)map->rows[i].tag);
    break;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static NodeRow *FindNode(const NodeMap *map, int64_t tag) {
  const NodeRow key = {.tag = tag};
  // Gmsh numbers nodes 1, 2, 3, ... unless told otherwise: look there first.
  if (tag >= 1 && tag <= map->num && map->rows[tag - 1].tag == tag) return &map->rows[tag - 1];
  return bsearch(&key, map->rows, (size_t)map->num, sizeof(key), CompareNodes);
}

/// Numbers the nodes of cells in file order; nodes of no cell (construction points) are dropped.
static PetscErrorCode NumberVertices(const GmshData *data, NodeMap *map, PetscInt *num_cells,
                                     PetscInt *num_vertices, LhMeshProblems *problems) {
  PetscFunctionBeginUser;
  *num_cells = *num_vertices = 0;
  for (PetscInt64 e = 0; e < data->num_elements; e++) {
    const GmshElement *element = &data->elements[e];
    const PetscBool is_cell = (PetscBool)(TypeOf(element)->dim == 3);
    for (PetscInt k = 0; k < TypeOf(element)->vertices; k++) {
      NodeRow *row = FindNode(map, element->vertex[k]);
      if (!row) {
        LhMeshProblemAdd(problems, 0,
                         "element %lld refers to node %lld, which the file does not have",
                         (long long)element->tag, (long long)element->vertex[k]);
        PetscFunctionReturn(PETSC_SUCCESS);
      }
      if (is_cell) row->vertex = 0;
    }
    *num_cells += is_cell;
  }
  qsort(map->rows, (size_t)map->num, sizeof(*map->rows), CompareOrder);
  for (PetscInt i = 0; i < map->num; i++) {
    if (map->rows[i].vertex == 0) map->rows[i].vertex = (*num_vertices)++;
  }
  qsort(map->rows, (size_t)map->num, sizeof(*map->rows), CompareNodes);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FillCells(const GmshData *data, const NodeMap *map, const PetscInt index[],
                                LhRawMesh *raw) {
  const PetscInt n = LhCellShapeGet(raw->cell_type)->vertices;
  PetscInt cell = 0;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(raw->num_cells, &raw->tag));
  for (PetscInt i = 0; i < map->num; i++) {
    const NodeRow *row = &map->rows[i];
    for (PetscInt d = 0; row->vertex >= 0 && d < 3; d++) {
      raw->coords[3 * (size_t)row->vertex + d] = data->node_x[3 * (size_t)row->node + d];
    }
  }
  for (PetscInt64 e = 0; e < data->num_elements; e++) {
    const GmshElement *element = &data->elements[e];
    if (TypeOf(element)->dim != 3) continue;
    raw->tag[cell] = element->tag;
    raw->region[cell] = index[FindGroup(data, 3, element->group)];
    for (PetscInt k = 0; k < n; k++) {
      raw->cells[(size_t)cell * n + k] = FindNode(map, element->vertex[k])->vertex;
    }
    cell++;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Vertices of the face of a surface element; false when they cannot be those of a cell's side.
static PetscBool GetFace(const NodeMap *map, const GmshElement *element, PetscInt width,
                         PetscInt face[]) {
  if (TypeOf(element)->vertices != width) return PETSC_FALSE;
  for (PetscInt k = 0; k < width; k++) {
    face[k] = FindNode(map, element->vertex[k])->vertex;
    if (face[k] < 0) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static PetscErrorCode FillFaces(const GmshData *data, const NodeMap *map, const PetscInt index[],
                                LhRawMesh *raw, LhMeshProblems *problems) {
  const PetscInt width = LhCellShapeGet(raw->cell_type)->side_vertices;
  PetscInt num = 0, *faces, *surface;

  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2((size_t)data->num_elements * width, &faces, (size_t)data->num_elements,
                         &surface));
  for (PetscInt64 e = 0; e < data->num_elements; e++) {
    const GmshElement *element = &data->elements[e];
    if (TypeOf(element)->dim != 2 || element->group == 0) continue;
    surface[num] = index[FindGroup(data, 2, element->group)];
    if (GetFace(map, element, width, faces + (size_t)num * width))
      num++;
    else {
      LhMeshProblemAdd(problems, 0, "element %lld of surface '%s' is not a side of any cell",
                       (long long)element->tag, raw->names.surfaces[surface[num]]);
    }
  }
  if (!problems->n) PetscCall(LhRawMeshLocateFaces(raw, num, faces, surface, problems));
  PetscCall(PetscFree2(faces, surface));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode Convert(const GmshData *data, LhRawMesh *raw, LhMeshProblems *problems) {
  NodeMap map = {0};
  PetscInt *index, num_cells, num_vertices;

  PetscFunctionBeginUser;
  CheckCellTypes(data, raw, problems);
  CheckGroups(data, 3, problems);
  CheckGroups(data, 2, problems);
  if (problems->n) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscMalloc1((size_t)data->num_groups, &index));
  PetscCall(AddNames(data, raw, index, problems));
  PetscCall(NodeMapCreate(data, &map, problems));
  PetscCall(NumberVertices(data, &map, &num_cells, &num_vertices, problems));
  if (!problems->n) {
    PetscCall(LhRawMeshAllocate(raw, num_cells, num_vertices));
    PetscCall(FillCells(data, &map, index, raw));
    PetscCall(FillFaces(data, &map, index, raw, problems));
  }
  PetscCall(PetscFree(map.rows));
  PetscCall(PetscFree(index));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRawMeshBuildGmsh(const void *path, LhRawMesh *raw, LhMeshProblems *problems) {
  GmshData data;

  PetscFunctionBeginUser;
  PetscCall(GmshRead(path, &data, problems));
  if (!problems->n) PetscCall(Convert(&data, raw, problems));
  PetscCall(GmshDataDestroy(&data));
  PetscFunctionReturn(PETSC_SUCCESS);
}
