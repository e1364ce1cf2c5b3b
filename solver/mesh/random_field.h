/// @file
/// A correlated random field in space: composition that varies from place to place.
///
/// f(x) = mean + deviation sqrt(2/M) sum_m cos(k_m . x + phi_m), with k_m normal of deviation sqrt(2)/L_i and phi_m
/// uniform (random Fourier modes: Kraichnan 1970, doi:10.1063/1.1692799). For many modes f is Gaussian with the
/// correlation exp(-sum_i (r_i/L_i)^2): 1/e at one correlation length. A function of position and seed only, so that
/// neither mesh nor partition change it. Never draws from a shared generator.
#pragma once

#include "base/param.h"

typedef struct {
  PetscReal mean;                 ///< left as the caller set it when the case gives none
  PetscReal deviation;            ///< standard deviation, in the unit of the mean
  LhRealList correlation_length;  ///< in x, y, z [m]
  PetscInt seed;
  LhRealList clip;  ///< smallest and largest value handed out
} LhRandomFieldParams;

typedef struct _n_LhRandomField *LhRandomField;

/// The rows of `random:`.
extern const LhTable lh_random_field_table;
/// Reads `random:`; `params->mean` holds the value to vary around when the case gives none. What is wrong is a
/// diagnostic and leaves `*field` NULL.
PetscErrorCode LhRandomFieldRead(const LhReader *reader, LhNode section, LhNode parent,
                                 const char path[], LhRandomFieldParams *params,
                                 LhRandomField *field);
PetscErrorCode LhRandomFieldCreate(const LhRandomFieldParams *params, LhRandomField *field);
PetscErrorCode LhRandomFieldDestroy(LhRandomField *field);
/// Values at `n` points `x[n][3]` [m]; `*clipped` counts those cut to the clip range.
PetscErrorCode LhRandomFieldEvaluate(LhRandomField field, PetscInt n, const PetscReal x[],
                                     PetscReal value[], PetscInt *clipped);
