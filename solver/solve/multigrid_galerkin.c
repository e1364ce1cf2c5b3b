/// @file
/// Values of coarse levels, P^T A P. Finds them by the patterns of multigrid_coarsen.c: nothing is searched or
/// allocated here.
///
/// P interpolates every component alike, so a product with it scales 3x3 blocks. Prescribed unknowns are
/// left out of P, on the finest level as on all others.
#include <math.h>

#include "solve/multigrid_private.h"

/// (A P)_i, by place in the reach of row i; returns what follows the slots used.
static const unsigned char *MultiplyTransfer(const MgLevel *fine, PetscInt i,
                                             const unsigned char *slot, float (*reach)[MG_BLOCK]) {
  const float *keep = fine->keep + MG_BS * i;

  for (PetscInt k = fine->start[i]; k < fine->start[i + 1]; k++) {
    const PetscInt j = fine->column[k];
    float a[MG_BLOCK];

    for (int e = 0; e < MG_BLOCK; e++) a[e] = fine->value[MG_BLOCK * k + e];
    for (int c = 0; j == i && c < MG_BS; c++) a[4 * c] *= keep[c];
    for (PetscInt t = fine->parent_start[j]; t < fine->parent_start[j + 1]; t++) {
      float *out = reach[*slot++];
      for (int e = 0; e < MG_BLOCK; e++) out[e] += fine->weight[t] * a[e];
    }
  }
  return slot;
}

static void AddProducts(const MgLevel *fine, MgLevel *coarse) {
  for (PetscInt i = 0; i < fine->num_owned; i++) {
    const unsigned char *pattern = fine->pattern + fine->pattern_at[i], *place;
    const PetscInt n = pattern[0];
    float reach[MG_MAX_COARSE][MG_BLOCK];

    for (PetscInt r = 0; r < n; r++) {
      for (int c = 0; c < MG_BLOCK; c++) reach[r][c] = 0.f;
    }
    place = MultiplyTransfer(fine, i, pattern + 1, reach);
    for (PetscInt t = fine->parent_start[i]; t < fine->parent_start[i + 1]; t++, place += n) {
      float *row = coarse->value + MG_BLOCK * coarse->first[fine->parent[t]];
      const float w = fine->weight[t];
      for (PetscInt r = 0; r < n; r++) {
        float *out = row + MG_BLOCK * place[r];
        for (int c = 0; c < MG_BLOCK; c++) out[c] += w * reach[r][c];
      }
    }
  }
}

/// A coarse unknown in the place of a prescribed fine one is prescribed too.
static PetscErrorCode InheritPrescribed(const MgLevel *fine, MgLevel *coarse) {
  PetscFunctionBeginUser;
  for (PetscInt d = 0; d < MG_BS * coarse->num_nodes; d++) coarse->keep[d] = 1.f;
  for (PetscInt i = 0; i < fine->num_owned; i++) {
    const PetscInt first = fine->parent_start[i];
    if (fine->parent_start[i + 1] - first > 1) continue;
    for (int c = 0; c < MG_BS; c++)
      coarse->keep[MG_BS * fine->parent[first] + c] = fine->keep[MG_BS * i + c];
  }
  PetscCall(MgHaloFill(&coarse->halo, MG_BS, coarse->keep));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/// Prescribed and empty unknowns get the diagonal alone.
static void FillRows(MgLevel *coarse) {
  for (PetscInt i = 0; i < coarse->num_owned; i++) {
    const float *keep = coarse->keep + MG_BS * i;
    float *own = coarse->value + MG_BLOCK * coarse->diagonal[i];

    for (PetscInt k = coarse->start[i]; k < coarse->start[i + 1]; k++) {
      const float *keep_column = coarse->keep + MG_BS * coarse->column[k];
      for (int e = 0; e < MG_BLOCK; e++) {
        coarse->value[MG_BLOCK * k + e] *= keep[e % MG_BS] * keep_column[e / MG_BS];
      }
    }
    for (int c = 0; c < MG_BS; c++) {
      if (own[4 * c] != 0.f) continue;
      own[4 * c] = 1.f;
      coarse->keep[MG_BS * i + c] = 0.f;
    }
  }
}

PetscErrorCode MgLevelGalerkin(MgLevel *fine, MgLevel *coarse) {
  MgHalo *halo = &coarse->block_halo;

  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(coarse->value, MG_BLOCK * (halo->num_owned + halo->num_ghost)));
  AddProducts(fine, coarse);
  PetscCall(MgHaloAdd(halo, MG_BLOCK, coarse->value));
  PetscCall(InheritPrescribed(fine, coarse));
  FillRows(coarse);
  PetscCall(MgHaloFill(&coarse->halo, MG_BS, coarse->keep));
  PetscFunctionReturn(PETSC_SUCCESS);
}
