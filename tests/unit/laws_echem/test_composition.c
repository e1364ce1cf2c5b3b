/// Checks: composition by stoichiometry: LZNC, its controls, the sweep over CNT; E14 and E15.
/// Reference: phase balances computed elsewhere from the same molar masses and densities (the LZNC
///   row pins 47.82/26.89/8.63/16.67 wt%); Faraday's law; the staircase edges 0.67, 0.50, 0.40.
/// Tolerance and why: half a unit of the last digit quoted; 2e-5 where the reference carries all
///   digits but another molar mass of Zn3N2 in the sixth.
/// Fails if: a stoichiometric factor, a density or the order of phases is wrong.
#include "unit/laws_echem/echem_test.h"

static const LhPhaseData phases = {
    .molar_mass = {0.00694, 0.07232, 0.034827, 0.012011, 0.06538},
    .density = {534,     3990,    1295,     2100,     7140   },
};

typedef struct {
  const char *name;
  LhPrecursors made_of;
  PetscBool moles;
  double cnt_fraction;                  // of the whole, when > 0
  double mass[4];                       // Li, LiZn, Li3N, CNT [wt%]
  double volume[4];                     // [vol%]
  double density;                       // [g/cm^3]
  double free, all, all_volume, empty;  // mAh/g, mAh/g, mAh/cm^3, vol%
} Row;

static const Row rows[] = {
    {"lznc",
     {2, 0, 1, 0.6},
     PETSC_FALSE, 0,
     {47.82, 26.89, 8.63, 16.67},
     {80.75, 6.08, 6.01, 7.16},
     0.9019, 1846.6,
     1946.2, 1755,
     83.76},
    {"lznc, 60:1",
     {60, 0, 1, 0},
     PETSC_TRUE,  1. / 6,
     {46.05, 28.23, 9.06, 16.67},
     {79.67, 6.54, 6.47, 7.33},
     0.9239, 1778.2,
     1882.8, 1740,
     82.90},
    {"lz",
     {20, 1, 0, 0},
     PETSC_TRUE,  0,
     {64.58, 35.42, 0, 0},
     {93.16, 6.84, 0, 0},
     0.7703, 2494.0,
     2625.3, 2022,
     96.55},
    {"lzn",
     {60, 0, 1, 0},
     PETSC_TRUE,  0,
     {55.26, 33.87, 10.87, 0},
     {85.97, 7.05, 6.98, 0},
     0.8308, 2133.9,
     2259.4, 1877,
     89.46},
    {"lzc",
     {20, 1, 0, 0},
     PETSC_TRUE,  1. / 6,
     {53.82, 29.52, 0, 16.67},
     {86.79, 6.37, 0, 6.84},
     0.8612, 2078.3,
     2187.7, 1884,
     89.95},
    {"lc",
     {4, 0, 0, 1},
     PETSC_FALSE, 0,
     {80, 0, 0, 20},
     {94.02, 0, 0, 5.98},
     0.6276, 3089.5,
     3089.5, 1939,
     94.02},
    {"bare_li",
     {1, 0, 0, 0},
     PETSC_FALSE, 0,
     {100, 0, 0, 0},
     {100, 0, 0, 0},
     0.534,  3861.9,
     3861.9, 2062,
     100  },
};

static void Compute(const LhPrecursors *precursors, LhComposition *c) {
  const char *why;

  OK(LhCompositionCompute(precursors, &phases, c, &why));
  assert_null(why);
}

static void test_table(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    const Row *row = &rows[i];
    LhPrecursors precursors = row->made_of;
    LhComposition c;

    if (row->moles) OK(LhPrecursorsFromMoles(&precursors, &phases));
    if (row->cnt_fraction > 0) OK(LhPrecursorsSetCntFraction(&precursors, row->cnt_fraction));
    Compute(&precursors, &c);
    for (int k = 0; k < 4; k++) {
      assert_true(fabs(100 * c.mass_fraction[k] - row->mass[k]) < 0.0051);
      assert_true(fabs(100 * c.volume_fraction[k] - row->volume[k]) < 0.0051);
    }
    assert_true(fabs(c.density / 1000 - row->density) < 0.51e-4);
    assert_true(fabs(c.capacity_free / 3600 - row->free) < 0.051);
    assert_true(fabs(c.capacity_all / 3600 - row->all) < 0.051);
    assert_true(fabs(c.capacity_all_volume / 3.6e6 - row->all_volume) < 0.51);
    assert_true(fabs(100 * c.void_after_strip - row->empty) < 0.0051);
  }
}

static void test_cnt_sweep(void **state) {
  static const double cnt[] = {0, 0.2, 0.45, 0.6, 0.75, 1.2};  // g per 3 g of melt
  static const double mass[] = {0, 6.25, 13.0, 16.7, 20, 28.6};
  static const double volume[] = {0, 2.5, 5.5, 7.2, 8.8, 13.4};
  static const double all[] = {2336, 2190, 2031, 1946, 1868, 1668};
  static const double empty[] = {90.2, 88.0, 85.3, 83.8, 82.3, 78.2};
  (void)state;

  for (size_t i = 0; i < sizeof(cnt) / sizeof(cnt[0]); i++) {
    const LhPrecursors precursors = {2, 0, 1, cnt[i]};
    LhComposition c;

    Compute(&precursors, &c);
    assert_true(fabs(100 * c.mass_fraction[LH_PHASE_CNT] - mass[i]) < 0.051);
    assert_true(fabs(100 * c.volume_fraction[LH_PHASE_CNT] - volume[i]) < 0.051);
    assert_true(fabs(c.capacity_all / 3600 - all[i]) < 0.6);
    assert_true(fabs(100 * c.void_after_strip - empty[i]) < 0.051);
  }
}

// Balances that hold whatever the numbers are.
static void test_balances(void **state) {
  const LhPrecursors precursors = {3.1, 0.7, 0.9, 0.4};
  const double li = 3.1 / 0.00694, zn = 0.7 / 0.06538;
  const double zn3n2 = 0.9 / (3 * 0.06538 + 2 * (0.034827 - 3 * 0.00694));
  LhComposition c;
  double mass = 0, volume = 0, total = 5.1;
  (void)state;

  Compute(&precursors, &c);
  for (int k = 0; k < LH_NUM_PHASES; k++) {
    mass += c.mass_fraction[k];
    volume += c.volume_fraction[k];
  }
  assert_near(mass, 1, 1e-14);
  assert_near(volume, 1, 1e-14);
  assert_near(c.mass_fraction[LH_PHASE_CNT], 0.4 / total, 1e-13);
  assert_near(c.n_zn, (zn + 3 * zn3n2) * c.density / total, 1e-12);
  assert_near(c.n_li + c.n_zn + 3 * c.mass_fraction[LH_PHASE_LI3N] * c.density / 0.034827,
              li * c.density / total, 1e-12);
}

static void test_e14_faraday(void **state) {
  const LhPrecursors lznc = {2, 0, 1, 0.6}, bare = {1, 0, 0, 0};
  LhComposition c;
  (void)state;

  Compute(&bare, &c);  // 534 kg/m3 against the reference's 13.0 cm3/mol: 3e-4
  assert_near(36e3 / (96485.33212 * c.n_li) * 1e6, 4.850478199297097, 3e-4);
  Compute(&lznc, &c);
  assert_near(36e3 / (96485.33212 * c.n_li) * 1e6, 6.0068, 5e-4);
}

// U jumps where the content passes the edges of the plateaus.
static void test_e15_staircase(void **state) {
  static const double steps[] = {8.326769036147377, 8.475039596937517, 8.551421400980924,
                                 8.596351873947633, 8.77607376581447};  // [mAh/cm^2]
  static const double between[] = {0.188, 0.2375, 0.278};               // [V]
  const LhPrecursors lznc = {2, 0, 1, 0.6};
  const double L = 50e-6, unit = 36e3;  // C/m^2 per mAh/cm^2
  const LhEquilibriumLaw *law;
  LhComposition c;
  void *params;
  (void)state;

  Compute(&lznc, &c);
  assert_near(96485.33212 * c.n_li * L / unit, steps[0], 2e-5);
  assert_near(96485.33212 * (c.n_li + c.n_zn) * L / unit, steps[4], 2e-5);
  OK(LhEquilibriumLawFind("staircase", &law));
  params = ReadLaw(law,
                   "{upper_edges: [1, 0.67, 0.50, 0.40], potentials: [157 mV, 219 mV, 256 mV, 300 "
                   "mV], width: 0.012}");
  for (int k = 0; k < 3; k++) {
    double low = 0.3, high = 0.9, y[LH_BATCH], U[LH_BATCH], dU[LH_BATCH];

    for (int i = 0; i < 60; i++) {
      for (int l = 0; l < LH_BATCH; l++) y[l] = 0.5 * (low + high);
      law->evaluate(params, y, 298.15, U, dU);
      if (U[4] > between[k]) low = y[4];
      if (U[4] <= between[k]) high = y[4];
    }
    assert_near(96485.33212 * (c.n_li + (1 - low) * c.n_zn) * L / unit, steps[k + 1], 2e-5);
  }
  OK(PetscFree(params));
}

static void test_refused(void **state) {
  const LhPrecursors starved = {1, 0, 4, 0}, nothing = {0, 0, 0, 0}, negative = {2, -1, 0, 0};
  LhComposition c;
  const char *why;
  (void)state;

  OK(LhCompositionCompute(&starved, &phases, &c, &why));
  assert_string_equal(why, "there is less lithium than the zinc and the nitride take up");
  OK(LhCompositionCompute(&nothing, &phases, &c, &why));
  assert_string_equal(why, "all precursors have zero mass");
  OK(LhCompositionCompute(&negative, &phases, &c, &why));
  assert_string_equal(why, "a precursor has negative mass");
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table),         cmocka_unit_test(test_cnt_sweep),
      cmocka_unit_test(test_balances),      cmocka_unit_test(test_e14_faraday),
      cmocka_unit_test(test_e15_staircase), cmocka_unit_test(test_refused)};

  return RunTests(argc, argv, tests);
}
