/// @file
/// Transport coefficients of a batch at one state: effective conductivities, diffusivity, pore volume.
///
/// Porosity eps = 1 - S/J with solids S = inert + sum_k V_k N_k (E11); liquid properties scale with
/// eps^b (host) or 1/N_M (separator) (E12). Constant in a cell: midpoint rule.
#include "physics/electrochem_impl.h"

/// Pores never close for the transport laws: below this porosity they see this porosity.
#define POROSITY_FLOOR 1e-4

static void Means(const LhEcBatch *b, PetscInt npc, const double (*u)[LH_BATCH],
                  LhEcCoefficients *c) {
  for (int j = 0; j < LH_NODE_SYSTEM; j++) {
    LH_LANES(l) c->mean[j][l] = 0;
    for (PetscInt a = 0; a < npc; a++) {
      LH_LANES(l) c->mean[j][l] += b->shape->weight[a][l] * u[a * LH_NODE_STATE + j][l];
    }
    LH_LANES(l) c->mean[j][l] /= b->shape->volume[l];
  }
}

/// (E11) pore volume per reference volume, its rate, and porosity.
static void Pores(const LhEcBatch *b, PetscReal elapsed, const double (*x)[LH_BATCH],
                  const double (*xdot)[LH_BATCH], LhEcCoefficients *c) {
  const LhMaterialData *m = b->material;
  double solid[LH_BATCH], rate[LH_BATCH];

  LH_LANES(l) {
    solid[l] = b->inert[l];
    rate[l] = b->J_rate[l];
  }
  for (PetscInt k = 0; k < b->num_reactions; k++) {
    const double V = m->reactions[k].molar_volume;

    LH_LANES(l) {
      solid[l] += V * x[k * LH_CELL_STATE + LH_CONTENT][l];
      rate[l] -= V * xdot[k * LH_CELL_STATE + LH_CONTENT][l];
    }
  }
  LH_LANES(l) {
    const double J = b->J[l] + b->J_rate[l] * elapsed;

    c->pore[l] = J - solid[l];
    c->pore_rate[l] = rate[l];
    c->porosity[l] = c->pore[l] / J;
  }
}

/// Factor on the liquid's bulk properties and its derivative by porosity (E12).
static void Tortuosity(const LhMaterialData *m, const double porosity[LH_BATCH], double g[LH_BATCH],
                       double dg[LH_BATCH]) {
  if (m->macmullin > 0) {
    LH_LANES(l) {
      g[l] = 1 / m->macmullin;
      dg[l] = 0;
    }
    return;
  }
  for (int l = 0; l < LH_BATCH; l++) {
    const double eps = porosity[l] > POROSITY_FLOOR ? porosity[l] : POROSITY_FLOOR;

    g[l] = pow(eps, m->bruggeman);
    dg[l] = porosity[l] > POROSITY_FLOOR ? m->bruggeman * g[l] / eps : 0;
  }
}

/// (E13) sigma = CNT network + metal (1 - eps)^1.5 theta.
static void Solid(const LhEcBatch *b, const double (*x)[LH_BATCH], LhEcCoefficients *c) {
  const LhMaterialData *m = b->material;

  LH_LANES(l) c->sigma[l] = b->network[l];
  for (PetscInt k = 0; k < b->num_reactions; k++) LH_LANES(l) c->dsigma[k][l] = 0;
  for (PetscInt k = 0; k < b->num_reactions; k++) {
    double by_solid[LH_BATCH];  // d sigma / d(1 - eps) over J

    if (m->reactions[k].kind != LH_CONTENT_METAL) continue;
    for (int l = 0; l < LH_BATCH; l++) {
      const double theta = PetscMax(x[k * LH_CELL_STATE + LH_CONTENT][l] / b->reference[k][l], 0.);
      const double solid = PetscMax(1 - c->porosity[l], 0.),
                   root = m->metal_conductivity * sqrt(solid);

      c->sigma[l] += root * solid * theta;
      if (theta > 0) c->dsigma[k][l] += root * solid / b->reference[k][l];
      by_solid[l] = 1.5 * root * theta * c->porosity[l] / c->pore[l];
    }
    for (PetscInt j = 0; j < b->num_reactions; j++) {
      LH_LANES(l) c->dsigma[j][l] += by_solid[l] * m->reactions[j].molar_volume;
    }
  }
}

static void Liquid(LhElectrochem ec, const LhEcBatch *b, LhEcCoefficients *c) {
  const LhMaterialData *e = ec->spec.electrolyte;
  const double T = ec->spec.temperature;
  const double rt_f = LH_GAS_CONSTANT * T / LH_FARADAY;
  LhTransport bulk;
  double g[LH_BATCH], dg[LH_BATCH];

  e->transport->evaluate(e->transport_params, c->mean[LH_LNC], T, &bulk);
  Tortuosity(b->material, c->porosity, g, dg);
  for (int l = 0; l < LH_BATCH; l++) {
    const double conc = exp(c->mean[LH_LNC][l]), tm = 1 - bulk.tplus[l];
    const double fac = 2 * rt_f * tm * bulk.tdf[l];  // (E2) kappa_D = 2RT/F (1 - t+) TDF kappa
    const double dfac = 2 * rt_f * (tm * bulk.dtdf[l] - bulk.dtplus[l] * bulk.tdf[l]);

    c->kappa[l] = bulk.kappa[l] * g[l];
    c->dkappa_c[l] = bulk.dkappa[l] * g[l];
    c->dkappa_e[l] = bulk.kappa[l] * dg[l];
    c->kd[l] = fac * c->kappa[l];
    c->dkd_c[l] = fac * c->dkappa_c[l] + dfac * c->kappa[l];
    c->dkd_e[l] = fac * c->dkappa_e[l];
    c->dc[l] = bulk.D[l] * g[l] * conc;
    c->ddc_c[l] = (bulk.dD[l] + bulk.D[l]) * g[l] * conc;
    c->ddc_e[l] = bulk.D[l] * dg[l] * conc;
    c->tm[l] = tm / LH_FARADAY;
    c->dtm_c[l] = -bulk.dtplus[l] / LH_FARADAY;
    c->bridge[l] = b->bridge[l];
  }
}

void LhEcCoefficientsEvaluate(LhElectrochem ec, const LhEcBatch *b, const LhEcUnknowns *at,
                              LhEcCoefficients *c) {
  Means(b, ec->npc, at->u, c);
  Pores(b, PetscMin(at->t, ec->t1) - ec->t0, at->x, at->xdot, c);
  if (b->material->kind != LH_MATERIAL_HOST) {
    // A separator keeps its own porosity: its deformation enters through the stiffness alone.
    LH_LANES(l) {
      c->porosity[l] = b->material->porosity;
      c->pore[l] = b->material->porosity;
      c->pore_rate[l] = 0;
    }
  }
  Solid(b, at->x, c);
  Liquid(ec, b, c);
}

void LhEcStiffnessApply(const LhEcBatch *b, PetscInt npc, const double (*v)[LH_BATCH],
                        PetscInt stride, double (*s)[LH_BATCH]) {
  PetscInt pair = 0;

  for (PetscInt a = 0; a < npc; a++) LH_LANES(l) s[a][l] = 0;
  for (PetscInt a = 0; a < npc; a++) {
    for (PetscInt c = a + 1; c < npc; c++, pair++) {
      LH_LANES(l) {
        const double flux = b->shape->stiffness[pair][l] * (v[c * stride][l] - v[a * stride][l]);

        s[a][l] += flux;
        s[c][l] -= flux;
      }
    }
  }
}
