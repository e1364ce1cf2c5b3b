/// @file
/// The unknowns of a host cell: rate, transferred current, film, content, double layer of each reaction.
///
/// Per reaction, with interface area A(N) per volume, v the double-layer and f the film voltage:
///   (E4) r - n S / (|n| + S) = 0,  n = A (j_a - j_c)       faradaic rate [A/m^3], rate-limited supply
///   (E5) q - (A/R_0)(phi_s - phi_e - f - v) = 0              transferred current [A/m^3]
///   (E6) R_f C_f f' + f - R_f q / A = 0                      film
///   (E7) N' + r / F = 0                                      content
///   (E8) C_dl A v' - q + r = 0                               double layer
/// S = F N / tau when stripping (n > 0), F (room left) / tau when plating. No mesh, no MPI here.
#include "physics/electrochem_impl.h"

/// Rates below this are rounding of rates that matter [A/m^3].
#define RATE_TINY 1e-30

typedef struct {
  double A[LH_BATCH], dA[LH_BATCH];                          ///< interface area and dA/dN
  double supply[LH_BATCH];                                   ///< S_a
  double room[LH_BATCH], droom[LH_MAX_REACTIONS][LH_BATCH];  ///< S_c and dS_c/dN_j
  double dsupply[LH_BATCH];                                  ///< dS_a/dN
  double film, dU[LH_BATCH];                                 ///< R_f(T); dU/dN
  LhKineticsOutput rate;
} Reaction;

/// A = A0 (theta+ + theta_n / 2)^p, theta+ = (theta + sqrt(theta^2 + theta_n^2)) / 2: the nucleation area at theta = 0.
static void Area(const LhReaction *rx, const double N[LH_BATCH], const double ref[LH_BATCH],
                 const double A0[LH_BATCH], Reaction *out) {
  const double p = rx->area_exponent;

  if (p == 0) {
    LH_LANES(l) {
      out->A[l] = A0[l];
      out->dA[l] = 0;
    }
    return;
  }
  for (int l = 0; l < LH_BATCH; l++) {
    const double floor = pow(PetscMax(rx->nucleation_area, 1e-12 * rx->area) / rx->area, 1 / p);
    const double theta = N[l] / ref[l], root = sqrt(theta * theta + floor * floor);
    const double held = 0.5 * (theta + root);  // smooth positive part

    out->A[l] = A0[l] * pow(held + 0.5 * floor, p);
    out->dA[l] = p * out->A[l] / (held + 0.5 * floor) * held / root / ref[l];
  }
}

/// What each direction can draw on: the content itself, and the room left for more.
static void Supply(const LhEcBatch *b, PetscInt k, const LhEcCoefficients *c,
                   const double N[LH_BATCH], Reaction *out) {
  const LhReaction *rx = &b->material->reactions[k];
  const double f = LH_FARADAY / rx->supply_time;

  for (PetscInt j = 0; j < b->num_reactions; j++) LH_LANES(l) out->droom[j][l] = 0;
  for (int l = 0; l < LH_BATCH; l++) {
    double room;

    out->supply[l] = f * N[l];
    out->dsupply[l] = f;
    if (rx->kind == LH_CONTENT_SITES) {
      out->room[l] = f * (b->reference[k][l] - N[l]);
      out->droom[k][l] = -f;
      continue;
    }
    // Free lithium fills pores down to eps_min of the present volume: no overlap with other solids.
    room = (c->porosity[l] - b->material->min_porosity) * c->pore[l] / c->porosity[l] /
           rx->molar_volume;
    out->room[l] = f * room;
    for (PetscInt j = 0; j < b->num_reactions; j++) {
      out->droom[j][l] = -f * b->material->reactions[j].molar_volume / rx->molar_volume;
    }
  }
}

static void Kinetics(LhElectrochem ec, const LhEcBatch *b, PetscInt k, PetscReal elapsed,
                     const LhEcCoefficients *c, const double (*x)[LH_BATCH], Reaction *out) {
  const LhReaction *rx = &b->material->reactions[k];
  LhKineticsInput in;
  double y[LH_BATCH], U[LH_BATCH], dU[LH_BATCH];

  LH_LANES(l) y[l] = x[LH_CONTENT][l] / b->reference[k][l];
  rx->equilibrium->evaluate(rx->equilibrium_params, y, ec->spec.temperature, U, dU);
  in.temperature = ec->spec.temperature;
  in.molar_volume = rx->molar_volume;
  LH_LANES(l) {
    in.eta[l] = x[LH_LAYER][l] - U[l];
    in.lnc[l] = c->mean[LH_LNC][l];
    in.pressure[l] = b->p[l] + b->p_rate[l] * elapsed;
    out->dU[l] = dU[l] / b->reference[k][l];
  }
  rx->interface.kinetics->evaluate(rx->interface.kinetics_params, &in, &out->rate);
  out->film = LhInterfaceFilmResistance(&rx->interface, ec->spec.temperature);
}

/// (E4) and its derivatives. The net rate is limited, not each branch: the equilibrium stays at U.
static void RateRow(PetscInt k, PetscInt K, const double (*x)[LH_BATCH], const Reaction *rx,
                    PetscBool jacobian, LhEcCell *out) {
  const PetscInt o = k * LH_CELL_STATE;

  for (int l = 0; l < LH_BATCH; l++) {
    const double A = rx->A[l], net = rx->rate.anodic[l] - rx->rate.cathodic[l], n = A * net;
    const PetscBool out_of = n > 0 ? PETSC_TRUE : PETSC_FALSE;
    // For S < 0 (an iterate past exhaustion) the law goes on as r = +-S: smooth, monotone, it draws back.
    const double S = out_of ? rx->supply[l] : rx->room[l],
                 t = PetscAbsReal(n) + PetscMax(S, 0.) + RATE_TINY;
    const double share = S > 0 ? S / t : 0, sign = out_of ? 1 : -1;
    const double dn = share * share, dS = S > 0 ? sign * n * n / (t * t) : sign;

    out->residual[o + LH_RATE][l] = x[LH_RATE][l] - (S > 0 ? n * share : sign * S);
    if (!jacobian) continue;
    {
      const double g_eta = dn * A * (rx->rate.danodic_deta[l] - rx->rate.dcathodic_deta[l]);
      const double g_c = dn * A * (rx->rate.danodic_dlnc[l] - rx->rate.dcathodic_dlnc[l]);

      out->D[o + LH_RATE][o + LH_RATE][l] = 1;
      out->D[o + LH_RATE][o + LH_LAYER][l] = -g_eta;
      out->D[o + LH_RATE][o + LH_CONTENT][l] = g_eta * rx->dU[l] - dn * net * rx->dA[l];
      if (out_of) out->D[o + LH_RATE][o + LH_CONTENT][l] -= dS * rx->dsupply[l];
      for (PetscInt j = 0; j < K && !out_of; j++) {
        out->D[o + LH_RATE][j * LH_CELL_STATE + LH_CONTENT][l] -= dS * rx->droom[j][l];
      }
      out->E[o + LH_RATE][LH_LNC][l] = -g_c;
    }
  }
}

/// (E5) to (E8) of one reaction.
static void CircuitRows(const LhInterface *circuit, PetscInt o, const LhEcCoefficients *c,
                        const LhEcUnknowns *at, const Reaction *rx, LhEcCell *out) {
  const double(*x)[LH_BATCH] = at->x + o, (*xdot)[LH_BATCH] = at->xdot + o;
  const double g0 = 1 / circuit->contact_resistance, Rf = rx->film, Cf = circuit->film_capacitance;
  const double Cdl = circuit->double_layer_capacitance;

  LH_LANES(l) {
    const double drop =
        c->mean[LH_PHI_S][l] - c->mean[LH_PHI_E][l] - x[LH_FILM][l] - x[LH_LAYER][l];

    out->residual[o + LH_CURRENT][l] = x[LH_CURRENT][l] - rx->A[l] * g0 * drop;
    out->residual[o + LH_FILM][l] =
        Rf * Cf * xdot[LH_FILM][l] + x[LH_FILM][l] - Rf * x[LH_CURRENT][l] / rx->A[l];
    out->residual[o + LH_CONTENT][l] = xdot[LH_CONTENT][l] + x[LH_RATE][l] / LH_FARADAY;
    out->residual[o + LH_LAYER][l] =
        Cdl * rx->A[l] * xdot[LH_LAYER][l] - x[LH_CURRENT][l] + x[LH_RATE][l];
  }
}

static void CircuitJacobian(const LhInterface *circuit, PetscInt o, const LhEcCoefficients *c,
                            const LhEcUnknowns *at, const Reaction *rx, LhEcCell *out) {
  const double(*x)[LH_BATCH] = at->x + o, (*xdot)[LH_BATCH] = at->xdot + o;
  const double cj = at->cj;
  const double g0 = 1 / circuit->contact_resistance, Rf = rx->film, Cf = circuit->film_capacitance;
  const double Cdl = circuit->double_layer_capacitance;

  LH_LANES(l) {
    const double A = rx->A[l], dA = rx->dA[l];
    const double drop =
        c->mean[LH_PHI_S][l] - c->mean[LH_PHI_E][l] - x[LH_FILM][l] - x[LH_LAYER][l];

    out->D[o + LH_CURRENT][o + LH_CURRENT][l] = 1;
    out->D[o + LH_CURRENT][o + LH_FILM][l] = A * g0;
    out->D[o + LH_CURRENT][o + LH_LAYER][l] = A * g0;
    out->D[o + LH_CURRENT][o + LH_CONTENT][l] = -dA * g0 * drop;
    out->E[o + LH_CURRENT][LH_PHI_S][l] = -A * g0;
    out->E[o + LH_CURRENT][LH_PHI_E][l] = A * g0;
    out->D[o + LH_FILM][o + LH_FILM][l] = Rf * Cf * cj + 1;
    out->D[o + LH_FILM][o + LH_CURRENT][l] = -Rf / A;
    out->D[o + LH_FILM][o + LH_CONTENT][l] = Rf * x[LH_CURRENT][l] / (A * A) * dA;
    out->D[o + LH_CONTENT][o + LH_CONTENT][l] = cj;
    out->D[o + LH_CONTENT][o + LH_RATE][l] = 1 / LH_FARADAY;
    out->D[o + LH_LAYER][o + LH_LAYER][l] = Cdl * A * cj;
    out->D[o + LH_LAYER][o + LH_CONTENT][l] = Cdl * dA * xdot[LH_LAYER][l];
    out->D[o + LH_LAYER][o + LH_CURRENT][l] = -1;
    out->D[o + LH_LAYER][o + LH_RATE][l] = 1;
  }
}

void LhEcCellEvaluate(LhElectrochem ec, const LhEcBatch *b, const LhEcUnknowns *at,
                      const LhEcCoefficients *c, PetscBool jacobian, LhEcCell *out) {
  const PetscInt K = b->num_reactions;
  const PetscReal elapsed = PetscMin(at->t, ec->t1) - ec->t0;

  if (jacobian) {
    for (PetscInt i = 0; i < K * LH_CELL_STATE; i++) {
      for (PetscInt j = 0; j < K * LH_CELL_STATE; j++) LH_LANES(l) out->D[i][j][l] = 0;
      for (PetscInt j = 0; j < LH_NODE_SYSTEM; j++) LH_LANES(l) out->E[i][j][l] = 0;
    }
  }
  for (PetscInt k = 0; k < K; k++) {
    const LhReaction *data = &b->material->reactions[k];
    const PetscInt o = k * LH_CELL_STATE;
    Reaction rx;

    Area(data, at->x[o + LH_CONTENT], b->reference[k], b->area[k], &rx);
    Supply(b, k, c, at->x[o + LH_CONTENT], &rx);
    Kinetics(ec, b, k, elapsed, c, at->x + o, &rx);
    RateRow(k, K, at->x + o, &rx, jacobian, out);
    CircuitRows(&data->interface, o, c, at, &rx, out);
    if (jacobian) CircuitJacobian(&data->interface, o, c, at, &rx, out);
  }
}
