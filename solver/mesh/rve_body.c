/// @file
/// One ellipsoid and two: see rve_body.h.
#include "mesh/rve_body.h"

#include <math.h>

#define CLEAR 1.001  ///< contact function after a push: a hair beyond contact, so that pushing ends

void LhBodyGap(const PetscReal size[3], const PetscReal a[3], const PetscReal b[3],
               PetscReal r[3]) {
  for (PetscInt d = 0; d < 3; d++) {
    r[d] = b[d] - a[d];
    r[d] -= size[d] * PetscFloorReal(r[d] / size[d] + 0.5);
  }
}

PetscReal LhBodyVolume(const LhBody *body) {
  return 4. / 3. * PETSC_PI * body->semi[0] * body->semi[1] * body->semi[2];
}

PetscReal LhBodyRadius(const LhBody *body) {
  return PetscMax(body->semi[0], PetscMax(body->semi[1], body->semi[2]));
}

PetscReal LhBodyReach(const LhBody *body, PetscInt d) {
  PetscReal sum = 0.;
  for (PetscInt k = 0; k < 3; k++) sum += PetscSqr(body->semi[k] * body->axis[k][d]);
  return PetscSqrtReal(sum);
}

/// A body at distance h from an ellipsoid of support function sqrt(q(n)), q = sum a_k^2 n_k^2, has the support function
/// sqrt(q) + h. With sqrt(q) <= (q + m^2)/(2 m) for any m, its square is at most sum b_k^2 n_k^2 with
/// b_k^2 = (1 + h/m)(a_k^2 + h m): an ellipsoid around it. m is the mean semi-axis.
void LhBodyInflate(const LhBody *body, PetscReal gap, LhBody *inflated) {
  const PetscReal m = PetscCbrtReal(body->semi[0] * body->semi[1] * body->semi[2]);
  *inflated = *body;
  for (PetscInt k = 0; k < 3; k++) {
    inflated->semi[k] = PetscSqrtReal((1. + gap / m) * (PetscSqr(body->semi[k]) + gap * m));
  }
}

/// sum_k semi_k^2 axis_k axis_k^T: xx yy zz yz xz xy.
static void ShapeMatrix(const LhBody *body, PetscReal A[6]) {
  for (PetscInt i = 0; i < 3; i++) {
    for (PetscInt j = i; j < 3; j++) {
      PetscReal sum = 0.;
      for (PetscInt k = 0; k < 3; k++)
        sum += PetscSqr(body->semi[k]) * body->axis[k][i] * body->axis[k][j];
      A[i == j ? i : 6 - i - j] = sum;
    }
  }
}

/// y = C^-1 r for symmetric C.
static void SolveSymmetric(const PetscReal C[6], const PetscReal r[3], PetscReal y[3]) {
  const PetscReal c0 = C[1] * C[2] - C[3] * C[3], c5 = C[3] * C[4] - C[5] * C[2],
                  c4 = C[5] * C[3] - C[4] * C[1];
  const PetscReal det = C[0] * c0 + C[5] * c5 + C[4] * c4;
  const PetscReal c1 = C[0] * C[2] - C[4] * C[4], c3 = C[4] * C[5] - C[0] * C[3],
                  c2 = C[0] * C[1] - C[5] * C[5];
  y[0] = (c0 * r[0] + c5 * r[1] + c4 * r[2]) / det;
  y[1] = (c5 * r[0] + c1 * r[1] + c3 * r[2]) / det;
  y[2] = (c4 * r[0] + c3 * r[1] + c2 * r[2]) / det;
}

/// s (1 - s) r.C^-1.r with C = (1 - s) A + s B; y = C^-1 r.
static PetscReal ContactAt(const PetscReal A[6], const PetscReal B[6], const PetscReal r[3],
                           PetscReal s, PetscReal y[3]) {
  PetscReal C[6];
  for (PetscInt k = 0; k < 6; k++) C[k] = (1. - s) * A[k] + s * B[k];
  SolveSymmetric(C, r, y);
  return s * (1. - s) * (r[0] * y[0] + r[1] * y[1] + r[2] * y[2]);
}

/// Along y = C^-1 r, the vector that makes the quadratic form M = s (1 - s) C^-1 of r reach CLEAR.
static void PushToContact(const PetscReal A[6], const PetscReal B[6], const PetscReal r[3],
                          PetscReal s, PetscReal push[3]) {
  PetscReal y[3], z[3];
  const PetscReal f = ContactAt(A, B, r, s, y);
  PetscReal C[6], a = 0., b = 0.;
  for (PetscInt k = 0; k < 6; k++) C[k] = (1. - s) * A[k] + s * B[k];
  SolveSymmetric(C, y, z);
  for (PetscInt d = 0; d < 3; d++) {
    a += s * (1. - s) * y[d] * z[d];
    b += s * (1. - s) * r[d] * z[d];
  }
  const PetscReal step = a > 0. ? (PetscSqrtReal(b * b + a * (CLEAR - f)) - b) / a : 0.;
  for (PetscInt d = 0; d < 3; d++) push[d] = step * y[d];
}

PetscReal LhBodyContact(const LhBody *a, const LhBody *b, const PetscReal r[3], PetscReal push[3]) {
  const PetscReal golden = 0.6180339887498949;
  PetscReal A[6], B[6], y[3], lower = 0., upper = 1.;
  PetscReal s[2] = {1. - golden, golden}, f[2];

  ShapeMatrix(a, A);
  ShapeMatrix(b, B);
  for (PetscInt k = 0; k < 2; k++) f[k] = ContactAt(A, B, r, s[k], y);
  // The form is concave in s: golden section. Any value is a lower bound, so an error only keeps bodies apart.
  for (PetscInt k = 0; k < 24 && PetscMax(f[0], f[1]) < 1.; k++) {
    const PetscInt low = f[0] < f[1] ? 0 : 1;
    if (low == 0) {
      lower = s[0];
      s[0] = s[1];
      f[0] = f[1];
      s[1] = lower + golden * (upper - lower);
      f[1] = ContactAt(A, B, r, s[1], y);
    } else {
      upper = s[1];
      s[1] = s[0];
      f[1] = f[0];
      s[0] = upper - golden * (upper - lower);
      f[0] = ContactAt(A, B, r, s[0], y);
    }
  }
  const PetscInt best = f[0] > f[1] ? 0 : 1;
  push[0] = push[1] = push[2] = 0.;
  if (f[best] < 1.) PushToContact(A, B, r, s[best], push);
  return f[best];
}

PetscBool LhBodyContains(const LhBody *body, const PetscReal size[3], const PetscReal x[3]) {
  PetscReal r[3], sum = 0.;
  LhBodyGap(size, body->centre, x, r);
  for (PetscInt k = 0; k < 3; k++) {
    const PetscReal *t = body->axis[k];
    sum += PetscSqr((r[0] * t[0] + r[1] * t[1] + r[2] * t[2]) / body->semi[k]);
  }
  return (PetscBool)(sum <= 1.);
}
