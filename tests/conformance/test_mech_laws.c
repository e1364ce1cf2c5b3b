/// Checks: what every registered mechanical law promises, whatever its physics: complete tables; no
///   stress in the undeformed body; tangent = derivative of P in elastic, flowing, unloading and
///   repeated-stretch states; objectivity; isotropy; dissipation >= 0; `old` untouched and the same
///   answer twice; lanes independent; finite numbers for extreme input; inverted points refused.
/// Reference: fourth-order central differences of P; exact invariances.
/// Tolerance and why: tangent 1e-6 of its largest entry: with h = 1e-8 to 1e-6 rounding costs 1e-16 / h and
///   truncation (h / yield strain)^4, for yield strains of 1e-6 and more; invariances 1e-5 of the stress,
///   which is about 1e-16 / (yield strain 1e-6) of rounding times a hundred.
/// Fails if: a law drops a term of its tangent, mixes lanes, indices or old and new state.
#include "conformance/mech_examples.h"

typedef struct {
  const LhMechLaw *law;
  double params[MECH_PARAMS_MAX / sizeof(double)];
} Subject;

typedef double State[MECH_STATE_MAX][LH_BATCH];

#define NUM_PATHS  4
#define NUM_STAGES 3

/// Displacement gradients: generic, compressive generic, uniaxial, volumetric (equal stretches).
static const double directions[NUM_PATHS][9] = {
    {0.83,  -0.41, 0.29,  0.57, -0.71, 0.17, -0.23, 0.37,  0.61 },
    {-0.91, 0.22,  -0.31, 0.13, -0.67, 0.27, 0.19,  -0.43, -0.59},
    {-0.13, 0,     0,     0,    -0.13, 0,    0,     0,     -0.97},
    {-0.77, 0,     0,     0,    -0.77, 0,    0,     0,     -0.77},
};

static Subject GetSubject(const LhMechLaw *law) {
  Subject s = {.law = law};

  assert_true(law->params_size <= sizeof(s.params));
  assert_true(law->num_state <= MECH_STATE_MAX);
  assert_int_equal(MechSetExample(law, s.params), law->num_params);
  return s;
}

static void SetFields(LhMechInput *in) {
  for (int l = 0; l < LH_BATCH; l++) {
    in->field[LH_MECH_POROSITY][l] = l == 3 ? 0.0 : 0.02 + 0.11 * l;
    in->field[LH_MECH_SKELETON_DENSITY][l] = 0.15 + 0.02 * l;
    in->field[LH_MECH_CNT_DENSITY][l] = 0.06 + 0.01 * l;
    in->field[LH_MECH_ALLOY_CONTENT][l] = 0.9 - 0.1 * l;
    in->field[LH_MECH_STRENGTHENING][l] = 1.0 + 0.3 * l;
    in->temperature[l] = 291 + 4.0 * l;
  }
}

/// F = 1 + size H in all lanes, each lane a little different in size and direction.
static void SetStretch(const double H[9], double size, LhMechInput *in) {
  for (int k = 0; k < 9; k++) {
    for (int l = 0; l < LH_BATCH; l++) {
      in->F[k][l] = (k % 4 == 0 ? 1.0 : 0.0) + size * (1 + 0.07 * l) * H[k];
    }
  }
}

/// The stages of a history: elastic, flowing, unloading from there.
static void SetStage(int path, int stage, LhMechInput *in) {
  static const double size[NUM_STAGES] = {1.7e-5, 0.061, 0.061 - 2.3e-5};

  SetFields(in);
  SetStretch(directions[path], size[stage], in);
  in->dt = stage == 1 ? 3.7 : 0.013;
}

/// Runs the stages before `stage`, leaving `state` as the old state of that stage.
static void RunHistory(const Subject *s, int path, int stage, State state) {
  LhMechOutput *out = calloc(1, sizeof(*out));
  State now;

  memset(state, 0, sizeof(State));
  s->law->init(s->params, state);
  for (int k = 0; k < stage; k++) {
    LhMechInput in;

    SetStage(path, k, &in);
    s->law->update(s->params, &in, (const double(*)[LH_BATCH])state, now, PETSC_FALSE, out);
    memcpy(state, now, (size_t)s->law->num_state * sizeof(now[0]));
  }
  free(out);
}

static void Update(const Subject *s, const LhMechInput *in, State old, State now, PetscBool tangent,
                   LhMechOutput *out) {
  memset(now, 0, sizeof(State));
  memset(out, 0x7f, sizeof(*out));
  s->law->update(s->params, in, (const double(*)[LH_BATCH])old, now, tangent, out);
  if (tangent && s->law->small_strain) LhMechExpandTangent(out);
}

/// dP/dF_kL by differences: (8 [P(h) - P(-h)] - [P(2h) - P(-2h)]) / 12 h.
static void DifferenceColumn(const Subject *s, const LhMechInput *in, State old, int kl, double h,
                             double column[9][LH_BATCH]) {
  static const double weight[4] = {1, -8, 8, -1}, shift[4] = {-2, -1, 1, 2};
  LhMechOutput *out = calloc(1, sizeof(*out));
  State now;

  memset(column, 0, 9 * sizeof(column[0]));
  for (int k = 0; k < 4; k++) {
    LhMechInput moved = *in;

    for (int l = 0; l < LH_BATCH; l++) moved.F[kl][l] += shift[k] * h;
    Update(s, &moved, old, now, PETSC_FALSE, out);
    for (int i = 0; i < 9; i++) {
      for (int l = 0; l < LH_BATCH; l++) column[i][l] += weight[k] * out->P[i][l] / (12 * h);
    }
  }
  free(out);
}

/// Largest error of one column of the tangent in each lane, relative to the largest entry of A.
static void CompareColumn(const Subject *s, const LhMechInput *in, State old, int kl,
                          const LhMechOutput *out, double error[LH_BATCH]) {
  static const double steps[] = {1e-6, 1e-7, 1e-8};  // a wrong tangent disagrees with all of them

  for (int l = 0; l < LH_BATCH; l++) error[l] = 1e300;
  for (int k = 0; k < 3; k++) {
    double column[9][LH_BATCH];

    DifferenceColumn(s, in, old, kl, steps[k], column);
    for (int l = 0; l < LH_BATCH; l++) {
      double scale = 0, worst = 0;

      for (int i = 0; i < 81; i++) scale = fmax(scale, fabs(out->A[i / 9][i % 9][l]));
      for (int i = 0; i < 9; i++)
        worst = fmax(worst, fabs(column[i][l] - out->A[i][kl][l]) / scale);
      error[l] = fmin(error[l], worst);
    }
  }
}

static void CheckTangent(const Subject *s, int path, int stage) {
  LhMechOutput *out = calloc(1, sizeof(*out));
  LhMechInput in;
  State old, now;

  RunHistory(s, path, stage, old);
  SetStage(path, stage, &in);
  Update(s, &in, old, now, PETSC_TRUE, out);
  for (int kl = 0; kl < 9; kl++) {
    double error[LH_BATCH];

    CompareColumn(s, &in, old, kl, out, error);
    for (int l = 0; l < LH_BATCH; l++) {
      assert_true(out->failed[l] == 0);
      if (!(error[l] < 1e-6)) {
        fail_msg("%s path %d stage %d lane %d: tangent column %d off by %g", s->law->name, path,
                 stage, l, kl, error[l]);
      }
    }
  }
  free(out);
}

static void TestTables(const Subject *s) {
  const LhMechLaw *law = s->law, *found;

  assert_int_equal(LhMechLawFind(law->name, &found), 0);
  assert_ptr_equal(found, law);
  assert_true(strlen(law->brief) > 0);
  for (PetscInt i = 0; i < law->num_state; i++) {
    assert_true(strlen(law->state_names[i]) > 0);
    assert_true(strlen(law->state_units[i]) > 0);
    for (PetscInt j = 0; j < i; j++)
      assert_string_not_equal(law->state_names[i], law->state_names[j]);
  }
  for (PetscInt i = 0; i < law->num_params; i++) {
    assert_null(law->params[i].fallback);  // physics has no silent defaults
    assert_true(law->params[i].lower < law->params[i].upper);
    assert_true(strlen(law->params[i].meaning) > 0);
  }
}

static void TestRest(const Subject *s) {
  LhMechOutput *out = calloc(1, sizeof(*out));
  LhMechInput in;
  State old, now;

  RunHistory(s, 0, 0, old);
  SetFields(&in);
  SetStretch(directions[0], 0, &in);
  in.dt = 1.3;
  Update(s, &in, old, now, PETSC_TRUE, out);
  for (int l = 0; l < LH_BATCH; l++) {
    for (int i = 0; i < 9; i++) assert_true(out->P[i][l] == 0);
    for (int i = 0; i < 81; i++) assert_true(isfinite(out->A[i / 9][i % 9][l]));
    assert_true(out->A[0][0][l] > 0);
    assert_true(out->dissipation[l] == 0);
  }
  free(out);
}

static void TestTangent(const Subject *s) {
  for (int path = 0; path < NUM_PATHS; path++) {
    for (int stage = 0; stage < NUM_STAGES; stage++) CheckTangent(s, path, stage);
  }
}

/// Rotation by `angle` about a generic axis (Rodrigues).
static void Rotation(double angle, double Q[9]) {
  const double u[3] = {0.36, -0.48, 0.8}, c = cos(angle), sn = sin(angle);
  const double W[9] = {0, -u[2], u[1], u[2], 0, -u[0], -u[1], u[0], 0};

  for (int k = 0; k < 9; k++) {
    Q[k] = (k % 4 == 0 ? c : 0) + sn * W[k] + (1 - c) * u[k / 3] * u[k % 3];
  }
}

/// X = Q X or X = X Q in every lane.
static void Turn(const double Q[9], double (*X)[LH_BATCH], PetscBool from_left) {
  for (int l = 0; l < LH_BATCH; l++) {
    double Y[9];

    for (int ij = 0; ij < 9; ij++) {
      const int i = 3 * (ij / 3), j = ij % 3;

      Y[ij] = from_left ? Q[i] * X[j][l] + Q[i + 1] * X[3 + j][l] + Q[i + 2] * X[6 + j][l]
                        : X[i][l] * Q[j] + X[i + 1][l] * Q[3 + j] + X[i + 2][l] * Q[6 + j];
    }
    for (int k = 0; k < 9; k++) X[k][l] = Y[k];
  }
}

/// Runs a history plainly and with each F turned (from the left: observer; from the right: material);
/// the stress must turn with it.
static void CheckTurned(const Subject *s, int path, PetscBool from_left) {
  LhMechOutput *plain = calloc(1, sizeof(*plain)), *turned = calloc(1, sizeof(*turned));
  State old[2], now;

  for (int k = 0; k < 2; k++) RunHistory(s, path, 0, old[k]);
  for (int stage = 0; stage < NUM_STAGES; stage++) {
    LhMechInput in;
    double Q[9];

    Rotation(from_left ? 0.7 + 0.9 * stage : 1.1, Q);
    SetStage(path, stage, &in);
    Update(s, &in, old[0], now, PETSC_FALSE, plain);
    memcpy(old[0], now, sizeof(now));
    Turn(Q, in.F, from_left);
    Update(s, &in, old[1], now, PETSC_FALSE, turned);
    memcpy(old[1], now, sizeof(now));
    Turn(Q, plain->P, from_left);
    for (int l = 0; l < LH_BATCH; l++) {
      double scale = 10;  // rounding of ln(b) times a modulus of 10 GPa is a few micropascal

      for (int i = 0; i < 9; i++) scale = fmax(scale, fabs(plain->P[i][l]));
      for (int i = 0; i < 9; i++) {
        assert_true(fabs(turned->P[i][l] - plain->P[i][l]) < 1e-5 * scale);
      }
      assert_true(fabs(turned->dissipation[l] - plain->dissipation[l]) < 1e-5 * scale);
    }
  }
  free(plain);
  free(turned);
}

/// Small-strain laws know no finite rotation; body and observer turned together (Q F Q^T) is what is left.
static void CheckTurnedTogether(const Subject *s, int path) {
  LhMechOutput *plain = calloc(1, sizeof(*plain)), *turned = calloc(1, sizeof(*turned));
  State old[2], now;
  double Q[9], T[9];

  Rotation(1.1, Q);
  for (int k = 0; k < 9; k++) T[k] = Q[3 * (k % 3) + k / 3];
  for (int k = 0; k < 2; k++) RunHistory(s, path, 0, old[k]);
  for (int stage = 0; stage < NUM_STAGES; stage++) {
    LhMechInput in;

    SetStage(path, stage, &in);
    Update(s, &in, old[0], now, PETSC_FALSE, plain);
    memcpy(old[0], now, sizeof(now));
    Turn(Q, in.F, PETSC_TRUE);
    Turn(T, in.F, PETSC_FALSE);
    Update(s, &in, old[1], now, PETSC_FALSE, turned);
    memcpy(old[1], now, sizeof(now));
    Turn(Q, plain->P, PETSC_TRUE);
    Turn(T, plain->P, PETSC_FALSE);
    for (int l = 0; l < LH_BATCH; l++) {
      double scale = 10;

      for (int i = 0; i < 9; i++) scale = fmax(scale, fabs(plain->P[i][l]));
      for (int i = 0; i < 9; i++)
        assert_true(fabs(turned->P[i][l] - plain->P[i][l]) < 1e-5 * scale);
    }
  }
  free(plain);
  free(turned);
}

static void TestInvariance(const Subject *s) {
  for (int path = 0; path < NUM_PATHS; path++) {
    if (s->law->small_strain) {
      CheckTurnedTogether(s, path);
      continue;
    }
    CheckTurned(s, path, PETSC_TRUE);
    CheckTurned(s, path, PETSC_FALSE);
  }
}

static void TestDissipation(const Subject *s) {
  LhMechOutput *out = calloc(1, sizeof(*out));
  State old, now;

  for (int path = 0; path < NUM_PATHS; path++) {
    RunHistory(s, path, 0, old);
    for (int step = 1; step <= 40; step++) {  // loads, unloads and reverses
      LhMechInput in;

      SetFields(&in);
      SetStretch(directions[path], 0.05 * sin(0.31 * step), &in);
      in.dt = 0.7;
      Update(s, &in, old, now, PETSC_FALSE, out);
      for (int l = 0; l < LH_BATCH; l++) {
        assert_true(out->failed[l] == 0);
        assert_true(out->dissipation[l] >= 0);
      }
      memcpy(old, now, sizeof(now));
    }
  }
  free(out);
}

static void TestRollback(const Subject *s) {
  LhMechOutput *out[2] = {calloc(1, sizeof(**out)), calloc(1, sizeof(**out))};
  LhMechInput in;
  State old, kept, now[2];

  RunHistory(s, 0, 2, old);
  memcpy(kept, old, sizeof(old));
  SetStage(0, 1, &in);
  for (int k = 0; k < 2; k++) Update(s, &in, old, now[k], PETSC_TRUE, out[k]);
  assert_memory_equal(old, kept, sizeof(old));
  assert_memory_equal(now[0], now[1], sizeof(now[0]));
  assert_memory_equal(out[0], out[1], sizeof(**out));
  for (int k = 0; k < 2; k++) free(out[k]);
}

static void TestLanes(const Subject *s) {
  LhMechOutput *out[2] = {calloc(1, sizeof(**out)), calloc(1, sizeof(**out))};
  LhMechInput in;
  State old, now[2];
  const int keep = 5;

  RunHistory(s, 0, 1, old);
  SetStage(0, 1, &in);
  Update(s, &in, old, now[0], PETSC_TRUE, out[0]);
  for (int l = 0; l < LH_BATCH; l++) {
    if (l == keep) continue;
    for (int k = 0; k < 9; k++) in.F[k][l] = l == 2 ? NAN : (k % 4 == 0) * (1 + 0.2 * l);
    in.temperature[l] += 100;
  }
  Update(s, &in, old, now[1], PETSC_TRUE, out[1]);
  for (int i = 0; i < 9; i++) assert_true(out[0]->P[i][keep] == out[1]->P[i][keep]);
  for (int i = 0; i < 81; i++) {
    assert_true(out[0]->A[i / 9][i % 9][keep] == out[1]->A[i / 9][i % 9][keep]);
  }
  for (PetscInt i = 0; i < s->law->num_state; i++) assert_true(now[0][i][keep] == now[1][i][keep]);
  assert_true(out[1]->failed[2] == 1);
  for (int k = 0; k < 2; k++) free(out[k]);
}

/// Stretches from 1e-2 to 1e2, steps from 0 to 1e5 s, porosity to 1: an answer or `failed`, never a NaN;
/// and an answer is compulsory for stretches that a foil can see.
static void TestExtremes(const Subject *s) {
  static const double steps[] = {0, 1e-12, 1, 1e5, 1e9}, sizes[] = {1e-12, 1e-3, 0.3, 0.9, 99};
  LhMechOutput *out = calloc(1, sizeof(*out));
  State old, now;

  RunHistory(s, 0, 0, old);
  for (int k = 0; k < 50; k++) {
    const double size = sizes[k % 5];
    LhMechInput in;

    SetFields(&in);
    for (int l = 0; l < LH_BATCH; l++) {
      const double sign = size > 1 || l % 2 ? 1 : -1;

      for (int i = 0; i < 9; i++) in.F[i][l] = i % 4 == 0;
      in.F[4 * (l % 3)][l] += sign * size;
      in.F[1 + 4 * (k % 2)][l] += k < 25 ? 0 : 0.1 * size;
      in.field[LH_MECH_POROSITY][l] = l == 6 ? 1.0 : in.field[LH_MECH_POROSITY][l];
    }
    in.dt = steps[k / 5 % 5];
    Update(s, &in, old, now, PETSC_TRUE, out);
    for (int l = 0; l < LH_BATCH; l++) {
      if (size < 0.5) assert_true(out->failed[l] == 0);
      for (int i = 0; i < 9; i++) assert_true(isfinite(out->P[i][l]));
      for (int i = 0; i < 81; i++) assert_true(isfinite(out->A[i / 9][i % 9][l]));
      for (PetscInt i = 0; i < s->law->num_state; i++) assert_true(isfinite(now[i][l]));
    }
  }
  free(out);
}

static void TestInverted(const Subject *s) {
  LhMechOutput *out = calloc(1, sizeof(*out));
  LhMechInput in;
  State old, now;

  RunHistory(s, 0, 2, old);
  SetStage(0, 1, &in);
  in.F[8][4] = -1.1;
  in.F[0][6] = NAN;
  Update(s, &in, old, now, PETSC_TRUE, out);
  for (int l = 0; l < LH_BATCH; l++) {
    const double expected = l == 4 || l == 6 ? 1 : 0;

    assert_true(out->failed[l] == expected);
    for (PetscInt i = 0; expected > 0 && i < s->law->num_state; i++)
      assert_true(now[i][l] == old[i][l]);
  }
  free(out);
}

static void TestAll(void (*check)(const Subject *)) {
  const LhMechLaw *const *laws;
  PetscInt n;

  assert_int_equal(LhMechLawGetAll(&n, &laws), 0);
  assert_true(n > 0);
  for (PetscInt i = 0; i < n; i++) {
    const Subject s = GetSubject(laws[i]);

    check(&s);
  }
}

#define FOR_ALL_LAWS(Check)          \
  static void Check##All(void **_) { \
    (void)_;                         \
    TestAll(Check);                  \
  }
FOR_ALL_LAWS(TestTables)
FOR_ALL_LAWS(TestRest)
FOR_ALL_LAWS(TestTangent)
FOR_ALL_LAWS(TestInvariance)
FOR_ALL_LAWS(TestDissipation)
FOR_ALL_LAWS(TestRollback)
FOR_ALL_LAWS(TestLanes)
FOR_ALL_LAWS(TestExtremes)
FOR_ALL_LAWS(TestInverted)

static void TestUnknownLaw(void **_) {
  const LhMechLaw *law = (const LhMechLaw *)&law;

  (void)_;
  assert_int_equal(LhMechLawFind("no_such_law", &law), 0);
  assert_null(law);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestTablesAll),      cmocka_unit_test(TestRestAll),
      cmocka_unit_test(TestTangentAll),     cmocka_unit_test(TestInvarianceAll),
      cmocka_unit_test(TestDissipationAll), cmocka_unit_test(TestRollbackAll),
      cmocka_unit_test(TestLanesAll),       cmocka_unit_test(TestExtremesAll),
      cmocka_unit_test(TestInvertedAll),    cmocka_unit_test(TestUnknownLaw),
  };

  return cmocka_run_group_tests_name("mech_laws", tests, NULL, NULL);
}
