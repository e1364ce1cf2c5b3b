/// @file
/// Brittle damage: the largest principal stress without damage, over the strength, drives it (D1', D3),
///   kappa = <sigma_1> / sigma_f,   D = 1 - exp[-<kappa_max - 1> / k_f].
/// Because kappa is a stress without damage it goes on rising with strain and carries damage to its end.
#include <math.h>

#include "laws/damage_law.h"

typedef struct {
  double strength, scale;
} Params;

static const LhParam table[] = {
    LH_ROW_REAL(Params, strength, "Pa", 1, 1e13, NULL,
                "largest principal stress sigma_f at which damage begins"),
    LH_ROW_REAL(Params, scale, "1", 1e-6, 100, NULL,
                "rise of the stress without damage, over the strength, that takes 1 - D down by "
                "the factor e"),
};

/// Largest eigenvalue of a symmetric tensor xx yy zz yz xz xy, by the angle of its deviator.
static double LargestPrincipal(const double s[6]) {
  const double mean = (s[0] + s[1] + s[2]) / 3, a = s[0] - mean, b = s[1] - mean, c = s[2] - mean;
  const double J2 = (a * a + b * b + c * c) / 2 + s[3] * s[3] + s[4] * s[4] + s[5] * s[5];
  const double J3 =
      a * (b * c - s[3] * s[3]) - s[5] * (s[5] * c - s[3] * s[4]) + s[4] * (s[5] * s[3] - b * s[4]);
  const double r = sqrt(J2 / 3), cosine = r > 0 ? J3 / (2 * r * r * r) : 0;

  return mean + 2 * r * cos(acos(fmin(fmax(cosine, -1), 1)) / 3);
}

static void Drive(const void *params, const LhDamageInput *in, const double old[LH_BATCH],
                  double now[LH_BATCH]) {
  const Params *p = params;

  (void)old;
  for (int l = 0; l < LH_BATCH; l++) {
    double s[6];

    for (int m = 0; m < 6; m++) s[m] = in->cauchy[m][l];
    now[l] = fmax(LargestPrincipal(s), 0) / p->strength;
  }
}

static void Damage(const void *params, const double largest[LH_BATCH], double damage[LH_BATCH]) {
  const Params *p = params;

  for (int l = 0; l < LH_BATCH; l++) damage[l] = -expm1(-fmax(largest[l] - 1, 0) / p->scale);
}

extern const LhDamageLaw lh_damage_brittle;
const LhDamageLaw lh_damage_brittle = {
    .name = "brittle",
    .brief = "largest principal stress over a strength, exponential softening",
    .params = table,
    .num_params = PETSC_STATIC_ARRAY_LENGTH(table),
    .params_size = sizeof(Params),
    .drive = Drive,
    .damage = Damage,
};
