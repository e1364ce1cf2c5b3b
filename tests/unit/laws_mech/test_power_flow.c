/// Checks: the scalar flow problem over 16 decades of stress, 22 of time, all rate sensitivities and shapes
///   of the potential: solved in every lane, and the answer fulfils the flow rule.
/// Reference: the flow rule itself, ln(s/R) = m ln(strain / reach), D^p = strain ds/dsigma, from the outputs.
/// Tolerance and why: 1e-11 on ln s, a hundred times the solver's; 1e-9 on plastic strains above 1e-6 of the
///   trial strain (1 - ratio loses the digits below).
/// Fails if: Newton cycles or leaves its bracket for some input, or a weight enters one equation only.
#include "conformance/mech_examples.h"
#include "laws/power_flow.h"

/// Uniform in [lo, hi]: a 64-bit linear congruential generator (Knuth's MMIX), the same on every machine.
static double Uniform(uint64_t *seed, double lo, double hi) {
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return lo + (hi - lo) * ((double)(*seed >> 11) / 9007199254740992.0);
}

static double Decades(uint64_t *seed, double lo, double hi) {
  return pow(10, Uniform(seed, lo, hi));
}

static void Draw(uint64_t *seed, LhPowerFlow *flow, LhTrial *trial) {
  memset(flow, 0, sizeof(*flow));
  memset(trial, 0, sizeof(*trial));
  flow->exponent = Decades(seed, -3, 0);
  for (int l = 0; l < LH_BATCH; l++) {
    flow->bulk[l] = Decades(seed, 4, 12);
    flow->shear[l] = flow->bulk[l] * Uniform(seed, 0.05, 1.5);
    flow->a[l] = Decades(seed, 0, 3);
    flow->b[l] = Decades(seed, -9, 3);
    flow->log_reach[l] = log(Decades(seed, -17, 5));
    flow->log_resistance[l] = log(Decades(seed, 0, 9));
    flow->volume[l] = 1;
    trial->gamma[l] = Decades(seed, -12, 0.5);
    trial->theta[l] = Decades(seed, -12, 0.5) * (l % 2 ? 1 : -1);
    trial->J[l] = 1;
  }
}

/// Flowed strain against its flow rule, where 1 - ratio has digits.
static void CheckFlow(double trial, double ratio, double expected) {
  if (1 - ratio < 1e-6) return;
  assert_true(fabs(trial * (1 - ratio) - expected) < 1e-9 * fabs(trial));
}

static void CheckLane(const LhPowerFlow *flow, const LhTrial *trial, const LhReturn *out,
                      const double strain[LH_BATCH], int l) {
  const double q = 1.5 * out->shear[l] * trial->gamma[l], p = out->p[l], a = flow->a[l],
               b = flow->b[l];
  const double s = sqrt(a * q * q + b * p * p), m = flow->exponent;

  assert_true(out->failed[l] == 0);
  assert_true(out->vol_ratio[l] >= 0 && out->vol_ratio[l] <= 1);
  assert_true(out->dev_ratio[l] >= 0 && out->dev_ratio[l] <= 1);
  if (strain[l] < 1e-300) return;  // no flow at all: its logarithm is lost
  assert_true(fabs(log(s) - flow->log_resistance[l] - m * (log(strain[l]) - flow->log_reach[l])) <
              1e-11);
  CheckFlow(trial->gamma[l], out->dev_ratio[l], strain[l] * a * q / s);
  CheckFlow(trial->theta[l], out->vol_ratio[l], strain[l] * b * p / s);
}

static void TestRandom(void **state) {
  uint64_t seed = 20240917;

  (void)state;
  for (int batch = 0; batch < 40000; batch++) {
    LhPowerFlow flow;
    LhTrial trial;
    LhReturn out;
    double strain[LH_BATCH];

    Draw(&seed, &flow, &trial);
    LhPowerFlowReturn(&flow, NULL, &trial, &out, strain);
    for (int l = 0; l < LH_BATCH; l++) CheckLane(&flow, &trial, &out, strain, l);
  }
}

/// Two plateaus of ln s far apart, between which Newton alone jumps to and fro: found by random search.
static void TestCycles(void **state) {
  static const double rows[3][9] = {
      {0.0206994, 7.79947e+07, 4.48819e+07, 4.65177, 3.73804e-05, 2.12772,  19.9158, 1.69443,
       1.16365    },
      {0.0739933, 6.05609e+07, 6.4883e+07,  23.6396, 1.43822e-05, -22.958,  0.20523, 1.65334e-09,
       3.74417e-06},
      {0.0389114, 4.61639e+11, 2.08616e+11, 19.5768, 7.50672e-06, -3.50497, 4.18972, 1.25803e-11,
       5.07213e-11},
  };

  (void)state;
  for (int k = 0; k < 3; k++) {
    const double *v = rows[k];
    uint64_t seed = 1;
    LhPowerFlow flow;
    LhTrial trial;
    LhReturn out;
    double strain[LH_BATCH];

    Draw(&seed, &flow, &trial);
    flow.exponent = v[0];
    flow.bulk[5] = v[1], flow.shear[5] = v[2], flow.a[5] = v[3], flow.b[5] = v[4];
    flow.log_reach[5] = v[5], flow.log_resistance[5] = v[6];
    trial.gamma[5] = v[7], trial.theta[5] = v[8];
    LhPowerFlowReturn(&flow, NULL, &trial, &out, strain);
    CheckLane(&flow, &trial, &out, strain, 5);
  }
}

static void TestLogReach(void **state) {
  (void)state;
  assert_true(fabs(LhLogReach(3.1, 2.7e-4) - log(3.1 * 2.7e-4)) < 1e-14);
  assert_true(isfinite(LhLogReach(0, 1)));
  assert_true(LhLogReach(0, 1) < -300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestRandom), cmocka_unit_test(TestCycles),
                                     cmocka_unit_test(TestLogReach)};

  return cmocka_run_group_tests_name("power_flow", tests, NULL, NULL);
}
