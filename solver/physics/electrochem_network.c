/// @file
/// Elimination of the network's potential: matrices, the inner solve, and its share of the condensed system.
#include "physics/electrochem_network.h"

#include <petscksp.h>

/// Of the inner solve: the outer Newton method must not see it.
#define TOLERANCE 1e-13

struct _n_LhEcNetwork {
  LhElectrochem ec;  ///< borrowed
  LhAssembler assembler;
  Mat stiffness, sum;  ///< K; K + M
  KSP ksp;
  Vec drop, inner, phi, flux;  ///< K phi; (K + M)^-1 K phi; of the condensed system
  Mat wrapped, base;
  PetscBool stale;
};

static PetscBool Exchanges(const LhEcBatch *b) {
  return b->material->bridge_exchange > 0 && b->material->bridge_conductivity > 0 ? PETSC_TRUE
                                                                                  : PETSC_FALSE;
}

/// K of one batch; with `mass`, K + M.
static void BatchMatrix(const LhElectrochem ec, const LhEcBatch *b, PetscBool mass,
                        double (*K)[LH_BATCH]) {
  const PetscInt n =
      PetscMin(ec->npc, LH_MAX_CELL_NODES);  // the bound that the compiler does not know
  PetscInt pair = 0;

  for (PetscInt a = 0; a < n; a++) {
    LH_LANES(l) K[a * n + a][l] = mass ? b->shape->weight[a][l] * b->material->bridge_exchange : 0;
  }
  for (PetscInt a = 0; a < n; a++) {
    for (PetscInt c = a + 1; c < n; c++, pair++) {
      LH_LANES(l) {
        // The batch holds int grad N_a . G grad N_c, negative off the diagonal of a good cell; fluxes are minus that.
        const double k = b->bridge[l] * b->shape->stiffness[pair][l];

        K[a * n + c][l] = K[c * n + a][l] = k;
        K[a * n + a][l] -= k;
        K[c * n + c][l] -= k;
      }
    }
  }
}

static PetscErrorCode Fill(LhEcNetwork net, PetscBool mass, Mat mat) {
  LhElectrochem ec = net->ec;
  const LhSpaceView *space;
  double K[LH_MAX_CELL_NODES * LH_MAX_CELL_NODES][LH_BATCH];
  Vec diagonal;
  PetscScalar *d;

  PetscFunctionBegin;
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(LhAssemblerBegin(net->assembler));
  for (PetscInt i = 0; i < ec->num_batches; i++) {
    if (!Exchanges(&ec->batch[i])) continue;
    BatchMatrix(ec, &ec->batch[i], mass, K);
    PetscCall(LhAssemblerAddBatch(net->assembler, i, (const double(*)[LH_BATCH])K));
  }
  PetscCall(LhAssemblerEnd(net->assembler, mat));
  if (!mass) PetscFunctionReturn(PETSC_SUCCESS);
  // Nodes without network: a row of their own.
  PetscCall(MatCreateVecs(mat, &diagonal, NULL));
  PetscCall(MatGetDiagonal(mat, diagonal));
  PetscCall(VecGetArray(diagonal, &d));
  for (PetscInt n = 0; n < space->num_owned; n++) d[n] = d[n] == 0 ? 1 : d[n];
  PetscCall(VecRestoreArray(diagonal, &d));
  PetscCall(MatDiagonalSet(mat, diagonal, INSERT_VALUES));
  PetscCall(VecDestroy(&diagonal));
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode SetUp(LhEcNetwork net) {
  PetscFunctionBegin;
  if (!net->stale) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(Fill(net, PETSC_FALSE, net->stiffness));
  PetscCall(Fill(net, PETSC_TRUE, net->sum));
  PetscCall(KSPSetOperators(net->ksp, net->sum, net->sum));
  net->stale = PETSC_FALSE;
  PetscFunctionReturn(PETSC_SUCCESS);
}

static PetscErrorCode CreateKsp(LhEcNetwork net) {
  PC pc;

  PetscFunctionBegin;
  PetscCall(KSPCreate(PetscObjectComm((PetscObject)net->sum), &net->ksp));
  PetscCall(KSPSetOptionsPrefix(net->ksp, "electrochemistry_network_"));
  PetscCall(KSPSetType(net->ksp, KSPCG));
  PetscCall(KSPSetTolerances(net->ksp, TOLERANCE, 1e-300, PETSC_DEFAULT, 500));
  PetscCall(KSPGetPC(net->ksp, &pc));
  PetscCall(PCSetType(pc, PCHYPRE));
  PetscCall(PCHYPRESetType(pc, "boomeramg"));
  PetscCall(KSPSetFromOptions(net->ksp));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcNetworkCreate(LhElectrochem ec, LhEcNetwork *network) {
  PetscMPIInt any = 0;
  LhEcNetwork net;

  PetscFunctionBegin;
  *network = NULL;
  for (PetscInt i = 0; i < ec->num_batches; i++) any |= Exchanges(&ec->batch[i]) ? 1 : 0;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MAX, ec->comm));
  if (!any) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(PetscNew(&net));
  net->ec = ec;
  net->stale = PETSC_TRUE;
  PetscCall(LhAssemblerCreate(ec->space, ec->batches, 1, &net->assembler));
  PetscCall(LhAssemblerCreateMat(net->assembler, &net->stiffness));
  PetscCall(LhAssemblerCreateMat(net->assembler, &net->sum));
  PetscCall(MatCreateVecs(net->sum, &net->drop, &net->inner));
  PetscCall(VecDuplicate(net->drop, &net->phi));
  PetscCall(VecDuplicate(net->drop, &net->flux));
  PetscCall(CreateKsp(net));
  *network = net;
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcNetworkDestroy(LhEcNetwork *network) {
  LhEcNetwork net = *network;

  PetscFunctionBegin;
  if (!net) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(MatDestroy(&net->wrapped));
  PetscCall(KSPDestroy(&net->ksp));
  PetscCall(VecDestroy(&net->drop));
  PetscCall(VecDestroy(&net->inner));
  PetscCall(VecDestroy(&net->phi));
  PetscCall(VecDestroy(&net->flux));
  PetscCall(MatDestroy(&net->stiffness));
  PetscCall(MatDestroy(&net->sum));
  PetscCall(LhAssemblerDestroy(&net->assembler));
  PetscCall(PetscFree(*network));
  PetscFunctionReturn(PETSC_SUCCESS);
}

void LhEcNetworkRenew(LhEcNetwork network) {
  if (network) network->stale = PETSC_TRUE;
}

/// inner = (K + M)^-1 K phi.
static PetscErrorCode SolveInner(LhEcNetwork net, Vec phi) {
  KSPConvergedReason reason;

  PetscFunctionBegin;
  PetscCall(SetUp(net));
  PetscCall(MatMult(net->stiffness, phi, net->drop));
  PetscCall(KSPSolve(net->ksp, net->drop, net->inner));
  PetscCall(KSPGetConvergedReason(net->ksp, &reason));
  PetscCheck(reason > 0 || reason == KSP_DIVERGED_ITS, PetscObjectComm((PetscObject)phi),
             PETSC_ERR_CONV_FAILED, "the potential of the Li3N network was not found: %s",
             KSPConvergedReasons[reason]);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcNetworkApply(LhEcNetwork net, Vec phi, Vec flux) {
  PetscFunctionBegin;
  PetscCall(SolveInner(net, phi));
  PetscCall(MatMult(net->stiffness, net->inner, flux));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcNetworkGetPotential(LhEcNetwork net, Vec phi_e, Vec phi_n) {
  PetscFunctionBegin;
  PetscCall(SolveInner(net, phi_e));
  PetscCall(VecWAXPY(phi_n, -1, net->inner, phi_e));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhElectrochemGetNetworkPotential(LhElectrochem ec, Vec y, PetscReal phi[],
                                                PetscBool *has) {
  const LhSpaceView *space;
  const PetscScalar *a;
  PetscScalar *v;

  PetscFunctionBegin;
  *has = ec->network ? PETSC_TRUE : PETSC_FALSE;
  if (!ec->network) PetscFunctionReturn(PETSC_SUCCESS);
  PetscCall(LhSpaceGetView(ec->space, &space));
  PetscCall(VecGetArrayRead(y, &a));
  PetscCall(VecGetArrayWrite(ec->network_phi, &v));
  for (PetscInt n = 0; n < space->num_owned; n++) v[n] = a[n * LH_NODE_STATE + LH_PHI_E];
  PetscCall(VecRestoreArrayWrite(ec->network_phi, &v));
  PetscCall(VecRestoreArrayRead(y, &a));
  PetscCall(LhEcNetworkGetPotential(ec->network, ec->network_phi, ec->network_flux));
  PetscCall(VecGetArrayRead(ec->network_flux, &a));
  PetscCall(PetscArraycpy(phi, a, space->num_owned));
  PetscCall(VecRestoreArrayRead(ec->network_flux, &a));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcNetworkCreateVec(LhEcNetwork net, Vec *v) {
  PetscFunctionBegin;
  PetscCall(VecDuplicate(net->drop, v));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// y = op x, then minus T (RT/F x_e) from the charge row and, mixed into it, from the salt row.
static PetscErrorCode Multiply(Mat mat, Vec x, Vec y) {
  LhEcNetwork net;
  const PetscScalar *a, *flux;
  PetscScalar *phi, *r;
  PetscInt n;

  PetscFunctionBegin;
  PetscCall(MatShellGetContext(mat, &net));
  PetscCall(MatMult(net->base, x, y));
  PetscCall(VecGetLocalSize(net->phi, &n));
  PetscCall(VecGetArrayRead(x, &a));
  PetscCall(VecGetArrayWrite(net->phi, &phi));
  for (PetscInt i = 0; i < n; i++) phi[i] = net->ec->thermal * a[i * LH_NODE_SYSTEM + LH_PHI_E];
  PetscCall(VecRestoreArrayWrite(net->phi, &phi));
  PetscCall(VecRestoreArrayRead(x, &a));
  PetscCall(LhEcNetworkApply(net, net->phi, net->flux));
  PetscCall(VecGetArrayRead(net->flux, &flux));
  PetscCall(VecGetArray(y, &r));
  for (PetscInt i = 0; i < n; i++) {
    r[i * LH_NODE_SYSTEM + LH_PHI_E] -= flux[i];
    r[i * LH_NODE_SYSTEM + LH_LNC] -= net->ec->salt_mix * flux[i];
  }
  PetscCall(VecRestoreArray(y, &r));
  PetscCall(VecRestoreArrayRead(net->flux, &flux));
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode LhEcNetworkWrap(LhEcNetwork net, Mat op, Mat *wrapped) {
  PetscInt m, n;

  PetscFunctionBegin;
  net->base = op;
  if (!net->wrapped) {
    PetscCall(MatGetLocalSize(op, &m, &n));
    PetscCall(MatCreateShell(PetscObjectComm((PetscObject)op), m, n, PETSC_DETERMINE,
                             PETSC_DETERMINE, net, &net->wrapped));
    PetscCall(MatShellSetOperation(net->wrapped, MATOP_MULT, (void (*)(void))Multiply));
  }
  *wrapped = net->wrapped;
  PetscFunctionReturn(PETSC_SUCCESS);
}
