/// Checks: lithium with pores: M08 collapse of a hollow sphere, M09 Wilkinson-Ashby closure, the dense limit,
///   strengthening, and porous flow under a generic stress.
/// Reference: M08 p = 2/3 Y ln(1/f); M09 fdot = -3/2 A (3p / 2n s0)^n f (1 - f) / (1 - f^(1/n))^n; the flow
///   rule (M7, M8 of docs/theory/mechanics.md), written out.
/// Tolerance and why: M08 is the limit m -> 0: 1e-3 at m = 1e-4 and an error of order m; M09 1e-8 (the
///   strain of the step is 2e-4, of which 1e-13 is left open); no volume at all in the dense limit.
/// Fails if: a weight of the potential is wrong, pores flow in volume without being asked or not when asked.
#include "unit/laws_mech/mech_point.h"

/// A porous metal that does not harden, flowing at `rate` when s = resistance.
static void CreatePorous(Point *pt, double m, double rate, double f) {
  PointCreate("anand_porous", pt);
  PointSet(pt, "activation_energy", 0);
  PointSet(pt, "rate_coefficient", rate);
  PointSet(pt, "rate_sensitivity", m);
  PointSet(pt, "initial_resistance", 1e6);
  PointSet(pt, "hardening_modulus", 0);
  PointSetField(pt, LH_MECH_POROSITY, f);
  PointStart(pt);
}

static double Volume(const Point *pt) {
  return log(pt->stretch[0] * pt->stretch[1] * pt->stretch[2]);
}

/// Plastic volumetric strain of the one step done.
static double PlasticVolume(const Point *pt) {
  return Volume(pt) - pt->elastic[0] - pt->elastic[1] - pt->elastic[2];
}

/// Pressure over strength at closure of a sphere with f = 0.8376.
static double Collapse(double m) {
  const double c = exp(-0.01);
  const Programme todo = {
      {PETSC_FALSE, PETSC_FALSE, PETSC_FALSE},
      {c,           c,           c          }
  };
  Point pt;

  CreatePorous(&pt, m, 1e-3, 0.8376);
  PointStep(&pt, &todo, 10);
  return -pt.kirchhoff[0] / 1e6;
}

static void TestM08(void **state) {
  const double expected = 0.11814307961720658;
  const double coarse = Collapse(1e-3) / expected - 1, fine = Collapse(1e-4) / expected - 1;

  (void)state;
  CheckRelative("pressure over yield stress", Collapse(1e-4), expected, 1e-3);
  assert_in_range((int)(100 * coarse / fine), 900, 1100);
}

static void TestM09(void **state) {
  const double f = 0.1, n = 6.67, dt = 100;
  const Programme todo = {
      {PETSC_TRUE, PETSC_TRUE, PETSC_TRUE},
      {-1e6,       -1e6,       -1e6      }
  };
  Point pt;
  double fdot;

  (void)state;
  CreatePorous(&pt, 1 / n, 1e-4, f);
  PointStep(&pt, &todo, dt);
  fdot = PlasticVolume(&pt) / dt * (1 - f);  // incompressible matrix: fdot = (1 - f) tr D^p
  CheckRelative("rate of porosity [1/s]", fdot,
                -2.3687221210139726e-06 * pow(-pt.kirchhoff[0] / 1e6, n), 1e-8);
  CheckRelative("stress asked for [Pa]", pt.kirchhoff[0], -1e6, 1e-3);
}

static void TestDenseLimit(void **state) {
  const Programme todo = {
      {PETSC_FALSE, PETSC_TRUE, PETSC_FALSE},
      {1.013,       -0.7e6,     0.991      }
  };
  Point dense, porous;

  (void)state;
  CreatePorous(&dense, 0.15, 1e-3, 0);
  CreatePorous(&porous, 0.15, 1e-3, 1e-12);
  PointStep(&dense, &todo, 7);
  PointStep(&porous, &todo, 7);
  assert_true(fabs(PlasticVolume(&dense)) < 1e-15);
  assert_true(fabs(PlasticVolume(&porous)) > 1e-15);
  for (int a = 0; a < 3; a += 2)
    CheckRelative("stress with 1e-12 of pores [Pa]", porous.kirchhoff[a], dense.kirchhoff[a], 2e-2);
}

static void TestStrengthening(void **state) {
  Point pt[2];

  (void)state;
  for (int k = 0; k < 2; k++) {
    CreatePorous(&pt[k], 0.15, 1e-3, 0);
    if (k) PointSetField(&pt[k], LH_MECH_STRENGTHENING, 4.3);
    for (int step = 1; step <= 20; step++) PointPull(&pt[k], 0.01 * step, 7);
  }
  CheckRelative("stress with the factor [Pa]", pt[1].kirchhoff[0], 4.3 * pt[0].kirchhoff[0], 1e-6);
}

/// In steady flow under three different stresses: rate and direction follow from the end-of-step stress.
static void TestGenericFlow(void **state) {
  const double f = 0.23, n = 1 / 0.15, dt = 50;
  const double e = 2 / (n + 1), a = (1 + 2 * f / 3) / pow(1 - f, n * e);
  const double b = pow(n * f / pow(1 - pow(f, 1 / n), n), e) * pow(1.5 / n, 2);
  const Programme todo = {
      {PETSC_TRUE, PETSC_TRUE, PETSC_TRUE},
      {0.31e6,     -0.47e6,    -0.12e6   }
  };
  double p, q2 = 0, s, rate;
  Point pt;

  (void)state;
  CreatePorous(&pt, 1 / n, 1e-3, f);
  PointStep(&pt, &todo, dt);
  p = (pt.kirchhoff[0] + pt.kirchhoff[1] + pt.kirchhoff[2]) / 3;
  for (int k = 0; k < 3; k++) q2 += 1.5 * pow(pt.kirchhoff[k] - p, 2);
  s = sqrt(a * q2 + b * p * p);
  rate = 1e-3 * pow(s / 1e6, n);
  for (int k = 0; k < 3; k++) {
    const double flow = rate * dt * (1.5 * a * (pt.kirchhoff[k] - p) + b * p / 3) / s;

    CheckRelative("flow strain", log(pt.stretch[k]) - pt.elastic[k], flow, 1e-9);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestM08),         cmocka_unit_test(TestM09),
      cmocka_unit_test(TestDenseLimit),  cmocka_unit_test(TestStrengthening),
      cmocka_unit_test(TestGenericFlow),
  };

  return cmocka_run_group_tests_name("porous", tests, NULL, NULL);
}
