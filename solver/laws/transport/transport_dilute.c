/// @file
/// Dilute binary electrolyte of Nernst and Planck with ion diffusivities D+ and D-:
///   kappa = F^2 (D+ + D-) c / RT,  D = 2 D+ D- / (D+ + D-),  t+ = D+ / (D+ + D-),  1 + dln f/dln c = 1.
#include "laws/exponential.h"
#include "laws/transport_law.h"

typedef struct {
  PetscReal cation_diffusivity;
  PetscReal anion_diffusivity;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, cation_diffusivity, "m2 s-1", 1e-18, 1e-6, NULL, "cation diffusivity D+"),
    LH_ROW_REAL(Params, anion_diffusivity, "m2 s-1", 1e-18, 1e-6, NULL, "anion diffusivity D-"),
};

static void Evaluate(const void *params, const double lnc[LH_BATCH], double temperature,
                     LhTransport *out) {
  const Params *p = params;
  const double sum = p->cation_diffusivity + p->anion_diffusivity;
  const double D = 2 * p->cation_diffusivity * p->anion_diffusivity / sum;
  const double tplus = p->cation_diffusivity / sum;
  const double molar = LH_FARADAY * LH_FARADAY * sum / (LH_GAS_CONSTANT * temperature);

  LH_LANES(l) {
    double slope;

    out->kappa[l] = molar * LhExpGuarded(lnc[l], &slope);
    out->dkappa[l] = molar * slope;
    out->D[l] = D;
    out->dD[l] = 0;
    out->tplus[l] = tplus;
    out->dtplus[l] = 0;
    out->tdf[l] = 1;
    out->dtdf[l] = 0;
  }
}

const LhTransportLaw lh_transport_dilute = {
    .name = "dilute",
    .brief = "dilute binary electrolyte (Nernst-Planck) from the two ion diffusivities",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .evaluate = Evaluate,
};
