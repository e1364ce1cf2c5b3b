/// @file
/// A material point under a stress or stretch programme along three axes, turned by a generic rotation so
/// that no component of F is zero. All lanes carry the same point. Newton on the unknown stretches uses the
/// law's own tangent: 12 iterations are enough for quadratic convergence and not for anything slower.
#pragma once

#include "conformance/mech_examples.h"
#include "support/verified.h"

typedef struct {
  const LhMechLaw *law;
  double params[MECH_PARAMS_MAX / sizeof(double)];
  double old[MECH_STATE_MAX][LH_BATCH], now[MECH_STATE_MAX][LH_BATCH];
  LhMechInput in;
  LhMechOutput out;
  double stretch[3];      ///< along the three axes
  double nominal[3];      ///< first Piola-Kirchhoff stress along them [Pa]
  double true_stress[3];  ///< Cauchy [Pa]
  double kirchhoff[3];    ///< [Pa]
  double elastic[3];      ///< elastic log strain
  double dissipated;      ///< sum over the steps [J/m^3]
} Point;

/// What is prescribed along each axis: nominal stress or stretch.
typedef struct {
  PetscBool stress[3];
  double value[3];
} Programme;

/// Columns are the three axes: a rotation without zeros.
static const double axes[9] = {0.36, 0.48, -0.8, -0.8, 0.6, 0.0, 0.48, 0.64, 0.6};

static inline void PointSet(Point *pt, const char name[], double value) {
  assert_true(MechSetParam(pt->law, pt->params, name, value));
}

/// A point of the named law with the example's parameters, at 298.15 K, dense, unstrengthened.
static inline void PointCreate(const char law[], Point *pt) {
  memset(pt, 0, sizeof(*pt));
  assert_int_equal(LhMechLawFind(law, &pt->law), 0);
  assert_non_null(pt->law);
  assert_true(pt->law->params_size <= sizeof(pt->params));
  MechSetExample(pt->law, pt->params);
  for (int l = 0; l < LH_BATCH; l++) {
    pt->in.temperature[l] = LH_REFERENCE_TEMPERATURE;
    pt->in.field[LH_MECH_STRENGTHENING][l] = 1;
    pt->in.field[LH_MECH_ALLOY_CONTENT][l] = 1;
  }
  for (int a = 0; a < 3; a++) pt->stretch[a] = 1;
}

/// Starts from the virgin state; call when the parameters are set.
static inline void PointStart(Point *pt) {
  pt->law->init(pt->params, pt->old);
}

static inline void PointSetField(Point *pt, LhMechField field, double value) {
  for (int l = 0; l < LH_BATCH; l++) pt->in.field[field][l] = value;
}

/// Component of row-major X along axes a, b.
static inline double AlongAxes(double (*X)[LH_BATCH], int a, int b) {
  double sum = 0;

  for (int k = 0; k < 9; k++) sum += axes[3 * (k / 3) + a] * X[k][0] * axes[3 * (k % 3) + b];
  return sum;
}

/// Evaluates the law at the present stretches.
static inline void PointEvaluate(Point *pt, double dt) {
  static const int sym[9] = {0, 5, 4, 5, 1, 3, 4, 3, 2};
  double full[9][LH_BATCH], J;

  for (int k = 0; k < 9; k++) {
    double F = 0;

    for (int a = 0; a < 3; a++) F += axes[3 * (k / 3) + a] * pt->stretch[a] * axes[3 * (k % 3) + a];
    for (int l = 0; l < LH_BATCH; l++) pt->in.F[k][l] = F;
  }
  pt->in.dt = dt;
  pt->law->update(pt->params, &pt->in, (const double(*)[LH_BATCH])pt->old, pt->now, PETSC_TRUE,
                  &pt->out);
  assert_true(pt->out.failed[0] == 0);
  for (int k = 0; k < 9; k++) full[k][0] = pt->out.elastic_log[sym[k]][0];
  J = pt->stretch[0] * pt->stretch[1] * pt->stretch[2];
  for (int a = 0; a < 3; a++) {
    pt->nominal[a] = AlongAxes(pt->out.P, a, a);
    pt->kirchhoff[a] = pt->nominal[a] * pt->stretch[a];
    pt->true_stress[a] = pt->kirchhoff[a] / J;
    pt->elastic[a] = AlongAxes(full, a, a);
  }
}

/// dP_aa / dstretch_b.
static inline double PointStiffness(Point *pt, int a, int b) {
  double column[9][LH_BATCH];

  for (int k = 0; k < 9; k++) {
    column[k][0] = 0;
    for (int j = 0; j < 9; j++) {
      column[k][0] += pt->out.A[k][j][0] * axes[3 * (j / 3) + b] * axes[3 * (j % 3) + b];
    }
  }
  return AlongAxes(column, a, a);
}

/// Gaussian elimination; K is small, positive enough and gets destroyed.
static inline void SolveSmall(int n, double K[3][3], double r[3]) {
  for (int c = 0; c < n; c++) {
    for (int i = c + 1; i < n; i++) {
      const double f = K[i][c] / K[c][c];

      for (int j = c; j < n; j++) K[i][j] -= f * K[c][j];
      r[i] -= f * r[c];
    }
  }
  for (int i = n - 1; i >= 0; i--) {
    for (int j = i + 1; j < n; j++) r[i] -= K[i][j] * r[j];
    r[i] /= K[i][i];
  }
}

/// One step of `dt`; the state advances.
static inline void PointStep(Point *pt, const Programme *todo, double dt) {
  const double modulus = 1e-13;  // of the stiffness: stress known to its rounding
  int iteration, axis[3], n = 0;

  for (int a = 0; a < 3; a++) {
    if (todo->stress[a])
      axis[n++] = a;
    else
      pt->stretch[a] = todo->value[a];
  }
  for (iteration = 0; iteration < 12; iteration++) {
    double K[3][3], r[3], worst = 0, stiff = 0;

    PointEvaluate(pt, dt);
    for (int i = 0; i < n; i++) {
      r[i] = todo->value[axis[i]] - pt->nominal[axis[i]];
      worst = fmax(worst, fabs(r[i]));
      for (int j = 0; j < n; j++) K[i][j] = PointStiffness(pt, axis[i], axis[j]);
      for (int k = 0; k < 81; k++) stiff = fmax(stiff, fabs(pt->out.A[k / 9][k % 9][0]));
    }
    if (worst <= modulus * stiff) break;
    SolveSmall(n, K, r);
    for (int i = 0; i < n; i++) pt->stretch[axis[i]] += r[i];
  }
  assert_true(iteration < 12);
  pt->dissipated += pt->out.dissipation[0];
  memcpy(pt->old, pt->now, sizeof(pt->now));
}

/// Axis 0 stretched to log strain `strain`, no stress across it.
static inline void PointPull(Point *pt, double strain, double dt) {
  const Programme todo = {
      {PETSC_FALSE, PETSC_TRUE, PETSC_TRUE},
      {exp(strain), 0,          0         }
  };

  PointStep(pt, &todo, dt);
}

/// An internal variable by name.
static inline double PointInternal(const Point *pt, const char name[]) {
  for (PetscInt i = 0; i < pt->law->num_state; i++) {
    if (strcmp(pt->law->state_names[i], name) == 0) return pt->old[i][0];
  }
  fail_msg("no state %s", name);
  return 0;
}
