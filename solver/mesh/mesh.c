/// @file
/// The distributed mesh: how it is built from the whole mesh of rank 0, its surfaces, sums and names.
///
/// Owns every array LhMeshView lends. Never moves a vertex or renumbers after LhMeshBuild.
#include <string.h>

#include "mesh/mesh_private.h"

static PetscErrorCode GatherFaceCoords(const LhMesh mesh, const PetscInt vertices[],
                                       PetscReal x[4][3]) {
  PetscFunctionBeginUser;
  for (PetscInt k = 0; k < mesh->view.vertices_per_face; k++) {
    for (PetscInt d = 0; d < 3; d++) x[k][d] = mesh->part.coords[3 * vertices[k] + d];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Groups the faces by surface and writes out their vertices, outward normal first.
static PetscErrorCode SetUpSurfaces(LhMesh mesh) {
  const LhMeshPart *part = &mesh->part;
  const LhCellShape *shape = LhCellShapeGet(mesh->header.cell_type);
  const PetscInt n = mesh->header.names.num_surfaces, width = shape->side_vertices;
  PetscInt *first;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(n, &mesh->surfaces));
  PetscCall(PetscMalloc2(part->num_faces, &mesh->surface_cell, (size_t)part->num_faces * width,
                         &mesh->surface_vertices));
  PetscCall(PetscCalloc1(n + 1, &first));
  for (PetscInt f = 0; f < part->num_faces; f++) first[part->face_surface[f] + 1]++;
  for (PetscInt s = 0; s < n; s++) {
    first[s + 1] += first[s];
    PetscCall(PetscStrncpy(mesh->surfaces[s].name, mesh->header.names.surfaces[s], LH_NAME_MAX));
    mesh->surfaces[s].cell = mesh->surface_cell + first[s];
    mesh->surfaces[s].vertices = mesh->surface_vertices + (size_t)first[s] * width;
  }
  for (PetscInt f = 0; f < part->num_faces; f++) {
    const PetscInt s = part->face_surface[f], at = first[s] + mesh->surfaces[s].num_faces++;
    const PetscInt cell = part->face_cell[f], *side = shape->side[part->face_side[f]];
    mesh->surface_cell[at] = cell;
    for (PetscInt k = 0; k < width; k++) {
      mesh->surface_vertices[at * width + k] =
          part->cell_vertices[cell * shape->vertices + side[k]];
    }
  }
  PetscCall(PetscFree(first));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SumAreas(LhMesh mesh) {
  const PetscInt n = mesh->header.names.num_surfaces, width = mesh->view.vertices_per_face;
  PetscReal *area;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(n, &area));
  for (PetscInt s = 0; s < n; s++) {
    for (PetscInt f = 0; f < mesh->surfaces[s].num_faces; f++) {
      PetscReal x[4][3];
      PetscCall(GatherFaceCoords(mesh, mesh->surfaces[s].vertices + f * width, x));
      area[s] += LhFaceArea(width, (const PetscReal(*)[3])x);
    }
  }
  PetscCallMPI(
      MPI_Allreduce(MPI_IN_PLACE, area, (PetscMPIInt)n, MPIU_REAL, MPI_SUM, mesh->view.comm));
  for (PetscInt s = 0; s < n; s++) mesh->surfaces[s].area = area[s];
  PetscCall(PetscFree(area));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SumVolumes(LhMesh mesh) {
  const PetscInt n = mesh->view.vertices_per_cell;

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < mesh->part.num_cells; c++) {
    PetscReal x[8][3];
    for (PetscInt k = 0; k < n; k++) {
      const PetscInt v = mesh->part.cell_vertices[c * n + k];
      for (PetscInt d = 0; d < 3; d++) x[k][d] = mesh->part.coords[3 * v + d];
    }
    mesh->region_volumes[mesh->part.cell_region[c]] +=
        LhCellVolume(mesh->header.cell_type, (const PetscReal(*)[3])x);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, mesh->region_volumes, LH_MESH_REGIONS_MAX, MPIU_REAL,
                             MPI_SUM, mesh->view.comm));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode FindBounds(LhMesh mesh) {
  LhMeshView *view = &mesh->view;
  PetscReal bound[6];  // lower, and upper with its sign turned, in one reduction

  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < 6; i++) bound[i] = PETSC_MAX_REAL;
  for (PetscInt v = 0; v < view->num_vertices; v++) {
    for (PetscInt d = 0; d < 3; d++) {
      bound[d] = PetscMin(bound[d], view->coords[3 * v + d]);
      bound[3 + d] = PetscMin(bound[3 + d], -view->coords[3 * v + d]);
    }
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, bound, 6, MPIU_REAL, MPI_MIN, view->comm));
  for (PetscInt d = 0; d < 3; d++) {
    view->lower[d] = bound[d];
    view->upper[d] = -bound[3 + d];
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetUpView(LhMesh mesh, MPI_Comm comm) {
  const LhMeshHeader *header = &mesh->header;
  const LhMeshPart *part = &mesh->part;
  const LhCellShape *shape = LhCellShapeGet(header->cell_type);

  PetscFunctionBeginUser;
  for (PetscInt r = 0; r < header->names.num_regions; r++)
    mesh->region_names[r] = header->names.regions[r];
  mesh->view = (LhMeshView){.comm = comm,
                            .cell_type = header->cell_type,
                            .vertices_per_cell = shape->vertices,
                            .vertices_per_face = shape->side_vertices,
                            .num_cells = part->num_cells,
                            .num_vertices = part->num_vertices,
                            .num_owned_vertices = part->num_owned,
                            .num_global_cells = header->num_global_cells,
                            .num_global_vertices = header->num_global_vertices,
                            .cell_vertices = part->cell_vertices,
                            .cell_region = part->cell_region,
                            .cell_id = part->cell_id,
                            .vertex_id = part->vertex_id,
                            .vertex_owner = part->vertex_owner,
                            .coords = part->coords,
                            .num_regions = header->names.num_regions,
                            .region_names = mesh->region_names,
                            .region_volumes = mesh->region_volumes,
                            .num_surfaces = header->names.num_surfaces};
  for (PetscInt d = 0; d < 3; d++) {
    mesh->view.period[d] = header->period[d];
    if (header->period[d] > 0.) mesh->view.vertex_image = part->vertex_image;
  }
  PetscCall(SetUpSurfaces(mesh));
  mesh->view.surfaces = mesh->surfaces;
  PetscCall(SumAreas(mesh));
  PetscCall(SumVolumes(mesh));
  PetscCall(FindBounds(mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode BuildRaw(LhRawMeshBuilder build, const void *source, LhMeshProblems *problems,
                               LhRawMesh *raw, LhMeshHeader *header) {
  PetscFunctionBeginUser;
  PetscCall(build(source, raw, problems));
  if (!problems->n) PetscCall(LhRawMeshConnect(raw, problems));
  if (!problems->n) PetscCall(LhRawMeshCheck(raw, problems, &header->quality));
  if (!problems->n && raw->image) LhRawMeshCheckImages(raw, problems);
  if (!problems->n) LhRawMeshCheckFibres(raw, problems);
  header->cell_type = raw->cell_type;
  header->num_global_cells = raw->num_cells;
  header->num_global_vertices = raw->num_vertices;
  header->names = raw->names;
  header->facts = raw->facts;
  PetscCall(PetscArraycpy(header->period, raw->period, 3));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Partitions on rank 0 and gives every rank its part. Collective.
static PetscErrorCode HandOut(MPI_Comm comm, const LhRawMesh *raw, LhMesh mesh) {
  PetscInt *assignment = NULL;
  PetscMPIInt size;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  if (raw) {
    PetscCall(PetscMalloc1(raw->num_cells, &assignment));
    PetscCall(LhRawMeshPartition(raw, size, assignment, &mesh->header.quality));
  }
  PetscCallMPI(MPI_Bcast(&mesh->header, (PetscMPIInt)sizeof(mesh->header), MPI_BYTE, 0, comm));
  PetscCall(LhMeshDistribute(comm, raw, assignment, &mesh->header, &mesh->part));
  PetscCall(PetscFree(assignment));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Fibres that came with the mesh of rank 0. Collective.
static PetscErrorCode TakeFibres(const LhRawMesh *raw, LhMesh mesh) {
  PetscInt num = raw ? raw->fibres.num : 0;

  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(&num, 1, MPIU_INT, 0, mesh->view.comm));
  if (!num) PetscFunctionReturn(PETSC_SUCCESS);
  const LhFibresSpec spec = raw ? LhFibreArraysBorrow(&raw->fibres) : (LhFibresSpec){0};
  PetscCall(LhMeshSetFibres(mesh, &spec));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshBuild(MPI_Comm comm, LhRawMeshBuilder build, const void *source,
                           const LhMeshReport *report, LhMesh *mesh) {
  LhRawMesh *raw = NULL;
  LhMeshProblems *problems;
  LhMesh built;
  PetscMPIInt rank;

  PetscFunctionBeginUser;
  *mesh = NULL;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCall(PetscNew(&problems));
  PetscCall(PetscNew(&built));
  if (rank == 0) {
    PetscCall(LhRawMeshCreate(&raw));
    PetscCall(BuildRaw(build, source, problems, raw, &built->header));
  }
  PetscCall(LhMeshProblemsReport(comm, problems, report->path, report->where, report->diag));
  if (!problems->n) {
    PetscCall(HandOut(comm, raw, built));
    PetscCall(SetUpView(built, comm));
    PetscCall(TakeFibres(raw, built));
    *mesh = built;
  } else
    PetscCall(LhMeshDestroy(&built));
  PetscCall(LhRawMeshDestroy(&raw));
  PetscCall(PetscFree(problems));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshDestroy(LhMesh *mesh) {
  PetscFunctionBeginUser;
  if (!*mesh) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhFibreStoreDestroy(&(*mesh)->fibres));
  PetscCall(LhMeshPartDestroy(&(*mesh)->part));
  PetscCall(PetscFree((*mesh)->surfaces));
  PetscCall(PetscFree2((*mesh)->surface_cell, (*mesh)->surface_vertices));
  PetscCall(PetscFree(*mesh));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshGetView(LhMesh mesh, const LhMeshView **view) {
  PetscFunctionBeginUser;
  *view = &mesh->view;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshGetQuality(LhMesh mesh, LhMeshQuality *quality) {
  PetscFunctionBeginUser;
  *quality = mesh->header.quality;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshGetCellCentres(LhMesh mesh, PetscReal centres[]) {
  const LhMeshView *view = &mesh->view;
  const PetscInt n = view->vertices_per_cell;

  PetscFunctionBeginUser;
  for (PetscInt c = 0; c < view->num_cells; c++) {
    for (PetscInt d = 0; d < 3; d++) {
      PetscReal sum = 0.;
      for (PetscInt k = 0; k < n; k++) sum += view->coords[3 * view->cell_vertices[c * n + k] + d];
      centres[3 * c + d] = sum / (PetscReal)n;
    }
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshFindRegion(LhMesh mesh, const char name[], PetscInt *region) {
  PetscFunctionBeginUser;
  *region = -1;
  for (PetscInt r = 0; r < mesh->view.num_regions && *region < 0; r++) {
    if (!strcmp(mesh->region_names[r], name)) *region = r;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhMeshFindSurface(LhMesh mesh, const char name[], PetscInt *surface) {
  PetscFunctionBeginUser;
  *surface = -1;
  for (PetscInt s = 0; s < mesh->view.num_surfaces && *surface < 0; s++) {
    if (!strcmp(mesh->surfaces[s].name, name)) *surface = s;
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
