/// @file
/// What a Gmsh file (2.2 or 4.1, text or binary) says, before it is made a mesh.
///
/// Private to the mesh layer. Elements of dimension 0 and 1 are dropped while reading.
#pragma once

#include "mesh/gmsh_scan.h"

typedef struct {
  PetscInt type;        ///< Gmsh's number
  PetscInt dim, nodes;  ///< nodes as stored in the file
  PetscInt vertices;    ///< corners, listed first
  const char *name;
} GmshType;
/// NULL for a type that lihost does not know.
const GmshType *GmshTypeFind(int64_t type);
const GmshType *GmshTypeGet(PetscInt row);

typedef struct {
  PetscInt dim;
  int64_t tag;
  char name[LH_NAME_MAX];
} GmshGroup;

typedef struct {
  int64_t tag;
  PetscInt row;       ///< of the type table
  int64_t group;      ///< physical tag, 0 = none
  int64_t vertex[8];  ///< node tags of the corners
} GmshElement;

/// An entity of format 4.1 and one physical group it belongs to.
typedef struct {
  PetscInt dim;
  int64_t entity, group;
} GmshMembership;

typedef struct {
  PetscInt64 num_groups, num_nodes, num_elements, num_memberships;
  PetscInt64 room_groups, room_nodes, room_elements, room_memberships;
  GmshGroup *groups;
  GmshMembership *memberships;
  int64_t *node_tag;
  double *node_x;  ///< [node][3]
  GmshElement *elements;
} GmshData;

/// Reads the file into `data`; problems are added, not returned.
PetscErrorCode GmshRead(const char path[], GmshData *data, LhMeshProblems *problems);
PetscErrorCode GmshDataDestroy(GmshData *data);
