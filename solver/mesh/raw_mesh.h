/// @file
/// The whole mesh on one rank, as read or generated: what is checked, partitioned and handed out.
///
/// Private to the mesh layer. Row i of `cells` is the cell with id i, row i of `coords` the vertex with
/// id i: ids never depend on the partition. About 100 bytes a hexahedron, freed after distribution.
/// Every vertex belongs to a cell.
#pragma once

#include "mesh/cell_shape.h"
#include "mesh/mesh_problem.h"
#include "mesh/rve.h"

#define LH_MESH_REGIONS_MAX  64
#define LH_MESH_SURFACES_MAX 256

/// Names known to every rank. Surfaces of the input come first, then those between regions.
typedef struct {
  PetscInt num_regions, num_surfaces, num_given_surfaces;
  char regions[LH_MESH_REGIONS_MAX][LH_NAME_MAX];
  char surfaces[LH_MESH_SURFACES_MAX][LH_NAME_MAX];
  PetscReal costs[LH_MESH_REGIONS_MAX];  ///< relative cost of a cell of the region
} LhMeshNames;

/// Polylines with the memory they lie in; LhFibreArraysBorrow gives the spec of them.
typedef struct {
  PetscInt num;
  PetscInt *offset;
  PetscReal *points, *diameter, *tubes, *coat;
} LhFibreArrays;

typedef struct {
  LhCellType cell_type;
  PetscInt num_cells, num_vertices, num_faces;
  PetscInt *cells;         ///< [cell][vertices of a cell]
  PetscInt *region;        ///< [cell]
  PetscInt64 *tag;         ///< [cell] the number the input file gives it, or NULL
  PetscReal *coords;       ///< [vertex][3] [m]
  PetscInt *face_surface;  ///< [face] index into names.surfaces
  PetscInt *face_cell;     ///< [face]
  PetscInt *face_side;     ///< [face] side of the cell
  PetscInt *neighbor;      ///< [cell][side] cell across, -1 on the boundary; by LhRawMeshConnect
  PetscInt *image;         ///< [vertex] it is the periodic image of, or itself; NULL: not periodic
  PetscReal period[3];     ///< [m], 0 where not periodic
  LhFibreArrays fibres;    ///< none when `num` is 0
  LhMeshFacts facts;       ///< of a generated volume
  LhMeshNames names;
} LhRawMesh;

PetscErrorCode LhRawMeshCreate(LhRawMesh **raw);
PetscErrorCode LhRawMeshDestroy(LhRawMesh **raw);
/// Sizes and allocates cells, regions and coordinates. The cell type is already set.
PetscErrorCode LhRawMeshAllocate(LhRawMesh *raw, PetscInt num_cells, PetscInt num_vertices);
PetscErrorCode LhRawMeshAllocateFaces(LhRawMesh *raw, PetscInt num);
/// `num` polylines of `num_points` points in all; `*fibres` is empty before.
PetscErrorCode LhFibreArraysAllocate(PetscInt num, PetscInt num_points, LhFibreArrays *fibres);
PetscErrorCode LhFibreArraysDestroy(LhFibreArrays *fibres);
LhFibresSpec LhFibreArraysBorrow(const LhFibreArrays *fibres);
/// Adds a problem when a polyline is short, not finite or has no thickness.
void LhFibresCheck(const LhFibresSpec *spec, LhMeshProblems *problems);
/// Adds a problem when fibres leave the box of a mesh that is not periodic.
void LhRawMeshCheckFibres(const LhRawMesh *raw, LhMeshProblems *problems);
/// Adds a problem when images, coordinates and period do not fit together.
void LhRawMeshCheckImages(const LhRawMesh *raw, LhMeshProblems *problems);
void LhRawMeshGetCentre(const LhRawMesh *raw, PetscInt cell, PetscReal centre[3]);
/// Index of a name in a list, appended when new; -1 when the list is full.
PetscInt LhRawMeshAddName(PetscInt max, char names[][LH_NAME_MAX], PetscInt *n, const char name[]);

/// Finds the neighbours and adds the surfaces "a|b" and "b|a" of every pair of touching regions, each with
/// the cells and outward normals of its first region. Three cells at one face are a problem.
PetscErrorCode LhRawMeshConnect(LhRawMesh *raw, LhMeshProblems *problems);
/// Gives `num` faces (vertices `faces[][side_vertices]`, surfaces `surface[]`) their cell and side, which become
/// the raw mesh's faces. A face inside a region or off the mesh is a problem.
PetscErrorCode LhRawMeshLocateFaces(LhRawMesh *raw, PetscInt num, const PetscInt faces[],
                                    const PetscInt surface[], LhMeshProblems *problems);
/// Refuses non-finite, inverted and degenerate cells by id and centre; measures quality and aspect.
PetscErrorCode LhRawMeshCheck(const LhRawMesh *raw, LhMeshProblems *problems,
                              LhMeshQuality *quality);

/// Part of every cell by METIS on the cell graph, weighted by the cost of its region. Deterministic.
PetscErrorCode LhRawMeshPartition(const LhRawMesh *raw, PetscInt num_parts, PetscInt part[],
                                  LhMeshQuality *quality);
/// Cells sorted by part, region and place on a Morton curve: `order[position] = cell`.
PetscErrorCode LhRawMeshOrder(const LhRawMesh *raw, const PetscInt part[], PetscInt order[]);

/// Fills an empty raw mesh on rank 0 from `source`; adds problems instead of failing on bad input.
typedef PetscErrorCode (*LhRawMeshBuilder)(const void *source, LhRawMesh *raw,
                                           LhMeshProblems *problems);
PetscErrorCode LhRawMeshBuildBox(const void *box_spec, LhRawMesh *raw, LhMeshProblems *problems);
PetscErrorCode LhRawMeshBuildRve(const void *rve_spec, LhRawMesh *raw, LhMeshProblems *problems);
PetscErrorCode LhRawMeshBuildGmsh(const void *path, LhRawMesh *raw, LhMeshProblems *problems);
PetscErrorCode LhRawMeshBuildHdf5(const void *path, LhRawMesh *raw, LhMeshProblems *problems);

/// Where problems are reported; see LhMeshProblemsReport.
typedef struct {
  const char *path;
  const LhMark *where;
  LhDiag diag;
} LhMeshReport;

/// Builds on rank 0, checks, partitions and distributes; `*mesh` is NULL after a problem. Collective.
PetscErrorCode LhMeshBuild(MPI_Comm comm, LhRawMeshBuilder build, const void *source,
                           const LhMeshReport *report, LhMesh *mesh);
