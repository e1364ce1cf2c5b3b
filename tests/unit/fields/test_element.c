/// Checks: shape functions, derivatives, quadrature rules, batch gradients, maps of all points and face normals of every element.
/// Reference: partition of unity, central differences, closed integrals of monomials, linear fields, Gauss' theorem.
/// Tolerance and why: 1e-13 for identities in double; 1e-9 for differences with step 1e-5 (error h^2).
/// Fails if: a node, an edge, a weight or an index of the Jacobian is wrong or a face is turned inward.
#include <string.h>

#include "fields/element_map.h"
#include "fields_test.h"

static double Factorial(PetscInt n) {
  return n < 2 ? 1. : (double)n * Factorial(n - 1);
}

static int IsTensor(const LhElement *element) {
  return element->kind == LH_ELEMENT_HEX8 || element->kind == LH_ELEMENT_QUAD4;
}

/// Integral of x^p0 y^p1 z^p2 over the reference cell.
static double MonomialIntegral(const LhElement *element, const PetscInt p[3]) {
  double value = 1;
  if (IsTensor(element)) {
    for (PetscInt d = 0; d < element->dim; d++) value *= p[d] % 2 ? 0. : 2. / (double)(p[d] + 1);
    return value;
  }
  for (PetscInt d = 0; d < element->dim; d++) value *= Factorial(p[d]);
  return value / Factorial(p[0] + p[1] + p[2] + element->dim);
}

static double MonomialSum(const LhElement *element, const PetscInt p[3]) {
  double sum = 0;
  for (PetscInt q = 0; q < element->num_points; q++) {
    const double *x = element->point[q];
    sum += element->weight[q] * pow(x[0], (double)p[0]) * pow(x[1], (double)p[1]) *
           pow(x[2], (double)p[2]);
  }
  return sum;
}

/// Largest error over all monomials of total degree (simplex) or degree in each variable (tensor) <= n.
static double RuleError(const LhElement *element, PetscInt n) {
  double error = 0;
  for (PetscInt k = 0; k < (n + 1) * (n + 1) * (n + 1); k++) {
    const PetscInt p[3] = {k % (n + 1), k / (n + 1) % (n + 1), k / ((n + 1) * (n + 1))};
    if (element->dim == 2 && p[2]) continue;
    if (!IsTensor(element) && p[0] + p[1] + p[2] > n) continue;
    error = fmax(error, fabs(MonomialSum(element, p) - MonomialIntegral(element, p)));
  }
  return error;
}

static void TestRules(void **state) {
  (void)state;
  for (int kind = 0; kind < LH_ELEMENT_NUM; kind++) {
    const LhElement *standard = LhElementGet(kind), *fine = LhElementGetFine(kind);
    const PetscInt degree = IsTensor(standard) ? 3 : 2;
    assert_true(RuleError(standard, degree) < 1e-15 * 8);
    assert_true(RuleError(fine, 5) < 1e-15 * 8);
    assert_true(RuleError(standard, degree + 1) > 1e-5);
    assert_true(RuleError(fine, 6) > 1e-6);
  }
}

static void TestShapeFunctions(void **state) {
  const double h = 1e-5, xi[3] = {.213, .317, .171};
  (void)state;
  for (int kind = 0; kind < LH_ELEMENT_NUM; kind++) {
    const LhElement *element = LhElementGet(kind);
    double N[LH_ELEMENT_MAX_NODES], dN[LH_ELEMENT_MAX_NODES][3], unused[LH_ELEMENT_MAX_NODES][3];
    double total = 0, slope[3] = {0};
    LhElementShape(kind, xi, N, dN);
    for (PetscInt a = 0; a < element->num_nodes; a++) {
      total += N[a];
      for (PetscInt d = 0; d < 3; d++) slope[d] += dN[a][d];
    }
    assert_true(fabs(total - 1) < 1e-14);
    for (PetscInt d = 0; d < 3; d++) assert_true(fabs(slope[d]) < 1e-14);
    for (PetscInt d = 0; d < element->dim; d++) {
      double plus[LH_ELEMENT_MAX_NODES], minus[LH_ELEMENT_MAX_NODES], x[3];
      memcpy(x, xi, sizeof(x));
      x[d] = xi[d] + h;
      LhElementShape(kind, x, plus, unused);
      x[d] = xi[d] - h;
      LhElementShape(kind, x, minus, unused);
      for (PetscInt a = 0; a < element->num_nodes; a++) {
        assert_true(fabs((plus[a] - minus[a]) / (2 * h) - dN[a][d]) < 1e-9);
      }
    }
  }
}

static const double corner[4][8][3] = {
    {{-1, -1, -1},
     {1, -1, -1},
     {1, 1, -1},
     {-1, 1, -1},
     {-1, -1, 1},
     {1, -1, 1},
     {1, 1, 1},
     {-1, 1, 1}},
    {{0, 0, 0},  {1, 0, 0},   {0, 1, 0},                {0, 0, 1}},
    {{-1, -1, 0},            {1, -1, 0},  {1, 1, 0},  {-1, 1, 0}},
    {{0, 0, 0},   {1, 0, 0}, {0, 1, 0}},
};

/// Reference coordinates of node a from the corners and LhElementNodeEnds.
static void NodePoint(LhElementKind kind, PetscInt a, double xi[3]) {
  static const int family[LH_ELEMENT_NUM] = {0, 1, 1, 2, 3, 3};
  PetscInt end[2];
  LhElementNodeEnds(kind, a, end);
  for (int d = 0; d < 3; d++) {
    xi[d] = .5 * (corner[family[kind]][end[0]][d] + corner[family[kind]][end[1]][d]);
  }
}

/// The order of VTK's quadratic cells, which files and other codes rely on.
static void TestEdgeNodesAreInVtkOrder(void **state) {
  static const PetscInt tet10[6][2] = {
      {0, 1},
      {1, 2},
      {2, 0},
      {0, 3},
      {1, 3},
      {2, 3}
  };
  static const PetscInt tri6[3][2] = {
      {0, 1},
      {1, 2},
      {2, 0}
  };
  (void)state;
  for (int e = 0; e < 6 + 3; e++) {
    const PetscInt *edge = e < 6 ? tet10[e] : tri6[e - 6];
    PetscInt end[2];
    LhElementNodeEnds(e < 6 ? LH_ELEMENT_TET10 : LH_ELEMENT_TRI6, e < 6 ? 4 + e : e - 3, end);
    assert_int_equal(PetscMin(end[0], end[1]), PetscMin(edge[0], edge[1]));
    assert_int_equal(PetscMax(end[0], end[1]), PetscMax(edge[0], edge[1]));
  }
}

static void TestNodesAreWhereTheyAre(void **state) {
  (void)state;
  for (int kind = 0; kind < LH_ELEMENT_NUM; kind++) {
    for (PetscInt b = 0; b < LhElementGet(kind)->num_nodes; b++) {
      double N[LH_ELEMENT_MAX_NODES], dN[LH_ELEMENT_MAX_NODES][3], xi[3];
      NodePoint(kind, b, xi);
      LhElementShape(kind, xi, N, dN);
      for (PetscInt a = 0; a < LhElementGet(kind)->num_nodes; a++) {
        assert_true(fabs(N[a] - (a == b)) < 1e-14);
      }
    }
  }
}

/// Node coordinates of a batch of different, distorted, turned cells; simplex edges stay straight.
static void MakeCells(LhElementKind kind, double x[3 * LH_ELEMENT_MAX_NODES][LH_BATCH]) {
  static const double turn[3][3] = {
      {.9,   -.2, .1  },
      {.25,  1.1, -.15},
      {-.05, .3,  .8  }
  };
  for (PetscInt a = 0; a < LhElementGet(kind)->num_nodes; a++) {
    PetscInt end[2];
    double xi[3];
    NodePoint(kind, a, xi);
    LhElementNodeEnds(kind, a, end);
    for (int d = 0; d < 3; d++) {
      for (int l = 0; l < LH_BATCH; l++) {
        double shift = .5 * (Scramble(end[0], 3 * l + d) + Scramble(end[1], 3 * l + d));
        x[3 * a + d][l] = 2. + .1 * shift;
        for (int e = 0; e < 3; e++) x[3 * a + d][l] += (.4 + .1 * l) * turn[d][e] * xi[e];
      }
    }
  }
}

static void TestLinearFieldsHaveTheirGradient(void **state) {
  static const LhElementKind kinds[3] = {LH_ELEMENT_HEX8, LH_ELEMENT_TET4, LH_ELEMENT_TET10};
  const double slope[3] = {1.7, -.6, .9};
  double x[3 * LH_ELEMENT_MAX_NODES][LH_BATCH], grad[3 * LH_ELEMENT_MAX_NODES][LH_BATCH];
  double dv[LH_BATCH];
  (void)state;
  for (int kq = 0; kq < 3 * 4; kq++) {
    const LhElement *element = LhElementGet(kinds[kq / 4]);
    MakeCells(element->kind, x);
    LhElementGradients(element, kq % 4, (const double(*)[LH_BATCH])x, grad, dv);
    for (int ld = 0; ld < 3 * LH_BATCH; ld++) {
      const int lane = ld / 3, d = ld % 3;
      double g = 0;
      for (PetscInt a = 0; a < element->num_nodes; a++) {
        double u = .4;
        for (int e = 0; e < 3; e++) u += slope[e] * x[3 * a + e][lane];
        g += grad[3 * a + d][lane] * u;
      }
      assert_true(fabs(g - slope[d]) < 1e-12);
    }
  }
}

/// Power of a field's derivatives on stresses at the points, by gradients of every node and by the maps of all points.
static void CheckMap(const LhElement *element) {
  static double x[3 * LH_ELEMENT_MAX_NODES][LH_BATCH], v[3 * LH_ELEMENT_MAX_NODES][LH_BATCH];
  static double grad[3 * LH_ELEMENT_MAX_NODES][LH_BATCH], f[3 * LH_ELEMENT_MAX_NODES][LH_BATCH];
  static double inverse[LH_ELEMENT_MAX_POINTS][9][LH_BATCH], D[LH_ELEMENT_MAX_POINTS][9][LH_BATCH];
  double dv[LH_BATCH], all_dv[LH_ELEMENT_MAX_POINTS][LH_BATCH], power[LH_BATCH] = {0};

  MakeCells(element->kind, x);
  for (int d = 0; d < 3 * element->num_nodes; d++) {
    for (int l = 0; l < LH_BATCH; l++) v[d][l] = Scramble(d, l);
  }
  LhElementMap(element, (const double(*)[LH_BATCH])x, inverse, all_dv);
  LhElementDerive(element, (const double(*)[LH_BATCH])v, D);
  for (PetscInt q = 0; q < element->num_points; q++) {
    LhElementGradients(element, q, (const double(*)[LH_BATCH])x, grad, dv);
    for (int ml = 0; ml < 9 * LH_BATCH; ml++) {
      const int d = ml % 9 / 3, j = ml % 3, l = ml / 9;
      double by_node = 0, by_map = 0;

      for (int a = 0; a < element->num_nodes; a++) by_node += v[3 * a + d][l] * grad[3 * a + j][l];
      for (int e = 0; e < 3; e++) by_map += D[q][3 * d + e][l] * inverse[q][3 * e + j][l];
      assert_true(fabs(by_map - by_node) < 1e-12);
      assert_true(fabs(all_dv[q][l] - dv[l]) < 1e-14);
    }
  }
  LhElementGather(element, (const double(*)[9][LH_BATCH])D, f);
  for (int d = 0; d < 3 * element->num_nodes; d++) {
    for (int l = 0; l < LH_BATCH; l++) power[l] += f[d][l] * v[d][l];
  }
  for (int qml = 0; qml < (int)element->num_points * 9 * LH_BATCH; qml++) {
    const double value = D[qml / 9 / LH_BATCH][qml / LH_BATCH % 9][qml % LH_BATCH];
    power[qml % LH_BATCH] -= value * value;
  }
  for (int l = 0; l < LH_BATCH; l++) assert_true(fabs(power[l]) < 1e-12);
}

static void TestMapOfAllPoints(void **state) {
  static const LhElementKind kinds[3] = {LH_ELEMENT_HEX8, LH_ELEMENT_TET4, LH_ELEMENT_TET10};

  (void)state;
  for (int k = 0; k < 3; k++) {
    CheckMap(LhElementGet(kinds[k]));
    CheckMap(LhElementGetFine(kinds[k]));
  }
}

/// Third of the flux of the position vector out of a face given by local nodes.
static double FaceFlux(const LhElement *face, const int node[], int lane,
                       double x[3 * LH_ELEMENT_MAX_NODES][LH_BATCH]) {
  double y[LH_ELEMENT_MAX_NODES][3], flux = 0;
  for (PetscInt a = 0; a < face->num_nodes; a++) {
    for (int d = 0; d < 3; d++) y[a][d] = x[3 * node[a] + d][lane];
  }
  for (PetscInt q = 0; q < face->num_points; q++) {
    double n[3];
    LhFaceNormal(face, q, (const double(*)[3])y, n);
    for (PetscInt a = 0; a < face->num_nodes; a++) {
      for (int d = 0; d < 3; d++) flux += face->N[q][a] * y[a][d] * n[d] / 3;
    }
  }
  return flux;
}

/// Volume of each lane by quadrature against the flux of x/3 through its faces.
static void CheckVolume(LhElementKind kind, LhElementKind face_kind, int num_faces,
                        const int face[][4]) {
  const LhElement *element = LhElementGet(kind), *face_element = LhElementGet(face_kind);
  double x[3 * LH_ELEMENT_MAX_NODES][LH_BATCH], grad[3 * LH_ELEMENT_MAX_NODES][LH_BATCH];
  double dv[LH_BATCH], volume[LH_BATCH] = {0};
  MakeCells(kind, x);
  for (PetscInt q = 0; q < element->num_points; q++) {
    LhElementGradients(element, q, (const double(*)[LH_BATCH])x, grad, dv);
    for (int l = 0; l < LH_BATCH; l++) volume[l] += dv[l];
  }
  for (int l = 0; l < LH_BATCH; l++) {
    double flux = 0;
    for (int f = 0; f < num_faces; f++) flux += FaceFlux(face_element, face[f], l, x);
    assert_true(volume[l] > 0.01);
    assert_true(fabs(flux - volume[l]) < 1e-13);
  }
}

static void TestVolumeByFaces(void **state) {
  static const int hex_face[6][4] = {
      {0, 3, 2, 1},
      {4, 5, 6, 7},
      {0, 1, 5, 4},
      {1, 2, 6, 5},
      {2, 3, 7, 6},
      {3, 0, 4, 7}
  };
  static const int tet_face[4][4] = {
      {0, 2, 1, 0},
      {0, 1, 3, 0},
      {1, 2, 3, 0},
      {0, 3, 2, 0}
  };
  (void)state;
  CheckVolume(LH_ELEMENT_HEX8, LH_ELEMENT_QUAD4, 6, hex_face);
  CheckVolume(LH_ELEMENT_TET4, LH_ELEMENT_TRI3, 4, tet_face);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestRules),
    cmocka_unit_test(TestShapeFunctions),
    cmocka_unit_test(TestEdgeNodesAreInVtkOrder),
    cmocka_unit_test(TestNodesAreWhereTheyAre),
    cmocka_unit_test(TestLinearFieldsHaveTheirGradient),
    cmocka_unit_test(TestMapOfAllPoints),
    cmocka_unit_test(TestVolumeByFaces),
};
FIELDS_TEST_MAIN(tests)
