/// Checks: volume, scaled Jacobian, aspect and face area of single cells; the tables of sides, edges and corners.
/// Reference: closed forms: parallelepiped, frustum of a pyramid, regular tetrahedron, Gauss' theorem.
/// Tolerance and why: 1e-14 relative, rounding of a few dozen operations in double.
/// Fails if: a vertex of a table is swapped, a side points inward, a corner is left-handed or forgotten.
#include "mesh/cell_shape.h"
#include "mesh_test.h"

/// Unit cube mapped by x -> A x + b.
static void MakeParallelepiped(const PetscReal a[3][3], PetscReal x[8][3]) {
  static const int corner[8][3] = {
      {0, 0, 0},
      {1, 0, 0},
      {1, 1, 0},
      {0, 1, 0},
      {0, 0, 1},
      {1, 0, 1},
      {1, 1, 1},
      {0, 1, 1}
  };
  for (int v = 0; v < 8; v++) {
    for (int i = 0; i < 3; i++) {
      x[v][i] = 0.3 * (i + 1);
      for (int d = 0; d < 3; d++) x[v][i] += a[d][i] * corner[v][d];
    }
  }
}

static void TestParallelepiped(void **state) {
  const PetscReal a[3][3] = {
      {2.,  0.3, 0.1},
      {0.2, 1.5, 0.4},
      {0.5, 0.7, 1.1}
  };
  const PetscReal det =
      2. * (1.5 * 1.1 - 0.4 * 0.7) - 0.3 * (0.2 * 1.1 - 0.4 * 0.5) + 0.1 * (0.2 * 0.7 - 1.5 * 0.5);
  PetscReal x[8][3], product = 1., size[3];
  (void)state;
  MakeParallelepiped(a, x);
  for (int d = 0; d < 3; d++) {
    size[d] = sqrt(a[d][0] * a[d][0] + a[d][1] * a[d][1] + a[d][2] * a[d][2]);
    product *= size[d];
  }
  assert_close(LhCellVolume(LH_CELL_HEX8, (const PetscReal(*)[3])x), det, 1e-14 * det);
  assert_close(LhCellScaledJacobian(LH_CELL_HEX8, (const PetscReal(*)[3])x), det / product, 1e-14);
  assert_close(LhCellAspect(LH_CELL_HEX8, (const PetscReal(*)[3])x), size[0] / size[2], 1e-14);
}

/// Frustum with squares of sides 2 and 1, height 3: V = h/3 (A1 + sqrt(A1 A2) + A2) = 7. It is a trilinear map.
static void TestFrustum(void **state) {
  const PetscReal x[8][3] = {
      {0,   0,   0},
      {2,   0,   0},
      {2,   2,   0},
      {0,   2,   0},
      {0.5, 0.5, 3},
      {1.5, 0.5, 3},
      {1.5, 1.5, 3},
      {0.5, 1.5, 3}
  };
  (void)state;
  assert_close(LhCellVolume(LH_CELL_HEX8, x), 7., 1e-13);
}

static void TestRegularTetrahedron(void **state) {
  const PetscReal x[4][3] = {
      {1,  1,  1 },
      {-1, 1,  -1},
      {1,  -1, -1},
      {-1, -1, 1 }
  };
  const PetscReal mirrored[4][3] = {
      {-1, 1,  -1},
      {1,  1,  1 },
      {1,  -1, -1},
      {-1, -1, 1 }
  };
  (void)state;
  assert_close(LhCellVolume(LH_CELL_TET4, x), 8. / 3., 1e-14);
  assert_close(LhCellScaledJacobian(LH_CELL_TET4, x), 1., 1e-14);
  assert_close(LhCellScaledJacobian(LH_CELL_TET4, mirrored), -1., 1e-14);
  assert_close(LhCellAspect(LH_CELL_TET4, x), 1., 1e-14);
}

static void TestCollapsedAndTwistedCells(void **state) {
  const PetscReal unit[3][3] = {
      {1, 0, 0},
      {0, 1, 0},
      {0, 0, 1}
  };
  PetscReal x[8][3];
  (void)state;
  MakeParallelepiped(unit, x);
  for (int i = 0; i < 3; i++) x[6][i] = x[5][i];
  assert_close(LhCellScaledJacobian(LH_CELL_HEX8, (const PetscReal(*)[3])x), 0., 0.);
  for (int v = 0; v < 8; v++) {  // each corner alone, pulled through the cell, must show
    MakeParallelepiped(unit, x);
    for (int i = 0; i < 3; i++) x[v][i] += 1.6 * (0.3 * (i + 1) + 0.5 - x[v][i]);
    assert_true(LhCellScaledJacobian(LH_CELL_HEX8, (const PetscReal(*)[3])x) < -0.01);
  }
}

static void TestFaceArea(void **state) {
  const PetscReal kite[4][3] = {
      {0, 0, 1},
      {3, 0, 1},
      {2, 2, 1},
      {0, 3, 1}
  };
  const PetscReal triangle[3][3] = {
      {1, 0, 0},
      {0, 2, 0},
      {0, 0, 3}
  };
  (void)state;
  assert_close(LhFaceArea(4, kite), 6., 1e-14);
  assert_close(LhFaceArea(3, triangle), 3.5, 1e-14);
}

/// Gauss: the sum of x . n dA over flat triangles of all sides is three times the volume of either shape.
static void TestSidesPointOutward(void **state) {
  const PetscReal a[3][3] = {
      {2.,  0.3, 0.1},
      {0.2, 1.5, 0.4},
      {0.5, 0.7, 1.1}
  };
  (void)state;
  for (int type = LH_CELL_HEX8; type <= LH_CELL_TET4; type++) {
    const LhCellShape *shape = LhCellShapeGet(type);
    PetscReal x[8][3], sum = 0.;
    MakeParallelepiped(a, x);
    if (type == LH_CELL_TET4) memcpy(x[3], x[4], sizeof(x[3]));
    for (int s = 0; s < shape->sides; s++) {
      for (int k = 1; k + 1 < shape->side_vertices; k++) {
        const PetscReal *p = x[shape->side[s][0]], *q = x[shape->side[s][k]],
                        *r = x[shape->side[s][k + 1]];
        sum += p[0] * (q[1] * r[2] - q[2] * r[1]) + p[1] * (q[2] * r[0] - q[0] * r[2]) +
               p[2] * (q[0] * r[1] - q[1] * r[0]);
      }
    }
    const PetscReal volume = LhCellVolume(type, (const PetscReal(*)[3])x);
    assert_true(volume > 0.);
    assert_close(sum / 6., volume, 1e-13);
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(TestParallelepiped),     cmocka_unit_test(TestFrustum),
    cmocka_unit_test(TestRegularTetrahedron), cmocka_unit_test(TestCollapsedAndTwistedCells),
    cmocka_unit_test(TestFaceArea),           cmocka_unit_test(TestSidesPointOutward),
};
MESH_TEST_MAIN(tests)
