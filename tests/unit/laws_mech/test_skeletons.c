/// Checks: M13 plastic Poisson ratio and hydrostatic strength of the foam; Gibson-Ashby scaling of stiffness
///   and strength; van Wyk's compaction curve, its hydrostatic and tensile behaviour, step independence.
/// Reference: M13 nu_p = (1/2 - (alpha/3)^2) / (1 + (alpha/3)^2), hydrostatic over uniaxial strength
///   sqrt(1 + (alpha/3)^2) / alpha; E = E_s rho^2, Y = 0.3 sigma_ys rho^1.5; p = k E_f (rho^3 - rho0^3).
/// Tolerance and why: 1e-8 where the end-of-step stress and rate enter the closed form exactly; van Wyk 1e-3:
///   mf = 1e-4 stands for rate independence: the plastic rate is between 0.03 and 1 of g0, hence
///   (rate / g0)^mf - 1 > -4e-4.
/// Fails if: density does not follow J, the ellipse is wrong, or a mat pulls.
#include "unit/laws_mech/mech_point.h"

static void CreateBonded(Point *pt, double alpha, double rho) {
  PointCreate("skeleton_gibson_ashby", pt);
  PointSet(pt, "pressure_sensitivity", alpha);
  PointSetField(pt, LH_MECH_SKELETON_DENSITY, rho);
  PointStart(pt);
}

static double Volume(const Point *pt) {
  return pt->stretch[0] * pt->stretch[1] * pt->stretch[2];
}

/// Strength at the density and rate of the one step done.
static double BondedStrength(const Point *pt, double rho, double dt) {
  return 0.3 * 90e6 * pow(rho / Volume(pt), 1.5) *
         pow(PointInternal(pt, "plastic_strain") / (dt * 1e-4), 0.07);
}

static void TestM13(void **state) {
  static const double alpha[2] = {1.58, 2.12},
                      poisson[2] = {0.1742806443756306, 0.00041498695755277866},
                      ratio[2] = {0.7153236622307604, 0.5775900112663576};
  const double rho = 0.1624, dt = 13, c = exp(-0.021);
  const Programme squeeze = {
      {PETSC_FALSE, PETSC_FALSE, PETSC_FALSE},
      {c,           c,           c          }
  };

  (void)state;
  for (int k = 0; k < 2; k++) {
    double plastic[3];
    Point pt;

    CreateBonded(&pt, alpha[k], rho);
    PointPull(&pt, -0.037, dt);
    for (int a = 0; a < 3; a++) plastic[a] = log(pt.stretch[a]) - pt.elastic[a];
    assert_true(fabs(plastic[1] / plastic[0] + poisson[k]) < 1e-8);
    assert_true(fabs(plastic[2] / plastic[0] + poisson[k]) < 1e-8);
    CheckRelative("uniaxial strength [Pa]", pt.true_stress[0], -BondedStrength(&pt, rho, dt), 1e-8);

    CreateBonded(&pt, alpha[k], rho);
    PointStep(&pt, &squeeze, dt);
    CheckRelative("strength from all sides [Pa]", pt.true_stress[1],
                  -ratio[k] * BondedStrength(&pt, rho, dt), 1e-8);
  }
}

/// Small elastic strain: modulus E_s rho^2 and Poisson's ratio.
static void TestBondedElastic(void **state) {
  const double strain = 1e-7;
  Point pt;

  (void)state;
  CreateBonded(&pt, 1.58, 0.17);
  PointPull(&pt, strain, 0);
  CheckRelative("stress [Pa]", pt.true_stress[0], 40e9 * 0.17 * 0.17 * strain, 1e-6);
  CheckRelative("strain across", log(pt.stretch[1]), -0.13 * strain, 1e-6);
}

static const double rho0 = 0.0716, modulus = 0.0156 * 300e9;  // k E_f = 4.7 GPa

static void CreateMat(Point *pt) {
  PointCreate("skeleton_van_wyk", pt);
  PointSet(pt, "poisson_ratio", 0);
  PointSet(pt, "pressure_sensitivity", 3 / sqrt(2.0));  // nu_p = 0
  PointSet(pt, "rate_sensitivity", 1e-4);
  PointSet(pt, "reference_rate", 1e-3);
  PointSetField(pt, LH_MECH_CNT_DENSITY, rho0);
  PointStart(pt);
}

/// Thickness ratio `lambda` reached at the rate 1e-3/s, sides clamped.
static void Press(Point *pt, double lambda) {
  const double dt = fabs(log(lambda / pt->stretch[2])) / 1e-3;
  const Programme todo = {
      {PETSC_FALSE, PETSC_FALSE, PETSC_FALSE},
      {1,           1,           lambda     }
  };

  PointStep(pt, &todo, dt);
}

static double VanWyk(double J) {
  return modulus * (pow(rho0 / J, 3) - pow(rho0, 3));
}

static void TestVanWykUniaxial(void **state) {
  (void)state;
  for (int steps = 1; steps <= 41; steps += 20) {
    Point pt;

    CreateMat(&pt);
    for (int k = 1; k <= steps; k++) {
      Press(&pt, 1 - 0.47 * k / steps);
      CheckRelative("stress [Pa]", -pt.true_stress[2], VanWyk(pt.stretch[2]), 1e-3);
      assert_true(fabs(pt.true_stress[0]) < 1e-6 * fabs(pt.true_stress[2]));
      CheckRelative("stress from the elastic strain [Pa]", pt.true_stress[2],
                    3 * modulus * pow(rho0 / pt.stretch[2], 3) * pt.elastic[2], 1e-9);
    }
  }
}

/// k E_f = 4.7 GPa gives 3.6 % at 0.2 MPa.
static void TestVanWykStackPressure(void **state) {
  const Programme load = {
      {PETSC_FALSE, PETSC_FALSE, PETSC_TRUE},
      {1,           1,           -0.2e6    }
  };
  Point pt;

  (void)state;
  CreateMat(&pt);
  PointStep(&pt, &load, 36);
  CheckRelative("pressure of the curve there [Pa]", VanWyk(pt.stretch[2]), 0.2e6, 5e-3);
  CheckRelative("compaction", 1 - pt.stretch[2], 0.036,
                0.1);  // printed with two digits, for a slightly denser mat
}

static void TestVanWykHydrostatic(void **state) {
  const double c = 0.83;
  const Programme todo = {
      {PETSC_FALSE, PETSC_FALSE, PETSC_FALSE},
      {c,           c,           c          }
  };
  const double ratio = sqrt(1.5) / (3 / sqrt(2.0));  // M13 at nu_p = 0
  Point pt;

  (void)state;
  CreateMat(&pt);
  PointStep(&pt, &todo, 300);
  CheckRelative("pressure [Pa]", -pt.true_stress[0], ratio * VanWyk(c * c * c), 1e-3);
}

static void TestVanWykTension(void **state) {
  const double tensile = 3 * modulus * pow(rho0 / 0.6, 3) * 1e-4;  // documented bound
  Point pt;

  (void)state;
  CreateMat(&pt);
  for (int k = 1; k <= 8; k++) Press(&pt, 1 - 0.05 * k);
  CheckRelative("stress [Pa]", -pt.true_stress[2], VanWyk(0.6), 1e-3);
  for (int k = 1; k <= 30;
       k++) {  // springs back by a quarter, then opens past the rolled thickness
    Press(&pt, 0.6 + 0.02 * k);
    if (k > 13) assert_true(fabs(pt.true_stress[2]) < tensile);
  }
  for (int k = 1; k <= 60; k++) Press(&pt, 1.2 - 0.01 * k);
  CheckRelative("stress [Pa]", -pt.true_stress[2], VanWyk(0.6),
                1e-3);  // re-compaction retraces the curve
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestM13),
      cmocka_unit_test(TestBondedElastic),
      cmocka_unit_test(TestVanWykUniaxial),
      cmocka_unit_test(TestVanWykStackPressure),
      cmocka_unit_test(TestVanWykHydrostatic),
      cmocka_unit_test(TestVanWykTension),
  };

  return cmocka_run_group_tests_name("skeletons", tests, NULL, NULL);
}
