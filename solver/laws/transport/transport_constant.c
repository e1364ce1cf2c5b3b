/// @file
/// Properties that do not depend on concentration; Arrhenius in temperature when asked for.
#include <math.h>

#include "laws/transport_law.h"

typedef struct {
  PetscReal conductivity;
  PetscReal diffusivity;
  PetscReal transference_number;
  PetscReal thermodynamic_factor;
  PetscReal conductivity_activation_energy;
  PetscReal diffusivity_activation_energy;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, conductivity, "S m-1", 1e-9, 1e3, NULL,
                "ionic conductivity kappa at 298.15 K"),
    LH_ROW_REAL(Params, diffusivity, "m2 s-1", 1e-18, 1e-6, NULL, "salt diffusivity D at 298.15 K"),
    LH_ROW_REAL(Params, transference_number, "1", -1, 1, NULL, "cation transference number t+"),
    LH_ROW_REAL(Params, thermodynamic_factor, "1", 0.01, 20, NULL,
                "thermodynamic factor 1 + dln f/dln c"),
    LH_ROW_REAL(Params, conductivity_activation_energy, "J mol-1", 0, 2e5, "0 J/mol",
                "activation energy of kappa; 0 = independent of temperature"),
    LH_ROW_REAL(Params, diffusivity_activation_energy, "J mol-1", 0, 2e5, "0 J/mol",
                "activation energy of D; 0 = independent of temperature"),
};

static void Evaluate(const void *params, PETSC_UNUSED const double lnc[LH_BATCH],
                     double temperature, LhTransport *out) {
  const Params *p = params;
  const double x = (1. / temperature - 1. / LH_REFERENCE_TEMPERATURE) / LH_GAS_CONSTANT;
  const double kappa = p->conductivity * exp(-p->conductivity_activation_energy * x);
  const double D = p->diffusivity * exp(-p->diffusivity_activation_energy * x);

  LH_LANES(l) {
    out->kappa[l] = kappa;
    out->dkappa[l] = 0;
    out->D[l] = D;
    out->dD[l] = 0;
    out->tplus[l] = p->transference_number;
    out->dtplus[l] = 0;
    out->tdf[l] = p->thermodynamic_factor;
    out->dtdf[l] = 0;
  }
}

const LhTransportLaw lh_transport_constant = {
    .name = "constant",
    .brief = "properties independent of concentration",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .evaluate = Evaluate,
};
