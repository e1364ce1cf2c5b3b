/// Checks: every registered kinetics, equilibrium and transport law: table, derivatives, signs, limits.
/// Reference: central differences of the law itself; thermodynamics (i = 0 only at rest, U never rises
///   with content, kappa and D positive).
/// Tolerance and why: 1e-6 of the largest slope, truncation plus round-off of a central difference.
/// Fails if: a derivative disagrees, a property turns negative anywhere, or a law has no example here.
#include "unit/laws_echem/echem_test.h"

typedef struct {
  const char *law, *yaml;
} Example;

static const Example kinetics_examples[] = {
    {"butler_volmer",
     "{exchange_current_density: 7.3 A/m^2, transfer_coefficient: 0.37, activation_energy: 41 "
     "kJ/mol, stress_transfer: 0.29}"                             },
    {"butler_volmer",
     "{exchange_current_density: 0.5 A/m^2, transfer_coefficient: 0.61, activation_energy: 10 "
     "kJ/mol, stress_transfer: 0.8, concentration_exponent: 0.45}"},
    {"linear",        "{exchange_current_density: 2.9 A/m^2}"     },
};
static const Example equilibrium_examples[] = {
    {"metal",     "{}"                                                               },
    {"staircase",
     "{upper_edges: [1, 0.67, 0.50, 0.40], potentials: [0.157 V, 0.219 V, 0.256 V, 0.30 V], width: "
     "0.012, entropic_slopes: [-0.11 mV/K, -0.13 mV/K, -0.15 mV/K, -0.17 mV/K]}"     },
    {"staircase", "{upper_edges: [1, 0.31], potentials: [0.1 V, 0.4 V], width: 0.09}"},
};
static const Example transport_examples[] = {
    {"constant",
     "{conductivity: 1.1 S/m, diffusivity: 8e-10 m^2/s, transference_number: 0.43, "
     "thermodynamic_factor: 1.3, conductivity_activation_energy: 9 kJ/mol}"                },
    {"dilute",          "{cation_diffusivity: 3e-10 m^2/s, anion_diffusivity: 7e-10 m^2/s}"},
    {"landesfeind2019", "{solvent: ec_emc_3_7}"                                            },
    {"landesfeind2019", "{solvent: ec_dmc_1_1}"                                            },
    {"landesfeind2019", "{solvent: emc_fec_19_1}"                                          },
    {"nyman2008",
     "{thermodynamic_factor: 1.7, conductivity_activation_energy: 12 kJ/mol, "
     "diffusivity_activation_energy: 15 kJ/mol}"                                           },
    {"valoen2005",      "{thermodynamic_factor: 2.1}"                                      },
};
#define NUM(list) (sizeof(list) / sizeof((list)[0]))

static PetscBool HasExample(const Example examples[], size_t n, const char law[]) {
  for (size_t i = 0; i < n; i++) {
    if (!strcmp(examples[i].law, law)) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

static void CheckTable(const char name[], const char brief[], const LhParam rows[], PetscInt n) {
  assert_true(strlen(name) > 2 && strlen(brief) > 5);
  for (PetscInt i = 0; i < n; i++) {
    assert_true(strlen(rows[i].name) > 2);
    assert_true(strlen(rows[i].meaning) > 5);
    assert_non_null(rows[i].unit);
  }
}

// Members of the same name exist in all three kinds of law.
#define CheckRegistry(Kind, examples)                                                  \
  do {                                                                                 \
    const Lh##Kind##Law *const *laws, *found;                                          \
    PetscInt n;                                                                        \
                                                                                       \
    OK(Lh##Kind##LawGetAll(&n, &laws));                                                \
    for (PetscInt i = 0; i < n; i++) {                                                 \
      CheckTable(laws[i]->name, laws[i]->brief, laws[i]->params, laws[i]->num_params); \
      if (!HasExample(examples, NUM(examples), laws[i]->name)) {                       \
        fail_msg("no example for the law %s", laws[i]->name);                          \
      }                                                                                \
      OK(Lh##Kind##LawFind(laws[i]->name, &found));                                    \
      assert_ptr_equal(found, laws[i]);                                                \
    }                                                                                  \
    OK(Lh##Kind##LawFind("no_such_law", &found));                                      \
    assert_null(found);                                                                \
  } while (0)

static void test_registries(void **state) {
  (void)state;
  CheckRegistry(Kinetics, kinetics_examples);
  CheckRegistry(Equilibrium, equilibrium_examples);
  CheckRegistry(Transport, transport_examples);
}

// |slope - (plus - minus) / 2h| in all lanes against the largest slope in sight.
static void CheckSlopes(const char law[], const char what[], const double slope[LH_BATCH],
                        const double plus[LH_BATCH], const double minus[LH_BATCH], double h,
                        double value_scale) {
  for (int l = 0; l < LH_BATCH; l++) {
    const double difference = (plus[l] - minus[l]) / (2 * h);
    const double scale = fmax(fabs(slope[l]), fabs(difference)) + 1e-3 * value_scale;

    if (!(fabs(slope[l] - difference) <= 1e-6 * scale)) {
      fail_msg("%s: %s in lane %d is %.10g, the difference %.10g", law, what, l, slope[l],
               difference);
    }
  }
}

static LhKineticsInput GenericInput(void) {
  return (LhKineticsInput){
      .eta = {-0.31, -0.11, -0.017, 0.003, 0.021, 0.09,  0.23, 0.52},
      .lnc = {2.1,   4.3,   6.2,    6.9,   7.1,   7.4,   7.7,  5.5 },
      .pressure = {-3e6,  2e5,   7e6,    -4e5,  1e6,   2.4e7, 5e5,  3e4 },
      .temperature = 311,
      .molar_volume = 1.3e-5
  };
}

static void test_kinetics_derivatives(void **state) {
  const double h = 1e-6;
  (void)state;

  for (size_t e = 0; e < NUM(kinetics_examples); e++) {
    const LhKineticsLaw *law;
    LhKineticsInput in = GenericInput();
    LhKineticsOutput out, plus, minus;
    void *params;

    OK(LhKineticsLawFind(kinetics_examples[e].law, &law));
    params = ReadLaw(law, kinetics_examples[e].yaml);
    law->evaluate(params, &in, &out);
    for (int l = 0; l < LH_BATCH; l++) in.eta[l] += h;
    law->evaluate(params, &in, &plus);
    for (int l = 0; l < LH_BATCH; l++) in.eta[l] -= 2 * h;
    law->evaluate(params, &in, &minus);
    CheckSlopes(law->name, "danodic_deta", out.danodic_deta, plus.anodic, minus.anodic, h, 1);
    CheckSlopes(law->name, "dcathodic_deta", out.dcathodic_deta, plus.cathodic, minus.cathodic, h,
                1);
    in = GenericInput();
    for (int l = 0; l < LH_BATCH; l++) in.lnc[l] += h;
    law->evaluate(params, &in, &plus);
    for (int l = 0; l < LH_BATCH; l++) in.lnc[l] -= 2 * h;
    law->evaluate(params, &in, &minus);
    CheckSlopes(law->name, "danodic_dlnc", out.danodic_dlnc, plus.anodic, minus.anodic, h, 1);
    CheckSlopes(law->name, "dcathodic_dlnc", out.dcathodic_dlnc, plus.cathodic, minus.cathodic, h,
                1);
    OK(PetscFree(params));
  }
}

static double Net(const LhKineticsLaw *law, const void *params, double eta, double lnc) {
  LhKineticsInput in = {.temperature = 311, .molar_volume = 1.3e-5};
  LhKineticsOutput out;

  for (int l = 0; l < LH_BATCH; l++) {
    in.eta[l] = eta;
    in.lnc[l] = lnc;
  }
  law->evaluate(params, &in, &out);
  assert_true(out.anodic[6] >= 0 && out.cathodic[6] >= 0);
  assert_true(out.danodic_deta[6] >= 0 && out.dcathodic_deta[6] <= 0);
  assert_true(isfinite(out.anodic[6]) && isfinite(out.cathodic[6]));
  return out.anodic[6] - out.cathodic[6];
}

// No current at rest, the exchange current both ways there, the sign of eta elsewhere, never infinite.
static void test_kinetics_limits(void **state) {
  static const double etas[] = {1e-8, 1e-4, 0.02, 0.3, 2.7, 40, 1e4};
  (void)state;

  for (size_t e = 0; e < NUM(kinetics_examples); e++) {
    const LhKineticsLaw *law;
    LhKineticsInput in = {.temperature = 311, .molar_volume = 1.3e-5};
    LhKineticsOutput out;
    double last = 0;
    void *params;

    OK(LhKineticsLawFind(kinetics_examples[e].law, &law));
    params = ReadLaw(law, kinetics_examples[e].yaml);
    for (int l = 0; l < LH_BATCH; l++) in.lnc[l] = 7.3;
    law->evaluate(params, &in, &out);
    assert_near(out.anodic[2], law->exchange(params, 7.3, 311), 1e-12);
    assert_near(out.cathodic[2], out.anodic[2], 1e-12);
    for (size_t k = 0; k < NUM(etas); k++) {
      assert_true(Net(law, params, etas[k], 7.3) > last);
      assert_true(Net(law, params, -etas[k], 7.3) < 0);
      last = Net(law, params, etas[k], 7.3);
      Net(law, params, etas[k], -50);
    }
    OK(PetscFree(params));
  }
}

// Exchanging the directions and alpha with 1 - alpha changes the sign of the current only.
static void test_butler_volmer_symmetry(void **state) {
  const LhKineticsLaw *law;
  void *one, *other;
  (void)state;

  OK(LhKineticsLawFind("butler_volmer", &law));
  one = ReadLaw(law,
                "{exchange_current_density: 3 A/m^2, transfer_coefficient: 0.3, activation_energy: "
                "20 kJ/mol, stress_transfer: 0.5, concentration_exponent: 0.6}");
  other = ReadLaw(law,
                  "{exchange_current_density: 3 A/m^2, transfer_coefficient: 0.7, "
                  "activation_energy: 20 kJ/mol, stress_transfer: 0.5, concentration_exponent: "
                  "0.6}");
  assert_near(Net(law, one, 0.083, 6.1), -Net(law, other, -0.083, 6.1), 1e-12);
  assert_near(Net(law, one, -0.021, 6.1), -Net(law, other, 0.021, 6.1), 1e-12);
  OK(PetscFree(one));
  OK(PetscFree(other));
}

static void test_equilibrium(void **state) {
  const double h = 1e-6;
  (void)state;

  for (size_t e = 0; e < NUM(equilibrium_examples); e++) {
    const LhEquilibriumLaw *law;
    double y[LH_BATCH], U[LH_BATCH], dU[LH_BATCH], plus[LH_BATCH], minus[LH_BATCH],
        unused[LH_BATCH];
    double last = INFINITY;
    void *params;

    OK(LhEquilibriumLawFind(equilibrium_examples[e].law, &law));
    params = ReadLaw(law, equilibrium_examples[e].yaml);
    if (law->check) assert_null(law->check(params));
    for (double at = -0.05; at < 1.05; at += 0.0031 * LH_BATCH) {
      for (int l = 0; l < LH_BATCH; l++) y[l] = at + 0.0031 * l;
      law->evaluate(params, y, 305, U, dU);
      for (int l = 0; l < LH_BATCH; l++) {
        assert_true(U[l] <= last && dU[l] <= 0 && isfinite(U[l]));
        last = U[l];
        y[l] += h;
      }
      law->evaluate(params, y, 305, plus, unused);
      for (int l = 0; l < LH_BATCH; l++) y[l] -= 2 * h;
      law->evaluate(params, y, 305, minus, unused);
      CheckSlopes(law->name, "dU", dU, plus, minus, h, 1);
    }
    OK(PetscFree(params));
  }
}

static void CheckTransportAt(const LhTransportLaw *law, const void *params,
                             const double at[LH_BATCH], double T) {
  const double h = 1e-5;
  double lnc[LH_BATCH];
  LhTransport t, plus, minus;

  law->evaluate(params, at, T, &t);
  for (int l = 0; l < LH_BATCH; l++) lnc[l] = at[l] + h;
  law->evaluate(params, lnc, T, &plus);
  for (int l = 0; l < LH_BATCH; l++) lnc[l] = at[l] - h;
  law->evaluate(params, lnc, T, &minus);
  for (int l = 0; l < LH_BATCH; l++) {
    if (!(t.kappa[l] > 0 && t.D[l] > 0 && t.tdf[l] > 0 && t.tplus[l] < 1)) {
      fail_msg("%s at c = %g, T = %g: kappa %g, D %g, 1 + dlnf/dlnc %g, t+ %g", law->name,
               exp(at[l]), T, t.kappa[l], t.D[l], t.tdf[l], t.tplus[l]);
    }
  }
  CheckSlopes(law->name, "dkappa", t.dkappa, plus.kappa, minus.kappa, h, 1);
  CheckSlopes(law->name, "dD", t.dD, plus.D, minus.D, h, 1e-9);
  CheckSlopes(law->name, "dtplus", t.dtplus, plus.tplus, minus.tplus, h, 1);
  CheckSlopes(law->name, "dtdf", t.dtdf, plus.tdf, minus.tdf, h, 1);
}

// From nearly no salt to ten times the solubility, over the temperatures of a cell.
static void test_transport(void **state) {
  static const double temperatures[] = {268.15, 298.15, 328.15};
  (void)state;

  for (size_t e = 0; e < NUM(transport_examples); e++) {
    const LhTransportLaw *law;
    void *params;

    OK(LhTransportLawFind(transport_examples[e].law, &law));
    params = ReadLaw(law, transport_examples[e].yaml);
    for (size_t k = 0; k < NUM(temperatures); k++) {
      for (double at = -15; at < 10; at += 0.037 * LH_BATCH) {
        double lnc[LH_BATCH];

        for (int l = 0; l < LH_BATCH; l++) lnc[l] = at + 0.037 * l;
        CheckTransportAt(law, params, lnc, temperatures[k]);
      }
    }
    OK(PetscFree(params));
  }
}

// A lane's result depends on that lane's input only.
static void test_lanes_are_independent(void **state) {
  const LhKineticsLaw *law;
  LhKineticsInput in = GenericInput();
  LhKineticsOutput out, again;
  void *params;
  (void)state;

  OK(LhKineticsLawFind("butler_volmer", &law));
  params = ReadLaw(law, kinetics_examples[0].yaml);
  law->evaluate(params, &in, &out);
  in.eta[3] = 1e6;
  in.lnc[3] = -1e4;
  law->evaluate(params, &in, &again);
  for (int l = 0; l < LH_BATCH; l++) {
    if (l != 3) assert_true(out.anodic[l] == again.anodic[l]);
  }
  OK(PetscFree(params));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_registries),           cmocka_unit_test(test_kinetics_derivatives),
      cmocka_unit_test(test_kinetics_limits),      cmocka_unit_test(test_butler_volmer_symmetry),
      cmocka_unit_test(test_equilibrium),          cmocka_unit_test(test_transport),
      cmocka_unit_test(test_lanes_are_independent)};

  return RunTests(argc, argv, tests);
}
