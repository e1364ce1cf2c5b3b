/// Checks: every lever of the mechanics solver (loose and forced linear solves, kept preconditioners, each preset)
///         ends at the answer of the plain path: direct solves to 1e-12, a new factorisation each time.
/// Reference: the plain path on the same plastic body, clamped and sheared.
/// Tolerance and why: 1e-9 of the largest displacement: Newton stops at 1e-11 of the forces in balance, and the
///                    body's condition number costs two digits.
/// Fails if: an inexact solve leaves an error where no residual shows it (supports), a fast path solves another
///           problem, or a failed linear solve cuts a step that another preconditioner would have solved.
#include "unit/mechanics/fixture.h"

static const Value metal[] = {
    {"youngs_modulus",    7.81e9},
    {"poisson_ratio",     .38   },
    {"yield_stress",      8e6   },
    {"hardening_modulus", 4e7   },
    {NULL,                0.    }
};

typedef struct {
  const char *name;
  PetscInt preset;
  PetscReal linear_tolerance, setup_cost;
  PetscBool forcing, single;
} Path;

/// Three steps of plastic shear; the displacement at the end is the caller's.
static Vec Shear(const Path *path, double distort, double shear) {
  const PetscInt cells[3] = {5, 4, 6};
  const double size[3] = {40e-6, 30e-6, 50e-6};
  PetscInt top[3];
  Fixture f;
  Vec u, copy;

  OK(FixtureBox(&f, PETSC_COMM_WORLD, LH_CELL_HEX8, cells, size, distort));
  OK(FixturePhase(&f, "j2_hencky", LH_WEIGHT_ONE, metal));
  OK(FixtureProblem(&f, LH_MECH_DILATATION_MEAN));
  for (int c = 0; c < 3; c++) FixtureLoad(&f, LH_MECH_DISPLACEMENT, "bottom", c, 0.);
  for (int c = 0; c < 3; c++) top[c] = FixtureLoad(&f, LH_MECH_DISPLACEMENT, "top", c, 0.);
  f.spec.preconditioner = path->preset;
  f.spec.linear_tolerance = path->linear_tolerance;
  f.spec.forcing = path->forcing;
  f.spec.single_product = path->single;
  f.spec.setup_cost = path->setup_cost;
  f.spec.newton_tolerance = 1e-11;
  OK(FixtureSolver(&f));
  for (int step = 1; step <= 3; step++) {
    for (int c = 0; c < 3; c++)
      OK(LhMechanicsSetLoad(f.mech, top[c], shear * step * (1. - .4 * c)));
    OK(FixtureStep(&f, 1.));
  }
  OK(LhMechanicsGetAccepted(f.mech, &u));
  OK(VecDuplicate(u, &copy));
  OK(VecCopy(u, copy));
  OK(FixtureDestroy(&f));
  return copy;
}

static const Path plain = {"plain", 1, 1e-12, 1e-3, PETSC_FALSE, PETSC_FALSE};

static void Compare(size_t num, const Path paths[], double distort, double shear) {
  Vec reference = Shear(&plain, distort, shear);
  PetscReal largest, error;

  OK(VecNorm(reference, NORM_INFINITY, &largest));
  for (size_t k = 0; k < num; k++) {
    Vec u = Shear(&paths[k], distort, shear);

    OK(VecAXPY(u, -1., reference));
    OK(VecNorm(u, NORM_INFINITY, &error));
    if (error > 1e-9 * largest)
      print_error("%s: off by %g of %g m\n", paths[k].name, (double)error, (double)largest);
    assert_true(error <= 1e-9 * largest);
    OK(VecDestroy(&u));
  }
  OK(VecDestroy(&reference));
}

static void TestPaths(void **state) {
  const Path fast[] = {
      {"loose",          0, 1e-2, 10., PETSC_FALSE, PETSC_FALSE},
      {"forced",         0, 1e-1, 10., PETSC_TRUE,  PETSC_FALSE},
      {"measured cost",  0, 1e-2, 0.,  PETSC_TRUE,  PETSC_FALSE},
      {"kept factors",   1, 1e-3, 1e6, PETSC_TRUE,  PETSC_FALSE},
      {"automatic",      3, 1e-2, 10., PETSC_TRUE,  PETSC_FALSE},
      {"single product", 3, 1e-2, 10., PETSC_TRUE,  PETSC_TRUE },
      {"single, loose",  3, 1e-1, 1e6, PETSC_FALSE, PETSC_TRUE }
  };

  (void)state;
  for (int d = 0; d < 2; d++) Compare(sizeof(fast) / sizeof(fast[0]), fast, .2 * d, 3e-7);
}

/// Incomplete factors fail on this body: cutting the step instead would change the answer by 1e-3.
static void TestGivesWay(void **state) {
  const Path flat[] = {
      {"flat",         2, 1e-2, 10., PETSC_TRUE, PETSC_FALSE},
      {"flat, single", 2, 1e-2, 10., PETSC_TRUE, PETSC_TRUE }
  };

  (void)state;
  Compare(2, flat, .2, 1e-6);
}

static int Start(void **state) {
  (void)state;
  return PetscInitialize(NULL, NULL, NULL, NULL);
}

static int Stop(void **state) {
  (void)state;
  return PetscFinalize();
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestPaths), cmocka_unit_test(TestGivesWay)};

  return cmocka_run_group_tests_name("fast_paths", tests, Start, Stop);
}
