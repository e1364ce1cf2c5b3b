/// @file
/// A distributed mesh of hexahedra or tetrahedra with named regions and named surfaces.
///
/// The rank that reads or generates the mesh partitions the cell graph (METIS) and hands out the parts;
/// afterwards everybody reads the flat arrays of LhMeshView. Each cell lives on one rank; a vertex on
/// a partition border is owned by the lowest rank that has it and is a ghost on the others. Cells are
/// ordered region by region, and for locality within one.
/// `*_id` are the partition-independent numbers of the input mesh: files are written by them.
#pragma once

#include "base/param.h"

typedef struct _n_LhMesh *LhMesh;

typedef enum { LH_CELL_HEX8, LH_CELL_TET4 } LhCellType;

/// Boundary faces of one name on this rank, or the faces between two regions (owned by the rank of
/// the cell of the first one). Vertices of a face are ordered so that its normal points outward.
typedef struct {
  char name[LH_NAME_MAX];
  PetscInt num_faces;
  const PetscInt *cell;      ///< [face] local cell
  const PetscInt *vertices;  ///< [face][4 or 3] local vertices
  PetscReal area;            ///< over all ranks, reference configuration [m^2]
} LhSurface;

/// Read-only arrays of this rank. VTK vertex order: hex8 bottom 0-3 counter-clockwise, top 4-7.
typedef struct {
  MPI_Comm comm;
  LhCellType cell_type;
  PetscInt vertices_per_cell, vertices_per_face;
  PetscInt num_cells, num_vertices, num_owned_vertices;  ///< owned vertices come first
  PetscInt num_global_cells, num_global_vertices;
  const PetscInt *cell_vertices;  ///< [cell][vertices_per_cell], local
  const PetscInt *cell_region;    ///< [cell], index into regions
  const PetscInt *cell_id;        ///< [cell]
  const PetscInt *vertex_id;      ///< [vertex]
  const PetscInt *vertex_owner;   ///< [vertex], rank
  const PetscReal *coords;        ///< [vertex][3] [m]
  PetscInt num_regions;
  const char *const *region_names;
  const PetscReal *region_volumes;  ///< over all ranks [m^3]
  PetscInt num_surfaces;
  const LhSurface *surfaces;
  PetscReal lower[3], upper[3];  ///< bounding box over all ranks [m]
  const PetscInt
      *vertex_image;    ///< [vertex] id of the vertex it is the periodic image of, its own id
                        ///< otherwise; NULL when the mesh is not periodic
  PetscReal period[3];  ///< of a periodic mesh [m], 0 in directions without
} LhMeshView;

/// Partition facts for the run record.
typedef struct {
  PetscInt edge_cut;                  ///< faces between ranks
  PetscReal imbalance;                ///< largest over mean cost per rank
  PetscReal min_quality, max_aspect;  ///< scaled Jacobian in [0,1]; longest over shortest edge
} LhMeshQuality;

/// Volume fractions that a material's stoichiometry gives, for a generated volume that leaves them out.
typedef struct {
  PetscReal lizn, li3n, cnt;
} LhRveFractions;

/// Builds or reads the mesh the `mesh:` section of a case describes: `box:`, `rve:`, `file:` (.msh, .h5). Bad
/// meshes are refused with a diagnostic that names the cell. `*mesh` is NULL after an error.
/// `case_dir` resolves relative file names. `fractions` are those of the `composition` that an `rve:` names
/// (LhMeshGetComposition), or NULL. Collective.
PetscErrorCode LhMeshCreateFromCase(MPI_Comm comm, const LhReader *reader, LhNode section,
                                    const char case_dir[], const LhRveFractions *fractions,
                                    LhMesh *mesh);
/// `composition` of an `rve:`, the material whose volume fractions are asked for; NULL when there is none.
LhNode LhMeshGetComposition(LhNode section);

/// One layer of the built-in box, from the bottom (z = 0) up.
typedef struct {
  char region[LH_NAME_MAX];
  PetscReal thickness;  ///< [m]
  PetscInt cells;
  PetscReal grading;  ///< size of the last over the first cell
  PetscReal cost;     ///< relative cost of a cell for the partition, 0 means 1
} LhBoxLayer;

typedef struct {
  PetscReal width, depth;  ///< in x and y [m]
  PetscInt cells_x, cells_y;
  PetscInt num_layers;
  LhBoxLayer layers[16];
  PetscReal distort;  ///< range of the random shift of inner vertices over the cell size, < 1/3
  PetscInt seed;
  LhCellType cell_type;   ///< tet4: each hexahedron split in six
  PetscBool periodic[3];  ///< vertices of the upper side are images of those of the lower one
} LhBoxSpec;

/// Surfaces are named bottom, top, left, right, front, back (z-, z+, x-, x+, y-, y+) and
/// "A|B" for the faces between two regions: cells of A, normal from A to B; "B|A" are
/// the same faces seen from B. Layers of one name are one region. A bad box is a PETSc error.
/// Collective.
PetscErrorCode LhMeshCreateBox(MPI_Comm comm, const LhBoxSpec *spec, LhMesh *mesh);
PetscErrorCode LhMeshCreateFromFile(MPI_Comm comm, const char path[], LhDiag diag, LhMesh *mesh);
/// Writes mesh.h5 that LhMeshCreateFromFile reads back with the same ids, regions and surfaces. Collective.
PetscErrorCode LhMeshWrite(LhMesh mesh, const char path[]);
PetscErrorCode LhMeshDestroy(LhMesh *mesh);

PetscErrorCode LhMeshGetView(LhMesh mesh, const LhMeshView **view);
PetscErrorCode LhMeshGetQuality(LhMesh mesh, LhMeshQuality *quality);
/// Index of a region or surface, -1 when there is none of that name.
PetscErrorCode LhMeshFindRegion(LhMesh mesh, const char name[], PetscInt *region);
PetscErrorCode LhMeshFindSurface(LhMesh mesh, const char name[], PetscInt *surface);
/// Mean of the vertices of every cell of this rank, [num_cells][3] [m]: where fields of composition are sampled.
PetscErrorCode LhMeshGetCellCentres(LhMesh mesh, PetscReal centres[]);
/// The tables of the `mesh:` section and of `random:` and `voxels:`, for describe and schema.
PetscErrorCode LhMeshGetTables(PetscInt *n, const LhTable *const **tables);
