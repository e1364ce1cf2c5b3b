/// @file
/// Ductile damage: plastic strain weighted by triaxiality T = tr(sigma) / (3 q) drives it (D1, D3),
///   dkappa = exp[b (min(T, T_max) - 1/3)] dep,   D = 1 - exp[-<kappa_max - k_i> / k_f].
/// The weight is 1 in uniaxial tension. b = 3/2 is the exponent of void growth of Rice and Tracey (1969).
#include <math.h>

#include "laws/damage_law.h"

typedef struct {
  double onset, scale, triaxiality_exponent, triaxiality_limit;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, onset, "1", 0, 100, NULL, "driving strain k_i at which damage begins"),
    LH_ROW_REAL(Params, scale, "1", 1e-6, 100, NULL,
                "driving strain k_f over which 1 - D falls by the factor e"),
    LH_ROW_REAL(Params, triaxiality_exponent, "1", 0, 10, "1.5",
                "exponent b of the weight of plastic strain with triaxiality"),
    LH_ROW_REAL(Params, triaxiality_limit, "1", 0.34, 100, "3",
                "triaxiality T_max above which the weight grows no more"),
};

static void Drive(const void *params, const LhDamageInput *in, const double old[LH_BATCH],
                  double now[LH_BATCH]) {
  const Params *p = params;

  for (int l = 0; l < LH_BATCH; l++) {
    const double mean = (in->cauchy[0][l] + in->cauchy[1][l] + in->cauchy[2][l]) / 3;
    double sum = 0, T;

    for (int m = 0; m < 6; m++) {
      const double d = m < 3 ? in->cauchy[m][l] - mean : in->cauchy[m][l];
      sum += (m < 3 ? 1 : 2) * d * d;
    }
    T = fmin(mean / fmax(sqrt(1.5 * sum), 1e-300), p->triaxiality_limit);
    now[l] = old[l] + exp(p->triaxiality_exponent * (T - 1. / 3)) * fmax(in->flow[l], 0);
  }
}

static void Damage(const void *params, const double largest[LH_BATCH], double damage[LH_BATCH]) {
  const Params *p = params;

  for (int l = 0; l < LH_BATCH; l++) damage[l] = -expm1(-fmax(largest[l] - p->onset, 0) / p->scale);
}

extern const LhDamageLaw lh_damage_ductile;
const LhDamageLaw lh_damage_ductile = {
    .name = "ductile",
    .brief = "plastic strain weighted by triaxiality, exponential softening",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .drive = Drive,
    .damage = Damage,
};
