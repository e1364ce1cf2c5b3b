/// @file
/// Sections of a Gmsh file, formats 2.2 and 4.1, text and binary. See gmsh_read.h.
///
/// Formats: https://gmsh.info/doc/texinfo/gmsh.html#Gmsh-file-formats (4.11). Own reader because every
/// mistake in a file must become a sentence: libraries stop the program or trust the counts.
#include "mesh/gmsh_read.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX  1000  ///< physical names of one file
#define MEMBERS_MAX 16    ///< physical groups of one entity

static const GmshType types[] = {
    {15, 0, 1,  1, "point"        },
    {1,  1, 2,  2, "line"         },
    {8,  1, 3,  2, "line"         },
    {26, 1, 4,  2, "line"         },
    {2,  2, 3,  3, "triangle"     },
    {9,  2, 6,  3, "triangle"     },
    {3,  2, 4,  4, "quadrilateral"},
    {16, 2, 8,  4, "quadrilateral"},
    {10, 2, 9,  4, "quadrilateral"},
    {4,  3, 4,  4, "tetrahedron"  },
    {11, 3, 10, 4, "tetrahedron"  },
    {5,  3, 8,  8, "hexahedron"   },
    {17, 3, 20, 8, "hexahedron"   },
    {12, 3, 27, 8, "hexahedron"   },
    {6,  3, 6,  6, "prism"        },
    {18, 3, 15, 6, "prism"        },
    {13, 3, 18, 6, "prism"        },
    {7,  3, 5,  5, "pyramid"      },
    {19, 3, 13, 5, "pyramid"      },
    {14, 3, 14, 5, "pyramid"      }
};

const GmshType *GmshTypeFind(int64_t type) {
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
    if (types[i].type == type) return &types[i];
  }
  return NULL;
}

const GmshType *GmshTypeGet(PetscInt row) {
  return &types[row];
}

/// Makes room for one more item of a growing array.
static PetscErrorCode Grow(void **items, size_t size, PetscInt64 used, PetscInt64 *room) {
  PetscFunctionBeginUser;
  if (used < *room) PetscFunctionReturn(PETSC_SUCCESS);
  *room = *room ? 2 * *room : 64;
  PetscCall(PetscRealloc((size_t)*room * size, items));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadGroups(GmshScan *scan, GmshData *data) {
  PetscFunctionBeginUser;
  const int64_t count = GmshTextInt(scan);
  if (count > GROUPS_MAX) GmshFail(scan, "the file has more than %d physical names", GROUPS_MAX);
  for (int64_t i = 0; i < count && !scan->failed; i++) {
    const int64_t dim = GmshTextInt(scan);
    GmshGroup group = {.dim = dim >= 0 && dim <= 3 ? (PetscInt)dim : 0};
    group.tag = GmshTextInt(scan);
    GmshWord(scan, sizeof(group.name), group.name);
    if (scan->failed) break;
    if (!group.name[0]) GmshFail(scan, "a name is empty in section $PhysicalNames");
    if (strchr(group.name, '|')) {
      GmshFail(scan, "the name '%s' holds '|', which is kept for surfaces between regions",
               group.name);
    }
    PetscCall(Grow((void **)&data->groups, sizeof(group), data->num_groups, &data->room_groups));
    data->groups[data->num_groups++] = group;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadEntity(GmshScan *scan, PetscInt dim, GmshData *data) {
  PetscFunctionBeginUser;
  GmshMembership member = {.dim = dim, .entity = GmshInt(scan)};
  for (PetscInt i = 0; i < (dim ? 6 : 3); i++) GmshReal(scan);
  const int64_t groups = GmshCount(scan, PETSC_TRUE, 2);
  for (int64_t i = 0; i < groups && !scan->failed; i++) {
    member.group = llabs(GmshInt(scan));
    PetscCall(Grow((void **)&data->memberships, sizeof(member), data->num_memberships,
                   &data->room_memberships));
    data->memberships[data->num_memberships++] = member;
  }
  const int64_t borders = dim ? GmshCount(scan, PETSC_TRUE, 2) : 0;
  for (int64_t i = 0; i < borders && !scan->failed; i++) GmshInt(scan);
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadEntities(GmshScan *scan, GmshData *data) {
  int64_t count[4];

  PetscFunctionBeginUser;
  for (PetscInt dim = 0; dim < 4; dim++) count[dim] = GmshCount(scan, PETSC_TRUE, 8);
  for (PetscInt dim = 0; dim < 4; dim++) {
    for (int64_t i = 0; i < count[dim] && !scan->failed; i++)
      PetscCall(ReadEntity(scan, dim, data));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Coordinates of the two arrays grow together: room is counted once.
static PetscErrorCode AddNode(GmshData *data, int64_t tag) {
  PetscFunctionBeginUser;
  PetscInt64 room = data->room_nodes;
  PetscCall(Grow((void **)&data->node_tag, sizeof(int64_t), data->num_nodes, &room));
  PetscCall(Grow((void **)&data->node_x, 3 * sizeof(double), data->num_nodes, &data->room_nodes));
  data->node_tag[data->num_nodes++] = tag;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadNodes22(GmshScan *scan, GmshData *data) {
  PetscFunctionBeginUser;
  const int64_t count = GmshTextInt(scan);
  if (scan->binary) GmshSkipLineBreak(scan);
  for (int64_t i = 0; i < count && !scan->failed; i++) {
    PetscCall(AddNode(data, GmshInt(scan)));
    for (PetscInt d = 0; d < 3; d++) data->node_x[3 * i + d] = GmshReal(scan);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadNodeBlock(GmshScan *scan, GmshData *data) {
  PetscFunctionBeginUser;
  const int64_t dim = GmshInt(scan);
  GmshInt(scan);
  const int64_t parametric = GmshInt(scan);
  const int64_t count = GmshCount(scan, PETSC_TRUE, 2);
  const PetscInt64 first = data->num_nodes;
  for (int64_t i = 0; i < count && !scan->failed; i++) PetscCall(AddNode(data, GmshSize(scan)));
  for (int64_t i = 0; i < count && !scan->failed; i++) {
    for (PetscInt d = 0; d < 3; d++) data->node_x[3 * (first + i) + d] = GmshReal(scan);
    for (int64_t d = 0; parametric && d < PetscMin(dim, 3); d++) GmshReal(scan);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Reads the four numbers that head a 4.1 section and returns the number of blocks.
static int64_t ReadBlockCount(GmshScan *scan) {
  const int64_t blocks = GmshCount(scan, PETSC_TRUE, 4);
  for (PetscInt i = 0; i < 3; i++) GmshSize(scan);
  return blocks;
}

static PetscErrorCode ReadNodes41(GmshScan *scan, GmshData *data) {
  PetscFunctionBeginUser;
  const int64_t blocks = ReadBlockCount(scan);
  for (int64_t b = 0; b < blocks && !scan->failed; b++) PetscCall(ReadNodeBlock(scan, data));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static const GmshType *CheckedType(GmshScan *scan, int64_t number) {
  const GmshType *type = GmshTypeFind(number);
  if (!type) GmshFail(scan, "elements of Gmsh type %lld are not known", (long long)number);
  return type;
}

/// Node tags of one element; only the corners are kept.
static void ReadCorners(GmshScan *scan, const GmshType *type, PetscBool wide,
                        GmshElement *element) {
  element->row = (PetscInt)(type - types);
  for (PetscInt k = 0; k < type->nodes; k++) {
    const int64_t node = wide ? GmshSize(scan) : GmshInt(scan);
    if (k < type->vertices) element->vertex[k] = node;
  }
}

static PetscErrorCode AddElement(GmshData *data, const GmshElement *element) {
  PetscFunctionBeginUser;
  PetscCall(
      Grow((void **)&data->elements, sizeof(*element), data->num_elements, &data->room_elements));
  data->elements[data->num_elements++] = *element;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// `tags` numbers follow the element's number, the first of them its physical group.
static PetscErrorCode ReadElement22(GmshScan *scan, const GmshType *type, int64_t tag, int64_t tags,
                                    GmshData *data) {
  GmshElement element = {.tag = tag};

  PetscFunctionBeginUser;
  for (int64_t t = 0; t < tags && !scan->failed; t++) {
    const int64_t value = GmshInt(scan);
    if (t == 0) element.group = llabs(value);
  }
  if (!scan->failed) ReadCorners(scan, type, PETSC_FALSE, &element);
  if (!scan->failed && type->dim >= 2) PetscCall(AddElement(data, &element));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadElements22(GmshScan *scan, GmshData *data) {
  PetscFunctionBeginUser;
  const int64_t total = GmshTextInt(scan);
  if (scan->binary) GmshSkipLineBreak(scan);
  for (int64_t done = 0; done < total && !scan->failed;) {
    const int64_t first = scan->binary ? 0 : GmshInt(scan);
    const GmshType *type = CheckedType(scan, GmshInt(scan));
    const int64_t count = scan->binary ? GmshCount(scan, PETSC_FALSE, 8) : 1;
    const int64_t tags = GmshCount(scan, PETSC_FALSE, 1);
    if (!scan->failed && count < 1)
      GmshFail(scan, "an empty block of elements in section $Elements");
    for (int64_t i = 0; i < count && !scan->failed; i++) {
      PetscCall(ReadElement22(scan, type, scan->binary ? GmshInt(scan) : first, tags, data));
    }
    done += count;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Physical groups of an entity, or the one group 0 when it has none; returns how many.
static PetscInt FindMemberships(const GmshData *data, PetscInt dim, int64_t entity,
                                int64_t groups[]) {
  PetscInt n = 0;
  for (PetscInt64 m = 0; m < data->num_memberships && n < MEMBERS_MAX; m++) {
    const GmshMembership *member = &data->memberships[m];
    if (member->dim == dim && member->entity == entity) groups[n++] = member->group;
  }
  groups[n] = 0;
  return n ? n : 1;
}

/// An element in several groups is added once for each.
static PetscErrorCode ReadElementBlock(GmshScan *scan, GmshData *data) {
  int64_t groups[MEMBERS_MAX + 1];

  PetscFunctionBeginUser;
  GmshInt(scan);
  const int64_t entity = GmshInt(scan);
  const GmshType *type = CheckedType(scan, GmshInt(scan));
  const int64_t count = GmshCount(scan, PETSC_TRUE, 4);
  const PetscInt members = scan->failed ? 0 : FindMemberships(data, type->dim, entity, groups);
  for (int64_t i = 0; i < count && !scan->failed; i++) {
    GmshElement element = {.tag = GmshSize(scan)};
    ReadCorners(scan, type, PETSC_TRUE, &element);
    for (PetscInt m = 0; m < members && type->dim >= 2 && !scan->failed; m++) {
      element.group = groups[m];
      PetscCall(AddElement(data, &element));
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadElements41(GmshScan *scan, GmshData *data) {
  PetscFunctionBeginUser;
  const int64_t blocks = ReadBlockCount(scan);
  for (int64_t b = 0; b < blocks && !scan->failed; b++) PetscCall(ReadElementBlock(scan, data));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Version, text or binary, byte order. Returns 22 or 41.
static PetscInt ReadFormat(GmshScan *scan) {
  const double version = GmshTextNumber(scan);
  const double binary = GmshTextNumber(scan), size = GmshTextNumber(scan);
  if (scan->failed) return 0;
  if (version != 2.2 && version != 4.1) {
    GmshFail(scan, "Gmsh format %g is not read; save the mesh as 4.1 or 2.2 (Mesh.MshFileVersion)",
             version);
  }
  if (size != 8.) GmshFail(scan, "numbers of %g bytes are not read, only 8", size);
  if (binary == 0. || scan->failed) return version == 2.2 ? 22 : 41;
  GmshSkipLineBreak(scan);
  scan->binary = PETSC_TRUE;
  const int64_t one = GmshInt(scan);
  scan->swap = (PetscBool)(one != 1);
  if (one != 1 && one != 0x01000000)
    GmshFail(scan, "the byte order mark of the binary file is broken");
  return version == 2.2 ? 22 : 41;
}

static PetscErrorCode ReadSection(GmshScan *scan, PetscInt version, GmshData *data) {
  const char *name = scan->section;

  PetscFunctionBeginUser;
  const PetscBool nodes = (PetscBool)!strcmp(name, "Nodes"),
                  elements = (PetscBool)!strcmp(name, "Elements");
  const PetscBool entities = (PetscBool)(!strcmp(name, "Entities") && version == 41);
  if (scan->binary && version == 41 && (nodes || elements || entities)) GmshSkipLineBreak(scan);
  if (!strcmp(name, "PhysicalNames"))
    PetscCall(ReadGroups(scan, data));
  else if (entities)
    PetscCall(ReadEntities(scan, data));
  else if (nodes)
    PetscCall(version == 22 ? ReadNodes22(scan, data) : ReadNodes41(scan, data));
  else if (elements)
    PetscCall(version == 22 ? ReadElements22(scan, data) : ReadElements41(scan, data));
  else {
    GmshSkipSection(scan);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  char word[48], end[48];
  GmshWord(scan, sizeof(word), word);
  snprintf(end, sizeof(end), "$End%s", name);
  if (strcmp(word, end)) {
    GmshFail(scan, "section $%s should end here with %s, but '%.20s' follows", name, end, word);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode ReadSections(GmshScan *scan, GmshData *data) {
  char word[32];
  PetscInt version;

  PetscFunctionBeginUser;
  GmshWord(scan, sizeof(word), word);
  if (strcmp(word, "$MeshFormat"))
    GmshFail(scan, "not a Gmsh mesh: it does not begin with $MeshFormat");
  snprintf(scan->section, sizeof(scan->section), "MeshFormat");
  version = ReadFormat(scan);
  GmshSkipSection(scan);
  while (!scan->failed) {
    GmshWord(scan, sizeof(word), word);
    if (!word[0]) break;
    if (word[0] != '$') GmshFail(scan, "'%s' stands where a section ($...) should begin", word);
    snprintf(scan->section, sizeof(scan->section), "%s", word + 1);
    if (!scan->failed) PetscCall(ReadSection(scan, version, data));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// The whole file with a NUL behind it; NULL after a problem.
static PetscErrorCode LoadFile(const char path[], char **text, size_t *size,
                               LhMeshProblems *problems) {
  FILE *file = fopen(path, "rb");
  long length = -1;

  PetscFunctionBeginUser;
  *text = NULL;
  if (file && !fseek(file, 0, SEEK_END)) length = ftell(file);
  if (length < 0 || length == LONG_MAX) {  // a folder reports LONG_MAX
    LhMeshProblemAdd(problems, 0, "the mesh file cannot be read");
    if (file) fclose(file);
    PetscFunctionReturn(PETSC_SUCCESS);
  }
  rewind(file);
  PetscCall(PetscMalloc1((size_t)length + 1, text));
  *size = fread(*text, 1, (size_t)length, file);
  (*text)[*size] = '\0';
  fclose(file);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode GmshRead(const char path[], GmshData *data, LhMeshProblems *problems) {
  GmshScan scan = {.problems = problems};
  char *text;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(data, sizeof(*data)));
  PetscCall(LoadFile(path, &text, &scan.size, problems));
  if (!text) PetscFunctionReturn(PETSC_SUCCESS);
  scan.text = text;
  PetscCall(ReadSections(&scan, data));
  PetscCall(PetscFree(text));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode GmshDataDestroy(GmshData *data) {
  PetscFunctionBeginUser;
  PetscCall(PetscFree(data->groups));
  PetscCall(PetscFree(data->memberships));
  PetscCall(PetscFree(data->node_tag));
  PetscCall(PetscFree(data->node_x));
  PetscCall(PetscFree(data->elements));
  PetscFunctionReturn(PETSC_SUCCESS);
}
