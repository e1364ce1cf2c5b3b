/// @file
/// The experiment `homogenise`: conductivity tensors of electrons, ions, and ions in the liquid alone.
///
/// Phases conduct with what their files say (nothing said: not at all), fibres along their axes, their coat beside
/// them. Cells that a strip took away and regions without material are liquid. Pores of the state `pores` are below the
/// cells: metal and liquid in them conduct by Bruggeman's rule, (1 - f)^1.5 and f^1.5. Whether a volume holds together is
/// the same question, with 1 for cells that carry load and 0 for the others.
#include <math.h>

#include "experiment/homogenise.h"
#include "physics/conduction.h"

typedef enum { ELECTRONS, IONS, LIQUID } Carrier;

typedef struct {
  double *cell, *fibre;
  unsigned char *removed;
} Values;

/// Share of a cell that is liquid below the scale of cells.
static double Pores(const LhHomogeniseRun *run, const LhMaterialData *material) {
  return run->h->keys.how == LH_STRIP_PORES && LhTensileIsMetal(material)
             ? run->h->keys.stripped.v[run->state]
             : 0.;
}

static double CellConductivity(const LhHomogeniseRun *run, const LhMaterialData *material,
                               PetscBool removed, Carrier carrier) {
  const double liquid = carrier == ELECTRONS ? 0. : run->h->keys.liquid_conductivity;
  double solid, pores;

  if (!material || removed) return liquid;
  solid = carrier == ELECTRONS ? material->electronic_conductivity
          : carrier == IONS    ? material->ionic_conductivity
                               : 0.;
  pores = Pores(run, material);
  return solid * pow(1. - pores, 1.5) + liquid * pow(pores, 1.5);
}

static void FillFibres(const LhHomogeniseRun *run, const LhFibres *fibres, Carrier carrier,
                       double values[]) {
  const LhFibreMaterial *tube = &run->h->volume.fibre;

  for (PetscInt f = 0; fibres && f < fibres->num_fibres; f++) {
    const double coat =
        PETSC_PI * fibres->tubes[f] * fibres->coat[f] * (fibres->diameter[f] + fibres->coat[f]);

    values[f] = carrier == ELECTRONS ? tube->electronic_conductivity * fibres->area[f]
                : carrier == IONS    ? run->h->keys.coat_conductivity * coat
                                     : 0.;
  }
}

/// xx, yy, zz, yz, xz, xy of a tensor; its symmetric part.
static void Keep(const double tensor[9], PetscReal row[6]) {
  static const int upper[6] = {0, 4, 8, 5, 2, 1}, lower[6] = {0, 4, 8, 7, 6, 3};

  for (int k = 0; k < 6; k++) row[k] = .5 * (tensor[upper[k]] + tensor[lower[k]]);
}

static PetscErrorCode Conduct(LhHomogeniseRun *run, Carrier carrier, Values *v, PetscReal row[6]) {
  LhCase c = run->c;
  const LhMeshView *mesh;
  const LhFibres *fibres;
  LhConductionResult result;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(LhMeshGetFibres(c->mesh, &fibres));
  for (PetscInt i = 0; i < mesh->num_cells; i++)
    v->cell[i] = CellConductivity(run, c->materials[mesh->cell_region[i]],
                                  v->removed[i] ? PETSC_TRUE : PETSC_FALSE, carrier);
  FillFibres(run, fibres, carrier, v->fibre);
  PetscCall(LhConductionSolve(
      c->mesh, &(LhConduction){.cell = v->cell, .fibre = fibres ? v->fibre : NULL}, &result));
  Keep(result.tensor, row);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhHomogeniseConduction(LhHomogeniseRun *run) {
  PetscReal *row = run->h->effective[run->state];
  const LhMeshView *mesh;
  const LhFibres *fibres;
  Values v;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(run->c->mesh, &mesh));
  PetscCall(LhMeshGetFibres(run->c->mesh, &fibres));
  run->h->volume.state.stripped = run->h->keys.stripped.v[run->state];
  PetscCall(PetscMalloc3(mesh->num_cells + 1, &v.cell, fibres ? fibres->num_fibres : 1, &v.fibre,
                         mesh->num_cells + 1, &v.removed));
  PetscCall(LhTensileGetRemoved(run->c, v.removed));
  PetscCall(Conduct(run, ELECTRONS, &v, row + LH_EFFECTIVE_ELECTRONIC));
  PetscCall(Conduct(run, IONS, &v, row + LH_EFFECTIVE_IONIC));
  PetscCall(Conduct(run, LIQUID, &v, row + LH_EFFECTIVE_LIQUID));
  PetscCall(PetscFree3(v.cell, v.fibre, v.removed));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static double CarriesLoad(const LhHomogeniseRun *run, const LhMaterialData *material,
                          PetscBool removed) {
  if (!material) return 0.;
  if (LhTensileLeavesMat(material)) return 1.;
  return removed || Pores(run, material) >= 1. ? 0. : 1.;
}

PetscErrorCode LhHomogeniseConnection(LhHomogeniseRun *run) {
  LhCase c = run->c;
  PetscReal *row = run->h->effective[run->state];
  LhConductionResult result;
  const LhMeshView *mesh;
  unsigned char *removed;
  double *cell, least = 1.;

  PetscFunctionBegin;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  run->h->volume.state.stripped = run->h->keys.stripped.v[run->state];
  PetscCall(PetscMalloc2(mesh->num_cells + 1, &cell, mesh->num_cells + 1, &removed));
  PetscCall(LhTensileGetRemoved(c, removed));
  for (PetscInt i = 0; i < mesh->num_cells; i++) {
    cell[i] =
        CarriesLoad(run, c->materials[mesh->cell_region[i]], removed[i] ? PETSC_TRUE : PETSC_FALSE);
    least = PetscMin(least, cell[i]);
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_DOUBLE, MPI_MIN, c->comm));
  row[LH_EFFECTIVE_CONNECTED] = 3.;
  if (least == 0.) {
    PetscCall(LhConductionSolve(c->mesh, &(LhConduction){.cell = cell}, &result));
    row[LH_EFFECTIVE_CONNECTED] = 0.;
    for (int d = 0; d < 3; d++) row[LH_EFFECTIVE_CONNECTED] += result.percolates[d] ? 1. : 0.;
  }
  PetscCall(PetscFree2(cell, removed));
  PetscFunctionReturn(PETSC_SUCCESS);
}
