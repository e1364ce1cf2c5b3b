/// Checks: what every registered fibre law promises: complete tables; no stress unstretched; tangent = dT/dlambda while
///   elastic, slipping, being drawn out, unloading, compressed and with viscosity; work = stored + dissipated;
///   dissipation >= 0; a broken piece carries nothing; `old` untouched, same answer twice; lanes independent;
///   an interface keeps its bounds, its tangent and its dissipation.
/// Reference: central differences of T; the integral of T over the stretch.
/// Tolerance and why: tangent 1e-6 of the modulus: the laws are smooth between corners, which the lanes straddle; energy
///   1e-6: the trapezoid over 2e4 steps of a curve with corners; the rest exact.
/// Fails if: a tangent misses a term, slip costs no energy or makes it, or a lane sees another.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "laws/fibre_law.h"

#define STATE_MAX 8
#define MODULUS   300e9

typedef double State[STATE_MAX][LH_BATCH];

typedef struct {
  const LhFibreLaw *law;
  double params[32];
} Subject;

/// Values of rows without a default; a row that is not here and has none fails the suite.
static const struct {
  const char *param;
  double value;
} examples[] = {
    {"fibre_modulus",       MODULUS},
    {"tensile_strength",    5e9    },
    {"interface_strength",  40e6   },
    {"interface_stiffness", 1e16   },
};

static void SetParam(Subject *s, const char name[], double value) {
  for (PetscInt k = 0; k < s->law->num_params; k++) {
    const LhParam *row = &s->law->params[k];
    if (strcmp(row->name, name)) continue;
    if (row->kind == LH_PARAM_BOOL)
      *(PetscBool *)((char *)s->params + row->offset) = value != 0. ? PETSC_TRUE : PETSC_FALSE;
    else
      *(double *)((char *)s->params + row->offset) = value;
  }
}

static Subject GetSubject(const LhFibreLaw *law) {
  Subject s = {.law = law};

  assert_true(law->params_size <= sizeof(s.params));
  assert_true(law->num_state <= STATE_MAX);
  for (PetscInt k = 0; k < law->num_params; k++) {
    size_t i = 0;
    while (i < sizeof(examples) / sizeof(examples[0]) &&
           strcmp(examples[i].param, law->params[k].name))
      i++;
    if (i < sizeof(examples) / sizeof(examples[0]))
      SetParam(&s, law->params[k].name, examples[i].value);
    else
      assert_non_null(law->params[k].fallback);
  }
  return s;
}

static LhFibreInput MakeInput(double dt) {
  LhFibreInput in = {.dt = dt};

  for (int l = 0; l < LH_BATCH; l++) {
    in.stretch[l] = 1.;
    in.length[l] = 2e-7;
    in.diameter[l] = 15e-9;
    in.reach[l] = (0.3 + 0.25 * l) * 1e-6;
    in.withdrawn[l] = 1e-8 * l;
    in.flow[l] = l == 5 ? 30e6 : PETSC_INFINITY;
  }
  return in;
}

static void SetStretch(LhFibreInput *in, double strain) {
  for (int l = 0; l < LH_BATCH; l++) in->stretch[l] = 1. + strain * (1. + 0.07 * l);
}

static void Update(const Subject *s, const LhFibreInput *in, const State old, State now,
                   LhFibreOutput *out) {
  s->law->update(s->params, in, old, now, out);
}

static const LhFibreLaw *LawAt(PetscInt i, PetscInt *n) {
  const LhFibreLaw *const *laws;

  assert_int_equal(LhFibreLawGetAll(n, &laws), 0);
  return laws[i];
}

static void test_tables(void **state) {
  PetscInt n = 1;

  (void)state;
  for (PetscInt i = 0; i < n; i++) {
    const LhFibreLaw *law = LawAt(i, &n), *found;

    assert_int_equal(LhFibreLawFind(law->name, &found), 0);
    assert_ptr_equal(found, law);
    assert_true(law->brief && *law->brief && (law->update || law->bond));
    for (PetscInt k = 0; k < law->num_params; k++) assert_true(*law->params[k].meaning);
    for (PetscInt k = 0; k < law->num_state; k++) {
      assert_true(*law->state_names[k] && *law->state_units[k]);
    }
  }
}

/// Variants of a law: as it is; with compression; with viscosity; with a plateau.
static void SetVariant(Subject *s, int variant) {
  if (variant == 1) SetParam(s, "compression", 1.);
  if (variant == 2) SetParam(s, "viscosity", 1e10);
  if (variant == 3) SetParam(s, "plateau_strain", 0.1);
}

static void CheckTangent(const Subject *s, const State old, LhFibreInput *in) {
  const double h = 1e-6;
  LhFibreInput up = *in, down = *in;
  LhFibreOutput out, above, below;
  State now = {{0.}};

  Update(s, in, old, now, &out);
  for (int l = 0; l < LH_BATCH; l++) up.stretch[l] += h, down.stretch[l] -= h;
  Update(s, &up, old, now, &above);
  Update(s, &down, old, now, &below);
  for (int l = 0; l < LH_BATCH; l++) {
    const double right = (above.stress[l] - out.stress[l]) / h;
    const double left = (out.stress[l] - below.stress[l]) / h;

    assert_true(out.failed[l] <= 0.);
    if (fabs(right - left) > 1e-3 * MODULUS) continue;  // a corner of the curve lies between
    if (fabs(out.tangent[l] - 0.5 * (left + right)) > 1e-6 * MODULUS)
      print_error("%s lane %d at %g: %g, difference %g\n", s->law->name, l, in->stretch[l],
                  out.tangent[l], 0.5 * (left + right));
    assert_true(fabs(out.tangent[l] - 0.5 * (left + right)) <= 1e-6 * MODULUS);
  }
}

/// A path with loading, slip, unloading, compression, reloading and drawing out far.
static const double path[] = {0.002, 0.008, 0.03, 0.025, 0.029, -0.01, 0.02, 0.15, 0.14, 0.8, 3.};

static void WalkPath(const LhFibreLaw *law, int variant, double dt) {
  Subject s = GetSubject(law);
  LhFibreInput in = MakeInput(dt);
  State old = {{0.}}, now = {{0.}}, again = {{0.}}, kept;
  LhFibreOutput out, twice;

  SetVariant(&s, variant);
  for (size_t k = 0; k < sizeof(path) / sizeof(path[0]); k++) {
    SetStretch(&in, path[k]);
    CheckTangent(&s, old, &in);
    memcpy(kept, old, sizeof(kept));
    Update(&s, &in, old, now, &out);
    Update(&s, &in, old, again, &twice);
    assert_memory_equal(kept, old, sizeof(kept));
    assert_memory_equal(now, again, sizeof(now));
    assert_memory_equal(out.stress, twice.stress, sizeof(out.stress));
    for (int l = 0; l < LH_BATCH; l++) {
      assert_true(isfinite(out.stress[l]) && isfinite(out.tangent[l]));
      assert_true(out.dissipation[l] >= 0. && out.stored[l] >= 0.);
      if (variant != 1) assert_true(out.stress[l] >= 0.);
    }
    memcpy(old, now, sizeof(old));
  }
}

static void test_paths(void **state) {
  PetscInt n = 1;

  (void)state;
  for (PetscInt i = 0; i < n; i++) {
    if (LawAt(i, &n)->bond) continue;
    for (int variant = 0; variant < 4; variant++) {
      WalkPath(LawAt(i, &n), variant, 0.);
      WalkPath(LawAt(i, &n), variant, 2.);
    }
  }
}

static void test_unstretched(void **state) {
  PetscInt n = 1;

  (void)state;
  for (PetscInt i = 0; i < n; i++) {
    if (LawAt(i, &n)->bond) continue;
    Subject s = GetSubject(LawAt(i, &n));
    LhFibreInput in = MakeInput(1.);
    State old = {{0.}}, now = {{0.}};
    LhFibreOutput out;

    Update(&s, &in, old, now, &out);
    for (int l = 0; l < LH_BATCH; l++) {
      assert_true(out.stress[l] == 0. && out.stored[l] == 0. && out.dissipation[l] == 0.);
    }
    in.stretch[2] = -0.1;
    Update(&s, &in, old, now, &out);
    assert_true(out.failed[2] > 0. && out.failed[1] <= 0.);
  }
}

/// Small steps to strain 2 and back: int T dlambda = stored + dissipated.
static void test_energy(void **state) {
  enum { STEPS = 20000 };
  PetscInt n = 1;

  (void)state;
  for (PetscInt i = 0; i < n; i++) {
    if (LawAt(i, &n)->bond) continue;
    Subject s = GetSubject(LawAt(i, &n));
    LhFibreInput in = MakeInput(0.);
    State old = {{0.}}, now = {{0.}};
    LhFibreOutput out = {.stress = {0.}};
    const LhFibreInput start = in;
    double work[LH_BATCH] = {0.}, lost[LH_BATCH] = {0.}, last[LH_BATCH] = {0.};

    for (int k = 1; k <= STEPS; k++) {
      const LhFibreInput before = in;

      SetStretch(&in, 2. * sin(2. * k / STEPS));
      Update(&s, &in, old, now, &out);
      for (int l = 0; l < LH_BATCH; l++) {
        work[l] += 0.5 * (last[l] + out.stress[l]) * (in.stretch[l] - before.stretch[l]);
        last[l] = out.stress[l];
        lost[l] += out.dissipation[l];
        in.withdrawn[l] = start.withdrawn[l] + out.drawn[l];
      }
      memcpy(old, now, sizeof(old));
    }
    for (int l = 0; l < LH_BATCH; l++) {
      const double miss = work[l] - out.stored[l] - lost[l];
      if (fabs(miss) > 1e-6 * MODULUS)
        print_error("%s lane %d: work %g, missing %g\n", s.law->name, l, work[l], miss);
      assert_true(fabs(miss) <= 1e-6 * MODULUS);
    }
  }
}

static void test_lanes(void **state) {
  PetscInt n = 1;

  (void)state;
  for (PetscInt i = 0; i < n; i++) {
    if (LawAt(i, &n)->bond) continue;
    Subject s = GetSubject(LawAt(i, &n));
    LhFibreInput in = MakeInput(1.), other;
    State old = {{0.}}, now = {{0.}};
    LhFibreOutput out, alone;

    SetStretch(&in, 0.05);
    Update(&s, &in, old, now, &out);
    other = in;
    for (int l = 0; l < LH_BATCH; l++) {
      if (l != 3) other.stretch[l] = 1.7, other.reach[l] = 0.;
    }
    Update(&s, &other, old, now, &alone);
    assert_true(out.stress[3] == alone.stress[3] && out.tangent[3] == alone.tangent[3]);
  }
}

/// A law that can break carries nothing where the reach is 0, whatever it carried before.
static void test_broken(void **state) {
  PetscInt n = 1;

  (void)state;
  for (PetscInt i = 0; i < n; i++) {
    if (LawAt(i, &n)->bond) continue;
    Subject s = GetSubject(LawAt(i, &n));
    LhFibreInput in = MakeInput(1.);
    State old = {{0.}}, now = {{0.}};
    LhFibreOutput out;

    if (!s.law->num_state) continue;
    for (int l = 0; l < LH_BATCH; l++) in.reach[l] = 1.;
    SetStretch(&in, 0.1);
    Update(&s, &in, old, now, &out);
    assert_true(out.rupture[0] > 0. && fabs(out.stress[0] / 5e9 - 1.) < 1e-12);
    for (int l = 0; l < LH_BATCH; l++) in.reach[l] = 0.;
    Update(&s, &in, now, old, &out);
    for (int l = 0; l < LH_BATCH; l++) assert_true(fabs(out.stress[l]) < 1e-6);
  }
}

/// Slip to and fro, beyond the softening.
static const double slips[] = {1e-9, 3.9e-9, 4.3e-9, 4.2e-9, -8e-9, -2e-8, 5e-8, 4.5e-8, 0.};

static void WalkBond(const Subject *s, double flow) {
  const LhBondLaw *bond = s->law->bond;
  double old[LH_BOND_LAW_STATE] = {0.}, now[LH_BOND_LAW_STATE], kept[LH_BOND_LAW_STATE];
  double other[LH_BOND_LAW_STATE], last = 0., stored = 0., at = 0.;

  for (size_t k = 0; k < sizeof(slips) / sizeof(slips[0]); k++) {
    const double h = 1e-14;
    LhBondShear out, above, below;

    memcpy(kept, old, sizeof(kept));
    bond->shear(s->params, flow, slips[k] + h, old, other, &above);
    bond->shear(s->params, flow, slips[k] - h, old, other, &below);
    bond->shear(s->params, flow, slips[k], old, now, &out);
    assert_memory_equal(kept, old, sizeof(kept));
    assert_true(fabs(out.stress) <= 40e6 * (1. + 1e-12) && fabs(out.stress) <= flow / sqrt(3.));
    assert_true(out.tangent >= 0. && out.stored >= 0.);
    assert_true(fabs(out.tangent - (above.stress - below.stress) / (2. * h)) <= 1e-5 * 1e16);
    // Backward rule: what is not stored is lost, and never less than nothing.
    assert_true(out.stress * (slips[k] - at) - (out.stored - stored) >= -1e-12 * 40e6 * 1e-8);
    assert_true(now[LH_BOND_SLIPPED] >= old[LH_BOND_SLIPPED]);
    memcpy(old, now, sizeof(old));
    last = out.stress, stored = out.stored, at = slips[k];
  }
  assert_true(isfinite(last));
}

/// An interface: tangent, bound by strength and matrix, dissipation, `old` untouched, friction at the end.
static void test_bond(void **state) {
  PetscInt n = 1;

  (void)state;
  for (PetscInt i = 0; i < n; i++) {
    Subject s = GetSubject(LawAt(i, &n));
    double old[LH_BOND_LAW_STATE] = {0.}, now[LH_BOND_LAW_STATE];
    LhBondShear out;

    if (!s.law->bond) continue;
    for (int softens = 0; softens < 2; softens++) {
      SetParam(&s, "interface_friction", softens ? .25 : 1.);
      SetParam(&s, "softening_slip", 1e-8);
      WalkBond(&s, PETSC_INFINITY);
      WalkBond(&s, 30e6);
    }
    old[LH_BOND_SLIPPED] = 1e-6;
    s.law->bond->shear(s.params, PETSC_INFINITY, 1e-6, old, now, &out);
    assert_true(fabs(out.stress / 10e6 - 1.) < 1e-12);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tables),      cmocka_unit_test(test_paths),
      cmocka_unit_test(test_unstretched), cmocka_unit_test(test_energy),
      cmocka_unit_test(test_lanes),       cmocka_unit_test(test_broken),
      cmocka_unit_test(test_bond)};

  return cmocka_run_group_tests(tests, NULL, NULL);
}
