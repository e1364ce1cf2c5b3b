/// Checks: M03 Norton relaxation; MOOSE's creep point; CalculiX's beamcr bar under dead load; temperature.
/// Reference: M03 sigma = s_i [1 + (n-1) E B s_i^(n-1) t]^(-1/(n-1)), B = A / sigma0^n; the
///   MOOSE creep point: increment 2.793631582e-12 at 81393.356957 Pa, A 1e-18, n 3, Q 4e4, R 1.987, 1200 K;
///   CalculiX beamcr: E 210 GPa, nu 0.3, creep 1e-10 sigma^5 (MPa, s), 1 x 1 x 8 bar, 100 MPa nominal,
///   t = 1e-3 s, integrated as the log-strain ODE d eps_c / dt = 1e-10 sigma^5.
/// Tolerance and why: M03 1e-3 and beamcr 2e-4 (stress 2e-5) at the finest step, backward Euler being of order
///   1, which is shown by halving;
///   MOOSE 1e-5: its bar is linear, ours strains by sigma / E = 4e-7, tripled by n = 3.
/// Fails if: rate, exponent, Arrhenius factor, true stress or end-of-step evaluation is wrong.
#include "unit/laws_mech/mech_point.h"

static void StartM03(Point *pt) {
  PointCreate("norton_creep", pt);
  PointSet(pt, "stress_exponent", 5);
  PointSet(pt, "rate_coefficient", 0.01);
  PointSet(pt, "reference_stress", 1e6);
  PointStart(pt);
}

/// Relaxes from 1.5 MPa; the log grid of times meets 1, 100 and 1000 s. Returns the error at 1000 s.
static double Relax(int per_decade, double tolerance) {
  const double strain = 1.5e6 / 7.81e9, first = 1e-7;
  const double at[3] = {1, 100, 1000};
  const double expected[3] = {237822.8691159341, 75217.96112964138, 42298.22811624316};
  double t = 0, error = 0;
  Point pt;

  StartM03(&pt);
  PointPull(&pt, strain, 0);
  CheckRelative("Kirchhoff stress [Pa]", pt.kirchhoff[0], 1.5e6, 1e-9);
  for (int k = 0; k <= 10 * per_decade; k++) {
    const double next = first * pow(10, (double)k / per_decade);

    PointPull(&pt, strain, next - t);
    t = next;
    for (int i = 0; i < 3; i++) {
      if (fabs(t / at[i] - 1) > 1e-9) continue;
      error = fabs(pt.true_stress[0] / expected[i] - 1);
      assert_true(error < tolerance);
    }
  }
  return error;
}

static void TestM03(void **state) {
  const double coarse = Relax(200, 2e-3), fine = Relax(400, 1e-3);

  (void)state;
  assert_in_range((int)(100 * coarse / fine), 180, 220);
}

static void TestMoose(void **state) {
  const double Q = 4e4 * LH_GAS_CONSTANT / 1.987;  // its gas constant is 1.987 cal/mol/K
  const Programme todo = {
      {PETSC_TRUE,   PETSC_TRUE, PETSC_TRUE},
      {81393.356957, 0,          0         }
  };
  Point pt;

  (void)state;
  PointCreate("norton_creep", &pt);
  PointSet(&pt, "youngs_modulus", 2e11);
  PointSet(&pt, "poisson_ratio", 0.3);
  PointSet(&pt, "reference_stress", 1);
  PointSet(&pt, "stress_exponent", 3);
  PointSet(&pt, "activation_energy", Q);
  PointSet(&pt, "rate_coefficient", 1e-18 * exp(-Q / (LH_GAS_CONSTANT * LH_REFERENCE_TEMPERATURE)));
  for (int l = 0; l < LH_BATCH; l++) pt.in.temperature[l] = 1200;
  PointStart(&pt);
  PointStep(&pt, &todo, 0.1);
  CheckRelative("creep strain", PointInternal(&pt, "creep_strain"), 2.793631582e-12, 1e-5);
}

typedef struct {
  double creep, stress, displacement;
} Beam;

static Beam Beamcr(int steps) {
  const Programme load = {
      {PETSC_TRUE, PETSC_TRUE, PETSC_TRUE},
      {100e6,      0,          0         }
  };
  Point pt;

  PointCreate("norton_creep", &pt);
  PointSet(&pt, "youngs_modulus", 210e9);
  PointSet(&pt, "poisson_ratio", 0.3);
  PointSet(&pt, "reference_stress", 1e6);
  PointSet(&pt, "stress_exponent", 5);
  PointSet(&pt, "rate_coefficient", 1e-10);
  PointStart(&pt);
  PointStep(&pt, &load, 0);
  for (int k = 0; k < steps; k++) PointStep(&pt, &load, 1e-3 / steps);
  return (Beam){PointInternal(&pt, "creep_strain"), pt.true_stress[0], 8 * (pt.stretch[0] - 1)};
}

static void TestBeamcr(void **state) {
  Beam beam[3];

  (void)state;
  for (int k = 0; k < 3; k++) beam[k] = Beamcr(10 << k);
  CheckRelative("creep strain", beam[2].creep, 1.003925e-3, 2e-4);
  CheckRelative("true stress [Pa]", beam[2].stress, 100.12866e6, 2e-5);
  CheckRelative("displacement of the end", beam[2].displacement, 1.18546e-2, 2e-4);
  assert_in_range((int)(100 * (beam[0].creep - beam[1].creep) / (beam[1].creep - beam[2].creep)),
                  190, 210);
}

/// Steady creep at constant true stress 30 K warmer is faster by exp[-Q/R (1/T2 - 1/T1)].
static void TestArrhenius(void **state) {
  double strain[2];

  (void)state;
  for (int k = 0; k < 2; k++) {
    const Programme todo = {
        {PETSC_TRUE, PETSC_TRUE, PETSC_TRUE},
        {0.4e6,      0,          0         }
    };
    Point pt;

    StartM03(&pt);
    for (int l = 0; l < LH_BATCH; l++) pt.in.temperature[l] = 298.15 + 30 * k;
    PointStep(&pt, &todo, 0.01);
    strain[k] = PointInternal(&pt, "creep_strain");
  }
  CheckRelative("rate at 30 K more over that at 298.15 K", strain[1] / strain[0],
                exp(37e3 / LH_GAS_CONSTANT * (1 / 298.15 - 1 / 328.15)), 1e-4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestM03),
      cmocka_unit_test(TestMoose),
      cmocka_unit_test(TestBeamcr),
      cmocka_unit_test(TestArrhenius),
  };

  return cmocka_run_group_tests_name("creep_benchmarks", tests, NULL, NULL);
}
