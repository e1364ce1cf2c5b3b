/// @file
/// Why a run ends before its time: names what failed, where, and what it means for the cell.
#include <stdarg.h>

#include "experiment/run_private.h"

/// Share of the salt as filled below which a failure of the integrator is that of the salt.
#define DEPLETED 0.05

PetscErrorCode LhRunFinish(LhRun *run, LhExit code, const char format[], ...) {
  va_list args;
  size_t length;

  PetscFunctionBegin;
  va_start(args, format);
  PetscCall(PetscVSNPrintf(run->reason, sizeof(run->reason), format, &length, args));
  va_end(args);
  run->exit_code = code;
  run->finished = PETSC_TRUE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Lowest salt concentration and its place, the same on all ranks.
static PetscErrorCode LowestSalt(LhRun *run, PetscReal *lowest, PetscReal place[3]) {
  struct {
    double value;
    int rank;
  } mine = {PETSC_MAX_REAL, 0}, all;
  const LhSpaceView *view;
  LhSpace space;
  PetscReal *solid, *liquid, *salt;
  PetscInt where = 0;
  Vec y;

  PetscFunctionBegin;
  PetscCall(LhElectrochemGetSpace(run->c->electrochem, &space));
  PetscCall(LhSpaceGetView(space, &view));
  PetscCall(LhEcSolverGetState(run->c->solver, NULL, &y, NULL));
  PetscCall(
      PetscMalloc3(view->num_owned, &solid, view->num_owned, &liquid, view->num_owned, &salt));
  PetscCall(LhElectrochemGetVertices(run->c->electrochem, y, solid, liquid, salt));
  PetscCallMPI(MPI_Comm_rank(run->c->comm, &mine.rank));
  for (PetscInt n = 0; n < view->num_owned; n++) {
    if (salt[n] >= mine.value) continue;
    mine.value = salt[n];
    where = n;
  }
  PetscCallMPI(MPI_Allreduce(&mine, &all, 1, MPI_DOUBLE_INT, MPI_MINLOC, run->c->comm));
  *lowest = all.value;
  for (int d = 0; d < 3; d++) place[d] = view->num_owned ? view->coords[3 * where + d] : 0;
  PetscCallMPI(MPI_Bcast(place, 3, MPIU_REAL, all.rank, run->c->comm));
  PetscCall(PetscFree3(solid, liquid, salt));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunFinishIntegration(LhRun *run) {
  const PetscReal salt = LhCaseFindDerived(run->c, "cell.concentration");
  PetscReal lowest, x[3];
  const char *failure;

  PetscFunctionBegin;
  PetscCall(LhEcSolverGetFailure(run->c->solver, &failure));
  PetscCall(LowestSalt(run, &lowest, x));
  if (lowest < DEPLETED * salt)
    PetscCall(
        LhRunFinish(run, LH_EXIT_SOLVER,
                    "the salt is used up at x = %.4g, y = %.4g, z = %.4g um (%.2g of %.4g mol/m^3 "
                    "left): more current was asked for than the electrolyte carries. %s",
                    (double)(1e6 * x[0]), (double)(1e6 * x[1]), (double)(1e6 * x[2]),
                    (double)lowest, (double)salt, failure));
  else
    PetscCall(LhRunFinish(run, LH_EXIT_SOLVER, "%s", failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Cells, over all ranks, whose load nothing carries: lithium is all that does, and less than 5 % of it is left.
static PetscErrorCode CountBare(LhRun *run, PetscReal t, Vec y, PetscInt *bare) {
  LhCase c = run->c;
  const LhMeshView *mesh;
  LhElectrochemCells cells = {.porosity = NULL};
  PetscReal *content;

  PetscFunctionBegin;
  *bare = 0;
  PetscCall(LhMeshGetView(c->mesh, &mesh));
  PetscCall(PetscMalloc1(mesh->num_cells, &content));
  cells.content[0] = content;
  PetscCall(LhElectrochemGetCells(c->electrochem, t, y, &cells));
  for (PetscInt i = 0; i < mesh->num_cells; i++) {
    const LhMaterialData *m = c->materials[mesh->cell_region[i]];
    PetscBool skeleton = m->num_mech ? PETSC_FALSE : PETSC_TRUE;

    for (PetscInt k = 0; k < m->num_mech; k++) {
      if (m->mech[k].weight != LH_WEIGHT_LITHIUM) skeleton = PETSC_TRUE;
    }
    *bare += !skeleton && content[i] < 0.05;
  }
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, bare, 1, MPIU_INT, MPI_SUM, c->comm));
  PetscCall(PetscFree(content));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhRunFinishMechanics(LhRun *run, PetscReal t, Vec y, const char failure[]) {
  PetscReal s[LH_NUM_SCALARS];
  PetscInt bare;

  PetscFunctionBegin;
  PetscCall(CountBare(run, t, y, &bare));
  PetscCall(LhElectrochemGetScalars(run->c->electrochem, y, s));
  if (bare)
    PetscCall(
        LhRunFinish(run, LH_EXIT_SOLVER,
                    "the foil collapses at t = %.6g s, %.1f %% stripped: %d cells have less than 5 "
                    "%% of their lithium left and no skeleton to carry the load (%s)",
                    (double)t, (double)(100 * s[LH_CHARGE] / run->capacity), (int)bare, failure));
  else
    PetscCall(LhRunFinish(run, LH_EXIT_SOLVER, "mechanics gave up at t = %.6g s: %s", (double)t,
                          failure));
  PetscFunctionReturn(PETSC_SUCCESS);
}
