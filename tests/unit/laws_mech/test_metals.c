/// Checks: M01 J2 in tension, M10 clamped growth (elastic and plastic limit), shear stiffness of a stretched
///   body, M04 and M05 Anand lithium.
/// Reference: M01 sigma = Y + H (E eps - Y) / (E + H); M10 sigma = -E eg / (1 - nu),
///   e33 = eg (1 + nu) / (1 - nu); M04 sigma = S* (edot / edot0)^(n + m);
///   M05 the uniaxial ODE by Radau and LSODA, which agree to 1e-9.
/// Tolerance and why: M01 1e-9 on Kirchhoff stress (radial return is exact), 1e-4 on nominal stress (the
///   closed form takes J = 1; J - 1 = 6e-5); M10 1e-9; shear 1e-12; M04 1e-6 (steady); M05 1e-3, halving
///   with the step.
/// Fails if: hardening, growth kinematics, rate dependence or saturation is wrong, or time order is not 1.
#include "unit/laws_mech/mech_point.h"

static void TestM01(void **state) {
  Point pt;

  (void)state;
  for (int steps = 1; steps <= 7; steps += 6) {
    PointCreate("j2_hencky", &pt);
    PointSet(&pt, "yield_stress", 1e6);
    PointSet(&pt, "hardening_modulus", 1e7);
    PointStart(&pt);
    for (int k = 1; k <= steps; k++) PointPull(&pt, 0.1 * k / steps, 1);
    CheckRelative("Kirchhoff stress [Pa]", pt.kirchhoff[0], 1997442.4552429668, 1e-9);
    CheckRelative("nominal stress [Pa]", pt.nominal[0], 1807471.6150218353, 1e-4);
    CheckRelative("plastic strain", PointInternal(&pt, "plastic_strain"),
                  0.1 - 1997442.4552429668 / 7.81e9, 1e-9);
  }
}

/// Work: what was put in is stored or dissipated. W = tau^2 / 2E + int tau d alpha.
static void TestM01Energy(void **state) {
  const int steps = 4000;
  double expected, alpha;
  Point pt;

  (void)state;
  PointCreate("j2_hencky", &pt);
  PointStart(&pt);
  for (int k = 1; k <= steps; k++) PointPull(&pt, 0.1 * k / steps, 1);
  alpha = PointInternal(&pt, "plastic_strain");
  expected = 1.1e6 * alpha + 0.5 * 1.3e7 * alpha * alpha;
  CheckRelative("work dissipated [J/m3]", pt.dissipated, expected,
                2e-4);  // end-of-step stress: relative error about 1 / steps
}

static void Clamp(Point *pt, double growth) {
  const double across = exp(-growth);
  const Programme todo = {
      {PETSC_FALSE, PETSC_FALSE, PETSC_TRUE},
      {across,      across,      0         }
  };

  PointStep(pt, &todo, 1);
}

static void TestM10(void **state) {
  const double growth = -0.01;  // log strain, for which the closed form is exact
  Point pt;

  (void)state;
  PointCreate("hencky_elastic", &pt);
  PointSet(&pt, "youngs_modulus", 10e6);
  PointSet(&pt, "poisson_ratio", 0.1);
  PointStart(&pt);
  Clamp(&pt, growth);
  CheckRelative("Kirchhoff stress [Pa]", pt.kirchhoff[0], 111111.11111111111, 1e-9);
  CheckRelative("Kirchhoff stress [Pa]", pt.kirchhoff[1], 111111.11111111111, 1e-9);
  CheckRelative("strain of the thickness, elastic", log(pt.stretch[2]) + growth,
                -0.012222222222222223, 1e-9);

  PointCreate("j2_hencky", &pt);  // plastic limit: volume of the growth all in the thickness
  PointSet(&pt, "yield_stress", 10);
  PointSet(&pt, "hardening_modulus", 0);
  PointStart(&pt);
  Clamp(&pt, growth);
  CheckRelative("strain of the thickness, plastic limit", log(pt.stretch[2]) + growth, 3 * growth,
                1e-6);
}

/// Shear stiffness dP_ab / dF_ab between stretched axes is 2 G (ln x_a - ln x_b) / 2 (x_a - x_b),
/// x = stretch^2, on both sides of the switch between series and difference.
static void TestShearOfStretched(void **state) {
  static const double ratio[] = {1.02, 1.049, 1.053, 1.4};
  const double G = 7.81e9 / (2 * 1.38);

  (void)state;
  for (int k = 0; k < 4; k++) {
    const Programme todo = {
        {PETSC_FALSE, PETSC_FALSE,    PETSC_FALSE},
        {1.1,         1.1 * ratio[k], 0.93       }
    };
    const double x = 1.21, y = 1.21 * ratio[k] * ratio[k];
    double column[9][LH_BATCH];
    Point pt;

    PointCreate("hencky_elastic", &pt);
    PointStart(&pt);
    PointStep(&pt, &todo, 1);
    for (int i = 0; i < 9; i++) {
      column[i][0] = 0;
      for (int j = 0; j < 9; j++) {
        column[i][0] += pt.out.A[i][j][0] * axes[3 * (j / 3)] * axes[3 * (j % 3) + 1];
      }
    }
    CheckRelative("shear stiffness [Pa]", AlongAxes(column, 0, 1), G * log(x / y) / (x - y), 1e-12);
  }
}

/// Reference rate A exp(-Q/RT) of the lithium of the notes [1/s].
static const double reference_rate = 0.01400455707393904;

static void TestM04(void **state) {
  static const double rate[] = {1e-5, 1e-4, 1e-3, 1e-2};
  static const double expected[] = {469651.9394319857, 744348.1616319134, 1179712.334191364,
                                    1869718.047522303};

  (void)state;
  for (int i = 0; i < 4; i++) {
    const double S = 2e6 * pow(rate[i] / reference_rate, 0.05);
    Point pt;

    PointCreate("anand_porous", &pt);
    PointSet(&pt, "initial_resistance", S);  // starts saturated, must stay so
    PointStart(&pt);
    for (int k = 1; k <= 20; k++) PointPull(&pt, 0.005 * k, 0.005 / rate[i]);
    CheckRelative("Kirchhoff stress [Pa]", pt.kirchhoff[0], expected[i], 1e-6);
    CheckRelative("flow resistance [Pa]", PointInternal(&pt, "flow_resistance"), S, 1e-6);
  }
}

/// Error of the stress at log strain 0.2 and rate 1e-3/s in `steps` steps.
static double PullAnand(int steps) {
  const double rate = 1e-3, e005[2] = {701731.0681743227, 1042606.256235761},
               e02[2] = {824783.4258994933, 1225421.2672481865};
  Point pt;

  PointCreate("anand_porous", &pt);
  PointStart(&pt);
  for (int k = 1; k <= steps; k++) {
    const double strain = 0.2 * k / steps;

    PointPull(&pt, strain, 0.2 / steps / rate);
    if (4 * k == steps && steps >= 400) {
      CheckRelative("Kirchhoff stress [Pa]", pt.kirchhoff[0], e005[0], 1e-3);
      CheckRelative("flow resistance [Pa]", PointInternal(&pt, "flow_resistance"), e005[1], 1e-3);
    }
  }
  if (steps >= 400)
    CheckRelative("flow resistance [Pa]", PointInternal(&pt, "flow_resistance"), e02[1], 1e-3);
  return fabs(pt.kirchhoff[0] / e02[0] - 1);
}

static void TestM05(void **state) {
  const double coarse = PullAnand(200), fine = PullAnand(400);

  (void)state;
  assert_true(fine < 1e-3);
  assert_in_range((int)(100 * coarse / fine), 180, 220);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestM01), cmocka_unit_test(TestM01Energy),
      cmocka_unit_test(TestM10), cmocka_unit_test(TestShearOfStretched),
      cmocka_unit_test(TestM04), cmocka_unit_test(TestM05),
  };

  return cmocka_run_group_tests_name("metals", tests, NULL, NULL);
}
